"""Starting and stopping a session, and keeping what runs in step with what is configured.

Whatever happens, from a call of the app to a camera that is pulled out, only says that things
may be different. One worker, in the event loop of the session, then brings about what ought
to be: the audio session, the feeds, the outputs, and what is told of them.
"""

from __future__ import annotations

import asyncio
import logging

from audiosession._tasks import Turns, to_the_end
from audiosession.apple.errors import AVAudioSessionErrorCode, NSError
from audiosession.capture._audio_session import (
    UNDERLYING_ERROR,
    AudioSide,
    AudioWish,
    in_av_words,
)
from audiosession.capture._graph import Graph
from audiosession.capture._interruptions import Interruptions
from audiosession.capture.connections import AVCaptureConnection
from audiosession.capture.devices import AVCaptureDevice
from audiosession.capture.enums import (
    AVAuthorizationStatus,
    AVCaptureSessionInterruptionReason,
    AVMediaType,
)
from audiosession.capture.errors import AVError, CaptureError, NSGenericException
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

    # -- what an app does --------------------------------------------------------------------

    async def start_running(self) -> None:
        """Starts the session, and returns when it runs or has failed.

        A failure is told by a runtime error notification, and in no other way. Where the app
        is in the background and there is a camera, the session is interrupted, and starts
        when the app comes to the front. What the user was not asked yet is asked now.
        A call that is cancelled leaves the session stopped, if it did not run before.

        Raises:
            NSGenericException: a configuration is open.
            UnsupportedError: the host has no devices to offer.
            IllegalRequestError: the session is in use in another thread's event loop.
        """
        self._check_outside()
        self._turns.check_loop()
        app = self._app
        was_wanted = self._wanted
        self._enter_loop()
        self._clock = self._clock or app.host.clock()
        self._wanted = self._asked = True
        self._look()

        async def undone(_: None) -> None:
            if not was_wanted:
                await self._stopped()

        await to_the_end(self._settled(), undo=undone)

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

    def _check_outside(self) -> None:
        if self._begun_from:
            raise NSGenericException(
                "a configuration is open", advice="call commit_configuration() first"
            )

    # -- the worker --------------------------------------------------------------------------

    def _commit(self) -> None:
        super()._commit()
        if self._flowing is None:
            self._cut_loose()
        self._poke()

    def _poke(self) -> None:
        """Has the worker look what ought to run; from any thread."""
        self._in_its_loop(self._wake)

    def _wake(self) -> None:
        loop = self._loop
        holds = self._pipeline is not None or self._audio is not None
        if loop is None or loop.is_closed() or not (self._wanted or holds):
            return
        self._dirty = True
        if self._worker is None or self._worker.done():
            # It belongs to the session and outlives the call that wakes it; it ends by itself.
            self._worker = asyncio.ensure_future(self._work(), loop=loop)  # noqa: TID251

    async def _settled(self) -> None:
        self._poke()
        while self._worker is not None and not self._worker.done():
            await asyncio.wait([self._worker])

    async def _stopped(self) -> None:
        self._wanted = self._audio_held = self._audio_off = False
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
            await self._start_audio(graph)
            if not self._dirty:
                await self._open(graph)
        except CaptureError as error:
            await self._refused(graph, error, asked=asked)
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
        if self._interrupted_reason is not None:
            # What interrupts is not over; its end has this tried again.
            if asked:
                self._post(Name.RUNTIME_ERROR, {Key.ERROR: error})
        else:
            self._fail(error)
        await self._let_go()

    # -- audio -------------------------------------------------------------------------------

    def _records(self, graph: Graph) -> bool:
        """Whether sound of a real microphone is to be recorded."""
        return any(device._settings.connected for device in graph.real_devices(AVMediaType.AUDIO))

    async def _start_audio(self, graph: Graph) -> None:
        if not self._records(graph):
            if self._audio is not None:
                audio, self._audio = self._audio, None
                await audio.stop()
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
        except AudioSessionError as error:
            raise CaptureError(
                AVError.UNKNOWN, str(error), user_info={UNDERLYING_ERROR: error}
            ) from error
        self._audio_held = False

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

    async def _ask(self, graph: Graph) -> None:
        """Asks the user for what was not asked yet; raises where the answer is no."""
        host = self._app.host
        for media_type in (AVMediaType.AUDIO, AVMediaType.VIDEO):
            if not graph.real_devices(media_type):
                continue
            if host.authorization(media_type) is AVAuthorizationStatus.NOT_DETERMINED:
                await host.request_access(media_type)
            check_authorized(self._app, media_type)

    async def _open(self, graph: Graph) -> None:
        plans = self._plans(graph)
        for device in {plan.device_id for plan in plans}:
            self._take_device(device)
        if self._pipeline is None:
            self._pipeline = Pipeline(self._app.host, self._feed_failed)
        await self._pipeline.set_plan(plans)
        self._replaced_formats = {}
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
        return settings.connected and not silent

    def _up(self, graph: Graph) -> None:
        """Samples flow; tells so where that is new."""
        assert self._loop is not None
        assert self._clock is not None
        before, self._flowing = self._flowing, graph
        if before is not None and before is not graph:
            self._let_outputs_go(before, graph)
        if graph is self._graph:
            self._cut_loose()
        outputs = [each for each in graph.outputs if self._reached(graph, each)]
        later = [] if self._running else [each for each in outputs if self._starts_later(each)]
        for output in outputs:
            if output not in self._begun and output not in later:
                output._begin(self._loop, self._clock)
                self._begun = (*self._begun, output)
        for connection in graph.connections:
            connection._flowing = True
        self._end_interruption(tell=True)
        if not self._running:
            self._running = True
            self._post(Name.DID_START_RUNNING)
            self._look()
            self._start_later(later)

    def _let_outputs_go(self, before: Graph, graph: Graph) -> None:
        """Ends what was recorded through connections that are there no more."""
        gone = [each for each in before.connections if each not in graph.connections]
        for connection in gone:
            connection._flowing = False
        for output in dict.fromkeys(each.output for each in gone):
            if output in self._begun:
                output._end(CaptureError(AVError.SESSION_CONFIGURATION_CHANGED))
                self._begun = tuple(each for each in self._begun if each is not output)

    def _down(self, error: CaptureError | None) -> None:
        """Samples flow no more; tells so where that is new."""
        graph, self._flowing = self._flowing, None
        if graph is not None:
            for connection in graph.connections:
                connection._flowing = False
        begun, self._begun = self._begun, ()
        for output in begun:
            output._end(error)
        if self._running:
            self._running = False
            self._post(Name.DID_STOP_RUNNING)
            self._look()

    def _fail(self, error: CaptureError) -> None:
        """The session stops by itself, and tells why."""
        self._wanted = False
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
        if self._audio is not None:
            audio, self._audio = self._audio, None
            try:
                await audio.stop()
            except AudioSessionError as error:
                _log.warning("the audio session of a capture session did not stop well: %s", error)

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
        """For the pipeline: a device gives no more."""
        self._lose_device(unique_id, error)

    def _lose_device(self, unique_id: str, error: CaptureError) -> None:
        graph = self._flowing
        if graph is None:
            return
        lost = [each for each in graph.connections if _is_fed_by(each, unique_id)]
        if not any(each._flowing for each in lost):
            return
        for connection in lost:
            connection._flowing = False
        if not any(each._flowing for each in graph.connections):
            self._fail(error)
            return
        for output in dict.fromkeys(each.output for each in lost):
            if output in self._begun:
                output._end(error)
                self._begun = tuple(each for each in self._begun if each is not output)
        self._post(Name.RUNTIME_ERROR, {Key.ERROR: error})
        self._poke()


def _is_fed_by(connection: AVCaptureConnection, unique_id: str) -> bool:
    return any(
        isinstance(port.input, AVCaptureDeviceInput) and port.input.device.unique_id == unique_id
        for port in connection.input_ports
    )
