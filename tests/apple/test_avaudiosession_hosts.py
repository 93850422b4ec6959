"""AVAudioSession where the host offers less, in a blocking program, and its notifications."""

from __future__ import annotations

import pytest

from audiosession import AudioDeviceType, AudioSession, blocking
from audiosession.apple import (
    AudioIO,
    AVAudioApplication,
    AVAudioApplicationNotificationName,
    AVAudioApplicationRecordPermission,
    AVAudioSession,
    AVAudioSessionNotificationName,
    AVAudioSessionPolarPattern,
    AVAudioSessionPort,
    Notification,
    NotificationCenter,
    NSError,
)
from audiosession.apple import blocking as apple_blocking
from audiosession.apple.device import Direction
from audiosession.apple.notifications import MAX_OBSERVERS
from audiosession.apple.ports import port_type
from audiosession.errors import InvalidTypeError, LimitError, UnsupportedError
from tests.apple.phone_kit import (
    Category,
    Code,
    Key,
    Options,
    PlainHost,
    fails,
    heard,
    now,
    phone,
    started,
)

# -- a host that offers no AppleDevice -------------------------------------------------------


async def test_on_a_plain_host_activation_and_interruption_work() -> None:
    device = phone()
    app = device.app("player")
    session = AVAudioSession.of(AudioSession(PlainHost(app)))
    with heard(session) as notifications:
        await session.set_category(Category.PLAYBACK)
        io = session.make_io()
        await io.start()
        assert session.is_active
        device.incoming_call().decline()
        assert not io.running
        assert notifications.names == [
            "DidBecomeActive",
            "Interruption",
            "DidBecomeInactive",
            "Interruption",
            "ResumptionRecommendation",
        ]
        await io.start()
        await session.set_active(False)
        assert not io.running
    with fails(Code.BAD_PARAM):
        await session.set_category(Category.PLAYBACK, options=Options.ALLOW_BLUETOOTH)


ASKED = (
    "current_route",
    "sample_rate",
    "io_buffer_duration",
    "output_volume",
    "input_gain",
    "input_latency",
    "maximum_output_number_of_channels",
    "is_other_audio_playing",
    "secondary_audio_should_be_silenced_hint",
    "prompt_style",
    "record_permission",
    "rendering_mode",
    "is_microphone_injection_available",
    "is_echo_cancelled_input_available",
    "input_data_sources",
    "is_output_muted",
    "supported_output_channel_layouts",
)


@pytest.mark.parametrize("name", ASKED)
async def test_on_a_plain_host_the_rest_is_not_supported(name: str) -> None:
    session = AVAudioSession.of(AudioSession(PlainHost(phone().app("player"))))
    with pytest.raises(UnsupportedError, match="is not supported by this host \\(plain\\)"):
        getattr(session, name)


async def test_on_a_plain_host_wishes_are_not_supported_and_change_nothing() -> None:
    session = AVAudioSession.of(AudioSession(PlainHost(phone().app("player"))))
    with pytest.raises(UnsupportedError, match="hardware wishes"):
        await session.set_preferred_sample_rate(44_100.0)
    assert session.preferred_sample_rate == 0.0
    with pytest.raises(UnsupportedError, match="preferred input"):
        await session.set_preferred_input(None)
    assert session.preferred_input is None


async def test_on_a_plain_host_devices_are_ports() -> None:
    device = phone()
    session = AVAudioSession.of(AudioSession(PlainHost(device.app("player"))))
    await session.set_category(Category.RECORD)
    assert [port.port_type for port in session.available_inputs] == [
        AVAudioSessionPort.BUILT_IN_MIC
    ]
    with heard(session) as notifications:
        device.plug("usb audio")
        assert notifications.names == ["AvailableInputsChange"]
    assert [port.uid for port in session.available_inputs] == ["microphone", "usb audio-input"]
    assert session.is_input_available
    await session.set_category(Category.PLAYBACK)
    assert session.available_inputs == ()


@pytest.mark.parametrize("kind", AudioDeviceType)
def test_every_kind_of_device_is_a_port(kind: AudioDeviceType) -> None:
    for direction in Direction:
        assert isinstance(port_type(kind, direction), AVAudioSessionPort)


# -- a program without a loop ----------------------------------------------------------------


def test_blocking() -> None:
    device = blocking.run(phone)
    app = blocking.run(device.app, "player")
    audio_session = blocking.run(lambda: app.session)
    session = apple_blocking.AVAudioSession.of(audio_session)
    assert apple_blocking.AVAudioSession.of(audio_session) is session
    assert now(session.category) is Category.SOLO_AMBIENT
    session.set_category(Category.PLAY_AND_RECORD)
    io = session.make_io(input=True)
    io.start()
    assert io.running
    assert (io.input, io.output) == (True, True)
    assert session.is_active
    assert session.audio_session.is_active
    front = (session.input_data_sources or ())[1]
    apple_blocking.set_preferred_data_source(session.current_route.inputs[0], front)
    apple_blocking.set_preferred_polar_pattern(front, AVAudioSessionPolarPattern.CARDIOID)
    assert session.input_data_source == front
    application = apple_blocking.AVAudioApplication.of(audio_session)
    assert now(application.record_permission) is AVAudioApplicationRecordPermission.GRANTED
    heard_of: list[float] = []
    observation = session.observe("output_volume", heard_of.append)
    blocking.run(device.set_volume, 0.5)
    observation.cancel()
    assert heard_of == [0.5]
    session.set_active(False)
    assert not session.is_active
    with pytest.raises(NSError):
        session.set_category(Category.PLAYBACK, options=session.category_options | 0x8)
    session.audio_session.close()
    with fails(Code.EXPIRED_SESSION):
        session.set_active(True)


def test_an_observer_of_a_blocking_session_hears_of_it_and_of_no_other() -> None:
    device = blocking.run(phone)

    def blocking_session(app: str) -> apple_blocking.AVAudioSession:
        return apple_blocking.AVAudioSession.of(blocking.run(lambda: device.app(app).session))

    player, other = blocking_session("player"), blocking_session("other")
    routes: list[object] = []
    mutes: list[bool] = []
    application = apple_blocking.AVAudioApplication.of(player.audio_session._session)
    center = NotificationCenter.default()
    tokens = [
        center.add_observer(
            AVAudioSessionNotificationName.ROUTE_CHANGE,
            lambda one: routes.append(one.object.current_route.outputs[0].port_type),
            player,
        ),
        center.add_observer(
            AVAudioApplicationNotificationName.INPUT_MUTE_STATE_CHANGE,
            lambda one: mutes.append(one.object.is_input_muted),
            application,
        ),
    ]
    for session in (player, other):
        session.set_category(Category.PLAYBACK, options=Options.MIX_WITH_OTHERS)
        session.set_active(True)
    application.set_input_muted(True)
    blocking.run(device.plug, "wired headset")
    for token in tokens:
        center.remove_observer(token)
    assert routes == [AVAudioSessionPort.HEADPHONES]
    assert mutes == [True]


def test_the_blocking_form_has_everything() -> None:
    for asynchronous, same in (
        (AVAudioSession, apple_blocking.AVAudioSession),
        (AudioIO, apple_blocking.AudioIO),
        (AVAudioApplication, apple_blocking.AVAudioApplication),
    ):
        hooks = {
            "app_called",
            "becoming_noisy",
            "devices_changed",
            "gained_claim",
            "interruption",
            "lost_claim",
        }
        names = {name for name in dir(asynchronous) if not name.startswith("_")} - hooks
        assert names <= set(dir(same))


# -- the notification centre -----------------------------------------------------------------


def test_observers_hear_in_the_order_in_which_they_came() -> None:
    center = NotificationCenter()
    order: list[int] = []
    center.add_observer("a", lambda _: order.append(1))
    token = center.add_observer(None, lambda _: order.append(2))
    center.add_observer("b", lambda _: order.append(3))
    center.post("a")
    center.remove_observer(token)
    center.remove_observer(token)
    center.post("a")
    assert order == [1, 2, 1]


def test_observers_of_one_object() -> None:
    center = NotificationCenter()
    one, two = object(), object()
    notifications: list[Notification] = []
    center.add_observer("a", notifications.append, one)
    center.post("a", two)
    center.post("a", one, {Key.MUTE_STATE: True})
    assert notifications == [Notification(name="a", object=one, user_info={Key.MUTE_STATE: True})]
    with pytest.raises(TypeError):
        notifications[0].user_info["more"] = 1  # type: ignore[index]


def test_an_observer_that_fails_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    center = NotificationCenter()
    notifications: list[Notification] = []

    def bad(_: Notification) -> None:
        raise RuntimeError("bad")

    center.add_observer("a", bad)
    center.add_observer("a", notifications.append)
    center.post("a")
    assert len(notifications) == 1
    assert "an observer of a failed" in caplog.text


def test_who_is_removed_by_another_hears_nothing() -> None:
    center = NotificationCenter()
    heard_of: list[Notification] = []
    center.add_observer("a", lambda _: center.remove_observer(token))
    token = center.add_observer("a", heard_of.append)
    center.post("a")
    assert heard_of == []


async def test_notifications_are_read_one_after_the_other() -> None:
    device = phone()
    session = await started(device.app("player"))
    center = NotificationCenter.default()
    name = AVAudioSessionNotificationName.INTERRUPTION
    interruptions = center.notifications(name, session)
    io = session.make_io()
    await io.start()
    device.incoming_call().decline()
    began, ended = await anext(interruptions), await anext(interruptions)
    assert Key.INTERRUPTION_REASON in began.user_info
    assert Key.INTERRUPTION_OPTION in ended.user_info
    await io.start()
    await interruptions.aclose()
    device.incoming_call()
    with pytest.raises(StopAsyncIteration):
        await anext(interruptions)


async def test_notifications_that_nobody_reads_any_more_are_not_observed() -> None:
    center = NotificationCenter()
    closed, forgotten = center.notifications("a"), center.notifications("a")
    kept = center.notifications("a")
    await closed.aclose()
    del forgotten
    center.post("a")
    assert len(center._observers) == 1
    assert (await anext(kept)).name == "a"


def test_wrong_observers_are_refused() -> None:
    center = NotificationCenter()

    async def coroutine(_: Notification) -> None:
        """Would never run."""

    with pytest.raises(InvalidTypeError):
        center.add_observer(1, print)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError):
        center.add_observer("a", "not a function")  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match="no async def"):
        center.add_observer("a", coroutine)
    with pytest.raises(InvalidTypeError):
        center.remove_observer("a")  # type: ignore[arg-type]
    for _ in range(MAX_OBSERVERS):
        center.add_observer("a", print)
    with pytest.raises(LimitError):
        center.add_observer("a", print)


def test_one_centre_for_all() -> None:
    assert NotificationCenter.default() is NotificationCenter.default()
