"""Apple's routing rules, one by one: which ports a category, mode and options get."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audiosession.core.routing import (
    AirPlayUse,
    RoutePorts,
    RouteRequest,
    available_inputs,
    choose_ports,
)

from .routing_kit import (
    A2DP,
    AIRPLAY,
    DEVICES,
    EARPIECE,
    HFP,
    HIGH_QUALITY,
    LONG_FORM,
    LOUD,
    MICROPHONE,
    PHONE,
    SPEAKER,
    TABLET,
    ask,
    chosen,
    connected,
    port,
    route,
)

OUTPUT_ONLY = ("Ambient", "SoloAmbient", "Playback")
PLAYBACK = ask("Playback")
RECORD = ask("Record")
BOTH = ask("PlayAndRecord")
CALL = ask("PlayAndRecord", options=HFP)
MULTI = ask("MultiRoute")
DUAL = ask("MultiRoute", "DualRoute", HFP)


# -- 80 to 83: last in wins, receiver, loudspeaker -----------------------------------------------


@pytest.mark.parametrize("category", [*OUTPUT_ONLY, "PlayAndRecord"])
def test_80_the_device_connected_last_takes_the_route(category: str) -> None:
    request = ask(category)
    assert chosen(request, "headphones", "hdmi").outputs == ("hdmi",)
    assert chosen(request, "hdmi", "headphones").outputs == ("headphones",)


def test_80_the_input_connected_last_takes_the_route() -> None:
    assert chosen(RECORD, "headset", "usb microphone") == route("usb microphone")
    assert chosen(RECORD, "usb microphone", "headset") == route("headset")


def test_81_play_and_record_is_heard_at_the_ear() -> None:
    assert chosen(BOTH) == route("microphone", "earpiece")


def test_81_without_a_receiver_the_loudspeaker_is_used() -> None:
    assert chosen(BOTH, built_in=TABLET) == route("microphone", "speaker")


def test_81_a_receiver_alone_is_better_than_nothing() -> None:
    assert chosen(PLAYBACK, built_in=(EARPIECE,)) == route("", "earpiece")


@pytest.mark.parametrize("category", OUTPUT_ONLY)
def test_82_what_only_plays_is_heard_from_the_loudspeaker(category: str) -> None:
    assert chosen(ask(category)) == route("", "speaker")


@pytest.mark.parametrize("request_", [ask("PlayAndRecord", options=LOUD)])
def test_83_default_to_speaker_takes_the_place_of_the_receiver_only(request_: RouteRequest) -> None:
    assert chosen(request_) == route("microphone", "speaker")
    # QA1754 and the header; the current page of the option says the opposite.
    assert chosen(request_, "headphones") == route("microphone", "headphones")
    assert chosen(request_, "headset") == route("headset", "headset")


def test_83_an_accessory_with_an_input_only_leaves_the_output_where_it_is() -> None:
    request = ask("PlayAndRecord", options=LOUD)
    assert chosen(request, "usb microphone") == route("usb microphone", "speaker")
    assert chosen(request, "headphones", "usb microphone") == route("usb microphone", "headphones")


@pytest.mark.parametrize("category", [*OUTPUT_ONLY, "Record", "MultiRoute"])
def test_83_no_other_category_knows_the_option(category: str) -> None:
    assert ask(category, options=LOUD) == ask(category)


def test_83_video_chat_brings_the_option_along() -> None:
    assert chosen(ask("PlayAndRecord", "VideoChat")) == route("microphone", "speaker")
    assert chosen(ask("PlayAndRecord", "VoiceChat")) == route("microphone", "earpiece")


# -- 84: the override, as far as it chooses ------------------------------------------------------


@pytest.mark.parametrize("device", ["headset", "headphones", "hands-free", "buds", "usb", "car"])
def test_84_the_override_goes_before_whatever_is_connected(device: str) -> None:
    request = replace(CALL, override_speaker=True)
    assert chosen(request, device) == route("microphone", "speaker")


def test_84_what_only_plays_or_only_records_is_not_overridden() -> None:
    for request in (PLAYBACK, RECORD):
        overridden = replace(request, override_speaker=True)
        assert chosen(overridden, "headset") == chosen(request, "headset")


def test_84_without_a_loudspeaker_there_is_nothing_to_override_to() -> None:
    request = replace(CALL, override_speaker=True)
    assert chosen(request, "headset", built_in=(EARPIECE, MICROPHONE)) == route(
        "headset", "headset"
    )


def test_84_without_a_built_in_microphone_the_override_uses_what_there_is() -> None:
    request = replace(CALL, override_speaker=True)
    built_in = (SPEAKER,)
    assert chosen(request, "usb microphone", "hands-free", built_in=built_in) == route(
        "usb microphone", "speaker"
    )
    assert chosen(request, "hands-free", built_in=built_in) == route("", "speaker")


# -- 91: nothing that fits -----------------------------------------------------------------------


def test_91_a_route_serves_only_what_it_has_ports_for() -> None:
    assert not chosen(RECORD, built_in=(SPEAKER,)).serves(RECORD)
    assert not chosen(BOTH, built_in=(SPEAKER,)).serves(BOTH)
    assert not chosen(PLAYBACK, built_in=(MICROPHONE,)).serves(PLAYBACK)
    assert chosen(RECORD, "usb microphone", built_in=(SPEAKER,)).serves(RECORD)
    assert chosen(BOTH).serves(BOTH)
    assert RoutePorts().serves(ask("AudioProcessing"))


# -- 92 and 93: hands-free -----------------------------------------------------------------------


@pytest.mark.parametrize("category", ["Record", "PlayAndRecord"])
def test_92_hands_free_is_offered_with_the_option_only(category: str) -> None:
    assert "hands-free" in chosen(ask(category, options=HFP), "hands-free").inputs
    assert chosen(ask(category), "hands-free") == chosen(ask(category))


@pytest.mark.parametrize("category", [*OUTPUT_ONLY, "MultiRoute"])
def test_92_other_categories_never_use_it(category: str) -> None:
    request = ask(category, options=HFP)
    assert chosen(request, "hands-free") == chosen(request)
    assert not request.hands_free


def test_92_dual_route_uses_it() -> None:
    assert DUAL.hands_free
    assert "hands-free" in chosen(DUAL, "hands-free").outputs
    assert chosen(ask("MultiRoute", "DualRoute"), "hands-free") == route("microphone", "speaker")


@pytest.mark.parametrize("mode", ["VoiceChat", "VideoChat"])
def test_92_chat_modes_bring_the_option_along(mode: str) -> None:
    assert chosen(ask("PlayAndRecord", mode), "hands-free") == route("hands-free", "hands-free")
    assert not ask("Record", mode).hands_free, "a mode that does not fit is the default mode"


def test_93_hands_free_is_used_both_ways() -> None:
    assert chosen(CALL, "hands-free") == route("hands-free", "hands-free")
    assert chosen(CALL, "headphones", "hands-free") == route("hands-free", "hands-free")


def test_93_a_later_output_takes_the_microphone_away_too() -> None:
    assert chosen(CALL, "hands-free", "headphones") == route("microphone", "headphones")
    assert chosen(CALL, "hands-free", "headset") == route("headset", "headset")


def test_93_preferring_its_microphone_moves_the_output_there() -> None:
    request = replace(CALL, preferred_input="hands-free")
    assert chosen(request, "hands-free", "headphones") == route("hands-free", "hands-free")


def test_93_preferring_another_microphone_moves_the_output_away() -> None:
    request = replace(CALL, preferred_input="microphone")
    assert chosen(request, "hands-free") == route("microphone", "earpiece")
    assert chosen(request, "headphones", "hands-free") == route("microphone", "headphones")


def test_93_a_record_session_uses_the_microphone_alone() -> None:
    assert chosen(ask("Record", options=HFP), "hands-free") == route("hands-free")


def test_93_one_that_lacks_a_side_is_completed_by_others() -> None:
    outward = port("beeper", "bluetoothSco", order=3)
    assert choose_ports([*PHONE, outward], CALL) == route("microphone", "beeper")
    inward = port("clip", "bluetoothSco", way="in", order=3)
    assert choose_ports([*PHONE, inward, *connected("headphones")], CALL) == route(
        "clip", "headphones"
    )


# -- 94 and 95: A2DP -----------------------------------------------------------------------------


@pytest.mark.parametrize("category", OUTPUT_ONLY)
@pytest.mark.parametrize("options", [0, A2DP])
def test_94_what_only_plays_may_always_use_a2dp(category: str, options: int) -> None:
    assert chosen(ask(category, options=options), "a2dp") == route("", "a2dp")


def test_94_play_and_record_uses_a2dp_with_the_option_only() -> None:
    assert chosen(ask("PlayAndRecord", options=A2DP), "a2dp") == route("microphone", "a2dp")
    assert chosen(BOTH, "a2dp") == route("microphone", "earpiece")


@pytest.mark.parametrize("category", ["Record", "MultiRoute"])
def test_94_record_and_multi_route_never_use_a2dp(category: str) -> None:
    request = ask(category, options=A2DP)
    assert chosen(request, "a2dp") == chosen(request)
    assert not request.a2dp


def test_95_a_device_with_both_uses_hands_free() -> None:
    request = ask("PlayAndRecord", options=HFP | A2DP)
    assert chosen(request, "buds") == route("buds calls", "buds calls")
    assert chosen(request, "hands-free", "buds") == route("buds calls", "buds calls")


def test_95_of_different_devices_the_last_one_wins() -> None:
    request = ask("PlayAndRecord", options=HFP | A2DP)
    assert chosen(request, "hands-free", "a2dp") == route("microphone", "a2dp")
    assert chosen(request, "a2dp", "hands-free") == route("hands-free", "hands-free")
    assert chosen(request, "buds", "a2dp") == route("microphone", "a2dp")


def test_95_with_another_microphone_preferred_its_a2dp_is_left() -> None:
    request = replace(ask("PlayAndRecord", options=HFP | A2DP), preferred_input="microphone")
    assert chosen(request, "buds") == route("microphone", "buds")


def test_95_with_a2dp_alone_allowed_there_is_no_hands_free() -> None:
    assert chosen(ask("PlayAndRecord", options=A2DP), "buds") == route("microphone", "buds")


# -- 96: AirPlay ---------------------------------------------------------------------------------


@pytest.mark.parametrize("category", OUTPUT_ONLY)
@pytest.mark.parametrize("receiver", ["airplay", "mirror"])
def test_96_what_only_plays_may_always_use_airplay(category: str, receiver: str) -> None:
    assert chosen(ask(category), receiver) == route("", receiver)


@pytest.mark.parametrize("mode", ["Default", "VideoChat", "GameChat"])
def test_96_play_and_record_uses_what_mirrors_in_these_modes(mode: str) -> None:
    request = ask("PlayAndRecord", mode)
    assert request.airplay is AirPlayUse.MIRRORED
    assert chosen(request, "mirror").outputs == ("mirror",)
    assert chosen(request, "airplay") == chosen(request)


@pytest.mark.parametrize("mode", ["VoiceChat", "Measurement", "VideoRecording", "SpokenAudio"])
def test_96_and_nothing_in_the_others(mode: str) -> None:
    request = ask("PlayAndRecord", mode)
    assert chosen(request, "mirror", "airplay") == chosen(request)


@pytest.mark.parametrize("mode", ["Default", "VoiceChat"])
def test_96_with_the_option_play_and_record_uses_all_of_it(mode: str) -> None:
    request = ask("PlayAndRecord", mode, AIRPLAY)
    assert chosen(request, "airplay").outputs == ("airplay",)
    assert chosen(request, "mirror").outputs == ("mirror",)


@pytest.mark.parametrize("category", ["Record", "MultiRoute"])
def test_96_record_and_multi_route_never_use_airplay(category: str) -> None:
    request = ask(category, options=AIRPLAY)
    assert chosen(request, "airplay", "mirror") == chosen(request)


# -- 97: recording at full bandwidth -------------------------------------------------------------


def test_97_alone_it_serves_devices_that_can_and_no_others() -> None:
    request = ask("PlayAndRecord", options=HIGH_QUALITY)
    assert chosen(request, "studio") == route("studio", "studio")
    assert chosen(request, "hands-free") == chosen(request)
    assert chosen(request, "hands-free", "headphones") == route("microphone", "headphones")


def test_97_with_hands_free_it_falls_back_to_that() -> None:
    request = ask("PlayAndRecord", options=HIGH_QUALITY | HFP)
    assert chosen(request, "hands-free") == route("hands-free", "hands-free")


def test_97_in_the_default_mode_only() -> None:
    assert not ask("PlayAndRecord", "GameChat", HIGH_QUALITY).high_quality
    assert not ask("Record", options=HIGH_QUALITY).high_quality


# -- 98 and 99: inputs ---------------------------------------------------------------------------


def test_98_a_preferred_input_is_used_where_it_is_there() -> None:
    request = replace(BOTH, preferred_input="microphone")
    assert chosen(request, "headset") == route("microphone", "headset")
    assert chosen(replace(RECORD, preferred_input="headset"), "headset", "usb microphone") == route(
        "headset"
    )


@pytest.mark.parametrize("wish", ["hands-free", "headphones", "nothing"])
def test_98_what_is_not_available_cannot_be_had(wish: str) -> None:
    request = replace(BOTH, preferred_input=wish)
    assert chosen(request, "headphones", "hands-free") == chosen(BOTH, "headphones")


def test_99_inputs_are_available_by_category_and_options() -> None:
    ports = [*PHONE, *connected("headset", "hands-free", "usb", "le", "line in")]
    assert available_inputs(ports, BOTH) == ("microphone", "headset", "usb in", "line in")
    assert available_inputs(ports, CALL) == (
        "microphone",
        "headset",
        "hands-free",
        "usb in",
        "line in",
    )
    assert available_inputs(ports, RECORD) == available_inputs(ports, BOTH)
    assert available_inputs(ports, MULTI) == ("microphone", "headset", "usb in")
    assert available_inputs(ports, DUAL) == ("microphone", "headset", "hands-free", "le")


@pytest.mark.parametrize("category", [*OUTPUT_ONLY, "AudioProcessing"])
def test_99_none_where_nothing_is_recorded(category: str) -> None:
    assert available_inputs([*PHONE, *connected("headset")], ask(category)) == ()


# -- 102: long-form ------------------------------------------------------------------------------


def test_102_long_form_goes_with_playback_and_two_policies() -> None:
    assert ask("Playback", policy=LONG_FORM).long_form
    assert ask("Playback", policy=3).long_form
    assert not ask("Playback", policy=0).long_form
    assert not ask("Playback", policy=2).long_form
    assert not ask("PlayAndRecord", policy=LONG_FORM).long_form


# -- 103: several outputs ------------------------------------------------------------------------


@pytest.mark.parametrize("other", ["usb", "line", "hdmi"])
@pytest.mark.parametrize("phones", ["headphones", "headset"])
def test_103_headphones_sound_beside_usb_line_or_hdmi(other: str, phones: str) -> None:
    assert chosen(MULTI, phones, other).outputs == (other, phones)
    assert chosen(MULTI, other, phones).outputs == (phones, other)


@pytest.mark.parametrize("device", ["usb", "line", "hdmi", "headphones", "headset"])
def test_103_the_loudspeaker_sounds_only_when_alone(device: str) -> None:
    assert chosen(MULTI).outputs == ("speaker",)
    assert chosen(MULTI, device).outputs == (device,)


def test_103_other_pairs_are_not_named_and_the_last_one_wins() -> None:
    assert chosen(MULTI, "usb", "hdmi").outputs == ("hdmi",)
    assert chosen(MULTI, "hdmi", "headphones", "usb").outputs == ("usb", "headphones")
    assert chosen(MULTI, "headset", "headphones").outputs == ("headphones",)


@pytest.mark.parametrize("device", ["a2dp", "airplay", "mirror", "hands-free", "car", "display"])
def test_103_other_outputs_are_not_eligible(device: str) -> None:
    assert chosen(MULTI, device) == chosen(MULTI) == route("microphone", "speaker")


def test_103_the_one_input_is_the_last_in() -> None:
    assert chosen(MULTI, "headset", "usb").inputs == ("usb in",)
    assert chosen(MULTI, "usb", "headset").inputs == ("headset",)
    assert chosen(MULTI, "line in").inputs == ("microphone",)
    preferring = replace(MULTI, preferred_input="microphone")
    assert chosen(preferring, "headset") == route("microphone", "headset")


# -- dualRoute -----------------------------------------------------------------------------------


@pytest.mark.parametrize("device", ["headset", "hands-free", "le"])
def test_dual_route_joins_a_two_way_device_to_the_built_in_pair(device: str) -> None:
    assert chosen(DUAL, device) == route(f"microphone,{device}", f"speaker,{device}")


def test_dual_route_joins_headphones_on_the_side_they_have() -> None:
    assert chosen(DUAL, "headphones") == route("microphone", "speaker,headphones")


def test_dual_route_takes_the_device_connected_last_and_no_other_kinds() -> None:
    assert chosen(DUAL, "headset", "le") == route("microphone,le", "speaker,le")
    assert chosen(DUAL, "le", "usb", "hdmi", "a2dp") == route("microphone,le", "speaker,le")
    assert chosen(DUAL, "buds") == route("microphone,buds calls", "speaker,buds calls")
    assert chosen(DUAL) == route("microphone", "speaker")


# -- USB, Low Energy -----------------------------------------------------------------------------


def test_usb_is_two_ports_each_on_its_side() -> None:
    assert chosen(BOTH, "usb") == route("usb in", "usb")
    assert chosen(PLAYBACK, "usb") == route("", "usb")
    assert chosen(RECORD, "usb") == route("usb in")


def test_low_energy_is_an_output_and_its_microphone_serves_dual_route_only() -> None:
    assert chosen(CALL, "le") == route("microphone", "le")
    assert "le" in chosen(DUAL, "le").inputs
    assert chosen(replace(CALL, le_microphone=True), "le") == route("le", "le")


def test_audio_processing_has_no_route() -> None:
    assert chosen(ask("AudioProcessing"), *DEVICES) == route()
