"""What every discipline answers to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from ..claims import Claim
from ..decision import Decision
from ..state import Session


class Discipline(ABC):
    """Turns requests and departures into holds. Stateless: all memory is in the state."""

    softens = True
    """Whether an interruption may go from paused to lowered when a holder leaves."""

    @abstractmethod
    def activate(self, d: Decision, session: Session, claim: Claim) -> None:
        """The session asks; exactly one of grant, deny and delay must be called."""

    @abstractmethod
    def deactivate(self, d: Decision, session: Session, *, notify: bool) -> None:
        """The session gives its claim up, whatever its phase."""

    @abstractmethod
    def remove(
        self, d: Decision, sessions: Sequence[Session], *, signal_next: bool, rule: str
    ) -> None:
        """The claims end from outside: closed, died, revoked. The sessions stay open."""

    def reconfigure(self, d: Decision, session: Session, claim: Claim) -> None:
        """The claim in force changes. By default the session asks anew."""
        self.activate(d, session, claim)

    def streams_changed(self, d: Decision, session: Session) -> None:
        """A stream of the session came, went, started or stopped."""

    def timer(self, d: Decision, session: Session, kind: str) -> None:
        """A timer set earlier is due."""

    def revoke_owner(self, d: Decision, *, signal_next: bool, rule: str) -> None:
        """The system ends the claim on top; disciplines without a stack ignore it."""

    def set_multi_focus(self, d: Decision, enabled: bool) -> None:
        """Switches the multi-focus list; disciplines without one ignore it."""
