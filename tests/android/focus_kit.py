"""A stage for audio focus: apps on a simulated device, each with an AudioManager.

A client is named ``app`` or ``app.something``; each has a listener of its own. What all of
them are told is kept in one list, in the order in which it is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from audiosession.android import (
    AndroidAudioFocus,
    AndroidAudioFocusGainType,
    AndroidAudioFocusRequestResult,
    AndroidAudioUsage,
    AudioAttributes,
    AudioFocusRequest,
)
from audiosession.android.app import AndroidPermission
from audiosession.android.audio_manager import AudioManager
from audiosession.core import Policy, Role
from audiosession.hosts.simulated import SimulatedApp, SimulatedDevice, VirtualClock

G, T, D, X = (
    AndroidAudioFocusGainType.GAIN,
    AndroidAudioFocusGainType.GAIN_TRANSIENT,
    AndroidAudioFocusGainType.GAIN_TRANSIENT_MAY_DUCK,
    AndroidAudioFocusGainType.GAIN_TRANSIENT_EXCLUSIVE,
)
GAINS = (G, T, D, X)
FAILED, GRANTED, DELAYED = (
    AndroidAudioFocusRequestResult.FAILED,
    AndroidAudioFocusRequestResult.GRANTED,
    AndroidAudioFocusRequestResult.DELAYED,
)
GAIN = AndroidAudioFocus.GAIN
LOSS = AndroidAudioFocus.LOSS
LOSS_TRANSIENT = AndroidAudioFocus.LOSS_TRANSIENT
CAN_DUCK = AndroidAudioFocus.LOSS_TRANSIENT_CAN_DUCK
Usage = AndroidAudioUsage
SPEECH, MUSIC = 1, 2
LAST_SYSTEM_USAGE = Usage.ASSISTANT

TELEPHONY_PERMISSION = AndroidPermission.MODIFY_PHONE_STATE
RINGING, TALKING = 2, 0
"""``AudioManager.STREAM_RING`` and ``STREAM_VOICE_CALL``."""

V = TypeVar("V")


def now(value: V) -> V:
    """The value as it is now; the type checker would take it for what it was before."""
    return value


def attributes(usage: int = Usage.MEDIA, content: int = MUSIC) -> AudioAttributes:
    builder = AudioAttributes.Builder().set_content_type(content)
    if usage > LAST_SYSTEM_USAGE:
        return builder.set_system_usage(usage).build()
    return builder.set_usage(usage).build()


class Ear:
    """The listener of one client."""

    def __init__(self, stage: Stage, client: str) -> None:
        self._stage = stage
        self.client = client

    def hear(self, change: AndroidAudioFocus) -> None:
        self._stage.log.append((self.client, change))


class Stage:
    """A device, its apps, and a record of who was told what."""

    def __init__(
        self,
        policy: str | Policy = "android",
        profile: str = "phone",
        *,
        clock: VirtualClock | None = None,
    ) -> None:
        self.device = SimulatedDevice(profile, policy=policy, clock=clock)
        self.log: list[tuple[str, AndroidAudioFocus]] = []
        """Everything told so far, in order."""
        self._seen = 0
        self._managers: dict[str, AudioManager] = {}
        self._ears: dict[str, Ear] = {}
        self.target_sdk: dict[str, int] = {}
        """The API level of apps, where it is not the newest."""

    # -- apps and clients --------------------------------------------------------------------

    def app(self, client: str) -> SimulatedApp:
        return self.device.app(client.partition(".")[0])

    def manager(self, client: str) -> AudioManager:
        app = self.app(client)
        if app.id not in self._managers:
            level = self.target_sdk.get(app.id, 36)
            self._managers[app.id] = AudioManager(app.host, target_sdk=level)
        return self._managers[app.id]

    def ear(self, client: str) -> Ear:
        return self._ears.setdefault(client, Ear(self, client))

    def request(
        self,
        client: str,
        gain: int = G,
        usage: int = Usage.MEDIA,
        content: int = MUSIC,
        *,
        patient: bool = False,
        pauses: bool = False,
        force: bool = False,
        listens: bool = True,
    ) -> AudioFocusRequest:
        builder = AudioFocusRequest.Builder(gain)
        builder.set_audio_attributes(attributes(usage, content))
        if listens:
            builder.set_on_audio_focus_change_listener(self.ear(client).hear)
        builder.set_accepts_delayed_focus_gain(patient)
        builder.set_will_pause_when_ducked(pauses)
        return builder.set_force_ducking(force).build()

    async def ask(
        self,
        client: str,
        gain: int = G,
        usage: int = Usage.MEDIA,
        content: int = MUSIC,
        *,
        bundle: Mapping[str, object] | None = None,
        **how: Any,
    ) -> AndroidAudioFocusRequestResult:
        request = self.request(client, gain, usage, content, **how)
        return await self.manager(client).request_audio_focus(request, bundle=bundle)

    async def enter(self, client: str, gain: int = G, *args: Any, **how: Any) -> None:
        """A client that is granted what it asks for at once."""
        assert await self.ask(client, gain, *args, **how) is GRANTED

    async def leave(self, client: str, *, listens: bool = True) -> None:
        request = self.request(client, listens=listens)
        assert await self.manager(client).abandon_audio_focus_request(request) is GRANTED

    async def close(self, client: str) -> None:
        """The app's process ends, as far as AudioManager is concerned."""
        app = self.app(client)
        await self._managers.pop(app.id).close()

    def telephony(self, app: str = "telecom") -> AudioManager:
        """The manager of a part of the system that is telephony."""
        self.app(app).android_app.grant(TELEPHONY_PERMISSION)
        return self.manager(app)

    def play(
        self,
        client: str,
        role: Role = Role.MUSIC,
        *,
        player: str = "player",
        spoken: bool = False,
        backend: str = "",
    ) -> None:
        self.app(client).player(player).play(role=role, spoken=spoken, backend=backend)

    # -- what came of it ---------------------------------------------------------------------

    def heard(self, client: str) -> list[AndroidAudioFocus]:
        """Everything the client was told so far."""
        return [change for who, change in self.log if who == client]

    def told(self) -> dict[str, list[AndroidAudioFocus]]:
        """Who was told what since the last time this was asked; the silent are left out."""
        fresh, self._seen = self.log[self._seen :], len(self.log)
        told: dict[str, list[AndroidAudioFocus]] = {}
        for who, change in fresh:
            told.setdefault(who, []).append(change)
        return told

    def held_db(self, client: str) -> float:
        """Where the system sends the level of the app's player, in dB."""
        return self.app(client).player().gain.layers["hold"].end_db

    def entries(self) -> tuple[str, ...]:
        """The apps in the stack from the bottom to the top."""
        return tuple(map(self.device.app_of_session, self.device.arbiter.active))
