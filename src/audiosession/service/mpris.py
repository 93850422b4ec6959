"""Media players on the session bus: who plays, and pausing them as a user would.

MPRIS 2.2 is spoken by players that know nothing of audio sessions. What a player does after
our Pause or Play is told from what its user does by order: a request is outstanding until the
player reports the status asked for, and that report alone is the answer. Peers are told apart
by their unique names, which the bus vouches for. Whom we pause is written down before, so that
the next service lets them go on when this one is killed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Protocol

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from .identity import ProcessIdentity, identify
from .ledger import Ledger
from .mpris_wire import (
    BUS,
    BUS_PATH,
    PATH,
    PLAYER,
    PREFIX,
    PROPERTIES,
    call_bus,
    error_text,
    get_all,
    is_player,
    question,
    text,
    value,
)
from .paused import PausedPlayers

_log = logging.getLogger("audiosession")

MAX_PLAYERS = 256
ANSWER_S = 2.0
_MAX_LOOKS = 3
_MAX_ASKS = 5
"""How often a player is asked again that did not answer, each time for twice as long: a minute
in all."""

_MATCHES = (
    f"type='signal',sender='{BUS}',path='{BUS_PATH}',interface='{BUS}',"
    f"member='NameOwnerChanged',arg0namespace='{PREFIX}'",
    f"type='signal',path='{PATH}',interface='{PROPERTIES}',"
    f"member='PropertiesChanged',arg0='{PLAYER}'",
)


class PlaybackStatus(Enum):
    """What a player does, in the words of MPRIS."""

    PLAYING = "Playing"
    """It plays."""
    PAUSED = "Paused"
    """It is paused, and goes on where it was."""
    STOPPED = "Stopped"
    """It has nothing to play, or says nothing that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """A media player as it was when this was made; equal to itself later on."""

    owner: str
    """Its unique name on the bus; never used again."""
    bus_name: str
    """The well-known name it was found under."""
    pid: int = 0
    """Its process, from the bus; a proxy's for a sandboxed one; 0 when not known."""
    process: ProcessIdentity | None = None
    """Who that process is."""
    identity: str = ""
    """What it calls itself."""
    desktop_entry: str = ""
    """Its application id, as it says."""
    status: PlaybackStatus = PlaybackStatus.STOPPED
    """What it does."""
    can_pause: bool = False
    """Whether it can be paused, as far as it says and answers."""

    @property
    def names(self) -> tuple[str, ...]:
        """What a rule may know it by: bus name, the same without its prefix, identity."""
        short = self.bus_name.removeprefix(f"{PREFIX}.")
        return tuple(name for name in (self.bus_name, short, self.identity) if name)


class PlayerEvents(Protocol):
    """Where players are reported. Called in the event loop, in the order of the bus."""

    def player_added(self, player: Player) -> None:
        """A player is there."""

    def status_changed(self, player: Player, status: PlaybackStatus, *, ours: bool) -> None:
        """It plays, is paused or stopped now.

        Args:
            player: As it is now.
            status: What it does now.
            ours: Whether that is the answer to our own request; otherwise it is the user's
                doing, or the player's own.
        """

    def player_gone(self, player: Player) -> None:
        """It left the bus."""


class _Record:
    """What is known of a player and what was asked of it."""

    def __init__(self, owner: str, name: str) -> None:
        self.player = Player(owner=owner, bus_name=name)
        self.names = [name]
        self.known = False
        self.says_can_pause: bool | None = None
        self.answers = True
        self.signals = 0
        self.lock = asyncio.Lock()
        self.asked: PlaybackStatus | None = None
        self.answer: asyncio.Future[bool] | None = None
        self.late_serial = 0
        self.paused_by_us = False
        self.for_good = False
        self.left = False
        self.give_back = False
        self.complained = False
        self.later: asyncio.Task[None] | None = None

    def settle(self, confirmed: bool) -> None:
        """Tells whoever waits for the answer."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(confirmed)


class Players:
    """The media players of a session bus.

    Args:
        bus: A connected bus; stays the caller's.
        events: Where they are reported.
        tasks: Where players that come later are asked who they are.
        ledger: Where the players that we paused outlive this process.
        answer_s: How long a player may take to answer, in seconds; one that takes longer is
            not paused by us.
        identify: Tells who a process is.
    """

    def __init__(
        self,
        bus: MessageBus,
        events: PlayerEvents,
        *,
        tasks: asyncio.TaskGroup,
        ledger: Ledger,
        answer_s: float = ANSWER_S,
        identify: Callable[[int], ProcessIdentity | None] = identify,
    ) -> None:
        self._bus = bus
        self._events = events
        self._tasks = tasks
        self._answer_s = answer_s
        self._identify = identify
        self._records: dict[str, _Record] = {}
        self._paused = PausedPlayers(ledger)
        self._left: frozenset[str] = frozenset()
        self._too_many = False
        self._matched: list[str] = []

    async def start(self) -> None:
        """Finds the players there are; they are reported before this returns.

        One that an earlier service paused, and that still is, counts as paused by us.

        Raises:
            ConnectionError: the bus does not answer.
        """
        self._bus.add_message_handler(self._handle)
        for match in _MATCHES:
            if await self._ask_bus("AddMatch", "s", match) is None:
                raise ConnectionError("the session bus gives no notice of players")
            self._matched.append(match)
        answer = await self._ask_bus("ListNames")
        if answer is None:
            raise ConnectionError("the session bus does not list its names")
        bus = await self._ask_bus("GetId")
        if bus is None:
            raise ConnectionError("the session bus does not say which one it is")
        self._left = self._paused.begin(bus[0])
        async with asyncio.TaskGroup() as group:
            for name in answer[0]:
                if is_player(name):
                    group.create_task(self._find(name))
        self._paused.strike(self._left - self._records.keys())

    async def close(self) -> None:
        """Forgets the players, unsaid, and the bus within ``answer_s``.

        What was paused stays paused, until a service starts again.
        """
        self._bus.remove_message_handler(self._handle)
        for record in self._records.values():
            record.settle(False)
            if record.later is not None:
                record.later.cancel()
        self._records.clear()
        matched, self._matched = self._matched, []
        if self._bus.connected:
            async with asyncio.TaskGroup() as group:
                for match in matched:
                    group.create_task(self._ask_bus("RemoveMatch", "s", match))

    def __iter__(self) -> Iterator[Player]:
        return (record.player for record in self._records.values() if record.known)

    def now(self, player: Player) -> Player | None:
        """The player as it is now; ``None`` when it is gone."""
        record = self._records.get(player.owner)
        return record.player if record is not None and record.known else None

    def player_for(self, process: ProcessIdentity) -> Player | None:
        """The player that a process's sound belongs to.

        The process itself, else the nearest of its parents (browsers play from a child), else
        one of its Flatpak instance, else one of its Flatpak application. Of several the one
        that plays.
        """
        players = sorted(self, key=lambda each: each.status is not PlaybackStatus.PLAYING)
        for pid in (process.pid, *process.ancestors):
            # The first process of all is everybody's parent.
            if pid > 1:
                for player in players:
                    if player.pid == pid:
                        return player
        for key in ("flatpak_instance", "flatpak_app"):
            wanted = getattr(process, key)
            for player in players:
                if wanted and player.process and getattr(player.process, key) == wanted:
                    return player
        return None

    async def pause(self, player: Player, *, for_good: bool = False) -> bool:
        """Pauses the player.

        A user who pauses it in the same moment, before our request reaches it, cannot be told
        from us.

        Args:
            player: The player.
            for_good: Whether it is not to go on by itself, also if it is paused already.

        Returns:
            Whether it is paused now because of us. False when it did not play, cannot be
            paused, is gone, cannot be written down, or did not confirm in time; should it
            still do it late, that is reported as ours.
        """
        record = self._records.get(player.owner)
        if record is None:
            return False
        async with record.lock:
            if for_good:
                record.for_good = True
                self._account(record)
            if record.asked is PlaybackStatus.PAUSED:
                # A late answer is still to come; it is wanted again.
                record.give_back = False
                return False
            if record.player.status is not PlaybackStatus.PLAYING or not record.player.can_pause:
                return False
            record.for_good = for_good
            if not for_good and not self._paused.write(player.owner, player.bus_name):
                return False
            return await self._request(record, "Pause", PlaybackStatus.PAUSED)

    async def play(self, player: Player) -> bool:
        """Lets a player go on that we paused.

        Returns:
            Whether it plays because of us. False when we did not pause it, the user has
            touched it since, or it is gone. One that has yet to carry out our Pause is let go
            on as soon as it has.
        """
        record = self._records.get(player.owner)
        if record is None:
            return False
        async with record.lock:
            if record.asked is PlaybackStatus.PAUSED:
                record.give_back = True
                return False
            if not record.paused_by_us or record.player.status is not PlaybackStatus.PAUSED:
                return False
            return await self._request(record, "Play", PlaybackStatus.PLAYING)

    def paused_by_us(self, player: Player) -> bool:
        """Whether it is paused because of us and nobody has touched it since."""
        record = self._records.get(player.owner)
        return record is not None and record.paused_by_us

    async def _let_go_on(self, record: _Record) -> None:
        await self.play(record.player)

    async def _request(self, record: _Record, member: str, wanted: PlaybackStatus) -> bool:
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        request = question(record.player.owner, PLAYER, member)
        request.serial = self._bus.next_serial()
        record.asked, record.answer, record.late_serial = wanted, answer, request.serial
        try:
            async with asyncio.timeout(self._answer_s):
                reply = await self._bus.call(request)
                if reply is None or reply.message_type is MessageType.ERROR:
                    record.asked = None
                    self._complain(record, f"refused: {error_text(reply)}")
                    return False
                # Some players never report a change; all can be asked.
                await self._look(record)
                return await answer
        except TimeoutError:
            if not record.late_serial:
                # It has dealt with the request, and did nothing.
                record.asked = None
            self._complain(record, f"did not {member.lower()} within {self._answer_s:g} s")
            record.answers = False
            self._observe(record, {})
            return False
        except asyncio.CancelledError:
            if not record.late_serial:
                self._spawn(self._after_reply(record))
            raise
        except (EOFError, OSError) as error:
            self._complain(record, f"cannot be reached: {error}")
            return False
        finally:
            record.answer = None
            self._account(record)

    async def _after_reply(self, record: _Record) -> None:
        """Ends a request that nobody waits for any more, once it was dealt with."""
        wanted = record.asked
        await self._look_again(record)
        if record.asked is wanted:
            record.asked = None
            record.give_back = False
        self._account(record)

    def _account(self, record: _Record) -> None:
        """Has the ledger forget a player that is not, and will not be, ours to let go on."""
        ours = record.paused_by_us or record.asked is PlaybackStatus.PAUSED
        if record.for_good or not ours:
            self._paused.strike((record.player.owner,))

    def _complain(self, record: _Record, problem: str) -> None:
        if not record.complained and record.player.owner in self._records:
            record.complained = True
            _log.warning("player %s %s; it is silenced instead", record.player.bus_name, problem)

    async def _look(self, record: _Record) -> None:
        """Asks for the status and takes it, unless the player reports one meanwhile."""
        for _ in range(_MAX_LOOKS):
            before = record.signals
            reply = await self._bus.call(
                question(record.player.owner, PROPERTIES, "Get", "ss", PLAYER, "PlaybackStatus")
            )
            if reply is None or reply.message_type is MessageType.ERROR:
                return
            if record.signals == before:
                self._observe(record, {"PlaybackStatus": reply.body[0]})
                return

    # ---- who is there -------------------------------------------------------------------------

    async def _find(self, name: str) -> None:
        answer = await self._ask_bus("GetNameOwner", "s", name)
        if answer is not None:
            await self._adopt(name, answer[0])

    async def _adopt(self, name: str, owner: str) -> None:
        """Asks a player who it is and reports it; another name of a known one is noted."""
        if (record := self._records.get(owner)) is not None:
            if name not in record.names:
                record.names.append(name)
            return
        if len(self._records) >= MAX_PLAYERS:
            if not self._too_many:
                self._too_many = True
                _log.warning("more than %d players; the rest are left alone", MAX_PLAYERS)
            return
        record = self._records[owner] = _Record(owner, name)
        record.left = owner in self._left
        if not await self._introduce(record, self._answer_s):
            record.later = self._spawn(self._introduce_later(record))

    async def _introduce_later(self, record: _Record) -> None:
        """Asks a player again: it may wait for its sound, or the whole machine may be busy."""
        patience_s = self._answer_s
        for _ in range(_MAX_ASKS):
            patience_s *= 2
            if await self._introduce(record, patience_s):
                return

    async def _introduce(self, record: _Record, patience_s: float) -> bool:
        """Asks a player who it is and reports it.

        One that takes too long is reported as one that cannot be paused, and then once more
        as what it is.

        Returns:
            Whether there is nothing left to ask.
        """
        owner = record.player.owner
        try:
            answer = await call_bus(
                self._bus, self._answer_s, "GetConnectionUnixProcessID", "s", owner
            )
        except TimeoutError:
            return False
        if answer is None:
            # The bus knows the process of everybody who is still there.
            if self._records.get(owner) is record:
                del self._records[owner]
            return True
        pid: int = answer[0]
        mute = record.known and not record.answers
        answered = True
        root: Mapping[str, Any] | None = None
        try:
            for _ in range(_MAX_LOOKS):
                before = record.signals
                state = await get_all(self._bus, owner, PLAYER, patience_s)
                if state is None or record.signals == before:
                    break
        except TimeoutError:
            if record.known:
                return False
            answered, state = False, None
        if state is None:
            record.answers = False
            self._complain(record, "does not say what it does")
        else:
            # What it reports from now on is newer than this answer.
            self._observe(record, state, quiet=True)
            with suppress(TimeoutError):
                root = await get_all(self._bus, owner, PREFIX, patience_s)
        if self._records.get(owner) is not record:
            return True
        if mute:
            record.known = False
            self._events.player_gone(record.player)
        record.player = replace(
            record.player,
            pid=pid,
            process=self._identify(pid) if pid else None,
            identity=text(root, "Identity"),
            desktop_entry=text(root, "DesktopEntry"),
        )
        if not record.known:
            record.known = True
            self._events.player_added(record.player)
        return answered

    async def _ask_bus(self, member: str, signature: str = "", *body: Any) -> list[Any] | None:
        """The bus's answer; ``None`` when there is none in time."""
        try:
            return await call_bus(self._bus, self._answer_s, member, signature, *body)
        except TimeoutError:
            return None

    # ---- what they report ---------------------------------------------------------------------

    def _handle(self, message: Message) -> None:
        if message.message_type in (MessageType.METHOD_RETURN, MessageType.ERROR):
            record = self._records.get(message.sender or "")
            late = record is not None and message.reply_serial == record.late_serial
            if record is not None and late:
                record.late_serial = 0
                if record.answer is None:
                    self._spawn(self._after_reply(record))
            return
        if message.message_type is not MessageType.SIGNAL:
            return
        if message.member == "NameOwnerChanged" and message.sender == BUS:
            name, old, new = message.body
            if is_player(name):
                self._lost(name, old)
                if new:
                    self._spawn(self._adopt(name, new))
        elif message.member == "PropertiesChanged" and message.path == PATH:
            record = self._records.get(message.sender or "")
            if record is not None and message.signature == "sa{sv}as":
                interface, changed, invalidated = message.body
                if interface == PLAYER:
                    self._properties(record, changed, invalidated)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
        try:
            return self._tasks.create_task(work)
        except RuntimeError:
            # The group is ending, and with it our interest.
            work.close()
            return None

    def _properties(
        self, record: _Record, changed: Mapping[str, Any], invalidated: list[str]
    ) -> None:
        if "PlaybackStatus" in changed or "CanPause" in changed:
            record.signals += 1
            self._observe(record, changed, quiet=not record.known)
        elif "PlaybackStatus" in invalidated and record.known:
            self._spawn(self._look_again(record))

    async def _look_again(self, record: _Record) -> None:
        try:
            async with asyncio.timeout(self._answer_s):
                await self._look(record)
        except (TimeoutError, EOFError, OSError):
            self._complain(record, "does not say what it does")

    def _lost(self, name: str, owner: str) -> None:
        record = self._records.get(owner)
        if record is None or name not in record.names:
            return
        record.names.remove(name)
        if record.names:
            return
        del self._records[owner]
        self._paused.strike((owner,))
        record.settle(False)
        if record.known:
            self._events.player_gone(record.player)

    def _observe(self, record: _Record, values: Mapping[str, Any], *, quiet: bool = False) -> None:
        """Takes what a player says of itself, and reports a change of status."""
        old, status = record.player, record.player.status
        if "PlaybackStatus" in values:
            status = _status(values["PlaybackStatus"])
            record.answers = True
        if isinstance(said := value(values, "CanPause"), bool):
            record.says_can_pause = said
        can_pause = record.answers and record.says_can_pause is not False
        record.player = replace(old, status=status, can_pause=can_pause)
        if record.left and "PlaybackStatus" in values:
            self._take_over(record, at_start=quiet)
        elif quiet and record.paused_by_us and status is not PlaybackStatus.PAUSED:
            record.paused_by_us = False
            self._account(record)
        if status is old.status or quiet or self._records.get(old.owner) is not record:
            return
        ours = record.asked is status
        if ours or status is PlaybackStatus.STOPPED:
            record.asked = None
        record.paused_by_us = ours and status is PlaybackStatus.PAUSED
        self._account(record)
        record.settle(ours)
        self._events.status_changed(record.player, status, ours=ours)
        if record.give_back:
            record.give_back = False
            if record.paused_by_us:
                self._spawn(self._let_go_on(record))

    def _take_over(self, record: _Record, *, at_start: bool) -> None:
        """A player that an earlier service paused says for the first time what it does."""
        record.left = False
        if record.player.status is PlaybackStatus.PAUSED:
            if at_start:
                record.paused_by_us = True
            else:
                # Whoever had it paused cannot be waited for any more.
                record.asked, record.give_back = PlaybackStatus.PAUSED, True
        self._account(record)


def _status(value: Any) -> PlaybackStatus:
    try:
        return PlaybackStatus(getattr(value, "value", value))
    except ValueError:
        return PlaybackStatus.STOPPED


__all__ = ["MAX_PLAYERS", "PlaybackStatus", "Player", "PlayerEvents", "Players"]
