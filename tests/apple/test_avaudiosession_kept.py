"""What was read before is still so: kept values against fresh ones, whatever happens."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from audiosession import AudioSession
from audiosession.apple import (
    AVAudioApplication,
    AVAudioSession,
    AVAudioSessionPolarPattern,
    AVAudioSessionPortOverride,
    AVAudioSessionRenderingMode,
    AVAudioStereoOrientation,
)
from audiosession.core.routing import RouteRequest
from audiosession.errors import AudioSessionError
from audiosession.hosts.simulated import Observer, SimulatedApp, SimulatedDevice
from audiosession.hosts.simulated.profiles import PLUGGABLE
from tests.apple.phone_kit import (
    Category,
    Mode,
    Options,
    PlainHost,
    heard,
    phone,
    session_of,
    without_microphone,
)

LIVES = 12
STEPS = 80

PROPERTIES = tuple(
    name
    for name in dir(AVAudioSession)
    if not name.startswith("_")
    and isinstance(getattr(AVAudioSession, name), property)
    and name not in ("audio_session", "delegate")
)

KEPT = {name for name in PROPERTIES if hasattr(getattr(AVAudioSession, name).fget, "__wrapped__")}


def plain(value: object) -> object:
    """All there is of a value, also what its equality leaves out."""
    if isinstance(value, tuple):
        return tuple(plain(each) for each in value)
    if not is_dataclass(value):
        return value
    shown = [each.name for each in fields(value) if not each.name.startswith("_")]
    shown += [name for name in dir(value) if isinstance(getattr(type(value), name, None), property)]
    return type(value).__name__, {name: plain(getattr(value, name)) for name in shown}


def read(session: AVAudioSession, *, anew: bool = False) -> dict[str, object]:
    """Every property, or the error that reading it raises; ``anew``: nothing kept counts."""
    values: dict[str, object] = {}
    for name in PROPERTIES:
        if anew:
            session._snapshot = None
        try:
            values[name] = plain(getattr(session, name))
        except AudioSessionError as error:
            values[name] = repr(error)
    return values


class Reader(Observer):
    """Reads a session whenever the device does anything, and notes what was not so."""

    def __init__(self, session: AVAudioSession) -> None:
        self.session = session
        self.seen: dict[str, set[str]] = {name: set() for name in PROPERTIES}
        self.wrong: list[tuple[str, str, object, object]] = []

    def compare(self, when: str) -> None:
        found, fresh = read(self.session), read(self.session, anew=True)
        for name in PROPERTIES:
            self.seen[name].add(repr(fresh[name]))
            if found[name] != fresh[name]:
                self.wrong.append((when, name, found[name], fresh[name]))
        # The next turn finds what was read at this one.
        read(self.session)

    def decided(self, at: float, event: object, effects: object) -> None:
        self.compare(f"{event}")

    def happened(self, at: float, text: str) -> None:
        self.compare(text)

    def player_started(self, *of: Any) -> None:
        self.compare(f"started {of}")

    def player_stopped(self, *of: Any) -> None:
        self.compare(f"stopped {of}")


class World:
    """A device where this and that happens to an app and around it."""

    def __init__(self, device: SimulatedDevice, seed: int) -> None:
        self.random = random.Random(seed)
        self.device = device
        self.app = self.device.app("mine")
        self.session = session_of(self.app)
        self.others = [self.device.app(name) for name in ("music", "podcast", "recorder")]
        self.ends: list[Callable[[], object]] = []
        self.io = 0

    async def step(self) -> str:
        """One happening; what cannot happen now does not. Returns its name."""
        name = self.random.choice(HAPPENINGS)
        try:
            result: Awaitable[object] | None = getattr(self, name)()
            if result is not None:
                await result
        except AudioSessionError as error:
            return f"{name}: {error!r}"
        return name

    def other(self) -> SimulatedApp:
        return self.random.choice(self.others)

    def flag(self) -> bool:
        return self.random.random() < 0.5

    # -- what the user and the system do -----------------------------------------------------

    def plug(self) -> None:
        self.device.plug(self.random.choice(sorted(PLUGGABLE)))

    def unplug(self) -> None:
        self.device.unplug(self.random.choice(sorted(PLUGGABLE)))

    def volume(self) -> None:
        self.device.press_volume(self.flag())

    def time(self) -> None:
        self.device.advance(self.random.choice([0.1, 1.0, 7.0]))

    def call(self) -> None:
        call = self.device.incoming_call()
        if self.flag():
            call.accept()
        self.ends.append(call.end)

    def alarm(self) -> None:
        self.ends.append(self.device.alarm().dismiss)

    def siri(self) -> None:
        self.ends.append(self.device.assistant().end)

    def over(self) -> None:
        while self.ends:
            self.ends.pop()()

    def system(self) -> None:
        apple = self.device.apple
        modes, permissions = list(AVAudioSessionRenderingMode), list(type(self.app.microphone))
        doings: tuple[Callable[[], object], ...] = (
            lambda: apple.mute_microphone(self.flag()),
            lambda: apple.set_spatial_audio(self.flag()),
            lambda: apple.set_rendering_mode(self.random.choice(modes)),
            lambda: apple.set_microphone_injection(self.flag()),
            lambda: setattr(apple, "microphone_injection_service", self.flag()),
            lambda: setattr(apple, "echo_cancelling", self.flag()),
            lambda: setattr(apple, "system_version", self.random.choice([(9, 0), (27, 0)])),
            lambda: setattr(self.app.apple, "background_audio", self.flag()),
            lambda: self.app.set_microphone(self.random.choice(permissions)),
        )
        self.random.choice(doings)()

    def media_services(self) -> None:
        self.device.lose_media_services()
        if self.flag():
            self.device.reset_media_services()

    def media_services_back(self) -> None:
        self.device.reset_media_services()

    def share(self) -> None:
        ports = [port.id for port in self.device.plugs.ports if port.is_output]
        self.device.plugs.share_output(self.random.choice(["", *ports]))

    def wake(self) -> None:
        self.device.plugs.wake()

    def move(self) -> None:
        self.random.choice([self.app.to_background, self.app.to_foreground, self.app.suspend])()

    # -- what other apps do ------------------------------------------------------------------

    async def other_active(self) -> None:
        session = session_of(self.other())
        await session.set_category(
            self.random.choice([Category.PLAYBACK, Category.RECORD, Category.AMBIENT]),
        )
        await session.set_preferred_sample_rate(self.random.choice([0.0, 16_000.0, 44_100.0]))
        await session.set_preferred_io_buffer_duration(self.random.choice([0.0, 0.005]))
        await session.set_active(self.flag())

    def other_plays(self) -> None:
        player = self.other().player()
        if self.flag():
            player.play(duration_s=self.random.choice([None, 3.0]))
        else:
            player.stop()

    async def other_io(self) -> None:
        io = session_of(self.other()).make_io()
        await io.start()
        if self.flag():
            await io.stop()

    async def other_gain(self) -> None:
        await session_of(self.other()).set_input_gain(self.random.random())

    def other_dies(self) -> None:
        app = self.other()
        if app.alive:
            app.kill()
        else:
            app.relaunch()

    # -- what the app does -------------------------------------------------------------------

    async def category(self) -> None:
        await self.session.set_category(
            self.random.choice(
                [*Category, Category.PLAY_AND_RECORD, Category.PLAY_AND_RECORD, Category.RECORD]
            ),
            mode=self.random.choice([Mode.DEFAULT, Mode.VOICE_CHAT, Mode.MEASUREMENT, None]),
            options=self.random.choice(
                [
                    Options.NONE,
                    Options.ALLOW_BLUETOOTH_HFP,
                    Options.MIX_WITH_OTHERS,
                    Options.DEFAULT_TO_SPEAKER,
                ]
            ),
        )

    async def mode(self) -> None:
        await self.session.set_mode(self.random.choice(list(Mode)))

    async def activation(self) -> None:
        await self.session.set_active(self.random.random() < 0.7)

    async def override(self) -> None:
        await self.session.override_output_audio_port(
            self.random.choice(list(AVAudioSessionPortOverride))
        )

    async def input(self) -> None:
        await self.session.set_preferred_input(
            self.random.choice([None, *self.session.available_inputs])
        )

    async def source(self) -> None:
        sources = self.session.input_data_sources or ()
        await self.session.set_input_data_source(self.random.choice([None, *sources]))

    async def pattern(self) -> None:
        source = self.session.input_data_source
        if source is not None:
            await source.set_preferred_polar_pattern(
                self.random.choice([None, *AVAudioSessionPolarPattern])
            )

    async def stereo(self) -> None:
        await self.session.set_category(Category.PLAY_AND_RECORD)
        await self.session.set_active(True)
        source = (self.session.input_data_sources or (None,))[-1]
        if source is not None:
            await self.session.set_input_data_source(source)
            await source.set_preferred_polar_pattern(AVAudioSessionPolarPattern.STEREO)
            await self.orientation()

    async def orientation(self) -> None:
        await self.session.set_preferred_input_orientation(
            self.random.choice(list(AVAudioStereoOrientation))
        )

    async def wish(self) -> None:
        session, pick = self.session, self.random.choice
        wishes: tuple[Callable[[], Awaitable[object]], ...] = (
            lambda: session.set_preferred_sample_rate(pick([0.0, 8_000.0, 44_100.0])),
            lambda: session.set_preferred_io_buffer_duration(self.random.random() / 10.0),
            lambda: session.set_preferred_input_number_of_channels(pick([1, 2])),
            lambda: session.set_preferred_output_number_of_channels(pick([1, 2])),
            lambda: session.set_input_gain(self.random.random()),
            lambda: session.set_prefers_echo_cancelled_input(self.flag()),
            lambda: session.set_output_muted(self.flag()),
        )
        await pick(wishes)()

    async def run_io(self) -> None:
        self.io += 1
        io = self.session.make_io(input=self.flag(), output=True)
        await io.start()
        if self.flag():
            await io.stop()

    async def permission(self) -> None:
        application = AVAudioApplication.of(self.app.session)
        await self.session.request_record_permission()
        await application.request_microphone_injection_permission()

    def play(self) -> None:
        self.app.player().play(duration_s=self.random.choice([None, 2.0]))

    def request(self) -> None:
        self.device.set_route_request(
            self.app.session_id(), RouteRequest(plays=True, records=self.flag(), speaker=True)
        )


HAPPENINGS = tuple(
    name
    for name in vars(World)
    if not name.startswith("_") and name not in ("step", "other", "flag")
)


async def live(device: SimulatedDevice, seed: int) -> Reader:
    """A random life of a session, read at every turn."""
    world = World(device, seed)
    reader = Reader(world.session)
    reader.compare("at first")
    end = device.observe(reader)
    with heard(world.session) as notified:
        for _ in range(STEPS):
            name = await world.step()
            reader.compare(f"{name}, then {notified.names[-3:]}")
    end()
    return reader


async def test_what_is_read_is_so_whatever_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, set[str]] = {name: set() for name in PROPERTIES}
    for seed in range(LIVES):
        reader = await live(phone() if seed % 4 else without_microphone(monkeypatch), seed)
        assert reader.wrong[:3] == []
        for name, values in reader.seen.items():
            seen[name] |= values
    # These lives change everything that is kept.
    assert KEPT
    assert {name for name in KEPT if len(seen[name]) < 2} == set()


async def test_without_a_device_what_is_read_is_so_too() -> None:
    device = phone()
    session = AVAudioSession.of(AudioSession(PlainHost(device.app("mine"))))
    reader = Reader(session)
    reader.compare("at first")
    device.observe(reader)
    with heard(session) as notified:
        for category in (Category.RECORD, Category.PLAYBACK, Category.PLAY_AND_RECORD):
            await session.set_category(category)
            reader.compare(f"{category}")
            device.plug("usb microphone")
            reader.compare("plugged in")
            device.unplug("usb microphone")
            reader.compare("pulled out")
    assert "AvailableInputsChange" in notified.names
    await session.audio_session.close()
    reader.compare("closed")
    assert reader.wrong == []
    assert len(reader.seen["available_inputs"]) > 3


async def test_a_comparison_finds_what_nobody_reported() -> None:
    device = phone()
    session = session_of(device.app("mine"))
    reader = Reader(session)
    reader.compare("at first")
    object.__setattr__(device, "_volume_step", 1)
    reader.compare("behind its back")
    assert [name for _, name, _, _ in reader.wrong] == ["output_volume"]


async def test_nothing_is_kept_of_what_raises() -> None:
    device = phone()
    session = session_of(device.app("mine"))
    assert session.output_volume > 0.0
    await session.audio_session.close()
    for _ in range(2):
        with pytest.raises(AudioSessionError):
            _ = session.output_volume


async def test_a_route_read_twice_is_one_object_until_it_changes() -> None:
    device = phone()
    session = session_of(device.app("mine"))
    _ = session.current_route
    first = session.current_route
    assert session.current_route is first
    device.plug("wired headphones")
    assert session.current_route.outputs != first.outputs
