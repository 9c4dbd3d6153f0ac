"""What a stop or a full disk leaves outside the store: nothing half made, and words that say what to do."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import EngineFailed, FolderError, WorkspaceError
from core.files import PART, sweep_parts
from studio.desk import Desk
from studio.exporting import export_audit_zip
from studio.importing import import_photos
from studio.refusals import writing_in
from studio.selecting import keep_mask
from studio.serving import failed
from studio.workspace import Workspace
from tests.made import mask_png, saved, scene

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_half_written_files_of_ended_processes_are_swept_and_those_of_running_ones_stay(tmp_path: Path) -> None:
    left, ours = tmp_path / f"{PART}{_ended_process()}-x", tmp_path / f"{PART}{os.getpid()}-x"
    nameless, other = tmp_path / f"{PART}x", tmp_path / "photo.jpg"
    for path in (left, ours, nameless, other):
        path.write_bytes(b"half")
    assert sweep_parts(tmp_path) == 2
    assert sorted(tmp_path.iterdir()) == sorted([ours, other])


def test_opening_a_desk_sweeps_what_a_kill_left_beside_the_ledger_and_among_the_previews(workspace: Workspace) -> None:
    places = [workspace.folder, workspace.previews / "ab", workspace.previews / "styles", workspace.folder / "store"]
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{PART}{_ended_process()}-x").write_bytes(b"half")
    workspace.clean()
    assert list(workspace.folder.rglob(f"{PART}*")) == []


def test_an_export_that_stops_halfway_leaves_no_zip_that_could_be_handed_over(
    desk: Desk, photos_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_photos(desk, [photos_folder])

    def half(base: str, kind: str, folder: object) -> str:
        Path(f"{base}.zip").write_bytes(b"PK half")
        raise FULL

    monkeypatch.setattr(shutil, "make_archive", half)
    with pytest.raises(WorkspaceError, match="the disk is full"):
        export_audit_zip(desk)
    assert list(desk.workspace.exports.glob("*")) == []
    assert [path for path in desk.workspace.tmp.rglob("*") if path.is_file()] == []
    monkeypatch.undo()
    assert export_audit_zip(desk).stat().st_size > 1000


def test_a_mask_that_the_disk_refuses_is_told_in_words_and_not_recorded(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (photo,) = import_photos(desk, [saved(tmp_path / "a.jpg", scene(40, 30))]).added
    before = desk.workspace.head()

    def refuse(*_: object, **__: object) -> Path:
        raise FULL

    monkeypatch.setattr("studio.selecting.write_bytes", refuse)
    with pytest.raises(WorkspaceError, match="the disk is full"):
        keep_mask(desk, photo, photo, mask_png(np.ones((30, 40), bool)))
    assert desk.workspace.head() == before


def test_only_the_disk_s_refusals_are_reworded(tmp_path: Path) -> None:
    own = FolderError(folder=tmp_path, problem_fr="vide", problem_en="empty")
    with pytest.raises(FolderError) as caught, writing_in(tmp_path):
        raise own
    assert caught.value is own
    with pytest.raises(WorkspaceError) as told, writing_in(tmp_path):
        raise FULL
    assert "le disque est plein" in told.value.message("fr")


def test_a_task_that_the_disk_refuses_says_so_and_other_surprises_keep_their_name() -> None:
    error = failed("style", FULL)
    assert isinstance(error, EngineFailed)
    assert "s'est arrêté : le disque est plein." in error.message("fr")
    assert "(ZeroDivisionError: by nothing)" in failed("style", ZeroDivisionError("by nothing")).message("fr")
