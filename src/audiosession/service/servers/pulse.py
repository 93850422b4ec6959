"""PulseAudio as a sound server: streams are lowered by their volume, which is given back exactly.

PulseAudio knows no factor beside the volume that the user sees, and it remembers that volume
for the app's next stream (module-stream-restore). So three things are done beside setting it:
the user's own volume is in the ledger before the first change; what the server remembers is
corrected after each change, as soon as the server's own event says that it has remembered; and
before every change of ours the volume is read in the same breath, so that a change by somebody
else is told from ours by its value and not by when it comes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial

from ...errors import HostUnavailableError, HostUnavailableReason
from ..ledger import Ledger
from .base import Direction, ServerEvents
from .pulse_debts import Debts
from .pulse_routes import PulseRoutes
from .pulse_slot import Slot, Traces, slot_id
from .pulse_values import State, Stream
from .pulse_volume import Raw, after_user
from .pulse_wire import Change, PulseLink, Subject

_log = logging.getLogger("audiosession.service")

_STEP_S = 0.001
_STEP_PER_STREAM_S = 0.00025
"""A read and a set take about 0.2 ms of this process and the server together."""

_BACKOFF_S = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
_LOOK_PAUSE_S = 0.05
"""Between two looks at everything about changed streams; volumes and states are seen at once."""

_SAVE_PAUSE_S = 0.02
"""Between two corrections of what the server and the ledger remember of living streams."""

_CLOSE_S = 5.0
_DIRECTIONS = {Subject.PLAYBACK: Direction.PLAYBACK, Subject.CAPTURE: Direction.CAPTURE}


class PulseServer:
    """PulseAudio. Implements SoundServer.

    Args:
        ledger: Where the users' volumes are kept while streams are lowered.
        server: Where the server is, in libpulse's words; None for libpulse's own choice.
    """

    def __init__(self, ledger: Ledger, *, server: str | None = None) -> None:
        self._where = server
        self._events: ServerEvents | None = None
        self._link: PulseLink | None = None
        self._routes = PulseRoutes(ledger)
        self._keeper: asyncio.Task[None] | None = None
        self._closed = False
        self._lost = True
        self._wake = asyncio.Event()
        self._waiting: list[tuple[asyncio.Future[None], Callable[[], bool]]] = []
        self._looking = False
        self._backlog: list[tuple[Subject, Change, int]] | None = None
        self._slots: dict[str, Slot] = {}
        self._clients: dict[int, dict[str, str]] = {}
        self._asked: set[int] = set()
        """Clients that are being read and did not change meanwhile."""
        self._reported: tuple[object, object] = (None, None)
        """The cards and endpoints."""
        self._debts = Debts(ledger)
        self._traces = Traces()
        # What the keeper has to do.
        self._fresh: dict[str, tuple[Direction, int]] = {}
        self._restless: set[str] = set()
        """Fresh ones that changed while they were read."""
        self._stale: set[str] = set()
        self._endpoints_stale = False

    @property
    def name(self) -> str:
        """``pulseaudio``."""
        return "pulseaudio"

    @property
    def step_s(self) -> float:
        """A millisecond, more when many streams are lowered: what the server can follow."""
        return max(_STEP_S, _STEP_PER_STREAM_S * len(self._debts))

    # Life

    async def start(self, events: ServerEvents) -> None:
        """Connects, mends what a crash left behind, reports everything, then ``server_up``.

        Raises:
            HostUnavailableError: no PulseAudio answers.
        """
        self._events = events
        try:
            await self._open()
        except ConnectionError as error:
            self._drop()
            raise HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, str(error)) from error
        except BaseException:
            self._drop()
            raise
        # It lives from here to close(), which may be called by another task.
        self._keeper = asyncio.ensure_future(self._keep())  # noqa: TID251

    async def close(self) -> None:
        """Gives every volume back, exactly, waits for that, and disconnects.

        Streams that are still moved are taken back.
        """
        if self._closed:
            return
        for slot in self._slots.values():
            slot.factor = 1.0
            self._pump(slot)
        try:
            async with asyncio.timeout(_CLOSE_S):
                if self._link is not None and not self._lost:
                    await self._routes.moves.take_all_back(self._link, self._slots)
                    self._wake.set()
                await self._until(self._is_clean)
        except ConnectionError as error:
            _log.debug("nothing left to give back: %s", error)
        except TimeoutError:
            # The ledger still holds what is owed.
            _log.warning("PulseAudio did not take every volume back within %g s", _CLOSE_S)
        self._closed = True
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        self._drop()

    async def set_profile(self, card: str, profile: str) -> None:
        """See :class:`.base.SoundServer`; a card that does not follow in time refuses.

        module-card-restore keeps the profile of a card until it is set back, but for Bluetooth.
        """
        await self._change(lambda link: self._routes.set_profile(link, card, profile))

    async def set_port(self, endpoint: str) -> None:
        """See :class:`.base.SoundServer`; a node that does not follow in time refuses.

        module-device-restore keeps the port of a node until it is set back.
        """
        await self._change(lambda link: self._routes.set_port(link, endpoint))

    async def set_volume(self, endpoint: str, volume: float) -> None:
        """See :class:`.base.SoundServer`."""
        await self._change(lambda link: self._routes.set_volume(link, endpoint, volume))

    async def move(self, stream: str, endpoint: str | None, *, stay: bool = False) -> None:
        """See :class:`.base.SoundServer`. Moves that were not taken back end with a restart.

        Where the user has moved the stream meanwhile, ``None`` leaves it.
        """
        slot = self._slots.get(stream)
        await self._change(lambda link: self._routes.move(link, slot, endpoint, stay))
        self._wake.set()

    async def _change(self, change: Callable[[PulseLink], Awaitable[None]]) -> None:
        link = self._link
        if link is None or self._lost:
            raise HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, "PulseAudio")
        try:
            await change(link)
        except ConnectionError as error:
            raise HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, str(error)) from error

    async def flush(self) -> None:
        """Returns when the server has every volume applied so far, or is gone."""
        await self._until(lambda: all(slot.settled for slot in self._slots.values()))

    async def _until(self, true: Callable[[], bool]) -> None:
        """Waits for a condition that is looked at whenever something was done; or for the end."""
        if true() or self._lost:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter = (done, true)
        self._waiting.append(waiter)
        try:
            await done
        finally:
            self._waiting.remove(waiter)

    def _progress(self) -> None:
        """Has the waiting look again, once however much is done in one turn of the loop."""
        if self._waiting and not self._looking:
            self._looking = True
            asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        self._looking = False
        for done, true in self._waiting:
            if not done.done() and (self._lost or true()):
                done.set_result(None)

    def _is_clean(self) -> bool:
        settled = all(slot.settled for slot in self._slots.values())
        return settled and self._debts.none and self._routes.moves.none

    def _drop(self) -> None:
        """Forgets everything about the connection."""
        link, self._link, self._lost = self._link, None, True
        for slot in self._slots.values():
            slot.gone = True
        self._slots.clear()
        self._clients.clear()
        self._asked.clear()
        self._reported = None, None
        self._routes.lost()
        # They stay in the ledger, for the next connection to mend.
        self._debts.drop()
        self._fresh.clear()
        self._restless.clear()
        self._stale.clear()
        self._progress()
        if link is not None:
            link.close()

    async def _keep(self) -> None:
        """Looks after the connection, and everything that is not urgent, until cancelled."""
        while True:
            try:
                await self._work()
                reason = "PulseAudio hung up"
            except Exception as error:
                reason = str(error)
                if not isinstance(error, ConnectionError):
                    _log.exception("the connection to PulseAudio is given up")
            self._drop()
            self._down(reason)
            attempt = 0
            while self._link is None:
                await asyncio.sleep(_BACKOFF_S[min(attempt, len(_BACKOFF_S) - 1)])
                attempt += 1
                try:
                    await self._open()
                except (HostUnavailableError, ConnectionError) as error:
                    _log.debug("PulseAudio does not answer yet: %s", error)
                    self._drop()
                except Exception:
                    self._drop()
                    _log.exception("PulseAudio cannot be used")

    def _down(self, reason: str) -> None:
        self._tell(lambda events: events.server_down(reason))

    async def _open(self) -> None:
        """Connects, mends, reports; raises ConnectionError when the connection ends meanwhile."""
        self._backlog = []
        link = PulseLink(self._where, on_event=self._on_event, on_end=self._on_end)
        server = await link.connect()
        self._link, self._lost = link, False
        self._debts.cookie = server.cookie
        if "PipeWire" in server.name:
            raise HostUnavailableError(
                HostUnavailableReason.NO_SOUND_SERVER,
                f"it is {server.name} that answers for PulseAudio",
            )
        await self._refresh_endpoints(link)
        slots = [await self._slot_of(link, stream) for stream in await link.streams()]
        await self._debts.mend(link, slots)
        await self._routes.moves.mend(link, slots)
        self._check_alive()
        for slot in slots:
            self._slots[slot.id] = slot
            self._heal(slot)
            self._pump(slot)
        await self.flush()
        self._check_alive()
        for slot in slots:
            if not slot.gone:
                self._report(slot)
        backlog, self._backlog = self._backlog or [], None
        for subject, change, index in backlog:
            self._on_event(subject, change, index)
        self._tell(lambda events: events.server_up())

    def _check_alive(self) -> None:
        if self._lost:
            raise ConnectionError("PulseAudio hung up")

    def _on_end(self) -> None:
        # Nothing that is under way will be answered.
        self._lost = True
        self._wake.set()
        self._progress()

    def _tell(self, what: Callable[[ServerEvents], None]) -> None:
        """Reports; an error of the receiver must not reach into libpulse."""
        assert self._events is not None
        try:
            what(self._events)
        except Exception:
            _log.exception("a report of PulseAudio's was not taken")

    # Events of the server

    def _on_event(self, subject: Subject, change: Change, index: int) -> None:
        if self._backlog is not None and subject is not Subject.ENDPOINTS:
            self._backlog.append((subject, change, index))
            return
        if subject is Subject.ENDPOINTS:
            self._endpoints_stale = True
        elif subject is Subject.CLIENT:
            self._on_client(change, index)
        else:
            self._on_stream(_DIRECTIONS[subject], change, index)
        self._wake.set()

    def _on_client(self, change: Change, index: int) -> None:
        self._asked.discard(index)
        if self._clients.pop(index, None) is not None and change is Change.CHANGED:
            self._stale |= {slot.id for slot in self._slots.values() if slot.stream.client == index}

    def _on_stream(self, direction: Direction, change: Change, index: int) -> None:
        key = slot_id(direction, index)
        slot = self._slots.get(key)
        if change is Change.REMOVED:
            self._fresh.pop(key, None)
            self._restless.discard(key)
            if slot is not None:
                self._on_removed(slot)
        elif slot is None:
            if key in self._fresh:
                self._restless.add(key)
            self._fresh[key] = direction, index
        else:
            self._routes.moves.heard(slot)
            self._stale.add(key)
            slot.look, slot.stuck = True, False
            slot.heard = not slot.setting
            self._pump(slot)

    def _on_removed(self, slot: Slot) -> None:
        slot.gone = True
        del self._slots[slot.id]
        self._stale.discard(slot.id)
        self._debts.end(slot)
        self._routes.moves.end(slot)
        if slot.reported is not None:
            self._tell(lambda events: events.stream_removed(slot.id))
        self._progress()

    def _server_saved(self, slot: Slot) -> None:
        """The server told a change after the last one of ours: it has remembered that by now."""
        slot.heard = False
        if slot.last == slot.user:
            slot.unsaved = False
        if slot.last != slot.user or slot.factor < 1.0:
            self._debts.correct(slot)
            self._wake.set()
        elif slot.settled:
            self._forget(slot)

    def _forget(self, slot: Slot) -> None:
        """Nothing is owed to a stream any more."""
        if slot.factor >= 1.0 and slot.id in self._debts:
            self._debts.settle(slot)
            self._wake.set()

    # Volumes

    def apply(self, factors: Mapping[str, float]) -> None:
        """Sets the linear factors of these streams; returns at once, the last one wins.

        When the ledger cannot be written nothing is lowered, and the log says so.
        """
        wanted = []
        for key, factor in factors.items():
            slot = self._slots.get(key)
            if slot is not None and slot.stream.adjustable:
                wanted.append((slot, min(1.0, max(0.0, factor))))
        first = [slot for slot, factor in wanted if factor < 1.0 and slot.id not in self._debts]
        refused = set() if self._debts.write_down(first) else {slot.id for slot in first}
        for slot, factor in wanted:
            if slot.id not in refused:
                slot.factor = factor
                self._pump(slot)

    def _pump(self, slot: Slot) -> None:
        """Does the next thing that a stream needs, unless something is under way already."""
        link = self._link
        if slot.busy or slot.gone or link is None:
            return
        target = slot.target
        if target == slot.last and not slot.look:
            if not slot.unsaved:
                self._forget(slot)
            self._progress()
            return
        slot.busy, slot.look = True, False
        stream = slot.stream
        # What is read is what the set replaces. Only a change that the server takes from somebody
        # else just between the two is lost: a few in a hundred of those made during a fade.
        slot.setting = target != slot.last
        link.read(stream.direction, stream.index, partial(self._on_read, slot))
        if slot.setting:
            if (owed := self._debts.get(slot.id)) is not None:
                self._traces.add(owed, target)
            link.set_volume(
                stream.direction, stream.index, target, partial(self._on_set, slot, target)
            )

    def _on_read(self, slot: Slot, state: State | None) -> None:
        if slot.gone:
            return
        if state is not None:
            if state.volume != slot.last:
                self._changed_by_user(slot, state.volume)
            if state != slot.stream.state:
                if state.node != slot.stream.state.node:
                    self._endpoints_stale = True
                    self._wake.set()
                slot.stream = replace(slot.stream, state=state)
            self._report(slot, known_only=True)
        if not slot.setting:
            slot.busy = False
            if slot.heard:
                self._server_saved(slot)
            self._pump(slot)

    def _changed_by_user(self, slot: Slot, now: Raw) -> None:
        if slot.last == slot.user:
            slot.user = now
        else:
            slot.user = after_user(slot.user, slot.last, reversed(slot.recent), now)
        slot.last = now
        slot.recent.clear()
        if slot.id in self._debts:
            self._debts.write_down([slot])

    def _on_set(self, slot: Slot, target: Raw, success: bool) -> None:
        if slot.gone:
            return
        slot.busy = slot.setting = slot.heard = False
        if success:
            slot.recent.append(slot.last)
            slot.last = target
            slot.moved = slot.unsaved = True
        else:
            slot.stuck = True
        self._pump(slot)

    # What is not urgent

    async def _work(self) -> None:
        """Does what events asked for until the connection is lost."""
        clock = asyncio.get_running_loop().time
        next_save = next_look = 0.0
        while True:
            due = [next_save] * self._debts.wait
            due += [next_look] * bool(self._stale)
            try:
                async with asyncio.timeout_at(min(due, default=None)):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            link = self._link
            if self._lost or link is None:
                return
            await self._take_fresh(link)
            # A stream that ended may be followed by another of its app at once.
            if self._debts.urge or (self._debts.wait and clock() >= next_save):
                await self._debts.pay(link)
                self._routes.moves.heard_all()
                self._progress()
                next_save = clock() + _SAVE_PAUSE_S
            if self._routes.moves.urge:
                await self._routes.moves.pay(link, self._slots)
                self._progress()
            if self._endpoints_stale:
                await self._refresh_endpoints(link)
            if self._stale and clock() >= next_look:
                await self._refresh_stale(link)
                next_look = clock() + _LOOK_PAUSE_S

    async def _take_fresh(self, link: PulseLink) -> None:
        while self._fresh:
            key, (direction, index) = next(iter(self._fresh.items()))
            self._restless.discard(key)
            stream = await link.stream(direction, index)
            slot = None if stream is None else await self._slot_of(link, stream)
            # Players begin corked and go on at once.
            changed = key in self._restless
            self._restless.discard(key)
            if self._fresh.pop(key, None) is None or slot is None or slot.id in self._slots:
                continue
            self._slots[slot.id] = slot
            self._heal(slot)
            if changed:
                self._stale.add(key)
                slot.look = True
            self._report(slot)
            self._pump(slot)
            await self._routes.moves.born(link, slot)

    def _heal(self, slot: Slot) -> None:
        """Gives a stream the user's volume when it was born with one of our lowered ones."""
        user = self._traces.user_volume(slot.restore_id, slot.last)
        if user is not None and slot.id not in self._debts:
            slot.user = user
            slot.unsaved = self._debts.write_down([slot])

    async def _slot_of(self, link: PulseLink, stream: Stream) -> Slot:
        client: dict[str, str] = {}
        if stream.client is not None:
            if (known := self._clients.get(stream.client)) is not None:
                client = known
            else:
                self._asked.add(stream.client)
                client = await link.client_properties(stream.client)
                if stream.client in self._asked:
                    self._clients[stream.client] = client
                else:
                    # It changed meanwhile.
                    self._stale.add(slot_id(stream.direction, stream.index))
                self._asked.discard(stream.client)
        volume = stream.state.volume
        return Slot(
            stream=stream,
            user=volume,
            last=volume,
            client=client,
        )

    async def _refresh_stale(self, link: PulseLink) -> None:
        stale, self._stale = self._stale, set()
        for key in stale:
            slot = self._slots.get(key)
            if slot is None:
                continue
            if slot.moved:
                # Its events are our own mostly; it is looked at when the fade is over.
                slot.moved = False
                self._stale.add(key)
                continue
            await self._take_fresh(link)
            stream = await link.stream(slot.stream.direction, slot.stream.index)
            if stream is None or slot.gone:
                continue
            fresh = await self._slot_of(link, stream)
            # Its state is left to the reads, which may know of a newer one by now, and of what
            # was set before.
            slot.stream, slot.client = replace(stream, state=slot.stream.state), fresh.client
            self._report(slot, known_only=True)

    async def _refresh_endpoints(self, link: PulseLink) -> None:
        self._endpoints_stale = False
        await self._routes.refresh(link)
        before, self._reported = self._reported, (self._routes.cards, self._routes.endpoints)
        cards, endpoints = self._reported
        if cards != (before[0] or ()):
            self._tell(lambda events: events.cards_changed(cards))
        if endpoints != before[1]:
            self._tell(lambda events: events.endpoints_changed(endpoints))
        for slot in list(self._slots.values()):
            self._report(slot, known_only=True)
        self._routes.look()

    # Reports

    def _report(self, slot: Slot, *, known_only: bool = False) -> None:
        if slot.gone or (known_only and slot.reported is None):
            return
        now, before = slot.as_reported(self._routes.ids), slot.reported
        if self._endpoints_stale and before is not None and now.endpoint != before.endpoint:
            # It may have been moved because a sink goes, which is to be heard of first.
            return
        slot.reported = now
        if before is None:
            self._tell(lambda events: events.stream_added(now))
        elif before != now:
            self._tell(lambda events: events.stream_changed(now))


__all__ = ["PulseServer"]
