"""The web's surface on an iPhone, which does not say at the beginning of an interruption whether
there will be an end (apple 58)."""

from __future__ import annotations

import pytest

from audiosession.hosts.ios import IOSHost
from audiosession.web import MediaElement, Page
from tests.phones.ios.app_kit import settle
from tests.phones.ios.native_session import phone
from tests.web.web_kit import now


@pytest.mark.parametrize("resume", [True, False])
async def test_W_044_045_a_call_interrupts_a_page_and_its_end_says_what_comes(resume: bool) -> None:
    objc, native = phone()
    host = IOSHost(objc)
    page = Page(host)
    session = page.window.audio_session
    film = MediaElement(page.window)
    film.play()
    await page.settled()
    assert now(session.state) == "active"
    native.interrupt()
    await settle(host)
    await page.settled()
    assert now(session.state) == "interrupted"
    assert film.suspended
    native.end_interruption(resume=resume)
    await settle(host)
    await page.settled()
    assert now(session.state) == ("active" if resume else "inactive")
    assert film.audible is resume
    await page.close()
    await host.close()


async def test_W_041_W_052_where_no_end_comes_the_next_sound_ends_it() -> None:
    objc, native = phone()
    host = IOSHost(objc)
    page = Page(host)
    film = MediaElement(page.window)
    film.play()
    await page.settled()
    native.interrupt()
    await settle(host)
    await page.settled()
    assert page.window.audio_session.state == "interrupted"
    MediaElement(page.window).play()
    await page.settled()
    assert now(page.window.audio_session.state) == "active"
    assert not film.suspended
    await page.close()
    await host.close()
