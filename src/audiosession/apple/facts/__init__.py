"""What is known about Apple's two audio session APIs, as data.

One table for every name, number and text, with what it means, since when it is there, how
sure that is and where it comes from. The package does not need them to work: constants,
legality and signatures are written in Python, and tests compare those with the facts entry
by entry. Reading a file takes some milliseconds, and happens when it is first asked for.
"""

from __future__ import annotations

import copy
from typing import Any

from audiosession._facts import read

__all__ = ["audio_session_services", "avaudiosession"]


def avaudiosession() -> dict[str, Any]:
    """Returns the facts about AVAudioSession and the classes around it, by table.

    The caller may change what it is given.
    """
    return copy.deepcopy(read(__name__, "avaudiosession.toml"))


def audio_session_services() -> dict[str, Any]:
    """Returns the facts about the C API Audio Session Services, by table.

    The caller may change what it is given.
    """
    return copy.deepcopy(read(__name__, "audio_session_services.toml"))
