"""AVAudioSession over the native session: ports, routes and data sources."""

from __future__ import annotations

from audiosession.apple import (
    AVAudioSessionNotificationName,
    AVAudioSessionPolarPattern,
    AVAudioSessionPort,
    AVAudioSessionPortOverride,
    AVAudioSessionRouteChangeReason,
    AVAudioSessionUserInfoKey,
    AVAudioStereoOrientation,
)
from tests.apple.phone_kit import Category, Code, Port, fails, heard
from tests.phones.ios.apple_kit import heard_all, mirrored, scripted
from tests.phones.ios.native_session import NativePort

Name = AVAudioSessionNotificationName
Key = AVAudioSessionUserInfoKey


async def test_a_kind_of_port_that_nobody_knows_here() -> None:
    async with scripted() as (session, native):
        native.plug(NativePort("Hologram", "hologram 1", "Room Projector"))
        (output,) = session.current_route.outputs
        assert output.port_type is AVAudioSessionPort.VIRTUAL
        assert (output.port_name, output.uid) == ("Room Projector", "hologram 1")


async def test_one_uid_for_both_directions() -> None:
    async with scripted() as (session, native):
        await session.set_category(Category.PLAY_AND_RECORD)
        native.plug(NativePort("BluetoothHFP", "00:11:22-tsco", "Car kit"))
        route = session.current_route
        assert [port.port_type for port in (*route.inputs, *route.outputs)] == [
            Port.BLUETOOTH_HFP,
            Port.BLUETOOTH_HFP,
        ]
        assert route.inputs[0].uid == route.outputs[0].uid == "00:11:22-tsco"
        assert route.inputs[0].port_id != route.outputs[0].port_id


async def test_a_change_of_the_route() -> None:
    async with scripted() as (session, native):
        pods = NativePort("BluetoothA2DP", "a2dp 1", "Pods")
        native.plug(pods)
        await heard_all(session)
        with heard(session) as said:
            native.unplug(pods)
            await heard_all(session)
            (info,) = said.of(Name.ROUTE_CHANGE)
        reason = AVAudioSessionRouteChangeReason.OLD_DEVICE_UNAVAILABLE
        assert info[Key.ROUTE_CHANGE_REASON] is reason
        (previous,) = info[Key.ROUTE_CHANGE_PREVIOUS_ROUTE].outputs
        assert (previous.port_type, previous.uid) == (Port.BLUETOOTH_A2DP, "a2dp 1")
        assert [port.port_type for port in session.current_route.outputs] == [Port.BUILT_IN_SPEAKER]


async def test_a_port_that_came_and_went_before_anybody_looked() -> None:
    async with scripted() as (session, native):
        pods = NativePort("BluetoothA2DP", "a2dp 1", "Pods")
        with heard(session) as said:
            native.plug(pods)
            native.unplug(pods)
            await heard_all(session)
            came, went = said.of(Name.ROUTE_CHANGE)
        reason = AVAudioSessionRouteChangeReason.NEW_DEVICE_AVAILABLE
        assert came[Key.ROUTE_CHANGE_REASON] is reason
        (previous,) = went[Key.ROUTE_CHANGE_PREVIOUS_ROUTE].outputs
        assert (previous.port_type, previous.port_name) == (Port.BLUETOOTH_A2DP, "Pods")
        # It is no input to choose, and no output in use.
        assert previous not in session.current_route.outputs


async def test_a_reason_that_nobody_knows_here() -> None:
    async with scripted() as (session, native):
        with heard(session) as said:
            native.post(
                "RouteChange",
                {"RouteChangeReason": 99, "RouteChangePreviousRoute": native.currentRoute},
            )
            await heard_all(session)
            (info,) = said.of(Name.ROUTE_CHANGE)
        assert info[Key.ROUTE_CHANGE_REASON] is AVAudioSessionRouteChangeReason.UNKNOWN


async def test_a_preferred_input() -> None:
    async with mirrored() as (session, device, mirror):
        device.plug("wired headset")
        await session.set_category(Category.PLAY_AND_RECORD)
        await session.set_active(True)
        await mirror.settle()
        assert [port.port_type for port in session.available_inputs] == [
            Port.BUILT_IN_MIC,
            Port.HEADSET_MIC,
        ]
        built_in = session.available_inputs[0]
        await session.set_preferred_input(built_in)
        assert session.preferred_input == built_in
        assert mirror.inner.preferred_input is not None
        assert [port.port_type for port in session.current_route.inputs] == [Port.BUILT_IN_MIC]
        await session.set_preferred_input(None)
        assert session.preferred_input is mirror.inner.preferred_input is None
        headset = session.available_inputs[1]
        device.unplug("wired headset")
        with fails(Code.BAD_PARAM):
            await session.set_preferred_input(headset)


async def test_a_microphone_for_the_ear() -> None:
    # Apple's header knows no microphone of this kind; where the phone offers one, it is there.
    async with scripted() as (session, native):
        await session.set_category(Category.PLAY_AND_RECORD)
        aid = NativePort("BluetoothLE", "le 1", "Hearing aid")
        native.offered = [native.there[1], aid]
        (found,) = [port for port in session.available_inputs if port.uid == "le 1"]
        assert (found.port_type, found.port_name) == (Port.BLUETOOTH_LE, "Hearing aid")


async def test_the_loudspeaker_for_now() -> None:
    async with mirrored() as (session, _device, mirror):
        await session.set_category(Category.PLAY_AND_RECORD)
        await session.set_active(True)
        await session.override_output_audio_port(AVAudioSessionPortOverride.SPEAKER)
        (output,) = session.current_route.outputs
        assert output.port_type is Port.BUILT_IN_SPEAKER
        await session.override_output_audio_port(AVAudioSessionPortOverride.NONE)
        (output,) = session.current_route.outputs
        assert output.port_type is Port.BUILT_IN_RECEIVER
        assert mirror.inner.current_route.outputs[0].port_type is Port.BUILT_IN_RECEIVER


async def test_data_sources_and_how_they_hear() -> None:
    async with mirrored() as (session, _device, mirror):
        await session.set_category(Category.PLAY_AND_RECORD)
        await session.set_active(True)
        (microphone,) = session.current_route.inputs
        (there,) = mirror.inner.current_route.inputs
        assert microphone.data_sources == tuple(
            one for one in microphone.data_sources or () if one.data_source_name
        )
        assert [
            (one.data_source_id, one.location, one.orientation, one.supported_polar_patterns)
            for one in microphone.data_sources or ()
        ] == [
            (one.data_source_id, one.location, one.orientation, one.supported_polar_patterns)
            for one in there.data_sources or ()
        ]
        stereo = AVAudioSessionPolarPattern.STEREO
        source = next(
            one
            for one in microphone.data_sources or ()
            if stereo in (one.supported_polar_patterns or ())
        )
        await session.set_input_data_source(source)
        assert session.input_data_source == source
        await source.set_preferred_polar_pattern(stereo)
        assert source.preferred_polar_pattern is stereo
        assert source.selected_polar_pattern is not stereo
        await session.set_preferred_input_orientation(AVAudioStereoOrientation.LANDSCAPE_LEFT)
        assert source.selected_polar_pattern is stereo
        assert session.input_orientation is AVAudioStereoOrientation.LANDSCAPE_LEFT
        assert session.input_number_of_channels == 2
