"""The enumerations of Apple's capture classes with Apple's own values.

Names follow the rule of :mod:`audiosession.apple.constants`: words are split where capitals
begin, and written in capitals with underscores. A class is there since iOS 4.0 unless it says
otherwise. Values are those of AVCaptureSession.h, AVCaptureDevice.h, AVCaptureInput.h,
AVCaptureOutputBase.h and AVMediaFormat.h.
"""

from __future__ import annotations

from enum import Enum, StrEnum

__all__ = [
    "AVAuthorizationStatus",
    "AVCaptureDevicePosition",
    "AVCaptureDeviceType",
    "AVCaptureMicrophoneMode",
    "AVCaptureMultichannelAudioMode",
    "AVCaptureOutputDataDroppedReason",
    "AVCaptureSessionInterruptionReason",
    "AVCaptureSystemPressureLevel",
    "AVCaptureVideoOrientation",
    "AVCaptureVideoStabilizationMode",
    "AVMediaType",
]


class AVMediaType(StrEnum):
    """What kind of samples there are; the value is Apple's text constant."""

    AUDIO = "soun"
    """Sound."""
    VIDEO = "vide"
    """Pictures."""
    MUXED = "muxx"
    """Both in one stream."""


class AVAuthorizationStatus(Enum):
    """Whether the app may use devices of a media type.

    Since iOS 7.0.
    """

    NOT_DETERMINED = 0
    """The user has not been asked."""
    RESTRICTED = 1
    """A policy of the device forbids it, and the user cannot change that."""
    DENIED = 2
    """The user said no."""
    AUTHORIZED = 3
    """The user said yes."""


class AVCaptureDevicePosition(Enum):
    """Where on the device a camera sits."""

    UNSPECIFIED = 0
    """Nowhere in particular, as a microphone or an external camera."""
    BACK = 1
    """On the back, away from the user."""
    FRONT = 2
    """On the screen's side, towards the user."""


class AVCaptureDeviceType(StrEnum):
    """What kind of device it is; the value is Apple's text constant.

    Since iOS 10.0 unless a member says otherwise.
    """

    MICROPHONE = "AVCaptureDeviceTypeMicrophone"
    """A microphone; since iOS 17.0."""
    BUILT_IN_MICROPHONE = "AVCaptureDeviceTypeBuiltInMicrophone"
    """The old name of a microphone, deprecated since iOS 17.0."""
    EXTERNAL = "AVCaptureDeviceTypeExternal"
    """A camera that is plugged in; since iOS 17.0."""
    EXTERNAL_UNKNOWN = "AVCaptureDeviceTypeExternalUnknown"
    """The old name of a camera that is plugged in; macOS, deprecated since macOS 14.0."""
    CONTINUITY_CAMERA = "AVCaptureDeviceTypeContinuityCamera"
    """A phone's camera, lent to another device; since iOS 17.0."""
    DESK_VIEW_CAMERA = "AVCaptureDeviceTypeDeskViewCamera"
    """A camera's view of the desk; macOS 13.0."""
    BUILT_IN_WIDE_ANGLE_CAMERA = "AVCaptureDeviceTypeBuiltInWideAngleCamera"
    """The usual built-in camera."""
    BUILT_IN_TELEPHOTO_CAMERA = "AVCaptureDeviceTypeBuiltInTelephotoCamera"
    """A built-in camera with a longer focal length."""
    BUILT_IN_ULTRA_WIDE_CAMERA = "AVCaptureDeviceTypeBuiltInUltraWideCamera"
    """A built-in camera with a shorter focal length; since iOS 13.0."""
    BUILT_IN_DUAL_CAMERA = "AVCaptureDeviceTypeBuiltInDualCamera"
    """Wide angle and telephoto as one; since iOS 10.2."""
    BUILT_IN_DUAL_WIDE_CAMERA = "AVCaptureDeviceTypeBuiltInDualWideCamera"
    """Wide angle and ultra wide as one; since iOS 13.0."""
    BUILT_IN_TRIPLE_CAMERA = "AVCaptureDeviceTypeBuiltInTripleCamera"
    """All three as one; since iOS 13.0."""
    BUILT_IN_TRUE_DEPTH_CAMERA = "AVCaptureDeviceTypeBuiltInTrueDepthCamera"
    """The front camera that sees depth; since iOS 11.1."""
    BUILT_IN_LI_DAR_DEPTH_CAMERA = "AVCaptureDeviceTypeBuiltInLiDARDepthCamera"
    """The back camera that measures depth by light; since iOS 15.4."""
    BUILT_IN_DUO_CAMERA = "AVCaptureDeviceTypeBuiltInDuoCamera"
    """The old name of the dual camera, deprecated since iOS 10.2."""


class AVCaptureMicrophoneMode(Enum):
    """How the system treats what the microphone hears; the user chooses.

    Since iOS 15.0.
    """

    STANDARD = 0
    """Voice processing as for a call."""
    WIDE_SPECTRUM = 1
    """Hardly any processing: all that sounds is heard."""
    VOICE_ISOLATION = 2
    """All but the voice is taken out."""


class AVCaptureMultichannelAudioMode(Enum):
    """Whether the built-in microphones record more than one channel.

    Since iOS 18.0.
    """

    NONE = 0
    """One channel."""
    STEREO = 1
    """Left and right."""
    FIRST_ORDER_AMBISONICS = 2
    """Four channels that hold sound from all around."""


class AVCaptureSessionInterruptionReason(Enum):
    """Why a capture session is interrupted; there is no 0.

    Since iOS 9.0 unless a member says otherwise.
    """

    VIDEO_DEVICE_NOT_AVAILABLE_IN_BACKGROUND = 1
    """The app is in the background, where no camera runs."""
    AUDIO_DEVICE_IN_USE_BY_ANOTHER_CLIENT = 2
    """Somebody else has the audio, such as a call or an alarm."""
    VIDEO_DEVICE_IN_USE_BY_ANOTHER_CLIENT = 3
    """Somebody else has the camera."""
    VIDEO_DEVICE_NOT_AVAILABLE_WITH_MULTIPLE_FOREGROUND_APPS = 4
    """Several apps share the screen, and the camera is not for that."""
    VIDEO_DEVICE_NOT_AVAILABLE_DUE_TO_SYSTEM_PRESSURE = 5
    """The device is too hot or its power too low; since iOS 11.1."""
    SENSITIVE_CONTENT_MITIGATION_ACTIVATED = 6
    """What the camera shows was judged sensitive; since iOS 26.0."""


class AVCaptureSystemPressureLevel(StrEnum):
    """How much the hardware has to bear; the value is Apple's text constant.

    Since iOS 11.1. Nobody has seen the texts: they are taken to equal the names.
    """

    NOMINAL = "AVCaptureSystemPressureLevelNominal"
    """Nothing to speak of."""
    FAIR = "AVCaptureSystemPressureLevelFair"
    """Somewhat raised; nothing has to be done."""
    SERIOUS = "AVCaptureSystemPressureLevelSerious"
    """High; a lower frame rate is advised."""
    CRITICAL = "AVCaptureSystemPressureLevelCritical"
    """Very high; quality and speed are reduced."""
    SHUTDOWN = "AVCaptureSystemPressureLevelShutdown"
    """Too high: the camera stops."""


class AVCaptureOutputDataDroppedReason(Enum):
    """Why a sample was not handed over.

    Since iOS 11.0.
    """

    NONE = 0
    """None was dropped."""
    LATE_DATA = 1
    """The one before was still being handled."""
    OUT_OF_BUFFERS = 2
    """There was no memory for it."""
    DISCONTINUITY = 3
    """The device itself lost some."""


class AVCaptureVideoOrientation(Enum):
    """Which way up pictures are; deprecated since iOS 17.0 for a rotation angle."""

    PORTRAIT = 1
    """Upright."""
    PORTRAIT_UPSIDE_DOWN = 2
    """Upside down."""
    LANDSCAPE_RIGHT = 3
    """On its side, the home button at the right."""
    LANDSCAPE_LEFT = 4
    """On its side, the home button at the left."""


class AVCaptureVideoStabilizationMode(Enum):
    """How shaking is taken out of pictures.

    Since iOS 8.0.
    """

    OFF = 0
    """Not at all."""
    STANDARD = 1
    """With little delay."""
    CINEMATIC = 2
    """With more delay, and calmer."""
    CINEMATIC_EXTENDED = 3
    """Calmer still; since iOS 13.0."""
    PREVIEW_OPTIMIZED = 4
    """Without delay of the preview; since iOS 17.0."""
    CINEMATIC_EXTENDED_ENHANCED = 5
    """Calmest, with a narrower view; since iOS 18.0."""
    LOW_LATENCY = 6
    """With the least delay; since iOS 26.0."""
    AUTO = -1
    """As the system likes."""
