"""What every host that runs on the project's own arbiter shares: effects in the one API's words."""

from __future__ import annotations

from ..core.claims import Claim, Role
from ..core.effects import Effect, Granted, HoldKind, Interrupted, Released, Stopped
from ..core.translate.one_api import claim_from_configuration
from ..interruptions import AudioInterruptionEvent, AudioInterruptionType, InterruptionReason
from .base import ActivationRequest

REASONS: dict[Role, InterruptionReason] = {
    Role.EMERGENCY: InterruptionReason.EMERGENCY,
    Role.SAFETY: InterruptionReason.EMERGENCY,
    Role.CALL: InterruptionReason.CALL,
    Role.RINGTONE: InterruptionReason.RINGTONE,
    Role.ALARM: InterruptionReason.ALARM,
    Role.SCREEN_READER: InterruptionReason.SCREEN_READER,
    Role.ASSISTANT: InterruptionReason.ASSISTANT,
}
"""The roles an app is told of; all others are just another app."""


def claim_of(request: ActivationRequest) -> Claim:
    """The claim that a request amounts to."""
    configuration = request.configuration
    category = configuration.av_audio_session_category
    mode = configuration.av_audio_session_mode
    options = configuration.av_audio_session_category_options
    attributes = request.attributes
    return claim_from_configuration(
        category=None if category is None else category.value,
        mode=None if mode is None else mode.value,
        options=None if options is None else int(options),
        usage=None if attributes is None else int(attributes.usage),
        content_type=None if attributes is None else int(attributes.content_type),
        gain=int(request.gain_type),
        will_pause_when_ducked=request.will_pause_when_ducked,
    )


class InterruptionTeller:
    """Turns the effects on one session into the one API's interruption events.

    A late grant is no end of an interruption: unless one had begun, the app hears nothing.
    """

    def __init__(self) -> None:
        self._begun: HoldKind | None = None
        self._system_ducked = False
        self._why = InterruptionReason.UNKNOWN

    @property
    def running(self) -> bool:
        """Whether the app was told of the beginning of an interruption and of no end."""
        return self._begun is not None

    def forget(self) -> None:
        """The interruption ended unsaid."""
        self._begun = None

    def tell(self, effect: Effect, cause: Claim | None) -> AudioInterruptionEvent | None:
        """The event an effect amounts to; ``None`` when the app hears nothing of it.

        Args:
            effect: Any effect on the session.
            cause: The claim of the session that caused it, where it is still known.
        """
        if isinstance(effect, Interrupted):
            # Whoever caused the beginning may be gone at the end, so the reason is kept.
            self._why = _reason(effect.cause, cause)
            duck = effect.kind is HoldKind.DUCK
            self._begun = effect.kind if effect.told else None
            self._system_ducked = duck and effect.enforced
            if effect.told:
                return AudioInterruptionEvent(
                    begin=True,
                    type=AudioInterruptionType.DUCK if duck else AudioInterruptionType.PAUSE,
                    system_ducked=self._system_ducked,
                    reason=self._why,
                )
        elif isinstance(effect, Stopped):
            self._begun = None
            if effect.told:
                return AudioInterruptionEvent(
                    begin=True,
                    type=AudioInterruptionType.UNKNOWN,
                    reason=_reason(effect.cause, cause),
                )
        elif isinstance(effect, Released):
            self._begun = None
            if effect.told:
                return self._ended(effect.kind, resume=effect.should_resume)
        elif isinstance(effect, Granted) and effect.late and self._begun is not None:
            kind, self._begun = self._begun, None
            return self._ended(kind, resume=kind is HoldKind.PAUSE)
        return None

    def _ended(self, kind: HoldKind, *, resume: bool) -> AudioInterruptionEvent:
        if kind is HoldKind.DUCK:
            return AudioInterruptionEvent(
                begin=False,
                type=AudioInterruptionType.DUCK,
                system_ducked=self._system_ducked,
                reason=self._why,
            )
        return AudioInterruptionEvent(
            begin=False,
            type=AudioInterruptionType.PAUSE if resume else AudioInterruptionType.UNKNOWN,
            should_resume=resume,
            reason=self._why,
        )


def _reason(cause: str, claim: Claim | None) -> InterruptionReason:
    if claim is None:
        return InterruptionReason.SYSTEM if cause == "system" else InterruptionReason.OTHER_APP
    return REASONS.get(claim.role, InterruptionReason.OTHER_APP)
