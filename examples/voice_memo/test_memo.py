"""The voice memos, tried on a simulated phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from audiosession import AudioSessionConfiguration
from audiosession.apple import NotificationCenter
from audiosession.capture import AVCaptureSessionNotificationName, AVError, CaptureError
from audiosession.testing import SimulatedApp, SimulatedDevice

soundfile = pytest.importorskip("soundfile")

from .memo import MemoRecorder  # noqa: E402

pytestmark = pytest.mark.audio_device(policy="apple")


@pytest.fixture
def memos(audio_app: SimulatedApp, tmp_path: Path) -> Iterator[MemoRecorder]:
    memos = MemoRecorder(tmp_path)
    yield memos
    memos.close()


async def music_on(device: SimulatedDevice) -> SimulatedApp:
    music = device.app("music")
    await music.session.configure(AudioSessionConfiguration.music())
    assert await music.session.set_active(True)
    return music


def seconds(path: Path) -> float:
    found: float = soundfile.info(path).duration
    return found


async def test_a_memo_is_as_long_as_it_was_spoken(
    simulated_device: SimulatedDevice, memos: MemoRecorder
) -> None:
    await memos.start()
    simulated_device.advance(3.0)
    await memos.stop()
    (path,) = memos.files
    assert seconds(path) == pytest.approx(3.0, abs=0.05)


async def test_a_call_ends_a_file_and_the_next_begins_after_it(
    simulated_device: SimulatedDevice, memos: MemoRecorder
) -> None:
    runs = NotificationCenter.default().notifications(
        AVCaptureSessionNotificationName.DID_START_RUNNING, memos.session
    )
    await memos.start()
    await anext(runs)
    simulated_device.advance(2.0)
    call = simulated_device.incoming_call("Mum")
    await memos.output.recording_finished()
    assert not memos.session.is_running
    simulated_device.advance(5.0)
    call.decline()
    await anext(runs)
    simulated_device.advance(1.0)
    await memos.stop()
    assert [path.name for path in memos.files] == ["memo 1.flac", "memo 2.flac"]
    assert [round(seconds(path)) for path in memos.files] == [2, 1]
    assert memos.log == [
        "interrupted: AUDIO_DEVICE_IN_USE_BY_ANOTHER_CLIENT",
        "finished memo 1.flac",
        "finished memo 2.flac",
    ]


@pytest.mark.parametrize(("mix", "standing"), [(False, "interrupted"), (True, "active")])
async def test_the_music_pauses_or_goes_on(
    simulated_device: SimulatedDevice,
    audio_app: SimulatedApp,
    tmp_path: Path,
    mix: bool,
    standing: str,
) -> None:
    music = await music_on(simulated_device)
    memos = MemoRecorder(tmp_path, mix=mix)
    await memos.start()
    assert music.standing == standing
    await memos.stop()
    memos.close()


async def test_during_a_call_it_says_why_it_cannot(
    simulated_device: SimulatedDevice, memos: MemoRecorder
) -> None:
    simulated_device.incoming_call("Mum").accept()
    with pytest.raises(CaptureError) as refused:
        await memos.start()
    assert refused.value.code is AVError.DEVICE_IN_USE_BY_ANOTHER_APPLICATION
    assert memos.files == []
