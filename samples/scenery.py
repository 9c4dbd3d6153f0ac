"""Where the cars stand: sky, asphalt, kerbs, grass, trees, barriers, panels, posts, stands. Metres."""

import math
import random

import bpy
import geometry as g
from mathutils import Vector


def sky(elevation, heading, strength=0.1, haze=0.15, clouds=0.85):
    """Light the scene with a Nishita sky whose sun stands at `elevation` and `heading` (radians)."""
    world = bpy.context.scene.world = bpy.data.worlds.new("sky")
    world.use_nodes = True
    nodes, links = world.node_tree.nodes, world.node_tree.links
    air = nodes.new("ShaderNodeTexSky")
    air.sky_type, air.sun_elevation, air.sun_rotation = "NISHITA", elevation, math.pi / 2 - heading
    air.dust_density, air.ozone_density = haze, 2.5
    air.sun_size, air.sun_intensity = math.radians(1.2), 0.55
    where, noise = nodes.new("ShaderNodeTexCoord"), nodes.new("ShaderNodeTexNoise")
    stretch, cover, mix = (nodes.new("ShaderNode" + k) for k in ("Mapping", "ValToRGB", "MixRGB"))
    stretch.inputs["Scale"].default_value = (1, 1, 4)
    noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = 2.2, 5
    cover.color_ramp.elements[0].position, cover.color_ramp.elements[1].position = 0.46, 0.7
    cover.color_ramp.elements[1].color = (clouds, clouds, clouds, 1)
    bright = 1.5 + 6 * max(0.0, math.sin(elevation))
    mix.inputs["Color2"].default_value = (bright, bright * 0.97, bright * 0.95, 1)
    links.new(where.outputs["Generated"], stretch.inputs["Vector"])
    links.new(stretch.outputs["Vector"], noise.inputs["Vector"])
    links.new(noise.outputs["Fac"], cover.inputs["Fac"])
    links.new(cover.outputs["Color"], mix.inputs["Fac"])
    links.new(air.outputs["Color"], mix.inputs["Color1"])
    links.new(mix.outputs["Color"], nodes["Background"].inputs["Color"])
    nodes["Background"].inputs["Strength"].default_value = strength


def asphalt_material():
    """Return asphalt with patches, aggregate and rubber laid along x."""
    material, shader, add, links = g.tree_of("asphalt")
    where = add("TexCoord").outputs["Object"]
    along = add("Mapping", {"Vector": where, "Scale": (0.03, 1.1, 1)}).outputs["Vector"]
    patches = add("TexNoise", {"Vector": where, "Scale": 0.7, "Detail": 6}).outputs["Fac"]
    grain = add("TexNoise", {"Vector": where, "Scale": 70, "Detail": 4}).outputs["Fac"]
    rubber = add("TexNoise", {"Vector": along, "Scale": 1.6, "Detail": 5}).outputs["Fac"]
    ground = g.ramp(add, patches, [(0.3, (0.075, 0.075, 0.078)), (0.7, (0.115, 0.113, 0.11))])
    speck = g.ramp(add, grain, [(0.35, (0.45,) * 3), (0.7, (1.4,) * 3)])
    marks = g.ramp(add, rubber, [(0.38, (0.66,) * 3), (0.62, (1.0,) * 3)])
    first = add("MixRGB", {"Fac": 1, "Color1": ground, "Color2": speck}, blend_type="MULTIPLY")
    both = add("MixRGB", {"Fac": 1, "Color1": first.outputs[0], "Color2": marks}, blend_type="MULTIPLY")
    links.new(both.outputs[0], shader.inputs["Base Color"])
    bump = add("Bump", {"Height": grain, "Strength": 0.35, "Distance": 0.01})
    links.new(bump.outputs["Normal"], shader.inputs["Normal"])
    shader.inputs["Roughness"].default_value = 0.72
    return material


def grass_material(name, low, high, scale):
    """Return a green that wanders between two colours."""
    material, shader, add, links = g.tree_of(name)
    where = add("TexCoord").outputs["Object"]
    noise = add("TexNoise", {"Vector": where, "Scale": scale, "Detail": 8}).outputs["Fac"]
    links.new(g.ramp(add, noise, [(0.35, low), (0.65, high)]), shader.inputs["Base Color"])
    shader.inputs["Roughness"].default_value, shader.inputs["Specular"].default_value = 0.9, 0.15
    return material


def sheet(name, x0, x1, y0, y1, z, material):
    """Lay a flat rectangle."""
    corners = [(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)]
    return g.make(name, corners, [(0, 1, 2, 3)], material)


def track(y0, y1, x0=-150, x1=150, lines=True, closed=True):
    """Lay grass everywhere, asphalt between y0 and y1 and white lines at its edges."""
    ground = grass_material("ground", (0.035, 0.075, 0.012), (0.09, 0.125, 0.03), 0.9)
    sheet("ground", -5000, 5000, -5000, 5000, -0.03, ground)
    if closed:
        forest()
    sheet("asphalt", x0, x1, y0, y1, 0, asphalt_material())
    if lines:
        white = g.plain("line", (0.62, 0.62, 0.6), 0.7)
        for y in (y0 + 0.15, y1 - 0.3):
            sheet("line", x0, x1, y, y + 0.15, 0.004, white)


def kerb(y0, width, x0, x1, outward):
    """Lay a red and white kerb that rises away from the track (`outward` is +1 or -1 along y)."""
    colours = g.plain("kerb red", (0.5, 0.02, 0.015), 0.55), g.plain("kerb white", (0.7, 0.7, 0.68), 0.55)
    y1, steps = y0 + outward * width, round((x1 - x0) / 0.9)
    for k in range(steps):
        a, b = x0 + 0.9 * k, x0 + 0.9 * (k + 1)
        verts = [(a, y0, 0.006), (b, y0, 0.006), (b, y1, 0.07), (a, y1, 0.07), (b, y1, -0.1), (a, y1, -0.1)]
        g.make("kerb", verts, [(0, 1, 2, 3), (3, 2, 4, 5)], colours[k % 2], smooth=False)


def tufts(x0, x1, y0, y1, count, seed=1, height=0.09):
    """Scatter blades of grass over a rectangle."""
    dice = random.Random(seed)
    green = grass_material("blade", (0.05, 0.11, 0.012), (0.17, 0.2, 0.04), 3)
    verts, faces = [], []
    for _ in range(420):
        x, y, turn = dice.uniform(-0.4, 0.4), dice.uniform(-0.4, 0.4), dice.uniform(0, 2 * math.pi)
        tall, lean, w = height * dice.uniform(0.4, 1.3), dice.uniform(0.01, 0.06), 0.006
        dx, dy = math.cos(turn), math.sin(turn)
        verts += [(x - w * dy, y + w * dx, -0.03), (x + w * dy, y - w * dx, -0.03)]
        verts += [(x + lean * dx, y + lean * dy, tall - 0.03)]
        faces.append((len(verts) - 3, len(verts) - 2, len(verts) - 1))
    patch = g.prop("tuft", [g.make("tuft", verts, faces, green)])
    for _ in range(count):
        spot = (dice.uniform(x0, x1), dice.uniform(y0, y1), 0)
        g.place(patch, spot, dice.uniform(0, 6.3), dice.uniform(0.8, 1.3))


def tree(seed):
    """Build one broad-leaved tree as a prop: trunk, boughs and some thousands of leaves."""
    dice = random.Random(seed)
    bark = g.plain("bark", (0.07, 0.05, 0.035), 0.9)
    greens = [(0.03, 0.075, 0.012), (0.05, 0.1, 0.015), (0.075, 0.11, 0.02)]
    low = greens[seed % 3]
    leaf = grass_material(f"leaf {seed}", low, tuple(1.8 * c for c in low), 1.3)
    tall = dice.uniform(7, 10)
    parts = [g.tube("trunk", [(0, 0, -0.2), (0.1, 0, 2), (0, 0.1, tall * 0.7)], (0.25, 0.18, 0.06), bark)]
    verts, faces = [], []
    for _ in range(26):
        z = dice.uniform(0.3, 0.92) * tall
        reach = 2.6 * math.sin(math.pi * min(1, (z / tall) * 0.95)) ** 0.7
        turn = dice.uniform(0, 6.3)
        far = reach * dice.uniform(0.3, 1)
        centre = Vector((far * math.cos(turn), far * math.sin(turn), z))
        for _ in range(1000):
            way = Vector((dice.gauss(0, 1), dice.gauss(0, 1), dice.gauss(0, 0.8))).normalized()
            spot = centre + way * dice.uniform(0.55, 1.15)
            u = Vector((dice.gauss(0, 1), dice.gauss(0, 1), dice.gauss(0, 1))).normalized() * 0.062
            v = u.cross(way).normalized() * 0.048
            verts += [spot - u, spot + v, spot + u, spot - v]
            faces.append(tuple(range(len(verts) - 4, len(verts))))
    parts.append(g.make("leaves", verts, faces, leaf, smooth=False))
    return g.prop("tree", parts)


def bush(seed):
    """Build a dense round bush of leaves."""
    dice = random.Random(seed)
    leaf = grass_material("bush", (0.02, 0.05, 0.01), (0.06, 0.1, 0.02), 1.1)
    verts, faces = [], []
    for _ in range(2600):
        way = Vector((dice.gauss(0, 1), dice.gauss(0, 1), dice.gauss(0, 1))).normalized()
        spot = Vector((way.x * 1.5, way.y * 1.2, 1.0 + way.z * 1.25)) * dice.uniform(0.85, 1.05)
        u = Vector((dice.gauss(0, 1), dice.gauss(0, 1), dice.gauss(0, 1))).normalized() * 0.12
        v = u.cross(way).normalized() * 0.1
        verts += [spot - u, spot + v, spot + u, spot - v]
        faces.append(tuple(range(len(verts) - 4, len(verts))))
    return g.make("bush", verts, faces, leaf, smooth=False)


def wood(x0, x1, y, count, seed=3, depth=10.0, hedge=True):
    """Plant a row of trees along x around y."""
    dice = random.Random(seed)
    kinds = [tree(seed + k) for k in range(3)]
    for k in range(count):
        spot = (x0 + (x1 - x0) * (k + dice.random()) / count, y + dice.uniform(-depth, depth) / 2, 0)
        g.place(kinds[k % 3], spot, dice.uniform(0, 6.3), dice.uniform(0.8, 1.25))
    if hedge:
        bushes = g.prop("bush", [bush(seed)])
        for k in range(int((x1 - x0 + 40) / 1.6)):
            spot = (x0 - 20 + 1.6 * k, y + depth / 2 + dice.uniform(1, 3), 0)
            g.place(bushes, spot, dice.uniform(0, 6.3), dice.uniform(0.8, 1.5))


def hills(y, height, colour, seed, x0=-2500, x1=2500):
    """Raise a far range of hills along x, its slope towards the track."""
    dice = random.Random(seed)
    waves = [(dice.uniform(150, 700), dice.uniform(0, 6.3), dice.uniform(0.2, 1)) for _ in range(6)]
    material = grass_material(f"hill {seed}", tuple(0.7 * c for c in colour), colour, 0.02)
    steps = [x0 + (x1 - x0) * k / 160 for k in range(161)]
    tops = [height * (1 + 0.2 * sum(a * math.sin(x / w + p) for w, p, a in waves)) for x in steps]
    verts = [(x, y, -1) for x in steps] + [(x, y + 4 * height, z) for x, z in zip(steps, tops, strict=False)]
    n = len(steps)
    g.make("hill", verts, [(k, k + 1, n + k + 1, n + k) for k in range(n - 1)], material)


def forest(radius=80.0, height=6.5, seed=6):
    """Close the horizon all around with a wood's silhouette, which the paint also reflects."""
    dice = random.Random(seed)
    material = grass_material("forest", (0.012, 0.028, 0.008), (0.035, 0.06, 0.018), 0.5)
    n, verts = 720, []
    for k in range(n):
        turn = 2 * math.pi * k / n
        x, y = radius * math.cos(turn), radius * math.sin(turn)
        swell = 1 + 0.25 * math.sin(9 * turn) + 0.2 * math.sin(23 * turn + 1) + dice.uniform(-0.05, 0.05)
        verts += [(x, y, -1), (x, y, height * swell)]
    faces = [(2 * k, 2 * k + 1, (2 * k + 3) % (2 * n), (2 * k + 2) % (2 * n)) for k in range(n)]
    g.make("forest", verts, faces, material, smooth=False)


def armco(x0, x1, y, turn_y=0, rails=2):
    """Build a steel crash barrier along x at y."""
    steel = g.plain("zinc", (0.5, 0.52, 0.53), 0.45, metal=0.6)
    wave = [(0.0, 0.0), (0.05, 0.04), (0.05, 0.1), (0.0, 0.14), (0.0, 0.17), (0.05, 0.21), (0.05, 0.27),
            (0.0, 0.31)]  # fmt: skip
    for k in range(rails):
        base = 0.3 + 0.36 * k
        profile = [(y - d, base + z) for d, z in wave] + [(y + 0.02, base + 0.31), (y + 0.02, base)]
        g.rings("rail", [[(x, a, b) for a, b in profile] for x in (x0, x1)], steel)
    for k in range(int((x1 - x0) / 3)):
        g.box("stake", (x0 + 3 * k, y + 0.08, 0.45), (0.12, 0.1, 1.0 + turn_y), steel)


def billboard(location, facing, size, lines, back, ink, legs=0.7, cls="panel", accent=None):
    """Stand a panel on two legs: lines are (text, height, share of the panel's height from its middle)."""
    x, y, _ = location
    w, h = size
    out, side = (math.cos(facing), math.sin(facing)), (-math.sin(facing), math.cos(facing))
    turn = facing + math.pi / 2
    middle = legs + h / 2
    frame = g.plain("frame", (0.25, 0.25, 0.26), 0.4, metal=0.8)
    g.box("board", (x, y, middle), (w, 0.06, h), g.plain("board", back, 0.35, coat=0.3), cls, turn=turn)
    g.box("frame", (x - out[0] * 0.03, y - out[1] * 0.03, middle), (w + 0.1, 0.06, h + 0.1), frame, cls, turn=turn)
    if accent:
        stripe = g.plain("accent", accent, 0.35, coat=0.3)
        spot = (x + out[0] * 0.033, y + out[1] * 0.033, legs + 0.1 * h)
        g.box("accent", spot, (w, 0.004, 0.2 * h), stripe, cls, turn=turn)
    for k in (-0.38, 0.38):
        spot = (x + side[0] * w * k - out[0] * 0.1, y + side[1] * w * k - out[1] * 0.1, (legs + h) / 2)
        g.box("leg", spot, (0.09, 0.09, legs + h), frame, cls, turn=turn)
    for text, height, share, *colour in lines:
        paint = g.plain("letters", colour[0] if colour else ink, 0.4)
        spot = (x + out[0] * 0.04, y + out[1] * 0.04, middle + share * h)
        g.label(text, height, paint, cls, spot, facing, bold=height * 0.03)


def post(location, height=1.3, colour=(0.01, 0.2, 0.05)):
    """Stand a green marker post with a white band."""
    x, y, z = location
    paint, white = g.plain("post", colour, 0.4), g.plain("post white", (0.75, 0.75, 0.72), 0.5)
    g.tube("post", [(x, y, z - 0.05), (x, y, z + height)], (0.055, 0.055), paint, "pole", 20)
    g.tube("band", [(x, y, z + height * 0.72), (x, y, z + height * 0.84)], (0.058, 0.058), white, "pole", 20)
    g.ball("cap", (x, y, z + height), (0.055, 0.055, 0.03), paint, "pole")


def road_sign(location, facing, text="50"):
    """Stand a round speed sign on a grey pole."""
    x, y, z = location
    out = Vector((math.cos(facing), math.sin(facing), 0))
    grey = g.plain("sign pole", (0.4, 0.41, 0.42), 0.4, metal=0.7)
    g.tube("pole", [(x, y, z), (x, y, z + 2.35)], (0.035, 0.035), grey, "pole", 16)
    for k, (r, rgb) in enumerate(((0.36, (0.6, 0.01, 0.015)), (0.27, (0.85, 0.85, 0.83)))):
        plate = g.lathe("plate", [(r, -0.005), (r, 0.005)], g.plain("plate", rgb, 0.4), "sign", caps=True)
        plate.location = Vector((x, y, z + 2.1)) + out * (0.045 + 0.008 * k)
        plate.rotation_euler.z = facing + math.pi / 2
    black = g.plain("sign text", (0.01,) * 3, 0.5)
    g.label(text, 0.24, black, "sign", Vector((x, y, z + 2.1)) + out * 0.066, facing, bold=0.008)
