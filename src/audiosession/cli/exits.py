"""How a command ends: the one place where errors become exit statuses and messages."""

from __future__ import annotations

import os
import sys
from enum import IntEnum
from typing import TextIO

from ..errors import (
    AudioSessionError,
    DeniedError,
    ExtraMissingError,
    HostUnavailableError,
    IllegalRequestError,
    ScenarioError,
    StreamOverflowError,
    UnsupportedError,
)


class Exit(IntEnum):
    """The exit statuses."""

    OK = 0
    """All went well, and every expectation held."""
    FAILED = 1
    """An expectation or a check did not hold, or a recording ended before it was asked to."""
    BAD_INPUT = 2
    """Something given cannot be used: an argument, a file, a place to write to."""
    EXTRA_MISSING = 3
    """An optional package is not installed."""
    NOT_RUNNING = 4
    """The service is not running, and was not to be started for this."""
    NOT_STARTED = 125
    """A command was not started: refused, or no service. As env(1) and timeout(1) have it."""
    CANNOT_RUN = 126
    """A command was found and cannot be run, as shells have it."""
    NOT_FOUND = 127
    """A command was not found, as shells have it."""
    INTERRUPTED = 130
    """Ended by Ctrl-C: 128 plus the number of the signal, as shells count."""
    BROKEN_PIPE = 141
    """Nobody reads the output any more; again 128 plus the signal's number."""


STATUSES: dict[type[BaseException], Exit] = {
    IllegalRequestError: Exit.BAD_INPUT,
    DeniedError: Exit.BAD_INPUT,
    HostUnavailableError: Exit.BAD_INPUT,
    UnsupportedError: Exit.BAD_INPUT,
    StreamOverflowError: Exit.BAD_INPUT,
    ExtraMissingError: Exit.EXTRA_MISSING,
    # Those of the PipeWire client; it is not worth loading for every command.
    AudioSessionError: Exit.BAD_INPUT,
    BrokenPipeError: Exit.BROKEN_PIPE,
    OSError: Exit.BAD_INPUT,
    KeyboardInterrupt: Exit.INTERRUPTED,
}
"""Each kind of error and its status; the nearest class an error has counts."""


SIGNALLED = 128
"""What a shell adds to the number of the signal that ended a command."""


def status_of_command(code: int) -> int:
    """The exit status for a command that ended, as a shell has it.

    Args:
        code: What it ended with, negative for a signal.
    """
    return code if code >= 0 else SIGNALLED - code


def status_of(error: BaseException) -> Exit | None:
    """The exit status for an error; ``None`` for one that is a fault of the program."""
    for kind in type(error).__mro__:
        if kind in STATUSES:
            return STATUSES[kind]
    return None


def message(error: BaseException) -> str:
    """What to tell the user about an error; empty when there is nothing to tell."""
    if isinstance(error, BrokenPipeError):
        return ""
    if isinstance(error, KeyboardInterrupt):
        return "audiosession: interrupted"
    if isinstance(error, ScenarioError) and error.file is not None:
        return str(error)
    if isinstance(error, OSError) and not isinstance(error, AudioSessionError):
        name = "" if error.filename is None else f"{os.fsdecode(error.filename)}: "
        return f"audiosession: {name}{error.strerror or error}"
    return f"audiosession: {error}"


def report(error: BaseException) -> bool:
    """Prints the message about an error on standard error.

    Returns:
        Whether there is somebody to read it.
    """
    text = message(error)
    if text and sys.stderr is not None:
        safe = text.encode("utf-8", "backslashreplace").decode()
        encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
        try:
            print(safe.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr)
            sys.stderr.flush()
        except BrokenPipeError:
            _mute(sys.stderr)
            return False
    return True


def flush() -> None:
    """Hands over what is still to be printed, while an error about it can be reported."""
    if sys.stdout is not None:
        sys.stdout.flush()


def silence() -> None:
    """Prints what can still be printed; where nothing can, makes sure that nobody tries."""
    try:
        flush()
    except OSError:
        _mute(sys.stdout)


def _mute(stream: TextIO) -> None:
    # At its end the interpreter flushes both streams once more, and would complain about a
    # pipe that nobody reads.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    finally:
        os.close(nowhere)
