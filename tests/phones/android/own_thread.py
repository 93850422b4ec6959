"""A blocking program on a phone where pyjnius finds an app's own classes on the main thread only.

So it is on Android: a thread that Java did not make has the system's class loader. Run as
``python -m tests.phones.android.own_thread``; it needs a Java machine that knows no class yet.
"""

from __future__ import annotations

import threading
from queue import Queue
from typing import Any

from audiosession import AudioInterruptionEvent, blocking
from audiosession.hosts.android import AndroidHost
from audiosession.hosts.android.jnius_bridge import JniusBridge

from .phone import LEVELS, Phone

_OWN = ("org.jnius.", "org.kivy.", "org.audiosession.")
_DOUBLES = "org.audiosession.doubles."


def _as_on_android() -> None:
    import jnius
    from jnius import reflect

    found, main = reflect.find_javaclass, threading.get_ident()

    def find(name: str) -> Any:
        dotted = name.replace("/", ".")
        own = dotted.startswith(_OWN) and not dotted.startswith(_DOUBLES)
        if own and threading.get_ident() != main:
            raise jnius.JavaException(
                "JVM exception occurred",
                "java.lang.ClassNotFoundException",
                f'Didn\'t find class "{dotted}" on path: DexPathList[[directory "."]]',
                [],
            )
        return found(name)

    reflect.find_javaclass = find


def main() -> None:
    """Opens a session, is interrupted, closes it."""
    phone = Phone(LEVELS[-1])
    _as_on_android()
    session = blocking.AudioSession(AndroidHost(JniusBridge()))
    try:
        assert session.set_active(True)
        heard: Queue[AudioInterruptionEvent] = Queue()
        session.interruption_event_stream.listen(heard.put)
        phone.java.tellFocus("app", -2)
        assert heard.get(timeout=60.0).begin
    finally:
        session.close()
    assert phone.java.listening() == 0


if __name__ == "__main__":
    main()
