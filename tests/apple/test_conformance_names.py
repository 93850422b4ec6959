"""AVAudioSession: what a fresh session has, what ports and contexts tell, and some rules."""

from __future__ import annotations

import pytest

from audiosession.apple import (
    AVAudioSessionCapability,
    AVAudioSessionChannelDescription,
    AVAudioSessionDataSourceDescription,
    AVAudioSessionDeactivationContext,
    AVAudioSessionDeactivationSource,
    AVAudioSessionInterruptionContext,
    AVAudioSessionInterruptionReason,
    AVAudioSessionLocation,
    AVAudioSessionNotificationName,
    AVAudioSessionOrientation,
    AVAudioSessionPolarPattern,
    AVAudioSessionPortDescription,
    AVAudioSessionPortExtensionBluetoothMicrophone,
    AVAudioSessionRenderingMode,
    AVAudioSessionResumptionContext,
    AVAudioSessionRouteDescription,
    AVAudioStereoOrientation,
)
from audiosession.errors import InvalidTypeError
from tests.apple.facts_kit import av
from tests.apple.phone_kit import (
    Category,
    Code,
    Key,
    Options,
    Port,
    fails,
    heard,
    phone,
    session_of,
    started,
)

Name = AVAudioSessionNotificationName
Pattern = AVAudioSessionPolarPattern


def test_a_fresh_session_is_as_the_facts_say() -> None:
    session = session_of(phone().app("fresh"))
    first = av()["defaults"]
    haptics = session.allow_haptics_and_system_sounds_during_recording
    assert session.category.value == first["category"]
    assert session.mode.value == first["mode"]
    assert session.category_options.value == first["category_options"]
    assert session.route_sharing_policy.value == first["route_sharing_policy"]
    assert session.is_active is first["active"]
    assert haptics is first["allow_haptics_and_system_sounds_during_recording"]
    assert session.supports_multichannel_content is first["supports_multichannel_content"]
    assert session.is_output_muted is first["output_muted"]
    assert (
        session.prefers_interruption_on_route_disconnect
        is first["prefers_interruption_on_route_disconnect"]
    )
    assert session.prefers_no_interruptions_from_system_alerts is False
    assert session.preferred_sample_rate == 0.0
    assert session.preferred_io_buffer_duration == 0.0


def test_108_rates_and_durations_are_the_typical_ones() -> None:
    session = session_of(phone().app("player"))
    first = av()["defaults"]
    lowest, highest = first["typical_sample_rates"]
    assert lowest <= session.sample_rate <= highest
    assert session.io_buffer_duration == pytest.approx(
        first["typical_io_buffer_duration"], abs=3e-3
    )


@pytest.mark.parametrize(
    ("wished", "typical"),
    [(1e-6, "typical_minimum_io_buffer_duration"), (10.0, "typical_maximum_io_buffer_duration")],
)
async def test_108_a_duration_out_of_range_becomes_the_nearest(wished: float, typical: str) -> None:
    session = await started(phone().app("player"))
    await session.set_preferred_sample_rate(44_100.0)
    await session.set_preferred_io_buffer_duration(wished)
    assert session.preferred_io_buffer_duration == wished
    assert session.io_buffer_duration == pytest.approx(av()["defaults"][typical], abs=3e-3)


async def test_32_a_session_that_is_gone_is_expired() -> None:
    app = phone().app("player")
    session = await started(app)
    await app.session.close()
    with fails(Code.EXPIRED_SESSION):
        await session.set_active(True)
    with fails(Code.EXPIRED_SESSION):
        await session.set_category(Category.PLAYBACK)
    with fails(Code.EXPIRED_SESSION):
        await session.set_preferred_sample_rate(48_000.0)


async def test_106_channels_and_data_sources_come_after_category_and_activation() -> None:
    session = session_of(phone().app("recorder"))
    with fails(Code.INCOMPATIBLE_CATEGORY):
        await session.set_preferred_input_number_of_channels(1)
    with fails(Code.BAD_PARAM):
        await session.set_input_data_source(None)
    await session.set_category(Category.RECORD)
    await session.set_active(True)
    await session.set_preferred_input_number_of_channels(1)
    assert session.preferred_input_number_of_channels == 1
    back = (session.input_data_sources or ())[-1]
    await session.set_input_data_source(back)
    assert session.input_data_source == back


SILENT = (Category.AMBIENT, Category.SOLO_AMBIENT)
LASTING = (Category.PLAYBACK, Category.RECORD, Category.PLAY_AND_RECORD, Category.MULTI_ROUTE)


@pytest.mark.parametrize("category", [*SILENT, *LASTING])
async def test_114_what_may_start_in_the_background(category: Category) -> None:
    device = phone()
    app = device.app("player")
    session = session_of(app)
    await session.set_category(category)
    device.apple.now_playing = app.id
    app.to_background()
    with fails(Code.CANNOT_START_PLAYING):
        await session.set_active(True)
    app.apple.background_audio = True
    if category in SILENT:
        with fails(Code.CANNOT_START_PLAYING):
            await session.set_active(True)
    else:
        await session.set_active(True)
    assert session.is_active is (category in LASTING)


async def test_rendering_is_told_under_its_names() -> None:
    device = phone()
    session = await started(device.app("film"))
    with heard(session) as notifications:
        device.apple.set_rendering_mode(AVAudioSessionRenderingMode.SURROUND)
        assert len(notifications.of(Name.RENDERING_MODE_CHANGE)) == 1
        assert notifications.of(Name.RENDERING_CAPABILITIES_CHANGE) == []
        device.apple.change_rendering_capabilities()
        assert notifications.of(Name.RENDERING_CAPABILITIES_CHANGE) == [{}]
        device.apple.set_spatial_audio(False)
        assert len(notifications.of(Name.SPATIAL_PLAYBACK_CAPABILITIES_CHANGED)) == 1
        assert len(notifications.all) == 3


async def test_the_orientation_wished_for_is_kept() -> None:
    session = await started(phone().app("recorder"), Category.RECORD)
    seen = [session.preferred_input_orientation]
    await session.set_preferred_input_orientation(AVAudioStereoOrientation.LANDSCAPE_LEFT)
    seen.append(session.preferred_input_orientation)
    with pytest.raises(InvalidTypeError, match="orientation"):
        await session.set_preferred_input_orientation(4)  # type: ignore[arg-type]
    seen.append(session.preferred_input_orientation)
    assert [each.name for each in seen] == ["NONE", "LANDSCAPE_LEFT", "LANDSCAPE_LEFT"]


# -- ports ---------------------------------------------------------------------------------------


async def test_a_phones_microphones() -> None:
    session = await started(phone().app("recorder"), Category.RECORD)
    route = session.current_route
    assert isinstance(route, AVAudioSessionRouteDescription)
    assert route.outputs == ()
    (port,) = route.inputs
    assert isinstance(port, AVAudioSessionPortDescription)
    assert port.port_type is Port.BUILT_IN_MIC
    (channel,) = port.channels or ()
    assert isinstance(channel, AVAudioSessionChannelDescription)
    assert channel.channel_name == port.port_name
    assert not port.has_hardware_voice_call_processing
    bottom, front, back = port.data_sources or ()
    assert isinstance(front, AVAudioSessionDataSourceDescription)
    assert len({each.data_source_id for each in (bottom, front, back)}) == 3
    assert [each.data_source_name for each in (bottom, front, back)] == ["Bottom", "Front", "Back"]
    assert bottom.location is AVAudioSessionLocation.LOWER
    assert front.location is back.location is AVAudioSessionLocation.UPPER
    assert bottom.orientation is AVAudioSessionOrientation.BOTTOM
    assert front.orientation is AVAudioSessionOrientation.FRONT
    assert back.orientation is AVAudioSessionOrientation.BACK
    assert bottom.supported_polar_patterns == (Pattern.OMNIDIRECTIONAL,)
    assert Pattern.STEREO in (front.supported_polar_patterns or ())


async def test_channels_of_a_port() -> None:
    device = phone()
    device.plug("wired headphones")
    session = await started(device.app("player"))
    (port,) = session.current_route.outputs
    left, right = port.channels or ()
    assert (left.channel_number, right.channel_number) == (1, 2)
    assert (left.channel_label, right.channel_label) == (1, 2)
    assert left.owning_port_uid == right.owning_port_uid == port.uid
    assert left.channel_name != right.channel_name


@pytest.mark.parametrize("wanted", [Options.NONE, Options.BLUETOOTH_HIGH_QUALITY_RECORDING])
async def test_97_what_a_bluetooth_microphone_can_and_does(wanted: Options) -> None:
    device = phone()
    device.plug("bluetooth studio headset")
    session = await started(
        device.app("call"), Category.PLAY_AND_RECORD, Options.ALLOW_BLUETOOTH_HFP | wanted
    )
    (port,) = session.current_route.inputs
    assert port.port_type is Port.BLUETOOTH_HFP
    assert port.has_hardware_voice_call_processing
    extension = port.bluetooth_microphone_extension
    assert isinstance(extension, AVAudioSessionPortExtensionBluetoothMicrophone)
    assert extension.high_quality_recording.is_supported
    assert extension.high_quality_recording.is_enabled is bool(wanted)
    assert extension.far_field_capture == AVAudioSessionCapability(
        is_supported=False, is_enabled=False
    )


# -- contexts ------------------------------------------------------------------------------------


async def test_70_contexts_say_who_and_why_and_what_next() -> None:
    device = phone()
    session = await started(device.app("player"))
    device.app("player").player().play()
    with heard(session) as notifications:
        call = device.incoming_call()
        (lost,) = notifications.of(Name.DID_BECOME_INACTIVE)
        deactivation = lost[Key.DEACTIVATION_CONTEXT]
        assert isinstance(deactivation, AVAudioSessionDeactivationContext)
        assert deactivation.source is AVAudioSessionDeactivationSource.SYSTEM
        interruption = deactivation.interruption_context
        assert isinstance(interruption, AVAudioSessionInterruptionContext)
        assert interruption.reason is AVAudioSessionInterruptionReason.DEFAULT
        call.decline()
        (back,) = notifications.of(Name.RESUMPTION_RECOMMENDATION)
        resumption = back[Key.RESUMPTION_CONTEXT]
        assert isinstance(resumption, AVAudioSessionResumptionContext)
        assert resumption.recommendation.name == "SHOULD_RESUME"
