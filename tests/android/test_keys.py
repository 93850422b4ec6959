"""Keys: what volume keys do (android 95), and which app media keys go to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiosession.android.audio_manager import AudioManager
from audiosession.android.errors import NullPointerException
from audiosession.android.key_constants import (
    MEDIA_SESSION_KEYS,
    AndroidKeyCode,
    AndroidKeyEventAction,
)
from audiosession.android.key_event import KeyEvent
from audiosession.android.models.keys import MediaKeys, volume_press
from audiosession.android.models.volumes import STREAMS
from audiosession.errors import (
    InvalidTypeError,
    InvalidValueError,
    MissingFieldError,
    UnknownFieldError,
)
from tests.android.facts_kit import rows
from tests.android.manager_kit import C, Phone, Stream, now

pytestmark = pytest.mark.anyio

Key = AndroidKeyCode
DOWN, UP = AndroidKeyEventAction.DOWN, AndroidKeyEventAction.UP


# -- volume keys ---------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", STREAMS)
async def test_android_095_a_sound_is_played_for_the_ring_alone(stream: Stream) -> None:
    phone = Phone()
    await phone.manager.adjust_stream_volume(stream, C.ADJUST_SAME, C.FLAG_PLAY_SOUND)
    heard = [text for text in phone.words.said if "sound" in text]
    assert bool(heard) is (stream is Stream.RING)


async def test_android_095_no_sound_unless_asked_for() -> None:
    phone = Phone()
    await phone.manager.adjust_stream_volume(C.STREAM_RING, C.ADJUST_LOWER, C.FLAG_SHOW_UI)
    assert not [text for text in phone.words.said if "sound" in text]


async def test_android_095_the_mute_key_acts_when_it_goes_down_first() -> None:
    phone = Phone()
    phone.android.press(Key.VOLUME_MUTE, repeats=5)
    assert await phone.manager.is_stream_mute(C.STREAM_MUSIC)
    phone.android.press(Key.VOLUME_MUTE)
    assert not await phone.manager.is_stream_mute(C.STREAM_MUSIC)
    for event in (
        KeyEvent(DOWN, Key.VOLUME_MUTE, repeat_count=1),
        KeyEvent(UP, Key.VOLUME_MUTE),
    ):
        assert volume_press(event) is None
        phone.android.key(event)
    assert not await phone.manager.is_stream_mute(C.STREAM_MUSIC)


async def test_a_volume_key_moves_a_step_and_goes_on_while_it_is_held() -> None:
    phone = Phone()
    phone.android.press(Key.VOLUME_UP)
    assert await phone.manager.get_stream_volume(C.STREAM_MUSIC) == 6
    phone.android.press(Key.VOLUME_DOWN, repeats=2)
    assert now(await phone.manager.get_stream_volume(C.STREAM_MUSIC)) == 3


async def test_a_key_that_is_let_go_plays_the_sound_of_the_rings_volume() -> None:
    phone = Phone()
    phone.device.ringtone()
    phone.android.press(Key.VOLUME_DOWN)
    assert phone.words.said[-2:] == [
        "volume of ring: 4 of 7",
        "the sound of ring's volume is played",
    ]


async def test_volume_keys_are_not_dispatched() -> None:
    phone = Phone()
    heard: list[KeyEvent] = []
    await phone.manager.register_media_button_event_receiver(heard.append)
    phone.android.press(Key.VOLUME_UP)
    await phone.manager.dispatch_media_key_event(KeyEvent(DOWN, Key.VOLUME_UP))
    assert not heard
    assert await phone.manager.get_stream_volume(C.STREAM_MUSIC) == 6


# -- media keys ----------------------------------------------------------------------------------


class Apps:
    """Apps that handle media keys, and what they got."""

    def __init__(self, *names: str) -> None:
        self.phone = Phone()
        self.heard: list[tuple[str, int, int]] = []
        self.managers = {name: AudioManager(self.phone.device.app(name).host) for name in names}
        self._receivers: dict[str, Any] = {}

    def receiver(self, name: str) -> Any:
        return self._receivers.setdefault(
            name, lambda event: self.heard.append((name, event.key_code, event.action))
        )

    async def listen(self, name: str) -> None:
        await self.managers[name].register_media_button_event_receiver(self.receiver(name))

    def play(self, name: str) -> None:
        self.phone.device.app(name).player().play()

    def pressed(self, key: int = Key.MEDIA_PLAY_PAUSE) -> set[str]:
        """Which apps get a key that the user presses."""
        self.heard.clear()
        self.phone.android.press(key)
        return {name for name, _, _ in self.heard}


async def test_a_key_goes_down_and_up() -> None:
    apps = Apps("music")
    await apps.listen("music")
    apps.pressed()
    assert apps.heard == [
        ("music", Key.MEDIA_PLAY_PAUSE, DOWN),
        ("music", Key.MEDIA_PLAY_PAUSE, UP),
    ]


async def test_the_app_that_listens_last_has_the_keys_while_nobody_played() -> None:
    apps = Apps("a", "b")
    assert apps.pressed() == set()
    await apps.listen("a")
    await apps.listen("b")
    assert apps.pressed() == {"b"}
    await apps.listen("a")
    assert apps.pressed() == {"a"}


async def test_the_app_that_plays_or_played_last_comes_first() -> None:
    apps = Apps("a", "b", "deaf")
    await apps.listen("a")
    await apps.listen("b")
    apps.play("a")
    assert apps.pressed() == {"a"}
    apps.phone.device.app("a").player().pause()
    assert apps.pressed() == {"a"}
    apps.play("b")
    apps.play("deaf")
    assert apps.pressed() == {"b"}


async def test_who_no_longer_listens_gets_nothing() -> None:
    apps = Apps("a", "b")
    await apps.listen("a")
    await apps.listen("b")
    # Somebody else's function ends nothing.
    await apps.managers["b"].unregister_media_button_event_receiver(print)
    assert apps.pressed() == {"b"}
    await apps.managers["b"].unregister_media_button_event_receiver(apps.receiver("b"))
    assert apps.pressed() == {"a"}
    await apps.managers["a"].close()
    assert apps.pressed() == set()


async def test_an_app_that_is_gone_gets_nothing() -> None:
    apps = Apps("a", "b")
    await apps.listen("a")
    await apps.listen("b")
    apps.phone.device.app("b").kill()
    assert apps.pressed() == {"a"}


async def test_a_receiver_that_fails_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    phone = Phone()

    def fails(event: KeyEvent) -> None:
        raise RuntimeError("no")

    await phone.manager.register_media_button_event_receiver(fails)
    phone.android.press(Key.MEDIA_NEXT)
    assert "media keys' receiver of app failed" in caplog.text


@pytest.mark.parametrize("key", [*AndroidKeyCode, 4, 66, 10_000])
async def test_only_media_keys_are_handed_on(key: int) -> None:
    apps = Apps("a", "sender")
    await apps.listen("a")
    await apps.managers["sender"].dispatch_media_key_event(KeyEvent(DOWN, key))
    expected = [("a", key, DOWN)] if key in MEDIA_SESSION_KEYS else []
    assert apps.heard == expected
    assert KeyEvent.is_media_session_key(key) is bool(expected)


@pytest.mark.parametrize("event", [None, 85, {"keyCode": 85}, "play"])
async def test_no_event(event: Any) -> None:
    apps = Apps("a")
    await apps.listen("a")
    with pytest.raises(InvalidTypeError):
        await apps.managers["a"].dispatch_media_key_event(event)
    assert not apps.heard


async def test_no_receiver() -> None:
    phone = Phone()
    nothing: Any = None
    wrong: Any = 3
    for call in (
        phone.manager.register_media_button_event_receiver,
        phone.manager.unregister_media_button_event_receiver,
    ):
        with pytest.raises(NullPointerException):
            await call(nothing)
        with pytest.raises(InvalidTypeError):
            await call(wrong)
    assert phone.android.keys.target is None


@given(st.lists(st.tuples(st.sampled_from("lipg"), st.sampled_from("abc")), max_size=30))
def test_the_target_listens_and_nobody_who_listens_played_later(
    steps: list[tuple[str, str]],
) -> None:
    keys = MediaKeys()
    listening: set[str] = set()
    played: list[str] = []
    for what, app in steps:
        if what == "l":
            keys.listen(app)
            listening.add(app)
        elif what == "i":
            keys.ignore(app)
            listening.discard(app)
        elif what == "p":
            keys.plays(app)
            played = [*(one for one in played if one != app), app]
        else:
            keys.gone(app)
            listening.discard(app)
            played = [one for one in played if one != app]
    candidates = [app for app in played if app in listening]
    if candidates:
        assert keys.target == candidates[-1]
    else:
        assert (keys.target in listening) if listening else keys.target is None


# -- events --------------------------------------------------------------------------------------


def test_an_event_in_the_words_of_the_plugin() -> None:
    event = KeyEvent(DOWN, Key.MEDIA_NEXT, 2, down_time=5, event_time=9)
    written = event.to_json()
    assert list(written) == rows("plugin_json")["AndroidKeyEvent"]["keys"]
    assert (written["keyCode"], written["repeatCount"], written["eventTime"]) == (87, 2, 9)
    assert all(type(value) is int for value in written.values())
    assert KeyEvent.from_json(written) == event


def test_events_are_read_strictly() -> None:
    written: dict[str, Any] = dict(KeyEvent(UP, 85).to_json())
    for error, wrong in (
        (MissingFieldError, {key: written[key] for key in written if key != "action"}),
        (UnknownFieldError, {**written, "characters": "x"}),
        (InvalidTypeError, {**written, "keyCode": "85"}),
        (InvalidTypeError, {**written, "flags": None}),
        (InvalidValueError, {**written, "action": 3}),
        (InvalidValueError, {**written, "repeatCount": -1}),
    ):
        with pytest.raises(error):
            KeyEvent.from_json(wrong)


def test_an_event_is_read_as_in_java() -> None:
    event = KeyEvent(UP, Key.MEDIA_PLAY, 3)
    assert (event.get_action(), event.get_key_code(), event.get_repeat_count()) == (1, 126, 3)
    assert KeyEvent.KEYCODE_MEDIA_PLAY == 126
    assert KeyEvent.ACTION_UP == 1
