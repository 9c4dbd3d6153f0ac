"""The map of where the car is."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from classifier import train_carmap
from classifier.carmap import CHANNELS, car_head, car_map
from classifier.train_carmap import Outlined, fit_head, folds_by_source, heats_of, iou_scores
from core.errors import WeightsChanged, WeightsMissing
from core.images import read_picture
from tests.made import scene

RACE = Path(os.environ.get("PADDOCK_SHARED", "/nonexistent")) / "race"


@pytest.mark.parametrize(("size", "shape"), [((90, 60), (85, 128)), ((60, 90), (128, 85)), ((64, 64), (128, 128))])
def test_the_map_has_the_photos_aspect_and_lies_between_0_and_1(size: tuple[int, int], shape: tuple[int, int]) -> None:
    heat, origin = car_map(scene(*size))
    assert heat.shape == shape
    assert heat.dtype == np.float32
    assert 0 <= heat.min() <= heat.max() <= 1
    assert (origin.backend, origin.model) == ("embedded", "carmap-lite0")


def test_absent_and_damaged_weights_are_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        car_map(scene(8, 8), artifacts=tmp_path / "none")
    (tmp_path / "carmap-lite0.safetensors").write_bytes(b"damaged")
    with pytest.raises(WeightsChanged):
        car_map(scene(8, 8), artifacts=tmp_path)


def test_the_largest_source_is_dealt_out_and_the_others_stay_whole() -> None:
    source_of = {f"a{number}": "big" for number in range(8)} | {"b1": "b", "b2": "b", "c1": "c"}
    folds = dict(zip(source_of, folds_by_source(list(source_of), source_of), strict=True))
    assert [folds[f"a{number}"] for number in range(8)] == [0, 1, 2, 3, 0, 1, 2, 3]
    assert folds["b1"] == folds["b2"] != folds["c1"]


def test_training_finds_the_channel_that_lights_up_on_the_car(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_carmap, "EPOCHS", 200)
    rng = np.random.default_rng(0)
    maps = rng.normal(3, 2, (8, 8, 8, CHANNELS)).astype(np.float16)
    car = np.zeros((8, 8, 8), np.float32)
    car[:, 2:6, 1:6] = 1
    maps[..., 7] += car * 20
    masks = np.repeat(np.repeat(car[:4], 64, axis=1), 64, axis=2).astype(np.uint8)
    data = Outlined(maps, car, np.ones_like(car), masks)
    everything = np.ones(4, dtype=bool)
    tensors = fit_head(data, everything, 0, seed=0)
    assert car_head(0).count_params() == CHANNELS + 1
    assert iou_scores(heats_of(data, everything, 0, tensors), masks)["mean_iou"] > 0.7


@pytest.mark.skipif(not RACE.is_dir(), reason="PADDOCK_SHARED does not name the outlined race photos")
def test_the_map_points_at_the_car_on_outlined_photos() -> None:
    with (RACE / "index.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))[::12]
    gaps = []
    for row in rows:
        heat, _ = car_map(read_picture(RACE / row["image"]).pixels)
        ids = Image.open(RACE / row["mask"]).resize(heat.shape[::-1], Image.Resampling.NEAREST)
        car = np.asarray(ids) == 1
        gaps.append(heat[car].mean() - heat[~car].mean())
    assert np.mean(gaps) > 0.4
