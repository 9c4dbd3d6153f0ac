"""Exact palette transfer: the linear Monge-Kantorovich map (Pitié and Kokaram, CVMP 2007).

The map is the one that gives the photo's colours the mean and covariance of the style's while
moving them least. It works on sRGB values: tried side by side in Lab, which blew the noise of
weakly coloured photos up into coloured speckles. Rows are handled in blocks, so that a
24-megapixel photo needs little memory above its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import PhotoError, SettingsError
from core.values import Edited, Origin, Pixels, Report, no_report

_BLOCK = 1 << 19
"""Pixels handled at a time."""
_FLOOR = 4.0
"""Variance (in levels²) below which a direction of the photo's colours counts as flat and is not stretched more."""


def transfer(pixels: Pixels, style_pixels: Pixels, *, strength: float = 1.0, report: Report = no_report) -> Edited:
    """The photo in the style's colours; RGB uint8 in and out, the photo's size.

    strength: 0 gives the photo to the bit, 1 the whole map, values between mix the two linearly.
    Flat or one-pixel styles and flat photos are fine: the mean moves, and what has no spread is not
    amplified. Raises SettingsError (strength outside 0..1) and PhotoError (an empty picture).
    """
    if not 0.0 <= strength <= 1.0:
        raise SettingsError(name="strength", value=strength, expected="0 … 1")
    for picture in (pixels, style_pixels):
        if picture.ndim != 3 or picture.shape[2] != 3 or picture.size == 0:
            raise PhotoError(file="—", why=f"RGB, {picture.shape}")
    parameters = {"strength": strength, "space": "srgb"}
    origin = Origin("algorithm", "monge-kantorovich", parameters=parameters, libraries={"numpy": np.__version__})
    if strength == 0.0:
        return Edited(pixels.copy(), origin, 0, 0)
    report(0.0, "palette.measure")
    photo_mean, photo_cov = statistics(pixels)
    style_mean, style_cov = statistics(style_pixels)
    matrix = monge_kantorovich(photo_cov, style_cov, floor=_FLOOR)
    result = np.empty_like(pixels)
    changed = 0
    rows = max(1, _BLOCK // pixels.shape[1])
    for start in range(0, pixels.shape[0], rows):
        report(0.3 + 0.7 * start / pixels.shape[0], "palette.apply")
        block = pixels[start : start + rows]
        mapped = (block - photo_mean) @ matrix.T + style_mean
        if strength < 1.0:
            mapped = block + strength * (mapped - block)
        result[start : start + rows] = np.clip(np.rint(mapped), 0, 255).astype(np.uint8)
        changed += int(np.count_nonzero((result[start : start + rows] != block).any(axis=2)))
    return Edited(result, origin, changed, 0)


def statistics(pixels: Pixels) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(mean of shape (3,), covariance of shape (3, 3)) of the colours in levels, in float64."""
    total, products = np.zeros(3), np.zeros((3, 3))
    rows = max(1, _BLOCK // pixels.shape[1])
    centre = pixels[0, 0].astype(np.float64)
    for start in range(0, pixels.shape[0], rows):
        values = pixels[start : start + rows].reshape(-1, 3) - centre
        total += values.sum(axis=0)
        products += values.T @ values
    count = pixels.shape[0] * pixels.shape[1]
    mean = total / count
    return mean + centre, products / count - np.outer(mean, mean)


def monge_kantorovich(source: NDArray[np.float64], target: NDArray[np.float64], *, floor: float) -> NDArray[np.float64]:
    """The symmetric matrix T with T·source·T = target that moves colours least.

    floor: variance below which an axis of the source counts as flat; it is raised to it, so
    that noise is not blown up into colour.
    """
    root, inverse = _roots(source, floor)
    middle, _ = _roots(root @ target @ root, 0.0)
    return inverse @ middle @ inverse


def _roots(matrix: NDArray[np.float64], floor: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(square root, its inverse) of a symmetric positive matrix, eigenvalues raised to the floor."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2.0)
    values = np.sqrt(np.maximum(values, floor))
    inverse = np.divide(1.0, values, out=np.zeros_like(values), where=values > 0.0)
    return (vectors * values) @ vectors.T, (vectors * inverse) @ vectors.T
