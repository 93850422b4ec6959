"""What importing the package gives, and what it does not bring along."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from types import ModuleType

import pytest

import audiosession

HEAVY = ("numpy", "rich", "cyclopts", "soundfile", "soxr", "pytest", "tomllib")
LATE = ("audiosession.core", "audiosession.hosts.simulated", "audiosession.scenario")
NEEDS_EXTRAS = ("audiosession.cli", "audiosession.__main__")


def modules() -> list[str]:
    found = [
        info.name
        for info in pkgutil.walk_packages(audiosession.__path__, "audiosession.")
        if not info.name.startswith(NEEDS_EXTRAS)
    ]
    return ["audiosession", *found]


@pytest.mark.parametrize("name", modules())
def test_all_is_true(name: str) -> None:
    module = importlib.import_module(name)
    names = getattr(module, "__all__", [])
    assert len(set(names)) == len(names)
    assert [each for each in names if not hasattr(module, each)] == []


def test_every_public_name_of_the_package_is_in_all() -> None:
    public = {
        name
        for name, value in vars(audiosession).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert public - {"annotations"} == set(audiosession.__all__) - {"__version__"}


def test_public_classes_say_that_they_live_in_the_package() -> None:
    for name in audiosession.__all__:
        value = getattr(audiosession, name)
        if isinstance(value, type):
            assert value.__module__.startswith("audiosession"), name


@pytest.mark.parametrize(
    ("imported", "banned"),
    [
        ("audiosession", (*HEAVY, *LATE, "audiosession.testing", "audiosession.blocking")),
        ("audiosession.testing", (*HEAVY, *LATE)),
        ("audiosession.testing.plugin", (*set(HEAVY) - {"pytest", "tomllib"}, *LATE)),
        ("audiosession.hosts.simulated", ("numpy", "rich", "cyclopts", "soundfile", "pytest")),
    ],
)
def test_an_import_brings_nothing_heavy_along(imported: str, banned: tuple[str, ...]) -> None:
    program = f"import sys; import {imported}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert imported in loaded
    assert loaded & set(banned) == set()
