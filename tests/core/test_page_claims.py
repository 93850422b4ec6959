"""Claims of web pages, and those that mix, where the policy knows no pages: Android's two.

A page judges its own sessions (W-035), so its claims pass each other; who mixes is on no stack
and on no matrix, as it asks nobody for focus.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from audiosession.core import Claim, Press, Role, Standing
from tests.core.kit import GAME_MIXING, MUSIC, TRANSIENT, Stage, granted, released, stopped

ACTIVE, INACTIVE, INTERRUPTED = Standing.ACTIVE, Standing.INACTIVE, Standing.INTERRUPTED
AMBIENT = Claim(role=Role.AMBIENT, press=Press.NONE, mixable=True)
PAGE = replace(MUSIC, page="page")
OTHER_PAGE = replace(MUSIC, page="other page")
POLICIES = ("android", "android-car")


def browser(policy: str) -> Stage:
    """A stage with the windows of one browser."""
    stage = Stage(policy)
    stage.open("top", "frame", "deep", "other", app="browser")
    return stage


@pytest.mark.parametrize("policy", POLICIES)
def test_who_mixes_takes_nothing_and_loses_nothing(policy: str) -> None:
    stage = Stage(policy)
    stage.start("music", MUSIC)
    assert granted(stage.start("game", GAME_MIXING), "game")
    assert stage.standings("music", "game") == (ACTIVE, ACTIVE)
    stage.start("radio", MUSIC)
    assert stage.standings("music", "game", "radio") == (INACTIVE, ACTIVE, ACTIVE)
    stage.stop("game")
    assert stage.standings("game", "radio") == (INACTIVE, ACTIVE)


@pytest.mark.parametrize("policy", POLICIES)
def test_who_leaves_over_one_that_mixes_gives_back_to_the_one_below(policy: str) -> None:
    stage = Stage(policy)
    stage.start("music", MUSIC)
    stage.start("call", TRANSIENT)
    stage.start("game", GAME_MIXING)
    assert stage.standings("music", "call", "game") == (INTERRUPTED, ACTIVE, ACTIVE)
    released(stage.stop("call"), "music")
    assert stage.standing("music") is ACTIVE


@pytest.mark.parametrize("policy", POLICIES)
def test_who_mixes_from_now_on_gives_back_what_it_had(policy: str) -> None:
    stage = Stage(policy)
    stage.start("music", MUSIC)
    stage.start("page", TRANSIENT)
    assert stage.standing("music") is INTERRUPTED
    released(stage.change("page", AMBIENT), "music")
    assert stage.standings("music", "page") == (ACTIVE, ACTIVE)
    stage.change("page", MUSIC)
    assert stage.standings("music", "page") == (INACTIVE, ACTIVE)


def test_who_mixes_is_let_in_beside_a_locked_call() -> None:
    stage = Stage("android")
    stage.start("call", replace(TRANSIENT, locked=True))
    assert not granted(stage.start("music", MUSIC), "music")
    assert granted(stage.start("game", GAME_MIXING), "game")


@pytest.mark.parametrize("policy", POLICIES)
def test_W_035_sessions_of_one_page_pass_each_other(policy: str) -> None:
    stage = browser(policy)
    stage.start("top", PAGE)
    stage.start("frame", PAGE)
    assert stage.standings("top", "frame") == (ACTIVE, ACTIVE)
    effects = stage.start("other", OTHER_PAGE)
    assert stopped(effects, "top")
    assert stopped(effects, "frame")


@pytest.mark.parametrize("policy", POLICIES)
def test_W_035_what_a_page_lost_it_has_again_as_a_whole(policy: str) -> None:
    stage = browser(policy)
    for name in ("top", "frame", "deep"):
        stage.start(name, PAGE)
    stage.start("call", TRANSIENT)
    assert stage.standings("top", "frame", "deep") == (INTERRUPTED,) * 3
    effects = stage.stop("call")
    for name in ("top", "frame", "deep"):
        released(effects, name)
    assert stage.standings("top", "frame", "deep") == (ACTIVE,) * 3


def test_W_035_a_page_that_asks_again_takes_its_other_sessions_along() -> None:
    stage = browser("android")
    stage.start("top", PAGE)
    stage.start("call", TRANSIENT)
    assert stage.standing("top") is INTERRUPTED
    released(stage.start("frame", PAGE), "top")
    assert stage.standings("call", "top", "frame") == (INACTIVE, ACTIVE, ACTIVE)


@pytest.mark.parametrize("policy", POLICIES)
def test_W_035_another_app_is_of_no_page_of_this_one(policy: str) -> None:
    stage = Stage(policy)
    stage.start("browser", PAGE)
    assert stopped(stage.start("impostor", PAGE), "browser")
