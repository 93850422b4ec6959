"""Plays Apple's corpus against the service, each app in a process, null sinks as devices."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from typing import Any

from audiosession import AudioSession, blocking
from audiosession.apple._c_places import MainRunLoop
from audiosession.hosts.linux import LinuxHost
from audiosession.hosts.linux.session import LinuxSession
from tests.apple.corpus_kit import NO_WORD, Scenario, fates
from tests.apple.faces_kit import Face, NoWordError, face_of
from tests.linux.app_kit import App
from tests.linux.routes_kit import add_output
from tests.linux.service_kit import ENVIRONMENT, OTHER_HZ, TONE_HZ, Music, Stage

# Another app: takes the audio and leaves it, and goes on when it is told that it may.
OTHER = """
import asyncio, json, sys
from audiosession import AudioSession
from audiosession.hosts.linux import LinuxHost
from tests.apple.faces_kit import configuration, notifying

session = None

def say(**words):
    print(json.dumps(words), flush=True)

async def takes(group, name, words):
    global session
    if session is None:
        session = AudioSession(lambda: LinuxHost(name, start=False))
        again = session
        def hear(event):
            if not event.begin and event.should_resume:
                group.create_task(again.set_active(True))
        session.interruption_event_stream.listen(hear)
    await session.configure(configuration(words))
    return await session.set_active(True), session._session.token

async def leaves(group, words):
    return await session.set_active(
        False, av_audio_session_set_active_options=notifying(words))

async def close(group):
    global session
    await session.close()
    session = None

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

asyncio.run(main())
"""

_PROMPTLY_S = 10.0
"""How soon the outcome of a step has to be there."""
_SILENT_DB = -60.0
PLUGS = {"wired headphones": "headphone", "hdmi": "hdmi"}
"""What can be plugged in and pulled out, and the form factor that says so."""

Trace = list[tuple[str, tuple[str, ...]]]


class Desk:
    """A service, the app under test in this process, and other apps in theirs.

    Args:
        stage: The service and its server.
        group: Where what the other apps say is read.
        face: Through which face the app is played.
    """

    def __init__(self, stage: Stage, group: asyncio.TaskGroup, face: str) -> None:
        self._stage = stage
        self._group = group
        self._face_name = face
        self._idle: list[App] = []
        self._others: dict[str, App] = {}
        self._tokens: dict[str, str] = {}
        self._standings: dict[str, str] = {}
        self._heard = 0
        self._routes = False
        self._route: str | None = None
        self._face: Face
        self._session: AudioSession

    async def play(self, scenario: Scenario, *, heard: bool = False) -> Trace:
        """Every step with what came of it; with the levels at the end if they are to be heard."""
        self._session = AudioSession(lambda: LinuxHost("app", start=False))
        blocks = asyncio.to_thread if self._face_name == "C API" else None
        self._face = await face_of(self._face_name, self._session, blocks)
        self._standings, self._heard = {"app": "inactive"}, 0
        self._routes = scenario.routes
        self._route = await self._route_now()
        music: dict[str, Music] = {}
        trace: Trace = []
        try:
            for words, outcome in expected(scenario, self._face_name, heard=heard):
                if words == "end":
                    trace.append((words, await self._levels(outcome, music)))
                    break
                trace.append((words, await self._step(words, outcome)))
                if trace[-1][1] == (NO_WORD,) or trace[-1][1] != outcome:
                    # After a step that went another way the rest says nothing.
                    return trace
                who, does, *_ = words.split()
                if heard and does in ("takes", "plays"):
                    music[who] = await self._sounds(who)
            late = await self._late()
            return [*trace, ("later", tuple(late))] if late else trace
        finally:
            for each in music.values():
                await self._stage.end(each)
            await self._strike()

    async def _step(self, words: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
        try:
            answer = await self._do(*words.split())
        except NoWordError:
            return (NO_WORD,)
        end = time.monotonic() + _PROMPTLY_S
        before = self._standings
        while True:
            said = tuple(self._face.news[self._heard :])
            standings, route = await self._now(), await self._route_now()
            went = [route] if route and route != self._route else []
            seen = (*([answer] if answer else []), *said, *went, *fates(words, before, standings))
            # What comes late shows up in the next step.
            if seen == wanted or time.monotonic() > end:
                self._standings = standings
                self._heard += len(said)
                self._route = route
                return seen
            await asyncio.sleep(0.01)

    async def _route_now(self) -> str | None:
        if not self._routes:
            return None
        if self._face_name == "C API":
            return await asyncio.to_thread(self._face.route)
        return self._face.route()

    async def _do(self, who: str, does: str, *words: str) -> str:
        given = list(words)
        if who == "user":
            await self._plugs(" ".join(words), out=does == "unplugs")
            return ""
        if who != "app":
            if does == "leaves":
                return "" if await self._others[who].call("leaves", words=given) else "denied"
            if who not in self._others:
                self._others[who] = self._idle.pop() if self._idle else await self._another()
                self._standings[who] = "inactive"
            granted, self._tokens[who] = await self._others[who].call(
                "takes", name=who, words=given
            )
            return "" if granted else "denied"
        if does == "sets":
            return await self._face.sets(given)
        if does == "activates":
            return await self._face.activates()
        if does == "deactivates":
            return await self._face.deactivates(given)
        if does == "overrides":
            return await self._face.overrides(given)
        assert does == "plays"
        return ""

    async def _plugs(self, thing: str, *, out: bool) -> None:
        name = thing.replace(" ", "_")
        if out:
            await self._stage.rig.remove_sink(name)
            return
        await add_output(self._stage.rig, name, PLUGS[thing])
        if self._face_name == "one API":
            # It moves nothing, so what sounds there does so by the user's choice.
            await self._stage.rig.set_default_sink(name)
            await self._stage.service.default_output(name)

    async def _another(self) -> App:
        process = self._stage.rig.popen(
            *(sys.executable, "-c", OTHER),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=ENVIRONMENT,
        )
        app = App(process)
        self._stage.apps.append(app)
        self._group.create_task(app.read())
        await app.until("another app", lambda: bool(app.heard("ready")))
        return app

    async def _now(self) -> dict[str, str]:
        """How each app stands, in the order in which they came."""
        found = {
            each["app"]: str(each["standing"])
            for each in (await self._stage.service.status())["sessions"]
        }
        return {app: found.get(app, "inactive") for app in self._standings}

    # -- sound -------------------------------------------------------------------------------

    async def _sounds(self, who: str) -> Music:
        token = self._tokens.get(who)
        if token is None:
            session = self._session._session
            assert isinstance(session, LinuxSession)
            token = session.token
        tone = TONE_HZ if who == "app" else OTHER_HZ
        return await self._stage.music(
            frequency_hz=tone, media__role="music", audiosession__id=token
        )

    async def _levels(self, wanted: tuple[str, ...], music: dict[str, Music]) -> tuple[str, ...]:
        """What of the wanted levels is heard."""
        recorder = await self._stage.recorder()
        heard = []
        for words in wanted:
            who, level = words.split(maxsplit=1)
            if who in music:
                tone = music[who].frequency_hz
                if level == "silent":
                    await recorder.hears(tone, -120.0, within_db=120.0 + _SILENT_DB)
                else:
                    by_db = float(level.removesuffix(" dB"))
                    await recorder.hears(tone, music[who].level_db + by_db, within_db=0.5)
                heard.append(words)
        return tuple(heard)

    # -- end ---------------------------------------------------------------------------------

    async def _strike(self) -> None:
        """Everybody's session is closed, and the service knows it."""
        self._face.close()
        if self._face_name == "C API":
            await asyncio.to_thread(lambda: blocking._the_worker().run(self._session.close()))
        else:
            await self._session.close()
        for app in self._others.values():
            await app.call("close")
        self._idle += self._others.values()
        self._others, self._tokens = {}, {}

        def over(status: dict[str, Any]) -> bool:
            return not any(not each["adopted"] for each in status["sessions"])

        await self._stage.service.until("no session", over)

    async def _late(self) -> list[str]:
        """What the app was told after the last step had its outcome."""
        await self._now()
        if self._face_name == "C API":
            loop = asyncio.get_running_loop()
            done = loop.create_future()
            MainRunLoop.instance().perform(lambda: loop.call_soon_threadsafe(done.set_result, None))
            await done
        return self._face.news[self._heard :]


def expected(scenario: Scenario, face: str, *, heard: bool) -> Trace:
    """What comes of a scenario.

    Args:
        scenario: The scenario.
        face: The face.
        heard: Whether the levels at the end belong to it.
    """
    return [
        (words, outcome) for words, outcome in scenario.expected(face) if heard or words != "end"
    ]
