"""The session bus itself, as `doctor` and `service install` ask it."""

from __future__ import annotations

import asyncio
import os
import shlex
from pathlib import Path
from typing import Any

from ..service.bus.names import DAEMON, DAEMON_PATH, session_bus_address

_PATIENCE_S = 5.0
"""How long it may take to answer."""

Names = tuple[list[str], list[str]]
"""The names on the bus, and those it can start."""


async def bus_names() -> Names | str:
    """The names on the session bus and those it can start; or why that cannot be said."""
    answers = await _ask("ListNames", "ListActivatableNames")
    if isinstance(answers, str):
        return answers
    there, startable = (list(answer[0]) for answer in answers)
    return there, startable


async def reload_bus() -> bool:
    """Has the bus read its folders again, as it may not watch a new one; whether it did."""
    return not isinstance(await _ask("ReloadConfig"), str)


def why_unseen(entry: Path) -> tuple[str, str]:
    """Why a bus that has read its folders does not see our entry, and what to do.

    The reference bus looks in ``dbus-1/services`` below ``XDG_DATA_HOME`` of its own environment,
    else below ``.local/share`` of the home folder that the user database names; ``HOME`` does not
    count (dbus-daemon(1), ``standard_session_servicedirs``).
    """
    usual = usual_data_home()
    data = entry.parents[2]
    problem = f"the session bus does not see {entry}"
    if usual is None or data == usual:
        return (
            f"{problem}: it was started with another XDG_DATA_HOME, or has folders of its own",
            f"start the bus with XDG_DATA_HOME={shlex.quote(str(data))}",
        )
    return (
        f"{problem}: the bus looks below {usual}, as the user database has it, "
        "or below the XDG_DATA_HOME that it was started with",
        f"XDG_DATA_HOME={shlex.quote(str(usual))} audiosession service install",
    )


def usual_data_home() -> Path | None:
    """Where a bus without ``XDG_DATA_HOME`` looks; ``None`` for a user without an entry."""
    import pwd

    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir) / ".local/share"
    except KeyError:
        return None


async def _ask(*members: str) -> list[list[Any]] | str:
    address = session_bus_address()
    if address is None:
        return "there is none"
    try:
        from dbus_fast import Message, MessageType
        from dbus_fast.aio import MessageBus
    except ImportError:
        return "it cannot be looked at without dbus_fast"
    answers = []
    try:
        async with asyncio.timeout(_PATIENCE_S):
            bus = await MessageBus(bus_address=address).connect()
            try:
                for member in members:
                    reply = await bus.call(
                        Message(
                            destination=DAEMON, path=DAEMON_PATH, interface=DAEMON, member=member
                        )
                    )
                    if reply is None or reply.message_type is not MessageType.METHOD_RETURN:
                        return f"{address}: no answer to {member}"
                    answers.append(list(reply.body))
            finally:
                bus.disconnect()
    except TimeoutError:
        return f"{address}: no answer within {_PATIENCE_S:g} s"
    except Exception as error:
        # dbus-fast lets through whatever connecting raised.
        return f"{address}: {error}"
    return answers


__all__ = ["Names", "bus_names", "reload_bus", "usual_data_home", "why_unseen"]
