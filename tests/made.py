"""Small pictures of known content, made for tests: no photo of anybody is needed."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms


def scene(width: int, height: int, seed: int = 0) -> NDArray[np.uint8]:
    """RGB uint8 (height, width, 3): two smooth ramps and a patch of noise; no two corners alike."""
    down, across = np.mgrid[0:height, 0:width]
    noise = np.random.default_rng(seed).integers(0, 40, (height, width))
    planes = (across * 255 / max(1, width - 1), down * 255 / max(1, height - 1), 60 + noise + seed % 97)
    return np.stack(planes, axis=-1).astype(np.uint8)


def poster(width: int = 240, height: int = 160, seed: int = 0) -> NDArray[np.uint8]:
    """A scene with a bright red panel: rows ¼ to ½, columns ¼ to ½."""
    pixels = scene(width, height, seed) // 2 + 60
    pixels[height // 4 : height // 2, width // 4 : width // 2] = (230, 20, 20)
    return pixels.astype(np.uint8)


def encoded(pixels: NDArray[Any], format_: str, mode: str | None = None, **options: Any) -> bytes:
    """The bytes of a picture in a format of Pillow's."""
    image = Image.fromarray(pixels)
    buffer = io.BytesIO()
    (image.convert(mode) if mode else image).save(buffer, format_, **options)
    return buffer.getvalue()


def saved(path: Path, pixels: NDArray[Any], **options: Any) -> Path:
    """A picture written under a name; JPEG at quality 95 unless told."""
    path.parent.mkdir(parents=True, exist_ok=True)
    format_ = {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".tif": "TIFF"}[path.suffix]
    if format_ == "JPEG":
        options.setdefault("quality", 95)
    path.write_bytes(encoded(pixels, format_, **options))
    return path


@cache
def profile() -> bytes:
    """An ICC profile that is not empty and not the default of any reader."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def mask_png(mask: NDArray[np.bool_]) -> bytes:
    """A black-and-white PNG as the page's canvas sends it."""
    return encoded(np.where(mask, 255, 0).astype(np.uint8), "PNG")
