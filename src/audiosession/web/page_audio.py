"""What a web page's session asks of a host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audiosession import _json
from audiosession._checks import check_flag, check_text
from audiosession.errors import InvalidTypeError, InvalidValueError
from audiosession.web.types import AudioSessionType

__all__ = ["PageAudio"]

_MOST_PAGE = 128
_MOST_GROUP = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAudio:
    """A page's audio as its window's session has it now.

    Raises:
        InvalidTypeError, InvalidValueError: A field has the wrong type or value.
    """

    type: AudioSessionType
    """The computed type, never ``auto`` (W-022)."""
    auto: bool = False
    """Whether it was computed from ``auto``; two such sessions leave each other alone (W-035)."""
    page: str = ""
    """The page, at most 128 characters; where a policy knows pages, only sessions of one page
    are judged against each other. Empty: against everybody."""
    group: str = ""
    """The group of pages that it belongs to, at most 64 characters (hole G-6)."""

    def __post_init__(self) -> None:
        if not isinstance(self.type, AudioSessionType):
            raise InvalidTypeError("type", self.type, expected="an AudioSessionType")
        if self.type is AudioSessionType.AUTO:
            raise InvalidValueError("type", self.type.value, expected="a computed type")
        check_flag("auto", self.auto)
        check_text("page", self.page, most=_MOST_PAGE)
        check_text("group", self.group, most=_MOST_GROUP)
        if "/" in self.page:
            raise InvalidValueError("page", self.page, expected="a text without a slash")

    def to_json(self) -> dict[str, Any]:
        """Returns the fields by their names, the type as its word."""
        return {"type": self.type.value, "auto": self.auto, "page": self.page, "group": self.group}

    @classmethod
    def from_json(cls, data: Mapping[str, object], *, parent: str = "") -> PageAudio:
        """Reads what :meth:`to_json` returns.

        Args:
            data: All four keys and no other.
            parent: The name of the key that holds it, for errors.

        Raises:
            InvalidTypeError: A value has the wrong type.
            MissingFieldError: A key is not there.
            UnknownFieldError: There is another key.
            InvalidValueError: The type is none, or ``auto``, or a name is too long or has a slash.
        """
        _json.exactly(data, ("type", "auto", "page", "group"), parent)
        name = _json.dotted(parent, "type")
        return cls(
            type=_json.member(AudioSessionType, _json.text(data["type"], name), name),
            auto=_json.boolean(data["auto"], _json.dotted(parent, "auto")),
            page=_json.text(data["page"], _json.dotted(parent, "page")),
            group=_json.text(data["group"], _json.dotted(parent, "group")),
        )
