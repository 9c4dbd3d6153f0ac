"""VGG16 (Simonyan and Zisserman 2014, arXiv:1409.1556) from keras.applications, ImageNet weights from a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import WeightsChanged
from scene.backbones.scaling import scaled

if TYPE_CHECKING:
    import keras


def build_vgg16(file: Path, *, taps: Sequence[str], side: int | None = None) -> keras.Model:
    """The convolutions with the weights of the published "notop" HDF5 file, frozen.

    Input: RGB (n, side, side, 3) in 0..255; the first layers turn it to BGR minus the ImageNet means.
    Output: the maps named by taps. Raises WeightsChanged when the file is not of this layout.
    """
    import keras

    image = keras.Input((side, side, 3), name="image")
    network = keras.applications.VGG16(include_top=False, weights=None, input_tensor=scaled(image, "vgg16"))
    try:
        network.load_weights(str(file))
    except (ValueError, OSError, KeyError) as error:
        raise WeightsChanged(model="vgg16", file=file.name) from error
    network.trainable = False
    return keras.Model(image, [network.get_layer(name).output for name in taps], name="vgg16")
