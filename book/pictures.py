"""Copies of the plates made for print: cut to their slots, at most 300 dpi, sRGB, with their credits."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

from book.album import Notice, Plate
from book.slots import Page, Slot
from core.images import Picture, photo_size, read_picture, write_picture
from core.values import Pixels, Report, no_report

MM_PER_INCH = 25.4
DPI = 300
POOR_DPI = 150
"""Below this many pixels per printed inch, grain and jaggedness show at reading distance."""
QUALITY = 90
THUMB = (30.0, 22.0)
"""Largest width and height of a thumbnail on the sources' pages, in mm."""


@dataclass(frozen=True, slots=True)
class PrintCopies:
    """Files made for one book. slots: by (page, slot) index; thumbs: by plate; names are those of the files."""

    folder: Path
    slots: dict[tuple[int, int], str]
    thumbs: dict[int, str]
    thumb_sizes: dict[int, tuple[float, float]]
    notices: tuple[Notice, ...]


def sizes_of(plates: Sequence[Plate]) -> list[tuple[int, int]]:
    """(width, height) of each plate's picture, from the headers. Raises PhotoError."""
    return [photo_size(plate.image) for plate in plates]


def poor_prints(plates: Sequence[Plate], sizes: Sequence[tuple[int, int]], pages: Sequence[Page]) -> tuple[Notice, ...]:
    """A notice per plate that prints below 150 dpi on these pages; sizes in pixels, nothing is opened."""
    notices = []
    for index, (plate, size) in enumerate(zip(plates, sizes, strict=True)):
        slots = [slot for page in pages for slot in page.slots if slot.plate == index]
        printed = _least_dpi(size, slots)
        if printed < POOR_DPI:
            notices.append(_poor(index + 1, plate, printed))
    return tuple(notices)


def print_copies(
    plates: Sequence[Plate], pages: Sequence[Page], folder: Path, dpi: int = DPI, report: Report = no_report
) -> PrintCopies:
    """Write a JPEG per slot and per thumbnail into folder. Raises PhotoError, naming the plate's file."""
    wanted: dict[int, list[tuple[int, int, Slot]]] = {index: [] for index in range(len(plates))}
    for page_index, page in enumerate(pages):
        for slot_index, slot in enumerate(page.slots):
            wanted[slot.plate].append((page_index, slot_index, slot))
    slots: dict[tuple[int, int], str] = {}
    thumbs: dict[int, str] = {}
    thumb_sizes: dict[int, tuple[float, float]] = {}
    notices: list[Notice] = []
    for index, plate in enumerate(plates):
        report(index / len(plates), plate.image.name)
        longest = max((_longest_side(slot, dpi) for _, _, slot in wanted[index]), default=0)
        picture = read_picture(plate.image, max_side=longest or None)
        pixels, notice = _srgb(picture, index + 1)
        notices += [notice] if notice else []
        for page_index, slot_index, slot in wanted[index]:
            name = f"page-{page_index:04d}-{slot_index}.jpg"
            write_picture(folder / name, _cut(pixels, slot, dpi), credits=picture.credits, quality=QUALITY)
            slots[page_index, slot_index] = name
        ratio = picture.full_size[0] / picture.full_size[1]
        thumb_sizes[index] = (min(THUMB[0], THUMB[1] * ratio), min(THUMB[1], THUMB[0] / ratio))
        thumbs[index] = f"thumb-{index:04d}.jpg"
        thumb = _resized(pixels, *(round(side / MM_PER_INCH * dpi) for side in thumb_sizes[index]))
        write_picture(folder / thumbs[index], thumb, credits=picture.credits, quality=QUALITY)
    return PrintCopies(folder, slots, thumbs, thumb_sizes, tuple(notices))


def _longest_side(slot: Slot, dpi: int) -> int:
    """Longer side in pixels of the whole photo, when what shows of it prints at dpi."""
    left, top, right, bottom = slot.crop
    sides = (slot.box.width / (right - left), slot.box.height / (bottom - top))
    return ceil(max(sides) / MM_PER_INCH * dpi)


def _least_dpi(full_size: tuple[int, int], slots: Sequence[Slot]) -> float:
    """Pixels per printed inch where the photo is printed largest."""
    return min(
        (full_size[0] * (slot.crop[2] - slot.crop[0]) / (slot.box.width / MM_PER_INCH) for slot in slots),
        default=float(DPI),
    )


def _cut(pixels: Pixels, slot: Slot, dpi: int) -> Pixels:
    """The part that the slot shows, never enlarged."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = slot.crop
    part = pixels[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]
    target = (round(slot.box.width / MM_PER_INCH * dpi), round(slot.box.height / MM_PER_INCH * dpi))
    return _resized(part, *target)


def _resized(pixels: Pixels, width: int, height: int) -> Pixels:
    if width >= pixels.shape[1] or height >= pixels.shape[0]:
        return np.ascontiguousarray(pixels)
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(image.resize((max(1, width), max(1, height)), Image.Resampling.LANCZOS, reducing_gap=3.0))


def _srgb(picture: Picture, number: int) -> tuple[Pixels, Notice | None]:
    """Pixels in sRGB, and a notice when the photo's own profile can't be read."""
    if picture.icc is None:
        return picture.pixels, None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(picture.icc))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return picture.pixels, None
        image = Image.fromarray(picture.pixels)
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError) as error:
        return picture.pixels, Notice(
            number,
            fr=f"Planche {number} : profil de couleur illisible ({error}) ; couleurs prises comme sRGB.",
            en=f"Plate {number}: its colour profile can't be read ({error}); colours are taken as sRGB.",
        )
    return np.asarray(converted, dtype=np.uint8), None


def _poor(number: int, plate: Plate, printed: float) -> Notice:
    return Notice(
        number,
        fr=f"Planche {number} (« {plate.image.name} ») : {printed:.0f} points par pouce à cette taille, "
        f"moins de {POOR_DPI} ; l'impression sera floue. Prenez l'original, ou retirez-la.",
        en=f"Plate {number} (“{plate.image.name}”): {printed:.0f} dots per inch at this size, "
        f"less than {POOR_DPI}; the print will be soft. Take the original, or leave it out.",
    )
