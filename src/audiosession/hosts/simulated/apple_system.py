"""What of a simulated device all its apps share, as Apple's system has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..._checks import check_flag
from ...apple.device import NEWEST_SYSTEM_VERSION
from ...apple.enums import (
    AVAudioSessionInterruptionReason,
    AVAudioSessionPromptStyle,
    AVAudioSessionRenderingMode,
)
from ...core.claims import Claim, Press, Role
from ...core.effects import Standing
from ...core.events import RevokeApp
from ...core.routing import RouteChange
from ...core.translate.prompts import prompt_style
from ...errors import InvalidTypeError, InvalidValueError
from .apple_ports import FIRST_GAIN
from .changes import Counted

if TYPE_CHECKING:
    from .app import SimulatedApp
    from .apple_device import SimulatedApple
    from .device import SimulatedDevice

_Reason = AVAudioSessionInterruptionReason
_ROUTE_DISCONNECT_SINCE = (17, 0)
_ECHO_FREE_SINCE = (18, 2)
_SOUNDING = (Standing.ACTIVE, Standing.DUCKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What apps are told of one another, as it is for the time being."""

    count: int
    """As of which change of the device."""
    heard: frozenset[str]
    """The apps that can be heard."""
    primary: frozenset[str]
    """Those of them that are heard with what does not mix."""
    claims: tuple[tuple[str, Claim], ...]
    """The apps that are active, with their claims."""
    active: frozenset[str]
    """Those apps."""
    system: tuple[Claim, ...]
    """The system's own claims."""
    styles: dict[str, AVAudioSessionPromptStyle] = field(default_factory=dict)
    """What was found so far: of apps with claims by their ids, of all others under none."""


class AppleSystem(Counted):
    """The system's side of AVAudioSession on a device; ``device.apple``.

    Args:
        device: The device.
        system_version: Major and minor version of the system imitated; ``None``: the newest.

    Raises:
        InvalidTypeError, InvalidValueError: not two integers, the first from 3 up.
    """

    def __init__(self, device: SimulatedDevice, system_version: tuple[int, int] | None) -> None:
        super().__init__(device.changes)
        self._device = device
        self.system_version = _version(system_version)
        """Major and minor version of the system imitated."""
        self.banner_calls = False
        """Whether a call rings as a banner instead of filling the screen (apple 68)."""
        self.now_playing = ""
        """The id of the app that the user sees as playing now; empty: none (apple 35)."""
        self.echo_cancelling = device.profile.name == "phone"
        """Whether this model can cancel the echo of its own loudspeaker."""
        self.rendering_mode = AVAudioSessionRenderingMode.NOT_APPLICABLE
        """What routes make of content; see :meth:`set_rendering_mode`."""
        self.microphone_injection_service = True
        """Whether the user lets apps add sound to the input of others at all."""
        self.grants_microphone_injection = True
        """What the user answers when an app first wants that."""
        self._microphone_muted = False
        self._spatial_audio = True
        self._injection = False
        self._gains: dict[str, float] = {}
        # Told last to each app: whether primary audio plays, and the prompt style.
        self._told: dict[str, tuple[bool, AVAudioSessionPromptStyle]] = {}
        self._active: dict[str, bool] = {}
        # As it was when somebody looked last; every app is told with each decision.
        self._looked: list[_Around] = []
        # The apps that have a face to Apple's system, in the order in which they showed it.
        self._apps: dict[str, SimulatedApp] = {}
        device.plugs.listen(self._route_changed)

    # -- what a user or the system does ------------------------------------------------------

    @property
    def microphone_muted(self) -> bool:
        """Whether the built-in microphone is muted in hardware."""
        return self._microphone_muted

    def mute_microphone(self, muted: bool) -> None:
        """Mutes the built-in microphone in hardware, as a case that covers it does.

        Interrupts apps that record from it, unless they asked for zeros instead (apple 67).
        """
        check_flag("muted", muted)
        self._microphone_muted = muted
        self._device.say("microphone muted" if muted else "microphone unmuted")
        if muted:
            for apple in self._apples():
                if apple.records_built_in and not apple.wishes.override_muted_microphone:
                    self.interrupt(apple, _Reason.BUILT_IN_MIC_MUTED)

    def set_spatial_audio(self, enabled: bool) -> None:
        """The user switches spatial audio on or off."""
        check_flag("enabled", enabled)
        if enabled is not self._spatial_audio:
            self._spatial_audio = enabled
            for apple in self._apples():
                apple.tell(lambda e: e.spatial_audio_changed(enabled))

    def set_rendering_mode(self, mode: AVAudioSessionRenderingMode) -> None:
        """Content is rendered in another way from now on."""
        if not isinstance(mode, AVAudioSessionRenderingMode):
            raise InvalidTypeError("mode", mode, expected="an AVAudioSessionRenderingMode")
        if mode is not self.rendering_mode:
            self.rendering_mode = mode
            for apple in self._apples():
                apple.tell(lambda e: e.rendering_changed(mode=True))

    def change_rendering_capabilities(self) -> None:
        """What the route can render is different from now on."""
        for apple in self._apples():
            apple.tell(lambda e: e.rendering_changed(mode=False))

    @property
    def microphone_injection(self) -> bool:
        """Whether there is input of another app that sound could be added to."""
        return self._injection

    def set_microphone_injection(self, possible: bool) -> None:
        """Adding sound to the input of others becomes possible, as in a call, or impossible."""
        check_flag("possible", possible)
        if possible is not self._injection:
            self._injection = possible
            for apple in self._apples():
                apple.tell(lambda e: e.microphone_injection_changed(possible))

    # -- for the device and its parts --------------------------------------------------------

    def add(self, app: SimulatedApp) -> None:
        """An app that is seen as Apple's system sees it."""
        self._apps[app.id] = app
        self._altered()

    @property
    def spatial_audio(self) -> bool:
        """Whether spatial audio is on."""
        return self._spatial_audio

    @property
    def echo_free_possible(self) -> bool:
        """Whether input can be had without what the device itself plays."""
        return self.echo_cancelling and self.system_version >= _ECHO_FREE_SINCE

    def ringing(self, claim: Claim) -> Claim:
        """What a ringing call asks for: nothing where a banner shall not interrupt (apple 68)."""
        wished = any(
            apple.wishes.no_interruptions_from_system_alerts and self._active.get(id)
            for id, apple in self._by_id().items()
        )
        if self.banner_calls and wished:
            return replace(claim, press=Press.NONE, mixable=True, system=False, locked=False)
        return claim

    @property
    def assistant_records(self) -> bool:
        """Whether the assistant is listening."""
        return any(
            claim.role is Role.ASSISTANT and claim.records for _, claim in self._system_claims()
        )

    def prompt_style(self, app: SimulatedApp) -> AVAudioSessionPromptStyle:
        """How an app's prompts should sound now (apple 79)."""
        around = self._look()
        id = app.id if app.id in around.active else ""
        if id not in around.styles:
            others = [claim for each, claim in around.claims if each != id]
            found = prompt_style(apps=others, system=around.system)
            around.styles[id] = AVAudioSessionPromptStyle(found)
        return around.styles[id]

    def others_play(self, app: SimulatedApp, *, primary: bool) -> bool:
        """Whether another app can be heard; ``primary``: one that does not mix (apple 74, 75)."""
        around = self._look()
        return bool((around.primary if primary else around.heard) - {app.id})

    def gain(self, port: str) -> float:
        """The gain of an input."""
        return self._gains.get(port, FIRST_GAIN)

    def set_gain(self, port: str, gain: float) -> None:
        """Sets the gain of an input, for all apps (apple 111)."""
        self._gains[port] = gain
        self._altered()
        for apple in self._apples():
            apple.tell(lambda e: e.changed())

    def wished(self, apple: SimulatedApple, what: str) -> float:
        """The wish that counts: of the last to come, those that do not mix first (apple 109)."""
        ids = {session.id: each.apple for each in self._apps.values() for session in each.sessions}
        arbiter = self._device.arbiter
        coming = [ids[id] for id in reversed(arbiter.active) if id in ids]
        solo = [
            ids[id]
            for id in reversed(arbiter.active)
            if id in ids and (claim := arbiter.view(id).claim) is not None and not claim.mixable
        ]
        for each in (*solo, *coming, apple):
            wish = float(getattr(each.wishes, what))
            if wish > 0.0:
                return wish
        return 0.0

    def settle(self) -> None:
        """Something was decided: tells apps what is different for them."""
        device = self._device
        if not self._apps or not device.media_services_running:
            return
        for app in tuple(self._apps.values()):
            active = app.alive and app.standing in ("active", "ducked")
            if active and not self._active.get(app.id) and app.apple.remote_commands:
                claims = [session.claim for session in app.sessions if session.claim is not None]
                if any(not claim.mixable for claim in claims):
                    self.now_playing = app.id
            self._active[app.id] = active
            if app.alive:
                self._tell_of_others(app)
            elif self.now_playing == app.id:
                self.now_playing = ""
        if self._gains:
            used = {
                port
                for id, app in self._apps.items()
                for session in app.sessions
                if self._active.get(id)
                for port in device.plugs.route(session.id).inputs
            }
            self._gains = {port: gain for port, gain in self._gains.items() if port in used}

    def moved(self, app: SimulatedApp) -> None:
        """An app is somewhere else now."""
        if app.id in self._apps and app.alive:
            state = app.apple.standing.app_state
            app.apple.tell(lambda e: e.app_moved(state))

    def volume_changed(self) -> None:
        """The user changed the volume, which asks for sound where an app is muted."""
        for apple in self._apples():
            if apple.wishes.output_muted:
                apple.tell(lambda e: e.wants_unmuted())
            apple.tell(lambda e: e.changed())

    def media_services_changed(self) -> None:
        """The media services are lost, or back."""
        lost = not self._device.media_services_running
        for id, apple in self._by_id().items():
            if lost:
                active = self._active.pop(id, False)
                apple.forget()
                _tell_lost(apple, was_active=active)
            else:
                apple.tell(lambda e: e.media_services_reset())

    def interrupt(self, apple: SimulatedApple, reason: AVAudioSessionInterruptionReason) -> None:
        """The system makes an app's session inactive."""
        apple.interruption_reason = reason
        try:
            for player in apple.app.players:
                player.pause()
            self._device.handle(RevokeApp(app=apple.app.id, rule=reason.name.lower()))
        finally:
            apple.interruption_reason = _Reason.DEFAULT

    # -- inside ------------------------------------------------------------------------------

    def _by_id(self) -> dict[str, SimulatedApple]:
        return {id: app.apple for id, app in self._apps.items() if app.alive}

    def _apples(self) -> tuple[SimulatedApple, ...]:
        return tuple(self._by_id().values())

    def _tell_of_others(self, app: SimulatedApp) -> None:
        primary = self.others_play(app, primary=True)
        now = primary, self.prompt_style(app)
        before = self._told.get(app.id, (False, AVAudioSessionPromptStyle.NORMAL))
        self._told[app.id] = now
        if now[0] is not before[0]:
            app.apple.tell(lambda e: e.secondary_audio(primary))
        if now != before:
            app.apple.tell(lambda e: e.changed())

    def _route_changed(self, change: RouteChange) -> None:
        for apple in self._apples():
            if change.session not in {session.id for session in apple.app.sessions}:
                continue
            if not apple.introducing:
                apple.tell(lambda e: e.route_changed(change))
            lost_output = set(change.lost) & set(change.previous.outputs)
            if (
                lost_output
                and self.system_version >= _ROUTE_DISCONNECT_SINCE
                and self.now_playing == apple.app.id
                and self._active.get(apple.app.id)
                and apple.wishes.interruption_on_route_disconnect
            ):
                self.interrupt(apple, _Reason.ROUTE_DISCONNECTED)

    def _look(self) -> _Around:
        count = self.changes.count
        if not self._looked or self._looked[0].count != count:
            heard, claims = tuple(self._heard()), tuple(self._app_claims())
            self._looked[:] = [
                _Around(
                    count=count,
                    heard=frozenset(id for id, _ in heard),
                    primary=frozenset(id for id, not_mixing in heard if not_mixing),
                    claims=claims,
                    active=frozenset(id for id, _ in claims),
                    system=tuple(claim for _, claim in self._system_claims()),
                )
            ]
        return self._looked[0]

    def _heard(self) -> Iterator[tuple[str, bool]]:
        arbiter = self._device.arbiter
        for app in self._device.apps:
            if not app.alive:
                continue
            for session in app.sessions:
                sounds = app.plays_in(session) or (
                    app.has_apple and app.apple.plays and session.id == app.last_session
                )
                if sounds and arbiter.standing(session.id) in _SOUNDING:
                    claim = arbiter.view(session.id).claim
                    yield app.id, claim is not None and not claim.mixable

    def _app_claims(self) -> list[tuple[str, Claim]]:
        arbiter = self._device.arbiter
        return [
            (app.id, claim)
            for app in self._device.apps
            if app.alive
            for session in app.sessions
            if arbiter.standing(session.id) in _SOUNDING
            and (claim := arbiter.view(session.id).claim) is not None
        ]

    def _system_claims(self) -> list[tuple[str, Claim]]:
        device = self._device
        apps = {app.id for app in device.apps}
        return [
            (id, claim)
            for id in device.arbiter.active
            if device.app_of_session(id) not in apps
            and (claim := device.arbiter.view(id).claim) is not None
        ]


def _tell_lost(apple: SimulatedApple, *, was_active: bool) -> None:
    apple.tell(lambda e: e.media_services_lost(was_active=was_active))


def _version(given: object) -> tuple[int, int]:
    if given is None:
        return NEWEST_SYSTEM_VERSION
    if (
        not isinstance(given, tuple)
        or len(given) != 2
        or not all(isinstance(part, int) and not isinstance(part, bool) for part in given)
    ):
        raise InvalidTypeError("system_version", given, expected="two integers, such as (26, 0)")
    major, minor = given
    if major < 3 or minor < 0:
        raise InvalidValueError("system_version", given, expected="(3, 0) or later")
    return major, minor


__all__ = ["AppleSystem"]
