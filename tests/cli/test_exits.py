"""Every error has an exit status and a message, and they are decided in one place."""

import errno
from collections.abc import Iterator
from operator import attrgetter

import pytest

from audiosession import errors
from audiosession.cli.exits import STATUSES, Exit, message, report, status_of
from audiosession.errors import (
    AudioFileError,
    AudioFileReason,
    AudioSessionError,
    ExtraMissingError,
    PolicyError,
    ScenarioError,
    UnsupportedError,
)
from audiosession.pipewire.errors import RemoteError


def all_below(kind: type[AudioSessionError]) -> Iterator[type[AudioSessionError]]:
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield below
            yield from all_below(below)


@pytest.mark.parametrize("kind", sorted(all_below(AudioSessionError), key=attrgetter("__name__")))
def test_every_error_of_the_tree_has_a_status(kind: type[AudioSessionError]) -> None:
    expected = Exit.EXTRA_MISSING if kind is ExtraMissingError else Exit.BAD_INPUT
    assert status_of(kind.__new__(kind)) is expected


def test_every_branch_of_the_tree_is_named_in_the_table() -> None:
    branches = {
        kind for kind in AudioSessionError.__subclasses__() if kind.__module__ == errors.__name__
    }
    assert branches <= set(STATUSES)


def test_an_error_of_another_module_has_a_status_and_a_message() -> None:
    error = RemoteError("node 42", 13, "no")
    assert status_of(error) is Exit.BAD_INPUT
    assert message(error).startswith("audiosession: node 42: no")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(), 141),
        (PermissionError(errno.EACCES, "Permission denied", "a.wav"), 2),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "a.wav"), 2),
    ],
)
def test_errors_of_the_system_have_a_status(error: BaseException, status: int) -> None:
    assert status_of(error) == status


@pytest.mark.parametrize(
    "error", [RuntimeError("x"), ValueError("x"), AssertionError(), TypeError()]
)
def test_a_fault_of_the_program_has_none(error: Exception) -> None:
    assert status_of(error) is None


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ScenarioError("no such app", "day.toml", 12), "day.toml:12: no such app"),
        (ScenarioError("no such app"), "audiosession: no such app"),
        (
            AudioFileError("song.wav", AudioFileReason.EMPTY),
            "audiosession: song.wav: the file holds no audio",
        ),
        (
            PolicyError(["a is odd"], "p.toml"),
            "audiosession: policy p.toml has 1 problem:\n  a is odd",
        ),
        (
            OSError(errno.ENOSPC, "No space left on device", "out.wav"),
            "audiosession: out.wav: No space left on device",
        ),
        (OSError(errno.ENOSPC, "No space left on device"), "audiosession: No space left on device"),
        (KeyboardInterrupt(), "audiosession: interrupted"),
        (BrokenPipeError(), ""),
        (
            UnsupportedError("telephony", "simulated"),
            "audiosession: telephony is not supported by this host (simulated)",
        ),
    ],
)
def test_message(error: BaseException, text: str) -> None:
    assert message(error) == text


def test_report_survives_a_name_of_broken_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    report(ScenarioError("no such file", b"\xff.toml".decode("utf-8", "surrogateescape")))
    assert capsys.readouterr().err == "\\udcff.toml: no such file\n"


def test_report_of_a_broken_pipe_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    report(BrokenPipeError())
    assert capsys.readouterr().err == ""
