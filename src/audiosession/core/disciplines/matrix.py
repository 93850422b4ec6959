"""A matrix with blockers: losers remember who blocks them and regain when the last one goes.

The policy's cells say, for the holder's context and the requested one, whether the request
is refused (*deny newcomer*), drives the holder out (*pause holder*) or sounds beside it
(*mix*). What a driven-out or accompanied holder hears then depends on how hard the newcomer
asks. One request can wait. This is how a car treats audio focus (CarAudioFocus).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..claims import Claim, Press, Role
from ..decision import Decision
from ..effects import HoldKind
from ..policy import Cell, Outcome
from ..state import Phase, Session
from .base import Discipline

_FINAL = ("exclusive-holder", "limit")
"""Refusals that no waiting helps against."""
_TELEPHONY = (Role.RINGTONE, Role.CALL)


class MatrixDiscipline(Discipline):
    """See the module."""

    softens = False

    def activate(self, d: Decision, session: Session, claim: Claim) -> None:
        before = session.claim if session.phase is not Phase.INACTIVE else None
        if before is not None and not self._may_replace(d, session, before, claim):
            d.deny(session, cause=session.id, rule="other-context")
            return
        replaced = before if session.phase is Phase.ACTIVE else None
        scopes = [claim.scope] if replaced is None else [claim.scope, replaced.scope]
        refused = self._evaluate(d, session, claim)
        if refused is None:
            lost = self._enter(d, session, claim)
            d.grant(session, cause=session.id, rule="granted")
            if lost or replaced is not None:
                self._retry_waiting(d, scopes)
            return
        cause, rule = refused
        if rule in _FINAL or not claim.accepts_delay or claim.press is not Press.STOP:
            d.deny(session, cause=cause, rule=rule)
            return
        if replaced is not None:
            self._take_out(d, session, rule="asked-again")
        lost = self._lose_all(d, session, claim)
        if lost or replaced is not None:
            self._retry_waiting(d, scopes, but=session)
        for other in self._waiting(d, [claim.scope]):
            if other is not session:
                d.withdraw(other, cause=session.id, rule="newer-request-waits")
                d.stopped(other, cause=session.id, rule="newer-request-waits")
        d.wait(session, claim)
        d.delay(session, cause=cause, rule=rule)

    def deactivate(self, d: Decision, session: Session, *, notify: bool) -> None:
        self.remove(d, [session], signal_next=True, rule="abandoned")

    def remove(
        self, d: Decision, sessions: Sequence[Session], *, signal_next: bool, rule: str
    ) -> None:
        # What waits is tried before losers are restored, so that nobody is given back
        # for a moment what the waiting request takes away again.
        scopes = [
            session.claim.scope
            for session in sessions
            if session.phase is Phase.ACTIVE and session.claim is not None
        ]
        held: list[tuple[Session, list[Session]]] = []
        for session in sessions:
            targets = [d.state.sessions[name] for name in session.holding]
            if session.phase is not Phase.INACTIVE:
                d.withdraw(session, cause=session.id, rule=rule)
            d.clear_holds_on(session, rule=rule)
            held.append((session, targets))
        self._retry_waiting(d, scopes)
        for session, targets in held:
            for target in targets:
                d.lift(target, session.id, rule=rule)

    # -- the judgement -------------------------------------------------------------------------

    @staticmethod
    def _may_replace(d: Decision, session: Session, before: Claim, claim: Claim) -> bool:
        """Whether a client may put this request in the place of the one it has."""
        if d.policy.holder_class(before) == d.policy.holder_class(claim):
            return True
        if Press.NONE in (before.press, claim.press):
            # Who mixes is not on the matrix, and so has no context there to keep.
            return True
        return (
            session.phase is Phase.ACTIVE
            and not session.held_by
            and all(one.locked and one.role in _TELEPHONY for one in (before, claim))
        )

    @staticmethod
    def _entries(d: Decision, session: Session, claim: Claim) -> list[tuple[Session, Claim]]:
        """Holders and losers alike, as far as the request concerns them.

        Who mixes with anybody concerns nobody, and a web page judges its own sessions.
        """
        if claim.press is Press.NONE:
            return []
        return [
            (other, other.claim)
            for other in d.state.active.values()
            if other is not session
            and other.claim is not None
            and other.claim.press is not Press.NONE
            and not other.is_of_page(session.app, claim)
            and not (d.settings.scoped and other.claim.scope != claim.scope)
        ]

    @staticmethod
    def _waiting(d: Decision, scopes: Sequence[str]) -> list[Session]:
        return [
            other
            for other in d.state.waiting.values()
            if other.claim is not None and (not d.settings.scoped or other.claim.scope in scopes)
        ]

    def _evaluate(self, d: Decision, session: Session, claim: Claim) -> tuple[str, str] | None:
        """Who refuses the request and by which rule; ``None`` when nobody does."""
        if len(d.state.active) >= d.settings.max_active and session.phase is Phase.INACTIVE:
            return "system", "limit"
        entries = self._entries(d, session, claim)
        if d.policy.newcomer_class(claim) in d.settings.silence_bars:
            own = session.claim if session.phase is Phase.ACTIVE else None
            for entry, holder in entries if own is None else [*entries, (session, own)]:
                if holder.press is Press.SILENCE:
                    return entry.id, "exclusive-holder"
        for entry, holder in entries:
            cell = d.policy.cell(holder, claim)
            if cell.outcome is Outcome.DENY_NEWCOMER:
                return entry.id, cell.rule
        return None

    def _enter(self, d: Decision, session: Session, claim: Claim) -> bool:
        """Puts the claim in force; whether another one ended by that."""
        if session.phase is Phase.ACTIVE:
            d.clear_holds_on(session, rule="asked-again")
        lost = self._lose_all(d, session, claim)
        d.enter(session, claim)
        return lost

    def _lose_all(self, d: Decision, session: Session, claim: Claim) -> bool:
        """Gives everybody the loss the request means; whether a claim ended by that.

        A request that is put off does this too: only those that refuse it are spared.
        """
        blocked = set()
        lost = False
        for entry, holder in self._entries(d, session, claim):
            cell = d.policy.cell(holder, claim)
            if not self._affects(cell, holder, claim):
                continue
            if claim.press is Press.STOP:
                self._take_out(d, entry, rule=cell.rule)
                d.stopped(entry, cause=session.id, rule=cell.rule)
                lost = True
            else:
                self._block(d, entry, holder, session, claim, rule=cell.rule)
                blocked.add(entry.id)
        for name in list(session.holding):
            if name not in blocked:
                d.lift(d.state.sessions[name], session.id, rule="no longer asked")
        return lost

    @staticmethod
    def _affects(cell: Cell, holder: Claim, claim: Claim) -> bool:
        if claim.press is Press.NONE:
            return False
        if cell.outcome is Outcome.MIX:
            ducks = claim.press is Press.DUCK
            return not ducks or holder.pause_when_ducked or holder.duck_events
        return cell.outcome is not Outcome.DENY_NEWCOMER

    @staticmethod
    def _block(
        d: Decision, entry: Session, holder: Claim, session: Session, claim: Claim, *, rule: str
    ) -> None:
        """One more reason why the entry cannot sound; what it was told only hardens."""
        ducks = claim.press is Press.DUCK and holder.duck_events
        kind = HoldKind.DUCK if ducks and entry.level() is not HoldKind.PAUSE else HoldKind.PAUSE
        if kind is HoldKind.PAUSE:
            for hold in list(entry.held_by.values()):
                blocker = d.state.sessions[hold.cause]
                d.place(entry, blocker, kind, rule=hold.rule, enforced=False)
        d.place(entry, session, kind, rule=rule, enforced=False)

    def _take_out(self, d: Decision, session: Session, *, rule: str) -> None:
        d.withdraw(session, cause=session.id, rule=rule)
        d.lift_all_by(session, rule=rule)
        d.clear_holds_on(session, rule=rule)

    def _retry_waiting(
        self, d: Decision, scopes: Sequence[str], *, but: Session | None = None
    ) -> None:
        """Tries what waits in these scopes again."""
        if not scopes:
            return
        for session in self._waiting(d, scopes):
            claim = session.claim
            if session is but or claim is None:
                continue
            refused = self._evaluate(d, session, claim)
            if refused is None:
                self._enter(d, session, claim)
                d.grant(session, cause=session.id, rule="waited", late=True)
            elif refused[1] in _FINAL:
                d.withdraw(session, cause=refused[0], rule=refused[1])
                d.stopped(session, cause=refused[0], rule=refused[1])
            else:
                self._lose_all(d, session, claim)
