"""Networks whose architecture is keras.applications': VGG16, ResNet50 and EfficientNetV2-B0, built flat.

Their ImageNet weights are the published "notop" HDF5 files, read from a file that is at hand: nothing is
downloaded here (``paddock weights pull NAME`` does it, from the address that keras.applications has).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import WeightsChanged
from scene.backbones.scaling import scaled

if TYPE_CHECKING:
    import keras

NAMES = ("vgg16", "resnet50", "efficientnetv2-b0")


def build_application(name: str, file: Path | None, *, taps: Sequence[str], side: int | None = None) -> keras.Model:
    """The convolutions of one of NAMES, frozen. file: None = random weights.

    Input: RGB (n, side, side, 3) in 0..255; the first layers scale it as the network was trained.
    Output: the maps named by taps. Raises WeightsChanged when the file is not of this layout.
    """
    import keras

    image = keras.Input((side, side, 3), name="image")
    network = _architecture(name, scaled(image, name))
    if file is not None:
        try:
            network.load_weights(str(file))
        except (ValueError, OSError, KeyError) as error:
            raise WeightsChanged(model=name, file=file.name) from error
    network.trainable = False
    return keras.Model(image, [network.get_layer(tap).output for tap in taps], name=name)


def _architecture(name: str, image: Any) -> keras.Model:
    from keras import applications

    if name == "vgg16":  # Simonyan and Zisserman 2014, arXiv:1409.1556
        return applications.VGG16(include_top=False, weights=None, input_tensor=image)
    if name == "resnet50":  # He et al. 2015, arXiv:1512.03385
        return applications.ResNet50(include_top=False, weights=None, input_tensor=image)
    # Tan and Le 2021, arXiv:2104.00298
    return applications.EfficientNetV2B0(
        include_top=False, weights=None, input_tensor=image, include_preprocessing=False
    )
