"""The bridge of apps that python-for-android packs, such as Kivy's: over pyjnius.

pyjnius finds an app's own classes on the thread that the app began on and not on others, but keeps
what it has found. So the bridge, and with it the host, is made on that thread.
"""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, ClassVar, Final

from ...errors import HostUnavailableError, HostUnavailableReason
from .bridge import DEVICE_CALLBACK, RECEIVER, JavaFault, call_method
from .errors import BridgeMissingError

__all__ = ["JniusBridge"]

_log = logging.getLogger("audiosession")
_numbers = itertools.count(1)
_ACTIVITY: Final = "org.kivy.android.PythonActivity"
_SERVICE: Final = "org.kivy.android.PythonService"
_OURS: Final = (RECEIVER, DEVICE_CALLBACK, "org.jnius.NativeInvocationHandler")
"""The app's own classes that are needed: two of this package's, and pyjnius's for listeners."""
_TOLD: Final = (
    "java.util.Observable",
    "android.content.Intent",
    "android.media.AudioDeviceInfo",
)
"""What the phone's threads hand over.

How pyjnius learns a class is Python, on which :func:`~.bridge.call_method` has no influence; so it
is done before there are other threads.
"""


class JniusBridge:
    """The Java objects of this process; a :class:`~audiosession.hosts.android.bridge.JavaBridge`.

    Raises:
        BridgeMissingError: pyjnius is not there, or finds no Java.
    """

    # Java has no more than the address of what Python implements. It may use that until its
    # garbage collector has taken the Java side, of which nobody tells. So none is ever let go, and
    # this grows by one to two kilobytes for each listener that there was: a session has up to four.
    _made: ClassVar[list[Any]] = []

    def __init__(self) -> None:
        try:
            import jnius
        except (ImportError, KeyError, OSError) as error:
            # Without a Java of its own it fails in as many ways.
            raise BridgeMissingError(
                "pyjnius", f"add it to the requirements in buildozer.spec ({error})"
            ) from error
        self._jnius = jnius
        self._implementation = _implementation(jnius)
        self._context: Any = None
        for name in (*_OURS, *_TOLD):
            # What the app lacks is missed when it is needed.
            with suppress(jnius.JavaException):
                self.java_class(name)
        with suppress(jnius.JavaException, HostUnavailableError):
            self.context()
        self._sdk = int(self.java_class("android.os.Build$VERSION").SDK_INT)

    @property
    def sdk(self) -> int:
        """See :class:`~audiosession.hosts.android.bridge.JavaBridge`."""
        return self._sdk

    def context(self) -> Any:
        """See :class:`~audiosession.hosts.android.bridge.JavaBridge`.

        Kept once it is known: an app whose window was closed has no activity any more.
        """
        if self._context is None:
            if "PYTHON_SERVICE_ARGUMENT" in os.environ:
                name, field = _SERVICE, "mService"
            else:
                name, field = _ACTIVITY, "mActivity"
            owner = getattr(self.java_class(name), field)
            if owner is not None:
                self._context = call_method(owner, "getApplicationContext")
            if self._context is None:
                raise HostUnavailableError(
                    HostUnavailableReason.CONNECTION_LOST,
                    f"the app has no activity or service now ({name}.{field} is null)",
                )
        return self._context

    def java_class(self, name: str) -> Any:
        """See :class:`~audiosession.hosts.android.bridge.JavaBridge`."""
        return self._jnius.autoclass(name)

    def implement(self, interface: str, methods: Mapping[str, Callable[..., Any]]) -> Any:
        """See :class:`~audiosession.hosts.android.bridge.JavaBridge`."""
        made = self._implementation(interface, dict(methods))
        self._made.append(made)
        return made

    def release(self, implementation: Any) -> None:
        """See :class:`~audiosession.hosts.android.bridge.JavaBridge`."""
        implementation.methods.clear()
        # Java's garbage collector may have its side now; the references of an app are limited.
        # Should it be handed to Java again, pyjnius makes another side.
        implementation.j_self = None

    def items(self, value: Any) -> list[Any]:
        """See :class:`~audiosession.hosts.android.bridge.JavaBridge`."""
        if value is None:
            return []
        # Arrays come as lists already.
        return (
            list(value) if isinstance(value, list | tuple) else list(call_method(value, "toArray"))
        )

    def fault(self, error: BaseException) -> JavaFault | None:
        """See :class:`~audiosession.hosts.android.bridge.JavaBridge`."""
        if not isinstance(error, self._jnius.JavaException):
            return None
        name = getattr(error, "classname", None)
        said = getattr(error, "innermessage", None)
        # Without a class it is pyjnius that complains, about arguments for instance.
        return JavaFault(
            java_class=str(name or type(error).__name__),
            message=str(error) if name is None else str(said or ""),
        )


@cache
def _implementation(jnius: Any) -> Any:
    """The class of what Python implements for Java; pyjnius is there on phones only."""

    system = jnius.autoclass("java.lang.System")

    def null(value: Any) -> bool:
        """Java's null comes as an object of the declared class, which nothing can be asked."""
        return isinstance(value, jnius.JavaClass) and system.identityHashCode(value) == 0

    class Implementation(jnius.PythonJavaClass):  # type: ignore[misc]
        def __init__(self, interface: str, methods: dict[str, Callable[..., Any]]) -> None:
            self.__javainterfaces__ = [interface.replace(".", "/")]
            self.methods = methods
            self.identity = next(_numbers)
            super().__init__()

        def invoke(self, method: Any, *args: Any) -> Any:
            """What Java calls; pyjnius would have signatures written out."""
            given = tuple(None if null(each) else each for each in args)
            return _answer(self.methods, self.identity, str(call_method(method, "getName")), given)

    return Implementation


def _answer(
    methods: Mapping[str, Callable[..., Any]], identity: int, name: str, args: tuple[Any, ...]
) -> Any:
    """What an object that Python implements answers to Java.

    AudioManager keeps listeners by what they say of themselves, so each says something else.
    """
    if name not in methods:
        if name == "hashCode":
            return identity
        if name == "equals":
            return args[0] is not None and call_method(args[0], "hashCode") == identity
        if name == "toString":
            return f"org.audiosession.Listener@{identity:x}"
        return None
    try:
        return methods[name](*args)
    except Exception:
        _log.exception("a listener of Android failed at %s", name)
        return None
