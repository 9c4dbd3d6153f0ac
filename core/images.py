"""Reading photos safely and writing them whole: the one decoder of training, evaluation and the desk.

Reading accepts JPEG, PNG, WebP, TIFF and HEIC by content, refuses names that lie about it, bounds
the pixels before decoding, applies the EXIF orientation, and turns grey, palette, alpha, CMYK and
16-bit pictures into RGB uint8. Writing goes through a temporary file and a rename.
"""

from __future__ import annotations

import io
import os
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile, PngImagePlugin, UnidentifiedImageError

from core.credits import Credits, credits_of, exif_with, xmp_with
from core.errors import FormatNotAllowed, PhotoTooLarge, UnreadablePhoto, WrongExtension
from core.files import write_bytes
from core.pixels import SIDEWAYS, to_rgb, upright
from core.values import BoolMask, Pixels

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "HEIF")
EXTENSIONS = {
    ".jpg": "JPEG", ".jpeg": "JPEG", ".jpe": "JPEG", ".jfif": "JPEG", ".mpo": "JPEG",
    ".png": "PNG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF",
    ".heic": "HEIF", ".heif": "HEIF", ".hif": "HEIF",
}  # fmt: skip
"""Photo extensions (lower case) and the format that each promises."""

MAX_MEGAPIXELS = 100.0
LIMIT_VARIABLE = "PADDOCK_MAX_MEGAPIXELS"
"""Environment variable that sets another pixel limit for a process and the workers that it starts."""

LONGEST_WEBP = 16_383
"""Pixels of a WebP picture's longer side, by its format; an animation's canvas that claims more costs a gigabyte."""

GREY_PAD = 127
"""Value of the letterbox borders: the mid-grey that input scaling maps to about zero."""

DECODE_ERRORS = (
    OSError, SyntaxError, ValueError, EOFError, RuntimeError, TypeError, IndexError, KeyError,
    ZeroDivisionError, OverflowError, AttributeError, struct.error, MemoryError,
)  # fmt: skip
"""What Pillow and its plugins raise on mutated files; each means that the photo can't be read."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded photo.

    pixels: RGB uint8 (height, width, 3), upright. full_size: (width, height) upright, before any
    reduction. icc: the profile that the pixels are in, None when unknown (take it as sRGB).
    """

    pixels: Pixels
    full_size: tuple[int, int]
    format: str
    icc: bytes | None
    credits: Credits
    taken: str = ""


def is_photo_name(path: Path) -> bool:
    """True when the extension (dots and spaces after it left out) is one that Paddock opens; not for hidden files."""
    return Path(path.name.rstrip(" .")).suffix.lower() in EXTENSIONS and not path.name.startswith(".")


def read_picture(
    path: Path, *, max_side: int | None = None, max_megapixels: float | None = None, name: str = ""
) -> Picture:
    """Decode a photo.

    max_side: when set, the longer side of the result is at most this many pixels; JPEG is then
    decoded at a reduced scale (4 to 5 times faster) and finished with an anti-aliased resize.
    max_megapixels: larger photos are refused; None for the process's limit (LIMIT_VARIABLE, else 100).
    name: what errors call the file, when the path is a store's.

    Raises UnreadablePhoto, WrongExtension, FormatNotAllowed or PhotoTooLarge.
    """
    shown = name or path.name
    image = _open(path, shown, max_megapixels)
    try:
        with image, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            format_ = _family(image.format)
            taken, credits = _taken(image), credits_of(image)
            icc = image.info.get("icc_profile")
            full_size = _upright_size(image)
            if max_side is not None and format_ == "JPEG":
                image.draft(None, _covering(image.size, max_side))
            ImageFile.LOAD_TRUNCATED_IMAGES = False  # a library of the same process (WeasyPrint) sets it
            image.load()
            orientation = image.getexif().get(0x0112, 1)
            size = _reduced_size(full_size, max_side)
            pixels, icc = to_rgb(image, icc, size[::-1] if size and orientation in SIDEWAYS else size)
            pixels = upright(pixels, orientation)
    except DECODE_ERRORS as error:
        raise UnreadablePhoto(file=shown) from error
    return Picture(pixels, full_size, format_, icc, credits, taken)


def photo_size(path: Path, max_megapixels: float | None = None) -> tuple[int, int]:
    """(width, height) upright, from the header alone. Raises as read_picture does."""
    image = _open(path, path.name, max_megapixels)
    try:
        with image, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _upright_size(image)
    except DECODE_ERRORS as error:
        raise UnreadablePhoto(file=path.name) from error


def letterbox(pixels: Pixels, side: int) -> Pixels:
    """Fit into a side × side square without distortion, centred on mid-grey.

    The aspect is kept: squashing would change the very shapes and blur that verdicts rest on.
    """
    height, width = pixels.shape[:2]
    longest = max(height, width)
    size = (max(1, round(width * side / longest)), max(1, round(height * side / longest)))
    resized = Image.fromarray(pixels)
    if size != (width, height):
        resized = resized.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    canvas = np.full((side, side, 3), GREY_PAD, dtype=np.uint8)
    top, left = (side - size[1]) // 2, (side - size[0]) // 2
    canvas[top : top + size[1], left : left + size[0]] = np.asarray(resized)
    return canvas


def write_picture(
    path: Path,
    pixels: Pixels,
    *,
    icc: bytes | None = None,
    credits: Credits | None = None,
    quality: int = 95,
) -> Path:
    """Write PNG, JPEG, WebP or TIFF by the extension, with profile, creator, credit, copyright, description.

    The file appears whole or not at all. Location and serial numbers are never written.
    """
    format_ = EXTENSIONS.get(path.suffix.lower())
    if format_ not in ("PNG", "JPEG", "WEBP", "TIFF"):
        raise FormatNotAllowed(file=path.name)
    image = Image.fromarray(pixels)
    credits = credits or Credits()
    options: dict[str, object] = {}
    if icc:
        options["icc_profile"] = icc
    if credits:
        xmp = xmp_with(credits)
        options["exif"] = exif_with(credits, xmp=xmp if format_ == "TIFF" else b"")
        if format_ in ("JPEG", "WEBP"):
            options["xmp"] = xmp
        elif format_ == "PNG":
            chunks = PngImagePlugin.PngInfo()
            chunks.add_itxt("XML:com.adobe.xmp", xmp.decode())
            options["pnginfo"] = chunks
    if format_ == "PNG":
        options["compress_level"] = 1
    elif format_ == "TIFF":
        options["compression"] = "tiff_adobe_deflate"
    else:
        options["quality"] = quality
    if format_ == "JPEG":
        options["subsampling"] = 0
    buffer = io.BytesIO()
    image.save(buffer, format=format_, **options)
    return write_bytes(path, buffer.getvalue())


def write_mask(path: Path, mask: BoolMask) -> Path:
    """Write a mask as 8-bit grey PNG of exactly 0 and 255 (white = to modify)."""
    buffer = io.BytesIO()
    Image.fromarray(np.where(mask, 255, 0).astype(np.uint8)).save(buffer, format="PNG")
    return write_bytes(path, buffer.getvalue())


def read_mask(path: Path, *, threshold: int = 128) -> BoolMask:
    """Read a black-and-white picture as boolean (height, width): grey value ≥ threshold = to modify."""
    pixels = read_picture(path).pixels
    weights = np.array([77, 150, 29], dtype=np.uint16)
    mask = np.empty(pixels.shape[:2], dtype=np.bool_)
    for top in range(0, len(pixels), 256):  # in strips: the products of 100 megapixels would take 800 MB
        luma = pixels[top : top + 256].astype(np.uint16) @ weights
        mask[top : top + 256] = (luma >> 8) >= threshold
    return mask


def _open(path: Path, shown: str, max_megapixels: float | None) -> Image.Image:
    max_megapixels = max_megapixels or float(os.environ.get(LIMIT_VARIABLE) or MAX_MEGAPIXELS)
    formats = list(FORMATS[:4])
    if _looks_heif(path):
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)
        formats = ["HEIF"]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Pillow refuses at twice its own limit; a person may have set ours higher than that.
            Image.MAX_IMAGE_PIXELS = max(Image.MAX_IMAGE_PIXELS or 0, int(max_megapixels * 1e6))
            image = Image.open(path, formats=formats)
    except Image.DecompressionBombError as error:
        limit = round(max_megapixels)
        raise PhotoTooLarge(file=shown, megapixels=f"> {2 * limit}", limit=limit) from error
    except UnidentifiedImageError as error:
        photo = Path(shown).suffix.lower() in EXTENSIONS
        raise (UnreadablePhoto(file=shown) if photo else FormatNotAllowed(file=shown)) from error
    except DECODE_ERRORS as error:
        raise UnreadablePhoto(file=shown) from error
    promised = EXTENSIONS.get(Path(shown).suffix.lower())
    actual = _family(image.format)
    if promised is not None and promised != actual:
        image.close()
        raise WrongExtension(file=shown, actual=actual)
    if actual == "WEBP" and max(image.size) > LONGEST_WEBP:
        image.close()
        raise UnreadablePhoto(file=shown)
    megapixels = image.size[0] * image.size[1] / 1e6
    if megapixels > max_megapixels:
        image.close()
        raise PhotoTooLarge(file=shown, megapixels=round(megapixels), limit=round(max_megapixels))
    return image


def _looks_heif(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            head = stream.read(12)
    except OSError:
        return False
    return head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc", b"heim")


def _upright_size(image: Image.Image) -> tuple[int, int]:
    """(width, height) once the orientation is applied; Pillow's TIFF reader already tells it so."""
    width, height = image.size
    turned = image.format != "TIFF" and image.getexif().get(0x0112, 1) in SIDEWAYS
    return (height, width) if turned else (width, height)


def _family(format_: str | None) -> str:
    return "JPEG" if format_ == "MPO" else (format_ or "")


def _covering(size: tuple[int, int], max_side: int) -> tuple[int, int]:
    """The draft size that keeps both sides at least as large as the final picture needs."""
    scale = max_side / max(size)
    return (max(1, int(size[0] * scale)), max(1, int(size[1] * scale)))


def _reduced_size(full_size: tuple[int, int], max_side: int | None) -> tuple[int, int] | None:
    """(width, height) of the reduction, None when the photo is read at its own size."""
    if max_side is None or max(full_size) <= max_side:
        return None
    scale = max_side / max(full_size)
    return (max(1, round(full_size[0] * scale)), max(1, round(full_size[1] * scale)))


def _taken(image: Image.Image) -> str:
    exif = image.getexif()
    return str(exif.get_ifd(0x8769).get(0x9003) or exif.get(0x0132) or "").strip("\x00 ")
