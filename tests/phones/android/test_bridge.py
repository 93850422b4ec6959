"""The bridges to Java, and the doubles on which they are tried."""

from __future__ import annotations

import gc
import importlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from audiosession import AudioDevicesChangedEvent, AudioSession, hosts, recipe
from audiosession.android import AudioManager
from audiosession.errors import ExtraMissingError, HostUnavailableError, UnsupportedError
from audiosession.hosts.android import AndroidHost
from audiosession.hosts.android.api import AndroidApi
from audiosession.hosts.android.bridge import RECEIVER, JavaBridge
from audiosession.hosts.android.chaquopy_bridge import ChaquopyBridge
from audiosession.hosts.android.errors import BridgeMissingError, JavaError
from audiosession.hosts.android.host import find_bridge
from audiosession.hosts.android.jnius_bridge import JniusBridge
from audiosession.hosts.android.part import text_of
from audiosession.hosts.android.receivers import receive

from .chaquopy import Chaquopy
from .phone import Phone


@pytest.fixture
def jnius(newest: Phone) -> JavaBridge:
    return newest.bridge()


@pytest.fixture
def chaquopy(newest: Phone, monkeypatch: pytest.MonkeyPatch) -> Iterator[JavaBridge]:
    """In an app of Chaquopy's; nothing is raised into Java there."""
    made = Chaquopy()
    monkeypatch.setitem(sys.modules, "java", made.module())
    yield ChaquopyBridge()
    assert made.thrown == []


@pytest.fixture(params=["jnius", "chaquopy"])
def bridge(request: pytest.FixtureRequest) -> JavaBridge:
    found: JavaBridge = request.getfixturevalue(request.param)
    return found


def run_in_java(bridge: JavaBridge, runnable: Any) -> None:
    bridge.java_class("org.audiosession.doubles.Doubles").run(runnable)


def test_it_knows_the_level(bridge: JavaBridge, newest: Phone) -> None:
    assert bridge.sdk == newest.level


def test_python_is_called_on_a_thread_of_java(bridge: JavaBridge) -> None:
    threads: list[int] = []
    runnable = bridge.implement(
        "java.lang.Runnable", {"run": lambda: threads.append(threading.get_ident())}
    )
    run_in_java(bridge, runnable)
    assert len(threads) == 1
    assert threads != [threading.get_ident()]


def test_what_it_raises_is_logged_and_java_goes_on(
    bridge: JavaBridge, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[int] = []

    def run() -> None:
        calls.append(1)
        raise LookupError("somebody's mistake")

    runnable = bridge.implement("java.lang.Runnable", {"run": run})
    run_in_java(bridge, runnable)
    run_in_java(bridge, runnable)
    assert calls == [1, 1]
    assert caplog.text.count("a listener of Android failed at run") == 2


def test_what_is_released_does_nothing(bridge: JavaBridge) -> None:
    calls: list[int] = []
    runnable = bridge.implement("java.lang.Runnable", {"run": lambda: calls.append(1)})
    bridge.release(runnable)
    run_in_java(bridge, runnable)
    assert calls == []


def test_what_is_left_out_does_nothing(
    bridge: JavaBridge, capfd: pytest.CaptureFixture[str]
) -> None:
    run_in_java(bridge, bridge.implement("java.lang.Runnable", {}))
    assert capfd.readouterr().err == ""


def test_java_may_call_what_python_has_let_go(jnius: JavaBridge) -> None:
    # A call on its way to freed memory would end the process.
    doubles = jnius.java_class("org.audiosession.doubles.Doubles")
    doubles.keep(jnius.implement("java.lang.Runnable", {"run": list}))
    gc.collect()
    more = [jnius.implement("java.lang.Runnable", {"run": list}) for _ in range(100)]
    doubles.runKept()
    assert len(more) == 100


def test_the_java_side_goes_once_it_is_released(jnius: JavaBridge) -> None:
    runnable = jnius.implement("java.lang.Runnable", {"run": list})
    java_side = jnius.java_class("java.lang.ref.WeakReference")(runnable)
    collect = jnius.java_class("java.lang.System").gc
    collect()
    assert java_side.get() is not None
    jnius.release(runnable)
    collect()
    assert java_side.get() is None


def test_null_is_none_for_what_python_implements(jnius: JavaBridge, newest: Phone) -> None:
    heard: list[Any] = []
    listener = jnius.implement(
        "android.media.AudioManager$OnCommunicationDeviceChangedListener",
        {"onCommunicationDeviceChanged": heard.append},
    )
    api = AndroidApi(jnius)
    manager = api.service("AUDIO_SERVICE")
    executor = api.call(jnius.context(), "Context.getMainExecutor")
    api.call(manager, "AudioManager.addOnCommunicationDeviceChangedListener", executor, listener)
    newest.java.communicationDeviceChanged(newest.device(7, 2, "speaker", sink=True))
    newest.java.communicationDeviceChanged(None)
    newest.java.idle()
    assert [each is None for each in heard] == [False, True]


def test_listeners_say_of_themselves_who_they_are(jnius: JavaBridge) -> None:
    # AudioManager keeps them by that.
    text = jnius.java_class("java.lang.String")
    one, two = (jnius.implement("java.lang.Runnable", {}) for _ in range(2))
    said = [text.valueOf(each) for each in (one, one, two)]
    assert said[0] == said[1] != said[2]
    known = jnius.java_class("java.util.ArrayList")()
    known.add(one)
    assert known.contains(one)
    assert not known.contains(two)


def test_items_of_arrays_and_collections(bridge: JavaBridge) -> None:
    found = bridge.java_class("java.util.ArrayList")()
    assert bridge.items(found) == []
    found.add("a")
    found.add("b")
    assert bridge.items(found) == ["a", "b"]
    assert bridge.items(found.toArray()) == ["a", "b"]
    assert bridge.items(None) == []


def test_a_java_exception_has_its_class_and_message(bridge: JavaBridge) -> None:
    with pytest.raises(Exception, match="For input") as caught:
        bridge.java_class("java.lang.Integer").parseInt("x")
    fault = bridge.fault(caught.value)
    assert fault is not None
    assert fault.java_class == "java.lang.NumberFormatException"
    assert 'For input string: "x"' in fault.message
    assert bridge.fault(ValueError("none of Java's")) is None


def test_each_bridge_makes_a_host(bridge: JavaBridge) -> None:
    assert AndroidHost(bridge).app == "app"


def test_the_bridge_is_that_of_the_package_there_is(newest: Phone) -> None:
    assert isinstance(find_bridge(), JniusBridge)


def test_in_an_app_of_chaquopys_it_is_that(
    chaquopy: JavaBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleSpec("java", SourceFileLoader("java", "java/__init__.py"))
    monkeypatch.setattr(hosts, "find_spec", {"java": module}.get)
    assert isinstance(find_bridge(), type(chaquopy))


@pytest.mark.parametrize("imported", [False, True])
def test_the_folder_of_an_apps_java_classes_is_no_module(
    imported: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "java").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "java", None)
    del sys.modules["java"]
    if imported:
        importlib.import_module("java")
    with pytest.raises(BridgeMissingError, match="Chaquopy's module java"):
        ChaquopyBridge()
    monkeypatch.setattr(
        hosts, "find_spec", lambda name: None if name == "jnius" else find_spec(name)
    )
    with pytest.raises(BridgeMissingError, match=r"buildozer\.spec"):
        find_bridge()


def test_without_chaquopy_its_bridge_says_so() -> None:
    with pytest.raises(ExtraMissingError, match="Chaquopy"):
        ChaquopyBridge()


def test_without_pyjnius_its_bridge_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jnius", None)
    with pytest.raises(ExtraMissingError, match="pyjnius"):
        JniusBridge()


# -- the application -----------------------------------------------------------------------------


def test_the_application_is_known_when_the_activity_is_gone(newest: Phone) -> None:
    bridge = newest.bridge()
    api = AndroidApi(bridge)
    newest.java.destroyActivity()
    assert api.call(api.service("AUDIO_SERVICE"), "AudioManager.getMode") == 0
    assert api.call(bridge.context(), "Context.getPackageName") == "app"


def test_without_an_activity_from_the_start_it_says_so(newest: Phone) -> None:
    newest.java.destroyActivity()
    api = AndroidApi(newest.bridge())
    with pytest.raises(
        HostUnavailableError, match=r"no activity.*PythonActivity\.mActivity is null"
    ):
        api.service("AUDIO_SERVICE")


async def test_what_is_registered_outlives_the_activity(newest: Phone) -> None:
    session = AudioSession(AndroidHost(newest.bridge()))
    heard: list[None] = []
    session.becoming_noisy_event_stream.listen(heard.append)
    await session.set_active(True)
    newest.java.destroyActivity()
    newest.send(newest.intent("android.media.AUDIO_BECOMING_NOISY"))
    await newest.settle()
    assert len(heard) == 1
    await session.close()


def test_a_service_has_its_own(newest: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_SERVICE_ARGUMENT", "")
    newest.java.becomeService("the service's app")
    assert AndroidHost(newest.bridge()).app == "the service's app"


# -- threads -------------------------------------------------------------------------------------


def test_a_blocking_program_needs_the_main_thread_for_the_host_only() -> None:
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-m", "tests.phones.android.own_thread"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("thrown", "message", "named"),
    [
        (
            "java.lang.ClassNotFoundException",
            'Didn\'t find class "org.jnius.NativeInvocationHandler" on path: DexPathList[[zip]]',
            "org.jnius.NativeInvocationHandler",
        ),
        ("java.lang.NoClassDefFoundError", "org/audiosession/Receiver", RECEIVER),
        (
            "java.lang.NoClassDefFoundError",
            "Failed resolution of: Lorg/audiosession/Receiver;",
            RECEIVER,
        ),
        ("java.lang.ClassNotFoundException", "", RECEIVER),
    ],
)
def test_a_class_that_is_missing_is_named(
    newest: Phone, monkeypatch: pytest.MonkeyPatch, thrown: str, message: str, named: str
) -> None:
    import jnius

    bridge = newest.bridge()

    def implement(interface: str, methods: object) -> Any:
        raise jnius.JavaException("JVM exception occurred", thrown, message, [])

    monkeypatch.setattr(bridge, "implement", implement)
    with pytest.raises(BridgeMissingError, match="on another thread than the app's") as caught:
        receive(AndroidApi(bridge), ("android.media.AUDIO_BECOMING_NOISY",), print)
    assert caught.value.missing == f"the Java class {named}"


def _asks_for_numbers(api: AndroidApi, one: Any) -> bool:
    return bool(api.call(one, "AudioDeviceInfo.getId") == 1)


def _asks_with_arguments(api: AndroidApi, one: Any) -> bool:
    return bool(api.call(one, "Intent.getIntExtra", "number", -1) == 1)


def _reads_text(api: AndroidApi, one: Any) -> bool:
    return text_of(one) == "1"


def _reads_items(api: AndroidApi, one: Any) -> bool:
    return api.bridge.items(one) == ["1"]


def _made_in_java(kind: str, phone: Phone, number: int) -> Any:
    import jnius

    if kind == "device":
        return phone.device(number, 2, "speaker", sink=True)
    if kind == "intent":
        return phone.intent("an action", number=number)
    if kind == "text":
        return jnius.autoclass("java.lang.StringBuilder")(str(number))
    found = jnius.autoclass("java.util.ArrayList")()
    found.add(str(number))
    return found


@pytest.mark.parametrize(
    ("kind", "method", "ask"),
    [
        ("device", "getId", _asks_for_numbers),
        ("intent", "getIntExtra", _asks_with_arguments),
        ("text", "toString", _reads_text),
        ("list", "toArray", _reads_items),
    ],
)
def test_another_thread_may_call_the_same_method_in_between(
    newest: Phone, kind: str, method: str, ask: Callable[[AndroidApi, Any], bool]
) -> None:
    # Whatever Python may do between two of its steps is done between any two of them.
    api = AndroidApi(newest.bridge())
    one, two = (_made_in_java(kind, newest, number) for number in (1, 2))

    def meanwhile(frame: FrameType, event: str, arg: object) -> Any:
        frame.f_trace_opcodes = True
        getattr(two, method)
        return meanwhile

    before = sys.gettrace()
    sys.settrace(meanwhile)
    try:
        right = ask(api, one)
    finally:
        sys.settrace(before)
    assert right


# -- a whole app over Chaquopy -------------------------------------------------------------------


async def test_an_app_of_chaquopys_hears_all(chaquopy: JavaBridge, newest: Phone) -> None:
    session = AudioSession(AndroidHost(chaquopy))
    words: list[str] = []
    changes: list[AudioDevicesChangedEvent] = []
    session.interruption_event_stream.listen(
        lambda event: words.append(f"{'begin' if event.begin else 'end'} {event.type.value}")
    )
    session.becoming_noisy_event_stream.listen(lambda _: words.append("noisy"))
    session.devices_changed_event_stream.listen(changes.append)
    await session.configure(recipe("speech"))
    assert await session.set_active(True)
    assert newest.holders() == ["app"]
    newest.java.tellFocus("app", -2)
    newest.java.tellFocus("app", 1)
    newest.java.tellFocus("app", -3)
    newest.java.tellFocus("app", 1)
    await newest.settle()
    newest.send(newest.intent("android.media.AUDIO_BECOMING_NOISY"))
    newest.plug(newest.device(9, 3, "headset", sink=True))
    await newest.settle()
    assert words == ["begin pause", "end pause", "begin pause", "end pause", "noisy"]
    assert [{each.name for each in change.devices_added} for change in changes] == [{"headset"}]
    assert "headset" in {each.name for each in await session.get_devices()}
    newest.fail("AudioManager.requestAudioFocus", "java.lang.SecurityException", "no permission X")
    with pytest.raises(JavaError, match="SecurityException: no permission X"):
        await session.set_active(True)
    newest.forget("AudioManager.requestAudioFocus")
    assert await session.set_active(False)
    assert newest.holders() == []
    await session.close()
    assert newest.java.listening() == 0


async def test_android_managers_work_in_an_app_of_chaquopys(
    chaquopy: JavaBridge, newest: Phone
) -> None:
    host = AndroidHost(chaquopy)
    manager = AudioManager(host)
    heard: list[Any] = []
    await manager.register_receiver(heard.append, AudioManager.RINGER_MODE_CHANGED_ACTION)
    await manager.add_on_mode_changed_listener(lambda call: call(), heard.append)
    newest.send(newest.intent("android.media.RINGER_MODE_CHANGED"))
    newest.java.modeChanged(2)
    await newest.settle()
    assert heard[0].action == AudioManager.RINGER_MODE_CHANGED_ACTION
    assert heard[1:] == [AudioManager.MODE_IN_CALL]
    await manager.close()
    await host.close()
    assert newest.java.listening() == 0


# -- the doubles ---------------------------------------------------------------------------------


def test_a_double_has_no_more_than_the_declarations(newest: Phone) -> None:
    api = AndroidApi(newest.bridge())
    manager = api.service("AUDIO_SERVICE")
    assert api.call(manager, "AudioManager.getMode") == 0
    with pytest.raises(UnsupportedError, match=r"AudioManager\.getModes \(this phone lacks it\)"):
        api.call(manager, "AudioManager.getModes")
    with pytest.raises(JavaError):
        api.call(manager, "AudioManager.getMode", 1)
    with pytest.raises(TypeError):
        api.call(manager, "AudioManager.setMode", "loud")


def test_a_double_has_nothing_newer_than_its_level(phone: Phone) -> None:
    manager = AndroidApi(phone.bridge()).service("AUDIO_SERVICE")
    if phone.level >= 31:
        assert manager.getCommunicationDevice() is None
        return
    with pytest.raises(Exception, match=r"NoSuchMethodError.*AudioManager.getCommunicationDevice"):
        manager.getCommunicationDevice()
    with pytest.raises(AttributeError):
        _ = phone.bridge().java_class("android.media.AudioManager").ENCODED_SURROUND_OUTPUT_AUTO


def test_a_member_is_guarded_by_its_level(phone: Phone) -> None:
    api = AndroidApi(phone.bridge())
    manager = api.service("AUDIO_SERVICE")
    phone.calls()
    if phone.level >= 31:
        assert api.call(manager, "AudioManager.getCommunicationDevice") is None
        return
    with pytest.raises(UnsupportedError, match=r"getCommunicationDevice \(API level 31, this is"):
        api.call(manager, "AudioManager.getCommunicationDevice")
    assert phone.calls() == []
