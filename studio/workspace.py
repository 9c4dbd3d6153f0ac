"""The workspace: one folder that holds the photos, results, ledger and current state of one edition.

paddock.db          SQLite (WAL): the ledger's events and the tables folded from them
ledger-head.json    copy of the ledger's head, to notice a cut tail
store/              originals and intermediates by hash, read-only
previews/           reduced JPEG copies; may be deleted at any time
exports/            books and folders made for others
tmp/PID/            work in progress of one process; swept once that process has ended
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from audit import ledger
from audit.ledger import Event, Head, Item
from audit.store import Store
from audit.verify import Problem, Verification, verify
from core.errors import WorkspaceError, disk_reason
from core.files import write_bytes
from core.processes import is_running
from core.values import Origin, Report, no_report
from studio import projection

log = logging.getLogger("paddock.workspace")


class Workspace:
    """An opened workspace. Safe to use from several threads; several processes may share the folder."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self.store = Store(folder / "store")
        self.previews = folder / "previews"
        self.exports = folder / "exports"
        self.tmp = folder / "tmp" / str(os.getpid())
        self._connection = connection
        self._lock = threading.RLock()

    @classmethod
    def open(cls, folder: Path, *, create: bool = True) -> Workspace:
        """Open a workspace, making it when it is new.

        Raises WorkspaceError when it can't be written, or is absent and ``create`` is False.
        """
        folder = folder.expanduser().absolute()
        database = folder / "paddock.db"
        if not create and not database.is_file():
            raise WorkspaceError(
                folder=folder,
                problem_fr="il n'y a pas d'espace de travail ici ; vérifiez le chemin, ou importez d'abord des photos.",
                problem_en="there is no workspace here; check the path, or import photos first.",
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(database, timeout=15, check_same_thread=False, isolation_level=None)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            ledger.prepare(connection)
            projection.prepare(connection)
            workspace = cls(folder, connection)
            workspace.catch_up()
            if not workspace._head_file.exists() and not workspace.head().size:
                workspace._write_head(Head(0, ledger.GENESIS))
        except sqlite3.DatabaseError as error:
            damaged = not isinstance(error, sqlite3.OperationalError)
            raise WorkspaceError(
                folder=folder,
                problem_fr="sa base « paddock.db » est abîmée. Restaurez une sauvegarde ; les photos sont là."
                if damaged
                else "sa base ne s'ouvre pas. Choisissez un dossier où vous pouvez écrire, sur un disque non plein.",
                problem_en="its database “paddock.db” is damaged. Restore a backup; the photos are there."
                if damaged
                else "its database does not open. Choose a folder that you can write to, on a disk that is not full.",
            ) from error
        except OSError as error:
            fr, en = disk_reason(error)
            raise WorkspaceError(
                folder=folder,
                problem_fr=f"ouverture impossible ({fr}). Choisissez un dossier où vous pouvez écrire.",
                problem_en=f"can't be opened ({en}). Choose a folder that you can write to.",
            ) from error
        return workspace

    @property
    def name(self) -> str:
        return self.folder.name

    def clean(self) -> None:
        """Remove what ended processes left half done: temporary files only, never a stored one."""
        self.store.sweep()
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
            try:
                with self._transaction():
                    event = ledger.append(
                        self._connection, time=_now(), actor=who, action=action, subject=subject,
                        inputs=inputs, outputs=outputs, parameters=parameters, origin=origin,
                    )  # fmt: skip
                    projection.apply(self._connection, event)
            except sqlite3.Error as error:
                raise WorkspaceError(
                    folder=self.folder,
                    problem_fr=f"l'action n'a pas pu être enregistrée ({error}) et n'a donc pas eu lieu. "
                    "Vérifiez la place libre, puis recommencez.",
                    problem_en=f"the action could not be recorded ({error}), so it did not happen. "
                    "Check the free space, then try again.",
                ) from error
            try:
                self._write_head(Head(event.seq, event.hash))
            except OSError as error:
                # The event is recorded; its copy of the head may lag, and the next event writes it again.
                log.warning("the copy of the ledger's head could not be written: %s", error)
        return event

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Rows of the current state, accessible by column name."""
        with self._lock:
            cursor = self._connection.execute(sql, parameters)
            cursor.row_factory = sqlite3.Row
            return cursor.fetchall()

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
            altered = [] if found.problems else projection.altered(connection)
        return replace(found, problems=(*found.problems, *(_altered(table) for table in altered)))

    def catch_up(self) -> None:
        """Fold events that the tables do not know yet (new tables, or a newer version's)."""
        with self._lock, self._transaction():
            for event in ledger.events(self._connection, after=projection.folded(self._connection)):
                projection.apply(self._connection, event)

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """A connection of the caller's own, for reading at length without holding the others up."""
        connection = sqlite3.connect(self.folder / "paddock.db", timeout=15, isolation_level=None)
        try:
            connection.execute("PRAGMA query_only=ON")
            yield connection
        finally:
            connection.close()

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()

    @property
    def _head_file(self) -> Path:
        return self.folder / "ledger-head.json"

    def _write_head(self, head: Head) -> None:
        write_bytes(self._head_file, json.dumps({"size": head.size, "head": head.hash}).encode())

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # SQLite has already rolled back after a full disk
                self._connection.execute("ROLLBACK")
            raise


def _altered(table: str) -> Problem:
    return Problem(
        0,
        table,
        f"la table « {table} » ne dit plus ce que dit le registre : elle a été modifiée à la main",
        f"the table “{table}” no longer says what the ledger says: it was altered by hand",
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
