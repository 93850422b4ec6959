"""A service without a service: reports made by hand, and a client that gives them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from typing import Any

from audiosession.core.codec import to_plain
from audiosession.errors import HostUnavailableError, HostUnavailableReason, UnknownNameError
from audiosession.service.report import (
    DecisionReport,
    EndpointReport,
    HoldReport,
    ServerReport,
    SessionReport,
    StatusReport,
    StreamReport,
    WhyReport,
)

HOLD = HoldReport(
    kind="duck",
    level_db=-14.0,
    by_session="s2",
    by_app="navigator",
    rule="long-form/ducker",
    because="Music goes on below a prompt.",
    since_s=3.24,
    how="level",
)
PAUSE = replace(
    HOLD,
    kind="pause",
    level_db=-120.0,
    rule="speech/ducker",
    because="Speech is not talked over: it waits until the prompt is said.",
    how="mpris",
    since_s=72.0,
)
MUSIC = StreamReport(
    id="pipewire:57",
    server="pipewire",
    app="mpv",
    title="A long evening with the quartet, second movement",
    pid=4711,
    direction="playback",
    playing=True,
    muted=False,
    audible=True,
    volumes=(0.512, 0.512),
    factor_db=-6.2,
    target_db=-14.0,
    endpoint="alsa_output.pci-0000_00_1f.3.analog-stereo/analog-output-speaker",
    session="s1",
    tied_by="rule mpv",
    rule_source="/home/anna/.config/audiosession/policy.toml:12",
    holds=(HOLD,),
)
METER = replace(
    MUSIC,
    id="pipewire:60",
    app="pavucontrol",
    title="Peak detect",
    direction="capture",
    volumes=(1.0,),
    factor_db=0.0,
    target_db=0.0,
    session="",
    tied_by="rule level meters",
    rule_source="rules.toml:8",
    holds=(),
)
PROMPT = replace(
    MUSIC,
    id="pipewire:63",
    app="espeak-ng",
    title="espeak-ng",
    pid=4720,
    volumes=(1.0,),
    factor_db=0.0,
    target_db=0.0,
    session="s2",
    tied_by="property",
    rule_source="",
    holds=(),
)
BOOK = replace(
    MUSIC,
    id="pipewire:70",
    app="VLC",
    title="Chapter 3",
    playing=False,
    audible=False,
    volumes=(0.125, 1.0),
    factor_db=0.0,
    target_db=0.0,
    session="s3",
    tied_by="process",
    rule_source="",
    holds=(PAUSE,),
)
SESSION = SessionReport(
    id="s1",
    app="mpv",
    pid=4711,
    adopted=True,
    role="music",
    press="stop",
    standing="ducked",
    gain_db=-14.0,
    holds=(HOLD,),
    holding=(),
    streams=("pipewire:57",),
)
NAVIGATOR = replace(
    SESSION,
    id="s2",
    app="navigator",
    pid=4720,
    adopted=False,
    role="prompt",
    press="duck",
    standing="active",
    gain_db=0.0,
    holds=(),
    holding=("s1", "s3"),
    streams=("pipewire:63",),
    route=("Speaker", "Micro\x1bphone"),
)
READER = replace(
    SESSION,
    id="s3",
    app="VLC",
    pid=99,
    role="speech",
    standing="interrupted",
    gain_db=0.0,
    holds=(PAUSE,),
    streams=("pipewire:70",),
)
STATUS = StatusReport(
    version="0.2.0",
    pid=812,
    uptime_s=7440.0,
    policy="default",
    rules="/home/anna/.config/audiosession/policy.toml",
    rule_errors=(),
    servers=(ServerReport(name="pipewire", up=True, detail="0.3.65"),),
    sessions=(SESSION, NAVIGATOR, READER),
    streams=(MUSIC, METER, PROMPT, BOOK),
)
EMPTY = replace(STATUS, sessions=(), streams=())
DECISIONS = tuple(
    DecisionReport(number=number, ago_s=ago, text=text, event={"type": "Activate"}, effects=())
    for number, ago, text in (
        (1, 5000.0, "mpv asks for the audio, as music: granted"),
        (2, 72.0, "navigator asks for the audio, as prompt: VLC is paused (speech/ducker)"),
        (3, 3.2, "navigator asks again: mpv is lowered to -14 dB (long-form/ducker)"),
    )
)
WHY = WhyReport(sessions=STATUS.sessions, streams=STATUS.streams, history=DECISIONS)
SPEAKER = EndpointReport(
    id="alsa_output.pci-0000_00_1f.3.analog-stereo/analog-output-speaker",
    name="Built-in Audio Analog Stereo: Speakers",
    direction="playback",
    type="builtInSpeaker",
    server="pipewire",
    available=True,
    active=True,
    default=True,
)
ENDPOINTS = (
    replace(
        SPEAKER,
        id="alsa_input.pci-0000_00_1f.3.analog-stereo/analog-input-mic",
        name="Built-in Audio Analog Stereo: Microphone",
        direction="capture",
        type="builtInMic",
    ),
    SPEAKER,
    replace(
        SPEAKER,
        id="alsa_output.pci-0000_00_1f.3.analog-stereo/analog-output-headphones",
        name="Built-in Audio Analog Stereo: Headphones",
        type="wiredHeadphones",
        available=False,
        active=False,
        default=False,
    ),
)


class FakeClient:
    """A service that always says the same."""

    def __init__(
        self,
        status: StatusReport = STATUS,
        why: WhyReport = WHY,
        endpoints: Iterable[EndpointReport] = ENDPOINTS,
        events: Iterable[dict[str, Any]] = (),
    ) -> None:
        self._status, self._why = status, why
        self._endpoints, self._events = tuple(endpoints), tuple(events)
        self.calls: list[str] = []
        self.closed = False

    async def status(self) -> dict[str, Any]:
        return self._plain(self._status)

    async def why(self, app: str | None) -> dict[str, Any]:
        self.calls.append(f"why {app}")
        if app is None:
            return self._plain(self._why)
        sessions = tuple(s for s in self._why.sessions if s.app == app)
        streams = tuple(s for s in self._why.streams if s.app == app)
        if not sessions and not streams:
            raise UnknownNameError("app", app, [s.app for s in self._why.sessions])
        return self._plain(WhyReport(sessions=sessions, streams=streams, history=()))

    async def endpoints(self) -> list[dict[str, Any]]:
        return [self._plain(endpoint) for endpoint in self._endpoints]

    async def reset(self) -> dict[str, Any]:
        self.calls.append("reset")
        return self._plain(EMPTY)

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        for event in self._events:
            yield event

    async def close(self) -> None:
        self.closed = True

    @staticmethod
    def _plain(value: object) -> dict[str, Any]:
        plain: dict[str, Any] = to_plain(value)
        return plain


def unavailable(reason: HostUnavailableReason) -> HostUnavailableError:
    return HostUnavailableError(reason, "as the test wants it")
