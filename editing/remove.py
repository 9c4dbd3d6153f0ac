"""« Effacer »: what the mask covers is replaced by what is around it, offline, without a network.

On a crop around the mask, at a working scale, patchfill says where each pixel is copied from and
blend makes the copies agree; the copy itself is made from the photo at its full size, so that the
grain is the photo's own. Every pixel outside the mask is the original's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import MaskError
from core.values import BoolMask, Edited, Origin, Pixels, Report, no_report
from editing.blend import correction
from editing.composite import edited
from editing.maskops import Box, bounding_box, check_mask, grow, padded_box, scale_to
from editing.patchfill import NEAR, PATCH, SAME_HEIGHT, find_sources

CONTEXT = 0.75
"""Surroundings that may be copied, as a share of the mask's longer side."""
HOLE_PIXELS = 70_000
"""Most pixels to fill at the working scale."""
CROP_PIXELS = 300_000
"""Most pixels of the crop at the working scale."""
DOUBT = 1
"""Pixels around the mask that are not believed: halos of what is removed. They are not changed."""
_ROWS = 256


def remove(
    pixels: Pixels, mask: BoolMask, *, avoid: BoolMask | None = None, seed: int = 0, report: Report = no_report
) -> Edited:
    """The photo without what the mask covers; RGB uint8 (h, w, 3), mask boolean (h, w), sizes kept.

    The mask is final: grow it before, so that it holds the shadow and a rim of what is removed.
    avoid: what must not be copied nor bleed into the hole, such as the car in front of a panel.
    Same input and seed, same bytes. report may raise Cancelled.

    Raises MaskError: empty, of another size, or leaving nothing to copy from.
    """
    check_mask(pixels, mask)
    if mask.all():
        raise MaskError(
            problem_fr="elle couvre toute la photo : il ne reste rien à recopier. Réduisez-la.",
            problem_en="it covers the whole photo: nothing is left to copy from. Make it smaller.",
        )
    report(0.0, "remove.prepare")
    box = _crop_for(mask, avoid)
    left, top, right, bottom = box
    crop, inside = pixels[top:bottom, left:right], mask[top:bottom, left:right]
    shunned = np.zeros_like(inside) if avoid is None else avoid[top:bottom, left:right] & ~inside
    filled, scale = _fill(crop, inside, shunned, seed, report)
    result = pixels.copy()
    result[top:bottom, left:right][inside] = filled[inside]
    parameters = {
        "crop": list(box), "scale": round(scale, 6), "patch": PATCH, "near": NEAR, "same_height": SAME_HEIGHT,
        "doubt_px": DOUBT, "avoid": bool(shunned.any()),
    }  # fmt: skip
    return edited(pixels, result, mask, _origin(seed, parameters))


def _fill(crop: Pixels, mask: BoolMask, shunned: BoolMask, seed: int, report: Report) -> tuple[Pixels, float]:
    """(the crop with its mask filled, working scale ≤ 1)."""
    import cv2

    doubtful = grow(mask, DOUBT)
    hole = doubtful if not (doubtful | shunned).all() else mask
    height, width = mask.shape
    scale = min(1.0, float(np.sqrt(HOLE_PIXELS / hole.sum())), float(np.sqrt(CROP_PIXELS / hole.size)))
    size = max(1, round(height * scale)), max(1, round(width * scale))
    small_hole = scale_to(hole, size, touched=True)
    if small_hole.all():
        small_hole = scale_to(mask, size)
    small_hole, small = (hole, crop) if small_hole.all() else (small_hole, _reduced(crop, hole, size))
    size = (int(small_hole.shape[0]), int(small_hole.shape[1]))
    small_shunned = scale_to(grow(shunned, DOUBT), size, touched=True) & ~small_hole
    allowed = ~small_hole & ~small_shunned
    if not allowed.any():
        allowed = ~small_hole

    def tick(fraction: float) -> None:
        report(0.02 + 0.78 * fraction, "remove.search")

    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), dtype=np.uint8)
    positions = find_sources(lab, small_hole, allowed, seed=seed, tick=tick)
    report(0.8, "remove.blend")
    change = correction(small.astype(np.float32), small_hole, positions, small_shunned)
    report(0.9, "remove.copy")
    return _copy_at_full_size(crop, mask, hole, small, small_hole, positions, change), scale


def _copy_at_full_size(
    crop: Pixels, mask: BoolMask, hole: BoolMask, small: Pixels, small_hole: BoolMask,
    positions: NDArray[np.int32], change: NDArray[np.float32],
) -> Pixels:  # fmt: skip
    """Each pixel of the mask: the mix of what its four neighbours at the working scale copy, corrected.

    Inside one copied piece the four agree and the copy is exact; between pieces they fade into
    each other over one working pixel.
    """
    height, width = mask.shape
    ratio_y, ratio_x = height / small_hole.shape[0], width / small_hole.shape[1]
    offsets = positions - np.indices(small_hole.shape, dtype=np.int32).transpose(1, 2, 0)
    result = crop.copy()
    for start in range(0, height, _ROWS):
        ys, xs = np.nonzero(mask[start : start + _ROWS])
        ys += start
        if not len(ys):
            continue
        y, x = (ys + 0.5) / ratio_y - 0.5, (xs + 0.5) / ratio_x - 0.5
        y0, x0 = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
        total, mass = np.zeros((len(ys), 3), dtype=np.float32), np.zeros(len(ys), dtype=np.float32)
        for dy in (0, 1):
            for dx in (0, 1):
                near = np.clip(y0 + dy, 0, small_hole.shape[0] - 1), np.clip(x0 + dx, 0, small_hole.shape[1] - 1)
                share = ((1.0 - np.abs(y - y0 - dy)) * (1.0 - np.abs(x - x0 - dx))).astype(np.float32)
                share = np.where(small_hole[near], share + np.float32(1e-6), 0.0)
                from_y = np.clip(ys + np.rint(offsets[near][:, 0] * ratio_y).astype(np.int64), 0, height - 1)
                from_x = np.clip(xs + np.rint(offsets[near][:, 1] * ratio_x).astype(np.int64), 0, width - 1)
                source = positions[near]
                colour = np.where(
                    hole[from_y, from_x][:, None], small[source[:, 0], source[:, 1]], crop[from_y, from_x]
                ).astype(np.float32)
                total += share[:, None] * (colour + change[near])
                mass += share
        mixed = np.divide(total, mass[:, None], out=np.zeros_like(total), where=mass[:, None] > 0)
        result[ys, xs] = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    return result


def _reduced(crop: Pixels, hole: BoolMask, size: tuple[int, int]) -> Pixels:
    """The crop at size (h, w); only known pixels are averaged, so that nothing removed leaks out."""
    import cv2

    if size == hole.shape:
        return crop
    known = (~hole).astype(np.float32)
    mass = cv2.resize(known, size[::-1], interpolation=cv2.INTER_AREA)
    sums = cv2.resize(crop.astype(np.float32) * known[:, :, None], size[::-1], interpolation=cv2.INTER_AREA)
    return np.rint(sums / np.maximum(mass, 1e-3)[:, :, None]).clip(0, 255).astype(np.uint8)


def _crop_for(mask: BoolMask, avoid: BoolMask | None) -> Box:
    """The mask with context; the whole photo when that context holds less to copy than there is to fill."""
    height, width = mask.shape
    box = padded_box(bounding_box(mask), (height, width), fraction=CONTEXT, at_least=48)
    left, top, right, bottom = box
    window = mask[top:bottom, left:right]
    taken = window if avoid is None else window | avoid[top:bottom, left:right]
    if np.count_nonzero(~taken) < np.count_nonzero(window):
        return 0, 0, width, height
    return box


def _origin(seed: int, parameters: dict[str, object]) -> Origin:
    import cv2
    import scipy

    libraries = {"opencv": cv2.__version__, "numpy": np.__version__, "scipy": scipy.__version__}
    return Origin("algorithm", "patch-removal", revision="1", seed=seed, parameters=parameters, libraries=libraries)
