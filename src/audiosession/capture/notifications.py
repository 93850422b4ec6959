"""What capture sessions and devices tell, by name; Apple's text constants.

They are posted to :meth:`NotificationCenter.default()
<audiosession.apple.notifications.NotificationCenter.default>`: a session's in its event loop,
a device's in the app's, and a port's new format in the thread that set it. Which thread Apple
posts them in is not known. The texts equal the names.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "AVCaptureDeviceNotificationName",
    "AVCaptureInputPortNotificationName",
    "AVCaptureSessionNotificationName",
    "AVCaptureSessionUserInfoKey",
]


class AVCaptureSessionNotificationName(StrEnum):
    """What happens to a session; the object of each is the session. Since iOS 4.0."""

    RUNTIME_ERROR = "AVCaptureSessionRuntimeErrorNotification"
    """Something failed that no call could tell of; ``ERROR`` says what."""
    DID_START_RUNNING = "AVCaptureSessionDidStartRunningNotification"
    """It runs."""
    DID_STOP_RUNNING = "AVCaptureSessionDidStopRunningNotification"
    """It does not run any more, whoever stopped it."""
    WAS_INTERRUPTED = "AVCaptureSessionWasInterruptedNotification"
    """It is interrupted; ``INTERRUPTION_REASON`` says why."""
    INTERRUPTION_ENDED = "AVCaptureSessionInterruptionEndedNotification"
    """The interruption is over."""


class AVCaptureSessionUserInfoKey(StrEnum):
    """Keys of what comes along with a session's notification.

    A name is Apple's without ``AVCaptureSession`` and ``Key``.
    """

    ERROR = "AVCaptureSessionErrorKey"
    """A ``CaptureError``; since iOS 4.0."""
    INTERRUPTION_REASON = "AVCaptureSessionInterruptionReasonKey"
    """An ``AVCaptureSessionInterruptionReason``; since iOS 9.0."""
    INTERRUPTION_SYSTEM_PRESSURE_STATE = "AVCaptureSessionInterruptionSystemPressureStateKey"
    """An ``AVCaptureSystemPressureState``, where that is the reason; since iOS 11.1."""


class AVCaptureDeviceNotificationName(StrEnum):
    """What happens to a device; the object of each is the device. Since iOS 4.0."""

    WAS_CONNECTED = "AVCaptureDeviceWasConnectedNotification"
    """It has come."""
    WAS_DISCONNECTED = "AVCaptureDeviceWasDisconnectedNotification"
    """It has gone."""


class AVCaptureInputPortNotificationName(StrEnum):
    """What happens to an input's port; the object is the port. Since iOS 4.0."""

    FORMAT_DESCRIPTION_DID_CHANGE = "AVCaptureInputPortFormatDescriptionDidChangeNotification"
    """Its samples have another format from now on."""
