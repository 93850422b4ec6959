"""The constants of the capture session are the facts, entry by entry and in both directions."""

from __future__ import annotations

from collections import Counter
from enum import Enum
from typing import Any

import pytest

from audiosession import capture
from audiosession.capture import enums, errors
from audiosession.capture.facts import avcapturesession
from tests.apple.facts_kit import lower_snake
from tests.capture.facts_kit import facts

NUMBERS = {
    "interruption_reason": "AVCaptureSessionInterruptionReason",
    "authorization_status": "AVAuthorizationStatus",
    "device_position": "AVCaptureDevicePosition",
    "microphone_mode": "AVCaptureMicrophoneMode",
    "multichannel_audio_mode": "AVCaptureMultichannelAudioMode",
    "data_dropped_reason": "AVCaptureOutputDataDroppedReason",
    "video_orientation": "AVCaptureVideoOrientation",
    "video_stabilization_mode": "AVCaptureVideoStabilizationMode",
    "error": "AVError",
}
TEXTS = {
    "preset": "AVCaptureSessionPreset",
    "media_type": "AVMediaType",
    "device_type": "AVCaptureDeviceType",
    "notification": "AVCaptureSessionNotificationName",
    "user_info_key": "AVCaptureSessionUserInfoKey",
}
CONFIDENCE = {"header", "documented", "observed", "assumed", "unknown"}


def values(name: str) -> dict[str, Any]:
    kind: type[Enum] = getattr(capture, name)
    return {each: member.value for each, member in kind.__members__.items()}


@pytest.mark.parametrize("table", NUMBERS)
def test_numbers_are_the_facts(table: str) -> None:
    assert values(NUMBERS[table]) == {row["python"]: row["value"] for row in facts()[table]}


@pytest.mark.parametrize("table", TEXTS)
def test_texts_are_the_facts(table: str) -> None:
    assert values(TEXTS[table]) == {row["python"]: row["text"] for row in facts()[table]}


def test_every_table_of_constants_is_compared() -> None:
    with_value = {
        table
        for table, rows in facts().items()
        if isinstance(rows, list) and any("value" in row or "text" in row for row in rows)
    }
    assert with_value == {*NUMBERS, *TEXTS, "device_notification", "error_domain", "rule"}


def test_the_error_domain_is_the_facts() -> None:
    (row,) = facts()["error_domain"]
    assert row["text"] == errors.AV_FOUNDATION_ERROR_DOMAIN


@pytest.mark.parametrize("row", facts()["error"], ids=lambda row: row["name"])
def test_an_error_has_apples_name_and_says_what_it_is(row: dict[str, Any]) -> None:
    code = errors.AVError(row["value"])
    assert code.apple_name == row["name"]
    assert row["name"] in str(errors.CaptureError(code))
    assert code.meaning in str(errors.CaptureError(code))


def test_names_follow_swift() -> None:
    for row in [*facts()["property"], *facts()["method"]]:
        expected = lower_snake(row["swift"])
        assert row["python"] == ("__init__" if expected == "init" else expected)
    for table in (*NUMBERS, *TEXTS):
        if table != "user_info_key":
            for row in facts()[table]:
                swift = row["swift"].removesuffix("Notification")
                assert row["python"] == lower_snake(swift).upper()


def test_keys_of_notifications_exist() -> None:
    carried = {key for row in facts()["notification"] for key in row.get("user_info_keys", ())}
    assert carried == {row["name"] for row in facts()["user_info_key"]}


def test_what_a_property_is_at_first_exists() -> None:
    names = {row["name"] for table in (*NUMBERS, *TEXTS) for row in facts()[table]}
    for row in facts()["property"]:
        first = row.get("default")
        if isinstance(first, str) and first not in {"nil", "invalid"}:
            assert first in names


def test_presets_with_a_size_say_it_in_their_names() -> None:
    for row in facts()["preset"]:
        sized = any(letter.isdigit() for letter in row["name"])
        assert sized is ("width" in row)
        if sized:
            assert f"{row['width']}x{row['height']}" in row["name"]


def test_no_entry_is_there_twice_and_each_says_how_sure_it_is() -> None:
    assert facts()["sources"]
    for table, rows in facts().items():
        if not isinstance(rows, list):
            continue
        keys = Counter(row.get("name") for row in rows)
        assert None not in keys, table
        assert set(keys.values()) == {1}, table
        for row in rows:
            sure = {row[key] for key in ("confidence", "text_confidence") if key in row}
            assert sure <= CONFIDENCE
            if "value" in row:
                assert "confidence" in row
            if "text" in row and table != "rule":
                assert {"text_confidence", "confidence"} & row.keys()
            if "source" in row:
                assert row["source"] in facts()["sources"]


def test_facts_are_the_callers_own() -> None:
    avcapturesession()["preset"].clear()
    assert avcapturesession()["preset"]


def test_every_enumeration_is_among_the_facts() -> None:
    known = {*NUMBERS.values(), *TEXTS.values()}
    # The levels of system pressure are no part of the session's own facts.
    assert {*enums.__all__} - known == {"AVCaptureSystemPressureLevel"}
