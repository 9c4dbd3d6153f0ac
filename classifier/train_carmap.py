"""Trains the map of where the car is on outlined race photos: ``python -m classifier.train_carmap --race DIR``.

DIR holds index.csv (id, image, mask), images and masks (id 1 = car). The linear reading and the
convolutional one are both measured in four folds, by source where --sources tells it; the better ships.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier.carmap import FORMAT, NAME, STRIDE, car_head, stacked
from classifier.place_training import write_place_head
from classifier.placemap import BACKBONE, SIDE
from core.images import letterbox, read_picture
from scene.backbones import build, find_weights

FOLDS, EPOCHS, BATCH, HIDDEN = 4, 24, 8, 48
CAR, PADDING = 1, 255
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)


@dataclass(frozen=True, slots=True, eq=False)
class Outlined:
    """maps: float16 (n, 32, 32, c), plain then mirrored photos (2n in all); car, known: float32 fractions (2n, 32, 32);
    masks: uint8 (n, 512, 512) ids with 255 on the letterbox borders."""

    maps: NDArray[np.float16]
    car: NDArray[np.float32]
    known: NDArray[np.float32]
    masks: NDArray[np.uint8]


def read_race(race: Path) -> tuple[list[str], Outlined]:
    """Ids, and the network's maps with the masks on the same grid."""
    import keras

    network = build(BACKBONE, find_weights(BACKBONE).file, side=SIDE)
    model = keras.Model(network.input, stacked(network.outputs))
    model.compile(jit_compile=False)
    with (race / "index.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    maps: list[list[NDArray[np.float16]]] = [[], []]
    masks = []
    for row in rows:
        pixels = letterbox(read_picture(race / row["image"]).pixels, SIDE)
        masks.append(boxed(np.asarray(Image.open(race / row["mask"]))))
        both = np.asarray(model.predict_on_batch(np.stack([pixels, pixels[:, ::-1]]))).astype(np.float16)
        maps[0].append(both[0])
        maps[1].append(both[1])
    ids = np.stack(masks)
    both_ways = np.concatenate([ids, ids[:, :, ::-1]])
    return [row["id"] for row in rows], Outlined(
        np.stack(maps[0] + maps[1]), fractions(both_ways == CAR), fractions(both_ways != PADDING), ids
    )


def folds_by_source(ids: Sequence[str], source_of: dict[str, str]) -> NDArray[np.int64]:
    """Small sources stay whole; the largest one, which holds most photos, is dealt out."""
    sources = [source_of.get(name, name) for name in ids]
    largest = max(sorted(set(sources)), key=sources.count)
    small = {source: number % FOLDS for number, source in enumerate(sorted(set(sources) - {largest}))}
    dealt = iter(range(len(ids)))
    return np.array([next(dealt) % FOLDS if source == largest else small[source] for source in sources])


def fit_head(data: Outlined, chosen: NDArray[np.bool_], hidden: int, seed: int) -> dict[str, NDArray[np.float32]]:
    """Tensors of car_head(hidden), input standardisation folded into its first layer, trained on the chosen photos."""
    import keras

    keras.utils.set_random_seed(seed)
    rows = np.flatnonzero(np.concatenate([chosen, chosen]))
    sample = data.maps[rows].astype(np.float32).reshape(-1, data.maps.shape[-1])
    mean, scale = sample.mean(axis=0), sample.std(axis=0) + 1e-3
    inputs = ((data.maps[rows] - mean) / scale).astype(np.float16)
    targets = np.stack([data.car[rows], data.known[rows]], axis=-1)
    head = car_head(hidden)
    steps = EPOCHS * -(-len(rows) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(2e-3, steps)

    def loss(target: Any, logits: Any) -> Any:
        return keras.ops.mean(target[..., 1] * (keras.ops.softplus(logits) - logits * target[..., 0]))

    head.compile(keras.optimizers.AdamW(rate, weight_decay=0.01), loss=loss, jit_compile=False)
    head.fit(inputs, targets, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    tensors: dict[str, NDArray[np.float32]] = {}
    for layer in head.layers:
        if layer.weights:
            kernel, bias = layer.get_weights()
            if not tensors:
                kernel = kernel / scale[:, None]
                bias = bias - mean @ kernel[0, 0]
            tensors[f"{layer.name}.kernel"], tensors[f"{layer.name}.bias"] = kernel, bias.astype(np.float32)
    return tensors


def heats_of(data: Outlined, chosen: NDArray[np.bool_], hidden: int, tensors: dict[str, Any]) -> NDArray[np.float32]:
    """Probabilities (n, 32, 32) of the chosen photos."""
    head = car_head(hidden)
    for layer in head.layers:
        if layer.weights:
            layer.set_weights([tensors[f"{layer.name}.kernel"], tensors[f"{layer.name}.bias"]])
    logits = np.asarray(head.predict(data.maps[: len(chosen)][chosen].astype(np.float32), batch_size=BATCH, verbose=0))
    return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)


def iou_scores(heats: NDArray[np.float32], masks: NDArray[np.uint8]) -> dict[str, float]:
    """IoU of the thresholded map with the car at 512 px, over photos with a car, at the best of THRESHOLDS."""
    import cv2

    best: dict[str, float] = {"mean_iou": -1.0}
    grown = [cv2.resize(heat, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR) for heat in heats]
    for threshold in THRESHOLDS:
        values = []
        for heat, mask in zip(grown, masks, strict=True):
            said, car = (heat > threshold) & (mask != PADDING), mask == CAR
            if car.any():
                values.append(float((said & car).sum() / (said | car).sum()))
        if np.mean(values) > best["mean_iou"]:
            best = {"mean_iou": round(float(np.mean(values)), 4), "median_iou": round(float(np.median(values)), 4),
                    "threshold": threshold, "photos": len(values)}  # fmt: skip
    return best


def boxed(ids: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A mask in the same square as letterbox makes, nearest neighbour, 255 on the borders."""
    height, width = ids.shape
    scale = SIDE / max(height, width)
    columns, rows = max(1, round(width * scale)), max(1, round(height * scale))
    square = np.full((SIDE, SIDE), PADDING, dtype=np.uint8)
    top, left = (SIDE - rows) // 2, (SIDE - columns) // 2
    resized = Image.fromarray(ids).resize((columns, rows), Image.Resampling.NEAREST)
    square[top : top + rows, left : left + columns] = np.asarray(resized)
    return square


def fractions(masks: NDArray[np.bool_], stride: int = STRIDE) -> NDArray[np.float32]:
    """Boolean (n, SIDE, SIDE) → share of True in each cell of the grid, float32 (n, SIDE / stride, SIDE / stride)."""
    grid = SIDE // stride
    return np.asarray(masks.reshape(len(masks), grid, stride, grid, stride).mean(axis=(2, 4), dtype=np.float32))


def read_sources(path: Path | None) -> dict[str, str]:
    """Source of each id from a CSV with id, source; empty without a file."""
    if path is None:
        return {}
    with path.open(newline="", encoding="utf-8") as stream:
        return {row["id"]: row["source"] for row in csv.DictReader(stream)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: measure both readings, write the better one and its manifest entry."""
    parser = argparse.ArgumentParser(prog="python -m classifier.train_carmap", description=__doc__)
    parser.add_argument("--race", type=Path, required=True)
    parser.add_argument("--sources", type=Path, help="CSV with id, source")
    parser.add_argument("--out", type=Path, required=True, help="FILE.safetensors")
    parser.add_argument("--manifest", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    ids, data = read_race(given.race)
    folds = folds_by_source(ids, read_sources(given.sources))
    scores: dict[str, Any] = {}
    for name, hidden in (("linear", 0), ("convolutional", HIDDEN)):
        heats = np.zeros((len(ids), SIDE // STRIDE, SIDE // STRIDE), dtype=np.float32)
        for fold in range(FOLDS):
            tensors = fit_head(data, folds != fold, hidden, given.seed)
            heats[folds == fold] = heats_of(data, folds == fold, hidden, tensors)
        scores[name] = iou_scores(heats, data.masks)
        print(name, scores[name], flush=True)
    hidden = HIDDEN if scores["convolutional"]["mean_iou"] >= scores["linear"]["mean_iou"] else 0
    tensors = fit_head(data, np.ones(len(ids), dtype=np.bool_), hidden, given.seed)
    ships = "convolutional" if hidden else "linear"
    write_place_head(
        given, NAME, FORMAT, hidden, tensors,
        script="train_carmap", what="race photos with the car outlined by hand", photos=len(ids),
        scores=scores, told={"four_folds": scores, "ships": ships},
    )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
