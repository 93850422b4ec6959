"""Apple's audio session constants with Apple's own values.

Names follow Swift's by one rule: words are split where capitals begin, and written in
capitals with underscores (``allowBluetoothA2DP`` is ``ALLOW_BLUETOOTH_A2DP``). Values are
those of AVAudioSessionTypes.h: the text of a text constant, the number of a number.
"""

from __future__ import annotations

from enum import STRICT, Enum, IntFlag

__all__ = [
    "AVAudioSessionCategory",
    "AVAudioSessionCategoryOptions",
    "AVAudioSessionMode",
    "AVAudioSessionRouteSharingPolicy",
    "AVAudioSessionSetActiveOptions",
]


class AVAudioSessionCategory(Enum):
    """What an app does with sound; the value is Apple's text constant.

    https://developer.apple.com/documentation/avfaudio/avaudiosession/category-swift.struct
    """

    AMBIENT = "AVAudioSessionCategoryAmbient"
    """Sound that can be missed, mixed with everybody's; the ring switch silences it."""
    SOLO_AMBIENT = "AVAudioSessionCategorySoloAmbient"
    """Sound that can be missed, alone; the ring switch silences it. A session's first one."""
    PLAYBACK = "AVAudioSessionCategoryPlayback"
    """Playing is what the app is for; the ring switch does not silence it."""
    RECORD = "AVAudioSessionCategoryRecord"
    """Recording only; almost all other sound is silent meanwhile."""
    PLAY_AND_RECORD = "AVAudioSessionCategoryPlayAndRecord"
    """Playing and recording, at once or by turns: calls, assistants."""
    AUDIO_PROCESSING = "AVAudioSessionCategoryAudioProcessing"
    """Neither playing nor recording; deprecated since iOS 10."""
    MULTI_ROUTE = "AVAudioSessionCategoryMultiRoute"
    """Different sound to several outputs at once."""


class AVAudioSessionCategoryOptions(IntFlag, boundary=STRICT):
    """How a category behaves towards others and which routes it may use.

    Bits without a public meaning raise ``ValueError``. Which option fits which category
    is in :mod:`audiosession.apple.legality`.

    https://developer.apple.com/documentation/avfaudio/avaudiosession/categoryoptions-swift.struct
    """

    NONE = 0
    """No option."""
    MIX_WITH_OTHERS = 0x1
    """Interrupt nobody, and sound together with the others."""
    DUCK_OTHERS = 0x2
    """Lower the others while active; includes mixing."""
    ALLOW_BLUETOOTH_HFP = 0x4
    """Offer hands-free Bluetooth devices, for recording and so for playing too."""
    ALLOW_BLUETOOTH = 0x4
    """The old name of ``ALLOW_BLUETOOTH_HFP``."""
    DEFAULT_TO_SPEAKER = 0x8
    """Play on the loudspeaker where the phone's earpiece would be used."""
    # Has no public name or meaning of its own. Python before 3.11.4 refuses to join flags
    # with one that holds a bit no member stands for.
    _INTERRUPT_SPOKEN_AUDIO = 0x10
    """Half of the next one."""
    INTERRUPT_SPOKEN_AUDIO_AND_MIX_WITH_OTHERS = 0x11
    """Interrupt sessions in mode spokenAudio and mix with all others."""
    ALLOW_BLUETOOTH_A2DP = 0x20
    """Offer Bluetooth devices for music, where playing and recording are joined."""
    ALLOW_AIR_PLAY = 0x40
    """Offer AirPlay devices, where playing and recording are joined."""
    OVERRIDE_MUTED_MICROPHONE_INTERRUPTION = 0x80
    """Stay active when the built-in microphone is muted in hardware; it then gives zeros."""
    FAR_FIELD_INPUT = 0x40000
    """Prefer a Bluetooth device's far-field microphones; since iOS 26.2."""
    BLUETOOTH_HIGH_QUALITY_RECORDING = 0x80000
    """Record from Bluetooth at full bandwidth; since iOS 26.0."""


class AVAudioSessionMode(Enum):
    """What a category is used for in particular; the value is Apple's text constant.

    https://developer.apple.com/documentation/avfaudio/avaudiosession/mode-swift.struct
    """

    DEFAULT = "AVAudioSessionModeDefault"
    """Nothing in particular."""
    GAME_CHAT = "AVAudioSessionModeGameChat"
    """Voice chat of a game; GameKit sets it, apps are told not to."""
    MEASUREMENT = "AVAudioSessionModeMeasurement"
    """As little signal processing as possible."""
    MOVIE_PLAYBACK = "AVAudioSessionModeMoviePlayback"
    """Films and other video content."""
    SPOKEN_AUDIO = "AVAudioSessionModeSpokenAudio"
    """Continuous speech, which had better be paused than lowered under a prompt."""
    VIDEO_CHAT = "AVAudioSessionModeVideoChat"
    """A video call; includes hands-free Bluetooth and the loudspeaker."""
    VIDEO_RECORDING = "AVAudioSessionModeVideoRecording"
    """Recording a film: the microphone nearest the camera."""
    VOICE_CHAT = "AVAudioSessionModeVoiceChat"
    """A voice call; includes hands-free Bluetooth."""
    VOICE_PROMPT = "AVAudioSessionModeVoicePrompt"
    """Short prompts of synthetic speech."""
    SHORT_FORM_VIDEO = "AVAudioSessionModeShortFormVideo"
    """Short clips; since iOS 26.0."""
    DUAL_ROUTE = "AVAudioSessionModeDualRoute"
    """The built-in microphone and loudspeaker plus a second device; since iOS 26.2."""


class AVAudioSessionRouteSharingPolicy(Enum):
    """Whether an app shares a route with others; the value is Apple's number.

    The order is Apple's: ``INDEPENDENT`` is 2 and ``LONG_FORM_VIDEO`` is 3.

    https://developer.apple.com/documentation/avfaudio/avaudiosession/routesharingpolicy-swift.enum
    """

    DEFAULT = 0
    """The usual routing."""
    LONG_FORM_AUDIO = 1
    """The route that music and podcasts share."""
    LONG_FORM = 1
    """The old name of ``LONG_FORM_AUDIO``."""
    INDEPENDENT = 2
    """A route of one's own; the system sets it for a chosen video route, apps do not."""
    LONG_FORM_VIDEO = 3
    """The route that films share."""


class AVAudioSessionSetActiveOptions(IntFlag, boundary=STRICT):
    """How a session is activated or deactivated.

    Bits without a public meaning raise ``ValueError``.

    https://developer.apple.com/documentation/avfaudio/avaudiosession/setactiveoptions
    """

    NONE = 0
    """No option."""
    NOTIFY_OTHERS_ON_DEACTIVATION = 0x1
    """On deactivation, tell those who were interrupted that they may resume."""
