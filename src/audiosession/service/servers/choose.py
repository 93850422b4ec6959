"""Which sound server apps play on here.

PipeWire may run beside PulseAudio, for video alone. What PulseAudio's own socket answers tells
them apart: PipeWire's stand-in for PulseAudio says that it is one. So PulseAudio is taken only
where it really is PulseAudio that answers there; otherwise PipeWire is, where it answers.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from ...errors import AudioSessionError
from ..bus.sockets import answers
from ..ledger import Ledger
from ..meter import Ears
from .base import SoundServer

_log = logging.getLogger("audiosession.service")

_ANSWER_S = 2.0


def pipewire_socket(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Where PipeWire's socket is to be; ``None`` where nothing says where.

    ``PIPEWIRE_REMOTE`` may name it, in ``PIPEWIRE_RUNTIME_DIR`` or ``XDG_RUNTIME_DIR``
    (https://docs.pipewire.org/page_man_pipewire_1.html).
    """
    name = environment.get("PIPEWIRE_REMOTE") or "pipewire-0"
    if name.startswith("/"):
        return Path(name)
    for variable in ("PIPEWIRE_RUNTIME_DIR", "XDG_RUNTIME_DIR"):
        if environment.get(variable):
            return Path(environment[variable]) / name
    return None


def pulse_socket(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Where PulseAudio's socket is to be; ``None`` where nothing says where.

    Only a local one: a server on another machine is not ours to arrange.
    """
    server = environment.get("PULSE_SERVER", "")
    if server:
        # Several servers may be named, each perhaps with a {machine} before it.
        words = server.rpartition("}")[2].split()
        path = words[0].removeprefix("unix:") if words else ""
        return Path(path) if path.startswith("/") else None
    if environment.get("PULSE_RUNTIME_PATH"):
        return Path(environment["PULSE_RUNTIME_PATH"]) / "native"
    if environment.get("XDG_RUNTIME_DIR"):
        return Path(environment["XDG_RUNTIME_DIR"]) / "pulse" / "native"
    return None


PLAYERS = "players"
"""The ledger of players that are paused; others have a sound server's name."""
ROUTES = "routes"
"""The ledger of what is switched for the routes of sessions."""


def ledger_path(name: str, environment: Mapping[str, str] = os.environ) -> Path:
    """Where is written down what a crash must not lose: below ``$XDG_STATE_HOME``.

    Args:
        name: A server's name, :data:`PLAYERS` or :data:`ROUTES`.
        environment: Instead of this process's own.
    """
    base = environment.get("XDG_STATE_HOME", "")
    # The XDG base directory specification has relative paths ignored.
    folder = Path(base) if os.path.isabs(base) else Path.home() / ".local" / "state"
    return folder / "audiosession" / f"{name}.ledger"


def sound_server_present(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a sound server seems to be here; looks at files only."""
    found = (pipewire_socket(environment), pulse_socket(environment))
    return any(path is not None and path.is_socket() for path in found)


async def choose_server() -> SoundServer | None:
    """The server that apps play on, not started; ``None`` where none answers."""
    pipewire, pulse = pipewire_socket(), pulse_socket()
    has_pipewire = pipewire is not None and answers(pipewire)
    if pulse is not None and find_spec("pulsectl_asyncio") is not None and answers(pulse):
        says = await _pulse_says()
        if says is not None and "pipewire" not in says.lower():
            from .pulse import PulseServer

            return PulseServer(Ledger(ledger_path("pulseaudio")))
    if has_pipewire:
        from .pipewire import PipeWireServer

        return PipeWireServer(Ledger(ledger_path("pipewire")))
    return None


def ears_for(server: SoundServer) -> Ears | None:
    """What measures the streams of a server that :func:`choose_server` found.

    PipeWire's own protocol has no meter but a recording; its stand-in for PulseAudio has.
    """
    path = pulse_socket()
    if path is None or find_spec("pulsectl_asyncio") is None:
        _log.info("streams of %s cannot be measured, so all that run count as heard", server.name)
        return None
    try:
        from .pulse_peaks import PulsePeaks
    except AudioSessionError as error:
        _log.info("%s; streams that run count as heard", error)
        return None
    return PulsePeaks(f"unix:{path}")


async def _pulse_says() -> str | None:
    """What the server at PulseAudio's socket calls itself; ``None`` when it does not answer."""
    from pulsectl_asyncio import PulseAsync

    try:
        async with asyncio.timeout(_ANSWER_S):
            async with PulseAsync("audiosession") as pulse:
                return str((await pulse.server_info()).server_name)
    except Exception:
        # The library has its own errors, untyped; whatever it is, nobody answered.
        return None


__all__ = [
    "PLAYERS",
    "ROUTES",
    "choose_server",
    "ears_for",
    "ledger_path",
    "pipewire_socket",
    "pulse_socket",
    "sound_server_present",
]
