"""Bring photos in: files, folders and zip archives; originals are copied to the store byte for byte."""

from __future__ import annotations

import errno
import lzma
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath

from audit.ledger import Item
from core.canonical import sha256_of_file
from core.errors import (
    ArchiveTooLarge,
    DamagedArchive,
    FolderError,
    PaddockError,
    PhotoError,
    UnreadablePhoto,
    WorkspaceError,
    disk_reason,
)
from core.files import shown_name
from core.images import EXTENSIONS, is_photo_name, read_picture
from core.values import Report, no_report
from studio.desk import Desk
from studio.previews import THUMB, keep_preview

MAX_ZIP_BYTES = 20 * 2**30
MAX_ZIP_FILES = 50_000

_ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, RuntimeError, NotImplementedError, EOFError,
    ValueError, OSError,
)  # fmt: skip
"""What a damaged, locked or unknown archive raises."""
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""These are the disk's fault, not the archive's."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. added: hashes of new photos; known: names that were there already; errors: (name, why)."""

    added: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    errors: tuple[tuple[str, PaddockError], ...] = ()


@dataclass(slots=True)
class _Tally:
    added: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    errors: list[tuple[str, PaddockError]] = field(default_factory=list)


def import_photos(
    desk: Desk, paths: Iterable[Path], *, names: dict[Path, str] | None = None, sample: bool = False,
    report: Report = no_report,
) -> ImportReport:  # fmt: skip
    """Import files, folders (searched in depth) and zip archives.

    names: the names that people know, where a path is a temporary copy. sample: the pictures are
    ours and are labelled as synthetic. A photo that can't be used is listed and the rest goes on.
    Raises FolderError for a path that does not exist, WorkspaceError when the store can't be written.
    """
    names = names or {}
    tally = _Tally()
    with _unpacked(list(paths), names, tally, desk.workspace.tmp) as photos:
        for done, (path, name) in enumerate(photos):
            report(done / len(photos), name)
            try:
                _import_one(desk, path, name, sample, tally)
            except PhotoError as error:
                tally.errors.append((name, error))
            except OSError:
                tally.errors.append((name, UnreadablePhoto(file=name)))
    report(1.0, "")
    return ImportReport(tuple(tally.added), tuple(tally.known), tuple(tally.errors))


def _import_one(desk: Desk, path: Path, name: str, sample: bool, tally: _Tally) -> None:
    workspace = desk.workspace
    if workspace.read("SELECT 1 FROM photos WHERE sha = ?", (sha256_of_file(path),)):
        tally.known.append(name)
        return
    # Decoded before it is accepted, so that a truncated photo is told at once; the result is its thumbnail.
    picture = read_picture(path, max_side=THUMB, name=name)
    stored = workspace.store.add(path)
    workspace.record(
        "import",
        who=desk.who,
        subject=stored.sha256,
        outputs=[Item(stored.sha256, "original", name, stored.size)],
        parameters={
            "width": picture.full_size[0], "height": picture.full_size[1], "format": picture.format,
            "taken": picture.taken, "credit": picture.credits.line, "description": picture.credits.description,
            "sample": sample,
        },
    )  # fmt: skip
    tally.added.append(stored.sha256)
    with suppress(OSError):  # the photo is in; a preview that could not be written is made again on demand
        keep_preview(workspace, stored.sha256, THUMB, picture)


@contextmanager
def _unpacked(
    paths: list[Path], names: dict[Path, str], tally: _Tally, scratch: Path
) -> Iterator[list[tuple[Path, str]]]:
    """(path, shown name) of every photo below the paths, zip archives unpacked below ``scratch``."""
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="zip-", dir=scratch) as temporary:
        found: list[tuple[Path, str]] = []
        for number, path in enumerate(paths):
            name = shown_name(names.get(path, path.name))
            if path.is_dir():
                inside = [
                    item for item in sorted(path.rglob("*"))
                    if item.is_file() and is_photo_name(item) and not _is_hidden(item.relative_to(path))
                ]  # fmt: skip
                if not inside:
                    raise FolderError(
                        folder=path,
                        problem_fr="aucune photo dedans (JPEG, PNG, WebP, TIFF ou HEIC). Choisissez un autre dossier.",
                        problem_en="no photo in it (JPEG, PNG, WebP, TIFF or HEIC). Choose another folder.",
                    )
                found += [(item, shown_name(item.name)) for item in inside]
            elif not path.exists():
                raise FolderError(
                    folder=path,
                    problem_fr="il n'existe pas ; vérifiez le chemin.",
                    problem_en="it does not exist; check the path.",
                )
            elif Path(name).suffix.lower() == ".zip":
                found += _unzip(path, name, Path(temporary) / str(number), tally)
            else:
                found.append((path, name))
        yield found


def _unzip(path: Path, name: str, folder: Path, tally: _Tally) -> list[tuple[Path, str]]:
    """Unpack the photos of an archive under names of our own; its paths are never used as paths."""
    found: list[tuple[Path, str]] = []
    try:
        with zipfile.ZipFile(path) as archive:
            members = [item for item in archive.infolist() if not item.is_dir() and _is_photo_member(item.filename)]
            if len(members) > MAX_ZIP_FILES or sum(item.file_size for item in members) > MAX_ZIP_BYTES:
                tally.errors.append((name, ArchiveTooLarge(file=name)))
                return []
            folder.mkdir(parents=True)
            for number, member in enumerate(members):
                shown = PurePosixPath(member.filename.replace("\\", "/")).name
                target = folder / f"{number:06d}{Path(shown).suffix.lower()}"
                try:
                    with archive.open(member) as source, target.open("wb") as out:
                        shutil.copyfileobj(source, out, 1 << 20)
                except _ZIP_ERRORS as error:
                    if isinstance(error, OSError) and error.errno in _DISK:
                        raise
                    tally.errors.append((shown, DamagedArchive(file=shown)))
                else:
                    found.append((target, shown))
    except _ZIP_ERRORS as error:
        if isinstance(error, OSError) and error.errno in _DISK:
            fr, en = disk_reason(error)
            raise WorkspaceError(
                folder=folder.parent,
                problem_fr=f"l'archive « {name} » n'a pas pu être ouverte : {fr}. Libérez de la place, puis relancez.",
                problem_en=f"the archive “{name}” could not be opened: {en}. Free some space, then start again.",
            ) from error
        tally.errors.append((name, DamagedArchive(file=name)))
    return found


def _is_hidden(path: PurePath) -> bool:
    """True below a hidden folder or a Mac's folder of resource forks, and for a hidden file."""
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def _is_photo_member(filename: str) -> bool:
    name = PurePosixPath(filename.replace("\\", "/"))
    inside = PurePosixPath(*(part for part in name.parts if part not in (".", "..")))
    return name.suffix.lower() in EXTENSIONS and not _is_hidden(inside)
