"""The memory that C functions read and write: cells of :mod:`ctypes`, checked as C would."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from audiosession.apple.c_constants import (
    kAudioSessionBadPropertySizeError,
    kAudioSessionUnsupportedPropertyError,
)
from audiosession.errors import InvalidTypeError

if TYPE_CHECKING:
    _Reference = ctypes.py_object[Any]
else:
    _Reference = ctypes.py_object

_ADDRESSES: Final = "OPzZX"
"""Codes of cells that hold an address, which no number may be written to."""
_WHOLE: Final = "bBhHiIlLqQ"
"""Codes of cells that hold a whole number."""


class CFRef(_Reference):
    """A cell for a ``CFDictionaryRef``, ``CFArrayRef``, ``CFNumberRef`` or ``CFStringRef``.

    As large as a pointer. ``value`` is a Python dict, list, int or str; an empty cell raises
    ``ValueError`` when it is read. Python counts references itself, so nothing is released.
    """


_ByReference: Final = type(ctypes.byref(ctypes.c_uint32()))

UInt32: Final = ctypes.c_uint32
Float32: Final = ctypes.c_float
Float64: Final = ctypes.c_double

Kind: TypeAlias = type[ctypes.c_uint32] | type[ctypes.c_float] | type[ctypes.c_double] | type[CFRef]
"""The types that properties have."""


class Refusal(Exception):
    """A call that is answered with a status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def cell_of(name: str, given: object) -> Any:
    """The cell that a cell, ``byref(cell)`` or ``pointer(cell)`` stands for.

    Raises:
        InvalidTypeError: no memory, which a C compiler would not take either.
    """
    cell: Any = getattr(given, "_obj", given)
    if isinstance(cell, ctypes._Pointer):
        cell = cell.contents if cell else None
    try:
        ctypes.sizeof(cell)
    except TypeError:
        cell = None
    if cell is None or isinstance(cell, type):
        raise InvalidTypeError(name, given, expected="a ctypes cell, or byref() of one")
    return cell


def size_of(name: str, given: object) -> int:
    """A size given as a number or in a cell.

    Raises:
        InvalidTypeError: neither.
    """
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    cell = cell_of(name, given)
    if not isinstance(cell, ctypes._SimpleCData) or getattr(cell, "_type_", "") not in _WHOLE:
        raise InvalidTypeError(name, given, expected="a size, or a c_uint32 with one")
    return int(cell.value)


def size_cell(name: str, given: object) -> Any:
    """The cell that a size is to be written into.

    Raises:
        InvalidTypeError: not one of a whole number, or smaller than a ``UInt32``.
    """
    cell = cell_of(name, given)
    size_of(name, cell)
    if ctypes.sizeof(cell) < ctypes.sizeof(UInt32):
        raise InvalidTypeError(name, given, expected="a c_uint32, or byref() of one")
    return cell


def pointer_of(data: object) -> object:
    """What C compares of client data: of a cell, however it is referred to, its address."""
    data = getattr(data, "_obj", data) if isinstance(data, _ByReference) else data
    if isinstance(data, ctypes._Pointer):
        data = data.contents if data else None
    if isinstance(data, ctypes.c_void_p):
        return data.value
    try:
        return ctypes.addressof(data)  # type: ignore[arg-type]
    except TypeError:
        return data


def check_room(cell: Any, size: int) -> None:
    """Refuses what would reach beyond the cell, which C cannot notice."""
    if ctypes.sizeof(cell) < size:
        raise Refusal(kAudioSessionBadPropertySizeError)


def put(cell: Any, kind: Kind, value: Any) -> None:
    """Writes a value into a cell that is large enough."""
    if kind is CFRef:
        if not isinstance(cell, ctypes.py_object):
            raise Refusal(kAudioSessionUnsupportedPropertyError)
        cell.value = value
        return
    data = kind(value)
    check_room(cell, ctypes.sizeof(data))
    _check_number(cell)
    ctypes.memmove(ctypes.addressof(cell), ctypes.addressof(data), ctypes.sizeof(data))


def take(cell: Any, kind: Kind) -> Any:
    """Reads a value out of a cell that is large enough."""
    if kind is CFRef:
        if not isinstance(cell, ctypes.py_object):
            raise Refusal(kAudioSessionUnsupportedPropertyError)
        try:
            return cell.value
        except ValueError:
            raise Refusal(kAudioSessionUnsupportedPropertyError) from None
    _check_number(cell)
    data = kind()
    ctypes.memmove(ctypes.addressof(data), ctypes.addressof(cell), ctypes.sizeof(data))
    return data.value


def _check_number(cell: Any) -> None:
    kind: Any = type(cell)
    while issubclass(kind, ctypes.Array):
        kind = kind._type_
    if issubclass(kind, ctypes._SimpleCData) and kind._type_ in _ADDRESSES:
        raise Refusal(kAudioSessionUnsupportedPropertyError)
