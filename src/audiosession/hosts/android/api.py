"""Android's API as the host calls it: nothing newer than the phone, and errors of this package.

A member is named as in Android's reference with the short name of its class:
``AudioManager.setCommunicationDevice``, ``AudioFocusRequest.Builder``. Which classes there are
and since which API level stands in :mod:`audiosession.hosts.android.since`.
"""

from __future__ import annotations

from typing import Any, Final

from ...errors import UnsupportedError
from .bridge import JavaBridge, call_method
from .errors import java_errors
from .since import CLASSES, OLDEST, SINCE

__all__ = ["HOST", "AndroidApi"]

HOST: Final = "android"
"""The host's name."""


class AndroidApi:
    """A phone's API, level by level.

    Args:
        bridge: The Java objects.
    """

    def __init__(self, bridge: JavaBridge) -> None:
        self.bridge = bridge
        self.sdk = bridge.sdk
        """The phone's API level."""
        self._classes: dict[str, Any] = {}

    # -- what there is -----------------------------------------------------------------------

    def has(self, member: str) -> bool:
        """Whether the phone is new enough for a class or a member.

        Args:
            member: Its name; with ``/n`` the overload of that many arguments.
        """
        return self.sdk >= since(member)

    def require(self, member: str) -> None:
        """Makes sure of it.

        Raises:
            UnsupportedError: the phone is too old; names the member and the level it needs.
        """
        level = since(member)
        if self.sdk < level:
            name = member.partition("/")[0]
            raise UnsupportedError(f"{name} (API level {level}, this is {self.sdk})", HOST)

    # -- calls -------------------------------------------------------------------------------

    def call(self, receiver: Any, member: str, *args: Any) -> Any:
        """What a method of an object returns.

        Args:
            receiver: The object.
            member: The class and the method: ``AudioManager.getMode``.
            args: The arguments.

        Raises:
            UnsupportedError: the phone is too old for it, or lacks it all the same.
            JavaError: Java raised something.
        """
        self.require(_overload(member, len(args)))
        with java_errors(self.bridge):
            return _called(receiver, member, args)

    def static(self, member: str, *args: Any) -> Any:
        """What a static method returns; else as :meth:`call`."""
        self.require(_overload(member, len(args)))
        with java_errors(self.bridge):
            return _called(self._class(member.rpartition(".")[0]), member, args)

    def constant(self, member: str) -> Any:
        """A static field, such as ``AudioManager.ACTION_AUDIO_BECOMING_NOISY``.

        Raises:
            UnsupportedError: the phone is too old for it.
            JavaError: Java raised something.
        """
        self.require(member)
        with java_errors(self.bridge):
            owner, _, name = member.rpartition(".")
            try:
                return getattr(self._class(owner), name)
            except AttributeError:
                raise _lacking(member) from None

    def new(self, name: str, *args: Any) -> Any:
        """A new object of a class.

        Raises:
            UnsupportedError: the phone is too old for it.
            JavaError: Java raised something.
        """
        self.require(name)
        with java_errors(self.bridge):
            return self._class(name)(*args)

    def service(self, name: str) -> Any:
        """A service of the system, by the constant of ``Context``: ``AUDIO_SERVICE``."""
        key = self.constant(f"Context.{name}")
        return self.call(self.bridge.context(), "Context.getSystemService", key)

    # -- inside ------------------------------------------------------------------------------

    def _class(self, name: str) -> Any:
        if name not in self._classes:
            self._classes[name] = self.bridge.java_class(CLASSES[name])
        return self._classes[name]


def since(member: str) -> int:
    """The API level that introduced a class or a member.

    Raises:
        KeyError: its class is not in the table.
    """
    owner = member
    while owner not in CLASSES:
        if "." not in owner:
            raise KeyError(f"no class in the table for {member}")
        owner = owner.rpartition(".")[0]
    return max(
        SINCE.get(owner, OLDEST), SINCE.get(member.partition("/")[0], OLDEST), SINCE.get(member, 0)
    )


def _called(holder: Any, member: str, args: tuple[Any, ...]) -> Any:
    name = member.rpartition(".")[2]
    try:
        return call_method(holder, name, *args)
    except AttributeError:
        if hasattr(holder, name):
            raise
        raise _lacking(member) from None


def _lacking(member: str) -> UnsupportedError:
    """The table knows no level for every member there is."""
    return UnsupportedError(f"{member} (this phone lacks it)", HOST)


def _overload(member: str, count: int) -> str:
    return f"{member}/{count}"
