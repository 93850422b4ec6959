"""``record`` on a simulated device: what it hears, shows and leaves behind."""

from __future__ import annotations

import errno
import json
import math
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

np = pytest.importorskip("numpy")
av = pytest.importorskip("av")
pytest.importorskip("miniaudio")

from audiosession.capture import AVAuthorizationStatus, AVError  # noqa: E402
from audiosession.capture.files.wav import WavFile  # noqa: E402
from audiosession.cli import access  # noqa: E402
from audiosession.cli.recording import Progress  # noqa: E402
from audiosession.core.effects import Standing  # noqa: E402
from audiosession.hosts.simulated import (  # noqa: E402
    ClockMode,
    SimulatedApp,
    SimulatedDevice,
    VirtualClock,
)
from audiosession.hosts.simulated.capture_host import SimulatedCaptureSystem  # noqa: E402

from .conftest import Done, Run  # noqa: E402
from .test_wrap import sounding  # noqa: E402

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")

NAME = "audiosession record"
AMPLITUDE = 0.25
LEVEL_DB = 20 * math.log10(AMPLITUDE)


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> SimulatedDevice:
    """The phone that is recorded on; its clock is the machine's, and it hears a tone."""
    device = SimulatedDevice("phone", policy="apple", clock=VirtualClock(ClockMode.REAL))
    monkeypatch.setattr(access, "make_host", lambda app: device.app(app).host)
    system(device).hears = tone
    return device


def system(device: SimulatedDevice) -> SimulatedCaptureSystem:
    return SimulatedCaptureSystem.of(device)


def recorder(device: SimulatedDevice) -> SimulatedApp:
    return device.app(NAME)


def tone(at: float, frames: int, channels: int, rate: float) -> Any:
    turns = 440.0 * (at + np.arange(frames) / rate)
    return np.repeat(AMPLITUDE * np.sin(2 * np.pi * turns)[:, None], channels, axis=1)


def then(device: SimulatedDevice, after_s: float, what: Callable[[], object]) -> None:
    """Does something once the microphone has heard for so long."""
    begun: list[float] = []
    done: list[bool] = []

    def hears(at: float, frames: int, channels: int, rate: float) -> Any:
        begun.append(at)
        if at - begun[0] >= after_s and not done:
            done.append(True)
            what()
        return tone(at, frames, channels, rate)

    system(device).hears = hears


def lines(done: Done) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.out.splitlines()]


def of_type(done: Done, kind: str) -> list[dict[str, Any]]:
    return [line for line in lines(done) if line["type"] == kind]


def sound_of(path: Path) -> Any:
    """The first channel of the sound that a file holds, decoded to its end; 48 kHz."""
    with av.open(str(path)) as file:
        (stream, *_) = file.streams.audio
        assert stream.rate == 48_000
        to_floats = av.AudioResampler(format="fltp")
        frames = [one for frame in file.decode(stream) for one in to_floats.resample(frame)]
        return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def seconds_of(path: Path) -> float:
    """How long the sound of a file is."""
    return float(len(sound_of(path)) / 48_000)


# -- what is left behind -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["memo.wav", "memo.flac", "memo.mka", "memo.mkv"])
def test_it_records_as_long_as_asked(
    run: Run, device: SimulatedDevice, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    done = run("record", path, "--duration", "0.5")
    assert (done.status, done.err) == (0, "")
    assert seconds_of(path) == pytest.approx(0.5, abs=0.03)
    first, last = done.out.splitlines()
    assert first == f"recording {recorder_microphone(device)} to {path}; Ctrl-C ends it"
    assert last.startswith(f"{path}  (0.5 s, ")


def recorder_microphone(device: SimulatedDevice) -> str:
    return recorder(device).capture.devices()[0].localized_name


def test_what_is_heard_is_what_is_written(
    run: Run, device: SimulatedDevice, tmp_path: Path
) -> None:
    path = tmp_path / "memo.wav"
    assert run("record", path, "--duration", "0.6").status == 0
    heard = sound_of(path)
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard)), 1 << 18))
    assert np.argmax(spectrum) * 48_000 / (1 << 18) == pytest.approx(440, abs=1)
    assert np.abs(heard).max() == pytest.approx(AMPLITUDE, abs=0.01)


def test_with_the_camera_there_are_pictures(
    run: Run, device: SimulatedDevice, tmp_path: Path
) -> None:
    path = tmp_path / "talk.mkv"
    done = run("record", path, "--camera", "--duration", "0.7", "--json")
    assert (done.status, done.err) == (0, "")
    (started,) = of_type(done, "started")
    assert started["devices"]["video"] == "Back Camera"
    with av.open(str(path)) as file:
        assert {stream.type for stream in file.streams} == {"audio", "video"}
        (stream,) = file.streams.video
        assert (stream.width, stream.height) == (1280, 720)
        pictures = sum(1 for _ in file.decode(video=0))
    (finished,) = of_type(done, "finished")
    assert pictures + finished["dropped_frames"] == pytest.approx(0.7 * 60, abs=6)


# -- how it ends ---------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_well(
    run: Run, device: SimulatedDevice, tmp_path: Path, number: int
) -> None:
    path = tmp_path / "memo.flac"
    then(device, 0.3, lambda: os.kill(os.getpid(), number))
    done = run("record", path, "--json")
    assert (done.status, done.err) == (0, "")
    (finished,) = of_type(done, "finished")
    assert finished["error"] is None
    assert finished["path"] == str(path)
    assert seconds_of(path) == pytest.approx(finished["seconds"], abs=0.001)
    assert finished["seconds"] >= 0.25
    assert finished["bytes"] == pytest.approx(path.stat().st_size, rel=0.2)


def test_a_signal_before_it_could_begin_leaves_no_file(
    run: Run, device: SimulatedDevice, tmp_path: Path
) -> None:
    path = tmp_path / "memo.wav"
    stopped: list[bool] = []
    grant = recorder(device).ask_for_microphone

    def ask(*arguments: Any) -> Any:
        # A second signal would end the command at once.
        if not stopped:
            os.kill(os.getpid(), signal.SIGINT)
        stopped.append(True)
        return grant(*arguments)

    recorder(device).ask_for_microphone = ask  # type: ignore[assignment,method-assign]
    done = run("record", path)
    assert stopped
    assert (done.status, done.out) == (130, "")
    assert not path.exists()


def test_a_call_ends_it_and_the_file_holds_what_came_before(
    run: Run, device: SimulatedDevice, tmp_path: Path
) -> None:
    path = tmp_path / "memo.flac"
    then(device, 0.3, lambda: device.incoming_call("Mum"))
    done = run("record", path, "--json")
    assert done.status == 1
    (interrupted,) = of_type(done, "interrupted")
    assert interrupted["reason"] == "AUDIO_DEVICE_IN_USE_BY_ANOTHER_CLIENT"
    assert interrupted["because"] == "somebody else has the audio, as in a call"
    (finished,) = of_type(done, "finished")
    assert finished["error"]["code"] == AVError.SESSION_WAS_INTERRUPTED.value
    assert "AVErrorSessionWasInterrupted" in done.err
    assert seconds_of(path) == pytest.approx(finished["seconds"], abs=0.001)


def test_a_camera_that_goes_away_ends_it_and_the_file_is_whole(
    run: Run, device: SimulatedDevice, tmp_path: Path
) -> None:
    path = tmp_path / "talk.mkv"
    then(device, 0.4, lambda: system(device).disconnect_camera("back camera"))
    done = run("record", path, "--camera", "--json")
    assert done.status == 1
    (finished,) = of_type(done, "finished")
    assert finished["error"]["code"] == AVError.DEVICE_WAS_DISCONNECTED.value
    assert "AVErrorDeviceWasDisconnected" in done.err
    assert seconds_of(path) > 0.2


def test_the_file_is_closed_when_it_cannot_be_shown_any_more(
    run: Run, device: SimulatedDevice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "memo.wav"
    closed: list[Path] = []
    close = WavFile.close

    def slowly(file: WavFile) -> None:
        # There is all the time to end before it.
        time.sleep(0.5)
        close(file)
        closed.append(path)

    def broken(_: object, progress: Progress) -> None:
        if progress.seconds > 0:
            raise OSError(errno.EIO, "the terminal is gone")

    monkeypatch.setattr(WavFile, "close", slowly)
    monkeypatch.setattr("audiosession.cli.recording._JsonLines.progress", broken)
    done = run("record", path, "--json")
    assert (done.status, done.err) == (2, "audiosession: the terminal is gone\n")
    assert closed == [path]
    assert seconds_of(path) > 0


# -- beside others -------------------------------------------------------------------------------


def test_music_pauses_meanwhile_and_comes_back(
    run: Run, device: SimulatedDevice, tmp_path: Path
) -> None:
    music = sounding(device, "music", "music")
    seen: list[str] = []
    then(device, 0.2, lambda: seen.append(music.standing))
    assert run("record", tmp_path / "memo.wav", "--duration", "0.4").status == 0
    assert seen == [Standing.INTERRUPTED.value]
    assert recorder(device).last_session not in device.arbiter.active


def test_with_mix_music_goes_on(run: Run, device: SimulatedDevice, tmp_path: Path) -> None:
    music = sounding(device, "music", "music")
    seen: list[str] = []
    then(device, 0.2, lambda: seen.append(music.standing))
    assert run("record", tmp_path / "memo.wav", "--mix", "--duration", "0.4").status == 0
    assert seen == [Standing.ACTIVE.value]


# -- what is seen --------------------------------------------------------------------------------


def test_the_levels_are_those_of_the_sound(
    run: Run, device: SimulatedDevice, tmp_path: Path
) -> None:
    done = run("record", tmp_path / "memo.wav", "--duration", "1.2", "--json")
    told = of_type(done, "progress")
    assert [line["seconds"] for line in told] == sorted(line["seconds"] for line in told)
    (level, *_) = told[-1]["levels"]
    assert level["peak_db"] == pytest.approx(LEVEL_DB, abs=0.2)
    assert level["average_db"] == pytest.approx(LEVEL_DB - 3.0, abs=0.5)


def test_on_a_terminal_a_meter_moves(
    run: Run, device: SimulatedDevice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    done = run("record", tmp_path / "memo.wav", "--duration", "0.6")
    assert done.status == 0
    assert "\N{FULL BLOCK}" in done.out
    assert "Ctrl-C ends it" in done.out
    assert "memo.wav  (0.6 s, " in done.out.splitlines()[-1]


# -- what cannot be ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["memo.txt"], "use one of .wav"),
        (["memo"], "use one of .wav"),
        (["memo.wav", "--camera"], "use one of .mp4"),
        (["there.wav"], "is there already; choose another name, or remove it"),
        (["folder.wav"], "is a folder; give the name of a file"),
        (["no/memo.wav"], "there is no such folder"),
        (["memo.wav", "--duration", "0"], "must be a number of seconds above 0"),
        (["memo.wav", "--duration", "-1"], "must be a number of seconds above 0"),
        (["memo.wav", "--from", "Kazoo"], "no microphone or camera is called 'Kazoo'"),
        (["memo.wav", "--from", "Back Camera"], "is not needed"),
    ],
)
def test_what_cannot_be_is_said_before_anything_starts(
    run: Run,
    device: SimulatedDevice,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    why: str,
) -> None:
    (tmp_path / "there.wav").write_bytes(b"kept")
    (tmp_path / "folder.wav").mkdir()
    monkeypatch.chdir(tmp_path)
    music = sounding(device, "music", "music")
    done = run("record", *words)
    assert (done.status, done.out) == (2, "")
    assert why in done.err
    assert done.err.count("\n") == 1
    assert music.standing == Standing.ACTIVE.value
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.wav", "there.wav"]
    assert (tmp_path / "there.wav").read_bytes() == b"kept"


def test_a_camera_is_found_by_its_name(run: Run, device: SimulatedDevice, tmp_path: Path) -> None:
    path = tmp_path / "talk.mkv"
    words = ("--camera", "--from", "front CAMERA", "--duration", "0.4", "--json")
    (started, *_) = lines(run("record", path, *words))
    assert started["devices"]["video"] == "Front Camera"


def test_without_permission_it_says_what_to_do(
    run: Run, device: SimulatedDevice, tmp_path: Path
) -> None:
    recorder(device).capture.camera = AVAuthorizationStatus.DENIED
    done = run("record", tmp_path / "talk.mkv", "--camera")
    assert (done.status, done.out) == (2, "")
    assert "AVErrorApplicationIsNotAuthorizedToUseDevice" in done.err
    assert "allow" in done.err
    assert not (tmp_path / "talk.mkv").exists()


def test_without_a_camera_it_says_so(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaker = SimulatedDevice("smart speaker", clock=VirtualClock(ClockMode.REAL))
    monkeypatch.setattr(access, "make_host", lambda app: speaker.app(app).host)
    done = run("record", tmp_path / "talk.mkv", "--camera")
    assert (done.status, done.out) == (2, "")
    assert "there is no camera" in done.err


def test_during_a_call_it_waits(run: Run, device: SimulatedDevice, tmp_path: Path) -> None:
    call = device.incoming_call("Mum")
    call.accept()
    done = run("record", tmp_path / "memo.wav")
    assert (done.status, done.out) == (2, "")
    assert "AVErrorDeviceInUseByAnotherApplication" in done.err


@pytest.mark.parametrize("package", ["av", "miniaudio", "numpy"])
def test_without_the_extra_it_says_what_to_install(
    run: Run,
    device: SimulatedDevice,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    package: str,
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    done = run("record", tmp_path / "memo.wav")
    assert (done.status, done.out) == (3, "")
    assert "pip install 'audiosession[capture]'" in done.err
    assert not (tmp_path / "memo.wav").exists()
