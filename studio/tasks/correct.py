"""Correction tasks of the torch worker: photo file + mask file → corrected PNG."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import EngineFailed
from core.images import read_mask, read_picture, write_picture
from core.values import Edited, Origin, Report, no_report

_loaded: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A changed photo written to disk, with the pixels counted inside and outside its mask."""

    path: str
    origin: Origin
    changed_inside: int
    changed_outside: int


CAR_THRESHOLD = 0.4
"""Of the car map; the best one in its four folds (artifacts/MANIFEST.json)."""


def remove(
    path: str, name: str, mask: str, out: str, *, car: NDArray[np.float32] | None = None,
    seen_by: Sequence[Origin] = (), seed: int = 0, report: Report = no_report,
) -> ResultFile:  # fmt: skip
    """Fill the mask from its surroundings; nothing outside it changes.

    car: float32 map of any size with the photo's aspect, 0..1; what it covers is not copied from.
    seen_by: origins of that map, named in the result's.
    """
    from editing.maskops import scale_to
    from editing.remove import remove as engine

    picture = read_picture(Path(path), name=name)
    report(0.05, name)
    avoid = None if car is None else scale_to(car >= CAR_THRESHOLD, picture.pixels.shape[:2])
    result = engine(picture.pixels, read_mask(Path(mask)), avoid=avoid, seed=seed, report=report)
    asked = {origin.model: origin.sha256 for origin in seen_by}
    origin = dataclasses.replace(result.origin, parameters={**result.origin.parameters, "asked_too": asked})
    result = dataclasses.replace(result, origin=origin)
    return _write(picture, result, Path(out), only_inside=True)


def replace(
    path: str, name: str, mask: str, out: str, *, weights: dict[str, str], prompt: str, negative_prompt: str = "",
    steps: int = 30, guidance: float = 7.5, strength: float = 1.0, seed: int = 0, report: Report = no_report,
) -> ResultFile:  # fmt: skip
    """Paint a wish into the mask with Stable Diffusion 2 inpainting; nothing outside it changes.

    weights: folder, model (the id it was fetched as), revision and sha256, as core.weights located them.
    """
    from editing.inpaint import Inpainter

    key = weights["folder"] + weights["sha256"]
    if key not in _loaded:
        report(0.02, name)
        _loaded[key] = Inpainter.load(
            Path(weights["folder"]), model=weights["model"], revision=weights["revision"], sha256=weights["sha256"]
        )
    picture = read_picture(Path(path), name=name)
    result = _loaded[key].replace(
        picture.pixels, read_mask(Path(mask)), prompt, negative_prompt=negative_prompt, steps=steps,
        guidance=guidance, strength=strength, seed=seed, report=report,
    )  # fmt: skip
    return _write(picture, result, Path(out), only_inside=True)


def palette(
    path: str, name: str, style: str, style_name: str, out: str, *, strength: float = 1.0,
    max_side: int | None = None, report: Report = no_report,
) -> ResultFile:  # fmt: skip
    """Give a photo the palette of another picture; ``max_side`` for a preview."""
    from styling.palette import transfer

    picture = read_picture(Path(path), max_side=max_side, name=name)
    reference = read_picture(Path(style), max_side=1024, name=style_name)
    result = transfer(picture.pixels, reference.pixels, strength=strength, report=report)
    return _write(picture, result, Path(out), only_inside=False)


def _write(picture: Any, result: Edited, out: Path, *, only_inside: bool) -> ResultFile:
    if only_inside and result.changed_outside:
        raise EngineFailed(
            task="correct", why_fr=f"{result.changed_outside} pixels ont changé hors de la sélection",
            why_en=f"{result.changed_outside} pixels changed outside the mask",
        )  # fmt: skip
    write_picture(out, result.pixels, icc=picture.icc, credits=picture.credits)
    return ResultFile(str(out), result.origin, result.changed_inside, result.changed_outside)
