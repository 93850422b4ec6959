"""A machine with a sound card and a Bluetooth headset, and sessions that ask for routes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from audiosession.core.routing import RouteChange, RouteRequest
from audiosession.devices import AudioDeviceType
from audiosession.service.ledger import Ledger
from audiosession.service.routing.report import RoutingReport
from audiosession.service.servers.base import Card, CardPort, CardProfile, Direction, Endpoint
from audiosession.service.sessions import ServiceSession

from .fake_server import FakeServer, Stage

OUT, IN = Direction.PLAYBACK, Direction.CAPTURE
KIND = AudioDeviceType

CARD = "alsa_card"
HEADSET = "bluez_card"

SPEAKER = Endpoint(
    id="sink#speaker",
    name="Speaker",
    direction=OUT,
    type=KIND.BUILT_IN_SPEAKER,
    node="sink",
    port="speaker",
    card=CARD,
    default=True,
    channels=("FL", "FR"),
    sample_rate=48000.0,
    buffer_s=0.01,
    latency_s=0.02,
    volumes=(0.125, 0.064),
)
HEADPHONES = replace(
    SPEAKER,
    id="sink#headphones",
    name="Headphones",
    type=KIND.WIRED_HEADPHONES,
    port="headphones",
    removable=True,
    available=False,
    active=False,
    default=False,
)
MIC = Endpoint(
    id="source#mic",
    name="Microphone",
    direction=IN,
    type=KIND.BUILT_IN_MIC,
    node="source",
    port="mic",
    card=CARD,
    default=True,
    volumes=(0.027,),
)
USB = Endpoint(
    id="usb_sink",
    name="USB",
    direction=OUT,
    type=KIND.USB_AUDIO,
    node="usb_sink",
    removable=True,
)
USB_MIC = replace(USB, id="usb_source", direction=IN, node="usb_source")
MUSIC = Endpoint(
    id="bt.a2dp#out",
    name="Headset",
    direction=OUT,
    type=KIND.BLUETOOTH_A2DP,
    node="bt.a2dp",
    port="out",
    card=HEADSET,
    removable=True,
)
CALLS = replace(
    MUSIC,
    id="bt.hfp#out",
    type=KIND.BLUETOOTH_SCO,
    node="bt.hfp",
    port="out@hfp",
    sample_rate=16000.0,
)
CALLS_MIC = replace(CALLS, id="bt.hfp.source#in", direction=IN, node="bt.hfp.source", port="in")

SPEAKER_PORT = f"playback:{CARD}:speaker"
HEADPHONES_PORT = f"playback:{CARD}:headphones"
MIC_PORT = f"capture:{CARD}:mic"
MUSIC_PORT = f"playback:{HEADSET}:out"
CALLS_PORT = f"playback:{HEADSET}:out@hfp"
CALLS_MIC_PORT = f"capture:{HEADSET}:in"

PLAYS = RouteRequest()
JOINED = RouteRequest(records=True, receiver=True, a2dp=False)
CALLING = replace(JOINED, hands_free=True)


def sound_card(*, headphones: bool = False) -> Card:
    """The machine's own card."""

    def port(end: Endpoint, *, available: bool = True) -> CardPort:
        return CardPort(
            name=end.port,
            text=end.name,
            direction=end.direction,
            type=end.type,
            available=available,
            profiles=("duplex",),
        )

    return Card(
        id=CARD,
        text="Built-in audio",
        profile="duplex",
        profiles=(CardProfile(name="duplex", text=""), CardProfile(name="off", text="")),
        ports=(port(SPEAKER), port(HEADPHONES, available=headphones), port(MIC)),
    )


BLUETOOTH = Card(
    id=HEADSET,
    text="WH-1000",
    profile="a2dp",
    profiles=tuple(CardProfile(name=name, text="") for name in ("a2dp", "hfp", "off")),
    ports=(
        CardPort(
            name="out",
            text="Headset",
            direction=OUT,
            type=KIND.BLUETOOTH_A2DP,
            profiles=("a2dp",),
        ),
        CardPort(
            name="out@hfp",
            text="Headset",
            direction=OUT,
            type=KIND.BLUETOOTH_SCO,
            profiles=("hfp",),
        ),
        CardPort(
            name="in",
            text="Headset",
            direction=IN,
            type=KIND.BLUETOOTH_SCO,
            profiles=("hfp",),
        ),
    ),
    removable=True,
)


class Machine(FakeServer):
    """A server with these cards. It moves streams whose sink or source goes to the default's.

    As PulseAudio without its switch-on-connect, it makes the machine's own sink the default
    while the one that was chosen is away.
    """

    def __init__(self, *, headset: bool = False) -> None:
        super().__init__()
        self.cards = (sound_card(),)
        self.endpoints = (SPEAKER, HEADPHONES, MIC)
        self.by_profile = {
            (HEADSET, "a2dp"): (MUSIC,),
            (HEADSET, "hfp"): (CALLS, CALLS_MIC),
            (HEADSET, "off"): (),
        }
        self.chosen = SPEAKER.id
        if headset:
            self.cards += (BLUETOOTH,)
            self.chosen = MUSIC.id
            self.endpoints = self._with_default((*self.endpoints, MUSIC))

    async def move(self, stream: str, endpoint: str | None, *, stay: bool = False) -> None:
        if endpoint is None and stream in self.streams:
            # What nobody moved is where the default is.
            self._moved[stream] = self._default(self.streams[stream].direction)
        await super().move(stream, endpoint, stay=stay)

    def show_endpoints(self, *endpoints: Endpoint) -> None:
        super().show_endpoints(*self._with_default(endpoints))
        there = {each.id for each in endpoints}
        for id, stream in tuple(self.streams.items()):
            if stream.endpoint and stream.endpoint not in there:
                self.change(id, endpoint=self._default(stream.direction))

    def connect_headset(self) -> None:
        self.show_cards(*self.cards, BLUETOOTH)
        self.show_endpoints(*self.endpoints, MUSIC)

    def lose_headset(self) -> None:
        self.show_cards(*(each for each in self.cards if each.id != HEADSET))
        self.show_endpoints(*(each for each in self.endpoints if each.card != HEADSET))

    def choose(self, endpoint: str) -> None:
        """The user chooses the default output."""
        self.chosen = endpoint
        self.show_endpoints(*self.endpoints)

    def plug_headphones(self, plugged: bool) -> None:
        self.show_cards(
            *(sound_card(headphones=plugged) if c.id == CARD else c for c in self.cards)
        )
        ends = {each.id: each for each in self.endpoints}
        ends[HEADPHONES.id] = replace(HEADPHONES, available=plugged, active=plugged)
        ends[SPEAKER.id] = replace(SPEAKER, active=not plugged)
        if self.chosen in (SPEAKER.id, HEADPHONES.id):
            self.chosen = HEADPHONES.id if plugged else SPEAKER.id
        self.show_endpoints(*ends.values())

    def user_moves(self, stream: str, endpoint: str) -> None:
        self.change(stream, endpoint=endpoint)

    def profile(self, card: str = HEADSET) -> str:
        return next(each.profile for each in self.cards if each.id == card)

    def where(self, stream: str) -> str:
        return self.streams[stream].endpoint

    def did(self, what: str) -> list[tuple[Any, ...]]:
        return [call[1:] for call in self.calls if call[0] == what]

    def _with_default(self, endpoints: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
        chosen = self.chosen
        if all(each.id != chosen for each in endpoints):
            chosen = SPEAKER.id
        return tuple(
            each if each.direction is IN else replace(each, default=each.id == chosen)
            for each in endpoints
        )

    def _default(self, direction: Direction) -> str:
        return next(e.id for e in self.endpoints if e.default and e.direction is direction)


@dataclass
class Guest:
    """What a session hears of its route, in the list of all it hears. A RoutingEvents too."""

    words: list[str] = field(default_factory=list)
    reports: list[RoutingReport] = field(default_factory=list)
    changes: list[RouteChange] = field(default_factory=list)

    def routing_changed(self, report: RoutingReport) -> None:
        self.words.append("report")
        self.reports.append(report)

    def route_changed(self, change: RouteChange) -> None:
        self.words.append(f"route {change.reason.name}")
        self.changes.append(change)
        assert self.reports[-1].route == change.current

    @property
    def report(self) -> RoutingReport:
        return self.reports[-1]

    def outputs(self) -> tuple[str, ...]:
        return self.report.route.outputs

    def inputs(self) -> tuple[str, ...]:
        return self.report.route.inputs


class Desk(Stage):
    """A stage with such a machine."""

    server: Machine

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        return self

    def guest(
        self, request: RouteRequest = PLAYS, *, app: str = "guide", pid: int = 100
    ) -> tuple[ServiceSession, Guest]:
        """A session that asks for its route, and then for that request."""
        session, ear = self.open(app, pid=pid)
        guest = self.joined(session, request)
        guest.words = ear.words
        return session, guest

    def joined(self, session: ServiceSession, request: RouteRequest = PLAYS) -> Guest:
        guest = Guest()
        guest.reports.append(self.engine.routing.join(session, guest))
        self.engine.routing.request(session, request)
        return guest


def desk(*, headset: bool = False, ledger: Path | None = None) -> Desk:
    """A stage, its server not started yet."""
    stage = Desk(server=Machine(headset=headset))
    if ledger is not None:
        stage.engine.routing.keep_in(Ledger(ledger))
    return stage


async def turns(count: int = 40) -> None:
    """Lets the loop go round, so that what waits for nothing outside is done."""
    for _ in range(count):
        await asyncio.sleep(0)


def killed(stage: Desk) -> Machine:
    """The service dies; gives the server as it goes on without it."""
    machine = stage.server
    left = Machine()
    left.cards, left.endpoints, left.streams = machine.cards, machine.endpoints, machine.streams
    left.chosen, left._count, left._moved = machine.chosen, machine._count, machine._moved
    # Nothing of what the old engine does reaches anybody any more.
    machine.streams, machine.cards, machine.endpoints = {}, (), ()
    machine.refuses = True
    machine.answers = None
    return left


class Reborn(Desk):
    """A stage whose server has streams already."""

    async def __aenter__(self) -> Self:
        start = self.server.start

        async def with_streams(events: object) -> None:
            self.server.events = events  # type: ignore[assignment]
            self.server.link.cards_changed(self.server.cards)
            self.server.link.endpoints_changed(self.server.endpoints)
            for stream in self.server.streams.values():
                self.server.factors[stream.id] = 1.0
                self.server.link.stream_added(stream)
            await start(events)

        self.server.start = with_streams  # type: ignore[method-assign]
        await super().__aenter__()
        return self


def reborn(machine: Machine, path: Path) -> Reborn:
    stage = Reborn(server=machine)
    stage.engine.routing.keep_in(Ledger(path))
    return stage
