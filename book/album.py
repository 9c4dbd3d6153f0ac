"""The nouns of the book: what goes in (Album, Plate) and what comes out (Bound)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from core.errors import Language, PaddockError

Engine = Literal["weasyprint", "fpdf2"]


class BookError(PaddockError):
    """The book can't be made (``problem_fr``, ``problem_en``)."""

    fr = "Le livre n'a pas pu être fait : {problem_fr}"
    en = "The book could not be made: {problem_en}"


@dataclass(frozen=True, slots=True)
class Plate:
    """One picture of the book.

    image: PNG or JPEG file of the accepted version. caption, credit: plain text, shown as written.
    sources: (first characters of the sha256, original file name) of each photo it was made from.
    steps: what was done to it, in order, already in the album's language; empty = shown as taken.
    """

    image: Path
    caption: str = ""
    credit: str = ""
    sources: tuple[tuple[str, str], ...] = ()
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Album:
    """A book to bind. Plates keep the order given; the first is on the cover too.

    ledger_head: hash of the ledger's last event when the book is made, printed on the last page, "" when
    there is none. made_on: ISO date "2026-11-24" or date and time; all dates in the files come from it.
    """

    title: str
    plates: tuple[Plate, ...]
    subtitle: str = ""
    language: Language = "fr"
    ledger_head: str = ""
    made_on: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know about one plate before printing. plate: number as printed, from 1; 0 = the whole book."""

    plate: int
    fr: str
    en: str

    def text(self, language: Language) -> str:
        """The notice in one language."""
        return self.fr if language == "fr" else self.en


@dataclass(frozen=True, slots=True)
class Bound:
    """A finished book.

    pages: of the file, the sources' pages included. engine: what made the PDF; when it was
    not the first choice, a warning says why. sha256: of the file.
    """

    path: Path
    pages: int
    engine: Engine
    sha256: str
    seconds: float
    warnings: tuple[Notice, ...] = ()
    libraries: dict[str, str] = field(default_factory=dict)
