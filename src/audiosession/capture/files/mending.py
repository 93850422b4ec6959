"""Cuts a file of pieces off behind its last whole piece, where a disk was full in the midst of one.

Layouts: RFC 8794 and RFC 9559 (Matroska), ISO/IEC 14496-12 (MP4).
"""

from __future__ import annotations

from .disk import DiskFile

__all__ = ["MATROSKA", "MP4", "mend"]

MATROSKA = frozenset({"matroska", "webm"})
"""FFmpeg's names of formats that are Matroska."""
MP4 = frozenset({"mp4", "mov", "ipod"})
"""FFmpeg's names of formats that are MP4."""

_SEGMENT = 0x18538067
_UNKNOWN = -1


def mend(disk: DiskFile, format: str) -> None:
    """Removes a piece that is not whole from the end of Matroska, MP4 and their kin.

    Ogg is left alone: its pages have checksums, by which readers know the last one.

    Args:
        disk: The file.
        format: FFmpeg's name of its format.
    """
    if format in MATROSKA:
        end = _matroska_end(disk)
    elif format in MP4:
        end = _mp4_end(disk)
    else:
        return
    if 0 < end < disk.size:
        disk.truncate(end)


def _mp4_end(disk: DiskFile) -> int:
    """Where the last box ends that is whole and does not wait for another."""
    at = good = 0
    while at + 8 <= disk.size:
        disk.seek(at)
        head = disk.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length < 8 or at + length > disk.size:
            break
        at += length
        # A fragment's index is nothing without its data.
        if head[4:8] != b"moof":
            good = at
    return good


def _matroska_end(disk: DiskFile) -> int:
    """Where the last child of the segment ends that is whole."""
    at = good = 0
    while at < disk.size:
        disk.seek(at)
        head = disk.read(12)
        id_length = _width(head[:1], 4)
        length_width = _width(head[id_length : id_length + 1], 8)
        if not id_length or not length_width:
            break
        name = int.from_bytes(head[:id_length], "big")
        value = int.from_bytes(head[id_length : id_length + length_width], "big")
        length = value & ((1 << 7 * length_width) - 1)
        begin = at + id_length + length_width
        if length == (1 << 7 * length_width) - 1:
            length = _UNKNOWN
        if name == _SEGMENT:
            # Its children come next.
            at = begin
            continue
        if length == _UNKNOWN or begin + length > disk.size:
            break
        at = good = begin + length
    return good


def _width(first: bytes, most: int) -> int:
    """How many bytes a variable-length number has by its first; 0 where that is none."""
    if not first or not first[0]:
        return 0
    width = 9 - first[0].bit_length()
    return width if width <= most else 0
