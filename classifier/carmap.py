"""Where the car is: a small head on the classifier's own maps, answering location by location.

The three maps of EfficientNet-Lite0 at 512 px are brought to stride 16, stacked, and read by a few
convolutions trained on outlined race photos (classifier/train_carmap.py). The figures are in
artifacts/MANIFEST.json. Meant as the start of GrabCut, not as a mask.
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

NAME, FORMAT = "carmap-lite0", "paddock-carmap-1"
STRIDE = 16
CHANNELS = sum(backbone(BACKBONE).channels)


def car_map(pixels: Pixels, *, artifacts: Path | None = None) -> tuple[NDArray[np.float32], Origin]:
    """Probability of "car" at each place, float32 (h', w') in 0..1 with the photo's aspect, and its origin.

    The network is loaded at the first call in a process and kept. artifacts: folder of
    carmap-lite0.safetensors, None = the checkout's, whose hash is then checked.
    Raises WeightsMissing or WeightsChanged.
    """
    loaded = load_car_map(artifacts)
    return loaded.heat(pixels), loaded.origin


@cache
def load_car_map(artifacts: Path | None = None) -> PlaceMap:
    """Backbone and head as one model. Raises WeightsMissing or WeightsChanged."""
    return load_place_map(NAME, FORMAT, car_head, stacked, artifacts)


def stacked(maps: Any) -> Any:
    """Keras tensors [deep, middle, shallow] at strides 32, 16, 8 → (n, h, w, CHANNELS) at stride 16."""
    from keras import layers

    deep, middle, shallow = maps
    deep = layers.UpSampling2D(2, interpolation="bilinear", name="deep_at_16")(deep)
    shallow = layers.AveragePooling2D(2, name="shallow_at_16")(shallow)
    return layers.Concatenate(name="stacked")([deep, middle, shallow])


def car_head(hidden: int) -> keras.Model:
    """(n, h, w, CHANNELS) → logits (n, h, w). hidden = 0: linear; else 1×1, 3×3 and dilated 3×3 convolutions."""
    from keras import Input, Model, layers

    grid = Input((None, None, CHANNELS), name="maps")
    x: Any = grid
    if hidden:
        x = layers.SpatialDropout2D(0.3)(x)
        x = layers.Conv2D(hidden, 1, activation="relu", name="first")(x)
        x = layers.Conv2D(hidden, 3, padding="same", activation="relu", name="near")(x)
        x = layers.Conv2D(hidden, 3, padding="same", dilation_rate=2, activation="relu", name="wide")(x)
    x = layers.Conv2D(1, 1, name="car")(x)
    return Model(grid, x[..., 0], name="car_head")
