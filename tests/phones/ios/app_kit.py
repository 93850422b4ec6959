"""Shorthand for tests of an app's session on a phone."""

from __future__ import annotations

from audiosession.hosts.ios import IOSHost, IOSSession
from tests.hosts.contract import Ear
from tests.phones.ios.waiting import settle

__all__ = ["opened", "settle"]


async def opened(host: IOSHost) -> tuple[IOSSession, Ear]:
    """A session below the one API, and what its app hears."""
    ear = Ear()
    return await host.open_session(ear), ear
