"""The smaller enumerations of Apple's audio session with Apple's own values.

Those a session is configured with are in :mod:`audiosession.apple.constants`, those whose
values are texts in :mod:`audiosession.apple.names`. Names follow the same rule: words are
split where capitals begin, and written in capitals with underscores. A class is there since
iOS 6.0 unless it says otherwise.

Values are those of AVAudioSessionTypes.h and AVAudioApplication.h; the route selection is
declared in AVKit, in AVPlaybackRouteSelecting.h.
"""

from __future__ import annotations

from enum import STRICT, Enum, IntFlag, StrEnum

from audiosession.apple.fourcc import fourcc_number

__all__ = [
    "AVAudioApplicationMicrophoneInjectionPermission",
    "AVAudioApplicationRecordPermission",
    "AVAudioSessionActivationOptions",
    "AVAudioSessionAnchoringStrategy",
    "AVAudioSessionDeactivationOptions",
    "AVAudioSessionDeactivationSource",
    "AVAudioSessionIOType",
    "AVAudioSessionInterruptionFlags",
    "AVAudioSessionInterruptionOptions",
    "AVAudioSessionInterruptionReason",
    "AVAudioSessionInterruptionType",
    "AVAudioSessionMicrophoneInjectionMode",
    "AVAudioSessionPortOverride",
    "AVAudioSessionPromptStyle",
    "AVAudioSessionRecordPermission",
    "AVAudioSessionRenderingMode",
    "AVAudioSessionResumptionRecommendation",
    "AVAudioSessionRouteChangeReason",
    "AVAudioSessionRouteSelection",
    "AVAudioSessionSetActiveFlags",
    "AVAudioSessionSilenceSecondaryAudioHintType",
    "AVAudioSessionSoundStageSize",
    "AVAudioSessionSpatialExperience",
    "AVAudioSessionSpatialExperienceOption",
    "AVAudioStereoOrientation",
]


class AVAudioSessionActivationOptions(IntFlag, boundary=STRICT):
    """How a session is activated without blocking; no option is defined so far.

    Since watchOS 5.0, iOS 27.0. Bits without a public meaning raise ``ValueError``.
    """

    NONE = 0
    """No option."""


class AVAudioSessionDeactivationOptions(IntFlag, boundary=STRICT):
    """How a session is deactivated without blocking.

    Since iOS 27.0. Bits without a public meaning raise ``ValueError``.
    """

    NONE = 0
    """No option."""
    NOTIFY_OTHERS_ON_DEACTIVATION = 0x1
    """Tell those who were interrupted that they may resume."""


class AVAudioSessionPortOverride(Enum):
    """Where the output goes for the time being."""

    NONE = 0
    """Where the category sends it."""
    SPEAKER = fourcc_number("spkr")
    """To the loudspeaker, with the built-in microphone as input."""


class AVAudioSessionRouteChangeReason(Enum):
    """Why the route changed; there is no reason 5."""

    UNKNOWN = 0
    """Nobody knows."""
    NEW_DEVICE_AVAILABLE = 1
    """A device has come, such as a headset."""
    OLD_DEVICE_UNAVAILABLE = 2
    """The device in use has gone."""
    CATEGORY_CHANGE = 3
    """The session has another category."""
    OVERRIDE = 4
    """The output was overridden."""
    WAKE_FROM_SLEEP = 6
    """The device woke up."""
    NO_SUITABLE_ROUTE_FOR_CATEGORY = 7
    """No route fits the category."""
    ROUTE_CONFIGURATION_CHANGE = 8
    """The ports are the same and their settings are not; since iOS 7.0."""


class AVAudioSessionInterruptionType(Enum):
    """Whether an interruption began or ended; began is 1. Deprecated since iOS 27.0."""

    BEGAN = 1
    """The system has made the session inactive."""
    ENDED = 0
    """The interruption is over."""


class AVAudioSessionInterruptionOptions(IntFlag, boundary=STRICT):
    """What to make of the end of an interruption. Deprecated since iOS 27.0.

    Bits without a public meaning raise ``ValueError``.
    """

    NONE = 0
    """No option."""
    SHOULD_RESUME = 0x1
    """Going on with what was interrupted is right."""


class AVAudioSessionInterruptionReason(Enum):
    """Why a session is interrupted.

    Since iOS 14.5.
    """

    DEFAULT = 0
    """Another session became active."""
    APP_WAS_SUSPENDED = 1
    """The app was suspended; deprecated since iOS 16.0."""
    BUILT_IN_MIC_MUTED = 2
    """The built-in microphone was muted in hardware."""
    SCENE_WAS_BACKGROUNDED = 3
    """The app's scene went to the background; visionOS."""
    ROUTE_DISCONNECTED = 4
    """The device in use was disconnected; since iOS 17.0."""
    DEVICE_UNAUTHENTICATED = 5
    """The device was taken off or locked; visionOS."""


class AVAudioSessionDeactivationSource(Enum):
    """Who made a session inactive.

    Since iOS 27.0.
    """

    APP = 1
    """The app itself."""
    SYSTEM = 2
    """The system."""


class AVAudioSessionResumptionRecommendation(Enum):
    """Whether to go on after an interruption.

    Since iOS 27.0.
    """

    SHOULD_NOT_RESUME = 0
    """Stay silent."""
    SHOULD_RESUME = 1
    """Go on."""


class AVAudioSessionSilenceSecondaryAudioHintType(Enum):
    """Whether sound that can be missed should fall silent; begin is 1.

    Since iOS 8.0.
    """

    BEGIN = 1
    """The main sound of another app has started."""
    END = 0
    """It has stopped."""


class AVAudioSessionIOType(Enum):
    """How input and output of one app are run.

    Since iOS 10.0.
    """

    NOT_SPECIFIED = 0
    """As the system likes."""
    AGGREGATED = 1
    """Both in one realtime callback, on one clock."""


class AVAudioSessionPromptStyle(Enum):
    """How voice prompts should sound now.

    Since iOS 13.0.
    """

    NONE = fourcc_number("none")
    """Not at all: somebody else uses the microphone."""
    SHORT = fourcc_number("shrt")
    """Short and without words: Siri is active, or a call or voicemail."""
    NORMAL = fourcc_number("nrml")
    """In full."""


class AVAudioSessionRecordPermission(Enum):
    """Whether the app may record.

    Since iOS 8.0, deprecated since iOS 17.0 for ``AVAudioApplicationRecordPermission``.
    """

    UNDETERMINED = fourcc_number("undt")
    """The user has not been asked."""
    DENIED = fourcc_number("deny")
    """The user said no."""
    GRANTED = fourcc_number("grnt")
    """The user said yes."""


class AVAudioApplicationRecordPermission(Enum):
    """Whether the app may record.

    Since iOS 17.0.
    """

    UNDETERMINED = fourcc_number("undt")
    """The user has not been asked."""
    DENIED = fourcc_number("deny")
    """The user said no."""
    GRANTED = fourcc_number("grnt")
    """The user said yes."""


class AVAudioApplicationMicrophoneInjectionPermission(Enum):
    """Whether the app may add speech to the input of another one.

    Since iOS 18.2.
    """

    SERVICE_DISABLED = fourcc_number("srds")
    """The user has switched this off for all apps."""
    UNDETERMINED = fourcc_number("undt")
    """The user has not been asked."""
    DENIED = fourcc_number("deny")
    """The user said no."""
    GRANTED = fourcc_number("grnt")
    """The user said yes."""


class AVAudioSessionMicrophoneInjectionMode(Enum):
    """What the app adds to the input of another one; for accessibility.

    Since iOS 18.2.
    """

    NONE = 0
    """Nothing."""
    SPOKEN_AUDIO = 1
    """Synthetic speech."""


class AVAudioStereoOrientation(Enum):
    """How the device is held, for stereo input.

    Since iOS 14.0.
    """

    NONE = 0
    """Input is not stereo."""
    PORTRAIT = 1
    """Upright, the connector at the bottom."""
    PORTRAIT_UPSIDE_DOWN = 2
    """Upside down, the connector at the top."""
    LANDSCAPE_RIGHT = 3
    """On its side, the connector at the right."""
    LANDSCAPE_LEFT = 4
    """On its side, the connector at the left."""


class AVAudioSessionRenderingMode(Enum):
    """What the route makes of the content that is played.

    Since iOS 17.2.
    """

    NOT_APPLICABLE = 0
    """Nothing is loaded."""
    MONO_STEREO = 1
    """One or two channels."""
    SURROUND = 2
    """More channels, in none of the ways below."""
    SPATIAL_AUDIO = 3
    """Spatial audio; Dolby content falls back to it."""
    DOLBY_AUDIO = 4
    """Dolby Audio."""
    DOLBY_ATMOS = 5
    """Dolby Atmos."""


class AVAudioSessionRouteSelection(Enum):
    """Where a film shall play, as chosen before it starts; declared in AVKit.

    Since iOS 13.0.
    """

    NONE = 0
    """Nothing was chosen."""
    LOCAL = 1
    """On this device."""
    EXTERNAL = 2
    """On another device."""


class AVAudioSessionSoundStageSize(Enum):
    """How far around the user sound spreads; visionOS.

    Since visionOS 1.0.
    """

    AUTOMATIC = 0
    """As the system likes."""
    SMALL = 1
    """Little."""
    MEDIUM = 2
    """Somewhat."""
    LARGE = 3
    """As far as can be."""


class AVAudioSessionAnchoringStrategy(Enum):
    """What the place of sound is tied to; visionOS.

    Since visionOS 1.0.
    """

    AUTOMATIC = 0
    """What the system likes."""
    SCENE = 1
    """A scene of the app."""
    FRONT = 2
    """The user's front."""


class AVAudioSessionSpatialExperience(Enum):
    """How sound is placed around the user; visionOS.

    Since visionOS 1.0.
    """

    HEAD_TRACKED = 0
    """It stays where it is when the head turns."""
    FIXED = 1
    """It turns with the head."""
    BYPASSED = 2
    """It is not placed at all."""


class AVAudioSessionSpatialExperienceOption(StrEnum):
    """Keys of the options of a spatial experience; visionOS.

    Since visionOS 1.0. Apple does not publish the texts; they are taken to equal the names.
    """

    SOUND_STAGE_SIZE = "AVAudioSessionSpatialExperienceOptionSoundStageSize"
    """An ``AVAudioSessionSoundStageSize``."""
    ANCHORING_STRATEGY = "AVAudioSessionSpatialExperienceOptionAnchoringStrategy"
    """An ``AVAudioSessionAnchoringStrategy``."""
    SCENE_IDENTIFIER = "AVAudioSessionSpatialExperienceOptionSceneIdentifier"
    """The scene's identifier, a text; anchoring to a scene needs it."""


class AVAudioSessionInterruptionFlags(IntFlag, boundary=STRICT):
    """What the old delegate's ``endInterruptionWithFlags:`` is given.

    Since iOS 4.0, deprecated since iOS 6.0. Bits without a public meaning raise ``ValueError``.
    """

    NONE = 0
    """No flag."""
    SHOULD_RESUME = 0x1
    """Going on with what was interrupted is right."""


class AVAudioSessionSetActiveFlags(IntFlag, boundary=STRICT):
    """What the old ``setActive:withFlags:error:`` takes.

    Since iOS 4.0, deprecated since iOS 6.0. Bits without a public meaning raise ``ValueError``.
    """

    NONE = 0
    """No flag."""
    NOTIFY_OTHERS_ON_DEACTIVATION = 0x1
    """On deactivation, tell those who were interrupted that they may resume."""
