"""``python -m audiosession.service``: the service process, without the command line tool."""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import logging
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from .._checks import check_seconds
from ..errors import AudioSessionError

_READY = b"ready\n"
_MOST_WORDS = 4096


def main(
    argv: Sequence[str] | None = None,
    run: Callable[..., Coroutine[Any, Any, None]] | None = None,
) -> int:
    """Runs the service; gives the exit status: 0, or 1 when it cannot run here."""
    options = _parser().parse_args(argv)
    logging.basicConfig(
        level=options.log_level.upper(), stream=sys.stderr, format="%(name)s: %(message)s"
    )
    if options.detach:
        return _detached(lambda ready: _run(options, run, ready))
    try:
        _run(options, run, None)
    except AudioSessionError as error:
        print(f"audiosession service: {error}", file=sys.stderr)
        return 1
    return 0


def _run(
    options: argparse.Namespace,
    run: Callable[..., Coroutine[Any, Any, None]] | None,
    ready: Callable[[], None] | None,
) -> None:
    if run is None:
        from .main import run_service

        run = run_service
    idle_exit_s = None if options.stay else options.idle_exit
    asyncio.run(run(idle_exit_s=idle_exit_s, ready=ready))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="audiosession.service", description=__doc__)
    parser.add_argument(
        "--idle-exit", type=_seconds, default=60.0, metavar="S", help="leave after S idle seconds"
    )
    parser.add_argument("--stay", action="store_true", help="do not leave when idle")
    parser.add_argument(
        "--detach", action="store_true", help="return when it serves, and leave it running"
    )
    parser.add_argument(
        "--log-level", default="warning", choices=("debug", "info", "warning", "error")
    )
    return parser


def _seconds(text: str) -> float:
    try:
        value = float(text)
        check_seconds("it", value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"no time in seconds: {text!r}") from error
    return value


def _detached(run: Callable[[Callable[[], None]], None]) -> int:
    """Runs it in a process of its own; returns when that serves, or says why it does not.

    Whoever started us waits for this process alone and never has the service as a child.
    """
    reading, writing = _pipe()
    if os.fork():
        os.close(writing)
        with os.fdopen(reading, "rb") as words:
            said = words.read(_MOST_WORDS)
        if said == _READY:
            return 0
        print(said.decode(errors="replace") or "the service ended at once", file=sys.stderr)
        return 1
    os.close(reading)
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.chdir("/")

    def say(words: bytes) -> None:
        # Whoever started it may be gone, which is no reason to go as well.
        with suppress(BrokenPipeError):
            os.write(writing, words[:_MOST_WORDS])
        os.close(writing)

    serving = False

    def ready() -> None:
        nonlocal serving
        serving = True
        say(_READY)

    try:
        run(ready)
    except Exception as error:
        if serving:
            raise
        known = isinstance(error, AudioSessionError)
        say((str(error) if known else repr(error)).encode())
        return 1
    return 0


def _pipe() -> tuple[int, int]:
    """A pipe beside the three standard streams, also where those are closed."""
    low = os.pipe()
    reading, writing = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 3) for end in low)
    for end in low:
        os.close(end)
    return reading, writing


if __name__ == "__main__":
    sys.exit(main())
