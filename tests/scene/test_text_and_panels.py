"""Text is read where it stands, and a panel is the surface that carries it."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from core.images import read_picture
from core.values import Pixels, Region
from scene.panels import find_panels
from scene.text import find_text, text_origin

PANEL = (140, 90, 440, 190)
SHARED = Path(os.environ.get("PADDOCK_SHARED", "/nonexistent"))


def photo_with_panel(scale: int = 1, *, words: str = "MOTUL OIL") -> Pixels:
    """A noisy green ground, a white panel of known place with red letters."""
    rng = np.random.default_rng(1)
    ground = rng.normal((70, 110, 60), 18, (300, 580, 3)).clip(0, 255).astype(np.uint8)
    image = Image.fromarray(ground).resize((580 * scale, 300 * scale))
    drawing = ImageDraw.Draw(image)
    drawing.rectangle([value * scale for value in PANEL], fill=(245, 245, 240))
    font = ImageFont.load_default(40 * scale)
    drawing.text((290 * scale, 140 * scale), words, fill=(190, 20, 30), font=font, anchor="mm")
    return np.asarray(image)


def iou(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    across = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    down = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    area = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return across * down / (area - across * down)


def test_text_is_read_with_its_place_in_the_photo() -> None:
    found = find_text(photo_with_panel())
    assert [region.text.replace(" ", "") for region in found] == ["MOTULOIL"]
    assert found[0].label == "text"
    assert found[0].score > 0.8
    left, top, right, bottom = found[0].box
    assert 160 < left < right < 420
    assert 105 < top < 140 < bottom < 175


def test_a_large_photo_is_read_reduced_and_its_places_are_those_of_the_photo() -> None:
    found = find_text(photo_with_panel(4))
    assert len(found) == 1
    left, top, right, bottom = found[0].box
    assert 640 < left < right < 1680
    assert 420 < top < 560 < bottom < 700


def test_a_photo_without_text_gives_nothing() -> None:
    assert find_text(np.full((120, 160, 3), 90, dtype=np.uint8)) == ()


def test_the_panel_grows_from_its_letters_to_its_edges() -> None:
    pixels = photo_with_panel()
    texts = find_text(pixels)
    (panel,) = find_panels(pixels, texts)
    assert panel.label == "panel"
    assert panel.text == texts[0].text
    assert iou(panel.box, PANEL) > 0.9
    assert iou(texts[0].box, PANEL) < 0.6


def test_two_lines_of_one_panel_make_one_panel_and_a_far_line_another() -> None:
    pixels = np.full((400, 600, 3), 200, dtype=np.uint8)

    def line(left: float, top: float, text: str) -> Region:
        corners = ((left, top), (left + 120, top), (left + 120, top + 30), (left, top + 30))
        return Region("text", 0.9, corners, text)

    noise = np.random.default_rng(0).integers(0, 256, pixels.shape, dtype=np.uint8)
    found = find_panels(noise, [line(50, 50, "GRAND"), line(50, 90, "PRIX"), line(400, 300, "OIL")])
    assert sorted(region.text for region in found) == ["GRAND PRIX", "OIL"]


def test_bands_of_different_colours_make_one_panel() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (300, 500, 3), dtype=np.uint8)
    pixels[60:140, 100:400] = (30, 60, 200)
    pixels[140:190, 100:400] = (240, 220, 20)
    lines = [
        Region("text", 0.9, ((150, 75), (350, 75), (350, 125), (150, 125)), "AURORE"),
        Region("text", 0.8, ((150, 156), (350, 156), (350, 174), (150, 174)), "STAND 12"),
    ]
    (panel,) = find_panels(pixels, lines)
    assert panel.text == "AURORE STAND 12"
    assert iou(panel.box, (100, 60, 400, 190)) > 0.9


def test_text_without_a_surface_gets_a_rim() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3), dtype=np.uint8)
    text = Region("text", 0.9, ((100, 80), (200, 80), (200, 110), (100, 110)), "OIL")
    (panel,) = find_panels(noise, [text])
    assert panel.box == (82, 62, 218, 128)


def test_text_on_the_car_is_not_a_panel() -> None:
    pixels = photo_with_panel()
    texts = find_text(pixels)
    on_it, beside_it = np.zeros((30, 58), np.float32), np.zeros((30, 58), np.float32)
    on_it[8:20, 12:46] = 1
    beside_it[20:, :] = 1
    assert find_panels(pixels, texts, car=on_it) == ()
    assert len(find_panels(pixels, texts, car=beside_it)) == 1


def panel_heat(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    """A coarse map of photo_with_panel's aspect, 0.9 in boxes of photo pixels, 0.02 elsewhere."""
    heat = np.full((66, 128), 0.02, np.float32)
    for box in boxes:
        left, top, right, bottom = (round(value * 128 / 580) for value in box)
        heat[top:bottom, left:right] = 0.9
    return heat


def test_a_panel_without_letters_is_found_on_the_map_and_snaps_to_its_edges() -> None:
    pixels = photo_with_panel(words="")
    (panel,) = find_panels(pixels, (), panel=panel_heat((152, 97, 430, 183)))
    assert (panel.label, panel.text) == ("panel", "")
    assert panel.score > 0.5
    assert iou(panel.box, PANEL) > 0.9
    assert find_panels(pixels, (), panel=panel_heat()) == ()


def test_the_panel_that_grew_from_letters_keeps_its_four_corners_beside_the_map() -> None:
    pixels = photo_with_panel()
    texts = find_text(pixels)
    (panel,) = find_panels(pixels, texts, panel=panel_heat(PANEL))
    assert panel == find_panels(pixels, texts)[0]


def test_a_shape_of_the_map_bears_the_text_that_lies_on_it() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 580, 3), dtype=np.uint8)
    text = Region("text", 0.9, ((160, 120), (220, 120), (220, 140), (160, 140)), "OIL")
    found = find_panels(noise, [text], panel=panel_heat(PANEL))
    assert [region.text for region in found] == ["OIL"]
    assert iou(found[0].box, PANEL) > 0.8


def test_text_that_the_map_does_not_know_counts_only_away_from_the_car() -> None:
    pixels = photo_with_panel()
    texts = find_text(pixels)
    near, far = np.full((30, 58), 0.3, np.float32), np.zeros((30, 58), np.float32)
    assert find_panels(pixels, texts, car=near, panel=panel_heat()) == ()
    assert len(find_panels(pixels, texts, car=near)) == 1
    assert len(find_panels(pixels, texts, car=far, panel=panel_heat())) == 1


def test_a_shape_of_the_map_on_the_car_is_not_a_panel() -> None:
    on_it = np.ones((30, 58), np.float32)
    assert find_panels(photo_with_panel(words=""), (), car=on_it, panel=panel_heat(PANEL)) == ()


def test_the_origin_names_the_reader_and_its_weights() -> None:
    origin = text_origin()
    assert (origin.backend, origin.model, origin.revision) == ("embedded", "rapidocr", "3.10.0")
    assert len(origin.sha256) == 64


@pytest.mark.skipif(not (SHARED / "race").is_dir(), reason="PADDOCK_SHARED does not name the outlined race photos")
def test_on_real_photos_the_panel_is_closer_to_the_outline_than_its_letters_are() -> None:
    import cv2

    with (SHARED / "race" / "index.csv").open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["id"] in ("1416", "1323", "1074")]
    gains = []
    for row in rows:
        pixels = read_picture(SHARED / "race" / row["image"]).pixels
        wanted = np.asarray(Image.open(SHARED / "race" / row["mask"])) == 3
        texts = find_text(pixels)

        def overlap(regions: tuple[Region, ...], wanted: np.ndarray = wanted) -> float:
            drawn = np.zeros(wanted.shape, np.uint8)
            for region in regions:
                cv2.fillPoly(drawn, [np.rint(np.asarray(region.polygon)).astype(np.int32)], 1)
            return float(((drawn > 0) & wanted).sum() / ((drawn > 0) | wanted).sum())

        gains.append(overlap(find_panels(pixels, texts)) - overlap(texts))
    assert len(gains) > 0
    assert np.mean(gains) > 0.05
