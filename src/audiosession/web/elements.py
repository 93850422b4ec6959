"""What sounds in a window: media elements and audio graphs (W-005, W-050 to W-056, W-058)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from audiosession._checks import check_flag, check_function
from audiosession.core.translate.w3c import ELEMENT_TYPES, graph_is_audible, media_is_audible
from audiosession.errors import InvalidTypeError, InvalidValueError
from audiosession.web.errors import InvalidStateError
from audiosession.web.events import call_guarded
from audiosession.web.types import AudioSessionState

if TYPE_CHECKING:
    from audiosession.web.window import Window

__all__ = ["AudioContext", "Element", "MediaElement"]

Callback = Callable[[], object]


class Element(ABC):
    """One source of sound of a window. An engine tells it what its own element does, and hears
    when that has to stand still.

    Args:
        window: Where it sounds.
        on_suspend: Called when it has to stand still: for as long as an interruption of its
            session lasts, or for good because another page or app takes its place or its window
            is closed.
        on_resume: Called when it may go on after an interruption, unless its page has stopped it
            meanwhile. What it has only muted goes on too.

    Raises:
        ClosedError: The window is closed.
        InvalidTypeError: A callback is no plain function.
        IllegalRequestError: No event loop runs here, or the page is in use in another one.
    """

    kind: ClassVar[str]
    """``media``, ``graph`` or ``microphone``."""

    def __init__(
        self,
        window: Window,
        *,
        on_suspend: Callback | None = None,
        on_resume: Callback | None = None,
    ) -> None:
        for name, callback in (("on_suspend", on_suspend), ("on_resume", on_resume)):
            if callback is not None:
                check_function(name, callback)
        window.audio_session.check_open()
        self._window: Window | None = window
        self._on_suspend = on_suspend
        self._on_resume = on_resume
        self._suspended = False
        self.id = window.page.browser.name(self.kind)
        """Its name in the browser."""
        window.audio_session.join(self, audible=False)

    @property
    def default_type(self) -> str:
        """What it counts as where the session's type is ``auto``."""
        return ELEMENT_TYPES[self.kind]

    @property
    def window(self) -> Window | None:
        """Where it sounds; ``None`` when it was removed, or its window is closed."""
        return self._window

    @property
    def suspended(self) -> bool:
        """Whether an interruption keeps it silent."""
        return self._suspended

    @property
    def audible(self) -> bool:
        """Whether it is heard now."""
        return self._sounds and not self._suspended

    @property
    def state(self) -> AudioSessionState:
        """Where it stands (W-006); ``inactive`` when it is in no window."""
        if self._window is None:
            return AudioSessionState.INACTIVE
        return self._window.audio_session.element_state(self)

    def remove(self) -> None:
        """Takes it out of its window; a second time nothing happens."""
        if self._window is None:
            return
        self._check()
        session, self._window = self._window.audio_session, None
        session.leave(self)

    def move_to(self, window: Window) -> None:
        """Takes it to another window, whose session it joins; it may have been removed before.

        An interruption of the session that it leaves does not silence it any more (W-056).

        Raises:
            ClosedError: The other window is closed.
            InvalidStateError: It has ended for good: a closed graph, or an ended track.
        """
        if window is self._window:
            return
        self._check_usable()
        window.audio_session.check_open()
        self.remove()
        self._window = window
        if self._suspended:
            self._resume()
        window.audio_session.join(self, audible=self._sounds)

    # -- for the session ---------------------------------------------------------------------

    def run(self, step: str) -> None:
        """Runs its ``update``, ``suspend`` or ``resume`` steps."""
        if step == "update":
            self._update()
        elif step == "suspend":
            self._suspend()
        else:
            self._resume()

    def stay_silent(self) -> None:
        """Nothing lets it go on after its interruption: as if its page had stopped it."""
        if self._suspended:
            self._suspended = False
            self._stop()
            self._changed()

    def displaced(self) -> None:
        """Another page or app has taken its place for good: as if its page had stopped it."""
        if self.audible:
            self._stop()
            self._call(self._on_suspend)
            self._changed()

    def orphaned(self) -> None:
        """Its window is closed, which ends it."""
        going = self._going and not self._suspended
        self._window, self._suspended = None, False
        self._end_with_window()
        if going:
            self._call(self._on_suspend)

    # -- what differs ------------------------------------------------------------------------

    @property
    @abstractmethod
    def _sounds(self) -> bool:
        """Whether it is heard, or would be were it not suspended."""

    @property
    @abstractmethod
    def _going(self) -> bool:
        """Whether its page has it going, be it heard or not."""

    @abstractmethod
    def _stop(self) -> None:
        """Stops it, as its page would."""

    def _end_with_window(self) -> None:
        """What its window's end means for it: by default, that it is stopped."""
        self._stop()

    def _check_usable(self) -> None:
        """Raises InvalidStateError where it has ended for good; by default nothing does."""

    def _update(self) -> None:
        """Nothing, unless a kind has update steps of its own (W-050)."""

    def _suspend(self) -> None:
        self._set_suspended(True)

    def _resume(self) -> None:
        self._set_suspended(False)

    # -- for the kinds -----------------------------------------------------------------------

    def _check(self) -> None:
        """Raises where the element's state cannot change: outside of its page's loop."""
        if self._window is not None:
            self._window.page.loop.check()

    def _changed(self, *, again: bool = False) -> None:
        """Tells the session whether it is heard; ``again``: its page starts it, running or not."""
        if self._window is not None:
            again = again and self.state is AudioSessionState.INTERRUPTED
            self._window.audio_session.set_audible(self, self._sounds, again=again)

    def _set_suspended(self, suspended: bool) -> None:
        if suspended is self._suspended:
            return
        self._suspended = suspended
        # What its page stopped in the meantime does not start again (W-052, W-053).
        if suspended or self._going:
            self._call(self._on_suspend if suspended else self._on_resume)

    def _call(self, callback: Callback | None) -> None:
        if callback is not None:
            call_guarded(callback, f"a callback of {self.id}")


class MediaElement(Element):
    """An ``<audio>`` or ``<video>`` element.

    It is heard while it plays, its volume is not 0, it is not muted, and it has an audio track
    (W-058). An interruption pauses it, in a turn of its own, and lets it go on after it unless
    its page has paused it meanwhile.

    Args:
        window: Where it is.
        volume: Linear, 0.0 to 1.0.
        muted: Whether it is muted.
        has_audio_track: Whether there is anything to hear.
        on_suspend: Called when the interruption pauses it.
        on_resume: Called when it plays again after one.
    """

    kind = "media"

    def __init__(
        self,
        window: Window,
        *,
        volume: float = 1.0,
        muted: bool = False,
        has_audio_track: bool = True,
        on_suspend: Callback | None = None,
        on_resume: Callback | None = None,
    ) -> None:
        _check_volume(volume)
        check_flag("muted", muted)
        check_flag("has_audio_track", has_audio_track)
        self._volume = float(volume)
        self._muted = muted
        self._has_audio_track = has_audio_track
        self._playing = False
        self._resuming = 0
        super().__init__(window, on_suspend=on_suspend, on_resume=on_resume)

    @property
    def paused(self) -> bool:
        """Whether it stands still, by its page or by an interruption."""
        return not self._playing or self._suspended

    @property
    def volume(self) -> float:
        """Linear, 0.0 to 1.0.

        Raises:
            InvalidValueError: Less or more than that. A browser's IndexSizeError.
            InvalidTypeError: It is no number.
        """
        return self._volume

    @volume.setter
    def volume(self, volume: float) -> None:
        _check_volume(volume)
        self._check()
        self._volume = float(volume)
        self._changed()

    @property
    def muted(self) -> bool:
        """Whether it is muted."""
        return self._muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        check_flag("muted", muted)
        self._check()
        self._muted = muted
        self._changed()

    @property
    def has_audio_track(self) -> bool:
        """Whether there is anything to hear."""
        return self._has_audio_track

    @has_audio_track.setter
    def has_audio_track(self, has: bool) -> None:
        check_flag("has_audio_track", has)
        self._check()
        self._has_audio_track = has
        self._changed()

    def play(self) -> None:
        """The page plays it. During an interruption it plays on when that ends; its session
        tries to activate anew (W-041)."""
        self._check()
        self._playing = True
        self._changed(again=True)

    def pause(self) -> None:
        """The page pauses it, or it has come to its end."""
        self._check()
        self._playing = False
        self._changed()

    @property
    def _sounds(self) -> bool:
        return media_is_audible(
            playing=self._playing,
            volume=self._volume,
            muted=self._muted,
            has_audio=self._has_audio_track,
        )

    @property
    def _going(self) -> bool:
        return self._playing

    def _stop(self) -> None:
        self._playing = False

    def _suspend(self) -> None:
        window = self._window
        if window is not None:
            window.page.loop.queue(lambda: self._pause_in(window))

    def _resume(self) -> None:
        window = self._window
        if window is not None:
            self._resuming += 1
            window.page.loop.queue(self._go_on)

    def _pause_in(self, window: Window) -> None:
        # Once it has left, what the old session had queued for it is void.
        if window is not self._window or window.closed:
            return
        self._set_suspended(True)
        if self.state is not AudioSessionState.INTERRUPTED and not self._resuming:
            # The interruption is over in the meantime, and has not let it go on.
            self.stay_silent()

    def _go_on(self) -> None:
        self._resuming -= 1
        if self.state is not AudioSessionState.INTERRUPTED:
            self._set_suspended(False)


class AudioContext(Element):
    """An audio graph.

    It is heard while it runs and sends something other than zeroes. Not running at first, and
    silent. That it sends zeroes does not count while an interruption holds it, and counts again
    in the turn after ``on_resume``: an engine that measures says ``silent = False`` there if its
    meter takes longer.

    Args:
        window: Where it is.
        on_suspend: Called when an interruption begins for the graph.
        on_resume: Called when that ends.
    """

    kind = "graph"

    def __init__(
        self,
        window: Window,
        *,
        on_suspend: Callback | None = None,
        on_resume: Callback | None = None,
    ) -> None:
        self._running = False
        self._silent = True
        self._closed = False
        super().__init__(window, on_suspend=on_suspend, on_resume=on_resume)

    @property
    def context_state(self) -> str:
        """``suspended``, ``running``, ``interrupted`` or ``closed``."""
        if self._closed:
            return "closed"
        if not self._running:
            return "suspended"
        return "interrupted" if self._suspended else "running"

    @property
    def silent(self) -> bool:
        """Whether what it sends is all zeroes."""
        return self._silent

    @silent.setter
    def silent(self, silent: bool) -> None:
        check_flag("silent", silent)
        self._check()
        self._silent = silent
        self._changed()

    def resume(self) -> None:
        """The page lets it run. During an interruption it goes on when that ends; its session
        tries to activate anew (W-041).

        Raises:
            InvalidStateError: It is closed.
        """
        self._set_running(True)

    def suspend(self) -> None:
        """The page stops it.

        Raises:
            InvalidStateError: It is closed.
        """
        self._set_running(False)

    def close(self) -> None:
        """Ends it for good.

        Raises:
            InvalidStateError: It is closed already.
        """
        self._set_running(False)
        self._closed = True
        self.remove()

    def _set_running(self, running: bool) -> None:
        self._check_usable()
        self._check()
        self._running = running
        self._changed(again=running)

    @property
    def _going(self) -> bool:
        return self._running

    def _stop(self) -> None:
        self._running = False

    def _end_with_window(self) -> None:
        self._stop()
        self._closed = True

    def _check_usable(self) -> None:
        if self._closed:
            raise InvalidStateError("the audio context is closed")

    @property
    def _sounds(self) -> bool:
        # Only what was heard is suspended, and an engine that stops it measures zeroes.
        silent = self._silent and not self._suspended
        return graph_is_audible(running=self._running, silent=silent)

    def _resume(self) -> None:
        super()._resume()
        window = self._window
        if window is not None and self._silent:
            # Not before those that go on in a turn of their own.
            window.page.loop.queue(self._changed)


def _check_volume(volume: object) -> None:
    if isinstance(volume, bool) or not isinstance(volume, int | float):
        raise InvalidTypeError("volume", volume, expected="a number")
    if not 0.0 <= volume <= 1.0:
        raise InvalidValueError("volume", volume, expected="from 0.0 to 1.0")
