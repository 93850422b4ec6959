"""``run`` and ``duck`` on a simulated device: real programs, real signals, no sound server."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from audiosession import recipe
from audiosession.cli import access
from audiosession.core.effects import Standing
from audiosession.errors import HostUnavailableReason
from audiosession.hosts.base import ActivationRequest, ActivationResult, Outcome
from audiosession.hosts.simulated import SimulatedDevice
from audiosession.hosts.simulated.host import SimulatedHost, SimulatedSession

from .conftest import Run
from .service_kit import unavailable

DEADLINE_S = 50

pytestmark = pytest.mark.skipif(os.name == "nt", reason="programs and signals of POSIX")


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> SimulatedDevice:
    """The device on which ``run`` and ``duck`` open their sessions."""
    device = SimulatedDevice()
    monkeypatch.setattr(access, "make_host", lambda app: device.app(app).host)
    return device


def sounding(device: SimulatedDevice, name: str, kind: str) -> Any:
    """An app on the device that plays."""
    app = device.app(name)

    async def begin() -> None:
        await app.session.configure(recipe(kind))
        assert await app.session.set_active(True)

    asyncio.run(begin())
    return app


def seen_while_it_runs(monkeypatch: pytest.MonkeyPatch, look: Callable[[], object]) -> list[object]:
    """What ``look`` says at the moment the program is started."""
    seen: list[object] = []
    start = asyncio.create_subprocess_exec

    async def started(*argv: str, **options: Any) -> asyncio.subprocess.Process:
        seen.append(look())
        return await start(*argv, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", started)
    return seen


# -- the session ---------------------------------------------------------------------------------


def test_music_is_down_when_the_program_starts_and_back_when_it_ended(
    run: Run, device: SimulatedDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    music = sounding(device, "music", "music")
    music.player().play()
    seen = seen_while_it_runs(monkeypatch, lambda: music.player().level_db)
    done = run("duck", "--", "true")
    assert (done.status, done.out, done.err) == (0, "", "")
    assert seen == [pytest.approx(-14.0)]
    device.advance(1.0)
    assert music.gain_db == 0.0
    assert music.standing == Standing.ACTIVE.value


def test_a_podcast_pauses_for_it(
    run: Run, device: SimulatedDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    podcast = sounding(device, "podcast", "speech")
    seen = seen_while_it_runs(monkeypatch, lambda: podcast.standing)
    assert run("duck", "--", "true").status == 0
    assert seen == [Standing.INTERRUPTED.value]
    assert podcast.standing == Standing.ACTIVE.value


@pytest.mark.parametrize("app", [None, "Tea timer"])
def test_the_recipe_and_the_name_are_those_asked_for(
    run: Run, device: SimulatedDevice, monkeypatch: pytest.MonkeyPatch, app: str | None
) -> None:
    name = app or "true"
    roles = seen_while_it_runs(
        monkeypatch, lambda: device.arbiter.view(device.app(name).last_session).claim
    )
    named = () if app is None else ("--app", app)
    assert run("run", "--recipe", "alarm", *named, "--", "true").status == 0
    (claim,) = roles
    assert getattr(claim, "role").value == "alarm"  # noqa: B009


def test_the_session_ends_with_the_program(run: Run, device: SimulatedDevice) -> None:
    assert run("run", "--", "false").status == 1
    assert device.app("false").last_session not in device.arbiter.active
    assert not device.arbiter.is_open(device.app("false").last_session)


def test_an_unknown_recipe_is_refused(run: Run, device: SimulatedDevice) -> None:
    done = run("run", "--recipe", "musik", "--", "true")
    assert done.status == 2
    assert "did you mean 'music'?" in done.err


@pytest.mark.parametrize("command", ["run", "duck"])
def test_without_a_command_it_says_what_to_do(
    run: Run, device: SimulatedDevice, command: str
) -> None:
    done = run(command, "--")
    assert done.status == 2
    assert "behind --" in done.err


def test_a_refused_session_starts_nothing(
    run: Run, device: SimulatedDevice, tmp_path: Path
) -> None:
    device.incoming_call("the office").accept()
    mark = tmp_path / "mark"
    done = run("run", "--recipe", "recording", "--", "touch", mark)
    assert done.status == 125
    assert "session 'touch' is refused" in done.err
    assert not mark.exists()
    assert not device.arbiter.is_open(device.app("touch").last_session)


def test_a_service_that_is_not_there_starts_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Gone(SimulatedHost):
        async def open_session(self, events: object) -> SimulatedSession:
            raise unavailable(HostUnavailableReason.NO_SERVICE)

    monkeypatch.setattr(access, "make_host", lambda app: Gone(SimulatedDevice().app(app)))
    mark = tmp_path / "mark"
    done = run("duck", "--", "touch", mark)
    assert done.status == 125
    assert "the audio session service is not running" in done.err
    assert not mark.exists()


def test_a_service_that_dies_meanwhile_does_not_change_how_the_program_ends(
    run: Run, device: SimulatedDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(self: object, **_: object) -> bool:
        raise unavailable(HostUnavailableReason.CONNECTION_LOST)

    monkeypatch.setattr(SimulatedSession, "deactivate", gone)
    done = run("duck", "--", "sh", "-c", "exit 7")
    assert done.status == 7
    assert "lost" in done.err


def test_what_has_to_wait_is_refused_when_it_may_not(
    run: Run, device: SimulatedDevice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    delay(monkeypatch, None)
    mark = tmp_path / "mark"
    done = run("duck", "--no-wait", "--", "touch", mark)
    assert done.status == 125
    assert not mark.exists()


def test_what_has_to_wait_starts_when_its_turn_comes(
    run: Run, device: SimulatedDevice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    delay(monkeypatch, lambda session: session.events.gained_claim())
    mark = tmp_path / "mark"
    assert run("duck", "--", "touch", mark).status == 0
    assert mark.exists()


def delay(
    monkeypatch: pytest.MonkeyPatch, later: Callable[[SimulatedSession], None] | None
) -> None:
    async def delayed(self: SimulatedSession, request: ActivationRequest) -> ActivationResult:
        if later is not None:
            asyncio.get_running_loop().call_soon(later, self)
        return ActivationResult(outcome=Outcome.DELAYED, rule="its turn", holder="call")

    monkeypatch.setattr(SimulatedSession, "activate", delayed)


# -- the program ---------------------------------------------------------------------------------


def test_no_shell_sees_the_arguments(run: Run, device: SimulatedDevice, tmp_path: Path) -> None:
    said = tmp_path / "said"
    words = ["$(touch x)", "; touch y", "a  b", "*", "--recipe", "-v", ""]
    program = "import sys; open(sys.argv[1], 'w').write(repr(sys.argv[2:]))"
    done = run("run", "--", sys.executable, "-c", program, said, *words)
    assert (done.status, done.err) == (0, "")
    assert said.read_text() == repr(words)


def test_options_without_dashes_before_them_go_to_the_program(
    run: Run, device: SimulatedDevice
) -> None:
    done = run("duck", "sh", "-c", "exit 3")
    assert done.status == 2
    assert "-c" in done.err


@pytest.mark.parametrize(
    ("code", "status"), [("exit 3", 3), ("kill -TERM $$", 143), ("kill -KILL $$", 137)]
)
def test_its_status_is_the_commands(
    run: Run, device: SimulatedDevice, code: str, status: int
) -> None:
    assert run("run", "--", "sh", "-c", code).status == status


def test_a_command_that_is_not_there_activates_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(access, "make_host", lambda app: pytest.fail("a session was opened"))
    done = run("duck", "--", "no-such-program")
    assert (done.status, done.err) == (127, "audiosession: no-such-program: command not found\n")
    assert run("duck", "--", tmp_path / "nothing").status == 127
    text = tmp_path / "text"
    text.write_text("no program")
    done = run("duck", "--", text)
    assert (done.status, done.err) == (126, f"audiosession: {text}: may not be run\n")
    assert run("duck", "--", tmp_path).status == 126


def test_a_program_that_the_system_cannot_run(
    run: Run, device: SimulatedDevice, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF nonsense")
    broken.chmod(0o755)
    done = run("duck", "--", broken)
    assert done.status == 126
    assert str(broken) in done.err


def test_the_program_gets_the_environment_of_the_session(
    run: Run, device: SimulatedDevice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    monkeypatch.setattr(
        SimulatedSession,
        "environment",
        lambda self: {"PULSE_PROP": "audiosession.id=token"},
        raising=False,
    )
    monkeypatch.setenv("KEPT", "yes")
    program = (
        "import os,sys; open(sys.argv[1], 'w').write(os.environ['PULSE_PROP'] + os.environ['KEPT'])"
    )
    assert run("run", "--", sys.executable, "-c", program, said).status == 0
    assert said.read_text() == "audiosession.id=tokenyes"


def test_an_error_while_it_runs_ends_it_too(
    device: SimulatedDevice, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    processes: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def started(*argv: str, **options: Any) -> asyncio.subprocess.Process:
        process = await start(*argv, **options)
        processes.append(process)
        wait = process.wait

        async def failing() -> int:
            process.wait = wait  # type: ignore[method-assign]
            raise RuntimeError("a fault")

        process.wait = failing  # type: ignore[method-assign]
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", started)
    with pytest.raises(RuntimeError, match="a fault"):
        run("run", "--", "sleep", "1000")
    assert processes[0].returncode == -signal.SIGTERM
    assert not device.arbiter.is_open(device.app("sleep").last_session)


# -- in a process of its own ---------------------------------------------------------------------

MAIN = """
import signal, sys
from audiosession.cli import access, main
from audiosession.hosts.simulated import SimulatedDevice
from audiosession.hosts.simulated.host import SimulatedSession

signal.signal(signal.SIGINT, signal.default_int_handler)
device = SimulatedDevice.in_real_time()
access.make_host = lambda app: device.app(app).host
close = SimulatedSession.close

async def closed(self):
    await close(self)
    print("closed", file=sys.stderr, flush=True)

SimulatedSession.close = closed
sys.exit(main())
"""
CHILD = """
import signal, sys, time
def stop(number, frame):
    print("got", signal.Signals(number).name, flush=True)
    count.append(number)
count = []
for name in ("SIGINT", "SIGTERM", "SIGHUP"):
    signal.signal(getattr(signal, name), stop)
print("ready", flush=True)
deadline = time.monotonic() + 40
while not count and time.monotonic() < deadline:
    signal.sigtimedwait([], 0.05)
# A second one would come within this time.
signal.sigtimedwait([], 0.5)
sys.exit(40 + len(count))
"""


@contextmanager
def wrapped(*argv: str, main: str = MAIN, **options: Any) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    settings = {
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
        "env": environment,
        **options,
    }
    with subprocess.Popen([sys.executable, "-c", main, *argv], **settings) as process:
        try:
            yield process
        finally:
            process.kill()


def test_input_and_output_are_the_programs_own() -> None:
    with wrapped("run", "--", "cat") as process:
        out, err = process.communicate("through and through\n", timeout=DEADLINE_S)
    assert (process.returncode, out, err) == (0, "through and through\n", "closed\n")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signals_are_passed_on(name: str) -> None:
    with wrapped("run", "--", sys.executable, "-c", CHILD, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(getattr(signal, name))
        out, err = process.communicate(timeout=DEADLINE_S)
    assert (process.returncode, out, err) == (41, f"got {name}\n", "closed\n")


def test_ctrl_c_on_a_terminal_reaches_the_program_once() -> None:
    control, terminal = pty.openpty()
    try:
        options: dict[str, Any] = {"start_new_session": True, "stdin": terminal}
        # Python has no option for a controlling terminal; the first one opened becomes it.
        name = os.ttyname(terminal)
        main = f"import os; os.close(os.open({name!r}, os.O_RDWR))\n{MAIN}"
        with wrapped("run", "--", sys.executable, "-c", CHILD, main=main, **options) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            os.write(control, b"\x03")
            out, err = process.communicate(timeout=DEADLINE_S)
    finally:
        os.close(control)
        os.close(terminal)
    assert (process.returncode, out, err) == (41, "got SIGINT\n", "closed\n")


@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_before_the_program_started_ends_the_waiting(name: str, status: int) -> None:
    main = MAIN.replace(
        "close = SimulatedSession.close",
        "async def activate(self, request):\n"
        "    import asyncio\n"
        "    print('asked', flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "SimulatedSession.activate = activate\n"
        "close = SimulatedSession.close",
    )
    with wrapped("duck", "--", "echo", "started", main=main, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "asked\n"
        process.send_signal(getattr(signal, name))
        out, err = process.communicate(timeout=DEADLINE_S)
    assert (process.returncode, out) == (status, "")
    assert err.startswith("closed\n")
