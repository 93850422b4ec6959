"""A program that plays silence in many streams over one connection: ``many_streams.py COUNT SINK``.

pipewire-pulse takes 64 connections at most, so a crowd cannot be a process each. It says
``ready`` when every stream plays, and ends when it is killed.
"""

from __future__ import annotations

import ctypes
import sys

_READY_CONTEXT, _FAILED_CONTEXT = 4, 5
_READY_STREAM, _FAILED_STREAM = 2, 3
_S16LE = 3
_UNSET = 0xFFFFFFFF
_BYTES_A_SECOND = 48_000 * 2 * 2

_WRITE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)


class _Format(ctypes.Structure):
    _fields_ = (
        ("format", ctypes.c_int),
        ("rate", ctypes.c_uint32),
        ("channels", ctypes.c_uint8),
    )


class _Buffer(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize")
    )


def main(count: int, sink: str) -> None:
    """Plays until it is killed."""
    pulse = ctypes.CDLL("libpulse.so.0")
    pointers = ("mainloop_new", "mainloop_get_api", "context_new", "proplist_new")
    for name in (*pointers, "stream_new_with_proplist"):
        getattr(pulse, f"pa_{name}").restype = ctypes.c_void_p
    loop = ctypes.c_void_p(pulse.pa_mainloop_new())
    api = ctypes.c_void_p(pulse.pa_mainloop_get_api(loop))
    context = ctypes.c_void_p(pulse.pa_context_new(api, b"crowd"))

    def run_until(state: str, target: ctypes.c_void_p, ready: int, failed: int) -> None:
        while (now := getattr(pulse, state)(target)) != ready:
            if now >= failed or pulse.pa_mainloop_iterate(loop, 1, None) < 0:
                sys.exit(f"{state} is {now}")

    pulse.pa_context_connect(context, None, 0, None)
    run_until("pa_context_get_state", context, _READY_CONTEXT, _FAILED_CONTEXT)

    silence = bytes(_BYTES_A_SECOND)

    def write(stream: int, size: int, _: object) -> None:
        pulse.pa_stream_write(
            ctypes.c_void_p(stream), silence, ctypes.c_size_t(min(size, len(silence))), None,
            ctypes.c_int64(0), 0,
        )  # fmt: skip

    heard = _WRITE(write)
    half = _BYTES_A_SECOND // 2
    buffer = _Buffer(_UNSET, half, _UNSET, half // 2, _UNSET)
    form = _Format(_S16LE, 48_000, 2)
    streams = []
    for number in range(count):
        properties = ctypes.c_void_p(pulse.pa_proplist_new())
        pulse.pa_proplist_sets(properties, b"media.role", b"music")
        title = f"stream {number}".encode()
        stream = ctypes.c_void_p(
            pulse.pa_stream_new_with_proplist(context, title, ctypes.byref(form), None, properties)
        )
        pulse.pa_stream_set_write_callback(stream, heard, None)
        pulse.pa_stream_connect_playback(stream, sink.encode(), ctypes.byref(buffer), 0, None, None)
        streams.append(stream)
    for stream in streams:
        run_until("pa_stream_get_state", stream, _READY_STREAM, _FAILED_STREAM)
    print("ready", flush=True)
    pulse.pa_mainloop_run(loop, None)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
