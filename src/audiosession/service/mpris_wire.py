"""MPRIS as it is on the bus: names, questions, and what can be read of an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

# The names of https://specifications.freedesktop.org/mpris-spec/2.2/
PREFIX = "org.mpris.MediaPlayer2"
PATH = "/org/mpris/MediaPlayer2"
PLAYER = "org.mpris.MediaPlayer2.Player"
PROPERTIES = "org.freedesktop.DBus.Properties"
BUS = "org.freedesktop.DBus"
BUS_PATH = "/org/freedesktop/DBus"

_MAX_TEXT = 256

_MIRRORS = frozenset({f"{PREFIX}.playerctld"})
"""Names under which a program only repeats what other players say."""


def question(owner: str, interface: str, member: str, signature: str = "", *body: Any) -> Message:
    """A call of a player's method."""
    return Message(
        destination=owner,
        path=PATH,
        interface=interface,
        member=member,
        signature=signature,
        body=list(body),
    )


def is_player(name: object) -> bool:
    """Whether a name on the bus is a player's own."""
    return isinstance(name, str) and name.startswith(f"{PREFIX}.") and name not in _MIRRORS


def value(values: Mapping[str, Any], key: str) -> Any:
    """A property among others, taken out of its variant; ``None`` where it is not."""
    found = values.get(key)
    return getattr(found, "value", found)


def text(values: Mapping[str, Any] | None, key: str) -> str:
    """A text among other properties, cut where it is too long; empty where there is none."""
    found = value(values or {}, key)
    return found[:_MAX_TEXT] if isinstance(found, str) else ""


def error_text(reply: Message | None) -> str:
    """What an error says, to be told to people."""
    if reply is None:
        return "no answer"
    said = reply.body[0] if reply.body and isinstance(reply.body[0], str) else ""
    return f"{reply.error_name} {said[:_MAX_TEXT]}".strip()


async def get_all(
    bus: MessageBus, owner: str, interface: str, patience_s: float
) -> Mapping[str, Any] | None:
    """All properties of a player's interface; ``None`` when they are not to be had.

    Raises:
        TimeoutError: it does not answer in time.
    """
    reply = await _reply(bus, question(owner, PROPERTIES, "GetAll", "s", interface), patience_s)
    found = reply[0] if reply else None
    return found if isinstance(found, dict) else None


async def call_bus(
    bus: MessageBus, patience_s: float, member: str, signature: str = "", *body: Any
) -> list[Any] | None:
    """What the bus itself answers; ``None`` for an error, or when it is gone.

    Raises:
        TimeoutError: it does not answer in time.
    """
    call = Message(
        destination=BUS,
        path=BUS_PATH,
        interface=BUS,
        member=member,
        signature=signature,
        body=list(body),
    )
    return await _reply(bus, call, patience_s)


async def _reply(bus: MessageBus, call: Message, patience_s: float) -> list[Any] | None:
    try:
        async with asyncio.timeout(patience_s):
            reply = await bus.call(call)
    except TimeoutError:
        raise
    except (EOFError, OSError):
        return None
    if reply is None or reply.message_type is MessageType.ERROR:
        return None
    return list(reply.body)


__all__ = [
    "BUS",
    "BUS_PATH",
    "PATH",
    "PLAYER",
    "PREFIX",
    "PROPERTIES",
    "call_bus",
    "error_text",
    "get_all",
    "is_player",
    "question",
    "text",
    "value",
]
