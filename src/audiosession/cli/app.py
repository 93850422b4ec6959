"""The commands and their arguments."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter

from .._version import __version__
from ..errors import IllegalRequestError, ScenarioError
from .exits import Exit
from .linux import add_to
from .terminal import Terminal

_NAME = "audiosession"
_Flag = Parameter(show_default=False)
_CLOSE = 0.8
"""How alike two file names are (0 to 1) when one may be meant for the other."""

app = App(
    name=_NAME,
    help="Audio sessions: an app says what its audio is for, the system decides who sounds, "
    "who is lowered and who pauses.",
    help_epilogue="""Examples:

  audiosession demo
  audiosession simulate day.toml --wav day.wav --svg day.svg
  audiosession policy show
  audiosession duck -- espeak-ng "turn left"
  audiosession why mpv
  audiosession record memo.flac

Exit status:

    0  all went well
    1  an expectation or a check did not hold, or a recording ended early
    2  something given cannot be used
    3  an optional package is missing
    4  the service is not running
  125  run, duck: the program was not started
  126  run, duck: the program cannot be run
  127  run, duck: the program was not found
  130  ended by Ctrl-C; record ends well by it

run and duck otherwise end with the program's own status.""",
    help_format="plaintext",
    default_parameter=Parameter(negative=()),
    version=f"{_NAME} {__version__}",
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)
policy = App(
    name="policy",
    help="Show and check policies: the tables of who interrupts whom.",
    help_epilogue="""Examples:

  audiosession policy list
  audiosession policy show apple
  audiosession policy check my-policy.toml""",
)
add_to(app)
app.command(policy)


def run(argv: list[str]) -> int:
    """Runs the command that the arguments ask for, and returns its exit status.

    Raises:
        IllegalRequestError: there is no such command or option, or one lacks its value.
        AudioSessionError, OSError: as the command says.
    """
    terminal = Terminal.here()
    app.help_formatter = "default" if terminal.unicode else "plain"
    try:
        status = app(
            argv,
            console=terminal.out,
            error_console=terminal.err,
            print_error=False,
            exit_on_error=False,
        )
    except CycloptsError as error:
        words = [_NAME, *(error.command_chain or ())]
        message = str(error).rstrip()
        raise IllegalRequestError(f"{message}\nSee: {' '.join(words)} --help") from error
    return status if isinstance(status, int) else Exit.OK


@app.command(
    help_epilogue="""Examples:

  audiosession simulate day.toml
  audiosession simulate day.toml --wav day.wav --svg day.svg
  audiosession simulate day.toml --json | jq 'select(.kind == "heard")'
  audiosession simulate day.toml --quiet && echo all expectations hold"""
)
def simulate(
    file: Path,
    /,
    *,
    json: Annotated[bool, _Flag] = False,
    wav: Path | None = None,
    svg: Path | None = None,
    stems: Path | None = None,
    real_time: Annotated[bool, _Flag] = False,
    quiet: Annotated[bool, _Flag] = False,
) -> Exit:
    """Run a scenario file: a device, apps, and what happens to them.

    Prints each thing as it happens, then a timeline, then which expectations failed.

    Args:
        file: The scenario, a TOML file.
        json: Print JSON Lines and nothing else: every decision, event and level change.
        wav: Write what a person at the device hears.
        svg: Write a picture of who sounded, was lowered or paused.
        stems: Write one WAV file per app to this folder.
        real_time: Run as slow as life rather than as fast as possible.
        quiet: Print only what went wrong.
    """
    from ..scenario import read_scenario
    from .outputs import Outputs
    from .running import perform

    _check_exists(file)
    return perform(
        read_scenario(file),
        outputs=Outputs(wav=wav, svg=svg, stems=stems),
        as_json=json,
        quiet=quiet,
        real_time=real_time,
    )


@app.command(
    help_epilogue="""Examples:

  audiosession demo
  audiosession demo --music song.flac --out /tmp/demo
  audiosession demo --real-time"""
)
def demo(
    *,
    music: Path | None = None,
    podcast: Path | None = None,
    out: Path = Path("audiosession-demo"),
    real_time: Annotated[bool, _Flag] = False,
    json: Annotated[bool, _Flag] = False,
) -> Exit:
    """Play a day in the life of five apps, to hear and to look at.

    Music, a podcast, a navigator, a screen reader, a phone call and a pulled headphone plug
    on a simulated phone. Writes the sound, a picture and all events, and measures in the
    sound how far the music was lowered.

    Args:
        music: A WAV, FLAC or OGG file of your own for the music app.
        podcast: A file of your own for the podcast app.
        out: The folder to write to.
        real_time: Run as slow as life; it takes 66 seconds.
        json: Print JSON Lines and nothing else.
    """
    from .demo import run_demo

    return run_demo(music=music, podcast=podcast, out=out, real_time=real_time, as_json=json)


@policy.command(name="list", help_epilogue="")
def policy_list(*, json: Annotated[bool, _Flag] = False) -> Exit:
    """List the policies that ship.

    Args:
        json: Print them as JSON.
    """
    from .policies import show_list

    return show_list(as_json=json)


@policy.command(
    name="show",
    help_epilogue="""Examples:

  audiosession policy show
  audiosession policy show apple
  audiosession policy show --cell long-form ducker
  audiosession policy show my-policy.toml --json""",
)
def policy_show(
    name: str = "default",
    /,
    *,
    cell: tuple[str, str] | None = None,
    json: Annotated[bool, _Flag] = False,
) -> Exit:
    """Show a policy: what comes of who asks (columns) meeting who sounds (rows).

    Args:
        name: A policy that ships, or a TOML file.
        cell: Show one pair only, who sounds and who asks, with rule and reason.
        json: Print it as JSON.
    """
    from .policies import show

    return show(name, cell=cell, as_json=json)


@policy.command(
    name="check",
    help_epilogue="""Examples:

  audiosession policy check my-policy.toml
  audiosession policy check my-policy.toml --walk
  audiosession policy check default --walk""",
)
def policy_check(name: str, /, *, walk: Annotated[bool, _Flag] = False) -> Exit:
    """Check a policy: no pair missing, emergencies safe, a way back from all.

    Args:
        name: A TOML file, or a policy that ships.
        walk: Also play every pair of claims, and see that each is let go.
    """
    from .policies import check

    return check(name, walk=walk)


@app.command(
    help_epilogue="""Examples:

  audiosession record memo.flac
  audiosession record talk.mkv --camera --duration 600
  audiosession record song.wav --mix
  audiosession record test.mkv --camera --from "Tone with clicks" --from "Test pattern"
  audiosession record memo.wav --json | jq 'select(.type == "finished")'"""
)
def record(
    out: Path,
    /,
    *,
    camera: Annotated[bool, _Flag] = False,
    mix: Annotated[bool, _Flag] = False,
    duration: Annotated[float | None, _Flag] = None,
    from_: Annotated[tuple[str, ...], Parameter(name="--from", show_default=False)] = (),
    json: Annotated[bool, _Flag] = False,
) -> Exit:
    """Record the microphone to a file, until Ctrl-C, with a level meter.

    What else plays pauses meanwhile, and goes on afterwards. The file is whole
    whatever ends the recording; after a crash it lacks the last two seconds at most.

    Args:
        out: The new file: .wav, .flac, .ogg, .m4a, .mka, .mkv, .mp4, .mov or .webm.
        camera: Record a camera too, to .mkv, .mp4, .mov or .webm.
        mix: Let others go on sounding.
        duration: End by itself after so many seconds.
        from_: A microphone or camera by its name or id, instead of the usual one.
        json: Print JSON Lines: what is recorded, how loud it is, and how it ended.
    """
    from .record import Wanted
    from .record import record as record_to

    wanted = Wanted(out=out, camera=camera, mix=mix, duration_s=duration, sources=from_)
    return record_to(wanted, as_json=json)


@app.command(help_epilogue="")
def profiles(*, json: Annotated[bool, _Flag] = False) -> Exit:
    """List the devices that can be simulated, and what can be plugged in.

    Args:
        json: Print them as JSON.
    """
    from .lists import show_profiles

    return show_profiles(as_json=json)


@app.command(help_epilogue="")
def actions(*, json: Annotated[bool, _Flag] = False) -> Exit:
    """List what a step of a scenario can do, with its arguments.

    Args:
        json: Print them as JSON.
    """
    from .lists import show_actions

    return show_actions(as_json=json)


def _check_exists(file: Path) -> None:
    """Raises an error that helps when a scenario's name is mistyped."""
    if file.exists():
        return
    folder = file.parent
    near = [path.name for path in folder.glob("*.toml")] if folder.is_dir() else []
    close = difflib.get_close_matches(file.name, near, n=1, cutoff=_CLOSE)
    hint = f"; did you mean {str(folder / close[0])!r}?" if close else ""
    raise ScenarioError(f"there is no such file{hint}", file)
