"""Take the screenshots of the staff's guide from the running page: ``python -m docs.screenshots [--out docs/images]``.

Starts the page on a temporary workspace, imports the synthetic samples, walks through every step as a person
would, and saves one picture per step, reduced so that the repository stays small. A second page, shared at an address
that no other machine can reach, shows who works, the tasks, sharing, and « Cette machine ».
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FloatRect, Page, Playwright, sync_playwright

from tests.page.served import Serving, served, serving

OUT = Path(__file__).with_name("images")
SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "evaluation"
WIDTH, HEIGHT = 1366, 768
KEPT = 1200
"""Width in which a picture is kept: the words stay readable, and the repository small."""
MOST_BYTES = 112_000
"""Of one picture: nineteen of them stay under 2 MB."""
WORKSPACE = "24 h – édition 100 ans"
EXAM = "porsche-911.jpg"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
SHARED = "127.0.0.2"
"""An address of this machine for itself: what « Partager » shows leads nowhere."""
BATCH = 60
Shoot = Callable[[str], None]


def main() -> None:
    """Parse the command line, take every picture, say what was written."""
    parser = argparse.ArgumentParser(prog="python -m docs.screenshots", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the pictures (default: docs/images)")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    os.environ["PADDOCK_WHO"] = "Camille"
    with tempfile.TemporaryDirectory(prefix="paddock-shots-") as folder, sync_playwright() as driver:
        browser = launch(driver)
        with served(Path(folder) / WORKSPACE) as address:
            problems = walk(browser, address, out)
        photos = make_batch(Path(folder) / "photos")
        with serving(Path(folder) / "partage" / WORKSPACE, "--lan-address", SHARED) as page:
            problems += share(browser, page, photos, out)
        browser.close()
    sizes = {path.name: path.stat().st_size for path in sorted(out.iterdir())}
    for name, size in sizes.items():
        sys.stdout.write(f"{name}\t{size / 1000:.0f} kB\n")
    sys.stdout.write(f"{sum(sizes.values()) / 1e6:.2f} MB\n")
    if problems:
        sys.exit("the page reported: " + " | ".join(problems))


def launch(driver: Playwright) -> Browser:
    """The system's Chromium, else Playwright's own."""
    system = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return driver.chromium.launch(executable_path=system, args=ARGUMENTS)


def open_page(context: BrowserContext, address: str, problems: list[str]) -> Page:
    """The page once it is ready; what goes wrong in its scripts is added to ``problems``."""
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.set_default_timeout(120_000)
    page.goto(address)
    page.wait_for_function("window.desk && desk.ready")
    return page


def walk(browser: Browser, address: str, out: Path) -> list[str]:
    """Drive the page from its first screen to the last step; returns the errors that the page reported."""
    problems: list[str] = []
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="fr-FR")
    context.add_init_script('if (location.protocol === "http:") localStorage.setItem("paddock:person", "Camille")')
    page = open_page(context, address, problems)

    def shoot(name: str) -> None:
        settle(page)
        save(page.screenshot(), out, name)

    for part in (sort, retouch, style, bind, trace, evaluate):
        part(page, shoot)
    context.close()
    return problems


def share(browser: Browser, served_page: Serving, photos: list[Path], out: Path) -> list[str]:
    """Who works, a batch on its way with a refused photo, sharing, and this machine; returns the page's errors."""
    problems: list[str] = []
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="fr-FR")
    page = open_page(context, served_page.door, problems)
    page.locator(".who input").wait_for()
    page.wait_for_url(re.compile(r"/$"))
    page.locator(".who input").fill("Camille, bureau photo")

    def shoot(name: str, *, below: str = "") -> None:
        page.evaluate("document.querySelectorAll('.toast').forEach(toast => toast.remove())")
        box = page.locator(below).bounding_box() if below else None
        if box is None:
            save(page.screenshot(), out, name)
            return
        left = box["x"] - 220  # the panel, with the corner of the page that it hangs from
        clip = FloatRect(x=left, y=0, width=WIDTH - left, height=box["y"] + box["height"] + 20)
        save(page.screenshot(clip=clip), out, name)

    shoot("16-qui-travaille")
    page.locator(".who .begin").click()
    page.locator(".frame .workshop").click()
    page.locator(".panel [data-step=machine]").click()
    page.locator(".machine .figures").wait_for()
    settle(page)
    shoot("19-cette-machine")
    page.locator(".frame [data-step=sort]").click()
    page.set_input_files(".sort .files", photos)
    page.locator(".frame .jobs").click()
    page.wait_for_function("desk.jobs.some(job => job.kind === 'import' && !job.active && job.failed)")
    under_way = "job.kind === 'judge' && job.done >= 24 && job.seconds_left"
    counted = "Math.abs(job.fraction - job.done / job.total) < 0.02"  # not while the total still grows
    page.wait_for_function(f"desk.jobs.some(job => {under_way} && {counted})")
    shoot("17-taches")
    page.wait_for_function("desk.jobs.every(job => !job.active)")
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": WIDTH, "height": 960})  # tall enough for the whole panel
    page.locator(".frame .workshop").click()
    page.locator(".panel .share-menu").click()
    page.locator(".panel .qr").wait_for()
    settle(page)
    shoot("18-partager", below=".frame .panel")
    context.close()
    return problems


def make_batch(folder: Path) -> list[Path]:
    """Many photos from the few samples, each of its own bytes, and one that is cut off in the middle."""
    folder.mkdir()
    samples = [Image.open(path).convert("RGB") for path in sorted(SAMPLES.rglob("*.jpg"))]
    made = []
    for number in range(BATCH):
        path = folder / f"course-{number + 1:03d}.jpg"
        samples[number % len(samples)].save(path, quality=70 + number // len(samples))
        made.append(path)
    cut = folder / "course-061.jpg"
    cut.write_bytes(made[0].read_bytes()[:9_000])
    return [*made, cut]


def sort(page: Page, shoot: Shoot) -> None:
    """The first screen, the sorted grid, a person's decision, the panel that says which models answer."""
    page.locator(".sort .empty").wait_for()
    shoot("01-accueil")
    page.locator(".sort .samples").click()
    page.wait_for_function("desk.photos.size >= 12 && [...desk.photos.values()].every(photo => photo.label)")
    page.wait_for_function("desk.jobs.every(job => !job.active)")
    page.locator(".sort [data-filter=all]").click()  # the grid's order is renewed by a filter
    sha = sha_of(page, "virage.jpg")
    page.locator(f".sort .tile[data-sha='{sha}']").click()
    shoot("02-trier")
    page.keyboard.press("1")
    page.wait_for_function("sha => desk.photos.get(sha).hand === 'ok'", arg=sha)
    page.locator(f".sort .tile[data-sha='{sha}']").click()
    shoot("03-trier-decide")
    page.locator(".frame .models").click()
    page.locator(".panel table").wait_for()
    shoot("04-qui-repond")
    page.keyboard.press("Escape")


def retouch(page: Page, shoot: Shoot) -> None:
    """Words, a box, the brush, then erase, compare and accept on the examination's photo."""
    page.locator(f".tray .cell[data-sha='{sha_of(page, EXAM)}']").click()
    page.locator(".frame [data-step=retouch]").click()
    page.locator(".retouch .pmc-surface").wait_for()
    page.locator(".retouch [data-tool=box]").click()
    drag(page, (0.30, 0.52), (0.66, 0.80), release=False)
    shoot("05-retoucher-cadre")
    page.mouse.up()
    page.locator(".retouch .side .card").first.wait_for()
    page.locator(".retouch .side button", has_text="Tout désélectionner").click()
    page.fill("#pk-words", "le panneau publicitaire")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.retouch .side .card')?.textContent.includes('panneau')")
    page.locator(".retouch .wait").wait_for(state="hidden")
    shoot("06-retoucher-mots")
    page.locator(".retouch [data-tool=brush]").click()
    drag(page, (0.10, 0.30), (0.26, 0.22))
    shoot("07-retoucher-pinceau")
    page.locator(".retouch [data-tool=eraser]").click()
    drag(page, (0.10, 0.30), (0.26, 0.22))
    page.locator(".retouch button.remove").click()
    page.locator(".retouch .result").wait_for()
    shoot("08-retoucher-efface")
    page.locator(".retouch .compare").click()
    slide(page, ".retouch .pmc-divider", 0.77)
    shoot("09-retoucher-comparer")
    page.locator(".retouch .accept").click()
    page.wait_for_function("desk.photos.get(desk.state.current).current !== desk.state.current")


def style(page: Page, shoot: Shoot) -> None:
    """The corrected photo in three styles: previews, then the full-size results."""
    page.locator(".frame [data-step=style]").click()
    keep = page.locator(".style .cell input[type=checkbox]")
    for index in range(3):
        keep.nth(index).check()
    shoot("10-styliser")
    page.locator(".style .apply").click()
    accept = page.locator(".style .side .card .accept")
    accept.nth(2).wait_for()
    accept.first.click()
    page.wait_for_function("desk.photos.get(desk.state.current).styled")
    page.wait_for_timeout(1_000)  # the column is drawn anew when the page learns of the acceptance
    reveal(page, ".style .side .accept")
    shoot("11-styliser-resultats")


def bind(page: Page, shoot: Shoot) -> None:
    """The album with captions, bound."""
    page.locator(".frame [data-step=book]").click()
    page.locator(".book .side .addok").click()
    page.locator(".book .plates input").first.fill("Départ de la course")
    page.locator(".book .plates input").first.blur()
    page.locator(".book .spread img").first.wait_for()
    shoot("12-livre")
    page.locator(".book .bind").click()
    page.locator(".book .bound .pdf").wait_for()
    reveal(page, ".book .bound .pdf")
    shoot("13-livre-pret")


def trace(page: Page, shoot: Shoot) -> None:
    """The tree of the final picture, verification and the export."""
    page.locator(".frame [data-step=trace]").click()
    page.locator(".trace .node.final").wait_for()
    page.locator(".trace .verify").click()
    page.locator(".trace .verification").wait_for()
    page.locator(".trace .export").click()
    page.locator(".trace .archive").wait_for()
    reveal(page, ".trace .archive")
    reveal(page, ".trace .node.final")
    shoot("14-tracabilite")


def evaluate(page: Page, shoot: Shoot) -> None:
    """The three labelled folders of the samples against the shipped classifier."""
    page.locator(".frame .workshop").click()
    page.locator(".panel [data-step=evaluate]").click()
    page.locator(".evaluate .samples").click()
    page.locator(".evaluate .run").click()
    page.locator(".evaluate .rate").wait_for()
    shoot("15-evaluer")


def drag(page: Page, start: tuple[float, float], end: tuple[float, float], *, release: bool = True) -> None:
    """A pointer stroke over the photo, in fractions of the canvas."""
    box = page.locator(".retouch .canvas").bounding_box()
    if box is None:
        raise RuntimeError("the canvas is not on the page")
    points = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in (start, end)]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=12)
    if release:
        page.mouse.up()


def sha_of(page: Page, name: str) -> str:
    """Hash of the photo with this file name."""
    return str(page.evaluate("name => [...desk.photos.values()].find(photo => photo.name === name).sha", name))


def reveal(page: Page, selector: str) -> None:
    """Scroll to the first such element; at once, because the columns are drawn anew now and then."""
    page.evaluate(
        "selector => document.querySelector(selector).scrollIntoView({block: 'nearest', inline: 'nearest'})", selector
    )


def slide(page: Page, divider: str, place: float) -> None:
    """Drag the line between before and after to a fraction of the canvas's width."""
    line, room = page.locator(divider).bounding_box(), page.locator(".retouch .canvas").bounding_box()
    if line is None or room is None:
        raise RuntimeError("there is nothing to compare on the page")
    height = line["y"] + line["height"] / 2
    page.mouse.move(line["x"] + line["width"] / 2, height)
    page.mouse.down()
    page.mouse.move(room["x"] + room["width"] * place, height, steps=8)
    page.mouse.up()


def settle(page: Page) -> None:
    """Wait until visible pictures have arrived and spinners are gone; messages that pass by are closed."""
    page.wait_for_function(
        "[...document.querySelectorAll('.pk img')].filter(image => image.offsetParent)"
        ".every(image => image.complete && image.naturalWidth)"
    )
    page.wait_for_function("![...document.querySelectorAll('.pk .spin')].some(spin => spin.offsetParent)")
    page.wait_for_timeout(600)
    page.evaluate("document.querySelectorAll('.toast').forEach(toast => toast.remove())")


def save(png: bytes, out: Path, name: str) -> Path:
    """Keep the lighter of a 256-colour PNG (screens of text) and the best JPEG that fits MOST_BYTES (photos)."""
    shot = Image.open(BytesIO(png)).convert("RGB")
    if shot.width > KEPT:
        shot = shot.resize((KEPT, round(shot.height * KEPT / shot.width)), Image.Resampling.LANCZOS)
    flat = encode(shot.quantize(256, dither=Image.Dither.NONE), "PNG", optimize=True)
    jpeg = b""
    for quality in range(86, 50, -2):
        jpeg = encode(shot, "JPEG", quality=quality, subsampling=2, optimize=True, progressive=True)
        if len(jpeg) <= MOST_BYTES:
            break
    kept, suffix = (flat, "png") if len(flat) <= len(jpeg) else (jpeg, "jpg")
    for old in out.glob(f"{name}.*"):
        old.unlink()
    path = out / f"{name}.{suffix}"
    path.write_bytes(kept)
    return path


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    """A picture's file, in memory."""
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
