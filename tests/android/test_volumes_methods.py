"""AudioManager's calls about volumes: what they answer, and what they refuse."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from audiosession.android import AudioAttributes
from audiosession.android.device_constants import AndroidAudioDeviceType
from audiosession.android.errors import NullPointerException
from audiosession.android.models.volumes import STREAMS, group_stream
from audiosession.android.stream_constants import (
    PLUGIN_USE_DEFAULT_STREAM_TYPE,
    USE_DEFAULT_STREAM_TYPE,
)
from audiosession.android.tables import figure, stream_volume, volume_groups
from audiosession.errors import AudioSessionError, InvalidTypeError, UnsupportedError
from tests.android.manager_kit import (
    NO_INTEGERS,
    AndroidPermission,
    AudioManager,
    C,
    IllegalArgumentException,
    Phone,
    Stream,
    now,
)
from tests.api.fake_host import FakeHost

pytestmark = pytest.mark.anyio

Call = Callable[[AudioManager], Awaitable[Any]]
NO_STREAMS = (-1, 12, 99, -100, 2**31 + 1)
NO_DIRECTIONS = (2, -2, 99, -101, 102)
SPEAKER = AndroidAudioDeviceType.BUILTIN_SPEAKER

STREAM_CALLS: dict[str, Callable[[AudioManager, Any], Awaitable[Any]]] = {
    "adjust_stream_volume": lambda m, s: m.adjust_stream_volume(s, C.ADJUST_RAISE),
    "get_stream_max_volume": lambda m, s: m.get_stream_max_volume(s),
    "get_stream_min_volume": lambda m, s: m.get_stream_min_volume(s),
    "get_stream_volume": lambda m, s: m.get_stream_volume(s),
    "get_stream_volume_db": lambda m, s: m.get_stream_volume_db(s, 3, SPEAKER),
    "set_stream_volume": lambda m, s: m.set_stream_volume(s, 3),
    "is_stream_mute": lambda m, s: m.is_stream_mute(s),
    "set_stream_mute": lambda m, s: m.set_stream_mute(s, True),
    "adjust_suggested_stream_volume": lambda m, s: m.adjust_suggested_stream_volume(
        C.ADJUST_RAISE, s
    ),
}
DIRECTION_CALLS: dict[str, Callable[[AudioManager, Any], Awaitable[Any]]] = {
    "adjust_stream_volume": lambda m, d: m.adjust_stream_volume(C.STREAM_MUSIC, d),
    "adjust_volume": lambda m, d: m.adjust_volume(d),
    "adjust_suggested_stream_volume": lambda m, d: m.adjust_suggested_stream_volume(
        d, C.STREAM_MUSIC
    ),
    "adjust_volume_group_volume": lambda m, d: m.adjust_volume_group_volume(0, d),
}
FLAG_CALLS: dict[str, Callable[[AudioManager, Any], Awaitable[Any]]] = {
    "adjust_stream_volume": lambda m, f: m.adjust_stream_volume(C.STREAM_MUSIC, 1, f),
    "adjust_volume": lambda m, f: m.adjust_volume(1, f),
    "adjust_suggested_stream_volume": lambda m, f: m.adjust_suggested_stream_volume(
        1, C.STREAM_MUSIC, f
    ),
    "adjust_volume_group_volume": lambda m, f: m.adjust_volume_group_volume(0, 1, f),
    "set_stream_volume": lambda m, f: m.set_stream_volume(C.STREAM_MUSIC, 3, f),
    "set_stream_volume's index": lambda m, i: m.set_stream_volume(C.STREAM_MUSIC, i),
    "get_stream_volume_db's index": lambda m, i: m.get_stream_volume_db(C.STREAM_MUSIC, i, SPEAKER),
    "get_stream_volume_db's type": lambda m, t: m.get_stream_volume_db(C.STREAM_MUSIC, 3, t),
    "adjust_volume_group_volume's group": lambda m, g: m.adjust_volume_group_volume(g, 1),
    "is_volume_group_muted": lambda m, g: m.is_volume_group_muted(g),
    "set_stream_solo": lambda m, s: m.set_stream_solo(s, True),
}


async def refused(call: Awaitable[Any], phone: Phone, error: type[Exception]) -> None:
    """The call raises, and all is as it was."""
    before = phone.snapshot()
    with pytest.raises(error):
        await call
    assert phone.snapshot() == before


@pytest.mark.parametrize("name", STREAM_CALLS)
@pytest.mark.parametrize("stream", NO_STREAMS)
async def test_no_stream_type(name: str, stream: int) -> None:
    phone = Phone()
    await refused(STREAM_CALLS[name](phone.manager, stream), phone, IllegalArgumentException)


@pytest.mark.parametrize("name", DIRECTION_CALLS)
@pytest.mark.parametrize("direction", NO_DIRECTIONS)
async def test_no_direction(name: str, direction: int) -> None:
    phone = Phone()
    await refused(DIRECTION_CALLS[name](phone.manager, direction), phone, IllegalArgumentException)


@pytest.mark.parametrize("value", NO_INTEGERS)
@pytest.mark.parametrize(
    "call", [*STREAM_CALLS.values(), *DIRECTION_CALLS.values(), *FLAG_CALLS.values()]
)
async def test_no_integer(
    call: Callable[[AudioManager, Any], Awaitable[Any]], value: object
) -> None:
    phone = Phone()
    await refused(call(phone.manager, value), phone, InvalidTypeError)


@pytest.mark.parametrize("state", [None, 1, "on"])
async def test_no_flag(state: Any) -> None:
    phone = Phone()
    await refused(phone.manager.set_stream_mute(C.STREAM_MUSIC, state), phone, InvalidTypeError)
    await refused(phone.manager.set_stream_solo(C.STREAM_MUSIC, state), phone, InvalidTypeError)


@pytest.mark.parametrize("stream", STREAMS)
async def test_the_least_volume_is_of_public_streams(stream: Stream) -> None:
    phone = Phone()
    if stream in figure("public_streams"):
        least = await phone.manager.get_stream_min_volume(stream)
        assert least == stream_volume(stream).min
    else:
        await refused(phone.manager.get_stream_min_volume(stream), phone, IllegalArgumentException)
        await refused(
            phone.manager.get_stream_volume_db(stream, 3, SPEAKER), phone, IllegalArgumentException
        )


@pytest.mark.parametrize(
    ("index", "device_type"),
    [
        (-1, SPEAKER),
        (16, SPEAKER),
        (3, AndroidAudioDeviceType.UNKNOWN),
        (3, AndroidAudioDeviceType.BUILTIN_MIC),
        (3, 99),
    ],
)
async def test_no_level(index: int, device_type: int) -> None:
    phone = Phone()
    call = phone.manager.get_stream_volume_db(C.STREAM_MUSIC, index, device_type)
    await refused(call, phone, IllegalArgumentException)


async def test_levels_do_not_depend_on_what_is_set() -> None:
    phone = Phone()
    level = phone.manager.get_stream_volume_db
    full = await level(C.STREAM_MUSIC, 15, SPEAKER)
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 0)
    assert (full, await level(C.STREAM_MUSIC, 15, SPEAKER)) == (0.0, 0.0)
    assert await level(C.STREAM_MUSIC, 0, SPEAKER) == -math.inf
    assert now(await level(C.STREAM_VOICE_CALL, 1, SPEAKER)) == -24.0


@pytest.mark.parametrize("default", [USE_DEFAULT_STREAM_TYPE, PLUGIN_USE_DEFAULT_STREAM_TYPE])
async def test_the_default_stream_is_what_matters_most(default: int) -> None:
    phone = Phone()
    await phone.manager.adjust_suggested_stream_volume(C.ADJUST_RAISE, default)
    assert await phone.manager.get_stream_volume(C.STREAM_MUSIC) == 6
    await phone.manager.set_stream_mute(default, True)
    assert await phone.manager.is_stream_mute(C.STREAM_MUSIC)


async def test_muting_as_old_apps_do() -> None:
    phone = Phone()
    await phone.manager.set_stream_mute(C.STREAM_MUSIC, True)
    assert await phone.manager.is_stream_mute(C.STREAM_MUSIC)
    await phone.manager.set_stream_mute(C.STREAM_MUSIC, False)
    assert not await phone.manager.is_stream_mute(C.STREAM_MUSIC)


async def test_android_094_solo_does_nothing() -> None:
    phone = Phone()
    before = phone.snapshot()
    await phone.manager.set_stream_solo(C.STREAM_MUSIC, True)
    await phone.manager.set_stream_solo(C.STREAM_MUSIC, False)
    assert phone.snapshot() == before


# -- groups --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("usage", "content_type", "name"),
    [
        (1, 2, "MUSIC"),
        (4, 4, "ALARM"),
        (16, 1, "ASSISTANT"),
        (16, 2, "MUSIC"),
        (2, 1, "VOICE_CALL"),
    ],
)
async def test_the_group_of_attributes(usage: int, content_type: int, name: str) -> None:
    attributes = AudioAttributes.Builder().set_usage(usage).set_content_type(content_type).build()
    group = await Phone().manager.get_volume_group_id_for_attributes(attributes)
    assert volume_groups()[group] == name


async def test_no_attributes() -> None:
    phone = Phone()
    nothing: Any = None
    with pytest.raises(NullPointerException):
        await phone.manager.get_volume_group_id_for_attributes(nothing)
    wrong: Any = {"usage": 1}
    with pytest.raises(InvalidTypeError):
        await phone.manager.get_volume_group_id_for_attributes(wrong)


async def test_a_groups_volume_is_its_streams() -> None:
    phone = Phone()
    for group, name in enumerate(volume_groups()):
        stream = group_stream(group)
        assert stream is not None
        assert stream.name == name or name == "CALL_ASSISTANT"
        before = await phone.manager.get_stream_volume(stream)
        await phone.manager.adjust_volume_group_volume(group, C.ADJUST_LOWER)
        assert await phone.manager.get_stream_volume(stream) <= before
        await phone.manager.adjust_volume_group_volume(group, C.ADJUST_RAISE)
    music = volume_groups().index("MUSIC")
    await phone.manager.adjust_volume_group_volume(music, C.ADJUST_MUTE)
    assert await phone.manager.is_volume_group_muted(music)
    assert not await phone.manager.is_volume_group_muted(volume_groups().index("ALARM"))


@pytest.mark.parametrize("group", [-1, 13, 10_000])
async def test_no_group(group: int) -> None:
    phone = Phone()
    before = phone.snapshot()
    await phone.manager.adjust_volume_group_volume(group, C.ADJUST_LOWER)
    assert not await phone.manager.is_volume_group_muted(group)
    assert phone.snapshot() == before


# -- where there is no device --------------------------------------------------------------------


def _with(call: Callable[[AudioManager, Any], Awaitable[Any]], value: int) -> Call:
    return lambda manager: call(manager, value)


ALL: dict[str, Call] = {
    "is_volume_fixed": lambda m: m.is_volume_fixed(),
    **{name: _with(call, 3) for name, call in STREAM_CALLS.items()},
    **{name: _with(call, 1) for name, call in DIRECTION_CALLS.items()},
    "is_volume_group_muted": lambda m: m.is_volume_group_muted(0),
    "get_ringer_mode": lambda m: m.get_ringer_mode(),
    "set_ringer_mode": lambda m: m.set_ringer_mode(1),
    "is_ramping_ringer_enabled": lambda m: m.is_ramping_ringer_enabled(),
    "is_music_active": lambda m: m.is_music_active(),
    "get_allowed_capture_policy": lambda m: m.get_allowed_capture_policy(),
    "set_allowed_capture_policy": lambda m: m.set_allowed_capture_policy(1),
    "play_sound_effect": lambda m: m.play_sound_effect(0),
    "load_sound_effects": lambda m: m.load_sound_effects(),
    "unload_sound_effects": lambda m: m.unload_sound_effects(),
    "set_microphone_mute": lambda m: m.set_microphone_mute(True),
    "is_microphone_mute": lambda m: m.is_microphone_mute(),
    "generate_audio_session_id": lambda m: m.generate_audio_session_id(),
    "set_parameters": lambda m: m.set_parameters("a=1"),
    "get_parameters": lambda m: m.get_parameters("a"),
    "get_property": lambda m: m.get_property("a"),
    "is_haptic_playback_supported": lambda m: m.is_haptic_playback_supported(),
    "get_encoded_surround_mode": lambda m: m.get_encoded_surround_mode(),
    "get_audio_hw_sync_for_session": lambda m: m.get_audio_hw_sync_for_session(1),
    "register_media_button_event_receiver": lambda m: m.register_media_button_event_receiver(print),
}


@pytest.mark.parametrize("name", ALL)
async def test_a_host_without_a_device_says_so(name: str) -> None:
    manager = AudioManager(FakeHost())
    with pytest.raises(UnsupportedError):
        await ALL[name](manager)


@pytest.mark.parametrize("name", ALL)
async def test_a_closed_manager_refuses(name: str) -> None:
    phone = Phone()
    await phone.manager.close()
    await refused(ALL[name](phone.manager), phone, AudioSessionError)


async def test_a_killed_app_changes_nothing() -> None:
    phone = Phone()
    phone.app.android_app.grant(AndroidPermission.ACCESS_NOTIFICATION_POLICY)
    phone.app.kill()
    for call in (
        phone.manager.set_stream_volume(C.STREAM_MUSIC, 9),
        phone.manager.adjust_volume(C.ADJUST_MUTE),
        phone.manager.set_ringer_mode(C.RINGER_MODE_SILENT),
        phone.manager.set_microphone_mute(True),
        phone.manager.play_sound_effect(0),
        phone.manager.set_parameters("a=1"),
        phone.manager.set_allowed_capture_policy(3),
        phone.manager.register_media_button_event_receiver(print),
    ):
        await refused(call, phone, AudioSessionError)
