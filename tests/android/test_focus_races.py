"""What a host says while an app asks for focus anew: of what it had, or of what it gets."""

from __future__ import annotations

import asyncio

import pytest

from audiosession.android import AndroidAudioFocus, AndroidAudioFocusRequestResult
from audiosession.android.audio_manager import AudioManager
from audiosession.hosts.base import HostEvents, Outcome
from audiosession.interruptions import AudioInterruptionEvent, AudioInterruptionType
from tests.android.focus_kit import CAN_DUCK, FAILED, GAIN, GRANTED, LOSS, LOSS_TRANSIENT, G
from tests.api.fake_host import FakeHost

_MUSIC_STREAM = 3
DUCK, PAUSE, UNKNOWN = (
    AudioInterruptionType.DUCK,
    AudioInterruptionType.PAUSE,
    AudioInterruptionType.UNKNOWN,
)
Change = tuple[AudioInterruptionType, bool]


class Host(FakeHost):
    """Says when it is called."""

    def __init__(self) -> None:
        super().__init__()
        self.called = asyncio.Event()

    async def arrive(self, call: str) -> None:
        self.called.set()
        await super().arrive(call)


class App:
    """An app with focus, on a host that says what the test says."""

    def __init__(self) -> None:
        self.host = Host()
        self.heard: list[AndroidAudioFocus] = []
        self._manager = AudioManager(self.host)

    def hear(self, change: AndroidAudioFocus) -> None:
        self.heard.append(change)

    async def ask(self) -> AndroidAudioFocusRequestResult:
        return await self._manager.request_audio_focus(self.hear, _MUSIC_STREAM, G)

    @property
    def events(self) -> HostEvents:
        return self.host.session.events

    def begins(self, type: AudioInterruptionType, *, system_ducked: bool = False) -> None:
        self.host.session.interrupted = type is not UNKNOWN
        self.events.interruption(
            AudioInterruptionEvent(begin=True, type=type, system_ducked=system_ducked)
        )

    def ends(self, type: AudioInterruptionType) -> None:
        self.host.session.interrupted = False
        self.events.interruption(AudioInterruptionEvent(begin=False, type=type))

    async def asks(self, group: asyncio.TaskGroup) -> tuple[asyncio.Event, asyncio.Task[object]]:
        """It has asked, and is answered once the event is set."""
        gate = self.host.hold("activate")
        self.host.called.clear()
        asking = group.create_task(self.ask())
        await self.host.called.wait()
        assert self.host.calls[-1] == "activate"
        # Whatever interrupted it is over with that.
        self.host.session.interrupted = False
        return gate, asking


@pytest.mark.parametrize(
    ("before", "type", "told"),
    [
        (DUCK, DUCK, CAN_DUCK),
        (DUCK, PAUSE, LOSS_TRANSIENT),
        (PAUSE, DUCK, CAN_DUCK),
        (PAUSE, PAUSE, LOSS_TRANSIENT),
    ],
)
async def test_android_013_a_loss_of_what_it_asks_for_is_told_though_it_had_the_same_before(
    before: AudioInterruptionType, type: AudioInterruptionType, told: AndroidAudioFocus
) -> None:
    app = App()
    assert await app.ask() is GRANTED
    app.begins(before)
    async with asyncio.TaskGroup() as group:
        gate, asking = await app.asks(group)
        app.begins(type)
        gate.set()
    assert asking.result() is GRANTED
    assert app.heard[1:] == [told]
    app.ends(type)
    assert app.heard[2:] == [GAIN]


async def test_android_013_a_refused_request_leaves_the_loss_that_was_told() -> None:
    app = App()
    assert await app.ask() is GRANTED
    app.begins(PAUSE)
    app.host.outcome = Outcome.DENIED
    async with asyncio.TaskGroup() as group:
        gate, asking = await app.asks(group)
        app.begins(PAUSE)
        gate.set()
    assert asking.result() is FAILED
    assert app.heard == [LOSS_TRANSIENT]
    app.ends(PAUSE)
    assert app.heard == [LOSS_TRANSIENT, GAIN]


async def test_android_017_what_the_system_lowers_unsaid_is_no_loss_to_gain_from() -> None:
    app = App()
    assert await app.ask() is GRANTED
    app.begins(PAUSE)
    async with asyncio.TaskGroup() as group:
        gate, _ = await app.asks(group)
        app.begins(DUCK, system_ducked=True)
        gate.set()
    app.ends(DUCK)
    assert app.heard == [LOSS_TRANSIENT]


@pytest.mark.parametrize("type", [UNKNOWN, PAUSE])
async def test_android_014_a_final_loss_is_not_told_again_to_who_asks_before_all_of_it_came(
    type: AudioInterruptionType,
) -> None:
    app = App()
    assert await app.ask() is GRANTED
    app.events.lost_claim()
    assert app.heard == [LOSS]
    async with asyncio.TaskGroup() as group:
        gate, asking = await app.asks(group)
        app.begins(type)
        app.host.session.interrupted = False
        gate.set()
    assert asking.result() is GRANTED
    assert app.heard == [LOSS]
    app.events.lost_claim()
    app.begins(type)
    assert app.heard == [LOSS, LOSS]
