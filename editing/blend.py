"""Making copied patches agree with each other and with their surroundings, in the gradient domain.

Pérez, Gangnet, Blake 2003 with a screening term: seams are spread out, but a colour does not
bleed far into the hole from a rim that does not match.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.values import BoolMask

Floats = NDArray[np.float32]

SCREEN = 1e-3
"""Pull towards the copied colour itself; a correction fades over about 1/√SCREEN = 32 pixels."""
TOLERANCE = 25.0
"""Mismatch, in levels, at which a rim pixel counts half: beyond it an object's edge is more likely than light."""

LIMIT = 30.0
"""Largest correction in levels, approached softly: light is evened out, a colour is never painted on."""


def correction(
    image: Floats, hole: BoolMask, positions: NDArray[np.int32], silent: BoolMask | None = None
) -> Floats:  # fmt: skip
    """What to add to the copied colours, float32 (h, w, 3) in levels, 0 outside the hole.

    image: float32 (h, w, 3), known outside the hole. positions: (h, w, 2), the (row, column) that
    each pixel copies. silent: known pixels that must not pull at their neighbours in the hole.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.linalg import splu

    height, width = hole.shape
    ys, xs = np.nonzero(hole)
    count = len(ys)
    index = np.full(hole.shape, -1, dtype=np.int64)
    index[ys, xs] = np.arange(count)
    source = positions[ys, xs]
    copied = image[source[:, 0], source[:, 1]].astype(np.float64)
    diagonal = np.full(count, SCREEN)
    right = np.zeros((count, 3))
    rows: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int64]] = []
    values: list[NDArray[np.float64]] = []
    for dy, dx in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        ny, nx = ys + dy, xs + dx
        here = np.flatnonzero((ny >= 0) & (nx >= 0) & (ny < height) & (nx < width))
        ny, nx = ny[here], nx[here]
        step, known_step = _source_step(image, hole, source[here], (dy, dx))
        other = index[ny, nx]
        inner = other >= 0
        # Between two hole pixels: both sources have an opinion on the step between them.
        a, b = here[inner], other[inner]
        back, known_back = _source_step(image, hole, source[b], (-dy, -dx))
        votes = known_step[inner].astype(np.float64) + known_back
        wanted = (step[inner] - back) / np.maximum(votes, 1.0)[:, None]
        # The unknown is the correction c = T - copied, and T_b - T_a should be the wanted step.
        right[a] -= wanted - (copied[b] - copied[a])
        diagonal[a] += 1.0
        rows.append(a)
        columns.append(b)
        values.append(np.full(len(a), -1.0))
        # At the rim the neighbour's colour is given.
        rim = ~inner
        a = here[rim]
        mismatch = image[ny[rim], nx[rim]].astype(np.float64) - copied[a] - step[rim]
        weight = 1.0 / (1.0 + (np.abs(mismatch).max(axis=1) / TOLERANCE) ** 2)
        if silent is not None:
            weight[silent[ny[rim], nx[rim]]] = 0.0
        right[a] += weight[:, None] * mismatch
        diagonal[a] += weight
    every = np.arange(count)
    system = coo_matrix(
        (np.concatenate([diagonal, *values]), (np.concatenate([every, *rows]), np.concatenate([every, *columns]))),
        shape=(count, count),
    ).tocsc()
    solver = splu(system, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True}, diag_pivot_thresh=0.0)
    result = np.zeros((height, width, 3), dtype=np.float32)
    result[ys, xs] = LIMIT * np.tanh(solver.solve(right) / LIMIT)
    return result


def _source_step(
    image: Floats, hole: BoolMask, source: NDArray[np.int32], delta: tuple[int, int]
) -> tuple[NDArray[np.float64], BoolMask]:
    """(colour step from each source pixel to its own neighbour, whether that neighbour is known); 0 where not."""
    y, x = source[:, 0] + delta[0], source[:, 1] + delta[1]
    inside = (y >= 0) & (x >= 0) & (y < hole.shape[0]) & (x < hole.shape[1])
    y, x = np.where(inside, y, source[:, 0]), np.where(inside, x, source[:, 1])
    known = inside & ~hole[y, x]
    step = image[y, x].astype(np.float64) - image[source[:, 0], source[:, 1]]
    return np.where(known[:, None], step, 0.0), known
