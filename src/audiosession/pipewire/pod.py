"""The POD codec: typed values to bytes and back, without any input or output.

A POD is a size, a type and a body, in the machine's byte order, padded to eight bytes; PipeWire
packs all it sends this way (`SPA POD <https://docs.pipewire.org/page_spa_pod.html>`__). Values
are plain Python where the type can be told from them:

========== ==========================================================
type       Python
========== ==========================================================
None       ``None``
Bool       ``bool``
Int        ``int`` (32 bits, signed)
Float      ``float`` (32 bits; what is read is what was written, rounded to that)
String     ``str``
Bytes      ``bytes``
Struct     ``tuple``
the others a small class of this module
========== ==========================================================

:func:`encode` and :func:`decode` are each other's inverse. Whatever is wrong with the bytes, or
with a value, is one :class:`~audiosession.pipewire.PodError`; both take time in proportion to the
bytes at hand.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import TypeAlias, Union

from .errors import PodError

MAX_DEPTH = 32
"""How deep PODs may be nested; a server's own go about eight deep."""
MAX_SIZE = 0xFFFFFF
"""Most bytes in a POD; more do not fit the size field of a message."""


class PodType(IntEnum):
    """The basic types, as numbered in ``spa/utils/type.h``."""

    NONE = 1
    """No value."""
    BOOL = 2
    """True or false."""
    ID = 3
    """A member of an enumeration, 32 bits unsigned."""
    INT = 4
    """32 bits signed."""
    LONG = 5
    """64 bits signed."""
    FLOAT = 6
    """32 bits floating point."""
    DOUBLE = 7
    """64 bits floating point."""
    STRING = 8
    """Text that ends with a zero byte."""
    BYTES = 9
    """Bytes of any meaning."""
    RECTANGLE = 10
    """A width and a height."""
    FRACTION = 11
    """A numerator and a denominator."""
    BITMAP = 12
    """An array of bits."""
    ARRAY = 13
    """Values of one type and size."""
    STRUCT = 14
    """Values of any type, one after the other."""
    OBJECT = 15
    """Values by key."""
    SEQUENCE = 16
    """Values by time."""
    POINTER = 17
    """A typed address; means nothing in another process."""
    FD = 18
    """The place of a file descriptor among those of the message."""
    CHOICE = 19
    """A value and what it may be instead."""


class Id(int):
    """A member of an enumeration; 0 to 2**32 - 1."""

    def __repr__(self) -> str:
        return f"Id({int(self)})"


class Long(int):
    """A signed number of 64 bits."""

    def __repr__(self) -> str:
        return f"Long({int(self)})"


class Double(float):
    """A floating point number of 64 bits."""

    def __repr__(self) -> str:
        return f"Double({float(self)})"


class Fd(int):
    """The place of a file descriptor among those of its message; -1 for none."""

    def __repr__(self) -> str:
        return f"Fd({int(self)})"


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A size in pixels, each 0 to 2**32 - 1."""

    width: int
    """Pixels across."""
    height: int
    """Pixels down."""


@dataclass(frozen=True, slots=True)
class Fraction:
    """A fraction as it was written, not reduced; each 0 to 2**32 - 1."""

    numerator: int
    """Above the line."""
    denominator: int
    """Below the line; may be 0."""


@dataclass(frozen=True, slots=True)
class Bitmap:
    """An array of bits."""

    data: bytes
    """Eight bits a byte."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """An address in the sender's memory; only good for telling it from others."""

    type: int
    """What it points to, one of the pointer types."""
    value: int
    """The address."""


@dataclass(frozen=True, slots=True)
class Array:
    """Values of one type."""

    type: int
    """The type of each, a :class:`PodType`."""
    values: tuple[PodValue, ...] = ()
    """The values."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value and what else it may be."""

    kind: int
    """0 none, 1 range (default, least, most), 2 step, 3 one of, 4 flags."""
    type: int
    """The type of each value, a :class:`PodType`."""
    values: tuple[PodValue, ...] = ()
    """The values; what each means depends on the kind."""
    flags: int = 0
    """Reserved."""

    @property
    def default(self) -> PodValue:
        """The value in use, or ``None`` when there is none."""
        return self.values[0] if self.values else None


@dataclass(frozen=True, slots=True)
class Prop:
    """One value of an object."""

    key: int
    """Which, of the keys of the object's type."""
    value: PodValue
    """The value."""
    flags: int = 0
    """Bits: 1 read only, 2 hardware, 4 a dictionary, 8 mandatory, 16 do not fixate."""


@dataclass(frozen=True, slots=True)
class Object:
    """Values by key."""

    type: int
    """The object's type, which says what the keys mean."""
    id: int
    """What the object is about; for parameters, the parameter's id."""
    props: tuple[Prop, ...] = ()
    """The values in their order; a key may come twice."""

    def get(self, key: int) -> PodValue:
        """Returns the first value under this key, the default where it is a choice; else None."""
        for prop in self.props:
            if prop.key == key:
                return prop.value.default if isinstance(prop.value, Choice) else prop.value
        return None


@dataclass(frozen=True, slots=True)
class Control:
    """One value of a sequence."""

    offset: int
    """When, in units of the sequence."""
    type: int
    """What kind of value."""
    value: PodValue
    """The value."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """Values by time."""

    unit: int = 0
    """What offsets count in; 0 is the medium's own."""
    controls: tuple[Control, ...] = ()
    """The values in order of time."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """A POD of a type that this version does not know, kept as it came."""

    type: int
    """The type's number; none of :class:`PodType`."""
    data: bytes
    """The body."""


# typing.Union, since the names are not there yet while the alias is made.
PodValue: TypeAlias = Union[  # noqa: UP007
    bool,
    int,
    float,
    str,
    bytes,
    Id,
    Long,
    Double,
    Fd,
    Rectangle,
    Fraction,
    Bitmap,
    Pointer,
    Array,
    Choice,
    Object,
    Sequence,
    Opaque,
    tuple["PodValue", ...],
    None,
]
"""Everything a POD can hold."""

_HEADER = struct.Struct("=II")
_PAIR = struct.Struct("=II")
_CHOICE = struct.Struct("=IIII")
_POINTER = struct.Struct("=IIQ")
_NUMBERS: dict[int, tuple[struct.Struct, Callable[..., PodValue]]] = {
    PodType.BOOL: (struct.Struct("=i"), bool),
    PodType.ID: (struct.Struct("=I"), Id),
    PodType.INT: (struct.Struct("=i"), int),
    PodType.LONG: (struct.Struct("=q"), Long),
    PodType.FLOAT: (struct.Struct("=f"), float),
    PodType.DOUBLE: (struct.Struct("=d"), Double),
    PodType.FD: (struct.Struct("=q"), Fd),
}
_NUMBER_TYPES: dict[type, int] = {
    bool: PodType.BOOL,
    Id: PodType.ID,
    int: PodType.INT,
    Long: PodType.LONG,
    float: PodType.FLOAT,
    Double: PodType.DOUBLE,
    Fd: PodType.FD,
}
_LEAST_KEPT, _MOST_KEPT = 256, 4096
_PADDING = tuple(bytes(-size % 8) for size in range(8))


def decode(data: bytes | bytearray | memoryview) -> PodValue:
    """Returns the value of the one POD that ``data`` is.

    Raises:
        PodError: it is no POD, or something follows it.
    """
    value, end = decode_at(data, 0)
    if end < len(data):
        raise PodError(f"{len(data) - end} bytes follow the value")
    return value


def decode_at(data: bytes | bytearray | memoryview, offset: int) -> tuple[PodValue, int]:
    """Returns the value of the POD at ``offset``, and where the next one would begin.

    Raises:
        PodError: there is no POD.
    """
    view = memoryview(data)
    size, kind, start = _header(view, offset, len(view))
    return _body(view, start, size, kind, 0), min(start + size + (-size % 8), len(view))


def encode(value: PodValue) -> bytes:
    """Returns the POD of a value, padded to eight bytes.

    Raises:
        PodError: a number does not fit its type, a text holds a zero character, the value is
            too large or nested too deep, or is none of the kinds above.
    """
    out = bytearray()
    _write(out, value, 0)
    return bytes(out)


def _header(view: memoryview, offset: int, end: int) -> tuple[int, int, int]:
    if offset < 0 or end - offset < _HEADER.size:
        raise PodError(f"a value needs 8 bytes for its header, and {max(0, end - offset)} are left")
    size, kind = _HEADER.unpack_from(view, offset)
    start = offset + _HEADER.size
    if size > end - start:
        raise PodError(f"a value of {size} bytes is announced, and {end - start} are left")
    return size, kind, start


def _pods(view: memoryview, start: int, end: int, depth: int) -> Iterator[PodValue]:
    while start < end:
        size, kind, body = _header(view, start, end)
        yield _body(view, body, size, kind, depth)
        start = body + size + (-size % 8)


# A stream's volumes come with a long list of settings that hardly ever change, at every step of
# a fade; values are immutable, so the same bytes may be the same value.
@lru_cache(maxsize=64)
def _kept_struct(data: bytes, depth: int) -> tuple[PodValue, ...]:
    return tuple(_pods(memoryview(data), 0, len(data), depth))


def _keyed(
    view: memoryview, start: int, end: int, depth: int
) -> Iterator[tuple[int, int, PodValue]]:
    """Yields the two words before each value of an object or sequence, and the value."""
    while start < end:
        if end - start < _PAIR.size:
            raise PodError("a key is cut off")
        first, second = _PAIR.unpack_from(view, start)
        size, kind, body = _header(view, start + _PAIR.size, end)
        yield first, second, _body(view, body, size, kind, depth)
        start = body + size + (-size % 8)


def _need(size: int, least: int, what: str) -> None:
    if size < least:
        raise PodError(f"{what} needs {least} bytes, and has {size}")


def _body(view: memoryview, start: int, size: int, kind: int, depth: int) -> PodValue:
    if depth > MAX_DEPTH:
        raise PodError(f"values are nested more than {MAX_DEPTH} deep")
    if (number := _NUMBERS.get(kind)) is not None:
        packing, make = number
        _need(size, packing.size, PodType(kind).name.lower())
        return make(packing.unpack_from(view, start)[0])
    end = start + size
    match kind:
        case PodType.NONE:
            return None
        case PodType.STRING:
            return _text(bytes(view[start:end]))
        case PodType.BYTES:
            return bytes(view[start:end])
        case PodType.BITMAP:
            return Bitmap(bytes(view[start:end]))
        case PodType.RECTANGLE | PodType.FRACTION:
            _need(size, _PAIR.size, PodType(kind).name.lower())
            first, second = _PAIR.unpack_from(view, start)
            made = Rectangle if kind == PodType.RECTANGLE else Fraction
            return made(first, second)
        case PodType.POINTER:
            _need(size, _POINTER.size, "pointer")
            pointee, _, value = _POINTER.unpack_from(view, start)
            return Pointer(pointee, value)
        case PodType.STRUCT:
            if _LEAST_KEPT <= size <= _MOST_KEPT:
                return _kept_struct(bytes(view[start:end]), depth + 1)
            return tuple(_pods(view, start, end, depth + 1))
        case PodType.ARRAY:
            _need(size, _HEADER.size, "array")
            child, child_type = _HEADER.unpack_from(view, start)
            return Array(
                child_type, _items(view, start + _HEADER.size, end, child, child_type, depth)
            )
        case PodType.CHOICE:
            _need(size, _CHOICE.size, "choice")
            choice, flags, child, child_type = _CHOICE.unpack_from(view, start)
            values = _items(view, start + _CHOICE.size, end, child, child_type, depth)
            return Choice(choice, child_type, values, flags)
        case PodType.OBJECT:
            _need(size, _PAIR.size, "object")
            object_type, object_id = _PAIR.unpack_from(view, start)
            props = _keyed(view, start + _PAIR.size, end, depth + 1)
            return Object(
                object_type,
                object_id,
                tuple(Prop(key, value, flags) for key, flags, value in props),
            )
        case PodType.SEQUENCE:
            _need(size, _PAIR.size, "sequence")
            unit, _ = _PAIR.unpack_from(view, start)
            controls = _keyed(view, start + _PAIR.size, end, depth + 1)
            return Sequence(unit, tuple(Control(*control) for control in controls))
        case _:
            return Opaque(kind, bytes(view[start:end]))


def _text(data: bytes) -> str:
    text, zero, _ = data.partition(b"\0")
    if not zero:
        raise PodError("a text does not end with a zero byte")
    # Names come from file systems and from other programs, so not every one is UTF-8.
    return text.decode("utf-8", "surrogateescape")


def _items(
    view: memoryview, start: int, end: int, size: int, kind: int, depth: int
) -> tuple[PodValue, ...]:
    """Returns the values of an array or choice, which stand side by side without headers."""
    if size == 0:
        return ()
    count = (end - start) // size
    number = _NUMBERS.get(kind)
    if number is not None and number[0].size == size:
        packing, make = number
        code = packing.format.lstrip("=")
        values = struct.unpack_from(f"={count}{code}", view, start)
        return values if make in (int, float) else tuple(map(make, values))
    return tuple(_body(view, start + size * index, size, kind, depth + 1) for index in range(count))


def _write(out: bytearray, value: PodValue, depth: int) -> None:
    """Appends the POD of a value and its padding."""
    at = len(out)
    out += bytes(_HEADER.size)
    kind = _write_body(out, value, depth)
    size = len(out) - at - _HEADER.size
    if size > MAX_SIZE:
        raise PodError(f"a value of {size} bytes is more than the {MAX_SIZE} allowed")
    _HEADER.pack_into(out, at, size, kind)
    out += _PADDING[size % 8]


def _packed(packing: struct.Struct, *values: float) -> bytes:
    try:
        return packing.pack(*values)
    except (struct.error, OverflowError) as error:
        raise PodError(f"{values} does not fit its type") from error


def _write_body(out: bytearray, value: PodValue, depth: int) -> int:
    """Appends the body of a value without padding and returns its type."""
    if depth > MAX_DEPTH:
        raise PodError(f"values are nested more than {MAX_DEPTH} deep")
    kind = _NUMBER_TYPES.get(type(value))
    if kind is not None:
        out += _packed(_NUMBERS[kind][0], value)  # type: ignore[arg-type]
        return kind
    match value:
        case None:
            return PodType.NONE
        case str():
            if "\0" in value:
                raise PodError(f"a text may not hold a zero character: {value!r}")
            try:
                out += value.encode("utf-8", "surrogateescape") + b"\0"
            except UnicodeEncodeError as error:
                raise PodError(f"{value!r} cannot be written as UTF-8") from error
            return PodType.STRING
        case bytes():
            out += value
            return PodType.BYTES
        case Bitmap():
            out += value.data
            return PodType.BITMAP
        case Rectangle():
            out += _packed(_PAIR, value.width, value.height)
            return PodType.RECTANGLE
        case Fraction():
            out += _packed(_PAIR, value.numerator, value.denominator)
            return PodType.FRACTION
        case Pointer():
            out += _packed(_POINTER, value.type, 0, value.value)
            return PodType.POINTER
        case Opaque():
            if value.type in PodType.__members__.values():
                raise PodError(f"type {value.type} is known and has a class of its own")
            out += value.data
            return value.type
        case tuple():
            for item in value:
                _write(out, item, depth + 1)
            return PodType.STRUCT
        case Array():
            _write_items(out, b"", value.type, value.values, depth)
            return PodType.ARRAY
        case Choice():
            start = _packed(_PAIR, value.kind, value.flags)
            _write_items(out, start, value.type, value.values, depth)
            return PodType.CHOICE
        case Object():
            out += _packed(_PAIR, value.type, value.id)
            for prop in value.props:
                out += _packed(_PAIR, prop.key, prop.flags)
                _write(out, prop.value, depth + 1)
            return PodType.OBJECT
        case Sequence():
            out += _packed(_PAIR, value.unit, 0)
            for control in value.controls:
                out += _packed(_PAIR, control.offset, control.type)
                _write(out, control.value, depth + 1)
            return PodType.SEQUENCE
        case _:
            raise PodError(f"{type(value).__name__} is nothing a POD can hold")


def _write_items(
    out: bytearray, start: bytes, kind: int, values: tuple[PodValue, ...], depth: int
) -> None:
    bodies = []
    for value in values:
        body = bytearray()
        if (actual := _write_body(body, value, depth + 1)) != kind:
            raise PodError(f"{value!r} is of type {actual}, and its array is of type {kind}")
        bodies.append(body)
    size = max(map(len, bodies), default=_size_of(kind))
    if bodies and not size:
        raise PodError("values without a size cannot be counted")
    out += start + _packed(_HEADER, size, kind)
    for body in bodies:
        if len(body) != size and kind != PodType.STRING:
            raise PodError("the values of an array must be of one size")
        out += body + bytes(size - len(body))


def _size_of(kind: int) -> int:
    """Returns the size that an empty array claims for its values."""
    number = _NUMBERS.get(kind)
    return number[0].size if number is not None else 0


__all__ = [
    "MAX_DEPTH",
    "MAX_SIZE",
    "Array",
    "Bitmap",
    "Choice",
    "Control",
    "Double",
    "Fd",
    "Fraction",
    "Id",
    "Long",
    "Object",
    "Opaque",
    "PodType",
    "PodValue",
    "Pointer",
    "Prop",
    "Rectangle",
    "Sequence",
    "decode",
    "decode_at",
    "encode",
]
