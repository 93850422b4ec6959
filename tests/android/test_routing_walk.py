"""Whatever happens to devices, modes and calls: what is chosen is there, and one wish holds."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from audiosession.android import AndroidAudioHardwareMode
from audiosession.hosts.simulated import SimulatedApp
from tests.android.routing_kit import Sco, Type, phone, talk

Mode = AndroidAudioHardwareMode
PLUGS = ("wired headset", "bluetooth headset", "bluetooth hands-free", "usb audio", "hdmi")
APPS = ("a", "b", "c")


class Walk(RuleBasedStateMachine):
    """Devices come and go, apps wish, talk and die: what is chosen is always there."""

    def __init__(self) -> None:
        super().__init__()
        self.device = phone()
        self.routing = self.device.android.routing
        self.plugged: set[str] = set()

    def app(self, name: str) -> SimulatedApp:
        app = self.device.app(name)
        if not app.alive:
            app.relaunch()
        return app

    @rule(what=st.sampled_from(PLUGS))
    def plug_or_pull(self, what: str) -> None:
        if what in self.plugged:
            self.device.unplug(what)
        else:
            self.device.plug(what)
        self.plugged ^= {what}

    @precondition(lambda self: self.routing.devices)
    @rule(name=st.sampled_from(APPS), data=st.data())
    def wish(self, name: str, data: st.DataObject) -> None:
        device = data.draw(st.sampled_from(self.routing.devices))
        there = device.id in self.routing.communication.available()
        blocked = device.type is Type.BLUETOOTH_SCO and self.routing.communication.in_call
        if there:
            taken = self.routing.communication.request(self.app(name).id, device.id)
            assert taken is not blocked
            self.routing.refresh()

    @rule(name=st.sampled_from(APPS))
    def clear(self, name: str) -> None:
        self.routing.communication.clear(name)
        self.routing.refresh()

    @rule(name=st.sampled_from(APPS))
    def sco(self, name: str) -> None:
        self.routing.communication.start_sco(self.app(name).id)
        self.routing.refresh()

    @rule(name=st.sampled_from(APPS), mode=st.sampled_from([0, 3]))
    def mode(self, name: str, mode: int) -> None:
        self.routing.set_mode(self.app(name), mode)

    @rule(name=st.sampled_from(APPS))
    def talks(self, name: str) -> None:
        talk(self.app(name))

    @rule(name=st.sampled_from(APPS))
    def dies(self, name: str) -> None:
        self.app(name).kill()
        assert self.routing.communication.wish(name) is None
        assert name not in [request.app for request in self.routing.modes.requests]

    @rule(accept=st.booleans())
    def telephone(self, accept: bool) -> None:
        ringing = self.device.incoming_call()
        if accept:
            ringing.accept()
            assert self.routing.modes.mode is Mode.IN_CALL
            ringing.end()
        else:
            ringing.decline()

    @rule(fails=st.booleans())
    def link_fails(self, fails: bool) -> None:
        self.routing.sco_fails = fails

    @rule()
    def link_breaks(self) -> None:
        self.routing.break_sco()

    @rule(seconds=st.sampled_from([0.1, 0.5, 1.0, 6.0, 10.0]))
    def time(self, seconds: float) -> None:
        self.device.advance(seconds)

    @invariant()
    def what_is_chosen_is_there(self) -> None:
        communication = self.routing.communication
        there = {port.id for port in self.device.plugs.ports}
        available = communication.available()
        assert all(request.device in available for request in communication.requests)
        apps = [request.app for request in communication.requests]
        assert len(apps) == len(set(apps))
        chosen = communication.device()
        assert chosen in available
        assert self.routing.info(chosen) is not None
        assert self.routing.port_for_calls() in there | {""}
        owner = self.routing.modes.owner
        winner = communication.winner
        if owner is not None and winner is not None:
            assert winner.app == owner

    @invariant()
    def the_link_is_as_the_wish_has_it(self) -> None:
        communication = self.routing.communication
        assert communication.wants_sco is (communication.sco_state is not Sco.DISCONNECTED)
        connecting = communication.sco_state is Sco.CONNECTING
        assert connecting is (self.routing.changing_until is not None)


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=60, stateful_step_count=40)
