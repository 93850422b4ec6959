"""The one API: an app's audio session, the same on every platform."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from ._activation import Activation, Overrides, notifies_others, records
from ._checks import check_flag, check_optional, check_seconds
from ._faces import Face, NoFace
from ._reports import Reports
from ._tasks import Turns, to_the_end
from .android.attributes import AndroidAudioAttributes
from .android.constants import AndroidAudioFocusGainType
from .apple.constants import AVAudioSessionSetActiveOptions
from .configuration import AudioSessionConfiguration
from .devices import AudioDevice, AudioDevicesChangedEvent
from .errors import (
    ClosedError,
    DeniedError,
    InvalidTypeError,
    UnknownNameError,
    UnsupportedError,
)
from .hosts import HOSTS, choose_host, stand_in
from .hosts.base import ActivationResult, Capability, Host, HostSession, Outcome
from .interruptions import AudioInterruptionEvent
from .players import InterruptionHandler, Player, Ties
from .streams import EventStream

DEFAULT_QUIET_TIMEOUT_S = 0.15
"""How long :meth:`audiosession.AudioSession.activated` waits at most for others to go down."""


class AudioSession:
    """An app's audio session: says what its audio is for and hears what happens to it.

    One object serves a whole app; :meth:`instance` gives it. Nothing is opened before the
    first call that needs the host, so an ``AudioSession`` may be made anywhere, also before
    an event loop runs; afterwards it belongs to the loop of that first call, for as long as
    that loop runs. Not thread safe; see :class:`audiosession.blocking.AudioSession` for
    programs without a loop.

    Args:
        host: Where the session lives, or a function that gives the host when it is first
            needed; a host that came from a function is closed with the session.

    Raises:
        InvalidTypeError: neither a host nor a function.
    """

    _shared: AudioSession | None = None

    def __init__(self, host: Host | Callable[[], Host]) -> None:
        if not callable(host):
            _check_host(host)
        self._host_source = host
        self._host: Host | None = None
        self._session: HostSession | None = None
        self._turns = Turns("this audio session")
        self._reports = Reports()
        self._configuration: AudioSessionConfiguration | None = None
        self._activation = Activation(self._reports)
        # Who wants the session to be active: the app by set_active(), and so many blocks.
        self._wanted = False
        self._blocks = 0
        self._blocks_granted = False
        self._closed = False
        # Another surface over this session; it sets itself.
        self._face: Face = NoFace()

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

        Raises:
            UnknownNameError: no host has that name.
        """
        if host is not None and not isinstance(host, str):
            raise InvalidTypeError("host", host, expected="the name of a host, or None")
        if host is not None and host not in HOSTS:
            raise UnknownNameError("host", host, HOSTS)
        app = stand_in()
        if app is not None:
            return app.session
        if AudioSession._shared is None or AudioSession._shared._closed:
            AudioSession._shared = AudioSession(lambda: choose_host(host))
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

        Stays true while the session is ducked or paused by others, except where an
        interruption ends the activation, as it does on Apple's phones. Turns true by itself
        when a request that was put off is granted; no event tells that.
        """
        return self._activation.active

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._closed

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
        return self._reports.configurations.stream

    @property
    def interruption_event_stream(self) -> EventStream[AudioInterruptionEvent]:
        """Interruptions of this session.

        A new beginning replaces an earlier one; an end ends whatever is running, and no end
        comes without a beginning. Not every beginning has an end: a pause for good has none,
        and the app's own :meth:`set_active`, or :meth:`configure` while active, may end an
        interruption without a word. Whoever listens here takes back what it did for the
        interruption after such a call; :meth:`handle_interruptions` does. When
        ``system_ducked`` is set the system lowers the app by itself and the event is for
        information.
        """
        return self._reports.interruptions.stream

    @property
    def becoming_noisy_event_stream(self) -> EventStream[None]:
        """Sound is about to come out of a loudspeaker, as when headphones are pulled: pause."""
        return self._reports.noisy.stream

    @property
    def devices_changed_event_stream(self) -> EventStream[AudioDevicesChangedEvent]:
        """Devices added and removed."""
        return self._reports.devices_changed.stream

    @property
    def devices_stream(self) -> EventStream[frozenset[AudioDevice]]:
        """All devices, whenever they change; a new listener first hears the latest known.

        Known from the first use of the session on.
        """
        return self._reports.devices.stream

    # -- what an app does --------------------------------------------------------------------

    async def configure(self, configuration: AudioSessionConfiguration) -> None:
        """Says what the app's audio is for; takes effect at once if the session is active.

        Once begun the change is carried through, also when the call is cancelled.

        Raises:
            InvalidTypeError: not a configuration.
            IllegalCombinationError: Apple's fields contradict each other.
            DeniedError: the session is active and may not be what it would be now; it stays
                as it was.
            ClosedError: the session was closed.
        """
        if not isinstance(configuration, AudioSessionConfiguration):
            raise InvalidTypeError(
                "configuration", configuration, expected="an AudioSessionConfiguration"
            )
        self._check_open()
        configuration.validate()
        async with self._turn():
            session = await self._open()
            await to_the_end(self._change(session, configuration))

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
        begun (see :meth:`quiet`). A session that is not configured yet is configured with
        ``fallback_configuration``, and stays so when it is refused. Calls are served one
        after the other. A call that is cancelled before the host was asked does nothing.
        Cancelled later, asking is undone on this app's side, the fallback included; others
        that the granted request has stopped meanwhile know and stay stopped. Giving up, once
        begun, is carried through.

        Args:
            active: Whether to ask or to give up.
            av_audio_session_set_active_options: Overrides the configured options of
                deactivation for this call.
            android_audio_focus_gain_type: Overrides the configured gain for this call.
            android_audio_attributes: Overrides the configured attributes for this call.
            android_will_pause_when_ducked: Overrides the configured flag for this call.
            fallback_configuration: For a session without configuration; music by default.

        Returns:
            True when granted (or given up); False when denied or put off, and then the app
            should not play or record. When what was put off is granted, :attr:`is_active`
            turns true without an event.

        Raises:
            InvalidTypeError: an argument has the wrong type.
            IllegalCombinationError: the fallback contradicts itself.
            HostUnavailableError: the host is gone.
            ClosedError: the session was closed.
            IllegalRequestError: the session is in use in another thread's event loop.
        """
        check_flag("active", active)
        check_optional(
            "av_audio_session_set_active_options",
            av_audio_session_set_active_options,
            AVAudioSessionSetActiveOptions,
        )
        overrides = Overrides(
            gain_type=android_audio_focus_gain_type,
            attributes=android_audio_attributes,
            will_pause_when_ducked=android_will_pause_when_ducked,
        )
        if not active:
            return await self._give_up(av_audio_session_set_active_options, fallback_configuration)
        result = await self._activate(overrides, fallback_configuration)
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
        check_seconds("timeout_s", timeout_s)
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
        heard; a session that records does not wait, since a microphone need not. Where
        several such blocks overlap, the last one to end gives the audio up; where the app has
        activated the session itself it stays active, with what that call asked for.

        Args:
            quiet_timeout_s: How long to wait for others to go down, in seconds; 0 not at all.
            fallback_configuration: As for :meth:`set_active`.

        Raises:
            DeniedError: the activation was refused; names who stands in the way.
            InvalidTypeError, InvalidValueError: as for :meth:`quiet` and :meth:`set_active`.
        """
        check_seconds("quiet_timeout_s", quiet_timeout_s)
        if self._blocks == 0 and not self.is_active:
            self._wanted = False
        self._blocks += 1
        try:
            result = await self._ask(None, fallback_configuration)
            if result.outcome is not Outcome.DENIED:
                self._blocks_granted = True
            if result.outcome is not Outcome.GRANTED:
                app = (await self._host_session()).app_name
                raise DeniedError(app, result.holder or None, result.rule or "unknown")
            knows = Capability.QUIET in self.capabilities
            if knows and quiet_timeout_s > 0 and not records(self._configuration):
                await self.quiet(quiet_timeout_s)
            yield self
        finally:
            self._blocks -= 1
            if self._blocks == 0 and self._blocks_granted:
                self._blocks_granted = False
                # Whoever closed it, or the end of the app's process, gave it up already.
                if not self._wanted:
                    with suppress(ClosedError):
                        await to_the_end(self.set_active(False))

    async def get_devices(
        self, include_inputs: bool = True, include_outputs: bool = True
    ) -> frozenset[AudioDevice]:
        """The devices there are now.

        Args:
            include_inputs: Whether inputs are wanted.
            include_outputs: Whether outputs are wanted; a device that is both is listed for
                either.
        """
        check_flag("include_inputs", include_inputs)
        check_flag("include_outputs", include_outputs)
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
        itself the player's volume is left alone; where an interruption ended the activation
        the session is activated again before the player resumes. The player gets its volume
        back, too, when the app's own :meth:`set_active` ends an interruption unsaid.

        Args:
            player: Anything with ``pause()``, ``resume()`` and ``set_volume(volume)``, sync or
                async; ``playing`` and ``volume`` attributes are used where they exist.
            enabled: Start switched on; see :attr:`InterruptionHandler.enabled`.
            duck_factor: Amplitude factor for a duck that the app does itself; 0.2 is Android's.
        """
        self._check_open()
        return InterruptionHandler(
            player,
            Ties(
                interruptions=self._reports.interruptions.stream,
                noisy=self._reports.noisy.stream,
                over=self._reports.interruption_over.stream,
                asking=lambda: self._activation.asking,
                lost=lambda: self._activation.lost,
                reclaim=self._reclaim,
            ),
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
        """Gives everything back and ends the event streams. Closing twice does nothing.

        A call that is under way is finished first; one that waits for it is refused.

        Raises:
            IllegalRequestError: the session is in use in another thread's event loop.
        """
        self._turns.check_loop()
        self._closed = True
        await to_the_end(self._end())

    # -- what the host reports ---------------------------------------------------------------

    def interruption(self, event: AudioInterruptionEvent) -> None:
        """For hosts: an interruption to pass on."""
        self._face.interruption(event)
        self._reports.interruption(event)

    def becoming_noisy(self) -> None:
        """For hosts: the output became noisy."""
        self._face.becoming_noisy()
        self._reports.becoming_noisy()

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        """For hosts: devices came or went."""
        self._face.devices_changed(event)
        self._reports.change_devices(event)

    def gained_claim(self) -> None:
        """For hosts: an activation that was put off is granted."""
        if not self._closed:
            self._activation.gain()
            self._wanted = self._wanted or self._blocks == 0
            self._face.gained_claim()

    def lost_claim(self) -> None:
        """For hosts: the session is not active any more."""
        if not self._closed:
            self._activation.lose()
            self._face.lost_claim()

    # -- inside ------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError("this audio session")

    def _use_host(self) -> Host:
        self._check_open()
        if self._host is None:
            source = self._host_source
            self._host = source() if callable(source) else source
            _check_host(self._host)
        return self._host

    async def _host_session(self) -> HostSession:
        self._check_open()
        self._turns.check_loop()
        if self._session is not None:
            return self._session
        async with self._turn():
            return await self._open()

    async def _open(self) -> HostSession:
        if self._session is None:
            # A cancelled caller leaves the session open, for the next call to use.
            return await to_the_end(self._opened())
        return self._session

    async def _opened(self) -> HostSession:
        host = self._use_host()
        self._reports.expect_devices()
        session = await host.open_session(self)
        if Capability.DEVICES in host.capabilities:
            try:
                devices = await session.devices()
            except BaseException:
                await session.close()
                raise
            self._reports.list_devices(devices)
        self._session = session
        return session

    async def _end(self) -> None:
        async with self._turns.turn():
            self._activation.end()
            session, self._session = self._session, None
            host, self._host = self._host, None
            async with AsyncExitStack() as ends:
                ends.callback(self._reports.close)
                if host is not None and callable(self._host_source):
                    ends.push_async_callback(host.close)
                if session is not None:
                    ends.push_async_callback(session.close)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        async with self._turns.turn():
            # It may have been closed while this call waited.
            self._check_open()
            yield

    def _require(self, capability: Capability) -> None:
        host = self._use_host()
        if capability not in host.capabilities:
            raise UnsupportedError(capability.value, host.name)

    async def _user_action(self, *, paused: bool) -> None:
        session = await self._host_session()
        self._require(Capability.USER_ACTIONS)
        await session.user_action(paused=paused)

    async def _change(self, session: HostSession, configuration: AudioSessionConfiguration) -> None:
        await self._activation.configure(session, configuration)
        self._keep(configuration)
        await self._face.app_called(configured=True)

    def _keep(self, configuration: AudioSessionConfiguration) -> None:
        self._configuration = configuration
        self._reports.configurations.publish(configuration)

    def _check_fallback(self, fallback: AudioSessionConfiguration | None) -> None:
        check_optional("fallback_configuration", fallback, AudioSessionConfiguration)
        self._check_open()
        if fallback is not None:
            fallback.validate()

    def _configured(
        self, fallback: AudioSessionConfiguration | None
    ) -> tuple[AudioSessionConfiguration, bool]:
        """The configuration, and whether it is yet to be set."""
        if self._configuration is not None:
            return self._configuration, False
        return fallback or AudioSessionConfiguration.music(), True

    async def _activate(
        self, overrides: Overrides | None, fallback: AudioSessionConfiguration | None
    ) -> ActivationResult:
        """Asks for the audio because the app itself wants it."""
        result = await self._ask(overrides, fallback)
        self._wanted = self._wanted or result.outcome is not Outcome.DENIED
        return result

    async def _ask(
        self, overrides: Overrides | None, fallback: AudioSessionConfiguration | None
    ) -> ActivationResult:
        """Asks for the audio; ``None``: with the overrides in force."""
        self._check_fallback(fallback)
        async with self._turn():
            session = await self._open()
            configuration, new = self._configured(fallback)
            if overrides is None:
                overrides = self._activation.overrides
            was_active = self.is_active
            result = await self._activation.ask(session, overrides, configuration, new=new)
            if new:
                self._keep(configuration)
            asked = result.outcome is not Outcome.DENIED

            async def taken_back(_: None) -> None:
                await self._activation.give_up(session, notify=True)
                await self._face.app_called(configured=False)

            undo = taken_back if asked and not was_active else None
            await to_the_end(self._face.app_called(configured=asked), undo=undo)
            return result

    async def _reclaim(self) -> bool:
        """Asks for what was lost, for a player that is to resume."""
        async with self._turn():
            session = await self._open()
            if self._activation.lost:
                configuration, _ = self._configured(None)
                await self._activation.reclaim(session, configuration)
                self._wanted = self._wanted or self._blocks == 0
                await to_the_end(self._face.app_called(configured=True))
            return self.is_active

    async def _give_up(
        self,
        options: AVAudioSessionSetActiveOptions | None,
        fallback: AudioSessionConfiguration | None,
    ) -> bool:
        self._check_fallback(fallback)
        async with self._turn():
            session = await self._open()
            configuration, new = self._configured(fallback)
            notify = notifies_others(configuration, options)

            async def given_up() -> bool:
                if new:
                    await self._change(session, configuration)
                done = await self._activation.give_up(session, notify=notify)
                self._wanted = self._wanted and not done
                await self._face.app_called(configured=False)
                return done

            return await to_the_end(given_up())


def _check_host(host: object) -> None:
    if not callable(getattr(host, "open_session", None)):
        raise InvalidTypeError("host", host, expected="a host, or a function that gives one")


__all__ = ["DEFAULT_QUIET_TIMEOUT_S", "AudioSession"]
