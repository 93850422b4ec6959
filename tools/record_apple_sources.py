"""Records what other projects publish about Apple's audio session, for the tests.

The names and numbers in this package are compared with those that two other projects make
from Apple's SDKs themselves: PyObjC (its wheels hold every number and every name of a text)
and NativeScript (its types hold every class with its members). The tests read small records
of them, which this program makes of the archives::

    pip download --no-deps --only-binary=:all: --python-version 3.11 \\
        --platform macosx_10_9_universal2 --dest DIRECTORY \\
        pyobjc-framework-AVFoundation==12.2.2 pyobjc-framework-CoreAudio==12.2.2
    (cd DIRECTORY && npm pack @nativescript/types-ios@9.1.2)
    python tools/record_apple_sources.py DIRECTORY

Another version than the one recorded makes another record; the tests then say what differs.
With ``AUDIOSESSION_APPLE_ARCHIVES=DIRECTORY`` the tests also make the records anew and compare.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

RECORDS = Path(__file__).parent.parent / "tests" / "apple" / "second_sources"

PYOBJC = {
    "pyobjc-framework-AVFoundation": ("AVFAudio/_metadata.py", "AVFoundation/_metadata.py"),
    "pyobjc-framework-CoreAudio": ("CoreAudio/_metadata.py",),
}
NATIVESCRIPT = "@nativescript/types-ios"
DECLARATIONS = (
    "objc!AVFAudio.d.ts",
    "objc!AVKit.d.ts",
    "objc!AudioToolbox.d.ts",
    "objc!CoreAudioTypes.d.ts",
)

OURS = re.compile(
    r"AVAudioSession|AVAudioApplication|AVAudioStereoOrientation"
    r"|k?AudioSession|kAudioServicesNoHardwareError$"
)
"""The names that are about audio sessions."""


def main() -> None:
    """Makes the records of the archives in a directory."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("directory", type=Path, help="where the archives are")
    parser.add_argument("--to", type=Path, default=RECORDS, help="where the records go")
    arguments = parser.parse_args()
    arguments.to.mkdir(parents=True, exist_ok=True)
    for name, record in records(arguments.directory):
        arguments.to.joinpath(name).write_text(as_text(record), "utf-8")
        print(arguments.to / name)


def as_text(record: dict[str, Any]) -> str:
    """Returns a record as it stands in its file."""
    return json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def records(directory: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Makes a record of every archive that is known, with the name of its file."""
    for package, members in PYOBJC.items():
        pattern = package.replace("-", "_").lower() + "-*.whl"
        for archive in only_one(directory, pattern):
            version = archive.name.split("-")[1]
            yield f"{package}.json", head(package, version, archive) | pyobjc(archive, members)
    for archive in only_one(directory, "nativescript-types-ios-*.tgz"):
        version = archive.name.removesuffix(".tgz").rpartition("-")[2]
        found = head(NATIVESCRIPT, version, archive) | nativescript(archive)
        yield "nativescript-types-ios.json", found


def pyobjc(archive: Path, members: tuple[str, ...]) -> dict[str, Any]:
    """Reads the numbers and the names of texts in a wheel of PyObjC."""
    numbers: dict[str, int] = {}
    texts: set[str] = set()
    with zipfile.ZipFile(archive) as wheel:
        for member in members:
            for name, value in _assigned_texts(wheel.read(member).decode("utf-8")):
                # A name may be followed by its type (@), its value (@ too) or nothing.
                entries = [each.partition("@") for each in value.strip("$").split("$")]
                for entry, _, rest in entries:
                    if not OURS.match(entry):
                        continue
                    if name == "constants":
                        texts.add(entry)
                    elif name == "enums":
                        number = int(rest)
                        if numbers.setdefault(entry, number) != number:
                            raise ValueError(f"{archive}: {entry} has two values")
    return {"numbers": numbers, "texts": sorted(texts)}


def _assigned_texts(source: str) -> Iterator[tuple[str, str]]:
    # The module belongs to macOS: it is read, not run.
    for node in ast.parse(source).body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield node.targets[0].id, node.value.value


def nativescript(archive: Path) -> dict[str, Any]:
    """Reads classes, enumerations, functions and names in NativeScript's types."""
    found: dict[str, Any] = {"classes": {}, "enums": {}, "functions": {}, "names": {}}
    with tarfile.open(archive) as package:
        for name in DECLARATIONS:
            file = package.extractfile(f"package/lib/ios/objc-x86_64/{name}")
            if file is None:
                raise ValueError(f"{archive}: {name} is no file")
            _declarations(file.read().decode("utf-8"), found)
    return found


_CLASS = re.compile(r"(?:declare class|interface) (\w+)(?: extends .*)? \{$")
_ENUM = re.compile(r"declare const enum (\w+) \{$")
_ENUM_MEMBER = re.compile(r"\t(\w+) = (-?\d+),?$")
_PROPERTY = re.compile(r"\t(static )?(readonly )?(\w+): (.+);$")
_METHOD = re.compile(r"\t(static )?(\w+)\??\((.*)\): ([^()]+|\(.*\) => \w+);$")
_FUNCTION = re.compile(r"declare function (\w+)\((.*)\): (\w+);$")
_NAME = re.compile(r"declare (?:var|const) (\w+): (string|number);$")
_SINCE = re.compile(r"\* @(since|deprecated) ([\d.]+)$")


def _declarations(source: str, found: dict[str, Any]) -> None:
    dates: dict[str, str] = {}
    add: Callable[[str, dict[str, str]], None] | None = None
    for line in source.splitlines():
        if line.strip().startswith(("/**", "*")):
            if line.strip() == "/**":
                dates = {}
            if said := _SINCE.search(line):
                dates[said[1]] = said[2]
            continue
        if line == "}":
            add = None
        elif add is not None:
            add(line, dates)
        elif match := _CLASS.match(line):
            add = _class_reader(found["classes"], match[1]) if OURS.match(match[1]) else _nothing
        elif match := _ENUM.match(line):
            add = _enum_reader(found["enums"], match[1]) if OURS.match(match[1]) else _nothing
        elif (match := _FUNCTION.match(line)) and OURS.match(match[1]):
            found["functions"][match[1]] = dates | {
                "parameters": _parameters(match[2]),
                "returns": match[3],
            }
        elif (match := _NAME.match(line)) and OURS.match(match[1]):
            found["names"][match[1]] = dates | {"type": match[2]}
        if line:
            dates = {}


def _nothing(line: str, dates: dict[str, str]) -> None:
    """Reads a member of something that is not about audio sessions."""


def _class_reader(classes: dict[str, Any], name: str) -> Callable[[str, dict[str, str]], None]:
    members: dict[str, Any] = classes.setdefault(name, {"properties": {}, "methods": {}})

    def read(line: str, dates: dict[str, str]) -> None:
        if "// inherited" in line or not line:
            return
        if match := _METHOD.match(line):
            members["methods"][match[2]] = dates | {
                "parameters": _parameters(match[3]),
                "returns": match[4],
                "static": bool(match[1]),
            }
        elif match := _PROPERTY.match(line):
            members["properties"][match[3]] = dates | {
                "readonly": bool(match[2]),
                "static": bool(match[1]),
                "type": match[4],
            }
        else:
            raise ValueError(f"{name}: cannot read {line!r}")

    return read


def _enum_reader(enums: dict[str, Any], name: str) -> Callable[[str, dict[str, str]], None]:
    members: dict[str, int] = enums.setdefault(name, {})

    def read(line: str, dates: dict[str, str]) -> None:
        if not line:
            return
        match = _ENUM_MEMBER.match(line)
        if match is None:
            raise ValueError(f"{name}: cannot read {line!r}")
        members[match[1]] = int(match[2])

    return read


def _parameters(text: str) -> list[str]:
    # Parameters of parameters are in parentheses, and all names end with a colon.
    return re.findall(r"(\w+)\??:", re.sub(r"\((?:[^()]*)\)", "", text))


def only_one(directory: Path, pattern: str) -> list[Path]:
    """Returns the archive of that name, or none; several are refused."""
    found = sorted(directory.glob(pattern))
    if len(found) > 1:
        raise ValueError(f"{directory} holds several of {pattern}; leave one")
    return found


def head(package: str, version: str, archive: Path) -> dict[str, Any]:
    """Returns what every record says of its archive."""
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    return {
        "archive": archive.name,
        "package": package,
        "sha256": digest,
        "version": version,
    }


if __name__ == "__main__":
    main()
