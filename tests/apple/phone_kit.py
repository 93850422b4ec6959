"""Shorthand for tests of AVAudioSession on a simulated phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

from audiosession.apple import (
    AVAudioSession,
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionErrorCode,
    AVAudioSessionMode,
    AVAudioSessionPort,
    AVAudioSessionUserInfoKey,
    Notification,
    NotificationCenter,
    NSError,
)
from audiosession.hosts.base import Capability, HostEvents, HostSession
from audiosession.hosts.simulated import (
    PROFILES,
    DeviceProfile,
    SimulatedApp,
    SimulatedDevice,
    SimulatedHost,
)

Category = AVAudioSessionCategory
Options = AVAudioSessionCategoryOptions
Mode = AVAudioSessionMode
Code = AVAudioSessionErrorCode
Port = AVAudioSessionPort
Key = AVAudioSessionUserInfoKey


T = TypeVar("T")


def now(value: T) -> T:
    """The value as it is now; the type checker would take it for what it was before."""
    return value


def phone(*version: int, profile: str = "phone") -> SimulatedDevice:
    """A phone with Apple's policy; of the newest system where no version is given."""
    if version:
        major, minor = version
        return SimulatedDevice(profile, policy="apple", system_version=(major, minor))
    return SimulatedDevice(profile, policy="apple")


def without_microphone(monkeypatch: pytest.MonkeyPatch) -> SimulatedDevice:
    """A phone that has no microphone of its own."""
    ports = tuple(port for port in PROFILES["phone"].ports if not port.is_input)
    mute = DeviceProfile(
        name="mute", title="Mute", ports=ports, extras=frozenset(), volume_steps=16
    )
    monkeypatch.setitem(PROFILES, "mute", mute)
    return phone(profile="mute")


def session_of(app: SimulatedApp) -> AVAudioSession:
    return AVAudioSession.of(app.session)


async def started(
    app: SimulatedApp,
    category: Category = Category.PLAYBACK,
    options: Options = Options.NONE,
    mode: Mode = Mode.DEFAULT,
) -> AVAudioSession:
    """A session that is configured and active."""
    session = session_of(app)
    await session.set_category(category, mode=mode, options=options)
    await session.set_active(True)
    return session


class Heard:
    """The notifications of one session, in order."""

    def __init__(self, session: object) -> None:
        self.all: list[Notification] = []
        self._token = NotificationCenter.default().add_observer(None, self.all.append, session)

    def close(self) -> None:
        NotificationCenter.default().remove_observer(self._token)

    @property
    def names(self) -> list[str]:
        """What happened, without what the names have in common."""
        return [
            one.name.removeprefix("AVAudioSession").removesuffix("Notification") for one in self.all
        ]

    def of(self, name: str) -> list[dict[str, Any]]:
        """What came along with the notifications of that name."""
        return [dict(one.user_info) for one in self.all if one.name == name]

    def clear(self) -> None:
        self.all.clear()


@contextmanager
def heard(session: object) -> Iterator[Heard]:
    listener = Heard(session)
    try:
        yield listener
    finally:
        listener.close()


@contextmanager
def fails(code: AVAudioSessionErrorCode) -> Iterator[None]:
    """What runs inside fails with that code."""
    with pytest.raises(NSError) as caught:
        yield
    assert caught.value.code == code


def ports(session: AVAudioSession) -> tuple[list[str], list[str]]:
    """The names of the kinds of the ports in use, inputs and outputs."""
    route = session.current_route
    return (
        [port.port_type.name for port in route.inputs],
        [port.port_type.name for port in route.outputs],
    )


class PlainSession:
    """A session without what Apple's surface needs beyond every host."""

    def __init__(self, session: HostSession) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        if name == "apple_device":
            raise AttributeError(name)
        return getattr(self._session, name)


class PlainHost:
    """A host that knows apps and devices and nothing of routes."""

    name = "plain"

    def __init__(self, app: SimulatedApp) -> None:
        self._host = SimulatedHost(app)

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self._host.capabilities

    async def open_session(self, events: HostEvents) -> Any:
        return PlainSession(await self._host.open_session(events))

    async def close(self) -> None:
        await self._host.close()
