"""A look at a labelled folder before training on it: what would make the model, or its figures, worse.

Unreadable files, the same picture twice (also under two labels), bursts, class balance, sources that are in
one class only, sizes and bars that give the class away, splits that leak, and labels that look wrong.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifier.doubts import doubts
from classifier.feature_table import feature_table
from classifier.fingerprint import fingerprints
from classifier.fit import Samples, calibrated, out_of_fold, temperature_of
from classifier.folder import LabelledPhoto, Notice, read_folder
from classifier.grouping import Link, grouped, leaks, links_of
from classifier.traps import SizeGuess, Trap, size_guess, traps
from core.errors import Language, PhotoError
from core.files import shown_name
from core.values import CLASSES, Label, Report, no_report
from scene.backbones import backbone, find_weights

BACKBONE, SIDE, STRENGTH = "efficientnet-lite0", 512, 0.003
"""Features of the default model, and the strength that was best for them (artifacts/triage-lite0.log.json)."""
FEWEST = 10
"""Photos of each class from which labels can be doubted: a model of fewer says nothing."""
LOOK_SHARE = 0.15
"""Share of the time that the first look takes, the rest is features."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two photos that belong together, by paths relative to the folder, and their labels."""

    first: str
    second: str
    reason: str
    distance: float
    labels: tuple[Label, Label]


@dataclass(frozen=True, slots=True)
class Source:
    """Photos of one source or photographer: how many, and how many of each class."""

    name: str
    photos: int
    classes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """A split that came with the folder (a column of folds.csv). leaks: pairs with a photo in two parts; shared:
    sources that are in more than one part."""

    name: str
    leaks: tuple[tuple[str, str], ...]
    shared: int


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label that looks wrong: what the folder says, what a model that never saw the photo says, and how surely."""

    path: str
    label: Label
    suggested: Label
    own: float
    other: float


@dataclass(frozen=True, slots=True)
class Screening:
    """What was found. balance: readable photos by class. groups: what remains when linked photos count once.

    suspects: the clearest first, None when there are too few photos to tell (or it was not asked for).
    """

    photos: int
    balance: dict[Label, int]
    unreadable: tuple[tuple[str, PhotoError], ...]
    pairs: tuple[Pair, ...]
    groups: int
    sources: tuple[Source, ...]
    splits: tuple[Split, ...]
    traps: tuple[Trap, ...]
    guess: SizeGuess | None
    suspects: tuple[Suspect, ...] | None
    notices: tuple[Notice, ...] = ()

    @property
    def conflicts(self) -> tuple[Pair, ...]:
        """The same file or picture under two labels."""
        return tuple(one for one in self.pairs if one.reason.startswith("same ") and one.reason != "same place"
                     and one.labels[0] != one.labels[1])  # fmt: skip

    def as_json(self, language: Language = "fr") -> dict[str, Any]:
        """What ``screen --json`` prints; errors and notices are in the language asked for."""
        return {
            "photos": self.photos, "balance": self.balance, "groups": self.groups,
            "unreadable": [{"path": path, "error": error.message(language)} for path, error in self.unreadable],
            "pairs": [asdict(pair) for pair in self.pairs],
            "conflicts": [asdict(pair) for pair in self.conflicts],
            "sources": [asdict(source) for source in self.sources],
            "splits": [asdict(split) for split in self.splits],
            "traps": [asdict(trap) for trap in self.traps],
            "size_alone": asdict(self.guess) if self.guess else None,
            "suspects": None if self.suspects is None else [asdict(suspect) for suspect in self.suspects],
            "warnings": [notice.message(language) for notice in self.notices],
        }  # fmt: skip


def screen(data: Path, *, labels: bool = True, models_dir: Path | None = None, cache: Path | None = None,
           report: Report = no_report) -> Screening:  # fmt: skip
    """Look at data/{ok,retoucher,exclure}. data/labels.csv (id, source) and data/folds.csv are used when there.

    labels: also doubt labels, which needs the features of every photo (about a minute for 2,000; cache keeps
    them). Raises FolderError, WeightsMissing, WeightsChanged, Cancelled (from report).
    """
    folder = read_folder(data)
    share = LOOK_SHARE if labels else 1.0
    prints = fingerprints([photo.path for photo in folder.photos],
                          report=lambda done, doing: report(done * share, doing))  # fmt: skip
    names = [shown_name(photo.path.relative_to(data).as_posix()) for photo in folder.photos]
    found = links_of(prints)
    group = grouped(len(prints), found)
    readable = [index for index, one in enumerate(prints) if one.error is None]
    classes = np.array([CLASSES.index(folder.photos[index].label) for index in readable], dtype=np.int64)
    looked, inside = [prints[index] for index in readable], [group[index] for index in readable]
    rows = _rows(data / "labels.csv")
    source = [rows.get(photo.path.stem, {}).get("source", "") or one.author
              for photo, one in zip(folder.photos, prints, strict=True)]  # fmt: skip
    suspects = None
    if labels and len(readable) and np.bincount(classes, minlength=len(CLASSES)).min() >= FEWEST:
        suspects = _suspects([folder.photos[index] for index in readable], [names[index] for index in readable],
                             classes, inside, models_dir, cache,
                             lambda done, doing: report(share + done * (1 - share), doing))  # fmt: skip
    report(1.0, f"{len(prints)}/{len(prints)}")
    return Screening(
        photos=len(prints),
        balance={label: int((classes == index).sum()) for index, label in enumerate(CLASSES)},
        unreadable=tuple((name, one.error) for name, one in zip(names, prints, strict=True) if one.error is not None),
        pairs=_pairs(found, names, folder.photos),
        groups=len(set(group)),
        sources=_sources(source, folder.photos),
        splits=_splits(data / "folds.csv", folder.photos, names, group, source),
        traps=traps(looked, classes, len(CLASSES)) if readable else (),
        guess=size_guess(looked, classes, inside) if readable else None,
        suspects=suspects,
        notices=folder.notices,
    )


def _suspects(photos: Sequence[LabelledPhoto], names: Sequence[str], classes: Any, group: Sequence[int],
              models_dir: Path | None, cache: Path | None, report: Report) -> tuple[Suspect, ...]:  # fmt: skip
    """Doubted labels by five heads, each fitted without a fifth of the groups."""
    from sklearn.model_selection import StratifiedGroupKFold

    weights = find_weights(backbone(BACKBONE).name, models_dir)
    table = feature_table([photo.path for photo in photos], BACKBONE, weights, SIDE, cache=cache, report=report)
    labels, groups = classes[table.kept], np.array(group)[table.kept]
    folds = np.zeros(len(labels), dtype=np.int64)
    split = StratifiedGroupKFold(5, shuffle=True, random_state=0).split(labels, labels, groups)
    for number, (_, held_out) in enumerate(split):
        folds[held_out] = number
    samples = Samples(table.plain, table.mirrored, labels, np.ones(len(labels)))
    logits = out_of_fold(samples, folds, STRENGTH)
    probabilities = calibrated(logits, temperature_of(logits, labels))
    return tuple(
        Suspect(names[table.kept[one.index]], CLASSES[one.label], CLASSES[one.suggested], one.own, one.other)
        for one in doubts(probabilities, labels)
    )


def _pairs(found: Sequence[Link], names: Sequence[str], photos: Sequence[LabelledPhoto]) -> tuple[Pair, ...]:
    return tuple(
        Pair(names[link.first], names[link.second], link.reason, link.distance,
             (photos[link.first].label, photos[link.second].label))
        for link in found
    )  # fmt: skip


def _sources(source: Sequence[str], photos: Sequence[LabelledPhoto]) -> tuple[Source, ...]:
    """Known sources with more than one photo, the largest first."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(CLASSES))
    for name, photo in zip(source, photos, strict=True):
        if name:
            counts[name][CLASSES.index(photo.label)] += 1
    many = [Source(name, sum(each), tuple(each)) for name, each in counts.items() if sum(each) > 1]
    return tuple(sorted(many, key=lambda one: (-one.photos, one.name)))


def _splits(path: Path, photos: Sequence[LabelledPhoto], names: Sequence[str], group: Sequence[int],
            source: Sequence[str]) -> tuple[Split, ...]:  # fmt: skip
    """Every column of folds.csv beside id, checked on the photos that it lists."""
    rows = _rows(path)
    listed = [index for index, photo in enumerate(photos) if photo.path.stem in rows]
    if not listed:
        return ()
    found = []
    for column in (name for name in rows[photos[listed[0]].path.stem] if name != "id"):
        part = [rows[photos[index].path.stem][column] for index in listed]
        pairs = leaks([group[index] for index in listed], part)
        parts = defaultdict(set)
        for index, where in zip(listed, part, strict=True):
            parts[source[index]].add(where)
        shared = sum(1 for name, places in parts.items() if name and len(places) > 1)
        found.append(Split(column, tuple((names[listed[a]], names[listed[b]]) for a, b in pairs), shared))
    return tuple(found)


def _rows(path: Path) -> dict[str, dict[str, str]]:
    """Rows of a CSV by id, empty without the file."""
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8-sig") as stream:
        return {row["id"]: row for row in csv.DictReader(stream) if row.get("id")}
