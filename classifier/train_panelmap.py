"""Trains the map of where advertising panels are: ``python -m classifier.train_panelmap --race DIR --out FILE``.

DIR holds index.csv (id, image, mask), images and masks (id 3 = panel; photos without one teach what is
none). Each photo is shown plain, mirrored and twice with boards of our own drawn into it
(classifier/drawn_panels.py). Measured in four folds, by source where --sources tells it; --maps keeps
the maps of those folds, each made without its photo, for classifier/measure_panels.py.
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

from classifier.drawn_panels import PANEL, with_panels
from classifier.panelmap import FORMAT, NAME, STRIDE, panel_head
from classifier.place_training import write_place_head
from classifier.placemap import BACKBONE, SIDE
from classifier.train_carmap import FOLDS, PADDING, boxed, folds_by_source, fractions, read_sources
from core.images import letterbox, read_picture
from scene.backbones import build, find_weights, import_keras

EPOCHS, BATCH, HIDDEN, DRAWN, RATE = 16, 4, 48, 2, 3e-3
THRESHOLDS = (0.2, 0.3, 0.4, 0.5)
SMALLEST = 0.002
"""Share of the photo below which its panels are not scored."""


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """Views of photos: plain ones first (p of them), then mirrored, then with drawn boards; n in all.

    maps: [deep, middle, shallow] float16 (n, g, g, c); panel, known: float32 fractions (n, 64, 64);
    photo: index of each view's photo, int64 (n,); masks: uint8 (p, 512, 512) ids, 255 on the borders.
    """

    maps: list[NDArray[np.float16]]
    panel: NDArray[np.float32]
    known: NDArray[np.float32]
    photo: NDArray[np.int64]
    masks: NDArray[np.uint8]


def read_views(race: Path, seed: int) -> tuple[list[str], Views]:
    """Ids, and the network's maps of every view with its mask on the head's grid."""
    with (race / "index.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    network = build(BACKBONE, find_weights(BACKBONE).file, side=SIDE)
    kinds = 2 + DRAWN
    maps: list[list[list[NDArray[np.float16]]]] = [[[] for _ in range(kinds)] for _ in range(3)]
    masks: list[list[NDArray[np.uint8]]] = [[] for _ in range(kinds)]
    for number, row in enumerate(rows):
        pixels = read_picture(race / row["image"]).pixels
        ids = np.asarray(Image.open(race / row["mask"]), dtype=np.uint8)
        views = [(letterbox(pixels, SIDE), boxed(ids))]
        views.append((views[0][0][:, ::-1], views[0][1][:, ::-1]))
        for drawn in range(DRAWN):
            shown, wanted = with_panels(pixels, ids, np.random.default_rng([seed, number, drawn]))
            turn = -1 if drawn % 2 else 1
            views.append((letterbox(shown, SIDE)[:, ::turn], boxed(wanted)[:, ::turn]))
        answers = network.predict_on_batch(np.stack([shown for shown, _ in views]).astype(np.float32))
        for kind, (_, wanted) in enumerate(views):
            masks[kind].append(wanted)
            for level in range(3):
                maps[level][kind].append(np.asarray(answers[level][kind]).astype(np.float16))
    flat = np.concatenate([np.stack(same) for same in masks])
    whole = [np.concatenate([np.stack(same) for same in level]) for level in maps]
    photo = np.tile(np.arange(len(rows)), kinds)
    panel, known = fractions(flat == PANEL, STRIDE), fractions(flat != PADDING, STRIDE)
    return [row["id"] for row in rows], Views(whole, panel, known, photo, flat[: len(rows)])


def fit_panel_head(views: Views, chosen: NDArray[np.bool_], hidden: int, seed: int) -> dict[str, NDArray[np.float32]]:
    """Tensors of panel_head(hidden), the inputs' standardisation folded in, from all views of the chosen photos."""
    import keras

    keras.utils.set_random_seed(seed)
    rows = np.flatnonzero(chosen[views.photo])
    inputs, moments = [], []
    for level in views.maps:
        sample = level[rows].astype(np.float32)
        mean, scale = sample.mean(axis=(0, 1, 2)), sample.std(axis=(0, 1, 2)) + 1e-3
        inputs.append(((sample - mean) / scale).astype(np.float16))
        moments.append((mean, scale))
    targets = np.stack([views.panel[rows], views.known[rows]], axis=-1)
    head = panel_head(hidden)
    rate = keras.optimizers.schedules.CosineDecay(RATE, EPOCHS * -(-len(rows) // BATCH))

    def loss(target: Any, logits: Any) -> Any:
        return keras.ops.mean(target[..., 1] * (keras.ops.softplus(logits) - logits * target[..., 0]))

    head.compile(keras.optimizers.AdamW(rate, weight_decay=0.01), loss=loss, jit_compile=False)
    head.fit(inputs, targets, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    tensors: dict[str, NDArray[np.float32]] = {}
    folded = dict(zip(("deep", "middle", "shallow"), moments, strict=True))
    for layer in head.layers:
        if layer.weights:
            kernel, bias = layer.get_weights()
            if layer.name in folded:
                mean, scale = folded[layer.name]
                kernel = kernel / scale[:, None]
                bias = bias - mean @ kernel[0, 0]
            tensors[f"{layer.name}.kernel"], tensors[f"{layer.name}.bias"] = kernel, bias.astype(np.float32)
    return tensors


def panel_heats(views: Views, chosen: NDArray[np.bool_], hidden: int, tensors: dict[str, Any]) -> NDArray[np.float32]:
    """Probabilities (k, 64, 64) of the k chosen photos, plain."""
    head = panel_head(hidden)
    for layer in head.layers:
        if layer.weights:
            layer.set_weights([tensors[f"{layer.name}.kernel"], tensors[f"{layer.name}.bias"]])
    inputs = [level[: len(chosen)][chosen].astype(np.float32) for level in views.maps]
    logits = np.asarray(head.predict(inputs, batch_size=BATCH, verbose=0))
    return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)


def panel_scores(heats: NDArray[np.float32], masks: NDArray[np.uint8]) -> dict[str, float]:
    """IoU of the thresholded map with the panels at 512 px, over photos with panels, at the best of THRESHOLDS."""
    import cv2

    best: dict[str, float] = {"mean_iou": -1.0}
    grown = [cv2.resize(heat, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR) for heat in heats]
    for threshold in THRESHOLDS:
        values, false = [], []
        for heat, mask in zip(grown, masks, strict=True):
            seen, panel = mask != PADDING, mask == PANEL
            said = (heat > threshold) & seen
            if panel.sum() >= SMALLEST * seen.sum():
                values.append(float((said & panel).sum() / (said | panel).sum()))
            else:
                false.append(float(said.sum() / seen.sum()))
        if values and np.mean(values) > best["mean_iou"]:
            best = {"mean_iou": round(float(np.mean(values)), 4), "median_iou": round(float(np.median(values)), 4),
                    "threshold": threshold, "photos": len(values),
                    "false_share": round(float(np.mean(false or [0.0])), 4)}  # fmt: skip
    return best


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line: measure in four folds, train on all photos, write the head and its manifest entry."""
    parser = argparse.ArgumentParser(prog="python -m classifier.train_panelmap", description=__doc__)
    parser.add_argument("--race", type=Path, required=True)
    parser.add_argument("--sources", type=Path, help="CSV with id, source")
    parser.add_argument("--out", type=Path, required=True, help="FILE.safetensors")
    parser.add_argument("--maps", type=Path, help="FILE.npz for the maps of the four folds, by id")
    parser.add_argument("--manifest", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    import_keras()
    ids, views = read_views(given.race, given.seed)
    folds = folds_by_source(ids, read_sources(given.sources))
    heats = np.zeros((len(ids), SIDE // STRIDE, SIDE // STRIDE), dtype=np.float32)
    for fold in range(FOLDS):
        tensors = fit_panel_head(views, folds != fold, HIDDEN, given.seed)
        heats[folds == fold] = panel_heats(views, folds == fold, HIDDEN, tensors)
        print(f"fold {fold + 1} of {FOLDS}", flush=True)
    scores = panel_scores(heats, views.masks)
    print(scores, flush=True)
    if given.maps:
        np.savez_compressed(given.maps, **dict(zip(ids, heats.astype(np.float16), strict=True)))  # type: ignore[arg-type]
    tensors = fit_panel_head(views, np.ones(len(ids), dtype=np.bool_), HIDDEN, given.seed)
    write_place_head(
        given, NAME, FORMAT, HIDDEN, tensors,
        script="train_panelmap", what="race photos with panels outlined, and boards drawn into them",
        photos=len(ids), scores=scores, told={"four_folds": scores},
    )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
