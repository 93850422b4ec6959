"""The policy ``android``: locked focus and requests that wait, sharing focus, and the stack
against an independent model of it.

The numbers are those of the rules as read in Android's MediaFocusControl and AudioFocusRequest:
52 to 63 lock, calls and delay, 67 to 70 multi audio focus.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audiosession.core import Claim, Denied, Role, SetMultiFocus, Standing
from audiosession.policies import load_policy
from tests.core.scenario_kit import (
    ACCESSIBILITY,
    CALL,
    CAN_DUCK,
    GAIN,
    GAIN_NAMES,
    GAINS,
    LOSS,
    LOSS_TRANSIENT,
    RINGTONE,
    SPEECH,
    D,
    G,
    Stage,
    T,
    X,
    focus,
    missing_rules,
)

RULES = [*range(52, 64), *range(67, 71)]

LEFT_TO_THE_SURFACE = {
    59: "muting players during a call is done with the players, whatever became of the request",
    60: "abandoning call focus waits for the audio mode, which the arbiter does not know",
    61: "a request that cannot be built never becomes a claim",
    63: "an external focus policy is not modelled",
}

gains = pytest.mark.parametrize("gain", GAINS, ids=GAIN_NAMES.get)


def call(usage: int = CALL) -> Claim:
    """What telephony asks for."""
    return focus(T, usage, SPEECH, locked=True)


def patient(gain: int = G, **more: Any) -> Claim:
    return focus(gain, accepts_delay=True, **more)


def in_a_call(*below: tuple[str, Claim]) -> Stage:
    stage = Stage()
    for app, claim in below:
        stage.enter(app, claim)
    stage.enter("telecom", call())
    stage.told()
    return stage


def test_every_rule_has_its_test_or_its_reason() -> None:
    assert missing_rules(globals(), RULES, LEFT_TO_THE_SURFACE) == ([], [])


# -- lock, calls, delay --------------------------------------------------------------------------


def test_android_052_focus_is_locked_while_the_top_has_the_lock() -> None:
    stage = in_a_call()
    stage.open("music")
    answer = stage.activate("music", focus())
    assert isinstance(answer, Denied)
    assert (answer.cause, answer.rule) == ("telecom", "locked")
    stage.deactivate("telecom")
    assert stage.grants("music", focus())


@gains
def test_android_053_a_locked_focus_refuses_every_gain_and_tells_nobody(gain: int) -> None:
    stage = in_a_call(("music", focus()))
    before = stage.arbiter.snapshot()
    stage.open("other")
    assert stage.denies("other", focus(gain))
    # An entry that is in the stack is refused as well, and stays as it was.
    assert stage.denies("music", focus(gain))
    assert stage.told() == {}
    assert stage.stack() == list(before.active)
    assert stage.arbiter.snapshot().session("music") == before.session("music")


def test_android_053_another_lock_and_the_locked_one_itself_are_refused_too() -> None:
    stage = in_a_call()
    stage.open("intercom")
    assert stage.denies("intercom", call())
    assert stage.denies("telecom", call(RINGTONE))
    assert stage.denies("telecom", call())
    assert stage.stack() == ["telecom"]
    assert stage.standing("telecom") is Standing.ACTIVE


@pytest.mark.parametrize("own", GAINS, ids=lambda own: f"own-{GAIN_NAMES[own]}")
@gains
def test_android_054_a_patient_request_waits_below_the_lock(gain: int, own: int) -> None:
    stage = in_a_call()
    stage.open("other")
    assert stage.delays("other", patient(gain))
    assert stage.stack() == ["telecom"]
    assert stage.waiting() == ["other"]
    assert stage.standing("other") is Standing.WAITING
    assert stage.told() == {}
    stage.open("third")
    assert stage.denies("third", focus(own))


def test_android_054_entries_below_feel_the_request_at_once() -> None:
    stage = in_a_call(("music", focus()), ("navigation", focus(T)))
    stage.open("radio")
    # The call had made all of them lose for a while already.
    assert stage.delays("radio", patient(T))
    assert stage.told() == {}
    assert stage.delays("radio", patient(G))
    assert stage.told() == {"music": [LOSS], "navigation": [LOSS]}
    stage.deactivate("telecom")
    assert stage.told() == {"radio": [GAIN]}
    assert stage.stack() == ["radio"]


def test_android_054_it_goes_below_all_the_locked_ones() -> None:
    stage = in_a_call()
    stage.open("intercom")
    assert stage.delays("intercom", focus(T, CALL, locked=True, accepts_delay=True))
    stage.open("music")
    assert stage.delays("music", patient())
    stage.deactivate("telecom")
    assert stage.told() == {"intercom": [GAIN]}
    assert stage.standing("music") is Standing.WAITING
    stage.deactivate("intercom")
    assert stage.told() == {"music": [GAIN]}


def test_android_055_waiting_removes_the_older_entry_silently() -> None:
    stage = in_a_call(("music", focus()), ("navigation", focus(T)))
    assert stage.delays("music", patient(T))
    assert stage.told() == {}
    stage.deactivate("telecom")
    # It has moved above the other one, and hears of it once.
    assert stage.told() == {"music": [GAIN]}
    stage.deactivate("music")
    assert stage.told() == {"navigation": [GAIN]}


def test_android_055_asking_again_while_waiting_keeps_one_entry() -> None:
    stage = in_a_call()
    stage.open("music")
    assert stage.delays("music", patient())
    assert stage.delays("music", patient(T))
    assert stage.waiting() == ["music"]
    stage.deactivate("telecom")
    assert stage.told() == {"music": [GAIN]}


@gains
def test_android_056_when_the_lock_ends_the_waiting_one_gains(gain: int) -> None:
    stage = in_a_call(("music", focus()))
    stage.open("other")
    assert stage.delays("other", patient(gain))
    stage.told()
    stage.die("telecom")
    assert stage.told() == {"other": [GAIN]}
    assert stage.standing("other") is Standing.ACTIVE


def test_android_056_a_waiting_one_that_gave_up_gains_nothing() -> None:
    stage = in_a_call(("music", focus()))
    stage.open("other")
    assert stage.delays("other", patient(T))
    stage.deactivate("other")
    stage.deactivate("telecom")
    assert stage.told() == {"music": [GAIN]}


def test_android_056_a_lock_ended_without_a_signal_leaves_it_to_ask() -> None:
    stage = in_a_call()
    stage.open("music")
    assert stage.delays("music", patient())
    stage.revoke("telecom", signal_next=False)
    assert stage.told() == {"telecom": [LOSS]}
    assert stage.standing("music") is Standing.WAITING
    assert stage.grants("music", patient())
    assert stage.standing("music") is Standing.ACTIVE
    assert stage.told() == {}


def test_android_057_the_later_of_two_waiting_gains_ends_the_earlier() -> None:
    stage = in_a_call()
    stage.open("music")
    stage.open("radio")
    assert stage.delays("music", patient())
    assert stage.delays("radio", patient())
    assert stage.told() == {"music": [LOSS]}
    stage.deactivate("telecom")
    assert stage.told() == {"radio": [GAIN]}
    assert stage.standing("music") is Standing.INACTIVE


def test_android_057_a_waiting_one_that_lost_for_a_while_gains_once() -> None:
    stage = in_a_call()
    stage.open("music")
    stage.open("assistant")
    assert stage.delays("music", patient())
    assert stage.delays("assistant", patient(T))
    assert stage.told() == {"music": [LOSS_TRANSIENT]}
    stage.deactivate("telecom")
    assert stage.told() == {"assistant": [GAIN]}
    stage.deactivate("assistant")
    assert stage.told() == {"music": [GAIN]}
    assert stage.standing("music") is Standing.ACTIVE


def test_android_058_a_call_interrupts_and_gives_back() -> None:
    stage = Stage()
    stage.enter("music", focus())
    stage.enter("navigation", focus(D), "prompt")
    stage.enter("telecom", call(RINGTONE))
    assert stage.told() == {"music": [LOSS_TRANSIENT], "prompt": [LOSS_TRANSIENT]}
    stage.deactivate("prompt")
    stage.deactivate("telecom")
    assert stage.told() == {"music": [GAIN]}


@pytest.mark.parametrize("asked", list(product(GAINS, repeat=2)))
def test_android_062_without_accepting_delay_nothing_is_delayed(asked: tuple[int, int]) -> None:
    for locked in (False, True):
        stage = in_a_call() if locked else Stage()
        for number, gain in enumerate(asked):
            app = stage.open(f"app {number}")
            assert stage.denies(app, focus(gain)) if locked else stage.grants(app, focus(gain))
        assert stage.waiting() == []


# -- multi audio focus ---------------------------------------------------------------------------


def sharing(*apps: str) -> Stage:
    stage = Stage()
    stage.do(SetMultiFocus(enabled=True))
    for app in apps:
        stage.enter(app, focus(G))
    assert stage.told() == {}
    return stage


def test_android_067_sharing_is_off_unless_switched_on() -> None:
    assert load_policy("android").settings.multi_focus is False
    stage = Stage()
    stage.enter("music", focus())
    stage.enter("radio", focus())
    assert stage.told() == {"music": [LOSS]}


def test_android_068_open_ended_requests_share_and_nobody_loses() -> None:
    stage = sharing("music", "radio", "game")
    assert [stage.standing(app) for app in ("music", "radio", "game")] == [Standing.ACTIVE] * 3


@pytest.mark.parametrize(("gain", "loss"), [(T, LOSS_TRANSIENT), (X, LOSS_TRANSIENT)])
def test_android_068_other_requests_are_felt_by_stack_and_list(gain: int, loss: str) -> None:
    stage = sharing("music", "radio")
    stage.enter("navigation", focus(T))
    stage.told()
    stage.enter("assistant", focus(gain))
    assert stage.told() == {"navigation": [loss]}
    stage.deactivate("assistant")
    stage.deactivate("navigation")
    assert stage.heard("music") == stage.heard("radio") == [loss, GAIN]


def test_android_068_the_list_has_one_entry_an_app() -> None:
    stage = sharing("music", "radio")
    stage.enter("music", focus(G), "jingle")
    stage.enter("assistant", focus(T))
    assert stage.told() == {"music": [LOSS_TRANSIENT], "radio": [LOSS_TRANSIENT]}
    assert stage.standing("jingle") is Standing.ACTIVE


def test_android_068_leaving_the_list_tells_nobody() -> None:
    stage = sharing("music", "radio")
    stage.enter("assistant", focus(T))
    stage.told()
    stage.deactivate("music")
    assert stage.told() == {}
    stage.deactivate("assistant")
    assert stage.told() == {"radio": [GAIN]}


def test_android_069_a_call_is_felt_by_the_list() -> None:
    stage = sharing("music", "radio")
    stage.enter("telecom", call())
    assert stage.told() == {"music": [LOSS_TRANSIENT], "radio": [LOSS_TRANSIENT]}
    stage.deactivate("telecom")
    assert stage.told() == {"music": [GAIN], "radio": [GAIN]}


def test_android_069_a_duck_counts_as_handled_and_lowers_nobody() -> None:
    stage = sharing("music")
    stage.play("music", spoken=True)
    stage.enter("navigation", focus(D))
    assert stage.told() == {}
    assert stage.ramps("music") == []
    stage.deactivate("navigation")
    assert stage.told() == {}


def test_android_069_a_forced_duck_does_lower() -> None:
    stage = sharing("music")
    stage.play("music")
    stage.enter("reader", focus(D, ACCESSIBILITY, SPEECH, force_duck=True))
    assert stage.told() == {}
    assert stage.target("music") == -14.0


def test_android_070_switching_on_ends_the_owner() -> None:
    stage = Stage()
    stage.enter("music", focus(T))
    stage.enter("radio", focus(T))
    stage.told()
    stage.do(SetMultiFocus(enabled=True))
    assert stage.told() == {"radio": [LOSS]}
    stage.do(SetMultiFocus(enabled=True))
    assert stage.told() == {}


def test_android_070_switching_off_ends_the_owner_and_the_list() -> None:
    stage = sharing("music", "radio")
    stage.enter("assistant", focus(T))
    stage.told()
    stage.do(SetMultiFocus(enabled=False))
    assert stage.told() == {"assistant": [LOSS], "music": [LOSS], "radio": [LOSS]}
    assert stage.stack() == []


def test_android_070_who_is_not_on_the_list_is_told_of_nothing_when_it_ends() -> None:
    stage = sharing("music")
    stage.enter("music", focus(G), "jingle")
    stage.enter("radio", focus(G))
    assert stage.told() == {}
    stage.do(SetMultiFocus(enabled=False))
    assert stage.told() == {"music": [LOSS], "radio": [LOSS]}
    assert stage.stack() == []
    assert stage.standing("jingle") is Standing.INACTIVE


def test_android_068_the_list_keeps_the_first_of_an_app() -> None:
    stage = sharing("music")
    stage.enter("music", focus(G), "jingle")
    stage.deactivate("music")
    stage.enter("assistant", focus(T))
    assert stage.told() == {}
    # Asked again, it is the first of its app.
    stage.deactivate("assistant")
    stage.grants("jingle", focus(G))
    stage.grants("assistant", focus(T))
    assert stage.told() == {"jingle": [LOSS_TRANSIENT]}


# -- the stack against a model of it -------------------------------------------------------------

# Six clients: two apps with two clients each in one process, two with one.
CLIENTS = {"a1": "a", "a2": "a", "b1": "b", "b2": "b", "c": "c", "d": "d"}
ORDER = [None, CAN_DUCK, LOSS_TRANSIENT, LOSS]


@dataclass
class Entry:
    """One line of the model's list."""

    client: str
    gain: int
    delay: bool
    pauses: bool
    locked: bool
    received: str | None = None
    notified: bool = True
    waits: bool = False


@dataclass
class Model:
    """The stack as the rules tell it, by another road than the arbiter's."""

    entries: list[Entry] = field(default_factory=list)
    speaks: set[str] = field(default_factory=set)
    told: dict[str, list[str]] = field(default_factory=dict)

    def say(self, client: str, what: str) -> None:
        self.told.setdefault(client, []).append(what)

    def lose(self, entries: list[Entry], by: str, gain: int) -> None:
        for entry in list(entries):
            asked = {G: LOSS, T: LOSS_TRANSIENT, X: LOSS_TRANSIENT, D: CAN_DUCK}[gain]
            loss = max(asked, entry.received, key=ORDER.index)
            if loss == entry.received:
                continue
            entry.received = loss
            app = CLIENTS[entry.client]
            entry.notified = (
                loss != CAN_DUCK or CLIENTS[by] == app or entry.pauses or app in self.speaks
            )
            if entry.notified:
                self.say(entry.client, loss or "")
            if loss == LOSS:
                self.entries.remove(entry)

    def request(self, new: Entry) -> str:
        locked = bool(self.entries) and self.entries[-1].locked
        if locked and not new.delay:
            return "Denied"
        top = self.entries[-1] if self.entries else None
        flags = (new.client, new.gain, new.delay, new.pauses, new.locked)
        if top and (top.client, top.gain, top.delay, top.pauses, top.locked) == flags:
            top.waits = False
            return "Granted"
        self.entries = [entry for entry in self.entries if entry.client != new.client]
        place = len(self.entries)
        while locked and place and self.entries[place - 1].locked:
            place -= 1
        below, above = self.entries[:place], self.entries[place:]
        self.lose(below, new.client, new.gain)
        new.waits = bool(above)
        self.entries = [e for e in self.entries if e not in above]
        self.entries += [new, *above]
        return "Delayed" if above else "Granted"

    def leave(self, clients: list[str], *, signal: bool) -> None:
        top = self.entries[-1].client if self.entries else None
        self.entries = [entry for entry in self.entries if entry.client not in clients]
        if not signal or top not in clients or not self.entries:
            return
        new = self.entries[-1]
        if new.waits or (new.received and new.notified):
            self.say(new.client, GAIN)
        new.received, new.notified, new.waits = None, True, False

    def take(self, clients: list[str], *, signal: bool) -> None:
        for entry in self.entries:
            if entry.client in clients:
                self.say(entry.client, LOSS)
        self.leave(clients, signal=signal)


requests = st.builds(
    Entry,
    client=st.sampled_from(list(CLIENTS)),
    gain=st.sampled_from(GAINS),
    delay=st.booleans(),
    pauses=st.booleans(),
    locked=st.integers(0, 9).map(lambda number: number == 0),
)
steps = st.one_of(
    requests,
    requests,
    requests,
    st.tuples(st.just("leave"), st.sampled_from(list(CLIENTS))),
    st.tuples(st.just("leave"), st.sampled_from(list(CLIENTS))),
    st.tuples(st.just("die"), st.sampled_from("abcd")),
    st.tuples(st.just("take"), st.sampled_from("abcd")),
    st.tuples(st.just("take and signal"), st.sampled_from("abcd")),
    st.tuples(st.just("speak"), st.sampled_from(list(CLIENTS))),
    st.tuples(st.just("hush"), st.sampled_from(list(CLIENTS))),
)


def check(stage: Stage, model: Model) -> None:
    """The arbiter and the model agree on who stands how."""
    order = [entry.client for entry in model.entries]
    assert stage.stack() == [entry.client for entry in model.entries if not entry.waits]
    assert sorted(stage.waiting()) == sorted(e.client for e in model.entries if e.waits)
    standings = {None: Standing.ACTIVE, CAN_DUCK: Standing.DUCKED}
    for entry in model.entries:
        expected = standings.get(entry.received, Standing.INTERRUPTED)
        assert stage.standing(entry.client) is (Standing.WAITING if entry.waits else expected)
    for client in CLIENTS:
        if client not in order:
            assert stage.standing(client) is Standing.INACTIVE
            assert stage.arbiter.view(client).holds == ()
            assert stage.target(client) == 0.0


@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, max_size=40))
def test_the_stack_agrees_with_the_model_step_by_step(script: list[Any]) -> None:
    stage, model = Stage(), Model()
    speaking: set[str] = set()
    for client, app in CLIENTS.items():
        stage.open(app, client)
    for step in script:
        model.told = {}
        match step:
            case Entry():
                claim = focus(
                    step.gain,
                    will_pause_when_ducked=step.pauses,
                    accepts_delay=step.delay,
                    locked=step.locked,
                )
                new = Entry(step.client, step.gain, step.delay, step.pauses, step.locked)
                assert type(stage.activate(step.client, claim)).__name__ == model.request(new)
            case "leave", client:
                stage.deactivate(client)
                model.leave([client], signal=True)
            case "die", app:
                stage.die(app)
                clients = [client for client, its in CLIENTS.items() if its == app]
                model.leave(clients, signal=True)
                model.speaks.discard(app)
                speaking -= set(clients)
                for client in clients:
                    stage.open(app, client)
            case ("take" | "take and signal") as how, app:
                stage.revoke(app, signal_next=how == "take and signal")
                clients = [client for client, its in CLIENTS.items() if its == app]
                model.take(clients, signal=how == "take and signal")
            case "speak", client:
                # A player that speaks is neither lowered by the system nor faded.
                stage.play(client, Role.SPEECH, spoken=True)
                speaking.add(client)
                model.speaks.add(CLIENTS[client])
            case "hush", client:
                if client in speaking:
                    stage.end_stream(client)
                    speaking.discard(client)
                model.speaks = {CLIENTS[one] for one in speaking}
        stage.now += 1.0
        assert stage.told() == model.told
        check(stage, model)
    for client in CLIENTS:
        stage.deactivate(client)
    assert stage.stack() == []
    assert all(stage.target(client) == 0.0 for client in CLIENTS)
