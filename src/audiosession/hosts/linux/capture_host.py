"""Microphones and cameras of a Linux desktop."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from ...capture.clock import MonotonicClock
from ...capture.enums import AVAuthorizationStatus, AVCaptureDeviceType
from ...capture.errors import AVError, CaptureError
from ...capture.host import (
    CaptureHostEvents,
    DeviceFacts,
    Feed,
    FeedEvents,
    FormatFacts,
    MediaType,
)
from ...capture.virtual import VirtualFeed, virtual_devices
from .capture_audio import PulseFeed, open_pulse_feed
from .capture_sources import Source, Sources
from .capture_video import Cameras, open_camera_feed

if TYPE_CHECKING:
    from ...core.routing import Port

__all__ = ["LinuxCaptureHost"]

_log = logging.getLogger("audiosession")

_SOURCE = "pulse:"
_CAMERA = "v4l2:"
_VIRTUAL = "virtual:"
_USUAL_RATES = (48_000, 44_100)
_MOST_CHANNELS = 8
_LOOK_S = 0.05
# As long as the service takes to find a server that is back, and more.
_LOOKS = 200


class LinuxCaptureHost:
    """A :class:`~audiosession.capture.host.CaptureHost` of PulseAudio's protocol and V4L2.

    Devices are the sound server's sources, its default one first and monitors of outputs after
    microphones; the cameras; a tone and a test pattern that are made up.

    Args:
        app: What the sound server calls the app's streams.
        server: The sound server as libpulse takes it; ``None``: where libpulse finds it.
        properties: What streams are to carry, as libpulse reads it from ``PULSE_PROP``, asked
            when one is opened; empty: nothing, and the service goes by the process.
        ports: The routing ports there are, to name a microphone's.
        up: Whether the app's audio sessions know of no loss of the sound server.
    """

    def __init__(
        self,
        app: str,
        *,
        server: str | None = None,
        properties: Callable[[], str] = str,
        ports: Callable[[], Iterable[Port]] = tuple,
        up: Callable[[], bool] = lambda: True,
    ) -> None:
        self._app, self._server = app, server
        self._properties, self._ports, self._up = properties, ports, up
        self._clock = MonotonicClock()
        self._lock = threading.Lock()
        self._sources: Sources | None = None
        self._cameras: Cameras | None = None
        self._feeds: tuple[PulseFeed, ...] = ()
        self._observers: tuple[tuple[CaptureHostEvents, asyncio.AbstractEventLoop | None], ...] = ()
        self._server_up = True
        # Sessions that use no sound have yet to hear that the server was gone.
        self._reset_owed = False

    # -- what CaptureHost has ----------------------------------------------------------------

    def devices(self) -> tuple[DeviceFacts, ...]:
        """See :class:`~audiosession.capture.host.CaptureHost`.

        The first call of all waits up to two seconds for the sound server.
        """
        ports = tuple(self._ports())
        followed, seen = self._followed()
        sources = followed.now()
        sounds = tuple(_device(source, ports) for source in sources)
        tone, pattern = virtual_devices()
        return (*sounds, *seen.now(), tone, pattern)

    def observe(self, events: CaptureHostEvents) -> Callable[[], None]:
        """See :class:`~audiosession.capture.host.CaptureHost`.

        Reports come in the event loop in which this is called, if it is called in one.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        entry = (events, loop)
        with self._lock:
            self._observers = (*self._observers, entry)
        self._followed()

        def end() -> None:
            with self._lock:
                self._observers = tuple(each for each in self._observers if each is not entry)

        return end

    def authorization(self, media_type: MediaType) -> AVAuthorizationStatus:
        """See :class:`~audiosession.capture.host.CaptureHost`; nobody is asked on a desktop."""
        return AVAuthorizationStatus.AUTHORIZED

    async def request_access(self, media_type: MediaType) -> bool:
        """See :class:`~audiosession.capture.host.CaptureHost`."""
        return True

    def clock(self) -> MonotonicClock:
        """See :class:`~audiosession.capture.host.CaptureHost`."""
        return self._clock

    async def open_feed(
        self,
        device_id: str,
        format: FormatFacts,
        frame_rate: float | None,
        events: FeedEvents,
    ) -> Feed:
        """See :class:`~audiosession.capture.host.CaptureHost`."""
        self._last_loop()
        if device_id.startswith(_VIRTUAL):
            return VirtualFeed(device_id, format, frame_rate, self._clock, events)
        if device_id.startswith(_CAMERA):
            rate = frame_rate or max(high for _, high in format.frame_rates)
            path = device_id.removeprefix(_CAMERA)
            return await open_camera_feed(path, format, rate, events)
        return await self._open_source(device_id.removeprefix(_SOURCE), format, events)

    def close(self) -> None:
        """Ends what follows the server; feeds are ended by whoever opened them."""
        with self._lock:
            following = self._sources, self._cameras
            self._sources = self._cameras = None
        for each in following:
            if each is not None:
                each.close()

    # -- inside ------------------------------------------------------------------------------

    async def _open_source(self, name: str, format: FormatFacts, events: FeedEvents) -> Feed:
        followed, _ = self._followed()
        known = await asyncio.to_thread(followed.now)
        if all(each.name != name for each in known):
            raise CaptureError(AVError.DEVICE_NOT_CONNECTED, f"there is no source {name!r}")
        environment = {}
        if self._server is not None:
            environment["PULSE_SERVER"] = self._server
        if properties := self._properties():
            environment["PULSE_PROP"] = properties
        feed = await open_pulse_feed(
            name, format, self._clock, events, app=self._app, environment=environment
        )
        with self._lock:
            self._feeds = (*(each for each in self._feeds if not each.over), feed)
        # It may have gone before anybody knew of the feed.
        self._end_orphans(followed.now())
        return feed

    def _followed(self) -> tuple[Sources, Cameras]:
        with self._lock:
            if self._sources is None:
                self._sources = Sources(self._server, self._sources_changed)
            if self._cameras is None:
                self._cameras = Cameras(self._cameras_changed)
            return self._sources, self._cameras

    def _last_loop(self) -> None:
        """An observer that came without an event loop is told in the first that is used."""
        loop = asyncio.get_running_loop()
        with self._lock:
            self._observers = tuple(
                (events, loop if before is None else before) for events, before in self._observers
            )

    def _sources_changed(
        self, now: tuple[Source, ...], before: tuple[Source, ...], up: bool
    ) -> None:
        """Sources came or went; in the thread that follows them."""
        self._server_up = up
        told = self._end_orphans(now)
        had, has = {each.name for each in before}, {each.name for each in now}
        for name in had - has:
            self._tell(partial(_gone, _SOURCE + name))
        if not up and before:
            self._reset_owed = not told
        elif up and self._reset_owed:
            self._reset_owed = False
            # First: who starts anew as soon as the source is back is not to be stopped by it.
            self._tell(lambda each: each.media_services_reset())
        for source in now:
            if source.name not in had:
                self._tell(partial(self._come, source, _LOOKS))

    def _cameras_changed(
        self, come: tuple[DeviceFacts, ...], gone: tuple[DeviceFacts, ...]
    ) -> None:
        """Cameras came or went; in the thread that follows them."""
        for device in gone:
            self._tell(partial(_gone, device.unique_id))
        for device in come:
            self._tell(partial(_seen, device))

    def _come(self, source: Source, looks: int, events: CaptureHostEvents) -> None:
        """Tells of a source, in the event loop, to which ports and sessions belong."""
        ports = tuple(self._ports())
        known = self._up() and (source.monitor or not ports or any(p.is_input for p in ports))
        if not known and looks:
            # Who starts as soon as it is there needs the audio session, which hears of it from
            # the service.
            later = partial(self._come_later, source, looks - 1, events)
            asyncio.get_running_loop().call_later(_LOOK_S, later)
            return
        events.device_connected(_device(source, ports))

    def _come_later(self, source: Source, looks: int, events: CaptureHostEvents) -> None:
        followed = self._sources
        if followed is not None and any(each.name == source.name for each in followed.now()):
            self._come(source, looks, events)

    def _end_orphans(self, now: tuple[Source, ...]) -> bool:
        """Ends the feeds of sources that are gone, which miniaudio does not notice.

        Returns:
            Whether there were any.
        """
        there = {each.name for each in now}
        with self._lock:
            gone = [each for each in self._feeds if each.source not in there]
            self._feeds = tuple(each for each in self._feeds if each.source in there)
        for feed in gone:
            # All of them go when the server does.
            code = AVError.DEVICE_WAS_DISCONNECTED
            if not self._server_up:
                code = AVError.MEDIA_SERVICES_WERE_RESET
            feed.fail(CaptureError(code))
        return bool(gone)

    def _tell(self, what: Callable[[CaptureHostEvents], None]) -> None:
        for events, loop in self._observers:
            if loop is None or loop.is_closed():
                continue
            try:
                loop.call_soon_threadsafe(what, events)
            except RuntimeError:
                _log.debug("an observer's event loop is closed")


def _seen(device: DeviceFacts, events: CaptureHostEvents) -> None:
    events.device_connected(device)


def _gone(unique_id: str, events: CaptureHostEvents) -> None:
    events.device_disconnected(unique_id)


def _device(source: Source, ports: Iterable[Port]) -> DeviceFacts:
    rates = dict.fromkeys((source.rate, *_USUAL_RATES))
    own = min(source.channels, _MOST_CHANNELS)
    counts = dict.fromkeys((own, 1, 2))
    names = (source.port, source.text, f"{source.port} ({source.text})")
    fitting = [each.id for each in ports if each.is_input and each.name in names]
    return DeviceFacts(
        unique_id=_SOURCE + source.name,
        localized_name=source.text,
        model_id=source.model,
        manufacturer=source.vendor,
        media_types=(MediaType.AUDIO,),
        device_type=AVCaptureDeviceType.MICROPHONE,
        formats=tuple(
            FormatFacts(media_type=MediaType.AUDIO, sample_rate=float(rate), channels=count)
            for count in counts
            for rate in rates
        ),
        port=fitting[0] if len(fitting) == 1 and not source.monitor else None,
        virtual=source.monitor,
    )
