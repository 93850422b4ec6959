"""Observing properties: who is called when one of them has another value."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final

from audiosession.apple.notifications import MAX_OBSERVERS, check_callback
from audiosession.errors import LimitError, UnknownNameError, UnsupportedError

OBSERVABLE: Final = (
    "input_gain",
    "is_input_available",
    "input_data_sources",
    "input_data_source",
    "output_data_sources",
    "sample_rate",
    "input_number_of_channels",
    "output_number_of_channels",
    "io_buffer_duration",
    "output_volume",
    "prompt_style",
)
"""The properties whose changes Apple lets apps observe (AVAudioSession.h); the rate since
iOS 18.0."""

_log = logging.getLogger("audiosession")


class Observation:
    """One callback's place among those who observe a property."""

    __slots__ = ("_last", "active", "callback", "name")

    def __init__(self, name: str, callback: Callable[[Any], object], value: Any) -> None:
        self.name = name
        self.callback = callback
        self.active = True
        self._last = value

    def look(self, value: Any) -> None:
        """Calls the callback if the value is not the one it saw last."""
        if self.active and value != self._last:
            self._last = value
            try:
                self.callback(value)
            except Exception:
                _log.exception("an observer of %s failed", self.name)

    def cancel(self) -> None:
        """Ends the observation at once; a second call does nothing."""
        self.active = False


class Observations:
    """Those who observe properties of one object.

    Args:
        read: Gives a property's present value.
        as_seen: Gives what :meth:`look` reads properties in.
    """

    def __init__(
        self, read: Callable[[str], Any], as_seen: Callable[[], AbstractContextManager[object]]
    ) -> None:
        self._read = read
        self._as_seen = as_seen
        self._all: tuple[Observation, ...] = ()

    def add(self, name: str, callback: Callable[[Any], object]) -> Observation:
        """Has a function called with every new value of a property.

        Raises:
            UnknownNameError: no such property can be observed.
            InvalidTypeError: the callback is no plain function.
            UnsupportedError: the host does not know the property.
            LimitError: too many observers.
        """
        if name not in OBSERVABLE:
            raise UnknownNameError("observable property", name, OBSERVABLE)
        check_callback(callback)
        self._all = tuple(one for one in self._all if one.active)
        if len(self._all) >= MAX_OBSERVERS:
            raise LimitError("observers", MAX_OBSERVERS)
        observation = Observation(name, callback, self._read(name))
        self._all = (*self._all, observation)
        return observation

    def look(self) -> None:
        """Looks what has changed since it last did."""
        for observation in self._all:
            if observation.active:
                try:
                    with self._as_seen():
                        value = self._read(observation.name)
                except UnsupportedError:
                    continue
                observation.look(value)
