"""What the service says of routes to a session that asks for one; plain values, JSON on the bus."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...core.routing import Port, RoutePorts

__all__ = ["DirectionReport", "PortReport", "RoutingReport"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectionReport:
    """What one direction of a port can do; 0 and empty where the server does not say."""

    channels: tuple[str, ...] = ()
    """Names of its channels, in order, such as ``FL`` and ``FR``."""
    sample_rate: float = 0.0
    """The rate it runs at, in Hz."""
    buffer_s: float = 0.0
    """How much sound it takes at a time, in seconds."""
    latency_s: float = 0.0
    """How long sound takes through it, in seconds."""
    volume: float = 1.0
    """Its volume as people see it, 0.0 to 1.0: the cube root of the loudest channel's factor."""
    muted: bool = False
    """Whether it is muted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortReport:
    """A port that a session can be routed to."""

    port: Port
    """The port in the core's words."""
    output: DirectionReport | None = None
    """Sound out of it; ``None`` where it is no output."""
    input: DirectionReport | None = None
    """Sound into it; ``None`` where it is no input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingReport:
    """All that a session may know of its route."""

    up: bool
    """Whether a sound server is there."""
    ports: tuple[PortReport, ...] = ()
    """Every port that can be used, also one that needs another profile of its card."""
    route: RoutePorts = field(default_factory=RoutePorts)
    """The session's route: what it uses, or would if it were active."""
    preferred_input: str = ""
    """The port it would rather record from; empty for none."""
    overridden: bool = False
    """Whether its output is sent to the loudspeaker for now."""
    output_volume: float = 1.0
    """The volume of its output as people see it, 0.0 to 1.0."""
    input_gain: float = 0.0
    """The volume of its input as people see it, 0.0 to 1.0; 0.0 without one."""
    microphone_muted: bool = False
    """Whether the input in use is muted."""
    other_audio: bool = False
    """Whether another app can be heard."""
    primary_audio: bool = False
    """Whether one can be heard that does not mix with others."""
    prompt_style: int = 0
    """How prompts should sound now; Apple's number of AVAudioSession.PromptStyle."""
    plays: bool = False
    """Whether a stream of the session plays."""
    records: bool = False
    """Whether a stream of the session records."""
    focus: bool = False
    """Whether an app is active, this one or another, that does not mix with others; it may well
    be silent for now."""

    @property
    def complete(self) -> bool:
        """Whether the sound server is there and has told what it has."""
        return self.up and bool(self.ports)
