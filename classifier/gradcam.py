"""Grad-CAM: where in a photo a class was seen (Selvaraju et al. 2017, arXiv:1610.02391).

The gradient of a class's logit, averaged over the last convolutional map, weighs the map's channels; the positive
part of their sum is the heat. Works for any flat Keras model from pixels to class probabilities: a frozen backbone
with its linear head, or a network trained as a whole. Where a head also reads shallower maps (texture), the heat
tells only of what went through the last one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from classifier.triage import Triage
from core.errors import EngineFailed
from core.images import letterbox
from core.values import CLASSES, Label, Pixels

if TYPE_CHECKING:
    import keras


def grad_cam(triage: Triage, pixels: Pixels, label: Label) -> NDArray[np.float32]:
    """Where a photo speaks for a class: float32 (h, w) of the photo, 0..1, its strongest place 1.

    pixels: RGB uint8 (h, w, 3). All zeros where nothing speaks for the class. For many photos build one GradCam.
    """
    grid = GradCam(triage.model).grids(letterbox(pixels, triage.side)[None], [[CLASSES.index(label)]])[0, 0]
    return on_photo(grid, (pixels.shape[1], pixels.shape[0]))


class GradCam:
    """Heat maps of one model, a batch at a time. network: pixels → (the last map, logits)."""

    def __init__(self, model: keras.Model) -> None:
        """Raises EngineFailed for a model without a convolutional map."""
        self.network = map_and_logits(model)
        self._compiled: dict[int, Any] = {}

    def grids(self, squares: Pixels, classes: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """The heat on the last map's own grid: float32 (n, k, rows, columns), ≥ 0, not scaled.

        squares: the network's input, uint8 (n, side, side, 3); classes: k indices of classes for each of them.
        """
        import tensorflow as tf

        wanted = np.asarray(classes, np.int32)
        kinds = wanted.shape[1]
        if kinds not in self._compiled:  # one graph for batches of any length; tracing takes seconds
            shapes = (tf.TensorSpec((None, *squares.shape[1:]), tf.float32), tf.TensorSpec((None, kinds), tf.int32))
            self._compiled[kinds] = tf.function(self._heats, input_signature=shapes)
        heats = self._compiled[kinds](tf.constant(squares, tf.float32), tf.constant(wanted))
        return np.asarray(heats, dtype=np.float32)

    def _heats(self, images: Any, classes: Any) -> Any:
        import tensorflow as tf

        columns = tf.unstack(classes, axis=1)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(images)
            maps, logits = self.network(images, training=False)
            # No photo's logit depends on another photo: the gradient of their sum holds each photo's own.
            scores = [tf.reduce_sum(tf.gather(logits, column, batch_dims=1)) for column in columns]
        heats = []
        for score in scores:
            weights = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2))
            heats.append(tf.nn.relu(tf.einsum("nhwc,nc->nhw", maps, weights)))
        return tf.stack(heats, axis=1)


def map_and_logits(model: keras.Model) -> keras.Model:
    """The same network, answering its last convolutional map (n, h, w, c) and its logits (n, classes).

    A softmax at the end is left off: its gradient fades where the model is sure. Raises EngineFailed
    when no layer answers a map.
    """
    import keras

    maps = [layer.output for layer in model.layers if len(getattr(layer.output, "shape", ())) == 4]
    if len(maps) < 2:  # the input alone
        raise EngineFailed(
            task="grad_cam", why=f"{model.name} has no convolutional map",
            why_fr="ce modèle n'a pas de couche de convolution, il n'y a pas de carte de chaleur à en tirer",
            why_en="this model has no convolutional layer, so no heat map can be drawn from it",
        )  # fmt: skip
    last = model.layers[-1]
    logits, linear = model.output, None
    if isinstance(last, keras.layers.Softmax) or (_is_softmax(last) and not last.weights):
        logits = last.input
    elif _is_softmax(last):
        linear = keras.layers.Dense(last.units, use_bias=last.use_bias, name="logits")
        logits = linear(last.input)
        linear.set_weights(last.get_weights())
    return keras.Model(model.input, [maps[-1], logits], name=f"{model.name}-grad-cam")


def on_photo(grid: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """A heat grid of the letterboxed square brought back onto the photo: float32 (height, width), 0..1.

    size: (width, height) of the photo at any reduction. The strongest place of the photo becomes 1, whatever
    the grey borders hold; a grid without heat stays 0.
    """
    return on_one_scale([grid], size)[0]


def on_one_scale(grids: Sequence[NDArray[np.float32]], size: tuple[int, int]) -> list[NDArray[np.float32]]:
    """As on_photo for several classes of one photo: 1 is the strongest place of them all, so that they compare."""
    heats = [_cut(grid, size) for grid in grids]
    strongest = max(float(heat.max()) for heat in heats)
    return [(heat / strongest if strongest > 0 else heat).astype(np.float32) for heat in heats]


def _cut(grid: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """The part of the square that the photo fills, at the photo's size."""
    rows, columns = grid.shape
    width, height = size[0] / max(size), size[1] / max(size)
    left, top = (1 - width) / 2, (1 - height) / 2
    box = (left * columns, top * rows, (left + width) * columns, (top + height) * rows)
    image = Image.fromarray(np.ascontiguousarray(grid, dtype=np.float32))
    heat: NDArray[np.float32] = np.clip(np.asarray(image.resize(size, Image.Resampling.BILINEAR, box=box)), 0.0, None)
    return heat


def _is_softmax(layer: Any) -> bool:
    return getattr(getattr(layer, "activation", None), "__name__", "") == "softmax"
