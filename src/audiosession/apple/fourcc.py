"""Four-character codes: numbers that Apple writes as four letters.

The letters are the four bytes of a 32-bit number, the first one the highest, as in a
multi-character constant of C (``'!pri'`` is 561017449).
"""

from __future__ import annotations

from audiosession.errors import InvalidTypeError, InvalidValueError

__all__ = ["fourcc_number", "fourcc_text"]


def fourcc_number(text: str) -> int:
    """Returns the number that four letters stand for.

    Args:
        text: Four printable ASCII characters, without quotes.

    Raises:
        InvalidTypeError: It is no text.
        InvalidValueError: It is not four printable ASCII characters.
    """
    if not isinstance(text, str):
        raise InvalidTypeError("text", text, expected="a text")
    if len(text) != 4 or not text.isascii() or not text.isprintable():
        raise InvalidValueError("text", text, expected="four printable ASCII characters")
    return int.from_bytes(text.encode("ascii"), "big")


def fourcc_text(number: int) -> str:
    """Returns the four letters of a number, or an empty text when it does not have any.

    Zero, negative numbers and those with a byte that cannot be printed have none.
    """
    if not 0 < number <= 0xFFFF_FFFF:
        return ""
    letters = number.to_bytes(4, "big")
    text = letters.decode("latin-1")
    return text if text.isascii() and text.isprintable() else ""
