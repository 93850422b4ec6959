"""Observers that keep what happened: as a recording, and as JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..core.codec import to_plain
from ..core.effects import Effect, GainChanged, HoldLifted, HoldPlaced, StandingChanged
from ..core.events import Activate, Event, Tick
from ..hosts.simulated import Observer
from ..interruptions import AudioInterruptionEvent
from .recording import (
    Clip,
    GainChange,
    Heard,
    HoldSpan,
    Marker,
    Recording,
    StandingChange,
    Track,
)


def in_words(event: AudioInterruptionEvent | str) -> str:
    """An event in the words that timelines and expectations use: ``begin duck``, ``end pause``."""
    if isinstance(event, str):
        return event
    return f"{'begin' if event.begin else 'end'} {event.type.value}"


class Recorder(Observer):
    """Fills a :class:`~audiosession.scenario.recording.Recording` from what a device does."""

    def __init__(self, title: str) -> None:
        self.recording = Recording(title=title, duration_s=0.0)
        self._tracks: dict[str, Track] = {}
        self._running: dict[tuple[str, str], tuple[float, Path | None, float, bool]] = {}
        self._holds: dict[tuple[str, str, str], tuple[float, str]] = {}
        self._app_of: Callable[[str], str] = lambda session: session.partition("/")[0]

    def app_added(self, at: float, app: str, name: str, *, system: bool) -> None:
        """A new track."""
        track = Track(app=app, name=name, role="", system=system)
        self._tracks[app] = track
        self.recording.tracks.append(track)

    def decided(self, at: float, event: Event, effects: tuple[Effect, ...]) -> None:
        """Learns an app's role from its first claim."""
        if isinstance(event, Activate):
            track = self._tracks.get(self._app_of(event.session))
            if track is not None and (not track.role or track.system):
                track.role = event.claim.role.value.replace("_", " ")

    def applied(self, at: float, app: str, effect: Effect) -> None:
        """Gains, standings and holds."""
        track = self._tracks.get(app)
        if track is None:
            return
        if isinstance(effect, GainChanged):
            track.gains.append(
                GainChange(
                    at_s=at,
                    layer="hold",
                    from_db=effect.from_db,
                    to_db=effect.to_db,
                    ramp_s=effect.ramp_s,
                    rule=effect.rule,
                    cause=self._app_of(effect.cause),
                )
            )
        elif isinstance(effect, StandingChanged):
            track.standings.append(StandingChange(at_s=at, standing=effect.after.value))
        elif isinstance(effect, HoldPlaced):
            key = effect.session, effect.cause, effect.kind.value
            self._holds[key] = at, effect.rule
        elif isinstance(effect, HoldLifted):
            self._end_hold(track, at, (effect.session, effect.cause, effect.kind.value))

    def heard(self, at: float, app: str, event: AudioInterruptionEvent | str) -> None:
        """Events an app received."""
        self._tracks[app].heard.append(Heard(at_s=at, text=in_words(event)))

    def player_started(
        self, at: float, app: str, player: str, audio: Path | None, offset_s: float, loop: bool
    ) -> None:
        """A clip begins."""
        self._running[app, player] = at, audio, offset_s, loop

    def player_stopped(self, at: float, app: str, player: str) -> None:
        """A clip ends."""
        started = self._running.pop((app, player), None)
        if started is None:
            return
        start, audio, offset, loop = started
        self._tracks[app].clips.append(
            Clip(start_s=start, end_s=at, audio=audio, offset_s=offset, loop=loop)
        )

    def level_moved(
        self, at: float, app: str, layer: str, from_db: float, to_db: float, ramp_s: float
    ) -> None:
        """A level that is not the arbiter's."""
        self._tracks[app].gains.append(
            GainChange(at_s=at, layer=layer, from_db=from_db, to_db=to_db, ramp_s=ramp_s)
        )

    def happened(self, at: float, text: str) -> None:
        """A marker."""
        self.recording.markers.append(Marker(at_s=at, text=text))

    def finish(self, at: float) -> Recording:
        """Closes what is still open at the end of the run; the recording is complete."""
        for app, player in list(self._running):
            self.player_stopped(at, app, player)
        for key in list(self._holds):
            self._end_hold(self._tracks[self._app_of(key[0])], at, key)
        self.recording.duration_s = at
        return self.recording

    def _end_hold(self, track: Track, at: float, key: tuple[str, str, str]) -> None:
        placed = self._holds.pop(key, None)
        if placed is not None:
            start, rule = placed
            track.holds.append(
                HoldSpan(
                    start_s=start, end_s=at, cause=self._app_of(key[1]), kind=key[2], rule=rule
                )
            )


class JsonLines(Observer):
    """Writes one JSON object a line; the scenario format page documents the schema."""

    def __init__(self, write: Callable[[str], object], because: Callable[[str], str]) -> None:
        self._write = write
        self._because = because
        self._decisions = 0

    def line(self, at: float, kind: str, **values: Any) -> None:
        """Writes one line."""
        head = {"at": round(at, 6), "kind": kind}
        self._write(json.dumps({**head, **values}, ensure_ascii=False) + "\n")

    def app_added(self, at: float, app: str, name: str, *, system: bool) -> None:
        """``app``: an app appeared."""
        self.line(at, "app", app=app, name=name, system=system)

    def decided(self, at: float, event: Event, effects: tuple[Effect, ...]) -> None:
        """``decision``: an event with its effects, each with rule, cause and reason."""
        if isinstance(event, Tick) and not effects:
            return
        self._decisions += 1
        plain = []
        for effect in effects:
            entry = to_plain(effect)
            entry["because"] = self._because(effect.rule)
            plain.append(entry)
        self.line(at, "decision", number=self._decisions, event=to_plain(event), effects=plain)

    def applied(self, at: float, app: str, effect: Effect) -> None:
        """``gain``: the system's factor on an app moves."""
        if isinstance(effect, GainChanged):
            plain = to_plain(effect)
            del plain["type"]
            self.line(at, "gain", app=app, layer="hold", **plain)

    def heard(self, at: float, app: str, event: AudioInterruptionEvent | str) -> None:
        """``heard``: an app received an event."""
        values = {"event": event} if isinstance(event, str) else {"event": to_plain(event)}
        self.line(at, "heard", app=app, words=in_words(event), **values)

    def called(self, at: float, app: str, text: str) -> None:
        """``call``: an app called the API."""
        self.line(at, "call", app=app, text=text)

    def player_started(
        self, at: float, app: str, player: str, audio: Path | None, offset_s: float, loop: bool
    ) -> None:
        """``player``: a player began to run."""
        name = None if audio is None else audio.name
        self.line(
            at,
            "player",
            app=app,
            player=player,
            state="running",
            audio=name,
            offset_s=offset_s,
            loop=loop,
        )

    def player_stopped(self, at: float, app: str, player: str) -> None:
        """``player``: it stopped."""
        self.line(at, "player", app=app, player=player, state="stopped")

    def level_moved(
        self, at: float, app: str, layer: str, from_db: float, to_db: float, ramp_s: float
    ) -> None:
        """``gain``: another layer of an app's level moves."""
        self.line(at, "gain", app=app, layer=layer, from_db=from_db, to_db=to_db, ramp_s=ramp_s)

    def happened(self, at: float, text: str) -> None:
        """``device``: something happened to the device."""
        self.line(at, "device", text=text)
