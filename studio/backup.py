"""Back up a workspace while people work in it.

A backup counts from the moment at which its paddock.db takes its name, after every file that it names
is on the disk: one that is stopped before leaves the previous one as it was, and is gone on with later.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from audit import ledger
from audit.ledger import Head
from audit.store import Store
from audit.verify import Problem
from core.canonical import sha256_of_file
from core.errors import AuditError, FolderError
from core.files import PART, set_mode, sweep_parts, sync_folder
from core.values import Report, no_report
from studio import database as db
from studio.backup_folder import (
    NEXT,
    ROOM,
    SUMMARY,
    Named,
    copy_exports,
    damaged,
    flush,
    gone,
    make_folder,
    named_files,
    on_disk,
    pending,
    refuse_overlap,
    resting,
    size_of,
    unreadable,
    write_head,
    write_json,
)  # fmt: skip
from studio.space import check_space
from studio.workspace import Workspace

FORMAT = 1
_STRANGERS = ("System Volume Information", "$RECYCLE.BIN")
"""What Windows puts on a key by itself; hidden names beginning with a dot are passed over too."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that counts. made: ISO 8601, as this machine's clock says. problems: stored files that could
    not be copied because they are missing or altered in the workspace (and are not in the backup from before)."""

    folder: Path
    workspace: str
    made: str
    photos: int
    events: int
    head: str
    files: int
    size: int
    copied: int
    copied_size: int
    problems: tuple[Problem, ...] = ()


def backup_workspace(
    workspace: Workspace, out: Path, *, exports: bool = False, recheck: bool = False, report: Report = no_report
) -> Backup:
    """A consistent copy of a workspace in ``out``, while others go on working in it.

    out: a new or empty folder, or an earlier backup of the same workspace, to which only what is new is added.
    exports: the books and folders made for others too. recheck: read again what an earlier backup has copied.
    Raises FolderError when ``out`` can't be used or written, WorkspaceError when there is no room.
    """
    out = out.expanduser().absolute()
    refuse_overlap(workspace.folder, out)
    with _alone(out), on_disk(out):
        before = _begin(out)
        copy = out / f"{PART}{os.getpid()}-{db.NAME}"
        try:
            report(0.0, db.NAME)
            _copy_database(workspace, copy)
            with resting(copy) as connection:
                _refuse_another_s(connection, before, out)
                named, head = named_files(connection), ledger.head(connection)
                photos = int(connection.execute("SELECT COUNT(*) FROM photos").fetchone()[0])
            write_json(out / NEXT, {"format": FORMAT, "workspace": workspace.name, "in_progress": True})
            kept = _copy_files(workspace, out, named, recheck, copy.stat().st_size, report)
            if exports:
                copy_exports(workspace.exports, out / "exports")
            made = Backup(
                out, workspace.name, datetime.now(UTC).isoformat(timespec="seconds"), photos, head.size, head.hash,
                len(named) - len(kept.problems), kept.size, kept.copied, kept.copied_size, tuple(kept.problems),
            )  # fmt: skip
            _settle(out, copy, made)
        finally:
            copy.unlink(missing_ok=True)
    report(1.0, "")
    return made


_guard = threading.Lock()
_under_way: set[Path] = set()
"""Folders that this process is backing up to now."""


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Two people may ask for a backup at once: the second is told so. Raises FolderError."""
    place = out.resolve()
    with _guard:
        if place in _under_way:
            raise FolderError(
                folder=out,
                problem_fr="une sauvegarde y est déjà en cours ; attendez qu'elle finisse.",
                problem_en="a backup into it is under way already; wait until it ends.",
            )
        _under_way.add(place)
    try:
        yield
    finally:
        with _guard:
            _under_way.discard(place)


def _begin(out: Path) -> Path | None:
    """Make the folder or recognise an earlier backup; returns the earlier one's database."""
    if out.exists() and not out.is_dir():
        raise FolderError(folder=out, problem_fr="ce n'est pas un dossier.", problem_en="it is not a folder.")
    make_folder(out)
    there = {path.name for path in out.iterdir() if path.name not in _STRANGERS and not path.name.startswith(".")}
    if there and not there & {SUMMARY, NEXT}:
        raise FolderError(
            folder=out,
            problem_fr="il contient autre chose qu'une sauvegarde ; nommez un dossier neuf, par exemple "
            f"« {out / 'sauvegarde-paddock'} ».",
            problem_en=f"it holds something else than a backup; name a new one, e.g. “{out / 'sauvegarde-paddock'}”.",
        )
    sweep_parts(out)
    Store(out / "store").sweep()
    if pending(out):  # stopped between its last two steps: it counts already
        (out / NEXT).replace(out / SUMMARY)
    return out / db.NAME if db.NAME in there else None


def _copy_database(workspace: Workspace, copy: Path) -> None:
    """One moment of the database, whole, in a single file that needs no log beside it."""
    copy.unlink(missing_ok=True)
    with workspace.database() as source:
        target = sqlite3.connect(copy, isolation_level=None)
        try:
            source.backup(target)  # in one step: readers hold nobody up in WAL, and nobody can change it meanwhile
            target.execute("PRAGMA journal_mode=DELETE")
            (said,) = target.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            target.close()
    if said != "ok":
        raise AuditError(
            problem_fr=f"la base de « {workspace.name} » est abîmée ({said}) : elle n'a pas été sauvegardée, et la "
            "sauvegarde précédente est gardée. Restaurez-la.",
            problem_en=f"the database of “{workspace.name}” is damaged ({said}): it was not backed up, and the "
            "previous backup was kept. Restore that one.",
        )


@dataclass(slots=True)
class _Kept:
    problems: list[Problem] = field(default_factory=list)
    size: int = 0
    copied: int = 0
    copied_size: int = 0


def _copy_files(
    workspace: Workspace, out: Path, named: list[Named], recheck: bool, database: int, report: Report
) -> _Kept:  # fmt: skip
    source, target, kept = workspace.store, Store(out / "store"), _Kept()
    missing = [item for item in named if not _is_there(source, target, item.sha256, recheck, report)]
    check_space(out, sum(size_of(source.path(item.sha256)) for item in missing) + database, reserve=ROOM)
    for done, item in enumerate(missing):
        report(done / len(missing), item.name)
        try:
            stored = target.add(source.open(item.sha256), expected=item.sha256)
        except AuditError:
            there = source.has(item.sha256)
            kept.problems.append(damaged(item, "l'espace de travail", "the workspace") if there else gone(item))
        except OSError as error:
            kept.problems.append(unreadable(item, error))
        else:
            kept.copied += 1
            kept.copied_size += stored.size
    kept.size = sum(size_of(target.path(item.sha256)) for item in named)
    return kept


def _is_there(source: Store, target: Store, sha256: str, recheck: bool, report: Report) -> bool:
    """True when the backup has a file already; a damaged one makes room only for a sound one."""
    path = target.path(sha256)
    if not path.is_file():
        return False
    report(0.0, path.name[:12])
    original = source.path(sha256)
    if not recheck and size_of(path) == size_of(original):
        return True
    if sha256_of_file(path) == sha256 or not original.is_file() or sha256_of_file(original) != sha256:
        return True
    set_mode(path, 0o644)  # Windows removes no read-only file
    path.unlink()
    return False


def _settle(out: Path, copy: Path, made: Backup) -> None:
    """The order that makes it safe: what it says of itself, then the database takes its name, then the rest."""
    flush(copy)
    summary = {
        "format": FORMAT, "workspace": made.workspace, "made": made.made, "photos": made.photos,
        "events": made.events, "head": made.head, "files": made.files, "size": made.size,
        "database": db.NAME, "sha256": sha256_of_file(copy), "problems": [problem.fr for problem in made.problems],
    }  # fmt: skip
    write_json(out / NEXT, summary)
    sync_folder(out)
    copy.replace(out / db.NAME)
    sync_folder(out)
    write_head(out, Head(made.events, made.head))
    (out / NEXT).replace(out / SUMMARY)
    sync_folder(out)


def _refuse_another_s(connection: sqlite3.Connection, before: Path | None, out: Path) -> None:
    """Raise FolderError when the earlier backup's newest event is not one of this ledger."""
    if before is None:
        return
    try:
        with resting(before) as earlier:
            head = ledger.head(earlier)
    except sqlite3.DatabaseError:
        return  # damaged: the new one takes its place
    same = connection.execute("SELECT 1 FROM events WHERE seq = ? AND hash = ?", (head.size, head.hash)).fetchone()
    if head.size and not same:
        raise FolderError(
            folder=out,
            problem_fr="il contient la sauvegarde d'un autre espace de travail ; nommez un autre dossier.",
            problem_en="it holds the backup of another workspace; name another folder.",
        )
