"""What is switched comes back also when it cannot at once: gone, refused, unplugged, half done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from audiosession.service.ledger import Ledger
from audiosession.service.routing.ledger import Moved, Record, RouteLedger, Switched, Turned
from audiosession.service.servers.base import ServerStream

from .fake_server import activate
from .routing_kit import (
    BLUETOOTH,
    CALLING,
    CALLS,
    HEADPHONES,
    HEADSET,
    JOINED,
    MUSIC,
    OUT,
    SPEAKER,
    USB,
    Desk,
    Machine,
    desk,
    reborn,
    turns,
)

PROFILE = f"profile:pipewire:{HEADSET}"


def written(path: Path, *records: Record) -> None:
    RouteLedger(Ledger(path)).write(records)


def moved(stream: str, **more: str | bool) -> Moved:
    return Moved(server="pipewire", stream=stream, pid=7, started=7, **more)  # type: ignore[arg-type]


def playing(machine: Machine, endpoint: str) -> None:
    machine.streams["1"] = ServerStream(id="1", direction=OUT, pid=7, endpoint=endpoint)


async def calling(stage: Desk) -> None:
    """A call that ends while nothing can be put back."""
    session, _ = stage.guest(CALLING)
    await activate(session, "voice_call")
    await turns()
    assert stage.server.profile() == "hfp"


async def test_one_killed_before_its_second_command_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "routes.ledger"
    machine = Machine(headset=True)
    machine.endpoints = (*machine.endpoints, USB)
    machine.cards = tuple(
        replace(card, profile="hfp") if card.id == HEADSET else card for card in machine.cards
    )
    machine.endpoints = (
        *(each for each in machine.endpoints if each.card != HEADSET),
        CALLS,
    )
    machine.endpoints = tuple(
        replace(each, active=each.id == HEADPHONES.id, available=True)
        if each.node == SPEAKER.node
        else each
        for each in machine.endpoints
    )
    playing(machine, USB.id)
    written(
        path,
        Switched(server="pipewire", card=HEADSET, before="a2dp", ours="other", via="hfp"),
        Turned(
            server="pipewire",
            node=SPEAKER.node,
            direction=OUT,
            before=SPEAKER.id,
            ours="sink#other",
            via=HEADPHONES.id,
        ),
        moved("1", before=SPEAKER.id, ours=HEADPHONES.id, via=USB.id),
    )
    # The port of the third command is one that the sink has.
    machine.endpoints += (
        replace(HEADPHONES, id="sink#other", port="other", available=True, active=False),
    )
    async with reborn(machine, path) as after:
        await turns()
        after.clock.advance(3.0)
        await turns()
        assert machine.profile() == "a2dp"
        assert [e.id for e in machine.endpoints if e.node == SPEAKER.node and e.active] == [
            SPEAKER.id
        ]
        assert machine.where("1") == SPEAKER.id
        assert Ledger(path).entries() == {}


async def test_a_card_that_comes_back_switched_is_switched_back(tmp_path: Path) -> None:
    path = tmp_path / "routes.ledger"
    async with desk(headset=True, ledger=path) as stage:
        await calling(stage)
        stage.server.lose_headset()
        stage.engine.reset()
        await turns()
        assert PROFILE in Ledger(path).entries()
        assert not stage.engine.routing.busy
        # The server kept it for the card.
        stage.server.show_cards(*stage.server.cards, replace(BLUETOOTH, profile="hfp"))
        stage.server.show_endpoints(*stage.server.endpoints, CALLS)
        await turns()
        assert stage.server.profile() == "a2dp"
        assert Ledger(path).entries() == {}


async def test_a_card_that_comes_back_otherwise_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "routes.ledger"
    async with desk(headset=True, ledger=path) as stage:
        await calling(stage)
        stage.server.lose_headset()
        stage.engine.reset()
        await turns()
        stage.server.connect_headset()
        await turns()
        assert stage.server.did("set_profile") == [(HEADSET, "hfp")]
        assert Ledger(path).entries() == {}


async def test_a_card_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "routes.ledger"
    written(path, Switched(server="pipewire", card=HEADSET, before="a2dp", ours="hfp"))
    async with reborn(Machine(), path) as stage:
        await turns()
        assert PROFILE in Ledger(path).entries()
        stage.server.show_cards(*stage.server.cards, replace(BLUETOOTH, profile="hfp"))
        stage.server.show_endpoints(*stage.server.endpoints, CALLS)
        await turns()
        assert stage.server.profile() == "a2dp"
        assert Ledger(path).entries() == {}


async def test_a_profile_that_is_refused_is_given_back_later(tmp_path: Path) -> None:
    path = tmp_path / "routes.ledger"
    async with desk(headset=True, ledger=path) as stage:
        await calling(stage)
        stage.server.refuses = True
        stage.engine.reset()
        await turns()
        for _ in range(5):
            stage.clock.advance(2.0)
            await turns()
        # Not for ever.
        assert stage.server.did("set_profile") == [(HEADSET, "hfp")] + [(HEADSET, "a2dp")] * 3
        assert PROFILE in Ledger(path).entries()
        assert not stage.engine.routing.busy
        stage.server.refuses = False
        stage.server.show_cards(
            *(replace(c, text="New") if c.id == HEADSET else c for c in stage.server.cards)
        )
        await turns()
        assert stage.server.profile() == "a2dp"
        assert Ledger(path).entries() == {}


async def test_another_call_meanwhile_does_not_forget_what_was_before(tmp_path: Path) -> None:
    path = tmp_path / "routes.ledger"
    async with desk(headset=True, ledger=path) as stage:
        await calling(stage)
        stage.server.refuses = True
        stage.engine.reset()
        await turns()
        stage.server.refuses = False
        session, _ = stage.guest(CALLING, app="other", pid=200)
        await activate(session, "voice_call")
        await turns()
        await session.close()
        stage.clock.advance(2.0)
        await turns()
        assert stage.server.profile() == "a2dp"
        assert Ledger(path).entries() == {}


async def test_a_profile_that_cannot_be_had_is_given_back_when_it_can(tmp_path: Path) -> None:
    path = tmp_path / "routes.ledger"
    async with desk(headset=True, ledger=path) as stage:
        await calling(stage)

        def show(available: bool) -> None:
            stage.server.show_cards(
                *(
                    replace(
                        card,
                        profiles=tuple(
                            replace(each, available=available or each.name != "a2dp")
                            for each in card.profiles
                        ),
                    )
                    if card.id == HEADSET
                    else card
                    for card in stage.server.cards
                )
            )

        show(False)
        stage.engine.reset()
        await turns()
        assert stage.server.did("set_profile") == [(HEADSET, "hfp")]
        show(True)
        await turns()
        assert stage.server.profile() == "a2dp"
        assert Ledger(path).entries() == {}


async def test_a_port_that_was_pulled_out_is_not_used_again(tmp_path: Path) -> None:
    path = tmp_path / "routes.ledger"
    async with desk(ledger=path) as stage:
        stage.server.plug_headphones(True)
        session, _ = stage.guest(JOINED)
        await activate(session, "voice_call")
        stage.engine.routing.override(session, True)
        await turns()
        assert stage.server.did("set_port") == [(SPEAKER.id,)]
        stage.server.plug_headphones(False)
        await turns()
        await session.close()
        await turns()
        assert stage.server.did("set_port") == [(SPEAKER.id,)]
        assert [e.id for e in stage.server.endpoints if e.node == SPEAKER.node and e.active] == [
            SPEAKER.id
        ]
        assert Ledger(path).entries() == {}


async def test_a_port_whose_sink_comes_back_turned_is_turned_back(tmp_path: Path) -> None:
    path = tmp_path / "routes.ledger"
    async with desk(ledger=path) as stage:
        stage.server.plug_headphones(True)
        session, _ = stage.guest(JOINED)
        await activate(session, "voice_call")
        stage.engine.routing.override(session, True)
        await turns()
        sink = [each for each in stage.server.endpoints if each.node == SPEAKER.node]
        rest = [each for each in stage.server.endpoints if each.node != SPEAKER.node]
        stage.server.show_endpoints(*rest, replace(USB, default=True))
        await session.close()
        await turns()
        assert Ledger(path).entries() != {}
        stage.server.show_endpoints(*rest, *sink)
        await turns()
        assert [e.id for e in stage.server.endpoints if e.node == SPEAKER.node and e.active] == [
            HEADPHONES.id
        ]
        assert Ledger(path).entries() == {}


@pytest.mark.parametrize("home", [True, False])
async def test_a_stream_whose_sink_went_with_the_service_comes_home(
    home: bool, tmp_path: Path
) -> None:
    """It was on the headset's sink for music; that for calls took over, or the default."""
    path = tmp_path / "routes.ledger"
    machine = Machine(headset=True)
    machine.cards = tuple(
        replace(card, profile="hfp") if card.id == HEADSET else card for card in machine.cards
    )
    machine.endpoints = (*(e for e in machine.endpoints if e.card != HEADSET), USB, CALLS)
    machine.chosen = CALLS.id
    machine.endpoints = machine._with_default(machine.endpoints)
    playing(machine, USB.id if home else CALLS.id)
    written(
        path,
        Switched(server="pipewire", card=HEADSET, before="a2dp", ours="hfp"),
        moved("1", before=USB.id, ours=MUSIC.id),
    )
    async with reborn(machine, path) as stage:
        await turns()
        # With the default that comes back the server takes it along.
        stage.server.choose(MUSIC.id)
        stage.server.change("1", endpoint=MUSIC.id)
        stage.clock.advance(2.0)
        await turns()
        assert machine.where("1") == USB.id
        assert not stage.engine.routing.busy
        assert Ledger(path).entries() == {}


async def test_what_goes_wrong_is_not_tried_again_at_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(headset=True) as stage:
        tries: list[str] = []

        def fails(*_: object) -> None:
            tries.append("")
            raise LookupError("a mistake")

        session, _ = stage.guest(CALLING)
        await turns()
        monkeypatch.setattr(stage.engine.routing._enforcer, "_company", fails)
        await activate(session, "voice_call")
        await turns()
        assert 1 <= len(tries) < 5
        assert "a mistake" in caplog.text
        monkeypatch.undo()
        stage.engine.settled()
        await turns()
        assert stage.server.profile() == "hfp"
