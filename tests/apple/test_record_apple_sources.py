"""The tool that records what others publish, on archives made here."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from tools import record_apple_sources as tool

METADATA = '''
raise SystemExit("this is read, not run")
constants = """$AVAudioSessionModeDefault$AVAudioFormatKey$AVAudioApplicationMuteStateKey@@$"""
enums = """$AVAudioSessionIOTypeAggregated@1$AVAudioQualityMax@127$"""
enums = enums + "$"
enums = """$AVAudioSessionErrorCodeBadParam@-50$"""
'''

DECLARATIONS = """
/**
 * @since 3.0
 */
declare class AVAudioSession extends NSObject {

    static alloc(): AVAudioSession; // inherited from NSObject

    /**
     * @since 6.0
     * @deprecated 7.0
     */
    readonly category: string | null;

    static sharedInstance(): AVAudioSession;

    askCompletionHandler(handler: (p1: boolean) => void, error?: interop.Reference<E>): void;
}

declare class AVAudioMixer extends NSObject {

    anything that is not about sessions
}

declare const enum AVAudioSessionIOType {

    NotSpecified = 0,

    Aggregated = 1
}

/**
 * @since 5.0
 */
declare var AVAudioSessionModeDefault: string;

declare const kAudioSessionNoError: number;

declare const kAudioFileGlobalInfo: number;

declare function AudioSessionSetActive(active: boolean): number;
""".replace("    ", "\t")


def wheel(directory: Path, metadata: str = METADATA) -> Path:
    path = directory / "pyobjc_framework_coreaudio-1.2-cp311-cp311-macosx_10_9_universal2.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("CoreAudio/_metadata.py", metadata)
    return path


def package(directory: Path, declarations: str = DECLARATIONS) -> Path:
    path = directory / "nativescript-types-ios-3.4.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for number, name in enumerate(tool.DECLARATIONS):
            content = b"" if number else declarations.encode()
            info = tarfile.TarInfo(f"package/lib/ios/objc-x86_64/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def test_a_wheel_of_pyobjc_is_read_without_running_it(tmp_path: Path) -> None:
    path = wheel(tmp_path)
    assert dict(tool.records(tmp_path)) == {
        "pyobjc-framework-CoreAudio.json": {
            "archive": path.name,
            "package": "pyobjc-framework-CoreAudio",
            "version": "1.2",
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "numbers": {
                "AVAudioSessionErrorCodeBadParam": -50,
                "AVAudioSessionIOTypeAggregated": 1,
            },
            "texts": ["AVAudioApplicationMuteStateKey", "AVAudioSessionModeDefault"],
        }
    }


def test_a_number_with_two_values_is_not_recorded(tmp_path: Path) -> None:
    wheel(tmp_path, 'enums = """$AVAudioSessionX@1$AVAudioSessionX@2$"""')
    with pytest.raises(ValueError, match="AVAudioSessionX has two values"):
        dict(tool.records(tmp_path))


def test_nativescripts_declarations_are_read(tmp_path: Path) -> None:
    package(tmp_path)
    (record,) = (record for _, record in tool.records(tmp_path))
    assert (record["package"], record["version"]) == ("@nativescript/types-ios", "3.4")
    assert record["classes"] == {
        "AVAudioSession": {
            "properties": {
                "category": {
                    "type": "string | null",
                    "readonly": True,
                    "static": False,
                    "since": "6.0",
                    "deprecated": "7.0",
                }
            },
            "methods": {
                "sharedInstance": {"parameters": [], "returns": "AVAudioSession", "static": True},
                "askCompletionHandler": {
                    "parameters": ["handler", "error"],
                    "returns": "void",
                    "static": False,
                },
            },
        }
    }
    assert record["enums"] == {"AVAudioSessionIOType": {"NotSpecified": 0, "Aggregated": 1}}
    assert record["functions"] == {
        "AudioSessionSetActive": {"parameters": ["active"], "returns": "number"}
    }
    assert record["names"] == {
        "AVAudioSessionModeDefault": {"type": "string", "since": "5.0"},
        "kAudioSessionNoError": {"type": "number"},
    }


@pytest.mark.parametrize(
    "declarations",
    ["declare class AVAudioSession {\n\t?\n}", "declare const enum AVAudioSessionX {\n\tA = B\n}"],
)
def test_what_cannot_be_read_is_no_silent_gap(tmp_path: Path, declarations: str) -> None:
    package(tmp_path, declarations)
    with pytest.raises(ValueError, match="cannot read"):
        dict(tool.records(tmp_path))


def test_two_versions_side_by_side_are_refused(tmp_path: Path) -> None:
    package(tmp_path)
    (tmp_path / "nativescript-types-ios-3.5.tgz").touch()
    with pytest.raises(ValueError, match="several"):
        dict(tool.records(tmp_path))


def test_the_program_writes_the_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel(tmp_path)
    to = tmp_path / "records"
    monkeypatch.setattr("sys.argv", ["record_apple_sources.py", str(tmp_path), "--to", str(to)])
    tool.main()
    (written,) = to.iterdir()
    assert capsys.readouterr().out == f"{written}\n"
    ((name, record),) = tool.records(tmp_path)
    assert (written.name, written.read_text("utf-8")) == (name, tool.as_text(record))
