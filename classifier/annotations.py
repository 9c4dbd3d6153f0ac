"""Labelled photos of any number of classes: sub-folders, or a CSV of annotations."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier.folder import Notice, class_of, photos_under, read_folder
from core.errors import FolderError
from core.values import CLASSES

TRUST = {"1": 1.0, "2": 0.5, "3": 0.25}
"""How much a photo counts by the labeller's conf (1 sure, 2 arguable, 3 coin flip)."""
COLUMNS = {
    "path": ("path", "file", "image", "filename", "fichier", "chemin"),
    "label": ("label", "class", "classe", "verdict"),
    "group": ("group", "groupe", "source"),
    "conf": ("conf",),
}
"""What a column may be called."""


@dataclass(frozen=True, slots=True, eq=False)
class Annotated:
    """Photos and what people say they are.

    labels: indices in classes, (n,); weights: how much each photo counts, (n,). stated_groups: photos of one
    text must stay together; "" = nothing stated.
    """

    folder: Path
    photos: tuple[Path, ...]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    weights: NDArray[np.float64]
    stated_groups: tuple[str, ...]
    notices: tuple[Notice, ...] = ()


def read_annotations(data: Path) -> Annotated:
    """A folder whose sub-folders are the classes, or a CSV with path, label and perhaps group and conf.

    Sub-folders named like the three verdicts are read as in read_folder; otherwise every sub-folder is a
    class by its own name, in alphabetical order. Paths in a CSV are relative to its folder; labels are
    taken as they stand ("/" in them means nothing). labels.csv (id, conf) in the folder weighs the photos.
    Raises FolderError, which says what is missing.
    """
    if data.is_file():
        return _from_csv(data)
    names = _sub_folders(data)
    if any(class_of(data / name) for name in names):
        folder = read_folder(data)
        paths = [photo.path for photo in folder.photos]
        return _made(data, paths, [photo.label for photo in folder.photos], notices=folder.notices)
    pairs = [(path, name) for name in names for path in photos_under(data / name)]
    if len({label for _, label in pairs}) < 2:
        raise FolderError(
            folder=data,
            problem_fr="il faut au moins deux sous-dossiers de photos, un par classe, ou un CSV (path, label).",
            problem_en="it needs at least two sub-folders of photos, one per class, or a CSV (path, label).",
        )
    return _made(data, [path for path, _ in pairs], [label for _, label in pairs])


def _sub_folders(data: Path) -> list[str]:
    if not data.is_dir():
        raise FolderError(
            folder=data,
            problem_fr="il n'existe pas. Vérifiez le chemin.",
            problem_en="it does not exist. Check the path.",
        )
    return sorted(path.name for path in data.iterdir() if path.is_dir() and not path.name.startswith("."))


def _from_csv(file: Path) -> Annotated:
    text = file.read_text("utf-8-sig")
    header = text.partition("\n")[0]
    rows = list(csv.DictReader(text.splitlines(), delimiter=";" if header.count(";") > header.count(",") else ","))
    columns = _columns(list(rows[0]) if rows else [])
    if "path" not in columns or "label" not in columns:
        raise FolderError(
            folder=file,
            problem_fr=f"il y faut les colonnes path et label, et des lignes ; il a : {header.strip() or 'rien'}.",
            problem_en=f"it needs the columns path and label, and rows; it has: {header.strip() or 'nothing'}.",
        )
    paths = [file.parent / row[columns["path"]].strip() for row in rows]
    absent = next((path for path in paths if not path.is_file()), None)
    if absent is not None:
        raise FolderError(
            folder=file,
            problem_fr=f"la photo « {absent.name} », citée ligne {paths.index(absent) + 2}, n'est pas là.",
            problem_en=f"the photo “{absent.name}”, named in line {paths.index(absent) + 2}, is not there.",
        )
    labels = [row[columns["label"]].strip() for row in rows]
    if len(set(labels)) < 2 or "" in labels:
        raise FolderError(
            folder=file,
            problem_fr="il faut une classe par ligne, et au moins deux classes.",
            problem_en="it needs a class in each line, and at least two classes.",
        )
    groups = [row[columns["group"]].strip() if "group" in columns else "" for row in rows]
    conf = [row[columns["conf"]].strip() for row in rows] if "conf" in columns else None
    return _made(file.parent, paths, labels, groups=groups, conf=conf)


def _columns(header: Sequence[str]) -> Mapping[str, str]:
    """Our name of a column → the file's."""
    plain = {name.strip().casefold(): name for name in header if name}
    found = {ours: next((plain[word] for word in words if word in plain), None) for ours, words in COLUMNS.items()}
    return {ours: name for ours, name in found.items() if name is not None}


def _made(
    folder: Path, paths: Sequence[Path], labels: Sequence[str], *, groups: Sequence[str] | None = None,
    conf: Sequence[str] | None = None, notices: Sequence[Notice] = (),
) -> Annotated:  # fmt: skip
    """Classes in the order of CLASSES when they are those, else alphabetical."""
    present = set(labels)
    classes: tuple[str, ...] = CLASSES if present <= set(CLASSES) else tuple(sorted(present))
    if conf is None:
        told = _conf_of(folder / "labels.csv")
        conf = [told.get(path.stem, "1") for path in paths]
    return Annotated(
        folder=folder,
        photos=tuple(paths),
        labels=np.array([classes.index(label) for label in labels], dtype=np.int64),
        classes=classes,
        weights=np.array([TRUST.get(value, 1.0) for value in conf]),
        stated_groups=tuple(groups) if groups is not None else ("",) * len(paths),
        notices=tuple(notices),
    )


def _conf_of(labels_csv: Path) -> dict[str, str]:
    if not labels_csv.is_file():
        return {}
    with labels_csv.open(newline="", encoding="utf-8") as stream:
        return {row["id"]: row.get("conf", "1") for row in csv.DictReader(stream) if "id" in row}
