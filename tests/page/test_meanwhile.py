"""What a person is doing outlives what happens meanwhile: a batch's photos, a reload, a lost connection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.page.served import served

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("typing") / "bureau") as address:
        yield address


@pytest.fixture
def book(page: Page, address: str, tmp_path: Path) -> Page:
    """The book's step with three photos in it."""
    files = []
    for number in range(3):
        pixels = np.full((60, 90, 3), 40 + 50 * number, np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"virage-{number}.jpg")
        files.append(tmp_path / f"virage-{number}.jpg")
    page.set_default_timeout(60_000)
    page.goto(address)
    page.wait_for_function("window.desk && desk.ready")
    page.set_input_files(".sort .files", files)
    page.wait_for_function("desk.photos.size === 3 && !desk.jobs.some(job => job.active)")
    page.evaluate(
        """desk.set({book: {title: "A", subtitle: "",
                            plates: [...desk.photos.keys()].map(photo => ({photo, caption: ""}))}})"""
    )
    page.locator(".frame [data-step=book]").click()
    return page


def test_a_caption_being_typed_stays_with_its_caret_when_photos_change_and_is_kept(book: Page) -> None:
    captions = book.locator(".book .plates input")
    captions.nth(1).click()
    book.keyboard.type("Dépassement virage")
    for _ in range(len("virage")):
        book.keyboard.press("ArrowLeft")
    book.evaluate("desk.emit('photos', desk.photos)")
    assert book.evaluate("[document.activeElement.value, document.activeElement.selectionStart]") == [
        "Dépassement virage",
        len("Dépassement "),
    ]
    book.keyboard.type("au ")
    expect(captions.nth(1)).to_be_focused()
    captions.nth(2).click()
    expect(captions.nth(2)).to_be_focused()
    assert book.evaluate("desk.state.book.plates[1].caption") == "Dépassement au virage"
    # Typed, then drawn again and nothing more typed: kept as well.
    book.keyboard.type("Podium")
    book.evaluate("desk.emit('photos', desk.photos)")
    captions.nth(0).click()
    assert book.evaluate("desk.state.book.plates[2].caption") == "Podium"


def test_one_click_binds_the_book_right_after_its_title_was_typed(book: Page) -> None:
    book.locator(".book input[name=title]").fill("Le Mans")
    book.locator(".book .bind").click()
    expect(book.locator(".book .bound")).to_be_visible()
    assert book.locator(".book .pdf").get_attribute("href").endswith("Le%20Mans.pdf")  # type: ignore[union-attr]


def test_a_button_that_is_drawn_again_keeps_the_keyboard(book: Page) -> None:
    button = book.locator(".book .side .addsel")
    button.focus()
    book.evaluate("desk.emit('photos', desk.photos)")
    expect(button).to_be_focused()


def test_a_message_s_undo_goes_when_the_act_was_undone_by_the_key(book: Page) -> None:
    book.locator(".frame [data-step=sort]").click()
    book.evaluate("desk.set({selection: [...desk.photos.keys()], current: [...desk.photos.keys()][0]})")
    book.keyboard.press("1")
    offered = book.locator(".toast", has_text="Annuler").get_by_role("button", name="Annuler")
    expect(offered).to_be_visible()
    book.keyboard.press("z")
    expect(book.locator(".toast", has_text="Annulé")).to_be_visible()
    expect(offered).to_have_count(0)


def test_an_evaluation_goes_on_being_shown_after_a_reload(page: Page, address: str) -> None:
    page.set_default_timeout(120_000)
    page.goto(address)
    page.wait_for_function("window.desk && desk.ready")
    page.evaluate("desk.set({step: 'evaluate'})")
    page.locator(".evaluate .samples").click()
    page.locator(".evaluate .run").click()
    page.wait_for_function("desk.jobs.some(job => job.kind === 'evaluate')")
    page.reload()
    page.wait_for_selector(".evaluate .rate")
    assert page.evaluate("desk.state.step") == "evaluate"


def test_a_version_that_was_being_made_is_shown_after_a_reload(book: Page) -> None:
    book.evaluate("desk.set({current: [...desk.photos.keys()][0], selection: [[...desk.photos.keys()][0]]})")
    book.locator(".frame [data-step=retouch]").click()
    expect(book.locator(".retouch .versions button")).to_have_count(1)
    book.evaluate(
        """() => {
            const mask = Object.assign(document.createElement("canvas"), {width: 90, height: 60});
            mask.getContext("2d").fillStyle = "black";
            mask.getContext("2d").fillRect(0, 0, 90, 60);
            mask.getContext("2d").fillStyle = "white";
            mask.getContext("2d").fillRect(30, 20, 20, 15);
            const photo = desk.state.current;
            return desk.call("remove", {photo, version: photo, mask: mask.toDataURL("image/png")});
        }"""
    )
    book.reload()
    expect(book.locator(".retouch .versions button")).to_have_count(2, timeout=120_000)


def test_a_connection_that_is_lost_for_a_moment_ends_nothing_that_is_waited_for(page: Page, address: str) -> None:
    page.set_default_timeout(60_000)
    page.goto(address)
    page.wait_for_function("window.desk && desk.ready")
    job = page.evaluate("desk.call('verify').then(started => started.job)")
    page.route("**/component_server/**", lambda route: route.abort())
    # Not awaited here: only the page waits for it.
    page.evaluate(
        "id => { desk.follow(id).then(found => { window.found = found; }, error => { window.found = {error}; }); }", job
    )
    page.wait_for_selector(".toast.error")
    assert page.evaluate("window.found") is None
    page.unroute("**/component_server/**")
    page.wait_for_function("window.found")
    assert page.evaluate("window.found.holds") is True
