"""The content-addressed store: every source and every intermediate step, byte-identical and read-only.

A file lives at ``store/ab/abcdef…`` under its own SHA-256. It is written to a temporary file in the
same folder, flushed to the disk, then renamed, so a crash leaves either nothing or the whole file.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.errors import AuditError, WorkspaceError, disk_reason
from core.files import PART, folder_gone, set_mode, sweep_parts, sync_folder

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of the store. new: False when the same bytes were there already."""

    sha256: str
    size: int
    new: bool


class Store:
    """Files by the hash of their bytes, below one folder."""

    def __init__(self, folder: Path, *, before_writing: Callable[[], None] = lambda: None) -> None:
        """before_writing: raises when nothing may be written now (the disk is gone, or only to be read)."""
        self.folder = folder
        self._before_writing = before_writing

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
        """The path of a stored file; raises AuditError when it is gone, WorkspaceError when the whole store is."""
        path = self.path(sha256)
        if not path.is_file():
            if not self.folder.is_dir():
                raise folder_gone(self.folder.parent)
            raise AuditError(
                problem_fr=f"le fichier {sha256[:12]}… manque dans le dépôt ; restaurez une sauvegarde.",
                problem_en=f"the file {sha256[:12]}… is missing from the store; restore a backup.",
            )
        return path

    def add(self, source: Path, *, expected: str = "") -> Stored:
        """Copy a file in and return its hash; adding the same bytes twice keeps one copy.

        expected: the hash that it must have. Raises OSError when the source can't be read, WorkspaceError
        when the store can't be written, AuditError when the bytes are not the expected ones.
        """
        with source.open("rb") as stream:
            return self._keep(iter(lambda: stream.read(_BLOCK), b""), expected)

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
        return sweep_parts(self.folder)

    def _keep(self, blocks: Iterator[bytes], expected: str = "") -> Stored:
        """Write blocks to a temporary file and settle it; what reading the next block raises is passed on."""
        self._before_writing()
        digest, size = hashlib.sha256(), 0
        temporary = self._temporary()
        try:
            # Unbuffered: closing a buffer that a full disk refused would raise again, without our words.
            with temporary.open("wb", buffering=0) as out:
                for block in blocks:
                    digest.update(block)
                    size += len(block)
                    with self._writing():
                        _write_all(out, block)
                with self._writing():
                    os.fsync(out.fileno())
            if expected and digest.hexdigest() != expected:
                raise AuditError(
                    problem_fr=f"le fichier {expected[:12]}… n'est plus celui qui avait été enregistré.",
                    problem_en=f"the file {expected[:12]}… is no longer the one that was recorded.",
                )
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
            self.folder.mkdir(exist_ok=True)  # never its parents: they are the workspace, or an unplugged key
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
        set_mode(temporary, 0o444)
        temporary.replace(final)
        sync_folder(final.parent)
        if fresh:
            sync_folder(self.folder)
        return Stored(sha256, size, new=True)

    def _cannot_write(self, error: OSError) -> WorkspaceError:
        if not self.folder.parent.is_dir():
            return folder_gone(self.folder.parent)
        fr, en = disk_reason(error)
        return WorkspaceError(
            folder=self.folder.parent,
            problem_fr=f"écriture impossible ({fr}). Libérez de la place ou rebranchez le disque, "
            "puis relancez : rien de ce qui était enregistré n'est perdu.",
            problem_en=f"can't be written ({en}). Free some space or plug the disk in again, "
            "then start again: nothing that was recorded is lost.",
        )


def _write_all(out: io.FileIO, block: bytes) -> None:
    """Write a whole block; a raw file may take only a part at a time. Raises OSError."""
    left = memoryview(block)
    while left:
        left = left[out.write(left) :]
