"""The one API: an app's audio session, the same on every platform."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager
from typing import TypeVar

from .android.attributes import AndroidAudioAttributes
from .android.constants import AndroidAudioFocusGainType
from .apple.constants import AVAudioSessionCategory, AVAudioSessionSetActiveOptions
from .configuration import AudioSessionConfiguration
from .devices import AudioDevice, AudioDevicesChangedEvent
from .errors import ClosedError, DeniedError, InvalidTypeError, InvalidValueError, UnsupportedError
from .hosts.base import (
    ActivationRequest,
    ActivationResult,
    Capability,
    Host,
    HostSession,
    Outcome,
)
from .interruptions import AudioInterruptionEvent
from .players import InterruptionHandler, Player
from .streams import EventSource, EventStream

T = TypeVar("T")

DEFAULT_QUIET_TIMEOUT_S = 0.15
"""How long :meth:`AudioSession.activated` waits at most for others to go down."""


class AudioSession:
    """An app's audio session: says what its audio is for and hears what happens to it.

    One object serves a whole app; :meth:`instance` gives it. Nothing is opened before the
    first call that needs the host, so an ``AudioSession`` may be made anywhere, also before
    an event loop runs; afterwards it belongs to the loop of that first call. Not thread
    safe; see :class:`audiosession.blocking.AudioSession` for programs without a loop.

    Args:
        host: Where the session lives, or a function that gives the host when it is first
            needed.
    """

    _shared: AudioSession | None = None
    _default: Callable[[], Host] | None = None

    def __init__(self, host: Host | Callable[[], Host]) -> None:
        self._host_source = host
        self._host: Host | None = None
        self._session: HostSession | None = None
        self._lock: asyncio.Lock | None = None
        self._configuration: AudioSessionConfiguration | None = None
        self._active = False
        self._closed = False
        self._configurations: EventSource[AudioSessionConfiguration] = EventSource(
            "configuration", replay_latest=True
        )
        self._interruptions: EventSource[AudioInterruptionEvent] = EventSource("interruption")
        self._noisy: EventSource[None] = EventSource("becoming noisy")
        self._devices_changed: EventSource[AudioDevicesChangedEvent] = EventSource(
            "devices changed"
        )
        self._devices: EventSource[frozenset[AudioDevice]] = EventSource(
            "devices", replay_latest=True
        )

    # -- the shared session ------------------------------------------------------------------

    @classmethod
    def instance(cls, host: str | None = None) -> AudioSession:
        """The app's one session; every call gives the same object.

        Which host answers is decided when the session is first used: ``host`` or the
        environment variable ``AUDIOSESSION_HOST`` by name, otherwise what this machine has.
        The session may also be awaited, which connects it: ``session = await
        AudioSession.instance()``.

        Args:
            host: ``simulated``, ``linux``, ``ios`` or ``android``. Counts only in the call
                that makes the object.
        """
        if host is not None and not isinstance(host, str):
            raise InvalidTypeError("host", host, expected="the name of a host, or None")
        if AudioSession._shared is None or AudioSession._shared._closed:
            if AudioSession._default is not None and host is None:
                AudioSession._shared = AudioSession(AudioSession._default)
            else:
                AudioSession._shared = AudioSession(lambda: _choose(host))
        return AudioSession._shared

    def __await__(self) -> Generator[object, None, AudioSession]:
        return self._connected().__await__()

    async def _connected(self) -> AudioSession:
        await self._host_session()
        return self

    # -- what is known -----------------------------------------------------------------------

    @property
    def configuration(self) -> AudioSessionConfiguration | None:
        """The configuration last set, ``None`` before the first."""
        return self._configuration

    @property
    def is_configured(self) -> bool:
        """Whether :meth:`configure` succeeded at least once."""
        return self._configuration is not None

    @property
    def is_active(self) -> bool:
        """Whether the session's last activation was granted and is still in force.

        Stays true while the session is ducked or paused by others.
        """
        return self._active

    @property
    def android_audio_attributes(self) -> AndroidAudioAttributes | None:
        """The configured Android attributes."""
        return None if self._configuration is None else self._configuration.android_audio_attributes

    @property
    def android_audio_focus_gain_type(self) -> AndroidAudioFocusGainType | None:
        """The configured Android gain type."""
        if self._configuration is None:
            return None
        return self._configuration.android_audio_focus_gain_type

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the host can do; decides for a host if none is chosen yet."""
        return self._use_host().capabilities

    @property
    def configuration_stream(self) -> EventStream[AudioSessionConfiguration]:
        """Configurations; a new listener first hears the latest."""
        return self._configurations.stream

    @property
    def interruption_event_stream(self) -> EventStream[AudioInterruptionEvent]:
        """Interruptions of this session.

        A new beginning replaces an earlier one; an end ends whatever is running. Not every
        beginning has an end. When ``system_ducked`` is set the system lowers the app by
        itself and the event is for information.
        """
        return self._interruptions.stream

    @property
    def becoming_noisy_event_stream(self) -> EventStream[None]:
        """Sound is about to come out of a loudspeaker, as when headphones are pulled: pause."""
        return self._noisy.stream

    @property
    def devices_changed_event_stream(self) -> EventStream[AudioDevicesChangedEvent]:
        """Devices added and removed."""
        return self._devices_changed.stream

    @property
    def devices_stream(self) -> EventStream[frozenset[AudioDevice]]:
        """All devices, whenever they change; a new listener first hears the latest known.

        Known from the first use of the session on.
        """
        return self._devices.stream

    # -- what an app does --------------------------------------------------------------------

    async def configure(self, configuration: AudioSessionConfiguration) -> None:
        """Says what the app's audio is for; takes effect at once if the session is active.

        Raises:
            InvalidTypeError: not a configuration.
            IllegalCombinationError: Apple's fields contradict each other.
            ClosedError: the session was closed.
        """
        if not isinstance(configuration, AudioSessionConfiguration):
            raise InvalidTypeError(
                "configuration", configuration, expected="an AudioSessionConfiguration"
            )
        self._check_open()
        configuration.validate()
        async with self._one_at_a_time():
            await self._configure(configuration)

    async def set_active(
        self,
        active: bool,
        *,
        av_audio_session_set_active_options: AVAudioSessionSetActiveOptions | None = None,
        android_audio_focus_gain_type: AndroidAudioFocusGainType | None = None,
        android_audio_attributes: AndroidAudioAttributes | None = None,
        android_will_pause_when_ducked: bool | None = None,
        fallback_configuration: AudioSessionConfiguration | None = None,
    ) -> bool:
        """Asks for the audio, or gives it up.

        Returns as soon as the answer is there; when it is yes, the fades of others have
        begun (see :meth:`quiet`). A session that is not configured yet is first configured
        with ``fallback_configuration``. Cancelling the call leaves everything as it was.

        Args:
            active: Whether to ask or to give up.
            av_audio_session_set_active_options: Overrides the configured options of
                deactivation for this call.
            android_audio_focus_gain_type: Overrides the configured gain for this call.
            android_audio_attributes: Overrides the configured attributes for this call.
            android_will_pause_when_ducked: Overrides the configured flag for this call.
            fallback_configuration: For a session without configuration; music by default.

        Returns:
            True when granted (or given up); False when denied, and then the app should not
            play or record.

        Raises:
            InvalidTypeError: an argument has the wrong type.
            IllegalCombinationError: the fallback contradicts itself.
            HostUnavailableError: the host is gone.
            ClosedError: the session was closed.
        """
        result = await self._set_active(
            active,
            av_audio_session_set_active_options,
            android_audio_focus_gain_type,
            android_audio_attributes,
            android_will_pause_when_ducked,
            fallback_configuration,
        )
        return result.outcome is Outcome.GRANTED

    async def quiet(self, timeout_s: float = DEFAULT_QUIET_TIMEOUT_S) -> bool:
        """Waits until the others that this session lowers or pauses are down.

        Returns at once when nothing has to go down.

        Args:
            timeout_s: Seconds to wait at most, 0 or more.

        Returns:
            True when the others are down, False when time ran out first.

        Raises:
            InvalidValueError: a negative or infinite time.
            UnsupportedError: the host cannot tell.
        """
        if isinstance(timeout_s, bool) or not isinstance(timeout_s, int | float):
            raise InvalidTypeError("timeout_s", timeout_s, expected="a number of seconds")
        if not 0.0 <= timeout_s < float("inf"):
            raise InvalidValueError("timeout_s", timeout_s, expected="0 or more seconds")
        session = await self._host_session()
        self._require(Capability.QUIET)
        return await session.quiet(timeout_s)

    @asynccontextmanager
    async def activated(
        self,
        *,
        quiet_timeout_s: float = DEFAULT_QUIET_TIMEOUT_S,
        fallback_configuration: AudioSessionConfiguration | None = None,
    ) -> AsyncIterator[AudioSession]:
        """Active within ``async with``, given up after it, also on error and cancellation.

        Waits for the others to go down before the body runs, so that the first syllable is
        heard; a session that records does not wait, since a microphone need not.

        Raises:
            DeniedError: the activation was refused; names who stands in the way.
        """
        result = await self._set_active(True, None, None, None, None, fallback_configuration)
        if result.outcome is not Outcome.GRANTED:
            if result.outcome is Outcome.DELAYED:
                await self.set_active(False)
            raise DeniedError("this app", result.holder or None, result.rule or "unknown")
        try:
            if quiet_timeout_s > 0 and not self._records():
                await self._quiet_if_possible(quiet_timeout_s)
            yield self
        finally:
            await _to_the_end(self.set_active(False))

    async def get_devices(
        self, include_inputs: bool = True, include_outputs: bool = True
    ) -> frozenset[AudioDevice]:
        """The devices there are now.

        Args:
            include_inputs: Whether inputs are wanted.
            include_outputs: Whether outputs are wanted; a device that is both is listed for
                either.
        """
        for name, value in (
            ("include_inputs", include_inputs),
            ("include_outputs", include_outputs),
        ):
            if not isinstance(value, bool):
                raise InvalidTypeError(name, value, expected="True or False")
        session = await self._host_session()
        return frozenset(
            device
            for device in await session.devices()
            if (include_inputs and device.is_input) or (include_outputs and device.is_output)
        )

    def handle_interruptions(
        self, player: Player, *, enabled: bool = True, duck_factor: float = 0.2
    ) -> InterruptionHandler:
        """Pauses, lowers and resumes ``player`` as interruptions ask, until cancelled.

        Also pauses it when the output becomes noisy. Where the system lowers the app by
        itself the player's volume is left alone.

        Args:
            player: Anything with ``pause()``, ``resume()`` and ``set_volume(volume)``, sync or
                async; ``playing`` and ``volume`` attributes are used where they exist.
            enabled: Start switched on; see :attr:`InterruptionHandler.enabled`.
            duck_factor: Amplitude factor for a duck that the app does itself; 0.2 is Android's.
        """
        self._check_open()
        return InterruptionHandler(
            player,
            self.interruption_event_stream,
            self.becoming_noisy_event_stream,
            enabled=enabled,
            duck_factor=duck_factor,
        )

    async def user_paused(self) -> None:
        """Tells the host that the user paused the player; then nothing resumes it but the user."""
        await self._user_action(paused=True)

    async def user_played(self) -> None:
        """Tells the host that the user started the player; it resumes when it may."""
        await self._user_action(paused=False)

    async def close(self) -> None:
        """Gives everything back and ends the event streams. Closing twice does nothing."""
        if self._closed:
            return
        self._closed = True
        self._active = False
        if self._session is not None:
            await _to_the_end(self._session.close())
        for source in (
            self._configurations,
            self._interruptions,
            self._noisy,
            self._devices_changed,
            self._devices,
        ):
            source.close()

    # -- what the host reports ---------------------------------------------------------------

    def interruption(self, event: AudioInterruptionEvent) -> None:
        """For hosts: an interruption to pass on."""
        self._interruptions.publish(event)

    def becoming_noisy(self) -> None:
        """For hosts: the output became noisy."""
        self._noisy.publish(None)

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        """For hosts: devices came or went."""
        self._devices_changed.publish(event)
        if self._devices.latest is not None:
            now = (self._devices.latest - event.devices_removed) | event.devices_added
            self._devices.publish(now)

    def lost_claim(self) -> None:
        """For hosts: the session is not active any more."""
        self._active = False

    # -- inside ------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError("this audio session")

    def _use_host(self) -> Host:
        self._check_open()
        if self._host is None:
            source = self._host_source
            self._host = source() if callable(source) else source
        return self._host

    async def _host_session(self) -> HostSession:
        self._check_open()
        if self._session is None:
            async with self._one_at_a_time():
                await self._open()
        assert self._session is not None
        return self._session

    async def _open(self) -> HostSession:
        if self._session is None:
            session = await self._use_host().open_session(self)
            self._session = session
            if Capability.DEVICES in self._use_host().capabilities:
                self._devices.publish(await session.devices())
        return self._session

    def _one_at_a_time(self) -> asyncio.Lock:
        if self._lock is None:
            self._lock = asyncio.Lock()
        return self._lock

    def _require(self, capability: Capability) -> None:
        host = self._use_host()
        if capability not in host.capabilities:
            raise UnsupportedError(capability.value, host.name)

    def _records(self) -> bool:
        configuration = self._configuration
        category = None if configuration is None else configuration.av_audio_session_category
        return category in (AVAudioSessionCategory.RECORD, AVAudioSessionCategory.PLAY_AND_RECORD)

    async def _quiet_if_possible(self, timeout_s: float) -> None:
        if Capability.QUIET in self._use_host().capabilities:
            await self.quiet(timeout_s)

    async def _user_action(self, *, paused: bool) -> None:
        session = await self._host_session()
        self._require(Capability.USER_ACTIONS)
        await session.user_action(paused=paused)

    async def _configure(self, configuration: AudioSessionConfiguration) -> None:
        session = await self._open()
        await _to_the_end(session.configure(configuration))
        self._configuration = configuration
        self._configurations.publish(configuration)

    async def _set_active(
        self,
        active: bool,
        options: AVAudioSessionSetActiveOptions | None,
        gain_type: AndroidAudioFocusGainType | None,
        attributes: AndroidAudioAttributes | None,
        will_pause: bool | None,
        fallback: AudioSessionConfiguration | None,
    ) -> ActivationResult:
        for name, value, kind in (
            ("active", active, bool),
            ("av_audio_session_set_active_options", options, AVAudioSessionSetActiveOptions),
            ("android_audio_focus_gain_type", gain_type, AndroidAudioFocusGainType),
            ("android_audio_attributes", attributes, AndroidAudioAttributes),
            ("android_will_pause_when_ducked", will_pause, bool),
            ("fallback_configuration", fallback, AudioSessionConfiguration),
        ):
            if not isinstance(value, kind) and (value is not None or name == "active"):
                optional = "" if name == "active" else " or None"
                raise InvalidTypeError(name, value, expected=f"of type {kind.__name__}{optional}")
        self._check_open()
        if fallback is not None:
            fallback.validate()
        async with self._one_at_a_time():
            session = await self._open()
            if self._configuration is None:
                await self._configure(fallback or AudioSessionConfiguration.music())
            configuration = self._configuration
            assert configuration is not None
            if not active:
                chosen = options
                if chosen is None:
                    chosen = configuration.av_audio_session_set_active_options
                tell = AVAudioSessionSetActiveOptions.NOTIFY_OTHERS_ON_DEACTIVATION
                notify = chosen is not None and bool(chosen & tell)
                done = await _to_the_end(session.deactivate(notify_others=notify))
                self._active = self._active and not done
                return ActivationResult(outcome=Outcome.GRANTED if done else Outcome.DENIED)
            request = ActivationRequest(
                configuration=configuration,
                gain_type=gain_type or configuration.android_audio_focus_gain_type,
                attributes=attributes or configuration.android_audio_attributes,
                will_pause_when_ducked=bool(
                    configuration.android_will_pause_when_ducked
                    if will_pause is None
                    else will_pause
                ),
            )
            return await self._activate(session, request)

    async def _activate(self, session: HostSession, request: ActivationRequest) -> ActivationResult:
        was_active = self._active

        async def asked() -> ActivationResult:
            result = await session.activate(request)
            if result.outcome is Outcome.GRANTED:
                self._active = True
            return result

        async def undone() -> None:
            if not was_active:
                await session.deactivate(notify_others=True)
                self._active = False

        return await _to_the_end(asked(), undo=undone)


def _choose(name: str | None) -> Host:
    from .hosts import choose_host

    return choose_host(name)


async def _to_the_end(
    work: Awaitable[T], *, undo: Callable[[], Awaitable[None]] | None = None
) -> T:
    """Awaits ``work`` so that a cancellation of the caller does not tear it in two.

    A cancelled caller gets its CancelledError once the work, and then ``undo``, is done.
    """
    # A TaskGroup would cancel the work together with its caller.
    task = asyncio.ensure_future(work)  # noqa: TID251
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if task.cancelled():
            raise
        await _outlast(task)
        if undo is not None and task.exception() is None:
            await _outlast(asyncio.ensure_future(undo()))  # noqa: TID251
        raise


async def _outlast(task: asyncio.Future[T]) -> None:
    """Waits until the task is done, however often the caller is cancelled meanwhile."""
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            continue


__all__ = ["DEFAULT_QUIET_TIMEOUT_S", "AudioSession"]
