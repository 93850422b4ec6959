"""Plays the corpus on the simulated phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from audiosession.testing import Heard
from tests.apple.corpus_kit import NO_WORD, Scenario, fates
from tests.apple.faces_kit import (
    BEGAN,
    Face,
    NoWordError,
    configuration,
    face_of,
    notifying,
    route_words,
)
from tests.apple.phone_kit import phone

_OUTPUTS = {
    "builtInSpeaker": "speaker",
    "builtInEarpiece": "receiver",
    "wiredHeadphones": "headphones",
    "wiredHeadset": "headphones",
    "bluetoothA2dp": "a2dp",
    "bluetoothSco": "hfp",
    "hdmi": "hdmi",
}
_INPUTS = {
    "builtInMic": "microphone",
    "wiredHeadset": "headset microphone",
    "bluetoothSco": "hfp",
}
_FADES_S = 5.0


class Phone:
    """A simulated phone with one app that is looked at through a face.

    Args:
        face: Which.
        routes: Whether the app's route is part of the outcome.
    """

    def __init__(self, face: str, *, routes: bool = False) -> None:
        self.device = phone()
        self.app = self.device.app("app")
        self._face_name = face
        self._routes = routes
        self._face: Face
        self._others: dict[str, Heard] = {}
        self._system: Any = None
        self._standings: dict[str, str] = {}
        self._route: str | None = None

    async def play(self, scenario: Scenario) -> list[tuple[str, tuple[str, ...]]]:
        """Every step with what came of it, and how all is at the end."""
        self._face = await face_of(self._face_name, self.app.session)
        self._route = self._face.route()
        trace: list[tuple[str, tuple[str, ...]]] = []
        try:
            for step in scenario.steps:
                outcome = await self._step(step.words)
                trace.append((step.words, outcome))
                if outcome == (NO_WORD,):
                    return trace
        finally:
            self._face.close()
        trace.append(("end", self._end()))
        return trace

    async def _step(self, words: str) -> tuple[str, ...]:
        who, does, *rest = words.split()
        self._face.news.clear()
        try:
            answer = await self._do(who, does, rest)
        except NoWordError:
            return (NO_WORD,)
        said = [answer] if answer else []
        if BEGAN in self._face.news:
            for player in self.app.players:
                player.pause()
        await self._resume_others()
        return (*said, *self._face.news, *self._moved(), *self._fates(words))

    async def _do(self, who: str, does: str, words: list[str]) -> str:
        if who == "app":
            return await self._app(does, words)
        if who in ("phone", "clock", "siri", "user", "system"):
            self._act(who, does, " ".join(words))
            return ""
        return await self._other(who, does, words)

    async def _app(self, does: str, words: list[str]) -> str:
        match does:
            case "sets":
                return await self._face.sets(words)
            case "activates":
                return await self._face.activates()
            case "deactivates":
                return await self._face.deactivates(words)
            case "overrides":
                return await self._face.overrides(words)
            case "plays":
                self.app.player().play()
                return ""
            case "declares":
                self.app.apple.background_audio = True
                return ""
        raise AssertionError(does)

    async def _other(self, name: str, does: str, words: list[str]) -> str:
        app = self.device.app(name)
        if does == "takes":
            if name not in self._others:
                self._others[name] = Heard(app.session)
            await app.session.configure(configuration(words))
            app.player().play()
            granted = await app.session.set_active(True)
        else:
            assert does == "leaves"
            app.player().stop()
            granted = await app.session.set_active(
                False, av_audio_session_set_active_options=notifying(words)
            )
        return "" if granted else "denied"

    async def _resume_others(self) -> None:
        """They pause when they are interrupted, and play again only when told that they may."""
        for name, heard in self._others.items():
            app = self.device.app(name)
            for event in heard.interruptions:
                if event.begin:
                    app.player().pause()
                elif event.should_resume and await app.session.set_active(True):
                    app.player().resume()
            heard.clear()

    def _act(self, who: str, does: str, words: str) -> None:
        device = self.device
        if (who, does) == ("phone", "rings"):
            self._system = device.incoming_call()
            return
        if (who, does) == ("clock", "rings"):
            self._system = device.alarm()
            return
        if (who, does) == ("siri", "listens"):
            self._system = device.assistant()
            return
        acts: dict[tuple[str, str], Callable[[], object]] = {
            ("phone", "answered"): lambda: self._system.accept(),
            ("phone", "declined"): lambda: self._system.decline(),
            ("phone", "missed"): lambda: self._system.ignore(),
            ("phone", "over"): lambda: self._system.end(),
            ("clock", "dismissed"): lambda: self._system.dismiss(),
            ("siri", "done"): lambda: self._system.end(),
            ("user", "plugs"): lambda: device.plug(words),
            ("user", "unplugs"): lambda: device.unplug(words),
            ("user", "silences"): lambda: device.set_silent_switch(True),
            ("user", "locks"): device.lock_screen,
            ("user", "leaves"): self.app.to_background,
            ("user", "returns"): self.app.to_foreground,
            ("system", "suspends"): self.app.suspend,
            ("system", "loses"): device.lose_media_services,
            ("system", "resets"): device.reset_media_services,
        }
        acts[who, does]()

    # -- what came of it ---------------------------------------------------------------------

    def _fates(self, words: str) -> list[str]:
        before = self._standings
        self._standings = {app.id: app.standing for app in self.device.apps}
        return fates(words, before, self._standings)

    def _moved(self) -> list[str]:
        """The app's route, where its face can tell and it is another one."""
        before, self._route = self._route, self._face.route()
        return [self._route] if self._routes and self._route and self._route != before else []

    def _end(self) -> tuple[str, ...]:
        """How loud each app's player is, and where the app's sound really goes."""
        self.device.advance(_FADES_S)
        levels = [
            f"{app.id} {_level(player.level_db)}"
            for app in self.device.apps
            for player in app.players
        ]
        return (*levels, self._hardware()) if self._routes else tuple(levels)

    def _hardware(self) -> str:
        kinds = {port.id: port.kind for port in self.device.plugs.ports}
        found = self.device.plugs.route(self.app.session_id())
        return route_words(
            [_OUTPUTS[kinds[id]] for id in found.outputs],
            [_INPUTS[kinds[id]] for id in found.inputs],
        )


def _level(level_db: float) -> str:
    return "silent" if level_db <= -120.0 else f"{level_db:.0f} dB".replace("-0", "0")
