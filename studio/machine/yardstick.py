"""How fast one core of this processor is, in one number: units of work a second, when left alone.

A unit is what the engines spend their time with, in small: float32 matrix products (as in the
networks), a resize by Pillow and arithmetic on a picture's pixels (as in reading, previews and the
patch fill), all on one thread, about a millisecond together, with a short rest between two. The fastest
counts: that short a unit goes through undisturbed now and then, so a computer that is busy with a
sort is not taken for a slow one. Disks, memory and graphics cards are not measured.
"""

from __future__ import annotations

import time

SECONDS = 0.5
"""How long the units are repeated, after one to warm up."""


def units_per_second(seconds: float = SECONDS) -> float:
    """1 / the shortest time of a unit. To be called in a process that children.ask has limited to one thread."""
    import numpy as np
    from PIL import Image

    generator = np.random.default_rng(0)
    left, right = (generator.random((160, 160), dtype=np.float32) for _ in range(2))
    pixels = generator.integers(0, 255, (120, 180, 3), dtype=np.uint8)
    picture = Image.fromarray(pixels)

    def unit() -> float:
        started = time.perf_counter()
        product = left
        for _ in range(4):
            product = product @ right * np.float32(0.012)
        picture.resize((90, 60), Image.Resampling.LANCZOS)
        lifted = pixels.astype(np.float32)
        np.clip(lifted * 1.1 + 3.0, 0, 255).astype(np.uint8)
        return time.perf_counter() - started

    unit()
    spent, until = [unit()], time.perf_counter() + seconds
    while time.perf_counter() < until or len(spent) < 20:
        time.sleep(0.002)
        spent.append(unit())
    return 1.0 / min(spent)
