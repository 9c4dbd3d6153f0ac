"""Reading a 24-megapixel JPEG for the classifier: our scaled decode against a full Pillow decode.

python -m benchmarks.reading
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.machine import interleaved, keep
from core.images import letterbox, read_picture

SIDE = 512
SIZE = (6000, 4000)


def main() -> None:
    """Measure, print and keep."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.jpg"
        rng = np.random.default_rng(0)
        coarse = rng.integers(0, 255, (100, 150, 3)).astype(np.uint8)
        photo = Image.fromarray(coarse).resize(SIZE, Image.Resampling.BICUBIC)
        grain = rng.integers(-12, 12, (SIZE[1], SIZE[0], 3))
        Image.fromarray(np.clip(np.asarray(photo) + grain, 0, 255).astype(np.uint8)).save(path, quality=92)

        def ours() -> np.ndarray:
            return letterbox(read_picture(path, max_side=SIDE).pixels, SIDE)

        def full() -> np.ndarray:
            return letterbox(np.asarray(Image.open(path).convert("RGB")), SIDE)

        difference = float(np.abs(ours().astype(int) - full().astype(int)).mean())
        seconds = interleaved({"ours": ours, "full decode": full}, runs=7)
    figures = {
        "photo": f"{SIZE[0]}x{SIZE[1]} JPEG q92", "side": SIDE, "median_seconds": seconds,
        "ratio": seconds["full decode"] / seconds["ours"], "mean_difference_of_255": difference,
    }  # fmt: skip
    print(figures)
    keep("reading", figures)


if __name__ == "__main__":
    main()
