"""The members of the phone's classes that are used, each with the system that introduced it.

The numbers are those of AVAudioSession.h, AVAudioSessionRoute.h, AVAudioSessionDeprecated.h,
AVAudioChannelLayout.h and AVAudioApplication.h. A member of a system older than these say raises
:class:`~audiosession.errors.UnsupportedError`, and so does one that a system lacks for another
reason, as tvOS lacks inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, TypeVar

from ...errors import UnsupportedError
from .bridge import ObjCBridge, ObjCError
from .errors import as_ns_error

__all__ = [
    "APPLICATION",
    "DATA_SOURCE",
    "LAYOUT",
    "PORT",
    "SESSION",
    "Members",
    "Version",
    "member",
]

E = TypeVar("E", bound=Enum)

Version = tuple[int, int]

SESSION: Final[Mapping[str, Version]] = MappingProxyType(
    {
        # -- what is so
        "IOBufferDuration": (6, 0),
        "availableCategories": (9, 0),
        "availableInputs": (7, 0),
        "availableModes": (9, 0),
        "category": (3, 0),
        "currentRoute": (6, 0),
        "inputAvailable": (6, 0),
        "inputDataSource": (6, 0),
        "inputDataSources": (6, 0),
        "inputGain": (6, 0),
        "inputGainSettable": (6, 0),
        "inputLatency": (6, 0),
        "inputNumberOfChannels": (6, 0),
        "inputOrientation": (14, 0),
        "isEchoCancelledInputAvailable": (18, 2),
        "isEchoCancelledInputEnabled": (18, 2),
        "isMicrophoneInjectionAvailable": (18, 2),
        "maximumInputNumberOfChannels": (7, 0),
        "maximumOutputNumberOfChannels": (7, 0),
        "otherAudioPlaying": (6, 0),
        "outputDataSources": (6, 0),
        "outputLatency": (6, 0),
        "outputNumberOfChannels": (6, 0),
        "outputVolume": (6, 0),
        "preferredInput": (7, 0),
        "promptStyle": (13, 0),
        "recordPermission": (8, 0),
        "renderingMode": (17, 2),
        "sampleRate": (6, 0),
        "secondaryAudioShouldBeSilencedHint": (8, 0),
        "supportedOutputChannelLayouts": (17, 2),
        # -- what is asked for
        "overrideOutputAudioPort:error:": (6, 0),
        "prepareRouteSelectionForPlaybackWithCompletionHandler:": (13, 0),
        "requestRecordPermission:": (7, 0),
        "setAggregatedIOPreference:error:": (10, 0),
        "setAllowHapticsAndSystemSoundsDuringRecording:error:": (13, 0),
        "setInputGain:error:": (6, 0),
        "setOutputMuted:error:": (26, 0),
        "setPreferredIOBufferDuration:error:": (3, 0),
        "setPreferredInput:error:": (7, 0),
        "setPreferredInputNumberOfChannels:error:": (7, 0),
        "setPreferredInputOrientation:error:": (14, 0),
        "setPreferredMicrophoneInjectionMode:error:": (18, 2),
        "setPreferredOutputNumberOfChannels:error:": (7, 0),
        "setPreferredSampleRate:error:": (6, 0),
        "setPrefersEchoCancelledInput:error:": (18, 2),
        "setPrefersInterruptionOnRouteDisconnect:error:": (17, 0),
        "setPrefersNoInterruptionsFromSystemAlerts:error:": (14, 5),
        "setSupportsMultichannelContent:error:": (15, 0),
    }
)
"""Of AVAudioSession."""

APPLICATION: Final[Mapping[str, Version]] = MappingProxyType(
    {
        "sharedInstance": (17, 0),
        "microphoneInjectionPermission": (18, 2),
        "recordPermission": (17, 0),
        "requestMicrophoneInjectionPermissionWithCompletionHandler:": (18, 2),
        "requestRecordPermissionWithCompletionHandler:": (17, 0),
        "setInputMuted:error:": (17, 0),
    }
)
"""Of AVAudioApplication."""

PORT: Final[Mapping[str, Version]] = MappingProxyType(
    {
        "UID": (6, 0),
        "bluetoothMicrophoneExtension": (26, 0),
        "channels": (6, 0),
        "dataSources": (7, 0),
        "hasHardwareVoiceCallProcessing": (10, 0),
        "portName": (6, 0),
        "portType": (6, 0),
        "preferredDataSource": (7, 0),
        "selectedDataSource": (7, 0),
        "setPreferredDataSource:error:": (7, 0),
        "spatialAudioEnabled": (15, 0),
    }
)
"""Of AVAudioSessionPortDescription."""

DATA_SOURCE: Final[Mapping[str, Version]] = MappingProxyType(
    {
        "dataSourceID": (6, 0),
        "dataSourceName": (6, 0),
        "location": (7, 0),
        "orientation": (7, 0),
        "preferredPolarPattern": (7, 0),
        "selectedPolarPattern": (7, 0),
        "setPreferredPolarPattern:error:": (7, 0),
        "supportedPolarPatterns": (7, 0),
    }
)
"""Of AVAudioSessionDataSourceDescription."""

LAYOUT: Final[Mapping[str, Version]] = MappingProxyType({"layoutTag": (8, 0)})
"""Of AVAudioChannelLayout."""


class Members:
    """Reads and calls members of the phone's objects, where the system has them.

    Args:
        bridge: The way to the objects.
        session: Gives the app's AVAudioSession, once something of it is needed.
    """

    def __init__(self, bridge: ObjCBridge, session: Callable[[], object]) -> None:
        self.bridge = bridge
        self._session = session

    @property
    def session(self) -> object:
        """The app's AVAudioSession."""
        return self._session()

    @property
    def has_application(self) -> bool:
        """Whether the system has AVAudioApplication."""
        return self.bridge.system_version >= APPLICATION["sharedInstance"]

    @cached_property
    def application_class(self) -> object:
        """The class AVAudioApplication, which asks for permissions.

        Raises:
            UnsupportedError: before iOS 17.0.
        """
        self.check("AVAudioApplication", APPLICATION["sharedInstance"])
        return self.bridge.class_named("AVAudioApplication")

    @cached_property
    def application(self) -> object:
        """The app's AVAudioApplication.

        Raises:
            UnsupportedError: before iOS 17.0.
        """
        application: object = self.bridge.get(self.application_class, "sharedInstance")
        return application

    def check(self, name: str, since: Version) -> None:
        """Raises UnsupportedError on a system that is older than the member."""
        if self.bridge.system_version < since:
            raise _unsupported(name, since)

    def read(self, name: str) -> Any:
        """A property of the session.

        Raises:
            UnsupportedError: the system does not have it.
        """
        return self.of(self.session, name, SESSION)

    def of(self, receiver: object, name: str, table: Mapping[str, Version]) -> Any:
        """A property of an object, by the table of its class.

        Raises:
            UnsupportedError: the system does not have it.
        """
        return self._there(name, table, lambda: self.bridge.get(receiver, name))

    def of_or(
        self, receiver: object, name: str, table: Mapping[str, Version], otherwise: Any
    ) -> Any:
        """A property of an object, or something else where it or the property is missing."""
        try:
            value = self.of(receiver, name, table)
        except UnsupportedError:
            return otherwise
        return otherwise if value is None else value

    def tell(
        self, receiver: object, selector: str, table: Mapping[str, Version], *args: Any
    ) -> None:
        """Calls a method that may fail.

        Raises:
            NSError: the phone refuses.
            UnsupportedError: the system does not have it.
        """
        try:
            self._there(
                selector, table, lambda: self.bridge.call_checked(receiver, selector, *args)
            )
        except ObjCError as error:
            raise as_ns_error(error) from error

    def ask(
        self,
        receiver: object,
        selector: str,
        table: Mapping[str, Version],
        answered: Callable[..., None],
    ) -> None:
        """Calls a method that answers to a block, on any thread.

        Raises:
            UnsupportedError: the system does not have it.
        """
        self._there(
            selector,
            table,
            lambda: self.bridge.call_with_block(receiver, selector, block=answered),
        )

    def _there(self, name: str, table: Mapping[str, Version], do: Callable[[], Any]) -> Any:
        since = table[name]
        self.check(name, since)
        try:
            return do()
        except AttributeError as error:
            raise _unsupported(name, since) from error


def _unsupported(name: str, since: Version) -> UnsupportedError:
    return UnsupportedError(f"{name} (since iOS {since[0]}.{since[1]})", "ios")


def member(number: Any, otherwise: E) -> E:
    """The member with that number; one that is newer than this package is ``otherwise``."""
    try:
        return type(otherwise)(number)
    except ValueError:
        return otherwise
