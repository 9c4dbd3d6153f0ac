"""Trains the triage head on a labelled folder: ``python -m classifier.train --data DIR --out FILE``.

The same script trains every backbone of scene.backbones: frozen features (plain and mirrored), a
balanced multinomial logistic regression whose strength is chosen by out-of-fold macro-F1 (the mean of
plain folds and of folds that keep sources apart, when both are given), and a temperature fitted on the
out-of-fold logits. The seed is fixed: same photos, same head.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifier.feature_table import FeatureTable, feature_table
from classifier.fit import Ints, Samples, fit, fold_scores, out_of_fold, temperature_of
from classifier.folder import LabelledPhoto, read_folder
from classifier.head import FORMAT, Head, write_head
from classifier.manifest import public_path, record
from core.errors import FolderError, PaddockError, SettingsError
from core.files import write_bytes
from core.values import CLASSES, Report, no_report
from scene.backbones import backbone, find_weights, import_keras

STRENGTHS = (0.0003, 0.001, 0.003, 0.01)
"""Values of C that are tried."""
TRUST = {"1": 1.0, "2": 0.5, "3": 0.25}
"""How much a photo counts by the labeller's conf (1 sure, 2 arguable, 3 coin flip) when labels.csv gives it."""
SIDES = {"efficientnet-lite0": 512, "vgg16": 224}
"""Input side by backbone: at 512 px Lite0 sees the small people, posts and panels that 320 px loses."""


@dataclass(frozen=True, slots=True)
class Training:
    """What came out. card: as in the weights file; log: every strength tried with its scores."""

    out: Path
    sha256: str
    card: dict[str, Any]
    log: dict[str, Any]


def train(
    data: Path,
    out: Path,
    *,
    backbone_name: str = "efficientnet-lite0",
    folds: Path | None = None,
    models_dir: Path | None = None,
    side: int | None = None,
    strengths: Sequence[float] = STRENGTHS,
    cache: Path | None = None,
    gpus: int = 0,
    seed: int = 0,
    report: Report = no_report,
) -> Training:
    """Train on data/{ok,retoucher,exclure} and write out (.safetensors, .json card, .log.json).

    folds: CSV with id (file name without extension), fold and perhaps source_fold; None = 5 random
    stratified folds. data/labels.csv (id, conf), when there, weighs the photos. gpus: how many GPUs
    must be used; SettingsError when the machine has fewer. Raises FolderError, WeightsMissing.
    """
    start = time.perf_counter()
    use_gpus(gpus)
    if out.suffix != ".safetensors":
        raise SettingsError(name="out", value=out, expected="FILE.safetensors")
    if folds is not None and not folds.is_file():
        raise SettingsError(name="folds", value=folds, expected="FILE.csv")
    folder, weights = read_folder(data), find_weights(backbone(backbone_name).name, models_dir)
    side = side or SIDES.get(backbone_name, backbone(backbone_name).side)
    paths = [photo.path for photo in folder.photos]
    table = feature_table(paths, backbone_name, weights, side, cache=cache, report=report)
    photos = [folder.photos[index] for index in table.kept]
    samples = _samples(table, photos, data / "labels.csv")
    fold, source_fold = _folds(photos, samples.labels, folds, seed)

    trials: list[dict[str, Any]] = []
    logits: dict[float, Any] = {}
    for c in strengths:
        logits[c] = out_of_fold(samples, fold, c, seed)
        scores = {"folds": fold_scores(logits[c], samples.labels, fold)}
        if source_fold is not None:
            apart = out_of_fold(samples, source_fold, c, seed)
            scores["sources_apart"] = fold_scores(apart, samples.labels, source_fold)
        trials.append({"c": c, "scores": scores})
    best = max(trials, key=lambda trial: float(np.mean([part["macro_f1"] for part in trial["scores"].values()])))
    c, scores = best["c"], best["scores"]
    temperature = temperature_of(logits[c], samples.labels)
    kernel, bias = fit(samples, c, seed)

    card = {
        "format": FORMAT, "name": out.stem, "revision": "1", "backbone": backbone_name,
        "backbone_sha256": weights.sha256, "side": side, "classes": list(CLASSES), "temperature": temperature,
        "c": c, "seed": seed, "photos": len(photos), "unreadable": len(table.unreadable),
        "trained_on": {label: int((samples.labels == index).sum()) for index, label in enumerate(CLASSES)},
        "scores": scores,
    }  # fmt: skip
    head = Head((kernel / temperature).astype(np.float32), (bias / temperature).astype(np.float32), card)
    sha256 = write_head(out, head)
    log = {
        "card": card, "trials": trials, "unreadable": list(table.unreadable),
        "notices": [notice.en for notice in folder.notices], "seconds": round(time.perf_counter() - start, 1),
    }  # fmt: skip
    write_bytes(out.with_suffix(".log.json"), (json.dumps(log, ensure_ascii=False, indent=1) + "\n").encode())
    return Training(out, sha256, card, log)


def use_gpus(count: int) -> None:
    """Use exactly this many GPUs, 0 = the processor. Raises SettingsError when the machine has fewer."""
    import_keras()
    import tensorflow as tf

    there = tf.config.list_physical_devices("GPU")
    if count < 0 or count > len(there):
        raise SettingsError(name="gpu", value=count, expected=f"0 … {len(there)} (GPUs seen by TensorFlow)")
    if there:
        tf.config.set_visible_devices(there[:count], "GPU")


def _samples(table: FeatureTable, photos: Sequence[LabelledPhoto], labels_csv: Path) -> Samples:
    labels = np.array([CLASSES.index(photo.label) for photo in photos], dtype=np.int64)
    conf = {row["id"]: row.get("conf", "1") for row in _rows(labels_csv)} if labels_csv.is_file() else {}
    weights = np.array([TRUST.get(conf.get(photo.path.stem, "1"), 1.0) for photo in photos])
    return Samples(table.plain, table.mirrored, labels, weights)


def _folds(photos: Sequence[LabelledPhoto], labels: Ints, folds: Path | None, seed: int) -> tuple[Ints, Ints | None]:
    if folds is None:
        from sklearn.model_selection import StratifiedKFold

        fewest = int(np.bincount(labels, minlength=len(CLASSES)).min())
        if fewest < 2:
            raise FolderError(
                folder=photos[0].path.parent.parent if photos else Path(),
                problem_fr="il faut au moins deux photos lisibles dans chacun des trois sous-dossiers pour entraîner.",
                problem_en="training needs at least two readable photos in each of the three sub-folders.",
            )
        fold = np.zeros(len(labels), dtype=np.int64)
        splits = StratifiedKFold(min(5, fewest), shuffle=True, random_state=seed).split(labels, labels)
        for index, (_, inside) in enumerate(splits):
            fold[inside] = index
        return fold, None
    listed = {row["id"]: row for row in _rows(folds)}
    absent = [photo.path.name for photo in photos if photo.path.stem not in listed]
    if absent:
        raise SettingsError(name="folds", value=folds.name, expected=f"a row for each photo ({absent[0]} has none)")
    rows = [listed[photo.path.stem] for photo in photos]
    apart = np.array([int(row["source_fold"]) for row in rows]) if "source_fold" in rows[0] else None
    return np.array([int(row["fold"]) for row in rows]), apart


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; 0, or 2 when something is missing."""
    parser = argparse.ArgumentParser(prog="python -m classifier.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with ok, retoucher, exclure")
    parser.add_argument("--out", type=Path, required=True, help="FILE.safetensors to write")
    parser.add_argument("--backbone", default="efficientnet-lite0")
    parser.add_argument("--folds", type=Path, help="CSV with id, fold, source_fold")
    parser.add_argument("--models-dir", type=Path)
    parser.add_argument("--side", type=int, help="input side in pixels, a multiple of 32")
    parser.add_argument("--cache", type=Path, help="folder that keeps the features")
    parser.add_argument("--gpu", type=int, default=0, help="number of GPUs to use")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--manifest", type=Path, help="MANIFEST.json to record the result in")
    given = parser.parse_args(arguments)
    try:
        done = train(
            given.data, given.out, backbone_name=given.backbone, folds=given.folds, models_dir=given.models_dir,
            side=given.side, cache=given.cache, gpus=given.gpu, seed=given.seed,
            report=lambda fraction, doing: print(f"\r{doing}", end="", file=sys.stderr, flush=True),
        )  # fmt: skip
    except PaddockError as error:
        print(f"\n{error.message('en')}", file=sys.stderr)
        return 2
    if given.manifest:
        _record(given, done)
    print(json.dumps(done.card, indent=1, ensure_ascii=False))
    return 0


def _record(given: argparse.Namespace, done: Training) -> None:
    shared = os.environ.get("PADDOCK_SHARED")
    command = (
        f"python -m classifier.train --data {public_path(given.data, shared)} --backbone {given.backbone}"
        + (f" --folds {public_path(given.folds, shared)}" if given.folds else "")
        + f" --side {done.card['side']} --seed {given.seed} --out {public_path(given.out, shared)}"
        + f" --manifest {public_path(given.manifest, shared)}"
    )
    facts = backbone(given.backbone).facts
    entry = {
        "name": done.card["name"],
        "licence": "Apache-2.0",
        "how_made": {"script": "classifier/train.py", "command": command},
        "from": {
            "weights": given.backbone, "published": backbone(given.backbone).published, "licence": facts.licence,
            "sha256": done.card["backbone_sha256"],
        },
        "trained_on": {"photos": done.card["photos"], **done.card["trained_on"]},
        "scores": {"log": done.out.with_suffix(".log.json").name, **done.card["scores"]},
    }  # fmt: skip
    record(given.manifest, done.out, entry)


if __name__ == "__main__":
    sys.exit(main())
