"""A service that is killed leaves nothing switched: the next one puts it back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audiosession.service.ledger import Ledger
from audiosession.service.routing.ledger import Moved, Record, RouteLedger, Switched, Turned
from audiosession.service.servers.base import Direction

from .fake_server import activate
from .routing_kit import (
    CALLING,
    CALLS,
    HEADPHONES,
    HEADSET,
    JOINED,
    MUSIC,
    SPEAKER,
    USB,
    Machine,
    desk,
    killed,
    reborn,
    turns,
)


async def test_profile_and_streams_come_back_after_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "routes.ledger"
    stage = desk(headset=True, ledger=path)
    async with stage:
        other = stage.server.play(pid=7, endpoint=MUSIC.id)
        session, _ = stage.guest(CALLING)
        playing = stage.server.play(pid=100, endpoint=MUSIC.id)
        await activate(session, "voice_call")
        await turns()
        assert stage.server.profile() == "hfp"
        machine = killed(stage)
        text = path.read_bytes()
    path.write_bytes(text)
    async with reborn(machine, path) as after:
        await turns()
        assert machine.profile() == "a2dp"
        assert machine.where(other) == MUSIC.id
        assert machine.where(playing) == MUSIC.id
        assert not after.engine.routing.busy
        assert Ledger(path).entries() == {}


async def test_a_port_and_a_moved_stream_come_back_after_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "routes.ledger"
    stage = desk(ledger=path)
    async with stage:
        stage.server.plug_headphones(True)
        session, _ = stage.guest(JOINED)
        await activate(session, "voice_call")
        stage.engine.routing.override(session, True)
        await turns()
        player, _ = stage.guest(app="player", pid=200)
        moved = stage.server.play(pid=200, endpoint=HEADPHONES.id)
        stage.server.show_endpoints(*stage.server.endpoints, USB)
        await activate(player, "navigation_prompt")
        await turns()
        assert stage.server.where(moved) == USB.id
        machine = killed(stage)
        text = path.read_bytes()
    path.write_bytes(text)
    async with reborn(machine, path):
        await turns()
        assert machine.where(moved) == HEADPHONES.id
        assert [e.id for e in machine.endpoints if e.node == SPEAKER.node and e.active] == [
            HEADPHONES.id
        ]
        assert Ledger(path).entries() == {}


async def test_what_the_user_changed_after_the_crash_is_the_users(tmp_path: Path) -> None:
    path = tmp_path / "routes.ledger"
    stage = desk(headset=True, ledger=path)
    async with stage:
        stage.server.show_endpoints(*stage.server.endpoints, USB)
        stage.server.choose(USB.id)
        stage.server.choose(MUSIC.id)
        session, _ = stage.guest(CALLING)
        playing = stage.server.play(pid=100, endpoint=MUSIC.id)
        await activate(session, "voice_call")
        await turns()
        assert stage.server.where(playing) == CALLS.id
        machine = killed(stage)
        text = path.read_bytes()
    path.write_bytes(text)
    machine.cards = tuple(
        Machine(headset=True).cards[1] if card.id == HEADSET else card for card in machine.cards
    )
    machine.endpoints = (*(e for e in machine.endpoints if e.card != HEADSET), MUSIC)
    machine.streams[playing] = type(machine.streams[playing])(
        id=playing, direction=Direction.PLAYBACK, pid=100, endpoint=USB.id
    )
    async with reborn(machine, path):
        await turns()
        assert machine.calls == []
        assert machine.where(playing) == USB.id
        assert Ledger(path).entries() == {}


async def test_a_stream_of_another_process_by_the_same_id_is_let_be(tmp_path: Path) -> None:
    path = tmp_path / "routes.ledger"
    RouteLedger(Ledger(path)).write(
        [
            Moved(server="pipewire", stream="1", pid=9, started=9, before="x", ours=SPEAKER.id),
            Moved(server="pulseaudio", stream="1", pid=9, started=9, before="x", ours="y"),
        ]
    )
    machine = Machine()
    stage = reborn(machine, path)
    async with stage:
        stage.server.play(pid=10, endpoint=SPEAKER.id)
        await turns()
        assert machine.calls == []
        assert list(Ledger(path).entries()) == ["stream:pulseaudio:1"]


async def test_a_server_that_dies_and_comes_back_is_put_right(tmp_path: Path) -> None:
    path = tmp_path / "routes.ledger"
    async with desk(headset=True, ledger=path) as stage:
        session, _ = stage.guest(CALLING)
        await activate(session, "voice_call")
        await turns()
        stage.server.die()
        await turns()
        assert list(Ledger(path).entries()) == [f"profile:pipewire:{HEADSET}"]
        await session.deactivate(notify_others=True)
        stage.server.live()
        await turns()
        assert stage.server.profile() == "a2dp"
        assert Ledger(path).entries() == {}


async def test_what_cannot_be_written_down_is_not_switched(tmp_path: Path) -> None:
    folder = tmp_path / "file"
    folder.write_text("no folder")
    async with desk(headset=True, ledger=folder / "routes.ledger") as stage:
        session, guest = stage.guest(CALLING)
        await activate(session, "voice_call")
        await turns()
        assert stage.server.did("set_profile") == []
        assert guest.report.route.outputs == (f"playback:{SPEAKER.card}:speaker",)


async def test_it_is_written_down_before_it_is_switched(tmp_path: Path) -> None:
    path = tmp_path / "routes.ledger"
    async with desk(headset=True, ledger=path) as stage:
        seen: list[dict[str, dict[str, object]]] = []
        switch = stage.server.set_profile

        async def looks(card: str, profile: str) -> None:
            seen.append(Ledger(path).entries())
            await switch(card, profile)

        stage.server.set_profile = looks  # type: ignore[method-assign]
        playing = stage.server.play(pid=7, endpoint=MUSIC.id)
        session, _ = stage.guest(CALLING)
        await activate(session, "voice_call")
        await turns()
        entry = seen[0][f"profile:pipewire:{HEADSET}"]
        assert (entry["before"], entry["ours"]) == ("a2dp", "hfp")
        assert seen[0][f"stream:pipewire:{playing}"]["before"] == MUSIC.id


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("profile:pipewire:c", {"before": 3}),
        ("profile:pipewire:c", {"more": "x"}),
        ("profile:pipewire:d", {}),
        ("other:pipewire:c", {}),
        ("stream:pipewire:1", {"pid": "x"}),
        ("port:pipewire:playback:n", {"direction": "sideways"}),
        ("port:pipewire:playback:n", {"direction": None}),
    ],
)
def test_entries_that_make_no_sense_are_forgotten(
    tmp_path: Path, key: str, change: dict[str, object]
) -> None:
    path = tmp_path / "routes.ledger"
    good: list[Record] = [
        Switched(server="pipewire", card="c", before="a", ours="b"),
        Turned(server="pipewire", node="n", direction=Direction.PLAYBACK, before="a", ours="b"),
        Moved(server="pipewire", stream="1", pid=1, started=2, before="a"),
    ]
    RouteLedger(Ledger(path)).write(good)
    assert sorted(record.key for record in RouteLedger(Ledger(path)).left("pipewire")) == sorted(
        record.key for record in good
    )
    kind = key.partition(":")[0]
    entries = Ledger(path).entries()
    model = next(
        (each for name, each in entries.items() if name.partition(":")[0] == kind),
        entries["profile:pipewire:c"],
    )
    path.unlink()
    Ledger(path).put_all({key: json.loads(json.dumps(model)) | change})
    assert RouteLedger(Ledger(path)).left("pipewire") == []
    assert Ledger(path).entries() == {}
