"""A bound book: its pages, its words, its limits, and what a hostile caption can't do."""

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from book import weasy
from book.album import Album, BookError, Plate
from book.html import folio_side
from book.layout import layout
from book.pdf import bind
from book.pictures import print_copies, sizes_of
from book.settings import SETTINGS
from book.slots import A4, Box, Page
from book.texts import moment, plain, written_date
from core.errors import Cancelled, UnreadablePhoto

HEAD = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
LONG = "Été à Mulsanne : où l'œil s'arrête, çà et là, près du château — " * 5
needs_pango = pytest.mark.skipif(bool(weasy.why_not()), reason=f"WeasyPrint can't load: {weasy.why_not()}")
needs_poppler = pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils is not installed")
engines = pytest.mark.parametrize("engine", [pytest.param("weasyprint", marks=needs_pango), "fpdf2"])


@pytest.fixture
def photo(tmp_path: Path) -> Callable[..., Path]:
    def make(name: str, width: int = 300, height: int = 200) -> Path:
        across = np.linspace(0, 255, width, dtype=np.uint8)[None, :, None]
        Image.fromarray(np.broadcast_to(across, (height, width, 3)).copy()).save(tmp_path / name, quality=90)
        return tmp_path / name

    return make


@pytest.fixture
def album(photo: Callable[..., Path]) -> Album:
    shapes = [(300, 200), (200, 300), (300, 300), (300, 170), (300, 225)]
    plates = tuple(
        Plate(
            photo(f"IMG_{i}.jpg", *shape), f"Légende {i}", "A. Dupont / Agence X",
            ((f"cafe{i:04d}", f"IMG_{i}.CR3"),), ("Panneau effacé",) if i else (),
        )
        for i, shape in enumerate(shapes)
    )  # fmt: skip
    return Album("Vingt-quatre heures", plates, "Album de presse", "fr", HEAD, "2026-11-24")


def text_of(pdf: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.split())


@engines
@needs_poppler
def test_the_book_holds_title_captions_sources_and_the_ledgers_head(album: Album, tmp_path: Path, engine: str) -> None:
    bound = bind(album, tmp_path / "book.pdf", engine=engine)
    text = text_of(bound.path)
    for words in ("Vingt-quatre", "Album de presse", "24 novembre 2026", "Sources et traçabilité", "Panneau effacé"):
        assert words in text
    assert HEAD in text
    for i in range(5):
        assert text.count(f"Légende {i}") == 2, "under the picture and in the sources"
        assert f"IMG_{i}.CR3" in text and f"cafe{i:04d}" in text
    assert "telle qu'elle a été prise" in text
    pages = int(re.search(r"Pages:\s+(\d+)", subprocess.check_output(["pdfinfo", bound.path], text=True)).group(1))
    assert bound.pages == pages > len(layout(sizes_of(album.plates)))
    assert bound.engine == engine


@engines
def test_the_same_album_gives_the_same_bytes(album: Album, tmp_path: Path, engine: str) -> None:
    first = bind(album, tmp_path / "one.pdf", engine=engine)
    second = bind(album, tmp_path / "two.pdf", engine=engine)
    assert first.sha256 == second.sha256
    assert first.path.read_bytes() == second.path.read_bytes()


@engines
def test_every_font_is_embedded_and_is_ours(album: Album, tmp_path: Path, engine: str) -> None:
    if not shutil.which("pdffonts"):
        pytest.skip("poppler-utils is not installed")
    bound = bind(album, tmp_path / "book.pdf", engine=engine)
    rows = subprocess.check_output(["pdffonts", bound.path], text=True).splitlines()[2:]
    assert {bool(re.search("Garamond|Inter", row)) for row in rows} == {True}
    assert {row.split()[-5] for row in rows} == {"yes"}
    assert {"TrueType" in row for row in rows} == {True}, "a machine's own fonts are not TrueType here; ours are"


@engines
def test_a_hostile_caption_attaches_nothing_and_reads_nothing(album: Album, tmp_path: Path, engine: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the-secret-in-the-file")
    hostile = f"<link rel=attachment href=file://{secret}><img src='file://{secret}'><style>*{{color:red}}</style>"
    plates = (replace(album.plates[0], caption=hostile, credit=hostile, steps=(hostile,)), *album.plates[1:])
    bound = bind(replace(album, plates=plates, title=hostile[:80]), tmp_path / "book.pdf", engine=engine)
    data = bound.path.read_bytes()
    assert b"EmbeddedFile" not in data
    assert b"the-secret" not in data
    if shutil.which("pdftotext"):
        assert "<link rel=attachment" in text_of(bound.path), "shown as it was written"
        assert "the-secret" not in text_of(bound.path)


@needs_pango
@pytest.mark.parametrize(
    "markup",
    [
        "<link rel=attachment href='{}'>", "<img src='{}'>", "<p style=\"background: url('{}')\">x</p>",
        "<a rel=attachment href='{}'>x</a>", "<link rel=stylesheet href='{}'>", "<object data='{}'></object>",
    ],
)  # fmt: skip
@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://127.0.0.1:9/x", "data:text/plain,hello"])
def test_the_fetcher_refuses_every_address_but_our_files(markup: str, address: str) -> None:
    with pytest.raises(BookError, match="refused address"):
        weasy.html_to_pdf(f"<html><body>{markup.format(address)}</body></html>", {})


@needs_pango
def test_a_picture_that_can_not_be_shown_is_told_and_not_left_out(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"not a picture")
    with pytest.raises(BookError, match="WeasyPrint reports"):
        weasy.html_to_pdf("<img src='paddock:broken.jpg'>", {"broken.jpg": broken})


@engines
@needs_poppler
@pytest.mark.parametrize("caption", [LONG, "x" * 300], ids=["accented sentences", "one endless word"])
def test_long_captions_stay_in_their_place_and_are_whole_in_the_sources(
    album: Album, tmp_path: Path, engine: str, caption: str
) -> None:
    plates = tuple(replace(plate, caption=caption, credit=caption) for plate in album.plates)
    pages = layout(sizes_of(plates))
    bound = bind(replace(album, plates=plates, title=caption, subtitle=caption), tmp_path / "book.pdf", engine=engine)
    boxes = subprocess.check_output(["pdftotext", "-bbox", bound.path, "-"], text=True)
    printed = boxes.split("<page ")[1:]
    assert len(printed) == bound.pages
    for page, laid_out in zip(printed[1:], pages[1:], strict=False):
        places = [slot.caption for slot in laid_out.slots if slot.caption]
        for word in re.finditer(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)<', page):
            left, top, right, bottom = (float(value) * 25.4 / 72 for value in word.groups()[:4])
            in_a_caption = any(
                place.x - 0.5 <= left and right <= place.right + 3 and place.y - 0.5 <= top
                and bottom <= place.bottom + 1.5 for place in places
            )  # fmt: skip
            assert in_a_caption or word.group(5).isdigit(), (laid_out.kind, word.group(5))
    sources = text_of(bound.path).split("Sources et traçabilité")[1]
    whole = "".join(sources.split()).replace("-", "").replace("\u00ad", "")
    word, times = ("château", 5) if caption == LONG else ("x", 300)
    assert whole.count(word) >= times * len(plates)


def test_a_page_number_never_stands_on_a_caption() -> None:
    for index, kinds in enumerate([("bleed", "edge", "row-2")] * 4):
        for kind in kinds:
            photos = 2 if kind == "row-2" else 1
            setting = next(setting for setting in SETTINGS if setting.kind == kind)
            slots = setting.place([1.6 if kind == "bleed" else 0.6] * photos, A4, index % 2 == 1)
            left = 16.0 if folio_side(index, Page(kind, A4, slots)) == "left" else 297 - 16 - 8
            number = Box(left, 210 - 6.4 - 2.4, 8, 2.4)
            for slot in slots:
                for box in (slot.box, slot.caption):
                    apart = number.right < box.x or box.right < number.x or box.bottom < number.y
                    assert apart, (index, kind)


def test_copies_for_print_have_the_slots_size_at_300_dpi_and_keep_the_credit(
    photo: Callable[..., Path], tmp_path: Path
) -> None:
    large = photo("large.jpg", 4200, 2800)
    with Image.open(large) as image:
        exif = image.getexif()
        exif[0x013B] = "A. Dupont"
        image.save(large, exif=exif, quality=90)
    plates = (Plate(large),)
    pages = layout(sizes_of(plates))
    copies = print_copies(plates, pages, tmp_path)
    with Image.open(tmp_path / copies.slots[1, 0]) as copy:
        assert copy.size == (3508, 2339)
        assert copy.getexif()[0x013B] == "A. Dupont"
    with Image.open(tmp_path / copies.slots[0, 0]) as cover:
        assert cover.size[0] / cover.size[1] == pytest.approx(297 / 210, rel=1e-3)


def test_a_photo_in_another_colour_space_is_converted_to_srgb(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ").replace(b"?XYZ", b"bXYZ")
    named = swapped.replace("sRGB".encode("utf-16-be"), "RBGs".encode("utf-16-be"))
    path = tmp_path / "swapped.png"
    Image.new("RGB", (60, 40), (255, 0, 0)).save(path, icc_profile=named)
    plates = (Plate(path),)
    copies = print_copies(plates, layout(sizes_of(plates)), tmp_path)
    with Image.open(tmp_path / copies.slots[1, 0]) as copy:
        red, green, blue = (int(value) for value in np.asarray(copy)[10, 10])
    assert copies.notices == ()
    assert blue > 240 and red < 20 and green < 20, "its red primary is sRGB's blue one"


def test_a_photo_too_small_for_its_place_is_told_in_both_languages(album: Album, tmp_path: Path) -> None:
    bound = bind(album, tmp_path / "book.pdf", engine="fpdf2")
    assert {notice.plate for notice in bound.warnings} == {1, 2, 3, 4, 5}
    assert "« IMG_0.jpg »" in bound.warnings[0].fr and "points par pouce" in bound.warnings[0].fr
    assert "dots per inch" in bound.warnings[0].text("en")


def test_signs_that_our_fonts_lack_are_told_by_fpdf2(album: Album, tmp_path: Path) -> None:
    plates = (replace(album.plates[0], caption="優勝 2026"), *album.plates[1:])
    bound = bind(replace(album, plates=plates), tmp_path / "book.pdf", engine="fpdf2")
    assert any("優 勝" in notice.en or "優" in notice.en for notice in bound.warnings if notice.plate == 1)


def test_without_pango_the_book_is_made_by_fpdf2_and_says_so(
    album: Album, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weasy, "why_not", lambda: "cannot load library 'libpango-1.0-0'")
    bound = bind(album, tmp_path / "book.pdf")
    assert bound.engine == "fpdf2"
    assert "Pango n'est pas installé" in bound.warnings[0].fr
    with pytest.raises(BookError, match="apt-get install libpango"):
        bind(album, tmp_path / "book.pdf", engine="weasyprint")


def test_an_unreadable_picture_is_named_and_no_file_is_left(album: Album, tmp_path: Path) -> None:
    (tmp_path / "IMG_2.jpg").write_bytes(b"torn")
    with pytest.raises(UnreadablePhoto, match=r"IMG_2\.jpg"):
        bind(album, tmp_path / "book.pdf")
    assert not (tmp_path / "book.pdf").exists()


def test_a_book_that_is_cancelled_leaves_no_file(album: Album, tmp_path: Path) -> None:
    def stop(fraction: float, doing: str) -> None:
        if fraction > 0.3:
            raise Cancelled(task="book")

    with pytest.raises(Cancelled):
        bind(album, tmp_path / "book.pdf", engine="fpdf2", report=stop)
    assert not (tmp_path / "book.pdf").exists()


def test_an_album_without_photos_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="Add at least one"):
        bind(Album("Vide", ()), tmp_path / "book.pdf")


def test_text_becomes_one_line_and_keeps_its_no_break_spaces() -> None:
    assert plain(" «\u00a0Relais\u00a0»\r\n\tde\x00 nuit\u202f!\u2028 ") == "«\u00a0Relais\u00a0» de nuit\u202f!"


def test_dates_are_written_in_the_albums_language(album: Album) -> None:
    assert written_date(replace(album, made_on="2026-11-01")) == "1er novembre 2026"
    assert written_date(replace(album, made_on="2026-11-01T03:00:00+02:00", language="en")) == "1 November 2026"
    assert moment(album).tzinfo is UTC
    with pytest.raises(BookError, match="2026-11-24"):
        written_date(replace(album, made_on="yesterday"))
