"""A recorder in the style of 2011: Audio Session Services, C names and all.

Written as such apps were: one object that is the client data of every listener, a function
that checks each status, numbers in cells. It records or plays a memo, goes to the loudspeaker
when nobody wears headphones, stops for an interruption and goes on afterwards if it may.

Run it with `python examples/recorder_c_style/recorder.py`, and start music or a call meanwhile.
"""

from __future__ import annotations

import sys
from ctypes import byref, c_uint32, sizeof
from enum import Enum
from typing import Any, Protocol

from audiosession.apple.audio_session_services import (
    AudioSessionAddPropertyListener,
    AudioSessionGetProperty,
    AudioSessionInitialize,
    AudioSessionSetActive,
    AudioSessionSetActiveWithFlags,
    AudioSessionSetProperty,
    CFRef,
    kAudioSession_RouteChangeKey_Reason,
    kAudioSessionBeginInterruption,
    kAudioSessionCategory_PlayAndRecord,
    kAudioSessionEndInterruption,
    kAudioSessionInterruptionType_ShouldResume,
    kAudioSessionNoError,
    kAudioSessionOverrideAudioRoute_Speaker,
    kAudioSessionProperty_AudioCategory,
    kAudioSessionProperty_AudioRoute,
    kAudioSessionProperty_AudioRouteChange,
    kAudioSessionProperty_InterruptionType,
    kAudioSessionProperty_OverrideAudioRoute,
    kAudioSessionRouteChangeReason_NewDeviceAvailable,
    kAudioSessionRouteChangeReason_OldDeviceUnavailable,
    kAudioSessionSetActiveFlag_NotifyOthersOnDeactivation,
    kAudioSessionUnsupportedPropertyError,
)
from audiosession.apple.fourcc import fourcc_text


class State(Enum):
    IDLE = "idle"
    RECORDING = "recording"
    PLAYING = "playing"


class Engine(Protocol):
    """What moves the sound, as an audio queue did."""

    def start(self, recording: bool) -> None: ...

    def stop(self) -> None: ...


class Printer:
    """Says what it would do."""

    def start(self, recording: bool) -> None:
        print("recording" if recording else "playing")

    def stop(self) -> None:
        print("stopped")


class SessionError(Exception):
    """A status that was not 0."""


def CheckError(status: int, operation: str) -> None:
    if status != kAudioSessionNoError:
        raise SessionError(f"{operation}: {fourcc_text(status) or status}")


class Recorder:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.state = State.IDLE
        self.interruptedState = State.IDLE
        self.routeWord = ""
        self.log: list[str] = []

    def setUp(self, inRunLoop: Any = None) -> None:
        CheckError(
            AudioSessionInitialize(inRunLoop, None, InterruptionListener, self),
            "couldn't initialize the audio session",
        )
        category = c_uint32(kAudioSessionCategory_PlayAndRecord)
        CheckError(
            AudioSessionSetProperty(
                kAudioSessionProperty_AudioCategory, sizeof(category), byref(category)
            ),
            "couldn't set the category",
        )
        CheckError(
            AudioSessionAddPropertyListener(
                kAudioSessionProperty_AudioRouteChange, PropertyListener, self
            ),
            "couldn't add the route listener",
        )

    def start(self, state: State) -> None:
        CheckError(AudioSessionSetActive(True), "couldn't activate the audio session")
        self.useSpeakerWhereThereAreNoHeadphones()
        self.state = state
        self.engine.start(state is State.RECORDING)

    def stop(self) -> None:
        self.halt()
        self.interruptedState = State.IDLE
        CheckError(
            AudioSessionSetActiveWithFlags(
                False, kAudioSessionSetActiveFlag_NotifyOthersOnDeactivation
            ),
            "couldn't deactivate the audio session",
        )

    def halt(self) -> None:
        if self.state is not State.IDLE:
            self.state = State.IDLE
            self.engine.stop()

    def useSpeakerWhereThereAreNoHeadphones(self) -> None:
        route = CFRef()
        size = c_uint32(sizeof(route))
        status = AudioSessionGetProperty(
            kAudioSessionProperty_AudioRoute, byref(size), byref(route)
        )
        # A machine that knows no routes has no earpiece either.
        if status == kAudioSessionUnsupportedPropertyError:
            return
        CheckError(status, "couldn't read the route")
        self.routeWord = route.value
        if self.routeWord.startswith("Receiver"):
            override = c_uint32(kAudioSessionOverrideAudioRoute_Speaker)
            CheckError(
                AudioSessionSetProperty(
                    kAudioSessionProperty_OverrideAudioRoute, sizeof(override), byref(override)
                ),
                "couldn't override the route",
            )


def InterruptionListener(inClientData: Recorder, inInterruptionState: int) -> None:
    THIS = inClientData
    if inInterruptionState == kAudioSessionBeginInterruption:
        THIS.log.append("begin")
        THIS.interruptedState = THIS.state
        THIS.halt()
    elif inInterruptionState == kAudioSessionEndInterruption:
        type = c_uint32()
        size = c_uint32(sizeof(type))
        CheckError(
            AudioSessionGetProperty(
                kAudioSessionProperty_InterruptionType, byref(size), byref(type)
            ),
            "couldn't read the interruption type",
        )
        resume = type.value == kAudioSessionInterruptionType_ShouldResume
        THIS.log.append("end, resume" if resume else "end")
        if resume and THIS.interruptedState is not State.IDLE:
            THIS.start(THIS.interruptedState)
        THIS.interruptedState = State.IDLE


def PropertyListener(inClientData: Recorder, inID: int, inDataSize: int, inData: Any) -> None:
    THIS = inClientData
    if inID != kAudioSessionProperty_AudioRouteChange:
        return
    reason = inData[kAudioSession_RouteChangeKey_Reason]
    if reason == kAudioSessionRouteChangeReason_OldDeviceUnavailable:
        THIS.log.append("unplugged")
        # What was heard in private is not for everybody.
        if THIS.state is State.PLAYING:
            THIS.halt()
        THIS.useSpeakerWhereThereAreNoHeadphones()
    elif reason == kAudioSessionRouteChangeReason_NewDeviceAvailable:
        THIS.log.append("plugged")


def main() -> None:
    recorder = Recorder(Printer())
    recorder.setUp()
    print("r records, p plays, s stops, q ends it")
    for line in sys.stdin:
        match line.strip():
            case "r":
                recorder.start(State.RECORDING)
            case "p":
                recorder.start(State.PLAYING)
            case "s":
                recorder.stop()
            case "q":
                break


if __name__ == "__main__":
    main()
