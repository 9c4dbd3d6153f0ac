"""A folder of hostile files through the command line: nothing breaks, bad files are told, good photos are in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from audit.verify import Verification
from studio.photos import list_photos
from studio.workspace import Workspace
from tests.hostile import good_photos, hostile_files, write
from tests.hostile.answer import shortcomings
from tests.page.served import ROOT

pytestmark = pytest.mark.slow
FILES = hostile_files()


def _import(path: Path, workspace: Path, *, seconds: float) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "app", "import", str(path), "--workspace", str(workspace), "--lang", "fr"]
    return subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=seconds, check=False,
    )  # fmt: skip


def _messages(told: str) -> list[str]:
    """The listed errors; a name may hold a line's end, so they are parted by their indentation."""
    return [f"« {part}" for part in told.split("\n  « ")[1:]]


def _verified(workspace: Path) -> tuple[Verification, list[str]]:
    opened = Workspace.open(workspace, create=False)
    try:
        return opened.verify(), [photo.name for photo in list_photos(opened)]
    finally:
        opened.close()


def test_there_are_enough_hostile_files_and_no_two_of_one_name() -> None:
    assert len(FILES) >= 60
    assert len({file.name for file in FILES}) == len(FILES)


def test_a_folder_of_hostile_files_gives_its_good_photos_and_names_the_others(tmp_path: Path) -> None:
    folder, workspace = tmp_path / "carte", tmp_path / "desk"
    folder.mkdir()
    made = write(folder, FILES)
    for name, data in good_photos().items():
        (folder / name).write_bytes(data)
    done = _import(folder, workspace, seconds=500)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    verification, names = _verified(workspace)
    files = [file for file in FILES if file.name in made]
    assert len(files) >= 60
    assert shortcomings(files, good_photos(), names, _messages("\n" + done.stderr)) == []
    assert verification.problems == ()
    assert not list((workspace / "tmp").rglob("*.jpg")), "nothing of an archive is left unpacked"


@pytest.mark.parametrize("name", ["tube.jpg", "lien-zéro.jpg", "dossier.jpg"])
def test_what_is_no_photo_file_is_refused_when_it_is_named_itself(name: str, tmp_path: Path) -> None:
    (file,) = (file for file in FILES if file.name == name)
    made = write(tmp_path, [file])
    if name not in made:
        pytest.skip("this system has no such thing")
    done = _import(made[name], tmp_path / "desk", seconds=120)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert name in done.stderr
