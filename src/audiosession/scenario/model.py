"""Scenario files: a device, apps, timed steps and expectations, read from TOML.

The format is documented in the scenario format page of the documentation;
:data:`~audiosession.scenario.actions.ACTIONS` is the list of what a step can do. Everything
is checked before anything runs, audio files too, and an error names the file and the line.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from .._reading import read_bounded
from .._toml_lines import Lines, not_toml
from ..configuration import AudioSessionConfiguration, recipe
from ..core.effects import Standing
from ..core.policy import Policy
from ..errors import (
    AudioFileError,
    AudioSessionError,
    IllegalRequestError,
    InvalidTypeError,
    ScenarioError,
    UnknownNameError,
)
from ..hosts.simulated.profiles import PROFILES
from ..interruptions import AudioInterruptionType
from ..policies import POLICIES, load_policy, read_policy
from .actions import ACTIONS

MAX_BYTES = 4_000_000
MAX_APPS = 256
MAX_STEPS = 200_000
MAX_SECONDS = 7 * 24 * 3600.0

_AUDIO_KEYS = frozenset({"audio", "ringtone", "voice"})
_STANDINGS = tuple(standing.value for standing in Standing)
HEARD = (
    *(f"{when} {kind.value}" for when in ("begin", "end") for kind in AudioInterruptionType),
    "becoming noisy",
    "",
)
"""What an expectation's ``heard`` can be; the empty text stands for nothing yet."""


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
    """The action, one of :data:`~audiosession.scenario.actions.ACTIONS`."""
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
    lengths_s: Mapping[Path, float]
    """The length of each audio file, in seconds."""


def read_scenario(path: str | Path, *, audio: Mapping[str, Path] | None = None) -> Scenario:
    """Reads and checks a scenario file.

    Args:
        path: The TOML file.
        audio: Files to use for apps instead of their own, by app id.

    Raises:
        ScenarioError: with file and line. Where an audio file is of no use, its ``__cause__``
            is the :class:`~audiosession.errors.AudioFileError`.
        AudioFileError: a file given in ``audio`` is of no use.
        ExtraMissingError: it plays audio files, and ``audiosession[audio]`` is not installed.
        InvalidTypeError: an argument has the wrong type.
    """
    if not isinstance(path, str | Path):
        raise InvalidTypeError("path", path, expected="a text or a Path")
    path = Path(path)
    try:
        data = read_bounded(path, MAX_BYTES)
        if len(data) > MAX_BYTES:
            raise ScenarioError(f"larger than {MAX_BYTES} bytes", path)
        text = data.decode("utf-8")
    except FileNotFoundError as error:
        raise ScenarioError("there is no such file", path) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"cannot be read: {error}", path) from error
    return parse_scenario(text, file=path, audio=audio)


def parse_scenario(
    text: str, *, file: str | Path | None = None, audio: Mapping[str, Path] | None = None
) -> Scenario:
    """A scenario from TOML text; see :func:`read_scenario`.

    Args:
        text: The scenario; a byte order mark at its beginning is passed over.
        file: Where it came from, for messages; other files are looked for beside it.
        audio: As for :func:`read_scenario`.

    Raises:
        ScenarioError, AudioFileError, ExtraMissingError, InvalidTypeError: as
            :func:`read_scenario` does.
    """
    if not isinstance(text, str):
        raise InvalidTypeError("text", text, expected="a text")
    if file is not None and not isinstance(file, str | Path):
        raise InvalidTypeError("file", file, expected="a text, a Path or None")
    file = None if file is None else Path(file)
    own = _checked_audio(audio)
    text = text.removeprefix("\ufeff")
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        problem, line = not_toml(error, text)
        raise ScenarioError(problem, file, line) from error
    return _Parser(data, Lines(text), file, own).scenario()


def _checked_audio(audio: object) -> dict[str, Path]:
    if audio is None:
        return {}
    if not isinstance(audio, Mapping):
        raise InvalidTypeError("audio", audio, expected="a mapping or None")
    for app, path in audio.items():
        if not isinstance(app, str):
            raise InvalidTypeError("audio", app, expected="a mapping whose keys are app ids")
        if not isinstance(path, str | Path):
            raise InvalidTypeError(f"audio.{app}", path, expected="a text or a Path")
    return {app: Path(path) for app, path in audio.items()}


class _Parser:
    def __init__(
        self, data: Mapping[str, Any], lines: Lines, file: Path | None, audio: dict[str, Path]
    ) -> None:
        self.data = data
        self.lines = lines
        self.file = file
        self.audio = audio
        self.folder = file.parent if file is not None else Path()
        self.files: list[tuple[Path, int | None, str, int, str]] = []
        """What is to be played, with its rate and where it is written."""
        self.lengths_s: dict[Path, float] = {}

    def scenario(self) -> Scenario:
        self._only(self.data, {"title", "duration", "device", "app", "step", "expect"}, None, 0)
        stem = "Scenario" if self.file is None else self.file.stem
        title = self._get(self.data, "title", str, None, 0, default=stem)
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
            message = str(UnknownNameError("app", unused, sorted(names)))
            raise ScenarioError(message, self.file, None)
        written = [
            self._step(table, index, apps)
            for index, table in enumerate(self._tables("step", MAX_STEPS))
        ]
        steps = list(written)
        steps.sort(key=lambda step: step.at)
        self._check_calls(steps)
        expectations = [
            self._expect(table, index, names)
            for index, table in enumerate(self._tables("expect", MAX_STEPS))
        ]
        expectations.sort(key=lambda item: item.at)
        self._check_audio()
        specs = {app.id: app for app in apps}
        ends = [self._end(step, specs, index) for index, step in enumerate(written)]
        last = max([step.at for step in steps] + [item.at for item in expectations], default=0.0)
        default = max([last, *ends]) + 2.0
        duration = self._get(self.data, "duration", float, None, 0, default=default)
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
            lengths_s=self.lengths_s,
        )

    # -- parts -------------------------------------------------------------------------------

    def _device(self) -> tuple[str, Policy]:
        table = self._get(self.data, "device", dict, None, 0, default={})
        self._only(table, {"profile", "policy"}, "device", 0)
        profile = self._get(table, "profile", str, "device", 0, default="phone")
        self._known("profile", profile, PROFILES, "device", 0, "profile")
        name = self._get(table, "policy", str, "device", 0, default="default")
        path = self.folder / name
        if name not in POLICIES and not path.exists():
            message = str(UnknownNameError("policy", name, POLICIES))
            self._fail(f"{message} and there is no file {path}", "device", 0, "policy")
        try:
            policy = load_policy(name) if name in POLICIES else read_policy(path)
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
        rate = table.get("sample_rate")
        if rate is not None and (isinstance(rate, bool) or not isinstance(rate, int)):
            self._fail("sample_rate must be a whole number of hertz", "app", index, "sample_rate")
        audio = table.get("audio")
        path = self.audio.get(id)
        if path is None and audio is not None:
            path = self._path(audio, "audio", "app", index, rate)
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
        self._known("action", do, ACTIONS, "step", index, "do")
        action = ACTIONS[do]
        self._only(table, {"at", "app", "do", "note", *action.arguments}, "step", index)
        at = self._time(table, "step", index)
        app = table.get("app")
        names = [item.id for item in apps]
        if app is not None:
            self._known("app", self._get(table, "app", str, "step", index), names, "step", index)
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
        self._known("app", app, sorted(names), "expect", index)
        if not checks & set(table):
            self._fail(f"expects nothing; give one of {', '.join(sorted(checks))}", "expect", index)
        words = {}
        for key, known in (("standing", _STANDINGS), ("heard", HEARD)):
            words[key] = self._get(table, key, str, "expect", index, default=None)
            if words[key] is not None and words[key] not in known:
                legal = ", ".join(filter(None, known))
                self._fail(
                    f"{key} must be one of {legal}, not {words[key]!r}", "expect", index, key
                )
        return Expectation(
            at=self._time(table, "expect", index),
            app=app,
            standing=words["standing"],
            gain_db=self._get(table, "gain_db", float, "expect", index, default=None),
            tolerance_db=self._get(table, "tolerance_db", float, "expect", index, default=0.5),
            playing=self._get(table, "playing", bool, "expect", index, default=None),
            heard=words["heard"],
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

    def _path(self, value: Any, key: str, where: str, index: int, rate: int | None = None) -> Path:
        if not isinstance(value, str) or not value:
            self._fail(f"{key} must be the name of a file", where, index, key)
        path = self.folder / value
        if path.is_dir():
            self._fail(f"{key}: {value!r} is no file but a folder", where, index, key)
        if not path.is_file():
            self._fail(f"{key}: there is no file {path}", where, index, key)
        self.files.append((path, rate, where, index, key))
        return path

    # -- what is played ----------------------------------------------------------------------

    def _check_audio(self) -> None:
        """Looks at every file once for each rate that is asked of it."""
        if not self.files and not self.audio:
            return
        from .audiofiles import check

        for path in self.audio.values():
            self.lengths_s[path] = check(path).duration_s
        seen: set[tuple[Path, int | None]] = set()
        for path, rate, where, index, key in self.files:
            if (path, rate) in seen:
                continue
            seen.add((path, rate))
            try:
                self.lengths_s[path] = check(path, expect_rate=rate).duration_s
            except AudioFileError as error:
                line = self.lines.of(where, index, key)
                raise ScenarioError(f"{key}: {error}", self.file, line) from error

    def _end(self, step: Step, specs: Mapping[str, AppSpec], index: int) -> float:
        """When what a step plays is over, as far as it ever is, in seconds."""
        if step.app is None or step.do not in ("play", "say"):
            return step.at
        spec, arguments = specs[step.app], step.arguments
        audio = arguments.get("audio", spec.audio)
        length = arguments.get("seconds", self.lengths_s.get(audio))
        if length is None:
            return step.at
        offset = arguments.get("offset", 0.0)
        if offset >= length:
            self._fail(
                f"offset is {offset:g} s, and what it plays is {length:g} s long",
                "step",
                index,
                "offset",
            )
        loops = step.do == "play" and arguments.get("loop", spec.loop)
        return step.at if loops else step.at + float(length) - float(offset)

    def _only(
        self, table: Mapping[str, Any], known: set[str], where: str | None, index: int
    ) -> None:
        for key in table:
            self._known("key", key, sorted(known), where, index, key)

    def _known(
        self,
        kind: str,
        name: str,
        known: Iterable[str],
        where: str | None,
        index: int,
        key: str | None = None,
    ) -> None:
        names = tuple(known)
        if name not in names:
            self._fail(str(UnknownNameError(kind, name, names)), where, index, key or kind)

    def _fail(
        self, message: str, where: str | None, index: int, key: str | None = None
    ) -> NoReturn:
        raise ScenarioError(message, self.file, self.lines.of(where, index, key))
