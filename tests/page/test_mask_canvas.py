"""The mask canvas under real pointers and keys: what is drawn, kept, shown and exported, in values."""

import base64
import io
import json
import math
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from app.page.components.mask_canvas import assets
from app.texts import table

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent
WIDTH, HEIGHT = 1280, 853
RADIUS = 24


def encoded(array: np.ndarray, kind: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(array).save(out, kind)
    return out.getvalue()


def pictures() -> dict[str, tuple[str, bytes]]:
    """A photo, its heat (a ramp: the grey at column x is x·255/1279), a mask (a rectangle), a result."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    photo = np.stack([x * 255 // WIDTH, y * 255 // HEIGHT, (x + y) % 256], -1).astype(np.uint8)
    heat = np.rint(x * 255 / (WIDTH - 1)).astype(np.uint8)
    mask = np.where((x >= 200) & (x < 500) & (y >= 300) & (y < 400), 255, 0).astype(np.uint8)
    other = np.where((x >= 400) & (x < 700) & (y >= 300) & (y < 400), 255, 0).astype(np.uint8)
    return {
        "/photo.jpg": ("image/jpeg", encoded(photo, "JPEG")),
        "/heat.png": ("image/png", encoded(heat, "PNG")),
        "/mask.png": ("image/png", encoded(mask, "PNG")),
        "/other.png": ("image/png", encoded(other, "PNG")),
        "/result.jpg": ("image/jpeg", encoded(255 - photo, "JPEG")),
    }


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    css, js = assets()
    texts = {key: value for key, value in table("fr").items() if key.startswith("canvas.")}
    files = pictures() | {
        "/": ("text/html; charset=utf-8", (HERE / "mask_canvas_harness.html").read_bytes()),
        "/canvas.css": ("text/css", css.encode()),
        "/canvas.js": ("text/javascript; charset=utf-8", js.encode()),
        "/texts.js": ("text/javascript; charset=utf-8", f"window.TEXTS = {json.dumps(texts)};".encode()),
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = files.get(self.path, ("text/plain", b""))
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def opened(page: Page, address: str, **what: object) -> dict:
    page.goto(address)
    return reopened(page, **what)


def reopened(page: Page, **what: object) -> dict:
    return page.evaluate("(what) => canvas.open(what)", {"photoUrl": "/photo.jpg", "draftKey": "one", **what})


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Photo pixel -> where it is on the screen, from the picture's own box (not from the canvas's arithmetic)."""
    p = page.evaluate("([x, y]) => place(x, y)", [x, y])
    return p["x"], p["y"]


def drag(page: Page, *points: tuple[float, float], steps: int = 5) -> None:
    page.mouse.move(*at(page, *points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*at(page, *point), steps=steps)
    page.mouse.up()


def dab(page: Page, x: float, y: float) -> None:
    drag(page, (x, y))


def decoded(url: str) -> np.ndarray:
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        rgb = np.asarray(image.convert("RGB"))
    assert (rgb[..., 0] == rgb[..., 1]).all() and (rgb[..., 0] == rgb[..., 2]).all()
    return rgb[..., 0]


def exported(page: Page) -> np.ndarray:
    mask = decoded(page.evaluate("canvas.exportMask()"))
    assert mask.shape == (HEIGHT, WIDTH)
    assert set(np.unique(mask)) <= {0, 255}
    assert page.evaluate("canvas.maskArea()") == (mask == 255).sum()
    return mask


def heat_columns(threshold: float) -> np.ndarray:
    heat = np.rint(np.arange(WIDTH) * 255 / (WIDTH - 1))
    return np.tile(heat >= max(1, math.ceil(threshold * 255 - 1e-6)), (HEIGHT, 1))


def capsule(x0: float, y0: float, x1: float, y1: float, radius: float) -> np.ndarray:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    dx, dy = x1 - x0, y1 - y0
    k = np.clip(((x - x0) * dx + (y - y0) * dy) / max(dx * dx + dy * dy, 1e-9), 0, 1)
    return np.hypot(x - x0 - k * dx, y - y0 - k * dy) <= radius


def nearly(mask: np.ndarray, expected: np.ndarray, share: float = 0.04) -> None:
    wrong = ((mask == 255) != expected).sum()
    assert wrong <= share * expected.sum(), f"{wrong} pixels differ of {expected.sum()}"


def test_a_dab_is_a_disc_of_the_brush_exactly_black_and_white(page: Page, address: str) -> None:
    assert opened(page, address) == {"width": WIDTH, "height": HEIGHT, "restored": False}
    assert page.evaluate("canvas.isEmpty()")
    dab(page, 300, 200)
    mask = exported(page)
    nearly(mask, capsule(300, 200, 300, 200, RADIUS))
    assert (mask == 255).sum() == pytest.approx(math.pi * RADIUS**2, rel=0.02)
    assert not page.evaluate("canvas.isEmpty()")


def test_a_fast_drag_leaves_no_gap(page: Page, address: str) -> None:
    opened(page, address)
    drag(page, (100, 100), (1100, 700), steps=1)
    nearly(exported(page), capsule(100, 100, 1100, 700, RADIUS), 0.01)


def test_eraser_takes_pixels_out_of_strokes_and_of_the_base(page: Page, address: str) -> None:
    opened(page, address, maskUrl="/mask.png")
    dab(page, 900, 600)
    page.keyboard.press("e")
    dab(page, 900, 600)
    drag(page, (300, 350), (420, 350))
    mask = exported(page)
    assert mask[600, 900] == 0
    expected = np.zeros((HEIGHT, WIDTH), bool)
    expected[300:400, 200:500] = True
    nearly(mask, expected & ~capsule(300, 350, 420, 350, RADIUS), 0.01)


def test_undo_and_redo_walk_through_every_step_by_key_and_by_button(page: Page, address: str) -> None:
    opened(page, address, maskUrl="/mask.png")
    areas = [page.evaluate("canvas.maskArea()")]
    for k in range(6):
        page.keyboard.press("e" if k % 3 == 2 else "b")
        drag(page, (150 + 120 * k, 350), (250 + 120 * k, 380))
        areas.append(page.evaluate("canvas.maskArea()"))
    final = exported(page)
    for expected in reversed(areas[:-1]):
        page.keyboard.press("Control+z")
        assert page.evaluate("canvas.maskArea()") == expected
    assert page.locator("[data-tool=undo]").is_disabled()
    for k, expected in enumerate(areas[1:]):
        page.keyboard.press("Control+Shift+Z" if k % 2 else "Control+y")
        assert page.evaluate("canvas.maskArea()") == expected
    assert (exported(page) == final).all()
    page.locator("[data-tool=undo]").click()
    assert page.evaluate("canvas.maskArea()") == areas[-2]
    page.locator("[data-tool=redo]").click()
    assert (exported(page) == final).all()


def test_at_least_forty_strokes_can_be_undone(page: Page, address: str) -> None:
    opened(page, address)
    for k in range(45):
        dab(page, 60 + 60 * (k % 18), 100 + 150 * (k // 18))
    for _ in range(45):
        page.keyboard.press("Control+z")
    assert page.evaluate("canvas.isEmpty()")


@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.3, 0.5, 1.0])
def test_threshold_selects_heat_from_that_value_on(page: Page, address: str, threshold: float) -> None:
    opened(page, address, heatUrl="/heat.png", threshold=0.7)
    page.evaluate("(t) => canvas.setThreshold(t)", threshold)
    assert ((exported(page) == 255) == heat_columns(threshold)).all()


def test_strokes_survive_the_threshold_and_each_is_undone_on_its_own(page: Page, address: str) -> None:
    opened(page, address, heatUrl="/heat.png", threshold=0.5)
    dab(page, 200, 400)
    page.keyboard.press("e")
    dab(page, 1100, 400)
    for threshold in (0.2, 0.9, 0.5):
        page.evaluate("(t) => canvas.setThreshold(t)", threshold)
        expected = heat_columns(threshold) | capsule(200, 400, 200, 400, RADIUS)
        nearly(exported(page), expected & ~capsule(1100, 400, 1100, 400, RADIUS), 0.001)
    while page.evaluate("canvas.state().undoes") == "threshold":
        page.keyboard.press("Control+z")
    assert page.evaluate("canvas.state().threshold") == 0.5
    assert exported(page)[400, 1100] == 0
    page.keyboard.press("Control+z")
    assert exported(page)[400, 1100] == 255


def test_every_change_of_the_selection_is_undone_and_named_before_it_is(page: Page, address: str) -> None:
    opened(page, address, maskUrl="/mask.png")
    areas = [page.evaluate("canvas.maskArea()")]
    steps = {
        "words": "canvas.setBase({ heatUrl: '/heat.png', mode: 'replace', what: 'words' })",
        "threshold": "canvas.setThreshold(0.8)",
        "box": "canvas.setBase({ maskUrl: '/other.png', mode: 'add', what: 'box' })",
        "invert": "canvas.invert()",
        "refine": "canvas.setBase({ maskUrl: '/mask.png', mode: 'replace', what: 'refine' })",
        "clear": "canvas.clear()",
    }
    for step, act in steps.items():
        page.evaluate(act)
        areas.append(page.evaluate("canvas.maskArea()"))
        assert page.evaluate("canvas.state().undoes") == step
    dab(page, 200, 200)
    assert page.evaluate("canvas.state().undoes") == "paint"
    page.keyboard.press("e")
    dab(page, 200, 200)
    assert page.evaluate("canvas.state().undoes") == "erase"
    page.keyboard.press("Control+z")
    assert page.evaluate("canvas.state().redoes") == "erase"
    page.keyboard.press("Control+z")
    for step, area in zip(reversed(steps), reversed(areas[:-1]), strict=True):
        assert page.evaluate("canvas.state().undoes") == step
        page.keyboard.press("Control+z")
        assert page.evaluate("canvas.maskArea()") == area, step
    assert page.evaluate("[canvas.state().undoes, canvas.state().redoes]") == ["", "words"]
    assert page.locator("[data-tool=redo]").get_attribute("aria-label") == "Rétablir : {step}"


def test_two_pulls_at_the_threshold_with_a_pause_between_are_two_steps(page: Page, address: str) -> None:
    opened(page, address, heatUrl="/heat.png", threshold=0.5)
    page.evaluate("for (const value of [0.55, 0.6, 0.7]) canvas.setThreshold(value)")
    page.wait_for_timeout(800)
    page.evaluate("canvas.setThreshold(0.9)")
    for expected in (0.7, 0.5):
        page.evaluate("canvas.undo()")
        assert page.evaluate("canvas.state().threshold") == expected
        assert ((exported(page) == 255) == heat_columns(expected)).all()
    assert not page.evaluate("canvas.state().canUndo")


def test_the_answers_that_the_mask_rests_on_follow_undo_and_outlive_a_reload(page: Page, address: str) -> None:
    opened(page, address)
    page.evaluate("canvas.setBase({ maskUrl: '/mask.png', mode: 'replace', answer: { mask: 'one' } })")
    page.evaluate("canvas.setBase({ maskUrl: '/other.png', mode: 'add', answer: { mask: 'two' } })")
    masks = "canvas.answers().map((answer) => answer.mask)"
    assert page.evaluate(masks) == ["one", "two"]
    page.evaluate("canvas.clear()")
    assert page.evaluate(masks) == []
    page.evaluate("canvas.undo()")
    page.reload()
    assert reopened(page)["restored"]
    assert page.evaluate(masks) == ["one", "two"]
    page.evaluate("canvas.setBase({ maskUrl: '/mask.png', mode: 'replace', answer: { mask: 'three' } })")
    assert page.evaluate(masks) == ["three"]
    page.evaluate("canvas.undo()")
    assert page.evaluate(masks) == ["one", "two"]


@pytest.mark.parametrize("mode", ["replace", "add", "subtract"])
def test_strokes_stay_over_a_new_answer_in_each_mode(page: Page, address: str, mode: str) -> None:
    opened(page, address, maskUrl="/mask.png")
    dab(page, 900, 200)
    page.keyboard.press("e")
    dab(page, 450, 350)
    old, new = np.zeros((HEIGHT, WIDTH), bool), np.zeros((HEIGHT, WIDTH), bool)
    old[300:400, 200:500] = new[300:400, 400:700] = True
    before = exported(page)
    assert page.evaluate("(mode) => canvas.setBase({ maskUrl: '/other.png', mode })", mode)
    base = {"replace": new, "add": old | new, "subtract": old & ~new}[mode]
    expected = (base | capsule(900, 200, 900, 200, RADIUS)) & ~capsule(450, 350, 450, 350, RADIUS)
    nearly(exported(page), expected, 0.005)
    page.keyboard.press("Control+z")
    assert (exported(page) == before).all()


def test_threshold_moves_the_newest_answer_only(page: Page, address: str) -> None:
    opened(page, address, maskUrl="/mask.png")
    page.evaluate("canvas.setBase({ heatUrl: '/heat.png', mode: 'add' })")
    page.evaluate("canvas.setThreshold(0.8)")
    expected = heat_columns(0.8)
    expected[300:400, 200:500] = True
    assert ((exported(page) == 255) == expected).all()


def test_two_answers_given_at_once_are_both_kept_even_during_a_stroke(page: Page, address: str) -> None:
    opened(page, address)
    page.mouse.move(*at(page, 900, 600))
    page.mouse.down()
    page.evaluate("""Promise.all([canvas.setBase({ maskUrl: '/mask.png', mode: 'add' }),
      canvas.setBase({ maskUrl: '/other.png', mode: 'add' })])""")
    page.mouse.move(*at(page, 1000, 600), steps=3)
    page.mouse.up()
    expected = capsule(900, 600, 1000, 600, RADIUS)
    expected[300:400, 200:700] = True
    nearly(exported(page), expected, 0.002)
    page.evaluate("canvas.undo()")
    assert page.evaluate("canvas.maskArea()") == 100 * 500


def test_invert_and_clear_can_be_undone(page: Page, address: str) -> None:
    opened(page, address, heatUrl="/heat.png", threshold=0.5)
    dab(page, 200, 400)
    before = exported(page)
    page.evaluate("canvas.invert()")
    assert (exported(page) == 255 - before).all()
    page.evaluate("canvas.clear()")
    assert page.evaluate("canvas.isEmpty()")
    page.evaluate("canvas.undo()")
    assert (exported(page) == 255 - before).all()
    page.evaluate("canvas.undo()")
    assert (exported(page) == before).all()


def test_box_is_told_in_photo_pixels_and_escape_forgets_it(page: Page, address: str) -> None:
    opened(page, address)
    page.keyboard.press("Tab")
    page.locator("[data-tool=box]").click()
    drag(page, (700, 500), (300, 200))
    [box] = page.evaluate("heard.box")
    assert box == pytest.approx({"left": 300, "top": 200, "right": 700, "bottom": 500}, abs=2)
    page.mouse.move(*at(page, 100, 100))
    page.mouse.down()
    page.mouse.move(*at(page, 400, 400))
    assert page.locator(".pmc-box").is_visible()
    page.keyboard.press("Escape")
    assert page.locator(".pmc-box").is_hidden()
    page.mouse.up()
    assert len(page.evaluate("heard.box")) == 1
    assert page.evaluate("canvas.isEmpty()")


def test_a_click_is_told_in_photo_pixels(page: Page, address: str) -> None:
    opened(page, address)
    page.locator("[data-tool=click]").click()
    page.mouse.click(*at(page, 640.5, 300.5))
    [point] = page.evaluate("heard.point")
    assert (point["x"], point["y"], point["add"]) == (pytest.approx(640, abs=1), pytest.approx(300, abs=1), True)


def test_strokes_land_under_the_pointer_when_zoomed_and_panned(page: Page, address: str) -> None:
    opened(page, address)
    page.mouse.move(*at(page, 900, 600))
    page.keyboard.down("Control")
    page.mouse.wheel(0, -500)
    page.keyboard.up("Control")
    page.wait_for_function("canvas.state().zoom > 1.2")
    x, y = at(page, 900, 600)
    page.keyboard.press("b")
    page.locator(".pmc-surface").focus()
    page.keyboard.down(" ")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 70, y - 40, steps=3)
    page.mouse.up()
    page.keyboard.up(" ")
    assert page.evaluate("canvas.isEmpty()")
    assert at(page, 900, 600) == pytest.approx((x - 70, y - 40), abs=0.5)
    drag(page, (860, 560), (940, 640))
    nearly(exported(page), capsule(860, 560, 940, 640, RADIUS), 0.02)
    page.keyboard.press("0")
    assert not page.evaluate("canvas.zoomed()")


def test_wheel_and_brackets_size_the_brush_and_the_ring_shows_it(page: Page, address: str) -> None:
    opened(page, address)
    page.mouse.move(*at(page, 400, 400))
    page.mouse.wheel(0, -100)
    page.wait_for_function("heard.brush.length === 1")
    bigger = page.evaluate("canvas.brush")
    assert bigger > RADIUS
    page.locator(".pmc-surface").focus()
    page.keyboard.press("[")
    assert page.evaluate("canvas.brush") < bigger
    page.evaluate("canvas.setBrush(50)")
    page.mouse.move(*at(page, 420, 400))
    ring, scale = page.locator(".pmc-ring").bounding_box(), page.evaluate("canvas.state().zoom")
    assert ring is not None
    assert ring["width"] == pytest.approx(100 * scale, abs=1)
    assert ring["x"] + ring["width"] / 2 == pytest.approx(at(page, 420, 400)[0], abs=1)
    dab(page, 420, 400)
    nearly(exported(page), capsule(420, 400, 420, 400, 50), 0.02)


@pytest.mark.parametrize("base", ["heatUrl", "maskUrl"])
def test_a_reload_loses_nothing_even_at_once_after_the_stroke(page: Page, address: str, base: str) -> None:
    opened(page, address, **{base: "/heat.png" if base == "heatUrl" else "/mask.png"})
    page.evaluate("canvas.setThreshold(0.6)")
    dab(page, 200, 200)
    page.keyboard.press("e")
    dab(page, 460, 350)
    page.evaluate("canvas.setBase({ maskUrl: '/other.png', mode: 'subtract' })")
    before = exported(page)
    page.keyboard.press("b")
    dab(page, 100, 700)
    page.reload()
    assert reopened(page)["restored"]
    after = exported(page)
    assert after[700, 100] == 255
    assert before[700, 100] == 0
    assert (after[:650] == before[:650]).all()
    page.evaluate("canvas.discardDraft()")
    page.reload()
    assert not reopened(page)["restored"]
    assert page.evaluate("canvas.isEmpty()")


def test_the_threshold_still_works_on_a_restored_draft(page: Page, address: str) -> None:
    opened(page, address, heatUrl="/heat.png", threshold=0.5)
    dab(page, 100, 100)
    page.reload()
    reopened(page)
    page.evaluate("canvas.setThreshold(0.75)")
    assert page.evaluate("canvas.state().hasHeat")
    nearly(exported(page), heat_columns(0.75) | capsule(100, 100, 100, 100, RADIUS), 0.001)


def test_another_photo_and_back_keeps_strokes_and_undo(page: Page, address: str) -> None:
    opened(page, address)
    dab(page, 200, 200)
    reopened(page, draftKey="two")
    assert page.evaluate("canvas.isEmpty()")
    assert reopened(page, draftKey="one")["restored"]
    assert exported(page)[200, 200] == 255
    page.evaluate("canvas.undo()")
    assert page.evaluate("canvas.isEmpty()")


def test_a_hidden_tab_keeps_the_strokes_and_draws_again(page: Page, address: str) -> None:
    opened(page, address)
    dab(page, 200, 200)
    page.evaluate("desk.style.display = 'none'")
    page.wait_for_timeout(100)
    page.evaluate("desk.style.display = 'flex'")
    page.wait_for_timeout(100)
    dab(page, 800, 500)
    nearly(exported(page), capsule(200, 200, 200, 200, RADIUS) | capsule(800, 500, 800, 500, RADIUS), 0.02)


def test_a_full_storage_is_told_and_drawing_goes_on(page: Page, address: str) -> None:
    opened(page, address)
    page.evaluate("""() => {
      Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
    }""")
    dab(page, 200, 200)
    page.wait_for_function("heard.error.length === 1")
    assert page.evaluate("heard.error[0].name") == "draft"
    assert "brouillon" in page.evaluate("heard.error[0].text")
    dab(page, 600, 200)
    assert exported(page)[200, 600] == 255


def test_a_photo_that_does_not_answer_is_told(page: Page, address: str) -> None:
    page.goto(address)
    assert reopened(page, photoUrl="/missing.jpg") is None
    assert page.evaluate("heard.error[0].name") == "photo"
    opened(page, address)
    page.evaluate("canvas.open({ photoUrl: '/missing.jpg', draftKey: 'two' })")
    assert page.locator(".pmc-photo").is_hidden()
    assert page.evaluate("canvas.exportMask()") is None


def test_compare_slider_moves_by_keyboard_and_by_drag(page: Page, address: str) -> None:
    opened(page, address, maskUrl="/mask.png")
    assert page.evaluate("canvas.showResult('/result.jpg')")
    page.evaluate("canvas.compare(true)")
    slider = page.get_by_role("slider", name="Limite entre avant et après")
    assert slider.get_attribute("aria-valuenow") == "50"
    slider.focus()
    for key, expected in [("ArrowRight", 52), ("Shift+ArrowLeft", 42), ("Home", 0), ("End", 100), ("ArrowLeft", 98)]:
        page.keyboard.press(key)
        assert slider.get_attribute("aria-valuenow") == str(expected)
    x, y = at(page, 0.98 * WIDTH, 400)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(*at(page, 0.25 * WIDTH, 400), steps=4)
    page.mouse.up()
    assert slider.get_attribute("aria-valuenow") == "25"
    left, right = colour(page, 100, 500), colour(page, 1000, 500)
    assert left == pytest.approx((100 * 255 // WIDTH, 500 * 255 // HEIGHT), abs=12)
    assert right == pytest.approx((255 - 1000 * 255 // WIDTH, 255 - 500 * 255 // HEIGHT), abs=12)


def colour(page: Page, x: float, y: float) -> tuple[int, int]:
    """(red, green) seen on the screen over a photo pixel."""
    px, py = at(page, x, y)
    with Image.open(io.BytesIO(page.screenshot())) as image:
        red, green, _ = image.convert("RGB").getpixel((round(px), round(py)))
    return red, green


def test_holding_o_shows_the_original_and_letting_go_the_result(page: Page, address: str) -> None:
    opened(page, address)
    page.evaluate("canvas.showResult('/result.jpg')")
    page.locator(".pmc-surface").focus()
    original = pytest.approx((900 * 255 // WIDTH, 500 * 255 // HEIGHT), abs=12)
    result = pytest.approx((255 - 900 * 255 // WIDTH, 255 - 500 * 255 // HEIGHT), abs=12)
    assert colour(page, 900, 500) == result
    page.keyboard.down("o")
    assert colour(page, 900, 500) == original
    page.keyboard.up("o")
    assert colour(page, 900, 500) == result
    page.evaluate("canvas.showResult(null)")
    assert colour(page, 900, 500) == original


def test_a_stroke_leaves_the_comparison_so_that_it_is_seen(page: Page, address: str) -> None:
    opened(page, address)
    page.evaluate("canvas.showResult('/result.jpg').then(() => canvas.compare(true))")
    dab(page, 900, 500)
    assert page.locator(".pmc-divider").is_hidden()
    assert page.evaluate("canvas.state().maskShown")
    assert colour(page, 912, 512) != pytest.approx((255 - 912 * 255 // WIDTH, 255 - 512 * 255 // HEIGHT), abs=12)


@pytest.mark.parametrize("calm", ["no-preference", "reduce"])
def test_the_edge_crawls_unless_less_motion_is_asked_for(page: Page, address: str, calm: str) -> None:
    page.emulate_media(reduced_motion=calm)  # type: ignore[arg-type]
    opened(page, address, maskUrl="/mask.png")
    page.wait_for_timeout(200)
    seen = set()
    for _ in range(4):
        seen.add(page.screenshot())
        page.wait_for_timeout(170)
    assert (len(seen) == 1) == (calm == "reduce")


def test_m_hides_the_mask_and_only_hides_it(page: Page, address: str) -> None:
    opened(page, address, maskUrl="/mask.png")
    plain = pytest.approx((350 * 255 // WIDTH, 350 * 255 // HEIGHT), abs=12)
    assert colour(page, 350, 350) != plain
    page.locator(".pmc-surface").focus()
    page.keyboard.press("m")
    assert colour(page, 350, 350) == plain
    assert page.locator("[data-tool=hide]").inner_text() == "Afficher"
    assert exported(page)[350, 350] == 255


def test_the_mask_is_shown_where_it_is_and_follows_a_resize(page: Page, address: str) -> None:
    opened(page, address, maskUrl="/mask.png")
    for size in ({"width": 1366, "height": 768}, {"width": 900, "height": 620}, {"width": 1500, "height": 560}):
        page.set_viewport_size(size)
        page.wait_for_timeout(120)
        photo = page.locator(".pmc-photo").bounding_box()
        assert photo is not None
        assert photo["width"] / photo["height"] == pytest.approx(WIDTH / HEIGHT, rel=0.01)
        stage = page.locator(".pmc").bounding_box()
        assert stage is not None
        margins = stage["width"] - photo["width"], stage["height"] - photo["height"]
        assert min(margins) == pytest.approx(32, abs=1)
        assert photo["x"] - stage["x"] == pytest.approx(margins[0] / 2, abs=1)
        for x, y in ((208, 308), (492, 392)):
            assert colour(page, x, y) != pytest.approx((x * 255 // WIDTH, y * 255 // HEIGHT), abs=12)
        for x, y in ((188, 350), (512, 350), (350, 288), (350, 412)):
            assert colour(page, x, y) == pytest.approx((x * 255 // WIDTH, y * 255 // HEIGHT), abs=12)
    dab(page, 900, 600)
    assert exported(page)[600, 900] == 255


def test_strokes_are_exported_as_hints(page: Page, address: str) -> None:
    opened(page, address)
    dab(page, 300, 300)
    page.keyboard.press("e")
    dab(page, 700, 300)
    strokes = page.evaluate("canvas.exportStrokes()")
    nearly(decoded(strokes["add"]), capsule(300, 300, 300, 300, RADIUS))
    nearly(decoded(strokes["remove"]), capsule(700, 300, 700, 300, RADIUS))


def test_changes_are_told_with_area_and_share(page: Page, address: str) -> None:
    opened(page, address)
    dab(page, 300, 300)
    area = page.evaluate("canvas.maskArea()")
    page.wait_for_function("(area) => heard.change.some((c) => c.area === area)", arg=area)
    assert page.evaluate("heard.change.at(-1).share") == pytest.approx(area / (WIDTH * HEIGHT))


def test_on_a_dense_screen_with_fingers_strokes_land_and_two_fingers_zoom(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 1024, "height": 768}, device_scale_factor=2, has_touch=True)
    page = context.new_page()
    opened(page, address)
    touch = context.new_cdp_session(page)

    def fingers(kind: str, *points: tuple[float, float]) -> None:
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y, "id": k} for k, (x, y) in enumerate(points)]},
        )

    fingers("touchStart", at(page, 300, 300))
    for k in range(1, 6):
        fingers("touchMove", at(page, 300 + 60 * k, 300 + 20 * k))
    fingers("touchEnd")
    mask = exported(page)
    nearly(mask, capsule(300, 300, 600, 400, RADIUS), 0.02)
    centre = at(page, 640, 426)
    fingers("touchStart", (centre[0] - 40, centre[1]))
    fingers("touchStart", (centre[0] - 40, centre[1]), (centre[0] + 40, centre[1]))
    fingers("touchMove", (centre[0] - 120, centre[1]), (centre[0] + 120, centre[1]))
    fingers("touchEnd")
    assert page.evaluate("canvas.zoomed()")
    assert (exported(page) == mask).all()
    page.evaluate("canvas.clear()")
    page.mouse.click(*at(page, 640, 426))
    nearly(exported(page), capsule(640, 426, 640, 426, RADIUS), 0.04)
    context.close()


def test_every_text_is_there_in_both_languages(page: Page, address: str) -> None:
    opened(page, address)
    page.evaluate("canvas.showResult('/result.jpg').then(() => { canvas.compare(true); canvas.setTool('zoom'); })")
    assert "?canvas" not in page.content()
    assert page.locator(".pmc-surface").get_attribute("aria-label") == table("fr")["canvas.label"]
