"""Claims that are judged elsewhere from now on, as long-form sound whose route changes.

Rule numbers are those of docs/data/rules.toml. Source: WWDC 2017-501.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from audiosession.core import Claim, Denied, HoldKind, Released, Standing, Stopped
from audiosession.core.translate import claim_from_category
from audiosession.core.translate.apple import LONG_FORM_ROUTE, SYSTEM_ROUTE
from audiosession.policies import load_policy
from tests.core.kit import CALL as PLAIN_CALL
from tests.core.kit import PROMPT, Stage, interrupted, of, released, stopped


def system(claim: Claim) -> Claim:
    return replace(claim, scope=SYSTEM_ROUTE)


def apart(claim: Claim) -> Claim:
    return replace(claim, scope=LONG_FORM_ROUTE)


MUSIC = claim_from_category("AVAudioSessionCategoryPlayback")
DUCKER = claim_from_category("AVAudioSessionCategoryPlayback", options=0x2)
RECORDER = claim_from_category("AVAudioSessionCategoryRecord")
CALL = replace(PLAIN_CALL, system=True)


@pytest.fixture
def stage() -> Stage:
    return Stage("apple")


@pytest.mark.parametrize("other", [MUSIC, DUCKER, RECORDER, CALL])
def test_102_what_sounds_on_the_system_s_route_leaves_long_form_alone(
    stage: Stage, other: Claim
) -> None:
    stage.start("podcast", apart(MUSIC))
    stage.start("other", system(other))
    assert stage.standings("podcast", "other") == (Standing.ACTIVE, Standing.ACTIVE)
    stage.stop("podcast")
    stage.start("podcast", apart(MUSIC))
    assert stage.standings("podcast", "other") == (Standing.ACTIVE, Standing.ACTIVE)


def test_102_long_form_apps_do_not_mix_with_each_other(stage: Stage) -> None:
    stage.start("podcast", apart(MUSIC))
    effects = stage.start("album", apart(MUSIC))
    assert interrupted(effects, "podcast").cause == "album"


def test_102_back_on_the_system_s_route_a_call_interrupts_at_once(stage: Stage) -> None:
    stage.start("podcast", apart(MUSIC))
    stage.start("call", system(CALL))
    effects = stage.change("podcast", system(MUSIC))
    assert interrupted(effects, "podcast").rule == "apple-t4-system"
    assert stage.standing("podcast") is Standing.INTERRUPTED
    assert released(stage.stop("call"), "podcast").should_resume


def test_102_back_there_it_is_as_if_it_had_never_been_away(stage: Stage) -> None:
    """Who asked later bears on who asked earlier, whichever of them moved."""
    stage.start("earlier", system(MUSIC))
    stage.start("podcast", apart(MUSIC))
    effects = stage.change("podcast", system(MUSIC))
    assert interrupted(effects, "earlier").cause == "podcast"
    assert stage.standing("podcast") is Standing.ACTIVE

    stage.change("podcast", apart(MUSIC))
    stage.start("later", system(MUSIC))
    effects = stage.change("podcast", system(MUSIC))
    assert interrupted(effects, "podcast").cause == "later"
    assert stage.standing("later") is Standing.ACTIVE


def test_102_what_began_during_a_call_may_go_on_beside_it(stage: Stage) -> None:
    """Playback may activate during a call, so it may come there too (apple 25)."""
    stage.start("call", system(CALL))
    stage.start("beside", system(MUSIC))
    stage.start("podcast", apart(MUSIC))
    effects = stage.change("podcast", system(MUSIC))
    assert stage.standings("call", "podcast") == (Standing.ACTIVE, Standing.ACTIVE)
    assert interrupted(effects, "beside").cause == "podcast"


def test_102_who_is_interrupted_on_arrival_bears_on_nobody(stage: Stage) -> None:
    stage.start("earlier", system(replace(MUSIC, mixable=True)))
    stage.start("podcast", apart(DUCKER))
    stage.start("prompt", system(DUCKER))
    stage.start("call", system(CALL))
    stage.change("podcast", system(DUCKER))
    assert stage.rules_on("podcast") == {"call": "apple-t4-system"}
    assert "podcast" not in stage.rules_on("earlier")


def test_102_away_from_there_nobody_lowers_it_any_more(stage: Stage) -> None:
    stage.start("podcast", system(MUSIC))
    stage.start("prompt", system(DUCKER))
    assert stage.standing("podcast") is Standing.DUCKED
    stage.change("podcast", apart(MUSIC))
    assert stage.standing("podcast") is Standing.ACTIVE
    assert stage.rules_on("podcast") == {}
    stage.change("podcast", system(MUSIC))
    assert stage.standing("podcast") is Standing.DUCKED


def test_102_away_from_there_it_lowers_nobody_any_more(stage: Stage) -> None:
    stage.start("game", system(MUSIC))
    stage.start("podcast", system(DUCKER))
    assert stage.standing("game") is Standing.DUCKED
    stage.change("podcast", apart(DUCKER))
    assert stage.standing("game") is Standing.ACTIVE
    assert stage.policy.because("elsewhere")


def test_102_whom_it_interrupted_waits_until_it_leaves(stage: Stage) -> None:
    stage.start("game", system(MUSIC))
    stage.start("podcast", system(MUSIC))
    assert of(stage.change("podcast", apart(MUSIC)), Released) == []
    assert stage.standing("game") is Standing.INTERRUPTED
    assert released(stage.stop("podcast"), "game").should_resume


def test_102_who_is_interrupted_is_not_freed_by_a_move(stage: Stage) -> None:
    """It is inactive, so it sounds nowhere; the end comes with that of the call."""
    stage.start("podcast", system(MUSIC))
    stage.start("call", system(CALL))
    assert stage.change("podcast", apart(MUSIC)) == ()
    assert stage.standing("podcast") is Standing.INTERRUPTED
    assert released(stage.stop("call"), "podcast").should_resume


def test_102_a_recording_silences_who_comes_to_mix(stage: Stage) -> None:
    mixing = claim_from_category("AVAudioSessionCategoryPlayback", options=0x1)
    stage.start("recorder", system(RECORDER))
    stage.start("podcast", apart(mixing))
    assert stage.level_db("podcast") == 0.0
    stage.change("podcast", system(mixing))
    assert stage.rules_on("podcast") == {"recorder": "apple-116"}
    assert stage.level_db("podcast") == -120.0


def test_what_would_not_be_let_in_there_is_stopped(stage: Stage) -> None:
    stage.start("call", system(CALL))
    stage.start("recorder", apart(RECORDER))
    effects = stage.change("recorder", system(RECORDER))
    assert stopped(effects, "recorder")
    assert of(effects, Denied) == []
    assert stage.standing("recorder") is Standing.INACTIVE


def test_a_claim_that_changes_besides_asks_anew(stage: Stage) -> None:
    stage.start("podcast", apart(MUSIC))
    stage.start("later", system(MUSIC))
    effects = stage.change("podcast", system(DUCKER))
    assert of(effects, Stopped) == []
    assert stage.standings("podcast", "later") == (Standing.ACTIVE, Standing.DUCKED)


# -- where a pause leaves the claim in force -----------------------------------------------------


@pytest.fixture
def keeping() -> Stage:
    """The default policy, which pauses without ending claims, with scopes."""
    policy = load_policy("default")
    settings = replace(policy.settings, scoped=True)
    return Stage(replace(policy, name="scoped", settings=settings))


def test_who_is_paused_and_moves_away_is_heard_again(keeping: Stage) -> None:
    keeping.start("podcast", system(MUSIC))
    keeping.start("call", system(CALL))
    effects = keeping.change("podcast", apart(MUSIC))
    assert released(effects, "podcast").should_resume
    assert keeping.standing("podcast") is Standing.ACTIVE


def test_who_is_paused_there_bears_on_those_it_meets_when_it_is_heard_again(
    keeping: Stage,
) -> None:
    keeping.start("game", replace(MUSIC, scope="a"))
    keeping.start("prompt", replace(PROMPT, scope="b"))
    keeping.start("call", CALL)
    keeping.change("prompt", replace(PROMPT, scope="a"))
    assert HoldKind.DUCK not in {
        hold.kind for hold in keeping.arbiter.view("game").holds if hold.cause == "prompt"
    }
    keeping.stop("call")
    assert keeping.standings("game", "prompt") == (Standing.DUCKED, Standing.ACTIVE)
