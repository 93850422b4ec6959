"""Routes on D-Bus: what a session asks there, what it hears, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Self

import pytest

from audiosession.core.codec import to_plain
from audiosession.core.routing import AirPlayUse, RouteRequest
from audiosession.errors import (
    AudioSessionError,
    HostUnavailableError,
    IllegalRequestError,
    InvalidTypeError,
    InvalidValueError,
    LimitError,
    UnknownFieldError,
    UnknownNameError,
)
from audiosession.service.bus.names import SESSION
from audiosession.service.bus.values import route_request_from_text

from .bus_kit import Client, Served
from .routing_kit import HEADPHONES_PORT, JOINED, MIC_PORT, SPEAKER_PORT, Machine


class Routed(Served):
    """A service on the machine of the kit."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.machine = Machine()
        self.engine.links.clear()
        self.engine.add_server(self.machine)

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        return self


async def ask(client: Client, path: str, member: str, signature: str = "", *body: Any) -> Any:
    return await client.call(path, SESSION, member, signature, *body)


async def test_a_session_asks_and_hears_in_order(tmp_path: Path) -> None:
    async with Routed(tmp_path) as served, Client(served.address) as client:
        path = await client.open()
        (text,) = await ask(client, path, "Routing")
        report = json.loads(text)
        assert report["up"]
        assert {each["port"]["id"] for each in report["ports"]} == {SPEAKER_PORT, MIC_PORT}
        assert report["route"] == {"inputs": [], "outputs": [SPEAKER_PORT]}
        await ask(client, path, "RequestRoute", "s", json.dumps(to_plain(JOINED)))
        # What a call changes is told before it is answered.
        (signal,) = client.signals
        assert signal.member == "RoutingChanged"
        assert json.loads(signal.body[0])["route"]["inputs"] == [MIC_PORT]
        client.signals.clear()
        served.machine.plug_headphones(True)
        change = await client.hears(lambda message: message.member == "RouteChanged")
        members = [message.member for message in client.signals]
        assert members.index("RoutingChanged") < members.index("RouteChanged")
        said = json.loads(change.body[0])
        assert said["reason"] == 1
        assert said["current"] == {"inputs": [MIC_PORT], "outputs": [HEADPHONES_PORT]}
        await ask(client, path, "OverrideOutput", "b", True)
        assert json.loads(client.signals[-1].body[0])["current"]["outputs"] == [SPEAKER_PORT]
        await ask(client, path, "PreferInput", "s", MIC_PORT)
        await ask(client, path, "SetInputGain", "d", 0.5)
        await ask(client, path, "MuteOwn", "bb", True, False)
        assert served.machine.did("set_volume")


async def test_bad_input_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    async with Routed(tmp_path) as served, Client(served.address) as client:
        path = await client.open()
        for member, signature, value in (
            ("RequestRoute", "s", "{}"),
            ("OverrideOutput", "b", True),
            ("PreferInput", "s", MIC_PORT),
            ("SetInputGain", "d", 0.5),
        ):
            with pytest.raises(IllegalRequestError):
                await ask(client, path, member, signature, value)
        (before,) = await ask(client, path, "Routing")
        cases: list[tuple[type[AudioSessionError], str, str, Any]] = [
            (InvalidValueError, "RequestRoute", "s", "no JSON"),
            (InvalidTypeError, "RequestRoute", "s", "[]"),
            (InvalidTypeError, "RequestRoute", "s", '{"records": 1}'),
            (InvalidTypeError, "RequestRoute", "s", '{"preferred_input": null}'),
            (InvalidValueError, "RequestRoute", "s", '{"airplay": "all"}'),
            (InvalidValueError, "RequestRoute", "s", '{"airplay": []}'),
            (UnknownFieldError, "RequestRoute", "s", '{"louder": true}'),
            (LimitError, "RequestRoute", "s", " " * 70_000),
            (UnknownNameError, "PreferInput", "s", "nowhere" * 1000),
            (IllegalRequestError, "OverrideOutput", "b", True),
            (InvalidValueError, "SetInputGain", "d", 2.0),
            (InvalidValueError, "SetInputGain", "d", float("nan")),
            (IllegalRequestError, "SetInputGain", "d", 0.5),
        ]
        for error, member, signature, value in cases:
            with pytest.raises(error):
                await ask(client, path, member, signature, value)
        (after,) = await ask(client, path, "Routing")
        assert after == before
        assert served.machine.calls == []


async def test_nobody_else_may_ask_or_hears(tmp_path: Path) -> None:
    async with (
        Routed(tmp_path) as served,
        Client(served.address) as client,
        Client(served.address) as other,
    ):
        await other.listen()
        path = await client.open()
        await ask(client, path, "Routing")
        with pytest.raises(HostUnavailableError):
            await ask(other, path, "Routing")
        served.machine.plug_headphones(True)
        await client.hears(lambda message: message.member == "RouteChanged")
        await other.status()
        assert not [m for m in other.signals if (m.member or "").startswith("Rout")]


def test_a_request_is_read_field_by_field() -> None:
    request = RouteRequest(records=True, airplay=AirPlayUse.MIRRORED, preferred_input="x")
    assert route_request_from_text(json.dumps(to_plain(request))) == request
    assert route_request_from_text("{}") == RouteRequest()
    with pytest.raises(InvalidTypeError) as error:
        route_request_from_text('{"dual": "yes"}')
    assert error.value.field == "dual"
