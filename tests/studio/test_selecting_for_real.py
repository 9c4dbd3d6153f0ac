"""Words on the sample photo, through the real scene and editing engines, against its exact masks."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.images import read_mask
from core.settings import Settings
from studio.desk import CODE, Desk
from studio.engines import InlineEngines
from studio.importing import import_photos
from studio.reading import shown_mask
from studio.selecting import keep_mask, select_box, select_words
from studio.workspace import Workspace

pytestmark = pytest.mark.slow
PHOTO, EXACT = CODE / "samples/evaluation/retoucher/porsche-911.jpg", CODE / "samples/masks/porsche-911.png"
CAR, PANEL = 1, 3


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    workspace = Workspace.open(tmp_path_factory.mktemp("real") / "desk")
    workspace.clean()
    made = Desk(workspace, InlineEngines(), Settings(), "Camille")
    import_photos(made, [PHOTO], sample=True)
    yield made
    workspace.close()


def _photo(desk: Desk) -> str:
    return str(desk.workspace.read("SELECT sha FROM photos")[0]["sha"])


@pytest.mark.parametrize(
    ("words", "value", "least", "models"),
    [("le panneau publicitaire", PANEL, 0.85, {"rapidocr", "carmap-lite0", "panelmap-lite0"}),
     ("la voiture", CAR, 0.80, {"grabcut", "carmap-lite0"})],
)  # fmt: skip
def test_words_cover_what_they_name_and_the_record_names_every_model_that_had_a_say(
    desk: Desk, words: str, value: int, least: float, models: set[str]
) -> None:
    sha = _photo(desk)
    found = select_words(desk, sha, sha, words)
    mask, exact = read_mask(desk.workspace.store.open(found.mask)), np.asarray(Image.open(EXACT)) == value
    assert (mask & exact).sum() / (mask | exact).sum() >= least
    assert found.heat is None, "the mask shown is the mask that was made, not a threshold of the map under it"
    event = desk.workspace.events()[-1]
    assert event.action == "select"
    assert event.origin is not None
    asked = event.origin["parameters"]["asked_too"]
    assert {event.origin["model"], *asked} == models
    assert all(len(asked[model]) == 64 for model in asked if model.endswith("-lite0"))


def test_a_proposal_on_a_photo_larger_than_the_screen_is_kept_exactly_when_nobody_touched_it(tmp_path: Path) -> None:
    photo = tmp_path / "grande.png"
    pixels = np.full((1600, 2400, 3), 90, np.uint8)
    pixels[400:1101, 501:1402] = (230, 60, 40)
    Image.fromarray(pixels).save(photo)
    desk = Desk(Workspace.open(tmp_path / "desk"), InlineEngines(), Settings(), "Camille")
    (sha,) = import_photos(desk, [photo]).added
    proposal = select_box(desk, sha, sha, (0.15, 0.2, 0.65, 0.75)).mask

    def shown(paint: bool) -> bytes:
        screen = Image.open(io.BytesIO(shown_mask(desk, proposal)))
        assert max(screen.size) == 1280
        if paint:
            screen.putpixel((0, 0), 255)
        buffer = io.BytesIO()
        screen.save(buffer, "PNG")
        return buffer.getvalue()

    assert keep_mask(desk, sha, sha, shown(paint=False), proposals=[proposal]) == proposal
    assert desk.workspace.events()[-1].origin["model"] == "proposal kept as it was"  # type: ignore[index]
    assert keep_mask(desk, sha, sha, shown(paint=True), proposals=[proposal]) != proposal
    assert desk.workspace.events()[-1].origin["model"] == "brush"  # type: ignore[index]
    desk.workspace.close()
