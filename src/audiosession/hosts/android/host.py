"""An Android phone as a host of one app."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...devices import AudioDevice, AudioDevicesChangedEvent
from .. import has_module
from ..base import Capability, HostEvents
from .api import HOST, AndroidApi
from .app import PhoneApp
from .bridge import JavaBridge
from .devices import KnownDevices, audio_device, listed
from .errors import BridgeMissingError
from .focus import FocusClient
from .loop import LoopPost
from .receivers import follow_devices, receive
from .session import AndroidSession
from .shared_focus import SharedFocus

if TYPE_CHECKING:
    from .android_device import PhoneAndroidDevice

__all__ = ["AndroidHost", "find_bridge"]

_log = logging.getLogger("audiosession")


class AndroidHost:
    """The phone, for the app in whose process this is; a :class:`~audiosession.hosts.base.Host`.

    It is used on the thread on which the app began, in one event loop; when that has ended, in
    that of the next call. What the phone tells on threads of its own comes into the loop, in
    order; what it tells between two loops waits for the second one.

    Args:
        bridge: The Java objects; by default those of the package that the app was packed with.

    Raises:
        BridgeMissingError: There is no bridge.
    """

    def __init__(self, bridge: JavaBridge | None = None) -> None:
        self.api = AndroidApi(find_bridge() if bridge is None else bridge)
        """The phone's API, by level."""
        self._app: str | None = None
        self._service: Any = None
        self._post: LoopPost | None = None
        self._shared: SharedFocus | None = None
        self._sessions: dict[AndroidSession, None] = {}
        # What ends the registrations with the phone, while there are sessions.
        self._ends: list[Callable[[], None]] = []
        self._android: PhoneAndroidDevice | None = None

    @property
    def name(self) -> str:
        """Always ``android``."""
        return HOST

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this phone can do; devices since API level 23, and lowering apps since 26.

        An app that speaks, or pauses when ducked, is told to do it itself then too.
        """
        found = {Capability.OTHER_APPS, Capability.BECOMING_NOISY, Capability.USER_ACTIONS}
        if self.api.has("AudioDeviceCallback"):
            found.add(Capability.DEVICES)
        if self.api.has("AudioFocusRequest"):
            # Both came with the same level.
            found.add(Capability.SYSTEM_DUCKING)
        return frozenset(found)

    @property
    def android_device(self) -> PhoneAndroidDevice:
        """What AudioManager needs of the phone."""
        if self._android is None:
            # Android's surface is many modules, which most programs never need.
            from .android_device import PhoneAndroidDevice

            self._android = PhoneAndroidDevice(self.api)
        return self._android

    @property
    def android_app(self) -> PhoneApp:
        """What the phone knows of the app."""
        return PhoneApp(self.api)

    async def open_session(self, events: HostEvents) -> AndroidSession:
        """A session of the app.

        Raises:
            BridgeMissingError: The app was built without this package's Java classes.
            JavaError: Java raised something.
            IllegalRequestError: There are sessions in another event loop, and that runs.
        """
        if self._sessions:
            self.enter()
        else:
            self._post = LoopPost()
        if self._shared is None:
            self._shared = SharedFocus.of(self.api, self.manager, self)
        if not self._ends:
            self._listen()
        session = AndroidSession(self, events)
        self._sessions[session] = None
        return session

    async def close(self) -> None:
        """Closes what is open; the phone tells nothing any more.

        Raises:
            IllegalRequestError: There are sessions in another event loop, and that runs.
        """
        for session in tuple(self._sessions):
            await session.close()
        shared, self._shared = self._shared, None
        if shared is not None:
            self._ends.append(lambda: shared.leave(self))
        self._end()
        if self._android is not None:
            self._android.stop_hearing()

    # -- for the sessions --------------------------------------------------------------------

    @property
    def app(self) -> str:
        """The app's package."""
        if self._app is None:
            context = self.api.bridge.context()
            self._app = str(self.api.call(context, "Context.getPackageName") or "")
        return self._app

    @property
    def manager(self) -> Any:
        """The app's ``android.media.AudioManager``."""
        if self._service is None:
            self._service = self.api.service("AUDIO_SERVICE")
        return self._service

    @property
    def shared(self) -> SharedFocus:
        """The focus of all the app's sessions in the one API's words, those of other hosts too."""
        assert self._shared is not None, "there is one from the first session on"
        return self._shared

    def own_client(self, heard: Callable[[int], None]) -> FocusClient:
        """A client of focus for one session; ``heard`` is called on threads of the phone."""
        return FocusClient(self.api, self.manager, heard)

    def enter(self) -> None:
        """The running event loop is that of the sessions from now on.

        Raises:
            IllegalRequestError: The one before runs still, and so in another thread.
        """
        if self._post is not None:
            self._post.enter()

    def post(self, work: Callable[[], None]) -> None:
        """Has something done in the event loop of the sessions; from any thread, in order."""
        if self._post is not None:
            self._post(work)

    def catch_up(self) -> None:
        """Tells at once what the phone has said already."""
        if self._post is not None:
            self._post.catch_up()

    def devices(self) -> frozenset[AudioDevice]:
        """The devices there are.

        Raises:
            UnsupportedError: The phone is too old.
            JavaError: Java raised something.
        """
        return listed(self.api, self.manager)

    def closed(self, session: AndroidSession) -> None:
        """A session is closed."""
        self._sessions.pop(session, None)
        if not self._sessions:
            self._end()

    # -- inside ------------------------------------------------------------------------------

    def _listen(self) -> None:
        post = self._post
        assert post is not None
        noisy = self.api.constant("AudioManager.ACTION_AUDIO_BECOMING_NOISY")
        try:
            self._ends.append(receive(self.api, (noisy,), lambda _: post(self._noisy)))
            if Capability.DEVICES in self.capabilities:
                self._follow_devices(post)
        except BaseException:
            self._end()
            raise

    def _follow_devices(self, post: LoopPost) -> None:
        known = KnownDevices(self.devices())

        def changed(
            what: Callable[[list[AudioDevice]], AudioDevicesChangedEvent | None], natives: list[Any]
        ) -> None:
            # Read at once: of a device that is gone the phone may forget the name.
            devices = [audio_device(self.api, each) for each in natives]
            post(lambda: self._changed(what(devices)))

        self._ends.append(
            follow_devices(
                self.api,
                self.manager,
                added=lambda natives: changed(known.added, natives),
                removed=lambda natives: changed(known.removed, natives),
            )
        )

    def _end(self) -> None:
        while self._ends:
            end = self._ends.pop()
            try:
                end()
            except Exception:
                _log.exception("the phone would not end telling the app something")

    def _noisy(self) -> None:
        for session in tuple(self._sessions):
            session.becoming_noisy()

    def _changed(self, event: AudioDevicesChangedEvent | None) -> None:
        if event is not None:
            for session in tuple(self._sessions):
                session.devices_changed(event)


def find_bridge() -> JavaBridge:
    """The Java objects by whichever package the app was packed with.

    Raises:
        BridgeMissingError: By none; says what to do.
    """
    if has_module("jnius"):
        from .jnius_bridge import JniusBridge

        return JniusBridge()
    if has_module("java"):
        from .chaquopy_bridge import ChaquopyBridge

        return ChaquopyBridge()
    raise BridgeMissingError(
        "pyjnius or Chaquopy's module java",
        "name pyjnius in buildozer.spec (requirements = python3,pyjnius,audiosession), "
        "or pack the app with Briefcase",
    )
