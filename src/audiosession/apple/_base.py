"""What every part of AVAudioSession stands on: the app's session, the device, what is known."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final, Protocol

from audiosession.apple import legality
from audiosession.apple._kept import Snapshot
from audiosession.apple.constants import (
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionMode,
    AVAudioSessionRouteSharingPolicy,
)
from audiosession.apple.device import (
    NEWEST_SYSTEM_VERSION,
    AppleDevice,
    AppleDeviceEvents,
    AppleStanding,
    AppleWishes,
    AsksThePhone,
)
from audiosession.apple.errors import AVAudioSessionErrorCode, NSError
from audiosession.apple.names import AVAudioSessionNotificationName
from audiosession.apple.notifications import NotificationCenter
from audiosession.configuration import AudioSessionConfiguration
from audiosession.core.routing import Port, RouteRequest
from audiosession.core.translate.apple import CATEGORIES, route_request
from audiosession.devices import AudioDevicesChangedEvent
from audiosession.errors import ClosedError, HostUnavailableError, UnsupportedError

if TYPE_CHECKING:
    from audiosession.apple._io import AudioIO
    from audiosession.apple._observing import Observations
    from audiosession.session import AudioSession

FIRST_CONFIGURATION: Final = AudioSessionConfiguration(
    av_audio_session_category=AVAudioSessionCategory.SOLO_AMBIENT
)
"""What a session is before anybody configured it (apple 2)."""
FIRST_REQUEST: Final = route_request(AVAudioSessionCategory.SOLO_AMBIENT.value)
"""What it asks of the ports until its first activation (apple 4)."""

_SINCE: Final[Mapping[str, tuple[int, int]]] = {
    AVAudioSessionNotificationName.INTERRUPTION: (6, 0),
    AVAudioSessionNotificationName.ROUTE_CHANGE: (6, 0),
    AVAudioSessionNotificationName.MEDIA_SERVICES_WERE_RESET: (6, 0),
    AVAudioSessionNotificationName.MEDIA_SERVICES_WERE_LOST: (7, 0),
    AVAudioSessionNotificationName.SILENCE_SECONDARY_AUDIO_HINT: (8, 0),
    AVAudioSessionNotificationName.SPATIAL_PLAYBACK_CAPABILITIES_CHANGED: (15, 0),
    AVAudioSessionNotificationName.RENDERING_MODE_CHANGE: (17, 2),
    AVAudioSessionNotificationName.RENDERING_CAPABILITIES_CHANGE: (17, 2),
    AVAudioSessionNotificationName.MICROPHONE_INJECTION_CAPABILITIES_CHANGE: (18, 2),
    AVAudioSessionNotificationName.OUTPUT_MUTE_STATE_CHANGE: (26, 0),
    AVAudioSessionNotificationName.USER_INTENT_TO_UNMUTE_OUTPUT: (26, 0),
    AVAudioSessionNotificationName.AVAILABLE_INPUTS_CHANGE: (26, 0),
    AVAudioSessionNotificationName.DID_BECOME_ACTIVE: (27, 0),
    AVAudioSessionNotificationName.DID_BECOME_INACTIVE: (27, 0),
    AVAudioSessionNotificationName.RESUMPTION_RECOMMENDATION: (27, 0),
}
"""From which system on a notification is posted; one that is not here always is."""

MAX_GONE_PORTS: Final = 64
"""So many ports are remembered after they went: those of a previous route may be gone."""

_log = logging.getLogger("audiosession")


class EarlyListener(Protocol):
    """A surface that is told before the observers of an ``AVAudioSession``."""

    def heard(self, name: str, user_info: Mapping[str, Any]) -> None:
        """A notification is about to be posted, also one newer than the system imitated."""

    def look(self) -> None:
        """Properties may have other values than before."""


class _Settings:
    """A configuration in Apple's words; ``None`` is that of a fresh session.

    Kept because it is read often, and to say what options bring along takes a while.
    """

    __slots__ = ("category", "given", "kind", "mode", "options", "policy", "source", "wished_mode")

    def __init__(self, source: AudioSessionConfiguration | None) -> None:
        self.source = source
        of = FIRST_CONFIGURATION if source is None else source
        self.category = of.av_audio_session_category or AVAudioSessionCategory.SOLO_AMBIENT
        self.wished_mode = of.av_audio_session_mode or AVAudioSessionMode.DEFAULT
        self.mode = legality.effective_mode(self.category, self.wished_mode)
        self.given = of.av_audio_session_category_options or AVAudioSessionCategoryOptions.NONE
        self.options = legality.effective_options(self.category, self.given, self.mode)
        policy = of.av_audio_session_route_sharing_policy
        self.policy = AVAudioSessionRouteSharingPolicy.DEFAULT if policy is None else policy
        self.kind = CATEGORIES[self.category.value]


class SessionBase:
    """The state of one ``AVAudioSession``; its parts are mixed in by :class:`AVAudioSession`."""

    def __init__(self, session: AudioSession) -> None:
        self._session = session
        self._wishes = AppleWishes()
        # What runs, by name.
        self._io: dict[str, AudioIO] = {}
        self._io_made = 0
        # How often the media services were lost.
        self._resets = 0
        self._was_active = session.is_active
        # Told so and not activated since; other policies than Apple's leave the activation be.
        self._interrupted = False
        # Whether the app was told of a beginning, and of no end; a call of its own is one too.
        self._beginning_told = False
        # The configuration at the app's last call.
        self._called_with = session._configuration
        # Set while the app is frozen and has lost its activation, until it may be told.
        self._lost_suspended = False
        # Whether an interruption began with the loss of the media services, which was not told.
        self._loss_unsaid = False
        # The configuration that a reset of the media services has made void.
        self._void: AudioSessionConfiguration | None = None
        self._found: AppleDevice | None = None
        self._snapshot: Snapshot | None = None
        self._settings = _Settings(None)
        # Those there are, after those that went: a previous route may have had them.
        self._ports: dict[str, Port] = {}
        self._observations: Observations
        self._coming: AudioDevicesChangedEvent | None = None
        self._early: tuple[EarlyListener, ...] = ()
        self._delegate: object = None
        self._application: object = None
        self._blocking: object = None

    # -- the app's session -------------------------------------------------------------------

    @property
    def audio_session(self) -> AudioSession:
        """The session of the one API that this is a view of."""
        return self._session

    @property
    def is_active(self) -> bool:
        """Whether the session is active. Apple keeps this to itself; tests want it.

        An interruption makes it inactive until the app activates it again (apple 55, 62), also
        where the one API's session stays granted all the while.
        """
        return self._session.is_active and not self._interrupted

    @property
    def _now(self) -> _Settings:
        """What is configured; looked at anew when it is another configuration."""
        configuration = self._session._configuration
        if configuration is self._void:
            configuration = None
        if self._settings.source is not configuration:
            self._settings = _Settings(configuration)
        return self._settings

    @property
    def _given_options(self) -> AVAudioSessionCategoryOptions:
        """The options as they were given, without what they bring along."""
        return self._now.given

    # -- the device --------------------------------------------------------------------------

    @property
    def _device(self) -> AppleDevice | None:
        if self._found is None and not self._session.closed:
            # The host itself is asked before the session is open on it.
            source = self._session._session or self._session._use_host()
            device: AppleDevice | None = getattr(source, "apple_device", None)
            if device is not None:
                self._found = device
                device.attach(
                    self._events(), self._route_request() if self._was_active else FIRST_REQUEST
                )
                with self._as_seen():
                    self._keep_ports()
        return self._found

    @property
    def _phone(self) -> AsksThePhone | None:
        """The device, if a real phone stands behind it."""
        device = self._device
        return device if isinstance(device, AsksThePhone) else None

    def _as_seen(self) -> AbstractContextManager[object]:
        """For what the session looks at by itself: a real phone is not asked meanwhile."""
        device = self._found
        return device.as_seen() if isinstance(device, AsksThePhone) else nullcontext()

    @property
    def _unseen(self) -> bool:
        """Whether it is too early for the session to look: it will be told when it may."""
        device = self._found
        return isinstance(device, AsksThePhone) and device.unseen

    async def _seen_now(self) -> AbstractContextManager[object]:
        """As :meth:`_as_seen`, once a real phone was looked at off the event loop.

        Where it is :attr:`_unseen` all the same, too little is known to refuse anything: the
        phone itself is asked.
        """
        if (phone := self._phone) is not None:
            await phone.see()
        return self._as_seen()

    def _keep_ports(self) -> None:
        if self._found is None:
            return
        there = {port.id: port for port in self._found.ports}
        gone = [id for id in self._ports if id not in there][-MAX_GONE_PORTS:]
        self._ports = {id: self._ports[id] for id in gone} | there

    def _route_request(self) -> RouteRequest:
        """What the session asks of the ports, as it is configured."""
        now = self._now
        return route_request(now.category.value, now.mode.value, int(now.options), now.policy.value)

    def _events(self) -> AppleDeviceEvents:
        raise NotImplementedError

    def _need(self, capability: str) -> AppleDevice:
        """The device; raises UnsupportedError where the host offers none."""
        self._check_open()
        device = self._device
        if device is None:
            raise UnsupportedError(capability, self._session._use_host().name)
        return device

    @property
    def _standing(self) -> AppleStanding:
        device = self._device
        return AppleStanding() if device is None else device.standing

    @property
    def _version(self) -> tuple[int, int]:
        device = self._device
        return NEWEST_SYSTEM_VERSION if device is None else device.system_version

    # -- checks ------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._session.closed:
            raise NSError(AVAudioSessionErrorCode.EXPIRED_SESSION) from ClosedError(
                "this audio session"
            )

    def _check_usable(self) -> None:
        """Raises NSError where no call can succeed (apple 31, 32)."""
        self._check_open()
        if not self._standing.media_services:
            raise NSError(AVAudioSessionErrorCode.MEDIA_SERVICES_FAILED)

    @contextmanager
    def _in_apples_words(self) -> Iterator[None]:
        """Says with Apple's numbers that session or host went while a call waited."""
        try:
            yield
        except ClosedError as error:
            raise NSError(AVAudioSessionErrorCode.EXPIRED_SESSION) from error
        except HostUnavailableError as error:
            raise NSError(AVAudioSessionErrorCode.MEDIA_SERVICES_FAILED, str(error)) from error

    # -- telling -----------------------------------------------------------------------------

    def _hear_first(self, early: EarlyListener) -> Callable[[], None]:
        """Has another surface told before anybody else; call what is returned to end it."""
        self._early = (*self._early, early)

        def end() -> None:
            self._early = tuple(one for one in self._early if one is not early)

        return end

    def _post(
        self,
        name: str,
        user_info: Mapping[str, Any] | None = None,
        *,
        delegate: Callable[[], object] | None = None,
    ) -> None:
        """Tells surfaces that are told early, then the old delegate, then observers."""
        # A device may go on reporting to a session that is closed.
        if self._session.closed:
            return
        for early in self._early:
            early.heard(name, user_info or {})
        if delegate is not None:
            delegate()
        if self._version >= _SINCE.get(name, (0, 0)):
            NotificationCenter.default().post(name, self, user_info)

    def _tell_delegate(self, method: str, *args: object) -> bool:
        """Calls a method of the old delegate; False when it has none of that name."""
        function = getattr(self._delegate, method, None)
        if function is None:
            return False
        try:
            function(*args)
        except Exception:
            _log.exception("the delegate's %s failed", method)
        return True
