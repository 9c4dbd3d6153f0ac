"""Which photos are learned from and which are held out, so that no photo's twin is on the other side."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier.annotations import Annotated
from classifier.config import Split
from classifier.grouping import grouped, leaks, links
from core.errors import FolderError, SettingsError
from core.values import Report, no_report

Bools = NDArray[np.bool_]


def groups_of(data: Annotated, *, report: Report = no_report) -> list[int]:
    """A group number per photo: what links (twins, bursts, same place) or a stated group connects."""
    numbers = grouped(len(data.photos), links(data.photos, report=report))
    first: dict[str, int] = {}
    stated = [(first.setdefault(text, index), index) for index, text in enumerate(data.stated_groups) if text]
    return _joined(numbers, stated)


def _joined(groups: list[int], pairs: list[tuple[int, int]]) -> list[int]:
    """Group numbers after the photos of each pair were put together."""
    parent = {number: number for number in groups}

    def root(number: int) -> int:
        while parent[number] != number:
            number = parent[number]
        return number

    for one, other in pairs:
        parent[root(groups[other])] = root(groups[one])
    numbers: dict[int, int] = {}
    return [numbers.setdefault(root(number), len(numbers)) for number in groups]


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """learned, held_out: (n,), never both. A photo on neither side is a twin, left out, of one held out by a CSV."""

    learned: Bools
    held_out: Bools

    @property
    def left_out(self) -> int:
        """How many photos are on neither side."""
        return int((~self.learned & ~self.held_out).sum())


def split_photos(data: Annotated, groups: list[int], how: Split, seed: int = 0) -> Sides:
    """By share and groups, or by a CSV's folds; checked for leaks either way.

    A CSV may part linked photos: those linked to one that it holds out are not learned from, so that the
    scores stay honest and are of the CSV's own photos. Raises FolderError when a class has no photo on one
    of the sides, SettingsError when the CSV can't be used.
    """
    if how.folds:
        held_out = _held_out_by_folds(data, how)
        near = {number for number, held in zip(groups, held_out, strict=True) if held}
        sides = Sides(np.array([number not in near for number in groups], dtype=np.bool_), held_out)
    else:
        learned = by_groups(data.labels, groups, how.training, seed)
        sides = Sides(learned, ~learned)
    refuse_leaks(data.photos, groups, sides)
    for index, label in enumerate(data.classes):
        of_class = data.labels == index
        if of_class.any() and not ((of_class & sides.learned).any() and (of_class & sides.held_out).any()):
            raise FolderError(
                folder=data.folder,
                problem_fr=f"la classe « {label} » n'a pas assez de photos distinctes pour apprendre et contrôler "
                "(les doubles et les rafales restent ensemble). Ajoutez-en.",
                problem_en=f"the class “{label}” has too few distinct photos to learn and to check "
                "(doubles and bursts stay together). Add some.",
            )
    return sides


def by_groups(labels: NDArray[np.int64], groups: list[int], share: float, seed: int = 0) -> Bools:
    """True for about this share of each class; whole groups, the largest dealt out first.

    Each group goes to the side that is furthest below its share of the group's classes.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for index, number in enumerate(groups):
        members[number].append(index)
    order = np.random.default_rng(seed).permutation(list(members))
    totals = np.bincount(labels).astype(float)
    wanted = np.stack([totals * (1 - share), totals * share])
    training = np.zeros(len(labels), dtype=np.bool_)
    for number in sorted(order, key=lambda item: -len(members[int(item)])):
        inside = members[int(number)]
        counts = np.bincount(labels[inside], minlength=len(totals))
        gain = (wanted / np.maximum(totals, 1)) @ counts
        side = int(gain[1] >= gain[0])
        wanted[side] -= counts
        training[inside] = bool(side)
    return training


def refuse_leaks(photos: tuple[Path, ...], groups: list[int], sides: Sides) -> None:
    """Raise FolderError, naming two photos, unless no group has photos on both sides."""
    used = np.flatnonzero(sides.learned | sides.held_out)
    found = leaks([groups[i] for i in used], [bool(sides.learned[i]) for i in used])
    if found:
        one, other = (photos[used[index]].name for index in found[0])
        raise FolderError(
            folder=photos[used[found[0][0]]].parent,
            problem_fr=f"« {one} » et « {other} » vont ensemble (double ou rafale), mais l'une servirait à apprendre "
            f"et l'autre à contrôler ({len(found)} cas). Les notes seraient fausses : mettez-les du même côté.",
            problem_en=f"“{one}” and “{other}” belong together (double or burst), but one would be learned from and "
            f"the other held out ({len(found)} cases). The scores would be wrong: put them on the same side.",
        )


def _held_out_by_folds(data: Annotated, how: Split) -> Bools:
    file = Path(how.folds)
    if not file.is_file():
        raise SettingsError(
            name="split.folds", value=file, expected_fr="un fichier CSV qui existe", expected_en="a CSV that exists"
        )
    with file.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    fold = {row.get("id", ""): row.get(how.column) for row in rows}
    absent = next((path.name for path in data.photos if fold.get(path.stem) is None), None)
    if absent is not None:
        raise SettingsError(
            name="split.folds", value=file.name,
            expected_fr=f"colonnes id et {how.column}, une ligne par photo (rien pour {absent})",
            expected_en=f"columns id and {how.column}, a row for each photo (none for {absent})",
        )  # fmt: skip
    return np.array([fold[path.stem] == str(how.held_out) for path in data.photos])
