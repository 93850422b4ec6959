"""A window: a document in a page, with its one audio session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audiosession._checks import check_flag
from audiosession.core.translate.w3c import allows_microphone
from audiosession.web.audio_session import AudioSession
from audiosession.web.elements import Callback
from audiosession.web.errors import InvalidStateError, WebTypeError
from audiosession.web.microphone import CameraTrack, MediaStream, MicrophoneTrack

if TYPE_CHECKING:
    from audiosession.web.page import Page

__all__ = ["Window"]


class Window:
    """A page's own window or that of a frame in it. Made by :class:`Page` and
    :meth:`open_frame`."""

    def __init__(self, page: Page, parent: Window | None) -> None:
        self._page = page
        self._parent = parent
        self._frames: dict[Window, None] = {}
        self._closed = False
        self._session = AudioSession(self, page.browser.name("window"))

    @property
    def page(self) -> Page:
        """The page it is in."""
        return self._page

    @property
    def parent(self) -> Window | None:
        """The window that it is a frame of; ``None`` for the page's own."""
        return self._parent

    @property
    def frames(self) -> tuple[Window, ...]:
        """Its frames, in the order of opening."""
        return tuple(self._frames)

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._closed

    @property
    def audio_session(self) -> AudioSession:
        """Its session: the same object for as long as the window is there (W-007)."""
        return self._session

    def open_frame(self) -> Window:
        """Opens a frame in it.

        Raises:
            ClosedError: It is closed.
        """
        self._session.check_open()
        frame = Window(self._page, self)
        self._frames[frame] = None
        return frame

    async def get_user_media(
        self,
        *,
        audio: bool = False,
        video: bool = False,
        on_suspend: Callback | None = None,
        on_resume: Callback | None = None,
    ) -> MediaStream:
        """Opens a microphone, a camera or both; whether the user allows it is the engine's.

        Args:
            audio: Whether the microphone is asked for.
            video: Whether the camera is.
            on_suspend: Called when an interruption mutes the microphone.
            on_resume: Called when that ends.

        Raises:
            InvalidStateError: The session's declared type allows no microphone: it is neither
                ``auto`` nor ``play-and-record``. A camera alone is always allowed (W-057).
            WebTypeError: Neither is asked for.
            ClosedError: The window is closed.
        """
        check_flag("audio", audio)
        check_flag("video", video)
        self._session.check_open()
        if not audio and not video:
            raise WebTypeError("audio", audio, expected="True where video is not")
        tracks: tuple[MicrophoneTrack, ...] = ()
        if audio:
            declared = self._session.type.value
            if not allows_microphone(declared):
                raise InvalidStateError(
                    f"a page whose audio session is of the type {declared!r} may not open a "
                    "microphone; auto and play-and-record may",
                    field="audio",
                )
            tracks = (MicrophoneTrack(self, on_suspend=on_suspend, on_resume=on_resume),)
        return MediaStream(audio_tracks=tracks, video_tracks=(CameraTrack(),) if video else ())

    def close(self) -> None:
        """Closes it and its frames, and ends what sounds there; a second time nothing happens.

        Tracks end, media stand still, graphs are closed, and what its page had going is told by
        ``on_suspend``. Its session hears of nothing any more, and the page's other sessions stay
        as they are.
        """
        if self._closed:
            return
        self._page.loop.check()
        self._closed = True
        for frame in self.frames:
            frame.close()
        elements = self._session.elements
        self._session.close()
        for element in elements:
            element.orphaned()
        if self._parent is not None:
            self._parent._frames.pop(self, None)
        self._page.look()
