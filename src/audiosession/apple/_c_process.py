"""What Audio Session Services keeps of a process: whether it is initialised, and who listens."""

from __future__ import annotations

import copy
import ctypes
import logging
import threading
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

from audiosession.apple import c_constants as c
from audiosession.apple._c_cells import Refusal, pointer_of
from audiosession.apple._c_places import Place, place_of
from audiosession.apple._c_properties import PROPERTIES, Property, View
from audiosession.apple._c_words import old_route, route_dictionary
from audiosession.apple.avaudiosession import AVAudioSession
from audiosession.apple.enums import (
    AVAudioSessionInterruptionOptions,
    AVAudioSessionInterruptionType,
)
from audiosession.apple.errors import NSError
from audiosession.apple.names import AVAudioSessionNotificationName as Name
from audiosession.apple.names import AVAudioSessionUserInfoKey as Key
from audiosession.apple.notifications import MAX_OBSERVERS
from audiosession.errors import (
    ClosedError,
    HostUnavailableError,
    InvalidTypeError,
    LimitError,
    UnsupportedError,
)
from audiosession.session import AudioSession

AudioSessionInterruptionListener: TypeAlias = Callable[[Any, int], object]
"""Called with the client data and the state, when an interruption begins or ends."""
AudioSessionPropertyListener: TypeAlias = Callable[[Any, int, int, Any], object]
"""Called with the client data, the property, the size of its value, and the value in a cell."""

_log = logging.getLogger("audiosession")


@dataclass(slots=True, kw_only=True)
class _Listening:
    """One registration of a property listener."""

    id: int
    function: AudioSessionPropertyListener
    data: Any
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Initialized:
    """What :class:`Process` has once it is initialised."""

    session: AVAudioSession
    place: Place
    loop: AbstractEventLoop | None
    function: AudioSessionInterruptionListener | None
    data: Any


class Process:
    """The C API's state in one process.

    Args:
        session: Whose view it is; ``None``: of the app's one session when it is initialised.
    """

    def __init__(self, session: AudioSession | None = None) -> None:
        self._source = session
        # Any thread may call; held for no longer than it takes to look and to change.
        self._lock = threading.Lock()
        # From the first call that initialises, whether that is done or under way.
        self._begun = False
        self._is: _Initialized | None = None
        self._listening: tuple[_Listening, ...] = ()
        self._last: dict[int, Any] = {}
        self._hear_no_more: Callable[[], None] = lambda: None
        # How the interruption ended whose end is being told, and in which thread that is.
        self._ended: tuple[int, int] | None = None

    # -- beginning and end -------------------------------------------------------------------

    def initialize(
        self,
        loop: AbstractEventLoop | None,
        function: AudioSessionInterruptionListener | None,
        data: Any,
    ) -> None:
        """Opens the session, without activating it."""
        with self._lock:
            if self._begun:
                raise Refusal(c.kAudioSessionAlreadyInitialized)
            self._begun = True
        done = False
        try:
            session = AudioSession.instance() if self._source is None else self._source
            place = place_of(session)
            place.run(session._connected())
            view = place.call(lambda: AVAudioSession.of(session))
            self._is = _Initialized(
                session=view, place=place, loop=loop, function=function, data=data
            )
            self._hear_no_more = place.call(lambda: self._hear(view))
            done = True
        except (HostUnavailableError, NSError, ClosedError, LimitError) as error:
            _log.error("Audio Session Services cannot be initialised: %s", error)
            raise Refusal(c.kAudioSessionInitializationError) from error
        finally:
            if not done:
                self._is, self._begun = None, False

    def end(self) -> None:
        """Forgets everything; nobody listens any more."""
        with self._lock:
            now, self._is, self._begun = self._is, None, False
            for each in self._listening:
                each.active = False
            self._listening = ()
        if now is not None:
            now.place.call(self._hear_no_more)

    @property
    def initialized(self) -> _Initialized:
        """What there is since it was initialised; refuses before."""
        if self._is is None:
            raise Refusal(c.kAudioSessionNotInitialized)
        return self._is

    # -- properties --------------------------------------------------------------------------

    def get(self, property: Property) -> Any:
        """The value of a property that can be read."""
        now, get = self.initialized, property.get
        assert get is not None
        view = self._view(now)
        return now.place.call(lambda: get(view))

    def set(self, property: Property, value: Any) -> None:
        """Writes a property that can be written."""
        now, set = self.initialized, property.set
        assert set is not None
        view = self._view(now)

        async def setting() -> None:
            # What changes nothing asks nobody, and is refused all the same.
            view.session._check_usable()
            await set(view, value)

        now.place.run(setting())

    def set_active(self, active: bool, options: Any) -> None:
        """Activates or deactivates."""
        now = self.initialized
        now.place.run(now.session.set_active(active, options=options))

    # -- listeners ---------------------------------------------------------------------------

    def add(self, property: Property, function: AudioSessionPropertyListener, data: Any) -> None:
        """Has a property listened to; replaces the registration with the same data."""
        now = self.initialized
        _check_listens(property)
        new = _Listening(id=property.id, function=function, data=data)
        with self._lock:
            listening = list(self._listening)
            for place, each in enumerate(listening):
                if each.id == property.id and same_data(each.data, data):
                    each.active = False
                    listening[place] = new
                    break
            else:
                if len(listening) >= MAX_OBSERVERS:
                    _log.error("%s", LimitError("property listeners", MAX_OBSERVERS))
                    raise Refusal(c.kAudioSessionUnspecifiedError)
                listening.append(new)
            self._listening = tuple(listening)

        def note() -> None:
            if property.get is not None and property.id not in self._last:
                self._last[property.id] = _read(property, View(session=now.session))

        now.place.call(note)

    def remove(
        self,
        property: Property,
        matches: Callable[[AudioSessionPropertyListener, Any], bool],
    ) -> None:
        """Ends the registrations that match."""
        _check_listens(property)
        self.initialized  # noqa: B018
        with self._lock:
            kept = []
            for each in self._listening:
                if each.id == property.id and matches(each.function, each.data):
                    each.active = False
                else:
                    kept.append(each)
            self._listening = tuple(kept)
            if not any(each.id == property.id for each in kept):
                self._last.pop(property.id, None)

    # -- what happens ------------------------------------------------------------------------

    def _hear(self, session: AVAudioSession) -> Callable[[], None]:
        # From here on the device tells the session what happens.
        _ = session._device
        return session._hear_first(self)

    def heard(self, name: str, user_info: Mapping[str, Any]) -> None:
        """For AVAudioSession: what it is about to tell its observers."""
        info, now = user_info, self._is
        if now is None:
            return
        if name == Name.INTERRUPTION:
            self._interruption(now, info)
        elif name == Name.ROUTE_CHANGE:
            with now.session._as_seen():
                route = now.session.current_route
            before = info[Key.ROUTE_CHANGE_PREVIOUS_ROUTE]
            change = {
                c.kAudioSession_RouteChangeKey_Reason: info[Key.ROUTE_CHANGE_REASON].value,
                c.kAudioSession_AudioRouteChangeKey_OldRoute: old_route(before),
                c.kAudioSession_AudioRouteChangeKey_PreviousRouteDescription: route_dictionary(
                    before
                ),
                c.kAudioSession_AudioRouteChangeKey_CurrentRouteDescription: route_dictionary(
                    route
                ),
            }
            self._tell(now, PROPERTIES[c.kAudioSessionProperty_AudioRouteChange], change)
            self.look()
        elif name == Name.MEDIA_SERVICES_WERE_LOST:
            self._tell(now, PROPERTIES[c.kAudioSessionProperty_ServerDied], 1)
        elif name == Name.MEDIA_SERVICES_WERE_RESET:
            self._tell(now, PROPERTIES[c.kAudioSessionProperty_ServerDied], 0)

    def _interruption(self, now: _Initialized, info: Mapping[str, Any]) -> None:
        function = now.function
        if function is None:
            return
        state, ended = c.kAudioSessionBeginInterruption, None
        if info[Key.INTERRUPTION_TYPE] is AVAudioSessionInterruptionType.ENDED:
            options = info[Key.INTERRUPTION_OPTION]
            resume = AVAudioSessionInterruptionOptions.SHOULD_RESUME in options
            state = c.kAudioSessionEndInterruption
            ended = (
                c.kAudioSessionInterruptionType_ShouldResume
                if resume
                else c.kAudioSessionInterruptionType_ShouldNotResume
            )

        def telling() -> None:
            if self._is is not now:
                return
            before = self._ended
            self._ended = None if ended is None else (threading.get_ident(), ended)
            try:
                with self._current():
                    function(now.data, state)
            except Exception:
                _log.exception("the interruption listener failed")
            finally:
                self._ended = before

        now.place.tell(now.loop, telling)

    def look(self) -> None:
        """For AVAudioSession: properties may have other values than they had."""
        now = self._is
        if now is None or now.session._unseen:
            return
        view = View(session=now.session)
        for id in tuple(self._last):
            property = PROPERTIES[id]
            with now.session._as_seen():
                value = _read(property, view)
            if value != self._last.get(id) and id in self._last:
                self._last[id] = value
                if value is not None:
                    self._tell(now, property, value)

    def _tell(self, now: _Initialized, property: Property, value: Any) -> None:
        size = ctypes.sizeof(property.kind)
        # A route change comes as the dictionary itself, anything else behind a pointer.
        bare = property.id == c.kAudioSessionProperty_AudioRouteChange

        def telling(each: _Listening) -> None:
            if not each.active:
                return
            try:
                # A copy for each, which is the listener's own.
                own = copy.deepcopy(value)
                with self._current():
                    each.function(each.data, property.id, size, own if bare else property.kind(own))
            except Exception:
                _log.exception("a listener of %s failed", property.name)

        now.place.tell(
            now.loop,
            *(partial(telling, each) for each in self._listening if each.id == property.id),
        )

    @contextmanager
    def _current(self) -> Iterator[None]:
        """What is called inside calls the C API in this process, whichever is in use."""
        token = _inside.set(self)
        try:
            yield
        finally:
            _inside.reset(token)

    def _view(self, now: _Initialized) -> View:
        view = View(session=now.session)
        if self._ended is not None and self._ended[0] == threading.get_ident():
            view = replace(view, interruption_type=self._ended[1])
        return view


def _check_listens(property: Property) -> None:
    if not property.listens:
        raise Refusal(c.kAudioSessionUnsupportedPropertyError)


def _read(property: Property, view: View) -> Any:
    """The value, or ``None`` where there is none now."""
    assert property.get is not None
    try:
        return property.get(view)
    except (Refusal, UnsupportedError, NSError):
        return None


def same_data(one: object, other: object) -> bool:
    """Whether two client data are the same pointer; numbers cast to one are so by value."""
    one, other = pointer_of(one), pointer_of(other)
    if isinstance(one, int) and isinstance(other, int):
        return one == other
    return one is other


# -- the process -----------------------------------------------------------------------------

_process = Process()
_inside: ContextVar[Process | None] = ContextVar("audiosession_c_process", default=None)


def process() -> Process:
    """The state of this process."""
    return _inside.get() or _process


@contextmanager
def fresh(session: AudioSession | None = None) -> Iterator[None]:
    """Within ``with``, the state is that of a process just begun; afterwards it is as before.

    Args:
        session: Whose view it is; ``None``: of the app's one session when it is initialised.
    """
    global _process
    before, _process = _process, Process(session)
    # In a listener the state was that of the listener's process until now.
    inside = _inside.get()
    if inside is not None:
        _inside.set(None)
    try:
        yield
    finally:
        _process.end()
        _process = before
        if inside is not None:
            _inside.set(inside)


@contextmanager
def use(session: AudioSession) -> Iterator[AVAudioSession]:
    """Within ``with``, Audio Session Services is that of a process just begun, on ``session``.

    For tests, and for several simulated apps in one process: not initialised yet, no
    listeners. Afterwards all is as it was before; the session itself stays as it is.

    Args:
        session: The app's session, for example ``device.app("recorder").session``.

    Yields:
        The same session as :class:`~audiosession.apple.AVAudioSession`.

    Raises:
        InvalidTypeError: not a session of the one API.
    """
    if not isinstance(session, AudioSession):
        raise InvalidTypeError("session", session, expected="an AudioSession")
    with fresh(session):
        yield AVAudioSession.of(session)


__all__ = [
    "AudioSessionInterruptionListener",
    "AudioSessionPropertyListener",
    "Process",
    "fresh",
    "process",
    "same_data",
    "use",
]
