"""AVAudioApplication: permissions and the muting of input, for the app as a whole.

Since iOS 17.0. Sources: AVAudioApplication.h and its documentation page. The handler of
macOS, to which muting is handed there, is not here.
"""

from __future__ import annotations

from audiosession.apple.avaudiosession import AVAudioSession
from audiosession.apple.enums import (
    AVAudioApplicationMicrophoneInjectionPermission,
    AVAudioApplicationRecordPermission,
)
from audiosession.apple.names import (
    AVAudioApplicationNotificationName,
    AVAudioApplicationUserInfoKey,
)
from audiosession.apple.notifications import NotificationCenter
from audiosession.session import AudioSession

__all__ = ["AVAudioApplication"]


class AVAudioApplication:
    """The app, as far as its audio goes. Make none; see :meth:`shared_instance`.

    Apple's class methods are methods of the object here, so that each app of a simulated
    device has its own.
    """

    def __init__(self, session: AVAudioSession) -> None:
        self._session = session
        session._application = self

    @classmethod
    def shared_instance(cls) -> AVAudioApplication:
        """The app that this process is."""
        return cls.of(AudioSession.instance())

    @classmethod
    def of(cls, audio_session: AudioSession) -> AVAudioApplication:
        """The app that a session belongs to; every call gives the same object.

        Raises:
            InvalidTypeError: not a session of the one API.
        """
        session = AVAudioSession.of(audio_session)
        application = session._application
        if not isinstance(application, AVAudioApplication):
            application = AVAudioApplication(session)
        return application

    @property
    def record_permission(self) -> AVAudioApplicationRecordPermission:
        """Whether the app may record; without permission it records silence (apple 118).

        Raises:
            UnsupportedError: the host does not say.
        """
        return self._session._need("record permission").record_permission

    async def request_record_permission(self) -> bool:
        """Asks the user for the microphone, once; later calls give the answer.

        Returns:
            Whether the app may record.

        Raises:
            NSError: as :meth:`AVAudioSession.request_record_permission`.
            UnsupportedError: the host cannot ask.
        """
        return await self._session.request_record_permission()

    @property
    def is_input_muted(self) -> bool:
        """Whether all input of the app is silent; not at first."""
        return self._session._input_muted

    async def set_input_muted(self, muted: bool) -> None:
        """Makes all input of the app silent, or takes that back; observers are notified.

        Raises:
            NSError: ``MEDIA_SERVICES_FAILED``; ``EXPIRED_SESSION``.
            InvalidTypeError: neither True nor False.
            UnsupportedError: the host cannot.
        """
        if await self._session._set_input_muted(muted):
            NotificationCenter.default().post(
                AVAudioApplicationNotificationName.INPUT_MUTE_STATE_CHANGE,
                self,
                {AVAudioApplicationUserInfoKey.MUTE_STATE: muted},
            )

    @property
    def microphone_injection_permission(self) -> AVAudioApplicationMicrophoneInjectionPermission:
        """Whether the app may add sound to the input of others; since iOS 18.2.

        Raises:
            UnsupportedError: the host does not say.
        """
        return self._session._need("microphone injection").microphone_injection_permission

    async def request_microphone_injection_permission(
        self,
    ) -> AVAudioApplicationMicrophoneInjectionPermission:
        """Asks the user for that, once; later calls give the answer. Since iOS 18.2.

        Raises:
            NSError: ``EXPIRED_SESSION``.
            UnsupportedError: the host cannot ask.
        """
        device = self._session._need("microphone injection")
        return await device.request_microphone_injection_permission()
