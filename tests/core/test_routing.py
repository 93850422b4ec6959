"""Routes: the last device connected, what is built in, hands-free for calls only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audiosession.core import Claim, Press, Role
from audiosession.core.routing import BECOMING_NOISY_KINDS, Port, Route, becomes_noisy, choose_route


def port(kind: str, order: int = 0, *, input: bool = False, device: str = "") -> Port:
    name = f"{kind} {order}"
    return Port(
        id=f"{kind}{'-in' if input else ''}",
        name=name,
        kind=kind,
        is_input=input,
        is_output=not input,
        device=device or name,
        order=order,
    )


SPEAKER = port("builtInSpeaker")
EARPIECE = port("builtInEarpiece")
MICROPHONE = port("builtInMicrophone", input=True)
HEADPHONES = port("wiredHeadphones", 1)
A2DP = port("bluetoothA2dp", 2, device="buds")
SCO = port("bluetoothSco", 2, device="buds")
SCO_MIC = port("bluetoothSco", 2, input=True, device="buds")
USB = port("usbAudio", 3)
PHONE = [EARPIECE, SPEAKER, MICROPHONE]

MUSIC = Claim(role=Role.MUSIC)
CALL = Claim(role=Role.CALL, press=Press.PAUSE, records=True)
VOICE_MEMO = Claim(role=Role.RECORDING, plays=False, records=True)
PLAY_AND_RECORD = Claim(role=Role.RECORDING, records=True)


@pytest.mark.parametrize("claim", [None, MUSIC])
def test_the_loudspeaker_where_nothing_is_connected(claim: Claim | None) -> None:
    assert choose_route(PHONE, claim) == Route(output="builtInSpeaker")


@pytest.mark.parametrize("claim", [CALL, PLAY_AND_RECORD])
def test_the_earpiece_for_who_plays_and_records(claim: Claim) -> None:
    route = choose_route(PHONE, claim)
    assert route == Route(output="builtInEarpiece", input="builtInMicrophone-in")


def test_the_loudspeaker_for_who_plays_and_records_without_an_earpiece() -> None:
    route = choose_route([SPEAKER, MICROPHONE], PLAY_AND_RECORD)
    assert route == Route(output="builtInSpeaker", input="builtInMicrophone-in")


def test_an_earpiece_alone_is_better_than_nothing() -> None:
    assert choose_route([EARPIECE], MUSIC) == Route(output="builtInEarpiece")


def test_another_built_in_output_is_better_than_the_earpiece() -> None:
    other = replace(port("builtInOther"), order=0)
    assert choose_route([EARPIECE, other], MUSIC).output == "builtInOther"


def test_who_only_records_gets_no_output() -> None:
    assert choose_route(PHONE, VOICE_MEMO) == Route(input="builtInMicrophone-in")


def test_without_a_port_that_fits_there_is_none() -> None:
    assert choose_route([], CALL) == Route()
    assert choose_route([SPEAKER], VOICE_MEMO) == Route()


def test_the_device_connected_last_wins() -> None:
    for connected in ([HEADPHONES, USB], [USB, HEADPHONES]):
        assert choose_route([*PHONE, *connected], MUSIC).output == "usbAudio"
    assert choose_route([*PHONE, HEADPHONES], MUSIC).output == "wiredHeadphones"
    assert choose_route([*PHONE, HEADPHONES], CALL).output == "wiredHeadphones"


def test_hands_free_serves_calls_only_and_goes_before_a2dp_there() -> None:
    ports = [*PHONE, HEADPHONES, A2DP, SCO, SCO_MIC]
    assert choose_route(ports, MUSIC) == Route(output="bluetoothA2dp")
    route = choose_route(ports, CALL)
    assert route == Route(output="bluetoothSco", input="bluetoothSco-in")
    assert choose_route(ports, VOICE_MEMO) == Route(input="builtInMicrophone-in")


def test_a_call_uses_a2dp_where_the_device_has_no_hands_free() -> None:
    route = choose_route([*PHONE, A2DP], CALL)
    assert route == Route(output="bluetoothA2dp", input="builtInMicrophone-in")
    # Another device's hands-free does not take this one's A2DP away; the last one wins.
    other = replace(SCO, device="car", order=1)
    assert choose_route([*PHONE, A2DP, other], CALL).output == "bluetoothA2dp"


def test_a_call_that_only_plays_uses_hands_free_too() -> None:
    listening = Claim(role=Role.CALL)
    assert choose_route([*PHONE, A2DP, SCO, SCO_MIC], listening) == Route(output="bluetoothSco")


def test_hands_free_is_used_both_ways_or_not_at_all() -> None:
    ports = [*PHONE, A2DP, SCO, SCO_MIC, USB]
    assert choose_route(ports, CALL) == Route(output="usbAudio", input="builtInMicrophone-in")


def test_a_claim_that_records_uses_the_microphone_of_low_energy() -> None:
    le = replace(port("bluetoothLe", 4), is_input=True)
    assert choose_route([*PHONE, le], VOICE_MEMO) == Route(input="bluetoothLe")
    assert choose_route([*PHONE, le], CALL) == Route(input="bluetoothLe", output="bluetoothLe")


@pytest.mark.parametrize("kind", sorted(BECOMING_NOISY_KINDS))
def test_losing_private_outputs_makes_noise(kind: str) -> None:
    lost = port(kind, 1)
    assert becomes_noisy(lost, PHONE)
    assert becomes_noisy(lost, [])
    assert not becomes_noisy(lost, [*PHONE, HEADPHONES]), "another one takes over"
    headset_mic = port("wiredHeadset", 2, input=True)
    assert becomes_noisy(lost, [*PHONE, headset_mic]), "an input takes nothing over"


def test_losing_nothing_or_a_loudspeaker_makes_none() -> None:
    assert not becomes_noisy(None, PHONE)
    assert not becomes_noisy(SPEAKER, PHONE)


def test_ports_know_whether_they_are_built_in() -> None:
    assert SPEAKER.built_in
    assert not USB.built_in
