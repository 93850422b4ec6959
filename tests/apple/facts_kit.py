"""The facts as the tests compare them: names with their numbers and texts."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from audiosession.apple.facts import audio_session_services, avaudiosession

Rows = list[dict[str, Any]]

AV_TEXTS = (
    "category",
    "mode",
    "port",
    "location",
    "orientation",
    "polar_pattern",
    "notification",
    "user_info_key",
    "application_notification",
    "application_user_info_key",
    "spatial_experience_option",
)
"""The tables of AVAudioSession whose entries are text constants."""

C_NUMBERS = (
    "property",
    "category",
    "mode",
    "route_override",
    "activation_flag",
    "interruption_state",
    "interruption_type",
    "route_change_reason",
    "result_code",
)
C_TEXTS = ("dictionary_key", "input_route", "output_route")


@cache
def av() -> dict[str, Any]:
    """The facts about AVAudioSession."""
    return avaudiosession()


@cache
def c() -> dict[str, Any]:
    """The facts about Audio Session Services."""
    return audio_session_services()


def rows(facts: dict[str, Any], *tables: str) -> Rows:
    """The entries of some tables, in order."""
    return [row for table in tables for row in facts[table]]


def enum_members() -> Rows:
    """The members of all enumerations."""
    return [member for row in av()["enum"] for member in row["members"]]


def av_numbers() -> dict[str, int]:
    """Apple's names of AVAudioSession's numbers."""
    numbered = [*rows(av(), "category_option", "error", "deprecated_flag"), *enum_members()]
    found = {row["name"]: row["value"] for row in numbered}
    return found | {row["name"]: found[row["same_as"]] for row in av()["error_alias"]}


def av_texts() -> dict[str, str]:
    """Apple's names of AVAudioSession's texts."""
    return {row["name"]: row["text"] for row in rows(av(), *AV_TEXTS)}


def c_numbers() -> dict[str, int]:
    """The C API's names of numbers."""
    return {row["name"]: row["value"] for row in rows(c(), *C_NUMBERS)}


def c_texts() -> dict[str, str]:
    """The C API's names of texts."""
    return {row["name"]: row["text"] for row in rows(c(), *C_TEXTS)}


def lower_snake(swift: str) -> str:
    """Applies the naming rule, and keeps capitals that stand together in one word."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", swift)
    return words.partition("(")[0].lower()
