"""What is left of a refusal, and of words that nobody is there to hear."""

from __future__ import annotations

import asyncio
import logging

import pytest

from audiosession.apple import AVAudioSessionErrorCode
from audiosession.hosts.base import Outcome
from audiosession.hosts.ios import IOSHost
from tests.hosts.contract import asks

from .app_kit import opened
from .fake_objc import text_of
from .native_session import NativeSession


async def test_a_setting_that_was_refused_is_told_again(
    host: IOSHost, native: NativeSession
) -> None:
    session, _ = await opened(host)
    await session.activate(asks("music"))
    native.refuse("setCategory", AVAudioSessionErrorCode.INSUFFICIENT_PRIORITY)
    assert (await session.activate(asks("voice_call"))).outcome is Outcome.DENIED
    assert (await session.activate(asks("voice_call"))).outcome is Outcome.GRANTED
    assert native.category == text_of("AVAudioSessionCategoryPlayAndRecord")


async def test_a_refusal_is_forgotten_with_the_next_yes(
    host: IOSHost, native: NativeSession
) -> None:
    session, _ = await opened(host)
    native.refuse("setActive", AVAudioSessionErrorCode.CANNOT_INTERRUPT_OTHERS)
    await session.activate(asks("music"))
    assert session.refusal is not None
    await session.activate(asks("music"))
    assert session.refusal is None


def test_words_after_the_loop_are_no_error(
    native: NativeSession, caplog: pytest.LogCaptureFixture
) -> None:
    host = IOSHost(native.objc)
    _, ear = asyncio.run(opened(host))
    with caplog.at_level(logging.ERROR, "audiosession"):
        native.interrupt()
    assert (ear.words, caplog.text) == ([], "")
    asyncio.run(host.close())
