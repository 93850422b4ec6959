"""The error tree: its shape, its messages, and that its data survives travelling."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from audiosession import errors
from audiosession.errors import (
    AudioFileError,
    AudioFileReason,
    AudioSessionError,
    ClosedError,
    DeniedError,
    ExtraMissingError,
    HostUnavailableError,
    HostUnavailableReason,
    IllegalCombinationError,
    IllegalRequestError,
    InvalidTypeError,
    InvalidValueError,
    LimitError,
    MissingFieldError,
    PolicyError,
    ScenarioError,
    StreamOverflowError,
    TimeBackwardsError,
    UnknownFieldError,
    UnknownNameError,
    UnsupportedError,
)

# One of each, with the message it makes.
EXAMPLES: list[tuple[AudioSessionError, str]] = [
    (IllegalRequestError("no good", field="x"), "no good"),
    (
        InvalidValueError("gain", 2.0, expected="from 0 to 1"),
        "gain must be from 0 to 1, not 2.0",
    ),
    (InvalidTypeError("gain", True, expected="a number"), "gain must be a number, not bool"),
    (IllegalCombinationError("mode", "does not fit"), "mode: does not fit"),
    (MissingFieldError("a.usage"), "a.usage is missing"),
    (
        UnknownFieldError("a.usge", known=("usage", "flags")),
        "a.usge is not a known field; did you mean 'usage'?",
    ),
    (ClosedError("stream 'devices'"), "stream 'devices' is closed; open a new one"),
    (
        TimeBackwardsError(1.5, 2.0),
        "time runs backwards: now is 1.5 s, and it was 2.0 s before",
    ),
    (
        UnknownNameError("recipe", "musik", ("music", "speech")),
        "no recipe is called 'musik'; did you mean 'music'?",
    ),
    (LimitError("listeners", 1000), "too many listeners: the limit is 1000"),
    (
        PolicyError(("a is missing", "b loops"), "kiosk.toml"),
        "policy kiosk.toml has 2 problems:\n  a is missing\n  b loops",
    ),
    (ScenarioError("no such app", "day.toml", 7), "day.toml:7: no such app"),
    (
        AudioFileError("a.wav", AudioFileReason.WRONG_RATE, "44100 Hz"),
        "a.wav: the sample rate does not fit (44100 Hz)",
    ),
    (
        DeniedError("recorder", "call", "no-recording-over-a-call"),
        "session 'recorder' is refused while 'call' is active (rule no-recording-over-a-call); "
        "ask again when 'call' is done",
    ),
    (
        HostUnavailableError(HostUnavailableReason.NO_SOUND_SERVER, "start PipeWire"),
        "no sound server answers: start PipeWire",
    ),
    (UnsupportedError("routing", "linux"), "routing is not supported by this host (linux)"),
    (
        StreamOverflowError(1000),
        "more than 1000 events were waiting to be read, and later ones are lost; "
        "read the current state anew and iterate again",
    ),
    (
        ExtraMissingError("audio", "reading FLAC files"),
        "reading FLAC files needs the extra 'audio': pip install 'audiosession[audio]'",
    ),
]


def test_every_error_has_an_example() -> None:
    classes = {
        thing
        for thing in vars(errors).values()
        if isinstance(thing, type) and issubclass(thing, AudioSessionError)
    }
    assert {type(error) for error, _ in EXAMPLES} == classes - {AudioSessionError}
    assert {each.__name__ for each in classes} < set(errors.__all__)


@pytest.mark.parametrize(("error", "message"), EXAMPLES, ids=lambda each: type(each).__name__)
def test_message_is_built_from_the_data(error: AudioSessionError, message: str) -> None:
    assert str(error) == message


@pytest.mark.parametrize("error", [error for error, _ in EXAMPLES], ids=lambda e: type(e).__name__)
def test_error_survives_pickling_and_copying(error: AudioSessionError) -> None:
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(other) is type(error)
        assert str(other) == str(error)
        assert vars(other) == vars(error)


def test_notes_survive_pickling() -> None:
    error = ClosedError("session 'a'")
    error.add_note("while shutting down")
    assert pickle.loads(pickle.dumps(error)).__notes__ == ["while shutting down"]


def test_the_root_refuses_to_be_raised() -> None:
    with pytest.raises(TypeError, match="subclasses"):
        raise AudioSessionError("nothing in particular")


@pytest.mark.parametrize(
    ("error", "builtins"),
    [
        (InvalidValueError, (ValueError,)),
        (InvalidTypeError, (ValueError, TypeError)),
        (ClosedError, (ValueError, RuntimeError)),
        (UnknownNameError, (ValueError, LookupError)),
        (ExtraMissingError, (ImportError,)),
    ],
)
def test_error_is_the_fitting_builtin_too(
    error: type[AudioSessionError], builtins: tuple[type[Exception], ...]
) -> None:
    assert all(issubclass(error, each) for each in builtins)


@pytest.mark.parametrize(
    "error",
    [
        DeniedError,
        HostUnavailableError,
        UnsupportedError,
        StreamOverflowError,
        ExtraMissingError,
    ],
)
def test_what_is_not_the_callers_fault_is_no_illegal_request(
    error: type[AudioSessionError],
) -> None:
    assert not issubclass(error, IllegalRequestError)


@pytest.mark.parametrize(
    ("error", "field"),
    [
        (IllegalRequestError("no good"), ""),
        (InvalidValueError("gain", 2, expected="1"), "gain"),
        (InvalidTypeError("gain", 2, expected="1"), "gain"),
        (IllegalCombinationError("mode", "no"), "mode"),
        (MissingFieldError("a.usage"), "a.usage"),
        (UnknownFieldError("a.usge"), "a.usge"),
        (TimeBackwardsError(1, 2), "now"),
        (UnknownNameError("recipe", "x", ()), "recipe"),
        (LimitError("listeners", 1), ""),
    ],
    ids=lambda each: type(each).__name__,
)
def test_illegal_request_names_its_field(error: IllegalRequestError, field: str) -> None:
    assert error.field == field


def test_huge_values_do_not_flood_the_message() -> None:
    error = InvalidValueError("name", "x" * 10_000, expected="short")
    assert len(str(error)) < 100
    assert error.value == "x" * 10_000


def test_unlike_name_gets_the_list_of_known_ones() -> None:
    error = UnknownNameError("host", "zzz", [f"host{n}" for n in range(14)])
    assert str(error).endswith("host11 and 2 more")
    assert error.known[-1] == "host13"


def test_name_among_none_gets_no_hint() -> None:
    assert str(UnknownNameError("host", "zzz", ())) == "no host is called 'zzz'"


def test_one_problem_is_counted_as_one() -> None:
    error = PolicyError(["a is missing"])
    assert str(error) == "policy has 1 problem:\n  a is missing"
    assert error.problems == ("a is missing",)
    assert error.source is None


@pytest.mark.parametrize(
    ("file", "line", "message"),
    [
        (None, None, "bad"),
        (None, 3, "line 3: bad"),
        (Path("a.toml"), None, "a.toml: bad"),
        ("a.toml", 3, "a.toml:3: bad"),
    ],
)
def test_scenario_error_says_where(file: str | Path | None, line: int | None, message: str) -> None:
    error = ScenarioError("bad", file, line)
    assert str(error) == message
    assert (error.file, error.line) == (None if file is None else str(file), line)


@pytest.mark.parametrize("reason", AudioFileReason)
def test_every_audio_file_reason_has_words(reason: AudioFileReason) -> None:
    error = AudioFileError("a.wav", reason)
    assert str(error).startswith("a.wav: ")
    assert error.path == Path("a.wav")


@pytest.mark.parametrize("reason", HostUnavailableReason)
def test_every_host_reason_has_words(reason: HostUnavailableReason) -> None:
    assert len(str(HostUnavailableError(reason))) > 10


def test_denied_without_a_holder_names_none() -> None:
    assert str(DeniedError("a", None, "r")) == "session 'a' is refused (rule r); ask again later"
