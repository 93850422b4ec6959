"""A sound server, media players and a stage for the engine, all in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from audiosession import AudioInterruptionEvent, AudioSessionConfiguration, recipe
from audiosession.devices import AudioDevicesChangedEvent, AudioDeviceType
from audiosession.errors import (
    HostUnavailableError,
    HostUnavailableReason,
    UnknownNameError,
    UnsupportedError,
)
from audiosession.hosts.base import ActivationRequest, ActivationResult
from audiosession.hosts.simulated import VirtualClock
from audiosession.policies import load_policy
from audiosession.service.engine import Engine
from audiosession.service.identity import ProcessIdentity
from audiosession.service.links import ServerLink
from audiosession.service.mpris import PlaybackStatus, Player
from audiosession.service.rules import RuleBook, parse_rules
from audiosession.service.servers.base import Card, Direction, Endpoint, ServerStream
from audiosession.service.sessions import ServiceSession

SPEAKER = Endpoint(
    id="card:speaker",
    name="Speaker",
    direction=Direction.PLAYBACK,
    type=AudioDeviceType.BUILT_IN_SPEAKER,
    node="card",
    port="speaker",
    default=True,
)
HEADPHONES = Endpoint(
    id="card:headphones",
    name="Headphones",
    direction=Direction.PLAYBACK,
    type=AudioDeviceType.WIRED_HEADPHONES,
    node="card",
    port="headphones",
    default=True,
    removable=True,
)


class FakeServer:
    """Implements SoundServer; what it is told is kept, what happens on it is called.

    ``calls`` has what routes ask of it, in order: ``("set_profile", card, profile)``,
    ``("set_port", endpoint)``, ``("move", stream, endpoint or None)`` and ``("set_volume",
    endpoint, volume)``. With ``obeys`` it does as it is told and reports it, else it does
    nothing; with ``refuses`` it raises UnsupportedError; with ``answers`` set, every call
    waits for that event first.
    """

    def __init__(self, name: str = "pipewire", step_s: float = 0.01) -> None:
        self.name = name
        self.step_s = step_s
        self.events: ServerLink | None = None
        self.streams: dict[str, ServerStream] = {}
        self.factors: dict[str, float] = {}
        self.batches: list[dict[str, float]] = []
        self.flushes = 0
        self.closed = False
        self.broken = False
        self.calls: list[tuple[Any, ...]] = []
        self.obeys = True
        self.refuses = False
        self.answers: asyncio.Event | None = None
        self.down = False
        self.cards: tuple[Card, ...] = ()
        self.endpoints: tuple[Endpoint, ...] = (SPEAKER,)
        self.by_profile: dict[tuple[str, str], tuple[Endpoint, ...]] = {}
        """The endpoints of a card in a profile, which set_profile puts for its others."""
        self._count = 0
        self._moved: dict[str, str] = {}

    async def start(self, events: Any) -> None:
        self.events = events
        if self.cards:
            events.cards_changed(self.cards)
        events.endpoints_changed(self.endpoints)
        events.server_up()

    async def set_profile(self, card: str, profile: str) -> None:
        await self._called("set_profile", card, profile)
        found = next((each for each in self.cards if each.id == card), None)
        if found is None:
            raise UnknownNameError("card", card, (each.id for each in self.cards))
        profiles = [each.name for each in found.profiles]
        if profile not in profiles:
            raise UnknownNameError("card profile", profile, profiles)
        if self.obeys:
            self.show_profile(card, profile)

    async def set_port(self, endpoint: str) -> None:
        await self._called("set_port", endpoint)
        found = self._endpoint(endpoint)
        if self.obeys:
            self.show_port(found.id)

    async def move(self, stream: str, endpoint: str | None, *, stay: bool = False) -> None:
        await self._called("move", stream, endpoint)
        if endpoint is not None:
            self._endpoint(endpoint)
        if stream not in self.streams or not self.obeys:
            return
        if endpoint is None:
            endpoint = self._moved.pop(stream, self.streams[stream].endpoint)
        elif stay:
            self._moved.pop(stream, None)
        else:
            self._moved.setdefault(stream, self.streams[stream].endpoint)
        if endpoint != self.streams[stream].endpoint:
            self.change(stream, endpoint=endpoint)

    async def set_volume(self, endpoint: str, volume: float) -> None:
        await self._called("set_volume", endpoint, volume)
        node = self._endpoint(endpoint).node
        if self.obeys:
            self.show_endpoints(
                *(
                    replace(each, volumes=(volume,) * len(each.volumes or (1.0,)), muted=False)
                    if each.node == node
                    else each
                    for each in self.endpoints
                )
            )

    async def _called(self, *call: Any) -> None:
        self.calls.append(call)
        if self.answers is not None:
            await self.answers.wait()
        if self.down:
            raise HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, self.name)
        if self.refuses:
            raise UnsupportedError(call[0], self.name)

    def _endpoint(self, id: str) -> Endpoint:
        found = next((each for each in self.endpoints if each.id == id), None)
        if found is None:
            raise UnknownNameError("endpoint", id, (each.id for each in self.endpoints))
        return found

    def apply(self, factors: Mapping[str, float]) -> None:
        if self.broken:
            raise OSError("the server is broken")
        self.batches.append(dict(factors))
        self.factors.update(
            {name: factor for name, factor in factors.items() if name in self.streams}
        )

    async def flush(self) -> None:
        self.flushes += 1

    async def close(self) -> None:
        self.factors = dict.fromkeys(self.factors, 1.0)
        self.closed = True

    # -- what happens on it ------------------------------------------------------------------

    @property
    def link(self) -> ServerLink:
        assert self.events is not None
        return self.events

    def play(self, *, pid: int | None = None, **given: Any) -> str:
        """A stream begins; properties may be given by name, with _ for a dot."""
        known = {"running", "muted", "volumes", "endpoint", "direction"}
        said = {name.replace("_", "."): value for name, value in given.items() if name not in known}
        self._count += 1
        stream = ServerStream(
            id=str(self._count),
            direction=given.get("direction", Direction.PLAYBACK),
            properties=said,
            pid=pid,
            running=given.get("running", True),
            muted=given.get("muted", False),
            volumes=given.get("volumes", (0.8, 0.8)),
            endpoint=given.get("endpoint", SPEAKER.id),
        )
        self.streams[stream.id] = stream
        self.factors[stream.id] = 1.0
        self.link.stream_added(stream)
        return stream.id

    def change(self, stream: str, **given: Any) -> None:
        """Something about a stream is different."""
        self.streams[stream] = replace(self.streams[stream], **given)
        self.link.stream_changed(self.streams[stream])

    def end(self, stream: str) -> None:
        """A stream ends."""
        del self.streams[stream]
        self.factors.pop(stream, None)
        self.link.stream_removed(stream)

    def show_cards(self, *cards: Card) -> None:
        """The cards are others."""
        self.cards = cards
        self.link.cards_changed(cards)

    def show_endpoints(self, *endpoints: Endpoint) -> None:
        """The endpoints are others."""
        self.endpoints = endpoints
        self.link.endpoints_changed(endpoints)

    def show_profile(self, card: str, profile: str) -> None:
        """A card works in another profile: by us or by the user."""
        self.show_cards(
            *(replace(each, profile=profile) if each.id == card else each for each in self.cards)
        )
        if (then := self.by_profile.get((card, profile))) is not None:
            others = [each for each in self.endpoints if each.card != card]
            self.show_endpoints(*others, *then)

    def show_port(self, endpoint: str) -> None:
        """A node uses another of its ports: by us or by the user."""
        wanted = self._endpoint(endpoint)
        default = any(each.default for each in self.endpoints if self._fellows(each, wanted))
        self.show_endpoints(
            *(
                replace(each, active=each.id == endpoint, default=default and each.id == endpoint)
                if self._fellows(each, wanted)
                else each
                for each in self.endpoints
            )
        )

    @staticmethod
    def _fellows(one: Endpoint, other: Endpoint) -> bool:
        return one.node == other.node and one.direction is other.direction

    def die(self) -> None:
        """The server is gone with everything on it."""
        self.down = True
        self.streams.clear()
        self.factors.clear()
        self._moved.clear()
        self.link.server_down("killed")

    def live(self) -> None:
        """It is back."""
        self.down = False
        if self.cards:
            self.link.cards_changed(self.cards)
        self.link.endpoints_changed(self.endpoints)
        self.link.server_up()


class FakePlayers:
    """Implements what the engine wants of Players: players of a process each."""

    def __init__(
        self, server: FakeServer, process: Callable[[int], ProcessIdentity | None]
    ) -> None:
        self.engine: Engine | None = None
        self.process = process
        self.server = server
        self.calls: list[str] = []
        self.players: dict[str, Player] = {}
        self._droppers: set[str] = set()
        self.ours: set[str] = set()
        self.for_good: set[str] = set()
        self._streams: dict[str, str] = {}

    def add(
        self,
        pid: int,
        stream: str = "",
        *,
        can_pause: bool = True,
        drops_stream: bool = False,
        left: bool = False,
    ) -> Player:
        """A player appears that sounds in that stream, and may drop it when it is paused.

        Or an earlier service left it paused.
        """
        player = Player(
            owner=f":1.{pid}",
            bus_name=f"org.mpris.MediaPlayer2.p{pid}",
            pid=pid,
            process=self.process(pid),
            status=PlaybackStatus.PAUSED if left else PlaybackStatus.PLAYING,
            can_pause=can_pause,
        )
        self.players[player.owner] = player
        if left:
            self.ours.add(player.owner)
        if drops_stream:
            self._droppers.add(player.owner)
        self._streams[player.owner] = stream
        assert self.engine is not None
        self.engine.player_added(player)
        return player

    def tie(self, player: Player, stream: str) -> None:
        """The stream is the player's."""
        self._streams[player.owner] = stream

    def go(self, player: Player) -> None:
        """A player leaves the bus."""
        assert self.engine is not None
        del self.players[player.owner]
        self.engine.player_gone(player)

    def player_for(self, process: ProcessIdentity) -> Player | None:
        return next((each for each in self.players.values() if each.pid == process.pid), None)

    def paused_by_us(self, player: Player) -> bool:
        return player.owner in self.ours

    async def pause(self, player: Player, *, for_good: bool = False) -> bool:
        if for_good:
            self.for_good.add(player.owner)
        now = self.players.get(player.owner)
        if now is None or now.status is not PlaybackStatus.PLAYING or not now.can_pause:
            return False
        self.calls.append("pause")
        self.ours.add(player.owner)
        self._set(now, PlaybackStatus.PAUSED, ours=True)
        return True

    async def play(self, player: Player) -> bool:
        if player.owner not in self.ours or player.owner not in self.players:
            return False
        self.calls.append("play")
        self.ours.discard(player.owner)
        self._set(self.players[player.owner], PlaybackStatus.PLAYING, ours=True)
        return True

    def user_pauses(self, player: Player) -> None:
        """The user presses pause."""
        self.ours.discard(player.owner)
        self._set(self.players[player.owner], PlaybackStatus.PAUSED, ours=False)

    def user_plays(self, player: Player) -> None:
        """The user presses play."""
        self.ours.discard(player.owner)
        self._set(self.players[player.owner], PlaybackStatus.PLAYING, ours=False)

    def stops(self, player: Player) -> None:
        """What it plays is over."""
        self.ours.discard(player.owner)
        self._set(self.players[player.owner], PlaybackStatus.STOPPED, ours=False)

    def _set(self, player: Player, status: PlaybackStatus, *, ours: bool) -> None:
        assert self.engine is not None
        player = self.players[player.owner] = replace(player, status=status)
        self.engine.status_changed(player, status, ours=ours)
        stream, plays = self._streams[player.owner], status is PlaybackStatus.PLAYING
        if stream not in self.server.streams:
            if plays:
                self._streams[player.owner] = self.server.play(pid=player.pid)
        elif player.owner in self._droppers and not plays:
            self.server.end(stream)
        else:
            self.server.change(stream, running=plays)


class Ear:
    """What an app hears. Implements HostEvents."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def interruption(self, event: AudioInterruptionEvent) -> None:
        self.words.append(f"{'begin' if event.begin else 'end'} {event.type.value}")

    def becoming_noisy(self) -> None:
        self.words.append("noisy")

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        self.words.append("devices")

    def gained_claim(self) -> None:
        self.words.append("gained")

    def lost_claim(self) -> None:
        self.words.append("lost")


class Eye:
    """What an observer sees. Implements EngineObserver."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def session_opened(self, id: str) -> None:
        self.seen.append(f"opened {id}")

    def session_changed(self, id: str) -> None:
        self.seen.append(f"changed {id}")

    def session_closed(self, id: str) -> None:
        self.seen.append(f"closed {id}")

    def stream_changed(self, id: str) -> None:
        self.seen.append(f"stream {id}")

    def stream_closed(self, id: str) -> None:
        self.seen.append(f"ended {id}")

    def decided(self, number: int) -> None:
        self.seen.append(f"decided {number}")

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        self.seen.append("devices")

    def became_noisy(self) -> None:
        self.seen.append("noisy")

    def idle_changed(self, idle: bool) -> None:
        self.seen.append("idle" if idle else "busy")


@dataclass
class Stage:
    """An engine on a clock moved by hand, with fake servers and players."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    server: FakeServer = field(default_factory=FakeServer)
    more: tuple[FakeServer, ...] = ()
    rules: str = ""
    policy: str = "default"
    keep: int = 512
    parents: dict[int, tuple[int, ...]] = field(default_factory=dict)
    flatpaks: dict[int, str] = field(default_factory=dict)
    looked_up: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        user = parse_rules(self.rules, source="/home/me/policy.toml")
        self.engine = Engine(
            policy=load_policy(self.policy),
            rules=RuleBook.of(user),
            scheduler=self.clock,
            keep=self.keep,
            identify=self.identify,
        )
        self.players = FakePlayers(self.server, self.identify)
        self.players.engine = self.engine
        self.engine.use_players(self.players)
        for server in (self.server, *self.more):
            self.engine.add_server(server)

    def identify(self, pid: int) -> ProcessIdentity | None:
        self.looked_up.append(pid)
        return ProcessIdentity(
            pid=pid,
            start_time=pid,
            binary=f"program{pid}",
            ancestors=self.parents.get(pid, ()),
            flatpak_app=self.flatpaks.get(pid, ""),
        )

    async def __aenter__(self) -> Stage:
        await self.engine.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.engine.close()

    def open(
        self, app: str = "guide", *, pid: int | None = 100, client: str = ""
    ) -> tuple[ServiceSession, Ear]:
        ear = Ear()
        session = self.engine.open_session(client=client or f":{app}", app=app, pid=pid, events=ear)
        return session, ear

    def factor(self, stream: str) -> float:
        return self.server.factors[stream]


def asks(what: str | AudioSessionConfiguration) -> ActivationRequest:
    """A request as an app with that recipe makes it."""
    return ActivationRequest.of(recipe(what) if isinstance(what, str) else what)


async def activate(session: ServiceSession, what: str) -> ActivationResult:
    """Activates with a recipe."""
    return await session.activate(asks(what))
