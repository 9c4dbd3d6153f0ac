"""Writing files so that they appear whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from pathlib import Path

from core.errors import WorkspaceError
from core.processes import is_running

PART = ".part-"
"""How the name of a file begins that is being written; the number of the process that writes it follows."""


def shown_name(name: str) -> str:
    """A name that can be written anywhere: bytes that are no UTF-8 (old cards and keys) become a mark."""
    name = re.sub("[\ud800-\udc7f\udd00-\udfff]", "\ufffd", name)  # halves of a character, as Windows allows them
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def write_bytes(path: Path, data: bytes, *, inside: Path | None = None) -> Path:
    """Write a file so that it appears whole or not at all: temporary file, fsync, rename.

    inside: a folder above it that must be there already (FileNotFoundError), so that what lay on an
    unplugged disk is not begun anew where the disk was; without it every missing folder is made.
    """
    if inside is not None and not inside.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(inside))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f"{PART}{os.getpid()}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        set_mode(Path(temporary), 0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def is_writable(folder: Path) -> bool:
    """True when a file can be made in the folder. Tried for real: permissions alone don't tell a locked card."""
    try:
        handle, name = tempfile.mkstemp(dir=folder, prefix=f"{PART}{os.getpid()}-")
    except OSError as error:
        # A full disk is writable: its errors say what it is when something is written.
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    os.close(handle)
    Path(name).unlink(missing_ok=True)
    return True


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder durable (POSIX; Windows has no such call and needs none)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # network shares and some keys know no such call
            raise
    finally:
        os.close(handle)


def set_mode(path: Path, mode: int) -> None:
    """Set a file's permissions where its disk has any: a USB key's or a network share's may have none, and refuse."""
    try:
        path.chmod(mode)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EINVAL):
            raise


def folder_gone(folder: Path) -> WorkspaceError:
    """A workspace's folder is no longer where it was, or another one lies there."""
    return WorkspaceError(
        folder=folder,
        problem_fr="le dossier a disparu : clé débranchée, disque éteint, dossier déplacé ? Remettez-le "
        "au même endroit, puis recommencez. Rien n'a été écrit ailleurs ; ce qui était enregistré est sur ce disque.",
        problem_en="the folder has disappeared: key unplugged, disk switched off, folder moved? Put it back "
        "in the same place, then try again. Nothing was written elsewhere; what was recorded is on that disk.",
    )


def sweep_parts(folder: Path, pattern: str = "") -> int:
    """Remove temporary files that ended processes left in a folder, or in those below that match; returns how many."""
    left = [path for path in folder.glob(f"{pattern}{PART}*") if not is_running(_owner(path))]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _owner(path: Path) -> int:
    """The process that was writing a temporary file; 0, which never runs, when its name does not say."""
    number = path.name.removeprefix(PART).split("-")[0]
    return int(number) if number.isdigit() else 0
