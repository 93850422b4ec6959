"""AudioManager's audio focus in a car: the matrix, blockers, the request that waits, zones.

The numbers are those of the rules as read in Android 14's FocusInteraction (97) and
CarAudioFocus (98 to 109, 112, 114).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from audiosession.android import (
    AndroidAudioFocusRequestResult,
    AndroidCarContext,
    AudioFocusRequest,
    CarInteraction,
    tables,
)
from audiosession.android.app import AndroidPermission
from audiosession.android.bundle_keys import RECEIVE_DUCKING_EVENTS_KEY, REQUEST_ZONE_ID_KEY
from audiosession.core import Claim, Outcome, Policy, Role
from audiosession.errors import InvalidTypeError, InvalidValueError
from audiosession.policies import load_policy
from tests.android.focus_kit import (
    CAN_DUCK,
    DELAYED,
    FAILED,
    GAIN,
    GAINS,
    GRANTED,
    LOSS,
    LOSS_TRANSIENT,
    RINGING,
    TALKING,
    D,
    G,
    Stage,
    T,
    Usage,
    X,
    attributes,
)

Context = AndroidCarContext
REJECT, EXCLUSIVE, CONCURRENT = CarInteraction
CONTEXTS = [context for context in Context if context is not Context.INVALID]
USAGE: dict[AndroidCarContext, Usage] = {
    tables.car_context(usage): usage for usage in reversed(Usage)
}
"""A usage of each context."""


class Car(Stage):
    """A car, in which every app may use what is for parts of the system."""

    def __init__(self, policy: str | Policy = "android-car") -> None:
        super().__init__(policy, "car")

    async def context(
        self,
        client: str,
        context: AndroidCarContext,
        gain: int = T,
        *,
        zone: int | None = None,
        duck_events: bool = False,
        **how: Any,
    ) -> AndroidAudioFocusRequestResult:
        app = self.app(client).android_app
        app.grant(AndroidPermission.MODIFY_AUDIO_ROUTING)
        bundle: dict[str, object] = {}
        if zone is not None:
            bundle[REQUEST_ZONE_ID_KEY] = zone
        if duck_events:
            app.grant(AndroidPermission.RECEIVE_CAR_AUDIO_DUCKING_EVENTS)
            bundle[RECEIVE_DUCKING_EVENTS_KEY] = True
        return await self.ask(client, gain, USAGE[context], bundle=bundle, **how)


async def car(*holders: tuple[str, AndroidCarContext, int]) -> Car:
    """A car with holders, and nothing left to tell."""
    stage = Car()
    for app, context, gain in holders:
        assert await stage.context(app, context, gain) is GRANTED
    stage.told()
    return stage


# -- the matrix ----------------------------------------------------------------------------------

pairs = pytest.mark.parametrize(("holder", "requested"), list(product(CONTEXTS, repeat=2)))


@pairs
async def test_car_097_100_102_103_every_cell_with_every_gain(
    holder: AndroidCarContext, requested: AndroidCarContext
) -> None:
    cell = tables.car_interaction(holder, requested)
    kinds = product((False, True), repeat=2)
    for gain, (pauses, events) in product(GAINS, kinds):
        stage = Car()
        how = {"pauses": pauses, "duck_events": events}
        assert await stage.context("holder", holder, G, **how) is GRANTED
        answer = await stage.context("newcomer", requested, gain)
        if cell is REJECT:
            assert answer is FAILED
            assert stage.told() == {}
            assert stage.entries() == ("holder",)
            continue
        assert answer is GRANTED
        if gain is G:
            expected = [LOSS]
        elif gain is D and events:
            expected = [CAN_DUCK]
        elif gain is D and cell is CONCURRENT and not pauses:
            expected = []
        else:
            expected = [LOSS_TRANSIENT]
        assert stage.heard("holder") == expected
        await stage.leave("newcomer")
        given_back = [GAIN] if expected and expected != [LOSS] else []
        assert stage.heard("holder") == expected + given_back


@pairs
async def test_car_099_only_a_rejected_gain_that_may_wait_is_delayed(
    holder: AndroidCarContext, requested: AndroidCarContext
) -> None:
    rejected = tables.car_interaction(holder, requested) is REJECT
    for gain, patient in product(GAINS, (False, True)):
        stage = await car(("holder", holder, G))
        answer = await stage.context("newcomer", requested, gain, patient=patient)
        if not rejected:
            assert answer is GRANTED
        else:
            assert answer is (DELAYED if gain is G and patient else FAILED)


@pytest.mark.parametrize("usage", [usage for usage in Usage if usage is not Usage(3)])
async def test_car_097_every_usage_is_judged_in_its_context(usage: Usage) -> None:
    # The tones beside a call, usage 3, are sounds of the system here, whatever the policy.
    for context in CONTEXTS:
        stage = await car(("holder", context, G))
        stage.app("newcomer").android_app.grant(AndroidPermission.MODIFY_AUDIO_ROUTING)
        # Building attributes makes one notification of the old ones (7, 8 and 9).
        asked = tables.car_context(attributes(usage).system_usage)
        supported = usage <= Usage.ASSISTANT or usage in (
            stage.app("newcomer").android_app.system_usages
        )
        refused = not supported or tables.car_interaction(context, asked) is REJECT
        assert await stage.ask("newcomer", T, usage) is (FAILED if refused else GRANTED)


async def test_car_098_losers_reject_as_holders_do() -> None:
    stage = await car(("announcer", Context.ANNOUNCEMENT, T), ("ringer", Context.CALL_RING, T))
    assert await stage.context("emergency", Context.EMERGENCY) is GRANTED
    stage.told()
    # The emergency alone would let a call in; the ringer, a loser, refuses the alarm.
    assert await stage.context("alarm", Context.ALARM) is FAILED
    await stage.leave("emergency")
    assert stage.told() == {"ringer": [GAIN]}
    assert await stage.context("alarm", Context.ALARM) is FAILED
    await stage.leave("ringer")
    assert stage.told() == {"announcer": [GAIN]}
    assert await stage.context("alarm", Context.ALARM) is GRANTED


@pytest.mark.parametrize("permitted", [False, True])
async def test_car_101_ducking_events_need_key_and_permission(permitted: bool) -> None:
    stage = Car()
    if permitted:
        permission = AndroidPermission.RECEIVE_CAR_AUDIO_DUCKING_EVENTS
        stage.app("music").android_app.grant(permission)
    bundle = {RECEIVE_DUCKING_EVENTS_KEY: True}
    assert await stage.ask("music", G, bundle=bundle) is GRANTED
    assert await stage.context("guide", Context.NAVIGATION, D) is GRANTED
    assert stage.told() == ({"music": [CAN_DUCK]} if permitted else {})


# -- losers and blockers -------------------------------------------------------------------------


async def test_car_104_a_loser_gains_when_its_last_blocker_goes() -> None:
    stage = await car(("music", Context.MUSIC, G))
    assert await stage.context("guide", Context.NAVIGATION, T) is GRANTED
    assert await stage.context("safety", Context.SAFETY, T) is GRANTED
    assert stage.heard("music") == [LOSS_TRANSIENT]
    stage.told()
    await stage.leave("guide")
    assert stage.told() == {}
    stage.app("safety").kill()
    assert stage.told()["music"] == [GAIN]


async def test_car_104_a_gain_ends_losers_too() -> None:
    stage = await car(("music", Context.MUSIC, G))
    await stage.context("guide", Context.NAVIGATION, T)
    stage.told()
    assert await stage.context("radio", Context.MUSIC, G) is GRANTED
    assert stage.told() == {"music": [LOSS], "guide": [LOSS]}


async def test_car_104_a_loser_that_was_ducked_is_told_when_it_may_no_longer() -> None:
    stage = Car()
    await stage.context("music", Context.MUSIC, G, duck_events=True)
    await stage.context("guide", Context.NAVIGATION, D)
    await stage.context("status", Context.VEHICLE_STATUS, D)
    assert stage.told() == {"music": [CAN_DUCK]}
    await stage.context("safety", Context.SAFETY, T)
    assert stage.told()["music"] == [LOSS_TRANSIENT]
    for app in ("safety", "status"):
        await stage.leave(app)
    assert "music" not in stage.told()
    await stage.leave("guide")
    assert stage.told() == {"music": [GAIN]}


@pytest.mark.parametrize("gain", GAINS)
@pytest.mark.parametrize("usage", [Usage.NOTIFICATION, Usage.NOTIFICATION_EVENT])
async def test_car_105_a_notification_fails_beside_the_exclusive_gain(
    usage: Usage, gain: int
) -> None:
    stage = await car(("recorder", Context.MUSIC, X))
    assert await stage.ask("chat", gain, usage, patient=True) is FAILED
    assert await stage.context("safety", Context.SAFETY, T) is GRANTED
    assert stage.told() == {"recorder": [LOSS_TRANSIENT]}
    assert await stage.ask("chat", gain, usage, patient=True) is FAILED
    await stage.leave("recorder")
    assert await stage.ask("chat", gain, usage) is GRANTED


# -- the same client again -----------------------------------------------------------------------


@pytest.mark.parametrize("context", CONTEXTS)
async def test_car_106_the_same_context_replaces_the_entry_unsaid(
    context: AndroidCarContext,
) -> None:
    stage = await car(("client", context, G))
    for gain in (T, D, G):
        assert await stage.context("client", context, gain) is GRANTED
    assert stage.entries() == ("client",)
    assert stage.told() == {}


@pytest.mark.parametrize("before", CONTEXTS)
async def test_car_106_another_context_fails(before: AndroidCarContext) -> None:
    stage = await car(("client", before, T))
    for after in CONTEXTS:
        if after is not before:
            assert await stage.context("client", after, G, patient=True) is FAILED
    assert stage.entries() == ("client",)
    assert stage.told() == {}
    # It still is what it was, and can be given back.
    await stage.leave("client")
    assert stage.entries() == ()


async def test_car_106_telephony_swaps_ring_and_call_while_it_holds() -> None:
    stage = await car()
    telephony = stage.telephony()
    assert await telephony.request_audio_focus_for_call(RINGING, T) is GRANTED
    assert await telephony.request_audio_focus_for_call(TALKING, T) is GRANTED
    assert await telephony.request_audio_focus_for_call(RINGING, T) is GRANTED
    assert await stage.context("emergency", Context.EMERGENCY) is GRANTED
    # Not as a loser.
    assert await telephony.request_audio_focus_for_call(TALKING, T) is FAILED


# -- the one that waits --------------------------------------------------------------------------


async def waiting(stage: Car, app: str, context: AndroidCarContext = Context.MUSIC) -> None:
    assert await stage.context(app, context, G, patient=True) is DELAYED


async def test_car_107_there_is_one_slot_and_the_newer_request_takes_it() -> None:
    stage = await car(("call", Context.CALL, T))
    await waiting(stage, "music")
    await waiting(stage, "radio")
    assert stage.told() == {"music": [LOSS]}
    # The same client and context again: it waits again, and hears nothing.
    await waiting(stage, "radio")
    assert stage.told() == {}
    await stage.leave("call")
    assert stage.told() == {"radio": [GAIN]}
    assert stage.entries() == ("radio",)


async def test_car_108_a_request_put_off_ends_conflicting_losers_at_once() -> None:
    stage = await car(("music", Context.MUSIC, T))
    await stage.context("call", Context.CALL)
    assert stage.told() == {"music": [LOSS_TRANSIENT]}
    await waiting(stage, "radio")
    assert stage.told() == {"music": [LOSS]}
    await stage.leave("call")
    assert stage.told() == {"radio": [GAIN]}


async def test_car_109_the_waiting_one_is_tried_before_losers_are_restored() -> None:
    stage = await car(("call", Context.CALL, D))
    await waiting(stage, "radio")
    await stage.context("prompt", Context.NAVIGATION, T)
    stage.log.clear()
    await stage.leave("call")
    # Its losses go out, then its gain.
    assert stage.log == [("prompt", LOSS), ("radio", GAIN)]


async def test_car_109_tried_and_put_off_again_it_hears_nothing() -> None:
    stage = await car(("call", Context.CALL, D))
    await waiting(stage, "music")
    await stage.context("second", Context.CALL, T)
    assert stage.told() == {"call": [LOSS_TRANSIENT]}
    await stage.leave("second")
    assert stage.told() == {"call": [GAIN]}
    await stage.leave("call")
    assert stage.told() == {"music": [GAIN]}


async def test_car_109_one_that_fails_in_the_end_is_told_a_loss() -> None:
    stage = await car(("ringer", Context.CALL_RING, T))
    await waiting(stage, "chat", Context.NOTIFICATION)
    assert await stage.context("recorder", Context.SAFETY, X) is GRANTED
    assert stage.told() == {"ringer": [LOSS_TRANSIENT]}
    await stage.leave("ringer")
    assert stage.told() == {"chat": [LOSS]}


# -- the user's setting, power ---------------------------------------------------------------------


@pytest.mark.parametrize("rejects", [False, True])
async def test_car_110_the_user_may_have_navigation_rejected_in_a_call(rejects: bool) -> None:
    policy = load_policy("android-car")
    pair = (
        policy.holder_class(Claim(role=Role.CALL)),
        policy.newcomer_class(Claim(role=Role.PROMPT)),
    )
    cells = dict(policy.cells)
    if rejects:
        cells[pair] = replace(cells[pair], outcome=Outcome.DENY_NEWCOMER, rule="car-110")
    stage = Car(replace(policy, cells=cells))
    assert await stage.context("call", Context.CALL) is GRANTED
    answer = await stage.context("guide", Context.NAVIGATION, D)
    assert answer is (FAILED if rejects else GRANTED)


async def test_car_111_restricted_focus_is_for_emergencies_and_safety() -> None:
    stage = await car(("call", Context.CALL, D))
    await waiting(stage, "radio")
    await stage.context("safety", Context.SAFETY, D)
    await stage.context("guide", Context.NAVIGATION, T)
    assert stage.told() == {"call": [LOSS_TRANSIENT], "safety": [LOSS_TRANSIENT]}
    stage.device.android_focus.restrict(True)
    assert stage.told() == {
        "call": [LOSS],
        "guide": [LOSS],
        "radio": [LOSS],
        "safety": [GAIN],
    }
    assert stage.entries() == ("safety",)
    for context in CONTEXTS:
        answer = await stage.context(f"new {context.name}", context)
        allowed = context in (Context.EMERGENCY, Context.SAFETY)
        assert answer is (GRANTED if allowed else FAILED)
        await stage.leave(f"new {context.name}")
    stage.told()
    stage.device.android_focus.restrict(False)
    assert await stage.context("music", Context.MUSIC, D) is GRANTED


# -- zones, volume -------------------------------------------------------------------------------


async def test_car_112_zones_are_independent() -> None:
    stage = Car()
    assert await stage.context("driver", Context.MUSIC, G) is GRANTED
    assert await stage.context("guest", Context.MUSIC, G, zone=1) is GRANTED
    assert stage.told() == {}
    assert await stage.context("call", Context.CALL, T, zone=1) is GRANTED
    assert stage.told() == {"guest": [LOSS_TRANSIENT]}
    assert await stage.context("radio", Context.MUSIC, G) is GRANTED
    assert stage.told() == {"driver": [LOSS]}


async def test_car_112_a_client_has_an_entry_in_each_zone() -> None:
    stage = Car()
    await stage.enter("music")
    # Another context is refused in the same zone alone (car 106).
    assert await stage.context("music", Context.NAVIGATION, T, zone=1) is GRANTED
    assert await stage.context("music", Context.NAVIGATION, T) is FAILED
    assert await stage.context("music", Context.NAVIGATION, T, zone=1) is GRANTED
    assert stage.told() == {}
    assert stage.entries() == ("music", "music")
    # A newcomer in one zone is felt by the entry there.
    assert await stage.context("call", Context.CALL, T) is GRANTED
    assert stage.told() == {"music": [LOSS_TRANSIENT]}
    await stage.leave("call")
    assert stage.told() == {"music": [GAIN]}
    # A final loss in one zone leaves the other as it is.
    await stage.enter("radio")
    assert stage.told() == {"music": [LOSS]}
    assert stage.entries() == ("music", "radio")
    assert await stage.context("guest", Context.CALL, T, zone=1) is GRANTED
    assert stage.told() == {"music": [LOSS_TRANSIENT]}
    # What gives back gives back everywhere.
    await stage.enter("music.other", G)
    await stage.leave("music")
    assert stage.entries() == ("guest", "music")


async def test_car_112_the_same_context_in_another_zone_takes_nothing_away() -> None:
    stage = Car()
    await stage.enter("music")
    assert await stage.context("music", Context.MUSIC, G, zone=1) is GRANTED
    await stage.enter("radio")
    assert stage.told() == {"music": [LOSS]}
    assert await stage.context("guest", Context.MUSIC, G, zone=1) is GRANTED
    assert stage.told() == {"music": [LOSS]}
    assert stage.entries() == ("radio", "guest")


async def test_car_112_an_apps_own_zone_counts_where_the_bundle_names_none() -> None:
    stage = Car()
    await stage.enter("music")
    rear = stage.app("rear").android_app
    assert rear.audio_zones == {0, 1, 2}
    rear.audio_zone = 2
    await stage.enter("rear")
    assert await stage.context("rear", Context.MUSIC, G, zone=99) is GRANTED
    assert stage.told() == {}
    assert await stage.context("rear", Context.MUSIC, G, zone=0) is GRANTED
    assert stage.told() == {"music": [LOSS]}
    assert await stage.context("guest", Context.MUSIC, G, zone=2) is GRANTED
    assert stage.told() == {"rear": [LOSS]}
    assert stage.entries() == ("rear", "guest")
    # A process that ends leaves every zone.
    await stage.close("rear")
    assert stage.entries() == ("guest",)


@pytest.mark.parametrize("zone", [3, -1, True, "1", None])
async def test_car_112_an_app_is_in_a_zone_that_there_is(zone: Any) -> None:
    app = Car().app("rear").android_app
    with pytest.raises((InvalidTypeError, InvalidValueError), match="audio_zone"):
        app.audio_zone = zone
    assert app.audio_zone == 0


async def test_car_112_where_there_are_no_zones_a_client_has_one_entry() -> None:
    for stage in (Stage(), Stage("android-car", "phone"), Stage("android", "car")):
        assert stage.app("music").android_app.audio_zones == {0}
        await stage.enter("music")
        await stage.enter("music", bundle={REQUEST_ZONE_ID_KEY: 1})
        assert stage.entries() == ("music",)
        assert stage.told() == {}


@pytest.mark.parametrize("zone", [0, -1, 3, 999, 10**9, True, "rear", None, 1.5])
async def test_car_112_what_is_no_zone_is_the_main_one(zone: object) -> None:
    stage = await car(("driver", Context.MUSIC, G))
    bundle = {REQUEST_ZONE_ID_KEY: zone}
    assert await stage.ask("radio", G, bundle=bundle) is GRANTED
    assert stage.told() == {"driver": [LOSS]}


async def test_car_107_each_zone_has_its_own_slot() -> None:
    stage = Car()
    for zone in (0, 1):
        await stage.context(f"call {zone}", Context.CALL, zone=zone)
        answer = await stage.context(f"music {zone}", Context.MUSIC, G, zone=zone, patient=True)
        assert answer is DELAYED
    assert stage.told() == {}
    await stage.leave("call 1")
    assert stage.told() == {"music 1": [GAIN]}


async def test_car_114_a_concurrent_holder_keeps_focus_and_hears_nothing() -> None:
    stage = await car(("music", Context.MUSIC, G))
    assert Context.MUSIC in tables.car_reduces(Context.NAVIGATION)
    assert await stage.context("guide", Context.NAVIGATION, D) is GRANTED
    assert stage.entries() == ("music", "guide")
    await stage.leave("guide")
    assert stage.told() == {}


async def test_a_car_has_no_list_of_shared_focus() -> None:
    stage = await car(("music", Context.MUSIC, G))
    stage.device.android_focus.share(True)
    assert await stage.context("radio", Context.MUSIC, G) is GRANTED
    assert stage.told() == {"music": [LOSS]}


async def test_without_a_bundle_nothing_of_the_car_is_asked() -> None:
    stage = await car(("music", Context.MUSIC, G))
    request = AudioFocusRequest.Builder(D).build()
    assert await stage.manager("guide").request_audio_focus(request, bundle={"x": 1}) is GRANTED
