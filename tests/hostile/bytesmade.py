"""PNG, TIFF and JPEG put together byte by byte, for what no library would write."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Adam7: first column, first row, step across, step down."""


def zeros(count: int, level: int = 1) -> bytes:
    """A zlib stream of so many zero bytes, made without holding them."""
    press, block = zlib.compressobj(level), bytes(1 << 20)
    parts = [press.compress(block) for _ in range(count >> 20)]
    return b"".join([*parts, press.compress(bytes(count & 0xFFFFF)), press.flush()])


def chunk(kind: bytes, data: bytes) -> bytes:
    """One PNG chunk with its sum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def blank_png(
    width: int, height: int, colour: int = 2, depth: int = 8, *, interlaced: bool = False, extra: bytes = b""
) -> bytes:
    """A PNG of one colour (all samples 0). colour: PNG's colour type; extra: chunks before the picture's data."""
    bits = _CHANNELS[colour] * depth
    if interlaced:
        sizes = [(-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in _PASSES]
    else:
        sizes = [(width, height)]
    raw = sum(rows * (1 + -(-columns * bits // 8)) for columns, rows in sizes if columns > 0 and rows > 0)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    palette = chunk(b"PLTE", b"\x20\x40\x60\xff\xff\xff") if colour == 3 else b""
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + palette
        + extra
        + chunk(b"IDAT", zeros(raw))
        + chunk(b"IEND", b"")
    )


Tag = tuple[int, int, Sequence[int]]
"""Number, type (1 byte, 3 short, 4 long), values."""


def tiff(tags: Iterable[Tag], data: bytes = b"", *, next_ifd: int = 0, count: int | None = None) -> bytes:
    """A little-endian TIFF: 8 bytes, ``data`` from 8 on, then one IFD. Strip offsets are the caller's (8 = data)."""
    entries, tail = b"", b""
    rows = sorted(tags)
    start = 8 + len(data) + len(data) % 2
    after = start + 2 + 12 * len(rows) + 4
    for number, kind, values in rows:
        packed = struct.pack(f"<{len(values)}{ {1: 'B', 3: 'H', 4: 'I'}[kind] }", *values)
        if len(packed) <= 4:
            place = packed.ljust(4, b"\0")
        else:
            place, tail = struct.pack("<I", after + len(tail)), tail + packed
        entries += struct.pack("<HHI", number, kind, len(values)) + place
    ifd = struct.pack("<H", len(rows) if count is None else count) + entries + struct.pack("<I", next_ifd or 0)
    return b"II*\0" + struct.pack("<I", start) + data + b"\0" * (len(data) % 2) + ifd + tail


def grey_tags(
    width: int, height: int, offsets: Sequence[int], counts: Sequence[int], *, rows: int, compression: int = 1
) -> list[Tag]:
    """The tags of an 8-bit grey TIFF."""
    return [
        (256, 4, [width]), (257, 4, [height]), (258, 3, [8]), (259, 3, [compression]), (262, 3, [1]),
        (273, 4, offsets), (277, 3, [1]), (278, 4, [rows]), (279, 4, counts),
    ]  # fmt: skip


def segment(marker: int, data: bytes) -> bytes:
    """One JPEG segment with its length."""
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def with_segment(jpeg: bytes, *segments: bytes) -> bytes:
    """A JPEG with segments put right after its start."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def resized_in_words(jpeg: bytes, width: int, height: int) -> bytes:
    """A JPEG whose frame header claims another size than its data has."""
    place = _frame(jpeg)
    return jpeg[: place + 5] + struct.pack(">HH", height, width) + jpeg[place + 9 :]


def scans(jpeg: bytes) -> list[int]:
    """Where each scan of a JPEG begins."""
    return [place for place in range(len(jpeg) - 1) if jpeg[place : place + 2] == b"\xff\xda"]


def _frame(jpeg: bytes) -> int:
    place = 2
    while jpeg[place + 1] not in (0xC0, 0xC1, 0xC2):
        place += 2 + struct.unpack(">H", jpeg[place + 2 : place + 4])[0]
    return place
