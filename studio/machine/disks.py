"""Where a backup may go, and when the last one was made."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import psutil

from core.files import write_bytes
from studio.backup import Backup
from studio.space import free_bytes
from studio.workspace import Workspace

_NOT_FOR_FILES = frozenset({"squashfs", "iso9660", "tmpfs", "devtmpfs", "overlay", "ramfs", "cdfs", "udf", "autofs"})
_SYSTEM = ("/boot", "/snap", "/proc", "/sys", "/dev", "/run/user", "/System", "/private", "/var/lib", "/etc")
LAST = "last-backup.json"
"""In the workspace: where and when its last backup was made."""


@dataclass(frozen=True, slots=True)
class Disk:
    """A mounted disk that can be written. same: it holds the workspace too, so it would fail with it."""

    path: Path
    free: int
    same: bool


@dataclass(frozen=True, slots=True)
class LastBackup:
    """When (ISO 8601) and where. there: its folder can be reached now."""

    made: str
    where: str
    there: bool


def disks(workspace: Path) -> tuple[Disk, ...]:
    """Mounted disks that can be written, those that don't hold the workspace first."""
    own = _device(workspace)
    found: dict[int, Disk] = {}
    for part in psutil.disk_partitions(all=False):
        path = Path(part.mountpoint)
        if part.fstype in _NOT_FOR_FILES or "ro" in part.opts.split(",") or _is_system(path):
            continue
        device = _device(path)
        if device in found or not path.is_dir():
            continue
        same = device == own
        # The system's disk is written in the workspace's neighbourhood, never at its root.
        target = workspace.expanduser().absolute().parent if same else path
        if not os.access(target, os.W_OK):
            continue
        try:
            found[device] = Disk(target, free_bytes(target), same)
        except OSError:
            continue  # unplugged in between, or a network disk that sleeps: it can't be offered now
    return tuple(sorted(found.values(), key=lambda disk: (disk.same, str(disk.path))))


def target(disk: Path, workspace: Workspace) -> Path:
    """The backup's folder on a disk: the same every time, so that only what is new is copied."""
    return disk / f"sauvegarde-paddock-{workspace.name}"


def remember(workspace: Workspace, made: Backup) -> None:
    """Write down in the workspace that a backup was made."""
    told = {"made": made.made, "where": str(made.folder)}
    write_bytes(workspace.folder / LAST, json.dumps(told, ensure_ascii=False).encode())


def last(workspace: Workspace) -> LastBackup | None:
    """The last backup that was remembered, None when there is none."""
    path = workspace.folder / LAST
    if not path.is_file():
        return None
    try:
        told = json.loads(path.read_text("utf-8"))
        return LastBackup(str(told["made"]), str(told["where"]), Path(told["where"]).is_dir())
    except (ValueError, KeyError, TypeError):
        return None  # written by hand or cut short: as if none had been remembered, the next one writes it anew


def _device(path: Path) -> int:
    """Number of the file system that a folder, or the nearest one above it, lies on; -1 when it can't be asked."""
    there = path.expanduser().absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        return there.stat().st_dev
    except OSError:
        return -1


def _is_system(path: Path) -> bool:
    return any(path == Path(root) or path.is_relative_to(root) for root in _SYSTEM)
