"""Players that we paused are written down, and the next service knows them for what they are."""

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import Message
from dbus_fast.aio import MessageBus

from audiosession.service.ledger import Ledger
from audiosession.service.mpris import PlaybackStatus, Players
from audiosession.service.mpris_wire import PREFIX
from tests.linux.player_kit import DEADLINE_S, FakePlayer, Heard, meets, only, private_bus, watching

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


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "players.ledger"


def written(file: Path) -> list[str]:
    """The players that whoever comes next finds in the file."""
    return [str(entry["name"]) for entry in Ledger(file).entries().values()]


def block(file: Path) -> None:
    """Has nothing be written there."""
    file.unlink(missing_ok=True)
    file.mkdir()


def free(file: Path) -> None:
    """It can be written again."""
    file.rmdir()


async def bus_says(bus: MessageBus, member: str, *body: str) -> Any:
    async with asyncio.timeout(DEADLINE_S):
        reply = await bus.call(
            Message(
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus",
                member=member,
                signature="s" * len(body),
                body=list(body),
            )
        )
    assert reply is not None
    return reply.body[0]


# -- while we live -----------------------------------------------------------------------------


async def test_a_player_is_written_down_before_it_is_asked_and_until_it_plays(
    bus_address: str, file: Path
) -> None:
    async with (
        FakePlayer().on(bus_address) as fake,
        watching(bus_address, ledger=Ledger(file)) as (players, heard),
    ):
        await heard.until(("fake", "added", None))
        assert written(file) == []
        fake.answers = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(players.pause(only(players)))
            await meets(lambda: bool(fake.waiting))
            bus_id = await bus_says(fake.bus, "GetId")
            assert Ledger(file).entries() == {
                f"mpris:{fake.bus.unique_name}": {"bus": bus_id, "name": fake.name}
            }
            fake.wake()
        await heard.until(("fake", "Paused", True))
        assert written(file) == [fake.name]
        assert await players.play(only(players))
        assert written(file) == []


@pytest.mark.parametrize("status", ["Playing", "Stopped"])
async def test_a_player_that_its_user_touches_is_forgotten(
    bus_address: str, file: Path, status: str
) -> None:
    async with (
        FakePlayer().on(bus_address) as fake,
        watching(bus_address, ledger=Ledger(file)) as (players, heard),
    ):
        assert await players.pause(only(players))
        fake.become(status)
        await heard.until(
            ("fake", "added", None), ("fake", "Paused", True), ("fake", status, False)
        )
        assert written(file) == []


async def test_a_player_that_goes_is_forgotten(bus_address: str, file: Path) -> None:
    async with watching(bus_address, ledger=Ledger(file)) as (players, heard):
        async with FakePlayer().on(bus_address):
            await heard.until(("fake", "added", None))
            assert await players.pause(only(players))
        await heard.until(("fake", "Paused", True), ("fake", "gone", None))
        assert written(file) == []


@pytest.mark.parametrize("how", ["refuses", "does nothing"])
async def test_a_player_that_is_not_paused_is_forgotten(
    bus_address: str, file: Path, how: str
) -> None:
    fake = FakePlayer()
    fake.refuses, fake.obeys = how == "refuses", False
    async with (
        fake.on(bus_address),
        watching(bus_address, ledger=Ledger(file), answer_s=0.5) as (players, _),
    ):
        assert not await players.pause(only(players))
        assert fake.calls == ["Pause"]
        assert written(file) == []


async def test_a_stuck_player_stays_written_down_as_long_as_it_may_pause(
    bus_address: str, file: Path
) -> None:
    async with (
        FakePlayer().on(bus_address) as fake,
        watching(bus_address, ledger=Ledger(file), answer_s=0.5) as (players, heard),
    ):
        fake.answers = asyncio.Event()
        assert not await players.pause(only(players))
        assert written(file) == [fake.name]
        fake.obeys = False
        fake.wake()
        await meets(lambda: written(file) == [])
        await heard.until(("fake", "added", None))


@pytest.mark.parametrize("before", [False, True])
async def test_what_is_paused_for_good_is_not_written_down(
    bus_address: str, file: Path, before: bool
) -> None:
    async with (
        FakePlayer().on(bus_address) as fake,
        watching(bus_address, ledger=Ledger(file)) as (players, _),
    ):
        if before:
            assert await players.pause(only(players))
            assert written(file) == [fake.name]
        assert await players.pause(only(players), for_good=True) is not before
        assert only(players).status is PlaybackStatus.PAUSED
        assert written(file) == []
        # The next time is another one.
        fake.become("Playing")
        await meets(lambda: only(players).status is PlaybackStatus.PLAYING)
        assert await players.pause(only(players))
        assert written(file) == [fake.name]


async def test_who_cannot_be_written_down_is_not_paused(
    bus_address: str, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        FakePlayer().on(bus_address) as fake,
        watching(bus_address, ledger=Ledger(file)) as (players, _),
    ):
        block(file)
        assert not await players.pause(only(players))
        assert fake.calls == []
        assert "silenced, not paused" in caplog.text
        free(file)
        assert await players.pause(only(players))
        # What cannot be struck out goes with the next that can.
        block(file)
        assert await players.play(only(players))
        assert "that are not paused by us" in caplog.text
        free(file)
        assert await players.pause(only(players))
        assert await players.play(only(players))
        assert written(file) == []


# -- after a crash -----------------------------------------------------------------------------


async def crash(address: str, file: Path) -> None:
    """A service pauses the player and is gone, without a word."""
    async with watching(address, ledger=Ledger(file)) as (players, _):
        assert await players.pause(only(players))
    assert written(file)


async def test_a_player_that_is_still_paused_is_ours(bus_address: str, file: Path) -> None:
    async with FakePlayer().on(bus_address) as fake:
        await crash(bus_address, file)
        async with watching(bus_address, ledger=Ledger(file)) as (players, heard):
            await heard.until(("fake", "added", None))
            assert players.paused_by_us(only(players))
            assert written(file) == [fake.name]
            assert await players.play(only(players))
            await heard.until(("fake", "Playing", True))
            assert written(file) == []
            assert not await players.play(only(players))
        assert fake.calls == ["Pause", "Play"]


@pytest.mark.parametrize("status", ["Playing", "Stopped"])
async def test_a_player_that_is_not_paused_any_more_is_not(
    bus_address: str, file: Path, status: str
) -> None:
    async with FakePlayer().on(bus_address) as fake:
        await crash(bus_address, file)
        fake.become(status)
        async with watching(bus_address, ledger=Ledger(file)) as (players, heard):
            await heard.until(("fake", "added", None))
            assert written(file) == []
            fake.become("Paused")
            await heard.until(("fake", "Paused", False))
            assert not await players.play(only(players))
        assert fake.calls == ["Pause"]


async def test_a_player_that_is_gone_is_forgotten(bus_address: str, file: Path) -> None:
    async with FakePlayer().on(bus_address):
        await crash(bus_address, file)
    async with (
        FakePlayer(status="Paused").on(bus_address),
        watching(bus_address, ledger=Ledger(file)) as (players, _),
    ):
        assert not players.paused_by_us(only(players))
        assert written(file) == []


async def test_another_buss_player_of_the_same_name_is_not_ours(
    bus_address: str, file: Path
) -> None:
    async with FakePlayer(status="Paused").on(bus_address) as fake:
        entry = {"bus": "0123456789abcdef0123456789abcdef", "name": fake.name}
        Ledger(file).put_all({f"mpris:{fake.bus.unique_name}": entry, "nonsense": {}})
        async with watching(bus_address, ledger=Ledger(file)) as (players, _):
            assert not players.paused_by_us(only(players))
            assert Ledger(file).entries() == {}
            assert not await players.play(only(players))
        assert fake.calls == []


async def test_a_player_that_says_late_that_it_is_paused_goes_on(
    bus_address: str, file: Path
) -> None:
    async with FakePlayer().on(bus_address) as fake:
        await crash(bus_address, file)
        fake.answers = asyncio.Event()
        async with watching(bus_address, ledger=Ledger(file), answer_s=0.5) as (players, heard):
            assert not players.paused_by_us(only(players))
            assert written(file) == [fake.name]
            fake.wake()
            fake.report(PlaybackStatus="Paused")
            await heard.until(
                ("fake", "added", None), ("fake", "Paused", True), ("fake", "Playing", True)
            )
            assert written(file) == []
        assert fake.calls == ["Pause", "Play"]


class Impatient(FakePlayer):
    """Its user presses a key while it is asked who it is."""

    pressed = False

    def _answer(self, message: Message) -> Message:
        if self.pressed and message.member == "GetAll" and message.body[0] == PREFIX:
            self.become("Playing")
        return super()._answer(message)


async def test_what_the_user_does_while_it_is_asked_who_it_is_counts(
    bus_address: str, file: Path
) -> None:
    fake = Impatient()
    async with fake.on(bus_address):
        await crash(bus_address, file)
        fake.pressed = True
        async with watching(bus_address, ledger=Ledger(file)) as (players, _):
            assert only(players).status is PlaybackStatus.PLAYING
            assert not players.paused_by_us(only(players))
            assert written(file) == []


# -- the end -----------------------------------------------------------------------------------


class Spied(MessageBus):
    """A connection that keeps what was asked over it."""

    asked: tuple[str, ...] = ()

    async def call(self, msg: Message) -> Message:
        self.asked = (*self.asked, msg.member or "")
        return await super().call(msg)


async def test_leaving_a_bus_that_hangs_waits_once(tmp_path: Path) -> None:
    with private_bus(tmp_path) as address:
        bus = Spied(address)
        await bus.connect()
        daemon = int(await bus_says(bus, "GetConnectionUnixProcessID", "org.freedesktop.DBus"))
        async with asyncio.TaskGroup() as tasks:
            ledger = Ledger(tmp_path / "players.ledger")
            players = Players(bus, Heard(), tasks=tasks, ledger=ledger, answer_s=DEADLINE_S)
            await players.start()
            os.kill(daemon, signal.SIGSTOP)
            try:
                closing = tasks.create_task(players.close())
                await meets(lambda: bus.asked.count("RemoveMatch") == bus.asked.count("AddMatch"))
                assert not closing.done()
            finally:
                os.kill(daemon, signal.SIGCONT)
            await closing
        bus.disconnect()
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
