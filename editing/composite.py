"""Putting new pixels into a photo so that nothing outside the mask changes, and counting that it is so."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import EngineFailed
from core.values import BoolMask, Edited, Origin, Pixels
from editing.maskops import bounding_box, feather_inward

_ROWS = 1024
"""Rows compared at a time: bounds the memory of a count on a 24-megapixel photo."""


def paste(original: Pixels, filled: Pixels | NDArray[np.float32], mask: BoolMask, feather_px: float = 0.0) -> Pixels:
    """The original with `filled` inside the mask; outside it every byte is the original's.

    filled: (height, width, 3), uint8 or float in 0..255. The blend rises from the mask's edge
    inwards over feather_px pixels (see feather_inward). Empty masks give a copy.
    """
    result = original.copy()
    if not mask.any():
        return result
    left, top, right, bottom = bounding_box(mask)
    window = (slice(top, bottom), slice(left, right))
    inside = mask[window]
    alpha = _crop_feather(mask, (left, top, right, bottom), feather_px)[inside][:, None]
    old = original[window][inside].astype(np.float32)
    new = filled[window][inside].astype(np.float32)
    blended = np.clip(np.rint(old + alpha * (new - old)), 0, 255).astype(np.uint8)
    target = result[window]
    target[inside] = blended
    return result


def count_changed(original: Pixels, result: Pixels, mask: BoolMask) -> tuple[int, int]:
    """(inside, outside): how many pixels differ in any channel inside and outside the mask."""
    inside = outside = 0
    for start in range(0, original.shape[0], _ROWS):
        rows = slice(start, start + _ROWS)
        differs = (original[rows] != result[rows]).any(axis=2)
        within = int(np.count_nonzero(differs & mask[rows]))
        inside += within
        outside += int(np.count_nonzero(differs)) - within
    return inside, outside


def edited(original: Pixels, result: Pixels, mask: BoolMask, origin: Origin) -> Edited:
    """The counted value of a correction. Raises EngineFailed if any pixel outside the mask differs."""
    inside, outside = count_changed(original, result, mask)
    if outside:
        raise EngineFailed(
            task=origin.model, why_fr=f"{outside} pixels ont changé hors de la sélection",
            why_en=f"{outside} pixels changed outside the mask",
        )  # fmt: skip
    return Edited(result, origin, inside, outside)


def _crop_feather(mask: BoolMask, box: tuple[int, int, int, int], px: float) -> NDArray[np.float32]:
    """feather_inward of the whole mask, computed on its box with one pixel of surroundings."""
    left, top, right, bottom = box
    x, y = max(0, left - 1), max(0, top - 1)
    alpha = feather_inward(mask[y : bottom + 1, x : right + 1], px)
    return alpha[top - y : bottom - y, left - x : right - x]
