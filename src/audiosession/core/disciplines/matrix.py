"""A matrix with blockers: losers remember who blocks them and regain when the last one goes.

The policy's cells say, for the holder's context and the requested one, whether the request
is refused (*deny newcomer*), drives the holder out (*pause holder*) or sounds beside it
(*mix*). What a driven-out or accompanied holder hears then depends on how hard the newcomer
asks. One request can wait. This is how a car treats audio focus (CarAudioFocus).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..claims import Claim, Press
from ..decision import Decision
from ..effects import HoldKind
from ..policy import Outcome
from ..state import Phase, Session
from .base import Discipline


class MatrixDiscipline(Discipline):
    """See the module."""

    softens = False

    def activate(self, d: Decision, session: Session, claim: Claim) -> None:
        if session.phase is not Phase.INACTIVE and session.claim is not None:
            swap = session.claim.locked and claim.locked and not session.held_by
            same = d.policy.holder_class(session.claim) == d.policy.holder_class(claim)
            if not same and not swap:
                d.deny(session, cause=session.id, rule="other-context")
                return
        refused = self._evaluate(d, session, claim)
        if refused is None:
            self._enter(d, session, claim)
            d.grant(session, cause=session.id, rule="granted")
            self._retry_waiting(d)
            return
        cause, rule = refused
        if claim.accepts_delay and claim.press is Press.STOP and rule != "exclusive-holder":
            for other in list(d.state.waiting.values()):
                if other is not session:
                    d.withdraw(other, cause=session.id, rule="newer-request-waits")
                    d.stopped(other, cause=session.id, rule="newer-request-waits")
            if session.phase is Phase.ACTIVE:
                self._take_out(d, session, rule="asked-again")
            d.wait(session, claim)
            self._lose_all(d, session, claim)
            d.delay(session, cause=cause, rule=rule)
            return
        d.deny(session, cause=cause, rule=rule)

    def deactivate(self, d: Decision, session: Session, *, notify: bool) -> None:
        self.remove(d, [session], signal_next=True, rule="abandoned")

    def remove(
        self, d: Decision, sessions: Sequence[Session], *, signal_next: bool, rule: str
    ) -> None:
        # What waits is tried before losers are restored, so that nobody is given back
        # for a moment what the waiting request takes away again.
        held: list[tuple[Session, list[Session]]] = []
        for session in sessions:
            targets = [d.state.sessions[name] for name in session.holding]
            if session.phase is not Phase.INACTIVE:
                d.withdraw(session, cause=session.id, rule=rule)
            d.clear_holds_on(session, rule=rule)
            held.append((session, targets))
        self._retry_waiting(d)
        for session, targets in held:
            for target in targets:
                d.lift(target, session.id, rule=rule)

    # -- the judgement -------------------------------------------------------------------------

    def _entries(self, d: Decision, session: Session) -> list[Session]:
        """Holders and losers alike."""
        return [s for s in d.state.active.values() if s is not session and s.claim is not None]

    def _evaluate(self, d: Decision, session: Session, claim: Claim) -> tuple[str, str] | None:
        if len(d.state.active) >= d.settings.max_active and session.phase is Phase.INACTIVE:
            return "system", "limit"
        barred = d.policy.newcomer_class(claim) in d.settings.silence_bars
        for entry in self._entries(d, session):
            assert entry.claim is not None
            if d.settings.scoped and entry.claim.scope != claim.scope:
                continue
            if barred and entry.claim.press is Press.SILENCE:
                return entry.id, "exclusive-holder"
            cell = d.policy.cell(entry.claim, claim)
            if cell.outcome is Outcome.DENY_NEWCOMER:
                return entry.id, cell.rule
        return None

    def _enter(self, d: Decision, session: Session, claim: Claim) -> None:
        if session.phase is Phase.ACTIVE:
            d.clear_holds_on(session, rule="asked-again")
        self._lose_all(d, session, claim)
        d.enter(session, claim)

    def _lose_all(self, d: Decision, session: Session, claim: Claim) -> None:
        waiting = session.phase is Phase.WAITING
        for entry in self._entries(d, session):
            assert entry.claim is not None
            if d.settings.scoped and entry.claim.scope != claim.scope:
                continue
            if waiting and not entry.held_by:
                # A waiting request presses on losers only; holders are what it waits for.
                continue
            self._lose(d, entry, entry.claim, session, claim)

    def _lose(
        self, d: Decision, entry: Session, holder: Claim, session: Session, claim: Claim
    ) -> None:
        cell = d.policy.cell(holder, claim)
        exclusive = cell.outcome is not Outcome.MIX
        if cell.outcome is Outcome.DENY_NEWCOMER:
            return
        ducks = claim.press is Press.DUCK
        if not exclusive and ducks and not holder.pause_when_ducked and not holder.duck_events:
            return
        if claim.press is Press.STOP:
            self._take_out(d, entry, rule=cell.rule)
            d.stopped(entry, cause=session.id, rule=cell.rule)
            return
        kind = HoldKind.DUCK if ducks and holder.duck_events else HoldKind.PAUSE
        d.place(entry, session, kind, rule=cell.rule, enforced=False)

    def _take_out(self, d: Decision, session: Session, *, rule: str) -> None:
        d.withdraw(session, cause=session.id, rule=rule)
        d.lift_all_by(session, rule=rule)
        d.clear_holds_on(session, rule=rule)

    def _retry_waiting(self, d: Decision) -> None:
        for session in list(d.state.waiting.values()):
            claim = session.claim
            assert claim is not None
            refused = self._evaluate(d, session, claim)
            if refused is None:
                self._enter(d, session, claim)
                d.grant(session, cause=session.id, rule="waited", late=True)
            elif refused[1] == "exclusive-holder":
                d.withdraw(session, cause=refused[0], rule=refused[1])
                d.stopped(session, cause=refused[0], rule=refused[1])
