"""What the full engines need to know about a folder of weights before they load it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from core.errors import WeightsMissing

WEIGHT_FILES = (".safetensors", ".bin")


def weights_in(folder: Path, model: str, *required: str) -> tuple[Path, ...]:
    """The weights files under the folder, sorted. Raises WeightsMissing, naming what is not there.

    required: files or folders that must exist beside the weights, relative to the folder.
    """
    files = tuple(sorted(path for path in folder.rglob("*") if path.suffix in WEIGHT_FILES and path.is_file()))
    absent = [name for name in required if not (folder / name).exists()]
    if not files:
        absent.append("*.safetensors")
    if absent:
        listed = ", ".join(absent)
        raise WeightsMissing(
            model=model,
            remedy_fr=f"Dans « {folder} » il manque : {listed}. Copiez-y le modèle entier ou nommez un autre dossier.",
            remedy_en=f"“{folder}” lacks: {listed}. Copy the whole model there, or name another folder.",
        )
    return files


def has_safetensors(files: tuple[Path, ...]) -> bool:
    """True when safetensors can be loaded; else .bin files, which are read with weights_only."""
    return any(path.suffix == ".safetensors" for path in files)


def sha256_of(folder: Path, files: tuple[Path, ...]) -> str:
    """sha256 of the only file, or of the sorted lines « sha256  relative/path » when there are several."""
    digests = []
    for path in files:
        with path.open("rb") as stream:
            digests.append(hashlib.file_digest(stream, "sha256").hexdigest())
    if len(files) == 1:
        return digests[0]
    lines = (f"{digest}  {path.relative_to(folder).as_posix()}\n" for digest, path in zip(digests, files, strict=True))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
