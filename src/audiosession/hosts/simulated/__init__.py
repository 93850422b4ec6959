"""The simulated device: a phone, a desktop, a car, in the process and on a virtual clock.

The reference host: complete, documented, and what people test their apps on.
"""

from __future__ import annotations

from .app import AppState, MicrophonePermission, SimulatedApp
from .clock import ClockMode, VirtualClock
from .device import SimulatedDevice
from .host import SimulatedHost
from .observer import Observer
from .player import SimulatedPlayer
from .profiles import PROFILES, DeviceProfile
from .system import CallState, SimulatedAlarm, SimulatedAssistant, SimulatedCall

__all__ = [
    "PROFILES",
    "AppState",
    "CallState",
    "ClockMode",
    "DeviceProfile",
    "MicrophonePermission",
    "Observer",
    "SimulatedAlarm",
    "SimulatedApp",
    "SimulatedAssistant",
    "SimulatedCall",
    "SimulatedDevice",
    "SimulatedHost",
    "SimulatedPlayer",
    "VirtualClock",
]
