"""The known backbones as data, and how each is built with its published weights.

Source, hash, licence, input size and scaling are core's (core/weights/registry.toml); here is what the
architectures add: which maps are read. Every built model is flat and functional: input RGB
(n, side, side, 3) in 0..255 (the scaling is its first layer), outputs the three maps named by
``taps``, deepest first, each (n, h, w, c) float32.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import WeightsMissing
from core.weights import Located, ModelFacts, facts, locate
from scene.backbones.quiet import import_keras

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class Backbone:
    """One published network.

    taps: names of the layers whose maps are read, deepest first: the last map, the last one at half
    its stride (or of the stage before), the last one at half that. channels: of these maps.
    """

    name: str
    taps: tuple[str, str, str]
    channels: tuple[int, int, int]
    published: str

    @property
    def facts(self) -> ModelFacts:
        """Source, licence, scaling."""
        return facts(self.name)

    @property
    def side(self) -> int:
        """Input side in pixels that the classifier uses."""
        return self.facts.input_size


BACKBONES: dict[str, Backbone] = {
    item.name: item
    for item in (
        Backbone(
            name="efficientnet-lite0",
            taps=("head_relu", "block11_out", "block5_out"),
            channels=(1280, 112, 40),
            published="EfficientNet-Lite0 (Google 2020; Tan and Le 2019, arXiv:1905.11946), ImageNet top-1 75.1 %",
        ),
        Backbone(
            name="vgg16",
            taps=("block5_conv3", "block4_conv3", "block3_conv3"),
            channels=(512, 512, 256),
            published="VGG16 (Simonyan and Zisserman 2014, arXiv:1409.1556), ImageNet top-1 71.3 %",
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


def build(name: str, file: Path, *, side: int | None = None) -> keras.Model:
    """The network with the weights of a file, frozen, from an image to [deep, middle, shallow] maps.

    side: input side in pixels, None = any multiple of 32. Raises WeightsMissing for an unknown name,
    WeightsChanged when the file is not of this network's layout.
    """
    taps = backbone(name).taps
    import_keras()
    if name == "vgg16":
        from scene.backbones.vgg16 import build_vgg16

        return build_vgg16(file, taps=taps, side=side)
    from scene.backbones.lite import build_lite0

    return build_lite0(file, taps=taps, side=side)
