"""Which devices there are, and when sound becomes noisy, whatever order servers report in."""

from dataclasses import replace
from itertools import permutations

import pytest

from audiosession.devices import AudioDeviceType as Type
from audiosession.service.routes import SETTLE_S, RouteChange, Routes, device_of
from audiosession.service.servers.base import Direction, Endpoint

SPEAKER = Endpoint(
    id="card/speaker",
    name="Speaker",
    direction=Direction.PLAYBACK,
    type=Type.BUILT_IN_SPEAKER,
    node="card",
    port="speaker",
    default=True,
)
HEADPHONES = Endpoint(
    id="card/headphones",
    name="Headphones",
    direction=Direction.PLAYBACK,
    type=Type.WIRED_HEADPHONES,
    node="card",
    port="headphones",
    default=True,
    removable=True,
)
BLUETOOTH = Endpoint(
    id="bluez",
    name="Earbuds",
    direction=Direction.PLAYBACK,
    type=Type.BLUETOOTH_A2DP,
    node="bluez",
    removable=True,
)
USB = replace(BLUETOOTH, id="usb", name="USB headset", type=Type.USB_AUDIO, node="usb")
HDMI = replace(SPEAKER, id="hdmi", name="Screen", type=Type.HDMI, node="hdmi", default=False)
MICROPHONE = Endpoint(
    id="mic",
    name="Microphone",
    direction=Direction.CAPTURE,
    type=Type.BUILT_IN_MIC,
    node="mic",
    default=True,
)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def idle(endpoint: Endpoint) -> Endpoint:
    return replace(endpoint, active=False)


def default(endpoint: Endpoint, chosen: bool = True) -> Endpoint:
    return replace(endpoint, default=chosen)


def noisy(routes: Routes, *reports: tuple[Endpoint, ...]) -> list[bool]:
    return [routes.update(report).became_noisy for report in reports]


def playing_on(*endpoints: Endpoint) -> tuple[Routes, Clock]:
    clock = Clock()
    routes = Routes(clock=clock)
    assert not routes.update(endpoints).became_noisy
    return routes, clock


def test_first_report_adds_every_available_device() -> None:
    routes = Routes()
    change = routes.update((SPEAKER, replace(idle(HEADPHONES), available=False), MICROPHONE))
    assert change == RouteChange(
        devices_added=frozenset({device_of(SPEAKER), device_of(MICROPHONE)}),
        output=device_of(SPEAKER),
        input=device_of(MICROPHONE),
        default_changed=True,
    )
    assert routes.devices() == change.devices_added
    assert (routes.output, routes.input) == (device_of(SPEAKER), device_of(MICROPHONE))


def test_device_has_the_endpoints_id_name_type_and_direction() -> None:
    device = device_of(MICROPHONE)
    assert (device.id, device.name, device.type) == ("mic", "Microphone", Type.BUILT_IN_MIC)
    assert device.is_input
    assert not device.is_output
    assert device_of(SPEAKER).is_output


def test_the_same_report_again_changes_nothing() -> None:
    routes, _ = playing_on(SPEAKER, MICROPHONE)
    change = routes.update((MICROPHONE, SPEAKER))
    assert not change.devices_changed
    assert not change.default_changed


def test_plugging_in_headphones_is_not_noisy() -> None:
    routes, _ = playing_on(SPEAKER, replace(idle(HEADPHONES), available=False))
    change = routes.update((idle(SPEAKER), HEADPHONES))
    assert change.devices_added == {device_of(HEADPHONES)}
    assert change.output == device_of(HEADPHONES)
    assert change.default_changed
    assert not change.became_noisy


def test_unplugging_headphones_in_use_is_noisy_at_the_first_step_and_once() -> None:
    routes, _ = playing_on(idle(SPEAKER), HEADPHONES)
    gone = replace(HEADPHONES, available=False)
    assert noisy(
        routes,
        (idle(SPEAKER), gone),
        (SPEAKER, idle(gone)),
        (SPEAKER,),
        (SPEAKER, HDMI),
    ) == [True, False, False, False]


def test_port_changes_before_it_is_unavailable() -> None:
    routes, _ = playing_on(idle(SPEAKER), HEADPHONES)
    assert noisy(
        routes,
        (SPEAKER, idle(HEADPHONES)),
        (SPEAKER, replace(idle(HEADPHONES), available=False)),
        (SPEAKER,),
    ) == [False, True, False]


@pytest.mark.parametrize("lost", [BLUETOOTH, USB], ids=["bluetooth", "usb"])
@pytest.mark.parametrize(
    "order", list(permutations(["unavailable", "inactive", "vanishes", "default"]))
)
def test_a_sink_in_use_that_goes_away_is_noisy_once_in_every_order(
    lost: Endpoint, order: tuple[str, ...]
) -> None:
    routes, clock = playing_on(default(SPEAKER, False), default(lost))
    speaker, there = default(SPEAKER, False), default(lost)
    gone = False
    heard = []
    for step in order:
        clock.now += SETTLE_S / 8
        match step:
            case "unavailable":
                there = replace(there, available=False)
            case "inactive":
                there = idle(there)
            case "vanishes":
                gone = True
            case _:
                speaker, there = default(speaker), default(there, False)
        heard += noisy(routes, (speaker,) if gone else (speaker, there))
    assert heard.count(True) == 1


def test_user_who_chooses_another_output_hears_nothing_of_noise() -> None:
    routes, clock = playing_on(default(SPEAKER, False), default(BLUETOOTH))
    change = routes.update((SPEAKER, BLUETOOTH))
    assert change.default_changed
    assert not change.became_noisy
    clock.now += SETTLE_S * 2
    assert noisy(routes, (SPEAKER,)) == [False]


def test_output_that_is_not_in_use_goes_away_unheard() -> None:
    routes, clock = playing_on(SPEAKER, BLUETOOTH)
    clock.now += 60.0
    change = routes.update((SPEAKER,))
    assert change.devices_removed == {device_of(BLUETOOTH)}
    assert not change.became_noisy


def test_another_headset_that_takes_over_is_not_noisy() -> None:
    routes, _ = playing_on(default(SPEAKER, False), default(BLUETOOTH), USB)
    assert noisy(routes, (default(SPEAKER, False), USB)) == [False]
    assert noisy(routes, (default(SPEAKER, False), default(USB))) == [False]


def test_a_headset_that_could_take_over_and_does_not_leaves_it_noisy() -> None:
    routes, _ = playing_on(default(SPEAKER, False), default(BLUETOOTH), USB)
    assert noisy(routes, (default(SPEAKER, False), USB)) == [False]
    assert noisy(routes, (SPEAKER, USB), (SPEAKER, USB)) == [True, False]


def test_a_screen_counts_as_heard_by_others() -> None:
    routes, _ = playing_on(HDMI, default(BLUETOOTH))
    assert noisy(routes, (default(HDMI),)) == [True]


def test_a_loudspeaker_that_goes_away_is_not_noisy() -> None:
    routes, _ = playing_on(SPEAKER, HDMI)
    assert noisy(routes, (default(HDMI),)) == [False]


def test_restart_of_the_server_is_not_noisy() -> None:
    routes, _ = playing_on(default(SPEAKER, False), default(BLUETOOTH), MICROPHONE)
    change = routes.update(())
    assert change.devices_removed == {device_of(e) for e in (SPEAKER, BLUETOOTH, MICROPHONE)}
    assert not change.became_noisy
    assert (
        noisy(
            routes,
            (MICROPHONE,),
            (SPEAKER,),
            (SPEAKER, BLUETOOTH),
            (default(SPEAKER, False), default(BLUETOOTH)),
        )
        == [False] * 4
    )
    assert noisy(routes, (SPEAKER,)) == [True]


def test_the_second_unplugging_is_noisy_again() -> None:
    routes, clock = playing_on(idle(SPEAKER), HEADPHONES)
    for _ in range(3):
        assert noisy(routes, (SPEAKER,)) == [True]
        clock.now += 10.0
        assert noisy(routes, (idle(SPEAKER), HEADPHONES)) == [False]
        clock.now += 10.0


def test_loss_with_nothing_left_to_hear_is_not_noisy() -> None:
    routes, _ = playing_on(default(BLUETOOTH), MICROPHONE)
    assert noisy(routes, (MICROPHONE,), (SPEAKER, MICROPHONE)) == [False, False]


def test_restart_in_the_middle_of_a_loss_ends_it() -> None:
    routes, _ = playing_on(default(SPEAKER, False), default(BLUETOOTH), USB)
    assert noisy(routes, (default(SPEAKER, False), USB), (), (SPEAKER,)) == [False] * 3
