"""The page's factory: a Blocks with the parts of the desk, each wired to the service's one call."""

from __future__ import annotations

from typing import Any

from app.page.components import PARTS, component
from app.page.service import Service

TITLE = "Paddock"


def build(service: Service) -> Any:
    """The ``gr.Blocks`` of one running desk."""
    import gradio as gr

    def call(payload: dict[str, Any]) -> dict[str, Any]:
        return service.call(payload if isinstance(payload, dict) else {})

    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True, delete_cache=(3600, 7200)) as page:
        for name in PARTS:
            component(name).render([call] if name == "frame" else None)
    return page


def theme() -> Any:
    """Gradio's own variables in the desk's colours, for what Gradio draws itself (errors, loading)."""
    import gradio as gr

    return gr.themes.Base(
        primary_hue=gr.themes.colors.green, neutral_hue=gr.themes.colors.gray, font=["Inter", "sans-serif"]
    )
