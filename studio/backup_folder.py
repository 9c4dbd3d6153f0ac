"""A backup's folder: its layout, what it says of itself, and what copying into it shares with copying out of it.

paddock.db          one consistent copy of the database, taken at one moment, in a single file
ledger-head.json    the head of that copy
store/              the files that the copied ledger names; a later backup adds what is new
exports/            on request: books and folders made for others
sauvegarde.json     when, of what, how much, and the SHA-256 of paddock.db
sauvegarde-suivante.json   the same of a backup in progress, until it counts
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit import ledger
from audit.ledger import Head
from audit.verify import Problem
from core.canonical import sha256_of_file
from core.errors import AuditError, FolderError, WorkspaceError, disk_reason
from core.files import PART, write_bytes
from studio import database as db

SUMMARY, NEXT = "sauvegarde.json", "sauvegarde-suivante.json"
HEAD = "ledger-head.json"
ROOM = 20 * 10**6
"""Bytes that stay free on the disk that is copied to."""
_INTACT = (
    "Une sauvegarde précédente dans ce dossier est intacte.",
    "An earlier backup in this folder is intact.",
)


@dataclass(frozen=True, slots=True)
class Named:
    """A stored file that the ledger names. seq, name: of the first event that does."""

    sha256: str
    seq: int
    name: str


def is_backup(folder: Path) -> bool:
    """True for a folder that holds a backup, finished or not."""
    return (folder / SUMMARY).is_file() or (folder / NEXT).is_file()


def make_folder(folder: Path) -> None:
    """Make a folder, but not those above it: they would be made where an unplugged key was. Raises FolderError."""
    if not folder.parent.is_dir():
        raise FolderError(
            folder=folder,
            problem_fr=f"« {folder.parent} » n'existe pas : clé débranchée ? Rebranchez-la ou vérifiez le chemin.",
            problem_en=f"“{folder.parent}” does not exist: key unplugged? Plug it in or check the path.",
        )
    folder.mkdir(exist_ok=True)


def pending(backup: Path) -> bool:
    """True when the newest database has its name already and what it says of itself has not."""
    if not (backup / db.NAME).is_file() or not (backup / NEXT).is_file():
        return False
    return "sha256" in (told := read_json(backup / NEXT)) and told["sha256"] == sha256_of_file(backup / db.NAME)


def read_summary(backup: Path) -> Mapping[str, Any]:
    """What a backup says of itself, checked against its database. Raises FolderError, AuditError."""
    if not is_backup(backup):
        raise FolderError(
            folder=backup,
            problem_fr=f"ce n'est pas une sauvegarde de Paddock (« {SUMMARY} » n'y est pas) ; vérifiez le chemin.",
            problem_en=f"it is no backup of Paddock's (“{SUMMARY}” is not there); check the path.",
        )
    if not (backup / db.NAME).is_file():
        raise FolderError(
            folder=backup,
            problem_fr="la première sauvegarde dans ce dossier n'a pas été terminée ; refaites-la.",
            problem_en="the first backup in this folder was not completed; make it again.",
        )
    try:
        digest = sha256_of_file(backup / db.NAME)
    except OSError as error:
        fr, en = disk_reason(error)
        raise FolderError(
            folder=backup, problem_fr=f"lecture impossible ({fr}).", problem_en=f"can't be read ({en})."
        ) from error
    for name in (SUMMARY, NEXT):  # a stop between the last two steps leaves the new one under its first name
        summary = read_json(backup / name)
        if summary.get("sha256") == digest and {"made", "size"} <= summary.keys():
            return summary
    raise database_damaged(backup)


def named_files(connection: sqlite3.Connection) -> list[Named]:
    """Every file that an event names, once, in the order of the events."""
    found: dict[str, Named] = {}
    for event in ledger.events(connection):
        for item in (*event.inputs, *event.outputs):
            found.setdefault(item.sha256, Named(item.sha256, event.seq, item.name or item.role))
    return list(found.values())


@contextmanager
def resting(path: Path) -> Iterator[sqlite3.Connection]:
    """A database that nobody else has open, read without leaving anything beside it."""
    connection = db.another(db.resting_address(path))
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def on_disk(folder: Path, so_fr: str = _INTACT[0], so_en: str = _INTACT[1]) -> Iterator[None]:
    """OSError and SQLite's errors of a backup's disk become a FolderError; a full or vanished disk is named."""
    try:
        yield
    except OSError as error:
        fr, en = disk_reason(error)
        raise _stopped(folder, f"{fr}. {so_fr}", f"{en}. {so_en}") from error
    except sqlite3.OperationalError as error:
        fr, en = db.reason(folder, error)
        raise _stopped(folder, f"{fr}. {so_fr}", f"{en}. {so_en}") from error
    except WorkspaceError as error:
        if Path(str(error.details["folder"])) != folder:
            raise  # the workspace's own disk
        fr, en = str(error.details["problem_fr"]), str(error.details["problem_en"])
        raise _stopped(folder, f"{fr} {so_fr}", f"{en} {so_en}") from error


def _stopped(folder: Path, fr: str, en: str) -> FolderError:
    return FolderError(folder=folder, problem_fr=f"la copie s'est arrêtée : {fr}", problem_en=f"the copy stopped: {en}")


def refuse_overlap(one: Path, other: Path) -> None:
    one, other = one.resolve(), other.resolve()
    if one == other or one in other.parents or other in one.parents:
        raise FolderError(
            folder=other,
            problem_fr="la copie et ce qui est copié seraient l'un dans l'autre ; choisissez un dossier ailleurs, "
            "de préférence sur un autre disque.",
            problem_en="the copy and what is copied would lie one in the other; choose a folder elsewhere, "
            "best on another disk.",
        )


def copy_exports(source: Path, target: Path) -> None:
    """Copy what is not there with the same size; nothing in the target is removed."""
    for path in sorted(source.rglob("*")) if source.is_dir() else ():
        place = target / path.relative_to(source)
        if path.is_file() and not path.name.startswith(PART) and size_of(place) != size_of(path):
            place.parent.mkdir(parents=True, exist_ok=True)
            part = place.with_name(f"{PART}{os.getpid()}-export")
            try:
                copy_durably(path, part)
                part.replace(place)
            finally:
                part.unlink(missing_ok=True)


def database_damaged(backup: Path) -> AuditError:
    return AuditError(
        problem_fr=f"la base de la sauvegarde « {backup} » n'est pas celle qui avait été écrite : elle est abîmée. "
        "Rien n'a été restauré ; prenez une autre sauvegarde.",
        problem_en=f"the database of the backup “{backup}” is not the one that was written: it is damaged. "
        "Nothing was restored; take another backup.",
    )


def damaged(item: Named, where_fr: str, where_en: str) -> Problem:
    return Problem(
        item.seq, item.sha256,
        f"le fichier « {item.name} » ({item.sha256[:12]}…, événement {item.seq}) est abîmé dans {where_fr} : "
        "il n'a pas été copié",
        f"the file “{item.name}” ({item.sha256[:12]}…, event {item.seq}) is damaged in {where_en}: it was not copied",
    )  # fmt: skip


def gone(item: Named) -> Problem:
    return Problem(
        item.seq, item.sha256,
        f"le fichier « {item.name} » ({item.sha256[:12]}…, événement {item.seq}) manque dans l'espace de travail",
        f"the file “{item.name}” ({item.sha256[:12]}…, event {item.seq}) is missing from the workspace",
    )  # fmt: skip


def unreadable(item: Named, error: OSError) -> Problem:
    fr, en = disk_reason(error)
    return Problem(
        item.seq, item.sha256,
        f"le fichier « {item.name} » ({item.sha256[:12]}…, événement {item.seq}) ne se lit pas : {fr}",
        f"the file “{item.name}” ({item.sha256[:12]}…, event {item.seq}) can't be read: {en}",
    )  # fmt: skip


def write_head(folder: Path, head: Head) -> None:
    write_json(folder / HEAD, {"size": head.size, "head": head.hash})


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    write_bytes(path, (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode(), inside=path.parent)


def read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}  # absent or cut: then it does not describe the database, and is told as such
    return value if isinstance(value, dict) else {}


def copy_durably(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    flush(target)


def flush(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def size_of(path: Path) -> int:
    """Bytes of a file, 0 when it is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
