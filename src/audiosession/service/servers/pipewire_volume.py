"""What one PipeWire node is heard at: its user's volumes times a factor, as ``softVolumes``.

A node has the volumes a user sees (``channelVolumes``) and a second set, ``softVolumes``, that
holds instead of them once written and until those or the mute are set again; session managers
neither show nor save it. So a factor is the user's volumes times it, written there, and again
after each change by the user. What the server reports as ``softVolumes`` says nothing of what
holds, and serves only to tell the echo of a write from somebody else's.

The echo also says how fast the program that owns the node is. One that has many nodes or is
busy falls behind, as does the server itself, so few writes are on their way at a time, and what
changes meanwhile is one write, later.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque

from ...pipewire import NodeProxy, ObjectType, Param, PipeWireClient, Props
from ...pipewire.pod import Array, Object, PodType, PodValue, Prop

LEAST_REWRITE_S = 0.05
"""How soon a factor that somebody else ended is written again for the second time, in seconds;
each time takes twice as long, so that two programs do not write against each other for ever."""
LONGEST_REWRITE_S = 5.0
"""The longest that takes; after twice that time of peace it begins anew."""

MOST_PENDING = 8
"""How many writes may wait for their echo. At the finest steps some four are on their way."""
ECHO_S = 1.0
"""How long a write waits for its echo until it is written anew, in seconds. Echoes of writes
close to each other come as one, so the one that is missed may have come. Doubles each time."""
MOST_TRIES = 5
"""How often in a row that is done; a program that is stopped answers when it goes on."""


class SoftVolume:
    """The volume of one node.

    Args:
        proxy: The node; whoever makes this passes what its ``Props`` are to :meth:`heard`.
        client: Its client.
    """

    __slots__ = (
        "_client",
        "_last",
        "_late",
        "_loop",
        "_patience",
        "_pending",
        "_proxy",
        "_rewritten",
        "_timer",
        "_tries",
        "_watch",
        "_written",
        "factor",
        "muted",
        "volumes",
    )

    def __init__(self, proxy: NodeProxy, client: PipeWireClient) -> None:
        self.volumes: tuple[float, ...] = ()
        self.muted = False
        self.factor = 1.0
        self._proxy = proxy
        self._client = client
        self._loop = client.loop
        # What the soft volumes and mute are, None while they are none of ours.
        self._written: tuple[tuple[float, ...], bool] | None = None
        # Soft volumes written whose echo has not come.
        self._pending: deque[tuple[float, ...]] = deque()
        self._late = False
        self._last = float("-inf")
        self._tries = 0
        self._watch: asyncio.TimerHandle | None = None
        self._rewritten = float("-inf")
        self._patience = LEAST_REWRITE_S
        self._timer: asyncio.TimerHandle | None = None

    @property
    def ours(self) -> bool:
        """Whether what is heard was written here."""
        return self._written is not None

    @property
    def settled(self) -> bool:
        """Whether it is at its user's volume again by a write that the node has carried out."""
        return self.factor == 1.0 and self._written == self._wanted() and not self._pending

    def write(self) -> None:
        """Writes what is to be heard, unless it is already or too much is on its way."""
        if self._wanted() != self._written:
            self._send()

    def catch_up(self) -> None:
        """Writes what waited for the server."""
        if self._late and (self.ours or self.factor != 1.0):
            self._send()

    def mend(self) -> None:
        """Writes the user's volumes over what another process left."""
        # Not what it is, but other than none: it is to be written, and followed until its echo.
        self._written = (), False
        self.write()

    def give_back(self) -> None:
        """Writes the user's volumes now, if others were written, whatever is on its way."""
        self.factor = 1.0
        if self.ours and self.volumes and self._proxy.alive:
            self._write()

    def let_go(self) -> None:
        """Leaves the node to its user, once :attr:`settled`."""
        self._written = None

    def close(self) -> None:
        """Ends the timers."""
        for timer in (self._timer, self._watch):
            if timer is not None:
                timer.cancel()

    def heard(self, value: Object) -> bool:
        """Takes what the node reports, writes again what does not hold any more.

        Returns whether the user's volumes or mute changed.
        """
        volumes = _floats(value.get(Props.CHANNEL_VOLUMES))
        if not volumes:
            return False
        muted = value.get(Props.MUTE) is True
        changed = (volumes, muted) != (self.volumes, self.muted)
        self.volumes, self.muted = volumes, muted
        echo = self._is_echo(_floats(value.get(Props.SOFT_VOLUMES)))
        self._tries = 0
        if self._written is not None:
            if changed or self._late:
                self._send()
            elif not echo:
                # Somebody set what was set already, and the soft volumes hold no more.
                self._send_again()
        self._expect()
        return changed

    def _wanted(self) -> tuple[tuple[float, ...], bool]:
        """What the soft volumes and mute are to be."""
        return tuple(_single(volume * self.factor) for volume in self.volumes), self.muted

    def _send(self) -> None:
        if not self.volumes or not self._proxy.alive:
            # Done as soon as its volumes are known.
            return
        self._late = self._client.congested or len(self._pending) >= MOST_PENDING
        if not self._late:
            self._write()

    def _write(self) -> None:
        self._written = soft, mute = self._wanted()
        self._pending.append(soft)
        self._last = self._loop.time()
        self._expect()
        self._proxy.set_param(
            Param.PROPS,
            Object(
                ObjectType.PROPS,
                Param.PROPS,
                (
                    Prop(Props.SOFT_MUTE, mute),
                    Prop(Props.SOFT_VOLUMES, Array(PodType.FLOAT, soft)),
                ),
            ),
        )

    def _is_echo(self, soft: tuple[float, ...]) -> bool:
        """Whether a report is the answer to a write; they are answered in order."""
        if soft not in self._pending:
            return False
        while self._pending.popleft() != soft:
            pass
        self._last = self._loop.time()
        return True

    def _expect(self) -> None:
        if self._pending and self._watch is None:
            self._watch = self._loop.call_later(ECHO_S, self._look)

    def _look(self) -> None:
        """Writes anew if the echo of the last write is overdue."""
        self._watch = None
        if not self._pending or self._tries == MOST_TRIES:
            return
        now = self._loop.time()
        due = self._last + ECHO_S * 2**self._tries
        if now < due or self._client.congested:
            self._watch = self._loop.call_at(max(due, now + ECHO_S), self._look)
            return
        self._tries += 1
        self._pending.clear()
        self._send()

    def _send_again(self) -> None:
        """Writes what was written before, now or when it is its time."""
        if self._timer is not None:
            return
        quiet = self._loop.time() - self._rewritten
        if quiet > 2 * LONGEST_REWRITE_S:
            self._patience = LEAST_REWRITE_S
        if quiet < self._patience:
            self._timer = self._loop.call_later(self._patience - quiet, self._rewrite)
        else:
            self._rewrite()

    def _rewrite(self) -> None:
        self._timer = None
        self._rewritten = self._loop.time()
        self._patience = min(2 * self._patience, LONGEST_REWRITE_S)
        if self._written is not None:
            self._send()


def _floats(value: PodValue) -> tuple[float, ...]:
    values = value.values if isinstance(value, Array) else ()
    return tuple(item for item in values if isinstance(item, float))


def _single(value: float) -> float:
    """Returns a number as it is after its way over the wire, in 32 bits."""
    rounded: float = struct.unpack("=f", struct.pack("=f", value))[0]
    return rounded


__all__ = ["LEAST_REWRITE_S", "LONGEST_REWRITE_S", "MOST_PENDING", "SoftVolume"]
