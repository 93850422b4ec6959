"""Tones to play to a real server, recordings of what came out, and measures of them."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from audiosession.scenario.measure import decibels, level_at
from tests.linux.rig import DEADLINE_S, RigError, SoundRig

RATE = 48_000
"""Samples a second of everything here; that of the rigs' sinks, so nothing is resampled."""

MPV_MPRIS = "/usr/lib/mpv-mpris/mpris.so"
"""Where Debian's mpv-mpris puts the plug-in that makes mpv answer on the bus."""

_CHANNELS = 2
_POLL_S = 0.01


def write_tone(path: Path, *, frequency_hz: float, seconds: float, level_db: float = -12.0) -> Path:
    """Writes a stereo sine of floats as WAV and returns the path. It starts at a zero.

    It may be one file with others of the same sound, and is not to be written to.
    """
    made = _tone(frequency_hz, seconds, level_db)
    path.unlink(missing_ok=True)
    try:
        path.hardlink_to(made)
    except OSError:
        # Another file system, or one without links.
        shutil.copyfile(made, path)
    return path


@cache
def _tone(frequency_hz: float, seconds: float, level_db: float) -> Path:
    """The sound in a file; those of minutes are long to make and the same in every test."""
    frames = round(seconds * RATE)
    # A second of a whole number of hertz is a whole number of turns.
    period = RATE if frequency_hz == round(frequency_hz) else frames
    turns = np.arange(min(period, frames)) * (frequency_hz / RATE)
    mono = (10 ** (level_db / 20) * np.sin(2 * np.pi * turns)).astype(np.float32)
    path = Path(_tones().name) / f"{frequency_hz}-{seconds}-{level_db}.wav"
    whole = np.resize(mono, frames)
    soundfile.write(path, np.column_stack([whole, whole]), RATE, subtype="FLOAT")
    return path


@cache
def _tones() -> TemporaryDirectory[str]:
    """A folder that goes with the process."""
    return TemporaryDirectory(prefix="tones-")


def play(rig: SoundRig, path: Path, *, sink: str | None = None, **properties: str) -> Any:
    """Starts paplay and returns its process.

    Args:
        rig: Where.
        path: The file.
        sink: The sink, the default one when None.
        properties: Of the stream, with ``__`` for a dot: ``media__role="music"``.
    """
    words = [f"--property={key.replace('__', '.')}={value}" for key, value in properties.items()]
    if sink is not None:
        words.append(f"--device={sink}")
    # It ends only when its buffer is empty; two seconds of it would make every test that long.
    return rig.popen("paplay", "--latency-msec=200", *words, str(path))


def play_mpv(rig: SoundRig, path: Path, *arguments: str, mpris: bool = True) -> Any:
    """Starts mpv through PulseAudio's protocol, with MPRIS on the rig's bus."""
    words = ["--no-config", "--no-video", "--no-terminal", "--ao=pulse"]
    if mpris:
        words.append(f"--script={MPV_MPRIS}")
    return rig.popen("mpv", *words, *arguments, str(path))


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What was heard: one row a frame, :data:`RATE` frames a second."""

    samples: NDArray[np.float32]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / RATE

    def level_db(self, frequency_hz: float, start_s: float, end_s: float) -> float:
        """Returns the amplitude of a tone between two times, in dB of full scale."""
        return level_at(self.samples, RATE, frequency_hz, start_s, end_s)

    def envelope(self, frequency_hz: float, *, window_s: float = 0.01) -> NDArray[np.float64]:
        """Returns the linear amplitude of a tone around every frame.

        Args:
            frequency_hz: The tone. Others must be a multiple of ``1 / window_s`` away.
            window_s: Over how long it is averaged; the frame lies in the middle.
        """
        mono = self.samples.mean(axis=1, dtype=np.float64)
        turns = np.exp(-2j * np.pi * frequency_hz / RATE * np.arange(len(mono)))
        width = max(1, round(window_s * RATE))
        sums = np.concatenate([[0.0], np.cumsum(mono * turns)])
        middle = (sums[width:] - sums[:-width]) * (2 / width)
        envelope = np.zeros(len(mono))
        envelope[width // 2 : width // 2 + len(middle)] = np.abs(middle)
        return envelope

    def onset_s(
        self, frequency_hz: float, *, window_s: float = 0.01, after_s: float = 0.0
    ) -> float:
        """Returns when a tone begins: where it passes half of its greatest amplitude.

        Exact for a tone that is switched on, as the average is half up at its first sample.

        Raises:
            RigError: there is no such tone after that time.
        """
        envelope = self.envelope(frequency_hz, window_s=window_s)[round(after_s * RATE) :]
        return after_s + self._first(envelope, frequency_hz) / RATE

    def end_s(self, frequency_hz: float, *, window_s: float = 0.01) -> float:
        """Returns when a tone ends: where it is at half of its greatest amplitude last.

        Raises:
            RigError: there is no such tone.
        """
        envelope = self.envelope(frequency_hz, window_s=window_s)[::-1]
        return (len(envelope) - self._first(envelope, frequency_hz)) / RATE

    @staticmethod
    def _first(envelope: NDArray[np.float64], frequency_hz: float) -> int:
        most = float(envelope.max(initial=0.0))
        if most < 1e-4:
            raise RigError(f"no tone of {frequency_hz} Hz is heard")
        return int(np.argmax(envelope >= most / 2))

    def click_db(
        self,
        tones_hz: Iterable[float],
        start_s: float,
        end_s: float,
        *,
        band_hz: float = 150.0,
        flank_s: float = 0.15,
    ) -> float:
        """Returns the energy between two times outside of bands around tones, in dB.

        Zero dB is the energy of a sine of full scale that lasts one second. The span is faded
        in and out over ``flank_s`` before and after it, so that its ends make no click of
        their own; the tones must be steady there.

        Args:
            tones_hz: What is to sound; other frequencies are the click.
            start_s: Start of the span, in seconds of the recording.
            end_s: End of the span.
            band_hz: How far a band reaches to either side of its tone.
            flank_s: How long the fades are.
        """
        first, end = round((start_s - flank_s) * RATE), round((end_s + flank_s) * RATE)
        if not 0 <= first < end <= len(self.samples):
            raise RigError(f"{start_s} s to {end_s} s with flanks is not within {self.seconds} s")
        mono = self.samples[first:end].mean(axis=1, dtype=np.float64)
        flank = np.cumsum(np.blackman(round(flank_s * RATE)))
        flank /= flank[-1]
        window = np.ones(len(mono))
        window[: len(flank)] = flank
        window[-len(flank) :] = flank[::-1]
        power = np.abs(np.fft.rfft(mono * window)) ** 2
        frequencies = np.fft.rfftfreq(len(mono), 1 / RATE)
        for tone in tones_hz:
            power[np.abs(frequencies - tone) <= band_hz] = 0.0
        energy_s = 2 * float(power.sum()) / len(mono) / RATE
        return decibels(float(np.sqrt(energy_s / 0.5)))


class Recorder:
    """A recording under way. Made by :func:`record`."""

    def __init__(self, path: Path, process: subprocess.Popen[Any], rig: SoundRig) -> None:
        self._path = path
        self._process = process
        self._rig = rig

    @property
    def seconds(self) -> float:
        """How much was recorded so far."""
        return self._path.stat().st_size / (4 * _CHANNELS * RATE)

    def so_far(self) -> Recording:
        """Returns what was recorded until now."""
        values = np.fromfile(self._path, dtype="<f4")
        whole = len(values) - len(values) % _CHANNELS
        return Recording(values[:whole].reshape(-1, _CHANNELS))

    async def reach(self, seconds: float) -> None:
        """Waits until the recording is that long.

        Raises:
            RigError: nothing came for a long time.
        """
        end = time.monotonic() + seconds + DEADLINE_S
        while self.seconds < seconds:
            if self._process.poll() is not None or time.monotonic() > end:
                raise RigError(f"the recording stands at {self.seconds} s\n{self._rig.log()}")
            await asyncio.sleep(_POLL_S)

    async def more(self, seconds: float) -> None:
        """Waits until that much more is recorded."""
        await self.reach(self.seconds + seconds)

    async def hears(self, frequency_hz: float, level_db: float, *, within_db: float = 1.0) -> None:
        """Waits until a tone stands at a level for the last 0.1 s.

        Raises:
            RigError: it does not come to that.
        """
        end = time.monotonic() + DEADLINE_S
        heard = float("nan")
        while time.monotonic() < end:
            if self.seconds > 0.15:
                now = self.so_far()
                heard = now.level_db(frequency_hz, now.seconds - 0.1, now.seconds)
                if abs(heard - level_db) <= within_db:
                    return
            await asyncio.sleep(_POLL_S)
        raise RigError(f"{frequency_hz} Hz is at {heard:.2f} dB, not {level_db} dB")


@asynccontextmanager
async def record(
    rig: SoundRig, *, sink: str | None = None, latency_ms: int = 10
) -> AsyncIterator[Recorder]:
    """Records what a sink sounds like until the block ends; recording already when it begins.

    Args:
        rig: Where.
        sink: Whose monitor; the rig's main sink when None.
        latency_ms: What the recorder asks for. PipeWire's whole graph works in cycles of the
            power of two of samples below the least that anybody asks for.
    """
    path = rig.directory / f"recording-{time.monotonic_ns()}.f32"
    with path.open("wb") as file:
        process = rig.popen(
            "parec",
            "--raw",
            f"--device={sink or rig.sink}.monitor",
            "--format=float32le",
            f"--rate={RATE}",
            f"--channels={_CHANNELS}",
            f"--latency-msec={latency_ms}",
            stdout=file,
        )
    recorder = Recorder(path, process, rig)
    try:
        await recorder.reach(0.001)
        yield recorder
    finally:
        # Asked kindly it takes two seconds on PulseAudio; what it wrote is in the file already.
        process.kill()
        await asyncio.to_thread(process.wait)
