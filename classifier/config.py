"""The settings of fine-tuning as values; each field is explained in config.toml, classifier.config_file reads them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Phase:
    """epochs: passes over the photos; unfrozen: stages of the backbone that learn, from the deepest."""

    epochs: int
    learning_rate: float
    unfrozen: int


@dataclass(frozen=True, slots=True)
class HeadShape:
    """dropout: share 0..1 before each layer of the head; hidden: neurons of a layer in between, 0 = none."""

    dropout: float
    hidden: int


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far each change may go, 0 = off; units in config.toml."""

    flip: float
    crop: float
    rotation: float
    colour: float
    brightness: float
    contrast: float
    sharpness: float
    blur: float
    autocontrast: float


@dataclass(frozen=True, slots=True)
class EarlyStopping:
    """patience: epochs without progress before a phase ends, 0 = never; monitor: "macro_f1" or "loss"."""

    patience: int
    monitor: str


@dataclass(frozen=True, slots=True)
class Split:
    """training: share that is learned from; or folds, column, held_out: a CSV decides."""

    training: float
    folds: str
    column: str
    held_out: int


@dataclass(frozen=True, slots=True)
class Logging:
    """tensorboard: a folder; wandb: a project; "" = none."""

    tensorboard: str
    wandb: str


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of one fine-tuning; each field is explained in config.toml."""

    backbone: str
    weights: str
    image_size: int
    batch_size: int
    label_smoothing: float
    class_weights: str
    weight_decay: float
    seed: int
    head: HeadShape
    phases: tuple[Phase, ...]
    augmentation: Augmentation
    early_stopping: EarlyStopping
    split: Split
    logging: Logging

    @property
    def epochs(self) -> int:
        """Of all phases together."""
        return sum(phase.epochs for phase in self.phases)

    def as_json(self) -> dict[str, Any]:
        """Plain values, as in the TOML file."""
        return {**asdict(self), "phases": [asdict(phase) for phase in self.phases]}
