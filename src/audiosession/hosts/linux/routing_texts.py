"""What the service and an app say to each other of routes, as JSON texts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...core.codec import to_plain
from ...core.routing import Port, RouteChange, RouteChangeReason, RoutePorts, RouteRequest
from ...devices import AudioDeviceType
from ...errors import InvalidTypeError, InvalidValueError, MissingFieldError
from ...service.bus.values import loaded
from ...service.routing.report import DirectionReport, PortReport, RoutingReport


def request_to_text(request: RouteRequest) -> str:
    """A request for a route as JSON."""
    return json.dumps(to_plain(request))


def routing_from_text(text: str) -> RoutingReport:
    """The report in a JSON text; keys of a newer service are passed over.

    Raises:
        IllegalRequestError: it is none.
    """
    data = _object(text, "report")
    plain = {name: data[name] for name in _REPORT if name in data}
    return RoutingReport(
        up=bool(data.get("up", False)),
        ports=tuple(_port_report(each) for each in data.get("ports", ())),
        route=_route(data.get("route", {})),
        **plain,
    )


def change_from_text(text: str) -> RouteChange:
    """The change of a route in a JSON text; a reason that is not known is ``UNKNOWN``.

    Raises:
        IllegalRequestError: it is none.
    """
    data = _object(text, "change")
    return RouteChange(
        session=data.get("session", ""),
        reason=_reason(data.get("reason")),
        previous=_route(data.get("previous", {})),
        current=_route(data.get("current", {})),
        lost=tuple(data.get("lost", ())),
        noisy=bool(data.get("noisy", False)),
    )


# The fields that are the same in JSON.
_REPORT = (
    "preferred_input",
    "overridden",
    "output_volume",
    "input_gain",
    "microphone_muted",
    "other_audio",
    "primary_audio",
    "prompt_style",
    "plays",
    "records",
    "focus",
)
_PORT = (
    "id",
    "name",
    "kind",
    "is_input",
    "is_output",
    "device",
    "order",
    "mirrored",
    "high_quality",
)
_KINDS = frozenset(kind.value for kind in AudioDeviceType)
_DIRECTION = ("sample_rate", "buffer_s", "latency_s", "volume", "muted")


def _port_report(data: Any) -> PortReport:
    port = data.get("port") if isinstance(data, Mapping) else None
    if not isinstance(port, Mapping):
        raise InvalidTypeError("port", data, expected="a JSON object")
    if missing := {"id", "name", "kind", "is_input", "is_output", "device"} - port.keys():
        raise MissingFieldError(f"port.{min(missing)}")
    found = Port(**{name: port[name] for name in _PORT if name in port})
    if found.kind not in _KINDS:
        found = replace(found, kind=AudioDeviceType.UNKNOWN.value)
    return PortReport(
        port=found,
        output=_direction(data.get("output")),
        input=_direction(data.get("input")),
    )


def _direction(data: Any) -> DirectionReport | None:
    if not isinstance(data, Mapping):
        return None
    plain = {name: data[name] for name in _DIRECTION if name in data}
    return DirectionReport(channels=tuple(data.get("channels", ())), **plain)


def _route(data: Any) -> RoutePorts:
    if not isinstance(data, Mapping):
        raise InvalidTypeError("route", data, expected="a JSON object")
    return RoutePorts(inputs=tuple(data.get("inputs", ())), outputs=tuple(data.get("outputs", ())))


def _reason(value: Any) -> RouteChangeReason:
    try:
        return RouteChangeReason(value)
    except ValueError:
        return RouteChangeReason.UNKNOWN


def _object(text: str, field: str) -> Mapping[str, Any]:
    data = loaded(text, field)
    if not isinstance(data, Mapping):
        raise InvalidValueError(field, text, expected="a JSON object")
    return data


__all__ = ["change_from_text", "request_to_text", "routing_from_text"]
