"""Perturbations do what they are called, and flips are counted as they are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from classifier.perturbations import PERTURBATIONS
from classifier.probe import effects_of, probe
from core.errors import FolderError
from core.values import CLASSES, Origin, Pixels, Verdict
from tests.classifier.test_grouping import jpeg, scene


class Frames:
    """Stands for a loaded model: "exclure" when the top row is black, "retoucher" when it is white, else "ok"."""

    origin = Origin("algorithm", "frames")

    def judge(self, photos: Sequence[Pixels]) -> Iterator[tuple[int, Verdict]]:
        for index, pixels in enumerate(photos):
            top = int(pixels[0].min()), int(pixels[0].max())
            place = 2 if top[1] == 0 else 1 if top[0] == 255 else 0
            shares = [0.05, 0.05, 0.05]
            shares[place] = 0.9
            yield index, Verdict(CLASSES[place], (shares[0], shares[1], shares[2]), self.origin)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for number in range(12):
        jpeg(tmp_path / "ok" / f"{number:02}.jpg", np.clip(scene(300 + number), 40, 200).astype(np.uint8))
    return tmp_path


def test_flips_are_counted_and_those_that_the_rules_ask_for_are_told_apart(photos: Path) -> None:
    model: Any = Frames()
    found = probe(photos, model, photos=10)
    effects = {effect.name: effect for effect in found.effects}
    assert (found.photos, found.model, found.unreadable) == (10, "frames", ())
    assert found.verdicts == (10, 0, 0)
    assert next(iter(effects)) == "black bars"
    black, white = effects["black bars"], effects["white bars"]
    assert (black.flips, black.sure, black.sure_flips, black.by_rule, black.share) == (10, 10, 10, 0, 1.0)
    assert black.flips_to == (0, 0, 10)
    assert black.mean_change == 0.85
    assert black.worst in (("ok", -0.85), ("exclure", 0.85))
    assert (white.flips, white.by_rule, white.share) == (10, 10, 0.0)
    assert {effect.flips for name, effect in effects.items() if "bars" not in name} == {0}


def test_the_sample_is_the_same_for_the_same_seed_and_unreadable_photos_are_told(photos: Path) -> None:
    (photos / "ok" / "zz.jpg").write_bytes(b"\xff\xd8 nothing")
    model: Any = Frames()
    one, same = (probe(photos, model, photos=13, seed=4).as_json() for _ in range(2))
    assert one == same
    assert one["photos"] == 12
    assert [row["path"] for row in one["unreadable"]] == ["ok/zz.jpg"]


def test_only_sure_photos_count_as_sure_flips() -> None:
    before = np.array([[0.9, 0.05, 0.05], [0.5, 0.3, 0.2], [0.3, 0.55, 0.15]])
    after = np.array([[0.1, 0.8, 0.1], [0.3, 0.5, 0.2], [0.1, 0.8, 0.1]])[:, None]
    (effect,) = effects_of(["crop 5 %"], before, after)
    assert (effect.flips, effect.sure, effect.sure_flips, effect.flips_to) == (2, 1, 1, (0, 2, 0))
    assert effect.mean_change == round((0.8 + 0.2 + 0.25) / 3, 4)
    assert effect.drift == (round(-1.2 / 3, 4), round(1.2 / 3, 4), 0.0)


def test_a_folder_without_a_photo_is_refused(tmp_path: Path) -> None:
    model: Any = Frames()
    with pytest.raises(FolderError, match="holds no photo"):
        probe(tmp_path, model)
    with pytest.raises(FolderError, match="holds no photo"):
        probe(tmp_path / "absent", model)


def test_perturbations_do_what_they_are_called() -> None:
    pixels = scene(400, 400, 300)
    done = {name: change(pixels) for name, change in PERTURBATIONS.items()}
    assert {name: picture.shape[:2] for name, picture in done.items()} == {
        "brand": (300, 400), "watermark": (300, 400), "white bars": (360, 400), "black bars": (360, 400),
        "crop 5 %": (284, 380), "crop 10 %": (270, 360), "JPEG 60": (300, 400), "JPEG 30": (300, 400),
        "1024 px": (768, 1024), "256 px": (192, 256), "mirrored": (300, 400),
    }  # fmt: skip
    assert (done["white bars"][:30] == 255).all()
    assert (done["black bars"][-30:] == 0).all()
    assert (done["white bars"][30:-30] == pixels).all()
    np.testing.assert_array_equal(done["mirrored"][:, ::-1], pixels)
    for name, rows, columns in (
        ("brand", slice(0, 150), slice(0, 200)),
        ("watermark", slice(150, 300), slice(200, 400)),
    ):
        changed = (done[name] != pixels).any(axis=2)
        assert 0.001 < changed.mean() < 0.05
        assert changed.sum() == changed[rows, columns].sum()
    worse = [np.abs(done[name].astype(int) - pixels).mean() for name in ("JPEG 60", "JPEG 30")]
    assert 0 < worse[0] < worse[1]


def test_a_tiny_picture_survives_every_perturbation() -> None:
    pixels = np.asarray(Image.fromarray(scene(1)).resize((3, 2)))
    assert all(change(pixels).size > 0 for change in PERTURBATIONS.values())


def test_the_examiner_s_page_says_of_the_probe_what_was_measured() -> None:
    root = Path(__file__).resolve().parents[2]
    told = json.loads((root / "benchmarks" / "results" / "probe.json").read_text("utf-8"))["models"][0]
    flips = {effect["name"]: effect["flips"] for effect in told["effects"]}
    page = (root / "docs" / "examiner.md").read_text("utf-8")
    for words in (
        f"sur {told['photos']} des photos", f"à 256 pixels {flips['256 px']} verdicts", f"un coin {flips['brand']},",
        f"recadrée de 10 % {flips['crop 10 %']},", f"JPEG de qualité 30 {flips['JPEG 30']},",
        f"en miroir {flips['mirrored']},", f"un filigrane {flips['watermark']}.",
        f"bandes noires en changent {flips['black bars']},", f"pour les {told['verdicts'][0]} photos « ok »",
    ):  # fmt: skip
        assert words in page, words
