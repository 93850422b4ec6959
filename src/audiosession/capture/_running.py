"""Starting and stopping a session, and keeping what runs in step with what is configured.

Whatever happens, from a call of the app to a camera that is pulled out, only says that things
may be different. One worker, in the event loop of the session, then brings about what ought
to be: the audio session, the feeds, the outputs, and what is told of them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from functools import partial

from audiosession._tasks import Turns, to_the_end
from audiosession.apple.errors import AVAudioSessionErrorCode, NSError
from audiosession.capture._audio_session import AudioSide, AudioWish, in_av_words
from audiosession.capture._graph import Graph
from audiosession.capture._interruptions import Interruptions
from audiosession.capture.connections import AVCaptureConnection
from audiosession.capture.devices import AVCaptureDevice
from audiosession.capture.enums import (
    AVAuthorizationStatus,
    AVCaptureSessionInterruptionReason,
    AVMediaType,
)
from audiosession.capture.errors import (
    UNDERLYING_ERROR,
    AVError,
    CaptureError,
    NSGenericException,
)
from audiosession.capture.host import FormatFacts, HostClock
from audiosession.capture.inputs import AVCaptureDeviceInput, check_authorized
from audiosession.capture.notifications import AVCaptureSessionNotificationName as Name
from audiosession.capture.notifications import AVCaptureSessionUserInfoKey as Key
from audiosession.capture.outputs.base import AVCaptureOutput
from audiosession.capture.pipeline import FeedPlan, Pipeline, Route
from audiosession.errors import AudioSessionError

__all__ = ["Running"]

_log = logging.getLogger("audiosession")

_Reason = AVCaptureSessionInterruptionReason
_HELD = (
    AVAudioSessionErrorCode.INSUFFICIENT_PRIORITY,
    AVAudioSessionErrorCode.SESSION_NOT_ACTIVE,
    AVAudioSessionErrorCode.SIRI_IS_RECORDING,
)


class Running(Interruptions):
    """What runs of a session."""

    def _prepare(self) -> None:
        super()._prepare()
        self._turns = Turns("this capture session")
        self._worker: asyncio.Future[None] | None = None
        self._dirty = False
        # Whether a call of the app waits for the outcome, which then is told.
        self._asked = False
        self._clock: HostClock | None = None
        self._pipeline: Pipeline | None = None
        self._audio: AudioSide | None = None
        # The graph whose samples flow; None: none do.
        self._flowing: Graph | None = None
        self._begun: tuple[AVCaptureOutput, ...] = ()
        # Those that start later than the session, and have not yet.
        self._deferred: tuple[AVCaptureOutput, ...] = ()
        # The calls that wait for this start, and whether one has returned.
        self._starts: set[object] = set()
        self._started = False
        # Why it stopped by itself, until it is started or stopped.
        self._failure: CaptureError | None = None
        # For as long as the user is being asked.
        self._asking: asyncio.Timeout | None = None

    # -- what an app does --------------------------------------------------------------------

    async def start_running(self) -> None:
        """Starts the session, and returns when it runs or has failed.

        A failure is told by a runtime error notification, and in no other way. Where the app
        is in the background and there is a camera, the session is interrupted, and starts
        when the app comes to the front. What the user was not asked yet is asked now.
        A call that is cancelled leaves the session stopped, unless it ran before or another
        call waits for it to run.

        Raises:
            NSGenericException: a configuration is open.
            UnsupportedError: the host has no devices to offer.
            IllegalRequestError: the session is in use in another thread's event loop.
        """
        self._check_outside()
        self._turns.check_loop()
        app = self._app
        self._enter_loop()
        self._clock = self._clock or app.host.clock()
        if not self._wanted:
            self._starts, self._started = set(), False
        start = object()
        self._starts.add(start)
        self._failed, self._failure = frozenset(), None
        self._wanted = self._asked = True
        self._look()
        try:
            await self._settled()
        except asyncio.CancelledError:
            if start in self._starts:
                self._starts.remove(start)
                if not self._starts and not self._started:
                    await to_the_end(self._stopped())
            raise
        if start in self._starts:
            self._starts.remove(start)
            self._started = True

    async def stop_running(self) -> None:
        """Stops the session, and returns when it has stopped; drops a start that is pending.

        The app's audio session stays active and as it is configured. Stopping what does not
        run does nothing.

        Raises:
            NSGenericException: a configuration is open.
            IllegalRequestError: the session is in use in another thread's event loop.
        """
        self._check_outside()
        self._turns.check_loop()
        self._enter_loop()
        await to_the_end(self._stopped())

    @property
    def synchronization_clock(self) -> HostClock | None:
        """The clock all samples are timed by; ``None`` before the first start. Since iOS 15.4."""
        return self._clock

    @property
    def master_clock(self) -> HostClock | None:
        """The old name of :attr:`synchronization_clock`; deprecated since iOS 15.4."""
        return self._clock

    def _enter_loop(self) -> None:
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            # A worker of a loop that runs no more never ends.
            self._loop, self._worker = loop, None
            if self._clock is not None:
                for output in self._begun:
                    output._begin(loop, self._clock)

    def _check_outside(self) -> None:
        if self._begun_from:
            raise NSGenericException(
                "a configuration is open", advice="call commit_configuration() first"
            )

    # -- the worker --------------------------------------------------------------------------

    def _commit(self) -> None:
        if self._flowing is None:
            self._replaced_formats = {}
        super()._commit()
        # What is not in the session any more may be added anew.
        self._failed = frozenset(each for each in self._failed if self._has(each))
        if self._flowing is None:
            self._cut_loose()
        self._poke()

    def _poke(self) -> None:
        """Has the worker look what ought to run; from any thread."""
        self._in_its_loop(self._wake)

    def _wake(self) -> None:
        loop = self._loop
        holds = self._pipeline is not None or self._audio is not None
        works = self._worker is not None and not self._worker.done()
        if loop is None or loop.is_closed() or not (self._wanted or holds or works):
            return
        self._dirty = True
        if not works:
            # It belongs to the session and outlives the call that wakes it; it ends by itself.
            self._worker = asyncio.ensure_future(self._work(), loop=loop)  # noqa: TID251

    async def _settled(self) -> None:
        self._poke()
        while self._worker is not None and not self._worker.done():
            await asyncio.wait([self._worker])

    async def _stopped(self) -> None:
        self._wanted = self._audio_held = self._audio_off = False
        self._starts, self._started, self._failed = set(), False, frozenset()
        self._failure = None
        if self._asking is not None:
            asking, self._asking = self._asking, None
            asking.reschedule(asyncio.get_running_loop().time())
        self._down(None)
        self._end_interruption(tell=False)
        await self._settled()

    async def _work(self) -> None:
        while self._dirty:
            self._dirty = False
            try:
                await self._settle()
            except Exception as error:
                _log.exception("a capture session failed")
                self._fail(CaptureError(AVError.UNKNOWN, str(error)))

    async def _settle(self) -> None:
        """Brings about what ought to be; whatever changes meanwhile has it run again."""
        if not self._wanted:
            await self._let_go()
            return
        graph = self._committed
        asked, self._asked = self._asked, False
        reason = self._obstacle(graph)
        if reason is None and self._audio_held and not asked and self._records(graph):
            reason = _Reason.AUDIO_DEVICE_IN_USE_BY_ANOTHER_CLIENT
        if reason is not None:
            self._interrupt(reason)
            await self._let_go()
            return
        try:
            self._check_able(graph)
            await self._ask(graph)
            if not self._dirty:
                await self._start_audio(graph)
            if not self._dirty:
                await self._open(graph)
        except AudioSessionError as error:
            await self._refused(graph, _as_capture_error(error), asked=asked)
            return
        if self._dirty:
            self._asked = self._asked or asked
        elif self._wanted:
            self._up(graph)

    async def _refused(self, graph: Graph, error: CaptureError, *, asked: bool) -> None:
        flowing = self._flowing
        if flowing is not None and flowing is not graph:
            # It is the change that fails, so it is taken back and the rest runs on.
            self._take_back(flowing)
            self._post(Name.RUNTIME_ERROR, {Key.ERROR: error})
            self._poke()
            return
        if self._audio_held and not self._interrupted_reason:
            self._interrupt(_Reason.AUDIO_DEVICE_IN_USE_BY_ANOTHER_CLIENT)
        gone = error.code is AVError.DEVICE_NOT_CONNECTED and not self._dirty
        if self._interrupted_reason is not None and (self._audio_held or not gone):
            # What interrupts is not over; its end has this tried again.
            if asked:
                self._post(Name.RUNTIME_ERROR, {Key.ERROR: error})
        else:
            self._fail(error)
        await self._let_go()

    # -- audio -------------------------------------------------------------------------------

    def _records(self, graph: Graph) -> bool:
        """Whether sound of a real microphone is to be recorded."""
        return any(map(self._is_there, graph.real_devices(AVMediaType.AUDIO)))

    async def _start_audio(self, graph: Graph) -> None:
        if not self._records(graph):
            await self._stop_audio()
            self._audio_held = False
            return
        if self._audio_off:
            return
        if self._audio is None:
            self._audio = self._make_audio()
        try:
            await self._audio.start(self._audio_wish(graph))
        except NSError as error:
            # Whoever has the audio says when it is free, to those it was taken from.
            if self._interrupted_reason is not None and error.code in _HELD:
                self._audio_held = True
            raise in_av_words(error) from error
        self._audio_held = False

    async def _stop_audio(self) -> None:
        if self._audio is None:
            return
        audio, self._audio = self._audio, None
        try:
            await audio.stop()
        except AudioSessionError as error:
            _log.warning("the audio session of a capture session did not stop well: %s", error)

    def _make_audio(self) -> AudioSide:
        raise NotImplementedError

    def _audio_wish(self, graph: Graph) -> AudioWish:
        raise NotImplementedError

    # -- feeds and outputs -------------------------------------------------------------------

    def _check_able(self, graph: Graph) -> None:
        for device in graph.devices(AVMediaType.VIDEO) if self._many_cameras else ():
            if device.active_format is not None and not device.active_format.multi_cam:
                raise CaptureError(
                    AVError.UNSUPPORTED_DEVICE_ACTIVE_FORMAT,
                    f"the format of {device.localized_name!r} does not go with other cameras",
                )
        cost = self._rules.hardware_cost(graph)
        if cost > 1.0:
            raise CaptureError(
                AVError.SESSION_HARDWARE_COST_OVERAGE, f"the session costs {cost:.2f} of 1.0"
            )
        active = [each for each in graph.connections if each.is_active]
        there = any(_is_of(each, self._is_there) for each in active)
        if self._flowing is None and active and not there:
            raise CaptureError(
                AVError.DEVICE_NOT_CONNECTED, "none of the session's devices is there"
            )

    async def _ask(self, graph: Graph) -> None:
        """Asks the user for what was not asked yet; raises where the answer is no."""
        host = self._app.host
        for media_type in (AVMediaType.AUDIO, AVMediaType.VIDEO):
            if not graph.real_devices(media_type):
                continue
            if host.authorization(media_type) is AVAuthorizationStatus.NOT_DETERMINED:
                asking = self._asking = asyncio.timeout(None)
                try:
                    async with asking:
                        await host.request_access(media_type)
                except TimeoutError:
                    if not asking.expired():
                        raise
                finally:
                    self._asking = None
                if self._dirty:
                    return
            check_authorized(self._app, media_type)

    async def _open(self, graph: Graph) -> None:
        # Another session may have set a camera since this one was configured.
        self._set_formats(graph)
        plans = self._plans(graph)
        pipeline = self._pipeline = self._pipeline or Pipeline(self._app.host, self._feed_failed)
        refused: str | None = None
        try:
            for refused in {plan.device_id for plan in plans}:
                self._take_device(refused)
            refused = None
            await pipeline.set_plan(plans)
        except AudioSessionError as error:
            refused = refused or pipeline.refused
            if graph is not self._flowing or refused is None:
                raise
            # Nothing was changed that could be taken back, and the other devices go on.
            self._feed_failed(refused, _as_capture_error(error))
            return
        running = {plan.device_id for plan in plans}
        for settings in self._app.held_by(self._ref):
            if settings.facts.unique_id not in running:
                settings.holder = None

    def _plans(self, graph: Graph) -> list[FeedPlan]:
        routes: dict[tuple[str, FormatFacts, float | None], list[Route]] = {}
        for connection in graph.connections:
            if not connection.is_active:
                continue
            assert connection.output is not None
            for port in connection.input_ports:
                input, format = port.input, port.format_description
                if not port.is_enabled or format is None:
                    continue
                if not isinstance(input, AVCaptureDeviceInput) or not self._usable(input.device):
                    continue
                rate = input._frame_rate if port.media_type is AVMediaType.VIDEO else None
                routes.setdefault((input.device.unique_id, format, rate), []).append(
                    Route(connection=connection, output=connection.output)
                )
        return [
            FeedPlan(device_id=id, format=format, frame_rate=rate, routes=tuple(ways))
            for (id, format, rate), ways in routes.items()
        ]

    def _usable(self, device: AVCaptureDevice) -> bool:
        settings = device._settings
        sound_alone = settings.facts.media_types == (AVMediaType.AUDIO,)
        silent = self._audio_off and sound_alone and not settings.facts.virtual
        return self._is_there(device) and not silent

    def _is_there(self, device: AVCaptureDevice) -> bool:
        return device._settings.connected and device.unique_id not in self._failed

    def _up(self, graph: Graph) -> None:
        """Samples flow; tells so where that is new."""
        assert self._loop is not None
        assert self._clock is not None
        before, self._flowing = self._flowing, graph
        self._replaced_formats = {}
        if before is not None and before is not graph:
            self._let_outputs_go(before, graph)
        if graph is self._graph:
            self._cut_loose()
        outputs = [each for each in graph.outputs if self._reached(graph, each)]
        later = [
            each
            for each in outputs
            if self._starts_later(each) and (not self._running or each in self._deferred)
        ]
        for output in outputs:
            if output not in self._begun and output not in later:
                output._begin(self._loop, self._clock)
                self._begun = (*self._begun, output)
        for connection in graph.connections:
            connection._flowing = _is_of(connection, self._is_there)
            if not (connection.is_active and _is_of(connection, self._usable)):
                connection._silence()
        self._end_interruption(tell=True)
        if not self._running:
            self._running = True
            self._post(Name.DID_START_RUNNING)
            self._look()
            self._start_later(later)

    def _let_outputs_go(self, before: Graph, graph: Graph) -> None:
        """Ends what was recorded through connections that are there no more."""
        gone = [each for each in before.connections if each not in graph.connections]
        self._end_flow(gone, CaptureError(AVError.SESSION_CONFIGURATION_CHANGED))

    def _let_output_go(self, output: AVCaptureOutput) -> None:
        changed = CaptureError(AVError.SESSION_CONFIGURATION_CHANGED)
        self._in_its_loop(partial(self._end_output, output, changed))

    def _end_flow(
        self, connections: Iterable[AVCaptureConnection], error: CaptureError | None
    ) -> None:
        """Lets no more samples through, and ends what their outputs do with them."""
        lost = tuple(connections)
        for connection in lost:
            connection._stop_flowing()
        for output in dict.fromkeys(each.output for each in lost):
            if output is not None:
                self._end_output(output, error)

    def _end_output(self, output: AVCaptureOutput, error: CaptureError | None) -> None:
        if output not in self._begun:
            return
        self._begun = tuple(each for each in self._begun if each is not output)
        # Another session may have it by now, and use it.
        if output._session in (None, self):
            output._end(error)

    def _down(self, error: CaptureError | None) -> None:
        """Samples flow no more; tells so where that is new."""
        graph, self._flowing = self._flowing, None
        if graph is not None:
            self._end_flow(graph.connections, error)
        for output in self._begun:
            self._end_output(output, error)
        if self._graph is self._committed:
            self._cut_loose()
        if self._running:
            self._running = False
            self._post(Name.DID_STOP_RUNNING)
            self._look()

    def _fail(self, error: CaptureError) -> None:
        """The session stops by itself, and tells why."""
        self._wanted, self._failure = False, error
        self._post(Name.RUNTIME_ERROR, {Key.ERROR: error})
        self._down(error)
        self._end_interruption(tell=False)
        self._poke()

    async def _let_go(self) -> None:
        """Ends feeds and sound of a session that does not run."""
        if self._pipeline is not None:
            pipeline, self._pipeline = self._pipeline, None
            await pipeline.stop()
        self._release_devices()
        # An audio session that was interrupted tells when that is over.
        if self._wanted and self._audio_held:
            return
        self._audio_held = self._audio_off = False
        await self._stop_audio()

    @staticmethod
    def _reached(graph: Graph, output: AVCaptureOutput) -> bool:
        return any(each.output is output and each.is_active for each in graph.connections)

    # -- deferred start ----------------------------------------------------------------------

    def _starts_later(self, output: AVCaptureOutput) -> bool:
        raise NotImplementedError

    def _start_later(self, outputs: list[AVCaptureOutput]) -> None:
        raise NotImplementedError

    # -- devices -----------------------------------------------------------------------------

    def _take_device(self, unique_id: str) -> None:
        """Marks a device as used by this session; raises where another one uses it."""
        settings = self._app.settings(unique_id)
        assert settings is not None
        holder = None if settings.holder is None else settings.holder()
        if holder is None or holder is self:
            settings.holder = self._ref
            return
        if AVMediaType.VIDEO in settings.facts.media_types:
            raise CaptureError(
                AVError.DEVICE_ALREADY_USED_BY_ANOTHER_SESSION,
                f"another session uses {settings.facts.localized_name!r}",
            )

    def _release_devices(self) -> None:
        if self._found_app is not None:
            for settings in self._found_app.held_by(self._ref):
                settings.holder = None

    def _feed_failed(self, unique_id: str, error: CaptureError) -> None:
        """For the pipeline: a device gives no more, though it may be there."""
        if not self._wanted or self._interrupted_reason is not None:
            # It is let go anyway, and opened anew when it is wanted again.
            return
        if error.code is AVError.MEDIA_SERVICES_WERE_RESET:
            # Everything ends with the services, and nothing of it comes back by itself.
            self._fail(error)
            return
        settings = self._app.settings(unique_id)
        known = unique_id in self._failed or settings is None or not settings.connected
        self._failed |= {unique_id}
        if not self._lose_device(unique_id, error) and not known:
            # It was being opened.
            self._post(Name.RUNTIME_ERROR, {Key.ERROR: error})
            self._poke()

    def _lose_device(self, unique_id: str, error: CaptureError) -> bool:
        """Goes on without a device, if there is another; whether its samples flowed."""
        graph = self._flowing
        if graph is None:
            return False
        lost = [
            each
            for each in graph.connections
            if _is_of(each, lambda device: device.unique_id == unique_id)
        ]
        if not any(each._flowing for each in lost):
            return False
        if not any(each._flowing for each in graph.connections if each not in lost):
            self._fail(error)
            return True
        self._end_flow(lost, error)
        self._post(Name.RUNTIME_ERROR, {Key.ERROR: error})
        self._poke()
        return True


def _is_of(connection: AVCaptureConnection, which: Callable[[AVCaptureDevice], bool]) -> bool:
    """Whether one of the devices that a connection comes from is such a one."""
    return any(
        isinstance(port.input, AVCaptureDeviceInput) and which(port.input.device)
        for port in connection.input_ports
    )


def _as_capture_error(error: AudioSessionError) -> CaptureError:
    if isinstance(error, CaptureError):
        return error
    return CaptureError(AVError.UNKNOWN, str(error), user_info={UNDERLYING_ERROR: error})
