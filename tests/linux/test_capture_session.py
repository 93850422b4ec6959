"""AVCaptureSession on real servers, with the service: what it does to other apps' music."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audiosession.capture import AVCaptureSessionNotificationName as Name
from audiosession.capture.errors import AVError
from audiosession.capture.virtual import PATTERN_ID
from tests.capture.media_kit import pictures_of, sound_of
from tests.linux.app_kit import App
from tests.linux.capture_kit import microphone
from tests.linux.rig import SoundRig
from tests.linux.service_kit import ENVIRONMENT, TONE_HZ, Stage, staged
from tests.linux.sound import RATE, Recording

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

UP, DOWN, ERROR = Name.DID_START_RUNNING, Name.DID_STOP_RUNNING, Name.RUNTIME_ERROR
SILENT_DB = -60.0


class Capturer(App):
    """An app that captures from ``mic``, in a process of its own."""

    stage: Stage

    async def state(self) -> dict[str, Any]:
        """What can be seen of it now."""
        return dict(await self.call("state"))

    async def until_state(self, what: str, check: Any) -> None:
        """Waits until its state is right."""

        async def right() -> bool:
            return bool(check(await self.state()))

        await self.stage.rig.wait_for(what, right)

    async def record(self, path: Path, seconds: float) -> None:
        """Records until the file is so long."""
        await self.call("record", path=str(path))
        await self.until_state("the recording", lambda state: state["recorded_s"] >= seconds)

    def posted(self) -> list[str]:
        """The names of the notifications so far."""
        return [each["name"] for each in self.heard("posted")]


@pytest.fixture
async def stage(
    capturing: subprocess.Popen[bytes], rig: SoundRig, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """With a microphone, ``pulse:mic``, that hears the main sink."""
    async with staged(rig, monkeypatch) as made, microphone(rig):
        yield made


@pytest.fixture
def capturing(rig: SoundRig) -> subprocess.Popen[bytes]:
    """The app's process; it loads while the service does."""
    return rig.popen(
        *(sys.executable, "-m", "tests.linux.capture_app", "capturer"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=ENVIRONMENT,
    )


@pytest.fixture
async def capturer(capturing: subprocess.Popen[bytes], stage: Stage) -> Capturer:
    """An app on the stage."""
    app = Capturer(capturing)
    app.stage = stage
    stage.apps.append(app)
    stage._group.create_task(app.read())
    await app.until("the app", lambda: bool(app.heard("ready")))
    return app


@pytest.mark.parametrize("mix", [False, True], ids=["alone", "mixing"])
async def test_a124_music_is_interrupted_unless_the_session_mixes(
    stage: Stage, capturer: Capturer, mix: bool
) -> None:
    path = stage.rig.directory / f"take-{mix}.wav"
    music = await stage.music()
    await stage.heard(music)
    recorder = await stage.recorder()
    await capturer.call("set_up", devices=["pulse:mic"], mix=mix, movie=False)
    assert await capturer.call("start"), capturer.events
    if not mix:
        await recorder.hears(TONE_HZ, -120.0, within_db=60.0)
    # What the microphone hears is later than what sounds.
    await capturer.until_state(
        "the meter",
        lambda state: state["levels"] and (max(state["levels"]) < SILENT_DB) is not mix,
    )
    await capturer.record(path, 1.0)
    await capturer.call("end_recording")
    (finished,) = capturer.heard("finished")
    assert finished["code"] is None
    samples, _ = sound_of(path)
    tail = Recording(samples[-RATE:])
    # A machine that is busy drops sound now and then, which takes from the level and adds nothing.
    level_db = max(tail.level_db(TONE_HZ, tenth / 10, (tenth + 1) / 10) for tenth in range(10))
    if mix:
        await stage.heard(music)
        assert level_db == pytest.approx(music.level_db, abs=0.5)
    else:
        assert level_db < SILENT_DB
        heard = recorder.so_far()
        assert heard.level_db(TONE_HZ, heard.seconds - 1.0, heard.seconds) < SILENT_DB
    await capturer.call("stop")
    assert await capturer.call("give_up")
    await stage.heard(music)
    assert capturer.posted() == [UP, DOWN]


async def test_what_an_output_sounds_like_is_recorded_and_not_interrupted(
    stage: Stage, capturer: Capturer
) -> None:
    path = stage.rig.directory / "output.wav"
    music = await stage.music()
    await stage.heard(music)
    source = f"pulse:{stage.rig.sink}.monitor"
    await capturer.call("set_up", devices=[source], mix=False, movie=False)
    assert await capturer.call("start"), capturer.events
    await capturer.record(path, 1.0)
    await capturer.call("end_recording")
    samples, _ = sound_of(path)
    heard = Recording(samples)
    level_db = max(heard.level_db(TONE_HZ, tenth / 10, (tenth + 1) / 10) for tenth in range(10))
    assert level_db == pytest.approx(music.level_db, abs=0.5)
    await capturer.call("stop")
    await stage.heard(music)
    assert capturer.posted() == [UP, DOWN]


async def test_the_microphone_is_a_routing_port_and_its_stream_is_the_apps_sessions(
    stage: Stage, capturer: Capturer
) -> None:
    pid = capturer.process.pid
    await capturer.call("set_up", devices=["pulse:mic"], mix=False, movie=False)
    assert await capturer.call("start"), capturer.events
    ports = await capturer.call("ports")
    assert ports["pulse:mic"] in await capturer.call("routing_ports")
    assert not ports[PATTERN_ID]
    found = await stage.service.stream(pid)
    assert found["tied_by"] == "property", found
    await capturer.call("stop")

    async def gone() -> bool:
        return not any(
            each["properties"].get("application.process.id") == str(pid)
            for each in await stage.rig.listed("source-outputs")
        )

    await stage.rig.wait_for("the stream's end", gone)


async def test_a126_another_app_interrupts_and_the_session_resumes(
    stage: Stage, capturer: Capturer
) -> None:
    path = stage.rig.directory / "interrupted.wav"
    await capturer.call("set_up", devices=["pulse:mic"], mix=False, movie=False)
    assert await capturer.call("start"), capturer.events
    await capturer.record(path, 0.5)
    caller = await stage.holder("voice_call", "phone")
    await capturer.until("the recording's end", lambda: bool(capturer.heard("finished")))
    (finished,) = capturer.heard("finished")
    assert finished["code"] is not None
    assert len(sound_of(path)[0]) >= 0.5 * RATE
    await capturer.until_state("the interruption", lambda state: state["interrupted"])
    interrupted = [
        each for each in capturer.heard("posted") if each["name"] == Name.WAS_INTERRUPTED
    ]
    assert [each["reason"] for each in interrupted] == [2]
    assert await caller.active("main", False)
    await capturer.until_state("the session to run again", lambda state: state["running"])
    second = stage.rig.directory / "after.wav"
    await capturer.record(second, 0.5)
    await capturer.call("end_recording")
    assert len(sound_of(second)[0]) >= 0.5 * RATE


async def test_a_microphone_that_vanishes_ends_the_recording_and_is_told(
    stage: Stage, capturer: Capturer
) -> None:
    path = stage.rig.directory / "gone.wav"
    async with AsyncExitStack() as plugged:
        going = await plugged.enter_async_context(microphone(stage.rig, "going"))

        async def there() -> bool:
            return going in await capturer.call("ids")

        await stage.rig.wait_for("the microphone", there)
        await capturer.call("set_up", devices=[going], mix=False, movie=False)
        assert await capturer.call("start"), capturer.events
        await capturer.record(path, 0.5)
    await capturer.until("the recording's end", lambda: bool(capturer.heard("finished")))
    (finished,) = capturer.heard("finished")
    assert finished["code"] == AVError.DEVICE_WAS_DISCONNECTED
    assert len(sound_of(path)[0]) >= 0.5 * RATE
    assert going not in await capturer.call("ids")


async def test_a121_a_server_that_dies_ends_the_session_and_is_back_for_the_next_start(
    stage: Stage, capturer: Capturer
) -> None:
    first, second = (stage.rig.directory / f"server {name}.wav" for name in ("dies", "is back"))
    await capturer.call("set_up", devices=["pulse:mic"], mix=False, movie=False)
    assert await capturer.call("start"), capturer.events
    await capturer.record(first, 0.5)
    stage.rig.kill_server()
    await capturer.until("the recording's end", lambda: bool(capturer.heard("finished")))
    assert capturer.heard("finished")[0]["code"] == AVError.MEDIA_SERVICES_WERE_RESET
    await capturer.until("the stop", lambda: DOWN in capturer.posted())
    assert not (await capturer.state())["running"]
    await capturer.until("the loss", lambda: bool(capturer.heard("lost")))
    service = stage.service.process
    assert service is not None
    async with asyncio.TaskGroup() as group:
        started = group.create_task(capturer.call("start_when_connected", unique_id="pulse:mic"))
        await capturer.until("the app to wait", lambda: bool(capturer.heard("waits")))
        # The service is slow to notice what the app sees at once.
        service.send_signal(signal.SIGSTOP)
        try:
            await stage.rig.restart_server()
            async with microphone(stage.rig) as mic:

                async def there() -> bool:
                    return mic in await capturer.call("ids")

                await stage.rig.wait_for("the microphone", there)
                assert not started.done()
                service.send_signal(signal.SIGCONT)
                assert await started, capturer.events
                await capturer.record(second, 0.5)
                await capturer.call("end_recording")
        finally:
            service.send_signal(signal.SIGCONT)
    for path in (first, second):
        assert len(sound_of(path)[0]) >= 0.5 * RATE
    assert capturer.posted()[:4] == [UP, ERROR, DOWN, UP]
    failure = next(each for each in capturer.heard("posted") if each["name"] == ERROR)
    assert failure["error"] == AVError.MEDIA_SERVICES_WERE_RESET


async def test_a_microphone_and_the_test_pattern_make_a_movie(
    stage: Stage, capturer: Capturer
) -> None:
    path = stage.rig.directory / "movie.mkv"
    await stage.music()
    await capturer.call("set_up", devices=["pulse:mic", PATTERN_ID], mix=True, movie=True)
    assert await capturer.call("start"), capturer.events
    await capturer.record(path, 2.0)
    await capturer.call("end_recording")
    assert (await capturer.state())["dropped"] == 0
    samples, begin_s = sound_of(path)
    times = [at_s for at_s, _ in pictures_of(path)]
    assert np.diff(times).max() < 2 / 30
    assert begin_s + len(samples) / RATE == pytest.approx(times[-1], abs=0.3)
    assert Recording(samples).level_db(TONE_HZ, 0.0, len(samples) / RATE) > SILENT_DB
