"""The facts are what another project makes of Android's SDKs, or the difference is known.

The record was made of NativeScript's types by ``tools/record_android_sources.py`` and names its
archive. It reaches from API level 21 to 37, so that what is older has no date.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.android.facts_kit import constants, enums, known, methods, rows
from tools.record_android_sources import RECORDS, records
from tools.record_apple_sources import as_text

JAVA = "is what every object in Java has"
ENCODED = "is about formats of encoded sound, which nothing here plays"
MIXER = "is about the mixers of USB devices"
CONFIGURATIONS = "is about players and recorders of others, which have a surface of their own"
SPATIAL = "is about sound in space, which has a surface of its own"
OLD = "has done nothing, or not been for apps, since API level 23"
VIDEO = "is about menus of films"

NO_CONSTANT = {
    ("AudioManager", "EXTRA_VIBRATE_SETTING"): OLD,
    ("AudioManager", "EXTRA_VIBRATE_TYPE"): OLD,
    ("AudioManager", "ROUTE_ALL"): OLD,
    ("AudioManager", "ROUTE_BLUETOOTH"): OLD,
    ("AudioManager", "ROUTE_BLUETOOTH_A2DP"): OLD,
    ("AudioManager", "ROUTE_BLUETOOTH_SCO"): OLD,
    ("AudioManager", "ROUTE_EARPIECE"): OLD,
    ("AudioManager", "ROUTE_HEADSET"): OLD,
    ("AudioManager", "ROUTE_SPEAKER"): OLD,
    ("AudioManager", "VIBRATE_SETTING_CHANGED_ACTION"): OLD,
    ("AudioAttributes", "CREATOR"): JAVA,
    ("KeyEvent", "KEYCODE_MEDIA_TOP_MENU"): VIDEO,
}
"""What is there and not among the facts."""

NO_METHOD = {
    ("AudioAttributes", "describeContents"): JAVA,
    ("AudioAttributes", "equals"): JAVA,
    ("AudioAttributes", "hashCode"): JAVA,
    ("AudioAttributes", "toString"): JAVA,
    ("AudioAttributes", "writeToParcel"): JAVA,
    ("AudioDeviceInfo", "equals"): JAVA,
    ("AudioDeviceInfo", "getAudioDescriptors"): ENCODED,
    ("AudioDeviceInfo", "getAudioProfiles"): ENCODED,
    ("AudioDeviceInfo", "getEncapsulationMetadataTypes"): ENCODED,
    ("AudioDeviceInfo", "getEncapsulationModes"): ENCODED,
    ("AudioDeviceInfo", "getSpeakerLayoutChannelMask"): SPATIAL,
    ("AudioDeviceInfo", "hashCode"): JAVA,
    ("AudioDeviceInfo", "toString"): JAVA,
    ("AudioManager", "addOnPreferredMixerAttributesChangedListener"): MIXER,
    ("AudioManager", "clearPreferredMixerAttributes"): MIXER,
    ("AudioManager", "getActivePlaybackConfigurations"): CONFIGURATIONS,
    ("AudioManager", "getActiveRecordingConfigurations"): CONFIGURATIONS,
    ("AudioManager", "getAudioDevicesForAttributes"): CONFIGURATIONS,
    ("AudioManager", "getDirectPlaybackSupport"): ENCODED,
    ("AudioManager", "getDirectProfilesForAttributes"): ENCODED,
    ("AudioManager", "getPlaybackOffloadSupport"): ENCODED,
    ("AudioManager", "getPreferredMixerAttributes"): MIXER,
    ("AudioManager", "getSpatializer"): SPATIAL,
    ("AudioManager", "getSupportedMixerAttributes"): MIXER,
    ("AudioManager", "getVibrateSetting"): OLD,
    ("AudioManager", "isSurroundFormatEnabled"): ENCODED,
    ("AudioManager", "registerAudioPlaybackCallback"): CONFIGURATIONS,
    ("AudioManager", "registerAudioRecordingCallback"): CONFIGURATIONS,
    ("AudioManager", "registerMediaButtonEventReceiver"): OLD,
    ("AudioManager", "registerRemoteControlClient"): OLD,
    ("AudioManager", "registerRemoteController"): OLD,
    ("AudioManager", "removeOnPreferredMixerAttributesChangedListener"): MIXER,
    ("AudioManager", "setEncodedSurroundMode"): ENCODED,
    ("AudioManager", "setPreferredMixerAttributes"): MIXER,
    ("AudioManager", "setRouting"): OLD,
    ("AudioManager", "setSurroundFormatEnabled"): ENCODED,
    ("AudioManager", "setVibrateSetting"): OLD,
    ("AudioManager", "setWiredHeadsetOn"): OLD,
    ("AudioManager", "shouldVibrate"): OLD,
    ("AudioManager", "unregisterAudioPlaybackCallback"): CONFIGURATIONS,
    ("AudioManager", "unregisterAudioRecordingCallback"): CONFIGURATIONS,
    ("AudioManager", "unregisterMediaButtonEventReceiver"): OLD,
    ("AudioManager", "unregisterRemoteControlClient"): OLD,
    ("AudioManager", "unregisterRemoteController"): OLD,
}
"""The same of methods; those of AudioDeviceInfo and MicrophoneInfo are compared by themselves."""

OTHER_SINCE = {
    "getAudioHwSyncForSession": 31,
    "getEncodedSurroundMode": 31,
    "getSupportedDeviceTypes": 35,
    "isRampingRingerEnabled": 33,
}
"""Methods whose first level the sources do not agree on, with the record's, which is ours."""

FIRST_LEVEL = 21
"""What is as old as the record has no date in it."""

TYPES = {
    "AudioDeviceInfo?": "android.media.AudioDeviceInfo | null",
    "AudioFocusRequest": "android.media.AudioFocusRequest",
    "AudioAttributes": "any",
    "bool": "boolean",
    "float": "number",
    "int": "number",
    "str": "string",
    "str?": "string",
    "void": "void",
}
LISTS = {
    "getAvailableCommunicationDevices": "AudioDeviceInfo",
    "getDevices": "AudioDeviceInfo",
    "getMicrophones": "MicrophoneInfo",
    "getSupportedDeviceTypes": "java.lang.Integer",
}

RECORD: dict[str, Any] = json.loads(
    RECORDS.joinpath("nativescript-types-android.json").read_text("utf-8")
)
CLASSES: dict[str, Any] = RECORD["classes"]
Key = tuple[str, str]


def their_constants() -> dict[Key, dict[str, Any]]:
    return {(k, n): entry for k, kind in CLASSES.items() for n, entry in kind["constants"].items()}


def their_methods() -> dict[Key, list[dict[str, Any]]]:
    found = {}
    for owner, kind in CLASSES.items():
        for name, forms in kind["methods"].items():
            key = (owner, "Builder" if name == "constructor" else name)
            found[key] = [{"since": kind.get("since", FIRST_LEVEL)} | form for form in forms]
    return found


def their_type(row: dict[str, Any]) -> str:
    if row["returns"] == "Builder":
        return (
            "any" if row["class"].startswith("AudioAttributes") else f"android.media.{row['class']}"
        )
    return TYPES[row["returns"]]


def test_the_same_constants_are_there() -> None:
    public = {key for key, row in constants().items() if not row.get("hidden")}
    theirs = their_constants().keys()
    assert theirs - constants().keys() == set(NO_CONSTANT)
    assert public - theirs == set()
    # What the facts call hidden is not offered to apps.
    assert theirs & constants().keys() == public


@pytest.mark.parametrize("key", sorted(their_constants().keys() & constants().keys()), ids=".".join)
def test_a_constants_value_and_level_are_theirs(key: Key) -> None:
    ours, theirs = constants()[key], their_constants()[key]
    if isinstance(ours["value"], list):
        assert theirs["type"] == "android.media.MicrophoneInfo.Coordinate3F"
    elif isinstance(ours["value"], float):
        # They have it with eight digits.
        assert ours["value"] == pytest.approx(theirs["value"], rel=1e-7)
    else:
        assert ours["value"] == theirs["value"]
    if key[1].startswith("ENCODED_SURROUND_OUTPUT"):
        assert "since" not in ours
        assert "encoded" in known()["disagreement"][1]["name"].lower()
    else:
        assert ours.get("since") == theirs.get("since")


def test_every_public_enumeration_is_compared() -> None:
    """Enumerations of hidden constants alone have no second source."""
    compared = {key for key in their_constants() if key in constants()}
    hidden = {
        row["name"]
        for row in known()["enum"]
        if not any((row["class"], member["name"]) in compared for member in row["members"])
    }
    assert hidden == {
        "AndroidAudioFocusFlags",
        "AndroidCallRedirectMode",
        "AndroidInternalOutputDevice",
        "AndroidSuppressibleClass",
        "AndroidVolumeShaperId",
    }
    assert hidden < set(enums())


def test_the_same_methods_are_there() -> None:
    values = {"AudioDeviceInfo", "MicrophoneInfo"}
    theirs = {key for key in their_methods() if key[0] not in values or key in NO_METHOD}
    public = {key for key, forms in methods().items() if not forms[0].get("hidden")}
    assert theirs - methods().keys() == set(NO_METHOD)
    assert public - theirs == set()
    assert theirs & methods().keys() == public


@pytest.mark.parametrize("key", sorted(their_methods().keys() & methods().keys()), ids=".".join)
def test_a_methods_signature_and_level_are_theirs(key: Key) -> None:
    ours, theirs = methods()[key], their_methods()[key]
    forms = [
        [name.rstrip("?") for name in row["params"] if given or not name.endswith("?")]
        for row in ours
        for given in ((False, True) if len(theirs) > len(ours) else (True,))
    ]
    assert sorted(forms) == sorted(form["parameters"] for form in theirs)
    for row in ours:
        wanted = [name.rstrip("?") for name in row["params"]]
        (form,) = (form for form in theirs if form["parameters"] == wanted)
        assert max(row["since"], FIRST_LEVEL) == form["since"]
        assert row.get("deprecated") == form.get("deprecated")
        if key[1] in LISTS:
            assert re.search(rf"<.*\b{LISTS[key[1]]}>", form["returns"])
        elif key[1] != "Builder":
            assert their_type(row) == form["returns"]


def test_levels_that_differ_are_told() -> None:
    """The declarations are followed, and what else was read is written down."""
    told = {name: row for name, row in rows("disagreement").items() if name in OTHER_SINCE}
    assert set(told) == set(OTHER_SINCE)
    for name, row in told.items():
        assert row["here"].partition(";")[0] == str(OTHER_SINCE[name])


@pytest.mark.parametrize(
    ("owner", "shape"),
    [("AudioDeviceInfo", "AndroidAudioDeviceInfo"), ("MicrophoneInfo", "AndroidMicrophoneInfo")],
)
def test_fields_of_values_are_their_getters(owner: str, shape: str) -> None:
    getters = {
        re.sub(r"^get(.)", lambda match: match[1].lower(), name)
        for name in CLASSES[owner]["methods"]
        if (owner, name) not in NO_METHOD
    }
    assert set(rows("plugin_json")[shape]["keys"]) == getters


def test_every_difference_has_a_reason() -> None:
    reasons = {JAVA, ENCODED, MIXER, CONFIGURATIONS, SPATIAL, OLD, VIDEO}
    assert {*NO_CONSTANT.values(), *NO_METHOD.values()} == reasons
    everything = their_constants() | their_methods()
    for key in NO_CONSTANT.keys() | NO_METHOD.keys():
        assert key in everything
    for key, reason in (NO_CONSTANT | NO_METHOD).items():
        entry: Any = everything[key]
        entry = entry[0] if isinstance(entry, list) else entry
        if reason is OLD:
            assert entry["deprecated"] <= 23, key


# Where the archive is, for who has it; nothing here is fetched.
ARCHIVES = os.environ.get("AUDIOSESSION_ANDROID_ARCHIVES")


@pytest.mark.skipif(ARCHIVES is None, reason="AUDIOSESSION_ANDROID_ARCHIVES names no directory")
def test_the_record_is_what_the_tool_makes_of_the_archive() -> None:
    assert ARCHIVES is not None
    made = dict(records(Path(ARCHIVES)))
    assert made
    for name, record in made.items():
        assert as_text(record) == RECORDS.joinpath(name).read_text("utf-8")


def test_the_record_names_its_archive() -> None:
    assert RECORD["version"] in RECORD["archive"]
    assert len(bytes.fromhex(RECORD["sha256"])) == 32
    # The tool would write the same.
    (path,) = RECORDS.glob("*.json")
    assert as_text(RECORD) == path.read_text("utf-8")
