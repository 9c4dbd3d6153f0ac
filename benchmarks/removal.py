"""Removal against OpenCV's own fillers, in one run.

On each photo of a folder with masks (classes: 1 car, 2 person, 3 panel), a red panel with text is
painted where the background is known, partly behind the car, and removed by each method. Figures
inside the panel: PSNR against the true background, CPU seconds, pixels changed outside.

    python -m benchmarks.removal --data DIR [--photos 24] [--sheet OUT.png]

DIR holds index.csv (id, image, mask, tags), images/ and masks/.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from benchmarks.machine import keep
from core.images import read_picture
from core.values import BoolMask, Pixels
from editing.maskops import bounding_box
from editing.remove import remove

Method = Callable[[Pixels, BoolMask, BoolMask], Pixels]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--photos", type=int, default=24)
    parser.add_argument("--sheet", type=Path, help="write the pictures side by side")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    figures: dict[str, list[tuple[float, float, int]]] = {name: [] for name in METHODS}
    rows = []
    for truth, mask, car in panels(options.data, options.photos):
        photo = painted(truth, mask)
        shown = [truth, photo]
        for name, method in METHODS.items():
            start = time.process_time()
            answer = method(photo.copy(), mask, car)
            seconds = time.process_time() - start
            outside = int((answer != photo).any(axis=2)[~mask].sum())
            answer = np.where(mask[:, :, None], answer, photo)
            figures[name].append((psnr(answer, truth, mask), seconds, outside))
            shown.append(answer)
        row = Image.fromarray(np.hstack(shown))
        rows.append(np.asarray(row.resize((280 * len(shown), round(row.height * 280 * len(shown) / row.width)))))
    print(f"{len(rows)} panels: method, PSNR in dB, CPU seconds, pixels changed outside (before any paste)")
    told = {}
    for name, values in figures.items():
        mean = np.mean(values, axis=0)
        print(f"{name:22} {mean[0]:6.2f} {mean[1]:7.2f} {mean[2]:9.0f}")
        told[name] = {
            "psnr_db": round(float(mean[0]), 2), "cpu_seconds": round(float(mean[1]), 3),
            "changed_outside_before_paste": round(float(mean[2])),
        }  # fmt: skip
    keep("removal", {"panels": len(rows), "threads": 1, "means": told})
    if options.sheet:
        Image.fromarray(np.vstack(rows)).save(options.sheet)


def panels(folder: Path, count: int) -> Iterator[tuple[Pixels, BoolMask, BoolMask]]:
    """(photo, panel mask, mask of cars and people); panels touch the car but never cover it."""
    random = np.random.default_rng(3)
    with (folder / "index.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if "car" in row["tags"] and "ad" not in row["tags"]]
    for row in rows:
        pixels = read_picture(folder / row["image"]).pixels
        subject = np.isin(np.asarray(Image.open(folder / row["mask"])), (1, 2))
        height, width = subject.shape
        for _ in range(60):
            w, h = int(width * random.uniform(0.25, 0.5)), int(height * random.uniform(0.12, 0.28))
            left, top = int(random.integers(0, width - w + 1)), int(random.integers(0, height - h + 1))
            covered = subject[top : top + h, left : left + w]
            if 0 < covered.mean() < 0.12:
                mask = np.zeros_like(subject)
                mask[top : top + h, left : left + w] = ~covered
                yield pixels, mask, subject
                count -= 1
                break
        if count == 0:
            return


def painted(pixels: Pixels, mask: BoolMask) -> Pixels:
    """The photo with an advertising panel over the mask."""
    left, top, _, bottom = bounding_box(mask)
    panel = Image.new("RGB", (mask.shape[1], mask.shape[0]), (200, 20, 30))
    ImageDraw.Draw(panel).text((left + 4, top + 4), "SPONSOR RACING", fill="white", font_size=(bottom - top) // 2)
    return np.where(mask[:, :, None], np.asarray(panel), pixels)


def psnr(a: Pixels, b: Pixels, mask: BoolMask) -> float:
    """Peak signal-to-noise ratio inside the mask, in dB."""
    return float(10 * np.log10(255**2 / max(np.mean((a[mask].astype(float) - b[mask]) ** 2), 1e-9)))


def shift_map(pixels: Pixels, mask: BoolMask, car: BoolMask) -> Pixels:
    """Plain xphoto: Lab, its mask is 255 where pixels are kept."""
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)
    answer = np.zeros_like(lab)
    cv2.xphoto.inpaint(lab, np.where(mask, 0, 255).astype(np.uint8), answer, cv2.xphoto.INPAINT_SHIFTMAP)
    return cv2.cvtColor(answer, cv2.COLOR_LAB2RGB)


METHODS: dict[str, Method] = {
    "Telea": lambda pixels, mask, car: cv2.inpaint(pixels, mask.astype(np.uint8), 5, cv2.INPAINT_TELEA),
    "Navier-Stokes": lambda pixels, mask, car: cv2.inpaint(pixels, mask.astype(np.uint8), 5, cv2.INPAINT_NS),
    "xphoto shift-map": shift_map,
    "ours": lambda pixels, mask, car: remove(pixels, mask).pixels,
    "ours, car avoided": lambda pixels, mask, car: remove(pixels, mask, avoid=car).pixels,
}

if __name__ == "__main__":
    main()
