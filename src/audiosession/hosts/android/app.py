"""What an Android phone knows of the app, for AudioManager."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from typing import Any

from ...android.app import AndroidPermission, FocusPolicy
from ...android.constants import AndroidAudioUsage
from ...errors import UnsupportedError
from .api import HOST, AndroidApi

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
    accessibility_service = True
    on_virtual_device = False
    focus_restricted = False
    audio_zones: frozenset[int] | None = None
    audio_zone = 0
    focus_policy: FocusPolicy | None = None
    system_usages: frozenset[AndroidAudioUsage] = frozenset()

    def __init__(self, api: AndroidApi) -> None:
        self._api = api

    @property
    def notifications_sound(self) -> bool:
        """Hidden from apps, and nothing that they may ask says it.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError("AudioManager.shouldNotificationSoundPlay (hidden from apps)", HOST)

    @property
    def permissions(self) -> Set[str]:
        """What the manifest or the user gave it; each is looked up when it is asked for."""
        return _Permissions(self._api)


class _Permissions(Set[str]):
    """The permissions that the app has, of those that decide about audio.

    Args:
        api: The phone's API.
    """

    def __init__(self, api: AndroidApi) -> None:
        self._api = api
        # Before users were asked the manifest alone decided, also for the older call.
        self._method = (
            "Context.checkSelfPermission"
            if api.has("Context.checkSelfPermission")
            else "Context.checkCallingOrSelfPermission"
        )

    def __contains__(self, permission: object) -> bool:
        context = self._api.bridge.context()
        return int(self._api.call(context, self._method, str(permission))) == _GRANTED

    def __iter__(self) -> Iterator[str]:
        return (each.value for each in AndroidPermission if each in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> frozenset[Any]:
        return frozenset(it)
