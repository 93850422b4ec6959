"""A stand-in for the phone behind the bridge, which a test works with its own hands.

It does what is told of AVAudioSession and its ports in the simplest way: what was set can be
read, one output and one input are in use, the last that came first. Everything else a test
scripts: refusals, interruptions, the loss of the media services. Notifications are posted from
a thread of the phone's own, as some are on a real one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .fake_objc import FakeObjC, NativeClass, NativeError, NativeObject, text_of

_Info = dict[str, Any]

RECORDS = ("Record", "PlayAndRecord", "MultiRoute")


class NativePort(NativeObject):
    """A port of the phone; a test may give it more of what its class declares."""

    objc_class = "AVAudioSessionPortDescription"

    channels: Any = None
    dataSources: Any = None
    selectedDataSource: Any = None
    preferredDataSource: Any = None
    hasHardwareVoiceCallProcessing = False
    spatialAudioEnabled = False
    bluetoothMicrophoneExtension: Any = None

    def __init__(self, type: str, uid: str, name: str, **members: Any) -> None:
        self.UID = uid
        self.portName = name
        self.portType = text_of(f"AVAudioSessionPort{type}")
        self.__dict__.update(members)


class NativeRoute(NativeObject):
    objc_class = "AVAudioSessionRouteDescription"

    def __init__(self, inputs: list[NativePort], outputs: list[NativePort]) -> None:
        self.inputs = inputs
        self.outputs = outputs


def built_in_speaker() -> NativePort:
    return NativePort("BuiltInSpeaker", "Speaker", "Speaker")


def built_in_microphone() -> NativePort:
    return NativePort("BuiltInMic", "Built-In Microphone", "iPhone Microphone")


def headphones() -> NativePort:
    return NativePort("Headphones", "Wired Headphones", "Headphones")


class NativeSession(NativeObject):
    """The one AVAudioSession of an app.

    Args:
        objc: The bridge's double, which is given this session.
    """

    objc_class = "AVAudioSession"

    IOBufferDuration = 0.02
    inputGain = 0.5
    inputGainSettable = True
    inputLatency = 0.01
    inputNumberOfChannels = 1
    isMicrophoneInjectionAvailable = True
    maximumInputNumberOfChannels = 1
    maximumOutputNumberOfChannels = 2
    otherAudioPlaying = False
    outputLatency = 0.02
    outputNumberOfChannels = 2
    outputVolume = 0.5
    preferredInput: Any = None
    promptStyle = 0x6E726D6C
    renderingMode = 0
    sampleRate = 48_000.0
    secondaryAudioShouldBeSilencedHint = False

    def __init__(self, objc: FakeObjC) -> None:
        self.objc = objc
        self.calls: list[tuple[Any, ...]] = []
        """What was called, with the method's name first."""
        self.answers: dict[str, list[Callable[[], None] | None]] = {}
        """What the next calls of a method do first; see :meth:`refuse`."""
        self.ends: dict[str, list[Callable[[], None]]] = {}
        """What the next calls of a method do last; see :meth:`then`."""
        self.active = False
        self.category = text_of("AVAudioSessionCategorySoloAmbient")
        self.mode = text_of("AVAudioSessionModeDefault")
        self.routeSharingPolicy = 0
        self.categoryOptions = 0
        self.there: list[NativePort] = [built_in_speaker(), built_in_microphone()]
        """Outputs and inputs there are, the last that came last."""
        self.offered: list[NativePort] | None = None
        """The inputs to choose from, where they are not those there are."""
        self.info: dict[str, str] = {"CFBundleName": "app"}
        """What is in the app's Info.plist."""
        objc.classes["AVAudioSession"] = NativeClass("AVAudioSession", sharedInstance=lambda: self)
        objc.classes["NSBundle"] = NativeClass("NSBundle", mainBundle=_Bundle(self))

    # -- what a test does --------------------------------------------------------------------

    def refuse(self, method: str, code: int, times: int = 1) -> None:
        """Has the next calls of a method answer with an NSError."""

        def no() -> None:
            raise NativeError(code)

        self.answers.setdefault(method, []).extend([no] * times)

    def first(self, method: str, do: Callable[[], None]) -> None:
        """Has the next call of a method do something before anything else."""
        self.answers.setdefault(method, []).append(do)

    def then(self, method: str, do: Callable[[], None]) -> None:
        """Has the next call of a method that is not refused do something before it returns."""
        self.ends.setdefault(method, []).append(do)

    def called(self, method: str) -> list[list[Any]]:
        """The arguments of all calls of a method."""
        return [list(args) for name, *args in self.calls if name == method]

    def post(self, name: str, info: _Info | None = None) -> None:
        """Posts a notification of the session; returns when everybody was told.

        Args:
            name: The constant's name without ``AVAudioSession`` and ``Notification``.
            info: What comes along, by the names of the keys, shortened likewise.
        """
        self.objc.post(
            f"AVAudioSession{name}Notification",
            self,
            {f"AVAudioSession{key}Key": value for key, value in (info or {}).items()},
        )

    def interrupt(self, **info: Any) -> None:
        """Somebody else takes the audio; what comes along besides the type is given."""
        self.active = False
        self.post("Interruption", {"InterruptionType": 1} | info)

    def end_interruption(self, *, resume: bool) -> None:
        """They are done."""
        self.post("Interruption", {"InterruptionType": 0, "InterruptionOption": int(resume)})

    def lose_media_services(self) -> None:
        self.active = False
        self.post("MediaServicesWereLost")

    def reset_media_services(self) -> None:
        before = self.currentRoute
        self.category = text_of("AVAudioSessionCategorySoloAmbient")
        self.mode = text_of("AVAudioSessionModeDefault")
        self.categoryOptions = self.routeSharingPolicy = 0
        self.post("MediaServicesWereReset")
        self._moved(before, 3)

    def plug(self, port: NativePort) -> None:
        """Something comes, and takes the sound."""
        before = self.currentRoute
        self.there.append(port)
        self._moved(before, 1)

    def unplug(self, port: NativePort) -> None:
        """It goes."""
        before = self.currentRoute
        self.there = [each for each in self.there if each.UID != port.UID]
        self._moved(before, 2)

    # -- what the class declares -------------------------------------------------------------

    @property
    def currentRoute(self) -> NativeRoute:
        inputs = self._inputs() if self._records() else []
        return NativeRoute(inputs[-1:], self._outputs()[-1:])

    @property
    def availableInputs(self) -> list[NativePort] | None:
        inputs = self._inputs() if self.offered is None else self.offered
        return inputs if self._records() else None

    @property
    def inputAvailable(self) -> bool:
        return bool(self._inputs())

    def setCategoryModeRouteSharingPolicyOptionsError(
        self, category: str, mode: str, policy: int, options: int
    ) -> None:
        self._called("setCategory", category, mode, policy, options)
        self.routeSharingPolicy = policy
        self._set(category, mode, options)

    def setCategoryModeOptionsError(self, category: str, mode: str, options: int) -> None:
        self._called("setCategory", category, mode, options)
        self._set(category, mode, options)

    def setActiveWithOptionsError(self, active: bool, options: int) -> None:
        self._called("setActive", active, options)
        self.active = active
        self._done("setActive")

    # -- inside ------------------------------------------------------------------------------

    def _called(self, method: str, *args: Any) -> None:
        self.calls.append((method, *args))
        waiting = self.answers.get(method)
        if waiting and (do := waiting.pop(0)) is not None:
            do()

    def _done(self, method: str) -> None:
        if waiting := self.ends.get(method):
            waiting.pop(0)()

    def _set(self, category: str, mode: str, options: int) -> None:
        before = self.currentRoute
        self.category, self.mode, self.categoryOptions = category, mode, options
        self._moved(before, 3)

    def _records(self) -> bool:
        return self.category in [text_of(f"AVAudioSessionCategory{each}") for each in RECORDS]

    def _outputs(self) -> list[NativePort]:
        return [port for port in self.there if _goes_out(port)]

    def _inputs(self) -> list[NativePort]:
        return [port for port in self.there if _goes_in(port)]

    def _moved(self, before: NativeRoute, reason: int) -> None:
        """Tells that the route is another one, where it is."""
        now = self.currentRoute
        if _uids(before) != _uids(now):
            self.post(
                "RouteChange",
                {"RouteChangeReason": reason, "RouteChangePreviousRoute": before},
            )


class _Bundle(NativeObject):
    objc_class = "NSBundle"

    def __init__(self, session: NativeSession) -> None:
        self._session = session

    def objectForInfoDictionaryKey(self, key: str) -> str | None:
        return self._session.info.get(key)


_BOTH = ("BluetoothHFP", "USBAudio", "CarAudio")
_IN = ("BuiltInMic", "HeadsetMic", "LineIn", *_BOTH)


def _kind(port: NativePort) -> str:
    return port.portType.removeprefix(text_of("AVAudioSessionPort"))


def _goes_in(port: NativePort) -> bool:
    return _kind(port) in _IN


def _goes_out(port: NativePort) -> bool:
    return _kind(port) not in _IN or _kind(port) in _BOTH


def _uids(route: NativeRoute) -> tuple[list[str], list[str]]:
    return [port.UID for port in route.inputs], [port.UID for port in route.outputs]


def phone(*version: int) -> tuple[FakeObjC, NativeSession]:
    """A phone of that system; of iOS 26.0 by default."""
    major, minor = version or (26, 0)
    objc = FakeObjC((major, minor))
    return objc, NativeSession(objc)
