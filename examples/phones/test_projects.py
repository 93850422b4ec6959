"""The two projects say what a phone needs, and name what is there."""

from __future__ import annotations

import ast
import configparser
import tomllib
from pathlib import Path
from typing import Any

import pytest

from . import podcast

HERE = Path(__file__).parent
JAVA = HERE.parents[1] / "src/audiosession/hosts/android/java"
FRONT_ENDS = [HERE / "main.py", *sorted((HERE / "briefcase/src").rglob("*.py"))]


@pytest.fixture(scope="module")
def briefcase() -> Any:
    with (HERE / "briefcase/pyproject.toml").open("rb") as file:
        return tomllib.load(file)["tool"]["briefcase"]["app"]["podcasts"]


@pytest.fixture(scope="module")
def buildozer() -> Any:
    spec = configparser.ConfigParser(interpolation=None)
    spec.read(HERE / "buildozer/buildozer.spec", encoding="utf-8")
    return spec["app"]


def test_briefcase_packs_the_part_that_knows_no_widgets(briefcase: Any) -> None:
    folders = [(HERE / "briefcase" / source).resolve() for source in briefcase["sources"]]
    assert HERE / "podcast" in folders
    assert all((folder / "__init__.py").is_file() for folder in folders)
    assert "audiosession" in briefcase["requires"]


def test_briefcase_says_what_ios_needs(briefcase: Any) -> None:
    ios = briefcase["iOS"]
    assert ios["info"]["UIBackgroundModes"] == ["audio"]
    assert "audiosession[ios]" in ios["requires"]
    # The microphone is left out.
    assert "permission" not in ios


def test_both_say_what_android_needs(briefcase: Any, buildozer: Any) -> None:
    modify = "android.permission.MODIFY_AUDIO_SETTINGS"
    assert briefcase["android"]["permission"][modify] is True
    assert modify in buildozer["android.permissions"]
    assert "RECORD_AUDIO" not in buildozer["android.permissions"]
    assert "RECORD_AUDIO" not in str(briefcase["android"])
    assert int(briefcase["android"]["min_os_version"]) == int(buildozer["android.minapi"])
    assert {"pyjnius", "audiosession"} <= set(buildozer["requirements"].split(","))


def test_both_take_in_the_java_classes(briefcase: Any, buildozer: Any) -> None:
    assert (HERE / "buildozer" / buildozer["android.add_src"]).resolve() == JAVA
    assert list(JAVA.rglob("*.java"))
    gradle = briefcase["android"]["build_gradle_extra_content"]
    _, _, path = gradle.partition("${rootDir}/")
    # Briefcase has its Gradle project there.
    root = HERE / "briefcase/build/podcasts/android/gradle"
    assert Path(f"{root}/{path.partition(chr(34))[0]}").resolve() == JAVA


def test_buildozer_starts_what_is_there(buildozer: Any) -> None:
    assert ((HERE / "buildozer") / buildozer["source.dir"] / "main.py").resolve().is_file()


@pytest.mark.parametrize("path", FRONT_ENDS, ids=lambda path: str(path.relative_to(HERE)))
def test_a_front_end_uses_what_the_shared_part_has(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    player, checklist = set(dir(podcast.PodcastPlayer)), set(dir(podcast.Checklist))
    player |= {"playing"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "podcast":
            assert {each.name for each in node.names} <= set(podcast.__all__)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            if node.value.attr == "player":
                assert node.attr in player
            elif node.value.attr == "checklist":
                assert node.attr in checklist
