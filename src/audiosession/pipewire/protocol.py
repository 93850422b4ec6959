"""The native protocol without any input or output: bytes in, messages out, and the reverse.

A message is a header of sixteen bytes (object, opcode and size, sequence number, number of file
descriptors), a POD, and perhaps a second POD, the footer, by which both sides say how much of the
registry they have seen (`header
<https://docs.pipewire.org/page_native_protocol.html#native-protocol-message-header>`__).
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from . import pod
from .errors import ProtocolError
from .ids import CLIENT_ID, CORE_ID, Interface
from .messages import Message, Other, decode_body, encode_body
from .pod import Id, Long

HEADER = struct.Struct("=IIII")
"""Object, opcode in the upper byte and size in the others, sequence number, descriptors."""
MAX_MESSAGE = 4 << 20
"""Most bytes in a message that is read; a server's own stay below a hundred thousand."""
MAX_FDS = 28
"""Most file descriptors with a message; the server sends no more at once."""

_GENERATION = 0
_MAX_SEQ = 0x3FFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A message as it arrived."""

    object: int
    """Which object of the connection it is for."""
    seq: int
    """The sender's number of it."""
    message: Message
    """The message; an :class:`~audiosession.pipewire.wire.Other` where its kind is unknown."""
    fds: tuple[int, ...] = ()
    """The file descriptors that came with it; the receiver has to close them."""


class Protocol:
    """One end of one connection.

    Args:
        server: Whether this end is the server's.
    """

    def __init__(self, *, server: bool = False) -> None:
        self._server = server
        self._in = bytearray()
        self._read = 0
        self._out = bytearray()
        self._fds: deque[int] = deque()
        self._seq = 0
        self._broken: str | None = None
        self._told_generation = 0
        self._objects = {CORE_ID: Interface.CORE, CLIENT_ID: Interface.CLIENT}
        self.generation = 0
        """How much of the registry the other end has said it knows; sent back by itself."""

    def __repr__(self) -> str:
        state = f"broken: {self._broken}" if self._broken else f"{len(self._objects)} objects"
        return f"<Protocol {state}, {len(self._in) - self._read} bytes unread>"

    def add_object(self, number: int, interface: Interface) -> None:
        """Says what kind of object goes by a number from now on."""
        self._objects[number] = interface

    def remove_object(self, number: int) -> None:
        """Forgets an object; what comes for it is an :class:`~audiosession.pipewire.wire.Other`."""
        self._objects.pop(number, None)

    def send(self, number: int, message: Message) -> int:
        """Adds a message for an object to what is to be sent and returns its sequence number.

        Raises:
            PodError: a value does not fit its field.
        """
        body = encode_body(message)
        if self.generation > self._told_generation:
            self._told_generation = self.generation
            body += pod.encode((Id(_GENERATION), (Long(self.generation),)))
        opcode = message.number if isinstance(message, Other) else message.opcode
        if len(body) > pod.MAX_SIZE:
            raise ProtocolError(f"a message of {len(body)} bytes is too large")
        seq = self._seq
        self._seq = (seq + 1) & _MAX_SEQ
        self._out += HEADER.pack(number, opcode << 24 | len(body), seq, 0)
        self._out += body
        return seq

    def data_to_send(self) -> bytes:
        """Returns all that is to be sent, once."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def receive_data(self, data: bytes, fds: Iterable[int] = ()) -> None:
        """Takes bytes as they arrive, in pieces of any size, and the descriptors among them."""
        if self._read:
            del self._in[: self._read]
            self._read = 0
        self._in += data
        self._fds.extend(fds)

    def next_message(self) -> Received | None:
        """Returns the next whole message, or ``None`` until more bytes have come.

        Raises:
            ProtocolError: what was received is no message. Every later call raises it again.
        """
        if self._broken is not None:
            raise ProtocolError(self._broken)
        try:
            return self._next()
        except ProtocolError as error:
            self._broken = str(error)
            raise

    def _next(self) -> Received | None:
        unread = len(self._in) - self._read
        if unread < HEADER.size:
            return None
        number, word, seq, n_fds = HEADER.unpack_from(self._in, self._read)
        opcode, size = word >> 24, word & 0xFFFFFF
        if size > MAX_MESSAGE:
            raise ProtocolError(
                f"a message of {size} bytes is announced; {MAX_MESSAGE} are allowed"
            )
        if n_fds > MAX_FDS:
            raise ProtocolError(f"{n_fds} descriptors are announced; {MAX_FDS} are allowed")
        if unread < HEADER.size + size:
            return None
        if n_fds > len(self._fds):
            raise ProtocolError(f"{n_fds} descriptors are announced, and {len(self._fds)} came")
        start = self._read + HEADER.size
        # A copy, since a view would keep the buffer from growing.
        payload = bytes(memoryview(self._in)[start : start + size])
        self._read = start + size
        fds = tuple(self._fds.popleft() for _ in range(n_fds))
        body, end = pod.decode_at(payload, 0)
        if end < size:
            self._footer(pod.decode(payload[end:]))
        interface = self._objects.get(number)
        message = (
            Other(number=opcode, body=body)
            if interface is None
            else decode_body(interface, opcode, body, is_event=not self._server)
        )
        return Received(object=number, seq=seq, message=message, fds=fds)

    def _footer(self, footer: pod.PodValue) -> None:
        if not isinstance(footer, tuple):
            raise ProtocolError(f"a footer is a struct, not {footer!r}")
        for what, entry in zip(footer[::2], footer[1::2], strict=False):
            # Newer versions may add others.
            if what == _GENERATION and isinstance(entry, tuple) and entry:
                generation = entry[0]
                if not isinstance(generation, int):
                    raise ProtocolError(f"a generation is a number, not {generation!r}")
                self.generation = max(self.generation, int(generation))

    def take_fds(self) -> tuple[int, ...]:
        """Returns the descriptors that no message has claimed, for closing."""
        fds = tuple(self._fds)
        self._fds.clear()
        return fds


__all__ = ["HEADER", "MAX_FDS", "MAX_MESSAGE", "Protocol", "Received"]
