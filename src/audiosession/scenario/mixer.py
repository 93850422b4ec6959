"""Renders what a person at the device hears, from a recording, as 16-bit stereo.

The sound is made in blocks of one second, so the length of a recording does not matter
for memory; decoded audio files are held from their first use to their last.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import wave
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from audiosession.errors import ExtraMissingError
from audiosession.scenario.audiofiles import MAX_RATE, MIN_RATE, MIX_RATE, load, probe
from audiosession.scenario.measure import decibels
from audiosession.scenario.recording import SILENCE_DB, GainChange, Recording, Track
from audiosession.scenario.timeline_common import length as in_words

try:
    import numpy as np
    from numpy.typing import NDArray
except ImportError as missing:
    raise ExtraMissingError("audio", "mixing sound") from missing

__all__ = ["EDGE_S", "MixReport", "Progress", "render", "render_to_wav"]

Progress = Callable[[float], None]
"""Called after each block with the part that is done, from above 0.0 to 1.0."""

EDGE_S = 0.010
"""Seconds over which a clip fades in at its start and out at its end, so that a cut in
the middle of a wave does not click. Both lie inside the clip, which ends where its file
or the recording ends if that is sooner. A loop's joint is left as it is."""

_BLOCK_S = 1
_MAX_WAV_BYTES = 0xFFFF_FFFF - 36
_FULL_SCALE = 32_767
_DB_TO_NEPER = float(np.log(10.0) / 20.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MixReport:
    """What a rendering amounted to."""

    frames: int
    """Samples per channel."""
    rate: int
    """Samples per second and channel, in hertz."""
    peak_dbfs: float
    """The highest sample before clipping, in dB of full scale; ``SILENCE_DB`` if none."""
    clipped_samples: int
    """Samples that exceeded full scale and were cut to it, both channels counted."""
    stems: tuple[Path, ...] = ()
    """One file per track, in the recording's order, where they were asked for."""

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return self.frames / self.rate


def render(
    recording: Recording, *, rate: int = MIX_RATE, progress: Progress | None = None
) -> NDArray[np.float32]:
    """Return the whole mix in memory, one row per frame, clipped at full scale.

    Args:
        recording: What happened.
        rate: Samples per second, 8,000 to 192,000.
        progress: Told how far the work is.

    Raises:
        AudioFileError: A clip's audio file is missing or faulty.
        ValueError: The rate is out of range, or a clip's offset is negative.
    """
    plan = _Plan(recording, rate)
    mix = np.zeros((plan.frames, 2), dtype=np.float32)
    for first, parts in plan.blocks():
        block = mix[first : first + plan.block_frames]
        for part in parts:
            if part is not None:
                block += part
        np.clip(block, -1.0, 1.0, out=block)
        if progress is not None:
            progress((first + len(block)) / plan.frames)
    return mix


def render_to_wav(
    recording: Recording,
    path: Path | str,
    *,
    rate: int = MIX_RATE,
    stems: Path | str | None = None,
    progress: Progress | None = None,
) -> MixReport:
    """Write the mix to a 16-bit stereo WAV file, block by block.

    A file appears under its name only when it is complete; after any error, and after a
    ``KeyboardInterrupt``, what was there before is untouched.

    Args:
        recording: What happened.
        path: The file to write; its folder must exist.
        rate: Samples per second, 8,000 to 192,000.
        stems: A folder, made if need be, for one file per track as it sounds in the mix:
            ``01-app.wav`` and so on. ``None`` for the mix alone.
        progress: Told how far the work is.

    Raises:
        AudioFileError: A clip's audio file is missing or faulty.
        OSError: A file cannot be written; its ``filename`` says which.
        ValueError: The rate is out of range, a clip's offset is negative, or the mix is
            too long for a WAV file (4 GiB, six hours at 48 kHz).
    """
    plan = _Plan(recording, rate)
    if plan.frames * 4 > _MAX_WAV_BYTES:
        most = _MAX_WAV_BYTES // 4 // rate
        raise ValueError(
            f"{in_words(recording.duration_s)} at {rate} Hz do not fit a WAV file; "
            f"{in_words(most)} do"
        )
    stem_paths: tuple[Path, ...] = ()
    if stems is not None:
        folder = Path(stems)
        folder.mkdir(parents=True, exist_ok=True)
        stem_paths = tuple(
            folder / f"{number:02d}-{_slug(track.app)}.wav"
            for number, track in enumerate(recording.tracks, start=1)
        )
    peak = 0.0
    clipped = 0
    with ExitStack() as stack:
        mix_file = stack.enter_context(_WavFile(Path(path), rate, plan.frames))
        stem_files = [stack.enter_context(_WavFile(stem, rate, plan.frames)) for stem in stem_paths]
        silence = np.zeros((plan.block_frames, 2), dtype=np.float32)
        for first, parts in plan.blocks():
            length = min(plan.block_frames, plan.frames - first)
            block = np.zeros((length, 2), dtype=np.float32)
            for part in parts:
                if part is not None:
                    block += part
            block_peak = max(float(block.max()), -float(block.min()))
            peak = max(peak, block_peak)
            if block_peak > 1.0:
                clipped += int(np.count_nonzero(np.abs(block) > 1.0))
            mix_file.write(block)
            for stem_file, part in zip(stem_files, parts[: len(stem_files)], strict=True):
                stem_file.write(silence[:length] if part is None else part)
            if progress is not None:
                progress((first + length) / plan.frames)
    return MixReport(
        frames=plan.frames,
        rate=rate,
        peak_dbfs=decibels(peak),
        clipped_samples=clipped,
        stems=stem_paths,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slope:
    """A stretch in which a level is a straight line in decibels."""

    first: int
    db: float
    """Level at the frame ``first``."""
    db_per_frame: float

    def at(self, frame: int) -> float:
        return self.db + self.db_per_frame * (frame - self.first)

    @property
    def silent(self) -> bool:
        return self.db_per_frame == 0.0 and self.db <= SILENCE_DB


class _Level:
    """A track's level over time: the sum, in decibels, of its layers."""

    def __init__(self, gains: Sequence[GainChange], rate: int) -> None:
        layers: dict[str, list[GainChange]] = {}
        for change in sorted(gains, key=lambda change: change.at_s):
            layers.setdefault(change.layer, []).append(change)
        slopes = [_layer_slopes(changes, rate) for changes in layers.values()]
        self._slopes = _sum_of_slopes(slopes)
        self._firsts = [slope.first for slope in self._slopes]

    def pieces(self, first: int, end: int) -> Iterator[tuple[int, int, _Slope]]:
        """The straight stretches between two frames."""
        index = bisect_right(self._firsts, first) - 1
        while first < end:
            index += 1
            until = self._firsts[index] if index < len(self._firsts) else end
            yield first, min(until, end), self._slopes[index - 1]
            first = until


def _layer_slopes(changes: Sequence[GainChange], rate: int) -> list[_Slope]:
    slopes = [_Slope(first=0, db=0.0, db_per_frame=0.0)]
    for change in changes:
        first = _frame_from(change.at_s, rate)
        from_db = max(change.from_db, SILENCE_DB)
        to_db = max(change.to_db, SILENCE_DB)
        while slopes and slopes[-1].first >= first:
            slopes.pop()
        end = _frame_from(change.at_s + max(change.ramp_s, 0.0), rate)
        if end > first:
            per_frame = (to_db - from_db) / (change.ramp_s * rate)
            # The first frame may lie a fraction of a frame after the change.
            into = first - change.at_s * rate
            slopes.append(
                _Slope(first=first, db=from_db + per_frame * into, db_per_frame=per_frame)
            )
        slopes.append(_Slope(first=end, db=to_db, db_per_frame=0.0))
    return slopes


def _sum_of_slopes(layers: Sequence[Sequence[_Slope]]) -> list[_Slope]:
    firsts = sorted({0, *(slope.first for layer in layers for slope in layer)})
    starts = [[slope.first for slope in layer] for layer in layers]
    total: list[_Slope] = []
    for first in firsts:
        now = [
            layer[bisect_right(start, first) - 1]
            for layer, start in zip(layers, starts, strict=True)
        ]
        # One silent layer silences the track, whatever the other layers add.
        if any(slope.silent for slope in now):
            total.append(_Slope(first=first, db=SILENCE_DB, db_per_frame=0.0))
            continue
        total.append(
            _Slope(
                first=first,
                db=sum(slope.at(first) for slope in now),
                db_per_frame=sum(slope.db_per_frame for slope in now),
            )
        )
    return total


def _frame_from(at_s: float, rate: int) -> int:
    """The first frame not before a time; 0 for times before the start."""
    # A millionth of a frame absorbs the rounding of times such as 0.1 s.
    return max(0, int(np.ceil(at_s * rate - 1e-6)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """A clip in frames, ending where its file or the recording ends if that is sooner."""

    audio: Path
    first: int
    end: int
    offset: int
    loop: bool
    edge: int

    def chunk(self, sound: NDArray[np.float32], first: int, end: int) -> NDArray[np.float32]:
        position = self.offset + first - self.first
        length = end - first
        if self.loop:
            position %= len(sound)
            if position + length > len(sound):
                return sound[np.arange(position, position + length) % len(sound)]
        return sound[position : position + length]

    def touches_edge(self, first: int, end: int) -> bool:
        return first < self.first + self.edge or end > self.end - self.edge

    def edges(self, first: int, end: int) -> NDArray[np.float64]:
        frames = np.arange(first, end)
        inside = np.minimum(frames - self.first, self.end - 1 - frames) + 0.5
        return 0.5 - 0.5 * np.cos(np.pi * np.minimum(inside / self.edge, 1.0))


class _Plan:
    """A recording in frames, ready to be rendered block by block."""

    def __init__(self, recording: Recording, rate: int) -> None:
        if not MIN_RATE <= rate <= MAX_RATE:
            raise ValueError(f"a mix has {MIN_RATE} to {MAX_RATE} Hz, not {rate} Hz")
        self.frames = max(0, round(recording.duration_s * rate))
        self.block_frames = _BLOCK_S * rate
        self._rate = rate
        self._lengths: dict[Path, int] = {}
        self._levels = [_Level(track.gains, rate) for track in recording.tracks]
        self._runs = [self._runs_of(track) for track in recording.tracks]
        self._sounds: dict[Path, NDArray[np.float32]] = {}
        self._last_use: dict[Path, int] = {}
        for run in (run for runs in self._runs for run in runs):
            self._last_use[run.audio] = max(self._last_use.get(run.audio, 0), run.end)

    def _runs_of(self, track: Track) -> list[_Run]:
        runs: list[_Run] = []
        for clip in track.clips:
            if clip.audio is None:
                continue
            if clip.offset_s < 0.0:
                raise ValueError(f"{track.app}: a clip starts {-clip.offset_s} s before its file")
            length = self._lengths.get(clip.audio)
            if length is None:
                length = probe(clip.audio).frames_at(self._rate)
                self._lengths[clip.audio] = length
            first = round(clip.start_s * self._rate)
            end = min(round(clip.end_s * self._rate), self.frames)
            offset = round(clip.offset_s * self._rate)
            if not clip.loop:
                end = min(end, first + length - offset)
            if end > max(first, 0) and length:
                edge = min(round(EDGE_S * self._rate), max(1, (end - first) // 2))
                runs.append(
                    _Run(
                        audio=clip.audio,
                        first=first,
                        end=end,
                        offset=offset,
                        loop=clip.loop,
                        edge=edge,
                    )
                )
        return runs

    def blocks(self) -> Iterator[tuple[int, list[NDArray[np.float32] | None]]]:
        """Yield each block's first frame and every track's part in it, None for silence.

        The parts are valid until the next block is asked for.
        """
        store = np.empty((len(self._runs), self.block_frames, 2), dtype=np.float32)
        scratch = np.empty((self.block_frames, 2), dtype=np.float32)
        for first in range(0, self.frames, self.block_frames):
            end = min(first + self.block_frames, self.frames)
            parts: list[NDArray[np.float32] | None] = []
            for index, (runs, level) in enumerate(zip(self._runs, self._levels, strict=True)):
                part: NDArray[np.float32] | None = None
                for run in runs:
                    if run.first >= end or run.end <= first:
                        continue
                    if part is None:
                        part = store[index, : end - first]
                        part[:] = 0.0
                    self._add(run, level, part, first, scratch)
                parts.append(part)
            yield first, parts
            for audio in [a for a in self._sounds if self._last_use[a] <= end]:
                del self._sounds[audio]

    def _add(
        self,
        run: _Run,
        level: _Level,
        part: NDArray[np.float32],
        block_first: int,
        scratch: NDArray[np.float32],
    ) -> None:
        sound = self._sounds.get(run.audio)
        if sound is None:
            sound = self._sounds[run.audio] = load(run.audio, rate=self._rate)
        since = max(run.first, block_first)
        until = min(run.end, block_first + len(part))
        for first, end, slope in level.pieces(since, until):
            if slope.silent:
                continue
            chunk = run.chunk(sound, first, end)
            into = part[first - block_first : end - block_first]
            edged = run.touches_edge(first, end)
            if slope.db_per_frame == 0.0 and not edged:
                if slope.db == 0.0:
                    into += chunk
                    continue
                gain = np.float32(np.exp(slope.db * _DB_TO_NEPER))
                into += np.multiply(chunk, gain, out=scratch[: end - first])
                continue
            db = slope.at(first) + slope.db_per_frame * np.arange(end - first)
            factor = np.exp(db * _DB_TO_NEPER)
            factor[db <= SILENCE_DB] = 0.0
            if edged:
                factor *= run.edges(first, end)
            factors = factor.astype(np.float32)[:, np.newaxis]
            into += np.multiply(chunk, factors, out=scratch[: end - first])


class _WavFile:
    """A WAV file that appears under its name when it is complete, and only then."""

    def __init__(self, path: Path, rate: int, frames: int) -> None:
        self._named = path
        # A link is followed, so that the file it points to is what gets replaced.
        self._target = Path(os.path.realpath(path))
        self._part = self._target.with_name(f".{self._target.name}.{secrets.token_hex(4)}.part")
        self._rate = rate
        self._frames = frames

    def __enter__(self) -> _WavFile:
        try:
            # Renaming onto /dev/null, as the superuser, would take the device away.
            if self._target.exists() and not self._target.is_file():
                raise OSError(errno.EINVAL, "not a regular file")
            self._file = self._part.open("xb")
        except OSError as error:
            raise self._about(error) from error
        self._wave = wave.open(self._file, "wb")
        self._wave.setnchannels(2)
        self._wave.setsampwidth(2)
        self._wave.setframerate(self._rate)
        self._wave.setnframes(self._frames)
        return self

    def write(self, block: NDArray[np.float32]) -> None:
        """Append samples, those beyond full scale cut to it."""
        scaled = np.clip(block, -1.0, 1.0)
        scaled *= _FULL_SCALE
        pcm = np.rint(scaled, out=scaled).astype("<i2")
        try:
            self._wave.writeframesraw(pcm.tobytes())
        except OSError as error:
            raise self._about(error) from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            try:
                self._wave.close()
            finally:
                self._file.close()
            if kind is None:
                self._part.replace(self._target)
        except OSError as failed:
            if kind is None:
                raise self._about(failed) from failed
        finally:
            self._part.unlink(missing_ok=True)

    def _about(self, error: OSError) -> OSError:
        return OSError(error.errno, error.strerror or str(error), str(self._named))


def _slug(app: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "_", app).strip("._") or "app"
