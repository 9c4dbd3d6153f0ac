"""The examiner's folder: sub-folders ok, retoucher and exclure, as people really name and fill them."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import FolderError, Language
from core.images import is_photo_name
from core.values import CLASSES, Label


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell the person about the folder, in both languages."""

    fr: str
    en: str

    def message(self, language: Language) -> str:
        return self.fr if language == "fr" else self.en


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """A photo file and what its sub-folder says it is."""

    path: Path
    label: Label


@dataclass(frozen=True, slots=True)
class LabelledFolder:
    """photos: class by class, sorted by path; notices: what was unexpected."""

    folder: Path
    photos: tuple[LabelledPhoto, ...]
    notices: tuple[Notice, ...]


def read_folder(folder: Path) -> LabelledFolder:
    """List a labelled folder. Names count without case, accents, spaces and a leading "à".

    Photos nested deeper count for their sub-folder. Missing, empty or extra sub-folders, loose photos
    and files that are not photos are told in notices. Raises FolderError when the folder does not
    exist, has none of the three sub-folders, or has no photo in them.
    """
    if not folder.is_dir():
        raise FolderError(
            folder=folder,
            problem_fr="il n'existe pas, ou ce n'est pas un dossier. Vérifiez le chemin.",
            problem_en="it does not exist, or is not a folder. Check the path.",
        )
    inside = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    found: dict[Label, list[Path]] = {label: [p for p in inside if class_of(p) == label] for label in CLASSES}
    if not any(found.values()):
        raise FolderError(folder=folder, problem_fr=_none_fr(inside), problem_en=_none_en(inside))
    photos: list[LabelledPhoto] = []
    notices: list[Notice] = []
    for label, folders in found.items():
        photos += _photos(label, folders, notices)
    _tell_extras(folder, [path for path in inside if class_of(path) is None], notices)
    if not photos:
        raise FolderError(
            folder=folder,
            problem_fr="ses sous-dossiers ne contiennent aucune photo (JPEG, PNG, WebP, TIFF ou HEIC).",
            problem_en="its sub-folders hold no photo (JPEG, PNG, WebP, TIFF or HEIC).",
        )
    return LabelledFolder(folder, tuple(photos), tuple(notices))


def photos_under(folder: Path) -> Iterator[Path]:
    """Photo files at any depth, sorted; hidden folders and files are left out."""
    for path in files_under(folder):
        if is_photo_name(path):
            yield path


def files_under(folder: Path) -> Iterator[Path]:
    """Files at any depth, sorted; hidden ones are left out, and pipes and devices, which would never end."""
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        paths = (Path(root) / name for name in sorted(files) if not name.startswith("."))
        yield from (path for path in paths if path.is_file() or not path.exists())


def class_of(folder: Path) -> Label | None:
    """The class that a folder's name means: "Exclure", "OK ", "À retoucher" … ; None for other names."""
    letters = unicodedata.normalize("NFKD", folder.name).casefold()
    plain = "".join(letter for letter in letters if letter.isalnum())
    return next((label for label in CLASSES if plain in (label, f"a{label}")), None)


def _photos(label: Label, folders: list[Path], notices: list[Notice]) -> list[LabelledPhoto]:
    """The photos of one class; what is odd about its folders goes to notices."""
    if not folders:
        notices.append(
            Notice(
                f"Le sous-dossier « {label} » manque : cette classe n'est pas évaluée.",
                f"The sub-folder “{label}” is missing: this class is not evaluated.",
            )
        )
        return []
    notices.extend(
        Notice(f"« {path.name} » est lu comme « {label} ».", f"“{path.name}” is read as “{label}”.")
        for path in folders
        if path.name != label
    )
    files = [path for place in folders for path in files_under(place)]
    others = [path for path in files if not is_photo_name(path)]
    if others:
        notices.append(
            Notice(
                f"« {label} » : {len(others)} fichier(s) qui ne sont pas des photos, laissé(s) de côté "
                f"(par exemple « {others[0].name} »).",
                f"“{label}”: {len(others)} file(s) that are not photos, left aside (for instance “{others[0].name}”).",
            )
        )
    if len(others) == len(files):
        notices.append(
            Notice(
                f"Le sous-dossier « {label} » ne contient aucune photo : cette classe n'est pas évaluée.",
                f"The sub-folder “{label}” holds no photo: this class is not evaluated.",
            )
        )
    return [LabelledPhoto(path, label) for path in files if is_photo_name(path)]


def _tell_extras(folder: Path, extras: list[Path], notices: list[Notice]) -> None:
    notices.extend(
        Notice(
            f"Le sous-dossier « {path.name} » n'est pas une des trois classes : laissé de côté.",
            f"The sub-folder “{path.name}” is not one of the three classes: left aside.",
        )
        for path in extras
    )
    loose = sum(1 for path in folder.iterdir() if path.is_file() and is_photo_name(path))
    if loose:
        notices.append(
            Notice(
                f"{loose} photo(s) à côté des sous-dossiers, sans classe : laissée(s) de côté.",
                f"{loose} photo(s) beside the sub-folders, without a class: left aside.",
            )
        )


def _none_fr(inside: list[Path]) -> str:
    there = ", ".join(path.name for path in inside[:6]) or "aucun sous-dossier"
    return f"il y faut les sous-dossiers ok, retoucher et exclure ; il contient : {there}."


def _none_en(inside: list[Path]) -> str:
    there = ", ".join(path.name for path in inside[:6]) or "no sub-folder"
    return f"it needs the sub-folders ok, retoucher and exclure; it holds: {there}."
