"""Brings what devices give through connections to outputs.

A session says which feeds it wants and where each leads; the pipeline opens and ends feeds
and hands samples on in the thread in which they come. It knows nothing of configuration,
permission or notifications.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .errors import AVError, CaptureError
from .host import CaptureHost, Feed, FormatFacts
from .outputs.base import AVCaptureOutput, Connection
from .samples import SampleBuffer

__all__ = ["FeedPlan", "Pipeline", "Route"]

_log = logging.getLogger("audiosession")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Route:
    """One way of a device's samples."""

    connection: Connection
    """Through which they go."""
    output: AVCaptureOutput
    """Where they go."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FeedPlan:
    """One medium of a device that is to run."""

    device_id: str
    """Which device."""
    format: FormatFacts
    """In which of its formats."""
    frame_rate: float | None = None
    """Pictures a second; ``None``: the format's fastest."""
    routes: tuple[Route, ...] = ()
    """Where its samples go; may change while it runs."""

    @property
    def key(self) -> tuple[str, FormatFacts, float | None]:
        """What makes it another feed when it changes."""
        return self.device_id, self.format, self.frame_rate


class _Running:
    """An open feed; receives its samples."""

    def __init__(self, plan: FeedPlan, pipeline: Pipeline) -> None:
        self.plan = plan
        self.feed: Feed | None = None
        # Replaced, never changed: the feed's thread reads it.
        self.routes = plan.routes
        self._pipeline = pipeline
        self.over = False
        self.error: CaptureError | None = None

    def sample(self, buffer: SampleBuffer) -> None:
        """See :class:`~audiosession.capture.host.FeedEvents`."""
        if self.over:
            return
        for route in self.routes:
            if not route.connection._lets_through:
                continue
            try:
                levels = route.connection.levels
                if levels is not None:
                    levels.take(buffer)
                route.output._take(route.connection, buffer)
                if levels is not None and not route.connection._lets_through:
                    # It ended meanwhile, and what has ended is silent.
                    levels.reset()
            except Exception:
                # One output must not take the others' samples away.
                _log.exception("an output could not take a sample")

    def failed(self, error: CaptureError) -> None:
        """See :class:`~audiosession.capture.host.FeedEvents`."""
        if not self.over:
            self.over, self.error = True, error
            self._pipeline.feed_failed(self, error)


class Pipeline:
    """The feeds of one session. Used in the session's event loop, one call at a time.

    Args:
        host: Who opens feeds.
        failed: Told, in the event loop, of a device that gives no more by itself: its id and
            why. That feed is over; the others go on.
    """

    def __init__(self, host: CaptureHost, failed: Callable[[str, CaptureError], None]) -> None:
        self._host = host
        self._failed = failed
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: dict[tuple[str, FormatFacts, float | None], _Running] = {}
        self.refused: str | None = None
        """The id of the device that had the last plan fail; ``None``: none did."""

    @property
    def running(self) -> tuple[str, ...]:
        """The ids of the devices whose feeds run."""
        return tuple(dict.fromkeys(each.plan.device_id for each in self._running.values()))

    async def set_plan(self, plans: Iterable[FeedPlan]) -> None:
        """Makes exactly these feeds run; those that ran already go on without a gap.

        Where one cannot be opened, or fails while others are, those opened for this call are
        ended. What ran before runs on with the routes it had, except for feeds of a device
        that was to give another format: they had to end first, and have ended.

        Raises:
            CaptureError: a device cannot be used; :attr:`refused` says which.
        """
        before, self._loop = self._loop, asyncio.get_running_loop()
        if before is not None and before is not self._loop:
            # What failed while no loop ran was not heard.
            for running in self._running.values():
                if running.error is not None:
                    self.feed_failed(running, running.error)
        self.refused = None
        wanted = {plan.key: plan for plan in plans}
        opened: list[_Running] = []
        # A device that changes its format has to let go of the old one first.
        busy = {plan.device_id for key, plan in wanted.items() if key not in self._running}
        for key in [key for key in self._running if key not in wanted and key[0] in busy]:
            await self._stop(self._running.pop(key))
        try:
            for key, plan in wanted.items():
                if key not in self._running:
                    running = _Running(plan, self)
                    self.refused = plan.device_id
                    running.feed = await self._host.open_feed(
                        plan.device_id, plan.format, plan.frame_rate, running
                    )
                    opened.append(running)
            for running in opened:
                if running.error is not None:
                    self.refused = running.plan.device_id
                    raise running.error
        except BaseException:
            for running in opened:
                await self._stop(running)
            raise
        self.refused = None
        for running in opened:
            # One that fails from now on is told of.
            self._running[running.plan.key] = running
        for key in [key for key in self._running if key not in wanted]:
            await self._stop(self._running.pop(key))
        for key, running in self._running.items():
            running.plan = wanted[key]
            running.routes = wanted[key].routes

    async def stop(self) -> None:
        """Ends every feed; no output is given anything when this has returned."""
        while self._running:
            _, running = self._running.popitem()
            await self._stop(running)

    async def stop_device(self, device_id: str) -> None:
        """Ends the feeds of one device."""
        for key in [key for key in self._running if key[0] == device_id]:
            await self._stop(self._running.pop(key))

    def feed_failed(self, running: _Running, error: CaptureError) -> None:
        """A feed is over by itself; from any thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._over, running, error)

    def _over(self, running: _Running, error: CaptureError) -> None:
        # Whoever opens it, or ends it, knows already.
        if self._running.get(running.plan.key) is running:
            del self._running[running.plan.key]
            self._failed(running.plan.device_id, error)

    @staticmethod
    async def _stop(running: _Running) -> None:
        running.over = True
        running.routes = ()
        if running.feed is not None:
            try:
                await running.feed.stop()
            except CaptureError as error:
                level = (
                    logging.DEBUG
                    if error.code == AVError.DEVICE_WAS_DISCONNECTED
                    else logging.WARNING
                )
                _log.log(level, "a device did not stop well: %s", error)
