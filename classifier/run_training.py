"""One door to both ways of training: a head on frozen features, or fine-tuning when epochs are asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from classifier.config import Config
from classifier.config_file import read_config
from classifier.finetune import FineTuning, finetune
from classifier.train import Training, train, use_gpu
from core.values import Report, no_report

FROZEN_BACKBONE = "efficientnet-lite0"
"""What a frozen head stands on when nothing is said: the shipped model's."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for; None = not said, the configuration decides.

    epochs: 0 = a head on frozen features; None = fine-tuning when there is a config or a setting, else frozen.
    settings: "NAME=VALUE" each. folds: CSV of folds. side: input side in pixels.
    """

    data: Path
    out: Path
    backbone: str | None = None
    config: Path | None = None
    settings: tuple[str, ...] = ()
    epochs: int | None = None
    restart: bool = False
    folds: Path | None = None
    side: int | None = None
    seed: int | None = None
    gpu: int | None = None
    models_dir: Path | None = None
    cache: Path | None = None

    @property
    def fine_tunes(self) -> bool:
        """True when layers are to learn by epochs, False for a head on frozen features."""
        return self.epochs > 0 if self.epochs is not None else bool(self.config or self.settings)

    def configured(self) -> Config:
        """Defaults, file, settings, then the options of their own. Raises SettingsError."""
        own = {
            "backbone": self.backbone, "image_size": self.side, "seed": self.seed,
            "split.folds": str(self.folds) if self.folds is not None else None,
        }  # fmt: skip
        said = [f"{name}={json.dumps(value)}" for name, value in own.items() if value is not None]
        return read_config(self.config, [*self.settings, *said], epochs=self.epochs or None)


def run_training(wish: Wish, report: Report = no_report) -> Training | FineTuning:
    """Carry it out. Raises what train and finetune raise."""
    if wish.fine_tunes:
        config = wish.configured()
        use_gpu(wish.gpu)
        return finetune(
            wish.data, wish.out, config, models_dir=wish.models_dir, restart=wish.restart, gpu=wish.gpu,
            report=report,
        )  # fmt: skip
    frozen = wish.configured() if wish.config or wish.settings else None
    return train(
        wish.data, wish.out,
        backbone_name=wish.backbone or (frozen.backbone if frozen else FROZEN_BACKBONE),
        folds=wish.folds, models_dir=wish.models_dir,
        side=wish.side or (frozen.image_size or None if frozen else None),
        cache=wish.cache, gpu=wish.gpu, seed=wish.seed if wish.seed is not None else frozen.seed if frozen else 0,
        report=report,
    )  # fmt: skip
