"""The volume model under any calls: indices stay in range, aliases agree, mutes keep indices."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from audiosession.android.app import AndroidPermission
from audiosession.android.device_constants import AndroidAudioDeviceType
from audiosession.android.errors import SecurityException
from audiosession.android.models.callers import USER, AndroidCaller
from audiosession.android.models.curves import CURVES, OutputCategory, output_category, volume_db
from audiosession.android.models.ringer import DoNotDisturb
from audiosession.android.models.volumes import STREAMS, StreamState, VolumeModel
from audiosession.android.stream_constants import (
    AndroidAudioAdjustment,
    AndroidAudioVolumeFlags,
    AndroidRingerMode,
)
from audiosession.android.tables import stream_volume

from .manager_kit import Stream

CALLERS = (
    USER,
    AndroidCaller(),
    AndroidCaller(target_sdk=23),
    AndroidCaller(permissions=frozenset({AndroidPermission.ACCESS_NOTIFICATION_POLICY})),
    AndroidCaller(permissions=frozenset({AndroidPermission.MODIFY_PHONE_STATE})),
)
callers = st.sampled_from(CALLERS)
streams = st.sampled_from(STREAMS)
outputs = st.sampled_from(
    (AndroidAudioDeviceType.BUILTIN_SPEAKER, AndroidAudioDeviceType.WIRED_HEADSET)
)


class Volumes(RuleBasedStateMachine):
    """Any calls by anybody, in any order."""

    @initialize(
        kind=st.sampled_from(("phone", "television", "single_volume", "none")),
        vibrator=st.booleans(),
    )
    def make(self, kind: str, vibrator: bool) -> None:
        self.model = VolumeModel(aliases=kind, vibrator=vibrator)
        self.now = 0.0

    def _seen(self) -> tuple[dict[Stream, StreamState], AndroidRingerMode]:
        return self.model.states(), self.model.ringer.mode

    @rule(
        stream=streams,
        direction=st.sampled_from(AndroidAudioAdjustment),
        flags=st.sampled_from((0, AndroidAudioVolumeFlags.ALLOW_RINGER_MODES)),
        caller=callers,
    )
    def adjust(
        self, stream: Stream, direction: AndroidAudioAdjustment, flags: int, caller: AndroidCaller
    ) -> None:
        before = self._seen()
        try:
            change = self.model.adjust(stream, direction, flags, caller, self.now)
        except SecurityException:
            assert self._seen() == before
            assert not caller.may_silence
            return
        after = self._seen()
        told = {each for each in STREAMS if after[0][each] != before[0][each]}
        assert set(change.streams) == told
        assert change.ringer is (before[1] is not after[1])
        if direction in (AndroidAudioAdjustment.MUTE, AndroidAudioAdjustment.SAME):
            kept = {each: state.kept for each, state in before[0].items()}
            assert {each: state.kept for each, state in after[0].items()} == kept

    @rule(stream=streams, index=st.integers(-20, 40), caller=callers)
    def set_index(self, stream: Stream, index: int, caller: AndroidCaller) -> None:
        before = self._seen()
        try:
            self.model.set_index(stream, index, 0, caller, self.now)
        except SecurityException:
            assert self._seen() == before

    @rule(mode=st.sampled_from(AndroidRingerMode), caller=callers)
    def set_ringer(self, mode: AndroidRingerMode, caller: AndroidCaller) -> None:
        before = self._seen()
        try:
            self.model.set_ringer(mode, caller, self.now)
        except SecurityException:
            assert self._seen() == before

    @rule(what=st.sampled_from(DoNotDisturb))
    def disturb(self, what: DoNotDisturb) -> None:
        self.model.set_do_not_disturb(what)

    @rule(output=outputs)
    def move(self, output: int) -> None:
        self.model.set_output(output)

    @rule(seconds=st.floats(0.0, 2.0))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def indices_stay_in_range(self) -> None:
        for state in self.model.states().values():
            assert state.least <= state.kept <= state.most
            assert state.index == (0 if state.muted else state.kept)

    @invariant()
    def streams_of_one_volume_agree(self) -> None:
        states = self.model.states()
        for stream in STREAMS:
            root = self.model.aliases[stream]
            if stream_volume(stream) == stream_volume(root):
                assert states[stream].kept == states[root].kept
            part = (states[stream].kept - states[stream].least) / (
                states[stream].most - states[stream].least
            )
            whole = (states[root].kept - states[root].least) / (
                states[root].most - states[root].least
            )
            steps = (1 / (states[each].most - states[each].least) for each in (stream, root))
            assert abs(part - whole) <= sum(steps)

    @invariant()
    def what_is_muted_is_silent(self) -> None:
        for stream in STREAMS:
            if self.model.muted(stream):
                assert self.model.level_db(stream) == -math.inf

    @invariant()
    def what_cannot_vibrate_does_not(self) -> None:
        ringer = self.model.ringer
        assert ringer.vibrator or ringer.mode is not AndroidRingerMode.VIBRATE


TestVolumes = Volumes.TestCase


def test_every_stream_has_its_curve_on_every_output() -> None:
    assert set(CURVES) == set(STREAMS)
    for curves in CURVES.values():
        assert set(curves) == set(OutputCategory)
        for points in curves.values():
            assert points[-1][0] == 100
            assert all(low[0] < high[0] and low[1] <= high[1] for low, high in pairwise(points))


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("device", AndroidAudioDeviceType)
def test_a_higher_index_is_never_quieter(stream: Stream, device: AndroidAudioDeviceType) -> None:
    volume = stream_volume(stream)
    levels = [
        volume_db(stream, index, least=volume.min, most=volume.max, device_type=device)
        for index in range(volume.min, volume.max + 1)
    ]
    assert levels == sorted(levels)
    assert levels[-1] <= 0.0


@pytest.mark.parametrize(
    ("stream", "index", "device", "db"),
    [
        # 10 of 15 is 66 hundredths: 6 of the 40 from 60 to 100 above -17 dB.
        (Stream.MUSIC, 10, AndroidAudioDeviceType.BUILTIN_SPEAKER, -17.0 + 6 * 17.0 / 40),
        (Stream.MUSIC, 0, AndroidAudioDeviceType.BUILTIN_SPEAKER, -math.inf),
        (Stream.MUSIC, 15, AndroidAudioDeviceType.WIRED_HEADSET, 0.0),
        # A call's lowest index can be heard.
        (Stream.VOICE_CALL, 1, AndroidAudioDeviceType.BUILTIN_EARPIECE, -27.0),
        (Stream.VOICE_CALL, 5, AndroidAudioDeviceType.BUILTIN_EARPIECE, 0.0),
        (Stream.ALARM, 7, AndroidAudioDeviceType.HDMI, -10.0),
    ],
)
def test_levels_worked_out_by_hand(stream: Stream, index: int, device: int, db: float) -> None:
    volume = stream_volume(stream)
    found = volume_db(stream, index, least=volume.min, most=volume.max, device_type=device)
    assert found == pytest.approx(db)


def test_an_output_of_which_nothing_is_said_is_a_loudspeaker() -> None:
    assert output_category(AndroidAudioDeviceType.BUS) is OutputCategory.SPEAKER
