"""Which host a program on a phone gets."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import find_spec
from pathlib import Path

import pytest

from audiosession import hosts
from audiosession.errors import (
    ExtraMissingError,
    HostUnavailableError,
    HostUnavailableReason,
)
from audiosession.hosts import ENVIRONMENT_VARIABLE, choose_host


def _has(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    """These packages are installed, of those that lead to a phone, and no others."""

    def find(name: str) -> ModuleSpec | None:
        if name in ("rubicon", "jnius", "java"):
            loader = SourceFileLoader(name, f"{name}/__init__.py")
            return ModuleSpec(name, loader) if name in packages else None
        return find_spec(name)

    monkeypatch.setattr("audiosession.hosts.find_spec", find)


@pytest.fixture(autouse=True)
def _no_phone(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (ENVIRONMENT_VARIABLE, "ANDROID_ARGUMENT", "ANDROID_ROOT"):
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize("name", [None, "ios"])
def test_on_ios_the_phone_is_the_host(monkeypatch: pytest.MonkeyPatch, name: str | None) -> None:
    monkeypatch.setattr(sys, "platform", "ios")
    _has(monkeypatch, "rubicon")
    assert choose_host(name).name == "ios"


@pytest.mark.parametrize("name", [None, "ios"])
def test_without_rubicon_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    monkeypatch.setattr(sys, "platform", "ios")
    _has(monkeypatch)
    with pytest.raises(ExtraMissingError, match=r'requires = \["audiosession\[ios\]"\]') as caught:
        choose_host(name)
    assert caught.value.extra == "ios"


def test_a_phone_can_be_simulated_on_a_phone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "ios")
    assert choose_host("simulated").name == "simulated"


@pytest.mark.parametrize("other", ["linux", "android"])
def test_other_hosts_are_not_on_ios(monkeypatch: pytest.MonkeyPatch, other: str) -> None:
    monkeypatch.setattr(sys, "platform", "ios")
    _has(monkeypatch, "rubicon")
    with pytest.raises(HostUnavailableError) as caught:
        choose_host(other)
    assert caught.value.reason is HostUnavailableReason.WRONG_PLATFORM


@pytest.mark.parametrize(
    ("platform", "variables", "packages", "phone"),
    [
        ("android", (), (), None),
        ("android", ("ANDROID_ROOT",), (), None),
        ("android", ("ANDROID_ARGUMENT",), (), "android"),
        ("android", (), ("jnius",), "android"),
        ("android", (), ("java",), "android"),
        ("linux", ("ANDROID_ARGUMENT",), (), "android"),
        ("linux", ("ANDROID_ROOT",), ("jnius",), "android"),
        ("linux", ("ANDROID_ROOT",), ("java",), "android"),
        ("linux", ("ANDROID_ROOT",), (), None),
        ("linux", (), ("jnius",), None),
        ("darwin", ("ANDROID_ROOT",), ("jnius",), None),
        ("ios", ("ANDROID_ROOT",), (), "ios"),
    ],
)
def test_an_android_app_is_known_by_what_leads_to_java(
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    variables: tuple[str, ...],
    packages: tuple[str, ...],
    phone: str | None,
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    for variable in variables:
        monkeypatch.setenv(variable, "/somewhere")
    _has(monkeypatch, *packages)
    assert hosts._phone_here() == phone


@pytest.fixture(params=["linux", "android"])
def terminal(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A terminal on an Android phone, such as Termux; with Python 3.13 and later ``android``."""
    monkeypatch.setattr(sys, "platform", request.param)
    monkeypatch.setenv("ANDROID_ROOT", "/system")
    for variable in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "PULSE_SERVER"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(hosts, "_warned", False)
    monkeypatch.setattr("audiosession.service.servers.choose.sound_server_present", lambda: False)
    _has(monkeypatch)


@pytest.mark.usefixtures("terminal")
def test_a_terminal_on_a_phone_gets_the_simulated_device(caplog: pytest.LogCaptureFixture) -> None:
    assert choose_host().name == "simulated"
    assert "there is no sound server" in caplog.text


@pytest.mark.usefixtures("terminal")
def test_a_folder_of_java_classes_makes_no_app_of_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "java").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(
        "audiosession.hosts.find_spec",
        lambda name: None if name == "jnius" else find_spec(name),
    )
    spec = find_spec("java")
    assert spec is not None, "Python takes it for a package"
    assert choose_host().name == "simulated"
    with pytest.raises(HostUnavailableError, match="AUDIOSESSION_HOST=simulated"):
        choose_host("android")


@pytest.mark.usefixtures("terminal")
def test_there_the_phone_cannot_be_reached_and_it_says_what_can_be_done() -> None:
    with pytest.raises(HostUnavailableError, match="AUDIOSESSION_HOST=simulated") as caught:
        choose_host("android")
    assert caught.value.reason is HostUnavailableReason.WRONG_PLATFORM
    assert "python-for-android" in caught.value.detail
    assert "Chaquopy" in caught.value.detail


@pytest.mark.usefixtures("terminal")
def test_there_the_service_is_not_another_systems(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(HostUnavailableError) as caught:
        choose_host("linux")
    assert caught.value.reason is HostUnavailableReason.NO_SERVICE
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert choose_host("linux").name == "linux"
