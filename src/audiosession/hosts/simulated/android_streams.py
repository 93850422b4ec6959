"""What sounds on a simulated device, by Android's stream types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...android.kinds import OUTPUT_TYPES, ROLE_STREAMS
from ...android.models.volumes import stream_of
from ...android.stream_constants import AndroidStreamType as Stream
from ...core.claims import Role

if TYPE_CHECKING:
    from .player import SimulatedPlayer


def player_stream(player: SimulatedPlayer) -> Stream:
    """The stream type of a player: its session's attributes say it, else what it is for."""
    attributes = player.session.attributes
    if attributes is not None:
        return stream_of(int(attributes.usage), int(attributes.content_type), int(attributes.flags))
    role, claim = player.role, player.session.claim
    if role is Role.UNKNOWN and claim is not None:
        role = claim.role
    return ROLE_STREAMS.get(role, Stream.MUSIC)


__all__ = ["OUTPUT_TYPES", "ROLE_STREAMS", "player_stream"]
