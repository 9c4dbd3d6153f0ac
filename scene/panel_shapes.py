"""A coarse map of where panels are becomes outlines: snapped to the photo's edges, cut at a level, simplified.

The snapping is a guided filter with the colours as guide (He, Sun, Tang 2013, "Guided image filtering").
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.values import BoolMask, Pixels

SIDE = 512
"""Long side at which the map is sharpened and outlined."""
RADIUS, SMOOTH = 16, 1e-3
"""The guided filter's window in pixels at SIDE, and its regularisation for colours in 0..1."""
LEVEL, SURE = 0.35, 0.8
"""A panel reaches as far as the map is above LEVEL, and must be SURE somewhere."""
SMALLEST = 0.003
"""Share of the photo below which a shape is a speck."""
SOLID = 0.6
"""Share of its convex hull that a shape must fill; ragged ones are the map's doubts, not panels."""
Corners = tuple[tuple[float, float], ...]


def sharpened(panel: NDArray[np.floating[Any]], pixels: Pixels) -> NDArray[np.float32]:
    """The map at most SIDE long with edges where the photo has them.

    panel: float (h', w') in 0..1 with the photo's aspect; pixels: RGB uint8 (h, w, 3) → float32 in 0..1.
    """
    import cv2

    height, width = pixels.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    guide = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.float32) / 255
    coarse = np.asarray(panel, dtype=np.float32)
    values = np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)

    def mean(values: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        window = (2 * RADIUS + 1, 2 * RADIUS + 1)
        return np.asarray(cv2.blur(np.asarray(values, dtype=np.float32), window), dtype=np.float32)

    mean_guide, mean_values = mean(guide), mean(values)
    shared = mean(guide * values[:, :, None]) - mean_guide * mean_values[:, :, None]
    spread = np.stack([mean(guide * guide[:, :, [channel]]) for channel in range(3)], axis=-1)
    spread += SMOOTH * np.eye(3, dtype=np.float32) - mean_guide[:, :, :, None] * mean_guide[:, :, None]
    slope = np.linalg.solve(spread, shared[:, :, :, None])[:, :, :, 0]
    offset = mean_values - (slope * mean_guide).sum(axis=-1)
    return np.asarray(np.clip((mean(slope) * guide).sum(axis=-1) + mean(offset), 0.0, 1.0), dtype=np.float32)


def shapes(fine: NDArray[np.float32], size: tuple[int, int]) -> list[tuple[Corners, float]]:
    """Outlines of the panels on a sharpened map, in pixels of the photo, each with the map's mean inside.

    size: (height, width) of the photo.
    """
    import cv2

    said = cv2.morphologyEx((fine > LEVEL).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(said, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    scale = np.array([size[1] / fine.shape[1], size[0] / fine.shape[0]])
    found = []
    for outline in outlines:
        area = cv2.contourArea(outline)
        if area < max(SMALLEST * fine.size, SOLID * cv2.contourArea(cv2.convexHull(outline))):
            continue
        inside = fine[cv2.fillPoly(np.zeros_like(said), [outline], 1) > 0]
        points = cv2.approxPolyDP(outline, 1.5, True)[:, 0]
        if inside.max() >= SURE and len(points) > 2:
            corners = tuple((float(x), float(y)) for x, y in (points + 0.5) * scale)
            found.append((corners, float(inside.mean())))
    return found


def filled(corners: Corners, grid: tuple[int, int], size: tuple[int, int]) -> BoolMask:
    """A polygon in pixels of a photo of size (height, width), filled on a grid (rows, columns)."""
    import cv2

    scale = np.array([grid[1] / size[1], grid[0] / size[0]])
    points = np.rint(np.asarray(corners) * scale).astype(np.int32)
    return np.asarray(cv2.fillPoly(np.zeros(grid, dtype=np.uint8), [points], 1) > 0)


def mean_inside(values: NDArray[np.floating[Any]] | BoolMask, corners: Corners, size: tuple[int, int]) -> float:
    """Mean of a map inside a polygon, 0 when it is too small to be seen there."""
    inside = filled(corners, (values.shape[0], values.shape[1]), size)
    return float(np.asarray(values, dtype=np.float32)[inside].mean()) if inside.any() else 0.0
