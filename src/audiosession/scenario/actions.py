"""What a step of a scenario can do, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..hosts.simulated.profiles import PLUGGABLE


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of an action."""

    kind: type
    """The type its value must have."""
    required: bool = False
    """Whether it must be given."""
    choices: tuple[str, ...] = ()
    """The values allowed; empty for any."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something a step can do."""

    on_app: bool
    """Whether it is done to an app (``True``) or to the device."""
    text: str
    """What it does."""
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    """Its arguments by name."""


_AUDIO = {
    "audio": Argument(str),
    "seconds": Argument(float),
    "loop": Argument(bool),
    "offset": Argument(float),
}
_CALL = {"call": Argument(str, required=True)}

ACTIONS: dict[str, Action] = {
    "configure": Action(
        True,
        "sets the configuration",
        {"recipe": Argument(str), "configuration": Argument(dict)},
    ),
    "activate": Action(True, "asks for the audio: set_active(True)"),
    "deactivate": Action(True, "gives it up: set_active(False)"),
    "play": Action(True, "activates the session and, when granted, starts the player", _AUDIO),
    "say": Action(
        True,
        "activates, waits for quiet, plays to the end and deactivates",
        {"audio": Argument(str), "seconds": Argument(float)},
    ),
    "pause": Action(True, "pauses the player; the session stays active"),
    "resume": Action(True, "resumes the player"),
    "stop": Action(True, "stops the player and deactivates"),
    "volume": Action(
        False,
        "sets the app's volume, or without an app the device's (0.0 to 1.0)",
        {"to": Argument(float, required=True)},
    ),
    "user pauses": Action(True, "the user presses pause in the app"),
    "user plays": Action(True, "the user presses play in the app"),
    "background": Action(True, "the app leaves the screen"),
    "foreground": Action(True, "the app comes to the screen"),
    "suspend": Action(True, "the system freezes the app"),
    "kill": Action(True, "the app's process dies"),
    "relaunch": Action(True, "a killed app is started anew"),
    "microphone": Action(
        True,
        "the user decides whether the app may record",
        {"permission": Argument(str, True, ("undetermined", "granted", "denied"))},
    ),
    "plug": Action(
        False,
        "plugs in or connects a device",
        {"what": Argument(str, True, tuple(PLUGGABLE))},
    ),
    "unplug": Action(
        False, "unplugs or disconnects it", {"what": Argument(str, True, tuple(PLUGGABLE))}
    ),
    "ring": Action(
        False,
        "a call comes in; ``call`` names it for later steps",
        {**_CALL, "ringtone": Argument(str), "voice": Argument(str)},
    ),
    "accept": Action(False, "the user takes the call", _CALL),
    "decline": Action(False, "the user declines the call", _CALL),
    "ignore": Action(False, "nobody answers the call", _CALL),
    "hang up": Action(False, "the call ends", _CALL),
    "alarm": Action(False, "an alarm rings", {"audio": Argument(str)}),
    "dismiss": Action(False, "the alarm is dismissed"),
    "ringtone": Action(False, "a ringtone sounds", {"audio": Argument(str)}),
    "end ringtone": Action(False, "it ends"),
    "assistant": Action(False, "the system's assistant listens", {"audio": Argument(str)}),
    "assistant done": Action(False, "it is done"),
    "silent switch": Action(
        False, "moves the ring/silent switch", {"on": Argument(bool, required=True)}
    ),
    "volume up": Action(False, "a press of the volume key"),
    "volume down": Action(False, "a press of the volume key"),
    "lock": Action(False, "locks the screen"),
    "unlock": Action(False, "unlocks the screen"),
    "lose media services": Action(False, "the sound server dies"),
    "reset media services": Action(False, "the sound server is back"),
}
"""What a step can do, by name. Without ``app`` a step acts on the device."""
