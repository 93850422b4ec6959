"""A run in words, as it happens: one line for each thing an app asks, hears or suffers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ..core.claims import Claim, Press
from ..core.effects import (
    Delayed,
    Denied,
    Effect,
    GainChanged,
    Granted,
    HoldKind,
    HoldLifted,
    HoldPlaced,
    Standing,
    StandingChanged,
    Stopped,
)
from ..core.events import Activate, CloseSession, Deactivate, Event, Reconfigure
from ..core.gains import SILENCE_DB
from ..hosts.simulated import Observer
from ..interruptions import AudioInterruptionEvent
from ..scenario.recorder import in_words
from ..scenario.timeline_common import decibels
from ..scenario.timeline_text import LivePrinter
from .terminal import Terminal

_TIME_COLUMNS = 10
"""What the printer puts before and after a name, in columns."""
_MIN_NAME, _MAX_NAME = 8, 16
_PRESSES = {
    Press.NONE: "mixes",
    Press.DUCK: "lowers others",
    Press.PAUSE: "pauses others",
    Press.STOP: "takes over",
    Press.SILENCE: "wants silence",
}
_SAID_ELSEWHERE = ("activate", "deactivate", "configure")
"""Calls that the arbiter's decision about them tells more of."""


class Live(Observer):
    """Turns what a device tells its observers into lines of a :class:`LivePrinter`.

    Where the terminal is wide enough a line also gives the reason behind the rule; where it
    is narrow it leaves out what matters least, but never the rule.
    """

    def __init__(
        self, terminal: Terminal, names: Sequence[str], because: Callable[[str], str]
    ) -> None:
        """Print to a terminal.

        Args:
            terminal: Where to.
            names: The names of the apps to come, for the width of their column.
            because: The reason behind a rule, from the policy.
        """
        width = max(min(max(map(len, names), default=0), _MAX_NAME), _MIN_NAME)
        self._printer = LivePrinter(terminal.file, color=terminal.color, name_width=width)
        # Output that is read by a program or kept in a file has no right edge.
        self._room = terminal.width - width - _TIME_COLUMNS if terminal.is_tty else None
        self._plain = terminal.plain
        self._because = because
        self._names: dict[str, str] = {}
        self._system: set[str] = set()
        self._holders: dict[str, set[str]] = {}

    # -- what the device tells ---------------------------------------------------------------

    def app_added(self, at: float, app: str, name: str, *, system: bool) -> None:
        """Learns an app's name."""
        self._names[app] = name
        if system:
            self._system.add(app)

    def decided(self, at: float, event: Event, effects: tuple[Effect, ...]) -> None:
        """What was asked and answered, and then what that does to each session."""
        self._asked(at, event, effects)
        by_session: dict[str, list[Effect]] = {}
        for effect in effects:
            by_session.setdefault(effect.session, []).append(effect)
        for session, own in by_session.items():
            self._bears(at, session, own)

    def heard(self, at: float, app: str, event: AudioInterruptionEvent | str) -> None:
        """An event that reached the app."""
        advice = ""
        if isinstance(event, AudioInterruptionEvent) and not event.begin:
            advice = ", may go on" if event.should_resume else ""
        self._say(at, app, "heard", f"hears: {in_words(event)}{advice}")

    def called(self, at: float, app: str, text: str) -> None:
        """A call of the API that no decision tells of."""
        if text.partition(":")[0] not in _SAID_ELSEWHERE:
            self._say(at, app, "app", text)

    def player_started(
        self, at: float, app: str, player: str, audio: Path | None, offset_s: float, loop: bool
    ) -> None:
        """Sound begins."""
        what = "" if audio is None else f" {audio.name}"
        start = f" from {offset_s:.1f} s" if offset_s > 0.0 else ""
        self._say(at, app, "app", f"plays{what}{start}")

    def player_stopped(self, at: float, app: str, player: str) -> None:
        """Sound ends."""
        self._say(at, app, "app", "stops playing")

    def level_moved(
        self, at: float, app: str, layer: str, from_db: float, to_db: float, ramp_s: float
    ) -> None:
        """A level that the app or its user set, or that ring switch, lock or background set."""
        if layer == "player":
            self._say(at, app, "app", f"sets its volume to {self._level(to_db)}")
        elif layer == "switch":
            silent = to_db <= SILENCE_DB
            words = "silenced by switch, lock or background" if silent else "may be heard again"
            self._say(at, app, "pause" if silent else "release", words)

    def happened(self, at: float, text: str) -> None:
        """Something that the user or the system did."""
        self._printer.event(at, "", text, "device")

    # -- what was asked ----------------------------------------------------------------------

    def _asked(self, at: float, event: Event, effects: Sequence[Effect]) -> None:
        if isinstance(event, Activate):
            app = self._app(event.session)
            role = _role(event.claim)
            requests = [f"asks to sound: {words}" for words in (_claim(event.claim), role)]
            for effect in effects:
                if effect.session != event.session:
                    continue
                if isinstance(effect, Granted):
                    self._say(at, app, "app", *(f"{words}: granted" for words in requests))
                elif isinstance(effect, Denied):
                    self._ruled(at, app, "pause", f"{requests[1]}: refused", effect)
                elif isinstance(effect, Delayed):
                    self._ruled(at, app, "pause", f"{requests[1]}: has to wait", effect)
        elif isinstance(event, Reconfigure):
            self._say(at, self._app(event.session), "app", f"configures: {_claim(event.claim)}")
        elif isinstance(event, Deactivate):
            unsaid = "" if event.notify_others else ", without telling others"
            self._say(at, self._app(event.session), "app", f"gives the audio up{unsaid}")
        elif isinstance(event, CloseSession) and self._app(event.session) not in self._system:
            self._say(at, self._app(event.session), "app", "closes its session")

    # -- what a session bears ----------------------------------------------------------------

    def _bears(self, at: float, session: str, effects: Sequence[Effect]) -> None:
        app = self._app(session)
        holders = self._holders.setdefault(session, set())
        gain = next((effect for effect in effects if isinstance(effect, GainChanged)), None)
        placed = {effect.cause for effect in effects if isinstance(effect, HoldPlaced)}
        gone = any(
            isinstance(effect, StandingChanged) and effect.after is Standing.INACTIVE
            for effect in effects
        )
        told = False
        for effect in effects:
            if isinstance(effect, HoldPlaced):
                self._placed(at, app, effect, gain, also=gain is None and bool(holders))
                holders.add(effect.cause)
                told = True
            elif isinstance(effect, HoldLifted):
                if effect.cause in placed:
                    continue
                holders.discard(effect.cause)
                if not gone:
                    self._lifted(at, app, effect, gain, sorted(holders))
                told = True
            elif isinstance(effect, Stopped):
                self._ruled(at, app, "pause", f"stopped by {self._name(effect.cause)}", effect)
                told = True
            elif isinstance(effect, Granted) and effect.late:
                self._ruled(at, app, "release", "granted after waiting", effect)
        if gain is not None and not (told or gone):
            kind = "release" if gain.to_db > gain.from_db else "duck"
            self._ruled(at, app, kind, f"goes to {self._level(gain.to_db)}", gain)

    def _placed(
        self, at: float, app: str, hold: HoldPlaced, gain: GainChanged | None, *, also: bool
    ) -> None:
        if hold.kind is HoldKind.PAUSE:
            kind, verb = "pause", "paused"
        elif hold.level_db <= SILENCE_DB:
            kind, verb = "pause", "silenced"
        else:
            kind, verb = "duck", f"lowered to {self._level(hold.level_db)}"
        fade = "" if gain is None else f" in {gain.ramp_s:g} s"
        words = f"{'also ' if also else ''}{verb} by {self._name(hold.cause)}"
        self._ruled(at, app, kind, words, hold, fade)

    def _lifted(
        self,
        at: float,
        app: str,
        hold: HoldLifted,
        gain: GainChanged | None,
        remaining: Sequence[str],
    ) -> None:
        words = f"let go by {self._name(hold.cause)}"
        if remaining:
            words += f", still held by {self._name(remaining[0])}"
        fade = ""
        if gain is not None:
            words += f", {'back ' if gain.to_db == 0.0 else ''}to {self._level(gain.to_db)}"
            fade = f" in {gain.ramp_s:g} s"
        self._ruled(at, app, "duck" if remaining else "release", words, hold, fade)

    # -- words -------------------------------------------------------------------------------

    def _ruled(
        self,
        at: float,
        app: str,
        kind: str,
        words: str,
        effect: HoldPlaced | HoldLifted | Stopped | GainChanged | Granted | Denied | Delayed,
        fade: str = "",
    ) -> None:
        """Prints words with the rule behind them, and as much more as there is room for."""
        rule = f" ({effect.rule})"
        reason = self._because(effect.rule)
        told = [f"{words}{fade}{rule}", f"{words}{rule}"]
        reasoned = [f"{text}: {reason}" for text in told] if reason else []
        self._say(at, app, kind, *reasoned, *told)

    def _say(self, at: float, app: str, kind: str, *choices: str) -> None:
        """Prints the first choice that fits in the line, the last one if none does."""
        texts = [self._plain(choice) for choice in choices]
        text = next((t for t in texts if self._room is None or len(t) <= self._room), texts[-1])
        self._printer.event(at, self._names.get(app, app), text, kind)

    def _app(self, session: str) -> str:
        return session.partition("/")[0].partition("#")[0]

    def _name(self, cause: str) -> str:
        if cause in ("user", "system", ""):
            return f"the {cause or 'system'}"
        app = self._app(cause)
        return self._names.get(app, app)

    def _level(self, db: float) -> str:
        return "silence" if db <= SILENCE_DB else decibels(db)


def _claim(claim: Claim) -> str:
    """A claim in a few words: ``prompt (lowers others, pauses speech)``."""
    presses = _PRESSES[claim.press] + (", pauses speech" if claim.pauses_spoken else "")
    return f"{_role(claim)} ({presses})"


def _role(claim: Claim) -> str:
    return claim.role.value.replace("_", " ")
