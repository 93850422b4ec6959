"""What Android's system sends around of the ringer, of volumes and of microphones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...android.intents import Intent
from ...android.models.volumes import STREAMS, VolumeModel
from ...android.system_constants import AndroidIntent

__all__ = ["Announcer"]


class Announcer:
    """Sends what is different from what was sent before.

    Args:
        volumes: Volumes and ringer.
        send: Sends something to all apps; with ``keep`` it is kept for those that come later.
    """

    def __init__(self, volumes: VolumeModel, send: Callable[[Intent, bool], None]) -> None:
        self._volumes = volumes
        self._send = send
        self._states = volumes.states()
        self._ringer = volumes.ringer.mode
        self._microphones_muted = False
        self._tell_ringer()

    def volumes(self, *, other_output: bool = False) -> None:
        """Volumes or the ringer may be different.

        Args:
            other_output: Whether sound goes somewhere else, which has volumes of its own: that
                changes none, and is not sent.
        """
        before, self._states = self._states, self._volumes.states()
        if self._ringer is not self._volumes.ringer.mode:
            self._ringer = self._volumes.ringer.mode
            self._tell_ringer()
        for stream in STREAMS:
            old, new = before[stream], self._states[stream]
            if new.kept != old.kept and not other_output:
                self._tell(
                    AndroidIntent.VOLUME_CHANGED_ACTION,
                    {
                        AndroidIntent.EXTRA_VOLUME_STREAM_TYPE: stream,
                        AndroidIntent.EXTRA_VOLUME_STREAM_VALUE: new.kept,
                        AndroidIntent.EXTRA_PREV_VOLUME_STREAM_VALUE: old.kept,
                        AndroidIntent.EXTRA_VOLUME_STREAM_TYPE_ALIAS: self._volumes.aliases[stream],
                    },
                )
            if new.muted is not old.muted:
                self._tell(
                    AndroidIntent.STREAM_MUTE_CHANGED_ACTION,
                    {
                        AndroidIntent.EXTRA_VOLUME_STREAM_TYPE: stream,
                        AndroidIntent.EXTRA_STREAM_VOLUME_MUTED: new.muted,
                    },
                )

    def microphones(self, *, muted: bool) -> None:
        """Microphones may be muted, or no longer."""
        if muted is not self._microphones_muted:
            self._microphones_muted = muted
            self._tell(AndroidIntent.ACTION_MICROPHONE_MUTE_CHANGED, {})

    def _tell_ringer(self) -> None:
        extras = {AndroidIntent.EXTRA_RINGER_MODE: self._ringer}
        self._tell(AndroidIntent.RINGER_MODE_CHANGED_ACTION, extras, keep=True)

    def _tell(
        self, action: AndroidIntent, extras: Mapping[AndroidIntent, object], *, keep: bool = False
    ) -> None:
        self._send(Intent(action=action, extras={str(k): v for k, v in extras.items()}), keep)
