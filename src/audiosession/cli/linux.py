"""The commands of the Linux service and their arguments."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from .exits import Exit

_Flag = Parameter(show_default=False, negative=())
_OnOff = Parameter(negative=None, show_default=False)
_Words = Parameter(show_default=False)
_Command = tuple[str, ...]

service = App(
    name="service",
    help="Run and install the service that lowers and pauses other programs.",
    help_epilogue="""Examples:

  audiosession service install
  audiosession service run --idle-exit 60
  audiosession service status""",
)


def add_to(app: App) -> None:
    """Adds the commands to the program's own."""
    for command, epilogue in _COMMANDS:
        app.command(command, help_epilogue=epilogue)
    app.command(service)


def run(
    *command: Annotated[str, _Words],
    recipe: str = "music",
    app: Annotated[str | None, _Words] = None,
    wait: Annotated[bool, _OnOff] = True,
) -> int:
    """Run a program in an audio session of its own.

    Others are lowered or pause while it runs, as the recipe asks, and it is
    lowered or paused when something more important sounds. Ends with the
    program's own status; 125 when the session is refused, 126 or 127 when the
    program cannot be run or found.

    Args:
        command: The program and its arguments, after --. No shell sees them.
        recipe: What its sound is for; see Recipes.
        app: What the session is called; the program's name if not given.
        wait: Wait for its turn; --no-wait: at once or not at all.
    """
    from ..configuration import recipe as recipe_named
    from .wrap import wrap

    return wrap(command, configuration=recipe_named(recipe), app=app, wait=wait)


def duck(
    *command: Annotated[str, _Words],
    app: Annotated[str | None, _Words] = None,
    wait: Annotated[bool, _OnOff] = True,
) -> int:
    """Run a program while everything else is lowered.

    The same as run --recipe navigation_prompt: music is lowered, speech pauses,
    and all of it comes back when the program ends.

    Args:
        command: The program and its arguments, after --. No shell sees them.
        app: What the session is called; the program's name if not given.
        wait: Wait until others are down; --no-wait: at once.
    """
    from ..configuration import AudioSessionConfiguration
    from .wrap import wrap

    configuration = AudioSessionConfiguration.navigation_prompt()
    return wrap(command, configuration=configuration, app=app, wait=wait)


def status(*, start: Annotated[bool, _Flag] = False, json: Annotated[bool, _Flag] = False) -> Exit:
    """Show the service, its sessions and the streams.

    Ends with 4 when the service is not running.

    Args:
        start: Start the service if it is not running.
        json: Print it as JSON.
    """
    from .status import show_status

    return show_status(start=start, as_json=json)


def why(
    app: str | None = None,
    /,
    *,
    history: int = 20,
    start: Annotated[bool, _Flag] = False,
    json: Annotated[bool, _Flag] = False,
) -> Exit:
    """Say why a program is as loud as it is.

    For each stream: who lowers or pauses it, since when, under which rule,
    and what happened before.

    Args:
        app: The name of an app or program, or a process; all of them if not given.
        history: How many of the last decisions to show.
        start: Start the service if it is not running.
        json: Print it as JSON.
    """
    from .why import show_why

    return show_why(app, history=history, start=start, as_json=json)


def devices(*, json: Annotated[bool, _Flag] = False) -> Exit:
    """List the outputs and inputs of this machine.

    Args:
        json: Print them as JSON.
    """
    from .devices import show_devices

    return show_devices(as_json=json)


def monitor(*, json: Annotated[bool, _Flag] = False) -> Exit:
    """Show what the service decides, as it happens, until Ctrl-C.

    Args:
        json: Print JSON Lines: a status first, then every event.
    """
    from .monitor import monitor as watch

    return watch(as_json=json)


def reset(*, json: Annotated[bool, _Flag] = False) -> Exit:
    """Give everything back: no program stays lowered or silenced.

    Args:
        json: Print the status after it as JSON.
    """
    from .status import reset as give_back

    return give_back(as_json=json)


def doctor(*, json: Annotated[bool, _Flag] = False) -> Exit:
    """Say what the service needs here, and how to mend what is missing.

    Changes nothing. Ends with 1 when the service cannot work like this.

    Args:
        json: Print it as JSON.
    """
    from .doctor import run_doctor

    return run_doctor(as_json=json)


@service.command(name="run", help_epilogue="")
def service_run(*, idle_exit: Annotated[float | None, _Words] = None) -> Exit:
    """Run the service here, until Ctrl-C.

    Args:
        idle_exit: Leave after so many seconds without work; it stays if not given.
    """
    from .service import run_service

    return run_service(idle_exit_s=idle_exit)


@service.command(name="install", help_epilogue="")
def service_install(
    *, start: Annotated[bool, _OnOff] = True, json: Annotated[bool, _Flag] = False
) -> Exit:
    """Have the service start with your session, and on demand.

    Writes a systemd user unit and a D-Bus activation file. Files of those names
    that it did not write stay as they are.

    Args:
        start: Also start it now, where systemd runs the session.
        json: Print what was done as JSON.
    """
    from .service import install_service

    return install_service(start=start, as_json=json)


@service.command(name="uninstall", help_epilogue="")
def service_uninstall(*, json: Annotated[bool, _Flag] = False) -> Exit:
    """Stop the service, and remove what install wrote.

    Args:
        json: Print what was done as JSON.
    """
    from .service import uninstall_service

    return uninstall_service(as_json=json)


@service.command(name="stop", help_epilogue="")
def service_stop(*, json: Annotated[bool, _Flag] = False) -> Exit:
    """End the service if it runs. It gives everything back first.

    It starts again when an app asks for it.

    Args:
        json: Print whether there was one as JSON.
    """
    from .service import stop_service

    return stop_service(as_json=json)


service.command(status, name="status", help_epilogue="")

_COMMANDS = (
    (
        run,
        """Recipes:

  music, speech, navigation_prompt, voice_call, voice_assistant, alarm,
  notification, game, screen_reader, recording

Examples:

  audiosession run -- mpv --no-video song.flac
  audiosession run --recipe speech -- mpv --no-video podcast.mp3
  audiosession run --recipe alarm --app "Tea" -- paplay gong.wav""",
    ),
    (
        duck,
        """Examples:

  audiosession duck -- espeak-ng "turn left"
  audiosession duck --no-wait -- paplay ping.wav""",
    ),
    (
        status,
        """Examples:

  audiosession status
  audiosession status --json | jq '.streams[].factor_db'""",
    ),
    (
        why,
        """Examples:

  audiosession why
  audiosession why mpv""",
    ),
    (devices, ""),
    (
        monitor,
        """Examples:

  audiosession monitor
  audiosession monitor --json | jq 'select(.type == "decided")'""",
    ),
    (reset, ""),
    (
        doctor,
        """Examples:

  audiosession doctor
  audiosession doctor --json | jq '.findings[] | select(.state != "ok")'""",
    ),
)

__all__ = ["add_to"]
