"""GrabCut from a box, strokes and a heat map on pictures with a known object."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import MaskError
from editing.grabcut import from_box, from_heat, from_strokes


def disc(height: int = 150, width: int = 220) -> tuple[np.ndarray, np.ndarray]:
    """A red textured disc on green texture, and its exact mask."""
    random = np.random.default_rng(4)
    ys, xs = np.mgrid[:height, :width]
    inside = (ys - height * 0.5) ** 2 + (xs - width * 0.55) ** 2 < (0.3 * height) ** 2
    pixels = np.where(inside[:, :, None], (190, 50, 40), (60, 130, 70)) + random.normal(0, 18, (height, width, 1))
    return np.clip(pixels, 0, 255).astype(np.uint8), inside


def iou(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / (a | b).sum())


@pytest.mark.parametrize("size", [(150, 220), (151, 97), (1400, 1900)])
def test_a_box_around_a_disc_finds_the_disc(size: tuple[int, int]) -> None:
    pixels, truth = disc(*size)
    height, width = size
    box = (width * 0.55 - 0.4 * height, height * 0.12, width * 0.55 + 0.4 * height, height * 0.9)
    found = from_box(pixels, box)
    assert found.mask.shape == size
    assert iou(found.mask, truth) > 0.97
    assert (found.origin.backend, found.origin.model) == ("algorithm", "grabcut")
    assert (from_box(pixels, box).mask == found.mask).all()


@pytest.mark.parametrize(
    "box", [(5, 5, 5, 60), (500, 500, 600, 600), (-50, -50, -2, 90), (0, 0, 220, 150), (9, 9, 10, 10)]
)
def test_a_box_that_cannot_work_is_refused_with_words(box: tuple[int, int, int, int]) -> None:
    with pytest.raises(MaskError) as refused:
        from_box(disc()[0], box)
    assert "Tracez" in refused.value.message("fr") or "Laissez" in refused.value.message("fr")


def test_a_box_may_overhang_the_photo_and_be_drawn_backwards() -> None:
    pixels, truth = disc()
    assert iou(from_box(pixels, (400, 140, 60, 10)).mask, truth) > 0.95


def test_strokes_find_the_disc_and_are_kept_exactly() -> None:
    pixels, truth = disc()
    add, remove = np.zeros_like(truth), np.zeros_like(truth)
    add[70:80, 100:140] = True
    remove[5:9, 10:200] = True
    remove[74:76, 120:124] = True
    found = from_strokes(pixels, add, remove)
    assert iou(found.mask | remove, truth | remove) > 0.9
    assert found.mask[add & ~remove].all()
    assert not found.mask[remove].any()


def test_a_start_mask_is_refined_by_an_eraser_stroke() -> None:
    pixels, truth = disc()
    start = truth.copy()
    start[:30, :60] = True
    remove = np.zeros_like(truth)
    remove[10:14, 5:50] = True
    found = from_strokes(pixels, np.zeros_like(truth), remove, start)
    assert iou(found.mask, truth) > 0.9


def test_strokes_of_another_size_or_without_an_object_are_refused() -> None:
    pixels, truth = disc()
    nothing = np.zeros_like(truth)
    with pytest.raises(MaskError):
        from_strokes(pixels, nothing, nothing)
    with pytest.raises(MaskError):
        from_strokes(pixels, truth[:-1], nothing[:-1])


def test_a_coarse_activation_map_leads_to_the_disc_and_comes_back_as_heat() -> None:
    pixels, truth = disc()
    ys, xs = np.mgrid[:7, :10]
    heat = np.exp(-((ys - 3) ** 2 + (xs - 5) ** 2) / 3.0)
    found = from_heat(pixels, heat, words="la voiture", understood="car")
    assert iou(found.mask, truth) > 0.9
    assert found.proposal
    assert found.heat is not None
    assert (found.heat.shape, found.heat.dtype) == ((150, 220), np.uint8)
    assert found.heat[75, 120] > 240
    assert found.heat[0, 0] < 10


@pytest.mark.parametrize("heat", [np.zeros((7, 7)), np.full((7, 7), np.nan), np.zeros((0, 0))])
def test_a_flat_or_undefined_heat_map_is_refused(heat: np.ndarray) -> None:
    with pytest.raises(MaskError):
        from_heat(disc()[0], heat)
