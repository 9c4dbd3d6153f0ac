"""Render the sample pictures and their masks: blender -b -P samples/render.py -- --out samples.

Writes raw pictures as PNG to OUT/raw and exact masks to OUT/masks; samples/finish.py makes the JPEGs.
Options: --only NAME[,NAME], --samples N, --scale PERCENT, --threads N.
"""

import argparse
import sys
import time
from pathlib import Path

import bpy
from mathutils import Vector

sys.path.insert(0, str(Path(__file__).resolve().parent))

import scenes
from shots import SHOTS


def empty_scene(shot, options):
    """Start from an empty file with Cycles on the CPU."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.device = "CYCLES", "CPU"
    scene.render.threads_mode, scene.render.threads = "FIXED", options.threads
    scene.render.resolution_x, scene.render.resolution_y = shot.width, shot.height
    scene.render.resolution_percentage = options.scale
    scene.cycles.samples, scene.cycles.use_denoising = options.samples, False
    scene.cycles.use_adaptive_sampling, scene.cycles.adaptive_threshold = True, 0.015
    scene.cycles.max_bounces, scene.cycles.diffuse_bounces, scene.cycles.glossy_bounces = 3, 1, 2
    scene.cycles.caustics_reflective = scene.cycles.caustics_refractive = False
    scene.cycles.sample_clamp_indirect, scene.cycles.seed = 3.0, 24
    scene.view_settings.view_transform = "Filmic"
    scene.view_settings.look = "Medium High Contrast"
    scene.render.image_settings.color_mode = "RGB"
    scene.frame_set(1)
    return scene


def set_camera(scene, view):
    """Aim the camera, with its depth of field."""
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    way = Vector(view.target) - Vector(view.eye)
    camera.location, camera.rotation_euler = view.eye, way.to_track_quat("-Z", "Y").to_euler()
    if view.pan:
        scenes.moving(camera, view.pan)
    camera.data.lens, camera.data.clip_end = view.lens, 2000
    camera.data.dof.use_dof, camera.data.dof.aperture_fstop = True, view.stop
    camera.data.dof.focus_distance = view.focus or way.length
    scene.view_settings.exposure = view.exposure
    scene.render.use_motion_blur, scene.render.motion_blur_shutter = view.blur, 1.0


def render_to(scene, path):
    """Render one still to a PNG."""
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def to_mask(scene):
    """Turn the scene into flat class numbers: no light, filter, blur, dither or colour transform."""
    flat = bpy.data.materials.new("class")
    flat.use_nodes = True
    nodes, links = flat.node_tree.nodes, flat.node_tree.links
    info, light = nodes.new("ShaderNodeObjectInfo"), nodes.new("ShaderNodeEmission")
    links.new(info.outputs["Color"], light.inputs["Color"])
    links.new(light.outputs["Emission"], nodes["Material Output"].inputs["Surface"])
    bpy.context.view_layer.material_override = flat
    scene.world = bpy.data.worlds.new("black")
    scene.world.color = (0, 0, 0)
    scene.view_settings.view_transform, scene.view_settings.look = "Raw", "None"
    scene.view_settings.exposure = 0
    scene.cycles.samples, scene.cycles.max_bounces = 1, 0
    scene.cycles.pixel_filter_type, scene.cycles.filter_width = "BLACKMAN_HARRIS", 0.01
    scene.render.dither_intensity, scene.render.use_motion_blur = 0, False
    scene.camera.data.dof.use_dof = False
    scene.render.image_settings.color_mode = "BW"


def main():
    """Render what was asked for, one picture after another."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--samples", type=int, default=24)
    parser.add_argument("--scale", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(sys.argv[sys.argv.index("--") + 1 :])
    wanted = options.only.split(",") if options.only else [shot.name for shot in SHOTS]
    for shot in SHOTS:
        if shot.name not in wanted:
            continue
        start = time.time()
        scene = empty_scene(shot, options)
        set_camera(scene, getattr(scenes, shot.name.replace("-", "_"))())
        built = time.time() - start
        render_to(scene, options.out.resolve() / "raw" / f"{shot.name}.png")
        to_mask(scene)
        render_to(scene, options.out.resolve() / "masks" / f"{shot.name}.png")
        print(f"SHOT {shot.name}: built {built:.1f} s, all {time.time() - start:.1f} s", flush=True)


main()
