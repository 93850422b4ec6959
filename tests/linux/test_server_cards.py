"""A card's profile is set for a while on both real servers, and forgotten with the card."""

from __future__ import annotations

import pytest

from audiosession.devices import AudioDeviceType
from audiosession.service.servers.base import Card, Endpoint
from tests.linux.bluez_double import CARD, BluetoothDouble, profile_names
from tests.linux.test_server_moves import Ear, adapter

pytestmark = pytest.mark.timeout(240)


class CardEar(Ear):
    """Keeps the cards too, and checks that they come before the endpoints they have."""

    def __init__(self) -> None:
        super().__init__()
        self.cards: dict[str, Card] = {}
        self.at_odds: list[str] = []

    def cards_changed(self, cards: tuple[Card, ...]) -> None:
        assert tuple(self.cards.values()) != cards
        self.cards = {card.id: card for card in cards}
        self._changed.set()

    def endpoints_changed(self, endpoints: tuple[Endpoint, ...]) -> None:
        super().endpoints_changed(endpoints)
        for endpoint in endpoints:
            card = self.cards.get(endpoint.card)
            ports = () if card is None else card.ports
            if endpoint.card and not any(
                port.name == endpoint.port
                and port.type is endpoint.type
                and card is not None
                and card.profile in port.profiles
                for port in ports
            ):
                self.at_odds.append(f"{endpoint} of {card}")


async def test_a_profile_is_set_and_not_remembered(headset: BluetoothDouble) -> None:
    async with adapter(headset.rig, CardEar()) as (server, ear):
        assert isinstance(ear, CardEar)
        await headset.connect()
        names = profile_names(await headset.card_there())
        await ear.until(lambda: CARD in ear.cards)
        music = ear.cards[CARD].profile
        assert music.startswith(names["a2dp"])
        await server.set_profile(CARD, names["hfp"])
        assert ear.cards[CARD].profile == names["hfp"]
        await ear.until(
            lambda: any(
                e.card and e.type is AudioDeviceType.BLUETOOTH_SCO for e in ear.endpoints.values()
            )
        )
        await headset.disconnect()
        await ear.until(lambda: CARD not in ear.cards)
        await headset.connect()
        await ear.until(lambda: CARD in ear.cards and ear.cards[CARD].profile == music)
        await ear.until(lambda: any(e.card for e in ear.endpoints.values()))
        assert ear.at_odds == []


async def test_the_port_of_a_headset_is_taken_by_both_its_names(headset: BluetoothDouble) -> None:
    async with adapter(headset.rig, CardEar()) as (server, ear):
        assert isinstance(ear, CardEar)
        await headset.connect()
        names = profile_names(await headset.card_there())
        await ear.until(lambda: CARD in ear.cards)
        await server.set_profile(CARD, names["hfp"])
        await ear.until(lambda: any(e.active and e.card for e in ear.endpoints.values()))
        for endpoint in list(ear.endpoints.values()):
            if endpoint.card:
                await server.set_port(endpoint.id)
                await server.set_port(f"{endpoint.id}@hfp")
