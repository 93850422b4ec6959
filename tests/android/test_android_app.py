"""What a simulated device's Android knows of an app, and what it does about focus."""

from __future__ import annotations

from typing import Any

import pytest

from audiosession.android.app import ORDINARY_APP, AndroidPermission
from audiosession.errors import InvalidTypeError, InvalidValueError
from audiosession.hosts.simulated import SimulatedDevice

SWITCHES = ("foreground_service", "accessibility_service", "on_virtual_device", "recording")


def test_an_app_begins_as_an_ordinary_one() -> None:
    app = SimulatedDevice("phone", policy="android").app("app").android_app
    for name in (
        "may_take_focus",
        "accessibility_service",
        "on_virtual_device",
        "focus_restricted",
        "notifications_sound",
        "focus_policy",
        "permissions",
        "system_usages",
    ):
        assert getattr(app, name) == getattr(ORDINARY_APP, name)


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_is_true_or_false(name: str) -> None:
    app = SimulatedDevice().app("app").android_app
    assert getattr(app, name) is False
    setattr(app, name, True)
    assert getattr(app, name) is True
    with pytest.raises(InvalidTypeError):
        setattr(app, name, 1)
    assert getattr(app, name) is True


def test_permissions_are_granted_and_revoked() -> None:
    app = SimulatedDevice().app("app").android_app
    app.grant(AndroidPermission.MODIFY_PHONE_STATE)
    app.grant("org.example.PERMISSION")
    assert app.permissions == {"android.permission.MODIFY_PHONE_STATE", "org.example.PERMISSION"}
    app.revoke(AndroidPermission.MODIFY_PHONE_STATE)
    app.revoke("never granted")
    assert app.permissions == {"org.example.PERMISSION"}


@pytest.mark.parametrize(
    ("permission", "error"),
    [(1, InvalidTypeError), ("", InvalidValueError), ("p" * 257, InvalidValueError)],
)
def test_a_permission_is_a_text(permission: Any, error: type[Exception]) -> None:
    app = SimulatedDevice().app("app").android_app
    with pytest.raises(error):
        app.grant(permission)
    assert app.permissions == frozenset()


def test_the_device_s_switches_are_true_or_false() -> None:
    focus: Any = SimulatedDevice("car", policy="android-car").android_focus
    for switch in (focus.share, focus.restrict):
        with pytest.raises(InvalidTypeError):
            switch(1)
    assert focus.restricted is False


def test_a_foreground_service_counts_where_the_app_is_not_on_the_screen() -> None:
    app = SimulatedDevice("phone").app("app")
    app.to_background()
    assert not app.android_app.may_take_focus
    app.android_app.foreground_service = True
    assert app.android_app.may_take_focus
    app.kill()
    assert not app.android_app.may_take_focus
    app.relaunch()
    app.to_background()
    # A service dies with its process.
    assert not app.android_app.may_take_focus
