"""Pre-trained networks by name: facts as data (registry), one builder per architecture."""

from scene.backbones.quiet import import_keras
from scene.backbones.registry import BACKBONES, Backbone, backbone, build, find_weights

__all__ = ["BACKBONES", "Backbone", "backbone", "build", "find_weights", "import_keras"]
