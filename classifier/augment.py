"""Changes that a training photo may go through without its verdict changing; each by its own amount, 0 = off."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from classifier.config import Augmentation
from core.values import Pixels

GREY = (127, 127, 127)
"""What rotation leaves uncovered, as the letterbox does."""


def augmented(pixels: Pixels, how: Augmentation, rng: np.random.Generator) -> Pixels:
    """A changed copy, RGB uint8 of the same shape; the same generator state gives the same copy."""
    image = Image.fromarray(pixels)
    if how.flip and rng.random() < how.flip:
        image = ImageOps.mirror(image)
    if how.rotation:
        image = image.rotate(rng.uniform(-how.rotation, how.rotation), Image.Resampling.BILINEAR, fillcolor=GREY)
    if how.crop:
        image = _cropped(image, how.crop, rng)
    for amount, enhance in (
        (how.colour, ImageEnhance.Color), (how.brightness, ImageEnhance.Brightness),
        (how.contrast, ImageEnhance.Contrast), (how.sharpness, ImageEnhance.Sharpness),
    ):  # fmt: skip
        if amount:
            image = enhance(image).enhance(max(0.0, 1 + rng.uniform(-amount, amount)))
    if how.blur:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0, how.blur)))
    if how.autocontrast and rng.random() < how.autocontrast:
        image = ImageOps.autocontrast(image)
    return np.asarray(image)


def _cropped(image: Image.Image, most: float, rng: np.random.Generator) -> Image.Image:
    """A square part of the frame, its area smaller by at most this share, at the old size."""
    width, height = image.size
    kept = (1 - rng.uniform(0, most)) ** 0.5
    left, top = rng.uniform(0, (1 - kept) * width), rng.uniform(0, (1 - kept) * height)
    box = (left, top, left + kept * width, top + kept * height)
    return image.resize(image.size, Image.Resampling.BILINEAR, box=box)
