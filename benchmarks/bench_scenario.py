"""How fast an hour of ten apps runs, from the text of the scenario to the recording."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

from audiosession.configuration import RECIPES
from audiosession.scenario import Result, parse_scenario, run_scenario

from .measuring import Row, Target, duration, no_collector, quartiles

TARGET = Target(at_least=1000.0)

_BRIEF = ("navigation_prompt", "voice_assistant", "alarm", "notification", "screen_reader")
_LONG = ("music", "speech", "game", "voice_call", "recording")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    seconds: float = 3600.0
    steps: int = 1000
    rounds: int = 9


QUICK = Sizes(rounds=3)


class _Script:
    """Makes up steps that are possible one after the other; one app for each recipe."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._on: set[str] = set()
        self._away: set[str] = set()
        self._call = ""
        self._calls = 0
        self._answered = False
        self._plugged = False
        self._locked = False
        self._alarm = False

    def step(self) -> dict[str, object]:
        """The next step, without its time."""
        kind = self._random.choices(("brief", "long", "device"), weights=(4, 4, 2))[0]
        if kind == "brief":
            app = self._random.choice(_BRIEF)
            return {"app": app, "do": "say", "seconds": round(self._random.uniform(1.0, 8.0), 2)}
        return self._long() if kind == "long" else self._device()

    def _long(self) -> dict[str, object]:
        app = self._random.choice(_LONG)
        if app == "voice_call" and self._call:
            app = "music"
        if app not in self._on:
            self._on.add(app)
            return {"app": app, "do": "play", "seconds": self._random.randrange(30, 300)}
        do = self._random.choice(
            ("pause", "resume", "user pauses", "user plays", "volume", "stop", "turn")
        )
        if do == "stop":
            self._on.discard(app)
        if do == "volume":
            return {"app": app, "do": do, "to": round(self._random.random(), 2)}
        if do == "turn":
            do = "foreground" if app in self._away else "background"
            self._away ^= {app}
        return {"app": app, "do": do}

    def _device(self) -> dict[str, object]:
        what = self._random.choice(("call", "plug", "lock", "alarm", "volume up", "volume down"))
        if what == "call" and "voice_call" not in self._on:
            return self._phone()
        if what == "plug":
            self._plugged = not self._plugged
            return {"do": "plug" if self._plugged else "unplug", "what": "wired headphones"}
        if what == "lock":
            self._locked = not self._locked
            return {"do": "lock" if self._locked else "unlock"}
        if what == "alarm":
            self._alarm = not self._alarm
            return {"do": "alarm" if self._alarm else "dismiss"}
        return {"do": "volume up" if what == "call" else what}

    def _phone(self) -> dict[str, object]:
        call = self._call
        if not call:
            self._calls += 1
            self._call = f"caller {self._calls}"
            return {"do": "ring", "call": self._call}
        if not self._answered and self._random.random() < 0.5:
            self._answered = True
            return {"do": "accept", "call": call}
        do = "hang up" if self._answered else "decline"
        self._call, self._answered = "", False
        return {"do": do, "call": call}


def scenario_text(*, seconds: float, steps: int, seed: int = 1) -> str:
    """A scenario file of ten apps whose steps are spread evenly over its length."""
    return "\n".join(_lines(seconds, steps, seed)) + "\n"


def _lines(seconds: float, steps: int, seed: int) -> Iterator[str]:
    yield f'title = "{steps} steps"'
    yield f"duration = {seconds}"
    for name in RECIPES:
        yield from ("[[app]]", f'id = "{name}"', f'recipe = "{name}"')
    script = _Script(seed)
    for number in range(steps):
        yield from ("[[step]]", f"at = {seconds * number / steps:.3f}")
        for key, value in script.step().items():
            yield f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}"


def run(sizes: Sizes | None = None) -> list[Row]:
    sizes = sizes or Sizes()
    text = scenario_text(seconds=sizes.seconds, steps=sizes.steps)
    _prove(run_scenario(parse_scenario(text)), sizes)
    took: list[float] = []
    for _ in range(sizes.rounds):
        with no_collector():
            started = time.perf_counter()
            run_scenario(parse_scenario(text))
            took.append(time.perf_counter() - started)
    speeds = [sizes.seconds / seconds for seconds in took]
    typical = duration(statistics.median(took))
    return [
        Row(
            name=f"scenario of {len(RECIPES)} apps and {sizes.steps:,} steps, against real time",
            value=statistics.median(speeds),
            spread=quartiles(speeds),
            target=TARGET,
            detail=f"{sizes.seconds:,.0f} s in {typical}, reading included",
        )
    ]


def _prove(result: Result, sizes: Sizes) -> None:
    """That the scenario ran its whole length and its apps got in each other's way."""
    recording = result.recording
    if recording.duration_s != sizes.seconds:
        raise RuntimeError(f"the scenario ran {recording.duration_s} s, not {sizes.seconds}")
    if not any(track.holds for track in recording.tracks):
        raise RuntimeError("nothing was lowered or paused in the whole scenario")
