"""AVAudioSession: routes, inputs, data sources (rules 80 to 103)."""

from __future__ import annotations

import pytest

from audiosession.apple import (
    AVAudioSession,
    AVAudioSessionNotificationName,
    AVAudioSessionPolarPattern,
    AVAudioSessionPortOverride,
    AVAudioSessionRouteChangeReason,
    AVAudioSessionRouteSelection,
    AVAudioSessionRouteSharingPolicy,
    AVAudioStereoOrientation,
    Notification,
    NotificationCenter,
)
from audiosession.errors import InvalidTypeError
from audiosession.hosts.simulated import SimulatedDevice
from tests.apple.phone_kit import (
    Category,
    Code,
    Heard,
    Key,
    Mode,
    Options,
    Port,
    fails,
    heard,
    now,
    phone,
    ports,
    session_of,
    started,
    without_microphone,
)

Name = AVAudioSessionNotificationName
Reason = AVAudioSessionRouteChangeReason
Pattern = AVAudioSessionPolarPattern
SPEAKER, NONE = AVAudioSessionPortOverride.SPEAKER, AVAudioSessionPortOverride.NONE


def changes(notifications: Heard) -> list[tuple[str, list[str]]]:
    """Reason and outputs before of each route change; forgets them."""
    result = [
        (
            info[Key.ROUTE_CHANGE_REASON].name,
            [port.port_type.name for port in info[Key.ROUTE_CHANGE_PREVIOUS_ROUTE].outputs],
        )
        for info in notifications.of(Name.ROUTE_CHANGE)
    ]
    notifications.clear()
    return result


async def joined(
    device: SimulatedDevice, options: Options = Options.NONE, mode: Mode = Mode.DEFAULT
) -> AVAudioSession:
    return await started(device.app("call"), Category.PLAY_AND_RECORD, options, mode)


async def test_80_the_last_one_in_wins() -> None:
    device = phone()
    session = await started(device.app("player"))
    device.plug("wired headphones")
    device.plug("bluetooth speaker")
    assert ports(session) == ([], ["BLUETOOTH_A2DP"])
    device.unplug("bluetooth speaker")
    assert ports(session) == ([], ["HEADPHONES"])


async def test_81_82_83_receiver_and_speaker() -> None:
    device = phone()
    session = await joined(device)
    assert ports(session) == (["BUILT_IN_MIC"], ["BUILT_IN_RECEIVER"])
    await session.set_category(Category.PLAY_AND_RECORD, options=Options.DEFAULT_TO_SPEAKER)
    assert ports(session) == (["BUILT_IN_MIC"], ["BUILT_IN_SPEAKER"])
    device.plug("wired headphones")
    assert ports(session)[1] == ["HEADPHONES"]
    device.unplug("wired headphones")
    assert ports(session)[1] == ["BUILT_IN_SPEAKER"]
    await session.set_category(Category.PLAY_AND_RECORD)
    assert ports(session)[1] == ["BUILT_IN_RECEIVER"]
    await session.set_category(Category.SOLO_AMBIENT)
    assert ports(session) == ([], ["BUILT_IN_SPEAKER"])
    tablet = await joined(phone(profile="tablet"))
    assert ports(tablet) == (["BUILT_IN_MIC"], ["BUILT_IN_SPEAKER"])


async def test_84_85_the_override_and_what_ends_it() -> None:
    device = phone()
    session = await joined(device)
    device.plug("wired headset")
    with heard(session) as notifications:
        await session.override_output_audio_port(SPEAKER)
        assert ports(session) == (["BUILT_IN_MIC"], ["BUILT_IN_SPEAKER"])
        assert changes(notifications) == [("OVERRIDE", ["HEADPHONES"])]
        await session.override_output_audio_port(NONE)
        assert ports(session) == (["HEADSET_MIC"], ["HEADPHONES"])
        await session.override_output_audio_port(SPEAKER)
        device.plug("wired headphones")
        assert ports(session)[1] == ["HEADPHONES"]
        await session.override_output_audio_port(SPEAKER)
        device.incoming_call().decline()
        await session.set_active(True)
        assert ports(session)[1] == ["HEADPHONES"]


@pytest.mark.parametrize("category", [Category.PLAYBACK, Category.RECORD, Category.MULTI_ROUTE])
async def test_84_only_with_play_and_record(category: Category) -> None:
    session = await started(phone().app("player"), category)
    before = ports(session)
    with fails(Code.INCOMPATIBLE_CATEGORY):
        await session.override_output_audio_port(SPEAKER)
    await session.override_output_audio_port(NONE)
    assert ports(session) == before
    with pytest.raises(InvalidTypeError):
        await session.override_output_audio_port(1)  # type: ignore[arg-type]


async def test_84_also_before_the_activation() -> None:
    session = session_of(phone().app("call"))
    await session.set_category(Category.PLAY_AND_RECORD)
    await session.override_output_audio_port(SPEAKER)
    await session.set_active(True)
    assert ports(session)[1] == ["BUILT_IN_SPEAKER"]


async def test_85_86_87_reasons_and_the_previous_route() -> None:
    device = phone()
    session = session_of(device.app("call"))
    with heard(session) as notifications:
        await joined(device)
        assert changes(notifications) == [("CATEGORY_CHANGE", ["BUILT_IN_SPEAKER"])]
        device.plug("wired headset")
        assert changes(notifications) == [("NEW_DEVICE_AVAILABLE", ["BUILT_IN_RECEIVER"])]
        await session.set_category(Category.PLAYBACK)
        assert changes(notifications) == [("CATEGORY_CHANGE", ["HEADPHONES"])]
        device.unplug("wired headset")
        assert changes(notifications) == [("OLD_DEVICE_UNAVAILABLE", ["HEADPHONES"])]
        device.plugs.wake()
        assert changes(notifications) == [("WAKE_FROM_SLEEP", ["BUILT_IN_SPEAKER"])]
    assert {reason.value for reason in Reason} == {0, 1, 2, 3, 4, 6, 7, 8}


async def test_86_the_present_route_is_read_from_the_session() -> None:
    device = phone()
    session = await started(device.app("player"))
    seen: list[tuple[list[str], list[str]]] = []
    token = NotificationCenter.default().add_observer(
        Name.ROUTE_CHANGE, lambda _: seen.append(ports(session)), session
    )
    device.plug("wired headphones")
    NotificationCenter.default().remove_observer(token)
    assert seen == [([], ["HEADPHONES"])]


async def test_86_the_previous_route_is_whole_though_the_port_is_gone() -> None:
    device = phone()
    device.plug("usb audio")
    session = await started(device.app("player"))
    before = session.current_route
    with heard(session) as notifications:
        device.unplug("usb audio")
        previous = notifications.of(Name.ROUTE_CHANGE)[0][Key.ROUTE_CHANGE_PREVIOUS_ROUTE]
    assert previous == before
    assert previous.outputs[0].channels == before.outputs[0].channels
    assert len(previous.outputs[0].channels) == 2


async def test_88_the_route_change_comes_before_the_one_api_becomes_noisy() -> None:
    device = phone(16, 0)
    app = device.app("player")
    session = await started(app)
    device.plug("wired headphones")
    order: list[str] = []
    app.session.becoming_noisy_event_stream.listen(lambda _: order.append("noisy"))

    def note(notification: Notification) -> None:
        order.append(notification.user_info[Key.ROUTE_CHANGE_REASON].name)

    token = NotificationCenter.default().add_observer(Name.ROUTE_CHANGE, note, session)
    device.unplug("wired headphones")
    NotificationCenter.default().remove_observer(token)
    assert order == ["OLD_DEVICE_UNAVAILABLE", "noisy"]


async def test_89_the_session_stays_active_on_unplug() -> None:
    device = phone()
    session = await started(device.app("player"))
    io = session.make_io()
    await io.start()
    device.plug("wired headphones")
    device.unplug("wired headphones")
    assert session.is_active
    assert io.running


async def test_90_hardware_differs_after_a_route_change() -> None:
    device = phone()
    session = await joined(device, Options.ALLOW_BLUETOOTH_HFP)
    rates: list[float] = []
    session.observe("sample_rate", rates.append)
    device.plug("bluetooth hands-free")
    assert rates == [16_000.0]
    assert session.output_number_of_channels == 1


async def test_91_no_suitable_route(monkeypatch: pytest.MonkeyPatch) -> None:
    device = without_microphone(monkeypatch)
    device.plug("wired headset")
    session = await started(device.app("recorder"), Category.RECORD)
    assert ports(session) == (["HEADSET_MIC"], [])
    with heard(session) as notifications:
        device.unplug("wired headset")
        assert changes(notifications) == [("NO_SUITABLE_ROUTE_FOR_CATEGORY", [])]
    assert ports(session) == ([], [])


async def test_92_93_95_hands_free_takes_both_directions() -> None:
    device = phone()
    device.plug("bluetooth headset")
    session = await joined(device)
    assert ports(session) == (["BUILT_IN_MIC"], ["BUILT_IN_RECEIVER"])
    await session.set_category(Category.PLAY_AND_RECORD, options=Options.ALLOW_BLUETOOTH_HFP)
    assert ports(session) == (["BLUETOOTH_HFP"], ["BLUETOOTH_HFP"])
    await session.set_category(
        Category.PLAY_AND_RECORD,
        options=Options.ALLOW_BLUETOOTH_HFP | Options.ALLOW_BLUETOOTH_A2DP,
    )
    assert ports(session) == (["BLUETOOTH_HFP"], ["BLUETOOTH_HFP"])
    await session.set_preferred_input(
        next(port for port in session.available_inputs if port.port_type is Port.BUILT_IN_MIC)
    )
    assert "BLUETOOTH_HFP" not in ports(session)[1]


async def test_94_a2dp() -> None:
    device = phone()
    device.plug("bluetooth speaker")
    session = await started(device.app("player"))
    assert ports(session) == ([], ["BLUETOOTH_A2DP"])
    await session.set_category(Category.PLAY_AND_RECORD)
    assert ports(session)[1] == ["BUILT_IN_RECEIVER"]
    await session.set_category(Category.PLAY_AND_RECORD, options=Options.ALLOW_BLUETOOTH_A2DP)
    assert ports(session) == (["BUILT_IN_MIC"], ["BLUETOOTH_A2DP"])
    await session.set_category(Category.MULTI_ROUTE)
    assert "BLUETOOTH_A2DP" not in ports(session)[1]


async def test_96_airplay() -> None:
    device = phone()
    device.plug("airplay speaker")
    session = await started(device.app("player"))
    assert ports(session)[1] == ["AIR_PLAY"]
    await session.set_category(Category.PLAY_AND_RECORD)
    assert ports(session)[1] == ["BUILT_IN_RECEIVER"]
    await session.set_category(Category.PLAY_AND_RECORD, options=Options.ALLOW_AIR_PLAY)
    assert ports(session)[1] == ["AIR_PLAY"]


async def test_97_a_bluetooth_microphone_tells_of_high_quality_recording() -> None:
    device = phone()
    device.plug("bluetooth studio headset")
    session = await joined(device, Options.ALLOW_BLUETOOTH_HFP)
    extension = session.current_route.inputs[0].bluetooth_microphone_extension
    assert extension is not None
    assert extension.high_quality_recording.is_supported
    assert not extension.far_field_capture.is_supported
    assert not extension.high_quality_recording.is_enabled
    await session.set_category(
        Category.PLAY_AND_RECORD, options=Options.BLUETOOTH_HIGH_QUALITY_RECORDING
    )
    extension = session.current_route.inputs[0].bluetooth_microphone_extension
    assert extension is not None
    assert extension.high_quality_recording.is_enabled
    device.unplug("bluetooth studio headset")
    assert session.current_route.inputs[0].bluetooth_microphone_extension is None


async def test_98_the_preferred_input_is_a_wish_that_ends_with_the_port() -> None:
    device = phone()
    session = await joined(device)
    device.plug("wired headset")
    assert ports(session)[0] == ["HEADSET_MIC"]
    built_in, wired = session.available_inputs
    assert (built_in.port_type, wired.port_type) == (Port.BUILT_IN_MIC, Port.HEADSET_MIC)
    await session.set_preferred_input(built_in)
    assert now(session.preferred_input) == built_in
    assert ports(session)[0] == ["BUILT_IN_MIC"]
    await session.set_preferred_input(None)
    assert now(session.preferred_input) is None
    assert ports(session)[0] == ["HEADSET_MIC"]
    await session.set_preferred_input(wired)
    device.unplug("wired headset")
    assert session.preferred_input is None
    with fails(Code.BAD_PARAM):
        await session.set_preferred_input(wired)
    with pytest.raises(InvalidTypeError):
        await session.set_preferred_input("microphone")  # type: ignore[arg-type]


async def test_98_99_inputs_follow_the_category() -> None:
    device = phone()
    session = await joined(device)
    microphone = session.available_inputs[0]
    with heard(session) as notifications:
        await session.set_category(Category.PLAYBACK)
        assert notifications.names == ["RouteChange", "AvailableInputsChange"]
    assert session.available_inputs == ()
    with fails(Code.BAD_PARAM):
        await session.set_preferred_input(microphone)


async def test_99_available_inputs_change_is_new_in_ios_26() -> None:
    device = phone(25, 0)
    session = await joined(device)
    with heard(session) as notifications:
        device.plug("wired headset")
        assert notifications.names == ["RouteChange"]


async def test_100_a_data_source_reconfigures_a_port_in_use() -> None:
    device = phone()
    session = await joined(device)
    bottom, front, _ = session.input_data_sources or ()
    assert session.input_data_source == bottom
    port = session.current_route.inputs[0]
    with heard(session) as notifications:
        await session.set_input_data_source(front)
        assert changes(notifications) == [("ROUTE_CONFIGURATION_CHANGE", ["BUILT_IN_RECEIVER"])]
        assert session.input_data_source == front
        assert port.selected_data_source == port.preferred_data_source == front
        await front.set_preferred_polar_pattern(Pattern.CARDIOID)
        assert changes(notifications) == [("ROUTE_CONFIGURATION_CHANGE", ["BUILT_IN_RECEIVER"])]
        assert now(front.selected_polar_pattern) is Pattern.CARDIOID
        await session.set_input_data_source(None)
        assert session.input_data_source == bottom
        assert port.preferred_data_source is None


async def test_100_on_a_port_that_is_not_in_use_it_waits() -> None:
    device = phone()
    session = await joined(device)
    port = session.current_route.inputs[0]
    assert port.data_sources is not None
    back = port.data_sources[2]
    device.plug("wired headset")
    with heard(session) as notifications:
        await port.set_preferred_data_source(back)
        await back.set_preferred_polar_pattern(Pattern.SUBCARDIOID)
        assert changes(notifications) == []
    assert port.preferred_data_source == back
    assert port.selected_data_source == port.data_sources[0]
    device.unplug("wired headset")
    assert port.selected_data_source == back
    assert now(back.selected_polar_pattern) is Pattern.SUBCARDIOID
    await back.set_preferred_polar_pattern(None)
    assert now(back.selected_polar_pattern) is Pattern.OMNIDIRECTIONAL


async def test_100_an_accessory_has_data_sources_both_ways() -> None:
    device = phone()
    session = await joined(device)
    seen: list[object] = []
    for name in ("input_data_sources", "output_data_sources"):
        session.observe(name, seen.append)
    device.plug("usb mixer")
    inputs, outputs = session.input_data_sources or (), session.output_data_sources or ()
    assert seen == [inputs, outputs]
    assert [each.data_source_name for each in inputs] == ["Microphone", "Line", "Instrument"]
    assert [each.data_source_name for each in outputs] == ["Main", "Monitor", "Phones"]
    assert (session.input_data_source, session.output_data_source) == (inputs[0], outputs[0])
    with heard(session) as notifications:
        await session.set_input_data_source(inputs[1])
        await session.set_output_data_source(outputs[2])
        reason = ("ROUTE_CONFIGURATION_CHANGE", ["USB_AUDIO"])
        assert changes(notifications) == [reason, reason]
    assert now(session.input_data_source) == inputs[1]
    assert now(session.output_data_source) == outputs[2]
    # These know no patterns and no places.
    assert inputs[1].supported_polar_patterns is None
    assert inputs[1].selected_polar_pattern is None
    assert (outputs[2].location, outputs[2].orientation) == (None, None)
    with fails(Code.BAD_PARAM):
        await session.set_output_data_source(inputs[0])
    device.unplug("usb mixer")
    assert session.output_data_sources is None


async def test_100_what_is_not_there_is_refused() -> None:
    device = phone()
    session = await joined(device)
    bottom, front, _ = session.input_data_sources or ()
    with fails(Code.BAD_PARAM):
        await bottom.set_preferred_polar_pattern(Pattern.CARDIOID)
    assert bottom.preferred_polar_pattern is None
    with pytest.raises(InvalidTypeError):
        await front.set_preferred_polar_pattern("Cardioid")  # type: ignore[arg-type]
    with fails(Code.BAD_PARAM):
        await session.set_output_data_source(front)
    assert session.output_data_sources is None
    assert session.output_data_source is None
    with pytest.raises(InvalidTypeError):
        await session.set_input_data_source(1)  # type: ignore[arg-type]
    await session.set_category(Category.PLAYBACK)
    with fails(Code.BAD_PARAM):
        await session.set_input_data_source(front)
    assert session.input_data_sources is None


async def test_101_stereo_needs_an_orientation() -> None:
    device = phone()
    session = await joined(device)
    front = (session.input_data_sources or ())[1]
    await session.set_input_data_source(front)
    await front.set_preferred_polar_pattern(Pattern.STEREO)
    assert now(front.preferred_polar_pattern) is Pattern.STEREO
    assert now(front.selected_polar_pattern) is Pattern.OMNIDIRECTIONAL
    assert session.input_number_of_channels == 1
    assert now(session.input_orientation) is AVAudioStereoOrientation.NONE
    await session.set_preferred_input_orientation(AVAudioStereoOrientation.PORTRAIT)
    assert now(front.selected_polar_pattern) is Pattern.STEREO
    assert session.input_number_of_channels == 2
    assert now(session.input_orientation) is AVAudioStereoOrientation.PORTRAIT
    with pytest.raises(InvalidTypeError):
        await session.set_preferred_input_orientation(1)  # type: ignore[arg-type]


async def test_102_long_form_apps_share_a_route_of_their_own() -> None:
    device = phone()
    device.plug("airplay speaker")
    session = session_of(device.app("music"))
    await session.set_category(
        Category.PLAYBACK, policy=AVAudioSessionRouteSharingPolicy.LONG_FORM_AUDIO
    )
    await session.set_active(True)
    other = await started(device.app("game"), Category.AMBIENT)
    device.plugs.share_output("airplay speaker")
    assert ports(session)[1] == ["AIR_PLAY"]
    assert ports(other)[1] == ["BUILT_IN_SPEAKER"]


async def test_102_a_call_interrupts_long_form_only_on_the_system_s_route() -> None:
    device = phone()
    device.plug("airplay speaker")
    device.plugs.share_output("airplay speaker")
    game = await started(device.app("game"))
    session = session_of(device.app("music"))
    await session.set_category(
        Category.PLAYBACK, policy=AVAudioSessionRouteSharingPolicy.LONG_FORM_AUDIO
    )
    await session.set_active(True)
    assert now(game.is_active), "it is apart from its first moment on"
    call = device.incoming_call()
    call.accept()
    assert now(session.is_active)
    assert not now(game.is_active)
    with heard(session) as news:
        device.unplug("airplay speaker")
        assert news.names == ["RouteChange", "Interruption", "DidBecomeInactive"]
        call.end()
        assert news.names[3:] == ["Interruption", "ResumptionRecommendation"]
    assert not now(session.is_active)


async def test_103_multi_route() -> None:
    device = phone()
    device.plug("wired headphones")
    device.plug("hdmi")
    session = await started(device.app("dj"), Category.MULTI_ROUTE)
    assert ports(session) == (["BUILT_IN_MIC"], ["HDMI", "HEADPHONES"])
    assert session.maximum_output_number_of_channels == 10


async def test_a_device_with_both_directions_is_two_ports() -> None:
    device = phone()
    device.plug("usb audio")
    session = await joined(device)
    route = session.current_route
    assert route.inputs[0].uid != route.outputs[0].uid
    channels = route.outputs[0].channels or ()
    assert [each.owning_port_uid for each in channels] == [route.outputs[0].uid] * 2
    assert [each.channel_number for each in channels] == [1, 2]
    assert [each.channel_label for each in channels] == [1, 2]
    assert channels[0].channel_name == "USB audio Left"


async def test_the_route_for_a_film_is_the_one_in_use() -> None:
    device = phone()
    session = await started(device.app("film"))
    where = AVAudioSessionRouteSelection
    assert await session.prepare_route_selection_for_playback() == (True, where.LOCAL)
    device.plug("airplay speaker")
    assert await session.prepare_route_selection_for_playback() == (True, where.EXTERNAL)
    await session.set_category(Category.RECORD)
    assert await session.prepare_route_selection_for_playback() == (False, where.NONE)
