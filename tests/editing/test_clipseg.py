"""CLIPSeg through the product's own code, on a tiny model of the real class."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.errors import NotUnderstood, WeightsMissing
from core.images import letterbox
from editing.clipseg import MODEL, ClipSeg, frame_in, mask_from_heat


@pytest.fixture(scope="module")
def engine(clipseg_folder: Path) -> ClipSeg:
    return ClipSeg.load(clipseg_folder, revision="tiny")


def photo(height: int = 90, width: int = 141) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("size", [(90, 141), (141, 90), (64, 64), (3, 200)])
def test_the_frame_is_where_the_letterbox_puts_the_photo(size: tuple[int, int]) -> None:
    boxed = letterbox(np.full((*size, 3), 255, np.uint8), 64)
    top, left, height, width = frame_in(64, size)
    expected = np.full((64, 64), 127, np.uint8)
    expected[top : top + height, left : left + width] = 255
    assert (boxed[:, :, 0] == expected).all()


def test_cached_answers_equal_the_stock_call_on_the_letterboxed_photo(engine: ClipSeg) -> None:
    import torch

    words = ["the car", "people", "a much longer wish with several words"]
    boxed = letterbox(photo(), engine.side).astype(np.float32) / 255.0
    normal = (boxed - np.float32([0.485, 0.456, 0.406])) / np.float32([0.229, 0.224, 0.225])
    images = torch.from_numpy(normal).permute(2, 0, 1)[None].expand(3, -1, -1, -1).float()
    tokens = engine.processor.tokenizer(words, padding=True, return_tensors="pt")
    with torch.inference_mode():
        stock = engine.model(pixel_values=images, **tokens).logits.reshape(3, 64, 64).numpy()
    ours = engine.logits(engine.encode(photo()), words)
    assert ours.shape == (3, 64, 64)
    assert np.ptp(stock) > 0.5, "the tiny model must have something to say"
    assert np.abs(stock[0] - stock[1]).max() > 1e-2, "different words must give different answers"
    np.testing.assert_allclose(ours, stock, atol=1e-4)


def test_one_word_gives_the_same_map_as_in_a_batch_of_one_padding(engine: ClipSeg) -> None:
    encoding = engine.encode(photo())
    np.testing.assert_allclose(
        engine.logits(encoding, ["car"])[0], engine.logits(encoding, ["car", "car"])[1], atol=1e-4
    )


def test_the_mask_is_the_heat_at_the_threshold_and_of_the_photos_size(engine: ClipSeg) -> None:
    found = engine.select(photo(), ["the car"])
    assert found.mask.shape == (90, 141)
    assert found.heat is not None
    assert (found.mask == mask_from_heat(found.heat, (90, 141), 0.3)).all()
    assert (found.mask == (found.heat >= 77)).all()
    encoding = engine.encode(photo())
    strict, loose = (engine.ask(encoding, ["the car"], threshold=level).mask for level in (0.7, 0.2))
    assert (strict <= loose).all()
    assert strict.sum() < loose.sum()


def test_several_words_give_the_union(engine: ClipSeg) -> None:
    encoding = engine.encode(photo())
    car, people = (engine.ask(encoding, [word]).mask for word in ("the car", "people"))
    assert (engine.ask(encoding, ["the car", "people"]).mask == (car | people)).mean() > 0.999
    assert (car != people).any()


def test_the_heat_of_a_large_photo_is_bounded_and_keeps_its_aspect(engine: ClipSeg) -> None:
    found = engine.select(np.zeros((2000, 3000, 3), np.uint8), ["sky"])
    assert found.heat is not None
    assert found.heat.shape == (853, 1280)
    assert found.mask.shape == (2000, 3000)


def test_the_origin_says_model_revision_weights_and_words(engine: ClipSeg, clipseg_folder: Path) -> None:
    import hashlib

    origin = engine.select(photo(), ["the car"]).origin
    weights = (clipseg_folder / "model.safetensors").read_bytes()
    assert (origin.backend, origin.model, origin.revision) == ("full", MODEL, "tiny")
    assert origin.sha256 == hashlib.sha256(weights).hexdigest()
    assert origin.parameters == {"prompts": ["the car"], "threshold": 0.3, "side": 64, "fit": "letterbox"}


def test_no_words_are_refused(engine: ClipSeg) -> None:
    with pytest.raises(NotUnderstood):
        engine.select(photo(), [" "])


def test_a_folder_laid_out_as_published_with_bin_weights_answers_the_same(
    engine: ClipSeg, clipseg_folder: Path, tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import load_file

    folder = tmp_path / "published"
    shutil.copytree(clipseg_folder, folder)
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    (folder / "processor_config.json").unlink()
    published = {
        "do_normalize": True, "do_resize": True, "feature_extractor_type": "ViTFeatureExtractor", "resample": 2,
        "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225], "size": 64,
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(published))
    other = ClipSeg.load(folder)
    assert other.sha256 != engine.sha256
    encodings = other.encode(photo()), engine.encode(photo())
    np.testing.assert_allclose(other.logits(encodings[0], ["car"]), engine.logits(encodings[1], ["car"]), atol=1e-4)


@pytest.mark.parametrize("absent", ["config.json", "model.safetensors"])
def test_an_incomplete_folder_is_named_with_what_it_lacks(absent: str, clipseg_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(clipseg_folder, folder)
    (folder / absent).unlink()
    with pytest.raises(WeightsMissing) as refused:
        ClipSeg.load(folder)
    assert absent.split(".")[-1] in refused.value.message("fr")
