"""What sounds on a simulated device, by Android's stream types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ...android.device_constants import AndroidAudioDeviceType as Type
from ...android.models.volumes import stream_of
from ...android.stream_constants import AndroidStreamType as Stream
from ...core.claims import Role

if TYPE_CHECKING:
    from .player import SimulatedPlayer

ROLE_STREAMS: Final = {
    Role.CALL: Stream.VOICE_CALL,
    Role.RINGTONE: Stream.RING,
    Role.ALARM: Stream.ALARM,
    Role.NOTIFICATION: Stream.NOTIFICATION,
    Role.SYSTEM_SOUND: Stream.SYSTEM,
    Role.SCREEN_READER: Stream.ACCESSIBILITY,
    Role.ASSISTANT: Stream.ASSISTANT,
}
"""The streams of what has no attributes, by what it is for; all else is music."""

OUTPUT_TYPES: Final = {
    "builtInSpeaker": Type.BUILTIN_SPEAKER,
    "builtInEarpiece": Type.BUILTIN_EARPIECE,
    "wiredHeadphones": Type.WIRED_HEADPHONES,
    "wiredHeadset": Type.WIRED_HEADSET,
    "usbAudio": Type.USB_DEVICE,
    "thunderbolt": Type.USB_DEVICE,
    "hdmi": Type.HDMI,
    "displayPort": Type.HDMI,
    "bluetoothA2dp": Type.BLUETOOTH_A2DP,
    "bluetoothSco": Type.BLUETOOTH_SCO,
    "bluetoothLe": Type.BLE_HEADSET,
    "airPlay": Type.IP,
    "lineAnalog": Type.LINE_ANALOG,
    "carAudio": Type.AUX_LINE,
    "bus": Type.BUS,
}
"""Android's types of the outputs that a simulated device may have, by their kind."""


def player_stream(player: SimulatedPlayer) -> Stream:
    """The stream type of a player: its session's attributes say it, else what it is for."""
    attributes = player.session.attributes
    if attributes is not None:
        return stream_of(int(attributes.usage), int(attributes.content_type), int(attributes.flags))
    role, claim = player.role, player.session.claim
    if role is Role.UNKNOWN and claim is not None:
        role = claim.role
    return ROLE_STREAMS.get(role, Stream.MUSIC)


__all__ = ["OUTPUT_TYPES", "ROLE_STREAMS", "player_stream"]
