"""A headset's link for calls, and what ends wishes for an output: android 82 to 85.

By the models, and by AudioManager on the simulated device.
"""

from __future__ import annotations

from typing import Any

import pytest

from audiosession.android import AndroidStreamType
from tests.android.routing_kit import (
    ALL,
    HEADSET,
    LINK,
    SCO_UPDATED,
    SPEAKER,
    Device,
    Ears,
    Sco,
    Type,
    calling,
    find,
    headset,
    manager,
    model,
    output_type,
    phone,
    route,
)

# -- a headset's link ----------------------------------------------------------------------------


async def test_android_082_a_link_opens_by_and_by() -> None:
    device, audio, ears = await headset()
    await audio.start_bluetooth_sco()
    assert ears.take() == ["connecting"]
    assert not await audio.is_bluetooth_sco_on()
    device.advance(1.0)
    assert ears.take() == ["connected"]
    assert await audio.is_bluetooth_sco_on()
    await audio.stop_bluetooth_sco()
    assert ears.take() == ["disconnected"]
    assert not await audio.is_bluetooth_sco_on()


async def test_android_082_a_link_that_is_there_is_no_news() -> None:
    device, audio, ears = await headset()
    await audio.start_bluetooth_sco()
    device.advance(1.0)
    ears.take()
    await audio.start_bluetooth_sco()
    device.advance(1.0)
    assert ears.heard == []


async def test_android_082_a_new_receiver_gets_the_state_at_once() -> None:
    device, audio, _ = await headset()
    await audio.start_bluetooth_sco()
    late = Ears()
    await manager(device, "other").register_receiver(late, SCO_UPDATED)
    device.advance(1.0)
    assert late.heard == ["connecting", "connected"]


async def test_android_082_the_state_before_is_told_too_and_the_old_form_never_connects() -> None:
    device, audio, _ = await headset()
    told: list[tuple[Any, Any, bool]] = []
    old: list[Any] = []
    await audio.register_receiver(
        lambda intent: told.append(
            (
                intent.extras[audio.EXTRA_SCO_AUDIO_STATE],
                intent.extras[audio.EXTRA_SCO_AUDIO_PREVIOUS_STATE],
                intent.sticky,
            )
        ),
        SCO_UPDATED,
    )
    await audio.register_receiver(
        lambda intent: old.append(intent.extras[audio.EXTRA_SCO_AUDIO_STATE]),
        audio.ACTION_SCO_AUDIO_STATE_CHANGED,
    )
    await audio.start_bluetooth_sco()
    device.advance(1.0)
    device.android.routing.break_sco()
    assert told == [
        (Sco.DISCONNECTED, Sco.DISCONNECTED, True),
        (Sco.CONNECTING, Sco.DISCONNECTED, False),
        (Sco.CONNECTED, Sco.CONNECTING, False),
        (Sco.DISCONNECTED, Sco.CONNECTED, False),
    ]
    assert old == [Sco.CONNECTED, Sco.DISCONNECTED]


async def test_android_082_while_it_opens_calls_go_where_they_went() -> None:
    device, audio, _ = await headset()
    voip = await calling(device.app("voip"))
    await audio.start_bluetooth_sco()
    assert route(voip) == (("earpiece",), ("microphone",))
    device.advance(1.0)
    assert route(voip) == (("bluetooth headset 2",), ("bluetooth headset 2",))


async def test_android_082_stopping_takes_back_the_wish_for_a_link_alone() -> None:
    device, audio, _ = await headset()
    await audio.set_speakerphone_on(True)
    await audio.stop_bluetooth_sco()
    assert await audio.is_speakerphone_on()
    await audio.start_bluetooth_sco()
    await audio.stop_bluetooth_sco()
    assert device.android.routing.communication.requests == ()


async def test_android_082_a_link_asked_for_anew_takes_its_time_anew() -> None:
    device, audio, ears = await headset()
    await audio.start_bluetooth_sco()
    device.advance(0.25)
    await audio.stop_bluetooth_sco()
    await audio.start_bluetooth_sco()
    device.advance(0.25)
    assert ears.take() == ["connecting", "disconnected", "connecting"]
    device.advance(0.25)
    assert ears.take() == ["connected"]


async def test_a_mark_opens_nothing_and_is_given_back() -> None:
    device, audio, ears = await headset()
    await audio.set_bluetooth_sco_on(True)
    assert await manager(device, "other").is_bluetooth_sco_on()
    device.advance(1.0)
    assert ears.heard == []
    await audio.set_bluetooth_sco_on(False)
    assert not await audio.is_bluetooth_sco_on()


@pytest.mark.parametrize(("profile", "there"), [("phone", True), ("smart speaker", False)])
async def test_whether_a_link_can_be_used_outside_calls(profile: str, there: bool) -> None:
    assert await manager(phone(profile)).is_bluetooth_sco_available_off_call() is there


async def test_android_083_a_telephone_call_takes_the_link_and_does_not_give_it_back() -> None:
    device, audio, ears = await headset()
    await audio.start_bluetooth_sco()
    device.advance(1.0)
    ears.take()
    ringing = device.incoming_call()
    ringing.accept()
    assert ears.take() == ["disconnected"]
    ringing.end()
    device.advance(1.0)
    assert ears.take() == []
    assert await output_type(audio) is Type.BUILTIN_EARPIECE


async def test_android_083_requests_are_passed_over_during_a_call() -> None:
    device, audio, ears = await headset()
    ringing = device.incoming_call()
    ringing.accept()
    await audio.start_bluetooth_sco()
    assert not await audio.set_communication_device(await find(audio, Type.BLUETOOTH_SCO))
    ringing.end()
    device.advance(1.0)
    assert ears.heard == []
    await audio.start_bluetooth_sco()
    assert ears.heard == ["connecting"]


def test_android_083_without_a_headset_nothing_fails_either() -> None:
    communication = model(SPEAKER)
    communication.call_began("phone")
    communication.start_sco("a")
    assert communication.sco_events() == ()
    communication.call_ended()
    communication.start_sco("a")
    assert [state for state, _ in communication.sco_events()] == [Sco.CONNECTING, Sco.DISCONNECTED]


def test_android_083_the_call_itself_may_use_it() -> None:
    communication = model()
    communication.request("a", LINK.id)
    communication.deciding("a", {"a"})
    communication.call_began("phone")
    communication.deciding("phone", ())
    assert communication.in_call
    assert communication.request("phone", LINK.id, privileged=True)
    assert communication.sco_events()[-1] == (Sco.CONNECTING, Sco.DISCONNECTED)
    communication.gone("phone")
    assert not communication.in_call


async def test_android_084_a_link_is_mono_at_16_or_8_khz() -> None:
    _, audio, _ = await headset()
    for flags in (audio.GET_DEVICES_INPUTS, audio.GET_DEVICES_OUTPUTS):
        (link,) = (one for one in await audio.get_devices(flags) if one.type is Type.BLUETOOTH_SCO)
        assert link.channel_counts == (1,)
        assert set(link.sample_rates) == {8_000, 16_000}


async def test_android_084_over_a_link_sounds_the_stream_of_calls() -> None:
    device, audio, _ = await headset()
    await audio.start_bluetooth_sco()
    device.advance(1.0)
    assert device.android.sounding() == {AndroidStreamType.VOICE_CALL}


# -- ends and failures ---------------------------------------------------------------------------


async def test_android_085_a_device_that_goes_ends_the_wish_for_it() -> None:
    device, audio, ears = await headset()
    await audio.start_bluetooth_sco()
    device.advance(1.0)
    ears.take()
    device.unplug(HEADSET)
    assert ears.take() == ["disconnected"]
    assert device.android.routing.communication.requests == ()
    device.plug(HEADSET)
    device.advance(1.0)
    assert ears.take() == []


async def test_android_085_a_device_that_is_only_held_back_carries_no_call() -> None:
    device = phone()
    device.plug("wired headset")
    audio = manager(device)
    await audio.set_mode(audio.MODE_IN_COMMUNICATION)
    wired = await find(audio, Type.WIRED_HEADSET)
    assert await audio.set_communication_device(wired)
    device.app("music").player().play()
    device.unplug("wired headset")
    assert wired in await audio.get_devices(audio.GET_DEVICES_OUTPUTS)
    assert await output_type(audio) is Type.BUILTIN_EARPIECE
    assert wired not in await audio.get_available_communication_devices()
    assert not await audio.set_communication_device(wired)


async def test_android_085_the_death_of_an_app_ends_its_wish() -> None:
    device = phone()
    audio, other = manager(device), manager(device, "other")
    await other.set_mode(audio.MODE_IN_COMMUNICATION)
    await audio.set_mode(audio.MODE_IN_COMMUNICATION)
    await audio.set_speakerphone_on(True)
    assert await other.is_speakerphone_on()
    device.app("voip").kill()
    assert not await other.is_speakerphone_on()
    assert device.android.routing.communication.requests == ()


@pytest.mark.parametrize("older", [True, False])
async def test_android_085_closing_the_manager_ends_its_wish(older: bool) -> None:
    device = phone()
    audio, reader = manager(device), manager(device)
    if older:
        await audio.set_speakerphone_on(True)
    else:
        await audio.set_communication_device(await find(audio, Type.BUILTIN_SPEAKER))
    await reader.close()
    assert device.android.routing.communication.wish("voip") is not None
    await audio.close()
    assert device.android.routing.communication.requests == ()


async def test_android_085_a_failed_link_brings_the_wish_before_back() -> None:
    device, audio, ears = await headset()
    device.android.routing.sco_fails = True
    await audio.set_speakerphone_on(True)
    await audio.start_bluetooth_sco()
    assert not await audio.is_speakerphone_on()
    device.advance(1.0)
    assert ears.take() == ["connecting", "disconnected"]
    assert await audio.is_speakerphone_on()
    await audio.clear_communication_device()
    await audio.start_bluetooth_sco()
    device.advance(1.0)
    assert ears.take() == ["connecting", "disconnected"]
    assert device.android.routing.communication.requests == ()


async def test_android_085_without_a_headset_it_fails_at_once() -> None:
    device, ears = phone(), Ears()
    audio = manager(device)
    await audio.set_mode(audio.MODE_IN_COMMUNICATION)
    await audio.set_speakerphone_on(True)
    await audio.register_receiver(ears, SCO_UPDATED)
    ears.take()
    await audio.start_bluetooth_sco()
    assert ears.take() == ["connecting", "disconnected"]
    assert await audio.is_speakerphone_on()


def test_android_085_asking_twice_for_a_link_forgets_nothing() -> None:
    communication = model()
    communication.deciding("a", {"a"})
    for wish in (SPEAKER, LINK, LINK):
        communication.request("a", wish.id)
    communication.sco_failed()
    assert communication.preferred == SPEAKER.id


def test_android_085_a_link_that_broke_later_is_no_failure_to_start() -> None:
    communication = model()
    communication.request("a", SPEAKER.id)
    communication.request("a", LINK.id)
    communication.deciding("a", {"a"})
    communication.sco_connected()
    communication.sco_failed()
    assert communication.requests == ()


def test_another_headset_is_another_link() -> None:
    second = Device(9, Type.BLUETOOTH_SCO)
    communication = model(*ALL, second)
    communication.deciding("a", {"a"})
    communication.request("a", LINK.id)
    communication.sco_connected()
    communication.request("a", second.id)
    states = [state for state, _ in communication.sco_events()]
    assert states == [Sco.CONNECTING, Sco.CONNECTED, Sco.DISCONNECTED, Sco.CONNECTING]
    communication.sco_connected()
    assert communication.preferred == second.id
