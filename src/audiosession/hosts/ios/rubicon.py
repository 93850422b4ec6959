"""The native objects through rubicon-objc, as BeeWare's apps have it.

This module is thin on purpose, because it can be tried on a phone only. Selectors are written
in rubicon's flat form, which takes the types from the runtime itself. Source: the documentation
and source of rubicon-objc 0.5.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Mapping
from ctypes import c_void_p
from types import MappingProxyType
from typing import Any, Final

from ...errors import ExtraMissingError
from .bridge import ObjCError
from .threads import call_logged

__all__ = ["BLOCKS", "RubiconBridge"]

BLOCKS: Final[Mapping[str, type]] = MappingProxyType(
    {
        "requestRecordPermission:": bool,
        "requestRecordPermissionWithCompletionHandler:": bool,
        "requestMicrophoneInjectionPermissionWithCompletionHandler:": int,
    }
)
"""What the block of each method is called with, which the runtime does not tell: a truth value,
or a number of the size of ``NSInteger`` (AVAudioSession.h, AVAudioApplication.h)."""

_FRAMEWORK: Final = "AVFoundation"
"""Loads AVFAudio too, whose place is another one on older systems."""


class RubiconBridge:
    """Implements :class:`~audiosession.hosts.ios.bridge.ObjCBridge`.

    Raises:
        ExtraMissingError: rubicon-objc is not installed.
    """

    def __init__(self) -> None:
        try:
            from rubicon.objc import api, runtime
        except ImportError as error:
            raise ExtraMissingError("ios", "the phone's audio session") from error
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
            return self._api.py_from_ns(self._send(receiver, selector, args))

    def call_checked(self, receiver: object, selector: str, *args: Any) -> Any:
        """See :class:`~audiosession.hosts.ios.bridge.ObjCBridge`."""
        error = self._runtime.objc_id()
        with self._runtime.autoreleasepool():
            answer = self._api.py_from_ns(
                self._send(receiver, selector, (*args, ctypes.byref(error)))
            )
            if answer is None or answer is False:
                raise self._error(error)
            return answer

    def call_with_block(
        self, receiver: object, selector: str, *args: Any, block: Callable[..., None]
    ) -> None:
        """See :class:`~audiosession.hosts.ios.bridge.ObjCBridge`."""
        native = ctypes.c_bool if BLOCKS[selector] is bool else ctypes.c_long

        def answered(value: Any) -> None:
            call_logged(block, value)

        with self._runtime.autoreleasepool():
            self._send(receiver, selector, (*args, self._api.Block(answered, None, native)))

    def constant(self, name: str) -> str:
        """See :class:`~audiosession.hosts.ios.bridge.ObjCBridge`."""
        try:
            found = self._api.objc_const(self._framework, name)
        except ValueError as error:
            raise AttributeError(name) from error
        return str(self._api.py_from_ns(found))

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
        token = self._send(
            center,
            "addObserverForName:object:queue:usingBlock:",
            (name, sender, None, self._api.Block(posted, None, self._runtime.objc_id)),
        )
        return _once(lambda: self.call(center, "removeObserver:", token))

    def watch(self, receiver: object, key: str, heard: Callable[[], None]) -> Callable[[], None]:
        """See :class:`~audiosession.hosts.ios.bridge.ObjCBridge`."""
        if self._watcher is None:
            self._watcher = self._watcher_class()
        watcher = self._watcher.alloc().init()
        watcher.heard = heard
        self.call(receiver, "addObserver:forKeyPath:options:context:", watcher, key, 0, None)
        return _once(lambda: self.call(receiver, "removeObserver:forKeyPath:", watcher, key))

    # -- inside ------------------------------------------------------------------------------

    def _send(self, receiver: object, selector: str, args: tuple[Any, ...]) -> Any:
        """What a method returns, as rubicon has it."""
        found = getattr(receiver, selector.replace(":", "_"))
        if args or isinstance(found, self._api.ObjCBoundMethod):
            return found(*args)
        # A property was read by its name.
        return found

    def _answers(self, receiver: object, selector: str) -> bool:
        sel = self._runtime.SEL
        return bool(
            self._runtime.send_message(
                receiver,
                "respondsToSelector:",
                sel(selector),
                restype=ctypes.c_bool,
                argtypes=[sel],
            )
        )

    def _error(self, pointer: Any) -> ObjCError:
        error = self._api.ObjCInstance(pointer)
        if error is None:
            return ObjCError("", 0, "the phone said no without a reason")
        return ObjCError(
            self.get(error, "domain"),
            int(self.get(error, "code")),
            self.get(error, "localizedDescription"),
        )

    def _user_info(self, pointer: Any) -> dict[str, Any]:
        with self._runtime.autoreleasepool():
            return self.get(self._api.ObjCInstance(pointer), "userInfo") or {}

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


def _getters(name: str) -> tuple[str, ...]:
    """The selectors that may read a property: Apple reads ``inputMuted`` by ``isInputMuted``."""
    return name, f"is{name[:1].upper()}{name[1:]}"


def _once(end: Callable[[], object]) -> Callable[[], None]:
    """Does it at the first call only; Apple's centers do not forgive a second one."""
    lock = threading.Lock()

    def end_once() -> None:
        if lock.acquire(blocking=False):
            end()

    return end_once
