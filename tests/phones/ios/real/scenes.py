"""What the bridge is asked for on the phone that ``build.py`` makes, one scene to a process."""

from __future__ import annotations

import asyncio
import ctypes
import ctypes.util
import gc
import inspect
import logging
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from audiosession import AudioSession, recipe
from audiosession.apple import AVAudioSessionErrorCode, NSError
from audiosession.devices import AudioDeviceType
from audiosession.hosts.ios import IOSHost
from audiosession.hosts.ios.bridge import ObjCError
from audiosession.hosts.ios.rubicon import RubiconBridge

SET_CATEGORY = "setCategory:mode:routeSharingPolicy:options:error:"
SET_ACTIVE = "setActive:withOptions:error:"
INTERRUPTED = "text of AVAudioSessionInterruptionNotification"
TYPE = "text of AVAudioSessionInterruptionTypeKey"
OPTION = "text of AVAudioSessionInterruptionOptionKey"
LONG = "x" * 4096
CALLS = 10_000
WAIT_S = 60.0

SCENES: dict[str, Callable[[Phone], Any]] = {}


def scene(played: Callable[[Phone], Any]) -> Callable[[Phone], Any]:
    """One of those that ``test_real_rubicon.py`` starts, by its name."""
    SCENES[played.__name__] = played
    return played


class _Into(logging.Handler):
    def __init__(self, said: list[str]) -> None:
        super().__init__()
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        self._said.append(f"{record.getMessage()} {record.exc_info}")


class Phone:
    """The libraries, the bridge, and what the bridge logs."""

    def __init__(self, libraries: Path) -> None:
        # Alone at first: Foundation goes on with GCC's runtime, and rubicon has what is added.
        self.make = ctypes.CDLL(str(libraries / "session.so"))
        self.make.double_volume.argtypes = [ctypes.c_float]
        self.make.double_refuse.argtypes = [ctypes.c_long]
        self.make.double_version(b"26.1.2")
        places = dict.fromkeys(("c", "objc", "Foundation"), str(libraries / "runtime.so"))
        places["AVFoundation"] = str(libraries / "session.so")
        ctypes.util.find_library = places.get  # type: ignore[assignment]
        self.bridge = RubiconBridge()
        self.session = self.bridge.call(self.bridge.class_named("AVAudioSession"), "sharedInstance")
        self.logged: list[str] = []
        logging.getLogger("audiosession").addHandler(_Into(self.logged))

    def get(self, name: str) -> Any:
        return self.bridge.get(self.session, name)

    def pool(self) -> AbstractContextManager[None]:
        """A pool around the bridge's own, as Apple's threads have one."""
        from rubicon.objc import runtime

        pool: AbstractContextManager[None] = runtime.autoreleasepool()
        return pool

    @property
    def kept(self) -> int:
        """How many functions rubicon keeps for native objects."""
        from rubicon.objc import api

        gc.collect()
        return len(api.Block._keep_alive_blocks_) + len(api._keep_alive_objects)


def lacks(call: Callable[..., object], *args: Any) -> bool:
    try:
        call(*args)
    except AttributeError:
        return True
    return False


def refused(phone: Phone, code: int, *args: Any) -> ObjCError:
    phone.make.double_refuse(code)
    try:
        answer = phone.bridge.call_checked(phone.session, *args)
    except ObjCError as error:
        return error
    finally:
        phone.make.double_refuse(0)
    raise AssertionError(answer)


# -- scenes --------------------------------------------------------------------------------------


@scene
def properties_are_pythons_values(phone: Phone) -> None:
    bridge, get = phone.bridge, phone.get
    assert get("category") is None
    assert get("availableInputs") is None
    assert get("sampleRate") == 44100.5
    assert get("otherAudioPlaying") is False
    assert get("isOtherAudioPlaying") is False
    assert bridge.constant("AVAudioSessionCategoryPlayback") == (
        "text of AVAudioSessionCategoryPlayback"
    )
    route = get("currentRoute")
    assert bridge.get(route, "inputs") == []
    (port,) = bridge.get(route, "outputs")
    assert bridge.get(port, "portName") == "Speaker"
    assert bridge.get(port, "UID") == "uid of Speaker"


@scene
def the_system_says_its_version(phone: Phone) -> None:
    for text, version in ((b"17.5.1", (17, 5)), (b"26.0", (26, 0)), (b"13", (13, 0))):
        phone.make.double_version(text)
        assert RubiconBridge().system_version == version


@scene
def objects_compare_equal_to_themselves(phone: Phone) -> None:
    bridge = phone.bridge
    route = phone.get("currentRoute")
    (port,), (again,) = bridge.get(route, "outputs"), bridge.get(route, "outputs")
    assert port == again
    assert hash(port) == hash(again)
    assert route != port
    assert route != phone.get("currentRoute")
    assert route != "text"


@scene
def what_is_lacking_is_an_attribute_error(phone: Phone) -> None:
    bridge, session = phone.bridge, phone.session
    assert lacks(bridge.class_named, "AVAudioApplication")
    assert lacks(bridge.constant, "AVAudioSessionModeNew")
    assert lacks(bridge.get, session, "inputGain")
    for has in (SET_ACTIVE, "otherAudioPlaying", "sampleRate"):
        assert bridge.responds(session, has), has
    assert bridge.responds(bridge.class_named("AVAudioSession"), "sharedInstance")
    for has_not in ("setActive:", "sharedInstance", "inputGain"):
        assert not bridge.responds(session, has_not), has_not


@scene
def arguments_arrive_and_errors_come_back(phone: Phone) -> None:
    get = phone.get
    assert phone.bridge.call_checked(phone.session, SET_CATEGORY, "Hören", "m", 3, 5) is True
    seen = [get(name) for name in ("category", "mode", "routeSharingPolicy", "categoryOptions")]
    assert seen == ["Hören", "m", 3, 5]
    assert phone.bridge.call_checked(phone.session, SET_ACTIVE, True, 1) is True
    assert get("otherAudioPlaying") is True
    error = refused(phone, -50, SET_ACTIVE, False, 0)
    assert (error.domain, error.code, error.description) == (
        "NSOSStatusErrorDomain",
        -50,
        "not now",
    )
    assert refused(phone, 561017449, SET_ACTIVE, False, 0).code == 561017449
    without = refused(phone, 1, SET_ACTIVE, False, 0)
    assert (without.domain, without.code) == ("", 0)
    assert get("otherAudioPlaying") is True


@scene
def a_block_is_called_on_another_thread(phone: Phone) -> None:
    answers: list[tuple[bool, int]] = []
    ask = "requestRecordPermission:"

    def fails(_: bool) -> None:
        raise ValueError

    for block in (lambda value: answers.append((value, threading.get_ident())), fails):
        phone.bridge.call_with_block(phone.session, ask, block=block)
        phone.make.double_settle()
    ((value, thread),) = answers
    assert value is True
    assert thread != threading.get_ident()
    assert "ValueError" in "".join(phone.logged)
    numbers: list[int] = []
    ask = "requestMicrophoneInjectionPermissionWithCompletionHandler:"
    phone.bridge.call_with_block(phone.session, ask, block=numbers.append)
    phone.make.double_settle()
    assert numbers == [-(2**40)], "an NSInteger"
    both: list[tuple[bool, int]] = []
    ask = "prepareRouteSelectionForPlaybackWithCompletionHandler:"
    phone.bridge.call_with_block(phone.session, ask, block=lambda *said: both.append(said))
    phone.make.double_settle()
    assert both == [(True, -(2**40))]
    assert phone.kept == 0


@scene
def notifications_are_heard_until_that_is_ended(phone: Phone) -> None:
    bridge, make = phone.bridge, phone.make
    heard: list[Any] = []
    threads: set[int] = set()

    def hear(info: dict[str, Any]) -> None:
        heard.append(info)
        threads.add(threading.get_ident())

    ends = [bridge.observe(INTERRUPTED, phone.session, hear)]
    make.double_interrupt(1)
    make.double_interrupt(0)
    make.double_somebody_else()
    assert heard == [{TYPE: 1, OPTION: 0}, {TYPE: 0, OPTION: 1}], "not from others"
    assert threading.get_ident() not in threads
    ends.append(bridge.observe(INTERRUPTED, None, hear))
    make.double_somebody_else()
    assert heard[2:] == [{}]
    ends.append(bridge.observe(INTERRUPTED, None, lambda info: 1 / 0))  # type: ignore[arg-type]
    make.double_somebody_else()
    assert "ZeroDivisionError" in "".join(phone.logged)
    # One that ends itself while it is called.
    ends.append(bridge.observe(INTERRUPTED, None, lambda info: ends[3]()))
    make.double_somebody_else()
    heard.clear()
    for end in ends:
        end()
        end()
    make.double_interrupt(1)
    assert heard == []
    assert phone.kept == 0


@scene
def what_comes_along_may_be_objects(phone: Phone) -> None:
    names: list[str] = []
    previous = "text of AVAudioSessionRouteChangePreviousRouteKey"

    def hear(info: dict[str, Any]) -> None:
        for route in (info[previous], phone.get("currentRoute")):
            (port,) = phone.bridge.get(route, "outputs")
            names.append(phone.bridge.get(port, "portName"))

    name = phone.bridge.constant("AVAudioSessionRouteChangeNotification")
    end = phone.bridge.observe(name, phone.session, hear)
    phone.make.double_plug(1)
    end()
    assert names == ["Speaker", "Kopfhörer"]
    assert phone.make.double_routes() == 0


@scene
def a_property_is_watched_until_that_is_ended(phone: Phone) -> None:
    bridge, make = phone.bridge, phone.make
    heard: list[float] = []
    end = bridge.watch(
        phone.session, "outputVolume", lambda: heard.append(phone.get("outputVolume"))
    )
    make.double_volume(0.5)
    ends: list[Callable[[], None]] = []
    ends.append(bridge.watch(phone.session, "outputVolume", lambda: ends[0]()))
    make.double_volume(0.25)
    end()
    end()
    make.double_volume(1.0)
    assert heard == [0.5, 0.25]
    assert phone.kept == 0


@scene
def a_watcher_stays_when_nobody_can_end_it(phone: Phone) -> None:
    heard: list[None] = []
    with phone.pool():
        phone.bridge.watch(phone.session, "outputVolume", lambda: heard.append(None))
        gc.collect()
    phone.make.double_volume(0.5)
    assert heard == [None]


@scene
def many_calls_keep_nothing(phone: Phone) -> None:
    bridge, session, make = phone.bridge, phone.session, phone.make
    calls: tuple[Callable[[], object], ...] = (
        lambda: bridge.call_checked(session, SET_CATEGORY, LONG, LONG, 1, 2),
        lambda: refused(phone, -50, SET_ACTIVE, True, 0),
        lambda: bridge.get(session, "category"),
        lambda: bridge.get(bridge.get(session, "currentRoute"), "outputs"),
        lambda: bridge.constant("AVAudioSessionModeDefault"),
        lambda: bridge.observe(LONG, session, print)(),
        lambda: bridge.watch(session, "outputVolume", print)(),
    )

    def all_of(times: int) -> None:
        for call in calls:
            for _ in range(times):
                call()

    sizes = []

    def work() -> None:
        for times in (CALLS // 50, CALLS // len(calls)):
            all_of(times)
            sizes.append(_resident_kb())

    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    assert sizes[1] - sizes[0] < 4096, sizes
    assert (make.double_routes(), phone.kept) == (0, 0)


@scene
def an_object_is_kept_while_others_give_it_up(phone: Phone) -> None:
    """Threads share one wrapper of rubicon, and one may give it up while another takes it."""
    bridge = phone.bridge
    route = phone.get("currentRoute")
    done = threading.Event()

    def take() -> None:
        while not done.is_set():
            with phone.pool():
                bridge.get(route, "outputs")

    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(CALLS // 10):
            with phone.pool():
                (port,) = bridge.get(route, "outputs")
            # One is the route's.
            assert bridge.call(port, "retainCount") >= 2
            with phone.pool():
                del port
    finally:
        done.set()
        for thread in threads:
            thread.join()


@scene
async def an_app_has_its_session(phone: Phone) -> None:
    make = phone.make
    # The session itself asks for the microphone there.
    make.double_version(b"16.4")
    host = IOSHost(phone.bridge)
    session = AudioSession(host)
    await session.configure(recipe("music"))
    assert phone.get("category") == "text of AVAudioSessionCategoryPlayback"
    assert await session.set_active(True)
    assert phone.get("otherAudioPlaying") is True
    interruptions = aiter(session.interruption_event_stream)
    noises = aiter(session.becoming_noisy_event_stream)
    async with asyncio.timeout(WAIT_S):
        make.double_interrupt(1)
        assert (await anext(interruptions)).begin
        assert not session.is_active
        make.double_interrupt(0)
        assert (await anext(interruptions)).should_resume
        make.double_refuse(AVAudioSessionErrorCode.INSUFFICIENT_PRIORITY.value)
        assert not await session.set_active(True)
        make.double_refuse(-50)
        code = None
        try:
            await session.set_active(True)
        except NSError as error:
            code = error.code
        assert code is AVAudioSessionErrorCode.BAD_PARAM
        make.double_refuse(0)
        assert await session.set_active(True)
        make.double_plug(1)
        assert {each.type for each in await session.get_devices()} == {
            AudioDeviceType.WIRED_HEADPHONES
        }
        make.double_plug(0)
        await anext(noises)
        assert host.apple_device.output_volume == 0.0
        assert await host.apple_device.request_record_permission()
    await session.close()
    await host.close()
    assert phone.get("otherAudioPlaying") is False
    assert (make.double_routes(), phone.kept) == (0, 0)
    assert phone.logged == []


def _resident_kb() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4


def main() -> None:
    libraries, name = sys.argv[1:]
    played = SCENES[name](Phone(Path(libraries)))
    if inspect.iscoroutine(played):
        asyncio.run(played)


if __name__ == "__main__":
    main()
