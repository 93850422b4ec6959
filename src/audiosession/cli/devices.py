"""``audiosession devices``: where sound leaves and enters the machine."""

from __future__ import annotations

import asyncio
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from . import access, words
from .exits import Exit
from .lists import print_json
from .terminal import Terminal
from .words import Report

_DIRECTIONS = {"playback": "output", "capture": "input"}


def show_devices(*, as_json: bool) -> Exit:
    """The devices of the sound servers; starts the service, which knows them.

    Raises:
        HostUnavailableError: the service cannot be started, or does not answer.
    """

    async def ask() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        async with access.client(start=True) as client:
            endpoints = await client.endpoints()
            # Whether anything sounds there is for people; programs ask for the status.
            return endpoints, [] if as_json else (await client.status())["streams"]

    endpoints, streams = asyncio.run(ask())
    terminal = Terminal.here()
    if as_json:
        print_json(endpoints)
    elif endpoints:
        terminal.out.print(devices_screen(endpoints, streams, terminal))
    else:
        terminal.line("There is no output and no input.")
    return Exit.OK


def devices_screen(
    endpoints: list[dict[str, Any]], streams: list[dict[str, Any]], terminal: Terminal
) -> RenderableType:
    """A table, outputs first, the default of each before the others; the ids are for programs.

    Args:
        endpoints: The devices.
        streams: What plays and records, as the status has it.
        terminal: Where it is to fit.
    """
    used = {_place(stream, "endpoint") for stream in streams if stream["playing"]}
    table = terminal.table("device", "", "type", "")
    for column in table.columns[1:]:
        column.no_wrap = True
    last = ""
    for endpoint in sorted(endpoints, key=_order):
        if last and last != endpoint["direction"] and terminal.unicode:
            table.add_section()
        last = endpoint["direction"]
        dim = "" if endpoint["available"] else "dim"
        table.add_row(
            Text(words.name(endpoint, "name"), style=dim or "bold"),
            _DIRECTIONS.get(endpoint["direction"], endpoint["direction"]),
            Text(str(endpoint["type"]), style=dim),
            Text(_state(endpoint, used), style="green" if endpoint["default"] else dim),
        )
    return table


def _order(endpoint: Report) -> tuple[bool, bool, bool, str]:
    return (
        endpoint["direction"] != "playback",
        not endpoint["default"],
        not endpoint["available"],
        str(endpoint["name"]),
    )


def _place(report: Report, key: str) -> tuple[str, str, str]:
    return report["server"], report["direction"], report[key]


def _state(endpoint: Report, used: set[tuple[str, str, str]]) -> str:
    if not endpoint["available"]:
        return "unplugged"
    if endpoint["default"]:
        return "default"
    return "in use" if _place(endpoint, "id") in used else "available"


__all__ = ["devices_screen", "show_devices"]
