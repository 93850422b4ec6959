"""Shorthand for tests of AVAudioSession over the native session."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from audiosession import AudioSession
from audiosession.apple import AVAudioSession, AVAudioSessionRouteSelection
from audiosession.hosts.ios import IOSHost
from audiosession.hosts.simulated import SimulatedApp, SimulatedDevice
from tests.apple.phone_kit import phone as simulated
from tests.phones.ios import mirror as plain
from tests.phones.ios.app_kit import settle
from tests.phones.ios.fake_objc import NativeObject, text_of
from tests.phones.ios.native_session import NativeSession, phone

USAGE = "NSMicrophoneUsageDescription"


STEREO = 0x650002
"""kAudioChannelLayoutTag_Stereo of CoreAudioBaseTypes.h."""


class NativeLayout(NativeObject):
    objc_class = "AVAudioChannelLayout"

    def __init__(self, tag: int) -> None:
        self.layoutTag = tag


class _Session(plain._Session):
    """Answers besides what AVAudioSession leaves to a real phone."""

    isEchoCancelledInputEnabled = plain._Read("is_echo_cancelled_input_enabled")
    inputOrientation = plain._Read("input_orientation")

    def __init__(self, mirror: Mirror) -> None:
        super().__init__(mirror)
        self.supportedOutputChannelLayouts = [NativeLayout(STEREO)]

    @property
    def availableCategories(self) -> list[str]:
        return self._texts("available_categories")

    @property
    def availableModes(self) -> list[str]:
        return self._texts("available_modes")

    def prepareRouteSelectionForPlaybackWithCompletionHandler(
        self, response: Callable[[bool, int], None]
    ) -> None:
        start, where = self._mirror.do(self._mirror.inner.prepare_route_selection_for_playback)
        assert isinstance(where, AVAudioSessionRouteSelection)
        response(start, where.value)

    def _texts(self, name: str) -> list[str]:
        mirror = self._mirror
        found = mirror.read(lambda: getattr(mirror.inner, name))
        return [text_of(each.value) for each in found]


class Mirror(plain.Mirror):
    """See :class:`tests.phones.ios.mirror.Mirror`; answers all that is asked."""

    def __init__(self, app: SimulatedApp, *, lists_channels: bool = True) -> None:
        super().__init__(app, lists_channels=lists_channels)
        self.session = _Session(self)


@asynccontextmanager
async def mirrored(
    *version: int,
) -> AsyncIterator[tuple[AVAudioSession, SimulatedDevice, Mirror]]:
    """A session on a phone that is a simulated one; of iOS 26.2 by default."""
    device = simulated(*(version or (26, 2)))
    mirror = Mirror(device.app("app"))
    host = IOSHost(mirror.fake)
    session = AVAudioSession.of(AudioSession(host))
    await session.audio_session
    try:
        yield session, device, mirror
    finally:
        await session.audio_session.close()
        await settled(host, mirror)
        await host.close()
        assert mirror.fake.observed == 0
        await mirror.close()


@asynccontextmanager
async def scripted(*version: int) -> AsyncIterator[tuple[AVAudioSession, NativeSession]]:
    """A session on a phone that the test works with its own hands; of iOS 26.0 by default."""
    objc, native = phone(*version)
    native.info[USAGE] = "to hear you"
    host = IOSHost(objc)
    session = AVAudioSession.of(AudioSession(host))
    await session.audio_session
    try:
        yield session, native
    finally:
        await session.audio_session.close()
        await host.close()
        assert objc.observed == 0
        objc.close()


async def heard_all(session: AVAudioSession) -> None:
    """Returns when the session has heard all that a scripted phone said."""
    host = session.audio_session._host
    assert isinstance(host, IOSHost)
    await settle(host)
    # Once it has heard it has the phone looked at.
    await settle(host)


async def settled(host: IOSHost, mirror: plain.Mirror) -> None:
    """Returns when the phone's sessions have heard all that a simulated phone did."""
    await mirror.settle()
    await settle(host)
    await settle(host)


@contextmanager
def reads_by_thread(native: NativeSession) -> Iterator[list[tuple[str, str]]]:
    """The members that are used meanwhile, each with the name of the thread."""
    seen: list[tuple[str, str]] = []
    objc: Any = native.objc
    used = objc._used

    def note(of: str, name: str) -> None:
        seen.append((f"{of}.{name}", threading.current_thread().name))
        used(of, name)

    objc._used = note
    try:
        yield seen
    finally:
        objc._used = used
