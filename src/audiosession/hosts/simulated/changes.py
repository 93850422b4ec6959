"""Counting whatever changes on a simulated device, so that what was read can be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING


class Changes:
    """How often anything of a device changed."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0
        """Grows with each change; another number says that anything may be different."""


class Counted:
    """A part of a device; every attribute of it that is set counts as a change.

    What is altered in place has to be reported with :meth:`_altered`, before anybody is told.

    Args:
        changes: Of the device.
    """

    def __init__(self, changes: Changes) -> None:
        object.__setattr__(self, "changes", changes)

    if TYPE_CHECKING:
        changes: Changes
    else:
        # Hidden from the type checker, which would let any name be set.
        def __setattr__(self, name: str, value: object) -> None:
            object.__setattr__(self, name, value)
            self.changes.count += 1

    def _altered(self) -> None:
        """Something in an attribute is different now."""
        self.changes.count += 1


__all__ = ["Changes", "Counted"]
