"""For tests of apps: a simulated device as a pytest fixture, and a recorder of events.

The fixtures ``simulated_device`` and ``audio_app`` are there as soon as the package is
installed (:mod:`audiosession.testing.plugin`)::

    async def test_a_call_pauses_the_player(simulated_device, audio_app):
        app = MyPlayer()                    # uses AudioSession.instance()
        await app.play()
        simulated_device.incoming_call()
        assert app.paused

The classes of the simulated device can be imported from here too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .heard import Heard

if TYPE_CHECKING:
    from ..hosts.simulated import (
        AppState,
        CallState,
        ClockMode,
        MicrophonePermission,
        SimulatedAlarm,
        SimulatedApp,
        SimulatedAssistant,
        SimulatedCall,
        SimulatedDevice,
        SimulatedPlayer,
        VirtualClock,
    )

__all__ = [
    "AppState",
    "CallState",
    "ClockMode",
    "Heard",
    "MicrophonePermission",
    "SimulatedAlarm",
    "SimulatedApp",
    "SimulatedAssistant",
    "SimulatedCall",
    "SimulatedDevice",
    "SimulatedPlayer",
    "VirtualClock",
]


def __getattr__(name: str) -> Any:
    # pytest imports this package on every start, so the device is imported when it is used.
    if name in __all__:
        from ..hosts import simulated

        return getattr(simulated, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
