"""The words that the book itself says, in the album's language, and how it writes dates."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

from book.album import Album, BookError
from core.errors import Language


@dataclass(frozen=True, slots=True)
class Words:
    """Headings and sentences of one language."""

    sources: str
    about_sources: str
    plate: str
    origin: str
    done: str
    untouched: str
    no_source: str
    no_credit: str
    head: str
    about_head: str
    months: tuple[str, ...]


WORDS: dict[Language, Words] = {
    "fr": Words(
        sources="Sources et traçabilité",
        about_sources="Chaque image de ce livre, la photo dont elle vient et ce qui lui a été fait. L'empreinte est "
        "le début du SHA-256 du fichier d'origine, conservé tel quel.",
        plate="Planche",
        origin="Origine et crédit",
        done="Ce qui a été fait",
        untouched="Rien : montrée telle qu'elle a été prise.",
        no_source="Origine non enregistrée",
        no_credit="Auteur non indiqué",
        head="Tête du registre",
        about_head="Empreinte de la dernière ligne du registre au moment de la reliure : tant que cette page existe, "
        "un registre raccourci ou réécrit se voit.",
        months=(
            "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
            "novembre", "décembre",
        ),
    ),
    "en": Words(
        sources="Sources and audit trail",
        about_sources="Every picture of this book, the photo it comes from and what was done to it. The fingerprint is "
        "the beginning of the SHA-256 of the original file, which is kept as it came.",
        plate="Plate",
        origin="Origin and credit",
        done="What was done",
        untouched="Nothing: shown as it was taken.",
        no_source="Origin not recorded",
        no_credit="Author not stated",
        head="Head of the ledger",
        about_head="Hash of the ledger's last line when the book was bound: as long as this page exists, a ledger that "
        "was cut short or rewritten can be told.",
        months=(
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ),
    ),
}  # fmt: skip


def plain(text: str) -> str:
    """One line of printable text: line breaks and control characters become spaces; no-break spaces stay."""
    visible = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") else c for c in text)
    return re.sub(" +", " ", visible).strip()


def moment(album: Album) -> datetime | None:
    """When the book was made, in UTC; None when the album does not say. Raises BookError for another format."""
    if not album.made_on:
        return None
    try:
        made = datetime.fromisoformat(album.made_on)
    except ValueError as error:
        raise BookError(
            problem_fr=f"la date « {album.made_on} » n'est pas de la forme 2026-11-24.",
            problem_en=f"the date “{album.made_on}” is not of the form 2026-11-24.",
        ) from error
    return made.replace(tzinfo=UTC) if made.tzinfo is None else made.astimezone(UTC)


def written_date(album: Album) -> str:
    """The date as a reader writes it ("24 novembre 2026", "24 November 2026"), "" when unknown."""
    made = moment(album)
    if made is None:
        return ""
    day = "1er" if made.day == 1 and album.language == "fr" else str(made.day)
    return f"{day} {WORDS[album.language].months[made.month - 1]} {made.year}"
