"""ResNet-18 in Keras, layer by layer, with the weights of torchvision's PyTorch state dict.

He et al. 2015, arXiv:1512.03385. Padding is PyTorch's (symmetric: a padding layer before each strided or
3×3 convolution), batch-norm epsilon 1e-5, input RGB scaled by ImageNet's mean and deviation.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from core.errors import WeightsChanged
from scene.backbones.scaling import scaled
from scene.backbones.state_dict import read_state_dict

if TYPE_CHECKING:
    import keras

NAME = "resnet18"
STAGES = ((1, 64), (2, 128), (3, 256), (4, 512))
"""(number, channels), two blocks each; the first block of stages 2 to 4 halves the map."""


def build_resnet18(file: Path | None, *, taps: Sequence[str], side: int | None = None) -> keras.Model:
    """The convolutions, frozen. file: a state dict of torchvision's layout, None = random weights.

    Input: RGB (n, side, side, 3) in 0..255. Output: the maps named by taps.
    Raises WeightsChanged when the file is not of this layout.
    """
    import keras

    model = _network(side)
    if file is not None:
        try:
            _load(model, read_state_dict(file, model=NAME))
        except (KeyError, ValueError) as error:
            raise WeightsChanged(model=NAME, file=file.name) from error
    model.trainable = False
    return keras.Model(model.input, [model.get_layer(name).output for name in taps], name=NAME)


def _network(side: int | None) -> keras.Model:
    from keras import Input, Model, layers

    def conv(x: Any, filters: int, kernel: int, stride: int, name: str) -> Any:
        if kernel > 1:
            x = layers.ZeroPadding2D(kernel // 2, name=f"{name}_pad")(x)
        x = layers.Conv2D(filters, kernel, stride, use_bias=False, name=f"{name}_conv")(x)
        return layers.BatchNormalization(epsilon=1e-5, name=f"{name}_bn")(x)

    image = Input((side, side, 3), name="image")
    x = layers.ReLU(name="stem_relu")(conv(scaled(image, NAME), 64, 7, 2, "stem"))
    # Zeros may pad the maximum because no value before it is negative.
    x = layers.MaxPooling2D(3, 2, name="stem_pool")(layers.ZeroPadding2D(1, name="stem_pool_pad")(x))
    for stage, filters in STAGES:
        for block in (0, 1):
            name, entry = f"layer{stage}_{block}", x
            stride = 2 if stage > 1 and block == 0 else 1
            x = layers.ReLU(name=f"{name}_relu")(conv(x, filters, 3, stride, f"{name}_1"))
            x = conv(x, filters, 3, 1, f"{name}_2")
            if stride > 1:
                entry = conv(entry, filters, 1, stride, f"{name}_skip")
            x = layers.ReLU(name=f"{name}_out")(layers.Add(name=f"{name}_add")([x, entry]))
    return Model(image, x, name=NAME)


def _load(model: keras.Model, state: dict[str, NDArray[Any]]) -> None:
    """Copy the state dict in; every tensor but the last layer's (fc) must be used, every layer filled."""
    used = {name for name in state if name.endswith("num_batches_tracked") or name.startswith("fc.")}

    def put(layer: str, conv: str, bn: str) -> None:
        names = [f"{conv}.weight", *(f"{bn}.{part}" for part in ("weight", "bias", "running_mean", "running_var"))]
        used.update(names)
        kernel, *norm = (state[name] for name in names)
        model.get_layer(f"{layer}_conv").set_weights([kernel.transpose(2, 3, 1, 0)])
        model.get_layer(f"{layer}_bn").set_weights(norm)

    put("stem", "conv1", "bn1")
    for stage, _ in STAGES:
        for block in (0, 1):
            layer, key = f"layer{stage}_{block}", f"layer{stage}.{block}"
            put(f"{layer}_1", f"{key}.conv1", f"{key}.bn1")
            put(f"{layer}_2", f"{key}.conv2", f"{key}.bn2")
            if stage > 1 and block == 0:
                put(f"{layer}_skip", f"{key}.downsample.0", f"{key}.downsample.1")
    if used != set(state):
        raise ValueError(f"unexpected tensors: {sorted(set(state) - used)[:3]}")
