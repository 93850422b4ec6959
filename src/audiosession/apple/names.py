"""Apple's text constants: ports, data sources, notifications and what they carry.

Names follow the rule of :mod:`audiosession.apple.constants`; what all names of a class have
in common is left out (``AVAudioSessionPortBuiltInMic`` is ``AVAudioSessionPort.BUILT_IN_MIC``).
A member is the text itself: it equals it and may stand for it as a key.

The names are those of AVAudioSessionTypes.h and AVAudioSession.h. Apple does not publish the
texts. Those of ports are what devices write to their logs, where anybody has seen them; those
of notifications and keys equal the names. How sure each one is, is in the facts
(:func:`audiosession.apple.facts.avaudiosession`).
"""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "AVAudioApplicationNotificationName",
    "AVAudioApplicationUserInfoKey",
    "AVAudioSessionLocation",
    "AVAudioSessionNotificationName",
    "AVAudioSessionOrientation",
    "AVAudioSessionPolarPattern",
    "AVAudioSessionPort",
    "AVAudioSessionUserInfoKey",
]


class AVAudioSessionPort(StrEnum):
    """What kind of device a port is; the value is Apple's text constant.

    Since iOS 6.0 unless a member says otherwise.

    https://developer.apple.com/documentation/avfaudio/avaudiosession/port
    """

    CONTINUITY_MICROPHONE = "ContinuityMicrophone"
    """Input: a phone's microphone, lent to a television; since iOS 17.0."""
    LINE_IN = "LineIn"
    """Input: the line input of a dock."""
    BUILT_IN_MIC = "MicrophoneBuiltIn"
    """Input: the device's own microphone."""
    HEADSET_MIC = "MicrophoneWired"
    """Input: the microphone of a wired headset."""
    LINE_OUT = "LineOut"
    """Output: the line output of a dock."""
    HEADPHONES = "Headphones"
    """Output: wired headphones, or a headset's."""
    BLUETOOTH_A2DP = "BluetoothA2DPOutput"
    """Output: a Bluetooth device for music."""
    BUILT_IN_RECEIVER = "Receiver"
    """Output: the phone's earpiece."""
    BUILT_IN_SPEAKER = "Speaker"
    """Output: the device's own loudspeaker."""
    HDMI = "HDMIOutput"
    """Output: HDMI."""
    AIR_PLAY = "AirPlay"
    """Output: an AirPlay device."""
    BLUETOOTH_LE = "BluetoothLE"
    """Output: a Bluetooth Low Energy device; the mode dualRoute records from it too. Since
    iOS 7.0."""
    BLUETOOTH_HFP = "BluetoothHFP"
    """Input and output: a hands-free Bluetooth device."""
    USB_AUDIO = "USBAudio"
    """Input and output: a USB device."""
    CAR_AUDIO = "CarAudio"
    """Input and output: a car, through CarPlay; since iOS 7.0."""
    VIRTUAL = "Virtual"
    """Input and output: no real hardware; since iOS 14.0."""
    PCI = "PCI"
    """Input and output: a card on the PCI bus; since iOS 14.0."""
    FIRE_WIRE = "FireWire"
    """Input and output: FireWire; since iOS 14.0."""
    DISPLAY_PORT = "DisplayPort"
    """Input and output: DisplayPort; since iOS 14.0."""
    AVB = "AVB"
    """Input and output: Audio Video Bridging; since iOS 14.0."""
    THUNDERBOLT = "Thunderbolt"
    """Input and output: Thunderbolt; since iOS 14.0."""
    MEDIA_DEVICE_EXTENSION = "MediaDeviceExtension"
    """Output: a device that an extension offers to the whole system; since iOS 27.0. Nobody
    has seen the text: this one is the name's end."""


class AVAudioSessionLocation(StrEnum):
    """Where on the device a data source is; the value is Apple's text constant.

    Since iOS 7.0.
    """

    UPPER = "Upper"
    """In the upper half."""
    LOWER = "Lower"
    """In the lower half."""


class AVAudioSessionOrientation(StrEnum):
    """Which way a data source points; the value is Apple's text constant.

    Since iOS 7.0, left and right since iOS 8.0. The directions are those of a device that
    is held upright with its screen towards the user.
    """

    TOP = "Top"
    """Up."""
    BOTTOM = "Bottom"
    """Down."""
    FRONT = "Front"
    """Towards the user, out of the screen."""
    BACK = "Back"
    """Away from the user."""
    LEFT = "Left"
    """To the left."""
    RIGHT = "Right"
    """To the right."""


class AVAudioSessionPolarPattern(StrEnum):
    """From where a microphone hears; the value is Apple's text constant.

    Since iOS 7.0, stereo since iOS 14.0.
    """

    OMNIDIRECTIONAL = "Omnidirectional"
    """All around alike."""
    CARDIOID = "Cardioid"
    """From in front, hardly from behind."""
    SUBCARDIOID = "Subcardioid"
    """From in front, and less from behind."""
    STEREO = "Stereo"
    """Left and right apart; needs an input orientation."""


class AVAudioSessionNotificationName(StrEnum):
    """What happens to a session; Swift has these as members of the session's class.

    The object of each is the session. Since iOS 6.0 unless a member says otherwise. Which
    keys each carries is in the facts.
    """

    INTERRUPTION = "AVAudioSessionInterruptionNotification"
    """An interruption began or ended; deprecated since iOS 27.0."""
    ROUTE_CHANGE = "AVAudioSessionRouteChangeNotification"
    """The route has changed; the previous one comes along."""
    MEDIA_SERVICES_WERE_LOST = "AVAudioSessionMediaServicesWereLostNotification"
    """The system's media server has died; since iOS 7.0."""
    MEDIA_SERVICES_WERE_RESET = "AVAudioSessionMediaServicesWereResetNotification"
    """It is back, and everything has to be set up anew."""
    SILENCE_SECONDARY_AUDIO_HINT = "AVAudioSessionSilenceSecondaryAudioHintNotification"
    """The main sound of another app started or stopped; since iOS 8.0."""
    SPATIAL_PLAYBACK_CAPABILITIES_CHANGED = (
        "AVAudioSessionSpatialPlaybackCapabilitiesChangedNotification"
    )
    """The user switched spatial audio on or off; since iOS 15.0."""
    RENDERING_MODE_CHANGE = "AVAudioSessionRenderingModeChangeNotification"
    """The rendering mode has changed; since iOS 17.2."""
    RENDERING_CAPABILITIES_CHANGE = "AVAudioSessionRenderingCapabilitiesChangeNotification"
    """What the route can render has changed; since iOS 17.2."""
    MICROPHONE_INJECTION_CAPABILITIES_CHANGE = (
        "AVAudioSessionMicrophoneInjectionCapabilitiesChangeNotification"
    )
    """Adding speech to another app's input became possible or impossible; since iOS 18.2."""
    OUTPUT_MUTE_STATE_CHANGE = "AVAudioSessionOutputMuteStateChangeNotification"
    """The session's output was muted or unmuted; since iOS 26.0."""
    USER_INTENT_TO_UNMUTE_OUTPUT = "AVAudioSessionUserIntentToUnmuteOutputNotification"
    """The user seems to want the output unmuted; since iOS 26.0."""
    AVAILABLE_INPUTS_CHANGE = "AVAudioSessionAvailableInputsChangeNotification"
    """There are other inputs to choose from; since iOS 26.0."""
    DID_BECOME_ACTIVE = "AVAudioSessionDidBecomeActiveNotification"
    """The session is active; since iOS 27.0."""
    DID_BECOME_INACTIVE = "AVAudioSessionDidBecomeInactiveNotification"
    """The session is inactive, whoever made it so; since iOS 27.0."""
    RESUMPTION_RECOMMENDATION = "AVAudioSessionResumptionRecommendationNotification"
    """The system says whether to go on; since iOS 27.0."""


class AVAudioSessionUserInfoKey(StrEnum):
    """Keys of what comes along with a notification.

    A name is Apple's without ``AVAudioSession`` and ``Key``. Since iOS 6.0 unless a member
    says otherwise.
    """

    INTERRUPTION_TYPE = "AVAudioSessionInterruptionTypeKey"
    """An ``AVAudioSessionInterruptionType``; deprecated since iOS 27.0."""
    INTERRUPTION_OPTION = "AVAudioSessionInterruptionOptionKey"
    """``AVAudioSessionInterruptionOptions``, at the end only; deprecated since iOS 27.0."""
    INTERRUPTION_REASON = "AVAudioSessionInterruptionReasonKey"
    """An ``AVAudioSessionInterruptionReason``, at the beginning only; since iOS 14.5,
    deprecated since iOS 27.0."""
    INTERRUPTION_WAS_SUSPENDED = "AVAudioSessionInterruptionWasSuspendedKey"
    """True at the beginning when the app had been suspended; since iOS 10.3, deprecated since
    iOS 14.5."""
    ROUTE_CHANGE_REASON = "AVAudioSessionRouteChangeReasonKey"
    """An ``AVAudioSessionRouteChangeReason``."""
    ROUTE_CHANGE_PREVIOUS_ROUTE = "AVAudioSessionRouteChangePreviousRouteKey"
    """The ``AVAudioSessionRouteDescription`` of the route before."""
    SILENCE_SECONDARY_AUDIO_HINT_TYPE = "AVAudioSessionSilenceSecondaryAudioHintTypeKey"
    """An ``AVAudioSessionSilenceSecondaryAudioHintType``; since iOS 8.0."""
    SPATIAL_AUDIO_ENABLED = "AVAudioSessionSpatialAudioEnabledKey"
    """Whether spatial audio is on; since iOS 15.0."""
    RENDERING_MODE_NEW_RENDERING_MODE = "AVAudioSessionRenderingModeNewRenderingModeKey"
    """An ``AVAudioSessionRenderingMode``; since iOS 17.2."""
    MICROPHONE_INJECTION_IS_AVAILABLE = "AVAudioSessionMicrophoneInjectionIsAvailableKey"
    """Whether speech can be added to another app's input; since iOS 18.2."""
    MUTE_STATE = "AVAudioSessionMuteStateKey"
    """Whether the output is muted; since iOS 26.0."""
    DEACTIVATION_CONTEXT = "AVAudioSessionDeactivationContextKey"
    """An ``AVAudioSessionDeactivationContext``; since iOS 27.0."""
    RESUMPTION_CONTEXT = "AVAudioSessionResumptionContextKey"
    """An ``AVAudioSessionResumptionContext``; since iOS 27.0."""


class AVAudioApplicationNotificationName(StrEnum):
    """What happens to the app's audio; the object is the ``AVAudioApplication``.

    Since iOS 17.0.
    """

    INPUT_MUTE_STATE_CHANGE = "AVAudioApplicationInputMuteStateChangeNotification"
    """All input of the app was muted or unmuted."""


class AVAudioApplicationUserInfoKey(StrEnum):
    """Keys of what comes along with a notification of ``AVAudioApplication``.

    Since iOS 17.0.
    """

    MUTE_STATE = "AVAudioApplicationMuteStateKey"
    """Whether the input is muted."""
