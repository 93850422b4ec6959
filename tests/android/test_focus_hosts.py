"""AudioManager's audio focus over every host, and under policies that are not Android's."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from audiosession.android import AndroidAudioFocus, AudioFocusRequest
from audiosession.android.audio_manager import AudioManager
from audiosession.hosts.linux import LinuxHost
from audiosession.hosts.simulated import SimulatedDevice
from audiosession.service.bus.rates import Rates
from tests.android.focus_kit import (
    CAN_DUCK,
    DELAYED,
    FAILED,
    GAIN,
    GAINS,
    GRANTED,
    LOSS,
    LOSS_TRANSIENT,
    SPEECH,
    D,
    G,
    Stage,
    T,
    Usage,
    attributes,
)
from tests.service.bus_kit import DEADLINE_S, Served

CLIENTS, STEPS = 20, 1_000
HARDNESS = {None: 0, CAN_DUCK: 1, LOSS_TRANSIENT: 2, LOSS: 3}


class Desk:
    """A service on a socket, and apps that ask it."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.hosts: dict[str, LinuxHost] = {}
        self.managers: dict[str, AudioManager] = {}
        self.heard: list[tuple[str, AndroidAudioFocus]] = []
        self._changed = asyncio.Event()

    def manager(self, app: str) -> AudioManager:
        if app not in self.managers:
            self.hosts[app] = LinuxHost(app, start=False)
            self.managers[app] = AudioManager(self.hosts[app])
        return self.managers[app]

    def request(
        self, app: str, gain: int = G, *, patient: bool = False, pauses: bool = False
    ) -> AudioFocusRequest:
        builder = AudioFocusRequest.Builder(gain)
        builder.set_audio_attributes(attributes())
        builder.set_on_audio_focus_change_listener(self._ear(app))
        builder.set_accepts_delayed_focus_gain(patient)
        return builder.set_will_pause_when_ducked(pauses).build()

    async def ask(self, app: str, gain: int = G, *, patient: bool = False) -> int:
        # Told of every duck, as no stream is there that the system could lower unsaid.
        return await self.manager(app).request_audio_focus(
            self.request(app, gain, patient=patient, pauses=True)
        )

    async def leave(self, app: str) -> None:
        await self.manager(app).abandon_audio_focus_request(self.request(app))

    async def hears(self, *expected: tuple[str, AndroidAudioFocus]) -> None:
        """Waits until all of this was told, in whatever order between apps, and no more."""
        async with asyncio.timeout(DEADLINE_S):
            while len(self.heard) < len(expected):
                self._changed.clear()
                await self._changed.wait()
        await self.settle()
        assert sorted(self.heard) == sorted(expected)
        self.heard.clear()

    async def settle(self, *names: str) -> None:
        """What was sent before an answer has come before it; without names to anybody."""
        for app in names or tuple(self.hosts):
            client = self.hosts[app].client if app in self.hosts else None
            if client is not None:
                await client.status()

    async def close(self) -> None:
        for app, manager in self.managers.items():
            await manager.close()
            await self.hosts[app].close()

    def _ear(self, app: str) -> _Ear:
        return _ears.setdefault((id(self), app), _Ear(self, app))

    def hear(self, app: str, change: AndroidAudioFocus) -> None:
        self.heard.append((app, change))
        self._changed.set()


class _Ear:
    def __init__(self, desk: Desk, app: str) -> None:
        self._desk = desk
        self._app = app

    def __call__(self, change: AndroidAudioFocus) -> None:
        self._desk.hear(self._app, change)


_ears: dict[tuple[int, str], _Ear] = {}


@asynccontextmanager
async def desk(monkeypatch: pytest.MonkeyPatch, policy: str = "android") -> AsyncIterator[Desk]:
    with tempfile.TemporaryDirectory(prefix="audiosession-focus-") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
        async with Served(Path(folder), policy) as served:
            one = Desk(served)
            try:
                yield one
            finally:
                await one.close()
                _ears.clear()


# -- the service ---------------------------------------------------------------------------------


async def test_android_011_016_024_through_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(monkeypatch) as apps:
        assert await apps.ask("music") == GRANTED
        assert await apps.ask("guide", D) == GRANTED
        await apps.hears(("music", CAN_DUCK))
        assert await apps.ask("helper", T) == GRANTED
        await apps.hears(("music", LOSS_TRANSIENT), ("guide", LOSS_TRANSIENT))
        await apps.leave("helper")
        await apps.hears(("guide", GAIN))
        assert await apps.ask("radio", G) == GRANTED
        await apps.hears(("music", LOSS), ("guide", LOSS))
        await apps.leave("radio")
        await apps.hears()
        assert await apps.ask("music") == GRANTED
        await apps.hears()


async def test_android_028_a_process_that_goes_gives_back_what_it_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with desk(monkeypatch) as apps:
        assert await apps.ask("music") == GRANTED
        assert await apps.ask("guide", T) == GRANTED
        await apps.hears(("music", LOSS_TRANSIENT))
        client = apps.hosts["guide"].client
        assert client is not None
        del apps.hosts["guide"], apps.managers["guide"]
        client.link.abandon()
        await apps.hears(("music", GAIN))


async def test_over_the_service_s_limit_focus_is_kept_and_can_be_given_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with desk(monkeypatch) as apps:
        for app in ("music", "guide"):
            assert await apps.ask(app, T) == GRANTED
        await apps.hears(("music", LOSS_TRANSIENT))
        service = apps.served.service
        with monkeypatch.context() as patch:
            patch.setattr(service, "_rates", Rates(rate=1e-9, burst=0))
            assert await apps.ask("guide", G) == FAILED
        assert len(apps.served.engine.arbiter.active) == 2
        with monkeypatch.context() as patch:
            patch.setattr(service, "_rates", Rates(rate=1e-9, burst=0))
            await apps.leave("guide")
        await apps.hears(("music", GAIN))


@pytest.mark.parametrize("owned", [False, True])
async def test_over_the_service_s_limit_a_manager_is_closed(
    monkeypatch: pytest.MonkeyPatch, owned: bool
) -> None:
    async with desk(monkeypatch) as apps:
        assert await apps.ask("music") == GRANTED
        host = LinuxHost("guide", start=False)
        manager = AudioManager((lambda: host) if owned else host)
        try:
            assert await manager.request_audio_focus(apps.request("guide", T)) == GRANTED
            assert await manager.request_audio_focus(None, 3, T) == GRANTED
            await apps.hears(("music", LOSS_TRANSIENT), ("guide", LOSS_TRANSIENT))
            with monkeypatch.context() as patch:
                patch.setattr(apps.served.service, "_rates", Rates(rate=1e-9, burst=0))
                await manager.close()
            await apps.hears(("music", GAIN))
            assert len(apps.served.engine.arbiter.active) == 1
        finally:
            await host.close()


async def test_every_field_of_a_request_reaches_the_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with desk(monkeypatch) as apps:
        host = LinuxHost("guide", start=False)
        manager = AudioManager(host, target_sdk=25)
        builder = AudioFocusRequest.Builder(D)
        builder.set_audio_attributes(attributes(Usage.ASSISTANCE_NAVIGATION_GUIDANCE, SPEECH))
        builder.set_on_audio_focus_change_listener(lambda change: None)
        builder.set_accepts_delayed_focus_gain(True).set_will_pause_when_ducked(True)
        try:
            assert await manager.request_audio_focus(builder.build()) is GRANTED
            arbiter = apps.served.engine.arbiter
            (session,) = arbiter.active
            claim = arbiter.view(session).claim
            assert claim is not None
            assert (claim.role.value, claim.press.value, claim.spoken) == ("prompt", "duck", True)
            assert (claim.accepts_delay, claim.pause_when_ducked) == (True, True)
            assert not claim.system_duck
            # Nobody here may lock, and nobody is an accessibility service.
            assert await manager.request_audio_focus_for_call(0, T) is FAILED
        finally:
            await manager.close()
            await host.close()


async def test_twenty_clients_of_the_service_ask_and_leave_at_random(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = random.Random(5)
    async with desk(monkeypatch) as apps:
        names = [f"app {number}" for number in range(CLIENTS)]
        has: dict[str, bool] = dict.fromkeys(names, False)
        received: dict[str, AndroidAudioFocus | None] = dict.fromkeys(names)

        def listen() -> None:
            for app, change in apps.heard:
                assert has[app]
                if change is GAIN:
                    assert received[app] is not None
                    received[app] = None
                else:
                    assert HARDNESS[change] > HARDNESS[received[app]]
                    received[app] = change
                    has[app] = change is not LOSS
            apps.heard.clear()

        for _ in range(STEPS):
            app = chance.choice(names)
            await apps.settle(app)
            listen()
            if chance.random() < 0.7:
                has[app], received[app] = True, None
                assert await apps.ask(app, chance.choice(GAINS)) == GRANTED
            else:
                has[app], received[app] = False, None
                await apps.leave(app)
            listen()
        await apps.settle()
        listen()
        in_force = apps.served.engine.arbiter.active
        assert len(in_force) == sum(has.values())
        told = sum(each is LOSS_TRANSIENT for each in received.values())
        standings = [apps.served.engine.arbiter.standing(one).value for one in in_force]
        assert standings.count("interrupted") == told


# -- other policies ------------------------------------------------------------------------------


async def test_under_the_default_policy_who_is_lowered_by_the_system_is_not_told() -> None:
    stage = Stage("default")
    stage.play("music")
    await stage.enter("music")
    await stage.enter("guide", D, Usage.ASSISTANCE_NAVIGATION_GUIDANCE, SPEECH)
    assert stage.held_db("music") < 0.0
    await stage.leave("guide")
    assert stage.held_db("music") == 0.0
    assert stage.told() == {}


async def test_under_the_default_policy_a_pause_is_a_loss_for_a_while() -> None:
    stage = Stage("default")
    stage.play("podcast", spoken=True)
    await stage.enter("podcast", G, Usage.MEDIA, SPEECH)
    call = stage.device.incoming_call()
    assert stage.told() == {"podcast": [LOSS_TRANSIENT]}
    call.decline()
    assert stage.told() == {"podcast": [GAIN]}


async def test_under_apple_s_policy_an_interruption_ends_the_entry() -> None:
    stage = Stage("apple")
    await stage.enter("music")
    call = stage.device.incoming_call()
    # The claim is gone with it, which is a loss in Android's words (android 14).
    assert stage.told() == {"music": [LOSS]}
    call.decline()
    assert stage.told() == {}
    assert await stage.ask("music") is GRANTED


async def test_an_app_of_android_s_words_beside_one_of_the_one_api() -> None:
    device = SimulatedDevice("phone", policy="android")
    podcast = device.app("podcast").session
    begun: list[bool] = []
    podcast.interruption_event_stream.listen(lambda event: begun.append(event.begin))
    assert await podcast.set_active(True)
    manager = AudioManager(device.app("guide").host)
    assert await manager.request_audio_focus(None, 3, T) is GRANTED
    assert begun == [True]
    await manager.close()
    assert begun == [True, False]


async def test_a_request_that_may_wait_waits_for_a_call_under_the_default_policy_too() -> None:
    stage = Stage("default")
    call = stage.device.incoming_call()
    call.accept()
    assert await stage.ask("music", patient=True) is DELAYED
    assert stage.told() == {}
    call.end()
    assert stage.told() == {"music": [GAIN]}
