"""Whether systemd looks after this user's programs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def user_manager() -> bool:
    """Whether systemd runs this user's session."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    # The test of sd_booted(3), for the manager of a user.
    there = bool(runtime) and Path(runtime or "", "systemd", "private").exists()
    return there and shutil.which("systemctl") is not None


__all__ = ["user_manager"]
