"""Restore a backup into a new workspace: every file is hashed on the way, and the whole verified at the end."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from audit import ledger
from audit.store import Store
from audit.verify import Problem, Verification
from core.canonical import sha256_of_file
from core.errors import AuditError, FolderError
from core.files import PART, sync_folder
from core.values import Report, no_report
from studio import database as db
from studio.backup_folder import (
    ROOM,
    copy_durably,
    copy_exports,
    damaged,
    database_damaged,
    make_folder,
    named_files,
    on_disk,
    read_summary,
    refuse_overlap,
    resting,
    unreadable,
    write_head,
)  # fmt: skip
from studio.space import check_space
from studio.workspace import Workspace

_INCOMPLETE = (
    "La sauvegarde est intacte ; supprimez le dossier incomplet et recommencez sur un disque où il y a de la place.",
    "The backup is intact; delete the incomplete folder and start again on a disk with room.",
)


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored workspace, and whether all of it is as recorded."""

    folder: Path
    backup: str
    verification: Verification


def restore_backup(backup: Path, target: Path, *, report: Report = no_report) -> Restored:
    """A new workspace from a backup: every file hashed while it is copied, then the whole verified once more.

    A file that is damaged in the backup is left out and told; the others are restored. Raises FolderError
    when ``target`` is not new or empty or can't be written, AuditError when the backup's database is damaged.
    """
    backup, target = backup.expanduser().absolute(), target.expanduser().absolute()
    summary = read_summary(backup)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FolderError(
            folder=target,
            problem_fr="il n'est pas vide ; nommez un dossier neuf pour la restauration.",
            problem_en="it is not empty; name a new folder to restore into.",
        )
    refuse_overlap(backup, target)
    source = Store(backup / "store")
    problems: list[Problem] = []
    with resting(backup / db.NAME) as connection:
        named, head = named_files(connection), ledger.head(connection)
    with on_disk(target, *_INCOMPLETE):
        check_space(target, int(summary["size"]) + (backup / db.NAME).stat().st_size, reserve=ROOM)
        make_folder(target)
        store = Store(target / "store")
        for done, item in enumerate(named):
            report(done / len(named) / 2, item.name)
            try:
                store.add(source.path(item.sha256), expected=item.sha256)
            except FileNotFoundError:
                continue  # verification below names it, with its event
            except AuditError:
                problems.append(damaged(item, "la sauvegarde", "the backup"))
            except OSError as error:
                problems.append(unreadable(item, error))
        if (backup / "exports").is_dir():
            copy_exports(backup / "exports", target / "exports")
        copy = target / f"{PART}{os.getpid()}-{db.NAME}"
        copy_durably(backup / db.NAME, copy)
        if sha256_of_file(copy) != summary["sha256"]:
            raise database_damaged(backup)
        write_head(target, head)
        copy.replace(target / db.NAME)
        sync_folder(target)
    workspace = Workspace.open(target, create=False)
    try:
        found = workspace.verify(report=lambda fraction, doing: report(0.5 + fraction / 2, doing))
    finally:
        workspace.close()
    report(1.0, "")
    told = {problem.file for problem in problems}
    problems += [problem for problem in found.problems if problem.file not in told]
    return Restored(target, str(summary["made"]), replace(found, problems=tuple(problems)))
