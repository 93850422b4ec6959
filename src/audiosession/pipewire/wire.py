"""How a message's fields become the POD on the wire, and back.

A message is a frozen dataclass whose fields say in their annotation how they lie on the wire.
:func:`encode_body` and :func:`decode_body` do the rest. Fields that a newer server appends are
passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, ClassVar, TypeVar, get_args

from . import pod
from .errors import PodError, ProtocolError
from .ids import Interface
from .pod import Id, Long, PodValue


class _Kind:
    """How one field lies on the wire."""

    def put(self, value: Any) -> PodValue:
        raise NotImplementedError

    def take(self, value: PodValue) -> Any:
        raise NotImplementedError


class _Number(_Kind):
    """A number of one type; unsigned ones come in signed ones' clothes."""

    def __init__(self, kind: type[int], *, unsigned: bool = False) -> None:
        self._kind = kind
        self._unsigned = unsigned

    def put(self, value: Any) -> PodValue:
        if self._unsigned and self._kind is int and value >= 1 << 31:
            value -= 1 << 32
        return self._kind(value)

    def take(self, value: PodValue) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ProtocolError(f"a number is expected, not {value!r}")
        return int(value) & 0xFFFFFFFF if self._unsigned else int(value)


class _Text(_Kind):
    def put(self, value: Any) -> PodValue:
        return value if value is None else str(value)

    def take(self, value: PodValue) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            raise ProtocolError(f"a text is expected, not {value!r}")
        return value


class _MaybeText(_Text):
    def take(self, value: PodValue) -> Any:
        return None if value is None else super().take(value)


class _Pod(_Kind):
    def put(self, value: Any) -> PodValue:
        return value  # type: ignore[no-any-return]

    def take(self, value: PodValue) -> PodValue:
        return value


class _Dict(_Kind):
    """A count, then keys and values in turn."""

    def put(self, value: Any) -> PodValue:
        items: list[PodValue] = [len(value)]
        for key, text in value.items():
            items += (key, text)
        return tuple(items)

    def take(self, value: PodValue) -> Mapping[str, str]:
        items = _counted(value, 2)
        found = {}
        for key, text in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, str) or not isinstance(text, str | None):
                raise ProtocolError(f"a dictionary holds {key!r}: {text!r}")
            if text is not None:
                found[key] = text
        return found


class _Pairs(_Kind):
    """A count, then two numbers each."""

    def __init__(self, first: type[int]) -> None:
        self._first = first

    def put(self, value: Any) -> PodValue:
        items: list[PodValue] = [len(value)]
        for key, number in value.items():
            # Any object is written as -1 where ids are signed.
            wrapped = key - (1 << 32) if self._first is int and key >= 1 << 31 else key
            items += (self._first(wrapped), int(number))
        return tuple(items)

    def take(self, value: PodValue) -> Mapping[int, int]:
        items = _counted(value, 2)
        if not all(isinstance(item, int) for item in items):
            raise ProtocolError(f"numbers are expected, not {items!r}")
        numbers = [int(item) & 0xFFFFFFFF for item in items]  # type: ignore[arg-type]
        return dict(zip(numbers[::2], numbers[1::2], strict=True))


class _Ids(_Kind):
    def put(self, value: Any) -> PodValue:
        return pod.Array(pod.PodType.ID, tuple(map(Id, value)))

    def take(self, value: PodValue) -> tuple[int, ...]:
        if not isinstance(value, pod.Array) or not all(isinstance(i, int) for i in value.values):
            raise ProtocolError(f"an array of ids is expected, not {value!r}")
        return tuple(int(i) for i in value.values)  # type: ignore[arg-type]


def _counted(value: PodValue, width: int) -> tuple[PodValue, ...]:
    if value is None:
        return ()
    if not isinstance(value, tuple) or not value or not isinstance(value[0], int):
        raise ProtocolError(f"a list with its length is expected, not {value!r}")
    if not 0 <= value[0] * width <= len(value) - 1:
        raise ProtocolError(f"{value[0]} items are announced, and {len(value) - 1} values follow")
    return value[1 : 1 + value[0] * width]


Int = Annotated[int, _Number(int)]
Uint = Annotated[int, _Number(int, unsigned=True)]
IdField = Annotated[int, _Number(Id, unsigned=True)]
LongField = Annotated[int, _Number(Long)]
FdField = Annotated[int, _Number(pod.Fd)]
Text = Annotated[str, _Text()]
MaybeText = Annotated[str | None, _MaybeText()]
Pod = Annotated[PodValue, _Pod()]
Dict = Annotated[Mapping[str, str], _Dict()]
ParamFlags = Annotated[Mapping[int, int], _Pairs(Id)]
Permissions = Annotated[Mapping[int, int], _Pairs(int)]
Ids = Annotated[tuple[int, ...], _Ids()]

_KINDS: dict[str, _Kind] = {
    name: get_args(alias)[1]
    for name, alias in {
        "Int": Int,
        "Uint": Uint,
        "IdField": IdField,
        "LongField": LongField,
        "FdField": FdField,
        "Text": Text,
        "MaybeText": MaybeText,
        "Pod": Pod,
        "Dict": Dict,
        "ParamFlags": ParamFlags,
        "Permissions": Permissions,
        "Ids": Ids,
    }.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One event or method."""

    interface: ClassVar[Interface]
    """Whose it is."""
    opcode: ClassVar[int]
    """Its number there."""
    is_event: ClassVar[bool]
    """Whether the server sends it; the client does otherwise."""
    bare: ClassVar[bool] = False
    """Whether its one field stands on the wire without a struct around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Other(Message):
    """A message without a class of its own."""

    number: int
    """Its opcode."""
    body: PodValue
    """All it carries."""


M = TypeVar("M", bound=Message)

EVENTS: dict[tuple[Interface, int], type[Message]] = {}
"""The class of every event by interface and opcode."""
METHODS: dict[tuple[Interface, int], type[Message]] = {}
"""The class of every method by interface and opcode."""


def message(interface: Interface, opcode: int, *, event: bool) -> Callable[[type[M]], type[M]]:
    """Returns a decorator that makes a dataclass known as this event or method."""
    table = EVENTS if event else METHODS

    def register(cls: type[M]) -> type[M]:
        cls.interface, cls.opcode, cls.is_event = interface, opcode, event
        table[interface, opcode] = cls
        return cls

    return register


def encode_body(message: Message) -> bytes:
    """Returns the POD of a message's fields.

    Raises:
        PodError: a value does not fit its field.
    """
    if isinstance(message, Other):
        return pod.encode(message.body)
    values = (kind.put(getattr(message, name)) for name, kind, _ in _layout(type(message)))
    try:
        return pod.encode(next(values) if message.bare else tuple(values))
    except (TypeError, AttributeError) as error:
        raise PodError(f"{message!r} cannot be sent: {error}") from error


def decode_body(
    interface: Interface, opcode: int, body: PodValue, *, is_event: bool = True
) -> Message:
    """Returns the message of a body; :class:`Other` when there is no class for it.

    Raises:
        ProtocolError: the fields do not have the types they should, or one is missing.
    """
    cls = (EVENTS if is_event else METHODS).get((interface, opcode))
    if cls is None:
        return Other(number=opcode, body=body)
    if not isinstance(body, tuple):
        raise ProtocolError(f"{cls.__name__} needs a struct, not {body!r}")
    if cls.bare:
        body = (body,)
    found: dict[str, Any] = {}
    pods: Iterator[PodValue] = iter(body)
    for name, kind, required in _layout(cls):
        try:
            value = next(pods)
        except StopIteration:
            if required:
                raise ProtocolError(f"{cls.__name__} lacks its field {name}") from None
            continue
        found[name] = kind.take(value)
    return cls(**found)


_LAYOUTS: dict[type[Message], tuple[tuple[str, _Kind, bool], ...]] = {}


def _layout(cls: type[Message]) -> tuple[tuple[str, _Kind, bool], ...]:
    """Returns name, kind and whether it must be there of each field in wire order."""
    if (known := _LAYOUTS.get(cls)) is not None:
        return known
    # Annotations are texts here, and the names in them those of the aliases above.
    _LAYOUTS[cls] = layout = tuple(
        (item.name, _KINDS[str(item.type)], item.default is item.default_factory)
        for item in fields(cls)
    )
    return layout


__all__ = [
    "EVENTS",
    "METHODS",
    "Dict",
    "FdField",
    "IdField",
    "Ids",
    "Int",
    "LongField",
    "MaybeText",
    "Message",
    "Other",
    "ParamFlags",
    "Permissions",
    "Pod",
    "Text",
    "Uint",
    "decode_body",
    "encode_body",
    "message",
]
