"""What fine-tuning does to a network besides its steps: which layers learn, batch norms at the start, plain answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classifier.finetuned import HEAD
from core.values import Pixels
from scene.backbones import backbone

if TYPE_CHECKING:
    import keras


def unfreeze(model: keras.Model, name: str, stages: int) -> list[str]:
    """Let the head and this many stages of the backbone learn, deepest first; the names of the layers that do."""
    import keras

    prefixes = tuple(prefix for stage in backbone(name).stages[:stages] for prefix in stage)
    for layer in model.layers:
        norm = isinstance(layer, keras.layers.BatchNormalization)
        layer.trainable = not norm and layer.name.startswith((HEAD, *prefixes))
    return [layer.name for layer in model.layers if layer.trainable and layer.weights]


def answering(model: keras.Model) -> Callable[[Pixels], NDArray[np.float32]]:
    """uint8 (n, side, side, 3) → what the model answers, for any n by one graph (predict would make one a phase)."""
    import tensorflow as tf

    shape = tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8)
    graph = tf.function(lambda pixels: model(tf.cast(pixels, tf.float32), training=False), input_signature=[shape])
    return lambda pixels: np.asarray(graph(pixels))


def normalise(body: keras.Model, pixels: Pixels) -> None:
    """Give every batch norm the statistics of these photos, uint8 (n, side, side, 3), so that signals keep their size.

    Data-dependent initialisation (Krähenbühl et al. 2015, arXiv:1511.06856).
    """
    import keras

    norms = [layer for layer in body.layers if isinstance(layer, keras.layers.BatchNormalization)]
    kept = [(layer.trainable, layer.momentum) for layer in norms]
    for layer in norms:
        layer.trainable, layer.momentum = True, 0.0
    body(pixels.astype(np.float32), training=True)
    for layer, (trainable, momentum) in zip(norms, kept, strict=True):
        layer.trainable, layer.momentum = trainable, momentum
