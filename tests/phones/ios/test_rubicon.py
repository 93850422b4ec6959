"""The bridge over rubicon-objc, with a stand-in for what rubicon gives.

Rubicon can be imported on Apple's systems only, so this tries what the bridge makes of its
answers. That rubicon gives them so is from its own source; ``docs/ios.md`` lists what nobody
has tried on a phone.
"""

from __future__ import annotations

import ctypes
import sys
import types
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from audiosession.errors import ExtraMissingError
from audiosession.hosts.ios.bridge import ObjCError
from audiosession.hosts.ios.rubicon import RubiconBridge


class _Bound:
    """A method of an object, which is called; a property gives its value at once."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *args: Any) -> Any:
        return self._function(*args)


class _Object:
    """An object of rubicon: selectors are attributes with underscores for colons."""

    def __init__(self, **members: Any) -> None:
        self.__dict__.update(members)

    def selectors(self) -> set[str]:
        return {name.replace("_", ":") for name in self.__dict__}


class _Block:
    def __init__(self, function: Callable[..., Any], returns: object, *takes: object) -> None:
        assert returns is None
        self.call = function
        self.takes = takes


class Rubicon:
    """The modules ``rubicon.objc.api`` and ``rubicon.objc.runtime``, with these classes."""

    def __init__(self) -> None:
        self.classes: dict[str, _Object] = {}
        self.constants: dict[str, str] = {}
        self.pools = 0
        self.made: dict[str, Callable[..., None]] = {}
        self.api = types.SimpleNamespace(
            ObjCClass=self._class,
            ObjCBoundMethod=_Bound,
            ObjCInstance=lambda pointer: getattr(pointer, "object", pointer),
            Block=_Block,
            objc_method=lambda function: function,
            py_from_ns=lambda value: value,
            objc_const=self._constant,
        )
        self.runtime = types.SimpleNamespace(
            SEL=str,
            objc_id=ctypes.c_void_p,
            send_message=self._send,
            autoreleasepool=self._pool,
            load_library=lambda name: name,
        )

    def _class(
        self, name: str, bases: Any = None, members: Any = None, *, auto_rename: bool = False
    ) -> _Object:
        if bases is not None:
            assert auto_rename, "another bridge may have made one of that name"
            self.made = members
            made = _Object(init=_Bound(_Object))
            return _Object(alloc=_Bound(lambda: made))
        if name not in self.classes:
            raise NameError(f"ObjC Class {name} couldn't be found.")
        return self.classes[name]

    def _constant(self, library: str, name: str) -> str:
        assert library == "AVFoundation"
        if name not in self.constants:
            raise ValueError("symbol not found")
        return self.constants[name]

    def _send(self, receiver: _Object, selector: str, *args: Any, **types: Any) -> bool:
        assert selector == "respondsToSelector:"
        assert types["restype"] is ctypes.c_bool
        return args[0] in receiver.selectors()

    @contextmanager
    def _pool(self) -> Iterator[None]:
        self.pools += 1
        yield


@pytest.fixture
def rubicon(monkeypatch: pytest.MonkeyPatch) -> Rubicon:
    stand_in = Rubicon()
    module: Any = types.ModuleType("rubicon.objc")
    module.api, module.runtime = stand_in.api, stand_in.runtime
    monkeypatch.setitem(sys.modules, "rubicon", types.ModuleType("rubicon"))
    monkeypatch.setitem(sys.modules, "rubicon.objc", module)
    return stand_in


def test_without_rubicon_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rubicon", None)
    with pytest.raises(ExtraMissingError, match=r"audiosession\[ios\]"):
        RubiconBridge()


@pytest.mark.parametrize(
    ("text", "version"), [("17.5.1", (17, 5)), ("26.0", (26, 0)), ("13", (13, 0))]
)
def test_the_system_says_its_version(rubicon: Rubicon, text: str, version: tuple[int, int]) -> None:
    rubicon.classes["UIDevice"] = _Object(currentDevice=_Object(systemVersion=text))
    assert RubiconBridge().system_version == version


def test_properties_are_read_by_their_getters(rubicon: Rubicon) -> None:
    bridge = RubiconBridge()
    session = _Object(category="x", isOtherAudioPlaying=_Bound(lambda: True))
    assert bridge.get(session, "category") == "x"
    assert bridge.get(session, "otherAudioPlaying") is True
    assert bridge.responds(session, "otherAudioPlaying")
    assert not bridge.responds(session, "sampleRate")
    with pytest.raises(AttributeError, match="sampleRate"):
        bridge.get(session, "sampleRate")


def test_methods_are_called_by_their_flat_names(rubicon: Rubicon) -> None:
    bridge = RubiconBridge()
    shared = _Object(
        sharedInstance=_Bound(lambda: "shared"),
        objectForInfoDictionaryKey_=_Bound(lambda key: f"of {key}"),
    )
    assert bridge.call(shared, "sharedInstance") == "shared"
    assert bridge.call(shared, "objectForInfoDictionaryKey:", "a") == "of a"
    assert bridge.responds(shared, "objectForInfoDictionaryKey:")
    assert rubicon.pools == 2


def test_an_answer_of_no_raises_what_the_error_says(rubicon: Rubicon) -> None:
    bridge = RubiconBridge()
    given: list[Any] = []
    error = _Object(domain="NSOSStatusErrorDomain", code=-50, localizedDescription="bad")
    rubicon.api.ObjCInstance = lambda pointer: error
    answer = True

    def set_active(*args: Any) -> bool:
        given.append(args)
        return answer

    session = _Object(setActive_withOptions_error_=_Bound(set_active))
    assert bridge.call_checked(session, "setActive:withOptions:error:", True, 0) is True
    answer = False
    with pytest.raises(ObjCError) as caught:
        bridge.call_checked(session, "setActive:withOptions:error:", True, 0)
    assert (caught.value.domain, caught.value.code, caught.value.description) == (
        "NSOSStatusErrorDomain",
        -50,
        "bad",
    )
    assert [args[:2] for args in given] == [(True, 0), (True, 0)]
    assert all(len(args) == 3 for args in given), "the pointer comes last"


def test_blocks_are_made_with_the_types_of_their_method(rubicon: Rubicon) -> None:
    bridge = RubiconBridge()
    blocks: list[_Block] = []
    session = _Object(requestRecordPermission_=_Bound(blocks.append))
    answers: list[bool] = []
    bridge.call_with_block(session, "requestRecordPermission:", block=answers.append)
    (block,) = blocks
    assert block.takes == (ctypes.c_bool,)
    block.call(True)
    assert answers == [True]


def test_an_observer_hears_until_it_is_ended_and_never_raises(
    rubicon: Rubicon, caplog: pytest.LogCaptureFixture
) -> None:
    observers: list[Any] = []
    removed: list[Any] = []

    def add(*args: Any) -> str:
        observers.append(args)
        return "token"

    center = _Object(
        addObserverForName_object_queue_usingBlock_=_Bound(add),
        removeObserver_=_Bound(removed.append),
    )
    rubicon.classes["NSNotificationCenter"] = _Object(defaultCenter=center)
    bridge = RubiconBridge()
    heard: list[dict[str, Any]] = []
    end = bridge.observe("name", "session", heard.append)
    ((name, sender, queue, block),) = observers
    assert (name, sender, queue) == ("name", "session", None), "on the thread that posts it"
    block.call(_Object(userInfo={"key": 1}))
    block.call(_Object(userInfo=None))
    assert heard == [{"key": 1}, {}]
    bridge.observe("name", None, lambda info: 1 / 0)  # type: ignore[arg-type]
    observers[1][3].call(_Object(userInfo=None))
    assert "division by zero" in caplog.text
    end()
    end()
    assert removed == ["token"]


def test_a_property_is_watched_until_that_is_ended(rubicon: Rubicon) -> None:
    added: list[Any] = []
    removed: list[Any] = []
    session = _Object(
        addObserver_forKeyPath_options_context_=_Bound(lambda *args: added.append(args)),
        removeObserver_forKeyPath_=_Bound(lambda *args: removed.append(args)),
    )
    rubicon.classes["NSObject"] = _Object()
    bridge = RubiconBridge()
    heard: list[str] = []
    end = bridge.watch(session, "outputVolume", lambda: heard.append("volume"))
    bridge.watch(session, "inputGain", lambda: heard.append("gain"))
    (volume, *rest), (gain, *_) = added
    assert rest == ["outputVolume", 0, None]
    changed = rubicon.made["observeValueForKeyPath_ofObject_change_context_"]
    changed(gain, "inputGain", session, None, None)
    changed(volume, "outputVolume", session, None, None)
    assert heard == ["gain", "volume"]
    end()
    end()
    assert removed == [(volume, "outputVolume")]


def test_rubicon_can_tell_the_types_of_the_watchers_method(rubicon: Rubicon) -> None:
    """It takes them from annotations, and an object for what has none."""
    rubicon.classes["NSObject"] = _Object()
    bridge = RubiconBridge()
    bridge._watcher_class()
    (method,) = rubicon.made.values()
    hints = typing.get_type_hints(method)
    assert hints == {"context": ctypes.c_void_p, "return": type(None)}


def test_what_the_system_lacks_is_an_attribute_error(rubicon: Rubicon) -> None:
    rubicon.constants["AVAudioSessionModeDefault"] = "text"
    bridge = RubiconBridge()
    assert bridge.constant("AVAudioSessionModeDefault") == "text"
    with pytest.raises(AttributeError, match="AVAudioSessionModeNew"):
        bridge.constant("AVAudioSessionModeNew")
    with pytest.raises(AttributeError, match="AVAudioApplication"):
        bridge.class_named("AVAudioApplication")
