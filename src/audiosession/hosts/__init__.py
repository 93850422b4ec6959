"""Where sessions live: the hosts, and the choice between them."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import NamespaceLoader
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..errors import (
    ExtraMissingError,
    HostUnavailableError,
    HostUnavailableReason,
    UnknownNameError,
)
from .base import Capability, Host

if TYPE_CHECKING:
    from ..session import AudioSession

HOSTS = ("simulated", "linux", "ios", "android")
"""The names that ``AUDIOSESSION_HOST`` and ``AudioSession.instance(host=...)`` take."""

_PHONES = ("ios", "android")

ENVIRONMENT_VARIABLE = "AUDIOSESSION_HOST"

_log = logging.getLogger("audiosession")
_warned = False


class StandIn(Protocol):
    """An app that takes the place of this program, as in tests of apps."""

    @property
    def host(self) -> Host:
        """Where its sessions live."""

    @property
    def session(self) -> AudioSession:
        """Its shared session."""


_stand_in: Callable[[], StandIn] | None = None


def stand_in() -> StandIn | None:
    """The app that takes this program's place; ``None``: none does."""
    return None if _stand_in is None else _stand_in()


@contextmanager
def standing_in(app: Callable[[], StandIn]) -> Iterator[None]:
    """Has an app take this program's place: whatever asks for no host by itself gets its.

    Args:
        app: Gives the app, each time it is needed.
    """
    global _stand_in
    before, _stand_in = _stand_in, app
    try:
        yield
    finally:
        _stand_in = before


def choose_host(name: str | None = None) -> Host:
    """The host by that name; without one, ``AUDIOSESSION_HOST``; without that, what is there.

    What is there: on a phone the phone, on Linux the per-user service where there is a sound
    server and a way to reach the service, else the simulated device, with a warning in the
    log the first time. Looks at files and the environment only; never blocks. In a test
    with the fixture ``simulated_device`` it is always the app under test's.

    Raises:
        UnknownNameError: no host has that name.
        HostUnavailableError: the host asked for cannot be had here; says why.
        ExtraMissingError: the host asked for needs a package that is not installed.
    """
    app = stand_in()
    if app is not None:
        return app.host
    asked = name if name is not None else os.environ.get(ENVIRONMENT_VARIABLE) or None
    if asked is None:
        here = _phone_here()
        if here is not None:
            return _phone(here)
        missing = _missing_for_linux()
        if missing is None:
            return _linux()
        _warn(missing)
    if asked is None or asked == "simulated":
        from .simulated import SimulatedDevice

        return SimulatedDevice.in_real_time().app("app").host
    if asked not in HOSTS:
        raise UnknownNameError("host", asked, HOSTS)
    if asked in _PHONES:
        if asked != _phone_here():
            raise _wrong_platform(asked)
        return _phone(asked)
    if not _linux_here():
        raise _wrong_platform(asked)
    if find_spec("dbus_fast") is None:
        raise ExtraMissingError("linux", "the audio session service")
    if _session_bus() is None and _runtime_directory() is None:
        raise HostUnavailableError(
            HostUnavailableReason.NO_SERVICE,
            f"the host {asked!r} needs DBUS_SESSION_BUS_ADDRESS or XDG_RUNTIME_DIR; "
            f"{ENVIRONMENT_VARIABLE}=simulated needs nothing",
        )
    return _linux()


def _wrong_platform(asked: str) -> HostUnavailableError:
    what = f"the host {asked!r} cannot be used here"
    if asked == "android" and _on_android():
        what = (
            "this program is no Android app that python-for-android (with pyjnius) or Chaquopy "
            f"packed, as the host {asked!r} needs it"
        )
    return HostUnavailableError(
        HostUnavailableReason.WRONG_PLATFORM,
        f"{what}; {ENVIRONMENT_VARIABLE}=simulated can be used",
    )


def _phone_here() -> str | None:
    """Which phone this program runs on; ``None``: none.

    An Android app has something that leads to Java. python-for-android sets
    ``ANDROID_ARGUMENT``, and its apps may have pyjnius; Chaquopy has a module ``java``. Without
    any of these it is a terminal on the phone, such as Termux, which is a Linux of its own.
    """
    if sys.platform == "ios":
        return "ios"
    if not _on_android():
        return None
    app = "ANDROID_ARGUMENT" in os.environ or has_module("jnius") or has_module("java")
    return "android" if app else None


def has_module(name: str) -> bool:
    """Whether there is a module of that name with anything in it.

    Python takes any folder on its path for a package of that name, such as the folder ``java``
    of an app's project. Chaquopy's module is a package with an ``__init__``.
    """
    spec = find_spec(name)
    if spec is None:
        return False
    return spec.loader is not None and not isinstance(spec.loader, NamespaceLoader)


def _on_android() -> bool:
    """Whether the system is Android: before Python 3.13 it is ``linux`` by name there, too."""
    if sys.platform == "linux":
        return "ANDROID_ARGUMENT" in os.environ or "ANDROID_ROOT" in os.environ
    return sys.platform == "android"


def _linux_here() -> bool:
    """Whether there may be a per-user service: on Linux, which a terminal on Android is as well."""
    return sys.platform in ("linux", "android") and _phone_here() is None


def _phone(name: str) -> Host:
    if name == "ios":
        if find_spec("rubicon") is None:
            from .ios.errors import RubiconMissingError

            raise RubiconMissingError
        from .ios import IOSHost

        return IOSHost()
    from .android import AndroidHost

    return AndroidHost()


def _linux() -> Host:
    from .linux import LinuxHost

    return LinuxHost()


def _missing_for_linux() -> str | None:
    """What keeps the service from being this machine's host; ``None``: nothing."""
    if not _linux_here():
        return "there is none for this system"
    from ..service.servers.choose import sound_server_present

    if not sound_server_present():
        return "there is no sound server"
    if _session_bus() is None and not _service_socket():
        return "there is no session bus"
    if find_spec("dbus_fast") is None:
        return "it needs: pip install 'audiosession[linux]'"
    return None


def _session_bus() -> str | None:
    from ..service.bus.names import session_bus_address

    return session_bus_address()


def _runtime_directory() -> Path | None:
    from ..service.bus.names import runtime_directory

    return runtime_directory()


def _service_socket() -> bool:
    from ..service.bus.names import socket_path

    path = socket_path()
    return path is not None and path.is_socket()


def _warn(missing: str) -> None:
    global _warned
    if not _warned:
        _warned = True
        _log.warning(
            "no audio session service here (%s): using a simulated device in this process, "
            "which sees no other app and changes no sound (%s=simulated says this is wanted)",
            missing,
            ENVIRONMENT_VARIABLE,
        )


__all__ = ["ENVIRONMENT_VARIABLE", "HOSTS", "Capability", "Host", "choose_host"]
