"""A stack: losses only harden, and only whoever comes to the top regains.

The order of arrival is the stack, its last entry the owner. What a holder loses depends on
what it lost already and on how hard the newcomer asks; the policy's holder classes are
conditions on ``received``. An entry has one hold at a time, from whoever pressed hardest
last, and it ends when the entry becomes the top, whoever caused it. This is how Android
treats audio focus (MediaFocusControl, FocusRequester).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..claims import Claim, Press, Role
from ..decision import Decision
from ..effects import HoldKind
from ..policy import Cell, Outcome
from ..state import Phase, Session, Stream
from .base import Discipline

_KIND = {Outcome.DUCK_HOLDER: HoldKind.DUCK, Outcome.PAUSE_HOLDER: HoldKind.PAUSE}


class StackDiscipline(Discipline):
    """See the module."""

    softens = False

    def activate(self, d: Decision, session: Session, claim: Claim) -> None:
        if claim.press is Press.NONE:
            self._mix(d, session, claim)
            return
        stack = self._stack(d)
        top = stack[-1] if stack else None
        if len(stack) >= d.settings.max_active:
            d.deny(session, cause="system", rule="limit")
            return
        locker = self._locker(d)
        if locker is not None and not claim.accepts_delay:
            # Whoever asks: the one with the lock itself is refused too.
            d.deny(session, cause=locker.id, rule="locked")
            return
        if (
            top is session
            and session.claim is not None
            and self._flags(session.claim) == self._flags(claim)
        ):
            if session.phase is Phase.WAITING:
                # The lock ended and nobody was told; now it is.
                session.phase = Phase.ACTIVE
                d.touch(session, session.id, "same-request")
            # On top after a departure that was not signalled: what it lost it has again.
            d.clear_holds_on(session, rule="same-request")
            d.grant(session, cause=session.id, rule="same-request")
            return
        self._forget(d, session, rule="asked-again")
        locker = self._locker(d)
        if locker is not None:
            self._wait_below_locked(d, session, claim)
            d.delay(session, cause=locker.id, rule="locked")
            return
        self._propagate(d, session, claim)
        d.enter(session, claim)
        if self._shares(d, claim):
            d.state.multi[session.id] = all(other.app != session.app for other in self._listed(d))
        self._restore_app(d, session)
        self._regain_page(d, session.id)
        d.grant(session, cause=session.id, rule="granted")

    def deactivate(self, d: Decision, session: Session, *, notify: bool) -> None:
        self._take_out(d, [session], signal_next=True, rule="abandoned")

    def remove(
        self, d: Decision, sessions: Sequence[Session], *, signal_next: bool, rule: str
    ) -> None:
        self._take_out(d, sessions, signal_next=signal_next, rule=rule)

    def timer(self, d: Decision, session: Session, kind: str) -> None:
        if kind == "final-loss":
            d.stopped(session, cause="system", rule="fade-then-loss")
            d.state.set_timer(session, "forget", d.now + d.settings.final_forget_s)
        elif kind == "forget":
            session.fading_out = False
            d.touch(session, "system", "fade-forgotten")

    def revoke_owner(self, d: Decision, *, signal_next: bool, rule: str) -> None:
        owner = self._stack(d)[-1:]
        self._take_out(d, owner, signal_next=signal_next, rule=rule)
        for session in owner:
            d.stopped(session, cause="system", rule=rule)

    def set_multi_focus(self, d: Decision, enabled: bool) -> None:
        state = d.state
        losers = self._stack(d)[-1:]
        unlisted: list[Session] = []
        if not enabled:
            losers += self._listed(d)
            unlisted = [state.sessions[name] for name, listed in state.multi.items() if not listed]
        state.multi_focus = enabled
        gone = [*losers, *unlisted]
        self._take_out(d, gone, signal_next=False, rule="multi-focus-switched")
        for session in losers:
            d.stopped(session, cause="system", rule="multi-focus-switched")

    # -- the stack -----------------------------------------------------------------------------

    @staticmethod
    def _stack(d: Decision) -> list[Session]:
        """Entries from the bottom to the top, waiting ones included; sharers and those that
        mix with anybody are none."""
        return [
            s
            for s in d.state.active.values()
            if s.id not in d.state.multi
            and not (s.claim is not None and s.claim.press is Press.NONE)
        ]

    @staticmethod
    def _listed(d: Decision) -> list[Session]:
        """The multi-focus list; what else its apps share is told of nothing."""
        return [d.state.sessions[name] for name, listed in d.state.multi.items() if listed]

    def _mix(self, d: Decision, session: Session, claim: Claim) -> None:
        """In force beside the stack: who mixes asks nobody for focus, and loses none."""
        if session.phase is not Phase.INACTIVE:
            self._take_out(d, [session], signal_next=True, rule="mixes")
        self._forget(d, session, rule="mixes")
        d.enter(session, claim)
        d.grant(session, cause=session.id, rule="mixes")

    def _locker(self, d: Decision) -> Session | None:
        """The one on top, where it lets nobody else in."""
        top = next(reversed(self._stack(d)), None)
        return top if top is not None and top.claim is not None and top.claim.locked else None

    @staticmethod
    def _flags(claim: Claim) -> tuple[object, ...]:
        return claim.press, claim.accepts_delay, claim.pause_when_ducked, claim.locked

    @staticmethod
    def _shares(d: Decision, claim: Claim) -> bool:
        return d.state.multi_focus and claim.press is Press.STOP and not claim.locked

    def _forget(self, d: Decision, session: Session, *, rule: str) -> None:
        """Removes an older entry of the session without a word to it."""
        d.state.cancel_timer(session, "final-loss")
        d.state.cancel_timer(session, "forget")
        session.fading_out = False
        if session.phase is not Phase.INACTIVE:
            d.withdraw(session, cause=session.id, rule=rule)
        d.clear_holds_on(session, rule=rule)
        d.touch(session, session.id, rule)

    def _wait_below_locked(self, d: Decision, session: Session, claim: Claim) -> None:
        """Enters just below the locked entries at the top; those below it feel it now."""
        entries = self._stack(d)
        locked: list[Session] = []
        while entries and entries[-1].claim is not None and entries[-1].claim.locked:
            locked.insert(0, entries.pop())
        self._press(d, session, claim, entries)
        d.enter(session, claim)
        session.phase = Phase.WAITING
        for entry in locked:
            d.state.active[entry.id] = d.state.active.pop(entry.id)

    def _propagate(self, d: Decision, session: Session, claim: Claim) -> None:
        """Has everybody feel the request, those on the multi-focus list too."""
        if self._shares(d, claim):
            return
        self._press(d, session, claim, [*self._stack(d), *self._listed(d)])

    def _press(
        self, d: Decision, session: Session, claim: Claim, entries: Sequence[Session]
    ) -> None:
        for entry in entries:
            if entry.is_of_page(session.app, claim):
                continue
            if entry is not session and entry.claim is not None:
                self._lose(d, entry, entry.claim, session, claim)

    def _lose(
        self, d: Decision, entry: Session, holder: Claim, session: Session, claim: Claim
    ) -> None:
        level = entry.level()
        cell = d.policy.cell(holder, claim, "none" if level is None else level.value)
        if cell.outcome is Outcome.STOP_HOLDER:
            self._final_loss(d, entry, holder, session, claim, cell)
            return
        kind = _KIND.get(cell.outcome)
        if kind is None or kind is level:
            return
        lowered = [hold.level_db for hold in entry.held_by.values() if hold.enforced]
        for cause in list(entry.held_by):
            d.lift(entry, cause, rule=cell.rule)
        if kind is HoldKind.PAUSE and lowered and not d.settings.enforce_pause:
            # What was lowered unsaid stays lowered until focus comes back.
            d.place(entry, session, kind, rule=cell.rule, level_db=min(lowered))
        elif kind is HoldKind.PAUSE:
            d.place(entry, session, kind, rule=cell.rule, enforced=d.settings.enforce_pause)
        else:
            self._duck(d, entry, holder, session, claim, cell)

    def _duck(
        self,
        d: Decision,
        entry: Session,
        holder: Claim,
        session: Session,
        claim: Claim,
        cell: Cell,
    ) -> None:
        """Lowers the entry silently where that is allowed; else the app is told to."""
        players = self._players(d, entry)
        started = [stream for stream in players if stream.playing]
        exempt = any(stream.backend in d.settings.exempt_backends for stream in started)
        willing = holder.system_duck and not holder.pause_when_ducked
        speaks = any(stream.spoken for stream in started)
        # Only what stands in for the screen may force (MediaFocusControl asks for the usage too).
        forced = claim.force_duck and claim.role is Role.SCREEN_READER
        shared_out = d.state.multi_focus and not forced
        silent = entry.app != session.app and not exempt and (forced or (willing and not speaks))
        if d.settings.ducks_elsewhere:
            # An audio policy with players of its own to lower (MediaFocusControl).
            silent, players = not holder.pause_when_ducked, []
        d.place(
            entry,
            session,
            HoldKind.DUCK,
            rule=cell.rule,
            level_db=d.policy.level_db(cell),
            told=not silent and not shared_out,
            enforced=silent and bool(players) and not shared_out,
        )

    @staticmethod
    def _players(d: Decision, entry: Session) -> list[Stream]:
        return [
            stream
            for name in d.state.apps.get(entry.app, ())
            for stream in d.state.sessions[name].streams.values()
        ]

    def _final_loss(
        self,
        d: Decision,
        entry: Session,
        holder: Claim,
        session: Session,
        claim: Claim,
        cell: Cell,
    ) -> None:
        d.withdraw(entry, cause=session.id, rule=cell.rule)
        for cause in list(entry.held_by):
            d.lift(entry, cause, rule=cell.rule)
        if self._fades(d, entry, holder, session, claim):
            entry.fading_out = True
            entry.announced = None
            entry.announced_told = entry.pauses = False
            d.state.set_timer(entry, "final-loss", d.now + d.settings.final_fade_s)
            return
        d.stopped(entry, cause=session.id, rule=cell.rule)

    def _fades(
        self, d: Decision, entry: Session, holder: Claim, session: Session, claim: Claim
    ) -> bool:
        settings = d.settings
        started = [stream for stream in self._players(d, entry) if stream.playing]
        return (
            settings.final_fade_s > 0
            and entry.app != session.app
            and bool(started)
            and not claim.spoken
            and not holder.pause_when_ducked
            and all(
                stream.role in settings.fadeable_roles
                and not stream.spoken
                and stream.backend not in settings.exempt_backends
                for stream in started
            )
        )

    @staticmethod
    def _restore_app(d: Decision, session: Session) -> None:
        """Whoever gets focus is heard: fades and ducks on the rest of its app end too."""
        for name in d.state.apps.get(session.app, ()):
            other = d.state.sessions[name]
            if other is session:
                continue
            ducks = [
                hold
                for hold in other.held_by.values()
                if hold.kind is HoldKind.DUCK and hold.enforced
            ]
            if not other.fading_out and not ducks:
                continue
            other.fading_out = False
            for hold in ducks:
                other.held_by[hold.cause] = replace(hold, enforced=False)
            d.touch(other, session.id, "focus-regained")

    def _take_out(
        self, d: Decision, sessions: Sequence[Session], *, signal_next: bool, rule: str
    ) -> None:
        stack = self._stack(d)
        top = stack[-1] if stack else None
        for session in sessions:
            if session.phase is Phase.INACTIVE:
                self._leave_unheard(d, session)
                continue
            d.withdraw(session, cause=session.id, rule=rule)
            d.clear_holds_on(session, rule=rule)
        if not signal_next or top is None or top not in sessions:
            return
        stack = self._stack(d)
        if stack:
            self._regain(d, stack[-1], top.id)
            self._regain_page(d, top.id)
        else:
            for name in list(d.state.multi):
                self._regain(d, d.state.sessions[name], top.id)

    @staticmethod
    def _leave_unheard(d: Decision, session: Session) -> None:
        """Its entry is gone already. A loss still to be told is not; the fade takes its time."""
        told_at = session.timers.get("final-loss")
        if told_at is not None:
            d.state.cancel_timer(session, "final-loss")
            d.state.set_timer(session, "forget", told_at + d.settings.final_forget_s)

    def _regain_page(self, d: Decision, cause: str) -> None:
        """The sessions of a page are one to the stack: right below the top they are on it too."""
        stack = self._stack(d)
        for entry in reversed(stack[:-1]):
            if not entry.is_of_page(stack[-1].app, stack[-1].claim):
                return
            self._regain(d, entry, cause)

    def _regain(self, d: Decision, session: Session, cause: str) -> None:
        if session.phase is Phase.WAITING:
            session.phase = Phase.ACTIVE
            # The late grant says it; what it lost while it waited is not given back as well.
            d.clear_holds_on(session, rule="waited")
            d.grant(session, cause=cause, rule="waited", late=True)
        for holder in list(session.held_by):
            d.lift(session, holder, rule="top-again")
        self._restore_app(d, session)
        d.touch(session, cause, "top-again")
