"""An episode to play, made on the spot: a soft tone that comes and goes."""

from __future__ import annotations

import math
import wave
from array import array
from pathlib import Path

RATE = 16_000
SECONDS = 60


def episode(folder: Path) -> Path:
    """The episode's file in a folder; made where it is not there yet.

    Args:
        folder: Where the app may keep files.
    """
    path = folder / "episode.wav"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # One second is enough to be repeated, since every tone fits into it a whole number of
        # times.
        second = array(
            "h",
            (
                int(
                    6000
                    * math.sin(2 * math.pi * 220 * n / RATE)
                    * (0.6 - 0.4 * math.cos(2 * math.pi * n / RATE))
                )
                for n in range(RATE)
            ),
        )
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            for _ in range(SECONDS):
                file.writeframes(second.tobytes())
    return path
