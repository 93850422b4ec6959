"""What is read before the first call where the service is slow to come, or not there yet."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from audiosession import AudioSession
from audiosession.apple import AVAudioSession
from audiosession.errors import (
    AudioSessionError,
    HostUnavailableError,
    HostUnavailableReason,
)
from audiosession.hosts.linux import first_look
from audiosession.service.routing.report import RoutingReport
from tests.apple.phone_kit import Category
from tests.hosts.test_linux_apple_device import FIRST, Host, Line


@pytest.fixture
def host() -> Host:
    return Host(Line(FIRST))


class Looks:
    """What the service shows, one look after the other."""

    def __init__(self, host: Host, *shown: RoutingReport | AudioSessionError) -> None:
        self.device = host.apple_device
        self.shown = [*shown]
        self.count = 0
        self.now = 100.0
        self.may_end = threading.Event()
        self.may_end.set()

    async def look(self) -> RoutingReport:
        self.count += 1
        self.may_end.wait(30)
        found = self.shown.pop(0)
        if isinstance(found, AudioSessionError):
            raise found
        return found

    def over(self) -> None:
        """Waits until the look that is under way has ended."""
        found = self.device._first_look
        assert found is not None
        found._thread.join(30)


def looks(host: Host, monkeypatch: pytest.MonkeyPatch, *shown: Any) -> Looks:
    """Has them shown, on a clock that the test sets."""
    made = Looks(host, *shown)
    monkeypatch.setattr(first_look.FirstLook, "_look", made.look)
    monkeypatch.setattr(first_look, "time", SimpleNamespace(monotonic=lambda: made.now))
    return made


def outputs(session: AVAudioSession) -> list[str]:
    return [port.port_name for port in session.current_route.outputs]


NO_SERVICE = HostUnavailableError(HostUnavailableReason.NO_SERVICE)


async def test_a_look_that_takes_too_long_is_heard_of_later(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_look, "LOOK_S", 0.01)
    seen = looks(host, monkeypatch, FIRST)
    seen.may_end.clear()
    session = AVAudioSession.of(AudioSession(host))
    assert outputs(session) == []
    assert outputs(session) == []
    assert session.output_volume == 1.0
    version = host.apple_device.version
    seen.may_end.set()
    seen.over()
    assert host.apple_device.version > version
    assert outputs(session) == ["Speaker"]
    assert session.output_volume == 0.5
    assert seen.count == 1


@pytest.mark.parametrize(
    "little", [NO_SERVICE, RoutingReport(up=False), RoutingReport(up=True)], ids=str
)
async def test_a_look_that_shows_little_is_followed_by_others(
    host: Host, monkeypatch: pytest.MonkeyPatch, little: RoutingReport | AudioSessionError
) -> None:
    seen = looks(host, monkeypatch, little, little, FIRST)
    session = AVAudioSession.of(AudioSession(host))
    assert outputs(session) == []
    for after_s in (1.0, 2.0):
        seen.now += after_s
        seen.may_end.clear()
        # Nobody waits for the look that this begins.
        assert outputs(session) == []
        seen.may_end.set()
        seen.over()
    assert outputs(session) == ["Speaker"]
    assert host.apple_device.standing.media_services
    seen.now += 100.0
    assert outputs(session) == ["Speaker"]
    assert seen.count == 3


async def test_between_looks_is_time(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = looks(host, monkeypatch, *[NO_SERVICE] * 9)
    session = AVAudioSession.of(AudioSession(host))
    for at, count in ((0.0, 1), (0.9, 1), (1.0, 2), (2.9, 2), (3.0, 3), (6.9, 3), (7.0, 4)):
        seen.now = 100.0 + at
        assert outputs(session) == []
        seen.over()
        assert seen.count == count


async def test_nobody_looks_once_the_session_is_open(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = looks(host, monkeypatch, NO_SERVICE, NO_SERVICE)
    host.line.refuses["Routing"] = HostUnavailableError(HostUnavailableReason.VERSION_MISMATCH)
    session = AVAudioSession.of(AudioSession(host))
    assert outputs(session) == []
    seen.over()
    before = seen.count
    await session.set_category(Category.PLAYBACK)
    seen.now += 100.0
    assert outputs(session) == []
    seen.over()
    assert seen.count == before == 1
    host.line.refuses.clear()
    await session.set_active(True)
    assert outputs(session) == ["Speaker"]
