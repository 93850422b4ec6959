"""An app's session with the service, which may die and come back."""

from __future__ import annotations

import json
import logging
import os
from functools import partial
from typing import TYPE_CHECKING, Any

from dbus_fast import Message, Variant

from ...configuration import AudioSessionConfiguration
from ...devices import AudioDevice
from ...errors import (
    AudioSessionError,
    ClosedError,
    HostUnavailableError,
    HostUnavailableReason,
)
from ...interruptions import AudioInterruptionEvent, AudioInterruptionType, InterruptionReason
from ...service.bus.names import MANAGER, ROOT, SESSION
from ...service.bus.values import (
    configuration_to_text,
    devices_changed_from_text,
    devices_from_text,
    interruption_from_text,
    interruption_runs,
)
from ..base import FOCUS_SWITCHES, ActivationRequest, ActivationResult, HostEvents, Outcome
from .link import ANSWER_S

if TYPE_CHECKING:
    from .apple_device import LinuxAppleDevice
    from .client import ServiceClient
    from .host import LinuxHost

_log = logging.getLogger("audiosession")

_LAST_WORDS_S = 1.0
TOKEN_PROPERTY = "audiosession.id"
"""The property by which a stream says which session it belongs to."""


class LinuxSession:
    """A session of an app; a :class:`~audiosession.hosts.base.HostSession`.

    When the service dies it is started again, and the session is opened, configured and
    activated there as it was; a call in which it dies is made again. An interruption that ran
    then goes on unsaid when whoever caused it is back within a second; otherwise the app hears
    its end. Where the session cannot be put in force again the app hears that it lost its
    activation, and that it is interrupted for good.
    """

    def __init__(self, host: LinuxHost, events: HostEvents) -> None:
        self._host = host
        self._events = events
        self._closed = False
        self._path: str | None = None
        self._token = ""
        self._configuration: AudioSessionConfiguration | None = None
        # What the service is sure to know as that.
        self._told: AudioSessionConfiguration | None = None
        self._request: ActivationRequest | None = None
        self._active = False
        self._user_paused = False
        self._interruption: AudioInterruptionEvent | None = None
        # The interruption that ran when the service died, until it is known whether it goes on.
        self._doubtful: AudioInterruptionEvent | None = None
        # Counts what the service says unasked, which may come before the answer to a request.
        self._news = 0
        # How often it heard of a loss, since it is at this place of the service.
        self._losses = 0
        # Apple's view of it, where somebody has asked for that.
        self._apple: LinuxAppleDevice | None = None
        # Whether it lost its activation with the sound server, which is not back yet.
        self._server_lost = False

    @property
    def app_name(self) -> str:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        return self._host.app

    @property
    def interrupted(self) -> bool:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        return self._interruption is not None or self._server_lost

    @property
    def token(self) -> str:
        """What streams carry as ``audiosession.id`` to belong to this session."""
        return self._token

    def environment(self) -> dict[str, str]:
        """What to add to the environment of a child whose streams belong to this session.

        Keeps what the variables hold already.
        """
        pulse = os.environ.get("PULSE_PROP", "")
        pipewire = os.environ.get("PIPEWIRE_PROPS", "").strip()
        if pipewire.startswith("{") and pipewire.endswith("}"):
            pipewire = pipewire[1:-1].strip()
        ours = json.dumps(self._token)
        return {
            "PULSE_PROP": f"{pulse} {TOKEN_PROPERTY}={self._token}".strip(),
            "PIPEWIRE_PROPS": " ".join(f"{{ {pipewire} {TOKEN_PROPERTY} = {ours} }}".split()),
        }

    @property
    def apple_device(self) -> LinuxAppleDevice:
        """What AVAudioSession needs of this machine; asks the service for routes."""
        if self._apple is None:
            self._apple = self._host.new_apple_device()
            self._apple.bind(self)
        return self._apple

    async def configure(self, configuration: AudioSessionConfiguration) -> None:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        self._told = None
        await self._call("Configure", "s", [configuration_to_text(configuration)])
        self._configuration = self._told = configuration

    async def activate(self, request: ActivationRequest) -> ActivationResult:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        news = self._news
        try:
            result = await self._activate(request)
        except HostUnavailableError:
            self._take_back()
            raise
        if result.outcome is not Outcome.DENIED:
            self._request = request
            if self._news == news:
                self._active = result.outcome is Outcome.GRANTED
            self._forget_doubtful()
            self._server_lost = False
            await self._host.activated(self)
        return result

    async def deactivate(self, *, notify_others: bool) -> bool:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        # Not to be renewed should the service die over it.
        request, self._request = self._request, None
        news, done = self._news, False
        try:
            (done,) = await self._call("Deactivate", "b", [notify_others])
        finally:
            if not done and self._news == news:
                self._request = request
        if done:
            self._active, self._request, self._user_paused = False, None, False
            self._forget_doubtful()
            # Whoever gave up is not told that what it lost is over.
            self._server_lost = False
        return bool(done)

    async def devices(self) -> frozenset[AudioDevice]:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        self._check()
        client = await self._host.connected()
        (text,) = await client.link.call(ROOT, MANAGER, "Devices")
        return devices_from_text(text)

    async def quiet(self, timeout_s: float) -> bool:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        (quiet,) = await self._call("Quiet", "d", [float(timeout_s)], extra_s=timeout_s)
        return bool(quiet)

    async def user_action(self, *, paused: bool) -> None:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        await self._call("UserAction", "b", [paused])
        self._user_paused = paused

    async def close(self) -> None:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        if self._closed:
            return
        self._closed = True
        self._host.leave_dead_loop()
        path, self._path = self._path, None
        self._host.closed(self, path)
        client = self._host.client
        if client is not None and path is not None and not client.link.over:
            try:
                await client.link.call(path, SESSION, "Close")
            except HostUnavailableError as error:
                # Gone with the service, or with the connection.
                _log.debug("a session was closed without an answer: %s", error)

    # -- for the host ------------------------------------------------------------------------

    @property
    def path(self) -> str | None:
        """Where it is at the service; ``None`` while it is nowhere."""
        return self._path

    @property
    def wanted(self) -> bool:
        """Whether it is active, or waits to be."""
        return self._request is not None

    @property
    def request(self) -> ActivationRequest | None:
        """What it is active with, or waits to be; ``None`` while it asks for nothing."""
        return self._request

    @property
    def routed_by_app(self) -> bool:
        """Whether its app has asked for a view of its routes, and so chooses them itself."""
        return self._apple is not None

    def adopt(self, apple: LinuxAppleDevice | None) -> None:
        """Takes over what Apple's view was before the session is open."""
        self._apple = apple

    async def ask(self, member: str, signature: str, body: list[Any]) -> list[Any]:
        """See :class:`~audiosession.hosts.linux.apple_device.AppleLine`."""
        return await self._call(member, signature, body)

    def tell(self, member: str, signature: str, body: list[Any]) -> None:
        """See :class:`~audiosession.hosts.linux.apple_device.AppleLine`."""
        client = self._host.client
        if client is not None and self._path is not None:
            client.link.tell(self._path, SESSION, member, signature, body)

    def withdraw(self) -> bool:
        """See :class:`~audiosession.hosts.linux.apple_device.AppleLine`."""
        was_active, wanted = self._active, self._request is not None
        self._active, self._request = False, None
        if self._closed:
            return False
        self._news += 1
        self._interruption = self._doubtful = None
        if wanted:
            self.tell("Deactivate", "b", [True])
        if was_active:
            self._events.lost_claim()
            self._server_lost = True
            self._tell_of_server(begin=True)
        return was_active

    def server_back(self) -> None:
        """See :class:`~audiosession.hosts.linux.apple_device.AppleLine`."""
        lost, self._server_lost = self._server_lost, False
        if lost and not self._closed:
            # Without leave to resume: nothing starts by itself (apple 121).
            self._tell_of_server(begin=False)

    async def open(self, client: ServiceClient) -> None:
        """Opens it at the service, as it was before where there was a before.

        Raises:
            HostUnavailableError: the service is gone again.
        """
        path, self._token = await client.open_session()
        if self._closed:
            await client.link.call(path, SESSION, "Close")
            return
        self._path, self._losses = path, 0
        self._host.opened(self, path)
        configuration, self._told = self._configuration, None
        if configuration is not None:
            text = configuration_to_text(configuration)
            await client.link.call(path, SESSION, "Configure", "s", [text])
            self._told = configuration
        if self._apple is not None:
            await self._apple.opened(partial(client.link.call, path, SESSION))

    async def renew(self) -> None:
        """Puts it in force again after the service came back."""
        request, was_active = self._request, self._active
        if self._closed or self._path is None or request is None:
            return
        self._doubtful = self._interruption
        news = self._news
        try:
            result = await self._activate(request)
        except AudioSessionError as error:
            _log.warning("a session is not in force again: %s", error)
            self.lose()
            return
        if self._closed or self._request is not request or self._news != news:
            return
        if result.outcome is Outcome.GRANTED:
            self._active = True
            if not was_active:
                self._events.gained_claim()
            if self._user_paused:
                await self._call("UserAction", "b", [True])
        elif was_active:
            # Put off is as good as refused for an app that sounds.
            await self._call("Deactivate", "b", [True])
            self.lose()
        elif result.outcome is Outcome.DENIED:
            self._request = None

    def settle(self) -> None:
        """Whoever interrupted it before had the time to do so again."""
        begun, self._doubtful = self._doubtful, None
        if begun is None or self._closed:
            return
        self._interruption = None
        duck = begun.type is AudioInterruptionType.DUCK
        resume = not duck and not self._user_paused
        kind = AudioInterruptionType.PAUSE if resume else AudioInterruptionType.UNKNOWN
        self._events.interruption(
            AudioInterruptionEvent(
                begin=False,
                type=AudioInterruptionType.DUCK if duck else kind,
                should_resume=resume,
                system_ducked=begun.system_ducked,
                reason=begun.reason,
            )
        )

    def gone(self) -> None:
        """The service is gone; the session is nowhere until it is opened again."""
        self._path = None
        if self._apple is not None:
            self._apple.gone()

    def lose(self) -> None:
        """It cannot be put in force again."""
        was_active, self._active, self._request = self._active, False, None
        if self._closed:
            return
        self._news += 1
        self._interruption = self._doubtful = None
        if was_active:
            self._events.lost_claim()
            self._events.interruption(
                AudioInterruptionEvent(
                    begin=True,
                    type=AudioInterruptionType.UNKNOWN,
                    reason=InterruptionReason.SYSTEM,
                )
            )

    def hear(self, message: Message) -> None:
        """A signal of the service to this session."""
        if self._closed:
            return
        member = message.member
        if member == "Interruption":
            event = interruption_from_text(message.body[0])
            doubtful, self._doubtful = self._doubtful, None
            if event == doubtful:
                # It goes on, as the app was told.
                return
            self._interruption = event if interruption_runs(message.body[0]) else None
            self._events.interruption(event)
        elif member == "InterruptionOver":
            self._interruption = None
        elif member == "BecomingNoisy":
            self._events.becoming_noisy()
        elif member == "DevicesChanged":
            self._events.devices_changed(devices_changed_from_text(message.body[0]))
        elif member in ("RoutingChanged", "RouteChanged"):
            if self._apple is not None:
                self._apple.hear(member, message.body[0])
        elif member == "GainedClaim":
            self._news += 1
            self._active = True
            self._events.gained_claim()
        elif member == "LostClaim":
            self._news += 1
            self._losses += 1
            self._active, self._request = False, None
            self._events.lost_claim()

    # -- inside ------------------------------------------------------------------------------

    async def _activate(self, request: ActivationRequest) -> ActivationResult:
        body = [_overrides(request, self._told) | {"losses": Variant("u", self._losses)}]
        outcome, rule, holder = await self._call("Activate", "a{sv}", body)
        return ActivationResult(outcome=Outcome(outcome), rule=rule, holder=holder)

    async def _call(
        self, member: str, signature: str, body: list[Any], *, extra_s: float = 0.0
    ) -> list[Any]:
        for last in (False, True):
            self._check()
            client = await self._host.connected()
            self._check()
            try:
                if self._path is None:
                    await self.open(client)
                assert self._path is not None
                return await client.link.call(
                    self._path, SESSION, member, signature, body, timeout_s=ANSWER_S + extra_s
                )
            except HostUnavailableError as error:
                if last or error.reason is not HostUnavailableReason.CONNECTION_LOST:
                    raise
                # The next service does it, if this one died or leaves.
                await client.link.wait_until_gone(_LAST_WORDS_S)
                if not client.link.over:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _take_back(self) -> None:
        """The app was told that it is not active; an answer too late must not make it so."""
        client = self._host.client
        if self._request is None and client is not None and self._path is not None:
            client.link.tell(self._path, SESSION, "Deactivate", "b", [True])

    def _tell_of_server(self, *, begin: bool) -> None:
        """To the one API the loss of the sound server is an interruption (apple 120)."""
        self._events.interruption(
            AudioInterruptionEvent(
                begin=begin, type=AudioInterruptionType.UNKNOWN, reason=InterruptionReason.SYSTEM
            )
        )

    def _forget_doubtful(self) -> None:
        """The app's own call ended what the new service has not said again."""
        if self._doubtful is not None:
            self._doubtful = self._interruption = None

    def _check(self) -> None:
        if self._closed:
            raise ClosedError("this session")


def _overrides(
    request: ActivationRequest, configured: AudioSessionConfiguration | None
) -> dict[str, Variant]:
    """What a request asks for beyond what the service knows."""
    options: dict[str, Variant] = {}
    if request.configuration != configured:
        options["configuration"] = Variant("s", configuration_to_text(request.configuration))
    usual = ActivationRequest.of(request.configuration)
    if request.gain_type is not usual.gain_type:
        options["gain_type"] = Variant("i", request.gain_type.value)
    if request.attributes is not None and request.attributes != usual.attributes:
        options["attributes"] = Variant("s", json.dumps(request.attributes.to_json()))
    if request.will_pause_when_ducked is not usual.will_pause_when_ducked:
        options["will_pause_when_ducked"] = Variant("b", request.will_pause_when_ducked)
    options |= {name: Variant("b", True) for name in FOCUS_SWITCHES if getattr(request, name)}
    if request.target_sdk is not None:
        options["target_sdk"] = Variant("i", request.target_sdk)
    if request.zone:
        options["zone"] = Variant("s", request.zone)
    return options


__all__ = ["TOKEN_PROPERTY", "LinuxSession"]
