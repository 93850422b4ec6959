"""The phone's texts of categories, modes, places, directions and polar patterns, and our own.

Apple publishes the names of its constants and not their texts, so a text is compared with what
the phone itself exports under the name; the texts of :mod:`audiosession.apple.names` are what
devices were seen to write, and count where the phone exports no such name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final, Generic, TypeVar

from ...apple.constants import AVAudioSessionCategory, AVAudioSessionMode
from ...apple.names import (
    AVAudioSessionLocation,
    AVAudioSessionOrientation,
    AVAudioSessionPolarPattern,
)
from .bridge import ObjCBridge

__all__ = ["CATEGORIES", "LOCATIONS", "MODES", "ORIENTATIONS", "PATTERNS", "Texts"]

E = TypeVar("E", bound=Enum)
Version = tuple[int, int]

CATEGORIES: Final[Mapping[AVAudioSessionCategory, tuple[str, Version]]] = MappingProxyType(
    {each: (each.value, (0, 0)) for each in AVAudioSessionCategory}
)
"""The constants of categories; one that a system lacks it does not export."""

MODES: Final[Mapping[AVAudioSessionMode, tuple[str, Version]]] = MappingProxyType(
    {each: (each.value, (0, 0)) for each in AVAudioSessionMode}
)
"""The constants of modes, likewise."""

LOCATIONS: Final[Mapping[AVAudioSessionLocation, tuple[str, Version]]] = MappingProxyType(
    {each: (f"AVAudioSessionLocation{each}", (7, 0)) for each in AVAudioSessionLocation}
)
"""The constants of places on the device."""

ORIENTATIONS: Final[Mapping[AVAudioSessionOrientation, tuple[str, Version]]] = MappingProxyType(
    {
        each: (
            f"AVAudioSessionOrientation{each}",
            (8, 0) if each in ("Left", "Right") else (7, 0),
        )
        for each in AVAudioSessionOrientation
    }
)
"""The constants of directions."""

PATTERNS: Final[Mapping[AVAudioSessionPolarPattern, tuple[str, Version]]] = MappingProxyType(
    {
        each: (f"AVAudioSessionPolarPattern{each}", (14, 0) if each == "Stereo" else (7, 0))
        for each in AVAudioSessionPolarPattern
    }
)
"""The constants of polar patterns."""


class Texts(Generic[E]):
    """One family of text constants, as this phone has them.

    Args:
        bridge: The way to the phone's constants; they are looked up at the first use.
        constants: The family.
    """

    def __init__(self, bridge: ObjCBridge, constants: Mapping[E, tuple[str, Version]]) -> None:
        self._bridge = bridge
        self._constants = constants
        self._texts: dict[E, str] | None = None

    def known(self, text: str | None) -> E | None:
        """Which one a text of the phone is; ``None`` for one that nobody knows here."""
        if text is None:
            return None
        for each, its in self._all().items():
            if its == text:
                return each
        return None

    def all_known(self, texts: Iterable[str]) -> tuple[E, ...]:
        """Those of the phone's texts that are known here, in its order."""
        found = (self.known(text) for text in texts)
        return tuple(each for each in found if each is not None)

    def text(self, which: E) -> str:
        """The phone's text."""
        return self._all()[which]

    def _all(self) -> dict[E, str]:
        if self._texts is None:
            self._texts = {each: self._look_up(each) for each in self._constants}
        return self._texts

    def _look_up(self, which: E) -> str:
        name, since = self._constants[which]
        if self._bridge.system_version >= since:
            try:
                return self._bridge.constant(name)
            except AttributeError:
                pass
        return str(which.value)
