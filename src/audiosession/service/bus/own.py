"""A session as its client has it: calls go in, events go out, to nobody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dbus_fast import Variant

from ..._checks import check_seconds
from ...android.attributes import AndroidAudioAttributes
from ...android.constants import AndroidAudioFocusGainType
from ...configuration import AudioSessionConfiguration, recipe
from ...core.codec import to_plain
from ...core.routing import RouteChange
from ...devices import AudioDevicesChangedEvent
from ...errors import (
    IllegalCombinationError,
    InvalidTypeError,
    InvalidValueError,
    UnknownFieldError,
)
from ...hosts.base import ActivationRequest, Outcome
from ...interruptions import AudioInterruptionEvent
from ..routing.report import RoutingReport
from .values import (
    FOCUS_OPTIONS,
    configuration_from_text,
    devices_changed_to_text,
    focus_options,
    interruption_to_text,
    loaded,
    route_request_from_text,
)

if TYPE_CHECKING:
    from ..routing.desk import Routing
    from ..sessions import ServiceSession

_MOST_QUIET_S = 60.0
_OVERRIDES = (
    "configuration",
    "recipe",
    "gain_type",
    "attributes",
    "will_pause_when_ducked",
    "losses",
    *FOCUS_OPTIONS,
)


class OwnSession:
    """A client's session; its HostEvents and RoutingEvents too.

    Args:
        client: The client's unique name.
        desk: Where it asks for its route.
    """

    def __init__(self, client: str, desk: Routing) -> None:
        self.client = client
        self._desk = desk
        self.session: ServiceSession
        self._teller: Callable[[str, str, list[Any]], None] | None = None
        self._turn = asyncio.Lock()
        self._interrupted = False
        self._losses = 0
        self._configuration = AudioSessionConfiguration.music()

    def tell_by(self, teller: Callable[[str, str, list[Any]], None] | None) -> None:
        """What sends a signal to the client, of a name, types and values; ``None``: nothing."""
        self._teller = teller

    # -- what the client asks ----------------------------------------------------------------

    def configure(self, configuration: AudioSessionConfiguration) -> None:
        """Says what the session is for; at once, while nothing else of the client's waits."""
        self.session.reconfigure(configuration)
        self._configuration = configuration
        self._look()

    async def configure_in_turn(self, configuration: AudioSessionConfiguration) -> tuple[()]:
        """As :meth:`configure`, after what the client asked for before."""
        async with self._turn:
            self.configure(configuration)
        return ()

    async def activate(self, overrides: Mapping[str, Variant]) -> tuple[str, str, str]:
        """Asks for the audio; gives outcome, rule and holder."""
        async with self._turn:
            given = given_options(overrides, _OVERRIDES)
            unheard = self._unheard(given.get("losses"))
            losses = self._losses
            result = await self.session.activate(self._request(given))
            if result.outcome is Outcome.GRANTED and unheard and losses == self._losses:
                # It hears of the loss while it waits for the answer, and cannot tell that this
                # was of an older claim.
                self.gained_claim()
            self._look()
        return result.outcome.value, result.rule, result.holder

    async def deactivate(self, notify_others: bool) -> bool:
        """Gives the audio up."""
        async with self._turn:
            done = await self.session.deactivate(notify_others=notify_others)
            self._look()
        return done

    async def quiet(self, timeout_s: float) -> bool:
        """Waits until others are down."""
        check_seconds("timeout_s", timeout_s)
        return await self.session.quiet(min(timeout_s, _MOST_QUIET_S))

    async def user_action(self, paused: bool) -> None:
        """The user paused or played."""
        await self.session.user_action(paused=paused)

    async def close(self) -> None:
        """Ends the session."""
        async with self._turn:
            await self.session.close()

    # -- what it asks of the ports -----------------------------------------------------------

    def routing(self) -> str:
        """Asks for its route, and to hear of it."""
        return json.dumps(to_plain(self._desk.join(self.session, self)))

    def request_route(self, text: str) -> None:
        """Asks for another one."""
        self._desk.request(self.session, route_request_from_text(text))

    def override_output(self, speaker: bool) -> None:
        """Sends its sound to the loudspeaker, or takes that back."""
        self._desk.override(self.session, speaker)

    def prefer_input(self, port: str) -> None:
        """Would rather record from that port."""
        self._desk.prefer_input(self.session, port)

    async def set_input_gain(self, gain: float) -> None:
        """Sets the volume of its input."""
        async with self._turn:
            await self._desk.set_input_gain(self.session, gain)

    def mute_own(self, input: bool, output: bool) -> None:
        """Silences what it records or plays itself."""
        self._desk.mute(self.session, input=input, output=output)

    def _unheard(self, heard: object) -> bool:
        """Whether a loss was told of which the client had not heard when it asked."""
        if heard is None:
            return False
        if isinstance(heard, bool) or not isinstance(heard, int):
            raise InvalidTypeError("losses", heard, expected="an integer")
        return heard < self._losses

    def _request(self, given: Mapping[str, Any]) -> ActivationRequest:
        configuration = configured(given) or self._configuration
        gain = given.get("gain_type")
        attributes = given.get("attributes")
        will_pause = given.get("will_pause_when_ducked")
        if will_pause is not None and not isinstance(will_pause, bool):
            raise InvalidTypeError("will_pause_when_ducked", will_pause, expected="a boolean")
        return ActivationRequest.of(
            configuration,
            gain_type=None if gain is None else _gain_type(gain),
            attributes=None if attributes is None else _attributes(attributes),
            will_pause_when_ducked=will_pause,
            **focus_options(given),
        )

    # -- what the engine reports -------------------------------------------------------------

    def interruption(self, event: AudioInterruptionEvent) -> None:
        """An interruption began or ended."""
        self._interrupted = self.session.interrupted
        self._tell("Interruption", "s", [interruption_to_text(event, runs=self._interrupted)])

    def becoming_noisy(self) -> None:
        """The output became noisy."""
        self._tell("BecomingNoisy", "", [])

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        """Devices came or went."""
        self._tell("DevicesChanged", "s", [devices_changed_to_text(event)])

    def gained_claim(self) -> None:
        """What was put off is granted."""
        self._tell("GainedClaim", "", [])

    def lost_claim(self) -> None:
        """It is active no more."""
        self._losses += 1
        self._tell("LostClaim", "", [])

    def routing_changed(self, report: RoutingReport) -> None:
        """Something about its route or the ports is different."""
        self._tell("RoutingChanged", "s", [json.dumps(to_plain(report))])

    def route_changed(self, change: RouteChange) -> None:
        """Its route is another one."""
        self._tell("RouteChanged", "s", [json.dumps(to_plain(change))])

    def _tell(self, member: str, signature: str, body: list[Any]) -> None:
        if self._teller is not None:
            self._teller(member, signature, body)

    def _look(self) -> None:
        """The client's own call may have ended an interruption of which nobody says so."""
        if self._interrupted and not self.session.interrupted:
            self._interrupted = False
            self._tell("InterruptionOver", "", [])


def given_options(options: Mapping[str, Variant], known: tuple[str, ...]) -> dict[str, Any]:
    """Options without their variants.

    Raises:
        UnknownFieldError: there is one that nothing reads.
    """
    for key in options:
        if key not in known:
            raise UnknownFieldError(key, known=known)
    return {key: variant.value for key, variant in options.items()}


def configured(given: Mapping[str, Any]) -> AudioSessionConfiguration | None:
    """The configuration among options, as such or as the name of a recipe.

    Raises:
        IllegalRequestError: there are both, or what is there is none.
    """
    text, name = given.get("configuration"), given.get("recipe")
    if text is not None and name is not None:
        raise IllegalCombinationError("recipe", "there is a configuration already")
    if name is not None:
        return recipe(name)
    if text is None:
        return None
    if not isinstance(text, str):
        raise InvalidTypeError("configuration", text, expected="a JSON text")
    return configuration_from_text(text)


def _gain_type(value: Any) -> AndroidAudioFocusGainType:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidTypeError("gain_type", value, expected="an integer")
    try:
        return AndroidAudioFocusGainType(value)
    except ValueError:
        legal = ", ".join(str(each.value) for each in AndroidAudioFocusGainType)
        raise InvalidValueError("gain_type", value, expected=f"one of {legal}") from None


def _attributes(value: Any) -> AndroidAudioAttributes:
    if not isinstance(value, str):
        raise InvalidTypeError("attributes", value, expected="a JSON text")
    data = loaded(value, "attributes")
    if not isinstance(data, Mapping):
        raise InvalidTypeError("attributes", data, expected="a JSON object")
    return AndroidAudioAttributes.from_json(data, parent="attributes")


__all__ = ["OwnSession", "configured", "given_options"]
