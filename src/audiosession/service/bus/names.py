"""The names and bounds of the service on the wire; the reference is ``docs/dbus.md``.

Service and clients both take them from here. Nothing here needs a D-Bus library.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

BUS_NAME: Final = "org.audiosession.Service1"
"""The well-known name on the session bus, and on the service's own socket."""
ROOT: Final = "/org/audiosession/Service1"
"""The path of the manager."""
MANAGER: Final = "org.audiosession.Manager1"
"""The interface of the object at :data:`ROOT`."""
ANDROID: Final = "org.audiosession.Android1"
"""Another interface of that object: what only Android's words can say."""
SESSION: Final = "org.audiosession.Session1"
"""The interface of a session."""
STREAM: Final = "org.audiosession.Stream1"
"""The interface of a stream on a sound server."""
DEVICE: Final = "org.audiosession.Device1"
"""The interface of an input or output."""
ERROR_PREFIX: Final = "org.audiosession.Error"
"""What the names of the service's own errors begin with."""

# https://dbus.freedesktop.org/doc/dbus-specification.html#standard-interfaces
DAEMON: Final = "org.freedesktop.DBus"
DAEMON_PATH: Final = "/org/freedesktop/DBus"
PROPERTIES: Final = "org.freedesktop.DBus.Properties"
INTROSPECTABLE: Final = "org.freedesktop.DBus.Introspectable"
OBJECT_MANAGER: Final = "org.freedesktop.DBus.ObjectManager"
PEER: Final = "org.freedesktop.DBus.Peer"

MOST_BYTES: Final = 64 * 1024
"""The longest request, in characters and numbers of its arguments."""
MOST_SESSIONS: Final = 64
"""Sessions that one client may have open."""
MOST_HELD: Final = 2 * MOST_SESSIONS
"""What one client may have to give back at any time: its sessions, and a claim in each."""
MOST_WAITING: Final = 256
"""Requests of one client that may wait for their answer at a time."""
REQUESTS_PER_S: Final = 500.0
"""Requests a second that one client may keep up."""
BURST: Final = 2000
"""Requests that one client may make at once."""
MOST_APP_LETTERS: Final = 128
"""The longest name of an app; longer ones are cut."""


def path_of(kind: str, id: str) -> str:
    """The path of an object: ``path_of("session", "s-1")``.

    Letters and digits stay, every other byte becomes ``_`` and two hex digits, since paths on
    D-Bus have no other characters.
    """
    return f"{ROOT}/{kind}/{_escaped(id) or '_'}"


def id_of(path: str) -> str:
    """The id in a path that :func:`path_of` made."""
    head, *rest = path.rpartition("/")[2].split("_")
    data = head.encode()
    for piece in rest:
        data += bytes.fromhex(piece[:2]) + piece[2:].encode()
    return data.decode()


def runtime_directory() -> Path | None:
    """``$XDG_RUNTIME_DIR``, else the usual place of it where that is there, else ``None``.

    One that is not absolute counts as not given, as the XDG Base Directory Specification asks.
    """
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.path.isabs(given):
        return Path(given)
    usual = Path(f"/run/user/{os.getuid()}")
    return usual if usual.is_dir() else None


def socket_path() -> Path | None:
    """Where the service's own socket is; ``None`` where there is no runtime directory."""
    directory = runtime_directory()
    return None if directory is None else directory / "audiosession" / "bus"


def session_bus_address() -> str | None:
    """The address of the session bus; ``None`` where there is none."""
    given = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    if given:
        return given
    directory = runtime_directory()
    if directory is not None and (directory / "bus").is_socket():
        return f"unix:path={directory / 'bus'}"
    return None


def _escaped(id: str) -> str:
    return "".join(
        chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"_{byte:02x}"
        for byte in id.encode()
    )
