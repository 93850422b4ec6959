"""AVAudioSession: Apple's audio session, over the one API's.

Names are Swift's in Python's spelling, and overloads are one method with optional arguments.
What Apple answers with no and an error raises :class:`~audiosession.apple.errors.NSError`.
Methods that reach the host are coroutines; :mod:`audiosession.apple.blocking` has them in a
blocking form. Properties never block, but on a real phone: they ask it, and its answer may wait
for an activation that is under way. Notifications are posted to
:meth:`NotificationCenter.default() <audiosession.apple.notifications.NotificationCenter.default>`
in the event loop the session belongs to, in the order of what happens, each before the one
API's streams hear of the same. Sources: AVAudioSession.h and its documentation pages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from audiosession._checks import check_flag
from audiosession.apple._observing import Observation, Observations
from audiosession.apple._preferences import Preferences
from audiosession.apple.constants import AVAudioSessionSetActiveOptions
from audiosession.apple.enums import AVAudioSessionSetActiveFlags
from audiosession.errors import InvalidTypeError
from audiosession.session import AudioSession

__all__ = ["AVAudioSession"]


class AVAudioSession(Preferences):
    """An app's audio session as Apple's frameworks have it.

    A view of an :class:`audiosession.AudioSession`: what one sets, the other reads. Each has
    one such view, which :meth:`of` gives; :meth:`shared_instance` gives that of the app.
    """

    @classmethod
    def shared_instance(cls) -> AVAudioSession:
        """The one session of the app (apple 1): the view of ``AudioSession.instance()``."""
        return cls.of(AudioSession.instance())

    @classmethod
    def of(cls, audio_session: AudioSession) -> AVAudioSession:
        """The view of a session; every call gives the same object.

        Raises:
            InvalidTypeError: not a session of the one API.
        """
        if not isinstance(audio_session, AudioSession):
            raise InvalidTypeError("audio_session", audio_session, expected="an AudioSession")
        face = audio_session._face
        if not isinstance(face, AVAudioSession):
            face = AVAudioSession(audio_session)
        return face

    def __init__(self, audio_session: AudioSession | None = None) -> None:
        """Makes the view; use :meth:`shared_instance` or :meth:`of` instead (apple 1).

        Raises:
            InvalidTypeError: no session; Apple's ``init`` is deprecated since iOS 10.0.
        """
        if not isinstance(audio_session, AudioSession):
            raise InvalidTypeError(
                "audio_session", audio_session, expected="an AudioSession; see shared_instance()"
            )
        super().__init__(audio_session)
        self._observations = Observations(lambda name: getattr(self, name), self._as_seen)
        audio_session._face = self
        if audio_session._host is not None or not callable(audio_session._host_source):
            # From here on the device tells what happens. A host that is not chosen yet has
            # nothing to tell.
            _ = self._device

    def __repr__(self) -> str:
        state = "active" if self.is_active else "inactive"
        return f"<AVAudioSession {self.category.name} {self.mode.name} {state}>"

    def observe(self, name: str, callback: Callable[[Any], object]) -> Observation:
        """Has a function called with every new value of a property, as Apple's KVO does.

        Args:
            name: ``output_volume``, ``sample_rate``, ``prompt_style`` or another of those
                that Apple lets apps observe.
            callback: A plain function; what it raises is logged and disturbs nobody.

        Returns:
            The observation; its ``cancel()`` ends it.

        Raises:
            UnknownNameError: the property cannot be observed.
            InvalidTypeError: the callback is no plain function.
            UnsupportedError: the host does not know the property.
            LimitError: there are 1,000 observers already.
        """
        return self._observations.add(name, callback)

    # -- what is deprecated ------------------------------------------------------------------

    @property
    def delegate(self) -> object:
        """Who is told in the way of iOS 3 to 5; ``None`` at first.

        Of the methods ``begin_interruption()``, ``end_interruption_with_flags(flags)``,
        ``end_interruption()`` and ``input_is_available_changed(available)`` those are called
        that it has; ``end_interruption`` is not where the one with flags is there.
        """
        return self._delegate

    @delegate.setter
    def delegate(self, delegate: object) -> None:
        self._delegate = delegate

    @property
    def input_is_available(self) -> bool:
        """The old name of :attr:`is_input_available`."""
        return self.is_input_available

    @property
    def current_hardware_sample_rate(self) -> float:
        """The old name of :attr:`sample_rate`."""
        return self.sample_rate

    @property
    def current_hardware_input_number_of_channels(self) -> int:
        """The old name of :attr:`input_number_of_channels`."""
        return self.input_number_of_channels

    @property
    def current_hardware_output_number_of_channels(self) -> int:
        """The old name of :attr:`output_number_of_channels`."""
        return self.output_number_of_channels

    @property
    def preferred_hardware_sample_rate(self) -> float:
        """The old name of :attr:`preferred_sample_rate`."""
        return self.preferred_sample_rate

    async def set_preferred_hardware_sample_rate(self, sample_rate: float) -> None:
        """The old name of :meth:`set_preferred_sample_rate`."""
        await self.set_preferred_sample_rate(sample_rate)

    async def set_active_with_flags(
        self, active: bool, with_flags: AVAudioSessionSetActiveFlags
    ) -> None:
        """The old form of :meth:`set_active`; deprecated since iOS 6.0.

        Raises:
            NSError: as :meth:`set_active`.
            InvalidTypeError: an argument has the wrong type.
        """
        if not isinstance(with_flags, AVAudioSessionSetActiveFlags):
            raise InvalidTypeError(
                "with_flags", with_flags, expected="of type AVAudioSessionSetActiveFlags"
            )
        await self.set_active(active, options=AVAudioSessionSetActiveOptions(int(with_flags)))

    # -- for AVAudioApplication --------------------------------------------------------------

    @property
    def _input_muted(self) -> bool:
        return self._wishes.input_muted

    async def _set_input_muted(self, muted: bool) -> bool:
        """Mutes all input of the app; False when it was so already."""
        check_flag("muted", muted)
        self._check_usable()
        before = self._wishes.input_muted
        # Also the same again: on a phone the user may have muted it otherwise.
        await self._wish(input_muted=muted)
        return muted is not before
