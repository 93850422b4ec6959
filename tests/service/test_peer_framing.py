"""The socket's handshake and framing, as bytes."""

from __future__ import annotations

import contextlib

import pytest
from dbus_fast import Message, MessageType, Variant
from hypothesis import given
from hypothesis import strategies as st

from audiosession.service.bus.framing import (
    MOST_FRAME_BYTES,
    FramingError,
    ServerFraming,
    framed,
    parsed,
)

UID = 1000
GUID = "0" * 32
CALL = Message(
    destination="a.b", path="/a", interface="a.b", member="C", signature="s", body=["x"], serial=7
)
FRAME = framed(CALL, ":peer.1")


def server(*, uid: int = UID) -> ServerFraming:
    return ServerFraming(uid=uid, own_uid=UID, guid=GUID)


def opened() -> ServerFraming:
    framing = server()
    list(framing.receive(b"\0AUTH EXTERNAL 31303030\r\nBEGIN\r\n"))
    assert framing.open
    framing.take_output()
    return framing


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        # sd-bus says it all at once, GLib and dbus-fast name the user, libdbus asks first.
        (
            b"\0AUTH EXTERNAL\r\nDATA\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n",
            b"DATA\r\nOK " + GUID.encode() + b"\r\nERROR\r\n",
        ),
        (b"\0AUTH EXTERNAL 31303030\r\nBEGIN\r\n", b"OK " + GUID.encode() + b"\r\n"),
        (
            b"\0AUTH\r\nAUTH EXTERNAL 31303030\r\nBEGIN\r\n",
            b"REJECTED EXTERNAL\r\nOK " + GUID.encode() + b"\r\n",
        ),
    ],
)
def test_the_ways_in(said: bytes, answer: bytes) -> None:
    whole, slow = server(), server()
    list(whole.receive(said))
    for byte in said:
        list(slow.receive(bytes([byte])))
    assert whole.open
    assert slow.open
    assert whole.take_output() == slow.take_output() == answer


@pytest.mark.parametrize(
    "said",
    [
        b"\0AUTH EXTERNAL 30\r\n",  # claims to be root
        b"\0AUTH EXTERNAL zz\r\n",
        b"\0AUTH EXTERNAL 3130303\r\n",
        b"\0AUTH ANONYMOUS\r\n",
        b"\0AUTH DBUS_COOKIE_SHA1 31303030\r\n",
        b"\0AUTH EXTERNAL\r\nCANCEL\r\n",
    ],
)
def test_others_are_rejected_and_cannot_begin(said: bytes) -> None:
    framing = server()
    list(framing.receive(said))
    assert framing.take_output().endswith(b"REJECTED EXTERNAL\r\n")
    with pytest.raises(FramingError):
        list(framing.receive(b"BEGIN\r\n"))


def test_another_user_is_rejected_whatever_it_says() -> None:
    for line in (b"AUTH EXTERNAL 31303031", b"AUTH EXTERNAL 31303030", b"AUTH EXTERNAL\r\nDATA"):
        framing = server(uid=1001)
        list(framing.receive(b"\0" + line + b"\r\n"))
        assert b"OK" not in framing.take_output()


@pytest.mark.parametrize(
    "said",
    [
        b"AUTH EXTERNAL\r\n",
        b"\0BEGIN\r\n",
        b"\0" + b"x" * 2000,
        b"\0" + b"x" * 2000 + b"\r\n",
        b"\0" + b"HELP\r\n" * 100,
    ],
)
def test_a_handshake_that_is_none_ends_the_connection(said: bytes) -> None:
    with pytest.raises(FramingError):
        list(server().receive(said))


def test_messages_come_out_however_they_are_cut() -> None:
    frames = FRAME * 3
    for size in (1, 7, len(FRAME), len(frames)):
        framing = opened()
        found = [
            message
            for start in range(0, len(frames), size)
            for message in framing.receive(frames[start : start + size])
        ]
        assert [(each.member, each.body, each.serial) for each in found] == [("C", ["x"], 7)] * 3


def test_a_message_may_follow_the_handshake_at_once() -> None:
    found = list(server().receive(b"\0AUTH EXTERNAL 31303030\r\nBEGIN\r\n" + FRAME))
    assert [each.member for each in found] == ["C"]


def test_a_frame_carries_its_sender() -> None:
    assert parsed(FRAME).sender == ":peer.1"


@pytest.mark.parametrize(
    "kind",
    [
        Message.new_method_return(CALL, "a{sv}", [{"a": Variant("ad", [1.5])}]),
        Message.new_error(CALL, "a.b.C", "words"),
        Message.new_signal("/a", "a.b", "C", "", []),
    ],
    ids=lambda message: message.message_type.name,
)
def test_every_kind_of_message_comes_back(kind: Message) -> None:
    kind.serial = 9
    back = parsed(framed(kind, "a.b"))
    for name in ("message_type", "path", "interface", "member", "error_name", "body", "serial"):
        assert getattr(back, name) == getattr(kind, name)
    if kind.message_type is not MessageType.SIGNAL:
        assert back.reply_serial == 7


def test_a_message_that_is_too_long_is_refused_before_it_is_there() -> None:
    head = FRAME[:4] + MOST_FRAME_BYTES.to_bytes(4, "little") + FRAME[8:16]
    with pytest.raises(FramingError, match="limit"):
        list(opened().receive(head))


@given(st.binary(min_size=16, max_size=300))
def test_any_bytes_are_messages_or_refused(data: bytes) -> None:
    framing = opened()
    with contextlib.suppress(FramingError):
        list(framing.receive(data))


@given(st.data())
def test_a_damaged_message_is_refused_or_read(data: st.DataObject) -> None:
    frame = bytearray(FRAME)
    for _ in range(data.draw(st.integers(1, 6))):
        index = data.draw(st.integers(0, len(frame) - 1))
        frame[index] = data.draw(st.integers(0, 255))
    framing = opened()
    with contextlib.suppress(FramingError):
        list(framing.receive(bytes(frame)))
