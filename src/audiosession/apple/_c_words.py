"""What AVAudioSession's words are in Audio Session Services: categories, modes, routes, results."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from audiosession.apple import c_constants as c
from audiosession.apple.constants import AVAudioSessionCategory, AVAudioSessionMode
from audiosession.apple.errors import AVAudioSessionErrorCode, NSError
from audiosession.apple.names import AVAudioSessionPort
from audiosession.apple.ports import AVAudioSessionPortDescription, AVAudioSessionRouteDescription

_Category = AVAudioSessionCategory
_Mode = AVAudioSessionMode
_Port = AVAudioSessionPort
_Code = AVAudioSessionErrorCode

CATEGORIES: Final[Mapping[int, AVAudioSessionCategory]] = MappingProxyType(
    {
        c.kAudioSessionCategory_AmbientSound: _Category.AMBIENT,
        c.kAudioSessionCategory_SoloAmbientSound: _Category.SOLO_AMBIENT,
        c.kAudioSessionCategory_MediaPlayback: _Category.PLAYBACK,
        c.kAudioSessionCategory_RecordAudio: _Category.RECORD,
        c.kAudioSessionCategory_PlayAndRecord: _Category.PLAY_AND_RECORD,
        c.kAudioSessionCategory_AudioProcessing: _Category.AUDIO_PROCESSING,
        # Names of iPhone OS 2, for which the present ones are to be used.
        c.kAudioSessionCategory_UserInterfaceSoundEffects: _Category.AMBIENT,
        c.kAudioSessionCategory_LiveAudio: _Category.PLAYBACK,
    }
)
"""Categories by number; the first number of each is what reads back."""

MODES: Final[Mapping[int, AVAudioSessionMode]] = MappingProxyType(
    {
        c.kAudioSessionMode_Default: _Mode.DEFAULT,
        c.kAudioSessionMode_VoiceChat: _Mode.VOICE_CHAT,
        c.kAudioSessionMode_VideoRecording: _Mode.VIDEO_RECORDING,
        c.kAudioSessionMode_Measurement: _Mode.MEASUREMENT,
        c.kAudioSessionMode_GameChat: _Mode.GAME_CHAT,
    }
)
"""Modes by number."""

_INPUT_ROUTES: Final[Mapping[AVAudioSessionPort, str]] = MappingProxyType(
    {
        _Port.LINE_IN: c.kAudioSessionInputRoute_LineIn,
        _Port.BUILT_IN_MIC: c.kAudioSessionInputRoute_BuiltInMic,
        _Port.HEADSET_MIC: c.kAudioSessionInputRoute_HeadsetMic,
        _Port.BLUETOOTH_HFP: c.kAudioSessionInputRoute_BluetoothHFP,
        _Port.USB_AUDIO: c.kAudioSessionInputRoute_USBAudio,
    }
)
_OUTPUT_ROUTES: Final[Mapping[AVAudioSessionPort, str]] = MappingProxyType(
    {
        _Port.LINE_OUT: c.kAudioSessionOutputRoute_LineOut,
        _Port.HEADPHONES: c.kAudioSessionOutputRoute_Headphones,
        _Port.BLUETOOTH_HFP: c.kAudioSessionOutputRoute_BluetoothHFP,
        _Port.BLUETOOTH_A2DP: c.kAudioSessionOutputRoute_BluetoothA2DP,
        _Port.BUILT_IN_RECEIVER: c.kAudioSessionOutputRoute_BuiltInReceiver,
        _Port.BUILT_IN_SPEAKER: c.kAudioSessionOutputRoute_BuiltInSpeaker,
        _Port.USB_AUDIO: c.kAudioSessionOutputRoute_USBAudio,
        _Port.HDMI: c.kAudioSessionOutputRoute_HDMI,
        _Port.AIR_PLAY: c.kAudioSessionOutputRoute_AirPlay,
    }
)

_OLD_OUTPUTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        c.kAudioSessionOutputRoute_Headphones: ("Headphone", "HeadphonesAndMicrophone"),
        c.kAudioSessionOutputRoute_BuiltInSpeaker: ("Speaker", "SpeakerAndMicrophone"),
        c.kAudioSessionOutputRoute_BuiltInReceiver: ("Receiver", "ReceiverAndMicrophone"),
        c.kAudioSessionOutputRoute_LineOut: ("LineOut", "LineOut"),
        c.kAudioSessionOutputRoute_BluetoothHFP: ("HeadsetBT", "HeadsetBT"),
        c.kAudioSessionOutputRoute_BluetoothA2DP: ("HeadphonesBT", "HeadphonesBT"),
        c.kAudioSessionOutputRoute_AirPlay: ("AirTunes", "AirTunes"),
    }
)
"""The old word for an output alone, and with any input."""

_RESULTS: Final[Mapping[int, int]] = MappingProxyType(
    {
        _Code.BAD_PARAM: c.kAudioSessionUnsupportedPropertyError,
        _Code.RESOURCE_NOT_AVAILABLE: c.kAudioServicesNoHardwareError,
        _Code.SESSION_NOT_ACTIVE: c.kAudioSessionNotActiveError,
        _Code.INCOMPATIBLE_CATEGORY: c.kAudioSessionIncompatibleCategory,
        _Code.MEDIA_SERVICES_FAILED: c.kAudioSessionUnspecifiedError,
        _Code.UNSPECIFIED: c.kAudioSessionUnspecifiedError,
    }
)


def category_number(category: AVAudioSessionCategory) -> int | None:
    """What C calls a category; ``None``: the C API has no such one."""
    return next((number for number, each in CATEGORIES.items() if each is category), None)


def mode_number(mode: AVAudioSessionMode) -> int | None:
    """What C calls a mode; ``None``: the C API has no such one."""
    return next((number for number, each in MODES.items() if each is mode), None)


def status_of(error: NSError) -> int:
    """The result for an error.

    An error that the C API has no code for, such as a refusal for lack of priority, keeps
    AVAudioSession's number: later systems were seen to answer so.
    """
    return int(_RESULTS.get(error.code, error.code))


def input_route(port: AVAudioSessionPortDescription) -> str:
    """What C calls an input; AVAudioSession's word where the C API is older than the port."""
    return _INPUT_ROUTES.get(port.port_type, port.port_type.value)


def output_route(port: AVAudioSessionPortDescription) -> str:
    """What C calls an output; AVAudioSession's word where the C API is older than the port."""
    return _OUTPUT_ROUTES.get(port.port_type, port.port_type.value)


def route_dictionary(route: AVAudioSessionRouteDescription) -> dict[str, Any]:
    """A route as iOS 5 describes it."""
    kind = c.kAudioSession_AudioRouteKey_Type
    return {
        c.kAudioSession_AudioRouteKey_Inputs: [{kind: input_route(port)} for port in route.inputs],
        c.kAudioSession_AudioRouteKey_Outputs: [
            {kind: output_route(port)} for port in route.outputs
        ],
    }


def old_route(route: AVAudioSessionRouteDescription) -> str:
    """A route in one word, as before iOS 5; empty where there is none.

    Apple never listed the words; these are those that programs were seen to meet. Outputs
    without an old word, and inputs without an output, keep their newer one.
    """
    input = input_route(route.inputs[0]) if route.inputs else ""
    if not route.outputs:
        return input
    output = output_route(route.outputs[0])
    headset = c.kAudioSessionOutputRoute_Headphones, c.kAudioSessionInputRoute_HeadsetMic
    if (output, input) == headset:
        return "HeadsetInOut"
    alone, joined = _OLD_OUTPUTS.get(output, (output, output))
    return joined if input else alone
