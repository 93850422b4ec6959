"""What all outputs of a session have in common, and how the session works them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from audiosession._checks import check_flag
from audiosession.errors import InvalidTypeError

from ..errors import CaptureError, NSInvalidArgumentException
from ..host import HostClock, MediaType

if TYPE_CHECKING:
    from ..levels import AudioLevels
    from ..samples import SampleBuffer

__all__ = ["AVCaptureOutput", "Connection"]

_log = logging.getLogger("audiosession")


class Connection(Protocol):
    """What outputs and the pipeline need of an ``AVCaptureConnection``."""

    @property
    def media_type(self) -> MediaType:
        """The medium that goes through it."""

    @property
    def _lets_through(self) -> bool:
        """Whether anything may go through it; read in every thread."""

    @property
    def levels(self) -> AudioLevels | None:
        """Measures what goes through it; ``None`` where that is no sound."""


class AVCaptureOutput:
    """A place for media to go; the base of all outputs.

    :meth:`_begin` and :meth:`_end` are called in the session's event loop, :meth:`_take` in
    any thread, the rest where the app configures its session. The session calls, in this
    order: :meth:`_attach`; :meth:`_connect` for every connection; :meth:`_begin` when
    media start to flow; :meth:`_end` when they stop, whatever the cause; :meth:`_disconnect`;
    :meth:`_detach`.
    """

    media_types: ClassVar[tuple[MediaType, ...]] = ()
    """What it takes; the session connects it to one port of each."""

    def __init__(self) -> None:
        self._session: Any = None
        # Replaced, never changed: other threads read it.
        self._connections: tuple[Connection, ...] = ()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._clock: HostClock | None = None
        self._deferred_start_enabled = False

    @property
    def connections(self) -> tuple[Any, ...]:
        """Its connections, in the order in which they were made."""
        return self._connections

    def connection(self, media_type: MediaType) -> Any:
        """The first connection of a medium; ``None`` when there is none."""
        if not isinstance(media_type, MediaType):
            raise InvalidTypeError("media_type", media_type, expected="a MediaType")
        return next((each for each in self._connections if each.media_type is media_type), None)

    @property
    def is_deferred_start_supported(self) -> bool:
        """Whether it may start after the session does (iOS 26)."""
        return False

    @property
    def is_deferred_start_enabled(self) -> bool:
        """Whether it starts after the session does (iOS 26).

        Raises:
            NSInvalidArgumentException: set to true while it is not supported.
            InvalidTypeError: neither True nor False.
        """
        return self._deferred_start_enabled

    @is_deferred_start_enabled.setter
    def is_deferred_start_enabled(self, value: bool) -> None:
        check_flag("is_deferred_start_enabled", value)
        if value and not self.is_deferred_start_supported:
            raise NSInvalidArgumentException(
                f"{type(self).__name__} does not support a deferred start",
                advice="ask is_deferred_start_supported first",
                field="is_deferred_start_enabled",
            )
        self._deferred_start_enabled = value

    # -- for the session ---------------------------------------------------------------------

    def _attach(self, session: Any) -> None:
        """It was added to a session."""
        self._session = session

    def _detach(self) -> None:
        """It was removed; nothing is taken any more."""
        self._session = None

    def _connect(self, connection: Connection) -> None:
        """A connection leads to it now."""
        self._connections = (*self._connections, connection)

    def _disconnect(self, connection: Connection) -> None:
        """A connection is gone."""
        self._connections = tuple(each for each in self._connections if each is not connection)

    def _begin(self, loop: asyncio.AbstractEventLoop, clock: HostClock) -> None:
        """Media flow from now on.

        Args:
            loop: The session's, in which delegates are called.
            clock: What the buffers' times are of.
        """
        self._loop, self._clock = loop, clock

    def _end(self, error: CaptureError | None = None) -> None:
        """Media flow no more.

        Args:
            error: Why, where that is not because the app wished it; recordings end with it.
        """
        self._clock = None

    def _take(self, connection: Connection, sample: SampleBuffer) -> None:
        """Takes a piece of media, in any thread, and must not make it wait."""

    # -- for the outputs ---------------------------------------------------------------------

    def _tell(self, call: Callable[..., object], *arguments: object) -> bool:
        """Runs a function in the session's event loop, from any thread, in order.

        Returns:
            Whether the loop takes it; one that is closed does not.
        """
        loop = self._loop
        if loop is None or loop.is_closed():
            return False
        try:
            loop.call_soon_threadsafe(self._guarded, call, *arguments)
        except RuntimeError:
            # Closed just now; nobody is left to hear it.
            _log.debug("a delegate was not told: its event loop is closed")
            return False
        return True

    @staticmethod
    def _guarded(call: Callable[..., object], *arguments: object) -> None:
        try:
            call(*arguments)
        except Exception:
            _log.exception("a delegate of a capture output failed")
