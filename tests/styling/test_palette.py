"""The palette transfer: exact statistics, exact identity, any size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Cancelled, PhotoError, SettingsError
from styling.palette import monge_kantorovich, statistics, transfer


def coloured(height: int, width: int, mean: tuple[float, ...], mix: list[list[float]], seed: int) -> np.ndarray:
    """Correlated colours around a mean, far enough from 0 and 255 not to be clipped."""
    noise = np.random.default_rng(seed).uniform(-1.7, 1.7, (height, width, 3)) @ np.array(mix)
    return np.clip(np.rint(np.array(mean) + noise), 0, 255).astype(np.uint8)


PHOTO = coloured(90, 131, (110, 130, 120), [[20, 5, 0], [0, 15, 5], [4, 0, 12]], 0)
STYLE = coloured(70, 55, (150, 100, 90), [[14, -6, 2], [0, 10, 0], [3, 3, 16]], 1)


def test_the_result_has_the_mean_and_covariance_of_the_style() -> None:
    result = transfer(PHOTO, STYLE)
    (mean, covariance), (wanted_mean, wanted_covariance) = statistics(result.pixels), statistics(STYLE)
    np.testing.assert_allclose(mean, wanted_mean, atol=0.1)
    np.testing.assert_allclose(covariance, wanted_covariance, atol=1.5)


def test_the_map_is_symmetric_and_sends_one_covariance_to_the_other_exactly() -> None:
    source, target = statistics(PHOTO)[1], statistics(STYLE)[1]
    matrix = monge_kantorovich(source, target, floor=0.0)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-9)
    np.testing.assert_allclose(matrix @ source @ matrix.T, target, rtol=1e-8)
    assert (np.linalg.eigvalsh(matrix) > 0).all(), "a negative direction would invert colours"


def test_the_statistics_in_blocks_equal_those_of_numpy() -> None:
    large = coloured(1500, 700, (90, 140, 60), [[9, 1, 0], [2, 7, 1], [0, 3, 8]], 3)
    mean, covariance = statistics(large)
    flat = large.reshape(-1, 3).astype(np.float64)
    np.testing.assert_allclose(mean, flat.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(covariance, np.cov(flat.T, bias=True), rtol=1e-9)


def test_strength_zero_is_the_original_to_the_bit() -> None:
    result = transfer(PHOTO, STYLE, strength=0.0)
    assert result.pixels.tobytes() == PHOTO.tobytes()
    assert result.pixels is not PHOTO
    assert (result.changed_inside, result.changed_outside) == (0, 0)


def test_half_strength_lies_half_way() -> None:
    whole, half = (transfer(PHOTO, STYLE, strength=strength).pixels.astype(float) for strength in (1.0, 0.5))
    assert np.abs(half - (whole + PHOTO) / 2).max() <= 1.0


def test_a_photo_in_its_own_palette_hardly_changes() -> None:
    assert np.abs(transfer(PHOTO, PHOTO).pixels.astype(int) - PHOTO).max() <= 1


def test_changed_pixels_are_counted_and_the_origin_is_complete() -> None:
    result = transfer(PHOTO, STYLE, strength=0.8)
    assert result.changed_inside == int((result.pixels != PHOTO).any(axis=2).sum())
    assert (result.origin.backend, result.origin.model) == ("algorithm", "monge-kantorovich")
    assert result.origin.parameters == {"strength": 0.8, "space": "srgb"}
    assert transfer(PHOTO, STYLE, strength=0.8).pixels.tobytes() == result.pixels.tobytes()


def test_a_flat_style_gives_its_colour_and_a_flat_photo_takes_the_mean() -> None:
    red = np.full((1, 1, 3), (200, 30, 40), np.uint8)
    assert (transfer(PHOTO, red).pixels == (200, 30, 40)).all()
    grey = np.full((20, 30, 3), 128, np.uint8)
    wanted = np.rint(STYLE.reshape(-1, 3).mean(axis=0))
    assert np.abs(transfer(grey, STYLE).pixels[0, 0] - wanted).max() <= 1


def test_the_noise_of_a_grey_photo_is_not_blown_up_into_colour() -> None:
    random = np.random.default_rng(5)
    grey = np.repeat(random.integers(60, 190, (60, 60, 1)), 3, axis=2) + random.integers(-1, 2, (60, 60, 3))
    colourful = random.integers(0, 256, (50, 50, 3), dtype=np.uint8)
    result = transfer(grey.astype(np.uint8), colourful).pixels.astype(float)
    assert (result.max(axis=2) - result.min(axis=2)).mean() < 120


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(1, 23), st.integers(1, 23)),
    style_size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    strength=st.floats(0, 1),
    seed=st.integers(0, 999),
)
def test_the_size_is_kept_and_inputs_stay_untouched(
    size: tuple[int, int], style_size: tuple[int, int], strength: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    photo = random.integers(0, 256, (*size, 3), dtype=np.uint8)
    style = random.integers(0, 256, (*style_size, 3), dtype=np.uint8)
    before = photo.copy(), style.copy()
    result = transfer(photo, style, strength=strength)
    assert (result.pixels.shape, result.pixels.dtype) == (photo.shape, np.uint8)
    assert (photo == before[0]).all()
    assert (style == before[1]).all()


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_a_strength_outside_zero_to_one_is_refused(strength: float) -> None:
    with pytest.raises(SettingsError):
        transfer(PHOTO, STYLE, strength=strength)


def test_an_empty_picture_is_refused() -> None:
    with pytest.raises(PhotoError):
        transfer(PHOTO, np.zeros((0, 4, 3), np.uint8))


def test_cancelling_stops_the_work() -> None:
    def report(fraction: float, doing: str) -> None:
        if doing == "palette.apply":
            raise Cancelled(task="palette")

    with pytest.raises(Cancelled):
        transfer(PHOTO, STYLE, report=report)
