"""What Android's system does about audio focus beside judging who has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..._checks import check_flag
from ...android.app import AudioFocusInfo
from ...android.focus_constants import AndroidAudioFocus, AndroidAudioFocusRequestResult
from ...android.stream_constants import AndroidRingerMode
from ...core.claims import Press, Role
from ...core.effects import Denied, Effect, Standing, Stopped
from ...core.events import (
    Activate,
    CloseSession,
    Deactivate,
    Event,
    RevokeOwner,
    SetMultiFocus,
)
from ...core.gains import SILENCE_DB
from ...core.policy import DisciplineName
from ...errors import InvalidTypeError
from .android_streams import player_role
from .clock import ClockMode, Timer
from .observer import Observer

if TYPE_CHECKING:
    from .device import SimulatedDevice
    from .host import SimulatedSession
    from .player import SimulatedPlayer

Answer = Callable[[AndroidAudioFocusRequestResult], None]
_TELEPHONY = (Role.RINGTONE, Role.CALL)
_UNRESTRICTED = (Role.EMERGENCY, Role.SAFETY)
_LAYER = "call"
ANSWERED_WITHIN_S = 0.25
"""How soon a focus policy has to answer (android 66)."""
MUTED_AFTER_S = 0.1
"""How soon media and games are silent in a call (android 59)."""


class ExternalPolicy(Protocol):
    """What a test gives to decide on focus; ``AudioPolicy.AudioPolicyFocusListener``."""

    def on_request(self, info: AudioFocusInfo, answer: Answer) -> None:
        """A client asks; call ``answer`` within 250 ms, now or later."""

    def on_abandon(self, info: AudioFocusInfo) -> None:
        """A client gives back what it has."""


class External:
    """A policy from outside on a simulated device.

    Args:
        device: The device.
        policy: Who decides.
    """

    def __init__(self, device: SimulatedDevice, policy: ExternalPolicy) -> None:
        self._device = device
        self._policy = policy

    @property
    def locked(self) -> bool:
        """Whether the stack that was there before is locked."""
        arbiter = self._device.arbiter
        claims = [arbiter.view(session).claim for session in arbiter.active[-1:]]
        return any(claim is not None and claim.locked for claim in claims)

    async def request(self, info: AudioFocusInfo) -> AndroidAudioFocusRequestResult:
        """See :class:`~audiosession.android.app.FocusPolicy`."""
        answers: list[AndroidAudioFocusRequestResult] = []
        answered = asyncio.Event()
        late = False

        def answer(result: AndroidAudioFocusRequestResult) -> None:
            if not late and not answers:
                answers.append(result)
                answered.set()

        self._policy.on_request(info, answer)
        if not answers:
            clock = self._device.clock
            limit = clock.now + ANSWERED_WITHIN_S
            if clock.mode is ClockMode.FAST:
                await clock.wait_until(limit)
            else:
                timer = clock.call_at(limit, answered.set)
                await answered.wait()
                timer.cancel()
        late = True
        if answers:
            return answers[0]
        self._policy.on_abandon(info)
        return AndroidAudioFocusRequestResult.FAILED

    def abandon(self, info: AudioFocusInfo) -> None:
        """See :class:`~audiosession.android.app.FocusPolicy`."""
        self._policy.on_abandon(info)


class PolicyOfApp:
    """A policy from outside as one app has it, until its process ends.

    Args:
        policy: Who decides.
    """

    def __init__(self, policy: External) -> None:
        self.policy = policy
        """Who decides."""
        # What the app said, which is kept alive by it, and what the policy was told of it.
        self._clients: dict[int, tuple[AudioFocusInfo, AudioFocusInfo]] = {}

    @property
    def locked(self) -> bool:
        """See :class:`~audiosession.android.app.FocusPolicy`."""
        return self.policy.locked

    async def request(self, info: AudioFocusInfo) -> AndroidAudioFocusRequestResult:
        """See :class:`~audiosession.android.app.FocusPolicy`."""

        def tell(change: AndroidAudioFocus) -> None:
            if id(info) in self._clients:
                info.tell(change)

        told = replace(info, tell=tell)
        self._clients[id(info)] = (info, told)
        result = await self.policy.request(told)
        if result is AndroidAudioFocusRequestResult.FAILED or id(info) not in self._clients:
            self._clients.pop(id(info), None)
            return AndroidAudioFocusRequestResult.FAILED
        return result

    def abandon(self, info: AudioFocusInfo) -> None:
        """See :class:`~audiosession.android.app.FocusPolicy`."""
        _, told = self._clients.pop(id(info), (info, None))
        if told is not None:
            self.policy.abandon(told)

    def died(self) -> None:
        """The app's process ended: the policy is told for every client of it (android 28)."""
        clients, self._clients = tuple(self._clients.values()), {}
        for _, told in clients:
            self.policy.abandon(told)


class AndroidFocus(Observer):
    """Audio focus as the system has it; ``device.android_focus``.

    From 100 ms after telephony was given focus under Android's stack until it gives that back,
    the players of media and games that were there then are silent, whether they play already
    or begin to, and whether their apps pause them or not (android 59).

    Args:
        device: The device.
    """

    def __init__(self, device: SimulatedDevice) -> None:
        self._device = device
        self._restricted = False
        self._external: External | None = None
        # Telephony's sessions that were given focus.
        self._calls: dict[str, None] = {}
        self._timer: Timer | None = None
        self._concerned: set[SimulatedPlayer] = set()
        self._muted: set[SimulatedPlayer] = set()
        self._noted: dict[str, None] = {}
        settings = device.arbiter.policy.settings
        self._media = settings.fadeable_roles
        if settings.discipline is DisciplineName.STACK:
            device.observe(self)

    def share(self, enabled: bool) -> None:
        """Switches the setting by which apps share focus, ``multi_audio_focus_enabled``.

        Whoever has focus at that moment loses it (android 70). Nothing happens under policies
        without that list.

        Raises:
            InvalidTypeError: Neither True nor False.
        """
        check_flag("enabled", enabled)
        self._device.handle(SetMultiFocus(enabled=enabled))

    def revoke_owner(self, *, signal_next: bool = False) -> None:
        """The system takes focus from whoever has it, which is told ``LOSS`` (android 30, 31).

        Nothing happens under policies without a stack.

        Args:
            signal_next: Whether who is below is told ``GAIN`` then.

        Raises:
            InvalidTypeError: Neither True nor False.
        """
        check_flag("signal_next", signal_next)
        self._device.handle(RevokeOwner(signal_next=signal_next))

    @property
    def restricted(self) -> bool:
        """Whether focus is for emergencies and safety only."""
        return self._restricted

    def restrict(self, restricted: bool) -> None:
        """A car's power policy gives focus to emergencies and safety only, or to all again.

        Everybody else loses it, and so does who waits (android 111).

        Raises:
            InvalidTypeError: Neither True nor False.
        """
        check_flag("restricted", restricted)
        if restricted is self._restricted:
            return
        self._restricted = restricted
        self._device.say("focus is restricted" if restricted else "focus is for all again")
        if not restricted:
            return
        device = self._device
        # Who waits or has lost goes first, so that nobody is given what it then loses.
        ending = sorted(self._ending(), key=lambda one: _ORDER[device.arbiter.standing(one.id)])
        for session in ending:
            device.handle(Deactivate(session=session.id, notify_others=True))
            session.hear(
                Stopped(session=session.id, cause="system", rule="restricted", told=True), None
            )

    @property
    def notifications_sound(self) -> bool:
        """Whether a notification would be heard: the ringer rings, and nobody with exclusive focus
        records (android 65)."""
        device = self._device
        if device.android.volumes.ringer.mode is not AndroidRingerMode.NORMAL:
            return False
        top = device.arbiter.active[-1:]
        for session in top:
            claim = device.arbiter.view(session).claim
            app = next((a for a in device.apps if a.id == device.app_of_session(session)), None)
            if claim is not None and claim.press is Press.SILENCE and app is not None:
                return not app.android_app.recording
        return True

    @property
    def external(self) -> External | None:
        """Who decides on focus in place of the system; at first nobody does."""
        return self._external

    def set_external(self, policy: ExternalPolicy | None) -> None:
        """Has somebody else decide on the requests to come; ``None``: the system again.

        Raises:
            InvalidTypeError: It cannot be asked.
        """
        if policy is not None and not callable(getattr(policy, "on_request", None)):
            raise InvalidTypeError("policy", policy, expected="a policy of focus, or None")
        self._external = None if policy is None else External(self._device, policy)

    # -- what it is told ---------------------------------------------------------------------

    def decided(self, at: float, event: Event, effects: tuple[Effect, ...]) -> None:
        """Follows calls as they come and end."""
        if isinstance(event, Activate) and event.claim.locked and event.claim.role in _TELEPHONY:
            if not any(isinstance(e, Denied) and e.session == event.session for e in effects):
                self._calls[event.session] = None
        elif isinstance(event, Deactivate | CloseSession):
            self._calls.pop(event.session, None)
        if not self._calls and self._timer is None:
            return
        self._calls = {call: None for call in self._calls if self._goes_on(call)}
        if not self._calls:
            self._unmute()
        elif self._timer is None:
            self._timer = self._device.clock.call_at(at + MUTED_AFTER_S, self._mute)

    def player_started(
        self, at: float, app: str, player: str, audio: Path | None, offset_s: float, loop: bool
    ) -> None:
        """See :class:`Observer`: what begins in a call is as silent as what played before."""
        for each in self._concerned:
            if each.app.id == app and each.name == player:
                self._judge(each)

    # -- inside ------------------------------------------------------------------------------

    def _ending(self) -> list[SimulatedSession]:
        """The sessions of apps that a restriction ends."""
        arbiter = self._device.arbiter
        return [
            session
            for app in self._device.apps
            for session in app.sessions
            if arbiter.standing(session.id) is not Standing.INACTIVE
            and (claim := arbiter.view(session.id).claim) is not None
            and claim.role not in _UNRESTRICTED
        ]

    def _goes_on(self, call: str) -> bool:
        """Whether a call is one still; the device's own is, also when it loses focus."""
        arbiter = self._device.arbiter
        return arbiter.is_open(call) and (
            arbiter.standing(call) is not Standing.INACTIVE or call in self._device.system_sounds
        )

    def _mute(self) -> None:
        self._concerned = {player for app in self._device.apps for player in app.players}
        for app in self._device.apps:
            for player in app.players:
                self._judge(player)

    def _judge(self, player: SimulatedPlayer) -> None:
        """Silences a player of media that the call concerns, and frees one that plays others."""
        device = self._device
        if player_role(player) not in self._media:
            if player in self._muted:
                self._muted.remove(player)
                player.gain.move(_LAYER, 0.0, device.now, 0.0)
            return
        if player not in self._muted:
            self._muted.add(player)
            player.gain.move(_LAYER, SILENCE_DB, device.now, 0.0)
        if player.playing and player.app.id not in self._noted:
            self._noted[player.app.id] = None
            device.note_level(player.app.id, _LAYER, 0.0, SILENCE_DB, 0.0)

    def _unmute(self) -> None:
        device = self._device
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._concerned.clear()
        for player in self._muted:
            player.gain.move(_LAYER, 0.0, device.now, 0.0)
        self._muted.clear()
        noted, self._noted = self._noted, {}
        for app in noted:
            device.note_level(app, _LAYER, SILENCE_DB, 0.0, 0.0)


_ORDER = {
    Standing.WAITING: 0,
    Standing.INTERRUPTED: 1,
    Standing.DUCKED: 2,
    Standing.ACTIVE: 3,
    Standing.INACTIVE: 4,
}
