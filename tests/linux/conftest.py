"""Sound servers for the tests of this folder.

A server is started once a module and tidied after every test. A test that needs one for itself
opens a rig of its own.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.linux.bluez_double import BluetoothDouble
from tests.linux.rig import RIGS, PipeWireRig, PulseRig, SoundRig


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keeps a module's tests with one server together, where they are dealt to processes."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            server = next((name for name in RIGS if name in item.name), "")
            item.add_marker(pytest.mark.xdist_group(f"{item.path.stem} {server}"))


def check_programs(kind: type[SoundRig], *, bluetooth: bool = False) -> None:
    """Fails in CI, and skips elsewhere, when what a rig starts is not installed."""
    if missing := kind.missing(bluetooth=bluetooth):
        reason = f"not installed: {', '.join(missing)}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="module")
async def running_pipewire() -> AsyncIterator[PipeWireRig]:
    """PipeWire for a whole module; for other fixtures only."""
    check_programs(PipeWireRig)
    async with PipeWireRig() as rig:
        yield rig


@pytest.fixture(scope="module")
async def running_pulse() -> AsyncIterator[PulseRig]:
    """PulseAudio for a whole module; for other fixtures only."""
    check_programs(PulseRig)
    async with PulseRig() as rig:
        yield rig


@pytest.fixture
async def pipewire_rig(running_pipewire: PipeWireRig) -> AsyncIterator[PipeWireRig]:
    """PipeWire with nothing playing."""
    yield running_pipewire
    await running_pipewire.tidy()


@pytest.fixture
async def pulse_rig(running_pulse: PulseRig) -> AsyncIterator[PulseRig]:
    """PulseAudio with nothing playing."""
    yield running_pulse
    await running_pulse.tidy()


@pytest.fixture(params=list(RIGS))
def rig(request: pytest.FixtureRequest) -> SoundRig:
    """Each sound server in turn."""
    name = {"pipewire": "pipewire_rig", "pulseaudio": "pulse_rig"}[request.param]
    found = request.getfixturevalue(name)
    assert isinstance(found, SoundRig)
    return found


@pytest.fixture(scope="module", params=list(RIGS))
async def running_headset(request: pytest.FixtureRequest) -> AsyncIterator[BluetoothDouble]:
    """Each sound server in turn, with a headset, for a whole module; for other fixtures only."""
    kind = RIGS[request.param]
    check_programs(kind, bluetooth=True)
    async with kind(bluetooth=True) as rig, BluetoothDouble(rig) as headset:
        yield headset


@pytest.fixture
async def headset(running_headset: BluetoothDouble) -> AsyncIterator[BluetoothDouble]:
    """A headset not connected yet, and nothing playing; ``headset.rig`` is where."""
    yield running_headset
    await running_headset.disconnect()
    await running_headset.card_gone()
    await running_headset.rig.tidy()
