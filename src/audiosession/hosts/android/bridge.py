"""What the Android host needs of the Java runtime, and nothing more.

Everything else of the host is written against :class:`JavaBridge`, which is all that touches
Java. On a phone it is :class:`~audiosession.hosts.android.jnius_bridge.JniusBridge` in apps of
python-for-android and :class:`~audiosession.hosts.android.chaquopy_bridge.ChaquopyBridge` in
those of BeeWare.

What comes back is Python's where it can be: a string, a number, a bool, ``None`` for null. Any
other Java object has its methods as attributes, to be called with the same kinds of values; an
overloaded method is chosen by its arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import methodcaller
from typing import Any, Final, Protocol

__all__ = ["DEVICE_CALLBACK", "RECEIVER", "JavaBridge", "JavaFault", "call_method"]

RECEIVER: Final = "org.audiosession.Receiver"
"""Our Java class for broadcasts; made with one ``java.util.Observer``."""
DEVICE_CALLBACK: Final = "org.audiosession.DeviceCallback"
"""Our Java class for devices; made with one for those that come and one for those that go."""


def call_method(receiver: Any, name: str, *args: Any) -> Any:
    """What a method of an object returns, looked up and called in one step.

    pyjnius has one object for a method of a class. Looking the method up writes into it whose it
    is, and the call reads that. Between two steps of Python another thread may look the same
    method up, and the call would be made on its object. Here Python makes no step between them.

    A lock would be no way: the phone's main thread would wait for it while a call of the app's
    takes its time, for ever where that call waits for the main thread. Any call is made here; the
    few that :class:`~audiosession.hosts.android.shared_focus.SharedFocus` makes under a lock of
    its own wait for the system alone.

    Args:
        receiver: The object.
        name: The method.
        args: The arguments.

    Raises:
        AttributeError: it has none of that name.
        Exception: what the method throws, as the bridge's package raises it.
    """
    return methodcaller(name, *args)(receiver)


@dataclass(frozen=True, slots=True, kw_only=True)
class JavaFault:
    """A Java exception, by what it says of itself."""

    java_class: str
    """Its class, such as ``java.lang.SecurityException``."""
    message: str
    """What it says; empty: nothing."""


class JavaBridge(Protocol):
    """The Java objects.

    It is made on the thread on which the app began. Calls are made on that of the app's event
    loop, and on the phone's own where it tells something. Exceptions of Java come as the bridge's
    package raises them; :meth:`fault` reads them.
    """

    @property
    def sdk(self) -> int:
        """The phone's API level; ``Build.VERSION.SDK_INT``."""

    def context(self) -> Any:
        """The application, which outlives the app's activities.

        Raises:
            HostUnavailableError: it is not known, and the app has no activity that would know it.
        """

    def java_class(self, name: str) -> Any:
        """A class, to construct it by a call and to read its static members.

        Args:
            name: Its binary name, as in ``android.media.AudioFocusRequest$Builder``.

        Raises:
            Exception: there is none; :meth:`fault` knows it.
        """

    def implement(self, interface: str, methods: Mapping[str, Callable[..., Any]]) -> Any:
        """A Java object that implements an interface.

        Args:
            interface: The binary name of an interface of Java's or Android's own.
            methods: What its methods do, by their names; what is left out does nothing. Called
                on any thread with the arguments of the call; what they raise is logged and
                answered with null.

        Returns:
            The object. The phone may call it after it was told not to, when a call was on its way
            already: what it does then ends with :meth:`release`, itself stays.
        """

    def release(self, implementation: Any) -> None:
        """An object of :meth:`implement` does nothing from now on when Java calls it."""

    def items(self, value: Any) -> list[Any]:
        """What a Java array or collection holds; nothing for null."""

    def fault(self, error: BaseException) -> JavaFault | None:
        """What a Java exception says; ``None``: the error is none of Java's."""
