"""Builds a phone out of GNUstep's Foundation: what Apple's runtime has besides, and a session."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

SOURCES = Path(__file__).parent
HEADERS = Path("/usr/include/GNUstep")
FLAGS = (
    *("-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-std=gnu11", "-x", "objective-c"),
    *("-fconstant-string-class=NSConstantString", "-fexceptions", "-fobjc-exceptions"),
    *("-D_NATIVE_OBJC_EXCEPTIONS", "-I", str(HEADERS)),
)
LIBRARIES = ("-x", "none", "-Wl,-z,defs", "-lgnustep-base", "-lobjc", "-lpthread")


def check() -> None:
    """Fails in CI, and skips elsewhere, where something is not there to build or run it with."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        pytest.skip("methods are called in the machine language of Linux on x86-64 here")
    missing = []
    if not _compiles():
        missing.append("Debian's gobjc and libgnustep-base-dev")
    if importlib.util.find_spec("rubicon") is None:
        missing.append("rubicon-objc")
    if missing:
        reason = f"{' and '.join(missing)} not there: make test"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


def built() -> Path:
    """The folder with the libraries; made where it is not there yet."""
    digest = hashlib.sha256()
    for path in (Path(__file__), *sorted(SOURCES.glob("*.m"))):
        digest.update(path.read_bytes())
    made = Path(sys.prefix) / "ios-doubles" / digest.hexdigest()[:16]
    if not made.is_dir():
        made.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=made.parent) as work:
            ready = Path(work) / "ready"
            ready.mkdir()
            for source in sorted(SOURCES.glob("*.m")):
                _compile(source, ready / f"{source.stem}.so")
            # Others may make the same at the same time; the first one counts.
            try:
                os.rename(ready, made)
            except OSError:
                if not made.is_dir():
                    raise
    return made


def _compiles() -> bool:
    if shutil.which("gcc") is None or not (HEADERS / "Foundation/Foundation.h").is_file():
        return False
    command = ["gcc", "-print-prog-name=cc1obj"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return Path(found).is_absolute()


def _compile(source: Path, into: Path) -> None:
    command = ["gcc", *FLAGS, str(source), "-o", str(into), *LIBRARIES]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(done.stderr)
