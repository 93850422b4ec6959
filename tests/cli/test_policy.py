"""``audiosession policy``: the list, the table, one cell, and checking one's own."""

import json
import os
import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

from audiosession.cli.policies import _SIGNS
from audiosession.core.policy import Outcome
from audiosession.policies import POLICIES, load_policy

from .conftest import Run

Edit = Callable[[str, str], Path]


@pytest.fixture
def own(tmp_path: Path) -> Edit:
    """Makes a policy file that is a copy of the Android one, with one text in place of another."""

    def make(before: str = "", after: str = "") -> Path:
        text = resources.files("audiosession.policies").joinpath("android.toml").read_text("utf-8")
        assert before in text
        path = tmp_path / "own.toml"
        path.write_text(text.replace(before, after, 1), "utf-8")
        return path

    return make


def test_list_names_every_policy(run: Run) -> None:
    done = run("policy", "list")
    assert done.status == 0
    for name in POLICIES:
        assert load_policy(name).title.split(":")[0] in done.out
    assert [line.split("|")[0].strip() for line in done.out.splitlines()[2:] if line[1] != " "] == [
        *POLICIES
    ]


def test_list_as_json(run: Run) -> None:
    listed = json.loads(run("policy", "list", "--json").out)
    assert [entry["name"] for entry in listed] == [*POLICIES]
    assert listed[0]["discipline"] == "holds"


def signs_of(text: str) -> dict[str, list[str]]:
    """The signs in the rows of a table that may come in several parts, without numbers."""
    rows: dict[str, list[str]] = {}
    for part in re.split(r"^ *who sounds *\|", text, flags=re.MULTILINE)[1:]:
        head, _, *lines = part.partition("\n\n")[0].splitlines()
        columns = sum(bool(re.fullmatch("[a-z]+", cell.strip())) for cell in head.split("|"))
        for line in lines:
            name, *cells = line.split("|")
            signs = [cell.strip()[:1] for cell in cells[:columns]]
            rows.setdefault(name.strip(), []).extend(signs)
    return rows


@pytest.mark.parametrize("name", POLICIES)
def test_a_narrow_terminal_gets_the_same_signs_in_parts(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    wide = run("policy", "show", name).out
    monkeypatch.setenv("COLUMNS", "40")
    narrow = run("policy", "show", name).out
    assert signs_of(narrow) == signs_of(wide)
    assert max(map(len, narrow.splitlines())) <= 40


@pytest.mark.parametrize("words", [("policy", "list"), ("profiles",), ("actions",)])
def test_a_narrow_terminal_cuts_no_word(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\N{HORIZONTAL ELLIPSIS}" not in run(*words).out


@pytest.mark.parametrize("name", POLICIES)
def test_show_has_a_sign_in_every_cell(run: Run, name: str) -> None:
    policy = load_policy(name)
    done = run("policy", "show", name)
    assert (done.status, done.err) == (0, "")
    assert done.out.isascii()
    rows = signs_of(done.out)
    assert list(rows) == [rule.name for rule in policy.holders]
    for holder, signs in rows.items():
        outcomes = [policy.cells[holder, rule.name].outcome for rule in policy.newcomers]
        assert signs == [_SIGNS[outcome][1] for outcome in outcomes]


@pytest.mark.parametrize("name", POLICIES)
def test_show_explains_the_signs_it_uses(run: Run, name: str) -> None:
    legend = run("policy", "show", name).out.rpartition("\n\n")[2]
    for outcome in {cell.outcome for cell in load_policy(name).cells.values()}:
        assert f"{outcome.value}: " in legend


def test_every_outcome_has_signs_of_its_own() -> None:
    assert set(_SIGNS) == set(Outcome)
    for column in (0, 1):
        assert len({sign[column] for sign in _SIGNS.values()}) == len(Outcome)


def test_show_gives_levels_apart_a_mark_apart(run: Run) -> None:
    legend = run("policy", "show", "android").out.rpartition("\n\n")[2]
    assert " v  duck holder: who sounds is lowered, to -14 dB" in legend
    assert " v1 duck holder: who sounds is lowered, to -35 dB" in legend


def test_show_without_a_name_shows_the_default(run: Run) -> None:
    assert run("policy", "show").out == run("policy", "show", "default").out


@pytest.mark.parametrize("columns", ["80", "140"])
def test_show_fits_the_terminal(run: Run, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    for name in POLICIES:
        lines = run("policy", "show", name).out.replace("\x1b[1m", "").replace("\x1b[0m", "")
        lines = lines.replace("\x1b[2m", "").replace("\x1b[1;2m", "")
        assert "\x1b" not in lines
        assert max(map(len, lines.splitlines())) <= int(columns)


def test_show_in_a_terminal_has_colour(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[33m\N{BLACK DOWN-POINTING TRIANGLE}" in run("policy", "show").out


def test_show_as_json_is_the_whole_policy(run: Run) -> None:
    policy = load_policy("default")
    shown = json.loads(run("policy", "show", "--json").out)
    assert len(shown["cells"]) == len(policy.cells)
    assert shown["settings"]["levels_db"]["duck"] == -14.0
    assert [entry["name"] for entry in shown["newcomers"]] == [r.name for r in policy.newcomers]
    assert shown["holders"][0]["when"] == {"role": ["emergency", "safety"]}


def test_show_takes_a_file(run: Run, own: Edit) -> None:
    path = own('title = "Android: audio focus"', 'title = "My own"')
    done = run("policy", "show", path)
    assert done.status == 0
    assert done.out.startswith("My own\n")


def test_cell_gives_outcome_rule_and_reason(run: Run) -> None:
    cell = load_policy("default").cells["long-form", "ducker"]
    done = run("policy", "show", "--cell", "long-form", "ducker")
    assert done.status == 0
    assert [" ".join(line.split()) for line in done.out.splitlines()] == [
        "long-form sounds, ducker asks",
        "outcome duck holder, to -14 dB",
        f"rule {cell.rule}",
        f"because {cell.because}",
    ]


def test_cell_as_json(run: Run) -> None:
    shown = json.loads(run("policy", "show", "--cell", "call", "long-form", "--json").out)
    assert (shown["outcome"], shown["otherwise"]) == ("delay newcomer", "duck newcomer")
    assert shown["level_db"] == -35.0


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("--cell", "cal", "ducker"), "no holder class 'cal'; did you mean 'call'?"),
        (("--cell", "call", "qqq"), "no newcomer class 'qqq'; there are: emergency; "),
        (("appel",), "no policy is called 'appel'; did you mean 'apple'?"),
        (("none/at/all.toml",), "there is no such file"),
        (("my/appel.toml",), "there is no such file; a policy that ships is called 'apple'"),
    ],
)
def test_names_that_nothing_bears_are_messages(run: Run, argv: tuple[str, ...], words: str) -> None:
    done = run("policy", "show", *argv)
    assert (done.status, done.out) == (2, "")
    assert words in done.err


def test_check_accepts_a_sound_policy(run: Run, own: Edit) -> None:
    path = own("", "")
    policy = load_policy("android")
    size = f"{len(policy.holders)} x {len(policy.newcomers)}"
    for options in ((), ("--walk",)):
        done = run("policy", "check", path, *options)
        assert (done.status, done.err) == (0, "")
        assert done.out.startswith(f"ok {path}: {size} classes, sound")


def test_a_file_of_rules_is_known_and_checked(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('[[rule]]\nbinary = "mpv"\nas = "music"\n')
    done = run("policy", "check", path)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"ok {path}: rules for unmodified apps, 1 rule, sound\n")
    assert "audiosession doctor" in done.out
    done = run("policy", "show", path)
    assert done.status == 2
    assert "it is a file of rules for unmodified apps, not a policy" in done.err
    path.write_text('[policy]\nname = "andriod"\n')
    done = run("policy", "check", path)
    assert done.status == 2
    assert "line 2" in done.err
    assert "'android'" in done.err


def test_check_takes_the_name_of_a_policy_that_ships(run: Run) -> None:
    done = run("policy", "check", "android", "--walk")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("ok android: ")
    done = run("policy", "check", "andriod")
    assert (done.status, done.out) == (2, "")
    assert "no policy is called 'andriod'; did you mean 'android' or 'android-car'?" in done.err


@pytest.mark.parametrize("verb", ["check", "show"])
def test_a_pipe_is_refused_and_not_waited_for(run: Run, tmp_path: Path, verb: str) -> None:
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    done = run("policy", verb, pipe)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"audiosession: policy {pipe} has 1 problem:\n  cannot be read: ")
    assert "not a regular file" in done.err


def test_check_lists_every_problem(run: Run, own: Edit) -> None:
    path = own('discipline = "stack"', 'discipline = "stack"\nduck_by = 3')
    text = path.read_text("utf-8").replace("duck = -14.0", "duck = 14.0", 1)
    path.write_text(text, "utf-8")
    done = run("policy", "check", path)
    assert (done.status, done.out) == (2, "")
    assert done.err.splitlines()[0] == f"audiosession: policy {path} has 2 problems:"
    assert "levels.duck must not be above 0 dB" in done.err
    assert "settings.duck_by" in done.err


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("duck = -14.0\n", "", "levels.duck is missing"),
        (
            'discipline = "stack"',
            'discipline = "stak"',
            "settings.discipline must be one of holds, stack, matrix",
        ),
    ],
)
def test_check_names_the_root_of_what_follows_from_it_alone(
    run: Run, own: Edit, before: str, after: str, problem: str
) -> None:
    path = own(before, after)
    done = run("policy", "check", path)
    assert (done.status, done.out) == (2, "")
    assert done.err == f"audiosession: policy {path} has 1 problem:\n  {problem}\n"


def test_check_shows_the_first_of_very_many_problems(run: Run, tmp_path: Path) -> None:
    text = resources.files("audiosession.policies").joinpath("default.toml").read_text("utf-8")
    path = tmp_path / "own.toml"
    path.write_text(text.replace('discipline = "holds"', 'discipline = "matrix"'), "utf-8")
    done = run("policy", "check", path)
    head, *problems, rest = done.err.splitlines()
    count = int(re.findall(r"has (\d+) problems:$", head)[0])
    assert len(problems) == 12
    assert all("has no meaning under the discipline 'matrix'" in line for line in problems)
    assert rest == f"  and {count - 12} more"


def test_check_reports_what_only_the_walk_finds(
    run: Run, own: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audiosession.cli.policies.walk_policy", lambda policy: ("a stays held",))
    path = own("", "")
    assert run("policy", "check", path).status == 0
    done = run("policy", "check", path, "--walk")
    assert (done.status, done.out) == (2, "")
    assert done.err == f"audiosession: policy {path} has 1 problem:\n  a stays held\n"


def test_check_needs_a_policy_file(run: Run, scenario: Path, tmp_path: Path) -> None:
    for path in (scenario, tmp_path / "none.toml", tmp_path):
        done = run("policy", "check", path)
        assert (done.status, done.out) == (2, "")
        assert done.err.startswith(f"audiosession: policy {path} has ")
