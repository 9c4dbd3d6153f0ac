"""The nouns that travel between rooms: frozen, picklable, with no framework in them.

Conventions: an image is RGB uint8 of shape (height, width, 3); a mask is boolean of shape
(height, width), True = to modify; coordinates are pixels, x to the right, y downwards, with the
origin at the top left corner after the EXIF orientation has been applied.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels: TypeAlias = NDArray[np.uint8]
    BoolMask: TypeAlias = NDArray[np.bool_]
else:
    # The command line's help must answer at once: numpy is loaded by those who touch pixels.
    Pixels = BoolMask = Any

Backend = Literal["embedded", "full", "person", "algorithm"]
Label = Literal["ok", "retoucher", "exclure"]

CLASSES: tuple[Label, Label, Label] = ("ok", "retoucher", "exclure")
"""The three verdicts in the order of every probability vector, confusion matrix and folder list."""

Report = Callable[[float, str], None]
"""Progress callback: (fraction done in 0..1, what is being done). It raises Cancelled to stop."""


def no_report(fraction: float, doing: str) -> None:
    """A Report for callers that need no progress."""


def holding(report: Report, fraction: float) -> Report:
    """A Report for a part of a job: what is done and cancellation pass through, the fraction stays."""
    return lambda _, doing: report(fraction, doing)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a result comes from; written in its ledger record.

    backend: "embedded" (travels with the install), "full" (published big weights), "algorithm"
        (a library's algorithm without weights) or "person" (a hand's decision).
    model, revision: name of the model or algorithm and its version; "" when there is none.
    sha256: of the weights file, or of the sorted list of files; "" when there are no weights.
    seed: of the random generator, None when nothing random happens.
    parameters: JSON-serialisable values that reproduce the result.
    libraries: versions of the libraries that computed it.
    """

    backend: Backend
    model: str
    revision: str = ""
    sha256: str = ""
    seed: int | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    libraries: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One photo's class. probabilities: in the order of CLASSES, sum 1, calibrated."""

    label: Label
    probabilities: tuple[float, float, float]
    origin: Origin

    @property
    def confidence(self) -> float:
        """Probability of the label, 0..1."""
        return self.probabilities[CLASSES.index(self.label)]


@dataclass(frozen=True, slots=True)
class Region:
    """Something found in a photo. polygon: (x, y) corners in pixels; text: what is read there, or ""."""

    label: str
    score: float
    polygon: tuple[tuple[float, float], ...]
    text: str = ""

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Bounding box (left, top, right, bottom), right and bottom exclusive."""
        xs = [x for x, _ in self.polygon]
        ys = [y for _, y in self.polygon]
        return (int(min(xs)), int(min(ys)), math.ceil(max(xs)), math.ceil(max(ys)))


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """A proposed mask: boolean (height, width) of the photo, and where it comes from.

    heat: optional uint8 (height, width) 0..255 map at any size with the photo's aspect, for an
    interactive threshold; words: what was asked; understood: how it was read (shown to the person).
    """

    mask: BoolMask
    origin: Origin
    words: str = ""
    understood: str = ""
    heat: NDArray[np.uint8] | None = None
    proposal: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Edited:
    """A changed photo. pixels: RGB uint8 (height, width, 3) of the photo's own size.

    changed_inside, changed_outside: pixels that differ from the source inside and outside the
    mask, counted after the fact, not assumed; outside must be 0 for a correction.
    """

    pixels: Pixels
    origin: Origin
    changed_inside: int
    changed_outside: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What opening a photo told of it.

    width, height: upright, in pixels. format: "JPEG", "PNG", "WEBP", "TIFF" or "HEIF". taken: as EXIF writes it
    ("2026:06:13 16:00:01") or "". credit: the line to print, description: the caption in the file; "" when absent.
    """

    width: int
    height: int
    format: str
    taken: str
    credit: str
    description: str
