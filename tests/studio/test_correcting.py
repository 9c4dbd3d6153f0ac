"""Correct, stylise, accept: nothing outside the mask changes, nothing is overwritten, each step is one record."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.canonical import sha256_of_file
from core.errors import ChoiceError, MaskError, WeightsMissing, WorkspaceError, WrongExtension
from core.images import read_picture
from core.values import Edited, Origin
from studio.correcting import accept, remove, replace
from studio.importing import import_photos
from studio.photos import get_photo, get_version, versions_of
from studio.selecting import keep_mask
from studio.stylizing import add_styles, apply_styles, list_styles, preview_style
from tests.made import mask_png, profile, saved, scene
from tests.studio.conftest import Bench

pytestmark = pytest.mark.usefixtures("no_car")


def _mask(bench: Bench) -> str:
    drawn = np.zeros((160, 240), bool)
    drawn[36:84, 56:124] = True
    return keep_mask(bench.desk, bench.photo, bench.photo, mask_png(drawn))


def test_the_panel_goes_and_not_one_pixel_outside_the_mask_changes(bench: Bench) -> None:
    mask = _mask(bench)
    before = bench.desk.workspace.head().size
    made = remove(bench.desk, bench.photo, bench.photo, mask)
    assert bench.outside_changes(bench.photo, made.sha, mask) == 0 == made.changed_outside
    changed = (bench.pixels(bench.photo) != bench.pixels(made.sha)).any(-1)
    assert int(changed.sum()) == made.changed_inside > 2000
    inside = bench.pixels(made.sha)[45:75, 65:115].astype(int)
    assert ((inside[..., 0] > 180) & (inside[..., 1] < 60)).mean() < 0.05, "the red is gone"
    (event,) = bench.desk.workspace.events(after=before)
    assert (event.action, event.subject) == ("remove", bench.photo)
    assert [item.sha256 for item in event.inputs] == [bench.photo, mask]
    assert [item.sha256 for item in event.outputs] == [made.sha]
    assert event.parameters["changed_outside"] == 0
    assert event.origin is not None
    assert event.origin["model"] == made.origin.model != ""


def test_the_same_seed_gives_the_same_bytes(bench: Bench) -> None:
    mask = _mask(bench)
    first = remove(bench.desk, bench.photo, bench.photo, mask, seed=5)
    assert remove(bench.desk, bench.photo, bench.photo, mask, seed=5).sha == first.sha
    assert len(versions_of(bench.desk.workspace, bench.photo)) == 1


def test_a_correction_keeps_profile_and_credits(bench: Bench) -> None:
    exif = Image.Exif()
    exif[0x013B], exif[0x8298] = "Zoé Müller".encode(), "© Zoé".encode()
    source = saved(bench.source.parent / "crédits.jpg", scene(120, 80), exif=exif, icc_profile=profile())
    (photo,) = import_photos(bench.desk, [source]).added
    drawn = np.zeros((80, 120), bool)
    drawn[20:40, 30:60] = True
    made = remove(bench.desk, photo, photo, keep_mask(bench.desk, photo, photo, mask_png(drawn)))
    picture = read_picture(bench.desk.workspace.store.open(made.sha))
    assert picture.icc == profile()
    assert (picture.credits.creator, picture.credits.copyright) == ("Zoé Müller", "© Zoé")


def test_a_second_correction_starts_from_the_first(bench: Bench) -> None:
    mask = _mask(bench)
    first = remove(bench.desk, bench.photo, bench.photo, mask)
    drawn = np.zeros((160, 240), bool)
    drawn[100:130, 150:200] = True
    second_mask = keep_mask(bench.desk, bench.photo, first.sha, mask_png(drawn))
    second = remove(bench.desk, bench.photo, first.sha, second_mask)
    assert bench.outside_changes(first.sha, second.sha, second_mask) == 0
    version = get_version(bench.desk.workspace, bench.photo, second.sha)
    assert version is not None
    assert (version.parent, version.photo, version.action) == (first.sha, bench.photo, "remove")


def test_accepting_makes_a_version_current_and_can_be_taken_back(bench: Bench) -> None:
    workspace, mask = bench.desk.workspace, _mask(bench)
    made = remove(bench.desk, bench.photo, bench.photo, mask)
    assert get_photo(workspace, bench.photo).current == bench.photo
    before = workspace.head().size
    accept(bench.desk, bench.photo, made.sha)
    assert get_photo(workspace, bench.photo).current == made.sha
    (event,) = workspace.events(after=before)
    assert (event.action, event.parameters["before"]) == ("accept", bench.photo)
    accept(bench.desk, bench.photo, bench.photo)
    assert get_photo(workspace, bench.photo).current == bench.photo
    assert [version.sha for version in versions_of(workspace, bench.photo)] == [made.sha]


def test_a_version_of_another_photo_is_refused_everywhere(bench: Bench) -> None:
    (other,) = import_photos(bench.desk, [saved(bench.source.parent / "b.png", scene(240, 160, 4))]).added
    mask, workspace = _mask(bench), bench.desk.workspace
    (style,), _ = add_styles(bench.desk, [saved(bench.source.parent / "s.png", scene(20, 20, 8))])
    before = workspace.head()
    for act in (
        lambda: accept(bench.desk, bench.photo, other), lambda: remove(bench.desk, bench.photo, other, mask),
        lambda: apply_styles(bench.desk, bench.photo, other, [style.sha]),
        lambda: accept(bench.desk, bench.photo, mask), lambda: accept(bench.desk, bench.photo, "0" * 64),
    ):  # fmt: skip
        with pytest.raises(WorkspaceError):
            act()
    assert workspace.head() == before


def test_a_mask_of_another_size_is_refused_and_not_recorded(bench: Bench) -> None:
    (other,) = import_photos(bench.desk, [saved(bench.source.parent / "b.png", scene(50, 40))]).added
    drawn = np.zeros((40, 50), bool)
    drawn[10:20, 10:20] = True
    foreign = keep_mask(bench.desk, other, other, mask_png(drawn))
    before = bench.desk.workspace.head()
    with pytest.raises(MaskError):
        remove(bench.desk, bench.photo, bench.photo, foreign)
    assert bench.desk.workspace.head() == before


def test_an_engine_that_touches_the_outside_is_caught_and_nothing_is_kept(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    import editing.remove

    def careless(pixels: np.ndarray, mask: np.ndarray, **_: object) -> Edited:
        return Edited(255 - pixels, Origin("algorithm", "careless"), int(mask.sum()), int((~mask).sum()))

    mask = _mask(bench)
    before, stored = bench.desk.workspace.head(), len(list(bench.desk.workspace.store.all()))
    monkeypatch.setattr(editing.remove, "remove", careless)
    with pytest.raises(Exception, match="outside the mask"):
        remove(bench.desk, bench.photo, bench.photo, mask)
    assert bench.desk.workspace.head() == before
    assert len(list(bench.desk.workspace.store.all())) == stored


def test_replacing_without_its_model_says_so(bench: Bench) -> None:
    with pytest.raises(WeightsMissing):
        replace(bench.desk, bench.photo, bench.photo, _mask(bench), prompt="du gazon")


def _styles(bench: Bench, number: int = 3) -> list[str]:
    folder = bench.source.parent
    paths = [saved(folder / f"style-{n}.png", np.full((30, 40, 3), 40 * n + 30, np.uint8) + scene(40, 30, n) // 8)
             for n in range(number)]  # fmt: skip
    added, errors = add_styles(bench.desk, paths)
    assert errors == []
    return [style.sha for style in added]


def test_three_styles_make_three_versions_with_their_style_images(bench: Bench) -> None:
    styles = _styles(bench)
    before = bench.desk.workspace.head().size
    made = apply_styles(bench.desk, bench.photo, bench.photo, styles, strength=0.8)
    assert len({result.sha for result in made}) == 3
    assert [result.name for result in made] == [f"panneau-style-{n}.png" for n in range(3)]
    events = bench.desk.workspace.events(after=before)
    assert [event.action for event in events] == ["style"] * 3
    assert [[item.sha256 for item in event.inputs] for event in events] == [[bench.photo, style] for style in styles]
    assert all(event.parameters["strength"] == 0.8 for event in events)
    versions = versions_of(bench.desk.workspace, bench.photo)
    assert [version.sha for version in versions] == [result.sha for result in made]
    means = [bench.pixels(result.sha).mean() for result in made]
    assert means == sorted(means), "darker styles give darker pictures"
    assert bench.pixels(made[0].sha).shape == (160, 240, 3)


@pytest.mark.parametrize("number", [0, 4])
def test_none_or_too_many_styles_are_refused(bench: Bench, number: int) -> None:
    with pytest.raises(ChoiceError):
        apply_styles(bench.desk, bench.photo, bench.photo, _styles(bench, 4)[:number])


def test_a_preview_of_a_style_is_not_recorded(bench: Bench) -> None:
    (style,) = _styles(bench, 1)
    before = bench.desk.workspace.head()
    path = preview_style(bench.desk, bench.photo, bench.photo, style)
    assert read_picture(path).pixels.shape == (160, 240, 3)
    assert preview_style(bench.desk, bench.photo, bench.photo, style) == path
    assert bench.desk.workspace.head() == before


def test_a_style_image_is_added_once_and_a_bad_one_is_listed(bench: Bench) -> None:
    folder = bench.source.parent
    good = saved(folder / "s.png", scene(30, 20, 3))
    liar = folder / "liar.jpg"
    liar.write_bytes(good.read_bytes())
    added, errors = add_styles(bench.desk, [good, liar, good])
    assert [style.name for style in added] == ["s.png", "s.png"]
    assert [(name, type(error)) for name, error in errors] == [("liar.jpg", WrongExtension)]
    assert [style.name for style in list_styles(bench.desk)] == ["s.png"]
    assert [event.action for event in bench.desk.workspace.events()].count("add-style") == 1


def test_through_the_whole_chain_the_original_stays_what_it_was(bench: Bench) -> None:
    original = bench.source.read_bytes()
    mask = _mask(bench)
    corrected = remove(bench.desk, bench.photo, bench.photo, mask)
    accept(bench.desk, bench.photo, corrected.sha)
    styled = apply_styles(bench.desk, bench.photo, corrected.sha, _styles(bench))
    accept(bench.desk, bench.photo, styled[0].sha)
    assert bench.desk.workspace.store.open(bench.photo).read_bytes() == original
    assert bench.source.read_bytes() == original
    for path in bench.desk.workspace.store.all():
        assert sha256_of_file(path) == path.name
    actions = [event.action for event in bench.desk.workspace.events()]
    assert actions == ["import", "mask", "remove", "accept", *["add-style"] * 3, *["style"] * 3, "accept"]
    found = bench.desk.workspace.verify()
    assert found.holds
    assert found.strays == ()
    state = get_photo(bench.desk.workspace, bench.photo)
    assert (state.current, state.corrected, state.styled) == (styled[0].sha, True, True)
    assert [path for path in bench.desk.workspace.tmp.glob("*") if path.is_file()] == []
