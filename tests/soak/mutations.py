"""Pictures broken in the ways in which files break or are broken on purpose; the same number gives the same file."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from functools import cache

import numpy as np
from PIL import Image

from tests.made import encoded, scene

SUFFIXES = (".jpg", ".png", ".webp", ".tif", ".heic", ".mpo")


def mutated(number: int) -> tuple[bytes, str]:
    """(bytes, extension) of mutated picture ``number``: one to three mutations of one of the good pictures."""
    rng = np.random.default_rng((20_26, number))
    data, suffix = _pick(rng)
    for _ in range(int(rng.integers(1, 4))):
        data = MUTATIONS[rng.integers(len(MUTATIONS))](data, rng)
    return data, suffix


def _pick(rng: np.random.Generator) -> tuple[bytes, str]:
    pictures = good_pictures()
    return pictures[rng.integers(len(pictures))]


@cache
def good_pictures() -> tuple[tuple[bytes, str], ...]:
    """Small pictures of every format and kind that Paddock opens, with metadata, as (bytes, extension)."""
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False)
    exif = Image.Exif()
    exif[0x0112], exif[0x013B], exif[0x8298] = 6, "Zoé Müller", "© Zoé"
    exif.get_ifd(0x8769)[0x9003] = "2026:06:13 16:00:01"
    pixels, icc = scene(64, 48, 5), _profile()
    jpeg = {"exif": exif.tobytes(), "icc_profile": icc}
    grey16 = (np.arange(48 * 64, dtype=np.uint16) * 21).reshape(48, 64)
    made: list[tuple[bytes, str]] = [
        (encoded(pixels, "JPEG", **jpeg), ".jpg"),
        (encoded(pixels, "JPEG", progressive=True, **jpeg), ".jpg"),
        (encoded(pixels, "JPEG", "CMYK", **jpeg), ".jpg"),
        (encoded(pixels, "JPEG", "L", restart_marker_blocks=2), ".jpg"),
        (encoded(pixels, "PNG", exif=exif.tobytes(), icc_profile=icc), ".png"),
        (encoded(pixels, "PNG", "P", transparency=3), ".png"),
        (encoded(pixels, "PNG", "RGBA"), ".png"),
        (encoded(grey16, "PNG"), ".png"),
        (encoded(pixels, "WEBP", exif=exif.tobytes(), icc_profile=icc), ".webp"),
        (encoded(pixels, "WEBP", "RGBA", lossless=True), ".webp"),
        *(
            (encoded(pixels, "TIFF", compression=compression, exif=exif), ".tif")
            for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")
        ),
        (encoded(pixels, "TIFF", "CMYK", icc_profile=icc), ".tif"),
        (encoded((grey16 / 65_535).astype(np.float32), "TIFF"), ".tif"),
        (encoded(grey16, "TIFF", compression="tiff_lzw"), ".tif"),
        (encoded(pixels, "HEIF", exif=exif.tobytes()), ".heic"),
        (encoded(pixels, "HEIF", "RGBA"), ".heic"),
        (_frames("MPO"), ".mpo"),
        (_frames("WEBP"), ".webp"),
        (_frames("PNG"), ".png"),
        (_frames("TIFF"), ".tif"),
    ]
    return tuple(made)


def _frames(format_: str) -> bytes:
    first, second = (Image.fromarray(scene(48, 32, seed)) for seed in (6, 7))
    buffer = io.BytesIO()
    first.save(buffer, format_, save_all=True, append_images=[second])
    return buffer.getvalue()


def _profile() -> bytes:
    from tests.made import profile

    return profile()


def flip_bits(data: bytes, rng: np.random.Generator) -> bytes:
    """One to sixteen bits turned over, half of the time among the first 200 bytes, where the headers are."""
    changed = bytearray(data)
    reach = min(len(changed), 200) if rng.random() < 0.5 else len(changed)
    for place in rng.integers(0, max(1, reach), int(rng.integers(1, 17))):
        if place < len(changed):
            changed[place] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def overwrite(data: bytes, rng: np.random.Generator) -> bytes:
    """A stretch of noise, of zeros or of ones."""
    start, length = int(rng.integers(0, len(data) + 1)), int(rng.integers(1, 65))
    filling = (rng.bytes(length), bytes(length), b"\xff" * length)[rng.integers(3)]
    return data[:start] + filling + data[start + length :]


def cut(data: bytes, rng: np.random.Generator) -> bytes:
    """Only the beginning."""
    return data[: int(rng.integers(0, len(data) + 1))]


def shuffle(data: bytes, rng: np.random.Generator) -> bytes:
    """Two stretches change places."""
    first, second, third, fourth = sorted(int(place) for place in rng.integers(0, len(data) + 1, 4))
    return data[:first] + data[third:fourth] + data[second:third] + data[first:second] + data[fourth:]


def repeat(data: bytes, rng: np.random.Generator) -> bytes:
    """A stretch comes several times, or is gone."""
    start = int(rng.integers(0, len(data) + 1))
    end = min(len(data), start + int(rng.integers(1, 400)))
    return data[:start] + data[start:end] * int(rng.integers(0, 6)) + data[end:]


def number_field(data: bytes, rng: np.random.Generator) -> bytes:
    """A two- or four-byte number becomes one of those that break arithmetic: lengths, counts, offsets, sizes."""
    order = "<>"[rng.integers(2)]
    kind, values = (
        ("H", (0, 1, 2, 0x7FFF, 0x8000, 0xFFFF)), ("I", (0, 1, 8, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 70_000))
    )[rng.integers(2)]  # fmt: skip
    field = struct.pack(order + kind, values[rng.integers(len(values))])
    place = int(rng.integers(0, max(1, min(len(data), 400 if rng.random() < 0.7 else len(data)) - len(field))))
    return data[:place] + field + data[place + len(field) :]


def splice(data: bytes, rng: np.random.Generator) -> bytes:
    """The beginning of one file and the end of another, often of another format."""
    other, _ = _pick(rng)
    return data[: int(rng.integers(0, len(data) + 1))] + other[int(rng.integers(0, len(other))) :]


MUTATIONS: tuple[Callable[[bytes, np.random.Generator], bytes], ...] = (
    flip_bits, flip_bits, overwrite, cut, shuffle, repeat, number_field, number_field, splice,
)  # fmt: skip
