"""What every part of AudioManager stands on: the app's host, and what the system knows of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from audiosession._checks import check_level, check_text
from audiosession._tasks import Turns, to_the_end
from audiosession.android.app import ORDINARY_APP, AndroidApp
from audiosession.errors import ClosedError, InvalidTypeError
from audiosession.hosts.base import Host
from audiosession.session import AudioSession

NEWEST_SDK: Final = 36
"""The API level whose behaviour is shown where nothing else is said."""
_MOST_LETTERS: Final = 256


class ManagerBase:
    """The state of one ``AudioManager``; its parts are mixed in by :class:`AudioManager`."""

    def __init__(
        self,
        host: Host | Callable[[], Host] | None = None,
        *,
        target_sdk: int = NEWEST_SDK,
        package: str | None = None,
    ) -> None:
        if not (host is None or callable(host) or callable(getattr(host, "open_session", None))):
            raise InvalidTypeError(
                "host", host, expected="a host, a function that gives one, or None"
            )
        check_level("target_sdk", target_sdk)
        if package is not None:
            check_text("package", package, least=1, most=_MOST_LETTERS)
        self._host_source = host
        self._host: Host | None = None
        self._target_sdk = target_sdk
        self._package = package
        self._turns = Turns("this AudioManager")
        self._closed = False

    @property
    def target_sdk(self) -> int:
        """The API level that the app is written for."""
        return self._target_sdk

    @property
    def package(self) -> str | None:
        """The app's package, where it was given."""
        return self._package

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._closed

    async def close(self) -> None:
        """Gives back what ends with a process (android 28): focus, mode, output for calls, keys.

        What Android keeps after a process stays as it is: volumes, the ringer, muted microphones
        and the mark of SCO. Nobody who listens here hears of it. Closing twice does nothing.

        Raises:
            IllegalRequestError: The manager is in use in another thread's event loop.
        """
        self._turns.check_loop()
        self._closed = True
        await to_the_end(self._ended())

    # -- for the parts -----------------------------------------------------------------------

    async def _ended(self) -> None:
        async with self._turns.turn():
            try:
                await self._end()
            finally:
                # A host that came from a function belongs to the manager.
                host, self._host = self._host, None
                if host is not None and callable(self._host_source):
                    await host.close()

    async def _end(self) -> None:
        """Has a part give back what it holds; every part calls the next."""

    async def _mode_reset(self) -> None:
        """Waits for the end of the mode that the app asked for; the part about modes does."""

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError("this AudioManager")

    def _use_host(self) -> Host:
        self._check_open()
        if self._host is None:
            source = self._host_source
            if source is None:
                self._host = AudioSession.instance()._use_host()
            else:
                self._host = source() if callable(source) else source
        return self._host

    @property
    def _app(self) -> AndroidApp:
        """What the system knows of the app."""
        app: AndroidApp = getattr(self._use_host(), "android_app", ORDINARY_APP)
        return app
