"""What is said of a text that is no TOML, and where in a text things stand."""

from __future__ import annotations

import tomllib

import pytest

from audiosession._toml_lines import Lines, not_toml


def problem(text: str) -> tuple[str, int | None]:
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        return not_toml(error, text)
    raise AssertionError("it is TOML")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = ", 1),
        ("a = [1,\n2", 2),
        ("a = [1,\n2\n", 2),
        ("a = [1,\r\n2,\r\n", 2),
        ("a = 1\n[b]\nc = [\n\n  \n", 3),
        ("# next\x85line\u2028s\na = [", 2),
        ('a = """x\ny\n', 2),
    ],
)
def test_a_text_that_ends_too_early_is_named_with_its_last_line(text: str, line: int) -> None:
    words, found = problem(text)
    assert found == line
    assert words.startswith("is not TOML: ")
    assert words.endswith(f" (at line {line}, the end of the document)")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1\nb = \n", ("is not TOML: Invalid value (at line 2, column 5)", 2)),
        ("a = " + "[" * 100_000, ("is not TOML: it is nested too deeply", None)),
    ],
)
def test_a_fault_before_the_end_keeps_the_line_it_has(
    text: str, expected: tuple[str, int | None]
) -> None:
    assert problem(text) == expected


def test_a_number_too_long_for_python_is_a_fault_of_the_text() -> None:
    words, line = problem("a = " + "1" * 10_000)
    assert words.startswith("is not TOML: ")
    assert line is None


def test_only_a_line_feed_ends_a_line() -> None:
    lines = Lines("# next\x85line\u2028s\r\n[b]\r\nc = 1\r\n")
    assert (lines.of("b"), lines.of("b", 0, "c")) == (2, 3)
