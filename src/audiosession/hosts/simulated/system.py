"""What the system itself brings: calls, alarms, an assistant. Sessions like any other."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.claims import Claim, Press, Role
from ...core.effects import Denied
from ...core.events import Activate, CloseSession, OpenSession, StreamChanged, StreamGone
from ...errors import IllegalRequestError, InvalidValueError

if TYPE_CHECKING:
    from .device import SimulatedDevice

RINGING = Claim(role=Role.RINGTONE, press=Press.PAUSE, system=True, locked=True)
TALKING = Claim(role=Role.CALL, press=Press.PAUSE, records=True, system=True, locked=True)
ALARM = Claim(role=Role.ALARM, press=Press.PAUSE, system=True)
LISTENING = Claim(role=Role.ASSISTANT, press=Press.PAUSE, records=True, system=True)

_REPEATED = (Role.RINGTONE, Role.ALARM)
"""What sounds again and again until somebody ends it; a voice says what it says once."""


class CallState(Enum):
    """How far a call has got."""

    RINGING = "ringing"
    """Not answered yet."""
    CONNECTED = "connected"
    """People talk."""
    ENDED = "ended"
    """Over, declined or not answered."""


class SystemSound:
    """A session of the system with one sound."""

    def __init__(
        self, device: SimulatedDevice, app: str, id: str, claim: Claim, audio: Path | None
    ) -> None:
        self.device = device
        self.app = app
        self.id = id
        device.add_system_app(app)
        self.sounding = self._ask(claim, audio)

    def become(self, claim: Claim, audio: Path | None) -> bool:
        """The session asks for something else in one step, so that nobody gets in between.

        Returns:
            False when that is refused; then all stays as it was.
        """
        if not self._ask(claim, audio):
            return False
        self.sounding = True
        return True

    def end(self) -> None:
        """The sound and its session end."""
        if not self.sounding:
            return
        self.sounding = False
        sounds = self.device.system_sounds
        self.device.system_sounds = {id: role for id, role in sounds.items() if id != self.id}
        self._hush()
        self.device.forget_stream(StreamGone(session=self.id, stream=self.id))
        self.device.handle(CloseSession(session=self.id))

    def _ask(self, claim: Claim, audio: Path | None) -> bool:
        device = self.device
        is_new = not device.arbiter.is_open(self.id)
        if is_new:
            device.handle(OpenSession(session=self.id, app=self.app, client=self.id, group=self.id))
        effects = device.handle(Activate(session=self.id, claim=device.placing.scoped(claim)))
        # Whoever has Android's lock is refused too when it asks again (MediaFocusControl), which
        # telephony passes over: it has what it wants.
        if any(
            isinstance(effect, Denied) and effect.session == self.id and effect.cause != self.id
            for effect in effects
        ):
            if is_new:
                device.handle(CloseSession(session=self.id))
            return False
        if not is_new:
            self._hush()
        self._sound(claim, audio)
        return True

    def _sound(self, claim: Claim, audio: Path | None) -> None:
        device = self.device
        device.system_sounds = {**device.system_sounds, self.id: claim.role}
        device.report_stream(
            StreamChanged(session=self.id, stream=self.id, playing=True, role=claim.role)
        )
        loop = audio is not None and claim.role in _REPEATED
        device.tell(
            lambda o: o.player_started(device.clock.now, self.app, self.id, audio, 0.0, loop)
        )

    def _hush(self) -> None:
        device = self.device
        device.tell(lambda o: o.player_stopped(device.clock.now, self.app, self.id))


class SimulatedCall:
    """A telephone call that comes in. :meth:`SimulatedDevice.incoming_call` makes it."""

    def __init__(
        self,
        device: SimulatedDevice,
        caller: str,
        id: str,
        *,
        ringtone: Path | None,
        voice: Path | None,
    ) -> None:
        self.device = device
        self.caller = caller
        self._voice = voice
        self._state = CallState.RINGING
        device.say(f"call from {caller}")
        ringing = device.apple.ringing(RINGING)
        self._sound = SystemSound(device, "phone", f"phone/{id}", ringing, ringtone)

    @property
    def state(self) -> CallState:
        """Ringing, connected or ended."""
        return self._state

    def accept(self) -> None:
        """The user takes the call; one that is on is put on hold, where the policy has that.

        Raises:
            InvalidValueError: it does not ring any more.
            IllegalRequestError: another call is on, and the policy knows no hold.
        """
        self._expect(CallState.RINGING)
        if not self._sound.become(TALKING, self._voice):
            raise IllegalRequestError(
                f"the call from {self.caller!r} cannot be taken while another call is on; "
                "end that one first",
                field="call",
            )
        self._state = CallState.CONNECTED
        self.device.say(f"call from {self.caller} accepted")

    def decline(self) -> None:
        """The user declines; the ringing ends."""
        self._expect(CallState.RINGING)
        self._over("declined")

    def ignore(self) -> None:
        """Nobody answers and the caller gives up."""
        self._expect(CallState.RINGING)
        self._over("not answered")

    def end(self) -> None:
        """Either side hangs up."""
        self._expect(CallState.CONNECTED)
        self._over("over")

    def _over(self, how: str) -> None:
        self._state = CallState.ENDED
        self.device.say(f"call from {self.caller} {how}")
        self._sound.end()

    def _expect(self, state: CallState) -> None:
        if self._state is not state:
            raise InvalidValueError(
                f"call from {self.caller!r}", self._state.value, expected=state.value
            )


class _Timed:
    """A system sound that the user or the system ends once."""

    _app = ""
    _begins = ""
    _ends = ""
    _claim = ALARM

    def __init__(self, device: SimulatedDevice, id: str, audio: Path | None) -> None:
        self.device = device
        self._over = False
        device.say(self._begins)
        self._sound = SystemSound(device, self._app, f"{self._app}/{id}", self._claim, audio)

    @property
    def sounding(self) -> bool:
        """Whether it has not ended yet."""
        return not self._over

    def end(self) -> None:
        """Ends it; ending twice does nothing."""
        if not self._over:
            self._over = True
            self.device.say(self._ends)
            self._sound.end()


class SimulatedAlarm(_Timed):
    """An alarm clock that rings until it is dismissed."""

    _app = "clock"
    _begins = "alarm rings"
    _ends = "alarm dismissed"
    _claim = ALARM

    def dismiss(self) -> None:
        """The user turns it off."""
        self.end()


class SimulatedRingtone(_Timed):
    """A ringtone by itself, as of a call in another app."""

    _app = "phone"
    _begins = "ringtone"
    _ends = "ringtone ends"
    _claim = RINGING


class SimulatedAssistant(_Timed):
    """The system's voice assistant, listening and answering until it is done."""

    _app = "assistant"
    _begins = "assistant listens"
    _ends = "assistant is done"
    _claim = LISTENING

    def answer(self) -> None:
        """The assistant has heard enough: it speaks, and records no more."""
        if not self._over:
            self.device.say("assistant answers")
            self._sound.become(replace(LISTENING, records=False), None)
