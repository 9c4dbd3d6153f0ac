"""Maps of where something is: small heads on the classifier's own network, answering location by location.

One value (PlaceMap) and one way to load it, for the car map and the panel map.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.canonical import sha256_of_file
from core.errors import WeightsChanged, WeightsMissing
from core.images import letterbox
from core.values import Origin, Pixels
from core.weights import locate
from scene.backbones import build, find_weights, import_keras

if TYPE_CHECKING:
    import keras

BACKBONE = "efficientnet-lite0"
SIDE = 512
HEAT_SIDE = 128
"""Long side of the map that is returned."""


@dataclass(frozen=True, slots=True, eq=False)
class PlaceMap:
    """A loaded map. model: RGB (n, 512, 512, 3) in 0..255 → float32 (n, g, g) in 0..1; origin: of its answers."""

    model: keras.Model
    origin: Origin

    def heat(self, pixels: Pixels) -> NDArray[np.float32]:
        """pixels: RGB uint8 (h, w, 3) → float32 (h', w') in 0..1, the longer side HEAT_SIDE, the photo's aspect."""
        grid = np.asarray(self.model.predict_on_batch(letterbox(pixels, SIDE)[None]))[0]
        return cropped(grid, pixels.shape)


def cropped(grid: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A square grid (g, g) of a letterboxed photo of shape (h, w, …) → its map as heat gives it, without borders."""
    import cv2

    height, width = shape[:2]
    whole = np.clip(cv2.resize(grid, (HEAT_SIDE, HEAT_SIDE), interpolation=cv2.INTER_LINEAR), 0.0, 1.0)
    scale = HEAT_SIDE / max(height, width)
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    top, left = (HEAT_SIDE - rows) // 2, (HEAT_SIDE - columns) // 2
    return np.ascontiguousarray(whole[top : top + rows, left : left + columns], dtype=np.float32)


def load_place_map(
    name: str,
    form: str,
    head_of: Callable[[int], keras.Model],
    feed: Callable[[Any], Any],
    artifacts: Path | None,
) -> PlaceMap:
    """Backbone and head as one model.

    name: of the artifact; form: its card's format; head_of: hidden channels → head; feed: the backbone's
    maps [deep, middle, shallow] → the head's input. Raises WeightsMissing or WeightsChanged.
    """
    import_keras()
    import keras

    path = locate(name).file if artifacts is None else artifacts / f"{name}.safetensors"
    tensors, card = read_head(path, name, form)
    weights = find_weights(BACKBONE)
    if card["backbone_sha256"] != weights.sha256:
        raise WeightsChanged(model=BACKBONE, file=weights.file.name)
    network = build(BACKBONE, weights.file, side=SIDE)
    head = head_of(int(card["hidden"]))
    fill_head(head, tensors, name, path)
    model = keras.Model(network.input, keras.ops.sigmoid(head(feed(network.outputs))), name=name)
    model.compile(jit_compile=False)
    return PlaceMap(model, origin_of(name, path, card))


def read_head(path: Path, name: str, form: str) -> tuple[Mapping[str, NDArray[Any]], Mapping[str, Any]]:
    """Tensors and card of a head's file; form: the card's format. Raises WeightsMissing or WeightsChanged."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise WeightsMissing(
            model=name,
            remedy_fr=f"Il manque « {path.name} » : reprenez une copie complète de Paddock.",
            remedy_en=f"“{path.name}” is missing: take a complete copy of Paddock again.",
        )
    try:
        with safe_open(str(path), framework="numpy") as stream:
            card = json.loads((stream.metadata() or {})["card"])
            tensors = {name: stream.get_tensor(name) for name in stream.keys()}  # noqa: SIM118 - not a mapping
        if card["format"] != form or not 0 <= int(card["hidden"]) <= 1024:
            raise ValueError(f"not a {form}")
        return tensors, card
    except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
        raise WeightsChanged(model=name, file=path.name) from error


def fill_head(head: keras.Model, tensors: Mapping[str, NDArray[Any]], name: str, path: Path) -> None:
    """Give the head's layers their tensors. Raises WeightsChanged when one is absent or of another shape."""
    try:
        for layer in head.layers:
            if layer.weights:
                layer.set_weights([tensors[f"{layer.name}.kernel"], tensors[f"{layer.name}.bias"]])
    except (KeyError, ValueError) as error:
        raise WeightsChanged(model=name, file=path.name) from error


def origin_of(name: str, path: Path, card: Mapping[str, Any]) -> Origin:
    """The origin that a map's answers carry."""
    return Origin(
        backend="embedded",
        model=name,
        revision=str(card["revision"]),
        sha256=sha256_of_file(path),
        parameters={"backbone": BACKBONE, "backbone_sha256": card["backbone_sha256"], "side": SIDE},
        libraries={library: version(library) for library in ("keras", "tensorflow")},
    )
