"""The database of an opened workspace: transactions that count only where the disk still is, and is the same.

A key may be pulled out and put back, a folder moved and another laid in its place: SQLite would go on
writing into the file that it holds. So before and after every transaction the database at the folder's
path must be the one that was opened; one that came back is opened again when its ledger holds all that we know.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from audit import ledger
from core.errors import WorkspaceError
from core.files import folder_gone
from studio import database as db

_NO_MORE = (-1, -1)
"""No database's identity."""


class Held:
    """A connection with its folder. known: the newest event that this process has seen settled."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, reading: db.ForReading | None = None) -> None:
        self.folder = folder
        self.connection = connection
        self.lock = threading.RLock()
        self.known = ledger.head(connection)
        self._reading = reading
        self._identity = db.identity(folder)

    @property
    def readonly(self) -> bool:
        return self._reading is not None

    def check_here(self) -> None:
        """Raise WorkspaceError unless the folder is there, is the one that was opened, and may be written."""
        if self.readonly:
            raise WorkspaceError(
                folder=self.folder,
                problem_fr="il est ouvert en lecture seule : rien ne peut y être enregistré. Copiez-le sur un disque "
                "où vous pouvez écrire, puis ouvrez la copie.",
                problem_en="it is open read-only: nothing can be recorded there. Copy it to a disk that you can "
                "write to, then open the copy.",
            )
        self._check_place()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is executed inside counts, or nothing; the caller holds the lock.

        Raises WorkspaceError, sqlite3.Error.
        """
        self.check_here()
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            yield
            self.connection.execute("COMMIT")
        except BaseException as error:
            if self.connection.in_transaction:  # SQLite has already rolled back after a full disk
                self.connection.execute("ROLLBACK")
            self.distrust(error)
            raise
        if db.identity(self.folder) != self._identity:  # pulled out meanwhile: not to be acknowledged
            raise folder_gone(self.folder)

    def distrust(self, error: BaseException) -> None:
        """After an error that says that the opened file answers no more: look for it anew before the next act.

        So it is with a key that was pulled out and put back, be it under the same number.
        """
        if isinstance(error, sqlite3.Error) and db.answers_no_more(self.folder, error):
            self._identity = _NO_MORE

    @contextmanager
    def another(self) -> Iterator[sqlite3.Connection]:
        """A further connection, only for reading. Raises WorkspaceError."""
        self._check_place()
        connection = db.another(self._reading.address if self._reading else db.working_address(self.folder))
        try:
            yield connection
        finally:
            connection.close()

    def close(self) -> None:
        with self.lock:
            self.connection.close()
            if self._reading:
                self._reading.close()

    def _check_place(self) -> None:
        if db.identity(self.folder) != self._identity:
            with self.lock:
                if db.identity(self.folder) != self._identity and (self.readonly or not self._come_back()):
                    raise folder_gone(self.folder)

    def _come_back(self) -> bool:
        """Open the database that lies at the path now; only if its ledger holds all that we know."""
        if self.connection.in_transaction:
            return False
        try:
            connection = db.connect(self.folder, create=False)
        except sqlite3.Error:
            return False
        try:
            found = connection.execute("SELECT hash FROM events WHERE seq = ?", (self.known.size,)).fetchone()
            same = found == (self.known.hash,) if self.known.size else not ledger.head(connection).size
        except sqlite3.Error:
            same = False
        if not same:
            connection.close()
            return False
        left, self.connection = self.connection, connection
        self._identity = db.identity(self.folder)
        left.close()
        return True
