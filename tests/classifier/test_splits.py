"""Splits keep twins together, and a planted leak is found."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from classifier.annotations import Annotated, read_annotations
from classifier.config_file import read_config
from classifier.splits import Sides, by_groups, groups_of, refuse_leaks, split_photos
from core.errors import FolderError, SettingsError
from tests.classifier.made_photos import kind, labelled
from tests.made import saved, scene


def photos(folder: Path) -> Annotated:
    """Six different scenes, three a class, and a copy of the first under another name."""
    for number in range(6):
        saved(folder / "ab"[number % 2] / f"{number}.png", np.rot90(scene(96, 64, number), number % 3))
    shutil.copy(folder / "a" / "0.png", folder / "a" / "copy.png")
    return read_annotations(folder)


def test_a_planted_leak_is_found_and_both_photos_are_named(tmp_path: Path) -> None:
    data = photos(tmp_path)
    groups = groups_of(data)
    names = [path.name for path in data.photos]
    first, copy = names.index("0.png"), names.index("copy.png")
    assert groups[first] == groups[copy]
    learned = np.ones(len(names), dtype=np.bool_)
    refuse_leaks(data.photos, groups, Sides(learned, ~learned))
    learned[copy] = False
    with pytest.raises(FolderError, match=r"“0\.png” and “copy\.png” belong together"):
        refuse_leaks(data.photos, groups, Sides(learned, ~learned))
    refuse_leaks(data.photos, groups, Sides(learned, np.zeros_like(learned)))


@pytest.mark.parametrize("share", [0.5, 0.7, 0.8])
def test_each_class_is_split_by_the_share_and_groups_stay_whole(share: float) -> None:
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(300), rng.integers(1, 6, 300)).tolist()
    labels = (np.array(groups) % 3).astype(np.int64)
    training = by_groups(labels, groups, share, seed=4)
    for label in range(3):
        assert training[labels == label].mean() == pytest.approx(share, abs=0.02)
    sides = {(number, bool(side)) for number, side in zip(groups, training, strict=True)}
    assert len(sides) == 300
    assert (by_groups(labels, groups, share, seed=4) == training).all()
    assert (by_groups(labels, groups, share, seed=5) != training).any()


def test_stated_groups_join_what_pictures_do_not_show(tmp_path: Path) -> None:
    labelled(tmp_path, 3)
    rows = [f"{path.parent.name}/{path.name},{path.parent.name},car7" for path in sorted(tmp_path.rglob("*1.png"))]
    rows += [f"{path.parent.name}/{path.name},{path.parent.name}," for path in sorted(tmp_path.rglob("*2.png"))]
    (tmp_path / "all.csv").write_text("\n".join(["path,label,group", *rows]), "utf-8")
    groups = groups_of(read_annotations(tmp_path / "all.csv"))
    assert groups[0] == groups[1] == groups[2]
    assert sorted(Counter(groups[:3]).values()) == [3]


def test_a_csv_of_folds_decides_and_a_twin_of_a_photo_held_out_is_not_learned_from(tmp_path: Path) -> None:
    data = photos(tmp_path / "data")
    groups = groups_of(data)
    rows = {path.stem: "0" if path.stem in ("0", "copy", "1") else "1" for path in data.photos}
    file = tmp_path / "folds.csv"

    def split() -> Sides:
        file.write_text("id,fold\n" + "".join(f"{name},{fold}\n" for name, fold in rows.items()), "utf-8")
        return split_photos(data, groups, read_config(None, [f"split.folds={file}"]).split)

    def names(side: np.ndarray) -> set[str]:
        return {path.stem for path, inside in zip(data.photos, side, strict=True) if inside}

    sides = split()
    assert names(sides.held_out) == {"0", "copy", "1"}
    assert names(sides.learned) == {"2", "3", "4", "5"}
    assert sides.left_out == 0
    rows["copy"] = "1"
    sides = split()
    assert names(sides.held_out) == {"0", "1"}
    assert names(sides.learned) == {"2", "3", "4", "5"}
    assert sides.left_out == 1
    del rows["copy"]
    with pytest.raises(SettingsError, match=r"copy\.png"):
        split()
    with pytest.raises(SettingsError, match="exists"):
        split_photos(data, groups, read_config(None, ["split.folds=nowhere.csv"]).split)


def test_a_class_of_twins_only_cannot_be_split(tmp_path: Path) -> None:
    for number in range(4):
        saved(tmp_path / "a" / f"{number}.png", kind("retoucher", number))
        saved(tmp_path / "b" / f"{number}.png", kind("retoucher", 99))
    data = read_annotations(tmp_path)
    with pytest.raises(FolderError, match="the class “b” has too few distinct photos"):
        split_photos(data, groups_of(data), read_config().split)


def test_sub_folders_and_a_csv_say_the_same_for_any_classes(tmp_path: Path) -> None:
    for name in ("Audi R8", "Ram Van", "Fiat 500"):
        saved(tmp_path / name / "deep" / f"{name}.png", kind("ok", 1))
    data = read_annotations(tmp_path)
    assert data.classes == ("Audi R8", "Fiat 500", "Ram Van")
    assert data.labels.tolist() == [0, 1, 2]
    lines = [f"{path.relative_to(tmp_path)};{path.stem.replace('Ram', 'Ram C/V')};2" for path in data.photos]
    (tmp_path / "cars.csv").write_text("\ufefffichier;Classe;conf\n" + "\n".join(lines), "utf-8")
    listed = read_annotations(tmp_path / "cars.csv")
    assert listed.classes == ("Audi R8", "Fiat 500", "Ram C/V Van")
    assert (listed.photos, listed.weights.tolist()) == (data.photos, [0.5, 0.5, 0.5])


def test_the_three_verdicts_keep_their_order_and_their_odd_names(tmp_path: Path) -> None:
    labelled(tmp_path, 1)
    for name in ("Ok", "Exclure ", "À retoucher"):
        (tmp_path / name.strip().casefold().removeprefix("à ")).rename(tmp_path / name)
    (tmp_path / "labels.csv").write_text("id,conf\nretoucher0,3\n", "utf-8")
    data = read_annotations(tmp_path)
    assert data.classes == ("ok", "retoucher", "exclure")
    assert data.weights.tolist() == [1.0, 0.25, 1.0]
    assert any("Exclure " in notice.en for notice in data.notices)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,kind\na,b\n", "columns path and label.*name,kind"),
        ("path,label\nnone.png,a\n", r"none\.png.*line 2"),
        ("path,label\nall.csv,a\n", "at least two classes"),
        ("path,label\n", "columns path and label, and rows"),
    ],
)
def test_annotations_that_cannot_be_used_are_told(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "all.csv").write_text(text, "utf-8")
    with pytest.raises(FolderError, match=words):
        read_annotations(tmp_path / "all.csv")


def test_a_folder_without_classes_is_told(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="at least two sub-folders"):
        read_annotations(tmp_path)
    with pytest.raises(FolderError, match="does not exist"):
        read_annotations(tmp_path / "none")
