"""The podcast player that both front ends show: all of it but the widgets and the sound."""

from __future__ import annotations

from .checklist import Checklist, Step
from .clock import SilentOutput
from .media_player import MediaPlayerOutput
from .player import Output, PodcastPlayer, Screen
from .report import Outcome, Report, Result

__all__ = [
    "Checklist",
    "MediaPlayerOutput",
    "Outcome",
    "Output",
    "PodcastPlayer",
    "Report",
    "Result",
    "Screen",
    "SilentOutput",
    "Step",
]
