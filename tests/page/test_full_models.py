"""The page with a models folder: what the full models add, and that the page says who answered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.page.served import served
from tests.tiny_models import make_tiny_clipseg, make_tiny_inpainting

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_words_and_a_wish_are_answered_by_the_full_models_of_a_folder_and_said_to_be(
    page: Page, tmp_path: Path
) -> None:
    models = tmp_path / "clé usb"
    make_tiny_clipseg(models / "clipseg")
    make_tiny_inpainting(models / "sd2-inpainting")
    photo = tmp_path / "virage.png"
    pixels = np.random.default_rng(1).integers(0, 255, (96, 144, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(photo)
    with served(tmp_path / "desk", "--models-dir", str(models)) as address:
        page.set_default_timeout(90_000)
        page.goto(address)
        page.wait_for_function("window.desk && desk.ready")
        expect(page.locator(".frame .models")).to_have_text("Modèles complets présents")
        page.set_input_files(".sort .files", [photo])
        page.wait_for_function("desk.photos.size === 1 && [...desk.photos.values()][0].label")
        page.locator(".tray .cell").click()
        page.locator(".frame [data-step=retouch]").click()

        page.fill("#pk-words", "le ciel")
        page.keyboard.press("Enter")
        expect(page.locator(".toast.error")).to_contain_text("Mots connus : la voiture", timeout=30_000)
        page.locator(".retouch .ask-full").click()
        answered = page.locator(".retouch .side .card").first
        expect(answered).to_contain_text("modèle complet", timeout=60_000)
        expect(answered).to_contain_text("sky")

        if page.locator(".retouch .share").get_attribute("data-share") == "0":
            page.locator(".retouch .side button", has_text="Inverser").click()  # random weights may select nothing
        page.fill("#pk-wish", "Mario kart, cartoon, Nintendo, videogame")
        page.locator(".retouch .replace").click()
        expect(page.locator(".retouch .result b").first).to_have_text("0 pixel modifié hors du masque", timeout=120_000)
        expect(page.locator(".retouch .result")).to_contain_text("modèle complet")
        page.locator(".retouch .accept").click()
        page.wait_for_function("[...desk.photos.values()][0].corrected")
        sha = page.evaluate("[...desk.photos.values()][0].sha")
        (made,) = page.evaluate("sha => desk.call('versions', {photo: sha})", sha)
        assert made["action"] == "replace"
        tree = page.evaluate("sha => desk.call('trace', {sha})", made["sha"])["tree"]
        assert tree["steps"][0]["backend"] == "full"


def test_photos_dropped_anywhere_on_the_page_are_imported(page: Page, tmp_path: Path) -> None:
    with served(tmp_path / "desk") as address:
        page.set_default_timeout(60_000)
        page.goto(address)
        page.wait_for_function("window.desk && desk.ready")
        transfer = page.evaluate_handle(
            """async () => {
              const canvas = new OffscreenCanvas(60, 40), pen = canvas.getContext('2d');
              pen.fillStyle = '#b02020'; pen.fillRect(0, 0, 60, 40);
              const transfer = new DataTransfer();
              for (const name of ['chicane été.png', 'stand.png']) {
                pen.fillRect(0, 0, 10, name.length);
                pen.fillStyle = '#2020b0';
                transfer.items.add(new File([await canvas.convertToBlob()], name, { type: 'image/png' }));
              }
              return transfer;
            }"""
        )
        page.dispatch_event("body", "dragenter", {"dataTransfer": transfer})
        expect(page.locator(".frame .drop")).to_be_visible()
        page.dispatch_event("body", "drop", {"dataTransfer": transfer})
        page.wait_for_function("desk.photos.size === 2 && [...desk.photos.values()].every(p => p.label)")
        names = page.evaluate("[...desk.photos.values()].map(p => p.name).sort()")
        assert names == ["chicane été.png", "stand.png"]
        expect(page.locator(".frame .drop")).to_be_hidden()
