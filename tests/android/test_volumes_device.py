"""Whatever happens on a device, its players sound as loud as their streams' volumes say."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from audiosession import AudioSessionConfiguration
from audiosession.android import AndroidAudioAttributes, AndroidAudioUsage
from audiosession.android.audio_manager import AudioManager
from audiosession.android.errors import SecurityException
from audiosession.android.models.ringer import DoNotDisturb
from audiosession.android.models.volumes import STREAMS
from audiosession.android.stream_constants import AndroidAudioAdjustment, AndroidRingerMode
from audiosession.core import Role
from audiosession.core.gains import SILENCE_DB
from audiosession.hosts.simulated import SimulatedDevice
from audiosession.hosts.simulated.android_streams import player_stream
from audiosession.scenario.recorder import Recorder

from .manager_kit import Stream

names = st.sampled_from("ab")
streams = st.sampled_from(STREAMS)
usages = st.sampled_from(
    (AndroidAudioUsage.MEDIA, AndroidAudioUsage.ALARM, AndroidAudioUsage.NOTIFICATION)
)


class Device(RuleBasedStateMachine):
    """A phone with two apps, of which each has an AudioManager."""

    @initialize()
    def make(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.device = SimulatedDevice("phone", policy="android")
        self.recorder = Recorder("volumes")
        self.device.observe(self.recorder)
        self.managers = {name: AudioManager(self.device.app(name).host) for name in "ab"}
        self.run(self.managers["a"].get_stream_volume(Stream.MUSIC))

    def run(self, what: Coroutine[Any, Any, Any]) -> None:
        self.loop.run_until_complete(what)

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.loop.close()

    def allowed(self, what: Coroutine[Any, Any, Any]) -> None:
        try:
            self.run(what)
        except SecurityException:
            assert self.device.android.volumes.ringer.mode is AndroidRingerMode.SILENT

    @rule(name=names, stream=streams, direction=st.sampled_from(AndroidAudioAdjustment))
    def adjust(self, name: str, stream: Stream, direction: AndroidAudioAdjustment) -> None:
        self.allowed(self.managers[name].adjust_stream_volume(stream, direction))

    @rule(name=names, stream=streams, index=st.integers(0, 15))
    def set_index(self, name: str, stream: Stream, index: int) -> None:
        self.allowed(self.managers[name].set_stream_volume(stream, index))

    @rule(mode=st.sampled_from(AndroidRingerMode))
    def ring(self, mode: AndroidRingerMode) -> None:
        self.device.android.set_ringer_mode(mode)

    @rule(what=st.sampled_from(DoNotDisturb))
    def disturb(self, what: DoNotDisturb) -> None:
        self.device.android.set_do_not_disturb(what)

    @rule(name=names, usage=usages)
    def configure(self, name: str, usage: AndroidAudioUsage) -> None:
        attributes = AndroidAudioAttributes(usage=usage)
        configuration = AudioSessionConfiguration(android_audio_attributes=attributes)
        self.run(self.device.app(name).session.configure(configuration))

    @rule(name=names, on=st.booleans())
    def activate(self, name: str, on: bool) -> None:
        self.run(self.device.app(name).session.set_active(on))

    @rule(name=names)
    def close(self, name: str) -> None:
        self.run(self.device.app(name).session.close())

    @rule(name=names, role=st.sampled_from((Role.UNKNOWN, Role.ALARM, Role.NOTIFICATION)))
    def play(self, name: str, role: Role) -> None:
        self.device.app(name).player().play(role=role)

    @rule(name=names)
    def pause(self, name: str) -> None:
        self.device.app(name).player().pause()

    @rule(name=names)
    def die(self, name: str) -> None:
        app = self.device.app(name)
        app.kill()
        app.relaunch()

    @rule()
    def plug(self) -> None:
        if any(port.device == "wired headphones" for port in self.device.plugs.ports):
            self.device.unplug("wired headphones")
        else:
            self.device.plug("wired headphones")

    @rule(seconds=st.floats(0.0, 3.0))
    def wait(self, seconds: float) -> None:
        self.device.advance(seconds)

    @invariant()
    def players_follow_their_streams(self) -> None:
        volumes = self.device.android.volumes
        for app in self.device.apps:
            for player in app.players:
                if player.playing:
                    level = max(SILENCE_DB, volumes.level_db(player_stream(player)))
                    assert player.gain.layers["stream"].end_db == level

    @invariant()
    def the_recording_says_the_same(self) -> None:
        tracks = {track.app: track for track in self.recorder.recording.tracks}
        for app in self.device.apps:
            for player in app.players:
                if player.playing:
                    moves = [gain for gain in tracks[app.id].gains if gain.layer == "stream"]
                    level = moves[-1].to_db if moves else 0.0
                    assert level == player.gain.layers["stream"].end_db


Device.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestDevice = Device.TestCase
