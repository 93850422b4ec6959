"""A real PipeWire for the tests that need one."""

from collections.abc import AsyncIterator

import pytest

from tests.linux.conftest import check_programs
from tests.linux.rig import PipeWireRig


@pytest.fixture(scope="module")
async def running_pipewire() -> AsyncIterator[PipeWireRig]:
    """PipeWire for a whole module; for other fixtures only."""
    check_programs(PipeWireRig)
    async with PipeWireRig() as rig:
        yield rig


@pytest.fixture
async def pipewire_rig(running_pipewire: PipeWireRig) -> AsyncIterator[PipeWireRig]:
    """PipeWire with nothing playing."""
    yield running_pipewire
    await running_pipewire.tidy()
