"""Reduced copies for the screen: made on demand, kept in the workspace, deleted without harm."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from core.files import write_bytes
from core.images import Picture, photo_size, read_mask, read_picture
from studio.workspace import Workspace

THUMB, PROXY = 360, 1280
SIDES = (THUMB, PROXY)
"""The two sizes in use, long side in pixels: the grid and tray, and the large view with its mask canvas."""


def preview(workspace: Workspace, sha: str, side: int) -> Path:
    """Path of a JPEG copy whose long side is at most ``side`` (one of SIDES), with the photo's profile.

    Raises ValueError for another size, AuditError when the file is gone, PhotoError when it can't be read.
    """
    if side not in SIDES:
        raise ValueError(side)
    target = _place(workspace, sha, side)
    if not target.is_file():
        keep_preview(workspace, sha, side, read_picture(workspace.store.open(sha), max_side=side))
    return target


def keep_preview(workspace: Workspace, sha: str, side: int, picture: Picture) -> None:
    """Write the preview of a picture that was decoded at this size already."""
    buffer = io.BytesIO()
    options = {"icc_profile": picture.icc} if picture.icc else {}
    Image.fromarray(picture.pixels).save(buffer, "JPEG", quality=88 if side > THUMB else 82, **options)
    write_bytes(_place(workspace, sha, side), buffer.getvalue())


def _place(workspace: Workspace, sha: str, side: int) -> Path:
    return workspace.previews / sha[:2] / f"{sha}-{side}.jpg"


def mask_proxy(workspace: Workspace, sha: str) -> Image.Image:
    """A stored mask at the size of the PROXY preview, grey 0 or 255: what the mask canvas shows and sends back."""
    path = workspace.store.open(sha)
    mask = Image.fromarray(read_mask(path)).convert("L")
    return mask.resize(proxy_size(*photo_size(path)), Image.Resampling.NEAREST)


def proxy_size(width: int, height: int) -> tuple[int, int]:
    """(width, height) of the PROXY preview of a photo of this size, as read_picture computes it."""
    longest = max(width, height)
    if longest <= PROXY:
        return width, height
    scale = PROXY / longest
    return max(1, round(width * scale)), max(1, round(height * scale))
