"""Every category, mode, set of routing options and small set of devices: what always holds."""

from __future__ import annotations

from itertools import chain, combinations, permutations

import pytest

from audiosession.apple import (
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionMode,
)
from audiosession.apple.legality import effective_mode, effective_options, route_options
from audiosession.core.routing import (
    AirPlayUse,
    Port,
    RoutePorts,
    RouteRequest,
    available_inputs,
    choose_ports,
)
from audiosession.core.translate import route_request
from audiosession.errors import InvalidValueError

from .routing_kit import DEVICES, PHONE, TABLET, connected

_O = AVAudioSessionCategoryOptions
ROUTING_OPTIONS = (
    _O.ALLOW_BLUETOOTH_HFP,
    _O.DEFAULT_TO_SPEAKER,
    _O.ALLOW_BLUETOOTH_A2DP,
    _O.ALLOW_AIR_PLAY,
    _O.BLUETOOTH_HIGH_QUALITY_RECORDING,
)
OPTION_SETS = [
    sum(chosen, _O.NONE)
    for size in range(len(ROUTING_OPTIONS) + 1)
    for chosen in combinations(ROUTING_OPTIONS, size)
]
SETS: list[tuple[Port, ...]] = [
    (*built_in, *connected(*devices))
    for built_in in (PHONE, TABLET, ())
    for devices in chain([()], permutations(DEVICES, 1), permutations(DEVICES, 2), [tuple(DEVICES)])
]


def asked(category: AVAudioSessionCategory, mode: AVAudioSessionMode, options: _O) -> RouteRequest:
    return route_request(category.value, mode.value, int(options))


@pytest.mark.parametrize("category", AVAudioSessionCategory)
def test_requests_allow_what_the_tables_of_options_allow(category: AVAudioSessionCategory) -> None:
    for mode in AVAudioSessionMode:
        for options in OPTION_SETS:
            request = asked(category, mode, options)
            # The tables treat what does not fit as an error, a request as not asked for.
            routes = route_options(category, options, mode)
            if category is AVAudioSessionCategory.AUDIO_PROCESSING:
                assert (request.plays, request.records) == (False, False)
                continue
            hands_free = _O.ALLOW_BLUETOOTH_HFP in routes and (
                category in (AVAudioSessionCategory.RECORD, AVAudioSessionCategory.PLAY_AND_RECORD)
                or (
                    category is AVAudioSessionCategory.MULTI_ROUTE
                    and mode is AVAudioSessionMode.DUAL_ROUTE
                )
            )
            assert request.hands_free == hands_free
            assert request.a2dp == (_O.ALLOW_BLUETOOTH_A2DP in routes)
            assert (request.airplay is AirPlayUse.ANY) == (_O.ALLOW_AIR_PLAY in routes)
            joined = category is AVAudioSessionCategory.PLAY_AND_RECORD
            effective = effective_options(category, options, mode)
            assert request.speaker == (joined and _O.DEFAULT_TO_SPEAKER in effective)
            assert request.dual == (effective_mode(category, mode) is AVAudioSessionMode.DUAL_ROUTE)


@pytest.mark.parametrize("category", AVAudioSessionCategory)
def test_a_mode_that_does_not_fit_asks_for_what_the_default_mode_asks(
    category: AVAudioSessionCategory,
) -> None:
    for mode in AVAudioSessionMode:
        for options in OPTION_SETS:
            effective = effective_mode(category, mode)
            assert asked(category, mode, options) == asked(category, effective, options)


def test_what_is_no_category_asks_for_nothing() -> None:
    with pytest.raises(InvalidValueError) as caught:
        route_request("Playback")
    assert caught.value.field == "category"


REQUESTS = {
    asked(category, mode, options)
    for category in AVAudioSessionCategory
    for mode in AVAudioSessionMode
    for options in OPTION_SETS
}


def may_use(port: Port, request: RouteRequest) -> bool:
    """Whether the words of the rules allow a port at all, in one direction or the other."""
    if port.kind == "bluetoothSco":
        return request.hands_free or (request.high_quality and port.high_quality)
    if port.kind == "bluetoothA2dp":
        return request.a2dp and not (request.several or request.dual)
    if port.kind == "airPlay":
        return request.airplay is AirPlayUse.ANY or (
            request.airplay is AirPlayUse.MIRRORED and port.mirrored
        )
    return True


def check(ports: tuple[Port, ...], request: RouteRequest) -> RoutePorts:
    """What holds of every choice; gives the choice."""
    route = choose_ports(ports, request)
    there = {port.id: port for port in ports}
    outputs = [there[id] for id in route.outputs]
    inputs = [there[id] for id in route.inputs]
    assert all(port.is_output for port in outputs)
    assert all(port.is_input for port in inputs)
    assert all(may_use(port, request) for port in (*outputs, *inputs))
    assert set(route.inputs) <= set(available_inputs(ports, request))
    assert len(set(route.outputs)) == len(outputs) <= (2 if request.several or request.dual else 1)
    assert len(set(route.inputs)) == len(inputs) <= (2 if request.dual else 1)
    assert request.plays or not outputs
    assert request.records or not inputs
    if request.plays and request.records and not request.dual:
        sides = {port.kind == "bluetoothSco" for port in (*outputs, *inputs)}
        assert len(sides) <= 1, "hands-free on both sides or on neither"
    if "earpiece" in route.outputs:
        assert request.receiver
        assert not request.speaker
    return route


@pytest.mark.parametrize("request_", sorted(REQUESTS, key=str), ids=lambda one: "")
def test_a_choice_is_allowed_is_there_and_is_the_same_again(request_: RouteRequest) -> None:
    for ports in SETS:
        route = check(ports, request_)
        assert choose_ports(list(ports), request_) == route
        # How late a device came counts, not where it stands among the ports.
        assert set(choose_ports(ports[::-1], request_).outputs) == set(route.outputs)


def test_every_request_is_served_by_a_phone_with_nothing_connected() -> None:
    for request in REQUESTS:
        assert choose_ports(PHONE, request).serves(request)
