"""What several managers of one app wish of the device, which knows the app alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, TypeVar
from weakref import WeakValueDictionary

from audiosession.android.key_event import KeyEvent

__all__ = ["LINK", "SPEAKER", "AppWishes", "MediaKeyReceivers", "Wishes", "wishes_on"]

T = TypeVar("T")

SPEAKER: Final = "speaker"
"""The wish for the loudspeaker as the output for calls."""
LINK: Final = "link"
"""The wish for a headset's link as the output for calls."""


class Wishes(Generic[T]):
    """One wish of each manager, the newest last; the newest is the app's."""

    def __init__(self) -> None:
        self._wishes: dict[object, T] = {}

    @property
    def newest(self) -> T | None:
        """What the app wishes; ``None``: nobody wishes."""
        return next(reversed(self._wishes.values()), None)

    def of(self, who: object) -> T | None:
        """What a manager wishes; ``None``: nothing."""
        return self._wishes.get(who)

    def put(self, who: object, what: T) -> None:
        """A manager wishes, in place of what it wished before."""
        self._wishes.pop(who, None)
        self._wishes[who] = what

    def take(self, who: object) -> bool:
        """A manager wishes no more; whether its wish was the app's."""
        was_newest = next(reversed(self._wishes), None) is who
        self._wishes.pop(who, None)
        return was_newest

    def drop(self, what: T) -> None:
        """Nobody wishes this any more."""
        self._wishes = {who: wish for who, wish in self._wishes.items() if wish != what}

    def clear(self) -> None:
        """Nobody wishes anything any more."""
        self._wishes.clear()


class MediaKeyReceivers(Wishes[Callable[[KeyEvent], object]]):
    """The receivers of an app's managers, which the device takes for one."""

    def __call__(self, event: KeyEvent) -> object:
        """Hands a key to the newest."""
        receiver = self.newest
        return None if receiver is None else receiver(event)


class AppWishes:
    """What the managers of one app wish.

    Args:
        device: The app's view of the device.
    """

    def __init__(self, device: object) -> None:
        self.device = device
        """The view; while this is there no other has its identity."""
        self.modes: Wishes[int] = Wishes()
        """Audio modes."""
        self.outputs: Wishes[int | str] = Wishes()
        """Outputs for calls: the id of a device, ``SPEAKER`` or ``LINK``."""
        self.media_keys = MediaKeyReceivers()
        """Receivers of media keys."""


_known: WeakValueDictionary[int, AppWishes] = WeakValueDictionary()


def wishes_on(device: object) -> AppWishes:
    """The wishes of all managers with one view of a device; kept as long as a manager keeps them.

    A process that died and was started anew has another view, and no wishes.
    """
    found = _known.get(id(device))
    if found is None:
        found = _known[id(device)] = AppWishes(device)
    return found
