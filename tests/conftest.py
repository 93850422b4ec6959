"""What all tests share."""

import os
import signal

import pytest
from hypothesis import settings

# What starts the tests in the background has them ignore Ctrl-C, and nohup a hang-up; programs
# under test would inherit that.
for _signal in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
    if signal.getsignal(_signal) is signal.SIG_IGN:
        signal.signal(
            _signal,
            signal.default_int_handler if _signal == signal.SIGINT else signal.SIG_DFL,
        )

# Where nobody can repeat a run by hand, examples are the same every time.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Runs async tests and fixtures on asyncio, the only loop the package supports."""
    return "asyncio"
