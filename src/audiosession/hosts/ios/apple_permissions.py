"""Whom the phone lets record, and how the user is asked.

Nothing here is touched before the app asks: a phone ends an app that asks for the microphone
and does not say in its Info.plist what for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ...apple.enums import (
    AVAudioApplicationMicrophoneInjectionPermission,
    AVAudioApplicationRecordPermission,
)
from .apple_members import APPLICATION, SESSION, Members

__all__ = ["Permissions", "Run"]

Run = Callable[[Callable[[], Any]], Awaitable[Any]]
"""Runs something on the thread of the host's native calls, in order, and gives its answer."""

_Record = AVAudioApplicationRecordPermission
_Injection = AVAudioApplicationMicrophoneInjectionPermission


class Permissions:
    """The app's permissions: those of AVAudioApplication, before iOS 17.0 of the session.

    Args:
        members: The phone's objects.
        run: The host's thread for native calls.
    """

    def __init__(self, members: Members, run: Run) -> None:
        self._members = members
        self._run = run

    @property
    def record(self) -> AVAudioApplicationRecordPermission:
        """Whether the app may record."""
        members = self._members
        if members.has_application:
            return _Record(members.of(members.application, "recordPermission", APPLICATION))
        return _Record(members.read("recordPermission"))

    async def ask_to_record(self) -> bool:
        """Asks the user, who is asked once; whether the app may record."""
        members = self._members
        if members.has_application:
            return bool(
                await self._answer(
                    lambda answered: members.ask(
                        members.application_class,
                        "requestRecordPermissionWithCompletionHandler:",
                        APPLICATION,
                        answered,
                    )
                )
            )
        return bool(
            await self._answer(
                lambda answered: members.ask(
                    members.session, "requestRecordPermission:", SESSION, answered
                )
            )
        )

    @property
    def injection(self) -> AVAudioApplicationMicrophoneInjectionPermission:
        """Whether the app may add sound to another app's input."""
        members = self._members
        members.check("microphoneInjectionPermission", (18, 2))
        return _Injection(
            members.of(members.application, "microphoneInjectionPermission", APPLICATION)
        )

    async def ask_to_inject(self) -> AVAudioApplicationMicrophoneInjectionPermission:
        """Asks the user, who is asked once."""
        members = self._members
        members.check("requestMicrophoneInjectionPermissionWithCompletionHandler:", (18, 2))
        return _Injection(
            await self._answer(
                lambda answered: members.ask(
                    members.application_class,
                    "requestMicrophoneInjectionPermissionWithCompletionHandler:",
                    APPLICATION,
                    answered,
                )
            )
        )

    async def _answer(self, ask: Callable[[Callable[..., None]], None]) -> Any:
        """What the user says. It may take as long as the user does."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()

        def settle(value: object) -> None:
            if not answer.done():
                answer.set_result(value)

        def answered(value: object) -> None:
            # The app may have ended meanwhile.
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, value)

        await self._run(lambda: ask(answered))
        return await answer
