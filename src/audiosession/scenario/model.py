"""Scenario files: a device, apps, timed steps and expectations, read from TOML.

The format is documented in the scenario format page of the documentation; :data:`ACTIONS`
is the list of what a step can do. Everything is checked before anything runs, and an error
names the file and the line.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from ..configuration import AudioSessionConfiguration, recipe
from ..core.policy import Policy
from ..errors import AudioSessionError, IllegalRequestError, ScenarioError
from ..hosts.simulated.profiles import PLUGGABLE, PROFILES
from ..policies import POLICIES, load_policy, read_policy

MAX_BYTES = 4_000_000
MAX_APPS = 256
MAX_STEPS = 200_000
MAX_SECONDS = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of an action."""

    kind: type
    """The type its value must have."""
    required: bool = False
    """Whether it must be given."""
    choices: tuple[str, ...] = ()
    """The values allowed; empty for any."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something a step can do."""

    on_app: bool
    """Whether it is done to an app (``True``) or to the device."""
    text: str
    """What it does."""
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    """Its arguments by name."""


_AUDIO = {
    "audio": Argument(str),
    "seconds": Argument(float),
    "loop": Argument(bool),
    "offset": Argument(float),
}
_CALL = {"call": Argument(str, required=True)}

ACTIONS: dict[str, Action] = {
    "configure": Action(
        True,
        "sets the configuration",
        {"recipe": Argument(str), "configuration": Argument(dict)},
    ),
    "activate": Action(True, "asks for the audio: set_active(True)"),
    "deactivate": Action(True, "gives it up: set_active(False)"),
    "play": Action(True, "activates the session and, when granted, starts the player", _AUDIO),
    "say": Action(
        True,
        "activates, waits for quiet, plays to the end and deactivates",
        {"audio": Argument(str), "seconds": Argument(float)},
    ),
    "pause": Action(True, "pauses the player; the session stays active"),
    "resume": Action(True, "resumes the player"),
    "stop": Action(True, "stops the player and deactivates"),
    "volume": Action(
        False,
        "sets the app's volume, or without an app the device's (0.0 to 1.0)",
        {"to": Argument(float, required=True)},
    ),
    "user pauses": Action(True, "the user presses pause in the app"),
    "user plays": Action(True, "the user presses play in the app"),
    "background": Action(True, "the app leaves the screen"),
    "foreground": Action(True, "the app comes to the screen"),
    "suspend": Action(True, "the system freezes the app"),
    "kill": Action(True, "the app's process dies"),
    "relaunch": Action(True, "a killed app is started anew"),
    "microphone": Action(
        True,
        "the user decides whether the app may record",
        {"permission": Argument(str, True, ("undetermined", "granted", "denied"))},
    ),
    "plug": Action(
        False,
        "plugs in or connects a device",
        {"what": Argument(str, True, tuple(PLUGGABLE))},
    ),
    "unplug": Action(
        False, "unplugs or disconnects it", {"what": Argument(str, True, tuple(PLUGGABLE))}
    ),
    "ring": Action(
        False,
        "a call comes in; ``call`` names it for later steps",
        {**_CALL, "ringtone": Argument(str), "voice": Argument(str)},
    ),
    "accept": Action(False, "the user takes the call", _CALL),
    "decline": Action(False, "the user declines the call", _CALL),
    "ignore": Action(False, "nobody answers the call", _CALL),
    "hang up": Action(False, "the call ends", _CALL),
    "alarm": Action(False, "an alarm rings", {"audio": Argument(str)}),
    "dismiss": Action(False, "the alarm is dismissed"),
    "ringtone": Action(False, "a ringtone sounds", {"audio": Argument(str)}),
    "end ringtone": Action(False, "it ends"),
    "assistant": Action(False, "the system's assistant listens", {"audio": Argument(str)}),
    "assistant done": Action(False, "it is done"),
    "silent switch": Action(
        False, "moves the ring/silent switch", {"on": Argument(bool, required=True)}
    ),
    "volume up": Action(False, "a press of the volume key"),
    "volume down": Action(False, "a press of the volume key"),
    "lock": Action(False, "locks the screen"),
    "unlock": Action(False, "unlocks the screen"),
    "lose media services": Action(False, "the sound server dies"),
    "reset media services": Action(False, "the sound server is back"),
}
"""What a step can do, by name. Without ``app`` a step acts on the device."""

_AUDIO_KEYS = frozenset({"audio", "ringtone", "voice"})
_STANDINGS = ("inactive", "waiting", "active", "ducked", "interrupted")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSpec:
    """An app of a scenario."""

    id: str
    """What steps call it."""
    name: str
    """What people call it."""
    configuration: AudioSessionConfiguration | None
    """What it is configured with at the start; ``None``: not configured."""
    audio: Path | None
    """What it plays unless a step says otherwise."""
    loop: bool
    """Whether that starts again at its end."""
    handles_interruptions: bool
    """Whether its player follows interruptions by itself."""
    sample_rate: int | None
    """The rate its file must have, in hertz; ``None`` for any."""
    line: int
    """Its line in the file, from 1; 0 when not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that is done at a time. ``arguments`` are checked; paths are resolved."""

    at: float
    """When, in seconds."""
    app: str | None
    """The app that acts; ``None`` for the device."""
    do: str
    """The action, one of :data:`ACTIONS`."""
    arguments: Mapping[str, Any]
    """The action's arguments, checked."""
    note: str
    """A word for readers."""
    line: int
    """Its line in the file, from 1; 0 when not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What must be true at a time, after the steps of that time."""

    at: float
    """When, in seconds."""
    app: str
    """The app looked at."""
    standing: str | None = None
    """How its session must stand."""
    gain_db: float | None = None
    """The level the system must have it at, in dB."""
    tolerance_db: float = 0.5
    """How far off that may be, in dB."""
    playing: bool | None = None
    """Whether a player of it must run."""
    heard: str | None = None
    """The event the app heard last, in words such as ``begin duck`` or ``end pause``."""
    granted: bool | None = None
    """What the app's last activation was answered."""
    line: int = 0
    """Its line in the file, from 1; 0 when not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A whole scenario, checked."""

    title: str
    """Its heading."""
    file: Path | None
    """Where it came from."""
    duration_s: float
    """How long it runs, in seconds."""
    profile: str
    """Name of the device profile."""
    policy: Policy
    """What is judged by."""
    apps: tuple[AppSpec, ...]
    """In the order of the file."""
    steps: tuple[Step, ...]
    """In order of time."""
    expectations: tuple[Expectation, ...]
    """In order of time."""


def read_scenario(path: str | Path, *, audio: Mapping[str, Path] | None = None) -> Scenario:
    """Reads and checks a scenario file.

    Args:
        path: The TOML file.
        audio: Files to use for apps instead of their own, by app id.

    Raises:
        ScenarioError: with file and line.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ScenarioError(f"larger than {MAX_BYTES} bytes", path)
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"cannot be read: {error}", path) from error
    return parse_scenario(text, file=path, audio=audio)


def parse_scenario(
    text: str, *, file: Path | None = None, audio: Mapping[str, Path] | None = None
) -> Scenario:
    """A scenario from TOML text; see :func:`read_scenario`.

    Args:
        text: The scenario.
        file: Where it came from, for messages; other files are looked for beside it.
        audio: As for :func:`read_scenario`.

    Raises:
        ScenarioError: with the line, as far as it is known.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        raise ScenarioError(
            f"is not TOML: {error}", file, int(found[1]) if found else None
        ) from error
    return _Parser(data, _Lines(text), file, dict(audio or {})).scenario()


class _Lines:
    """Finds the line of a table or key; tomllib does not tell."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._tables: dict[str, list[int]] = {}
        for number, line in enumerate(self._lines, 1):
            found = re.match(r"\s*\[\[?\s*([A-Za-z_]+)\s*\]\]?\s*(#.*)?$", line)
            if found:
                self._tables.setdefault(found[1], []).append(number)

    def of(self, table: str | None, index: int = 0, key: str | None = None) -> int | None:
        start = 0
        if table is not None:
            places = self._tables.get(table, [])
            if index >= len(places):
                # An inline array: the line of its key is as near as one gets.
                return self._find(table, 0)
            start = places[index]
        found = self._find(key, start) if key is not None else None
        return found or start or None

    def _find(self, key: str, start: int) -> int | None:
        pattern = re.compile(rf'\s*"?{re.escape(key)}"?\s*=')
        for number in range(start, len(self._lines)):
            line = self._lines[number]
            if start and re.match(r"\s*\[", line):
                return None
            if pattern.match(line):
                return number + 1
        return None


class _Parser:
    def __init__(
        self, data: Mapping[str, Any], lines: _Lines, file: Path | None, audio: dict[str, Path]
    ) -> None:
        self.data = data
        self.lines = lines
        self.file = file
        self.audio = audio
        self.folder = file.parent if file is not None else Path()

    def scenario(self) -> Scenario:
        self._only(self.data, {"title", "duration", "device", "app", "step", "expect"}, None, 0)
        title = self._get(self.data, "title", str, None, 0, default="Scenario")
        profile, policy = self._device()
        apps = tuple(
            self._app(table, index) for index, table in enumerate(self._tables("app", MAX_APPS))
        )
        if not apps:
            raise ScenarioError("there is no [[app]]", self.file, None)
        names: set[str] = set()
        for app in apps:
            if app.id in names:
                raise ScenarioError(f"a second app is called {app.id!r}", self.file, app.line)
            names.add(app.id)
        for unused in sorted(set(self.audio) - names):
            raise ScenarioError(f"no app is called {unused!r}", self.file, None)
        steps = [
            self._step(table, index, apps)
            for index, table in enumerate(self._tables("step", MAX_STEPS))
        ]
        steps.sort(key=lambda step: step.at)
        self._check_calls(steps)
        expectations = [
            self._expect(table, index, names)
            for index, table in enumerate(self._tables("expect", MAX_STEPS))
        ]
        expectations.sort(key=lambda item: item.at)
        last = max([step.at for step in steps] + [item.at for item in expectations], default=0.0)
        duration = self._get(self.data, "duration", float, None, 0, default=last + 2.0)
        if duration < last:
            raise ScenarioError(
                f"duration is {duration:g} s, and something happens at {last:g} s",
                self.file,
                self.lines.of(None, 0, "duration"),
            )
        return Scenario(
            title=title,
            file=self.file,
            duration_s=min(duration, MAX_SECONDS),
            profile=profile,
            policy=policy,
            apps=apps,
            steps=tuple(steps),
            expectations=tuple(expectations),
        )

    # -- parts -------------------------------------------------------------------------------

    def _device(self) -> tuple[str, Policy]:
        table = self._get(self.data, "device", dict, None, 0, default={})
        self._only(table, {"profile", "policy"}, "device", 0)
        profile = self._get(table, "profile", str, "device", 0, default="phone")
        if profile not in PROFILES:
            self._fail(f"profile must be one of {', '.join(PROFILES)}", "device", 0, "profile")
        name = self._get(table, "policy", str, "device", 0, default="default")
        try:
            policy = load_policy(name) if name in POLICIES else read_policy(self.folder / name)
        except AudioSessionError as error:
            self._fail(str(error), "device", 0, "policy")
        return profile, policy

    def _app(self, table: Mapping[str, Any], index: int) -> AppSpec:
        known = {
            "id",
            "name",
            "recipe",
            "configuration",
            "audio",
            "loop",
            "handles_interruptions",
            "sample_rate",
        }
        self._only(table, known, "app", index)
        id = self._get(table, "id", str, "app", index)
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", id):
            self._fail("id must be 1 to 64 letters, digits, _ . or -", "app", index, "id")
        if id in ("phone", "clock", "assistant"):
            self._fail(f"{id!r} is the system's own app", "app", index, "id")
        audio = table.get("audio")
        path = self.audio.get(id)
        if path is None and audio is not None:
            path = self._path(audio, "audio", "app", index)
        rate = table.get("sample_rate")
        if rate is not None and (isinstance(rate, bool) or not isinstance(rate, int)):
            self._fail("sample_rate must be a whole number of hertz", "app", index, "sample_rate")
        return AppSpec(
            id=id,
            name=self._get(table, "name", str, "app", index, default=id),
            configuration=self._configuration(table, "app", index),
            audio=path,
            loop=self._get(table, "loop", bool, "app", index, default=False),
            handles_interruptions=self._get(
                table, "handles_interruptions", bool, "app", index, default=True
            ),
            sample_rate=None if id in self.audio else rate,
            line=self.lines.of("app", index) or 0,
        )

    def _configuration(
        self, table: Mapping[str, Any], where: str, index: int
    ) -> AudioSessionConfiguration | None:
        if "recipe" in table and "configuration" in table:
            self._fail("give a recipe or a configuration, not both", where, index, "recipe")
        try:
            if "recipe" in table:
                return recipe(self._get(table, "recipe", str, where, index))
            if "configuration" in table:
                data = self._get(table, "configuration", dict, where, index)
                # TOML has no null: a field that is not given is one that is not set.
                blank = AudioSessionConfiguration().to_json()
                configuration = AudioSessionConfiguration.from_json({**blank, **data})
                configuration.validate()
                return configuration
        except IllegalRequestError as error:
            if isinstance(error, ScenarioError):
                raise
            key = "recipe" if "recipe" in table else "configuration"
            self._fail(str(error), where, index, key)
        return None

    def _step(self, table: Mapping[str, Any], index: int, apps: tuple[AppSpec, ...]) -> Step:
        do = self._get(table, "do", str, "step", index)
        action = ACTIONS.get(do)
        if action is None:
            self._fail(
                f"no action is called {do!r}; there are {', '.join(ACTIONS)}", "step", index, "do"
            )
        self._only(table, {"at", "app", "do", "note", *action.arguments}, "step", index)
        at = self._time(table, "step", index)
        app = table.get("app")
        names = [item.id for item in apps]
        if app is not None and app not in names:
            self._fail(
                f"no app is called {app!r}; there are {', '.join(names)}", "step", index, "app"
            )
        if action.on_app and app is None:
            self._fail(f"{do!r} needs an app", "step", index, "do")
        if not action.on_app and app is not None and do != "volume":
            self._fail(f"{do!r} is done to the device, not to an app", "step", index, "app")
        arguments: dict[str, Any] = {}
        for name, argument in action.arguments.items():
            if name not in table:
                if argument.required:
                    self._fail(f"{do!r} needs {name!r}", "step", index, "do")
                continue
            value = self._get(table, name, argument.kind, "step", index)
            if argument.choices and value not in argument.choices:
                self._fail(
                    f"{name} must be one of {', '.join(argument.choices)}", "step", index, name
                )
            if name in _AUDIO_KEYS:
                value = self._path(value, name, "step", index)
            if argument.kind is float and not 0.0 <= value <= MAX_SECONDS:
                self._fail(f"{name} must be 0 or more", "step", index, name)
            arguments[name] = value
        if do == "volume" and arguments["to"] > 1.0:
            self._fail("to must lie between 0.0 and 1.0", "step", index, "to")
        if do == "configure":
            configuration = self._configuration(table, "step", index)
            if configuration is None:
                self._fail("'configure' needs a recipe or a configuration", "step", index, "do")
            arguments = {"configuration": configuration}
        spec = next((item for item in apps if item.id == app), None)
        if do == "say" and not {"audio", "seconds"} & set(arguments):
            assert spec is not None
            if spec.audio is None:
                self._fail("'say' needs audio or seconds", "step", index, "do")
        if arguments.get("seconds") == 0.0:
            self._fail("seconds must be above 0", "step", index, "seconds")
        return Step(
            at=at,
            app=app,
            do=do,
            arguments=arguments,
            note=self._get(table, "note", str, "step", index, default=""),
            line=self.lines.of("step", index) or 0,
        )

    def _check_calls(self, steps: list[Step]) -> None:
        """A call must have rung before anything is done to it."""
        state: dict[str, str] = {}
        needs = {"accept": "rings", "decline": "rings", "ignore": "rings", "hang up": "talks"}
        for step in steps:
            call = step.arguments.get("call")
            if step.do == "ring":
                if state.get(str(call)) in ("rings", "talks"):
                    raise ScenarioError(f"call {call!r} is on already", self.file, step.line)
                state[str(call)] = "rings"
            elif step.do in needs:
                if call not in state:
                    raise ScenarioError(
                        f"no call named {call!r} rang before {step.at:g} s", self.file, step.line
                    )
                if state[call] != needs[step.do]:
                    raise ScenarioError(
                        f"{step.do}: call {call!r} {state[call]} at {step.at:g} s, "
                        f"it must be one that {needs[step.do]}",
                        self.file,
                        step.line,
                    )
                state[call] = "talks" if step.do == "accept" else "is over"

    def _expect(self, table: Mapping[str, Any], index: int, names: set[str]) -> Expectation:
        checks = {"standing", "gain_db", "playing", "heard", "granted"}
        self._only(table, {"at", "app", "tolerance_db", *checks}, "expect", index)
        app = self._get(table, "app", str, "expect", index)
        if app not in names:
            self._fail(
                f"no app is called {app!r}; there are {', '.join(sorted(names))}",
                "expect",
                index,
                "app",
            )
        if not checks & set(table):
            self._fail(f"expects nothing; give one of {', '.join(sorted(checks))}", "expect", index)
        standing = self._get(table, "standing", str, "expect", index, default=None)
        if standing is not None and standing not in _STANDINGS:
            self._fail(
                f"standing must be one of {', '.join(_STANDINGS)}", "expect", index, "standing"
            )
        return Expectation(
            at=self._time(table, "expect", index),
            app=app,
            standing=standing,
            gain_db=self._get(table, "gain_db", float, "expect", index, default=None),
            tolerance_db=self._get(table, "tolerance_db", float, "expect", index, default=0.5),
            playing=self._get(table, "playing", bool, "expect", index, default=None),
            heard=self._get(table, "heard", str, "expect", index, default=None),
            granted=self._get(table, "granted", bool, "expect", index, default=None),
            line=self.lines.of("expect", index) or 0,
        )

    # -- small things ------------------------------------------------------------------------

    def _tables(self, key: str, most: int) -> list[Mapping[str, Any]]:
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ScenarioError(
                f"{key} must be written as [[{key}]] tables", self.file, self.lines.of(key, 0)
            )
        if len(value) > most:
            raise ScenarioError(f"more than {most} [[{key}]] tables", self.file, None)
        return value

    def _time(self, table: Mapping[str, Any], where: str, index: int) -> float:
        at: float = self._get(table, "at", float, where, index)
        if not 0.0 <= at <= MAX_SECONDS:
            self._fail("at must be 0 or more seconds, a week at most", where, index, "at")
        return at

    def _get(
        self,
        table: Mapping[str, Any],
        key: str,
        kind: type,
        where: str | None,
        index: int,
        **default: Any,
    ) -> Any:
        if key not in table:
            if "default" in default:
                return default["default"]
            self._fail(f"{key!r} is missing", where, index)
        value = table[key]
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        wrong = not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)
        if wrong or (kind is float and not math.isfinite(value)):
            names = {str: "a text", float: "a number", bool: "true or false", dict: "a table"}
            self._fail(f"{key} must be {names[kind]}, not {value!r}", where, index, key)
        return value

    def _path(self, value: Any, key: str, where: str, index: int) -> Path:
        if not isinstance(value, str) or not value:
            self._fail(f"{key} must be the name of a file", where, index, key)
        path = self.folder / value
        if not path.is_file():
            self._fail(f"{key}: there is no file {path}", where, index, key)
        return path

    def _only(
        self, table: Mapping[str, Any], known: set[str], where: str | None, index: int
    ) -> None:
        for key in table:
            if key not in known:
                self._fail(
                    f"unknown key {key!r}; known are {', '.join(sorted(known))}", where, index, key
                )

    def _fail(
        self, message: str, where: str | None, index: int, key: str | None = None
    ) -> NoReturn:
        raise ScenarioError(message, self.file, self.lines.of(where, index, key))
