"""paddock.db on the disk: opening it to work or only to read, knowing it again, and its errors in words.

A workspace's disk may be full, locked, slow or pulled out. SQLite goes on writing into a file that
was moved or unplugged, and makes a new one where none is: so a database is known by its device and
inode, and opened by an address that never creates it unless a workspace is being made.

Nothing but SQLite may open paddock.db in a process that works with it: closing such a handle would drop
SQLite's locks (POSIX, https://www.sqlite.org/howtocorrupt.html), and another process would take the log away.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from core.errors import WorkspaceError, disk_reason
from core.files import folder_gone, is_writable

NAME = "paddock.db"
HEAD = "ledger-head.json"
BUSY_SECONDS = 15.0
"""How long to wait for another programme that holds the database."""

_FULL, _BUSY, _LOCKED, _READONLY, _IOERR, _CANTOPEN, _CORRUPT, _NOTADB = 13, 5, 6, 8, 10, 14, 11, 26
"""SQLite's primary result codes (https://www.sqlite.org/rescode.html)."""
_NEARLY_FULL = 1 << 20
"""Free bytes below which an I/O error of SQLite's is put down to a full disk."""

_COPY = "import shutil, sys; [shutil.copy(name, sys.argv[-1]) for name in sys.argv[1:-1]]"

Identity = tuple[int, int]
"""Device and inode of a database file."""


@dataclass(frozen=True, slots=True)
class ForReading:
    """A database opened only to read. address: its URI, for further connections; copy: a private copy's folder.

    A private copy goes with ``close``, or at the latest with the process.
    """

    connection: sqlite3.Connection
    address: str
    copy: tempfile.TemporaryDirectory[str] | None = None

    def close(self) -> None:
        """Close the connection and remove the private copy."""
        self.connection.close()
        if self.copy:
            self.copy.cleanup()


def connect(folder: Path, *, create: bool) -> sqlite3.Connection:
    """A connection to work with: write-ahead log, every commit flushed. Raises sqlite3.Error."""
    connection = _connect(_address(folder / NAME, "rwc" if create else "rw"))
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_to_read(folder: Path) -> ForReading:
    """A connection that changes nothing in the folder, even on a disk that can't be written.

    A database that was closed badly has a log beside it (-wal) whose events count; where SQLite can't
    set up its shared memory to read that log, the two are copied to a temporary folder and read there.
    Raises sqlite3.Error, OSError.
    """
    path = folder / NAME
    log = path.with_name(f"{NAME}-wal")
    pending = log.is_file() and log.stat().st_size > 0
    addresses = [_address(path, "ro")] if pending or is_writable(folder) else [_address(path, "ro"), _immutable(path)]
    for address in addresses:
        connection = _connect(address)
        try:
            connection.execute("PRAGMA query_only=ON")
            connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
        except BaseException:
            connection.close()
            raise
        else:
            return ForReading(connection, address)
    return private_copy(folder)


def private_copy(folder: Path) -> ForReading:
    """The database and its log copied to a temporary folder, where they can be brought up to date."""
    copy = tempfile.TemporaryDirectory(prefix="paddock-lecture-", ignore_cleanup_errors=True)
    place = Path(copy.name)
    try:
        # By a process of its own, so that no lock of this one is dropped (see above).
        names = [str(folder / name) for name in (NAME, f"{NAME}-wal") if (folder / name).is_file()]
        done = subprocess.run([sys.executable, "-c", _COPY, *names, copy.name], capture_output=True, check=False)
        if done.returncode:
            raise OSError(errno.EIO, f"{folder / NAME} could not be copied: {done.stderr[-300:]!r}")
        return ForReading(connect(place, create=False), _address(place / NAME, "rw"), copy)
    except BaseException:
        copy.cleanup()
        raise


def another(address: str) -> sqlite3.Connection:
    """A further connection to an address, only for reading."""
    connection = _connect(address)
    connection.execute("PRAGMA query_only=ON")
    return connection


def working_address(folder: Path) -> str:
    """The URI of a workspace's database that never creates it."""
    return _address(folder / NAME, "rw")


def resting_address(path: Path) -> str:
    """The URI of a single-file database that nobody is writing: read without leaving anything beside it."""
    return _immutable(path)


def identity(folder: Path) -> Identity | None:
    """Which file the database is now; None when it is not there."""
    try:
        status = (folder / NAME).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def reason(folder: Path, error: sqlite3.Error) -> tuple[str, str]:
    """Why SQLite refused, in French and English, with what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == _FULL or (code in (_IOERR, _CANTOPEN) and _is_full(folder)):
        return (
            "le disque est plein. Libérez de la place, puis recommencez",
            "the disk is full. Free some space, then try again",
        )
    if code in (_BUSY, _LOCKED):
        return (
            f"un autre programme tient la base depuis plus de {BUSY_SECONDS:.0f} secondes. Fermez l'autre fenêtre de "
            "Paddock ou la copie en cours de ce dossier, puis recommencez",
            f"another programme has held the database for more than {BUSY_SECONDS:.0f} seconds. Close the other "
            "Paddock window or the copy of this folder that is running, then try again",
        )
    if code == _READONLY:
        return (
            "le dossier est en lecture seule. Copiez-le sur un disque où vous pouvez écrire",
            "the folder is read-only. Copy it to a disk that you can write to",
        )
    if code in (_CORRUPT, _NOTADB) and _answers(folder):
        return (
            "la base « paddock.db » est abîmée. Restaurez une sauvegarde (paddock workspace restore)",
            "the database “paddock.db” is damaged. Restore a backup (paddock workspace restore)",
        )
    if code in (_IOERR, _CANTOPEN, _CORRUPT, _NOTADB):
        return (
            "le disque ne répond pas bien. Rebranchez-le au même endroit, puis recommencez",
            "the disk does not answer well. Plug it in again in the same place, then try again",
        )
    return (f"{error}. Vérifiez la place libre, puis recommencez", f"{error}. Check the free space, then try again")


def is_of_the_disk(error: sqlite3.Error) -> bool:
    """True for errors of the disk, of its locks and of a damaged file; False for a mistake in a statement."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (_FULL, _BUSY, _LOCKED, _READONLY, _IOERR, _CANTOPEN, _CORRUPT, _NOTADB)


def answers_no_more(folder: Path, error: sqlite3.Error) -> bool:
    """True when an opened file failed: what a key that was pulled out and put back leaves behind."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (_IOERR, _CANTOPEN) or not _answers(folder)


def cannot_read(folder: Path, error: sqlite3.Error) -> WorkspaceError:
    """The error of a workspace whose disk fails while it is read."""
    if identity(folder) is None:
        return folder_gone(folder)
    fr, en = reason(folder, error)
    return WorkspaceError(folder=folder, problem_fr=f"lecture impossible : {fr}.", problem_en=f"can't be read: {en}.")


def cannot_open(folder: Path, error: sqlite3.Error | OSError) -> WorkspaceError:
    """The error of a workspace that does not open: damaged, read-only, full, held by another, or absent."""
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        return WorkspaceError(
            folder=folder,
            problem_fr="sa base « paddock.db » est abîmée. Restaurez une sauvegarde ; les photos sont là.",
            problem_en="its database “paddock.db” is damaged. Restore a backup; the photos are there.",
        )
    if folder.is_dir() and not is_writable(folder):
        return WorkspaceError(
            folder=folder,
            problem_fr="le dossier est en lecture seule : on ne peut pas y travailler. Copiez-le sur un disque où vous "
            "pouvez écrire. Le vérifier et l'exporter restent possibles (paddock audit verify, export, trace).",
            problem_en="the folder is read-only, so nobody can work in it. Copy it to a disk that you can write to. "
            "Verifying and exporting it remain possible (paddock audit verify, export, trace).",
        )
    if isinstance(error, OSError):
        fr, en = disk_reason(error)
        return WorkspaceError(
            folder=folder,
            problem_fr=f"ouverture impossible ({fr}). Choisissez un dossier où vous pouvez écrire.",
            problem_en=f"can't be opened ({en}). Choose a folder that you can write to.",
        )
    fr, en = reason(folder, error)
    return WorkspaceError(
        folder=folder, problem_fr=f"sa base ne s'ouvre pas : {fr}.", problem_en=f"its database does not open: {en}."
    )


def _connect(address: str) -> sqlite3.Connection:
    return sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None)


def _address(path: Path, mode: str) -> str:
    return f"{_uri(path)}?mode={mode}"


def _immutable(path: Path) -> str:
    """For a disk that nobody can write: SQLite then needs neither locks nor shared memory."""
    return f"{_uri(path)}?mode=ro&immutable=1"


def _uri(path: Path) -> str:
    """A file URI; names that are no UTF-8 keep their bytes."""
    text = path.absolute().as_posix()
    return "file:" + quote(text if text.startswith("/") else f"/{text}", errors="surrogateescape")


def _answers(folder: Path) -> bool:
    """True when files beside the database can be read: what a dead disk hands out looks like a damaged file."""
    try:
        with (folder / HEAD).open("rb") as stream:
            return bool(stream.read(1))
    except FileNotFoundError:
        return folder.is_dir()
    except OSError:
        return False


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _NEARLY_FULL
    except OSError:
        return False
