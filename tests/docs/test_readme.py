"""The README's examples run, and print what they say they print."""

import asyncio
import contextlib
import io
import re
from pathlib import Path

import pytest

from audiosession import AudioSessionConfiguration
from audiosession.hosts import standing_in
from audiosession.hosts.simulated import ClockMode, SimulatedDevice, VirtualClock

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
FIRST, *OTHERS = re.findall(r"^```python\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
FIRST_SCREEN = README.splitlines()[:30]


def run(block: str, **names: object) -> list[str]:
    """What a block prints, line by line."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(block, "README.md", "exec"), {"__name__": "__main__", **names})
    return out.getvalue().splitlines()


def test_first_example_lowers_the_music_while_it_speaks() -> None:
    phone = SimulatedDevice("phone", clock=VirtualClock(ClockMode.FAST))
    music = phone.app("music")
    heard = []

    async def play_music() -> None:
        await music.session.configure(AudioSessionConfiguration.music())
        assert await music.session.set_active(True)
        music.player().play()

    def speak(text: str) -> None:
        heard.append((text, music.standing, round(music.player().level_db, 3)))

    asyncio.run(play_music())
    with standing_in(lambda: phone.app("readme")):
        run(FIRST, print=speak)
    phone.advance(1.0)
    assert heard == [("Turn left.", "ducked", -14.0)]
    assert (music.standing, music.player().level_db) == ("active", 0.0)


def test_first_screen_has_the_commands_and_an_example_of_ten_lines() -> None:
    lines = [line for line in FIRST.splitlines() if line]
    assert len(lines) <= 10
    assert set(lines) < set(FIRST_SCREEN)
    for command in ("make demo", "make test"):
        assert any(line.startswith(command) for line in FIRST_SCREEN)


@pytest.mark.parametrize("block", OTHERS)
def test_example_prints_what_it_says(block: str) -> None:
    promised = re.findall(r"print\(.*\) +# (.*)$", block, flags=re.MULTILINE)
    assert promised
    assert run(block) == promised


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_named_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = set(re.findall(r"\bmake ([a-z]+)", README))
    assert named == {"demo", "test", "docs"}
    for target in named:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
