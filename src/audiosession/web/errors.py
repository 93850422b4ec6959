"""What a page's wrong calls raise, beside the errors that every surface has."""

from __future__ import annotations

from audiosession.errors import IllegalRequestError, InvalidValueError

__all__ = ["InvalidStateError", "WebTypeError"]


class InvalidStateError(IllegalRequestError):
    """What is asked for does not go with the state at hand, such as a microphone while the type
    is ``playback`` (W-057). A browser's DOMException of that name; nothing has changed."""


class WebTypeError(InvalidValueError, TypeError):
    """A word is none of those that the web's interface has.

    A browser's TypeError. Where a browser passes such a word over without a sign, as it does
    when an attribute is set to it, this is raised too; nothing has changed.
    """
