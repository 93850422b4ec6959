"""The configuration of a session: its fields, its JSON and its recipes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiosession.android import (
    AndroidAudioAttributes,
    AndroidAudioContentType,
    AndroidAudioFlags,
    AndroidAudioFocusGainType,
    AndroidAudioUsage,
)
from audiosession.apple import (
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionMode,
    AVAudioSessionRouteSharingPolicy,
    AVAudioSessionSetActiveOptions,
)
from audiosession.configuration import RECIPES, UNSET, AudioSessionConfiguration, recipe
from audiosession.errors import (
    IllegalCombinationError,
    IllegalRequestError,
    InvalidTypeError,
    InvalidValueError,
    MissingFieldError,
    UnknownFieldError,
    UnknownNameError,
)

KEYS = (
    "avAudioSessionCategory",
    "avAudioSessionCategoryOptions",
    "avAudioSessionMode",
    "avAudioSessionRouteSharingPolicy",
    "avAudioSessionSetActiveOptions",
    "androidAudioAttributes",
    "androidAudioFocusGainType",
    "androidWillPauseWhenDucked",
)

attributes = st.builds(
    AndroidAudioAttributes,
    content_type=st.sampled_from(AndroidAudioContentType),
    flags=st.integers(0, 0x7FFF_FFFF).map(AndroidAudioFlags),
    usage=st.sampled_from(AndroidAudioUsage),
)
category_options = st.integers(0, 0xFF) | st.integers(0, 3).map(lambda high: high << 18)
configurations = st.builds(
    AudioSessionConfiguration,
    av_audio_session_category=st.none() | st.sampled_from(AVAudioSessionCategory),
    av_audio_session_category_options=st.none()
    | category_options.map(AVAudioSessionCategoryOptions),
    av_audio_session_mode=st.none() | st.sampled_from(AVAudioSessionMode),
    av_audio_session_route_sharing_policy=st.none()
    | st.sampled_from(AVAudioSessionRouteSharingPolicy),
    av_audio_session_set_active_options=st.none()
    | st.integers(0, 1).map(AVAudioSessionSetActiveOptions),
    android_audio_attributes=st.none() | attributes,
    android_audio_focus_gain_type=st.sampled_from(AndroidAudioFocusGainType),
    android_will_pause_when_ducked=st.none() | st.booleans(),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def full() -> dict[str, Any]:
    """Returns the JSON of a configuration in which no field is empty."""
    return {
        "avAudioSessionCategory": "AVAudioSessionCategoryPlayback",
        "avAudioSessionCategoryOptions": 0x13,
        "avAudioSessionMode": "AVAudioSessionModeSpokenAudio",
        "avAudioSessionRouteSharingPolicy": 3,
        "avAudioSessionSetActiveOptions": 1,
        "androidAudioAttributes": {"contentType": 1, "flags": 257, "usage": 16},
        "androidAudioFocusGainType": 4,
        "androidWillPauseWhenDucked": False,
    }


FULL = AudioSessionConfiguration(
    av_audio_session_category=AVAudioSessionCategory.PLAYBACK,
    av_audio_session_category_options=AVAudioSessionCategoryOptions.DUCK_OTHERS
    | AVAudioSessionCategoryOptions.INTERRUPT_SPOKEN_AUDIO_AND_MIX_WITH_OTHERS,
    av_audio_session_mode=AVAudioSessionMode.SPOKEN_AUDIO,
    av_audio_session_route_sharing_policy=AVAudioSessionRouteSharingPolicy.LONG_FORM_VIDEO,
    av_audio_session_set_active_options=(
        AVAudioSessionSetActiveOptions.NOTIFY_OTHERS_ON_DEACTIVATION
    ),
    android_audio_attributes=AndroidAudioAttributes(
        content_type=AndroidAudioContentType.SPEECH,
        flags=AndroidAudioFlags.AUDIBILITY_ENFORCED | AndroidAudioFlags.LOW_LATENCY,
        usage=AndroidAudioUsage.ASSISTANT,
    ),
    android_audio_focus_gain_type=AndroidAudioFocusGainType.GAIN_TRANSIENT_EXCLUSIVE,
    android_will_pause_when_ducked=False,
)


def test_empty_configuration_asks_for_gain_and_nothing_else() -> None:
    assert AudioSessionConfiguration().to_json() == {
        **dict.fromkeys(KEYS),
        "androidAudioFocusGainType": 1,
    }


@pytest.mark.parametrize("field", AudioSessionConfiguration.__dataclass_fields__)
@pytest.mark.parametrize("value", ["text", 1, 1.0, object()], ids=repr)
def test_constructor_and_copy_check_every_type(field: str, value: object) -> None:
    given: dict[str, Any] = {field: value}
    with pytest.raises(InvalidTypeError) as caught:
        AudioSessionConfiguration(**given)
    assert caught.value.field == field
    with pytest.raises(InvalidTypeError):
        FULL.copy_with(**given)


def test_gain_type_cannot_be_empty() -> None:
    with pytest.raises(InvalidTypeError) as caught:
        AudioSessionConfiguration(android_audio_focus_gain_type=None)  # type: ignore[arg-type]
    assert caught.value.field == "android_audio_focus_gain_type"


def test_copy_replaces_what_is_given_and_keeps_the_rest() -> None:
    copy = FULL.copy_with(av_audio_session_mode=AVAudioSessionMode.DEFAULT)
    assert copy.to_json() == {**full(), "avAudioSessionMode": "AVAudioSessionModeDefault"}
    assert FULL.copy_with() == FULL


@pytest.mark.parametrize(
    "field",
    [
        name
        for name in AudioSessionConfiguration.__dataclass_fields__
        if name != "android_audio_focus_gain_type"
    ],
)
def test_copy_can_empty_a_field(field: str) -> None:
    changes: dict[str, Any] = {field: None}
    assert getattr(FULL.copy_with(**changes), field) is None
    changes = {field: UNSET}
    assert FULL.copy_with(**changes) == FULL


def test_json_holds_the_platforms_own_values() -> None:
    assert FULL.to_json() == full()
    assert AudioSessionConfiguration.from_json(full()) == FULL


@given(configurations)
def test_json_round_trip(configuration: AudioSessionConfiguration) -> None:
    text = json.dumps(configuration.to_json())
    assert AudioSessionConfiguration.from_json(json.loads(text)) == configuration


@given(attributes)
def test_attributes_json_round_trip(given_attributes: AndroidAudioAttributes) -> None:
    text = json.dumps(given_attributes.to_json())
    assert AndroidAudioAttributes.from_json(json.loads(text)) == given_attributes


@pytest.mark.parametrize("key", KEYS)
def test_missing_key_is_named(key: str) -> None:
    data = full()
    del data[key]
    with pytest.raises(MissingFieldError) as caught:
        AudioSessionConfiguration.from_json(data)
    assert caught.value.field == key


@pytest.mark.parametrize("key", ["contentType", "flags", "usage"])
def test_missing_nested_key_is_named_with_its_place(key: str) -> None:
    data = full()
    del data["androidAudioAttributes"][key]
    with pytest.raises(MissingFieldError) as caught:
        AudioSessionConfiguration.from_json(data)
    assert caught.value.field == f"androidAudioAttributes.{key}"
    with pytest.raises(MissingFieldError) as caught:
        AndroidAudioAttributes.from_json(data["androidAudioAttributes"])
    assert caught.value.field == key


def test_unknown_key_is_named_and_the_known_one_suggested() -> None:
    with pytest.raises(UnknownFieldError, match="did you mean 'avAudioSessionMode'") as caught:
        AudioSessionConfiguration.from_json({**full(), "avAudioSesionMode": None})
    assert caught.value.field == "avAudioSesionMode"
    data = full()
    data["androidAudioAttributes"]["use"] = 1
    with pytest.raises(UnknownFieldError) as caught:
        AudioSessionConfiguration.from_json(data)
    assert caught.value.field == "androidAudioAttributes.use"


def test_key_that_is_no_text_is_unknown() -> None:
    data: dict[Any, Any] = {**full(), 7: None}
    with pytest.raises(UnknownFieldError) as caught:
        AudioSessionConfiguration.from_json(data)
    assert caught.value.field == "7"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("avAudioSessionCategory", 1),
        ("avAudioSessionCategoryOptions", True),
        ("avAudioSessionCategoryOptions", "1"),
        ("avAudioSessionMode", 4),
        ("avAudioSessionRouteSharingPolicy", False),
        ("avAudioSessionRouteSharingPolicy", "default"),
        ("avAudioSessionRouteSharingPolicy", 1.0),
        ("avAudioSessionSetActiveOptions", True),
        ("androidAudioAttributes", [1, 0, 16]),
        ("androidAudioAttributes.contentType", True),
        ("androidAudioAttributes.flags", None),
        ("androidAudioAttributes.flags", False),
        ("androidAudioAttributes.usage", 1.0),
        ("androidAudioFocusGainType", True),
        ("androidAudioFocusGainType", None),
        ("androidWillPauseWhenDucked", 1),
    ],
)
def test_wrong_type_is_named(key: str, value: object) -> None:
    with pytest.raises(InvalidTypeError) as caught:
        AudioSessionConfiguration.from_json(_replaced(key, value))
    assert caught.value.field == key


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("avAudioSessionCategory", "playback"),
        ("avAudioSessionCategoryOptions", 0x100),
        ("avAudioSessionCategoryOptions", -1),
        ("avAudioSessionMode", "AVAudioSessionModeQuiet"),
        ("avAudioSessionRouteSharingPolicy", 4),
        ("avAudioSessionSetActiveOptions", 2),
        ("androidAudioAttributes.contentType", 5),
        ("androidAudioAttributes.flags", -1),
        ("androidAudioAttributes.flags", 0x8000_0000),
        ("androidAudioAttributes.usage", 15),
        ("androidAudioFocusGainType", 0),
        ("androidAudioFocusGainType", 5),
    ],
)
def test_value_that_means_nothing_is_named(key: str, value: object) -> None:
    with pytest.raises(InvalidValueError) as caught:
        AudioSessionConfiguration.from_json(_replaced(key, value))
    assert caught.value.field == key
    assert caught.value.value == value


def _replaced(key: str, value: object) -> dict[str, Any]:
    data = full()
    place, _, inner = key.partition(".")
    if inner:
        data[place][inner] = value
    else:
        data[place] = value
    return data


@pytest.mark.parametrize("data", [None, [], "text", 3], ids=repr)
def test_what_is_no_mapping_is_refused(data: Any) -> None:
    for read in (
        AudioSessionConfiguration.from_json,
        AudioSessionConfiguration.from_plugin_json,
        AndroidAudioAttributes.from_json,
        AndroidAudioAttributes.from_plugin_json,
    ):
        with pytest.raises(InvalidTypeError, match="a mapping"):
            read(data)


@given(st.sampled_from(KEYS), json_values)
def test_any_json_value_is_read_or_refused_by_name(key: str, value: Any) -> None:
    for read, data in (
        (AudioSessionConfiguration.from_json, full()),
        (AudioSessionConfiguration.from_plugin_json, plugin_full()),
    ):
        try:
            configuration = read({**data, key: value})
        except IllegalRequestError as caught:
            field = caught.field
        else:
            again = AudioSessionConfiguration.from_json(configuration.to_json())
            assert again == configuration
            continue
        assert field.partition(".")[0] == key


# What the Flutter plugin audio_session 0.2.3 writes, by its enumerations in lib/src/darwin.dart.
PLUGIN_MODES = [
    AVAudioSessionMode.DEFAULT,
    AVAudioSessionMode.GAME_CHAT,
    AVAudioSessionMode.MEASUREMENT,
    AVAudioSessionMode.MOVIE_PLAYBACK,
    AVAudioSessionMode.SPOKEN_AUDIO,
    AVAudioSessionMode.VIDEO_CHAT,
    AVAudioSessionMode.VIDEO_RECORDING,
    AVAudioSessionMode.VOICE_CHAT,
    AVAudioSessionMode.VOICE_PROMPT,
]
PLUGIN_POLICIES = [
    AVAudioSessionRouteSharingPolicy.DEFAULT,
    AVAudioSessionRouteSharingPolicy.LONG_FORM_AUDIO,
    AVAudioSessionRouteSharingPolicy.LONG_FORM_VIDEO,
    AVAudioSessionRouteSharingPolicy.INDEPENDENT,
]


def plugin_full() -> dict[str, Any]:
    """Returns what the plugin writes for the configuration ``FULL``."""
    return {**full(), "avAudioSessionMode": 4, "avAudioSessionRouteSharingPolicy": 2}


def test_plugin_json_reads_the_same_configuration() -> None:
    assert AudioSessionConfiguration.from_plugin_json(plugin_full()) == FULL


@pytest.mark.parametrize(("index", "mode"), list(enumerate(PLUGIN_MODES)))
def test_plugin_mode_is_a_position(index: int, mode: AVAudioSessionMode) -> None:
    read = AudioSessionConfiguration.from_plugin_json(
        {**plugin_full(), "avAudioSessionMode": index}
    )
    assert read.av_audio_session_mode is mode


@pytest.mark.parametrize(("index", "policy"), list(enumerate(PLUGIN_POLICIES)))
def test_plugin_policy_is_a_position_in_another_order_than_apples(
    index: int, policy: AVAudioSessionRouteSharingPolicy
) -> None:
    read = AudioSessionConfiguration.from_plugin_json(
        {**plugin_full(), "avAudioSessionRouteSharingPolicy": index}
    )
    assert read.av_audio_session_route_sharing_policy is policy


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("avAudioSessionMode", 9),
        ("avAudioSessionMode", -1),
        ("avAudioSessionRouteSharingPolicy", 4),
    ],
)
def test_plugin_position_outside_its_enumeration_is_refused(key: str, value: int) -> None:
    with pytest.raises(InvalidValueError) as caught:
        AudioSessionConfiguration.from_plugin_json({**plugin_full(), key: value})
    assert caught.value.field == key


@pytest.mark.parametrize("usage", [15, 17, 1000, -1, None])
def test_plugin_usage_it_does_not_know_is_unknown(usage: int | None) -> None:
    read = AudioSessionConfiguration.from_plugin_json(
        {**plugin_full(), "androidAudioAttributes": {"contentType": 9, "flags": 0, "usage": usage}}
    )
    assert read.android_audio_attributes == AndroidAudioAttributes()


def test_plugin_json_without_a_key_has_it_empty_as_in_the_plugin() -> None:
    read = AudioSessionConfiguration.from_plugin_json(
        {"androidAudioFocusGainType": 3, "somethingNewer": 1}
    )
    assert read == AudioSessionConfiguration(
        android_audio_focus_gain_type=AndroidAudioFocusGainType.GAIN_TRANSIENT_MAY_DUCK
    )


def test_plugin_json_needs_what_the_plugin_needs() -> None:
    with pytest.raises(MissingFieldError) as caught:
        AudioSessionConfiguration.from_plugin_json({})
    assert caught.value.field == "androidAudioFocusGainType"
    with pytest.raises(MissingFieldError) as caught:
        AudioSessionConfiguration.from_plugin_json(
            {"androidAudioFocusGainType": 1, "androidAudioAttributes": {}}
        )
    assert caught.value.field == "androidAudioAttributes.flags"


def test_attributes_check_every_type() -> None:
    for field in ("content_type", "flags", "usage"):
        given: dict[str, Any] = {field: 1}
        with pytest.raises(InvalidTypeError) as caught:
            AndroidAudioAttributes(**given)
        assert caught.value.field == field


def test_attributes_refuse_flags_beyond_31_bits() -> None:
    with pytest.raises(InvalidValueError) as caught:
        AndroidAudioAttributes(flags=AndroidAudioFlags(0x8000_0000))
    assert caught.value.field == "flags"


def test_music_is_the_plugins() -> None:
    assert AudioSessionConfiguration.music().to_json() == {
        **dict.fromkeys(KEYS),
        "avAudioSessionCategory": "AVAudioSessionCategoryPlayback",
        "avAudioSessionMode": "AVAudioSessionModeDefault",
        "androidAudioAttributes": {"contentType": 2, "flags": 0, "usage": 1},
        "androidAudioFocusGainType": 1,
    }


def test_speech_is_the_plugins() -> None:
    assert AudioSessionConfiguration.speech().to_json() == {
        **dict.fromkeys(KEYS),
        "avAudioSessionCategory": "AVAudioSessionCategoryPlayback",
        "avAudioSessionMode": "AVAudioSessionModeSpokenAudio",
        "androidAudioAttributes": {"contentType": 1, "flags": 0, "usage": 1},
        "androidAudioFocusGainType": 1,
        "androidWillPauseWhenDucked": True,
    }


# Category without its prefix, options, mode, content type, usage, gain type.
RECIPE_VALUES: dict[str, tuple[str, int | None, str, int, int, int]] = {
    "navigation_prompt": ("Playback", 0x13, "VoicePrompt", 1, 12, 3),
    "voice_call": ("PlayAndRecord", 0x4, "VoiceChat", 1, 2, 2),
    "voice_assistant": ("PlayAndRecord", 0x2E, "Default", 1, 16, 3),
    "alarm": ("Playback", None, "Default", 4, 4, 2),
    "notification": ("Playback", 0x2, "Default", 4, 5, 3),
    "game": ("Ambient", None, "Default", 4, 14, 1),
    "screen_reader": ("Playback", 0x2, "VoicePrompt", 1, 11, 3),
    "recording": ("Record", None, "Default", 0, 0, 4),
}


@pytest.mark.parametrize("name", RECIPE_VALUES)
def test_recipe_holds_these_values(name: str) -> None:
    category, options, mode, content_type, usage, gain_type = RECIPE_VALUES[name]
    assert recipe(name).to_json() == {
        **dict.fromkeys(KEYS),
        "avAudioSessionCategory": f"AVAudioSessionCategory{category}",
        "avAudioSessionCategoryOptions": options,
        "avAudioSessionMode": f"AVAudioSessionMode{mode}",
        "avAudioSessionSetActiveOptions": None if name == "game" else 1,
        "androidAudioAttributes": {"contentType": content_type, "flags": 0, "usage": usage},
        "androidAudioFocusGainType": gain_type,
    }


def test_recipe_names_are_complete() -> None:
    assert set(RECIPES) == {"music", "speech", *RECIPE_VALUES}
    assert len(RECIPES) == len(set(RECIPES))


@pytest.mark.parametrize("name", RECIPES)
def test_recipe_is_legal_and_documented(name: str) -> None:
    recipe(name).validate()
    assert getattr(AudioSessionConfiguration, name).__doc__.startswith("For ")


def test_unknown_recipe_gets_a_suggestion() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'voice_call'") as caught:
        recipe("voice-call")
    assert caught.value.known == RECIPES


@pytest.mark.parametrize("name", ["validate", "from_json", "_brief", ""])
def test_what_is_no_recipe_is_not_called(name: str) -> None:
    with pytest.raises(UnknownNameError):
        recipe(name)


def test_recipe_name_must_be_text() -> None:
    with pytest.raises(InvalidTypeError):
        recipe(None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (
            {"av_audio_session_category_options": AVAudioSessionCategoryOptions.DEFAULT_TO_SPEAKER},
            "av_audio_session_category_options",
        ),
        (
            {
                "av_audio_session_route_sharing_policy": (
                    AVAudioSessionRouteSharingPolicy.LONG_FORM_AUDIO
                ),
                "av_audio_session_category_options": AVAudioSessionCategoryOptions.DUCK_OTHERS,
            },
            "av_audio_session_route_sharing_policy",
        ),
    ],
)
def test_validate_names_the_field_to_change(changes: dict[str, Any], field: str) -> None:
    configuration = AudioSessionConfiguration.music().copy_with(**changes)
    with pytest.raises(IllegalCombinationError) as caught:
        configuration.validate()
    assert caught.value.field == field


def test_validate_takes_no_category_as_solo_ambient() -> None:
    AudioSessionConfiguration().validate()
    configuration = AudioSessionConfiguration(
        av_audio_session_category_options=AVAudioSessionCategoryOptions.MIX_WITH_OTHERS
    )
    with pytest.raises(IllegalCombinationError, match="no category is given"):
        configuration.validate()


def test_importing_the_configuration_loads_the_standard_library_alone() -> None:
    program = (
        "import sys; before = set(sys.modules); import audiosession.configuration; "
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "audiosession" in loaded
    assert set(loaded) - {"audiosession"} <= sys.stdlib_module_names
