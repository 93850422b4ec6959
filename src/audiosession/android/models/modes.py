"""Who decides about the device's audio mode, and which mode it is (android 74 to 76).

Source: AudioService.java.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from audiosession.android.system_constants import AndroidAudioHardwareMode
from audiosession.android.tables import figure

__all__ = ["FOR_TELEPHONY", "ModeRequest", "Modes"]

_Mode = AndroidAudioHardwareMode

FOR_TELEPHONY: Final = frozenset({_Mode.IN_CALL, _Mode.CALL_REDIRECT, _Mode.COMMUNICATION_REDIRECT})
"""Modes that need MODIFY_PHONE_STATE; without it the request is passed over (android 76)."""
_ALWAYS_ACTIVE: Final = frozenset({_Mode.RINGTONE, _Mode.CALL_SCREENING})


@dataclass(slots=True)
class ModeRequest:
    """The mode that one app asks for."""

    app: str
    """Who asks."""
    mode: AndroidAudioHardwareMode
    """What for; never ``NORMAL``."""
    privileged: bool
    """Whether it has MODIFY_PHONE_STATE."""
    communicates: bool
    """Whether it plays or records voice communication, or counts as if it did."""
    check_at: float | None
    """When it is looked at next, in seconds; ``None``: never."""

    @property
    def active(self) -> bool:
        """Whether it may decide (android 75)."""
        return (
            self.privileged
            or self.mode in _ALWAYS_ACTIVE
            or (self.mode is _Mode.IN_COMMUNICATION and self.communicates)
        )


class Modes:
    """The modes that apps ask for, the newest first, and who decides of them.

    Args:
        call_screening: Whether the device has the mode for call screening.
    """

    def __init__(self, *, call_screening: bool = False) -> None:
        self.call_screening = call_screening
        self._requests: list[ModeRequest] = []
        self._communicating: frozenset[str] = frozenset()

    @property
    def requests(self) -> tuple[ModeRequest, ...]:
        """What is asked for, the newest first."""
        return tuple(self._requests)

    @property
    def owner(self) -> str | None:
        """The app that decides about the mode; ``None``: nobody does (android 74)."""
        request = self._deciding()
        return None if request is None else request.app

    @property
    def mode(self) -> AndroidAudioHardwareMode:
        """The mode; ``NORMAL`` without a request that counts."""
        request = self._deciding()
        return _Mode.NORMAL if request is None else request.mode

    def set(self, app: str, mode: int, now: float, *, privileged: bool = False) -> bool:
        """An app asks for a mode.

        Args:
            app: Who asks.
            mode: One of Android's numbers; ``CURRENT`` stands for the mode that is.
            now: The time in seconds.
            privileged: Whether the app has MODIFY_PHONE_STATE.

        Returns:
            False when the request was passed over, as one for what is no mode is, for a mode
            that is not for this app, or for call screening where that is not there.
        """
        if mode == _Mode.CURRENT:
            mode = self.mode
        if mode not in _Mode.__members__.values() or mode < _Mode.NORMAL:
            return False
        asked = _Mode(mode)
        if asked in FOR_TELEPHONY and not privileged:
            return False
        if asked is _Mode.CALL_SCREENING and not self.call_screening:
            return False
        self.gone(app)
        if asked is _Mode.NORMAL:
            return True
        # Who asks counts as active at first, for sound follows the mode (android 75).
        communicates = asked is _Mode.IN_COMMUNICATION
        self._requests.insert(
            0,
            ModeRequest(
                app=app,
                mode=asked,
                privileged=privileged,
                communicates=communicates,
                check_at=now + _period() if communicates else None,
            ),
        )
        return True

    def gone(self, app: str) -> None:
        """An app's process ended, and its request with it (android 76)."""
        self._requests = [request for request in self._requests if request.app != app]

    def communicating(self, apps: Collection[str], now: float) -> None:
        """Who plays or records voice communication now.

        Who begins counts at once; who ends counts until it is looked at next (android 75).

        Args:
            apps: All of them.
            now: The time in seconds.
        """
        self._communicating = frozenset(apps)
        for request in self._requests:
            if (
                request.mode is _Mode.IN_COMMUNICATION
                and not request.communicates
                and request.app in self._communicating
            ):
                request.communicates = True
                request.check_at = now + _period()

    @property
    def next_check(self) -> float | None:
        """When :meth:`check` has something to look at, in seconds; ``None``: never."""
        return min(
            (request.check_at for request in self._requests if request.check_at is not None),
            default=None,
        )

    def check(self, now: float) -> None:
        """Looks at the requests that are due, every 6 s each (android 75).

        Args:
            now: The time in seconds.
        """
        for request in self._requests:
            if request.check_at is not None and request.check_at <= now:
                request.communicates = request.app in self._communicating
                request.check_at = now + _period() if request.communicates else None

    def _deciding(self) -> ModeRequest | None:
        active = [one for one in self._requests if one.active and not _is_assistants(one)]
        assistants = [one for one in self._requests if _is_assistants(one)]
        privileged = [one for one in active if one.privileged]
        return next(iter(privileged + active + assistants), None)


def _is_assistants(request: ModeRequest) -> bool:
    return request.mode is _Mode.ASSISTANT_CONVERSATION


def _period() -> float:
    milliseconds: int = figure("mode_check_ms")
    return milliseconds / 1000.0
