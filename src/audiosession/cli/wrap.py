"""``audiosession run`` and ``duck``: any program in a session, for as long as it runs."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._activation import records
from .._tasks import to_the_end
from ..configuration import AudioSessionConfiguration
from ..devices import AudioDevicesChangedEvent
from ..errors import (
    AudioSessionError,
    DeniedError,
    HostUnavailableError,
    HostUnavailableReason,
    IllegalRequestError,
)
from ..hosts.base import ActivationRequest, Capability, Host, HostSession, Outcome
from ..interruptions import AudioInterruptionEvent
from ..session import DEFAULT_QUIET_TIMEOUT_S
from . import access
from .exits import SIGNALLED, Exit, report, status_of_command

_FORWARDED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")
_FROM_KEYBOARD = ("SIGINT", "SIGQUIT")
"""What a terminal sends to all processes in its foreground, so to the command too."""
_LAST_WORDS_S = 5.0
"""How long a command may take to end when it is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapped:
    """What to run, and in what session."""

    command: tuple[str, ...]
    """The program and its arguments."""
    app: str
    """The name of the session's app."""
    configuration: AudioSessionConfiguration
    """What its sound is for."""
    wait: bool = True
    """Whether to wait for its turn, and for others to go down."""


def wrap(
    command: Sequence[str],
    *,
    configuration: AudioSessionConfiguration,
    app: str | None = None,
    wait: bool = True,
) -> int:
    """Runs a command in a session of its own, and returns the status it ends with.

    The command gets this process's input, output and arguments as they are; no shell sees
    them. Its streams belong to the session by the environment that the host gives. Signals
    are passed on. The session ends with the command, whatever happens.

    Returns:
        The command's own status, 128 plus the number of the signal that ended it, 127 or 126
        where it cannot be found or run, 125 where it was not started for another reason.

    Raises:
        IllegalRequestError: there is no command.
        ExtraMissingError: the packages for Linux are not installed.
        KeyboardInterrupt: Ctrl-C before the command was started.
    """
    if not command or not command[0]:
        raise IllegalRequestError("which command? Put it behind --, as in: -- mpv song.flac")
    problem = _find(command[0])
    if problem is not None:
        status, words = problem
        report(IllegalRequestError(f"{command[0]}: {words}"))
        return status
    wrapped = Wrapped(
        command=tuple(command),
        app=app or Path(command[0]).name,
        configuration=configuration,
        wait=wait,
    )
    host = access.make_host(wrapped.app)
    try:
        return asyncio.run(_wrapped(host, wrapped))
    except (DeniedError, HostUnavailableError, IllegalRequestError) as error:
        report(error)
        return Exit.NOT_STARTED


def _find(program: str) -> tuple[Exit, str] | None:
    """What stands in the way of running it; ``None`` when nothing does."""
    if shutil.which(program) is not None:
        return None
    folders = [""] if os.path.dirname(program) else os.get_exec_path()
    for folder in folders:
        path = os.path.join(folder, program)
        if os.path.isdir(path):
            if not folder:
                return Exit.CANNOT_RUN, "is a folder"
        elif os.path.exists(path):
            return Exit.CANNOT_RUN, "may not be run"
    return Exit.NOT_FOUND, "command not found"


async def _wrapped(host: Host, wrapped: Wrapped) -> int:
    with _Signals() as signals:
        try:
            events = _Events()
            session = await host.open_session(events)
            try:
                if await access.without_sound(host):
                    # The program may bring its own sound, or none; that is its business.
                    reason = HostUnavailableReason.NO_SOUND_SERVER
                    report(HostUnavailableError(reason, "nothing can be lowered or paused"))
                await _activate(host, session, events, wrapped)
                return await _run(session, wrapped, signals)
            finally:
                await to_the_end(_let_go(session))
        except asyncio.CancelledError:
            if signals.ended_by is None:
                raise
            if signals.ended_by == signal.SIGINT:
                raise KeyboardInterrupt from None
            return SIGNALLED + signals.ended_by
        finally:
            await to_the_end(host.close())


async def _activate(host: Host, session: HostSession, events: _Events, wrapped: Wrapped) -> None:
    await session.configure(wrapped.configuration)
    result = await session.activate(ActivationRequest.of(wrapped.configuration))
    if result.outcome is Outcome.DELAYED and wrapped.wait:
        await events.gained.wait()
    elif result.outcome is not Outcome.GRANTED:
        raise DeniedError(wrapped.app, result.holder or None, result.rule or "unknown")
    knows = Capability.QUIET in host.capabilities
    if knows and wrapped.wait and not records(wrapped.configuration):
        await session.quiet(DEFAULT_QUIET_TIMEOUT_S)


async def _run(session: HostSession, wrapped: Wrapped, signals: _Signals) -> int:
    # Only the service's sessions have one; on other hosts nothing is tied to the command.
    tie: Callable[[], dict[str, str]] | None = getattr(session, "environment", None)
    environment = {**os.environ, **(tie() if tie is not None else {})}
    try:
        process = await asyncio.create_subprocess_exec(*wrapped.command, env=environment)
    except OSError as error:
        report(OSError(error.errno, error.strerror, wrapped.command[0]))
        return Exit.NOT_FOUND if isinstance(error, FileNotFoundError) else Exit.CANNOT_RUN
    signals.pass_on_to(process)
    try:
        return status_of_command(await process.wait())
    finally:
        await to_the_end(_end(process))


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ends the command where it still runs, because waiting for it has come to an end."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_LAST_WORDS_S):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _let_go(session: HostSession) -> None:
    try:
        await session.deactivate(notify_others=True)
        await session.close()
    except AudioSessionError as error:
        # What the session held ended with the service, or the service ends it by itself.
        report(error)


class _Events:
    """What the session hears; its program knows nothing of sessions, so hardly any matters."""

    def __init__(self) -> None:
        self.gained = asyncio.Event()

    def interruption(self, event: AudioInterruptionEvent) -> None:
        """Enforced by the service."""

    def becoming_noisy(self) -> None:
        """Enforced by the service."""

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        """Nothing depends on it."""

    def gained_claim(self) -> None:
        """Its turn has come."""
        self.gained.set()

    def lost_claim(self) -> None:
        """Enforced by the service."""


class _Signals:
    """What happens when this process gets a signal: the command gets it, once there is one.

    Before that the signal ends the waiting for it.
    """

    def __init__(self) -> None:
        self.ended_by: int | None = None
        """The signal that came before there was a command."""
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[Any] | None = None
        self._numbers = [getattr(signal, name) for name in _FORWARDED if hasattr(signal, name)]
        self._installed: list[int] = []

    def __enter__(self) -> _Signals:
        self._task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        for number in self._numbers:
            # What is ignored, as by nohup, stays so for the command too.
            if signal.getsignal(number) is signal.SIG_IGN:
                continue
            # Neither in another thread than the main one, nor on Windows.
            with suppress(RuntimeError, ValueError, NotImplementedError):
                loop.add_signal_handler(number, self._received, number)
                self._installed.append(number)
        return self

    def __exit__(self, *error: object) -> None:
        for number in self._installed:
            asyncio.get_running_loop().remove_signal_handler(number)

    def pass_on_to(self, process: asyncio.subprocess.Process) -> None:
        """From now on signals go to this command."""
        self._process = process

    def _received(self, number: int) -> None:
        if self._process is None:
            self.ended_by = number
            assert self._task is not None
            self._task.cancel()
        elif signal.Signals(number).name not in _FROM_KEYBOARD or not _in_foreground():
            with suppress(ProcessLookupError):
                self._process.send_signal(number)


def _in_foreground() -> bool:
    """Whether a terminal's keys reach this process, and so its command, by themselves."""
    with _terminal() as terminal:
        return terminal is not None and os.tcgetpgrp(terminal) == os.getpgrp()


@contextmanager
def _terminal() -> Iterator[int | None]:
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        yield None
        return
    try:
        yield terminal
    finally:
        os.close(terminal)


__all__ = ["Wrapped", "wrap"]
