"""A rear-engined racing coupe of our own: a lofted body, foil projected on it, wheels and a wing.

Metres; x forward, y left, z up; the car stands on z = 0 with its middle at x = 0.
"""

import math

import bpy
import geometry as g

AXLES, TRACK, WHEEL = (1.2, -1.2), 0.765, 0.345
# One row per section: x, top, roof edge y z, shoulder y z, waist y z, sill y z.
SECTIONS = [
    (2.235, 0.42, 0.18, 0.42, 0.28, 0.41, 0.34, 0.34, 0.28, 0.26),
    (2.225, 0.50, 0.34, 0.50, 0.48, 0.47, 0.58, 0.37, 0.54, 0.20),
    (2.17, 0.555, 0.42, 0.555, 0.60, 0.56, 0.72, 0.42, 0.68, 0.17),
    (2.05, 0.60, 0.44, 0.60, 0.66, 0.64, 0.81, 0.47, 0.78, 0.16),
    (1.80, 0.655, 0.45, 0.655, 0.68, 0.72, 0.88, 0.51, 0.85, 0.16),
    (1.50, 0.70, 0.46, 0.70, 0.69, 0.78, 0.92, 0.53, 0.89, 0.16),
    (1.20, 0.745, 0.48, 0.745, 0.69, 0.812, 0.93, 0.55, 0.90, 0.17),
    (0.95, 0.785, 0.52, 0.785, 0.70, 0.82, 0.92, 0.55, 0.89, 0.17),
    (0.72, 0.85, 0.60, 0.825, 0.73, 0.822, 0.905, 0.55, 0.88, 0.17),
    (0.40, 1.045, 0.60, 0.985, 0.755, 0.835, 0.895, 0.55, 0.87, 0.17),
    (0.05, 1.225, 0.565, 1.15, 0.775, 0.85, 0.895, 0.55, 0.87, 0.17),
    (-0.30, 1.285, 0.54, 1.21, 0.785, 0.86, 0.90, 0.56, 0.87, 0.17),
    (-0.70, 1.255, 0.51, 1.175, 0.785, 0.875, 0.92, 0.57, 0.88, 0.17),
    (-1.10, 1.14, 0.47, 1.06, 0.785, 0.885, 0.955, 0.59, 0.91, 0.18),
    (-1.45, 1.01, 0.43, 0.945, 0.765, 0.88, 0.965, 0.60, 0.92, 0.19),
    (-1.75, 0.905, 0.43, 0.87, 0.73, 0.85, 0.945, 0.60, 0.89, 0.21),
    (-2.00, 0.82, 0.45, 0.81, 0.68, 0.79, 0.89, 0.58, 0.82, 0.24),
    (-2.15, 0.74, 0.46, 0.735, 0.64, 0.72, 0.82, 0.55, 0.75, 0.28),
    (-2.22, 0.62, 0.40, 0.62, 0.56, 0.60, 0.68, 0.50, 0.60, 0.34),
    (-2.23, 0.55, 0.20, 0.55, 0.30, 0.54, 0.35, 0.48, 0.30, 0.40),
]
STEPS, AROUND = 7, 7
SIDE_WINDOW = [(0.60, 0.885), (0.32, 1.02), (0.02, 1.145), (-0.25, 1.19), (-0.6, 1.165),
               (-0.95, 1.075), (-1.22, 0.965), (-1.18, 0.935), (-0.7, 0.905), (0.0, 0.885)]  # fmt: skip


def smooth(p0, p1, p2, p3, t):
    """Interpolate between p1 and p2 by Catmull-Rom."""
    a, b = 2 * p1, p2 - p0
    c, d = 2 * p0 - 5 * p1 + 4 * p2 - p3, 3 * p1 - p0 - 3 * p2 + p3
    return (a + b * t + c * t * t + d * t**3) / 2


def spline(rows, steps):
    """Sample a Catmull-Rom curve through rows of equal length."""
    rows = [rows[0], *rows, rows[-1]]
    out = []
    for four in zip(rows, rows[1:], rows[2:], rows[3:], strict=False):
        columns = list(zip(*four, strict=True))
        out += [tuple(smooth(*column, k / steps) for column in columns) for k in range(steps)]
    return [*out, tuple(rows[-1])]


def section_loop(row):
    """Return the closed loop of one section, from its nine measures."""
    x, top, yc, zc, yd, zd, ye, ze, yf, zf = row
    half = [(0, top), (0.55 * yc, top - 0.2 * (top - zc)), (yc, zc), (yd, zd), (ye, ze), (yf, zf)]
    half[4:4] = [(0.3 * yd + 0.7 * ye + 0.012, 0.55 * zd + 0.45 * ze)]
    left = [*spline(half, AROUND), (0.85 * yf, zf - 0.02), (0.4 * yf, zf - 0.02)]
    right = [(-y, z) for y, z in reversed(left[1:])]
    return [(x, y, z) for y, z in left] + [(x, y, z) for y, z in right]


def arch(x):
    """Return the radius of the wheel arch over the axle at x."""
    return WHEEL + (0.034 if x > 0 else 0.04)


def body_of(paint, black):
    """Loft the body and cut the wheel arches."""
    body = g.rings("body", [section_loop(r) for r in spline(SECTIONS, STEPS)], paint, "car")
    body.data.materials.append(black)
    cutters = []
    for x, side in ((x, side) for x in AXLES for side in (1, -1)):
        radius = arch(x)
        ends = [(radius, 0.6), (radius, 1.3)] if side > 0 else [(radius, -1.3), (radius, -0.6)]
        cutter = g.lathe("cutter", ends, black, caps=True)
        cutter.location = (x, 0, WHEEL + 0.015)
        cutters.append(cutter)
        cut = body.modifiers.new("arch", "BOOLEAN")
        cut.operation, cut.solver, cut.object = "DIFFERENCE", "EXACT", cutter
    bpy.context.view_layer.update()
    shaped = body.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = bpy.data.meshes.new_from_object(shaped)
    body.modifiers.clear()
    body.data = mesh
    for cutter in cutters:
        bpy.data.objects.remove(cutter)
    return body


def wheel(rim, caliper):
    """Build a left wheel around the origin: tyre, rim with ten spokes, disc, caliper."""
    rubber, dark = g.plain("rubber", (0.018, 0.018, 0.019), 0.75), g.plain("dark", (0.01,) * 3, 0.6)
    steel = g.plain("steel", (0.45, 0.44, 0.43), 0.3, metal=1.0)
    r, inner = WHEEL, 0.235
    tyre = [(inner, -0.13), (r - 0.03, -0.14), (r - 0.005, -0.125), (r, -0.09), (r, 0.09),
            (r - 0.005, 0.125), (r - 0.03, 0.143), (inner + 0.03, 0.145), (inner, 0.13)]  # fmt: skip
    parts = [g.lathe("tyre", tyre, rubber, "car")]
    band = [(r - 0.062, 0.1462), (r - 0.052, 0.1462)]
    parts.append(g.lathe("band", band, g.plain("band", (0.8, 0.55, 0.05), 0.6), "car"))
    lip = [(inner - 0.05, -0.1), (inner - 0.015, 0.05), (inner - 0.012, 0.12), (inner - 0.004, 0.135),
           (inner + 0.004, 0.132), (inner + 0.004, 0.11)]  # fmt: skip
    parts.append(g.lathe("lip", lip, rim, "car"))
    parts.append(g.lathe("well", [(0.001, -0.05), (inner, -0.05)], dark, "car"))
    parts.append(g.lathe("disc", [(0.07, 0.02), (0.185, 0.02), (0.185, -0.01)], steel, "car"))
    parts.append(g.box("caliper", (0.14, 0.03, 0.05), (0.08, 0.06, 0.16), caliper, "car", 0.015))
    hub = [(0.001, 0.115), (0.026, 0.115), (0.032, 0.1), (0.06, 0.095), (0.068, 0.06), (0.068, 0)]
    parts.append(g.lathe("hub", hub, rim, "car"))
    parts.append(g.lathe("nut", [(0.001, 0.135), (0.02, 0.133), (0.024, 0.1)], caliper, "car"))
    for k in range(10):
        for lean in (-0.11, 0.11):
            a, b = 2 * math.pi * k / 10, 2 * math.pi * k / 10 + lean
            start = (0.05 * math.cos(a), 0.085, 0.05 * math.sin(a))
            middle = (0.14 * math.cos(a + lean * 0.7), 0.1, 0.14 * math.sin(a + lean * 0.7))
            end = ((inner - 0.008) * math.cos(b), 0.115, (inner - 0.008) * math.sin(b))
            parts.append(g.tube("spoke", [start, middle, end], (0.014, 0.011, 0.013), rim, "car", 8))
    return parts


def wheels(rim, caliper, spin, steer):
    """Place four wheels; `spin` is the turn per frame in radians, `steer` the front angle."""
    hubs = []
    parts = wheel(rim, caliper)
    for x in AXLES:
        for side in (1, -1):
            hub = g.link(bpy.data.objects.new("hub", None))
            hub.location = (x, side * (TRACK if x > 0 else TRACK + 0.025), WHEEL)
            hub.rotation_euler.z = (0 if side > 0 else math.pi) + (steer if x > 0 else 0)
            if spin:
                for frame in (0, 2):
                    hub.rotation_euler.y = side * spin * (frame - 1)
                    hub.keyframe_insert("rotation_euler", index=1, frame=frame)
                linear(hub)
            for part in parts:
                copy = part.copy()
                bpy.context.scene.collection.objects.link(copy)
                copy.parent = hub
                hubs.append(copy)
            hubs.append(hub)
    for part in parts:
        bpy.data.objects.remove(part)
    return hubs


def linear(obj):
    """Make an object's keyframes move at constant speed."""
    for curve in obj.animation_data.action.fcurves:
        curve.extrapolation = "LINEAR"
        for key in curve.keyframe_points:
            key.interpolation = "LINEAR"
