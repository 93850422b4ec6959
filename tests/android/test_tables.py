"""The platform's tables and the functions that read them."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from audiosession.android import (
    AndroidAudioAttributeFlags as Flags,
)
from audiosession.android import (
    AndroidAudioUsage,
    AndroidCarContext,
    AndroidSuppressibleClass,
    CarInteraction,
    IllegalArgumentException,
    tables,
)
from audiosession.android import (
    AndroidStreamType as Stream,
)
from audiosession.errors import UnknownNameError
from tests.android.facts_kit import known, rows


def test_stream_attributes_are_the_facts() -> None:
    for name, row in rows("stream_to_attributes").items():
        found = tables.stream_attributes(Stream[name].value)
        assert found is not None
        assert (found.usage, found.content_type, found.flags) == (
            row["usage"],
            row["content_type"],
            row["flags"],
        )
    assert tables.stream_attributes(Stream.DEFAULT) is None


@pytest.mark.parametrize("usage", AndroidAudioUsage)
def test_legacy_streams_are_the_facts(usage: AndroidAudioUsage) -> None:
    row = rows("usage_to_stream").get(usage.name, {"legacy": "MUSIC"})
    assert tables.legacy_stream(usage.value) is Stream[row["legacy"]]


def test_flags_decide_in_their_order() -> None:
    order = [Flags[name] for name in rows("flag_to_stream")]
    assert order == [Flags.AUDIBILITY_ENFORCED, Flags.SCO, Flags.BEACON]
    for (at, first), (later, second) in product(enumerate(order), repeat=2):
        expected = rows("flag_to_stream")[str(order[min(at, later)].name)]
        both = (first | second).value
        assert tables.legacy_stream(4, both) is Stream[expected["legacy"]]
        assert tables.volume_control_stream(4, both) is Stream[expected["volume_control"]]
    assert tables.legacy_stream(4, Flags.MUTE_HAPTIC) is Stream.ALARM


def test_the_tones_of_a_call_are_changed_with_the_call() -> None:
    usage = AndroidAudioUsage.VOICE_COMMUNICATION_SIGNALLING
    assert tables.legacy_stream(usage) is Stream.DTMF
    assert tables.volume_control_stream(usage) is Stream.VOICE_CALL


def test_a_usage_without_a_stream() -> None:
    assert tables.legacy_stream(15) is Stream.MUSIC
    with pytest.raises(IllegalArgumentException):
        tables.volume_control_stream(15)


@pytest.mark.parametrize("stream", [each for each in Stream if each >= 0])
def test_volumes_are_the_facts(stream: Stream) -> None:
    row = rows("stream_volume")[stream.name]
    volume = tables.stream_volume(stream.value)
    assert (volume.min, volume.max, volume.default) == (row["min"], row["max"], row["default"])
    assert volume.min <= volume.default <= volume.max


@pytest.mark.parametrize("stream", [-1, 12, AndroidAudioUsage.ASSISTANT])
def test_what_is_no_stream_has_no_volume(stream: int) -> None:
    with pytest.raises(IllegalArgumentException, match="stream type"):
        tables.stream_volume(stream)


@pytest.mark.parametrize("kind", sorted(rows("stream_alias")))
def test_aliases_are_the_facts_and_end_at_themselves(kind: str) -> None:
    found = tables.stream_aliases(kind)
    row = rows("stream_alias")[kind]
    assert {stream.name: target.name for stream, target in found.items()} == {
        name: value for name, value in row.items() if name.isupper()
    }
    for target in found.values():
        assert found[target] is target
    with pytest.raises(TypeError):
        found[Stream.MUSIC] = Stream.RING  # type: ignore[index]


def test_an_alias_table_that_is_none() -> None:
    assert tables.stream_aliases() == tables.stream_aliases("phone")
    with pytest.raises(UnknownNameError, match="television"):
        tables.stream_aliases("tv")


@pytest.mark.parametrize(
    ("given", "group"),
    [
        ({"usage": 2}, "VOICE_CALL"),
        ({"usage": 1, "flags": Flags.SCO}, "BLUETOOTH_SCO"),
        ({"usage": 6}, "RING"),
        ({"usage": 4}, "ALARM"),
        ({"usage": 13, "flags": Flags.AUDIBILITY_ENFORCED}, "SYSTEM_ENFORCED"),
        ({"usage": 11}, "ACCESSIBILITY"),
        ({"usage": 5}, "NOTIFICATION"),
        ({"usage": 10}, "NOTIFICATION"),
        ({"usage": 16, "content_type": 1}, "ASSISTANT"),
        ({"usage": 16, "content_type": 4}, "MUSIC"),
        ({"usage": 14}, "MUSIC"),
        ({"usage": 12}, "MUSIC"),
        ({"usage": 0}, "MUSIC"),
        ({"usage": 13}, "SYSTEM"),
        ({"usage": 3}, "DTMF"),
        ({"usage": 17}, "CALL_ASSISTANT"),
        ({"usage": 0, "flags": Flags.BEACON}, "TTS"),
        ({"usage": 0, "content_type": 1997}, "TTS"),
        ({"usage": 1004}, "MUSIC"),
    ],
)
def test_volume_groups_are_chosen_by_attributes(given: dict[str, Any], group: str) -> None:
    assert tables.volume_group(**given) == group


def test_every_volume_group_can_be_chosen_and_is_named_after_its_stream() -> None:
    groups = tables.volume_groups()
    assert len(groups) == len(set(groups)) == 13
    assert set(groups) - set(Stream.__members__) == {"CALL_ASSISTANT"}
    reached = {
        tables.volume_group(usage, content_type, flags)
        for usage in AndroidAudioUsage
        for content_type in (0, 1, 1997)
        for flags in (0, Flags.SCO, Flags.AUDIBILITY_ENFORCED, Flags.BEACON)
    }
    assert reached == set(groups)


@pytest.mark.parametrize("usage", AndroidAudioUsage)
def test_android_044_ramps_by_the_requesters_usage(usage: AndroidAudioUsage) -> None:
    (expected,) = (
        row["milliseconds"] for row in known()["focus_ramp"] if usage.value in row["usages"]
    )
    assert tables.ramp_ms(usage) == expected
    assert tables.ramp_ms(15) == 0


def test_what_do_not_disturb_takes_usages_for() -> None:
    (row,) = known()["suppressible"]
    for usage in AndroidAudioUsage:
        found = tables.suppressible_class(usage)
        assert found is (AndroidSuppressibleClass[row[usage.name]] if usage.name in row else None)


def test_a_figure_that_is_none() -> None:
    assert tables.figure("max_stack_size") == 100
    with pytest.raises(UnknownNameError, match="max_stack_size"):
        tables.figure("max_stak_size")


def test_contexts_of_usages_in_the_car_are_the_facts() -> None:
    for row in known()["car_context"]:
        for usage in row["usages"]:
            assert tables.car_context(usage) is AndroidCarContext[row["name"]]
    assert tables.car_context(7) is AndroidCarContext.INVALID


def test_car_097_nothing_is_granted_over_an_invalid_context_but_emergency_and_safety() -> None:
    found = {
        requested: tables.car_interaction(AndroidCarContext.INVALID, requested)
        for requested in AndroidCarContext
    }
    assert {requested for requested, cell in found.items() if cell is CarInteraction.EXCLUSIVE} == {
        AndroidCarContext.EMERGENCY,
        AndroidCarContext.SAFETY,
    }
    assert CarInteraction.CONCURRENT not in found.values()
    for holder in AndroidCarContext:
        assert tables.car_interaction(holder, AndroidCarContext.INVALID) is CarInteraction.REJECT


def test_car_114_what_the_cars_hardware_lowers_is_the_facts() -> None:
    for row in known()["car_context"]:
        context = AndroidCarContext[row["name"]]
        reduced = tables.car_reduces(context)
        assert {each.name for each in reduced} == set(row["reduces"])
        assert context not in reduced
