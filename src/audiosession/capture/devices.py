"""Microphones and cameras: finding them, asking for them, setting them.

Sources: AVCaptureDevice.h and its documentation pages. A format is a
:class:`~audiosession.capture.host.FormatFacts`; times are seconds where Apple has ``CMTime``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Final, Generic, TypeVar

from audiosession.capture._app import (
    AnyAudioSession,
    CaptureApp,
    DeviceSettings,
    audio_session_of,
)
from audiosession.capture.enums import (
    AVAuthorizationStatus,
    AVCaptureDevicePosition,
    AVCaptureDeviceType,
    AVCaptureMicrophoneMode,
    AVCaptureSystemPressureLevel,
    AVMediaType,
)
from audiosession.capture.errors import (
    AVError,
    CaptureError,
    NSGenericException,
    NSInvalidArgumentException,
)
from audiosession.capture.host import DeviceFacts, FormatFacts
from audiosession.capture.presets import AVCaptureSessionPreset, choose_format
from audiosession.errors import InvalidTypeError

__all__ = [
    "AVCaptureDevice",
    "AVCaptureDeviceDiscoverySession",
    "AVCaptureSystemPressureState",
    "check_type",
]

_T = TypeVar("_T")

_SAME: Final = {
    AVCaptureDeviceType.BUILT_IN_MICROPHONE: AVCaptureDeviceType.MICROPHONE,
    AVCaptureDeviceType.EXTERNAL_UNKNOWN: AVCaptureDeviceType.EXTERNAL,
    AVCaptureDeviceType.BUILT_IN_DUO_CAMERA: AVCaptureDeviceType.BUILT_IN_DUAL_CAMERA,
}
"""Types by their old names."""


def check_type(name: str, value: object, kind: type) -> None:
    """Raises InvalidTypeError unless the value is of that type."""
    if not isinstance(value, kind):
        raise InvalidTypeError(name, value, expected=f"of type {kind.__name__}")


class _OfClass(Generic[_T]):
    """A property of a class, which its objects have too."""

    def __init__(self, value: _T, doc: str) -> None:
        self._value = value
        self.__doc__ = doc

    def __get__(self, owner: object, kind: type) -> _T:
        return self._value


@dataclass(frozen=True, slots=True, kw_only=True)
class AVCaptureSystemPressureState:
    """What the hardware has to bear; since iOS 11.1."""

    level: AVCaptureSystemPressureLevel
    """How much."""


class AVCaptureDevice:
    """A microphone or camera, as an app sees it.

    Two objects of one device are equal, and what one sets, the other reads.

    Args:
        unique_id: The device's name for programs.
        audio_session: Whose devices; ``None``: those of the app's shared session.

    Raises:
        CaptureError: ``DEVICE_NOT_CONNECTED``, where Apple gives no object.
        InvalidTypeError: the id is no text, or the session none.
        UnsupportedError: the host has no devices to offer.
    """

    preferred_microphone_mode: Final = _OfClass(
        AVCaptureMicrophoneMode.STANDARD,
        "How the user wants the microphone to be treated; no host lets the user choose.",
    )
    active_microphone_mode: Final = _OfClass(
        AVCaptureMicrophoneMode.STANDARD, "How the microphone is treated."
    )

    _app: CaptureApp
    _settings: DeviceSettings

    def __init__(self, unique_id: str, *, audio_session: AnyAudioSession = None) -> None:
        check_type("unique_id", unique_id, str)
        app = CaptureApp.of(audio_session_of(audio_session))
        app.devices()
        settings = app.settings(unique_id)
        if settings is None or not settings.connected:
            raise CaptureError(AVError.DEVICE_NOT_CONNECTED, f"there is no device {unique_id!r}")
        self._app, self._settings = app, settings

    @classmethod
    def _of(cls, app: CaptureApp, unique_id: str) -> AVCaptureDevice:
        settings = app.settings(unique_id)
        assert settings is not None
        device = cls.__new__(cls)
        device._app, device._settings = app, settings
        return device

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AVCaptureDevice) and other._settings is self._settings

    def __hash__(self) -> int:
        return hash(id(self._settings))

    def __repr__(self) -> str:
        return f"<AVCaptureDevice {self.localized_name!r} {self.unique_id!r}>"

    # -- finding -----------------------------------------------------------------------------

    @classmethod
    def devices(
        cls, media_type: AVMediaType | None = None, *, audio_session: AnyAudioSession = None
    ) -> tuple[AVCaptureDevice, ...]:
        """All devices there are; deprecated since iOS 10.0 for a discovery session.

        Args:
            media_type: Those that give this; ``None``: all.
            audio_session: Whose devices; ``None``: those of the app's shared session.

        Raises:
            InvalidTypeError: an argument has the wrong type.
            UnsupportedError: the host has no devices to offer.
        """
        if media_type is not None:
            check_type("media_type", media_type, AVMediaType)
        app = CaptureApp.of(audio_session_of(audio_session))
        return tuple(
            cls._of(app, facts.unique_id)
            for facts in app.devices()
            if media_type is None or _gives(facts, media_type)
        )

    @classmethod
    def default(
        cls,
        media_type: AVMediaType | None,
        *,
        device_type: AVCaptureDeviceType | None = None,
        position: AVCaptureDevicePosition = AVCaptureDevicePosition.UNSPECIFIED,
        audio_session: AnyAudioSession = None,
    ) -> AVCaptureDevice | None:
        """The device to use first; ``None`` when there is none.

        One whose samples are made up is none of them, nor is what an output sounds like.

        Args:
            media_type: What it gives; ``None``: anything, where a type is given.
            device_type: What kind of device; ``None``: any.
            position: Where it sits; ``UNSPECIFIED``: anywhere.
            audio_session: Whose devices; ``None``: those of the app's shared session.

        Raises:
            InvalidTypeError: an argument has the wrong type.
            UnsupportedError: the host has no devices to offer.
        """
        check_type("position", position, AVCaptureDevicePosition)
        if device_type is not None:
            check_type("device_type", device_type, AVCaptureDeviceType)
        found = cls.devices(media_type, audio_session=audio_session)
        return next(
            (
                each
                for each in found
                if each._is(device_type, position) and not each._settings.facts.virtual
            ),
            None,
        )

    @classmethod
    def authorization_status(
        cls, media_type: AVMediaType, *, audio_session: AnyAudioSession = None
    ) -> AVAuthorizationStatus:
        """Whether the app may use devices of a type.

        Raises:
            NSInvalidArgumentException: neither sound nor pictures.
            InvalidTypeError: an argument has the wrong type.
            UnsupportedError: the host has no devices to offer.
        """
        _check_medium(media_type)
        return CaptureApp.of(audio_session_of(audio_session)).host.authorization(media_type)

    @classmethod
    async def request_access(
        cls, media_type: AVMediaType, *, audio_session: AnyAudioSession = None
    ) -> bool:
        """Asks the user, once; later calls give the answer.

        Returns:
            Whether the app may use devices of that type.

        Raises:
            NSInvalidArgumentException, InvalidTypeError, UnsupportedError: as
                :meth:`authorization_status`.
        """
        _check_medium(media_type)
        app = CaptureApp.of(audio_session_of(audio_session))
        return await app.host.request_access(media_type)

    # -- what it is --------------------------------------------------------------------------

    @property
    def _facts(self) -> DeviceFacts:
        self._app.devices()
        return self._settings.facts

    @property
    def unique_id(self) -> str:
        """Its name for programs, no other device's while it is there.

        The same the next time it is connected, as far as the system can tell: a camera's of
        Linux goes by the order in which cameras come.
        """
        return self._settings.facts.unique_id

    @property
    def model_id(self) -> str:
        """Its model."""
        return self._facts.model_id

    @property
    def manufacturer(self) -> str:
        """Who makes it."""
        return self._facts.manufacturer

    @property
    def localized_name(self) -> str:
        """Its name for people; a phone's microphone is called as the route's input is."""
        return self._facts.localized_name

    @property
    def is_connected(self) -> bool:
        """Whether it is there."""
        self._app.devices()
        return self._settings.connected

    @property
    def is_suspended(self) -> bool:
        """Whether it is there and cannot be used now."""
        return self._facts.suspended

    @property
    def position(self) -> AVCaptureDevicePosition:
        """Where it sits."""
        return self._facts.position

    @property
    def device_type(self) -> AVCaptureDeviceType:
        """What kind of device it is."""
        return self._facts.device_type

    @property
    def formats(self) -> tuple[FormatFacts, ...]:
        """What it can give."""
        return self._facts.formats

    @property
    def system_pressure_state(self) -> AVCaptureSystemPressureState:
        """What the hardware has to bear."""
        return AVCaptureSystemPressureState(level=self._app.pressure)

    def has_media_type(self, media_type: AVMediaType) -> bool:
        """Whether it gives that.

        Raises:
            InvalidTypeError: not a media type.
        """
        check_type("media_type", media_type, AVMediaType)
        return _gives(self._facts, media_type)

    def supports_session_preset(self, preset: AVCaptureSessionPreset) -> bool:
        """Whether a session with this device can have a preset.

        Sound goes with every preset.

        Raises:
            InvalidTypeError: not a preset.
        """
        check_type("preset", preset, AVCaptureSessionPreset)
        if preset is AVCaptureSessionPreset.INPUT_PRIORITY or not self.has_media_type(
            AVMediaType.VIDEO
        ):
            return True
        return choose_format(preset, self.formats) is not None

    # -- setting it --------------------------------------------------------------------------

    def lock_for_configuration(self) -> None:
        """Begins to set it; each call wants its :meth:`unlock_for_configuration`.

        Raises:
            CaptureError: ``DEVICE_NOT_CONNECTED``, it is gone;
                ``DEVICE_LOCKED_FOR_CONFIGURATION_BY_ANOTHER_PROCESS``.
        """
        if not self.is_connected:
            raise CaptureError(
                AVError.DEVICE_NOT_CONNECTED, f"{self.localized_name!r} is not connected"
            )
        if not self._settings.locks and not self._app.lock(self.unique_id):
            raise CaptureError(AVError.DEVICE_LOCKED_FOR_CONFIGURATION_BY_ANOTHER_PROCESS)
        self._settings.locks += 1

    def unlock_for_configuration(self) -> None:
        """Ends it.

        Raises:
            NSGenericException: it is not locked.
        """
        if not self._settings.locks:
            raise NSGenericException(
                f"{self.localized_name!r} is not locked for configuration",
                advice="call lock_for_configuration() first",
            )
        self._settings.locks -= 1
        if not self._settings.locks:
            self._app.unlock(self.unique_id)

    @property
    def active_format(self) -> FormatFacts | None:
        """What it gives; ``None`` where it has no formats.

        Setting it by hand makes the preset of a session with this device ``INPUT_PRIORITY``,
        and frame rates those of the format.

        Raises:
            NSInvalidArgumentException: not one of :attr:`formats`.
            NSGenericException: it is not locked for configuration.
        """
        return self._settings.format

    @active_format.setter
    def active_format(self, format: FormatFacts) -> None:
        if format not in self.formats:
            raise NSInvalidArgumentException(
                f"{self.localized_name!r} has no such format",
                advice="set one of its formats",
                field="active_format",
            )
        self._check_locked()
        self._app.set_format(self.unique_id, format, by_hand=True)

    @property
    def active_video_min_frame_duration(self) -> float | None:
        """The shortest time between two pictures in seconds; ``None``: the format's own.

        Sound has none. ``None`` takes a value back.

        Raises:
            NSInvalidArgumentException: not within the frame rates of the active format.
            NSGenericException: it is not locked for configuration.
            InvalidTypeError: no number.
        """
        return self._settings.min_frame_duration_s

    @active_video_min_frame_duration.setter
    def active_video_min_frame_duration(self, duration_s: float | None) -> None:
        self._check_duration("active_video_min_frame_duration", duration_s)
        longest = self._settings.max_frame_duration_s
        if duration_s is not None and longest is not None and duration_s > longest:
            self._settings.max_frame_duration_s = duration_s
        self._settings.min_frame_duration_s = duration_s
        self._tell_rate()

    @property
    def active_video_max_frame_duration(self) -> float | None:
        """The longest time between two pictures in seconds; ``None``: the format's own.

        Raises:
            NSInvalidArgumentException, NSGenericException, InvalidTypeError: as
                :attr:`active_video_min_frame_duration`.
        """
        return self._settings.max_frame_duration_s

    @active_video_max_frame_duration.setter
    def active_video_max_frame_duration(self, duration_s: float | None) -> None:
        self._check_duration("active_video_max_frame_duration", duration_s)
        shortest = self._settings.min_frame_duration_s
        if duration_s is not None and shortest is not None and duration_s < shortest:
            self._settings.min_frame_duration_s = duration_s
        self._settings.max_frame_duration_s = duration_s
        self._tell_rate()

    # -- inside ------------------------------------------------------------------------------

    def _is(
        self, device_type: AVCaptureDeviceType | None, position: AVCaptureDevicePosition
    ) -> bool:
        return (device_type is None or _same(device_type) is _same(self.device_type)) and (
            position in (AVCaptureDevicePosition.UNSPECIFIED, self.position)
        )

    def _check_locked(self) -> None:
        if not self._settings.locks:
            raise NSGenericException(
                f"{self.localized_name!r} is not locked for configuration",
                advice="call lock_for_configuration() first",
            )

    def _check_duration(self, name: str, duration_s: float | None) -> None:
        if duration_s is not None:
            if isinstance(duration_s, bool) or not isinstance(duration_s, int | float):
                raise InvalidTypeError(name, duration_s, expected="a number of seconds, or None")
            format = self._settings.format
            rates = () if format is None else format.frame_rates
            good = math.isfinite(duration_s) and any(
                # A rate and its reciprocal are no exact numbers.
                low * duration_s <= 1.0 + 1e-9 and high * duration_s >= 1.0 - 1e-9
                for low, high in rates
            )
            if not good:
                raise NSInvalidArgumentException(
                    f"{duration_s!r} s is not within the active format's frame rates {rates}",
                    advice="set a duration of its frame_rates",
                    field=name,
                )
        self._check_locked()

    def _tell_rate(self) -> None:
        self._app.tell_of_format(self.unique_id, by_hand=False)


class AVCaptureDeviceDiscoverySession:
    """A search for devices, which goes on for as long as it is kept.

    Args:
        device_types: What kinds of devices, at least one; they come in this order.
        media_type: What they give; ``None``: anything.
        position: Where they sit; ``UNSPECIFIED``: anywhere, those at the back first.
        audio_session: Whose devices; ``None``: those of the app's shared session.

    Raises:
        NSInvalidArgumentException: no type is given.
        InvalidTypeError: an argument has the wrong type.
        UnsupportedError: the host has no devices to offer.
    """

    def __init__(
        self,
        device_types: Iterable[AVCaptureDeviceType],
        media_type: AVMediaType | None,
        position: AVCaptureDevicePosition,
        *,
        audio_session: AnyAudioSession = None,
    ) -> None:
        types = tuple(device_types)
        for each in types:
            check_type("device_types", each, AVCaptureDeviceType)
        if media_type is not None:
            check_type("media_type", media_type, AVMediaType)
        check_type("position", position, AVCaptureDevicePosition)
        if not types:
            raise NSInvalidArgumentException(
                "a search needs at least one device type", field="device_types"
            )
        self._types, self._media_type, self._position = types, media_type, position
        self._session = audio_session_of(audio_session)
        CaptureApp.of(self._session)

    @property
    def devices(self) -> tuple[AVCaptureDevice, ...]:
        """What was found, in the order of the types; then by position, if any will do."""
        there = AVCaptureDevice.devices(self._media_type, audio_session=self._session)
        found = {
            each: None
            for kind in self._types
            for each in sorted(there, key=lambda device: device.position.value)
            if each._is(kind, self._position)
        }
        return tuple(found)

    @property
    def supported_multi_cam_device_sets(self) -> tuple[frozenset[AVCaptureDevice], ...]:
        """The cameras among those found that can run together; since iOS 13.0."""
        able = [
            each
            for each in self.devices
            if any(
                format.multi_cam and format.media_type is AVMediaType.VIDEO
                for format in each.formats
            )
        ]
        return tuple(
            frozenset(together)
            for count in range(2, len(able) + 1)
            for together in combinations(able, count)
        )


def _check_medium(media_type: object) -> None:
    check_type("media_type", media_type, AVMediaType)
    if media_type not in (AVMediaType.AUDIO, AVMediaType.VIDEO):
        raise NSInvalidArgumentException(
            "there is permission for sound and for pictures only", field="media_type"
        )


def _gives(facts: DeviceFacts, media_type: AVMediaType) -> bool:
    if media_type is AVMediaType.MUXED:
        return {AVMediaType.AUDIO, AVMediaType.VIDEO} <= set(facts.media_types)
    return media_type in facts.media_types


def _same(device_type: AVCaptureDeviceType) -> AVCaptureDeviceType:
    return _SAME.get(device_type, device_type)
