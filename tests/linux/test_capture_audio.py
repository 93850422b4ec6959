"""Recording real sound from PipeWire and PulseAudio to files."""

from __future__ import annotations

import asyncio
import signal
import time

import pytest

from audiosession.capture.errors import AVError, CaptureError
from audiosession.capture.host import DeviceFacts
from audiosession.capture.outputs.audio_file import AVCaptureAudioFileOutput
from audiosession.capture.samples import SampleBuffer
from audiosession.capture.virtual import PATTERN_ID, TONE_ID
from tests.capture.media_kit import (
    DEADLINE_S,
    RATE,
    Bench,
    Heard,
    Nobody,
    sound_of,
    until,
)
from tests.linux.capture_kit import linux_bench, microphone, write_clicks
from tests.linux.rig import SoundRig
from tests.linux.sound import play

pytestmark = pytest.mark.anyio


class Told:
    """What a host tells of a rig's main source and of its media services, in order."""

    def __init__(self, rig: SoundRig) -> None:
        self.words: list[str] = []
        self._source = f"pulse:{rig.sink}.monitor"

    def media_services_reset(self) -> None:
        self.words.append("reset")

    def device_connected(self, device: DeviceFacts) -> None:
        if device.unique_id == self._source:
            self.words.append("come")

    def device_disconnected(self, unique_id: str) -> None:
        if unique_id == self._source:
            self.words.append("gone")

    def camera_interrupted(self, reason: object) -> None: ...

    def camera_free(self) -> None: ...

    def system_pressure(self, level: object) -> None: ...


def made_up(desk: Bench) -> bool:
    """Whether there is only what needs no server."""
    return {each.unique_id for each in desk.host.devices()} == {TONE_ID, PATTERN_ID}


async def test_a_server_that_dies_ends_the_recording_and_the_next_one_records(
    rig: SoundRig,
) -> None:
    first, second = rig.directory / "first.flac", rig.directory / "second.flac"
    monitor = f"pulse:{rig.sink}.monitor"
    async with linux_bench(rig) as desk:
        output, told = AVCaptureAudioFileOutput(), Told(rig)
        assert desk.device(monitor)
        desk.host.observe(told)
        await desk.run(desk.device(monitor), outputs=(output,))
        output.start_recording(first, Heard())
        await until("sound", lambda: output.recorded_duration >= 0.5)
        rig.kill_server()
        await until("the failure", lambda: desk.failures)
        ((_, error),) = desk.failures
        assert error.code == AVError.MEDIA_SERVICES_WERE_RESET
        output._end(error)
        assert await output.recording_finished() is not None
        assert made_up(desk)
        await rig.restart_server()
        await until("the source", lambda: "come" in told.words)
        again = AVCaptureAudioFileOutput()
        await desk.run(desk.device(monitor), outputs=(again,))
        again.start_recording(second, Heard())
        await until("sound", lambda: again.recorded_duration >= 0.5)
        again.stop_recording()
        assert await again.recording_finished() is None
        # Who lost a feed has heard of the reset by that.
        assert told.words == ["gone", "come"]
    for path in (first, second):
        assert len(sound_of(path)[0]) >= 0.5 * RATE


async def test_who_uses_no_sound_hears_that_the_server_is_back(rig: SoundRig) -> None:
    async with linux_bench(rig) as desk:
        told = Told(rig)
        assert not made_up(desk)
        desk.host.observe(told)
        rig.kill_server()
        await until("the loss", lambda: made_up(desk))
        await rig.restart_server()
        await until("the source", lambda: "come" in told.words)
        assert told.words == ["gone", "reset", "come"]


async def test_a_server_that_stands_still_does_not_hold_up_the_stop(
    rig: SoundRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audiosession.hosts.linux.capture_audio._STOP_S", 0.2)
    async with linux_bench(rig) as desk:
        output = AVCaptureAudioFileOutput()
        await desk.run(desk.device(f"pulse:{rig.sink}.monitor"), outputs=(output,))
        path = rig.directory / "still.wav"
        output.start_recording(path, Heard())
        await until("sound", lambda: output.recorded_duration >= 0.5)
        servers = list(rig._servers.values())
        for server in servers:
            server.send_signal(signal.SIGSTOP)
        try:
            async with asyncio.timeout(DEADLINE_S):
                await desk.pipeline.stop()
            output._end()
            assert await output.recording_finished() is None
        finally:
            for server in servers:
                server.send_signal(signal.SIGCONT)
    assert len(sound_of(path)[0]) >= 0.5 * RATE


class HeldUp(Nobody):
    """Stands still with the first sound for a second, and sees how much has come meanwhile."""

    def __init__(self) -> None:
        self.ahead_s = 0.0
        """How much more has come since than time has passed, at most."""
        self._since_s: float | None = None
        self._frames = 0

    def sample(self, buffer: SampleBuffer) -> None:
        if self._since_s is None:
            time.sleep(1.0)
            self._since_s = time.monotonic()
            return
        self._frames += buffer.frames
        passed_s = time.monotonic() - self._since_s
        self.ahead_s = max(self.ahead_s, self._frames / RATE - passed_s)


async def test_what_comes_while_a_program_is_held_up_is_kept(rig: SoundRig) -> None:
    async with linux_bench(rig) as desk:
        device, held_up = desk.device(f"pulse:{rig.sink}.monitor"), HeldUp()
        feed = await desk.host.open_feed(device.unique_id, device.formats[0], None, held_up)
        await until("what was kept", lambda: held_up.ahead_s >= 0.5)
        await feed.stop()


async def test_what_is_no_source_is_refused(rig: SoundRig) -> None:
    async with linux_bench(rig) as desk:
        format = desk.device(f"pulse:{rig.sink}.monitor").formats[0]
        with pytest.raises(CaptureError) as caught:
            await desk.host.open_feed("pulse:nobody", format, None, Nobody())
    assert caught.value.code == AVError.DEVICE_NOT_CONNECTED


async def test_the_default_source_comes_first_and_monitors_after_microphones(
    rig: SoundRig,
) -> None:
    async with microphone(rig) as mic, linux_bench(rig) as desk:
        await rig.pactl("set-default-source mic")

        def ids() -> list[str]:
            return [each.unique_id for each in desk.host.devices()]

        await until("the default", lambda: ids()[0] == mic)
        assert ids() == [mic, f"pulse:{rig.sink}.monitor", TONE_ID, PATTERN_ID]
        device = desk.device(mic)
        assert device.localized_name
        assert device.formats[0].sample_rate == RATE
        assert device.formats[0].channels == 2
        assert [each.virtual for each in desk.host.devices()] == [False, True, True, True]


async def test_a_source_that_vanishes_ends_the_recording_with_a_good_file(rig: SoundRig) -> None:
    await rig.add_sink("going")
    path = rig.directory / "vanished.wav"
    play(rig, write_clicks(rig.directory / "clicks.wav", seconds=60.0), sink="going")
    async with linux_bench(rig) as desk:
        await until("the source", lambda: any("going" in d.unique_id for d in desk.host.devices()))
        output = AVCaptureAudioFileOutput()
        await desk.run(desk.device("pulse:going.monitor"), outputs=(output,))
        output.start_recording(path, Heard())
        await until("sound", lambda: output.recorded_duration >= 0.5)
        await rig.remove_sink("going")
        await until("the failure", lambda: desk.failures)
        ((_, error),) = desk.failures
        output._end(error)
        told = await output.recording_finished()
    assert told is not None
    assert told.code == error.code
    samples, _ = sound_of(path)
    assert len(samples) >= 0.5 * RATE
