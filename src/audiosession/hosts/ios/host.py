"""An iPhone or iPad as the host of the app that runs on it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from ..base import Capability, HostEvents
from .bridge import ObjCBridge
from .events import Note, NoteListener
from .phone import Phone
from .session import IOSSession
from .threads import IntoLoop, call_logged

if TYPE_CHECKING:
    from .apple_device import IOSAppleDevice

CAPABILITIES = frozenset(
    {
        Capability.OTHER_APPS,
        Capability.SYSTEM_DUCKING,
        Capability.DEVICES,
        Capability.BECOMING_NOISY,
        Capability.USER_ACTIONS,
    }
)
"""What the host can do for an app; the phone does not say when others have been lowered.

Nor does it tell an app that it is lowered. What the user did is remembered here, since the phone
knows nothing of an app's own buttons.
"""

_NAMES = ("CFBundleDisplayName", "CFBundleName")


class IOSHost:
    """The phone, for one app; a :class:`~audiosession.hosts.base.Host`.

    Nothing native is touched before the first session is opened, or the first view asks.

    Args:
        bridge: The native objects; by default those of rubicon-objc.
    """

    def __init__(self, bridge: ObjCBridge | None = None) -> None:
        self._bridge = bridge
        self._phone: Phone | None = None
        self._app: str | None = None
        self._sessions: dict[IOSSession, None] = {}
        # The sessions in the same event loop share it with the views.
        self._views_loop = IntoLoop()
        self._listeners: dict[NoteListener, None] = {}
        self._apple: IOSAppleDevice | None = None

    @property
    def name(self) -> str:
        """Always ``ios``."""
        return "ios"

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What iOS can do; always the same."""
        return CAPABILITIES

    @property
    def app(self) -> str:
        """What people call the app, from its Info.plist."""
        if self._app is None:
            bridge = self.phone.bridge
            bundle = bridge.get(bridge.class_named("NSBundle"), "mainBundle")
            names = (bridge.call(bundle, "objectForInfoDictionaryKey:", key) for key in _NAMES)
            self._app = next((str(name) for name in names if name), "app")
        return self._app

    @property
    def phone(self) -> Phone:
        """The native session; one for all hosts of a bridge."""
        if self._phone is None:
            self._phone = _phone_of(self._bridge or _rubicon())
        return self._phone

    @property
    def apple_device(self) -> IOSAppleDevice:
        """What AVAudioSession needs of the phone."""
        if self._apple is None:
            # Apple's surfaces are many modules, which most programs never need.
            from .apple_device import IOSAppleDevice

            self._apple = IOSAppleDevice(self)
        return self._apple

    async def open_session(self, events: HostEvents) -> IOSSession:
        """A session of the app; it hears in the event loop that runs here.

        Raises:
            HostUnavailableError: the phone does not answer.
        """
        phone = self.phone
        session = IOSSession(self, events, self.loop_here())
        self._sessions[session] = None
        phone.join(self)
        try:
            await phone.thread.run(phone.observe)
        except BaseException:
            session.end()
            raise
        return session

    async def close(self) -> None:
        """Closes what is open and ends the observing of the phone."""
        try:
            for session in tuple(self._sessions):
                await session.close()
        finally:
            # Those that were not waited for.
            for session in tuple(self._sessions):
                session.end()
            self._listeners.clear()
            apple, self._apple = self._apple, None
            phone, self._phone = self._phone, None
            try:
                if apple is not None:
                    apple.end()
            finally:
                if phone is not None:
                    phone.leave(self)

    # -- for the sessions and views ----------------------------------------------------------

    @property
    def active(self) -> bool:
        """Whether a session of the app is active."""
        return any(session.active for session in self._sessions)

    def closed(self, session: IOSSession) -> None:
        """A session is closed."""
        self._sessions.pop(session, None)

    def listen(self, listener: NoteListener) -> None:
        """Has a view hear of notes, in the app's loop: that of its session, once it is open."""
        self.use_loop()
        self._listeners[listener] = None
        self.phone.join(self)
        self.phone.thread.post(self.phone.observe)

    def use_loop(self) -> None:
        """Has the views hear in the loop that runs here, unless the one before still runs."""
        try:
            self._views_loop.bind()
        except RuntimeError:
            # A view may be there before there is a session, and even before there is a loop.
            return

    def say(self, hear: Callable[[], object]) -> None:
        """Has a function called in the loop of the views; from any thread, in order."""
        self._views_loop.say(hear)

    def heard(self, note: Note) -> None:
        """A note came, on the thread that posts it."""
        hearing: dict[IntoLoop, list[IOSSession]] = {}
        if self._listeners:
            hearing[self._views_loop] = []
        for session in tuple(self._sessions):
            hearing.setdefault(session.loop, []).append(session)
        for loop, sessions in hearing.items():
            loop.say(partial(self._deliver, note, loop, sessions))

    def _deliver(self, note: Note, loop: IntoLoop, sessions: list[IOSSession]) -> None:
        """Tells all that hear in a loop; each is called, whatever the others do."""
        listeners = tuple(self._listeners) if loop is self._views_loop else ()
        for listener in listeners:
            call_logged(listener.take_in, note)
        for session in sessions:
            if session.loop is loop:
                call_logged(session.hear, note)
            else:
                # It is used in another loop since this was said.
                session.loop.say(partial(session.hear, note))
        for listener in listeners:
            call_logged(listener.tell, note)

    def loop_here(self) -> IntoLoop:
        """A way into the event loop that runs here.

        That of a session is not taken from it, although its loop may have ended: it is used
        again some day, perhaps in another thread than this one.
        """
        taken = {session.loop for session in self._sessions}
        for loop in (self._views_loop, *taken):
            if loop.leads_here:
                return loop
        if self._views_loop not in taken and self._views_loop.bind():
            return self._views_loop
        loop = IntoLoop()
        loop.bind()
        return loop


# An app has one native session, and may have several hosts.
_phones: WeakValueDictionary[int, Phone] = WeakValueDictionary()
_making = threading.Lock()


def _phone_of(bridge: ObjCBridge) -> Phone:
    with _making:
        phone = _phones.get(id(bridge))
        if phone is None:
            phone = _phones[id(bridge)] = Phone(bridge)
        return phone


@cache
def _rubicon() -> ObjCBridge:
    from .rubicon import RubiconBridge

    return RubiconBridge()


__all__ = ["CAPABILITIES", "IOSHost"]
