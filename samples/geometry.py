"""Small Blender helpers shared by the sample scripts: meshes, materials, text, decals and instances.

Every object carries its class of the masks in `object.color` (see CLASSES), so that a second render
with one override material writes exact masks.
"""

import itertools
import math

import bmesh
import bpy
from mathutils import Vector
from mathutils.bvhtree import BVHTree

CLASSES = {"none": 0, "car": 1, "person": 2, "panel": 3, "sign": 4, "pole": 5}


def link(obj, cls="none"):
    """Put an object into the scene and mark it with its mask class."""
    value = CLASSES[cls] / 255
    obj.color = (value, value, value, 1)
    bpy.context.scene.collection.objects.link(obj)
    return obj


def make(name, verts, faces, material, cls="none", smooth=True):
    """Make a mesh object from vertices and faces."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([tuple(v) for v in verts], [], faces)
    shell = bmesh.new()
    shell.from_mesh(mesh)
    bmesh.ops.recalc_face_normals(shell, faces=shell.faces)
    shell.to_mesh(mesh)
    shell.free()
    mesh.polygons.foreach_set("use_smooth", [smooth] * len(mesh.polygons))
    mesh.use_auto_smooth, mesh.auto_smooth_angle = True, math.radians(38)
    if material:
        mesh.materials.append(material)
    return link(bpy.data.objects.new(name, mesh), cls)


def tree_of(name):
    """Return a new material with its node tree, its Principled node and a function that adds nodes."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links

    def add(kind, inputs=None, **settings):
        """Add a shader node; inputs may be values or output sockets of other nodes."""
        node = nodes.new("ShaderNode" + kind)
        for key, value in settings.items():
            setattr(node, key, value)
        for key, value in (inputs or {}).items():
            if isinstance(value, bpy.types.NodeSocket):
                links.new(value, node.inputs[key])
            else:
                node.inputs[key].default_value = value
        return node

    return material, nodes["Principled BSDF"], add, links


def ramp(add, factor, stops):
    """Add a colour ramp over `factor` with stops [(position, rgb)] and return its colour output."""
    node = add("ValToRGB", {"Fac": factor})
    elements = node.color_ramp.elements
    while len(elements) < len(stops):
        elements.new(0.5)
    for element, (position, rgb) in zip(elements, stops, strict=False):
        element.position, element.color = position, (*rgb, 1)
    return node.outputs["Color"]


def plain(name, rgb, rough=0.6, metal=0.0, coat=0.0, emit=0.0):
    """Return a Principled material, made once for the same arguments."""
    key = f"{name} {rgb} {rough} {metal} {coat} {emit}"
    if key in bpy.data.materials:
        return bpy.data.materials[key]
    material, shader, _, _ = tree_of(key)
    values = {"Base Color": (*rgb, 1), "Roughness": rough, "Metallic": metal, "Clearcoat": coat}
    for socket, value in {**values, "Clearcoat Roughness": 0.03}.items():
        shader.inputs[socket].default_value = value
    if emit:
        shader.inputs["Emission"].default_value = (*rgb, 1)
        shader.inputs["Emission Strength"].default_value = emit
    return material


def box(name, centre, size, material, cls="none", bevel=0.0, turn=0.0):
    """Make a box, optionally bevelled and turned about z."""
    x, y, z = (s / 2 for s in size)
    verts = [(a * x, b * y, c * z) for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    obj = make(name, verts, faces, material, cls, smooth=bevel > 0)
    obj.location, obj.rotation_euler.z = centre, turn
    if bevel:
        modifier = obj.modifiers.new("bevel", "BEVEL")
        modifier.width, modifier.segments = bevel, 3
    return obj


def rings(name, loops, material, cls="none", caps=True):
    """Skin a list of closed loops of equal length."""
    n = len(loops[0])
    verts = [v for loop in loops for v in loop]
    faces = []
    for i in range(len(loops) - 1):
        for j in range(n):
            k = (j + 1) % n
            faces.append((i * n + j, i * n + k, (i + 1) * n + k, (i + 1) * n + j))
    if caps:
        faces += [tuple(reversed(range(n))), tuple(range(len(verts) - n, len(verts)))]
    return make(name, verts, faces, material, cls)


def tube(name, points, radii, material, cls="none", sides=12, flat=1.0):
    """Skin a tube along points with one radius each; `flat` squeezes it across y."""
    loops = []
    for i, point in enumerate(points):
        here = Vector(point)
        along = Vector(points[min(i + 1, len(points) - 1)]) - Vector(points[max(i - 1, 0)])
        across = along.cross(Vector((1, 0.01, 0.02))).normalized()
        third = along.cross(across).normalized()
        loop = []
        for j in range(sides):
            angle = 2 * math.pi * j / sides
            offset = radii[i] * (math.cos(angle) * across + math.sin(angle) * third)
            loop.append(here + Vector((offset.x, offset.y * flat, offset.z)))
        loops.append(loop)
    return rings(name, loops, material, cls)


def lathe(name, profile, material, cls="none", sides=64, caps=False):
    """Turn a profile [(radius, y)] about the y axis."""
    loops = []
    for radius, y in profile:
        angles = [2 * math.pi * j / sides for j in range(sides)]
        loops.append([(radius * math.cos(a), y, radius * math.sin(a)) for a in angles])
    return rings(name, loops, material, cls, caps)


def ball(name, centre, radii, material, cls="none", sides=24):
    """Make an ellipsoid."""
    loops = []
    for i in range(1, sides // 2):
        angle = math.pi * i / (sides // 2)
        z, r = -math.cos(angle), math.sin(angle)
        turns = [2 * math.pi * j / sides for j in range(sides)]
        loops.append([(r * math.cos(t), r * math.sin(t), z) for t in turns])
    obj = rings(name, loops, material, cls)
    obj.scale, obj.location = radii, centre
    return obj


def rounded(points, times=3):
    """Round the corners of a closed polygon by Chaikin's corner cutting."""
    for _ in range(times):
        cut = []
        for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=False):
            cut += [(0.82 * ax + 0.18 * bx, 0.82 * ay + 0.18 * by)]
            cut += [(0.18 * ax + 0.82 * bx, 0.18 * ay + 0.82 * by)]
        points = cut
    return points


def disc(radius, centre=(0, 0), sides=48):
    """Return the polygon of a disc."""
    turns = [2 * math.pi * j / sides for j in range(sides)]
    return [(centre[0] + radius * math.cos(t), centre[1] + radius * math.sin(t)) for t in turns]


def stroke(points, width):
    """Return quads [(4 points)] that draw a polyline of the given width."""
    quads = []
    for a, b in itertools.pairwise(points):
        a, b = Vector(a), Vector(b)
        side = Vector((a.y - b.y, b.x - a.x)).normalized() * width / 2
        quads.append([tuple(a + side), tuple(a - side), tuple(b - side), tuple(b + side)])
    return quads


def words(text, height, bold=0.0, spacing=1.05):
    """Return a flat mesh of a text in Blender's own font, centred, capital height `height` metres."""
    curve = bpy.data.curves.new("words", "FONT")
    curve.body, curve.size, curve.space_character = text, height / 0.72, spacing
    curve.align_x, curve.align_y, curve.offset, curve.resolution_u = "CENTER", "CENTER", bold, 4
    obj = bpy.data.objects.new("words", curve)
    bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.update()
    mesh = bpy.data.meshes.new_from_object(obj)
    bpy.data.objects.remove(obj)
    return mesh


def flat_mesh(shapes):
    """Fill polygons (or take a mesh) and return a bmesh in the plane."""
    plane = bmesh.new()
    if isinstance(shapes, bpy.types.Mesh):
        plane.from_mesh(shapes)
        return plane
    for shape in shapes:
        plane.faces.new([plane.verts.new((x, y, 0)) for x, y in shape])
    return plane


def decal(target, shapes, origin, normal, up, material, cls="car", lift=0.003, grid=0.05):
    """Project flat shapes along -normal onto the surface `target`, as foil is laid on a body."""
    normal = Vector(normal).normalized()
    right = Vector(up).cross(normal).normalized()
    up = normal.cross(right)
    plane = flat_mesh(shapes)
    bmesh.ops.triangulate(plane, faces=plane.faces[:])
    for axis in ((1, 0, 0), (0, 1, 0)):
        spread = [v.co.dot(Vector(axis)) for v in plane.verts]
        first, last = math.floor(min(spread) / grid), math.ceil(max(spread) / grid)
        for k in range(first, last + 1):
            geometry = plane.verts[:] + plane.edges[:] + plane.faces[:]
            at = Vector(axis) * k * grid
            bmesh.ops.bisect_plane(plane, geom=geometry, plane_co=at, plane_no=axis)
    missed = []
    for vert in plane.verts:
        start = Vector(origin) + right * vert.co.x + up * vert.co.y + normal * 2
        hit, surface_normal, _, _ = target.ray_cast(start, -normal, 4)
        if hit is None:
            missed.append(vert)
        else:
            away = surface_normal if surface_normal.dot(normal) > 0 else normal
            vert.co = hit + away * lift
    bmesh.ops.delete(plane, geom=missed, context="VERTS")
    mesh = bpy.data.meshes.new("decal")
    plane.to_mesh(mesh)
    plane.free()
    mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
    mesh.materials.append(material)
    return link(bpy.data.objects.new("decal", mesh), cls)


def label(text, height, material, cls, location, facing, bold=0.0, width=None):
    """Lay a text flat in space, its face towards the heading `facing` (radians about z)."""
    mesh = words(text, height, bold)
    mesh.materials.append(material)
    obj = link(bpy.data.objects.new("label", mesh), cls)
    obj.location, obj.rotation_euler = location, (math.pi / 2, 0, facing + math.pi / 2)
    if width:
        obj.scale.x = width / max(0.01, max(v.co.x for v in mesh.vertices) * 2)
    return obj


def surface_of(obj):
    """Return the evaluated surface of an object for ray casts."""
    return BVHTree.FromObject(obj, bpy.context.evaluated_depsgraph_get())


def prop(name, objects):
    """Move objects into a hidden collection that can be placed many times."""
    collection = bpy.data.collections.new(name)
    for obj in objects:
        bpy.context.scene.collection.objects.unlink(obj)
        collection.objects.link(obj)
    return collection


def place(collection, location, turn=0.0, scale=1.0):
    """Place one instance of a prop."""
    empty = bpy.data.objects.new(collection.name, None)
    empty.instance_type, empty.instance_collection = "COLLECTION", collection
    empty.location, empty.rotation_euler.z, empty.scale = location, turn, (scale,) * 3
    bpy.context.scene.collection.objects.link(empty)
    empty.color = collection.objects[0].color  # Cycles reads an instance's colour from its empty
    return empty
