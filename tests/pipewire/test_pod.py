"""The POD codec: round trips, bytes of a real server, and bytes of none."""

import contextlib
import math
import struct
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audiosession.errors import AudioSessionError
from audiosession.pipewire import PodError, ProtocolError, pod
from audiosession.pipewire.ids import ObjectType, Param, Props
from audiosession.pipewire.pod import (
    Array,
    Bitmap,
    Choice,
    Control,
    Double,
    Fd,
    Fraction,
    Id,
    Long,
    Object,
    Opaque,
    PodType,
    PodValue,
    Pointer,
    Prop,
    Rectangle,
    Sequence,
)

UINT = st.integers(0, 2**32 - 1)
INT = st.integers(-(2**31), 2**31 - 1)
LONG = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)

FIXED: dict[int, st.SearchStrategy[PodValue]] = {
    PodType.BOOL: st.booleans(),
    PodType.ID: UINT.map(Id),
    PodType.INT: INT,
    PodType.LONG: LONG.map(Long),
    PodType.FLOAT: st.floats(width=32, allow_nan=False),
    PodType.DOUBLE: st.floats(allow_nan=False).map(Double),
    PodType.FD: LONG.map(Fd),
    PodType.RECTANGLE: st.builds(Rectangle, UINT, UINT),
    PodType.FRACTION: st.builds(Fraction, UINT, UINT),
    PodType.POINTER: st.builds(Pointer, UINT, st.integers(0, 2**64 - 1)),
}


def items(kind: int) -> st.SearchStrategy[tuple[PodValue, ...]]:
    return st.lists(FIXED[kind], max_size=5).map(tuple)


ARRAYS: st.SearchStrategy[PodValue] = st.sampled_from(sorted(FIXED)).flatmap(
    lambda kind: st.builds(Array, st.just(int(kind)), items(kind))
)
CHOICES: st.SearchStrategy[PodValue] = st.sampled_from(sorted(FIXED)).flatmap(
    lambda kind: st.builds(Choice, UINT, st.just(int(kind)), items(kind), UINT)
)
LEAVES: st.SearchStrategy[PodValue] = st.one_of(
    st.none(),
    *FIXED.values(),
    TEXT,
    st.binary(max_size=12),
    st.builds(Bitmap, st.binary(max_size=12)),
    st.builds(Opaque, st.integers(20, 2**32 - 1), st.binary(max_size=12)),
    ARRAYS,
    CHOICES,
)


def containers(values: st.SearchStrategy[PodValue]) -> st.SearchStrategy[PodValue]:
    props = st.builds(Prop, UINT, values, UINT)
    controls = st.builds(Control, UINT, UINT, values)
    return st.one_of(
        st.lists(values, max_size=4).map(tuple),
        st.builds(Object, UINT, UINT, st.lists(props, max_size=4).map(tuple)),
        st.builds(Sequence, UINT, st.lists(controls, max_size=4).map(tuple)),
    )


VALUES: st.SearchStrategy[PodValue] = st.recursive(LEAVES, containers, max_leaves=12)


def same(one: Any, other: Any) -> bool:
    """Equal and of the same types, all the way down; 1, 1.0, True and Id(1) are four things."""
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if hasattr(one, "__dataclass_fields__"):
        names = one.__dataclass_fields__
        return all(same(int_of(one, n), int_of(other, n)) for n in names)
    return bool(one == other)


def int_of(value: Any, name: str) -> Any:
    found = getattr(value, name)
    # Type numbers may be members of an enumeration on one side.
    return int(found) if name == "type" else found


@given(VALUES)
def test_what_is_encoded_is_decoded(value: PodValue) -> None:
    data = pod.encode(value)
    assert len(data) % 8 == 0
    assert same(pod.decode(data), value)


@given(VALUES)
def test_bytes_that_were_decoded_encode_to_themselves(value: PodValue) -> None:
    data = pod.encode(value)
    assert pod.encode(pod.decode(data)) == data


@given(st.lists(TEXT, min_size=1, max_size=4))
def test_texts_of_many_lengths_fit_one_array(texts: list[str]) -> None:
    array = Array(PodType.STRING, tuple(texts))
    assert pod.decode(pod.encode(array)) == array


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e38, max_value=1e38))
def test_a_volume_comes_back_bit_equal_after_its_first_way(value: float) -> None:
    once = pod.decode(pod.encode(value))
    assert isinstance(once, float)
    assert pod.decode(pod.encode(once)) == once
    assert math.isclose(once, value, rel_tol=1e-7, abs_tol=1e-40)


@given(VALUES, st.data())
def test_every_shorter_piece_is_refused(value: PodValue, data: st.DataObject) -> None:
    whole = pod.encode(value)
    size = struct.unpack_from("=I", whole)[0]
    length = data.draw(st.integers(0, 8 + size - 1))
    with pytest.raises(PodError):
        pod.decode(whole[:length])


@given(st.binary(max_size=200))
@example(b"\xff" * 64)
@example(struct.pack("=IIII", 0xFFFFFFF8, PodType.ARRAY, 4, PodType.INT))
@example(struct.pack("=IIIIII", 16, PodType.ARRAY, 0, PodType.INT, 1, 1))
def test_any_bytes_are_a_value_or_refused(data: bytes) -> None:
    try:
        value = pod.decode(data)
    except PodError:
        return
    # A number that is not a number is equal to nothing.
    pod.encode(value)


@given(VALUES, st.data())
def test_a_changed_byte_is_a_value_or_refused(value: PodValue, data: st.DataObject) -> None:
    damaged = bytearray(pod.encode(value))
    at = data.draw(st.integers(0, len(damaged) - 1))
    damaged[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(PodError):
        pod.decode(damaged)


def nested(depth: int) -> bytes:
    """A struct in a struct in a struct."""
    data = b""
    for _ in range(depth):
        data = struct.pack("=II", len(data), PodType.STRUCT) + data
    return data


def test_nesting_is_bounded() -> None:
    assert pod.decode(nested(pod.MAX_DEPTH)) is not None
    with pytest.raises(PodError, match="deep"):
        pod.decode(nested(100_000))
    value: PodValue = 1
    for _ in range(pod.MAX_DEPTH + 1):
        value = (value,)
    with pytest.raises(PodError, match="deep"):
        pod.encode(value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (2**31, "does not fit"),
        (Id(-1), "does not fit"),
        (Long(2**63), "does not fit"),
        (1e300, "does not fit"),
        (Rectangle(-1, 0), "does not fit"),
        ("a\0b", "zero character"),
        ("\ud800", "UTF-8"),
        (Array(PodType.INT, (1, 2.0)), "of type"),
        (Array(PodType.STRUCT, ((1,), (1, 2))), "one size"),
        (Array(PodType.NONE, (None,)), "without a size"),
        (Opaque(PodType.INT, b"1234"), "class of its own"),
        (bytes(pod.MAX_SIZE + 1), "more than"),
        (object(), "nothing a POD can hold"),
    ],
)
def test_what_cannot_be_written_is_refused(value: Any, message: str) -> None:
    with pytest.raises(PodError, match=message):
        pod.encode(value)


def test_something_after_the_value_is_refused() -> None:
    with pytest.raises(PodError, match="follow"):
        pod.decode(pod.encode(1) + b"\0" * 8)


def test_a_name_that_is_not_utf_8_survives() -> None:
    data = struct.pack("=II", 3, PodType.STRING) + b"\xe9a\0".ljust(8, b"\0")
    assert pod.encode(pod.decode(data)) == data


def test_its_error_has_the_place_it_should_among_errors() -> None:
    assert issubclass(PodError, ProtocolError)
    assert issubclass(PodError, ValueError)
    assert issubclass(PodError, AudioSessionError)


def test_an_object_gives_the_value_in_use() -> None:
    props = Object(
        ObjectType.PROPS,
        Param.PROPS,
        (Prop(Props.VOLUME, Choice(1, PodType.FLOAT, (0.5, 0.0, 10.0))), Prop(Props.MUTE, True)),
    )
    assert props.get(Props.VOLUME) == 0.5
    assert props.get(Props.MUTE) is True
    assert props.get(Props.SOFT_MUTE) is None
