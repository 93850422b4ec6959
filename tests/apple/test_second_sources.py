"""The facts are what two other projects make of Apple's SDKs, or the difference is known.

The records were made of PyObjC's wheels and NativeScript's types by
``tools/record_apple_sources.py``; each names its archive. Both stop at the iOS 26 SDKs.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.apple.facts_kit import (
    AV_TEXTS,
    av,
    av_numbers,
    av_texts,
    c,
    c_numbers,
    c_texts,
    enum_members,
    rows,
)
from tools.record_apple_sources import RECORDS, as_text, records

NEWER = "came with the iOS 27 SDK, after the release"
VISION = "is of visionOS, which the source leaves out"
AVKIT = "is declared in AVKit for iOS only"
ALIAS = "is a constant of the C header that stands for another"
MACRO = "is a macro, and the source holds constants only"
MACOS = "is of macOS, and the source is made of the iOS SDK"
WATCH = "was on watchOS only until the iOS 27 SDK"
INHERITED = "is NSObject's, which the source does not repeat"
OLD = "was not deprecated before the iOS 27 SDK"

NO_NUMBER_IN_PYOBJC = {
    "AVAudioSessionAnchoringStrategyAutomatic": VISION,
    "AVAudioSessionAnchoringStrategyFront": VISION,
    "AVAudioSessionAnchoringStrategyScene": VISION,
    "AVAudioSessionDeactivationOptionNone": NEWER,
    "AVAudioSessionDeactivationOptionNotifyOthersOnDeactivation": NEWER,
    "AVAudioSessionDeactivationSourceApp": NEWER,
    "AVAudioSessionDeactivationSourceSystem": NEWER,
    "AVAudioSessionErrorInsufficientPriority": ALIAS,
    "AVAudioSessionInterruptionReasonSceneWasBackgrounded": VISION,
    "AVAudioSessionResumptionRecommendationShouldNotResume": NEWER,
    "AVAudioSessionResumptionRecommendationShouldResume": NEWER,
    "AVAudioSessionRouteSelectionExternal": AVKIT,
    "AVAudioSessionRouteSelectionLocal": AVKIT,
    "AVAudioSessionRouteSelectionNone": AVKIT,
    "AVAudioSessionSoundStageSizeAutomatic": VISION,
    "AVAudioSessionSoundStageSizeLarge": VISION,
    "AVAudioSessionSoundStageSizeMedium": VISION,
    "AVAudioSessionSoundStageSizeSmall": VISION,
    "AVAudioSessionSpatialExperienceBypassed": VISION,
    "AVAudioSessionSpatialExperienceFixed": VISION,
    "AVAudioSessionSpatialExperienceHeadTracked": VISION,
}

NO_TEXT = {
    "AVAudioSessionDeactivationContextKey": NEWER,
    "AVAudioSessionDidBecomeActiveNotification": NEWER,
    "AVAudioSessionDidBecomeInactiveNotification": NEWER,
    "AVAudioSessionPortMediaDeviceExtension": NEWER,
    "AVAudioSessionResumptionContextKey": NEWER,
    "AVAudioSessionResumptionRecommendationNotification": NEWER,
    "AVAudioSessionSpatialExperienceOptionAnchoringStrategy": VISION,
    "AVAudioSessionSpatialExperienceOptionSceneIdentifier": VISION,
    "AVAudioSessionSpatialExperienceOptionSoundStageSize": VISION,
}
"""Names of texts that neither source has."""

NO_NUMBER_IN_NATIVESCRIPT = {
    "AVAudioSessionAnchoringStrategyAutomatic": VISION,
    "AVAudioSessionAnchoringStrategyFront": VISION,
    "AVAudioSessionAnchoringStrategyScene": VISION,
    "AVAudioSessionDeactivationOptionNone": NEWER,
    "AVAudioSessionDeactivationOptionNotifyOthersOnDeactivation": NEWER,
    "AVAudioSessionDeactivationSourceApp": NEWER,
    "AVAudioSessionDeactivationSourceSystem": NEWER,
    "AVAudioSessionInterruptionReasonDeviceUnauthenticated": VISION,
    "AVAudioSessionInterruptionReasonSceneWasBackgrounded": VISION,
    "AVAudioSessionResumptionRecommendationShouldNotResume": NEWER,
    "AVAudioSessionResumptionRecommendationShouldResume": NEWER,
    "AVAudioSessionSoundStageSizeAutomatic": VISION,
    "AVAudioSessionSoundStageSizeLarge": VISION,
    "AVAudioSessionSoundStageSizeMedium": VISION,
    "AVAudioSessionSoundStageSizeSmall": VISION,
    "AVAudioSessionSpatialExperienceBypassed": VISION,
    "AVAudioSessionSpatialExperienceFixed": VISION,
    "AVAudioSessionSpatialExperienceHeadTracked": VISION,
}

NO_C_NAME = {
    "kAudioSession_AudioRouteChangeKey_OldRoute": MACRO,
    "kAudioSession_AudioRouteChangeKey_Reason": MACRO,
}

NO_MEMBER = {
    ("AVAudioSession", "activateWithOptionsCompletionHandler"): WATCH,
    ("AVAudioSession", "deactivateWithOptionsCompletionHandler"): NEWER,
    ("AVAudioSession", "init"): INHERITED,
    ("AVAudioSession", "intendedSpatialExperience"): VISION,
    ("AVAudioSession", "intendedSpatialExperienceOptions"): VISION,
    ("AVAudioSession", "isNowPlayingCandidate"): VISION,
    ("AVAudioSession", "setIntendedSpatialExperienceOptionsError"): VISION,
    ("AVAudioSession", "setIsNowPlayingCandidateError"): VISION,
    ("AVAudioApplication", "setInputMuteStateChangeHandlerError"): MACOS,
    ("AVAudioSessionDeactivationContext", "interruptionContext"): NEWER,
    ("AVAudioSessionDeactivationContext", "source"): NEWER,
    ("AVAudioSessionInterruptionContext", "reason"): NEWER,
    ("AVAudioSessionResumptionContext", "recommendation"): NEWER,
}

OTHER_DATES = {
    "AVAudioSessionInterruptionNotification": OLD,
    "AVAudioSessionInterruptionOptionKey": OLD,
    "AVAudioSessionInterruptionReasonKey": OLD,
    "AVAudioSessionInterruptionTypeKey": OLD,
}
"""Names whose end the sources do not know yet."""

# AVAudioSession's own word for each kind of value, and NativeScript's.
TYPES = {
    "AudioChannelLabel": "number",
    "BOOL": "boolean",
    "NSInteger": "number",
    "NSNumber": "number",
    "NSString": "string",
    "NSTimeInterval": "number",
    "NSUInteger": "number",
    "double": "number",
    "float": "number",
    "id<AVAudioSessionDelegate>": "AVAudioSessionDelegate | null",
    "void": "void",
} | dict.fromkeys(
    (
        "AVAudioSessionCategory",
        "AVAudioSessionLocation",
        "AVAudioSessionMode",
        "AVAudioSessionOrientation",
        "AVAudioSessionPolarPattern",
        "AVAudioSessionPort",
    ),
    "string",
)


def recorded(name: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(RECORDS.joinpath(name).read_text("utf-8"))
    return record


AVFOUNDATION = recorded("pyobjc-framework-AVFoundation.json")
COREAUDIO = recorded("pyobjc-framework-CoreAudio.json")
NATIVESCRIPT = recorded("nativescript-types-ios.json")


def nativescript_name(selector: str) -> str:
    """NativeScript's name of a method: its parts joined, each with a capital."""
    first, *others = selector.rstrip(":").split(":")
    return first + "".join(part[0].upper() + part[1:] for part in others)


def nativescript_type(type_: str) -> str:
    if type_.endswith("?"):
        return nativescript_type(type_.removesuffix("?")) + " | null"
    if type_.startswith("["):
        return f"NSArray<{nativescript_type(type_.strip('[]'))}>"
    return TYPES.get(type_, type_)


def nativescript_dates(row: dict[str, Any]) -> dict[str, str]:
    """What NativeScript would say of when an entry was there."""
    found = {"since": row["since"].partition(",")[0].removeprefix("iOS ")}
    if "deprecated" in row:
        found["deprecated"] = row["deprecated"].removeprefix("iOS ")
    return found


def dates(entry: dict[str, Any]) -> dict[str, str]:
    return {key: entry[key] for key in ("since", "deprecated") if key in entry}


def members() -> dict[tuple[str, str], dict[str, Any]]:
    """Every property and method among the facts, by class and NativeScript's name."""
    found = {
        ("AVAudioSession", nativescript_name(row["name"])): row | {"type": row.get("returns")}
        for row in av()["method"]
    }
    for row in rows(av(), "property", "deprecated_property"):
        found["AVAudioSession", row["name"]] = row
    for kind in av()["class"]:
        for row in kind["members"]:
            found[kind["name"], nativescript_name(row["name"])] = {"since": kind["since"]} | row
    return found


def nativescript_members() -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (kind, name): {"type": member.get("returns")} | member
        for kind, parts in NATIVESCRIPT["classes"].items()
        if kind != "AVAudioSessionDelegate"
        for name, member in (parts["properties"] | parts["methods"]).items()
    }


def test_numbers_are_those_of_pyobjc() -> None:
    theirs = AVFOUNDATION["numbers"] | COREAUDIO["numbers"]
    ours = av_numbers()
    assert {name: ours.get(name) for name in theirs} == theirs
    assert ours.keys() - theirs.keys() == set(NO_NUMBER_IN_PYOBJC)


def test_names_of_texts_are_those_of_pyobjc() -> None:
    theirs = {*AVFOUNDATION["texts"], *COREAUDIO["texts"]}
    assert theirs - av_texts().keys() == set()
    assert av_texts().keys() - theirs == set(NO_TEXT)


def test_numbers_are_those_of_nativescript() -> None:
    theirs = {
        (kind.removesuffix("s") if kind.endswith("Options") else kind) + name: value
        for kind, entries in NATIVESCRIPT["enums"].items()
        for name, value in entries.items()
    }
    ours = av_numbers()
    assert {name: ours.get(name) for name in theirs} == theirs
    single = {name for name, entry in NATIVESCRIPT["names"].items() if entry["type"] == "number"}
    assert ours.keys() - theirs.keys() - single == set(NO_NUMBER_IN_NATIVESCRIPT)


def test_enumerations_are_nativescripts() -> None:
    theirs = set(NATIVESCRIPT["enums"])
    ours = {row["name"] for row in av()["enum"]}
    assert theirs - ours == {"AVAudioSessionCategoryOptions", "AVAudioSessionErrorCode"}
    missing = {row["name"] for row in av()["enum"] if row["name"] not in theirs}
    left_out = {*NO_NUMBER_IN_NATIVESCRIPT}
    for row in av()["enum"]:
        if row["name"] in missing:
            assert {member["name"] for member in row["members"]} <= left_out


def test_names_are_those_of_nativescript() -> None:
    theirs = {
        name: entry["type"]
        for name, entry in NATIVESCRIPT["names"].items()
        if name.startswith("AV")
    }
    texts = {name for name, type_ in theirs.items() if type_ == "string"}
    assert texts - av_texts().keys() == set()
    assert av_texts().keys() - texts == set(NO_TEXT)
    assert theirs.keys() - texts <= av_numbers().keys()


def test_dates_of_texts_are_those_of_nativescript() -> None:
    theirs = NATIVESCRIPT["names"]
    differing = {
        row["name"]
        for row in rows(av(), *AV_TEXTS)
        if row["name"] in theirs and nativescript_dates(row) != dates(theirs[row["name"]])
    }
    assert differing == set(OTHER_DATES)


def test_members_of_classes_are_those_of_nativescript() -> None:
    theirs, ours = nativescript_members(), members()
    assert theirs.keys() - ours.keys() == set()
    assert ours.keys() - theirs.keys() == set(NO_MEMBER)


@pytest.mark.parametrize(
    "key", sorted(members().keys() & nativescript_members().keys()), ids=".".join
)
def test_a_members_type_and_dates_are_those_of_nativescript(key: tuple[str, str]) -> None:
    ours, theirs = members()[key], nativescript_members()[key]
    assert nativescript_type(ours["type"]) == theirs["type"]
    # Members as old as their class bear no date there.
    if dates(theirs):
        assert nativescript_dates(ours) == dates(theirs)
    class_method = ours.get("class_method") or str(ours.get("access")).startswith("class")
    assert bool(class_method) == theirs["static"]
    if "readonly" in theirs:
        assert theirs["readonly"] == (key[1] != "delegate")


def test_the_old_delegate_is_nativescripts() -> None:
    (row,) = av()["deprecated_delegate"]
    theirs = NATIVESCRIPT["classes"][row["name"]]
    assert {nativescript_name(name) for name in row["methods"]} == set(theirs["methods"])
    assert theirs["properties"] == {}


def test_c_names_are_those_of_nativescript() -> None:
    theirs = {
        name: entry["type"]
        for name, entry in NATIVESCRIPT["names"].items()
        if name.startswith("kAudio")
    }
    ours = dict.fromkeys(c_numbers(), "number") | dict.fromkeys(c_texts(), "string")
    assert {name: ours.get(name) for name in theirs} == theirs
    assert ours.keys() - theirs.keys() == set(NO_C_NAME)


def test_dates_of_c_texts_are_those_of_nativescript() -> None:
    theirs = NATIVESCRIPT["names"]
    for row in rows(c(), "dictionary_key", "input_route", "output_route"):
        if row["name"] not in NO_C_NAME:
            assert nativescript_dates(row) == dates(theirs[row["name"]])


@pytest.mark.parametrize("row", c()["function"], ids=lambda row: row["name"])
def test_c_functions_are_those_of_nativescript(row: dict[str, Any]) -> None:
    theirs = NATIVESCRIPT["functions"][row["name"]]
    assert [parameter["name"] for parameter in row["params"]] == theirs["parameters"]
    assert nativescript_dates(row) == dates(theirs)
    assert theirs["returns"] == "number"


def test_there_are_no_other_c_functions() -> None:
    assert {row["name"] for row in c()["function"]} == set(NATIVESCRIPT["functions"])


def test_every_difference_has_a_reason() -> None:
    reasons = {NEWER, VISION, AVKIT, ALIAS, MACRO, MACOS, WATCH, INHERITED, OLD}
    used = [NO_NUMBER_IN_PYOBJC, NO_TEXT, NO_NUMBER_IN_NATIVESCRIPT, NO_C_NAME, OTHER_DATES]
    found = {reason for table in used for reason in table.values()} | {*NO_MEMBER.values()}
    assert found == reasons


def test_reasons_are_what_the_facts_say() -> None:
    entries = {
        row["name"]: (kind.get("since", ""), row)
        for kind in av()["enum"]
        for row in kind["members"]
    }
    entries |= {row["name"]: (row["since"], row) for row in rows(av(), *AV_TEXTS)}
    named = NO_NUMBER_IN_PYOBJC | NO_TEXT | NO_NUMBER_IN_NATIVESCRIPT
    assert len(enum_members()) + len(rows(av(), *AV_TEXTS)) == len(entries)
    for name, reason in named.items():
        since, row = entries.get(name, ("", {}))
        since = row.get("since", since)
        assert (reason is NEWER) == (since == "iOS 27.0"), name
        assert (reason is VISION) == (since == "visionOS 1.0" or row.get("only") == ["visionOS"]), (
            name
        )


# Where the archives are, for who has them; nothing here is fetched.
ARCHIVES = os.environ.get("AUDIOSESSION_APPLE_ARCHIVES")


@pytest.mark.skipif(ARCHIVES is None, reason="AUDIOSESSION_APPLE_ARCHIVES names no directory")
def test_the_records_are_what_the_tool_makes_of_the_archives() -> None:
    assert ARCHIVES is not None
    made = dict(records(Path(ARCHIVES)))
    assert made
    for name, record in made.items():
        assert as_text(record) == RECORDS.joinpath(name).read_text("utf-8")


def test_records_name_their_archive() -> None:
    for path in RECORDS.glob("*.json"):
        record = recorded(path.name)
        assert record["version"] in record["archive"]
        assert len(bytes.fromhex(record["sha256"])) == 32
        # The tool would write the same.
        assert as_text(record) == path.read_text("utf-8")
    assert len(list(RECORDS.glob("*.json"))) == 3
