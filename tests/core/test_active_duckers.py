"""Who asks others to go lower lowers also those who begin while it is active (rule 46)."""

from __future__ import annotations

import pytest

from audiosession.core import Claim, Press, Role, Standing
from audiosession.core.translate import claim_from_category, claim_from_configuration

from .kit import Stage

PLAYBACK = "AVAudioSessionCategoryPlayback"
DUCK_OTHERS = 0x2
MIX_WITH_OTHERS = 0x1

DUCKER = claim_from_category(PLAYBACK, options=DUCK_OTHERS)
MUSIC = claim_from_category(PLAYBACK)
MIXING = claim_from_category(PLAYBACK, options=MIX_WITH_OTHERS)


@pytest.mark.parametrize("policy", ["default", "apple"])
@pytest.mark.parametrize("newcomer", [MUSIC, MIXING], ids=["music", "mixing"])
def test_046_media_that_begins_under_an_active_ducker_is_lowered(
    policy: str, newcomer: Claim
) -> None:
    stage = Stage(policy)
    stage.open("ducker", "music")
    stage.start("ducker", DUCKER)
    stage.start("music", newcomer)
    stage.wait(1.0)
    assert stage.standings("ducker", "music") == (Standing.ACTIVE, Standing.DUCKED)
    assert stage.level_db("music") == -14.0

    stage.stop("ducker")
    stage.wait(1.0)
    assert stage.standing("music") is Standing.ACTIVE
    assert stage.level_db("music") == 0.0


@pytest.mark.parametrize("policy", ["default", "apple"])
def test_051_of_two_duckers_the_later_is_heard_and_neither_stays_low(policy: str) -> None:
    stage = Stage(policy)
    stage.open("first", "second")
    stage.start("first", DUCKER)
    stage.start("second", DUCKER)
    assert stage.standings("first", "second") == (Standing.DUCKED, Standing.ACTIVE)
    stage.stop("second")
    stage.wait(1.0)
    assert stage.level_db("first") == 0.0
    assert stage.standing("first") is Standing.ACTIVE


def test_a_call_pauses_a_ducker_and_gives_it_back() -> None:
    stage = Stage()
    stage.open("ducker", "phone")
    stage.start("ducker", DUCKER)
    stage.start("phone", Claim(role=Role.CALL, press=Press.PAUSE, system=True))
    assert stage.standing("ducker") is Standing.INTERRUPTED
    stage.close("phone")
    assert stage.standing("ducker") is Standing.ACTIVE


def test_an_android_may_duck_request_counts_as_well() -> None:
    game = claim_from_configuration(usage=14, gain=3)
    stage = Stage()
    stage.open("game", "music")
    stage.start("game", game)
    stage.start("music", MUSIC)
    assert stage.standing("music") is Standing.DUCKED
