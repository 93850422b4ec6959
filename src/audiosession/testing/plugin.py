"""The pytest plugin: a simulated device for each test that asks for one.

Loaded by pytest itself (entry point ``pytest11``). Nothing of the simulated device is
imported before a fixture is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ..hosts.simulated import SimulatedApp, SimulatedDevice

MARKER = "audio_device"
APP = "app"
NAME = "the app under test"
_DEFAULTS = {"profile": "phone", "policy": "default", "clock": "fast"}


def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker."""
    config.addinivalue_line(
        "markers",
        f'{MARKER}(profile="phone", policy="default", clock="fast"): the device of the fixture '
        "simulated_device; clock is manual, fast or real",
    )


@pytest.fixture
def simulated_device(request: pytest.FixtureRequest) -> Iterator[SimulatedDevice]:
    """A simulated device of its own for the test, a phone by default.

    ``@pytest.mark.audio_device(profile="car", policy="default", clock="manual")`` chooses
    another one; what a marker of the module or class says holds where the test's own says
    nothing. During the test ``AudioSession.instance()`` is the session of the app
    ``audio_app``, and a page, an AudioManager or whatever else is made without a host is on its
    host. Audio Session Services is not initialised yet; at the test's end every app on the device
    is killed.
    """
    from ..apple import _c_process
    from ..hosts import standing_in
    from ..session import AudioSession

    device = _make(request.node)
    before, AudioSession._shared = AudioSession._shared, None
    try:
        with standing_in(lambda: _app(device)), _c_process.fresh():
            yield device
    finally:
        AudioSession._shared = before
        for app in device.apps:
            app.kill()


@pytest.fixture
def audio_app(simulated_device: SimulatedDevice) -> SimulatedApp:
    """The app under test on ``simulated_device``; its session is ``AudioSession.instance()``."""
    return _app(simulated_device)


def _app(device: SimulatedDevice) -> SimulatedApp:
    # A test may have installed it by hand, under another name.
    there = any(app.id == APP for app in device.apps)
    return device.app(APP) if there else device.app(APP, NAME)


def _make(node: Any) -> SimulatedDevice:
    from ..errors import AudioSessionError
    from ..hosts.simulated import ClockMode, SimulatedDevice, VirtualClock

    options: dict[str, Any] = {}
    for marker in node.iter_markers(MARKER):
        if marker.args:
            pytest.fail(f"{MARKER} takes keywords only, not {marker.args!r}", pytrace=False)
        options = {**marker.kwargs, **options}
    unknown = sorted(options.keys() - _DEFAULTS.keys())
    if unknown:
        known = ", ".join(_DEFAULTS)
        pytest.fail(f"{MARKER} does not know {', '.join(unknown)}; known: {known}", pytrace=False)
    options = {**_DEFAULTS, **options}
    modes = {mode.value: mode for mode in ClockMode}
    if options["clock"] not in modes:
        names = ", ".join(modes)
        pytest.fail(f"{MARKER}: clock is {options['clock']!r}, not one of {names}", pytrace=False)
    try:
        return SimulatedDevice(
            options["profile"],
            policy=options["policy"],
            clock=VirtualClock(modes[options["clock"]]),
        )
    except AudioSessionError as error:
        pytest.fail(f"{MARKER}: {error}", pytrace=False)


__all__ = ["audio_app", "pytest_configure", "simulated_device"]
