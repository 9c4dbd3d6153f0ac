"""« Qui travaille ? » and « Annuler » in a real browser: who acts is recorded as declared, and every act goes back."""

from __future__ import annotations

import itertools
import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from app.page.calls.people import MAX_NAME, declared_name
from app.page.service import Service
from studio.correcting import accept
from studio.desk import Desk
from studio.importing import import_photos
from studio.judging import decide
from studio.photos import get_photo, list_photos
from tests.page.conftest import named_context
from tests.page.served import served

COUNT = 14


@pytest.mark.parametrize(
    ("typed", "recorded"),
    [
        ("  Camille   Durand ", "Camille Durand"),
        ("Zoe\u0301", "Zo\u00e9"),
        ("a\x00b\u202ec\u200bd\ud800e", "abcde"),
        ("ligne\nune\u2028deux\tet", "ligne une deux et"),
        ("x" * 200, "x" * MAX_NAME),
        (" \u200b ", ""),
        (None, ""),
        (["Camille"], ""),
    ],
)
def test_a_declared_name_is_one_clean_line_of_at_most_sixty_characters(typed: Any, recorded: str) -> None:
    assert declared_name(typed) == recorded


def test_a_call_acts_under_the_declared_name_and_without_one_under_the_browser_s(
    desk: Desk, photos_folder: Path
) -> None:
    import_photos(desk, [photos_folder])
    sha = list_photos(desk.workspace)[0].sha
    service = Service(desk)
    for who in ("Zoé\n", "", None):
        call = {"method": "decide", "args": {"photos": [sha], "label": "ok"}, "visitor": "abc123", "who": who}
        assert "value" in service.call(call)
    events = [event for event in desk.workspace.events() if event.action == "decide"]
    assert [event.actor for event in events] == ["Zoé", "poste abc123", "poste abc123"]


def test_the_answer_to_an_act_says_what_can_be_taken_back_and_undoing_it_says_what_comes_next(
    desk: Desk, photos_folder: Path
) -> None:
    import_photos(desk, [photos_folder])
    shas = [photo.sha for photo in list_photos(desk.workspace)]
    service = Service(desk)

    def call(method: str, **args: Any) -> Any:
        return service.call({"method": method, "args": args, "lang": "en", "visitor": "x", "who": "Ana"})

    assert call("last_act") == {"value": {"act": None}}
    first = call("decide", photos=shas[:1], label="exclure")["value"]["act"]
    second = call("decide", photos=shas, label="ok")["value"]["act"]
    assert (second["count"], second["photos"][0]["after"], second["photos"][0]["before"]) == (3, "ok", "exclure")
    undone = call("undo", seq=second["seq"])["value"]
    assert undone["undone"] == second
    assert undone["act"] == first
    assert [photo["hand"] for photo in undone["photos"]] == ["exclure", "", ""]
    assert call("undo", seq=second["seq"]) == {"error": "Not possible: this was undone already. Nothing has changed."}


@dataclass
class Served:
    """A running page and its workspace's folder."""

    address: str
    folder: Path

    def events(self, action: str) -> list[dict[str, Any]]:
        connection = sqlite3.connect(self.folder / "paddock.db")
        try:
            rows = connection.execute("SELECT body FROM events ORDER BY seq").fetchall()
        finally:
            connection.close()
        return [body for body in (json.loads(row[0]) for row in rows) if body["action"] == action]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("people") / "Édition 2026"
    with served(folder) as address:
        yield Served(address, folder)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(COUNT):
        pixels = np.random.default_rng(number).integers(0, 90, (80, 120, 3))
        pixels += np.array([number * 10, 60, 150 - number * 8])
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"virage-{number:02d}.jpg")
    return sorted(folder.iterdir())


def _open(page: Page, address: str) -> None:
    page.set_default_timeout(60_000)
    page.goto(address)
    page.wait_for_function("window.desk && desk.ready")


@pytest.fixture
def desk_page(page: Page, running: Served, pictures: list[Path]) -> Page:
    """Camille's page with the photos in and judged."""
    _open(page, running.address)
    if page.evaluate("desk.photos.size") < COUNT:
        page.set_input_files(".sort .files", pictures)
    page.wait_for_function(f"desk.photos.size === {COUNT} && [...desk.photos.values()].every(photo => photo.label)")
    page.locator(".frame [data-step=sort]").click()
    return page


@pytest.mark.browser
@pytest.mark.slow
def test_a_fresh_browser_is_asked_who_works_and_the_name_is_kept_and_recorded(
    browser: Browser, desk_page: Page, running: Served
) -> None:
    context = named_context(browser, "")
    fresh = context.new_page()
    _open(fresh, running.address)
    dialog = fresh.locator("dialog.who")
    expect(dialog).to_be_visible()
    expect(fresh.get_by_role("dialog", name="Qui travaille ?")).to_be_visible()
    expect(fresh.get_by_role("textbox", name="Votre nom")).to_be_focused()
    expect(dialog).to_contain_text("rien ne prouve que c'est bien vous")
    fresh.keyboard.press("Enter")
    expect(dialog.locator(".missing")).to_be_visible()
    fresh.keyboard.type("Noé 3")
    fresh.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(fresh.locator(".frame .person .round")).to_have_text("N3")
    assert running.events("decide") == [], "the 3 of the name was no verdict"

    sha = fresh.locator(".sort .tile").first.get_attribute("data-sha")
    fresh.locator(".sort .tile").first.click()
    fresh.keyboard.press("1")
    fresh.wait_for_function("desk.act")
    assert [(body["actor"], body["subject"]) for body in running.events("decide")] == [("Noé 3", sha)]
    fresh.reload()
    fresh.wait_for_function("window.desk && desk.ready && desk.act")
    expect(dialog).to_be_hidden()
    expect(fresh.locator(".frame .person")).to_have_attribute(
        "title", "Noé 3 travaille ici. C'est une autre personne ?"
    )
    fresh.locator(f".tray .cell[data-sha='{sha}']").click()
    fresh.locator(".frame [data-step=trace]").click()
    row = fresh.locator(".trace .history tr", has_text="avis d'une personne")
    expect(row).to_contain_text("Noé 3 déclaré")
    fresh.locator(".frame .undo").click()
    fresh.wait_for_function("sha => desk.photos.get(sha).hand === ''", arg=sha)
    expect(fresh.locator(".trace .history tr").last).to_contain_text("avis annulé (annule le n°")
    context.close()


@pytest.mark.browser
@pytest.mark.slow
def test_later_and_escape_let_one_work_as_this_browser_and_a_reload_asks_no_more(
    browser: Browser, desk_page: Page, running: Served
) -> None:
    for leave in ("Escape", "click"):
        context = named_context(browser, "")
        fresh = context.new_page()
        _open(fresh, running.address)
        dialog = fresh.locator("dialog.who")
        expect(dialog).to_be_visible()
        if leave == "Escape":
            fresh.keyboard.press("Escape")
        else:
            dialog.locator(".later").click()
        expect(dialog).to_be_hidden()
        fresh.reload()
        fresh.wait_for_function("window.desk && desk.ready")
        expect(fresh.locator(".sort .tile").first).to_be_visible()
        expect(dialog).to_be_hidden()
        who = fresh.evaluate("desk.call('who')")["who"]
        assert who == "poste " + fresh.evaluate("localStorage.getItem('paddock:visitor')")
        context.close()


@pytest.mark.browser
@pytest.mark.slow
def test_the_dialog_keeps_the_keyboard_to_itself_and_gives_it_back(desk_page: Page) -> None:
    desk_page.locator(".frame .person").click()
    dialog = desk_page.locator("dialog.who")
    expect(dialog.locator("h2")).to_have_text("C'est une autre personne ?")
    expect(dialog.locator("input")).to_have_value("Camille")
    inside = "[...document.querySelectorAll('dialog.who *'), document.body].includes(document.activeElement)"
    for _ in range(8):
        desk_page.keyboard.press("Tab")
        assert desk_page.evaluate(inside)
    desk_page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(desk_page.locator(".frame .person")).to_be_focused()


@pytest.mark.browser
@pytest.mark.slow
def test_a_long_name_shares_the_frame_s_one_line_with_work_under_way_and_a_shared_page(
    browser: Browser, running: Served
) -> None:
    page = named_context(browser, "Maximilienne-Alexandrine de La Rochefoucauld-Montbel").new_page()
    _open(page, running.address)
    expect(page.locator(".frame .person .round")).to_have_text("MM")
    page.evaluate(
        """for (const [name, words] of [['shared', 'Partagé · 3'], ['jobs', '3 tâches · encore 12 min']]) {
            const button = document.querySelector(`.frame .${name}`);
            button.hidden = false;
            button.textContent = words;
        }"""
    )
    ends = "[...document.querySelectorAll('.frame .steps button, .frame .right > *')].filter(node => node.offsetParent)"
    for width, height in ((1920, 1080), (1366, 768), (1024, 768)):
        page.set_viewport_size({"width": width, "height": height})
        boxes = page.evaluate(
            f"{ends}.map(node => {{ const b = node.getBoundingClientRect(); return [b.left, b.right]; }})"
        )
        assert boxes[-1][1] <= width
        for (_, right), (left, _) in itertools.pairwise(boxes):
            assert left >= right - 1, f"two parts of the frame overlap at {width}"
    page.context.close()


@pytest.mark.browser
@pytest.mark.slow
def test_two_visitors_with_two_names_are_recorded_as_two_and_each_undoes_their_own(
    browser: Browser, desk_page: Page, running: Served
) -> None:
    before = len(running.events("decide"))
    other = named_context(browser, "Zoé").new_page()
    _open(other, running.address)
    shas = [desk_page.locator(".sort .tile").nth(place).get_attribute("data-sha") for place in (0, 1)]
    for page, sha, key in ((desk_page, shas[0], "1"), (other, shas[1], "2")):
        page.locator(f".sort .tile[data-sha='{sha}']").click()
        page.keyboard.press(key)
        page.wait_for_function("sha => desk.act && desk.act.photos[0].sha === sha", arg=sha)
    made = running.events("decide")[before:]
    assert [(body["actor"], body["subject"]) for body in made] == [("Camille", shas[0]), ("Zoé", shas[1])]
    expect(desk_page.locator(".frame .undo")).to_have_attribute(
        "aria-label", re.compile("Annuler : avis OK sur virage-")
    )
    expect(other.locator(".frame .undo")).to_have_attribute("aria-label", re.compile("Annuler : avis À retoucher sur"))
    for page in (other, desk_page):
        page.keyboard.press("z")
        page.wait_for_function("desk.act === null")
        expect(page.locator(".frame .undo")).to_be_disabled()
    assert [body["actor"] for body in running.events("decide")[before + 2 :]] == ["Zoé", "Camille"]
    other.context.close()


@pytest.mark.browser
@pytest.mark.slow
def test_a_verdict_over_twelve_photos_is_told_in_words_outlives_a_reload_and_goes_back_at_once(
    desk_page: Page, running: Served
) -> None:
    before = len(running.events("decide"))
    tiles = desk_page.locator(".sort .tile")
    tiles.nth(0).click()
    tiles.nth(11).click(modifiers=["Shift"])
    chosen = desk_page.evaluate("desk.state.selection")
    desk_page.keyboard.press("1")
    toast = desk_page.locator(".toast", has_text="OK : 12 photos")
    expect(toast.get_by_role("button", name="Annuler")).to_be_visible()
    words = re.compile(r"^Annuler : avis OK sur virage-\d\d\.jpg et 11 autres photos$")
    expect(desk_page.locator(".frame .undo")).to_have_attribute("title", words)
    desk_page.reload()
    desk_page.wait_for_function("window.desk && desk.ready")
    expect(desk_page.locator(".frame .undo")).to_have_attribute("title", words)
    expect(desk_page.locator(".frame .undo")).to_be_enabled()
    desk_page.keyboard.press("z")
    expect(desk_page.locator(".toast", has_text="Annulé : avis OK")).to_be_visible()
    desk_page.wait_for_function("list => list.every(sha => desk.photos.get(sha).hand === '')", arg=chosen)
    made = running.events("decide")[before:]
    assert len(made) == 24
    assert [body["parameters"]["undoes"] for body in made[12:]] == [body["seq"] for body in made[:12]]
    assert len({body["parameters"]["group"] for body in made[:12]}) == 1


@pytest.mark.browser
@pytest.mark.slow
def test_z_pressed_right_after_a_verdict_waits_for_it_and_takes_that_one_back(desk_page: Page, running: Served) -> None:
    before = len(running.events("decide"))
    tiles = desk_page.locator(".sort .tile")
    first, second = (str(tiles.nth(place).get_attribute("data-sha")) for place in (0, 1))
    tiles.nth(0).click()
    for key in ("1", "3", "z", "z"):
        desk_page.keyboard.press(key)
    desk_page.wait_for_function("list => list.every(sha => desk.photos.get(sha).hand === '')", arg=[first, second])
    desk_page.wait_for_function("desk.act === null")
    made = running.events("decide")[before:]
    assert [(body["subject"], body["parameters"]["label"]) for body in made] == [
        (first, "ok"), (second, "exclure"), (second, None), (first, None),
    ]  # fmt: skip


@pytest.mark.browser
@pytest.mark.slow
def test_an_accepted_version_goes_back_to_the_original_and_the_record_says_what_it_undoes(
    desk_page: Page, running: Served
) -> None:
    desk_page.locator(".tray .cell").nth(3).click()
    desk_page.locator(".frame [data-step=retouch]").click()
    sha = desk_page.evaluate("desk.state.current")
    name = desk_page.evaluate("desk.photos.get(desk.state.current).name")
    desk_page.locator(f".retouch .side .versions img[src='media/thumb/{sha}.jpg']").wait_for()
    desk_page.locator(".retouch [data-tool=brush]").click()
    box = desk_page.locator(".retouch .canvas").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    desk_page.mouse.move(middle[0] - 40, middle[1])
    desk_page.mouse.down()
    desk_page.mouse.move(middle[0] + 40, middle[1], steps=5)
    desk_page.mouse.up()
    step = desk_page.locator(".retouch [data-tool=undo]")
    expect(step).to_have_attribute("title", "Annuler : trait de pinceau (Ctrl+Z)")
    desk_page.locator(".retouch button.remove:not([disabled])").click()
    desk_page.locator(".retouch .accept").click(timeout=120_000)
    desk_page.wait_for_function("sha => desk.photos.get(sha).current !== sha", arg=sha)
    (accepted,) = running.events("accept")
    button = desk_page.locator(".frame .undo")
    expect(button).to_have_attribute("title", f"Annuler : version acceptée de {name} → original")
    toast = desk_page.locator(".toast", has_text="Version acceptée")
    expect(toast.get_by_role("button", name="Annuler")).to_be_visible()

    button.click()
    desk_page.wait_for_function("sha => desk.photos.get(sha).current === sha", arg=sha)
    shown = desk_page.locator(".retouch .side .versions button[aria-pressed=true] img")
    expect(shown).to_have_attribute("src", f"media/thumb/{sha}.jpg")
    expect(desk_page.locator(".retouch .side .versions button", has_text="actuelle").locator("img")).to_have_attribute(
        "src", f"media/thumb/{sha}.jpg"
    )
    undone = running.events("accept")[-1]
    assert (undone["parameters"]["undoes"], undone["actor"]) == (accepted["seq"], "Camille")
    assert undone["inputs"][0]["sha256"] == sha
    desk_page.locator(".frame [data-step=trace]").click()
    expect(desk_page.locator(".trace .history")).to_contain_text(
        f"version acceptée annulée (annule le n° {accepted['seq']})"
    )


@pytest.mark.browser
@pytest.mark.slow
def test_an_accepted_style_is_taken_back_by_the_message_that_told_of_it(desk_page: Page, running: Served) -> None:
    desk_page.locator(".tray .cell").nth(5).click()
    desk_page.locator(".frame [data-step=style]").click()
    desk_page.locator(".style .cell input[type=checkbox]").first.check()
    desk_page.locator(".style .apply").click()
    desk_page.locator(".style .side .card .accept").click(timeout=120_000)
    desk_page.wait_for_function("desk.photos.get(desk.state.current).styled")
    desk_page.locator(".toast", has_text="Version acceptée").get_by_role("button", name="Annuler").click()
    desk_page.wait_for_function("!desk.photos.get(desk.state.current).styled")
    expect(desk_page.locator(".style .side .card .accept")).to_be_enabled()


@pytest.mark.browser
@pytest.mark.slow
def test_an_added_style_image_is_withdrawn_again(desk_page: Page, pictures: list[Path]) -> None:
    desk_page.locator(".tray .cell").nth(6).click()
    desk_page.locator(".frame [data-step=style]").click()
    choices = desk_page.locator(".style .choices button")
    expect(choices.first).to_be_visible()
    many = choices.count()
    desk_page.set_input_files(".style .files", pictures[2])
    expect(choices).to_have_count(many + 1)
    button = desk_page.locator(".frame .undo")
    expect(button).to_have_attribute("title", "Annuler : image de style ajoutée : virage-02.jpg")
    button.click()
    expect(choices).to_have_count(many)


@pytest.mark.browser
@pytest.mark.slow
def test_the_english_page_says_in_english_who_works_and_what_will_be_undone(desk_page: Page) -> None:
    desk_page.locator(".frame [data-lang=en]").click()
    desk_page.locator(".sort .tile").first.click()
    desk_page.keyboard.press("2")
    button = desk_page.locator(".frame .undo")
    expect(button).to_have_attribute("title", re.compile(r"^Undo: verdict To correct on virage-\d\d\.jpg$"))
    desk_page.locator(".frame .person").click()
    expect(desk_page.get_by_role("dialog", name="Is this somebody else?")).to_be_visible()
    expect(desk_page.locator("dialog.who")).to_contain_text("nothing proves that it is really you")
    desk_page.keyboard.press("Escape")
    button.click()
    expect(desk_page.locator(".toast", has_text="Undone: verdict To correct")).to_be_visible()
    desk_page.locator(".frame [data-lang=fr]").click()


@pytest.mark.browser
@pytest.mark.slow
def test_taking_a_photo_out_of_the_book_is_undone_by_a_button_that_says_so(desk_page: Page) -> None:
    desk_page.evaluate("desk.set({book: null})")
    desk_page.locator(".frame [data-step=book]").click()
    shas = desk_page.evaluate("[...desk.photos.keys()].slice(0, 3)")
    desk_page.evaluate(
        "list => desk.set({book: {title: 'A', subtitle: '', plates: list.map(photo => ({photo, caption: photo}))}})",
        shas,
    )
    desk_page.locator(".frame [data-step=sort]").click()
    desk_page.locator(".frame [data-step=book]").click()
    desk_page.locator(".book .plates li").nth(1).get_by_role("button", name="Retirer du livre").click()
    expect(desk_page.locator(".book .plates li")).to_have_count(2)
    button = desk_page.locator(".book .side .undo")
    expect(button).to_contain_text("retirée du livre")
    button.click()
    assert desk_page.evaluate("desk.state.book.plates.map(plate => plate.caption)") == shas
    expect(button).to_have_count(0)


def test_one_window_s_undo_after_another_s_is_refused_with_words(desk: Desk, photos_folder: Path) -> None:
    """The button of a second tab may name an act that the first tab has undone."""
    import_photos(desk, [photos_folder])
    photo = list_photos(desk.workspace)[0].sha
    decide(desk.acting("Ana"), [photo], "ok")
    service = Service(desk)
    act = service.call({"method": "last_act", "who": "Ana", "lang": "fr"})["value"]["act"]
    undo = {"method": "undo", "args": {"seq": act["seq"]}, "who": "Ana", "lang": "fr"}
    assert service.call(undo)["value"]["act"] is None
    assert service.call(undo)["error"] == "Choix impossible : cette action est déjà annulée. Rien n'a changé."
    accept(desk, photo, photo)
    assert get_photo(desk.workspace, photo).current == photo
