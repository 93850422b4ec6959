"""Cards with ports, profiles and plugs, as a server shows those that this machine has not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from audiosession.devices import AudioDeviceType
from audiosession.pipewire import Availability, Interface, ObjectType, Param, Profile, Route
from audiosession.pipewire.pod import Array, Id, Object, PodType, PodValue, Prop
from audiosession.service.ledger import Ledger
from audiosession.service.servers.base import Card, Direction, Endpoint, ServerStream
from audiosession.service.servers.kinds import device_type
from audiosession.service.servers.pipewire import PipeWireServer
from audiosession.service.servers.pipewire_devices import directions_of
from tests.pipewire.fake_server import DEADLINE_S, FakeServer, Thing

CARD = 50
SINK = 51
SOURCE = 52


class Reports:
    """Keeps the endpoints reported last."""

    def __init__(self) -> None:
        self.endpoints: tuple[Endpoint, ...] = ()
        self.before_up: tuple[Endpoint, ...] = ()
        self.cards: tuple[Card, ...] = ()
        self._changed = asyncio.Event()

    def server_up(self) -> None:
        self.before_up = self.endpoints

    def server_down(self, reason: str) -> None: ...

    def stream_added(self, stream: ServerStream) -> None: ...

    def stream_changed(self, stream: ServerStream) -> None: ...

    def stream_removed(self, stream: str) -> None: ...

    def endpoints_changed(self, endpoints: tuple[Endpoint, ...]) -> None:
        self.endpoints = endpoints
        self._changed.set()

    def cards_changed(self, cards: tuple[Card, ...]) -> None:
        self.cards = cards
        self._changed.set()

    async def until(self, check: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not check():
                self._changed.clear()
                await self._changed.wait()

    def of(self, port: str) -> Endpoint:
        (found,) = (endpoint for endpoint in self.endpoints if endpoint.port == port)
        return found


def route(
    index: int,
    name: str,
    kind: str,
    *,
    out: bool = True,
    available: Availability = Availability.UNKNOWN,
    devices: tuple[int, ...] = (0,),
    device: int | None = None,
) -> Object:
    values: list[tuple[int, PodValue]] = [
        (Route.INDEX, index),
        (Route.DIRECTION, Id(1 if out else 0)),
        (Route.NAME, name),
        (Route.DESCRIPTION, name.title()),
        (Route.AVAILABLE, Id(available)),
        (Route.INFO, (1, "port.type", kind)),
        (Route.PROFILES, Array(PodType.INT, (1,))),
        (Route.DEVICES, Array(PodType.INT, devices)),
    ]
    if device is not None:
        values.append((Route.DEVICE, device))
    return Object(
        ObjectType.PARAM_ROUTE, Param.ROUTE, tuple(Prop(int(k), value) for k, value in values)
    )


def profile(index: int, name: str) -> Object:
    props = (Prop(int(Profile.INDEX), index), Prop(int(Profile.NAME), name))
    return Object(ObjectType.PARAM_PROFILE, Param.PROFILE, props)


def add_laptop(server: FakeServer) -> Thing:
    """A card with a speaker, a plug for headphones, and a microphone."""
    card = server.add(
        CARD,
        Interface.DEVICE,
        {"device.name": "card", "media.class": "Audio/Device", "device.api": "alsa"},
        {"device.bus": "pci", "device.form-factor": "internal"},
        {
            Param.ENUM_ROUTE: [
                route(0, "speaker", "speaker"),
                route(1, "headphones", "headphones", available=Availability.NO),
                route(2, "mic", "mic", out=False, devices=(1,)),
                route(3, "hdmi", "hdmi", devices=(7,)),
            ],
            Param.ROUTE: [route(0, "speaker", "speaker", device=0)],
            Param.PROFILE: [profile(1, "analog")],
        },
    )
    node = {"device.id": str(CARD), "node.description": "Laptop"}
    server.add(
        SINK,
        Interface.NODE,
        {"node.name": "out", "media.class": "Audio/Sink"},
        node | {"card.profile.device": "0"},
    )
    server.add(
        SOURCE,
        Interface.NODE,
        {"node.name": "in", "media.class": "Audio/Source"},
        node | {"card.profile.device": "1"},
    )
    return card


@asynccontextmanager
async def running(
    tmp_path: Path, prepare: Callable[[FakeServer], object]
) -> AsyncIterator[tuple[FakeServer, Reports]]:
    server = FakeServer(tmp_path / "pipewire-0")
    server.add(0, Interface.CORE)
    prepare(server)
    adapter = PipeWireServer(Ledger(tmp_path / "ledger.json"), remote=server.path)
    reports = Reports()
    try:
        await adapter.start(reports)
        yield server, reports
    finally:
        await adapter.close()
        server.close()


async def test_each_port_of_the_profile_is_an_endpoint(tmp_path: Path) -> None:
    async with running(tmp_path, add_laptop) as (_, reports):
        assert reports.before_up == reports.endpoints
        assert {endpoint.port for endpoint in reports.endpoints} == {
            *("speaker", "headphones", "mic"),
        }
        speaker = reports.of("speaker")
        assert speaker == Endpoint(
            id="playback:out:speaker",
            name="Speaker (Laptop)",
            direction=Direction.PLAYBACK,
            type=AudioDeviceType.BUILT_IN_SPEAKER,
            node="out",
            port="speaker",
            card="card",
        )
        headphones = reports.of("headphones")
        assert headphones.type is AudioDeviceType.WIRED_HEADPHONES
        assert (headphones.available, headphones.active) == (False, False)
        assert headphones.removable
        mic = reports.of("mic")
        assert (mic.direction, mic.type) == (Direction.CAPTURE, AudioDeviceType.BUILT_IN_MIC)


async def test_headphones_are_plugged_in_and_pulled(tmp_path: Path) -> None:
    async with running(tmp_path, add_laptop) as (server, reports):
        card = server.things[CARD]

        def plug(availability: Availability, active: Object) -> None:
            card.params[Param.ENUM_ROUTE][1] = route(
                1, "headphones", "headphones", available=availability
            )
            card.params[Param.ROUTE] = [active]
            # The serial bit flips with each change.
            flags = {
                Param.ENUM_ROUTE: 3 if availability is Availability.YES else 2,
                Param.ROUTE: 3 if availability is Availability.YES else 2,
                Param.PROFILE: 2,
            }
            server.inform(CARD, {int(key): value for key, value in flags.items()})

        plug(Availability.YES, route(1, "headphones", "headphones", device=0))
        await reports.until(lambda: reports.of("headphones").active)
        assert reports.of("headphones").available
        assert not reports.of("speaker").active
        plug(Availability.NO, route(0, "speaker", "speaker", device=0))
        await reports.until(lambda: reports.of("speaker").active)
        await reports.until(lambda: not reports.of("headphones").available)


async def test_a_profile_without_ports_leaves_none(tmp_path: Path) -> None:
    async with running(tmp_path, add_laptop) as (server, reports):
        card = server.things[CARD]
        card.params[Param.PROFILE] = [profile(0, "off")]
        card.params[Param.ROUTE] = []
        server.remove(SINK)
        server.inform(CARD, {Param.PROFILE: 3, Param.ROUTE: 3, Param.ENUM_ROUTE: 2})
        await reports.until(lambda: [e.id for e in reports.endpoints] == ["capture:in"])


async def test_a_bluetooth_headset_is_what_its_profile_makes_it(tmp_path: Path) -> None:
    def add(server: FakeServer) -> None:
        server.add(
            CARD,
            Interface.DEVICE,
            {"media.class": "Audio/Device", "device.api": "bluez5"},
            {"device.bus": "bluetooth", "device.form-factor": "headset"},
            {Param.PROFILE: [profile(1, "a2dp-sink")], Param.ENUM_ROUTE: [], Param.ROUTE: []},
        )
        server.add(
            SINK,
            Interface.NODE,
            {"node.name": "bt", "media.class": "Audio/Sink"},
            {"device.id": str(CARD), "node.description": "Buds"},
        )

    async with running(tmp_path, add) as (server, reports):
        (buds,) = reports.endpoints
        assert (buds.type, buds.removable) == (AudioDeviceType.BLUETOOTH_A2DP, True)
        assert buds.name == "Buds"
        server.things[CARD].params[Param.PROFILE] = [profile(2, "headset-head-unit")]
        server.inform(CARD, {Param.PROFILE: 3})
        await reports.until(lambda: reports.endpoints[0].type is AudioDeviceType.BLUETOOTH_SCO)
        server.remove(SINK)
        await reports.until(lambda: not reports.endpoints)


async def test_a_duplex_node_is_two_endpoints_and_a_twin_none(tmp_path: Path) -> None:
    def add(server: FakeServer) -> None:
        for number in (SINK, SOURCE):
            duplex = {"node.name": "both", "media.class": "Audio/Duplex"}
            server.add(number, Interface.NODE, duplex, {"raop.ip": "::1"})

    async with running(tmp_path, add) as (_, reports):
        assert [endpoint.id for endpoint in reports.endpoints] == ["playback:both", "capture:both"]
        assert {endpoint.type for endpoint in reports.endpoints} == {AudioDeviceType.AIR_PLAY}


async def test_a_device_that_tells_nonsense_is_one_endpoint(tmp_path: Path) -> None:
    def add(server: FakeServer) -> None:
        card = add_laptop(server)
        nonsense = Object(
            ObjectType.PARAM_ROUTE,
            Param.ROUTE,
            (Prop(int(Route.INDEX), "no"), Prop(int(Route.INFO), (9, 9)), Prop(77, None)),
        )
        card.params = {param: [nonsense] for param in (Param.ENUM_ROUTE, Param.ROUTE)}
        card.params[Param.PROFILE] = [nonsense, nonsense]

    async with running(tmp_path, add) as (_, reports):
        assert [endpoint.id for endpoint in reports.endpoints] == ["playback:out", "capture:in"]


@pytest.mark.parametrize(
    ("media_class", "directions"),
    [
        ("Audio/Sink", (Direction.PLAYBACK,)),
        ("Audio/Source", (Direction.CAPTURE,)),
        ("Audio/Source/Virtual", (Direction.CAPTURE,)),
        ("Audio/Duplex", (Direction.PLAYBACK, Direction.CAPTURE)),
        ("Stream/Output/Audio", ()),
        ("Video/Source", ()),
        ("", ()),
    ],
)
def test_directions(media_class: str, directions: tuple[Direction, ...]) -> None:
    assert directions_of(media_class) == directions


P, C = Direction.PLAYBACK, Direction.CAPTURE
KINDS = [
    (P, {"port_type": "speaker", "bus": "pci"}, AudioDeviceType.BUILT_IN_SPEAKER),
    (P, {"port_type": "headphones"}, AudioDeviceType.WIRED_HEADPHONES),
    (P, {"port_type": "Headset"}, AudioDeviceType.WIRED_HEADSET),
    (C, {"port_type": "headset"}, AudioDeviceType.HEADSET_MIC),
    (P, {"port_type": "hdmi"}, AudioDeviceType.HDMI),
    (P, {"port_type": "spdif"}, AudioDeviceType.LINE_DIGITAL),
    (C, {"port_type": "line"}, AudioDeviceType.LINE_ANALOG),
    (C, {"port_type": "mic"}, AudioDeviceType.BUILT_IN_MIC),
    (C, {"port_type": "radio"}, AudioDeviceType.FM_TUNER),
    (P, {"port_type": "earpiece"}, AudioDeviceType.BUILT_IN_EARPIECE),
    (P, {"port_type": "analog", "form_factor": "internal"}, AudioDeviceType.BUILT_IN_SPEAKER),
    (C, {"form_factor": "webcam"}, AudioDeviceType.BUILT_IN_MIC),
    (C, {"form_factor": "webcam", "bus": "usb"}, AudioDeviceType.USB_AUDIO),
    (P, {"port_type": "headphones", "bus": "usb"}, AudioDeviceType.USB_AUDIO),
    (P, {"api": "bluez5", "profile": "a2dp-sink"}, AudioDeviceType.BLUETOOTH_A2DP),
    (P, {"api": "bluez", "profile": "headset_head_unit"}, AudioDeviceType.BLUETOOTH_SCO),
    (C, {"bus": "bluetooth", "profile": ""}, AudioDeviceType.BLUETOOTH_SCO),
    (P, {"bus": "bluetooth", "port_type": "speaker"}, AudioDeviceType.BLUETOOTH_A2DP),
    (P, {"api": "bluez5", "profile": "bap-duplex"}, AudioDeviceType.BLUETOOTH_LE),
    (P, {"api": "raop", "virtual": True}, AudioDeviceType.AIR_PLAY),
    (P, {"virtual": True}, AudioDeviceType.VIRTUAL),
    (P, {"bus": "pci"}, AudioDeviceType.PCI),
    (P, {"bus": "firewire"}, AudioDeviceType.FIRE_WIRE),
    (P, {}, AudioDeviceType.UNKNOWN),
]


@pytest.mark.parametrize(("direction", "words", "kind"), KINDS)
def test_kinds(direction: Direction, words: dict[str, str], kind: AudioDeviceType) -> None:
    nothing = dict.fromkeys(("port_type", "bus", "api", "profile", "form_factor"), "")
    given = nothing | {key: value for key, value in words.items() if key != "virtual"}
    assert device_type(direction, virtual="virtual" in words, **given) is kind
