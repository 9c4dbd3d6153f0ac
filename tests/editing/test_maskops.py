"""Mask operations: values at the edge, and the exactness of the composite."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.errors import EngineFailed, MaskError
from core.values import Origin, Region
from editing import maskops
from editing.composite import count_changed, edited, paste
from editing.regions import from_regions

SHAPES = st.tuples(st.integers(1, 33), st.integers(1, 33))
MASKS = SHAPES.flatmap(lambda shape: hnp.arrays(np.bool_, shape))


def dot(size: int = 11) -> np.ndarray:
    mask = np.zeros((size, size), dtype=np.bool_)
    mask[size // 2, size // 2] = True
    return mask


def test_growing_a_pixel_by_two_gives_the_thirteen_pixels_of_a_disc() -> None:
    assert maskops.grow(dot(), 2).sum() == 13


def test_shrinking_undoes_growing_for_a_square_and_never_eats_from_the_frame() -> None:
    mask = np.zeros((20, 20), dtype=np.bool_)
    mask[:, :8] = True
    assert (maskops.shrink(mask, 3) == (np.arange(20) < 5)[None, :]).all()


def test_a_hole_is_filled_but_a_bay_open_to_the_frame_is_not() -> None:
    mask = np.ones((9, 9), dtype=np.bool_)
    mask[4, 4] = False
    mask[0, 2] = False
    filled = maskops.fill_holes(mask)
    assert filled[4, 4]
    assert not filled[0, 2]


def test_specks_smaller_than_asked_are_dropped() -> None:
    mask = np.zeros((10, 10), dtype=np.bool_)
    mask[1, 1] = True
    mask[5:8, 5:8] = True
    assert maskops.drop_specks(mask, smallest=2).sum() == 9


def test_the_feather_is_zero_outside_and_rises_inward_only() -> None:
    mask = np.zeros((9, 15), dtype=np.bool_)
    mask[:, 5:12] = True
    alpha = maskops.feather_inward(mask, 3)
    np.testing.assert_allclose(alpha[4, 4:12], [0, 0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25])


def test_scaling_keeps_a_single_pixel_when_asked_for_what_it_touches() -> None:
    mask = np.zeros((100, 100), dtype=np.bool_)
    mask[50, 50] = True
    assert maskops.scale_to(mask, (10, 10), touched=True).sum() == 1
    assert maskops.scale_to(mask, (10, 10)).sum() == 0
    assert maskops.scale_to(np.ones((7, 5), np.bool_), (70, 51)).all()


def test_boxes_are_exclusive_and_stay_in_the_photo() -> None:
    mask = np.zeros((40, 60), dtype=np.bool_)
    mask[10:20, 5:30] = True
    assert maskops.bounding_box(mask) == (5, 10, 30, 20)
    assert maskops.padded_box((5, 10, 30, 20), (40, 60), fraction=0.4) == (0, 0, 40, 30)
    with pytest.raises(MaskError):
        maskops.bounding_box(np.zeros((3, 3), np.bool_))


def test_a_mask_of_another_size_is_refused_with_both_sizes() -> None:
    with pytest.raises(MaskError, match=r"4 × 3.*5 × 5"):
        maskops.check_mask(np.zeros((5, 5, 3), np.uint8), np.ones((3, 4), np.bool_))


@settings(max_examples=200, deadline=None)
@given(mask=MASKS, px=st.floats(0, 6), seed=st.integers(0, 9))
def test_a_paste_never_changes_a_pixel_outside_the_mask(mask: np.ndarray, px: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    old = random.integers(0, 256, (*mask.shape, 3), dtype=np.uint8)
    new = random.uniform(-20, 280, (*mask.shape, 3)).astype(np.float32)
    result = paste(old, new, mask, px)
    assert result.shape == old.shape
    assert (result[~mask] == old[~mask]).all()
    inside, outside = count_changed(old, result, mask)
    assert outside == 0
    assert inside == int((result != old).any(axis=2).sum())
    if px == 0:
        assert (result[mask] == np.clip(np.rint(new[mask]), 0, 255)).all()


@settings(max_examples=100, deadline=None)
@given(mask=MASKS, px=st.floats(0, 8))
def test_growing_contains_and_shrinking_is_contained_and_inputs_stay(mask: np.ndarray, px: float) -> None:
    before = mask.copy()
    assert (maskops.grow(mask, px) >= mask).all()
    assert (maskops.shrink(mask, px) <= mask).all()
    alpha = maskops.feather_inward(mask, px)
    assert ((alpha > 0) == mask).all()
    assert (mask == before).all()


def test_a_result_that_touched_the_outside_is_never_delivered() -> None:
    old = np.zeros((4, 4, 3), np.uint8)
    new = old.copy()
    new[0, 0] = 9
    with pytest.raises(EngineFailed):
        edited(old, new, dot(4) & False, Origin("algorithm", "test"))


def test_regions_become_a_grown_mask_that_keeps_the_detectors_origin() -> None:
    region = Region("text", 0.9, ((10.0, 10.0), (29.0, 10.0), (29.0, 19.0), (10.0, 19.0)), "SPONSOR")
    origin = Origin("embedded", "rapidocr", "v5", "ab" * 32, parameters={"limit": 960})
    plain = from_regions([region], (40, 60), origin)
    grown = from_regions([region], (40, 60), origin, grow_px=1, grow_fraction=0.2, words="le texte")
    assert plain.mask.sum() == 20 * 10
    assert maskops.bounding_box(grown.mask) == (8, 8, 32, 22)
    assert (grown.origin.model, grown.origin.sha256, grown.proposal) == ("rapidocr", "ab" * 32, True)
    assert grown.origin.parameters == {"limit": 960, "regions": 1, "grow_px": 1, "grow_fraction": 0.2}
    with pytest.raises(MaskError):
        from_regions([], (40, 60), origin)
