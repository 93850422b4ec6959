"""What Android's package gives, and that it is loaded when it is asked for."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from typing import get_args

import pytest

from audiosession import android

MODULES = (
    "attribute_constants",
    "attributes",
    "audio_device_info",
    "constants",
    "device_constants",
    "errors",
    "focus_constants",
    "intents",
    "key_constants",
    "manager_constants",
    "microphone_info",
    "stream_constants",
    "system_constants",
    "tables",
)


def modules_after(program: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {program}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name for name in done.stdout.split() if name.startswith("audiosession.android")}


@pytest.mark.parametrize("module", MODULES)
def test_the_package_gives_every_class_and_constant_of_its_modules(module: str) -> None:
    loaded = import_module(f"audiosession.android.{module}")
    for name in loaded.__all__:
        if not name[0].islower():
            assert name in android.__all__
            assert getattr(android, name) is getattr(loaded, name)
            assert name in dir(android)


def test_a_name_that_is_not_there_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="AudioPart"):
        android.AudioPart  # noqa: B018


def test_importing_the_package_brings_nothing_more_of_android_along() -> None:
    assert modules_after("import audiosession") == {
        "audiosession.android",
        "audiosession.android.attributes",
        "audiosession.android.constants",
    }


def test_asking_for_a_name_loads_its_module_alone() -> None:
    before = modules_after("import audiosession.android")
    after = modules_after("from audiosession.android import AndroidStreamType")
    assert after - before == {"audiosession.android.stream_constants"}


def test_facts_are_read_when_they_are_asked_for() -> None:
    program = "sys.modules['tomllib'] = None; from audiosession.android import AudioAttributes"
    assert "audiosession.android.tables" in modules_after(program)


def test_what_listens_and_where_are_callables() -> None:
    arguments, _ = get_args(android.OnAudioFocusChangeListener)
    assert arguments == [android.AndroidAudioFocus]
    assert get_args(android.Handler)
