"""The command as a whole: help, version, wrong words, and how it ends."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import audiosession
from audiosession import cli
from audiosession.cli import main

from .conftest import Run

COMMANDS = (
    ("simulate",),
    ("demo",),
    ("policy",),
    ("policy", "list"),
    ("policy", "show"),
    ("policy", "check"),
    ("profiles",),
    ("actions",),
)


def start(*argv: str | Path, **options: object) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    return python("-m", "audiosession", *map(str, argv), **options)


def python(*argv: str, **options: object) -> subprocess.Popen[str]:
    """A Python that finds the package."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [sys.executable, *argv],
        **{"text": True, "env": environment, "stderr": subprocess.PIPE, **options},
    )


def test_version(run: Run) -> None:
    done = run("--version")
    assert (done.status, done.out) == (0, f"audiosession {audiosession.__version__}\n")


def test_without_a_command_there_is_help(run: Run) -> None:
    done = run()
    assert done.status == 0
    for words in COMMANDS:
        assert words[0] in done.out


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_a_summary_and_help(run: Run, words: tuple[str, ...]) -> None:
    done = run(*words, "--help")
    assert done.status == 0
    usage, _, rest = done.out.partition("\n")
    assert usage.startswith(f"Usage: audiosession {' '.join(words)}")
    assert len(rest.strip().splitlines()[0]) > 20
    assert "\x1b" not in done.out


@pytest.mark.parametrize(
    "words", [c for c in COMMANDS if c[-1] not in ("list", "profiles", "actions")]
)
def test_help_has_examples(run: Run, words: tuple[str, ...]) -> None:
    assert f"\n  audiosession {words[0]}" in run(*words, "--help").out.partition("Examples:")[2]


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("simulat", "x"), 'Did you mean "simulate"?'),
        (("simulate", "x", "--jsn"), "Did you mean --json?"),
        (("simulate",), "FILE requires an argument"),
        (("policy", "show", "--cell", "call"), "--cell requires 2"),
    ],
)
def test_wrong_words_get_help_and_status_2(run: Run, argv: tuple[str, ...], words: str) -> None:
    done = run(*argv)
    assert (done.status, done.out) == (2, "")
    assert words in done.err
    assert "--help" in done.err.splitlines()[-1]


def test_without_arguments_main_takes_those_of_the_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["audiosession", "--version"])
    assert main() == 0
    assert capsys.readouterr().out.startswith("audiosession ")


@pytest.mark.parametrize("name", ["cyclopts", "rich"])
def test_a_missing_extra_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    done = run("--version")
    assert (done.status, done.out) == (3, "")
    assert "pip install 'audiosession[cli]'" in done.err


def test_without_the_audio_extra_a_rendering_says_what_to_install(scenario: Path) -> None:
    program = (
        "import sys\n"
        "for name in ('numpy', 'soundfile', 'soxr'):\n"
        "    sys.modules[name] = None\n"
        "from audiosession.cli import main\n"
        "assert main([sys.argv[1], sys.argv[2], '--quiet']) == 0\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    wav = scenario.with_name("out.wav")
    argv = [sys.executable, "-c", program, "simulate", str(scenario), "--wav", str(wav)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(argv, capture_output=True, text=True, env=environment)
    assert done.returncode == 3
    assert "pip install 'audiosession[audio]'" in done.stderr
    assert not wav.exists()


def test_ctrl_c_ends_with_130_and_no_traceback(
    run: Run, monkeypatch: pytest.MonkeyPatch, scenario: Path
) -> None:
    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("audiosession.cli.running.run_scenario", interrupted)
    done = run("simulate", scenario)
    assert (done.status, done.err) == (130, "audiosession: interrupted\n")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_in_real_time_ends_at_once(scenario: Path) -> None:
    # A child of a shell's background job inherits that the signal is ignored.
    program = (
        "import signal, sys\n"
        "from audiosession.cli import main\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.exit(main())\n"
    )
    arguments = ["-c", program, "simulate", str(scenario), "--real-time"]
    with python(*arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert "configures" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "audiosession: interrupted\n")


def test_a_fault_of_the_program_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(argv: list[str]) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(cli, "_run", faulty)
    with pytest.raises(RuntimeError, match="a fault"):
        main([])


@pytest.mark.parametrize(
    "words", ["simulate {}", "simulate {} --json", "policy show", "profiles --json", "--help"]
)
@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_pipe_that_nobody_reads_is_no_traceback(scenario: Path, words: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with start(*words.format(scenario).split(), stdout=writing) as process:
        os.close(writing)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (141, "")


@pytest.mark.parametrize(
    "words", ["simulate {}", "simulate none.toml", "simulat", "policy show appel"]
)
@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_nor_is_one_that_takes_the_messages_too(scenario: Path, words: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with start(*words.format(scenario).split(), stdout=writing, stderr=writing) as process:
        os.close(writing)
        assert process.wait(timeout=30) == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_a_message(scenario: Path) -> None:
    with open("/dev/full", "w") as full, start("simulate", scenario, stdout=full) as process:
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (2, "audiosession: No space left on device\n")


@pytest.mark.parametrize("words", ["simulate {}", "simulate {} --json", "policy list", "--version"])
def test_without_standard_output_nothing_breaks(
    monkeypatch: pytest.MonkeyPatch, scenario: Path, words: str
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert main(words.format(scenario).split()) == 0


def test_a_terminal_without_unicode_gets_ascii(
    monkeypatch: pytest.MonkeyPatch, scenario: Path
) -> None:
    raw = io.BytesIO()
    scenario.write_text(scenario.read_text("utf-8").replace('"Music"', '"Müsic"'), "utf-8")
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    assert main(["simulate", str(scenario)]) == 0
    assert b"M?sic" in raw.getvalue()
