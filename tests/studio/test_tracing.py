"""Trace, book and export: every result leads back to its originals, with each picture in between."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.errors import AuditError, ChoiceError, WorkspaceError
from studio.binding import Plate, bind_book, layout_of
from studio.correcting import accept, remove
from studio.desk import Desk
from studio.exporting import export_audit, export_audit_zip, export_picture
from studio.importing import import_photos
from studio.photos import get_photo
from studio.previews import PROXY, THUMB, proxy_size
from studio.reading import preview
from studio.selecting import keep_mask, select_box
from studio.stylizing import add_styles, apply_styles
from studio.tracing import history, steps_in_order, trace, trace_file
from tests.made import mask_png, saved, scene
from tests.studio.conftest import PANEL, Bench


class Chain(Bench):
    """A photo taken through the whole desk."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.desk, bench.photo, bench.source)
        folder = self.source.parent
        self.proposal = select_box(self.desk, self.photo, self.photo, PANEL).mask
        drawn = self.mask(self.proposal).copy()
        drawn[30:90, 50:130] = True
        self.drawn = keep_mask(self.desk, self.photo, self.photo, mask_png(drawn), proposals=[self.proposal])
        self.corrected = remove(self.desk, self.photo, self.photo, self.drawn).sha
        accept(self.desk, self.photo, self.corrected)
        (style,), _ = add_styles(self.desk, [saved(folder / "affiche.png", scene(40, 30, 7) // 2)])
        self.style = style.sha
        (styled,) = apply_styles(self.desk, self.photo, self.corrected, [self.style])
        self.styled = styled.sha
        accept(self.desk, self.photo, self.styled)


@pytest.fixture
def chain(bench: Bench, no_car: None) -> Chain:
    return Chain(bench)


def test_a_styled_version_leads_back_to_the_original_through_every_picture(chain: Chain) -> None:
    tree = trace(chain.desk.workspace, chain.styled)
    assert (tree.sha, tree.role) == (chain.styled, "styled")
    assert [source.sha for source in tree.sources] == [chain.corrected, chain.style]
    corrected = tree.sources[0]
    assert [source.sha for source in corrected.sources] == [chain.photo, chain.drawn]
    drawn = corrected.sources[1]
    assert [source.sha for source in drawn.sources] == [chain.photo, chain.proposal]
    assert {node.sha for node in tree.walk()} == {
        chain.styled, chain.corrected, chain.style, chain.photo, chain.drawn, chain.proposal,
    }  # fmt: skip
    leaves = {node.sha for node in tree.walk() if not node.sources}
    assert leaves == {chain.photo, chain.style}


def test_the_steps_are_told_in_the_order_in_which_they_happened(chain: Chain) -> None:
    steps = steps_in_order(trace(chain.desk.workspace, chain.styled))
    assert [step.action for step in steps] == ["import", "select", "mask", "remove", "add-style", "style"]
    assert [step.seq for step in steps] == sorted({step.seq for step in steps})
    assert all(step.who == "Camille" for step in steps)
    assert next(step.backend for step in steps if step.action == "mask") == "person"


def test_a_file_on_any_disk_is_recognised_by_its_bytes(chain: Chain, tmp_path: Path) -> None:
    found = tmp_path / "reçu par courriel.png"
    found.write_bytes(chain.desk.workspace.store.open(chain.styled).read_bytes())
    assert trace_file(chain.desk.workspace, found).sha == chain.styled
    found.write_bytes(found.read_bytes() + b"\0")
    with pytest.raises(AuditError, match="neither made nor imported"):
        trace_file(chain.desk.workspace, found)


def test_a_photo_s_history_holds_what_was_done_to_it_and_to_no_other(chain: Chain) -> None:
    import_photos(chain.desk, [saved(chain.source.parent / "autre.png", scene(30, 20))])
    actions = [event.action for event in history(chain.desk.workspace, chain.photo)]
    assert actions == ["import", "select", "mask", "remove", "accept", "style", "accept"]


def test_a_result_equal_to_its_source_does_not_lead_in_circles(desk: Desk, tmp_path: Path) -> None:
    (photo,) = import_photos(desk, [saved(tmp_path / "a.png", scene(30, 20))]).added
    from audit.ledger import Item

    used, made = Item(photo, "version"), Item(photo, "styled")
    desk.workspace.record("style", who="a", subject=photo, inputs=[used], outputs=[made])
    assert [node.sha for node in trace(desk.workspace, photo).walk()] == [photo]


def test_a_book_s_tree_holds_every_plate_and_its_sources(chain: Chain) -> None:
    (second,) = import_photos(chain.desk, [saved(chain.source.parent / "b.jpg", scene(120, 180, 5))]).added
    before = chain.desk.workspace.head()
    plates = [Plate(chain.photo, caption="L'arrivée & <les stands>"), Plate(second)]
    plates.append(Plate(chain.photo, version=chain.corrected))
    book = bind_book(chain.desk, plates, title="24 heures", subtitle="essai")
    (event,) = chain.desk.workspace.events(after=before.size)
    assert [item.sha256 for item in event.inputs] == [chain.styled, second, chain.corrected]
    assert event.parameters["captions"] == ["L'arrivée & <les stands>", "", ""]
    assert chain.desk.workspace.store.open(book.sha).read_bytes().startswith(b"%PDF")
    tree = trace(chain.desk.workspace, book.sha)
    assert [source.sha for source in tree.sources] == [chain.styled, second, chain.corrected]
    assert {chain.photo, second, chain.drawn, chain.style} <= {node.sha for node in tree.walk()}
    assert (book.title, book.pages) == ("24 heures", event.parameters["pages"])
    assert book.pages >= 3
    assert get_photo(chain.desk.workspace, second).in_book
    assert chain.desk.workspace.verify().holds


def test_a_book_needs_photos_and_only_their_own_versions(chain: Chain) -> None:
    (second,) = import_photos(chain.desk, [saved(chain.source.parent / "b.jpg", scene(120, 180, 5))]).added
    before = chain.desk.workspace.head()
    with pytest.raises(ChoiceError):
        bind_book(chain.desk, [], title="vide")
    with pytest.raises(WorkspaceError):
        bind_book(chain.desk, [Plate("0" * 64)], title="inconnu")
    with pytest.raises(WorkspaceError, match="does not belong"):
        bind_book(chain.desk, [Plate(second, version=chain.styled)], title="mêlé")
    assert chain.desk.workspace.head() == before


def test_the_layout_shows_every_plate(chain: Chain) -> None:
    (second,) = import_photos(chain.desk, [saved(chain.source.parent / "b.jpg", scene(60, 90, 5))]).added
    pages = layout_of(chain.desk, [Plate(chain.photo), Plate(second)])
    assert {slot.plate for page in pages for slot in page.slots} == {0, 1}


def test_the_export_holds_originals_intermediates_and_finals(chain: Chain, tmp_path: Path) -> None:
    made = export_audit(chain.desk, tmp_path / "juridique")
    assert (made.originals, made.finals) == (2, 2), "the photo and the style image came from outside"
    assert made.intermediates == 2
    assert chain.source.read_bytes() in [path.read_bytes() for path in (made.folder / "originals").iterdir()]
    lines = (made.folder / "ledger.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == made.events == chain.desk.workspace.head().size


def test_the_export_as_a_zip_holds_the_same_files(chain: Chain) -> None:
    first, second = export_audit_zip(chain.desk), export_audit_zip(chain.desk)
    assert first != second
    with zipfile.ZipFile(first) as archive:
        assert archive.testzip() is None
        names = [name for name in archive.namelist() if not name.endswith("/")]
        events = [json.loads(line) for line in archive.read("ledger.jsonl").splitlines()]
    assert sorted(name.split("/")[0] for name in names) == sorted(
        [*["originals"] * 2, *["intermediates"] * 2, *["finals"] * 2, "ledger.jsonl", "sha256sums.txt"]
    )
    assert events[0]["action"] == "import"
    assert list(chain.desk.workspace.tmp.glob("paddock-audit-*")) == []


def test_a_picture_handed_over_never_overwrites_another(chain: Chain, tmp_path: Path) -> None:
    paths = [export_picture(chain.desk, chain.styled, "../a:b.png", tmp_path / "out") for _ in range(3)]
    assert [path.name for path in paths] == ["_a_b.png", "_a_b-2.png", "_a_b-3.png"]
    assert {path.read_bytes() for path in paths} == {chain.desk.workspace.store.open(chain.styled).read_bytes()}


@pytest.mark.parametrize(("width", "height"), [(2560, 1705), (1705, 2560), (1280, 700), (300, 200), (3001, 7)])
def test_previews_have_the_size_that_the_page_reckons_with(desk: Desk, tmp_path: Path, width: int, height: int) -> None:
    source = saved(tmp_path / "p.jpg", np.full((height, width, 3), 90, np.uint8))
    (photo,) = import_photos(desk, [source]).added
    from PIL import Image

    with Image.open(preview(desk, photo, PROXY)) as image:
        assert image.size == proxy_size(width, height)
    with Image.open(preview(desk, photo, THUMB)) as image:
        assert max(image.size) <= THUMB
    with pytest.raises(ValueError, match="999"):
        preview(desk, photo, 999)


def test_a_proposal_that_a_person_kept_as_it_was_is_one_mask_with_both_steps(bench: Bench, no_car: None) -> None:
    workspace = bench.desk.workspace
    proposal = select_box(bench.desk, bench.photo, bench.photo, PANEL).mask
    kept = keep_mask(
        bench.desk, bench.photo, bench.photo, workspace.store.open(proposal).read_bytes(), proposals=[proposal]
    )
    assert kept == proposal
    tree = trace(workspace, remove(bench.desk, bench.photo, bench.photo, kept).sha)
    (mask,) = (node for node in tree.sources if node.role == "mask")
    assert [(step.action, step.backend) for step in mask.steps] == [("select", "algorithm"), ("mask", "person")]
