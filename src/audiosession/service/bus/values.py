"""Values of the one API as JSON texts, there and back; used by the service and by clients."""

from __future__ import annotations

import dataclasses
import json
import re
import typing
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import Any

from ..._checks import check_flag, check_level, check_text
from ...configuration import AudioSessionConfiguration
from ...core.routing import RouteRequest
from ...devices import AudioDevice, AudioDevicesChangedEvent, AudioDeviceType
from ...errors import InvalidTypeError, InvalidValueError, UnknownFieldError
from ...hosts.base import FOCUS_SWITCHES
from ...interruptions import AudioInterruptionEvent, AudioInterruptionType, InterruptionReason
from .names import MOST_APP_LETTERS

FOCUS_OPTIONS = (*FOCUS_SWITCHES, "target_sdk", "zone")
"""What an activation takes that only Android can say."""
MOST_ZONE_LETTERS = 64
_TEXTS = 16
"""How many texts of configurations are known; each is at most what a request may bring."""

# https://dbus.freedesktop.org/doc/dbus-specification.html#basic-types
_UNCARRIED = re.compile("[\0\ud800-\udfff]")


def carried(value: Any) -> Any:
    """A value with texts that D-Bus can carry: UTF-8 without the character 0.

    Names of streams come from their apps, and may hold any bytes.
    """
    if isinstance(value, str):
        return _UNCARRIED.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [carried(item) for item in value]
    return value


def loaded(text: str, field: str) -> Any:
    """What a JSON text says.

    Raises:
        InvalidValueError: it is no JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidValueError(field, text, expected="a JSON text") from None


def configuration_to_text(configuration: AudioSessionConfiguration) -> str:
    """A configuration as the JSON that :meth:`AudioSessionConfiguration.to_json` describes."""
    return json.dumps(configuration.to_json())


@lru_cache(maxsize=_TEXTS)
def configuration_from_text(text: str) -> AudioSessionConfiguration:
    """The configuration in a JSON text.

    Apps go back and forth between a few, so the last ones are known by their texts.

    Raises:
        IllegalRequestError: it is none, or its fields do not go together.
    """
    data = loaded(text, "configuration")
    if not isinstance(data, Mapping):
        raise InvalidTypeError("configuration", data, expected="a JSON object")
    configuration = AudioSessionConfiguration.from_json(data)
    configuration.validate()
    return configuration


def focus_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """What an app asks in Android's words beyond gain and attributes, checked.

    Raises:
        InvalidTypeError: one has the wrong type.
        InvalidValueError: an API level or the name of a zone is out of bounds.
    """
    options = {name: given[name] for name in FOCUS_OPTIONS if name in given}
    for name, value in options.items():
        if name in FOCUS_SWITCHES:
            check_flag(name, value)
    if "target_sdk" in options:
        check_level("target_sdk", options["target_sdk"])
    if "zone" in options:
        check_text("zone", options["zone"], most=MOST_ZONE_LETTERS)
    return options


def interruption_to_text(event: AudioInterruptionEvent, *, runs: bool) -> str:
    """An interruption as JSON.

    Args:
        event: The interruption.
        runs: Whether it is running now, so that an end may come.
    """
    return json.dumps(
        {
            "begin": event.begin,
            "type": event.type.value,
            "should_resume": event.should_resume,
            "system_ducked": event.system_ducked,
            "reason": event.reason.value,
            "runs": runs,
        }
    )


def interruption_from_text(text: str) -> AudioInterruptionEvent:
    """The interruption in a JSON text; keys of a newer service are passed over.

    Raises:
        IllegalRequestError: it is none.
    """
    data = _object(text, "interruption")
    return AudioInterruptionEvent(
        begin=data.get("begin", True),
        type=AudioInterruptionType(data.get("type")),
        should_resume=data.get("should_resume", False),
        system_ducked=data.get("system_ducked", False),
        reason=_reason(data.get("reason")),
    )


def interruption_runs(text: str) -> bool:
    """Whether the interruption in a JSON text is running, so that an end may come.

    An older service does not say so; with it a beginning of an unknown kind has no end.
    """
    data = _object(text, "interruption")
    lasting = data.get("type") == AudioInterruptionType.UNKNOWN.value
    return bool(data.get("runs", data.get("begin", True) and not lasting))


def devices_to_plain(devices: frozenset[AudioDevice]) -> list[dict[str, Any]]:
    """Devices as JSON values, in a lasting order."""
    return [
        {
            "id": device.id,
            "name": device.name,
            "is_input": device.is_input,
            "is_output": device.is_output,
            "type": device.type.value,
        }
        for device in sorted(devices, key=lambda each: each.id)
    ]


def devices_from_text(text: str) -> frozenset[AudioDevice]:
    """The devices in a JSON text."""
    return _devices(loaded(text, "devices"))


def devices_changed_to_text(event: AudioDevicesChangedEvent) -> str:
    """A change of devices as JSON."""
    return json.dumps(
        {
            "added": devices_to_plain(event.devices_added),
            "removed": devices_to_plain(event.devices_removed),
        }
    )


def devices_changed_from_text(text: str) -> AudioDevicesChangedEvent:
    """The change of devices in a JSON text."""
    data = _object(text, "devices")
    return AudioDevicesChangedEvent(
        devices_added=_devices(data.get("added", [])),
        devices_removed=_devices(data.get("removed", [])),
    )


def route_request_from_text(text: str) -> RouteRequest:
    """The request for a route in a JSON text; a field that is left out has its default.

    Raises:
        InvalidTypeError, InvalidValueError, UnknownFieldError: it is none; names the field.
    """
    data = _object(text, "request")
    hints = typing.get_type_hints(RouteRequest)
    known = [field.name for field in dataclasses.fields(RouteRequest)]
    for name in data:
        if name not in known:
            raise UnknownFieldError(name, known=known)
    return RouteRequest(**{name: _route_field(name, hints[name], data[name]) for name in data})


def _route_field(name: str, hint: Any, value: Any) -> Any:
    if issubclass(hint, Enum):
        try:
            return hint(value)
        except ValueError:
            legal = ", ".join(str(each.value) for each in hint)
            raise InvalidValueError(name, value, expected=f"one of {legal}") from None
    if not isinstance(value, hint):
        raise InvalidTypeError(name, value, expected="a flag" if hint is bool else "a text")
    return value


def app_name(given: str) -> str:
    """An app's name as it may be shown: one line, without control characters, bounded."""
    words = "".join(letter if letter.isprintable() else " " for letter in given).split()
    return " ".join(words)[:MOST_APP_LETTERS].strip()


def _object(text: str, field: str) -> Mapping[str, Any]:
    data = loaded(text, field)
    if not isinstance(data, Mapping):
        raise InvalidTypeError(field, data, expected="a JSON object")
    return data


def _devices(data: Any) -> frozenset[AudioDevice]:
    return frozenset(
        AudioDevice(
            id=each["id"],
            name=each["name"],
            is_input=each["is_input"],
            is_output=each["is_output"],
            type=_device_type(each["type"]),
        )
        for each in data
    )


def _device_type(value: Any) -> AudioDeviceType:
    try:
        return AudioDeviceType(value)
    except ValueError:
        return AudioDeviceType.UNKNOWN


def _reason(value: Any) -> InterruptionReason:
    try:
        return InterruptionReason(value)
    except ValueError:
        return InterruptionReason.UNKNOWN


__all__ = [
    "FOCUS_OPTIONS",
    "app_name",
    "carried",
    "configuration_from_text",
    "configuration_to_text",
    "devices_changed_from_text",
    "devices_changed_to_text",
    "devices_from_text",
    "devices_to_plain",
    "focus_options",
    "interruption_from_text",
    "interruption_to_text",
    "loaded",
    "route_request_from_text",
]
