"""What holds of the router whatever happens, in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from audiosession.core.routing import (
    Port,
    RouteChange,
    RouteChangeReason,
    RoutePorts,
    Router,
    RouteRequest,
    choose_ports,
)
from audiosession.core.translate.apple import CATEGORIES

from .routing_kit import A2DP, AIRPLAY, DEVICES, HFP, LOUD, PHONE, SPEAKER, ask, connected
from .test_routing_walk import check

Reason = RouteChangeReason
NAMES = ("a", "b", "c")

sessions = st.sampled_from(NAMES)
requests = st.builds(
    ask,
    st.sampled_from([name.removeprefix("AVAudioSessionCategory") for name in CATEGORIES]),
    st.sampled_from(["Default", "VoiceChat", "VideoChat", "DualRoute"]),
    st.sets(st.sampled_from([HFP, LOUD, A2DP, AIRPLAY])).map(sum),
    st.sampled_from([0, 1]),
)


class Routing(RuleBasedStateMachine):
    """A phone, or a box with a loudspeaker and nothing else, and three sessions."""

    built_in: tuple[Port, ...] = PHONE

    def __init__(self) -> None:
        super().__init__()
        self.router = Router(self.built_in)
        self.asked: dict[str, RouteRequest] = {}
        self.count = 0

    def do(
        self,
        act: Callable[[], tuple[RouteChange, ...]],
        *reasons: Reason,
        fresh: tuple[str, ...] = (),
    ) -> None:
        """Does something and checks what is told of it.

        Args:
            act: What is done.
            reasons: What it may be told for, besides that no route fits.
            fresh: Sessions whose request may be another one after it.
        """
        before = {name: self.router.route(name) for name in NAMES}
        served = {
            name: name not in fresh and before[name].serves(self.asked[name]) for name in self.asked
        }
        changes = act()
        told = {change.session: change for change in changes}
        assert len(told) == len(changes)
        there = {port.id for port in self.router.ports}
        for name, request in self.asked.items():
            now = self.router.route(name)
            change = told.pop(name, None)
            same_told = reasons in ((Reason.WAKE_FROM_SLEEP,), (Reason.ROUTE_CONFIGURATION_CHANGE,))
            if change is None:
                assert now == before[name]
                assert not served[name] or now.serves(request)
                continue
            assert change.previous == before[name]
            assert change.current == now
            used = {*change.previous.inputs, *change.previous.outputs}
            assert set(change.lost) == used - there
            if change.reason is Reason.NO_SUITABLE_ROUTE_FOR_CATEGORY:
                assert not now.serves(request)
                assert served[name] or name in fresh
            else:
                assert change.reason in reasons
                assert change.previous != change.current or same_told
            own_doing = change.reason is Reason.OVERRIDE or reasons == (Reason.OVERRIDE,)
            if change.previous != change.current and not own_doing:
                assert not self.router.overridden(name)
        assert told == {}

    @rule(device=st.sampled_from(sorted(DEVICES)))
    def connects(self, device: str) -> None:
        if all(port.device != device for port in self.router.ports):
            self.count += 1
            ports = tuple(connected(device, order=self.count))
            self.do(lambda: self.router.connect(ports), Reason.NEW_DEVICE_AVAILABLE)

    @precondition(lambda self: len(self.router.ports) > len(self.built_in))
    @rule(data=st.data())
    def disconnects(self, data: st.DataObject) -> None:
        there = sorted({port.device for port in self.router.ports if not port.built_in})
        device = data.draw(st.sampled_from(there))
        self.do(lambda: self.router.disconnect(device), Reason.OLD_DEVICE_UNAVAILABLE)

    @rule(session=sessions, request=requests)
    def asks(self, session: str, request: RouteRequest) -> None:
        fresh = (session,) if self.asked.get(session) != request else ()
        self.asked[session] = request
        self.do(lambda: self.router.request(session, request), Reason.CATEGORY_CHANGE, fresh=fresh)

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def leaves(self, data: st.DataObject) -> None:
        session = data.draw(st.sampled_from(sorted(self.asked)))
        del self.asked[session]
        self.do(lambda: self.router.request(session, None))
        assert self.router.route(session) == RoutePorts()

    @precondition(lambda self: any(one.receiver for one in self.asked.values()))
    @rule(data=st.data(), speaker=st.booleans())
    def overrides(self, data: st.DataObject, speaker: bool) -> None:
        joined = sorted(name for name, one in self.asked.items() if one.receiver)
        session = data.draw(st.sampled_from(joined))
        self.do(lambda: self.router.override(session, speaker), Reason.OVERRIDE)
        assert self.router.overridden(session) == speaker
        if speaker:
            assert self.router.route(session).outputs == ("speaker",)

    @precondition(lambda self: any(map(self.router.available_inputs, self.asked)))
    @rule(data=st.data())
    def prefers(self, data: st.DataObject) -> None:
        able = sorted(name for name in self.asked if self.router.available_inputs(name))
        session = data.draw(st.sampled_from(able))
        port = data.draw(st.sampled_from(["", *self.router.available_inputs(session)]))
        self.do(lambda: self.router.prefer_input(session, port), Reason.OVERRIDE)
        assert self.router.preferred_input(session) == port
        if port and not self.router.overridden(session) and not self.asked[session].dual:
            assert self.router.route(session).inputs == (port,)

    @rule(session=sessions)
    def is_interrupted(self, session: str) -> None:
        self.do(lambda: self.router.interrupted(session), Reason.OVERRIDE)
        assert not self.router.overridden(session)

    @rule(data=st.data())
    def chooses_where_long_form_sounds(self, data: st.DataObject) -> None:
        outputs = [
            port.id
            for port in self.router.ports
            if port.is_output and port.kind not in ("builtInEarpiece", "bluetoothSco")
        ]
        port = data.draw(st.sampled_from(["", *outputs]))
        self.do(lambda: self.router.share_output(port), Reason.OVERRIDE)
        assert self.router.shared_output == port

    @rule()
    def wakes(self) -> None:
        self.do(self.router.woke, Reason.WAKE_FROM_SLEEP)

    @rule(data=st.data())
    def reconfigures(self, data: st.DataObject) -> None:
        port = data.draw(st.sampled_from([port.id for port in self.router.ports]))
        self.do(lambda: self.router.reconfigured(port), Reason.ROUTE_CONFIGURATION_CHANGE)

    @invariant()
    def routes_are_what_a_choice_gives(self) -> None:
        shared = self.router.shared_output
        for name, request in self.asked.items():
            whole = replace(
                request,
                override_speaker=self.router.overridden(name),
                preferred_input=self.router.preferred_input(name),
                preferred_output=shared if request.long_form else "",
            )
            ports = tuple(
                port
                for port in self.router.ports
                if request.long_form or port.id != shared or port.kind != "airPlay"
            )
            assert self.router.route(name) == check(ports, whole) == choose_ports(ports, whole)

    @invariant()
    def who_long_form_is_chosen_for_sounds_there_together(self) -> None:
        long_form = {self.router.route(n) for n, one in self.asked.items() if one.long_form}
        assert len(long_form) <= 1

    @invariant()
    def wishes_are_for_what_is_there(self) -> None:
        there = {"", *(port.id for port in self.router.ports)}
        assert all(self.router.preferred_input(name) in there for name in NAMES)
        assert self.router.shared_output in there


class BareRouting(Routing):
    """Where what is needed is often missing."""

    built_in = (SPEAKER,)


TestRouting = Routing.TestCase
TestRouting.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestBareRouting = BareRouting.TestCase
TestBareRouting.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
