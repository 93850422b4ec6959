"""The engine on wires: calls come in and are answered, changes are told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dbus_fast import Message, MessageType, Variant

from ...errors import (
    AudioSessionError,
    ClosedError,
    HostUnavailableError,
    HostUnavailableReason,
    InvalidTypeError,
    LimitError,
)
from .android import ANDROID_INTERFACE, AndroidObject
from .announcer import Announcer
from .errors import NOT_YOURS, has_name, to_wire
from .names import (
    BURST,
    DAEMON,
    MOST_BYTES,
    MOST_HELD,
    MOST_SESSIONS,
    MOST_WAITING,
    REQUESTS_PER_S,
    ROOT,
    SESSION,
    path_of,
)
from .objects import MANAGER_INTERFACE, SESSION_INTERFACE, Caller, ManagerObject, SessionObject
from .own import OwnSession, configured, given_options
from .rates import Rates
from .snapshot import Snapshot
from .tree import Exported, Found, ObjectTree, WireError
from .values import app_name, carried
from .wire import Wire

if TYPE_CHECKING:
    from ..engine import Engine

_log = logging.getLogger("audiosession.service")

_NO_REPLY = 1
_GIVES_BACK = ("Deactivate", "Close")


class BusService:
    """The objects of an engine, on any number of wires. Use with ``async with``.

    Args:
        engine: What does the work.
        reload_rules: Reads the rules anew; called when a client asks for it.
        machine_id: The machine's id, for those who ask.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        reload_rules: Callable[[], None] = lambda: None,
        machine_id: str = "",
    ) -> None:
        self.engine = engine
        self.reload_rules = reload_rules
        self.tree = ObjectTree(ROOT, machine_id=machine_id)
        self._wires: list[Wire] = []
        self._rates = Rates(rate=REQUESTS_PER_S, burst=BURST)
        # Counted apart, and as much as can be taken in the same time and was held before: so who
        # gives back what it took is never refused.
        self._returns = Rates(rate=REQUESTS_PER_S, burst=BURST + MOST_HELD)
        self._waiting: dict[str, int] = {}
        self._owned: dict[str, set[str]] = {}
        self._watchers: set[str] = set()
        self.on_watchers: Callable[[], None] = lambda: None
        """Called when somebody begins to look on, or ends it."""
        self._snapshot: Snapshot | None = None
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[None]] = set()
        self._announcer = Announcer(self)
        self._leaving = False
        self.tree.add(
            Exported(
                path=ROOT,
                interface=MANAGER_INTERFACE,
                target=ManagerObject(self),
                also=((ANDROID_INTERFACE, AndroidObject(self)),),
            )
        )

    async def __aenter__(self) -> BusService:
        await self._group.__aenter__()
        self.engine.observe(self._announcer)
        return self

    async def __aexit__(self, *error: Any) -> None:
        self._announcer.close()
        for task in tuple(self._tasks):
            task.cancel()
        for wire in reversed(self._wires):
            await wire.close()
        # Without the error, which goes on by itself and would come out wrapped.
        await self._group.__aexit__(None, None, None)

    async def add_wire(self, wire: Wire) -> None:
        """Serves on a wire too; it is closed with the service.

        Raises:
            HostUnavailableError: the wire cannot be had.
        """
        await wire.start(self)
        self._wires.append(wire)

    async def withdraw(self) -> None:
        """Lets nobody find the service any more; whoever is there hears that it leaves."""
        self._leaving = True
        for wire in self._wires:
            await wire.withdraw()

    def send(self, message: Message) -> None:
        """Sends to all who listen, on every wire."""
        for wire in self._wires:
            wire.send(message)

    def snapshot(self) -> Snapshot:
        """The engine's reports, made once for everyone who asks in this turn of the loop."""
        if self._snapshot is None:
            self._snapshot = Snapshot(self.engine.status(), self.engine.endpoints())
            asyncio.get_running_loop().call_soon(self.engine_changed)
        return self._snapshot

    def engine_changed(self) -> None:
        """What was reported is out of date."""
        self._snapshot = None

    def waits(self, client: str) -> bool:
        """Whether something that a client asked for is yet to be answered."""
        return client in self._waiting

    # -- watchers ----------------------------------------------------------------------------

    @property
    def watched(self) -> bool:
        """Whether somebody looks on, for whom the service stays."""
        return bool(self._watchers)

    async def watch(self, caller: Caller, watching: bool) -> None:
        """A client begins to look on, or ends it; one that goes ends it too.

        Raises:
            HostUnavailableError: the client is gone.
        """
        if not watching:
            self._watches_no_more(caller.client)
            self._let_go(caller)
            return
        # Before it is waited for, so that nobody lets the client go meanwhile.
        self._watchers.add(caller.client)
        try:
            await caller.wire.watch(caller.client)
            if not caller.wire.present(caller.client):
                raise HostUnavailableError(HostUnavailableReason.CONNECTION_LOST)
        except BaseException:
            self._watches_no_more(caller.client)
            raise
        self.on_watchers()

    def _watches_no_more(self, client: str) -> None:
        if client in self._watchers:
            self._watchers.discard(client)
            self.on_watchers()

    # -- sessions ----------------------------------------------------------------------------

    async def open_session(self, caller: Caller, options: Mapping[str, Variant]) -> tuple[str, str]:
        """Opens a session for a client; gives its path and its token.

        Raises:
            IllegalRequestError: an option is wrong.
            LimitError: the client has too many.
            HostUnavailableError: the client is gone.
        """
        given = given_options(options, ("app", "configuration", "recipe"))
        app = given.get("app", "")
        if not isinstance(app, str):
            raise InvalidTypeError("app", app, expected="a text")
        configuration = configured(given)
        pid = await caller.wire.watch(caller.client)
        if not caller.wire.present(caller.client):
            raise HostUnavailableError(HostUnavailableReason.CONNECTION_LOST)
        owned = self._owned.setdefault(caller.client, set())
        if len(owned) >= MOST_SESSIONS:
            raise LimitError("sessions of one client", MOST_SESSIONS)
        own = OwnSession(caller.client, self.engine.routing)
        try:
            session = self.engine.open_session(
                client=caller.client,
                app=app_name(app) or f"process {pid}",
                pid=pid,
                events=own,
            )
        except BaseException:
            self._let_go(caller)
            raise
        own.session = session
        path = path_of("session", session.id)
        own.tell_by(self._to_owner(caller, path))
        owned.add(session.id)
        target = self.session_opened(session.id)
        target.own = own
        if configuration is not None:
            try:
                own.configure(configuration)
            except BaseException:
                await session.close()
                self.session_closed(session.id)
                raise
        return path, session.token

    def of_caller(self, target: SessionObject, caller: Caller) -> OwnSession:
        """The session, if it is the caller's own.

        Raises:
            WireError: it is somebody else's.
        """
        if target.own is None or target.own.client != caller.client:
            raise WireError(NOT_YOURS, "this session is not yours")
        return target.own

    def session_opened(self, id: str) -> SessionObject:
        """A session is there: its object too."""
        path = path_of("session", id)
        if path not in self.tree:
            target = SessionObject(self, id)
            self.tree.add(Exported(path=path, interface=SESSION_INTERFACE, target=target))
            self._announcer.added(path)
        found: SessionObject = self.tree[path].target
        return found

    def session_closed(self, id: str) -> None:
        """A session is gone: its object too."""
        removed = self._announcer.removed(path_of("session", id))
        if removed is None or removed.target.own is None:
            return
        client = removed.target.own.client
        removed.target.own.tell_by(None)
        owned = self._owned.get(client, set())
        owned.discard(id)
        if not owned:
            self._owned.pop(client, None)
            if client not in self._watchers:
                for wire in self._wires:
                    wire.forget(client)

    def _let_go(self, caller: Caller) -> None:
        if not self._owned.get(caller.client):
            self._owned.pop(caller.client, None)
            if caller.client not in self._watchers:
                caller.wire.forget(caller.client)

    def _to_owner(self, caller: Caller, path: str) -> Callable[[str, str, list[Any]], None]:
        def tell(member: str, signature: str, body: list[Any]) -> None:
            caller.wire.send(
                Message(
                    message_type=MessageType.SIGNAL,
                    destination=caller.client,
                    path=path,
                    interface=SESSION,
                    member=member,
                    signature=signature,
                    body=body,
                )
            )

        return tell

    # -- calls -------------------------------------------------------------------------------

    def received(self, wire: Wire, message: Message) -> None:
        """A call: answers it, at once or later."""
        caller = Caller(wire, message.sender or "")
        try:
            if self._leaving:
                raise _leaving()
            rates = self._returns if message.member in _GIVES_BACK else self._rates
            rates.check(caller.client, asyncio.get_running_loop().time())
            if _size(message.body) > MOST_BYTES:
                raise LimitError("bytes in a request", MOST_BYTES)
            found = self.tree.find(message)
            result = found.method.call(found.target, caller, *message.body)
            if isinstance(result, Awaitable):
                self._later(result, caller, message, found)
            else:
                self._answer(wire, message, found, result)
        except Exception as error:
            self._fail(wire, message, error)

    def gone(self, wire: Wire, client: str) -> None:
        """A client is gone."""
        self._owned.pop(client, None)
        self.engine.client_gone(client)
        self._watches_no_more(client)

    def _later(
        self, result: Awaitable[Any], caller: Caller, message: Message, found: Found
    ) -> None:
        waiting = self._waiting.get(caller.client, 0)
        spare = MOST_HELD if message.member in _GIVES_BACK else 0
        if waiting >= MOST_WAITING + spare:
            # A coroutine that nobody runs would say so.
            with suppress(AttributeError):
                result.close()  # type: ignore[attr-defined]
            raise LimitError("requests that wait for their answer", MOST_WAITING)
        self._waiting[caller.client] = waiting + 1

        async def answered() -> None:
            try:
                self._answer(caller.wire, message, found, await result)
            except Exception as error:
                self._fail(caller.wire, message, error)
            finally:
                self._waiting[caller.client] -= 1
                if not self._waiting[caller.client]:
                    del self._waiting[caller.client]

        task = self._group.create_task(answered())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _answer(self, wire: Wire, message: Message, found: Found, result: Any) -> None:
        if message.flags.value & _NO_REPLY:
            return
        signature = found.method.out_signature
        wire.send(Message.new_method_return(message, signature, list(result)))

    def _fail(self, wire: Wire, message: Message, error: Exception) -> None:
        if self._leaving and isinstance(error, ClosedError):
            # It was asked before and waited: what it needed went meanwhile. Another service has it.
            error = _leaving()
        if isinstance(error, AudioSessionError) and has_name(error):
            name, text, data = to_wire(error)
            body = [text, data]
        elif isinstance(error, WireError):
            name, body = error.name, [carried(str(error))]
        else:
            _log.error("%s.%s failed", message.interface, message.member, exc_info=error)
            name, body = f"{DAEMON}.Error.Failed", [f"the service failed: {type(error).__name__}"]
        if message.flags.value & _NO_REPLY:
            return
        answer = Message(
            message_type=MessageType.ERROR,
            reply_serial=message.serial,
            destination=message.sender,
            error_name=name,
            signature="s" * len(body),
            body=body,
        )
        try:
            wire.send(answer)
        except Exception as problem:
            # One client's answer is not worth the service.
            _log.error("%s could not be sent", name, exc_info=problem)


def _leaving() -> HostUnavailableError:
    return HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, "the service is leaving")


def _size(value: Any) -> int:
    """About how long a request is; each item counts, so that none are free."""
    if isinstance(value, str | bytes):
        return len(value) + 4
    if isinstance(value, Variant):
        return 4 + _size(value.value)
    if isinstance(value, Mapping):
        return sum(_size(key) + _size(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return 4 + sum(map(_size, value))
    return 8


__all__ = ["BusService"]
