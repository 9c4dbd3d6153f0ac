"""Which photos belong together, so that a split never learns from a photo's twin.

Linked are: the same file, the same picture saved again, the same place a moment later, and shots of one
camera within two seconds. Groups are what the links connect. Thresholds were read off 1,771 labelled
photos (docs/labels.md): up to distance 4 every pair is the same picture or the same place; the thumbnails'
correlation tells the two apart, with nothing between 0.957 and 1.000 there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from classifier.fingerprint import Fingerprint, fingerprints
from core.values import Report, no_report

Reason = Literal["same file", "same picture", "same place", "burst"]
NEAR, SAME_PICTURE, SAME_PLACE = 10, 0.96, 0.85
"""Most bits that two hashes differ in; least correlation of the thumbnails for the same picture, and the same place."""
BURST_SECONDS = 2.0
BLOCK = 512
"""Rows of the distance table that are held at once: 5,000 photos take 20 MB."""


@dataclass(frozen=True, slots=True)
class Link:
    """first < second: positions in the list that was given. distance: differing bits of 64; seconds for a burst."""

    first: int
    second: int
    reason: Reason
    distance: float


def links(paths: Sequence[Path], *, report: Report = no_report) -> tuple[Link, ...]:
    """All linked pairs, sorted. Unreadable files are linked only to identical ones. report may raise Cancelled."""
    return links_of(fingerprints(paths, report=report))


def links_of(prints: Sequence[Fingerprint]) -> tuple[Link, ...]:
    """Linked pairs of files already looked at; a pair is told once, by its strongest reason."""
    found: dict[tuple[int, int], Link] = {}
    for link in (*_same_files(prints), *_alike(prints), *_bursts(prints)):
        found.setdefault((link.first, link.second), link)
    return tuple(found[pair] for pair in sorted(found))


def groups(paths: Sequence[Path], *, report: Report = no_report) -> list[int]:
    """A group number for each photo, counted from 0 in order of first appearance; linked photos share theirs."""
    return grouped(len(paths), links(paths, report=report))


def grouped(count: int, found: Iterable[Link]) -> list[int]:
    """Group numbers of count photos from their links, by union-find."""
    parent = list(range(count))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for link in found:
        parent[root(link.second)] = root(link.first)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(root(index), len(numbers)) for index in range(count)]


def leaks(group: Sequence[int], split: Sequence[Hashable]) -> tuple[tuple[int, int], ...]:
    """Pairs (first photo of a group in one part, first in another): empty when the split keeps groups whole.

    split: which part each photo is in, such as its fold.
    """
    first: dict[int, dict[Hashable, int]] = defaultdict(dict)
    for index, (number, part) in enumerate(zip(group, split, strict=True)):
        first[number].setdefault(part, index)
    return tuple(
        (min(parts.values()), other)
        for parts in first.values()
        for other in sorted(parts.values())
        if other != min(parts.values())
    )


def _same_files(prints: Sequence[Fingerprint]) -> list[Link]:
    """Each copy is linked to the first one."""
    first: dict[str, int] = {}
    found = []
    for index, one in enumerate(prints):
        if one.sha256 and first.setdefault(one.sha256, index) != index:
            found.append(Link(first[one.sha256], index, "same file", 0))
    return found


def _alike(prints: Sequence[Fingerprint]) -> list[Link]:
    """Pairs whose hashes are near, confirmed by the thumbnails; plain pictures have no likeness to compare."""
    rows = [index for index, one in enumerate(prints) if one.thumb is not None]
    if len(rows) < 2:
        return []
    hashes = np.array([prints[index].hash for index in rows], dtype=np.uint64)
    shapes = np.stack([_shape(prints[index].thumb) for index in rows])
    found = []
    for start in range(0, len(rows), BLOCK):
        distance = np.bitwise_count(hashes[start : start + BLOCK, None] ^ hashes[None, :])
        for row, column in np.argwhere(distance <= NEAR):
            if column <= row + start:
                continue
            likeness = float(shapes[row + start] @ shapes[column])
            if likeness >= SAME_PLACE:
                reason: Reason = "same picture" if likeness >= SAME_PICTURE else "same place"
                found.append(Link(rows[row + start], rows[column], reason, int(distance[row, column])))
    return found


def _shape(thumb: NDArray[np.uint8] | None) -> NDArray[np.float32]:
    """The thumbnail without its mean, of length 1 (0 for a plain one): products are correlations."""
    assert thumb is not None
    flat = thumb.astype(np.float32).ravel() - thumb.mean(dtype=np.float32)
    length = float(np.linalg.norm(flat))
    return flat / length if length > thumb.size**0.5 else np.zeros_like(flat)


def _bursts(prints: Sequence[Fingerprint]) -> list[Link]:
    """Each shot is linked to the one before it by the same camera, when at most BURST_SECONDS lie between."""
    shots: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for index, one in enumerate(prints):
        if one.camera and one.instant is not None:
            shots[one.camera].append((one.instant, index))
    found = []
    for taken in shots.values():
        for (before, left), (after, right) in pairwise(sorted(taken)):
            if after - before <= BURST_SECONDS:
                found.append(Link(min(left, right), max(left, right), "burst", round(after - before, 3)))
    return found
