"""Holds: each cause ends by itself.

A newcomer meets every holder by itself; what comes of each meeting is a hold between the
two, and the hold ends when its cause does. Several holds on one session never add up, and
the order in which they end does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..claims import Claim, page_group
from ..decision import Decision
from ..effects import HoldKind
from ..policy import Cell, Outcome, PageFocus, Resume
from ..state import Phase, Session
from .base import Discipline

_DISPLACES = (Outcome.PAUSE_HOLDER, Outcome.STOP_HOLDER)


class HoldsDiscipline(Discipline):
    """See the module."""

    def activate(self, d: Decision, session: Session, claim: Claim) -> None:
        verdict = self._verdict(d, session, claim)
        if verdict is not None:
            outcome, cause, rule = verdict
            if outcome is Outcome.DENY_NEWCOMER:
                d.deny(session, cause=cause, rule=rule)
                return
            self._leave(d, session, rule=rule, resume=True)
            d.wait(session, claim)
            d.delay(session, cause=cause, rule=rule)
            self._follow_up(d, but=session)
            return
        self._arrive(d, session, claim)
        d.grant(session, cause=session.id, rule="granted")
        self._follow_up(d)

    def deactivate(self, d: Decision, session: Session, *, notify: bool) -> None:
        resume = notify or d.settings.resume is Resume.ALWAYS
        rule = "deactivated" if resume else "deactivated-unsaid"
        self._leave(d, session, rule=rule, resume=resume)
        self._follow_up(d)

    def remove(
        self, d: Decision, sessions: Sequence[Session], *, signal_next: bool, rule: str
    ) -> None:
        for session in sessions:
            self._leave(d, session, rule=rule, resume=signal_next)
        self._follow_up(d)

    def reconfigure(self, d: Decision, session: Session, claim: Claim) -> None:
        if self._only_moves(d, session, claim):
            self._move(d, session, claim)
            return
        if session.level() is HoldKind.PAUSE:
            # To change what one asks for is not to ask again: the pause stays. What the new
            # claim asks of others it asks when it is heard again.
            if claim == session.claim:
                return
            if session.phase is not Phase.ACTIVE:
                session.claim = claim
                return
            d.reclaim(session, claim)
            session.pressing = False
            session.rejudge = True
            d.lift_all_by(session, rule="no longer asked")
            self._let_go_by_those_elsewhere(d, session, claim)
            self._follow_up(d)
            return
        by_user = session.paused_by_user
        self.activate(d, session, claim)
        session.paused_by_user = by_user

    # -- scopes: a claim that is judged elsewhere from now on ---------------------------------

    @staticmethod
    def _only_moves(d: Decision, session: Session, claim: Claim) -> bool:
        before = session.claim
        return (
            d.settings.scoped
            and session.phase is Phase.ACTIVE
            and before is not None
            and before.scope != claim.scope
            and replace(before, scope=claim.scope) == claim
        )

    def _move(self, d: Decision, session: Session, claim: Claim) -> None:
        """Judges a claim elsewhere, as if it had been there all along.

        Nobody asks for anything, so nobody is last: of two that meet only now, the one that
        asked later bears on the other. Whom it no longer meets it lets go, and is let go by.
        """
        before = session.claim
        assert before is not None
        met_now = [
            other
            for other in d.state.active.values()
            if self._meets(d, other, session, claim) and not self._meets(d, other, session, before)
        ]
        d.reclaim(session, claim)
        self._let_go_by_those_elsewhere(d, session, claim)
        for name in list(session.holding):
            held = d.state.sessions[name]
            # Who is inactive because of it goes on waiting for it to leave.
            stays = d.settings.interruption_ends_claim and held.phase is not Phase.ACTIVE
            if not stays and not self._meets(d, held, session, claim):
                d.lift(held, session.id, rule="elsewhere")
        if session.level() is HoldKind.PAUSE:
            # What it asks of others it asks when it is heard again.
            session.pressing = False
            session.rejudge = True
        # Whoever came later first: one who is interrupted on arrival bears on nobody.
        met_now.sort(key=lambda other: (other.arrived < session.arrived, other.arrived))
        for other in met_now:
            self._meet(d, session, other)
        self._follow_up(d)

    def _let_go_by_those_elsewhere(self, d: Decision, session: Session, claim: Claim) -> None:
        for name in list(session.held_by):
            if not self._meets(d, d.state.sessions[name], session, claim):
                d.lift(session, name, rule="elsewhere")

    def _meet(self, d: Decision, one: Session, other: Session) -> None:
        """Has the later of two claims bear on the earlier one."""
        holder, newcomer = sorted((one, other), key=lambda session: session.arrived)
        if holder.claim is None or newcomer.claim is None or newcomer.phase is not Phase.ACTIVE:
            return
        cell = d.policy.cell(holder.claim, newcomer.claim)
        heard = holder.phase is Phase.ACTIVE
        if newcomer.pressing and (heard or cell.outcome in _DISPLACES):
            self._bear(d, newcomer, holder, cell)
        if not (heard and holder.pressing) or newcomer.level() is HoldKind.PAUSE:
            return
        outcome = self._outcome(cell, newcomer.claim)
        if outcome is Outcome.DUCK_NEWCOMER:
            self._duck(d, newcomer, holder, cell)
        elif outcome in (Outcome.DENY_NEWCOMER, Outcome.DELAY_NEWCOMER):
            # What would not have been let in there cannot stay.
            self._leave(d, newcomer, rule=cell.rule, resume=True)
            d.stopped(newcomer, cause=holder.id, rule=cell.rule)

    # -- sound: grace of a holder that falls silent, settling of a guessed claim -------------

    def streams_changed(self, d: Decision, session: Session) -> None:
        claim = session.claim
        if session.phase is not Phase.ACTIVE or claim is None:
            return
        # Without any stream left nothing is heard; before the first one nothing is known.
        if any(stream.playing for stream in session.streams.values()):
            self._heard(d, session, claim)
            self._follow_up(d)
        else:
            self._unheard(d, session, claim)

    def timer(self, d: Decision, session: Session, kind: str) -> None:
        if session.level() is HoldKind.PAUSE:
            # Silent because it was made to be; both clocks start anew when it is let go.
            return
        if kind == "grace":
            session.pressing = False
            d.vacated = True
            d.lift_all_by(session, rule="silent")
        else:
            session.settled = True
            self._harden(d, session)
        self._follow_up(d)

    def _heard(self, d: Decision, session: Session, claim: Claim) -> None:
        """It sounds, as far as is known: its claim bears on others."""
        d.state.cancel_timer(session, "grace")
        if session.level() is HoldKind.PAUSE:
            return
        if self._is_provisional(d, session, claim) and "settle" not in session.timers:
            d.state.set_timer(session, "settle", d.now + d.settings.min_pause_s)
        if not session.pressing:
            session.pressing = True
            self._press(d, session, claim)

    @staticmethod
    def _unheard(d: Decision, session: Session, claim: Claim) -> None:
        """It is silent: after the grace time its claim no longer bears on others."""
        d.state.cancel_timer(session, "settle")
        grace = d.settings.silence_grace_s
        listens = claim.records or not claim.plays
        if grace is None or listens or not session.pressing or "grace" in session.timers:
            return
        if session.level() is HoldKind.PAUSE:
            return
        d.state.set_timer(session, "grace", d.now + grace)

    @staticmethod
    def _is_provisional(d: Decision, session: Session, claim: Claim) -> bool:
        """Whether it is a guess that has not sounded long enough to pause anybody."""
        return not claim.declared and not session.settled and d.settings.min_pause_s > 0

    def _harden(self, d: Decision, session: Session) -> None:
        """A sound that lasts pauses whom it had only lowered for being short."""
        assert session.claim is not None
        for target in list(session.holding):
            other = d.state.sessions[target]
            cell = d.policy.cell(other.claim or Claim(), session.claim)
            short = other.held_by[session.id].rule == "short-sound"
            if short and cell.outcome in _DISPLACES:
                self._displace(d, other, session, cell)

    def _follow_up(self, d: Decision, *, but: Session | None = None) -> None:
        """Lets what came free have its turn: first who was paused, then who waits."""
        while True:
            for name in d.take_freed():
                session = d.state.sessions[name]
                claim = session.claim
                if session.phase is not Phase.ACTIVE or claim is None:
                    continue
                if session.rejudge:
                    self._judge_again(d, session, claim)
                elif session.sounding:
                    self._heard(d, session, claim)
                else:
                    self._unheard(d, session, claim)
            if d.vacated:
                d.vacated = False
                self._retry_waiting(d, but=but)
            if not d.freed and not d.vacated:
                return

    def _judge_again(self, d: Decision, session: Session, claim: Claim) -> None:
        """A claim that changed during a pause is judged as it would be on arrival."""
        verdict = self._verdict(d, session, claim)
        if verdict is None:
            user_paused = session.paused_by_user
            self._arrive(d, session, claim)
            session.paused_by_user = user_paused
            return
        _, cause, rule = verdict
        self._leave(d, session, rule=rule, resume=True)
        d.stopped(session, cause=cause, rule=rule)

    # -- the judgement -----------------------------------------------------------------------

    def _meetings(self, d: Decision, session: Session, claim: Claim) -> list[tuple[Session, Cell]]:
        """Whom the claim meets with any outcome but *mix*, in order of their arrival.

        Goes by classes, so that it costs nothing to have many who are not concerned.
        """
        newcomer = d.policy.newcomer_class(claim)
        found = self._meetings_of_pages(d, session, claim)
        for holder, members in d.state.classes.items():
            cell = d.policy.cells[holder, newcomer]
            if cell.outcome is not Outcome.MIX:
                found += [
                    (other, cell)
                    for other in members.values()
                    if self._meets(d, other, session, claim)
                ]
        found.sort(key=lambda meeting: meeting[0].arrived)
        return found

    def _meetings_of_pages(
        self, d: Decision, session: Session, claim: Claim
    ) -> list[tuple[Session, Cell]]:
        """Whom a page's claim of computed kind meets in other pages that its page may displace.

        Two computed claims leave each other alone in one page only: a page that has the focus
        alone takes it from one that did not declare anything either.
        """
        focus = d.settings.page_focus
        if not claim.auto or not claim.scope or focus in (None, PageFocus.NONE):
            return []
        said = replace(claim, auto=False)
        return [
            (other, cell)
            for other in d.state.active.values()
            if other.claim is not None
            and other.claim.auto
            and other.claim.scope not in ("", claim.scope)
            and self._meets(d, other, session, claim)
            and d.policy.cell(other.claim, claim).outcome is Outcome.MIX
            and (cell := d.policy.cell(other.claim, said)).outcome is not Outcome.MIX
        ]

    def _fallen(self, d: Decision, session: Session, claim: Claim) -> list[Session]:
        """Sessions whose claim an interruption has ended and that wait to be told to resume."""
        if not d.settings.interruption_ends_claim:
            return []
        names = {name: None for other in d.state.active.values() for name in other.holding}
        held = [d.state.sessions[name] for name in names]
        return [
            other
            for other in held
            if other.phase is Phase.INACTIVE and self._meets(d, other, session, claim)
        ]

    @staticmethod
    def _meets(d: Decision, other: Session, session: Session, claim: Claim) -> bool:
        """Whether the two are judged against each other."""
        settings = d.settings
        if other is session or other.claim is None:
            return False
        if (
            not settings.same_app_presses
            and other.app == session.app
            and other.group == session.group
        ):
            return False
        scopes = {claim.scope, other.claim.scope} - {""}
        if not settings.scoped or len(scopes) < 2:
            return True
        if settings.page_focus is PageFocus.GROUP:
            return len({page_group(scope) for scope in scopes}) == 2
        return settings.page_focus is PageFocus.SINGLE

    @staticmethod
    def _in_one_page(d: Decision, session: Session, other: Session) -> bool:
        """Whether both are of one page, where whoever is displaced is inactivated (W-035)."""
        if d.settings.page_focus is None or session.claim is None or other.claim is None:
            return False
        return session.claim.scope == other.claim.scope != ""

    def _verdict(
        self, d: Decision, session: Session, claim: Claim
    ) -> tuple[Outcome, str, str] | None:
        """Whether the request is denied or must wait, by whom and why."""
        crowd = len(d.state.active) + len(d.state.waiting)
        if session.phase is Phase.INACTIVE and crowd >= d.settings.max_active:
            return Outcome.DENY_NEWCOMER, "system", "limit"
        waits = None
        for other, cell in self._meetings(d, session, claim):
            if not other.pressing:
                continue
            outcome = self._outcome(cell, claim)
            if outcome is Outcome.DENY_NEWCOMER:
                return outcome, other.id, cell.rule
            if outcome is Outcome.DELAY_NEWCOMER and waits is None:
                waits = (outcome, other.id, cell.rule)
        return waits

    @staticmethod
    def _outcome(cell: Cell, claim: Claim) -> Outcome:
        if cell.outcome is Outcome.DELAY_NEWCOMER and not claim.accepts_delay:
            assert cell.otherwise is not None
            return cell.otherwise
        return cell.outcome

    def _arrive(self, d: Decision, session: Session, claim: Claim) -> None:
        """Puts the claim in force and rebuilds every hold between it and the others."""
        if session.phase is not Phase.ACTIVE:
            session.settled = False
        if session.held_by:
            # It asks for itself; nobody but its own app starts it again.
            session.resume_ok = False
        ducked_by: dict[str, Cell] = {}
        for other, cell in self._meetings(d, session, claim):
            if self._outcome(cell, claim) is Outcome.DUCK_NEWCOMER and other.pressing:
                ducked_by[other.id] = cell
        for cause in list(session.held_by):
            if cause not in ducked_by:
                d.lift(session, cause, rule="reclaimed", resume=False)
        d.enter(session, claim)
        for cause, cell in ducked_by.items():
            self._duck(d, session, d.state.sessions[cause], cell)
        if session.sounding:
            self._heard(d, session, claim)
        else:
            self._unheard(d, session, claim)
        self._press(d, session, claim)

    def _press(self, d: Decision, session: Session, claim: Claim) -> None:
        """Makes the session's holds on others what its claim asks, no more and no less."""
        wanted: dict[str, None] = {}
        for other in self._fallen(d, session, claim):
            cell = d.policy.cell(other.claim or Claim(), claim)
            if cell.outcome in _DISPLACES:
                wanted[other.id] = None
                self._displace(d, other, session, cell)
        for other, cell in self._meetings(d, session, claim):
            if other.id in session.held_by:
                # It came later and holds this one; the two do not lower each other.
                continue
            if self._bear(d, session, other, cell):
                wanted[other.id] = None
        for target in list(session.holding):
            if target in wanted:
                continue
            held = d.state.sessions[target]
            if held.phase is Phase.ACTIVE or not d.settings.interruption_ends_claim:
                d.lift(held, session.id, rule="no longer asked")

    def _bear(self, d: Decision, session: Session, other: Session, cell: Cell) -> bool:
        """Does to the other what the claim asks; whether that is anything."""
        assert session.claim is not None
        if cell.outcome in _DISPLACES:
            if other.rejudge and self._in_one_page(d, session, other):
                # Let go at the same time, and judged in a moment (W-035: it is not active yet).
                return False
            if self._is_provisional(d, session, session.claim):
                self._duck(d, other, session, cell, rule="short-sound")
            else:
                self._displace(d, other, session, cell)
            return True
        if cell.outcome is Outcome.DUCK_HOLDER:
            self._duck(d, other, session, cell)
            return True
        return False

    def _displace(self, d: Decision, other: Session, session: Session, cell: Cell) -> None:
        if cell.outcome is Outcome.STOP_HOLDER or self._in_one_page(d, session, other):
            silencers = [
                hold.cause for hold in other.held_by.values() if hold.kind is HoldKind.PAUSE
            ]
            self._leave(d, other, rule=cell.rule, resume=True)
            d.stopped(other, cause=session.id, rule=cell.rule)
            if d.settings.enforce_pause:
                d.mute(other, [session.id, *silencers])
            return
        d.place(other, session, HoldKind.PAUSE, rule=cell.rule, enforced=d.settings.enforce_pause)
        if d.settings.interruption_ends_claim:
            d.withdraw(other, cause=session.id, rule=cell.rule)
            # It did not say that others may resume.
            notified = d.settings.resume is Resume.ALWAYS
            d.lift_all_by(other, rule="interrupted", resume=notified)

    def _duck(
        self, d: Decision, target: Session, cause: Session, cell: Cell, *, rule: str = ""
    ) -> None:
        assert target.claim is not None
        by_system = target.claim.system_duck
        d.place(
            target,
            cause,
            HoldKind.DUCK,
            rule=rule or cell.rule,
            level_db=d.policy.level_db(cell),
            told=d.settings.tell_ducks or not by_system,
            enforced=by_system,
        )

    def _leave(self, d: Decision, session: Session, *, rule: str, resume: bool) -> None:
        if session.phase is Phase.INACTIVE and not session.held_by and not session.muted_by:
            return
        d.withdraw(session, cause=session.id, rule=rule)
        d.lift_all_by(session, rule=rule, resume=resume)
        d.clear_holds_on(session, rule=rule)

    def _retry_waiting(self, d: Decision, *, but: Session | None = None) -> None:
        """Grants what can be granted now, the highest rank first, then first come first."""
        rank = d.policy.rank
        queue = sorted(
            (waiting for waiting in d.state.waiting.values() if waiting is not but),
            key=lambda waiting: -rank[waiting.claim.role] if waiting.claim else 0,
        )
        for session in queue:
            claim = session.claim
            assert claim is not None
            # What would be refused at the moment goes on waiting: it was told to.
            if self._verdict(d, session, claim) is None:
                self._arrive(d, session, claim)
                d.grant(session, cause=session.id, rule="waited", late=True)
