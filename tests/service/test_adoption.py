"""Apps that know nothing of audio sessions: whose streams are whose, and what rules say."""

from __future__ import annotations

import asyncio

import pytest

from audiosession.core.claims import Press, Role
from audiosession.core.gains import to_linear
from audiosession.policies import load_policy
from audiosession.service.adoption import judge
from audiosession.service.rules import RuleBook, parse_rules
from audiosession.service.servers.base import Direction

from .fake_server import Stage, activate

DUCKED = to_linear(-14.0)


def rule(outcome: str, binary: str = "program1") -> str:
    """A user's rule about a program."""
    return f'[[rule]]\ntitle = "mine"\nbinary = "{binary}"\n{outcome}\n'


async def test_a_rule_has_its_own_level() -> None:
    async with Stage(rules=rule("level_db = -20.0")) as stage:
        mine, other = stage.server.play(pid=1), stage.server.play(pid=2)
        guide, _ = stage.open()
        await activate(guide, "navigation_prompt")
        stage.clock.advance(1.0)
        assert (stage.factor(mine), stage.factor(other)) == (to_linear(-20.0), DUCKED)
        report = stage.engine.why("program1")
        assert report.sessions[0].holds[0].level_db == -20.0
        assert "program1 is lowered to -20 dB" in report.history[-1].text
        assert report.streams[0].tied_by == "rule mine"
        assert report.streams[0].rule_source == "/home/me/policy.toml:1"


async def test_a_rule_to_duck_lowers_where_others_are_paused() -> None:
    async with Stage(rules=rule('when_held = "duck"')) as stage:
        mine, other = stage.server.play(pid=1), stage.server.play(pid=2)
        stage.players.add(1, mine)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        stage.clock.advance(1.0)
        await asyncio.sleep(0)
        assert (stage.factor(mine), stage.factor(other)) == (DUCKED, 0.0)
        assert stage.players.calls == []
        (hold,) = stage.engine.why("program1").sessions[0].holds
        assert (hold.kind, hold.level_db, hold.how) == ("duck", -14.0, "level")
        await call.close()
        stage.clock.advance(1.0)
        assert set(stage.server.factors.values()) == {1.0}


async def test_a_rule_to_pause_pauses_where_others_are_lowered() -> None:
    async with Stage(rules=rule('when_held = "pause"')) as stage:
        mine, other = stage.server.play(pid=1), stage.server.play(pid=2)
        guide, _ = stage.open()
        await activate(guide, "navigation_prompt")
        stage.clock.advance(1.0)
        assert (stage.factor(mine), stage.factor(other)) == (0.0, DUCKED)


async def test_what_is_ignored_has_no_session_and_is_never_touched() -> None:
    async with Stage(rules=rule('when_held = "ignore"')) as stage:
        mine = stage.server.play(pid=1, media_role="a11y")
        other = stage.server.play(pid=2)
        guide, _ = stage.open()
        await activate(guide, "navigation_prompt")
        stage.clock.advance(1.0)
        assert (stage.factor(mine), stage.factor(other)) == (1.0, DUCKED)
        (report,) = stage.engine.why("program1").streams
        assert (report.session, report.tied_by) == ("", "rule mine")
        assert all(mine not in batch for batch in stage.server.batches)


@pytest.mark.parametrize("role", ["a11y", "phone", "alarm", "emergency", "event"])
async def test_what_may_not_hold_is_held_and_holds_nobody(role: str) -> None:
    async with Stage(rules=rule("holds = false")) as stage:
        mine = stage.server.play(pid=1, media_role=role)
        other = stage.server.play(pid=2)
        stage.clock.advance(10.0)
        assert stage.factor(other) == 1.0
        guide, _ = stage.open()
        await activate(guide, "navigation_prompt")
        stage.clock.advance(1.0)
        assert (stage.factor(mine), stage.factor(other)) == (DUCKED, DUCKED)


async def test_two_that_stop_each_other_do_so_once_where_nobody_is_made_silent() -> None:
    rules = rule('recipe = "music"', "program1") + rule('recipe = "music"', "program2")
    async with Stage(rules=rules, policy="web") as stage:
        stage.server.play(pid=1)
        second = stage.server.play(pid=2)
        stage.clock.advance(5.0)
        standings = [each.standing for each in stage.engine.status().sessions]
        assert standings == ["inactive", "active"]
        stage.server.end(second)
        (first,) = stage.server.streams
        stage.server.change(first, running=False)
        stage.server.change(first, running=True)
        assert [each.standing for each in stage.engine.status().sessions] == ["active"]


async def test_three_that_stop_each_other_do_not_take_turns_for_ever() -> None:
    rules = "".join(rule('recipe = "music"', f"program{number}") for number in (1, 2, 3))
    async with Stage(rules=rules) as stage:
        streams = []
        for pid in (1, 2, 3):
            streams.append(stage.server.play(pid=pid))
            stage.clock.advance(5.0)
        decided = stage.engine.decided
        stage.clock.advance(60.0)
        assert stage.engine.decided == decided
        assert [stage.factor(each) for each in streams] == [1.0, 0.0, 1.0]
        stage.server.change(streams[0], running=False)
        stage.clock.advance(10.0)
        stage.server.change(streams[0], running=True)
        stage.clock.advance(5.0)
        assert [stage.factor(each) for each in streams] == [1.0, 1.0, 0.0]


async def test_new_rules_count_for_streams_that_are_there() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=1)
        guide, _ = stage.open()
        await activate(guide, "navigation_prompt")
        stage.clock.advance(1.0)
        stage.engine.set_rules(RuleBook.of(parse_rules(rule("level_db = -6.0"), source="/u.toml")))
        stage.clock.advance(1.0)
        assert stage.factor(music) == to_linear(-6.0)
        stage.engine.set_rules(
            RuleBook.of(parse_rules(rule('when_held = "ignore"'), source="/u.toml"))
        )
        stage.clock.advance(1.0)
        assert stage.factor(music) == 1.0
        stage.engine.set_rules(RuleBook.of(), ["line 3: no"])
        stage.clock.advance(1.0)
        assert stage.factor(music) == DUCKED
        status = stage.engine.status()
        assert status.rule_errors == ("line 3: no",)
        assert len(status.sessions) == 2
        await guide.close()
        stage.clock.advance(1.0)
        assert stage.factor(music) == 1.0


async def test_another_policy_in_the_rules_is_said_to_wait() -> None:
    async with Stage() as stage:
        assert stage.engine.status().rule_errors == ()
        other = parse_rules('[policy]\nname = "apple"\n', source="/u.toml")
        stage.engine.set_rules(RuleBook.of(other))
        (problem,) = stage.engine.status().rule_errors
        assert "'apple'" in problem
        assert stage.engine.arbiter.policy == load_policy()


async def test_streams_of_one_app_share_a_session_and_never_press_on_each_other() -> None:
    flatpaks = {1: "org.example.Browser", 2: "org.example.Browser"}
    async with Stage(flatpaks=flatpaks) as stage:
        one, two = stage.server.play(pid=1), stage.server.play(pid=2)
        spoken = stage.server.play(pid=2, media_role="a11y")
        assert len(stage.engine.status().sessions) == 2
        stage.clock.advance(5.0)
        assert {stage.factor(each) for each in (one, two, spoken)} == {1.0}


async def test_a_stream_whose_role_changes_is_judged_anew() -> None:
    async with Stage() as stage:
        music, other = stage.server.play(pid=1), stage.server.play(pid=2)
        stage.server.change(other, properties={"media.role": "a11y"})
        stage.clock.advance(1.0)
        assert stage.factor(music) == DUCKED
        stage.server.change(other, properties={"media.role": "music"})
        stage.clock.advance(1.0)
        assert stage.factor(music) == 1.0
        assert len(stage.engine.status().sessions) == 2


async def test_a_token_that_comes_late_ties_the_stream() -> None:
    async with Stage() as stage:
        app, _ = stage.open("app", pid=100)
        await activate(app, "music")
        stream = stage.server.play(pid=1)
        stage.server.change(stream, properties={"audiosession.id": app.token})
        (report,) = stage.engine.status().streams
        assert (report.session, report.tied_by) == (app.id, "property")


# -- apps that have a session and ask for nothing ---------------------------------------------


async def test_what_sounds_for_a_session_that_asks_for_nothing_is_held_like_any_other() -> None:
    async with Stage() as stage:
        app, ear = stage.open("radio", pid=100)
        stream = stage.server.play(pid=1, audiosession_id=app.token)
        (report,) = stage.engine.status().streams
        assert (report.session, report.tied_by) != (app.id, "property")
        assert [each.app for each in stage.engine.status().sessions] == ["radio", "radio"]
        guide, _ = stage.open(pid=101)
        await activate(guide, "navigation_prompt")
        stage.clock.advance(1.0)
        assert stage.factor(stream) == DUCKED
        later = stage.server.play(pid=1, audiosession_id=app.token)
        assert stage.factor(later) == DUCKED
        await guide.close()
        stage.clock.advance(1.0)
        assert stage.factor(stream) == stage.factor(later) == 1.0
        assert ear.words == []
        stage.server.end(stream)
        stage.server.end(later)
        assert [each.id for each in stage.engine.status().sessions] == [app.id]


@pytest.mark.parametrize("role", ["a11y", "phone", "music"])
async def test_what_sounds_for_a_session_that_asks_for_nothing_holds_nobody(role: str) -> None:
    async with Stage() as stage:
        other = stage.server.play(pid=2)
        stage.open("radio", pid=100)
        stage.server.play(pid=100, media_role=role)
        stage.clock.advance(5.0)
        assert stage.factor(other) == 1.0


async def test_a_session_that_asks_has_its_streams_back_at_the_level_they_are_at() -> None:
    async with Stage() as stage:
        app, _ = stage.open("radio", pid=100)
        stream = stage.server.play(pid=100)
        guide, _ = stage.open(pid=101)
        await activate(guide, "navigation_prompt")
        stage.clock.advance(1.0)
        stage.server.batches.clear()
        await activate(app, "music")
        stage.clock.advance(1.0)
        (report,) = stage.engine.status().streams
        assert (report.session, report.tied_by) == (app.id, "process")
        assert [each.id for each in stage.engine.status().sessions] == [app.id, guide.id]
        await app.deactivate(notify_others=True)
        stage.clock.advance(1.0)
        assert stage.engine.status().streams[0].session != app.id
        # It stayed as low as it was all the while.
        assert {batch[stream] for batch in stage.server.batches} <= {DUCKED}
        await guide.close()
        stage.clock.advance(1.0)
        assert stage.factor(stream) == 1.0


async def test_a_stopped_session_keeps_its_streams_as_long_as_its_stopper_speaks() -> None:
    async with Stage() as stage:
        radio, ear = stage.open("radio", pid=100)
        await activate(radio, "music")
        stream = stage.server.play(pid=1, audiosession_id=radio.token)
        news, _ = stage.open("news", pid=101)
        await activate(news, "speech")
        stage.clock.advance(1.0)
        (report,) = stage.engine.status().streams
        assert (report.session, stage.factor(stream)) == (radio.id, 0.0)
        await news.close()
        stage.clock.advance(1.0)
        (report,) = stage.engine.status().streams
        assert report.session != radio.id
        assert stage.factor(stream) == 1.0
        call, _ = stage.open("phone", pid=102)
        await activate(call, "voice_call")
        stage.clock.advance(1.0)
        assert stage.factor(stream) == 0.0
        await call.close()
        stage.clock.advance(1.0)
        assert stage.factor(stream) == 1.0
        assert ear.words == ["lost", "begin unknown"]


async def test_what_was_lent_is_left_by_a_client_that_goes() -> None:
    async with Stage() as stage:
        stage.open("radio", pid=100)
        stream = stage.server.play(pid=100)
        stage.engine.client_gone(":radio")
        stage.clock.advance(2.0)
        (report,) = stage.engine.status().streams
        assert [each.id for each in stage.engine.status().sessions] == [report.session]
        stage.server.end(stream)
        assert stage.engine.status().sessions == ()


async def test_a_token_that_nobody_has_ties_nothing() -> None:
    async with Stage() as stage:
        stage.open("app", pid=100)
        stage.server.play(pid=1, audiosession_id="s1")
        assert stage.engine.status().streams[0].tied_by == "rule stream role"


async def test_who_merely_listens_is_listed_and_left_alone() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=1)
        stage.server.play(pid=2, direction=Direction.CAPTURE, media_role="phone")
        stage.clock.advance(5.0)
        assert stage.factor(music) == 1.0
        report = stage.engine.status().streams[1]
        assert (report.session, report.tied_by, report.direction) == ("", "nothing", "capture")


async def test_streams_without_a_process_are_apps_of_their_own() -> None:
    async with Stage() as stage:
        music = stage.server.play()
        stage.server.play(media_role="a11y")
        stage.clock.advance(1.0)
        assert stage.factor(music) == DUCKED


async def test_what_is_guessed_is_never_taken_for_said() -> None:
    book = RuleBook.of(parse_rules(rule('recipe = "music"\nholds = false'), source="/u.toml"))
    async with Stage() as stage:
        stage.server.play(pid=1)
        (known,) = stage.engine.streams.known.values()
        verdict = judge(book, known)
        assert not verdict.claim.declared
        assert (verdict.claim.role, verdict.claim.press) == (Role.MUSIC, Press.NONE)
