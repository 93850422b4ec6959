"""Figures and states of the service in words, for tables and lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..core.gains import SILENCE_DB
from ..scenario.timeline_common import decibels, printable

Report = Mapping[str, Any]
"""A plain value of :mod:`audiosession.service.report`, as it comes over the bus."""

SERVERS = {"pipewire": "PipeWire", "pulseaudio": "PulseAudio"}
"""What sound servers call themselves."""

_DONE = {"duck": "lowered", "pause": "paused", "muted": "silenced"}
_HOW = {
    "level": "by its level",
    "mpris": "through its player",
    "event": "it was told, and does it itself",
}
_TOUCHED_DB = 0.05
"""A level nearer to 0 than this shows as 0."""
_SEPARATE = "\N{MIDDLE DOT}"


def level(db: float) -> str:
    """A level of the system's: ``silent``, ``0 dB``, ``-14 dB``."""
    if db <= SILENCE_DB:
        return "silent"
    return decibels(0.0 if abs(db) < _TOUCHED_DB else db)


def moving(now_db: float, target_db: float) -> str:
    """A level and where it is going, where that is elsewhere."""
    if abs(now_db - target_db) < _TOUCHED_DB:
        return level(now_db)
    return f"{level(now_db)}, going to {level(target_db)}"


def volume(volumes: Iterable[float]) -> str:
    """The user's volume as desktops show it: a cubic scale, in per cent, of each channel.

    PulseAudio's scale ("PulseAudio volume" is the cube root of the amplitude,
    ``pa_sw_volume_from_linear()``), which PipeWire's tools use as well.
    """
    shown = [f"{round(100.0 * value ** (1.0 / 3.0))} %" for value in map(float, volumes)]
    return shown[0] if len(set(shown)) == 1 else ", ".join(shown)


def span(seconds: float) -> str:
    """A length of time, no more exact than anybody asks: ``3.2 s``, ``4 min 10 s``, ``2 h``."""
    if seconds < 10.0:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} days"


def count(number: int, word: str) -> str:
    """How many there are of something: ``1 rule``, ``2 rules``."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def name(report: Report, key: str = "app") -> str:
    """A name that an app gave itself, safe for a terminal."""
    return printable(str(report.get(key) or "")) or "?"


def role(session: Report) -> str:
    """What a session's sound is for."""
    return str(session["role"] or "").replace("_", " ").replace("-", " ")


def route(session: Report) -> str:
    """What the ports of a session's route are called; empty where it did not ask for one."""
    return " and ".join(printable(str(each)) for each in session.get("route") or ())


def standing(session: Report) -> str:
    """How a session stands, and whose doing it is."""
    holders = ", ".join(dict.fromkeys(name(hold, "by_app") for hold in session["holds"]))
    by = f" by {holders}" if holders else ""
    word = str(session["standing"])
    done = {"ducked": "lowered", "interrupted": "paused"}.get(word)
    return f"{done}{by}" if done else word


def held(hold: Report) -> str:
    """What a hold does, who asked for it, since when, and how it is carried out."""
    what = _DONE.get(str(hold["kind"]), str(hold["kind"]))
    to = f" to {level(hold['level_db'])}" if hold["kind"] == "duck" else ""
    how = _HOW.get(str(hold["how"]), str(hold["how"]))
    return f"{what}{to} by {name(hold, 'by_app')} for {span(hold['since_s'])} ({how})"


def rule(hold: Report) -> str:
    """The rule behind a hold, and its reason."""
    because = printable(str(hold["because"]))
    return f"rule {printable(str(hold['rule']))}" + (f": {because}" if because else "")


def state(stream: Report) -> str:
    """Whether a stream sounds, and if not, why."""
    records = stream["direction"] == "capture"
    if not stream["playing"]:
        return "not recording" if records else "not playing"
    if stream["muted"]:
        return "muted by the user"
    if not stream["audible"]:
        return "silent" if any(stream["volumes"]) else "at volume 0"
    return "recording" if records else "playing"


def tie(stream: Report) -> str:
    """Why a stream belongs to its session."""
    by = str(stream["tied_by"])
    if not stream["session"] and by in ("", "nothing"):
        return "left alone: no session and no rule is for it"
    source = f" ({printable(str(stream['rule_source']))})" if stream["rule_source"] else ""
    words = {
        "property": "by its property audiosession.id",
        "process": "by its process",
        "parent process": "by a parent of its process",
        "rule stream role": "by its media.role",
    }.get(by, f"by {printable(by)}")
    return f"{'tied' if stream['session'] else 'left alone'} {words}{source}"


def service(status: Report) -> str:
    """The service itself, in a line."""
    parts = [
        f"audiosession {status['version']}",
        f"process {status['pid']}",
        f"up {span(status['uptime_s'])}",
        f"policy {printable(str(status['policy']))}",
    ]
    return f" {_SEPARATE} ".join(parts)


def server(report: Report) -> str:
    """A sound server, in a line."""
    detail = printable(str(report["detail"]))
    title = SERVERS.get(str(report["name"]), str(report["name"]))
    words = f"{title}: {'connected' if report['up'] else 'not connected'}"
    return f"{words}, {detail}" if detail else words


__all__ = [
    "SERVERS",
    "Report",
    "count",
    "held",
    "level",
    "moving",
    "name",
    "role",
    "route",
    "rule",
    "server",
    "service",
    "span",
    "standing",
    "state",
    "tie",
    "volume",
]
