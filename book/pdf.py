"""Bind an album: lay it out, copy its pictures for print, make one PDF, say what to look at."""

from __future__ import annotations

import hashlib
import importlib.metadata
import tempfile
import time
from pathlib import Path
from typing import Literal

from book import plain_pdf, weasy
from book.album import Album, BookError, Bound, Engine, Notice
from book.html import album_html
from book.layout import layout
from book.pictures import DPI, PrintCopies, poor_prints, print_copies, sizes_of
from book.slots import A4, Page, Paper
from core.files import write_bytes
from core.fonts import FACES
from core.values import Report, no_report


def bind(
    album: Album,
    out: Path,
    *,
    dpi: int = DPI,
    engine: Literal["auto", "weasyprint", "fpdf2"] = "auto",
    paper: Paper = A4,
    report: Report = no_report,
) -> Bound:
    """Write the album as a PDF; the file appears whole or not at all.

    engine "auto": WeasyPrint where Pango is there, fpdf2 otherwise; which one is in the result, and a
    notice says so when it was the second choice. The same album, pictures and engine give the same bytes.
    Raises BookError, and PhotoError for a picture that can't be read.
    """
    started = time.perf_counter()
    if not album.plates:
        raise BookError(
            problem_fr="aucune photo n'est choisie. Ajoutez-en au moins une.",
            problem_en="no photo is chosen. Add at least one.",
        )
    chosen, said = _choose(engine)
    sizes = sizes_of(album.plates)
    pages = layout(sizes, paper)
    with tempfile.TemporaryDirectory(prefix="paddock-book-") as folder:
        copies = print_copies(album.plates, pages, Path(folder), dpi, lambda done, doing: report(done * 0.6, doing))
        report(0.6, out.name)
        data, count, more = _render(chosen, album, pages, copies)
    report(0.95, out.name)
    write_bytes(out, data)
    report(1.0, out.name)
    return Bound(
        path=out,
        pages=count,
        engine=chosen,
        sha256=hashlib.sha256(data).hexdigest(),
        seconds=time.perf_counter() - started,
        warnings=(*said, *poor_prints(album.plates, sizes, pages), *copies.notices, *more),
        libraries={chosen: importlib.metadata.version(chosen), "pillow": importlib.metadata.version("pillow")},
    )


def _render(
    engine: Engine, album: Album, pages: tuple[Page, ...], copies: PrintCopies
) -> tuple[bytes, int, tuple[Notice, ...]]:
    if engine == "fpdf2":
        return plain_pdf.album_pdf(album, pages, copies)
    names = [*copies.slots.values(), *copies.thumbs.values()]
    files = {name: copies.folder / name for name in names} | {face.file: face.path for face in FACES}
    pdf, count = weasy.html_to_pdf(album_html(album, pages, copies, weasy.address), files)
    return pdf, count, ()


def _choose(engine: str) -> tuple[Engine, tuple[Notice, ...]]:
    """The engine to use, and a notice when it is not the first choice. Raises BookError when it can't be had."""
    if engine == "fpdf2":
        return "fpdf2", ()
    why = weasy.why_not()
    if not why:
        return "weasyprint", ()
    remedy = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
    if engine == "weasyprint":
        raise BookError(
            problem_fr=f"WeasyPrint ne fonctionne pas ici ({why}). Installez Pango : {remedy}.",
            problem_en=f"WeasyPrint does not work here ({why}). Install Pango: {remedy}.",
        )
    return "fpdf2", (
        Notice(
            0,
            fr=f"Pango n'est pas installé : le livre a été fait par fpdf2, sans césures ni ligatures ({remedy}).",
            en=f"Pango is not installed: the book was made by fpdf2, without hyphens or ligatures ({remedy}).",
        ),
    )
