"""The phone's one native audio session, as all of an app's sessions share it.

Apple gives an app one session (apple 1). Where an app opens several here, the native one is as
the last that asked for the audio would have it, and becomes inactive with the last that gives
it up.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Protocol, TypeVar

from ...apple.constants import (
    AVAudioSessionCategory,
    AVAudioSessionMode,
    AVAudioSessionRouteSharingPolicy,
    AVAudioSessionSetActiveOptions,
)
from ...apple.names import AVAudioSessionNotificationName, AVAudioSessionUserInfoKey
from ...configuration import AudioSessionConfiguration
from ...devices import AudioDevice
from .bridge import ObjCBridge, ObjCError
from .events import KEYS, Note, begins
from .ports import PortTypes, RouteSeen, devices_of, read_ports
from .threads import NativeThread

__all__ = ["Phone", "Settings"]

_Name = AVAudioSessionNotificationName
_Key = AVAudioSessionUserInfoKey

T = TypeVar("T")

_ENDS_ACTIVATIONS: Final = (_Name.MEDIA_SERVICES_WERE_LOST, _Name.MEDIA_SERVICES_WERE_RESET)
_MOVES_DEVICES: Final = (_Name.ROUTE_CHANGE, _Name.AVAILABLE_INPUTS_CHANGE)
_HEARD: Final = (_Name.INTERRUPTION, _Name.ROUTE_CHANGE, *_ENDS_ACTIVATIONS)
_SET_UP: Final = ("category", "mode", "categoryOptions")
_RECORDS: Final = (
    AVAudioSessionCategory.RECORD,
    AVAudioSessionCategory.PLAY_AND_RECORD,
    AVAudioSessionCategory.MULTI_ROUTE,
)
POLICIES_SINCE: Final = (11, 0)
"""From then on the policy is set together with the category (AVAudioSession.h)."""

_log = logging.getLogger("audiosession")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What of a configuration the phone is told; ``None`` is Apple's default."""

    category: AVAudioSessionCategory
    """What the app does with sound."""
    mode: AVAudioSessionMode
    """What for in particular."""
    policy: AVAudioSessionRouteSharingPolicy
    """Whether it shares a route."""
    options: int
    """How it behaves towards others, as Apple's number."""

    @classmethod
    def of(cls, configuration: AudioSessionConfiguration) -> Settings:
        """What a configuration says of it; the phone judges whether it goes together."""
        policy = configuration.av_audio_session_route_sharing_policy
        return cls(
            category=configuration.av_audio_session_category or AVAudioSessionCategory.SOLO_AMBIENT,
            mode=configuration.av_audio_session_mode or AVAudioSessionMode.DEFAULT,
            policy=AVAudioSessionRouteSharingPolicy.DEFAULT if policy is None else policy,
            options=int(configuration.av_audio_session_category_options or 0),
        )

    @property
    def records(self) -> bool:
        """Whether the category has inputs."""
        return self.category in _RECORDS


class PhoneUser(Protocol):
    """Somebody who hears every note, on the thread that posts it."""

    def heard(self, note: Note) -> None:
        """A note came; may not block."""


class Phone:
    """The native session. Methods that say so are called on its :attr:`thread` only.

    Args:
        bridge: The native objects.
    """

    def __init__(self, bridge: ObjCBridge) -> None:
        self.bridge = bridge
        self.thread = NativeThread("audiosession-ios", bridge.pool)
        """Where native calls are made that may take long, in order."""
        self._types = PortTypes(bridge)
        self._moments = itertools.count(1)
        # What it is set up as, and since when.
        self._applied: Settings | None = None
        self._applied_at = 0
        # What the phone said of itself right after that, which options it has added included.
        self._left: tuple[object, ...] | None = None
        # Who wants the audio, the last to ask last: since when, and as what.
        self._wanting: dict[object, tuple[int, Settings]] = {}
        self._users: tuple[PhoneUser, ...] = ()
        self._observers: dict[AVAudioSessionNotificationName, Callable[[], None]] = {}
        self._lock = threading.Lock()

    @cached_property
    def session(self) -> object:
        """The native AVAudioSession."""
        found: object = self.bridge.call(
            self.bridge.class_named("AVAudioSession"), "sharedInstance"
        )
        return found

    # -- who hears ---------------------------------------------------------------------------

    def join(self, user: PhoneUser) -> None:
        """Has somebody hear all notes; those of everybody's after :meth:`observe`."""
        with self._lock:
            if user not in self._users:
                self._users = (*self._users, user)

    def leave(self, user: PhoneUser) -> None:
        """Ends it; observing ends with the last, and so does the thread."""
        with self._lock:
            self._users = tuple(each for each in self._users if each is not user)
            if self._users:
                return
            observers, self._observers = self._observers, {}
            self.thread.end()
        for end in observers.values():
            end()

    def watch(self, name: AVAudioSessionNotificationName) -> bool:
        """Has notes of that name sent too; False on an older system, or where nobody hears."""
        with self._lock:
            if not self._users:
                return False
            if name in self._observers:
                return True
            try:
                text = self.bridge.constant(name.value)
            except AttributeError:
                return False
            keys = self._keys(name)
            self._observers[name] = self.bridge.observe(
                text, self.session, lambda info: self._posted(name, keys, info)
            )
        return True

    # -- on the thread -----------------------------------------------------------------------

    def observe(self) -> None:
        """Has the notes sent that everybody needs, as long as somebody hears. On the thread."""
        for name in _HEARD:
            self.watch(name)

    def configure(self, who: object, settings: Settings) -> None:
        """Has the session set up so, unless somebody else has the audio. On the thread.

        Raises:
            ObjCError: the phone refuses; nothing has changed.
        """
        if who not in self._wanting and self._wanting:
            return
        self._apply(settings)
        if who in self._wanting:
            self._wanting[who] = self._wanting[who][0], settings

    def activate(self, who: object, settings: Settings) -> int:
        """Sets the session up and activates it, which may take seconds. On the thread.

        Another library in the app may have set it up otherwise meanwhile; then it is set up
        anew.

        Returns:
            The moment from which on what is said is about this activation. Where nobody wanted
            the audio that is before the call, since no inactive session is interrupted;
            otherwise after it, since the activation ends what interrupted the one before.

        Raises:
            ObjCError: the phone refuses; the session is set up as before.
        """
        before = self._applied
        if settings != before or self._standing() != self._left:
            self._apply(settings)
        moment = None if self._wanting else next(self._moments)
        try:
            self._set_active(True, AVAudioSessionSetActiveOptions.NONE)
        except ObjCError:
            if before is not None and settings != before:
                self._go_back(before)
            raise
        if moment is None:
            moment = next(self._moments)
        self._wanting.pop(who, None)
        self._wanting[who] = moment, settings
        return moment

    def deactivate(self, who: object, *, notify_others: bool) -> int:
        """Deactivates the session, unless another one of the app's wants it. On the thread.

        Returns:
            The moment it was done.

        Raises:
            ObjCError: the phone says no.
        """
        mine = self._wanting.pop(who, None)
        if self._wanting:
            _, settings = list(self._wanting.values())[-1]
            if settings != self._applied:
                self._go_back(settings)
            return next(self._moments)
        told = AVAudioSessionSetActiveOptions.NOTIFY_OTHERS_ON_DEACTIVATION
        try:
            self._set_active(False, told if notify_others else AVAudioSessionSetActiveOptions.NONE)
        except ObjCError:
            if mine is not None:
                self._wanting[who] = mine
            raise
        return next(self._moments)

    def take_back(self, who: object) -> None:
        """Gives up what was granted and nobody uses any more. On the thread.

        Whatever the phone answers, it stands in the way of nobody else's giving up.

        Raises:
            ObjCError: the phone says no.
        """
        if who in self._wanting:
            try:
                self.deactivate(who, notify_others=True)
            finally:
                self.forget(who)

    def forget(self, who: object) -> None:
        """Its activation is over without a call. On the thread."""
        self._wanting.pop(who, None)

    def devices(self) -> tuple[int, frozenset[AudioDevice]]:
        """The devices there are, and the moment they were read. On the thread."""
        moment = next(self._moments)
        return moment, self._devices()

    # -- inside ------------------------------------------------------------------------------

    def _apply(self, settings: Settings) -> None:
        # A change of the route that comes of it is told during the call.
        before, self._applied = self._applied, settings
        try:
            self._tell(settings)
        except BaseException:
            self._applied = before
            raise
        self._applied_at = next(self._moments)
        self._left = self._standing()
        if settings.records and self._users:
            # Another microphone may come without any change of the route.
            self.watch(_Name.AVAILABLE_INPUTS_CHANGE)

    def _tell(self, settings: Settings) -> None:
        constant = self.bridge.constant
        named = constant(settings.category.value), constant(settings.mode.value)
        if self.bridge.system_version >= POLICIES_SINCE:
            selector = "setCategory:mode:routeSharingPolicy:options:error:"
            self.bridge.call_checked(
                self.session, selector, *named, settings.policy.value, settings.options
            )
        else:
            selector = "setCategory:mode:options:error:"
            self.bridge.call_checked(self.session, selector, *named, settings.options)

    def _go_back(self, settings: Settings) -> None:
        try:
            self._apply(settings)
        except ObjCError as error:
            _log.warning("the audio session could not be set up as it was: %s", error)

    def _set_active(self, active: bool, options: AVAudioSessionSetActiveOptions) -> None:
        self.bridge.call_checked(
            self.session, "setActive:withOptions:error:", active, options.value
        )

    def _standing(self) -> tuple[object, ...] | None:
        """How the native session says that it is set up; ``None``: it cannot be read."""
        policy = self.bridge.system_version >= POLICIES_SINCE
        names = (*_SET_UP, "routeSharingPolicy") if policy else _SET_UP
        return _or_none(lambda: tuple(self.bridge.get(self.session, name) for name in names))

    def _route(self) -> RouteSeen:
        return self._types.read(self.bridge.get(self.session, "currentRoute"))

    def _devices(self) -> frozenset[AudioDevice]:
        bridge = self.bridge
        route = self._route()
        applied = self._applied
        if applied is None or not applied.records:
            return devices_of(route)
        inputs = bridge.get(self.session, "availableInputs")
        return devices_of(route, read_ports(bridge, self._types, inputs))

    def _keys(self, name: AVAudioSessionNotificationName) -> dict[str, AVAudioSessionUserInfoKey]:
        """The keys of a note by the texts that this system exports."""
        found: dict[str, AVAudioSessionUserInfoKey] = {}
        for key in KEYS.get(name, ()):
            try:
                found[self.bridge.constant(key.value)] = key
            except AttributeError:
                # Newer than the system.
                continue
        return found

    def _posted(
        self,
        name: AVAudioSessionNotificationName,
        keys: dict[str, AVAudioSessionUserInfoKey],
        info: dict[str, Any],
    ) -> None:
        """A notification, on the thread that posts it."""
        try:
            note = self._read(name, keys, info)
            with self._lock:
                # The last may have left meanwhile, and the thread has ended with it.
                users = self._users
                if users and (begins(note) or name in _ENDS_ACTIVATIONS):
                    self.thread.post(lambda: self._lose(note))
            for user in users:
                user.heard(note)
        except Exception:
            # Nothing may reach the native code that posts it.
            _log.exception("a notification of the phone could not be read: %s", name.value)

    def _read(
        self,
        name: AVAudioSessionNotificationName,
        keys: dict[str, AVAudioSessionUserInfoKey],
        info: dict[str, Any],
    ) -> Note:
        moment = next(self._moments)
        known = {keys[text]: value for text, value in info.items() if text in keys}
        previous = known.get(_Key.ROUTE_CHANGE_PREVIOUS_ROUTE)
        return Note(
            name=name,
            moment=moment,
            info=known,
            previous=None if previous is None else _or_none(lambda: self._types.read(previous)),
            current=_or_none(self._route) if name is _Name.ROUTE_CHANGE else None,
            devices=_or_none(self._devices) if name in _MOVES_DEVICES else None,
        )

    def _lose(self, note: Note) -> None:
        """What was granted before the note is over, and after a reset what was set up too."""
        self._wanting = {
            who: (moment, settings)
            for who, (moment, settings) in self._wanting.items()
            if moment > note.moment
        }
        if note.name is _Name.MEDIA_SERVICES_WERE_RESET and self._applied_at < note.moment:
            self._applied = None


def _or_none(read: Callable[[], T]) -> T | None:
    """What is read; ``None`` where it cannot be, lest the rest be lost with it."""
    try:
        return read()
    except Exception:
        _log.exception("the phone's session could not be read")
        return None
