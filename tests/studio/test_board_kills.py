"""kill -9 while uploads arrive, are taken in and judged: every acknowledged photo is there once, with its verdict."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np

from studio.desk import CODE
from studio.photos import list_photos
from tests.studio.board_child import opened
from tests.studio.waiting import until

KILLS = 8


def test_uploads_that_were_acknowledged_outlive_kills_and_are_judged(tmp_path: Path) -> None:
    folder, uploads = tmp_path / "atelier", tmp_path / "envois"
    uploads.mkdir()
    chance = np.random.default_rng(24)
    promised: dict[str, str] = {}
    for number in range(KILLS):
        command = [sys.executable, "-m", "tests.studio.board_child", str(folder), str(uploads), str(number)]
        child = subprocess.Popen(command, cwd=CODE, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        try:
            child.wait(float(chance.uniform(0.02, 0.6)))
        except subprocess.TimeoutExpired:
            child.kill()
        rest, _ = child.communicate()
        assert child.returncode == -9  # it ended by the kill and by nothing else
        # A line cut in the middle was not acknowledged.
        promised |= dict(line.rstrip("\n").split(" ") for line in rest.splitlines(True) if line.endswith("\n"))
    jobs = opened(folder)
    until(lambda: not any(job.active for job in jobs.all()))
    workspace = jobs.desk.workspace
    photos = {photo.sha: photo for photo in list_photos(workspace)}
    assert len(promised) > KILLS
    assert {sha: photos[sha].name for sha in promised if sha in photos} == promised
    assert [photo.name for photo in photos.values() if not photo.model_label] == []
    imported = Counter(event.subject for event in workspace.events() if event.action == "import")
    assert set(imported.values()) == {1}
    assert [path for path in workspace.incoming.rglob("*") if path.is_file()] == []
    assert workspace.verify().holds
    jobs.close()
    workspace.close()
