"""What a rule looks at: the facts of a stream, and patterns that hold or do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .identity import ProcessIdentity
from .servers.base import Direction

CONDITIONS = (
    "role",
    "app_id",
    "binary",
    "process_tree",
    "flatpak",
    "mpris",
    "name",
    "direction",
)
"""What a rule may ask, beside ``property``; each a text or a list of texts."""

NO_ROLE = "none"
"""What ``role`` is compared with where the stream says none."""
MAX_PATTERN = 256
_MAX_VALUE = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFacts:
    """All that is known of a stream of a program that knows nothing of audio sessions."""

    properties: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What the stream says of itself."""
    identity: ProcessIdentity | None = None
    """The process that owns it, from the kernel; ``None`` where it cannot be known."""
    mpris: tuple[str, ...] = ()
    """The names of the media player in that process: bus name, what it calls itself."""
    desktop_entry: str = ""
    """The application id that this player gives itself."""
    direction: Direction = Direction.PLAYBACK
    """Whether it plays or records."""

    @property
    def role(self) -> str:
        """Its ``media.role``; empty when it says none."""
        return self.properties.get("media.role", "")

    def values(self, condition: str) -> tuple[str, ...]:
        """What one of :data:`CONDITIONS` is compared with; empty when nothing is known.

        ``flatpak`` and ``process_tree`` come from the kernel alone. The others fall back on
        what the stream says of itself.
        """
        said, who = self.properties, self.identity
        found: tuple[str, ...]
        match condition:
            case "role":
                found = (self.role or NO_ROLE,)
            case "app_id":
                found = (
                    *(who.app_ids if who else ()),
                    said.get("application.id", ""),
                    said.get("pipewire.access.portal.app_id", ""),
                    self.desktop_entry,
                )
            case "binary":
                found = who.names if who else (said.get("application.process.binary", ""),)
            case "process_tree":
                found = who.ancestor_names if who else ()
            case "flatpak":
                found = (who.flatpak_app,) if who else ()
            case "mpris":
                found = self.mpris
            case "name":
                found = (said.get("application.name", ""),)
            case _:
                found = (self.direction.value,)
        return tuple(value[:_MAX_VALUE] for value in found if value)


class Glob:
    """A pattern in which ``*`` stands for any text, also none; case does not matter.

    Takes time in proportion to the text, whatever the pattern.
    """

    __slots__ = ("_parts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts = text.casefold().split("*")

    def __repr__(self) -> str:
        return f"Glob({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return self._parts == other._parts if isinstance(other, Glob) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self._parts))

    def matches(self, value: str) -> bool:
        """Whether the whole text fits."""
        value = value[:_MAX_VALUE].casefold()
        first, *rest = self._parts
        if not rest:
            return value == first
        *middle, last = rest
        if not value.startswith(first):
            return False
        at = len(first)
        for part in middle:
            at = value.find(part, at)
            if at < 0:
                return False
            at += len(part)
        return len(value) - len(last) >= at and value.endswith(last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What must hold, all of it, for a rule to count."""

    patterns: Mapping[str, tuple[Glob, ...]] = field(default_factory=dict, hash=False)
    """For each condition its patterns, of which one must fit."""
    properties: Mapping[str, tuple[Glob, ...]] = field(default_factory=dict, hash=False)
    """For each property of the stream its patterns, of which one must fit."""

    def hold(self, facts: StreamFacts) -> bool:
        """Whether they hold. What is not known fits no pattern, not even ``*``.

        Only a role that is not given is known to be :data:`NO_ROLE`.
        """
        return all(
            any(glob.matches(value) for value in facts.values(name) for glob in globs)
            for name, globs in self.patterns.items()
        ) and all(
            name in facts.properties and any(glob.matches(facts.properties[name]) for glob in globs)
            for name, globs in self.properties.items()
        )


__all__ = ["CONDITIONS", "MAX_PATTERN", "NO_ROLE", "Conditions", "Glob", "StreamFacts"]
