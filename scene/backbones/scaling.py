"""The first layer of a backbone: RGB 0..255 to what the network was trained on."""

from __future__ import annotations

from typing import Any

from core.weights import facts


def scaled(image: Any, name: str) -> Any:
    """Keras tensor RGB (n, h, w, 3) in 0..255 → (x - mean) / std in the colour order of core's registry."""
    from keras import layers, ops

    known = facts(name)
    if known.colour_order == "BGR":
        image = ops.flip(image, axis=-1)
    scale = [known.scale / std for std in known.std]
    offset = [-mean / std for mean, std in zip(known.mean, known.std, strict=True)]
    return layers.Rescaling(scale, offset=offset, name="scaled")(image)
