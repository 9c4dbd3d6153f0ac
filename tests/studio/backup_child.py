"""What other processes do in the tests of backups."""

from __future__ import annotations

import os
from pathlib import Path

from audit.ledger import Item
from studio import backup, backup_folder
from studio.backup import backup_workspace
from studio.workspace import Workspace


def keep_writing(folder: str, started: object, stop: object) -> None:
    """Store and record as fast as it goes, each event naming a file of its own, until told to stop."""
    workspace = Workspace.open(Path(folder))
    number = 0
    while not stop.is_set():  # type: ignore[attr-defined]
        stored = workspace.store.add_bytes(f"{os.getpid()} {number}".encode() * 50)
        workspace.record("mask", who="B", subject="0" * 64, outputs=[Item(stored.sha256, "mask", "m.png", stored.size)])
        number += 1
        if number == 3:
            started.set()  # type: ignore[attr-defined]
    workspace.close()


def die_at(folder: str, out: str, step: int) -> None:
    """Back up, and be gone (as by kill -9) at the step-th act on the backup's disk."""
    left = [step]

    def dying(name: str, module: object) -> None:
        real = getattr(module, name)

        def act(*args: object, **kwargs: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                os._exit(137)
            return real(*args, **kwargs)

        setattr(module, name, act)

    for name in ("write_json", "write_head", "flush", "sync_folder", "copy_exports"):
        dying(name, backup)
    dying("add", backup.Store)
    dying("replace", backup.Path)
    assert backup_folder.write_bytes
    backup_workspace(Workspace.open(Path(folder)), Path(out))
