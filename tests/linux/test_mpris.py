"""Players on a real bus: small ones that do what a test needs, and mpv."""

import asyncio
import logging
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dbus_fast import Message
from dbus_fast.aio import MessageBus

from audiosession.service import mpris
from audiosession.service.identity import ProcessIdentity, identify
from audiosession.service.mpris import PlaybackStatus, Player
from audiosession.service.mpris_wire import PATH, PLAYER, PREFIX
from tests.linux.player_kit import FakePlayer, meets, only, private_bus, watching

MUSIC = Path(mpris.__file__).parents[1] / "scenario" / "demo" / "music.ogg"
MPV_MPRIS = Path("/usr/lib/mpv-mpris/mpris.so")

PLAYING, PAUSED, STOPPED = (
    PlaybackStatus.PLAYING,
    PlaybackStatus.PAUSED,
    PlaybackStatus.STOPPED,
)

pytestmark = [
    pytest.mark.skipif(
        not os.environ.get("CI") and shutil.which("dbus-daemon") is None,
        reason="dbus-daemon is not installed",
    ),
    pytest.mark.timeout(120),
]


@pytest.fixture(scope="module")
def bus_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a bus of this module's own."""
    with private_bus(tmp_path_factory.mktemp("bus")) as address:
        yield address


async def test_players_that_are_there_and_that_come_later(bus_address: str) -> None:
    async with (
        FakePlayer("early").on(bus_address) as early,
        watching(bus_address) as (players, heard),
    ):
        await heard.until(("early", "added", None))
        player = only(players)
        assert player.owner == early.bus.unique_name
        assert player.pid == os.getpid()
        assert player.process == identify(os.getpid())
        assert (player.identity, player.desktop_entry) == ("Fake", "org.example.Fake")
        assert player.names == (f"{PREFIX}.early", "early", "Fake")
        assert (player.status, player.can_pause) == (PLAYING, True)
        async with FakePlayer("late", status="Paused").on(bus_address):
            await heard.until(("late", "added", None))
            assert {each.status for each in players} == {PLAYING, PAUSED}
        await heard.until(("late", "gone", None))
        assert only(players) == player


async def test_our_pause_and_play_are_told_from_the_users(bus_address: str) -> None:
    async with FakePlayer().on(bus_address) as fake, watching(bus_address) as (players, heard):
        await heard.until(("fake", "added", None))
        player = only(players)
        assert await players.pause(player)
        await heard.until(("fake", "Paused", True))
        assert players.paused_by_us(player)
        assert await players.play(player)
        await heard.until(("fake", "Playing", True))
        assert not players.paused_by_us(player)
        fake.become("Paused")
        await heard.until(("fake", "Paused", False))
        assert not await players.play(player)
        fake.become("Playing")
        await heard.until(("fake", "Playing", False))
        assert fake.calls == ["Pause", "Play"]


async def test_what_the_user_touched_during_a_hold_is_left_alone(bus_address: str) -> None:
    async with FakePlayer().on(bus_address) as fake, watching(bus_address) as (players, heard):
        player = only(players)
        assert await players.pause(player)
        fake.become("Playing")
        fake.become("Paused")
        await heard.until(
            ("fake", "added", None),
            ("fake", "Paused", True),
            ("fake", "Playing", False),
            ("fake", "Paused", False),
        )
        assert not await players.play(player)
        assert fake.calls == ["Pause"]


@pytest.mark.parametrize("status", ["Paused", "Stopped"])
async def test_who_does_not_play_is_neither_paused_nor_played(
    bus_address: str, status: str
) -> None:
    async with (
        FakePlayer(status=status).on(bus_address) as fake,
        watching(bus_address) as (players, _),
    ):
        assert not await players.pause(only(players))
        assert not await players.play(only(players))
        assert fake.calls == []


async def test_a_player_that_cannot_pause_is_not_asked_until_it_can(bus_address: str) -> None:
    fake = FakePlayer()
    fake.properties["CanPause"] = False
    async with fake.on(bus_address), watching(bus_address) as (players, _):
        assert not only(players).can_pause
        assert not await players.pause(only(players))
        assert fake.calls == []
        fake.report(CanPause=True)
        await meets(lambda: only(players).can_pause)
        assert await players.pause(only(players))


async def test_a_player_that_reports_no_change_is_asked(bus_address: str) -> None:
    fake = FakePlayer()
    fake.signals = False
    async with fake.on(bus_address), watching(bus_address) as (players, heard):
        assert await players.pause(only(players))
        assert await players.play(only(players))
        await heard.until(
            ("fake", "added", None), ("fake", "Paused", True), ("fake", "Playing", True)
        )
        fake.become("Paused")
        fake.invalidate()
        await heard.until(("fake", "Paused", False))


async def test_a_player_that_stops_when_told_to_pause_is_not_started(bus_address: str) -> None:
    fake = FakePlayer()
    fake.obeys = False
    async with fake.on(bus_address), watching(bus_address) as (players, heard):
        async with asyncio.TaskGroup() as group:
            pausing = group.create_task(players.pause(only(players)))
            await meets(lambda: fake.calls == ["Pause"])
            fake.become("Stopped")
        assert not pausing.result()
        await heard.until(("fake", "added", None), ("fake", "Stopped", False))
        assert not await players.play(only(players))


async def test_a_player_that_refuses(bus_address: str, caplog: pytest.LogCaptureFixture) -> None:
    fake = FakePlayer()
    fake.refuses = True
    async with fake.on(bus_address), watching(bus_address) as (players, heard):
        assert not await players.pause(only(players))
        assert not await players.pause(only(players))
        fake.become("Paused")
        await heard.until(("fake", "added", None), ("fake", "Paused", False))
    assert caplog.text.count("org.example.No not now") == 1


async def test_a_player_that_answers_and_does_nothing(
    bus_address: str, caplog: pytest.LogCaptureFixture
) -> None:
    fake = FakePlayer()
    fake.obeys = False
    async with fake.on(bus_address), watching(bus_address, answer_s=0.5) as (players, heard):
        assert not await players.pause(only(players))
        assert not only(players).can_pause
        assert not await players.pause(only(players))
        assert fake.calls == ["Pause"]
        # Whatever comes now is the user's doing: the request was dealt with.
        fake.become("Paused")
        await heard.until(("fake", "added", None), ("fake", "Paused", False))
        assert only(players).can_pause
    assert caplog.text.count("did not pause within") == 1


async def test_a_stuck_player_that_pauses_late_is_ours_and_let_go_on(
    bus_address: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        FakePlayer().on(bus_address) as fake,
        watching(bus_address, answer_s=0.5) as (players, heard),
    ):
        fake.answers = asyncio.Event()
        assert not await players.pause(only(players))
        assert not await players.pause(only(players))
        assert not await players.play(only(players))
        fake.wake()
        await heard.until(
            ("fake", "added", None), ("fake", "Paused", True), ("fake", "Playing", True)
        )
        assert fake.calls == ["Pause", "Play"]
        assert caplog.text.count("did not pause within") == 1


async def test_a_stuck_player_that_forgets_our_pause_is_not_ours_any_more(
    bus_address: str,
) -> None:
    async with (
        FakePlayer().on(bus_address) as fake,
        watching(bus_address, answer_s=0.5) as (players, heard),
    ):
        fake.answers = asyncio.Event()
        fake.obeys = False
        assert not await players.pause(only(players))
        fake.wake()
        await meets(lambda: fake.calls == ["Pause"])
        # It is asked once more what it does, and then nothing is expected of it.
        await meets(lambda: fake.looks == 1)
        await meets(lambda: only(players).can_pause)
        fake.report(CanPause=False)
        await meets(lambda: not only(players).can_pause)
        fake.become("Paused")
        await heard.until(("fake", "added", None), ("fake", "Paused", False))


async def test_a_cancelled_pause_can_still_be_taken_back(bus_address: str) -> None:
    async with FakePlayer().on(bus_address) as fake, watching(bus_address) as (players, heard):
        fake.answers = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            pausing = group.create_task(players.pause(only(players)))
            await meets(lambda: bool(fake.waiting))
            pausing.cancel()
        assert not await players.play(only(players))
        fake.wake()
        await heard.until(
            ("fake", "added", None), ("fake", "Paused", True), ("fake", "Playing", True)
        )


async def test_a_player_that_never_says_who_it_is(
    bus_address: str, caplog: pytest.LogCaptureFixture
) -> None:
    fake = FakePlayer()
    fake.answers = asyncio.Event()
    async with fake.on(bus_address), watching(bus_address, answer_s=0.5) as (players, heard):
        await heard.until(("fake", "added", None))
        assert (only(players).status, only(players).can_pause) == (STOPPED, False)
        assert not await players.pause(only(players))
    assert caplog.text.count("does not say what it does") == 1


async def test_a_player_that_says_late_who_it_is_can_be_paused(bus_address: str) -> None:
    fake = FakePlayer()
    fake.answers = asyncio.Event()
    async with fake.on(bus_address), watching(bus_address, answer_s=0.5) as (players, heard):
        await heard.until(("fake", "added", None))
        mute = only(players)
        fake.wake()
        await heard.until(("fake", "gone", None), ("fake", "added", None))
        found = only(players)
        assert (found.status, found.can_pause, found.identity) == (PLAYING, True, "Fake")
        assert (found.owner, found.pid) == (mute.owner, mute.pid)
        assert await players.pause(found)
        await heard.until(("fake", "Paused", True))


async def test_a_player_that_is_heard_of_before_it_answers_is_told_of_once(
    bus_address: str,
) -> None:
    fake = FakePlayer()
    fake.answers = asyncio.Event()
    async with fake.on(bus_address), watching(bus_address, answer_s=0.5) as (players, heard):
        await heard.until(("fake", "added", None))
        fake.become("Paused")
        await heard.until(("fake", "Paused", False))
        fake.wake()
        await meets(lambda: only(players).identity == "Fake")
        assert not heard.events
        assert only(players).can_pause


async def test_a_player_that_goes_while_it_is_asked(
    bus_address: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with watching(bus_address) as (players, heard):
        async with FakePlayer().on(bus_address) as fake:
            await heard.until(("fake", "added", None))
            player = only(players)
            fake.answers = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                pausing = group.create_task(players.pause(player))
                await meets(lambda: bool(fake.waiting))
                fake.bus.disconnect()
            assert not pausing.result()
        await heard.until(("fake", "gone", None))
        assert players.now(player) is None
        assert not await players.pause(player)
        assert not await players.play(player)
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


async def test_two_names_of_one_player_are_one_player(bus_address: str) -> None:
    async with (
        FakePlayer("vlc").on(bus_address) as fake,
        watching(bus_address) as (players, heard),
    ):
        await heard.until(("vlc", "added", None))
        await fake.bus.request_name(f"{PREFIX}.vlc.instance7")
        fake.become("Paused")
        await heard.until(("vlc", "Paused", False))
        await fake.bus.release_name(f"{PREFIX}.vlc")
        fake.become("Playing")
        await heard.until(("vlc", "Playing", False))
        await fake.bus.release_name(f"{PREFIX}.vlc.instance7")
        await heard.until(("vlc", "gone", None))
        assert not list(players)


async def test_a_signal_in_anothers_name_is_passed_over(bus_address: str) -> None:
    async with (
        FakePlayer("real").on(bus_address) as real,
        FakePlayer("liar").on(bus_address) as liar,
        watching(bus_address) as (players, heard),
    ):
        await heard.until(*sorted(heard.events))
        stranger = await MessageBus(bus_address).connect()
        liar.bus, own = stranger, liar.bus
        liar.report(PlaybackStatus="Paused")
        await liar.bus.call(_ping())
        liar.bus = own
        stranger.disconnect()
        real.become("Stopped")
        await heard.until(("real", "Stopped", False))
        assert {each.status for each in players} == {PLAYING, STOPPED}


def _ping() -> Message:
    return Message(
        destination="org.freedesktop.DBus",
        path="/org/freedesktop/DBus",
        interface="org.freedesktop.DBus.Peer",
        member="Ping",
    )


async def test_a_mirror_of_other_players_is_none(bus_address: str) -> None:
    async with (
        FakePlayer("playerctld").on(bus_address),
        FakePlayer("real").on(bus_address),
        watching(bus_address) as (_, heard),
    ):
        await heard.until(("real", "added", None))


async def test_there_is_a_limit(bus_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mpris, "MAX_PLAYERS", 1)
    async with (
        FakePlayer("one").on(bus_address),
        FakePlayer("two").on(bus_address),
        watching(bus_address) as (players, _),
    ):
        assert len(list(players)) == 1


def process(pid: int, *ancestors: int, app: str = "", instance: str = "") -> ProcessIdentity:
    return ProcessIdentity(
        pid=pid,
        start_time=1,
        binary="x",
        ancestors=ancestors,
        flatpak_app=app,
        flatpak_instance=instance,
    )


async def test_whose_sound_it_is(bus_address: str) -> None:
    # The bus knows a sandboxed player by its proxy, which has the same Flatpak instance.
    def who(pid: int) -> ProcessIdentity:
        return process(pid, app="org.example.App", instance="42")

    async with (
        FakePlayer("idle", status="Paused").on(bus_address),
        FakePlayer("busy").on(bus_address),
        watching(bus_address, who=who) as (players, _),
    ):
        busy = next(each for each in players if each.status is PLAYING)
        here, elsewhere = os.getpid(), 4_000_000
        assert players.player_for(process(here)) == busy
        assert players.player_for(process(elsewhere, 4_000_001, here, 1)) == busy
        assert players.player_for(process(elsewhere, instance="42")) == busy
        assert players.player_for(process(elsewhere, app="org.example.App")) == busy
        assert players.player_for(process(elsewhere, app="org.example.Other")) is None
        assert players.player_for(process(elsewhere, 4_000_001, 1)) is None


# ---- mpv ---------------------------------------------------------------------------------------


@contextmanager
def mpv(address: str, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    running = subprocess.Popen(
        [
            *("mpv", "--no-config", "--no-video", "--no-terminal", "--ao=null", "--loop=inf"),
            *(f"--script={MPV_MPRIS}", str(MUSIC)),
        ],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "DBUS_SESSION_BUS_ADDRESS": address,
        },
        stdin=subprocess.DEVNULL,
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


@pytest.mark.skipif(
    not os.environ.get("CI") and (shutil.which("mpv") is None or not MPV_MPRIS.exists()),
    reason="mpv or mpv-mpris is not installed",
)
async def test_mpv_is_paused_resumed_and_told_from_its_user(
    bus_address: str, tmp_path: Path
) -> None:
    with mpv(bus_address, tmp_path) as running:
        async with watching(bus_address) as (players, heard):
            await meets(lambda: any(each.status is PLAYING for each in players))
            player = only(players)
            assert player.pid == running.pid
            mine = identify(running.pid)
            assert mine is not None
            assert players.player_for(mine) == player
            assert player.identity == "mpv"
            heard.events.clear()
            name = player.bus_name.removeprefix(f"{PREFIX}.")

            assert await players.pause(player)
            await heard.until((name, "Paused", True))
            assert await players.play(player)
            await heard.until((name, "Playing", True))

            user = await MessageBus(bus_address).connect()
            try:
                await user.call(_as_user(player, "Pause"))
                await heard.until((name, "Paused", False))
                assert not await players.play(player)
                await user.call(_as_user(player, "PlayPause"))
                await heard.until((name, "Playing", False))
                assert await players.pause(player)
                await user.call(_as_user(player, "Play"))
                await heard.until((name, "Paused", True), (name, "Playing", False))
                assert not await players.play(player)
            finally:
                user.disconnect()

            assert await players.pause(player)
            heard.events.clear()
            running.kill()
            await heard.until((name, "gone", None))
            assert not await players.play(player)


def _as_user(player: Player, member: str) -> Message:
    return Message(destination=player.bus_name, path=PATH, interface=PLAYER, member=member)
