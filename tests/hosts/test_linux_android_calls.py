"""Wishes for an output for calls that are cancelled, overlap, or lose their device, on Linux."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import pytest

from audiosession.android import AudioDeviceInfo, AudioFocusRequest, AudioManager
from audiosession.android.device_constants import AndroidAudioDeviceType as Type
from audiosession.android.intents import Intent
from audiosession.android.system_constants import AndroidIntent
from audiosession.hosts.linux import LinuxHost, android_routes
from audiosession.service.sessions import ServiceSession
from tests.service.bus_kit import Served, until
from tests.service.routing_kit import HEADPHONES, MUSIC, SPEAKER, USB, Machine

TURNS = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 50, 60, 80)
"""After so many turns of the loop something else happens; the service runs in the same loop."""


class Desktop(Served):
    """A service whose machine plays one stream of the app's calls on a headset."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.machine = Machine(headset=True)
        self.server = self.machine
        self.engine.add_server(self.machine)
        self.manager = AudioManager(lambda: LinuxHost("app", start=False))
        self.stream = ""

    async def begin(self) -> None:
        await self.manager.get_devices(AudioManager.GET_DEVICES_OUTPUTS)
        device: Any = self.manager._use_host().android_device  # type: ignore[attr-defined]
        self.stream = self.machine.play(
            pid=1, audiosession_id=device._session.token, endpoint=MUSIC.id
        )

    @property
    def active(self) -> bool:
        """Whether the session is in force that has calls routed; streams have others."""
        sessions = self.engine.sessions
        return any(isinstance(sessions[id], ServiceSession) for id in self.engine.arbiter.active)

    @property
    def where(self) -> str:
        return self.machine.where(self.stream)

    async def is_on(self, endpoint: str) -> None:
        """Waits until the call sounds there, and the app is told so."""
        await until(lambda: self.where == endpoint and not self.engine.routing._enforcer._running)
        assert await self.manager.is_speakerphone_on() is (endpoint == SPEAKER.id)
        assert self.active is (endpoint != MUSIC.id)

    async def plugged(self, type: Type) -> AudioDeviceInfo:
        """The device of a type, once the app is told of it."""
        async with asyncio.timeout(20.0):
            while True:
                for each in await self.manager.get_available_communication_devices():
                    if each.type is type:
                        return each
                await asyncio.sleep(0.01)


@pytest.fixture
async def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desktop]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    desktop = Desktop(tmp_path)
    async with desktop:
        await desktop.begin()
        yield desktop
        await desktop.manager.close()


async def cancelled(call: Coroutine[Any, Any, Any], turns: int) -> bool:
    """Cancels a call after so many turns of the loop; whether it was not done before."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(call)
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
    return task.cancelled()


async def later(call: Coroutine[Any, Any, Any], turns: int) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)
    await call


async def test_a_cancelled_wish_is_none(desktop: Desktop) -> None:
    manager = desktop.manager
    speaker = await desktop.plugged(Type.BUILTIN_SPEAKER)
    seen = set()
    for turns in TURNS:
        was_cancelled = await cancelled(manager.set_communication_device(speaker), turns)
        seen.add(was_cancelled)
        await desktop.is_on(MUSIC.id if was_cancelled else SPEAKER.id)
        await manager.clear_communication_device()
        await desktop.is_on(MUSIC.id)
    assert True in seen


async def test_a_cancelled_wish_leaves_the_one_before(desktop: Desktop) -> None:
    manager, machine = desktop.manager, desktop.machine
    machine.show_endpoints(*machine.endpoints, USB)
    usb = await desktop.plugged(Type.USB_DEVICE)
    for turns in TURNS:
        await manager.set_speakerphone_on(True)
        await desktop.is_on(SPEAKER.id)
        was_cancelled = await cancelled(manager.set_communication_device(usb), turns)
        await desktop.is_on(SPEAKER.id if was_cancelled else USB.id)
        await manager.clear_communication_device()
        await desktop.is_on(MUSIC.id)


async def test_a_cancelled_end_is_one(desktop: Desktop) -> None:
    manager = desktop.manager
    for turns in TURNS[1:]:
        await manager.set_speakerphone_on(True)
        await desktop.is_on(SPEAKER.id)
        await cancelled(manager.clear_communication_device(), turns)
        await desktop.is_on(MUSIC.id)


@pytest.mark.parametrize("turns", [2, 6, 12, 24, 40])
async def test_closing_the_manager_ends_a_wish_that_was_cancelled(
    desktop: Desktop, turns: int
) -> None:
    await cancelled(desktop.manager.set_speakerphone_on(True), turns)
    await desktop.manager.close()
    await until(lambda: desktop.where == MUSIC.id and not desktop.active)


async def test_of_two_at_once_the_later_one_counts(desktop: Desktop) -> None:
    manager = desktop.manager
    speaker = await desktop.plugged(Type.BUILTIN_SPEAKER)
    for turns in TURNS:
        await asyncio.gather(
            manager.set_communication_device(speaker),
            later(manager.clear_communication_device(), turns + 1),
        )
        await desktop.is_on(MUSIC.id)
        await manager.set_communication_device(speaker)
        await desktop.is_on(SPEAKER.id)
        await asyncio.gather(
            manager.clear_communication_device(),
            later(manager.set_communication_device(speaker), turns),
        )
        await desktop.is_on(SPEAKER.id)
        await manager.clear_communication_device()
        await desktop.is_on(MUSIC.id)


async def test_the_wish_for_a_device_ends_when_that_leaves(desktop: Desktop) -> None:
    machine, manager = desktop.machine, desktop.manager
    machine.plug_headphones(True)
    headphones = await desktop.plugged(Type.WIRED_HEADPHONES)
    assert await manager.set_communication_device(headphones)
    await until(lambda: desktop.where == HEADPHONES.id)
    machine.plug_headphones(False)
    await until(lambda: not desktop.active)
    await desktop.is_on(MUSIC.id)
    machine.plug_headphones(True)
    await desktop.plugged(Type.WIRED_HEADPHONES)
    await desktop.is_on(MUSIC.id)


async def test_who_only_listens_hears_of_the_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    told: list[AudioDeviceInfo | None] = []
    async with Desktop(tmp_path) as desktop:
        manager = AudioManager(lambda: LinuxHost("listener", start=False))
        await manager.add_on_communication_device_changed_listener(
            lambda run: run(), lambda device: told.append(device)
        )
        assert told == []
        assert isinstance(desktop, Desktop)
        desktop.machine.die()
        await until(lambda: told == [None])
        await manager.close()


async def test_in_a_call_the_key_for_the_volume_is_that_of_calls(desktop: Desktop) -> None:
    manager = desktop.manager
    streams = AudioManager.STREAM_VOICE_CALL, AudioManager.STREAM_MUSIC

    async def indexes() -> list[int]:
        return [await manager.get_stream_volume(stream) for stream in streams]

    call, music = await indexes()
    await manager.set_mode(AudioManager.MODE_IN_COMMUNICATION)
    await manager.adjust_volume(AudioManager.ADJUST_LOWER)
    assert await indexes() == [call - 1, music]
    await manager.set_mode(AudioManager.MODE_NORMAL)
    await manager.adjust_volume(AudioManager.ADJUST_LOWER)
    assert await indexes() == [call - 1, music - 1]


@pytest.mark.parametrize("held", [True, False])
async def test_pulled_headphones_are_noisy_for_who_has_focus_without_sound(
    desktop: Desktop, held: bool
) -> None:
    manager, machine = desktop.manager, desktop.machine
    machine.end(desktop.stream)
    intents: list[Intent] = []
    await manager.register_receiver(intents.append, AndroidIntent.ACTION_AUDIO_BECOMING_NOISY)
    request = AudioFocusRequest.Builder(AudioManager.AUDIOFOCUS_GAIN).build()
    await manager.request_audio_focus(request)
    if not held:
        await manager.abandon_audio_focus_request(request)
    device: Any = manager._use_host().android_device  # type: ignore[attr-defined]
    await until(lambda: device._report.focus is held)
    machine.lose_headset()
    await until(lambda: all("bluez" not in each.port.id for each in device._report.ports))
    assert bool(intents) is held


async def test_the_wish_lasts_while_the_sound_server_starts_again(desktop: Desktop) -> None:
    machine, manager = desktop.machine, desktop.manager
    await manager.set_speakerphone_on(True)
    await desktop.is_on(SPEAKER.id)
    machine.die()
    await until(lambda: not desktop.active)
    machine.live()
    await until(lambda: desktop.active)
    assert await manager.is_speakerphone_on()
    await desktop.begin()
    await desktop.is_on(SPEAKER.id)
    await manager.clear_communication_device()
    await desktop.is_on(MUSIC.id)


async def test_who_listens_hears_of_the_next_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setattr(android_routes, "AGAIN_S", (0.01,))
    told: list[AudioDeviceInfo] = []

    class Callback:
        def on_audio_devices_added(self, devices: tuple[AudioDeviceInfo, ...]) -> None: ...

        def on_audio_devices_removed(self, devices: tuple[AudioDeviceInfo, ...]) -> None:
            told.extend(devices)

    manager = AudioManager(lambda: LinuxHost("listener", start=False))
    async with Desktop(tmp_path):
        await manager.register_audio_device_callback(Callback())
    async with Desktop(tmp_path) as desktop:
        assert isinstance(desktop, Desktop)
        await until(lambda: bool(desktop.engine.sessions))
        desktop.machine.lose_headset()
        await until(lambda: any(each.type is Type.BLUETOOTH_SCO for each in told))
        await manager.close()


async def test_the_wish_lasts_over_the_end_of_a_service_that_somebody_else_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setattr(android_routes, "AGAIN_S", (0.01,))
    async with Desktop(tmp_path) as before:
        assert isinstance(before, Desktop)
        manager = before.manager
        await manager.register_receiver(lambda intent: None, AndroidIntent.ACTION_HEADSET_PLUG)
        await before.begin()
        await manager.set_speakerphone_on(True)
        await before.is_on(SPEAKER.id)
    async with Desktop(tmp_path) as desktop:
        assert isinstance(desktop, Desktop)
        desktop.manager = manager
        await until(lambda: desktop.active)
        await desktop.begin()
        await desktop.is_on(SPEAKER.id)
        await manager.clear_communication_device()
        await desktop.is_on(MUSIC.id)
        await manager.close()
