"""A double of the bridge that knows what Apple's headers declare, and fails at what they lack.

Behind it stand plain Python objects, in place of the native ones, which
:mod:`tests.phones.ios.native_session` has. A mistake of the code under test raises
:class:`Misuse` and is kept in :attr:`FakeObjC.misuses` too, since code may swallow it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from enum import Enum
from typing import Any, NoReturn

from audiosession.hosts.ios.bridge import ObjCError

from .declarations import Declarations, Method, Version, method_name, read

NEWER_CONSTANTS = frozenset(
    {
        "AVAudioSessionDeactivationContextKey",
        "AVAudioSessionDidBecomeActiveNotification",
        "AVAudioSessionDidBecomeInactiveNotification",
        "AVAudioSessionPortMediaDeviceExtension",
        "AVAudioSessionResumptionContextKey",
        "AVAudioSessionResumptionRecommendationNotification",
    }
)
"""Of iOS 27, which the declarations do not have yet."""


WHOLE = frozenset(
    {
        "inputNumberOfChannels",
        "maximumInputNumberOfChannels",
        "maximumOutputNumberOfChannels",
        "outputNumberOfChannels",
        "preferredInputNumberOfChannels",
        "preferredOutputNumberOfChannels",
        "setPreferredInputNumberOfChannels:error:",
        "setPreferredOutputNumberOfChannels:error:",
    }
)
"""What is an ``NSInteger`` in AVAudioSession.h, where the declarations say ``number`` only."""


class Misuse(AssertionError):
    """The code under test does what would crash or fail on every phone."""


class NativeError(Exception):
    """What a stand-in raises to answer no, with an NSError."""

    def __init__(self, code: int, domain: str = "NSOSStatusErrorDomain") -> None:
        super().__init__(f"{domain} {code}")
        self.code = code
        self.domain = domain


class NativeObject:
    """A stand-in for a native object.

    It has attributes by the names of properties and methods by those of
    :func:`~tests.phones.ios.declarations.method_name`, without the pointer to an error.
    """

    objc_class: str = "NSObject"


class NativeClass:
    """A stand-in for a class; what it has is the class's own."""

    def __init__(self, objc_class: str, **members: Any) -> None:
        self.objc_class = objc_class
        self.__dict__.update(members)


class FakeObjC:
    """Implements ObjCBridge.

    Args:
        system_version: The system; what is newer does not exist.
        declarations: What there is; by default what the headers declare.
    """

    def __init__(
        self, system_version: Version = (26, 0), declarations: Declarations | None = None
    ) -> None:
        self._version = system_version
        self.declared = declarations or read()
        self.classes: dict[str, NativeClass] = {}
        self.misuses: list[str] = []
        self.constants_asked: list[str] = []
        self.members_used: list[str] = []
        """Members of native objects that were read or called, in order, with their class."""
        self.threads: dict[str, str] = {}
        """On which thread a member was used last."""
        self._pools = threading.local()
        # Who observes: by the text of a name, or by an object and a property.
        self._observers: list[tuple[str, object | None, Callable[[dict[str, Any]], None]]] = []
        self._watchers: list[tuple[object, str, Callable[[], None]]] = []
        self._native = ThreadPoolExecutor(1, thread_name_prefix="native")

    def close(self) -> None:
        """Ends the native thread, and fails where anything was wrong."""
        self._native.shutdown()
        if self.misuses:
            raise Misuse("; ".join(self.misuses))

    @property
    def observed(self) -> int:
        """How many observers there are."""
        return len(self._observers) + len(self._watchers)

    # -- ObjCBridge --------------------------------------------------------------------------

    @property
    def system_version(self) -> Version:
        return self._version

    @contextmanager
    def pool(self) -> Iterator[None]:
        before = self.pools
        self._pools.count = before + 1
        try:
            yield
        finally:
            self._pools.count = before

    @property
    def pools(self) -> int:
        """In how many pools this thread is."""
        return getattr(self._pools, "count", 0)

    def class_named(self, name: str) -> object:
        declared = self.declared.classes.get(name)
        if declared is None:
            self._wrong(f"no class is called {name}")
        elif declared.since > self._version:
            self._wrong(f"{name} is of iOS {_shown(declared.since)}")
        if name not in self.classes:
            self._wrong(f"there is no stand-in for the class {name}")
        return self.classes[name]

    def get(self, receiver: object, name: str) -> Any:
        of, static = self._of(receiver)
        found = self.declared.property(of, name, static=static)
        if found is None:
            self._wrong(f"{of} has no property {name}")
        elif found.since > self._version:
            self._wrong(f"{of}.{name} is of iOS {_shown(found.since)}")
        self._used(of, name)
        value = self._member(receiver, name)
        self._check(_whole(name, found.type), value, f"{of}.{name}")
        return _copied(value)

    def call(self, receiver: object, selector: str, *args: Any) -> Any:
        method = self._method(receiver, selector)
        if method.checked:
            self._wrong(f"{selector} takes a pointer to an error")
        self._arguments(method.parameters, args, selector)
        answer = self._member(receiver, method.name)(*_plain(args))
        self._check(method.returns, answer, selector)
        return _copied(answer)

    def call_checked(self, receiver: object, selector: str, *args: Any) -> Any:
        method = self._method(receiver, selector)
        if not method.checked or not selector.endswith("rror:"):
            self._wrong(f"{selector} takes no pointer to an error")
        self._arguments(method.parameters[:-1], args, selector)
        try:
            answer = self._member(receiver, method.name)(*_plain(args))
        except NativeError as error:
            text = f"The operation could not be completed. (OSStatus error {error.code}.)"
            raise ObjCError(error.domain, error.code, text) from error
        return True if answer is None else _copied(answer)

    def call_with_block(
        self, receiver: object, selector: str, *args: Any, block: Callable[..., None]
    ) -> None:
        method = self._method(receiver, selector)
        if not method.parameters or "=>" not in method.parameters[-1].type:
            self._wrong(f"{selector} takes no block")
        self._arguments(method.parameters[:-1], args, selector)
        types = re.findall(r"p\d+: ([^,)]+)", method.parameters[-1].type)

        def answer(*values: Any) -> None:
            """Calls the block on a native thread, as the system does."""
            assert len(values) == len(types), f"the stand-in answers {selector} wrongly"
            self.on_native_thread(lambda: block(*values), wait=False)

        self._member(receiver, method.name)(*_plain(args), answer)

    def constant(self, name: str) -> str:
        self.constants_asked.append(name)
        since = self.declared.constants.get(name)
        if since is None and name not in NEWER_CONSTANTS:
            self._wrong(f"no string is exported as {name}")
        if since is None or since > self._version:
            raise AttributeError(name)
        return text_of(name)

    def responds(self, receiver: object, selector: str) -> bool:
        of, static = self._of(receiver)
        member = self.declared.property(of, selector, static=static) or self.declared.method(
            of, method_name(selector), static=static
        )
        if member is None:
            self._wrong(f"{of} has nothing that is called {selector} on any system")
        return member.since <= self._version

    def observe(
        self, name: str, sender: object | None, heard: Callable[[dict[str, Any]], None]
    ) -> Callable[[], None]:
        known = {
            text_of(each): each
            for each, since in self.declared.constants.items()
            if each.endswith("Notification") and since <= self._version
        }
        if name not in known:
            self._wrong(f"no notification of this system has the name {name!r}")
        entry = name, sender, heard
        self._observers.append(entry)
        return lambda: _drop(self._observers, entry)

    def watch(self, receiver: object, key: str, heard: Callable[[], None]) -> Callable[[], None]:
        of, static = self._of(receiver)
        found = self.declared.property(of, key, static=static)
        if found is None or found.since > self._version:
            self._wrong(f"{of} has no property {key} to observe")
        entry = receiver, key, heard
        self._watchers.append(entry)

        def end() -> None:
            if not any(each is entry for each in self._watchers):
                self._wrong(f"who does not observe {key} any more is removed again")
            _drop(self._watchers, entry)

        return end

    # -- for the stand-ins -------------------------------------------------------------------

    def on_native_thread(self, call: Callable[[], object], *, wait: bool = True) -> None:
        """Does something where notifications come from; returns when it is done."""
        if threading.current_thread().name.startswith("native"):
            call()
            return
        doing = self._native.submit(self._guarded, call)
        if wait:
            doing.result(60)

    def post(self, name: str, sender: object, info: dict[str, Any]) -> None:
        """Posts a notification by the name of its constant, with the keys by theirs.

        Keys that the system does not export are left out.
        """
        told = {
            text_of(key): value
            for key, value in info.items()
            if self.declared.constants[key] <= self._version
        }

        def tell() -> None:
            for text, whose, heard in tuple(self._observers):
                if text == text_of(name) and whose in (None, sender):
                    heard(dict(told))

        self.on_native_thread(tell)

    def tell_changed(self, receiver: object, key: str) -> None:
        """Tells who watches a property."""

        def tell() -> None:
            for whose, watched, heard in tuple(self._watchers):
                if whose is receiver and watched == key:
                    heard()

        self.on_native_thread(tell)

    # -- inside ------------------------------------------------------------------------------

    def _guarded(self, call: Callable[[], object]) -> None:
        try:
            call()
        except Exception as error:
            # On a phone it would end the app.
            self.misuses.append(f"a callback raised {error!r} into native code")
            raise

    def _wrong(self, what: str) -> NoReturn:
        self.misuses.append(what)
        raise Misuse(what)

    def _of(self, receiver: object) -> tuple[str, bool]:
        if isinstance(receiver, NativeClass):
            return receiver.objc_class, True
        if isinstance(receiver, NativeObject):
            return receiver.objc_class, False
        self._wrong(f"{receiver!r} is no native object")

    def _used(self, of: str, name: str) -> None:
        self.members_used.append(f"{of}.{name}")
        self.threads[name] = threading.current_thread().name

    def _method(self, receiver: object, selector: str) -> Method:
        of, static = self._of(receiver)
        found = self.declared.method(of, method_name(selector), static=static)
        if found is None:
            self._wrong(f"{of} has no method {selector}")
        elif found.since > self._version:
            self._wrong(f"{of} {selector} is of iOS {_shown(found.since)}")
        elif selector.count(":") != len(found.parameters):
            self._wrong(f"{selector} takes {len(found.parameters)} arguments")
        self._used(of, selector)
        return found

    def _member(self, receiver: object, name: str) -> Any:
        try:
            return getattr(receiver, name)
        except AttributeError:
            self._wrong(f"the stand-in for {self._of(receiver)[0]} has no {name}")

    def _arguments(self, declared: tuple[Any, ...], given: tuple[Any, ...], what: str) -> None:
        if len(declared) != len(given):
            self._wrong(f"{what} takes {len(declared)} arguments here, not {len(given)}")
        for parameter, value in zip(declared, given, strict=True):
            self._check(_whole(what, parameter.type), value, f"{what} {parameter.name}")

    def _check(self, declared: str, value: Any, what: str) -> None:
        """Fails where a value is not of the declared type."""
        if not self._fits(declared, value):
            self._wrong(f"{what} is {declared}, not {value!r}")

    def _fits(self, declared: str, value: Any) -> bool:
        if isinstance(value, Enum):
            value = value.value
        if declared.endswith(" | null"):
            return value is None or self._fits(declared.removesuffix(" | null"), value)
        if declared in self.declared.enums:
            return isinstance(value, int) and not isinstance(value, bool)
        if declared.startswith("NSArray<"):
            inner = declared.removeprefix("NSArray<").removesuffix(">")
            return isinstance(value, list) and all(self._fits(inner, each) for each in value)
        if declared in self.declared.classes and isinstance(value, NativeObject):
            return self.declared.is_kind(value.objc_class, declared)
        return _PLAIN.get(declared, _no)(value)


def text_of(name: str) -> str:
    """What the exported string holds; unlike its name, lest anybody take one for the other."""
    return f"text of {name}"


def _no(value: Any) -> bool:
    return False


_PLAIN: dict[str, Callable[[Any], bool]] = {
    "any": lambda value: True,
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "void": lambda value: value is None,
    "whole number": lambda value: isinstance(value, int) and not isinstance(value, bool),
}


def _whole(member: str, declared: str) -> str:
    return "whole number" if declared == "number" and member in WHOLE else declared


def _plain(args: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(each.value if isinstance(each, Enum) else each for each in args)


def _copied(value: Any) -> Any:
    """Arrays are Python's own, as the bridge gives them."""
    return list(value) if isinstance(value, list) else value


def _drop(entries: list[Any], entry: Any) -> None:
    # A second call finds nothing.
    entries[:] = [each for each in entries if each is not entry]


def _shown(version: Version) -> str:
    return ".".join(map(str, version))
