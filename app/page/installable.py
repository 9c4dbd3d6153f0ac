"""The page as an application: manifest, icons, and a service worker that says when Paddock is stopped.

Gradio's document names /manifest.json and nothing else may: ours answers there too, so that there is one.
The worker keeps nothing: every answer comes from Paddock, and its only own answer is the page "Paddock is stopped".
"""

from __future__ import annotations

import html
import json
from functools import cache
from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, JSONResponse, Response

from app.texts import LANGUAGES, text

THEME = "#1f4d3a"
ICONS = Path(__file__).parent / "icons"
_SHOWN = {
    "icon-192.png": ("192x192", "any"), "icon-512.png": ("512x512", "any"), "maskable-512.png": ("512x512", "maskable"),
}  # fmt: skip
MANIFEST = {
    "id": "/",
    "name": "Paddock, le bureau photo",
    "short_name": "Paddock",
    "description": "Trier, retoucher, styliser, relier et tracer les photos d'une course.",
    "lang": "fr",
    "start_url": "/",
    "scope": "/",
    "display": "standalone",
    "theme_color": THEME,
    "background_color": "#f4f4f2",
    "icons": [
        {"src": f"/icons/{name}", "sizes": sizes, "type": "image/png", "purpose": purpose}
        for name, (sizes, purpose) in _SHOWN.items()
    ],
}
HEAD = (
    f'<meta name="theme-color" content="{THEME}">'
    '<link rel="apple-touch-icon" href="/icons/touch-180.png">'
    '<link rel="icon" type="image/png" sizes="48x48" href="/icons/favicon-48.png">'
    '<script>if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => undefined);'
    "</script>"
)
"""For the document's head. Over plain http on another machine's address browsers refuse service workers: no harm."""


def router() -> APIRouter:
    """Routes of the manifest, the icons and the service worker."""
    routes = APIRouter()

    @routes.get("/manifest.json")
    @routes.get("/manifest.webmanifest")
    def manifest() -> Response:
        return JSONResponse(MANIFEST, media_type="application/manifest+json", headers={"Cache-Control": "no-cache"})

    @routes.get("/sw.js")
    def worker() -> Response:
        return Response(service_worker(), media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    @routes.get("/icons/{name}")
    def icon(name: str) -> FileResponse:
        if name not in {path.name for path in ICONS.glob("*.png")}:
            raise HTTPException(404)
        return FileResponse(ICONS / name, media_type="image/png", headers={"Cache-Control": "max-age=86400"})

    return routes


@cache
def service_worker() -> str:
    """The worker's script: the network first, and without an answer the page that says so."""
    script = (Path(__file__).parent / "sw.js").read_text("utf-8")
    return script.replace("__OFFLINE__", json.dumps(offline_page(), ensure_ascii=False))


def offline_page() -> str:
    """What is shown while Paddock is stopped, in both languages; it looks for Paddock again by itself."""
    parts = []
    for language in LANGUAGES:
        title, what, kept, retry = (
            html.escape(text(language, f"offline.{name}"), quote=False) for name in ("title", "what", "kept", "retry")
        )
        parts.append(
            f'<section lang="{language}"><h1>{title}</h1><p>{what}</p><p>{kept}</p><button>{retry}</button></section>'
        )
    page = (Path(__file__).parent / "offline.html").read_text("utf-8")
    return page.replace("__TITLE__", text("fr", "offline.title")).replace("__PARTS__", "".join(parts))
