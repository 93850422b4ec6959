"""Keys of what Android's apps put into the bundle of their attributes; CarAudioManager.java."""

from __future__ import annotations

from typing import Final

__all__ = ["RECEIVE_DUCKING_EVENTS_KEY", "REQUEST_ZONE_ID_KEY"]

RECEIVE_DUCKING_EVENTS_KEY: Final = "android.car.media.AUDIOFOCUS_EXTRA_RECEIVE_DUCKING_EVENTS"
"""``True`` where an app in a car wants to be told of ducks; needs a permission (android 101)."""
REQUEST_ZONE_ID_KEY: Final = "android.car.media.AUDIOFOCUS_EXTRA_REQUEST_ZONE_ID"
"""The number of the car's audio zone, 0 for the main one (android 112)."""
