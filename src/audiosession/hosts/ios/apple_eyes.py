"""Looking at the phone off the event loop, and what was seen last in it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ...apple.errors import AVAudioSessionErrorCode, NSError
from ...errors import HostUnavailableError
from .apple_members import Members
from .apple_notices import HEARD, HEARD_OF_INPUTS, WATCHED, Watching
from .apple_ports import Ports
from .apple_sight import Looking, Sight

if TYPE_CHECKING:
    from .host import IOSHost

__all__ = ["LOOKS", "Eyes"]

T = TypeVar("T")

LOOKS: Final = 5
"""So often somebody who waits looks again because the route has moved meanwhile."""

_log = logging.getLogger("audiosession")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One look at the phone."""

    number: int
    """Its place among all looks."""
    moves: int
    """How often the phone had said before it that its route is another one."""
    sight: Sight | None
    """What was seen, if anything."""


class Eyes:
    """Looks at the phone on the host's thread for native calls, once after each note and call.

    Everything is to be called in the event loop, but for what says otherwise.

    Args:
        host: The phone as a host.
        members: Its objects.
        seen: Called when something was seen that nobody of the app waits for.
    """

    def __init__(self, host: IOSHost, members: Members, seen: Callable[[], None]) -> None:
        self._host = host
        self._thread = host.phone.thread
        self._phone = host.phone
        self._members = members
        self._seen = seen
        self._watching = Watching(members, lambda: host.say(self.look_soon))
        self._open = False
        self.ports = Ports(members)
        """The ports as the event loop sees them when an app asks."""
        self.looking = Looking(members)
        """What looks; of the native thread."""
        self.sight = Sight()
        """What was seen last."""
        self.by_sight = False
        """Whether what is read now is what was seen last."""
        # What was seen last has its number; each read without it has another one.
        self._version = 0
        self._sight_version = 0
        # Whether a look is to begin, and how often the phone said that its route is another.
        self._look_waits = False
        self._moves = 0
        # The number of the last look, which the native thread counts, and of the last taken.
        self._looks = 0
        self._taken = 0
        self.unseen = True
        """Whether nobody has looked since the route moved, or at all; then a look follows, and
        is told of."""

    # -- how long ----------------------------------------------------------------------------

    def open(self) -> None:
        """From now on the phone is listened to and looked at."""
        self._open = True
        self._thread.post(self._begin_to_listen)
        self.look_soon()

    def close(self) -> None:
        """Nothing is looked at or listened to any more."""
        self._open = False
        self._watching.end()

    # -- reading -----------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """Another number for each read, except while what was seen last is read."""
        if self.by_sight:
            return self._sight_version
        self.ports.forget()
        self._version += 1
        return self._version

    @contextmanager
    def as_seen(self) -> Iterator[None]:
        """What is read in it is what was seen last."""
        before, self.by_sight = self.by_sight, True
        try:
            yield
        finally:
            self.by_sight = before

    def read(self, name: str) -> Any:
        """A property of the session.

        Raises:
            UnsupportedError: the system does not have it.
        """
        if name in WATCHED:
            # An app that has read it may observe it.
            self.looking.wanted.add(name)
        if self.by_sight and name in self.sight.values:
            return self.sight.values[name]
        return self._members.read(name)

    def chosen_source(self, port: str, name: str) -> int | None:
        """See :meth:`~audiosession.hosts.ios.apple_ports.Ports.chosen_source`."""
        self.looking.wanted.add(name)
        if self.by_sight and (port, name) in self.sight.sources:
            return self.sight.sources[port, name]
        return self.ports.chosen_source(port, name)

    # -- looking -----------------------------------------------------------------------------

    def look_soon(self) -> None:
        """Has the phone looked at, once for all that is said until the look begins."""
        if self._open and not self._look_waits:
            self._look_waits = True
            self._thread.post(self._look_and_say)

    async def see(self) -> None:
        """Looks now, and again while the route moves meanwhile; never raises.

        :attr:`unseen` says afterwards whether all :data:`LOOKS` were too old, or the phone did
        not answer.
        """
        self._host.use_loop()
        try:
            for _ in range(LOOKS):
                if self._take_look(await self._thread.run(self._look)):
                    return
        except HostUnavailableError as error:
            _log.warning("the phone could not be looked at: %s", error)
            self.look_soon()

    def moved(self) -> None:
        """The phone said that its route is another one; a look that began before is too old."""
        self._moves += 1
        self.unseen = True

    def take(self, sight: Sight) -> None:
        """It is known otherwise what there is."""
        self.sight = sight
        self._version += 1
        self._sight_version = self._version

    # -- calling -----------------------------------------------------------------------------

    async def call(self, call: Callable[[], None]) -> None:
        """Has the phone do something, and looks what has come of it.

        Raises:
            NSError: the phone refuses, or does not answer.
            UnsupportedError: its system does not have this.
        """

        def done() -> _Look:
            call()
            return self._look()

        try:
            self._take_look(await self.run(done))
        except BaseException:
            # What is not waited for any more may still take effect.
            self.look_soon()
            raise

    async def run(self, call: Callable[[], T]) -> T:
        """Has something done on the thread for native calls.

        Raises:
            NSError: ``MEDIA_SERVICES_FAILED``, the phone does not answer; or as the call.
        """
        self._host.use_loop()
        if not self._taken:
            # The first look was for nobody, where there was no event loop yet.
            self.look_soon()
        try:
            return await self._thread.run(call)
        except HostUnavailableError as error:
            raise NSError(AVAudioSessionErrorCode.MEDIA_SERVICES_FAILED, str(error)) from error
        finally:
            # Anything may be different now.
            self.ports.forget()

    # -- on the native thread ----------------------------------------------------------------

    def _begin_to_listen(self) -> None:
        for name in HEARD:
            self._phone.watch(name)
        self._watching.begin(inputs=False)

    def _look_and_say(self) -> None:
        self._look_waits = False
        self._host.say(partial(self._hear_look, self._look()))

    def _look(self) -> _Look:
        self._looks += 1
        # Before the look: what is said during it makes it too old.
        moves = self._moves
        return _Look(number=self._looks, moves=moves, sight=self._sight_now())

    def _sight_now(self) -> Sight | None:
        if not self._open:
            return None
        try:
            sight = self.looking.look()
        except Exception:
            _log.exception("the phone could not be looked at")
            return None
        if sight.records:
            self._listen_to_inputs()
        return sight

    def _listen_to_inputs(self) -> None:
        try:
            for name in HEARD_OF_INPUTS:
                self._phone.watch(name)
            self._watching.begin(inputs=True)
        except Exception:
            # What was seen, and what was done before, is no less true.
            _log.exception("the phone could not be asked to tell of its inputs")

    # -- what comes of it --------------------------------------------------------------------

    def _hear_look(self, look: _Look) -> None:
        self._take_look(look)
        if self._open:
            self._seen()

    def _take_look(self, look: _Look) -> bool:
        """Makes it what was seen last; False if it is too old, and another look follows."""
        if look.moves != self._moves:
            return False
        # Looks come by two ways, so one that began later may be here already.
        if look.number > self._taken:
            self._taken = look.number
            self.unseen = False
            if look.sight is not None:
                self.take(look.sight)
        return True
