"""Media keys: which player gets them, and what it is called for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from dbus_fast import Message, MessageType

from audiosession.android.key_constants import AndroidKeyCode as Key
from audiosession.errors import HostUnavailableError, HostUnavailableReason
from audiosession.service.media_keys import MediaKeys
from audiosession.service.mpris import PlaybackStatus, Player


class Bus:
    """Notes what is called, and answers with a kind of message, or never, or breaks."""

    def __init__(self) -> None:
        self.called: list[tuple[str | None, str | None]] = []
        self.answer: MessageType | Exception | None = MessageType.METHOD_RETURN

    async def call(self, message: Message) -> Message | None:
        self.called.append((message.destination, message.member))
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is None:
            await asyncio.Event().wait()
        answer = Message(message_type=MessageType.METHOD_RETURN, reply_serial=1)
        answer.message_type = self.answer or answer.message_type
        return answer


def player(number: int, status: PlaybackStatus) -> Player:
    return Player(owner=f":1.{number}", bus_name=f"org.mpris.MediaPlayer2.p{number}", status=status)


def desk(bus: Bus, *players: Player, answer_s: float = 5.0) -> MediaKeys:
    given: Any = bus
    return MediaKeys(given, lambda: players, answer_s=answer_s)


PLAYING, PAUSED = PlaybackStatus.PLAYING, PlaybackStatus.PAUSED


async def test_who_plays_gets_them_else_who_played_last() -> None:
    bus = Bus()
    one, two, three = player(1, PAUSED), player(2, PLAYING), player(3, PAUSED)
    assert desk(bus).target() is None
    assert desk(bus, one, three).target() is one
    keys = desk(bus, one, two, three)
    keys.played(three)
    assert keys.target() is two
    keys = desk(bus, one, three)
    keys.played(one)
    keys.played(three)
    assert keys.target() is three
    keys.played(one)
    assert keys.target() is one


@pytest.mark.parametrize(
    ("key", "member"),
    [
        (Key.MEDIA_PLAY_PAUSE, "PlayPause"),
        (Key.HEADSETHOOK, "PlayPause"),
        (Key.MEDIA_PLAY, "Play"),
        (Key.MEDIA_PAUSE, "Pause"),
        (Key.MEDIA_STOP, "Stop"),
        (Key.MEDIA_NEXT, "Next"),
        (Key.MEDIA_PREVIOUS, "Previous"),
    ],
)
async def test_what_a_player_is_called_for(key: Key, member: str) -> None:
    bus = Bus()
    assert await desk(bus, player(1, PLAYING)).press(key)
    assert bus.called == [(":1.1", member)]


@pytest.mark.parametrize("key", [Key.VOLUME_UP, Key.MEDIA_RECORD, 0, -1, 2**31 - 1])
async def test_other_keys_reach_nobody(key: int) -> None:
    bus = Bus()
    assert not await desk(bus, player(1, PLAYING)).press(key)
    assert bus.called == []


async def test_without_a_player_nothing_happens() -> None:
    assert not await desk(Bus()).press(Key.MEDIA_PLAY)


async def test_a_player_that_refuses_or_is_silent_or_gone() -> None:
    bus = Bus()
    bus.answer = MessageType.ERROR
    assert not await desk(bus, player(1, PLAYING)).press(Key.MEDIA_NEXT)
    for answer, reason in (
        (None, HostUnavailableReason.TIMED_OUT),
        (EOFError(), HostUnavailableReason.CONNECTION_LOST),
    ):
        bus.answer = answer
        with pytest.raises(HostUnavailableError) as caught:
            await desk(bus, player(1, PLAYING), answer_s=0.02).press(Key.MEDIA_NEXT)
        assert caught.value.reason is reason


def test_only_so_many_are_remembered() -> None:
    keys = desk(Bus())
    for number in range(1000):
        keys.played(player(number, PLAYING))
    assert len(keys._began) == 64
