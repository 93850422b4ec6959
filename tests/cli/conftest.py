"""Runs the command in the test's own process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from audiosession.cli import main

SCENARIO = """\
title = "A prompt over music"

[[app]]
id = "music"
name = "Music"
recipe = "music"

[[app]]
id = "navigator"
name = "Navigator"
recipe = "navigation_prompt"

[[step]]
at = 1.0
app = "music"
do = "play"
note = "until it is stopped"

[[step]]
at = 3.0
app = "navigator"
do = "say"
seconds = 2.0

[[expect]]
at = 4.0
app = "music"
standing = "ducked"
gain_db = -14.0

[[expect]]
at = 7.0
app = "music"
standing = "active"
gain_db = 0.0
"""


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    status: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # What a service of this user left behind is nothing to a test.
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "no-state"))
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "LINES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Calls ``main`` with arguments; nothing printed before counts."""

    def call(*argv: str | Path) -> Done:
        capsys.readouterr()
        status = main([str(word) for word in argv])
        printed = capsys.readouterr()
        return Done(status, printed.out, printed.err)

    return call


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """A scenario of two apps without audio files, whose two expectations hold."""
    path = tmp_path / "prompt.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


@pytest.fixture
def failing(tmp_path: Path) -> Path:
    """The same with one expectation that does not hold, at line 25 of the file."""
    path = tmp_path / "failing.toml"
    path.write_text(SCENARIO.replace("gain_db = -14.0", "gain_db = -20.0"), encoding="utf-8")
    return path
