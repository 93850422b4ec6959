"""Whom the phone lets record, and how the user is asked.

Nothing here is touched before the app asks: a phone ends an app that asks for the microphone
and does not say in its Info.plist what for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from ...apple.enums import (
    AVAudioApplicationMicrophoneInjectionPermission,
    AVAudioApplicationRecordPermission,
)
from ...apple.errors import AVAudioSessionErrorCode, NSError
from .apple_members import APPLICATION, SESSION, Members, member

__all__ = ["USAGE", "Permissions", "Run", "answer_to"]

Run = Callable[[Callable[[], Any]], Awaitable[Any]]
"""Runs something on the thread of the host's native calls, in order, and gives its answer."""

USAGE: Final = "NSMicrophoneUsageDescription"
"""Under this key an app's Info.plist says what it records for."""

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
            number = members.of(members.application, "recordPermission", APPLICATION)
        else:
            number = members.read("recordPermission")
        return member(number, _Record.UNDETERMINED)

    def check_usage(self) -> None:
        """Raises NSError where the phone would end the app because it wants to record."""
        bridge = self._members.bridge
        bundle = bridge.get(bridge.class_named("NSBundle"), "mainBundle")
        if bridge.call(bundle, "objectForInfoDictionaryKey:", USAGE) is None:
            raise NSError(
                AVAudioSessionErrorCode.MISSING_ENTITLEMENT,
                f"the app's Info.plist has no {USAGE}, and iOS ends an app that asks for the "
                "microphone without it",
                advice=f"add the key {USAGE} with a sentence that tells the user what the app "
                "records for",
            )

    async def ask_to_record(self) -> bool:
        """Asks the user, who is asked once; whether the app may record.

        Raises:
            NSError: ``MISSING_ENTITLEMENT``, the app does not say what it records for.
        """
        return bool(await answer_to(self._run, self._request))

    async def ask_to_record_once(self) -> None:
        """Asks the user unless they have answered already.

        Raises:
            NSError: as :meth:`ask_to_record`, whether they have or not.
        """
        if await self._run(self._is_open):
            await self.ask_to_record()

    def _is_open(self) -> bool:
        self.check_usage()
        return self.record is _Record.UNDETERMINED

    def _request(self, answered: Callable[..., None]) -> None:
        self.check_usage()
        members = self._members
        if members.has_application:
            selector = "requestRecordPermissionWithCompletionHandler:"
            members.ask(members.application_class, selector, APPLICATION, answered)
        else:
            members.ask(members.session, "requestRecordPermission:", SESSION, answered)

    @property
    def injection(self) -> AVAudioApplicationMicrophoneInjectionPermission:
        """Whether the app may add sound to another app's input."""
        members = self._members
        members.check("microphoneInjectionPermission", (18, 2))
        number = members.of(members.application, "microphoneInjectionPermission", APPLICATION)
        return member(number, _Injection.UNDETERMINED)

    async def ask_to_inject(self) -> AVAudioApplicationMicrophoneInjectionPermission:
        """Asks the user, who is asked once."""
        members = self._members
        members.check("requestMicrophoneInjectionPermissionWithCompletionHandler:", (18, 2))
        selector = "requestMicrophoneInjectionPermissionWithCompletionHandler:"
        number = await answer_to(
            self._run,
            lambda answered: members.ask(
                members.application_class, selector, APPLICATION, answered
            ),
        )
        return member(number, _Injection.UNDETERMINED)


async def answer_to(run: Run, ask: Callable[[Callable[..., None]], None]) -> Any:
    """What a block of the phone is called with; several values are a tuple.

    It may take as long as the user does.

    Args:
        run: The host's thread for native calls.
        ask: Asks, on that thread, and is given what the block calls, on any thread.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Any] = loop.create_future()

    def settle(value: object) -> None:
        if not answer.done():
            answer.set_result(value)

    def answered(*values: object) -> None:
        # The app may have ended meanwhile.
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, values[0] if len(values) == 1 else values)

    await run(lambda: ask(answered))
    return await answer
