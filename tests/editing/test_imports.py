"""Importing editing and styling costs nothing."""

from __future__ import annotations

import subprocess
import sys

MODULES = (
    "editing.words", "editing.vocabulary", "editing.maskops", "editing.composite", "editing.regions",
    "editing.grabcut", "editing.clipseg", "editing.inpaint", "editing.patchfill", "editing.blend", "editing.remove",
    "editing.weights", "styling.palette",
)  # fmt: skip


def test_no_framework_is_loaded_before_it_is_needed() -> None:
    code = f"import sys, {', '.join(MODULES)}; print([m for m in sys.argv[1:] if m in sys.modules])"
    heavy = ["torch", "transformers", "diffusers", "cv2", "scipy", "keras", "tensorflow"]
    answer = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
