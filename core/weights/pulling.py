"""Fetch published weights once, record them in the lock, and verify what is there."""

from __future__ import annotations

import shutil
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from core.errors import FolderError, PaddockError, WeightsChanged, WeightsMissing
from core.values import Report, no_report
from core.weights.hashes import files_of, hashes_of, memory_beside
from core.weights.located import MODELS, Found, Located, check_md5, compare, find, locate
from core.weights.lock import Locked, read_lock, write_lock
from core.weights.model_facts import ModelFacts, facts, registry

TIMEOUT = 20.0
"""Seconds to wait for a hub's answer before saying that there is no network."""


class HubUnreachable(WeightsMissing):
    """The files can't be fetched (``model``, ``why``, ``folder``)."""

    fr = (
        "Le modèle « {model} » n'a pas pu être téléchargé : {why}. Vérifiez le réseau, ou copiez son dossier "
        "depuis une autre machine sous le nom « {model} » dans « {folder} » et lancez « paddock weights check »."
    )
    en = (
        "The model “{model}” could not be downloaded: {why}. Check the network, or copy its folder from another "
        "machine under the name “{model}” into “{folder}” and run “paddock weights check”."
    )


def pull(model: str, models_dir: Path | None = None, report: Report = no_report) -> Located:
    """Make sure that a model's files are there, downloading them when they are not.

    The first download records commit and hashes in the lock; later ones take that commit and must give
    the same hashes. Models that travel with the install are only verified.
    Raises HubUnreachable, WeightsChanged, WeightsMissing, FolderError, SettingsError.
    """
    entry = facts(model)
    folder = models_dir or MODELS
    if entry.kind != "published":
        return locate(model, folder)
    if find(entry, folder) is not None:
        located = locate(model, folder)
        return located if located.state == "recorded" else record(model, folder)
    _make_folder(folder)
    if (folder / entry.id).exists():
        raise FolderError(
            folder=folder / entry.id,
            problem_fr=f"il est incomplet ({', '.join(entry.required)} attendus). Renommez-le, puis recommencez.",
            problem_en=f"it is incomplete ({', '.join(entry.required)} expected). Rename it, then try again.",
        )
    locked = read_lock(folder).get(entry.id)
    staging = folder / f".pull-{entry.id}"
    source, revision = _fetch(entry, locked, staging, folder, report)
    report(0.9, entry.id)
    fetched = _verified(entry, staging, locked, Locked(source, revision, {}, {}))
    shutil.rmtree(staging / ".cache", ignore_errors=True)
    staging.rename(folder / entry.id)
    if locked is None:
        write_lock(folder, entry.id, fetched)
    report(1.0, entry.id)
    return locate(model, folder)


def record(model: str, models_dir: Path | None = None) -> Located:
    """Write the hashes of files that were copied into the models folder, so that later loads must match.

    Raises as locate does; a model that was recorded before is verified, not written again.
    """
    folder = models_dir or MODELS
    located = locate(model, folder, fresh=True)
    if located.state == "unrecorded":
        sizes = {name: (located.folder / name).stat().st_size for name in located.hashes}
        write_lock(folder, model, Locked("folder", located.revision, located.hashes, sizes))
        return locate(model, folder)
    return located


def check(models_dir: Path | None = None) -> Iterator[tuple[ModelFacts, Located | PaddockError]]:
    """Hash every file again; per model what was found, or the WeightsMissing or WeightsChanged it raises."""
    for entry in registry():
        try:
            yield entry, locate(entry.id, models_dir, fresh=True)
        except (WeightsMissing, WeightsChanged) as error:
            yield entry, error


def _verified(entry: ModelFacts, staging: Path, locked: Locked | None, fetched: Locked) -> Locked:
    """What was fetched, with its hashes. What does not match is thrown away: a retry must not meet it again."""
    names = files_of(staging, entry.files, entry.ignored)
    lacking = [pattern for pattern in entry.required if not files_of(staging, (pattern,), entry.ignored)]
    if lacking:
        raise HubUnreachable(model=entry.id, why=f"{fetched.source}: {', '.join(lacking)} ?", folder=staging.parent)
    hashes = hashes_of(staging, names, memory_beside(None), fresh=True)
    try:
        compare(entry, hashes, locked.sha256 if locked else entry.sha256)
        check_md5(entry, Found(staging, names, fetched.revision))
    except WeightsChanged:
        shutil.rmtree(staging)
        raise
    return replace(fetched, sha256=hashes, bytes={name: (staging / name).stat().st_size for name in names})


def _fetch(entry: ModelFacts, locked: Locked | None, staging: Path, folder: Path, report: Report) -> tuple[str, str]:
    """Download into staging from the first source that has it; (source, revision).

    Once recorded, only the recorded source is asked: another one would be another model.
    """
    sources = (locked.source,) if locked and locked.source != "folder" else entry.sources
    reasons = []
    for source in sources:
        report(0.0, f"{entry.id} ← {source}")
        try:
            if source.startswith("https://"):
                return source, _fetch_address(entry, source, staging)
            return source, _fetch_hub(entry, source, locked.revision if locked else entry.revision, staging)
        except _unreachable() as error:
            first_line = next(iter(str(error).splitlines()), "")
            reasons.append(f"{source}: {type(error).__name__} {first_line}".strip())
    raise HubUnreachable(model=entry.id, why=" ; ".join(reasons), folder=folder)


def _fetch_hub(entry: ModelFacts, source: str, revision: str, staging: Path) -> str:
    import huggingface_hub

    if not revision:
        revision = huggingface_hub.HfApi().model_info(source, timeout=TIMEOUT).sha or ""
    huggingface_hub.snapshot_download(
        source,
        revision=revision,
        local_dir=staging,
        allow_patterns=list(entry.files),
        ignore_patterns=list(entry.ignored),
        etag_timeout=TIMEOUT,
    )
    return revision


def _fetch_address(entry: ModelFacts, source: str, staging: Path) -> str:
    staging.mkdir(parents=True, exist_ok=True)
    part = staging / f"{entry.files[0]}.part"
    with urllib.request.urlopen(source, timeout=TIMEOUT) as answer, part.open("wb") as stream:
        shutil.copyfileobj(answer, stream, 1 << 20)
    part.rename(staging / entry.files[0])
    return ""


def _unreachable() -> tuple[type[Exception], ...]:
    """What a hub client raises when there is no network, no such repository or no answer."""
    import httpx2

    return (OSError, httpx2.HTTPError)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FolderError(
            folder=folder,
            problem_fr=f"il ne peut pas être créé ({error.strerror}). Choisissez-en un autre par --models-dir.",
            problem_en=f"it can't be created ({error.strerror}). Choose another with --models-dir.",
        ) from error
