"""Find a model's files on this machine and prove that they are the recorded ones. Never downloads."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.canonical import sha256_of_file
from core.errors import WeightsChanged, WeightsMissing
from core.weights.hashes import files_of, hashes_of, md5_of_file, memory_beside, set_hash
from core.weights.lock import Locked, read_lock
from core.weights.model_facts import ModelFacts, facts, registry

CHECKOUT = Path(__file__).resolve().parents[2]
ARTIFACTS = CHECKOUT / "artifacts"
MODELS = CHECKOUT / "models"
"""The models folder when none is named: `paddock weights pull` fills it, every command finds it."""

Presence = Literal["present", "absent", "changed"]


@dataclass(frozen=True, slots=True)
class Located:
    """A model's files, hashed.

    folder: what from_pretrained takes, or the folder of the single file. files: absolute paths, sorted.
    source: hub id, address, package or "folder". revision: commit or version, "" when nobody recorded one.
    sha256: the file's, or of the sorted "hash  name" lines when there are several. hashes: per file.
    state: "recorded" (matches a known hash or the lock) or "unrecorded" (nothing to compare with yet).
    """

    facts: ModelFacts
    folder: Path
    files: tuple[Path, ...]
    source: str
    revision: str
    sha256: str
    hashes: Mapping[str, str]
    state: Literal["recorded", "unrecorded"]

    @property
    def file(self) -> Path:
        """The first file; of a one-file model, the model."""
        return self.files[0]


@dataclass(frozen=True, slots=True)
class Found:
    """Where a model lies, before any hashing. revision: from the folder's layout, "" when it does not say."""

    folder: Path
    names: tuple[str, ...]
    revision: str

    @property
    def bytes(self) -> int:
        """Size of the files together."""
        return sum((self.folder / name).stat().st_size for name in self.names)


@dataclass(frozen=True, slots=True)
class ModelState:
    """One line of the models list. where: a folder, or "" ; problem: the file that changed, or ""."""

    facts: ModelFacts
    presence: Presence
    where: str
    bytes: int
    recorded: bool
    problem: str = ""


def locate(model: str, models_dir: Path | None = None, *, fresh: bool = False) -> Located:
    """The verified files of one model.

    models_dir: the models folder, None for the checkout's own. fresh: hash again what is remembered.
    Raises WeightsMissing (with the remedy), WeightsChanged, FolderError (damaged lock), SettingsError.
    """
    entry = facts(model)
    folder = models_dir or MODELS
    found = find(entry, folder)
    if found is None:
        raise missing(entry, folder)
    locked = read_lock(folder).get(entry.id) if entry.kind == "published" else None
    hashes = hashes_of(found.folder, found.names, memory_beside(folder), fresh=fresh)
    expected = locked.sha256 if locked else expected_hashes(entry)
    compare(entry, hashes, expected)
    if not expected:
        check_md5(entry, found)
    return Located(
        facts=entry,
        folder=found.folder,
        files=tuple(found.folder / name for name in found.names),
        source=locked.source if locked else "folder" if entry.kind == "published" else entry.sources[0],
        revision=_revision(entry, found, locked),
        sha256=set_hash(hashes),
        hashes=hashes,
        state="recorded" if expected else "unrecorded",
    )


def states(models_dir: Path | None = None) -> tuple[ModelState, ...]:
    """Every model with what can be told at once: presence, place, size; large files are not hashed."""
    return tuple(_state(entry, models_dir or MODELS) for entry in registry())


def find(entry: ModelFacts, models_dir: Path) -> Found | None:
    """The first place that holds every required file, or None."""
    for folder, revision in _places(entry, models_dir):
        if folder.is_dir() and all(files_of(folder, (pattern,), entry.ignored) for pattern in entry.required):
            return Found(folder, files_of(folder, entry.files, entry.ignored), revision)
    return None


def expected_hashes(entry: ModelFacts) -> Mapping[str, str]:
    """Hashes known without a lock: the registry's, or the manifest's for our own artifacts."""
    return _manifest_hashes(entry) if entry.kind == "artifact" else entry.sha256


def compare(entry: ModelFacts, hashes: Mapping[str, str], expected: Mapping[str, str]) -> None:
    """Raise WeightsChanged, naming the file, unless the same files have the same hashes."""
    if not expected and entry.kind != "published":
        raise WeightsChanged(model=entry.id, file="MANIFEST.json")
    for name in sorted(set(hashes) | set(expected)) if expected else ():
        if hashes.get(name) != expected.get(name):
            raise WeightsChanged(model=entry.id, file=name)


def check_md5(entry: ModelFacts, found: Found) -> None:
    """Raise WeightsChanged when a publisher's MD5 is known and does not match."""
    for name, md5 in entry.md5.items():
        if md5_of_file(found.folder / name) != md5:
            raise WeightsChanged(model=entry.id, file=name)


def missing(entry: ModelFacts, models_dir: Path) -> WeightsMissing:
    """The error that says where to put the files, by the model's kind."""
    if entry.kind == "package":
        remedy = "pip install -r requirements.txt"
        return WeightsMissing(model=entry.id, remedy_fr=f"Lancez « {remedy} ».", remedy_en=f"Run “{remedy}”.")
    if entry.kind == "artifact":
        name = entry.sources[0]
        return WeightsMissing(
            model=entry.id,
            remedy_fr=f"Il manque « artifacts/{name} » : reprenez une copie complète de Paddock.",
            remedy_en=f"“artifacts/{name}” is missing: take a complete copy of Paddock again.",
        )
    if models_dir != MODELS and not models_dir.is_dir():
        return WeightsMissing(
            model=entry.id,
            remedy_fr=f"Le dossier des modèles « {models_dir} » n'est pas là : clé USB débranchée ? Rebranchez-la, "
            "ou désignez un autre dossier (--models-dir), puis recommencez.",
            remedy_en=f"The models folder “{models_dir}” is not there: USB key unplugged? Plug it in again, "
            "or name another folder (--models-dir), then try again.",
        )
    return WeightsMissing(
        model=entry.id,
        remedy_fr=f"Mettez son dossier sous le nom « {entry.id} » dans « {models_dir} », ou sur une clé USB "
        f"désignée par --models-dir ; avec le réseau, lancez « paddock weights pull {entry.id} ».",
        remedy_en=f"Put its folder under the name “{entry.id}” in “{models_dir}”, or on a USB key named by "
        f"--models-dir; with a network, run “paddock weights pull {entry.id}”.",
    )


def _places(entry: ModelFacts, models_dir: Path) -> list[tuple[Path, str]]:
    """Folders to look into, in order, with the revision that their layout tells."""
    if entry.kind == "package":
        spec = importlib.util.find_spec(entry.sources[0])
        return [(Path(spec.origin).parent, "")] if spec is not None and spec.origin else []
    if entry.kind == "artifact":
        return [(ARTIFACTS, "")]
    places = [(models_dir / name, "") for name in entry.folder_names]
    for source in entry.sources:
        if not source.startswith("https://"):
            places += _snapshots(models_dir / f"models--{source.replace('/', '--')}")
    return places


def _snapshots(cache: Path) -> list[tuple[Path, str]]:
    """A hub cache's snapshot: the one that refs/main names, or the only one there is."""
    snapshots = cache / "snapshots"
    if not snapshots.is_dir():
        return []
    main = cache / "refs" / "main"
    if main.is_file():
        revision = main.read_text("utf-8").strip()
        return [(snapshots / revision, revision)] if revision else []
    there = sorted(path for path in snapshots.iterdir() if path.is_dir())
    return [(there[0], there[0].name)] if len(there) == 1 else []


def _revision(entry: ModelFacts, found: Found, locked: Locked | None) -> str:
    if locked is not None:
        return locked.revision
    if entry.kind == "package":
        return importlib.metadata.version(entry.sources[0])
    return found.revision or entry.revision


def _manifest_hashes(entry: ModelFacts) -> dict[str, str]:
    """From artifacts/MANIFEST.json: a list of objects, or "artifacts" in it, with "name" and "sha256"."""
    path = ARTIFACTS / "MANIFEST.json"
    if not path.is_file():
        return {}
    content: Any = json.loads(path.read_text("utf-8"))
    listed = content.get("artifacts", content) if isinstance(content, dict) else content
    rows = [{"name": key, **row} for key, row in listed.items()] if isinstance(listed, dict) else listed
    return {
        str(row.get("file", row["name"])): str(row["sha256"])
        for row in rows
        if str(row.get("file", row["name"])) in entry.sources
    }


def _state(entry: ModelFacts, models_dir: Path) -> ModelState:
    found = find(entry, models_dir)
    if found is None:
        return ModelState(entry, "absent", "", entry.bytes, False)
    locked = read_lock(models_dir).get(entry.id) if entry.kind == "published" else None
    where = str(found.folder)
    if locked is not None:
        sizes = {name: (found.folder / name).stat().st_size for name in found.names}
        wrong = [name for name in sorted(set(sizes) | set(locked.bytes)) if sizes.get(name) != locked.bytes.get(name)]
        presence: Presence = "changed" if wrong else "present"
        return ModelState(entry, presence, where, found.bytes, True, wrong[0] if wrong else "")
    expected = expected_hashes(entry)
    if expected or entry.kind != "published":
        try:
            compare(entry, {name: sha256_of_file(found.folder / name) for name in found.names}, expected)
        except WeightsChanged as error:
            return ModelState(entry, "changed", where, found.bytes, True, str(error.details["file"]))
    return ModelState(entry, "present", where, found.bytes, bool(expected))
