"""What the contract suite needs to try a host: the benches on which hosts stand.

A new host joins by a :class:`Bench` of its own in :data:`BENCHES`; the suite then judges it by
what it declares. What it does not declare is skipped, with the reason.
"""

from __future__ import annotations

import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from audiosession import (
    AudioDevicesChangedEvent,
    AudioInterruptionEvent,
    AudioSessionConfiguration,
    recipe,
)
from audiosession.android import AndroidAudioDeviceType, AndroidAudioFocusGainType
from audiosession.apple import AVAudioSessionCategoryOptions, AVAudioSessionErrorCode
from audiosession.hosts.android import AndroidHost
from audiosession.hosts.base import (
    ActivationRequest,
    ActivationResult,
    Capability,
    Host,
    HostSession,
    Outcome,
)
from audiosession.hosts.ios import IOSHost, IOSSession
from audiosession.hosts.ios.threads import IntoLoop
from audiosession.hosts.linux import LinuxHost
from audiosession.hosts.simulated import ClockMode, SimulatedDevice, VirtualClock
from tests.phones.android.phone import LEVELS, Phone
from tests.phones.declarations import check as check_declarations
from tests.phones.ios.native_session import NativeSession, headphones
from tests.phones.ios.native_session import phone as ios_phone
from tests.phones.ios.waiting import settle
from tests.service.bus_kit import Served
from tests.service.fake_server import HEADPHONES, SPEAKER


class Ear:
    """Hears what a host reports to one app. Implements HostEvents."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.interruptions: list[AudioInterruptionEvent] = []
        self.changes: list[AudioDevicesChangedEvent] = []

    def interruption(self, event: AudioInterruptionEvent) -> None:
        self.interruptions.append(event)
        self.words.append(f"{'begin' if event.begin else 'end'} {event.type.value}")

    def becoming_noisy(self) -> None:
        self.words.append("noisy")

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        self.changes.append(event)
        self.words.append("devices")

    def gained_claim(self) -> None:
        self.words.append("gained")

    def lost_claim(self) -> None:
        self.words.append("lost")

    def clear(self) -> None:
        self.words.clear()
        self.interruptions.clear()
        self.changes.clear()


class Bench(ABC):
    """One host with a second app beside it, and hands to work the machine."""

    name: str
    lowers_in_silence: bool = False
    """Whether apps are lowered there without being told."""
    ends_activations: bool = False
    """Whether an interruption ends the activation, and whether it will pass is not said."""
    judges: bool = True
    """Whether both apps are on one phone, which judges between them; otherwise the bench's other
    app only takes the audio from the one under test and gives it back."""

    @abstractmethod
    def host(self) -> Host:
        """The host of the app under test; the same one each time."""

    @abstractmethod
    def other_host(self) -> Host:
        """The host of another app on the same machine; the same one each time."""

    @abstractmethod
    async def plug_headphones(self) -> None:
        """Plugs in something private that takes the sound."""

    @abstractmethod
    async def pull_headphones(self) -> None:
        """Pulls it out again."""

    @abstractmethod
    async def settle(self) -> None:
        """Returns when everything that was set off so far has been reported."""

    @abstractmethod
    async def close(self) -> None:
        """Takes the bench down."""

    async def occupy(self) -> Ear:
        """Has another app take the audio so that recording is refused; what it hears."""
        other, heard = await self.other()
        await other.activate(asks("voice_call"))
        return heard

    async def refuse(self) -> None:
        """From now on recording is refused, where it was not so from :meth:`occupy` on."""

    # -- shorthand ---------------------------------------------------------------------------

    def needs(self, *capabilities: Capability) -> None:
        """Skips the test where the host does not declare these."""
        missing = sorted({each.value for each in capabilities if each not in self.declared})
        if missing:
            pytest.skip(f"{self.name} does not declare {', '.join(missing)}")

    def needs_a_judge(self) -> None:
        """Skips the test where nobody judges between the two apps."""
        if not self.judges:
            pytest.skip(f"the bench of {self.name} has no two apps on one phone")

    def told(self, *words: str) -> list[str]:
        """Of what an app is to hear, what it hears there, and how it is said there."""
        told = [each for each in words if not (self.lowers_in_silence and each.endswith(" duck"))]
        if not self.ends_activations:
            return told
        return [word for each in told for word in _WITH_THE_LOSS.get(each, (each,))]

    @property
    def declared(self) -> frozenset[Capability]:
        """What the host says it can do."""
        return self.host().capabilities

    async def open(self) -> tuple[HostSession, Ear]:
        """A session of the app under test, and what it hears."""
        ear = Ear()
        return await self.host().open_session(ear), ear

    async def other(self) -> tuple[HostSession, Ear]:
        """A session of the other app."""
        ear = Ear()
        return await self.other_host().open_session(ear), ear


class SimulatedBench(Bench):
    """The simulated device."""

    name = "simulated"

    def __init__(self) -> None:
        self._device = SimulatedDevice(clock=VirtualClock(ClockMode.FAST))

    def host(self) -> Host:
        return self._device.app("app").host

    def other_host(self) -> Host:
        return self._device.app("other").host

    async def plug_headphones(self) -> None:
        self._device.plug("wired headphones")

    async def pull_headphones(self) -> None:
        self._device.unplug("wired headphones")

    async def settle(self) -> None:
        """Everything is reported before a call returns."""

    async def close(self) -> None:
        for app in self._device.apps:
            app.kill()


class LinuxBench(Bench):
    """The per-user service on its own socket, with a sound server that is made up."""

    name = "linux"

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="audiosession-bench-")
        self._patch = pytest.MonkeyPatch()
        self._patch.setenv("XDG_RUNTIME_DIR", self._folder.name)
        self._patch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
        self._served = Served(Path(self._folder.name))
        self._serving = False
        self._hosts = LinuxHost("app", start=False), LinuxHost("other", start=False)

    def host(self) -> Host:
        return self._hosts[0]

    def other_host(self) -> Host:
        return self._hosts[1]

    async def open(self) -> tuple[HostSession, Ear]:
        await self._serve()
        return await super().open()

    async def other(self) -> tuple[HostSession, Ear]:
        await self._serve()
        return await super().other()

    async def plug_headphones(self) -> None:
        await self._serve()
        speaker = replace(SPEAKER, active=False, default=False)
        self._served.server.link.endpoints_changed((speaker, HEADPHONES))

    async def pull_headphones(self) -> None:
        self._served.server.link.endpoints_changed((SPEAKER,))

    async def settle(self) -> None:
        """What was sent before an answer has come before it."""
        for host in self._hosts:
            if host.client is not None:
                await host.client.status()

    async def close(self) -> None:
        for host in self._hosts:
            await host.close()
        if self._serving:
            await self._served.__aexit__(None, None, None)
        self._patch.undo()
        self._folder.cleanup()

    async def _serve(self) -> None:
        if not self._serving:
            self._serving = True
            await self._served.__aenter__()


class AndroidBench(Bench):
    """A phone of doubles of Android's classes, in a Java machine in this process."""

    name = "android"
    level: int

    def __init__(self) -> None:
        # Before that apps go down by themselves, and so hear of it.
        self.lowers_in_silence = self.level >= 26
        self._phone = Phone(self.level)
        self._hosts = (
            AndroidHost(self._phone.bridge("app")),
            AndroidHost(self._phone.bridge("other")),
        )
        self._headphones = self._phone.device(
            20, AndroidAudioDeviceType.WIRED_HEADPHONES, "phones", sink=True
        )

    def host(self) -> Host:
        return self._hosts[0]

    def other_host(self) -> Host:
        return self._hosts[1]

    async def plug_headphones(self) -> None:
        self._phone.plug(self._headphones)

    async def pull_headphones(self) -> None:
        self._phone.unplug(self._headphones)

    async def settle(self) -> None:
        await self._phone.settle()

    async def occupy(self) -> Ear:
        """Nobody is in the way: a phone refuses for reasons of its own."""
        return Ear()

    async def refuse(self) -> None:
        self._phone.answer("AudioManager.requestAudioFocus", 0)

    async def close(self) -> None:
        for host in self._hosts:
            await host.close()


class IOSBench(Bench):
    """A phone behind a double of the Objective-C bridge, with the app under test on it.

    Who interrupts whom is a phone's own business, so its other app stands for what a phone
    does: who asks for good takes the audio and does not give it back, and who asks for a while
    lets the app resume. It is on a phone of its own, which hears nothing.
    """

    name = "ios"
    lowers_in_silence = True
    ends_activations = True
    judges = False

    def __init__(self) -> None:
        check_declarations("types-ios")
        self._phones = ios_phone(), ios_phone()
        self._hosts = tuple(IOSHost(objc) for objc, _ in self._phones)
        self._native = self._phones[0][1]

    def host(self) -> Host:
        return self._hosts[0]

    def other_host(self) -> Host:
        return self._hosts[1]

    async def other(self) -> tuple[HostSession, Ear]:
        ear = Ear()
        return InterruptingSession(self._hosts[1], ear, self._native), ear

    async def plug_headphones(self) -> None:
        self._native.plug(headphones())

    async def pull_headphones(self) -> None:
        self._native.unplug(headphones())

    async def occupy(self) -> Ear:
        """Nobody is in the way: a phone refuses for reasons of its own."""
        return Ear()

    async def refuse(self) -> None:
        for method in ("setCategory", "setActive"):
            self._native.refuse(method, AVAudioSessionErrorCode.INSUFFICIENT_PRIORITY)

    async def settle(self) -> None:
        await settle(self._hosts[0])

    async def close(self) -> None:
        for host, (objc, _) in zip(self._hosts, self._phones, strict=True):
            await host.close()
            assert objc.observed == 0
            objc.close()


class InterruptingSession(IOSSession):
    """Another app's session, as the phone of the app under test lets it feel it.

    Args:
        host: Its own phone.
        events: What it hears.
        native: The session of the app under test.
    """

    def __init__(self, host: IOSHost, events: Ear, native: NativeSession) -> None:
        super().__init__(host, events, IntoLoop())
        self._native = native
        self._gives_back = False

    async def activate(self, request: ActivationRequest) -> ActivationResult:
        options = request.configuration.av_audio_session_category_options or 0
        if not options & AVAudioSessionCategoryOptions.MIX_WITH_OTHERS and self._native.active:
            self._gives_back = request.gain_type is not AndroidAudioFocusGainType.GAIN
            self._native.interrupt()
        return ActivationResult(outcome=Outcome.GRANTED)

    async def deactivate(self, *, notify_others: bool) -> bool:
        if self._gives_back:
            self._gives_back = False
            self._native.end_interruption(resume=notify_others)
        return True

    async def close(self) -> None:
        await self.deactivate(notify_others=True)


_WITH_THE_LOSS = {"begin pause": ("lost", "begin unknown")}
"""What is said of an interruption that ends the activation."""


def _benches() -> Iterator[type[Bench]]:
    yield SimulatedBench
    if sys.platform == "linux":
        yield LinuxBench
    yield IOSBench
    for level in LEVELS:
        yield type(f"Android{level}Bench", (AndroidBench,), {"level": level})


BENCHES: tuple[type[Bench], ...] = tuple(_benches())


def asks(configuration: str | AudioSessionConfiguration) -> ActivationRequest:
    """A request as an app with that configuration, or that recipe, makes it."""
    if isinstance(configuration, str):
        configuration = recipe(configuration)
    return ActivationRequest.of(configuration)
