"""The app and the tests of the testing page, run by pytest as a reader would run them."""

import re
from importlib import metadata
from pathlib import Path

import pytest

pytest_plugins = ("pytester",)

PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text("utf-8")
FILES = dict(re.findall(r"^:caption: ([\w.]+)\n\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE))


def test_tests_of_the_page_pass(pytester: pytest.Pytester) -> None:
    apps = ("radio", "memo", "talk", "player")
    modules = {f"{prefix}{app}.py" for app in apps for prefix in ("", "test_")}
    assert {*modules, "conftest.py", "pytest.ini"} == set(FILES)
    for name, text in FILES.items():
        (pytester.path / name).write_text(text, "utf-8")
    installed = metadata.entry_points(group="pytest11", name="audiosession")
    load = [] if installed else ["-p", "audiosession.testing.plugin"]
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", *load)
    result.assert_outcomes(passed=sum(text.count("async def test_") for text in FILES.values()))
