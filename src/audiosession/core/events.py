"""What happened: the only inputs of the arbiter.

Events are frozen values. Ids (sessions, apps, clients, streams) come in with them; the
arbiter makes up none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .claims import Claim, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """An app has a session from now on. It has no claim yet."""

    session: str
    """The id it is called by from now on; no other open session has it."""
    app: str
    """The app it belongs to."""
    client: str = ""
    """The process or connection that must stay alive; empty: the app's id."""
    group: str = ""
    """Sessions of one app and one group never press on each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSession:
    """The session ends, with all it holds."""

    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientGone:
    """A client died or disconnected; all its sessions close."""

    client: str
    """The process or connection. One without sessions is no error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activate:
    """The session asks for what ``claim`` says. Answered by Granted, Denied or Delayed."""

    session: str
    claim: Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Deactivate:
    """The session gives its claim up."""

    session: str
    notify_others: bool = True
    """Whether those it interrupted may be told to resume, where the policy asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconfigure:
    """The claim of a session changes. Takes effect at once when the session is active."""

    session: str
    claim: Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamChanged:
    """A stream of the session appeared, started or stopped sounding."""

    session: str
    """The session the stream belongs to."""
    stream: str
    """The stream's id, of one's own choice within the session."""
    playing: bool
    """Whether it can be heard: running, not muted, not silent."""
    role: Role = Role.UNKNOWN
    """What the stream is for, where a rule looks at streams."""
    spoken: bool = False
    """Whether it is speech."""
    backend: str = ""
    """The playback path where a rule asks for it (``aaudio``, ``soundpool``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamGone:
    """A stream of the session ended."""

    session: str
    stream: str


class UserIntent(Enum):
    """What a user did to a player."""

    PAUSED = "paused"
    """Pressed pause or stop."""
    PLAYED = "played"
    """Pressed play."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAction:
    """The user paused or started the session's player. During a hold it is remembered."""

    session: str
    intent: UserIntent


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeApp:
    """The system takes an app's claims away, as when it is suspended."""

    app: str
    """Every session of this app is meant."""
    signal_next: bool = True
    """Whether those it held are let go as after a deactivation."""
    rule: str = "revoked"
    """What the effects name as their rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeOwner:
    """The system takes the claim on top of a stack away; other disciplines have no such owner."""

    signal_next: bool = False
    """Whether whoever is on top then has what it had lost."""
    rule: str = "revoked"
    """What the effects name as their rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMultiFocus:
    """Switches the stack discipline's multi-focus list on or off."""

    enabled: bool
    """Whether open-ended requests share the focus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Nothing but the passing of time."""


Event = (
    OpenSession
    | CloseSession
    | ClientGone
    | Activate
    | Deactivate
    | Reconfigure
    | StreamChanged
    | StreamGone
    | UserAction
    | RevokeApp
    | RevokeOwner
    | SetMultiFocus
    | Tick
)
