"""The output for calls: android 77 to 81; a headset's link has tests of its own.

By the models, and by AudioManager on the simulated device.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from audiosession import recipe
from audiosession.android import (
    AndroidAudioHardwareMode,
    IllegalArgumentException,
    NullPointerException,
)
from audiosession.android.app import AndroidPermission
from audiosession.android.models.communication import can_carry_calls
from audiosession.android.tables import figure
from audiosession.errors import InvalidTypeError
from audiosession.hosts.simulated import SimulatedDevice
from tests.android.routing_kit import (
    ALL,
    EARPIECE,
    HEADSET,
    SPEAKER,
    WIRED,
    Device,
    Ears,
    Type,
    calling,
    find,
    headset,
    manager,
    model,
    output_type,
    phone,
    route,
    talk,
)

Mode = AndroidAudioHardwareMode
PHONE_STATE = AndroidPermission.MODIFY_PHONE_STATE


def call(run: Callable[[], None]) -> None:
    """An executor that calls here and now."""
    run()


# -- one wish each, and one that holds -----------------------------------------------------------


def test_android_077_the_wish_of_the_modes_owner_holds() -> None:
    communication = model()
    assert communication.request("a", WIRED.id)
    assert communication.request("b", SPEAKER.id)
    communication.deciding("a", {"a", "b"})
    assert communication.preferred == WIRED.id
    communication.deciding("c", {"a", "b"})
    assert communication.winner is None
    communication.deciding("b", ())
    assert communication.preferred == SPEAKER.id


def test_android_077_without_an_owner_the_newest_holds_if_it_sounds() -> None:
    communication = model()
    communication.request("a", WIRED.id)
    communication.request("b", SPEAKER.id)
    communication.deciding(None, {"a", "b"})
    assert communication.preferred == SPEAKER.id
    communication.deciding(None, {"a"})
    assert communication.winner is None
    communication.clear("b")
    assert communication.preferred == WIRED.id


def test_android_077_an_app_has_one_wish() -> None:
    communication = model()
    communication.request("a", WIRED.id)
    communication.request("a", SPEAKER.id)
    assert [(one.app, one.device) for one in communication.requests] == [("a", SPEAKER.id)]


async def test_android_077_calls_of_every_app_use_the_output_that_holds() -> None:
    device = phone()
    voip, other = await calling(device.app("voip")), await calling(device.app("other"))
    music = device.app("music")
    await music.session.configure(recipe("music"))
    assert await music.session.set_active(True)
    device.plug("wired headset")
    device.plug(HEADSET)
    audio = manager(device)
    await audio.set_mode(Mode.IN_COMMUNICATION)
    wanted = {
        Type.BUILTIN_SPEAKER: (("speaker",), ("microphone",)),
        Type.BUILTIN_EARPIECE: (("earpiece",), ("microphone",)),
        Type.WIRED_HEADSET: (("wired headset",), ("wired headset",)),
        Type.BLUETOOTH_SCO: (("bluetooth headset 2",), ("bluetooth headset 2",)),
    }
    for type, ports in wanted.items():
        assert await audio.set_communication_device(await find(audio, type))
        device.advance(1.0)
        assert route(voip) == route(other) == ports
        assert route(music) == ((HEADSET,), ())


async def test_android_077_the_route_is_as_before_when_the_wish_is_gone() -> None:
    device = phone()
    voip = await calling(device.app("voip"))
    device.plug("wired headset")
    before = route(voip)
    audio = manager(device)
    await audio.set_mode(Mode.IN_COMMUNICATION)
    await audio.set_speakerphone_on(True)
    assert route(voip) != before
    await audio.clear_communication_device()
    assert route(voip) == before


async def test_android_077_an_output_without_a_microphone_has_the_nearest_one() -> None:
    device = phone()
    voip = await calling(device.app("voip"))
    device.plug("wired headphones")
    device.plug(HEADSET)
    audio = manager(device)
    await audio.set_mode(Mode.IN_COMMUNICATION)
    assert await audio.set_communication_device(await find(audio, Type.WIRED_HEADPHONES))
    assert route(voip) == (("wired headphones",), ("microphone",))


# -- what can be wished for ----------------------------------------------------------------------


@pytest.mark.parametrize("type", sorted(Type))
def test_android_078_the_list_says_what_can_carry_a_call(type: Type) -> None:
    allowed = figure("communication_device_types")
    assert can_carry_calls(Device(1, type)) is (type in allowed)
    assert not can_carry_calls(Device(1, type, sink=False))


async def test_android_078_only_outputs_that_can_carry_calls_are_offered() -> None:
    device = phone()
    device.plug(HEADSET)
    audio = manager(device)
    offered = [one.type for one in await audio.get_available_communication_devices()]
    assert offered == [Type.BUILTIN_SPEAKER, Type.BUILTIN_EARPIECE, Type.BLUETOOTH_SCO]


async def test_android_078_what_is_not_there_is_refused_without_an_error() -> None:
    device = phone()
    audio = manager(device)
    device.plug("wired headset")
    wired = await find(audio, Type.WIRED_HEADSET)
    device.unplug("wired headset")
    assert not await audio.set_communication_device(wired)
    assert not await audio.set_communication_device(replace(wired, id=0))
    assert device.android.routing.communication.requests == ()


async def test_android_078_accepted_does_not_mean_in_force() -> None:
    device = phone()
    await manager(device, "owner").set_mode(Mode.IN_COMMUNICATION)
    audio = manager(device)
    assert await audio.set_communication_device(await find(audio, Type.BUILTIN_SPEAKER))
    assert await output_type(audio) is Type.BUILTIN_EARPIECE


async def test_android_078_what_makes_no_sense_is_refused_and_changes_nothing() -> None:
    _, audio, _ = await headset()
    await audio.set_speakerphone_on(True)
    microphone = (await audio.get_devices(audio.GET_DEVICES_INPUTS))[0]
    music = await find(audio, Type.BLUETOOTH_A2DP)
    for wrong in (microphone, music):
        with pytest.raises(IllegalArgumentException):
            await audio.set_communication_device(wrong)
    with pytest.raises(NullPointerException):
        await audio.set_communication_device(None)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError):
        await audio.set_communication_device(2)  # type: ignore[arg-type]
    for wrong_flag in (None, 1, "yes"):
        with pytest.raises(InvalidTypeError):
            await audio.set_speakerphone_on(wrong_flag)  # type: ignore[arg-type]
        with pytest.raises(InvalidTypeError):
            await audio.set_bluetooth_sco_on(wrong_flag)  # type: ignore[arg-type]
    assert await output_type(audio) is Type.BUILTIN_SPEAKER


# -- clearing and asking -------------------------------------------------------------------------


async def test_android_079_clearing_touches_nobody_elses_wish() -> None:
    device = phone()
    audio, other = manager(device), manager(device, "other")
    await audio.set_mode(Mode.IN_COMMUNICATION)
    await audio.set_speakerphone_on(True)
    await other.clear_communication_device()
    assert await output_type(audio) is Type.BUILTIN_SPEAKER
    await audio.clear_communication_device()
    assert await output_type(audio) is Type.BUILTIN_EARPIECE


@pytest.mark.parametrize(
    ("devices", "used", "told"),
    [
        (ALL, None, EARPIECE),
        ((SPEAKER, WIRED), None, SPEAKER),
        ((WIRED, SPEAKER), None, WIRED),
        ((Device(7, Type.DOCK), WIRED, EARPIECE, SPEAKER), 7, SPEAKER),
        ((Device(7, Type.DOCK), WIRED, EARPIECE, SPEAKER), 3, EARPIECE),
        ((Device(5, Type.BUILTIN_MIC, sink=False),), None, None),
    ],
)
def test_android_079_without_a_wish_it_is_the_earpiece_else_the_first(
    devices: tuple[Device, ...], used: int | None, told: Device | None
) -> None:
    assert model(*devices).device(used) == (None if told is None else told.id)


@pytest.mark.parametrize(("profile", "type"), [("phone", 1), ("tablet", 2), ("car", None)])
async def test_android_079_on_every_kind_of_device(profile: str, type: int | None) -> None:
    assert await output_type(manager(phone(profile))) == type


async def test_android_079_asking_waits_for_a_change_under_way() -> None:
    device = SimulatedDevice(policy="android")
    device.plug(HEADSET)
    audio = manager(device)
    await audio.set_mode(Mode.IN_COMMUNICATION)
    await audio.start_bluetooth_sco()
    assert await output_type(audio) is Type.BLUETOOTH_SCO
    assert device.now == device.android.routing.sco_setup_s
    assert figure("communication_device_wait_ms") == 3000


async def test_android_079_but_not_for_ever() -> None:
    device = SimulatedDevice(policy="android")
    device.plug(HEADSET)
    device.android.routing.sco_setup_s = 4.0
    audio = manager(device)
    await audio.set_mode(Mode.IN_COMMUNICATION)
    await audio.start_bluetooth_sco()
    assert await output_type(audio) is Type.BUILTIN_EARPIECE
    assert device.now == 3.0
    assert await output_type(audio) is Type.BLUETOOTH_SCO


# -- who gets it ---------------------------------------------------------------------------------


async def test_android_080_an_app_without_the_mode_is_reverted_in_time() -> None:
    device = phone()
    audio = manager(device)
    talk(device.app("voip"))
    await audio.set_speakerphone_on(True)
    assert await audio.is_speakerphone_on()
    await manager(device, "owner").set_mode(Mode.IN_COMMUNICATION)
    assert not await audio.is_speakerphone_on()


async def test_android_080_a_mode_that_is_not_used_gives_the_output_back_within_ten_seconds() -> (
    None
):
    device = phone()
    audio = manager(device)
    await audio.set_mode(Mode.IN_COMMUNICATION)
    await audio.set_speakerphone_on(True)
    assert await audio.is_speakerphone_on()
    device.advance(10.0)
    assert not await audio.is_speakerphone_on()


async def test_android_080_the_privileged_get_theirs_without_a_sound() -> None:
    device = phone()
    audio, dialer = manager(device), manager(device, "dialer", permission=PHONE_STATE)
    await audio.set_speakerphone_on(True)
    assert not await audio.is_speakerphone_on()
    await dialer.set_speakerphone_on(True)
    assert await audio.is_speakerphone_on()


# -- the loudspeaker -----------------------------------------------------------------------------


async def test_android_081_off_takes_back_the_loudspeaker_alone() -> None:
    device = phone()
    device.plug("wired headset")
    audio = manager(device)
    await audio.set_mode(Mode.IN_COMMUNICATION)
    await audio.set_communication_device(await find(audio, Type.WIRED_HEADSET))
    await audio.set_speakerphone_on(False)
    assert await output_type(audio) is Type.WIRED_HEADSET
    await audio.set_speakerphone_on(True)
    assert await output_type(audio) is Type.BUILTIN_SPEAKER
    await audio.set_speakerphone_on(False)
    assert await output_type(audio) is Type.BUILTIN_EARPIECE


async def test_android_081_where_there_is_no_loudspeaker_nothing_happens() -> None:
    device = phone("car")
    audio = manager(device)
    await audio.set_speakerphone_on(True)
    assert device.android.routing.communication.requests == ()


async def test_the_loudspeakers_changes_are_sent_around() -> None:
    device, ears = phone(), Ears()
    audio = manager(device)
    await audio.set_mode(Mode.IN_COMMUNICATION)
    await audio.register_receiver(ears, audio.ACTION_SPEAKERPHONE_STATE_CHANGED)
    await audio.set_speakerphone_on(True)
    await audio.set_speakerphone_on(True)
    await audio.set_speakerphone_on(False)
    assert ears.heard == [audio.ACTION_SPEAKERPHONE_STATE_CHANGED] * 2


# -- listeners -----------------------------------------------------------------------------------


async def test_listeners_hear_of_every_other_output() -> None:
    device, audio, _ = await headset()
    ears = Ears()
    await audio.add_on_communication_device_changed_listener(call, ears.device)
    with pytest.raises(IllegalArgumentException):
        await audio.add_on_communication_device_changed_listener(call, ears.device)
    await audio.set_speakerphone_on(True)
    await audio.set_speakerphone_on(True)
    await audio.start_bluetooth_sco()
    device.advance(1.0)
    device.unplug(HEADSET)
    assert ears.take() == [
        "BUILTIN_SPEAKER",
        "BUILTIN_EARPIECE",
        "BLUETOOTH_SCO",
        "BUILTIN_EARPIECE",
    ]
    await audio.remove_on_communication_device_changed_listener(ears.device)
    await audio.set_speakerphone_on(True)
    assert ears.heard == []


async def test_a_listener_may_ask_for_something_else() -> None:
    """What comes up while listeners are told is told after."""
    device, audio, _ = await headset()
    heard: list[str] = []

    def first(told: object) -> None:
        heard.append("first")
        if len(heard) == 1:
            device.app("voip").kill()

    def second(told: object) -> None:
        heard.append("second")

    other = manager(device, "other")
    await other.add_on_communication_device_changed_listener(call, first)
    await other.add_on_communication_device_changed_listener(call, second)
    await audio.set_speakerphone_on(True)
    assert heard == ["first", "second", "first", "second"]


async def test_a_listener_that_another_removes_is_not_told() -> None:
    _, audio, _ = await headset()
    ears = Ears()

    def remove(told: object) -> None:
        with pytest.raises(StopIteration):
            audio.remove_on_communication_device_changed_listener(ears.device).send(None)

    await audio.add_on_communication_device_changed_listener(call, remove)
    await audio.add_on_communication_device_changed_listener(call, ears.device)
    await audio.set_speakerphone_on(True)
    assert ears.heard == []


async def test_a_dead_app_hears_nothing() -> None:
    device, audio, ears = await headset()
    await audio.start_bluetooth_sco()
    ears.take()
    device.app("voip").kill()
    device.advance(1.0)
    assert ears.heard == []


async def test_listeners_and_executors_are_needed() -> None:
    audio = manager(phone())
    ears = Ears()
    for executor, listener in ((None, ears.device), (call, None)):
        with pytest.raises(NullPointerException):
            await audio.add_on_communication_device_changed_listener(
                executor,  # type: ignore[arg-type]
                listener,  # type: ignore[arg-type]
            )
    with pytest.raises(NullPointerException):
        await audio.remove_on_communication_device_changed_listener(None)  # type: ignore[arg-type]
