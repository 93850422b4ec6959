"""Scenario files: a device, apps and timed steps; run, heard and seen."""

from __future__ import annotations

from .actions import ACTIONS
from .model import Scenario, parse_scenario, read_scenario
from .recorder import JsonLines, Recorder
from .recording import Recording
from .runner import Failure, Result, Runner, run_scenario

__all__ = [
    "ACTIONS",
    "Failure",
    "JsonLines",
    "Recorder",
    "Recording",
    "Result",
    "Runner",
    "Scenario",
    "parse_scenario",
    "read_scenario",
    "run_scenario",
]
