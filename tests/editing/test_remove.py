"""Removal: nothing outside changes, the same bytes come back, and the hole looks like its surroundings."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Cancelled, MaskError
from editing.remove import remove


def textured(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Ground with grain and horizontal bands: what a track, a wall and a hedge are to a filler."""
    random = np.random.default_rng(seed)
    grain = cv2.GaussianBlur(random.normal(0, 1, (height, width, 3)), (0, 0), 1.2) * 40
    bands = 40 * np.sign(np.sin(np.arange(height) / 5.0))[:, None, None]
    return np.clip(np.array([120, 125, 110]) + bands + grain, 0, 255).astype(np.uint8)


def with_panel(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The picture with an advertising panel painted over the mask."""
    panel = np.full_like(pixels, (20, 30, 190))
    top, left = (int(index.min()) for index in np.nonzero(mask))
    cv2.putText(panel, "SPONSOR", (left + 2, top + 28), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (255, 255, 255), 3)
    return np.where(mask[:, :, None], panel, pixels)


def psnr(a: np.ndarray, b: np.ndarray, mask: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((a[mask].astype(float) - b[mask]) ** 2)))


def panel_case() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    truth = textured(160, 240)
    mask = np.zeros(truth.shape[:2], dtype=np.bool_)
    mask[50:91, 60:200] = True
    return truth, with_panel(truth, mask), mask


def test_a_text_panel_on_textured_ground_is_replaced_better_than_telea_and_navier_stokes_do() -> None:
    truth, photo, mask = panel_case()
    result = remove(photo, mask)
    assert result.changed_outside == 0
    ours = psnr(result.pixels, truth, mask)
    for method in (cv2.INPAINT_TELEA, cv2.INPAINT_NS):
        assert ours > psnr(cv2.inpaint(photo, mask.astype(np.uint8), 5, method), truth, mask) + 3.0
    bands = result.pixels[mask].astype(float).std()
    assert bands == pytest.approx(truth[mask].astype(float).std(), rel=0.15), "the texture's strength is kept"
    blue = (result.pixels[:, :, 2].astype(int) - result.pixels[:, :, 0] > 90) & mask
    assert not blue.any(), "nothing of the panel's colour is left"


def test_the_same_seed_gives_the_same_bytes_and_is_recorded() -> None:
    _, photo, mask = panel_case()
    first, second = remove(photo, mask, seed=5), remove(photo, mask, seed=5)
    assert first.pixels.tobytes() == second.pixels.tobytes()
    assert (first.origin.seed, first.origin.backend, first.origin.model) == (5, "algorithm", "patch-removal")
    assert first.origin == second.origin


def test_what_is_to_be_avoided_is_not_copied() -> None:
    _, photo, mask = panel_case()
    car = np.zeros_like(mask)
    car[91:130, 90:170] = True
    photo[car] = (230, 20, 20)
    result = remove(photo, mask, avoid=car)
    red = (result.pixels[:, :, 0].astype(int) - result.pixels[:, :, 1] > 80) & mask
    assert red.sum() < 0.01 * mask.sum()
    assert result.origin.parameters["avoid"] is True


def test_a_photo_larger_than_the_working_scale_gets_its_own_grain() -> None:
    random = np.random.default_rng(1)
    photo = np.clip(random.normal(128, 20, (1200, 1600, 3)), 0, 255).astype(np.uint8)
    mask = np.zeros((1200, 1600), dtype=np.bool_)
    mask[300:800, 400:1100] = True
    photo[mask] = 255
    result = remove(photo, mask)
    assert result.origin.parameters["scale"] < 0.6
    assert result.changed_outside == 0
    inside = result.pixels[330:770, 430:1070].astype(float)
    assert inside.mean() == pytest.approx(128, abs=3)
    assert inside.std() == pytest.approx(20, rel=0.25), "a reduced and enlarged fill would have lost its grain"


def test_a_flat_sky_stays_smooth() -> None:
    ramp = np.linspace(90, 200, 200)[:, None, None] * np.ones((1, 300, 3))
    truth = ramp.astype(np.uint8)
    mask = np.zeros((200, 300), dtype=np.bool_)
    mask[60:120, 100:180] = True
    photo = with_panel(truth, mask)
    result = remove(photo, mask)
    assert np.abs(result.pixels[mask].astype(int) - truth[mask]).max() <= 6


@pytest.mark.parametrize("value", [False, True])
def test_an_empty_or_a_full_mask_is_refused_with_words(value: bool) -> None:
    with pytest.raises(MaskError) as refused:
        remove(textured(20, 30), np.full((20, 30), value))
    assert ("vide" if not value else "toute la photo") in refused.value.message("fr")


def test_cancelling_stops_the_work() -> None:
    _, photo, mask = panel_case()
    seen: list[float] = []

    def report(fraction: float, doing: str) -> None:
        seen.append(fraction)
        if fraction > 0.3:
            raise Cancelled(task="remove")

    with pytest.raises(Cancelled):
        remove(photo, mask, report=report)
    assert seen == sorted(seen)
    assert seen[-1] < 0.6


@st.composite
def small_cases(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Odd sizes with a dot, a full-width row, a half, a frame, specks or all but one pixel as mask."""
    height, width = draw(st.integers(1, 31)), draw(st.integers(1, 31))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    mask = np.zeros((height, width), dtype=np.bool_)
    kind = draw(st.sampled_from(["dot", "row", "half", "frame", "specks", "almost all"]))
    if kind == "dot":
        mask[random.integers(height), random.integers(width)] = True
    elif kind == "row":
        mask[random.integers(height)] = True
    elif kind == "half":
        mask[:, : max(1, width // 2)] = True
    elif kind == "frame":
        mask[[0, -1]] = True
        mask[:, [0, -1]] = True
    elif kind == "specks":
        mask = random.random((height, width)) < 0.3
    else:
        mask[:] = True
        mask[random.integers(height), random.integers(width)] = False
    return random.integers(0, 256, (height, width, 3), dtype=np.uint8), mask


@settings(max_examples=200, deadline=None)
@given(case=small_cases())
def test_no_pixel_outside_any_mask_changes_at_any_size(case: tuple[np.ndarray, np.ndarray]) -> None:
    photo, mask = case
    before = photo.copy()
    if mask.all() or not mask.any():
        with pytest.raises(MaskError):
            remove(photo, mask)
        return
    result = remove(photo, mask)
    assert result.pixels.shape == photo.shape
    assert (result.pixels[~mask] == photo[~mask]).all()
    assert result.changed_outside == 0
    assert result.changed_inside == int((result.pixels != photo).any(axis=2).sum())
    assert (photo == before).all()
