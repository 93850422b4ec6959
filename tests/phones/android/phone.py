"""A phone in this process: a Java machine with doubles of Android's classes in it.

There is one machine in a process and one phone in it; :func:`phone` makes it another one.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

import pytest

from audiosession.hosts.android.jnius_bridge import JniusBridge

from . import declarations
from .doubles import compiled

LEVELS = (23, 26, 31, 33, declarations.NEWEST)
"""Before focus requests; with them; with a device for calls; with exported flags; the newest."""


def missing() -> str | None:
    """What keeps tests from having a phone here; ``None``: nothing."""
    if shutil.which("javac") is None:
        return "there is no Java compiler"
    if find_spec("jnius") is None:
        return "pyjnius is not installed"
    return None if declarations.present() else "Android's declarations are not there"


def check() -> None:
    """Fails in CI, and skips elsewhere, where there can be no phone."""
    why = missing()
    if why is not None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)


@cache
def _machine() -> Any:
    import jnius_config

    # It is to leave this process's signals to Python, and to be small.
    jnius_config.add_options("-Xrs", "-Xmx256m", "-XX:+UseSerialGC")
    jnius_config.set_classpath(str(compiled()))
    import jnius

    return jnius


class LevelledClass:
    """A class of which only those static fields are there that the level has."""

    def __init__(self, found: Any, declared: declarations.Declared, level: int) -> None:
        self._found = found
        self._declared = declared
        self._level = level

    def __call__(self, *args: Any) -> Any:
        return self._found(*args)

    def __getattr__(self, name: str) -> Any:
        for field in self._declared.fields:
            if field.name == name and max(field.since, self._declared.since) > self._level:
                raise AttributeError(f"{self._declared.short}.{name} came with {field.since}")
        return getattr(self._found, name)


class LevelledBridge(JniusBridge):
    """The real bridge, on classes of one level and in an app of choice."""

    @classmethod
    def living(cls) -> int:
        """How many objects there are that Python implements and that were not released."""
        return sum(1 for each in cls._made if each.methods)

    def __init__(self, app: Any = None) -> None:
        self._app = app
        super().__init__()

    def context(self) -> Any:
        return super().context() if self._app is None else self._app

    def java_class(self, name: str) -> Any:
        found = super().java_class(name)
        declared = declarations.read().get(name)
        return found if declared is None else LevelledClass(found, declared, self.level)

    @property
    def level(self) -> int:
        return int(super().java_class("org.audiosession.doubles.Doubles").level())


class Phone:
    """Hands to work the phone.

    Args:
        level: Its API level.
    """

    def __init__(self, level: int) -> None:
        check()
        jnius = _machine()
        self.level = level
        self.doubles = jnius.autoclass("org.audiosession.doubles.Doubles")
        self.java = jnius.autoclass("org.audiosession.doubles.Phone")
        self._intent = jnius.autoclass("android.content.Intent")
        self.doubles.reset(level)

    def bridge(self, app: str = "app") -> LevelledBridge:
        """The bridge of an app."""
        return LevelledBridge(None if app == "app" else self.java.app(app))

    # -- what apps called --------------------------------------------------------------------

    def calls(self, prefix: str = "") -> list[str]:
        """The calls since the last look, those that begin so."""
        return [str(call) for call in self.doubles.calls() if str(call).startswith(prefix)]

    def answer(self, method: str, value: Any) -> None:
        """What a method returns from now on; lists fit arrays and collections."""
        if isinstance(value, list | tuple):
            self.doubles.answerAll(method, list(value))
        else:
            self.doubles.answer(method, int(value) if isinstance(value, bool) else value)

    def fail(self, method: str, exception: str, message: str) -> None:
        """Has a method throw from now on."""
        self.doubles.fail(method, exception, message)

    def forget(self, method: str) -> None:
        """Has a method do again what it does by itself."""
        self.doubles.forget(method)

    def holders(self) -> list[str]:
        """The apps that have focus, the last to ask at the end."""
        return [str(name) for name in self.java.holders()]

    # -- what happens ------------------------------------------------------------------------

    def device(
        self, id: int, type: int, name: str, *, sink: bool = False, source: bool = False
    ) -> Any:
        """A device that can be plugged."""
        return self.java.device(id, type, name, sink, source)

    def plug(self, *devices: Any) -> None:
        """Devices come."""
        self.java.plug(list(devices))

    def unplug(self, *devices: Any, noisy: bool = True) -> None:
        """Devices go."""
        self.java.unplug(list(devices), noisy)

    def intent(self, action: str, **extras: int) -> Any:
        """Something to send."""
        made = self._intent(action)
        for name, value in extras.items():
            made.putExtra(name, value)
        return made

    def send(self, intent: Any, *, sticky: bool = False) -> None:
        """Sends it to whoever is registered."""
        (self.java.sendSticky if sticky else self.java.send)(intent)

    async def settle(self) -> None:
        """Returns once all that was told so far has been heard, in the loop too."""
        self.java.idle()
        await _turn()


async def _turn() -> None:
    done = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(done.set_result, None)
    await done


def shown(calls: Sequence[str]) -> list[str]:
    """Calls without their arguments."""
    return [call.partition("(")[0] for call in calls]
