"""The activation of a session: what is asked for, and what of it is in force."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from ._checks import check_optional
from ._reports import Reports
from ._tasks import caller_cancelled, to_the_end
from .android.attributes import AndroidAudioAttributes
from .android.constants import AndroidAudioFocusGainType
from .apple.constants import AVAudioSessionCategory, AVAudioSessionSetActiveOptions
from .configuration import AudioSessionConfiguration
from .hosts.base import ActivationRequest, ActivationResult, HostSession, Outcome

_RECORDS = (AVAudioSessionCategory.RECORD, AVAudioSessionCategory.PLAY_AND_RECORD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What an activation asks for instead of what is configured; ``None``: as configured.

    Raises:
        InvalidTypeError: a field has the wrong type.
    """

    gain_type: AndroidAudioFocusGainType | None = None
    """How long and how hard."""
    attributes: AndroidAudioAttributes | None = None
    """What for."""
    will_pause_when_ducked: bool | None = None
    """Whether the app would rather pause than be lowered."""

    def __post_init__(self) -> None:
        check_optional("android_audio_focus_gain_type", self.gain_type, AndroidAudioFocusGainType)
        check_optional("android_audio_attributes", self.attributes, AndroidAudioAttributes)
        check_optional("android_will_pause_when_ducked", self.will_pause_when_ducked, bool)

    def onto(self, configuration: AudioSessionConfiguration) -> AudioSessionConfiguration:
        """The configuration as the activation has it."""
        given: dict[str, Any] = {
            name: value
            for name, value in (
                ("android_audio_focus_gain_type", self.gain_type),
                ("android_audio_attributes", self.attributes),
                ("android_will_pause_when_ducked", self.will_pause_when_ducked),
            )
            if value is not None
        }
        return configuration.copy_with(**given) if given else configuration

    def request(self, configuration: AudioSessionConfiguration) -> ActivationRequest:
        """What the activation asks of the host."""
        return ActivationRequest.of(self.onto(configuration))


class Activation:
    """What a session has of the host, and the asking for it. Its calls come one at a time."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self._request: ActivationRequest | None = None
        self._overrides = Overrides()
        self._own_calls = 0
        # Counts what the host says unasked, which may come before the answer to a request.
        self._news = 0
        self.active = False
        """Whether the last request was granted and is still in force."""
        self.lost = False
        """Whether it was lost, and neither asked for since nor given up."""

    @property
    def asking(self) -> bool:
        """Whether the app itself is asking or giving up right now."""
        return self._own_calls > 0

    @property
    def overrides(self) -> Overrides:
        """The overrides in force."""
        return self._overrides if self.active else Overrides()

    # -- what the host says ------------------------------------------------------------------

    def gain(self) -> None:
        """It is in force from now on."""
        self._news += 1
        self.active, self.lost = True, False

    def lose(self) -> None:
        """It is in force no more."""
        self._news += 1
        self.active, self.lost = False, True

    def end(self) -> None:
        """The session is closed."""
        self.active = self.lost = False

    # -- what the app does -------------------------------------------------------------------

    async def configure(
        self, session: HostSession, configuration: AudioSessionConfiguration
    ) -> None:
        """Changes what is asked for; what the activation overrides stays so."""
        overrides = self.overrides
        await session.configure(overrides.onto(configuration))
        self._request = overrides.request(configuration)
        self._look(session)

    async def ask(
        self,
        session: HostSession,
        overrides: Overrides,
        configuration: AudioSessionConfiguration,
        *,
        new: bool,
    ) -> ActivationResult:
        """Asks, for the app; takes it back when the caller is cancelled.

        Args:
            session: The host's session.
            overrides: What the call asks for.
            configuration: What is configured.
            new: Whether the host does not know the configuration yet.
        """
        before = self._request, self._overrides, self.active
        request = overrides.request(configuration)
        cancelled = caller_cancelled()

        async def asked() -> ActivationResult:
            if cancelled():
                raise asyncio.CancelledError
            self._own_calls += 1
            try:
                if new:
                    await session.configure(configuration)
                return await self._ask(session, request, overrides)
            finally:
                self._own_calls -= 1

        async def undone(result: ActivationResult) -> None:
            if result.outcome is Outcome.DENIED:
                return
            old_request, old_overrides, was_active = before
            if not was_active or old_request is None:
                await self.give_up(session, notify=True)
            elif old_request != request:
                again = await self._ask(session, old_request, old_overrides)
                self.active = again.outcome is Outcome.GRANTED

        return await to_the_end(asked(), undo=undone)

    async def reclaim(self, session: HostSession, configuration: AudioSessionConfiguration) -> None:
        """Asks again for what was lost, not for the app."""
        request = self._overrides.request(configuration)
        await to_the_end(self._ask(session, request, self._overrides))

    async def give_up(self, session: HostSession, *, notify: bool) -> bool:
        """Gives it up; False where the host refuses."""
        self._own_calls += 1
        try:
            done = await session.deactivate(notify_others=notify)
        finally:
            self._own_calls -= 1
        if done:
            self.active = self.lost = False
            self._look(session)
        return done

    async def _ask(
        self, session: HostSession, request: ActivationRequest, overrides: Overrides
    ) -> ActivationResult:
        news = self._news
        result = await session.activate(request)
        if result.outcome is not Outcome.DENIED:
            self._request, self._overrides = request, overrides
            if self._news == news:
                self.active, self.lost = result.outcome is Outcome.GRANTED, False
            self._look(session)
        return result

    def _look(self, session: HostSession) -> None:
        """What the app did itself may have ended an interruption unsaid."""
        if not session.interrupted:
            self._reports.nothing_interrupts()


def notifies_others(
    configuration: AudioSessionConfiguration, options: AVAudioSessionSetActiveOptions | None
) -> bool:
    """Whether a deactivation lets the others know; ``None``: as configured."""
    if options is None:
        options = configuration.av_audio_session_set_active_options
    tell = AVAudioSessionSetActiveOptions.NOTIFY_OTHERS_ON_DEACTIVATION
    return options is not None and bool(options & tell)


def records(configuration: AudioSessionConfiguration | None) -> bool:
    """Whether a session configured so records."""
    return configuration is not None and configuration.av_audio_session_category in _RECORDS


__all__ = ["Activation", "Overrides", "notifies_others", "records"]
