"""What the documentation's pages show is what the code does."""

import json
import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

import audiosession
from audiosession.scenario import JsonLines, parse_scenario, read_scenario, run_scenario
from audiosession.scenario.timeline_svg import render_svg

REDRAW = "audiosession simulate src/audiosession/scenario/demo/day.toml --svg docs/_static/day.svg"
DOCS = Path(__file__).parents[2] / "docs"
FORMAT = (DOCS / "scenario-format.md").read_text("utf-8")
SCENARIOS = re.findall(r"^:caption: (\w+\.toml)\n\n(.*?)^```", FORMAT, flags=re.DOTALL | re.M)


def bundled_lines() -> list[dict[str, Any]]:
    """The JSON Lines of the bundled scenario."""
    with resources.as_file(resources.files("audiosession.scenario").joinpath("demo")) as folder:
        scenario = read_scenario(folder / "day.toml")
        lines: list[str] = []
        run_scenario(scenario, observers=[JsonLines(lines.append, scenario.policy.because)])
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def kinds() -> dict[str, str]:
    """Each documented kind of JSON line, and what the page says of its fields."""
    _, _, part = FORMAT.partition("## JSON Lines")
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", part, flags=re.MULTILINE)
    return dict(rows)


def test_picture_is_what_the_bundled_scenario_looks_like_now() -> None:
    with resources.as_file(resources.files("audiosession.scenario").joinpath("demo")) as folder:
        result = run_scenario(read_scenario(folder / "day.toml"))
    assert result.failures == ()
    committed = (DOCS / "_static" / "day.svg").read_text("utf-8")
    assert committed == render_svg(result.recording), REDRAW


def test_the_format_page_shows_scenarios() -> None:
    assert SCENARIOS


@pytest.mark.parametrize(("name", "text"), SCENARIOS)
def test_scenario_of_the_format_page_meets_its_expectations(name: str, text: str) -> None:
    result = run_scenario(parse_scenario(text))
    assert result.checked
    assert result.failures == ()


def test_every_json_line_has_the_documented_fields_and_no_other(kinds: dict[str, str]) -> None:
    seen = set()
    for line in bundled_lines():
        kind = line["kind"]
        seen.add(kind)
        fields = set(line) - {"at", "kind"}
        documented = set(re.findall(r"`(\w+)`", kinds[kind]))
        assert fields <= documented, line
    assert seen == set(kinds) - {"failure", "level", "end"}


def test_conformance_page_names_files_that_exist() -> None:
    page = (DOCS / "conformance.md").read_text("utf-8")
    files = set(re.findall(r"`(tests/[\w/]+\.py)`", page))
    assert files
    assert [file for file in files if not (DOCS.parent / file).exists()] == []


def test_every_page_is_in_a_table_of_contents() -> None:
    listed = set()
    for page in DOCS.rglob("*.md"):
        for tree in re.findall(r"^```\{toctree\}\n(.*?)^```", page.read_text("utf-8"), re.S | re.M):
            entries = (line for line in tree.splitlines() if line and not line.startswith(":"))
            listed |= {(page.parent / f"{entry}.md").resolve() for entry in entries}
    pages = {page.resolve() for page in DOCS.rglob("*.md") if "_build" not in page.parts}
    assert pages - listed == {(DOCS / "index.md").resolve()}


def data(name: str) -> dict[str, Any]:
    """A file that tables are drawn from."""
    return tomllib.loads((DOCS / "data" / f"{name}.toml").read_text("utf-8"))


def test_every_name_the_plugin_page_gives_is_there() -> None:
    members = data("plugin")["member"]
    assert len({member["plugin"] for member in members if member["of"] == "AudioSession"}) == 13
    for member in members:
        found: object = audiosession
        for part in member["ours"].split("."):
            found = getattr(found, part, None)
        fields = getattr(audiosession, member["ours"].partition(".")[0]).__dict__
        assert found is not None or member["ours"].partition(".")[2] in fields, member


def test_every_class_of_the_plugin_has_its_table() -> None:
    page = (DOCS / "porting.md").read_text("utf-8")
    drawn = re.findall(r"\{plugin-table\} (\w+)", page)
    assert sorted(drawn) == sorted({member["of"] for member in data("plugin")["member"]})
