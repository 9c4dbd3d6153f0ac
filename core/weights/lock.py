"""weights.lock.json: the commit and the hashes that were recorded for each published model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from core.errors import FolderError
from core.files import write_bytes

LOCK = "weights.lock.json"


@dataclass(frozen=True, slots=True)
class Locked:
    """What was recorded of one model.

    source: hub id, address, or "folder" when the files were found and not downloaded.
    revision: hub commit, "" when the files did not say. sha256, bytes: by relative name.
    """

    source: str
    revision: str
    sha256: Mapping[str, str]
    bytes: Mapping[str, int]


def read_lock(models_dir: Path) -> dict[str, Locked]:
    """The lock of a models folder, empty when there is none. Raises FolderError when it is damaged."""
    path = models_dir / LOCK
    try:
        content = json.loads(path.read_text("utf-8"))
        return {
            str(model): Locked(str(entry["source"]), str(entry["revision"]), entry["sha256"], entry["bytes"])
            for model, entry in content.items()
        }
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FolderError(
            folder=models_dir,
            problem_fr=f"« {LOCK} » est abîmé. Remettez sa copie d'origine : sans elle rien n'est vérifiable.",
            problem_en=f"“{LOCK}” is damaged. Put its original copy back; without it the models can't be verified.",
        ) from error


def write_lock(models_dir: Path, model: str, entry: Locked) -> Path:
    """Add or replace one model's entry; the file appears whole or not at all."""
    content = {name: asdict(known) for name, known in read_lock(models_dir).items()}
    content[model] = asdict(entry)
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False)
    return write_bytes(models_dir / LOCK, f"{text}\n".encode())
