"""Fine-tunes a backbone and a head on labelled photos: the head first, then more and more layers.

Linear probing before fine-tuning keeps what the backbone knows (Kumar et al. 2022, arXiv:2202.10054); batch
norms keep their published statistics (random weights: those of the first photos). Everything that chance decides is
drawn from (seed, epoch), so that an interrupted training goes on as if it had not been interrupted.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from classifier.annotations import Annotated, read_annotations
from classifier.augment import augmented
from classifier.checkpoint import State, checkpoint_of, load_state, same_shapes, save_state
from classifier.config import Config, Phase
from classifier.finetuned import HEAD, network, put_tensors, tensors_of, write_finetuned
from classifier.finetuned_card import card_of, scores_of
from classifier.splits import groups_of, split_photos
from classifier.squares import Squares
from classifier.starting_point import Start, starting_point
from classifier.training_log import Curves
from classifier.unfreezing import answering, normalise, unfreeze
from core.errors import SettingsError
from core.files import write_bytes
from core.values import Pixels, Report, holding, no_report
from scene.backbones import backbone, import_keras

if TYPE_CHECKING:
    import keras

STANDARDISED_ON, NORMALISED_ON = 512, 64
"""Photos whose features give the fixed mean and variance before the head; and, of random weights, all batch norms'."""


@dataclass(frozen=True, slots=True)
class FineTuning:
    """What came out. card: as in the weights file; log: the report with a row per epoch."""

    out: Path
    sha256: str
    card: dict[str, Any]
    log: dict[str, Any]


def finetune(
    data: Path,
    out: Path,
    config: Config,
    *,
    models_dir: Path | None = None,
    restart: bool = False,
    gpu: int | None = None,
    report: Report = no_report,
) -> FineTuning:
    """Train, keep the best state on the photos held out, write out (.safetensors, .json, .report.json).

    data: a folder of classes or a CSV (classifier.annotations). After each epoch the state is saved beside
    out; the next call with the same settings and photos goes on from there, unless restart. gpu: recorded
    in the card (classifier.train.use_gpu chooses it). Raises FolderError, SettingsError, WeightsMissing,
    WeightsChanged, Cancelled (from report; what was saved stays).
    """
    if out.suffix != ".safetensors":
        raise SettingsError(name="out", value=out, expected="FILE.safetensors")
    start = starting_point(config, models_dir)
    annotated = read_annotations(data)
    side = config.image_size or backbone(config.backbone).side
    job = _Job(annotated, config, start, Squares(annotated.photos, side, holding(report, 0.0)), report)
    file = checkpoint_of(out)
    if restart:
        file.unlink(missing_ok=True)
    state = load_state(file, job.identity) or State()
    curves = Curves(config.logging, out.stem, config.as_json())
    try:
        job.run(state, lambda: save_state(file, state, job.identity), curves)
    finally:
        curves.close()
    done = job.written(out, state, gpu)
    file.unlink(missing_ok=True)
    return done


class _Job:
    """One training: its photos, its network, and the way from one epoch to the next."""

    def __init__(self, data: Annotated, config: Config, start: Start, squares: Squares, report: Report) -> None:
        import_keras()
        import keras

        self.data, self.config, self.start, self.squares, self.report = data, config, start, squares, report
        self.side = squares.side
        readable = _only(data, squares.kept)
        self.photos, self.labels, self.weights = readable.photos, readable.labels, readable.weights
        self.groups = groups_of(readable, report=holding(report, 0.0))
        self.sides = split_photos(readable, self.groups, config.split, config.seed)
        if config.class_weights == "balanced":
            counts = np.bincount(self.labels[self.sides.learned], minlength=len(data.classes))
            self.weights = self.weights * (counts.sum() / len(counts) / np.maximum(counts, 1))[self.labels]
        keras.utils.set_random_seed(config.seed)
        self.model: keras.Model = network(
            config.backbone, start.file, self.side, len(data.classes), hidden=config.head.hidden,
            dropout=config.head.dropout,
        )  # fmt: skip
        self.answer = answering(self.model)
        self.steps_done = 0
        self.seconds_before = 0.0

    @property
    def identity(self) -> str:
        """Hash of what must be the same for a training to go on."""
        settings = {**self.config.as_json(), "logging": None, "weights": self.start.sha256, "side": self.side}
        digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
        sides = (self.sides.learned, self.sides.held_out)
        for photo, label, *side in zip(self.photos, self.labels, *sides, strict=True):
            digest.update(f"{photo.name}|{photo.stat().st_size}|{label}|{side}\n".encode())
        return digest.hexdigest()

    def run(self, state: State, save: Callable[[], None], curves: Curves) -> None:
        """All phases from where the state stands; save() is called after each epoch."""
        phases, patience = self.config.phases, self.config.early_stopping.patience
        self.begun, self.seconds_before = time.perf_counter(), state.seconds
        if state.weights:
            self._assign(self.model.weights, state.weights)
        else:
            self._standardise()
        while state.phase < len(phases):
            phase = phases[state.phase]
            self._open(phase)
            if state.epoch and state.optimizer:
                self._assign(self.model.optimizer.variables, state.optimizer)
            while state.epoch < phase.epochs and not (patience and state.waited >= patience):
                row = self._epoch(state)
                self._judge(state, row)
                curves.log(len(state.history), row)
                save()
            if state.best:
                self._assign(self.model.weights, state.best)
            state.phase, state.epoch, state.waited, state.optimizer = state.phase + 1, 0, 0, []
            state.weights = self.model.get_weights()

    def _open(self, phase: Phase) -> None:
        """Unfreeze what the phase says, and a new optimizer."""
        import keras

        unfreeze(self.model, self.config.backbone, phase.unfrozen)
        optimizer = keras.optimizers.AdamW(phase.learning_rate, weight_decay=self.config.weight_decay)
        loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=self.config.label_smoothing)
        self.model.compile(optimizer, loss, jit_compile=False)
        optimizer.build(self.model.trainable_variables)

    def _epoch(self, state: State) -> dict[str, float]:
        """One pass over the training photos, then the look at those held out; the epoch's row."""
        config, number = self.config, len(state.history) + 1
        rng = np.random.default_rng([config.seed, number])
        order = rng.permutation(np.flatnonzero(self.sides.learned))
        self._seed_dropout(number)

        def change(index: int, pixels: Pixels) -> Pixels:
            return augmented(pixels, config.augmentation, np.random.default_rng([config.seed, number, index]))

        targets = np.eye(len(self.data.classes), dtype=np.float32)[self.labels]
        losses: list[tuple[float, int]] = []
        for part, pixels in self.squares.batches(order, config.batch_size, change):
            self.model.reset_metrics()
            values = self.model.train_on_batch(pixels, targets[part], sample_weight=self.weights[part])
            losses.append((float(np.ravel(values)[0]), len(part)))
            self._tell(state, number)
        logits = self.logits(np.flatnonzero(self.sides.held_out))
        scores = scores_of(logits, self.labels[self.sides.held_out], self.data.classes)
        mean_loss = sum(loss * count for loss, count in losses) / sum(count for _, count in losses)
        return {
            "epoch": number, "phase": state.phase, "learning_rate": config.phases[state.phase].learning_rate,
            "loss": mean_loss, "val_loss": scores["loss"], "val_accuracy": scores["accuracy"],
            "val_macro_f1": scores["macro_f1"],
        }  # fmt: skip

    def _judge(self, state: State, row: dict[str, float]) -> None:
        """Put the epoch into the state; remember the weights when they are the best."""
        score: tuple[float, ...] = (-row["val_loss"],)
        if self.config.early_stopping.monitor == "macro_f1":
            score = (row["val_macro_f1"], *score)
        state.weights = self.model.get_weights()
        state.optimizer = [np.asarray(variable) for variable in self.model.optimizer.variables]
        state.history.append(row)
        state.epoch += 1
        state.waited += 1
        if not state.best_score or score > state.best_score:
            state.best, state.best_score, state.best_epoch, state.waited = state.weights, score, len(state.history), 0
        state.seconds = self.seconds_before + time.perf_counter() - self.begun

    def logits(self, indices: NDArray[np.int64]) -> NDArray[np.float64]:
        """(n, classes) of photos by position, unchanged."""
        batches = self.squares.batches(indices, self.config.batch_size)
        return np.concatenate([self.answer(pixels) for _, pixels in batches]).astype(np.float64)

    def written(self, out: Path, state: State, gpu: int | None) -> FineTuning:
        """Weights at half precision, scored as they will be read, with card and report."""
        from classifier.fit import temperature_of

        tensors = tensors_of(self.model)
        put_tensors(self.model, tensors)
        held = np.flatnonzero(self.sides.held_out)
        logits = self.logits(held)
        temperature = temperature_of(logits, self.labels[held])
        for name in (f"{HEAD}/0", f"{HEAD}/1"):
            tensors[name] = (tensors[name] / temperature).astype(np.float32)
        card = card_of(
            out.stem, self.config, self.start, self.data.classes, self.side, temperature, state,
            labels=self.labels, sides=self.sides, groups=len(set(self.groups)),
            unreadable=len(self.squares.unreadable), scores=scores_of(logits, self.labels[held], self.data.classes),
            gpu=gpu,
        )  # fmt: skip
        sha256 = write_finetuned(out, tensors, card)
        log = {
            "card": card, "history": state.history, "unreadable": self.squares.unreadable,
            "notices": [notice.en for notice in self.data.notices],
            "held_out": [f"{self.photos[i].parent.name}/{self.photos[i].name}" for i in held],
        }  # fmt: skip
        text = json.dumps(log, ensure_ascii=False, indent=1) + "\n"
        write_bytes(out.with_suffix(".report.json"), text.encode())
        return FineTuning(out, sha256, card, log)

    def _standardise(self) -> None:
        """Set the fixed mean and variance before the head from training photos; of random weights, all norms'."""
        import keras

        scale = self.model.get_layer(f"{HEAD}_scale")
        body = keras.Model(self.model.input, scale.input)
        rng = np.random.default_rng(self.config.seed)
        some = rng.permutation(np.flatnonzero(self.sides.learned))[:STANDARDISED_ON]
        if self.start.file is None:
            first = np.stack([self.squares[int(index)] for index in some[:NORMALISED_ON]])
            normalise(body, first)
        answer = answering(body)
        features = np.concatenate([answer(pixels) for _, pixels in self.squares.batches(some, self.config.batch_size)])
        scale.set_weights([features.mean(axis=0), np.maximum(features.var(axis=0), 1e-4)])

    def _seed_dropout(self, epoch: int) -> None:
        for layer in self.model.layers:
            generator = getattr(layer, "seed_generator", None)
            if generator is not None:
                generator.state.assign(np.array([self.config.seed, epoch * 100_003 % 2**31], dtype=np.uint32))

    def _tell(self, state: State, epoch: int) -> None:
        """Report the step with the time left, at the pace so far."""
        self.steps_done += 1
        steps = -(-int(self.sides.learned.sum()) // self.config.batch_size)
        done = len(state.history) * steps + (self.steps_done - 1) % steps + 1
        left = (time.perf_counter() - self.begun) / self.steps_done * (self.config.epochs * steps - done)
        fraction = min(1.0, done / (self.config.epochs * steps))
        self.report(fraction, f"{epoch}/{self.config.epochs} · ≈ {int(left) // 60}:{int(left) % 60:02d}")

    @staticmethod
    def _assign(variables: Any, arrays: list[NDArray[Any]]) -> None:
        if not same_shapes(variables, arrays):
            raise SettingsError(name="restart", value="", expected_fr="--restart", expected_en="--restart")
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)


def _only(data: Annotated, kept: NDArray[np.int64]) -> Annotated:
    """The photos at these positions."""
    return Annotated(
        data.folder, tuple(data.photos[i] for i in kept), data.labels[kept], data.classes, data.weights[kept],
        tuple(data.stated_groups[i] for i in kept), data.notices,
    )  # fmt: skip
