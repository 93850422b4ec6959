"""The native objects through rubicon-objc, as BeeWare's apps have it.

This module is thin on purpose. Its tests run it with the real rubicon-objc over GNUstep, which is
as near as a machine without a phone comes. Selectors are written in rubicon's flat form, which
takes the types from the runtime itself. Source: the documentation and source of rubicon-objc 0.5.

Rubicon's own objects live here for the length of a call, in a pool that is emptied at its end,
and :class:`_Held` keeps what others are given.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from ctypes import c_void_p
from types import MappingProxyType
from typing import Any, Final

from .bridge import ObjCError
from .errors import RubiconMissingError
from .threads import call_logged

__all__ = ["BLOCKS", "RubiconBridge"]

BLOCKS: Final[Mapping[str, tuple[type, ...]]] = MappingProxyType(
    {
        "prepareRouteSelectionForPlaybackWithCompletionHandler:": (bool, int),
        "requestRecordPermission:": (bool,),
        "requestRecordPermissionWithCompletionHandler:": (bool,),
        "requestMicrophoneInjectionPermissionWithCompletionHandler:": (int,),
    }
)
"""What the block of each method is called with, which the runtime does not tell: truth values, and
numbers of the size of ``NSInteger`` (AVAudioSession.h, AVAudioSessionRoute.h,
AVAudioApplication.h)."""

_FRAMEWORK: Final = "AVFoundation"
"""Loads AVFAudio too, whose place is another one on older systems."""

_watching: Final[set[_Held]] = set()
"""The watchers in use. What they watch keeps none of them, and the app ends where it tells one that
is gone."""


class RubiconBridge:
    """Implements :class:`~audiosession.hosts.ios.bridge.ObjCBridge`.

    Raises:
        RubiconMissingError: rubicon-objc is not installed.
    """

    def __init__(self) -> None:
        try:
            from rubicon.objc import api, runtime
        except ImportError as error:
            raise RubiconMissingError from error
        self._api: Any = api
        self._runtime: Any = runtime
        self._framework: Any = runtime.load_library(_FRAMEWORK)
        self._watcher: Any = None
        self._version: tuple[int, int] | None = None

    @property
    def system_version(self) -> tuple[int, int]:
        """See :class:`~audiosession.hosts.ios.bridge.ObjCBridge`."""
        if self._version is None:
            device = self.get(self.class_named("UIDevice"), "currentDevice")
            major, _, rest = str(self.get(device, "systemVersion")).partition(".")
            self._version = int(major), int(rest.partition(".")[0] or 0)
        return self._version

    def pool(self) -> AbstractContextManager[object]:
        """See :class:`~audiosession.hosts.ios.bridge.ObjCBridge`."""
        pool: AbstractContextManager[object] = self._runtime.autoreleasepool()
        return pool

    def class_named(self, name: str) -> object:
        """See :class:`~audiosession.hosts.ios.bridge.ObjCBridge`."""
        try:
            found: object = self._api.ObjCClass(name)
        except NameError as error:
            raise AttributeError(name) from error
        return found

    def get(self, receiver: object, name: str) -> Any:
        """See :class:`~audiosession.hosts.ios.bridge.ObjCBridge`."""
        for getter in _getters(name):
            if self._answers(receiver, getter):
                return self.call(receiver, getter)
        raise AttributeError(name)

    def call(self, receiver: object, selector: str, *args: Any) -> Any:
        """See :class:`~audiosession.hosts.ios.bridge.ObjCBridge`."""
        # Threads that Apple did not make have nobody to empty their pool.
        with self._runtime.autoreleasepool():
            return self._given(self._send(receiver, selector, args))

    def call_checked(self, receiver: object, selector: str, *args: Any) -> Any:
        """See :class:`~audiosession.hosts.ios.bridge.ObjCBridge`."""
        error = self._runtime.objc_id()
        with self._runtime.autoreleasepool():
            answer = self._given(self._send(receiver, selector, (*args, ctypes.byref(error))))
            if answer is None or answer is False:
                raise self._error(error)
            return answer

    def call_with_block(
        self, receiver: object, selector: str, *args: Any, block: Callable[..., None]
    ) -> None:
        """See :class:`~audiosession.hosts.ios.bridge.ObjCBridge`."""
        natives = [ctypes.c_bool if kind is bool else ctypes.c_long for kind in BLOCKS[selector]]

        def answered(*values: Any) -> None:
            call_logged(block, *values)

        with self._runtime.autoreleasepool():
            self._send(receiver, selector, (*args, self._api.Block(answered, None, *natives)))

    def constant(self, name: str) -> str:
        """See :class:`~audiosession.hosts.ios.bridge.ObjCBridge`."""
        with self._runtime.autoreleasepool():
            try:
                found = self._api.objc_const(self._framework, name)
            except ValueError as error:
                raise AttributeError(name) from error
            return str(found)

    def responds(self, receiver: object, selector: str) -> bool:
        """See :class:`~audiosession.hosts.ios.bridge.ObjCBridge`."""
        names = (selector,) if ":" in selector else _getters(selector)
        return any(self._answers(receiver, name) for name in names)

    def observe(
        self, name: str, sender: object | None, heard: Callable[[dict[str, Any]], None]
    ) -> Callable[[], None]:
        """See :class:`~audiosession.hosts.ios.bridge.ObjCBridge`."""
        center = self.get(self.class_named("NSNotificationCenter"), "defaultCenter")

        def posted(pointer: Any) -> None:
            call_logged(lambda: heard(self._user_info(pointer)))

        # Without a queue it is called on the thread that posts it. The center keeps the block,
        # and rubicon what the block calls, until the observer is removed.
        token = self.call(
            center,
            "addObserverForName:object:queue:usingBlock:",
            name,
            sender,
            None,
            self._api.Block(posted, None, self._runtime.objc_id),
        )
        return _once(lambda: self.call(center, "removeObserver:", token))

    def watch(self, receiver: object, key: str, heard: Callable[[], None]) -> Callable[[], None]:
        """See :class:`~audiosession.hosts.ios.bridge.ObjCBridge`."""
        if self._watcher is None:
            self._watcher = self._watcher_class()
        with self._runtime.autoreleasepool():
            made = self._watcher.alloc().init()
            made.heard = heard
            watcher = self._given(made)
            del made
        _watching.add(watcher)
        self.call(receiver, "addObserver:forKeyPath:options:context:", watcher, key, 0, None)

        def end() -> None:
            self.call(receiver, "removeObserver:forKeyPath:", watcher, key)
            _watching.discard(watcher)

        return _once(end)

    # -- inside ------------------------------------------------------------------------------

    def _send(self, receiver: object, selector: str, args: tuple[Any, ...]) -> Any:
        """What a method returns, as rubicon has it."""
        found = getattr(self._taken(receiver), selector.replace(":", "_"))
        if args or isinstance(found, self._api.ObjCBoundMethod):
            return found(*map(self._taken, args))
        # A property was read by its name.
        return found

    def _given(self, value: Any) -> Any:
        """What others are given of what rubicon has. In a pool."""
        return self._hold(self._api.py_from_ns(value))

    def _hold(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._hold(each) for each in value]
        if isinstance(value, dict):
            return {key: self._hold(each) for key, each in value.items()}
        if isinstance(value, self._api.ObjCInstance):
            return _Held(value.ptr, self._runtime)
        return value

    def _taken(self, value: Any) -> Any:
        """What rubicon has of what others were given. In a pool."""
        if isinstance(value, list):
            return [self._taken(each) for each in value]
        return self._api.ObjCInstance(value.pointer) if isinstance(value, _Held) else value

    def _answers(self, receiver: object, selector: str) -> bool:
        sel = self._runtime.SEL
        return bool(
            self._runtime.send_message(
                receiver.pointer if isinstance(receiver, _Held) else receiver,
                "respondsToSelector:",
                sel(selector),
                restype=ctypes.c_bool,
                argtypes=[sel],
            )
        )

    def _error(self, pointer: Any) -> ObjCError:
        error = self._given(pointer)
        if error is None:
            return ObjCError("", 0, "the phone said no without a reason")
        return ObjCError(
            self.get(error, "domain"),
            int(self.get(error, "code")),
            self.get(error, "localizedDescription"),
        )

    def _user_info(self, pointer: Any) -> dict[str, Any]:
        with self._runtime.autoreleasepool():
            return self.get(self._given(pointer), "userInfo") or {}

    def _watcher_class(self) -> Any:
        """A class whose objects call a function when what they watch changes."""

        # Rubicon makes the native types of what is annotated.
        def changed(self, path, object, change, context: c_void_p) -> None:  # type: ignore[no-untyped-def]
            call_logged(self.heard)

        name = "observeValueForKeyPath_ofObject_change_context_"
        return self._api.ObjCClass(
            "AudioSessionWatcher",
            (self._api.ObjCClass("NSObject"),),
            {name: self._api.objc_method(changed)},
            auto_rename=True,
        )


class _Held:
    """Keeps a native object for others, who only compare it and give it back.

    Rubicon gives an object up by ``autorelease`` once nobody refers to its wrapper any more,
    wherever that is. A thread that Apple did not make then has it until the thread ends, and a
    wrapper that another thread takes at that moment keeps nothing. So no wrapper outlives a
    call.
    """

    __slots__ = ("_runtime", "pointer")

    def __init__(self, pointer: Any, runtime: Any) -> None:
        self._runtime = runtime
        self.pointer = pointer
        self._send("retain", runtime.objc_id)

    def __del__(self) -> None:
        # What is freed with it may use a pool.
        with self._runtime.autoreleasepool():
            self._send("release", None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and bool(self.pointer.value == other.pointer.value)

    def __hash__(self) -> int:
        return hash(self.pointer.value)

    def _send(self, selector: str, returns: Any) -> None:
        self._runtime.send_message(self.pointer, selector, restype=returns, argtypes=[])


def _getters(name: str) -> tuple[str, ...]:
    """The selectors that may read a property: Apple reads ``inputMuted`` by ``isInputMuted``."""
    return name, f"is{name[:1].upper()}{name[1:]}"


def _once(end: Callable[[], object]) -> Callable[[], None]:
    """Does it at the first call only; Apple's centers do not forgive a second one."""
    waiting = [end]

    def end_once() -> None:
        try:
            # What it needs is given up with it.
            last = waiting.pop()
        except IndexError:
            return
        last()

    return end_once
