"""The voice assistant, tried on a simulated device."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

import pytest

from audiosession import recipe
from audiosession.testing import SimulatedApp, SimulatedDevice

from .assistant import Assistant, Espeak, answer, from_script


class Recorder:
    """A voice and a pair of ears that note how loud the music is."""

    def __init__(self, device: SimulatedDevice, music: SimulatedApp) -> None:
        self.device = device
        self.music = music
        self.said: list[str] = []
        self.levels: list[float] = []
        self.during: Callable[[], object] = lambda: None
        self.speaking = asyncio.Event()
        self.silenced = False
        self.endless = False

    async def say(self, text: str) -> None:
        self.levels.append(self.music.gain_db)
        self.said.append(text)
        self.speaking.set()
        self.during()
        try:
            await (asyncio.Event().wait() if self.endless else asyncio.sleep(0))
        except asyncio.CancelledError:
            self.silenced = True
            raise

    async def hear(self, *lines: str) -> AsyncIterator[str]:
        for line in lines:
            # A person takes a moment to say it.
            self.device.advance(1.0)
            self.levels.append(self.music.gain_db)
            yield line


@pytest.fixture
async def music(simulated_device: SimulatedDevice) -> SimulatedApp:
    music = simulated_device.app("music")
    await music.session.configure(recipe("music"))
    assert await music.session.set_active(True)
    return music


@pytest.fixture
def recorder(simulated_device: SimulatedDevice, music: SimulatedApp) -> Recorder:
    return Recorder(simulated_device, music)


async def settled(device: SimulatedDevice, music: SimulatedApp) -> float:
    """The music's level when every fade has ended."""
    device.advance(2.0)
    return music.gain_db


async def test_music_is_down_while_it_listens_and_speaks_and_back_after_it(
    simulated_device: SimulatedDevice, music: SimulatedApp, recorder: Recorder
) -> None:
    await Assistant(recorder).run(recorder.hear("computer", "hello"))
    waiting, listening, speaking = recorder.levels
    assert waiting == 0.0
    assert listening <= -14.0
    assert speaking <= -14.0
    assert recorder.said == ["Hello."]
    assert await settled(simulated_device, music) == 0.0


async def test_what_is_said_without_the_wake_word_is_nobodys_business(
    music: SimulatedApp, recorder: Recorder
) -> None:
    await Assistant(recorder).run(recorder.hear("hello", "what time is it?"))
    assert recorder.said == []
    assert recorder.levels == [0.0, 0.0]


async def test_a_voice_that_fails_leaves_nothing_lowered(
    simulated_device: SimulatedDevice, music: SimulatedApp, recorder: Recorder
) -> None:
    def fail() -> None:
        raise OSError("no voice")

    recorder.during = fail
    with pytest.raises(ExceptionGroup):
        await Assistant(recorder).run(recorder.hear("computer", "hello"))
    assert await settled(simulated_device, music) == 0.0


async def test_when_nobody_speaks_it_gives_up(
    simulated_device: SimulatedDevice, music: SimulatedApp, recorder: Recorder
) -> None:
    async def silence() -> AsyncIterator[str]:
        yield "computer"
        simulated_device.advance(1.0)
        recorder.levels.append(music.gain_db)
        await asyncio.Event().wait()

    await Assistant(recorder, patience_s=0.01).run(silence())
    assert recorder.levels[0] <= -14.0
    assert await settled(simulated_device, music) == 0.0


async def test_cancelled_in_the_middle_of_a_word_it_gives_everything_back(
    simulated_device: SimulatedDevice, music: SimulatedApp, recorder: Recorder
) -> None:
    recorder.endless = True
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(Assistant(recorder).run(recorder.hear("computer", "hello")))
        await recorder.speaking.wait()
        running.cancel()
    assert recorder.silenced
    assert await settled(simulated_device, music) == 0.0


async def test_a_call_stops_it_in_the_middle_of_a_word(
    simulated_device: SimulatedDevice, music: SimulatedApp, recorder: Recorder
) -> None:
    recorder.endless = True
    recorder.during = lambda: asyncio.get_running_loop().call_soon(simulated_device.incoming_call)
    await Assistant(recorder).run(recorder.hear("computer", "hello"))
    assert recorder.silenced


async def test_during_a_call_it_says_nothing(
    simulated_device: SimulatedDevice,
    music: SimulatedApp,
    recorder: Recorder,
    capsys: pytest.CaptureFixture[str],
) -> None:
    simulated_device.incoming_call().accept()
    await Assistant(recorder).run(recorder.hear("computer", "hello"))
    assert recorder.said == []
    assert "(not now: " in capsys.readouterr().out


async def test_a_script_is_a_conversation(
    music: SimulatedApp, recorder: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    script = Path(__file__).with_name("script.txt").read_text("utf-8").splitlines()
    await Assistant(recorder).run(from_script(script, pause_s=0.0))
    assert recorder.said[0] == "Hello."
    assert recorder.said[1].startswith("It is ")
    assert "> computer" in capsys.readouterr().out


def test_answers() -> None:
    def noon() -> datetime:
        return datetime(2026, 11, 20, 12, 0)

    assert answer("What time is it?", noon) == "It is 12:00."
    assert answer("which day is it", noon).startswith("Today is ")
    assert answer("open the doors\n").startswith("I heard: open the doors.")


@pytest.mark.skipif(os.name == "nt", reason="programs of POSIX")
async def test_text_is_never_an_option_of_the_voice(tmp_path: Path) -> None:
    said = tmp_path / "said"
    program = tmp_path / "espeak"
    program.write_text(f'#!/bin/sh\necho "$@" > {said}\ncat >> {said}\n')
    program.chmod(0o755)
    await Espeak(str(program)).say("-w /etc/passwd; $(reboot)")
    assert said.read_text() == "--stdin\n-w /etc/passwd; $(reboot)"


@pytest.mark.skipif(os.name == "nt", reason="programs of POSIX")
async def test_a_voice_that_is_cancelled_has_ended(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    program = tmp_path / "espeak"
    os.mkfifo(pid)
    program.write_text(f"#!/bin/sh\necho $$ > {pid}\nexec sleep 100\n")
    program.chmod(0o755)
    async with asyncio.TaskGroup() as tasks:
        saying = tasks.create_task(Espeak(str(program)).say("for ever"))
        number = int(await asyncio.to_thread(pid.read_text))
        saying.cancel()
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
