"""How steady a model's verdicts are: the share that flips when a photo changes in ways that should not matter.

After the invariance tests of Ribeiro et al. 2020, "Beyond Accuracy: Behavioral Testing of NLP Models with
CheckList" (arXiv:2005.04118). Needs no labels: a verdict is compared with the one on the unchanged photo.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.folder import photos_under
from classifier.perturbations import BY_RULE, PERTURBATIONS, Perturbation
from classifier.triage import Triage
from core.errors import FolderError, Language, PhotoError
from core.files import shown_name
from core.images import read_picture
from core.values import CLASSES, Pixels, Report, Verdict, no_report

PHOTOS, SURE, LARGEST = 300, 0.6, 1600
"""Photos looked at; probability under which the page says "not sure"; longer side in pixels when read."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one perturbation does.

    flips: photos whose verdict changes; sure_flips: those among the sure ones. by_rule: flips from ok to
    retoucher that the labelling rules ask for (bars); they are counted in flips too. mean_change: half the sum
    of |change| over the classes, mean over photos, 0..1. drift: mean signed change of each class's probability.
    flips_to: photos that flip, by the new verdict.
    """

    name: str
    photos: int
    flips: int
    sure: int
    sure_flips: int
    by_rule: int
    mean_change: float
    drift: tuple[float, ...]
    flips_to: tuple[int, ...]

    @property
    def share(self) -> float:
        """Flips that no rule explains, as a share of the photos."""
        return (self.flips - self.by_rule) / self.photos if self.photos else 0.0

    @property
    def worst(self) -> tuple[str, float]:
        """The class whose probability drifts most, and by how much."""
        place = int(np.abs(self.drift).argmax())
        return CLASSES[place], self.drift[place]


@dataclass(frozen=True, slots=True)
class Probe:
    """effects: the most flips first (those that no rule explains). model: what was probed. verdicts: how many photos
    have each verdict, unchanged."""

    model: str
    backend: str
    photos: int
    seed: int
    verdicts: tuple[int, ...]
    effects: tuple[Effect, ...]
    unreadable: tuple[tuple[str, PhotoError], ...] = field(default=())

    def as_json(self, language: Language = "fr") -> dict[str, Any]:
        """What ``probe --json`` prints."""
        return {
            "model": self.model, "backend": self.backend, "photos": self.photos, "seed": self.seed,
            "sure_from": SURE, "classes": list(CLASSES), "verdicts": list(self.verdicts),
            "effects": [
                {**asdict(effect), "share": round(effect.share, 4),
                 "worst": dict(zip(("class", "change"), effect.worst, strict=True))}
                for effect in self.effects
            ],
            "unreadable": [{"path": path, "error": error.message(language)} for path, error in self.unreadable],
        }  # fmt: skip


def probe(data: Path, model: str | Triage = "default", *, photos: int = PHOTOS, seed: int = 0,
          perturbations: Mapping[str, Perturbation] = PERTURBATIONS, models_dir: Path | None = None,
          report: Report = no_report) -> Probe:  # fmt: skip
    """Probe a model on a seeded sample of the photos under a folder, at any depth.

    Raises FolderError when there is no photo that opens, WeightsMissing, WeightsChanged, Cancelled (from report).
    """
    found = [path for path in photos_under(data) if path.is_file()] if data.is_dir() else []
    random = np.random.default_rng(seed)
    chosen = [found[index] for index in sorted(random.choice(len(found), min(photos, len(found)), replace=False))]
    triage = Triage.load(model, models_dir=models_dir) if isinstance(model, str) else model
    before, after, unreadable = [], [], []
    for number, path in enumerate(chosen):
        report(number / len(chosen), f"{number}/{len(chosen)}")
        name = shown_name(path.relative_to(data).as_posix())
        try:
            pixels = read_picture(path, max_side=LARGEST, name=path.name).pixels
        except PhotoError as error:
            unreadable.append((name, error))
            continue
        plain, *changed = _judged(triage, [pixels, *(change(pixels) for change in perturbations.values())])
        before.append(plain)
        after.append(changed)
    report(1.0, f"{len(chosen)}/{len(chosen)}")
    if not before:
        raise FolderError(
            folder=data,
            problem_fr="il ne contient aucune photo qui s'ouvre. Choisissez un dossier de photos.",
            problem_en="it holds no photo that opens. Choose a folder of photos.",
        )
    verdicts = np.bincount(np.array(before).argmax(axis=1), minlength=len(CLASSES))
    return Probe(
        triage.origin.model, triage.origin.backend, len(before), seed, tuple(int(count) for count in verdicts),
        effects_of(tuple(perturbations), np.array(before), np.array(after)), tuple(unreadable),
    )  # fmt: skip


def effects_of(names: Sequence[str], before: NDArray[np.floating[Any]],
               after: NDArray[np.floating[Any]]) -> tuple[Effect, ...]:  # fmt: skip
    """Effects, the most unexplained flips first. before: (n, classes); after: (n, len(names), classes)."""
    was, sure = before.argmax(axis=1), before.max(axis=1) >= SURE
    found = []
    for place, name in enumerate(names):
        change = after[:, place] - before
        now = after[:, place].argmax(axis=1)
        flipped = now != was
        ruled = flipped & (was == CLASSES.index("ok")) & (now == CLASSES.index("retoucher")) & (name in BY_RULE)
        found.append(Effect(
            name, len(before), int(flipped.sum()), int(sure.sum()), int((flipped & sure).sum()), int(ruled.sum()),
            round(float(np.abs(change).sum(axis=1).mean() / 2), 4),
            tuple(round(float(value), 4) for value in change.mean(axis=0)),
            tuple(int(count) for count in np.bincount(now[flipped], minlength=before.shape[1])),
        ))  # fmt: skip
    return tuple(sorted(found, key=lambda effect: (-effect.share, effect.name)))


def _judged(triage: Triage, views: Sequence[Pixels]) -> list[tuple[float, float, float]]:
    """Probabilities of views in memory; none of them can be unreadable."""
    found = []
    for _, verdict in triage.judge(views):
        assert isinstance(verdict, Verdict)
        found.append(verdict.probabilities)
    return found
