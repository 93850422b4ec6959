"""The one error tree.

::

    AudioSessionError                   never raised itself
    ├── IllegalRequestError             + ValueError; your call is wrong, state unchanged
    │   ├── InvalidValueError
    │   ├── InvalidTypeError            + TypeError
    │   ├── IllegalCombinationError
    │   ├── MissingFieldError
    │   ├── UnknownFieldError
    │   ├── ClosedError                 + RuntimeError
    │   ├── TimeBackwardsError
    │   ├── UnknownNameError            + LookupError
    │   ├── LimitError
    │   ├── PolicyError
    │   ├── ScenarioError
    │   └── AudioFileError
    ├── DeniedError                     the policy refused
    ├── HostUnavailableError            the place where decisions take effect is not there
    ├── UnsupportedError                it is there, and cannot do this
    ├── StreamOverflowError             a reader of events fell too far behind
    └── ExtraMissingError               + ImportError; an optional package is not installed

Every error keeps the data its message is made of as attributes, and survives pickling and
copying with them.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "AudioFileError",
    "AudioFileReason",
    "AudioSessionError",
    "ClosedError",
    "DeniedError",
    "ExtraMissingError",
    "HostUnavailableError",
    "HostUnavailableReason",
    "IllegalCombinationError",
    "IllegalRequestError",
    "InvalidTypeError",
    "InvalidValueError",
    "LimitError",
    "MissingFieldError",
    "PolicyError",
    "ScenarioError",
    "StreamOverflowError",
    "TimeBackwardsError",
    "UnknownFieldError",
    "UnknownNameError",
    "UnsupportedError",
]

_MOST_NAMES_SHOWN = 12
_MOST_PROBLEMS_SHOWN = 12


def _suggestion(name: str, known: tuple[str, ...]) -> str:
    """Returns a sentence that helps to find the name meant, or an empty text."""
    # Only needed on the way to an error; not worth loading with the package.
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=3)
    if close:
        return f"; did you mean {' or '.join(map(repr, close))}?"
    if not known:
        return ""
    more = len(known) - _MOST_NAMES_SHOWN
    shown = ", ".join(known[:_MOST_NAMES_SHOWN])
    return f"; known: {shown}" + (f" and {more} more" if more > 0 else "")


def _rebuild(
    cls: type[AudioSessionError], message: str, state: dict[str, Any]
) -> AudioSessionError:
    error = cls.__new__(cls)
    AudioSessionError.__init__(error, message)
    error.__dict__.update(state)
    return error


class AudioSessionError(Exception):
    """The root of every error this package raises on purpose; never raised itself."""

    def __init__(self, message: str) -> None:
        if type(self) is AudioSessionError:
            raise TypeError("AudioSessionError is for catching; raise one of its subclasses")
        super().__init__(message)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), str(self), dict(self.__dict__))


class IllegalRequestError(AudioSessionError, ValueError):
    """The call is wrong in itself; nothing has changed.

    Args:
        message: What is wrong, as a sentence.
        field: The argument or key at fault, dotted where nested.
    """

    field: str
    """The argument or key at fault (``androidAudioAttributes.usage``); empty when the
    request as a whole is."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class InvalidValueError(IllegalRequestError):
    """A value has the right type and is not one of those allowed.

    Args:
        field: The argument or key at fault.
        value: What was given.
        expected: What is allowed, as a noun phrase: ``a number from 0 to 1``.
    """

    value: object
    expected: str

    def __init__(self, field: str, value: object, *, expected: str) -> None:
        super().__init__(
            f"{field or 'value'} must be {expected}, not {reprlib.repr(value)}", field=field
        )
        self.value = value
        self.expected = expected


class InvalidTypeError(IllegalRequestError, TypeError):
    """A value has the wrong type.

    Args:
        field: The argument or key at fault.
        value: What was given; only its type is kept.
        expected: What is allowed, as a noun phrase: ``an integer or None``.
    """

    expected: str
    actual: str
    """Name of the type that was given."""

    def __init__(self, field: str, value: object, *, expected: str) -> None:
        actual = type(value).__name__
        super().__init__(f"{field or 'value'} must be {expected}, not {actual}", field=field)
        self.expected = expected
        self.actual = actual


class IllegalCombinationError(IllegalRequestError):
    """Values that are right by themselves and wrong together.

    Args:
        field: The argument that has to change.
        problem: Why, as a sentence without the field's name.
    """

    problem: str

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}" if field else problem, field=field)
        self.problem = problem


class MissingFieldError(IllegalRequestError):
    """A key that must be there is not."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is missing", field=field)


class UnknownFieldError(IllegalRequestError):
    """A key is there that nothing reads.

    Args:
        field: The key, dotted where nested.
        known: The keys allowed in its place, undotted.
    """

    known: tuple[str, ...]

    def __init__(self, field: str, *, known: Iterable[str] = ()) -> None:
        names = tuple(known)
        hint = _suggestion(field.rpartition(".")[2], names)
        super().__init__(f"{field} is not a known field{hint}", field=field)
        self.known = names


class ClosedError(IllegalRequestError, RuntimeError):
    """Something is used after it was closed."""

    what: str
    """What is closed: ``session 'music'``."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is closed; open a new one")
        self.what = what


class TimeBackwardsError(IllegalRequestError):
    """A time was given that lies before one already given. Both in seconds."""

    now: float
    last: float

    def __init__(self, now: float, last: float) -> None:
        super().__init__(
            f"time runs backwards: now is {now!r} s, and it was {last!r} s before", field="now"
        )
        self.now = now
        self.last = last


class UnknownNameError(IllegalRequestError, LookupError):
    """A name that nothing bears.

    Args:
        kind: What is being looked up: ``recipe``, ``profile``, ``host``.
        name: The name given.
        known: The names there are.
    """

    kind: str
    name: str
    known: tuple[str, ...]

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = tuple(known)
        super().__init__(f"no {kind} is called {name!r}{_suggestion(name, names)}", field=kind)
        self.kind = kind
        self.name = name
        self.known = names


class LimitError(IllegalRequestError):
    """There would be more of something than is allowed."""

    what: str
    """What there would be too many of, in the plural: ``listeners``."""
    limit: int

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"too many {what}: the limit is {limit}")
        self.what = what
        self.limit = limit


class PolicyError(IllegalRequestError):
    """A policy table does not hold together.

    Args:
        problems: Every fault found, a sentence each, at least one. The message shows the
            first twelve.
        source: Where the table came from, usually a file name.
    """

    problems: tuple[str, ...]
    source: str | None

    def __init__(self, problems: Iterable[str], source: str | None = None) -> None:
        found = tuple(problems)
        count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
        lines = "".join(f"\n  {problem}" for problem in found[:_MOST_PROBLEMS_SHOWN])
        if len(found) > _MOST_PROBLEMS_SHOWN:
            lines += f"\n  and {len(found) - _MOST_PROBLEMS_SHOWN} more"
        super().__init__(f"policy{f' {source}' if source else ''} has {count}:{lines}")
        self.problems = found
        self.source = source


class ScenarioError(IllegalRequestError):
    """A scenario cannot be read or does not make sense.

    Args:
        message: What is wrong, as a sentence.
        file: The scenario's file, if it came from one.
        line: The line at fault, from 1, if known.
    """

    message: str
    file: str | None
    line: int | None

    def __init__(
        self, message: str, file: str | Path | None = None, line: int | None = None
    ) -> None:
        name = None if file is None else str(file)
        place = name or ("line" if line is not None else "")
        if line is not None:
            place += f":{line}" if name else f" {line}"
        super().__init__(f"{place}: {message}" if place else message)
        self.message = message
        self.file = name
        self.line = line


class AudioFileReason(Enum):
    """Why an audio file is of no use."""

    MISSING = "missing"
    """There is no such file."""
    UNREADABLE = "unreadable"
    """It is there and may not be read, or reading failed."""
    TRUNCATED = "truncated"
    """It ends before its header says so."""
    WRONG_RATE = "wrong-rate"
    """Its sample rate differs from the one needed and cannot be converted."""
    EMPTY = "empty"
    """It holds no samples."""
    UNSUPPORTED = "unsupported"
    """Its format or encoding is not one that can be read here."""


_AUDIO_FILE_TEXT = {
    AudioFileReason.MISSING: "there is no such file",
    AudioFileReason.UNREADABLE: "the file cannot be read",
    AudioFileReason.TRUNCATED: "the file ends too early",
    AudioFileReason.WRONG_RATE: "the sample rate does not fit",
    AudioFileReason.EMPTY: "the file holds no audio",
    AudioFileReason.UNSUPPORTED: "the format is not supported",
}


class AudioFileError(IllegalRequestError):
    """An audio file cannot be used.

    Args:
        path: The file.
        reason: Why.
        detail: More about it, as a phrase.
    """

    path: Path
    reason: AudioFileReason
    detail: str

    def __init__(self, path: str | Path, reason: AudioFileReason, detail: str = "") -> None:
        # The core uses these errors and is to load nothing that touches files.
        from pathlib import Path

        text = f"{path}: {_AUDIO_FILE_TEXT[reason]}"
        super().__init__(f"{text} ({detail})" if detail else text, field="path")
        self.path = Path(path)
        self.reason = reason
        self.detail = detail


class DeniedError(AudioSessionError):
    """The policy refused the session; the request itself was in order.

    Args:
        session: The session that asked, by the name of its app.
        holder: The app it would have to displace, ``None`` when there is none.
        rule: Name of the rule that decided.
    """

    session: str
    holder: str | None
    rule: str

    def __init__(self, session: str, holder: str | None, rule: str) -> None:
        before, after = "", "later"
        if holder is not None:
            before, after = f" while {holder!r} is active", f"when {holder!r} is done"
        super().__init__(f"session {session!r} is refused{before} (rule {rule}); ask again {after}")
        self.session = session
        self.holder = holder
        self.rule = rule


class HostUnavailableReason(Enum):
    """Why a host cannot be used at all."""

    WRONG_PLATFORM = "wrong-platform"
    """It belongs to another operating system."""
    NO_SESSION_BUS = "no-session-bus"
    """There is no D-Bus session bus, or it does not answer."""
    NO_SOUND_SERVER = "no-sound-server"
    """Neither PipeWire nor PulseAudio answers."""
    NO_SERVICE = "no-service"
    """The audio session service is not installed or could not be started."""
    ALREADY_RUNNING = "already-running"
    """Another one does its work, and there is to be one only."""
    CONNECTION_LOST = "connection-lost"
    """It was there and went away."""
    PERMISSION_DENIED = "permission-denied"
    """It is there and this process may not use it."""
    VERSION_MISMATCH = "version-mismatch"
    """It speaks a version that this package does not."""
    TIMED_OUT = "timed-out"
    """It did not answer in time."""


_HOST_TEXT = {
    HostUnavailableReason.WRONG_PLATFORM: "this host belongs to another operating system",
    HostUnavailableReason.NO_SESSION_BUS: "no D-Bus session bus answers",
    HostUnavailableReason.NO_SOUND_SERVER: "no sound server answers",
    HostUnavailableReason.NO_SERVICE: "the audio session service is not running",
    HostUnavailableReason.ALREADY_RUNNING: "another audio session service is running",
    HostUnavailableReason.CONNECTION_LOST: "the connection to the host is lost",
    HostUnavailableReason.PERMISSION_DENIED: "this process may not use the host",
    HostUnavailableReason.VERSION_MISMATCH: "the host speaks another version",
    HostUnavailableReason.TIMED_OUT: "the host did not answer in time",
}


class HostUnavailableError(AudioSessionError):
    """The host, the place where decisions take effect, cannot be used at all.

    Args:
        reason: Why.
        detail: More about it, and what to do next where that is known.
    """

    reason: HostUnavailableReason
    detail: str

    def __init__(self, reason: HostUnavailableReason, detail: str = "") -> None:
        text = _HOST_TEXT[reason]
        super().__init__(f"{text}: {detail}" if detail else text)
        self.reason = reason
        self.detail = detail


class UnsupportedError(AudioSessionError):
    """The host works and cannot do this.

    Args:
        capability: Name of the capability that is missing.
        host: Name of the host: ``simulated``, ``linux``, ``ios``, ``android``.
    """

    capability: str
    host: str

    def __init__(self, capability: str, host: str) -> None:
        super().__init__(f"{capability} is not supported by this host ({host})")
        self.capability = capability
        self.host = host


class StreamOverflowError(AudioSessionError):
    """A reader of events fell so far behind that events were lost to it."""

    limit: int
    """How many events were kept for it."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"more than {limit} events were waiting to be read, and later ones are lost; "
            "read the current state anew and iterate again"
        )
        self.limit = limit


class ExtraMissingError(AudioSessionError, ImportError):
    """An optional package that this needs is not installed.

    Args:
        extra: Name of the extra that brings it.
        needed_for: What needs it: ``reading FLAC files``.
    """

    extra: str
    needed_for: str

    def __init__(self, extra: str, needed_for: str = "this") -> None:
        super().__init__(
            f"{needed_for} needs the extra {extra!r}: pip install 'audiosession[{extra}]'"
        )
        self.extra = extra
        self.needed_for = needed_for
