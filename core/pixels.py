"""Any decoded picture as RGB uint8, at full size or reduced, in little memory.

A 100-megapixel picture takes 400 MB once decoded. Turning it into RGB as a whole would take several
copies more (3 GB for 16 bits of grey), so that it is done tile by tile, each reduced at once. A tile
is as wide and high as a multiple of the reduction, so that the result is that of the whole.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from core.values import Pixels

TILE = 1024
"""About the sides of a tile in pixels: 4 to 25 MB for all its copies."""
SHARP = 3.0
"""A picture is averaged down to this many times the asked size, then resampled (Lanczos): 3 looks like no averaging."""
SIDEWAYS = (5, 6, 7, 8)
"""EXIF orientations that exchange width and height."""
_DEEP = ("I;16", "I;16B", "I;16L", "I", "F")
_Convert = Callable[[Image.Image], Image.Image]


def to_rgb(
    image: Image.Image, icc: bytes | None, size: tuple[int, int] | None = None
) -> tuple[Pixels, bytes | None]:  # fmt: skip
    """RGB uint8 (height, width, 3) of a decoded picture as it is stored, and the profile that still describes it.

    size: (width, height) to reduce to, None for its own. Grey of 16 bits or floating point becomes 8 bits;
    transparency shows white; a grey or CMYK profile is applied, not carried. Raises what Pillow raises.
    """
    width, height = image.size
    across = 1 if size is None else max(1, int(width / size[0] / SHARP))
    down = 1 if size is None else max(1, int(height / size[1] / SHARP))
    # Inks are averaged before their profile is applied: 100 megapixels through it take 6 s, the rest 3 s.
    reduce_first = image.mode == "CMYK" and bool(icc)
    convert, icc = _conversion(image, icc)

    def reduced(tile: Image.Image) -> Image.Image:
        return tile if (across, down) == (1, 1) else tile.reduce((across, down))

    pixels = np.empty((math.ceil(height / down), math.ceil(width / across), 3), np.uint8)
    for box in _tiles(width, height, across, down):
        tile = image if box == (0, 0, width, height) else image.crop(box)
        for step in (reduced, convert) if reduce_first else (convert, reduced):
            tile = step(tile)
        values = np.asarray(tile)
        left, top = box[0] // across, box[1] // down
        place = pixels[top : top + tile.height, left : left + tile.width]
        place[:] = values if values.ndim == 3 else values[..., None]
    if size is None or size == image.size:
        return pixels, icc
    covered = (0.0, 0.0, width / across, height / down)
    return np.array(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS, box=covered)), icc


def upright(pixels: Pixels, orientation: Any) -> Pixels:
    """Turn or mirror stored pixels as their EXIF orientation (1..8) says; contiguous."""
    turned = {
        2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
        5: lambda a: np.swapaxes(a, 0, 1), 6: lambda a: np.rot90(a, -1),
        7: lambda a: np.swapaxes(a[::-1, ::-1], 0, 1), 8: lambda a: np.rot90(a, 1),
    }.get(orientation)  # fmt: skip
    return np.ascontiguousarray(turned(pixels) if turned else pixels)


def _tiles(width: int, height: int, across: int, down: int) -> Iterator[tuple[int, int, int, int]]:
    """(left, top, right, bottom) boxes that cover the picture; their sides are multiples of the reduction."""
    wide, high = math.ceil(TILE / across) * across, math.ceil(TILE / down) * down
    for top in range(0, height, high):
        for left in range(0, width, wide):
            yield left, top, min(width, left + wide), min(height, top + high)


def _conversion(image: Image.Image, icc: bytes | None) -> tuple[_Convert, bytes | None]:
    """How a tile of this picture becomes RGB (or L, where the three are equal), and the profile after it."""
    if image.mode in ("RGB", "L"):
        return lambda tile: tile, icc if image.mode == "RGB" else None
    if image.mode == "CMYK":
        return _from_cmyk(icc), None
    if image.mode in _DEEP:
        return _from_deep(image), None
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        return _on_white, icc if image.mode in ("RGBA", "P") else None
    return lambda tile: tile.convert("RGB"), icc if image.mode == "P" else None


def _on_white(tile: Image.Image) -> Image.Image:
    rgba = tile.convert("RGBA")
    white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, rgba).convert("RGB")


def _from_deep(image: Image.Image) -> _Convert:
    """Grey of 16 or 32 bits, or floating point, scaled by what its largest value says that white is."""
    width, height = image.size
    largest = float(max(_values(image, box).max(initial=0) for box in _tiles(width, height, 1, 1)))
    top = 65535.0 if largest > 255 else 1.0 if image.mode == "F" and largest <= 1 else 255.0
    if image.mode.startswith("I;16"):
        table = np.clip(np.arange(65536) * (255.0 / top), 0, 255).round().astype(np.uint8)
        return lambda tile: Image.fromarray(table[np.asarray(tile)])

    def scaled(tile: Image.Image) -> Image.Image:
        values = np.asarray(tile).astype(np.float32) * np.float32(255.0 / top)
        return Image.fromarray(np.clip(values, 0, 255).round().astype(np.uint8))

    return scaled


def _values(image: Image.Image, box: tuple[int, int, int, int]) -> NDArray[np.generic]:
    return np.asarray(image if box == (0, 0, *image.size) else image.crop(box))


def _from_cmyk(icc: bytes | None) -> _Convert:
    if icc:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
            through = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), "CMYK", "RGB")
        except (ImageCms.PyCMSError, OSError):
            pass  # a damaged profile: Pillow's plain conversion is the best that is left
        else:
            return lambda tile: _applied(tile, through)
    return lambda tile: tile.convert("RGB")


def _applied(tile: Image.Image, through: ImageCms.ImageCmsTransform) -> Image.Image:
    try:
        converted = ImageCms.applyTransform(tile, through)
    except ImageCms.PyCMSError:
        converted = None
    return tile.convert("RGB") if converted is None else converted
