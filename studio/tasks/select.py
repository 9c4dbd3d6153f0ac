"""Selection tasks of the torch worker: photo and words, box or strokes → mask file."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.errors import MaskError
from core.images import Picture, photo_size, read_mask, read_picture, write_mask
from core.values import BoolMask, Origin, Region, Report, Selection, no_report
from studio.tasks.look import LOOK_SIDE, Seen

_loaded: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class MaskFile:
    """A selection written to disk.

    path: PNG of exactly 0 and 255 at the photo's full size; heat_path: 8-bit PNG of the photo's
    aspect or ""; share: part of the photo that is selected, 0..1.
    """

    path: str
    heat_path: str
    origin: Origin
    understood: str
    proposal: bool
    share: float
    zones: int


def from_seen(
    path: str, name: str, seen: Seen, concepts: Sequence[str], out: str, *, words: str, report: Report = no_report
) -> MaskFile:
    """A mask from what the scene tasks found: panels and text by their outlines, the car by GrabCut from its map."""
    from editing.grabcut import from_heat
    from editing.regions import from_regions

    picture = read_picture(Path(path), max_side=LOOK_SIDE, name=name)
    size = (picture.pixels.shape[0], picture.pixels.shape[1])
    parts: list[Selection] = []
    missing = [label for label in concepts if label != "car" and not any(r.label == label for r in seen.regions)]
    if missing and len(concepts) > 1:
        raise _half(missing, concepts)
    for label, grow in (("panel", 0.04), ("text", 0.25)):
        regions = [region for region in seen.regions if region.label == label and label in concepts]
        for model, mine in (
            ("rapidocr", [region for region in regions if region.text]),
            ("panelmap-lite0", [region for region in regions if not region.text]),
        ):
            if mine:
                parts.append(from_regions(mine, size, _origin_of(seen, model), grow_fraction=grow))
    if "car" in concepts and seen.heat is not None:
        # The map only starts GrabCut: the mask is GrabCut's, so no threshold of the map is offered.
        car = from_heat(picture.pixels, seen.heat)
        parts.append(dataclasses.replace(car, heat=None, origin=_with_asked(car.origin, seen.origins)))
    return _write(picture, parts, Path(out), Path(path), name, words=words, regions=seen.regions)


def from_box(
    path: str, name: str, box: tuple[float, float, float, float], out: str, *, report: Report = no_report
) -> MaskFile:
    """GrabCut from a box; box in fractions of the photo (left, top, right, bottom in 0..1)."""
    from editing.grabcut import from_box as cut

    picture = read_picture(Path(path), max_side=LOOK_SIDE, name=name)
    height, width = picture.pixels.shape[:2]
    left, top, right, bottom = box
    selection = cut(picture.pixels, (left * width, top * height, right * width, bottom * height))
    return _write(picture, [selection], Path(out), Path(path), name)


def from_strokes(
    path: str, name: str, add: str, remove: str, start: str, out: str, *, report: Report = no_report
) -> MaskFile:
    """GrabCut refined by strokes; add, remove, start: paths of black-and-white PNGs at any size ("" for none)."""
    from editing.grabcut import from_strokes as cut
    from editing.maskops import scale_to

    picture = read_picture(Path(path), max_side=LOOK_SIDE, name=name)
    size = (picture.pixels.shape[0], picture.pixels.shape[1])

    def mask(file: str) -> BoolMask:
        return scale_to(read_mask(Path(file)), size) if file else np.zeros(size, dtype=np.bool_)

    selection = cut(picture.pixels, mask(add), mask(remove), mask(start) if start else None)
    return _write(picture, [selection], Path(out), Path(path), name)


def clipseg(
    path: str, name: str, prompts: Sequence[str], folder: str, out: str, *, words: str, model: str,
    revision: str, sha256: str, report: Report = no_report,
) -> MaskFile:  # fmt: skip
    """CLIPSeg's answer to English prompts, from a folder with its verified weights."""
    key = folder + sha256
    if key not in _loaded:
        from editing.clipseg import ClipSeg

        report(0.05, name)
        _loaded[key] = ClipSeg.load(Path(folder), name=model, revision=revision, sha256=sha256)
    report(0.3, name)
    picture = read_picture(Path(path), max_side=LOOK_SIDE, name=name)
    selection = _loaded[key].select(picture.pixels, list(prompts))
    return _write(picture, [selection], Path(out), Path(path), name, words=words)


def full_size(path: str, name: str, mask: str, out: str, *, report: Report = no_report) -> float:
    """Write a mask drawn on the screen's proxy at the photo's full size; returns the share selected."""
    from editing.maskops import scale_to

    width, height = photo_size(Path(path))
    scaled = scale_to(read_mask(Path(mask)), (height, width))
    write_mask(Path(out), scaled)
    return float(scaled.mean())


def _write(
    picture: Picture, parts: list[Selection], out: Path, path: Path, name: str, *,
    words: str = "", regions: Sequence[Region] = (),
) -> MaskFile:  # fmt: skip
    """Unite the parts, write the mask at full size and the heat map beside it."""
    from scipy import ndimage

    from editing.maskops import scale_to

    if not parts:
        size = picture.pixels.shape[:2]
        parts = [Selection(np.zeros(size, dtype=np.bool_), Origin("embedded", "none"), words=words)]
    united = np.logical_or.reduce([part.mask for part in parts])
    width, height = picture.full_size
    write_mask(out, scale_to(united, (height, width)))
    heat_path = ""
    if len(parts) == 1 and parts[0].heat is not None:
        heat_path = str(out.with_suffix(".heat.png"))
        Image.fromarray(parts[0].heat).save(heat_path, "PNG")
    zones = ndimage.label(united)[1]
    origin = parts[0].origin
    if len(parts) > 1:
        told = [{"backend": p.origin.backend, "model": p.origin.model, "sha256": p.origin.sha256} for p in parts]
        origin = Origin(
            origin.backend, " + ".join(dict.fromkeys(p.origin.model for p in parts)), parameters={"parts": told},
            libraries={name: value for p in parts for name, value in p.origin.libraries.items()},
        )  # fmt: skip
    understood = "; ".join(dict.fromkeys(region.text for region in regions if region.text))
    return MaskFile(str(out), heat_path, origin, understood or parts[0].understood, any(p.proposal for p in parts),
                    float(united.mean()), int(zones))  # fmt: skip


def _origin_of(seen: Seen, model: str) -> Origin:
    """The origin of the model that found the regions; the others that were asked are named in its parameters."""
    return _with_asked(next(origin for origin in seen.origins if origin.model == model), seen.origins)


def _with_asked(origin: Origin, origins: Sequence[Origin]) -> Origin:
    """An origin whose parameters name the other models that had a say, with their hashes."""
    others = {other.model: other.sha256 for other in origins if other.model != origin.model}
    return dataclasses.replace(origin, parameters={**origin.parameters, "asked_too": others}) if others else origin


def _half(missing: Sequence[str], concepts: Sequence[str]) -> MaskError:
    """Half an answer would look like a whole one: it is refused, and both halves are named."""
    fr = {"car": "la voiture", "panel": "le panneau", "text": "le texte"}
    en = {"car": "the car", "panel": "the panel", "text": "the text"}
    there = [concept for concept in concepts if concept not in missing]
    return MaskError(
        problem_fr=f"{', '.join(fr[c] for c in missing)} : introuvable sur cette photo. "
        f"Demandez seulement {', '.join(fr[c] for c in there) or 'autre chose'}, ou tracez un cadre.",
        problem_en=f"{', '.join(en[c] for c in missing)}: not found in this photo. "
        f"Ask only for {', '.join(en[c] for c in there) or 'something else'}, or draw a box.",
    )
