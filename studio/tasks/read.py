"""Tasks of the reading worker: open a photo or a mask that may be hostile, and make it small."""

from __future__ import annotations

import io
import logging
from pathlib import Path

from PIL import Image

from core.files import write_bytes
from core.images import DECODE_ERRORS, Picture, photo_size, read_mask, read_picture
from core.values import Reading, Report, no_report
from studio.previews import THUMB, proxy_size
from studio.refusals import writing_in

log = logging.getLogger("paddock.read")


def take_in(path: str, name: str, thumb: str, *, report: Report = no_report) -> Reading:
    """Decode a whole photo, write its THUMB preview at ``thumb`` (none when ""), and tell what it is.

    Raises a PhotoError that calls it ``name`` when it can't be read.
    """
    picture = read_picture(Path(path), max_side=THUMB, name=name)
    if thumb:
        try:
            _keep(Path(thumb), _jpeg(picture, THUMB))
        except OSError as error:  # no reason to refuse the photo: the page makes the preview again on demand
            log.warning("preview not written: %s", error)
    width, height = picture.full_size
    return Reading(
        width, height, picture.format, picture.taken, picture.credits.line, picture.credits.description
    )  # fmt: skip


def reduce(path: str, name: str, target: str, side: int, *, report: Report = no_report) -> None:
    """Write a JPEG copy whose long side is at most ``side`` pixels at ``target``, unless another call just has."""
    if not Path(target).is_file():
        data = _jpeg(read_picture(Path(path), max_side=side, name=name), side)
        with writing_in(_workspace(Path(target))):
            _keep(Path(target), data)


def small(path: str, name: str, side: int, *, report: Report = no_report) -> bytes:
    """The bytes of such a copy, for a file that is shown once."""
    return _jpeg(read_picture(Path(path), max_side=side, name=name), side)


def shown_mask(path: str, name: str, *, report: Report = no_report) -> bytes:
    """A mask at the size of the PROXY preview, as PNG, grey 0 or 255: what the mask canvas shows and sends back."""
    buffer = io.BytesIO()
    _at_proxy_size(Path(path)).save(buffer, "PNG")
    return buffer.getvalue()


def is_untouched(path: str, name: str, drawn: bytes, *, report: Report = no_report) -> bool:
    """True when a PNG from the mask canvas is, pixel for pixel, what ``shown_mask`` showed there."""
    shown = _at_proxy_size(Path(path))
    try:
        with Image.open(io.BytesIO(drawn), formats=["PNG"]) as image:
            return image.size == shown.size and image.convert("L").tobytes() == shown.tobytes()
    except DECODE_ERRORS:
        return False  # damaged, so not what was shown; whoever then reads it as a drawing says so


def _at_proxy_size(path: Path) -> Image.Image:
    mask = Image.fromarray(read_mask(path)).convert("L")
    return mask.resize(proxy_size(*photo_size(path)), Image.Resampling.NEAREST)


def _keep(target: Path, data: bytes) -> None:
    """Write a preview at its place. A workspace that is gone (a key unplugged) is not begun anew where it was."""
    write_bytes(target, data, inside=_workspace(target))


def _workspace(target: Path) -> Path:
    return target.parents[2]  # below it: previews, two characters of the hash, the file


def _jpeg(picture: Picture, side: int) -> bytes:
    """With the photo's profile, so that its colours are shown as they are."""
    buffer = io.BytesIO()
    options = {"icc_profile": picture.icc} if picture.icc else {}
    Image.fromarray(picture.pixels).save(buffer, "JPEG", quality=88 if side > THUMB else 82, **options)
    return buffer.getvalue()
