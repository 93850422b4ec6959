"""A private bus, players on it that do what a test needs, and what is reported of them."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from audiosession.service.identity import ProcessIdentity, identify
from audiosession.service.ledger import Ledger
from audiosession.service.mpris import PlaybackStatus, Player, Players
from audiosession.service.mpris_wire import PATH, PLAYER, PREFIX

DEADLINE_S = 30.0


@contextmanager
def private_bus(folder: Path) -> Iterator[str]:
    """A bus with its socket in that folder; yields its address."""
    read, write = os.pipe()
    socket = folder / "socket"
    daemon = subprocess.Popen(
        [
            *("dbus-daemon", "--session", "--nofork", "--nopidfile"),
            *(f"--address=unix:path={socket}", f"--print-address={write}"),
        ],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as answer:
            address = answer.readline().strip()
        assert address, "the bus did not start"
        yield address
    finally:
        daemon.terminate()
        daemon.wait()


class Heard:
    """What was reported, in order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, bool | None]] = []
        self._changed = asyncio.Event()

    def _add(self, player: Player, what: str, ours: bool | None = None) -> None:
        self.events.append((player.bus_name.removeprefix(f"{PREFIX}."), what, ours))
        self._changed.set()

    def player_added(self, player: Player) -> None:
        self._add(player, "added")

    def status_changed(self, player: Player, status: PlaybackStatus, *, ours: bool) -> None:
        assert player.status is status
        self._add(player, status.value, ours)

    def player_gone(self, player: Player) -> None:
        self._add(player, "gone")

    async def until(self, *events: tuple[str, str, bool | None]) -> None:
        """Waits until these and no other events were reported, and forgets them."""
        async with asyncio.timeout(DEADLINE_S):
            while len(self.events) < len(events):
                self._changed.clear()
                await self._changed.wait()
        assert tuple(self.events) == events
        self.events.clear()


@asynccontextmanager
async def watching(
    address: str,
    *,
    answer_s: float = DEADLINE_S,
    ledger: Ledger | None = None,
    who: Callable[[int], ProcessIdentity | None] = identify,
) -> AsyncIterator[tuple[Players, Heard]]:
    """Players of a bus and what they report; with a ledger of their own where none is given."""
    if ledger is None:
        with TemporaryDirectory() as folder:
            own = Ledger(Path(folder) / "players.ledger")
            async with watching(address, answer_s=answer_s, ledger=own, who=who) as found:
                yield found
        return
    heard = Heard()
    bus = await MessageBus(address).connect()
    try:
        async with asyncio.TaskGroup() as tasks:
            players = Players(
                bus, heard, tasks=tasks, ledger=ledger, answer_s=answer_s, identify=who
            )
            await players.start()
            yield players, heard
            await players.close()
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


class FakePlayer:
    """A player that does what it is told, or what the test wants instead."""

    def __init__(self, name: str = "fake", *, status: str = "Playing") -> None:
        self.name = f"{PREFIX}.{name}"
        self.properties: dict[str, Any] = {"PlaybackStatus": status, "CanPause": True}
        self.root = {"Identity": "Fake", "DesktopEntry": "org.example.Fake"}
        self.calls: list[str] = []
        self.looks = 0
        self.obeys = True
        self.signals = True
        self.refuses = False
        self.answers: asyncio.Event | None = None
        self.waiting: list[Message] = []
        self.bus: MessageBus

    @asynccontextmanager
    async def on(self, address: str) -> AsyncIterator["FakePlayer"]:
        self.bus = await MessageBus(address).connect()
        self.bus.add_message_handler(self._handle)
        await self.bus.request_name(self.name)
        try:
            yield self
        finally:
            self.bus.disconnect()

    def _handle(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.path != PATH:
            return None
        if self.answers is not None and not self.answers.is_set():
            self.waiting.append(message)
            # Handled, and not answered yet.
            return True  # type: ignore[return-value]
        return self._answer(message)

    def wake(self) -> None:
        """Answers everything that was asked while it was stuck."""
        assert self.answers is not None
        self.answers.set()
        for message in self.waiting:
            self.bus.send(self._answer(message))
        self.waiting.clear()

    def _answer(self, message: Message) -> Message:
        if message.member == "GetAll":
            found = self.properties if message.body[0] == PLAYER else self.root
            values = {key: _variant(value) for key, value in found.items()}
            return Message.new_method_return(message, "a{sv}", [values])
        if message.member == "Get":
            self.looks += 1
            value = _variant(self.properties[message.body[1]])
            return Message.new_method_return(message, "v", [value])
        assert message.member in ("Pause", "Play")
        self.calls.append(message.member)
        if self.refuses:
            return Message.new_error(message, "org.example.No", "not now")
        if self.obeys:
            self.become("Paused" if message.member == "Pause" else "Playing")
        return Message.new_method_return(message)

    def become(self, status: str, *, signal: bool | None = None) -> None:
        """Changes its status, as a user would have it."""
        if self.properties["PlaybackStatus"] != status:
            self.properties["PlaybackStatus"] = status
            if self.signals if signal is None else signal:
                self.report(PlaybackStatus=status)

    def report(self, **values: Any) -> None:
        """Says that properties changed."""
        self.properties.update(values)
        changed = {key: _variant(value) for key, value in values.items()}
        self.bus.send(
            Message.new_signal(
                PATH,
                "org.freedesktop.DBus.Properties",
                "PropertiesChanged",
                "sa{sv}as",
                [PLAYER, changed, []],
            )
        )

    def invalidate(self) -> None:
        """Says that its status is another one now, and not which."""
        self.bus.send(
            Message.new_signal(
                PATH,
                "org.freedesktop.DBus.Properties",
                "PropertiesChanged",
                "sa{sv}as",
                [PLAYER, {}, ["PlaybackStatus"]],
            )
        )


def _variant(value: Any) -> Variant:
    return Variant("b" if isinstance(value, bool) else "s", value)


def only(players: Players) -> Player:
    (player,) = players
    return player


async def meets(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        # What is waited for is not reported to anybody.
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
