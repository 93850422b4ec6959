"""``audiosession status`` and ``reset``: the service, its sessions and the streams."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from . import access, words
from .access import Client
from .exits import Exit
from .lists import print_json
from .terminal import Terminal
from .words import Report

_STYLES = {"ducked": "yellow", "interrupted": "red", "waiting": "blue", "active": "green"}


def show_status(*, start: bool, as_json: bool) -> Exit:
    """The service, its sessions, and the streams on the sound servers.

    Args:
        start: Start the service where it is not running.
        as_json: One JSON document: ``running``, and if so the status report's fields, else
            what a crash left to be given back: ``left_lowered``, ``left_paused`` and
            ``left_moved``, the numbers of volumes, players and streams, and ``left_profiles``
            and ``left_ports``, the names of cards, and of sinks and sources, that are switched.

    Raises:
        HostUnavailableError: the service does not answer.
    """

    async def ask(client: Client) -> dict[str, Any]:
        return await client.status()

    report = asyncio.run(access.if_running(ask, start=start)())
    terminal = Terminal.here()
    if report is None:
        return not_running(terminal, "status", as_json=as_json)
    if as_json:
        print_json({"running": True, **report})
    else:
        terminal.out.print(status_screen(report, terminal))
    return Exit.OK


def reset(*, as_json: bool) -> Exit:
    """Gives back every volume that is held, and says how many; starts the service for that.

    A service that is not running may have left something behind, and mends it as it starts.

    Raises:
        HostUnavailableError: the service cannot be started, or does not answer.
    """

    async def ask() -> dict[str, Any]:
        async with access.client(start=True) as client:
            return await client.reset()

    done = asyncio.run(ask())
    if as_json:
        print_json(done)
    else:
        terminal = Terminal.here()
        terminal.line("Everything is back to normal: nothing is lowered, silenced or paused.")
        terminal.line("Apps that ask for the audio from now on are served as ever.", "dim")
    return Exit.OK


def not_running(terminal: Terminal, command: str, *, as_json: bool) -> Exit:
    """Says that the service is not running, what it left behind, and what starts it."""
    from .left import left_behind

    left = left_behind()
    if as_json:
        print_json({"running": False, **left.plain()})
    elif left:
        terminal.line("The service is not running.")
        terminal.line(f"A crash left {left}. To give back:", "bold")
        terminal.line("  audiosession reset")
    else:
        terminal.line("The service is not running: nothing is lowered, paused or moved.")
        terminal.line("It starts when an app needs it. To start it now:", "dim")
        terminal.line(f"  audiosession {command} --start")
    return Exit.NOT_RUNNING


def status_screen(report: Report, terminal: Terminal) -> RenderableType:
    """The whole status, as wide as the terminal."""
    parts: list[RenderableType] = [_plain(terminal, words.service(report), "bold")]
    for server in report["servers"]:
        parts.append(_plain(terminal, words.server(server), "" if server["up"] else "bold red"))
    if not report["servers"]:
        parts.append(_plain(terminal, "no sound server", "bold red"))
    for problem in report["rule_errors"]:
        parts.append(_plain(terminal, f"rules: {problem}", "bold red"))
    parts += ["", _sessions(report, terminal), "", _streams(report, terminal)]
    return Group(*parts)


def _sessions(report: Report, terminal: Terminal) -> RenderableType:
    if not report["sessions"]:
        return Text("No app has a session.", style="dim")
    table = terminal.table("app", "sound is for", "standing", "level", "streams")
    for place in (3, 4):
        table.columns[place].justify = "right"
        table.columns[place].no_wrap = True
    labels = _labels(report["sessions"])
    for session in report["sessions"]:
        by_rule = ", by rule" if session["adopted"] else ""
        table.add_row(
            Text(labels[session["id"]], style="bold"),
            f"{words.role(session)}{by_rule}" if session["role"] else "has not asked yet",
            Text(words.standing(session), style=_STYLES.get(session["standing"], "dim")),
            terminal.plain(words.level(session["gain_db"])),
            str(len(session["streams"])),
        )
    return table


def _streams(report: Report, terminal: Terminal) -> RenderableType:
    if not report["streams"]:
        return Text("No program plays or records.", style="dim")
    apps = _labels(report["sessions"])
    labels = _labels(report["streams"])
    table = terminal.table("stream", "state", "volume", "system", "session of")
    for place in (2, 3):
        table.columns[place].justify = "right"
        table.columns[place].no_wrap = True
    for stream in report["streams"]:
        title = words.name(stream, "title") if stream["title"] else ""
        text = Text(labels[stream["id"]], style="bold")
        if title and title != words.name(stream):
            text.append(f" {title}", style="not bold dim")
        owner = apps.get(stream["session"], "")
        table.add_row(
            text,
            words.state(stream),
            words.volume(stream["volumes"]),
            terminal.plain(words.level(stream["target_db"])),
            Text(owner) if owner else Text("left alone", style="dim"),
        )
    return table


def _labels(reports: list[Report]) -> dict[str, str]:
    """What each is called, by id; with its process where several bear one name."""
    names = Counter(words.name(report) for report in reports)

    def label(report: Report) -> str:
        name = words.name(report)
        shared = names[name] > 1 and report["pid"] is not None
        return f"{name} (pid {report['pid']})" if shared else name

    return {report["id"]: label(report) for report in reports}


def _plain(terminal: Terminal, text: str, style: str = "") -> Text:
    return Text(terminal.plain(text), style=style)


__all__ = ["not_running", "reset", "show_status", "status_screen"]
