"""The album as one HTML text: fixed pages in millimetres, then the sources. Every word is escaped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from math import floor
from pathlib import Path

from book.album import Album, Plate
from book.pictures import PrintCopies
from book.slots import Box, Page, Slot
from book.texts import WORDS, Words, moment, plain, written_date
from core.fonts import font_face_css

STYLE = Path(__file__).with_name("album.css")
FAMILY_PREFIX = "Book "
"""album.css names our fonts with it, so that a machine's own Inter is never taken for ours."""
LINE, CREDIT_LINE = 4.45, 3.4
"""Heights of a caption's line and of the credit's, in mm."""

Address = Callable[[str], str]
"""From a file's name (a print copy's, or a font's) to the URL that the reader of the HTML will ask for."""


def album_html(album: Album, pages: Sequence[Page], copies: PrintCopies, address: Address) -> str:
    """A whole document. It refers to nothing but address(name) of the copies and of our fonts."""
    made = moment(album)
    created = f'<meta name="dcterms.created" content="{made:%Y-%m-%dT%H:%M:%SZ}">' if made else ""
    fonts = font_face_css(lambda face: address(face.file), FAMILY_PREFIX)
    inside = [_page(album, index, page, copies, address) for index, page in enumerate(pages)]
    return (
        f'<!DOCTYPE html><html lang="{album.language}"><head><meta charset="utf-8">{created}'
        f"<title>{_text(album.title)}</title><style>{fonts}\n{STYLE.read_text('utf-8')}</style></head><body>"
        f"{''.join(inside)}{_sources(album, copies, address)}</body></html>"
    )


def lines_in(caption: Box) -> int:
    """How many lines of a caption fit above its credit: 1, 2 or 5."""
    fitting = floor((caption.height - CREDIT_LINE) / LINE)
    return 5 if fitting >= 5 else 2 if fitting >= 2 else 1


def folio_side(index: int, page: Page) -> str:
    """Where the page number stands: the outer side, unless a photo or its caption is there."""
    if page.kind == "bleed":
        return "right"
    on_the_left = index % 2 == 1
    return "left" if on_the_left != (page.kind == "edge") else "right"


def title_size(title: str) -> str:
    """Nothing, "long" or "longer": the cover's type shrinks as its title grows."""
    return "" if len(title) <= 34 else "long" if len(title) <= 90 else "longer"


def _page(album: Album, index: int, page: Page, copies: PrintCopies, address: Address) -> str:
    pictures = "".join(
        f'<img src="{escape(address(copies.slots[index, number]))}" alt="{_text(album.plates[slot.plate].caption)}" '
        f'style="{_style(slot.box)}">'
        for number, slot in enumerate(page.slots)
    )
    if page.kind.startswith("cover"):
        return f'<section class="page {page.kind}">{pictures}{_title(album, page)}</section>'
    words = "".join(_words(album.plates[slot.plate], slot) for slot in page.slots)
    folio = f'<div class="folio {folio_side(index, page)}">{index + 1}</div>'
    return f'<section class="page {page.kind}">{pictures}{words}{folio}</section>'


def _title(album: Album, page: Page) -> str:
    subtitle = f'<p class="subtitle">{_text(album.subtitle)}</p>' if album.subtitle else ""
    date = written_date(album)
    made = f'<p class="made">{_text(date)}</p>' if date else ""
    width = "" if page.kind == "cover" else f' style="width: {page.slots[0].box.x - 36:.2f}mm"'
    size = title_size(album.title)
    return (
        f'<div class="plate"{width}><h1 class="title {size}">{_text(album.title)}</h1><div class="rule"></div>'
        f"{subtitle}{made}</div>"
    )


def _words(plate: Plate, slot: Slot) -> str:
    if slot.caption is None:
        return ""
    credit = f'<p class="credit">{_text(plate.credit)}</p>' if plate.credit else ""
    return (
        f'<div class="words" style="{_style(slot.caption)}"><p class="caption clamp-{lines_in(slot.caption)}">'
        f'<span class="number">{slot.plate + 1}</span>{_text(plate.caption)}</p>{credit}</div>'
    )


def _sources(album: Album, copies: PrintCopies, address: Address) -> str:
    words = WORDS[album.language]
    rows = "".join(
        _source_row(number, plate, words, address(copies.thumbs[number]), copies.thumb_sizes[number])
        for number, plate in enumerate(album.plates)
    )
    head = (
        f'<div class="head"><h3>{words.head}</h3><p class="hash">{_text(album.ledger_head)}</p>'
        f'<p class="small quiet">{words.about_head}</p></div>'
        if album.ledger_head
        else ""
    )
    return (
        f'<section class="sources"><h2>{words.sources}</h2><div class="rule"></div>'
        f'<p class="about">{words.about_sources}</p><table><colgroup><col style="width: 35mm"><col style="width: 82mm">'
        f'<col style="width: 70mm"><col></colgroup><thead><tr><th></th><th>{words.plate}</th><th>{words.origin}</th>'
        f"<th>{words.done}</th></tr></thead><tbody>{rows}</tbody></table>{head}</section>"
    )


def _source_row(number: int, plate: Plate, words: Words, thumb: str, size: tuple[float, float]) -> str:
    origins = "".join(
        f'<p class="small">{_text(name)}<br><span class="hash">{_text(sha)}</span></p>' for sha, name in plate.sources
    )
    steps = "".join(f"<li>{_text(step)}</li>" for step in plate.steps)
    done = f'<ol class="small">{steps}</ol>' if steps else f'<p class="small quiet">{words.untouched}</p>'
    return (
        f'<tr><td><img src="{escape(thumb)}" alt="" style="width: {size[0]:.2f}mm; height: {size[1]:.2f}mm"></td>'
        f'<td><p><span class="number">{number + 1}</span>{_text(plate.caption)}</p></td>'
        f'<td>{origins or f"""<p class="small quiet">{words.no_source}</p>"""}'
        f'<p class="small quiet">{_text(plate.credit) or words.no_credit}</p></td><td>{done}</td></tr>'
    )


def _style(box: Box) -> str:
    return f"left: {box.x:.3f}mm; top: {box.y:.3f}mm; width: {box.width:.3f}mm; height: {box.height:.3f}mm"


def _text(text: str) -> str:
    return escape(plain(text), quote=True)
