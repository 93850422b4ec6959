"""What an app would like of the hardware, as calls of the phone's session."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from ...apple.device import AppleWishes
from .apple_members import APPLICATION, SESSION, Members

__all__ = ["OF_THE_APPLICATION", "SETTERS", "UNSPOKEN", "Setting", "changed", "settings"]

SETTERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sample_rate": "setPreferredSampleRate:error:",
        "io_buffer_duration": "setPreferredIOBufferDuration:error:",
        "input_channels": "setPreferredInputNumberOfChannels:error:",
        "output_channels": "setPreferredOutputNumberOfChannels:error:",
        "input_orientation": "setPreferredInputOrientation:error:",
        "io_type": "setAggregatedIOPreference:error:",
        "echo_cancelled_input": "setPrefersEchoCancelledInput:error:",
        "multichannel_content": "setSupportsMultichannelContent:error:",
        "no_interruptions_from_system_alerts": "setPrefersNoInterruptionsFromSystemAlerts:error:",
        "interruption_on_route_disconnect": "setPrefersInterruptionOnRouteDisconnect:error:",
        "haptics_during_recording": "setAllowHapticsAndSystemSoundsDuringRecording:error:",
        "output_muted": "setOutputMuted:error:",
        "microphone_injection": "setPreferredMicrophoneInjectionMode:error:",
    }
)
"""The method of AVAudioSession for each field of
:class:`~audiosession.apple.device.AppleWishes`."""

OF_THE_APPLICATION: Final[Mapping[str, str]] = MappingProxyType(
    {"input_muted": "setInputMuted:error:"}
)
"""The same of AVAudioApplication."""

UNSPOKEN: Final = frozenset({"override_muted_microphone"})
"""Fields that the phone hears of otherwise: this one is an option of the category."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One wish as the phone is told it."""

    field: str
    """Which field of the wishes."""
    value: Any
    """What is wished for, in the phone's numbers."""

    def tell(self, members: Members) -> None:
        """Has the phone know.

        Raises:
            NSError: it refuses.
            UnsupportedError: its system does not have this.
        """
        selector = SETTERS.get(self.field)
        if selector is None:
            application = members.application
            selector = OF_THE_APPLICATION[self.field]
            members.tell(application, selector, APPLICATION, self.value)
        else:
            members.tell(members.session, selector, SESSION, self.value)


def changed(before: AppleWishes, wishes: AppleWishes) -> tuple[str, ...]:
    """The fields that are other ones than before."""
    return tuple(
        field for field in AppleWishes.__slots__ if getattr(wishes, field) != getattr(before, field)
    )


def settings(wishes: AppleWishes, names: Collection[str]) -> tuple[Setting, ...]:
    """What the phone has to be told for these fields."""
    return tuple(
        Setting(field=field, value=_number(getattr(wishes, field)))
        for field in (*SETTERS, *OF_THE_APPLICATION)
        if field in names
    )


def _number(value: Any) -> Any:
    """An enumeration's number; anything else as it is."""
    return getattr(value, "value", value)
