"""However calls and what the phone says fall together, both know the same in the end."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from audiosession.hosts.ios import IOSHost
from tests.hosts.contract import asks
from tests.phones.ios.app_kit import opened, settle
from tests.phones.ios.native_session import NativePort, NativeSession, headphones

RECIPES = ("music", "voice_call", "navigation_prompt", "recording")
STEPS = 25
SEEDS = (*range(40), 84, 173, 248, 433, 482, 483, 734)
"""The last ones are of falls that were once told wrongly."""


@pytest.mark.parametrize("seed", SEEDS)
async def test_sessions_and_phone_agree(host: IOSHost, native: NativeSession, seed: int) -> None:
    luck = random.Random(seed)
    apps = [await opened(host) for _ in range(luck.choice((1, 2)))]
    known = {ear: set(await session.devices()) for session, ear in apps}
    plugged = [headphones(), NativePort("BluetoothHFP", "hfp", "Headset")]

    def lose_and_reset() -> None:
        native.lose_media_services()
        native.reset_media_services()

    def while_active(do: Callable[[], None]) -> Callable[[], None]:
        """No phone interrupts a session that is inactive."""
        return lambda: do() if native.active else None

    said: list[Callable[[], None]] = [
        while_active(native.interrupt),
        lambda: native.end_interruption(resume=luck.random() < 0.5),
        while_active(lambda: native.interrupt(InterruptionReason=1)),
        while_active(lose_and_reset),
        lambda: native.plug(luck.choice(plugged)),
        lambda: native.unplug(luck.choice(plugged)),
    ]
    for _ in range(STEPS):
        session, _ = luck.choice(apps)
        what = luck.choice(said)
        when = luck.choice(("before", "during", "right after", "later", "never"))
        if when == "before":
            what()
        elif when == "during":
            await host.phone.thread.run(lambda: None)
            # Of an active session it could not be said whether it came before the yes.
            do = native.first if native.active else native.then
            do("setActive", what)
        if luck.random() < 0.2:
            native.refuse("setActive", 561017449)
        if luck.random() < 0.7:
            call = session.activate(asks(luck.choice(RECIPES)))
        else:
            call = session.deactivate(notify_others=True)  # type: ignore[assignment]
        calling = asyncio.ensure_future(call)  # noqa: TID251
        # It asks first.
        await asyncio.sleep(0)
        if when == "right after":
            host.phone.thread.post(what)
        await calling
        native.ends.clear()
        if when == "later":
            what()
        if luck.random() < 0.5:
            await settle(host)
    await settle(host)
    assert any(session.active for session, _ in apps) is native.active
    for session, ear in apps:
        begun = False
        for event in ear.interruptions:
            assert event.begin or begun, "no end without a beginning"
            begun = event.begin
        there = known[ear]
        for change in ear.changes:
            assert not change.devices_added & there
            assert change.devices_removed <= there
            there = (there - change.devices_removed) | change.devices_added
        assert there == await session.devices()
