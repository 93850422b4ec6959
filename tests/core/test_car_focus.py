"""The policy ``android-car``: a car's audio focus.

The numbers are those of the rules as read in Android 14's FocusInteraction (97) and
CarAudioFocus (98 to 109, 112 to 114).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audiosession.core import Claim, Delayed, Denied, Granted, Standing
from tests.core.scenario_kit import (
    CAN_DUCK,
    CAR_MATRIX,
    CONTEXTS,
    GAIN,
    GAINS,
    LOSS,
    LOSS_TRANSIENT,
    MUSIC,
    D,
    G,
    Stage,
    T,
    X,
    focus,
    missing_rules,
)

RULES = range(97, 115)

LEFT_TO_THE_SURFACE = {
    110: "the user's setting is another table, not another rule",
    111: "restricted focus belongs to the car's power policy, which is not modelled",
    113: "the car's fade feature is not modelled",
}


def ask(context: str, gain: int = T, **more: Any) -> Claim:
    return focus(gain, CONTEXTS[context], MUSIC, **more)


def car(*holders: tuple[str, Claim]) -> Stage:
    """A car with holders, and nothing left to tell."""
    stage = Stage("android-car")
    for app, claim in holders:
        stage.enter(app, claim)
    stage.told()
    return stage


def test_every_rule_has_its_test_or_its_reason() -> None:
    assert missing_rules(globals(), RULES, LEFT_TO_THE_SURFACE) == ([], [])


# -- the matrix ----------------------------------------------------------------------------------

pairs = pytest.mark.parametrize(("holder", "requested"), list(product(CONTEXTS, repeat=2)))


@pairs
def test_car_097_100_102_103_every_cell_with_every_gain(holder: str, requested: str) -> None:
    cell = CAR_MATRIX[holder, requested]
    kinds: list[dict[str, Any]] = [
        {},
        {"will_pause_when_ducked": True},
        {"duck_events": True},
        {"will_pause_when_ducked": True, "duck_events": True},
    ]
    for gain, kind in product(GAINS, kinds):
        stage = car(("holder", ask(holder, G, **kind)))
        stage.open("newcomer")
        claim = ask(requested, gain)
        if cell == "R":
            assert stage.denies("newcomer", claim)
            assert stage.told() == {}
            assert stage.standing("holder") is Standing.ACTIVE
            continue
        assert stage.grants("newcomer", claim)
        if gain == G:
            expected = [LOSS]
        elif gain == D and kind.get("duck_events"):
            expected = [CAN_DUCK]
        elif gain == D and cell == "C" and not kind:
            expected = []
        else:
            expected = [LOSS_TRANSIENT]
        assert stage.heard("holder") == expected
        stage.deactivate("newcomer")
        given_back = [GAIN] if expected and expected != [LOSS] else []
        assert stage.heard("holder") == expected + given_back


@pairs
def test_car_099_only_a_rejected_gain_that_accepts_delay_is_delayed(
    holder: str, requested: str
) -> None:
    rejected = CAR_MATRIX[holder, requested] == "R"
    for gain, patient in product(GAINS, (False, True)):
        stage = car(("holder", ask(holder, G)))
        stage.open("newcomer")
        answer = stage.activate("newcomer", ask(requested, gain, accepts_delay=patient))
        if not rejected:
            assert isinstance(answer, Granted)
        elif gain == G and patient:
            assert isinstance(answer, Delayed)
            assert answer.cause == "holder"
        else:
            assert isinstance(answer, Denied)


def test_car_098_losers_reject_as_holders_do() -> None:
    stage = car(("announcer", ask("announcement")), ("ringer", ask("ring")))
    assert stage.heard("announcer") == [LOSS_TRANSIENT]
    # The emergency drives the ringer out; it still refuses music.
    stage.enter("emergency", ask("emergency"))
    stage.told()
    stage.open("alarm")
    assert CAR_MATRIX["safety", "alarm"] == "C"
    assert stage.denies("alarm", ask("alarm"))
    stage.deactivate("emergency")
    assert stage.told() == {"ringer": [GAIN]}
    assert stage.denies("alarm", ask("alarm"))
    stage.deactivate("ringer")
    assert stage.told() == {"announcer": [GAIN]}
    assert stage.grants("alarm", ask("alarm"))


def test_car_101_ducking_events_are_heard_by_who_asked_for_them() -> None:
    stage = car(("music", ask("music", G, duck_events=True)))
    stage.enter("navigation", ask("navigation", D))
    assert stage.told() == {"music": [CAN_DUCK]}
    stage.deactivate("navigation")
    assert stage.told() == {"music": [GAIN]}


# -- losers and blockers -------------------------------------------------------------------------


def test_car_104_a_loser_gains_when_its_last_blocker_goes() -> None:
    stage = car(("music", ask("music", G)))
    stage.enter("navigation", ask("navigation", T))
    stage.enter("safety", ask("safety", T))
    assert stage.heard("music") == [LOSS_TRANSIENT]
    stage.told()
    stage.deactivate("navigation")
    assert stage.told() == {}
    stage.die("safety")
    assert stage.heard("music") == [LOSS_TRANSIENT, GAIN]


def test_car_104_a_gain_ends_losers_too() -> None:
    stage = car(("music", ask("music", G)))
    stage.enter("navigation", ask("navigation", T))
    stage.told()
    stage.enter("radio", ask("music", G))
    assert stage.told() == {"music": [LOSS], "navigation": [LOSS]}
    stage.deactivate("radio")
    assert stage.told() == {}


def test_car_104_a_ducked_loser_is_told_when_it_may_no_longer_duck() -> None:
    stage = car(("music", ask("music", G, duck_events=True)))
    stage.enter("navigation", ask("navigation", D))
    stage.enter("status", ask("vehicle status", D))
    assert stage.told() == {"music": [CAN_DUCK]}
    stage.enter("safety", ask("safety", T))
    assert stage.told()["music"] == [LOSS_TRANSIENT]
    # What pressed harder goes first: the loss that was told stays until all are gone.
    stage.deactivate("safety")
    assert stage.heard("music") == [CAN_DUCK, LOSS_TRANSIENT]
    assert stage.standing("music") is Standing.INTERRUPTED
    stage.deactivate("status")
    stage.deactivate("navigation")
    assert stage.heard("music") == [CAN_DUCK, LOSS_TRANSIENT, GAIN]


def test_car_104_a_paused_loser_is_not_told_of_a_duck() -> None:
    stage = car(("music", ask("music", G, duck_events=True)))
    stage.enter("safety", ask("safety", T))
    stage.enter("navigation", ask("navigation", D))
    stage.deactivate("safety")
    assert stage.heard("music") == [LOSS_TRANSIENT]
    assert stage.standing("music") is Standing.INTERRUPTED
    stage.deactivate("navigation")
    assert stage.heard("music") == [LOSS_TRANSIENT, GAIN]


@pytest.mark.parametrize("lost", [False, True], ids=["holder", "loser"])
def test_car_105_a_notification_fails_while_somebody_has_the_exclusive_gain(lost: bool) -> None:
    stage = car(("recorder", ask("music", X)))
    if lost:
        stage.enter("safety", ask("safety", T))
        assert stage.heard("recorder") == [LOSS_TRANSIENT]
    stage.open("chat")
    for gain in GAINS:
        # Not even one that would wait is put off.
        answer = stage.activate("chat", ask("notification", gain, accepts_delay=True))
        assert isinstance(answer, Denied)
        assert answer.rule == "exclusive-holder"
    event = focus(T, 10)
    assert stage.denies("chat", event)
    stage.deactivate("recorder")
    assert stage.grants("chat", event)


def test_car_105_it_fails_even_where_another_holder_would_only_have_it_wait() -> None:
    stage = car(("alarm", ask("ring", T)), ("recorder", ask("safety", X)))
    stage.open("chat")
    assert CAR_MATRIX["ring", "notification"] == "R"
    assert stage.denies("chat", ask("notification", G, accepts_delay=True))


@pytest.mark.parametrize("context", [one for one in CONTEXTS if one != "notification"])
def test_car_105_nobody_else_is_refused_for_that(context: str) -> None:
    stage = car(("recorder", ask("safety", X)))
    stage.open("other")
    assert stage.grants("other", ask(context))


# -- the same client again -----------------------------------------------------------------------


@pytest.mark.parametrize("context", CONTEXTS)
def test_car_106_the_same_context_replaces_the_entry_unsaid(context: str) -> None:
    stage = car(("client", ask(context, G)))
    for gain in (T, D, G):
        assert stage.grants("client", ask(context, gain))
        assert stage.arbiter.view("client").claim == ask(context, gain)
    assert stage.stack() == ["client"]
    assert stage.told() == {}


@pytest.mark.parametrize(
    ("before", "after"), [pair for pair in product(CONTEXTS, repeat=2) if pair[0] != pair[1]]
)
def test_car_106_another_context_fails(before: str, after: str) -> None:
    stage = car(("client", ask(before)))
    answer = stage.activate("client", ask(after, G, accepts_delay=True))
    assert isinstance(answer, Denied)
    assert stage.arbiter.view("client").claim == ask(before)
    assert stage.told() == {}


def test_car_106_what_the_older_request_took_and_the_newer_does_not_is_given_back() -> None:
    stage = car(("music", ask("music", G)))
    stage.enter("navigation", ask("navigation", T))
    assert stage.told() == {"music": [LOSS_TRANSIENT]}
    assert stage.grants("navigation", ask("navigation", D))
    assert stage.told() == {"music": [GAIN]}
    assert stage.grants("navigation", ask("navigation", T))
    assert stage.told() == {"music": [LOSS_TRANSIENT]}


def test_car_106_a_loser_that_asks_again_and_gets_it_hears_nothing() -> None:
    stage = car(("music", ask("music", T)))
    stage.enter("navigation", ask("navigation", T))
    stage.told()
    assert stage.grants("music", ask("music", T))
    assert stage.told() == {"navigation": [LOSS_TRANSIENT]}
    assert stage.standing("music") is Standing.ACTIVE


def test_car_106_telephony_may_swap_ring_and_call_while_it_holds() -> None:
    stage = car(("telecom", ask("ring", T, locked=True)))
    assert stage.grants("telecom", ask("call", T, locked=True))
    assert stage.arbiter.view("telecom").claim == ask("call", T, locked=True)
    assert stage.grants("telecom", ask("ring", T, locked=True))
    assert stage.denies("telecom", ask("alarm", T, locked=True))
    assert stage.told() == {}


def test_car_106_telephony_may_not_swap_as_a_loser() -> None:
    stage = car(("telecom", ask("ring", T, locked=True)))
    stage.enter("emergency", ask("emergency"))
    assert stage.told() == {"telecom": [LOSS_TRANSIENT]}
    assert stage.denies("telecom", ask("call", T, locked=True))


def test_car_106_telephony_may_not_swap_while_it_waits() -> None:
    stage = car(("emergency", ask("emergency")))
    stage.open("telecom")
    assert stage.delays("telecom", ask("ring", G, locked=True, accepts_delay=True))
    assert stage.denies("telecom", ask("call", G, locked=True, accepts_delay=True))


# -- the one that waits --------------------------------------------------------------------------


def patient(context: str = "music", **more: Any) -> Claim:
    return ask(context, G, accepts_delay=True, **more)


def test_car_107_there_is_one_slot_and_the_newer_request_takes_it() -> None:
    stage = car(("call", ask("call")))
    for app in ("music", "radio"):
        stage.open(app)
        assert stage.delays(app, patient())
    assert stage.told() == {"music": [LOSS]}
    assert stage.waiting() == ["radio"]
    # The same client and context again: it waits again, and hears nothing.
    assert stage.delays("radio", patient())
    assert stage.told() == {}
    # In another context it fails, and still waits.
    assert stage.denies("radio", patient("announcement"))
    assert stage.waiting() == ["radio"]
    stage.deactivate("call")
    assert stage.told() == {"radio": [GAIN]}


def test_car_107_each_zone_has_its_own_slot() -> None:
    stage = car(
        ("driver call", ask("call", zone="front")), ("guest call", ask("call", zone="rear"))
    )
    for app, zone in (("music", "front"), ("film", "rear")):
        stage.open(app)
        assert stage.delays(app, patient(zone=zone))
    assert stage.told() == {}
    assert stage.waiting() == ["music", "film"]


def test_car_108_a_request_put_off_ends_conflicting_losers_at_once() -> None:
    stage = car(("music", ask("music", T)))
    stage.enter("call", ask("call"))
    assert stage.told() == {"music": [LOSS_TRANSIENT]}
    stage.open("radio")
    assert stage.delays("radio", patient())
    assert stage.told() == {"music": [LOSS]}
    stage.deactivate("call")
    assert stage.told() == {"radio": [GAIN]}


def test_car_108_it_ends_conflicting_holders_at_once_too() -> None:
    stage = car(("safety", ask("safety")), ("call", ask("call", D)))
    stage.open("radio")
    assert stage.delays("radio", patient())
    # Only what refused it is spared.
    assert stage.told() == {"safety": [LOSS]}
    assert stage.stack() == ["call"]


def test_car_109_the_waiting_one_is_tried_before_losers_are_restored() -> None:
    stage = car(("music", ask("music", T)), ("navigation", ask("navigation", D)))
    stage.enter("call", ask("call", D))
    stage.told()
    stage.open("radio")
    assert stage.delays("radio", patient())
    stage.told()
    stage.enter("prompt", ask("navigation", T))
    stage.deactivate("call")
    # The losses of the one that waited go out, then its gain.
    assert stage.heard("radio") == [GAIN]
    assert stage.heard("prompt") == [LOSS]
    gained = stage.events("radio")[0]
    assert stage.effects.index(gained) > stage.effects.index(stage.events("prompt")[-1])


def test_car_109_a_loser_is_not_given_back_what_the_waiting_one_takes() -> None:
    stage = car(("emergency", ask("emergency", D)), ("safety", ask("safety", D)))
    stage.open("music")
    assert stage.delays("music", patient())
    assert stage.told() == {"safety": [LOSS]}
    stage.enter("call", ask("call", D))
    stage.enter("second call", ask("call", T))
    assert stage.told() == {"emergency": [LOSS_TRANSIENT], "call": [LOSS_TRANSIENT]}
    stage.deactivate("second call")
    # Tried and put off again: it hears nothing, and those who refuse it are restored.
    assert stage.told() == {"emergency": [GAIN], "call": [GAIN]}
    assert stage.waiting() == ["music"]
    stage.deactivate("emergency")
    assert stage.told() == {}
    stage.deactivate("call")
    assert stage.told() == {"music": [GAIN]}


def test_car_109_a_replacement_is_a_chance_too() -> None:
    stage = car(("telecom", ask("call", T, locked=True)))
    stage.open("voice")
    assert stage.delays("voice", patient("voice command"))
    assert CAR_MATRIX["ring", "voice command"] == "C"
    assert stage.grants("telecom", ask("ring", T, locked=True))
    assert stage.told()["voice"] == [GAIN]


def test_car_109_a_final_loss_is_a_chance_too() -> None:
    stage = car(("ringer", ask("ring")))
    stage.open("clock")
    assert stage.delays("clock", patient("alarm"))
    assert CAR_MATRIX["ring", "call"] == CAR_MATRIX["call", "alarm"] == "C"
    stage.enter("call", ask("call", G))
    assert stage.told() == {"ringer": [LOSS], "call": [LOSS], "clock": [GAIN]}


def test_car_109_abandoning_without_an_entry_tries_nothing() -> None:
    stage = car(("call", ask("call", D)))
    stage.open("radio")
    stage.open("stranger")
    assert stage.delays("radio", patient())
    stage.enter("navigation", ask("navigation", D))
    stage.deactivate("stranger")
    assert stage.told() == {}
    # A real departure has it tried, and its losses go out though it waits on.
    stage.enter("safety", ask("safety", D))
    stage.deactivate("safety")
    assert stage.told() == {"navigation": [LOSS]}
    assert stage.waiting() == ["radio"]


def test_car_109_one_that_can_no_longer_be_granted_is_told_so() -> None:
    stage = car(("ringer", ask("ring", D)), ("safety", ask("safety", D)))
    stage.open("chat")
    assert stage.delays("chat", patient("notification"))
    assert stage.told() == {"safety": [LOSS]}
    stage.enter("recorder", ask("safety", X))
    stage.told()
    stage.deactivate("ringer")
    assert stage.told() == {"chat": [LOSS]}
    assert stage.waiting() == []


# -- zones, volume -------------------------------------------------------------------------------


def test_car_112_zones_are_independent() -> None:
    stage = car(("driver", ask("emergency", G, zone="front")))
    stage.enter("guest", ask("music", G, zone="rear"))
    stage.enter("guest 2", ask("music", G, zone="rear"))
    assert stage.told() == {"guest": [LOSS]}
    stage.open("passenger")
    assert stage.denies("passenger", ask("music", G, zone="front"))


def test_car_114_a_concurrent_holder_keeps_focus_and_its_level_is_not_ours() -> None:
    stage = car(("music", ask("music", G)))
    stage.play("music")
    stage.enter("navigation", ask("navigation", D))
    assert stage.told() == {}
    assert stage.standing("music") is Standing.ACTIVE
    assert stage.ramps("music") == []


# -- the car against a model of it ---------------------------------------------------------------


@dataclass
class Entry:
    """A request in force; a loser while it has blockers."""

    client: str
    context: str
    gain: int
    patient: bool
    pauses: bool
    events: bool
    blockers: list[Entry] = field(default_factory=list)
    ducked: bool = False


@dataclass
class Model:
    """One zone as the rules tell it, by another road than the arbiter's."""

    entries: dict[str, Entry] = field(default_factory=dict)
    waiting: Entry | None = None
    told: dict[str, list[str]] = field(default_factory=dict)
    losers: set[str] = field(default_factory=set)

    def begin(self) -> None:
        self.told = {}
        self.losers = {entry.client for entry in self.entries.values() if entry.blockers}

    def say(self, client: str, what: str) -> None:
        """What comes and goes within one step is not said: only what is left of it."""
        said = [] if what == LOSS else self.told.pop(client, [])
        if what != GAIN or not said or client in self.losers:
            self.told[client] = [*([] if what == GAIN else said), what]

    def request(self, new: Entry, *, retry: bool = False) -> str:
        mine = [self.entries.get(new.client)]
        if self.waiting is not None and self.waiting.client == new.client:
            mine.append(self.waiting)
        if any(entry is not None and entry.context != new.context for entry in mine):
            return "Denied"
        everybody = list(self.entries.values())
        if new.context == "notification" and any(entry.gain == X for entry in everybody):
            return "Denied"
        others = [entry for entry in everybody if entry.client != new.client]
        cells = {entry.client: CAR_MATRIX[entry.context, new.context] for entry in others}
        rejected = "R" in cells.values()
        if rejected and not (new.gain == G and new.patient):
            return "Denied"
        gone = [entry for entry in everybody if entry.client == new.client]
        self.entries.pop(new.client, None)
        for entry in others:
            soft = new.gain == D and not entry.pauses and not entry.events
            if cells[entry.client] == "R" or (cells[entry.client] == "C" and soft):
                continue
            if new.gain == G:
                self.say(entry.client, LOSS)
                gone.append(self.entries.pop(entry.client))
                continue
            if not entry.blockers:
                entry.ducked = new.gain == D and entry.events
                self.say(entry.client, CAN_DUCK if entry.ducked else LOSS_TRANSIENT)
            elif entry.ducked and new.gain != D:
                entry.ducked = False
                self.say(entry.client, LOSS_TRANSIENT)
            entry.blockers.append(new)
        if not rejected:
            self.entries[new.client] = new
            if self.waiting is not None and self.waiting.client == new.client:
                self.waiting = None
        self.free(gone, retry=not retry, asking=new.client)
        if not rejected:
            return "Granted"
        if self.waiting is not None and self.waiting.client != new.client:
            self.say(self.waiting.client, LOSS)
        self.waiting = new
        return "Delayed"

    def free(self, gone: list[Entry], *, retry: bool, asking: str = "") -> None:
        if gone and retry and self.waiting is not None and self.waiting.client != asking:
            waited, self.waiting = self.waiting, None
            answer = self.request(waited, retry=True)
            if answer != "Delayed":
                self.say(waited.client, GAIN if answer == "Granted" else LOSS)
        for entry in list(self.entries.values()):
            before = len(entry.blockers)
            entry.blockers = [b for b in entry.blockers if not any(b is g for g in gone)]
            if before and not entry.blockers:
                entry.ducked = False
                self.say(entry.client, GAIN)

    def leave(self, client: str) -> None:
        if self.waiting is not None and self.waiting.client == client:
            self.waiting = None
        gone = self.entries.pop(client, None)
        if gone is not None:
            self.free([gone], retry=True)


requests = st.builds(
    Entry,
    client=st.sampled_from("abcdef"),
    context=st.sampled_from(list(CONTEXTS)),
    gain=st.sampled_from(GAINS),
    patient=st.booleans(),
    pauses=st.booleans(),
    events=st.booleans(),
)
steps = st.one_of(
    requests,
    requests,
    requests.map(lambda entry: (entry, "again")),
    st.sampled_from("abcdef"),
)


@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, max_size=40))
def test_the_car_agrees_with_the_model_step_by_step(script: list[Any]) -> None:
    stage, model = Stage("android-car"), Model()
    for client in "abcdef":
        stage.open(client)
    for step in script:
        model.begin()
        if isinstance(step, str):
            stage.deactivate(step)
            model.leave(step)
        else:
            new = step[0] if isinstance(step, tuple) else step
            old = model.entries.get(new.client) or model.waiting
            context = new.context
            if isinstance(step, tuple) and old is not None and old.client == new.client:
                context = old.context
            new = Entry(new.client, context, new.gain, new.patient, new.pauses, new.events)
            claim = ask(
                context,
                new.gain,
                accepts_delay=new.patient,
                will_pause_when_ducked=new.pauses,
                duck_events=new.events,
            )
            assert type(stage.activate(new.client, claim)).__name__ == model.request(new)
        assert stage.told() == model.told
        assert sorted(stage.stack()) == sorted(model.entries)
        assert stage.waiting() == ([model.waiting.client] if model.waiting else [])
        for client, entry in model.entries.items():
            loser = Standing.DUCKED if entry.ducked else Standing.INTERRUPTED
            assert stage.standing(client) is (loser if entry.blockers else Standing.ACTIVE)
            causes = {hold.cause for hold in stage.arbiter.view(client).holds}
            assert causes == {blocker.client for blocker in entry.blockers}
