"""The example's player and its checklist on a phone: the code that the simulated device has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from audiosession import AudioSession
from audiosession.android import AudioManager
from audiosession.hosts import standing_in
from audiosession.hosts.android import AndroidHost
from examples.phones.podcast import Checklist, Outcome, PodcastPlayer, Screen, SilentOutput, Step

from .phone import LEVELS, Phone

pytestmark = pytest.mark.parametrize("level", LEVELS)

GAIN = 1


@dataclass
class Installed:
    """An app that has the phone, with another app beside it."""

    phone: Phone
    host: AndroidHost
    session: AudioSession
    other: AudioManager

    async def other_plays(self) -> None:
        await self.other.request_audio_focus(lambda change: None, 3, GAIN)


@asynccontextmanager
async def installed(level: int) -> AsyncIterator[Installed]:
    phone = Phone(level)
    host, other_host = AndroidHost(phone.bridge()), AndroidHost(phone.bridge("other"))
    app = Installed(phone, host, AudioSession(host), AudioManager(other_host))
    with standing_in(lambda: app):
        yield app
    await app.other.close()
    await other_host.close()
    await app.session.close()
    await host.close()
    assert phone.java.listening() == 0


async def test_the_checklist_passes_whole(level: int) -> None:
    async with installed(level) as app, asyncio.TaskGroup() as group:
        phone = app.phone
        headphones = phone.device(9, 4, "headphones", sink=True)
        does: dict[str, Callable[[], object]] = {
            "A device that comes is heard of": lambda: phone.plug(headphones),
            "Pulled headphones are noisy": lambda: phone.unplug(headphones),
            "A call interrupts": lambda: phone.java.calling(True),
            "The interruption ends": lambda: phone.java.calling(False),
            "Another player takes over": lambda: group.create_task(app.other_plays()),
        }

        def show(step: Step, left: int) -> None:
            if step.instruction:
                does[step.title]()

        report = await Checklist(show=show).run()
        failed = [each for each in report.results if each.outcome is not Outcome.PASSED]
        assert failed == [], report.text()


async def test_the_player_gets_along_with_a_call_and_pulled_headphones(level: int) -> None:
    async with installed(level) as app:
        phone, seen = app.phone, list[Screen]()
        headphones = phone.device(9, 4, "headphones", sink=True)
        player = PodcastPlayer(SilentOutput(), show=seen.append)
        await player.open()
        phone.plug(headphones)
        await phone.settle()
        assert "headphones" in seen[-1].devices
        assert await player.start_by_hand()
        phone.java.calling(True)
        await phone.settle()
        assert (seen[-1].button, player.playing) == ("Play", False)
        phone.java.calling(False)
        await phone.settle()
        await player.settled()
        assert (seen[-1].button, player.playing) == ("Pause", True)
        await player.stop_by_hand()
        phone.java.calling(True)
        assert not await player.start_by_hand()
        assert "more important" in seen[-1].status
        phone.java.calling(False)
        assert await player.start_by_hand()
        phone.unplug(headphones)
        await phone.settle()
        assert not player.playing
        assert "headphones" not in seen[-1].devices
        await player.close()
