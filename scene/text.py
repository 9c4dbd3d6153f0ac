"""Text in a photo by RapidOCR (PP-OCRv6 detector and recogniser), whose models travel in its wheel."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from core.values import Origin, Pixels, Region
from core.weights import locate

LONG_SIDE = 1600
"""Larger photos are reduced to this before detection: letters stay readable, the time stays near a second."""
MIN_SCORE = 0.5


def find_text(pixels: Pixels, *, min_score: float = MIN_SCORE) -> tuple[Region, ...]:
    """Lines of text, best first: label "text", score 0..1 of the reading, text as read, four corners in the photo.

    pixels: RGB uint8 (h, w, 3) of any size. Raises WeightsMissing or WeightsChanged.
    """
    reduced, scale = _reduced(pixels)
    found = _engine()(np.ascontiguousarray(reduced[:, :, ::-1]))
    if found.boxes is None or found.txts is None or found.scores is None:
        return ()
    regions = [
        Region("text", float(score), tuple((float(x) / scale, float(y) / scale) for x, y in corners), str(text))
        for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
        if score >= min_score and str(text).strip()
    ]
    return tuple(sorted(regions, key=lambda region: -region.score))


def text_origin() -> Origin:
    """Where the regions of find_text come from."""
    weights = locate("rapidocr")
    return Origin(
        backend="embedded",
        model="rapidocr",
        revision=weights.revision,
        sha256=weights.sha256,
        parameters={"long_side": LONG_SIDE, "min_score": MIN_SCORE},
        libraries={name: version(name) for name in ("rapidocr", "onnxruntime")},
    )


def _reduced(pixels: Pixels) -> tuple[Pixels, float]:
    """The photo at most LONG_SIDE long, and the factor from the photo to it."""
    import cv2

    height, width = pixels.shape[:2]
    scale = min(1.0, LONG_SIDE / max(height, width))
    if scale == 1.0:
        return pixels, 1.0
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8), scale


@cache
def _engine() -> Any:
    """One engine per process; its weights are checked against the registry first, and it never downloads."""
    weights = locate("rapidocr")
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.max_side_len": LONG_SIDE,
            "Global.model_root_dir": str(weights.folder / "models"),
            "EngineConfig.onnxruntime.intra_op_num_threads": 2,
        }
    )
