"""What the engine says of itself: status, why, decisions, and what observers hear."""

from __future__ import annotations

import pytest

from audiosession import recipe
from audiosession.errors import UnknownNameError

from .fake_server import Eye, Stage, activate

MUSIC, PROMPT = 1, 100


async def test_why_knows_an_app_by_all_its_names() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC, application_name="mpv Media Player")
        stage.server.play(pid=2)
        guide, _ = stage.open()
        await activate(guide, "navigation_prompt")
        stage.clock.advance(1.0)
        session = stage.engine.status().sessions[0].id
        for name in (
            "mpv Media Player",
            "MPV media player",
            "program1",
            "1",
            session,
            "pipewire:1",
        ):
            report = stage.engine.why(name)
            assert [each.app for each in report.sessions] == ["mpv Media Player"], name
            assert [each.id for each in report.streams] == [f"pipewire:{music}"]
        (hold,) = report.sessions[0].holds
        assert (hold.kind, hold.level_db, hold.by_app, hold.how) == (
            "duck",
            -14.0,
            "guide",
            "level",
        )
        assert hold.since_s == 1.0
        texts = [each.text for each in report.history]
        assert any(
            text.startswith("mpv Media Player is lowered to -14 dB: guide ask")
            for text in "; ".join(texts).split("; ")
        )
        with pytest.raises(UnknownNameError) as error:
            stage.engine.why("mpw")
        assert "guide" in error.value.known
        assert len(stage.engine.why().sessions) == 3
        assert [each.holding for each in stage.engine.why("guide").sessions] == [("s1", "s2")]


async def test_decisions_are_bounded_and_have_words() -> None:
    async with Stage(keep=8) as stage:
        stage.server.play(pid=MUSIC, application_name="mpv")
        for _ in range(20):
            guide, _ = stage.open()
            await activate(guide, "navigation_prompt")
            await guide.close()
        decisions = stage.engine.decisions(100)
        assert len(decisions) == 8
        assert decisions[-1].number == stage.engine.decided
        assert "mpv is no longer held by guide" in decisions[-1].text
        assert all(each.text for each in decisions)
        assert [each.number for each in stage.engine.decisions(2)] == [
            stage.engine.decided - 1,
            stage.engine.decided,
        ]
        assert stage.engine.decisions(0) == ()


async def test_observers_hear_once_of_each_session_that_changed() -> None:
    async with Stage() as stage:
        eye = Eye()
        stage.engine.observe(eye)
        stage.server.play(pid=MUSIC)
        assert {"opened s1", "changed s1", "stream pipewire:1"} < set(eye.seen)
        guide, _ = stage.open()
        eye.seen.clear()
        await activate(guide, "navigation_prompt")
        assert sorted(eye.seen) == ["changed s1", "changed s2", f"decided {stage.engine.decided}"]
        eye.seen.clear()
        await guide.close()
        assert {"closed s2", "changed s1"} < set(eye.seen)
        assert "changed s2" not in eye.seen
        stage.server.end("1")
        assert {"ended pipewire:1", "closed s1"} < set(eye.seen)


async def test_observers_may_look_at_everything_at_any_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Looker(Eye):
        def __getattribute__(self, name: str) -> object:
            if name in ("decided", "session_changed", "session_closed", "stream_changed"):
                stage.engine.status()
                stage.engine.why()
            return super().__getattribute__(name)

    async with Stage() as stage:
        stage.engine.observe(Looker())
        stage.server.play(pid=MUSIC)
        guide, _ = stage.open()
        voice = stage.server.play(pid=PROMPT)
        await activate(guide, "voice_call")
        await guide.close()
        guide, _ = stage.open()
        await activate(guide, "navigation_prompt")
        stage.engine.client_gone(guide.client)
        stage.server.end(voice)
        stage.engine.reset()
        stage.server.die()
    assert caplog.text == ""


async def test_every_kind_of_decision_has_words() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC, application_name="mpv")
        player = stage.players.add(MUSIC, music)
        stage.players.user_pauses(player)
        stage.players.user_plays(player)
        app, _ = stage.open("app")
        await app.configure(recipe("music"))
        await activate(app, "music")
        await app.deactivate(notify_others=True)
        reader = stage.server.play(pid=2, media_role="a11y", application_name="orca")
        stage.server.end(reader)
        passer_by, _ = stage.open("passer-by")
        await passer_by.close()
        stage.engine.client_gone(app.client)
        texts = "\n".join(each.text for each in stage.engine.decisions(100))
        for words in (
            "mpv opens a session",
            "a stream of mpv sounds",
            "a stream of mpv is silent",
            "mpv is paused by its user or by itself",
            "mpv is started by its user or by itself",
            "app says what its audio is for",
            "mpv is stopped: app asked (",
            "mpv is active",
            "app gives up",
            "a stream of orca ends",
            "passer-by closes its session",
            "a client is gone",
        ):
            assert words in texts, words


async def test_endpoints_and_devices_are_listed() -> None:
    async with Stage() as stage:
        (report,) = stage.engine.endpoints()
        assert (report.id, report.server, report.default) == ("card:speaker", "pipewire", True)
        (device,) = stage.engine.devices()
        assert device.is_output
