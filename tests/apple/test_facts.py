"""The constants are the facts, entry by entry and in both directions."""

from __future__ import annotations

from collections import Counter
from enum import Enum, Flag
from operator import attrgetter
from types import ModuleType
from typing import Any

import pytest

from audiosession.apple import c_constants, constants, enums, errors, facts, legality, names
from audiosession.apple.fourcc import fourcc_number, fourcc_text
from tests.api.test_constants import upper_snake
from tests.apple.facts_kit import (
    AV_TEXTS,
    C_NUMBERS,
    C_TEXTS,
    av,
    c,
    c_numbers,
    c_texts,
    enum_members,
    lower_snake,
    rows,
)

TEXT_ENUMS: dict[str, type[Enum]] = {
    "category": constants.AVAudioSessionCategory,
    "mode": constants.AVAudioSessionMode,
    "port": names.AVAudioSessionPort,
    "location": names.AVAudioSessionLocation,
    "orientation": names.AVAudioSessionOrientation,
    "polar_pattern": names.AVAudioSessionPolarPattern,
    "notification": names.AVAudioSessionNotificationName,
    "user_info_key": names.AVAudioSessionUserInfoKey,
    "application_notification": names.AVAudioApplicationNotificationName,
    "application_user_info_key": names.AVAudioApplicationUserInfoKey,
    "spatial_experience_option": enums.AVAudioSessionSpatialExperienceOption,
}

CONFIDENCE = {"header", "documented", "observed", "assumed", "unknown"}


def public(kind: type[Enum]) -> dict[str, Any]:
    """The members under all their names, save those without a meaning of their own."""
    return {name: each.value for name, each in kind.__members__.items() if not name.startswith("_")}


def enums_of(*modules: ModuleType) -> set[type[Enum]]:
    return {
        thing
        for module in modules
        for name in module.__all__
        if isinstance(thing := getattr(module, name), type) and issubclass(thing, Enum)
    }


def number_enum(name: str) -> type[Enum]:
    module = constants if hasattr(constants, name) else enums
    kind: type[Enum] = getattr(module, name)
    return kind


@pytest.mark.parametrize("table", TEXT_ENUMS)
def test_texts_are_the_facts(table: str) -> None:
    assert public(TEXT_ENUMS[table]) == {row["python"]: row["text"] for row in av()[table]}


def test_every_table_of_texts_is_compared() -> None:
    assert set(TEXT_ENUMS) == set(AV_TEXTS)


@pytest.mark.parametrize("row", av()["enum"], ids=lambda row: row["name"])
def test_numbers_are_the_facts(row: dict[str, Any]) -> None:
    kind = number_enum(row["name"])
    expected = {member["python"]: member["value"] for member in row["members"]}
    if row["kind"] == "options":
        assert issubclass(kind, Flag)
        expected.setdefault("NONE", 0)
    else:
        assert not issubclass(kind, Flag)
    assert public(kind) == expected


def test_category_options_are_the_facts() -> None:
    expected = {row["python"]: row["value"] for row in av()["category_option"]}
    assert public(constants.AVAudioSessionCategoryOptions) == expected | {"NONE": 0}


def test_deprecated_flags_are_the_facts() -> None:
    for row in av()["deprecated_flag"]:
        kind = number_enum(row["enum"])
        assert public(kind) == {"NONE": 0, row["python"]: row["value"]}


def test_every_enumeration_is_among_the_facts() -> None:
    known = {number_enum(row["name"]) for row in av()["enum"]}
    known |= {number_enum(row["enum"]) for row in av()["deprecated_flag"]}
    known |= {*TEXT_ENUMS.values(), constants.AVAudioSessionCategoryOptions}
    assert enums_of(constants, enums, names) == known


@pytest.mark.parametrize(
    "kind",
    sorted(
        (kind for kind in enums_of(constants, enums) if issubclass(kind, Flag)),
        key=attrgetter("__name__"),
    ),
    ids=attrgetter("__name__"),
)
def test_options_refuse_bits_without_meaning(kind: type[Flag]) -> None:
    with pytest.raises(ValueError, match="invalid value"):
        kind(0x100)


def test_error_codes_are_the_facts() -> None:
    expected = {row["python"]: (row["value"], row.get("fourcc", "")) for row in av()["error"]}
    members = errors.AVAudioSessionErrorCode.__members__
    assert {name: (code.value, code.fourcc) for name, code in members.items()} == expected
    assert {code.apple_name for code in members.values()} == {row["name"] for row in av()["error"]}


def test_the_old_error_name_is_the_new_one() -> None:
    (row,) = av()["error_alias"]
    assert getattr(errors, row["name"]).apple_name == row["same_as"]


def test_the_error_domain_is_the_facts() -> None:
    (row,) = av()["error_domain"]
    assert row["text"] == errors.NS_OS_STATUS_ERROR_DOMAIN


def test_c_constants_are_the_facts() -> None:
    types = {row["name"] for row in c()["type"]}
    found = {name: getattr(c_constants, name) for name in c_constants.__all__ if name not in types}
    assert found == c_numbers() | c_texts()
    assert types <= set(c_constants.__all__)


@pytest.mark.parametrize("topic", c()["topic"], ids=lambda topic: topic["name"])
def test_every_topic_of_the_documentation_has_constants(topic: dict[str, Any]) -> None:
    group = topic.get("group")
    entries = [row for row in c()[topic["table"]] if group in (None, row.get("group"))]
    assert entries
    for row in entries:
        assert getattr(c_constants, row["name"]) == row.get("value", row.get("text"))


def test_four_letters_are_their_number() -> None:
    entries = [*rows(av(), "error"), *enum_members(), *rows(c(), *C_NUMBERS)]
    for row in entries:
        assert fourcc_text(row["value"]) == row.get("fourcc", "")
        assert "fourcc" not in row or fourcc_number(row["fourcc"]) == row["value"]


def test_numbers_that_both_apis_share_are_told_apart() -> None:
    old = {row["value"]: row["name"] for row in c()["result_code"]}
    new = {row["value"]: row["name"] for row in av()["error"]}
    shared = {value: (old[value], new[value]) for value in old.keys() & new.keys() - {0}}
    assert shared == {
        row["value"]: (row["here"], row["avaudiosession"]) for row in c()["code_collision"]
    }


@pytest.mark.parametrize("row", av()["option_legality"], ids=lambda row: row["name"])
def test_option_rules_are_the_facts(row: dict[str, Any]) -> None:
    (option,) = (each for each in av()["category_option"] if each["name"] == row["name"])
    rules = legality.OPTION_RULES[constants.AVAudioSessionCategoryOptions(option["value"])]
    expected = {key: value for key, value in row.items() if key[0].isupper()}
    found = {
        category.value.removeprefix("AVAudioSessionCategory"): rule.value
        for category, rule in rules.items()
    }
    assert found == expected


def test_every_option_has_rules_among_the_facts() -> None:
    named = {row["name"]: row["value"] for row in av()["category_option"]}
    found = {named[row["name"]] for row in av()["option_legality"]}
    assert found == {option.value for option in legality.OPTION_RULES}


def test_what_modes_fit_and_imply_is_the_facts() -> None:
    options = {row["name"]: row["value"] for row in av()["category_option"]}
    for row in av()["mode"]:
        mode = constants.AVAudioSessionMode(row["text"])
        fitting = legality.MODE_CATEGORIES.get(mode, frozenset())
        assert {category.value for category in fitting} == set(row.get("categories", ()))
        implied = sum(options[name] for name in row.get("implies", ()))
        assert legality.MODE_IMPLIES.get(mode, 0) == implied


def test_what_options_imply_is_the_facts() -> None:
    kind = constants.AVAudioSessionCategoryOptions
    for row in av()["category_option"]:
        option = kind(row["value"])
        implied = legality.OPTION_IMPLIES.get(option, kind.NONE)
        for name in row.get("implies", ()):
            assert kind[name_of(name)] in option | implied
        if implied:
            assert implied.name in {name_of(name) for name in row["implies"]}


def name_of(option: str) -> str:
    (row,) = (row for row in av()["category_option"] if row["name"] == option)
    python: str = row["python"]
    return python


def test_long_form_rule_is_the_facts() -> None:
    (row,) = av()["long_form_policy_rule"]
    assert row["categories"] == [legality.LONG_FORM_CATEGORY.value]
    assert set(row["modes"]) == {mode.value for mode in legality.LONG_FORM_MODES}


def test_defaults_name_what_there_is() -> None:
    defaults = av()["defaults"]
    constants.AVAudioSessionCategory(defaults["category"])
    constants.AVAudioSessionMode(defaults["mode"])
    assert defaults["io_type"] in {member["name"] for member in enum_members()}
    assert set(defaults["unknown"]) < {row["name"] for row in av()["property"]}


@pytest.mark.parametrize("table", ["property", "deprecated_property"])
def test_python_names_of_properties_follow_swift(table: str) -> None:
    for row in av()[table]:
        assert row["python"] == lower_snake(row.get("swift", row["name"]))


def test_python_names_of_methods_and_members_follow_swift() -> None:
    members = [member for row in av()["class"] for member in row["members"]]
    for row in [*av()["method"], *members]:
        expected = lower_snake(row.get("swift", row["name"]))
        assert row["python"] == ("__init__" if expected == "init" else expected)


def test_python_names_of_constants_follow_swift() -> None:
    entries = [*rows(av(), "category", "mode", "port", "category_option"), *enum_members()]
    for row in entries:
        swift = "none" if row["swift"] == "[]" else row["swift"].partition("(")[0]
        assert row["python"] == upper_snake(swift)


def test_setters_of_properties_are_methods() -> None:
    selectors = {row["name"] for row in av()["method"]}
    setters = {row["setter"] for row in av()["property"] if "setter" in row}
    assert setters <= selectors


def test_errors_of_methods_and_keys_of_notifications_exist() -> None:
    codes = {row["name"] for row in av()["error"]}
    assert {name for row in av()["method"] for name in row.get("errors", ())} <= codes
    for notification, key in (
        ("notification", "user_info_key"),
        ("application_notification", "application_user_info_key"),
    ):
        carried = {name for row in av()[notification] for name in row.get("user_info_keys", ())}
        known = {row["name"]: row.get("deprecated") for row in av()[key]}
        # Nothing carries it any more since iOS 14.5.
        suspended = {name for name, until in known.items() if until == "iOS 14.5"}
        assert carried == set(known) - suspended


def test_twins_of_the_old_api_exist() -> None:
    known = {row["name"] for table in av().values() if isinstance(table, list) for row in table}
    for row in rows(c(), "property"):
        assert set(row["avaudiosession"]) <= known
    for row in rows(c(), "category", "mode"):
        assert row["avaudiosession"] in known


@pytest.mark.parametrize("table", [av(), c()], ids=["avaudiosession", "audio_session_services"])
def test_no_entry_is_there_twice_and_each_says_how_sure_it_is(table: dict[str, Any]) -> None:
    assert table["sources"]
    for name, entries in table.items():
        if not isinstance(entries, list):
            continue
        keys = Counter(row.get("name") for row in entries)
        assert None not in keys, name
        assert set(keys.values()) == {1}, name
        for row in entries:
            assert {row[key] for key in ("confidence", "text_confidence") if key in row} <= (
                CONFIDENCE
            )
            assert "text" not in row or "text_confidence" in row or name == "error_domain"


def test_sizes_of_c_properties_are_those_of_their_types() -> None:
    sizes = {"UInt32": 4, "Float32": 4, "Float64": 8}
    for row in c()["property"]:
        assert row["size"] == sizes.get(row["type"], 8)
        assert row["type"] in sizes or row["type"].endswith("Ref")


def test_facts_are_the_callers_own() -> None:
    facts.avaudiosession()["port"].clear()
    assert facts.avaudiosession()["port"]


def test_every_table_of_the_c_api_is_compared() -> None:
    tables = {name for name, entries in c().items() if isinstance(entries, list)}
    other = {"type", "function", "callback", "old_route", "observed_key", "code_collision"}
    assert tables == {*C_NUMBERS, *C_TEXTS, *other, "topic", "disagreement", "unknown"}
