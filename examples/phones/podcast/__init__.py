"""The podcast player that both front ends show: all of it but the widgets and the sound."""

from __future__ import annotations

from .checklist import Checklist, Outcome, Report, Result, Step
from .clock import SilentOutput
from .player import Output, PodcastPlayer, Screen

__all__ = [
    "Checklist",
    "Outcome",
    "Output",
    "PodcastPlayer",
    "Report",
    "Result",
    "Screen",
    "SilentOutput",
    "Step",
]
