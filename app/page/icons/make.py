"""Draw the icons again: ``python -m app.page.icons.make``. The half-filled circle of the page's frame, in racing green.

Geometry: app/page/components/frame/frame.html draws it in a box of 16, a ring of radius 6.5 and width 2 whose
left half is full.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

GREEN = (0x1F, 0x4D, 0x3A, 255)
WHITE = (255, 255, 255, 255)
OVERSAMPLING = 8
HERE = Path(__file__).parent


def icon(side: int, *, maskable: bool) -> Image.Image:
    """One square RGBA icon. maskable: the system cuts its own shape, so the ground is full and the sign smaller."""
    big = side * OVERSAMPLING
    picture = Image.new("RGBA", (big, big), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    corner = 0 if maskable else big * 0.22
    draw.rounded_rectangle((0, 0, big - 1, big - 1), corner, fill=GREEN)
    unit = big * (0.52 if maskable else 0.66) / 15  # the ring's outer width is 15 of the drawing's units
    centre = big / 2

    def box(radius: float) -> tuple[float, float, float, float]:
        return (centre - radius * unit, centre - radius * unit, centre + radius * unit, centre + radius * unit)

    draw.ellipse(box(7.5), fill=WHITE)
    draw.ellipse(box(5.5), fill=GREEN)
    draw.pieslice(box(6.5), 90, 270, fill=WHITE)
    return picture.resize((side, side), Image.Resampling.LANCZOS)


def main() -> None:
    """Write every icon beside this file."""
    for name, side, maskable in (
        ("icon-192.png", 192, False), ("icon-512.png", 512, False), ("maskable-512.png", 512, True),
        ("touch-180.png", 180, True), ("favicon-48.png", 48, False),
    ):  # fmt: skip
        # A palette with alpha: few colours, a third of the bytes.
        icon(side, maskable=maskable).quantize(64, method=Image.Quantize.FASTOCTREE).save(HERE / name, optimize=True)


if __name__ == "__main__":
    main()
