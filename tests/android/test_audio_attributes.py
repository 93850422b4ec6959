"""AudioAttributes and its builder (AudioAttributes.java)."""

from __future__ import annotations

import copy
import pickle
from itertools import product
from typing import Any

import pytest

from audiosession import errors
from audiosession.android import (
    AndroidAudioAttributeFlags as Flags,
)
from audiosession.android import (
    AndroidAudioAttributes,
    AndroidAudioCapturePolicy,
    AndroidAudioContentType,
    AndroidAudioFlags,
    AndroidAudioUsage,
    AndroidSpatializationBehavior,
    AndroidStreamType,
    AudioAttributes,
    IllegalArgumentException,
    NullPointerException,
)
from tests.android.facts_kit import rows

SYSTEM = [usage for usage in AndroidAudioUsage if usage > AndroidAudioUsage.ASSISTANT]
OPEN = [usage for usage in AndroidAudioUsage if usage <= AndroidAudioUsage.ASSISTANT]
OLD = (7, 8, 9)


def built(**said: Any) -> AudioAttributes:
    """Attributes of which that is said."""
    builder = AudioAttributes.Builder()
    for name, value in said.items():
        assert getattr(builder, f"set_{name}")(value) is builder
    return builder.build()


def test_a_builder_that_was_told_nothing() -> None:
    attributes = AudioAttributes.Builder().build()
    assert attributes == AudioAttributes()
    assert attributes.get_usage() is AndroidAudioUsage.UNKNOWN
    assert attributes.get_content_type() is AndroidAudioContentType.UNKNOWN
    assert attributes.get_flags() is AndroidAudioFlags.NONE
    assert attributes.get_allowed_capture_policy() is AndroidAudioCapturePolicy.ALL
    assert attributes.are_haptic_channels_muted()
    assert not attributes.is_content_spatialized()
    assert attributes.get_spatialization_behavior() is AndroidSpatializationBehavior.AUTO


@pytest.mark.parametrize("usage", OPEN)
def test_a_usage_is_kept_and_old_ones_become_a_notification(usage: AndroidAudioUsage) -> None:
    attributes = built(usage=usage.value)
    expected = AndroidAudioUsage.NOTIFICATION if usage in OLD else usage
    assert attributes.get_usage() is attributes.get_system_usage() is expected


@pytest.mark.parametrize("usage", SYSTEM)
def test_a_system_usage_is_hidden_from_apps(usage: AndroidAudioUsage) -> None:
    attributes = built(system_usage=usage.value)
    assert attributes.get_usage() is AndroidAudioUsage.UNKNOWN
    assert attributes.get_system_usage() is usage
    with pytest.raises(IllegalArgumentException, match="open to apps"):
        built(usage=usage)


@pytest.mark.parametrize("usage", OPEN)
def test_a_usage_that_is_open_to_apps_is_no_system_usage(usage: AndroidAudioUsage) -> None:
    with pytest.raises(IllegalArgumentException, match="system usages"):
        built(system_usage=usage)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("usage", 15),
        ("usage", -1),
        ("system_usage", 999),
        ("content_type", 5),
        ("content_type", 1997),
        ("allowed_capture_policy", 0),
        ("allowed_capture_policy", 4),
        ("spatialization_behavior", 2),
        ("legacy_stream_type", AndroidStreamType.ACCESSIBILITY),
    ],
)
def test_what_is_none_is_refused_and_changes_nothing(name: str, value: int) -> None:
    builder = AudioAttributes.Builder().set_usage(1).set_content_type(2)
    before = builder.build()
    with pytest.raises(IllegalArgumentException) as caught:
        getattr(builder, f"set_{name}")(value)
    assert isinstance(caught.value, errors.InvalidValueError)
    assert builder.build() == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("usage", "media"),
        ("usage", True),
        ("system_usage", None),
        ("content_type", 1.0),
        ("flags", "1"),
        ("allowed_capture_policy", None),
        ("legacy_stream_type", None),
        ("haptic_channels_muted", 1),
        ("is_content_spatialized", None),
        ("spatialization_behavior", "0"),
    ],
)
def test_what_is_no_number_or_switch_has_the_wrong_type(name: str, value: object) -> None:
    with pytest.raises(errors.InvalidTypeError):
        built(**{name: value})


def test_a_usage_and_a_system_usage_are_refused_together() -> None:
    builder = AudioAttributes.Builder().set_usage(1).set_system_usage(1000)
    with pytest.raises(IllegalArgumentException, match="left out"):
        builder.build()


@pytest.mark.parametrize("flag", [flag for flag in Flags if flag])
def test_flags_that_are_not_for_apps_are_dropped(flag: Flags) -> None:
    taken = rows("figure")["flags_that_are_taken"]["value"]
    told = Flags(rows("figure")["flags_that_are_told"]["value"])
    attributes = built(flags=flag.value)
    given = flag if flag.name in taken else Flags.NONE
    assert attributes.get_all_flags() == given | Flags.MUTE_HAPTIC
    assert attributes.get_flags().value == (given & told).value


def test_flags_add_up() -> None:
    builder = AudioAttributes.Builder().set_flags(0x1 | 1 << 30).set_flags(0x10).set_flags(0)
    assert builder.build().get_flags().value == 0x11


@pytest.mark.parametrize("first", [None, *AndroidAudioCapturePolicy])
@pytest.mark.parametrize("policy", AndroidAudioCapturePolicy)
def test_the_last_capture_policy_holds(
    first: AndroidAudioCapturePolicy | None, policy: AndroidAudioCapturePolicy
) -> None:
    builder = AudioAttributes.Builder().set_flags(0x1)
    if first is not None:
        builder.set_allowed_capture_policy(first)
    attributes = builder.set_allowed_capture_policy(policy.value).build()
    assert attributes.get_allowed_capture_policy() is policy
    added = {1: Flags.NONE, 2: Flags.NO_MEDIA_PROJECTION}.get(
        policy, Flags.NO_MEDIA_PROJECTION | Flags.NO_SYSTEM_CAPTURE
    )
    assert attributes.all_flags == Flags.AUDIBILITY_ENFORCED | Flags.MUTE_HAPTIC | added


@pytest.mark.parametrize("on", [True, False])
def test_switches_go_on_and_off(on: bool) -> None:
    behavior = AndroidSpatializationBehavior(on)
    attributes = built(
        haptic_channels_muted=on, is_content_spatialized=on, spatialization_behavior=behavior
    )
    assert attributes.are_haptic_channels_muted() is on
    assert attributes.is_content_spatialized() is on
    assert attributes.get_spatialization_behavior() is behavior
    assert bool(attributes.all_flags & Flags.NEVER_SPATIALIZE) is on


@pytest.mark.parametrize("name", sorted(rows("stream_to_attributes")))
def test_a_stream_types_attributes_are_the_tables(name: str) -> None:
    row = rows("stream_to_attributes")[name]
    stream = AndroidStreamType[name]
    if row.get("refused"):
        with pytest.raises(IllegalArgumentException):
            built(legacy_stream_type=stream)
        return
    attributes = built(legacy_stream_type=stream.value)
    assert attributes.to_json() == {
        "contentType": row["content_type"],
        "usage": row["usage"],
        "flags": row["flags"] | Flags.MUTE_HAPTIC,
    }


def test_a_stream_type_that_is_none_leaves_the_usage_unknown() -> None:
    attributes = built(usage=1, content_type=2, legacy_stream_type=99)
    assert attributes.get_usage() is AndroidAudioUsage.UNKNOWN
    assert attributes.get_content_type() is AndroidAudioContentType.MUSIC


@pytest.mark.parametrize("name", sorted(rows("usage_to_stream")))
def test_the_volume_keys_change_the_usages_stream(name: str) -> None:
    usage = AndroidAudioUsage[name]
    attributes = AudioAttributes(system_usage=usage)
    stream = attributes.get_volume_control_stream()
    assert stream is AndroidStreamType[rows("usage_to_stream")[name]["volume_control"]]


def test_a_flag_decides_about_the_volume_before_the_usage() -> None:
    for name, row in rows("flag_to_stream").items():
        attributes = AudioAttributes(system_usage=AndroidAudioUsage.ALARM, all_flags=Flags[name])
        expected = AndroidStreamType[row["volume_control"]]
        assert attributes.get_volume_control_stream() is expected


def test_a_usage_without_a_stream_is_refused_by_the_volume_keys() -> None:
    attributes = built(system_usage=AndroidAudioUsage.SPEAKER_CLEANUP)
    with pytest.raises(IllegalArgumentException, match="stream type"):
        attributes.get_volume_control_stream()


EVERY = [
    AudioAttributes(content_type=kind, system_usage=usage, all_flags=flags)
    for kind, usage, flags in product(
        AndroidAudioContentType,
        (AndroidAudioUsage.MEDIA, AndroidAudioUsage.EMERGENCY),
        (Flags.NONE, Flags.MUTE_HAPTIC | Flags.HW_AV_SYNC, Flags(0x1FFFF)),
    )
]


@pytest.mark.parametrize("attributes", EVERY, ids=str)
def test_json_builders_and_copies_keep_everything(attributes: AudioAttributes) -> None:
    numbers = attributes.to_json()
    assert all(type(value) is int for value in numbers.values())
    assert AudioAttributes.from_json(numbers) == attributes
    assert AudioAttributes.Builder(attributes).build() == attributes
    assert pickle.loads(pickle.dumps(attributes)) == copy.deepcopy(attributes) == attributes
    assert hash(attributes) == hash(AudioAttributes.from_json(numbers))


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"usage": 15}, errors.InvalidValueError),
        ({"contentType": 9}, errors.InvalidValueError),
        ({"flags": 1 << 17}, errors.InvalidValueError),
        ({"flags": "1"}, errors.InvalidTypeError),
        ({"other": 1}, errors.UnknownFieldError),
    ],
)
def test_json_that_means_nothing_is_refused(
    changed: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error, match=next(iter(changed))):
        AudioAttributes.from_json(AudioAttributes().to_json() | changed)
    with pytest.raises(errors.MissingFieldError, match=r"request\.flags"):
        AudioAttributes.from_json({"usage": 1, "contentType": 1}, parent="request")


@pytest.mark.parametrize("usage", AndroidAudioUsage)
def test_the_short_form_becomes_attributes_and_back(usage: AndroidAudioUsage) -> None:
    short = AndroidAudioAttributes(
        usage=usage,
        content_type=AndroidAudioContentType.SPEECH,
        flags=AndroidAudioFlags.AUDIBILITY_ENFORCED | AndroidAudioFlags(0x400),
    )
    attributes = AudioAttributes.from_android_audio_attributes(short)
    assert attributes.get_system_usage() is (
        AndroidAudioUsage.NOTIFICATION if usage in OLD else usage
    )
    again = attributes.to_android_audio_attributes()
    assert again.content_type is AndroidAudioContentType.SPEECH
    assert again.flags == AndroidAudioFlags.AUDIBILITY_ENFORCED
    assert again.usage is attributes.get_usage()


def test_no_attributes_are_refused() -> None:
    with pytest.raises(NullPointerException):
        AudioAttributes.from_android_audio_attributes(None)  # type: ignore[arg-type]
    with pytest.raises(errors.InvalidTypeError, match="AudioAttributes or None"):
        AudioAttributes.Builder(AndroidAudioAttributes())  # type: ignore[arg-type]
