"""The per-user service as a host of one app."""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbus_fast import Message

from ..._tasks import to_the_end
from ...core.routing import Port
from ...errors import AudioSessionError, HostUnavailableError, HostUnavailableReason
from ...service.bus.names import ROOT, SESSION
from ..base import Capability, HostEvents
from .client import ServiceClient
from .link import ANSWER_S, START_S
from .session import LinuxSession

if TYPE_CHECKING:
    from .android_device import LinuxAndroidDevice
    from .apple_device import LinuxAppleDevice
    from .capture_host import LinuxCaptureHost

_log = logging.getLogger("audiosession")

CAPABILITIES = frozenset(
    {
        Capability.OTHER_APPS,
        Capability.SYSTEM_DUCKING,
        Capability.DEVICES,
        Capability.BECOMING_NOISY,
        Capability.QUIET,
        Capability.USER_ACTIONS,
    }
)
"""What the service can do."""

_INTERRUPTED_FIRST_S = 0.25
_OTHERS_BACK_S = 1.0


class LinuxHost:
    """The service, for one app; a :class:`~audiosession.hosts.base.Host`.

    Connects when the first session is opened, and again when the service was gone.

    Args:
        app: What people call the app; by default the name of the program.
        start: Whether the service may be started.
    """

    def __init__(self, app: str | None = None, *, start: bool = True) -> None:
        self._app = app or _program()
        self._start = start
        self._sessions: dict[LinuxSession, None] = {}
        self._by_path: dict[str, LinuxSession] = {}
        self._client: ServiceClient | None = None
        self._connecting: asyncio.Future[ServiceClient] | None = None
        self._renewing: asyncio.Future[None] | None = None
        # Apple's view, of a session that is yet to be opened.
        self._apple: LinuxAppleDevice | None = None
        self._android: LinuxAndroidDevice | None = None
        self._capture: LinuxCaptureHost | None = None

    @property
    def name(self) -> str:
        """Always ``linux``."""
        return "linux"

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the service can do; always the same."""
        return CAPABILITIES

    @property
    def apple_device(self) -> LinuxAppleDevice:
        """What AVAudioSession needs of this machine; that of the session opened next."""
        if self._apple is None:
            self._apple = self.new_apple_device()
        return self._apple

    @property
    def android_device(self) -> LinuxAndroidDevice:
        """What AudioManager needs of this machine."""
        if self._android is None:
            # Android's surface is many modules, which most programs never need.
            from .android_device import LinuxAndroidDevice

            self._android = LinuxAndroidDevice(self)
        return self._android

    @property
    def capture_host(self) -> LinuxCaptureHost:
        """What capture sessions need of this machine."""
        if self._capture is None:
            # Few apps capture, and it loads much.
            from .capture_host import LinuxCaptureHost

            self._capture = LinuxCaptureHost(
                self._app,
                properties=self._stream_properties,
                ports=self._input_ports,
                up=self._sound_up,
            )
        return self._capture

    async def open_session(self, events: HostEvents) -> LinuxSession:
        """A session of the app, at the service.

        Raises:
            HostUnavailableError: the service cannot be had.
            LimitError: the app has too many sessions.
        """
        return await to_the_end(self._opened(events))

    async def close(self) -> None:
        """Closes what is open and disconnects."""
        if self._android is not None:
            self._android.closed()
        if self._capture is not None:
            capture, self._capture = self._capture, None
            await asyncio.to_thread(capture.close)
        for session in tuple(self._sessions):
            await session.close()
        for task in (self._connecting, self._renewing):
            if task is not None and not task.done():
                task.cancel()
        self._connecting = self._renewing = None
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    # -- for the sessions --------------------------------------------------------------------

    def new_apple_device(self) -> LinuxAppleDevice:
        """Apple's view of this machine, for one session."""
        # Apple's surfaces are many modules, which most programs never need.
        from .apple_device import LinuxAppleDevice

        return LinuxAppleDevice(self._app, start=self._start)

    async def open_apart(self, events: HostEvents, apple: LinuxAppleDevice) -> LinuxSession:
        """A session that is told of routes by a view of its own.

        Raises:
            HostUnavailableError, LimitError: as :meth:`open_session`.
        """
        return await to_the_end(self._opened(events, apple))

    async def ask_manager(
        self, interface: str, member: str, signature: str, body: list[Any]
    ) -> list[Any]:
        """What a method of the service itself answers; asks the next one where it died.

        Raises:
            AudioSessionError: what it answered instead.
            HostUnavailableError: it cannot be had.
        """
        for last in (False, True):
            client = await self.connected()
            try:
                return await client.link.call(ROOT, interface, member, signature, body)
            except HostUnavailableError as error:
                if last or error.reason is not HostUnavailableReason.CONNECTION_LOST:
                    raise
                await client.link.wait_until_gone()
        raise AssertionError("the last attempt returns or raises")

    @property
    def app(self) -> str:
        """What people call the app."""
        return self._app

    @property
    def client(self) -> ServiceClient | None:
        """The connection, while there is one."""
        return self._client

    async def connected(self) -> ServiceClient:
        """The connection; made anew, and the sessions with it, where it was lost.

        Raises:
            HostUnavailableError: the service cannot be had, or not in time.
        """
        self.leave_dead_loop()
        if self._client is not None and not self._client.link.over:
            return self._client
        if self._connecting is None:
            # It serves every caller, and outlives those that are cancelled.
            self._connecting = asyncio.ensure_future(self._connect())  # noqa: TID251
            self._connecting.add_done_callback(self._connect_done)
        try:
            async with asyncio.timeout(START_S + ANSWER_S):
                return await asyncio.shield(self._connecting)
        except TimeoutError:
            raise HostUnavailableError(HostUnavailableReason.TIMED_OUT) from None

    def opened(self, session: LinuxSession, path: str) -> None:
        """A session is at the service; what it says to that path is for it."""
        self._by_path[path] = session

    @property
    def sessions(self) -> tuple[LinuxSession, ...]:
        """The sessions that are open."""
        return tuple(self._sessions)

    async def activated(self, session: LinuxSession) -> None:
        """A session is active, or waits to be; calls go to the output chosen for them."""
        if self._android is not None:
            await self._android.activated(session)

    def closed(self, session: LinuxSession, path: str | None) -> None:
        """A session is closed."""
        if self._android is not None:
            self._android.session_closed(session)
        self._sessions.pop(session, None)
        self._by_path.pop(path or "", None)

    def leave_dead_loop(self) -> None:
        """A connection lives in one event loop; where that is another one, it is gone."""
        client = self._client
        if client is not None and client.link.loop is not asyncio.get_running_loop():
            client.link.abandon()
            self._renewing = self._connecting = None
            self._forget_places()

    # -- inside ------------------------------------------------------------------------------

    async def _opened(
        self, events: HostEvents, apart: LinuxAppleDevice | None = None
    ) -> LinuxSession:
        for last in (False, True):
            client = await self.connected()
            session = LinuxSession(self, events)
            apple = apart or self._apple
            session.adopt(apple)
            try:
                await session.open(client)
            except HostUnavailableError as error:
                # A service that leaves says so, and another one can be started.
                if last or error.reason is not HostUnavailableReason.CONNECTION_LOST:
                    raise
                await client.link.wait_until_gone()
            else:
                self._sessions[session] = None
                if apple is not None:
                    if apple is self._apple:
                        self._apple = None
                    apple.bind(session)
                return session
        raise AssertionError("the last attempt returns or raises")

    async def _connect(self) -> ServiceClient:
        client = await ServiceClient.connect(start=self._start, app=self._app)
        client.link.on_signal = self._heard
        client.link.on_lost = self._lost
        self._client = client
        renewing = tuple(self._sessions)
        try:
            for session in renewing:
                await session.open(client)
        except AudioSessionError:
            await client.close()
            raise
        if renewing:
            self._renewing = asyncio.ensure_future(self._renew(renewing))  # noqa: TID251
            self._renewing.add_done_callback(_look_at)
        return client

    def _connect_done(self, done: asyncio.Future[ServiceClient]) -> None:
        if self._connecting is done:
            self._connecting = None
        if done.cancelled() or done.exception() is None or not self._sessions:
            return
        _log.warning("the audio session service does not come back: %s", done.exception())
        for session in tuple(self._sessions):
            session.lose()

    async def _renew(self, sessions: tuple[LinuxSession, ...]) -> None:
        """Puts the sessions in force again, in the order in which holds come out as before.

        Those that were interrupted ask first, so that those who interrupted them, often in
        other processes, do so again.
        """
        interrupted = tuple(each for each in sessions if each.interrupted)
        for session in interrupted:
            await session.renew()
        await asyncio.sleep(_INTERRUPTED_FIRST_S)
        for session in sessions:
            if session not in interrupted:
                await session.renew()
        if interrupted:
            await asyncio.sleep(_OTHERS_BACK_S)
            for session in interrupted:
                session.settle()

    def _lost(self) -> None:
        _log.info("the audio session service is gone")
        self._forget_places()
        if any(session.wanted for session in self._sessions):
            self._connecting = asyncio.ensure_future(self._connect())  # noqa: TID251
            self._connecting.add_done_callback(self._connect_done)

    def _stream_properties(self) -> str:
        """What a stream carries to belong to the session that came up last."""
        wanted = [session for session in self._sessions if session.wanted]
        return wanted[-1].environment()["PULSE_PROP"] if wanted else ""

    def _input_ports(self) -> tuple[Port, ...]:
        """The ports of this machine, where a session has asked for them."""
        for session in self._sessions:
            if session.routed_by_app:
                return session.apple_device.ports
        return ()

    def _sound_up(self) -> bool:
        """Whether no session that has asked for routes knows the sound server to be gone."""
        return all(
            session.apple_device.standing.media_services
            for session in self._sessions
            if session.routed_by_app
        )

    def _forget_places(self) -> None:
        self._by_path.clear()
        for session in self._sessions:
            session.gone()
        if self._renewing is not None:
            self._renewing.cancel()
            self._renewing = None
        self._client = None

    def _heard(self, message: Message) -> None:
        if message.interface == SESSION:
            session = self._by_path.get(message.path or "")
            if session is not None:
                session.hear(message)


def _look_at(done: asyncio.Future[None]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        _log.error("sessions could not be put in force again", exc_info=error)


def _program() -> str:
    """What people would call this program."""
    path = Path(sys.argv[0] if sys.argv else "")
    if path.name == "__main__.py":
        path = path.parent
    return path.stem or "python"


__all__ = ["CAPABILITIES", "LinuxHost"]
