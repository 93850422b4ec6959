"""What an installed audiosession consists of, judged by the build backend itself."""

import subprocess
import sys
import tomllib
from importlib import import_module, metadata, resources
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder

import audiosession
from audiosession._version import __version__

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "audiosession"
DATA_SUFFIXES = {".flac", ".java", ".ogg", ".toml"}


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return project


@pytest.fixture(scope="module")
def wheel_files() -> set[str]:
    """The paths a wheel built now holds, relative to its root, without its metadata."""
    files = WheelBuilder(str(ROOT)).recurse_included_files()
    return {Path(file.distribution_path).as_posix() for file in files}


def test_wheel_ships_the_type_marker(wheel_files: set[str]) -> None:
    assert "audiosession/py.typed" in wheel_files


def test_wheel_ships_every_module_and_data_file(wheel_files: set[str]) -> None:
    wanted = {
        path.relative_to(PACKAGE.parent).as_posix()
        for path in PACKAGE.rglob("*")
        if path.suffix in DATA_SUFFIXES | {".py"}
    }
    assert wanted <= wheel_files


def test_wheel_ships_nothing_but_the_package(wheel_files: set[str]) -> None:
    assert {path for path in wheel_files if not path.startswith("audiosession/")} == set()


def test_type_marker_is_found_as_a_resource() -> None:
    assert resources.files(audiosession).joinpath("py.typed").is_file()


def test_installed_version_is_the_declared_one() -> None:
    assert metadata.version("audiosession") == __version__


def test_package_itself_needs_no_other() -> None:
    requirements = metadata.requires("audiosession") or []
    assert [line for line in requirements if "extra ==" not in line] == []


def test_extra_all_names_every_other_extra(project: dict[str, Any]) -> None:
    extras = dict(project["optional-dependencies"])
    (everything,) = extras.pop("all")
    assert set(everything.removeprefix("audiosession[").removesuffix("]").split(",")) == set(extras)


@pytest.mark.parametrize(
    ("group", "name"), [("console_scripts", "audiosession"), ("pytest11", "audiosession")]
)
def test_entry_point_loads(group: str, name: str) -> None:
    (entry_point,) = metadata.entry_points(group=group, name=name)
    assert entry_point.load() is not None


def test_command_is_callable() -> None:
    assert callable(import_module("audiosession.cli").main)


def test_package_imports_without_its_extras() -> None:
    program = (
        "import sys\n"
        "for name in ('av', 'cyclopts', 'miniaudio', 'rich', 'numpy', 'soundfile', 'soxr'):\n"
        "    sys.modules[name] = None\n"
        "import audiosession, audiosession.capture, audiosession.core\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
