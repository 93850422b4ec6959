"""What ``docs/android-phone.md`` tells an app's project to do leads to the Java classes."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from audiosession.hosts.android.bridge import DEVICE_CALLBACK, RECEIVER

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/android-phone.md"


def block(language: str) -> str:
    """The page's first block in a language."""
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.M)
    assert found, language
    return found[1]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which the page's command was run."""
    folder = tmp_path_factory.mktemp("project")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    subprocess.run(
        ["sh", "-ec", block("sh")],
        cwd=folder,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT / "src")},
        check=True,
    )
    return folder


def classes(folder: Path) -> set[str]:
    """The Java classes in a folder of sources."""
    return {
        ".".join(path.relative_to(folder).with_suffix("").parts) for path in folder.rglob("*.java")
    }


def test_briefcase_finds_the_classes_that_were_copied(project: Path) -> None:
    apps: dict[str, Any] = tomllib.loads(block("toml"))["tool"]["briefcase"]["app"]
    ((name, app),) = apps.items()
    # Where Briefcase makes the Gradle project.
    root = project / "build" / name / "android/gradle"
    root.mkdir(parents=True)
    (said,) = re.findall(r'"\$\{rootDir\}/([^"]+)"', app["android"]["build_gradle_extra_content"])
    assert (root / said).resolve() == (project / "java").resolve()
    assert classes(root / said) == {RECEIVER, DEVICE_CALLBACK}


def test_so_does_buildozer(project: Path) -> None:
    spec = configparser.ConfigParser(interpolation=None)
    spec.read_string("[app]\n" + block("ini"))
    assert classes(project / spec["app"]["android.add_src"]) == {RECEIVER, DEVICE_CALLBACK}


def test_the_page_names_the_app_in_the_gradle_path() -> None:
    (name,) = tomllib.loads(block("toml"))["tool"]["briefcase"]["app"]
    assert f"`build/{name}/android/gradle`" in PAGE.read_text("utf-8")
