"""Giving back over the service's limits: who gives back what it took is not refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dbus_fast import Message, MessageType

from audiosession.errors import LimitError
from audiosession.service.bus.names import BURST, MOST_HELD, MOST_WAITING, ROOT, SESSION
from audiosession.service.bus.rates import Rates
from tests.service.bus_kit import Client, Served, until

PING = (ROOT, "org.freedesktop.DBus.Peer", "Ping")
LIMIT = "org.audiosession.Error.Limit"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with Served(tmp_path) as served:
        yield served


@pytest.fixture
async def app(served: Served) -> AsyncIterator[Client]:
    async with Client(served.address) as client:
        yield client


async def test_who_asks_too_much_may_still_give_back_what_it_has(
    served: Served, app: Client
) -> None:
    path = await app.open("music", "music")
    assert await app.activate(path) == "granted"
    served.service._rates = Rates(rate=1e-9, burst=0)
    for call in (app.raw(*PING), app.raw(path, SESSION, "Activate", "a{sv}", {})):
        assert (await call).error_name == LIMIT
    assert await app.call(path, SESSION, "Deactivate", "b", True) == [True]
    assert served.engine.arbiter.active == ()
    await app.call(path, SESSION, "Close")
    assert path not in served.service.tree
    with pytest.raises(LimitError):
        await app.open("music")


async def test_who_gives_back_what_it_does_not_have_is_bounded_too(app: Client) -> None:
    most = BURST + MOST_HELD
    replies: list[Message] = await asyncio.gather(
        *(app.raw(ROOT + "/session/none", SESSION, "Close") for _ in range(most + 3000))
    )
    refused = [each for each in replies if each.error_name == LIMIT]
    assert refused
    assert len(replies) - len(refused) >= most
    # The other budget is untouched by that.
    assert (await app.raw(*PING)).message_type is not MessageType.ERROR


async def test_who_has_many_requests_waiting_may_still_give_back(
    served: Served, app: Client
) -> None:
    path = await app.open("music", "music")
    assert await app.activate(path) == "granted"
    own = served.service.tree[path].target.own
    assert own is not None
    gate, waiting = asyncio.Event(), 0

    async def slow(timeout_s: float) -> bool:
        nonlocal waiting
        waiting += 1
        await gate.wait()
        return True

    own.session.quiet = slow
    async with asyncio.TaskGroup() as group:
        for _ in range(MOST_WAITING):
            group.create_task(app.call(path, SESSION, "Quiet", "d", 1.0))
        await until(lambda: waiting == MOST_WAITING)
        assert (await app.raw(path, SESSION, "Quiet", "d", 1.0)).error_name == LIMIT
        assert await app.call(path, SESSION, "Deactivate", "b", True) == [True]
        await app.call(path, SESSION, "Close")
        gate.set()
