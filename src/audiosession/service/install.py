"""The two files that let the user's session start the service: systemd's unit and D-Bus's entry.

The unit keeps the service up while the user is logged in, so that programs which know nothing
of it are looked after too; the entry starts it when somebody calls it by its name on the bus.
Both carry a mark in their first line, and only files with that mark are ever changed or
removed.
"""

from __future__ import annotations

import os
import secrets
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ..errors import IllegalRequestError
from .bus.names import BUS_NAME

UNIT_NAME = "audiosession.service"
"""What systemd calls it."""
MODULE = "audiosession.service"
"""What ``python -m`` runs as the service."""
MARK = "# Written by `audiosession service install`; `audiosession service uninstall` removes it."
"""The first line of every file of ours."""


class Action(Enum):
    """What became of a file."""

    WRITTEN = "written"
    """It is new, or it was ours and is different now."""
    UNCHANGED = "unchanged"
    """It is ours and says already what it should."""
    REMOVED = "removed"
    """It was ours and is gone."""
    ABSENT = "absent"
    """It was not there, and was to go."""
    LEFT = "left"
    """It is there, has no mark of ours, and stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of one file."""

    path: Path
    """The file."""
    action: Action
    """What was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the files of one user go."""

    unit: Path
    """systemd's unit."""
    activation: Path
    """D-Bus's entry."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Places:
        """The places that an environment says, by the XDG Base Directory Specification.

        A folder that is empty or not absolute counts as not given, as that asks.

        Raises:
            IllegalRequestError: a home is needed and there is none.
        """
        config = _folder(environment, "XDG_CONFIG_HOME", ".config")
        data = _folder(environment, "XDG_DATA_HOME", ".local/share")
        return cls(
            unit=config / "systemd/user" / UNIT_NAME,
            activation=data / "dbus-1/services" / f"{BUS_NAME}.service",
        )


def install(
    environment: Mapping[str, str] = os.environ, python: str = sys.executable
) -> tuple[Change, ...]:
    """Writes both files, each whole or not at all; what is right already stays untouched.

    Args:
        environment: Where to write: ``HOME``, ``XDG_CONFIG_HOME``, ``XDG_DATA_HOME``.
        python: The absolute path of the interpreter that is to run the service.

    Raises:
        IllegalRequestError: no home, or an interpreter whose path no unit can name.
        OSError: a file cannot be written.
    """
    places = Places.of(environment)
    return (
        _put(places.unit, unit_text(python)),
        _put(places.activation, activation_text(python)),
    )


def uninstall(environment: Mapping[str, str] = os.environ) -> tuple[Change, ...]:
    """Removes both files where they are ours.

    Raises:
        IllegalRequestError: no home.
        OSError: a file cannot be removed.
    """
    places = Places.of(environment)
    return tuple(_take(path) for path in (places.unit, places.activation))


def installed(environment: Mapping[str, str] = os.environ) -> dict[Path, bool | None]:
    """For both files: whether it is ours, ``None`` where there is none.

    Raises:
        IllegalRequestError: no home.
    """
    places = Places.of(environment)
    return {path: _is_ours(path) for path in (places.unit, places.activation)}


def unit_text(python: str) -> str:
    """systemd's unit for this interpreter (systemd.service(5), systemd.exec(5)).

    Raises:
        IllegalRequestError: the interpreter's path cannot be named in a unit.
    """
    command = f"{_for_systemd(_checked(python))} -m {MODULE} --stay"
    return f"""{MARK}
[Unit]
Description=Audio sessions: who sounds, who is lowered and who pauses
After=pipewire.service wireplumber.service pulseaudio.service

[Service]
Type=dbus
BusName={BUS_NAME}
ExecStart={command}
Restart=on-failure
Slice=session.slice

[Install]
WantedBy=default.target
"""


def activation_text(python: str) -> str:
    """D-Bus's entry for this interpreter (D-Bus Specification, "Message Bus Starting Services").

    Where systemd runs the user's session the bus has it start the unit; elsewhere the bus
    starts the command itself, and the service leaves when nobody needs it.

    Raises:
        IllegalRequestError: the interpreter's path cannot be named in an entry.
    """
    return f"""{MARK}
[D-BUS Service]
Name={BUS_NAME}
Exec={_for_dbus(_checked(python))} -m {MODULE}
SystemdService={UNIT_NAME}
"""


def _folder(environment: Mapping[str, str], name: str, below_home: str) -> Path:
    given = Path(environment.get(name) or ".")
    if given.is_absolute():
        return given
    home = Path(environment.get("HOME") or ".")
    if not home.is_absolute():
        raise IllegalRequestError(f"there is no home folder: set HOME, or {name}")
    return home / below_home


def _checked(python: str) -> str:
    if not os.path.isabs(python) or any(ord(sign) < 0x20 for sign in python):
        raise IllegalRequestError(f"no absolute path of a Python interpreter: {python!r}")
    try:
        python.encode()
    except UnicodeEncodeError:
        raise IllegalRequestError(f"the interpreter's path is not UTF-8: {python!r}") from None
    return python


def _for_systemd(path: str) -> str:
    # The program's own path knows specifiers (%) and C escapes; variables ($) are put in from
    # the first argument on. A program with a quote or a backslash in its name is refused
    # (string_is_safe() in systemd's load-fragment.c), an argument is not.
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    if any(sign in path for sign in "\"'\\"):
        return f'/usr/bin/env "{escaped.replace("$", "$$")}"'
    plain = all(sign.isalnum() or sign in "/._-+" for sign in escaped)
    return escaped if plain else f'"{escaped}"'


def _for_dbus(path: str) -> str:
    # The bus reads the value as a desktop file's first, where a backslash begins an escape,
    # and as a shell's words then; it runs no shell.
    return shlex.quote(path).replace("\\", "\\\\")


def _is_ours(path: Path) -> bool | None:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.readline().rstrip("\n") == MARK
    except FileNotFoundError:
        return False if path.is_symlink() else None


def _put(path: Path, text: str) -> Change:
    ours = _is_ours(path)
    if ours is False:
        return Change(path=path, action=Action.LEFT)
    if ours and path.read_text("utf-8") == text:
        return Change(path=path, action=Action.UNCHANGED)
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    _replace(path, text)
    return Change(path=path, action=Action.WRITTEN)


def _take(path: Path) -> Change:
    ours = _is_ours(path)
    if ours:
        path.unlink()
        return Change(path=path, action=Action.REMOVED)
    return Change(path=path, action=Action.ABSENT if ours is None else Action.LEFT)


def _replace(path: Path, text: str) -> None:
    """Writes a file; a reader sees the old one or the whole new one, also after a crash."""
    # A name that neither systemd nor the bus takes for a file of theirs.
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with scratch.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


__all__ = [
    "BUS_NAME",
    "MARK",
    "MODULE",
    "UNIT_NAME",
    "Action",
    "Change",
    "Places",
    "activation_text",
    "install",
    "installed",
    "uninstall",
    "unit_text",
]
