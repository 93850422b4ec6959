"""Nothing is missing from a recording, and nothing is there twice.

On a machine with much else to do the player itself drops sound, so this runs beside little.
"""

from __future__ import annotations

import numpy as np
import pytest

from audiosession.capture.outputs.audio_file import AVCaptureAudioFileOutput
from tests.capture.media_kit import CLICK_EVERY, RATE, Heard, clicks, frequency_hz, sound_of, until
from tests.linux.capture_kit import QUANTUM, linux_bench, write_clicks
from tests.linux.rig import SoundRig
from tests.linux.sound import play

pytestmark = pytest.mark.anyio

SECONDS = 10.0
"""The benchmark does it for a minute."""


async def test_every_file_has_the_tone_and_every_click(rig: SoundRig) -> None:
    names = ("take.wav", "take.flac", "take.mka", "take.opus", "take.m4a")
    paths = [rig.directory / name for name in names]
    play(rig, write_clicks(rig.directory / "clicks.wav", seconds=60.0))
    async with linux_bench(rig) as desk:
        outputs = tuple(AVCaptureAudioFileOutput() for _ in paths)
        await desk.run(desk.device(f"pulse:{rig.sink}.monitor"), outputs=outputs)
        levels = desk.wires[0].levels
        assert levels is not None
        await until("sound", lambda: levels.channels and levels.channels[0].peak_hold_level > -6)
        for path, output in zip(paths, outputs, strict=True):
            output.start_recording(path, Heard())
        await until("all of it", lambda: all(o.recorded_duration >= SECONDS for o in outputs))
        for output in outputs:
            output.stop_recording()
            assert await output.recording_finished() is None
    for path in paths:
        samples, _ = sound_of(path)
        assert len(samples) >= SECONDS * RATE
        assert abs(frequency_hz(samples) - 440.0) < 1.0
        spacing = np.diff(clicks(samples))
        assert len(spacing) >= SECONDS * 10 - 2
        assert np.abs(spacing - CLICK_EVERY).max() <= QUANTUM
