"""How well panels are found on outlined race photos: ``python -m classifier.measure_panels --race DIR``.

DIR holds index.csv (id, image, mask), images and masks (id 3 = panel). Three ways are compared: from text
and the car map alone, with the panel map, and the panel map without any text. --maps takes the file that
``classifier.train_panelmap --maps`` wrote: maps made without the photo they are of. It stands here and not
in scene because the maps are the classifier's.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from classifier.carmap import car_map
from classifier.panelmap import panel_map
from classifier.placemap import cropped
from core.images import read_picture
from core.values import BoolMask, Region
from scene.panels import find_panels
from scene.text import find_text

PANEL, SMALLEST = 3, 0.002
"""Mask id, and the share of the photo below which its panels are not looked for."""
WAYS = ("text", "text and map", "map")


def drawn(regions: Sequence[Region], size: tuple[int, int]) -> BoolMask:
    """The regions' polygons filled, boolean (height, width)."""
    import cv2

    canvas = np.zeros(size, dtype=np.uint8)
    for region in regions:
        cv2.fillPoly(canvas, [np.rint(np.asarray(region.polygon)).astype(np.int32)], 1)
    return np.asarray(canvas > 0)


def measure(race: Path, maps: Path | None = None) -> dict[str, dict[str, float]]:
    """For each of WAYS the IoU of a photo's panels together with what is outlined, and what was said wrongly."""
    with (race / "index.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    grids = np.load(maps) if maps else None
    found: dict[str, list[tuple[tuple[Region, ...], BoolMask]]] = {way: [] for way in WAYS}
    for row in rows:
        wanted = np.asarray(Image.open(race / row["mask"])) == PANEL
        pixels = read_picture(race / row["image"]).pixels
        texts, car = find_text(pixels), car_map(pixels)[0]
        panel = panel_map(pixels)[0] if grids is None else cropped(grids[row["id"]].astype(np.float32), wanted.shape)
        found["text"].append((find_panels(pixels, texts, car=car), wanted))
        found["text and map"].append((find_panels(pixels, texts, car=car, panel=panel), wanted))
        found["map"].append((find_panels(pixels, (), car=car, panel=panel), wanted))
    return {way: figures(found[way]) for way in WAYS}


def figures(found: Sequence[tuple[Sequence[Region], BoolMask]]) -> dict[str, Any]:
    """Scores of (regions, outlined panels) of many photos.

    regions_off: of the regions in photos with a panel, those of which less than a fifth lies on one; empty_*: of
    photos without a panel, how many there are, in how many something is found, and its mean share of the photo.
    """
    overlaps, off, regions, empty = [], 0, 0, []
    for said, wanted in found:
        size = (wanted.shape[0], wanted.shape[1])
        shown = drawn(said, size)
        if wanted.mean() < SMALLEST:
            empty.append(float(shown.mean()))
            continue
        overlaps.append(float((shown & wanted).sum() / (shown | wanted).sum()))
        regions += len(said)
        areas = [drawn([region], size) for region in said]
        off += sum(1 for area in areas if (area & wanted).sum() < 0.2 * area.sum())
    touched = [value for value in overlaps if value > 0.05]
    return {
        "photos": len(overlaps),
        "median_iou": round(float(np.median(overlaps)), 3),
        "mean_iou": round(float(np.mean(overlaps)), 3),
        "photos_where_found": len(touched),
        "median_iou_where_found": round(float(np.median(touched or [0.0])), 3),
        "regions": regions,
        "regions_off": off,
        "empty_photos": len(empty),
        "empty_with_regions": sum(1 for share in empty if share > 0),
        "empty_share": round(float(np.mean(empty or [0.0])), 4),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m classifier.measure_panels", description=__doc__)
    parser.add_argument("--race", type=Path, required=True)
    parser.add_argument("--maps", type=Path, help="FILE.npz of classifier.train_panelmap --maps")
    given = parser.parse_args(arguments)
    sys.stdout.write(json.dumps(measure(given.race, given.maps), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
