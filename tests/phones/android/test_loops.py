"""One event loop after the other, and two at once: who hears what the phone tells."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import pytest

from audiosession import AudioSession, blocking, recipe
from audiosession.android import AudioDeviceInfo, AudioManager
from audiosession.errors import IllegalRequestError
from audiosession.hosts.android import AndroidHost
from audiosession.hosts.android.loop import KEPT, LoopPost
from tests.hosts.contract import Ear

from .kit import GAIN, LOSS, LOSS_TRANSIENT, MAY_DUCK, NOISY, Stage, focus_request
from .phone import Phone, shown

HEADPHONES = 4


def listening(phone: Phone) -> tuple[AudioSession, Ear]:
    """A session of a host of its own, and what it hears."""
    session, ear = AudioSession(AndroidHost(phone.bridge())), Ear()
    session.interruption_event_stream.listen(ear.interruption)
    session.becoming_noisy_event_stream.listen(lambda _: ear.becoming_noisy())
    session.devices_changed_event_stream.listen(ear.devices_changed)
    return session, ear


class Followed:
    """Writes down which devices come and go."""

    def __init__(self) -> None:
        self.added: list[int] = []
        self.removed: list[int] = []

    def on_audio_devices_added(self, devices: Sequence[AudioDeviceInfo]) -> None:
        self.added += [each.id for each in devices]

    def on_audio_devices_removed(self, devices: Sequence[AudioDeviceInfo]) -> None:
        self.removed += [each.id for each in devices]


# -- one after the other -------------------------------------------------------------------------


def test_a_manager_hears_in_the_next_loop_too(newest: Phone) -> None:
    manager, heard = AudioManager(AndroidHost(newest.bridge())), list[int]()

    def now(call: Callable[[], object]) -> None:
        call()

    async def begin() -> None:
        await manager.add_on_mode_changed_listener(now, lambda mode: heard.append(int(mode)))
        newest.java.modeChanged(AudioManager.MODE_RINGTONE)
        await newest.settle()

    async def go_on() -> None:
        await manager.get_mode()
        newest.java.modeChanged(AudioManager.MODE_IN_CALL)
        await newest.settle()
        await manager.close()

    asyncio.run(begin())
    asyncio.run(go_on())
    assert heard == [AudioManager.MODE_RINGTONE, AudioManager.MODE_IN_CALL]
    assert newest.java.listening() == 0


def test_in_the_next_loop_a_manager_stays_registered(newest: Phone) -> None:
    manager, heard = AudioManager(AndroidHost(newest.bridge())), Followed()
    headphones = newest.device(20, HEADPHONES, "phones", sink=True)

    async def begin() -> None:
        await manager.register_audio_device_callback(heard)
        await newest.settle()
        heard.added.clear()
        newest.calls()

    async def go_on() -> None:
        await manager.get_mode()
        await newest.settle()
        assert [name for name in shown(newest.calls()) if "egister" in name] == []
        assert heard.added == [20], "it came between the two loops"
        newest.unplug(headphones)
        await newest.settle()
        assert heard.removed == [20]
        await manager.close()

    asyncio.run(begin())
    newest.plug(headphones)
    newest.java.idle()
    asyncio.run(go_on())
    assert newest.java.listening() == 0


def test_a_manager_that_could_not_listen_in_the_next_loop_tries_again(
    newest: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = AndroidHost(newest.bridge())
    manager, heard = AudioManager(host), Followed()

    def refuse(events: object) -> None:
        raise OSError("not now")

    async def begin() -> None:
        await manager.register_audio_device_callback(heard)

    async def go_on() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(host.android_device, "listen", refuse)
            with pytest.raises(OSError, match="not now"):
                await manager.get_mode()
        await manager.get_mode()
        newest.plug(newest.device(20, HEADPHONES, "phones", sink=True))
        await newest.settle()
        assert 20 in heard.added
        await manager.close()

    asyncio.run(begin())
    asyncio.run(go_on())
    assert newest.java.listening() == 0


def test_a_session_hears_in_the_next_loop_too(phone: Phone) -> None:
    session, ear = listening(phone)
    headphones = phone.device(20, HEADPHONES, "phones", sink=True)

    async def use() -> None:
        assert await session.set_active(True)
        phone.plug(headphones)
        phone.send(phone.intent(NOISY))
        phone.java.tellFocus("app", LOSS_TRANSIENT)
        phone.java.tellFocus("app", GAIN)
        phone.java.tellFocus("app", LOSS)
        await phone.settle()
        assert not session.is_active
        phone.unplug(headphones, noisy=False)
        await phone.settle()

    words = ["devices", "noisy", "begin pause", "end pause", "begin unknown", "devices"]
    asyncio.run(use())
    assert ear.words == words
    asyncio.run(use())
    assert ear.words == words * 2
    asyncio.run(session.close())
    assert phone.java.listening() == 0


def test_what_is_told_between_two_loops_is_heard_in_the_second(phone: Phone) -> None:
    session, ear = listening(phone)
    asyncio.run(_activate(session))
    phone.send(phone.intent(NOISY))
    phone.java.tellFocus("app", LOSS_TRANSIENT)
    phone.java.tellFocus("app", GAIN)
    phone.java.tellFocus("app", LOSS)
    phone.java.idle()

    async def use() -> None:
        # Any call takes the loop.
        await session.user_played()
        await phone.settle()
        assert ear.words == ["noisy", "begin pause", "end pause", "begin unknown"]
        assert not session.is_active
        await session.close()

    asyncio.run(use())


@pytest.mark.parametrize(
    "use",
    [
        lambda session: session.set_active(True),
        lambda session: session.set_active(False),
        lambda session: session.configure(recipe("music")),
        lambda session: session.get_devices(),
        lambda session: session.user_paused(),
    ],
    ids=["activate", "deactivate", "configure", "devices", "user"],
)
def test_each_call_takes_the_loop(
    newest: Phone, use: Callable[[AudioSession], Awaitable[object]]
) -> None:
    session, ear = listening(newest)
    asyncio.run(_activate(session))

    async def again() -> None:
        await use(session)
        newest.plug(newest.device(20, HEADPHONES, "phones", sink=True))
        await newest.settle()
        assert ear.words == ["devices"]
        await session.close()

    asyncio.run(again())


def test_a_listener_of_audio_manager_hears_in_the_next_loop_too(phone: Phone) -> None:
    manager = AudioManager(AndroidHost(phone.bridge()))
    heard: list[int] = []

    async def use() -> None:
        assert await manager.request_audio_focus(focus_request(heard)) == 1
        phone.java.tellFocus("app", LOSS)
        await phone.settle()

    asyncio.run(use())
    asyncio.run(use())
    assert heard == [LOSS, LOSS]
    asyncio.run(manager.close())


def test_a_second_loop_leaves_nothing_on_the_phone(phone: Phone) -> None:
    host = AndroidHost(phone.bridge())
    session = AudioSession(host)

    async def use() -> None:
        await session.set_active(True, android_audio_focus_gain_type=MAY_DUCK)
        assert phone.holders() == ["app"]
        second = AudioSession(host)
        await second.set_active(True)
        assert phone.holders() == ["app"]
        await second.close()

    asyncio.run(use())
    asyncio.run(use())
    asyncio.run(session.set_active(False))
    assert phone.holders() == []
    asyncio.run(session.close())
    assert phone.java.listening() == 0


def test_a_host_is_closed_in_another_loop_than_it_was_used_in(phone: Phone) -> None:
    host = AndroidHost(phone.bridge())
    session = AudioSession(host)
    asyncio.run(_activate(session))
    asyncio.run(host.close())
    assert phone.holders() == []
    assert phone.java.listening() == 0


# -- two at once ---------------------------------------------------------------------------------


async def test_a_second_loop_that_runs_too_is_refused_and_steals_nothing(stage: Stage) -> None:
    await stage.session.set_active(True)
    second = blocking.AudioSession(stage.host)
    with pytest.raises(IllegalRequestError, match="another event loop"):
        await asyncio.to_thread(second.set_active, True)
    with pytest.raises(IllegalRequestError, match="another event loop"):
        await asyncio.to_thread(lambda: asyncio.run(stage.host.close()))
    stage.phone.java.tellFocus("app", LOSS_TRANSIENT)
    await stage.phone.settle()
    assert stage.words == ["begin pause"]
    # Once nobody uses it here it is free.
    await stage.session.close()
    assert await asyncio.to_thread(second.set_active, True)
    assert stage.phone.holders() == ["app"]
    await asyncio.to_thread(second.close)
    assert stage.phone.holders() == []


async def test_two_hosts_in_two_loops_are_told_each_in_its_own(phone: Phone) -> None:
    session, ear = listening(phone)
    host = AndroidHost(phone.bridge())
    threads: list[str] = []
    heard = threading.Event()
    other = blocking.AudioSession(host)

    def told(_: object) -> None:
        threads.append(threading.current_thread().name)
        heard.set()

    await session.set_active(True)
    await asyncio.to_thread(other.set_active, True)
    other.interruption_event_stream.listen(told)
    assert phone.holders() == ["app"]
    phone.java.tellFocus("app", LOSS_TRANSIENT)
    await phone.settle()
    assert ear.words == ["begin pause"]
    assert await asyncio.to_thread(heard.wait, 60)
    assert threads == ["audiosession"]
    await session.close()
    await asyncio.to_thread(other.close)
    assert phone.holders() == []


# -- the way into the loop -----------------------------------------------------------------------


def test_what_waits_for_a_loop_is_kept_in_order_and_not_without_end() -> None:
    done: list[int] = []

    async def made() -> LoopPost:
        return LoopPost()

    async def use(post: LoopPost) -> None:
        post.enter()
        post.enter()
        assert done == []
        await asyncio.sleep(0)

    post = asyncio.run(made())
    for number in range(3):
        post(partial(done.append, number))
    asyncio.run(use(post))
    assert done == [0, 1, 2]
    done.clear()
    for number in range(KEPT + 3):
        post(partial(done.append, number))
    asyncio.run(use(post))
    assert done == list(range(3, KEPT + 3))


async def _activate(session: AudioSession) -> None:
    assert await session.set_active(True)
