"""What holds whatever happens: random histories under every policy."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from itertools import combinations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from audiosession.core import (
    SILENCE_DB,
    Activate,
    Arbiter,
    Claim,
    ClientGone,
    CloseSession,
    Deactivate,
    Delayed,
    Denied,
    Effect,
    Event,
    Granted,
    HoldKind,
    Interrupted,
    Journal,
    OpenSession,
    Outcome,
    Policy,
    Press,
    Reconfigure,
    Released,
    RevokeApp,
    RevokeOwner,
    Role,
    SessionView,
    SetMultiFocus,
    Snapshot,
    Standing,
    StandingChanged,
    Stopped,
    StreamChanged,
    StreamGone,
    Tick,
    UserAction,
    UserIntent,
    replay,
)
from audiosession.core.codec import from_plain, to_plain
from audiosession.core.policy import DisciplineName
from audiosession.core.translate import (
    claim_from_category,
    claim_from_focus_request,
    claim_from_stream_role,
    claim_from_type,
)
from audiosession.policies import POLICIES, load_policy

NAMES = ("a", "b", "c", "d", "e", "f")
CLIENTS = ("client 1", "client 2", "client 3")
STREAMS = ("one", "two")
SCOPES = ("", "", "zone", "other zone")
PAGES = ("", "", "page", "other page")
MEDIA = ("long-form", "speech")
EXCLUSIVE_MEDIA = ("long-form", "exclusive")

any_claim = st.builds(
    Claim,
    role=st.sampled_from(Role),
    press=st.sampled_from(Press),
    scope=st.sampled_from(SCOPES),
    page=st.sampled_from(PAGES),
    **{
        field.name: st.booleans()
        for field in fields(Claim)
        if field.name not in ("role", "press", "scope", "page")
    },
)
likely_claims = st.one_of(
    st.builds(
        claim_from_category,
        st.sampled_from(
            [
                f"AVAudioSessionCategory{name}"
                for name in ("Ambient", "SoloAmbient", "Playback", "Record", "PlayAndRecord")
            ]
        ),
        st.sampled_from(["AVAudioSessionModeDefault", "AVAudioSessionModeSpokenAudio"]),
        st.sampled_from([0, 0x1, 0x2, 0x11, 0x13]),
    ),
    st.builds(
        claim_from_focus_request,
        st.sampled_from([1, 2, 4, 5, 6, 11, 12, 13, 16, 1000]),
        st.sampled_from([0, 1, 2]),
        st.integers(1, 4),
        accepts_delay=st.booleans(),
        will_pause_when_ducked=st.booleans(),
    ),
    st.builds(
        claim_from_stream_role, st.sampled_from(["music", "phone", "event", "podcast", "alarm"])
    ),
    st.builds(claim_from_type, st.sampled_from(["playback", "transient", "ambient"])),
)
claims = st.one_of(likely_claims, any_claim)
sessions = st.sampled_from(NAMES)


class Machine(RuleBasedStateMachine):
    """Random events; the listeners' and the levels' side is kept from the effects alone."""

    policy: Policy

    def __init__(self) -> None:
        super().__init__()
        self.journal = Journal(self.policy, keep=None)
        self.short = Journal(self.policy, keep=5)
        self.arbiter = self.journal.arbiter
        self.holds_discipline = self.policy.settings.discipline is DisciplineName.HOLDS
        self.now = 0.0
        self.begun: dict[str, HoldKind] = {}
        self.standings: dict[str, Standing] = {}
        self.shown: Snapshot = self.arbiter.snapshot()

    def feed(self, event: Event) -> tuple[Effect, ...]:
        effects = self.journal.handle(event, self.now)
        assert self.short.handle(event, self.now) == effects
        for effect in effects:
            self.listen(effect)
        gone = set(self.standings) - {view.session for view in self.arbiter.snapshot().sessions}
        for name in gone:
            del self.standings[name]
            self.begun.pop(name, None)
        if isinstance(event, OpenSession):
            self.standings[event.session] = Standing.INACTIVE
        self.shown = self.arbiter.snapshot()
        return effects

    def listen(self, effect: Effect) -> None:
        assert effect.session in self.standings, "an effect on a session that is not open"
        if isinstance(effect, Interrupted):
            assert self.begun.get(effect.session) is not effect.kind, "begun twice"
            if effect.told:
                self.begun[effect.session] = effect.kind
        elif isinstance(effect, Released):
            if effect.told:
                begun = self.begun.pop(effect.session, None)
                assert begun is effect.kind, f"end of {effect.kind} without its begin"
        elif isinstance(effect, Stopped):
            self.begun.pop(effect.session, None)
        elif isinstance(effect, StandingChanged):
            assert self.standings[effect.session] is effect.before
            assert effect.before is not effect.after
            self.standings[effect.session] = effect.after

    def give_up(self, name: str) -> None:
        """An app that gives up is not told that its interruption ends."""
        self.begun.pop(name, None)

    # -- what happens ----------------------------------------------------------------------

    @initialize(count=st.integers(2, 4))
    def begin(self, count: int) -> None:
        for number, name in enumerate(NAMES[:count]):
            self.feed(OpenSession(session=name, app=name, client=CLIENTS[number % 3]))

    @rule(
        name=sessions,
        app=st.sampled_from(["", "shared app"]),
        client=st.sampled_from(CLIENTS),
        group=st.sampled_from(["", "group"]),
    )
    def opens(self, name: str, app: str, client: str, group: str) -> None:
        if not self.arbiter.is_open(name):
            self.feed(OpenSession(session=name, app=app or name, client=client, group=group))

    @precondition(lambda self: self.standings)
    @rule(data=st.data(), claim=claims)
    def activates(self, data: st.DataObject, claim: Claim) -> None:
        name = self.draw(data)
        effects = self.give_up_or_not(data, Activate(session=name, claim=claim))
        (number,) = (
            number
            for number, effect in enumerate(effects)
            if effect.session == name
            and isinstance(effect, Granted | Denied | Delayed)
            and not (isinstance(effect, Granted) and effect.late)
        )
        answer, later = effects[number], {type(e) for e in effects[number:] if e.session == name}
        standing = self.standings[name]
        if isinstance(answer, Delayed):
            assert standing is Standing.WAITING or later & {Granted, Denied, Stopped}
        elif isinstance(answer, Granted):
            # It hears last how it stands now.
            assert standing is not Standing.WAITING
            assert standing is not Standing.INTERRUPTED or Interrupted in later
            assert standing is not Standing.INACTIVE or later & {Stopped, Interrupted}

    @precondition(lambda self: self.standings)
    @rule(data=st.data(), claim=claims)
    def reconfigures(self, data: st.DataObject, claim: Claim) -> None:
        self.give_up_or_not(data, Reconfigure(session=self.draw(data), claim=claim))

    @precondition(lambda self: self.standings)
    @rule(data=st.data(), scope=st.sampled_from(SCOPES))
    def moves(self, data: st.DataObject, scope: str) -> None:
        name = self.draw(data)
        claim = self.shown.session(name).claim
        if claim is not None:
            event = Reconfigure(session=name, claim=replace(claim, scope=scope))
            self.give_up_or_not(data, event)

    @precondition(lambda self: self.standings)
    @rule(data=st.data(), notify=st.booleans())
    def deactivates(self, data: st.DataObject, notify: bool) -> None:
        name = self.draw(data)
        self.give_up(name)
        self.feed(Deactivate(session=name, notify_others=notify))

    @precondition(lambda self: self.standings)
    @rule(data=st.data())
    def closes(self, data: st.DataObject) -> None:
        self.feed(CloseSession(session=self.draw(data)))

    @rule(client=st.sampled_from(CLIENTS))
    def dies(self, client: str) -> None:
        self.feed(ClientGone(client=client))

    @precondition(lambda self: self.standings)
    @rule(
        data=st.data(),
        stream=st.sampled_from(STREAMS),
        playing=st.booleans(),
        role=st.sampled_from([Role.MUSIC, Role.UNKNOWN, Role.PROMPT]),
        spoken=st.booleans(),
        backend=st.sampled_from(["", "", "aaudio"]),
    )
    def streams(
        self,
        data: st.DataObject,
        stream: str,
        playing: bool,
        role: Role,
        spoken: bool,
        backend: str,
    ) -> None:
        self.feed(
            StreamChanged(
                session=self.draw(data),
                stream=stream,
                playing=playing,
                role=role,
                spoken=spoken,
                backend=backend,
            )
        )

    @precondition(lambda self: self.standings)
    @rule(data=st.data(), stream=st.sampled_from(STREAMS))
    def stream_ends(self, data: st.DataObject, stream: str) -> None:
        name = self.draw(data)
        if self.arbiter.has_stream(name, stream):
            self.feed(StreamGone(session=name, stream=stream))

    @precondition(lambda self: self.standings)
    @rule(data=st.data(), intent=st.sampled_from(UserIntent))
    def user_acts(self, data: st.DataObject, intent: UserIntent) -> None:
        self.feed(UserAction(session=self.draw(data), intent=intent))

    @rule(app=st.sampled_from([*NAMES, "shared app"]), signal_next=st.booleans())
    def revokes(self, app: str, signal_next: bool) -> None:
        self.feed(RevokeApp(app=app, signal_next=signal_next))

    @rule(signal_next=st.booleans())
    def revokes_the_owner(self, signal_next: bool) -> None:
        self.feed(RevokeOwner(signal_next=signal_next))

    @rule(enabled=st.booleans())
    def switches(self, enabled: bool) -> None:
        self.feed(SetMultiFocus(enabled=enabled))

    @rule(seconds=st.sampled_from([0.0, 0.05, 0.3, 1.0, 1.9, 2.0, 5.0, 60.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.feed(Tick())

    def draw(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.standings)), label="session")

    def give_up_or_not(
        self, data: st.DataObject, event: Activate | Reconfigure
    ) -> tuple[Effect, ...]:
        """Feeds a request; where it asks anew the discipline may forget what went before."""
        before = self.begun.get(event.session)
        effects = self.feed(event)
        if before is not None and self.standings[event.session] in (
            Standing.ACTIVE,
            Standing.WAITING,
        ):
            self.give_up(event.session)
        return effects

    # -- what holds ------------------------------------------------------------------------

    @invariant()
    def standings_are_as_told(self) -> None:
        assert self.standings == {view.session: view.standing for view in self.shown.sessions}

    @invariant()
    def standings_follow_from_claims_and_holds(self) -> None:
        for view in self.shown.sessions:
            kinds = {hold.kind for hold in view.holds}
            if view.session in self.shown.waiting:
                assert view.standing is Standing.WAITING
            elif HoldKind.PAUSE in kinds:
                assert view.standing is Standing.INTERRUPTED
            elif view.session not in self.shown.active:
                assert view.standing is Standing.INACTIVE
            else:
                assert view.standing is (Standing.DUCKED if kinds else Standing.ACTIVE)

    @invariant()
    def every_hold_has_a_cause_with_a_claim(self) -> None:
        if not self.holds_discipline:
            return
        for view in self.shown.sessions:
            for hold in view.holds:
                assert hold.cause in self.shown.active
                assert hold.cause != hold.target == view.session

    @invariant()
    def every_rule_has_a_reason(self) -> None:
        for view in self.shown.sessions:
            for hold in view.holds:
                assert hold.because

    @invariant()
    def levels_follow_from_holds(self) -> None:
        for view in self.shown.sessions:
            levels = [hold.level_db for hold in view.holds if hold.enforced]
            if self.holds_discipline:
                pauses = (hold for hold in view.holds if hold.kind is HoldKind.PAUSE)
                assert all(hold.level_db == SILENCE_DB for hold in pauses)
            fading_out = view.target_db == SILENCE_DB and not levels
            if view.muted_by:
                assert view.standing is Standing.INACTIVE
                assert view.target_db == SILENCE_DB
                assert set(view.muted_by) <= set(self.shown.active)
            elif fading_out and self.policy.settings.final_fade_s > 0:
                assert view.standing is Standing.INACTIVE
            else:
                assert view.target_db == min(levels, default=0.0)
            assert SILENCE_DB <= view.gain_db <= 0.0

    @invariant()
    def no_two_exclusive_media_sound(self) -> None:
        if self.policy.name != "default":
            return
        sounding = [
            (view, view.claim)
            for view in (self.shown.session(name) for name in self.shown.active)
            if view.standing is Standing.ACTIVE and view.playing is not False and view.claim
        ]
        for (one, first), (two, second) in combinations(sounding, 2):
            if one.app == two.app:
                continue
            if not all(c.press in (Press.STOP, Press.SILENCE) for c in (first, second)):
                continue
            if first.mixable or second.mixable:
                continue
            assert not (self.is_media(first) and self.is_media(second))
            # Whoever fell silent and sounds again counts as the later of the two.
            outcomes = {self.outcome(first, second), self.outcome(second, first)}
            assert Outcome.MIX in outcomes, f"{one.session} and {two.session}"

    @invariant()
    def no_two_apple_apps_that_do_not_mix_are_active(self) -> None:
        if self.policy.name != "apple":
            return
        solo = [
            view
            for view in (self.shown.session(name) for name in self.shown.active)
            if view.claim
            and not view.claim.system
            and not view.claim.mixable
            and view.claim.press.displaces
        ]
        for one, two in combinations(solo, 2):
            assert one.app == two.app or self.apart(one, two)

    @invariant()
    def nobody_in_force_is_held_from_elsewhere(self) -> None:
        if not (self.policy.settings.scoped and self.holds_discipline):
            return
        for view in self.shown.sessions:
            if view.session in self.shown.active:
                for hold in view.holds:
                    assert not self.apart(view, self.shown.session(hold.cause))

    @staticmethod
    def apart(one: SessionView, two: SessionView) -> bool:
        """Whether two claims sound in different places."""
        assert one.claim is not None
        assert two.claim is not None
        return len({one.claim.scope, two.claim.scope} - {""}) == 2

    @invariant()
    def no_deadline_lies_behind(self) -> None:
        assert self.shown.next_deadline is None or self.shown.next_deadline > self.now

    def outcome(self, holder: Claim, newcomer: Claim) -> Outcome:
        cell = self.policy.cell(holder, newcomer)
        waits = cell.outcome is Outcome.DELAY_NEWCOMER and not newcomer.accepts_delay
        return cell.otherwise if waits and cell.otherwise is not None else cell.outcome

    def is_media(self, claim: Claim) -> bool:
        holder, newcomer = self.policy.holder_class(claim), self.policy.newcomer_class(claim)
        return holder in MEDIA and newcomer in EXCLUSIVE_MEDIA

    # -- at the end ------------------------------------------------------------------------

    def teardown(self) -> None:
        records = self.journal.records
        again = Arbiter(self.policy)
        for record in records:
            effects = again.handle(record.event, record.at)
            assert effects == record.effects, "same events, same effects"
            for value in (record.event, *record.effects):
                assert from_plain(json.loads(json.dumps(to_plain(value)))) == value
        snapshot = self.arbiter.snapshot()
        assert again.snapshot() == snapshot
        assert replay(records, self.policy).snapshot() == snapshot
        assert self.journal.replayed().snapshot() == snapshot
        assert self.short.replayed().snapshot() == snapshot
        assert self.short.arbiter.snapshot() == snapshot
        assert len(self.short.records) <= 5
        for name in list(self.standings):
            self.give_up(name)
            self.feed(Deactivate(session=name))
        self.now += 3600.0
        self.feed(Tick())
        assert (self.shown.active, self.shown.waiting) == ((), ())
        assert self.shown.next_deadline is None
        for view in self.shown.sessions:
            assert (view.holds, view.target_db, view.gain_db) == ((), 0.0, 0.0)


def scoped(name: str) -> Policy:
    """A policy that ships, whose claims are judged by where they sound."""
    policy = load_policy(name)
    changed = replace(policy.settings, scoped=True)
    return replace(policy, name=f"scoped {name}", settings=changed)


@pytest.mark.parametrize("name", [*POLICIES, "scoped default"])
def test_whatever_happens(name: str) -> None:
    policy = scoped("default") if name == "scoped default" else load_policy(name)
    machine = type(f"Machine_{name}", (Machine,), {"policy": policy})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=100,
            stateful_step_count=40,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
