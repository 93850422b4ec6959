"""A session and the event loops and threads it is used in."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from audiosession import AudioSession, blocking, recipe
from audiosession.errors import IllegalRequestError, InvalidTypeError
from audiosession.hosts.base import Outcome

from .fake_host import FakeHost


async def in_a_block(session: AudioSession) -> None:
    async with session.activated():
        pass


@pytest.mark.parametrize(
    "use",
    [
        lambda session: session.configure(recipe("music")),
        lambda session: session.set_active(True),
        lambda session: session.set_active(False),
        lambda session: session.quiet(),
        lambda session: session.get_devices(),
        lambda session: session.user_paused(),
        lambda session: session.close(),
        in_a_block,
    ],
    ids=["configure", "ask", "give up", "quiet", "devices", "user", "close", "block"],
)
async def test_another_thread_is_told_of_the_blocking_twin(
    use: Callable[[AudioSession], Awaitable[object]],
) -> None:
    host = FakeHost()
    session = AudioSession(host)
    await session.set_active(True)
    calls = list(host.calls)
    caught: list[Exception] = []

    async def wrong() -> None:
        await use(session)

    def run() -> None:
        try:
            asyncio.run(wrong())
        except IllegalRequestError as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    await asyncio.to_thread(thread.join)
    assert len(caught) == 1
    assert "audiosession.blocking" in str(caught[0])
    assert host.calls == calls
    assert session.is_active
    assert not session.closed
    await session.close()


def test_a_loop_that_has_ended_is_followed_by_the_next() -> None:
    host = FakeHost()
    session = AudioSession(host)

    async def twice() -> None:
        # Both wait for the lock, which ties it to the loop.
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(session.configure(recipe("music")))
            tasks.create_task(session.configure(recipe("game")))
        assert await session.set_active(True)

    asyncio.run(twice())
    asyncio.run(twice())
    assert len(host.sessions) == 1
    asyncio.run(session.close())
    assert host.session.closed


async def test_a_blocking_session_in_use_is_not_used_beside_it() -> None:
    session = AudioSession(FakeHost())
    twin = blocking.AudioSession(session)
    await asyncio.to_thread(twin.set_active, True)
    with pytest.raises(IllegalRequestError):
        await session.set_active(False)
    assert twin.is_active
    await asyncio.to_thread(twin.close)


# -- what a session is made of -------------------------------------------------------------------


@pytest.mark.parametrize("kind", [AudioSession, blocking.AudioSession])
@pytest.mark.parametrize("host", [None, 3, "simulated", Outcome.GRANTED, object()])
def test_what_is_no_host_is_refused(kind: Callable[[Any], object], host: object) -> None:
    with pytest.raises(InvalidTypeError) as caught:
        kind(host)
    assert caught.value.field == "host"


async def test_a_function_that_gives_no_host_is_found_out_at_the_first_use() -> None:
    function: Any = lambda: "simulated"  # noqa: E731
    session = AudioSession(function)
    with pytest.raises(InvalidTypeError) as caught:
        await session.set_active(True)
    assert caught.value.field == "host"
