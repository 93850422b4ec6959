"""A host whose every answer can be held back, chosen, or made to fail."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from audiosession import AudioDevice, AudioDeviceType, AudioSessionConfiguration
from audiosession.hosts.base import (
    ActivationRequest,
    ActivationResult,
    Capability,
    HostEvents,
    Outcome,
)

SPEAKER = AudioDevice(
    id="speaker",
    name="Speaker",
    is_input=False,
    is_output=True,
    type=AudioDeviceType.BUILT_IN_SPEAKER,
)
HEADSET = AudioDevice(
    id="headset", name="Headset", is_input=True, is_output=True, type=AudioDeviceType.WIRED_HEADSET
)
MICROPHONE = AudioDevice(
    id="microphone",
    name="Microphone",
    is_input=True,
    is_output=False,
    type=AudioDeviceType.BUILT_IN_MIC,
)


class FakeHost:
    """Implements both Host and, with :class:`FakeSession`, HostSession."""

    def __init__(self, capabilities: Iterable[Capability] = Capability) -> None:
        self.capabilities = frozenset(capabilities)
        self.calls: list[str] = []
        self.sessions: list[FakeSession] = []
        self.outcome = Outcome.GRANTED
        self.app_name = "the app"
        self.gives_up = True
        self.devices = frozenset({SPEAKER})
        self.errors: dict[str, Exception] = {}
        self._gates: dict[str, asyncio.Event] = {}

    @property
    def name(self) -> str:
        return "fake"

    @property
    def session(self) -> FakeSession:
        """The session opened last."""
        return self.sessions[-1]

    def hold(self, call: str) -> asyncio.Event:
        """Calls by that name wait from now on, until the event is set."""
        gate = self._gates[call] = asyncio.Event()
        return gate

    async def arrive(self, call: str) -> None:
        self.calls.append(call)
        if call in self._gates:
            await self._gates[call].wait()
        if call in self.errors:
            raise self.errors[call]

    async def open_session(self, events: HostEvents) -> FakeSession:
        await self.arrive("open")
        self.sessions.append(FakeSession(self, events))
        return self.session

    async def close(self) -> None:
        await self.arrive("close host")


class FakeSession:
    """Remembers what it was told."""

    def __init__(self, host: FakeHost, events: HostEvents) -> None:
        self.host = host
        self.events = events
        self.configuration: AudioSessionConfiguration | None = None
        self.request: ActivationRequest | None = None
        """What is in force; ``None`` while it is not active."""
        self.notified: bool | None = None
        self.interrupted = False
        self.closed = False

    @property
    def app_name(self) -> str:
        return self.host.app_name

    async def configure(self, configuration: AudioSessionConfiguration) -> None:
        await self.host.arrive("configure")
        self.configuration = configuration

    async def activate(self, request: ActivationRequest) -> ActivationResult:
        await self.host.arrive("activate")
        if self.host.outcome is Outcome.GRANTED:
            self.request = request
        return ActivationResult(outcome=self.host.outcome, rule="the rule", holder="the holder")

    async def deactivate(self, *, notify_others: bool) -> bool:
        await self.host.arrive("deactivate")
        if self.host.gives_up:
            self.request = None
            self.notified = notify_others
        return self.host.gives_up

    async def devices(self) -> frozenset[AudioDevice]:
        devices = self.host.devices
        await self.host.arrive("devices")
        return devices

    async def quiet(self, timeout_s: float) -> bool:
        await self.host.arrive("quiet")
        return True

    async def user_action(self, *, paused: bool) -> None:
        await self.host.arrive("user paused" if paused else "user played")

    async def close(self) -> None:
        await self.host.arrive("close")
        self.closed = True
