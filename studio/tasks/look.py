"""Scene tasks of the Keras worker: what is in a photo and where, as values for editing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.images import read_picture
from core.values import Origin, Region, Report, no_report

LOOK_SIDE = 1600
"""Long side in pixels at which text and panels are looked for; smaller letters are not readable either."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was found. scale: multiply region coordinates by it to get full-size pixels.

    heat: float32 (h, w) 0..1, where the car is; None when it was not asked for.
    """

    regions: tuple[Region, ...]
    size: tuple[int, int]
    heat: NDArray[np.float32] | None
    origins: tuple[Origin, ...]


def look(path: str, name: str, concepts: list[str], *, report: Report = no_report) -> Seen:
    """Look for "text", "panel" and "car" in a photo; coordinates are those of the LOOK_SIDE reduction.

    origins: of every model that was asked: the car map, the reader of texts, the panel map.
    """
    picture = read_picture(Path(path), max_side=LOOK_SIDE, name=name)
    regions: list[Region] = []
    origins: list[Origin] = []
    heat = None
    if "car" in concepts or "panel" in concepts:
        from classifier.carmap import car_map

        report(0.1, name)
        heat, origin = car_map(picture.pixels)
        origins.append(origin)
    if "text" in concepts or "panel" in concepts:
        from scene.text import find_text, text_origin

        report(0.3, name)
        texts = find_text(picture.pixels)
        origins.append(text_origin())
        if "text" in concepts:
            regions += texts
        if "panel" in concepts:
            from classifier.panelmap import panel_map
            from scene.panels import find_panels

            report(0.7, name)
            panel, origin = panel_map(picture.pixels)
            origins.append(origin)
            regions += find_panels(picture.pixels, texts, car=heat, panel=panel)
    height, width = picture.pixels.shape[:2]
    return Seen(tuple(regions), (width, height), heat, tuple(origins))
