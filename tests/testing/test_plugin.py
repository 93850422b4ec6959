"""The pytest plugin, tried by running pytest."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from audiosession import AudioSession, recipe
from audiosession.apple import _c_process
from audiosession.hosts import stand_in
from audiosession.hosts.simulated import ClockMode, SimulatedApp, SimulatedDevice

pytest_plugins = "pytester"

HEAD = """
import asyncio
import pytest
from audiosession import AudioSession
"""


@pytest.fixture
def pytester(pytester: pytest.Pytester) -> pytest.Pytester:
    """As a project that uses the plugin and nothing else of ours."""
    pytester.makeini("[pytest]\nstrict_markers = true\nfilterwarnings = error\n")
    return pytester


# -- the fixtures --------------------------------------------------------------------------------


def test_the_device_is_a_phone_whose_clock_jumps(simulated_device: SimulatedDevice) -> None:
    assert simulated_device.profile.name == "phone"
    assert simulated_device.clock.mode is ClockMode.FAST
    assert simulated_device.arbiter.policy.name == "default"


@pytest.mark.audio_device(profile="car", policy="android-car", clock="manual")
def test_the_marker_chooses_the_device(simulated_device: SimulatedDevice) -> None:
    assert simulated_device.profile.name == "car"
    assert simulated_device.clock.mode is ClockMode.MANUAL
    assert simulated_device.arbiter.policy.name == "android-car"


@pytest.mark.audio_device(profile="tablet", clock="real")
class TestMarkersAddUp:
    @pytest.mark.audio_device(profile="desktop")
    def test_the_nearest_counts(self, simulated_device: SimulatedDevice) -> None:
        assert simulated_device.profile.name == "desktop"
        assert simulated_device.clock.mode is ClockMode.REAL


def test_instance_is_the_session_of_the_app_under_test(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    assert AudioSession.instance() is audio_app.session
    assert AudioSession.instance("linux") is audio_app.session
    assert simulated_device.app("app") is audio_app
    assert audio_app.name == "the app under test"


def test_with_the_device_alone_instance_is_on_it_too(simulated_device: SimulatedDevice) -> None:
    session = AudioSession.instance()
    assert session is simulated_device.app("app").session


def test_the_app_may_be_there_before_its_fixture(
    simulated_device: SimulatedDevice, request: pytest.FixtureRequest
) -> None:
    by_hand = simulated_device.app("app", "By Hand")
    assert AudioSession.instance() is by_hand.session
    assert request.getfixturevalue("audio_app") is by_hand


async def test_after_a_close_instance_gives_a_new_session_on_the_same_app(
    audio_app: SimulatedApp,
) -> None:
    session = AudioSession.instance()
    await session.set_active(True)
    await session.close()
    again = AudioSession.instance()
    assert again is not session
    assert await again.set_active(True)
    assert audio_app.standing == "active"


async def test_one_line_each(simulated_device: SimulatedDevice, audio_app: SimulatedApp) -> None:
    session = AudioSession.instance()
    await session.configure(recipe("music"))
    await session.set_active(True)
    simulated_device.plug("wired headphones")
    simulated_device.unplug("wired headphones")
    simulated_device.incoming_call().accept()
    assert audio_app.standing == "interrupted"


# -- what it leaves behind -----------------------------------------------------------------------


def test_a_test_that_forgets_to_close_disturbs_no_other(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        HEAD
        + """
kept = []

@pytest.mark.parametrize("round", range(3))
def test_forgets(audio_app, round):
    session = AudioSession.instance()
    assert session not in kept
    assert not session.is_configured
    assert asyncio.run(session.set_active(True))
    kept.append(session)

def test_what_was_left_is_dead(audio_app):
    from audiosession.errors import ClosedError

    for session in kept:
        with pytest.raises(ClosedError):
            asyncio.run(session.set_active(True))
    assert audio_app.standing == "inactive"
"""
    )
    before = AudioSession._shared, stand_in()
    pytester.runpytest_inprocess().assert_outcomes(passed=4)
    assert (AudioSession._shared, stand_in()) == before


def test_audio_session_services_begins_anew_in_every_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        HEAD
        + """
from audiosession.apple import audio_session_services as c

route = c.kAudioSessionProperty_AudioRouteChange
heard = []

def listen(*arguments):
    heard.append(arguments)

@pytest.mark.parametrize("round", range(2))
def test_forgets_what_it_began(simulated_device, round):
    assert c.AudioSessionSetActive(True) == c.kAudioSessionNotInitialized
    assert c.AudioSessionInitialize(None, None, None, None) == c.kAudioSessionNoError
    assert c.AudioSessionAddPropertyListener(route, listen, None) == c.kAudioSessionNoError
    assert c.AudioSessionSetActive(True) == c.kAudioSessionNoError
    heard.clear()
    simulated_device.plug("wired headphones")
    assert len(heard) == 1

def test_what_was_left_is_gone(audio_app):
    assert c.AudioSessionSetActive(False) == c.kAudioSessionNotInitialized
    assert audio_app.standing == "inactive"
"""
    )
    before = _c_process.process()
    pytester.runpytest_inprocess().assert_outcomes(passed=3)
    assert _c_process.process() is before


def test_whatever_is_made_without_a_host_is_on_the_device(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeconftest(
        """
import pytest

@pytest.fixture
def anyio_backend():
    return "asyncio"
"""
    )
    pytester.makepyfile(
        HEAD
        + """
from audiosession.android import AudioManager
from audiosession.hosts import choose_host
from audiosession.web import MediaElement, Page

pytestmark = [pytest.mark.anyio, pytest.mark.audio_device(policy="web")]

@pytest.mark.parametrize("name", [None, "linux", "simulated"])
def test_the_host_is_the_apps(audio_app, name):
    assert choose_host(name) is audio_app.host

async def test_a_page(simulated_device, audio_app):
    page = Page()
    heard = []
    session = page.window.audio_session
    session.onstatechange = lambda event: heard.append(str(session.state))
    MediaElement(page.window).play()
    await page.settled()
    assert audio_app.standing == "active"
    simulated_device.incoming_call("a friend").decline()
    await page.settled()
    assert heard == ["active", "interrupted", "active"]
    await page.close()
    assert await AudioSession.instance().set_active(True)

async def test_an_audio_manager(audio_app):
    manager = AudioManager()
    await manager.request_audio_focus(None, AudioManager.STREAM_MUSIC, 1)
    assert audio_app.standing == "active"
    await manager.close()
"""
    )
    # Whatever the machine has is not to be reached.
    monkeypatch.setenv("AUDIOSESSION_HOST", "ios")
    pytester.runpytest_inprocess().assert_outcomes(passed=5)


def test_the_programs_own_session_is_back_after_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        HEAD
        + """
before = AudioSession.instance("simulated")

def test_inside(audio_app):
    assert AudioSession.instance() is not before

def test_fails(audio_app):
    raise ZeroDivisionError

def test_after():
    assert AudioSession.instance() is before
"""
    )
    # In a process of its own, as this one's shared session is none of its business.
    pytester.runpytest_subprocess().assert_outcomes(passed=2, failed=1)


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ('"car"', "audio_device takes keywords only, not ('car',)"),
        ('colour="red"', "audio_device does not know colour; known: profile, policy, clock"),
        ('clock="slow"', "audio_device: clock is 'slow', not one of manual, fast, real"),
        ('profile="fone"', "audio_device: no profile is called 'fone'; did you mean 'phone'?"),
        ('policy="none"', "audio_device: no policy is called 'none'*"),
    ],
)
def test_a_wrong_marker_is_an_error_that_says_what_is_wrong(
    pytester: pytest.Pytester, marker: str, message: str
) -> None:
    pytester.makepyfile(
        HEAD
        + f"""
@pytest.mark.audio_device({marker})
def test_never_runs(simulated_device):
    raise AssertionError
"""
    )
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{message}"])


def test_markers_and_fixtures_are_documented(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_inprocess("--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.audio_device(*"])
    result = pytester.runpytest_inprocess("--fixtures")
    result.stdout.fnmatch_lines(["simulated_device*", "*A simulated device of its own*"])
    result.stdout.fnmatch_lines(["audio_app*", "*The app under test*"])


def test_pytest_alone_does_not_load_the_device(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
import sys

def test_nothing_is_loaded():
    assert "audiosession.testing.plugin" in sys.modules
    assert "audiosession.core" not in sys.modules
    assert "audiosession.hosts.simulated" not in sys.modules
"""
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_the_device_can_be_imported_from_the_testing_package() -> None:
    program = (
        "from audiosession.testing import *\n"
        "from audiosession import testing\n"
        "from audiosession.hosts import simulated\n"
        "assert SimulatedDevice is simulated.SimulatedDevice\n"
        "try:\n"
        "    testing.Nonsense\n"
        "except AttributeError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "module 'audiosession.testing' has no attribute 'Nonsense'\n"


def test_a_device_and_its_app_work_without_a_fixture() -> None:
    device = SimulatedDevice()
    assert asyncio.run(device.app("app").session.set_active(True)) is True
