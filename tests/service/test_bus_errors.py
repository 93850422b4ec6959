"""Errors on the wire: each has a name of its own and comes back as itself."""

from __future__ import annotations

import json

import pytest

from audiosession import errors
from audiosession.errors import (
    AudioSessionError,
    HostUnavailableError,
    HostUnavailableReason,
    InvalidValueError,
    UnknownNameError,
)
from audiosession.service.bus.errors import ERROR_NAMES, NOT_YOURS, from_wire, to_wire
from tests.api.test_errors import EXAMPLES


def test_every_error_of_the_package_has_a_name() -> None:
    classes = {
        thing
        for thing in vars(errors).values()
        if isinstance(thing, type) and issubclass(thing, AudioSessionError)
    }
    assert set(ERROR_NAMES.values()) == classes - {AudioSessionError}
    assert ERROR_NAMES["org.audiosession.Error.Denied"] is errors.DeniedError


@pytest.mark.parametrize("error", [error for error, _ in EXAMPLES], ids=lambda e: type(e).__name__)
def test_every_error_comes_back_as_itself(error: AudioSessionError) -> None:
    name, message, data = to_wire(error)
    back = from_wire(name, [message, data])
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert vars(back) == vars(error)


@pytest.mark.parametrize("reason", HostUnavailableReason)
def test_reasons_travel(reason: HostUnavailableReason) -> None:
    name, message, data = to_wire(HostUnavailableError(reason, "x"))
    back = from_wire(name, [message, data])
    assert isinstance(back, HostUnavailableError)
    assert back.reason is reason


def test_values_that_json_cannot_hold_travel_as_they_are_shown() -> None:
    name, message, data = to_wire(InvalidValueError("a", {1, 2}, expected="b"))
    back = from_wire(name, [message, data])
    assert isinstance(back, InvalidValueError)
    assert back.value == "{1, 2}"


def test_data_is_bounded() -> None:
    error = UnknownNameError("app", "x" * 100_000, ["y" * 1000] * 1000)
    name, message, data = to_wire(error)
    assert len(data) < 10_000
    back = from_wire(name, [message, data])
    assert isinstance(back, UnknownNameError)
    assert len(back.known) == 12


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("org.freedesktop.DBus.Error.ServiceUnknown", HostUnavailableReason.NO_SERVICE),
        ("org.freedesktop.DBus.Error.NoReply", HostUnavailableReason.CONNECTION_LOST),
        ("org.freedesktop.DBus.Error.UnknownMethod", HostUnavailableReason.VERSION_MISMATCH),
        (NOT_YOURS, HostUnavailableReason.PERMISSION_DENIED),
        ("com.example.Other", HostUnavailableReason.CONNECTION_LOST),
    ],
)
def test_errors_of_the_bus_say_that_the_host_is_not_there(
    name: str, reason: HostUnavailableReason
) -> None:
    error = from_wire(name, ["words"])
    assert isinstance(error, HostUnavailableError)
    assert error.reason is reason
    assert "words" in str(error)


@pytest.mark.parametrize("body", [[], ["words"], ["words", "{"], ["words", "[]"], ["words", 3]])
def test_an_error_without_its_data_is_an_error_all_the_same(body: list[object]) -> None:
    assert isinstance(from_wire("org.audiosession.Error.Limit", body), AudioSessionError)


def test_a_reason_of_a_newer_service_is_no_crash() -> None:
    name = "org.audiosession.Error.HostUnavailable"
    error = from_wire(name, ["words", json.dumps({"reason": "tired", "detail": ""})])
    assert isinstance(error, HostUnavailableError)
    assert error.reason is HostUnavailableReason.VERSION_MISMATCH
