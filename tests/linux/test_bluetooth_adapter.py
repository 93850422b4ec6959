"""What the adapters make of a Bluetooth headset: one card, music and speech, volumes of each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from audiosession.devices import AudioDeviceType
from audiosession.errors import UnknownNameError, UnsupportedError
from audiosession.service.ledger import Ledger
from audiosession.service.servers.base import (
    Card,
    CardPort,
    Direction,
    Endpoint,
    ServerStream,
    SoundServer,
)
from audiosession.service.servers.pipewire import PipeWireServer
from audiosession.service.servers.pulse import PulseServer
from tests.linux.bluez_double import CARD, BluetoothDouble, Profile, profile_names
from tests.linux.rig import DEADLINE_S, PulseRig
from tests.linux.sound import play, write_tone

pytestmark = pytest.mark.timeout(240)

TYPES: dict[Profile, AudioDeviceType] = {
    "a2dp": AudioDeviceType.BLUETOOTH_A2DP,
    "hfp": AudioDeviceType.BLUETOOTH_SCO,
}


class Ear:
    """Keeps what an adapter reports. Implements ServerEvents."""

    def __init__(self) -> None:
        self.cards: dict[str, Card] = {}
        self.endpoints: tuple[Endpoint, ...] = ()
        self.streams: dict[str, ServerStream] = {}
        self._changed = asyncio.Event()

    def server_up(self) -> None: ...

    def server_down(self, reason: str) -> None: ...

    def stream_added(self, stream: ServerStream) -> None:
        self.stream_changed(stream)

    def stream_changed(self, stream: ServerStream) -> None:
        self.streams[stream.id] = stream
        self._changed.set()

    def stream_removed(self, stream: str) -> None:
        del self.streams[stream]

    def endpoints_changed(self, endpoints: tuple[Endpoint, ...]) -> None:
        assert endpoints != self.endpoints
        self.endpoints = endpoints
        self._changed.set()

    def cards_changed(self, cards: tuple[Card, ...]) -> None:
        found = {card.id: card for card in cards}
        assert found != self.cards
        self.cards = found
        self._changed.set()

    async def until(self, what: str, true: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not true():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(
                f"{what}: never; {self.cards} {self.endpoints} {self.streams}"
            ) from None

    def used(self, profile: Profile, direction: Direction = Direction.PLAYBACK) -> list[Endpoint]:
        """The headset's endpoints of a profile that are in use."""
        return [
            endpoint
            for endpoint in self.endpoints
            if endpoint.card == CARD
            and endpoint.active
            and (endpoint.type, endpoint.direction) == (TYPES[profile], direction)
        ]


class Adapter:
    """An adapter, what it reports, and the headset on its server."""

    def __init__(self, headset: BluetoothDouble, server: SoundServer, ear: Ear) -> None:
        self.headset = headset
        self.server = server
        self.ear = ear
        self.names: dict[Profile, str] = {}

    async def connected(self) -> Card:
        """Connects the headset and waits for a whole card, playing music."""
        await self.headset.connect()
        self.names = profile_names(await self.headset.card_there())
        await self.ear.until(
            "a card with both profiles",
            lambda: (
                CARD in self.ear.cards
                and self.ear.cards[CARD].profile == self.names["a2dp"]
                and {p.name for p in self.ear.cards[CARD].profiles} >= set(self.names.values())
                and bool(self.ear.used("a2dp"))
            ),
        )
        return self.ear.cards[CARD]

    async def switch(self, profile: Profile, *, not_at: float = 1.0) -> Endpoint:
        """Sets a profile and waits for the one endpoint to play to in it, at its own volume.

        Args:
            profile: Which.
            not_at: The volume in the other profile.
        """
        await self.server.set_profile(CARD, self.names[profile])
        await self.ear.until(f"{profile} in use", lambda: self._is_used(profile, not_at))
        assert self.ear.cards[CARD].profile == self.names[profile]
        (endpoint,) = self.ear.used(profile)
        return endpoint

    def _is_used(self, profile: Profile, not_at: float) -> bool:
        found = self.ear.used(profile)
        if isinstance(self.headset.rig, PulseRig):
            return bool(found)
        # WirePlumber sets the volume a moment later; until then it is whole or the other's. What
        # others set meanwhile is lost.
        foreign = (pytest.approx(1.0), pytest.approx(not_at))
        return any(
            bool(endpoint.volumes) and endpoint.volumes[0] not in foreign for endpoint in found
        )

    async def plays_on(self, stream: str, endpoint: Endpoint) -> None:
        """Waits until a stream is told to play on an endpoint."""
        await self.ear.until(
            f"{stream} on {endpoint.id}",
            lambda: self.ear.streams[stream].endpoint == endpoint.id,
        )

    async def volume(self, profile: Profile, volume: float) -> None:
        """Waits until the endpoint in use has a volume on all channels."""
        await self.ear.until(
            f"{volume} for {profile}",
            lambda: any(
                endpoint.volumes == pytest.approx((volume,) * len(endpoint.volumes), rel=0.01)
                and bool(endpoint.volumes)
                for endpoint in self.ear.used(profile)
            ),
        )


@asynccontextmanager
async def adapter_of(headset: BluetoothDouble) -> AsyncIterator[Adapter]:
    rig, ear = headset.rig, Ear()
    ledger = Ledger(rig.directory / "bluetooth.json")
    server: SoundServer
    if isinstance(rig, PulseRig):
        server = PulseServer(ledger, server=rig.pulse_server)
    else:
        server = PipeWireServer(ledger, remote=rig.runtime_dir / "pipewire-0")
    await server.start(ear)
    try:
        yield Adapter(headset, server, ear)
    finally:
        await server.close()


@pytest.fixture
async def adapter(headset: BluetoothDouble) -> AsyncIterator[Adapter]:
    async with adapter_of(headset) as adapter:
        yield adapter


def ports_of(card: Card, type: AudioDeviceType, direction: Direction) -> list[CardPort]:
    return [port for port in card.ports if (port.type, port.direction) == (type, direction)]


async def test_the_card_has_a_port_for_music_and_two_for_speech(adapter: Adapter) -> None:
    card = await adapter.connected()
    assert card.text == "Test Headset"
    assert card.removable
    for profile, name in adapter.names.items():
        (port,) = ports_of(card, TYPES[profile], Direction.PLAYBACK)
        assert port.available
        assert name in port.profiles
        assert adapter.names["a2dp" if profile == "hfp" else "hfp"] not in port.profiles
    (microphone,) = ports_of(card, TYPES["hfp"], Direction.CAPTURE)
    assert adapter.names["hfp"] in microphone.profiles
    assert not ports_of(card, TYPES["a2dp"], Direction.CAPTURE)


async def test_the_profile_is_set_both_ways_and_the_endpoints_follow(adapter: Adapter) -> None:
    await adapter.connected()
    for _ in range(2):
        speech = await adapter.switch("hfp")
        assert speech.removable
        assert len(speech.channels) == 1
        assert not adapter.ear.used("a2dp")
        await adapter.ear.until(
            "the microphone", lambda: bool(adapter.ear.used("hfp", Direction.CAPTURE))
        )
        music = await adapter.switch("a2dp")
        assert len(music.channels) == 2
        assert not adapter.ear.used("hfp")
        assert music.id != speech.id


async def test_the_endpoints_are_those_of_the_card_s_ports(adapter: Adapter) -> None:
    card = await adapter.connected()
    for profile in adapter.names:
        endpoint = await adapter.switch(profile)
        (port,) = ports_of(card, TYPES[profile], Direction.PLAYBACK)
        assert endpoint.port == port.name


async def test_each_profile_keeps_its_own_volume(adapter: Adapter) -> None:
    await adapter.connected()
    music = await adapter.switch("a2dp")
    await adapter.server.set_volume(music.id, 0.5)
    await adapter.volume("a2dp", 0.5)
    speech = await adapter.switch("hfp", not_at=0.5)
    await adapter.server.set_volume(speech.id, 0.25)
    await adapter.volume("hfp", 0.25)
    await adapter.switch("a2dp")
    await adapter.volume("a2dp", 0.5)
    await adapter.switch("hfp")
    await adapter.volume("hfp", 0.25)


async def test_volumes_outlive_the_connection(adapter: Adapter) -> None:
    await adapter.connected()
    music = await adapter.switch("a2dp")
    await adapter.server.set_volume(music.id, 0.3)
    await adapter.volume("a2dp", 0.3)
    await adapter.headset.disconnect()
    await adapter.ear.until("the card to go", lambda: CARD not in adapter.ear.cards)
    await adapter.connected()
    await adapter.volume("a2dp", 0.3)


async def test_a_stream_is_moved_along_and_heard_in_each_profile(
    adapter: Adapter, tmp_path: Path
) -> None:
    headset = adapter.headset
    file = write_tone(tmp_path / "tone.wav", frequency_hz=440.0, seconds=90)
    await adapter.connected()
    player = play(headset.rig, file)

    def streams() -> list[ServerStream]:
        found = adapter.ear.streams.values()
        return [each for each in found if each.pid == player.pid and each.endpoint]

    await adapter.ear.until("the stream", lambda: bool(streams()))
    stream = streams()[0].id
    order: tuple[Profile, ...] = ("a2dp", "hfp", "a2dp")
    for profile in order:
        endpoint = await adapter.switch(profile)
        await adapter.server.move(stream, endpoint.id)
        await headset.streaming(profile, sound=True)
        await adapter.plays_on(stream, endpoint)


async def test_a_headset_that_goes_takes_card_and_endpoints_along(adapter: Adapter) -> None:
    await adapter.connected()
    await adapter.switch("hfp")
    await adapter.headset.disconnect()
    await adapter.ear.until("the card to go", lambda: CARD not in adapter.ear.cards)
    await adapter.ear.until(
        "its endpoints to go",
        lambda: all(endpoint.card != CARD for endpoint in adapter.ear.endpoints),
    )
    with pytest.raises(UnknownNameError):
        await adapter.server.set_profile(CARD, adapter.names["a2dp"])


async def test_a_headset_that_refuses_speech_is_given_music_back(adapter: Adapter) -> None:
    """PulseAudio asks the headset as it switches, PipeWire when somebody plays or records."""
    await adapter.connected()
    adapter.headset.refuse("hfp")
    try:
        if isinstance(adapter.headset.rig, PulseRig):
            with pytest.raises(UnsupportedError):
                await adapter.server.set_profile(CARD, adapter.names["hfp"])
            # It does not go back by itself.
            await adapter.ear.until("off", lambda: adapter.ear.cards[CARD].profile == "off")
        else:
            await adapter.switch("hfp")
    finally:
        adapter.headset.refuse()
    await adapter.switch("a2dp")


async def test_an_unknown_profile_is_refused_and_nothing_changes(adapter: Adapter) -> None:
    before = await adapter.connected()
    with pytest.raises(UnknownNameError):
        await adapter.server.set_profile(CARD, "surround")
    assert adapter.ear.cards[CARD] == before
