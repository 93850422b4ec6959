"""Every rule that binds AVAudioSession is tested, or left with a reason."""

from __future__ import annotations

import re
from types import ModuleType

from tests.apple import (
    test_avaudiosession_activation,
    test_avaudiosession_configuration,
    test_avaudiosession_hardware,
    test_avaudiosession_hosts,
    test_avaudiosession_interruptions,
    test_avaudiosession_others,
    test_avaudiosession_routes,
)

MODULES: tuple[ModuleType, ...] = (
    test_avaudiosession_configuration,
    test_avaudiosession_activation,
    test_avaudiosession_interruptions,
    test_avaudiosession_others,
    test_avaudiosession_routes,
    test_avaudiosession_hardware,
    test_avaudiosession_hosts,
)

LEFT: dict[int, str] = {
    5: "advice to apps",
    8: "a rule of the C functions",
    15: "there is no voice-processing unit here that could be made",
    32: "EXPIRED_SESSION is tested with a closed session; no rule says which call gives inac",
    33: "observed only: errors for some time after a call; not imitated",
    43: "advice to apps",
    44: "between apps: tested with the arbiter",
    46: "between apps: tested with the arbiter",
    48: "between apps: tested with the arbiter",
    49: "advice to apps",
    50: "unknown: Apple publishes neither amount nor fade times of ducking",
    51: "unknown: two apps that lower each other",
    52: "a rule of the C functions",
    53: "a rule of the C functions",
    54: "observed by one blog only; not imitated",
    61: "observed only: shouldResume missing at times; not imitated",
    71: "which refused activations are followed by a recommendation is not published",
    73: "a rule of the C functions",
    106: "advice to apps: the order is not enforced, and counts are held against the present route",
    114: "background playing goes on as activated; what may be activated there is 26 to 28",
    **dict.fromkeys(range(122, 132), "the capture session, which is another surface"),
}
"""Rules that bind somebody else, or nobody knows enough about."""


def numbers_tested() -> set[int]:
    """The numbers in the names of the tests."""
    return {
        int(number)
        for module in MODULES
        for name in vars(module)
        if (found := re.match(r"test_((?:\d+_)+)", name))
        for number in found[1].strip("_").split("_")
    }


def test_every_rule_is_tested_or_left_with_a_reason() -> None:
    assert numbers_tested() | set(LEFT) == set(range(1, 132))
    assert not numbers_tested() & set(LEFT)
