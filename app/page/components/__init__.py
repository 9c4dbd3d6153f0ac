"""The page's parts: each a folder with its template, style and script, and this one owner class.

Parts with a template become ``gr.HTML`` components; parts without (photo grid, mask canvas) are
scripts that the others build on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.page.components import mask_canvas

_HERE = Path(__file__).parent
_PAGE = _HERE.parent


@dataclass(frozen=True, slots=True)
class Component:
    """One part of the page. html is "" for a part that only brings a script."""

    name: str
    html: str
    css: str
    js: str

    def render(self, server_functions: list[Callable[..., Any]] | None = None) -> Any:
        """Place the part in the Blocks being built and return the ``gr.HTML``."""
        import gradio as gr

        return gr.HTML(
            value="", html_template=self.html, js_on_load=self.js, server_functions=server_functions,
            elem_id=f"desk-{self.name}", apply_default_css=False, container=False, padding=False,
        )  # fmt: skip


LIBRARIES = ("acts", "photo_grid", "jobs_panel", "share")
PARTS = ("frame", "who", "sort", "retouch", "style", "book", "trace", "evaluate", "machine", "tray")
"""Templates in the order in which they are placed, which is the order of the Tab key."""


@cache
def component(name: str) -> Component:
    """A part by its folder's name."""
    folder = _HERE / name

    def read(ending: str) -> str:
        path = folder / f"{name}.{ending}"
        return path.read_text("utf-8") if path.exists() else ""

    return Component(name, read("html"), read("css"), read("js"))


@cache
def head() -> str:
    """What goes into the document's head: all styles, then the store and the script libraries."""
    from app.page import installable

    canvas_css, canvas_js = mask_canvas.assets()
    styles = [(_PAGE / "base.css").read_text("utf-8"), canvas_css]
    styles += [component(name).css for name in LIBRARIES + PARTS]
    scripts = [(_PAGE / "desk.js").read_text("utf-8"), canvas_js, *(component(name).js for name in LIBRARIES)]
    joined = "\n".join(scripts)
    if "</script" in joined:
        raise ValueError("a script of the page would end its own element")
    return f"{installable.HEAD}\n<style>{chr(10).join(styles)}</style>\n<script>{joined}</script>"
