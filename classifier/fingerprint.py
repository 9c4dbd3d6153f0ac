"""What one cheap look tells of a photo file: its likeness, its camera and instant, its size, its bars.

The likeness is a 64-bit perceptual hash, the signs of the lowest frequencies of a 32 × 32 grey thumbnail
(pHash: Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash Functions"), and the
thumbnail itself, which confirms what the hash proposes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import NotAFile, PhotoError, UnreadablePhoto
from core.images import read_picture
from core.values import Pixels, Report, no_report

Bars = Literal["", "black", "white"]
THUMB, LOW, LOOK = 32, 8, 256
"""Sides in pixels of the thumbnail, of the block of frequencies kept, and of the reduced photo that is looked at."""
DARK, BRIGHT, BAR = 20, 240, 0.04
"""A row or column is part of a bar when none of its values is above DARK or below BRIGHT; BAR: least share."""
MODEL, ARTIST, EXIF_IFD, TAKEN, SUBSECOND, SERIAL = 0x0110, 0x013B, 0x8769, 0x9003, 0x9291, 0xA431


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """One file. error: why it can't be read; all else is then empty.

    sha256: only of files that share their length with another one, "" otherwise. size: (width, height)
    upright. hash: 64 bits. thumb: grey uint8 (32, 32), the aspect not kept. camera: body and serial number, or
    model and artist, "" when unknown. instant: seconds on the camera's clock, None when unknown. bars: black
    or white bars on two opposite sides. author: the photographer named in the file.
    """

    path: Path
    error: PhotoError | None = None
    sha256: str = ""
    size: tuple[int, int] = (0, 0)
    hash: int = 0
    thumb: NDArray[np.uint8] | None = None
    camera: str = ""
    instant: float | None = None
    bars: Bars = ""
    author: str = ""


def fingerprints(paths: Sequence[Path], *, report: Report = no_report) -> tuple[Fingerprint, ...]:
    """One per file, in order; a file that can't be read has its error. report may raise Cancelled."""
    lengths = [path.stat().st_size if path.is_file() else -1 for path in paths]
    shared = {length for length, count in Counter(lengths).items() if count > 1 and length >= 0}
    found = []
    with ThreadPoolExecutor(2) as pool:
        jobs = pool.map(lambda index: fingerprint(paths[index], hashed=lengths[index] in shared), range(len(paths)))
        try:
            for number, one in enumerate(jobs):
                report(number / len(paths), f"{number}/{len(paths)}")
                found.append(one)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return tuple(found)


def fingerprint(path: Path, *, hashed: bool = False) -> Fingerprint:
    """Of one file, JPEG decoded at a reduced scale. hashed: take the file's sha256 too."""
    sha256 = ""
    if not path.is_file():  # a device or a pipe would never end
        return Fingerprint(path, NotAFile(file=path.name) if path.exists() else UnreadablePhoto(file=path.name))
    try:
        if hashed:
            with path.open("rb") as stream:
                sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        picture = read_picture(path, max_side=LOOK)
        camera, instant = _shot(path) if picture.taken else ("", None)
    except PhotoError as error:
        return Fingerprint(path, error, sha256)
    except OSError:
        return Fingerprint(path, UnreadablePhoto(file=path.name), sha256)
    grey = Image.fromarray(picture.pixels).convert("L").resize((THUMB, THUMB), Image.Resampling.LANCZOS)
    thumb = np.asarray(grey, dtype=np.uint8)
    return Fingerprint(path, None, sha256, picture.full_size, perceptual_hash(thumb), thumb,
                       camera, instant, bars_of(picture.pixels), picture.credits.creator)  # fmt: skip


def perceptual_hash(thumb: NDArray[np.uint8]) -> int:
    """64 bits: which of the 8 × 8 lowest frequencies of a grey (32, 32) are above their median; the mean counts 0."""
    from scipy.fft import dctn

    low = dctn(thumb.astype(np.float32), norm="ortho")[:LOW, :LOW].ravel()
    bits = low > np.median(low[1:])
    bits[0] = False
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def bars_of(pixels: Pixels) -> Bars:
    """ "black" or "white" when both sides of a pair (top and bottom, left and right) are such bars, else ""."""
    for low, high in ((pixels.min(axis=(1, 2)), pixels.max(axis=(1, 2))),
                      (pixels.min(axis=(0, 2)), pixels.max(axis=(0, 2)))):  # fmt: skip
        least = max(2, round(BAR * len(low)))
        for kind, inside in (("black", high <= DARK), ("white", low >= BRIGHT)):
            if inside.all():
                continue  # a plain picture is no picture between bars
            if inside[:least].all() and inside[-least:].all():
                return "black" if kind == "black" else "white"
    return ""


def _shot(path: Path) -> tuple[str, float | None]:
    """Camera and instant as EXIF tells them."""
    with Image.open(path) as image:
        exif = image.getexif()
        details = exif.get_ifd(EXIF_IFD)
    told = [str(value or "").strip("\x00 ") for value in (details.get(SERIAL), exif.get(MODEL), exif.get(ARTIST))]
    serial, model, artist = told
    camera = f"{model}|{serial}" if serial else f"{model}|{artist}" if model else ""
    try:
        taken = datetime.strptime(str(details.get(TAKEN, "")).strip("\x00 "), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return camera, None
    fraction = str(details.get(SUBSECOND, "")).strip("\x00 ")
    part = float(f"0.{fraction}") if fraction.isascii() and fraction.isdigit() else 0.0
    return camera, taken.replace(tzinfo=UTC).timestamp() + part
