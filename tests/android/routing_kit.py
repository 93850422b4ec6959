"""A phone with apps on it that look at devices, modes and calls."""

from __future__ import annotations

from dataclasses import dataclass

from audiosession import recipe
from audiosession.android import (
    AndroidAudioDeviceType,
    AndroidScoAudioState,
    AudioDeviceInfo,
    AudioManager,
    Intent,
)
from audiosession.android.models.communication import Communication
from audiosession.core import Role
from audiosession.hosts.simulated import SimulatedApp, SimulatedDevice, VirtualClock

Type = AndroidAudioDeviceType
Sco = AndroidScoAudioState
SCO_UPDATED = AudioManager.ACTION_SCO_AUDIO_STATE_UPDATED
NOISY = AudioManager.ACTION_AUDIO_BECOMING_NOISY
HEADSET_PLUG = AudioManager.ACTION_HEADSET_PLUG
HEADSET = "bluetooth headset"


def phone(profile: str = "phone") -> SimulatedDevice:
    """A device under Android's policy whose time stands still unless it is advanced."""
    return SimulatedDevice(profile, policy="android", clock=VirtualClock())


def manager(
    device: SimulatedDevice, app: str = "voip", *, target_sdk: int = 36, permission: str = ""
) -> AudioManager:
    """An app's AudioManager."""
    simulated = device.app(app)
    if permission:
        simulated.android_app.grant(permission)
    return AudioManager(simulated.host, target_sdk=target_sdk)


def talk(app: SimulatedApp) -> None:
    """The app plays voice communication."""
    app.player().play(role=Role.CALL)


async def find(audio: AudioManager, type: Type) -> AudioDeviceInfo:
    """The output of that type."""
    (found,) = (device for device in await audio.get_devices(2) if device.type == type)
    return found


async def output_type(audio: AudioManager) -> Type | None:
    """The type of the output for calls."""
    device = await audio.get_communication_device()
    return None if device is None else device.type


class Ears:
    """What an app hears, in order."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def __call__(self, intent: Intent) -> None:
        if intent.action == SCO_UPDATED:
            state = intent.extras[AudioManager.EXTRA_SCO_AUDIO_STATE]
            assert isinstance(state, Sco)
            self.heard.append(state.name.lower())
        elif intent.action == NOISY:
            self.heard.append("noisy")
        else:
            self.heard.append(str(intent.action))

    def on_audio_devices_added(self, added_devices: tuple[AudioDeviceInfo, ...]) -> None:
        self.heard.append(f"added {_names(added_devices)}")

    def on_audio_devices_removed(self, removed_devices: tuple[AudioDeviceInfo, ...]) -> None:
        self.heard.append(f"removed {_names(removed_devices)}")

    def device(self, device: AudioDeviceInfo | None) -> None:
        """Is an OnCommunicationDeviceChangedListener."""
        self.heard.append("nothing" if device is None else device.type.name)

    def take(self) -> list[str]:
        """What was heard since this was last called."""
        heard, self.heard = self.heard, []
        return heard


def _names(devices: tuple[AudioDeviceInfo, ...]) -> str:
    return ", ".join(f"{device.product_name}{'' if device.sink else ' (in)'}" for device in devices)


@dataclass(frozen=True)
class Device:
    """As much of a device as the model wants to know."""

    id: int
    type: int
    sink: bool = True


SPEAKER, EARPIECE, WIRED, LINK = (
    Device(1, Type.BUILTIN_SPEAKER),
    Device(2, Type.BUILTIN_EARPIECE),
    Device(3, Type.WIRED_HEADSET),
    Device(4, Type.BLUETOOTH_SCO),
)
ALL = (SPEAKER, EARPIECE, WIRED, LINK)


def model(*devices: Device) -> Communication:
    communication = Communication()
    communication.devices(devices or ALL)
    return communication


async def headset() -> tuple[SimulatedDevice, AudioManager, Ears]:
    """A phone with a Bluetooth headset, and an app that has the mode and hears of the link."""
    device, ears = phone(), Ears()
    audio = manager(device)
    device.plug(HEADSET)
    talk(device.app("voip"))
    await audio.set_mode(audio.MODE_IN_COMMUNICATION)
    await audio.register_receiver(ears, SCO_UPDATED)
    assert ears.take() == ["disconnected"]
    return device, audio, ears


async def calling(app: SimulatedApp) -> SimulatedApp:
    """The app's session is that of a call."""
    await app.session.configure(recipe("voice_call"))
    assert await app.session.set_active(True)
    return app


def route(app: SimulatedApp) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The outputs and inputs of an app's session."""
    ports = app.device.plugs.route(app.session_id())
    return ports.outputs, ports.inputs
