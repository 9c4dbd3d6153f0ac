"""The workspaces of this machine: which there are and how they are, making a new one, opening one only to read."""

from __future__ import annotations

import os
import re
import sqlite3
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import ChoiceError
from core.files import is_writable
from core.processes import is_running
from studio import database as db
from studio.backup_folder import is_backup
from studio.space import free_bytes
from studio.workspace import Workspace

State = Literal["free", "open", "readonly", "damaged", "backup"]
MAX_NAME = 80
"""Characters of a workspace's name."""
_NEVER = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
"""What some system does not take in a file's name."""
_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}
"""Names that Windows keeps for devices, whatever their extension."""
_NEARLY_FULL = 2 << 20
"""Free bytes below which a database can't be opened to work (its shared memory needs room)."""


@dataclass(frozen=True, slots=True)
class Known:
    """A workspace that was found. last: time of the newest event, "" when there is none; size: bytes of its files;
    free: bytes left on its disk; state: "open" while a page or command runs on it on this machine."""

    folder: Path
    name: str
    photos: int
    events: int
    last: str
    size: int
    free: int
    state: State


def list_workspaces(root: Path) -> tuple[Known, ...]:
    """The workspaces directly below a folder, by name; none when the folder is not there."""
    if not root.is_dir():
        return ()
    found = [folder for folder in root.iterdir() if (folder / db.NAME).is_file()]
    return tuple(look(folder) for folder in sorted(found, key=lambda folder: folder.name.casefold()))


def look(folder: Path) -> Known:
    """What can be told of one workspace at once; nothing in it is changed."""
    photos = events = 0
    last = ""
    state: State = "open" if holders(folder) else "free" if is_writable(folder) else "readonly"
    if is_backup(folder):
        state = "backup"
    try:
        reading = db.connect_to_read(folder)
        try:
            photos = reading.connection.execute("SELECT COUNT(*) FROM photos").fetchone()[0]
            row = reading.connection.execute(
                "SELECT seq, json_extract(body, '$.time') FROM events ORDER BY seq DESC LIMIT 1"
            ).fetchone()
        finally:
            reading.close()
        events, last = row or (0, "")
    except (sqlite3.Error, OSError):
        state = "damaged"  # shown as such; « check » says what it is
    return Known(folder, folder.name, int(photos), int(events), str(last), _bytes(folder), free_bytes(folder), state)


def new_workspace(name: str, root: Path) -> Path:
    """Make an empty workspace ``root/name``; returns its folder. Raises ChoiceError for a name that can't be."""
    name = unicodedata.normalize("NFC", name).strip()
    problem = _problem_of(name, root)
    if problem:
        raise ChoiceError(problem_fr=problem[0], problem_en=problem[1])
    Workspace.open(root / name).close()
    return root / name


def open_to_read(folder: Path) -> Workspace:
    """Open a workspace for verification, export or tracing: read-only where its disk can't be written, and a backup.

    Raises WorkspaceError.
    """
    folder = folder.expanduser().absolute()
    there = (folder / db.NAME).is_file()
    readonly = there and (is_backup(folder) or not is_writable(folder) or free_bytes(folder) < _NEARLY_FULL)
    return Workspace.open(folder, create=False, readonly=readonly)


def holders(folder: Path) -> tuple[int, ...]:
    """Processes of this machine, other than this one, that work in a workspace: those whose tmp/PID is there.

    The number of a process that was killed may have been given to another programme: then it is told in vain.
    """
    below = folder / "tmp"
    numbers = sorted(int(path.name) for path in below.glob("*") if path.name.isdigit())
    return tuple(number for number in numbers if number != os.getpid() and is_running(number))


def _problem_of(name: str, root: Path) -> tuple[str, str] | None:
    """Why a name can't be a workspace's, in French and English."""
    if not name:
        return "donnez un nom à l'espace de travail.", "give the workspace a name."
    if found := _NEVER.search(name):
        sign = found.group()
        shown = sign if sign.isprintable() else "caractère invisible"
        return (
            f"« {name} » contient « {shown} », qu'un nom de dossier ne peut pas contenir ; écrivez par exemple "
            "« 24h-2026 ».",
            f"“{name}” contains “{sign if sign.isprintable() else 'an invisible character'}”, which no folder's name "
            "can contain; write for example “24h-2026”.",
        )
    if len(name) > MAX_NAME or len(name.encode()) > 2 * MAX_NAME:
        return f"ce nom est trop long ; {MAX_NAME} caractères au plus.", f"this name is too long; {MAX_NAME} at most."
    if name.startswith((".", "-")) or name.endswith("."):
        return (
            f"« {name} » commence par un point ou un tiret, ou finit par un point ; choisissez un autre nom.",
            f"“{name}” begins with a dot or a dash, or ends with a dot; choose another name.",
        )
    if name.split(".")[0].upper() in _DEVICES:
        return f"Windows se réserve le nom « {name} » ; choisissez-en un autre.", f"Windows keeps the name “{name}”."
    taken = {_folded(path.name) for path in root.iterdir()} if root.is_dir() else set()
    if _folded(name) in taken:
        return (
            f"« {name} » existe déjà dans « {root} » ; choisissez un autre nom.",
            f"“{name}” is already there in “{root}”; choose another name.",
        )
    return None


def _folded(name: str) -> str:
    """A name as systems that ignore case and the writing of accents compare it."""
    return unicodedata.normalize("NFC", name).casefold()


def _bytes(folder: Path) -> int:
    """Bytes of all files below a folder; what vanishes meanwhile counts as nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(place) / name).lstat().st_size
            except OSError:
                continue
    return total
