"""The player on a simulated phone: what a user of either front end would see."""

from __future__ import annotations

import wave
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from audiosession import recipe
from audiosession.testing import SimulatedApp, SimulatedDevice

from .podcast import MediaPlayerOutput, PodcastPlayer, Screen, SilentOutput
from .podcast.episode import episode


class Tape:
    """An output that the simulated device plays."""

    def __init__(self, app: SimulatedApp, *, length_s: float | None = None) -> None:
        self.ended = False
        self._player = app.player()
        self._length_s = length_s
        self._subscription = self._player.finished.listen(lambda _: self._end())

    @property
    def position_s(self) -> float:
        return self._player.position_s

    def play(self, *, offset_s: float) -> None:
        self.ended = False
        self._player.play(offset_s=offset_s, duration_s=self._length_s)

    def pause(self) -> None:
        self._player.pause()

    def set_volume(self, volume: float) -> None:
        self._player.set_volume(volume)

    def _end(self) -> None:
        self.ended = True


@pytest.fixture
def seen() -> list[Screen]:
    return []


@pytest.fixture
async def player(audio_app: SimulatedApp, seen: list[Screen]) -> AsyncIterator[PodcastPlayer]:
    player = PodcastPlayer(Tape(audio_app), title="One", show=seen.append)
    await player.open()
    yield player
    await player.close()


async def test_the_button_plays_and_pauses_and_the_place_is_kept(
    simulated_device: SimulatedDevice, player: PodcastPlayer, seen: list[Screen]
) -> None:
    assert (seen[-1].title, seen[-1].button, seen[-1].position) == ("One", "Play", "0:00")
    await player.toggle()
    assert (seen[-1].button, seen[-1].status) == ("Pause", "Playing.")
    assert player.session.is_active
    simulated_device.advance(75.0)
    player.refresh()
    assert seen[-1].position == "1:15"
    await player.toggle()
    assert (seen[-1].button, seen[-1].status, seen[-1].position) == ("Play", "Paused.", "1:15")
    assert not player.session.is_active
    simulated_device.advance(10.0)
    await player.toggle()
    assert seen[-1].position == "1:15"


@pytest.mark.parametrize("policy", ["default", "apple", "android"])
async def test_a_call_pauses_it_and_it_goes_on_afterwards(policy: str) -> None:
    device = SimulatedDevice(policy=policy)
    app = device.app("podcasts")
    seen: list[Screen] = []
    player = PodcastPlayer(Tape(app), show=seen.append, session=app.session)
    await player.open()
    assert await player.start_by_hand()
    device.advance(30.0)
    call = device.incoming_call()
    assert not player.playing
    assert seen[-1].status.startswith("Interrupted")
    call.accept()
    device.advance(60.0)
    call.end()
    await player.settled()
    assert player.playing
    assert (seen[-1].status, seen[-1].position) == ("Playing.", "0:30")
    await player.close()


async def test_during_a_call_the_screen_says_why_it_does_not_play() -> None:
    device = SimulatedDevice(policy="android")
    app = device.app("podcasts")
    player = PodcastPlayer(Tape(app), session=app.session)
    await player.open()
    call = device.incoming_call()
    call.accept()
    assert not await player.start_by_hand()
    assert "more important" in player.screen.status
    assert player.screen.button == "Play"
    call.end()
    assert await player.start_by_hand()
    await player.close()


async def test_other_music_stops_it_until_the_user_presses_play(
    simulated_device: SimulatedDevice, player: PodcastPlayer
) -> None:
    await player.start_by_hand()
    music = simulated_device.app("music").session
    await music.set_active(True)
    assert not player.playing
    await music.set_active(False)
    assert not player.playing
    await player.toggle()
    assert player.playing


async def test_pulled_headphones_pause_it_and_the_list_of_devices_follows(
    simulated_device: SimulatedDevice, player: PodcastPlayer, seen: list[Screen]
) -> None:
    await player.start_by_hand()
    before = seen[-1].devices
    simulated_device.plug("wired headphones")
    assert len(seen[-1].devices) == len(before) + 1
    simulated_device.unplug("wired headphones")
    assert not player.playing
    assert seen[-1].devices == before
    assert any("headphones are gone" in screen.status for screen in seen)


async def test_a_ping_lowers_it_and_says_so(
    simulated_device: SimulatedDevice, player: PodcastPlayer, seen: list[Screen]
) -> None:
    await player.start_by_hand()
    ping = simulated_device.app("chat").session
    await ping.configure(recipe("notification"))
    async with ping.activated():
        assert player.playing
        assert seen[-1].status == "Lowered."
    assert seen[-1].status == "Playing."


async def test_what_the_session_cannot_do_is_said_on_the_screen() -> None:
    app = SimulatedDevice().app("podcasts")
    player = PodcastPlayer(Tape(app), session=app.session)
    await player.open()
    await player.start_by_hand()
    await app.session.close()
    await player.stop_by_hand()
    assert player.screen.status.startswith("Paused, but: ")
    assert not await player.start_by_hand()
    assert player.screen.status.startswith("It cannot play: ")


async def test_what_the_user_pauses_no_call_starts(
    simulated_device: SimulatedDevice, player: PodcastPlayer
) -> None:
    await player.start_by_hand()
    await player.stop_by_hand()
    simulated_device.incoming_call().decline()
    assert not player.playing


async def test_at_its_end_it_gives_the_audio_up_and_begins_anew(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp, seen: list[Screen]
) -> None:
    player = PodcastPlayer(Tape(audio_app, length_s=60.0), show=seen.append)
    await player.open()
    await player.toggle()
    simulated_device.advance(59.0)
    await player.tick()
    assert (seen[-1].button, seen[-1].position) == ("Pause", "0:59")
    simulated_device.advance(16.0)
    await player.tick()
    assert (seen[-1].button, seen[-1].position, seen[-1].status) == ("Play", "0:00", "It is over.")
    assert not player.session.is_active
    await player.toggle()
    simulated_device.advance(5.0)
    await player.tick()
    assert (seen[-1].button, seen[-1].position) == ("Pause", "0:05")
    await player.close()


async def test_what_is_paused_does_not_end(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    player = PodcastPlayer(Tape(audio_app, length_s=60.0))
    await player.open()
    await player.toggle()
    simulated_device.advance(59.0)
    simulated_device.incoming_call().accept()
    simulated_device.advance(16.0)
    await player.tick()
    assert player.screen.status.startswith("Interrupted")
    assert player.screen.position == "0:59"
    await player.close()


async def test_off_the_screen_it_is_silent_and_gives_the_audio_up(
    simulated_device: SimulatedDevice, player: PodcastPlayer, seen: list[Screen]
) -> None:
    await player.leave()
    assert seen[-1].status == "Press play."
    await player.start_by_hand()
    simulated_device.advance(5.0)
    await player.leave()
    assert (seen[-1].button, seen[-1].position) == ("Play", "0:05")
    assert seen[-1].status == "Paused, for the app left the screen."
    assert not player.session.is_active
    await player.toggle()
    assert (seen[-1].button, seen[-1].position) == ("Pause", "0:05")


@pytest.mark.audio_device(policy="android")
async def test_a_call_that_ends_off_the_screen_starts_nothing(
    simulated_device: SimulatedDevice, player: PodcastPlayer
) -> None:
    await player.start_by_hand()
    call = simulated_device.incoming_call()
    call.accept()
    await player.leave()
    call.end()
    await player.settled()
    assert not player.playing
    assert not player.session.is_active


async def test_a_session_that_does_not_open_is_on_the_screen_and_can_be_tried_again(
    audio_app: SimulatedApp, seen: list[Screen], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_: object) -> None:
        raise FileNotFoundError("android.toml")

    player = PodcastPlayer(Tape(audio_app), show=seen.append)
    with monkeypatch.context() as missing:
        missing.setattr(player.session, "configure", fails)
        assert not await player.open()
        assert seen[-1].status == "It cannot play here: FileNotFoundError: android.toml"
        assert not await player.start_by_hand()
        assert seen[-1].button == "Play"
    await player.toggle()
    assert (seen[-1].button, seen[-1].status) == ("Pause", "Playing.")
    await player.close()


def test_a_silent_output_counts_as_if_it_played() -> None:
    now = [100.0]
    output = SilentOutput(lambda: now[0])
    output.play(offset_s=5.0)
    now[0] += 7.5
    assert output.position_s == 12.5
    output.pause()
    now[0] += 60.0
    assert output.position_s == 12.5
    output.set_volume(0.2)
    assert output.volume == 0.2


def test_a_silent_output_ends_where_it_has_an_end() -> None:
    now = [100.0]
    output = SilentOutput(lambda: now[0], length_s=60.0)
    assert not output.ended
    output.play(offset_s=50.0)
    now[0] += 9.0
    assert not output.ended
    now[0] += 9.0
    assert output.ended
    assert output.position_s == 60.0
    output.pause()
    assert not output.ended


class JavaPlayer:
    """A MediaPlayer as its reference says: at the end it is silent, and stays there."""

    length_ms = 60_000

    def __init__(self) -> None:
        self.at_ms = 0
        self.said: list[str] = []
        self._playing = False

    def setAudioAttributes(self, attributes: str) -> None:
        self.said.append(attributes)

    def setDataSource(self, path: str) -> None:
        self.said.append(path)

    def prepare(self) -> None:
        self.said.append("prepared")

    def seekTo(self, ms: int) -> None:
        self.at_ms = ms

    def start(self) -> None:
        self._playing = self.at_ms < self.length_ms

    def pause(self) -> None:
        self._playing = False

    def isPlaying(self) -> bool:
        return self._playing

    def getCurrentPosition(self) -> int:
        return self.at_ms

    def plays(self, ms: int) -> None:
        self.at_ms = min(self.at_ms + ms, self.length_ms)
        self._playing = self.at_ms < self.length_ms


class JavaBuilder:
    """An AudioAttributes.Builder."""

    def setUsage(self, usage: int) -> None:
        self.usage = usage

    def setContentType(self, content_type: int) -> None:
        self.content_type = content_type

    def build(self) -> str:
        return f"{self.usage}/{self.content_type}"


class JavaAttributes:
    USAGE_MEDIA = 1
    CONTENT_TYPE_SPEECH = 1


def test_androids_player_ends_and_is_paused_where_it_is() -> None:
    java = JavaPlayer()
    output = MediaPlayerOutput(
        {
            "android.media.MediaPlayer": lambda: java,
            "android.media.AudioAttributes": JavaAttributes,
            "android.media.AudioAttributes$Builder": JavaBuilder,
        }.__getitem__,
        Path("episode.wav"),
    )
    assert java.said == ["1/1", "episode.wav", "prepared"]
    assert not output.ended
    output.play(offset_s=1.5)
    java.plays(2000)
    assert (output.position_s, output.ended) == (3.5, False)
    output.pause()
    assert (output.position_s, output.ended) == (3.5, False)
    output.play(offset_s=3.5)
    java.plays(60_000)
    assert (output.position_s, output.ended) == (60.0, True)
    output.play(offset_s=0.0)
    assert (output.position_s, output.ended) == (0.0, False)


def test_the_episode_is_made_once_and_sounds(tmp_path: Path) -> None:
    path = episode(tmp_path / "data")
    with wave.open(str(path)) as file:
        assert file.getnframes() == 60 * file.getframerate()
        assert any(file.readframes(file.getframerate()))
    made = path.stat().st_mtime_ns
    assert episode(tmp_path / "data") == path
    assert path.stat().st_mtime_ns == made
