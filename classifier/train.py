"""Trains the triage head on a labelled folder: ``python -m classifier.train --data DIR --out FILE``.

The same script trains every backbone of scene.backbones: frozen features (plain and mirrored), a
balanced multinomial logistic regression whose strength is chosen by out-of-fold macro-F1 (the mean of
plain folds and of folds that keep sources apart, when both are given), and a temperature fitted on the
out-of-fold logits. The seed is fixed: same photos, same head. With --epochs, --config or --set the
command fine-tunes instead (classifier.finetune).
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
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from classifier.finetune import FineTuning

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
    gpu: int | None = None,
    seed: int = 0,
    report: Report = no_report,
) -> Training:
    """Train on data/{ok,retoucher,exclure} and write out (.safetensors, .json card, .log.json).

    folds: CSV with id (file name without extension), fold and perhaps source_fold; None = 5 random
    stratified folds. data/labels.csv (id, conf), when there, weighs the photos. gpu: the number
    of the GPU that must be used (use_gpu). Raises FolderError, WeightsMissing.
    """
    start = time.perf_counter()
    use_gpu(gpu)
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


def use_gpu(number: int | None) -> None:
    """Use this GPU, counted from 0; None: the first where there is one, else the processor.

    Raises SettingsError when it was asked for and is not there: nothing is swapped silently.
    """
    import_keras()
    import tensorflow as tf

    there = tf.config.list_physical_devices("GPU")
    if number is not None and not 0 <= number < len(there):
        raise SettingsError(
            name="gpu", value=number,
            expected_fr=f"une des cartes que voit TensorFlow, et il en voit {len(there)} ; sans « --gpu », "
            "le processeur fait le travail",
            expected_en=f"one of the GPUs that TensorFlow sees, and it sees {len(there)}; without “--gpu” "
            "the processor does the work",
        )  # fmt: skip
    if there:
        tf.config.set_visible_devices([there[number or 0]], "GPU")


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
    from classifier.run_training import Wish, run_training

    parser = argparse.ArgumentParser(prog="python -m classifier.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with ok, retoucher, exclure")
    parser.add_argument("--out", type=Path, required=True, help="FILE.safetensors to write")
    parser.add_argument("--backbone", help="a network's name; default efficientnet-lite0")
    parser.add_argument("--config", type=Path, help="TOML file for fine-tuning (see classifier/config.toml)")
    parser.add_argument("--epochs", type=int, help="fine-tune for this many epochs; 0 = a head on frozen features")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="one field of the TOML file")
    parser.add_argument("--restart", action="store_true", help="do not go on from an interrupted fine-tuning")
    parser.add_argument("--folds", type=Path, help="CSV with id, fold, source_fold")
    parser.add_argument("--models-dir", type=Path)
    parser.add_argument("--side", type=int, help="input side in pixels, a multiple of 32")
    parser.add_argument("--cache", type=Path, help="folder that keeps the features of a frozen backbone")
    parser.add_argument("--gpu", type=int, help="which GPU must be used, from 0")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--manifest", type=Path, help="MANIFEST.json to record the result in")
    given = parser.parse_args(arguments)
    wish = Wish(
        given.data, given.out, given.backbone, given.config, tuple(given.set), given.epochs, given.restart,
        given.folds, given.side, given.seed, given.gpu, given.models_dir, given.cache,
    )  # fmt: skip
    try:
        done = run_training(wish, lambda _, doing: print(f"\r{doing}", end="", file=sys.stderr, flush=True))
    except PaddockError as error:
        print(f"\n{error.message('en')}", file=sys.stderr)
        return 2
    if given.manifest:
        _record(given, done)
    print(json.dumps(done.card, indent=1, ensure_ascii=False))
    return 0


def _record(given: argparse.Namespace, done: Training | FineTuning) -> None:
    """Put the result into the manifest: a head by its folds, a fine-tuned model by the photos held out."""
    shared, card = os.environ.get("PADDOCK_SHARED"), done.card
    frozen = isinstance(done, Training)
    command = (
        f"python -m classifier.train --data {public_path(given.data, shared)} --backbone {card['backbone']}"
        + (f" --config {public_path(given.config, shared)}" if given.config else "")
        + (f" --epochs {given.epochs}" if given.epochs is not None else "")
        + "".join(f" --set {text}" for text in given.set)
        + (f" --folds {public_path(given.folds, shared)}" if given.folds else "")
        + f" --side {card['side']} --seed {card['seed']} --out {public_path(given.out, shared)}"
        + f" --manifest {public_path(given.manifest, shared)}"
    )
    start = card["weights"] if not frozen else {
        "weights": card["backbone"], "published": backbone(card["backbone"]).published,
        "licence": backbone(card["backbone"]).facts.licence, "sha256": card["backbone_sha256"],
    }  # fmt: skip
    entry = {
        "name": card["name"],
        "licence": "Apache-2.0",
        "how_made": {
            "script": "classifier/train.py" if frozen else "classifier/finetune.py", "command": command,
        },
        "from": start,
        "trained_on": {"photos": card["photos"], **card["trained_on"]},
        "scores": {"log": done.out.with_suffix(".log.json" if frozen else ".report.json").name, **card["scores"]},
    }  # fmt: skip
    record(given.manifest, done.out, entry)


if __name__ == "__main__":
    sys.exit(main())
