"""What a second process does in the workspace's tests."""

from __future__ import annotations

from pathlib import Path

from studio.workspace import Workspace


def record_many(folder: str, who: str, times: int) -> None:
    workspace = Workspace.open(Path(folder))
    for number in range(times):
        workspace.record("decide", who=who, subject=f"{number:064x}", parameters={"label": "ok"})
    workspace.close()
