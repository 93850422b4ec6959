"""Where sessions of a simulated device sound, and who is judged against whom because of that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...configuration import AudioSessionConfiguration
from ...core.claims import Claim, Role
from ...core.events import Reconfigure
from ...core.routing import RouteRequest, request_from_claim
from ...core.translate.apple import LONG_FORM_ROUTE, SYSTEM_ROUTE, route_request

if TYPE_CHECKING:
    from .device import SimulatedDevice


class Placing:
    """What sessions ask of the ports, and the scopes of their claims that follow from it.

    Under a policy with ``apple_routes`` a configuration in Apple's words is taken at its word
    (apple 83, 94), and long-form sound on a route of its own meets only its like: a call on the
    system's route does not interrupt it (apple 102). Back on the system's route it meets
    whatever sounds there, at that moment; a call that is on interrupts it then. Away from there
    it is lowered by nobody there any more. Whoever was interrupted before is inactive, sounds
    nowhere, and hears the end with that of the call.

    Args:
        device: The device.
    """

    def __init__(self, device: SimulatedDevice) -> None:
        self._device = device

    def requests(self) -> dict[str, RouteRequest]:
        """What each open session asks; one without a claim follows who came last."""
        device = self._device
        active = device.arbiter.active
        last = device.arbiter.view(active[-1]).claim if active else None
        for_calls = device.port_for_calls
        asked = {
            session.id: (
                session.request or request_from_claim(session.claim or last),
                session.claim is not None and session.claim.role is Role.CALL,
            )
            for app in device.apps
            for session in app.sessions
        }
        return {
            id: replace(request, chosen=for_calls) if calls and for_calls else request
            for id, (request, calls) in asked.items()
        }

    def request(self, configuration: AudioSessionConfiguration) -> RouteRequest | None:
        """What a configuration asks in Apple's words; ``None``: it follows from the claim."""
        category = configuration.av_audio_session_category
        if category is None or not self._by_apple:
            return None
        mode = configuration.av_audio_session_mode
        policy = configuration.av_audio_session_route_sharing_policy
        return route_request(
            category.value,
            "AVAudioSessionModeDefault" if mode is None else mode.value,
            options=int(configuration.av_audio_session_category_options or 0),
            policy=0 if policy is None else policy.value,
        )

    def scoped(self, claim: Claim, request: RouteRequest | None = None) -> Claim:
        """The claim, as it is judged where it sounds.

        Args:
            claim: What is asked for.
            request: What is asked of the ports; ``None``: nothing out of the ordinary.
        """
        if not self._by_apple:
            return claim
        apart = request is not None and self._device.plugs.apart(request)
        return replace(claim, scope=LONG_FORM_ROUTE if apart else SYSTEM_ROUTE)

    def judge_again(self) -> None:
        """Ports or requests are others: has claims judged where they sound now."""
        device = self._device
        if not self._by_apple:
            return
        active = set(device.arbiter.active)
        for session in [one for app in device.apps for one in app.sessions if one.id in active]:
            before = device.arbiter.view(session.id).claim
            assert before is not None
            asked = device.plugs.surface_request(session.id) or session.request
            claim = self.scoped(before, asked)
            if claim != before:
                session.claim = claim
                device.handle(Reconfigure(session=session.id, claim=claim))

    @property
    def _by_apple(self) -> bool:
        return self._device.arbiter.policy.settings.apple_routes
