"""EfficientNet-Lite in Keras: the published networks layer by layer, weights from a PyTorch state dict.

Lite (Google, 2020) is EfficientNet (Tan and Le 2019, arXiv:1905.11946) without squeeze-and-excite and
with ReLU6. Padding is TensorFlow's "same", batch-norm epsilon 1e-3, input RGB (x - 127) / 128.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from core.errors import WeightsChanged
from scene.backbones.scaling import scaled
from scene.backbones.state_dict import read_state_dict

if TYPE_CHECKING:
    import keras

STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
          (1, 3, 1, 6, 320))  # fmt: skip
"""Of Lite0: (repeats, kernel, stride of the first, expansion, output channels), in order."""
SCALES = {"efficientnet-lite0": (1.0, 1.0), "efficientnet-lite2": (1.1, 1.2)}
"""Width and depth by network, as published; stem (32) and head (1280) are not widened."""
_EPSILON = 1e-3


def stages(name: str) -> tuple[tuple[int, int, int, int, int], ...]:
    """STAGES at a network's width and depth. The first and the last stage are not repeated more often."""
    width, depth = SCALES[name]
    return tuple(
        (
            repeats if place in (0, len(STAGES) - 1) else math.ceil(repeats * depth),
            kernel, stride, expansion, _rounded(filters * width),
        )
        for place, (repeats, kernel, stride, expansion, filters) in enumerate(STAGES)
    )  # fmt: skip


def _rounded(filters: float) -> int:
    """To the nearest multiple of 8 that is not more than a tenth below."""
    near = max(8, int(filters + 4) // 8 * 8)
    return near if near >= 0.9 * filters else near + 8


def build_lite(name: str, file: Path | None, *, taps: Sequence[str] | None, side: int | None = None) -> keras.Model:
    """The network of that name in SCALES with the weights of the file (None = random ones), frozen.

    Input: RGB (n, side, side, 3) in 0..255. Output: the maps named by taps, or with taps=None the
    1,000 ImageNet logits (n, 1000). Raises WeightsChanged when the file is not of this layout.
    """
    model = _network(name, side)
    if file is not None:
        try:
            _load(model, name, read_state_dict(file, model=name))
        except (KeyError, ValueError) as error:
            raise WeightsChanged(model=name, file=file.name) from error
    model.trainable = False
    if taps is None:
        return model
    import keras

    return keras.Model(model.input, [model.get_layer(tap).output for tap in taps], name=name)


def _network(name: str, side: int | None) -> keras.Model:
    from keras import Input, Model, layers

    def conv(x: Any, filters: int, kernel: int, stride: int, name: str, *, relu: bool) -> Any:
        x = layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False, name=f"{name}_conv")(x)
        return norm(x, name, relu=relu)

    def depthwise(x: Any, kernel: int, stride: int, name: str) -> Any:
        x = layers.DepthwiseConv2D(kernel, stride, padding="same", use_bias=False, name=f"{name}_conv")(x)
        return norm(x, name, relu=True)

    def norm(x: Any, name: str, *, relu: bool) -> Any:
        x = layers.BatchNormalization(epsilon=_EPSILON, name=f"{name}_bn")(x)
        return layers.ReLU(max_value=6.0, name=f"{name}_relu")(x) if relu else x

    image = Input((side, side, 3), name="image")
    x = scaled(image, name)
    x = conv(x, 32, 3, 2, "stem", relu=True)
    index, channels = 0, 32
    for repeats, kernel, first_stride, expansion, filters in stages(name):
        for repeat in range(repeats):
            stride, block, entry = first_stride if repeat == 0 else 1, f"block{index + 1}", x
            last_of_stage_skips = stride == 1 and channels == filters
            if expansion != 1:
                x = conv(x, channels * expansion, 1, 1, f"{block}_expand", relu=True)
            x = depthwise(x, kernel, stride, f"{block}_depthwise")
            x = conv(x, filters, 1, 1, f"{block}_project", relu=False)
            if last_of_stage_skips:
                x = layers.Add(name=f"{block}_out")([x, entry])
            index, channels = index + 1, filters
    x = conv(x, 1280, 1, 1, "head", relu=True)
    x = layers.GlobalAveragePooling2D(name="pooled")(x)
    return Model(image, layers.Dense(1000, name="logits")(x), name=name)


def _load(model: keras.Model, name: str, state: dict[str, NDArray[Any]]) -> None:
    """Copy the state dict in; every tensor must be used, every layer must be filled."""
    used = {name for name in state if name.endswith("num_batches_tracked")}

    def take(name: str) -> NDArray[Any]:
        used.add(name)
        return state[name]

    def put(layer: str, conv: str, bn: str) -> None:
        kernel = take(f"{conv}.weight")
        order = (2, 3, 0, 1) if "depthwise" in layer else (2, 3, 1, 0)
        model.get_layer(f"{layer}_conv").set_weights([kernel.transpose(order)])
        parts = ("weight", "bias", "running_mean", "running_var")
        model.get_layer(f"{layer}_bn").set_weights([take(f"{bn}.{part}") for part in parts])

    put("stem", "_conv_stem", "_bn0")
    blocks = sum(stage[0] for stage in stages(name))
    for index in range(blocks):
        layer, key = f"block{index + 1}", f"_blocks.{index}"
        if index > 0:
            put(f"{layer}_expand", f"{key}._expand_conv", f"{key}._bn0")
        put(f"{layer}_depthwise", f"{key}._depthwise_conv", f"{key}._bn1")
        put(f"{layer}_project", f"{key}._project_conv", f"{key}._bn2")
    put("head", "_conv_head", "_bn1")
    model.get_layer("logits").set_weights([take("_fc.weight").T, take("_fc.bias")])
    if used != set(state):
        raise ValueError(f"unexpected tensors: {sorted(set(state) - used)[:3]}")
