"""What Android's system knows of an app: where it is and what it may do.

A host offers it as its attribute ``android_app``. Where a host has none the app is on the
screen and has no permission.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from audiosession.android.audio_focus_request import AudioFocusRequest
from audiosession.android.constants import AndroidAudioUsage
from audiosession.android.focus_constants import (
    AndroidAudioFocus,
    AndroidAudioFocusRequestResult,
)

__all__ = ["ORDINARY_APP", "AndroidApp", "AndroidPermission", "AudioFocusInfo", "FocusPolicy"]


class AndroidPermission(StrEnum):
    """Permissions that decide about audio; ``Manifest.permission`` and the car's own."""

    MODIFY_AUDIO_SETTINGS = "android.permission.MODIFY_AUDIO_SETTINGS"
    """Changing settings of all audio; every app gets it that asks."""
    MODIFY_AUDIO_SETTINGS_PRIVILEGED = "android.permission.MODIFY_AUDIO_SETTINGS_PRIVILEGED"
    """The same where it concerns the system; parts of the system only."""
    MODIFY_AUDIO_ROUTING = "android.permission.MODIFY_AUDIO_ROUTING"
    """Deciding about other apps' audio; parts of the system only."""
    MODIFY_PHONE_STATE = "android.permission.MODIFY_PHONE_STATE"
    """Being telephony; parts of the system only."""
    ACCESS_NOTIFICATION_POLICY = "android.permission.ACCESS_NOTIFICATION_POLICY"
    """Changing do-not-disturb; the user gives it."""
    RECEIVE_CAR_AUDIO_DUCKING_EVENTS = "android.car.permission.RECEIVE_CAR_AUDIO_DUCKING_EVENTS"
    """Being told of ducks in a car (android 101)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFocusInfo:
    """A request as a focus policy is told of it; ``AudioFocusInfo``, API level 28."""

    client_id: str
    """Which client asks; the same text at each of its requests."""
    request: AudioFocusRequest
    """What it asks for."""
    tell: Callable[[AndroidAudioFocus], None] = field(compare=False, repr=False)
    """Has the client's listener told of a change; after ``LOSS`` it is forgotten."""


class FocusPolicy(Protocol):
    """Who decides on focus in place of the system, as part of an audio policy (android 66)."""

    @property
    def locked(self) -> bool:
        """Whether focus was locked before, which is looked at first (android 63)."""

    async def request(self, info: AudioFocusInfo) -> AndroidAudioFocusRequestResult:
        """The answer to a request; ``FAILED`` where there is none within 250 ms.

        ``DELAYED`` is no answer to a request that does not accept it (android 62), and what is
        raised is none at all: the client fails then.
        """

    def abandon(self, info: AudioFocusInfo) -> None:
        """A client gives back what it has, or a request of it comes to nothing.

        That is one that was not answered in time, was cancelled meanwhile, or was answered with
        what the client cannot be told. The client has what it had before it.
        """


class AndroidApp(Protocol):
    """What the system knows of an app."""

    @property
    def may_take_focus(self) -> bool:
        """Whether it is on the screen or runs a suitable foreground service (android 6)."""

    @property
    def accessibility_service(self) -> bool:
        """Whether it is an accessibility service that the user switched on (android 36)."""

    @property
    def on_virtual_device(self) -> bool:
        """Whether it runs on a virtual device with an audio policy of its own (android 10)."""

    @property
    def focus_restricted(self) -> bool:
        """Whether a car gives focus to emergencies and safety only (android 111)."""

    @property
    def audio_zones(self) -> frozenset[int] | None:
        """A car's audio zones by their numbers, 0 the main one (android 112).

        ``None`` where nobody says: then a request's zone is taken for what it is.
        """

    @property
    def audio_zone(self) -> int:
        """The zone that the app is in, one of them."""

    @property
    def notifications_sound(self) -> bool:
        """Whether a notification would be heard now, as far as ringer and focus go (android 65)."""

    @property
    def focus_policy(self) -> FocusPolicy | None:
        """Who decides on focus in place of the system; ``None``: the system itself."""

    @property
    def permissions(self) -> Set[str]:
        """What it may do, by the permissions' full names."""

    @property
    def system_usages(self) -> frozenset[AndroidAudioUsage]:
        """The usages for parts of the system that the device supports (android 5)."""


class _OrdinaryApp:
    """An app on the screen without any permission."""

    may_take_focus = True
    accessibility_service = False
    on_virtual_device = False
    focus_restricted = False
    audio_zones = None
    audio_zone = 0
    notifications_sound = True
    focus_policy = None
    permissions: frozenset[str] = frozenset()
    system_usages: frozenset[AndroidAudioUsage] = frozenset()


ORDINARY_APP: Final[AndroidApp] = _OrdinaryApp()
"""What an app is taken for where the host says nothing of it."""
