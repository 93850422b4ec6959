"""Cards of PipeWire: what is told of them, and what is asked of the server to change them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from audiosession.devices import AudioDeviceType
from audiosession.errors import HostUnavailableError, UnknownNameError, UnsupportedError
from audiosession.pipewire import (
    Availability,
    Interface,
    NodeProxy,
    ObjectType,
    Param,
    PipeWireClient,
    Profile,
    Props,
    RemoteError,
    Route,
)
from audiosession.pipewire.pod import Array, Id, Object, PodType, PodValue, Prop
from audiosession.service.ledger import Ledger
from audiosession.service.servers import pipewire_routes
from audiosession.service.servers.base import CardPort, CardProfile, Direction
from audiosession.service.servers.pipewire import PipeWireServer
from audiosession.service.servers.pipewire_values import channels_in, channels_of, fraction
from tests.pipewire.fake_server import DEADLINE_S, FakeServer, Thing
from tests.pipewire.test_devices import Reports

CARD = 50
SINK = 51
SETTINGS = 53
PLAYBACK = Direction.PLAYBACK


def profile(index: int, name: str, priority: int, available: Availability) -> Object:
    values: list[tuple[int, PodValue]] = [
        (Profile.INDEX, index),
        (Profile.NAME, name),
        (Profile.DESCRIPTION, name.title()),
        (Profile.PRIORITY, priority),
        (Profile.AVAILABLE, Id(available)),
    ]
    return Object(
        ObjectType.PARAM_PROFILE, Param.PROFILE, tuple(Prop(int(k), v) for k, v in values)
    )


def props(volumes: tuple[float, ...], *, muted: bool = False) -> Object:
    positions = tuple(Id(3 + channel) for channel in range(len(volumes)))
    values: list[tuple[int, PodValue]] = [
        (Props.MUTE, muted),
        (Props.CHANNEL_VOLUMES, Array(PodType.FLOAT, volumes)),
        (Props.CHANNEL_MAP, Array(PodType.ID, positions)),
    ]
    return Object(ObjectType.PROPS, Param.PROPS, tuple(Prop(int(k), v) for k, v in values))


def route(index: int, name: str, kind: str, profiles: tuple[int, ...], *, used: bool) -> Object:
    values: list[tuple[int, PodValue]] = [
        (Route.INDEX, index),
        (Route.DIRECTION, Id(1)),
        (Route.NAME, name),
        (Route.DESCRIPTION, name.title()),
        (Route.INFO, (1, "port.type", kind)),
        (Route.PROFILES, Array(PodType.INT, profiles)),
        (Route.DEVICES, Array(PodType.INT, (0,))),
    ]
    if used:
        values += [(Route.DEVICE, 0), (Route.PROPS, props((0.25, 0.25), muted=True))]
    return Object(ObjectType.PARAM_ROUTE, Param.ROUTE, tuple(Prop(int(k), v) for k, v in values))


@dataclass
class Laptop:
    """A card that changes as it is told, and keeps what it was told."""

    server: FakeServer
    obeys: bool = True
    told: list[Object] = field(default_factory=list)
    serial: int = 2

    profiles = (
        profile(0, "off", 0, Availability.YES),
        profile(1, "analog", 100, Availability.YES),
        profile(2, "hdmi", 50, Availability.NO),
    )
    ports = (("speaker", "speaker", (1,)), ("plug", "headphones", (1,)), ("screen", "hdmi", (2,)))

    def add(self) -> None:
        self.server.on_set = self.set
        self.server.add(
            CARD,
            Interface.DEVICE,
            {"device.name": "laptop", "media.class": "Audio/Device", "device.api": "alsa"},
            {"device.bus": "pci", "device.description": "Laptop"},
            {
                Param.ENUM_PROFILE: list(self.profiles),
                Param.PROFILE: [self.profiles[1]],
                Param.ENUM_ROUTE: [self.route(index, used=False) for index in range(3)],
                Param.ROUTE: [self.route(0, used=True)],
            },
        )
        self.server.add(
            SINK,
            Interface.NODE,
            {"node.name": "out", "media.class": "Audio/Sink"},
            {
                "device.id": str(CARD),
                "card.profile.device": "0",
                "audio.rate": "44100",
                "node.latency": "441/44100",
            },
            {Param.PROPS: [props((1.0, 1.0))]},
        )

    def route(self, index: int, *, used: bool) -> Object:
        name, kind, profiles = self.ports[index]
        return route(index, name, kind, profiles, used=used)

    def set(self, thing: Thing, value: Object) -> None:
        assert thing.id == CARD
        self.told.append(value)
        if not self.obeys:
            return
        if value.type == ObjectType.PARAM_PROFILE:
            index = value.get(Profile.INDEX)
            assert isinstance(index, int)
            thing.params[Param.PROFILE] = [self.profiles[index]]
            thing.params[Param.ROUTE] = [self.route(2, used=True)]
        else:
            index = value.get(Route.INDEX)
            assert isinstance(index, int)
            thing.params[Param.ROUTE] = [self.route(index, used=True)]
        self.serial ^= 1
        self.server.inform(CARD, {Param.PROFILE: self.serial, Param.ROUTE: self.serial})


@asynccontextmanager
async def laptop(tmp_path: Path) -> AsyncIterator[tuple[Laptop, PipeWireServer, Reports]]:
    server = FakeServer(tmp_path / "pipewire-0")
    server.add(0, Interface.CORE)
    card = Laptop(server)
    card.add()
    adapter = PipeWireServer(Ledger(tmp_path / "ledger.json"), remote=server.path)
    reports = Reports()
    try:
        await adapter.start(reports)
        yield card, adapter, reports
    finally:
        await adapter.close()
        server.close()


async def test_a_card_is_told_with_all_its_profiles_and_ports(tmp_path: Path) -> None:
    async with laptop(tmp_path) as (_, _, reports):
        (card,) = reports.cards
        assert (card.id, card.text, card.profile) == ("laptop", "Laptop", "analog")
        assert not card.removable
        assert card.profiles[2] == CardProfile(
            name="hdmi", text="Hdmi", available=False, priority=50
        )
        assert [port.name for port in card.ports] == ["speaker", "plug", "screen"]
        assert card.ports[2] == CardPort(
            name="screen",
            text="Screen",
            direction=PLAYBACK,
            type=AudioDeviceType.HDMI,
            profiles=("hdmi",),
        )


async def test_an_endpoint_says_what_its_node_and_its_port_are_set_to(tmp_path: Path) -> None:
    async with laptop(tmp_path) as (_, _, reports):
        speaker = reports.of("speaker")
        assert (speaker.card, speaker.channels) == ("laptop", ("FL", "FR"))
        # The volumes of the port in use go before those of the node.
        assert (speaker.volumes, speaker.muted) == ((0.25, 0.25), True)
        assert (speaker.sample_rate, speaker.buffer_s) == (44100.0, 0.01)
        assert speaker.latency_s == 0.01


async def test_a_profile_is_set_without_being_kept(tmp_path: Path) -> None:
    async with laptop(tmp_path) as (card, adapter, reports):
        await adapter.set_profile("laptop", "hdmi")
        (told,) = card.told
        assert (told.get(Profile.INDEX), told.get(Profile.SAVE)) == (2, False)
        assert reports.cards[0].profile == "hdmi"
        await reports.until(lambda: [e.port for e in reports.endpoints] == ["screen"])
        await adapter.set_profile("laptop", "hdmi")
        assert len(card.told) == 1


async def test_a_port_is_set_without_being_kept(tmp_path: Path) -> None:
    async with laptop(tmp_path) as (card, adapter, reports):
        await adapter.set_port(reports.of("plug").id)
        (told,) = card.told
        assert (told.get(Route.INDEX), told.get(Route.DEVICE)) == (1, 0)
        assert (told.get(Route.SAVE), told.get(Route.PROPS)) == (False, None)
        assert reports.of("plug").active
        await adapter.set_port(reports.of("plug").id)
        assert len(card.told) == 1


async def test_the_volume_of_a_port_in_use_is_kept(tmp_path: Path) -> None:
    async with laptop(tmp_path) as (card, adapter, reports):
        await adapter.set_volume(reports.of("speaker").id, 0.5)
        (told,) = card.told
        assert (told.get(Route.INDEX), told.get(Route.SAVE)) == (0, True)
        wanted = told.get(Route.PROPS)
        assert isinstance(wanted, Object)
        assert wanted.get(Props.MUTE) is False
        assert wanted.get(Props.CHANNEL_VOLUMES) == Array(PodType.FLOAT, (0.5, 0.5))


async def test_what_the_server_refuses_is_not_supported(tmp_path: Path) -> None:
    async with laptop(tmp_path) as (card, adapter, reports):
        card.server.refuses = True
        with pytest.raises(UnsupportedError):
            await adapter.set_profile("laptop", "hdmi")
        with pytest.raises(UnsupportedError):
            await adapter.set_port(reports.of("plug").id)
        with pytest.raises(UnsupportedError):
            await adapter.set_volume(reports.of("plug").id, 1.0)


async def test_a_card_that_does_not_follow_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipewire_routes, "CHANGE_TIMEOUT_S", 0.05)
    async with laptop(tmp_path) as (card, adapter, _):
        card.obeys = False
        with pytest.raises(UnsupportedError):
            await adapter.set_profile("laptop", "off")
        with pytest.raises(UnknownNameError):
            await adapter.set_profile("laptop", "on")


async def test_a_connection_lost_meanwhile_is_told(tmp_path: Path) -> None:
    async with laptop(tmp_path) as (card, adapter, _):
        card.obeys = False

        def hang_up(thing: Thing, value: Object) -> None:
            card.server.hang_up()

        card.server.on_set = hang_up
        with pytest.raises(HostUnavailableError):
            await adapter.set_profile("laptop", "off")


async def test_nodes_are_told_together_with_the_profile_that_has_them(tmp_path: Path) -> None:
    async with laptop(tmp_path) as (card, _, reports):
        log: list[str] = []

        def note(before: Callable[..., None], what: str) -> Callable[..., None]:
            def noted(values: object) -> None:
                log.append(what)
                before(values)

            return noted

        reports.cards_changed = note(reports.cards_changed, "cards")  # type: ignore[method-assign]
        reports.endpoints_changed = note(  # type: ignore[method-assign]
            reports.endpoints_changed, "endpoints"
        )
        card.server.remove(SINK)
        # The card tells later, in another message.
        told = Object(ObjectType.PARAM_PROFILE, Param.PROFILE, (Prop(int(Profile.INDEX), 2),))
        card.set(card.server.things[CARD], told)
        await reports.until(lambda: not reports.endpoints)
        assert log == ["cards", "endpoints"]


async def test_a_parameter_that_is_refused_says_so(tmp_path: Path) -> None:
    server = FakeServer(tmp_path / "pipewire-0")
    server.add(0, Interface.CORE)
    server.add(SINK, Interface.NODE, {"node.name": "out", "media.class": "Audio/Sink"})
    async with PipeWireClient(server.path, timeout_s=DEADLINE_S) as client:
        (target,) = client.find(Interface.NODE)
        node = client.bind(target)
        assert isinstance(node, NodeProxy)
        assert client.defaults is None
        await node.try_set_param(Param.PROPS, props((1.0,)))
        server.refuses = True
        with pytest.raises(RemoteError):
            await node.try_set_param(Param.PROPS, props((1.0,)))
        server.remove(SINK)
        await client.sync()
        with pytest.raises(HostUnavailableError):
            await node.try_set_param(Param.PROPS, props((1.0,)))
    server.close()


@pytest.mark.parametrize("words", ["FL,FR", "[ FL FR ]", '["FL", "FR"]', "FL FR"])
def test_positions_are_read_however_they_are_written(words: str) -> None:
    assert channels_in(words) == ("FL", "FR")


def test_channels_have_names() -> None:
    ids = tuple(map(Id, (2, 3, 4, 5, 6, 0x1001, 999)))
    assert channels_of(Array(PodType.ID, ids)) == ("MONO", "FL", "FR", "FC", "LFE", "AUX1", "UNK")
    assert channels_of(None) == channels_in("") == ()


@pytest.mark.parametrize(("words", "seconds"), [("480/48000", 0.01), ("480", 0.0), ("x/0", 0.0)])
def test_a_latency_is_a_fraction(words: str, seconds: float) -> None:
    assert fraction(words) == seconds
