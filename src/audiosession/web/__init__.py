"""The W3C AudioSession: pages, windows, their sessions and what sounds in them.

For web engines, kiosks and Pyodide pages that have none of their own. Importing this loads
nothing but the standard library; the names are loaded when they are asked for, and nothing here
starts a thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audiosession.web.audio_session import AudioSession
    from audiosession.web.elements import AudioContext, Element, MediaElement
    from audiosession.web.errors import InvalidStateError, WebTypeError
    from audiosession.web.events import Event, EventTarget
    from audiosession.web.microphone import CameraTrack, MediaStream, MicrophoneTrack
    from audiosession.web.page import Browser, Page
    from audiosession.web.page_audio import PageAudio
    from audiosession.web.types import AudioSessionState, AudioSessionType
    from audiosession.web.webkit import WEBKIT_CATEGORIES, webkit_category
    from audiosession.web.window import Window

__all__ = [
    "WEBKIT_CATEGORIES",
    "AudioContext",
    "AudioSession",
    "AudioSessionState",
    "AudioSessionType",
    "Browser",
    "CameraTrack",
    "Element",
    "Event",
    "EventTarget",
    "InvalidStateError",
    "MediaElement",
    "MediaStream",
    "MicrophoneTrack",
    "Page",
    "PageAudio",
    "WebTypeError",
    "Window",
    "webkit_category",
]

_LATE = {
    "audio_session": ("AudioSession",),
    "elements": ("AudioContext", "Element", "MediaElement"),
    "errors": ("InvalidStateError", "WebTypeError"),
    "events": ("Event", "EventTarget"),
    "microphone": ("CameraTrack", "MediaStream", "MicrophoneTrack"),
    "page": ("Browser", "Page"),
    "page_audio": ("PageAudio",),
    "types": ("AudioSessionState", "AudioSessionType"),
    "webkit": ("WEBKIT_CATEGORIES", "webkit_category"),
    "window": ("Window",),
}
"""What is loaded when it is asked for, by the module it is in."""


def __getattr__(name: str) -> Any:
    for module, names in _LATE.items():
        if name in names:
            from importlib import import_module

            value = getattr(import_module(f"{__name__}.{module}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
