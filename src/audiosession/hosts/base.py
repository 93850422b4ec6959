"""What a host is: the place where an app's requests are answered and take effect.

A host is written for one platform. It opens a :class:`HostSession` for an app and from then
on reports to that app's :class:`HostEvents`; everything it hands out is a value of this
package, never an object of the platform.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from ..android.attributes import AndroidAudioAttributes
from ..android.constants import AndroidAudioFocusGainType
from ..configuration import AudioSessionConfiguration
from ..devices import AudioDevice, AudioDevicesChangedEvent
from ..interruptions import AudioInterruptionEvent

FOCUS_SWITCHES = ("accepts_delay", "force_duck", "locked", "duck_events")
"""Fields of an :class:`ActivationRequest` that are on or off, and off unless said."""


class Capability(Enum):
    """What a host may or may not be able to do; ask instead of testing for platforms."""

    OTHER_APPS = "other apps"
    """Judges this app against other apps, not only with itself."""
    SYSTEM_DUCKING = "system ducking"
    """Lowers apps by itself, on a phone without a word; where it is missing apps lower themselves.
    Either way an app that is told a duck without ``system_ducked`` has to lower itself."""
    DEVICES = "devices"
    """Lists inputs and outputs and reports changes."""
    BECOMING_NOISY = "becoming noisy"
    """Reports that sound is about to come out of a loudspeaker."""
    QUIET = "quiet"
    """Knows when others have been lowered."""
    USER_ACTIONS = "user actions"
    """Remembers what the user did during an interruption."""
    TELEPHONY = "telephony"
    """Can ring and hold calls (simulated device)."""
    RING_SWITCH = "ring switch"
    """Has a ring/silent switch (simulated device)."""
    SCREEN_LOCK = "screen lock"
    """Has a screen that locks (simulated device)."""
    EARPIECE = "earpiece"
    """Has an earpiece beside its loudspeaker (simulated device)."""


class Outcome(Enum):
    """How an activation ended."""

    GRANTED = "granted"
    """Yes; the claim is in force."""
    DELAYED = "delayed"
    """Put off; an event says when it is granted."""
    DENIED = "denied"
    """No; nothing changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationResult:
    """The answer to an activation."""

    outcome: Outcome
    """Yes, no, or later."""
    rule: str = ""
    """Name of the policy's rule; empty where the platform gives none."""
    holder: str = ""
    """Who stands in the way, as far as the platform says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationRequest:
    """What an app asks with; ``configuration`` has the overrides of the call in it already."""

    configuration: AudioSessionConfiguration
    """What the app configured."""
    gain_type: AndroidAudioFocusGainType
    """The gain of this call."""
    attributes: AndroidAudioAttributes | None
    """The Android attributes of this call; ``None`` when there are none."""
    will_pause_when_ducked: bool
    """Whether the app would rather pause than be lowered."""
    accepts_delay: bool = False
    """Whether the request may wait rather than be refused."""
    force_duck: bool = False
    """Whether even those are lowered that refuse it; for accessibility services."""
    locked: bool = False
    """Whether nobody else is let in meanwhile; for telephony."""
    duck_events: bool = False
    """Whether the app is told of ducks in a car."""
    target_sdk: int | None = None
    """The API level the app is written for, where it asks in Android's words; those alone
    count then. ``None``: it asks in those of the one API."""
    zone: str = ""
    """The car's audio zone; empty: the main one."""

    @classmethod
    def of(
        cls,
        configuration: AudioSessionConfiguration,
        *,
        gain_type: AndroidAudioFocusGainType | None = None,
        attributes: AndroidAudioAttributes | None = None,
        will_pause_when_ducked: bool | None = None,
        accepts_delay: bool = False,
        force_duck: bool = False,
        locked: bool = False,
        duck_events: bool = False,
        target_sdk: int | None = None,
        zone: str = "",
    ) -> ActivationRequest:
        """What a configuration asks with; an override that is ``None`` changes nothing."""
        if will_pause_when_ducked is None:
            will_pause_when_ducked = configuration.android_will_pause_when_ducked
        return cls(
            configuration=configuration,
            gain_type=gain_type or configuration.android_audio_focus_gain_type,
            attributes=attributes or configuration.android_audio_attributes,
            will_pause_when_ducked=bool(will_pause_when_ducked),
            accepts_delay=accepts_delay,
            force_duck=force_duck,
            locked=locked,
            duck_events=duck_events,
            target_sdk=target_sdk,
            zone=zone,
        )


class HostEvents(Protocol):
    """Where a host reports to one app. Called in the app's event loop, in order."""

    def interruption(self, event: AudioInterruptionEvent) -> None:
        """An interruption began or ended."""

    def becoming_noisy(self) -> None:
        """Sound is about to come out of a loudspeaker."""

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        """Devices came or went."""

    def gained_claim(self) -> None:
        """An activation that was put off is granted; the session is active from now on.

        An interruption that had begun is reported as ended besides; without one this is all.
        """

    def lost_claim(self) -> None:
        """The session is no longer active and did not ask for that."""


class HostSession(Protocol):
    """One app's session on a host.

    Implementers: a call that raises must leave everything as it was. ``configure``,
    ``activate``, ``deactivate`` and ``close`` come one at a time and are run to their end
    even when their caller is cancelled, so each must end by itself where the platform does
    not answer. After ``close`` every call but another ``close`` raises ClosedError, and
    nothing is reported any more.

    A session whose platform answers with errors of Apple's may have an attribute ``refusal``,
    the :class:`~audiosession.apple.errors.NSError` of its last call; ``None`` after one that was
    granted. The surfaces in Apple's words raise it where a call was denied.

    A session may have an attribute ``apple_device``, an
    :class:`~audiosession.apple.device.AppleDevice`, and so may its host, for what is read before
    the session is open; without one the surfaces in Apple's words can do less. A host may also
    have an attribute ``android_app``, an :class:`~audiosession.android.app.AndroidApp`; without
    one the app has no permission and is on the screen.
    """

    @property
    def app_name(self) -> str:
        """What the app is called in errors."""

    @property
    def interrupted(self) -> bool:
        """Whether an interruption whose beginning was reported is still running.

        After a beginning that does not say whether there will be an end, ``UNKNOWN``, it means
        that there may be one.

        Looked at after each call of the app, which may have ended one without a report, as
        asking again and giving up do.
        """

    async def configure(self, configuration: AudioSessionConfiguration) -> None:
        """The app's configuration changed; takes effect at once when it is active.

        Has the overrides of the activation in force in it.

        Raises:
            DeniedError: it is active and may not be what it would be now.
        """

    async def activate(self, request: ActivationRequest) -> ActivationResult:
        """Asks for the audio. Fades of others have begun when it returns.

        A claim that was granted and is lost again is reported as lost, after the answer or
        while the call still runs. Only where an older claim was reported as lost during the
        call and the granted one is in force is that reported as gained.
        """

    async def deactivate(self, *, notify_others: bool) -> bool:
        """Gives the audio up. False where the platform refused."""

    async def devices(self) -> frozenset[AudioDevice]:
        """The devices there are."""

    async def quiet(self, timeout_s: float) -> bool:
        """Waits until those this session holds are down; False when time ran out first."""

    async def user_action(self, *, paused: bool) -> None:
        """The user paused or started the app's player."""

    async def close(self) -> None:
        """Ends the session; what it held is given back."""


class Host(Protocol):
    """A platform that answers audio sessions."""

    @property
    def name(self) -> str:
        """``simulated``, ``linux``, ``ios`` or ``android``."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do."""

    async def open_session(self, events: HostEvents) -> HostSession:
        """A session for the app, reporting to ``events`` until it is closed."""

    async def close(self) -> None:
        """Lets go of the platform."""
