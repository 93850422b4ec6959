"""Where sessions live: the hosts, and the choice between them."""

from __future__ import annotations

import logging
import os
import sys

from ..errors import HostUnavailableError, HostUnavailableReason, UnknownNameError
from .base import Capability, Host

HOSTS = ("simulated", "linux", "ios", "android")
"""The names that ``AUDIOSESSION_HOST`` and ``AudioSession.instance(host=...)`` take."""

ENVIRONMENT_VARIABLE = "AUDIOSESSION_HOST"

_log = logging.getLogger("audiosession")
_warned = False


def choose_host(name: str | None = None) -> Host:
    """The host by that name; without one, ``AUDIOSESSION_HOST``; without that, what is there.

    What is there: on a phone the phone, on Linux the per-user service, else the simulated
    device, with a warning in the log the first time.

    Raises:
        UnknownNameError: no host has that name.
        HostUnavailableError: the host asked for cannot be had here; says why.
    """
    global _warned
    asked = name if name is not None else os.environ.get(ENVIRONMENT_VARIABLE) or None
    if asked is None and not _warned:
        _warned = True
        _log.warning(
            "no audio session service here: using a simulated device in this process, which "
            "sees no other app and changes no sound (%s=simulated says this is wanted)",
            ENVIRONMENT_VARIABLE,
        )
    if asked is None or asked == "simulated":
        from .simulated import SimulatedDevice

        return SimulatedDevice.in_real_time().app("app").host
    if asked not in HOSTS:
        raise UnknownNameError("host", asked, HOSTS)
    raise HostUnavailableError(
        HostUnavailableReason.NO_SERVICE
        if asked == sys.platform
        else HostUnavailableReason.WRONG_PLATFORM,
        f"the host {asked!r} cannot be used here; {ENVIRONMENT_VARIABLE}=simulated can",
    )


__all__ = ["ENVIRONMENT_VARIABLE", "HOSTS", "Capability", "Host", "choose_host"]
