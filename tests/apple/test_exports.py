"""What Apple's package gives, and that it is loaded when it is asked for."""

from __future__ import annotations

import subprocess
import sys
from enum import Enum, StrEnum
from importlib import import_module
from types import ModuleType

import pytest

from audiosession import apple
from audiosession.apple import enums, errors, names
from tests.api import test_constants as rules

MODULES = ("constants", "enums", "errors", "fourcc", "names")


def modules_after(program: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {program}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name for name in done.stdout.split() if name.startswith("audiosession.apple")}


@pytest.mark.parametrize("module", MODULES)
def test_the_package_gives_every_name_of_its_modules_of_constants(module: str) -> None:
    loaded = import_module(f"audiosession.apple.{module}")
    for name in loaded.__all__:
        assert name in apple.__all__
        assert getattr(apple, name) is getattr(loaded, name)
        assert name in dir(apple)


def test_a_name_that_is_not_there_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="AVAudioSessionPart"):
        apple.AVAudioSessionPart  # noqa: B018


def test_importing_the_package_brings_nothing_more_of_apple_along() -> None:
    assert modules_after("import audiosession") == {
        "audiosession.apple",
        "audiosession.apple.constants",
        "audiosession.apple.legality",
    }


def test_asking_for_a_name_loads_its_module_alone() -> None:
    before = modules_after("import audiosession.apple")
    after = modules_after("from audiosession.apple import AVAudioSessionPort")
    assert after - before == {"audiosession.apple.names"}


def test_facts_are_read_when_they_are_asked_for() -> None:
    program = "sys.modules['tomllib'] = None; import audiosession.apple.facts"
    assert "audiosession.apple.facts" in modules_after(program)


@pytest.mark.parametrize("module", [enums, names, errors], ids=lambda each: each.__name__)
def test_every_enum_member_has_a_docstring(module: ModuleType) -> None:
    rules.test_every_enum_member_has_a_docstring(module)


@pytest.mark.parametrize("name", names.__all__)
def test_a_name_is_its_text_and_a_key_like_it(name: str) -> None:
    kind: type[Enum] = getattr(names, name)
    assert issubclass(kind, StrEnum)
    for member in kind:
        by_text: dict[str, int] = {member: 1}
        assert by_text[member.value] == 1
        assert str(member) == member.value
