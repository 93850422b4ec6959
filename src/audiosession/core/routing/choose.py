"""Which ports a request gets: last in wins, within what the request allows.

Sources: Audio Session Programming Guide (routes), AVAudioSessionTypes.h, Technical Q&A QA1754.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..claims import Claim, Role
from .ports import Port
from .requests import AirPlayUse, RoutePorts, RouteRequest

_HANDS_FREE = "bluetoothSco"
_A2DP = "bluetoothA2dp"
_AIRPLAY = "airPlay"
_LOW_ENERGY = "bluetoothLe"
_EARPIECE = "builtInEarpiece"
_SPEAKER = "builtInSpeaker"

_HEADPHONES = frozenset({"wiredHeadphones", "wiredHeadset"})
_SEVERAL_BESIDE = frozenset({"usbAudio", "lineAnalog", "lineDigital", "hdmi"})
"""What sounds beside headphones where several outputs sound; never two of these (apple 103)."""
_SEVERAL_INPUTS = frozenset({"usbAudio", "wiredHeadset", "headsetMic"})
_DUAL_SECOND = _HEADPHONES | {"headsetMic", _LOW_ENERGY, _HANDS_FREE}
"""What can be the second device in the mode dualRoute (AVAudioSessionTypes.h)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One port each way; ids, empty when there is none that fits."""

    output: str = ""
    """Where sound comes out."""
    input: str = ""
    """Where sound goes in."""


def choose_ports(ports: Iterable[Port], request: RouteRequest) -> RoutePorts:
    """The ports a request gets.

    The device connected last wins (apple 80), and hands-free Bluetooth is used both ways or
    not at all (apple 93): it has the route where the last device that fits is hands-free, or
    where its microphone is preferred. An output that is chosen for calls wins over all that.
    """
    ports = list(ports)
    outputs = _outputs(ports, request)
    inputs = _inputs(ports, request)
    chosen = _by_id(ports, request.chosen)
    if chosen is not None and chosen.is_output:
        return _for_calls(chosen, inputs, request)
    if request.dual:
        return _dual(outputs, inputs)
    if request.several:
        return _several(outputs, inputs, request.preferred_input)
    wanted = _by_id(inputs, request.preferred_input)
    loud = [port for port in outputs if port.built_in and port.kind != _EARPIECE]
    if request.override_speaker and request.records and loud:
        near = [port for port in inputs if port.built_in] or _without_hands_free(inputs)
        return RoutePorts(
            inputs=_ids(_last_or_first(near)), outputs=_ids(_built_in(loud, at_ear=False))
        )
    if request.plays:
        outputs, inputs = _paired(outputs, inputs, wanted)
    output = _by_id(outputs, request.preferred_output)
    if output is None:
        output = _last(outputs) or _built_in(
            outputs, at_ear=request.receiver and not request.speaker
        )
    return RoutePorts(inputs=_ids(wanted or _last_or_first(inputs)), outputs=_ids(output))


def available_inputs(ports: Iterable[Port], request: RouteRequest) -> tuple[str, ...]:
    """The inputs a request may prefer, in the order of the ports (apple 99)."""
    return _ids(*_inputs(list(ports), request))


def outputs_to_share(ports: Iterable[Port]) -> tuple[str, ...]:
    """The outputs that long-form sessions may be sent to: all but the earpiece and hands-free."""
    outputs = _outputs(list(ports), RouteRequest(long_form=True))
    return _ids(*(port for port in outputs if port.kind != _EARPIECE))


def request_from_claim(claim: Claim | None) -> RouteRequest:
    """What a claim asks of the ports; ``None`` stands for a session with no claim, which plays.

    A claim that records and plays gets the earpiece where nothing is connected and the device
    has one; hands-free ports serve calls only.
    """
    if claim is None:
        return RouteRequest()
    return RouteRequest(
        plays=claim.plays,
        records=claim.records,
        receiver=claim.plays and claim.records,
        hands_free=claim.role is Role.CALL,
        le_microphone=True,
    )


def choose_route(ports: Iterable[Port], claim: Claim | None) -> Route:
    """The route for a claim: :func:`choose_ports` for :func:`request_from_claim`."""
    chosen = choose_ports(ports, request_from_claim(claim))
    return Route(output=next(iter(chosen.outputs), ""), input=next(iter(chosen.inputs), ""))


def _outputs(ports: list[Port], request: RouteRequest) -> list[Port]:
    if not request.plays:
        return []
    return [
        port
        for port in ports
        if port.is_output and _allowed(port, request, _HEADPHONES | _SEVERAL_BESIDE)
    ]


def _inputs(ports: list[Port], request: RouteRequest) -> list[Port]:
    if not request.records:
        return []
    return [
        port
        for port in ports
        if port.is_input
        and _allowed(port, request, _SEVERAL_INPUTS)
        and (port.kind != _LOW_ENERGY or request.le_microphone or request.dual)
    ]


def _allowed(port: Port, request: RouteRequest, several: frozenset[str]) -> bool:
    if request.dual or request.several:
        if port.built_in:
            return port.kind != _EARPIECE
        if port.kind == _HANDS_FREE and not request.hands_free:
            return False
        return port.kind in (_DUAL_SECOND if request.dual else several)
    if port.kind == _HANDS_FREE:
        return request.hands_free or (request.high_quality and port.high_quality)
    if port.kind == _A2DP:
        return request.a2dp
    if port.kind == _AIRPLAY:
        mirrored = request.airplay is AirPlayUse.MIRRORED and port.mirrored
        return mirrored or request.airplay is AirPlayUse.ANY
    return True


def _paired(
    outputs: list[Port], inputs: list[Port], wanted: Port | None
) -> tuple[list[Port], list[Port]]:
    """Outputs and inputs with hands-free on both sides or on neither (apple 93, 95)."""
    leader = wanted or max(
        (port for port in (*inputs, *outputs) if not port.built_in),
        # Of one device with hands-free and A2DP, hands-free goes first (apple 95).
        key=lambda port: (port.order, port.kind == _HANDS_FREE),
        default=None,
    )
    if leader is None or leader.kind != _HANDS_FREE:
        return _without_hands_free(outputs), _without_hands_free(inputs)
    both = [
        [port for port in side if port.kind == _HANDS_FREE and port.device == leader.device]
        or _without_hands_free(side)
        for side in (outputs, inputs)
    ]
    return both[0], both[1]


def _for_calls(chosen: Port, inputs: list[Port], request: RouteRequest) -> RoutePorts:
    """The chosen output, and its own microphone; where it has none, the nearest to its user.

    At the ear and on the loudspeaker that is a built-in one, else the last one in.
    """
    near = [port for port in inputs if port.built_in] if chosen.built_in else []
    # Where ports have one direction each, a headset's microphone is another port of it.
    same = [p for p in inputs if (p.device, p.kind) == (chosen.device, chosen.kind)]
    own = next(iter([chosen] if chosen.is_input else same), None)
    own = own or _last_or_first(near or _without_hands_free(inputs))
    return RoutePorts(
        inputs=_ids(own) if request.records else (),
        outputs=_ids(chosen) if request.plays else (),
    )


def _several(outputs: list[Port], inputs: list[Port], preferred: str) -> RoutePorts:
    sounding = [
        port
        for port in (
            _last([p for p in outputs if p.kind in _HEADPHONES]),
            _last([p for p in outputs if p.kind in _SEVERAL_BESIDE]),
        )
        if port is not None
    ]
    sounding.sort(key=lambda port: -port.order)
    return RoutePorts(
        inputs=_ids(_by_id(inputs, preferred) or _last_or_first(inputs)),
        outputs=_ids(*sounding) or _ids(_built_in(outputs, at_ear=False)),
    )


def _dual(outputs: list[Port], inputs: list[Port]) -> RoutePorts:
    second = max(
        (port for port in (*inputs, *outputs) if not port.built_in),
        key=lambda port: (port.order, port.kind == _HANDS_FREE),
        default=None,
    )
    sides = []
    for side in (inputs, outputs):
        chosen = [port for port in side if port.built_in][:1]
        if second is not None:
            beside = [p for p in side if p.device == second.device and not p.built_in]
            chosen += [port for port in beside if port.kind == second.kind][:1] or beside[:1]
        sides.append(_ids(*chosen))
    return RoutePorts(inputs=sides[0], outputs=sides[1])


def _without_hands_free(ports: list[Port]) -> list[Port]:
    return [port for port in ports if port.kind != _HANDS_FREE]


def _last(ports: list[Port]) -> Port | None:
    return max(
        (port for port in ports if not port.built_in), key=lambda port: port.order, default=None
    )


def _last_or_first(ports: list[Port]) -> Port | None:
    return _last(ports) or next(iter(ports), None)


def _built_in(ports: list[Port], *, at_ear: bool) -> Port | None:
    """The built-in output; where the one wanted is missing, another rather than the earpiece."""
    wanted = _EARPIECE if at_ear else _SPEAKER
    for port in ports:
        if port.kind == wanted:
            return port
    return next((port for port in ports if port.kind != _EARPIECE), next(iter(ports), None))


def _by_id(ports: list[Port], id: str) -> Port | None:
    return next((port for port in ports if port.id == id), None)


def _ids(*ports: Port | None) -> tuple[str, ...]:
    return tuple(port.id for port in ports if port is not None)
