"""What the service says of itself: frozen values that go over the bus as JSON.

The engine makes them, the bus sends them (:func:`audiosession.core.codec.to_plain`), the
commands print them. Levels are in dB, 0 is untouched and -120 silence; volumes are linear
amplitudes; ages are in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReport:
    """Something keeps a session down."""

    kind: str
    """``duck``, ``pause``, or ``muted`` for one that was stopped for good and sounds on."""
    level_db: float
    """The level of a duck, -120 for the others."""
    by_session: str
    """The session that asked for it."""
    by_app: str
    """Its app."""
    rule: str
    """The rule of the policy behind it."""
    because: str
    """The rule's reason in words."""
    since_s: float
    """How long ago it began."""
    how: str
    """``level`` lowered or silenced by us, ``mpris`` paused through the player, ``event`` left
    to the app, which was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamReport:
    """One stream on a sound server."""

    id: str
    """``server:id``."""
    server: str
    """``pipewire`` or ``pulseaudio``."""
    app: str
    """What the app calls itself, else its program."""
    title: str
    """What the stream is called (``media.name``)."""
    pid: int | None
    """Its process, where known."""
    direction: str
    """``playback`` or ``capture``."""
    playing: bool
    """Running and not corked."""
    muted: bool
    """Muted by the user."""
    audible: bool
    """Whether it counts as sounding: playing, not muted, not at volume 0, not silent."""
    volumes: tuple[float, ...]
    """The user's own, one a channel."""
    factor_db: float
    """The system's factor now."""
    target_db: float
    """Where that factor is going."""
    endpoint: str
    """The id of the endpoint it is on."""
    session: str
    """The session it belongs to; empty when it is left alone."""
    tied_by: str
    """``property``, ``process``, ``parent process``, ``rule NAME`` or ``nothing``."""
    rule_source: str
    """Where that rule stands, as ``file:line``; empty without one."""
    holds: tuple[HoldReport, ...]
    """What keeps it down, in the order it came."""
    stream_volume_db: float = 0.0
    """What the volume of its Android stream type lowers it by; the factor has that in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReport:
    """One open session."""

    id: str
    """Its id."""
    app: str
    """The app."""
    pid: int | None
    """Its process, from the bus or from the sound server."""
    adopted: bool
    """Opened by the service for an app that knows nothing of it."""
    role: str
    """What its sound is for; empty before it ever asked."""
    press: str
    """How hard it presses on others; empty before it ever asked."""
    standing: str
    """A value of :class:`audiosession.core.effects.Standing`."""
    gain_db: float
    """The system's factor on it now."""
    holds: tuple[HoldReport, ...]
    """What keeps it down, in the order it came."""
    holding: tuple[str, ...]
    """The sessions it keeps down."""
    streams: tuple[str, ...]
    """Ids of its streams."""
    route: tuple[str, ...] = ()
    """Where it is routed, by the names of its ports; empty where it did not ask for a route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointReport:
    """One device of a sound server."""

    id: str
    """Stable."""
    name: str
    """What people call it."""
    direction: str
    """``playback`` or ``capture``."""
    type: str
    """A value of :class:`audiosession.AudioDeviceType`."""
    server: str
    """The server it is on."""
    available: bool
    """Whether something is plugged in, as far as is known."""
    active: bool
    """Whether its node uses it."""
    default: bool
    """Whether new streams go here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerReport:
    """One sound server."""

    name: str
    """``pipewire`` or ``pulseaudio``."""
    up: bool
    """Whether we are connected."""
    detail: str
    """Why not, or what it says of itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionReport:
    """One decision of the journal."""

    number: int
    """Counts from 1."""
    ago_s: float
    """How long ago."""
    text: str
    """In words, for people."""
    event: dict[str, Any]
    """What happened, plain."""
    effects: tuple[dict[str, Any], ...]
    """What was decided, plain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """All of it."""

    version: str
    """Of the package."""
    pid: int
    """The service's process."""
    uptime_s: float
    """Since it began."""
    policy: str
    """Name of the policy."""
    rules: str
    """The user's rules file; empty without one."""
    rule_errors: tuple[str, ...]
    """What is wrong in it; then the rules before it are in force."""
    servers: tuple[ServerReport, ...]
    """The sound servers."""
    sessions: tuple[SessionReport, ...]
    """The sessions, in order of opening."""
    streams: tuple[StreamReport, ...]
    """The streams, in order of appearance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyReport:
    """The answer to *why is it as it is*."""

    sessions: tuple[SessionReport, ...]
    """The sessions asked about."""
    streams: tuple[StreamReport, ...]
    """Their streams, and those of the app that are left alone."""
    history: tuple[DecisionReport, ...]
    """The kept decisions that had an effect on them, oldest first."""
