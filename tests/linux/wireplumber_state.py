"""What WirePlumber's state files remember of streams, in PulseAudio's units."""

from __future__ import annotations

import json
import math
from pathlib import Path

RAW_NORM = 65536
"""PulseAudio's raw volume that leaves sound as it is (PA_VOLUME_NORM)."""


def raw_of_linear(linear: float) -> int:
    """Returns PulseAudio's raw volume of a linear amplitude: its scale is cubic."""
    return round(RAW_NORM * math.cbrt(linear))


def saved_streams(folder: Path) -> dict[str, tuple[int, ...]]:
    """Returns the raw volumes that WirePlumber 0.4 and 0.5 keep in this folder, by their keys."""
    saved = {}
    for line in _lines(folder / "restore-stream"):
        key, is_entry, value = line.rpartition("=")
        key, _, what = _unescape(key).rpartition(":")
        if is_entry and what == "channelVolumes":
            volumes = _unescape(value).strip(";").split(";")
            saved[key] = tuple(raw_of_linear(float(volume)) for volume in volumes)
    for line in _lines(folder / "stream-properties"):
        key, is_entry, value = line.partition("=")
        if is_entry and value.startswith("{"):
            volumes = json.loads(_unescape(value)).get("channelVolumes", [])
            saved[_unescape(key)] = tuple(raw_of_linear(volume) for volume in volumes)
    return saved


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []


def _unescape(text: str) -> str:
    """Undoes what GLib's key files and WirePlumber's keys do to texts."""
    for mark, meant in (("\\s", " "), ("\\o", "="), ("\\e", "["), ("\\c", "]"), ("\\;", ";")):
        text = text.replace(mark, meant)
    return text.replace("\\\\", "\\")
