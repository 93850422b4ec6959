"""AVCaptureSession: starts that are cancelled or wait, and what outputs hear of it all."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audiosession.capture import (
    AVCaptureAudioFileOutput,
    AVCaptureDevice,
    AVCaptureDeviceInput,
    AVCaptureSession,
    AVCaptureSessionPreset,
    AVError,
)
from audiosession.capture.levels import SILENCE_DB
from audiosession.capture.virtual import TONE_ID
from audiosession.hosts.simulated import SimulatedApp
from tests.apple.phone_kit import phone
from tests.capture.capture_kit import (
    BACK,
    DOWN,
    PICTURES,
    SOUND,
    UP,
    PictureTaker,
    SoundTaker,
    camera,
    device,
    microphone,
    session_of,
    settled,
    told,
)

Preset = AVCaptureSessionPreset
DEADLINE_S = 60.0


@pytest.fixture
def app() -> SimulatedApp:
    return phone().app("camera")


class Finished:
    """Hears that a recording is over, and makes nothing of it."""

    def file_output_did_finish_recording_to(self, *_: object) -> None:
        pass


# All other methods of a delegate may be missing.
DELEGATE: Any = Finished()


# -- calls that are cancelled ------------------------------------------------------------------


async def cancelled(*calls: asyncio.Task[None]) -> None:
    for call in calls:
        call.cancel()
    await asyncio.wait(calls)
    assert all(call.cancelled() for call in calls)


async def test_a_cancelled_start_leaves_that_of_another_call_alone(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    with told(session) as notifications:
        async with asyncio.TaskGroup() as tasks:
            first = tasks.create_task(session.start_running())
            await asyncio.sleep(0)
            tasks.create_task(session.start_running())
            await asyncio.sleep(0)
            first.cancel()
        await settled(session)
        assert notifications.names == [UP]
    assert session.is_running
    await session.stop_running()


async def test_when_all_starts_are_cancelled_it_does_not_run(app: SimulatedApp) -> None:
    session, output = session_of(app)
    async with asyncio.TaskGroup() as tasks:
        starts = [tasks.create_task(session.start_running()) for _ in range(3)]
        await asyncio.sleep(0)
        await cancelled(*starts)
    assert not session.is_running
    app.device.advance(1.0)
    assert output.taken == []


async def test_a_cancelled_start_leaves_a_session_running_that_ran(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    await session.start_running()
    with told(session) as notifications:
        async with asyncio.TaskGroup() as tasks:
            again = tasks.create_task(session.start_running())
            await asyncio.sleep(0)
            await cancelled(again)
        assert notifications.names == []
    assert session.is_running
    await session.stop_running()


async def test_a_cancelled_start_leaves_that_after_a_stop_alone(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(session.start_running())
        await asyncio.sleep(0)
        tasks.create_task(session.stop_running())
        await asyncio.sleep(0)
        tasks.create_task(session.start_running())
        await asyncio.sleep(0)
        first.cancel()
    assert session.is_running
    await session.stop_running()


# -- while the user is asked -------------------------------------------------------------------


class Asking:
    """A user who does not answer."""

    def __init__(self, app: SimulatedApp, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = asyncio.Event()
        self._app = app
        self._monkeypatch = monkeypatch
        self._really = app.capture.request_access
        monkeypatch.setattr(app.capture, "request_access", self._ask)

    async def _ask(self, media_type: object) -> bool:
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    def returns(self) -> None:
        """The user answers from now on."""
        self._monkeypatch.setattr(self._app.capture, "request_access", self._really)


async def test_a_stop_does_not_wait_for_the_users_answer(
    app: SimulatedApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _ = session_of(app, pictures=True)
    asking = Asking(app, monkeypatch)
    with told(session) as notifications:
        async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as tasks:
            tasks.create_task(session.start_running())
            await asking.asked.wait()
            await session.stop_running()
        assert notifications.names == []
    assert not session.is_running
    assert not app.capture._feeds
    assert not app.apple.io_running
    asking.returns()
    await session.start_running()
    assert session.is_running
    await session.stop_running()


async def test_a_cancelled_start_does_not_wait_for_the_users_answer(
    app: SimulatedApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _ = session_of(app, pictures=True)
    asking = Asking(app, monkeypatch)
    async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as tasks:
        start = tasks.create_task(session.start_running())
        await asking.asked.wait()
        await cancelled(start)
    assert not session.is_running
    assert not app.capture._feeds


async def test_a_stop_and_a_start_while_the_user_is_asked_have_it_run(
    app: SimulatedApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _ = session_of(app, pictures=True)
    asking = Asking(app, monkeypatch)
    async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(session.start_running())
        await asking.asked.wait()
        asking.returns()
        tasks.create_task(session.stop_running())
        await asyncio.sleep(0)
        tasks.create_task(session.start_running())
    assert session.is_running
    await session.stop_running()


# -- one loop after the other ------------------------------------------------------------------


def test_recordings_end_in_the_next_loop(app: SimulatedApp, tmp_path: Path) -> None:
    session, output = AVCaptureSession(app.session), AVCaptureAudioFileOutput()
    session.add_input(microphone(app))
    session.add_output(output)

    async def record() -> None:
        await session.start_running()
        output.start_recording(tmp_path / "next.wav", recording_delegate=DELEGATE)
        app.device.advance(0.5)
        output.stop_recording()
        async with asyncio.timeout(DEADLINE_S):
            assert await output.recording_finished() is None
        assert not output.is_recording

    asyncio.run(session.start_running())
    asyncio.run(record())
    asyncio.run(session.stop_running())


# -- levels ------------------------------------------------------------------------------------


def loud(app: SimulatedApp) -> None:
    app.capture.system.hears = lambda at, frames, channels, rate: np.full((frames, channels), 0.5)


def level(session: AVCaptureSession) -> float:
    sound = next(each for each in session.connections if each.media_type is SOUND)
    (channel,) = sound.audio_channels
    assert (channel.peak_hold_level > SILENCE_DB) is (channel.average_power_level > SILENCE_DB)
    return channel.average_power_level


async def test_a_meter_is_silent_when_nothing_flows(app: SimulatedApp) -> None:
    session, _ = session_of(app, pictures=True)
    loud(app)
    await session.start_running()
    app.device.advance(1.0)
    assert level(session) > -10.0
    await session.stop_running()
    assert level(session) == SILENCE_DB
    await session.start_running()
    app.device.advance(1.0)
    assert level(session) > -10.0
    call = app.device.incoming_call()
    assert level(session) == SILENCE_DB
    call.decline()
    await settled(session)
    app.device.advance(1.0)
    assert level(session) > -10.0
    session.connections[0].is_enabled = False
    assert level(session) == SILENCE_DB
    session.connections[0].is_enabled = True
    await settled(session)
    app.device.advance(1.0)
    session.inputs[0].ports[0].is_enabled = False
    await settled(session)
    assert level(session) == SILENCE_DB
    await session.stop_running()


async def test_a_meter_of_a_connection_that_is_gone_is_silent(app: SimulatedApp) -> None:
    session, _ = session_of(app, pictures=True)
    loud(app)
    await session.start_running()
    app.device.advance(1.0)
    sound = session.connections[0]
    session.remove_input(session.inputs[0])
    await settled(session)
    (channel,) = sound.audio_channels
    assert channel.average_power_level == SILENCE_DB
    await session.stop_running()


# -- outputs that go from session to session ---------------------------------------------------


@pytest.mark.parametrize("together", [False, True])
async def test_an_output_records_for_the_session_that_has_it(
    app: SimulatedApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    first, _ = session_of(app, pictures=True)
    output = AVCaptureAudioFileOutput()
    first.add_output(output)
    await first.start_running()
    output.start_recording(tmp_path / "first.wav", recording_delegate=DELEGATE)
    app.device.advance(0.5)
    lets_go = asyncio.Event()
    assert first._pipeline is not None
    for running in first._pipeline._running.values():
        assert running.feed is not None

        async def slowly(stop: Any = running.feed.stop) -> None:
            await lets_go.wait()
            await stop()

        monkeypatch.setattr(running.feed, "stop", slowly)
    second = AVCaptureSession(app.session)
    second.add_input(AVCaptureDeviceInput(AVCaptureDevice(TONE_ID, audio_session=app.session)))
    if together:
        with first.configuration():
            first.remove_input(first.inputs[0])
            first.remove_output(output)
    else:
        first.remove_input(first.inputs[0])
        first.remove_output(output)
    second.add_output(output)
    await second.start_running()
    lets_go.set()
    await settled(first)
    error = await output.recording_finished()
    assert error is not None
    assert error.code == AVError.SESSION_CONFIGURATION_CHANGED
    output.start_recording(tmp_path / "second.wav", recording_delegate=DELEGATE)
    app.device.advance(0.5)
    output.stop_recording()
    assert await output.recording_finished() is None
    assert output.recorded_duration == pytest.approx(0.5, abs=0.05)
    await first.stop_running()
    await second.stop_running()


async def test_an_output_that_goes_elsewhere_outlives_the_stop_of_its_first_session(
    app: SimulatedApp,
) -> None:
    first, output = session_of(app)
    await first.start_running()
    second = AVCaptureSession(app.session)
    with first.configuration():
        first.remove_output(output)
    second.add_output(output)
    await first.stop_running()
    assert output.codes == ["begin"]


# -- cameras that two sessions have ------------------------------------------------------------


async def test_a_session_that_does_not_run_leaves_the_camera_of_another_alone(
    app: SimulatedApp,
) -> None:
    first, output = session_of(app, sound=False, pictures=True)
    await first.start_running()
    second = AVCaptureSession(app.session)
    second.session_preset = Preset.VGA640X480
    second.add_input(camera(app))
    taker = PictureTaker()
    second.add_output(taker)
    await settled(first)
    app.device.advance(0.1)
    assert {each.format.height for each in output.taken} == {1080}
    await first.stop_running()
    await second.start_running()
    app.device.advance(0.1)
    assert {each.format.height for each in taker.taken} == {480}
    await second.stop_running()
    # The first finds it as it wants it, however the second has left it.
    output.taken.clear()
    await first.start_running()
    app.device.advance(0.1)
    assert {each.format.height for each in output.taken} == {1080}
    await first.stop_running()
    assert device(app, PICTURES, BACK).active_format is not None


# -- outputs that start later ------------------------------------------------------------------


class Later(SoundTaker):
    """An output that can start later."""

    @property
    def is_deferred_start_supported(self) -> bool:
        return True


async def test_a_change_does_not_start_what_is_to_start_later(app: SimulatedApp) -> None:
    session, later = AVCaptureSession(app.session), Later()
    later.is_deferred_start_enabled = True
    session.automatically_runs_deferred_start = False
    session.add_input(microphone(app))
    session.add_output(later)
    with told(session) as notifications:
        await session.start_running()
        session.add_input(camera(app))
        await settled(session)
        assert later.codes == []
        session.run_deferred_start_when_needed()
        assert later.codes == ["begin"]
        session.remove_input(session.inputs[1])
        await settled(session)
        assert later.codes == ["begin"]
        await session.stop_running()
        assert notifications.names == [UP, DOWN]
