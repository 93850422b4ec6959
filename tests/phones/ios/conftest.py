"""Phones of iOS that the tests here work with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from audiosession import AudioSession
from audiosession.hosts.ios import IOSHost
from tests.phones.declarations import check
from tests.phones.ios.native_session import NativeSession, phone


@pytest.fixture(autouse=True)
def _declarations() -> None:
    check("types-ios")


@pytest.fixture
def native() -> Iterator[NativeSession]:
    """The native session of a phone of the newest system; fails where it was misused."""
    objc, session = phone()
    yield session
    objc.close()


@pytest.fixture
async def host(native: NativeSession) -> AsyncIterator[IOSHost]:
    """The phone as a host; no observer may be left of it."""
    host = IOSHost(native.objc)
    yield host
    await host.close()
    assert native.objc.observed == 0


@pytest.fixture
async def session(host: IOSHost) -> AsyncIterator[AudioSession]:
    """An app's session on it."""
    session = AudioSession(host)
    yield session
    await session.close()
