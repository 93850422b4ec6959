"""The service process: puts engine, servers, players and wires together, and ends in order."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from ..core.policy import Policy
from ..devices import AudioDevicesChangedEvent
from ..errors import HostUnavailableError, HostUnavailableReason, PolicyError
from .bus.names import session_bus_address, socket_path
from .bus.peer import PeerWire
from .bus.service import BusService
from .bus.wire import SessionBusWire
from .engine import Engine
from .ledger import Ledger
from .media_keys import MediaKeys
from .mpris import Players
from .rules_source import RuleSource, RuleWatcher, rules_path
from .servers.base import SoundServer
from .servers.choose import PLAYERS, ROUTES, choose_server, ears_for, ledger_path

_log = logging.getLogger("audiosession.service")

DEFAULT_IDLE_EXIT_S = 60.0
"""How long the service stays without anything to do, when it was started on demand."""
_FIRST_LOOK_S = 0.25
_LAST_LOOK_S = 5.0
_FIRST_CONNECT_S = 5.0


async def run_service(
    *,
    idle_exit_s: float | None = DEFAULT_IDLE_EXIT_S,
    policy: Policy | None = None,
    ready: Callable[[], None] | None = None,
    choose: Callable[[], Awaitable[SoundServer | None]] = choose_server,
) -> None:
    """Serves until told to end by a signal, or until there was nothing to do for a while.

    SIGTERM and SIGINT give everything back first; SIGHUP reads the rules again.

    Args:
        idle_exit_s: Seconds without anything to do after which it ends; ``None``: never.
        policy: Judges instead of the policy of the rules.
        ready: Called when clients can find the service.
        choose: Finds the sound server; asked again as long as there is none, or it is away.

    Raises:
        HostUnavailableError: another service runs, or there is neither a session bus nor a
            runtime directory.
    """
    await _Service(idle_exit_s=idle_exit_s, policy=policy, choose=choose).run(ready)


class _Service:
    """The process."""

    def __init__(
        self,
        *,
        idle_exit_s: float | None,
        policy: Policy | None,
        choose: Callable[[], Awaitable[SoundServer | None]],
    ) -> None:
        self._idle_exit_s = idle_exit_s
        self._choose = choose
        self._stop = asyncio.Event()
        self._idle_timer: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None
        self._rules = RuleSource(rules_path(), on_error=self._rules_wrong)
        book = self._rules.book
        self._engine = Engine(policy=policy or book.policy, rules=book)
        self._take_rules()

    async def run(self, ready: Callable[[], None] | None) -> None:
        """Serves until the end."""
        path, address = socket_path(), session_bus_address()
        peer = None if path is None else PeerWire(path)
        bus = None if address is None else SessionBusWire(address, self._stop.set)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        # From the start: without a handler it would end the process.
        loop.add_signal_handler(signal.SIGHUP, self._reload_rules)
        try:
            if peer is not None:
                # Two services would fight over the same sound server.
                await peer.claim()
            async with BusService(
                self._engine, reload_rules=self._reload_rules, machine_id=_machine_id()
            ) as service:
                await self._serve(service, peer, bus, ready)
        finally:
            if peer is not None:
                await peer.close()
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                loop.remove_signal_handler(number)

    async def _serve(
        self,
        service: BusService,
        peer: PeerWire | None,
        bus: SessionBusWire | None,
        ready: Callable[[], None] | None,
    ) -> None:
        if bus is not None:
            try:
                await service.add_wire(bus)
            except HostUnavailableError as error:
                if peer is None:
                    raise
                _log.warning("%s; serving on the socket alone", error)
                bus = None
        if peer is None and bus is None:
            raise HostUnavailableError(
                HostUnavailableReason.NO_SESSION_BUS,
                "neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR is set",
            )
        problem: HostUnavailableError | None = None
        async with asyncio.TaskGroup() as group:
            try:
                await self._serve_on(service, peer, bus, ready, group)
            except HostUnavailableError as error:
                # Raised in here it would come out wrapped.
                problem = error
        if problem is not None:
            raise problem

    async def _serve_on(
        self,
        service: BusService,
        peer: PeerWire | None,
        bus: SessionBusWire | None,
        ready: Callable[[], None] | None,
        group: asyncio.TaskGroup,
    ) -> None:
        if bus is not None:
            await bus.check_name()
        players = await self._find_players(bus, group)
        self._engine.routing.keep_in(Ledger(ledger_path(ROUTES)))
        try:
            await self._engine.start()
            await self._connect(group)
            self._engine.welcome()
            if peer is not None:
                await service.add_wire(peer)
            if bus is not None:
                await bus.own_name()
            with RuleWatcher(self._rules, lambda _: self._take_rules()):

                def look_again(_: bool = False) -> None:
                    self._idle_changed(self._engine.idle and not service.watched)

                self._engine.observe(_IdleObserver(look_again))
                service.on_watchers = look_again
                look_again()
                # What there is now stays, and need not be gone through for what does not: rubbish
                # is found earlier, and finding it takes no time that a fade would miss.
                gc.collect()
                gc.freeze()
                _notify("READY=1")
                if ready is not None:
                    ready()
                await self._stop.wait()
        finally:
            _notify("STOPPING=1")
            if self._idle_timer is not None:
                self._idle_timer.cancel()
            if self._looking is not None:
                self._looking.cancel()
            # Volumes come back whatever else goes wrong.
            async with AsyncExitStack() as ending:
                if players is not None:
                    ending.push_async_callback(players.close)
                ending.push_async_callback(self._engine.close)
                ending.push_async_callback(service.withdraw)

    async def _find_players(
        self, bus: SessionBusWire | None, group: asyncio.TaskGroup
    ) -> Players | None:
        """The media players; there are none without a session bus."""
        if bus is None:
            return None
        ledger = Ledger(ledger_path(PLAYERS))
        players = Players(bus.bus, self._engine, tasks=group, ledger=ledger)
        self._engine.use_players(players)
        self._engine.keys = MediaKeys(bus.bus, lambda: players)
        try:
            await players.start()
        except ConnectionError as error:
            raise HostUnavailableError(HostUnavailableReason.NO_SESSION_BUS, str(error)) from error
        return players

    # -- the sound server --------------------------------------------------------------------

    async def _connect(self, group: asyncio.TaskGroup) -> None:
        """Waits for the sound server where there is one, and goes on looking where none is."""
        tried = asyncio.Event()
        self._looking = group.create_task(self._keep_looking(tried))
        with suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_CONNECT_S):
                await tried.wait()

    async def _keep_looking(self, tried: asyncio.Event) -> None:
        pause = _FIRST_LOOK_S
        while not await self._look():
            tried.set()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LAST_LOOK_S)
        tried.set()
        (link,) = self._engine.links.values()
        while True:
            await link.away.wait()
            # Its own restart takes less than that.
            await asyncio.sleep(_LAST_LOOK_S)
            # There are two kinds. The first goes on trying to connect, and may be back as well.
            if not link.up and await self._look():
                return

    async def _look(self) -> bool:
        """Takes a sound server that is not known yet; returns whether there was one."""
        server = await self._choose()
        if server is None or server.name in self._engine.links:
            return False
        self._engine.add_server(server, ears_for(server))
        try:
            await server.start(self._engine.links[server.name])
        except HostUnavailableError as error:
            _log.info("%s", error)
            del self._engine.links[server.name]
            await server.close()
            return False
        return True

    # -- the rules ---------------------------------------------------------------------------

    def _reload_rules(self) -> None:
        self._rules.reload()
        self._take_rules()

    def _take_rules(self) -> None:
        error = self._rules.error
        self._engine.set_rules(self._rules.book, () if error is None else error.problems)

    def _rules_wrong(self, error: PolicyError) -> None:
        _log.warning("%s; the rules before stay in force", error)
        if hasattr(self, "_engine"):
            self._engine.set_rules(self._rules.book, error.problems)

    # -- the end -----------------------------------------------------------------------------

    def _idle_changed(self, idle: bool) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None
        if idle and self._idle_exit_s is not None:
            loop = asyncio.get_running_loop()
            self._idle_timer = loop.call_later(self._idle_exit_s, self._stop.set)


class _IdleObserver:
    """Hears only whether there is anything to do. Implements EngineObserver."""

    def __init__(self, changed: Callable[[bool], None]) -> None:
        self.idle_changed = changed

    def session_opened(self, id: str) -> None:
        pass

    def session_changed(self, id: str) -> None:
        pass

    def session_closed(self, id: str) -> None:
        pass

    def stream_changed(self, id: str) -> None:
        pass

    def stream_closed(self, id: str) -> None:
        pass

    def decided(self, number: int) -> None:
        pass

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        pass

    def became_noisy(self) -> None:
        pass


def _notify(state: str) -> None:
    """Tells systemd, where it asked to be told (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address or address[0] not in "/@":
        return
    if address[0] == "@":
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
        try:
            out.connect(address)
            out.send(state.encode())
        except OSError as error:
            _log.warning("systemd cannot be told %s: %s", state, error)


def _machine_id() -> str:
    for path in (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id")):
        with suppress(OSError):
            return path.read_text(encoding="ascii").strip()
    return ""


__all__ = ["DEFAULT_IDLE_EXIT_S", "run_service"]
