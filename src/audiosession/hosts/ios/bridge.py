"""What the iOS host needs of the Objective-C runtime, and nothing more.

Everything else of the host is written against :class:`ObjCBridge`, which is all that touches
native objects. On a phone it is :class:`~audiosession.hosts.ios.rubicon.RubiconBridge`.

What comes back is Python's where it can be: a string, a number, a list, a dictionary, bytes,
``None`` for nil. Any other native object is opaque, and compares equal to itself.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

__all__ = ["ObjCBridge", "ObjCError"]


class ObjCError(Exception):
    """A method answered no, with an NSError.

    For the host's own modules, which turn it into errors of this package.

    Args:
        domain: The NSError's domain.
        code: Its number.
        description: Its localised description.
    """

    def __init__(self, domain: str, code: int, description: str = "") -> None:
        super().__init__(f"{domain} {code}: {description}" if description else f"{domain} {code}")
        self.domain = domain
        self.code = code
        self.description = description


class ObjCBridge(Protocol):
    """The native objects. Every method may be called on any thread and may block.

    A selector or property that the class lacks is a mistake of the caller, who asks
    :meth:`responds` first where older systems lack it.

    Raises:
        AttributeError: the object has no such method or property.
        ObjCError: only :meth:`call_checked`.
    """

    @property
    def system_version(self) -> tuple[int, int]:
        """Major and minor version of the system."""

    def pool(self) -> AbstractContextManager[object]:
        """What native objects that calls leave behind are let go with, at its end.

        A thread that the system did not make has none of its own.
        """

    def class_named(self, name: str) -> object:
        """A class, such as ``AVAudioSession``, to call its methods.

        Raises:
            AttributeError: the system has no such class.
        """

    def get(self, receiver: object, name: str) -> Any:
        """A property of an object or a class, such as ``currentRoute``."""

    def call(self, receiver: object, selector: str, *args: Any) -> Any:
        """What a method returns that knows no errors.

        Args:
            receiver: The object or class.
            selector: The whole selector, with a colon for each argument.
            args: The arguments: strings, numbers, lists of these, ``None``, native objects.
        """

    def call_checked(self, receiver: object, selector: str, *args: Any) -> Any:
        """What a method returns that may answer with an NSError.

        Args:
            receiver: The object or class.
            selector: The whole selector; it ends in ``error:``.
            args: The arguments without the last, the pointer to the error.

        Raises:
            ObjCError: it returned ``NO`` or nil.
        """

    def call_with_block(
        self, receiver: object, selector: str, *args: Any, block: Callable[..., None]
    ) -> None:
        """Calls a method that answers later.

        Args:
            receiver: The object or class.
            selector: The whole selector; the last argument is the block.
            args: The arguments without the block.
            block: Called with the answer, on any thread, once; the bridge keeps it until then.
        """

    def constant(self, name: str) -> str:
        """The value of an exported string, such as ``AVAudioSessionCategoryPlayback``.

        Raises:
            AttributeError: the system exports no such name.
        """

    def responds(self, receiver: object, selector: str) -> bool:
        """Whether an object or a class has a method, or a property of that name to read."""

    def observe(
        self, name: str, sender: object | None, heard: Callable[[dict[str, Any]], None]
    ) -> Callable[[], None]:
        """Hears of notifications until the function returned is called.

        Args:
            name: The notification's name: the value of a constant.
            sender: The object whose notifications are heard; ``None``: anybody's.
            heard: Called with the notification's user information on the thread that posts it;
                it may not raise. Kept alive by the bridge.

        Returns:
            Ends it; may be called on any thread and more than once.
        """

    def watch(self, receiver: object, key: str, heard: Callable[[], None]) -> Callable[[], None]:
        """Hears that a property has another value until the function returned is called.

        Args:
            receiver: The object.
            key: A property that may be observed, such as ``outputVolume``.
            heard: Called without the value on the thread that changes it; it may not raise.
                Kept alive by the bridge.

        Returns:
            Ends it; to be called once, on any thread. Apple's objects raise at a second time.
        """
