"""Apps with one of the four faces of audio, which behave as each platform asks of its apps.

An app has a face, a kind (what it is for), and a player. What it is told is kept in
:attr:`FaceApp.news` in the words of its face; what it does about it is what the platform's
guides say: an Android app lowers itself at ``LOSS_TRANSIENT_CAN_DUCK``, an Apple app activates
again after an interruption that says so, a page's elements are paused by the browser.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

from audiosession import AudioSession, recipe
from audiosession.android import (
    AndroidAudioFocus,
    AndroidAudioFocusGainType,
    AndroidAudioUsage,
    AudioAttributes,
    AudioFocusRequest,
)
from audiosession.android.audio_manager import AudioManager
from audiosession.apple import (
    AVAudioSession,
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionInterruptionOptions,
    AVAudioSessionInterruptionType,
    AVAudioSessionMode,
    AVAudioSessionNotificationName,
    AVAudioSessionSetActiveOptions,
    AVAudioSessionUserInfoKey,
    Notification,
    NotificationCenter,
    NSError,
)
from audiosession.core import Role
from audiosession.errors import AudioSessionError
from audiosession.hosts.base import Host
from audiosession.interruptions import AudioInterruptionEvent
from audiosession.web import Element, Event, MediaElement, Page

FACES = ("one_api", "apple", "android", "web")
LOWERED = 0.2
"""The volume an Android app gives itself when it may go on quietly."""

_Gain = AndroidAudioFocusGainType
_Usage = AndroidAudioUsage
_Category = AVAudioSessionCategory
_Mode = AVAudioSessionMode
_Options = AVAudioSessionCategoryOptions
_UNKNOWN, _SPEECH, _MUSIC = 0, 1, 2


class Player(Protocol):
    """What plays an app's sound."""

    @property
    def playing(self) -> bool:
        """Whether it runs."""

    @property
    def volume(self) -> float:
        """The app's own, linear."""

    def begin(self, sound: Sound) -> None:
        """Plays that from the beginning."""

    def pause(self) -> None:
        """Stands still."""

    def resume(self) -> None:
        """Goes on."""

    def stop(self) -> None:
        """Ends."""

    def set_volume(self, volume: float) -> None:
        """Sets the app's own volume."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What a player plays."""

    role: Role
    """What it is for."""
    spoken: bool = False
    """Whether it is speech."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What an app is: what it says to each platform."""

    one_api: str = ""
    """A recipe of the one API."""
    apple: tuple[AVAudioSessionCategory, AVAudioSessionMode, AVAudioSessionCategoryOptions] | None
    """Category, mode and options."""
    android: tuple[_Gain, int, int] | None
    """Gain, usage and content type."""
    web: str = ""
    """The page's type."""
    sound: Sound | None
    """What it plays; ``None``: it records only."""
    pauses: bool = False
    """Whether the Android app pauses rather than go lower."""
    patient: bool = False
    """Whether the Android app waits where it cannot be granted at once."""


_MUSIC_SOUND = Sound(role=Role.MUSIC)
_TALK = Sound(role=Role.SPEECH, spoken=True)
_PROMPT = Sound(role=Role.PROMPT, spoken=True)
_PLAYBACK = (_Category.PLAYBACK, _Mode.DEFAULT, _Options.NONE)
_PROMPTS = _Options.DUCK_OTHERS | _Options.INTERRUPT_SPOKEN_AUDIO_AND_MIX_WITH_OTHERS

KINDS = {
    "music": Kind(
        one_api="music",
        apple=_PLAYBACK,
        android=(_Gain.GAIN, _Usage.MEDIA, _MUSIC),
        web="playback",
        sound=_MUSIC_SOUND,
    ),
    "waiter": Kind(
        apple=None,
        android=(_Gain.GAIN, _Usage.MEDIA, _MUSIC),
        sound=_MUSIC_SOUND,
        patient=True,
    ),
    "podcast": Kind(
        one_api="speech",
        apple=(_Category.PLAYBACK, _Mode.SPOKEN_AUDIO, _Options.NONE),
        android=(_Gain.GAIN, _Usage.MEDIA, _SPEECH),
        sound=_TALK,
        pauses=True,
    ),
    "navigator": Kind(
        one_api="navigation_prompt",
        apple=(_Category.PLAYBACK, _Mode.VOICE_PROMPT, _PROMPTS),
        android=(_Gain.GAIN_TRANSIENT_MAY_DUCK, _Usage.ASSISTANCE_NAVIGATION_GUIDANCE, _SPEECH),
        sound=_PROMPT,
    ),
    "call": Kind(
        one_api="voice_call",
        apple=(_Category.PLAY_AND_RECORD, _Mode.VOICE_CHAT, _Options.NONE),
        android=(_Gain.GAIN_TRANSIENT, _Usage.VOICE_COMMUNICATION, _SPEECH),
        web="play-and-record",
        sound=Sound(role=Role.CALL, spoken=True),
    ),
    "reader": Kind(
        one_api="screen_reader",
        apple=(_Category.PLAYBACK, _Mode.DEFAULT, _Options.DUCK_OTHERS),
        android=(_Gain.GAIN_TRANSIENT_MAY_DUCK, _Usage.ASSISTANCE_ACCESSIBILITY, _SPEECH),
        sound=Sound(role=Role.SCREEN_READER, spoken=True),
    ),
    "recorder": Kind(
        one_api="recording",
        apple=(_Category.RECORD, _Mode.DEFAULT, _Options.NONE),
        android=(_Gain.GAIN_TRANSIENT_EXCLUSIVE, _Usage.MEDIA, _UNKNOWN),
        sound=None,
    ),
    "ping": Kind(
        one_api="notification",
        apple=None,
        android=(_Gain.GAIN_TRANSIENT_MAY_DUCK, _Usage.NOTIFICATION, _MUSIC),
        web="transient",
        sound=Sound(role=Role.NOTIFICATION),
    ),
    "clip": Kind(
        apple=None,
        android=(_Gain.GAIN_TRANSIENT, _Usage.MEDIA, _MUSIC),
        web="transient-solo",
        sound=_MUSIC_SOUND,
    ),
    "game": Kind(
        one_api="game",
        apple=(_Category.AMBIENT, _Mode.DEFAULT, _Options.NONE),
        android=None,
        web="ambient",
        sound=Sound(role=Role.GAME),
    ),
}


class FaceApp(ABC):
    """An app with one face.

    Args:
        host: Where its session lives.
        kind: A key of :data:`KINDS`.
        player: Gives its player, when it is granted the audio first.
    """

    def __init__(self, host: Host, kind: str, player: Callable[[], Player]) -> None:
        self.host = host
        self.kind = KINDS[kind]
        self.news: list[str] = []
        """What it was told, in order."""
        self._make_player = player
        self._player: Player | None = None
        self._ahead: list[Callable[[], Awaitable[object]]] = []
        self.heard: Callable[[], object] = lambda: None
        """Called with everything that it is told."""

    @property
    def player(self) -> Player | None:
        """Its player, once there is one."""
        return self._player

    async def starts(self) -> str:
        """Asks for the audio, and plays where it may: ``granted``, ``denied`` or ``delayed``."""
        told = len(self.news)
        answer = await self._ask()
        if answer == "granted" and not self._lost(self.news[told:]):
            self._play()
        return answer

    async def ends(self) -> None:
        """Stops, and gives the audio back with a word to the others."""
        if self._player is not None:
            self._player.stop()
        await self._leave()

    async def becomes(self, kind: str) -> str:
        """Says that it is for something else, and what it plays is of that kind."""
        self.kind = KINDS[kind]
        answer = await self._change()
        if self._player is not None and self._player.playing and self.kind.sound is not None:
            self._player.begin(self.kind.sound)
        return answer

    async def settle(self) -> bool:
        """Does what it was told needs to be done; whether there was anything."""
        did = bool(self._ahead)
        while self._ahead:
            await self._ahead.pop(0)()
        return did

    @abstractmethod
    async def close(self) -> None:
        """Is closed in good order."""

    # -- for the faces -----------------------------------------------------------------------

    def _play(self) -> None:
        if self.kind.sound is None:
            return
        if self._player is None:
            self._player = self._make_player()
        self._player.set_volume(1.0)
        self._player.begin(self.kind.sound)

    def _hear(self, word: str) -> None:
        self.news.append(word)
        self.heard()

    def _lost(self, news: list[str]) -> bool:
        """Whether what it was told before the answer says that it has the audio no more."""
        return False

    @abstractmethod
    async def _ask(self) -> str:
        """Asks for the audio."""

    async def _change(self) -> str:
        """Asks anew with another kind."""
        return await self._ask()

    @abstractmethod
    async def _leave(self) -> None:
        """Gives the audio back."""


class OneApiApp(FaceApp):
    """An app of the one API, which leaves its player to ``handle_interruptions``."""

    def __init__(self, host: Host, kind: str, player: Callable[[], Player]) -> None:
        super().__init__(host, kind, player)
        self.session = AudioSession(host)
        self.session.interruption_event_stream.listen(self._interruption)
        self._handler = self.session.handle_interruptions(self)

    # What the handler needs of a player.

    @property
    def playing(self) -> bool:
        """Whether its player runs."""
        return self._player is not None and self._player.playing

    @property
    def volume(self) -> float:
        """Its player's own."""
        return 1.0 if self._player is None else self._player.volume

    def pause(self) -> None:
        """Pauses its player."""
        if self._player is not None:
            self._player.pause()

    def resume(self) -> None:
        """Lets its player go on."""
        if self._player is not None:
            self._player.resume()

    def set_volume(self, volume: float) -> None:
        """Sets its player's own volume."""
        if self._player is not None:
            self._player.set_volume(volume)

    async def settle(self) -> bool:
        """See :class:`FaceApp`."""
        await self._handler.settled()
        return await super().settle()

    async def close(self) -> None:
        """See :class:`FaceApp`."""
        await self.session.close()

    async def _ask(self) -> str:
        await self.session.configure(recipe(self.kind.one_api))
        return "granted" if await self.session.set_active(True) else "denied"

    async def _change(self) -> str:
        try:
            await self.session.configure(recipe(self.kind.one_api))
        except AudioSessionError:
            return "refused"
        return "done"

    async def _leave(self) -> None:
        await self.session.set_active(False)

    def _interruption(self, event: AudioInterruptionEvent) -> None:
        type = event.type.value + (" by the system" if event.system_ducked else "")
        may = ", resume" if event.should_resume else ""
        self._hear(f"{'begin' if event.begin else 'end'} {type}{may}")


class AppleApp(FaceApp):
    """An app with AVAudioSession; ``began`` stops its player, as the system does anyway."""

    def __init__(self, host: Host, kind: str, player: Callable[[], Player]) -> None:
        super().__init__(host, kind, player)
        self.session = AVAudioSession.of(AudioSession(host))
        name = AVAudioSessionNotificationName.INTERRUPTION
        self._token = NotificationCenter.default().add_observer(name, self._told, self.session)

    async def close(self) -> None:
        """See :class:`FaceApp`."""
        self.deaf()
        await self.session.audio_session.close()

    def deaf(self) -> None:
        """Hears no more."""
        NotificationCenter.default().remove_observer(self._token)

    async def _ask(self) -> str:
        if await self._change() == "refused":
            return "denied"
        try:
            await self.session.set_active(True)
        except NSError:
            return "denied"
        return "granted"

    async def _change(self) -> str:
        assert self.kind.apple is not None
        category, mode, options = self.kind.apple
        try:
            await self.session.set_category(category, mode=mode, options=options)
        except NSError:
            return "refused"
        return "done"

    async def _leave(self) -> None:
        options = AVAudioSessionSetActiveOptions.NOTIFY_OTHERS_ON_DEACTIVATION
        await self.session.set_active(False, options=options)

    def _told(self, said: Notification) -> None:
        info, key = said.user_info, AVAudioSessionUserInfoKey
        if info[key.INTERRUPTION_TYPE] is AVAudioSessionInterruptionType.BEGAN:
            self._hear("began")
            if self._player is not None:
                self._player.pause()
            return
        resume = AVAudioSessionInterruptionOptions.SHOULD_RESUME in info[key.INTERRUPTION_OPTION]
        self._hear("ended, resume" if resume else "ended")
        if resume and self._player is not None:
            self._ahead.append(self._again)

    async def _again(self) -> None:
        try:
            await self.session.set_active(True)
        except NSError:
            return
        if self._player is not None:
            self._player.resume()


class AndroidApp(FaceApp):
    """An app with AudioManager and one listener."""

    def __init__(self, host: Host, kind: str, player: Callable[[], Player]) -> None:
        super().__init__(host, kind, player)
        self.manager = AudioManager(host)
        self._request: AudioFocusRequest | None = None

    async def close(self) -> None:
        """See :class:`FaceApp`."""
        await self.manager.close()

    async def _ask(self) -> str:
        assert self.kind.android is not None
        gain, usage, content = self.kind.android
        attributes = AudioAttributes.Builder().set_usage(usage).set_content_type(content).build()
        builder = AudioFocusRequest.Builder(gain).set_audio_attributes(attributes)
        builder.set_on_audio_focus_change_listener(self._changed)
        builder.set_will_pause_when_ducked(self.kind.pauses)
        builder.set_accepts_delayed_focus_gain(self.kind.patient)
        self._request = builder.build()
        answer = await self.manager.request_audio_focus(self._request)
        return {"FAILED": "denied"}.get(answer.name, answer.name.lower())

    async def _leave(self) -> None:
        if self._request is not None:
            await self.manager.abandon_audio_focus_request(self._request)

    def _lost(self, news: list[str]) -> bool:
        return bool(news) and news[-1] != AndroidAudioFocus.GAIN.name

    def _changed(self, change: AndroidAudioFocus) -> None:
        self._hear(change.name)
        if change is AndroidAudioFocus.GAIN and self._player is None:
            self._play()
        player = self._player
        if player is None:
            return
        if change is AndroidAudioFocus.GAIN:
            player.set_volume(1.0)
            player.resume()
        elif change is AndroidAudioFocus.LOSS_TRANSIENT_CAN_DUCK and not self.kind.pauses:
            player.set_volume(LOWERED)
        else:
            player.pause()


class WebApp(FaceApp):
    """A page with one element, whose browser plays it."""

    def __init__(self, host: Host, kind: str, player: Callable[[], Player]) -> None:
        super().__init__(host, kind, player)
        self.page = Page(host)
        self.session = self.page.window.audio_session
        self.session.onstatechange = self._changed
        self._elements: list[Element] = []

    async def settle(self) -> bool:
        """See :class:`FaceApp`."""
        await self.page.settled()
        return await super().settle()

    async def close(self) -> None:
        """See :class:`FaceApp`."""
        await self.page.close()

    async def _ask(self) -> str:
        self.session.type = self.kind.web
        if not self._elements:
            await self._open()
        for element in self._elements:
            if isinstance(element, MediaElement):
                element.pause()
                element.play()
        await self.page.settled()
        return "granted" if self.session.state == "active" else "denied"

    async def _open(self) -> None:
        window = self.page.window
        self._elements.append(MediaElement(window, on_suspend=self._still, on_resume=self._go_on))
        if self.kind.web == "play-and-record":
            self._elements += (await window.get_user_media(audio=True)).audio_tracks

    async def _change(self) -> str:
        self.session.type = self.kind.web
        await self.page.settled()
        return "done"

    async def _leave(self) -> None:
        for element in self._elements:
            if isinstance(element, MediaElement):
                element.pause()
            else:
                element.remove()
        self._elements = [each for each in self._elements if isinstance(each, MediaElement)]
        await self.page.settled()

    def _changed(self, event: Event) -> None:
        self._hear(str(self.session.state))
        if self.session.state == "inactive":
            # Who took its place does not give it back: the element stands still for good.
            for element in self._elements:
                if isinstance(element, MediaElement):
                    element.pause()
            self._still()

    def _still(self) -> None:
        if self._player is not None:
            self._player.pause()

    def _go_on(self) -> None:
        if self._player is not None:
            self._player.resume()


_APPS: dict[Hashable, Any] = {
    "one_api": OneApiApp,
    "apple": AppleApp,
    "android": AndroidApp,
    "web": WebApp,
}


def face_app(face: str, host: Host, kind: str, player: Callable[[], Player]) -> FaceApp:
    """An app with that face, of :data:`FACES`."""
    app: FaceApp = _APPS[face](host, kind, player)
    return app
