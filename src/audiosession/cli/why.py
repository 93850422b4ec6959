"""``audiosession why``: for each stream every factor and hold, and how it came to them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..errors import InvalidValueError
from ..scenario.timeline_common import printable
from . import access, words
from .access import Client
from .exits import Exit
from .lists import print_json
from .status import not_running
from .terminal import Terminal
from .words import Report

HISTORY = 20
"""How many decisions are shown where nobody says."""


def show_why(app: str | None, *, history: int = HISTORY, start: bool, as_json: bool) -> Exit:
    """Why apps sound as they do.

    Args:
        app: The name of an app or program, or the id of a session, stream or process; ``None``
            for all.
        history: How many decisions to show, the last ones, 0 or more.
        start: Start the service where it is not running.
        as_json: One JSON document: ``running``, and if so the why report's fields.

    Raises:
        HostUnavailableError: the service does not answer.
        UnknownNameError: nothing is called so.
        InvalidValueError: a negative number of decisions.
    """
    if history < 0:
        raise InvalidValueError("--history", history, expected="0 or more")

    async def ask(client: Client) -> dict[str, Any]:
        return await client.why(app)

    answer = asyncio.run(access.if_running(ask, start=start)())
    terminal = Terminal.here()
    if answer is None:
        return not_running(terminal, "why", as_json=as_json)
    decisions = answer["history"]
    shown = decisions[len(decisions) - min(history, len(decisions)) :]
    if as_json:
        print_json({"running": True, **answer, "history": shown})
    elif answer["sessions"] or answer["streams"] or decisions:
        for part in why_screen(answer, terminal, history):
            terminal.out.print(part)
    else:
        terminal.line("No app has a session, and no program plays or records.")
    return Exit.OK


def why_screen(
    answer: Report, terminal: Terminal, history: int = HISTORY
) -> Iterator[RenderableType]:
    """The answer with so many decisions, piece by piece, as wide as the terminal."""
    streams = {stream["id"]: stream for stream in answer["streams"]}
    first = True
    for session in answer["sessions"]:
        if not first:
            yield ""
        first = False
        yield from _session(session, streams, terminal)
    alone = [stream for stream in answer["streams"] if not stream["session"]]
    for stream in alone:
        if not first:
            yield ""
        first = False
        yield Text(words.name(stream), style="bold")
        yield from _stream(stream, terminal)
    if answer["history"] and history:
        if not first:
            yield ""
        yield from _history(answer["history"], terminal, history)


def _session(
    session: Report, streams: dict[str, Report], terminal: Terminal
) -> Iterator[RenderableType]:
    about = [words.role(session) or "has not asked for the audio yet"]
    if session["pid"] is not None:
        about.append(f"process {session['pid']}")
    if session["adopted"]:
        about.append("by rule")
    head = Text(words.name(session), style="bold")
    head.append(f"  {', '.join(about)}", style="not bold dim")
    yield head
    if not session["holds"]:
        yield _indented(
            terminal, f"{words.standing(session)}, level {words.level(session['gain_db'])}", 2
        )
    yield from _holds(session["holds"], terminal, 2)
    if session["holding"]:
        count = len(session["holding"])
        others = "one other" if count == 1 else f"{count} others"
        yield _indented(terminal, f"keeps {others} lowered or paused", 2)
    if route := words.route(session):
        yield _indented(terminal, f"routed to {route}", 2)
    for id in session["streams"]:
        if id in streams:
            yield from _stream(streams[id], terminal)
    if not session["streams"]:
        yield _indented(terminal, "no stream", 2, "dim")


def _stream(stream: Report, terminal: Terminal) -> Iterator[RenderableType]:
    title = f' "{words.name(stream, "title")}"' if stream["title"] else ""
    yield _indented(terminal, f"stream {stream['id']}{title}: {words.state(stream)}", 2)
    system = words.moving(stream["factor_db"], stream["target_db"])
    yield _indented(
        terminal, f"volume {words.volume(stream['volumes'])} by the user; system {system}", 4
    )
    if by_type := stream.get("stream_volume_db", 0.0):
        text = f"its Android stream type's volume: {words.level(by_type)}"
        yield _indented(terminal, text, 4)
    yield _indented(terminal, words.tie(stream), 4, "dim")
    # Those of its session stand there; a stream may have others, as of a rule.
    if not stream["session"]:
        yield from _holds(stream["holds"], terminal, 4)


def _holds(holds: list[Report], terminal: Terminal, indent: int) -> Iterator[RenderableType]:
    for hold in holds:
        yield _indented(terminal, words.held(hold), indent, "yellow")
        yield _indented(terminal, words.rule(hold), indent + 2, "dim")


def _history(history: list[Report], terminal: Terminal, most: int) -> Iterator[RenderableType]:
    yield Text("what happened", style="bold")
    shown = history[-most:]
    if len(shown) < len(history):
        earlier = len(history) - len(shown)
        yield _indented(terminal, f"{earlier} earlier; see --history", 2, "dim")
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for decision in shown:
        text = terminal.plain(printable(str(decision["text"])))
        table.add_row(f"{words.span(decision['ago_s'])} ago", Text(text))
    yield Padding(table, (0, 0, 0, 2), expand=False)


def _indented(terminal: Terminal, text: str, indent: int, style: str = "") -> Padding:
    return Padding(Text(terminal.plain(text), style=style), (0, 0, 0, indent), expand=False)


__all__ = ["show_why", "why_screen"]
