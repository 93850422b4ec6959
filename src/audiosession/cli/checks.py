"""What ``audiosession doctor`` looks at; every check looks only and changes nothing."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from importlib.util import find_spec

from .._reading import read_bounded
from ..errors import AudioSessionError, IllegalRequestError, PolicyError
from ..scenario.timeline_common import printable
from ..service.bus.names import BUS_NAME, socket_path
from ..service.bus.sockets import answers
from ..service.install import UNIT_NAME, Places, installed
from ..service.ledger import MAX_BYTES, parse_ledger
from ..service.rules import read_rules
from ..service.rules_source import rules_path
from ..service.servers.choose import PLAYERS, ROUTES, pipewire_socket, pulse_socket
from . import access, words
from .access import Client
from .left import ledgers, left_behind
from .session_bus import Names, bus_names, usual_data_home, why_unseen
from .systemd import user_manager

_PATIENCE_S = 5.0
"""How long a server may take to answer."""
_FLAT_VOLUME = 0x0040
"""``PA_SINK_FLAT_VOLUME`` (pulse/def.h): the sink follows the loudest stream."""
_TOO_QUIET = "look whether a program is too quiet"
_LOOK_AFTER = {
    PLAYERS: "look whether a player is paused",
    ROUTES: "look whether each card, port and stream is as you had it",
}
_MANAGERS = ("WirePlumber", "pipewire-media-session")


class State(Enum):
    """What a check found."""

    OK = "ok"
    """It is as it should be."""
    WARN = "warn"
    """The service can work, not as well as it might."""
    FAIL = "fail"
    """The service cannot work like this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found."""

    check: str
    """What was looked at."""
    state: State
    """How it is."""
    text: str
    """What was found."""
    todo: str = ""
    """What to do next; empty when there is nothing to do."""


async def examine() -> tuple[Finding, ...]:
    """All checks, in an order in which the first that fails explains those after it."""
    findings = [_packages(), _runtime()]
    names = await bus_names()
    findings += [_bus(names), *await _sound(), *_started_by(names)]
    findings += [await _service(), _rules(), *_ledgers()]
    return tuple(findings)


# -- the ground ----------------------------------------------------------------------------------


def _packages() -> Finding:
    check = "Python packages"
    version = ".".join(map(str, sys.version_info[:3]))
    missing = [name for name in ("dbus_fast", "pulsectl_asyncio") if find_spec(name) is None]
    todo = "pip install 'audiosession[linux]'"
    if "dbus_fast" in missing:
        return _fail(check, f"dbus_fast is missing in Python {version}", todo)
    if missing:
        return _warn(check, "pulsectl_asyncio is missing: PulseAudio cannot be reached", todo)
    return _ok(check, f"all there, Python {version}")


def _runtime() -> Finding:
    check = "runtime folder"
    given = os.environ.get("XDG_RUNTIME_DIR")
    todo = "log in through a session manager, or set XDG_RUNTIME_DIR to a folder of mode 700"
    if not given:
        return _fail(check, "XDG_RUNTIME_DIR is not set", todo)
    try:
        found = os.stat(given)
    except OSError as error:
        return _fail(check, f"{given}: {error.strerror}", todo)
    if found.st_uid != os.getuid():
        return _fail(check, f"{given} belongs to another user", todo)
    if stat.S_IMODE(found.st_mode) & 0o077:
        return _warn(check, f"{given} is open to other users", f"chmod 700 {given}")
    return _ok(check, given)


def _bus(names: Names | str) -> Finding:
    check = "session bus"
    if not isinstance(names, str):
        return _ok(check, f"answers, {len(names[0])} names")
    todo = "start the programs of a session under dbus-run-session"
    where = socket_path()
    if where is not None:
        return _warn(check, f"{names}; only apps that use the socket {where} can ask", todo)
    return _fail(check, names, todo)


# -- the sound servers ---------------------------------------------------------------------------


async def _sound() -> list[Finding]:
    pipewire = await _pipewire()
    up = any(finding.state is State.OK for finding in pipewire)
    pulse = await asyncio.to_thread(_pulse, up)
    if any(finding.check == "PulseAudio" for finding in pulse):
        # PipeWire is there for video alone, and needs no session manager for that.
        pipewire = [finding for finding in pipewire if finding.state is State.OK]
    if pipewire or pulse:
        return [*pipewire, *pulse]
    return [
        _fail(
            "sound server",
            "neither PipeWire nor PulseAudio answers",
            _start("pipewire", "wireplumber", "pipewire-pulse", instead="or pulseaudio alone"),
        )
    ]


async def _pipewire() -> list[Finding]:
    from ..pipewire import Interface, PipeWireClient

    path = pipewire_socket()
    if path is None or not path.exists():
        return []
    try:
        async with PipeWireClient(timeout_s=_PATIENCE_S) as client:
            version = client.info.version if client.info is not None else "?"
            sinks = client.find(Interface.NODE, **{"media.class": "Audio/Sink"})
            there = [
                name
                for name in _MANAGERS
                if client.find(Interface.CLIENT, **{"application.name": name})
            ]
    except AudioSessionError as error:
        return [_fail("PipeWire", str(error), _restart("pipewire"))]
    found = [_ok("PipeWire", f"{printable(version)}, {words.count(len(sinks), 'sink')}")]
    if there:
        found.append(_ok("session manager", ", ".join(there)))
    else:
        found.append(
            _fail(
                "session manager",
                "none is connected: no stream is linked to a device",
                _start("wireplumber"),
            )
        )
    return found


def _pulse(beside_pipewire: bool) -> list[Finding]:
    try:
        import pulsectl
    except ImportError:
        # Another check says so.
        return []
    path = pulse_socket()
    if path is not None and not answers(path):
        return [_no_pulse(f"nobody listens at {path}")] if beside_pipewire else []
    pulse = pulsectl.Pulse("audiosession doctor", connect=False)
    try:
        pulse.connect(autospawn=False, timeout=_PATIENCE_S)
        info = pulse.server_info()
        flat = [sink.description for sink in pulse.sink_list() if sink.flags & _FLAT_VOLUME]
    except pulsectl.PulseError as error:
        return [_no_pulse(str(error))] if beside_pipewire else []
    finally:
        pulse.close()
    name, version = printable(str(info.server_name)), printable(str(info.server_version))
    if "PipeWire" in name:
        return [_ok("pipewire-pulse", name)]
    found = [_ok("PulseAudio", f"{name} {version}")]
    if flat:
        found.append(
            _warn(
                "flat volumes",
                f"on for {printable(', '.join(map(str, flat)))}: "
                "lowering one stream moves the loudness of the whole output",
                "put flat-volumes = no into ~/.config/pulse/daemon.conf, then pulseaudio -k",
            )
        )
    else:
        found.append(_ok("flat volumes", "off"))
    return found


def _no_pulse(why: str) -> Finding:
    return _warn(
        "pipewire-pulse",
        f"does not answer, so apps that speak PulseAudio have no sound: {printable(why)}",
        _start("pipewire-pulse"),
    )


def _start(*programs: str, instead: str = "") -> str:
    """What to do so that these run."""
    if user_manager():
        return f"systemctl --user start {' '.join(programs)}"
    return ", ".join((f"start {programs[0]}", *programs[1:], *([instead] if instead else [])))


def _restart(program: str) -> str:
    if user_manager():
        return f"systemctl --user restart {program}"
    return f"end {program} and start it again"


# -- the service ---------------------------------------------------------------------------------


def _started_by(names: Names | str) -> Iterator[Finding]:
    check = "start on demand"
    todo = "audiosession service install"
    try:
        ours = installed()
        places = Places.of(os.environ)
    except (IllegalRequestError, OSError) as error:
        yield _warn(check, str(error), "set HOME")
        return
    foreign = [str(path) for path, is_ours in ours.items() if is_ours is False]
    if foreign:
        yield _warn(check, f"not written by this program: {', '.join(foreign)}", "look at it")
    elif isinstance(names, str):
        yield _warn(check, "needs a session bus; without one apps start the service themselves")
    elif BUS_NAME in names[1]:
        yield _ok(check, "the session bus starts the service when an app asks for it")
    elif ours[places.activation]:
        if places.activation.parents[2] == usual_data_home():
            text = "installed, and the session bus has not seen it yet"
            yield _warn(check, text, f"{todo}; it has the bus look again")
        else:
            yield _warn(check, *why_unseen(places.activation))
    else:
        yield _warn(check, "not installed: apps start the service themselves", todo)


async def _service() -> Finding:
    from .._version import __version__

    check = "service"

    async def ask(client: Client) -> dict[str, object]:
        async with asyncio.timeout(_PATIENCE_S):
            return await client.status()

    try:
        status = await access.if_running(ask, start=False)()
    except TimeoutError:
        return _fail(check, "it runs and does not answer", _restart(UNIT_NAME))
    except AudioSessionError as error:
        return _fail(check, str(error))
    if status is None:
        return _ok(check, "not running; it starts when it is needed")
    about = words.service(status)
    if status["version"] != __version__:
        todo = "audiosession service stop; it starts again when it is needed"
        return _warn(check, f"{about}; this is {__version__}", todo)
    servers = status["servers"]
    assert isinstance(servers, list)
    if not any(server["up"] for server in servers):
        return _fail(check, f"{about}; connected to no sound server")
    return _ok(check, about)


def _rules() -> Finding:
    check = "rules"
    path = rules_path()
    if not path.exists():
        return _ok(check, "those that ship; there is no file of your own")
    try:
        rules = read_rules(path)
    except PolicyError as error:
        problems = "\n".join(printable(problem) for problem in error.problems)
        todo = f"mend {path}; until then the rules before it are in force"
        return _warn(check, problems, todo)
    return _ok(check, f"{words.count(len(rules.rules), 'rule')} of your own in {path}")


def _ledgers() -> Iterator[Finding]:
    check = "ledger"
    problem = False
    for path in ledgers():
        try:
            parse_ledger(read_bounded(path, MAX_BYTES))
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            problem = True
            yield _warn(check, f"{path}: {error}", "the service sets it aside when it starts")
    for path in ledgers():
        aside = sorted(map(str, path.parent.glob(f"{path.name}.damaged-*")))
        if aside:
            problem = True
            text = f"damaged and set aside: {', '.join(aside)}"
            yield _warn(check, text, f"{_LOOK_AFTER.get(path.stem, _TOO_QUIET)}, then remove it")
    if left := left_behind():
        text = f"{left}, to be given back"
        yield _ok(check, text) if _in_use() else _warn(check, text, "audiosession reset")
    elif not problem:
        yield _ok(check, "nothing is to be given back")


def _in_use() -> bool:
    """Whether a service runs, which gives back what it lowered."""
    path = socket_path()
    return path is not None and answers(path)


def _ok(check: str, text: str) -> Finding:
    return Finding(check=check, state=State.OK, text=text)


def _warn(check: str, text: str, todo: str = "") -> Finding:
    return Finding(check=check, state=State.WARN, text=text, todo=todo)


def _fail(check: str, text: str, todo: str = "") -> Finding:
    return Finding(check=check, state=State.FAIL, text=text, todo=todo)


__all__ = ["Finding", "State", "examine"]
