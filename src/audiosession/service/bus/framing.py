"""One end of a D-Bus connection without a bus, as bytes in and messages out.

Handshake and framing only; what is inside a frame is dbus-fast's. The server's side of
https://dbus.freedesktop.org/doc/dbus-specification.html#auth-protocol, mechanism EXTERNAL
alone, which the kernel answers for.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any

from dbus_fast import Message
from dbus_fast._private.marshaller import Marshaller
from dbus_fast._private.unmarshaller import Unmarshaller
from dbus_fast.signature import Variant

MOST_FRAME_BYTES = 1024 * 1024
"""The longest message that is read at all."""
_MOST_LINE_BYTES = 1024
_MOST_LINES = 32
_FIXED_BYTES = 16


class FramingError(Exception):
    """What came is no D-Bus; nothing that follows can be understood."""


class ServerFraming:
    """The server's side of one connection.

    Args:
        uid: The user at the other end, from the kernel.
        own_uid: The only user who is let in.
        guid: The server's id, 32 hex digits.
    """

    def __init__(self, *, uid: int, own_uid: int, guid: str) -> None:
        self._uid = uid
        self._own_uid = own_uid
        self._guid = guid
        self._buffer = bytearray()
        self._output = bytearray()
        self._nul_seen = False
        self._asked = False
        self._authenticated = False
        self._lines = 0
        self.open = False
        """Whether the handshake is done."""

    def take_output(self) -> bytes:
        """What is to be sent by the handshake."""
        output = bytes(self._output)
        self._output.clear()
        return output

    def receive(self, data: bytes) -> Iterator[Message]:
        """The messages that are complete now; those left over come with the next call.

        Raises:
            FramingError: the connection must be closed.
        """
        self._buffer += data
        if not self.open:
            self._handshake()
        while self.open and (message := self._next()) is not None:
            yield message

    # -- the handshake -----------------------------------------------------------------------

    def _handshake(self) -> None:
        if not self._nul_seen and self._buffer:
            if self._buffer[0] != 0:
                raise FramingError("the first byte must be 0")
            del self._buffer[0]
            self._nul_seen = True
        while not self.open:
            end = self._buffer.find(b"\r\n")
            if end > _MOST_LINE_BYTES or (end < 0 and len(self._buffer) > _MOST_LINE_BYTES):
                raise FramingError("a line of the handshake is too long")
            if end < 0:
                return
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 2]
            self._lines += 1
            if self._lines > _MOST_LINES:
                raise FramingError("the handshake does not end")
            self._line(line)

    def _line(self, line: bytes) -> None:
        command, _, rest = line.partition(b" ")
        if command == b"AUTH":
            mechanism, _, identity = rest.partition(b" ")
            self._authenticated = False
            self._asked = mechanism == b"EXTERNAL"
            if not self._asked:
                self._say(b"REJECTED EXTERNAL")
            elif identity:
                self._identity(identity)
            else:
                self._say(b"DATA")
        elif command == b"DATA" and self._asked:
            self._identity(rest)
        elif command == b"BEGIN":
            if not self._authenticated:
                raise FramingError("BEGIN before the handshake is done")
            self.open = True
        elif command in (b"CANCEL", b"ERROR"):
            self._asked = self._authenticated = False
            self._say(b"REJECTED EXTERNAL")
        else:
            # NEGOTIATE_UNIX_FD too: no descriptors travel here.
            self._say(b"ERROR")

    def _identity(self, identity: bytes) -> None:
        self._asked = False
        try:
            # Whoever names nobody is who the kernel says.
            claimed = bytes.fromhex(identity.decode("ascii")).decode("ascii")
            matches = not claimed or int(claimed) == self._uid
        except ValueError:
            matches = False
        self._authenticated = matches and self._uid == self._own_uid
        if self._authenticated:
            self._say(b"OK " + self._guid.encode("ascii"))
        else:
            self._say(b"REJECTED EXTERNAL")

    def _say(self, line: bytes) -> None:
        self._output += line + b"\r\n"

    # -- messages ----------------------------------------------------------------------------

    def _next(self) -> Message | None:
        if len(self._buffer) < _FIXED_BYTES:
            return None
        order = {ord("l"): "<", ord("B"): ">"}.get(self._buffer[0])
        if order is None:
            raise FramingError("a message begins with neither l nor B")
        if self._buffer[3] != 1:
            raise FramingError("another version of the protocol")
        body, _, fields = struct.unpack_from(f"{order}III", self._buffer, 4)
        length = _FIXED_BYTES + (fields + 7) // 8 * 8 + body
        if length > MOST_FRAME_BYTES:
            raise FramingError(f"a message of {length} bytes; the limit is {MOST_FRAME_BYTES}")
        if len(self._buffer) < length:
            return None
        frame = bytes(self._buffer[:length])
        del self._buffer[:length]
        return parsed(frame)


def parsed(frame: bytes) -> Message:
    """The message in a frame.

    Raises:
        FramingError: there is none in it.
    """
    try:
        # Declared for pipes; anything that reads will do.
        stream: Any = io.BytesIO(frame)
        message = Unmarshaller(stream, None, False).unmarshall()
    except Exception as error:
        # The library raises whatever the bytes drive it to.
        raise FramingError(f"a message cannot be read: {error!r}") from error
    if message is None:
        raise FramingError("a message ends too early")
    return message


def framed(message: Message, sender: str) -> bytes:
    """The bytes of a message, with its sender, which a bus would have added.

    Args:
        message: What to send; has its serial.
        sender: The unique or well-known name it comes from.
    """
    body = Marshaller(message.signature, message.body).marshall()
    fields = [
        [code, Variant(signature, value)]
        for code, signature, value in (
            (1, "o", message.path),
            (2, "s", message.interface),
            (3, "s", message.member),
            (4, "s", message.error_name),
            (5, "u", message.reply_serial),
            (6, "s", message.destination),
            (7, "s", sender),
            (8, "g", message.signature),
        )
        if value
    ]
    header = Marshaller(
        "yyyyuua(yv)",
        [
            ord("l"),
            message.message_type.value,
            message.flags.value,
            1,
            len(body),
            message.serial,
            fields,
        ],
    ).marshall()
    return bytes(header) + bytes(-len(header) % 8) + bytes(body)


__all__ = ["MOST_FRAME_BYTES", "FramingError", "ServerFraming", "framed", "parsed"]
