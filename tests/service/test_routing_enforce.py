"""What active sessions' routes make of profiles, ports and streams, and that it is undone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from audiosession.core.routing import RouteChangeReason, RoutePorts
from audiosession.service.ledger import Ledger

from .fake_server import activate
from .routing_kit import (
    BLUETOOTH,
    CALLING,
    CALLS,
    CALLS_MIC,
    CALLS_MIC_PORT,
    CALLS_PORT,
    HEADPHONES,
    HEADSET,
    IN,
    JOINED,
    MIC,
    MIC_PORT,
    MUSIC,
    PLAYS,
    SPEAKER,
    SPEAKER_PORT,
    USB,
    desk,
    turns,
)

_Reason = RouteChangeReason
HANDS_FREE = RoutePorts(inputs=(CALLS_MIC_PORT,), outputs=(CALLS_PORT,))


async def test_a_call_switches_the_headset_and_its_end_switches_it_back() -> None:
    async with desk(headset=True) as stage:
        session, guest = stage.guest(CALLING)
        playing = stage.server.play(pid=100, endpoint=MUSIC.id)
        recording = stage.server.play(pid=100, endpoint=MIC.id, direction=IN)
        await turns()
        assert stage.server.calls == []
        await activate(session, "voice_call")
        await turns()
        assert stage.server.profile() == "hfp"
        assert stage.server.where(playing) == CALLS.id
        assert stage.server.where(recording) == CALLS_MIC.id
        assert guest.changes == []
        assert guest.report.route == HANDS_FREE
        assert not stage.engine.idle
        await session.deactivate(notify_others=True)
        await turns()
        assert stage.server.profile() == "a2dp"
        assert stage.server.where(playing) == MUSIC.id
        assert stage.server.where(recording) == MIC.id
        assert guest.changes == []
        assert stage.server.did("set_profile") == [(HEADSET, "hfp"), (HEADSET, "a2dp")]
        await session.close()
        await turns()
        assert stage.engine.idle


async def test_the_switch_is_one_change_of_the_route_and_noisy_for_nobody() -> None:
    async with desk(headset=True) as stage:
        session, guest = stage.guest(PLAYS)
        player, ear = stage.open("player", pid=200)
        await activate(player, "music")
        await activate(session, "navigation_prompt")
        stage.engine.routing.request(session, CALLING)
        await turns()
        assert stage.server.profile() == "hfp"
        (change,) = guest.changes
        assert change.reason is _Reason.CATEGORY_CHANGE
        assert change.current == HANDS_FREE
        stage.engine.routing.request(session, PLAYS)
        await turns()
        assert stage.server.profile() == "a2dp"
        assert [each.reason for each in guest.changes] == [_Reason.CATEGORY_CHANGE] * 2
        assert "noisy" not in ear.words + guest.words
        stage.clock.advance(5.0)
        stage.server.lose_headset()
        assert "noisy" in ear.words
        assert guest.changes[-1].reason is _Reason.OLD_DEVICE_UNAVAILABLE


async def test_a_headset_that_really_goes_during_the_switch_is_noisy() -> None:
    async with desk(headset=True) as stage:
        session, guest = stage.guest(CALLING)
        await activate(session, "voice_call")
        stage.server.answers = asyncio.Event()
        await turns()
        stage.server.lose_headset()
        assert guest.changes[-1].reason is _Reason.OLD_DEVICE_UNAVAILABLE
        assert "noisy" in guest.words
        stage.server.answers.set()
        await turns()
        assert stage.engine.routing.busy is False
        stage.clock.advance(5.0)
        stage.server.connect_headset()
        await turns()
        assert stage.server.profile() == "hfp"


async def test_streams_of_others_go_along_and_come_back() -> None:
    async with desk(headset=True) as stage:
        other = stage.server.play(pid=7, endpoint=MUSIC.id)
        elsewhere = stage.server.play(pid=8, endpoint=SPEAKER.id)
        session, _ = stage.guest(CALLING)
        await activate(session, "voice_call")
        await turns()
        assert stage.server.where(other) == CALLS.id
        await session.close()
        await turns()
        assert stage.server.where(other) == MUSIC.id
        assert stage.server.where(elsewhere) == SPEAKER.id
        assert not [call for call in stage.server.did("move") if call[0] == elsewhere]
        assert not stage.engine.routing.busy


async def test_a_stream_that_the_user_moved_meanwhile_stays_there() -> None:
    async with desk(headset=True) as stage:
        stage.server.show_endpoints(*stage.server.endpoints, USB)
        stage.server.choose(USB.id)
        stage.server.choose(MUSIC.id)
        other = stage.server.play(pid=7, endpoint=MUSIC.id)
        session, _ = stage.guest(CALLING)
        playing = stage.server.play(pid=100, endpoint=MUSIC.id)
        await activate(session, "voice_call")
        await turns()
        stage.clock.advance(2.0)
        await turns()
        stage.server.user_moves(other, USB.id)
        stage.server.user_moves(playing, USB.id)
        await turns()
        assert stage.server.where(playing) == USB.id
        await session.close()
        await turns()
        assert stage.server.where(other) == USB.id
        assert stage.server.where(playing) == USB.id
        assert stage.server.profile() == "a2dp"


async def test_the_users_profile_stays_and_the_route_follows() -> None:
    async with desk(headset=True) as stage:
        session, guest = stage.guest(CALLING)
        await activate(session, "voice_call")
        await turns()
        stage.clock.advance(2.0)
        stage.server.show_profile(HEADSET, "a2dp")
        await turns()
        assert stage.server.profile() == "a2dp"
        assert guest.report.route == RoutePorts(inputs=(MIC_PORT,), outputs=(SPEAKER_PORT,))
        assert guest.changes[-1].reason is _Reason.OLD_DEVICE_UNAVAILABLE
        assert stage.server.did("set_profile") == [(HEADSET, "hfp")]
        await session.deactivate(notify_others=True)
        await turns()
        assert guest.report.route == HANDS_FREE
        assert not stage.engine.routing.busy
        await activate(session, "voice_call")
        await turns()
        assert stage.server.profile() == "hfp"


async def test_a_card_that_would_not_switch_is_out_until_it_differs() -> None:
    async with desk(headset=True) as stage:
        stage.server.refuses = True
        session, guest = stage.guest(CALLING)
        await activate(session, "voice_call")
        await turns()
        assert stage.server.did("set_profile") == [(HEADSET, "hfp")]
        assert guest.report.route == RoutePorts(inputs=(MIC_PORT,), outputs=(SPEAKER_PORT,))
        assert CALLS_PORT not in {each.port.id for each in guest.report.ports}
        await session.deactivate(notify_others=True)
        await activate(session, "voice_call")
        await turns()
        assert len(stage.server.did("set_profile")) == 1
        stage.server.refuses = False
        stage.server.show_cards(
            *(replace(c, text="Renamed") if c.id == HEADSET else c for c in stage.server.cards)
        )
        await turns()
        assert stage.server.profile() == "hfp"
        assert guest.report.route == HANDS_FREE


async def test_a_card_that_says_yes_and_does_nothing_is_out_too() -> None:
    async with desk(headset=True) as stage:
        stage.server.obeys = False
        session, guest = stage.guest(CALLING)
        await activate(session, "voice_call")
        await turns()
        assert guest.report.route == HANDS_FREE
        stage.clock.advance(2.0)
        await turns()
        assert guest.report.route == RoutePorts(inputs=(MIC_PORT,), outputs=(SPEAKER_PORT,))
        assert len(stage.server.did("set_profile")) == 1
        assert not stage.engine.routing.busy


async def test_the_last_to_become_active_has_its_way_with_a_card() -> None:
    async with desk(headset=True) as stage:
        caller, _ = stage.guest(CALLING, app="caller", pid=100)
        player, _ = stage.guest(PLAYS, app="player", pid=200)
        await activate(caller, "voice_call")
        await turns()
        assert stage.server.profile() == "hfp"
        await activate(player, "navigation_prompt")
        await turns()
        assert stage.server.profile() == "a2dp"
        await player.deactivate(notify_others=True)
        await turns()
        assert stage.server.profile() == "hfp"
        await caller.close()
        await turns()
        assert stage.server.profile() == "a2dp"
        assert not stage.engine.routing.busy


async def test_a_client_that_dies_leaves_nothing_switched() -> None:
    async with desk(headset=True) as stage:
        session, _ = stage.guest(CALLING)
        await activate(session, "voice_call")
        await turns()
        stage.engine.client_gone(":guide")
        await turns()
        assert stage.server.profile() == "a2dp"
        assert not stage.engine.routing.busy


async def test_reset_and_the_end_of_the_service_put_everything_back() -> None:
    async with desk(headset=True) as stage:
        session, _ = stage.guest(CALLING)
        playing = stage.server.play(pid=100, endpoint=MUSIC.id)
        await activate(session, "voice_call")
        await turns()
        stage.engine.reset()
        await turns()
        assert stage.server.profile() == "a2dp"
        await activate(session, "voice_call")
        await turns()
        assert stage.server.profile() == "hfp"
        assert stage.server.where(playing) == CALLS.id
    assert stage.server.profile() == "a2dp"
    assert stage.server.where(playing) == MUSIC.id


async def test_an_interruption_gives_the_headset_back_for_its_time() -> None:
    async with desk(headset=True) as stage:
        session, _ = stage.guest(CALLING)
        await activate(session, "music")
        await turns()
        assert stage.server.profile() == "hfp"
        phone, _ = stage.open("phone", pid=300)
        await activate(phone, "voice_call")
        await turns()
        assert stage.server.profile() == "a2dp"
        await phone.close()
        await turns()
        assert stage.server.profile() == "hfp"


async def test_an_override_turns_the_sink_to_the_loudspeaker_and_back() -> None:
    async with desk() as stage:
        stage.server.plug_headphones(True)
        session, guest = stage.guest(JOINED)
        await activate(session, "voice_call")
        stage.engine.routing.override(session, True)
        await turns()
        assert stage.server.did("set_port") == [(SPEAKER.id,)]
        assert guest.report.route.outputs == (SPEAKER_PORT,)
        assert "noisy" not in guest.words
        stage.clock.advance(2.0)
        await turns()
        assert guest.report.overridden
        stage.engine.routing.override(session, False)
        await turns()
        assert stage.server.did("set_port") == [(SPEAKER.id,), (HEADPHONES.id,)]
        assert not stage.engine.routing.busy


async def test_a_port_that_the_user_chose_meanwhile_stays() -> None:
    async with desk() as stage:
        stage.server.plug_headphones(True)
        session, _ = stage.guest(JOINED)
        await activate(session, "voice_call")
        stage.engine.routing.override(session, True)
        await turns()
        stage.clock.advance(2.0)
        stage.server.show_port(HEADPHONES.id)
        await turns()
        assert stage.server.did("set_port") == [(SPEAKER.id,)]
        await session.close()
        await turns()
        assert stage.server.did("set_port") == [(SPEAKER.id,)]
        assert not stage.engine.routing.busy


async def test_streams_that_are_where_the_route_is_are_left_alone() -> None:
    async with desk() as stage:
        session, _ = stage.guest(JOINED)
        stage.server.play(pid=100, endpoint=SPEAKER.id)
        nowhere = stage.server.play(pid=100, endpoint="")
        await activate(session, "voice_call")
        await turns()
        assert stage.server.calls == []
        stage.server.show_endpoints(*stage.server.endpoints, USB)
        await turns()
        assert nowhere not in [call[0] for call in stage.server.did("move")]
        stage.server.change(nowhere, endpoint=SPEAKER.id)
        await turns()
        assert stage.server.where(nowhere) == USB.id


async def test_a_stream_that_may_not_be_moved_is_asked_once() -> None:
    async with desk() as stage:
        stage.server.show_endpoints(*stage.server.endpoints, USB)
        session, _ = stage.guest()
        stream = stage.server.play(pid=100, endpoint=SPEAKER.id)
        stage.server.refuses = True
        await activate(session, "music")
        await turns()
        stage.server.change(stream, volumes=(0.5,))
        await turns()
        assert stage.server.did("move") == [(stream, USB.id)]
        assert not stage.engine.routing.busy


async def test_an_inactive_session_moves_nothing() -> None:
    async with desk() as stage:
        session, _ = stage.guest()
        stage.server.show_endpoints(*stage.server.endpoints, USB)
        stream = stage.server.play(pid=100, endpoint=SPEAKER.id)
        await turns()
        assert stage.server.calls == []
        await activate(session, "music")
        await turns()
        assert stage.server.where(stream) == USB.id
        await session.deactivate(notify_others=True)
        await turns()
        assert stage.server.where(stream) == SPEAKER.id
        assert not stage.engine.routing.busy


async def test_what_changes_during_a_command_counts() -> None:
    async with desk(headset=True) as stage:
        session, _ = stage.guest(CALLING)
        stage.server.answers = asyncio.Event()
        await activate(session, "voice_call")
        await turns()
        assert stage.server.did("set_profile") == [(HEADSET, "hfp")]
        await session.deactivate(notify_others=True)
        await turns()
        stage.server.answers.set()
        await turns()
        assert stage.server.profile() == "a2dp"
        assert stage.server.did("set_profile") == [(HEADSET, "hfp"), (HEADSET, "a2dp")]


async def test_the_profile_that_has_both_ways_is_chosen() -> None:
    async with desk() as stage:
        one_way = replace(
            BLUETOOTH,
            profiles=(*BLUETOOTH.profiles, replace(BLUETOOTH.profiles[0], name="hfp-out")),
            ports=(
                BLUETOOTH.ports[0],
                replace(BLUETOOTH.ports[1], profiles=("hfp-out", "hfp")),
                BLUETOOTH.ports[2],
            ),
        )
        stage.server.show_cards(*stage.server.cards, one_way)
        stage.server.show_endpoints(*stage.server.endpoints, MUSIC)
        session, _ = stage.guest(CALLING)
        await activate(session, "voice_call")
        await turns()
        assert stage.server.did("set_profile") == [(HEADSET, "hfp")]


async def test_a_port_that_has_yet_to_be_named_is_no_new_one() -> None:
    async with desk(headset=True) as stage:
        session, guest = stage.guest(CALLING)
        nameless = replace(CALLS_MIC, id="bt.hfp.source", port="", default=True)
        stage.server.by_profile[HEADSET, "hfp"] = (CALLS, nameless)
        await activate(session, "voice_call")
        await turns()
        assert stage.server.profile() == "hfp"
        assert guest.changes == []
        stage.server.show_endpoints(
            *(e for e in stage.server.endpoints if e != nameless), CALLS_MIC
        )
        await turns()
        assert guest.changes == []
        assert guest.report.route == HANDS_FREE


async def test_a_connection_that_is_lost_forgets_nothing_and_retries_nothing() -> None:
    async with desk(headset=True) as stage:
        session, guest = stage.guest(CALLING)
        stage.server.down = True
        await activate(session, "voice_call")
        await turns()
        assert stage.server.did("set_profile") == [(HEADSET, "hfp")]
        assert guest.report.route == HANDS_FREE
        stage.server.die()
        stage.server.live()
        await turns()
        assert stage.server.profile() == "hfp"


async def test_a_server_that_is_lost_while_it_gives_back_does_so_later(tmp_path: Path) -> None:
    path = tmp_path / "routes.ledger"
    async with desk(headset=True, ledger=path) as stage:
        session, _ = stage.guest(CALLING)
        playing = stage.server.play(pid=7, endpoint=MUSIC.id)
        await activate(session, "voice_call")
        await turns()
        stage.server.down = True
        await session.deactivate(notify_others=True)
        await turns()
        assert f"profile:pipewire:{HEADSET}" in Ledger(path).entries()
        stage.server.down = False
        stage.server.link.server_up()
        await turns()
        assert stage.server.profile() == "a2dp"
        assert stage.server.where(playing) == MUSIC.id
        assert Ledger(path).entries() == {}


async def test_a_stream_that_followed_the_default_follows_the_one_of_today() -> None:
    async with desk(headset=True) as stage:
        stage.server.choose(SPEAKER.id)
        session, _ = stage.guest()
        following = stage.server.play(pid=100, endpoint=SPEAKER.id)
        fixed = stage.server.play(pid=100, endpoint=MUSIC.id)
        stage.server.show_endpoints(*stage.server.endpoints, USB)
        await activate(session, "music")
        await turns()
        assert stage.server.where(following) == stage.server.where(fixed) == USB.id
        stage.clock.advance(2.0)
        stage.server.choose(MUSIC.id)
        stage.server.choose(USB.id)
        await turns()
        await session.close()
        await turns()
        assert stage.server.did("move")[-2:] == [(following, None), (fixed, MUSIC.id)]


async def test_a_card_is_not_switched_without_end() -> None:
    async with desk(headset=True) as stage:
        session, _ = stage.guest(CALLING)
        for _ in range(40):
            await activate(session, "voice_call")
            await turns()
            await session.deactivate(notify_others=True)
            await turns()
        assert len(stage.server.did("set_profile")) == 8
        assert stage.server.profile() == "a2dp"
        await activate(session, "voice_call")
        await turns()
        assert stage.server.profile() == "a2dp"
        stage.clock.advance(2.0)
        await turns()
        assert stage.server.profile() == "hfp"
