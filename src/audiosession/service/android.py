"""Android's volumes on real streams: one more factor on each, by its stream type.

The service keeps one volume for each stream type, as Android's device does, in a model that is
shared with the simulated device. At first each is at its top, where nothing is lowered; streams
of a type sound as loud as its volume says from its first change on, until the service ends or
is reset. The user's own volumes stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .._checks import check_level
from ..android.errors import SecurityException
from ..android.kinds import OUTPUT_TYPES, ROLE_STREAMS
from ..android.models.callers import AndroidCaller
from ..android.models.volumes import (
    STREAMS,
    StreamActivity,
    StreamState,
    VolumeChange,
    VolumeModel,
    stream_of,
)
from ..android.stream_constants import (
    AndroidAudioAdjustment,
    AndroidRingerMode,
    AndroidStreamType,
)
from ..core.gains import SILENCE_DB
from ..core.translate.streams import claim_from_stream_role
from ..errors import IllegalRequestError, InvalidTypeError, InvalidValueError
from .servers.base import Direction
from .sessions import ServiceSession

if TYPE_CHECKING:
    from .adoption import KnownStream
    from .engine import Engine, EngineObserver

_T = TypeVar("_T", AndroidAudioAdjustment, AndroidRingerMode, AndroidStreamType)

SILENCE = "silence"
"""The field of an error that says that an app may not begin or end silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AndroidVolumesReport:
    """Every volume and the ringer, and what sounds; plain values, JSON on the bus."""

    ringer: int
    """The ringer's mode, ``AudioManager.RINGER_MODE_*``."""
    output: int
    """The type of the output that volumes are for, ``AudioDeviceInfo.TYPE_*``."""
    volumes: dict[str, StreamState] = field(default_factory=dict)
    """The volumes by the stream types' names."""
    heard: dict[str, float] = field(default_factory=dict)
    """What the streams of a type are lowered by, in dB; those that nobody changed are not in it."""
    sounding: tuple[str, ...] = ()
    """The stream types that sound."""


def stream_type(known: KnownStream) -> AndroidStreamType | None:
    """The stream type of a stream; ``None`` for one that records, or is left alone.

    The attributes of its app's session say it, else what the session is for, which for apps that
    know nothing of sessions is what rules take their streams for.
    """
    session = known.owner or known.session
    if not known.plays or session is None:
        return None
    if isinstance(session, ServiceSession):
        attributes = session.attributes
        if attributes is not None:
            return stream_of(
                int(attributes.usage), int(attributes.content_type), int(attributes.flags)
            )
        if session.claim is not None:
            return ROLE_STREAMS.get(session.claim.role, AndroidStreamType.MUSIC)
    verdict = known.verdict
    if verdict is not None:
        return ROLE_STREAMS.get(verdict.claim.role, AndroidStreamType.MUSIC)
    said = claim_from_stream_role(known.stream.properties.get("media.role"))
    return ROLE_STREAMS.get(said.role, AndroidStreamType.MUSIC)


class AndroidVolumes:
    """See the module.

    Args:
        engine: Whose streams they are.
    """

    def __init__(self, engine: Engine) -> None:
        self.on_change: Callable[[], None] = lambda: None
        """Called when what is reported differs, other than what sounds."""
        self._engine = engine
        self._begin()

    def _begin(self) -> None:
        # Desktops have no motor to vibrate with.
        self._model = VolumeModel(aliases="default", vibrator=False, at_top=True)
        self._used: set[AndroidStreamType] = set()

    # -- what clients ask --------------------------------------------------------------------

    def report(self) -> AndroidVolumesReport:
        """Everything as it stands."""
        self._follow_output()
        model = self._model
        return AndroidVolumesReport(
            ringer=int(model.ringer.mode),
            output=int(model.output),
            volumes={stream.name: state for stream, state in model.states().items()},
            heard={each.name: self._level_db(each) for each in STREAMS if each in self._used},
            sounding=tuple(sorted(each.name for each in self._sounding())),
        )

    def adjust(self, stream: int, direction: int, flags: int, target_sdk: int) -> None:
        """A step of a volume, or muting it.

        Args:
            stream: Whose, ``AudioManager.STREAM_*``.
            direction: ``AudioManager.ADJUST_*``.
            flags: ``AudioManager.FLAG_*``.
            target_sdk: The API level that the app is written for.

        Raises:
            InvalidTypeError, InvalidValueError: no such stream, direction or level.
            IllegalRequestError: it would begin or end silence, and the app may not.
        """
        type = _member(AndroidStreamType, "stream", stream)
        way = _member(AndroidAudioAdjustment, "direction", direction)
        caller, now = _caller(target_sdk), self._engine.scheduler.now
        self._do(lambda model: model.adjust(type, way, flags, caller, now))

    def adjust_suggested(self, direction: int, suggested: int, flags: int, target_sdk: int) -> None:
        """The same for the stream type that matters most now (android 92).

        Args:
            direction: ``AudioManager.ADJUST_*``.
            suggested: The stream type where none is active; ``STREAM_DEFAULT``: music.
            flags: ``AudioManager.FLAG_*``.
            target_sdk: The API level that the app is written for.

        Raises:
            InvalidTypeError, InvalidValueError, IllegalRequestError: as with :meth:`adjust`.
        """
        otherwise = AndroidStreamType.MUSIC
        if suggested != AndroidStreamType.DEFAULT:
            otherwise = _member(AndroidStreamType, "suggested", suggested)
        sounding = self._sounding()
        activity = StreamActivity(
            in_call=AndroidStreamType.VOICE_CALL in sounding,
            assistant=AndroidStreamType.ASSISTANT in sounding,
            rang=AndroidStreamType.RING in sounding,
            notified=AndroidStreamType.NOTIFICATION in sounding,
        )
        self.adjust(activity.stream(otherwise), direction, flags, target_sdk)

    def set_index(self, stream: int, index: int, flags: int, target_sdk: int) -> None:
        """Sets a volume; an index that is out of range becomes the nearest in it.

        Args:
            stream: Whose, ``AudioManager.STREAM_*``.
            index: As the user counts.
            flags: ``AudioManager.FLAG_*``.
            target_sdk: The API level that the app is written for.

        Raises:
            InvalidTypeError, InvalidValueError, IllegalRequestError: as with :meth:`adjust`.
        """
        type = _member(AndroidStreamType, "stream", stream)
        caller, now = _caller(target_sdk), self._engine.scheduler.now
        self._do(lambda model: model.set_index(type, index, flags, caller, now), chosen=type)

    def set_ringer(self, mode: int, target_sdk: int) -> None:
        """Sets the ringer's mode; one that vibrates is silent, for want of a motor.

        Args:
            mode: ``AudioManager.RINGER_MODE_*``.
            target_sdk: The API level that the app is written for.

        Raises:
            InvalidTypeError, InvalidValueError, IllegalRequestError: as with :meth:`adjust`.
        """
        wished = _member(AndroidRingerMode, "mode", mode)
        caller, now = _caller(target_sdk), self._engine.scheduler.now
        self._do(lambda model: model.set_ringer(wished, caller, now))

    # -- for the engine ----------------------------------------------------------------------

    def look(self) -> None:
        """Streams, sessions or devices may be others: levels follow."""
        if not self._used:
            return
        self._follow_output()
        streams, moved = self._engine.streams, []
        for key, known in streams.known.items():
            type = stream_type(known)
            level_db = self._level_db(type) if type is not None and type in self._used else 0.0
            if streams.fader.scale_db(key) != level_db:
                streams.fader.scale(key, level_db)
                moved.append(key)
        self._tell_moved(moved)

    def reset(self) -> None:
        """Back to how it was at first; the factors are taken away with all others."""
        if not self._used:
            return
        self._begin()
        fader = self._engine.streams.fader
        moved = [key for key in self._engine.streams.known if fader.scale_db(key)]
        for key in moved:
            fader.scale(key, 0.0)
        self._tell_moved(moved)
        self.on_change()

    # -- inside ------------------------------------------------------------------------------

    def _do(
        self,
        what: Callable[[VolumeModel], VolumeChange],
        *,
        chosen: AndroidStreamType | None = None,
    ) -> None:
        """Changes the model; what is different is heard and told.

        Args:
            what: Does it.
            chosen: Whose level is chosen by it, be it the same as before.
        """
        self._follow_output()
        model = self._model
        try:
            change = what(model)
        except SecurityException as error:
            # The one name it has on the wire; hosts call it by its own again.
            raise IllegalRequestError(str(error), field=SILENCE) from error
        meant = change.streams if chosen is None else (*change.streams, chosen)
        roots = {model.aliases[stream] for stream in meant}
        used = self._used | {each for each in STREAMS if model.aliases[each] in roots}
        if used != self._used or change.streams or change.ringer:
            self._used = used
            self._engine.settled()
            self.on_change()

    def _tell_moved(self, streams: Iterable[str]) -> None:
        for key in streams:
            self._engine.tell(partial(_stream_changed, key))

    def _level_db(self, stream: AndroidStreamType) -> float:
        return min(0.0, max(SILENCE_DB, self._model.level_db(stream)))

    def _sounding(self) -> set[AndroidStreamType]:
        types = {stream_type(k) for k in self._engine.streams.known.values() if k.audible}
        return {each for each in types if each is not None}

    def _follow_output(self) -> None:
        """Volumes are those of the output that new streams go to."""
        for link in self._engine.links.values():
            for each in link.endpoints:
                if each.default and each.active and each.direction is Direction.PLAYBACK:
                    type = OUTPUT_TYPES.get(each.type.value)
                    if type is not None and type != self._model.output:
                        self._model.set_output(type)
                    return


_NONE: Final[dict[type, tuple[int, ...]]] = {AndroidStreamType: (AndroidStreamType.DEFAULT,)}
"""Members that stand for none in particular."""


def _stream_changed(key: str, observer: EngineObserver) -> None:
    observer.stream_changed(key)


def _caller(target_sdk: int) -> AndroidCaller:
    check_level("target_sdk", target_sdk)
    return AndroidCaller(target_sdk=target_sdk)


def _member(kind: type[_T], name: str, number: Any) -> _T:
    if isinstance(number, bool) or not isinstance(number, int):
        raise InvalidTypeError(name, number, expected="an integer")
    if number not in kind.__members__.values() or number in _NONE.get(kind, ()):
        raise InvalidValueError(name, number, expected=f"one of {kind.__name__}")
    return kind(number)


__all__ = ["AndroidVolumes", "AndroidVolumesReport", "stream_type"]
