"""Finish the rendered samples: denoise, light grain and vignette, JPEG files, and samples.csv.

python samples/finish.py --out samples   (after render.py; reads OUT/raw/*.png, leaves them in place)
"""

import argparse
import csv
from pathlib import Path

import cv2
import numpy as np
from shots import SHOTS


def denoised(pixels, strength=4, kept=0.25):
    """Remove most noise of few light paths, keep a share of the fine texture (BGR uint8 in and out)."""
    clean = cv2.fastNlMeansDenoisingColored(pixels, None, strength, strength + 3, 5, 15)
    return cv2.addWeighted(clean, 1 - kept, pixels, kept, 0)


def photographed(pixels, seed):
    """Develop as a camera does: sharpening, richer colour and contrast, darker corners, fine grain."""
    height, width = pixels.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    away = np.hypot((x - width / 2) / width, (y - height / 2) / height) / np.hypot(0.5, 0.5)
    image = pixels.astype(np.float32)
    image += 0.35 * (image - cv2.GaussianBlur(image, (0, 0), 1.2))
    grey = image.mean(axis=2, keepdims=True)
    image = grey + 1.09 * (image - grey)
    image += 10 * np.sin((image - 128) / 128 * np.pi) * (np.abs(image - 128) < 128)
    image *= (1 - 0.2 * away**2.5)[..., None]
    image += np.random.default_rng(seed).normal(0, 1.6, (height, width, 1))
    return np.clip(image, 0, 255).round().astype(np.uint8)


def main():
    """Write every JPEG whose raw picture exists, then the list of those that exist as JPEG."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    rows = []
    for number, shot in enumerate(SHOTS):
        raw = out / "raw" / f"{shot.name}.png"
        picture = out / "evaluation" / shot.label / f"{shot.name}.jpg"
        if raw.exists():
            picture.parent.mkdir(parents=True, exist_ok=True)
            pixels = photographed(denoised(cv2.imread(str(raw))), number)
            cv2.imwrite(str(picture), pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])
        if picture.exists():
            file, mask = picture.relative_to(out).as_posix(), f"masks/{shot.name}.png"
            rows.append([file, shot.label, shot.tags, mask, f"synthetic: {shot.note}"])
    with (out / "samples.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([["file", "label", "tags", "mask", "note"], *rows])


if __name__ == "__main__":
    main()
