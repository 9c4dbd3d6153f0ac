"""The examination, to the letter, in a real browser on a real page, without a network."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.page.served import ROOT, served

SAMPLES = ROOT / "samples" / "evaluation"
EXAM = SAMPLES / "retoucher" / "porsche-911.jpg"
SHARE = "Number(document.querySelector('.retouch .share').dataset.share)"
CELLS = """rows => rows.map(row => [...row.querySelectorAll('td')].slice(0, 3)
    .map(cell => Number(cell.textContent.replace(/\\D/g, ''))))"""
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(not EXAM.is_file(), reason="no samples here")]


def test_photos_are_sorted_corrected_stylised_bound_and_traced_by_one_person_with_one_browser(
    page: Page, tmp_path: Path
) -> None:
    workspace = tmp_path / "24 h – édition 100 ans"
    photos = sorted(SAMPLES.rglob("*.jpg"))
    with served(workspace) as address:
        page.set_default_timeout(60_000)
        page.goto(address)
        page.wait_for_function("window.desk && desk.ready")
        expect(page.locator(".frame .workspace")).to_have_text("24 h – édition 100 ans")

        _sort(page, photos)
        _evaluate(page, len(photos))
        original = _select_and_remove(page)
        corrected = _accept(page)
        styled = _style(page)
        book = _bind(page)
        archive = _trace(page, tmp_path)

    _check_files(workspace, original, corrected, styled, book)
    _check_archive(archive)
    verified = subprocess.run(
        [sys.executable, "-m", "app", "audit", "verify", "--workspace", str(workspace)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "Conforme" in verified.stdout


def _sort(page: Page, photos: list[Path]) -> None:
    """Drop photos, see verdicts, override one with the keyboard and take it back."""
    page.set_input_files(".sort .files", photos)
    page.wait_for_function(f"desk.photos.size === {len(photos)} && [...desk.photos.values()].every(p => p.label)")
    page.wait_for_function("desk.jobs.every(job => !job.active)")
    sha = page.evaluate("[...desk.photos.values()].find(p => p.name === 'porsche-911.jpg').sha")
    page.locator(".sort .order").select_option("name")
    page.locator(f".sort .tile[data-sha='{sha}']").click()
    model = page.evaluate("sha => desk.photos.get(sha).label", sha)
    page.keyboard.press("3")
    page.wait_for_function("sha => desk.photos.get(sha).hand === 'exclure'", arg=sha)
    assert page.evaluate("desk.state.current") != sha, "a key decides and goes on to the next photo"
    page.keyboard.press("z")
    page.wait_for_function("sha => desk.photos.get(sha).hand === ''", arg=sha)
    assert page.evaluate("sha => desk.photos.get(sha).label", sha) == model
    page.wait_for_function("sha => desk.state.current === sha", arg=sha)  # the news may come before the undo's answer
    page.keyboard.press("2")
    page.wait_for_function("sha => desk.photos.get(sha).hand === 'retoucher'", arg=sha)


def _evaluate(page: Page, count: int) -> None:
    """The three folders: the rate shown is the confusion matrix's trace."""
    page.locator(".frame .workshop").click()
    page.locator(".panel [data-step=evaluate]").click()
    page.locator(".evaluate .samples").click()
    page.locator(".evaluate .run").click()
    page.locator(".evaluate .rate").wait_for(timeout=120_000)
    shown = float(page.locator(".evaluate .rate").get_attribute("data-accuracy") or "nan")
    cells = page.locator(".evaluate .matrix tbody tr").evaluate_all(CELLS)
    matrix = np.array(cells)
    assert matrix.sum() == count
    assert shown == pytest.approx(np.trace(matrix) / matrix.sum())
    assert page.locator(".evaluate .mistake").count() == count - np.trace(matrix)


def _select_and_remove(page: Page) -> str:
    """Words → mask → brush adds and erases → the panel is gone, and nothing outside has changed."""
    sha = str(page.evaluate("[...desk.photos.values()].find(p => p.name === 'porsche-911.jpg').sha"))
    page.locator(f".tray .cell[data-sha='{sha}']").click()
    page.locator(".frame [data-step=retouch]").click()
    page.locator(".retouch .pmc-surface, .retouch canvas").first.wait_for()
    page.fill("#pk-words", "le panneau publicitaire")
    page.keyboard.press("Enter")
    page.locator(".retouch .share", has_text="de la photo est sélectionné").wait_for(timeout=120_000)
    first = _share(page)
    assert first > 0.02, "the panel is found by its words"
    _stroke(page, ".retouch [data-tool=brush]", (0.10, 0.30), (0.20, 0.30))
    page.wait_for_function(f"{SHARE} > {first}")
    grown = _share(page)
    _stroke(page, ".retouch [data-tool=eraser]", (0.10, 0.30), (0.20, 0.30))
    page.wait_for_function(f"{SHARE} < {grown}")
    page.locator(".retouch button.remove").click()
    page.locator(".retouch .result").wait_for(timeout=120_000)
    expect(page.locator(".retouch .result b").first).to_have_text("0 pixel modifié hors du masque")
    page.locator(".retouch .compare").click()
    page.keyboard.press("Escape")
    return sha


def _share(page: Page) -> float:
    """Part of the photo that is selected, 0..1."""
    return float(page.locator(".retouch .share").get_attribute("data-share") or "nan")


def _stroke(page: Page, tool: str, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A real pointer stroke over the photo, in fractions of the canvas."""
    page.locator(tool).click()
    box = page.locator(".retouch .canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * start[0], box["y"] + box["height"] * start[1])
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end[0], box["y"] + box["height"] * end[1], steps=8)
    page.mouse.up()


def _accept(page: Page) -> str:
    page.locator(".retouch .accept").click()
    page.wait_for_function("desk.photos.get(desk.state.current).current !== desk.state.current")
    return str(page.evaluate("desk.photos.get(desk.state.current).current"))


def _style(page: Page) -> list[str]:
    """That result in three styles, one of them accepted."""
    page.locator(".frame [data-step=style]").click()
    keep = page.locator(".style .cell input[type=checkbox]")
    expect(keep).to_have_count(3, timeout=60_000)
    for index in range(3):
        keep.nth(index).check()
    page.locator(".style .apply").click()
    results = page.locator(".style .side .card .accept")
    expect(results).to_have_count(3, timeout=60_000)
    results.first.click()
    page.wait_for_function("desk.photos.get(desk.state.current).styled")
    names = page.locator(".style .side .card div.small").all_text_contents()
    return [name for name in names if name.endswith(".png")]


def _bind(page: Page) -> str:
    page.locator(".frame [data-step=book]").click()
    page.locator(".book .side .addok").click()
    page.locator(".book .side .addsel").click()
    page.locator(".book .plates input").first.fill("Départ de la course")
    page.locator(".book .plates input").first.blur()
    page.locator(".book .bind").click()
    page.locator(".book .bound .pdf").wait_for(timeout=120_000)
    href = page.locator(".book .bound .pdf").get_attribute("href") or ""
    return href.split("/")[2]


def _trace(page: Page, tmp_path: Path) -> Path:
    """The tree from the final picture to its original with the mask, then the legal export."""
    page.locator(".frame [data-step=trace]").click()
    page.locator(".trace .node.final").wait_for()
    roles = page.locator(".trace .node").evaluate_all("nodes => nodes.map(node => node.classList[1])")
    assert {"styled", "corrected", "mask", "style-image", "original"} <= set(roles)
    page.locator(".trace .verify").click()
    expect(page.locator(".trace .verification")).to_contain_text("Tout est conforme", timeout=60_000)
    page.locator(".trace .export").click()
    with page.expect_download(timeout=60_000) as download:
        page.locator(".trace .archive").click()
    target = tmp_path / "audit.zip"
    download.value.save_as(target)
    return target


def _check_files(workspace: Path, original: str, corrected: str, styled: list[str], book: str) -> None:
    """What lies on the disk: the original untouched, only masked pixels changed, three styles, a PDF."""
    store = workspace / "store"

    def stored(sha: str) -> bytes:
        data = (store / sha[:2] / sha).read_bytes()
        assert hashlib.sha256(data).hexdigest() == sha
        return data

    assert stored(original) == EXAM.read_bytes()
    connection = sqlite3.connect(workspace / "paddock.db")
    bodies = [json.loads(row[0]) for row in connection.execute("SELECT body FROM events ORDER BY seq")]
    removal = next(body for body in bodies if body["action"] == "remove" and body["outputs"][0]["sha256"] == corrected)
    (mask_sha,) = [item["sha256"] for item in removal["inputs"] if item["role"] == "mask"]
    before = np.asarray(Image.open(BytesIO(stored(original))).convert("RGB"))
    after = np.asarray(Image.open(BytesIO(stored(corrected))))
    mask = np.asarray(Image.open(BytesIO(stored(mask_sha))))
    assert set(np.unique(mask)) == {0, 255}
    changed = (before != after).any(axis=2)
    assert changed[mask == 0].sum() == 0
    assert changed[mask == 255].mean() > 0.9
    exact = ROOT / "samples" / "masks" / "porsche-911.png"
    panel = np.asarray(Image.open(exact)) == 3
    assert (mask[panel] == 255).mean() > 0.8, "the words cover the panel"
    styles = [body for body in bodies if body["action"] == "style"]
    assert len(styles) == 3 == len(styled)
    for body in styles:
        assert Image.open(BytesIO(stored(body["outputs"][0]["sha256"]))).size == before.shape[1::-1]
    assert stored(book).startswith(b"%PDF")
    actions = {body["action"] for body in bodies}
    assert {"import", "judge", "decide", "select", "mask", "remove", "accept", "style", "bind"} <= actions
    for body in bodies:
        if body["action"] in ("judge", "select", "remove", "style"):
            assert body["origin"]["backend"] in ("embedded", "algorithm"), "it says what answered"


def _check_archive(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        for folder in ("originals/", "intermediates/", "finals/"):
            assert any(name.startswith(folder) and not name.endswith("/") for name in names), folder
        sums = archive.read("sha256sums.txt").decode().splitlines()
        for line in sums:
            digest, name = re.split(r"\s+", line, maxsplit=1)
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest
        assert any(name.endswith("porsche-911.jpg") and archive.read(name) == EXAM.read_bytes() for name in names)
