"""Disks for tests: a small one that really fills up, mounted where the tests may."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted(place: Path, size: str) -> Iterator[Path]:
    """A memory disk of a size ("8m") at ``place``; skips the test where mounting is not allowed."""
    place.mkdir()
    if sys.platform != "linux":
        pytest.skip("memory disks are mounted on Linux only")
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def read_only(place: Path) -> None:
    """Lock a mounted disk."""
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)


def fill(folder: Path, leaving: int = 0) -> Path:
    """Fill the disk of a folder but for about ``leaving`` bytes; remove the returned file to free it."""
    ballast = folder / "ballast.bin"
    step = 1 << 16
    with ballast.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(b"\0" * step)
        except OSError:
            pass  # full: that is what was wanted
    if leaving:
        with ballast.open("rb+") as out:
            out.truncate(max(0, ballast.stat().st_size - leaving))
    return ballast
