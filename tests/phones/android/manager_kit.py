"""An AudioManager on the phone of this process, and what it called there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from audiosession.android import AudioManager
from audiosession.android.device import AndroidDevice
from audiosession.hosts.android import AndroidHost

from .phone import LevelledBridge, Phone


class Managed:
    """An app with an AudioManager on a phone of some level."""

    def __init__(self, level: int) -> None:
        self.phone = Phone(level)
        self.host = AndroidHost(self.phone.bridge())
        self.device: AndroidDevice = self.host.android_device
        self.manager = AudioManager(self.host)
        self.level = level

    def calls(self) -> list[str]:
        """What of AudioManager was called since the last look, without its name."""
        prefix = "AudioManager."
        return [call.removeprefix(prefix) for call in self.phone.calls(prefix)]


@asynccontextmanager
async def managed(level: int) -> AsyncIterator[Managed]:
    """One, that is closed again, and leaves nothing that the phone would call."""
    before = LevelledBridge.living()
    made = Managed(level)
    try:
        yield made
    finally:
        await made.manager.close()
        await made.host.close()
    assert made.phone.java.listening() == 0
    assert LevelledBridge.living() == before


class Heard:
    """Keeps what it is called with."""

    def __init__(self) -> None:
        self.all: list[Any] = []

    def __call__(self, *what: Any) -> None:
        self.all.append(what[0] if len(what) == 1 else what)


def boxed(*numbers: int) -> list[Any]:
    """Numbers as Java's objects, as which a list of them can be handed over."""
    import jnius

    return [jnius.autoclass("java.lang.Integer")(number) for number in numbers]
