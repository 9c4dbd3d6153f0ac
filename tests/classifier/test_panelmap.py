"""The map of where advertising panels are, and the boards drawn for its training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classifier import train_panelmap
from classifier.drawn_panels import CAR, PANEL, draw_board, with_panels
from classifier.measure_panels import figures
from classifier.panelmap import panel_head, panel_map
from classifier.placemap import HEAT_SIDE, cropped
from classifier.train_panelmap import Views, fit_panel_head, panel_heats, panel_scores
from core.errors import WeightsChanged, WeightsMissing
from core.values import Region
from scene.backbones import backbone
from tests.made import scene


def test_the_map_has_the_photos_aspect_and_its_own_origin() -> None:
    heat, origin = panel_map(scene(90, 60))
    assert (heat.shape, heat.dtype) == ((85, 128), np.float32)
    assert 0 <= heat.min() <= heat.max() <= 1
    assert (origin.backend, origin.model, len(origin.sha256)) == ("embedded", "panelmap-lite0", 64)


def test_the_map_lights_up_on_a_board_and_not_beside_it() -> None:
    rng = np.random.default_rng(3)
    pixels = np.full((384, 512, 3), (96, 104, 92), dtype=np.uint8)
    pixels[:150] = (150, 180, 215)
    pixels[260:] = (80, 80, 82)
    pixels = (pixels + rng.normal(0, 5, pixels.shape)).clip(0, 255).astype(np.uint8)
    pixels[150:230, 60:450] = draw_board(80, 390, np.random.default_rng(1))
    heat = panel_map(pixels)[0]
    board = np.zeros(heat.shape, dtype=bool)
    board[38:57, 16:112] = True
    assert heat[board].mean() > heat[~board].mean() + 0.3


def test_absent_and_damaged_weights_are_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="panelmap-lite0"):
        panel_map(scene(8, 8), artifacts=tmp_path / "none")
    (tmp_path / "panelmap-lite0.safetensors").write_bytes(b"damaged")
    with pytest.raises(WeightsChanged):
        panel_map(scene(8, 8), artifacts=tmp_path)


def test_the_borders_of_the_letterbox_are_cut_off() -> None:
    grid = np.zeros((64, 64), np.float32)
    grid[16:48] = 1
    heat = cropped(grid, (50, 100, 3))
    assert heat.shape == (HEAT_SIDE // 2, HEAT_SIDE)
    assert heat[2:-2].min() == 1


def test_boards_are_drawn_behind_the_car_and_marked_where_they_are_seen() -> None:
    pixels, ids = scene(240, 160), np.zeros((160, 240), np.uint8)
    ids[60:120, 40:200] = CAR
    shown, wanted = with_panels(pixels, ids, np.random.default_rng(5))
    again, _ = with_panels(pixels, ids, np.random.default_rng(5))
    assert np.array_equal(shown, again)
    assert (wanted == PANEL).mean() > 0.01
    assert np.array_equal(wanted == CAR, ids == CAR)
    assert np.array_equal(shown[ids == CAR], pixels[ids == CAR])
    changed = (shown != pixels).any(axis=2)
    assert changed[wanted == PANEL].mean() > 0.9


def test_training_finds_the_channel_that_lights_up_on_the_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_panelmap, "EPOCHS", 60)
    rng = np.random.default_rng(0)
    panel = np.zeros((8, 64, 64), np.float32)
    for number in range(8):
        top, left = rng.integers(4, 30, 2)
        panel[number, top : top + 24, left : left + 28] = 1
    maps = [rng.normal(3, 2, (8, 64 // side, 64 // side, channels)).astype(np.float16)
            for side, channels in zip((4, 2, 1), backbone("efficientnet-lite0").channels, strict=True)]  # fmt: skip
    maps[2][..., 7] += panel * 20
    masks = np.repeat(np.repeat(panel, 8, axis=1), 8, axis=2).astype(np.uint8) * PANEL
    views = Views(maps, panel, np.ones_like(panel), np.arange(8), masks)
    everything = np.ones(8, dtype=bool)
    tensors = fit_panel_head(views, everything, 4, seed=0)
    assert set(tensors) == {f"{layer.name}.{part}" for layer in panel_head(4).layers if layer.weights
                            for part in ("kernel", "bias")}  # fmt: skip
    assert panel_scores(panel_heats(views, everything, 4, tensors), masks)["mean_iou"] > 0.7


def test_figures_tell_overlap_and_what_was_said_wrongly() -> None:
    def region(left: float, right: float) -> Region:
        return Region("panel", 0.9, ((left, 0), (right, 0), (right, 99), (left, 99)))

    wanted, none = np.zeros((100, 100), bool), np.zeros((100, 100), bool)
    wanted[:, :50] = True
    scores = figures([((region(0, 24), region(80, 99)), wanted), ((region(0, 9),), none), ((), none)])
    assert scores["median_iou"] == pytest.approx(25 / 70, abs=0.001)
    assert (scores["regions"], scores["regions_off"]) == (2, 1)
    assert (scores["empty_photos"], scores["empty_with_regions"], scores["empty_share"]) == (2, 1, 0.05)
