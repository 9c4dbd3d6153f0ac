"""Jobs as a person sees them: a batch of 300 photos cancelled, cut by a kill, taken up again; a worker killed."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.page.conftest import named_context
from tests.page.served import Serving, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]
COUNT = 300


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """300 small photos and two that can't be opened."""
    folder = tmp_path_factory.mktemp("photos")
    for number in range(COUNT):
        noise = np.random.default_rng(number).integers(0, 255, (12, 18, 3)).astype(np.uint8)
        Image.fromarray(noise).resize((180, 120)).save(folder / f"photo-{number:03d}.jpg", quality=90)
    (folder / "x-page.jpg").write_bytes(b"<html>")
    (folder / "x-vide.png").write_bytes(b"")
    return sorted(folder.iterdir())


def _page(browser: Browser, served: Serving) -> Page:
    page = named_context(browser, "Camille").new_page()
    page.set_default_timeout(120_000)
    page.goto(served.address)
    page.wait_for_function("window.desk && desk.ready")
    return page


def _judged(page: Page) -> int:
    return int(page.evaluate("[...desk.photos.values()].filter(p => p.label).length"))


def _wait_for(page: Page, script: str) -> None:
    page.wait_for_function(script)


def test_a_batch_of_300_survives_cancel_kill_and_a_dead_worker(
    browser: Browser, photos: list[Path], tmp_path: Path
) -> None:
    folder = tmp_path / "bureau"
    with serving(folder) as served:
        page = _page(browser, served)
        page.set_input_files(".sort .files", photos)
        _wait_for(page, "[...desk.photos.values()].filter(p => p.label).length >= 16")

        # Cancel: it answers within a second or two, what was judged stays, « Reprendre » goes on.
        page.click(".frame .jobs")
        judging = page.locator(".panel .job[data-kind=judge]").first
        expect(judging.locator("[role=progressbar]")).to_be_visible()
        asked = time.monotonic()
        judging.get_by_role("button", name="Annuler").click()
        _wait_for(page, "desk.jobs.some(j => j.kind === 'judge' && j.state === 'cancelled')")
        assert time.monotonic() - asked < 10  # a second here; a busy machine gets more
        before = _judged(page)
        assert 16 <= before < COUNT
        page.wait_for_function(f"desk.photos.size === {COUNT}")
        refused = page.locator(".panel .job[data-kind=import] li")
        expect(refused).to_have_count(2)
        expect(refused.first).to_contain_text("x-page.jpg")

        page.locator(".panel .job[data-kind=judge]").first.get_by_role("button", name="Reprendre").click()
        _wait_for(page, f"[...desk.photos.values()].filter(p => p.label).length >= {before + 8}")

        # A worker is killed: the page stays, the job says where it was, and goes on by itself.
        served.worker().send_signal(signal.SIGKILL)
        _wait_for(page, "desk.jobs.some(j => j.kind === 'judge' && j.notes.length)")
        note = page.evaluate("desk.jobs.flatMap(j => j.notes)[0]")
        assert "photo-" in note
        assert "relancé" in note
        killed_at = _judged(page)
        _wait_for(page, f"[...desk.photos.values()].filter(p => p.label).length >= {min(killed_at + 16, COUNT)}")

        # The whole page is killed in the middle.
        cut_at = _judged(page)
        children = served.worker().pid
        served.process.kill()
        served.process.wait(20)
        assert children

    # Started again, it goes on where it was without being asked, and the same panel tells so.
    with serving(folder) as served:
        page = _page(browser, served)
        assert page.evaluate("desk.photos.size") == COUNT
        assert _judged(page) >= cut_at
        _wait_for(page, f"[...desk.photos.values()].filter(p => p.label).length === {COUNT}")
        _wait_for(page, "desk.jobs.every(j => !j.active)")
        page.click(".frame .jobs")
        importing = page.locator(".panel .job[data-kind=import]")
        expect(importing.locator("li")).to_have_count(2)
        importing.get_by_role("button", name="Réessayer (2)").click()
        page.wait_for_timeout(1500)  # two small files are looked at again
        _wait_for(page, "desk.jobs.every(j => !j.active)")
        expect(importing.locator("li")).to_have_count(2)
        page.get_by_role("button", name="Vider la liste").click()
        expect(page.locator(".panel .job")).to_have_count(0)
    records = _records(folder)
    assert records["import"] == COUNT
    # At most the few photos of the moment of the kill are looked at twice, none is left out.
    assert COUNT <= records["judge"] <= COUNT + 8


def test_every_refused_file_of_a_large_batch_can_be_read(browser: Browser, tmp_path: Path) -> None:
    for number in range(45):
        (tmp_path / f"mauvaise-{number:02d}.jpg").write_bytes(b"<html>%d" % number)
    with serving(tmp_path / "bureau") as served:
        page = _page(browser, served)
        page.set_input_files(".sort .files", sorted(tmp_path.glob("*.jpg")))
        _wait_for(page, "desk.jobs.some(j => j.kind === 'import' && j.failed === 45 && !j.active)")
        expect(page.locator(".frame .jobs")).to_contain_text("45 photos à voir")
        page.click(".frame .jobs")
        page.get_by_role("button", name="Voir les 25 autres").click()
        told = page.locator(".panel .job li")
        expect(told).to_have_count(45)
        for number, words in enumerate(told.all_inner_texts()):
            assert f"mauvaise-{number:02d}.jpg" in words


def _records(folder: Path) -> dict[str, int]:
    """How often each act was recorded; the ledger must hold."""
    from studio.workspace import Workspace

    workspace = Workspace.open(folder)
    assert workspace.verify().holds
    counts: dict[str, int] = {}
    for event in workspace.events():
        counts[event.action] = counts.get(event.action, 0) + 1
    workspace.close()
    return counts
