"""AudioManager: Android's audio in Android's words, over any host.

Methods are Android's in Python's spelling; those that reach the host are coroutines. What an
app asks for with it is judged beside what others ask for, in whatever words: under the policy
``android`` as on a phone, under ``android-car`` as in a car, under the others as those say.
Source: AudioManager.java, https://developer.android.com/reference/android/media/AudioManager
"""

from __future__ import annotations

from collections.abc import Callable

from audiosession.android._base import NEWEST_SDK
from audiosession.android._communication import ManagerCommunication
from audiosession.android._devices import ManagerDevices
from audiosession.android._keys import ManagerKeys
from audiosession.android._microphones import ManagerMicrophones
from audiosession.android._modes import ManagerModes
from audiosession.android._properties import ManagerProperties
from audiosession.android._receivers import ManagerReceivers
from audiosession.android._ringer import ManagerRinger
from audiosession.android._volumes import ManagerVolumes
from audiosession.android._zones import FocusZones
from audiosession.android.manager_constants import AudioManagerConstants
from audiosession.hosts.base import Host

__all__ = ["AudioManager"]


class AudioManager(
    AudioManagerConstants,
    FocusZones,
    ManagerVolumes,
    ManagerRinger,
    ManagerModes,
    ManagerDevices,
    ManagerCommunication,
    ManagerMicrophones,
    ManagerKeys,
    ManagerProperties,
    ManagerReceivers,
):
    """One app's ``AudioManager``.

    Belongs to the event loop of its first call. Not thread safe.

    Args:
        host: Where the app is, such as the ``host`` of a simulated app; or a function that
            gives the host when it is first needed, and then the host is closed with the
            manager. By default that of ``AudioSession.instance()``.
        target_sdk: The API level that the app is written for, 1 to 10000. Up to 25 the system
            does not lower the app by itself (android 32); from 35 on focus is for apps on the
            screen (android 6).
        package: What the app's package is called, 1 to 256 characters.

    Raises:
        InvalidTypeError: An argument has the wrong type.
        InvalidValueError: The level or the package is out of bounds.
    """

    def __init__(
        self,
        host: Host | Callable[[], Host] | None = None,
        *,
        target_sdk: int = NEWEST_SDK,
        package: str | None = None,
    ) -> None:
        super().__init__(host, target_sdk=target_sdk, package=package)
        self._clients = {}
        self._seats = []
        self._owners = {}

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"{len(self._clients)} clients of audio focus"
        return f"<AudioManager {self.package or ''} {state}>".replace("  ", " ")
