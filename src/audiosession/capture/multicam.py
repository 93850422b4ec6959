"""AVCaptureMultiCamSession: a session of several cameras."""

from __future__ import annotations

from audiosession.capture._app import AnyAudioSession, CaptureApp, audio_session_of, is_camera
from audiosession.capture._graph import Rules
from audiosession.capture.avcapturesession import AVCaptureSession
from audiosession.capture.inputs import AVCaptureDeviceInput, AVCaptureInput
from audiosession.capture.presets import AVCaptureSessionPreset

__all__ = ["AVCaptureMultiCamSession"]


class AVCaptureMultiCamSession(AVCaptureSession):
    """A session that may have several cameras, each with a format set by hand. Since iOS 13.0.

    Its preset is always ``INPUT_PRIORITY``. A camera all of whose connections are disabled
    stands still, and the others run on.
    """

    _rules = Rules(many_cameras=True)
    _first_preset = AVCaptureSessionPreset.INPUT_PRIORITY

    @classmethod
    def is_multi_cam_supported(cls, audio_session: AnyAudioSession = None) -> bool:
        """Whether the device can run several cameras at once.

        Args:
            audio_session: Whose devices; ``None``: those of the app's shared session.

        Raises:
            UnsupportedError: the host has no devices to offer.
        """
        app = CaptureApp.of(audio_session_of(audio_session))
        able = [
            facts
            for facts in app.devices()
            if is_camera(facts) and any(each.multi_cam for each in facts.formats)
        ]
        return len(able) > 1

    @property
    def hardware_cost(self) -> float:
        """What it takes of the hardware, 0.0 to 1.0; more than that cannot start.

        The sum over the cameras with an active connection: smaller formats and lower frame
        rates cost less.
        """
        return self._rules.hardware_cost(self._graph)

    @property
    def system_pressure_cost(self) -> float:
        """What it adds to heat and power in the long run; above 1.0 it runs only briefly.

        Nothing is known of how Apple reckons it: here it is the hardware's cost, as long as
        the system is under no pressure.
        """
        return self.hardware_cost

    def _input_problem(self, input: AVCaptureInput) -> str:
        problem = super()._input_problem(input)
        if problem or not isinstance(input, AVCaptureDeviceInput):
            return problem
        facts = input.device._facts
        if is_camera(facts) and not any(each.multi_cam for each in facts.formats):
            return f"{input.device.localized_name!r} cannot run beside other cameras"
        return ""
