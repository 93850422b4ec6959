"""``audiosession monitor``: what the service decides, as it happens."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from ..errors import HostUnavailableError, HostUnavailableReason
from ..scenario.timeline_common import printable
from . import access, words
from .access import Client
from .exits import Exit, report
from .status import status_screen
from .terminal import Terminal, json_out
from .words import Report

_KEPT = 8
"""How many decisions stand below the tables."""
_AT_MOST_EVERY_S = 0.1
"""How often the tables are drawn anew; a fade has many steps."""
_SETTLES_S = 1.0
"""How long levels may still move after an event; the end of a fade is none."""
_WAITING = "waiting for something to happen; Ctrl-C ends it"
_WORDS = {
    "devices_changed": "the devices changed",
    "became_noisy": "the output became noisy: headphones are gone",
}


def monitor(*, as_json: bool) -> Exit:
    """Shows what happens until Ctrl-C; starts the service where it is not running.

    Args:
        as_json: JSON Lines: first ``{"type": "status", ...}``, then every event.

    Returns:
        NOT_RUNNING when the service ended.

    Raises:
        HostUnavailableError: the service cannot be started.
        KeyboardInterrupt: Ctrl-C.
    """
    terminal = Terminal.here()

    async def watch() -> None:
        async with access.client(start=True) as client:
            if as_json:
                await _as_json(client)
            elif terminal.is_tty:
                await _as_screen(client, terminal)
            else:
                await _as_lines(client, terminal)

    asyncio.run(watch())
    report(HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, "the service ended"))
    return Exit.NOT_RUNNING


async def _events(client: Client, ready: Callable[[], Awaitable[object]]) -> AsyncIterator[Report]:
    """What happens, from before ``ready`` on, so that nothing falls in between."""
    events = client.events()
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(_next(events))
        # The service is asked for its events when the task runs, and in the order of asking.
        await asyncio.sleep(0)
        await ready()
        event = await first
    while event is not None:
        yield event
        event = await _next(events)


async def _next(events: AsyncIterator[dict[str, Any]]) -> dict[str, Any] | None:
    return await anext(events, None)


async def _as_json(client: Client) -> None:
    file = json_out()

    def write(value: Report) -> None:
        file.write(json.dumps(value, ensure_ascii=False) + "\n")
        file.flush()

    async def ready() -> None:
        write({"type": "status", **await client.status()})

    async for event in _events(client, ready):
        write(event)


async def _as_lines(client: Client, terminal: Terminal) -> None:
    clock = asyncio.get_running_loop().time
    started = clock()

    async def ready() -> None:
        terminal.line(_WAITING)
        terminal.file.flush()

    async for event in _events(client, ready):
        text = _text(event)
        if text:
            terminal.line(f"{words.span(clock() - started):>9}  {text}")
            terminal.file.flush()


async def _as_screen(client: Client, terminal: Terminal) -> None:
    happened: deque[str] = deque(maxlen=_KEPT)
    changed = asyncio.Event()
    clock = asyncio.get_running_loop().time
    last = clock()

    async def draw(live: Live) -> None:
        while True:
            changed.clear()
            live.update(_screen(await client.status(), happened, terminal), refresh=True)
            await asyncio.sleep(_AT_MOST_EVERY_S)
            if clock() > last + _SETTLES_S:
                await changed.wait()

    with Live(console=terminal.out, auto_refresh=False) as live:
        async with asyncio.TaskGroup() as tasks:
            drawing: list[asyncio.Task[None]] = []

            async def ready() -> None:
                drawing.append(tasks.create_task(draw(live)))

            async for event in _events(client, ready):
                text = _text(event)
                if text:
                    happened.append(text)
                last = clock()
                changed.set()
            drawing[0].cancel()


def _screen(status: Report, happened: deque[str], terminal: Terminal) -> RenderableType:
    lines = [Text(terminal.plain(text), style="dim") for text in happened or [_WAITING]]
    return Group(status_screen(status, terminal), "", *lines)


def _text(event: Report) -> str:
    """An event in words; empty where there is nothing to tell, or a decision tells of it."""
    if event["type"] == "decided":
        if not event["effects"] and event["event"].get("type") == "Tick":
            return ""
        return printable(str(event["text"]))
    return _WORDS.get(str(event["type"]), "")


__all__ = ["monitor"]
