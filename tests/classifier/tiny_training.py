"""A backbone of three convolutions and made pictures that are no twins, so that fine-tuning takes seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.values import CLASSES, Pixels
from scene.backbones import BACKBONES, Backbone, import_keras
from tests.made import saved

TINY = "tiny"


def build_tiny(name: str, file: Path | None, *, side: int | None = None) -> Any:
    """Random weights; file is not read."""
    import_keras()
    from keras import Input, Model, layers

    image = Input((side, side, 3), name="image")
    x, maps = layers.Rescaling(1 / 64, offset=-2, name="scaled")(image), []
    for number, filters in enumerate((4, 6, 8), start=1):
        x = layers.Conv2D(filters, 3, 2, padding="same", use_bias=False, name=f"stage{number}_conv")(x)
        x = layers.ReLU(name=f"stage{number}_relu")(layers.BatchNormalization(name=f"stage{number}_bn")(x))
        maps.append(x)
    model = Model(image, maps[::-1], name=name)
    model.trainable = False
    return model


def with_tiny(patch: pytest.MonkeyPatch) -> None:
    """Make it known by name."""
    stages = (("stage3_",), ("stage2_",), ("stage1_",))
    taps = ("stage3_relu", "stage2_relu", "stage1_relu")
    patch.setitem(BACKBONES, TINY, Backbone(TINY, taps, (8, 6, 4), "wheel", stages, "made up"))
    patch.setattr("classifier.finetuned.build", build_tiny)


def kind(label: str, seed: int) -> Pixels:
    """Stripes, noise or neither on blocks that differ from picture to picture; RGB uint8 (48, 64, 3)."""
    rng = np.random.default_rng([seed, CLASSES.index(label)])
    blocks = np.kron(rng.integers(40, 216, (6, 8)), np.ones((8, 8)))
    across = np.mgrid[0:48, 0:64][1]
    texture = {"ok": (across // 2 % 2) * 80 - 40, "retoucher": rng.integers(-90, 91, (48, 64)), "exclure": across * 0}
    return np.repeat((blocks + texture[label]).clip(0, 255)[..., None], 3, axis=2).astype(np.uint8)


def labelled(folder: Path, each: int) -> Path:
    """folder/{ok,retoucher,exclure}/N.png"""
    for label in CLASSES:
        for number in range(each):
            saved(folder / label / f"{label}{number}.png", kind(label, number))
    return folder
