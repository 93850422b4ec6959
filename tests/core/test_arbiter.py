"""The arbiter's own promises: bad input changes nothing, time, limits, views, deadlines."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from audiosession.core import (
    Activate,
    Arbiter,
    Claim,
    ClientGone,
    CloseSession,
    Deactivate,
    Delayed,
    Denied,
    Event,
    Granted,
    HoldKind,
    Interrupted,
    Limits,
    OpenSession,
    Press,
    Reconfigure,
    Released,
    RevokeApp,
    RevokeOwner,
    Role,
    SetMultiFocus,
    Standing,
    Stopped,
    StreamChanged,
    StreamGone,
    Tick,
    UserAction,
    UserIntent,
)
from audiosession.errors import (
    IllegalRequestError,
    InvalidTypeError,
    InvalidValueError,
    LimitError,
    TimeBackwardsError,
    UnknownNameError,
)
from audiosession.policies import POLICIES, load_policy
from tests.core.kit import (
    ASSISTANT,
    CALL,
    GAME_MIXING,
    MUSIC,
    PROMPT,
    RECORDING,
    TRANSIENT,
    Stage,
    granted,
    guessed,
    of,
    patient,
    stopped,
)

LONG = "x" * 257


def busy(policy: str = "default", limits: Limits | None = None) -> Stage:
    """Music under a prompt, a stream, a request that waits, a timer that runs."""
    stage = Stage(policy)
    stage.arbiter = Arbiter(stage.policy, limits=limits)
    stage.wait(10.0)
    stage.start("music", MUSIC)
    stage.sound("music")
    stage.start("prompt", PROMPT)
    stage.sound("prompt", on=False)
    stage.start("call", replace(CALL, locked=True))
    stage.start("waiting", patient(MUSIC))
    return stage


def wrong(value: object) -> Any:
    """A value of another type than the field has."""
    return value


WRONG_TYPES: dict[str, tuple[Callable[[], Event], str]] = {
    "session": (lambda: OpenSession(session=wrong(3), app="a"), "session"),
    "app": (lambda: OpenSession(session="s", app=wrong(None)), "app"),
    "client": (lambda: OpenSession(session="s", app="a", client=wrong(b"c")), "client"),
    "group": (lambda: OpenSession(session="s", app="a", group=wrong(["g"])), "group"),
    "session to close": (lambda: CloseSession(session=wrong(["music"])), "session"),
    "client gone": (lambda: ClientGone(client=wrong(1)), "client"),
    "claim": (lambda: Activate(session="music", claim=wrong("loud")), "claim"),
    "claim to change": (lambda: Reconfigure(session="music", claim=wrong(None)), "claim"),
    "role": (lambda: Activate(session="music", claim=Claim(role=wrong("music"))), "claim.role"),
    "press": (lambda: Activate(session="music", claim=Claim(press=wrong(1))), "claim.press"),
    "truth": (lambda: Activate(session="music", claim=Claim(mixable=wrong(1))), "claim.mixable"),
    "scope": (lambda: Activate(session="music", claim=Claim(scope=wrong(1))), "claim.scope"),
    "notify": (lambda: Deactivate(session="music", notify_others=wrong("no")), "notify_others"),
    "stream": (lambda: StreamChanged(session="music", stream=wrong(1), playing=True), "stream"),
    "playing": (lambda: StreamChanged(session="music", stream="s", playing=wrong(1)), "playing"),
    "stream gone": (lambda: StreamGone(session="music", stream=wrong(["s"])), "stream"),
    "intent": (lambda: UserAction(session="music", intent=wrong("paused")), "intent"),
    "app to revoke": (lambda: RevokeApp(app=wrong(0)), "app"),
    "rule": (lambda: RevokeApp(app="music", rule=wrong(None)), "rule"),
    "enabled": (lambda: SetMultiFocus(enabled=wrong("yes")), "enabled"),
    "no event": (lambda: wrong("Tick"), "event"),
    "a class": (lambda: wrong(Tick), "event"),
}

WRONG_VALUES: dict[str, tuple[Callable[[], Event], str]] = {
    "empty session": (lambda: OpenSession(session="", app="a"), "session"),
    "long session": (lambda: OpenSession(session=LONG, app="a"), "session"),
    "empty app": (lambda: OpenSession(session="s", app=""), "app"),
    "long app": (lambda: OpenSession(session="s", app=LONG), "app"),
    "long client": (lambda: OpenSession(session="s", app="a", client=LONG), "client"),
    "long group": (lambda: OpenSession(session="s", app="a", group=LONG), "group"),
    "session open already": (lambda: OpenSession(session="music", app="a"), "session"),
    "empty client gone": (lambda: ClientGone(client=""), "client"),
    "empty app to revoke": (lambda: RevokeApp(app=""), "app"),
    "long rule": (lambda: RevokeApp(app="a", rule=LONG), "rule"),
    "empty stream": (lambda: StreamChanged(session="music", stream="", playing=True), "stream"),
    "long stream": (lambda: StreamChanged(session="music", stream=LONG, playing=True), "stream"),
    "long backend": (
        lambda: StreamChanged(session="music", stream="s", playing=True, backend=LONG),
        "backend",
    ),
    "long scope": (lambda: Activate(session="music", claim=Claim(scope=LONG)), "claim.scope"),
}

UNKNOWN: dict[str, Event] = {
    "close": CloseSession(session="nobody"),
    "activate": Activate(session="nobody", claim=MUSIC),
    "deactivate": Deactivate(session="nobody"),
    "reconfigure": Reconfigure(session="nobody", claim=MUSIC),
    "stream": StreamChanged(session="nobody", stream="s", playing=True),
    "stream gone": StreamGone(session="nobody", stream="s"),
    "unknown stream gone": StreamGone(session="music", stream="other"),
    "user": UserAction(session="nobody", intent=UserIntent.PAUSED),
}


def refused_unchanged(
    stage: Stage, event: Event, error: type[IllegalRequestError], now: Any = None
) -> IllegalRequestError:
    """Feeds an event that must raise, and makes sure that nothing came of it."""
    before = stage.arbiter.snapshot()
    with pytest.raises(error) as caught:
        # Late enough for the timer that runs to have been due.
        stage.arbiter.handle(event, stage.now + 100.0 if now is None else now)
    assert stage.arbiter.snapshot() == before
    assert stage.arbiter.next_deadline() == before.next_deadline
    stage.feed(Tick())
    return caught.value


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("case", WRONG_TYPES)
def test_a_field_of_a_wrong_type_is_refused_and_changes_nothing(case: str, policy: str) -> None:
    event, field = WRONG_TYPES[case]
    error = refused_unchanged(busy(policy), event(), InvalidTypeError)
    assert error.field == field


@pytest.mark.parametrize("case", WRONG_VALUES)
def test_a_field_of_a_wrong_value_is_refused_and_changes_nothing(case: str) -> None:
    event, field = WRONG_VALUES[case]
    error = refused_unchanged(busy(), event(), IllegalRequestError)
    assert error.field == field


@pytest.mark.parametrize("case", UNKNOWN)
def test_an_unknown_name_is_refused_and_changes_nothing(case: str) -> None:
    error = refused_unchanged(busy(), UNKNOWN[case], UnknownNameError)
    assert isinstance(error, UnknownNameError)
    expected = ("stream", "other") if case.startswith("unknown") else ("session", "nobody")
    assert (error.kind, error.name) == expected


def test_an_unknown_name_comes_with_a_suggestion() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'music'"):
        busy().feed(Deactivate(session="musik"))


def test_views_of_nobody() -> None:
    arbiter = busy().arbiter
    for ask in (arbiter.view, arbiter.standing, arbiter.quiet_at):
        with pytest.raises(UnknownNameError):
            ask("nobody")
    with pytest.raises(UnknownNameError):
        arbiter.gain_db("nobody", 0.0)
    with pytest.raises(KeyError):
        arbiter.snapshot().session("nobody")
    assert not arbiter.is_open("nobody")
    assert not arbiter.has_stream("nobody", "s")


# -- time ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "now", [math.nan, math.inf, -math.inf, pytest.param(10**400, id="beyond any float")]
)
def test_a_time_must_be_finite(now: float) -> None:
    refused_unchanged(busy(), Tick(), InvalidValueError, now=now)


@pytest.mark.parametrize("now", [None, "1", True, 1j])
def test_a_time_must_be_a_number(now: object) -> None:
    stage = busy()
    before = stage.arbiter.snapshot()
    with pytest.raises(InvalidTypeError):
        stage.arbiter.handle(Tick(), cast(float, now))
    assert stage.arbiter.snapshot() == before


def test_time_does_not_run_backwards() -> None:
    stage = busy()
    error = refused_unchanged(stage, Tick(), TimeBackwardsError, now=9.999)
    assert isinstance(error, TimeBackwardsError)
    assert (error.now, error.last) == (9.999, 10.0)


def test_a_clock_may_start_anywhere_and_stand_still() -> None:
    arbiter = Arbiter(load_policy("default"))
    assert arbiter.snapshot().now == 0.0
    for now in (-1e9, -5, -5.0, 0):
        assert arbiter.handle(Tick(), now) == ()
    assert arbiter.snapshot().now == 0


def test_deadlines_that_passed_are_dealt_with_at_their_own_time() -> None:
    """The outcome is the same however promptly a host ticks."""

    def play(*, promptly: bool) -> Stage:
        stage = Stage()
        stage.start("music", MUSIC)
        stage.start("sound", guessed(TRANSIENT))
        stage.start("prompt", PROMPT)
        stage.sound("prompt", on=False)
        if promptly:
            for at in (2.0, 5.0):
                assert stage.arbiter.next_deadline() == at
                stage.now = at
                stage.feed(Tick())
        stage.now = 6.0
        stage.stop("sound")
        return stage

    prompt, late = play(promptly=True), play(promptly=False)
    assert prompt.log == late.log
    assert prompt.arbiter.snapshot() == late.arbiter.snapshot()


def test_a_deadline_is_known_only_while_something_runs() -> None:
    stage = Stage()
    assert stage.arbiter.next_deadline() is None
    stage.start("music", MUSIC)
    stage.start("prompt", PROMPT)
    stage.sound("prompt", on=False)
    assert stage.arbiter.next_deadline() == 5.0
    stage.sound("prompt", on=True)
    assert stage.arbiter.next_deadline() is None
    stage.sound("prompt", on=False)
    stage.close("prompt")
    assert stage.arbiter.next_deadline() is None


def test_timers_that_are_set_and_cancelled_for_ever_take_no_room() -> None:
    stage = Stage()
    for name in ("first", "prompt", "gone"):
        stage.start(name, PROMPT)
        stage.sound(name, on=False)
    stage.close("gone")
    for _ in range(1000):
        stage.wait(0.001)
        stage.sound("prompt", on=True)
        stage.sound("prompt", on=False)
    assert len(stage.arbiter._state._heap) < 100
    assert stage.arbiter.next_deadline() == 5.0
    stage.close("first")
    assert stage.arbiter.next_deadline() == pytest.approx(6.0)


# -- limits --------------------------------------------------------------------------------


def test_no_more_sessions_than_allowed() -> None:
    stage = busy(limits=Limits(sessions=4))
    error = refused_unchanged(stage, OpenSession(session="s", app="a"), LimitError)
    assert isinstance(error, LimitError)
    assert (error.what, error.limit) == ("open sessions", 4)
    stage.close("call")
    stage.open("s")


def test_no_more_sessions_of_one_client_than_allowed() -> None:
    stage = busy(limits=Limits(sessions_per_client=2))
    stage.open("one", "two", client="pid 1")
    refused_unchanged(stage, OpenSession(session="three", app="a", client="pid 1"), LimitError)
    stage.open("three", client="pid 2")
    # Without a client of its own the app is its own.
    stage.open("four", "five", app="same")
    refused_unchanged(stage, OpenSession(session="six", app="same"), LimitError)
    stage.kill("same")
    stage.open("six", app="same")


def test_no_more_streams_than_allowed() -> None:
    stage = busy(limits=Limits(streams_per_session=2))
    stage.sound("music", "second")
    event = StreamChanged(session="music", stream="third", playing=True)
    refused_unchanged(stage, event, LimitError)
    stage.sound("music", "second", on=False)
    stage.stream_gone("music", "second")
    stage.sound("music", "third")
    assert stage.arbiter.has_stream("music", "third")


def test_ids_may_be_as_long_as_allowed() -> None:
    stage = busy(limits=Limits(id_length=300))
    stage.open(LONG)
    assert stage.arbiter.is_open(LONG)


@pytest.mark.parametrize("policy", POLICIES)
def test_no_more_claims_than_the_policy_allows(policy: str) -> None:
    roomy = load_policy(policy)
    small = replace(roomy, settings=replace(roomy.settings, max_active=2))
    stage = Stage(small)
    # Those of a car's that sound beside each other.
    ping = Claim(role=Role.NOTIFICATION, press=Press.DUCK, mixable=True)
    stage.start("one", ping)
    stage.start("two", ping)
    effects = stage.start("three", ping)
    assert effects == (Denied(session="three", cause="system", rule="limit"),)
    if policy != "android":
        # Android fails every request while the stack is full.
        assert granted(stage.start("two", ping), "two"), "it is in force already"
    stage.stop("one")
    assert granted(stage.start("three", ping), "three")


# -- answers and views ---------------------------------------------------------------------


@pytest.mark.parametrize("policy", POLICIES)
def test_the_answer_is_the_last_effect_and_there_is_one(policy: str) -> None:
    stage = Stage(policy)
    stage.start("music", MUSIC)
    for name, claim in {
        "call": replace(CALL, locked=True),
        "second": CALL,
        "patient": patient(MUSIC),
        "game": GAME_MIXING,
    }.items():
        effects = stage.start(name, claim)
        answers = [e for e in effects if isinstance(e, Granted | Denied | Delayed)]
        assert [e for e in answers if e.session == name] == [effects[-1]]


@pytest.mark.parametrize("policy", POLICIES)
def test_effects_name_their_cause_and_a_rule_that_has_a_reason(policy: str) -> None:
    stage = busy(policy)
    stage.start("music", MUSIC)
    stage.wait(10.0)
    for name in ("call", "prompt", "music", "waiting"):
        stage.stop(name)
    assert stage.log
    for effect in stage.log:
        assert effect.cause in ("music", "prompt", "call", "waiting", "system")
        assert stage.policy.because(effect.rule), effect


def test_a_reconfiguration_of_an_inactive_session_waits_for_its_activation() -> None:
    stage = Stage()
    stage.open("music")
    assert stage.change("music", MUSIC) == ()
    assert stage.arbiter.view("music").claim is None


def test_deactivating_twice_is_once() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    assert stage.stop("music") != ()
    assert stage.stop("music") == ()
    assert stage.close("music") == ()


def test_a_view_shows_streams_levels_and_holds() -> None:
    stage = Stage()
    stage.open("music", app="player", client="pid 1")
    view = stage.arbiter.view("music")
    assert (view.app, view.client, view.claim, view.playing) == ("player", "pid 1", None, None)
    stage.start("music", MUSIC)
    stage.sound("music")
    stage.start("prompt", PROMPT)
    stage.wait(0.06)
    view = stage.arbiter.snapshot().session("music")
    assert view == stage.arbiter.view("music")
    assert (view.claim, view.standing, view.playing) == (MUSIC, Standing.DUCKED, True)
    assert view.gain_db == pytest.approx(-7.0)
    assert view.target_db == -14.0
    (hold,) = view.holds
    assert (hold.target, hold.cause, hold.since, hold.level_db) == ("music", "prompt", 0.0, -14.0)
    stage.sound("music", on=False)
    assert stage.arbiter.view("music").playing is False


def test_active_sessions_are_in_order_of_arrival_and_waiting_ones_apart() -> None:
    stage = busy()
    snapshot = stage.arbiter.snapshot()
    assert (snapshot.active, snapshot.waiting) == (("music", "prompt", "call"), ("waiting",))
    assert [view.session for view in snapshot.sessions] == ["music", "prompt", "call", "waiting"]
    stage.start("prompt", PROMPT)
    stage.start("music", GAME_MIXING)
    assert stage.arbiter.snapshot().active == ("call", "prompt", "music")


def test_the_selected_session_is_the_last_exclusive_one_of_its_scope() -> None:
    stage = Stage()
    assert stage.arbiter.selected() is None
    stage.start("zoned", replace(TRANSIENT, scope="zone"))
    stage.start("mixing", GAME_MIXING)
    assert stage.arbiter.selected() is None
    assert stage.arbiter.selected("zone") == "zoned"
    stage.start("music", TRANSIENT)
    assert (stage.arbiter.selected(), stage.arbiter.selected("zone")) == ("music", None)
    stage.start("prompt", PROMPT)
    assert stage.arbiter.selected() == "music", "lowered, and still in force"
    stage.start("call", CALL)
    assert stage.arbiter.selected() == "call"


def test_revoking_takes_an_app_s_claims_and_leaves_its_sessions_open() -> None:
    stage = Stage()
    stage.open("one", "two", "idle", app="player")
    stage.start("one", GAME_MIXING)
    stage.start("two", GAME_MIXING)
    effects = stage.feed(RevokeApp(app="player", rule="suspended"))
    assert [e.session for e in effects if type(e).__name__ == "Stopped"] == ["one", "two"]
    assert {effect.rule for effect in effects} == {"suspended"}
    assert stage.arbiter.is_open("one")
    assert stage.feed(RevokeApp(app="player")) == ()
    assert stage.feed(RevokeApp(app="nobody")) == ()


def test_a_revocation_may_keep_others_from_resuming() -> None:
    for signal_next in (True, False):
        stage = Stage()
        stage.start("music", MUSIC)
        stage.start("clip", TRANSIENT)
        effects = stage.feed(RevokeApp(app="clip", signal_next=signal_next))
        (end,) = (e for e in effects if isinstance(e, Released))
        assert end.should_resume == signal_next


def test_multi_focus_and_an_owner_mean_nothing_without_a_stack() -> None:
    for policy in ("default", "android-car"):
        stage = Stage(policy)
        stage.start("music", MUSIC)
        assert stage.feed(SetMultiFocus(enabled=True)) == ()
        assert stage.feed(RevokeOwner()) == ()
        assert stage.standing("music") is Standing.ACTIVE


def test_a_closed_session_hears_nothing_more_and_its_id_is_free() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("prompt", PROMPT)
    effects = stage.close("music")
    assert of(effects, Released) == []
    stage.wait(10.0)
    assert [e for e in stage.stop("prompt") if e.session == "music"] == []
    assert granted(stage.start("music", GAME_MIXING), "music")


def test_claims_know_whether_they_displace_and_yield() -> None:
    assert [press for press in Press if press.displaces] == [
        Press.PAUSE,
        Press.STOP,
        Press.SILENCE,
    ]
    assert Claim(press=Press.PAUSE).exclusive
    assert not GAME_MIXING.exclusive
    assert Claim(spoken=True).yields
    assert Claim(pause_when_ducked=True).yields
    assert not Claim(role=Role.SPEECH).yields


def test_two_that_die_at_once_leave_nothing_behind_but_whom_they_kept_waiting() -> None:
    stage = Stage("android-car")
    stage.open("voice", "warning", client="pid 1")
    stage.start("voice", Claim(role=Role.ASSISTANT, press=Press.PAUSE))
    stage.start("traffic", patient(Claim(role=Role.ANNOUNCEMENT, press=Press.STOP)))
    # Music that asks for a while only, and so displaces nobody for good.
    stage.start("music", TRANSIENT)
    stage.start("warning", Claim(role=Role.EMERGENCY, press=Press.PAUSE))
    assert stage.standings("traffic", "music") == (Standing.WAITING, Standing.INTERRUPTED)
    effects = stage.kill("pid 1")
    # The traffic news was waiting longer, and takes the music's place for good.
    assert granted(effects, "traffic")
    assert stopped(effects, "music")
    assert stage.standings("traffic", "music") == (Standing.ACTIVE, Standing.INACTIVE)


def test_who_is_granted_and_loses_it_at_once_hears_both_in_that_order() -> None:
    stage = Stage()
    stage.start("assistant", ASSISTANT)
    stage.start("waiting", patient(MUSIC))
    # What the music waits for turns into music itself.
    effects = stage.change("assistant", MUSIC)
    about = [type(effect) for effect in effects if effect.session == "assistant"]
    assert about.index(Granted) < about.index(Stopped)
    assert granted(effects, "waiting")
    assert stage.standings("assistant", "waiting") == (Standing.INACTIVE, Standing.ACTIVE)

    stage = Stage()
    stage.start("assistant", ASSISTANT)
    stage.start("memo", patient(RECORDING))
    effects = stage.change("assistant", MUSIC)
    about = [type(effect) for effect in effects if effect.session == "assistant"]
    assert about.index(Granted) < about.index(Interrupted)
    assert stage.standings("assistant", "memo") == (Standing.INTERRUPTED, Standing.ACTIVE)


def test_under_a_stack_a_loss_is_never_told_to_have_softened() -> None:
    android = load_policy("android")
    cell = replace(
        android.cells["lost nothing", "may duck"], rule="softer", because="somebody wanted it so"
    )
    cells = {**android.cells, ("lost, transient", "may duck"): cell}
    stage = Stage(replace(android, cells=cells))
    stage.start("music", MUSIC)
    stage.start("clip", TRANSIENT)
    effects = stage.start("prompt", PROMPT)
    assert of(effects, Released) == []
    assert of(effects, Interrupted, "music") == []
    stage.stop("prompt")
    stage.stop("clip")
    assert [getattr(e, "kind", None) for e in of(stage.log, Released, "music")] == [HoldKind.PAUSE]


def test_nobody_is_told_of_what_did_not_change() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("first", PROMPT)
    effects = stage.start("second", replace(PROMPT))
    assert of(effects, Interrupted, "music") == []
    assert stage.arbiter.quiet_at("second") == pytest.approx(0.12)
