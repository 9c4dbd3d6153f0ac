"""A VGG16 file with random weights in the published file's layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.canonical import sha256_of_file
from core.weights import Located, facts


def vgg16_file(path: Path) -> Any:
    """Write the file (one HDF5 group a layer, W_1 and b_1 in it); the Keras model that it was taken from."""
    import h5py
    import keras

    keras.utils.set_random_seed(0)
    source = keras.applications.VGG16(include_top=False, weights=None)
    with h5py.File(path, "w") as stream:
        stream.attrs["layer_names"] = [layer.name.encode() for layer in source.layers]
        for layer in source.layers:
            group = stream.create_group(layer.name)
            names = [f"{layer.name}_{part}_1:0" for part in ("W", "b")] if layer.weights else []
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, value in zip(names, layer.get_weights(), strict=True):
                group.create_dataset(name, data=value)
    return source


def located(path: Path) -> Located:
    """The file as core would hand it over, had it the published hash."""
    sha256 = sha256_of_file(path)
    return Located(facts("vgg16"), path.parent, (path,), "folder", "", sha256, {path.name: sha256}, "unrecorded")
