"""Audio focus where a focus policy decides on it in place of the system (android 66)."""

from __future__ import annotations

import logging
from collections.abc import Hashable

from audiosession.android._base import ManagerBase
from audiosession.android._focus_clients import FocusClient
from audiosession.android.app import ORDINARY_APP, AndroidApp, AudioFocusInfo, FocusPolicy
from audiosession.android.audio_focus_request import AudioFocusRequest
from audiosession.android.focus_constants import (
    AndroidAudioFocus,
    AndroidAudioFocusRequestResult,
)

_Result = AndroidAudioFocusRequestResult

_log = logging.getLogger("audiosession")


class PolicyPart(ManagerBase):
    """Asking a focus policy, and telling it of what is given back.

    What a policy raises is logged, and is no answer.
    """

    # Who has focus by the word of a focus policy.
    _owners: dict[Hashable, AudioFocusInfo]

    @property
    def _policy(self) -> FocusPolicy | None:
        """Who decides in place of the system, also where the manager is being closed."""
        app: AndroidApp = getattr(self._host, "android_app", ORDINARY_APP)
        return app.focus_policy

    async def _ask_policy(
        self, policy: FocusPolicy, key: Hashable, request: AudioFocusRequest
    ) -> AndroidAudioFocusRequestResult:
        """Has a focus policy answer, after a look at the lock (android 63, 66).

        Until it has answered, and where it refuses, the client is the owner it was before.
        """
        if policy.locked and not request.accepts_delayed_focus_gain():
            return _Result.FAILED
        client = FocusClient(key, request, lambda client: None)
        asking, lost = True, False

        def tell(change: AndroidAudioFocus) -> None:
            nonlocal lost
            if lost or not (asking or self._owners.get(key) is info):
                return
            if change is AndroidAudioFocus.LOSS:
                lost = True
                self._owners.pop(key, None)
            client.tell(change)

        info = AudioFocusInfo(
            client_id=f"{type(self).__name__}@{id(self):x}{key or ''}", request=request, tell=tell
        )
        result: AndroidAudioFocusRequestResult | None = None
        try:
            result = _checked(await policy.request(info), request)
        except Exception:
            _log.exception("a focus policy failed at a request")
        finally:
            asking = False
            if result is None:
                _abandoned(policy, info)
        if result is None or lost:
            return _Result.FAILED
        if result is not _Result.FAILED:
            self._owners[key] = info
        return result

    def _leave_policy(self, key: Hashable) -> None:
        """Gives back what a client has by the policy's word."""
        info, policy = self._owners.pop(key, None), self._policy
        if info is not None and policy is not None:
            _abandoned(policy, info)

    async def _end(self) -> None:
        for key in tuple(self._owners):
            self._leave_policy(key)
        await super()._end()


def _checked(
    answer: AndroidAudioFocusRequestResult, request: AudioFocusRequest
) -> AndroidAudioFocusRequestResult | None:
    """A focus policy's answer; ``None`` for what is none to this request (android 62)."""
    try:
        result = _Result(answer)
    except ValueError:
        result = None
    if result is None or (result is _Result.DELAYED and not request.accepts_delayed_focus_gain()):
        _log.error("a focus policy answered %r, which is no answer to this request", answer)
        return None
    return result


def _abandoned(policy: FocusPolicy, info: AudioFocusInfo) -> None:
    """Tells a focus policy of what is given back; its failing is no business of the app's."""
    try:
        policy.abandon(info)
    except Exception:
        _log.exception("a focus policy failed at what was given back")
