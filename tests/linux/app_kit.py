"""Apps in processes of their own, and what a user's media keys do to a player.

For :mod:`tests.linux.service_kit`, which starts them.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from tests.linux.rig import DEADLINE_S, RigError, SoundRig

Known = Callable[[], Awaitable[dict[str, Any]]]

_MPRIS = "/org/mpris/MediaPlayer2"
_MPRIS_PLAYER = "org.mpris.MediaPlayer2.Player"

# An app with any number of sessions, each with a host of its own, which makes each a client of
# the service. It does what lines of JSON ask, several things at once, and says what it hears.
APP = """
import asyncio, json, random, sys
from audiosession import AudioSession, recipe
from audiosession.hosts.linux import LinuxHost

sessions, blocks = {}, {}
start = sys.argv[2] == "start"

def say(**words):
    print(json.dumps(words), flush=True)

async def hear(name, group):
    session = sessions[name]
    async def interruptions():
        async for event in session.interruption_event_stream:
            say(event="interruption", session=name, begin=event.begin, type=event.type.name,
                should_resume=event.should_resume)
    async def noisy():
        async for _ in session.becoming_noisy_event_stream:
            say(event="noisy", session=name)
    group.create_task(interruptions())
    group.create_task(noisy())

async def open_session(group, session, recipe_name):
    sessions[session] = AudioSession(LinuxHost(sys.argv[1], start=start))
    await hear(session, group)
    await sessions[session].configure(recipe(recipe_name))

async def set_active(group, session, active):
    return await sessions[session].set_active(active)

async def quiet(group, session, timeout_s):
    return await sessions[session].quiet(timeout_s)

async def begin(group, session):
    entered, fail = asyncio.Event(), asyncio.Event()
    async def block():
        try:
            async with sessions[session].activated():
                entered.set()
                await fail.wait()
                raise LookupError("as the app would")
        except LookupError:
            say(event="raised")
        except asyncio.CancelledError:
            say(event="cancelled")
            raise
    blocks[session] = group.create_task(block()), fail
    await entered.wait()

async def fail(group, session):
    blocks[session][1].set()

async def cancel(group, session):
    blocks[session][0].cancel()

async def cycles(group, names, recipes, count, most_s, seed):
    async def one(name):
        dice, granted = random.Random(f"{seed} {name}"), 0
        for _ in range(count):
            await sessions[name].configure(recipe(dice.choice(recipes)))
            granted += await sessions[name].set_active(True)
            await asyncio.sleep(dice.uniform(0, most_s))
            assert await sessions[name].set_active(False)
            await asyncio.sleep(dice.uniform(0, most_s))
        return granted
    return await asyncio.gather(*map(one, names))

async def close(group, session):
    await sessions.pop(session).close()

async def answer(group, number, do, words):
    try:
        say(answer=number, value=await globals()[do](group, **words))
    except Exception as error:
        say(answer=number, error=f"{type(error).__name__}: {error}")

async def main():
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with asyncio.TaskGroup() as group:
        say(event="ready")
        while line := await reader.readline():
            number, do, words = json.loads(line)
            group.create_task(answer(group, number, do, words))
        for session in list(sessions.values()):
            await session.close()

asyncio.run(main())
"""


class App:
    """An app in a process of its own. Made by :meth:`Stage.app`."""

    def __init__(self, process: subprocess.Popen[Any]) -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []
        self._answers: dict[int, dict[str, Any]] = {}
        self._asked = 0
        self._news = asyncio.Event()
        self._over = False

    async def read(self) -> None:
        """Takes in what the app says until its end."""
        assert self.process.stdout is not None
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), self.process.stdout
        )
        try:
            while line := await reader.readline():
                try:
                    said = json.loads(line)
                except ValueError:
                    said = {"event": "garbage", "line": line.decode(errors="replace")}
                if "answer" in said:
                    self._answers[said["answer"]] = said
                else:
                    self.events.append(said)
                self._news.set()
        finally:
            transport.close()
            self._over = True
            self._news.set()

    async def until(self, what: str, check: Callable[[], bool]) -> None:
        """Waits for what the app says."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not check():
                    if self._over:
                        raise RigError(f"{what}: the app ended; it said {self.events}")
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise RigError(f"{what}: never; the app said {self.events}") from None

    async def call(self, do: str, **words: Any) -> Any:
        """Has the app do something and returns what came of it.

        Raises:
            RigError: it went wrong in the app.
        """
        self._asked += 1
        number = self._asked
        assert self.process.stdin is not None
        self.process.stdin.write((json.dumps([number, do, words]) + "\n").encode())
        self.process.stdin.flush()
        await self.until(do, lambda: number in self._answers)
        said = self._answers.pop(number)
        if "error" in said:
            raise RigError(f"{do} {words}: {said['error']}")
        return said["value"]

    async def open(self, session: str, recipe: str) -> None:
        """Opens a session with a recipe."""
        await self.call("open_session", session=session, recipe_name=recipe)

    async def active(self, session: str, active: bool = True) -> bool:
        """Activates a session or gives up."""
        return bool(await self.call("set_active", session=session, active=active))

    def heard(self, event: str) -> list[dict[str, Any]]:
        """What it heard of that kind so far."""
        return [one for one in self.events if one["event"] == event]

    def kill(self) -> None:
        """Kills it at once."""
        self.process.kill()


class Mpris:
    """A player's side of the bus: what a user's media keys can do, and what it says.

    Made by :func:`mpris`.
    """

    def __init__(self, bus: MessageBus, name: str, known: Known) -> None:
        self.statuses: list[str] = []
        """Every change of its status since it was found, in order."""
        self._bus = bus
        self._name = name
        self._known = known
        self._news = asyncio.Event()

    async def call(self, member: str) -> None:
        """Calls a method of its player interface: ``Pause``, ``Play``, ``PlayPause``."""
        await self._ask(_MPRIS_PLAYER, member)

    async def status(self) -> str:
        """``Playing``, ``Paused`` or ``Stopped``."""
        answer = await self._ask(
            "org.freedesktop.DBus.Properties", "Get", "ss", [_MPRIS_PLAYER, "PlaybackStatus"]
        )
        return str(answer[0].value)

    async def becomes(self, status: str) -> None:
        """Waits until the last status it said is that one."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not self.statuses or self.statuses[-1] != status:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            known = json.dumps(await self._known(), indent=1)
            raise RigError(f"the player is never {status}: {self.statuses}\n{known}") from None

    def hear(self, message: Message) -> None:
        """A message on the bus."""
        if message.member != "PropertiesChanged" or message.path != _MPRIS:
            return
        interface, changed, _ = message.body
        if interface == _MPRIS_PLAYER and "PlaybackStatus" in changed:
            status = changed["PlaybackStatus"].value
            # It also says again what it said before.
            if not self.statuses or self.statuses[-1] != status:
                self.statuses.append(status)
                self._news.set()

    async def _ask(
        self, interface: str, member: str, signature: str = "", body: list[Any] | None = None
    ) -> list[Any]:
        async with asyncio.timeout(DEADLINE_S):
            reply = await self._bus.call(
                Message(
                    destination=self._name,
                    path=_MPRIS,
                    interface=interface,
                    member=member,
                    signature=signature,
                    body=body or [],
                )
            )
        assert reply is not None
        if reply.message_type is MessageType.ERROR:
            raise RigError(f"{member}: {reply.body}")
        return list(reply.body)


@asynccontextmanager
async def mpris(rig: SoundRig, known: Known) -> AsyncIterator[Mpris]:
    """mpv on the rig's bus, which is waited for until it says that it plays.

    Args:
        rig: Where.
        known: Tells what the service knows, for errors.
    """
    name = "org.mpris.MediaPlayer2.mpv"
    bus = await MessageBus(rig.bus_address).connect()
    try:
        player = Mpris(bus, name, known)
        bus.add_message_handler(player.hear)
        rule = "type='signal',interface='org.freedesktop.DBus.Properties',path='" + _MPRIS + "'"
        async with asyncio.timeout(DEADLINE_S):
            await bus.call(
                Message(
                    destination="org.freedesktop.DBus",
                    path="/org/freedesktop/DBus",
                    interface="org.freedesktop.DBus",
                    member="AddMatch",
                    signature="s",
                    body=[rule],
                )
            )

        async def ready() -> bool:
            try:
                return await player.status() == "Playing"
            except RigError:
                return False

        await rig.wait_for("mpv to play", ready)
        player.statuses[:] = ["Playing"]
        yield player
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
