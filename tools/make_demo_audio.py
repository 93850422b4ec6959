"""Makes the demo's audio files: music, a podcast, prompts, a call, tones.

Needs ``espeak-ng`` (Debian package of that name) and ``audiosession[audio]``. The same
versions of these make the same bytes, so a change of a file is a change of this script.

Music and podcast carry a pedal tone each, of constant level, in a band that nothing else
in any of the files uses. A test measures the tone in a mix and so knows the level of the
music or the podcast at any time, whatever else sounds.
"""

from __future__ import annotations

import argparse
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from audiosession.scenario.audiofiles import DEMO_FOLDER
from audiosession.scenario.measure import decibels, level_at, rms_db

Samples = NDArray[np.float64]

RATE = 48_000
SEED = 20_260_501

MUSIC_PEDAL_HZ = 65.0
MUSIC_PEDAL_DB = -26.0
MUSIC_PEAK_DB = -9.0
MUSIC_LOW_HZ = 92.0
"""Below this the music has nothing but its pedal tone."""

PODCAST_PEDAL_HZ = 75.0
PODCAST_PEDAL_DB = -34.0

SPEECH_LOW_HZ = 105.0
SPEECH_PEAK_DB = -6.0

PODCAST = (
    "You know the moment. Music is playing, the road is clear, and then a voice says: turn left.",
    "The music steps back, the voice speaks, and the music returns.",
    "It feels like good manners. In fact, it is a rule.",
    "On a phone, an app does not simply make a sound. It first says what the sound is for: "
    "a song, a call, a warning.",
    "The phone looks at everything else that can be heard, and decides who speaks, "
    "who whispers, and who waits.",
    "A song can be lowered, and nobody minds. A story can not, because half of its words "
    "would be lost.",
    "So a story pauses, and later goes on from the very same place.",
    "And that is why phones ask before they sound.",
)
CALL = (
    "Hi, it's me. I have just left the station.",
    "Shall I bring something for dinner, or have you cooked already?",
    "All right. See you in half an hour.",
)


def gain(level_db: float) -> float:
    """Return decibels as a factor."""
    return float(10 ** (level_db / 20))


def band(x: Samples, low_hz: float, high_hz: float) -> Samples:
    """Keep a band, in a circle: the end of the sound runs on into its beginning."""
    spectrum = np.fft.rfft(x, axis=0)
    frequencies = np.fft.rfftfreq(len(x), 1 / RATE)
    rise = np.clip((frequencies - 0.95 * low_hz) / (0.08 * low_hz), 0.0, 1.0)
    fall = np.clip((1.15 * high_hz - frequencies) / (0.3 * high_hz), 0.0, 1.0)
    mask = np.sin(np.pi / 2 * rise) ** 2 * np.sin(np.pi / 2 * fall) ** 2
    shape = (-1,) + (1,) * (x.ndim - 1)
    filtered: Samples = np.fft.irfft(spectrum * mask.reshape(shape), len(x), axis=0)
    return filtered


def pedal(frames: int, frequency_hz: float, level_db: float) -> Samples:
    """Return a tone that has a whole number of periods in the given length."""
    periods = frequency_hz * frames / RATE
    assert periods == round(periods), f"{periods} periods do not close the loop"
    tone: Samples = gain(level_db) * np.sin(2 * np.pi * frequency_hz / RATE * np.arange(frames))
    return tone


def place(track: Samples, at_s: float, note: Samples, pan: float = 0.0) -> None:
    """Add a note to a stereo loop; what goes beyond the end returns at the beginning.

    Args:
        track: The loop.
        at_s: When, in seconds.
        note: One channel.
        pan: -1.0 for left to 1.0 for right.
    """
    where = (round(at_s * RATE) + np.arange(len(note))) % len(track)
    angle = np.pi / 4 * (1 + pan)
    np.add.at(track, where, note[:, np.newaxis] * np.array([np.cos(angle), np.sin(angle)]))


def decaying(
    frequency_hz: float, seconds: float, partials: Sequence[tuple[float, float, float]]
) -> Samples:
    """Return a struck note: partials as (multiple, amplitude, seconds to a third)."""
    t = np.arange(round(seconds * RATE)) / RATE
    note: Samples = np.zeros(len(t))
    for multiple, amplitude, third_s in partials:
        wave = np.sin(2 * np.pi * frequency_hz * multiple * t)
        note += amplitude * wave * np.exp(-t / third_s)
    attack = np.minimum(t / 0.004, 1.0)
    release = np.minimum((t[-1] - t) / 0.03, 1.0)
    note *= np.sin(np.pi / 2 * attack) ** 2 * release
    return note


def swelling(frequency_hz: float, seconds: float) -> Samples:
    """Return a pad note that comes and goes slowly and overlaps the next."""
    t = np.arange(round((seconds + 0.9) * RATE)) / RATE
    note: Samples = np.zeros(len(t))
    for multiple, amplitude in ((1, 1.0), (2, 0.35), (3, 0.14), (4, 0.06)):
        note += amplitude * np.sin(2 * np.pi * frequency_hz * multiple * t + multiple)
    rise = np.clip(t / 0.7, 0.0, 1.0)
    fall = np.clip((t[-1] - t) / 0.9, 0.0, 1.0)
    note *= np.sin(np.pi / 2 * rise) ** 2 * np.sin(np.pi / 2 * fall) ** 2
    return note


def semitones(steps: float) -> float:
    """Return the pitch so many semitones above the pedal tone, the music's keynote."""
    return float(MUSIC_PEDAL_HZ * 2 ** (steps / 12))


def music() -> Samples:
    """Return twelve bars at 96 beats a minute, thirty seconds, that close to a loop."""
    random = np.random.default_rng(SEED)
    beat_s = 60 / 96
    bar_s = 4 * beat_s
    # Chord tones and bass note in semitones above the pedal tone; the lowest is 97 Hz.
    c_maj9 = ((24, 28, 31, 35, 38), 12)
    a_min7 = ((24, 28, 31, 33, 40), 9)
    f_maj7 = ((24, 29, 33, 36, 40), 17)
    g_sus = ((24, 26, 31, 35, 38), 7)
    e_min7 = ((23, 28, 31, 35, 38), 16)
    d_min9 = ((24, 26, 29, 33, 40), 14)
    bars = (
        *(c_maj9, a_min7, f_maj7, g_sus),
        *(c_maj9, e_min7, f_maj7, g_sus),
        *(d_min9, a_min7, f_maj7, g_sus),
    )
    frames = round(len(bars) * bar_s * RATE)
    pads, plucks, low, beat = (np.zeros((frames, 2)) for _ in range(4))
    kalimba = ((1.0, 1.0, 0.45), (2.0, 0.25, 0.25), (3.01, 0.12, 0.12), (5.4, 0.05, 0.04))
    bass_string = ((1.0, 1.0, 0.55), (2.0, 0.4, 0.3), (3.0, 0.1, 0.15))
    figures = ((0, 2, 4, 3, 1, 3, 4, 2), (4, 3, 2, 1, 3, 2, 4, 3), (0, 2, 3, 4, 2, 4, 3, 1))
    for number, (chord, root) in enumerate(bars):
        bar_at = number * bar_s
        for index, step in enumerate(chord):
            for side in (-0.7, 0.7):
                detune = 0.03 * side * (1 if index % 2 else -1)
                place(pads, bar_at - 0.35, swelling(semitones(step + detune), bar_s), side)
        for eighth, index in enumerate(figures[number // 4]):
            if number % 4 == 3 and eighth in (5, 7):
                continue
            late = 0.035 if eighth % 2 else 0.0
            touch = random.uniform(0.75, 1.0) * (1.0 if eighth % 4 == 0 else 0.8)
            note = touch * decaying(semitones(chord[index] + 12), 1.8, kalimba)
            place(plucks, bar_at + eighth * beat_s / 2 + late, note, 0.5 * (-1) ** eighth)
        for at_beats, step, touch in ((0.0, 0, 1.0), (1.55, 0, 0.6), (2.5, 12, 0.5), (3.0, 7, 0.7)):
            pitch = root + step if root + step < 24 else root + step - 12
            place(
                low,
                bar_at + at_beats * beat_s,
                touch * decaying(semitones(pitch), 1.2, bass_string),
            )
        for quarter in range(4):
            at_s = bar_at + quarter * beat_s
            if quarter % 2 == 0:
                place(beat, at_s, 0.9 * thump())
            else:
                place(beat, at_s, 0.16 * brush(random, 0.16, 0.045), 0.15)
            place(beat, at_s, 0.05 * brush(random, 0.08, 0.02), -0.4)
            place(beat, at_s + beat_s / 2 + 0.035, 0.07 * brush(random, 0.1, 0.03), 0.4)
    dry = 0.16 * pads + 0.42 * plucks + 0.62 * low + 0.5 * beat
    wet = room(random, 0.16 * pads + 0.42 * plucks + 0.1 * beat)
    body: Samples = dry + 0.3 * wet
    body = np.tanh(body / (4.0 * np.sqrt(np.mean(body**2))))
    body = band(body, MUSIC_LOW_HZ, 13_000.0)
    steady = pedal(frames, MUSIC_PEDAL_HZ, MUSIC_PEDAL_DB)[:, np.newaxis]
    # The pedal's level is given, so the music fills what it leaves up to the peak.
    scale = (gain(MUSIC_PEAK_DB) - gain(MUSIC_PEDAL_DB)) / np.abs(body).max()
    body = scale * body + steady
    return body


def thump() -> Samples:
    """Return a soft drum whose pitch falls, from 190 Hz to 105 Hz."""
    t = np.arange(round(0.3 * RATE)) / RATE
    turns = 105 * t + 85 * 0.03 * (1 - np.exp(-t / 0.03))
    drum: Samples = np.sin(2 * np.pi * turns) * np.exp(-t / 0.07) * np.minimum(t / 0.003, 1.0)
    return drum


def brush(random: np.random.Generator, seconds: float, third_s: float) -> Samples:
    """Return a short hiss."""
    t = np.arange(round(seconds * RATE)) / RATE
    hiss = random.standard_normal(len(t)) * np.exp(-t / third_s) * np.minimum(t / 0.003, 1.0)
    hiss *= np.minimum((t[-1] - t) / 0.01, 1.0)
    return band(hiss, 3_000.0, 9_000.0)


def room(random: np.random.Generator, x: Samples) -> Samples:
    """Return the echo of a small hall, in a circle like ``band``."""
    t = np.arange(round(1.6 * RATE)) / RATE
    echo = random.standard_normal((len(t), 2)) * np.exp(-t / 0.28)[:, np.newaxis]
    echo[: round(0.012 * RATE)] = 0.0
    echo = band(np.pad(echo, ((0, len(x) - len(t)), (0, 0))), 200.0, 5_000.0)
    echo /= np.sqrt(np.sum(echo**2, axis=0))
    spectrum = np.fft.rfft(x, axis=0) * np.fft.rfft(echo, axis=0)
    wet: Samples = np.fft.irfft(spectrum, len(x), axis=0)
    return wet


def speak(text: str, voice: str, words_a_minute: int, pitch: int) -> Samples:
    """Return espeak-ng's voice without the silence around it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        command = ["espeak-ng", "-v", voice, "-s", str(words_a_minute), "-p", str(pitch)]
        subprocess.run([*command, "-z", "-w", str(path), text], check=True)
        spoken, rate = soundfile.read(path, dtype="float64")
    x: Samples = soxr.resample(spoken, rate, RATE, quality="VHQ")
    loud = np.flatnonzero(np.abs(x) > 0.01 * np.abs(x).max())
    return x[max(0, loud[0] - 480) : loud[-1] + 1_440]


def say(
    sentences: Sequence[str],
    voice: str,
    words_a_minute: int,
    *,
    pitch: int = 50,
    pause_s: float = 0.4,
    low_hz: float = SPEECH_LOW_HZ,
    high_hz: float = 8_500.0,
    peak_db: float = SPEECH_PEAK_DB,
) -> Samples:
    """Return sentences with pauses, of even loudness, with a given highest peak."""
    pieces = [np.zeros(round(0.03 * RATE))]
    for sentence in sentences:
        pieces += [speak(sentence, voice, words_a_minute, pitch), np.zeros(round(pause_s * RATE))]
    pieces[-1] = np.zeros(round(0.12 * RATE))
    x = band(np.concatenate(pieces), low_hz, high_hz)
    width = round(0.03 * RATE)
    power = np.convolve(x**2, np.hanning(width) / np.hanning(width).sum(), mode="same")
    loudness = np.sqrt(power)
    usual = np.sqrt(np.mean(x[loudness > 0.1 * loudness.max()] ** 2))
    x *= np.maximum(loudness / usual, 0.2) ** -0.5 / usual
    x = np.tanh(x / 2.2)
    edge = round(0.01 * RATE)
    x[:edge] *= np.linspace(0.0, 1.0, edge)
    x[-edge:] *= np.linspace(1.0, 0.0, edge)
    x = band(x, low_hz, high_hz)
    x *= gain(peak_db) / np.abs(x).max()
    return x


def podcast() -> Samples:
    """Return the podcast's speech above its pedal tone."""
    x = say(PODCAST, "en-gb", 172, pitch=40, pause_s=0.5)
    period = round(RATE / PODCAST_PEDAL_HZ)
    x = np.pad(x, (0, -len(x) % period + 30 * period))
    x *= 1 - gain(PODCAST_PEDAL_DB) / gain(SPEECH_PEAK_DB)
    return x + pedal(len(x), PODCAST_PEDAL_HZ, PODCAST_PEDAL_DB)


def tones(seconds: float, notes: Sequence[tuple[float, float]], peak_db: float) -> Samples:
    """Return bell notes given as (seconds, hertz), closed to a loop."""
    bell = ((1.0, 1.0, 0.22), (2.0, 0.3, 0.12), (2.76, 0.15, 0.08), (5.4, 0.05, 0.03))
    x = np.zeros((round(seconds * RATE), 2))
    for at_s, frequency_hz in notes:
        place(x, at_s, decaying(frequency_hz, min(1.2, seconds), bell))
    x = band(x, 200.0, 12_000.0)[:, 0]
    x *= gain(peak_db) / np.abs(x).max()
    return x


def ringtone() -> Samples:
    """Return two tones that trill twice and rest, three seconds."""
    trill = [(0.125 * step, 987.8 if step % 2 else 784.0) for step in range(8)]
    again = [(1.25 + at_s, hz * 4 / 3) for at_s, hz in trill]
    return tones(3.0, [*trill, *again], -8.0)


def alarm() -> Samples:
    """Return four rising beeps and a rest, two seconds."""
    return tones(2.0, [(0.0, 880.0), (0.2, 1108.7), (0.4, 1318.5), (0.6, 1760.0)], -7.0)


def chime() -> Samples:
    """Return a notification's ping, 0.6 s."""
    x = tones(0.6, [(0.01, 1318.5), (0.09, 1975.5)], -10.0)
    x[-4_800:] *= np.cos(np.linspace(0.0, np.pi / 2, 4_800)) ** 2
    x[:240] *= np.linspace(0.0, 1.0, 240)
    return x


def write(path: Path, x: Samples, quality: float) -> None:
    """Write Ogg/Vorbis; a quality of 1.0 is the best."""
    channels = 1 if x.ndim == 1 else x.shape[1]
    with soundfile.SoundFile(
        path, "w", RATE, channels, "VORBIS", format="OGG", compression_level=1.0 - quality
    ) as sound:
        # libvorbis overflows its stack when it is given much at a time.
        for first in range(0, len(x), 4_096):
            sound.write(x[first : first + 4_096])
    path.write_bytes(with_serial(path.read_bytes(), 1))


def with_serial(data: bytes, serial: int) -> bytes:
    """Give an Ogg stream a fixed serial number, where libsndfile puts a random one."""
    table = []
    for index in range(256):
        value = index << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C1_1DB7 if value & 0x8000_0000 else 0)
        table.append(value & 0xFFFF_FFFF)
    pages = []
    at = 0
    while at < len(data):
        lengths = data[at + 27 : at + 27 + data[at + 26]]
        end = at + 27 + len(lengths) + sum(lengths)
        page = bytearray(data[at:end])
        page[14:18] = struct.pack("<I", serial)
        page[22:26] = bytes(4)
        checksum = 0
        for byte in page:
            checksum = ((checksum << 8) & 0xFFFF_FFFF) ^ table[(checksum >> 24) ^ byte]
        page[22:26] = struct.pack("<I", checksum)
        pages.append(bytes(page))
        at = end
    return b"".join(pages)


def report(path: Path, x: Samples, pedal_hz: float | None) -> None:
    """Print what was measured in the coded file."""
    coded, _ = soundfile.read(path)
    assert len(coded) == len(x), f"{path.name}: {len(coded)} frames of {len(x)}"
    seconds = len(x) / RATE
    mono = coded.mean(axis=1) if coded.ndim > 1 else coded
    blocks = np.sqrt(np.mean(mono[: len(mono) // 960 * 960].reshape(-1, 960) ** 2, axis=1))
    active = float(np.sqrt(np.mean(blocks[blocks > 0.1 * blocks.max()] ** 2)))
    low = [level_at(coded, RATE, hz, 0.0, seconds) for hz in (65.0, 75.0)]
    print(
        f"{path.name:18}{path.stat().st_size / 1000:6.0f} kB{seconds:7.2f} s"
        f"  peak {decibels(float(np.abs(coded).max())):6.1f}"
        f"  rms {rms_db(coded, RATE):6.1f}  active rms {decibels(active):6.1f}"
        f"  65 Hz {low[0]:6.1f}  75 Hz {low[1]:6.1f} dBFS"
    )
    around = np.concatenate([mono[-2_400:], mono[:2_400]])
    bend = np.abs(np.diff(mono, 2))
    error = np.concatenate([(coded - x)[-480:], (coded - x)[:480]])
    print(
        f"{'':18}joint: bend {np.abs(np.diff(around, 2))[2_396:2_402].max():.5f}, elsewhere up to "
        f"{bend.max():.5f} (99 %: {np.quantile(bend, 0.99):.5f});"
        f" coding error {decibels(float(np.sqrt(np.mean(error**2)))):.1f},"
        f" overall {decibels(float(np.sqrt(np.mean((coded - x) ** 2)))):.1f} dBFS"
    )
    if pedal_hz is not None:
        looped = np.concatenate([mono, mono[:RATE]])
        for span_s in (1.0, 0.25):
            levels = [
                level_at(looped, RATE, pedal_hz, at_s, at_s + span_s)
                for at_s in np.arange(0.0, seconds, 0.25)
            ]
            print(f"{'':18}pedal over {span_s} s: {min(levels):.3f} to {max(levels):.3f} dBFS")


def main() -> None:
    """Make all files and print their measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=DEMO_FOLDER, help="folder to write to")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    guide = ("en-us+f3", 165)
    files = {
        "music": (music(), 0.6, MUSIC_PEDAL_HZ),
        "podcast": (podcast(), 0.8, PODCAST_PEDAL_HZ),
        "nav_left": (say(("In two hundred metres, turn left.",), *guide), 0.4, None),
        "nav_arrive": (say(("You have reached your destination.",), *guide), 0.4, None),
        "screen_reader": (
            say(
                ("Messages. Two unread. Anna: see you at eight. Double tap to open.",), "en-us", 340
            ),
            0.4,
            None,
        ),
        "ringtone": (ringtone(), 0.4, None),
        "call_voice": (
            say(CALL, "en-gb+f2", 165, pitch=45, low_hz=320.0, high_hz=3_000.0),
            0.3,
            None,
        ),
        "alarm": (alarm(), 0.4, None),
        "chime": (chime(), 0.4, None),
    }
    for name, (x, quality, pedal_hz) in files.items():
        path = out / f"{name}.ogg"
        write(path, x, quality)
        report(path, x, pedal_hz)
    total = sum(path.stat().st_size for path in out.glob("*.ogg"))
    print(f"{'total':18}{total / 1000:6.0f} kB")


if __name__ == "__main__":
    main()
