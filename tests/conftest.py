"""What all tests share."""

import os

import pytest
from hypothesis import settings

# Where nobody can repeat a run by hand, examples are the same every time.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Runs async tests and fixtures on asyncio, the only loop the package supports."""
    return "asyncio"
