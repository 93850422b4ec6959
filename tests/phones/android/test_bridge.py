"""The bridges to Java, and the doubles on which they are tried."""

from __future__ import annotations

import gc
import sys
import threading
from types import ModuleType
from typing import Any

import pytest

from audiosession.errors import ExtraMissingError, UnsupportedError
from audiosession.hosts.android import AndroidHost
from audiosession.hosts.android import host as host_module
from audiosession.hosts.android.api import AndroidApi
from audiosession.hosts.android.bridge import JavaBridge
from audiosession.hosts.android.chaquopy_bridge import ChaquopyBridge
from audiosession.hosts.android.errors import JavaError
from audiosession.hosts.android.host import find_bridge
from audiosession.hosts.android.jnius_bridge import JniusBridge

from .phone import Phone


@pytest.fixture
def jnius(newest: Phone) -> JavaBridge:
    return newest.bridge()


@pytest.fixture
def chaquopy(newest: Phone, monkeypatch: pytest.MonkeyPatch) -> JavaBridge:
    """Chaquopy's module ``java`` as its documentation describes it, made of pyjnius."""
    import jnius

    monkeypatch.setitem(sys.modules, "java", _chaquopy(jnius))
    return ChaquopyBridge()


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


def test_java_may_call_what_python_has_let_go(jnius: JavaBridge) -> None:
    # A call on its way to freed memory would end the process.
    doubles = jnius.java_class("org.audiosession.doubles.Doubles")
    doubles.keep(jnius.implement("java.lang.Runnable", {"run": list}))
    gc.collect()
    more = [jnius.implement("java.lang.Runnable", {"run": list}) for _ in range(100)]
    doubles.runKept()
    assert len(more) == 100


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
    monkeypatch.setattr(host_module, "find_spec", {"java": object()}.get)
    assert isinstance(find_bridge(), type(chaquopy))


def test_without_chaquopy_its_bridge_says_so() -> None:
    with pytest.raises(ExtraMissingError, match="Chaquopy"):
        ChaquopyBridge()


def test_without_pyjnius_its_bridge_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jnius", None)
    with pytest.raises(ExtraMissingError, match="pyjnius"):
        JniusBridge()


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


def _chaquopy(jnius: Any) -> ModuleType:
    """A stand-in with the two functions that the bridge uses."""
    module: Any = ModuleType("java")
    ours: dict[str, Any] = {}

    def jclass(name: str) -> Any:
        if name == "java.lang.Throwable":
            return _Throwable
        if name == "com.chaquo.python.Python":
            return _Python(jnius)
        found = jnius.autoclass(name)
        return _Class(jnius, found)

    def dynamic_proxy(interface: Any) -> Any:
        name = interface.found.__javaclass__

        class Proxy(jnius.PythonJavaClass):  # type: ignore[misc]
            __javainterfaces__ = [name]  # noqa: RUF012

            def __init__(self) -> None:
                super().__init__()
                ours[str(id(self))] = self

            def invoke(self, method: Any, *args: Any) -> Any:
                return getattr(self, str(method.getName()))(*args)

        return Proxy

    module.jclass, module.dynamic_proxy = jclass, dynamic_proxy
    return module  # type: ignore[no-any-return]


class _Throwable(Exception):
    """Chaquopy raises Java's exceptions themselves."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self._name, self._message = name, message

    def getClass(self) -> Any:
        return self

    def getName(self) -> str:
        return self._name

    def getMessage(self) -> str:
        return self._message


class _Class:
    def __init__(self, jnius: Any, found: Any) -> None:
        self.jnius, self.found = jnius, found

    def __call__(self, *args: Any) -> Any:
        return self.found(*args)

    def __getattr__(self, name: str) -> Any:
        member = getattr(self.found, name)
        if not callable(member):
            return member

        def call(*args: Any) -> Any:
            try:
                return member(*args)
            except self.jnius.JavaException as error:
                raise _Throwable(error.classname, error.innermessage) from None

        return call


class _Python:
    def __init__(self, jnius: Any) -> None:
        self._jnius = jnius

    def getPlatform(self) -> Any:
        return self

    def getApplication(self) -> Any:
        return self._jnius.autoclass("org.kivy.android.PythonActivity").mActivity
