"""The examiner's folder, as people really name and fill it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from classifier.folder import files_under, read_folder
from core.errors import FolderError
from tests.classifier.made_photos import kind
from tests.made import saved


def test_names_count_without_case_accents_and_spaces_and_the_reading_is_told(tmp_path: Path) -> None:
    for name in ("OK ", "À Retoucher", " Exclure"):
        saved(tmp_path / name / "a.png", kind("ok", 1))
    found = read_folder(tmp_path)
    assert [photo.label for photo in found.photos] == ["ok", "retoucher", "exclure"]
    assert [notice.en for notice in found.notices] == [
        "“OK ” is read as “ok”.", "“À Retoucher” is read as “retoucher”.", "“ Exclure” is read as “exclure”.",
    ]  # fmt: skip


def test_photos_deeper_down_count_for_their_class_and_hidden_ones_do_not(tmp_path: Path) -> None:
    for name in ("ok/jour 1/stands/a.png", "ok/.cache/b.png", "ok/._c.png", "retoucher/d.png", "exclure/e.png"):
        saved(tmp_path / name, kind("ok", 1))
    found = read_folder(tmp_path)
    assert [photo.path.name for photo in found.photos] == ["a.png", "d.png", "e.png"]
    assert found.notices == ()


def test_missing_empty_and_extra_folders_and_strange_files_are_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    saved(tmp_path / "ok" / "a.png", kind("ok", 1))
    saved(tmp_path / "loose.png", kind("ok", 1))
    saved(tmp_path / "divers" / "b.png", kind("ok", 1))
    (tmp_path / "ok" / "notes.txt").write_text("x")
    (tmp_path / "exclure").mkdir()
    found = read_folder(tmp_path)
    assert [photo.path.name for photo in found.photos] == ["a.png"]
    told = " ".join(notice.fr for notice in found.notices)
    for words in (
        "« retoucher » manque", "« exclure » ne contient aucune photo", "« divers » n'est pas une des trois",
        "1 photo(s) à côté", "notes.txt",
    ):  # fmt: skip
        assert words in told


@pytest.mark.parametrize("layout", ["nothing", "others", "empty"])
def test_a_folder_that_cannot_be_evaluated_is_refused_with_what_is_in_it(tmp_path: Path, layout: str) -> None:
    folder = tmp_path / "data"
    expected = "does not exist"
    if layout == "others":
        (folder / "photos").mkdir(parents=True)
        expected = "it holds: photos"
    if layout == "empty":
        for name in ("ok", "retoucher", "exclure"):
            (folder / name).mkdir(parents=True)
        expected = "hold no photo"
    with pytest.raises(FolderError, match=expected):
        read_folder(folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes as files on this system")
def test_pipes_and_devices_are_left_out_and_a_dead_link_is_still_told(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "zero.jpg").symlink_to("/dev/zero")
    (tmp_path / "dead.jpg").symlink_to(tmp_path / "nowhere.jpg")
    assert [path.name for path in files_under(tmp_path)] == ["dead.jpg", "photo.jpg"]
