"""Where to copy from: patch-based completion of a hole, coarse to fine (Wexler, Shechtman, Irani 2007).

The nearest patches are found by PatchMatch (Barnes et al. 2009), all pixels at once in numpy, on
patches reduced by principal components. The answer is a map of source positions rather than
pixels, so that the copy can then be made from the photo at its full size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.values import BoolMask

Floats = NDArray[np.float32]
Positions = NDArray[np.int32]
"""(height, width, 2): for each pixel the (row, column) that it copies; known pixels copy themselves."""

PATCH = 7
_R = PATCH // 2
_COMPONENTS = 16
_STEP = 1.7
"""Ratio between two levels of the pyramid."""
_COARSEST = 2.5
"""Half-thickness of the hole, in pixels, at the coarsest level."""
NEAR = 1.0
"""Price of distance: a source a whole diagonal away costs this many times the mean patch variance."""
SAME_HEIGHT = 30.0
"""How much dearer a vertical pixel is than a horizontal one: grounds, walls and skies run sideways."""


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """The picture at one scale: image float32 (h, w, 3), hole, and where a patch may be copied from."""

    image: Floats
    hole: BoolMask
    allowed: BoolMask


def find_sources(
    image: NDArray[np.uint8],
    hole: BoolMask,
    allowed: BoolMask,
    *,
    seed: int = 0,
    tick: Callable[[float], None] = lambda fraction: None,
) -> Positions:
    """Positions for the hole of an image uint8 (h, w, 3) in a perceptual space such as Lab.

    allowed: pixels that may be copied (never the hole's own). At least one pixel must be known; same
    seed, same map.
    """
    random = np.random.default_rng(seed)
    levels = _pyramid(image.astype(np.float32), hole, allowed)
    work = sum(level.hole.sum() for level in levels) or 1
    done = 0
    positions: Positions | None = None
    filled: Floats = levels[-1].image
    for depth in range(len(levels) - 1, -1, -1):
        level = levels[depth]
        sources = _valid_sources(level)
        search = _Search(level, sources, random)
        if positions is None:
            filled = _smooth_start(level)
            nnf = search.random_field()
            rounds = 12
        else:
            nnf = search.lifted(positions)
            filled = search.vote(level.image, nnf, None)
            rounds = 5 if depth > 1 else (3 if depth == 1 else 2)
        for turn in range(rounds):
            nnf, cost = search.improve(filled, nnf, passes=2)
            filled = search.vote(filled, nnf, cost)
            tick((done + level.hole.sum() * (turn + 1) / rounds) / work)
        done += int(level.hole.sum())
        positions = search.positions(nnf)
    assert positions is not None
    return positions


class _Search:
    """PatchMatch and voting at one level; `nnf` is (targets, 2) int32, source centres of the target patches."""

    def __init__(self, level: Level, sources: BoolMask, random: np.random.Generator) -> None:
        self.level, self.sources, self.random = level, sources, random
        self.height, self.width = level.hole.shape
        self.valid = np.ascontiguousarray(sources)
        self.source_list = np.argwhere(sources).astype(np.int32)
        touched = _dilate(level.hole, _R)
        self.targets = np.argwhere(touched).astype(np.int32)
        self.index = np.full(level.hole.shape, -1, dtype=np.int32)
        self.index[touched] = np.arange(len(self.targets), dtype=np.int32)
        sample = self.source_list[:: max(1, len(self.source_list) // 4000)]
        patches = _patches(level.image, sample)
        self.centre = patches.mean(axis=0)
        patches = patches - self.centre
        values, vectors = np.linalg.eigh((patches.T @ patches / len(patches)).astype(np.float64))
        self.basis = vectors[:, ::-1][:, :_COMPONENTS].astype(np.float32)
        self.variance = float(max(values.sum(), 1.0))
        features = np.zeros((self.height, self.width, self.basis.shape[1]), dtype=np.float32)
        for start in range(0, len(self.source_list), 20000):
            part = self.source_list[start : start + 20000]
            features[part[:, 0], part[:, 1]] = (_patches(level.image, part) - self.centre) @ self.basis
        self.features = features.reshape(-1, self.basis.shape[1])
        diagonal = float(np.hypot(self.height, self.width))
        self.price = np.array([SAME_HEIGHT, 1.0], np.float32) * np.float32(NEAR * self.variance / diagonal**2)
        ys, xs = np.nonzero(level.hole)
        self.hole_pixels = np.stack([ys, xs], axis=1).astype(np.int32)
        self.trust = np.float32(1.3) ** -np.minimum(_depth(level.hole), 30.0)[self.targets[:, 0], self.targets[:, 1]]

    def random_field(self) -> Positions:
        picks = self.random.integers(0, len(self.source_list), len(self.targets))
        return np.asarray(self.source_list[picks], dtype=np.int32)

    def lifted(self, positions: Positions) -> Positions:
        """The coarser level's positions at this one, offsets scaled; invalid ones are drawn anew."""
        scale_y, scale_x = self.height / positions.shape[0], self.width / positions.shape[1]
        rows = np.minimum((self.targets[:, 0] / scale_y).astype(np.int32), positions.shape[0] - 1)
        columns = np.minimum((self.targets[:, 1] / scale_x).astype(np.int32), positions.shape[1] - 1)
        offset = positions[rows, columns] - np.stack([rows, columns], axis=1)
        nnf = self.targets + np.rint(offset * np.array([scale_y, scale_x])).astype(np.int32)
        bad = ~self._is_valid(nnf)
        nnf[bad] = self.random_field()[bad]
        return np.asarray(nnf, dtype=np.int32)

    def improve(self, filled: Floats, nnf: Positions, passes: int) -> tuple[Positions, Floats]:
        """A few rounds of propagation and random search; (nnf, cost of each target)."""
        wanted = np.empty((len(self.targets), self.basis.shape[1]), dtype=np.float32)
        for start in range(0, len(self.targets), 20000):
            part = self.targets[start : start + 20000]
            wanted[start : start + 20000] = (_patches(filled, part) - self.centre) @ self.basis
        best = nnf.copy()
        cost = self._cost(wanted, best, np.arange(len(best)))
        reach = max(self.height, self.width)
        for turn in range(passes):
            for step in (8, 4, 2, 1) if turn == 0 else (3, 1):
                for delta in ((step, 0), (-step, 0), (0, step), (0, -step)):
                    self._propagate(wanted, best, cost, delta)
            radius = reach // 2
            while radius >= 1:
                jump = self.random.integers(-radius, radius + 1, best.shape, dtype=np.int32)
                self._try(wanted, best, cost, best + jump, np.arange(len(best)))
                radius //= 3
        return best, cost

    def vote(self, filled: Floats, nnf: Positions, cost: Floats | None) -> Floats:
        """Each hole pixel becomes the weighted mean of what the overlapping patches copy there."""
        weight = self.trust
        if cost is not None:
            spread = float(np.quantile(cost, 0.5)) + 1e-3
            weight = weight * np.exp(-cost / (2.0 * spread)) + np.float32(1e-12)
        total = np.zeros((len(self.hole_pixels), 3), dtype=np.float32)
        mass = np.zeros(len(self.hole_pixels), dtype=np.float32)
        image = self.level.image
        for dy in range(-_R, _R + 1):
            for dx in range(-_R, _R + 1):
                y, x = self.hole_pixels[:, 0] - dy, self.hole_pixels[:, 1] - dx
                inside = (y >= 0) & (x >= 0) & (y < self.height) & (x < self.width)
                target = self.index[np.where(inside, y, 0), np.where(inside, x, 0)]
                share = np.where(inside, weight[target], 0.0).astype(np.float32)
                sy = np.clip(nnf[target, 0] + dy, 0, self.height - 1)
                sx = np.clip(nnf[target, 1] + dx, 0, self.width - 1)
                total += share[:, None] * image[sy, sx]
                mass += share
        result = filled.copy()
        result[self.hole_pixels[:, 0], self.hole_pixels[:, 1]] = total / mass[:, None]
        return result

    def positions(self, nnf: Positions) -> Positions:
        """The map for every pixel: hole pixels copy the centre of their source patch."""
        grid = np.indices((self.height, self.width), dtype=np.int32).transpose(1, 2, 0).copy()
        ys, xs = self.hole_pixels[:, 0], self.hole_pixels[:, 1]
        grid[ys, xs] = nnf[self.index[ys, xs]]
        return grid

    def _propagate(self, wanted: Floats, best: Positions, cost: Floats, delta: tuple[int, int]) -> None:
        y, x = self.targets[:, 0] + delta[0], self.targets[:, 1] + delta[1]
        inside = (y >= 0) & (x >= 0) & (y < self.height) & (x < self.width)
        neighbour = np.where(inside, self.index[np.where(inside, y, 0), np.where(inside, x, 0)], -1)
        rows = np.flatnonzero(neighbour >= 0)
        candidate = best[neighbour[rows]] - np.array(delta, dtype=np.int32)
        self._try(wanted, best, cost, candidate, rows)

    def _try(self, wanted: Floats, best: Positions, cost: Floats, candidate: Positions, rows: NDArray[np.intp]) -> None:
        fine = self._is_valid(candidate)
        candidate, rows = candidate[fine], rows[fine]
        price = self._cost(wanted, candidate, rows)
        better = price < cost[rows]
        rows = rows[better]
        best[rows], cost[rows] = candidate[better], price[better]

    def _cost(self, wanted: Floats, candidate: Positions, rows: NDArray[np.intp]) -> Floats:
        difference = wanted[rows] - self.features[candidate[:, 0] * self.width + candidate[:, 1]]
        offset = (candidate - self.targets[rows]).astype(np.float32)
        return np.asarray(np.einsum("ij,ij->i", difference, difference) + (offset * offset) @ self.price, np.float32)

    def _is_valid(self, candidate: Positions) -> BoolMask:
        y, x = candidate[:, 0], candidate[:, 1]
        inside = (y >= 0) & (x >= 0) & (y < self.height) & (x < self.width)
        return np.asarray(inside & self.valid[np.where(inside, y, 0), np.where(inside, x, 0)])


def _pyramid(image: Floats, hole: BoolMask, allowed: BoolMask) -> list[Level]:
    """Finest first. Known colours only are averaged, so that the removed thing leaves no trace."""
    import cv2

    known = (~hole).astype(np.float32)
    levels = [Level(image * known[:, :, None], hole, allowed)]
    thickness, shorter = float(_depth(hole).max()), min(hole.shape)
    scale = 1.0
    while thickness / scale > _COARSEST and shorter / (scale * _STEP) >= 3 * PATCH:
        scale *= _STEP
        size = (max(1, round(hole.shape[1] / scale)), max(1, round(hole.shape[0] / scale)))
        mass = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
        small = cv2.resize(image * known[:, :, None], size, interpolation=cv2.INTER_AREA)
        gap = mass < 0.5
        usable = cv2.resize(allowed.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.9
        levels.append(Level(np.where(gap[:, :, None], 0, small / np.maximum(mass, 1e-6)[:, :, None]), gap, usable))
    while len(levels) > 1 and not (levels[-1].allowed & ~levels[-1].hole).any():
        levels.pop()
    return levels


def _valid_sources(level: Level) -> BoolMask:
    """Centres that may be copied: allowed themselves, with a whole patch of known pixels around them.

    The patch may overlap what is not allowed: next to a car in front of a wall, the wall is the
    best source there is. Where no such centre exists, any allowed pixel will do, then any known one.
    """
    import cv2

    known = ~level.hole
    whole = cv2.erode(
        known.astype(np.uint8), np.ones((PATCH, PATCH), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    for choice in (level.allowed & known & (whole > 0), level.allowed & known):
        if choice.any():
            return np.asarray(choice)
    return known


def _smooth_start(level: Level) -> Floats:
    """The hole filled with a smooth guess."""
    import cv2

    as_bytes = np.clip(np.rint(level.image), 0, 255).astype(np.uint8)
    guess = cv2.inpaint(as_bytes, level.hole.astype(np.uint8), 3, cv2.INPAINT_TELEA).astype(np.float32)
    return np.where(level.hole[:, :, None], guess, level.image)


def _patches(image: Floats, centres: Positions) -> Floats:
    """(number of centres, PATCH·PATCH·3), edges repeated beyond the frame."""
    height, width = image.shape[:2]
    reach = np.arange(-_R, _R + 1)
    rows = np.clip(centres[:, 0, None] + reach, 0, height - 1)
    columns = np.clip(centres[:, 1, None] + reach, 0, width - 1)
    return np.asarray(image[rows[:, :, None], columns[:, None, :]].reshape(len(centres), -1), dtype=np.float32)


def _dilate(mask: BoolMask, radius: int) -> BoolMask:
    import cv2

    side = 2 * radius + 1
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8)) > 0)


def _depth(hole: BoolMask) -> Floats:
    """Distance of each hole pixel to the nearest known pixel, float32."""
    import cv2

    return np.asarray(cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)
