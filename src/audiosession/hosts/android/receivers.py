"""Hearing what the phone tells all apps: broadcasts, and devices that come and go.

Android has abstract classes for that, which Python cannot extend. Two small Java classes come
with this package for it; an app's build takes them in (``docs/android-phone.md``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from .api import AndroidApi
from .bridge import DEVICE_CALLBACK, RECEIVER, JavaBridge
from .errors import BridgeMissingError, JavaError, java_errors

__all__ = ["follow_devices", "receive"]

_OBSERVER: Final = "java.util.Observer"
_ABSENT: Final = ("java.lang.ClassNotFoundException", "java.lang.NoClassDefFoundError")
# Java says org/x/Y alone; Android 'Didn't find class "org.x.Y" on path', or Lorg/x/Y; as a type.
_CLASS: Final = re.compile(r"(?:L(?=[\w$/]+;))?((?:[\w$]+[./])+[\w$]+)")


def receive(
    api: AndroidApi, actions: Iterable[str], heard: Callable[[Any], None]
) -> Callable[[], None]:
    """Hears broadcasts of the system until the function returned is called.

    From API level 33 on it is said that other apps may not send these; the system may
    (https://developer.android.com/develop/background-work/background-tasks/broadcasts).

    Args:
        api: The phone's API.
        actions: Which broadcasts.
        heard: Called with the ``android.content.Intent``, on a thread of the phone.

    Raises:
        BridgeMissingError: The app was built without this package's Java classes.
        JavaError: Java raised something.
    """
    bridge = api.bridge
    context = bridge.context()
    wanted = api.new("IntentFilter")
    for action in actions:
        api.call(wanted, "IntentFilter.addAction", action)
    flags = (
        (api.constant("Context.RECEIVER_NOT_EXPORTED"),)
        if api.has("Context.RECEIVER_NOT_EXPORTED")
        else ()
    )
    receiver, forget = _made(bridge, RECEIVER, heard)
    with _undone(forget):
        api.call(context, "Context.registerReceiver", receiver, wanted, *flags)

    def end() -> None:
        forget()
        api.call(context, "Context.unregisterReceiver", receiver)

    return end


def follow_devices(
    api: AndroidApi,
    manager: Any,
    *,
    added: Callable[[list[Any]], None],
    removed: Callable[[list[Any]], None],
) -> Callable[[], None]:
    """Hears of devices until the function returned is called; API level 23.

    Args:
        api: The phone's API.
        manager: The app's ``android.media.AudioManager``.
        added: Called with those that came, and at first with all there are, on a thread of
            the phone.
        removed: The same with those that went.

    Raises:
        UnsupportedError: The phone is too old.
        BridgeMissingError: As :func:`receive`.
        JavaError: Java raised something.
    """
    bridge = api.bridge
    api.require("AudioDeviceCallback")
    callback, forget = _made(
        bridge,
        DEVICE_CALLBACK,
        lambda devices: added(bridge.items(devices)),
        lambda devices: removed(bridge.items(devices)),
    )
    with _undone(forget):
        api.call(manager, "AudioManager.registerAudioDeviceCallback", callback, None)

    def end() -> None:
        forget()
        api.call(manager, "AudioManager.unregisterAudioDeviceCallback", callback)

    return end


def _made(
    bridge: JavaBridge, name: str, *heard: Callable[[Any], None]
) -> tuple[Any, Callable[[], None]]:
    """An object of one of our Java classes that calls Python, and what ends that."""

    listeners: list[Any] = []

    def observer(what: Callable[[Any], None]) -> Any:
        return bridge.implement(_OBSERVER, {"update": lambda _, said: what(said)})

    def forget() -> None:
        for each in listeners:
            bridge.release(each)

    try:
        with _undone(forget), java_errors(bridge):
            ours = bridge.java_class(name)
            listeners.extend(observer(each) for each in heard)
            made = ours(*listeners)
    except JavaError as error:
        if error.java_class in _ABSENT:
            found = _CLASS.search(error.java_message)
            missing = found[1].replace("/", ".") if found else name
            raise BridgeMissingError(
                f"the Java class {missing}",
                "the app's build has to take in the folder audiosession/hosts/android/java, "
                "or the host was first made on another thread than the app's main one",
            ) from error
        raise
    return made, forget


@contextmanager
def _undone(what: Callable[[], None]) -> Iterator[None]:
    """Does something where there is an error."""
    try:
        yield
    except BaseException:
        what()
        raise
