"""Apple's rules of route changes: when a session hears of one, for what reason, with what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audiosession.core.routing import (
    Port,
    RouteChange,
    RouteChangeReason,
    RoutePorts,
    Router,
    RouteRequest,
)
from audiosession.errors import IllegalRequestError, UnknownNameError

from .routing_kit import (
    A2DP,
    HFP,
    LONG_FORM,
    LOUD,
    MICROPHONE,
    PHONE,
    SPEAKER,
    ask,
    connected,
    route,
)

Reason = RouteChangeReason

PLAYBACK = ask("Playback")
RECORD = ask("Record")
BOTH = ask("PlayAndRecord")
CALL = ask("PlayAndRecord", options=HFP | A2DP)
LOUD_CALL = ask("PlayAndRecord", options=HFP | LOUD)
EAR = route("microphone", "earpiece")
ALOUD = route("microphone", "speaker")


class Desk:
    """A router with one session, ``app``, and devices that come in order."""

    def __init__(self, request: RouteRequest, *devices: str, built_in: tuple[Port, ...] = PHONE):
        self.router = Router(built_in)
        self.count = 0
        self.plug(*devices)
        self.router.request("app", request)

    @property
    def now(self) -> RoutePorts:
        return self.router.route("app")

    def plug(self, *devices: str) -> tuple[RouteChange, ...]:
        changes: tuple[RouteChange, ...] = ()
        for device in devices:
            self.count += 1
            changes += self.router.connect(connected(device, order=self.count))
        return changes

    def ask(self, request: RouteRequest) -> tuple[RouteChange, ...]:
        return self.router.request("app", request)


def change(
    reason: Reason, previous: RoutePorts, current: RoutePorts, **more: object
) -> RouteChange:
    plain = RouteChange(session="app", reason=reason, previous=previous, current=current)
    return replace(plain, **more)  # type: ignore[arg-type]


# -- 80, 83: devices and what stays --------------------------------------------------------------


def test_80_the_last_one_in_takes_over_and_gives_back() -> None:
    desk = Desk(PLAYBACK, "headphones")
    assert desk.plug("hdmi") == (
        change(Reason.NEW_DEVICE_AVAILABLE, route("", "headphones"), route("", "hdmi")),
    )
    assert desk.router.disconnect("hdmi") == (
        change(
            Reason.OLD_DEVICE_UNAVAILABLE,
            route("", "hdmi"),
            route("", "headphones"),
            lost=("hdmi",),
        ),
    )


def test_80_what_a_session_may_not_use_changes_nothing_for_it() -> None:
    desk = Desk(PLAYBACK, "headphones")
    assert desk.plug("hands-free", "usb microphone") == ()
    assert desk.router.disconnect("hands-free") == ()


def test_83_default_to_speaker_outlives_devices_and_interruptions() -> None:
    desk = Desk(LOUD_CALL)
    desk.plug("headset")
    assert desk.now == route("headset", "headset")
    desk.router.disconnect("headset")
    desk.router.interrupted("app")
    assert desk.now == ALOUD


def test_83_default_to_speaker_ends_with_the_category() -> None:
    desk = Desk(LOUD_CALL)
    desk.ask(PLAYBACK)
    assert desk.ask(BOTH)[0].current == EAR


# -- 84: the override ----------------------------------------------------------------------------


@pytest.mark.parametrize("device", ["headset", "hands-free", "buds", "usb"])
def test_84_85_the_override_forces_loudspeaker_and_built_in_microphone(device: str) -> None:
    desk = Desk(CALL, device)
    before = desk.now
    assert desk.router.override("app", True) == (change(Reason.OVERRIDE, before, ALOUD),)
    assert desk.router.overridden("app")
    assert desk.router.override("app", False) == (change(Reason.OVERRIDE, ALOUD, before),)
    assert not desk.router.overridden("app")


def test_84_it_ends_when_a_device_takes_the_route() -> None:
    desk = Desk(CALL)
    desk.router.override("app", True)
    assert desk.plug("headset") == (
        change(Reason.NEW_DEVICE_AVAILABLE, ALOUD, route("headset", "headset")),
    )
    assert not desk.router.overridden("app")


def test_84_it_ends_when_the_device_it_went_before_goes() -> None:
    desk = Desk(CALL, "headset")
    desk.router.override("app", True)
    assert desk.router.disconnect("headset") == (change(Reason.OLD_DEVICE_UNAVAILABLE, ALOUD, EAR),)
    assert not desk.router.overridden("app")


def test_84_it_stays_when_a_device_comes_that_the_session_may_not_use() -> None:
    desk = Desk(BOTH)
    desk.router.override("app", True)
    assert desk.plug("hands-free") == ()
    assert desk.router.overridden("app")
    assert desk.now == ALOUD


def test_84_it_ends_at_an_interruption() -> None:
    desk = Desk(CALL)
    desk.router.override("app", True)
    assert desk.router.interrupted("app") == (change(Reason.OVERRIDE, ALOUD, EAR),)
    assert desk.router.interrupted("app") == ()
    assert desk.router.interrupted("stranger") == ()


@pytest.mark.parametrize("request_", [PLAYBACK, RECORD, ask("MultiRoute")])
def test_84_it_ends_with_the_category_and_goes_with_no_other(request_: RouteRequest) -> None:
    desk = Desk(BOTH)
    desk.router.override("app", True)
    desk.ask(request_)
    assert not desk.router.overridden("app")
    with pytest.raises(IllegalRequestError):
        desk.router.override("app", True)
    assert desk.router.override("app", False) == ()
    desk.ask(BOTH)
    assert desk.now == EAR


def test_84_it_ends_when_the_route_changes_beneath_it() -> None:
    desk = Desk(BOTH)
    desk.router.override("app", True)
    assert desk.ask(LOUD_CALL) == (), "the loudspeaker it is, by another way"
    assert not desk.router.overridden("app")
    assert desk.ask(BOTH)[0].current == EAR


def test_84_asking_for_the_same_again_leaves_it() -> None:
    desk = Desk(BOTH)
    desk.router.override("app", True)
    assert desk.ask(BOTH) == ()
    assert desk.router.overridden("app")


def test_84_without_a_built_in_microphone_it_ends_with_the_one_in_use() -> None:
    desk = Desk(CALL, "usb microphone", "hands-free", built_in=(SPEAKER,))
    desk.router.override("app", True)
    assert desk.now == route("usb microphone", "speaker")
    (told,) = desk.router.disconnect("usb microphone")
    assert told.current == route("hands-free", "hands-free")
    assert told.lost == ("usb microphone",)
    assert not desk.router.overridden("app")


# -- 85, 87: reasons -----------------------------------------------------------------------------


def test_85_a_category_that_moves_the_route_is_a_category_change() -> None:
    desk = Desk(PLAYBACK)
    assert desk.ask(BOTH) == (change(Reason.CATEGORY_CHANGE, route("", "speaker"), EAR),)
    assert desk.ask(ask("Ambient")) == (change(Reason.CATEGORY_CHANGE, EAR, route("", "speaker")),)


def test_85_a_category_that_moves_nothing_is_not_told() -> None:
    assert Desk(PLAYBACK).ask(ask("SoloAmbient")) == ()


def test_85_another_reason_may_be_given() -> None:
    desk = Desk(PLAYBACK)
    (told,) = desk.router.request("app", BOTH, reason=Reason.UNKNOWN)
    assert told.reason is Reason.UNKNOWN


def test_87_the_numbers_are_apples_and_there_is_no_5() -> None:
    assert {reason.value for reason in Reason} == {0, 1, 2, 3, 4, 6, 7, 8}


def test_87_everybody_hears_of_waking_up() -> None:
    desk = Desk(PLAYBACK)
    desk.router.request("other", BOTH)
    told = desk.router.woke()
    assert [(one.session, one.reason) for one in told] == [
        ("app", Reason.WAKE_FROM_SLEEP),
        ("other", Reason.WAKE_FROM_SLEEP),
    ]
    assert all(one.previous == one.current == desk.router.route(one.session) for one in told)


# -- 66, 88: what went away ----------------------------------------------------------------------


def test_66_88_a_change_says_which_ports_of_the_route_are_gone() -> None:
    desk = Desk(BOTH, "headset")
    (told,) = desk.router.disconnect("headset")
    assert told.reason is Reason.OLD_DEVICE_UNAVAILABLE
    assert told.lost == ("headset",)
    assert told.noisy


def test_66_nothing_of_the_route_is_lost_with_what_was_not_in_use() -> None:
    desk = Desk(BOTH, "headset")
    desk.router.override("app", True)
    (told,) = desk.router.disconnect("headset")
    assert told.lost == ()
    assert not told.noisy


def test_88_sound_is_not_exposed_where_another_private_output_takes_over() -> None:
    desk = Desk(PLAYBACK, "a2dp", "headphones")
    assert not desk.router.disconnect("headphones")[0].noisy
    assert desk.router.disconnect("a2dp")[0].noisy


def test_88_nothing_is_noisy_in_a_change_that_takes_nothing_away() -> None:
    desk = Desk(CALL, "headset")
    assert not desk.router.override("app", True)[0].noisy
    assert not desk.plug("usb")[0].noisy


# -- 91: nothing that fits -----------------------------------------------------------------------


def test_91_record_without_an_input_has_no_suitable_route() -> None:
    desk = Desk(PLAYBACK, built_in=(SPEAKER,))
    (told,) = desk.ask(RECORD)
    assert told.reason is Reason.NO_SUITABLE_ROUTE_FOR_CATEGORY
    assert told.current == route()


def test_91_it_is_told_where_the_ports_are_the_same_but_not_twice() -> None:
    desk = Desk(ask("AudioProcessing"), built_in=(SPEAKER,))
    (told,) = desk.ask(RECORD)
    assert told == change(Reason.NO_SUITABLE_ROUTE_FOR_CATEGORY, route(), route())
    assert desk.ask(RECORD) == ()
    assert desk.plug("headphones") == ()


def test_91_the_last_input_that_goes_leaves_no_suitable_route() -> None:
    desk = Desk(BOTH, "headset", built_in=(SPEAKER,))
    (told,) = desk.router.disconnect("headset")
    assert told.reason is Reason.NO_SUITABLE_ROUTE_FOR_CATEGORY
    assert told.lost == ("headset",)
    assert told.noisy
    assert desk.plug("usb microphone")[0].reason is Reason.NEW_DEVICE_AVAILABLE


def test_91_with_a_microphone_there_is_a_route() -> None:
    (told,) = Desk(PLAYBACK).ask(RECORD)
    assert told.reason is Reason.CATEGORY_CHANGE


# -- 93, 95: both sides move together ------------------------------------------------------------


def test_93_hands_free_moves_both_sides_in_one_change() -> None:
    desk = Desk(CALL)
    assert desk.plug("buds") == (
        change(Reason.NEW_DEVICE_AVAILABLE, EAR, route("buds calls", "buds calls")),
    )
    (told,) = desk.router.prefer_input("app", "microphone")
    assert told.current == route("microphone", "buds")
    (told,) = desk.router.prefer_input("app", "buds calls")
    assert told.current == route("buds calls", "buds calls")


# -- 98: preferred input -------------------------------------------------------------------------


def test_98_a_preferred_input_is_kept_and_taken_back() -> None:
    desk = Desk(BOTH, "headset")
    assert desk.router.prefer_input("app", "microphone") == (
        change(Reason.OVERRIDE, route("headset", "headset"), route("microphone", "headset")),
    )
    desk.plug("usb")
    assert desk.now == route("microphone", "usb"), "the wish goes before the last in"
    assert desk.router.preferred_input("app") == "microphone"
    assert desk.router.prefer_input("app", "")[0].current == route("usb in", "usb")
    assert desk.router.preferred_input("app") == ""


def test_98_it_is_forgotten_when_the_port_goes_away() -> None:
    desk = Desk(BOTH, "usb microphone", "headset")
    desk.router.prefer_input("app", "usb microphone")
    desk.router.disconnect("usb microphone")
    assert desk.router.preferred_input("app") == ""
    desk.plug("usb microphone")
    desk.router.disconnect("headset")
    desk.plug("headset")
    assert desk.now.inputs == ("headset",)


def test_98_it_outlives_a_category_that_has_no_use_for_it() -> None:
    desk = Desk(BOTH, "headset")
    desk.router.prefer_input("app", "microphone")
    desk.ask(PLAYBACK)
    desk.ask(BOTH)
    assert desk.now == route("microphone", "headset")


@pytest.mark.parametrize("wish", ["hands-free", "speaker", "nothing"])
def test_98_it_has_to_be_available(wish: str) -> None:
    desk = Desk(BOTH, "hands-free")
    with pytest.raises(UnknownNameError):
        desk.router.prefer_input("app", wish)
    assert desk.router.preferred_input("app") == ""


def test_98_what_is_routed_already_changes_nothing() -> None:
    assert Desk(BOTH).router.prefer_input("app", "microphone") == ()


# -- 99 ------------------------------------------------------------------------------------------


def test_99_available_inputs_follow_the_request() -> None:
    desk = Desk(BOTH, "headset", "hands-free")
    assert desk.router.available_inputs("app") == ("microphone", "headset")
    desk.ask(CALL)
    assert desk.router.available_inputs("app") == ("microphone", "headset", "hands-free")
    desk.ask(PLAYBACK)
    assert desk.router.available_inputs("app") == ()
    assert desk.router.available_inputs("stranger") == ()


# -- 100: configuration --------------------------------------------------------------------------


def test_100_a_routed_port_that_works_differently_is_told() -> None:
    desk = Desk(BOTH)
    told = desk.router.reconfigured("microphone")
    assert told == (change(Reason.ROUTE_CONFIGURATION_CHANGE, EAR, EAR),)


def test_100_a_port_that_is_not_routed_is_not() -> None:
    desk = Desk(BOTH, "headset")
    assert desk.router.reconfigured("microphone") == ()
    assert Desk(PLAYBACK).router.reconfigured("microphone") == ()


def test_100_a_configuration_leaves_the_override() -> None:
    desk = Desk(BOTH)
    desk.router.override("app", True)
    assert desk.router.reconfigured("microphone")[0].current == ALOUD
    assert desk.router.overridden("app")


# -- 102: long-form ------------------------------------------------------------------------------


def test_102_long_form_sessions_share_one_route_apart_from_the_others() -> None:
    desk = Desk(ask("Playback", policy=LONG_FORM), "airplay", "a2dp")
    router = desk.router
    router.request("podcast", ask("Playback", "SpokenAudio", policy=LONG_FORM))
    router.request("game", ask("SoloAmbient"))
    told = router.share_output("airplay")
    assert [(one.session, one.reason, one.current) for one in told] == [
        ("app", Reason.OVERRIDE, route("", "airplay")),
        ("podcast", Reason.OVERRIDE, route("", "airplay")),
    ]
    assert router.shared_output == "airplay"
    desk.plug("headphones")
    assert desk.now == route("", "airplay")
    assert router.route("game") == route("", "headphones")


def test_102_a_receiver_chosen_for_long_form_serves_nobody_else() -> None:
    desk = Desk(PLAYBACK, "airplay")
    assert desk.router.share_output("airplay")[0].current == route("", "speaker")
    assert desk.router.share_output("")[0].current == route("", "airplay")


def test_102_headphones_chosen_for_long_form_serve_the_others_too() -> None:
    desk = Desk(PLAYBACK, "headphones")
    assert desk.router.share_output("headphones") == ()
    assert desk.now == route("", "headphones")


def test_102_the_choice_ends_with_the_port() -> None:
    desk = Desk(ask("Playback", policy=LONG_FORM), "airplay", "headphones")
    desk.router.share_output("airplay")
    (told,) = desk.router.disconnect("airplay")
    assert told.current == route("", "headphones")
    assert told.lost == ("airplay",)
    assert desk.router.shared_output == ""


def test_102_only_an_output_that_is_there_can_be_chosen() -> None:
    desk = Desk(PLAYBACK, "hands-free")
    for name in ("microphone", "airplay", "earpiece", "hands-free"):
        with pytest.raises(UnknownNameError):
            desk.router.share_output(name)
    assert desk.router.shared_output == ""


# -- 103 -----------------------------------------------------------------------------------------


def test_103_the_loudspeaker_leaves_when_another_output_comes() -> None:
    desk = Desk(ask("MultiRoute"))
    assert desk.plug("headphones")[0].current == route("microphone", "headphones")
    assert desk.plug("hdmi")[0].current == route("microphone", "hdmi,headphones")
    (told,) = desk.router.disconnect("headphones")
    assert told.current == route("microphone", "hdmi")
    assert told.lost == ("headphones",)


# -- sessions and ports --------------------------------------------------------------------------


def test_every_session_has_its_own_route_and_changes_come_in_their_order() -> None:
    desk = Desk(PLAYBACK)
    desk.router.request("call", CALL)
    desk.router.request("memo", RECORD)
    told = desk.plug("headset")
    assert [one.session for one in told] == ["app", "call", "memo"]
    assert desk.router.route("memo") == route("headset")


def test_a_session_that_is_gone_hears_nothing_and_starts_anew() -> None:
    desk = Desk(CALL)
    desk.router.override("app", True)
    assert desk.router.request("app", None) == ()
    assert desk.now == route()
    assert desk.plug("headphones") == ()
    assert desk.router.sessions == ()
    (told,) = desk.ask(CALL)
    assert told.previous == route()
    assert told.current == route("microphone", "headphones")


def test_a_session_without_a_request_has_nothing_to_override_or_prefer() -> None:
    router = Router(PHONE)
    with pytest.raises(UnknownNameError):
        router.override("app", True)
    with pytest.raises(UnknownNameError):
        router.prefer_input("app", "microphone")
    assert not router.overridden("app")
    assert router.preferred_input("app") == ""


def test_what_the_router_keeps_account_of_is_not_taken_from_a_request() -> None:
    desk = Desk(replace(CALL, override_speaker=True, preferred_input="microphone"), "headset")
    assert desk.now == route("headset", "headset")


def test_ports_are_there_once_and_only_what_is_connected_goes() -> None:
    router = Router(PHONE)
    assert router.ports == PHONE
    for ports in ((SPEAKER,), (*connected("usb"), *connected("usb"))):
        with pytest.raises(IllegalRequestError):
            router.connect(ports)
    for device in ("speaker", "usb"):
        with pytest.raises(UnknownNameError):
            router.disconnect(device)
    with pytest.raises(UnknownNameError):
        router.reconfigured("usb")
    assert router.ports == PHONE
    assert MICROPHONE in router.ports


# -- ports that are reported all at a time -------------------------------------------------------


def test_87_each_session_has_its_own_reason_where_all_ports_are_told_at_once() -> None:
    router = Router()
    for session, request in (("player", PLAYBACK), ("recorder", RECORD), ("phone", BOTH)):
        router.request(session, request)

    def told(*devices: str) -> dict[str, tuple[Reason, tuple[str, ...]]]:
        changes = router.update((*PHONE, *connected(*devices)))
        return {change.session: (change.reason, change.lost) for change in changes}

    assert set(told()) == {"player", "recorder", "phone"}
    assert told() == {}
    came = (Reason.NEW_DEVICE_AVAILABLE, ())
    assert told("headphones", "usb microphone") == {
        "player": came,
        "recorder": came,
        "phone": came,
    }
    # One goes as another comes: what was lost weighs more.
    gone = (Reason.OLD_DEVICE_UNAVAILABLE, ("headphones",))
    assert told("usb microphone", "line") == {"player": gone, "phone": gone}
    assert told("line", "hdmi", "usb microphone")["player"] == came
    # Nothing came or went: somebody chose another.
    assert told("hdmi", "usb microphone", "line")["player"] == (Reason.OVERRIDE, ())
    changes = router.update(connected("line"))
    assert {change.session: change.reason for change in changes} == {
        "recorder": Reason.NO_SUITABLE_ROUTE_FOR_CATEGORY,
        "phone": Reason.NO_SUITABLE_ROUTE_FOR_CATEGORY,
    }


def test_what_is_gone_from_a_report_is_forgotten_and_a_wrong_report_changes_nothing() -> None:
    desk = Desk(LOUD_CALL, "headset", "usb microphone")
    desk.router.prefer_input("app", "headset")
    desk.router.share_output("speaker")
    with pytest.raises(IllegalRequestError):
        desk.router.update((MICROPHONE, MICROPHONE))
    assert desk.router.preferred_input("app") == "headset"
    desk.router.update((MICROPHONE, *connected("usb microphone")))
    assert desk.router.ports == (MICROPHONE, *connected("usb microphone"))
    assert desk.router.preferred_input("app") == desk.router.shared_output == ""
    assert desk.now == route("usb microphone")


def test_87_what_an_override_hid_and_is_pulled_was_lost() -> None:
    router = Router()
    router.request("phone", BOTH)
    router.update((*PHONE, *connected("headphones")))
    router.override("phone", True)
    (change,) = router.update(PHONE)
    assert change.reason is Reason.OLD_DEVICE_UNAVAILABLE
    assert change.lost == ()
    assert not router.overridden("phone")
