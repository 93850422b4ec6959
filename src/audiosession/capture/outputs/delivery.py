"""Hands samples to a delegate in its own place, and notices when that falls behind."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from audiosession.errors import InvalidTypeError

from ..errors import NSInvalidArgumentException

__all__ = ["Backlog", "DispatchQueue", "check_delegate", "dispatch"]

_log = logging.getLogger("audiosession")

DispatchQueue = asyncio.AbstractEventLoop | Executor
"""Where a delegate is called: an event loop, or an executor with one thread."""


def check_delegate(delegate: object, queue: object, methods: tuple[str, ...]) -> None:
    """Refuses what cannot be a delegate, or no place to call it in.

    Raises:
        NSInvalidArgumentException: an executor that does several things at once.
        InvalidTypeError: the delegate has none of the methods, or one that is no plain
            function; the queue is none, or one of other processes.
    """
    _check_queue(queue)
    if delegate is None:
        return
    found = [getattr(delegate, name, None) for name in methods]
    if not any(map(callable, found)):
        raise InvalidTypeError(
            "delegate", delegate, expected=f"an object with a method {' or '.join(methods)}"
        )
    for name, method in zip(methods, found, strict=True):
        if asyncio.iscoroutinefunction(method):
            raise InvalidTypeError(name, method, expected="a plain function, not a coroutine")


def _check_queue(queue: object) -> None:
    # Whoever has one has loaded this module, which is too much to load for everybody.
    processes = sys.modules.get("concurrent.futures.process")
    elsewhere = processes is not None and isinstance(queue, processes.ProcessPoolExecutor)
    if queue is not None and (elsewhere or not isinstance(queue, DispatchQueue)):
        raise InvalidTypeError(
            "queue", queue, expected="an event loop, an executor with one thread, or None"
        )
    if getattr(queue, "_max_workers", 1) != 1:
        raise NSInvalidArgumentException(
            "a queue takes one sample after the other",
            advice="give an executor with one thread, as ThreadPoolExecutor(1)",
            field="queue",
        )


def dispatch(queue: DispatchQueue | None, call: Callable[[], None]) -> bool:
    """Runs a function in a queue, in order; whether the queue still takes any."""
    if queue is None:
        return False
    try:
        if isinstance(queue, Executor):
            queue.submit(call)
        else:
            queue.call_soon_threadsafe(call)
    except RuntimeError:
        # It is closed: nobody is left to hear.
        return False
    return True


class Backlog:
    """How many samples are on their way to a delegate, and how many never got there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting = 0
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many were dropped so far."""
        return self._dropped

    def send(self, queue: DispatchQueue | None, most: int, call: Callable[[], Any]) -> bool:
        """Has a sample handed over; false, and counted, where ``most`` are waiting already."""
        with self._lock:
            if self._waiting >= most:
                self._dropped += 1
                return False
            self._waiting += 1

        def run() -> None:
            try:
                call()
            except Exception:
                _log.exception("a delegate of a capture output failed")
            finally:
                with self._lock:
                    self._waiting -= 1

        if not dispatch(queue, run):
            with self._lock:
                self._waiting -= 1
        return True
