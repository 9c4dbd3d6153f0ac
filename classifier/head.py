"""A trained head: one linear layer on frozen features, kept as safetensors with its card inside.

Standardisation and temperature are folded into the layer: softmax(features @ kernel + bias) is the
calibrated probability of each of CLASSES. The file holds numbers and text only; nothing in it can run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.features import feature_size
from core.canonical import sha256_of_file
from core.errors import WeightsChanged, WeightsMissing
from core.files import write_bytes
from core.values import CLASSES

FORMAT = "paddock-triage-head-1"


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """kernel: float32 (features, 3); bias: float32 (3,); card: JSON-serialisable facts.

    The card has at least format, name, revision, backbone, backbone_sha256, side, classes,
    temperature.
    """

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    card: Mapping[str, Any]


def write_head(path: Path, head: Head) -> str:
    """Write FILE.safetensors and, for people, its card beside it as FILE.json; the file's sha256."""
    from safetensors.numpy import save

    text = json.dumps(head.card, ensure_ascii=False, sort_keys=True)
    tensors = {"kernel": np.ascontiguousarray(head.kernel), "bias": np.ascontiguousarray(head.bias)}
    write_bytes(path, save(tensors, metadata={"card": text}))
    pretty = json.dumps(head.card, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    write_bytes(path.with_suffix(".json"), pretty.encode("utf-8"))
    return sha256_of_file(path)


def read_head(path: Path) -> Head:
    """Read and check. Raises WeightsMissing when there is no such file, WeightsChanged when it is not a head."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise WeightsMissing(
            model=str(path),
            remedy_fr="Ce fichier n'existe pas : vérifiez le chemin, ou entraînez-le par « paddock classifier train ».",
            remedy_en="There is no such file: check the path, or train it with “paddock classifier train”.",
        )
    try:
        with safe_open(str(path), framework="numpy") as stream:
            card = json.loads((stream.metadata() or {})["card"])
            head = Head(stream.get_tensor("kernel"), stream.get_tensor("bias"), card)
        shape = (feature_size(card["backbone"]), len(CLASSES))
        good = (
            card["format"] == FORMAT
            and 32 <= int(card["side"]) <= 2048
            and card["side"] % 32 == 0
            and tuple(card["classes"]) == CLASSES
            and head.kernel.shape == shape
            and head.bias.shape == (len(CLASSES),)
            and bool(np.isfinite(head.kernel).all() and np.isfinite(head.bias).all())
        )
    except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
        raise WeightsChanged(model=path.stem, file=path.name) from error
    if not good:
        raise WeightsChanged(model=path.stem, file=path.name)
    return head
