"""The ways to set one to four photos on a page without cropping; each returns slots, or None where it can't.

Every function takes the photos' width / height ratios, the paper, and whether the page lies on the left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from book.slots import Box, Paper, Slot

SIDE, TOP, BOTTOM, GUTTER = 16.0, 16.0, 18.0, 6.0
"""Margins, and the space between two photos, in mm."""
CAPTION, SKIP = 13.0, 2.4
"""Height kept for two lines of caption and one of credit, and the space above it, in mm."""
STRIP = 12.0
"""The least white under a full-width photo: one line of caption, one of credit."""
SMALLEST = 46.0
"""No photo is narrower, in mm: the caption under it must stay readable."""

Place = Callable[[Sequence[float], Paper, bool], tuple[Slot, ...] | None]


@dataclass(frozen=True, slots=True)
class Setting:
    """A named way to set a number of photos."""

    kind: str
    photos: int
    place: Place


def bleed(ratios: Sequence[float], paper: Paper, on_the_left: bool) -> tuple[Slot, ...] | None:
    """One wide photo from edge to edge, its caption in the white below."""
    height = paper.width / ratios[0]
    if height > paper.height - STRIP + 0.01:
        return None
    spare = paper.height - height - STRIP
    top = 0.0 if spare < 24 else spare * 0.42
    words = Box(SIDE, top + height + SKIP, 190.0, min(CAPTION, paper.height - top - height - SKIP - 1.2))
    return (Slot(0, Box(0.0, top, paper.width, height), words),)


def framed(ratios: Sequence[float], paper: Paper, on_the_left: bool) -> tuple[Slot, ...] | None:
    """One photo inside the margins, centred."""
    ratio = ratios[0]
    too_narrow_for_the_edge = ratio * paper.height < SMALLEST
    if not (0.85 <= ratio <= 2.2 or too_narrow_for_the_edge):
        return None
    return _row((ratio,), paper)


def edge(ratios: Sequence[float], paper: Paper, on_the_left: bool) -> tuple[Slot, ...] | None:
    """One upright photo over the full height at the outer edge, its caption low in the white beside it."""
    width = paper.height * ratios[0]
    if ratios[0] > 0.88 or width < SMALLEST:
        return None
    white = paper.width - width
    x = 0.0 if on_the_left else white
    words_width = min(96.0, white - 2 * SIDE)
    words_x = width + SIDE if on_the_left else white - SIDE - words_width
    words = Box(words_x, paper.height - BOTTOM - 26.0, words_width, 26.0)
    return (Slot(0, Box(x, 0.0, width, paper.height), words),)


def row(ratios: Sequence[float], paper: Paper, on_the_left: bool) -> tuple[Slot, ...] | None:
    """Two or three photos of one height, side by side."""
    slots = _row(ratios, paper)
    return slots if min(slot.box.width for slot in slots) >= SMALLEST else None


def column_right(ratios: Sequence[float], paper: Paper, on_the_left: bool) -> tuple[Slot, ...] | None:
    """One large photo, and two smaller ones above each other at its right."""
    big, small = ratios[0], ratios[1:]
    placed = _with_column(big, small, paper)
    if placed is None:
        return None
    left, width, height, _, boxes = placed
    large = Box(left, boxes[0].y, width, height)
    beside = [_moved(box, large.right + GUTTER) for box in boxes]
    return (Slot(0, large, _under(large)), *(Slot(1 + i, box, _under(box)) for i, box in enumerate(beside)))


def column_left(ratios: Sequence[float], paper: Paper, on_the_left: bool) -> tuple[Slot, ...] | None:
    """Two smaller photos above each other, and one large at their right."""
    placed = _with_column(ratios[2], ratios[:2], paper)
    if placed is None:
        return None
    left, width, height, column, boxes = placed
    large = Box(left + column + GUTTER, boxes[0].y, width, height)
    beside = [_moved(box, left) for box in boxes]
    return (*(Slot(i, box, _under(box)) for i, box in enumerate(beside)), Slot(2, large, _under(large)))


def two_rows(ratios: Sequence[float], paper: Paper, on_the_left: bool) -> tuple[Slot, ...] | None:
    """Four photos in two rows of one width."""
    upper, lower = ratios[:2], ratios[2:]
    free = paper.height - TOP - BOTTOM - 2 * (SKIP + CAPTION) - GUTTER / 2
    width = min(paper.width - 2 * SIDE, free / (1 / sum(upper) + 1 / sum(lower)) + GUTTER)
    heights = [(width - GUTTER) / sum(upper), (width - GUTTER) / sum(lower)]
    y = TOP + (free - sum(heights)) / 2
    slots: list[Slot] = []
    for ratios_of_row, height in zip((upper, lower), heights, strict=True):
        x = (paper.width - width) / 2
        for ratio in ratios_of_row:
            box = Box(x, y, ratio * height, height)
            slots.append(Slot(len(slots), box, _under(box)))
            x += box.width + GUTTER
        y += height + SKIP + CAPTION + GUTTER / 2
    return tuple(slots) if min(slot.box.width for slot in slots) >= SMALLEST else None


SETTINGS = (
    Setting("bleed", 1, bleed),
    Setting("framed", 1, framed),
    Setting("edge", 1, edge),
    Setting("row-2", 2, row),
    Setting("row-3", 3, row),
    Setting("column-right", 3, column_right),
    Setting("column-left", 3, column_left),
    Setting("rows-4", 4, two_rows),
)


def _row(ratios: Sequence[float], paper: Paper) -> tuple[Slot, ...]:
    """Photos of one height, as large as the margins allow, centred."""
    gaps = GUTTER * (len(ratios) - 1)
    free = paper.height - TOP - BOTTOM - SKIP - CAPTION
    height = min(free, (paper.width - 2 * SIDE - gaps) / sum(ratios))
    x = (paper.width - gaps - height * sum(ratios)) / 2
    y = TOP + (free - height) * 0.45
    slots = []
    for index, ratio in enumerate(ratios):
        box = Box(x, y, ratio * height, height)
        slots.append(Slot(index, box, _under(box)))
        x += box.width + GUTTER
    return tuple(slots)


def _with_column(
    big: float, small: Sequence[float], paper: Paper
) -> tuple[float, float, float, float, tuple[Box, ...]] | None:
    """(left edge, large width, large height, column width, column boxes at x = 0): both sides of one height."""
    between = SKIP + CAPTION + GUTTER / 2
    slope = sum(1 / ratio for ratio in small)
    column = (paper.width - 2 * SIDE - GUTTER - big * between) / (1 + big * slope)
    free = paper.height - TOP - BOTTOM - SKIP - CAPTION
    column = min(column, (free - between) / slope)
    height = column * slope + between
    width = big * height
    if column < SMALLEST or width < column:
        return None
    left = (paper.width - width - GUTTER - column) / 2
    y = TOP + (free - height) * 0.45
    first = Box(0.0, y, column, column / small[0])
    second = Box(0.0, first.bottom + between, column, column / small[1])
    return left, width, height, column, (first, second)


def _under(box: Box) -> Box:
    return Box(box.x, box.bottom + SKIP, box.width, CAPTION)


def _moved(box: Box, x: float) -> Box:
    return Box(x, box.y, box.width, box.height)
