"""The content-addressed store: every source and every intermediate step, byte-identical and read-only.

A file lives at ``store/ab/abcdef…`` under its own SHA-256. It is written to a temporary file in the
same folder, flushed to the disk, then renamed, so a crash leaves either nothing or the whole file.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.errors import AuditError, WorkspaceError, disk_reason
from core.processes import is_running

_BLOCK = 1 << 20
PART = ".part-"


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of the store. new: False when the same bytes were there already."""

    sha256: str
    size: int
    new: bool


class Store:
    """Files by the hash of their bytes, below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where a file of this hash lives, whether or not it is there. Raises AuditError for what is no hash."""
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise AuditError(
                problem_fr=f"« {sha256[:80]} » n'est pas l'empreinte d'un fichier ; choisissez-le dans la page.",
                problem_en=f"“{sha256[:80]}” is not the hash of a file; choose it in the page.",
            )
        return self.folder / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """True when the file is there (its content is checked by ``damaged``, not here)."""
        return self.path(sha256).is_file()

    def open(self, sha256: str) -> Path:
        """The path of a stored file; raises AuditError when it is gone."""
        path = self.path(sha256)
        if not path.is_file():
            raise AuditError(
                problem_fr=f"le fichier {sha256[:12]}… manque dans le dépôt ; restaurez une sauvegarde.",
                problem_en=f"the file {sha256[:12]}… is missing from the store; restore a backup.",
            )
        return path

    def add(self, source: Path) -> Stored:
        """Copy a file in and return its hash; adding the same bytes twice keeps one copy.

        Raises OSError when the source can't be read, WorkspaceError when the store can't be written.
        """
        with source.open("rb") as stream:
            return self._keep(iter(lambda: stream.read(_BLOCK), b""))

    def add_bytes(self, data: bytes) -> Stored:
        """Store bytes; see ``add``."""
        return self._keep(iter((data,)))

    def all(self) -> Iterator[Path]:
        """Every settled file of the store, in the order of the hashes."""
        for path in sorted(self.folder.glob("??/*")):
            if not path.name.startswith(PART):
                yield path

    def sweep(self) -> int:
        """Remove temporary files of processes that have ended; returns how many."""
        left = [path for path in self.folder.glob(f"{PART}*") if not is_running(_owner(path))]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def _keep(self, blocks: Iterator[bytes]) -> Stored:
        """Write blocks to a temporary file and settle it; what reading the next block raises is passed on."""
        digest, size = hashlib.sha256(), 0
        temporary = self._temporary()
        try:
            with temporary.open("wb") as out:
                for block in blocks:
                    digest.update(block)
                    size += len(block)
                    with self._writing():
                        out.write(block)
                with self._writing():
                    out.flush()
                    os.fsync(out.fileno())
            with self._writing():
                return self._settle(temporary, digest.hexdigest(), size)
        finally:
            temporary.unlink(missing_ok=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """OSError of the store's own disk becomes a WorkspaceError."""
        try:
            yield
        except OSError as error:
            raise self._cannot_write(error) from error

    def _temporary(self) -> Path:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, prefix=f"{PART}{os.getpid()}-")
        except OSError as error:
            raise self._cannot_write(error) from error
        os.close(handle)
        return Path(name)

    def _settle(self, temporary: Path, sha256: str, size: int) -> Stored:
        final = self.path(sha256)
        if final.is_file():
            return Stored(sha256, size, new=False)
        fresh = not final.parent.is_dir()
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary.chmod(0o444)
        temporary.replace(final)
        _sync_folder(final.parent)
        if fresh:
            _sync_folder(self.folder)
        return Stored(sha256, size, new=True)

    def _cannot_write(self, error: OSError) -> WorkspaceError:
        fr, en = disk_reason(error)
        return WorkspaceError(
            folder=self.folder.parent,
            problem_fr=f"écriture impossible ({fr}). Libérez de la place ou rebranchez le disque, "
            "puis relancez : rien de ce qui était enregistré n'est perdu.",
            problem_en=f"can't be written ({en}). Free some space or plug the disk in again, "
            "then start again: nothing that was recorded is lost.",
        )


def _sync_folder(folder: Path) -> None:
    """Make a rename durable (POSIX; Windows has no such call and needs none)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _owner(path: Path) -> int:
    """The process that was writing a temporary file; 0, which never runs, when its name does not say."""
    number = path.name.removeprefix(PART).split("-")[0]
    return int(number) if number.isdigit() else 0
