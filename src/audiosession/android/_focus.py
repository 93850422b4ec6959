"""Audio focus: the part of AudioManager by which apps ask for the audio and hear of losing it."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Mapping
from types import BuiltinMethodType, MethodType
from typing import Final, overload

from audiosession._tasks import to_the_end
from audiosession.android._focus_clients import FocusClient, Held, Seat
from audiosession.android._focus_policy import PolicyPart
from audiosession.android.app import AndroidPermission
from audiosession.android.attributes import AndroidAudioAttributes
from audiosession.android.audio_attributes import AudioAttributes, is_system_usage
from audiosession.android.audio_focus_request import (
    AudioFocusRequest,
    OnAudioFocusChangeListener,
)
from audiosession.android.bundle_keys import RECEIVE_DUCKING_EVENTS_KEY, REQUEST_ZONE_ID_KEY
from audiosession.android.constants import AndroidAudioFocusGainType, AndroidAudioUsage
from audiosession.android.errors import IllegalArgumentException, NullPointerException
from audiosession.android.focus_constants import (
    RING_CALL_CLIENT_ID,
    AndroidAudioFocusFlags,
    AndroidAudioFocusRequestResult,
)
from audiosession.android.stream_constants import AndroidStreamType
from audiosession.configuration import AudioSessionConfiguration
from audiosession.errors import ClosedError, InvalidTypeError, LimitError
from audiosession.hosts.base import ActivationRequest, Outcome

FOREGROUND_FROM_SDK: Final = 35
"""From this API level on an app has to be on the screen, or at work there (android 6)."""

_Result = AndroidAudioFocusRequestResult
_RESULTS = {
    Outcome.GRANTED: _Result.GRANTED,
    Outcome.DELAYED: _Result.DELAYED,
    Outcome.DENIED: _Result.FAILED,
}
_PRIVILEGED = frozenset(
    {
        AndroidPermission.MODIFY_AUDIO_SETTINGS_PRIVILEGED,
        AndroidPermission.MODIFY_AUDIO_ROUTING,
        AndroidPermission.MODIFY_PHONE_STATE,
    }
)
_UNRESTRICTED = (AndroidAudioUsage.EMERGENCY, AndroidAudioUsage.SAFETY)
_MAIN_ZONE: Final = 0
_MOST_ZONES: Final = 1_000

_log = logging.getLogger("audiosession")


class FocusPart(PolicyPart):
    """Asking for audio focus and giving it back.

    Each listener is a client of its own, and so is the manager without one (android 3).
    """

    _clients: dict[Hashable, FocusClient]
    _seats: list[Seat]

    @overload
    async def request_audio_focus(
        self,
        focus_request: AudioFocusRequest,
        /,
        *,
        bundle: Mapping[str, object] | None = None,
    ) -> AndroidAudioFocusRequestResult: ...

    @overload
    async def request_audio_focus(
        self,
        l: OnAudioFocusChangeListener | None,  # noqa: E741 - Android's name
        stream_type: int,
        duration_hint: int,
        /,
    ) -> AndroidAudioFocusRequestResult: ...

    async def request_audio_focus(
        self,
        focus_request: AudioFocusRequest | OnAudioFocusChangeListener | None,
        stream_type: int | None = None,
        duration_hint: int | None = None,
        /,
        *,
        bundle: Mapping[str, object] | None = None,
    ) -> AndroidAudioFocusRequestResult:
        """Asks for audio focus.

        Others that lose by it hear so before the answer is there (android 8). The listener of
        the request is called with each change from then on, in the event loop of the manager
        or by its handler, in the order of what happens; what happens during the call itself
        is told just before it returns. What a listener raises is logged.

        The older form takes a listener or ``None``, a stream type and a gain; what is no gain
        fails there.

        A call that is cancelled before the host was asked does nothing. Later, what it was
        granted is given back, and a client that asked again has what it had before; the
        listener is told where that changed meanwhile. What others were told stays told.

        Args:
            focus_request: What is asked for, or the listener of the older form.
            stream_type: The older form's stream type, whose attributes count.
            duration_hint: The older form's gain.
            bundle: What Android has in the bundle of the attributes; the keys of the car count,
                those of :mod:`audiosession.android.bundle_keys`.

        Returns:
            ``GRANTED``; ``DELAYED`` only for a request that accepts that (android 62), and the
            listener is told ``GAIN`` when it is granted; or ``FAILED``, and nothing changed,
            also where the app asks more than its host takes.

        Raises:
            NullPointerException: There is no request.
            IllegalArgumentException: The request has the lock, for which an app would need an
                audio policy (android 52); or the stream type is ``ACCESSIBILITY``, which is
                for volumes only.
            InvalidTypeError: An argument has the wrong type.
            HostUnavailableError: The host is gone.
            ClosedError: The manager was closed.
        """
        self._check_open()
        if stream_type is not None or duration_hint is not None:
            request = _older_request(focus_request, stream_type, duration_hint)
            if request is None:
                return _Result.FAILED
        elif focus_request is None:
            raise NullPointerException("focus_request", None, expected="an AudioFocusRequest")
        elif not isinstance(focus_request, AudioFocusRequest):
            raise InvalidTypeError("focus_request", focus_request, expected="an AudioFocusRequest")
        else:
            request = focus_request
        if bundle is not None and not isinstance(bundle, Mapping):
            raise InvalidTypeError("bundle", bundle, expected="a mapping or None")
        if request.locks_focus():
            raise IllegalArgumentException(
                "focus_request", request, expected="a request without the lock"
            )
        return await self._request(_key(request.listener), request, bundle or {})

    async def abandon_audio_focus_request(
        self, focus_request: AudioFocusRequest
    ) -> AndroidAudioFocusRequestResult:
        """Gives back what the request's listener has, whatever it was asked with.

        Returns:
            ``GRANTED``, also to who has nothing (android 26).

        Raises:
            IllegalArgumentException: There is no request.
            InvalidTypeError: It is something else.
            HostUnavailableError: The host is gone.
            LimitError: The app asks more than its host takes. Then it has what it had, and
                may give it back later.
            ClosedError: The manager was closed.
        """
        self._check_open()
        if focus_request is None:
            raise IllegalArgumentException(
                "focus_request", focus_request, expected="an AudioFocusRequest"
            )
        if not isinstance(focus_request, AudioFocusRequest):
            raise InvalidTypeError("focus_request", focus_request, expected="an AudioFocusRequest")
        return await self._abandon(_key(focus_request.listener))

    async def abandon_audio_focus(
        self,
        l: OnAudioFocusChangeListener | None,  # noqa: E741 - Android's name
    ) -> AndroidAudioFocusRequestResult:
        """Gives back what a listener has; the older form.

        Args:
            l: The listener; ``None`` for what was asked for without one.

        Returns:
            ``GRANTED``, also to who has nothing (android 26).

        Raises:
            InvalidTypeError: It cannot be called.
            HostUnavailableError: The host is gone.
            LimitError: As :meth:`abandon_audio_focus_request`.
            ClosedError: The manager was closed.
        """
        self._check_open()
        _check_listener(l)
        return await self._abandon(_key(l))

    async def request_audio_focus_for_call(
        self, stream_type: int, duration_hint: int
    ) -> AndroidAudioFocusRequestResult:
        """Asks as telephony does, with the lock and without a listener; hidden from apps.

        Nobody else is given focus meanwhile (android 52, 58). All telephony of the process is
        one client.

        Args:
            stream_type: ``RING`` or ``VOICE_CALL``.
            duration_hint: The gain; telephony takes ``GAIN_TRANSIENT``.

        Returns:
            ``GRANTED``, or ``FAILED``: without the permission ``MODIFY_PHONE_STATE``, and
            while focus is locked already (android 5, 53).

        Raises:
            IllegalArgumentException: What is no gain, or the stream type ``ACCESSIBILITY``.
            InvalidTypeError: An argument is no integer.
            HostUnavailableError: The host is gone.
            ClosedError: The manager was closed.
        """
        self._check_open()
        if AndroidPermission.MODIFY_PHONE_STATE not in self._app.permissions:
            return _Result.FAILED
        request = AudioFocusRequest(
            focus_gain=AudioFocusRequest.Builder(duration_hint).build().focus_gain,
            audio_attributes=_attributes_of_stream(stream_type),
            flags=AndroidAudioFocusFlags.LOCK,
        )
        return await self._request(RING_CALL_CLIENT_ID, request, {})

    async def abandon_audio_focus_for_call(self) -> AndroidAudioFocusRequestResult:
        """Gives back what telephony has; hidden from apps.

        Where this manager asked for an audio mode it waits for the end of that, up to 3 s
        (android 60).

        Returns:
            ``GRANTED``, also where it has nothing (android 26).

        Raises:
            HostUnavailableError: The host is gone.
            LimitError: As :meth:`abandon_audio_focus_request`.
            ClosedError: The manager was closed.
        """
        self._check_open()
        await self._mode_reset()
        return await self._abandon(RING_CALL_CLIENT_ID)

    async def should_notification_sound_play(self, aa: AudioAttributes) -> bool:
        """Whether a notification would be heard now; hidden from apps (android 65).

        Not while the ringer vibrates or is silent, and not while whoever has exclusive focus
        records.

        Args:
            aa: The notification's attributes.

        Raises:
            NullPointerException: There are none.
            InvalidTypeError: They are something else.
            ClosedError: The manager was closed.
        """
        self._check_open()
        if aa is None:
            raise NullPointerException("aa", aa, expected="AudioAttributes")
        if not isinstance(aa, AudioAttributes):
            raise InvalidTypeError("aa", aa, expected="AudioAttributes")
        return self._app.notifications_sound

    # -- inside ------------------------------------------------------------------------------

    async def _request(
        self, key: Hashable, request: AudioFocusRequest, bundle: Mapping[str, object]
    ) -> AndroidAudioFocusRequestResult:
        async with self._turns.turn():
            # It may have been closed while this call waited.
            self._check_open()
            if self._app.on_virtual_device:
                # Whoever made that device judges focus there (android 10).
                return _Result.GRANTED
            if not self._may_ask(request):
                return _Result.FAILED
            policy = self._app.focus_policy
            if policy is not None:
                return await self._ask_policy(policy, key, request)

            client = self._clients.get(key)
            before = None if client is None else client.held()

            async def undone(result: AndroidAudioFocusRequestResult) -> None:
                if result is not _Result.FAILED:
                    await self._undo(key, before)

            return await to_the_end(self._ask(key, request, bundle), undo=undone)

    def _may_ask(self, request: AudioFocusRequest) -> bool:
        """Whether the system would look at the others at all (android 5, 6, 111)."""
        app = self._app
        usage = request.audio_attributes.system_usage
        if is_system_usage(usage) and not (
            usage in app.system_usages and AndroidPermission.MODIFY_AUDIO_ROUTING in app.permissions
        ):
            return False
        if app.focus_restricted and usage not in _UNRESTRICTED:
            return False
        return (
            self._target_sdk < FOREGROUND_FROM_SDK
            or app.may_take_focus
            or not _PRIVILEGED.isdisjoint(app.permissions)
        )

    async def _ask(
        self, key: Hashable, request: AudioFocusRequest, bundle: Mapping[str, object]
    ) -> AndroidAudioFocusRequestResult:
        client = self._clients.get(key)
        if client is None:
            client = FocusClient(key, request, self._lost)
            try:
                client.seat = await self._free_seat()
            except (ClosedError, LimitError):
                # The process is dead, or has more clients than the system takes (android 5).
                return _Result.FAILED
            client.seat.client = client
        return await self._ask_host(client, request, self._asked(request, bundle))

    async def _ask_host(
        self, client: FocusClient, request: AudioFocusRequest, asked: ActivationRequest
    ) -> AndroidAudioFocusRequestResult:
        seat = client.seat
        known = self._clients.get(client.key) is client
        outcome: Outcome | None = None
        client.ask()
        try:
            outcome = (await seat.session.activate(asked)).outcome
        except LimitError:
            # Refused unseen: the session is as it was, and so is who sits there.
            return _Result.FAILED
        except ClosedError:
            # The process is dead, and what it had is gone.
            self._lost(client)
            self._remove(seat)
            known = False
            return _Result.FAILED
        finally:
            if outcome is Outcome.GRANTED or outcome is Outcome.DELAYED:
                known = True
                client.request, client.asked = request, asked
                # The last to ask sits at the end, as in the stack.
                self._clients.pop(client.key, None)
                self._clients[client.key] = client
            if known:
                client.answered(outcome, interrupted=seat.session.interrupted)
            else:
                # What it was told is told to nobody: it never had anything.
                seat.client = None
        return _RESULTS[outcome]

    async def _undo(self, key: Hashable, before: Held | None) -> None:
        """Takes back what was granted to a call that nobody waits for any more."""
        client = self._clients.get(key)
        if client is None:
            return
        if before is None or client.losses != before.losses:
            await self._leave(key)
            return
        try:
            if client.asked != before.asked:
                await self._ask_host(client, before.request, before.asked)
        finally:
            client.unanswered(before)

    def _asked(self, request: AudioFocusRequest, bundle: Mapping[str, object]) -> ActivationRequest:
        app = self._app
        attributes = AndroidAudioAttributes(
            content_type=request.audio_attributes.content_type,
            flags=request.audio_attributes.get_flags(),
            usage=request.audio_attributes.system_usage,
        )
        return ActivationRequest.of(
            AudioSessionConfiguration(
                android_audio_attributes=attributes,
                android_audio_focus_gain_type=request.focus_gain,
                android_will_pause_when_ducked=request.will_pause_when_ducked(),
            ),
            accepts_delay=request.accepts_delayed_focus_gain(),
            locked=request.locks_focus(),
            force_duck=request.force_ducking
            and app.accessibility_service
            and attributes.usage is AndroidAudioUsage.ASSISTANCE_ACCESSIBILITY,
            duck_events=bundle.get(RECEIVE_DUCKING_EVENTS_KEY) is True
            and AndroidPermission.RECEIVE_CAR_AUDIO_DUCKING_EVENTS in app.permissions,
            target_sdk=self._target_sdk,
            zone=_zone(bundle.get(REQUEST_ZONE_ID_KEY)),
        )

    async def _free_seat(self) -> Seat:
        """The first session of the manager's that nobody has, or one more."""
        for seat in self._seats:
            if seat.client is None:
                return seat
        seat = Seat()
        seat.session = await self._use_host().open_session(seat)
        self._seats.append(seat)
        return seat

    def _lost(self, client: FocusClient) -> None:
        """A client has no entry any more."""
        if client.seat.client is client:
            client.seat.client = None
        if self._clients.get(client.key) is client:
            del self._clients[client.key]

    async def _abandon(self, key: Hashable) -> AndroidAudioFocusRequestResult:
        async with self._turns.turn():
            self._check_open()
            await to_the_end(self._leave(key))
        return _Result.GRANTED

    async def _leave(self, key: Hashable) -> None:
        self._leave_policy(key)
        client = self._clients.get(key)
        if client is None:
            return
        session, left = client.seat.session, False
        # What is heard meanwhile is for who stays alone.
        client.ask()
        try:
            if not await session.deactivate(notify_others=True):
                # Nobody may refuse this, and no host refuses the end of a session.
                await session.close()
                self._remove(client.seat)
            left = True
        except ClosedError:
            # The process is dead, and what it had is gone.
            self._remove(client.seat)
            left = True
        finally:
            if left:
                self._lost(client)
            else:
                client.answered(None, interrupted=session.interrupted)

    def _remove(self, seat: Seat) -> None:
        """A seat's session is over."""
        if seat in self._seats:
            self._seats.remove(seat)

    async def _end(self) -> None:
        clients = tuple(self._clients.values())
        self._clients.clear()
        # From the bottom to the top: only the last to go may let somebody else gain.
        order = [client.seat for client in clients]
        order += [seat for seat in self._seats if seat.client is None]
        for seat in order:
            seat.client = None
        # One that fails keeps nobody from giving back, and closing again tries it again.
        problems: list[Exception] = []
        for seat in order:
            try:
                await seat.session.close()
            except Exception as problem:
                problems.append(problem)
            else:
                self._remove(seat)
        try:
            await super()._end()
        except Exception as problem:
            problems.append(problem)
        for unsaid in problems[1:]:
            _log.error("closing an AudioManager failed", exc_info=unsaid)
        if problems:
            raise problems[0]


def _key(listener: OnAudioFocusChangeListener | None) -> Hashable:
    """What tells a client from others of the manager; the client keeps the listener alive."""
    if isinstance(listener, MethodType):
        # Each look at a method makes another object of it.
        return id(listener.__self__), id(listener.__func__)
    if isinstance(listener, BuiltinMethodType):
        return id(listener.__self__), listener.__name__
    return None if listener is None else id(listener)


def _zone(number: object) -> str:
    """The scope of a car's audio zone; what is no zone is the main one."""
    if isinstance(number, bool) or not isinstance(number, int):
        return ""
    return str(number) if _MAIN_ZONE < number < _MOST_ZONES else ""


def _check_listener(listener: object) -> None:
    if not (listener is None or callable(listener)):
        raise InvalidTypeError("l", listener, expected="something to call, or None")


def _attributes_of_stream(stream_type: object) -> AudioAttributes:
    if isinstance(stream_type, bool) or not isinstance(stream_type, int):
        raise InvalidTypeError("stream_type", stream_type, expected="an integer")
    if stream_type == AndroidStreamType.ACCESSIBILITY:
        raise IllegalArgumentException(
            "stream_type", stream_type, expected="a stream type that is not for volumes only"
        )
    return AudioAttributes.Builder().set_legacy_stream_type(stream_type).build()


def _older_request(
    listener: object, stream_type: object, duration_hint: object
) -> AudioFocusRequest | None:
    """The request that the older form amounts to; ``None`` for what is no gain."""
    if isinstance(listener, AudioFocusRequest):
        raise InvalidTypeError("l", listener, expected="a listener, or a request alone")
    _check_listener(listener)
    attributes = _attributes_of_stream(stream_type)
    if isinstance(duration_hint, bool) or not isinstance(duration_hint, int):
        raise InvalidTypeError("duration_hint", duration_hint, expected="an integer")
    if duration_hint not in list(AndroidAudioFocusGainType):
        return None
    return AudioFocusRequest(
        focus_gain=AndroidAudioFocusGainType(duration_hint),
        audio_attributes=attributes,
        listener=listener,  # type: ignore[arg-type]
    )
