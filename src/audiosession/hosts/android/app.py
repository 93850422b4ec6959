"""What an Android phone knows of the app, for AudioManager."""

from __future__ import annotations

from ...android.app import AndroidPermission, FocusPolicy
from ...android.constants import AndroidAudioUsage
from .api import AndroidApi

__all__ = ["PhoneApp"]

_GRANTED = 0


class PhoneApp:
    """The app on its phone; an :class:`~audiosession.android.app.AndroidApp`.

    The phone judges each call by itself. Nothing is refused here that it might grant; only what
    no app may ask without a permission is asked when the app has it.

    Args:
        api: The phone's API.
    """

    may_take_focus = True
    accessibility_service = False
    on_virtual_device = False
    focus_restricted = False
    audio_zones: frozenset[int] | None = None
    audio_zone = 0
    notifications_sound = True
    focus_policy: FocusPolicy | None = None
    system_usages: frozenset[AndroidAudioUsage] = frozenset()

    def __init__(self, api: AndroidApi) -> None:
        self._api = api

    @property
    def permissions(self) -> frozenset[str]:
        """What the manifest or the user gave it; looked up each time."""
        api = self._api
        # Before users were asked the manifest alone decided, also for this call.
        method = (
            "Context.checkSelfPermission"
            if api.has("Context.checkSelfPermission")
            else "Context.checkCallingOrSelfPermission"
        )
        context = api.bridge.context()
        return frozenset(
            each.value
            for each in AndroidPermission
            if int(api.call(context, method, each.value)) == _GRANTED
        )
