"""A box, strokes or a heat map refined to the object's outline by GrabCut (Rother, Kolmogorov, Blake 2004).

It works on a proxy of at most 900 px around what was drawn; the outline is then lifted to the
photo's size and stays smooth. Same input, same mask: OpenCV's generator is seeded before each call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import MaskError
from core.values import BoolMask, Origin, Pixels, Selection
from editing.maskops import Box, bounding_box, drop_specks, fill_holes, padded_box, scale_to

PROXY = 900
"""Longest side, in pixels, of what GrabCut sees."""
ITERATIONS = 5
CONTEXT = 0.4
"""Surroundings shown to GrabCut, as a share of the drawn area's longer side."""
HEAT_LEVELS = (0.15, 0.35, 0.8)
"""Below the first: surely background; above the last: surely object; the second parts the guesses."""

_BACKGROUND, _OBJECT, _MAYBE_BACKGROUND, _MAYBE_OBJECT = 0, 1, 2, 3  # cv2.GC_*


def from_box(pixels: Pixels, box: tuple[float, float, float, float]) -> Selection:
    """The object inside a box (left, top, right, bottom) in pixels of the photo.

    The box may overhang the photo. Raises MaskError when nothing of it lies inside, when it is
    thinner than 3 pixels, or when it covers the whole photo.
    """
    height, width = pixels.shape[:2]
    left, right = sorted((round(box[0]), round(box[2])))
    top, bottom = sorted((round(box[1]), round(box[3])))
    left, top, right, bottom = max(0, left), max(0, top), min(width, right), min(height, bottom)
    if right - left < 3 or bottom - top < 3:
        raise MaskError(
            problem_fr="le cadre est hors de la photo ou trop mince. Tracez-le autour de l'objet.",
            problem_en="the box is outside the photo or too thin. Draw it around the object.",
        )
    if (right - left) * (bottom - top) >= 0.99 * width * height:
        raise MaskError(
            problem_fr="le cadre couvre toute la photo. Laissez un peu de fond autour de l'objet.",
            problem_en="the box covers the whole photo. Leave some background around the object.",
        )
    view = padded_box((left, top, right, bottom), (height, width), fraction=CONTEXT, at_least=8)
    guess = np.full((view[3] - view[1], view[2] - view[0]), _BACKGROUND, dtype=np.uint8)
    guess[top - view[1] : bottom - view[1], left - view[0] : right - view[0]] = _MAYBE_OBJECT
    mask = _cut(pixels, view, guess)
    return Selection(mask, _origin(start="box", box=[left, top, right, bottom]))


def from_strokes(pixels: Pixels, add: BoolMask, remove: BoolMask, start: BoolMask | None = None) -> Selection:
    """The object that the strokes mean; `add` and `remove` are boolean (height, width) and are kept exactly.

    start: a mask to refine; without it everything that was not painted is a guess. Strokes decide
    against each other in favour of `remove`. Raises MaskError when nothing is marked as object.
    """
    _same_size(pixels, add, remove, start)
    wanted = add & ~remove
    if not wanted.any() and (start is None or not (start & ~remove).any()):
        raise MaskError(
            problem_fr="aucun trait n'indique l'objet. Peignez au moins un trait dessus.",
            problem_en="no stroke shows the object. Paint at least one stroke on it.",
        )
    drawn = wanted | remove | (start if start is not None else np.False_)
    view = padded_box(bounding_box(drawn), add.shape, fraction=CONTEXT if start is not None else 1.0, at_least=24)
    window = (slice(view[1], view[3]), slice(view[0], view[2]))
    guess = np.full(add[window].shape, _MAYBE_BACKGROUND, dtype=np.uint8)
    if start is not None:
        guess[start[window]] = _MAYBE_OBJECT
    elif not remove.any():
        frame = max(1, round(0.02 * min(guess.shape)))
        guess[:frame], guess[-frame:], guess[:, :frame], guess[:, -frame:] = (_BACKGROUND,) * 4
    guess[remove[window]] = _BACKGROUND
    guess[wanted[window]] = _OBJECT
    mask = (_cut(pixels, view, guess) | wanted) & ~remove
    return Selection(mask, _origin(start="strokes", refined=start is not None))


def from_heat(pixels: Pixels, heat: NDArray[np.floating[Any]], *, words: str = "", understood: str = "") -> Selection:
    """The object under a heat map float 0..1 of any size with the photo's aspect, shown as a proposal.

    Meant for a classifier's activation map: its peak is taken for the object and its lowest
    values for background, GrabCut decides the rest. The heat is returned with the selection.
    Raises MaskError when the map is flat or not finite.
    """
    import cv2

    height, width = pixels.shape[:2]
    values = np.asarray(heat, dtype=np.float32)
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    if values.ndim != 2 or not np.isfinite([low, high]).all() or high - low < 1e-6:
        raise MaskError(
            problem_fr="la carte d'activation ne désigne rien. Tracez un cadre autour de l'objet.",
            problem_en="the activation map points at nothing. Draw a box around the object.",
        )
    scale = min(1.0, PROXY / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    level = np.clip(cv2.resize((values - low) / (high - low), size, interpolation=cv2.INTER_LINEAR), 0.0, 1.0)
    guess = np.digitize(level, HEAT_LEVELS).astype(np.uint8)
    guess = np.array([_BACKGROUND, _MAYBE_BACKGROUND, _MAYBE_OBJECT, _OBJECT], dtype=np.uint8)[guess]
    mask = _cut(pixels, (0, 0, width, height), guess)
    shown = np.rint(level * 255).astype(np.uint8)
    origin = _origin(start="heat", levels=list(HEAT_LEVELS))
    return Selection(mask, origin, words=words, understood=understood, heat=shown, proposal=True)


def _cut(pixels: Pixels, view: Box, guess: NDArray[np.uint8]) -> BoolMask:
    """Run GrabCut on the view; guess: GC_* values at any size with the view's aspect. Photo-sized mask."""
    import cv2

    height, width = view[3] - view[1], view[2] - view[0]
    scale = min(1.0, PROXY / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    proxy = np.ascontiguousarray(pixels[view[1] : view[3], view[0] : view[2], ::-1])
    if size != (width, height):
        proxy = np.asarray(cv2.resize(proxy, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    if guess.shape != size[::-1]:
        guess = _reduced(guess, size)
    guess = np.ascontiguousarray(guess)
    if not np.isin(guess, (_OBJECT, _MAYBE_OBJECT)).any() or not np.isin(guess, (_BACKGROUND, _MAYBE_BACKGROUND)).any():
        raise MaskError(
            problem_fr="il faut à la fois un objet et un fond. Agrandissez le tracé ou laissez du fond autour.",
            problem_en="both an object and a background are needed. Draw larger, or leave some background around.",
        )
    cv2.setRNGSeed(1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(proxy, guess, (0, 0, 1, 1), models[0], models[1], ITERATIONS, cv2.GC_INIT_WITH_MASK)
    found = np.isin(guess, (_OBJECT, _MAYBE_OBJECT))
    area = int(np.count_nonzero(found))
    found = fill_holes(drop_specks(found, smallest=max(1, area // 100)), largest=area // 50)
    if not found.any():
        raise MaskError(
            problem_fr="rien ne se détache du fond ici. Peignez la zone au pinceau.",
            problem_en="nothing stands out from the background here. Paint the area with the brush.",
        )
    mask = np.zeros(pixels.shape[:2], dtype=np.bool_)
    mask[view[1] : view[3], view[0] : view[2]] = scale_to(found, (height, width))
    return mask


def _reduced(guess: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """The guess at size (width, height); thin sure strokes are not lost: any touched pixel keeps them."""
    import cv2

    small = cv2.resize(guess, size, interpolation=cv2.INTER_NEAREST)
    if not (small == _MAYBE_BACKGROUND).any() and not (guess == _MAYBE_BACKGROUND).any():
        return np.asarray(small, dtype=np.uint8)  # a box: its inside and outside are nothing thin
    for sure in (_OBJECT, _BACKGROUND):
        small[scale_to(guess == sure, size[::-1], touched=True)] = sure
    return np.asarray(small, dtype=np.uint8)


def _same_size(pixels: Pixels, *masks: BoolMask | None) -> None:
    for mask in masks:
        if mask is not None and mask.shape != pixels.shape[:2]:
            raise MaskError(
                problem_fr="les traits n'ont pas la taille de la photo. Rechargez la photo et peignez de nouveau.",
                problem_en="the strokes are not of the photo's size. Reload the photo and paint again.",
            )


def _origin(**parameters: Any) -> Origin:
    import cv2

    settings: Mapping[str, Any] = {**parameters, "proxy": PROXY, "iterations": ITERATIONS}
    return Origin("algorithm", "grabcut", parameters=settings, libraries={"opencv": cv2.__version__})
