"""Devices and interruptions as values."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from audiosession.devices import AudioDevice, AudioDevicesChangedEvent, AudioDeviceType
from audiosession.errors import IllegalCombinationError, InvalidTypeError
from audiosession.interruptions import (
    AudioInterruptionEvent,
    AudioInterruptionType,
    InterruptionReason,
)

# The Flutter plugin audio_session 0.2.3, lib/src/core.dart.
PLUGIN_TYPES = [
    "unknown",
    "builtInEarpiece",
    "builtInSpeaker",
    "wiredHeadset",
    "wiredHeadphones",
    "headsetMic",
    "lineAnalog",
    "lineDigital",
    "bluetoothSco",
    "bluetoothA2dp",
    "hdmi",
    "hdmiArc",
    "usbAudio",
    "dock",
    "fm",
    "builtInMic",
    "fmTuner",
    "tvTuner",
    "telephony",
    "auxLine",
    "ip",
    "bus",
    "hearingAid",
    "airPlay",
    "bluetoothLe",
    "avb",
    "displayPort",
    "carAudio",
    "fireWire",
    "pci",
    "thunderbolt",
    "virtual",
    "builtInSpeakerSafe",
    "remoteSubmix",
]


def device(**changes: Any) -> AudioDevice:
    given: dict[str, Any] = {
        "id": "1",
        "name": "Speaker",
        "is_input": False,
        "is_output": True,
        "type": AudioDeviceType.BUILT_IN_SPEAKER,
    }
    return AudioDevice(**{**given, **changes})


def test_device_types_are_the_plugins() -> None:
    assert [each.value for each in AudioDeviceType] == PLUGIN_TYPES


@pytest.mark.parametrize("kind", AudioDeviceType)
def test_device_type_name_follows_its_value(kind: AudioDeviceType) -> None:
    assert kind.name.replace("_", "").lower() == kind.value.lower()


def test_devices_are_equal_by_id_alone() -> None:
    assert device() == device(name="Other", is_input=True, type=AudioDeviceType.HDMI)
    assert device() != device(id="2")
    assert len({device(), device(name="Other"), device(id="2")}) == 2
    other: object = "1"
    assert device() != other


def test_device_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        device().name = "Other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("field", "value"),
    [("id", 1), ("name", None), ("is_input", 1), ("is_output", "yes"), ("type", "hdmi")],
)
def test_device_refuses_wrong_types(field: str, value: object) -> None:
    with pytest.raises(InvalidTypeError) as caught:
        device(**{field: value})
    assert caught.value.field == field


def test_devices_changed_is_empty_unless_given() -> None:
    event = AudioDevicesChangedEvent(devices_added=frozenset({device()}))
    assert event.devices_added == {device()}
    assert event.devices_removed == frozenset()


@pytest.mark.parametrize("value", [{device()}, [device()], frozenset({"1"}), None], ids=repr)
def test_devices_changed_refuses_wrong_types(value: Any) -> None:
    with pytest.raises(InvalidTypeError) as caught:
        AudioDevicesChangedEvent(devices_removed=value)
    assert caught.value.field == "devices_removed"


def test_interruption_types_are_the_plugins() -> None:
    assert [each.value for each in AudioInterruptionType] == ["pause", "duck", "unknown"]


def test_interruption_says_no_more_than_it_knows() -> None:
    event = AudioInterruptionEvent(begin=True, type=AudioInterruptionType.PAUSE)
    assert not event.should_resume
    assert not event.system_ducked
    assert event.reason is InterruptionReason.UNKNOWN


def test_only_an_end_can_advise_to_resume() -> None:
    assert AudioInterruptionEvent(
        begin=False, type=AudioInterruptionType.PAUSE, should_resume=True
    ).should_resume
    with pytest.raises(IllegalCombinationError) as caught:
        AudioInterruptionEvent(begin=True, type=AudioInterruptionType.PAUSE, should_resume=True)
    assert caught.value.field == "should_resume"


@pytest.mark.parametrize("kind", [AudioInterruptionType.PAUSE, AudioInterruptionType.UNKNOWN])
def test_only_a_duck_can_be_the_systems(kind: AudioInterruptionType) -> None:
    assert AudioInterruptionEvent(
        begin=True, type=AudioInterruptionType.DUCK, system_ducked=True
    ).system_ducked
    with pytest.raises(IllegalCombinationError) as caught:
        AudioInterruptionEvent(begin=True, type=kind, system_ducked=True)
    assert caught.value.field == "system_ducked"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("begin", 1),
        ("type", "duck"),
        ("should_resume", None),
        ("system_ducked", 0),
        ("reason", "call"),
    ],
)
def test_interruption_refuses_wrong_types(field: str, value: Any) -> None:
    given: dict[str, Any] = {"begin": False, "type": AudioInterruptionType.DUCK, field: value}
    with pytest.raises(InvalidTypeError) as caught:
        AudioInterruptionEvent(**given)
    assert caught.value.field == field
