"""Every operation on masks, in one place and pure: each returns a new array and touches no input.

A mask is boolean (height, width), True = to modify. The frame of the photo is never an edge:
shrinking and feathering work from the mask's edges inside the picture only, since beyond the
frame there is nothing to blend with.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import MaskError
from core.values import BoolMask, Pixels

Box = tuple[int, int, int, int]
"""(left, top, right, bottom) in pixels, right and bottom exclusive."""


def check_mask(pixels: Pixels, mask: BoolMask) -> None:
    """Raise MaskError when the mask is not boolean, not of the photo's size, or empty."""
    if mask.dtype != np.bool_ or mask.shape != pixels.shape[:2]:
        raise MaskError(
            problem_fr=f"elle est de {_size(mask)} et la photo de {_size(pixels)}. Refaites-la sur cette photo.",
            problem_en=f"it is {_size(mask)} and the photo is {_size(pixels)}. Make it again on this photo.",
        )
    if not mask.any():
        raise MaskError(
            problem_fr="elle est vide. Choisissez des mots, tracez un cadre ou peignez la zone au pinceau.",
            problem_en="it is empty. Choose words, draw a box or paint the area with the brush.",
        )


def bounding_box(mask: BoolMask) -> Box:
    """The smallest Box that holds the mask. Raises MaskError when the mask is empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        raise MaskError(problem_fr="elle est vide.", problem_en="it is empty.")
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def padded_box(box: Box, size: tuple[int, int], *, fraction: float, at_least: int = 0) -> Box:
    """The box with context on all sides, clipped to the photo.

    size: (height, width) of the photo. fraction: padding as a share of the box's longer side.
    """
    left, top, right, bottom = box
    pad = max(at_least, round(fraction * max(right - left, bottom - top)))
    return max(0, left - pad), max(0, top - pad), min(size[1], right + pad), min(size[0], bottom + pad)


def grow(mask: BoolMask, px: float) -> BoolMask:
    """Everything within px pixels (Euclidean) of the mask."""
    if px <= 0 or not mask.any():
        return mask.copy()
    left, top, right, bottom = padded_box(bounding_box(mask), _hw(mask), fraction=0.0, at_least=int(np.ceil(px)) + 1)
    grown = mask.copy()
    grown[top:bottom, left:right] = _distance(~mask[top:bottom, left:right]) <= px
    return grown


def shrink(mask: BoolMask, px: float) -> BoolMask:
    """What is more than px pixels away from everything outside the mask."""
    if px <= 0 or not mask.any():
        return mask.copy()
    return mask & (_distance(mask) > px)


def fill_holes(mask: BoolMask, *, largest: int | None = None) -> BoolMask:
    """Fill the holes that do not touch the frame; with largest, only those of at most that many pixels."""
    import cv2

    count, labels, stats, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=4)
    height, width = _hw(mask)
    x, y, w, h, area = (stats[:, column] for column in range(5))
    inner = (x > 0) & (y > 0) & (x + w < width) & (y + h < height)
    if largest is not None:
        inner &= area <= largest
    inner[0] = False
    return mask | inner[labels] if count > 1 else mask.copy()


def drop_specks(mask: BoolMask, *, smallest: int) -> BoolMask:
    """Drop connected parts of fewer than `smallest` pixels."""
    import cv2

    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    keep = stats[:, 4] >= smallest
    keep[0] = False
    return keep[labels] if count > 1 else mask.copy()


def smooth(mask: BoolMask, px: float) -> BoolMask:
    """Round the outline: Gaussian of standard deviation px, cut at one half."""
    import cv2

    if px <= 0:
        return mask.copy()
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), px, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(soft >= 0.5)


def feather_inward(mask: BoolMask, px: float) -> NDArray[np.float32]:
    """Opacity float32 (height, width): exactly 0 outside the mask, rising inside it to 1 over px pixels.

    Never 0 inside, never above 0 outside: what is composed with it can't change a pixel outside.
    """
    if px <= 0 or not mask.any():
        return mask.astype(np.float32)
    return np.where(mask, np.minimum(_distance(mask) / np.float32(px + 1.0), 1.0), 0.0).astype(np.float32)


def scale_to(mask: BoolMask, size: tuple[int, int], *, touched: bool = False) -> BoolMask:
    """The mask at size (height, width), its edge kept smooth.

    touched: True keeps every pixel that the mask touches at all, so that no part of it is lost in
    a reduction; False keeps those covered by half.
    """
    import cv2

    height, width = size
    if size == _hw(mask):
        return mask.copy()
    reducing = height <= mask.shape[0] and width <= mask.shape[1]
    soft = cv2.resize(
        mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA if reducing else cv2.INTER_CUBIC
    )
    return np.asarray(soft > 1e-4 if touched else soft >= 0.5)


def _distance(inside: BoolMask) -> NDArray[np.float32]:
    """Distance in pixels of each True to the nearest False, float32; the frame counts as inside."""
    import cv2

    if inside.all():
        return np.full(inside.shape, np.inf, dtype=np.float32)
    return np.asarray(cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)


def _hw(array: NDArray[np.generic]) -> tuple[int, int]:
    return int(array.shape[0]), int(array.shape[1])


def _size(array: NDArray[np.generic]) -> str:
    return f"{array.shape[1]} × {array.shape[0]}" if array.ndim >= 2 else str(array.shape)
