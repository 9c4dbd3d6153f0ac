"""Advertising panels of our own making, put behind the cars and people of outlined photos, for training only.

A race photo has few panels; a board with random colours and words, seen in perspective, blurred as its
surroundings may be and cut by whoever stands before it, shows the map many more (cut, paste and learn:
Dwibedi, Misra, Hebert 2017, arXiv:1708.01642).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.values import Pixels

CAR, PERSON, PANEL = 1, 2, 3
BOARD = 96
"""Height in pixels of a board before it is put in perspective."""
WORDS = (
    "OIL", "TYRES", "MOTOR", "RACING", "BANK", "ENERGY", "FUEL", "GRAND", "PRIX", "SPEED", "AIR", "WATCH",
    "TELECOM", "POWER", "BRAKES", "24H", "SPORT", "GLASS", "MAX", "TURBO", "VOLT",
)  # fmt: skip
FONTS = (0, 2, 3, 4)
"""Hershey fonts of OpenCV: simplex, duplex, complex, triplex."""


def with_panels(pixels: Pixels, ids: NDArray[np.uint8], rng: np.random.Generator) -> tuple[Pixels, NDArray[np.uint8]]:
    """One to three boards behind cars and people. pixels: RGB uint8 (h, w, 3); ids: uint8 (h, w), 3 = panel."""
    import cv2

    height, width = ids.shape
    pixels, ids = pixels.copy(), ids.copy()
    for _ in range(rng.integers(1, 4)):
        corners, tall, wide = _quadrilateral(height, width, rng)
        columns = int(np.clip(BOARD * wide / tall, 60, 1400))
        board = draw_board(BOARD, columns, rng)
        flat = np.array([(0, 0), (columns, 0), (columns, BOARD), (0, BOARD)], dtype=np.float32)
        turn = cv2.getPerspectiveTransform(flat, corners)
        softened = cv2.GaussianBlur(board, (0, 0), max(0.3, BOARD / tall / 2))
        seen = cv2.warpPerspective(softened, turn, (width, height))
        cover = cv2.warpPerspective(np.ones((BOARD, columns), np.float32), turn, (width, height))
        kind = rng.random()
        if kind < 0.35:
            seen = cv2.blur(seen, (int(rng.uniform(0.005, 0.05) * width) | 1, 1))
        elif kind < 0.6:
            seen = cv2.GaussianBlur(seen, (0, 0), rng.uniform(0.5, 3))
        lit = seen * rng.uniform(0.5, 1.05) + rng.normal(0, 4, seen.shape) + rng.uniform(0, 25)
        cover = cover * ~np.isin(ids, (CAR, PERSON))
        mixed = pixels * (1 - cover[:, :, None]) + np.clip(lit, 0, 255) * cover[:, :, None]
        pixels = np.asarray(mixed, dtype=np.uint8)
        ids[cover > 0.5] = PANEL
    return pixels, ids


def draw_board(height: int, width: int, rng: np.random.Generator) -> Pixels:
    """A board seen from the front, RGB uint8 (height, width, 3): ground, stripes, frame, words and dots."""
    import cv2

    ground = _colour(rng)
    board = np.full((height, width, 3), ground, dtype=np.uint8)
    if rng.random() < 0.3:
        for _ in range(rng.integers(1, 4)):
            left = int(rng.integers(0, width))
            right = int(left + width * rng.uniform(0.05, 0.4))
            cv2.rectangle(board, (left, 0), (right, height), _colour(rng), -1)
    if rng.random() < 0.3:
        cv2.rectangle(board, (0, 0), (width - 1, height - 1), _colour(rng), max(2, height // 20))
    ink = _colour(rng)
    if sum(abs(one - other) for one, other in zip(ink, ground, strict=True)) < 150:
        ink = (255 - ground[0], 255 - ground[1], 255 - ground[2])
    x = int(rng.uniform(0.02, 0.2) * width)
    while x < 0.9 * width:
        if rng.random() < 0.2:
            dot = ink if rng.random() < 0.5 else _colour(rng)
            cv2.circle(board, (x + height // 4, height // 2), int(height * 0.28), dot, -1)
            x += int(height * 0.8)
        word, font = str(rng.choice(WORDS)), int(rng.choice(FONTS))
        size = height / 40 * rng.uniform(0.7, 1.1)
        (across, up), _ = cv2.getTextSize(word, font, size, max(1, height // 14))
        stroke = max(1, int(height / rng.uniform(10, 20)))
        cv2.putText(board, word, (x, (height + up) // 2), font, size, ink, stroke, cv2.LINE_AA)
        x += int(across + height * rng.uniform(0.3, 2))
        if rng.random() < 0.2:
            break
    return board


def _quadrilateral(height: int, width: int, rng: np.random.Generator) -> tuple[NDArray[np.float32], float, float]:
    """Corners (4, 2) from the top left clockwise, and the panel's height and width in pixels."""
    wide, tall = rng.uniform(0.15, 0.9) * width, rng.uniform(0.04, 0.16) * max(height, width)
    if rng.random() < 0.25:
        tall = rng.uniform(0.1, 0.25) * height
        wide = tall * rng.uniform(0.6, 1.6)
    centre = rng.uniform(0, width), rng.uniform(0.1, 0.75) * height
    far, lean = rng.uniform(0.6, 1.0), np.tan(rng.normal(0, 0.09))
    corners = np.array([(-wide, -tall), (wide, -tall * far), (wide, tall * far), (-wide, tall)]) / 2
    if rng.random() < 0.5:
        corners = corners[[1, 0, 3, 2]] * (-1, 1)
    leaning = corners @ np.array([(1, lean), (0, 1)]) + centre
    return leaning.astype(np.float32), tall, wide


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    """Any colour, a third of the time near white."""
    red, green, blue = rng.integers(0, 256, 3) if rng.random() > 0.35 else 235 + rng.integers(-20, 21, 3)
    return int(red), int(green), int(blue)
