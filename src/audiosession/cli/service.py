"""``audiosession service``: the service itself, and what starts it."""

from __future__ import annotations

import asyncio
import logging
import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from .._checks import check_seconds
from ..core.codec import to_plain
from ..errors import (
    AudioSessionError,
    ExtraMissingError,
    HostUnavailableError,
    HostUnavailableReason,
)
from ..service.bus.names import BUS_NAME
from ..service.install import UNIT_NAME, Action, Change, Places, install, installed, uninstall
from . import access
from .access import Client
from .exits import Exit
from .lists import print_json
from .session_bus import Names, bus_names, reload_bus, why_unseen
from .systemd import user_manager
from .terminal import Terminal

_PATIENCE_S = 30.0
"""How long systemd may take to do as it is told."""
_WORDS = {
    Action.WRITTEN: "written",
    Action.UNCHANGED: "is there already",
    Action.REMOVED: "removed",
    Action.ABSENT: "was not there",
    Action.LEFT: "left alone: this program did not write it",
}
_RELOAD = ("systemctl", "--user", "daemon-reload")
_START = ("systemctl", "--user", "enable", "--now", UNIT_NAME)
_RESTART = ("systemctl", "--user", "try-restart", UNIT_NAME)
_STOP = ("systemctl", "--user", "disable", "--now", UNIT_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """A command, and what became of it."""

    command: str
    done: bool
    problem: str = ""


def run_service(*, idle_exit_s: float | None) -> Exit:
    """Runs the service in this process until SIGTERM or Ctrl-C, or until it is idle for so long.

    Args:
        idle_exit_s: Seconds without work after which it leaves, 0 or more; ``None``: it stays.

    Raises:
        IllegalRequestError: a negative time, or one without an end.
        HostUnavailableError: another service runs, or there is nowhere to be reached.
    """
    if idle_exit_s is not None:
        check_seconds("--idle-exit", idle_exit_s)
    try:
        from ..service.main import run_service as serve
    except ImportError as missing:
        raise ExtraMissingError("linux", "the audio session service") from missing
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(name)s: %(message)s")
    asyncio.run(serve(idle_exit_s=idle_exit_s))
    return Exit.OK


def install_service(*, start: bool, as_json: bool) -> Exit:
    """Writes systemd's unit and D-Bus's entry, has both read, and looks whether they were.

    Args:
        start: Also start the service now and at every login, where systemd runs the session.
        as_json: One JSON document: ``changes``, ``systemd``, whether it runs the session,
            ``on_demand``, whether the bus can start the service (null without a bus), ``steps``
            done and ``next`` to be done.

    Raises:
        IllegalRequestError: there is no home folder.
        OSError: a file cannot be written.
    """
    changes = install()
    steps: list[_Step] = []
    todo: list[Sequence[str]] = []
    left = [change for change in changes if change.action is Action.LEFT]
    commands = [_RELOAD, *([_START, _RESTART] if start else [])]
    systemd = user_manager()
    if systemd and not left:
        for command in commands:
            steps.append(_do(command))
    elif systemd:
        todo = [_RELOAD, _START]
    names = asyncio.run(_reloaded_names(steps))
    if systemd and not start and not left:
        todo = [_START]
    on_demand = None if isinstance(names, str) else BUS_NAME in names[1]
    unseen = ""
    if on_demand is False and not left:
        unseen, mend = why_unseen(Places.of(os.environ).activation)
        todo.append([mend])
    if as_json:
        _json(changes, steps, todo, systemd=systemd, on_demand=on_demand)
    else:
        terminal = Terminal.here()
        _show(terminal, changes, steps)
        if unseen:
            terminal.line(unseen, "bold red")
        if not systemd:
            _without_systemd(terminal, on_demand)
        _next(terminal, todo)
    bad = left or (unseen and not systemd) or any(not step.done for step in steps)
    return Exit.FAILED if bad else Exit.OK


async def _reloaded_names(steps: list[_Step]) -> Names | str:
    """What the bus knows after it has read its folders again."""
    if await reload_bus():
        steps.append(_Step(command="reload the session bus", done=True))
    return await bus_names()


def _without_systemd(terminal: Terminal, on_demand: bool | None) -> None:
    terminal.line("systemd does not run this session.")
    if on_demand:
        terminal.line("The session bus starts the service when an app asks for it, and it leaves")
        terminal.line("when nobody needs it.")
        return
    if on_demand is None:
        terminal.line("There is no session bus either, so nothing starts the service at login.")
    terminal.line("Apps start the service themselves. To have it all the time, have whatever")
    terminal.line("starts your other programs run: audiosession service run")


def uninstall_service(*, as_json: bool) -> Exit:
    """Stops the service, whoever started it, and removes the files that are ours.

    Args:
        as_json: As of :func:`install_service`.

    Raises:
        IllegalRequestError: there is no home folder.
        OSError: a file cannot be removed.
    """
    systemd = user_manager()
    steps: list[_Step] = []
    # The unit has to be there for systemd to know what to switch off.
    if systemd and installed()[Places.of(os.environ).unit]:
        steps.append(_do(_STOP))
    changes = uninstall()
    if systemd:
        steps.append(_do(_RELOAD))
    names = asyncio.run(_reloaded_names(steps))
    # Last, when nothing is left that would start it again at once.
    try:
        if asyncio.run(_stop()):
            steps.append(_Step(command="stop the service", done=True))
    except AudioSessionError as error:
        steps.append(_Step(command="stop the service", done=False, problem=str(error)))
    if as_json:
        on_demand = None if isinstance(names, str) else BUS_NAME in names[1]
        _json(changes, steps, [], systemd=systemd, on_demand=on_demand)
    else:
        terminal = Terminal.here()
        _show(terminal, changes, steps)
        terminal.line("Left: your rules in policy.toml, and what is needed to give volumes back.")
    return Exit.FAILED if any(not step.done for step in steps) else Exit.OK


def stop_service(*, as_json: bool) -> Exit:
    """Ends a service that runs; it gives everything back first.

    Args:
        as_json: One JSON document: ``stopped``, whether there was one.

    Raises:
        HostUnavailableError: it does not answer, or does not end.
    """

    stopped = asyncio.run(_stop())
    if as_json:
        print_json({"stopped": stopped})
    else:
        terminal = Terminal.here()
        terminal.line("The service has ended." if stopped else "The service is not running.")
    return Exit.OK


async def _stop() -> bool:
    """Ends a service that runs; whether there was one."""

    async def ask(client: Client) -> int:
        return int((await client.status())["pid"])

    try:
        pid = await access.if_running(ask, start=False)()
    except ExtraMissingError:
        return False
    if pid is None:
        return False
    # Known before the signal, so that another process with its number is never meant.
    process = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(process, signal.SIGTERM)
        await asyncio.to_thread(_wait_for_end, process)
    finally:
        os.close(process)
    return True


def _wait_for_end(process: int) -> None:
    # A process's file becomes readable when it ends (pidfd_open(2)).
    if not select.select([process], [], [], _PATIENCE_S)[0]:
        raise HostUnavailableError(
            HostUnavailableReason.TIMED_OUT, f"it has not ended after {_PATIENCE_S:g} s"
        )


def _do(command: Sequence[str]) -> _Step:
    words = " ".join(command)
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        return _Step(command=words, done=False, problem=f"no answer within {_PATIENCE_S:g} s")
    except OSError as error:
        return _Step(command=words, done=False, problem=error.strerror or str(error))
    problem = "" if done.returncode == 0 else done.stderr.strip() or f"status {done.returncode}"
    return _Step(command=words, done=done.returncode == 0, problem=problem)


def _show(terminal: Terminal, changes: Sequence[Change], steps: Sequence[_Step]) -> None:
    for change in changes:
        style = "yellow" if change.action is Action.LEFT else ""
        terminal.line(f"{change.path}", "bold")
        terminal.line(f"  {_WORDS[change.action]}", style)
    for step in steps:
        if step.done:
            terminal.line(f"\N{CHECK MARK} {step.command}", "green")
        else:
            terminal.line(f"\N{BALLOT X} {step.command}: {step.problem}", "bold red")


def _next(terminal: Terminal, todo: Sequence[Sequence[str]]) -> None:
    if todo:
        terminal.line("Next:")
        for command in todo:
            terminal.line(f"  {' '.join(command)}")


def _json(
    changes: Sequence[Change],
    steps: Sequence[_Step],
    todo: Sequence[Sequence[str]],
    *,
    systemd: bool,
    on_demand: bool | None,
) -> None:
    print_json(
        {
            "changes": [
                {"path": str(change.path), "action": change.action.value} for change in changes
            ],
            "systemd": systemd,
            "on_demand": on_demand,
            "steps": to_plain(tuple(steps)),
            "next": [" ".join(command) for command in todo],
        }
    )


__all__ = ["install_service", "run_service", "stop_service", "uninstall_service"]
