"""Match rules: which signals one listens to.

https://dbus.freedesktop.org/doc/dbus-specification.html#message-bus-routing-match-rules
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dbus_fast import Message

_KINDS = {"signal": 4, "method_call": 1, "method_return": 2, "error": 3}
# A value is quoted; an apostrophe in it is written '\'' as in a shell.
_ITEM = re.compile(r"\s*([a-z_0-9]+)=((?:'[^']*'|\\'|[^',\\])*)(?:,|$)")
_PIECE = re.compile(r"'([^']*)'|\\(')|([^'\\]+)")
_KNOWN = {"type", "sender", "interface", "member", "path", "path_namespace", "destination"}
_KNOWN |= {"eavesdrop", "arg0namespace"}
_ARGUMENT = re.compile(r"arg(\d{1,2})(path)?")
_MOST_LETTERS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRule:
    """Which signals one listens to; ``None`` in a field stands for any."""

    kind: int | None = None
    """The number of the message's type."""
    interface: str | None = None
    """The interface."""
    member: str | None = None
    """The signal's name."""
    path: str | None = None
    """The path of the object."""
    below: str | None = None
    """The path at or below which the object is."""
    texts: tuple[tuple[int, str], ...] = ()
    """Arguments that must be these texts, by position."""

    def matches(self, message: Message) -> bool:
        """Whether a message is listened to."""
        return (
            self.kind in (None, message.message_type.value)
            and self.interface in (None, message.interface)
            and self.member in (None, message.member)
            and self.path in (None, message.path)
            and (self.below is None or _is_below(message.path or "", self.below))
            and all(
                index < len(message.body) and message.body[index] == text
                for index, text in self.texts
            )
        )


def parse_match(text: str) -> MatchRule:
    """The rule in a text. Keys that only a real bus can judge are let pass.

    Raises:
        ValueError: it is no match rule.
    """
    if len(text) > _MOST_LETTERS:
        raise ValueError(f"a match rule of more than {_MOST_LETTERS} characters")
    given: dict[str, str] = {}
    texts: list[tuple[int, str]] = []
    at = 0
    while at < len(text.rstrip()):
        item = _ITEM.match(text, at)
        if item is None:
            raise ValueError(f"a match rule cannot be read from character {at} on")
        key, raw = item.groups()
        value = "".join(a or b or c for a, b, c in _PIECE.findall(raw))
        argument = _ARGUMENT.fullmatch(key)
        if argument is not None:
            if argument[2] is None:
                texts.append((int(argument[1]), value))
        elif key not in _KNOWN:
            raise ValueError(f"a match rule has no key {key!r}")
        elif key in given:
            raise ValueError(f"a match rule has {key!r} twice")
        else:
            given[key] = value
        at = item.end()
    kind = given.get("type")
    if kind is not None and kind not in _KINDS:
        raise ValueError(f"there are no messages of the type {kind!r}")
    return MatchRule(
        kind=None if kind is None else _KINDS[kind],
        interface=given.get("interface"),
        member=given.get("member"),
        path=given.get("path"),
        below=given.get("path_namespace"),
        texts=tuple(texts),
    )


def _is_below(path: str, top: str) -> bool:
    return path == top or top == "/" or path.startswith(top + "/")


__all__ = ["MatchRule", "parse_match"]
