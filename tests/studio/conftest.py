"""A desk with one imported photo that has a red panel, and what tests ask of stored files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.images import read_mask, read_picture
from core.values import Origin
from studio.desk import Desk
from studio.importing import import_photos
from tests.made import poster, profile, saved

PANEL = (0.2, 0.2, 0.55, 0.55)
"""A box around the red panel of ``poster``, in fractions."""


class Bench:
    """The desk, its photo, and readers of stored files."""

    def __init__(self, desk: Desk, photo: str, source: Path) -> None:
        self.desk, self.photo, self.source = desk, photo, source

    def pixels(self, sha: str) -> NDArray[np.uint8]:
        return read_picture(self.desk.workspace.store.open(sha)).pixels

    def mask(self, sha: str) -> NDArray[np.bool_]:
        return read_mask(self.desk.workspace.store.open(sha))

    def outside_changes(self, before: str, after: str, mask: str) -> int:
        """Pixels outside the mask that differ between two stored files."""
        return int(((self.pixels(before) != self.pixels(after)).any(-1) & ~self.mask(mask)).sum())


@pytest.fixture
def no_car(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removal asks the network where the car is; most tests have none in their picture and need no TensorFlow."""
    import classifier.carmap

    def nowhere(pixels: NDArray[np.uint8], *_: object, **__: object) -> tuple[NDArray[np.float32], Origin]:
        height, width = pixels.shape[:2]
        return np.zeros((height, width), np.float32), Origin("embedded", "no-car")

    monkeypatch.setattr(classifier.carmap, "car_map", nowhere)


@pytest.fixture
def bench(desk: Desk, tmp_path: Path) -> Bench:
    source = saved(tmp_path / "panneau.jpg", poster(), icc_profile=profile(), quality=97)
    (photo,) = import_photos(desk, [source]).added
    return Bench(desk, photo, source)
