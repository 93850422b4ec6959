"""Reading a property once, and again only when something may be different."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from audiosession.apple._base import SessionBase

_S = TypeVar("_S", bound="SessionBase")
_T = TypeVar("_T")


class Snapshot:
    """What was read of a session, as long as nothing that it follows from changes.

    That is the configuration, the wishes, and the device by its version. Where there is no
    device it is the host's session and the devices it reports. All but the version are
    values that are replaced and never altered.

    Args:
        session: Whose properties these are.
    """

    __slots__ = (
        "_closed",
        "_coming",
        "_configuration",
        "_device",
        "_devices",
        "_host_session",
        "_version",
        "_void",
        "_wishes",
        "values",
    )

    def __init__(self, session: SessionBase) -> None:
        one = session._session
        self.values: dict[str, Any] = {}
        """What is known, by property."""
        self._device = session._found
        self._version = 0 if self._device is None else self._device.version
        self._host_session = one._session
        self._devices = one._reports.devices.latest
        self._coming = session._coming
        self._configuration = one._configuration
        self._closed = one._closed
        self._void = session._void
        self._wishes = session._wishes

    def holds(self, session: SessionBase) -> bool:
        """Whether what is known is still so."""
        one = session._session
        # A host may come to know routes later than that it has no device to show.
        device = session._device if session._found is None else session._found
        if device is not self._device:
            return False
        if device is None:
            if (
                self._host_session is not one._session
                or self._coming is not session._coming
                or self._devices is not one._reports.devices.latest
            ):
                return False
        elif self._version != device.version:
            return False
        return (
            self._configuration is one._configuration
            and self._wishes is session._wishes
            and self._void is session._void
            and self._closed is one._closed
        )


def kept(read: Callable[[_S], _T]) -> Callable[[_S], _T]:
    """Has a property's value kept until something that it follows from is different.

    What raises is not kept.
    """
    name = read.__name__

    @wraps(read)
    def get(session: _S) -> _T:
        snapshot = session._snapshot
        if snapshot is None or not snapshot.holds(session):
            snapshot = session._snapshot = Snapshot(session)
        if name in snapshot.values:
            value: _T = snapshot.values[name]
            return value
        value = read(session)
        # The first read may itself bring the device to light, or introduce the session to it.
        if snapshot.holds(session):
            snapshot.values[name] = value
        return value

    return get
