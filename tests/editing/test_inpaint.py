"""Stable Diffusion inpainting through the product's own code, on a tiny pipeline of the real classes."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import Cancelled, EngineFailed, MaskError, SettingsError, WeightsMissing
from editing.inpaint import MODEL, Inpainter, frame_for, working_size


@pytest.fixture(scope="module")
def engine(inpainting_folder: Path) -> Inpainter:
    return Inpainter.load(inpainting_folder, revision="tiny", device="cpu", dtype="float32")


def case(height: int = 75, width: int = 121) -> tuple[np.ndarray, np.ndarray]:
    pixels = np.random.default_rng(6).integers(0, 256, (height, width, 3), dtype=np.uint8)
    mask = np.zeros((height, width), dtype=np.bool_)
    mask[height // 3 : height // 2, width // 4 : width // 2] = True
    return pixels, mask


def test_the_wish_changes_the_mask_and_not_one_pixel_outside(engine: Inpainter) -> None:
    pixels, mask = case()
    result = engine.replace(pixels, mask, "grass", steps=2)
    assert result.pixels.shape == pixels.shape
    assert (result.pixels[~mask] == pixels[~mask]).all()
    assert result.changed_outside == 0
    assert result.changed_inside > 0.9 * mask.sum()


@pytest.mark.parametrize("mask_kind", ["dot", "full", "row", "corner"])
@pytest.mark.parametrize("size", [(41, 67), (67, 41), (9, 8)])
def test_any_mask_at_any_size_stays_inside(engine: Inpainter, mask_kind: str, size: tuple[int, int]) -> None:
    pixels, mask = case(*size)
    mask[:] = mask_kind == "full"
    mask[(size[0] // 2, size[1] // 2) if mask_kind == "dot" else (0, 0)] = True
    mask[size[0] // 2] |= mask_kind == "row"
    result = engine.replace(pixels, mask, "sky", steps=1)
    assert result.pixels.shape == pixels.shape
    assert (result.pixels[~mask] == pixels[~mask]).all()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(engine: Inpainter) -> None:
    pixels, mask = case()
    first, again, other = (engine.replace(pixels, mask, "grass", steps=2, seed=seed).pixels for seed in (3, 3, 4))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_the_words_and_the_guidance_matter(engine: Inpainter) -> None:
    pixels, mask = case()
    grass, storm = (engine.replace(pixels, mask, wish, steps=2, guidance=30.0).pixels for wish in ("grass", "a storm"))
    assert grass.tobytes() != storm.tobytes()


def test_progress_is_told_at_each_step_and_cancelling_stops_within_it(engine: Inpainter) -> None:
    pixels, mask = case()
    seen: list[str] = []

    def report(fraction: float, doing: str) -> None:
        seen.append(doing)
        if doing == "inpaint.step 2/6":
            raise Cancelled(task="replace")

    with pytest.raises(Cancelled):
        engine.replace(pixels, mask, "grass", steps=6, report=report)
    assert seen == ["inpaint.prepare", "inpaint.step 1/6", "inpaint.step 2/6"]
    assert engine.replace(pixels, mask, "grass", steps=1).changed_outside == 0, "the engine is usable after a cancel"


def test_the_origin_holds_what_reproduces_the_result(engine: Inpainter) -> None:
    pixels, mask = case()
    origin = engine.replace(pixels, mask, "grass", "people", steps=2, guidance=5.0, strength=1.0, seed=9).origin
    assert (origin.backend, origin.model, origin.revision, origin.seed) == ("full", MODEL, "tiny", 9)
    assert len(origin.sha256) == 64
    wanted = {
        "prompt": "grass", "negative_prompt": "people", "steps": 2, "guidance": 5.0, "strength": 1.0,
        "scheduler": "DDIMScheduler", "side": 64, "dtype": "float32", "device": "cpu",
    }  # fmt: skip
    assert {key: origin.parameters[key] for key in wanted} == wanted


class _Broken:
    """A pipeline whose answer is one value everywhere."""

    scheduler = None

    def __init__(self, value: float) -> None:
        self.value = value

    def __call__(self, *, height: int, width: int, **_: Any) -> Any:
        class Answer:
            images = np.full((1, height, width, 3), self.value, dtype=np.float32)
            nsfw_content_detected = None

        return Answer


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_a_black_or_undefined_answer_is_reported_and_never_delivered(value: float) -> None:
    broken = Inpainter(_Broken(value), MODEL, "", "", "cpu", "float32", 64, 8)
    with pytest.raises(EngineFailed):
        broken.replace(*case(), "grass", steps=1)


@pytest.mark.parametrize(("steps", "strength"), [(0, 1.0), (10, 0.0), (10, 1.5), (10, 0.05)])
def test_settings_that_would_do_nothing_are_refused(engine: Inpainter, steps: int, strength: float) -> None:
    with pytest.raises(SettingsError):
        engine.replace(*case(), "grass", steps=steps, strength=strength)


def test_an_empty_mask_is_refused(engine: Inpainter) -> None:
    pixels, mask = case()
    with pytest.raises(MaskError):
        engine.replace(pixels, mask & False, "grass")


def test_the_frame_is_as_square_as_the_photo_allows_and_holds_context() -> None:
    mask = np.zeros((600, 1000), dtype=np.bool_)
    mask[300:340, 400:600] = True
    assert frame_for(mask) == (300, 120, 700, 520)
    mask[0, 0] = True
    assert frame_for(mask) == (0, 0, 1000, 600)


def test_the_working_size_keeps_the_aspect_and_pads_to_the_multiple() -> None:
    assert working_size((600, 1000), 512, 8) == ((307, 512), (312, 512))
    assert working_size((100, 50), 512, 8) == ((512, 256), (512, 256))


@pytest.mark.parametrize("absent", ["unet", "model_index.json", "tokenizer"])
def test_an_incomplete_folder_is_named_with_what_it_lacks(absent: str, inpainting_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(inpainting_folder, folder, ignore=shutil.ignore_patterns(absent))
    with pytest.raises(WeightsMissing) as refused:
        Inpainter.load(folder)
    assert absent in refused.value.message("en")
