"""AudioFocusRequest and its builder (AudioFocusRequest.java, rules 61 and 62)."""

from __future__ import annotations

from typing import Any

import pytest

from audiosession import errors
from audiosession.android import (
    AndroidAudioFocus,
    AndroidAudioFocusFlags,
    AndroidAudioFocusGainType,
    AndroidAudioUsage,
    AudioAttributes,
    AudioFocusRequest,
    IllegalArgumentException,
    IllegalStateException,
    NullPointerException,
)

GAINS = list(AndroidAudioFocusGainType)
ALARM = AudioAttributes.Builder().set_usage(AndroidAudioUsage.ALARM).build()
SWITCHES = {
    "will_pause_when_ducked": "set_will_pause_when_ducked",
    "accepts_delayed_focus_gain": "set_accepts_delayed_focus_gain",
    "locks_focus": "set_locks_focus",
}


def hear(change: AndroidAudioFocus) -> None:
    """A listener."""


def run(call: Any) -> None:
    """A handler."""
    call()


@pytest.mark.parametrize("gain", GAINS)
def test_a_request_that_was_told_its_gain_alone(gain: AndroidAudioFocusGainType) -> None:
    request = AudioFocusRequest.Builder(gain.value).build()
    assert request.get_focus_gain() is gain
    assert request.get_audio_attributes().get_usage() is AndroidAudioUsage.MEDIA
    assert not request.will_pause_when_ducked()
    assert not request.accepts_delayed_focus_gain()
    assert not request.locks_focus()
    assert not request.force_ducking
    assert request.listener is None
    assert request.handler is None


@pytest.mark.parametrize("gain", [0, 5, -1, AndroidAudioFocus.LOSS])
def test_what_is_no_gain_is_refused(gain: int) -> None:
    with pytest.raises(IllegalArgumentException, match="focus gain"):
        AudioFocusRequest.Builder(gain)
    builder = AudioFocusRequest.Builder(2)
    with pytest.raises(IllegalArgumentException, match="focus gain"):
        builder.set_focus_gain(gain)
    assert builder.build().get_focus_gain() is AndroidAudioFocusGainType.GAIN_TRANSIENT


def test_the_gain_can_change() -> None:
    request = AudioFocusRequest.Builder(1).set_focus_gain(3).build()
    assert request.get_focus_gain() is AndroidAudioFocusGainType.GAIN_TRANSIENT_MAY_DUCK


def test_no_request_cannot_be_copied() -> None:
    with pytest.raises(IllegalArgumentException, match="request_to_copy"):
        AudioFocusRequest.Builder(None)  # type: ignore[arg-type]


def test_a_copy_has_all_but_the_lock_and_the_forced_duck() -> None:
    request = (
        AudioFocusRequest.Builder(4)
        .set_audio_attributes(ALARM)
        .set_on_audio_focus_change_listener(hear, run)
        .set_will_pause_when_ducked(True)
        .set_accepts_delayed_focus_gain(True)
        .set_locks_focus(True)
        .set_force_ducking(True)
        .build()
    )
    assert request.locks_focus()
    assert request.force_ducking
    copied = AudioFocusRequest.Builder(request).build()
    assert copied == AudioFocusRequest(
        focus_gain=AndroidAudioFocusGainType.GAIN_TRANSIENT_EXCLUSIVE,
        audio_attributes=ALARM,
        flags=AndroidAudioFocusFlags.DELAY_OK | AndroidAudioFocusFlags.PAUSES_ON_DUCKABLE_LOSS,
        listener=hear,
        handler=run,
    )


@pytest.mark.parametrize("getter", SWITCHES)
def test_switches_go_on_and_off(getter: str) -> None:
    builder = AudioFocusRequest.Builder(1).set_on_audio_focus_change_listener(hear)
    for on in (True, False):
        assert getattr(builder, SWITCHES[getter])(on) is builder
        request = builder.build()
        assert {name: getattr(request, name)() for name in SWITCHES} == {
            name: on and name == getter for name in SWITCHES
        }


@pytest.mark.parametrize("setter", [*SWITCHES.values(), "set_force_ducking"])
def test_switches_are_no_numbers(setter: str) -> None:
    with pytest.raises(errors.InvalidTypeError, match="true or false"):
        getattr(AudioFocusRequest.Builder(1), setter)(1)


@pytest.mark.parametrize("setter", ["set_will_pause_when_ducked", "set_accepts_delayed_focus_gain"])
def test_android_061_delay_and_pausing_when_ducked_need_a_listener(setter: str) -> None:
    builder = AudioFocusRequest.Builder(1)
    getattr(builder, setter)(True)
    with pytest.raises(IllegalStateException, match="listener") as caught:
        builder.build()
    assert isinstance(caught.value, errors.IllegalRequestError)
    # Nothing is lost: told who listens, it is built.
    assert builder.set_on_audio_focus_change_listener(hear).build().listener is hear


def test_android_062_a_request_accepts_no_delay_unless_it_says_so() -> None:
    assert not AudioFocusRequest.Builder(1).build().accepts_delayed_focus_gain()


def test_listeners_and_handlers_that_are_none_are_refused() -> None:
    builder: Any = AudioFocusRequest.Builder(1)
    with pytest.raises(NullPointerException, match="listener"):
        builder.set_on_audio_focus_change_listener(None)
    with pytest.raises(NullPointerException, match="handler"):
        builder.set_on_audio_focus_change_listener(hear, None)
    with pytest.raises(errors.InvalidTypeError, match="listener"):
        builder.set_on_audio_focus_change_listener(1)
    with pytest.raises(errors.InvalidTypeError, match="handler"):
        builder.set_on_audio_focus_change_listener(hear, 1)
    assert builder.build().listener is None


def test_a_listener_without_a_handler_takes_the_earlier_handler_away() -> None:
    builder = AudioFocusRequest.Builder(1).set_on_audio_focus_change_listener(hear, run)
    assert builder.build().handler is run
    assert builder.set_on_audio_focus_change_listener(hear).build().handler is None


def test_attributes_that_are_none_are_refused() -> None:
    builder: Any = AudioFocusRequest.Builder(1)
    with pytest.raises(NullPointerException, match="attributes"):
        builder.set_audio_attributes(None)
    with pytest.raises(errors.InvalidTypeError, match="attributes"):
        builder.set_audio_attributes({"usage": 1})
    assert builder.set_audio_attributes(ALARM).build().get_audio_attributes() == ALARM


def test_json_has_the_plugins_keys_and_androids_numbers() -> None:
    request = (
        AudioFocusRequest.Builder(3)
        .set_audio_attributes(ALARM)
        .set_on_audio_focus_change_listener(hear)
        .set_will_pause_when_ducked(True)
        .build()
    )
    assert request.to_json() == {
        "gainType": 3,
        "audioAttributes": {"contentType": 0, "flags": 0, "usage": 4},
        "willPauseWhenDucked": True,
    }
