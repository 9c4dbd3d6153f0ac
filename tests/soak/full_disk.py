"""A disk that fills up while the desk works: nothing acknowledged is lost, and each refusal says why.

The workspace lies on a small disk in memory (tmpfs), which only root may mount.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.soak import kills

MEGABYTES = 160
SPARE = (0, 40_000, 200_000, 1_000_000)
"""Bytes left free, in turn: enough for a record but not for a file, for a file but not for its record …"""
WORDS = ("le disque est plein", "pas assez de place sur ce disque")
"""Every refusal must say one of these."""


class NoSmallDisk(Exception):
    """This system, or this account, can't mount a disk in memory; the message says why."""


@contextmanager
def small_disk(folder: Path, megabytes: int = MEGABYTES) -> Iterator[Path]:
    """A tmpfs of so many megabytes mounted on ``folder``; raises NoSmallDisk."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        raise NoSmallDisk("mounting a disk in memory needs root")
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise NoSmallDisk("there is no mount command") from error
    if done.returncode != 0:
        raise NoSmallDisk(done.stderr.strip())
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def run(disk: Path, scratch: Path, seed: int, *, rounds: int = 4, acts: int = 25) -> dict[str, Any]:
    """Work, fill the disk, go on working, make room again, work: so many rounds, each with a new workspace.

    Returns figures, and what was wrong.
    """
    chance = random.Random(seed)
    done, refused, problems = 0, Counter[str](), []
    for number in range(rounds):
        workspace, acknowledged = disk / f"desk-{number}", scratch / f"acknowledged-{number}"
        acknowledged.write_bytes(b"")
        for full in (False, True, False):
            filler = disk / "filler"
            lines = _work(workspace, scratch, chance, acts, (filler, SPARE[number % len(SPARE)]) if full else None)
            filler.unlink(missing_ok=True)
            with acknowledged.open("a", encoding="utf-8") as out:
                out.writelines(kills.as_line(line) for line in lines if "done" in line)
            done += sum("done" in line for line in lines)
            told = [line for line in lines if "refused" in line]
            refused.update(line["kind"] for line in told)
            problems += [line["fr"] for line in told if not full or not any(words in line["fr"] for words in WORDS)]
            problems += (
                [] if full or any("done" in line for line in lines) else ["with room again, nothing could be done"]
            )
            problems += kills.look(workspace, acknowledged)["problems"]
        shutil.rmtree(workspace)
    return {"acknowledged_acts": done, "refused_by_kind": dict(sorted(refused.items())), "lost": len(problems),
            "losses": problems[:20]}  # fmt: skip


def fill(path: Path, spare: int) -> None:
    """A file that leaves so many bytes free on its disk, on which others are writing meanwhile."""
    with path.open("wb") as out:
        while True:
            facts = os.statvfs(path.parent)
            wanted = facts.f_bavail * facts.f_frsize - spare
            if wanted <= 0:
                return
            try:
                os.posix_fallocate(out.fileno(), 0, wanted)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                continue  # somebody took some of it in between
            return


def _work(
    workspace: Path, scratch: Path, chance: random.Random, acts: int, filling: tuple[Path, int] | None
) -> list[dict[str, Any]]:
    """What a child told of so many acts. filling: the file that takes the room once the desk is open, its rest."""
    made = scratch / "made"
    made.mkdir(exist_ok=True)
    process = kills.start(
        "tests.soak.child", str(workspace), str(made), str(chance.getrandbits(32)), str(acts), SOAK_RESERVE="0"
    )
    assert process.stdout is not None
    head = process.stdout.readline()
    if filling is not None:
        fill(*filling)
    told, _ = process.communicate(timeout=300)
    lines = kills.parsed(head + told)
    if process.returncode != 0:
        lines.append({"refused": "the child", "kind": "crash", "fr": f"exit {process.returncode}"})
    return lines
