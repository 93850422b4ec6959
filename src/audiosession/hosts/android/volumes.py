"""Volumes of a phone, as AudioManager needs them: each is asked of the phone when it is read.

Source: AudioManager.java, https://developer.android.com/reference/android/media/AudioManager
"""

from __future__ import annotations

from typing import Any

from ...android.models.callers import AndroidCaller
from ...android.models.volumes import StreamState
from ...android.stream_constants import AndroidAudioAdjustment, AndroidStreamType
from .part import PhonePart, java_int

__all__ = ["PhoneVolumes"]


class PhoneVolumes(PhonePart):
    """Volumes; an :class:`~audiosession.android.device.AndroidVolumes`.

    The phone decides what an app may do: whoever calls counts for nothing here.
    """

    async def volumes_fixed(self) -> bool:
        """See :class:`~audiosession.android.device.AndroidVolumes`."""
        return bool(self._ask("isVolumeFixed"))

    async def stream_state(self, stream: AndroidStreamType) -> StreamState:
        """See :class:`~audiosession.android.device.AndroidVolumes`. Nothing is asked yet."""
        return _PhoneStreamState(self, stream)

    async def stream_db(self, stream: AndroidStreamType, index: int, device_type: int) -> float:
        """See :class:`~audiosession.android.device.AndroidVolumes`; API level 28."""
        return float(self._ask("getStreamVolumeDb", int(stream), index, int(device_type)))

    async def adjust_stream(
        self,
        stream: AndroidStreamType,
        direction: AndroidAudioAdjustment,
        flags: int,
        caller: AndroidCaller,
    ) -> None:
        """See :class:`~audiosession.android.device.AndroidVolumes`."""
        self._ask("adjustStreamVolume", int(stream), int(direction), java_int(flags))

    async def adjust_suggested(
        self,
        direction: AndroidAudioAdjustment,
        suggested: AndroidStreamType | None,
        flags: int,
        caller: AndroidCaller,
    ) -> None:
        """See :class:`~audiosession.android.device.AndroidVolumes`."""
        if suggested is None:
            self._ask("adjustVolume", int(direction), java_int(flags))
        else:
            self._ask(
                "adjustSuggestedStreamVolume", int(direction), int(suggested), java_int(flags)
            )

    async def set_stream_index(
        self, stream: AndroidStreamType, index: int, flags: int, caller: AndroidCaller
    ) -> None:
        """See :class:`~audiosession.android.device.AndroidVolumes`."""
        self._ask("setStreamVolume", int(stream), java_int(index), java_int(flags))

    # -- for the states ----------------------------------------------------------------------

    def ask_of_stream(self, method: str, stream: AndroidStreamType) -> Any:
        """What a method of AudioManager says of a stream.

        Raises:
            UnsupportedError: the phone is too old for it.
            JavaError: Java raised something.
        """
        return self._ask(method, int(stream))


class _PhoneStreamState(StreamState):
    """A stream's volume, each part of it asked for when it is read.

    So a call of the app's is one call of the phone's, and a phone that is too old for one of
    them still answers the others.
    """

    __slots__ = ("_phone", "_stream")

    def __init__(self, phone: PhoneVolumes, stream: AndroidStreamType) -> None:
        object.__setattr__(self, "_phone", phone)
        object.__setattr__(self, "_stream", stream)

    _phone: PhoneVolumes
    _stream: AndroidStreamType

    @property
    def index(self) -> int:
        """The index; 0 while it is muted."""
        return int(self._phone.ask_of_stream("getStreamVolume", self._stream))

    @property
    def kept(self) -> int:
        """The index as well: what comes back the phone keeps to itself."""
        return self.index

    @property
    def least(self) -> int:
        """The lowest index; API level 28."""
        return int(self._phone.ask_of_stream("getStreamMinVolume", self._stream))

    @property
    def most(self) -> int:
        """The highest index."""
        return int(self._phone.ask_of_stream("getStreamMaxVolume", self._stream))

    @property
    def muted(self) -> bool:
        """Whether it is muted."""
        return bool(self._phone.ask_of_stream("isStreamMute", self._stream))
