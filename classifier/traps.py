"""Shortcuts that a network could take instead of looking: does a photo's size, shape or frame tell its class?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.fingerprint import Fingerprint

SMALL = 300_000
"""Pixels below which a photo counts as small."""
SPREAD, TIMES, CHANCE = 0.1, 2.5, 0.001
"""A trap: shares differ by SPREAD between classes, or one is TIMES the overall share, and chance would do that less
often than CHANCE."""
COMMON = 0.03
"""Share of all photos from which an exact picture size is looked at."""


@dataclass(frozen=True, slots=True)
class Trap:
    """How a trait is spread. trait: "black bars", "640 × 480", …; shares: share of each class's photos that has it.

    photos: how many have it. suspicious: it says more of the class than chance would.
    """

    trait: str
    photos: int
    shares: tuple[float, ...]
    suspicious: bool


@dataclass(frozen=True, slots=True)
class SizeGuess:
    """What can be guessed without looking: accuracy of the class from size, shape, bars and file length alone, on
    photos held out by groups, and that of always saying the largest class."""

    accuracy: float
    largest: float


def traps(prints: Sequence[Fingerprint], labels: NDArray[np.integer[Any]], classes: int) -> tuple[Trap, ...]:
    """Every trait that some readable photo has, the most uneven first. labels: indices below classes."""
    from scipy.stats import chi2_contingency

    wholes = np.bincount(labels, minlength=classes)
    found = []
    for trait, test in _traits(prints):
        has = np.array([test(one) for one in prints], dtype=np.bool_)
        if not has.any() or has.all():
            continue
        counts = np.bincount(labels[has], minlength=classes)
        shares = counts / np.maximum(wholes, 1)
        present = shares[wholes > 0]
        table = np.stack([counts, wholes - counts])[:, wholes > 0]
        chance = float(chi2_contingency(table).pvalue) if len(present) > 1 else 1.0
        spread, times = float(present.max() - present.min()), float(present.max() / has.mean())
        uneven = (spread >= SPREAD or times >= TIMES) and chance < CHANCE
        found.append(Trap(trait, int(has.sum()), tuple(round(float(share), 4) for share in shares), uneven))
    return tuple(sorted(found, key=lambda trap: min(trap.shares) - max(trap.shares)))


def size_guess(prints: Sequence[Fingerprint], labels: NDArray[np.integer[Any]], groups: Sequence[int]) -> SizeGuess:
    """Accuracy of a shallow tree on the numbers that need no look at the picture, in five folds by groups."""
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.tree import DecisionTreeClassifier

    largest = float(np.bincount(labels).max() / len(labels))
    folds = min(5, len(set(groups)))
    if folds < 2:
        return SizeGuess(largest, largest)
    numbers = np.array([
        (*one.size, one.size[0] * one.size[1], one.size[0] / one.size[1], one.bars == "black", one.bars == "white",
         one.path.stat().st_size / (one.size[0] * one.size[1]))
        for one in prints
    ], dtype=np.float64)  # fmt: skip
    tree = DecisionTreeClassifier(max_depth=6, min_samples_leaf=10, random_state=0)
    guessed = cross_val_predict(tree, numbers, labels, groups=groups, cv=GroupKFold(folds))
    return SizeGuess(round(float((guessed == labels).mean()), 4), round(largest, 4))


def _traits(prints: Sequence[Fingerprint]) -> list[tuple[str, Callable[[Fingerprint], bool]]]:
    traits: list[tuple[str, Callable[[Fingerprint], bool]]] = [
        ("black bars", lambda one: one.bars == "black"),
        ("white bars", lambda one: one.bars == "white"),
        ("upright", lambda one: one.size[1] > one.size[0]),
        ("square", lambda one: one.size[1] == one.size[0]),
        ("small", lambda one: one.size[0] * one.size[1] < SMALL),
    ]
    for size, count in Counter(one.size for one in prints).most_common(8):
        if count >= COMMON * len(prints):
            traits.append((f"{size[0]} × {size[1]}", lambda one, size=size: one.size == size))  # type: ignore[misc]
    return traits
