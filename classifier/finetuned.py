"""A fine-tuned classifier: backbone and head in one safetensors file, half precision, its card inside.

The network is built in code and only numbers are read: nothing in the file can run. Kernels are kept as
float16, what is small (biases, batch norms, the last layer) as float32.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.canonical import sha256_of_file
from core.errors import WeightsChanged
from core.files import write_bytes
from scene.backbones import BACKBONES, backbone, build, import_keras

if TYPE_CHECKING:
    import keras

FORMAT = "paddock-finetuned-1"
HEAD = "verdict"
"""How the names of the head's layers begin; the last layer has just this name."""
_TINY = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class FineTuned:
    """tensors: "layer/index" → array; card: JSON-serialisable facts; sha256: of the file.

    The card has at least format, name, revision, backbone, weights (source …), side, classes, hidden,
    temperature.
    """

    tensors: Mapping[str, NDArray[Any]]
    card: Mapping[str, Any]
    sha256: str

    @property
    def name(self) -> str:
        """Name of the trained model, from its card."""
        return str(self.card["name"])

    @property
    def side(self) -> int:
        """Input side in pixels."""
        return int(self.card["side"])

    @property
    def classes(self) -> tuple[str, ...]:
        """In the order of every probability vector."""
        return tuple(self.card["classes"])

    @property
    def backend(self) -> str:
        """ "embedded" when what it started from travels with the install, "full" for published weights."""
        return "embedded" if self.card["weights"]["source"] in ("wheel", "random") else "full"

    @property
    def backbone_sha256(self) -> str:
        """Of the weights that the backbone started from; "" for random ones."""
        return str(self.card["weights"].get("sha256", ""))


def network(
    name: str, file: Path | None, side: int, classes: int, *, hidden: int = 0, dropout: float = 0.0,
    softmax: bool = False,
) -> keras.Model:  # fmt: skip
    """Flat Keras model: RGB (n, side, side, 3) in 0..255 → logits or probabilities (n, classes).

    Backbone (file: None = random weights), pooling of its three maps as for the frozen head, a fixed
    standardisation ("verdict_scale": mean 0 and variance 1 until set), dropout, perhaps a hidden layer.
    """
    import_keras()
    import keras
    from keras import layers

    body = build(name, file, side=side)
    x = layers.BatchNormalization(center=False, scale=False, epsilon=_TINY, name=f"{HEAD}_scale")(_pooled(body.outputs))
    if dropout:
        x = layers.Dropout(dropout, name=f"{HEAD}_dropout")(x)
    if hidden:
        x = layers.Dense(hidden, activation="relu", name=f"{HEAD}_hidden")(x)
        if dropout:
            x = layers.Dropout(dropout, name=f"{HEAD}_dropout2")(x)
    x = layers.Dense(classes, activation="softmax" if softmax else None, name=HEAD)(x)
    model = keras.Model(body.input, x, name=name)
    model.get_layer(f"{HEAD}_scale").trainable = False
    return model


def _pooled(maps: Any) -> Any:
    """As classifier.features.pooled, with deviations that have a gradient where a channel is constant."""
    from keras import layers, ops

    deep, middle, shallow = maps

    def deviation(x: Any) -> Any:
        return ops.sqrt(ops.var(x, axis=(1, 2)) + _TINY)

    return layers.Concatenate(name="features")(
        [
            layers.GlobalAveragePooling2D()(deep),
            layers.GlobalMaxPooling2D()(deep),
            layers.GlobalAveragePooling2D()(middle),
            deviation(middle),
            deviation(shallow),
        ]
    )


def tensors_of(model: keras.Model) -> dict[str, NDArray[Any]]:
    """What write_finetuned keeps: "layer/index" → float16 or float32."""
    found = {}
    for layer in model.layers:
        for index, value in enumerate(layer.get_weights()):
            small = value.ndim < 2 or layer.name.startswith(HEAD)
            found[f"{layer.name}/{index}"] = np.ascontiguousarray(value, np.float32 if small else np.float16)
    return found


def put_tensors(model: keras.Model, tensors: Mapping[str, NDArray[Any]]) -> None:
    """Fill every layer. Raises ValueError when a tensor is missing, of another shape, or left over."""
    used = 0
    for layer in model.layers:
        shapes = [value.shape for value in layer.get_weights()]
        names = [f"{layer.name}/{index}" for index in range(len(shapes))]
        if any(name not in tensors or tensors[name].shape != shape for name, shape in zip(names, shapes, strict=True)):
            raise ValueError(f"layer {layer.name}")
        layer.set_weights([tensors[name].astype(np.float32) for name in names])
        used += len(names)
    if used != len(tensors):
        raise ValueError("tensors of no layer")


def write_finetuned(path: Path, tensors: Mapping[str, NDArray[Any]], card: Mapping[str, Any]) -> str:
    """Write FILE.safetensors and, for people, its card beside it as FILE.json; the file's sha256."""
    from safetensors.numpy import save

    text = json.dumps(card, ensure_ascii=False, sort_keys=True)
    write_bytes(path, save(dict(tensors), metadata={"card": text}))
    pretty = json.dumps(card, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    write_bytes(path.with_suffix(".json"), pretty.encode("utf-8"))
    return sha256_of_file(path)


def is_finetuned(path: Path) -> bool:
    """True for a file of this format; False for any other, a damaged or an absent one (the head's reader tells)."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        return False
    try:
        with safe_open(str(path), framework="numpy") as stream:
            card = json.loads((stream.metadata() or {}).get("card", "{}"))
    except (SafetensorError, ValueError):
        return False
    return isinstance(card, dict) and card.get("format") == FORMAT


def read_finetuned(path: Path) -> FineTuned:
    """Read and check. Raises WeightsChanged when the file is not of this format."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="numpy") as stream:
            card = json.loads((stream.metadata() or {})["card"])
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118 - not a dict
        good = (
            card["format"] == FORMAT
            and card["backbone"] in BACKBONES
            and 32 <= int(card["side"]) <= 2048
            and card["side"] % 32 == 0
            and len(card["classes"]) >= 2
            and isinstance(card["weights"]["source"], str)
            and int(card["hidden"]) >= 0
            and all(np.isfinite(value).all() for value in tensors.values())
        )
    except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
        raise WeightsChanged(model=path.stem, file=path.name) from error
    if not good:
        raise WeightsChanged(model=path.stem, file=path.name)
    return FineTuned(tensors, card, sha256_of_file(path))


def assemble_finetuned(trained: FineTuned) -> keras.Model:
    """One flat Keras model: RGB (n, side, side, 3) in 0..255 → calibrated probabilities (n, classes).

    Compiled with its accuracy, for ``model.evaluate``. Raises WeightsChanged for tensors that don't fit.
    """
    card = trained.card
    name = backbone(str(card["backbone"])).name
    model = network(name, None, trained.side, len(trained.classes), hidden=int(card["hidden"]), softmax=True)
    try:
        put_tensors(model, trained.tensors)
    except ValueError as error:
        raise WeightsChanged(model=trained.name, file=f"{trained.name}.safetensors") from error
    model.trainable = False
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    return model
