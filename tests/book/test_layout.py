"""The layout keeps every photo, whole, undistorted, inside the page."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from book.layout import layout, spreads
from book.settings import bleed
from book.slots import A4, FULL, Box, Page

SIDES = st.integers(min_value=200, max_value=8000)
SIZES = st.lists(st.tuples(SIDES, SIDES), min_size=1, max_size=40)
LANDSCAPE, PORTRAIT, PANORAMA = (6000, 4000), (4000, 6000), (6000, 2000)


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.right - 1e-6
        and other.x < one.right - 1e-6
        and one.y < other.bottom - 1e-6
        and other.y < one.bottom - 1e-6
    )


def boxes(page: Page) -> list[Box]:
    return [slot.box for slot in page.slots] + [slot.caption for slot in page.slots if slot.caption]


@given(SIZES)
@settings(max_examples=150, deadline=None)
def test_every_photo_stands_exactly_once_and_in_order_inside(sizes: list[tuple[int, int]]) -> None:
    cover, *inside = layout(sizes)
    assert [slot.plate for slot in cover.slots] == [0]
    assert [slot.plate for page in inside for slot in page.slots] == list(range(len(sizes)))


@given(SIZES)
@settings(max_examples=150, deadline=None)
def test_nothing_leaves_the_page_or_covers_something_else(sizes: list[tuple[int, int]]) -> None:
    for page in layout(sizes):
        for box in boxes(page):
            assert box.x >= -1e-6 and box.y >= -1e-6
            assert box.right <= page.paper.width + 1e-6 and box.bottom <= page.paper.height + 1e-6
        if page.kind != "cover":
            placed = boxes(page)
            assert not any(overlap(a, b) for i, a in enumerate(placed) for b in placed[i + 1 :])


@given(SIZES)
@settings(max_examples=150, deadline=None)
def test_no_photo_is_distorted_and_none_is_cropped_inside(sizes: list[tuple[int, int]]) -> None:
    for page in layout(sizes):
        for slot in page.slots:
            width, height = sizes[slot.plate]
            left, top, right, bottom = slot.crop
            shown = (width * (right - left)) / (height * (bottom - top))
            assert slot.box.width / slot.box.height == pytest.approx(shown, rel=1e-6)
            if not page.kind.startswith("cover"):
                assert slot.crop == FULL


def test_a_cover_loses_under_six_percent_of_a_three_by_two_photo() -> None:
    (slot,) = layout([LANDSCAPE])[0].slots
    left, top, right, bottom = slot.crop
    assert (top, bottom) == (0.0, 1.0)
    assert right - left == pytest.approx((297 / 210) / 1.5)
    assert 1 - (right - left) < 0.06


def test_an_upright_first_photo_stands_whole_at_the_covers_right_edge() -> None:
    cover = layout([PORTRAIT])[0]
    assert (cover.kind, cover.slots[0].crop, cover.slots[0].box.right) == ("cover-side", FULL, 297.0)


def test_a_single_wide_photo_reaches_both_edges() -> None:
    (slot,) = bleed([3.0], A4, True)
    assert (slot.box.x, slot.box.width, slot.box.height) == (0.0, 297.0, 99.0)
    assert bleed([4 / 3], A4, True) is None, "it would leave no white for its caption"


def test_a_long_book_of_like_photos_changes_its_pages() -> None:
    kinds = [page.kind for page in layout([LANDSCAPE] * 30)][1:]
    assert all(one != other for one, other in pairwise(kinds))
    assert len(set(kinds)) >= 4


def test_the_same_sizes_give_the_same_pages() -> None:
    sizes = [LANDSCAPE, PORTRAIT, PANORAMA] * 9
    assert layout(sizes) == layout(sizes)


def test_no_photos_give_no_pages_and_a_side_of_zero_is_refused() -> None:
    assert layout([]) == ()
    with pytest.raises(ValueError, match="positive"):
        layout([(0, 10)])


def test_spreads_show_the_cover_alone_and_every_page_once() -> None:
    for count in (1, 4, 9, 20):
        pages = layout([LANDSCAPE] * count)
        opened = spreads(pages)
        assert opened[0] == (None, pages[0])
        assert [page for pair in opened for page in pair if page is not None] == list(pages)
