"""The shipped sample pictures are what samples.csv says they are."""

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
LABELS = {"ok", "retoucher", "exclure"}
TAGS = {"car", "people", "blurcar", "sign", "pole", "ad", "crash", "wide", "text"}
CLASS_OF_TAG = {"car": 1, "people": 2, "ad": 3, "sign": 4, "pole": 5}

with (SAMPLES / "samples.csv").open(encoding="utf-8", newline="") as stream:
    ROWS = list(csv.DictReader(stream))
BY_NAME = {Path(row["file"]).stem: row for row in ROWS}


def mask_of(row):
    return np.array(Image.open(SAMPLES / row["mask"]))


@pytest.mark.parametrize("row", ROWS, ids=list(BY_NAME))
def test_a_picture_opens_at_the_size_of_its_mask(row):
    with Image.open(SAMPLES / row["file"]) as picture:
        picture.load()
        assert (picture.format, picture.mode) == ("JPEG", "RGB")
        assert mask_of(row).shape == (picture.height, picture.width)


@pytest.mark.parametrize("row", ROWS, ids=list(BY_NAME))
def test_a_mask_holds_only_the_six_classes(row):
    mask = mask_of(row)
    assert mask.dtype == np.uint8
    assert set(np.unique(mask).tolist()) <= {0, 1, 2, 3, 4, 5}


@pytest.mark.parametrize("row", ROWS, ids=list(BY_NAME))
def test_a_tagged_thing_is_in_the_mask(row):
    tags = set(filter(None, row["tags"].split("|")))
    assert tags <= TAGS
    present = set(np.unique(mask_of(row)).tolist())
    assert {CLASS_OF_TAG[tag] for tag in tags if tag in CLASS_OF_TAG} <= present


def test_every_picture_is_listed_once_in_the_folder_of_its_label():
    on_disk = {p.relative_to(SAMPLES).as_posix() for p in (SAMPLES / "evaluation").rglob("*.jpg")}
    assert sorted(row["file"] for row in ROWS) == sorted(on_disk)
    assert {row["label"] for row in ROWS} == LABELS
    assert all(Path(row["file"]).parts[:2] == ("evaluation", row["label"]) for row in ROWS)


def test_each_class_has_enough_pictures():
    counts = {label: sum(row["label"] == label for row in ROWS) for label in LABELS}
    assert counts["ok"] >= 4 and counts["retoucher"] >= 5 and counts["exclure"] >= 3


def test_no_two_pictures_are_the_same():
    digests = {hashlib.sha256((SAMPLES / row["file"]).read_bytes()).hexdigest() for row in ROWS}
    assert len(digests) == len(ROWS)


def test_porsche_911_shows_a_car_and_a_large_panel():
    mask = mask_of(BY_NAME["porsche-911"])
    assert mask.shape == (853, 1280)
    assert (mask == 1).mean() >= 0.10
    assert 0.05 <= (mask == 3).mean() <= 0.20


def test_cars_are_large_where_they_are_the_subject_and_tiny_where_the_view_is_too_wide():
    for row in ROWS:
        share = (mask_of(row) == 1).mean()
        assert share >= 0.10 if row["label"] != "exclure" else share <= 0.03


def test_an_ok_picture_holds_nothing_to_correct():
    for row in ROWS:
        if row["label"] == "ok":
            assert set(np.unique(mask_of(row)).tolist()) == {0, 1}


def test_there_are_three_distinct_style_pictures():
    styles = sorted((SAMPLES / "styles").glob("*.jpg"))
    assert [p.stem for p in styles] == ["affiche-vintage", "aquarelle", "nuit-neon"]
    means = [np.array(Image.open(p)).reshape(-1, 3).mean(axis=0) for p in styles]
    assert all(Image.open(p).size == (768, 768) for p in styles)
    for i in range(3):
        for j in range(i):
            assert np.abs(means[i] - means[j]).max() > 30


def test_the_folder_stays_small():
    shipped = [p for p in SAMPLES.rglob("*") if p.is_file() and p.suffix in {".jpg", ".png", ".csv"}]
    assert sum(p.stat().st_size for p in shipped if "raw" not in p.parts) <= 8 * 1024 * 1024
