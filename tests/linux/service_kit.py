"""The service as a process in a rig, apps in processes of their own, and players on the bus.

A :class:`Stage` is what a test works on: a sound server, the service, music that a user has set
to a volume, and what came of it all: volumes to the bit, the sink's sound, the saved state.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from audiosession.errors import AudioSessionError
from audiosession.hosts.linux import ServiceClient
from audiosession.pipewire import Interface, NodeProxy, Param, PipeWireClient, Props
from audiosession.pipewire.pod import Array, Object
from audiosession.service.bus.names import BUS_NAME
from audiosession.service.install import activation_text
from tests.linux.app_kit import APP, App, Mpris, mpris
from tests.linux.rig import DEADLINE_S, RAW_NORM, RigError, SoundRig
from tests.linux.sound import Recorder, play, play_mpv, record, write_tone

TONE_HZ = 1000.0
"""Of the music. Several whole periods fit into 10 ms, so its envelope is steady."""
OTHER_HZ = 1300.0
"""Of what sounds beside it."""
THIRD_HZ = 1700.0
"""Of one more."""
LEVEL_DB = -12.0
"""Of the music's file."""
DUCK_DB = -14.0
"""What the default policy lowers by."""
USER = (52003, 41001)
"""A user's volume that no percentage makes, in PulseAudio's raw units."""
EXACT_DB = 0.05
"""How far a level may be off that is to be the same; the sinks carry floats."""

ENVIRONMENT = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
_TONE_S = 240.0
_POLL_S = 0.01


class Service:
    """The service in a rig: this process starts, ends and kills it, and asks it."""

    def __init__(self, rig: SoundRig) -> None:
        self._rig = rig
        self._client: ServiceClient | None = None
        self.process: subprocess.Popen[Any] | None = None

    async def start(self) -> None:
        """Starts it and waits until it serves."""
        self.process = self._rig.popen(
            *(sys.executable, "-m", "audiosession.service", "--stay", "--log-level=info"),
            env=ENVIRONMENT,
        )
        await self.found()

    async def found(self, *, other_than: int = 0) -> int:
        """Waits for a service that answers and is connected, and returns its process."""
        found: list[int] = []

        async def answers() -> bool:
            if self.process is not None and self.process.poll() is not None:
                raise RigError(f"the service ended\n{self._rig.log()}")
            with suppress(AudioSessionError):
                status = await self.status()
                servers = status["servers"]
                if status["pid"] != other_than and any(one["up"] for one in servers):
                    found.append(status["pid"])
            return bool(found)

        await self._rig.wait_for("the service", answers)
        return found[0]

    async def status(self) -> dict[str, Any]:
        """What it says of everything.

        Raises:
            HostUnavailableError: it does not run.
        """
        if self._client is None or self._client.link.over:
            self._client = await ServiceClient.connect(start=False)
        return await self._client.status()

    async def default_output(self, node: str) -> None:
        """Waits until it knows that new streams go to that sink."""

        async def known() -> bool:
            await self.status()
            assert self._client is not None
            return any(
                one["default"] and one["direction"] == "playback" and node in one["id"]
                for one in await self._client.endpoints()
            )

        await self._rig.wait_for(f"default {node}", known)

    async def until(self, what: str, check: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first status that is right."""
        seen: list[dict[str, Any]] = []

        async def right() -> bool:
            try:
                seen.append(await self.status())
            except AudioSessionError:
                return False
            return check(seen[-1])

        try:
            await self._rig.wait_for(what, right)
        except RigError as error:
            raise RigError(f"{error}\n{json.dumps(seen[-1:], indent=1)}") from None
        return seen[-1]

    async def stream(self, pid: int) -> dict[str, Any]:
        """Waits until it knows the stream of a process and takes it for sounding."""

        def of_it(status: dict[str, Any]) -> list[dict[str, Any]]:
            return [s for s in status["streams"] if s["pid"] == pid and s["audible"]]

        return of_it(await self.until(f"the stream of {pid}", lambda s: bool(of_it(s))))[0]

    async def at_rest(self) -> None:
        """Waits until no stream is lowered or on its way."""
        await self.until(
            "every stream to be left alone",
            lambda status: all(
                stream["factor_db"] == stream["target_db"] == 0.0 for stream in status["streams"]
            ),
        )

    def kill(self, *apps: App) -> None:
        """Kills the service that :meth:`start` started, at once.

        Args:
            apps: Are killed with it, before either can learn of the other's end.
        """
        assert self.process is not None
        for process in (self.process, *(app.process for app in apps)):
            process.send_signal(signal.SIGSTOP)
        for app in apps:
            app.kill()
        self.process.kill()
        self.process.wait()
        self.process = None

    async def install(self) -> None:
        """Has the bus start it when it is called, until :meth:`stop`."""
        self._entry.parent.mkdir(parents=True, exist_ok=True)
        self._entry.write_text(activation_text(sys.executable))
        await self._reload_bus()

    @property
    def _entry(self) -> Path:
        services = self._rig.directory / "data" / "dbus-1" / "services"
        return services / f"{BUS_NAME}.service"

    async def _reload_bus(self) -> None:
        # It watches only the folders that were there when it began.
        target = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
        await self._rig.run(
            "busctl", f"--address={self._rig.bus_address}", "call", *target, "ReloadConfig"
        )

    async def stop(self) -> None:
        """Ends whichever service runs, in good order, and has the bus start none."""
        if self._entry.exists():
            self._entry.unlink()
            await self._reload_bus()
        pid = 0
        with suppress(AudioSessionError):
            pid = int((await self.status())["pid"])
        if self._client is not None:
            await self._client.close()
            self._client = None
        if self.process is not None:
            pid = self.process.pid
        if pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

        async def gone() -> bool:
            if self.process is not None:
                return self.process.poll() is not None
            return not pid or _ended(pid)

        await self._rig.wait_for("the service's end", gone)


def _ended(pid: int) -> bool:
    """Whether a process is gone, or only its parent has not looked yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Music:
    """A player and its stream."""

    process: subprocess.Popen[Any]
    index: int
    """The stream's, as pactl has it."""
    level_db: float
    """How loud it is at the user's volume."""
    frequency_hz: float
    """Its tone."""
    saved_as: str
    """What is in the names under which servers remember its volume."""
    again: Callable[[], Awaitable[Music]]
    """Plays the same once more, at the volume that it comes with."""


class Stage:
    """A rig with a service in it. The fixture ``stage`` of a test file makes it.

    Args:
        rig: The sound server.
        group: Where what apps say is read.
    """

    def __init__(self, rig: SoundRig, group: asyncio.TaskGroup) -> None:
        self.rig = rig
        self.service = Service(rig)
        self.apps: list[App] = []
        """Those that were started."""
        self._group = group
        self._recorder: asyncio.Future[Recorder]
        self._over = asyncio.Event()
        self.record_anew()

    def record_anew(self) -> None:
        """Starts a recorder of the main sink; needed again when the server was restarted."""
        self.end_recording()
        # It takes a while to get going, and nobody waits for that who does not need it yet.
        self._over = asyncio.Event()
        self._recorder = asyncio.get_running_loop().create_future()
        self._group.create_task(self._record(self._recorder, self._over))

    def end_recording(self) -> None:
        """Ends what :meth:`recorder` gives."""
        self._over.set()

    async def recorder(self) -> Recorder:
        """What records the main sink, from the beginning or :meth:`record_anew` on."""
        return await asyncio.shield(self._recorder)

    async def _record(self, ready: asyncio.Future[Recorder], over: asyncio.Event) -> None:
        try:
            async with record(self.rig) as recorder:
                ready.set_result(recorder)
                await over.wait()
        except RigError as error:
            if not (ready.done() or over.is_set()):
                ready.set_exception(error)

    async def app(self, name: str = "assistant", *, start: bool = False) -> App:
        """Starts an app without a session.

        Args:
            name: What people call it.
            start: Whether it may start the service.
        """
        process = self.rig.popen(
            *(sys.executable, "-c", APP, name, "start" if start else "find"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=ENVIRONMENT,
        )
        app = App(process)
        self.apps.append(app)
        self._group.create_task(app.read())
        await app.until("the app", lambda: bool(app.heard("ready")))
        return app

    async def holder(self, recipe: str = "navigation_prompt", name: str = "assistant") -> App:
        """An app with one session, ``main``, that holds."""
        app = await self.app(name)
        await app.open("main", recipe)
        assert await app.active("main")
        return app

    # Sound

    def tone(self, frequency_hz: float = TONE_HZ) -> Path:
        """A file with a tone of the music's level."""
        path = self.rig.directory / f"tone-{frequency_hz:.0f}.wav"
        if not path.exists():
            write_tone(path, frequency_hz=frequency_hz, seconds=_TONE_S, level_db=LEVEL_DB)
        return path

    async def music(
        self,
        *,
        volume: tuple[int, ...] | None = USER,
        frequency_hz: float = TONE_HZ,
        **properties: str,
    ) -> Music:
        """Plays music with paplay.

        Args:
            volume: What the user sets it to; None: what it came with, which is to be ``USER``.
            frequency_hz: Its tone.
            properties: Of the stream, music by default.
        """
        said = properties or {"media__role": "music"}
        process = play(self.rig, self.tone(frequency_hz), **said)
        return await self._music(
            process,
            volume,
            frequency_hz=frequency_hz,
            saved_as=next(iter(said.values())),
            again=partial(self.music, volume=None, frequency_hz=frequency_hz, **properties),
        )

    async def mpv(
        self,
        *arguments: str,
        volume: tuple[int, ...] | None = USER,
        frequency_hz: float = TONE_HZ,
    ) -> Music:
        """Plays music with mpv, which answers on the bus."""
        process = play_mpv(self.rig, self.tone(frequency_hz), *arguments)
        return await self._music(
            process,
            volume,
            frequency_hz=frequency_hz,
            saved_as="mpv",
            again=partial(self.mpv, *arguments, volume=None, frequency_hz=frequency_hz),
        )

    def mpris(self) -> AbstractAsyncContextManager[Mpris]:
        """The other side of mpv's bus, which is waited for until it says that it plays."""
        return mpris(self.rig, self.service.status)

    async def _music(
        self,
        process: subprocess.Popen[Any],
        volume: tuple[int, ...] | None,
        *,
        frequency_hz: float,
        saved_as: str,
        again: Callable[[], Awaitable[Music]],
    ) -> Music:
        index = await self.rig.stream_of(process.pid)
        if volume is not None:
            await self.set_volume(index, *map(str, volume))
        await self.service.stream(process.pid)
        return Music(
            process=process,
            index=index,
            level_db=level_of(volume or USER),
            frequency_hz=frequency_hz,
            saved_as=saved_as,
            again=again,
        )

    async def end(self, music: Music) -> None:
        """Ends a player and waits until its stream is gone."""
        music.process.terminate()
        await asyncio.to_thread(music.process.wait)

        async def gone() -> bool:
            return music.index not in await self.rig.stream_volumes()

        await self.rig.wait_for("the stream's end", gone)

    # Volumes

    async def set_volume(self, stream: int, *words: str) -> None:
        """Sets a stream's volume as a user does: ``52003``, ``50%``, ``+5%``, ``-3dB``."""
        await self.rig.run("pactl", "set-sink-input-volume", str(stream), *words)

    async def volumes(self) -> dict[int, tuple[float, ...]]:
        """Every playback stream's volume as the server has it, to the bit.

        On PipeWire the floats themselves, by the node's id, which is also pactl's index there
        or not; on PulseAudio its integers by index.
        """
        if self.rig.name != "pipewire":
            return {index: tuple(raw) for index, raw in (await self.rig.stream_volumes()).items()}
        found: dict[int, tuple[float, ...]] = {}
        remote = self.rig.runtime_dir / "pipewire-0"
        async with PipeWireClient(remote, timeout_s=DEADLINE_S) as client:
            for node in client.find(Interface.NODE, media_class="Stream/Output/Audio"):
                proxy = client.bind(node)
                assert isinstance(proxy, NodeProxy)

                def take(_: int, __: int, value: Object, serial: int = node.serial) -> None:
                    volumes = value.get(Props.CHANNEL_VOLUMES)
                    if isinstance(volumes, Array) and volumes.values:
                        found[serial] = tuple(v for v in volumes.values if isinstance(v, float))

                proxy.on_param = take
                proxy.subscribe_params(Param.PROPS)
            await client.sync()
        return found

    async def heard(self, music: Music) -> None:
        """Waits until the music is heard as its user set it."""
        recorder = await self.recorder()
        await recorder.hears(music.frequency_hz, music.level_db, within_db=EXACT_DB)

    async def lowered(self, music: Music, by_db: float = DUCK_DB) -> None:
        """Waits until the music is heard at its ducked level."""
        recorder = await self.recorder()
        await recorder.hears(music.frequency_hz, music.level_db + by_db, within_db=0.3)

    async def back(
        self,
        music: Music,
        before: dict[int, tuple[float, ...]] | None = None,
        *,
        user: tuple[int, ...] = USER,
    ) -> None:
        """Everything is as the user had it: see the module's first lines.

        The music ends, and the app's next stream is to begin as the user had it too.

        Args:
            music: The music.
            before: All streams' volumes; None when the music has no stream any more.
            user: What the user wants the music to be at.
        """
        recorder = await self.recorder()
        if before is not None:
            await self.service.at_rest()
            await recorder.hears(music.frequency_hz, level_of(user), within_db=EXACT_DB)
            assert await self.volumes() == before
            await self.end(music)
        following = await music.again()
        await recorder.hears(music.frequency_hz, level_of(user), within_db=EXACT_DB)
        assert self._same((await self.rig.stream_volumes())[following.index], user)
        await self.remembered(music, user)

    async def remembered(self, music: Music, user: tuple[int, ...] = USER) -> None:
        """Fails when the server remembers music at another volume than the user's."""
        saved = await self.rig.saved_volumes()
        name = music.saved_as.lower()
        ours = {key: volume for key, volume in saved.items() if name in key.lower()}
        assert ours, saved
        assert all(self._same(volume, user) for volume in ours.values()), ours

    def _same(self, volume: tuple[int, ...], user: tuple[int, ...]) -> bool:
        """Whether a remembered volume is the user's; WirePlumber's file has six digits of it."""
        off = 1 if self.rig.name == "pipewire" else 0
        pairs = list(zip(volume, user, strict=True))
        return all(abs(one - other) <= off for one, other in pairs)


def level_of(raw: Iterable[int]) -> float:
    """How loud the music's tone is at a volume, in dB; both channels together."""
    linear = [(value / RAW_NORM) ** 3 for value in raw]
    return LEVEL_DB + 20 * math.log10(math.fsum(linear) / len(linear))


@asynccontextmanager
async def staged(rig: SoundRig, patch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A stage with the service running; everything ends with it, the servers stay."""
    for name in ("AUDIOSESSION_HOST", "PIPEWIRE_REMOTE", "PIPEWIRE_RUNTIME_DIR", "NOTIFY_SOCKET"):
        patch.delenv(name, raising=False)
    for name, value in rig.env.items():
        patch.setenv(name, value)
    async with asyncio.TaskGroup() as group:
        stage = Stage(rig, group)
        try:
            await stage.service.start()
            yield stage
        finally:
            stage.end_recording()
            # First those who would have a new service started.
            for app in stage.apps:
                app.kill()
                app.process.wait()
            await stage.service.stop()
            await rig.tidy()
