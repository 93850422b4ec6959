"""Capture: the tracks that ``get_user_media`` gives (W-057)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from audiosession._checks import check_flag
from audiosession.core.translate.w3c import allows_microphone, microphone_is_audible
from audiosession.web.elements import Callback, Element
from audiosession.web.errors import InvalidStateError

if TYPE_CHECKING:
    from audiosession.web.window import Window

__all__ = ["CameraTrack", "MediaStream", "MicrophoneTrack"]


class MicrophoneTrack(Element):
    """A microphone that listens; :meth:`Window.get_user_media` gives it.

    Counts as heard while it is neither ended nor muted. An interruption mutes it. It ends when
    the session's declared type becomes one that allows no microphone (table of element kinds).
    """

    kind = "microphone"

    def __init__(
        self,
        window: Window,
        *,
        on_suspend: Callback | None = None,
        on_resume: Callback | None = None,
    ) -> None:
        self._ended = False
        self._source_muted = False
        super().__init__(window, on_suspend=on_suspend, on_resume=on_resume)
        self._changed()

    @property
    def ready_state(self) -> str:
        """``live`` or ``ended``."""
        return "ended" if self._ended else "live"

    @property
    def muted(self) -> bool:
        """Whether it hears nothing, because of its source or of an interruption."""
        return self._source_muted or self._suspended

    @property
    def source_muted(self) -> bool:
        """Whether the microphone itself is muted, as by a switch; set by the engine."""
        return self._source_muted

    @source_muted.setter
    def source_muted(self, muted: bool) -> None:
        check_flag("source_muted", muted)
        self._check()
        self._source_muted = muted
        self._changed()

    def stop(self) -> None:
        """Ends it for good; a second time nothing happens."""
        self._check()
        self._end()

    @property
    def _sounds(self) -> bool:
        return microphone_is_audible(ended=self._ended, muted=self._source_muted)

    @property
    def _going(self) -> bool:
        return not self._ended

    def _end_with_window(self) -> None:
        self._ended = True

    def _check_usable(self) -> None:
        if self._ended:
            raise InvalidStateError("the microphone track has ended")

    def _stop(self) -> None:
        # Its track stays muted until the engine says otherwise.
        self._source_muted = True

    def _update(self) -> None:
        window = self._window
        if window is not None and not allows_microphone(window.audio_session.type.value):
            self._end()

    def _end(self) -> None:
        self._ended = True
        self.remove()


class CameraTrack:
    """A camera. No element of the session: no type refuses it (W-057)."""

    def __init__(self) -> None:
        self._ended = False

    @property
    def ready_state(self) -> str:
        """``live`` or ``ended``."""
        return "ended" if self._ended else "live"

    def stop(self) -> None:
        """Ends it for good; a second time nothing happens."""
        self._ended = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaStream:
    """What a page captures."""

    audio_tracks: tuple[MicrophoneTrack, ...] = ()
    """The microphone, if it was asked for."""
    video_tracks: tuple[CameraTrack, ...] = ()
    """The camera, if it was asked for."""
