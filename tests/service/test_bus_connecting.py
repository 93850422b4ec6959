"""What a connection makes of a peer that reads slowly, or is gone."""

import socket

from audiosession.service.bus.connecting import _PatientSocket


def test_a_full_socket_takes_nothing() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        patient = _PatientSocket(ours)
        while patient.send(memoryview(bytes(65536))):
            pass
        assert theirs.recv(65536)


def test_a_peer_that_is_gone_is_heard_of_by_reading_alone() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.close()
        assert _PatientSocket(ours).send(memoryview(b"words")) == 5
        assert ours.recv(1) == b""
