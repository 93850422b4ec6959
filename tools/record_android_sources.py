"""Records what another project publishes about Android's audio, for the tests.

The names and numbers in this package are compared with those that NativeScript makes of the
SDKs of API levels 21 to 37. The tests read a small record of them, which this program makes of
the archive::

    (cd DIRECTORY && npm pack @nativescript/types-android@9.1.1)
    python -m tools.record_android_sources DIRECTORY

Another version than the one recorded makes another record; the tests then say what differs.
With ``AUDIOSESSION_ANDROID_ARCHIVES=DIRECTORY`` the tests also make the record anew and compare.
"""

from __future__ import annotations

import argparse
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.record_apple_sources import as_text, head, only_one

RECORDS = Path(__file__).parent.parent / "tests" / "android" / "second_sources"

NATIVESCRIPT = "@nativescript/types-android"
DECLARATIONS = "package/lib/android/android-platform-37.d.ts"
CLASSES = {
    "media": (
        "AudioManager",
        "AudioAttributes",
        "AudioDeviceInfo",
        "AudioFocusRequest",
        "MicrophoneInfo",
    ),
    "view": ("KeyEvent",),
}
KEYS = re.compile(r"ACTION_|KEYCODE_(?:HEADSETHOOK|MEDIA|MUTE|VOLUME)")
"""The names of KeyEvent that are about sound; nothing else of it is recorded."""


def main() -> None:
    """Makes the record of the archive in a directory."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("directory", type=Path, help="where the archive is")
    parser.add_argument("--to", type=Path, default=RECORDS, help="where the record goes")
    arguments = parser.parse_args()
    arguments.to.mkdir(parents=True, exist_ok=True)
    for name, record in records(arguments.directory):
        arguments.to.joinpath(name).write_text(as_text(record), "utf-8")
        print(arguments.to / name)


def records(directory: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Makes a record of the archive, if it is there, with the name of its file."""
    for archive in only_one(directory, "nativescript-types-android-*.tgz"):
        version = archive.name.removesuffix(".tgz").rpartition("-")[2]
        found = head(NATIVESCRIPT, version, archive) | {"classes": nativescript(archive)}
        yield "nativescript-types-android.json", found


def nativescript(archive: Path) -> dict[str, Any]:
    """Reads constants and methods of the classes in NativeScript's types."""
    with tarfile.open(archive) as package:
        file = package.extractfile(DECLARATIONS)
        if file is None:
            raise ValueError(f"{archive}: {DECLARATIONS} is no file")
        return declarations(file.read().decode("utf-8"))


_MODULE = re.compile(r"\texport module (\w+) \{$")
_INNER = re.compile(r"\t\texport module (\w+) \{$")
_CLASS = re.compile(r"(\t\t\t?)export (?:abstract )?class (\w+) extends .*\{$")
_CONSTANT = re.compile(r"public static ([A-Z]\w*): (.+);$")
_METHOD = re.compile(r"public (static )?(\w+)\((.*)\)(?:: (.+))?;$")
_SINCE = re.compile(r"@since (\d+)")
_DEPRECATED = re.compile(r"@deprecated(?: Deprecated in API (\d+))?")


def declarations(source: str) -> dict[str, Any]:
    """Reads constants and methods of the classes in a file of declarations."""
    found: dict[str, Any] = {}
    module = outer = ""
    reading: dict[str, Any] | None = None
    keys_only = False
    said: dict[str, Any] = {}
    for line in source.splitlines():
        text = line.strip()
        if text.startswith(("/**", "*")):
            if text.startswith("/**"):
                said = {}
            said |= _dates(text)
            continue
        if match := _MODULE.match(line):
            module, outer = match[1], ""
        elif match := _INNER.match(line):
            outer = match[1]
        elif match := _CLASS.match(line):
            inner = len(match[1]) == 3
            top = outer if inner else match[2]
            reading = None
            if top in CLASSES.get(module, ()) and (not inner or match[2] == "Builder"):
                name = f"{top}.{match[2]}" if inner else top
                reading = found[name] = dict(said) | {"constants": {}, "methods": {}}
                keys_only = module == "view"
        elif reading is not None:
            if text == "}":
                reading = None
            elif text:
                _member(reading, text, said, keys_only=keys_only)
        said = {}
    return found


def _dates(text: str) -> dict[str, Any]:
    dates: dict[str, Any] = {}
    if match := _SINCE.search(text):
        dates["since"] = int(match[1])
    if match := _DEPRECATED.search(text):
        dates["deprecated"] = int(match[1]) if match[1] else True
    return dates


def _member(reading: dict[str, Any], text: str, said: dict[str, Any], *, keys_only: bool) -> None:
    if match := _CONSTANT.match(text):
        if not keys_only or KEYS.match(match[1]):
            reading["constants"][match[1]] = said | _value(match[2])
    elif text.startswith("public static class:"):
        return
    elif match := _METHOD.match(text):
        if not keys_only:
            form = {
                "parameters": re.findall(r"(\w+):", match[3]),
                "returns": match[4] or "",
                "static": bool(match[1]),
            }
            reading["methods"].setdefault(match[2], []).append(said | form)
    elif not keys_only:
        raise ValueError(f"cannot read {text!r}")


def _value(text: str) -> dict[str, Any]:
    try:
        return {"value": json.loads(text.replace("E38", "e38"))}
    except json.JSONDecodeError:
        return {"type": text}


if __name__ == "__main__":
    main()
