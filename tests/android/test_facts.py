"""The constants, signatures and tables are the facts, entry by entry and in both directions."""

from __future__ import annotations

import inspect
from collections import Counter
from enum import Enum, Flag, IntEnum, StrEnum
from importlib import import_module
from typing import Any

import pytest

from audiosession import android
from audiosession.android import constants, facts, tables
from audiosession.core.translate.android import GAINS, USAGES
from tests.android.facts_kit import constants as named_constants
from tests.android.facts_kit import enums, known, methods, rows, snake
from tests.core.scenario_kit import CAR_MATRIX, CONTEXTS

MODULES = (
    "attribute_constants",
    "constants",
    "device_constants",
    "focus_constants",
    "key_constants",
    "stream_constants",
    "system_constants",
)
CONFIDENCE = {"documented", "source", "tested", "assumed", "unknown"}
NO_FACTS = {
    "AndroidAudioFlags": "the public ones of AndroidAudioAttributeFlags",
    "AndroidAudioFocusGainType": "the gains of AndroidAudioFocus",
}
MIXINS = {
    "AudioManager": android.AudioManagerConstants,
    "AudioAttributes": android.AudioAttributesConstants,
    "AudioDeviceInfo": android.AudioDeviceInfoConstants,
    "MicrophoneInfo": android.MicrophoneInfoConstants,
    "KeyEvent": android.KeyEventConstants,
}
ENUMS = known()["enum"]
STREAMS = {
    name: member for name, member in android.AndroidStreamType.__members__.items() if member >= 0
}


def by_name(row: dict[str, Any]) -> str:
    name: str = row["name"]
    return name


def plain(value: Any) -> Any:
    """A value as TOML has it."""
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("row", ENUMS, ids=by_name)
def test_members_are_the_facts(row: dict[str, Any]) -> None:
    kind = enums()[row["name"]]
    expected = {member["python"]: member["value"] for member in row["members"]}
    if row["kind"] == "flags":
        assert issubclass(kind, Flag)
        expected.setdefault("NOT_SUPPORTED" if "NOT_SUPPORTED" in expected else "NONE", 0)
    else:
        assert issubclass(kind, {"number": IntEnum, "text": StrEnum}[row["kind"]])
    assert {name: member.value for name, member in kind.__members__.items()} == expected


@pytest.mark.parametrize("row", ENUMS, ids=by_name)
def test_members_names_follow_androids(row: dict[str, Any]) -> None:
    """What all names of an enumeration begin with is left out."""
    for member in row["members"]:
        assert member["name"].endswith(member["python"])
    prefixes = {member["name"].removesuffix(member["python"]) for member in row["members"]}
    assert len(prefixes) == 1


@pytest.mark.parametrize("row", [row for row in ENUMS if "plugin" in row], ids=by_name)
def test_the_plugins_spellings_say_the_same(row: dict[str, Any]) -> None:
    spelled = {
        member["plugin"]: member["python"] for member in row["members"] if "plugin" in member
    }
    assert spelled
    for plugin, ours in spelled.items():
        short = (
            plugin.removeprefix("allow") if row["name"] == "AndroidAudioCapturePolicy" else plugin
        )
        assert short.replace("_", "").upper() == ours.replace("_", "")


def test_every_enumeration_is_among_the_facts() -> None:
    found = {
        thing.__name__
        for module in MODULES
        for thing in vars(import_module(f"audiosession.android.{module}")).values()
        if isinstance(thing, type) and issubclass(thing, Enum) and thing.__module__.endswith(module)
    }
    assert found == {*enums(), *NO_FACTS}


def test_the_one_apis_flags_and_gains_are_the_public_ones() -> None:
    flags = {
        m["python"]: m["value"]
        for m in rows("enum")["AndroidAudioAttributeFlags"]["members"]
        if not m.get("hidden")
    }
    members = constants.AndroidAudioFlags.__members__
    assert {name: member.value for name, member in members.items()} == flags | {"NONE": 0}
    gains = {
        m["python"]: m["value"]
        for m in rows("enum")["AndroidAudioFocus"]["members"]
        if m["value"] > 0
    }
    assert {each.name: each.value for each in constants.AndroidAudioFocusGainType} == gains


def test_constants_are_the_facts() -> None:
    for row in known()["constant"]:
        found = getattr(android, row["python"])
        if isinstance(found, frozenset):
            assert sorted(found) == row["value"]
        else:
            assert plain(found) == row["value"], row["name"]


@pytest.mark.parametrize("owner", MIXINS)
def test_androids_classes_have_their_public_constants(owner: str) -> None:
    expected = {
        name: row["value"]
        for (kind, name), row in named_constants().items()
        if kind == owner and not row.get("hidden")
    }
    found = {name: plain(value) for name, value in vars(MIXINS[owner]).items() if name[0] != "_"}
    assert found == expected
    assert len(expected) > 10


def test_usages_and_gains_are_those_of_the_translation() -> None:
    assert set(USAGES) == {m["value"] for m in rows("enum")["AndroidAudioUsage"]["members"]}
    assert set(GAINS) == {each.value for each in constants.AndroidAudioFocusGainType}


def test_figures_are_values_of_what_they_speak_of() -> None:
    numbers = {
        "strong_duck_usages": constants.AndroidAudioUsage,
        "strong_duck_usages_in_some_versions": constants.AndroidAudioUsage,
        "fadeable_usages": constants.AndroidAudioUsage,
        "call_muted_usages": constants.AndroidAudioUsage,
        "system_usages": constants.AndroidAudioUsage,
        "unduckable_content_types": constants.AndroidAudioContentType,
        "unfadeable_content_types": constants.AndroidAudioContentType,
        "communication_device_types": android.AndroidAudioDeviceType,
        "input_device_types": android.AndroidAudioDeviceType,
        "output_device_types": android.AndroidAudioDeviceType,
        "public_streams": android.AndroidStreamType,
    }
    for name, kind in numbers.items():
        assert [kind(number) for number in tables.figure(name)], name
    taken = tables.figure("flags_that_are_taken")
    told = android.AndroidAudioAttributeFlags(tables.figure("flags_that_are_told"))
    assert {flag.name for flag in told} < set(taken)
    assert set(taken) < set(android.AndroidAudioAttributeFlags.__members__)
    assert {flag.name for flag in told} == {
        member["python"]
        for member in rows("enum")["AndroidAudioAttributeFlags"]["members"]
        if not member.get("hidden")
    }
    assert android.AndroidAudioFocusFlags(tables.figure("focus_flags_of_apps")).name == (
        "DELAY_OK|PAUSES_ON_DUCKABLE_LOSS"
    )
    assert android.AndroidAudioFocusFlags.LOCK in android.AndroidAudioFocusFlags(
        tables.figure("focus_flags_of_the_system")
    )
    public = {
        STREAMS[m["python"]]
        for m in rows("enum")["AndroidStreamType"]["members"]
        if not m.get("hidden")
    }
    # The assistant's stream became public later than the list.
    assert public - {android.AndroidStreamType.ASSISTANT} == set(tables.figure("public_streams"))


def test_levels_of_ducking_fit_their_decibels() -> None:
    from math import isclose, log10

    strong = 20 * log10(tables.figure("strong_duck_volume"))
    assert isclose(strong, tables.figure("strong_duck_db"), abs_tol=0.01)
    assert tables.figure("duck_ramp_ms") == tables.ramp_ms(constants.AndroidAudioUsage.NOTIFICATION)
    times, volumes = tables.figure("fade_curve_times"), tables.figure("fade_curve_volumes")
    assert (times[0], times[-1], volumes[0], volumes[-1]) == (0.0, 1.0, 1.0, 0.0)
    assert len(times) == len(volumes)


@pytest.mark.parametrize("table", ["stream_volume", "stream_to_attributes"])
def test_tables_of_streams_have_every_stream(table: str) -> None:
    assert set(rows(table)) == set(STREAMS)


def test_aliases_have_every_stream() -> None:
    for row in known()["stream_alias"]:
        assert set(row) - {"name", "confidence", "source"} == set(STREAMS)


def test_the_cars_matrix_is_that_of_the_policy() -> None:
    """The policy android-car was written from the same source by itself."""
    for (holder, requested), cell in CAR_MATRIX.items():
        contexts = [tables.car_context(CONTEXTS[name]) for name in (holder, requested)]
        assert tables.car_interaction(*contexts).value == cell
    assert len(CAR_MATRIX) == 12 * 12


def test_the_cars_contexts_are_the_facts() -> None:
    assert [row["value"] for row in known()["car_context"]] == list(range(13))
    members = {each.name: each.value for each in android.AndroidCarContext}
    assert members == {row["name"]: row["value"] for row in known()["car_context"]}


def test_every_usage_is_in_one_row_of_ramps_and_one_context() -> None:
    usages = {each.value for each in constants.AndroidAudioUsage}
    ramps = Counter(usage for row in known()["focus_ramp"] for usage in row["usages"])
    assert set(ramps.values()) == {1}
    assert set(ramps) == usages
    contexts = Counter(usage for row in known()["car_context"] for usage in row["usages"])
    assert set(contexts.values()) == {1}
    # Old notifications have become another by then; clearing a loudspeaker is no context.
    assert usages - set(contexts) == {7, 8, 9, 1004}


def test_python_names_of_methods_follow_android() -> None:
    for (_, name), forms in methods().items():
        for row in forms:
            assert row["python"] == ("Builder" if name == "Builder" else snake(name))


@pytest.mark.parametrize(
    "row",
    [row for row in known()["method"] if row["class"] in {"AudioAttributes", "AudioFocusRequest"}]
    + [row for row in known()["method"] if row["class"].endswith(".Builder")],
    ids=lambda row: f"{row['class']}.{row['python']}",
)
def test_signatures_follow_android(row: dict[str, Any]) -> None:
    owner, _, inner = row["class"].partition(".")
    kind: Any = getattr(android, owner)
    if inner:
        kind = kind.Builder
    call = kind.__init__ if row["python"] == "Builder" else getattr(kind, row["python"])
    found = list(inspect.signature(call).parameters)[1:]
    expected = [snake(name.rstrip("?")) for name in row["params"]]
    if row["python"] == "Builder":
        # One constructor here takes what two take there.
        assert found == (["aa"] if owner == "AudioAttributes" else ["focus_gain"])
    else:
        assert found == expected


def test_errors_of_methods_are_there() -> None:
    left_out = {"IOException", "UnsupportedOperationException"}
    named = {said.partition(":")[0] for row in known()["method"] for said in row.get("errors", ())}
    assert {name for name in named if hasattr(android, name)} == named - left_out


def test_shapes_of_the_plugins_objects() -> None:
    shapes = rows("plugin_json")
    attributes = android.AudioAttributes.Builder().build()
    assert set(shapes["AndroidAudioAttributes"]["keys"]) == set(attributes.to_json())
    request = android.AudioFocusRequest.Builder(1).build()
    assert set(shapes["AndroidAudioFocusRequest"]["keys"]) == set(request.to_json())


@pytest.mark.parametrize("name", ["music", "speech"])
def test_presets_of_the_plugin_are_the_recipes(name: str) -> None:
    from audiosession import AudioSessionConfiguration

    row = rows("plugin_json")[f"preset_{name}"]
    recipe = getattr(AudioSessionConfiguration, name)()
    assert recipe.android_audio_attributes.to_json() == {
        "contentType": row["attributes"]["contentType"],
        "flags": row["attributes"]["flags"],
        "usage": row["attributes"]["usage"],
    }
    assert recipe.android_audio_focus_gain_type == row["gain"]
    assert bool(recipe.android_will_pause_when_ducked) == row["will_pause_when_ducked"]


def test_no_entry_is_there_twice_and_each_says_how_sure_it_is() -> None:
    sources = known()["sources"]
    for table, entries in known().items():
        if table == "sources":
            continue
        keys = Counter(row["name"] for row in entries)
        assert set(keys.values()) == {1}, table
        for row in entries:
            assert row["source"] in sources
            assert table == "disagreement" or row["confidence"] in CONFIDENCE


def test_facts_are_the_callers_own() -> None:
    facts.android()["enum"].clear()
    assert facts.android()["enum"]
