"""What an app tells about its audio, for every platform at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final, TypeVar

from audiosession import _json
from audiosession.android.attributes import AndroidAudioAttributes
from audiosession.android.constants import (
    AndroidAudioContentType,
    AndroidAudioFlags,
    AndroidAudioFocusGainType,
    AndroidAudioUsage,
)
from audiosession.apple import legality
from audiosession.apple.constants import (
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionMode,
    AVAudioSessionRouteSharingPolicy,
    AVAudioSessionSetActiveOptions,
)
from audiosession.errors import (
    IllegalCombinationError,
    InvalidTypeError,
    InvalidValueError,
    MissingFieldError,
    UnknownNameError,
)
from audiosession.web.page_audio import PageAudio

__all__ = ["RECIPES", "UNSET", "AudioSessionConfiguration", "Unset", "recipe"]

T = TypeVar("T")


class Unset(Enum):
    """The type of :data:`UNSET`."""

    UNSET = "unset"
    """An argument that was not given, where ``None`` is one that can be."""


UNSET: Final = Unset.UNSET

_FIELD_TYPES: Final[Mapping[str, tuple[type, str]]] = {
    "av_audio_session_category": (AVAudioSessionCategory, "an AVAudioSessionCategory or None"),
    "av_audio_session_category_options": (
        AVAudioSessionCategoryOptions,
        "AVAudioSessionCategoryOptions or None",
    ),
    "av_audio_session_mode": (AVAudioSessionMode, "an AVAudioSessionMode or None"),
    "av_audio_session_route_sharing_policy": (
        AVAudioSessionRouteSharingPolicy,
        "an AVAudioSessionRouteSharingPolicy or None",
    ),
    "av_audio_session_set_active_options": (
        AVAudioSessionSetActiveOptions,
        "AVAudioSessionSetActiveOptions or None",
    ),
    "android_audio_attributes": (AndroidAudioAttributes, "AndroidAudioAttributes or None"),
    "android_audio_focus_gain_type": (AndroidAudioFocusGainType, "an AndroidAudioFocusGainType"),
    "android_will_pause_when_ducked": (bool, "True, False or None"),
    "page_audio": (PageAudio, "PageAudio or None"),
}

_CATEGORY = "avAudioSessionCategory"
_OPTIONS = "avAudioSessionCategoryOptions"
_MODE = "avAudioSessionMode"
_POLICY = "avAudioSessionRouteSharingPolicy"
_SET_ACTIVE = "avAudioSessionSetActiveOptions"
_ATTRIBUTES = "androidAudioAttributes"
_GAIN_TYPE = "androidAudioFocusGainType"
_WILL_PAUSE = "androidWillPauseWhenDucked"
_PAGE_AUDIO = "pageAudio"
_KEYS: Final = (
    _CATEGORY,
    _OPTIONS,
    _MODE,
    _POLICY,
    _SET_ACTIVE,
    _ATTRIBUTES,
    _GAIN_TYPE,
    _WILL_PAUSE,
)

_PLUGIN_MODES: Final = (
    AVAudioSessionMode.DEFAULT,
    AVAudioSessionMode.GAME_CHAT,
    AVAudioSessionMode.MEASUREMENT,
    AVAudioSessionMode.MOVIE_PLAYBACK,
    AVAudioSessionMode.SPOKEN_AUDIO,
    AVAudioSessionMode.VIDEO_CHAT,
    AVAudioSessionMode.VIDEO_RECORDING,
    AVAudioSessionMode.VOICE_CHAT,
    AVAudioSessionMode.VOICE_PROMPT,
)
"""The Flutter plugin's modes in the order of its enumeration, which its JSON counts by."""
_PLUGIN_POLICIES: Final = (
    AVAudioSessionRouteSharingPolicy.DEFAULT,
    AVAudioSessionRouteSharingPolicy.LONG_FORM_AUDIO,
    AVAudioSessionRouteSharingPolicy.LONG_FORM_VIDEO,
    AVAudioSessionRouteSharingPolicy.INDEPENDENT,
)
"""The Flutter plugin's policies in the order of its enumeration, which is not Apple's."""

_LEGALITY_FIELDS: Final = {
    "options": "av_audio_session_category_options",
    "mode": "av_audio_session_mode",
    "policy": "av_audio_session_route_sharing_policy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioSessionConfiguration:
    """What an app's audio is for, and how it wants to get along with others.

    On a phone only that phone's fields count: those that begin with ``av_`` on iOS, those
    that begin with ``android_`` on Android. Everywhere else both count.

    Take a recipe, such as :meth:`music`, and change it with :meth:`copy_with`, or write one
    from scratch. :meth:`validate` tells whether Apple's part holds together.

    Raises:
        InvalidTypeError: A field has the wrong type.
    """

    av_audio_session_category: AVAudioSessionCategory | None = None
    """What the app does with sound; ``None`` is Apple's first category, soloAmbient."""
    av_audio_session_category_options: AVAudioSessionCategoryOptions | None = None
    """How it behaves towards others; ``None`` is no option."""
    av_audio_session_mode: AVAudioSessionMode | None = None
    """What it uses the category for; ``None`` is the default mode."""
    av_audio_session_route_sharing_policy: AVAudioSessionRouteSharingPolicy | None = None
    """Whether it shares a route; ``None`` is the default policy."""
    av_audio_session_set_active_options: AVAudioSessionSetActiveOptions | None = None
    """How it is activated and deactivated; ``None`` is no option."""
    android_audio_attributes: AndroidAudioAttributes | None = None
    """What its sound is and why it plays; for players to take up."""
    android_audio_focus_gain_type: AndroidAudioFocusGainType = AndroidAudioFocusGainType.GAIN
    """How long and how hard it asks for focus."""
    android_will_pause_when_ducked: bool | None = None
    """Whether it would rather be paused than lowered; ``None`` is the platform's default."""
    page_audio: PageAudio | None = None
    """What a web page's session asks for, which then counts alone where apps are judged by this
    package; set by :mod:`audiosession.web`."""

    def __post_init__(self) -> None:
        for name, (kind, expected) in _FIELD_TYPES.items():
            value = getattr(self, name)
            if isinstance(value, kind):
                continue
            if value is not None or name == "android_audio_focus_gain_type":
                raise InvalidTypeError(name, value, expected=expected)

    @classmethod
    def music(cls) -> AudioSessionConfiguration:
        """For music players: stops other long sound, and goes on while the phone is locked.

        Others stop; under a prompt it is lowered. The same as the Flutter plugin's recipe.
        """
        return cls(
            av_audio_session_category=AVAudioSessionCategory.PLAYBACK,
            av_audio_session_mode=AVAudioSessionMode.DEFAULT,
            android_audio_attributes=AndroidAudioAttributes(
                content_type=AndroidAudioContentType.MUSIC,
                usage=AndroidAudioUsage.MEDIA,
            ),
            android_audio_focus_gain_type=AndroidAudioFocusGainType.GAIN,
        )

    @classmethod
    def speech(cls) -> AudioSessionConfiguration:
        """For podcasts and audiobooks: like music, but paused under a prompt, not talked over.

        Others stop. The same as the Flutter plugin's recipe.
        """
        return cls(
            av_audio_session_category=AVAudioSessionCategory.PLAYBACK,
            av_audio_session_mode=AVAudioSessionMode.SPOKEN_AUDIO,
            android_audio_attributes=AndroidAudioAttributes(
                content_type=AndroidAudioContentType.SPEECH,
                usage=AndroidAudioUsage.MEDIA,
            ),
            android_audio_focus_gain_type=AndroidAudioFocusGainType.GAIN,
            android_will_pause_when_ducked=True,
        )

    @classmethod
    def navigation_prompt(cls) -> AudioSessionConfiguration:
        """For spoken directions, exercise cues and the like: a few seconds now and then.

        Music is lowered and speech is paused meanwhile. Activate for each prompt and
        deactivate after it; both come back then.
        """
        return cls._brief(
            category=AVAudioSessionCategory.PLAYBACK,
            options=AVAudioSessionCategoryOptions.DUCK_OTHERS
            | AVAudioSessionCategoryOptions.INTERRUPT_SPOKEN_AUDIO_AND_MIX_WITH_OTHERS,
            mode=AVAudioSessionMode.VOICE_PROMPT,
            content_type=AndroidAudioContentType.SPEECH,
            usage=AndroidAudioUsage.ASSISTANCE_NAVIGATION_GUIDANCE,
            gain_type=AndroidAudioFocusGainType.GAIN_TRANSIENT_MAY_DUCK,
        )

    @classmethod
    def voice_call(cls) -> AudioSessionConfiguration:
        """For calls over the internet, both ways.

        Others pause for the length of the call and are told to resume after it. Sound comes
        from the earpiece or a headset, hands-free Bluetooth included.
        """
        return cls._brief(
            category=AVAudioSessionCategory.PLAY_AND_RECORD,
            options=AVAudioSessionCategoryOptions.ALLOW_BLUETOOTH_HFP,
            mode=AVAudioSessionMode.VOICE_CHAT,
            content_type=AndroidAudioContentType.SPEECH,
            usage=AndroidAudioUsage.VOICE_COMMUNICATION,
            gain_type=AndroidAudioFocusGainType.GAIN_TRANSIENT,
        )

    @classmethod
    def voice_assistant(cls) -> AudioSessionConfiguration:
        """For assistants that listen and answer.

        Others are lowered while it listens or speaks. Sound comes from the loudspeaker or
        from Bluetooth.
        """
        return cls._brief(
            category=AVAudioSessionCategory.PLAY_AND_RECORD,
            options=AVAudioSessionCategoryOptions.DUCK_OTHERS
            | AVAudioSessionCategoryOptions.DEFAULT_TO_SPEAKER
            | AVAudioSessionCategoryOptions.ALLOW_BLUETOOTH_HFP
            | AVAudioSessionCategoryOptions.ALLOW_BLUETOOTH_A2DP,
            mode=AVAudioSessionMode.DEFAULT,
            content_type=AndroidAudioContentType.SPEECH,
            usage=AndroidAudioUsage.ASSISTANT,
            gain_type=AndroidAudioFocusGainType.GAIN_TRANSIENT_MAY_DUCK,
        )

    @classmethod
    def alarm(cls) -> AudioSessionConfiguration:
        """For alarm clocks and timers: must be heard, whatever the ring switch says.

        Others pause until it is dismissed and are told to resume then.
        """
        return cls._brief(
            category=AVAudioSessionCategory.PLAYBACK,
            options=None,
            mode=AVAudioSessionMode.DEFAULT,
            content_type=AndroidAudioContentType.SONIFICATION,
            usage=AndroidAudioUsage.ALARM,
            gain_type=AndroidAudioFocusGainType.GAIN_TRANSIENT,
        )

    @classmethod
    def notification(cls) -> AudioSessionConfiguration:
        """For a short sound that something has happened.

        Others are lowered for its length and nobody is paused.
        """
        return cls._brief(
            category=AVAudioSessionCategory.PLAYBACK,
            options=AVAudioSessionCategoryOptions.DUCK_OTHERS,
            mode=AVAudioSessionMode.DEFAULT,
            content_type=AndroidAudioContentType.SONIFICATION,
            usage=AndroidAudioUsage.NOTIFICATION,
            gain_type=AndroidAudioFocusGainType.GAIN_TRANSIENT_MAY_DUCK,
        )

    @classmethod
    def game(cls) -> AudioSessionConfiguration:
        """For games whose sound may be missed: the player's own music plays on beside it.

        On Apple's side it mixes with everybody and follows the ring switch. Android knows no
        mixing category: there, a game that asks for focus stops the music.
        """
        return cls(
            av_audio_session_category=AVAudioSessionCategory.AMBIENT,
            av_audio_session_mode=AVAudioSessionMode.DEFAULT,
            android_audio_attributes=AndroidAudioAttributes(
                content_type=AndroidAudioContentType.SONIFICATION,
                usage=AndroidAudioUsage.GAME,
            ),
            android_audio_focus_gain_type=AndroidAudioFocusGainType.GAIN,
        )

    @classmethod
    def screen_reader(cls) -> AudioSessionConfiguration:
        """For screen readers and other speech that a user depends on.

        Others are lowered while it speaks and nobody is paused: it speaks too often for that.
        """
        return cls._brief(
            category=AVAudioSessionCategory.PLAYBACK,
            options=AVAudioSessionCategoryOptions.DUCK_OTHERS,
            mode=AVAudioSessionMode.VOICE_PROMPT,
            content_type=AndroidAudioContentType.SPEECH,
            usage=AndroidAudioUsage.ASSISTANCE_ACCESSIBILITY,
            gain_type=AndroidAudioFocusGainType.GAIN_TRANSIENT_MAY_DUCK,
        )

    @classmethod
    def recording(cls) -> AudioSessionConfiguration:
        """For recorders and dictation that play nothing themselves.

        Others are silent while it records, so that they are not on the recording, and are
        told to resume after it. Android has no usage for recording: its attributes say
        nothing.
        """
        return cls._brief(
            category=AVAudioSessionCategory.RECORD,
            options=None,
            mode=AVAudioSessionMode.DEFAULT,
            content_type=AndroidAudioContentType.UNKNOWN,
            usage=AndroidAudioUsage.UNKNOWN,
            gain_type=AndroidAudioFocusGainType.GAIN_TRANSIENT_EXCLUSIVE,
        )

    @classmethod
    def _brief(
        cls,
        *,
        category: AVAudioSessionCategory,
        options: AVAudioSessionCategoryOptions | None,
        mode: AVAudioSessionMode,
        content_type: AndroidAudioContentType,
        usage: AndroidAudioUsage,
        gain_type: AndroidAudioFocusGainType,
    ) -> AudioSessionConfiguration:
        """Returns a configuration for sound that passes, after which the others resume."""
        return cls(
            av_audio_session_category=category,
            av_audio_session_category_options=options,
            av_audio_session_mode=mode,
            av_audio_session_set_active_options=(
                AVAudioSessionSetActiveOptions.NOTIFY_OTHERS_ON_DEACTIVATION
            ),
            android_audio_attributes=AndroidAudioAttributes(
                content_type=content_type, flags=AndroidAudioFlags.NONE, usage=usage
            ),
            android_audio_focus_gain_type=gain_type,
        )

    def copy_with(
        self,
        *,
        av_audio_session_category: AVAudioSessionCategory | Unset | None = UNSET,
        av_audio_session_category_options: AVAudioSessionCategoryOptions | Unset | None = UNSET,
        av_audio_session_mode: AVAudioSessionMode | Unset | None = UNSET,
        av_audio_session_route_sharing_policy: (
            AVAudioSessionRouteSharingPolicy | Unset | None
        ) = UNSET,
        av_audio_session_set_active_options: (
            AVAudioSessionSetActiveOptions | Unset | None
        ) = UNSET,
        android_audio_attributes: AndroidAudioAttributes | Unset | None = UNSET,
        android_audio_focus_gain_type: AndroidAudioFocusGainType | Unset = UNSET,
        android_will_pause_when_ducked: bool | Unset | None = UNSET,
        page_audio: PageAudio | Unset | None = UNSET,
    ) -> AudioSessionConfiguration:
        """Returns this configuration with the given fields replaced.

        Unlike in the Flutter plugin, ``None`` empties a field; a field that is not given, or
        is :data:`~audiosession.configuration.UNSET`, stays.

        Raises:
            InvalidTypeError: A value has the wrong type.
        """
        given: dict[str, Any] = {
            "av_audio_session_category": av_audio_session_category,
            "av_audio_session_category_options": av_audio_session_category_options,
            "av_audio_session_mode": av_audio_session_mode,
            "av_audio_session_route_sharing_policy": av_audio_session_route_sharing_policy,
            "av_audio_session_set_active_options": av_audio_session_set_active_options,
            "android_audio_attributes": android_audio_attributes,
            "android_audio_focus_gain_type": android_audio_focus_gain_type,
            "android_will_pause_when_ducked": android_will_pause_when_ducked,
            "page_audio": page_audio,
        }
        return replace(self, **{name: value for name, value in given.items() if value is not UNSET})

    def validate(self) -> None:
        """Does nothing when Apple's fields go together, by :mod:`audiosession.apple.legality`.

        A field that is ``None`` counts as what its documentation says.

        Raises:
            IllegalCombinationError: They do not; ``field`` names the one that has to change.
        """
        problem = legality.find_problem(
            self.av_audio_session_category or AVAudioSessionCategory.SOLO_AMBIENT,
            self.av_audio_session_category_options or AVAudioSessionCategoryOptions.NONE,
            self.av_audio_session_mode or AVAudioSessionMode.DEFAULT,
            self.av_audio_session_route_sharing_policy or AVAudioSessionRouteSharingPolicy.DEFAULT,
        )
        if problem is not None:
            text = problem.text
            if self.av_audio_session_category is None:
                text += " (no category is given, which means SOLO_AMBIENT)"
            raise IllegalCombinationError(_LEGALITY_FIELDS[problem.field], text)

    def to_json(self) -> dict[str, Any]:
        """Returns the Flutter plugin's keys with the platforms' own values.

        All keys are there, ``None`` where a field is; only ``pageAudio``, which the plugin does
        not have, is left out where it is ``None``. Mode and category are Apple's text
        constants and the route sharing policy is Apple's number, where the plugin writes its
        own positions; :meth:`from_plugin_json` reads those.
        """
        attributes = self.android_audio_attributes
        page = self.page_audio
        return {
            _CATEGORY: _value(self.av_audio_session_category),
            _OPTIONS: _value(self.av_audio_session_category_options),
            _MODE: _value(self.av_audio_session_mode),
            _POLICY: _value(self.av_audio_session_route_sharing_policy),
            _SET_ACTIVE: _value(self.av_audio_session_set_active_options),
            _ATTRIBUTES: None if attributes is None else attributes.to_json(),
            _GAIN_TYPE: self.android_audio_focus_gain_type.value,
            _WILL_PAUSE: self.android_will_pause_when_ducked,
            **({} if page is None else {_PAGE_AUDIO: page.to_json()}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> AudioSessionConfiguration:
        """Reads what :meth:`to_json` returns.

        Args:
            data: All eight keys of the plugin, ``pageAudio`` if need be, and no other.

        Raises:
            InvalidTypeError: It is not a mapping, or a value has the wrong type; a bool is
                not a number.
            MissingFieldError: A key is not there.
            UnknownFieldError: There is another key.
            InvalidValueError: A value means nothing on its platform.
        """
        given = _json.mapping(data, "")
        _json.exactly(given, (*_KEYS, _PAGE_AUDIO) if _PAGE_AUDIO in given else _KEYS, "")
        mode = given[_MODE]
        page = given.get(_PAGE_AUDIO)
        policy = given[_POLICY]
        attributes = given[_ATTRIBUTES]
        return cls(
            av_audio_session_mode=None
            if mode is None
            else _json.member(AVAudioSessionMode, _json.text(mode, _MODE), _MODE),
            av_audio_session_route_sharing_policy=None
            if policy is None
            else _json.member(
                AVAudioSessionRouteSharingPolicy, _json.integer(policy, _POLICY), _POLICY
            ),
            android_audio_attributes=None
            if attributes is None
            else AndroidAudioAttributes.from_json(
                _json.mapping(attributes, _ATTRIBUTES), parent=_ATTRIBUTES
            ),
            page_audio=None
            if page is None
            else PageAudio.from_json(_json.mapping(page, _PAGE_AUDIO), parent=_PAGE_AUDIO),
            **_common(given),
        )

    @classmethod
    def from_plugin_json(cls, data: Mapping[str, object]) -> AudioSessionConfiguration:
        """Reads what ``toJson`` of the Flutter plugin audio_session wrote, as that plugin does.

        Mode and route sharing policy are positions in the plugin's enumerations. An absent
        key counts as null, an unknown usage or content type as unknown, and other keys are
        passed over.

        Raises:
            InvalidTypeError: It is not a mapping, or a value has the wrong type.
            MissingFieldError: ``androidAudioFocusGainType`` or ``androidAudioAttributes.flags``
                is not there.
            InvalidValueError: A number or text stands for nothing.
        """
        given = _json.mapping(data, "")
        if _GAIN_TYPE not in given:
            raise MissingFieldError(_GAIN_TYPE)
        given = {key: given.get(key) for key in _KEYS}
        attributes = given[_ATTRIBUTES]
        return cls(
            av_audio_session_mode=_at(_PLUGIN_MODES, given[_MODE], _MODE),
            av_audio_session_route_sharing_policy=_at(_PLUGIN_POLICIES, given[_POLICY], _POLICY),
            android_audio_attributes=None
            if attributes is None
            else AndroidAudioAttributes.from_plugin_json(
                _json.mapping(attributes, _ATTRIBUTES), parent=_ATTRIBUTES
            ),
            **_common(given),
        )


RECIPES: Final = (
    "music",
    "speech",
    "navigation_prompt",
    "voice_call",
    "voice_assistant",
    "alarm",
    "notification",
    "game",
    "screen_reader",
    "recording",
)
"""Names of the recipes, each a class method of :class:`AudioSessionConfiguration`."""


def recipe(name: str) -> AudioSessionConfiguration:
    """Returns the recipe of this name.

    Args:
        name: One of :data:`RECIPES`.

    Raises:
        UnknownNameError: There is none of this name.
        InvalidTypeError: The name is not a text.
    """
    if not isinstance(name, str):
        raise InvalidTypeError("name", name, expected="a text")
    if name not in RECIPES:
        raise UnknownNameError("recipe", name, RECIPES)
    made: AudioSessionConfiguration = getattr(AudioSessionConfiguration, name)()
    return made


def _common(given: Mapping[Any, Any]) -> dict[str, Any]:
    """Reads the keys that we and the Flutter plugin write alike."""
    category = given[_CATEGORY]
    options = given[_OPTIONS]
    set_active = given[_SET_ACTIVE]
    will_pause = given[_WILL_PAUSE]
    return {
        "av_audio_session_category": None
        if category is None
        else _json.member(AVAudioSessionCategory, _json.text(category, _CATEGORY), _CATEGORY),
        "av_audio_session_category_options": None
        if options is None
        else _json.flags(AVAudioSessionCategoryOptions, options, _OPTIONS),
        "av_audio_session_set_active_options": None
        if set_active is None
        else _json.flags(AVAudioSessionSetActiveOptions, set_active, _SET_ACTIVE),
        "android_audio_focus_gain_type": _json.member(
            AndroidAudioFocusGainType, _json.integer(given[_GAIN_TYPE], _GAIN_TYPE), _GAIN_TYPE
        ),
        "android_will_pause_when_ducked": None
        if will_pause is None
        else _json.boolean(will_pause, _WILL_PAUSE),
    }


def _at(members: tuple[T, ...], position: object, field: str) -> T | None:
    if position is None:
        return None
    number = _json.integer(position, field)
    if not 0 <= number < len(members):
        raise InvalidValueError(field, number, expected=f"from 0 to {len(members) - 1}")
    return members[number]


def _value(member: Enum | None) -> Any:
    return None if member is None else member.value
