"""What a twin whose calls block is made of.

A twin has the methods of an asynchronous object, each run to its end in the thread that all
blocking sessions of the process share.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from . import blocking

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S")
S_co = TypeVar("S_co", covariant=True)


class Twin(Generic[S_co]):
    """Something asynchronous whose calls are run in the sessions' thread."""

    def __init__(self, asynchronous: S_co) -> None:
        self._worker = blocking._the_worker()
        self._async = asynchronous


def calls(
    method: Callable[Concatenate[S, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Twin[S], P], T]:
    """A twin's method that runs that of the asynchronous object."""

    def call(self: Twin[S], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._worker.run(method(self._async, *args, **kwargs))

    functools.update_wrapper(call, method)
    return call


__all__ = ["Twin", "calls"]
