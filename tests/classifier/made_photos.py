"""Three kinds of made pictures that any backbone tells apart, for training and evaluating in seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.values import CLASSES, Pixels
from tests.made import saved


def kind(label: str, seed: int) -> Pixels:
    """Stripes for ok, noise for retoucher, a smooth ramp for exclure; RGB uint8 (48, 64, 3)."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[0:48, 0:64]
    base = {
        "ok": ((across + seed) // 4 % 2) * 200,
        "retoucher": rng.integers(0, 256, (48, 64)),
        "exclure": down * 4 + seed % 7,
    }[label]
    return np.repeat(base[..., None], 3, axis=2).astype(np.uint8)


def labelled(folder: Path, each: int, first: int = 0) -> Path:
    """folder/{ok,retoucher,exclure}/N.png"""
    for label in CLASSES:
        for number in range(first, first + each):
            saved(folder / label / f"{label}{number}.png", kind(label, number))
    return folder
