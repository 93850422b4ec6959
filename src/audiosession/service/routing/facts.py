"""What a session may know of its route and of the others, as things stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.claims import Claim, Role
from ...core.effects import Standing
from ...core.gains import SILENCE_DB
from ...core.routing import Router
from ...core.translate.prompts import prompt_style
from ..sessions import AnySession, ServiceSession
from .ports import Place, Places, seen
from .report import RoutingReport

if TYPE_CHECKING:
    from ..engine import Engine

SOUNDING = (Standing.ACTIVE, Standing.DUCKED)
"""How those stand that may be heard."""
_SYSTEMS = frozenset({Role.CALL, Role.ASSISTANT})
"""What Apple's system does itself and apps do here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """What matters of a session to those of other apps."""

    app_key: str
    """Its app."""
    claim: Claim | None
    """What it claims, as long as it may be heard."""
    heard: bool
    """Whether it plays and can be heard, as far as is known."""


def others(engine: Engine) -> tuple[Other, ...]:
    """The sessions that matter to any other now; the same for the reports to all of them."""
    found = (
        Other(app_key=each.app_key, claim=_claim(engine, each), heard=_heard(engine, each))
        for each in engine.sessions.values()
        if not each.closed
    )
    return tuple(each for each in found if each.heard or each.claim is not None)


def routing_report(
    engine: Engine,
    session: ServiceSession,
    router: Router,
    places: Places,
    beside: tuple[Other, ...],
) -> RoutingReport:
    """All that a session may know.

    Args:
        engine: Whose session it is.
        session: The session.
        router: Everybody's route.
        places: The ports.
        beside: What :func:`others` gives.
    """
    route = router.route(session.id)
    output = _first(places, route.outputs)
    input = _first(places, route.inputs)
    known = [engine.streams.known[key] for key in (*session.streams, *session.lent)]
    strangers = [each for each in beside if each.app_key != session.app_key]
    heard = [each for each in strangers if each.heard]
    claims = [each.claim for each in strangers if each.claim is not None]
    return RoutingReport(
        up=any(link.up for link in engine.links.values()),
        ports=places.reports(),
        route=route,
        preferred_input=router.preferred_input(session.id),
        overridden=router.overridden(session.id),
        output_volume=_volume(output, without=1.0),
        input_gain=_volume(input, without=0.0),
        microphone_muted=input is not None and input.endpoint is not None and input.endpoint.muted,
        other_audio=bool(heard),
        primary_audio=any(each.claim is not None and not each.claim.mixable for each in heard),
        prompt_style=prompt_style(
            apps=[claim for claim in claims if claim.role not in _SYSTEMS],
            system=[claim for claim in claims if claim.role in _SYSTEMS],
        ),
        plays=any(each.plays and each.stream.running for each in known),
        records=any(not each.plays and each.stream.running for each in known),
        focus=any(each.claim is not None and not each.claim.mixable for each in beside),
    )


def _first(places: Places, ids: tuple[str, ...]) -> Place | None:
    return places.by_id.get(ids[0]) if ids else None


def _volume(place: Place | None, *, without: float) -> float:
    if place is None:
        return without
    return 1.0 if place.endpoint is None else seen(place.endpoint.volumes)


def _claim(engine: Engine, session: AnySession) -> Claim | None:
    """What a session claims that may be heard."""
    arbiter = engine.arbiter
    if arbiter.standing(session.id) not in SOUNDING:
        return None
    return arbiter.view(session.id).claim


def _heard(engine: Engine, session: AnySession) -> bool:
    """Whether a session plays and can be heard, as far as is known."""
    streams = engine.streams
    return any(
        streams.known[key].audible and streams.fader.target_db(key) > SILENCE_DB
        for key in session.streams
    )


__all__ = ["SOUNDING", "Other", "others", "routing_report"]
