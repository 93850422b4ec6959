"""The reference page has everything that is on the bus, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from audiosession.service.bus import names
from audiosession.service.bus.android import ANDROID_INTERFACE
from audiosession.service.bus.objects import (
    DEVICE_INTERFACE,
    MANAGER_INTERFACE,
    SESSION_INTERFACE,
    STREAM_INTERFACE,
)
from audiosession.service.bus.peer import MOST_PEERS, MOST_UNSENT_BYTES
from audiosession.service.bus.tree import Interface

PAGE = (Path(__file__).parents[2] / "docs" / "dbus.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "interface",
    [
        MANAGER_INTERFACE,
        ANDROID_INTERFACE,
        SESSION_INTERFACE,
        STREAM_INTERFACE,
        DEVICE_INTERFACE,
    ],
    ids=lambda interface: interface.name,
)
def test_the_page_has_what_the_interface_has(interface: Interface) -> None:
    section = PAGE.partition(f"\n## `{interface.name}`\n")[2].partition("\n## ")[0]
    documented = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert documented == [
        *(each.name for each in interface.methods),
        *(each.name for each in interface.properties),
        *(each.name for each in interface.signals),
    ]
    for property in interface.properties:
        assert f"| `{property.name}` | `{property.signature}` |" in section


def test_the_bounds_are_those_of_the_code() -> None:
    for text in (
        f"{names.MOST_BYTES // 1024} KiB",
        f"{names.BURST} at once, then {names.REQUESTS_PER_S:g} a second",
        f"apart | {names.BURST + names.MOST_HELD} at once, then {names.REQUESTS_PER_S:g} a second",
        f"answer | {names.MOST_WAITING} |",
        f"`Close` | {names.MOST_WAITING + names.MOST_HELD} |",
        f"Sessions of one client | {names.MOST_SESSIONS} |",
        f"connections | {MOST_PEERS} |",
        f"{MOST_UNSENT_BYTES // 1024**2} MiB",
    ):
        assert text in PAGE
