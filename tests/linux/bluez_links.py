"""The two sockets on which sound goes to and from a headset that is not there.

BlueZ and oFono hand a sound server the socket of a radio link. Here it is one end of a pair of
local sockets that keep packets apart, as those of the kernel do; this module holds the other.
"""

from __future__ import annotations

import asyncio
import math
import socket
import struct
from collections.abc import Callable

A2DP_MTU = 672
"""Bytes a packet; L2CAP's default."""
SCO_MTU = 48
"""Bytes a packet: 3 ms of 8000 samples a second, the size that PipeWire falls back to."""

SCO_RATE = 8000
TONE_HZ = 400.0
"""What the headset's microphone hears, at -12 dB."""

_TONE_LEVEL = 0.25
_TICK_S = 0.009
# What could not be sent for so long is lost, as it is on the air.
_LATE_S = 0.2
_LOUDEST_SILENCE = 8

_RTP_HEADER = 12
_SBC_START = _RTP_HEADER + 1
_SBC_SYNC = 0x9C
_JOINT = 3


class Link:
    """One end of a pair of sockets: counts what arrives and sends what is due.

    Args:
        changed: Called after every packet, and when the other end is closed.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._ours, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ours.setblocking(False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._ours, self._read)
        self.open = True
        self.received = 0
        """Bytes that arrived."""
        self.sounding = 0
        """Those of them in packets that are not silent."""

    def fd(self) -> int:
        """Returns the other end, for the server; ours of it is closed by :meth:`given`."""
        return self._theirs.fileno()

    def given(self) -> None:
        """Says that the server has the other end now: only it keeps the link open."""
        self._theirs.close()

    def close(self) -> None:
        """Ends the link, as a headset does that goes out of reach."""
        if self.open:
            self.open = False
            self._loop.remove_reader(self._ours)
            self._ours.close()
            self._theirs.close()
            self._changed()

    def _read(self) -> None:
        while self.open:
            try:
                packet = self._ours.recv(4096)
            except BlockingIOError:
                return
            except OSError:
                packet = b""
            if not packet:
                self.close()
                return
            self.received += len(packet)
            if self.is_sound(packet):
                self.sounding += len(packet)
            self._changed()

    def is_sound(self, packet: bytes) -> bool:
        """Tells whether a packet is anything but silence."""
        raise NotImplementedError


class A2dpLink(Link):
    """Sound to the headset: SBC in RTP packets, drained as it comes. The server keeps the time."""

    def is_sound(self, packet: bytes) -> bool:
        """Tells whether the first SBC frame has a scale factor that is not zero."""
        frame = packet[_SBC_START:]
        if len(frame) < 16 or frame[0] != _SBC_SYNC:
            return False
        mode = frame[1] >> 2 & 3
        bands = 8 if frame[1] & 1 else 4
        skipped = bands if mode == _JOINT else 0
        factors = bands * (1 if mode == 0 else 2)
        bits = int.from_bytes(frame[4:16], "big") >> (96 - skipped - 4 * factors)
        return bits & ((1 << 4 * factors) - 1) != 0


class ScoLink(Link):
    """Speech both ways: samples of 16 bits, 8000 a second, sent in real time with a tone."""

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__(changed)
        period = round(SCO_RATE / TONE_HZ)
        wave = [math.sin(2 * math.pi * n / period) * _TONE_LEVEL for n in range(period)]
        # Whole periods, and enough of them for a packet from any place in the first.
        self._tone = struct.pack(f"<{period}h", *(round(s * 32767) for s in wave)) * 8
        self._period = 2 * period
        self._place = 0
        self._start = self._loop.time()
        self._sent_s = 0.0
        self._timer = self._loop.call_later(_TICK_S, self._send)

    def is_sound(self, packet: bytes) -> bool:
        """Tells whether a sample is louder than what a rounding makes of silence."""
        samples = struct.unpack(f"<{len(packet) // 2}h", packet[: len(packet) // 2 * 2])
        return max(map(abs, samples), default=0) > _LOUDEST_SILENCE

    def close(self) -> None:
        """Ends the link and the tone."""
        self._timer.cancel()
        super().close()

    def _send(self) -> None:
        now = self._loop.time() - self._start
        self._sent_s = max(self._sent_s, now - _LATE_S)
        while self._sent_s < now:
            packet = self._tone[self._place : self._place + SCO_MTU]
            self._place = (self._place + SCO_MTU) % self._period
            self._sent_s += SCO_MTU / 2 / SCO_RATE
            try:
                self._ours.send(packet)
            except BlockingIOError:
                break
            except OSError:
                self.close()
                return
        self._timer = self._loop.call_later(_TICK_S, self._send)
