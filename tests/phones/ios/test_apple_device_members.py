"""Every member of Apple's classes is reached natively, or is listed with the reason why not."""

from __future__ import annotations

from typing import Any

import pytest

from audiosession import AudioSession
from audiosession.apple import (
    AVAudioApplication,
    AVAudioSession,
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionIOType,
    AVAudioSessionMicrophoneInjectionMode,
    AVAudioSessionMode,
    AVAudioSessionPolarPattern,
    AVAudioSessionPortOverride,
    AVAudioStereoOrientation,
)
from audiosession.apple.facts import avaudiosession
from audiosession.hosts.ios import IOSHost
from audiosession.hosts.ios.apple_members import (
    APPLICATION,
    DATA_SOURCE,
    LAYOUT,
    PORT,
    SESSION,
)
from audiosession.hosts.ios.apple_notices import HEARD, HEARD_OF_INPUTS, WATCHED
from audiosession.hosts.ios.apple_texts import LOCATIONS, ORIENTATIONS, PATTERNS
from audiosession.hosts.ios.apple_wishes import OF_THE_APPLICATION, SETTERS, UNSPOKEN
from tests.apple.phone_kit import phone
from tests.phones.ios.apple_kit import Mirror, settled
from tests.phones.ios.declarations import Declarations, method_name, read

TABLES = {
    "AVAudioSession": SESSION,
    "AVAudioApplication": APPLICATION,
    "AVAudioSessionPortDescription": PORT,
    "AVAudioSessionDataSourceDescription": DATA_SOURCE,
    "AVAudioChannelLayout": LAYOUT,
}

UNSAID = {"prepareRouteSelectionForPlaybackWithCompletionHandler:": (13, 0)}
"""Members that the declarations have without a system; theirs is that of the facts."""

WISHED = "the wish as the app made it, which the phone was told and has accepted"
ALL_AT_ONCE = "the phone is told all four at once, by the longest of the four methods"
OF_THE_PORT = "asked of the port in use, which has the same"
OLD = "deprecated; reads or calls what replaced it"
VISION = "visionOS only"
NEWEST = "of iOS 27: AVAudioSession tells it by itself, from what it called and heard"

NOT_REACHED = {
    "AVAudioSession": {
        "allowHapticsAndSystemSoundsDuringRecording": WISHED,
        "prefersNoInterruptionsFromSystemAlerts": WISHED,
        "prefersEchoCancelledInput": WISHED,
        "outputMuted": WISHED,
        "preferredSampleRate": WISHED,
        "preferredIOBufferDuration": WISHED,
        "preferredInputNumberOfChannels": WISHED,
        "preferredOutputNumberOfChannels": WISHED,
        "preferredInputOrientation": WISHED,
        "supportsMultichannelContent": WISHED,
        "prefersInterruptionOnRouteDisconnect": WISHED,
        "preferredMicrophoneInjectionMode": WISHED,
        "outputDataSource": OF_THE_PORT,
        "setInputDataSource:error:": OF_THE_PORT,
        "setOutputDataSource:error:": OF_THE_PORT,
        "intendedSpatialExperience": VISION,
        "intendedSpatialExperienceOptions": VISION,
        "isNowPlayingCandidate": VISION,
        "setIntendedSpatialExperience:options:error:": VISION,
        "setIsNowPlayingCandidate:error:": VISION,
        "setCategory:error:": ALL_AT_ONCE,
        "setCategory:withOptions:error:": ALL_AT_ONCE,
        "setMode:error:": ALL_AT_ONCE,
        "setActive:error:": "called in the form with options",
        "activateWithOptions:completionHandler:": "called as setActive:withOptions:error:",
        "deactivateWithOptions:completionHandler:": "called as setActive:withOptions:error:",
        "delegate": "called by AVAudioSession itself",
        "inputIsAvailable": OLD,
        "currentHardwareSampleRate": OLD,
        "currentHardwareInputNumberOfChannels": OLD,
        "currentHardwareOutputNumberOfChannels": OLD,
        "preferredHardwareSampleRate": OLD,
        "setActive:withFlags:error:": OLD,
        "setPreferredHardwareSampleRate:error:": OLD,
        "init": "deprecated; sharedInstance is the way to the session",
    },
    "AVAudioApplication": {
        "inputMuted": WISHED,
        "setInputMuteStateChangeHandler:error:": "macOS only",
    },
    "AVAudioSessionChannelDescription": {
        "owningPortUID": "the uid of the port that lists it",
        "channelNumber": "its place in the list",
        "channelLabel": "follows from the place and the number of channels",
    },
    "AVAudioSessionInterruptionContext": {"reason": NEWEST},
    "AVAudioSessionDeactivationContext": {"source": NEWEST, "interruptionContext": NEWEST},
    "AVAudioSessionResumptionContext": {"recommendation": NEWEST},
}
"""By class, each member of the facts that no native call reaches, and why."""


def declared_since(declared: Declarations, of: str, name: str) -> Any:
    """Since when the headers have a member; ``None``: they do not have it."""
    for static in (False, True):
        found = declared.property(of, name, static=static) or declared.method(
            of, method_name(name), static=static
        )
        if found is not None:
            return found.since
    return None


@pytest.mark.parametrize("of", TABLES)
def test_the_systems_are_those_of_the_headers(of: str) -> None:
    declared = read()
    since = {name: declared_since(declared, of, name) for name in TABLES[of]}
    unsaid = {name: system for name, system in UNSAID.items() if name in since}
    assert all(since[name] < system for name, system in unsaid.items())
    assert since | unsaid == dict(TABLES[of])


def test_what_is_heard_and_watched_is_in_the_headers() -> None:
    declared = read()
    for name in (*HEARD, *HEARD_OF_INPUTS):
        assert name.value in declared.constants
    for texts in (LOCATIONS, ORIENTATIONS, PATTERNS):
        assert {name: declared.constants[name] for name, _ in texts.values()} == dict(
            texts.values()
        )
    observable = {each["name"] for each in avaudiosession()["property"] if each["kvo"]}
    assert set(WATCHED) == observable


def test_every_wish_has_a_way_to_the_phone() -> None:
    from audiosession.apple.device import AppleWishes

    assert {*SETTERS, *OF_THE_APPLICATION, *UNSPOKEN} == {*AppleWishes.__slots__}


async def use_everything(session: AVAudioSession) -> None:
    """Reads what can be read and sets what can be set on the system there is."""
    version = session._version
    category, mode = AVAudioSessionCategory.PLAY_AND_RECORD, AVAudioSessionMode.DEFAULT
    hands_free = AVAudioSessionCategoryOptions.ALLOW_BLUETOOTH_HFP
    await session.set_category(category, mode=mode, options=hands_free)
    await session.set_active(True)
    route = session.current_route
    assert route.outputs
    assert session.available_inputs
    _ = session.sample_rate, session.io_buffer_duration, session.input_gain
    _ = session.output_volume, session.preferred_input, session.is_other_audio_playing
    _ = session.maximum_input_number_of_channels, session.input_latency, session.output_latency
    _ = session.is_input_available, session.secondary_audio_should_be_silenced_hint
    _ = session.record_permission, session.available_categories, session.available_modes
    await session.request_record_permission()
    microphone = session.available_inputs[0]
    await session.set_preferred_input(microphone)
    sources = microphone.data_sources
    assert sources is not None
    await microphone.set_preferred_data_source(sources[0])
    assert microphone.preferred_data_source == microphone.selected_data_source == sources[0]
    patterns = sources[0].supported_polar_patterns or ()
    assert AVAudioSessionPolarPattern.OMNIDIRECTIONAL in patterns
    await sources[0].set_preferred_polar_pattern(AVAudioSessionPolarPattern.OMNIDIRECTIONAL)
    _ = sources[0].preferred_polar_pattern, sources[0].selected_polar_pattern
    await session.override_output_audio_port(AVAudioSessionPortOverride.SPEAKER)
    await session.override_output_audio_port(AVAudioSessionPortOverride.NONE)
    await session.set_preferred_sample_rate(44_100.0)
    await session.set_preferred_io_buffer_duration(0.01)
    await session.set_preferred_input_number_of_channels(1)
    await session.set_preferred_output_number_of_channels(1)
    await session.set_aggregated_io_preference(AVAudioSessionIOType.AGGREGATED)
    await session.set_input_gain(0.25)
    if version >= (17, 0):
        await use_what_is_new(session)


async def use_what_is_new(session: AVAudioSession) -> None:
    _ = session.prompt_style, session.rendering_mode
    _ = session.is_echo_cancelled_input_available, session.is_microphone_injection_available
    _ = session.is_echo_cancelled_input_enabled, session.input_orientation
    _ = session.supported_output_channel_layouts
    await session.prepare_route_selection_for_playback()
    await session.set_preferred_input_orientation(AVAudioStereoOrientation.PORTRAIT)
    await session.set_allow_haptics_and_system_sounds_during_recording(True)
    await session.set_prefers_echo_cancelled_input(True)
    await session.set_prefers_interruption_on_route_disconnect(False)
    await session.set_prefers_no_interruptions_from_system_alerts(True)
    await session.set_supports_multichannel_content(True)
    await session.set_output_muted(True)
    spoken = AVAudioSessionMicrophoneInjectionMode.SPOKEN_AUDIO
    await session.set_preferred_microphone_injection_mode(spoken)
    application = AVAudioApplication.of(session.audio_session)
    assert application.record_permission is not None
    await application.set_input_muted(True)
    assert application.microphone_injection_permission is not None
    await application.request_microphone_injection_permission()


async def used_on(*version: int) -> set[str]:
    """The native members that everything together uses on that system."""
    device = phone(*version)
    device.plug("bluetooth studio headset")
    mirror = Mirror(device.app("app"), lists_channels=version >= (17, 0))
    host = IOSHost(mirror.fake)
    session = AVAudioSession.of(AudioSession(host))
    await use_everything(session)
    watched = {f"AVAudioSession.{key}" for _, key, _ in mirror.fake._watchers}
    await session.audio_session.close()
    await settled(host, mirror)
    await host.close()
    used = {*mirror.fake.members_used, *watched}
    await mirror.close()
    return used


async def test_every_member_is_reached_or_listed() -> None:
    used = await used_on(26, 2) | await used_on(10, 3)
    missing: dict[str, set[str]] = {}
    for of, names in facts_members().items():
        lost = {name for name in names if f"{of}.{name}" not in used}
        if lost:
            missing[of] = lost
    assert missing == {of: set(names) for of, names in NOT_REACHED.items()}


async def test_nothing_is_in_a_table_that_is_not_used() -> None:
    used = await used_on(26, 2) | await used_on(10, 3)
    assert {f"{of}.{name}" for of, table in TABLES.items() for name in table} - used == set()


def facts_members() -> dict[str, set[str]]:
    """Every property and method of the facts, by class."""
    facts = avaudiosession()
    members = {
        "AVAudioSession": {
            each["name"]
            for table in ("property", "deprecated_property", "method")
            for each in facts[table]
        }
    }
    for each in facts["class"]:
        members[each["name"]] = {member["name"] for member in each["members"]}
    return members
