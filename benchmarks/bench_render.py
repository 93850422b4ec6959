"""How fast five apps are rendered, from their audio files to the WAV file."""

from __future__ import annotations

import math
import statistics
import tempfile
import time
import wave
from array import array
from dataclasses import dataclass
from pathlib import Path

from audiosession.errors import ExtraMissingError
from audiosession.scenario import Recording, parse_scenario, run_scenario

from .measuring import Row, Target, duration, no_collector, quartiles

TARGET = Target(at_least=50.0)
RATE = 48_000
APPS = ("music", "game 1", "game 2", "game 3", "reader")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    seconds: int = 60
    rounds: int = 7


QUICK = Sizes(seconds=20, rounds=3)


def run(sizes: Sizes | None = None) -> list[Row]:
    sizes = sizes or Sizes()
    name = f"rendering {len(APPS)} apps, {RATE // 1000} kHz stereo, against real time"
    try:
        from audiosession.scenario.mixer import render_to_wav
    except ExtraMissingError as missing:
        return [Row(name=name, value=math.nan, detail=f"not measured: {missing}")]
    took: list[float] = []
    with tempfile.TemporaryDirectory(prefix="audiosession-bench-") as folder:
        recording = _recording(Path(folder), sizes.seconds)
        out = Path(folder, "mix.wav")
        for number in range(-1, sizes.rounds):
            with no_collector():
                started = time.perf_counter()
                report = render_to_wav(recording, out, rate=RATE)
                if number >= 0:
                    took.append(time.perf_counter() - started)
        if report.frames != sizes.seconds * RATE:
            raise RuntimeError(f"{report.frames} frames were rendered")
    speeds = [sizes.seconds / seconds for seconds in took]
    return [
        Row(
            name=name,
            value=statistics.median(speeds),
            spread=quartiles(speeds),
            target=TARGET,
            detail=f"{sizes.seconds} s in {duration(statistics.median(took))}, reading included",
        )
    ]


def _recording(folder: Path, seconds: int) -> Recording:
    """Music and three games all the time, and a screen reader that lowers them again and again."""
    files = {}
    for number, app in enumerate(APPS):
        id = app.replace(" ", "-")
        files[id] = folder / f"{id}.wav"
        _write_tone(files[id], seconds, hertz=220.0 * (number + 1))
    lines = [f"duration = {seconds}"]
    for id in files:
        kind = {"music": "music", "reader": "screen_reader"}.get(id, "game")
        lines += ["[[app]]", f'id = "{id}"', f'recipe = "{kind}"']
        if kind != "screen_reader":
            lines += ["[[step]]", "at = 0", f'app = "{id}"', 'do = "play"']
    for at in range(2, seconds - 1, 4):
        lines += ["[[step]]", f"at = {at}", 'app = "reader"', 'do = "play"', "seconds = 2"]
        lines += ["[[step]]", f"at = {at + 2}", 'app = "reader"', 'do = "stop"']
    recording = run_scenario(parse_scenario("\n".join(lines), audio=files)).recording
    silent = [track.app for track in recording.tracks if not track.clips]
    if silent or not any(track.holds for track in recording.tracks):
        raise RuntimeError(f"not all apps sound and are lowered: {silent}")
    return recording


def _write_tone(path: Path, seconds: int, *, hertz: float) -> None:
    second = array("h")
    for frame in range(RATE):
        sample = round(4000 * math.sin(2 * math.pi * hertz * frame / RATE))
        second.extend((sample, -sample))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for _ in range(seconds):
            file.writeframes(second.tobytes())
