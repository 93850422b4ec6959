"""The command ``audiosession``: the service, scenarios, the demo, the policies, from a terminal.

Needs the extra ``cli``; nothing of it is imported before :func:`main` is called.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..errors import ExtraMissingError
from .exits import Exit, flush, report, silence, status_of

__all__ = ["Exit", "main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit status; see :class:`Exit`.

    ``run`` and ``duck`` return that of the command they started.

    Nothing that a user or a file can do wrong leaves it as an exception: the message goes
    to standard error.

    Args:
        argv: The arguments without the program's name; ``None`` for those of the process.
    """
    try:
        status: int = _run(sys.argv[1:] if argv is None else list(argv))
        flush()
    except (Exception, KeyboardInterrupt) as error:
        found = status_of(error)
        if found is None:
            raise
        status = found
        silence()
        if not report(error):
            status = Exit.BROKEN_PIPE
    return int(status)


def _run(argv: list[str]) -> int:
    try:
        import cyclopts  # noqa: F401
        import rich  # noqa: F401
    except ImportError as missing:
        raise ExtraMissingError("cli", "the command audiosession") from missing
    from .app import run

    return run(argv)
