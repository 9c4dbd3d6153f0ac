"""Check a workspace: database, ledger, files, room and what others do there, each in words with what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from audit.verify import Problem, Verification
from core.errors import Language, WorkspaceError
from core.files import PART, is_writable
from core.processes import is_running
from core.values import Report, no_report
from studio import database as db
from studio.space import RESERVE, free_bytes, shown_size
from studio.workspace import Workspace
from studio.workspaces import holders

Level = Literal["ok", "note", "problem"]
TOLD = 20
"""Problems of one kind that are told one by one; the others are counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. topic: "database", "ledger", "files", "clock", "leftovers", "room", "others" or
    "jobs"; level: "problem" when the workspace does not hold, "note" when a person may want to know."""

    topic: str
    level: Level
    fr: str
    en: str

    def message(self, language: Language) -> str:
        return self.fr if language == "fr" else self.en


@dataclass(frozen=True, slots=True)
class Check:
    """Everything that was looked at; it holds when nothing is a problem."""

    folder: Path
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        return all(finding.level != "problem" for finding in self.findings)


def check_workspace(folder: Path, *, report: Report = no_report) -> Check:
    """Look at everything, reading every byte of the store and changing nothing.

    Raises WorkspaceError when there is none.
    """
    folder = folder.expanduser().absolute()
    if not (folder / db.NAME).is_file():
        Workspace.open(folder, create=False)  # says so in words
    found = [*_room(folder), *_others(folder), *_leftovers(folder)]
    report(0.0, db.NAME)
    try:
        workspace = Workspace.open(folder, readonly=True)
    except WorkspaceError as error:
        fr, en = str(error.details["problem_fr"]), str(error.details["problem_en"])
        return Check(folder, (Finding("database", "problem", fr, en), *found))
    try:
        database = list(_database(workspace))
        recorded = list(_recorded(workspace.verify(report=report)))
        sound = database[0].level == "ok"  # what is damaged is not asked any further
        found = [
            *database,
            *recorded,
            *(_clock(workspace) if sound else ()),
            *(_jobs(workspace) if sound else ()),
            *found,
        ]
    finally:
        workspace.close()
    return Check(folder, tuple(found))


def _database(workspace: Workspace) -> Iterator[Finding]:
    try:
        with workspace.database() as connection:
            said = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
    except sqlite3.DatabaseError as error:
        said = [str(error)]
    if said == ["ok"]:
        yield Finding("database", "ok", "la base de données est intacte.", "the database is sound.")
    else:
        yield Finding(
            "database", "problem",
            f"la base de données est abîmée ({said[0]}) : restaurez une sauvegarde (paddock workspace restore).",
            f"the database is damaged ({said[0]}): restore a backup (paddock workspace restore).",
        )  # fmt: skip


def _recorded(found: Verification) -> Iterator[Finding]:
    if found.holds:
        yield Finding(
            "ledger", "ok",
            f"le registre est conforme : {found.events} événements, {found.files} fichiers.",
            f"the ledger holds: {found.events} events, {found.files} files.",
        )  # fmt: skip
    yield from _each("ledger", "problem", found.problems, "restaurez une sauvegarde", "restore a backup")
    if found.strays:
        yield Finding(
            "files", "note",
            f"{len(found.strays)} fichier(s) du dépôt qu'aucun événement ne nomme, laissés par un arrêt brutal : "
            "sans danger, rien à faire.",
            f"{len(found.strays)} file(s) of the store that no event names, left by an abrupt stop: "
            "harmless, nothing to do.",
        )  # fmt: skip
    yield from _each("clock", "note", found.remarks, "rien à faire", "nothing to do")


def _each(topic: str, level: Level, told: tuple[Problem, ...], to_do_fr: str, to_do_en: str) -> Iterator[Finding]:
    for problem in told[:TOLD]:
        yield Finding(topic, level, f"{problem.fr} : {to_do_fr}.", f"{problem.en}: {to_do_en}.")
    if (more := len(told) - TOLD) and more > 0:
        yield Finding(topic, level, f"… et {more} autres de même sorte.", f"… and {more} more of the same kind.")


def _clock(workspace: Workspace) -> Iterator[Finding]:
    note = workspace.clock_note()
    if note:
        yield Finding("clock", "note", note.fr, note.en)


def _jobs(workspace: Workspace) -> Iterator[Finding]:
    (row,) = workspace.read("SELECT COUNT(*) AS n FROM jobs WHERE state IN ('waiting', 'running')")
    if row["n"] and not holders(workspace.folder):
        yield Finding(
            "jobs", "note",
            f"{row['n']} tâche(s) interrompue(s) : elles reprendront à la prochaine ouverture de la page.",
            f"{row['n']} job(s) were interrupted: they go on when the page is next opened.",
        )  # fmt: skip


def _leftovers(folder: Path) -> Iterator[Finding]:
    """Temporary files whose process has ended."""
    parts = [path for pattern in ("", "store/", "previews/*/") for path in folder.glob(f"{pattern}{PART}*")]
    left = [path for path in parts if not _runs(path.name.removeprefix(PART).split("-")[0])]
    left += [path for path in (folder / "tmp").glob("*") if not _runs(path.name)]
    if left:
        yield Finding(
            "leftovers", "note",
            f"{len(left)} fichier(s) ou dossier(s) de travail laissé(s) par un arrêt brutal : la page les efface "
            "à sa prochaine ouverture.",
            f"{len(left)} temporary file(s) or folder(s) left by an abrupt stop: the page removes them "
            "when it is next opened.",
        )  # fmt: skip


def _runs(number: str) -> bool:
    return number.isdigit() and is_running(int(number))


def _room(folder: Path) -> Iterator[Finding]:
    free = free_bytes(folder)
    fr, en = shown_size(free, "fr"), shown_size(free, "en")
    if free < RESERVE:
        yield Finding(
            "room", "note",
            f"il ne reste que {fr} sur ce disque, il en faut {shown_size(RESERVE, 'fr')} pour importer : libérez de "
            "la place.",
            f"only {en} are left on this disk, importing needs {shown_size(RESERVE, 'en')}: free some space.",
        )  # fmt: skip
    else:
        yield Finding("room", "ok", f"il reste {fr} sur ce disque.", f"{en} are left on this disk.")
    if not is_writable(folder):
        yield Finding(
            "room", "note",
            "le dossier est en lecture seule : le vérifier et l'exporter sont possibles, y travailler non. "
            "Copiez-le pour y travailler.",
            "the folder is read-only: it can be verified and exported, not worked in. Copy it to work in it.",
        )  # fmt: skip


def _others(folder: Path) -> Iterator[Finding]:
    numbers = holders(folder)
    if numbers:
        shown = ", ".join(map(str, numbers))
        yield Finding(
            "others", "note",
            f"une page ou une commande de Paddock y travaille en ce moment (processus {shown}).",
            f"a page or a command of Paddock's is working in it now (process {shown}).",
        )  # fmt: skip
