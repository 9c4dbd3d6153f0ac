"""The mask canvas: photo, proposed mask and the hand's strokes, all in the browser (see mask_canvas.js)."""

from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
_SCRIPTS = ("mask_layers.js", "mask_planes.js", "mask_view.js", "mask_input.js", "mask_rail.js", "mask_canvas.js")


@cache
def assets() -> tuple[str, str]:
    """(style sheet, script) to put once into the page; the script defines `window.PaddockMaskCanvas`."""
    script = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    return (_HERE / "mask_canvas.css").read_text(encoding="utf-8"), script
