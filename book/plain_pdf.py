"""The same pages by fpdf2, for machines without Pango: same places and type, no hyphens, no ligatures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from book.album import Album, Notice, Plate
from book.html import folio_side, lines_in, title_size
from book.pictures import PrintCopies
from book.slots import Page, Slot
from book.texts import WORDS, moment, plain, written_date
from core.fonts import FACES, SANS, SERIF

if TYPE_CHECKING:
    from fpdf import FPDF
    from fpdf.fonts import TTFFont

GREEN, INK, GREY, LIGHT = (31, 77, 58), (29, 29, 27), (107, 107, 102), (217, 217, 212)
POINT = 25.4 / 72
"""One typographic point in mm."""
COLUMNS = (20.0, 55.0, 137.0, 207.0)
WIDTHS = (30.0, 77.0, 65.0, 70.0)
"""Left edges and widths of the sources' columns: thumbnail, caption, origin, steps, in mm."""
SEMIBOLD = f"{SANS} 600"


def album_pdf(album: Album, pages: Sequence[Page], copies: PrintCopies) -> tuple[bytes, int, tuple[Notice, ...]]:
    """(PDF, number of pages, characters that our fonts lack, as notices)."""
    book = _Book(album, copies)
    for index, page in enumerate(pages):
        book.page(index, page)
    book.sources()
    return bytes(book.pdf.output()), book.pdf.pages_count, tuple(book.notices.values())


class _Book:
    """An open PDF and what is needed to write on it. Positions in mm, type in points."""

    def __init__(self, album: Album, copies: PrintCopies) -> None:
        self.album, self.copies, self.words = album, copies, WORDS[album.language]
        self.notices: dict[int, Notice] = {}
        self.pdf = _document(album)
        serif, sans = (cast("TTFFont", self.pdf.fonts[family.lower()]) for family in (SERIF, SANS))
        self.known = set(serif.cmap) & set(sans.cmap)

    def page(self, index: int, page: Page) -> None:
        """One page of photos with its words, or the cover."""
        self.pdf.add_page(format=(page.paper.width, page.paper.height))
        for number, slot in enumerate(page.slots):
            path = self.copies.folder / self.copies.slots[index, number]
            self.pdf.image(path, slot.box.x, slot.box.y, slot.box.width, slot.box.height)
        if page.kind.startswith("cover"):
            self.title(page)
            return
        for slot in page.slots:
            self.caption(self.album.plates[slot.plate], slot, page.kind)
        x = 16.0 if folio_side(index, page) == "left" else page.paper.width - 16.0
        self.line(str(index + 1), x, page.paper.height - 6.4, SANS, 6.6, GREY, right=x > page.paper.width / 2)

    def title(self, page: Page) -> None:
        """Title, rule, subtitle and date: in a white plate on the photo, or beside it."""
        size = {"": 35.0, "long": 25.0, "longer": 18.0}[title_size(self.album.title)]
        over = page.kind == "cover"
        width = 98.0 if over else page.slots[0].box.x - 36.0
        lead = size * 1.08 * POINT
        title = self.wrapped(self.album.title, width, SERIF, size, 5 if size < 20 else 4)
        subtitle = self.wrapped(self.album.subtitle, width, SERIF, 13.5, 3, "I") if self.album.subtitle else []
        date = written_date(self.album)
        height = lead * len(title) + 11.7 + 17 * POINT * len(subtitle) + (4 + 10 * POINT if date else 0)
        x, y = (31.0, page.paper.height - 13.0 - height) if over else (18.0, 62.0)
        if over:
            self.pdf.set_fill_color(255, 255, 255)
            self.pdf.rect(18.0, y - 12.0, 124.0, height + 25.0, style="F")
        for line in title:
            self.line(line, x, y + lead * 0.78, SERIF, size, INK)
            y += lead
        self.rule(x, y + 6.0, 15.0, 0.7)
        y += 11.7
        for line in subtitle:
            self.line(line, x, y + 17 * POINT * 0.75, SERIF, 13.5, INK, style="I")
            y += 17 * POINT
        if date:
            self.line(date, x, y + 4 + 7 * POINT, SANS, 7.0, GREY)

    def caption(self, plate: Plate, slot: Slot, kind: str) -> None:
        """Number, caption cut to the lines that fit, credit."""
        box = slot.caption
        if box is None:
            return
        y = box.y
        if kind == "edge":
            self.rule(box.x, y, box.width, 0.35)
            y += 2.75
        number = str(slot.plate + 1)
        indent = self.width_of(number, SEMIBOLD, 6.8) + 1.6
        self.line(number, box.x, y + 9.2 * POINT, SEMIBOLD, 6.8, GREEN)
        for line in self.wrapped(plate.caption, box.width - indent, SERIF, 10.5, lines_in(box), plate=slot.plate + 1):
            self.line(line, box.x + indent, y + 9.2 * POINT, SERIF, 10.5, INK)
            y += 12.6 * POINT
        for line in self.wrapped(plate.credit, box.width, SANS, 6.6, 1, plate=slot.plate + 1):
            self.line(line, box.x, y + 0.5 + 6.4 * POINT, SANS, 6.6, GREY)

    def sources(self) -> None:
        """The last pages: where each plate comes from, then the ledger's head."""
        y = self.new_sources_page()
        self.line(self.words.sources, 20.0, y + 8.0, SERIF, 24.0, INK)
        self.rule(20.0, y + 14.0, 15.0, 0.7)
        y = self.paragraph(self.words.about_sources, 20.0, y + 18.0, 150.0, SERIF, 10.5, 14.0, INK) + 8.0
        y = self.column_heads(y)
        for number, plate in enumerate(self.album.plates):
            y = self.source_row(number, plate, y)
        if self.album.ledger_head:
            y = self.new_sources_page() if y > 160 else y + 8.0
            self.rule(20.0, y, 150.0, 0.7)
            self.line(self.words.head, 20.0, y + 6.0, SEMIBOLD, 6.8, GREEN)
            self.line(self.clean(self.album.ledger_head, 0), 20.0, y + 11.0, SANS, 7.4, INK)
            self.paragraph(self.words.about_head, 20.0, y + 13.0, 150.0, SANS, 7.0, 10.4, GREY)

    def new_sources_page(self) -> float:
        """A page of the sources with its number; where its text begins."""
        self.pdf.add_page(format=(297, 210))
        self.line(str(self.pdf.page_no()), 277.0, 199.0, SANS, 6.6, GREY, right=True)
        return 22.0

    def column_heads(self, y: float) -> float:
        """Names of the columns; the height below them."""
        heads = (self.words.plate, self.words.origin, self.words.done)
        for x, head in zip(COLUMNS[1:], heads, strict=True):
            self.line(head, x, y, SEMIBOLD, 6.4, GREEN)
        return y + 2.0

    def source_row(self, number: int, plate: Plate, y: float) -> float:
        """One plate, whole on one page; the height below it."""
        origin = [part for sha, name in plate.sources for part in (name, sha)] or [self.words.no_source]
        origin.append(plate.credit or self.words.no_credit)
        steps = [f"{i}. {step}" for i, step in enumerate(plate.steps, 1)] or [self.words.untouched]
        shown = number + 1
        caption = self.wrapped(plate.caption, WIDTHS[1] - 6.0, SERIF, 10.5, 40, plate=shown)
        origins = [line for part in origin for line in self.wrapped(part, WIDTHS[2], SANS, 7.0, 20, plate=shown)]
        done = [line for step in steps for line in self.wrapped(step, WIDTHS[3], SANS, 7.0, 20, plate=shown)]
        width, height = self.copies.thumb_sizes[number]
        tall = max(height, 12.6 * POINT * len(caption), 10.4 * POINT * max(len(origins), len(done))) + 6.0
        if y + tall > 190.0:
            y = self.column_heads(self.new_sources_page())
        self.rule(20.0, y, 257.0, 0.2, LIGHT)
        self.pdf.image(self.copies.folder / self.copies.thumbs[number], COLUMNS[0], y + 3.0, width, height)
        self.line(str(shown), COLUMNS[1], y + 3.0 + 9.2 * POINT, SEMIBOLD, 6.8, GREEN)
        for lines, x, family, size, lead in (
            (caption, COLUMNS[1] + 6.0, SERIF, 10.5, 12.6),
            (origins, COLUMNS[2], SANS, 7.0, 10.4),
            (done, COLUMNS[3], SANS, 7.0, 10.4),
        ):
            for row, line in enumerate(lines):
                self.line(line, x, y + 3.0 + (0.73 * lead + lead * row) * POINT, family, size, INK)
        return y + tall

    def line(
        self, text: str, x: float, y: float, family: str, size: float, colour: tuple[int, int, int],
        *, style: str = "", right: bool = False,
    ) -> None:  # fmt: skip
        """Write one line on its baseline y, from x, or up to x."""
        self.pdf.set_font(family, style, size)
        self.pdf.set_text_color(*colour)
        self.pdf.text(x - self.pdf.get_string_width(text) if right else x, y, text)

    def paragraph(
        self, text: str, x: float, y: float, width: float, family: str, size: float, lead: float,
        colour: tuple[int, int, int],
    ) -> float:  # fmt: skip
        """Write lines from the top y; the height below them."""
        for line in self.wrapped(text, width, family, size, 99):
            self.line(line, x, y + 0.73 * lead * POINT, family, size, colour)
            y += lead * POINT
        return y

    def wrapped(
        self, text: str, width: float, family: str, size: float, most: int, style: str = "", plate: int = 0
    ) -> list[str]:
        """The lines of a text in a width of mm; the last ends in "…" when there would be more than most."""
        text = self.clean(plain(text), plate)
        if not text:
            return []
        self.pdf.set_font(family, style, size)
        self.pdf.set_xy(0, 0)
        split = self.pdf.multi_cell(width, text=text, align="L", dry_run=True, output="LINES")
        lines = cast(list[str], split)
        if len(lines) > most:
            last = lines[most - 1]
            while last and self.pdf.get_string_width(f"{last}…") > width:
                last = last[:-1]
            lines = [*lines[: most - 1], f"{last.rstrip()}…"]
        return lines

    def width_of(self, text: str, family: str, size: float) -> float:
        """In mm."""
        self.pdf.set_font(family, "", size)
        return float(self.pdf.get_string_width(text))

    def clean(self, text: str, plate: int) -> str:
        """The text with what our fonts lack replaced by "?", which is told, once a plate."""
        lacking = sorted({c for c in text if ord(c) not in self.known})
        if lacking:
            shown = " ".join(lacking)
            self.notices[plate] = Notice(
                plate,
                fr=f"Planche {plate} : ces signes manquent à nos polices et sont remplacés par « ? » : {shown}",
                en=f"Plate {plate}: our fonts lack these characters, “?” stands for them: {shown}",
            )
        return "".join("?" if c in lacking else c for c in text)

    def rule(self, x: float, y: float, width: float, height: float, colour: tuple[int, int, int] = GREEN) -> None:
        """A filled bar."""
        self.pdf.set_fill_color(*colour)
        self.pdf.rect(x, y, width, height, style="F")


def _document(album: Album) -> FPDF:
    """An empty PDF with our fonts, in which nothing depends on the clock when the album has a date."""
    from fpdf import FPDF

    pdf = FPDF(orientation="P", unit="mm", format=(297, 210))
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    pdf.set_title(plain(album.title))
    pdf.set_lang(album.language)
    made = moment(album)
    if made is not None:
        pdf.set_creation_date(made)
    for face in FACES:
        if face.weight in (400, 600):
            family = face.family if face.weight == 400 else SEMIBOLD
            pdf.add_font(family, "I" if face.style == "italic" else "", face.path)
    return pdf
