"""Keys: what a volume key does, and which app a media key goes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from audiosession.android.key_constants import (
    MEDIA_SESSION_KEYS,
    AndroidKeyCode,
    AndroidKeyEventAction,
)
from audiosession.android.key_event import KeyEvent
from audiosession.android.stream_constants import (
    AndroidAudioAdjustment as Adjust,
)
from audiosession.android.stream_constants import (
    AndroidAudioVolumeFlags as Flags,
)

__all__ = ["MediaKeys", "VolumePress", "volume_press"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumePress:
    """What a volume key does to the volume that matters most."""

    direction: Adjust
    """Which way it goes."""
    flags: Flags
    """What else happens."""


_STEPS: Final = {
    AndroidKeyCode.VOLUME_UP: Adjust.RAISE,
    AndroidKeyCode.VOLUME_DOWN: Adjust.LOWER,
}
_DOWN: Final = Flags.SHOW_UI | Flags.VIBRATE | Flags.FROM_KEY
_UP: Final = Flags.PLAY_SOUND | Flags.FROM_KEY


def volume_press(event: KeyEvent) -> VolumePress | None:
    """What a key does to a volume; ``None`` for other keys, and for one that changes nothing.

    A key that is held goes on with each repetition, but the mute key acts once (android 95).
    When a key is let go, the sound of the new volume is played.
    """
    down = event.action == AndroidKeyEventAction.DOWN
    if event.key_code == AndroidKeyCode.VOLUME_MUTE:
        if down and event.repeat_count == 0:
            return VolumePress(direction=Adjust.TOGGLE_MUTE, flags=_DOWN)
        return None
    direction = _STEPS.get(event.key_code)  # type: ignore[call-overload]
    if direction is None:
        return None
    if down:
        return VolumePress(direction=direction, flags=_DOWN)
    return VolumePress(direction=Adjust.SAME, flags=_UP)


class MediaKeys:
    """Which app a media key goes to, by whatever names apps."""

    def __init__(self) -> None:
        # Both last comes last.
        self._listening: dict[str, None] = {}
        self._played: dict[str, None] = {}

    @property
    def target(self) -> str | None:
        """The app that gets media keys; ``None``: nobody listens.

        The app that plays or played last, of those that listen, else the one that began to
        listen last.
        """
        for app in reversed(self._played):
            if app in self._listening:
                return app
        return next(reversed(self._listening), None)

    def listen(self, app: str) -> None:
        """An app wants media keys from now on."""
        self._listening.pop(app, None)
        self._listening[app] = None

    def ignore(self, app: str) -> None:
        """It no longer wants them."""
        self._listening.pop(app, None)

    def plays(self, app: str) -> None:
        """An app begins to play."""
        self._played.pop(app, None)
        self._played[app] = None

    def gone(self, app: str) -> None:
        """An app is no longer there."""
        self._listening.pop(app, None)
        self._played.pop(app, None)

    def receiver(self, event: KeyEvent) -> str | None:
        """The app that an event goes to; ``None`` where it is no media key (KeyEvent.java)."""
        return self.target if event.key_code in MEDIA_SESSION_KEYS else None
