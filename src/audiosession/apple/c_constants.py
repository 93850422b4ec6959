"""The constants of Audio Session Services, under their names in C.

Numbers are those of AudioToolbox/AudioSession.h. The header names its text constants and does
not say their texts, save for two macros; the others are those that programs were seen to
meet. How sure each is, is in the facts
(:func:`audiosession.apple.facts.audio_session_services`).
"""

from __future__ import annotations

from typing import Final, TypeAlias

from audiosession.apple.fourcc import fourcc_number

__all__ = [
    "AudioSessionInterruptionType",
    "AudioSessionPropertyID",
    "OSStatus",
    "kAudioServicesNoHardwareError",
    "kAudioSessionAlreadyInitialized",
    "kAudioSessionBadPropertySizeError",
    "kAudioSessionBeginInterruption",
    "kAudioSessionCategory_AmbientSound",
    "kAudioSessionCategory_AudioProcessing",
    "kAudioSessionCategory_LiveAudio",
    "kAudioSessionCategory_MediaPlayback",
    "kAudioSessionCategory_PlayAndRecord",
    "kAudioSessionCategory_RecordAudio",
    "kAudioSessionCategory_SoloAmbientSound",
    "kAudioSessionCategory_UserInterfaceSoundEffects",
    "kAudioSessionEndInterruption",
    "kAudioSessionIncompatibleCategory",
    "kAudioSessionInitializationError",
    "kAudioSessionInputRoute_BluetoothHFP",
    "kAudioSessionInputRoute_BuiltInMic",
    "kAudioSessionInputRoute_HeadsetMic",
    "kAudioSessionInputRoute_LineIn",
    "kAudioSessionInputRoute_USBAudio",
    "kAudioSessionInterruptionType_ShouldNotResume",
    "kAudioSessionInterruptionType_ShouldResume",
    "kAudioSessionMode_Default",
    "kAudioSessionMode_GameChat",
    "kAudioSessionMode_Measurement",
    "kAudioSessionMode_VideoRecording",
    "kAudioSessionMode_VoiceChat",
    "kAudioSessionNoCategorySet",
    "kAudioSessionNoError",
    "kAudioSessionNotActiveError",
    "kAudioSessionNotInitialized",
    "kAudioSessionOutputRoute_AirPlay",
    "kAudioSessionOutputRoute_BluetoothA2DP",
    "kAudioSessionOutputRoute_BluetoothHFP",
    "kAudioSessionOutputRoute_BuiltInReceiver",
    "kAudioSessionOutputRoute_BuiltInSpeaker",
    "kAudioSessionOutputRoute_HDMI",
    "kAudioSessionOutputRoute_Headphones",
    "kAudioSessionOutputRoute_LineOut",
    "kAudioSessionOutputRoute_USBAudio",
    "kAudioSessionOverrideAudioRoute_None",
    "kAudioSessionOverrideAudioRoute_Speaker",
    "kAudioSessionProperty_AudioCategory",
    "kAudioSessionProperty_AudioInputAvailable",
    "kAudioSessionProperty_AudioRoute",
    "kAudioSessionProperty_AudioRouteChange",
    "kAudioSessionProperty_AudioRouteDescription",
    "kAudioSessionProperty_CurrentHardwareIOBufferDuration",
    "kAudioSessionProperty_CurrentHardwareInputLatency",
    "kAudioSessionProperty_CurrentHardwareInputNumberChannels",
    "kAudioSessionProperty_CurrentHardwareOutputLatency",
    "kAudioSessionProperty_CurrentHardwareOutputNumberChannels",
    "kAudioSessionProperty_CurrentHardwareOutputVolume",
    "kAudioSessionProperty_CurrentHardwareSampleRate",
    "kAudioSessionProperty_InputGainAvailable",
    "kAudioSessionProperty_InputGainScalar",
    "kAudioSessionProperty_InputSource",
    "kAudioSessionProperty_InputSources",
    "kAudioSessionProperty_InterruptionType",
    "kAudioSessionProperty_Mode",
    "kAudioSessionProperty_OtherAudioIsPlaying",
    "kAudioSessionProperty_OtherMixableAudioShouldDuck",
    "kAudioSessionProperty_OutputDestination",
    "kAudioSessionProperty_OutputDestinations",
    "kAudioSessionProperty_OverrideAudioRoute",
    "kAudioSessionProperty_OverrideCategoryDefaultToSpeaker",
    "kAudioSessionProperty_OverrideCategoryEnableBluetoothInput",
    "kAudioSessionProperty_OverrideCategoryMixWithOthers",
    "kAudioSessionProperty_PreferredHardwareIOBufferDuration",
    "kAudioSessionProperty_PreferredHardwareSampleRate",
    "kAudioSessionProperty_ServerDied",
    "kAudioSessionRouteChangeReason_CategoryChange",
    "kAudioSessionRouteChangeReason_NewDeviceAvailable",
    "kAudioSessionRouteChangeReason_NoSuitableRouteForCategory",
    "kAudioSessionRouteChangeReason_OldDeviceUnavailable",
    "kAudioSessionRouteChangeReason_Override",
    "kAudioSessionRouteChangeReason_RouteConfigurationChange",
    "kAudioSessionRouteChangeReason_Unknown",
    "kAudioSessionRouteChangeReason_WakeFromSleep",
    "kAudioSessionSetActiveFlag_NotifyOthersOnDeactivation",
    "kAudioSessionUnspecifiedError",
    "kAudioSessionUnsupportedPropertyError",
    "kAudioSession_AudioRouteChangeKey_CurrentRouteDescription",
    "kAudioSession_AudioRouteChangeKey_OldRoute",
    "kAudioSession_AudioRouteChangeKey_PreviousRouteDescription",
    "kAudioSession_AudioRouteChangeKey_Reason",
    "kAudioSession_AudioRouteKey_Inputs",
    "kAudioSession_AudioRouteKey_Outputs",
    "kAudioSession_AudioRouteKey_Type",
    "kAudioSession_InputSourceKey_Description",
    "kAudioSession_InputSourceKey_ID",
    "kAudioSession_OutputDestinationKey_Description",
    "kAudioSession_OutputDestinationKey_ID",
    "kAudioSession_RouteChangeKey_Reason",
]

AudioSessionPropertyID: TypeAlias = int
"""Four letters that name a property, as an unsigned number of 32 bits."""
AudioSessionInterruptionType: TypeAlias = int
"""What ``kAudioSessionProperty_InterruptionType`` holds, an unsigned number of 32 bits."""
OSStatus: TypeAlias = int
"""What every function returns, a signed number of 32 bits; 0 when it worked."""

# Properties. Type, and what can be done with it, stand behind the meaning.

kAudioSessionProperty_PreferredHardwareSampleRate: Final = fourcc_number("hwsr")
"""Sample rate wished for, in hertz. Float64; read and written."""
kAudioSessionProperty_PreferredHardwareIOBufferDuration: Final = fourcc_number("iobd")
"""Length of an I/O cycle wished for, in seconds. Float32; read and written."""
kAudioSessionProperty_AudioCategory: Final = fourcc_number("acat")
"""The category. UInt32; read and written."""
kAudioSessionProperty_AudioRouteChange: Final = fourcc_number("roch")
"""What happened to the route. CFDictionaryRef; listened to."""
kAudioSessionProperty_CurrentHardwareSampleRate: Final = fourcc_number("chsr")
"""Sample rate of the hardware, in hertz. Float64; read."""
kAudioSessionProperty_CurrentHardwareInputNumberChannels: Final = fourcc_number("chic")
"""Number of input channels. UInt32; read, listened to."""
kAudioSessionProperty_CurrentHardwareOutputNumberChannels: Final = fourcc_number("choc")
"""Number of output channels. UInt32; read, listened to."""
kAudioSessionProperty_CurrentHardwareOutputVolume: Final = fourcc_number("chov")
"""Volume of the output, 0 to 1. Float32; read, listened to."""
kAudioSessionProperty_CurrentHardwareInputLatency: Final = fourcc_number("cilt")
"""Latency of the input, in seconds. Float32; read."""
kAudioSessionProperty_CurrentHardwareOutputLatency: Final = fourcc_number("colt")
"""Latency of the output, in seconds. Float32; read."""
kAudioSessionProperty_CurrentHardwareIOBufferDuration: Final = fourcc_number("chbd")
"""Length of an I/O cycle, in seconds. Float32; read."""
kAudioSessionProperty_OtherAudioIsPlaying: Final = fourcc_number("othr")
"""Not 0 while another app plays. UInt32; read."""
kAudioSessionProperty_OverrideAudioRoute: Final = fourcc_number("ovrd")
"""Sends the output to the loudspeaker for the time being. UInt32; written."""
kAudioSessionProperty_AudioInputAvailable: Final = fourcc_number("aiav")
"""Not 0 where there is an input. UInt32; read, listened to."""
kAudioSessionProperty_ServerDied: Final = fourcc_number("died")
"""Not 0 when the audio server has died. UInt32; listened to."""
kAudioSessionProperty_OtherMixableAudioShouldDuck: Final = fourcc_number("duck")
"""Lower others that mix. UInt32; read and written."""
kAudioSessionProperty_OverrideCategoryMixWithOthers: Final = fourcc_number("cmix")
"""Mix with others. UInt32; read, and written under some categories."""
kAudioSessionProperty_OverrideCategoryDefaultToSpeaker: Final = fourcc_number("cspk")
"""Play on the loudspeaker where the earpiece would be used. UInt32; read, and written under some
categories."""
kAudioSessionProperty_OverrideCategoryEnableBluetoothInput: Final = fourcc_number("cblu")
"""Offer a hands-free Bluetooth device as input. UInt32; read, and written under some categories."""
kAudioSessionProperty_InterruptionType: Final = fourcc_number("type")
"""Whether to go on after the interruption that just ended. UInt32; read."""
kAudioSessionProperty_Mode: Final = fourcc_number("mode")
"""The mode. UInt32; read and written."""
kAudioSessionProperty_InputSources: Final = fourcc_number("srcs")
"""Inputs of a USB accessory to choose from. CFArrayRef; read, listened to."""
kAudioSessionProperty_OutputDestinations: Final = fourcc_number("dsts")
"""Outputs of a USB accessory to choose from. CFArrayRef; read, listened to."""
kAudioSessionProperty_InputSource: Final = fourcc_number("isrc")
"""The input of a USB accessory chosen. CFNumberRef; read and written."""
kAudioSessionProperty_OutputDestination: Final = fourcc_number("odst")
"""The output of a USB accessory chosen. CFNumberRef; read and written."""
kAudioSessionProperty_InputGainAvailable: Final = fourcc_number("igav")
"""Not 0 where the input gain can be set. UInt32; read, listened to."""
kAudioSessionProperty_InputGainScalar: Final = fourcc_number("igsc")
"""Input gain, 0 to 1. Float32; read and written, listened to."""
kAudioSessionProperty_AudioRouteDescription: Final = fourcc_number("crar")
"""The route. CFDictionaryRef; read."""
kAudioSessionProperty_AudioRoute: Final = fourcc_number("rout")
"""The route as one word. CFStringRef; read. Deprecated since iOS 5.0."""

# Categories.

kAudioSessionCategory_AmbientSound: Final = fourcc_number("ambi")
"""Sound that can be missed, mixed with everybody's."""
kAudioSessionCategory_SoloAmbientSound: Final = fourcc_number("solo")
"""Sound that can be missed, alone."""
kAudioSessionCategory_MediaPlayback: Final = fourcc_number("medi")
"""Playing is what the app is for."""
kAudioSessionCategory_RecordAudio: Final = fourcc_number("reca")
"""Recording; everything else falls silent."""
kAudioSessionCategory_PlayAndRecord: Final = fourcc_number("plar")
"""Recording and playing, on the earpiece at first."""
kAudioSessionCategory_AudioProcessing: Final = fourcc_number("proc")
"""Working with hardware codecs; neither playing nor recording."""
kAudioSessionCategory_UserInterfaceSoundEffects: Final = fourcc_number("uifx")
"""The old name of AmbientSound; deprecated since iOS 3.0."""
kAudioSessionCategory_LiveAudio: Final = fourcc_number("live")
"""The old name of MediaPlayback; deprecated since iOS 3.0."""

# Modes.

kAudioSessionMode_Default: Final = fourcc_number("dflt")
"""Nothing in particular."""
kAudioSessionMode_VoiceChat: Final = fourcc_number("vcct")
"""A voice call; fewer routes."""
kAudioSessionMode_VideoRecording: Final = fourcc_number("vrcd")
"""Recording a film."""
kAudioSessionMode_Measurement: Final = fourcc_number("msmt")
"""As little processing as possible; no automatic gain."""
kAudioSessionMode_GameChat: Final = fourcc_number("gmct")
"""Voice chat of a game; GameKit sets it, apps do not."""

# Where the output goes for the time being.

kAudioSessionOverrideAudioRoute_None: Final = 0
"""Where the category sends the output."""
kAudioSessionOverrideAudioRoute_Speaker: Final = fourcc_number("spkr")
"""The loudspeaker instead of the earpiece."""

# Flags of activation.

kAudioSessionSetActiveFlag_NotifyOthersOnDeactivation: Final = 1
"""Tell those who were interrupted that they may go on."""

# What an interruption listener is told.

kAudioSessionBeginInterruption: Final = 1
"""The session has just been interrupted."""
kAudioSessionEndInterruption: Final = 0
"""The interruption is over."""

# What the property of an interruption's end holds.

kAudioSessionInterruptionType_ShouldResume: Final = fourcc_number("irsm")
"""Going on is right, as after a call that was not taken."""
kAudioSessionInterruptionType_ShouldNotResume: Final = fourcc_number("!rsm")
"""Going on is wrong, as after music was started."""

# Why the route changed; there is no 5.

kAudioSessionRouteChangeReason_Unknown: Final = 0
"""Nobody knows."""
kAudioSessionRouteChangeReason_NewDeviceAvailable: Final = 1
"""A device has come, such as a headset."""
kAudioSessionRouteChangeReason_OldDeviceUnavailable: Final = 2
"""The device in use has gone."""
kAudioSessionRouteChangeReason_CategoryChange: Final = 3
"""The session has another category."""
kAudioSessionRouteChangeReason_Override: Final = 4
"""The output was overridden."""
kAudioSessionRouteChangeReason_WakeFromSleep: Final = 6
"""The device woke up."""
kAudioSessionRouteChangeReason_NoSuitableRouteForCategory: Final = 7
"""No route fits the category, such as recording without an input."""
kAudioSessionRouteChangeReason_RouteConfigurationChange: Final = 8
"""The ports are the same and their settings are not."""

# Keys of dictionaries. The first two are macros of C, the others CFStrings.

kAudioSession_AudioRouteChangeKey_Reason: Final = "OutputDeviceDidChange_Reason"
"""Why the route changed. CFNumber; alternative route change reason."""
kAudioSession_AudioRouteChangeKey_OldRoute: Final = "OutputDeviceDidChange_OldRoute"
"""The route before, as one word. CFString; alternative route change (old). Deprecated since iOS
5.0."""
kAudioSession_RouteChangeKey_Reason: Final = "OutputDeviceDidChange_Reason"
"""Why the route changed. CFNumber; route change."""
kAudioSession_AudioRouteChangeKey_PreviousRouteDescription: Final = (
    "ActiveAudioRouteDidChange_OldDetailedRoute"
)
"""The route before. CFDictionary; route change."""
kAudioSession_AudioRouteChangeKey_CurrentRouteDescription: Final = (
    "ActiveAudioRouteDidChange_NewDetailedRoute"
)
"""The route after. CFDictionary; route change."""
kAudioSession_AudioRouteKey_Inputs: Final = "RouteDetailedDescription_Inputs"
"""Inputs of a route; an empty list where there are none. CFArray of CFDictionary; route
description."""
kAudioSession_AudioRouteKey_Outputs: Final = "RouteDetailedDescription_Outputs"
"""Outputs of a route; an empty list where there are none. CFArray of CFDictionary; route
description."""
kAudioSession_AudioRouteKey_Type: Final = "RouteDetailedDescription_PortType"
"""What kind of port it is; the one key there is. CFString; route type."""
kAudioSession_InputSourceKey_ID: Final = "input source ID"
"""Number to choose it by. CFNumber; USB accessory source."""
kAudioSession_InputSourceKey_Description: Final = "input source name"
"""Name for people. CFString; USB accessory source."""
kAudioSession_OutputDestinationKey_ID: Final = "output destination ID"
"""Number to choose it by. CFNumber; USB accessory destination."""
kAudioSession_OutputDestinationKey_Description: Final = "output destination name"
"""Name for people. CFString; USB accessory destination."""

# What kind of port a route's input or output is.

kAudioSessionInputRoute_LineIn: Final = "LineIn"
"""Input: line input."""
kAudioSessionInputRoute_BuiltInMic: Final = "MicrophoneBuiltIn"
"""Input: the device's own microphone."""
kAudioSessionInputRoute_HeadsetMic: Final = "MicrophoneWired"
"""Input: microphone of a headset."""
kAudioSessionInputRoute_BluetoothHFP: Final = "MicrophoneBluetooth"
"""Input: hands-free Bluetooth device."""
kAudioSessionInputRoute_USBAudio: Final = "USBInput"
"""Input: USB accessory."""
kAudioSessionOutputRoute_LineOut: Final = "LineOut"
"""Output: line output."""
kAudioSessionOutputRoute_Headphones: Final = "Headphones"
"""Output: headphones, or a headset's."""
kAudioSessionOutputRoute_BluetoothHFP: Final = "BluetoothHFPOutput"
"""Output: hands-free Bluetooth device."""
kAudioSessionOutputRoute_BluetoothA2DP: Final = "BluetoothA2DPOutput"
"""Output: Bluetooth device for music."""
kAudioSessionOutputRoute_BuiltInReceiver: Final = "Receiver"
"""Output: the phone's earpiece."""
kAudioSessionOutputRoute_BuiltInSpeaker: Final = "Speaker"
"""Output: the device's own loudspeaker."""
kAudioSessionOutputRoute_USBAudio: Final = "USBOutput"
"""Output: USB accessory."""
kAudioSessionOutputRoute_HDMI: Final = "HDMIOutput"
"""Output: HDMI."""
kAudioSessionOutputRoute_AirPlay: Final = "AirPlay"
"""Output: AirPlay device."""

# Results of the functions.

kAudioSessionNoError: Final = 0
"""It worked."""
kAudioSessionNotInitialized: Final = fourcc_number("!ini")
"""Not initialised."""
kAudioSessionAlreadyInitialized: Final = fourcc_number("init")
"""Initialised before."""
kAudioSessionInitializationError: Final = fourcc_number("ini?")
"""Initialising failed."""
kAudioSessionUnsupportedPropertyError: Final = fourcc_number("pty?")
"""There is no such property, or it cannot do this."""
kAudioSessionBadPropertySizeError: Final = fourcc_number("!siz")
"""The size is wrong."""
kAudioSessionNotActiveError: Final = fourcc_number("!act")
"""The session is not active."""
kAudioServicesNoHardwareError: Final = fourcc_number("nohw")
"""The hardware is not there."""
kAudioSessionNoCategorySet: Final = fourcc_number("?cat")
"""No category was ever set."""
kAudioSessionIncompatibleCategory: Final = fourcc_number("!cat")
"""The category cannot do this."""
kAudioSessionUnspecifiedError: Final = fourcc_number("what")
"""Something went wrong that has no name."""
