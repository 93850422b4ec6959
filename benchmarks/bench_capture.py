"""What recording costs: sound beside other recorders, and a test pattern with sound.

Three programs record the same microphone at the same time: ``audiosession record``, the same
made of miniaudio and PyAV in a few lines (:mod:`benchmarks.plain_recorder`), and ``parecord``.
What counts is the CPU they take while they record; loading comes before.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from .measuring import Row, Target, duration
from .servers import DEADLINE_S, on_each_server

OURS, PLAIN, PARECORD = "audiosession record", "miniaudio and PyAV", "parecord"

_RATE = 48_000
_FRAME_RATE = 30
_UNDER_WAY = _RATE * 4 // 2
"""Half a second of stereo integers: from this size on a file is being recorded."""
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    seconds: float = 60.0
    """How long sound is recorded."""
    movie_s: float = 30.0
    """How long the test pattern is recorded; 0: not at all."""


QUICK = Sizes(seconds=10.0, movie_s=10.0)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a program took while it recorded."""

    cpu_s: float
    memory_mb: float


def run(sizes: Sizes | None = None) -> list[Row]:
    sizes = sizes or Sizes()
    try:
        import av  # noqa: F401
        import miniaudio  # noqa: F401
    except ImportError as missing:
        detail = f"skipped: not installed: {missing.name}"
        return [Row(name="recording", value=float("nan"), detail=detail)]
    return on_each_server("recording", lambda rig: _on(rig, sizes))


async def _on(rig: Any, sizes: Sizes) -> list[Row]:
    rows = []
    async with _heard(rig):
        with tempfile.TemporaryDirectory() as folder:
            rows += await _sound(rig, Path(folder), sizes.seconds)
            if sizes.movie_s:
                rows += await _movie(rig, Path(folder), sizes.movie_s)
    return rows


# -- sound ----------------------------------------------------------------------------------------


async def _sound(rig: Any, folder: Path, seconds: float) -> list[Row]:
    files = {name: folder / f"{number}.wav" for number, name in enumerate((OURS, PLAIN, PARECORD))}
    plain = Path(__file__).with_name("plain_recorder.py")
    programs = {
        # With --mix, or nothing would be heard.
        OURS: _ours(rig, "record", str(files[OURS]), "--mix"),
        PLAIN: rig.popen(sys.executable, str(plain), str(files[PLAIN])),
        PARECORD: rig.popen(
            *("parecord", "--file-format=wav", f"--rate={_RATE}", "--channels=2"),
            str(files[PARECORD]),
        ),
    }
    try:
        await _until_all_record(programs, files)
        before = {name: _cpu_s(program.pid) for name, program in programs.items()}
        await asyncio.sleep(seconds)
        costs = {
            name: Cost(_cpu_s(program.pid) - before[name], _memory_mb(program.pid))
            for name, program in programs.items()
        }
        await _until_all_record(programs, files)
    finally:
        for program in programs.values():
            program.send_signal(signal.SIGINT)
        for program in programs.values():
            await asyncio.to_thread(program.wait, DEADLINE_S)
    for name, path in files.items():
        heard_s = path.stat().st_size / (_RATE * 4)
        if heard_s < seconds:
            raise RuntimeError(f"{name} recorded {heard_s:.1f} s of {seconds:g} s")
    name = f"{rig.name}: recording {seconds:g} s of stereo at {_RATE // 1000} kHz"
    rows = []
    for other, target in ((PLAIN, Target(at_most=2.0)), (PARECORD, None)):
        rows.append(
            Row(
                name=f"{name}, CPU against {other}",
                value=costs[OURS].cpu_s / max(costs[other].cpu_s, 1 / _TICKS),
                target=target,
                detail=f"{_load(costs[OURS], seconds)} against {_load(costs[other], seconds)}",
            )
        )
    mine, theirs = costs[OURS].memory_mb, costs[PLAIN].memory_mb
    lean = costs[PARECORD].memory_mb
    rows.append(
        Row(
            name=f"{name}, memory against {PLAIN}",
            value=mine / theirs,
            detail=f"{mine:.0f} MB against {theirs:.0f} MB; {PARECORD} {lean:.0f} MB",
        )
    )
    return rows


def _load(cost: Cost, seconds: float) -> str:
    return f"{duration(cost.cpu_s)} ({100 * cost.cpu_s / seconds:.1f} % of a core)"


async def _until_all_record(
    programs: dict[str, subprocess.Popen[Any]], files: dict[str, Path]
) -> None:
    deadline = time.monotonic() + DEADLINE_S
    for name, path in files.items():
        while not path.exists() or path.stat().st_size < _UNDER_WAY:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{name} does not record")
            await asyncio.sleep(0.05)
        if (status := programs[name].poll()) is not None:
            raise RuntimeError(f"{name} ended with {status}")


# -- pictures -------------------------------------------------------------------------------------


async def _movie(rig: Any, folder: Path, seconds: float) -> list[Row]:
    path = folder / "test.mkv"
    process = _ours(
        rig,
        *("record", str(path), "--camera", "--json", "--duration", f"{seconds:g}"),
        *("--from", "Tone with clicks", "--from", "Test pattern"),
        stdout=subprocess.PIPE,
    )
    out, _ = await asyncio.to_thread(process.communicate, timeout=seconds + DEADLINE_S)
    finished = json.loads(out.splitlines()[-1])
    if finished["type"] != "finished" or finished["error"] is not None:
        raise RuntimeError(f"the test pattern was not recorded: {finished}")
    size, times = _pictures(path)
    gaps = sum(round((after - before) * _FRAME_RATE) - 1 for before, after in pairwise(times))
    return [
        Row(
            name=f"{rig.name}: {size} at {_FRAME_RATE} pictures a second with sound, dropped",
            value=max(gaps, finished["dropped_frames"]),
            unit="pictures",
            target=Target(at_most=0),
            detail=f"{len(times)} pictures in {seconds:g} s, {os.cpu_count()} cores",
        )
    ]


def _pictures(path: Path) -> tuple[str, list[float]]:
    import av

    with av.open(str(path)) as file:
        (stream,) = file.streams.video
        times = sorted(
            float(packet.pts * packet.time_base)
            for packet in file.demux(stream)
            if packet.pts is not None
        )
        return f"{stream.width}x{stream.height}", times


# -- the world it happens in ----------------------------------------------------------------------


@asynccontextmanager
async def _heard(rig: Any) -> AsyncIterator[None]:
    """A microphone that hears a tone."""
    from tests.linux.sound import play, write_tone

    await rig.pactl(f"load-module module-remap-source source_name=ear master={rig.sink}.monitor")
    await rig.pactl("set-default-source ear")
    tone = write_tone(rig.directory / "tone.wav", frequency_hz=440.0, seconds=600.0)
    player = play(rig, tone)
    try:
        yield
    finally:
        player.terminate()
        player.wait()
        stop = _ours(rig, "service", "stop")
        await asyncio.to_thread(stop.wait, DEADLINE_S)


def _ours(rig: Any, *words: str, **options: Any) -> subprocess.Popen[Any]:
    path = os.pathsep.join(path or os.getcwd() for path in sys.path)
    environment = {"PYTHONPATH": path}
    process: subprocess.Popen[Any] = rig.popen(
        sys.executable, "-m", "audiosession", *words, env=environment, **options
    )
    return process


def _cpu_s(pid: int) -> float:
    """The CPU seconds of a process with all its threads, also those that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    # utime and stime: the 14th and 15th field of proc(5), of which two are cut off here.
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError("VmRSS")
