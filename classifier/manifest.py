"""artifacts/MANIFEST.json: for each weights file of ours, what it is, how it was made and how good it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.canonical import sha256_of_file
from core.files import write_bytes

FIELDS = ("name", "file", "sha256", "licence", "bytes", "how_made", "from", "trained_on", "scores")


def read_manifest(path: Path) -> list[dict[str, Any]]:
    """The entries, an empty list when there is no manifest yet."""
    return list(json.loads(path.read_text("utf-8"))) if path.is_file() else []


def record(path: Path, weights: Path, entry: Mapping[str, Any]) -> None:
    """Put an entry in its place by name; file, sha256 and bytes are taken from the weights file itself."""
    whole = {
        **entry,
        "file": weights.name,
        "sha256": sha256_of_file(weights),
        "bytes": weights.stat().st_size,
    }
    missing = [field for field in FIELDS if field not in whole]
    if missing:
        raise ValueError(f"manifest entry without {missing}")
    others = [item for item in read_manifest(path) if item["name"] != whole["name"]]
    rows = sorted([*others, {field: whole[field] for field in FIELDS}], key=lambda item: str(item["name"]))
    write_bytes(path, (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode("utf-8"))


def public_path(path: Path, shared: str | None) -> str:
    """How a data path is written in a manifest: below $PADDOCK_SHARED when it is there, else its last name."""
    if shared and path.resolve().is_relative_to(Path(shared).resolve()):
        return f"$PADDOCK_SHARED/{path.resolve().relative_to(Path(shared).resolve()).as_posix()}"
    return path.as_posix() if not path.is_absolute() else path.name
