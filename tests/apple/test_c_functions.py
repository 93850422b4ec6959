"""The nine functions of Audio Session Services, and what they refuse."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from ctypes import (
    byref,
    c_char_p,
    c_double,
    c_float,
    c_uint8,
    c_uint32,
    c_uint64,
    c_void_p,
    pointer,
    sizeof,
)
from pathlib import Path
from typing import Any

import pytest

from audiosession import AudioSession
from audiosession.apple import audio_session_services as c
from audiosession.apple._c_properties import PROPERTIES
from audiosession.apple.audio_session_services import CFRef
from audiosession.errors import (
    HostUnavailableError,
    HostUnavailableReason,
    InvalidTypeError,
    LimitError,
)
from tests.api.fake_host import FakeHost
from tests.apple.c_kit import KINDS, NO_ERROR, Rig, get, process, put, read
from tests.apple.facts_kit import c as facts
from tests.apple.phone_kit import without_microphone

CATEGORY = c.kAudioSessionProperty_AudioCategory
ROWS: list[dict[str, Any]] = facts()["property"]
UNKNOWN = 0x3F3F3F3F


def named(rows: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", rows, ids=lambda row: row["fourcc"])


@pytest.fixture
def rig() -> Iterator[Rig]:
    with process() as found:
        found.initialize()
        yield found


def nobody(*arguments: object) -> None:
    raise AssertionError(arguments)


CALLS = {
    "SetActive": lambda: c.AudioSessionSetActive(True),
    "SetActiveWithFlags": lambda: c.AudioSessionSetActiveWithFlags(False, 1),
    "GetProperty": lambda: c.AudioSessionGetProperty(CATEGORY, c_uint32(4), c_uint32()),
    "SetProperty": lambda: c.AudioSessionSetProperty(CATEGORY, 4, c_uint32()),
    "GetPropertySize": lambda: c.AudioSessionGetPropertySize(CATEGORY, c_uint32()),
    "Add": lambda: c.AudioSessionAddPropertyListener(
        c.kAudioSessionProperty_AudioRouteChange, nobody, None
    ),
    "Remove": lambda: c.AudioSessionRemovePropertyListener(
        c.kAudioSessionProperty_AudioRouteChange
    ),
    "RemoveWithUserData": lambda: c.AudioSessionRemovePropertyListenerWithUserData(
        c.kAudioSessionProperty_AudioRouteChange, nobody, None
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_nothing_works_before_it_is_initialized(call: Any) -> None:
    with process() as rig:
        assert call() == c.kAudioSessionNotInitialized
        assert not rig.session.is_active
        rig.initialize()
        assert call() != c.kAudioSessionNotInitialized


def test_every_function_of_the_facts_is_there_with_its_parameters() -> None:
    import inspect

    for row in facts()["function"]:
        function = getattr(c, row["name"])
        assert list(inspect.signature(function).parameters) == [
            each["name"] for each in row["params"]
        ]


def test_it_is_initialized_once_and_stays_inactive(rig: Rig) -> None:
    assert not rig.session.is_active
    assert c.AudioSessionInitialize(None, None, nobody, None) == c.kAudioSessionAlreadyInitialized
    rig.activate()
    rig.device.alarm()
    assert rig.states == [c.kAudioSessionBeginInterruption]


def test_listener_run_loop_and_mode_may_be_left_out() -> None:
    loop = asyncio.new_event_loop()
    with process() as rig:
        assert c.AudioSessionInitialize(loop, "kCFRunLoopDefaultMode", None, None) == NO_ERROR
        rig.activate()
        rig.device.alarm()
        assert not rig.session.is_active
    loop.close()


@pytest.mark.parametrize(
    "error",
    [
        HostUnavailableError(HostUnavailableReason.NO_SERVICE, "start it"),
        LimitError("sessions", 64),
    ],
)
def test_initializing_fails_where_there_is_nothing_and_may_be_tried_again(
    error: Exception,
) -> None:
    host = FakeHost()
    host.errors["open"] = error
    with c.use(AudioSession(host)):
        initialize = (None, None, None, None)
        assert c.AudioSessionInitialize(*initialize) == c.kAudioSessionInitializationError
        assert c.AudioSessionSetActive(True) == c.kAudioSessionNotInitialized
        host.errors.clear()
        assert c.AudioSessionInitialize(*initialize) == NO_ERROR
        assert c.AudioSessionSetActive(True) == NO_ERROR


def test_a_process_of_its_own_leaves_the_one_around_it_alone(rig: Rig) -> None:
    with process() as other:
        other.initialize()
        other.activate(c.kAudioSessionCategory_RecordAudio)
        other.device.alarm()
    assert rig.states == []
    assert read(CATEGORY) == c.kAudioSessionCategory_SoloAmbientSound
    # Nobody listens any more.
    c_states = list(other.states)
    other.device.alarm()
    assert other.states == c_states
    with pytest.raises(InvalidTypeError), c.use(other.session):  # type: ignore[arg-type]
        pass


# -- sizes, access ---------------------------------------------------------------------------


def test_the_table_has_the_properties_of_the_facts() -> None:
    assert len(PROPERTIES) == 29
    assert {row["value"]: row["name"] for row in ROWS} == {
        each.id: f"kAudioSessionProperty_{each.name}" for each in PROPERTIES.values()
    }


@named(ROWS)
def test_the_page_lists_the_property_as_the_facts_have_it(row: dict[str, Any]) -> None:
    page = Path(__file__).parents[2].joinpath("docs", "apple-c.md").read_text("utf-8")
    words = {"get": "read", "set": "written", "listen": "listened to"}
    name = row["name"].removeprefix("kAudioSessionProperty_")
    may = ", ".join(word for access, word in words.items() if row[access] != "no")
    assert f"| `{name}` | `{row['type']}` | {may} |\n" in page


@named(ROWS)
def test_type_access_and_listening_are_those_of_the_facts(row: dict[str, Any]) -> None:
    found = PROPERTIES[row["value"]]
    assert found.kind is KINDS[found.id]
    assert (found.get is not None) is (row["get"] == "yes")
    assert (found.set is not None) is (row["set"] in ("yes", "some"))
    assert found.listens is (row["listen"] == "yes")


@named(ROWS)
def test_the_size_is_that_of_the_facts(rig: Rig, row: dict[str, Any]) -> None:
    size = c_uint32(99)
    assert c.AudioSessionGetPropertySize(row["value"], byref(size)) == NO_ERROR
    assert size.value == row["size"]


@named([row for row in ROWS if row["get"] == "yes"])
@pytest.mark.parametrize("size", [0, 1, 4, 8, 16])
def test_reading_with_a_wrong_size_fails(rig: Rig, row: dict[str, Any], size: int) -> None:
    size = size if size != row["size"] else 12
    cell = (c_double * 2)(7.0, 7.0)
    capacity = c_uint32(size)
    status = c.AudioSessionGetProperty(row["value"], byref(capacity), byref(cell))
    assert status == c.kAudioSessionBadPropertySizeError
    assert (capacity.value, *cell) == (size, 7.0, 7.0)


@named([row for row in ROWS if row["set"] != "no"])
@pytest.mark.parametrize("size", [0, 1, 4, 8, 16])
def test_writing_with_a_wrong_size_fails(rig: Rig, row: dict[str, Any], size: int) -> None:
    size = size if size != row["size"] else 12
    before = rig.session.audio_session.configuration
    status = c.AudioSessionSetProperty(row["value"], size, (c_double * 2)())
    assert status == c.kAudioSessionBadPropertySizeError
    assert rig.session.audio_session.configuration is before


def test_a_cell_smaller_than_it_is_said_to_be_is_not_written_beyond(rig: Rig) -> None:
    rate = c.kAudioSessionProperty_PreferredHardwareSampleRate
    assert get(rate, 8, c_float()) == (c.kAudioSessionBadPropertySizeError, None)
    assert c.AudioSessionSetProperty(rate, 8, c_float(8000.0)) == (
        c.kAudioSessionBadPropertySizeError
    )
    assert read(rate) == 0.0


@named([row for row in ROWS if row["get"] == "no"])
def test_what_cannot_be_read_is_not(rig: Rig, row: dict[str, Any]) -> None:
    assert get(row["value"]) == (c.kAudioSessionUnsupportedPropertyError, None)


@named([row for row in ROWS if row["set"] == "no"])
def test_what_cannot_be_written_is_not(rig: Rig, row: dict[str, Any]) -> None:
    assert put(row["value"], 1) == c.kAudioSessionUnsupportedPropertyError


@named(ROWS)
def test_only_what_can_be_listened_to_is(rig: Rig, row: dict[str, Any]) -> None:
    expected = NO_ERROR if row["listen"] == "yes" else c.kAudioSessionUnsupportedPropertyError
    id = row["value"]
    assert rig.listen(id) == expected
    assert c.AudioSessionRemovePropertyListener(id) == expected
    assert c.AudioSessionRemovePropertyListenerWithUserData(id, rig.on_change, None) == expected


def test_a_property_that_nobody_has_is_unsupported(rig: Rig) -> None:
    cell = c_uint32()
    for status in (
        c.AudioSessionGetProperty(UNKNOWN, c_uint32(4), cell),
        c.AudioSessionSetProperty(UNKNOWN, 4, cell),
        c.AudioSessionGetPropertySize(UNKNOWN, cell),
        rig.listen(UNKNOWN),
        c.AudioSessionRemovePropertyListener(UNKNOWN),
        c.AudioSessionRemovePropertyListenerWithUserData(UNKNOWN, rig.on_change, None),
    ):
        assert status == c.kAudioSessionUnsupportedPropertyError


# -- memory ----------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [lambda cell: cell, byref, pointer])
def test_a_cell_may_be_given_itself_or_by_reference(rig: Rig, given: Any) -> None:
    category = c_uint32(c.kAudioSessionCategory_RecordAudio)
    assert c.AudioSessionSetProperty(CATEGORY, sizeof(category), given(category)) == NO_ERROR
    size, value = c_uint32(4), c_uint32()
    assert c.AudioSessionGetProperty(CATEGORY, given(size), given(value)) == NO_ERROR
    assert (size.value, value.value) == (4, c.kAudioSessionCategory_RecordAudio)


def test_a_number_and_an_object_do_not_fit_into_each_others_cells(rig: Rig) -> None:
    route = c.kAudioSessionProperty_AudioRouteDescription
    numbers: list[Any] = [c_double(), c_void_p()]
    for cell in numbers:
        assert get(route, 8, cell) == (c.kAudioSessionUnsupportedPropertyError, None)
    rate = c.kAudioSessionProperty_CurrentHardwareSampleRate
    objects: list[Any] = [CFRef(None), c_void_p()]
    for cell in objects:
        assert get(rate, 8, cell) == (c.kAudioSessionUnsupportedPropertyError, None)
    source = c.kAudioSessionProperty_InputSource
    wrong: list[Any] = [CFRef(), c_double(1.0)]
    for cell in wrong:
        assert c.AudioSessionSetProperty(source, 8, cell) == (
            c.kAudioSessionUnsupportedPropertyError
        )


def test_addresses_in_a_row_are_no_memory_for_a_number(rig: Rig) -> None:
    rate = c.kAudioSessionProperty_CurrentHardwareSampleRate
    rows: list[Any] = [(CFRef * 1)(CFRef("mine")), (c_void_p * 1)()]
    for row in rows:
        status = c.AudioSessionGetProperty(rate, c_uint32(8), row)
        assert status == c.kAudioSessionUnsupportedPropertyError
    assert rows[0][0].value == "mine"
    assert rows[1][0] is None


def test_a_size_may_be_a_larger_number(rig: Rig) -> None:
    size, value = c_uint64(4), c_uint32()
    assert c.AudioSessionGetProperty(CATEGORY, byref(size), byref(value)) == NO_ERROR
    assert (size.value, value.value) == (4, c.kAudioSessionCategory_SoloAmbientSound)
    assert c.AudioSessionSetProperty(CATEGORY, c_uint8(4), byref(value)) == (  # type: ignore[arg-type]
        NO_ERROR
    )


@pytest.mark.parametrize("size", [c_uint8(4), c_float(4.0), c_char_p(b"4"), c_void_p(4), CFRef(4)])
def test_nothing_is_read_where_its_size_has_no_place(rig: Rig, size: Any) -> None:
    value = c_uint32(7)
    with pytest.raises(InvalidTypeError):
        c.AudioSessionGetProperty(CATEGORY, byref(size), byref(value))
    assert value.value == 7
    with pytest.raises(InvalidTypeError):
        c.AudioSessionGetPropertySize(CATEGORY, byref(size))


def test_an_object_is_a_copy(rig: Rig) -> None:
    route = c.kAudioSessionProperty_AudioRouteDescription
    before = read(route)
    read(route).clear()
    assert read(route) == before


@pytest.mark.parametrize(
    "call",
    [
        lambda: c.AudioSessionInitialize(1, None, None, None),  # type: ignore[arg-type]
        lambda: c.AudioSessionInitialize(None, 1, None, None),  # type: ignore[arg-type]
        lambda: c.AudioSessionInitialize(None, None, 1, None),  # type: ignore[arg-type]
        lambda: c.AudioSessionSetActive(None),  # type: ignore[arg-type]
        lambda: c.AudioSessionSetActiveWithFlags(True, "1"),  # type: ignore[arg-type]
        lambda: c.AudioSessionGetProperty("acat", c_uint32(4), c_uint32()),  # type: ignore[arg-type]
        lambda: c.AudioSessionGetProperty(True, c_uint32(4), c_uint32()),
        lambda: c.AudioSessionGetProperty(CATEGORY, 4, c_uint32()),
        lambda: c.AudioSessionGetProperty(CATEGORY, c_uint32(4), None),
        lambda: c.AudioSessionGetProperty(CATEGORY, c_uint32(4), c_uint32),
        lambda: c.AudioSessionSetProperty(CATEGORY, 4, 7),
        lambda: c.AudioSessionSetProperty(CATEGORY, True, c_uint32()),
        lambda: c.AudioSessionSetProperty(CATEGORY, (c_uint32 * 1)(4), c_uint32()),  # type: ignore[arg-type]
        lambda: c.AudioSessionSetProperty(CATEGORY, c_float(4.0), c_uint32()),  # type: ignore[arg-type]
        lambda: c.AudioSessionSetProperty(CATEGORY, 4, pointer(c_uint32())[0]),
        lambda: c.AudioSessionGetPropertySize(CATEGORY, None),
        lambda: c.AudioSessionAddPropertyListener(CATEGORY, None, None),  # type: ignore[arg-type]
    ],
)
def test_what_no_compiler_would_take_is_an_error_of_python(rig: Rig, call: Any) -> None:
    with pytest.raises(InvalidTypeError):
        call()


def test_a_coroutine_function_is_no_listener(rig: Rig) -> None:
    async def later(*arguments: object) -> None:
        raise AssertionError(arguments)

    with pytest.raises(InvalidTypeError):
        c.AudioSessionAddPropertyListener(c.kAudioSessionProperty_ServerDied, later, None)


# -- activation ------------------------------------------------------------------------------


def test_no_microphone_is_no_hardware(monkeypatch: pytest.MonkeyPatch) -> None:
    with process(device=without_microphone(monkeypatch)) as rig:
        rig.initialize()
        assert put(CATEGORY, c.kAudioSessionCategory_RecordAudio) == NO_ERROR
        assert c.AudioSessionSetActive(True) == c.kAudioServicesNoHardwareError
        assert not rig.session.is_active
        assert get(c.kAudioSessionProperty_InputGainScalar) == (
            c.kAudioServicesNoHardwareError,
            None,
        )
        assert put(c.kAudioSessionProperty_InputGainScalar, 0.5) == c.kAudioServicesNoHardwareError
        assert put(c.kAudioSessionProperty_InputSource, 1) == c.kAudioServicesNoHardwareError
        assert read(c.kAudioSessionProperty_AudioInputAvailable) == 0


def test_an_error_that_c_has_no_name_for_keeps_its_number(rig: Rig) -> None:
    rig.app.to_background()
    assert c.AudioSessionSetActive(True) == int.from_bytes(b"!pla", "big")
    rig.app.to_foreground()
    assert c.AudioSessionSetActive(True) == NO_ERROR


def test_without_the_media_services_the_error_is_unspecified(rig: Rig) -> None:
    rig.device.lose_media_services()
    assert c.AudioSessionSetActive(True) == c.kAudioSessionUnspecifiedError
    assert put(CATEGORY, c.kAudioSessionCategory_RecordAudio) == c.kAudioSessionUnspecifiedError
    rig.device.reset_media_services()
    assert c.AudioSessionSetActive(True) == NO_ERROR


def test_31_without_the_media_services_what_changes_nothing_fails_too(rig: Rig) -> None:
    put(CATEGORY, c.kAudioSessionCategory_MediaPlayback)
    rig.device.lose_media_services()
    for id, value in (
        (CATEGORY, c.kAudioSessionCategory_MediaPlayback),
        (c.kAudioSessionProperty_OverrideCategoryMixWithOthers, 0),
    ):
        assert put(id, value) == c.kAudioSessionUnspecifiedError


def test_25_a_category_that_is_refused_changes_nothing(rig: Rig) -> None:
    rig.device.incoming_call().accept()
    rig.listen(c.kAudioSessionProperty_AudioRouteChange)
    rig.activate(c.kAudioSessionCategory_MediaPlayback)
    before = rig.session.audio_session.configuration
    status = put(CATEGORY, c.kAudioSessionCategory_PlayAndRecord)
    assert status == int.from_bytes(b"!pri", "big")
    assert rig.session.audio_session.configuration is before
    assert read(CATEGORY) == c.kAudioSessionCategory_MediaPlayback
    assert rig.session.is_active
    assert rig.changes == []


async def test_busy_and_not_active_are_one_number() -> None:
    with process(9, 0) as rig:
        rig.initialize()
        rig.activate(c.kAudioSessionCategory_MediaPlayback)
        await rig.session.make_io().start()
        assert c.AudioSessionSetActive(False) == c.kAudioSessionNotActiveError
        assert not rig.session.is_active


@pytest.mark.parametrize(("flags", "resumes"), [(0, False), (1, True), (2, False), (3, True)])
def test_40_only_the_flag_lets_others_resume(flags: int, resumes: bool) -> None:
    with process() as other:
        other.initialize()
        other.activate(c.kAudioSessionCategory_MediaPlayback)
        with c.use(other.device.app("prompt").session):
            assert c.AudioSessionInitialize(None, None, None, None) == NO_ERROR
            assert c.AudioSessionSetActiveWithFlags(True, flags) == NO_ERROR
            assert other.states == [c.kAudioSessionBeginInterruption]
            assert c.AudioSessionSetActiveWithFlags(False, flags) == NO_ERROR
        assert other.states[1:] == [c.kAudioSessionEndInterruption]
        resume = c.kAudioSessionInterruptionType_ShouldResume
        stay = c.kAudioSessionInterruptionType_ShouldNotResume
        assert other.types == [None, resume if resumes else stay]
