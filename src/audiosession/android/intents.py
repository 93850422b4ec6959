"""What the system sends around, and who receives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

__all__ = ["Intent", "Receiver"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One announcement of the system's; a broadcast ``Intent``."""

    action: str
    """What happened, an
    :class:`~audiosession.android.system_constants.AndroidIntent` or another."""
    extras: Mapping[str, object] = field(default_factory=dict)
    """More about it, by ``EXTRA_*``; read only."""
    sticky: bool = False
    """Whether it is kept, and was sent before the receiver was there."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "extras", MappingProxyType(dict(self.extras)))


Receiver: TypeAlias = Callable[[Intent], object]
"""What is called with each announcement; a ``BroadcastReceiver``."""
