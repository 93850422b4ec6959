"""Audio Session Services, the C API of iPhone OS 2 to iOS 6, under its names in C.

Code written for it can be ported line by line. Every function returns an ``OSStatus``, 0 when
it worked, and blocks until it is done. Memory is :mod:`ctypes`'s: a ``UInt32`` is a
``ctypes.c_uint32``, ``&size`` is ``byref(size)`` or just ``size``, and a Core Foundation
object is a dict, list, int or str in a :class:`CFRef`. It is a view of the app's one session:
what is set here, :class:`~audiosession.apple.AVAudioSession` reads, and the other way round.

Example::

    from ctypes import byref, c_uint32, sizeof

    from audiosession.apple.audio_session_services import *

    AudioSessionInitialize(None, None, listener, player)
    category = c_uint32(kAudioSessionCategory_MediaPlayback)
    AudioSessionSetProperty(
        kAudioSessionProperty_AudioCategory, sizeof(category), byref(category)
    )
    AudioSessionSetActive(True)

Source: AudioToolbox/AudioSession.h and its documentation pages.
"""

from __future__ import annotations

import ctypes
import inspect
import logging
from asyncio import AbstractEventLoop
from collections.abc import Callable
from typing import Any

from audiosession.apple._c_cells import (
    CFRef,
    Refusal,
    cell_of,
    check_room,
    put,
    size_cell,
    size_of,
    take,
)
from audiosession.apple._c_process import (
    AudioSessionInterruptionListener,
    AudioSessionPropertyListener,
    process,
    same_data,
    use,
)
from audiosession.apple._c_properties import Property, property_of
from audiosession.apple._c_words import status_of
from audiosession.apple.c_constants import (
    AudioSessionInterruptionType,
    AudioSessionPropertyID,
    OSStatus,
    kAudioServicesNoHardwareError,
    kAudioSession_AudioRouteChangeKey_CurrentRouteDescription,
    kAudioSession_AudioRouteChangeKey_OldRoute,
    kAudioSession_AudioRouteChangeKey_PreviousRouteDescription,
    kAudioSession_AudioRouteChangeKey_Reason,
    kAudioSession_AudioRouteKey_Inputs,
    kAudioSession_AudioRouteKey_Outputs,
    kAudioSession_AudioRouteKey_Type,
    kAudioSession_InputSourceKey_Description,
    kAudioSession_InputSourceKey_ID,
    kAudioSession_OutputDestinationKey_Description,
    kAudioSession_OutputDestinationKey_ID,
    kAudioSession_RouteChangeKey_Reason,
    kAudioSessionAlreadyInitialized,
    kAudioSessionBadPropertySizeError,
    kAudioSessionBeginInterruption,
    kAudioSessionCategory_AmbientSound,
    kAudioSessionCategory_AudioProcessing,
    kAudioSessionCategory_LiveAudio,
    kAudioSessionCategory_MediaPlayback,
    kAudioSessionCategory_PlayAndRecord,
    kAudioSessionCategory_RecordAudio,
    kAudioSessionCategory_SoloAmbientSound,
    kAudioSessionCategory_UserInterfaceSoundEffects,
    kAudioSessionEndInterruption,
    kAudioSessionIncompatibleCategory,
    kAudioSessionInitializationError,
    kAudioSessionInputRoute_BluetoothHFP,
    kAudioSessionInputRoute_BuiltInMic,
    kAudioSessionInputRoute_HeadsetMic,
    kAudioSessionInputRoute_LineIn,
    kAudioSessionInputRoute_USBAudio,
    kAudioSessionInterruptionType_ShouldNotResume,
    kAudioSessionInterruptionType_ShouldResume,
    kAudioSessionMode_Default,
    kAudioSessionMode_GameChat,
    kAudioSessionMode_Measurement,
    kAudioSessionMode_VideoRecording,
    kAudioSessionMode_VoiceChat,
    kAudioSessionNoCategorySet,
    kAudioSessionNoError,
    kAudioSessionNotActiveError,
    kAudioSessionNotInitialized,
    kAudioSessionOutputRoute_AirPlay,
    kAudioSessionOutputRoute_BluetoothA2DP,
    kAudioSessionOutputRoute_BluetoothHFP,
    kAudioSessionOutputRoute_BuiltInReceiver,
    kAudioSessionOutputRoute_BuiltInSpeaker,
    kAudioSessionOutputRoute_HDMI,
    kAudioSessionOutputRoute_Headphones,
    kAudioSessionOutputRoute_LineOut,
    kAudioSessionOutputRoute_USBAudio,
    kAudioSessionOverrideAudioRoute_None,
    kAudioSessionOverrideAudioRoute_Speaker,
    kAudioSessionProperty_AudioCategory,
    kAudioSessionProperty_AudioInputAvailable,
    kAudioSessionProperty_AudioRoute,
    kAudioSessionProperty_AudioRouteChange,
    kAudioSessionProperty_AudioRouteDescription,
    kAudioSessionProperty_CurrentHardwareInputLatency,
    kAudioSessionProperty_CurrentHardwareInputNumberChannels,
    kAudioSessionProperty_CurrentHardwareIOBufferDuration,
    kAudioSessionProperty_CurrentHardwareOutputLatency,
    kAudioSessionProperty_CurrentHardwareOutputNumberChannels,
    kAudioSessionProperty_CurrentHardwareOutputVolume,
    kAudioSessionProperty_CurrentHardwareSampleRate,
    kAudioSessionProperty_InputGainAvailable,
    kAudioSessionProperty_InputGainScalar,
    kAudioSessionProperty_InputSource,
    kAudioSessionProperty_InputSources,
    kAudioSessionProperty_InterruptionType,
    kAudioSessionProperty_Mode,
    kAudioSessionProperty_OtherAudioIsPlaying,
    kAudioSessionProperty_OtherMixableAudioShouldDuck,
    kAudioSessionProperty_OutputDestination,
    kAudioSessionProperty_OutputDestinations,
    kAudioSessionProperty_OverrideAudioRoute,
    kAudioSessionProperty_OverrideCategoryDefaultToSpeaker,
    kAudioSessionProperty_OverrideCategoryEnableBluetoothInput,
    kAudioSessionProperty_OverrideCategoryMixWithOthers,
    kAudioSessionProperty_PreferredHardwareIOBufferDuration,
    kAudioSessionProperty_PreferredHardwareSampleRate,
    kAudioSessionProperty_ServerDied,
    kAudioSessionRouteChangeReason_CategoryChange,
    kAudioSessionRouteChangeReason_NewDeviceAvailable,
    kAudioSessionRouteChangeReason_NoSuitableRouteForCategory,
    kAudioSessionRouteChangeReason_OldDeviceUnavailable,
    kAudioSessionRouteChangeReason_Override,
    kAudioSessionRouteChangeReason_RouteConfigurationChange,
    kAudioSessionRouteChangeReason_Unknown,
    kAudioSessionRouteChangeReason_WakeFromSleep,
    kAudioSessionSetActiveFlag_NotifyOthersOnDeactivation,
    kAudioSessionUnspecifiedError,
    kAudioSessionUnsupportedPropertyError,
)
from audiosession.apple.constants import AVAudioSessionSetActiveOptions
from audiosession.apple.errors import NSError
from audiosession.errors import (
    ClosedError,
    HostUnavailableError,
    InvalidTypeError,
    UnsupportedError,
)

_log = logging.getLogger("audiosession")


def AudioSessionInitialize(
    inRunLoop: AbstractEventLoop | None,
    inRunLoopMode: str | None,
    inInterruptionListener: AudioSessionInterruptionListener | None,
    inClientData: Any,
) -> OSStatus:
    """Sets the session up, once in the life of a process. Does not activate it.

    Args:
        inRunLoop: The event loop in which listeners run; ``None``: the main run loop. On a
            simulated device that is wherever something happens, else a thread of its own.
        inRunLoopMode: Has no meaning here; a text or ``None``.
        inInterruptionListener: Called with ``inClientData`` and
            ``kAudioSessionBeginInterruption`` or ``kAudioSessionEndInterruption``. When it
            hears of the beginning the session is inactive already (apple 55, 73).
        inClientData: Anything.

    Returns:
        ``kAudioSessionAlreadyInitialized`` the second time;
        ``kAudioSessionInitializationError`` where there is nothing to connect to, it takes no
        more sessions, or the app's session is closed, and then it may be tried again.

    Raises:
        InvalidTypeError: an argument that no C compiler would take.
        IllegalRequestError: the app's session is in use in another event loop.
    """
    if inRunLoop is not None and not isinstance(inRunLoop, AbstractEventLoop):
        raise InvalidTypeError("inRunLoop", inRunLoop, expected="an event loop, or None")
    if inRunLoopMode is not None and not isinstance(inRunLoopMode, str):
        raise InvalidTypeError("inRunLoopMode", inRunLoopMode, expected="a text, or None")
    if inInterruptionListener is not None:
        _check_function("inInterruptionListener", inInterruptionListener)
    return _status(lambda: process().initialize(inRunLoop, inInterruptionListener, inClientData))


def AudioSessionSetActive(active: bool) -> OSStatus:
    """Activates the session, or deactivates it; as with flags of 0.

    Returns:
        ``kAudioServicesNoHardwareError``, the category records and there is no microphone;
        ``kAudioSessionUnspecifiedError``, the audio server is gone; or AVAudioSession's code
        for what C has no name for: ``'!pri'``, ``'!int'``, ``'!pla'``, ``'!rec'``, ``'siri'``.
        A deactivation under running I/O gives ``'!act'`` where AVAudioSession does, which is
        ``kAudioSessionNotActiveError`` by number.

    Raises:
        InvalidTypeError: no truth value.
        IllegalRequestError: called where it would wait for itself.
    """
    return AudioSessionSetActiveWithFlags(active, 0)


def AudioSessionSetActiveWithFlags(active: bool, inFlags: int) -> OSStatus:
    """Activates the session, or deactivates it.

    Args:
        active: Whether to activate.
        inFlags: ``kAudioSessionSetActiveFlag_NotifyOthersOnDeactivation`` lets those resume
            who were interrupted; no meaning for an activation (apple 40). Other bits mean
            nothing.

    Returns:
        As :func:`AudioSessionSetActive`.

    Raises:
        InvalidTypeError: an argument is no number.
        IllegalRequestError: called where it would wait for itself.
    """
    if not isinstance(active, int):
        raise InvalidTypeError("active", active, expected="True or False")
    if not isinstance(inFlags, int):
        raise InvalidTypeError("inFlags", inFlags, expected="a number")
    options = AVAudioSessionSetActiveOptions.NONE
    if inFlags & kAudioSessionSetActiveFlag_NotifyOthersOnDeactivation:
        options = AVAudioSessionSetActiveOptions.NOTIFY_OTHERS_ON_DEACTIVATION
    return _status(lambda: process().set_active(bool(active), options))


def AudioSessionGetProperty(
    inID: AudioSessionPropertyID, ioDataSize: Any, outData: Any
) -> OSStatus:
    """Reads a property.

    Args:
        inID: Which.
        ioDataSize: A cell with the size of ``outData``; gets that of the value.
        outData: A cell for the value, of the property's type; a :class:`CFRef` for a Core
            Foundation object, which is a copy.

    Returns:
        ``kAudioSessionUnsupportedPropertyError``, there is no such property, it cannot be
        read, or the host does not know it; ``kAudioSessionBadPropertySizeError``, the size is
        not that of the property.

    Raises:
        InvalidTypeError: an argument that no C compiler would take.
    """
    id, capacity, cell = (
        _selector(inID),
        size_cell("ioDataSize", ioDataSize),
        cell_of("outData", outData),
    )

    def getting() -> None:
        size = int(capacity.value)
        found = _property(id, size, cell, lambda each: each.get is not None)
        put(cell, found.kind, process().get(found))
        capacity.value = ctypes.sizeof(found.kind)

    return _status(getting)


def AudioSessionSetProperty(inID: AudioSessionPropertyID, inDataSize: int, inData: Any) -> OSStatus:
    """Writes a property.

    Args:
        inID: Which.
        inDataSize: The size of ``inData``.
        inData: A cell with the value, of the property's type.

    Returns:
        ``kAudioSessionUnsupportedPropertyError``, there is no such property, it cannot be
        written, the value is not allowed, or the host does not know it;
        ``kAudioSessionBadPropertySizeError``, the size is not that of the property;
        ``kAudioSessionIncompatibleCategory``, not under this category;
        ``kAudioSessionNotActiveError``, not while the session is inactive;
        ``kAudioServicesNoHardwareError``, there is no input.

    Raises:
        InvalidTypeError: an argument that no C compiler would take.
        IllegalRequestError: called where it would wait for itself.
    """
    id, size, cell = _selector(inID), size_of("inDataSize", inDataSize), cell_of("inData", inData)

    def setting() -> None:
        found = _property(id, size, cell, lambda each: each.set is not None)
        process().set(found, take(cell, found.kind))

    return _status(setting)


def AudioSessionGetPropertySize(inID: AudioSessionPropertyID, outDataSize: Any) -> OSStatus:
    """Tells how large the value of a property is.

    Returns:
        ``kAudioSessionUnsupportedPropertyError``, there is no such property.

    Raises:
        InvalidTypeError: an argument that no C compiler would take.
    """
    id, size = _selector(inID), size_cell("outDataSize", outDataSize)

    def getting() -> None:
        size.value = ctypes.sizeof(_known(id).kind)

    return _status(getting)


def AudioSessionAddPropertyListener(
    inID: AudioSessionPropertyID, inProc: AudioSessionPropertyListener, inClientData: Any
) -> OSStatus:
    """Has a function called when a property changes.

    There is one registration for a property and client data: another one takes its place.

    Args:
        inID: Which property.
        inProc: Called with ``inClientData``, ``inID``, the size of the value and the value: in
            a cell, and a route change as the dictionary itself.
        inClientData: Anything; two are the same when Python's ``is`` says so, numbers when
            they are equal, and what refers to a cell when it is the same cell.

    Returns:
        ``kAudioSessionUnsupportedPropertyError``, there is no such property, or nobody can
        listen to it; ``kAudioSessionUnspecifiedError``, there are 1,000 registrations already.

    Raises:
        InvalidTypeError: an argument that no C compiler would take.
    """
    id = _selector(inID)
    _check_function("inProc", inProc)
    return _status(lambda: process().add(_known(id), inProc, inClientData))


def AudioSessionRemovePropertyListener(inID: AudioSessionPropertyID) -> OSStatus:
    """Removes the listeners of a property, whatever their client data.

    Deprecated since the release it came with, where a property had one listener at most. Which
    of several goes Apple does not say; here it is all of them.

    Returns:
        ``kAudioSessionUnsupportedPropertyError``, there is no such property, or nobody can
        listen to it.

    Raises:
        InvalidTypeError: no selector.
    """
    id = _selector(inID)
    return _status(lambda: process().remove(_known(id), lambda function, data: True))


def AudioSessionRemovePropertyListenerWithUserData(
    inID: AudioSessionPropertyID, inProc: AudioSessionPropertyListener, inClientData: Any
) -> OSStatus:
    """Removes one registration: that with this function and this client data.

    Where there is none, nothing happens, and that is no error.

    Returns:
        ``kAudioSessionUnsupportedPropertyError``, there is no such property, or nobody can
        listen to it.

    Raises:
        InvalidTypeError: an argument that no C compiler would take.
    """
    id = _selector(inID)
    _check_function("inProc", inProc)
    return _status(
        lambda: process().remove(
            _known(id), lambda function, data: function == inProc and same_data(data, inClientData)
        )
    )


def _status(call: Callable[[], None]) -> OSStatus:
    """What C returns for what the call raises."""
    try:
        call()
    except Refusal as refusal:
        return refusal.status
    except NSError as error:
        _log.debug("Audio Session Services: %s", error)
        return status_of(error)
    except UnsupportedError as error:
        _log.debug("Audio Session Services: %s", error)
        return kAudioSessionUnsupportedPropertyError
    except (HostUnavailableError, ClosedError) as error:
        _log.debug("Audio Session Services: %s", error)
        return kAudioSessionUnspecifiedError
    return kAudioSessionNoError


def _known(id: int) -> Property:
    process().initialized  # noqa: B018
    return property_of(id)


def _property(id: int, size: int, cell: Any, can: Callable[[Property], bool]) -> Property:
    """The property, if it can do this and has this size."""
    found = _known(id)
    if not can(found):
        raise Refusal(kAudioSessionUnsupportedPropertyError)
    if size != ctypes.sizeof(found.kind):
        raise Refusal(kAudioSessionBadPropertySizeError)
    check_room(cell, size)
    return found


def _selector(inID: object) -> int:
    if isinstance(inID, bool) or not isinstance(inID, int):
        raise InvalidTypeError("inID", inID, expected="the number of a property")
    return inID


def _check_function(name: str, function: object) -> None:
    if not callable(function) or inspect.iscoroutinefunction(function):
        raise InvalidTypeError(name, function, expected="a plain function")


__all__ = [
    "AudioSessionAddPropertyListener",
    "AudioSessionGetProperty",
    "AudioSessionGetPropertySize",
    "AudioSessionInitialize",
    "AudioSessionInterruptionListener",
    "AudioSessionInterruptionType",
    "AudioSessionPropertyID",
    "AudioSessionPropertyListener",
    "AudioSessionRemovePropertyListener",
    "AudioSessionRemovePropertyListenerWithUserData",
    "AudioSessionSetActive",
    "AudioSessionSetActiveWithFlags",
    "AudioSessionSetProperty",
    "CFRef",
    "OSStatus",
    "kAudioServicesNoHardwareError",
    "kAudioSessionAlreadyInitialized",
    "kAudioSessionBadPropertySizeError",
    "kAudioSessionBeginInterruption",
    "kAudioSessionCategory_AmbientSound",
    "kAudioSessionCategory_AudioProcessing",
    "kAudioSessionCategory_LiveAudio",
    "kAudioSessionCategory_MediaPlayback",
    "kAudioSessionCategory_PlayAndRecord",
    "kAudioSessionCategory_RecordAudio",
    "kAudioSessionCategory_SoloAmbientSound",
    "kAudioSessionCategory_UserInterfaceSoundEffects",
    "kAudioSessionEndInterruption",
    "kAudioSessionIncompatibleCategory",
    "kAudioSessionInitializationError",
    "kAudioSessionInputRoute_BluetoothHFP",
    "kAudioSessionInputRoute_BuiltInMic",
    "kAudioSessionInputRoute_HeadsetMic",
    "kAudioSessionInputRoute_LineIn",
    "kAudioSessionInputRoute_USBAudio",
    "kAudioSessionInterruptionType_ShouldNotResume",
    "kAudioSessionInterruptionType_ShouldResume",
    "kAudioSessionMode_Default",
    "kAudioSessionMode_GameChat",
    "kAudioSessionMode_Measurement",
    "kAudioSessionMode_VideoRecording",
    "kAudioSessionMode_VoiceChat",
    "kAudioSessionNoCategorySet",
    "kAudioSessionNoError",
    "kAudioSessionNotActiveError",
    "kAudioSessionNotInitialized",
    "kAudioSessionOutputRoute_AirPlay",
    "kAudioSessionOutputRoute_BluetoothA2DP",
    "kAudioSessionOutputRoute_BluetoothHFP",
    "kAudioSessionOutputRoute_BuiltInReceiver",
    "kAudioSessionOutputRoute_BuiltInSpeaker",
    "kAudioSessionOutputRoute_HDMI",
    "kAudioSessionOutputRoute_Headphones",
    "kAudioSessionOutputRoute_LineOut",
    "kAudioSessionOutputRoute_USBAudio",
    "kAudioSessionOverrideAudioRoute_None",
    "kAudioSessionOverrideAudioRoute_Speaker",
    "kAudioSessionProperty_AudioCategory",
    "kAudioSessionProperty_AudioInputAvailable",
    "kAudioSessionProperty_AudioRoute",
    "kAudioSessionProperty_AudioRouteChange",
    "kAudioSessionProperty_AudioRouteDescription",
    "kAudioSessionProperty_CurrentHardwareIOBufferDuration",
    "kAudioSessionProperty_CurrentHardwareInputLatency",
    "kAudioSessionProperty_CurrentHardwareInputNumberChannels",
    "kAudioSessionProperty_CurrentHardwareOutputLatency",
    "kAudioSessionProperty_CurrentHardwareOutputNumberChannels",
    "kAudioSessionProperty_CurrentHardwareOutputVolume",
    "kAudioSessionProperty_CurrentHardwareSampleRate",
    "kAudioSessionProperty_InputGainAvailable",
    "kAudioSessionProperty_InputGainScalar",
    "kAudioSessionProperty_InputSource",
    "kAudioSessionProperty_InputSources",
    "kAudioSessionProperty_InterruptionType",
    "kAudioSessionProperty_Mode",
    "kAudioSessionProperty_OtherAudioIsPlaying",
    "kAudioSessionProperty_OtherMixableAudioShouldDuck",
    "kAudioSessionProperty_OutputDestination",
    "kAudioSessionProperty_OutputDestinations",
    "kAudioSessionProperty_OverrideAudioRoute",
    "kAudioSessionProperty_OverrideCategoryDefaultToSpeaker",
    "kAudioSessionProperty_OverrideCategoryEnableBluetoothInput",
    "kAudioSessionProperty_OverrideCategoryMixWithOthers",
    "kAudioSessionProperty_PreferredHardwareIOBufferDuration",
    "kAudioSessionProperty_PreferredHardwareSampleRate",
    "kAudioSessionProperty_ServerDied",
    "kAudioSessionRouteChangeReason_CategoryChange",
    "kAudioSessionRouteChangeReason_NewDeviceAvailable",
    "kAudioSessionRouteChangeReason_NoSuitableRouteForCategory",
    "kAudioSessionRouteChangeReason_OldDeviceUnavailable",
    "kAudioSessionRouteChangeReason_Override",
    "kAudioSessionRouteChangeReason_RouteConfigurationChange",
    "kAudioSessionRouteChangeReason_Unknown",
    "kAudioSessionRouteChangeReason_WakeFromSleep",
    "kAudioSessionSetActiveFlag_NotifyOthersOnDeactivation",
    "kAudioSessionUnspecifiedError",
    "kAudioSessionUnsupportedPropertyError",
    "kAudioSession_AudioRouteChangeKey_CurrentRouteDescription",
    "kAudioSession_AudioRouteChangeKey_OldRoute",
    "kAudioSession_AudioRouteChangeKey_PreviousRouteDescription",
    "kAudioSession_AudioRouteChangeKey_Reason",
    "kAudioSession_AudioRouteKey_Inputs",
    "kAudioSession_AudioRouteKey_Outputs",
    "kAudioSession_AudioRouteKey_Type",
    "kAudioSession_InputSourceKey_Description",
    "kAudioSession_InputSourceKey_ID",
    "kAudioSession_OutputDestinationKey_Description",
    "kAudioSession_OutputDestinationKey_ID",
    "kAudioSession_RouteChangeKey_Reason",
    "use",
]
