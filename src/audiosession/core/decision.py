"""One decision under way: how a discipline changes the state, and what follows from that.

A discipline places and lifts holds, grants, denies and stops; :meth:`Decision.finish` then
compares every touched session with what it was told before and adds what follows by itself:
interruptions begun and ended, gains to move, changed standings.
"""

from __future__ import annotations

from collections.abc import Iterable

from .claims import Claim
from .effects import (
    Delayed,
    Denied,
    Effect,
    GainChanged,
    Granted,
    HoldKind,
    HoldLifted,
    HoldPlaced,
    Interrupted,
    Released,
    StandingChanged,
    Stopped,
)
from .events import UserIntent
from .gains import SILENCE_DB
from .policy import Policy
from .state import Hold, Phase, Session, State

_ORDER = {None: 0, HoldKind.DUCK: 1, HoldKind.PAUSE: 2}


class Decision:
    """The state being changed and the effects so far."""

    def __init__(self, state: State, policy: Policy, now: float, *, softens: bool) -> None:
        self.state = state
        self.policy = policy
        self.settings = policy.settings
        self.now = now
        self.effects: list[Effect] = []
        self.freed: dict[str, None] = {}
        self.vacated = False
        """Whether a claim went out of force or eased, so that who waits may have a chance."""
        self._fresh: set[str] = set()
        self._softens = softens
        self._touched: dict[str, tuple[str, str]] = {}
        self.closing: dict[str, Session] = {}
        """Sessions that are gone when the decision is taken; only their standing is told."""
        self._answer: Effect | None = None

    # -- what disciplines do ---------------------------------------------------------------

    def touch(self, session: Session, cause: str, rule: str) -> None:
        """Has the session looked at when the decision is finished."""
        self._touched[session.id] = (cause, rule)

    def place(
        self,
        target: Session,
        cause: Session,
        kind: HoldKind,
        *,
        rule: str,
        level_db: float = SILENCE_DB,
        told: bool = True,
        enforced: bool = True,
    ) -> None:
        """Places a hold, or replaces the one from the same cause if it differs."""
        before = target.held_by.get(cause.id)
        if before is not None and (
            (before.kind, before.level_db, before.told, before.enforced, before.rule)
            == (kind, level_db, told, enforced, rule)
        ):
            return
        if kind is HoldKind.PAUSE:
            self._answer_before(target)
        if before is not None:
            self.effects.append(
                HoldLifted(session=target.id, kind=before.kind, cause=cause.id, rule=rule)
            )
        target.held_by[cause.id] = Hold(
            target=target.id,
            cause=cause.id,
            kind=kind,
            rule=rule,
            level_db=level_db,
            since=self.now,
            told=told,
            enforced=enforced,
        )
        cause.holding[target.id] = None
        softened = before is not None and before.kind is HoldKind.PAUSE
        if softened and target.level() is not HoldKind.PAUSE:
            self.freed[target.id] = None
        self.effects.append(
            HoldPlaced(session=target.id, kind=kind, cause=cause.id, rule=rule, level_db=level_db)
        )
        self.touch(target, cause.id, rule)

    def lift(self, target: Session, cause: str, *, rule: str, resume: bool = True) -> None:
        """Lifts the hold of ``cause`` on ``target``; nothing happens when there is none."""
        hold = target.held_by.pop(cause, None)
        holder = self.state.sessions.get(cause)
        if holder is not None:
            holder.holding.pop(target.id, None)
        if hold is None:
            return
        if hold.kind is HoldKind.PAUSE and not resume:
            target.resume_ok = False
        if hold.kind is HoldKind.PAUSE and target.level() is not HoldKind.PAUSE:
            self.freed[target.id] = None
        self.effects.append(HoldLifted(session=target.id, kind=hold.kind, cause=cause, rule=rule))
        self.touch(target, cause, rule)

    def take_freed(self) -> tuple[str, ...]:
        """Who is no longer paused by anybody since the last call."""
        freed = tuple(self.freed)
        self.freed.clear()
        return freed

    def lift_all_by(self, cause: Session, *, rule: str, resume: bool = True) -> None:
        """Lifts every hold that ``cause`` has on others, in the order they were placed."""
        for target in list(cause.holding):
            self.lift(self.state.sessions[target], cause.id, rule=rule, resume=resume)
        for target in cause.muting:
            muted = self.state.sessions[target]
            del muted.muted_by[cause.id]
            self.touch(muted, cause.id, rule)
        cause.muting.clear()

    def clear_holds_on(self, target: Session, *, rule: str) -> None:
        """Lifts every hold on ``target`` because it gave its claim up itself; unsaid."""
        for cause in list(target.held_by):
            self.lift(target, cause, rule=rule)
        self._unmute(target)
        target.announced = None
        target.announced_told = target.pauses = False

    def mute(self, target: Session, causes: Iterable[str]) -> None:
        """Silences a stopped session for as long as the causes claim, or until it asks again."""
        for cause in causes:
            target.muted_by[cause] = None
            self.state.sessions[cause].muting[target.id] = None

    def _unmute(self, target: Session) -> None:
        for cause in target.muted_by:
            del self.state.sessions[cause].muting[target.id]
        target.muted_by.clear()

    def reclaim(self, session: Session, claim: Claim) -> None:
        """Changes the claim of a session in place; it may bear on others less than before."""
        self._unindex(session)
        session.claim = claim
        self._index(session)
        self.vacated = True

    def _index(self, session: Session) -> None:
        assert session.claim is not None
        session.holder_class = self.policy.holder_class(session.claim)
        self.state.classes.setdefault(session.holder_class, {})[session.id] = session

    def _unindex(self, session: Session) -> None:
        self.state.classes.get(session.holder_class, {}).pop(session.id, None)

    def enter(self, session: Session, claim: Claim) -> None:
        """Puts the claim in force, as the last to have come."""
        if session.phase is Phase.ACTIVE:
            self.vacated = True
        else:
            self._fresh.add(session.id)
        self._unindex(session)
        self._unmute(session)
        session.claim = claim
        session.rejudge = False
        self.state.arrivals += 1
        session.arrived = self.state.arrivals
        session.phase = Phase.ACTIVE
        session.pressing = True
        session.paused_by_user = False
        session.intent = None
        self.state.waiting.pop(session.id, None)
        self.state.active.pop(session.id, None)
        self.state.active[session.id] = session
        self._index(session)
        self.touch(session, session.id, "activated")

    def wait(self, session: Session, claim: Claim) -> None:
        """Puts the request among those that wait."""
        session.claim = claim
        session.phase = Phase.WAITING
        self._unindex(session)
        self.state.active.pop(session.id, None)
        self.state.waiting.pop(session.id, None)
        self.state.waiting[session.id] = session
        self.touch(session, session.id, "waits")

    def withdraw(self, session: Session, *, cause: str, rule: str) -> None:
        """Takes the claim out of force; holds are the discipline's business."""
        session.phase = Phase.INACTIVE
        session.settled = False
        session.rejudge = False
        self.vacated = True
        self._unindex(session)
        self.state.active.pop(session.id, None)
        self.state.waiting.pop(session.id, None)
        self.state.multi.pop(session.id, None)
        self.state.cancel_timer(session, "grace")
        self.state.cancel_timer(session, "settle")
        self.touch(session, cause, rule)

    def stopped(self, session: Session, *, cause: str, rule: str, told: bool = True) -> None:
        """Says that the claim is gone for good."""
        self._answer_before(session)
        session.announced = None
        session.announced_told = session.pauses = False
        self.effects.append(Stopped(session=session.id, cause=cause, rule=rule, told=told))
        self.touch(session, cause, rule)

    def grant(self, session: Session, *, cause: str, rule: str, late: bool = False) -> None:
        """Says yes: as the answer, or late to a request that waited."""
        effect = Granted(session=session.id, cause=cause, rule=rule, late=late)
        if late:
            self.effects.append(effect)
        else:
            self._answer = effect

    def deny(self, session: Session, *, cause: str, rule: str) -> None:
        """Answers no; a request that waits is never denied later, it goes on waiting."""
        self._answer = Denied(session=session.id, cause=cause, rule=rule)

    def delay(self, session: Session, *, cause: str, rule: str) -> None:
        """Answers that the request waits."""
        self._answer = Delayed(session=session.id, cause=cause, rule=rule)

    # -- what follows ----------------------------------------------------------------------

    def _answer_before(self, session: Session) -> None:
        """Has a session hear that it is granted before it loses that again.

        What was granted can make room for a request that waited and that takes its place.
        """
        if self._answer is not None and self._answer.session == session.id:
            self._add_what_follows()
            self._touched.clear()

    def finish(self) -> tuple[Effect, ...]:
        """Adds what follows from the changes; the answer to a request comes last."""
        self._add_what_follows()
        return tuple(self.effects)

    def _add_what_follows(self) -> None:
        for session_id, (cause, rule) in self._touched.items():
            session = self.state.sessions[session_id]
            if session.id not in self.closing:
                self._announce(session, cause, rule)
                self._move_gain(session, cause, rule)
            standing = session.judge_standing()
            if standing is not session.standing:
                self.effects.append(
                    StandingChanged(
                        session=session.id,
                        before=session.standing,
                        after=standing,
                        cause=cause,
                        rule=rule,
                    )
                )
                session.standing = standing
        if self._answer is not None:
            self.effects.append(self._answer)
            self._answer = None

    def _announce(self, session: Session, cause: str, rule: str) -> None:
        level = session.level()
        before = session.announced
        if level is not None and not self._softens and _ORDER[level] < _ORDER[before]:
            return
        if _ORDER[level] < _ORDER[before]:
            self._release(session, cause, rule)
            before = None
        if level is not None and level is not before:
            self._interrupt(session, level)

    def _interrupt(self, session: Session, level: HoldKind) -> None:
        holds = [hold for hold in session.held_by.values() if hold.kind is level]
        last = holds[-1]
        told = any(hold.told for hold in holds)
        claim = session.claim
        # Silent because it was told to go down and pauses instead, it played before all the same.
        sounded = session.sounding or (session.pauses and session.was_playing)
        if level is HoldKind.DUCK:
            willing = claim is not None and claim.pause_when_ducked
            session.pauses = willing and told and not last.enforced
        if level is HoldKind.PAUSE or session.pauses:
            session.was_playing = sounded and not session.paused_by_user
        if level is HoldKind.PAUSE:
            session.resume_ok = True
            session.intent = None
        session.announced = level
        session.announced_told = told
        self.effects.append(
            Interrupted(
                session=session.id,
                kind=level,
                cause=last.cause,
                rule=last.rule,
                told=told,
                enforced=last.enforced,
                pauses=session.pauses,
            )
        )

    def _release(self, session: Session, cause: str, rule: str) -> None:
        kind = session.announced
        assert kind is not None
        if kind is HoldKind.PAUSE:
            resume = session.intent is UserIntent.PLAYED or (
                session.resume_ok and session.was_playing and session.intent is None
            )
        else:
            sounded = session.was_playing or session.sounding
            resume = session.pauses and sounded and not session.paused_by_user
        if session.intent is not None:
            session.paused_by_user = session.intent is UserIntent.PAUSED
            session.intent = None
        self.effects.append(
            Released(
                session=session.id,
                kind=kind,
                cause=cause,
                rule=rule,
                told=session.announced_told,
                should_resume=resume,
            )
        )
        session.announced = None
        session.announced_told = session.pauses = False

    def _move_gain(self, session: Session, cause: str, rule: str) -> None:
        settings = self.settings
        target = 0.0
        hardest = None
        for hold in session.held_by.values():
            if hold.enforced and hold.level_db < target:
                target, hardest = hold.level_db, hold
        if session.fading_out or session.muted_by:
            target = SILENCE_DB
        if target == session.gain.end_db:
            return
        if session.id in self._fresh:
            # Nothing of it was heard before, so there is nothing to fade from.
            ramp_s = 0.0
        elif session.fading_out:
            ramp_s = settings.final_fade_s
        elif target > session.gain.end_db:
            ramp_s = settings.fade_up_s
        else:
            ramp_s = settings.pause_fade_s if target <= SILENCE_DB else settings.fade_down_s
        if hardest is not None:
            cause, rule = hardest.cause, hardest.rule
        ramp = session.gain.toward(target, self.now, ramp_s)
        session.gain = ramp
        self.effects.append(
            GainChanged(
                session=session.id,
                from_db=ramp.start_db,
                to_db=target,
                ramp_s=ramp_s,
                cause=cause,
                rule=rule,
            )
        )
