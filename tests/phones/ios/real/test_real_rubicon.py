"""The bridge over the real rubicon-objc, which calls a real Objective-C runtime.

The runtime is GCC's with GNUstep's Foundation, ``runtime.m`` adds what Apple's has besides, and
``session.m`` is an audio session with Apple's selectors and types. Each scene is a process of
its own, because a mistake here ends the process. Apple's own behaviour is not shown by this:
``docs/ios.md`` lists what nobody has tried on a phone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.phones.ios.real import build, scenes

ROOT = Path(__file__).parents[4]


@pytest.fixture(autouse=True)
def _declarations() -> None:
    """Apple's declarations are not needed here."""


@pytest.fixture(scope="module")
def libraries() -> Path:
    build.check()
    return build.built()


@pytest.mark.parametrize("scene", sorted(scenes.SCENES))
def test_rubicon_does_what_the_bridge_needs(libraries: Path, scene: str) -> None:
    path = os.pathsep.join((str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")))
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-m", scenes.__name__, str(libraries), scene],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    said = done.stderr.splitlines()
    unpooled = [line for line in said if "autorelease called without pool" in line]
    assert done.returncode == 0, "\n".join(line for line in said if line not in unpooled)
    assert not unpooled, unpooled[:5]
