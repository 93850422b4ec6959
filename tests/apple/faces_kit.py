"""The three faces of one session, each as a driver that plays the steps of an app.

What an app hears is kept in :attr:`Face.news`, in words that all faces share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from ctypes import byref, c_uint32, sizeof
from typing import Any, Protocol

from audiosession import AudioSession, AudioSessionConfiguration
from audiosession.apple import (
    AVAudioSession,
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionInterruptionOptions,
    AVAudioSessionInterruptionType,
    AVAudioSessionMode,
    AVAudioSessionNotificationName,
    AVAudioSessionPort,
    AVAudioSessionPortOverride,
    AVAudioSessionRouteChangeReason,
    AVAudioSessionSetActiveOptions,
    AVAudioSessionUserInfoKey,
    Notification,
    NotificationCenter,
    NSError,
)
from audiosession.apple import audio_session_services as c
from audiosession.errors import DeniedError, HostUnavailableError, IllegalCombinationError
from audiosession.interruptions import AudioInterruptionEvent

Category = AVAudioSessionCategory
Mode = AVAudioSessionMode
Options = AVAudioSessionCategoryOptions
Reason = AVAudioSessionRouteChangeReason
_Name = AVAudioSessionNotificationName
_Key = AVAudioSessionUserInfoKey

BEGAN, ENDED, RESUME = "began", "ended", "ended, resume"
LOST, RESET = "media services lost", "media services reset"


class NoWordError(Exception):
    """The face has no word for what a step asks."""


def reason_words(reason: Reason) -> str:
    """A reason of a route change, as outcomes have it."""
    return "route: " + reason.name.lower().replace("_", " ")


def configuration(words: list[str]) -> AudioSessionConfiguration:
    """The configuration that a step's words ask for."""
    category = AVAudioSessionCategory[words[0].upper()]
    mode, options = Mode.DEFAULT, Options.NONE
    for word in words[1:]:
        if word.startswith("mode="):
            mode = AVAudioSessionMode[word.removeprefix("mode=").upper()]
        else:
            options |= AVAudioSessionCategoryOptions[word.upper()]
    return AudioSessionConfiguration(
        av_audio_session_category=category,
        av_audio_session_mode=mode,
        av_audio_session_category_options=options,
    )


def notifying(words: list[str]) -> AVAudioSessionSetActiveOptions:
    """What a step's words say about others at a deactivation."""
    options = AVAudioSessionSetActiveOptions
    return options.NOTIFY_OTHERS_ON_DEACTIVATION if "notify" in words else options.NONE


class Face(Protocol):
    """One face of the session of the app under test."""

    news: list[str]
    """What the app was told, in order."""

    async def sets(self, words: list[str]) -> str:
        """Sets category, mode and options."""

    async def activates(self) -> str:
        """Activates."""

    async def deactivates(self, words: list[str]) -> str:
        """Deactivates."""

    async def overrides(self, words: list[str]) -> str:
        """Overrides the output."""

    def route(self) -> str | None:
        """Where sound comes out and goes in; ``None``: the face has no word for it."""

    def close(self) -> None:
        """Hears no more."""


class OneApi:
    """The one API."""

    def __init__(self, session: AudioSession) -> None:
        self.news: list[str] = []
        self._session = session
        self._listening = (
            session.interruption_event_stream.listen(self._interruption),
            session.becoming_noisy_event_stream.listen(self._noisy),
        )

    async def sets(self, words: list[str]) -> str:
        """See :class:`Face`."""
        try:
            await self._session.configure(configuration(words))
        except (DeniedError, IllegalCombinationError, HostUnavailableError):
            return "refused"
        return "done"

    async def activates(self) -> str:
        """See :class:`Face`."""
        try:
            return "granted" if await self._session.set_active(True) else "denied"
        except HostUnavailableError:
            return "denied"

    async def deactivates(self, words: list[str]) -> str:
        """See :class:`Face`."""
        done = await self._session.set_active(
            False, av_audio_session_set_active_options=notifying(words)
        )
        return "done" if done else "refused"

    async def overrides(self, words: list[str]) -> str:
        """It has none."""
        raise NoWordError

    def route(self) -> str | None:
        """It tells of none."""
        return None

    def close(self) -> None:
        """See :class:`Face`."""
        for each in self._listening:
            each.cancel()

    def _interruption(self, event: AudioInterruptionEvent) -> None:
        self.news.append(BEGAN if event.begin else RESUME if event.should_resume else ENDED)

    def _noisy(self, _: None) -> None:
        self.news.append(reason_words(Reason.OLD_DEVICE_UNAVAILABLE))


_PORTS: Mapping[AVAudioSessionPort, str] = {
    AVAudioSessionPort.BUILT_IN_SPEAKER: "speaker",
    AVAudioSessionPort.BUILT_IN_RECEIVER: "receiver",
    AVAudioSessionPort.BUILT_IN_MIC: "microphone",
    AVAudioSessionPort.HEADPHONES: "headphones",
    AVAudioSessionPort.HEADSET_MIC: "headset microphone",
    AVAudioSessionPort.BLUETOOTH_A2DP: "a2dp",
    AVAudioSessionPort.BLUETOOTH_HFP: "hfp",
    AVAudioSessionPort.HDMI: "hdmi",
}


class AppleFace:
    """AVAudioSession."""

    def __init__(self, session: AudioSession) -> None:
        self.news: list[str] = []
        self._session = AVAudioSession.of(session)
        # Only from its first use on does a device tell it anything.
        self._routes = self.route() is not None
        self._token = NotificationCenter.default().add_observer(None, self._hear, self._session)

    async def sets(self, words: list[str]) -> str:
        """See :class:`Face`."""
        asked = configuration(words)
        assert asked.av_audio_session_category is not None
        return await _tried(
            self._session.set_category(
                asked.av_audio_session_category,
                mode=asked.av_audio_session_mode,
                options=asked.av_audio_session_category_options,
            )
        )

    async def activates(self) -> str:
        """See :class:`Face`."""
        done = await _tried(self._session.set_active(True))
        return "granted" if done == "done" else "denied"

    async def deactivates(self, words: list[str]) -> str:
        """See :class:`Face`."""
        return await _tried(self._session.set_active(False, options=notifying(words)))

    async def overrides(self, words: list[str]) -> str:
        """See :class:`Face`."""
        override = AVAudioSessionPortOverride
        return await _tried(
            self._session.override_output_audio_port(
                override.NONE if "none" in words else override.SPEAKER
            )
        )

    def route(self) -> str | None:
        """See :class:`Face`."""
        if self._session._device is None:
            return None
        found = self._session.current_route
        return route_words(
            [_PORTS[port.port_type] for port in found.outputs],
            [_PORTS[port.port_type] for port in found.inputs],
        )

    def close(self) -> None:
        """See :class:`Face`."""
        NotificationCenter.default().remove_observer(self._token)

    def _hear(self, said: Notification) -> None:
        info = said.user_info
        if said.name == _Name.INTERRUPTION:
            if info[_Key.INTERRUPTION_TYPE] is AVAudioSessionInterruptionType.BEGAN:
                self.news.append(BEGAN)
            else:
                resume = AVAudioSessionInterruptionOptions.SHOULD_RESUME
                self.news.append(RESUME if resume in info[_Key.INTERRUPTION_OPTION] else ENDED)
        elif said.name == _Name.ROUTE_CHANGE:
            self.news.append(reason_words(info[_Key.ROUTE_CHANGE_REASON]))
        elif said.name == _Name.MEDIA_SERVICES_WERE_LOST:
            self.news.append(LOST)
        elif said.name == _Name.MEDIA_SERVICES_WERE_RESET:
            self.news.append(RESET)


async def _tried(call: Any) -> str:
    try:
        await call
    except NSError:
        return "refused"
    return "done"


def route_words(outputs: list[str], inputs: list[str]) -> str:
    """A route in the words of outcomes."""
    return "to " + " + ".join(outputs or ["nothing"]) + "".join(f", from {one}" for one in inputs)


_C_CATEGORIES = {
    Category.AMBIENT: c.kAudioSessionCategory_AmbientSound,
    Category.SOLO_AMBIENT: c.kAudioSessionCategory_SoloAmbientSound,
    Category.PLAYBACK: c.kAudioSessionCategory_MediaPlayback,
    Category.RECORD: c.kAudioSessionCategory_RecordAudio,
    Category.PLAY_AND_RECORD: c.kAudioSessionCategory_PlayAndRecord,
}
_C_MODES = {
    Mode.DEFAULT: c.kAudioSessionMode_Default,
    Mode.VOICE_CHAT: c.kAudioSessionMode_VoiceChat,
    Mode.VIDEO_RECORDING: c.kAudioSessionMode_VideoRecording,
    Mode.MEASUREMENT: c.kAudioSessionMode_Measurement,
}
_C_OPTIONS = {
    Options.MIX_WITH_OTHERS: c.kAudioSessionProperty_OverrideCategoryMixWithOthers,
    Options.DUCK_OTHERS: c.kAudioSessionProperty_OtherMixableAudioShouldDuck,
    Options.DEFAULT_TO_SPEAKER: c.kAudioSessionProperty_OverrideCategoryDefaultToSpeaker,
    Options.ALLOW_BLUETOOTH_HFP: c.kAudioSessionProperty_OverrideCategoryEnableBluetoothInput,
}
_C_PORTS = {
    c.kAudioSessionOutputRoute_BuiltInSpeaker: "speaker",
    c.kAudioSessionOutputRoute_BuiltInReceiver: "receiver",
    c.kAudioSessionInputRoute_BuiltInMic: "microphone",
    c.kAudioSessionOutputRoute_Headphones: "headphones",
    c.kAudioSessionInputRoute_HeadsetMic: "headset microphone",
    c.kAudioSessionOutputRoute_BluetoothA2DP: "a2dp",
    c.kAudioSessionOutputRoute_BluetoothHFP: "hfp",
    c.kAudioSessionInputRoute_BluetoothHFP: "hfp",
    c.kAudioSessionOutputRoute_HDMI: "hdmi",
}
_C_ENDS = {
    c.kAudioSessionInterruptionType_ShouldResume: RESUME,
    c.kAudioSessionInterruptionType_ShouldNotResume: ENDED,
}
_NO_ERROR = c.kAudioSessionNoError

Run = Callable[[Callable[[], Any]], Any]


class CApi:
    """Audio Session Services.

    Args:
        session: The session.
        blocking: Carries out what blocks; an awaitable of its answer comes back.
    """

    def __init__(self, session: AudioSession, blocking: Run | None = None) -> None:
        self.news: list[str] = []
        self._blocking = blocking
        self._used: AbstractContextManager[object] = c.use(session)
        self._used.__enter__()

    async def begins(self) -> None:
        """Initialises, and listens to all it can hear."""

        def begin() -> None:
            assert c.AudioSessionInitialize(None, None, self._interruption, None) == _NO_ERROR
            for id in (
                c.kAudioSessionProperty_AudioRouteChange,
                c.kAudioSessionProperty_ServerDied,
            ):
                assert c.AudioSessionAddPropertyListener(id, self._changed, None) == _NO_ERROR

        await self._run(begin)

    async def sets(self, words: list[str]) -> str:
        """See :class:`Face`: the category, then the mode, then what overrides the category."""
        asked = configuration(words)
        category, mode = asked.av_audio_session_category, asked.av_audio_session_mode
        options = asked.av_audio_session_category_options
        assert category is not None
        assert mode is not None
        assert options is not None
        if category not in _C_CATEGORIES or mode not in _C_MODES:
            raise NoWordError
        # What overrides a category comes in this order.
        named = [option for option in _C_OPTIONS if option in options]
        if Options(sum(named)) != options:
            raise NoWordError
        puts = [(c.kAudioSessionProperty_AudioCategory, _C_CATEGORIES[category])]
        if mode is not Mode.DEFAULT:
            puts.append((c.kAudioSessionProperty_Mode, _C_MODES[mode]))
        puts += [(_C_OPTIONS[option], 1) for option in named]

        def put() -> str:
            return "done" if all(_put(*each) == _NO_ERROR for each in puts) else "refused"

        return str(await self._run(put))

    async def activates(self) -> str:
        """See :class:`Face`."""
        status = await self._run(lambda: c.AudioSessionSetActive(True))
        return "granted" if status == _NO_ERROR else "denied"

    async def deactivates(self, words: list[str]) -> str:
        """See :class:`Face`."""
        flags = int(notifying(words))
        status = await self._run(lambda: c.AudioSessionSetActiveWithFlags(False, flags))
        return "done" if status == _NO_ERROR else "refused"

    async def overrides(self, words: list[str]) -> str:
        """See :class:`Face`."""
        value = (
            c.kAudioSessionOverrideAudioRoute_None
            if "none" in words
            else c.kAudioSessionOverrideAudioRoute_Speaker
        )
        status = await self._run(lambda: _put(c.kAudioSessionProperty_OverrideAudioRoute, value))
        return "done" if status == _NO_ERROR else "refused"

    def route(self) -> str | None:
        """See :class:`Face`."""
        cell = c.CFRef()
        size = c_uint32(sizeof(cell))
        status = c.AudioSessionGetProperty(
            c.kAudioSessionProperty_AudioRouteDescription, byref(size), byref(cell)
        )
        if status != _NO_ERROR:
            return None
        kinds = [
            [_C_PORTS[port[c.kAudioSession_AudioRouteKey_Type]] for port in cell.value[key]]
            for key in (c.kAudioSession_AudioRouteKey_Outputs, c.kAudioSession_AudioRouteKey_Inputs)
        ]
        return route_words(*kinds)

    def close(self) -> None:
        """See :class:`Face`."""
        self._used.__exit__(None, None, None)

    async def _run(self, call: Callable[[], Any]) -> Any:
        return call() if self._blocking is None else await self._blocking(call)

    def _interruption(self, _: object, state: int) -> None:
        if state == c.kAudioSessionBeginInterruption:
            self.news.append(BEGAN)
            return
        kind = c_uint32()
        size = c_uint32(sizeof(kind))
        id = c.kAudioSessionProperty_InterruptionType
        assert c.AudioSessionGetProperty(id, byref(size), byref(kind)) == _NO_ERROR
        self.news.append(_C_ENDS[kind.value])

    def _changed(self, _: object, id: int, size: int, value: Any) -> None:
        if id == c.kAudioSessionProperty_AudioRouteChange:
            reason = value[c.kAudioSession_RouteChangeKey_Reason]
            self.news.append(reason_words(Reason(reason)))
        else:
            self.news.append(LOST if value.value else RESET)


def _put(id: int, value: int) -> int:
    cell = c_uint32(value)
    return c.AudioSessionSetProperty(id, sizeof(cell), byref(cell))


async def face_of(name: str, session: AudioSession, blocking: Run | None = None) -> Face:
    """The face by that name, of a session in which nothing has happened yet."""
    if name == "one API":
        await session
        return OneApi(session)
    if name == "AVAudioSession":
        await session
        return AppleFace(session)
    face = CApi(session, blocking)
    try:
        await face.begins()
    except BaseException:
        face.close()
        raise
    return face
