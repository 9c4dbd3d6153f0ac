"""What is laid on the coupe's body: glass, lamps, grilles, shut lines, stripes, numbers, and its wing."""

import math

import car
import geometry as g

GLASS_ORIGIN, GLASS_NORMAL = (0.72, 0, 0.85), (0.488, 0, 0.872)
REAR_ORIGIN, REAR_NORMAL = (-1.45, 0, 1.01), (-0.3, 0, 0.954)


def on_side(surface, side, shapes, material, **settings):
    """Project shapes given as (x, z) on the left (+1) or right (-1) flank, so that text stays readable."""
    if not hasattr(shapes, "polygons"):
        shapes = [[(-side * x, z) for x, z in shape] for shape in shapes]
    origin = (settings.pop("x", 0), 0, settings.pop("z", 0))
    return g.decal(surface, shapes, origin, (0, side, 0), (0, 0, 1), material, **settings)


def mirrored(shapes):
    """Return shapes given as (y, s) together with their mirror images."""
    return shapes + [[(-y, s) for y, s in shape] for shape in shapes]


def windows(surface):
    """Lay the windscreen, side and rear windows."""
    glass = g.plain("glass", (0.006, 0.008, 0.011), 0.02, coat=1.0)
    seal = g.plain("seal", (0.012,) * 3, 0.4)
    screen = [(-0.57, 0.02), (0.57, 0.02), (0.59, 0.1), (0.535, 0.74), (-0.535, 0.74), (-0.59, 0.1)]
    rear = [(-0.36, 0.12), (0.36, 0.12), (0.45, 0.66), (0.38, 0.76), (-0.38, 0.76), (-0.45, 0.66)]
    parts = []
    for shape, origin, normal, up in ((screen, GLASS_ORIGIN, GLASS_NORMAL, (-1, 0, 0.5)),
                                      (rear, REAR_ORIGIN, REAR_NORMAL, (1, 0, 0.3))):  # fmt: skip
        middle = sum(s for _, s in shape) / len(shape)
        grown = [(y * 1.035, middle + (s - middle) * 1.05) for y, s in shape]
        parts.append(g.decal(surface, [g.rounded(grown)], origin, normal, up, seal, lift=0.003))
        parts.append(g.decal(surface, [g.rounded(shape)], origin, normal, up, glass, lift=0.006))
    pane = g.rounded(car.SIDE_WINDOW, 2)
    outer = [(-0.18 + (x + 0.18) * 1.035, 1.02 + (z - 1.02) * 1.1) for x, z in pane]
    for side in (1, -1):
        parts.append(on_side(surface, side, [outer], seal, lift=0.003))
        parts.append(on_side(surface, side, [pane], glass, lift=0.006))
        pillar = g.stroke([(-0.52, 0.9), (-0.6, 1.17)], 0.035)
        parts.append(on_side(surface, side, pillar, seal, lift=0.008))
    return parts


def lamps(surface, lit):
    """Lay round headlights with four lights each, and the tail-light bar."""
    black, chrome = g.plain("bezel", (0.01,) * 3, 0.25), g.plain("chrome", (0.62, 0.65, 0.7), 0.12, 1.0)
    white = g.plain("led", (1.0, 0.96, 0.88), emit=9.0 if lit else 2.5)
    red = g.plain("tail", (0.85, 0.01, 0.01), 0.15, coat=1.0, emit=4.0 if lit else 0.35)
    parts = []
    for side in (1, -1):
        origin, normal = (1.94, side * 0.645, 0.655), (0.78, side * 0.27, 0.56)
        squares = [g.rounded([(a - 0.028, b - 0.028), (a + 0.028, b - 0.028), (a + 0.028, b + 0.028),
                              (a - 0.028, b + 0.028)], 2)
                   for a in (-0.042, 0.042) for b in (-0.042, 0.042)]  # fmt: skip
        layers = ((g.disc(0.132), black), (g.disc(0.118), chrome), (g.disc(0.1), black))
        for k, (shape, material) in enumerate(layers):
            lift = 0.003 + 0.003 * k
            parts.append(g.decal(surface, [shape], origin, normal, (0, 0, 1), material, lift=lift))
        parts.append(g.decal(surface, squares, origin, normal, (0, 0, 1), white, lift=0.013))
    back = {"origin": (-1, 0, 0), "normal": (-1, 0, 0.12), "up": (0, 0, 1)}
    frame = [(-0.65, 0.56), (0.65, 0.56), (0.66, 0.64), (-0.66, 0.64)]
    bar = [(-0.63, 0.578), (0.63, 0.578), (0.63, 0.622), (-0.63, 0.622)]
    parts.append(g.decal(surface, [g.rounded(frame, 2)], material=black, lift=0.004, **back))
    parts.append(g.decal(surface, [g.rounded(bar, 2)], material=red, lift=0.008, **back))
    return parts


def openings(surface):
    """Lay the front intakes, the bonnet outlets, the engine grille and the diffuser."""
    black = g.plain("intake", (0.008,) * 3, 0.85)
    front = [[(-0.38, 0.225), (0.38, 0.225), (0.43, 0.375), (-0.43, 0.375)]]
    front += mirrored([[(0.48, 0.225), (0.69, 0.245), (0.74, 0.39), (0.5, 0.375)]])
    bonnet = mirrored([[(0.1, -0.05), (0.33, -0.02), (0.36, 0.13), (0.1, 0.1)]])
    engine = [[(-0.36, y), (0.36, y), (0.36, y + 0.028), (-0.36, y + 0.028)]
              for y in (0, -0.06, -0.12, -0.18, -0.24)]  # fmt: skip
    back = [[(-0.5, 0.33), (0.5, 0.33), (0.55, 0.45), (-0.55, 0.45)]]
    cases = (
        (front, (1, 0, 0), (1, 0, 0), (0, 0, 1)),
        (bonnet, (1.62, 0, 0.7), (0.15, 0, 1), (-1, 0, 0)),
        (engine, (-1.55, 0, 1), (-0.3, 0, 0.95), (1, 0, 0)),
        (back, (-1, 0, 0), (-1, 0, 0), (0, 0, 1)),
    )
    parts = [
        g.decal(surface, [g.rounded(s, 2) for s in shapes], origin, normal, up, black, lift=0.005)
        for shapes, origin, normal, up in cases
    ]
    bright, red = g.plain("slat", (0.1, 0.1, 0.105), 0.35), g.plain("hook", (0.7, 0.02, 0.02), 0.4)
    ahead = {"origin": (1, 0, 0), "normal": (1, 0, 0), "up": (0, 0, 1)}
    slats = [q for z in (0.265, 0.3, 0.335) for q in g.stroke([(-0.38, z), (0.38, z)], 0.009)]
    slats += [q for z in (0.28, 0.32) for y in (-0.61, 0.61) for q in g.stroke([(y - 0.09, z), (y + 0.09, z)], 0.009)]
    parts.append(g.decal(surface, slats, material=bright, lift=0.012, **ahead))
    parts.append(g.decal(surface, [g.disc(0.022, (-0.3, 0.43))], material=red, lift=0.01, **ahead))
    light = g.plain("day lamp", (1.0, 0.97, 0.9), emit=2.0)
    strips = [q for y in (-1, 1) for q in g.stroke([(y * 0.5, 0.405), (y * 0.7, 0.422)], 0.014)]
    parts.append(g.decal(surface, strips, material=light, lift=0.008, **ahead))
    for side in (1, -1):
        scoop = [[(-0.64, 0.62), (-0.78, 0.56), (-0.8, 0.7), (-0.66, 0.74)]]
        louvres = [[(0.76 - 0.012 * k, 0.6 - 0.05 * k), (0.66, 0.6 - 0.05 * k), (0.66, 0.575 - 0.05 * k),
                    (0.76 - 0.012 * k, 0.575 - 0.05 * k)] for k in range(4)]  # fmt: skip
        for shapes in (scoop, louvres):
            rounded = [g.rounded(s, 2) for s in shapes]
            parts.append(on_side(surface, side, rounded, black, lift=0.006))
    return parts


def shut_lines(surface):
    """Lay dark lines where doors, bonnet and bumper meet, and handles."""
    line = g.plain("gap", (0.01,) * 3, 0.9)
    door = [(0.55, 0.88), (0.62, 0.6), (0.56, 0.3), (0.4, 0.24), (-0.35, 0.24), (-0.52, 0.38),
            (-0.62, 0.6), (-0.56, 0.9)]  # fmt: skip
    lines = g.stroke(door, 0.009) + g.stroke([(1.98, 0.6), (1.72, 0.52), (1.66, 0.36)], 0.008)
    lines += g.stroke([(-1.72, 0.62), (-1.68, 0.4)], 0.008)
    arches = []
    for x in car.AXLES:
        angles = [math.radians(a) for a in range(-8, 189, 7)]
        r = car.arch(x) + 0.014
        around = [(x + r * math.cos(a), car.WHEEL + 0.015 + r * math.sin(a)) for a in angles]
        arches += g.stroke(around, 0.024)
    parts = []
    for side in (1, -1):
        parts.append(on_side(surface, side, lines, line, lift=0.002))
        parts.append(on_side(surface, side, arches, g.plain("lip", (0.01,) * 3, 0.35), lift=0.007))
        handle = g.rounded([(-0.5, 0.76), (-0.32, 0.76), (-0.32, 0.785), (-0.5, 0.785)], 2)
        parts.append(on_side(surface, side, [handle], line, lift=0.012))
    bonnet = [(-0.55, 0.02), (-0.47, -0.5), (-0.4, -1.0), (0.4, -1.0), (0.47, -0.5), (0.55, 0.02)]
    parts.append(g.decal(surface, g.stroke(bonnet, 0.008), (0.8, 0, 0.8),
                         (0.1, 0, 1), (-1, 0, 0), line, lift=0.002))  # fmt: skip
    return parts


def markings(surface, number, stripe, ink, name):
    """Lay two stripes, number roundels and the team's name."""
    white = g.plain("roundel", (0.85, 0.85, 0.83), 0.3, coat=1.0)
    text = g.plain("ink", (0.01, 0.01, 0.012), 0.35, coat=1.0)
    bands = [[(y, -2.1), (y + 0.2, -2.1), (y + 0.2, 2.13), (y, 2.13)] for y in (-0.25, 0.05)]
    parts = [g.decal(surface, bands, (0, 0, 1), (0, 0, 1), (1, 0, 0), stripe, lift=0.0015)]
    bonnet = {"origin": (1.22, 0, 0.74), "normal": (0.13, 0, 1), "up": (-1, 0, 0)}
    parts.append(g.decal(surface, [g.disc(0.26)], material=white, lift=0.004, **bonnet))
    digits = g.words(number, 0.22, 0.008, 0.95)
    parts.append(g.decal(surface, digits, material=text, lift=0.007, **bonnet))
    banner = [[(-0.53, 0.585), (0.53, 0.585), (0.52, 0.73), (-0.52, 0.73)]]
    screen = {"normal": GLASS_NORMAL, "up": (-1, 0, 0.5)}
    parts.append(g.decal(surface, banner, GLASS_ORIGIN, material=stripe, lift=0.008, **screen))
    middle = tuple(o + 0.66 * d for o, d in zip(GLASS_ORIGIN, (-0.872, 0, 0.488), strict=False))
    parts.append(g.decal(surface, g.words(name, 0.085, 0.006), middle, material=ink, lift=0.012, **screen))
    for side in (1, -1):
        sweep = [[(0.73, 0.2), (0.73, 0.335), (-0.72, 0.405), (-0.72, 0.28)],
                 [(-1.68, 0.485), (-1.98, 0.515), (-1.96, 0.4), (-1.68, 0.37)]]  # fmt: skip
        parts.append(on_side(surface, side, sweep, stripe, lift=0.0015))
        roundel = g.disc(0.215, (0.02, 0.6))
        parts.append(on_side(surface, side, [roundel], white, lift=0.004))
        digits = g.words(number, 0.2, 0.008, 0.95)
        parts.append(on_side(surface, side, digits, text, x=0.02, z=0.6, lift=0.007))
        for word, x, z, height in (("NORDET", 1.86, 0.5, 0.045), ("HELIO", 1.88, 0.42, 0.04),
                                   ("CIRCUIT 24", -1.2, 0.84, 0.045)):  # fmt: skip
            small = g.words(word, height, 0.002)
            parts.append(on_side(surface, side, small, ink, x=x, z=z, lift=0.005))
        parts.append(on_side(surface, side, g.words(name, 0.1, 0.006), ink, x=-0.1, z=0.3, lift=0.005))
    return parts


def add_ons(paint, black, name):
    """Build wing, splitter, sills, mirrors and exhausts."""
    carbon = black
    chord = [(-1.92, 0.0), (-1.98, 0.028), (-2.1, 0.034), (-2.24, 0.055), (-2.25, 0.05), (-2.1, 0.008)]
    loops = [[(x, y, 1.17 + z) for x, z in chord] for y in (-0.82, -0.4, 0, 0.4, 0.82)]
    parts = [g.rings("wing", loops, carbon, "car")]
    for side in (1, -1):
        parts.append(g.box("endplate", (-2.09, side * 0.825, 1.17), (0.36, 0.014, 0.15), carbon, "car", 0.005))
        strut = [(-1.86, side * 0.42, 0.85), (-1.95, side * 0.42, 1.05), (-2.08, side * 0.42, 1.2)]
        parts.append(g.tube("strut", strut, (0.04, 0.03, 0.03), carbon, "car", 10, flat=0.35))
        parts.append(g.box("sill", (0, side * 0.875, 0.155), (1.6, 0.09, 0.05), carbon, "car", 0.012))
        parts.append(g.ball("mirror", (0.5, side * 0.97, 0.93), (0.05, 0.09, 0.052), paint, "car"))
        stalk = [(0.5, side * 0.84, 0.87), (0.5, side * 0.95, 0.91)]
        parts.append(g.tube("stalk", stalk, (0.022, 0.018), carbon, "car", 8))
        steel = g.plain("pipe", (0.5, 0.48, 0.45), 0.25, metal=1.0)
        pipe = [(-2.12, side * 0.1, 0.36), (-2.27, side * 0.1, 0.36)]
        parts.append(g.tube("pipe", pipe, (0.05, 0.05), steel, "car", 16))
    outline = [(1.7, 0.9), (2.0, 0.88), (2.2, 0.76), (2.3, 0.5), (2.33, 0.0)]
    edge = outline + [(x, -y) for x, y in reversed(outline[:-1])]
    loops = [[(x, y, z) for x, y in edge] for z in (0.125, 0.15)]
    parts.append(g.rings("splitter", loops, carbon, "car"))
    parts[-1].data.polygons.foreach_set("use_smooth", [False] * len(parts[-1].data.polygons))
    parts.append(g.box("floor", (0.12, 0, 0.17), (3.9, 1.5, 0.08), carbon, "car"))
    return parts


def coupe(number="24", colour=(0.7, 0.12, 0.01), stripe=(0.85, 0.85, 0.82), ink=(0.02, 0.03, 0.08),
          rim=(0.5, 0.5, 0.52), name="AURORE", lit=False, spin=0.0, steer=0.0):  # fmt: skip
    """Build a complete car and return it as a prop."""
    paint = g.plain("paint", colour, 0.26, metal=0.2, coat=1.0)
    black = g.plain("carbon", (0.012, 0.012, 0.013), 0.3, coat=0.5)
    stripe, ink = g.plain("stripe", stripe, 0.32, coat=1.0), g.plain("name", ink, 0.32, coat=1.0)
    body = car.body_of(paint, g.plain("arch", (0.008,) * 3, 0.9))
    surface = g.surface_of(body)
    parts = [body, *windows(surface), *lamps(surface, lit), *openings(surface), *shut_lines(surface)]
    parts += markings(surface, number, stripe, ink, name) + add_ons(paint, black, name)
    rims, caliper = g.plain("rim", rim, 0.25, metal=1.0), g.plain("caliper", (0.7, 0.35, 0.02), 0.4)
    parts += car.wheels(rims, caliper, spin, steer)
    return g.prop("car", parts)
