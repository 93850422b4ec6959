"""Devices for a sound server that has none, and AVAudioSession over the service.

A null sink is made to look like headphones or a loudspeaker by what its properties say, which is
all that the service goes by.
"""

from __future__ import annotations

import asyncio
import shlex
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from tests.linux.app_kit import App
from tests.linux.rig import PipeWireRig, PulseRig, RigError, SoundRig
from tests.linux.service_kit import ENVIRONMENT, TONE_HZ, USER, Music, Stage, level_of
from tests.linux.sound import record

_FORMAT = "rate=48000 channels=2"

# An app with one session and Apple's surface, which does what lines of JSON ask and says what it
# is told. Ports are called by their nodes.
APP = """
import asyncio, json, subprocess, sys
from audiosession import AudioSession
from audiosession.apple import *
from audiosession.hosts.linux import LinuxHost

audio_session = AudioSession(lambda: LinuxHost(sys.argv[1], start=sys.argv[2] == "start"))
session = AVAudioSession.of(audio_session)
Options, Override, Key = (
    AVAudioSessionCategoryOptions, AVAudioSessionPortOverride, AVAudioSessionUserInfoKey)

def say(**words):
    print(json.dumps(words), flush=True)

def names(ports):
    # Ids are nodes, or a card and its port; one server puts the direction before them.
    return [port.uid.removeprefix("playback:").removeprefix("capture:") for port in ports]

def heard(notification):
    name = notification.name.removeprefix("AVAudioSession").removesuffix("Notification")
    info = notification.user_info
    more = {}
    if name == "RouteChange":
        before = info[Key.ROUTE_CHANGE_PREVIOUS_ROUTE]
        more = dict(reason=info[Key.ROUTE_CHANGE_REASON].name, before=names(before.outputs),
            after=names(session.current_route.outputs),
            ports=[(port.id, port.order) for port in session._device.ports])
    say(event="told", name=name, **more)

async def begin(category, options=""):
    await session.set_category(
        AVAudioSessionCategory[category], options=Options[options] if options else Options.NONE)
    await session.set_active(True)
    return audio_session._session.token

async def end():
    await session.set_active(False)

async def override(speaker):
    await session.override_output_audio_port(Override.SPEAKER if speaker else Override.NONE)

async def outputs():
    return names(session.current_route.outputs)

async def inputs():
    return names(session.current_route.inputs)

async def kinds():
    route = session.current_route
    return [port.port_type.name for port in route.inputs + route.outputs]

async def available():
    return names(session.available_inputs)

async def prefer(name):
    ports = dict(zip(names(session.available_inputs), session.available_inputs))
    await session.set_preferred_input(ports[name] if name else None)
    now = session.preferred_input
    return "" if now is None else names([now])[0]

async def gain(value):
    await session.set_input_gain(value)
    return session.is_input_gain_settable, session.input_gain

async def mute(muted):
    await session.set_output_muted(muted)

async def mute_input(muted):
    await AVAudioApplication.of(audio_session).set_input_muted(muted)

async def observe(name):
    session.observe(name, lambda value: say(event=name, value=value))

async def read(name):
    return getattr(session, name)

async def play(path):
    # It dies with this process.
    words = "setpriv --pdeathsig KILL -- paplay --latency-msec=200 --property=media.role=music"
    return subprocess.Popen([*words.split(), path]).pid

async def answer(number, do, words):
    try:
        say(answer=number, value=await globals()[do](**words))
    except Exception as error:
        say(answer=number, error=f"{type(error).__name__}: {error}")

async def main():
    NotificationCenter.default().add_observer(None, heard, session)
    audio_session.interruption_event_stream.listen(
        lambda event: say(event="interruption", begin=event.begin))
    audio_session.becoming_noisy_event_stream.listen(lambda _: say(event="told", name="noisy"))
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    say(event="ready")
    while line := await reader.readline():
        await answer(*json.loads(line))
    await audio_session.close()

asyncio.run(main())
"""


# The same through the C API, blocking, as programs of its time were.
C_APP = """
import json, sys
from ctypes import byref, c_uint32, sizeof
from audiosession.apple.audio_session_services import *

def say(**words):
    print(json.dumps(words), flush=True)

def check(status):
    if status != kAudioSessionNoError:
        raise OSError(status)

def put(property, number):
    value = c_uint32(number)
    check(AudioSessionSetProperty(property, sizeof(value), byref(value)))

def route():
    value = CFRef()
    size = c_uint32(sizeof(value))
    check(AudioSessionGetProperty(kAudioSessionProperty_AudioRoute, byref(size), byref(value)))
    return value.value

def override(speaker):
    put(kAudioSessionProperty_OverrideAudioRoute,
        kAudioSessionOverrideAudioRoute_Speaker if speaker
        else kAudioSessionOverrideAudioRoute_None)

def begin():
    put(kAudioSessionProperty_AudioCategory, kAudioSessionCategory_PlayAndRecord)
    check(AudioSessionSetActive(True))

def listener(data, property, size, value):
    say(event="route change", reason=value[kAudioSession_RouteChangeKey_Reason],
        old=value[kAudioSession_AudioRouteChangeKey_OldRoute])

check(AudioSessionInitialize(None, None, None, None))
check(AudioSessionAddPropertyListener(kAudioSessionProperty_AudioRouteChange, listener, None))
say(event="ready")
for line in sys.stdin:
    number, do, words = json.loads(line)
    try:
        say(answer=number, value=globals()[do](**words))
    except Exception as error:
        say(answer=number, error=f"{type(error).__name__}: {error}")
"""


class PhoneRig(PipeWireRig):
    """PipeWire on a machine whose one sink is a loudspeaker that is built in."""

    def configure(self) -> None:
        """See :class:`PipeWireRig`."""
        super().configure()
        file = self.config_home / "pipewire" / "pipewire.conf.d" / "rig.conf"
        name = '  node.description = "Main"\n'
        text = file.read_text()
        assert name in text
        about = name + "  device.api = alsa\n  device.form-factor = speaker\n"
        file.write_text(text.replace(name, about))


async def add_output(rig: SoundRig, name: str, form_factor: str, *, bus: str = "pci") -> None:
    """Plugs in something that sounds, and waits until it is there; :meth:`SoundRig.tidy` ends it.

    Args:
        rig: The server.
        name: Of the sink, and what people call it.
        form_factor: What it is: ``headphone``, ``speaker``, ``headset``.
        bus: How it is connected: ``pci``, ``usb``.
    """
    words = _FORMAT + (" format=float32le" if isinstance(rig, PulseRig) else "")
    index = await rig.pactl(
        f"load-module module-null-sink sink_name={name} {words} "
        + shlex.quote(f"sink_properties='{_properties(name, form_factor, bus)}'")
    )
    rig._sinks[name] = index.strip()
    await _there(rig, "sinks", name)


async def add_input(
    rig: SoundRig, name: str, form_factor: str = "microphone", *, bus: str = "pci"
) -> str:
    """Plugs in a microphone that hears silence, until :func:`remove_input` of what it returns."""
    properties = _properties(name, form_factor, bus)
    if isinstance(rig, PulseRig):
        # A server that is killed leaves its pipe.
        pipe = rig.directory / f"{name}-{time.monotonic_ns()}"
        index = await rig.pactl(
            f"load-module module-pipe-source source_name={name} file={pipe} {_FORMAT} "
            + shlex.quote(f"source_properties='{properties}'")
        )
    else:
        index = await rig.pactl(
            f"load-module module-null-sink media.class=Audio/Source/Virtual sink_name={name} "
            f"{_FORMAT} " + shlex.quote(f"sink_properties='{properties}'")
        )
    await _there(rig, "sources", name)
    return index.strip()


async def remove_input(rig: SoundRig, module: str) -> None:
    """Pulls out a microphone; one that went with its server is passed over."""
    with suppress(RigError):
        await rig.pactl(f"unload-module {module}")


def _properties(name: str, form_factor: str, bus: str) -> str:
    # PulseAudio's name of it, and PipeWire's.
    return (
        f"device.description={name} device.bus={bus} device.api=alsa "
        f"device.form_factor={form_factor} device.form-factor={form_factor}"
    )


async def _there(rig: SoundRig, kind: str, name: str) -> None:
    async def there() -> bool:
        return any(each["name"] == name for each in await rig.listed(kind))

    await rig.wait_for(f"{name} among the {kind}", there)


class Player(App):
    """An app with AVAudioSession in a process of its own. Made by :func:`player`."""

    stage: Stage
    token = ""
    """What its streams carry, once it is active."""

    async def begin(self, category: str, options: str = "") -> None:
        """Sets the category and activates."""
        self.token = await self.call("begin", category=category, options=options)

    async def plays(self, frequency_hz: float = TONE_HZ) -> Music:
        """A stream of the session, of another process."""
        return await self.stage.music(
            frequency_hz=frequency_hz, media__role="music", audiosession__id=self.token
        )

    async def plays_itself(self) -> Music:
        """A stream of a child of the app's, which is the session's by that alone."""
        stage = self.stage
        pid = await self.call("play", path=str(stage.tone()))
        index = await stage.rig.stream_of(pid)
        await stage.set_volume(index, *map(str, USER))
        await stage.service.stream(pid)
        return Music(
            process=self.process,
            index=index,
            level_db=level_of(USER),
            frequency_hz=TONE_HZ,
            saved_as="music",
            again=self.plays_itself,
        )

    async def outputs(self) -> list[str]:
        """The outputs in use, by their nodes."""
        return list(await self.call("outputs"))

    async def inputs(self) -> list[str]:
        """The inputs in use, by their nodes."""
        return list(await self.call("inputs"))

    async def comes_to(self, *outputs: str) -> None:
        """Waits until the route has these outputs."""

        async def right() -> bool:
            return await self.outputs() == list(outputs)

        try:
            await self.stage.rig.wait_for(f"a route to {outputs}", right)
        except RigError as error:
            raise RigError(f"{await self.outputs()} {self.events} {error}") from None

    def told(self) -> list[str]:
        """The names of the notifications so far, and ``noisy``."""
        return [each["name"] for each in self.heard("told")]

    async def is_told(self, name: str) -> None:
        """Waits for a notification."""
        await self.until(name, lambda: name in self.told())

    async def change(self, reason: str) -> tuple[list[str], list[str]]:
        """Waits for a change of route with that reason; its outputs before and after."""

        def found() -> list[dict[str, Any]]:
            return [each for each in self.heard("told") if each.get("reason") == reason]

        await self.until(f"a route change {reason}", lambda: bool(found()))
        return found()[-1]["before"], found()[-1]["after"]


@asynccontextmanager
async def player(
    stage: Stage, name: str = "player", *, start: bool = False, program: str = APP
) -> AsyncIterator[Player]:
    """An app with AVAudioSession, which ends in the end.

    Args:
        stage: Where.
        name: What people call it.
        start: Whether it may start the service.
        program: What it runs.
    """
    process = stage.rig.popen(
        *(sys.executable, "-c", program, name, "start" if start else "find"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=ENVIRONMENT,
    )
    async with asyncio.TaskGroup() as group:
        app = Player(process)
        app.stage = stage
        group.create_task(app.read())
        try:
            await app.until("the app", lambda: bool(app.heard("ready")))
            yield app
        finally:
            app.kill()


async def heard_on(stage: Stage, sink: str, music: Music) -> None:
    """Waits until music sounds from that sink, at the volume its user gave it."""
    async with record(stage.rig, sink=sink) as recorder:
        await recorder.hears(music.frequency_hz, music.level_db, within_db=0.5)


async def plays_on(stage: Stage, sink: str, music: Music) -> None:
    """Waits until the server says that music plays on that sink."""
    await stage.rig.wait_for(
        f"the stream on {sink}", lambda: stage.rig._plays_on(music.index, sink)
    )
