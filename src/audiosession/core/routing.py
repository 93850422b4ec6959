"""Where sound goes: ports, and the route that a claim gets over them.

Last in wins: the device connected last takes the route. Built-in ports are what is left when
nothing is connected. Sources: Audio Session Programming Guide (routes), AVAudioSessionTypes.h.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .claims import Claim, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One input or output of a device.

    ``kind`` is one of the :class:`audiosession.AudioDeviceType` values. Ports of one device
    share ``device``; ``order`` counts connections, built-in ports having 0.
    """

    id: str
    """Stands for the port as long as it is there."""
    name: str
    """What people call it."""
    kind: str
    """A value of :class:`audiosession.AudioDeviceType`."""
    is_input: bool
    """Whether sound can be recorded from it."""
    is_output: bool
    """Whether sound can be played on it."""
    device: str
    """The device it belongs to."""
    order: int = 0
    """Which connection it came with, counted from 1; 0 for a built-in port."""

    @property
    def built_in(self) -> bool:
        """Whether it is part of the device itself."""
        return self.order == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The ports in use; ids, empty when there is none that fits."""

    output: str = ""
    """Where sound comes out."""
    input: str = ""
    """Where sound goes in."""


BECOMING_NOISY_KINDS = frozenset(
    {
        "wiredHeadset",
        "wiredHeadphones",
        "hdmi",
        "lineAnalog",
        "hearingAid",
        "bluetoothA2dp",
        "bluetoothLe",
        "usbAudio",
        "dock",
    }
)
"""Outputs whose going away would put private sound on a loudspeaker (AudioDeviceInventory)."""

_CALL_ONLY = frozenset({"bluetoothSco"})


def choose_route(ports: Iterable[Port], claim: Claim | None) -> Route:
    """The route for a claim; ``None`` stands for a session with no claim, which plays.

    A claim that records and plays gets the earpiece where nothing is connected and the device
    has one; hands-free (SCO) ports serve calls only, and A2DP never a call that can have
    hands-free.
    """
    ports = list(ports)
    plays = claim is None or claim.plays
    records = claim is not None and claim.records
    calls = claim is not None and claim.role is Role.CALL
    outputs = [port for port in ports if port.is_output and (calls or port.kind not in _CALL_ONLY)]
    inputs = [port for port in ports if port.is_input and (calls or port.kind not in _CALL_ONLY)]
    if calls:
        hands_free = {port.device for port in ports if port.kind in _CALL_ONLY}
        outputs = [p for p in outputs if not (p.kind == "bluetoothA2dp" and p.device in hands_free)]
    return Route(
        output=_pick(outputs, prefer_earpiece=plays and records) if plays else "",
        input=_pick(inputs, prefer_earpiece=False) if records else "",
    )


def _pick(ports: list[Port], *, prefer_earpiece: bool) -> str:
    connected = [port for port in ports if not port.built_in]
    if connected:
        return max(connected, key=lambda port: port.order).id
    wanted = "builtInEarpiece" if prefer_earpiece else "builtInSpeaker"
    for port in ports:
        if port.kind == wanted:
            return port.id
    rest = [port for port in ports if port.kind != "builtInEarpiece"] or ports
    return rest[0].id if rest else ""


def becomes_noisy(before: Port | None, after: Iterable[Port]) -> bool:
    """Whether losing ``before``, the output in use, exposes private sound.

    Not when another output of that sort is still there to take over.
    """
    if before is None or before.kind not in BECOMING_NOISY_KINDS:
        return False
    return not any(port.is_output and port.kind in BECOMING_NOISY_KINDS for port in after)
