"""The mixer: levels against closed forms, clips to the sample, files whole or not there."""

from __future__ import annotations

import os
import resource
import tracemalloc
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from audiosession.errors import AudioFileError
from audiosession.scenario.measure import level_at, rms_db
from audiosession.scenario.mixer import EDGE_S, render, render_to_wav
from audiosession.scenario.recording import SILENCE_DB, Clip, GainChange, Recording, Track

RATE = 48_000
EDGE = round(EDGE_S * RATE)


@pytest.fixture
def steady(tmp_path: Path) -> Path:
    """A second of 0.5 on the left and -0.25 on the right: a mix of it shows the gain."""
    path = tmp_path / "steady.wav"
    soundfile.write(path, np.tile([0.5, -0.25], (RATE, 1)), RATE, subtype="FLOAT")
    return path


@pytest.fixture
def counting(tmp_path: Path) -> Path:
    """A tenth of a second in which every frame has its own value, on both sides."""
    path = tmp_path / "counting.wav"
    values = np.arange(1, 4_801) / 10_000
    soundfile.write(path, np.column_stack([values, -values]), RATE, subtype="FLOAT")
    return path


def counted(first: int, end: int) -> NDArray[np.float32]:
    values = (np.arange(first, end) % 4_800 + 1) / 10_000
    return np.column_stack([values, -values]).astype(np.float32)


def change(
    at_s: float, to_db: float, *, from_db: float = 0.0, ramp_s: float = 0.0, layer: str = "hold"
) -> GainChange:
    return GainChange(at_s=at_s, layer=layer, from_db=from_db, to_db=to_db, ramp_s=ramp_s)


def recording(duration_s: float, *tracks: tuple[list[Clip], list[GainChange]]) -> Recording:
    return Recording(
        title="test",
        duration_s=duration_s,
        tracks=[
            Track(app=f"app{number}", name="App", role="music", clips=clips, gains=gains)
            for number, (clips, gains) in enumerate(tracks)
        ],
    )


def gain_of(steady: Path, duration_s: float, *gains: GainChange) -> NDArray[np.float64]:
    """The gain at each frame of a track that plays ``steady`` throughout."""
    clip = Clip(start_s=-1.0, end_s=duration_s + 1.0, audio=steady, loop=True)
    mix = render(recording(duration_s, ([clip], list(gains))))
    np.testing.assert_allclose(mix[:, 1], mix[:, 0] / -2, rtol=1e-6)
    gain: NDArray[np.float64] = mix[:, 0].astype(np.float64) / 0.5
    return gain


def decibels(gain: float) -> float:
    return 20 * float(np.log10(gain))


def test_before_its_first_change_a_layer_is_at_the_users_level(steady: Path) -> None:
    gain = gain_of(steady, 2.0, change(1.0, -6.0, from_db=-3.0))
    assert np.all(gain[:RATE] == 1.0)
    np.testing.assert_allclose(gain[RATE : 2 * RATE - EDGE], 10 ** (-6 / 20), rtol=1e-6)


@pytest.mark.parametrize(("at_s", "ramp_s"), [(0.5, 0.25), (0.9, 1.7), (1.0, 1.0), (0.123457, 0.3)])
def test_a_ramp_is_linear_in_decibels(steady: Path, at_s: float, ramp_s: float) -> None:
    gain = gain_of(steady, 3.0, change(at_s, -14.0, ramp_s=ramp_s))[: 3 * RATE - EDGE]
    times = np.arange(len(gain)) / RATE
    expected = 10 ** (-14.0 * np.clip((times - at_s) / ramp_s, 0.0, 1.0) / 20)
    np.testing.assert_allclose(gain, expected, rtol=2e-6)


def test_halfway_through_a_ramp_of_fourteen_decibels_seven_are_gone(steady: Path) -> None:
    gain = gain_of(steady, 2.0, change(0.5, -14.0, ramp_s=1.0))
    assert decibels(gain[RATE]) == pytest.approx(-7.0, abs=1e-4)


def test_a_jump_happens_between_two_frames(steady: Path) -> None:
    gain = gain_of(steady, 1.0, change(0.1, -20.0))
    assert gain[4_799] == 1.0
    assert gain[4_800] == pytest.approx(0.1, rel=1e-6)


def test_a_change_interrupts_an_unfinished_one_of_its_layer(steady: Path) -> None:
    gain = gain_of(
        steady,
        3.0,
        change(0.5, -14.0, ramp_s=1.0),
        change(1.0, 0.0, from_db=-7.0, ramp_s=0.5),
    )
    assert decibels(gain[RATE - 1]) == pytest.approx(-7.0, abs=1e-2)
    assert decibels(gain[RATE + RATE // 4]) == pytest.approx(-3.5, abs=1e-4)
    # Where the first ramp would have ended, the second has long brought the level back.
    assert np.all(gain[round(1.5 * RATE) : 3 * RATE - EDGE] == 1.0)
    assert np.abs(np.diff(gain[: 3 * RATE - EDGE])).max() < 1e-4


def test_changes_count_in_the_order_of_their_times(steady: Path) -> None:
    gains = [change(0.4, -6.0), change(0.2, -40.0), change(0.6, -12.0), change(0.6, -18.0)]
    gain = gain_of(steady, 1.0, *gains)
    shown = [decibels(gain[round(at_s * RATE)]) for at_s in (0.3, 0.5, 0.7)]
    assert shown == pytest.approx([-40.0, -6.0, -18.0], abs=1e-4)


def test_layers_multiply(steady: Path) -> None:
    gain = gain_of(
        steady,
        2.0,
        change(0.0, -14.0, ramp_s=2.0),
        change(0.5, -6.0, layer="volume"),
        change(1.0, 4.0, from_db=0.0, ramp_s=0.5, layer="player"),
    )
    shown = [decibels(gain[round(at_s * RATE)]) for at_s in (0.25, 0.75, 1.25, 1.75)]
    assert shown == pytest.approx([-1.75, -5.25 - 6.0, -8.75 - 6.0 + 2.0, -12.25 - 2.0], abs=1e-4)


def test_silence_is_exactly_zero(steady: Path) -> None:
    gain = gain_of(
        steady,
        3.0,
        change(0.5, SILENCE_DB, ramp_s=0.5),
        change(0.75, 4.0, layer="volume"),
        change(2.0, 0.0, from_db=SILENCE_DB, ramp_s=0.5),
    )
    assert np.all(gain[:RATE] > 0.0)
    assert np.all(gain[RATE : 2 * RATE] == 0.0)
    assert gain[round(2.4 * RATE)] > 0.0


@pytest.mark.parametrize("level_db", [SILENCE_DB, SILENCE_DB - 1.0, float("-inf")])
def test_levels_at_and_below_silence_are_silent(steady: Path, level_db: float) -> None:
    assert not gain_of(steady, 1.0, change(0.0, level_db)).any()


def test_two_low_layers_together_reach_silence(steady: Path) -> None:
    gain = gain_of(steady, 1.0, change(0.0, -70.0), change(0.5, -50.0, layer="volume"))
    assert np.all(gain[: RATE // 2] > 0.0)
    assert not gain[RATE // 2 :].any()


def test_a_ramp_over_a_low_layer_falls_silent_on_its_way(steady: Path) -> None:
    ramp = change(0.0, -100.0, ramp_s=2.0, layer="volume")
    gain = gain_of(steady, 2.0, change(0.0, -70.0), ramp)
    assert np.all(gain[:RATE] > 0.0)
    assert not gain[RATE:].any()


def test_a_clip_plays_its_file_from_its_offset_to_the_sample(counting: Path) -> None:
    clip = Clip(start_s=0.5, end_s=0.55, audio=counting, offset_s=0.025)
    mix = render(recording(1.0, ([clip], [])))
    first, end = 24_000, 26_400
    np.testing.assert_array_equal(
        mix[first + EDGE : end - EDGE], counted(1_200 + EDGE, 3_600 - EDGE)
    )
    assert not mix[:first].any()
    assert not mix[end:].any()


def test_a_clip_runs_across_blocks_without_a_seam(counting: Path) -> None:
    clip = Clip(start_s=0.95, end_s=1.05, audio=counting)
    mix = render(recording(2.0, ([clip], [])))
    first = round(0.95 * RATE)
    np.testing.assert_array_equal(
        mix[first + EDGE : first + 4_800 - EDGE], counted(EDGE, 4_800 - EDGE)
    )


def test_a_loop_goes_on_from_its_start_to_the_sample(counting: Path) -> None:
    clip = Clip(start_s=0.25, end_s=2.75, audio=counting, offset_s=0.33, loop=True)
    mix = render(recording(3.0, ([clip], [])))
    first, end = 12_000, 132_000
    offset = round(0.33 * RATE)
    np.testing.assert_array_equal(
        mix[first + EDGE : end - EDGE], counted(offset + EDGE, offset + end - first - EDGE)
    )


def test_without_a_loop_sound_ends_with_its_file(counting: Path) -> None:
    clip = Clip(start_s=0.1, end_s=0.9, audio=counting, offset_s=0.05)
    mix = render(recording(1.0, ([clip], [])))
    assert mix[4_800 + 2_390].any()
    assert not mix[4_800 + 2_400 :].any()


def test_an_offset_beyond_the_file_is_silence(counting: Path) -> None:
    clip = Clip(start_s=0.0, end_s=1.0, audio=counting, offset_s=0.2)
    assert not render(recording(1.0, ([clip], []))).any()


def test_a_negative_offset_is_refused(counting: Path) -> None:
    clip = Clip(start_s=0.0, end_s=1.0, audio=counting, offset_s=-0.1)
    with pytest.raises(ValueError, match="before its file"):
        render(recording(1.0, ([clip], [])))


def test_a_clip_fades_in_and_out_inside_its_edges(steady: Path) -> None:
    clip = Clip(start_s=0.2, end_s=0.6, audio=steady)
    mix = render(recording(1.0, ([clip], [])))[:, 0] / 0.5
    first, end = round(0.2 * RATE), round(0.6 * RATE)
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(EDGE) + 0.5) / EDGE)
    np.testing.assert_allclose(mix[first : first + EDGE], rise, atol=1e-6)
    np.testing.assert_allclose(mix[end - EDGE : end], rise[::-1], atol=1e-6)
    assert np.all(mix[first + EDGE : end - EDGE] == 1.0)
    assert mix[first - 1] == mix[end] == 0.0


@pytest.mark.parametrize("loop", [False, True])
def test_a_clip_fades_out_where_the_recording_or_its_file_ends(steady: Path, loop: bool) -> None:
    clip = Clip(start_s=0.0, end_s=9.0, audio=steady, loop=loop)
    fall = 0.5 + 0.5 * np.cos(np.pi * (np.arange(EDGE) + 0.5) / EDGE)
    for duration_s, end_s in ((0.7, 0.7), (2.0, 2.0 if loop else 1.0)):
        mix = render(recording(duration_s, ([clip], [])))[:, 0] / 0.5
        end = round(end_s * RATE)
        np.testing.assert_allclose(mix[end - EDGE : end], fall, atol=1e-6)
        assert np.all(mix[EDGE : end - EDGE] == 1.0)


def test_the_edges_of_a_very_short_clip_share_its_length(steady: Path) -> None:
    clip = Clip(start_s=0.1, end_s=0.105, audio=steady)
    mix = render(recording(0.5, ([clip], [])))[:, 0] / 0.5
    heard = mix[4_800:5_040]
    np.testing.assert_allclose(heard, heard[::-1], atol=1e-6)
    assert heard.max() > 0.99
    assert heard[0] < 0.01


def test_tracks_add_up_and_apps_without_sound_add_nothing(steady: Path, counting: Path) -> None:
    loud = Clip(start_s=0.0, end_s=1.0, audio=steady)
    other = Clip(start_s=0.0, end_s=1.0, audio=counting, loop=True)
    busy = Clip(start_s=0.0, end_s=1.0, audio=None)
    both = render(recording(1.0, ([loud], []), ([other], []), ([busy], [])))
    apart = render(recording(1.0, ([loud], []))) + render(recording(1.0, ([other], [])))
    np.testing.assert_allclose(both, apart, atol=1e-6)


def test_a_file_of_another_rate_keeps_its_pitch_in_the_mix(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 700 / 22_050 * np.arange(22_050)), 22_050)
    mix = render(recording(1.0, ([Clip(start_s=0.0, end_s=1.0, audio=path)], [])), rate=44_100)
    assert len(mix) == 44_100
    assert level_at(mix, 44_100, 700.0, 0.2, 0.8) == pytest.approx(-6.02, abs=0.05)


def pcm(path: Path) -> tuple[wave._wave_params, NDArray[np.int16]]:
    with wave.open(str(path), "rb") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
        return file.getparams(), samples


def test_the_wav_file_holds_what_render_returns(tmp_path: Path, counting: Path) -> None:
    clip = Clip(start_s=0.1, end_s=2.3, audio=counting, loop=True)
    run = recording(2.5, ([clip], [change(1.0, -14.0, ramp_s=0.3)]))
    done: list[float] = []
    report = render_to_wav(run, tmp_path / "mix.wav", progress=done.append)
    params, samples = pcm(tmp_path / "mix.wav")
    assert (params.nchannels, params.sampwidth, params.framerate) == (2, 2, RATE)
    mix = render(run)
    np.testing.assert_array_equal(samples, np.rint(mix * 32_767))
    assert (report.frames, report.rate, report.seconds) == (120_000, RATE, 2.5)
    assert report.peak_dbfs == pytest.approx(decibels(float(np.abs(mix).max())))
    assert report.clipped_samples == 0
    assert done == pytest.approx([0.4, 0.8, 1.0])


def test_sound_beyond_full_scale_is_cut_and_counted(tmp_path: Path, steady: Path) -> None:
    clip = Clip(start_s=0.0, end_s=1.0, audio=steady)
    gains = [change(0.25, 12.0), change(0.75, 0.0, from_db=12.0)]
    report = render_to_wav(recording(1.0, ([clip], gains)), tmp_path / "mix.wav")
    # 12 dB make 1.99 of the left side's 0.5 and leave the right side's 0.25 below 1.0.
    assert report.clipped_samples == RATE // 2
    assert report.peak_dbfs == pytest.approx(12.0 - 6.02, abs=0.01)
    _, samples = pcm(tmp_path / "mix.wav")
    assert np.all(samples[RATE // 4 : 3 * RATE // 4, 0] == 32_767)
    assert render(recording(1.0, ([clip], gains))).max() == 1.0


def test_a_recording_without_sound_is_silent(tmp_path: Path) -> None:
    report = render_to_wav(recording(1.5), tmp_path / "mix.wav")
    assert report.peak_dbfs == SILENCE_DB
    assert not pcm(tmp_path / "mix.wav")[1].any()
    assert render_to_wav(recording(0.0), tmp_path / "none.wav").frames == 0
    assert len(pcm(tmp_path / "none.wav")[1]) == 0


def test_stems_add_up_to_the_mix(tmp_path: Path, steady: Path, counting: Path) -> None:
    run = recording(
        2.2,
        ([Clip(start_s=0.0, end_s=1.5, audio=steady, loop=True)], [change(0.5, -14.0, ramp_s=0.2)]),
        ([Clip(start_s=1.2, end_s=1.8, audio=counting, loop=True)], []),
    )
    run.tracks[0].app = "org.example/Music Player"
    report = render_to_wav(run, tmp_path / "mix.wav", stems=tmp_path / "stems")
    names = [stem.name for stem in report.stems]
    assert names == ["01-org.example_Music_Player.wav", "02-app1.wav"]
    assert sorted(path.name for path in (tmp_path / "stems").iterdir()) == names
    parts = [pcm(stem)[1].astype(int) for stem in report.stems]
    assert all(part.any() for part in parts)
    mix = pcm(tmp_path / "mix.wav")[1].astype(int)
    assert np.abs(sum(parts) - mix).max() <= 1


def test_a_long_recording_takes_no_more_memory_than_a_short_one(
    tmp_path: Path, counting: Path
) -> None:
    clip = Clip(start_s=0.0, end_s=600.0, audio=counting, loop=True)
    run = recording(600.0, ([clip], [change(5.0, -14.0, ramp_s=500.0)]))
    tracemalloc.start()
    try:
        report = render_to_wav(run, tmp_path / "long.wav")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert report.frames == 600 * RATE
    assert (tmp_path / "long.wav").stat().st_size == 44 + 600 * RATE * 4
    assert peak < 20e6


def test_files_that_are_done_with_are_let_go(tmp_path: Path) -> None:
    clips = []
    for number in range(8):
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, np.full((10 * RATE, 2), 0.1), RATE)
        clips.append(Clip(start_s=10.0 * number, end_s=10.0 * (number + 1), audio=path))
    run = recording(80.0, (clips, []))
    decoded_bytes = 10 * RATE * 2 * 4
    tracemalloc.start()
    try:
        render_to_wav(run, tmp_path / "mix.wav")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * decoded_bytes


def test_nothing_is_left_where_a_file_is_missing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    clip = Clip(start_s=0.0, end_s=1.0, audio=tmp_path / "gone.wav")
    with pytest.raises(AudioFileError):
        render_to_wav(recording(1.0, ([clip], [])), out / "mix.wav")
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
def test_an_interrupted_rendering_leaves_the_old_file(
    tmp_path: Path, steady: Path, failure: type[BaseException]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    target = out / "mix.wav"
    target.write_bytes(b"old")

    def stop(done: float) -> None:
        assert len(list(out.iterdir())) == 3
        raise failure

    run = recording(3.0, ([Clip(start_s=0.0, end_s=3.0, audio=steady, loop=True)], []))
    with pytest.raises(failure):
        render_to_wav(run, target, stems=out, progress=stop)
    assert list(out.iterdir()) == [target]
    assert target.read_bytes() == b"old"


def test_a_rendering_replaces_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "mix.wav"
    target.write_bytes(b"old")
    render_to_wav(recording(0.5), target)
    assert pcm(target)[0].nframes == 24_000
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_is_not_there_is_named_in_the_error(tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "mix.wav"
    with pytest.raises(FileNotFoundError) as error:
        render_to_wav(recording(1.0), target)
    assert error.value.filename == str(target)


def test_only_a_regular_file_is_replaced(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="not a regular file"):
        render_to_wav(recording(1.0), tmp_path)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="not a regular file"):
        render_to_wav(recording(1.0), pipe)
    assert pipe.is_fifo()


def test_a_link_goes_on_pointing_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "mix.wav"
    link.symlink_to(tmp_path / "real" / "mix.wav")
    render_to_wav(recording(0.5), link)
    assert link.is_symlink()
    assert pcm(tmp_path / "real" / "mix.wav")[0].nframes == 24_000


def test_a_full_disk_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    target = tmp_path / "mix.wav"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OSError, match=r"mix\.wav") as error:
            render_to_wav(recording(5.0), target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert error.value.filename == str(target)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rate", [0, 7_999, 192_001])
def test_rates_out_of_range_are_refused(tmp_path: Path, rate: int) -> None:
    with pytest.raises(ValueError, match="Hz"):
        render(recording(1.0), rate=rate)
    with pytest.raises(ValueError, match="Hz"):
        render_to_wav(recording(1.0), tmp_path / "mix.wav", rate=rate)


def test_a_mix_too_long_for_a_wav_file_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="do not fit a WAV file"):
        render_to_wav(recording(7 * 3600.0), tmp_path / "mix.wav")
    assert list(tmp_path.iterdir()) == []


def tone(frequency_hz: float, level_db: float, seconds: float) -> NDArray[np.float64]:
    amplitude = 10 ** (level_db / 20)
    wave_form: NDArray[np.float64] = amplitude * np.sin(
        2 * np.pi * frequency_hz / RATE * np.arange(round(seconds * RATE)) + 0.3
    )
    return wave_form


def test_a_tones_level_is_measured_beside_other_tones() -> None:
    signal = tone(65.0, -26.0, 2.0) + tone(75.0, -34.0, 2.0) + tone(110.0, -12.0, 2.0)
    for start_s in (0.0, 0.37, 1.0):
        assert level_at(signal, RATE, 65.0, start_s, start_s + 0.5) == pytest.approx(
            -26.0, abs=0.05
        )
        assert level_at(signal, RATE, 75.0, start_s, start_s + 0.5) == pytest.approx(
            -34.0, abs=0.05
        )
    assert level_at(signal, RATE, 90.0, 0.0, 2.0) < -90.0
    assert level_at(np.zeros(RATE), RATE, 65.0, 0.0, 1.0) == SILENCE_DB


def test_the_effective_value_of_sines_and_squares() -> None:
    assert rms_db(tone(1_000.0, 0.0, 1.0), RATE) == pytest.approx(-3.01, abs=0.01)
    square = np.repeat([0.5, -0.5], RATE)[:, np.newaxis].repeat(2, axis=1)
    assert rms_db(square, RATE, 0.5, 1.5) == pytest.approx(-6.02, abs=0.01)
    assert rms_db(np.zeros((10, 2)), RATE) == SILENCE_DB


def test_a_span_that_cannot_be_measured_is_refused() -> None:
    signal = tone(65.0, -26.0, 1.0)
    for start_s, end_s in ((0.5, 1.5), (-0.1, 0.5), (0.5, 0.5), (0.0, 0.06)):
        with pytest.raises(ValueError, match=r"not within|too short"):
            level_at(signal, RATE, 65.0, start_s, end_s)
    with pytest.raises(ValueError, match="does not fit"):
        level_at(signal, RATE, 24_000.0, 0.0, 1.0)
    with pytest.raises(ValueError, match="not within"):
        rms_db(signal, RATE, 0.0, 1.1)
