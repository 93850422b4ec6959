"""A stand-in for an app's player: runs, pauses, ends, and has a volume."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...core.claims import Role
from ...core.events import StreamChanged, StreamGone
from ...core.gains import StreamGain, to_db
from ...errors import ClosedError, InvalidTypeError, InvalidValueError
from ...streams import EventSource, EventStream
from .clock import Timer

if TYPE_CHECKING:
    from .app import SimulatedApp


class SimulatedPlayer:
    """One player of an app. Has what :meth:`AudioSession.handle_interruptions` asks for."""

    def __init__(self, app: SimulatedApp, name: str, session: str) -> None:
        self.app = app
        self.name = name
        self._session = session
        self._stream = f"{session}/{name}"
        self._audio: Path | None = None
        self._duration_s: float | None = None
        self._loop = False
        self._position_s = 0.0
        self._started_s = 0.0
        self._playing = False
        self._closed = False
        self._end: Timer | None = None
        self._role = Role.UNKNOWN
        self._spoken = False
        self._backend = ""
        self._finished: EventSource[None] = EventSource("finished")
        self.gain = StreamGain()

    @property
    def playing(self) -> bool:
        """Whether it runs; it may be silenced all the same, see :attr:`level`."""
        return self._playing

    @property
    def position_s(self) -> float:
        """Where in the audio it is, in seconds."""
        if not self._playing:
            return self._position_s
        position = self._position_s + self.app.device.clock.now - self._started_s
        if self._loop and self._duration_s:
            position %= self._duration_s
        return position

    @property
    def volume(self) -> float:
        """The volume the app or its user set, linear, 0.0 to 1.0."""
        return self.gain.user_volume

    @property
    def level(self) -> float:
        """The linear amplitude factor a person hears now; 0.0 while it does not run."""
        return self.gain.level(self.app.device.clock.now) if self._playing else 0.0

    @property
    def level_db(self) -> float:
        """:attr:`level` in dB, -120 for silence."""
        return to_db(self.level)

    @property
    def finished(self) -> EventStream[None]:
        """Tells when the audio came to its end by itself."""
        return self._finished.stream

    def play(
        self,
        audio: Path | None = None,
        *,
        duration_s: float | None = None,
        loop: bool = False,
        offset_s: float = 0.0,
        role: Role = Role.UNKNOWN,
        spoken: bool = False,
        backend: str = "",
    ) -> None:
        """Starts audio from ``offset_s``.

        Args:
            audio: The file, for rendering; the player itself never opens it.
            duration_s: Its length; without one the player runs until it is stopped.
            loop: Whether to start again at the end.
            offset_s: Where to start.
            role: What this stream is for, where rules look at players.
            spoken: Whether it is speech.
            backend: Playback path, where rules look at it (``aaudio``, ``soundpool``).
        """
        if duration_s is not None and not duration_s > 0.0:
            raise InvalidValueError("duration_s", duration_s, expected="a number above 0")
        if not offset_s >= 0.0:
            raise InvalidValueError("offset_s", offset_s, expected="a number from 0")
        self._check_open()
        self._halt()
        self._audio, self._duration_s, self._loop = audio, duration_s, loop
        self._position_s = offset_s
        self._role, self._spoken, self._backend = role, spoken, backend
        self._run()

    def pause(self) -> None:
        """Stops where it is; nothing happens when it does not run."""
        if self._playing:
            self._halt()
            self._report()

    def resume(self) -> None:
        """Goes on where it stopped; nothing happens when it runs."""
        self._check_open()
        if not self._playing:
            self._run()

    def stop(self) -> None:
        """Stops and goes back to the beginning; the stream ends."""
        was_known = self._playing or self._position_s > 0.0
        self._halt()
        self._position_s = 0.0
        if was_known:
            self.app.device.forget_stream(StreamGone(session=self._session, stream=self._stream))

    def set_volume(self, volume: float) -> None:
        """Sets the linear volume, 0.0 to 1.0."""
        if isinstance(volume, bool) or not isinstance(volume, int | float):
            raise InvalidTypeError("volume", volume, expected="a number")
        if not 0.0 <= volume <= 1.0:
            raise InvalidValueError("volume", volume, expected="from 0.0 to 1.0")
        before = to_db(self.gain.user_volume)
        self.gain.user_volume = float(volume)
        self.app.device.note_level(self.app.id, "player", before, to_db(float(volume)), 0.0)

    def close(self) -> None:
        """Ends the player for good."""
        if not self._closed:
            self.stop()
            self._closed = True
            self._finished.close()

    # -- inside ------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError(f"player {self.name!r} of {self.app.id!r}")
        self.app.check_alive()

    def _run(self) -> None:
        device = self.app.device
        self._playing = True
        self._started_s = device.clock.now
        device.tell(
            lambda o: o.player_started(
                device.clock.now, self.app.id, self.name, self._audio, self._position_s, self._loop
            )
        )
        if self._duration_s is not None and not self._loop:
            rest = max(0.0, self._duration_s - self._position_s)
            self._end = device.clock.call_at(device.clock.now + rest, self._ended)
        self._report()

    def _halt(self) -> None:
        if not self._playing:
            return
        device = self.app.device
        self._position_s = self.position_s
        self._playing = False
        if self._end is not None:
            self._end.cancel()
            self._end = None
        device.tell(lambda o: o.player_stopped(device.clock.now, self.app.id, self.name))

    def _ended(self) -> None:
        self._halt()
        self._position_s = 0.0
        self.app.device.forget_stream(StreamGone(session=self._session, stream=self._stream))
        self._finished.publish(None)

    def _report(self) -> None:
        self.app.device.report_stream(
            StreamChanged(
                session=self._session,
                stream=self._stream,
                playing=self._playing,
                role=self._role,
                spoken=self._spoken,
                backend=self._backend,
            )
        )
