"""How well panels are found on outlined race photos: ``python -m classifier.measure_panels --race DIR``.

DIR holds index.csv (id, image, mask), images and masks (id 3 = panel). It stands here and not in scene
because the car map, which tells sponsors on the car from panels, is the classifier's.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from classifier.carmap import car_map
from core.images import read_picture
from core.values import BoolMask, Region
from scene.panels import find_panels
from scene.text import find_text

PANEL, SMALLEST = 3, 0.002
"""Mask id, and the share of the photo below which its panels are not looked for."""


def drawn(regions: Sequence[Region], size: tuple[int, int]) -> BoolMask:
    """The regions' polygons filled, boolean (height, width)."""
    import cv2

    canvas = np.zeros(size, dtype=np.uint8)
    for region in regions:
        cv2.fillPoly(canvas, [np.rint(np.asarray(region.polygon)).astype(np.int32)], 1)
    return np.asarray(canvas > 0)


def measure(race: Path) -> dict[str, float]:
    """IoU of all panels of a photo together with what is outlined, over photos with a panel."""
    overlaps, off, regions = [], 0, 0
    with (race / "index.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        wanted = np.asarray(Image.open(race / row["mask"])) == PANEL
        if wanted.mean() < SMALLEST:
            continue
        pixels = read_picture(race / row["image"]).pixels
        found = find_panels(pixels, find_text(pixels), car=car_map(pixels)[0])
        shown = drawn(found, wanted.shape)
        overlaps.append(float((shown & wanted).sum() / (shown | wanted).sum()))
        regions += len(found)
        areas = [drawn([region], wanted.shape) for region in found]
        off += sum(1 for area in areas if (area & wanted).sum() < 0.2 * area.sum())
    touched = [value for value in overlaps if value > 0.05]
    return {
        "photos": len(overlaps),
        "median_iou": round(float(np.median(overlaps)), 3),
        "photos_where_found": len(touched),
        "median_iou_where_found": round(float(np.median(touched)), 3),
        "regions": regions,
        "regions_off": off,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m classifier.measure_panels", description=__doc__)
    parser.add_argument("--race", type=Path, required=True)
    sys.stdout.write(json.dumps(measure(parser.parse_args(arguments).race), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
