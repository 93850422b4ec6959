"""Real sound servers for tests, each alone with a bus of its own under a temporary directory.

A rig is an async context manager. Everything it starts ends with it, by process id, also when
a test fails, and dies with this process should that be killed. Several may run side by side.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import IO, Any, ClassVar, Self

from pulsectl_asyncio import PulseAsync

from tests.linux.rig_settings import BLUETOOTH_PARTS, NULL_SINK, pipewire_files, pulse_script
from tests.linux.wireplumber_state import RAW_NORM as RAW_NORM
from tests.linux.wireplumber_state import raw_of_linear as raw_of_linear
from tests.linux.wireplumber_state import saved_streams

DEADLINE_S = 30.0
"""How long anything may take to be ready. Long: the machine may be busy with much else."""

_ENTER = """
at="$1"; shift
mount --rbind /proc "$0/proc" || exit
[ "$0$at" -ef "$at" ] || { mkdir -p "$0$at" && mount --bind "$at" "$0$at"; } || exit
exec chroot "$0" "$@"
"""
"""PipeWire looks at its clients' processes, and may run where another rig was made; the mounts
are gone with the program."""

_POLL_S = 0.02
_TERM_S = 3.0
_LOG_LINES = 40


class RigError(AssertionError):
    """A server did not do what a test needs of it."""


class ProgramMissingError(RigError):
    """A program that the rig runs is not installed."""


class SoundRig(ABC):
    """A bus and a sound server with one null sink, and hands to work them.

    Args:
        bluetooth: Whether there is a system bus too, and the server looks for BlueZ on it.
    """

    name: ClassVar[str]
    """``pipewire`` or ``pulseaudio``, as the adapters call themselves."""
    programs: ClassVar[tuple[str, ...]]
    """The programs needed beside those every rig needs."""

    sink = "rig_main"
    """Name of the sink that is there from the start and is the default then."""

    def __init__(self, *, bluetooth: bool = False) -> None:
        self.bluetooth = bluetooth
        self._dir = Path()
        self._link: Path | None = None
        self._logs: dict[str, Path] = {}
        self._open: list[IO[bytes]] = []
        self._buses: list[subprocess.Popen[bytes]] = []
        self._servers: dict[str, subprocess.Popen[bytes]] = {}
        self._children: list[subprocess.Popen[Any]] = []
        self._sinks: dict[str, str] = {}
        self.bus_address = ""
        self.system_bus_address = ""
        self.env: dict[str, str] = {}

    @classmethod
    def missing(cls, *, bluetooth: bool = False) -> tuple[str, ...]:
        """Returns the names of programs that are not installed.

        Args:
            bluetooth: Whether the server's part that knows BlueZ is needed too.
        """
        needed = ("dbus-daemon", "setpriv", "pactl", "parec", "pacat", *cls.programs)
        missing = tuple(program for program in needed if shutil.which(program) is None)
        return missing + (cls._missing_part(Path("/")) if bluetooth else ())

    @classmethod
    def _missing_part(cls, root: Path) -> tuple[str, ...]:
        places = BLUETOOTH_PARTS[cls.name]
        there = any(next(root.glob(place), None) for place in places)
        return () if there else (Path(places[0]).name,)

    async def __aenter__(self) -> Self:
        if missing := self.missing(bluetooth=self.bluetooth):
            raise ProgramMissingError(f"not installed: {', '.join(missing)}")
        self._make_directories()
        try:
            self.bus_address = self.env["DBUS_SESSION_BUS_ADDRESS"] = await self._start_bus("bus")
            if self.bluetooth:
                self.system_bus_address = await self._start_bus("system_bus")
                self.env["DBUS_SYSTEM_BUS_ADDRESS"] = self.system_bus_address
            self.configure()
            await self.start_servers()
        except BaseException:
            self._tear_down()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._tear_down()

    # Places

    @property
    def directory(self) -> Path:
        """Everything of the rig lies below it; tests may put files there."""
        return self._dir

    @property
    def runtime_dir(self) -> Path:
        """Its own XDG_RUNTIME_DIR."""
        return self._dir / "run"

    @property
    def config_home(self) -> Path:
        """Its own XDG_CONFIG_HOME."""
        return self._dir / "config"

    @property
    def state_home(self) -> Path:
        """Its own XDG_STATE_HOME."""
        return self._dir / "state"

    @property
    def pulse_server(self) -> str:
        """Where PulseAudio's protocol is spoken; libpulse's own form of it."""
        return f"unix:{self.runtime_dir}/pulse/native"

    def root(self) -> Path | None:
        """Returns the directory in which the server's programs live, None for this system's."""
        return None

    def _make_directories(self) -> None:
        root = self.root()
        if root is None:
            self._dir = Path(tempfile.mkdtemp(prefix="asr"))
        else:
            # One path must lead to the same place inside the root and outside of it.
            real = Path(tempfile.mkdtemp(prefix="asr", dir=root / "tmp"))
            self._link = self._dir = Path("/tmp") / real.name
            self._link.symlink_to(real)
        for part in ("run", "home", "state", "config", "data", "cache", "log"):
            (self._dir / part).mkdir(mode=0o700)
        kept = ("PATH", "LANG", "PYTHONPATH", "CI", "TERM")
        self.env = {name: os.environ[name] for name in kept if name in os.environ} | {
            "HOME": str(self._dir / "home"),
            "XDG_RUNTIME_DIR": str(self.runtime_dir),
            "XDG_STATE_HOME": str(self.state_home),
            "XDG_CONFIG_HOME": str(self.config_home),
            "XDG_DATA_HOME": str(self._dir / "data"),
            "XDG_CACHE_HOME": str(self._dir / "cache"),
            "PULSE_SERVER": self.pulse_server,
            "LC_ALL": "C.UTF-8",
        }

    # Processes

    def _spawn(self, name: str, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        log = self._logs.setdefault(name, self._dir / "log" / f"{name}.log")
        stream = log.open("ab")
        self._open.append(stream)
        process: subprocess.Popen[bytes] = subprocess.Popen(
            # Whoever kills this process would leave servers behind otherwise.
            ["setpriv", "--pdeathsig", "KILL", "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env=self.env,
            **options,
        )
        return process

    def spawn_server(self, program: str, *arguments: str) -> None:
        """Starts a program of the sound server; it counts as one until the rig stops it."""
        root = self.root()
        inside: list[str] = []
        if root is not None:
            inside = ["unshare", "--mount", "sh", "-c", _ENTER, str(root), str(self._dir)]
        self._servers[program] = self._spawn(program, [*inside, program, *arguments])

    def popen(self, *command: str, **options: Any) -> subprocess.Popen[Any]:
        """Starts a child in the rig's world; it is ended with the rig, by its process id.

        Args:
            command: Program and arguments. Its stderr goes to the rig's log.
            options: As subprocess.Popen takes; ``env`` is laid over the rig's.
        """
        env = self.env | dict(options.pop("env", {}))
        log = self._logs.setdefault("children", self._dir / "log" / "children.log")
        stream = log.open("ab")
        self._open.append(stream)
        streams = {"stdin": subprocess.DEVNULL, "stdout": stream, "stderr": stream}
        settings: dict[str, Any] = {**streams, **options}
        child = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *command], env=env, **settings
        )
        self._children.append(child)
        return child

    def log(self) -> str:
        """Returns the last lines of every log, for the message of a failure."""
        parts = []
        for name, path in self._logs.items():
            lines = path.read_text("utf-8", "replace").splitlines()[-_LOG_LINES:]
            parts.append(f"--- {name}\n" + "\n".join(lines))
        return "\n".join(parts)

    async def run(self, *command: str, env: Mapping[str, str] | None = None) -> str:
        """Returns what a short program prints in the rig's world.

        Raises:
            RigError: it failed or did not end in time; with its stderr.
        """
        process = await asyncio.create_subprocess_exec(
            *command,
            env=self.env | dict(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(DEADLINE_S):
                out, err = await process.communicate()
        except BaseException as error:
            if process.returncode is None:
                process.kill()
                await process.wait()
            if isinstance(error, TimeoutError):
                raise RigError(f"{shlex.join(command)} hangs\n{self.log()}") from None
            raise
        if process.returncode != 0:
            self._all_run()
            raise RigError(f"{shlex.join(command)}: {err.decode('utf-8', 'replace').strip()}")
        return out.decode()

    async def wait_for(
        self, what: str, check: Callable[[], Awaitable[bool]], *, deadline_s: float = DEADLINE_S
    ) -> None:
        """Asks again and again until ``check`` says yes.

        Raises:
            RigError: it did not in time, or a server ended meanwhile; with the logs.
        """
        end = time.monotonic() + deadline_s
        while not await check():
            self._all_run()
            if time.monotonic() > end:
                raise RigError(f"{what}: not within {deadline_s} s\n{self.log()}")
            await asyncio.sleep(_POLL_S)

    def _all_run(self) -> None:
        for program, process in self._servers.items():
            if (status := process.poll()) is not None:
                raise RigError(f"{program} ended with {status}\n{self.log()}")

    async def _start_bus(self, name: str) -> str:
        read, write = os.pipe()
        with os.fdopen(read, "rb") as answer:
            try:
                bus = self._spawn(
                    name,
                    [
                        *("dbus-daemon", "--session", "--nofork", "--nopidfile"),
                        f"--address=unix:path={self.runtime_dir}/{name}",
                        f"--print-address={write}",
                    ],
                    pass_fds=(write,),
                )
            finally:
                os.close(write)
            self._buses.append(bus)
            line = await asyncio.to_thread(answer.readline)
        if not line:
            raise RigError(f"no bus\n{self.log()}")
        return line.decode().strip()

    def _tear_down(self) -> None:
        servers = list(self._servers.values())
        _end([*reversed(self._children), *reversed(servers)])
        _end(list(reversed(self._buses)))
        self._children, self._servers, self._buses = [], {}, []
        for stream in self._open:
            stream.close()
        real = self._dir.resolve()
        if self._link is not None:
            self._link.unlink(missing_ok=True)
        if real != Path().resolve():
            shutil.rmtree(real, ignore_errors=True)

    # The server

    @abstractmethod
    def configure(self) -> None:
        """Writes the server's configuration."""

    @abstractmethod
    async def start_servers(self) -> None:
        """Starts the server and waits until its sink can be played to."""

    @abstractmethod
    async def saved_volumes(self) -> dict[str, tuple[int, ...]]:
        """Returns what the server remembers for the next streams: raw volumes by its own key."""

    def kill_server(self) -> None:
        """Kills the server at once, as a crash would; :meth:`restart_server` brings it back."""
        servers = list(self._servers.values())
        self._servers.clear()
        for process in reversed(servers):
            process.kill()
        for process in servers:
            process.wait()

    async def restart_server(self) -> None:
        """Ends the server in good order, if it still runs, and starts it anew."""
        servers = list(self._servers.values())
        self._servers.clear()
        _end(list(reversed(servers)))
        self._sinks.clear()
        await self.start_servers()

    async def tidy(self) -> None:
        """Ends children, removes added sinks, makes the first sink the default again.

        A server that is gone is started again.
        """
        _end(list(reversed(self._children)))
        self._children.clear()
        alive = self._servers and all(server.poll() is None for server in self._servers.values())
        if not alive:
            await self.restart_server()
        for name in list(self._sinks):
            await self.remove_sink(name)
        await self.set_default_sink(self.sink)
        await self.wait_for("no streams left", self._no_streams)

    async def _no_streams(self) -> bool:
        return not await self.stream_volumes()

    async def pactl(self, command: str) -> str:
        """Returns what pactl prints for a command line (``set-sink-volume rig_main 50%``)."""
        return await self.run("pactl", *shlex.split(command))

    async def listed(self, kind: str) -> list[dict[str, Any]]:
        """Returns pactl's list of ``sinks``, ``sources``, ``sink-inputs`` and so on."""
        return list(json.loads(await self.run("pactl", "--format=json", "list", kind)))

    async def add_sink(self, name: str) -> None:
        """Adds a null sink and waits until it is there."""
        self._sinks[name] = (
            await self.pactl(f"load-module module-null-sink sink_name={name} {NULL_SINK}")
        ).strip()

        async def there() -> bool:
            return any(sink["name"] == name for sink in await self.listed("sinks"))

        await self.wait_for(f"sink {name}", there)

    async def remove_sink(self, name: str) -> None:
        """Removes a sink added before and waits until it is gone."""
        await self.pactl(f"unload-module {self._sinks.pop(name)}")

        async def gone() -> bool:
            return all(sink["name"] != name for sink in await self.listed("sinks"))

        await self.wait_for(f"sink {name} to go", gone)

    async def move_stream(self, index: int, sink: str) -> None:
        """Moves a stream to another sink and waits until it plays there.

        WirePlumber 0.4 loses a move that comes while it still links the stream, and one that
        asks for the same again changes nothing: so it is taken back and asked for anew.
        """
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            await self.pactl(f"move-sink-input {index} {sink}")
            try:
                await self.wait_for("the move", lambda: self._plays_on(index, sink), deadline_s=2)
            except RigError:
                await self.pactl(f"move-sink-input {index} {self.sink}")
            else:
                return
        raise RigError(f"stream {index} does not move to {sink}")

    async def _plays_on(self, index: int, sink: str) -> bool:
        sinks = [each["index"] for each in await self.listed("sinks") if each["name"] == sink]
        streams = await self.listed("sink-inputs")
        return any(each["index"] == index and each["sink"] in sinks for each in streams)

    async def set_default_sink(self, name: str) -> None:
        """Makes a sink the default and waits until the server says so."""
        await self.pactl(f"set-default-sink {name}")

        async def chosen() -> bool:
            return (await self.pactl("get-default-sink")).strip() == name

        await self.wait_for(f"default sink {name}", chosen)

    async def stream_volumes(self) -> dict[int, tuple[int, ...]]:
        """Returns what a user sees as the volume of each stream: raw units by stream index."""
        return {
            stream["index"]: tuple(channel["value"] for channel in stream["volume"].values())
            for stream in await self.listed("sink-inputs")
        }

    async def stream_of(self, pid: int) -> int:
        """Waits for the playback stream of a process and returns its index."""
        found: list[int] = []

        async def there() -> bool:
            found[:] = [
                stream["index"]
                for stream in await self.listed("sink-inputs")
                if stream["properties"].get("application.process.id") == str(pid)
            ]
            return bool(found)

        await self.wait_for(f"a stream of process {pid}", there)
        return found[0]

    async def _answers(self) -> bool:
        # A socket may be there before anybody listens.
        try:
            return (await self.pactl("get-default-sink")).strip() == self.sink
        except RigError:
            return False


class PipeWireRig(SoundRig):
    """PipeWire with WirePlumber and pipewire-pulse.

    The programs are taken from the system in the directory named by the environment variable
    ``AUDIOSESSION_TEST_ROOT``, if that is set: an unpacked Debian, entered by chroot.

    Args:
        quantum: Samples a cycle of the graph, at 48000 a second; None for the server's choice.
        bluetooth: As :class:`SoundRig`.
    """

    name = "pipewire"
    programs = ("pipewire", "wireplumber", "pipewire-pulse")

    def __init__(self, *, quantum: int | None = None, bluetooth: bool = False) -> None:
        super().__init__(bluetooth=bluetooth)
        self._quantum = quantum
        self._markers = 0

    @classmethod
    def missing(cls, *, bluetooth: bool = False) -> tuple[str, ...]:
        """Returns the names of programs that are not installed, in the root where there is one."""
        root = _pipewire_root()
        if root is None:
            return super().missing(bluetooth=bluetooth)
        here = tuple(program for program in super().missing() if program not in cls.programs)
        there = tuple(
            program for program in cls.programs if not (root / "usr/bin" / program).exists()
        )
        return here + there + (cls._missing_part(root) if bluetooth else ())

    def root(self) -> Path | None:
        """Returns the directory of another Debian, None for this system."""
        return _pipewire_root()

    def configure(self) -> None:
        """Adds a null sink to the server's own configuration and takes the hardware away."""
        files = pipewire_files(sink=self.sink, quantum=self._quantum, bluetooth=self.bluetooth)
        for path, text in files.items():
            file = self.config_home / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    async def start_servers(self) -> None:
        """Starts the three programs, one when the one before answers."""
        self.spawn_server("pipewire")
        socket = self.runtime_dir / "pipewire-0"

        async def listens() -> bool:
            try:
                _, writer = await asyncio.open_unix_connection(str(socket))
            except OSError:
                return False
            writer.close()
            await writer.wait_closed()
            return True

        await self.wait_for("pipewire", listens)
        self.spawn_server("wireplumber")
        self.spawn_server("pipewire-pulse")
        await self.wait_for("pipewire-pulse and wireplumber", self._answers)

    async def saved_volumes(self) -> dict[str, tuple[int, ...]]:
        """Returns what WirePlumber's file holds after everything before the call; takes a second.

        WirePlumber writes the file one second after the last change. A change of our own,
        waited for, says that all changes before it are in the file.
        """
        self._markers += 1
        marker = f"rig_marker_{self._markers}"
        found: dict[str, tuple[int, ...]] = {}

        async def written() -> bool:
            found.clear()
            found.update(saved_streams(self.state_home / "wireplumber"))
            return any(marker in key for key in found)

        await self.add_sink(marker)
        try:
            await self.pactl(f"set-sink-volume {marker} 50%")
            await self.wait_for("WirePlumber to save its streams", written)
        finally:
            await self.remove_sink(marker)
        return {key: raw for key, raw in found.items() if "rig_marker_" not in key}


class PulseRig(SoundRig):
    """PulseAudio alone, with no module but those a desktop needs for one null sink.

    Args:
        modules: Lines to add to its start script (``load-module module-role-ducking``).
        bluetooth: As :class:`SoundRig`; with what a desktop keeps of cards and devices.
    """

    name = "pulseaudio"
    programs = ("pulseaudio",)

    def __init__(self, *, modules: tuple[str, ...] = (), bluetooth: bool = False) -> None:
        super().__init__(bluetooth=bluetooth)
        self._modules = modules

    def configure(self) -> None:
        """Writes the start script and the daemon's settings."""
        folder = self.config_home / "pulse"
        folder.mkdir()
        # As Debian ships it.
        (folder / "daemon.conf").write_text("flat-volumes = no\n")
        script = pulse_script(sink=self.sink, modules=self._modules, bluetooth=self.bluetooth)
        (self._dir / "rig.pa").write_text(script)

    async def start_servers(self) -> None:
        """Starts PulseAudio and waits for its sink."""
        self.spawn_server(
            "pulseaudio",
            "-n",
            f"--file={self._dir / 'rig.pa'}",
            "--daemonize=no",
            "--use-pid-file=no",
            "--exit-idle-time=-1",
            "--log-target=stderr",
        )
        await self.wait_for("pulseaudio", self._answers)

    async def saved_volumes(self) -> dict[str, tuple[int, ...]]:
        """Returns what module-stream-restore holds now."""
        async with PulseAsync("rig", server=self.pulse_server) as pulse:
            entries = await pulse.stream_restore_read()
        return {
            entry.name: tuple(round(volume * RAW_NORM) for volume in entry.volume.values)
            for entry in entries
            if entry.volume.values
        }


RIGS: dict[str, type[SoundRig]] = {"pipewire": PipeWireRig, "pulseaudio": PulseRig}
"""Every kind of rig by its name."""


def _pipewire_root() -> Path | None:
    name = os.environ.get("AUDIOSESSION_TEST_ROOT", "")
    return Path(name) if name else None


def _end(processes: list[subprocess.Popen[Any]]) -> None:
    """Ends processes in this order, kindly first."""
    for process in processes:
        if process.poll() is None:
            # A stopped process would not hear it.
            process.send_signal(signal.SIGCONT)
            process.terminate()
    end = time.monotonic() + _TERM_S
    for process in processes:
        try:
            process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()
