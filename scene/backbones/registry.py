"""The known backbones as data, and how each is built with its published weights.

Source, hash, licence, input size and scaling are core's (core/weights/registry.toml); here is what the
architectures add: which maps are read. Every built model is flat and functional: input RGB
(n, side, side, 3) in 0..255 (the scaling is its first layer), outputs the three maps named by
``taps``, deepest first, each (n, h, w, c) float32.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.errors import WeightsMissing
from core.weights import Located, ModelFacts, facts, locate
from scene.backbones.quiet import import_keras

if TYPE_CHECKING:
    import keras


Source = Literal["wheel", "keras", "state_dict"]


@dataclass(frozen=True, slots=True)
class Backbone:
    """One published network.

    taps: names of the layers whose maps are read, deepest first: the last map, the last one at half
    its stride (or of the stage before), the last one at half that. channels: of these maps.
    source: how its ImageNet weights travel: in a "wheel", as keras.applications' file ("keras", from a
    network or put into the models folder), or as a PyTorch "state_dict" that is converted.
    stages: for unfreezing, deepest first: how the names of each stage's layers begin.
    """

    name: str
    taps: tuple[str, str, str]
    channels: tuple[int, int, int]
    source: Source
    stages: tuple[tuple[str, ...], ...]
    published: str

    @property
    def facts(self) -> ModelFacts:
        """Where its files are, licence, scaling (mean, deviation, order of colours)."""
        return facts(self.name)

    @property
    def side(self) -> int:
        """Input side in pixels that the classifier uses."""
        return self.facts.input_size

    @property
    def conv_map(self) -> str:
        """The layer of the last convolutional map, where Grad-CAM looks."""
        return self.taps[0]


def _lite_stages(repeats: tuple[int, ...]) -> tuple[tuple[str, ...], ...]:
    """Head with the last stage, then stage by stage down to the stem; blocks are numbered from 1."""
    ends = [sum(repeats[: index + 1]) for index in range(len(repeats))]
    blocks = [
        tuple(f"block{number}_" for number in range(end - count + 1, end + 1))
        for count, end in zip(repeats, ends, strict=True)
    ]
    return (("head_", *blocks[-1]), *blocks[-2::-1], ("stem_",))


BACKBONES: dict[str, Backbone] = {
    item.name: item
    for item in (
        Backbone(
            name="efficientnet-lite0",
            taps=("head_relu", "block11_out", "block5_out"),
            channels=(1280, 112, 40),
            source="wheel",
            stages=_lite_stages((1, 2, 2, 3, 3, 4, 1)),
            published="EfficientNet-Lite0 (Google 2020; Tan and Le 2019, arXiv:1905.11946), ImageNet top-1 75.1 %",
        ),
        Backbone(
            name="efficientnet-lite2",
            taps=("head_relu", "block15_out", "block7_out"),
            channels=(1280, 120, 48),
            source="wheel",
            stages=_lite_stages((1, 3, 3, 4, 4, 5, 1)),
            published="EfficientNet-Lite2 (Google 2020; Tan and Le 2019, arXiv:1905.11946), ImageNet top-1 77.6 %",
        ),
        Backbone(
            name="vgg16",
            taps=("block5_conv3", "block4_conv3", "block3_conv3"),
            channels=(512, 512, 256),
            source="keras",
            stages=(("block5_",), ("block4_",), ("block3_",), ("block2_",), ("block1_",)),
            published="VGG16 (Simonyan and Zisserman 2014, arXiv:1409.1556), ImageNet top-1 71.3 %",
        ),
        Backbone(
            name="efficientnetv2-b0",
            taps=("top_activation", "block5e_add", "block3b_add"),
            channels=(1280, 112, 48),
            source="keras",
            stages=(("top_", "block6"), ("block5",), ("block4",), ("block3",), ("block2",), ("block1", "stem_")),
            published="EfficientNetV2-B0 (Tan and Le 2021, arXiv:2104.00298), ImageNet top-1 78.7 %",
        ),
        Backbone(
            name="resnet50",
            taps=("conv5_block3_out", "conv4_block6_out", "conv3_block4_out"),
            channels=(2048, 1024, 512),
            source="keras",
            stages=(("conv5_",), ("conv4_",), ("conv3_",), ("conv2_",), ("conv1_",)),
            published="ResNet-50 (He et al. 2015, arXiv:1512.03385), ImageNet top-1 74.9 %",
        ),
        Backbone(
            name="resnet18",
            taps=("layer4_1_out", "layer3_1_out", "layer2_1_out"),
            channels=(512, 256, 128),
            source="state_dict",
            stages=(("layer4_",), ("layer3_",), ("layer2_",), ("layer1_",), ("stem_",)),
            published="ResNet-18 (He et al. 2015, arXiv:1512.03385), ImageNet top-1 69.8 %",
        ),
    )
}


def backbone(name: str) -> Backbone:
    """One backbone's facts. Raises WeightsMissing, which lists the names, when there is none."""
    if name not in BACKBONES:
        known = ", ".join(sorted(BACKBONES))
        raise WeightsMissing(model=name, remedy_fr=f"Réseaux connus : {known}.", remedy_en=f"Known networks: {known}.")
    return BACKBONES[name]


def find_weights(name: str, models_dir: Path | None = None) -> Located:
    """The verified ImageNet weights on this machine. Raises WeightsMissing with the remedy, or WeightsChanged."""
    return locate(backbone(name).name, models_dir)


def build(name: str, file: Path | None, *, side: int | None = None) -> keras.Model:
    """The network with the weights of a file, frozen, from an image to [deep, middle, shallow] maps.

    file: None = random weights, by Keras' global seed. side: input side in pixels, None = any multiple
    of 32. Raises WeightsMissing for an unknown name, WeightsChanged when the file is not of this
    network's layout.
    """
    taps = backbone(name).taps
    import_keras()
    from scene.backbones.keras_applications import NAMES, build_application
    from scene.backbones.lite import SCALES, build_lite

    if name in NAMES:
        return build_application(name, file, taps=taps, side=side)
    if name in SCALES:
        return build_lite(name, file, taps=taps, side=side)
    from scene.backbones.resnet18 import build_resnet18

    return build_resnet18(file, taps=taps, side=side)
