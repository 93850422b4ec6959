"""The web's surface over hosts: other apps, other surfaces, and what goes to a service."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from audiosession import AudioSessionConfiguration
from audiosession.core.translate import claim_from_configuration, claim_from_type
from audiosession.errors import (
    InvalidTypeError,
    InvalidValueError,
    MissingFieldError,
    UnknownFieldError,
)
from audiosession.hosts.arbitrated import claim_of
from audiosession.hosts.base import ActivationRequest
from audiosession.hosts.simulated import SimulatedDevice
from audiosession.service.bus.values import configuration_from_text, configuration_to_text
from audiosession.testing import Heard
from audiosession.web import AudioSessionType, MediaElement, Page, PageAudio
from tests.web.web_kit import Stage, now

Type = AudioSessionType
PAGE = PageAudio(type=Type.PLAYBACK, auto=True, page="page-1", group="tabs")


# -- with other apps -------------------------------------------------------------------------


async def test_a_page_takes_the_place_of_music_and_gives_way_to_it() -> None:
    stage = Stage("default")
    music = stage.device.app("music")
    heard = Heard(music.session)
    await music.session.configure(AudioSessionConfiguration.music())
    await music.session.set_active(True)
    await stage.play(type="playback")
    assert heard.words == ["begin unknown"]
    await music.session.set_active(True)
    await stage.page.settled()
    assert stage.heard == ["top active", "top inactive"]


async def test_a_short_sound_of_a_page_lowers_music() -> None:
    stage = Stage("default")
    music = stage.device.app("music")
    await music.session.configure(AudioSessionConfiguration.music())
    await music.session.set_active(True)
    element = await stage.play(type="transient")
    stage.device.advance(1.0)
    assert now(music.gain_db) == -14.0
    element.pause()
    await stage.page.settled()
    stage.device.advance(5.0)
    assert music.gain_db == 0.0


async def test_an_ambient_page_follows_the_ring_switch() -> None:
    stage = Stage("apple")
    await stage.play()
    stage.device.set_silent_switch(True)
    player = stage.app.player()
    player.play()
    assert player.level_db == 0.0
    stage.session.type = "ambient"
    await stage.page.settled()
    assert player.level_db == -120.0


async def test_a_prompt_under_which_a_page_pauses_gives_it_back() -> None:
    stage = Stage("android")
    await stage.play(type="playback")
    call = stage.device.incoming_call()
    await stage.page.settled()
    call.accept()
    await stage.page.settled()
    assert stage.states() == {"top": "interrupted"}
    call.end()
    await stage.page.settled()
    assert stage.heard == ["top active", "top interrupted", "top active"]


async def test_a_killed_browsers_page_hears_nothing_and_its_next_sound_is_refused() -> None:
    stage = Stage()
    element = await stage.play()
    stage.app.kill()
    element.pause()
    element.play()
    await stage.page.settled()
    assert stage.session.state == "inactive"
    stage.app.relaunch()
    element.pause()
    element.play()
    await stage.page.settled()
    assert now(stage.session.state) == "active"


async def test_media_services_that_are_lost_interrupt_it_and_leave_it_inactive() -> None:
    stage = Stage()
    element = await stage.play()
    stage.device.lose_media_services()
    await stage.page.settled()
    assert now(stage.session.state) == "interrupted"
    element.pause()
    element.play()
    await stage.page.settled()
    assert now(stage.session.state) == "interrupted"
    stage.device.reset_media_services()
    await stage.page.settled()
    assert now(stage.session.state) == "inactive", "nothing starts by itself"
    element.pause()
    element.play()
    await stage.page.settled()
    assert now(stage.session.state) == "active"


async def test_in_the_car_a_page_is_in_no_zone_of_its_own() -> None:
    device = SimulatedDevice("car", policy="android-car")
    radio = device.app("radio")
    await radio.session.configure(AudioSessionConfiguration.music())
    await radio.session.set_active(True)
    page = Page(device.app("browser").host)
    MediaElement(page.window).play()
    await page.settled()
    assert page.window.audio_session.state == "active"
    assert radio.standing == "inactive"


# -- what goes to the host -------------------------------------------------------------------


@pytest.mark.parametrize("type", [type for type in Type if type is not Type.AUTO])
@pytest.mark.parametrize("auto", [False, True])
def test_a_configuration_of_a_page_is_its_claim(type: Type, auto: bool) -> None:
    page = PageAudio(type=type, auto=auto, page="page-1", group="tabs")
    request = ActivationRequest.of(AudioSessionConfiguration(page_audio=page))
    declared, active = ("auto", [type.value]) if auto else (type.value, [])
    claim = replace(claim_from_type(declared, active), page="page-1")
    assert claim_of(request) == claim
    assert claim_of(request, knows_pages=True) == replace(claim, scope="tabs/page-1")


def test_a_type_that_is_none_makes_no_claim() -> None:
    with pytest.raises(InvalidValueError, match="type"):
        claim_from_configuration(page_type="loud")


def test_a_configuration_of_a_page_survives_the_way_to_a_service() -> None:
    configuration = AudioSessionConfiguration.music().copy_with(page_audio=PAGE)
    text = configuration_to_text(configuration)
    assert configuration_from_text(text) == configuration
    assert json.loads(text)["pageAudio"] == {
        "type": "playback",
        "auto": True,
        "page": "page-1",
        "group": "tabs",
    }


def test_without_a_page_the_json_is_the_plugins() -> None:
    assert "pageAudio" not in AudioSessionConfiguration.music().to_json()
    given = AudioSessionConfiguration.music().to_json() | {"pageAudio": None}
    assert AudioSessionConfiguration.from_json(given) == AudioSessionConfiguration.music()


@pytest.mark.parametrize(
    ("change", "error", "field"),
    [
        ({"type": "auto"}, InvalidValueError, "type"),
        ({"type": "loud"}, InvalidValueError, "pageAudio.type"),
        ({"type": 1}, InvalidTypeError, "pageAudio.type"),
        ({"auto": 1}, InvalidTypeError, "pageAudio.auto"),
        ({"page": None}, InvalidTypeError, "pageAudio.page"),
        ({"group": "g" * 65}, InvalidValueError, "group"),
        ({"more": 1}, UnknownFieldError, "pageAudio.more"),
        ("playback", InvalidTypeError, "pageAudio"),
    ],
)
def test_a_bad_page_in_json_is_refused(change: Any, error: type[Exception], field: str) -> None:
    page = PAGE.to_json() | change if isinstance(change, dict) else change
    given = AudioSessionConfiguration().to_json() | {"pageAudio": page}
    with pytest.raises(error) as caught:
        AudioSessionConfiguration.from_json(given)
    assert getattr(caught.value, "field", None) == field


@pytest.mark.parametrize("key", ["type", "auto", "page", "group"])
def test_a_page_in_json_is_whole(key: str) -> None:
    page = PAGE.to_json()
    del page[key]
    with pytest.raises(MissingFieldError, match=f"pageAudio.{key} is missing"):
        AudioSessionConfiguration.from_json(
            AudioSessionConfiguration().to_json() | {"pageAudio": page}
        )


@pytest.mark.parametrize(
    "fields", [{"type": "playback"}, {"type": Type.AMBIENT, "auto": 1}, {"type": Type.AUTO}]
)
def test_a_page_has_its_types(fields: dict[str, Any]) -> None:
    with pytest.raises((InvalidTypeError, InvalidValueError)):
        PageAudio(**fields)


def test_a_configuration_has_a_page_or_none() -> None:
    with pytest.raises(InvalidTypeError, match="PageAudio or None"):
        AudioSessionConfiguration(page_audio="playback")  # type: ignore[arg-type]


# -- where there is little -------------------------------------------------------------------

ALONE = """
import builtins, os, sys, threading

allowed = {*sys.stdlib_module_names, "audiosession"}
before = set(sys.modules)

def no_thread(self):
    raise RuntimeError("no threads here")

threading.Thread.start = no_thread
import audiosession.web
from audiosession.web import *
import asyncio

async def main():
    page = Page()
    element = MediaElement(page.window)
    page.window.audio_session.type = "playback"
    element.play()
    await page.settled()
    print(page.window.audio_session.state)
    await page.close()

asyncio.run(main())
strange = {name.partition(".")[0] for name in set(sys.modules) - before} - allowed
print(sorted(strange))
"""


def test_the_standard_library_is_enough_and_no_thread_is_started() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ALONE],
        capture_output=True,
        text=True,
        check=True,
        env={"AUDIOSESSION_HOST": "simulated", "PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout.splitlines() == ["active", "[]"]


def test_importing_the_package_loads_little_of_the_web() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import audiosession, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert {name for name in done.stdout.split() if name.startswith("audiosession.web")} == {
        "audiosession.web",
        "audiosession.web.page_audio",
        "audiosession.web.types",
    }
