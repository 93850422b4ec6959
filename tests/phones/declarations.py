"""Where the public API declarations of phones are, and what a test does without them.

They are npm packages that NativeScript makes of the platforms' own headers and jar files;
``make test`` fetches them, pinned and checked, as ``requirements/npm`` says.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

FOLDER = Path(sys.prefix) / "npm/node_modules/@nativescript"


def package(name: str) -> Path:
    """Where a package is; ``AUDIOSESSION_TYPES_IOS`` and the like may say so.

    Args:
        name: ``types-ios`` or ``types-android``.
    """
    given = os.environ.get("AUDIOSESSION_" + name.upper().replace("-", "_"))
    return Path(given) if given else FOLDER / name


def present(name: str) -> bool:
    """Whether a package is there."""
    return (package(name) / "package.json").is_file()


def check(name: str) -> None:
    """Fails in CI, and skips elsewhere, where a package is not there."""
    if not present(name):
        reason = f"the npm package @nativescript/{name} is not there: make test, with npm"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
