"""Audio Session Services where its rules are its own, by the rules' numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest

from audiosession.apple import AVAudioSessionCategoryOptions, AVAudioSessionMode
from audiosession.apple import audio_session_services as c
from audiosession.apple._c_words import status_of
from audiosession.apple.constants import AVAudioSessionCategory, AVAudioSessionRouteSharingPolicy
from audiosession.apple.errors import AVAudioSessionErrorCode, NSError
from tests.apple.c_kit import NO_ERROR, SPEAKER, Rig, get, process, put, read
from tests.apple.facts_kit import c as facts
from tests.apple.phone_kit import Category, Mode, Options

UNSUPPORTED = c.kAudioSessionUnsupportedPropertyError
INCOMPATIBLE = c.kAudioSessionIncompatibleCategory

CATEGORY = c.kAudioSessionProperty_AudioCategory
MODE = c.kAudioSessionProperty_Mode
DUCK = c.kAudioSessionProperty_OtherMixableAudioShouldDuck
MIX = c.kAudioSessionProperty_OverrideCategoryMixWithOthers
TO_SPEAKER = c.kAudioSessionProperty_OverrideCategoryDefaultToSpeaker
BLUETOOTH = c.kAudioSessionProperty_OverrideCategoryEnableBluetoothInput
OVERRIDE = c.kAudioSessionProperty_OverrideAudioRoute
GAIN = c.kAudioSessionProperty_InputGainScalar
ROUTE_CHANGE = c.kAudioSessionProperty_AudioRouteChange

AMBIENT = c.kAudioSessionCategory_AmbientSound
SOLO = c.kAudioSessionCategory_SoloAmbientSound
PLAYBACK = c.kAudioSessionCategory_MediaPlayback
RECORD = c.kAudioSessionCategory_RecordAudio
PLAY_AND_RECORD = c.kAudioSessionCategory_PlayAndRecord


@pytest.fixture
def rig() -> Iterator[Rig]:
    with process() as found:
        found.initialize()
        yield found


# -- categories ------------------------------------------------------------------------------


def test_2_the_first_category_is_solo_ambient(rig: Rig) -> None:
    assert read(CATEGORY) == SOLO
    assert read(MODE) == c.kAudioSessionMode_Default
    assert [read(id) for id in (MIX, DUCK, TO_SPEAKER, BLUETOOTH)] == [0, 0, 0, 0]


def test_2_the_first_category_may_be_set_too(rig: Rig) -> None:
    assert rig.session.audio_session.configuration is None
    assert put(CATEGORY, SOLO) == NO_ERROR
    configuration = rig.session.audio_session.configuration
    assert configuration is not None
    assert configuration.av_audio_session_category is Category.SOLO_AMBIENT


@pytest.mark.parametrize("row", facts()["category"], ids=lambda row: row["fourcc"])
def test_a_category_is_avaudiosessions_of_the_facts(row: dict[str, Any]) -> None:
    with process(9, 0) as rig:
        rig.initialize()
        assert put(CATEGORY, row["value"]) == NO_ERROR
        assert rig.session.category.value == row["avaudiosession"]
        # The two names of iPhone OS 2 read back as those that replaced them.
        rows = facts()["category"]
        twins = [each for each in rows if each["avaudiosession"] == row["avaudiosession"]]
        assert read(CATEGORY) == twins[0]["value"]


def test_the_category_of_codecs_is_gone_from_newer_systems(rig: Rig) -> None:
    assert put(CATEGORY, c.kAudioSessionCategory_AudioProcessing) == UNSUPPORTED
    assert read(CATEGORY) == SOLO


@pytest.mark.parametrize("value", [0, 1, c.kAudioSessionMode_Default])
def test_what_is_no_category_is_unsupported(rig: Rig, value: int) -> None:
    assert put(CATEGORY, value) == UNSUPPORTED
    assert read(CATEGORY) == SOLO


async def test_what_one_surface_sets_the_other_reads(rig: Rig) -> None:
    await rig.session.set_category(Category.PLAY_AND_RECORD, options=Options.DEFAULT_TO_SPEAKER)
    await rig.session.set_mode(Mode.VIDEO_RECORDING)
    assert read(CATEGORY) == PLAY_AND_RECORD
    assert read(MODE) == c.kAudioSessionMode_VideoRecording
    assert read(TO_SPEAKER) == 1
    assert put(BLUETOOTH, 1) == NO_ERROR
    assert rig.session.category_options == Options.DEFAULT_TO_SPEAKER | Options.ALLOW_BLUETOOTH_HFP
    assert rig.session.mode is Mode.VIDEO_RECORDING
    configuration = rig.session.audio_session.configuration
    assert configuration is not None
    assert configuration.av_audio_session_category is Category.PLAY_AND_RECORD
    await rig.session.set_active(True)
    assert rig.session.audio_session.is_active
    assert c.AudioSessionSetActive(False) == NO_ERROR
    assert not rig.session.is_active


async def test_what_c_has_no_number_for_cannot_be_read(rig: Rig) -> None:
    await rig.session.set_category(Category.MULTI_ROUTE)
    assert get(CATEGORY) == (UNSUPPORTED, None)
    await rig.session.set_category(Category.PLAYBACK, mode=Mode.MOVIE_PLAYBACK)
    assert get(MODE) == (UNSUPPORTED, None)


# -- what overrides a category ---------------------------------------------------------------

ALLOWED = {
    MIX: {PLAYBACK, PLAY_AND_RECORD},
    TO_SPEAKER: {PLAY_AND_RECORD},
    BLUETOOTH: {PLAY_AND_RECORD, RECORD},
    DUCK: {PLAYBACK, AMBIENT},
}


@pytest.mark.parametrize("category", [AMBIENT, SOLO, PLAYBACK, RECORD, PLAY_AND_RECORD])
@pytest.mark.parametrize("id", ALLOWED)
def test_an_override_goes_with_some_categories_only(rig: Rig, id: int, category: int) -> None:
    assert put(CATEGORY, category) == NO_ERROR
    allowed = category in ALLOWED[id]
    assert put(id, 1) == (NO_ERROR if allowed else INCOMPATIBLE)
    assert read(id) == allowed
    assert put(id, 0) == (NO_ERROR if allowed else INCOMPATIBLE)
    assert read(id) == 0


def test_any_number_but_zero_switches_an_override_on(rig: Rig) -> None:
    put(CATEGORY, PLAYBACK)
    assert put(MIX, 0xFFFFFFFF) == NO_ERROR
    assert read(MIX) == 1
    # Once more is no change.
    configuration = rig.session.audio_session.configuration
    assert put(MIX, 1) == NO_ERROR
    assert rig.session.audio_session.configuration is configuration


def test_6_another_category_clears_the_overrides(rig: Rig) -> None:
    put(CATEGORY, PLAY_AND_RECORD)
    for id in (MIX, DUCK, TO_SPEAKER, BLUETOOTH):
        assert put(id, 1) == NO_ERROR
    # The same one is no change.
    assert put(CATEGORY, PLAY_AND_RECORD) == NO_ERROR
    assert [read(id) for id in (MIX, DUCK, TO_SPEAKER, BLUETOOTH)] == [1, 1, 1, 1]
    assert put(CATEGORY, RECORD) == NO_ERROR
    assert put(CATEGORY, PLAY_AND_RECORD) == NO_ERROR
    assert [read(id) for id in (MIX, DUCK, TO_SPEAKER, BLUETOOTH)] == [0, 0, 0, 0]


def test_18_what_always_mixes_needs_no_override_and_reads_none(rig: Rig) -> None:
    put(CATEGORY, AMBIENT)
    assert read(MIX) == 0
    assert Options.MIX_WITH_OTHERS in rig.session.category_options


def test_52_ducking_under_media_playback_turns_mixing_on(rig: Rig) -> None:
    put(CATEGORY, PLAYBACK)
    assert put(DUCK, 1) == NO_ERROR
    assert (read(DUCK), read(MIX)) == (1, 1)
    # That stays when the ducking goes, and takes the ducking along when it goes itself.
    assert put(DUCK, 0) == NO_ERROR
    assert (read(DUCK), read(MIX)) == (0, 1)
    put(DUCK, 1)
    assert put(MIX, 0) == NO_ERROR
    assert (read(DUCK), read(MIX)) == (0, 0)


def test_52_under_play_and_record_it_does_not(rig: Rig) -> None:
    put(CATEGORY, PLAY_AND_RECORD)
    assert put(DUCK, 1) == INCOMPATIBLE
    assert put(MIX, 1) == NO_ERROR
    assert put(DUCK, 1) == NO_ERROR


def test_46_ducking_lasts_until_deactivation_or_until_it_is_taken_back(rig: Rig) -> None:
    music = rig.device.app("music")
    with c.use(music.session):
        assert c.AudioSessionInitialize(None, None, None, None) == NO_ERROR
        assert put(CATEGORY, PLAYBACK) == NO_ERROR
        assert c.AudioSessionSetActive(True) == NO_ERROR
    put(CATEGORY, PLAYBACK)
    put(DUCK, 1)
    rig.activate()
    assert music.standing == "ducked"
    assert put(DUCK, 0) == NO_ERROR
    assert music.standing == "active"
    put(DUCK, 1)
    assert music.standing == "ducked"
    assert c.AudioSessionSetActive(False) == NO_ERROR
    assert music.standing == "active"


def test_53_the_category_interrupts_others_before_it_can_be_made_to_mix(rig: Rig) -> None:
    music = rig.device.app("music")
    with c.use(music.session):
        c.AudioSessionInitialize(None, None, None, None)
        put(CATEGORY, PLAYBACK)
        c.AudioSessionSetActive(True)
    rig.activate(AMBIENT)
    assert music.standing == "active"
    put(CATEGORY, PLAYBACK)
    assert music.standing != "active"
    assert put(MIX, 1) == NO_ERROR
    assert not music.session.is_active


async def test_18_spoken_audio_that_another_surface_asked_to_interrupt_ends_with_mixing(
    rig: Rig,
) -> None:
    spoken = Options.INTERRUPT_SPOKEN_AUDIO_AND_MIX_WITH_OTHERS
    await rig.session.set_category(Category.PLAYBACK, options=spoken)
    assert read(MIX) == 1
    assert put(MIX, 0) == NO_ERROR
    assert rig.session.category_options == AVAudioSessionCategoryOptions.NONE


async def test_13_an_override_does_not_take_a_long_form_policy_away(rig: Rig) -> None:
    long_form = AVAudioSessionRouteSharingPolicy.LONG_FORM_AUDIO
    await rig.session.set_category(Category.PLAYBACK, policy=long_form)
    assert put(MIX, 1) == UNSUPPORTED
    assert (read(MIX), rig.session.route_sharing_policy) == (0, long_form)


# -- modes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("row", facts()["mode"], ids=lambda row: row["fourcc"])
def test_a_mode_is_avaudiosessions_of_the_facts(rig: Rig, row: dict[str, Any]) -> None:
    put(CATEGORY, PLAY_AND_RECORD)
    if row["value"] == c.kAudioSessionMode_GameChat:
        # GameKit sets it.
        assert put(MODE, row["value"]) == UNSUPPORTED
    else:
        assert put(MODE, row["value"]) == NO_ERROR
        assert rig.session.mode.value == row["avaudiosession"]
        assert read(MODE) == row["value"]


async def test_the_mode_of_gamekit_can_be_read(rig: Rig) -> None:
    await rig.session.set_category(Category.PLAY_AND_RECORD, mode=Mode.GAME_CHAT)
    assert read(MODE) == c.kAudioSessionMode_GameChat


def test_7_a_mode_that_does_not_fit_acts_as_default(rig: Rig) -> None:
    put(CATEGORY, PLAY_AND_RECORD)
    assert put(MODE, c.kAudioSessionMode_VoiceChat) == NO_ERROR
    assert put(CATEGORY, PLAYBACK) == NO_ERROR
    assert read(MODE) == c.kAudioSessionMode_Default
    assert put(CATEGORY, PLAY_AND_RECORD) == NO_ERROR
    assert read(MODE) == c.kAudioSessionMode_VoiceChat


def test_8_the_mode_changes_only_while_inactive(rig: Rig) -> None:
    rig.activate(PLAY_AND_RECORD)
    assert put(MODE, c.kAudioSessionMode_VoiceChat) == UNSUPPORTED
    assert read(MODE) == c.kAudioSessionMode_Default
    assert c.AudioSessionSetActive(False) == NO_ERROR
    assert put(MODE, c.kAudioSessionMode_VoiceChat) == NO_ERROR


@pytest.mark.parametrize("category", [AMBIENT, PLAY_AND_RECORD])
def test_8_the_mode_changes_only_where_nothing_mixes(rig: Rig, category: int) -> None:
    put(CATEGORY, category)
    put(MIX, 1)
    assert put(MODE, c.kAudioSessionMode_Measurement) == INCOMPATIBLE
    assert rig.session.mode is AVAudioSessionMode.DEFAULT


async def test_8_avaudiosession_changes_it_at_any_time(rig: Rig) -> None:
    rig.activate(PLAY_AND_RECORD)
    await rig.session.set_mode(Mode.VOICE_CHAT)
    assert read(MODE) == c.kAudioSessionMode_VoiceChat


def test_17_voice_chat_turns_bluetooth_input_on(rig: Rig) -> None:
    put(CATEGORY, PLAY_AND_RECORD)
    put(MODE, c.kAudioSessionMode_VoiceChat)
    assert (read(BLUETOOTH), read(TO_SPEAKER)) == (1, 0)
    put(MODE, c.kAudioSessionMode_Default)
    assert read(BLUETOOTH) == 0


# -- routes ----------------------------------------------------------------------------------


def test_81_play_and_record_uses_the_receiver(rig: Rig) -> None:
    rig.activate(PLAY_AND_RECORD)
    assert rig.outputs() == [c.kAudioSessionOutputRoute_BuiltInReceiver]
    assert rig.inputs() == [c.kAudioSessionInputRoute_BuiltInMic]


def test_83_default_to_speaker_yields_to_headphones_and_comes_back(rig: Rig) -> None:
    put(CATEGORY, PLAY_AND_RECORD)
    put(TO_SPEAKER, 1)
    rig.activate()
    assert rig.outputs() == [c.kAudioSessionOutputRoute_BuiltInSpeaker]
    rig.device.plug("wired headphones")
    assert rig.outputs() == [c.kAudioSessionOutputRoute_Headphones]
    rig.device.unplug("wired headphones")
    rig.device.alarm().dismiss()
    assert read(TO_SPEAKER) == 1
    assert rig.outputs() == [c.kAudioSessionOutputRoute_BuiltInSpeaker]


def test_84_the_override_wins_over_a_headset_and_takes_the_input_along(rig: Rig) -> None:
    rig.device.plug("wired headset")
    rig.activate(PLAY_AND_RECORD)
    assert rig.inputs() == [c.kAudioSessionInputRoute_HeadsetMic]
    assert put(OVERRIDE, SPEAKER) == NO_ERROR
    assert rig.outputs() == [c.kAudioSessionOutputRoute_BuiltInSpeaker]
    assert rig.inputs() == [c.kAudioSessionInputRoute_BuiltInMic]
    assert put(OVERRIDE, c.kAudioSessionOverrideAudioRoute_None) == NO_ERROR
    assert rig.outputs() == [c.kAudioSessionOutputRoute_Headphones]


@pytest.mark.parametrize("happening", ["route change", "interruption"])
def test_84_the_override_falls_back(rig: Rig, happening: str) -> None:
    rig.activate(PLAY_AND_RECORD)
    assert put(OVERRIDE, SPEAKER) == NO_ERROR
    if happening == "interruption":
        rig.device.alarm().dismiss()
        rig.activate()
    else:
        rig.device.plug("wired headset")
        rig.device.unplug("wired headset")
    assert rig.outputs() == [c.kAudioSessionOutputRoute_BuiltInReceiver]


def test_84_the_override_goes_with_play_and_record_only(rig: Rig) -> None:
    rig.activate(PLAYBACK)
    assert put(OVERRIDE, SPEAKER) == INCOMPATIBLE
    put(CATEGORY, PLAY_AND_RECORD)
    for value in (1, 2, SPEAKER + 1):
        assert put(OVERRIDE, value) == UNSUPPORTED
    assert rig.outputs() == [c.kAudioSessionOutputRoute_BuiltInReceiver]


def test_85_87_a_route_change_carries_its_reason_and_both_routes(rig: Rig) -> None:
    assert rig.listen(ROUTE_CHANGE, "mine") == NO_ERROR
    rig.activate(PLAY_AND_RECORD)
    put(OVERRIDE, SPEAKER)
    rig.device.plug("wired headset")
    rig.device.unplug("wired headset")
    assert rig.reasons == [
        c.kAudioSessionRouteChangeReason_CategoryChange,
        c.kAudioSessionRouteChangeReason_Override,
        c.kAudioSessionRouteChangeReason_NewDeviceAvailable,
        c.kAudioSessionRouteChangeReason_OldDeviceUnavailable,
    ]
    kind = c.kAudioSession_AudioRouteKey_Type
    headset = {
        c.kAudioSession_AudioRouteKey_Inputs: [{kind: c.kAudioSessionInputRoute_HeadsetMic}],
        c.kAudioSession_AudioRouteKey_Outputs: [{kind: c.kAudioSessionOutputRoute_Headphones}],
    }
    phone = {
        c.kAudioSession_AudioRouteKey_Inputs: [{kind: c.kAudioSessionInputRoute_BuiltInMic}],
        c.kAudioSession_AudioRouteKey_Outputs: [{kind: c.kAudioSessionOutputRoute_BuiltInReceiver}],
    }
    assert rig.changes[-1] == (
        "mine",
        ROUTE_CHANGE,
        8,
        {
            c.kAudioSession_AudioRouteChangeKey_Reason: 2,
            c.kAudioSession_AudioRouteChangeKey_OldRoute: "HeadsetInOut",
            c.kAudioSession_AudioRouteChangeKey_PreviousRouteDescription: headset,
            c.kAudioSession_AudioRouteChangeKey_CurrentRouteDescription: phone,
        },
    )


@pytest.mark.parametrize(
    ("device", "category", "old", "inputs", "outputs"),
    [
        ("", PLAYBACK, "Speaker", [], ["Speaker"]),
        ("", RECORD, "MicrophoneBuiltIn", ["MicrophoneBuiltIn"], []),
        ("", PLAY_AND_RECORD, "ReceiverAndMicrophone", ["MicrophoneBuiltIn"], ["Receiver"]),
        ("wired headphones", PLAYBACK, "Headphone", [], ["Headphones"]),
        (
            "wired headphones",
            PLAY_AND_RECORD,
            "HeadphonesAndMicrophone",
            ["MicrophoneBuiltIn"],
            ["Headphones"],
        ),
        ("wired headset", PLAY_AND_RECORD, "HeadsetInOut", ["MicrophoneWired"], ["Headphones"]),
        ("bluetooth speaker", PLAYBACK, "HeadphonesBT", [], ["BluetoothA2DPOutput"]),
        ("airplay speaker", PLAYBACK, "AirTunes", [], ["AirPlay"]),
        ("line out", PLAYBACK, "LineOut", [], ["LineOut"]),
        ("hdmi", PLAYBACK, "HDMIOutput", [], ["HDMIOutput"]),
        ("usb audio", PLAY_AND_RECORD, "USBOutput", ["USBInput"], ["USBOutput"]),
    ],
)
def test_routes_have_an_old_word_and_newer_ones(
    rig: Rig, device: str, category: int, old: str, inputs: list[str], outputs: list[str]
) -> None:
    if device:
        rig.device.plug(device)
    rig.activate(category)
    assert read(c.kAudioSessionProperty_AudioRoute) == old
    assert (rig.inputs(), rig.outputs()) == (inputs, outputs)


@pytest.mark.parametrize(
    ("category", "word"),
    [
        (AMBIENT, ""),
        (SOLO, ""),
        (PLAYBACK, "Speaker"),
        (RECORD, "MicrophoneBuiltIn"),
        (PLAY_AND_RECORD, "ReceiverAndMicrophone"),
    ],
)
def test_the_old_word_is_empty_where_the_ring_switch_silences(
    rig: Rig, category: int, word: str
) -> None:
    route = c.kAudioSessionProperty_AudioRoute
    put(CATEGORY, category)
    rig.device.set_silent_switch(True)
    # Before the activation too, when the route is still that of a fresh session.
    assert (read(route) == "") is (word == "")
    rig.activate()
    assert read(route) == word
    # The newer words say where it would sound all the same.
    assert rig.outputs() or category == RECORD
    rig.device.set_silent_switch(False)
    assert read(route) == (word or "Speaker")


def test_a_port_younger_than_the_c_api_has_its_own_name(rig: Rig) -> None:
    rig.device.plug("car audio")
    rig.activate(PLAY_AND_RECORD)
    assert (rig.inputs(), rig.outputs()) == (["CarAudio"], ["CarAudio"])
    assert read(c.kAudioSessionProperty_AudioRoute) == "CarAudio"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (AVAudioSessionErrorCode.BAD_PARAM, UNSUPPORTED),
        (AVAudioSessionErrorCode.RESOURCE_NOT_AVAILABLE, c.kAudioServicesNoHardwareError),
        (AVAudioSessionErrorCode.SESSION_NOT_ACTIVE, c.kAudioSessionNotActiveError),
        (AVAudioSessionErrorCode.INCOMPATIBLE_CATEGORY, INCOMPATIBLE),
        (AVAudioSessionErrorCode.MEDIA_SERVICES_FAILED, c.kAudioSessionUnspecifiedError),
        (AVAudioSessionErrorCode.UNSPECIFIED, c.kAudioSessionUnspecifiedError),
        (AVAudioSessionErrorCode.IS_BUSY, c.kAudioSessionNotActiveError),
        (AVAudioSessionErrorCode.INSUFFICIENT_PRIORITY, int.from_bytes(b"!pri", "big")),
        (AVAudioSessionErrorCode.EXPIRED_SESSION, int.from_bytes(b"!ses", "big")),
    ],
)
def test_an_error_has_the_name_that_c_has_for_it(
    code: AVAudioSessionErrorCode, status: int
) -> None:
    assert status_of(NSError(code)) == status


def test_92_93_bluetooth_input_takes_the_output_along(rig: Rig) -> None:
    rig.device.plug("bluetooth hands-free")
    rig.activate(PLAY_AND_RECORD)
    assert rig.inputs() == [c.kAudioSessionInputRoute_BuiltInMic]
    assert put(BLUETOOTH, 1) == NO_ERROR
    assert rig.inputs() == [c.kAudioSessionInputRoute_BluetoothHFP]
    assert rig.outputs() == [c.kAudioSessionOutputRoute_BluetoothHFP]
    assert read(c.kAudioSessionProperty_AudioRoute) == "HeadsetBT"


def test_without_any_route_the_word_is_empty() -> None:
    with process(9, 0) as rig:
        rig.initialize()
        rig.activate(c.kAudioSessionCategory_AudioProcessing)
        assert read(c.kAudioSessionProperty_AudioRoute) == ""


# -- hardware --------------------------------------------------------------------------------


def test_104_wishes_are_wishes_and_the_hardware_says_what_it_does(rig: Rig) -> None:
    rig.activate(PLAY_AND_RECORD)
    assert put(c.kAudioSessionProperty_PreferredHardwareSampleRate, 22_050.0) == NO_ERROR
    assert put(c.kAudioSessionProperty_PreferredHardwareIOBufferDuration, 0.005) == NO_ERROR
    assert read(c.kAudioSessionProperty_PreferredHardwareSampleRate) == 22_050.0
    assert read(c.kAudioSessionProperty_CurrentHardwareSampleRate) == rig.session.sample_rate
    assert rig.session.sample_rate == 24_000.0
    assert read(c.kAudioSessionProperty_PreferredHardwareIOBufferDuration) == pytest.approx(0.005)
    assert read(c.kAudioSessionProperty_CurrentHardwareIOBufferDuration) == pytest.approx(
        rig.session.io_buffer_duration
    )


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_a_wish_that_is_none_is_unsupported(rig: Rig, value: float) -> None:
    assert put(c.kAudioSessionProperty_PreferredHardwareSampleRate, value) == UNSUPPORTED
    assert put(c.kAudioSessionProperty_PreferredHardwareIOBufferDuration, value) == UNSUPPORTED
    assert read(c.kAudioSessionProperty_PreferredHardwareSampleRate) == 0.0


def test_the_hardware_is_that_of_the_route(rig: Rig) -> None:
    rig.activate(PLAY_AND_RECORD)
    session = rig.session
    for id, value in (
        (c.kAudioSessionProperty_CurrentHardwareInputNumberChannels, 1),
        (c.kAudioSessionProperty_CurrentHardwareOutputNumberChannels, 1),
        (c.kAudioSessionProperty_CurrentHardwareOutputVolume, session.output_volume),
        (c.kAudioSessionProperty_CurrentHardwareInputLatency, session.input_latency),
        (c.kAudioSessionProperty_CurrentHardwareOutputLatency, session.output_latency),
        (c.kAudioSessionProperty_AudioInputAvailable, 1),
        (c.kAudioSessionProperty_InputGainAvailable, 1),
    ):
        assert read(id) == pytest.approx(value)
    assert session.input_latency > 0
    put(CATEGORY, PLAYBACK)
    assert read(c.kAudioSessionProperty_CurrentHardwareInputNumberChannels) == 0
    assert read(c.kAudioSessionProperty_CurrentHardwareOutputNumberChannels) == 2


def test_74_any_other_app_that_plays_counts(rig: Rig) -> None:
    other = c.kAudioSessionProperty_OtherAudioIsPlaying
    assert read(other) == 0
    music = rig.device.app("music")
    with c.use(music.session):
        c.AudioSessionInitialize(None, None, None, None)
        put(CATEGORY, AMBIENT)
        c.AudioSessionSetActive(True)
        music.player().play()
    assert read(other) == 1


@pytest.mark.parametrize(("value", "gain"), [(-1.0, 0.0), (0.25, 0.25), (7.0, 1.0)])
def test_111_the_gain_is_clamped(rig: Rig, value: float, gain: float) -> None:
    rig.activate(PLAY_AND_RECORD)
    assert put(GAIN, value) == NO_ERROR
    assert read(GAIN) == gain


def test_the_gain_needs_an_input_that_has_one(rig: Rig) -> None:
    rig.activate(PLAYBACK)
    assert read(c.kAudioSessionProperty_InputGainAvailable) == 0
    assert get(GAIN) == (UNSUPPORTED, None)
    assert put(GAIN, 0.5) == INCOMPATIBLE
    put(CATEGORY, PLAY_AND_RECORD)
    assert put(GAIN, math.nan) == UNSUPPORTED


# -- USB accessories -------------------------------------------------------------------------


@pytest.fixture
def accessory(rig: Rig) -> Rig:
    """A USB accessory with three inputs and three outputs to choose from is plugged in."""
    rig.device.plug("usb mixer")
    rig.activate(PLAY_AND_RECORD)
    return rig


NAMES = {"input": ["Microphone", "Line", "Instrument"], "output": ["Main", "Monitor", "Phones"]}
SIDES = {
    "input": (
        c.kAudioSessionProperty_InputSources,
        c.kAudioSessionProperty_InputSource,
        c.kAudioSession_InputSourceKey_ID,
        c.kAudioSession_InputSourceKey_Description,
    ),
    "output": (
        c.kAudioSessionProperty_OutputDestinations,
        c.kAudioSessionProperty_OutputDestination,
        c.kAudioSession_OutputDestinationKey_ID,
        c.kAudioSession_OutputDestinationKey_Description,
    ),
}


@pytest.mark.parametrize("side", SIDES)
def test_an_accessory_offers_what_to_choose_from(accessory: Rig, side: str) -> None:
    every, chosen, id, description = SIDES[side]
    assert read(every) == [
        {id: number, description: name} for number, name in enumerate(NAMES[side], 1)
    ]
    assert read(chosen) == 1
    assert put(chosen, 3) == NO_ERROR
    assert read(chosen) == 3
    for value in (4, "3", None, True, 3.0):
        assert put(chosen, value) == UNSUPPORTED
    assert read(chosen) == 3


@pytest.mark.parametrize("side", SIDES)
def test_what_an_accessory_offers_is_told_when_it_comes_and_goes(rig: Rig, side: str) -> None:
    every, _, id, description = SIDES[side]
    rig.activate(PLAY_AND_RECORD)
    assert rig.listen(every) == NO_ERROR
    rig.device.plug("usb mixer")
    offered = [{id: number, description: name} for number, name in enumerate(NAMES[side], 1)]
    rig.device.unplug("usb mixer")
    assert [change[1:] for change in rig.changes] == [(every, 8, offered), (every, 8, [])]


def test_100_another_source_of_an_accessory_is_a_route_change(accessory: Rig) -> None:
    accessory.listen(ROUTE_CHANGE)
    for side in SIDES:
        assert put(SIDES[side][1], 2) == NO_ERROR
        assert put(SIDES[side][1], 2) == NO_ERROR
    reason = c.kAudioSessionRouteChangeReason_RouteConfigurationChange
    assert accessory.reasons == [reason, reason]


@pytest.mark.parametrize("side", SIDES)
def test_106_an_accessorys_input_is_chosen_after_the_activation(accessory: Rig, side: str) -> None:
    _, chosen, _, _ = SIDES[side]
    assert c.AudioSessionSetActive(False) == NO_ERROR
    assert put(chosen, 2) == c.kAudioSessionNotActiveError
    assert c.AudioSessionSetActive(True) == NO_ERROR
    assert put(chosen, 2) == NO_ERROR


@pytest.mark.parametrize("side", SIDES)
def test_without_an_accessory_there_is_nothing_to_choose(rig: Rig, side: str) -> None:
    every, chosen, _, _ = SIDES[side]
    rig.activate(PLAY_AND_RECORD)
    # The phone's own microphones are none of these.
    assert rig.session.input_data_sources
    assert read(every) == []
    assert get(chosen) == (UNSUPPORTED, None)
    assert put(chosen, 1) == UNSUPPORTED


async def test_103_the_accessorys_output_is_chosen_although_headphones_come_first(
    rig: Rig,
) -> None:
    await rig.session.set_category(Category.MULTI_ROUTE)
    assert c.AudioSessionSetActive(True) == NO_ERROR
    rig.device.plug("usb mixer")
    rig.device.plug("wired headphones")
    assert rig.outputs() == [
        c.kAudioSessionOutputRoute_Headphones,
        c.kAudioSessionOutputRoute_USBAudio,
    ]
    destination = c.kAudioSessionProperty_OutputDestination
    assert read(destination) == 1
    assert put(destination, 3) == NO_ERROR
    assert read(destination) == 3


def test_the_categories_that_facts_know_are_all_here() -> None:
    from audiosession.apple._c_words import CATEGORIES, MODES

    assert set(CATEGORIES) == {row["value"] for row in facts()["category"]}
    assert set(MODES) == {row["value"] for row in facts()["mode"]}
    assert set(AVAudioSessionCategory) - set(CATEGORIES.values()) == {Category.MULTI_ROUTE}
