"""AVCaptureSession: what interrupts it, and how it goes on (apple 120, 121, 126, 127, 130)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from audiosession.apple import AVAudioSessionSetActiveOptions
from audiosession.capture import (
    AVCaptureDevice,
    AVCaptureDeviceInput,
    AVCaptureSession,
    AVCaptureSessionInterruptionReason,
    AVCaptureSystemPressureLevel,
    AVError,
    NSInvalidArgumentException,
)
from audiosession.hosts.simulated import SimulatedApp, SimulatedDevice
from tests.apple.phone_kit import Category, phone, started, without_microphone
from tests.apple.phone_kit import session_of as audio_of
from tests.capture.capture_kit import (
    BEGAN,
    DOWN,
    ENDED,
    ERROR,
    PICTURES,
    SOUND,
    UP,
    Key,
    Name,
    SoundTaker,
    camera,
    microphone,
    session_of,
    settled,
    told,
)

Reason = AVCaptureSessionInterruptionReason
Level = AVCaptureSystemPressureLevel
NOTIFY = AVAudioSessionSetActiveOptions.NOTIFY_OTHERS_ON_DEACTIVATION


@pytest.fixture
def device() -> SimulatedDevice:
    return phone()


@pytest.fixture
def app(device: SimulatedDevice) -> SimulatedApp:
    return device.app("camera")


def ended_call(device: SimulatedDevice) -> Callable[[], None]:
    call = device.incoming_call()
    call.accept()
    return call.end


HAPPENINGS: dict[str, Callable[[SimulatedDevice], Callable[[], None]]] = {
    "a call that is declined": lambda device: device.incoming_call().decline,
    "a call that is taken": ended_call,
    "an alarm": lambda device: device.alarm().dismiss,
    "the assistant": lambda device: device.assistant().end,
}


# -- the audio is taken (apple 126) ------------------------------------------------------------


@pytest.mark.parametrize("pictures", [False, True])
@pytest.mark.parametrize("what", HAPPENINGS)
async def test_126_a_call_or_alarm_interrupts_and_it_resumes_by_itself(
    device: SimulatedDevice, app: SimulatedApp, what: str, pictures: bool
) -> None:
    session, output = session_of(app, pictures=pictures)
    await session.start_running()
    device.advance(0.5)
    with told(session) as notifications:
        over = HAPPENINGS[what](device)
        assert session.is_interrupted
        assert not session.is_running
        reasons = notifications.info(Name.WAS_INTERRUPTED, Key.INTERRUPTION_REASON)
        assert reasons == [Reason.AUDIO_DEVICE_IN_USE_BY_ANOTHER_CLIENT]
        assert notifications.names == [BEGAN, DOWN]
        await settled(session)
        output.taken.clear()
        device.advance(1.0)
        assert output.taken == []
        over()
        await settled(session)
        assert notifications.names == [ENDED, UP]
    assert session.is_running
    assert not session.is_interrupted
    device.advance(0.5)
    assert output.count(SOUND) == 23
    assert output.codes == ["begin", AVError.SESSION_WAS_INTERRUPTED, "begin"]
    await session.stop_running()


async def test_126_another_app_takes_the_audio_and_gives_it_back(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    session, _ = session_of(app)
    await session.start_running()
    other = await started(device.app("music"))
    assert session.is_interrupted
    await other.set_active(False, options=NOTIFY)
    await settled(session)
    assert session.is_running
    await session.stop_running()


async def test_a_stop_during_an_interruption_is_for_good(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    session, _ = session_of(app)
    await session.start_running()
    call = device.incoming_call()
    with told(session) as notifications:
        await session.stop_running()
        assert not session.is_interrupted
        call.decline()
        await settled(session)
        assert notifications.names == []
    assert not session.is_running


async def test_a_start_during_a_call_fails_and_the_end_has_it_run(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    session, _ = session_of(app)
    await session.start_running()
    call = device.incoming_call()
    await settled(session)
    with told(session) as notifications:
        await session.start_running()
        assert notifications.errors == [AVError.DEVICE_IN_USE_BY_ANOTHER_APPLICATION]
        assert notifications.names == [ERROR]
        assert session.is_interrupted
        call.decline()
        await settled(session)
        assert notifications.names == [ENDED, UP]
    await session.stop_running()


async def test_a_first_start_during_a_call_fails(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    session, _ = session_of(app)
    call = device.incoming_call()
    call.accept()
    with told(session) as notifications:
        await session.start_running()
        assert notifications.errors == [AVError.DEVICE_IN_USE_BY_ANOTHER_APPLICATION]
        assert notifications.names == [ERROR]
    assert not session.is_running
    assert not session.is_interrupted
    call.end()
    await session.start_running()
    assert session.is_running
    await session.stop_running()


async def test_126_without_its_microphone_the_camera_goes_on_during_a_call(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    session, output = session_of(app, pictures=True)
    await session.start_running()
    call = device.incoming_call()
    with told(session) as notifications:
        session.remove_input(session.inputs[0])
        await settled(session)
        assert notifications.names == [ENDED, UP]
    output.taken.clear()
    device.advance(0.5)
    assert (output.count(SOUND), output.count(PICTURES)) == (0, 15)
    call.decline()
    await session.stop_running()


async def test_126_a_private_session_is_interrupted_too(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    session, _ = session_of(app)
    session.uses_application_audio_session = False
    await session.start_running()
    with told(session) as notifications:
        call = device.incoming_call()
        assert notifications.names == [BEGAN, DOWN]
        call.decline()
        await settled(session)
        assert notifications.names == [ENDED, UP]
    await session.stop_running()


async def test_130_without_a_microphone_audio_does_not_interrupt(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    session, output = session_of(app, sound=False, pictures=True)
    await started(app, Category.PLAYBACK)
    await session.start_running()
    with told(session) as notifications:
        call = device.incoming_call()
        await settled(session)
        assert session.is_running
        device.advance(0.5)
        assert output.count(PICTURES) == 15
        call.decline()
        await settled(session)
        assert notifications.names == []
    await session.stop_running()


# -- the camera in the background (apple 127) --------------------------------------------------


async def test_127_a_start_in_the_background_waits_for_the_foreground(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    session, output = session_of(app, pictures=True)
    app.to_background()
    with told(session) as notifications:
        await session.start_running()
        reasons = notifications.info(Name.WAS_INTERRUPTED, Key.INTERRUPTION_REASON)
        assert reasons == [Reason.VIDEO_DEVICE_NOT_AVAILABLE_IN_BACKGROUND]
        assert notifications.names == [BEGAN]
        assert session.is_interrupted
        assert not audio_of(app).is_active
        app.to_foreground()
        await settled(session)
        assert notifications.names == [ENDED, UP]
    device.advance(0.5)
    assert output.count(PICTURES) == 15
    await session.stop_running()


async def test_127_a_stop_drops_the_start_that_waits(app: SimulatedApp) -> None:
    session, _ = session_of(app, pictures=True)
    app.to_background()
    await session.start_running()
    with told(session) as notifications:
        await session.stop_running()
        app.to_foreground()
        await settled(session)
        assert notifications.names == []
    assert not session.is_running


async def test_127_leaving_the_screen_interrupts_a_camera_and_not_a_microphone(
    app: SimulatedApp,
) -> None:
    filming, shown = session_of(app, sound=False, pictures=True)
    recording, heard = session_of(app)
    app.apple.background_audio = True
    await filming.start_running()
    await recording.start_running()
    with told(filming) as notifications:
        app.to_background()
        assert notifications.names == [BEGAN, DOWN]
        await settled(filming)
        app.device.advance(0.5)
        assert (shown.count(PICTURES), heard.count(SOUND)) == (0, 23)
        assert recording.is_running
        app.to_foreground()
        await settled(filming)
        assert notifications.names == [ENDED, UP]
    await filming.stop_running()
    await recording.stop_running()


# -- other reasons -----------------------------------------------------------------------------


async def test_another_app_takes_the_camera(device: SimulatedDevice, app: SimulatedApp) -> None:
    session, _ = session_of(app, sound=False, pictures=True)
    await session.start_running()
    other, _ = session_of(device.app("other"), sound=False, pictures=True)
    with told(session) as notifications:
        await other.start_running()
        reasons = notifications.info(Name.WAS_INTERRUPTED, Key.INTERRUPTION_REASON)
        assert reasons == [Reason.VIDEO_DEVICE_IN_USE_BY_ANOTHER_CLIENT]
        await settled(session)
        await other.stop_running()
        await settled(session)
        assert notifications.names == [BEGAN, DOWN, ENDED, UP]
    await session.stop_running()


async def test_several_apps_on_the_screen(app: SimulatedApp) -> None:
    session, _ = session_of(app, sound=False, pictures=True)
    await session.start_running()
    with told(session) as notifications:
        app.capture.share_screen(True)
        reasons = notifications.info(Name.WAS_INTERRUPTED, Key.INTERRUPTION_REASON)
        assert reasons == [Reason.VIDEO_DEVICE_NOT_AVAILABLE_WITH_MULTIPLE_FOREGROUND_APPS]
        app.capture.share_screen(False)
        await settled(session)
        assert notifications.names == [BEGAN, DOWN, ENDED, UP]
    await session.stop_running()


async def test_multitasking_camera_access_keeps_it_running() -> None:
    app = phone(profile="tablet").app("camera")
    session, output = session_of(app, sound=False, pictures=True)
    assert session.is_multitasking_camera_access_supported
    assert not session.is_multitasking_camera_access_enabled
    session.is_multitasking_camera_access_enabled = True
    await session.start_running()
    with pytest.raises(NSInvalidArgumentException):
        session.is_multitasking_camera_access_enabled = False
    app.capture.share_screen(True)
    await settled(session)
    assert session.is_running
    app.device.advance(0.5)
    assert output.count(PICTURES) == 15
    await session.stop_running()


def test_a_phone_has_no_multitasking_camera_access(app: SimulatedApp) -> None:
    session = AVCaptureSession(app.session)
    assert not session.is_multitasking_camera_access_supported
    with pytest.raises(NSInvalidArgumentException, match="ask is_multitasking_camera_access_sup"):
        session.is_multitasking_camera_access_enabled = True
    assert session.is_multitasking_camera_access_enabled is False


async def test_sensitive_content(app: SimulatedApp) -> None:
    session, _ = session_of(app, sound=False, pictures=True)
    await session.start_running()
    with told(session) as notifications:
        app.capture.find_sensitive(True)
        reasons = notifications.info(Name.WAS_INTERRUPTED, Key.INTERRUPTION_REASON)
        assert reasons == [Reason.SENSITIVE_CONTENT_MITIGATION_ACTIVATED]
    await session.stop_running()


async def test_too_much_heat_says_how_much(app: SimulatedApp) -> None:
    session, _ = session_of(app, sound=False, pictures=True)
    await session.start_running()
    system = app.capture.system
    with told(session) as notifications:
        system.set_pressure(Level.CRITICAL)
        assert session.is_running
        system.set_pressure(Level.SHUTDOWN)
        reasons = notifications.info(Name.WAS_INTERRUPTED, Key.INTERRUPTION_REASON)
        (state,) = notifications.info(Name.WAS_INTERRUPTED, Key.INTERRUPTION_SYSTEM_PRESSURE_STATE)
        assert reasons == [Reason.VIDEO_DEVICE_NOT_AVAILABLE_DUE_TO_SYSTEM_PRESSURE]
        assert state.level is Level.SHUTDOWN
        system.set_pressure(Level.FAIR)
        await settled(session)
        assert notifications.names == [BEGAN, DOWN, ENDED, UP]
    await session.stop_running()


async def test_a_call_in_the_background_leaves_two_reasons_one_after_the_other(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    session, _ = session_of(app, pictures=True)
    await session.start_running()
    with told(session) as notifications:
        call = device.incoming_call()
        app.to_background()
        await settled(session)
        call.decline()
        await settled(session)
        assert session.is_interrupted
        app.to_foreground()
        await settled(session)
        reasons = notifications.info(Name.WAS_INTERRUPTED, Key.INTERRUPTION_REASON)
        assert reasons == [
            Reason.AUDIO_DEVICE_IN_USE_BY_ANOTHER_CLIENT,
            Reason.VIDEO_DEVICE_NOT_AVAILABLE_IN_BACKGROUND,
        ]
        assert notifications.names == [BEGAN, DOWN, BEGAN, ENDED, UP]
    await session.stop_running()


# -- media services (apple 120, 121) -----------------------------------------------------------


async def test_121_media_services_reset_stops_it_with_an_error(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    session, output = session_of(app, pictures=True)
    await session.start_running()
    device.lose_media_services()
    await settled(session)
    with told(session) as notifications:
        device.reset_media_services()
        await settled(session)
        assert notifications.errors == [AVError.MEDIA_SERVICES_WERE_RESET]
    assert not session.is_running
    assert AVError.MEDIA_SERVICES_WERE_RESET in output.codes
    await session.start_running()
    assert session.is_running
    assert audio_of(app).category is Category.PLAY_AND_RECORD
    output.taken.clear()
    device.advance(0.5)
    assert (output.count(SOUND), output.count(PICTURES)) == (23, 15)
    await session.stop_running()


# -- devices that go ---------------------------------------------------------------------------


async def test_a_device_that_vanishes_ends_what_it_gave(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    session, output = session_of(app, pictures=True)
    sound = SoundTaker()
    session.add_output(sound)
    await session.start_running()
    with told(session) as notifications:
        app.capture.system.disconnect_camera("back camera")
        await settled(session)
        assert notifications.errors == [AVError.DEVICE_WAS_DISCONNECTED]
        assert notifications.names == [ERROR]
    assert session.is_running
    assert output.codes == ["begin", AVError.DEVICE_WAS_DISCONNECTED, "begin"]
    assert sound.codes == ["begin"]
    output.taken.clear()
    device.advance(0.5)
    assert (output.count(SOUND), output.count(PICTURES)) == (23, 0)
    await session.stop_running()


async def test_without_its_only_device_it_stops(app: SimulatedApp) -> None:
    session, output = session_of(app, sound=False, pictures=True)
    await session.start_running()
    with told(session) as notifications:
        app.capture.system.disconnect_camera("back camera")
        await settled(session)
        assert notifications.errors == [AVError.DEVICE_WAS_DISCONNECTED]
        assert notifications.names == [ERROR, DOWN]
    assert not session.is_running
    assert output.codes == ["begin", AVError.DEVICE_WAS_DISCONNECTED]


async def test_the_last_microphone_is_pulled_out_and_put_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    device = without_microphone(monkeypatch)
    app = device.app("camera")
    device.plug("usb microphone")
    session, output = session_of(app)
    webcam = app.capture.system.connect_camera()
    session.add_input(AVCaptureDeviceInput(AVCaptureDevice(webcam, audio_session=app.session)))
    await session.start_running()
    with told(session) as notifications:
        device.unplug("usb microphone")
        await settled(session)
        assert notifications.errors == [AVError.DEVICE_WAS_DISCONNECTED]
    assert session.is_running
    output.taken.clear()
    device.advance(0.5)
    assert (output.count(SOUND), output.count(PICTURES)) == (0, 15)
    device.plug("usb microphone")
    await settled(session)
    device.advance(0.5)
    assert (output.count(SOUND), output.count(PICTURES)) == (23, 15)
    await session.stop_running()


async def test_a_suspended_app_gets_nothing_and_goes_on_when_it_is_back(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    session, output = session_of(app)
    await session.start_running()
    app.suspend()
    output.taken.clear()
    device.advance(1.0)
    assert output.taken == []
    with told(session) as notifications:
        app.to_foreground()
        await settled(session)
        assert notifications.names == [BEGAN, DOWN, ENDED, UP]
    assert audio_of(app).is_active
    device.advance(0.5)
    assert output.count(SOUND) in (23, 24)
    await session.stop_running()


async def test_a_killed_app_gets_nothing_more(device: SimulatedDevice, app: SimulatedApp) -> None:
    session, output = session_of(app, pictures=True)
    await session.start_running()
    app.kill()
    output.taken.clear()
    device.advance(1.0)
    assert output.taken == []


def test_reasons_have_apples_numbers() -> None:
    numbers: dict[str, Any] = {each.name: each.value for each in Reason}
    assert sorted(numbers.values()) == [1, 2, 3, 4, 5, 6]


async def test_inputs_may_be_changed_during_an_interruption(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    session, output = session_of(app)
    await session.start_running()
    call = device.incoming_call()
    session.add_input(camera(app))
    await settled(session)
    assert session.is_interrupted
    call.decline()
    await settled(session)
    output.taken.clear()
    device.advance(0.5)
    assert (output.count(SOUND), output.count(PICTURES)) == (23, 15)
    await session.stop_running()
    session.remove_input(session.inputs[0])
    assert session.can_add_input(microphone(app))
