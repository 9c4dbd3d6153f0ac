"""Changes to a photo that say nothing of whether it is a good one: marks, bars, crops, compression, size, mirror.

Pure functions, RGB uint8 (h, w, 3) → RGB uint8; nothing is random.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from PIL import Image, ImageDraw

from core.values import Pixels

Perturbation = Callable[[Pixels], Pixels]
BAR = 0.1
"""Height of each of the two bars, as a share of the photo's height."""


def brand(pixels: Pixels) -> Pixels:
    """A red sticker with a name in the top left corner, 7 % of the height."""
    image = Image.fromarray(pixels)
    size = max(8, round(0.05 * image.height))
    draw = ImageDraw.Draw(image)
    box = draw.textbbox((0, 0), "RACING NEWS", font_size=size)
    margin = size // 3
    draw.rectangle((margin, margin, margin * 3 + box[2], margin * 2 + round(size * 1.4)), fill=(205, 20, 30))
    draw.text((margin * 2, margin + margin // 2), "RACING NEWS", fill="white", font_size=size)
    return np.asarray(image)


def watermark(pixels: Pixels) -> Pixels:
    """A photographer's half transparent name in the bottom right corner, 4 % of the height."""
    image = Image.fromarray(pixels)
    size = max(8, round(0.04 * image.height))
    marked = image.copy()
    draw = ImageDraw.Draw(marked)
    words = "© A. Martin Photo"
    left = image.width - draw.textlength(words, font_size=size) - size
    draw.text((max(0, left), image.height - 2 * size), words, fill="white", font_size=size)
    return np.asarray(Image.blend(image, marked, 0.6))


def bars(value: int, pixels: Pixels) -> Pixels:
    """Bars of one grey value above and below, added to the photo."""
    height = max(1, round(BAR * len(pixels)))
    return np.pad(pixels, ((height, height), (0, 0), (0, 0)), constant_values=value)


def crop(share: float, pixels: Pixels) -> Pixels:
    """The middle, with a share of the width and of the height gone."""
    height, width = pixels.shape[:2]
    top, left = round(height * share / 2), round(width * share / 2)
    return pixels[top : height - top, left : width - left]


def jpeg(quality: int, pixels: Pixels) -> Pixels:
    """Saved as JPEG and read again."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer).convert("RGB"))


def resize(side: int, pixels: Pixels) -> Pixels:
    """The longer side brought to so many pixels, smaller or larger."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def mirrored(pixels: Pixels) -> Pixels:
    """Left and right exchanged."""
    return np.ascontiguousarray(pixels[:, ::-1])


PERTURBATIONS: Mapping[str, Perturbation] = {
    "brand": brand, "watermark": watermark,
    "white bars": partial(bars, 255), "black bars": partial(bars, 0),
    "crop 5 %": partial(crop, 0.05), "crop 10 %": partial(crop, 0.10),
    "JPEG 60": partial(jpeg, 60), "JPEG 30": partial(jpeg, 30),
    "1024 px": partial(resize, 1024), "256 px": partial(resize, 256),
    "mirrored": mirrored,
}  # fmt: skip
BY_RULE = ("white bars", "black bars")
"""After these the labelling rules themselves turn "ok" into "retoucher": bars are to be corrected."""
