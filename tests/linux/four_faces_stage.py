"""Plays the corpus of the four faces against the service: processes, and real streams."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from tests.faces.scenarios import Scenario, Trace
from tests.linux.app_kit import App
from tests.linux.faces_app import LEVEL_DB
from tests.linux.rig import RigError, SoundRig
from tests.linux.routes_kit import add_input, remove_input
from tests.linux.service_kit import ENVIRONMENT, Stage, staged


@asynccontextmanager
async def judged(rig: SoundRig, patch: pytest.MonkeyPatch, policy: str) -> AsyncIterator[Stage]:
    """A stage with a service that judges by a policy, and a microphone."""
    folder = rig.config_home / "audiosession"
    folder.mkdir(exist_ok=True)
    rules = folder / "policy.toml"
    rules.write_text(f'[policy]\nname = "{policy}"\n')
    microphone = await add_input(rig, "rig_microphone")
    try:
        async with staged(rig, patch) as stage:
            assert (await stage.service.status())["policy"] == policy
            yield stage
    finally:
        rules.unlink()
        await remove_input(rig, microphone)


TONES_HZ = (700.0, 1100.0, 1500.0, 1900.0)
"""One for each app; whole periods fit into 20 ms, and into 10 ms what they are apart."""
WITHIN_DB = 1.0
_SILENT_DB = -70.0
_PROMPTLY_S = 10.0
_POLL_S = 0.01
_STILL = ("paused", "silent")


class Theatre:
    """The apps of one scenario after the other, each in a process of its own.

    A process that lives on when its scenario is over plays another app in the next one, which
    takes far less time than a new one. Closed as an async context manager.

    Args:
        stage: The service and its server.
        group: Where what the apps say is read.
    """

    def __init__(self, stage: Stage, group: asyncio.TaskGroup) -> None:
        self._stage = stage
        self._group = group
        self._idle: list[App] = []
        self._apps: dict[str, App] = {}
        self._tones: dict[str, float] = {}
        self._read: dict[str, int] = {}
        self._sounds: dict[str, str] = {}

    async def __aenter__(self) -> Theatre:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        for app in (*self._idle, *self._apps.values()):
            assert app.process.stdin is not None
            app.process.stdin.close()
            await asyncio.to_thread(app.process.wait)

    async def play(self, scenario: Scenario, policy: str) -> Trace:
        """Every step with what came of it, up to the first that went another way."""
        trace: Trace = []
        members = list(zip(scenario.members, TONES_HZ, strict=False))
        while len(self._idle) < len(members):
            self._idle.append(self._start())
        for member, tone in members:
            name = member.name
            self._apps[name] = app = self._idle.pop()
            self._tones[name], self._read[name] = tone, len(app.heard("told"))
            await app.call("be", words=(name, member.face, member.kind, str(tone)))
        self._sounds = dict.fromkeys(self._apps, "silent")
        for words, wanted in scenario.expected(policy):
            trace.append((words, await self._step(words, wanted)))
            if trace[-1][1] != wanted:
                break
        await self._strike()
        return trace

    def _start(self) -> App:
        process = self._stage.rig.popen(
            *(sys.executable, "-m", "tests.linux.faces_app"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=ENVIRONMENT,
        )
        app = App(process)
        self._stage.apps.append(app)
        self._group.create_task(app.read())
        return app

    async def _step(self, words: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
        who, does, *rest = words.split()
        answer = ""
        if does == "dies":
            self._apps[who].kill()
            await asyncio.to_thread(self._apps[who].process.wait)
        else:
            answer = await self._apps[who].call(does, words=rest) or ""
        if answer and answer != wanted[0]:
            return (answer,)
        heard = await self._heard([each for each in wanted if ": " in each])
        sounds = [each for each in wanted if ": " not in each and " " in each]
        for each in sounds:
            name, _, sound = each.partition(" ")
            self._sounds[name] = sound
        wrong = await self._at_rest() or [
            each for name in self._sounds if (each := await self._wrong(name))
        ]
        # Nobody is told any more, now that nothing moves.
        heard += self._news()
        came = wrong or sounds
        return (answer, *heard, *came) if answer else (*heard, *came)

    async def _at_rest(self) -> list[str]:
        """Waits until no level moves and the service knows who sounds; who does not, if any."""
        found: list[str] = []

        def rested(status: dict[str, Any]) -> bool:
            streams = [each for each in status["streams"] if each["direction"] == "playback"]
            audible = {each["title"] for each in streams if each["audible"]}
            found[:] = [
                f"{name} is not {sound}, for the service"
                for name, sound in self._sounds.items()
                if (name in audible) is (sound in _STILL)
            ]
            found.extend(
                f"{each['title']} is on its way to {each['target_db']} dB"
                for each in streams
                if each["factor_db"] != each["target_db"]
            )
            return not found

        with suppress(RigError):
            await self._stage.service.until("rest", rested)
        return found

    async def _heard(self, wanted: list[str]) -> list[str]:
        """What the apps were told since the last step."""
        end = time.monotonic() + _PROMPTLY_S
        said = self._news()
        while said != wanted and time.monotonic() < end:
            await asyncio.sleep(_POLL_S)
            said = _in_order([*said, *self._news()], self._apps)
        return said

    def _news(self) -> list[str]:
        """What the apps were told that nobody has looked at yet, in the order of the apps."""
        said = []
        for name, app in self._apps.items():
            told = app.heard("told")[self._read[name] :]
            self._read[name] += len(told)
            said += [f"{name}: {one['word']}" for one in told]
        return said

    async def _wrong(self, name: str) -> str:
        """How else an app sounds than it is to; nothing if it sounds like that."""
        sound, tone = self._sounds[name], self._tones[name]
        recorder = await self._stage.recorder()
        still = sound in _STILL
        level_db = -120.0 if still else LEVEL_DB + float(sound.removesuffix(" dB"))
        within_db = 120.0 + _SILENT_DB if still else WITHIN_DB
        try:
            await recorder.hears(tone, level_db, within_db=within_db)
        except RigError as error:
            return f"{name} not {sound}: {error}"
        return ""

    async def _strike(self) -> None:
        """No app is there any more, and the service knows it."""
        for app in self._apps.values():
            if app.process.poll() is None:
                await app.call("leave")
                self._idle.append(app)
        self._apps.clear()
        await self._stage.service.until("nobody", _nobody)


def _in_order(said: list[str], names: Iterable[str]) -> list[str]:
    """What was said, in the order of the apps."""
    return [each for name in names for each in said if each.startswith(f"{name}: ")]


def _nobody(status: dict[str, Any]) -> bool:
    """Whether no app is there, and nothing plays."""
    playing = [each for each in status["streams"] if each["direction"] == "playback"]
    return not status["sessions"] and not playing
