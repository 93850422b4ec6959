"""The double fails at whatever Apple's headers do not declare, and only at that."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from audiosession.apple.enums import AVAudioSessionInterruptionReason
from audiosession.apple.names import AVAudioSessionNotificationName, AVAudioSessionPort
from audiosession.hosts.ios.bridge import ObjCError
from audiosession.hosts.ios.events import KEYS
from audiosession.hosts.ios.ports import KINDS, PORT_NAMES
from audiosession.hosts.ios.rubicon import BLOCKS
from tests.phones.ios.declarations import method_name, read
from tests.phones.ios.fake_objc import NEWER_CONSTANTS, WHOLE, FakeObjC, Misuse
from tests.phones.ios.native_session import NativeSession, phone

SET_ACTIVE = "setActive:withOptions:error:"


@pytest.fixture
def objc() -> FakeObjC:
    return phone(17, 0)[0]


@pytest.fixture
def native(objc: FakeObjC) -> NativeSession:
    return objc.class_named("AVAudioSession").sharedInstance()  # type: ignore[attr-defined, no-any-return]


# -- what is declared ----------------------------------------------------------------------------


def test_declarations_are_read_with_types_and_systems() -> None:
    found = read()
    method = found.method("AVAudioSession", method_name(SET_ACTIVE), static=False)
    assert method is not None
    assert [each.type for each in method.parameters] == [
        "boolean",
        "AVAudioSessionSetActiveOptions",
        "interop.Reference<NSError>",
    ]
    assert (method.checked, method.returns, method.since) == (True, "boolean", (6, 0))
    inputs = found.property("AVAudioSession", "availableInputs", static=False)
    assert inputs is not None
    assert (inputs.readonly, inputs.since) == (True, (7, 0))
    asks = found.method(
        "AVAudioApplication", "requestRecordPermissionWithCompletionHandler", static=True
    )
    assert asks is not None
    assert (asks.since, asks.parameters[0].type) == ((17, 0), "(p1: boolean) => void")
    capability = found.property("AVAudioSessionCapability", "enabled", static=False)
    assert capability is not None
    assert capability.since == (26, 0), "as new as its class"
    assert found.constants["AVAudioSessionInterruptionReasonKey"] == (14, 5)
    assert found.is_kind("AVAudioSession", "NSObject")


def test_the_hosts_tables_are_declared() -> None:
    found = read()
    names = [*PORT_NAMES.values(), *(name.value for name in AVAudioSessionNotificationName)]
    names += [key.value for keys in KEYS.values() for key in keys]
    assert [
        each for each in names if each not in found.constants and each not in NEWER_CONSTANTS
    ] == []
    assert PORT_NAMES.keys() == set(AVAudioSessionPort)
    assert KINDS.keys() <= PORT_NAMES.keys()
    assert not NEWER_CONSTANTS & found.constants.keys(), "they are declared by now"


def test_the_numbers_are_apples() -> None:
    declared = read().enums["AVAudioSessionInterruptionReason"]
    ours = {each.value for each in AVAudioSessionInterruptionReason}
    assert set(declared.values()) <= ours


@pytest.mark.parametrize("selector", BLOCKS)
def test_blocks_are_called_with_what_the_headers_say(selector: str) -> None:
    found = read()
    methods = [
        method
        for of in ("AVAudioSession", "AVAudioApplication")
        for static in (False, True)
        if (method := found.method(of, method_name(selector), static=static))
    ]
    assert methods
    for method in methods:
        types = re.findall(r"p\d: (\w+)", method.parameters[-1].type)
        assert BLOCKS[selector] == tuple(bool if each == "boolean" else int for each in types)
        assert all(each == "boolean" or each in found.enums for each in types)


def test_whole_numbers_are_declared_as_numbers() -> None:
    found = read()
    for each in WHOLE:
        if ":" in each:
            method = found.method("AVAudioSession", method_name(each), static=False)
            assert method is not None
            assert method.parameters[0].type == "number"
        else:
            member = found.property("AVAudioSession", each, static=False)
            assert member is not None
            assert member.type == "number"


# -- what the double refuses ---------------------------------------------------------------------


def _twice(end: Callable[[], None]) -> None:
    end()
    end()


MISTAKES: dict[str, Callable[[FakeObjC, NativeSession], Any]] = {
    "an unknown selector": lambda objc, it: objc.call_checked(it, "setActiv:error:", True),
    "an unknown property": lambda objc, it: objc.get(it, "route"),
    "an unknown class": lambda objc, it: objc.class_named("AVAudioSessions"),
    "an unknown constant": lambda objc, it: objc.constant("AVAudioSessionCategoryPlay"),
    "too few arguments": lambda objc, it: objc.call_checked(it, SET_ACTIVE, True),
    "too many arguments": lambda objc, it: objc.call_checked(it, SET_ACTIVE, True, 0, None),
    "colons that are missing": lambda objc, it: objc.call_checked(
        it, "setActiveWithOptions:error:", True
    ),
    "a missing error pointer": lambda objc, it: objc.call(it, SET_ACTIVE, True, 0),
    "an error pointer too many": lambda objc, it: objc.call_checked(
        objc.class_named("AVAudioSession"), "sharedInstance"
    ),
    "a number for a truth value": lambda objc, it: objc.call_checked(it, SET_ACTIVE, 1, 0),
    "a text for a number": lambda objc, it: objc.call_checked(it, SET_ACTIVE, True, "none"),
    "nil where there has to be something": lambda objc, it: objc.call_checked(
        it, "setCategory:mode:options:error:", None, "", 0
    ),
    "a method of the class on an object": lambda objc, it: objc.call(it, "sharedInstance"),
    "a member of a newer system": lambda objc, it: objc.call_checked(
        it, "setOutputMuted:error:", True
    ),
    "a property of a newer system": lambda objc, it: objc.get(it, "renderingMode"),
    "a notification that nobody posts": lambda objc, it: objc.observe("Route", it, print),
    "a block for a method without": lambda objc, it: objc.call_with_block(
        it, SET_ACTIVE, True, 0, block=print
    ),
    "a question for what no system has": lambda objc, it: objc.responds(it, "isActive"),
    "a fraction for a whole number": lambda objc, it: objc.call_checked(
        it, "setPreferredInputNumberOfChannels:error:", 1.0
    ),
    "an observer of a property that is removed twice": lambda objc, it: _twice(
        objc.watch(it, "outputVolume", lambda: None)
    ),
    "a Python object as a receiver": lambda objc, it: objc.get("AVAudioSession", "category"),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_loud_and_is_kept(
    objc: FakeObjC, native: NativeSession, mistake: Callable[[FakeObjC, NativeSession], Any]
) -> None:
    with pytest.raises(Misuse):
        mistake(objc, native)
    with pytest.raises(Misuse):
        objc.close()


def test_a_callback_that_raises_into_native_code_is_a_mistake(
    objc: FakeObjC, native: NativeSession
) -> None:
    def fail(info: dict[str, Any]) -> None:
        raise RuntimeError("no")

    objc.observe(objc.constant("AVAudioSessionRouteChangeNotification"), native, fail)
    with pytest.raises(RuntimeError):
        native.post("RouteChange")
    assert objc.misuses


# -- what it answers -----------------------------------------------------------------------------


def test_an_answer_of_no_is_an_error_with_domain_and_code(
    objc: FakeObjC, native: NativeSession
) -> None:
    native.refuse("setActive", 560030580)
    with pytest.raises(ObjCError) as caught:
        objc.call_checked(native, SET_ACTIVE, True, 0)
    assert (caught.value.domain, caught.value.code) == ("NSOSStatusErrorDomain", 560030580)
    assert objc.call_checked(native, SET_ACTIVE, True, 0) is True


def test_what_an_older_system_lacks_can_be_asked_for(objc: FakeObjC, native: NativeSession) -> None:
    assert objc.responds(native, SET_ACTIVE)
    assert not objc.responds(native, "setOutputMuted:error:")
    assert not objc.responds(native, "renderingMode")
    with pytest.raises(AttributeError):
        objc.constant("AVAudioSessionAvailableInputsChangeNotification")
    with pytest.raises(AttributeError):
        objc.constant("AVAudioSessionDidBecomeActiveNotification")
    objc.close()


def test_a_notification_carries_the_keys_that_the_system_has() -> None:
    objc, native = phone(14, 0)
    heard: list[dict[str, Any]] = []
    end = objc.observe(
        objc.constant("AVAudioSessionInterruptionNotification"), native, heard.append
    )
    native.post("Interruption", {"InterruptionType": 1, "InterruptionReason": 0})
    end()
    end()
    native.post("Interruption", {"InterruptionType": 0})
    assert heard == [{objc.constant("AVAudioSessionInterruptionTypeKey"): 1}]
    assert objc.observed == 0
    objc.close()
