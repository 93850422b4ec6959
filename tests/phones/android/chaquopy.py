"""A stand-in for Chaquopy's module ``java``, made of pyjnius as its documentation describes it.

Source: https://chaquo.com/chaquopy/doc/current/python.html
"""

from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller
from types import ModuleType
from typing import Any, Final

_KEPT: Final[list[Any]] = []
"""What Java may call as long as it runs."""


class Throwable(Exception):
    """Chaquopy raises Java's exceptions themselves."""

    def __init__(self, name: str, message: str | None) -> None:
        super().__init__(message)
        self._name, self._message = name, message

    def getClass(self) -> Any:
        return self

    def getName(self) -> str:
        return self._name

    def getMessage(self) -> str | None:
        return self._message


class Chaquopy:
    """The functions of the module that the bridge uses, and what went wrong in Java meanwhile."""

    def __init__(self) -> None:
        import jnius

        self.jnius: Any = jnius
        self.thrown: list[BaseException] = []
        """What Python raised into a thread of Java; on a phone it would end the app."""
        self._system = jnius.autoclass("java.lang.System")

    def module(self) -> ModuleType:
        """The module."""
        made: Any = ModuleType("java")
        made.jclass, made.dynamic_proxy = self.jclass, self.dynamic_proxy
        return made  # type: ignore[no-any-return]

    def jclass(self, name: str) -> Any:
        if name == "java.lang.Throwable":
            return Throwable
        return _Class(self, name, self.call(self.jnius.autoclass, name))

    def dynamic_proxy(self, interface: _Class) -> type:
        if not interface.getClass().isInterface():
            raise TypeError(f"{interface} is not a Java interface")
        chaquopy = self

        class Native(self.jnius.PythonJavaClass):  # type: ignore[misc, name-defined]
            __javainterfaces__ = [interface.name.replace(".", "/")]  # noqa: RUF012

            def __init__(self, proxy: Any) -> None:
                self.proxy = proxy
                super().__init__()

            def invoke(self, method: Any, *args: Any) -> Any:
                name = str(methodcaller("getName")(method))
                if name in ("hashCode", "equals", "toString") and not hasattr(self.proxy, name):
                    # Those of java.lang.Object.
                    mine = id(self) % 2**31
                    return {
                        "hashCode": mine,
                        "equals": bool(args) and chaquopy.is_same(args[0], self),
                        "toString": f"$Proxy@{mine:x}",
                    }[name]
                try:
                    given = [chaquopy.wrapped(each) for each in args]
                    return chaquopy.bare(getattr(self.proxy, name)(*given))
                except BaseException as error:
                    chaquopy.thrown.append(error)
                    return None

        class Proxy:
            def __init__(self) -> None:
                self.native = Native(self)
                _KEPT.append(self.native)

        return Proxy

    # -- values ------------------------------------------------------------------------------

    def is_same(self, one: Any, other: Any) -> bool:
        """Whether both are one object of Java."""
        return bool(methodcaller("hashCode")(one) == id(other) % 2**31)

    def call(self, what: Callable[..., Any], *args: Any) -> Any:
        """What a call gives, and its exception as Chaquopy has it."""
        try:
            return what(*args)
        except self.jnius.JavaException as error:
            if error.classname is None:
                # It is no exception of Java's: the arguments fit no method.
                raise TypeError(str(error)) from None
            raise Throwable(error.classname, error.innermessage) from None

    def wrapped(self, value: Any) -> Any:
        """A value as Chaquopy hands it to Python."""
        if isinstance(value, list | tuple):
            return [self.wrapped(each) for each in value]
        if not isinstance(value, self.jnius.JavaClass):
            return value
        # pyjnius hands null to listeners as an object that is null inside.
        return None if self._system.identityHashCode(value) == 0 else _Object(self, value)

    def bare(self, value: Any) -> Any:
        """The same the other way round."""
        if isinstance(value, list | tuple):
            return [self.bare(each) for each in value]
        return getattr(value, "native", value)


class _Object:
    """An object of Java's."""

    def __init__(self, chaquopy: Chaquopy, native: Any) -> None:
        self.chaquopy, self.native = chaquopy, native

    def __getattr__(self, name: str) -> Any:
        member = getattr(self.native, name)
        if not callable(member):
            return self.chaquopy.wrapped(member)

        def call(*args: Any) -> Any:
            given = [self.chaquopy.bare(each) for each in args]
            found = self.chaquopy.call(methodcaller(name, *given), self.native)
            return self.chaquopy.wrapped(found)

        return call


class _Class(_Object):
    """A class."""

    def __init__(self, chaquopy: Chaquopy, name: str, native: Any) -> None:
        super().__init__(chaquopy, native)
        self.name = name

    def __call__(self, *args: Any) -> Any:
        given = [self.chaquopy.bare(each) for each in args]
        return self.chaquopy.wrapped(self.chaquopy.call(self.native, *given))

    def getClass(self) -> Any:
        """As the ``.class`` of Java's."""
        return _Object(self.chaquopy, self.chaquopy.jnius.find_javaclass(self.name))
