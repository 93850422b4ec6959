"""The two projects say what a phone needs, and name what is there."""

from __future__ import annotations

import ast
import configparser
import re
import runpy
import sys
import tomllib
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import audiosession

from . import podcast

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PACKAGE = ROOT / "src/audiosession"
JAVA = PACKAGE / "hosts/android/java"
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


def test_briefcase_takes_the_wheel_that_one_command_makes(briefcase: Any) -> None:
    (wheel,) = briefcase["requires"]
    # What it is called says the build of the package itself.
    assert Path(wheel).name == f"audiosession-{audiosession.__version__}-py3-none-any.whl"
    made = (HERE / "briefcase" / wheel).resolve().parent
    named = (HERE / "README.md", HERE / "briefcase/pyproject.toml", ROOT / "docs/phones.md")
    for text in named:
        (folder,) = re.findall(r"pip wheel --no-deps -w (\S+) \.", text.read_text(encoding="utf-8"))
        assert (ROOT / folder).resolve() == made
    assert "/examples/phones/wheels/" in (ROOT / ".gitignore").read_text(encoding="utf-8")


class Packed:
    """What the recipe asks of python-for-android."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get_python_install_dir(self, arch: str) -> str:
        return str(self._folder / arch)


def test_buildozer_takes_the_package_of_this_checkout(
    buildozer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pythonforandroid", "pythonforandroid.recipe"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    sys.modules["pythonforandroid.recipe"].Recipe = object  # type: ignore[attr-defined]
    recipes = HERE / "buildozer" / buildozer["p4a.local_recipes"]
    recipe = runpy.run_path(str(recipes / "audiosession/__init__.py"))["recipe"]
    assert recipe.name in buildozer["requirements"].split(",")
    recipe.ctx = Packed(tmp_path)
    for _ in range(2):
        recipe.build_arch(SimpleNamespace(arch="arm64-v8a"))
    packed = tmp_path / "arm64-v8a/audiosession"
    kinds = {".py", ".toml"}
    assert {path.relative_to(packed) for path in packed.rglob("*") if path.suffix in kinds} == {
        path.relative_to(PACKAGE) for path in PACKAGE.rglob("*") if path.suffix in kinds
    }


def test_buildozer_packs_what_the_package_reads(buildozer: Any) -> None:
    needed = {path.suffix[1:] for path in PACKAGE.rglob("*/*.toml")} | {"py"}
    assert needed <= set(buildozer["source.include_exts"].split(","))


def test_briefcase_says_what_ios_needs(briefcase: Any) -> None:
    ios = briefcase["iOS"]
    assert ios["info"]["UIBackgroundModes"] == ["audio"]
    assert "audiosession[ios]" in ios["requires"]
    # So that the report can be fetched.
    assert ios["info"]["UIFileSharingEnabled"] is True
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
    # Nothing asks the user for it, and it does nothing before that.
    assert "BLUETOOTH" not in buildozer["android.permissions"] + str(briefcase["android"])


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
