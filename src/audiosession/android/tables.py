"""The tables by which Android decides about streams, volumes, ramps and the car's contexts.

They are read from the facts (:mod:`audiosession.android.facts`) when first asked for. Usages,
content types and flags are numbers here, hidden ones included; enumerations' members are such
numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from functools import cache
from types import MappingProxyType
from typing import Any

from audiosession._facts import read
from audiosession.android.attribute_constants import (
    AndroidAudioAttributeFlags,
    AndroidSuppressibleClass,
)
from audiosession.android.constants import AndroidAudioUsage
from audiosession.android.errors import IllegalArgumentException
from audiosession.android.stream_constants import AndroidStreamType
from audiosession.errors import UnknownNameError

__all__ = [
    "DEFAULT_VOLUME_GROUP",
    "AndroidCarContext",
    "CarInteraction",
    "StreamAttributes",
    "StreamVolume",
    "car_context",
    "car_interaction",
    "car_reduces",
    "figure",
    "legacy_stream",
    "ramp_ms",
    "stream_aliases",
    "stream_attributes",
    "stream_volume",
    "suppressible_class",
    "volume_control_stream",
    "volume_group",
    "volume_groups",
]

DEFAULT_VOLUME_GROUP = "MUSIC"
"""The volume group of attributes that fit none."""


_NOTHING = {"usage": AndroidAudioUsage.UNKNOWN.value}


class AndroidCarContext(IntEnum):
    """What sound in a car is for; Android 14's car service."""

    INVALID = 0
    """None that may sound."""
    MUSIC = 1
    """Media and games."""
    NAVIGATION = 2
    """Driving directions."""
    VOICE_COMMAND = 3
    """Assistants and screen readers."""
    CALL_RING = 4
    """A call comes in."""
    CALL = 5
    """A call."""
    ALARM = 6
    """An alarm."""
    NOTIFICATION = 7
    """A notification."""
    SYSTEM_SOUND = 8
    """Sounds of the user interface."""
    EMERGENCY = 9
    """An emergency."""
    SAFETY = 10
    """A safety warning."""
    VEHICLE_STATUS = 11
    """A message about the vehicle."""
    ANNOUNCEMENT = 12
    """An announcement."""


class CarInteraction(Enum):
    """What becomes of a request while a context holds focus in a car (android 97)."""

    REJECT = "R"
    """It is refused."""
    EXCLUSIVE = "E"
    """It is granted, and the holder loses."""
    CONCURRENT = "C"
    """It is granted beside the holder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamAttributes:
    """The attributes of a stream type."""

    usage: AndroidAudioUsage
    """Why it is played."""
    content_type: int
    """What it is, ``CONTENT_TYPE_*``."""
    flags: AndroidAudioAttributeFlags
    """Hidden flags included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamVolume:
    """A stream's volumes as the user counts them; AOSP's, vendors may say otherwise."""

    min: int
    """The lowest index."""
    max: int
    """The highest index."""
    default: int
    """The index at first."""


# -- streams and attributes ----------------------------------------------------------------------


def stream_attributes(stream: int) -> StreamAttributes | None:
    """The attributes that stand for a stream type; ``None`` when it is none."""
    return _stream_attributes().get(stream)


def legacy_stream(usage: int, flags: int = 0) -> AndroidStreamType:
    """The stream type that attributes are counted with inside the system.

    Args:
        usage: The real usage, a system usage included.
        flags: All flags.
    """
    stream = _stream_of(usage, flags, "legacy")
    return AndroidStreamType.MUSIC if stream is None else stream


def volume_control_stream(usage: int, flags: int = 0) -> AndroidStreamType:
    """The stream type whose volume the keys change for these attributes.

    Args:
        usage: The real usage, a system usage included.
        flags: All flags.

    Raises:
        IllegalArgumentException: The usage has none.
    """
    stream = _stream_of(usage, flags, "volume_control")
    if stream is None:
        raise IllegalArgumentException("usage", usage, expected="a usage with a stream type")
    return stream


def _stream_of(usage: int, flags: int, answer: str) -> AndroidStreamType | None:
    for flag, streams in _flag_streams().items():
        if flags & flag:
            return streams[answer]
    streams_of_usage = _usage_streams().get(usage)
    return None if streams_of_usage is None else streams_of_usage[answer]


# -- volumes -------------------------------------------------------------------------------------


def stream_volume(stream: int) -> StreamVolume:
    """The volumes of a stream type.

    Raises:
        IllegalArgumentException: It is none.
    """
    found = _stream_volumes().get(stream)
    if found is None:
        raise IllegalArgumentException("stream_type", stream, expected="a stream type")
    return found


def stream_aliases(kind: str = "phone") -> Mapping[AndroidStreamType, AndroidStreamType]:
    """Whose volume each stream type follows (android 87).

    Args:
        kind: ``phone``, ``default``, ``television``, ``single_volume``, or ``none`` where
            volume groups have the volumes, as in a car.

    Raises:
        UnknownNameError: There is no such table.
    """
    tables = _aliases()
    if kind not in tables:
        raise UnknownNameError("alias table", kind, tables)
    return tables[kind]


def volume_group(usage: int, content_type: int = 0, flags: int = 0) -> str:
    """The name of the volume group of attributes, which is a stream type's where it has one.

    Args:
        usage: The real usage, a system usage included.
        content_type: ``CONTENT_TYPE_*``.
        flags: All flags.
    """
    given = {"usage": usage, "content_type": content_type}
    for row in _rows("volume_group"):
        for match in row["match"]:
            flag = match.get("flag")
            if flag is not None:
                if flags & AndroidAudioAttributeFlags[flag]:
                    return str(row["name"])
            # The unknown usage is what attributes say that say nothing; it decides last.
            elif match != _NOTHING and all(given[key] == value for key, value in match.items()):
                return str(row["name"])
    return DEFAULT_VOLUME_GROUP


def volume_groups() -> tuple[str, ...]:
    """The names of all volume groups; a group's id is its place here."""
    return tuple(row["name"] for row in _rows("volume_group"))


# -- times, do-not-disturb -----------------------------------------------------------------------


def ramp_ms(usage: int) -> int:
    """The ramp that the system suggests for a requester's usage, in ms (android 44)."""
    return _ramps().get(usage, 0)


def suppressible_class(usage: int) -> AndroidSuppressibleClass | None:
    """What do-not-disturb takes a usage for; ``None`` when nothing is said of it."""
    return _suppressible().get(usage)


def figure(name: str) -> Any:
    """A figure or list that the platform works with, by its name in the facts.

    Raises:
        UnknownNameError: There is none of this name.
    """
    figures = _figures()
    if name not in figures:
        raise UnknownNameError("figure", name, figures)
    return figures[name]


# -- the car -------------------------------------------------------------------------------------


def car_context(usage: int) -> AndroidCarContext:
    """The context of a usage in a car; ``INVALID`` for one that has none."""
    return _contexts().get(usage, AndroidCarContext.INVALID)


def car_interaction(holder: AndroidCarContext, requested: AndroidCarContext) -> CarInteraction:
    """What becomes of a request in one context while another holds focus (android 97)."""
    return CarInteraction(_car_row(holder)["row"][requested])


def car_reduces(sounding: AndroidCarContext) -> frozenset[AndroidCarContext]:
    """Which contexts the car's hardware lowers while this one sounds (android 114)."""
    return frozenset(AndroidCarContext[name] for name in _car_row(sounding)["reduces"])


# -- reading -------------------------------------------------------------------------------------


def _rows(table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read("audiosession.android.facts", "android.toml")[table]
    return rows


def _car_row(context: AndroidCarContext) -> dict[str, Any]:
    return _rows("car_context")[context]


@cache
def _stream_attributes() -> dict[int, StreamAttributes]:
    return {
        AndroidStreamType[row["name"]]: StreamAttributes(
            usage=AndroidAudioUsage(row["usage"]),
            content_type=row["content_type"],
            flags=AndroidAudioAttributeFlags(row["flags"]),
        )
        for row in _rows("stream_to_attributes")
    }


def _streams(row: dict[str, Any]) -> dict[str, AndroidStreamType]:
    return {answer: AndroidStreamType[row[answer]] for answer in ("legacy", "volume_control")}


@cache
def _flag_streams() -> dict[int, dict[str, AndroidStreamType]]:
    return {
        AndroidAudioAttributeFlags[row["name"]]: _streams(row) for row in _rows("flag_to_stream")
    }


@cache
def _usage_streams() -> dict[int, dict[str, AndroidStreamType]]:
    return {AndroidAudioUsage[row["name"]]: _streams(row) for row in _rows("usage_to_stream")}


@cache
def _stream_volumes() -> dict[int, StreamVolume]:
    return {
        AndroidStreamType[row["name"]]: StreamVolume(
            min=row["min"], max=row["max"], default=row["default"]
        )
        for row in _rows("stream_volume")
    }


@cache
def _aliases() -> dict[str, Mapping[AndroidStreamType, AndroidStreamType]]:
    return {
        row["name"]: MappingProxyType(
            {
                AndroidStreamType[stream]: AndroidStreamType[target]
                for stream, target in row.items()
                if stream in AndroidStreamType.__members__
            }
        )
        for row in _rows("stream_alias")
    }


@cache
def _ramps() -> dict[int, int]:
    return {usage: row["milliseconds"] for row in _rows("focus_ramp") for usage in row["usages"]}


@cache
def _suppressible() -> dict[int, AndroidSuppressibleClass]:
    (row,) = _rows("suppressible")
    return {
        AndroidAudioUsage[usage]: AndroidSuppressibleClass[name]
        for usage, name in row.items()
        if usage in AndroidAudioUsage.__members__
    }


@cache
def _figures() -> dict[str, Any]:
    return {row["name"]: row["value"] for row in _rows("figure")}


@cache
def _contexts() -> dict[int, AndroidCarContext]:
    return {
        usage: AndroidCarContext[row["name"]]
        for row in _rows("car_context")
        for usage in row["usages"]
    }
