"""Writing a trained head of a place map, with its card and its line in the manifest."""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

import numpy as np

from classifier.manifest import public_path, record
from classifier.placemap import BACKBONE
from core.files import write_bytes
from scene.backbones import backbone, find_weights


def write_place_head(
    given: argparse.Namespace, name: str, form: str, hidden: int, tensors: dict[str, Any], *,
    script: str, what: str, photos: int, scores: dict[str, Any], told: dict[str, Any],
) -> None:  # fmt: skip
    """Write given.out (safetensors, float32, card in its metadata) and, when given.manifest is named, its entry.

    given: the training command's arguments (race, sources, seed, out, manifest); scores go into the
    card, told into the manifest; what: the photos that it was trained on, in words.
    """
    from safetensors.numpy import save

    sha256 = find_weights(BACKBONE).sha256
    card = {"format": form, "revision": "1", "hidden": hidden, "backbone_sha256": sha256, "scores": scores}
    packed = {key: np.ascontiguousarray(value, dtype=np.float32) for key, value in tensors.items()}
    write_bytes(given.out, save(packed, metadata={"card": json.dumps(card, sort_keys=True)}))
    if not given.manifest:
        return
    shared = os.environ.get("PADDOCK_SHARED")
    command = (
        f"python -m classifier.{script} --race {public_path(given.race, shared)}"
        + (f" --sources {public_path(given.sources, shared)}" if given.sources else "")
        + f" --seed {given.seed} --out {public_path(given.out, shared)}"
        + f" --manifest {public_path(given.manifest, shared)}"
    )
    published = backbone(BACKBONE)
    entry = {
        "name": name,
        "licence": "Apache-2.0",
        "how_made": {"script": f"classifier/{script}.py", "command": command},
        "from": {
            "weights": BACKBONE, "published": published.published, "licence": published.facts.licence,
            "sha256": sha256,
        },
        "trained_on": {"photos": photos, "what": what},
        "scores": told,
    }  # fmt: skip
    record(given.manifest, given.out, entry)
