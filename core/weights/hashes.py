"""Hashes of files and of sets of files; those of large files are remembered by size and date."""

from __future__ import annotations

import fnmatch
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from core.canonical import sha256_of_file, sha256_of_text
from core.files import write_bytes

LARGE = 64_000_000
"""Bytes from which on a hash is remembered: below, hashing takes less than a tenth of a second."""


def files_of(folder: Path, patterns: Iterable[str], ignored: Iterable[str] = ()) -> tuple[str, ...]:
    """Relative names, sorted, of the files in a folder that fit a pattern and none of the ignored."""
    patterns, ignored = tuple(patterns), tuple(ignored)
    found = set()
    for pattern in patterns:
        for path in folder.glob(pattern):
            name = path.relative_to(folder).as_posix()
            base = path.name
            if path.is_file() and not any(fnmatch.fnmatchcase(base, skip) for skip in ignored):
                found.add(name)
    return tuple(sorted(found))


def set_hash(hashes: Mapping[str, str]) -> str:
    """One hash for a set: the file's own when it is alone, else that of its sorted "hash  name" lines."""
    if len(hashes) == 1:
        return next(iter(hashes.values()))
    return sha256_of_text("".join(f"{line}\n" for line in sorted(f"{value}  {name}" for name, value in hashes.items())))


def md5_of_file(path: Path) -> str:
    """Hexadecimal MD5, for the one publisher who gives no better; never the only check on later loads."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def hashes_of(folder: Path, names: Iterable[str], memory: Path, *, fresh: bool = False) -> dict[str, str]:
    """SHA-256 by relative name.

    memory: JSON file that remembers large files by path, size and date; fresh: hash all again.
    """
    remembered = _read(memory)
    known = dict(remembered)
    hashes = {}
    for name in names:
        path = folder / name
        status = path.stat()
        key = f"{path.resolve()}|{status.st_size}|{status.st_mtime_ns}"
        if status.st_size < LARGE:
            hashes[name] = sha256_of_file(path)
            continue
        if fresh or key not in known:
            known[key] = sha256_of_file(path)
        hashes[name] = known[key]
    if known != remembered:
        write_bytes(memory, json.dumps(known, indent=1, sort_keys=True).encode())
    return hashes


def memory_beside(folder: Path | None) -> Path:
    """Where hashes are remembered: beside the lock, or in the user's cache when that can't be written."""
    if folder is not None and folder.is_dir() and os.access(folder, os.W_OK):
        return folder / ".weights-hashes.json"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "paddock" / "weights-hashes.json"


def _read(memory: Path) -> dict[str, str]:
    try:
        content = json.loads(memory.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}  # a memory only: what is not there, or damaged, is computed again
    return {str(key): str(value) for key, value in content.items()} if isinstance(content, dict) else {}
