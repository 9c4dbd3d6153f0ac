"""Choose pages for photos by their shapes: a pure function from sizes to slots in millimetres.

Inside the book nothing is cropped or distorted: every slot has its photo's own proportions. The order is
kept. Each way of setting one to four consecutive photos has a cost (small pictures, empty paper, a page
like the one before), and the cheapest sequence is found by dynamic programming, as lines are broken in
Knuth and Plass, "Breaking Paragraphs into Lines" (1981).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

from book.settings import SETTINGS, Setting
from book.slots import A4, FULL, Box, Page, Paper, Slot

PAGE_COST = 0.35
EMPTY_COST = 0.5
REPEAT_COST = 0.3
AGAIN_COST = 0.12
MONOTONY_COST = 0.28
"""In units of one photo that vanishes: one more page, a wholly empty page, a page of the same kind as the
one before, or as the one before that, a page with as many photos as the one before."""

COVER_KIND = "bleed"
"""What the cover counts as: the page after it should look different."""
COVER_CROP_FROM = 1.2
"""Photos at least this wide (width / height) fill the cover; narrower ones stand whole at its right edge."""


def layout(sizes: Sequence[tuple[int, int]], paper: Paper = A4) -> tuple[Page, ...]:
    """Pages for photos of these (width, height) in pixels; the cover first, then each photo exactly once.

    Raises ValueError for a side of zero. No photos: no pages.
    """
    if any(width <= 0 or height <= 0 for width, height in sizes):
        raise ValueError(f"photo sizes must be positive: {list(sizes)}")
    ratios = [width / height for width, height in sizes]
    if not ratios:
        return ()
    pages = [_cover(ratios[0], paper)]
    for kind, first, group in _best_sequence(ratios, paper):
        setting = next(setting for setting in SETTINGS if setting.kind == kind)
        on_the_left = len(pages) % 2 == 1
        slots = setting.place(group, paper, on_the_left)
        pages.append(Page(kind, paper, tuple(replace(slot, plate=first + slot.plate) for slot in slots or ())))
    return tuple(pages)


def spreads(pages: Sequence[Page]) -> tuple[tuple[Page | None, Page | None], ...]:
    """Double pages as they lie open: the cover alone on the right, then left and right."""
    if not pages:
        return ()
    opened: list[tuple[Page | None, Page | None]] = [(None, pages[0])]
    inside = [*pages[1:], None] if len(pages) % 2 == 0 else list(pages[1:])
    opened += [(inside[i], inside[i + 1]) for i in range(0, len(inside), 2)]
    return tuple(opened)


@dataclass(frozen=True, slots=True)
class _Path:
    """The cheapest way found to set the first photos, ending with two pages of given kinds."""

    cost: float
    pages: tuple[tuple[str, int, tuple[float, ...]], ...]


def _best_sequence(ratios: Sequence[float], paper: Paper) -> tuple[tuple[str, int, tuple[float, ...]], ...]:
    """(kind of page, first photo, ratios of the photos on it) for the whole book."""
    ends: list[dict[tuple[str, str], _Path]] = [{("", COVER_KIND): _Path(0.0, ())}] + [{} for _ in ratios]
    for start in range(len(ratios)):
        for setting in SETTINGS:
            group = tuple(ratios[start : start + setting.photos])
            slots = setting.place(group, paper, True) if len(group) == setting.photos else None
            if slots is None:
                continue
            page_cost = _cost(slots, paper)
            reached = ends[start + setting.photos]
            for (earlier, before), path in ends[start].items():
                cost = path.cost + page_cost + _monotony(earlier, before, setting)
                known = reached.get((before, setting.kind))
                if known is None or cost < known.cost - 1e-9:
                    reached[before, setting.kind] = _Path(cost, (*path.pages, (setting.kind, start, group)))
    return min(ends[-1].values(), key=lambda path: path.cost).pages


def _cost(slots: Sequence[Slot], paper: Paper) -> float:
    """Cost of one page: each photo loses with its size, the page with its empty part."""
    parts = [slot.box.area / (paper.width * paper.height) for slot in slots]
    return PAGE_COST + sum(1 - sqrt(part) for part in parts) + EMPTY_COST * (1 - sum(parts))


def _monotony(earlier: str, before: str, setting: Setting) -> float:
    """Cost of a page that resembles the two before it."""
    as_many = any(other.kind == before and other.photos == setting.photos for other in SETTINGS)
    alike = REPEAT_COST * (before == setting.kind) + AGAIN_COST * (earlier == setting.kind)
    return alike + MONOTONY_COST * as_many


def _cover(ratio: float, paper: Paper) -> Page:
    """The first photo, full page (the least crop that fills it) or whole at the right edge."""
    if ratio >= COVER_CROP_FROM:
        shape = paper.width / paper.height
        if ratio >= shape:
            lost = (1 - shape / ratio) / 2
            crop = (lost, 0.0, 1 - lost, 1.0)
        else:
            lost = (1 - ratio / shape) / 2
            crop = (0.0, lost, 1.0, 1 - lost)
        return Page("cover", paper, (Slot(0, Box(0, 0, paper.width, paper.height), None, crop),))
    width = min(paper.height * ratio, paper.width * 0.6)
    height = width / ratio
    box = Box(paper.width - width, (paper.height - height) / 2, width, height)
    return Page("cover-side", paper, (Slot(0, box, None, FULL),))
