"""Inputs of a capture session, and the ports through which their samples come."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from audiosession._checks import check_flag
from audiosession.capture._app import CaptureApp
from audiosession.capture.devices import AVCaptureDevice, check_type
from audiosession.capture.enums import (
    AVAuthorizationStatus,
    AVCaptureDevicePosition,
    AVCaptureDeviceType,
    AVCaptureMultichannelAudioMode,
    AVMediaType,
)
from audiosession.capture.errors import AVError, CaptureError, NSInvalidArgumentException
from audiosession.capture.host import FormatFacts, HostClock
from audiosession.errors import InvalidTypeError

if TYPE_CHECKING:
    from audiosession.capture._configuration import Configuring

__all__ = ["AVCaptureDeviceInput", "AVCaptureInput", "AVCaptureInputPort", "InputPorts"]

_Mode = AVCaptureMultichannelAudioMode

CHANNELS: Final = {_Mode.NONE: 1, _Mode.STEREO: 2, _Mode.FIRST_ORDER_AMBISONICS: 4}
"""How many channels a mode has."""

_REFUSED = (AVAuthorizationStatus.DENIED, AVAuthorizationStatus.RESTRICTED)


class AVCaptureInputPort:
    """One stream of an input. Make none: the ``ports`` of an input give it.

    Args:
        input: Whose it is.
        media_type: What comes out of it.
        device_type: What kind of device the samples are from.
        position: Where that device sits; of a microphone, from where it hears.
    """

    def __init__(
        self,
        input: AVCaptureInput,
        media_type: AVMediaType,
        device_type: AVCaptureDeviceType | None,
        position: AVCaptureDevicePosition,
    ) -> None:
        self._input = input
        self._media_type = media_type
        self._device_type = device_type
        self._position = position
        self._enabled = True

    def __repr__(self) -> str:
        return f"<AVCaptureInputPort {self._media_type.name} of {self._input!r}>"

    @property
    def input(self) -> AVCaptureInput:
        """Whose it is."""
        return self._input

    @property
    def media_type(self) -> AVMediaType:
        """What comes out of it."""
        return self._media_type

    @property
    def format_description(self) -> FormatFacts | None:
        """The format of its samples; ``None`` where the device has none."""
        return self._input._format(self._media_type)

    @property
    def is_enabled(self) -> bool:
        """Whether it gives samples; true at first.

        Raises:
            InvalidTypeError: neither True nor False.
        """
        return self._enabled

    @is_enabled.setter
    def is_enabled(self, enabled: bool) -> None:
        check_flag("is_enabled", enabled)
        self._enabled = enabled
        self._input._altered()

    @property
    def clock(self) -> HostClock | None:
        """The clock its samples are timed by; ``None`` where the device is gone."""
        return self._input._clock

    @property
    def source_device_type(self) -> AVCaptureDeviceType | None:
        """What kind of device its samples are from; since iOS 13.0."""
        return self._device_type

    @property
    def source_device_position(self) -> AVCaptureDevicePosition:
        """Where that device sits; since iOS 13.0.

        Of a port of a microphone it says from where it hears: ``UNSPECIFIED`` is all around.
        """
        return self._position


class InputPorts(tuple[AVCaptureInputPort, ...]):
    """The ports of an input; called, it finds some of them, hidden ones included.

    Apple has a property and a method of the same name here, and so it is both.
    """

    hidden: tuple[AVCaptureInputPort, ...] = ()
    """Ports that are only found when they are asked for."""

    def __call__(
        self,
        media_type: AVMediaType | None = None,
        source_device_type: AVCaptureDeviceType | None = None,
        source_device_position: AVCaptureDevicePosition = AVCaptureDevicePosition.UNSPECIFIED,
    ) -> tuple[AVCaptureInputPort, ...]:
        """Finds ports; since iOS 13.0.

        Args:
            media_type: What comes out of them; ``None``: anything.
            source_device_type: From what kind of device; ``None``: any.
            source_device_position: From where; of a microphone ``UNSPECIFIED`` is the port
                that hears all around, elsewhere it stands for anywhere.

        Raises:
            InvalidTypeError: an argument has the wrong type.
        """
        if media_type is not None:
            check_type("media_type", media_type, AVMediaType)
        if source_device_type is not None:
            check_type("source_device_type", source_device_type, AVCaptureDeviceType)
        check_type("source_device_position", source_device_position, AVCaptureDevicePosition)
        anywhere = AVCaptureDevicePosition.UNSPECIFIED
        return tuple(
            port
            for port in (*self, *self.hidden)
            if media_type in (None, port.media_type)
            and source_device_type in (None, port.source_device_type)
            and (
                port.source_device_position is source_device_position
                or (source_device_position is anywhere and port.media_type is AVMediaType.VIDEO)
            )
        )


class AVCaptureInput:
    """Where samples come from; the base of all inputs."""

    def __init__(self) -> None:
        self._session: Configuring | None = None
        self._ports = InputPorts()

    @property
    def ports(self) -> InputPorts:
        """Its ports, one for each stream.

        Called with a media type, a device type and a position it gives those that fit.
        """
        return self._ports

    def _format(self, media_type: AVMediaType) -> FormatFacts | None:
        raise NotImplementedError

    @property
    def _clock(self) -> HostClock | None:
        return None

    def _altered(self) -> None:
        """Something that decides what runs is different."""
        if self._session is not None:
            self._session._altered()

    def _make_ports(
        self, shown: Iterable[AVCaptureInputPort], hidden: Iterable[AVCaptureInputPort] = ()
    ) -> None:
        self._ports = InputPorts(shown)
        self._ports.hidden = tuple(hidden)


class AVCaptureDeviceInput(AVCaptureInput):
    """A microphone or camera as an input.

    Args:
        device: The device.

    Raises:
        CaptureError: ``APPLICATION_IS_NOT_AUTHORIZED_TO_USE_DEVICE``, the user or a policy
            said no; ``DEVICE_NOT_CONNECTED``, it is gone. Where the user was not asked yet,
            starting the session asks.
        InvalidTypeError: not a device.
    """

    def __init__(self, device: AVCaptureDevice) -> None:
        if not isinstance(device, AVCaptureDevice):
            kind = "an AVCaptureDevice (default() gives None where there is no such device)"
            raise InvalidTypeError("device", device, expected=kind)
        super().__init__()
        if not device.is_connected:
            raise CaptureError(
                AVError.DEVICE_NOT_CONNECTED, f"{device.localized_name!r} is not connected"
            )
        facts = device._facts
        for media_type in facts.media_types:
            check_authorized(device._app, media_type)
        self._device = device
        self._mode = _Mode.NONE
        self._auto_exposure = False
        self._min_frame_duration_s: float | None = None
        shown = [
            AVCaptureInputPort(self, each, facts.device_type, facts.position)
            for each in facts.media_types
        ]
        hidden = [
            AVCaptureInputPort(self, AVMediaType.AUDIO, facts.device_type, position)
            for position in (AVCaptureDevicePosition.BACK, AVCaptureDevicePosition.FRONT)
            if AVMediaType.AUDIO in facts.media_types
        ]
        self._make_ports(shown, hidden)

    def __repr__(self) -> str:
        return f"<AVCaptureDeviceInput {self._device.localized_name!r}>"

    @property
    def device(self) -> AVCaptureDevice:
        """The device."""
        return self._device

    # -- sound -------------------------------------------------------------------------------

    def is_multichannel_audio_mode_supported(self, mode: AVCaptureMultichannelAudioMode) -> bool:
        """Whether the microphones can record in a mode; since iOS 18.0.

        Raises:
            InvalidTypeError: not a mode.
        """
        check_type("mode", mode, AVCaptureMultichannelAudioMode)
        if mode is _Mode.NONE:
            return True
        return self._sound(CHANNELS[mode]) is not None and not (
            self._session is not None and self._session._many_cameras
        )

    @property
    def multichannel_audio_mode(self) -> AVCaptureMultichannelAudioMode:
        """Whether the built-in microphones record several channels; ``NONE`` at first.

        Has no effect on another microphone. Since iOS 18.0.

        Raises:
            NSInvalidArgumentException: they cannot, or the session has several cameras.
            InvalidTypeError: not a mode.
        """
        return self._mode

    @multichannel_audio_mode.setter
    def multichannel_audio_mode(self, mode: AVCaptureMultichannelAudioMode) -> None:
        if not self.is_multichannel_audio_mode_supported(mode):
            raise NSInvalidArgumentException(
                f"{self._device.localized_name!r} cannot record with {mode.name} here",
                advice="ask is_multichannel_audio_mode_supported() first",
                field="multichannel_audio_mode",
            )
        self._mode = mode
        self._altered()

    @property
    def is_wind_noise_removal_supported(self) -> bool:
        """Whether noise of wind can be taken out; no host can. Since iOS 18.0."""
        return False

    @property
    def is_wind_noise_removal_enabled(self) -> bool:
        """Whether noise of wind is taken out; since iOS 18.0.

        Raises:
            NSInvalidArgumentException: it cannot be.
            InvalidTypeError: neither True nor False.
        """
        return False

    @is_wind_noise_removal_enabled.setter
    def is_wind_noise_removal_enabled(self, enabled: bool) -> None:
        check_flag("is_wind_noise_removal_enabled", enabled)
        if enabled:
            raise NSInvalidArgumentException(
                f"{self._device.localized_name!r} cannot take out noise of wind",
                field="is_wind_noise_removal_enabled",
            )

    # -- pictures ----------------------------------------------------------------------------

    @property
    def unified_auto_exposure_defaults_enabled(self) -> bool:
        """Whether automatic exposure is alike under all presets; false at first.

        Cameras only. No host exposes differently, so it changes nothing. Since iOS 12.0.

        Raises:
            InvalidTypeError: neither True nor False.
        """
        return self._auto_exposure

    @unified_auto_exposure_defaults_enabled.setter
    def unified_auto_exposure_defaults_enabled(self, enabled: bool) -> None:
        check_flag("unified_auto_exposure_defaults_enabled", enabled)
        self._auto_exposure = enabled

    @property
    def video_min_frame_duration_override(self) -> float | None:
        """A shortest time between pictures in seconds that goes before the device's own.

        ``None`` at first, and to take it back. A longer time costs less of the hardware.
        Since iOS 13.0.

        Raises:
            NSInvalidArgumentException: not above 0, or the device gives no pictures.
            InvalidTypeError: no number.
        """
        return self._min_frame_duration_s

    @video_min_frame_duration_override.setter
    def video_min_frame_duration_override(self, duration_s: float | None) -> None:
        name = "video_min_frame_duration_override"
        if duration_s is not None:
            if isinstance(duration_s, bool) or not isinstance(duration_s, int | float):
                raise InvalidTypeError(name, duration_s, expected="a number of seconds, or None")
            if not (math.isfinite(duration_s) and duration_s > 0.0):
                raise NSInvalidArgumentException(
                    f"{duration_s!r} s is no time between pictures", field=name
                )
            if not self._device.has_media_type(AVMediaType.VIDEO):
                raise NSInvalidArgumentException(
                    f"{self._device.localized_name!r} gives no pictures", field=name
                )
        self._min_frame_duration_s = duration_s
        self._altered()

    # -- for the session ---------------------------------------------------------------------

    def _format(self, media_type: AVMediaType) -> FormatFacts | None:
        if media_type is AVMediaType.AUDIO and self._mode is not _Mode.NONE:
            several = self._sound(CHANNELS[self._mode])
            # An external microphone has what it has.
            if several is not None:
                return several
        active = self._device.active_format
        if active is not None and active.media_type is media_type:
            return active
        return next((each for each in self._device.formats if each.media_type is media_type), None)

    @property
    def _frame_rate(self) -> float | None:
        """Pictures per second; ``None``: the fastest of the format."""
        rate = self._device._settings.frame_rate
        if self._min_frame_duration_s is None:
            return rate
        wished = 1.0 / self._min_frame_duration_s
        format = self._format(AVMediaType.VIDEO)
        if format is not None and format.frame_rates:
            wished = max(wished, min(low for low, _ in format.frame_rates))
            wished = min(wished, max(high for _, high in format.frame_rates))
        return wished if rate is None else min(wished, rate)

    @property
    def _clock(self) -> HostClock | None:
        return self._device._app.host.clock() if self._device.is_connected else None

    def _sound(self, channels: int) -> FormatFacts | None:
        return next(
            (
                each
                for each in self._device.formats
                if each.media_type is AVMediaType.AUDIO and each.channels == channels
            ),
            None,
        )


def check_authorized(app: CaptureApp, media_type: AVMediaType) -> None:
    """Raises CaptureError where the user or a policy said no."""
    if app.host.authorization(media_type) in _REFUSED:
        what = "microphone" if media_type is AVMediaType.AUDIO else "camera"
        raise CaptureError(
            AVError.APPLICATION_IS_NOT_AUTHORIZED_TO_USE_DEVICE,
            f"the app may not use the {what}",
        )
