"""CLIPSeg and Stable Diffusion 2 inpainting from a models folder, through the code that people use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import WeightsMissing
from core.images import read_picture, write_mask
from core.settings import Settings
from studio.correcting import replace
from studio.desk import Desk
from studio.engines import InlineEngines
from studio.importing import import_photos
from studio.selecting import keep_mask, select_words
from studio.workspace import Workspace
from tests.tiny_models import make_tiny_clipseg, make_tiny_inpainting

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder laid out as on a USB key, with tiny random models of the real classes."""
    folder = tmp_path_factory.mktemp("models")
    make_tiny_clipseg(folder / "clipseg")
    make_tiny_inpainting(folder / "sd2-inpainting")
    return folder


def _desk(tmp_path: Path, models: Path | None) -> tuple[Desk, str]:
    pixels = np.random.default_rng(0).integers(0, 255, (75, 113, 3)).astype(np.uint8)
    photo = tmp_path / "photo.png"
    Image.fromarray(pixels).save(photo)
    desk = Desk(Workspace.open(tmp_path / "desk"), InlineEngines(), Settings(models=models), "test")
    desk.workspace.clean()
    (sha,) = import_photos(desk, [photo]).added
    return desk, sha


def test_words_beyond_the_embedded_vocabulary_are_answered_by_clipseg_when_it_is_asked_and_there(
    tmp_path: Path, models: Path
) -> None:
    desk, sha = _desk(tmp_path, models)
    found = select_words(desk, sha, sha, "le ciel", backend="full")
    assert found.origin.backend == "full"
    assert "clipseg" in found.origin.model.lower()
    assert len(found.origin.sha256) == 64
    assert "sky" in found.understood
    (event,) = [event for event in desk.workspace.events() if event.action == "select"]
    assert event.origin is not None
    assert event.origin["backend"] == "full"


def test_a_wish_is_painted_into_the_mask_and_nowhere_else_and_the_same_seed_gives_the_same_bytes(
    tmp_path: Path, models: Path
) -> None:
    desk, sha = _desk(tmp_path, models)
    mask = np.zeros((75, 113), dtype=bool)
    mask[20:50, 30:80] = True
    png = write_mask(tmp_path / "mask.png", mask).read_bytes()
    kept = keep_mask(desk, sha, sha, png)
    results = [
        replace(desk, sha, sha, kept, prompt="Mario kart, cartoon, Nintendo, videogame", steps=2, seed=seed)
        for seed in (1, 1, 2)
    ]
    assert results[0].sha == results[1].sha
    assert results[0].sha != results[2].sha
    before = read_picture(desk.workspace.store.open(sha)).pixels
    after = read_picture(desk.workspace.store.open(results[0].sha)).pixels
    assert (before != after).any(axis=2)[~mask].sum() == 0
    assert results[0].changed_outside == 0
    assert results[0].changed_inside == (before != after).any(axis=2)[mask].sum() > 0
    assert results[0].origin.backend == "full"
    assert results[0].origin.seed == 1


def test_without_the_folder_the_remedy_is_named_and_nothing_is_swapped(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    desk, sha = _desk(tmp_path, tmp_path / "empty")
    with pytest.raises(WeightsMissing) as caught:
        select_words(desk, sha, sha, "la voiture", backend="full")
    for language in ("fr", "en"):
        message = caught.value.message(language)  # type: ignore[arg-type]
        assert "clipseg" in message.lower()
        assert "paddock weights pull" in message
    assert [event.action for event in desk.workspace.events()] == ["import"]
