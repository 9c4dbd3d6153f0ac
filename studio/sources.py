"""Where photos come from: files, folders searched in depth, zip archives unpacked under names of our own."""

from __future__ import annotations

import errno
import lzma
import os
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePath, PurePosixPath

from core.errors import (
    ArchiveTooLarge,
    DamagedArchive,
    EmptyArchive,
    FolderError,
    NotAFile,
    PaddockError,
    PhotoError,
    UnreadablePhoto,
    WorkspaceError,
    disk_reason,
)
from core.files import shown_name
from core.images import EXTENSIONS, is_photo_name
from core.values import Report, no_report
from studio.space import check_space

MAX_ZIP_BYTES = 20 * 2**30
MAX_ZIP_FILES = 50_000
MAX_ZIP_RATIO = 200
"""An archive whose photos claim to be this many times larger than the archive is a bomb: photos hardly shrink."""
MAX_MEMBER_BYTES = 2 * 2**30
"""No single photo of an archive is larger."""

Found = tuple[Path, str]
"""(path, the name that people know)."""
Refused = tuple[str, PaddockError]

_ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, RuntimeError, NotImplementedError, EOFError,
    ValueError, OSError,
)  # fmt: skip
"""What a damaged, locked or unknown archive raises."""
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""These are the disk's fault, not the archive's."""


def is_archive(name: str) -> bool:
    """True for the name of a zip archive."""
    return PurePath(name).suffix.lower() == ".zip"


def find_photos(path: Path, name: str = "") -> list[Found]:
    """A file as it is (archives too), or every photo and archive below a folder.

    Links to folders are not followed. A link, a pipe or a device that lies in the folder is found too, so
    that check_regular refuses it by name; a link that is named itself is followed, since a person chose it.
    Raises FolderError for a path that does not exist or a folder without photos.
    """
    name = shown_name(name or path.name)
    if path.is_dir():
        found = [(item, shown_name(item.name)) for item in _walk(path)]
        if not found:
            raise FolderError(
                folder=path,
                problem_fr="aucune photo dedans (JPEG, PNG, WebP, TIFF ou HEIC). Choisissez un autre dossier.",
                problem_en="no photo in it (JPEG, PNG, WebP, TIFF or HEIC). Choose another folder.",
            )
        return found
    if not path.exists():
        raise FolderError(
            folder=path,
            problem_fr="il n'existe pas ; vérifiez le chemin.",
            problem_en="it does not exist; check the path.",
        )
    return [(path.resolve() if path.is_symlink() else path, name)]


def check_regular(path: Path, name: str) -> os.stat_result:
    """The file's facts. Raises NotAFile for a link, a folder, a pipe or a device (opening one may wait for ever,
    and a link would let whoever made the folder choose what is read here), UnreadablePhoto for what can't be reached.
    """
    try:
        facts = path.lstat()
    except OSError as error:
        raise UnreadablePhoto(file=name) from error
    if not stat.S_ISREG(facts.st_mode):
        raise NotAFile(file=name)
    return facts


def unzip(
    path: Path, name: str, folder: Path, *, report: Report = no_report
) -> tuple[list[Found], list[Refused]]:  # fmt: skip
    """Unpack the photos of an archive into a new folder; its paths are never used as paths.

    Returns what was unpacked and what was refused. Raises WorkspaceError when the disk can't take it,
    before anything is written where there is no room for all of it.
    """
    found: list[Found] = []
    refused: list[Refused] = []
    try:
        check_regular(path, name)
    except PhotoError as error:
        return [], [(name, error)]
    try:
        with zipfile.ZipFile(path) as archive:
            members = [item for item in archive.infolist() if not item.is_dir() and _is_photo_member(item.filename)]
            if not members:
                return [], [(name, EmptyArchive(file=name))]
            declared = sum(item.file_size for item in members)
            if _is_bomb(members, declared, path.stat().st_size):
                return [], [(name, ArchiveTooLarge(file=name))]
            check_space(folder.parent, declared)
            folder.mkdir(parents=True)
            for number, member in enumerate(members):
                shown = shown_name(PurePosixPath(member.filename.replace("\\", "/")).name)
                target = folder / f"{number:06d}{PurePath(shown).suffix.lower()}"
                report(0.0, shown)
                try:
                    with archive.open(member) as source, target.open("wb") as out:
                        shutil.copyfileobj(source, out, 1 << 20)
                except _ZIP_ERRORS as error:
                    if isinstance(error, OSError) and error.errno in _DISK:
                        raise
                    target.unlink(missing_ok=True)
                    refused.append((shown, DamagedArchive(file=shown)))
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
        refused.append((name, DamagedArchive(file=name)))
    return found, refused


def _is_bomb(members: list[zipfile.ZipInfo], declared: int, size: int) -> bool:
    # zipfile stops at a member's declared size, so what is declared bounds what is written.
    return (
        len(members) > MAX_ZIP_FILES
        or declared > MAX_ZIP_BYTES
        or declared > max(64 * 2**20, MAX_ZIP_RATIO * size)
        or any(item.file_size > MAX_MEMBER_BYTES for item in members)
    )


def _walk(folder: Path) -> Iterator[Path]:
    """What is named like a photo or an archive below a folder, in order; hidden ones are left out."""
    for current, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _hidden_name(name))
        for name in sorted(files):
            path = Path(current) / name
            if not _hidden_name(name) and (is_photo_name(path) or is_archive(name)):
                yield path


def _hidden_name(part: str) -> bool:
    """True for a hidden file or folder and a Mac's folder of resource forks."""
    return part.startswith(".") or part == "__MACOSX"


def _is_photo_member(filename: str) -> bool:
    name = PurePosixPath(filename.replace("\\", "/"))
    inside = [part for part in name.parts if part not in (".", "..")]
    return name.suffix.lower() in EXTENSIONS and not any(_hidden_name(part) for part in inside)
