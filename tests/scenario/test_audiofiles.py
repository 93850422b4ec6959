"""Audio files: what is decoded, how it is folded and resampled, and what is refused."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from audiosession.errors import AudioFileError, AudioFileReason, ExtraMissingError
from audiosession.scenario import audiofiles
from audiosession.scenario.measure import level_at, rms_db

KINDS = {
    "wav": ("WAV", "PCM_16"),
    "rf64": ("RF64", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
}


def sine(frequency_hz: float, rate: int, seconds: float, channels: int = 2) -> NDArray[np.float64]:
    wave = 0.5 * np.sin(2 * np.pi * frequency_hz / rate * np.arange(round(rate * seconds)))
    return np.repeat(wave[:, np.newaxis], channels, axis=1)


def noise(frames: int) -> NDArray[np.float64]:
    return np.random.default_rng(7).uniform(-0.5, 0.5, (frames, 2))


def write(path: Path, samples: NDArray[np.float64], rate: int = 48_000) -> Path:
    container, codec = KINDS[path.suffix[1:]]
    channels = samples.shape[1]
    with soundfile.SoundFile(path, "w", rate, channels, codec, format=container) as sound:
        for first in range(0, len(samples), 4096):
            sound.write(samples[first : first + 4096])
    return path


def cut(path: Path, keep: float) -> Path:
    whole = path.read_bytes()
    short = path.with_name("cut" + path.suffix)
    short.write_bytes(whole[: round(len(whole) * keep)])
    return short


def refusal(path: Path, *, expect_rate: int | None = None) -> AudioFileError:
    """The error of ``load`` and of ``check``, which must agree."""
    with pytest.raises(AudioFileError) as loading:
        audiofiles.load(path, expect_rate=expect_rate)
    with pytest.raises(AudioFileError) as checking:
        audiofiles.check(path, expect_rate=expect_rate)
    assert checking.value.reason is loading.value.reason
    return loading.value


@pytest.mark.parametrize("suffix", KINDS)
def test_each_kind_is_probed_checked_and_decoded(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"tone.{suffix}", sine(440.0, 48_000, 1.5))
    info = audiofiles.probe(path)
    assert (info.rate, info.frames, info.channels) == (48_000, 72_000, 2)
    assert info.duration_s == 1.5
    assert info.encoding == "/".join(KINDS[suffix])
    assert audiofiles.check(path) == info
    samples = audiofiles.load(path)
    assert samples.shape == (72_000, 2)
    assert samples.dtype == np.float32
    assert level_at(samples, 48_000, 440.0, 0.2, 1.2) == pytest.approx(-6.02, abs=0.1)


def test_lossless_samples_come_back_exactly(tmp_path: Path) -> None:
    values = np.round(noise(70_000) * 32768) / 32768
    for suffix in ("wav", "flac"):
        loaded = audiofiles.load(write(tmp_path / f"a.{suffix}", values))
        np.testing.assert_array_equal(loaded, values.astype(np.float32))


def test_mono_goes_to_both_sides_at_its_own_level(tmp_path: Path) -> None:
    loaded = audiofiles.load(write(tmp_path / "mono.wav", sine(300.0, 48_000, 1.0, channels=1)))
    assert loaded.shape == (48_000, 2)
    np.testing.assert_array_equal(loaded[:, 0], loaded[:, 1])
    assert level_at(loaded, 48_000, 300.0, 0.0, 1.0) == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize(
    ("suffix", "centre", "low", "rear_left"),
    [("wav", 2, 3, 4), ("flac", 2, 3, 4), ("ogg", 1, 5, 3)],
)
def test_six_channels_fold_down_by_the_containers_speaker_order(
    tmp_path: Path, suffix: str, centre: int, low: int, rear_left: int
) -> None:
    def sides(channel: int) -> tuple[float, float]:
        samples = np.zeros((48_000, 6))
        samples[:, channel] = sine(400.0, 48_000, 1.0, channels=1)[:, 0]
        loaded = audiofiles.load(write(tmp_path / f"{channel}.{suffix}", samples))
        return rms_db(loaded[:, 0], 48_000, 0.2, 0.8), rms_db(loaded[:, 1], 48_000, 0.2, 0.8)

    front = sides(0)
    assert front[1] < -60.0
    # Front, centre and rear add up to full scale: 1 / (1 + 0.707 + 0.707).
    assert front[0] == pytest.approx(-6.02 - 3.01 - 7.66, abs=0.2)
    assert sides(centre) == pytest.approx((front[0] - 3.01,) * 2, abs=0.3)
    assert max(sides(low)) < -60.0
    rear = sides(rear_left)
    assert rear[0] == pytest.approx(front[0] - 3.01, abs=0.3)
    assert rear[1] < -60.0


def test_more_than_eight_channels_are_not_supported(tmp_path: Path) -> None:
    path = write(tmp_path / "nine.wav", np.zeros((4_800, 9)))
    assert refusal(path).reason is AudioFileReason.UNSUPPORTED


@pytest.mark.parametrize(
    ("file_rate", "mix_rate"), [(44_100, 48_000), (8_000, 48_000), (96_000, 44_100)]
)
def test_resampling_keeps_pitch_level_and_length(
    tmp_path: Path, file_rate: int, mix_rate: int
) -> None:
    path = write(tmp_path / "tone.wav", sine(1_000.0, file_rate, 2.0), file_rate)
    loaded = audiofiles.load(path, rate=mix_rate)
    assert len(loaded) == 2 * mix_rate == audiofiles.probe(path).frames_at(mix_rate)
    assert level_at(loaded, mix_rate, 1_000.0, 0.2, 1.8) == pytest.approx(-6.02, abs=0.02)
    shifted = 1_000.0 * file_rate / mix_rate
    assert level_at(loaded, mix_rate, shifted, 0.2, 1.8) < -60.0


@pytest.mark.parametrize("suffix", KINDS)
@pytest.mark.parametrize("keep", [0.1, 0.6, 0.999])
def test_a_file_cut_short_is_an_error(tmp_path: Path, suffix: str, keep: float) -> None:
    path = cut(write(tmp_path / f"noise.{suffix}", noise(96_000)), keep)
    assert refusal(path).reason is AudioFileReason.TRUNCATED


@pytest.mark.parametrize("suffix", ["wav", "rf64", "ogg", "opus"])
def test_a_cut_that_the_container_shows_is_found_without_decoding(
    tmp_path: Path, suffix: str
) -> None:
    path = cut(write(tmp_path / f"noise.{suffix}", noise(96_000)), 0.7)
    with pytest.raises(AudioFileError) as probing:
        audiofiles.probe(path)
    assert probing.value.reason is AudioFileReason.TRUNCATED


@pytest.mark.parametrize("suffix", KINDS)
def test_a_file_that_ends_inside_its_header_is_cut_short(tmp_path: Path, suffix: str) -> None:
    whole = write(tmp_path / f"noise.{suffix}", noise(4_800)).read_bytes()
    for length in (5, 11, 20, 30):
        path = tmp_path / f"header.{suffix}"
        path.write_bytes(whole[:length])
        assert refusal(path).reason is AudioFileReason.TRUNCATED


def test_an_ogg_file_cut_between_two_pages_is_cut_short(tmp_path: Path) -> None:
    whole = write(tmp_path / "noise.ogg", noise(192_000)).read_bytes()
    path = tmp_path / "page.ogg"
    path.write_bytes(whole[: whole.rindex(b"OggS")])
    error = refusal(path)
    assert error.reason is AudioFileReason.TRUNCATED
    assert "end-of-stream" in str(error)


def test_bytes_after_the_last_ogg_page_do_no_harm(tmp_path: Path) -> None:
    path = write(tmp_path / "tagged.ogg", noise(48_000))
    path.write_bytes(path.read_bytes() + b"TAG" + bytes(125))
    assert audiofiles.check(path).frames == 48_000


def test_a_wav_file_written_to_a_pipe_has_no_length_to_fall_short_of(tmp_path: Path) -> None:
    path = write(tmp_path / "piped.wav", noise(48_000))
    whole = bytearray(path.read_bytes())
    size_at = whole.index(b"data") + 4
    whole[size_at : size_at + 4] = whole[4:8] = b"\xff\xff\xff\xff"
    path.write_bytes(whole)
    assert audiofiles.check(path).frames == 48_000


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.ogg"
    error = refusal(path)
    assert error.reason is AudioFileReason.MISSING
    assert error.path == path
    assert "nowhere.ogg" in str(error)


def test_a_folder_is_unreadable(tmp_path: Path) -> None:
    assert refusal(tmp_path).reason is AudioFileReason.UNREADABLE


def test_a_file_without_bytes_or_without_sound_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    path.touch()
    assert refusal(path).reason is AudioFileReason.EMPTY
    assert refusal(write(path, np.zeros((0, 2)))).reason is AudioFileReason.EMPTY


@pytest.mark.parametrize("start", [b"ID3\x04", b"\xff\xfb\x90\x00", b"FORM", b"just text"])
def test_other_kinds_of_file_are_not_supported(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "song.wav"
    path.write_bytes(start + bytes(2_000))
    assert refusal(path).reason is AudioFileReason.UNSUPPORTED


def test_a_wav_file_of_an_unknown_codec_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "codec.wav", noise(4_800))
    whole = bytearray(path.read_bytes())
    codec_at = whole.index(b"fmt ") + 8
    whole[codec_at : codec_at + 2] = struct.pack("<H", 0x0160)
    path.write_bytes(whole)
    reasons = {AudioFileReason.UNSUPPORTED, AudioFileReason.UNREADABLE}
    assert refusal(path).reason in reasons


def test_samples_that_are_not_numbers_are_refused(tmp_path: Path) -> None:
    samples = np.zeros((4_800, 2), dtype=np.float32)
    samples[100, 0] = np.nan
    path = tmp_path / "nan.wav"
    soundfile.write(path, samples, 48_000, subtype="FLOAT")
    assert refusal(path).reason is AudioFileReason.UNREADABLE


@pytest.mark.parametrize("rate", [4_000, 7_999, 192_001, 384_000])
def test_rates_out_of_range_are_refused(tmp_path: Path, rate: int) -> None:
    path = write(tmp_path / "rate.wav", sine(100.0, rate, 0.1), rate)
    assert refusal(path).reason is AudioFileReason.WRONG_RATE


@pytest.mark.parametrize("rate", [8_000, 192_000])
def test_the_outermost_rates_are_taken(tmp_path: Path, rate: int) -> None:
    path = write(tmp_path / "rate.wav", sine(100.0, rate, 0.5), rate)
    assert len(audiofiles.load(path)) == 24_000


def test_a_declared_rate_must_be_the_files_own(tmp_path: Path) -> None:
    path = write(tmp_path / "rate.wav", sine(100.0, 44_100, 0.1), 44_100)
    error = refusal(path, expect_rate=48_000)
    assert error.reason is AudioFileReason.WRONG_RATE
    assert "44100" in str(error)
    assert "48000" in str(error)
    assert audiofiles.check(path, expect_rate=44_100).rate == 44_100


def test_without_the_audio_extra_the_error_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.wav", noise(480))
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(ExtraMissingError, match="audio"):
        audiofiles.probe(path)
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "soxr", None)
    with pytest.raises(ExtraMissingError, match="audio"):
        audiofiles.load(path)


DEMO_SECONDS = {
    "music.ogg": (28, 32),
    "podcast.ogg": (35, 48),
    "nav_left.ogg": (1.5, 3.5),
    "nav_arrive.ogg": (1.5, 3.5),
    "screen_reader.ogg": (1, 3),
    "ringtone.ogg": (2.5, 3.5),
    "call_voice.ogg": (6, 10),
    "chime.ogg": (0.5, 0.7),
    "alarm.ogg": (1, 3),
}


@pytest.mark.parametrize(("name", "seconds"), DEMO_SECONDS.items())
def test_the_demos_files_are_whole_and_leave_room_in_a_mix(
    name: str, seconds: tuple[float, float]
) -> None:
    path = audiofiles.DEMO_FOLDER / name
    info = audiofiles.check(path, expect_rate=48_000)
    assert seconds[0] <= info.duration_s <= seconds[1]
    peak = float(np.abs(audiofiles.load(path)).max())
    assert 0.1 < peak < 0.56


@pytest.mark.parametrize(
    ("name", "tone_hz", "level_dbfs"), [("music.ogg", 65.0, -26.0), ("podcast.ogg", 75.0, -34.0)]
)
def test_the_demos_pedal_tones_hold_their_level(
    name: str, tone_hz: float, level_dbfs: float
) -> None:
    samples = audiofiles.load(audiofiles.DEMO_FOLDER / name)
    looped = np.concatenate([samples, samples[:48_000]])
    levels = [
        level_at(looped, 48_000, tone_hz, quarter / 4, quarter / 4 + 1.0)
        for quarter in range(len(samples) // 12_000)
    ]
    assert min(levels) > level_dbfs - 0.2
    assert max(levels) < level_dbfs + 0.2


def test_the_demos_files_leave_the_pedal_tones_to_those_who_own_them() -> None:
    for path in sorted(audiofiles.DEMO_FOLDER.glob("*.ogg")):
        samples = audiofiles.load(path)
        end_s = len(samples) / 48_000
        for tone_hz, owner in ((65.0, "music.ogg"), (75.0, "podcast.ogg")):
            if path.name != owner:
                assert level_at(samples, 48_000, tone_hz, 0.0, end_s) < -60.0, path.name
