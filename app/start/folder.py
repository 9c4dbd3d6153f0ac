"""A kit: the USB folder with wheels, models, the project and kit.json, which lists every file with its sha256."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from app.start.obstacle import Obstacle

RECORD = "kit.json"
PROJECT = "paddock"
WHEELS = "wheels"
MODELS = "models"
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a kit. path: relative, with "/". bytes: its size."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Kit:
    """A kit that lies in ``folder``. python: "3.11"; system: as ``this_system`` says it."""

    folder: Path
    python: str
    system: str
    files: tuple[Entry, ...]

    def part(self, name: str) -> tuple[Entry, ...]:
        """The files below one folder of the kit."""
        return tuple(entry for entry in self.files if entry.path.startswith(f"{name}/"))


def this_system() -> str:
    """The system that wheels are made for, such as "linux x86_64"."""
    return f"{sys.platform} {platform.machine().lower()}"


def this_python() -> str:
    """ "3.11" for any 3.11."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def find_kit(root: Path) -> Kit | None:
    """The kit that this project folder is part of, None when it is part of none. Raises Obstacle when it is damaged."""
    record = root.parent / RECORD
    if root.name != PROJECT or not record.is_file():
        return None
    return read_kit(root.parent)


def read_kit(folder: Path) -> Kit:
    """Read kit.json. Raises Obstacle when it is damaged or leads out of the kit."""
    try:
        said = json.loads((folder / RECORD).read_text("utf-8"))
        files = tuple(Entry(str(e["path"]), int(e["bytes"]), str(e["sha256"])) for e in said["files"])
        kit = Kit(folder, str(said["python"]), str(said["system"]), files)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Obstacle("kit_damaged", file=folder / RECORD) from error
    for entry in files:
        if entry.path.startswith("/") or ".." in entry.path.split("/") or "\\" in entry.path or ":" in entry.path:
            raise Obstacle("kit_damaged", file=folder / RECORD)
    return kit


def find_wheels(root: Path) -> Path | None:
    """The folder ``wheels`` in the project or beside it, when there is a wheel in it."""
    for folder in (root / WHEELS, root.parent / WHEELS):
        if folder.is_dir() and next(folder.glob("*.whl"), None):
            return folder.resolve()
    return None


def sha256(path: Path) -> str:
    """Hex digest of a file's content."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(CHUNK):
            digest.update(block)
    return digest.hexdigest()


def differences(kit: Kit) -> list[str]:
    """Paths of the kit's files that are missing or not what kit.json recorded."""
    wrong = []
    for entry in kit.files:
        path = kit.folder / entry.path
        if not path.is_file() or path.stat().st_size != entry.bytes or sha256(path) != entry.sha256:
            wrong.append(entry.path)
    return wrong
