"""A stand-in for an app's player: runs, pauses, ends, and has a volume."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..._checks import check_flag, check_path, check_text
from ...core.claims import Role
from ...core.events import StreamChanged, StreamGone
from ...core.gains import StreamGain, to_db
from ...errors import ClosedError, InvalidTypeError, InvalidValueError
from ...streams import EventSource, EventStream
from .changes import Counted
from .clock import Timer

if TYPE_CHECKING:
    from .app import SimulatedApp
    from .host import SimulatedSession

MAX_SECONDS = 1e9
"""Longest audio, some thirty years."""
MAX_BACKEND = 64


class SimulatedPlayer(Counted):
    """One player of an app.

    Has what :meth:`audiosession.AudioSession.handle_interruptions` asks for.
    """

    def __init__(self, app: SimulatedApp, name: str, session: SimulatedSession) -> None:
        super().__init__(app.device.changes)
        self.app = app
        self.name = name
        self.session = session
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
        self.gain.layers["hold"] = session.ramp

    @property
    def playing(self) -> bool:
        """Whether it runs; it may be silenced all the same, see :attr:`level`."""
        return self._playing

    @property
    def role(self) -> Role:
        """What it plays is for, as :meth:`play` was told."""
        return self._role

    @property
    def position_s(self) -> float:
        """Where in the audio it is, in seconds."""
        if not self._playing:
            return self._position_s
        position = self._position_s + self.app.device.clock.now - self._started_s
        if self._duration_s is None:
            return position
        return position % self._duration_s if self._loop else min(position, self._duration_s)

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
        audio: Path | str | None = None,
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

        Raises:
            InvalidTypeError, InvalidValueError: an argument is of the wrong type, a time negative
                or above a thousand million seconds; what plays goes on.
            ClosedError: the player was closed, or its app was killed.
            IllegalRequestError: the app is suspended.
        """
        path = check_path("audio", audio)
        check_flag("loop", loop)
        if not isinstance(role, Role):
            raise InvalidTypeError("role", role, expected="a Role")
        check_flag("spoken", spoken)
        check_text("backend", backend, most=MAX_BACKEND)
        for name, value in (
            ("duration_s", 1.0 if duration_s is None else duration_s),
            ("offset_s", offset_s),
        ):
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InvalidTypeError(name, value, expected="a number of seconds")
        if duration_s is not None and not 0.0 < duration_s <= MAX_SECONDS:
            raise InvalidValueError(
                "duration_s", duration_s, expected="a finite number above 0, at most 1e9"
            )
        if not 0.0 <= offset_s <= MAX_SECONDS:
            raise InvalidValueError("offset_s", offset_s, expected="a finite number from 0 to 1e9")
        self._check_open()
        self._halt()
        self._audio, self._duration_s, self._loop = path, duration_s, loop
        self._position_s = offset_s
        self._role, self._spoken, self._backend = role, spoken, backend
        self._run()

    def pause(self) -> None:
        """Stops where it is; nothing happens when it does not run."""
        if self._playing:
            self._halt()
            self._report()

    def resume(self) -> None:
        """Goes on where it stopped; nothing happens when it runs.

        Raises:
            ClosedError: the player was closed or the app killed.
            IllegalRequestError: the app is suspended.
        """
        self._check_open()
        if not self._playing:
            self._run()

    def stop(self) -> None:
        """Stops and goes back to the beginning; the stream ends."""
        self._halt()
        self._position_s = 0.0
        self._forget()

    def set_volume(self, volume: float) -> None:
        """Sets the linear volume, 0.0 to 1.0.

        Raises:
            InvalidTypeError, InvalidValueError: no number in that range.
        """
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

    # -- for the app -------------------------------------------------------------------------

    def join(self, session: SimulatedSession) -> None:
        """It sounds in that session from now on."""
        self.session = session
        self.gain.layers["hold"] = session.ramp
        if self._playing:
            self._report()

    # -- inside ------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError(f"player {self.name!r} of {self.app.id!r}")
        self.app.check_awake()

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
        self._forget()
        self._finished.publish(None)

    @property
    def _stream(self) -> str:
        return f"{self.session.id}/{self.name}"

    def _forget(self) -> None:
        self.app.device.forget_stream(StreamGone(session=self.session.id, stream=self._stream))

    def _report(self) -> None:
        self.app.device.report_stream(
            StreamChanged(
                session=self.session.id,
                stream=self._stream,
                playing=self._playing,
                role=self._role,
                spoken=self._spoken,
                backend=self._backend,
            )
        )
