"""What of a simulated device all its apps share, as Android's system has it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..._checks import check_flag
from ...android.device_constants import AndroidAudioDeviceType
from ...android.key_constants import AndroidKeyCode, AndroidKeyEventAction
from ...android.key_event import KeyEvent
from ...android.models.callers import USER
from ...android.models.hardware import EffectPlayed, HardwareModel, MicrophoneSwitch
from ...android.models.keys import MediaKeys, volume_press
from ...android.models.ringer import DoNotDisturb, RingerPolicy
from ...android.models.volumes import StreamActivity, StreamState, VolumeChange, VolumeModel
from ...android.stream_constants import AndroidRingerMode, AndroidStreamType
from ...core.claims import Claim, Role
from ...core.effects import Effect
from ...core.events import ClientGone, Event, StreamChanged, StreamGone
from ...core.gains import SILENCE_DB
from ...core.routing import choose_route
from ...errors import InvalidTypeError, InvalidValueError
from .android_device import SimulatedAndroid
from .android_routing import AndroidRouting
from .android_sent import Announcer
from .android_streams import OUTPUT_TYPES, ROLE_STREAMS, player_stream
from .changes import Counted
from .observer import Observer

if TYPE_CHECKING:
    from .app import SimulatedApp
    from .device import SimulatedDevice

_log = logging.getLogger("audiosession")

_ALIASES = {"phone": "phone", "car": "none", "smart speaker": "single_volume"}
_LAYER = "stream"


class AndroidSystem(Counted, Observer):
    """The system's side of AudioManager on a device; ``device.android``.

    Players sound as loud as the volumes of their streams say from when somebody first uses
    volumes or the ringer: an app that reads or changes one, or the user with a key or switch.

    Args:
        device: The device.
    """

    def __init__(self, device: SimulatedDevice) -> None:
        super().__init__(device.changes)
        self._device = device
        phone = device.profile.name == "phone"
        self.volumes = VolumeModel(
            aliases=_ALIASES.get(device.profile.name, "default"), vibrator=phone
        )
        """Volumes and ringer, to look at."""
        self.hardware = HardwareModel()
        """Properties, effects, parameters and microphones, to look at."""
        self.keys = MediaKeys()
        """Who gets media keys, to look at."""
        self.recent_s = 1.0
        """How long something counts as sounding after it ended, in seconds (android 92)."""
        self.routing = AndroidRouting(device)
        """Devices, the mode and the output for calls, to look at."""
        self._announcer = Announcer(self.volumes, self.routing.announce)
        self._apps: dict[str, SimulatedAndroid] = {}
        self._system_apps: set[str] = set()
        self._running: dict[str, tuple[str, AndroidStreamType]] = {}
        self._ended: dict[AndroidStreamType, float] = {}
        self._levels: dict[str, float] = {}
        self._in_use = False
        device.observe(self)
        self._follow_output()

    # -- what the device's user does ---------------------------------------------------------

    def press(self, key_code: int, *, repeats: int = 0) -> None:
        """The user presses a key and lets it go.

        A volume key changes the volume that matters most (android 92); a media key goes to an
        app.

        Args:
            key_code: ``KeyEvent.KEYCODE_*``.
            repeats: How often it repeats while it is held.

        Raises:
            InvalidTypeError, InvalidValueError: No such key, or no number from 0 to 1000.
        """
        if isinstance(repeats, bool) or not isinstance(repeats, int):
            raise InvalidTypeError("repeats", repeats, expected="an integer")
        if not 0 <= repeats <= 1000:
            raise InvalidValueError("repeats", repeats, expected="from 0 to 1000")
        now = int(self._device.now * 1000)
        for repeat in range(repeats + 1):
            self.key(
                KeyEvent(
                    AndroidKeyEventAction.DOWN, key_code, repeat, down_time=now, event_time=now
                )
            )
        self.key(KeyEvent(AndroidKeyEventAction.UP, key_code, down_time=now, event_time=now))

    def key(self, event: KeyEvent) -> None:
        """One event of a key.

        Raises:
            InvalidTypeError: It is none.
        """
        if not isinstance(event, KeyEvent):
            raise InvalidTypeError("event", event, expected="a KeyEvent")
        press = volume_press(event)
        if press is not None:
            stream = self.activity().stream()
            self.carry(
                self.volumes.adjust(stream, press.direction, press.flags, USER, self._device.now)
            )
        else:
            self.dispatch(event)

    def set_do_not_disturb(self, what: DoNotDisturb) -> None:
        """The user says what may disturb.

        Raises:
            InvalidTypeError: Not a DoNotDisturb.
        """
        if not isinstance(what, DoNotDisturb):
            raise InvalidTypeError("what", what, expected="a DoNotDisturb")
        self._device.say(f"do not disturb: {what.value.replace('_', ' ')}")
        self.carry(self.volumes.set_do_not_disturb(what))

    def set_ringer_mode(self, mode: AndroidRingerMode) -> None:
        """The user switches the ringer.

        Raises:
            InvalidTypeError: Not an AndroidRingerMode.
        """
        if not isinstance(mode, AndroidRingerMode):
            raise InvalidTypeError("mode", mode, expected="an AndroidRingerMode")
        self.carry(self.volumes.set_ringer(mode, USER, self._device.now))

    def set_volumes_fixed(self, fixed: bool) -> None:
        """Makes it a device whose volumes cannot be changed, or no longer (android 86)."""
        check_flag("fixed", fixed)
        self.volumes.fixed = fixed
        self._altered()

    def set_ringer_policy(self, policy: RingerPolicy) -> None:
        """Decides what volume keys may do to the ringer.

        Raises:
            InvalidTypeError: Not a RingerPolicy.
        """
        if not isinstance(policy, RingerPolicy):
            raise InvalidTypeError("policy", policy, expected="a RingerPolicy")
        self.volumes.ringer.policy = policy

    def set_facts(self, **facts: Any) -> None:
        """Makes the device one that is able to do other things.

        Args:
            **facts: Fields of :class:`~audiosession.android.models.hardware.HardwareFacts`.
        """
        self.hardware.facts = replace(self.hardware.facts, **facts)
        self._altered()

    def set_sound_effects(self, enabled: bool) -> None:
        """The user likes sounds of touching, or does not."""
        check_flag("enabled", enabled)
        self.hardware.effects_enabled = enabled

    def restrict_microphone(self, restricted: bool) -> None:
        """The user of the device is not allowed to record, or is again (android 96)."""
        check_flag("restricted", restricted)
        self.mute_microphones(MicrophoneSwitch.RESTRICTION, restricted)

    def block_microphone(self, blocked: bool) -> None:
        """The user lets no app record, or lets them again (android 96)."""
        check_flag("blocked", blocked)
        self.mute_microphones(MicrophoneSwitch.PRIVACY, blocked)

    # -- for apps ----------------------------------------------------------------------------

    def view(self, app: SimulatedApp) -> SimulatedAndroid:
        """The device as an app sees it."""
        view = self._apps.get(app.id)
        if view is None:
            view = self._apps[app.id] = SimulatedAndroid(app, self)
        return view

    def state(self, stream: AndroidStreamType) -> StreamState:
        """A stream's volume."""
        return self.volumes.state(stream)

    @property
    def microphones_muted_by(self) -> frozenset[MicrophoneSwitch]:
        """Who mutes the microphones; nobody: they are not muted."""
        muted = self.hardware.microphones_muted_by
        if self._device.apple.microphone_muted:
            return muted | {MicrophoneSwitch.HARDWARE}
        return muted

    def mute_microphones(self, switch: MicrophoneSwitch, muted: bool) -> None:
        """Turns one of the switches that the system keeps."""
        before = bool(self.microphones_muted_by)
        self.hardware.mute_microphones(switch, muted)
        self._altered()
        if bool(self.microphones_muted_by) is not before:
            self._device.say("microphones unmuted" if before else "microphones muted")
        self._announcer.microphones(muted=bool(self.microphones_muted_by))

    def activity(self) -> StreamActivity:
        """What sounds or did just now (android 92)."""
        active = self.sounding() | {
            stream
            for stream, ended in self._ended.items()
            if stream in (AndroidStreamType.RING, AndroidStreamType.NOTIFICATION)
            and self._device.now - ended <= self.recent_s
        }
        return StreamActivity(
            in_call=self.routing.in_communication or AndroidStreamType.VOICE_CALL in active,
            assistant=AndroidStreamType.ASSISTANT in active,
            rang=AndroidStreamType.RING in active,
            notified=AndroidStreamType.NOTIFICATION in active,
        )

    def sounding(self) -> set[AndroidStreamType]:
        """The streams of what runs now."""
        streams = {
            player_stream(player)
            for app in self._device.apps
            for player in app.players
            if player.playing
        }
        return streams | {
            stream for app, stream in self._running.values() if app in self._system_apps
        }

    def dispatch(self, event: KeyEvent) -> None:
        """Hands a media key to the app that gets them."""
        app = self.keys.receiver(event)
        receiver = None if app is None else self._apps[app].receiver
        if receiver is None:
            return
        self._device.say(f"key {_name(event.key_code)} to {app}")
        try:
            receiver(event)
        except Exception:
            _log.exception("the media keys' receiver of %s failed", app)

    def carry(self, change: VolumeChange) -> None:
        """Does what a change by somebody asks of the device."""
        # The change is made already, so that nobody hears what was before it.
        self.use_volumes()
        self._carry(change)

    def use_volumes(self) -> None:
        """Somebody uses volumes or the ringer: they are heard from now on."""
        if not self._in_use:
            self._in_use = True
            self._follow()

    def effect_played(self, played: EffectPlayed) -> None:
        """A sound of touching is heard."""
        self._device.say(f"sound effect {played.effect.name.lower().replace('_', ' ')}")

    def attributes_changed(self, app: SimulatedApp) -> None:
        """An app's session is what it was not, and its players with it."""
        self._follow_app(app)

    # -- what it is told ---------------------------------------------------------------------

    def app_added(self, at: float, app: str, name: str, *, system: bool) -> None:
        """Learns which apps are the system's own."""
        if system:
            self._system_apps.add(app)

    def decided(self, at: float, event: Event, effects: tuple[Effect, ...]) -> None:
        """Follows the system's own sounds, players that change sessions, and apps that die."""
        if isinstance(event, StreamChanged):
            self._changed(event, at)
        elif isinstance(event, StreamGone):
            self._stopped(event.stream, at)
        elif isinstance(event, ClientGone):
            self.keys.gone(event.client)
            self._apps.pop(event.client, None)
            level = self._levels.pop(event.client, 0.0)
            if level != 0.0:
                self._device.note_level(event.client, _LAYER, level, 0.0, 0.0)

    def player_started(
        self, at: float, app: str, player: str, audio: Path | None, offset_s: float, loop: bool
    ) -> None:
        """Follows a player, also one whose session is closed."""
        owner = self._owner(app)
        if owner is not None:
            self._running[_key(app, player)] = app, player_stream(owner.player(player))
            self.keys.plays(app)
            self._follow_app(owner)

    def player_stopped(self, at: float, app: str, player: str) -> None:
        """Remembers when a stream was heard last."""
        self._stopped(_key(app, player), at)

    def happened(self, at: float, text: str) -> None:
        """Looks whether sound goes somewhere else, and whether microphones are muted."""
        self._follow_output()
        self._announcer.microphones(muted=bool(self.microphones_muted_by))

    # -- inside ------------------------------------------------------------------------------

    def _carry(self, change: VolumeChange, *, other_output: bool = False) -> None:
        self._altered()
        device, mode = self._device, self.volumes.ringer.mode
        if change.ringer:
            device.say(f"ringer: {mode.name.lower()}")
        if change.stream in change.streams:
            state = self.volumes.state(change.stream)
            words = "muted" if state.muted else f"{state.index} of {state.most}"
            device.say(f"volume of {_words(change.stream)}: {words}")
        if change.vibrates:
            device.say("vibrates")
        if change.sound and not self.volumes.muted(change.stream):
            device.say(f"the sound of {_words(change.stream)}'s volume is played")
        if change.hint is not None:
            device.say(f"hint: {change.hint.value}")
        if change.streams:
            self._follow()
        self._announcer.volumes(other_output=other_output)

    def _owner(self, id: str) -> SimulatedApp | None:
        """The app by that id; none where it is the system's own."""
        return next((app for app in self._device.apps if app.id == id), None)

    def _changed(self, event: StreamChanged, at: float) -> None:
        id = self._device.app_of_session(event.session)
        owner = self._owner(id)
        if owner is not None:
            self._follow_app(owner)
        elif id in self._system_apps and event.playing:
            stream = ROLE_STREAMS.get(event.role, AndroidStreamType.MUSIC)
            self._running[event.stream] = id, stream
            self._note(id, stream)
        else:
            self._stopped(event.stream, at)

    def _stopped(self, stream: str, at: float) -> None:
        _, kind = self._running.pop(stream, ("", None))
        if kind is not None:
            self._ended[kind] = at

    def _follow(self) -> None:
        """Every player sounds as loud as its stream's volume says."""
        for app in self._device.apps:
            self._follow_app(app)
        for app_id, stream in self._running.values():
            if app_id in self._system_apps:
                self._note(app_id, stream)

    def _follow_app(self, app: SimulatedApp) -> None:
        now = self._device.now
        for player in app.players:
            stream = player_stream(player)
            level = self._level(stream)
            ramp = player.gain.layers.get(_LAYER)
            if ramp is None or ramp.end_db != level:
                player.gain.move(_LAYER, level, now, 0.0)
            if player.playing:
                self._note(app.id, stream)

    def _level(self, stream: AndroidStreamType) -> float:
        return max(SILENCE_DB, self.volumes.level_db(stream)) if self._in_use else 0.0

    def _note(self, app: str, stream: AndroidStreamType) -> None:
        level, before = self._level(stream), self._levels.get(app, 0.0)
        if level != before:
            self._levels[app] = level
            self._device.note_level(app, _LAYER, before, level, 0.0)

    def _follow_output(self) -> None:
        # Calls have a route of their own; volumes go by that of media.
        device = self._device
        route = choose_route(device.plugs.ports, Claim())
        port = device.plugs.port(route.output)
        output = AndroidAudioDeviceType.BUILTIN_SPEAKER
        if port is not None:
            output = OUTPUT_TYPES.get(port.kind, output)
        if output != self.volumes.output:
            self._carry(self.volumes.set_output(output), other_output=True)
            self._follow()


class WithAndroid(Counted):
    """A device that has Android's system once somebody asks for it."""

    _android: AndroidSystem | None = None
    system_sounds: Mapping[str, Role] = MappingProxyType({})
    """What the system's own sounds are for, by session; a claim may still say what it was."""

    @property
    def android(self) -> AndroidSystem:
        """The device as Android's system has it: volumes, ringer, keys, devices, modes."""
        if self._android is None:
            # The system looks at the device while it is made.
            self._android = AndroidSystem(self)  # type: ignore[arg-type]
        return self._android

    @property
    def port_for_calls(self) -> str:
        """The port that calls use by somebody's wish in Android's words; empty: nobody wishes."""
        return "" if self._android is None else self._android.routing.port_for_calls()

    def attributes_changed(self, app: SimulatedApp) -> None:
        """An app's session is what it was not, which may be another stream of Android's."""
        if self._android is not None:
            self._android.attributes_changed(app)


def _key(app: str, player: str) -> str:
    # No id of the device's own has this in it.
    return f"{app}#/{player}"


def _words(stream: AndroidStreamType) -> str:
    return stream.name.lower().replace("_", " ")


def _name(key_code: int) -> str:
    try:
        return AndroidKeyCode(key_code).name.lower().replace("_", " ")
    except ValueError:
        return str(key_code)


__all__ = ["AndroidSystem", "WithAndroid"]
