"""The fixtures of the Android host's tests; each needs a Java machine."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from .kit import Stage
from .phone import LEVELS, Phone, check


@pytest.fixture(scope="session", autouse=True)
def _java() -> None:
    """Fails in CI, and skips elsewhere, where there can be no phone."""
    check()


@pytest.fixture
def newest() -> Phone:
    """A phone of the newest level."""
    return Phone(LEVELS[-1])


@pytest.fixture(params=LEVELS)
def phone(request: pytest.FixtureRequest) -> Phone:
    """A phone of each level."""
    return Phone(request.param)


@pytest.fixture
async def stage(phone: Phone) -> AsyncIterator[Stage]:
    """An app on a phone of each level."""
    made = Stage(phone)
    yield made
    await made.close()
