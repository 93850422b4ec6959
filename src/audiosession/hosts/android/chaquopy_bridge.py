"""The bridge of apps that Chaquopy packs, such as BeeWare's: over its module ``java``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from .bridge import JavaFault
from .errors import BridgeMissingError

__all__ = ["ChaquopyBridge"]

_log = logging.getLogger("audiosession")


class ChaquopyBridge:
    """The Java objects of this process; a :class:`~audiosession.hosts.android.bridge.JavaBridge`.

    Raises:
        BridgeMissingError: this is no app of Chaquopy's.
    """

    def __init__(self) -> None:
        try:
            import java

            # A folder of that name is a module, too, and has nothing.
            self._jclass: Callable[[str], Any] = java.jclass
        except (ImportError, AttributeError) as error:
            raise BridgeMissingError(
                "Chaquopy's module java", f"pack the app with Briefcase ({error})"
            ) from error
        self._java: Any = java
        self._throwable = self.java_class("java.lang.Throwable")
        self._sdk = int(self.java_class("android.os.Build$VERSION").SDK_INT)

    @property
    def sdk(self) -> int:
        """See :class:`~audiosession.hosts.android.bridge.JavaBridge`."""
        return self._sdk

    def context(self) -> Any:
        """See :class:`~audiosession.hosts.android.bridge.JavaBridge`.

        Chaquopy knows the application, which outlives the activities that phones make anew
        when they are turned.
        """
        return self.java_class("com.chaquo.python.Python").getPlatform().getApplication()

    def java_class(self, name: str) -> Any:
        """See :class:`~audiosession.hosts.android.bridge.JavaBridge`."""
        return self._jclass(name)

    def implement(self, interface: str, methods: Mapping[str, Callable[..., Any]]) -> Any:
        """See :class:`~audiosession.hosts.android.bridge.JavaBridge`."""
        declared = self.java_class(interface)
        # A method that is not there would be an exception in Java.
        names = {str(each.getName()) for each in declared.getClass().getMethods()} | set(methods)
        kept = dict(methods)
        members: dict[str, Any] = {name: _method(name, kept) for name in names}
        kind = self._java.dynamic_proxy(declared)
        return type("Implementation", (kind,), members | {"methods": kept})()

    def release(self, implementation: Any) -> None:
        """See :class:`~audiosession.hosts.android.bridge.JavaBridge`."""
        implementation.methods.clear()

    def items(self, value: Any) -> list[Any]:
        """See :class:`~audiosession.hosts.android.bridge.JavaBridge`."""
        if value is None:
            return []
        return list(value.toArray()) if hasattr(value, "toArray") else list(value)

    def fault(self, error: BaseException) -> JavaFault | None:
        """See :class:`~audiosession.hosts.android.bridge.JavaBridge`."""
        if not isinstance(error, self._throwable):
            return None
        thrown: Any = error
        return JavaFault(
            java_class=str(thrown.getClass().getName()), message=str(thrown.getMessage() or "")
        )


def _method(name: str, kept: Mapping[str, Callable[..., Any]]) -> Callable[..., Any]:
    def method(_self: Any, *args: Any) -> Any:
        what = kept.get(name)
        try:
            return None if what is None else what(*args)
        except Exception:
            _log.exception("a listener of Android failed at %s", name)
            return None

    return method
