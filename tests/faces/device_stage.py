"""Plays the corpus of the four faces on the simulated device."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from audiosession.hosts.simulated import SimulatedApp, SimulatedDevice, SimulatedPlayer
from tests.faces.faces_kit import AppleApp, FaceApp, Sound, face_app
from tests.faces.scenarios import Member, Scenario, Trace, level_words

FADES_S = 4.5
"""After which all fades are over, Android's of 2 s with 2 s of silence too."""


class DevicePlayer:
    """A player of the device, in the session that its app opened last."""

    def __init__(self, app: SimulatedApp, name: str) -> None:
        self.player: SimulatedPlayer = app.player(name)
        self.player.join(app.sessions[-1])

    @property
    def playing(self) -> bool:
        """Whether it runs."""
        return self.player.playing

    @property
    def volume(self) -> float:
        """The app's own, linear."""
        return self.player.volume

    def begin(self, sound: Sound) -> None:
        """Plays that from the beginning."""
        self.player.play(role=sound.role, spoken=sound.spoken)

    def pause(self) -> None:
        """Stands still."""
        self.player.pause()

    def resume(self) -> None:
        """Goes on."""
        self.player.resume()

    def stop(self) -> None:
        """Ends."""
        self.player.stop()

    def set_volume(self, volume: float) -> None:
        """Sets the app's own volume."""
        self.player.set_volume(volume)


class DeviceStage:
    """A simulated phone and the apps of one scenario.

    Args:
        policy: Who judges.
        members: The apps.
    """

    def __init__(self, policy: str, members: tuple[Member, ...]) -> None:
        self.device = SimulatedDevice("phone", policy=policy)
        self._members = members
        self._apps: dict[str, FaceApp] = {}
        self._ended: set[str] = set()
        self._sounds = dict.fromkeys((member.name for member in members), "silent")
        self._system: Any = None
        for member in members:
            app = self.device.app(member.app)
            player = partial(DevicePlayer, app, member.name)
            self._apps[member.name] = face_app(member.face, app.host, member.kind, player)

    async def play(self, scenario: Scenario) -> Trace:
        """Every step with what came of it."""
        try:
            return [(words, await self.step(words)) for words in scenario.steps]
        finally:
            for app in self._apps.values():
                # The center of notifications is one for all tests.
                if isinstance(app, AppleApp):
                    app.deaf()

    async def step(self, words: str) -> tuple[str, ...]:
        """Does it, and returns what came of it."""
        for app in self._apps.values():
            app.news.clear()
        answers = await self._do(words)
        await self._settle()
        self.device.advance(FADES_S)
        await self._settle()
        self.device.advance(FADES_S)
        told = [f"{name}: {word}" for name, app in self._apps.items() for word in app.news]
        return (*answers, *told, *self._moved())

    async def _do(self, words: str) -> list[str]:
        who, does, *rest = words.split()
        if does == "and":
            self._ended -= {who, rest[0]}
            return list(
                await asyncio.gather(self._apps[who].starts(), self._apps[rest[0]].starts())
            )
        if who in ("phone", "clock"):
            self._act(who, does)
            return []
        app = self._apps[who]
        if does == "starts":
            self._ended.discard(who)
            return [await app.starts()]
        if does == "becomes":
            return [await app.becomes(rest[0])]
        if does == "ends":
            self._ended.add(who)
            await app.ends()
        else:
            assert does == "dies"
            self._ended |= {each.name for each in self._members if each.app == who}
            self.device.app(who).kill()
        return []

    def _act(self, who: str, does: str) -> None:
        if (who, does) == ("phone", "rings"):
            self._system = self.device.incoming_call()
            return
        if (who, does) == ("clock", "rings"):
            self._system = self.device.alarm()
            return
        acts: dict[tuple[str, str], Callable[[], object]] = {
            ("phone", "answered"): lambda: self._system.accept(),
            ("phone", "declined"): lambda: self._system.decline(),
            ("phone", "over"): lambda: self._system.end(),
            ("clock", "dismissed"): lambda: self._system.dismiss(),
        }
        acts[who, does]()

    async def _settle(self) -> None:
        """Until nobody does anything about what it was told any more."""
        while True:
            before = self._told
            worked = [await app.settle() for app in self._apps.values()]
            if not any(worked) and self._told == before:
                return

    @property
    def _told(self) -> int:
        return sum(len(app.news) for app in self._apps.values())

    def _moved(self) -> list[str]:
        before = self._sounds
        self._sounds = {name: self._sound(name) for name in before}
        return [f"{name} {sound}" for name, sound in self._sounds.items() if sound != before[name]]

    def _sound(self, name: str) -> str:
        player = self._apps[name].player
        if player is None or name in self._ended:
            return "silent"
        assert isinstance(player, DevicePlayer)
        return level_words(player.player.level_db) if player.playing else "paused"
