"""The desk's frame, tray and grid in a real browser: nothing lost, nobody mixed, everything by keyboard."""

from __future__ import annotations

import colorsys
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.page.conftest import named_context
from tests.page.served import served

pytestmark = [pytest.mark.browser, pytest.mark.slow]
COUNT = 24


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Small photos of distinct colours, one with a long accented name."""
    folder = tmp_path_factory.mktemp("photos")
    made = []
    for number in range(COUNT):
        name = f"photo-{number:02d}.jpg" if number else f"{'é' * 90}à la chicane.jpg"
        red, green, blue = (int(255 * value) for value in colorsys.hsv_to_rgb(number / COUNT, 0.8, 0.9))
        noise = np.random.default_rng(number).integers(-20, 20, (80, 120, 3))
        pixels = np.clip(np.array([red, green, blue]) + noise, 0, 255).astype(np.uint8)
        path = folder / name
        Image.fromarray(pixels).save(path, quality=92)
        made.append(path)
    return made


@pytest.fixture(scope="module")
def desk_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("desk") / "bureau") as address:
        yield address


@pytest.fixture
def desk(page: Page, desk_address: str, photos: list[Path]) -> Page:
    """A page with the photos imported and judged."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.set_default_timeout(60_000)
    _open(page, desk_address)
    if page.evaluate("desk.photos.size") < COUNT:
        page.set_input_files(".sort .files", photos)
        page.wait_for_function(f"desk.photos.size === {COUNT} && [...desk.photos.values()].every(p => p.label)")
    page.problems = problems  # type: ignore[attr-defined]
    return page


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_function("window.desk && desk.ready")


def test_the_frame_fits_the_screen_and_every_step_shows_without_an_error(desk: Page) -> None:
    for step in ("sort", "retouch", "style", "book", "trace"):
        desk.locator(f".frame [data-step={step}]").click()
        expect(desk.locator(f".pk.step.{step}")).to_be_visible()
        assert desk.locator(".pk.step:visible").count() == 1
        overflow = desk.evaluate("document.scrollingElement.scrollHeight - innerHeight")
        assert overflow <= 0, f"{step} scrolls the frame"
        assert desk.locator("text=null").count() == 0
        assert desk.locator("text=undefined").count() == 0
    assert desk.problems == []  # type: ignore[attr-defined]


def test_a_wide_screen_a_laptop_and_a_tablet_show_every_step_button(desk: Page) -> None:
    for width, height in ((1920, 1080), (1366, 768), (1024, 768)):
        desk.set_viewport_size({"width": width, "height": height})
        for step in ("sort", "retouch", "style", "book", "trace"):
            box = desk.locator(f".frame [data-step={step}]").bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width, f"{step} at {width}"


def test_a_reload_keeps_the_step_the_photo_the_filter_and_the_language(desk: Page) -> None:
    desk.locator(".sort .tile").nth(3).click()
    desk.locator(".sort [data-filter=all]").click()
    chosen = desk.evaluate("desk.state.current")
    desk.locator(".frame [data-lang=en]").click()
    expect(desk.locator(".frame [data-step=sort]")).to_contain_text("Sort")
    desk.locator(".frame [data-step=retouch]").click()
    desk.reload()
    desk.wait_for_function("window.desk && desk.ready")
    assert desk.evaluate("[desk.state.step, desk.state.current, desk.lang]") == ["retouch", chosen, "en"]
    expect(desk.locator(".pk.step.retouch")).to_be_visible()
    assert desk.evaluate("document.documentElement.lang") == "en"
    desk.locator(".frame [data-lang=fr]").click()
    expect(desk.locator(".frame [data-step=sort]")).to_contain_text("Trier")


def test_no_french_is_left_on_the_english_page(desk: Page) -> None:
    desk.locator(".frame [data-lang=en]").click()
    try:
        for step in ("sort", "retouch", "style", "book", "trace"):
            desk.locator(f".frame [data-step={step}]").click()
            desk.wait_for_timeout(300)
            shown = desk.locator(f".pk.step.{step}").inner_text().lower()
            for french in ("voiture", "photo choisie", "retoucher", "vérifier", "ajouter", "livre", "effacer"):
                assert french not in shown, f"{french} on {step}"
    finally:
        desk.locator(".frame [data-lang=fr]").click()


def test_the_keyboard_moves_decides_undoes_and_opens_large(desk: Page) -> None:
    desk.locator(".frame [data-step=sort]").click()
    tiles = desk.locator(".sort .tile")
    tiles.nth(0).click()
    order = tiles.evaluate_all("nodes => nodes.map(node => node.dataset.sha)")
    desk.keyboard.press("ArrowRight")
    assert desk.evaluate("desk.state.current") == order[1]
    desk.keyboard.press("ArrowLeft")
    assert desk.evaluate("desk.state.current") == order[0]
    desk.keyboard.press("1")
    desk.wait_for_function("sha => desk.photos.get(sha).hand === 'ok'", arg=order[0])
    assert desk.evaluate("desk.state.current") == order[1], "goes on to the next"
    expect(desk.locator(f".sort .tile[data-sha='{order[0]}'] .corner").first).to_be_visible()
    desk.keyboard.press("z")
    desk.wait_for_function("sha => desk.photos.get(sha).hand === ''", arg=order[0])
    desk.keyboard.press("Space")
    expect(desk.locator(".sort .large")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.locator(".sort .large")).to_be_hidden()


def test_several_photos_are_chosen_with_shift_and_decided_at_once(desk: Page) -> None:
    desk.locator(".frame [data-step=sort]").click()
    tiles = desk.locator(".sort .tile")
    tiles.nth(4).click()
    tiles.nth(7).click(modifiers=["Shift"])
    chosen = desk.evaluate("desk.state.selection")
    assert len(chosen) == 4
    desk.keyboard.press("2")
    desk.wait_for_function("list => list.every(sha => desk.photos.get(sha).hand === 'retoucher')", arg=chosen)
    desk.keyboard.press("z")
    desk.wait_for_function("list => list.every(sha => desk.photos.get(sha).hand === '')", arg=chosen)


def test_the_tray_stays_and_its_choice_is_what_the_next_step_opens(desk: Page) -> None:
    cell = desk.locator(".tray .cell").nth(5)
    sha = cell.get_attribute("data-sha")
    cell.click()
    desk.locator(".frame [data-step=retouch]").click()
    desk.locator(f".retouch .side .versions img[src='media/thumb/{sha}.jpg']").wait_for()
    desk.locator(".tray .cell").nth(6).click()
    other = desk.locator(".tray .cell").nth(6).get_attribute("data-sha")
    desk.locator(f".retouch .side .versions img[src='media/thumb/{other}.jpg']").wait_for()
    desk.locator(".tray").focus()
    desk.keyboard.press("ArrowLeft")
    desk.wait_for_function("sha => desk.state.current === sha", arg=sha)


def test_two_visitors_do_not_mix_but_see_each_others_decisions(desk: Page, browser: Browser, desk_address: str) -> None:
    other_context = named_context(browser, "Zoé", locale="en-GB")
    other = other_context.new_page()
    _open(other, desk_address)
    desk.locator(".frame [data-step=sort]").click()
    desk.locator(".sort .tile").nth(2).click()
    mine = desk.evaluate("desk.state.current")
    other.locator(".tray .cell").nth(9).click()
    other.locator(".frame [data-step=style]").click()
    theirs = other.evaluate("desk.state.current")
    assert desk.evaluate("[desk.state.step, desk.state.current]") == ["sort", mine]
    assert other.evaluate("[desk.state.step, desk.state.current]") == ["style", theirs]
    desk.keyboard.press("3")
    other.wait_for_function("sha => desk.photos.get(sha).hand === 'exclure'", arg=mine, timeout=15_000)
    desk.keyboard.press("z")
    other.wait_for_function("sha => desk.photos.get(sha).hand === ''", arg=mine, timeout=15_000)
    other_context.close()


def test_doubles_are_told_and_a_damaged_file_is_named_while_the_rest_is_taken(
    desk: Page, tmp_path: Path, photos: list[Path]
) -> None:
    page_file = tmp_path / "page.jpg"
    page_file.write_text("<html><body>not a photo</body></html>")
    truncated = tmp_path / "coupée.jpg"
    truncated.write_bytes(photos[1].read_bytes()[:900])
    desk.set_input_files(".sort .files", [photos[1], page_file, truncated])
    toast = desk.locator(".toast", has_text="déjà présentes")
    toast.wait_for()
    assert desk.evaluate("desk.photos.size") == COUNT
    desk.wait_for_function("desk.jobs.some(job => job.errors.length === 2)")
    desk.locator(".frame .jobs").click()
    panel = desk.locator(".frame .panel")
    expect(panel).to_contain_text("page.jpg")
    expect(panel).to_contain_text("coupée.jpg")


def test_with_no_photo_at_hand_the_first_screen_offers_synthetic_examples_and_says_so(
    page: Page, tmp_path: Path
) -> None:
    with served(tmp_path / "vide") as address:
        page.set_default_timeout(60_000)
        _open(page, address)
        expect(page.locator(".sort .empty h1")).to_be_visible()
        for step in ("retouch", "style", "book", "trace"):
            page.locator(f".frame [data-step={step}]").click()
            expect(page.locator(f".{step} .empty")).to_be_visible()
        page.locator(".frame [data-step=sort]").click()
        page.locator(".sort .samples").click()
        page.wait_for_function("desk.photos.size >= 12 && [...desk.photos.values()].every(p => p.label && p.sample)")
        expect(page.locator(".sort .tile .corner.left").first).to_have_text("image de synthèse")
        assert page.locator(".sort .tile").count() == page.evaluate("desk.photos.size")


def test_on_a_tablet_the_right_column_folds_and_unfolds(desk: Page) -> None:
    desk.set_viewport_size({"width": 1024, "height": 768})
    desk.locator(".frame [data-step=sort]").click()
    expect(desk.locator(".sort .side")).to_be_hidden()
    desk.locator(".sort > .fold").click()
    expect(desk.locator(".sort .side")).to_be_visible()
    desk.locator(".sort > .fold").click()
    expect(desk.locator(".sort .side")).to_be_hidden()


def test_another_website_in_the_same_browser_can_change_nothing(
    desk: Page, browser: Browser, desk_address: str
) -> None:
    sha = desk.evaluate("[...desk.photos.keys()][0]")
    wish = {"method": "decide", "args": {"photos": [sha], "label": "exclure"}}
    body = json.dumps({"data": wish, "component_id": 1, "fn_name": "call", "session_hash": "x"})
    for path in ("gradio_api/component_server/", "gradio_api/upload"):
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            request = urllib.request.Request(desk_address + path, data=body.encode(), headers=headers)
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=20)
            assert refused.value.code == 403, (path, headers)
    stranger = browser.new_context().new_page()
    stranger.route("http://stranger.test/", lambda route: route.fulfill(body="<p>hello</p>", content_type="text/html"))
    stranger.goto("http://stranger.test/")
    stranger.evaluate(
        """([address, body]) => fetch(address + 'gradio_api/component_server/',
            {method: 'POST', mode: 'no-cors', headers: {'Content-Type': 'text/plain'}, body}).catch(() => 0)""",
        [desk_address, body],
    )
    desk.wait_for_timeout(700)
    assert desk.evaluate("sha => desk.photos.get(sha).hand", sha) == ""
    stranger.context.close()


def test_undo_leaves_the_verdict_that_a_colleague_gave_meanwhile(
    desk: Page, browser: Browser, desk_address: str
) -> None:
    desk.locator(".frame [data-step=sort]").click()
    desk.locator(".sort .tile").nth(10).click()
    sha = desk.evaluate("desk.state.current")
    desk.keyboard.press("3")
    desk.wait_for_function("sha => desk.photos.get(sha).hand === 'exclure'", arg=sha)
    recorded = """async sha => {
        const news = await desk.call('changes', {after: 0});
        return news.photos.find(photo => photo.sha === sha).hand === 'exclure';
    }"""
    desk.wait_for_function(recorded, arg=sha)
    colleague = named_context(browser, "Zoé").new_page()
    _open(colleague, desk_address)
    colleague.evaluate("sha => desk.call('decide', {photos: [sha], label: 'ok'})", sha)
    desk.wait_for_function("sha => desk.photos.get(sha).hand === 'ok'", arg=sha, timeout=15_000)
    desk.keyboard.press("z")
    desk.locator(".toast", has_text="autre avis").wait_for()
    assert desk.evaluate("sha => desk.photos.get(sha).hand", sha) == "ok"
    colleague.evaluate("sha => desk.call('decide', {photos: [sha], label: null})", sha)
    colleague.context.close()


def test_what_was_asked_for_one_photo_never_lands_on_another(desk: Page) -> None:
    cells = desk.locator(".tray .cell")
    first, second = cells.nth(12).get_attribute("data-sha"), cells.nth(13).get_attribute("data-sha")
    desk.locator(f".tray .cell[data-sha='{first}']").click()
    desk.locator(".frame [data-step=retouch]").click()
    desk.locator(f".retouch .side .versions img[src='media/thumb/{first}.jpg']").wait_for()
    desk.locator(".retouch [data-tool=brush]").click()
    box = desk.locator(".retouch .canvas").bounding_box()
    assert box is not None
    desk.mouse.move(box["x"] + box["width"] / 2 - 40, box["y"] + box["height"] / 2)
    desk.mouse.down()
    desk.mouse.move(box["x"] + box["width"] / 2 + 40, box["y"] + box["height"] / 2, steps=5)
    desk.mouse.up()
    desk.locator(".retouch button.remove:not([disabled])").click()
    desk.locator(f".tray .cell[data-sha='{second}']").click()
    desk.locator(".toast", has_text="Prêt pour").wait_for()
    assert desk.locator(".retouch .result").count() == 0
    shown = desk.locator(".retouch .side .versions img").first.get_attribute("src")
    assert shown == f"media/thumb/{second}.jpg"
    made = desk.evaluate("sha => desk.call('versions', {photo: sha})", first)
    assert [version["action"] for version in made] == ["remove"]
    assert not desk.evaluate("sha => desk.photos.get(sha).corrected", first), "not accepted, so not corrected"


def test_two_tabs_of_one_browser_keep_their_own_step_and_share_the_book(desk: Page, desk_address: str) -> None:
    desk.locator(".frame [data-step=book]").click()
    other = desk.context.new_page()
    _open(other, desk_address)
    desk.evaluate("desk.set({book: {title: 'Cent ans', subtitle: '', plates: []}})")
    other.locator(".frame [data-step=trace]").click()
    desk.reload()
    desk.wait_for_function("window.desk && desk.ready")
    assert desk.evaluate("[desk.state.step, desk.state.book.title]") == ["book", "Cent ans"]
    other.close()


def test_a_verdict_that_could_not_be_recorded_is_taken_back_on_the_screen(desk: Page) -> None:
    desk.locator(".frame [data-step=sort]").click()
    desk.locator(".sort .tile").nth(14).click()
    sha = desk.evaluate("desk.state.current")
    desk.route("**/component_server/**", lambda route: route.abort())
    desk.keyboard.press("1")
    desk.locator(".toast.error", has_text="pas été enregistré").wait_for()
    assert desk.evaluate("sha => desk.photos.get(sha).hand", sha) == ""
    desk.unroute("**/component_server/**")


def test_only_this_machine_is_answered_and_only_known_files_are_served(desk_address: str) -> None:
    def status(path: str, host: str | None = None) -> int:
        request = urllib.request.Request(desk_address + path, headers={"Host": host} if host else {})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    assert status("") == 200
    assert status("", host="evil.example") == 421
    assert status("media/thumb/" + "0" * 64 + ".jpg") == 404
    assert status("media/shared/..%2f..%2fetc%2fpasswd") == 404
    assert status("media/export/..%2fpaddock.db") == 404
    assert status("static/fonts/..%2f..%2fpyproject.toml") in (403, 404)
    assert status("gradio_api/file=/etc/passwd") in (403, 404)
