"""Engines that answer the desk's calls at once with small true values, so that a soak needs no framework."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.canonical import sha256_of_file
from core.images import photo_size, read_mask, read_picture, write_mask, write_picture
from core.values import CLASSES, Origin, Report, Verdict, no_report
from studio.engines import InlineEngines
from studio.serving import failed
from studio.tasks.bind import BookOrder, BoundFile
from studio.tasks.correct import ResultFile
from studio.tasks.look import Seen

ORIGIN = Origin("algorithm", "soak", revision="1")


class HonestEngines(InlineEngines):
    """The framework's tasks answered here; every other task runs as it is, in this process."""

    def call(self, kind: Any, task: str, /, *args: Any, report: Report = no_report, **kwargs: Any) -> Any:
        answer = ANSWERS.get(task)
        if answer is None:
            return super().call(kind, task, *args, report=report, **kwargs)
        try:
            return answer(*args, **kwargs)
        except OSError as error:
            raise failed(task, error) from error


def judge(paths: list[str], names: list[str], **_: Any) -> list[Verdict]:
    """A verdict that follows from the photo's bytes alone."""
    return [_verdict(sha256_of_file(Path(path))) for path in paths]


def look(path: str, name: str, concepts: list[str], **_: Any) -> Seen:
    """No car anywhere."""
    width, height = photo_size(Path(path))
    return Seen((), (width, height), np.zeros((height, width), np.float32), (ORIGIN,))


def full_size(path: str, name: str, mask: str, out: str, **_: Any) -> float:
    """The mask at the photo's size; returns the share selected."""
    drawn = Image.fromarray(read_mask(Path(mask)))
    scaled = np.asarray(drawn.resize(photo_size(Path(path)), Image.Resampling.NEAREST))
    write_mask(Path(out), scaled)
    return float(scaled.mean())


def remove(path: str, name: str, mask: str, out: str, *, seed: int = 0, **_: Any) -> ResultFile:
    """Flat colour (from the seed) inside the mask, nothing changed outside: both counted."""
    picture, inside = read_picture(Path(path), name=name), read_mask(Path(mask))
    pixels = picture.pixels.copy()
    pixels[inside] = (seed & 255, seed >> 8 & 255, seed >> 16 & 255)
    return _written(picture.pixels, pixels, inside, out)


def palette(path: str, name: str, style: str, style_name: str, out: str, *, strength: float = 1.0, **_: Any) -> Any:
    """The photo drawn towards the mean colour of the style."""
    picture, reference = read_picture(Path(path), name=name), read_picture(Path(style), max_side=64, name=style_name)
    shift = strength * 0.2 * (reference.pixels.mean((0, 1)) - picture.pixels.mean((0, 1)))
    pixels = np.clip(picture.pixels + shift, 0, 255).astype(np.uint8)
    return _written(picture.pixels, pixels, np.ones(pixels.shape[:2], np.bool_), out)


def bind(order: BookOrder, out: str, **_: Any) -> BoundFile:
    """A PDF with one picture a page."""
    pages = [Image.fromarray(read_picture(Path(plate.path), max_side=64).pixels) for plate in order.plates]
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], title=f"{order.title} {order.ledger_head}")
    return BoundFile(out, len(pages), "soak", (), {})


ANSWERS = {
    "studio.tasks.triage:judge": judge, "studio.tasks.look:look": look, "studio.tasks.select:full_size": full_size,
    "studio.tasks.correct:remove": remove, "studio.tasks.correct:palette": palette, "studio.tasks.bind:bind": bind,
}  # fmt: skip


def _verdict(sha: str) -> Verdict:
    number = int(sha[:8], 16)
    first, second = 0.2 + 0.1 * (number % 3), 0.1 * (1 + number // 3 % 4)
    probabilities = (first, second, 1 - first - second)
    return Verdict(CLASSES[int(np.argmax(probabilities))], probabilities, ORIGIN)


def _written(before: Any, after: Any, inside: Any, out: str) -> ResultFile:
    changed = (before != after).any(-1)
    write_picture(Path(out), after)
    return ResultFile(out, ORIGIN, int((changed & inside).sum()), int((changed & ~inside).sum()))
