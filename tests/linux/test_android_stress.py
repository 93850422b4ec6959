"""Twenty processes with AudioManager's focus, a thousand requests, leaves and kills in all.

The first half is done in turn, and every word that an app hears is what it hears on a simulated
device to which the same is done, in the same order. The second half is done by all at once. In
which order they came the service's own record says: every word that an app hears, from the
first on, is what was decided there, and what is decided there is what Android's rules allow.
Some of the apps have real streams.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from audiosession.android import AndroidAudioFocus
from audiosession.android.audio_manager import AudioManager
from audiosession.core import Role
from audiosession.hosts.linux import ServiceClient
from audiosession.hosts.simulated import SimulatedDevice
from tests.linux.app_kit import App
from tests.linux.focus_app import GAINS, focus_request
from tests.linux.focus_record import FocusRecord, Words, check_heard
from tests.linux.four_faces_stage import judged
from tests.linux.rig import SoundRig
from tests.linux.service_kit import ENVIRONMENT, Stage

pytestmark = pytest.mark.timeout(200)

CLIENTS, PLAYING, SPARED, STEPS = 20, 5, 3, 1_000
IN_TURN, KILLS_IN_TURN = 480, 12
EACH_AT_ONCE, KILLS_AT_ONCE = 32, 4
MOST_OVERTAKEN = 0.25
STARTED_AT_ONCE = 4
TONE_HZ = "1000"
_SEED = 505
_KILL_EVERY = IN_TURN // KILLS_IN_TURN
_HEAR_ALL_EVERY = 60
_TAKE_FROM = 100


@pytest.fixture
async def stage(rig: SoundRig, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A stage on each server, judged as Android judges."""
    async with judged(rig, monkeypatch, "android") as stage:
        yield stage


class Model:
    """The same apps on a simulated device."""

    def __init__(self) -> None:
        self._device = SimulatedDevice("phone", policy="android")
        self._managers: dict[str, AudioManager] = {}
        self._ears: dict[str, _Ear] = {}
        self._playing: set[str] = set()
        self.said: dict[str, Words] = {}

    def come(self, name: str, *, plays: bool) -> None:
        """An app is started."""
        app = self._device.app(name)
        self._managers[name] = AudioManager(app.host)
        self.said[name] = []
        if plays:
            self._playing.add(name)
            app.player().play(role=Role.ALARM)

    async def ask(self, name: str, gain: int) -> None:
        """An app asks for focus."""
        answer = await self._managers[name].request_audio_focus(self._request(name, gain))
        self.said[name].append({"event": "answer", "gain": gain, "word": answer.name})

    async def leave(self, name: str) -> None:
        """An app gives focus back."""
        request = self._request(name, GAINS[0])
        answer = await self._managers[name].abandon_audio_focus_request(request)
        self.said[name].append({"event": "answer", "gain": 0, "word": answer.name})

    def kill(self, name: str) -> None:
        """An app's process dies."""
        self._device.app(name).kill()

    def _request(self, name: str, gain: int) -> Any:
        ear = self._ears.setdefault(name, _Ear(self.said[name]))
        return focus_request(gain, ear.hear, pauses=name not in self._playing)


class _Ear:
    def __init__(self, said: Words) -> None:
        self._said = said

    def hear(self, change: AndroidAudioFocus) -> None:
        self._said.append({"event": "told", "word": change.name})


class Crowd:
    """The apps that are there, and what each has said."""

    def __init__(self, stage: Stage, record: FocusRecord, group: asyncio.TaskGroup) -> None:
        self._stage = stage
        self._group = group
        self.record = record
        self._come = 0
        self.apps: dict[str, App] = {}
        self.gone: dict[str, App] = {}
        self.users: dict[str, tuple[int, int]] = {}
        """What the user set the streams to of those that play."""

    async def come(self, *, plays: bool = False) -> str:
        """Starts an app; one that plays has a stream while it has focus."""
        self._come += 1
        name = f"app {self._come}"
        process = self._stage.rig.popen(
            *(sys.executable, "-m", "tests.linux.focus_app", name, *([TONE_HZ] * plays)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=ENVIRONMENT,
        )
        self.apps[name] = app = App(process)
        self._stage.apps.append(app)
        self._group.create_task(app.read())
        await app.until(name, lambda: bool(app.heard("ready")))
        return name

    async def volume(self, name: str) -> tuple[int, tuple[int, ...]]:
        """The one stream that there is, and its volume; the app has focus and plays."""
        pid = self.apps[name].process.pid

        def here(status: dict[str, Any]) -> bool:
            playing = [each for each in status["streams"] if each["direction"] == "playback"]
            return [(each["pid"] != pid, each["audible"]) for each in playing] == [(True, True)]

        await self._stage.service.until(f"the stream of {name}", here)
        found: dict[int, tuple[int, ...]] = {}

        async def listed() -> bool:
            found.clear()
            found.update({k: tuple(v) for k, v in (await self._stage.rig.stream_volumes()).items()})
            return len(found) == 1

        await self._stage.rig.wait_for(f"the volume of {name}", listed)
        ((index, volume),) = found.items()
        return index, volume

    async def kill(self, name: str) -> None:
        """Kills an app, and waits until the service knows it."""
        self.record.name(await self._stage.service.status())
        app = self.gone[name] = self.apps.pop(name)
        self.users.pop(name, None)
        app.kill()
        await asyncio.to_thread(app.process.wait)
        await self._stage.service.until(
            f"the end of {name}",
            lambda status: all(each["app"] != name for each in status["sessions"]),
        )

    @property
    def mortal(self) -> list[str]:
        """Who may be killed: all but some of those that play."""
        spared = list(self.users)[:SPARED]
        return [name for name in self.apps if name not in spared]

    async def settle(self) -> None:
        """All has been heard that was said to those who are there, and the record is complete."""
        await asyncio.gather(*(app.call("mark") for app in self.apps.values()))
        self.record.name(await self._stage.service.status())
        await self.record.take()

    def check_heard(self) -> None:
        """Everybody heard what was decided, and nothing else; after :meth:`settle`."""
        words, missed, items = 0, 0, self.record.items()
        everybody = {name: (app, True) for name, app in self.apps.items()}
        everybody |= {name: (app, False) for name, app in self.gone.items()}
        for name, (app, lives) in everybody.items():
            missed += check_heard(items.get(name, []), app.events, lives=lives)
            words += len(app.heard("told"))
        # What was decided while they left is the exception.
        assert missed <= MOST_OVERTAKEN * words, (missed, words)

    @property
    def steps(self) -> int:
        """Requests, leaves and kills so far."""
        everybody = [*self.apps.values(), *self.gone.values()]
        return sum(len(app.heard("answer")) for app in everybody) + len(self.gone)


def words_of(app: App) -> Words:
    """What an app was told and answered, in order."""
    return [each for each in app.events if each["event"] in ("told", "answer")]


async def test_twenty_processes_and_a_thousand_requests_leaves_and_kills(stage: Stage) -> None:
    chance, model = random.Random(_SEED), Model()
    client = await ServiceClient.connect(start=False)
    async with asyncio.TaskGroup() as group:
        crowd = Crowd(stage, FocusRecord(client), group)
        names: list[str] = []
        while len(names) < CLIENTS:
            some = range(len(names), len(names) + STARTED_AT_ONCE)
            names += await asyncio.gather(*(crowd.come(plays=each < PLAYING) for each in some))
        for number, name in enumerate(names):
            model.come(name, plays=number < PLAYING)
        for name in names[:PLAYING]:
            await _set_volume(stage, crowd, name)
            await model.ask(name, GAINS[0])
            await model.leave(name)
        await _in_turn(crowd, model, chance)
        await _at_once(stage, crowd, chance)
        assert crowd.steps >= STEPS
        await asyncio.gather(*(app.call("leave") for app in crowd.apps.values()))
        for name in crowd.users:
            await _has_its_volume(stage, crowd, name)
        assert (await stage.service.status())["servers"][0]["up"]
        for app in crowd.apps.values():
            app.kill()
    await client.close()
    assert stage.service.process is not None
    assert stage.service.process.poll() is None
    log = stage.rig.log()
    assert "ERROR" not in log, log
    assert "Traceback" not in log, log


async def _set_volume(stage: Stage, crowd: Crowd, name: str) -> None:
    """The user sets the volume of an app, which the server remembers for its next stream."""
    user = crowd.users[name] = (30_001 + 997 * len(crowd.users), 40_003 + 501 * len(crowd.users))
    await crowd.apps[name].call("ask", gain=GAINS[0])
    index, _ = await crowd.volume(name)
    await stage.set_volume(index, *map(str, user))
    await _leaves(stage, crowd, name)


async def _has_its_volume(stage: Stage, crowd: Crowd, name: str) -> None:
    """The app plays, as loud as its user set it."""
    await crowd.apps[name].call("ask", gain=GAINS[0])
    user, off = crowd.users[name], 1 if stage.rig.name == "pipewire" else 0

    async def right() -> bool:
        _, volume = await crowd.volume(name)
        # WirePlumber remembers six digits.
        return all(abs(one - other) <= off for one, other in zip(volume, user, strict=True))

    await stage.rig.wait_for(f"{name} to be at {user}", right)
    await stage.service.at_rest()
    await _leaves(stage, crowd, name)


async def _leaves(stage: Stage, crowd: Crowd, name: str) -> None:
    await crowd.apps[name].call("leave")

    def gone(status: dict[str, Any]) -> bool:
        return all(each["direction"] != "playback" for each in status["streams"])

    await stage.service.until("no stream", gone)


async def _in_turn(crowd: Crowd, model: Model, chance: random.Random) -> None:
    for number in range(1, IN_TURN + 1):
        name = chance.choice(list(crowd.apps))
        if number % _KILL_EVERY == 0:
            name = chance.choice(crowd.mortal)
            await crowd.kill(name)
            model.kill(name)
            model.come(await crowd.come(), plays=False)
        elif chance.random() < 0.7:
            gain = chance.choice(GAINS)
            assert await crowd.apps[name].call("ask", gain=gain) == "GRANTED"
            await model.ask(name, gain)
        else:
            assert await crowd.apps[name].call("leave") == "GRANTED"
            await model.leave(name)
        if number % _HEAR_ALL_EVERY == 0:
            await crowd.settle()
            for each, app in crowd.apps.items():
                assert words_of(app) == model.said[each], (number, each)
            crowd.check_heard()
    for each, app in crowd.gone.items():
        # What it was told last it may not have lived to hear.
        heard = words_of(app)
        assert heard == model.said[each][: len(heard)]


async def _at_once(stage: Stage, crowd: Crowd, chance: random.Random) -> None:
    dying = chance.sample(crowd.mortal, KILLS_AT_ONCE)
    rows = {
        name: app.call("row", count=EACH_AT_ONCE, seed=f"{_SEED} {name}")
        for name, app in crowd.apps.items()
        if name not in dying
    }
    doomed = [
        app.call("row", count=EACH_AT_ONCE // 2, seed=f"{_SEED} {name}")
        for name, app in crowd.apps.items()
        if name in dying
    ]

    async def die() -> None:
        # They die while the others go on.
        await asyncio.gather(*doomed)
        for name in dying:
            await crowd.kill(name)

    over = asyncio.Event()

    async def watch() -> None:
        # Only the last decisions are kept, so they are taken as they come.
        while not over.is_set():
            await crowd.record.take(most_left=_TAKE_FROM)

    async with asyncio.TaskGroup() as group:
        group.create_task(watch())
        await asyncio.gather(*rows.values(), die())
        over.set()
    await crowd.settle()
    crowd.check_heard()
    crowd.record.check_standings(await crowd.record.status())
