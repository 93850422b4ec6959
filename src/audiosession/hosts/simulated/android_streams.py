"""What sounds on a simulated device, by Android's stream types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...android.kinds import OUTPUT_TYPES, ROLE_STREAMS
from ...android.models.volumes import stream_of
from ...android.stream_constants import AndroidStreamType as Stream
from ...core.claims import Role

if TYPE_CHECKING:
    from .player import SimulatedPlayer


def player_role(player: SimulatedPlayer) -> Role:
    """What a player is for: as it was told when it began, else as its session says."""
    role, claim = player.role, player.session.claim
    return claim.role if role is Role.UNKNOWN and claim is not None else role


def player_stream(player: SimulatedPlayer) -> Stream:
    """The stream type of a player: its session's attributes say it, else what it is for."""
    attributes = player.session.attributes
    if attributes is not None:
        return stream_of(int(attributes.usage), int(attributes.content_type), int(attributes.flags))
    return ROLE_STREAMS.get(player_role(player), Stream.MUSIC)


__all__ = ["OUTPUT_TYPES", "ROLE_STREAMS", "player_role", "player_stream"]
