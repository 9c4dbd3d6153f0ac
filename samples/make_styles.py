"""Make three style pictures of our own with numpy and OpenCV: python samples/make_styles.py --out samples/styles."""

import argparse
from pathlib import Path

import cv2
import numpy as np

SIZE = 768


def rgb(*hexes):
    """Return colours #rrggbb as float arrays 0..255, RGB."""
    return [np.array([int(h[i : i + 2], 16) for i in (0, 2, 4)], np.float32) for h in hexes]


def noise(rng, cell, octaves=5):
    """Return smooth noise in 0..1: octaves of random grids enlarged, `cell` pixels at the coarsest."""
    total = np.zeros((SIZE, SIZE), np.float32)
    for k in range(octaves):
        side = max(2, int(SIZE / cell * 2**k) + 2)
        grid = rng.random((side, side), np.float32)
        total += cv2.resize(grid, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC) / 2**k
    return (total - total.min()) / (total.max() - total.min())


def over(canvas, colour, alpha):
    """Lay a colour over the canvas with an alpha map 0..1."""
    return canvas * (1 - alpha[..., None]) + colour * alpha[..., None]


def filled(points):
    """Return the anti-aliased alpha of a polygon in pixels."""
    mask = np.zeros((SIZE * 4, SIZE * 4), np.uint8)
    cv2.fillPoly(mask, [np.round(np.array(points) * 4).astype(np.int32)], 255)
    return cv2.resize(mask, (SIZE, SIZE), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def circle(x, y, radius):
    """Return the anti-aliased alpha of a disc."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    return np.clip(radius - np.hypot(columns - x, rows - y) + 0.5, 0, 1)


def affiche_vintage(rng):
    """A travel poster: sunburst, hills, a road with its kerb, a low coupe, on warm grained paper."""
    cream, sand, orange, red, wine, teal, night = rgb(
        "f4e3bf", "efc27a", "e2802f", "c23b22", "6e1f2a", "2f7f7a", "1f2b3a"
    )
    rows, columns = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    angle = np.arctan2(rows - 400, columns - 384)
    rays = 1 / (1 + np.exp(-60 * np.sin(angle * 18)))
    canvas = over(np.ones((SIZE, SIZE, 3), np.float32) * sand, cream, rays)
    for radius, colour in ((190, orange), (150, red), (108, orange), (66, cream)):
        canvas = over(canvas, colour, circle(384, 360, radius))
    for base, swing, colour, phase in ((430, 34, teal, 0.4), (480, 26, wine, 2.0), (520, 18, night, 4.1)):
        xs = np.arange(0, SIZE + 1, 8)
        ys = base + swing * np.sin(xs / 120 + phase) + 0.4 * swing * np.sin(xs / 47 + 2 * phase)
        canvas = over(canvas, colour, filled([*zip(xs, ys, strict=False), (SIZE, SIZE), (0, SIZE)]))
    canvas = over(canvas, sand, filled([(0, 560), (SIZE, 540), (SIZE, SIZE), (0, SIZE)]))
    for k in range(12):
        a, b = 64 * k, 64 * (k + 1)
        slab = [(a, 562 - a / 38), (b, 562 - b / 38), (b, 584 - b / 38), (a, 584 - a / 38)]
        canvas = over(canvas, (red, cream)[k % 2], filled(slab))
    body = [(120, 668), (128, 640), (190, 618), (268, 606), (330, 566), (404, 556), (470, 568), (532, 604),
            (608, 622), (650, 640), (660, 668)]  # fmt: skip
    canvas = over(canvas, night, 0.55 * filled([(100, 690), (680, 690), (640, 708), (130, 708)]))
    canvas = over(canvas, red, filled(body))
    canvas = over(canvas, wine, filled([(120, 668), (124, 650), (656, 650), (660, 668)]))
    canvas = over(canvas, teal, filled([(300, 606), (344, 574), (396, 568), (396, 606)]))
    canvas = over(canvas, teal, filled([(408, 606), (408, 568), (460, 576), (508, 606)]))
    canvas = over(canvas, cream, circle(400, 632, 20))
    for x in (214, 566):
        for radius, colour in ((40, night), (22, cream), (10, red)):
            canvas = over(canvas, colour, circle(x, 668, radius))
    worn = noise(rng, 160)
    canvas = canvas * (0.9 + 0.14 * worn[..., None]) + rng.normal(0, 5, (SIZE, SIZE, 1))
    frame = np.ones((SIZE, SIZE), np.float32)
    frame[26:-26, 26:-26] = 0
    return over(canvas, cream, frame)


def aquarelle(rng):
    """Cool watercolour washes on paper: wet edges, pigment that settles, a horizon and splashes."""
    paper, sky, blue, indigo, green, violet, rose = rgb(
        "f7f5ee", "a9d3e6", "3f86b8", "24426f", "4f9c8c", "7c73b5", "e2a6b4"
    )
    fibre = noise(rng, 6, 2)
    canvas = np.ones((SIZE, SIZE, 3), np.float32) * paper
    rows, columns = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)

    def wash(canvas, shape, colour, strength, wet=60.0):
        """Glaze a wash: `shape` is a signed distance in pixels, positive inside."""
        edge = shape + wet * (noise(rng, 220) - 0.5) + 0.25 * wet * (noise(rng, 40) - 0.5)
        inside = np.clip(edge / 5, 0, 1)
        rim = np.exp(-((edge - 5) ** 2) / 40) * 0.55
        pool = 0.35 + 0.75 * noise(rng, 260)
        amount = np.clip(strength * (inside * pool + rim) * (0.85 + 0.3 * fibre), 0, 1)
        return canvas * (1 - amount[..., None] * (1 - colour / 255))

    canvas = wash(canvas, 330 - rows + 0 * columns, sky, 0.95, 140)
    canvas = wash(canvas, 210 - np.hypot(columns - 560, rows - 150), rose, 0.55, 130)
    canvas = wash(canvas, 150 - np.hypot(columns - 190, (rows - 120) * 1.6), blue, 0.5, 120)
    for base, colour, strength in ((330, violet, 0.6), (390, blue, 0.75), (450, green, 0.75), (500, indigo, 0.75)):
        crest = base + 40 * np.sin(columns / 130 + base) + 16 * np.sin(columns / 41 + base)
        band = np.minimum(rows - crest, base + 130 - rows)
        canvas = wash(canvas, band, colour, strength, 50)
    canvas = wash(canvas, rows - 590 + 0 * columns, sky, 0.8, 60)
    for _ in range(9):
        x, y, wide = rng.uniform(40, 730), rng.uniform(610, 745), rng.uniform(60, 190)
        colour = (blue, green, indigo, violet)[int(rng.integers(4))]
        canvas = wash(canvas, 16 - np.hypot((columns - x) / wide * 26, rows - y), colour, 0.5, 26)
    for _ in range(46):
        x, y, r = rng.uniform(0, SIZE), rng.uniform(0, SIZE), rng.uniform(1.5, 9)
        colour = (blue, indigo, green, rose, violet)[int(rng.integers(5))]
        canvas = wash(canvas, r - np.hypot(columns - x, rows - y), colour, 0.55, 5)
    return canvas * (0.94 + 0.08 * fibre[..., None])


def nuit_neon(rng):
    """The track at night: long streaks of head and tail lights, neon signs, wet reflections."""
    night, plum, cyan, magenta, amber, red, lime = rgb(
        "070817", "2a0f45", "21e6ff", "ff2bb0", "ffb52e", "ff2f3a", "9dff5a"
    )
    rows, columns = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    glow = np.exp(-(((rows - 330) / 190) ** 2)) * (0.5 + 0.7 * noise(rng, 300))
    canvas = over(np.ones((SIZE, SIZE, 3), np.float32) * night, plum, np.clip(glow, 0, 1))

    def shine(canvas, line, colour, core=1.0):
        """Add a line of light: a white core in a coloured halo of three widths."""
        for sigma, gain in ((2.0, 0.9), (8.0, 0.6), (26.0, 0.3)):
            soft = cv2.GaussianBlur(line, (0, 0), sigma)
            canvas = canvas + colour * (gain * soft / max(1e-6, soft.max()) * core)[..., None]
        return canvas + 235 * core * (line / max(1e-6, line.max()))[..., None]

    for _ in range(22):
        line = np.zeros((SIZE, SIZE), np.float32)
        start, bend, end = rng.uniform(390, 900), rng.uniform(-0.4, 1.1), rng.uniform(335, 420)
        t = np.linspace(0, 1, 60)
        xs, ys = -40 + 860 * t, start + (end - start) * t**0.7 + 60 * bend * t * (1 - t)
        points = np.stack([xs, ys], 1).round().astype(np.int32)
        cv2.polylines(line, [points], False, 1.0, int(rng.integers(1, 4)), cv2.LINE_AA)
        line *= np.clip(1.2 - np.abs(columns / SIZE - rng.random()) * rng.uniform(0.8, 2.2), 0, 1)
        colour = (cyan, magenta, amber, red, red, amber, cyan)[int(rng.integers(7))]
        canvas = shine(canvas, line, colour, rng.uniform(0.1, 0.42))
    for k in range(11):
        x, tall = 30 + 70 * k + rng.uniform(-14, 14), rng.uniform(60, 200)
        line = np.zeros((SIZE, SIZE), np.float32)
        box = (int(x), int(320 - tall)), (int(x + rng.uniform(16, 46)), int(320 - tall + rng.uniform(30, 90)))
        cv2.rectangle(line, *box, 1.0, 2, cv2.LINE_AA)
        canvas = shine(canvas, line, (cyan, magenta, lime, amber)[k % 4], 0.55)
    for _ in range(26):
        x, y, r = rng.uniform(0, SIZE), rng.uniform(10, 330), rng.uniform(6, 26)
        spot = circle(x, y, r) * 0.28 + (circle(x, y, r) - circle(x, y, r - 2)) * 0.3
        canvas = canvas + (cyan, magenta, amber)[int(rng.integers(3))] * spot[..., None]
    mirror = cv2.GaussianBlur(canvas[:345][::-1], (0, 0), sigmaX=3, sigmaY=26)
    depth = min(SIZE - 420, mirror.shape[0])
    wet = np.linspace(0.55, 0.1, depth) * np.clip(np.arange(depth) / 40, 0, 1)
    canvas[420 : 420 + depth] += mirror[:depth] * wet[:, None, None].astype(np.float32)
    toned = 255 * (1 - np.exp(-np.clip(canvas, 0, None) / 170))
    return toned + rng.normal(0, 3, (SIZE, SIZE, 1))


STYLES = {"affiche-vintage": affiche_vintage, "aquarelle": aquarelle, "nuit-neon": nuit_neon}


def main():
    """Write the three style pictures as JPEG."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    for number, (name, paint) in enumerate(STYLES.items()):
        image = paint(np.random.default_rng(24 + number))
        pixels = np.clip(image, 0, 255).round().astype(np.uint8)
        bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(out / f"{name}.jpg"), bgr, [cv2.IMWRITE_JPEG_QUALITY, 92])


if __name__ == "__main__":
    main()
