"""Where sound goes: ports, and the route that a session gets over them.

Last in wins: the device connected last takes the route. Built-in ports are what is left when
nothing is connected. A :class:`RouteRequest` says what a session may use, whatever words its
app speaks; :func:`choose_ports` picks, and a :class:`Router` keeps everybody's route up to
date and says what changed. Sources: Audio Session Programming Guide (routes),
AVAudioSessionTypes.h, Technical Q&A QA1754.
"""

from __future__ import annotations

from .choose import Route, available_inputs, choose_ports, choose_route, request_from_claim
from .ports import BECOMING_NOISY_KINDS, Port, becomes_noisy
from .requests import AirPlayUse, RouteChange, RouteChangeReason, RoutePorts, RouteRequest
from .router import Router

__all__ = [
    "BECOMING_NOISY_KINDS",
    "AirPlayUse",
    "Port",
    "Route",
    "RouteChange",
    "RouteChangeReason",
    "RoutePorts",
    "RouteRequest",
    "Router",
    "available_inputs",
    "becomes_noisy",
    "choose_ports",
    "choose_route",
    "request_from_claim",
]
