"""Category, mode, options and route sharing policy of AVAudioSession."""

from __future__ import annotations

from copy import copy
from functools import cache
from typing import Final

from audiosession.apple import legality
from audiosession.apple._base import SessionBase
from audiosession.apple._kept import kept
from audiosession.apple.constants import (
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionMode,
    AVAudioSessionRouteSharingPolicy,
)
from audiosession.apple.errors import AVAudioSessionErrorCode, NSError
from audiosession.configuration import AudioSessionConfiguration
from audiosession.core.translate.apple import CATEGORIES
from audiosession.errors import DeniedError, InvalidTypeError

_Code = AVAudioSessionErrorCode

CATEGORIES_SINCE: Final = {AVAudioSessionCategory.MULTI_ROUTE: (6, 0)}
"""From which system on there is a category (AVAudioSessionTypes.h); others are older."""
CATEGORIES_UNTIL: Final = {AVAudioSessionCategory.AUDIO_PROCESSING: (10, 0)}
"""From which system on a category is offered no more."""
MODES_SINCE: Final = {
    AVAudioSessionMode.MOVIE_PLAYBACK: (6, 0),
    AVAudioSessionMode.VIDEO_CHAT: (7, 0),
    AVAudioSessionMode.SPOKEN_AUDIO: (9, 0),
    AVAudioSessionMode.VOICE_PROMPT: (12, 0),
    AVAudioSessionMode.SHORT_FORM_VIDEO: (26, 0),
    AVAudioSessionMode.DUAL_ROUTE: (26, 2),
}
"""From which system on there is a mode (AVAudioSessionTypes.h); others are older."""


class Configuring(SessionBase):
    """Says what the app's audio is for (apple 1 to 18)."""

    @property
    @kept
    def available_categories(self) -> tuple[AVAudioSessionCategory, ...]:
        """The categories of this device; ``RECORD`` is not there without any microphone.

        A real phone is asked.
        """
        if (phone := self._phone) is not None:
            return phone.available_categories
        known = _categories(self._version)
        if self._standing.has_input:
            return known
        return tuple(each for each in known if each is not AVAudioSessionCategory.RECORD)

    @property
    def available_modes(self) -> tuple[AVAudioSessionMode, ...]:
        """The modes of this device; a real phone is asked."""
        if (phone := self._phone) is not None:
            return phone.available_modes
        return _modes(self._version)

    @property
    def category(self) -> AVAudioSessionCategory:
        """The category set last; ``SOLO_AMBIENT`` at first (apple 2)."""
        return self._now.category

    @property
    def mode(self) -> AVAudioSessionMode:
        """The mode in force; ``DEFAULT`` where the one set does not fit the category."""
        return self._now.mode

    @property
    def category_options(self) -> AVAudioSessionCategoryOptions:
        """The options in force, with those that options, mode and category bring along.

        So ``DUCK_OTHERS`` reads as itself and ``MIX_WITH_OTHERS`` (apple 16 to 18).
        """
        return self._now.options

    @property
    def route_sharing_policy(self) -> AVAudioSessionRouteSharingPolicy:
        """The route sharing policy set last."""
        return self._now.policy

    async def set_category(
        self,
        category: AVAudioSessionCategory,
        *,
        mode: AVAudioSessionMode | None = None,
        policy: AVAudioSessionRouteSharingPolicy | None = None,
        options: AVAudioSessionCategoryOptions | None = None,
    ) -> None:
        """Sets the category, and with it the options; takes effect at once when active.

        Each of Apple's four methods of that name is this one with fewer arguments.

        Args:
            category: What the app does with sound.
            mode: What it uses the category for; ``None`` leaves it as it is.
            policy: Whether it shares a route; ``None`` is the default one.
            options: How it behaves towards others; ``None`` is no option: those set before
                are dropped (apple 6).

        Raises:
            NSError: ``BAD_PARAM``, they do not go together (apple 9 to 13) or are not of this
                device; ``INSUFFICIENT_PRIORITY``, the session is active and may not be what it
                would be now, or it leaves a category with input while its own input runs
                (apple 34); ``MEDIA_SERVICES_FAILED``; ``EXPIRED_SESSION``.
            InvalidTypeError: an argument has the wrong type.
        """
        for name, value, kind in (
            ("category", category, AVAudioSessionCategory),
            ("mode", self._now.mode if mode is None else mode, AVAudioSessionMode),
            (
                "policy",
                self._now.policy if policy is None else policy,
                AVAudioSessionRouteSharingPolicy,
            ),
            (
                "options",
                self._now.options if options is None else options,
                AVAudioSessionCategoryOptions,
            ),
        ):
            if not isinstance(value, kind):
                raise InvalidTypeError(name, value, expected=f"of type {kind.__name__}")
        self._check_usable()
        given = self._now.wished_mode
        await self._configure(
            category,
            given if mode is None else mode,
            AVAudioSessionRouteSharingPolicy.DEFAULT if policy is None else policy,
            AVAudioSessionCategoryOptions.NONE if options is None else options,
        )

    async def set_mode(self, mode: AVAudioSessionMode) -> None:
        """Sets the mode and leaves category, options and policy as they are.

        A mode that does not fit the category counts as the default mode (apple 7).

        Raises:
            NSError: as :meth:`set_category`.
            InvalidTypeError: not a mode.
        """
        if not isinstance(mode, AVAudioSessionMode):
            raise InvalidTypeError("mode", mode, expected="of type AVAudioSessionMode")
        self._check_usable()
        await self._configure(self._now.category, mode, self._now.policy, self._given_options)

    async def _configure(
        self,
        category: AVAudioSessionCategory,
        mode: AVAudioSessionMode,
        policy: AVAudioSessionRouteSharingPolicy,
        options: AVAudioSessionCategoryOptions,
    ) -> None:
        # Without a microphone RECORD may be set, and fails at the activation (apple 29, 91).
        if category not in _categories(self._version):
            raise NSError(_Code.BAD_PARAM, f"this system has no category {category.name}")
        if mode not in _modes(self._version):
            raise NSError(_Code.BAD_PARAM, f"this system has no mode {mode.name}")
        if policy is AVAudioSessionRouteSharingPolicy.INDEPENDENT:
            raise NSError(_Code.BAD_PARAM, "the policy INDEPENDENT is set by the system only")
        problem = legality.find_problem(category, options, mode, policy)
        if problem is not None:
            raise NSError(_Code.BAD_PARAM, problem.text)
        if (
            self.is_active
            and not CATEGORIES[category.value].records
            and any(io.input for io in self._io.values())
        ):
            raise NSError(
                _Code.INSUFFICIENT_PRIORITY,
                "the app still records, which the new category does not",
                advice="stop recording first",
            )
        await self._set(
            AudioSessionConfiguration(
                av_audio_session_category=category,
                av_audio_session_category_options=options,
                av_audio_session_mode=mode,
                av_audio_session_route_sharing_policy=policy,
            )
        )

    async def _set(self, configuration: AudioSessionConfiguration) -> None:
        try:
            with self._in_apples_words():
                await self._session.configure(configuration)
        except DeniedError as error:
            if isinstance(error.__cause__, NSError):
                # The platform's own word.
                raise copy(error.__cause__) from error
            raise NSError(_Code.INSUFFICIENT_PRIORITY, str(error)) from error


@cache
def _categories(version: tuple[int, int]) -> tuple[AVAudioSessionCategory, ...]:
    return tuple(
        each
        for each in AVAudioSessionCategory
        if CATEGORIES_SINCE.get(each, (0, 0)) <= version < CATEGORIES_UNTIL.get(each, (1000, 0))
    )


@cache
def _modes(version: tuple[int, int]) -> tuple[AVAudioSessionMode, ...]:
    return tuple(each for each in AVAudioSessionMode if version >= MODES_SINCE.get(each, (0, 0)))
