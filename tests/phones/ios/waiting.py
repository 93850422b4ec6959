"""Waiting for what a phone has set off."""

from __future__ import annotations

import asyncio

from audiosession.hosts.ios import IOSHost


async def settle(host: IOSHost) -> None:
    """Returns when everything the phone has said was heard, and what it was asked is done."""
    await host.phone.thread.run(lambda: None)
    for _ in range(2):
        # What was said during a call is told after its answer.
        heard = asyncio.Event()
        host.say(heard.set)
        async with asyncio.timeout(60):
            await heard.wait()
