"""Advertising panels: lines of text grown to the surface that carries them, and what the panel map sees.

Measured on 108 outlined race photos, the panel maps in four folds by source (``classifier.train_panelmap
--maps FILE``, then ``python -m classifier.measure_panels --race DIR --maps FILE``): over the 59 with a panel
the median IoU of all its panels together is 0.27 (0.10 from text and car map alone, 0.09 from the map
alone); they are found in 39 (32), with a median of 0.40 there (0.36); 16 of 74 regions lie elsewhere than
on a panel (12 of 56). Of the 49 without a panel 10 get a region (11), on average 1.7 % of the photo (2.7 %).
The levels here and in panel_shapes were chosen on the same photos. Missed are mostly small cards and signs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.values import BoolMask, Pixels, Region
from scene.panel_shapes import Corners, filled, mean_inside, shapes, sharpened

MARGIN = 0.6
"""Rim around the text, in text heights, where no panel edge is found."""
REACH = (6.0, 3.0)
"""How far a panel's surface is followed beyond its text, in text heights: sideways, up and down."""
NEAR = 1.2
"""Lines closer than this many text heights belong to one panel."""
ON_CAR = 0.5
"""A text whose car probability is above this on average is a number or a sponsor on the car, not a panel."""
OFF_CAR = 0.1
"""Where the panel map sees nothing, a text counts only with a car probability below this."""
TOLD, AGREED = 0.3, 0.15
"""Mean of the panel map on a text that is looked at in any case, and on a grown surface that it confirms."""
WITHIN = 0.8
"""Of two outlines of which one holds this share of the other, the larger one stays."""
TOLERANCE = 16.0
"""Lab distance up to which a pixel is taken for the panel's own colour."""
FILLED = 0.85
"""Bands that cover this share of the rectangle around them are one panel."""


def find_panels(
    pixels: Pixels,
    texts: Sequence[Region],
    *,
    car: NDArray[np.floating[Any]] | None = None,
    panel: NDArray[np.floating[Any]] | None = None,
) -> tuple[Region, ...]:
    """Panels, best first: label "panel", score of the best reading or of the map, text of all lines or "", polygon.

    pixels: RGB uint8 (h, w, 3); texts: of find_text, in its coordinates; car, panel: optional maps in
    0..1 at any size with the photo's aspect. Text on the car is left out. With the panel map its
    shapes are panels too, and text where it sees none counts only away from the car; without it
    every panel starts from text and has four corners.
    """
    size = (pixels.shape[0], pixels.shape[1])
    if panel is None:
        lines = [_line(text) for text in texts if car is None or mean_inside(car, text.polygon, size) < ON_CAR]
        return _as_regions(_merged([(_grown(pixels, group), group) for group in _groups(lines)]), [])
    on_car = [0.0 if car is None else mean_inside(car, text.polygon, size) for text in texts]
    fine = sharpened(panel, pixels)
    marked = [item for item in shapes(fine, size) if car is None or mean_inside(car, item[0], size) < ON_CAR]
    told = [mean_inside(fine, text.polygon, size) for text in texts]
    lines = [
        _line(text) for text, near, value in zip(texts, on_car, told, strict=True)
        if near < (ON_CAR if value >= TOLD else OFF_CAR)
    ]  # fmt: skip
    grown = _merged([(_grown(pixels, group), group) for group in _groups(lines)])
    outlines = [filled(corners, fine.shape, size) for corners, _ in marked]
    away = {id(text) for text, near in zip(texts, on_car, strict=True) if near < OFF_CAR}
    return _united(fine, size, grown, list(zip(marked, outlines, strict=True)), lines, away)


def _united(
    fine: NDArray[np.float32], size: tuple[int, int], grown: Sequence[tuple[Corners, list[_Line]]],
    marked: Sequence[tuple[tuple[Corners, float], BoolMask]], lines: Sequence[_Line], away: set[int],
) -> tuple[Region, ...]:  # fmt: skip
    """What grew from text and what the map outlines, each panel once.

    fine: the sharpened map; size: (height, width) of the photo; marked: the map's outlines with their
    score, and filled on the map's grid; away: ids of the texts that lie away from the car.
    """
    covered = np.logical_or.reduce([np.zeros(fine.shape, dtype=np.bool_), *(outline for _, outline in marked)])

    def believed(corners: Corners, group: Sequence[_Line]) -> bool:
        """Whether the map agrees with what grew from a text, or knows nothing of it and the car is elsewhere."""
        if mean_inside(fine, corners, size) >= AGREED:
            return True
        if max(mean_inside(fine, line.region.polygon, size) for line in group) < AGREED:
            return all(id(line.region) in away for line in group)
        return not any(mean_inside(covered, line.region.polygon, size) > 0.3 for line in group)

    grown = [item for item in grown if believed(*item)]
    surfaces = [filled(corners, fine.shape, size) for corners, _ in grown]
    shown = [
        (corners, score, [line for line in lines if mean_inside(outline, line.region.polygon, size) > 0.5])
        for (corners, score), outline in marked
        if not any(_within(outline, surface) for surface in surfaces)
    ]
    grown = [
        item for item, surface in zip(grown, surfaces, strict=True)
        if not any(_within(surface, outline) and not _within(outline, surface) for _, outline in marked)
    ]  # fmt: skip
    return _as_regions(grown, shown)


def _within(one: BoolMask, other: BoolMask) -> bool:
    """Whether nearly all of one lies in other."""
    return bool((one & other).sum() >= WITHIN * one.sum())


def _as_regions(
    grown: Sequence[tuple[Corners, Sequence[_Line]]], marked: Sequence[tuple[Corners, float, Sequence[_Line]]]
) -> tuple[Region, ...]:
    """Panels grown from text, and the map's with the text that lies on them, best first."""

    def words(lines: Sequence[_Line]) -> str:
        return " ".join(line.region.text for line in sorted(lines, key=lambda line: line.centre[::-1]))

    regions = [
        Region("panel", max(line.region.score for line in lines), corners, words(lines)) for corners, lines in grown
    ]
    regions += [Region("panel", score, corners, words(lines)) for corners, score, lines in marked]
    return tuple(sorted(regions, key=lambda region: -region.score))


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A text's corners (4, 2), its height in pixels, its direction in radians and its centre (x, y)."""

    region: Region
    corners: NDArray[np.float32]
    height: float
    angle: float
    centre: tuple[float, float]


def _line(region: Region) -> _Line:
    corners = np.asarray(region.polygon, dtype=np.float32)
    along = (corners[1] - corners[0] + corners[2] - corners[3]) / 2
    across = (corners[3] - corners[0] + corners[2] - corners[1]) / 2
    x, y = corners.mean(axis=0)
    height = max(1.0, float(np.hypot(*across)))
    return _Line(region, corners, height, float(np.arctan2(along[1], along[0])), (float(x), float(y)))


def _groups(lines: Sequence[_Line]) -> list[list[_Line]]:
    """Lines that lie close together, of like size and direction, by union of neighbours."""
    import cv2

    groups: list[list[_Line]] = []
    for line in lines:
        joined = [line]
        others = []
        for group in groups:
            if any(_neighbours(line, member, cv2) for member in group):
                joined += group
            else:
                others.append(group)
        groups = [*others, joined]
    return groups


def _neighbours(one: _Line, other: _Line, cv2: Any) -> bool:
    low, high = sorted((one.height, other.height))
    turn = abs((one.angle - other.angle + np.pi / 2) % np.pi - np.pi / 2)
    if high > 2.5 * low or turn > 0.3:
        return False
    reach = NEAR * low / 2
    grown = [cv2.boundingRect(item.corners) for item in (one, other)]
    (ax, ay, aw, ah), (bx, by, bw, bh) = grown
    return bool(
        ax - reach < bx + bw + reach and bx - reach < ax + aw + reach
        and ay - reach < by + bh + reach and by - reach < ay + ah + reach
    )  # fmt: skip


def _grown(pixels: Pixels, group: Sequence[_Line]) -> Corners:
    """The panel's quadrilateral: the surface around the text, or the text with a rim where there is none."""
    import cv2

    height, width = pixels.shape[:2]
    points = np.concatenate([line.corners for line in group])
    size = float(np.median([line.height for line in group]))
    angle = float(np.median([line.angle for line in group]))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], dtype=np.float32)
    low, high = (points @ turn).min(axis=0), (points @ turn).max(axis=0)
    surface = _surface(pixels, points, low, high, turn, size, cv2)
    rim = MARGIN * size
    if surface is None:
        low, high = low - rim, high + rim
    else:
        low, high = np.minimum(low - 0.2 * size, surface[0]), np.maximum(high + 0.2 * size, surface[1])
    corners = np.array([low, (high[0], low[1]), high, (low[0], high[1])], dtype=np.float32) @ turn.T
    corners = np.clip(corners, 0, (width, height))
    return tuple((float(x), float(y)) for x, y in corners)


def _merged(panels: list[tuple[Corners, list[_Line]]]) -> list[tuple[Corners, list[_Line]]]:
    """Panels that together fill one rectangle are bands of one panel: they become that rectangle."""
    import cv2

    for first, (one, lines) in enumerate(panels):
        for second in range(first + 1, len(panels)):
            other, more = panels[second]
            pair = (np.asarray(one, dtype=np.float32), np.asarray(other, dtype=np.float32))
            around = cv2.minAreaRect(np.concatenate(pair))
            shared, _ = cv2.intersectConvexConvex(*pair)
            filled = sum(cv2.contourArea(item) for item in pair) - shared
            if filled >= FILLED * around[1][0] * around[1][1]:
                corners = tuple((float(x), float(y)) for x, y in cv2.boxPoints(around))
                rest = [item for index, item in enumerate(panels) if index not in (first, second)]
                return _merged([*rest, (corners, [*lines, *more])])
    return panels


def _surface(
    pixels: Pixels, points: NDArray[np.float32], low: NDArray[np.float32], high: NDArray[np.float32],
    turn: NDArray[np.float32], size: float, cv2: Any,
) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:  # fmt: skip
    """(low, high) of the text's ground in the panel's own directions, or None when it can't be told.

    The ground's colour is the commonest one inside the text boxes; it is followed from there, within
    REACH, and its extent is where most of a side is still of that colour.
    """
    reach = np.array(REACH, dtype=np.float32) * size
    columns, rows = np.maximum(np.ceil(high - low + 2 * reach), 8).astype(int)
    step = max(1.0, max(columns, rows) / 400)
    xs = np.linspace(low[0] - reach[0], high[0] + reach[0], int(columns / step))
    ys = np.linspace(low[1] - reach[1], high[1] + reach[1], int(rows / step))
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).astype(np.float32) @ turn.T
    view = cv2.remap(pixels, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    lab = cv2.cvtColor(view.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    inside = ((grid >= 0) & (grid < pixels.shape[1::-1])).all(axis=-1)
    left, right = np.searchsorted(xs, (low[0], high[0]))
    top, bottom = np.searchsorted(ys, (low[1], high[1]))
    core = np.zeros(lab.shape[:2], dtype=np.bool_)
    core[top:bottom, left:right] = True
    if core.sum() < 16:
        return None
    ground = _commonest(lab[core])
    like = (np.linalg.norm((lab - ground) * (0.7, 1.0, 1.0), axis=-1) < TOLERANCE) & inside
    if like[core].mean() < 0.25:
        return None
    like = _connected(like | core, core, cv2)
    rows_filled = like[:, left:right].mean(axis=1) > 0.5
    top, bottom = _run(rows_filled | core.any(axis=1), top, bottom)
    columns_filled = like[top:bottom].mean(axis=0) > 0.5
    left, right = _run(columns_filled | core.any(axis=0), left, right)
    edge = np.array([xs[left], ys[top]]), np.array([xs[right - 1], ys[bottom - 1]])
    return edge[0].astype(np.float32), edge[1].astype(np.float32)


def _commonest(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean of the fullest cell of a coarse Lab histogram, (3,)."""
    cells = np.floor(lab / (16, 16, 16)).astype(np.int64) @ np.array([1, 64, 4096])
    _, which, counts = np.unique(cells, return_inverse=True, return_counts=True)
    return np.asarray(lab[which.ravel() == counts.argmax()].mean(axis=0))


def _connected(mask: BoolMask, seed: BoolMask, cv2: Any) -> BoolMask:
    """The part of mask that touches seed, thin bridges cut."""
    opened = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    _, labels = cv2.connectedComponents(opened | seed.astype(np.uint8), connectivity=4)
    wanted = np.unique(labels[seed])
    return np.asarray(np.isin(labels, wanted[wanted > 0]))


def _run(filled: NDArray[np.bool_], start: int, stop: int) -> tuple[int, int]:
    """The unbroken run of True that contains start..stop, as (first, one past the last)."""
    while start > 0 and filled[start - 1]:
        start -= 1
    while stop < len(filled) and filled[stop]:
        stop += 1
    return start, stop
