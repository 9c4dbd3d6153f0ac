"""Where things stand on paper: millimetres from the top left corner of the page."""

from __future__ import annotations

from dataclasses import dataclass

FULL = (0.0, 0.0, 1.0, 1.0)
"""The crop that loses nothing."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A page's trimmed size in mm; A4 landscape unless told."""

    width: float = 297.0
    height: float = 210.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in mm: left, top, width, height."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """In mm²."""
        return self.width * self.height

    @property
    def right(self) -> float:
        """x of the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """y of the bottom edge."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Slot:
    """A picture's place. plate: its index in the album. caption: where its words stand, None = no words.

    crop: the part of the photo that shows, as fractions (left, top, right, bottom) of its sides; it has
    the proportions of the box, so nothing is ever distorted.
    """

    plate: int
    box: Box
    caption: Box | None
    crop: tuple[float, float, float, float] = FULL


@dataclass(frozen=True, slots=True)
class Page:
    """One page. kind: the setting's name ("cover", "bleed", "row-2" …), for styles and tests."""

    kind: str
    paper: Paper
    slots: tuple[Slot, ...]


A4 = Paper()
