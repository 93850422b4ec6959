"""Sound that an app runs, as its session knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audiosession._checks import check_flag
from audiosession.apple.constants import AVAudioSessionCategoryOptions
from audiosession.apple.errors import AVAudioSessionErrorCode, NSError
from audiosession.core.translate.apple import CATEGORIES
from audiosession.errors import InvalidValueError

if TYPE_CHECKING:
    from audiosession.apple.avaudiosession import AVAudioSession

_Code = AVAudioSessionErrorCode


class AudioIO:
    """Something of the app that plays, records, or both; :meth:`AVAudioSession.make_io` makes it.

    Stands for what Apple calls audio objects: units, queues, players, recorders. It carries no
    sound itself.

    Args:
        session: Whose it is.
        name: What the device calls it.
        input: Whether it records.
        output: Whether it plays.

    Raises:
        InvalidTypeError: neither True nor False.
        InvalidValueError: neither records nor plays.
    """

    def __init__(self, session: AVAudioSession, name: str, *, input: bool, output: bool) -> None:
        check_flag("input", input)
        check_flag("output", output)
        if not input and not output:
            raise InvalidValueError("output", output, expected="True where there is no input")
        self._session = session
        self._name = name
        self._running = False
        # How often the app stopped it, running or not.
        self._stops = 0
        self._resets = session._resets
        self.input = input
        """Whether it records."""
        self.output = output
        """Whether it plays."""

    @property
    def running(self) -> bool:
        """Whether it runs.

        An interruption, a deactivation and the end of the session stop it (apple 39, 55).
        """
        return self._running and not self._session.audio_session.closed

    async def start(self) -> None:
        """Runs it. An inactive session is activated (apple 19).

        The first use of input asks for permission; without permission it records silence
        (apple 118). Starting what runs does nothing.

        Raises:
            NSError: ``INCOMPATIBLE_CATEGORY``, the session's category has no such direction;
                ``MEDIA_SERVICES_FAILED``, the media services are lost or have been reset since
                it was made (apple 121); ``UNSPECIFIED``, the built-in microphone is muted in
                hardware (apple 67); ``SESSION_NOT_ACTIVE``, an interruption came first; or as
                :meth:`AVAudioSession.set_active`.
        """
        if self.running:
            return
        session = self._session
        self._check_startable()
        stops = self._stops
        if not session.is_active:
            await session.set_active(True)
            # Much may have happened meanwhile.
            if self._running or self._stops != stops:
                return
            self._check_startable()
            if not session.is_active:
                raise _interrupted()
        device = session._device
        if self.input and device is not None and device.microphone_muted:
            override = AVAudioSessionCategoryOptions.OVERRIDE_MUTED_MICROPHONE_INTERRUPTION
            if session._records_built_in() and override not in session.category_options:
                raise NSError(
                    _Code.UNSPECIFIED,
                    "the built-in microphone is muted in hardware",
                    advice="use OVERRIDE_MUTED_MICROPHONE_INTERRUPTION to record zeros",
                )
        self._running = True
        session._io[self._name] = self
        if device is not None:
            try:
                await device.start_io(self._name, input=self.input, output=self.output)
            except BaseException:
                self._halt()
                raise
        if not self._running:
            # It was stopped before the device knew of it.
            if device is not None:
                device.end_io(self._name)
            if self._stops == stops:
                raise _interrupted()
        session._look()

    async def stop(self) -> None:
        """Stops it, also while it starts; stopping what does not run does nothing.

        The session stays active.
        """
        self._stops += 1
        if self._running:
            self._halt()
            self._session._look()

    def _check_startable(self) -> None:
        """Raises NSError where session or category stand in the way."""
        session = self._session
        session._check_usable()
        if self._resets != session._resets:
            raise NSError(
                _Code.MEDIA_SERVICES_FAILED,
                "the media services were reset since this was made",
                advice="make another one",
            )
        kind = CATEGORIES[session.category.value]
        for wanted, there, what in (
            (self.input, kind.records, "records"),
            (self.output, kind.plays, "plays"),
        ):
            if wanted and not there:
                raise NSError(
                    _Code.INCOMPATIBLE_CATEGORY,
                    f"this {what}, which the category {session.category.name} does not",
                )

    def _halt(self) -> None:
        """It does not run any more."""
        if self._running:
            self._running = False
            del self._session._io[self._name]
            device = self._session._device
            if device is not None:
                device.end_io(self._name)


def _interrupted() -> NSError:
    return NSError(_Code.SESSION_NOT_ACTIVE, "the session was interrupted meanwhile")


__all__ = ["AudioIO"]
