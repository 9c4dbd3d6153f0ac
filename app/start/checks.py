"""What is looked at before anything is installed: the folder, its path, this Python, the room on the disk."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path

from app.start.environment import INPUTS
from app.start.obstacle import Obstacle
from app.start.voice import size
from core.errors import Language

NEEDED = 5_000_000_000
"""Bytes free for a first installation; 4.1 GB are used on Linux without CUDA."""
NEEDED_AGAIN = 1_000_000_000
DEEPEST = 200
"""Characters of the longest path from .venv on: an include file of TensorFlow's, as Windows lays it out."""
WINDOWS_LIMIT = 260


def check_folder(root: Path, *, windows: bool = os.name == "nt") -> None:
    """Raises Obstacle when the folder is not whole, can't be written, or lies where nothing can be installed."""
    missing = [name for name in INPUTS if not (root / name).is_file()]
    if missing:
        raise Obstacle("incomplete", folder=root, file=missing[0])
    if not windows and os.pathsep in str(root):
        raise Obstacle("path_sign", folder=root, sign=os.pathsep)
    if windows and len(str(root)) + DEEPEST >= WINDOWS_LIMIT and not _long_paths():
        raise Obstacle("path_long", folder=root, length=len(str(root)), most=WINDOWS_LIMIT - DEEPEST - 1)
    try:
        handle, probe = tempfile.mkstemp(dir=root, prefix=".paddock-")
    except OSError as error:
        raise Obstacle("not_writable", folder=root, why=error.strerror or error) from error
    os.close(handle)
    Path(probe).unlink()


def check_python(*, bits: int = sys.maxsize.bit_length() + 1) -> None:
    """Raises Obstacle for a 32-bit Python, and for one that can't make environments (Debian splits that off)."""
    if bits < 64:
        raise Obstacle("python_32", python=sys.executable)
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise Obstacle("no_venv", version=version, python=sys.executable)


def check_room(folder: Path, needed: int, language: Language) -> None:
    """Raises Obstacle when fewer than ``needed`` bytes are free on the folder's disk."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Obstacle("disk", folder=folder, free=size(free, language), needed=size(needed, language))


def _long_paths() -> bool:
    """Whether this Windows was told to allow paths of more than 260 characters."""
    if sys.platform != "win32":
        return False
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SYSTEM\CurrentControlSet\Control\FileSystem") as key:
            return bool(winreg.QueryValueEx(key, "LongPathsEnabled")[0])
    except OSError:
        return False  # the value is absent: the old limit holds
