"""Frozen backbone features: one photo, one vector, by the same decoder everywhere.

A photo is fitted into a square on mid-grey without distortion (core.images.letterbox). From the three
maps of a backbone come: mean and maximum of the deepest, mean and standard deviation of the middle one,
standard deviation of the shallow one (texture: sharpness). For EfficientNet-Lite0 that is
2 × 1280 + 2 × 112 + 40 = 2,824 numbers.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.images import letterbox, read_picture
from core.values import Pixels
from scene.backbones import backbone, build, import_keras

if TYPE_CHECKING:
    import keras


def square(photo: Path | Pixels, side: int, name: str = "") -> Pixels:
    """The network's input: RGB uint8 (side, side, 3). A path is decoded at a reduced scale.

    name: what errors call the file. Raises PhotoError for a photo that can't be read.
    """
    pixels = read_picture(photo, max_side=side, name=name).pixels if isinstance(photo, Path) else photo
    return letterbox(pixels, side)


def feature_size(name: str) -> int:
    """Length of the feature vector of a backbone."""
    deep, middle, shallow = backbone(name).channels
    return 2 * deep + 2 * middle + shallow


def feature_model(name: str, file: Path, side: int) -> keras.Model:
    """Frozen Keras model: RGB (n, side, side, 3) in 0..255 → features (n, feature_size) float32, unscaled.

    file: the backbone's weights. Flat and functional, so that the maps can be reached (Grad-CAM).
    Raises WeightsMissing for an unknown name, WeightsChanged for a file of another layout.
    """
    import_keras()
    import keras

    network = build(name, file, side=side)
    model = keras.Model(network.input, pooled(network.outputs), name=f"{name}-features")
    model.trainable = False
    return model


def pooled(maps: Any) -> Any:
    """Keras tensors [deep, middle, shallow], each (n, h, w, c) → (n, features)."""
    from keras import layers, ops

    deep, middle, shallow = maps
    return layers.Concatenate(name="features")(
        [
            layers.GlobalAveragePooling2D()(deep),
            layers.GlobalMaxPooling2D()(deep),
            layers.GlobalAveragePooling2D()(middle),
            ops.std(middle, axis=(1, 2)),
            ops.std(shallow, axis=(1, 2)),
        ]
    )
