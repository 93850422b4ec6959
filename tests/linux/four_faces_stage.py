"""Plays the corpus of the four faces against the service: processes, and real streams."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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


class Theatre:
    """The apps of one scenario, each in a process of its own.

    Args:
        stage: The service and its server.
        group: Where what the apps say is read.
    """

    def __init__(self, stage: Stage, group: asyncio.TaskGroup) -> None:
        self._stage = stage
        self._group = group
        self._apps: dict[str, App] = {}
        self._tones: dict[str, float] = {}
        self._read: dict[str, int] = {}
        self._sounds: dict[str, str] = {}

    async def play(self, scenario: Scenario, policy: str) -> Trace:
        """Every step with what came of it, up to the first that went another way."""
        trace: Trace = []
        try:
            for member, tone in zip(scenario.members, TONES_HZ, strict=False):
                self._tones[member.name] = tone
                self._start(member.name, member.face, member.kind)
            for app in self._apps.values():
                await app.until("an app", lambda app=app: bool(app.heard("ready")))  # type: ignore[misc]
            self._sounds = dict.fromkeys(self._apps, "silent")
            for words, wanted in scenario.expected(policy):
                trace.append((words, await self._step(words, wanted)))
                if trace[-1][1] != wanted:
                    break
        finally:
            await self._strike()
        return trace

    def _start(self, name: str, face: str, kind: str) -> None:
        process = self._stage.rig.popen(
            *(sys.executable, "-m", "tests.linux.faces_app", name, face, kind),
            str(self._tones[name]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=ENVIRONMENT,
        )
        self._apps[name] = app = App(process)
        self._stage.apps.append(app)
        self._read[name] = 0
        self._group.create_task(app.read())

    async def _step(self, words: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
        who, does, *rest = words.split()
        answer = ""
        if does == "dies":
            self._apps[who].kill()
        else:
            answer = await self._apps[who].call(does, words=rest) or ""
        if answer and answer != wanted[0]:
            return (answer,)
        heard = await self._heard([each for each in wanted if ": " in each])
        sounds = [each for each in wanted if ": " not in each and " " in each]
        for each in sounds:
            name, _, sound = each.partition(" ")
            self._sounds[name] = sound
        wrong = [each for name in self._sounds if (each := await self._wrong(name))]
        if wrong:
            return (answer, *heard, *wrong) if answer else (*heard, *wrong)
        return (answer, *heard, *sounds) if answer else (*heard, *sounds)

    async def _heard(self, wanted: list[str]) -> list[str]:
        """What the apps were told since the last step."""
        end = time.monotonic() + _PROMPTLY_S
        while True:
            said = [
                f"{name}: {one['word']}"
                for name, app in self._apps.items()
                for one in app.heard("told")[self._read[name] :]
            ]
            if said == wanted or time.monotonic() > end:
                # What comes late shows up in the next step.
                for name in self._apps:
                    self._read[name] += sum(each.startswith(f"{name}: ") for each in said)
                return said
            await asyncio.sleep(0.01)

    async def _wrong(self, name: str) -> str:
        """How else an app sounds than it is to; nothing if it sounds like that."""
        sound, tone = self._sounds[name], self._tones[name]
        recorder = await self._stage.recorder()
        still = sound in ("paused", "silent")
        level_db = -120.0 if still else LEVEL_DB + float(sound.removesuffix(" dB"))
        within_db = 120.0 + _SILENT_DB if still else WITHIN_DB
        try:
            await recorder.hears(tone, level_db, within_db=within_db)
        except RigError as error:
            return f"{name} not {sound}: {error}"
        return ""

    async def _strike(self) -> None:
        """Every app ends, and the service knows it."""
        for app in self._apps.values():
            assert app.process.stdin is not None
            app.process.stdin.close()
        for app in self._apps.values():
            await asyncio.to_thread(app.process.wait)
        self._apps.clear()
        await self._stage.service.until("nobody", _nobody)


def _nobody(status: dict[str, Any]) -> bool:
    """Whether no app is there, and nothing plays."""
    playing = [each for each in status["streams"] if each["direction"] == "playback"]
    return not status["sessions"] and not playing
