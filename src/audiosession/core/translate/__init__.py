"""Every vocabulary's words, turned into claims; one module and one table each.

The functions take the foreign wire values (Apple's strings and bits, Android's numbers,
the W3C's words) so that they need nothing of the surfaces.
"""

from __future__ import annotations

from .android import claim_from_focus_request
from .apple import claim_from_category, route_request
from .one_api import claim_from_configuration
from .streams import claim_from_stream_role
from .w3c import claim_from_type, computed_type

__all__ = [
    "claim_from_category",
    "claim_from_configuration",
    "claim_from_focus_request",
    "claim_from_stream_role",
    "claim_from_type",
    "computed_type",
    "route_request",
]
