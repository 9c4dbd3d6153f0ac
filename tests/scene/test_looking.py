"""What is looked for names every model that was asked, and the mask names the one that answered."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from core.values import Origin, Region
from studio.tasks.look import Seen, look
from studio.tasks.select import from_seen
from tests.scene.test_text_and_panels import photo_with_panel

QUADRILATERAL = ((10.0, 10.0), (60.0, 10.0), (60.0, 40.0), (10.0, 40.0))


def test_looking_for_panels_asks_the_maps_and_the_reader_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    Image.fromarray(photo_with_panel()).save(file)
    seen = look(str(file), "photo.png", ["panel"])
    assert [origin.model for origin in seen.origins] == ["carmap-lite0", "rapidocr", "panelmap-lite0"]
    assert all(len(origin.sha256) == 64 for origin in seen.origins)
    assert "OIL" in " ".join(region.text for region in seen.regions)
    assert [origin.model for origin in look(str(file), "photo.png", ["text"]).origins] == ["rapidocr"]


def test_a_panel_without_text_comes_from_the_map_and_one_with_text_from_the_reader(tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    Image.fromarray(photo_with_panel()).save(file)
    origins = (Origin("embedded", "rapidocr", sha256="a" * 64), Origin("embedded", "panelmap-lite0", sha256="b" * 64))
    for text, model, other in (("OIL", "rapidocr", "panelmap-lite0"), ("", "panelmap-lite0", "rapidocr")):
        seen = Seen((Region("panel", 0.9, QUADRILATERAL, text),), (580, 300), None, origins)
        made = from_seen(str(file), "photo.png", seen, ["panel"], str(tmp_path / "mask.png"), words="panel")
        assert made.origin.model == model
        assert list(made.origin.parameters["asked_too"]) == [other]
        assert 50 * 30 / (580 * 300) <= made.share < 0.02
