"""The shared session, and which host it gets."""

from __future__ import annotations

import logging
import sys

import pytest

from audiosession import AudioSession, hosts
from audiosession.errors import (
    ClosedError,
    HostUnavailableError,
    HostUnavailableReason,
    InvalidTypeError,
    UnknownNameError,
)
from audiosession.hosts import ENVIRONMENT_VARIABLE, HOSTS, choose_host


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a program that just began."""
    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)
    monkeypatch.setattr(AudioSession, "_shared", None)
    monkeypatch.setattr("audiosession.hosts._stand_in", None)
    monkeypatch.setattr(hosts, "_warned", False)


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]


def test_every_call_gives_the_same_object() -> None:
    session = AudioSession.instance()
    assert AudioSession.instance() is session
    assert AudioSession.instance("simulated") is session


async def test_after_a_close_there_is_a_new_one() -> None:
    session = AudioSession.instance("simulated")
    await session
    await session.close()
    with pytest.raises(ClosedError):
        await session
    again = AudioSession.instance("simulated")
    assert again is not session
    assert await again.set_active(True)


async def test_a_simulated_device_by_argument_is_what_was_asked_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    session = await AudioSession.instance("simulated")
    assert {device.name for device in await session.get_devices()} == {"Speaker", "Microphone"}
    assert warnings_in(caplog) == []


async def test_the_environment_chooses(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "simulated")
    await AudioSession.instance()
    assert warnings_in(caplog) == []


async def test_an_argument_overrides_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "nonsense")
    session = AudioSession.instance("simulated")
    assert await session.set_active(True)


@pytest.mark.parametrize("value", [None, ""])
async def test_with_nothing_else_there_it_warns_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, value: str | None
) -> None:
    if value is not None:
        monkeypatch.setenv(ENVIRONMENT_VARIABLE, value)
    session = AudioSession.instance()
    assert warnings_in(caplog) == []
    await session
    await session.close()
    await AudioSession.instance()
    (warning,) = warnings_in(caplog)
    assert f"{ENVIRONMENT_VARIABLE}=simulated" in warning


def test_an_unknown_name_is_refused_and_not_remembered() -> None:
    for name in ("linus", ""):
        with pytest.raises(UnknownNameError) as caught:
            AudioSession.instance(name)
        assert (caught.value.field, caught.value.known) == ("host", HOSTS)
    assert AudioSession._shared is None


def test_a_name_is_a_text() -> None:
    with pytest.raises(InvalidTypeError) as caught:
        AudioSession.instance(1)  # type: ignore[arg-type]
    assert caught.value.field == "host"


async def test_an_unknown_name_in_the_environment_is_refused_when_it_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "linus")
    session = AudioSession.instance()
    with pytest.raises(UnknownNameError, match="did you mean 'linux'"):
        await session
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "simulated")
    assert await session.set_active(True)


@pytest.mark.parametrize(
    ("name", "platform", "reason"),
    [
        ("ios", "linux", HostUnavailableReason.WRONG_PLATFORM),
        ("android", "linux", HostUnavailableReason.WRONG_PLATFORM),
        ("linux", "darwin", HostUnavailableReason.WRONG_PLATFORM),
        ("linux", "linux", HostUnavailableReason.NO_SERVICE),
    ],
)
def test_a_host_that_cannot_be_had_says_why(
    monkeypatch: pytest.MonkeyPatch, name: str, platform: str, reason: HostUnavailableReason
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(HostUnavailableError) as caught:
        choose_host(name)
    assert caught.value.reason is reason
    assert repr(name) in str(caught.value)


def test_a_name_for_a_host_that_nothing_bears_is_refused() -> None:
    with pytest.raises(UnknownNameError):
        choose_host("nonsense")
