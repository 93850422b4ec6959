"""What is known about Android's audio, as data.

One table for constants, methods, rules and the tables by which the platform decides, with
since when a thing is there, how sure it is and where it comes from. Constants and signatures
are written in Python, and tests compare them with the facts entry by entry; the platform's
own tables are read from here (:mod:`audiosession.android.tables`). Reading the file takes
some milliseconds, and happens when it is first asked for.
"""

from __future__ import annotations

import copy
from typing import Any

from audiosession._facts import read

__all__ = ["android"]


def android() -> dict[str, Any]:
    """Returns the facts about Android's audio, by table.

    The caller may change what it is given.
    """
    return copy.deepcopy(read(__name__, "android.toml"))
