"""Select: a box, strokes or a drawn mask become a full-size mask of black and white, each with one record."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.errors import AuditError, MaskError, NotUnderstood, WeightsMissing, WorkspaceError
from studio.importing import import_photos
from studio.selecting import keep_mask, refine_strokes, select_box, select_words
from tests.made import mask_png, saved, scene
from tests.studio.conftest import PANEL, Bench


def _panel() -> np.ndarray:
    truth = np.zeros((160, 240), bool)
    truth[40:80, 60:120] = True
    return truth


def _iou(found: np.ndarray, truth: np.ndarray) -> float:
    return float((found & truth).sum() / (found | truth).sum())


def test_a_box_cuts_the_panel_out_at_full_size(bench: Bench) -> None:
    before = bench.desk.workspace.head().size
    found = select_box(bench.desk, bench.photo, bench.photo, PANEL)
    mask = bench.mask(found.mask)
    assert mask.shape == (160, 240)
    assert _iou(mask, _panel()) > 0.9
    assert found.share == pytest.approx(mask.mean(), abs=1e-6)
    assert found.zones == 1
    with Image.open(bench.desk.workspace.store.open(found.mask)) as image:
        assert set(np.unique(np.asarray(image))) == {0, 255}
    (event,) = bench.desk.workspace.events(after=before)
    assert (event.action, event.subject, event.inputs[0].sha256) == ("select", bench.photo, bench.photo)
    assert event.outputs[0].sha256 == found.mask
    assert event.parameters["box"] == list(PANEL)
    assert event.origin is not None
    assert event.origin["model"] == found.origin.model


def test_strokes_widen_what_the_box_found(bench: Bench) -> None:
    add = np.zeros((80, 120), bool)
    add[22:38, 32:58] = True
    away = np.zeros((80, 120), bool)
    away[50:78, 4:116] = True
    found = refine_strokes(bench.desk, bench.photo, bench.photo, add=mask_png(add), remove=mask_png(away), start=b"")
    mask = bench.mask(found.mask)
    assert mask.shape == (160, 240)
    assert mask[50:70, 70:110].all()
    assert not mask[110:150, 20:220].any()
    assert list(bench.desk.workspace.tmp.glob("drawn-*")) == []


def test_the_mask_as_a_person_left_it_is_kept_at_full_size(bench: Bench) -> None:
    before = bench.desk.workspace.head().size
    drawn = np.zeros((80, 120), bool)
    drawn[10:30, 20:70] = True
    sha = keep_mask(bench.desk, bench.photo, bench.photo, mask_png(drawn), parameters={"words": "le panneau"})
    expected = np.zeros((160, 240), bool)
    expected[20:60, 40:140] = True
    assert (bench.mask(sha) ^ expected).mean() < 0.01
    (event,) = bench.desk.workspace.events(after=before)
    assert (event.action, event.actor, event.parameters["words"]) == ("mask", "Camille", "le panneau")
    assert event.origin is not None
    assert event.origin["backend"] == "person"


def test_a_mask_names_the_proposal_that_it_was_drawn_from(bench: Bench) -> None:
    proposal = select_box(bench.desk, bench.photo, bench.photo, PANEL)
    drawn = bench.mask(proposal.mask).copy()
    drawn[0:10, 0:10] = True
    sha = keep_mask(bench.desk, bench.photo, bench.photo, mask_png(drawn), proposals=[proposal.mask])
    event = bench.desk.workspace.events()[-1]
    assert [item.sha256 for item in event.inputs] == [bench.photo, proposal.mask]
    assert np.array_equal(bench.mask(sha), drawn)


def test_an_empty_mask_is_refused_and_leaves_nothing(bench: Bench) -> None:
    before, stored = bench.desk.workspace.head(), len(list(bench.desk.workspace.store.all()))
    with pytest.raises(MaskError, match="empty"):
        keep_mask(bench.desk, bench.photo, bench.photo, mask_png(np.zeros((80, 120), bool)))
    assert bench.desk.workspace.head() == before
    assert len(list(bench.desk.workspace.store.all())) == stored
    assert [path for path in bench.desk.workspace.tmp.glob("*") if path.is_file()] == []


def test_a_version_of_another_photo_or_of_none_is_refused(bench: Bench) -> None:
    other = saved(bench.source.parent / "autre.png", scene(50, 40))
    (second,) = import_photos(bench.desk, [other]).added
    before = bench.desk.workspace.head()
    drawn = mask_png(np.ones((80, 120), bool))
    for version in (second, "0" * 64, "../" * 8):
        with pytest.raises((WorkspaceError, AuditError)):
            select_box(bench.desk, bench.photo, version, PANEL)
        with pytest.raises((WorkspaceError, AuditError)):
            keep_mask(bench.desk, bench.photo, version, drawn)
    assert bench.desk.workspace.head() == before


def test_unknown_words_say_what_is_known(bench: Bench) -> None:
    before = bench.desk.workspace.head()
    with pytest.raises(NotUnderstood) as caught:
        select_words(bench.desk, bench.photo, bench.photo, "xyzzy plugh")
    assert "voiture" in caught.value.message("fr")
    assert "car" in caught.value.message("en")
    assert bench.desk.workspace.head() == before


def test_the_full_model_is_never_replaced_in_silence(bench: Bench) -> None:
    with pytest.raises(WeightsMissing):
        select_words(bench.desk, bench.photo, bench.photo, "le panneau", backend="full")
