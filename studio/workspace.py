"""The workspace: one folder that holds the photos, results, ledger and current state of one edition.

paddock.db          SQLite (WAL): the ledger's events, the tables folded from them, and the jobs
ledger-head.json    copy of the ledger's head, to notice a cut tail
store/              originals and intermediates by hash, read-only
previews/           reduced JPEG copies; may be deleted at any time
incoming/JOB/       files that an import has accepted and not yet taken in
exports/            books and folders made for others
tmp/PID/            work in progress of one process; swept once that process has ended
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from audit import ledger
from audit.ledger import Event, Head, Item
from audit.store import Store
from audit.verify import Problem, Verification, clock_behind, verify
from core.errors import WorkspaceError
from core.files import sweep_parts, write_bytes
from core.processes import is_running
from core.values import Origin, Report, no_report
from studio import database as db
from studio import projection, tables
from studio.backup_folder import is_backup
from studio.held import Held

log = logging.getLogger("paddock.workspace")


class Workspace:
    """An opened workspace. Safe to use from several threads; several processes may share the folder."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, *, reading: db.ForReading | None = None) -> None:
        self.folder = folder
        self._held = Held(folder, connection, reading)
        self._lock = self._held.lock
        self.store = Store(folder / "store", before_writing=self.check_here)
        self.previews = folder / "previews"
        self.exports = folder / "exports"
        self.incoming = folder / "incoming"
        self.tmp = folder / "tmp" / str(os.getpid())

    @classmethod
    def open(cls, folder: Path, *, create: bool = True, readonly: bool = False) -> Workspace:
        """Open a workspace, making it when it is new; readonly: only to read, and nothing is written in its folder.

        Raises WorkspaceError when it can't be written, or is absent and ``create`` is False.
        """
        folder = folder.expanduser().absolute()
        if (readonly or not create) and not (folder / db.NAME).is_file():
            raise WorkspaceError(
                folder=folder,
                problem_fr="il n'y a pas d'espace de travail ici ; vérifiez le chemin, ou importez d'abord des photos.",
                problem_en="there is no workspace here; check the path, or import photos first.",
            )
        try:
            if readonly:
                return cls._open_to_read(folder)
            if is_backup(folder):
                raise WorkspaceError(
                    folder=folder,
                    problem_fr="c'est une sauvegarde : y travailler l'abîmerait. Restaurez-la dans un dossier neuf "
                    "(paddock workspace restore), puis ouvrez ce dossier.",
                    problem_en="it is a backup: working in it would spoil it. Restore it into a new folder "
                    "(paddock workspace restore), then open that folder.",
                )
            return cls._open_to_work(folder)
        except (sqlite3.DatabaseError, OSError) as error:
            raise db.cannot_open(folder, error) from error

    @classmethod
    def _open_to_work(cls, folder: Path) -> Workspace:
        folder.mkdir(parents=True, exist_ok=True)
        connection = db.connect(folder, create=True)
        try:
            tables.prepare(connection)
            workspace = cls(folder, connection)
            workspace.catch_up()
            if not workspace._head_file.exists() and not workspace.head().size:
                workspace._write_head(Head(0, ledger.GENESIS))
        except BaseException:
            connection.close()
            raise
        return workspace

    @classmethod
    def _open_to_read(cls, folder: Path) -> Workspace:
        """An older version's tables are brought up to date in a private copy, never in the folder."""
        reading = db.connect_to_read(folder)
        if not tables.is_caught_up(reading.connection):
            reading.close()
            reading = db.private_copy(folder)
            try:
                tables.prepare(reading.connection)
                reading.connection.execute("BEGIN IMMEDIATE")
                tables.catch_up(reading.connection)
                reading.connection.execute("COMMIT")
            except BaseException:
                reading.close()
                raise
        return cls(folder, reading.connection, reading=reading)

    @property
    def name(self) -> str:
        return self.folder.name

    def clean(self) -> None:
        """Remove what ended processes left half done: temporary files only, never a stored one."""
        self.store.sweep()
        sweep_parts(self.folder)
        sweep_parts(self.previews, "*/")
        for left in self.tmp.parent.glob("*"):
            if not left.name.isdigit() or int(left.name) == os.getpid() or not is_running(int(left.name)):
                shutil.rmtree(left, ignore_errors=True)
        self.tmp.mkdir(parents=True, exist_ok=True)

    def record(
        self,
        action: str,
        *,
        who: str,
        subject: str = "",
        inputs: Sequence[Item] = (),
        outputs: Sequence[Item] = (),
        parameters: Mapping[str, Any] | None = None,
        origin: Origin | None = None,
    ) -> Event:
        """Write one ledger event and fold it into the current state, together or not at all.

        Every stored file that the event names must be in the store already. Raises WorkspaceError
        when it can't be written; then nothing has happened.
        """
        with self._lock:
            with self.writing() as connection:
                event = ledger.append(
                    connection, time=_now(), actor=who, action=action, subject=subject,
                    inputs=inputs, outputs=outputs, parameters=parameters, origin=origin,
                )  # fmt: skip
                projection.apply(connection, event)
            self._held.known = Head(event.seq, event.hash)
            try:
                self._write_head(Head(event.seq, event.hash))
            except OSError as error:
                # The event is recorded; its copy of the head may lag, and the next event writes it again.
                log.warning("the copy of the ledger's head could not be written: %s", error)
        return event

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Nobody else on this page writes between what is read inside and what is recorded of it."""
        with self._lock:
            yield

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all that is executed inside is written, or nothing. Raises WorkspaceError."""
        with self._lock:
            try:
                with self._held.transaction():
                    yield self._connection
            except sqlite3.Error as error:
                fr, en = db.reason(self.folder, error)
                raise WorkspaceError(
                    folder=self.folder,
                    problem_fr=f"l'action n'a pas été enregistrée et n'a donc pas eu lieu : {fr}.",
                    problem_en=f"the action was not recorded, so it did not happen: {en}.",
                ) from error

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Rows of the current state, accessible by column name. Raises WorkspaceError when the disk fails."""
        with self._lock:
            try:
                cursor = self._connection.execute(sql, parameters)
                cursor.row_factory = sqlite3.Row
                return cursor.fetchall()
            except sqlite3.DatabaseError as error:
                if not db.is_of_the_disk(error):
                    raise  # a mistake in the statement
                self._held.distrust(error)
                raise db.cannot_read(self.folder, error) from error

    def events(self, *, after: int = 0) -> list[Event]:
        """The ledger's events after a number."""
        with self._lock:
            return list(ledger.events(self._connection, after=after))

    def head(self) -> Head:
        """The newest event."""
        with self._lock:
            return ledger.head(self._connection)

    def verify(self, *, report: Report = no_report) -> Verification:
        """Check every event, every stored file and the tables. Reads the whole store, while others go on working."""
        with self.database() as connection:
            found = verify(connection, self.store, self._head_file, report=report)
            try:
                altered = [] if found.problems else [_altered(table) for table in projection.altered(connection)]
            except sqlite3.DatabaseError as error:
                altered = [_damaged(error)]
        return replace(found, problems=(*found.problems, *altered))

    def catch_up(self) -> None:
        """Fold events that the tables do not know yet (new tables, or a newer version's)."""
        with self._lock, self._held.transaction():
            tables.catch_up(self._connection)

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """A connection of the caller's own, for reading at length without holding the others up."""
        with self._held.another() as connection:
            yield connection

    def clock_note(self) -> Problem | None:
        """A warning when the machine's clock lies before the last event's time; acts are recorded all the same."""
        with self._lock:
            last = next(ledger.events(self._connection, after=max(0, ledger.head(self._connection).size - 1)), None)
        return clock_behind(last, _now()) if last else None

    def check_here(self) -> None:
        """Raise WorkspaceError unless the folder is there, is the one that was opened, and may be written."""
        self._held.check_here()

    @property
    def readonly(self) -> bool:
        """True when it was opened only to be read."""
        return self._held.readonly

    def close(self) -> None:
        """Close the database."""
        self._held.close()

    @property
    def _connection(self) -> sqlite3.Connection:
        return self._held.connection

    @_connection.setter
    def _connection(self, connection: sqlite3.Connection) -> None:
        self._held.connection = connection

    @property
    def _head_file(self) -> Path:
        return self.folder / "ledger-head.json"

    def _write_head(self, head: Head) -> None:
        write_bytes(self._head_file, json.dumps({"size": head.size, "head": head.hash}).encode(), inside=self.folder)


def _damaged(error: sqlite3.DatabaseError) -> Problem:
    return Problem(0, "", f"la base de données est abîmée ({error})", f"the database is damaged ({error})")


def _altered(table: str) -> Problem:
    return Problem(
        0,
        table,
        f"la table « {table} » ne dit plus ce que dit le registre : elle a été modifiée à la main",
        f"the table “{table}” no longer says what the ledger says: it was altered by hand",
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
