"""Recordings of a rig's sound server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import numpy as np
import soundfile

from audiosession.hosts.linux.capture_host import LinuxCaptureHost
from tests.capture.media_kit import CLICK_EVERY, RATE, Bench, bench
from tests.linux.rig import RigError, SoundRig

QUANTUM = 1_024
"""Frames that PipeWire works on at a time, unless asked for fewer."""


@asynccontextmanager
async def linux_bench(rig: SoundRig) -> AsyncIterator[Bench]:
    """A bench on a rig's sound server."""
    host = LinuxCaptureHost("recorder", server=rig.pulse_server)
    try:
        async with bench(host) as made:
            yield made
    finally:
        host.close()


def write_clicks(path: Path, *, seconds: float, frequency_hz: float = 440.0) -> Path:
    """Writes a quiet sine with a click of a millisecond every tenth of a second, as WAV."""
    at = np.arange(round(seconds * RATE))
    mono = 0.1 * np.sin(2 * np.pi * frequency_hz * at / RATE)
    mono[at % CLICK_EVERY < 48] = 0.8
    soundfile.write(path, np.column_stack([mono, mono]).astype(np.float32), RATE, subtype="FLOAT")
    return path


@asynccontextmanager
async def microphone(rig: SoundRig, name: str = "mic") -> AsyncIterator[str]:
    """A microphone that hears what the rig's sink sounds like; gives the device's id."""
    index = await rig.pactl(
        f"load-module module-remap-source source_name={name} master={rig.sink}.monitor "
        "source_properties=device.description=Microphone"
    )

    async def there() -> bool:
        return any(each["name"] == name for each in await rig.listed("sources"))

    await rig.wait_for("the microphone", there)
    try:
        yield f"pulse:{name}"
    finally:
        with suppress(RigError):
            await rig.pactl(f"unload-module {index.strip()}")
