"""The type that Paddock ships: Inter for the page and small print, Paddock Garamond for the book.

Licences (SIL Open Font License 1.1) lie beside the files; make.py says how they were made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Face:
    """One font file. weight: CSS weight, 400 to 700; file: name in FOLDER (WOFF2, TrueType curves, Latin)."""

    family: str
    weight: int
    style: Literal["normal", "italic"]
    file: str

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return FOLDER / self.file


SANS, SERIF = "Inter", "Paddock Garamond"
FACES = (
    Face(SANS, 400, "normal", "Inter-Regular.woff2"),
    Face(SANS, 500, "normal", "Inter-Medium.woff2"),
    Face(SANS, 600, "normal", "Inter-SemiBold.woff2"),
    Face(SANS, 700, "normal", "Inter-Bold.woff2"),
    Face(SERIF, 400, "normal", "PaddockGaramond-Regular.woff2"),
    Face(SERIF, 400, "italic", "PaddockGaramond-Italic.woff2"),
)


def font_face_css(address: Callable[[Face], str], prefix: str = "") -> str:
    """@font-face rules; address gives each file's URL as its reader will ask for it.

    prefix: put before the family names, so that a font of the same name on the machine can't be taken instead.
    """
    return "\n".join(
        f'@font-face {{ font-family: "{prefix}{face.family}"; font-weight: {face.weight}; font-style: {face.style}; '
        f'font-display: swap; src: url("{address(face)}") format("woff2"); }}'
        for face in FACES
    )
