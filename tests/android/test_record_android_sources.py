"""The tool that records what another project publishes, on an archive made here."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from tools import record_android_sources as tool
from tools.record_apple_sources import as_text

DECLARATIONS = """
declare module android {
    export module media {
        /** @since 26 */
        export class AudioManager extends java.lang.Object {
            public static class: java.lang.Class<android.media.AudioManager>;
            public static STREAM_MUSIC: 3;
            /** @since 29
             *  @deprecated */
            public static ACTION_X: "android.media.X";
            public static CREATOR: android.os.Parcelable.Creator<any>;
            /** @deprecated Deprecated in API 26 */
            public ask(l: android.media.Listener, streamType: number): number;
            /** @since 26 */
            public ask(request: any): number;
            public static has(): boolean;
        }
        export module AudioManager {
            export class Builder extends java.lang.Object {
                public constructor(gain: number);
            }
            export abstract class Callback extends java.lang.Object {
                anything
            }
        }
    }
}

declare module android {
    export module media {
        export class AudioMixer extends java.lang.Object {
            anything that is not recorded
        }
    }
}

declare module android {
    export module view {
        export class KeyEvent extends android.view.InputEvent implements android.os.Parcelable {
            public static KEYCODE_A: 29;
            public static KEYCODE_MUTE: 91;
            public getAction(): number;
        }
    }
}
""".replace("    ", "\t")


def package(directory: Path, declarations: str = DECLARATIONS) -> Path:
    path = directory / "nativescript-types-android-3.4.tgz"
    with tarfile.open(path, "w:gz") as archive:
        content = declarations.encode()
        info = tarfile.TarInfo(tool.DECLARATIONS)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return path


def test_declarations_are_read(tmp_path: Path) -> None:
    path = package(tmp_path)
    assert dict(tool.records(tmp_path)) == {
        "nativescript-types-android.json": {
            "archive": path.name,
            "package": "@nativescript/types-android",
            "version": "3.4",
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "classes": {
                "AudioManager": {
                    "since": 26,
                    "constants": {
                        "STREAM_MUSIC": {"value": 3},
                        "ACTION_X": {"value": "android.media.X", "since": 29, "deprecated": True},
                        "CREATOR": {"type": "android.os.Parcelable.Creator<any>"},
                    },
                    "methods": {
                        "ask": [
                            {
                                "parameters": ["l", "streamType"],
                                "returns": "number",
                                "static": False,
                                "deprecated": 26,
                            },
                            {
                                "parameters": ["request"],
                                "returns": "number",
                                "static": False,
                                "since": 26,
                            },
                        ],
                        "has": [{"parameters": [], "returns": "boolean", "static": True}],
                    },
                },
                "AudioManager.Builder": {
                    "constants": {},
                    "methods": {
                        "constructor": [{"parameters": ["gain"], "returns": "", "static": False}]
                    },
                },
                "KeyEvent": {"constants": {"KEYCODE_MUTE": {"value": 91}}, "methods": {}},
            },
        }
    }


def test_what_cannot_be_read_is_no_silent_gap(tmp_path: Path) -> None:
    package(tmp_path, DECLARATIONS.replace("public static has(): boolean;", "?"))
    with pytest.raises(ValueError, match="cannot read"):
        dict(tool.records(tmp_path))


def test_two_versions_side_by_side_are_refused(tmp_path: Path) -> None:
    package(tmp_path)
    (tmp_path / "nativescript-types-android-3.5.tgz").touch()
    with pytest.raises(ValueError, match="several"):
        dict(tool.records(tmp_path))


def test_the_program_writes_the_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    package(tmp_path)
    to = tmp_path / "records"
    monkeypatch.setattr("sys.argv", ["record_android_sources.py", str(tmp_path), "--to", str(to)])
    tool.main()
    (written,) = to.iterdir()
    assert capsys.readouterr().out == f"{written}\n"
    ((name, record),) = tool.records(tmp_path)
    assert (written.name, written.read_text("utf-8")) == (name, as_text(record))
