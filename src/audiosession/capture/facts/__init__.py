"""What is known about Apple's capture session and the classes around it, as data.

One table for every kind of name, number and text, with what it means, since when it is there,
how sure that is and where it comes from. The package does not need them to work: constants
and signatures are written in Python, and tests compare those with the facts entry by entry.
Reading the file takes some milliseconds, and happens when it is first asked for.
"""

from __future__ import annotations

import copy
from typing import Any

from audiosession._facts import read

__all__ = ["avcapturesession"]


def avcapturesession() -> dict[str, Any]:
    """Returns the facts about AVCaptureSession and the classes around it, by table.

    The caller may change what it is given.
    """
    return copy.deepcopy(read(__name__, "avcapturesession.toml"))
