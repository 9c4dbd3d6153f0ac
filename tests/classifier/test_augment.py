"""Changes to training photos: none when off, each its own, the same for the same draw; and the batches they go in."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from classifier import squares
from classifier.augment import augmented
from classifier.config import Augmentation
from classifier.config_file import read_config
from classifier.squares import Squares
from tests.classifier.tiny_training import kind
from tests.made import saved, scene

OFF = Augmentation(**{field.name: 0.0 for field in fields(Augmentation)})


def test_with_everything_off_nothing_changes() -> None:
    pixels = scene(64, 64)
    np.testing.assert_array_equal(augmented(pixels, OFF, np.random.default_rng(0)), pixels)


@pytest.mark.parametrize("name", [field.name for field in fields(Augmentation)])
def test_each_change_changes_the_photo_and_follows_its_draw(name: str) -> None:
    pixels = (scene(64, 64) * 0.5 + 40).astype(np.uint8)
    how = replace(OFF, **{name: 5.0 if name == "blur" else 0.9})
    first, again, other = (augmented(pixels, how, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert first.shape == pixels.shape
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(first, again)
    assert (first != pixels).any()
    if name not in ("flip", "autocontrast"):
        assert (first != other).any()


def test_a_flip_is_the_mirror_image_and_autocontrast_reaches_black_and_white() -> None:
    pixels = (scene(64, 64) * 0.5 + 40).astype(np.uint8)
    np.testing.assert_array_equal(augmented(pixels, replace(OFF, flip=1.0), np.random.default_rng(0)), pixels[:, ::-1])
    stretched = augmented(pixels, replace(OFF, autocontrast=1.0), np.random.default_rng(0))
    assert (stretched.min(), stretched.max()) == (0, 255)


def test_by_default_neither_blur_nor_sharpness_is_changed_and_brightness_hardly() -> None:
    default = read_config().augmentation
    assert (default.blur, default.sharpness) == (0, 0)
    assert default.brightness <= 0.05


@pytest.mark.parametrize("memory", [1 << 30, 64 * 64 * 3 * 3])
def test_photos_come_in_the_order_asked_for_and_bad_ones_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, memory: int
) -> None:
    monkeypatch.setattr(squares, "MEMORY", memory)
    paths = [saved(tmp_path / f"{number}.png", kind("ok", number)) for number in range(7)]
    paths[2].write_bytes(b"no photo")
    found = Squares(paths, 64)
    assert found.kept.tolist() == [0, 1, 3, 4, 5, 6]
    assert "2.png" in found.unreadable[0]
    order = [5, 0, 3, 1, 2]
    parts = list(found.batches(order, 2, lambda index, pixels: np.full_like(pixels, index * 10)))
    assert [part.tolist() for part, _ in parts] == [[5, 0], [3, 1], [2]]
    assert [pixels[:, 0, 0, 0].tolist() for _, pixels in parts] == [[50, 0], [30, 10], [20]]
    ((_, plain),) = found.batches([4, 1], 2)
    np.testing.assert_array_equal(plain[0][8:56], kind("ok", 5))
    assert list(found.batches([], 2)) == []
