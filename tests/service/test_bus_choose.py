"""Which sound server is here, and whether the service is this machine's host."""

from __future__ import annotations

import logging
import socket
import sys
from pathlib import Path

import pytest

from audiosession import hosts
from audiosession.errors import ExtraMissingError, HostUnavailableError, HostUnavailableReason
from audiosession.hosts import choose_host
from audiosession.service.bus.names import session_bus_address, socket_path
from audiosession.service.bus.sockets import answers
from audiosession.service.servers.choose import (
    choose_server,
    ledger_path,
    pipewire_socket,
    pulse_socket,
    sound_server_present,
)

linux = pytest.mark.skipif(sys.platform != "linux", reason="the service is for Linux")


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A runtime directory with nothing in it, and nothing in the environment."""
    for name in (
        *("PULSE_SERVER", "PULSE_RUNTIME_PATH", "PIPEWIRE_REMOTE", "PIPEWIRE_RUNTIME_DIR"),
        *("AUDIOSESSION_HOST", "DBUS_SESSION_BUS_ADDRESS"),
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(hosts, "_warned", False)
    return tmp_path


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ({}, None),
        ({"XDG_RUNTIME_DIR": "/run"}, "/run/pipewire-0"),
        ({"XDG_RUNTIME_DIR": "/run", "PIPEWIRE_RUNTIME_DIR": "/pw"}, "/pw/pipewire-0"),
        ({"XDG_RUNTIME_DIR": "/run", "PIPEWIRE_REMOTE": "other"}, "/run/other"),
        ({"PIPEWIRE_REMOTE": "/a/b"}, "/a/b"),
    ],
)
def test_where_pipewire_is(environment: dict[str, str], place: str | None) -> None:
    assert pipewire_socket(environment) == (None if place is None else Path(place))


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ({}, None),
        ({"XDG_RUNTIME_DIR": "/run"}, "/run/pulse/native"),
        ({"XDG_RUNTIME_DIR": "/run", "PULSE_RUNTIME_PATH": "/pa"}, "/pa/native"),
        ({"PULSE_SERVER": "unix:/a/b"}, "/a/b"),
        ({"PULSE_SERVER": "/a/b tcp:host"}, "/a/b"),
        ({"PULSE_SERVER": "{machine}unix:/a/b"}, "/a/b"),
        ({"PULSE_SERVER": "{machine}"}, None),
        ({"PULSE_SERVER": " "}, None),
        ({"PULSE_SERVER": "tcp:host:4713", "XDG_RUNTIME_DIR": "/run"}, None),
    ],
)
def test_where_pulseaudio_is(environment: dict[str, str], place: str | None) -> None:
    assert pulse_socket(environment) == (None if place is None else Path(place))


def test_the_ledger_is_kept_with_the_users_state() -> None:
    assert ledger_path("pipewire", {"XDG_STATE_HOME": "/s"}) == Path(
        "/s/audiosession/pipewire.ledger"
    )
    assert ledger_path("pulseaudio", {"XDG_STATE_HOME": "relative"}).is_absolute()


async def test_a_socket_left_over_is_no_server(bare: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(bare / "pipewire-0"))
    assert sound_server_present()
    assert not answers(bare / "pipewire-0")
    assert await choose_server() is None


@linux
def test_without_a_way_to_the_service_the_device_is_simulated(
    bare: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket(socket.AF_UNIX) as sound:
        sound.bind(str(bare / "pipewire-0"))
        assert choose_host().name == "simulated"
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "no session bus" in record.getMessage()


@linux
def test_the_services_own_socket_is_a_way_to_it(bare: Path) -> None:
    path = socket_path()
    assert path == bare / "audiosession" / "bus"
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as sound, socket.socket(socket.AF_UNIX) as service:
        sound.bind(str(bare / "pipewire-0"))
        service.bind(str(path))
        assert choose_host().name == "linux"


@linux
def test_a_bus_in_the_runtime_directory_counts_unsaid(bare: Path) -> None:
    assert session_bus_address() is None
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(bare / "bus"))
        assert session_bus_address() == f"unix:path={bare}/bus"


@linux
def test_without_its_extra_the_host_says_what_to_install(
    bare: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hosts, "find_spec", lambda name: None)
    with pytest.raises(ExtraMissingError, match=r"audiosession\[linux\]"):
        choose_host("linux")
    with socket.socket(socket.AF_UNIX) as sound, socket.socket(socket.AF_UNIX) as bus:
        sound.bind(str(bare / "pipewire-0"))
        bus.bind(str(bare / "bus"))
        assert choose_host().name == "simulated"
    assert "audiosession[linux]" in caplog.text


@linux
def test_the_host_that_was_asked_for_may_start_the_service_without_a_bus(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert choose_host("linux").name == "linux"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr("audiosession.service.bus.names.runtime_directory", lambda: None)
    with pytest.raises(HostUnavailableError) as caught:
        choose_host("linux")
    assert caught.value.reason is HostUnavailableReason.NO_SERVICE
