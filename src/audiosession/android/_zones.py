"""A car's audio zones: the part of audio focus by which each zone is asked for by itself."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import NamedTuple

from audiosession.android._focus import FocusPart
from audiosession.android.audio_focus_request import AudioFocusRequest
from audiosession.android.bundle_keys import REQUEST_ZONE_ID_KEY
from audiosession.android.focus_constants import AndroidAudioFocusRequestResult

__all__ = ["FocusZones"]


class _InZone(NamedTuple):
    """A client as one zone knows it."""

    client: Hashable
    zone: int


class FocusZones(FocusPart):
    """Audio focus where there are zones, which know nothing of each other (android 112).

    The zone is that of the bundle, where the device has it, else the one that the app is in. A
    client that asks in two zones has an entry in both, and is told of both.
    """

    async def _request(
        self, key: Hashable, request: AudioFocusRequest, bundle: Mapping[str, object]
    ) -> AndroidAudioFocusRequestResult:
        self._check_open()
        app = self._app
        zones = app.audio_zones
        if zones is None:
            return await super()._request(key, request, bundle)
        zone = bundle.get(REQUEST_ZONE_ID_KEY)
        if isinstance(zone, bool) or not isinstance(zone, int) or zone not in zones:
            zone = app.audio_zone
        bundle = {**bundle, REQUEST_ZONE_ID_KEY: zone}
        return await super()._request(_InZone(key, zone) if zone else key, request, bundle)

    async def _abandon(self, key: Hashable) -> AndroidAudioFocusRequestResult:
        result = await super()._abandon(key)
        for known in (*self._clients, *self._owners):
            if isinstance(known, _InZone) and known.client == key:
                await super()._abandon(known)
        return result
