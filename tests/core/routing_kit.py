"""Ports and requests for tests of the routing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from audiosession.core.routing import Port, RoutePorts, RouteRequest, choose_ports
from audiosession.core.translate import route_request


def port(
    id: str,
    kind: str,
    *,
    way: str = "out",
    device: str = "",
    order: int = 0,
    mirrored: bool = False,
    high_quality: bool = False,
) -> Port:
    return Port(
        id=id,
        name=id,
        kind=kind,
        is_input="in" in way,
        is_output="out" in way,
        device=device or id,
        order=order,
        mirrored=mirrored,
        high_quality=high_quality,
    )


SPEAKER = port("speaker", "builtInSpeaker")
EARPIECE = port("earpiece", "builtInEarpiece")
MICROPHONE = port("microphone", "builtInMic", way="in")
PHONE = (SPEAKER, EARPIECE, MICROPHONE)
TABLET = (SPEAKER, MICROPHONE)

DEVICES: dict[str, tuple[Port, ...]] = {
    "headphones": (port("headphones", "wiredHeadphones"),),
    "headset": (port("headset", "wiredHeadset", way="in out"),),
    "hands-free": (port("hands-free", "bluetoothSco", way="in out"),),
    "a2dp": (port("a2dp", "bluetoothA2dp"),),
    "buds": (
        port("buds", "bluetoothA2dp", device="buds"),
        port("buds calls", "bluetoothSco", way="in out", device="buds"),
    ),
    "studio": (port("studio", "bluetoothSco", way="in out", high_quality=True),),
    "le": (port("le", "bluetoothLe", way="in out"),),
    "airplay": (port("airplay", "airPlay"),),
    "mirror": (port("mirror", "airPlay", mirrored=True),),
    "usb microphone": (port("usb microphone", "usbAudio", way="in"),),
    "usb": (
        port("usb", "usbAudio", device="usb"),
        port("usb in", "usbAudio", way="in", device="usb"),
    ),
    "line": (port("line", "lineAnalog"),),
    "line in": (port("line in", "lineAnalog", way="in"),),
    "hdmi": (port("hdmi", "hdmi"),),
    "display": (port("display", "displayPort"),),
    "car": (port("car", "carAudio", way="in out"),),
}
"""What can be connected; their order is set when they are."""


def connected(*devices: str, order: int = 1) -> Iterator[Port]:
    """The ports of the devices, the last one connected last; ``order`` is that of the first."""
    for device, number in zip(devices, count(order), strict=False):
        for each in DEVICES[device]:
            yield port(
                each.id,
                each.kind,
                way="in " * each.is_input + "out" * each.is_output,
                device=each.device,
                order=number,
                mirrored=each.mirrored,
                high_quality=each.high_quality,
            )


MIX = 0x1
HFP = 0x4
LOUD = 0x8
A2DP = 0x20
AIRPLAY = 0x40
HIGH_QUALITY = 0x80000
LONG_FORM = 1


def ask(category: str, mode: str = "Default", options: int = 0, policy: int = 0) -> RouteRequest:
    """The request of Apple's words, without their beginnings."""
    return route_request(
        f"AVAudioSessionCategory{category}", f"AVAudioSessionMode{mode}", options, policy
    )


def chosen(request: RouteRequest, *devices: str, built_in: tuple[Port, ...] = PHONE) -> RoutePorts:
    """The route with these devices connected one after the other."""
    return choose_ports((*built_in, *connected(*devices)), request)


def route(inputs: str = "", outputs: str = "") -> RoutePorts:
    """Ports by id, parted by commas."""
    return RoutePorts(
        inputs=tuple(filter(None, inputs.split(","))),
        outputs=tuple(filter(None, outputs.split(","))),
    )
