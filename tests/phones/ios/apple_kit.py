"""Shorthand for tests of AVAudioSession over the native session."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from audiosession import AudioSession
from audiosession.apple import AVAudioSession
from audiosession.hosts.ios import IOSHost
from audiosession.hosts.simulated import SimulatedDevice
from tests.apple.phone_kit import phone as simulated
from tests.phones.ios.app_kit import settle
from tests.phones.ios.mirror import Mirror
from tests.phones.ios.native_session import NativeSession, phone


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
        await host.close()
        assert mirror.fake.observed == 0
        await mirror.close()


@asynccontextmanager
async def scripted(*version: int) -> AsyncIterator[tuple[AVAudioSession, NativeSession]]:
    """A session on a phone that the test works with its own hands; of iOS 26.0 by default."""
    objc, native = phone(*version)
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
