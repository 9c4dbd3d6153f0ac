"""Where advertising panels are: a sister of the car map, read at stride 8 because panels are thin.

The deep and middle maps of EfficientNet-Lite0 at 512 px are read at stride 16 and sharpened with the
shallow one at stride 8 (classifier/train_panelmap.py). The figures are in artifacts/MANIFEST.json.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from classifier.placemap import BACKBONE, PlaceMap, load_place_map
from core.values import Origin, Pixels
from scene.backbones import backbone

if TYPE_CHECKING:
    import keras

NAME, FORMAT = "panelmap-lite0", "paddock-panelmap-1"
STRIDE = 8


def panel_map(pixels: Pixels, *, artifacts: Path | None = None) -> tuple[NDArray[np.float32], Origin]:
    """Probability of "advertising panel" at each place, and its origin.

    pixels: RGB uint8 (h, w, 3) → float32 (h', w') in 0..1, the longer side HEAT_SIDE, the photo's aspect.
    The network is loaded at the first call in a process and kept. artifacts: folder of
    panelmap-lite0.safetensors, None = the checkout's, whose hash is then checked.
    Raises WeightsMissing or WeightsChanged.
    """
    loaded = load_panel_map(artifacts)
    return loaded.heat(pixels), loaded.origin


@cache
def load_panel_map(artifacts: Path | None = None) -> PlaceMap:
    """Backbone and head as one model. Raises WeightsMissing or WeightsChanged."""
    return load_place_map(NAME, FORMAT, panel_head, lambda maps: maps, artifacts)


def panel_head(hidden: int) -> keras.Model:
    """Maps [deep, middle, shallow] at strides 32, 16, 8 → logits (n, h, w) at stride 8.

    hidden: channels at stride 16; half of them at stride 8. The first layer of each input is named
    after it, so that training can fold the input's standardisation into it.
    """
    from keras import Input, Model, layers

    inputs = [
        Input((None, None, channels), name=f"{name}_map")
        for name, channels in zip(("deep", "middle", "shallow"), backbone(BACKBONE).channels, strict=True)
    ]
    fine = max(1, hidden // 2)
    deep: Any = layers.Conv2D(hidden, 1, name="deep")(layers.SpatialDropout2D(0.3)(inputs[0]))
    deep = layers.UpSampling2D(2, interpolation="bilinear", name="deep_at_16")(deep)
    middle = layers.Conv2D(hidden, 1, name="middle")(layers.SpatialDropout2D(0.2)(inputs[1]))
    x = layers.ReLU()(layers.Add()([deep, middle]))
    x = layers.Conv2D(hidden, 3, padding="same", activation="relu", name="near")(x)
    x = layers.Conv2D(fine, 3, padding="same", dilation_rate=2, name="wide")(x)
    x = layers.UpSampling2D(2, interpolation="bilinear", name="at_8")(x)
    shallow = layers.Conv2D(fine, 1, name="shallow")(layers.SpatialDropout2D(0.1)(inputs[2]))
    x = layers.ReLU()(layers.Add()([x, shallow]))
    x = layers.Conv2D(fine, 3, padding="same", activation="relu", name="edge")(x)
    x = layers.Conv2D(1, 1, name="panel")(x)
    return Model(inputs, x[..., 0], name="panel_head")
