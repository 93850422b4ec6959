"""Connections: which port's samples go to which output."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from audiosession._checks import check_flag
from audiosession.capture.devices import check_type
from audiosession.capture.enums import (
    AVCaptureVideoOrientation,
    AVCaptureVideoStabilizationMode,
    AVMediaType,
)
from audiosession.capture.errors import NSInvalidArgumentException
from audiosession.capture.inputs import AVCaptureInputPort
from audiosession.capture.levels import AudioLevels, AVCaptureAudioChannel
from audiosession.capture.outputs.base import AVCaptureOutput
from audiosession.errors import InvalidTypeError

if TYPE_CHECKING:
    from audiosession.capture._configuration import Configuring

__all__ = ["AVCaptureConnection"]

_ANGLES = {
    AVCaptureVideoOrientation.LANDSCAPE_RIGHT: 0.0,
    AVCaptureVideoOrientation.PORTRAIT: 90.0,
    AVCaptureVideoOrientation.LANDSCAPE_LEFT: 180.0,
    AVCaptureVideoOrientation.PORTRAIT_UPSIDE_DOWN: 270.0,
}


class AVCaptureConnection:
    """The way from an input's ports to an output.

    A session makes them by itself when inputs and outputs are added; those made by hand are
    for inputs and outputs that were added without connections.

    Args:
        input_ports: From where, one port or more, all of one media type.
        output: Where to.

    Raises:
        NSInvalidArgumentException: no ports, several media types, or one that the output
            does not take.
        InvalidTypeError: an argument has the wrong type.
    """

    def __init__(self, input_ports: Iterable[AVCaptureInputPort], output: AVCaptureOutput) -> None:
        if isinstance(input_ports, AVCaptureInputPort):
            raise InvalidTypeError("input_ports", input_ports, expected="several ports")
        ports = tuple(input_ports)
        for port in ports:
            check_type("input_ports", port, AVCaptureInputPort)
        check_type("output", output, AVCaptureOutput)
        types = {port.media_type for port in ports}
        if len(types) != 1:
            raise NSInvalidArgumentException(
                "a connection needs ports of one media type", field="input_ports"
            )
        (self._media_type,) = types
        if self._media_type not in output.media_types:
            raise NSInvalidArgumentException(
                f"{type(output).__name__} takes no {self._media_type.name.lower()}",
                field="output",
            )
        self._ports, self._output = ports, output
        self._session: Configuring | None = None
        self._enabled = True
        # Whether its session lets samples through now; read in every thread.
        self._flowing = False
        self._levels = AudioLevels() if self._media_type is AVMediaType.AUDIO else None
        self._adjusts_mirroring = True
        self._stabilization = AVCaptureVideoStabilizationMode.OFF

    def __repr__(self) -> str:
        return f"<AVCaptureConnection {self._media_type.name} to {type(self._output).__name__}>"

    @property
    def input_ports(self) -> tuple[AVCaptureInputPort, ...]:
        """Where its samples come from."""
        return self._ports

    @property
    def output(self) -> AVCaptureOutput | None:
        """Where they go."""
        return self._output

    @property
    def video_preview_layer(self) -> None:
        """The layer that shows them; there are none here."""
        return None

    @property
    def is_enabled(self) -> bool:
        """Whether samples may go through it; true at first.

        Raises:
            InvalidTypeError: neither True nor False.
        """
        return self._enabled

    @is_enabled.setter
    def is_enabled(self, enabled: bool) -> None:
        check_flag("is_enabled", enabled)
        self._enabled = enabled
        if not enabled:
            self._silence()
        if self._session is not None:
            self._session._altered()

    @property
    def is_active(self) -> bool:
        """Whether samples can come through it.

        It and its ports are enabled, it belongs to a session, and nothing else takes its
        samples: before iOS 16 a movie file output does that to data outputs.
        """
        return (
            self._session is not None
            and self._enabled
            and any(port.is_enabled for port in self._ports)
            and not self._session._beaten(self)
        )

    # -- sound -------------------------------------------------------------------------------

    @property
    def audio_channels(self) -> tuple[AVCaptureAudioChannel, ...]:
        """The channels of the sound that goes through, to be asked for their levels.

        Empty before the first sound, and where there is none.
        """
        return () if self._levels is None else self._levels.channels

    # -- pictures ----------------------------------------------------------------------------

    @property
    def is_video_mirroring_supported(self) -> bool:
        """Whether pictures can be mirrored; they cannot here."""
        return False

    @property
    def automatically_adjusts_video_mirroring(self) -> bool:
        """Whether the session decides about mirroring; true at first.

        Raises:
            InvalidTypeError: neither True nor False.
        """
        return self._adjusts_mirroring

    @automatically_adjusts_video_mirroring.setter
    def automatically_adjusts_video_mirroring(self, adjusts: bool) -> None:
        check_flag("automatically_adjusts_video_mirroring", adjusts)
        self._adjusts_mirroring = adjusts

    @property
    def is_video_mirrored(self) -> bool:
        """Whether pictures are mirrored; never.

        Raises:
            NSInvalidArgumentException: they cannot be, or the session decides about it.
            InvalidTypeError: neither True nor False.
        """
        return False

    @is_video_mirrored.setter
    def is_video_mirrored(self, mirrored: bool) -> None:
        check_flag("is_video_mirrored", mirrored)
        if self._adjusts_mirroring:
            raise NSInvalidArgumentException(
                "the session decides about mirroring",
                advice="set automatically_adjusts_video_mirroring to False first",
                field="is_video_mirrored",
            )
        if mirrored:
            raise NSInvalidArgumentException(
                "pictures of this connection cannot be mirrored", field="is_video_mirrored"
            )

    def is_video_rotation_angle_supported(self, angle: float) -> bool:
        """Whether pictures can be turned by so many degrees; by 0 alone."""
        return self._media_type is AVMediaType.VIDEO and angle == 0.0

    @property
    def video_rotation_angle(self) -> float:
        """By how many degrees pictures are turned clockwise; since iOS 17.0.

        Raises:
            NSInvalidArgumentException: that angle is not possible.
            InvalidTypeError: no number.
        """
        return 0.0

    @video_rotation_angle.setter
    def video_rotation_angle(self, angle: float) -> None:
        if isinstance(angle, bool) or not isinstance(angle, int | float):
            raise InvalidTypeError("video_rotation_angle", angle, expected="a number of degrees")
        if not self.is_video_rotation_angle_supported(angle):
            raise NSInvalidArgumentException(
                f"pictures of this connection cannot be turned by {angle!r} degrees",
                advice="ask is_video_rotation_angle_supported() first",
                field="video_rotation_angle",
            )

    @property
    def video_orientation(self) -> AVCaptureVideoOrientation:
        """Which way up pictures are; deprecated since iOS 17.0 for an angle.

        Raises:
            NSInvalidArgumentException: not that way.
            InvalidTypeError: no orientation.
        """
        return AVCaptureVideoOrientation.LANDSCAPE_RIGHT

    @video_orientation.setter
    def video_orientation(self, orientation: AVCaptureVideoOrientation) -> None:
        check_type("video_orientation", orientation, AVCaptureVideoOrientation)
        self.video_rotation_angle = _ANGLES[orientation]

    @property
    def preferred_video_stabilization_mode(self) -> AVCaptureVideoStabilizationMode:
        """How shaking should be taken out; a wish that no host grants. ``OFF`` at first.

        Raises:
            InvalidTypeError: not a mode.
        """
        return self._stabilization

    @preferred_video_stabilization_mode.setter
    def preferred_video_stabilization_mode(self, mode: AVCaptureVideoStabilizationMode) -> None:
        check_type("preferred_video_stabilization_mode", mode, AVCaptureVideoStabilizationMode)
        self._stabilization = mode

    # -- for outputs and the pipeline --------------------------------------------------------

    @property
    def media_type(self) -> AVMediaType:
        """What goes through it."""
        return self._media_type

    @property
    def _lets_through(self) -> bool:
        """Whether anything may go through now; read in every thread."""
        return self._flowing and self._enabled

    @property
    def levels(self) -> AudioLevels | None:
        """Measures the sound that goes through; ``None`` where there is none."""
        return self._levels

    # -- for the session ---------------------------------------------------------------------

    def _stop_flowing(self) -> None:
        """Lets nothing through any more."""
        self._flowing = False
        self._silence()

    def _silence(self) -> None:
        """Nothing is heard: a meter shows that, and not what was heard last."""
        if self._levels is not None:
            self._levels.reset()
