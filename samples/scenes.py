"""One function per sample picture: builds the scene and returns where the camera stands."""

import math
import random
from typing import NamedTuple

import car
import geometry as g
import livery
import people
import scenery as s

LEFT, RIGHT, FRONT, BACK = math.pi / 2, -math.pi / 2, 0.0, math.pi


class View(NamedTuple):
    """A camera: places in metres, lens in mm on 36 mm, focus distance in metres (None: on target).

    `pan` is how far the camera travels along x during the picture.
    """

    eye: tuple
    target: tuple
    lens: float = 70
    stop: float = 2.8
    focus: float | None = None
    exposure: float = 0.25
    blur: bool = False
    pan: float = 0.0


def moving(obj, metres):
    """Move an object by `metres` along x during one frame, through its place at frame 1."""
    x = obj.location.x
    for frame in (0, 2):
        obj.location.x = x + metres * (frame - 1)
        obj.keyframe_insert("location", index=0, frame=frame)
    car.linear(obj)


def porsche_911():
    """A coupe on the run-off, a big panel on the grass behind it."""
    s.sky(0.75, -0.9)
    s.track(-12, 3.2)
    s.tufts(-12, 7, 3.3, 7.4, 520)
    s.armco(-60, 40, 8.2)
    s.wood(-60, 14, 18, 20)
    g.place(livery.coupe("911", (0.5, 0.014, 0.017), steer=-0.16), (-0.2, -0.4, 0), 0.05)
    lines = [("AURORE", 0.5, 0.22), ("L'ÉNERGIE DU CIRCUIT 24", 0.135, -0.1),
             ("STAND 12 - VIREZ À DROITE", 0.13, -0.4, (0.02, 0.05, 0.2))]  # fmt: skip
    s.billboard((0.0, 4.9, 0), -0.83, (3.3, 1.8), lines, (0.02, 0.07, 0.32), (0.9, 0.88, 0.8),
                legs=0.55, accent=(0.85, 0.5, 0.02))  # fmt: skip
    return View((6.2, -6.9, 1.5), (0.55, 0.35, 0.85), 50, 4.0, 9.0)


def virage():
    """A coupe close to the kerb."""
    s.sky(0.6, -0.35)
    s.track(-9, 4)
    s.kerb(-2.3, 1.3, -30, 30, -1)
    s.kerb(4, 1.1, -40, 40, 1)
    s.tufts(-25, 4, 5.2, 9, 500)
    s.armco(-80, 40, 11)
    s.wood(-90, 15, 26, 26)
    g.place(livery.coupe("24", steer=0.22), (0, 0, 0), 0.06)
    return View((7.6, -4.4, 0.95), (0.15, 0.1, 0.62), 70, 2.8, 6.9)


def paddock_public():
    """Spectators stand around a parked coupe and look into the camera."""
    s.sky(0.95, -1.2)
    s.track(-14, 40, lines=False)
    s.wood(-40, 25, 32, 16)
    s.armco(-60, 40, 14)
    g.place(livery.coupe("7", (0.02, 0.1, 0.42), (0.85, 0.6, 0.05), name="PADDOCK"), (0, 0, 0))
    look = -0.85
    people.group([(2.6, 1.5, look, "hang", "hip"), (1.6, 1.7, look - 0.2, "wave", "hang"),
                  (0.3, 1.8, look, "hang", "point"), (-0.9, 1.7, look + 0.2, "hip", "hip"),
                  (-2.0, 2.3, look, "pocket", "pocket"), (-3.4, -0.1, look, "hang", "pocket"),
                  (3.6, 0.9, look - 0.4, "phone", "phone"), (-3.1, 1.4, look, "wave", "hang")], 8)  # fmt: skip
    return View((6.4, -6.3, 1.65), (0.3, 0.5, 0.85), 48, 4.0)


def trop_large():
    """The circuit from a hill: the cars are specks."""
    s.sky(0.7, -2.4)
    s.track(-7, 7, -400, 400, closed=False)
    s.kerb(7, 1.2, -120, 120, 1)
    s.armco(-200, 200, 14)
    s.armco(-200, 200, -12)
    s.wood(-150, 150, 40, 60, depth=24, hedge=False)
    s.wood(-220, 220, 85, 110, seed=9, depth=50)
    s.wood(-30, 60, -42, 9, seed=5, depth=14, hedge=False)
    s.hills(260, 9, (0.03, 0.06, 0.018), 1)
    s.hills(600, 26, (0.05, 0.085, 0.06), 2)
    s.hills(1500, 75, (0.1, 0.15, 0.17), 3)
    colours = [(0.7, 0.12, 0.01), (0.02, 0.1, 0.42), (0.6, 0.6, 0.6), (0.6, 0.02, 0.02)]
    for k, colour in enumerate(colours):
        g.place(livery.coupe(str(7 + 9 * k), colour), (24 - 13 * k, -1.5 + 2.2 * (k % 2), 0), 0.02 * k)
    return View((10, -72, 19), (2, 4, 5.5), 38, 8)


def file():
    """A coupe followed by the camera: sharp on a blurred background."""
    s.sky(0.7, -1.9)
    s.track(-9, 5)
    s.kerb(5, 1.1, -60, 60, 1)
    s.tufts(-8, 8, 6.1, 8, 150)
    s.armco(-90, 90, 10)
    s.wood(-50, 50, 17, 26)
    coupe = g.place(livery.coupe("58", (0.55, 0.56, 0.58), (0.02, 0.2, 0.12), (0.9, 0.9, 0.85), spin=0.9),
                    (0, 0, 0))  # fmt: skip
    moving(coupe, 1.1)
    return View((2.6, -9.2, 1.15), (0.15, 0, 0.72), 62, 5.6, blur=True, pan=1.1)


def crepuscule():
    """A coupe from behind in the evening's low light, lamps lit."""
    s.sky(0.2, -2.55, strength=0.17, clouds=0.6)
    s.track(-9, 6)
    s.kerb(6, 1.1, -10, 60, 1)
    s.armco(-10, 90, 9.5)
    s.wood(6, 130, 24, 20)
    g.place(livery.coupe("36", (0.5, 0.28, 0.01), (0.02, 0.02, 0.025), (0.9, 0.9, 0.85), lit=True), (0, 0, 0))
    return View((-7.0, -4.2, 1.35), (-0.1, 0.2, 0.72), 62, 2.8, 6.6, 0.5)


def grille_portrait():
    """A coupe from the front and above, in portrait."""
    s.sky(0.8, 0.9)
    s.track(-9, 7)
    white = g.plain("grid", (0.65, 0.65, 0.63), 0.7)
    for x in (2.6, -9):
        s.sheet("grid", x, x + 0.15, -1.4, 1.4, 0.005, white)
    for y in (-1.4, 1.28):
        s.sheet("grid", 1.4, 2.6, y, y + 0.12, 0.005, white)
    s.tufts(-26, -4, 7.2, 11, 300)
    s.armco(-90, 10, 12)
    s.wood(-110, -20, 26, 24)
    s.wood(-130, -60, -8, 14, seed=8)
    g.place(livery.coupe("3", (0.02, 0.24, 0.17), (0.85, 0.82, 0.7), (0.02, 0.1, 0.08)), (0, 0, 0))
    return View((9.3, -2.6, 2.3), (0, 0.1, 0.8), 70, 2.8, 7.6)


def bouge():
    """A coupe that runs through a still picture."""
    s.sky(0.85, -1.1)
    s.track(-9, 5)
    s.kerb(5, 1.1, -40, 40, 1)
    s.tufts(-14, 10, 6.1, 9, 400)
    s.armco(-90, 60, 10)
    s.wood(-60, 30, 22, 22)
    coupe = livery.coupe("81", (0.66, 0.5, 0.02), (0.1, 0.02, 0.2), (0.9, 0.9, 0.85), spin=0.8)
    moving(g.place(coupe, (0, 0, 0)), 0.42)
    return View((5.6, -6.8, 1.3), (0, 0, 0.7), 50, 5.6, blur=True)


def poteaux_verts():
    """Green posts and a speed sign stand beside the coupe."""
    s.sky(0.7, -0.7)
    s.track(-12, 3)
    s.tufts(-14, 7, 3.1, 8, 560)
    s.wood(-60, 16, 20, 20)
    g.place(livery.coupe("45", (0.75, 0.75, 0.73), (0.5, 0.02, 0.03), (0.9, 0.9, 0.88)), (0, -0.3, 0), 0.04)
    for k in range(5):
        s.post((3.2 - 2.3 * k, 2.6, 0))
    s.post((2.75, -1.9, 0), 1.15)
    s.road_sign((1.0, 3.0, 0), -0.85, "60")
    return View((6.0, -6.4, 1.45), (0.1, 0.2, 0.85), 52, 5.6, 8.0)


def banderole():
    """A long banner with readable words hangs on the barrier behind the coupe."""
    s.sky(0.65, -1.5)
    s.track(-12, 3.4)
    s.kerb(3.4, 1.0, -40, 40, 1)
    s.tufts(-14, 12, 4.5, 6.2, 320)
    s.armco(-60, 60, 6.6)
    s.wood(-45, 35, 16, 20)
    g.place(livery.coupe("12", (0.03, 0.03, 0.035), (0.7, 0.1, 0.02), (0.9, 0.88, 0.8)), (0, -0.4, 0), 0.03)
    for k, (text, back, ink) in enumerate((("PADDOCK", (0.75, 0.1, 0.02), (0.9, 0.9, 0.85)),
                                           ("CIRCUIT 24", (0.85, 0.84, 0.8), (0.02, 0.06, 0.25)),
                                           ("AURORE", (0.02, 0.3, 0.2), (0.9, 0.85, 0.5)))):  # fmt: skip
        spot = (5.2 - 4.7 * k, 6.35, 0)
        s.billboard(spot, RIGHT, (4.5, 1.15), [(text, 0.52, 0.0)], back, ink, legs=0.7)
    return View((4.2, -8.6, 1.4), (0.1, 0.6, 0.8), 52, 8, 9.0)


def buvette():
    """A food stand with a striped awning, its keeper and a queue."""
    s.sky(0.8, -1.1)
    s.track(-20, 30, lines=False)
    s.wood(-30, 30, 16, 18)
    wood_, white = g.plain("plank", (0.4, 0.22, 0.1), 0.6), g.plain("cloth", (0.8, 0.79, 0.75), 0.8)
    red = g.plain("cloth red", (0.6, 0.03, 0.03), 0.8)
    g.box("counter", (0, 0, 0.55), (4.6, 0.7, 1.1), wood_, bevel=0.02)
    g.box("top", (0, -0.1, 1.12), (4.8, 1.0, 0.05), g.plain("steel top", (0.6,) * 3, 0.3, metal=0.9))
    g.box("back", (0, 2.4, 1.4), (4.6, 0.1, 2.8), g.plain("wall", (0.75, 0.55, 0.2), 0.7))
    for x in (-2.3, 2.3):
        for y in (-0.7, 2.4):
            g.tube("mast", [(x, y, 0), (x, y, 2.75)], (0.035, 0.035), white)
    for k in range(12):
        x0, x1 = -2.4 + 0.4 * k, -2.0 + 0.4 * k
        verts = [(x0, 2.5, 3.1), (x1, 2.5, 3.1), (x1, -1.0, 2.65), (x0, -1.0, 2.65), (x1, -1.0, 2.38), (x0, -1.0, 2.38)]
        g.make("awning", verts, [(0, 1, 2, 3), (3, 2, 4, 5)], (red, white)[k % 2], smooth=False)
    g.box("tube lamp", (0, 0.9, 2.55), (4.0, 0.2, 0.05), g.plain("tube light", (1.0, 0.9, 0.7), emit=14.0))
    cream, ink = (0.85, 0.78, 0.6), (0.45, 0.02, 0.02)
    s.billboard((0, -0.42, 0), RIGHT, (3.6, 0.62), [("FRITES · CRÊPES · CAFÉ", 0.2, 0)], cream, ink, legs=0.28)
    for k in range(7):
        colour = [(0.7, 0.1, 0.02), (0.05, 0.35, 0.1), (0.8, 0.6, 0.05)][k % 3]
        cup = g.plain("cup", colour, 0.4)
        g.tube("cup", [(-1.9 + 0.55 * k, -0.35, 1.14), (-1.9 + 0.55 * k, -0.35, 1.3)], (0.035, 0.045), cup)
    people.group([(-0.9, 1.1, RIGHT, "hang", "point"), (1.0, 1.0, RIGHT, "hip", "hip"),
                  (2.2, -1.5, 2.6, "hang", "hang"), (-2.6, -1.6, -1.0, "wave", "hang"),
                  (-1.7, -2.1, -1.2, "hang", "phone"), (2.9, -2.2, -1.9, "hip", "hip"),
                  (3.6, -0.6, -2.2, "pocket", "pocket")], 30)  # fmt: skip
    return View((1.6, -8.2, 1.75), (0.1, 0, 1.5), 38, 5.6)


def tribune():
    """A full grandstand under its roof, no car."""
    s.sky(0.8, -1.2)
    s.track(-20, 4)
    s.tufts(-16, 16, 4.1, 6.5, 500)
    s.armco(-60, 60, 7)
    s.wood(-70, 70, 34, 26)
    concrete, steel = g.plain("concrete", (0.33, 0.32, 0.3), 0.8), g.plain("roof", (0.75, 0.76, 0.78), 0.4)
    seats = g.plain("seat", (0.04, 0.12, 0.35), 0.5), g.plain("seat b", (0.65, 0.3, 0.02), 0.5)
    dice, spots = random.Random(4), []
    for row in range(9):
        y, z = 9.5 + 0.95 * row, 1.2 + 0.48 * row
        g.box("step", (0, y, z / 2), (34, 0.95, z), concrete)
        for k in range(44):
            x = -16.5 + 0.76 * k
            g.box("seat", (x, y + 0.25, z + 0.3), (0.5, 0.08, 0.45), seats[(k // 11) % 2])
            if dice.random() < 0.62:
                spots.append((x, y, z - 0.02, RIGHT))
    people.crowd(spots)
    g.box("roof", (0, 13.5, 8.6), (36, 11, 0.25), steel)
    for x in range(-16, 17, 8):
        g.tube("column", [(x, 18, 0), (x, 18, 8.6)], (0.18, 0.18), steel)
    s.billboard((0, 7.9, 0), RIGHT, (12, 0.9), [("CIRCUIT 24", 0.5, 0)], (0.6, 0.04, 0.03), (0.9, 0.9, 0.86), legs=7.75)
    return View((-7, -15, 2.4), (0, 11, 3.9), 36, 8)
