"""Two pictures of an evaluation as PNG, drawn with Pillow and the type that Paddock ships: the confusion matrix and
the calibration curve. Words come from the caller, so that they are in the reader's language."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from classifier.scores import ConfidenceBin
from core.fonts import FACES, SANS

PAPER, INK, QUIET, LINE = "#ffffff", "#1c1e21", "#5c6166", "#d9dcdf"
FEW = 5
"""A point of the curve that rests on fewer photos is drawn pale and off the line: it says next to nothing."""
BLUE, PALE, ORANGE = "#1f5fae", "#a9c3e4", "#c2410c"
_SCALE = 2
"""Pixels for one unit of the drawing: sharp on screens of twice the density and in print."""


def confusion_png(confusion: Sequence[Sequence[int]], classes: Sequence[str], words: Mapping[str, str]) -> bytes:
    """The matrix: a row for each expected class, a column for each verdict, darker where more of the row lies.

    words: title, expected, verdict, note, percent ("{n} %"). Each cell has its count and its share of the row,
    as far as there is room.
    """
    cell = 132 if len(classes) <= 4 else max(12, 720 // len(classes))
    size = min(15.0, 0.8 * cell)
    widest = max(_width(name, size) for name in classes)
    turned = widest > cell - 8
    left, top = round(48 + widest), round(76 + widest + 20 if turned else 112)
    drawing = _Drawing(left + cell * len(classes) + 24, top + cell * len(classes) + 56)
    drawing.text((24, 30), words["title"], 19, bold=True)
    drawing.text((24, 58), f"{words['expected']} ↓   {words['verdict']} →", 14, QUIET)
    for column, name in enumerate(classes):
        middle = left + cell * (column + 0.5)
        if turned:
            drawing.turned((middle, top - 10 - _width(name, size) / 2), name, size)
        else:
            drawing.text((middle, top - 20), name, size, anchor="mm")
    for row, (name, counts) in enumerate(zip(classes, confusion, strict=True)):
        above, total = top + cell * row, sum(counts)
        drawing.text((left - 14, above + cell / 2), name, size, anchor="rm")
        for column, count in enumerate(counts):
            share = count / total if total else 0.0
            x, y = left + cell * column, above
            colour = _mixed(BLUE if row == column else ORANGE, share)
            drawing.box((x + 1, y + 1, x + cell - 1, y + cell - 1), fill=colour, outline=LINE)
            ink, middle, low = PAPER if share > 0.8 else INK, x + cell / 2, y + cell / 2
            if cell >= 80:
                drawing.text((middle, low - 11), str(count), 26, ink, bold=row == column, anchor="mm")
                drawing.text((middle, low + 19), words["percent"].format(n=f"{100 * share:.0f}"), 14, ink, anchor="mm")
            elif cell >= 20 and count:
                drawing.text((middle, low), str(count), max(9, cell / 4), ink, anchor="mm")
    drawing.text((24, top + cell * len(classes) + 28), words["note"], 13, QUIET, anchor="lm")
    return drawing.png()


def calibration_png(bins: Sequence[ConfidenceBin], words: Mapping[str, str]) -> bytes:
    """The calibration curve: accuracy against confidence, the diagonal of exact probabilities, photos a bin below.

    words: title, note, confidence, accuracy, photos, above, below, percent ("{n} %").
    """
    side, left, top, bar = 420, 84, 92, 74
    drawing = _Drawing(left + side + 40, top + side + bar + 104)

    def place(x: float, y: float) -> tuple[float, float]:
        return left + side * x, top + side * (1 - y)

    drawing.text((24, 30), words["title"], 19, bold=True)
    drawing.text((24, 58), words["note"], 14, QUIET)
    for step in range(6):
        share = step / 5
        drawing.line([place(share, 0), place(share, 1)], LINE)
        drawing.line([place(0, share), place(1, share)], LINE)
        drawing.text(
            (left - 10, place(0, share)[1]), words["percent"].format(n=round(100 * share)), 13, QUIET, anchor="rm"
        )
        drawing.text(
            (place(share, 0)[0], top + side + bar + 44),
            words["percent"].format(n=round(100 * share)),
            13,
            QUIET,
            anchor="mm",
        )
    for step in range(0, 40, 2):
        drawing.line([place(step / 40, step / 40), place((step + 1) / 40, (step + 1) / 40)], QUIET, 1.5)
    drawing.text((place(0.03, 0.97)[0], place(0, 0.97)[1]), words["above"], 13, QUIET, anchor="lt")
    drawing.text(place(0.97, 0.03), words["below"], 13, QUIET, anchor="rb")
    points = [(one, *place(one.confidence, one.accuracy)) for one in bins
              if one.confidence is not None and one.accuracy is not None]  # fmt: skip
    drawing.line([(x, y) for one, x, y in points if one.count >= FEW], BLUE, 2.5)
    most = max((one.count for one in bins), default=0) or 1
    base = top + side + 26 + bar
    for one, x, y in points:
        radius = 3.5 + 5.5 * (one.count / most) ** 0.5
        drawing.dot((x, y), radius, BLUE if one.count >= FEW else PALE)
        height = max(1.0, (bar - 16) * one.count / most)
        drawing.box((place(one.low, 0)[0] + 2, base - height, place(one.high, 0)[0] - 2, base), fill=BLUE)
        drawing.text((place((one.low + one.high) / 2, 0)[0], base - height - 3), str(one.count), 10, QUIET, anchor="mb")
    drawing.line([(left, base), (left + side, base)], LINE)
    drawing.text((left - 10, base - bar / 2 + 8), words["photos"], 13, QUIET, anchor="rm")
    drawing.text((left + side / 2, base + 44), words["confidence"], 14, anchor="mm")
    drawing.turned((24, top + side / 2), words["accuracy"], 14)
    return drawing.png()


class _Drawing:
    """A white sheet in units of its own, drawn larger."""

    def __init__(self, width: int, height: int) -> None:
        self.image = Image.new("RGB", (width * _SCALE, height * _SCALE), PAPER)
        self.pen = ImageDraw.Draw(self.image)

    def text(self, at: tuple[float, float], words: str, size: float, colour: str = INK, *, bold: bool = False,
             anchor: str = "ls") -> None:  # fmt: skip
        self.pen.text(_scaled(at), words, colour, _font(size, bold=bold), anchor=anchor)

    def turned(self, middle: tuple[float, float], words: str, size: float) -> None:
        """Text that reads upwards, centred."""
        font = _font(size, bold=False)
        box = font.getbbox(words)
        line = Image.new("RGB", (round(box[2]) + 4, round(box[3]) + 4), PAPER)
        ImageDraw.Draw(line).text((0, 0), words, INK, font)
        line = line.rotate(90, expand=True)
        x, y = _scaled(middle)
        self.image.paste(line, (round(x - line.width / 2), round(y - line.height / 2)))

    def line(self, points: Sequence[tuple[float, float]], colour: str, width: float = 1.0) -> None:
        if len(points) > 1:
            self.pen.line([_scaled(point) for point in points], colour, round(width * _SCALE), joint="curve")

    def dot(self, middle: tuple[float, float], radius: float, colour: str) -> None:
        self.pen.circle(_scaled(middle), radius * _SCALE, colour, PAPER, _SCALE)

    def box(self, corners: tuple[float, float, float, float], *, fill: str, outline: str | None = None) -> None:
        self.pen.rectangle([_scaled(corners[:2]), _scaled(corners[2:])], fill, outline)

    def png(self) -> bytes:
        buffer = io.BytesIO()
        self.image.save(buffer, "PNG", optimize=True)
        return buffer.getvalue()


def _scaled(point: tuple[float, float]) -> tuple[float, float]:
    return point[0] * _SCALE, point[1] * _SCALE


def _width(words: str, size: float) -> float:
    return float(_font(size, bold=False).getlength(words)) / _SCALE


def _mixed(colour: str, share: float) -> str:
    """White to a colour: the share of a row, 0..1."""
    parts = (int(colour[index : index + 2], 16) for index in (1, 3, 5))
    return "#" + "".join(
        f"{round(255 + (part - 255) * min(1.0, 0.04 + 0.96 * share) * (share > 0)):02x}" for part in parts
    )


def _font(size: float, *, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(io.BytesIO(_truetype(600 if bold else 400)), size * _SCALE)


@cache
def _truetype(weight: int) -> bytes:
    """Our Inter unpacked from WOFF2: not every Pillow's FreeType reads that."""
    from fontTools.ttLib import TTFont

    face = next(face for face in FACES if face.family == SANS and face.weight == weight)
    font = TTFont(face.path)
    font.flavor = None
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()
