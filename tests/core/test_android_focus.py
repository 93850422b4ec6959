"""The policy ``android``: the stack, what a holder gets, asking again, leaving and dying.

The numbers are those of the rules as read in Android's MediaFocusControl and FocusRequester:
1 to 10 the stack, 11 to 20 what a holder gets, 21 to 31 the same client again, abandon, death.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from audiosession.core import (
    Claim,
    Denied,
    GainChanged,
    Granted,
    Interrupted,
    Released,
    RevokeOwner,
    Standing,
    Stopped,
)
from tests.core.scenario_kit import (
    CAN_DUCK,
    GAIN,
    GAIN_NAMES,
    GAINS,
    LOSS,
    LOSS_TRANSIENT,
    NAVIGATION,
    SPEECH,
    D,
    G,
    Stage,
    T,
    X,
    focus,
    missing_rules,
)

RULES = range(1, 32)

LEFT_TO_THE_SURFACE = {
    5: "dead binders, missing arguments, permissions: refused before a claim exists",
    6: "target SDK and foreground state of the app: the surface knows them, a claim does not",
    10: "a virtual device is answered by the surface and never reaches the arbiter",
    20: "whether an app listens is the surface's; the arbiter tells every session",
}

HARDNESS = {CAN_DUCK: 1, LOSS_TRANSIENT: 2, LOSS: 3}

gains = pytest.mark.parametrize("gain", GAINS, ids=GAIN_NAMES.get)


def telling(gain: int = G, **more: Any) -> Claim:
    """A claim that is told of every duck, because its app pauses itself."""
    return focus(gain, will_pause_when_ducked=True, **more)


def test_every_rule_has_its_test_or_its_reason() -> None:
    assert missing_rules(globals(), RULES, LEFT_TO_THE_SURFACE) == ([], [])


# -- the stack -----------------------------------------------------------------------------------


def test_android_001_one_stack_for_all_apps_and_the_last_entry_is_its_owner() -> None:
    stage = Stage()
    for app in ("music", "navigation", "assistant"):
        stage.enter(app, focus(T))
    assert stage.stack() == ["music", "navigation", "assistant"]
    assert [stage.standing(app) for app in stage.stack()] == [
        Standing.INTERRUPTED,
        Standing.INTERRUPTED,
        Standing.ACTIVE,
    ]


def test_android_002_an_entry_keeps_its_request_and_starts_without_a_loss() -> None:
    stage = Stage()
    claim = focus(T, NAVIGATION, SPEECH, will_pause_when_ducked=True)
    stage.open("navigation", "prompt", client="pid 7")
    stage.activate("prompt", claim)
    view = stage.arbiter.view("prompt")
    assert (view.app, view.client, view.claim) == ("navigation", "pid 7", claim)
    assert (view.standing, view.holds) == (Standing.ACTIVE, ())


def test_android_003_two_listeners_of_one_app_are_two_clients() -> None:
    stage = Stage()
    stage.enter("player", focus(), "first")
    stage.enter("player", focus(), "second")
    assert stage.told() == {"first": [LOSS]}
    assert stage.stack() == ["second"]


def test_android_004_more_than_a_hundred_entries_refuse_a_request() -> None:
    stage = Stage()
    names = [stage.enter(f"app {number}", focus(D)) for number in range(101)]
    stage.told()
    late = stage.open("late")
    answer = stage.activate(late, focus(D))
    assert isinstance(answer, Denied)
    assert answer.rule == "limit"
    # Not even those in it may ask again.
    assert stage.denies(names[0], focus(G))
    assert stage.denies(names[-1], focus(D))
    assert stage.told() == {}
    stage.deactivate(names[50])
    assert stage.grants(late, focus(D))


def test_android_007_granting_goes_in_a_fixed_order() -> None:
    stage = Stage()
    music = stage.enter("music", focus())
    stage.play(music)
    stage.enter("navigation", focus(D), "prompt")
    stage.effects.clear()
    assert stage.grants(music, focus(G))
    order = [effect for effect in stage.effects if not hasattr(effect, "before")]
    loss = next(i for i, e in enumerate(order) if isinstance(e, Stopped))
    restored = next(i for i, e in enumerate(order) if isinstance(e, GainChanged))
    assert loss < restored < len(order) - 1
    assert isinstance(order[-1], Granted)
    # The older entry was gone before the losses were propagated: it heard nothing.
    assert stage.told() == {"prompt": [LOSS]}
    assert stage.stack() == [music]


@gains
def test_android_008_the_losses_of_others_come_before_the_answer(gain: int) -> None:
    stage = Stage()
    stage.enter("music", telling())
    stage.open("other")
    stage.effects.clear()
    stage.activate("other", focus(gain))
    losses = [i for i, e in enumerate(stage.effects) if isinstance(e, Interrupted | Stopped)]
    assert losses
    assert losses[-1] < len(stage.effects) - 1


def test_android_009_a_gain_is_felt_from_the_bottom_to_the_top_by_every_entry() -> None:
    stage = Stage()
    for app in ("bottom", "middle", "top"):
        stage.enter(app, telling(D))
    assert stage.told() == {"bottom": [CAN_DUCK], "middle": [CAN_DUCK]}
    stage.effects.clear()
    stage.enter("call", focus(T))
    felt = [effect.session for effect in stage.effects if isinstance(effect, Interrupted)]
    assert felt == ["bottom", "middle", "top"]
    stage.effects.clear()
    stage.enter("radio", focus(G))
    felt = [effect.session for effect in stage.effects if isinstance(effect, Stopped)]
    assert felt == ["bottom", "middle", "top", "call"]


# -- what a holder gets --------------------------------------------------------------------------

LOSSES = {
    "nothing": {G: LOSS, T: LOSS_TRANSIENT, X: LOSS_TRANSIENT, D: CAN_DUCK},
    CAN_DUCK: {G: LOSS, T: LOSS_TRANSIENT, X: LOSS_TRANSIENT, D: CAN_DUCK},
    LOSS_TRANSIENT: {G: LOSS, T: LOSS_TRANSIENT, X: LOSS_TRANSIENT, D: LOSS_TRANSIENT},
    LOSS: {G: LOSS, T: LOSS, X: LOSS, D: LOSS},
}
"""What was received -> the newcomer's gain -> the loss computed for it."""

RECEIVING = {"nothing": None, CAN_DUCK: D, LOSS_TRANSIENT: T, LOSS: G}
"""A gain that has the holder receive it."""


@gains
@pytest.mark.parametrize("own", GAINS, ids=lambda own: f"own-{GAIN_NAMES[own]}")
@pytest.mark.parametrize("received", LOSSES)
def test_android_011_loss_depends_on_what_was_received(received: str, own: int, gain: int) -> None:
    stage = Stage()
    stage.enter("holder", telling(own))
    before = RECEIVING[received]
    if before is not None:
        stage.enter("earlier", focus(before))
        assert stage.told() == {"holder": [received]}
    stage.enter("newcomer", focus(gain))
    loss = LOSSES[received][gain]
    assert stage.told().get("holder", []) == ([] if loss == received else [loss])


@gains
@pytest.mark.parametrize("own", GAINS, ids=lambda own: f"own-{GAIN_NAMES[own]}")
def test_android_012_a_fresh_holder_s_own_gain_never_matters(own: int, gain: int) -> None:
    expected = {G: LOSS, T: LOSS_TRANSIENT, X: LOSS_TRANSIENT, D: CAN_DUCK}[gain]
    told, silent = Stage(), Stage()
    for stage, claim in ((told, telling(own)), (silent, focus(own))):
        stage.enter("holder", claim)
        stage.enter("newcomer", focus(gain))
    assert told.told() == {"holder": [expected]}
    assert silent.told() == ({} if gain == D else {"holder": [expected]})
    ducked = Standing.DUCKED if gain == D else told.standing("holder")
    assert silent.standing("holder") is ducked


@pytest.mark.parametrize("asked", list(product(GAINS, repeat=3)))
def test_android_013_losses_only_harden_and_none_is_said_twice(asked: tuple[int, ...]) -> None:
    stage = Stage()
    stage.enter("holder", telling())
    for number, gain in enumerate(asked):
        stage.enter(f"newcomer {number}", focus(gain))
    said = [HARDNESS[one] for one in stage.heard("holder")]
    assert said == sorted(set(said))
    hardest = max(HARDNESS[LOSSES["nothing"][gain]] for gain in asked)
    assert said[-1] == hardest


def test_android_014_after_a_loss_the_entry_is_gone_for_good() -> None:
    stage = Stage()
    stage.enter("holder", focus())
    stage.enter("newcomer", focus(G))
    assert stage.told() == {"holder": [LOSS]}
    assert stage.stack() == ["newcomer"]
    assert stage.standing("holder") is Standing.INACTIVE
    stage.deactivate("newcomer")
    assert stage.told() == {}
    assert stage.standing("holder") is Standing.INACTIVE
    assert stage.grants("holder", focus())


@pytest.mark.parametrize("gain", [T, X, D])
def test_android_015_a_transient_loss_keeps_the_entry_in_its_place(gain: int) -> None:
    stage = Stage()
    stage.enter("bottom", telling())
    stage.enter("middle", telling(T))
    stage.enter("top", focus(gain))
    assert stage.stack() == ["bottom", "middle", "top"]


@pytest.mark.parametrize("own", GAINS, ids=lambda own: f"own-{GAIN_NAMES[own]}")
@pytest.mark.parametrize("gain", [T, X, D])
def test_android_016_top_again_is_told_gain_and_has_received_nothing(own: int, gain: int) -> None:
    stage = Stage()
    stage.enter("holder", telling(own))
    stage.enter("newcomer", focus(gain))
    stage.told()
    stage.deactivate("newcomer")
    assert stage.told() == {"holder": [GAIN]}
    assert stage.standing("holder") is Standing.ACTIVE
    # A duck is a duck again, whatever the loss before it was.
    stage.enter("prompt", focus(D))
    assert stage.told() == {"holder": [CAN_DUCK]}


def test_android_017_a_client_ducked_silently_is_restored_without_a_gain() -> None:
    stage = Stage()
    music = stage.enter("music", focus())
    stage.play(music)
    stage.enter("navigation", focus(D), "prompt")
    assert stage.target(music) == -14.0
    stage.deactivate("prompt")
    assert stage.told() == {}
    assert stage.target(music) == 0.0
    assert stage.standing(music) is Standing.ACTIVE


def test_android_018_a_silent_duck_that_hardens_is_told_and_given_back() -> None:
    stage = Stage()
    music = stage.enter("music", focus())
    stage.play(music)
    stage.enter("navigation", focus(D), "prompt")
    assert stage.told() == {}
    stage.enter("assistant", focus(T))
    assert stage.told() == {music: [LOSS_TRANSIENT], "prompt": [LOSS_TRANSIENT]}
    stage.deactivate("assistant")
    assert stage.told() == {"prompt": [GAIN]}
    stage.deactivate("prompt")
    assert stage.told() == {music: [GAIN]}
    assert stage.target(music) == 0.0


def test_android_018_the_other_way_round_a_told_loss_is_given_back_after_a_duck() -> None:
    stage = Stage()
    stage.enter("music", focus())
    stage.enter("assistant", focus(T))
    assert stage.told() == {"music": [LOSS_TRANSIENT]}
    stage.enter("navigation", focus(D))
    assert stage.told() == {}
    stage.deactivate("assistant")
    stage.deactivate("navigation")
    assert stage.told() == {"music": [GAIN]}


def test_android_019_only_the_new_top_regains() -> None:
    stage = Stage()
    for app in ("a", "b", "c"):
        stage.enter(app, focus(T))
    stage.told()
    stage.deactivate("c")
    assert stage.told() == {"b": [GAIN]}
    assert stage.standing("a") is Standing.INTERRUPTED
    stage.deactivate("b")
    assert stage.told() == {"a": [GAIN]}


# -- same client again, abandon, death -----------------------------------------------------------


@gains
def test_android_021_the_same_request_by_the_top_changes_nothing(gain: int) -> None:
    stage = Stage()
    stage.enter("below", focus())
    first = focus(gain, NAVIGATION, SPEECH)
    stage.enter("top", first)
    stage.told()
    before = stage.arbiter.snapshot()
    answer = stage.activate("top", focus(gain))
    assert isinstance(answer, Granted)
    assert stage.told() == {}
    assert stage.arbiter.snapshot() == before
    # The attributes are not compared, and the old ones stay.
    assert stage.arbiter.view("top").claim == first


@pytest.mark.parametrize("flag", ["accepts_delay", "will_pause_when_ducked", "locked"])
def test_android_022_other_flags_make_it_a_new_request(flag: str) -> None:
    stage = Stage()
    stage.enter("top", focus(T))
    again = focus(T, **{flag: True})
    assert stage.grants("top", again)
    assert stage.arbiter.view("top").claim == again
    assert stage.told() == {}


def test_android_022_another_gain_by_the_top_is_felt_below_and_not_by_itself() -> None:
    stage = Stage()
    stage.enter("music", telling())
    stage.enter("assistant", focus(D))
    assert stage.told() == {"music": [CAN_DUCK]}
    assert stage.grants("assistant", focus(T))
    assert stage.told() == {"music": [LOSS_TRANSIENT]}
    # Softer again is not softer for those below.
    assert stage.grants("assistant", focus(D))
    assert stage.told() == {}
    assert stage.grants("assistant", focus(G))
    assert stage.told() == {"music": [LOSS]}
    assert stage.heard("assistant") == []


def test_android_023_asking_from_further_down_moves_to_the_top_silently() -> None:
    stage = Stage()
    stage.enter("music", focus(T))
    stage.enter("navigation", telling(D))
    stage.enter("assistant", telling(D))
    stage.told()
    assert stage.grants("music", focus(T))
    assert stage.told() == {"navigation": [LOSS_TRANSIENT], "assistant": [LOSS_TRANSIENT]}
    assert stage.stack() == ["navigation", "assistant", "music"]
    assert stage.standing("music") is Standing.ACTIVE
    # What it had lost is forgotten with the older entry.
    stage.enter("prompt", focus(D))
    stage.deactivate("prompt")
    assert stage.told() == {}


def test_android_024_abandon_by_the_top_gives_the_next_one_gain() -> None:
    stage = Stage()
    stage.enter("music", focus())
    stage.enter("assistant", focus(T))
    stage.told()
    stage.deactivate("assistant")
    assert stage.told() == {"music": [GAIN]}
    assert stage.stack() == ["music"]


def test_android_025_abandon_further_down_tells_nobody() -> None:
    stage = Stage()
    stage.enter("music", focus())
    stage.enter("assistant", focus(T))
    stage.enter("alarm", focus(T))
    stage.told()
    stage.deactivate("assistant")
    stage.deactivate("music")
    assert stage.told() == {}
    assert stage.stack() == ["alarm"]
    assert stage.standing("alarm") is Standing.ACTIVE


def test_android_026_027_abandon_without_an_entry_does_nothing() -> None:
    stage = Stage()
    stage.open("stranger")
    stage.enter("music", focus())
    stage.enter("radio", focus(G))
    stage.told()
    before = stage.arbiter.snapshot()
    assert stage.deactivate("stranger") == ()
    # After LOSS the client is as unknown as one that never asked.
    assert stage.deactivate("music") == ()
    assert stage.arbiter.snapshot() == before


def test_android_028_the_death_of_the_top_lets_the_next_one_gain() -> None:
    stage = Stage()
    stage.enter("music", focus())
    stage.enter("assistant", focus(T))
    stage.told()
    stage.die("assistant")
    assert stage.told() == {"music": [GAIN]}


def test_android_028_death_takes_all_entries_of_a_process_together() -> None:
    stage = Stage()
    stage.enter("music", focus())
    stage.enter("assistant", focus(T), "listening")
    stage.enter("alarm", focus(T))
    stage.enter("assistant", focus(T), "speaking")
    stage.told()
    stage.die("assistant")
    # The entry below the dead top is told, the one below the other dead entry is not.
    assert stage.told() == {"alarm": [GAIN]}
    assert stage.stack() == ["music", "alarm"]


def test_android_028_the_death_of_lower_entries_tells_nobody() -> None:
    stage = Stage()
    stage.enter("music", focus())
    stage.enter("assistant", focus(T))
    stage.enter("alarm", focus(T))
    stage.told()
    stage.die("assistant")
    assert stage.told() == {}
    stage.deactivate("alarm")
    assert stage.told() == {"music": [GAIN]}


def test_android_028_two_processes_of_one_app_die_apart() -> None:
    stage = Stage()
    stage.open("browser", "tab 1", client="pid 1")
    stage.open("browser", "tab 2", client="pid 2")
    assert stage.grants("tab 1", focus(T))
    assert stage.grants("tab 2", focus(T))
    stage.told()
    stage.die("pid 2")
    assert stage.told() == {"tab 1": [GAIN]}


def test_android_029_suspension_takes_all_entries_and_signals_nobody() -> None:
    stage = Stage()
    stage.enter("music", focus())
    stage.enter("game", focus(T), "effects")
    stage.enter("alarm", focus(T))
    stage.enter("game", focus(T), "voices")
    stage.told()
    stage.revoke("game", signal_next=False)
    assert stage.told() == {"effects": [LOSS], "voices": [LOSS]}
    assert stage.stack() == ["music", "alarm"]
    # The one now on top keeps the loss it received until it becomes the top once more.
    stage.enter("prompt", focus(D))
    assert stage.told() == {}
    stage.deactivate("prompt")
    assert stage.told() == {"alarm": [GAIN]}


def test_android_030_a_switch_of_user_takes_the_owner_and_signals_nobody() -> None:
    stage = Stage()
    stage.enter("music", focus())
    stage.enter("assistant", focus(T), "chime")
    stage.enter("assistant", focus(T), "voice")
    stage.told()
    stage.do(RevokeOwner())
    # The owner alone goes, not what else its app has.
    assert stage.told() == {"voice": [LOSS]}
    assert stage.stack() == ["music", "chime"]
    assert stage.standing("music") is Standing.INTERRUPTED
    assert stage.standing("chime") is Standing.INTERRUPTED


def test_android_030_where_nobody_has_focus_nobody_loses_it() -> None:
    assert Stage().do(RevokeOwner(signal_next=True)) == ()


def test_android_031_a_loss_sent_by_the_system_does_signal_the_next() -> None:
    stage = Stage()
    stage.enter("music", focus())
    stage.enter("assistant", focus(T))
    stage.told()
    effects = stage.do(RevokeOwner(signal_next=True))
    assert [e.session for e in effects if isinstance(e, Stopped | Released)] == [
        "assistant",
        "music",
    ]
    assert stage.told() == {"assistant": [LOSS], "music": [GAIN]}


def test_android_031_a_loss_sent_to_a_lower_entry_signals_nobody() -> None:
    stage = Stage()
    stage.enter("music", focus())
    stage.enter("navigation", focus(T))
    stage.enter("assistant", focus(T))
    stage.told()
    stage.revoke("navigation", signal_next=True)
    assert stage.told() == {"navigation": [LOSS]}
    assert stage.standing("assistant") is Standing.ACTIVE


def test_a_closed_session_hears_nothing_and_counts_as_abandoned() -> None:
    stage = Stage()
    stage.enter("music", focus())
    stage.enter("assistant", focus(T))
    stage.told()
    stage.close("assistant")
    assert stage.told() == {"music": [GAIN]}
    assert not stage.arbiter.is_open("assistant")


def test_android_021_029_asking_again_on_top_after_an_unsignalled_departure() -> None:
    stage = Stage("android")
    stage.enter("music", focus(G))
    stage.enter("maps", focus(T))
    stage.revoke("maps", signal_next=False)
    assert stage.standing("music") is Standing.INTERRUPTED
    stage.grants("music", focus(G))
    assert stage.standing("music") is Standing.ACTIVE
