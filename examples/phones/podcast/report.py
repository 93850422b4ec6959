"""What became of the checklist's steps, as text that can be sent with a bug report."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from enum import Enum
from typing import Any

from audiosession import AudioSession, AudioSessionError, Capability, __version__


class Outcome(Enum):
    """How a step ended."""

    PASSED = "passed"
    """What was to happen happened."""
    FAILED = "FAILED"
    """Something else happened, or nothing did."""
    SKIPPED = "skipped"
    """The user went on without it."""
    UNSUPPORTED = "not there"
    """The host says that it cannot do this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one step."""

    title: str
    outcome: Outcome
    note: str
    took_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of all steps."""

    host: str
    """What answered."""
    device: str
    """What it was run on."""
    results: tuple[Result, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return all(result.outcome is not Outcome.FAILED for result in self.results)

    def text(self) -> str:
        """The report, to be kept and sent."""
        lines = [f"audiosession {__version__}, host {self.host}", self.device, ""]
        for result in self.results:
            lines.append(f"{result.outcome.value:>9}  {result.title} ({result.took_s:.1f} s)")
            if result.note:
                lines.append(f"           {result.note}")
        counts = ", ".join(
            f"{sum(result.outcome is outcome for result in self.results)} {outcome.value}"
            for outcome in Outcome
        )
        return "\n".join([*lines, "", counts, ""])


def host_of(session: AudioSession) -> str:
    """What answers a session: a phone, or what only looks like one."""
    try:
        if Capability.TELEPHONY in session.capabilities:
            return "simulated"
    except AudioSessionError as error:
        return f"none ({error})"
    return "android" if hasattr(sys, "getandroidapilevel") else sys.platform


def device() -> str:
    """The model and its system; nothing of the person whose it is."""
    # Both are new in Python 3.13, and there on every Python.
    if sys.platform == "ios":
        return _ios(_asked("ios_ver"))
    found = _asked("android_ver") if hasattr(sys, "getandroidapilevel") else None
    system = platform.platform() if found is None else _android(found)
    return f"{system}, Python {platform.python_version()}"


def _asked(name: str) -> Any:
    ask = getattr(platform, name, None)
    return None if ask is None else ask()


def _ios(found: Any) -> str:
    simulator = " (simulator)" if found.is_simulator else ""
    return (
        f"{found.system} {found.release}, {found.model}{simulator}, "
        f"Python {platform.python_version()}"
    )


def _android(found: Any) -> str:
    emulator = " (emulator)" if found.is_emulator else ""
    return (
        f"Android {found.release}, API level {found.api_level}, "
        f"{found.manufacturer} {found.model}{emulator}"
    )
