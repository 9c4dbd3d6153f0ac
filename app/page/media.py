"""Pictures for the page: previews, masks, stored files by hash, and files shared by token. Nothing else is served."""

from __future__ import annotations

import re
from urllib.parse import quote

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, Response

from app.page.service import Service
from core.errors import PaddockError
from studio.desk import CODE
from studio.previews import PROXY, THUMB
from studio.reading import preview, shown_mask, small

FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
_SHA = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[\w.-]+")
_TYPES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"%PDF": "application/pdf"}


def router(service: Service) -> APIRouter:
    """The routes below ``/media`` and ``/static``. A hash names its content, so browsers may keep it forever."""
    routes = APIRouter()
    workspace = service.desk.workspace

    def known(sha: str) -> str:
        if not _SHA.fullmatch(sha) or not workspace.store.has(sha):
            raise HTTPException(404)
        return sha

    def reduced(sha: str, side: int) -> FileResponse:
        try:
            return FileResponse(preview(service.desk, known(sha), side), media_type="image/jpeg", headers=FOREVER)
        except PaddockError as error:
            raise HTTPException(404, error.message("en")) from error

    @routes.get("/media/thumb/{sha}.jpg")
    def thumb(sha: str) -> FileResponse:
        return reduced(sha, THUMB)

    @routes.get("/media/proxy/{sha}.jpg")
    def proxy(sha: str) -> FileResponse:
        return reduced(sha, PROXY)

    @routes.get("/media/mask/{sha}.png")
    def mask(sha: str) -> Response:
        try:
            shown = shown_mask(service.desk, known(sha))
        except PaddockError as error:
            raise HTTPException(404, error.message("en")) from error
        return Response(shown, media_type="image/png", headers=FOREVER)

    @routes.get("/media/file/{sha}/{name:path}")
    def file(sha: str, name: str) -> FileResponse:
        path = workspace.store.path(known(sha))
        with path.open("rb") as stream:
            head = stream.read(4)
        kind = next((kind for magic, kind in _TYPES.items() if head.startswith(magic)), "application/octet-stream")
        way = "inline" if kind == "application/pdf" else "attachment"
        named = {"Content-Disposition": f"{way}; filename*=UTF-8''{quote(name)}"}
        return FileResponse(path, media_type=kind, headers=FOREVER | named)

    @routes.get("/media/style/{name}")
    def style(name: str) -> FileResponse:
        path = workspace.previews / "styles" / name
        if not re.fullmatch(r"[0-9a-f]{64}\.jpg", name) or not path.is_file():
            raise HTTPException(404)
        return FileResponse(path, media_type="image/jpeg", headers=FOREVER)

    @routes.get("/media/export/{name}")
    def export(name: str) -> FileResponse:
        path = workspace.exports / name
        if not _NAME.fullmatch(name) or not path.is_file():
            raise HTTPException(404)
        return FileResponse(path, filename=name)

    @routes.get("/media/shared/{token}")
    def shared(token: str) -> Response:
        path = service.shared.get(token)
        if path is None or not path.is_file():
            raise HTTPException(404)
        if path.suffix == ".png":
            return FileResponse(path, media_type="image/png", headers=FOREVER)
        try:
            reduced_copy = small(service.desk, path, THUMB)
        except PaddockError as error:
            raise HTTPException(404, error.message("en")) from error
        return Response(reduced_copy, media_type="image/jpeg", headers=FOREVER)

    @routes.get("/static/fonts/{name}")
    def font(name: str) -> FileResponse:
        path = CODE / "core" / "fonts" / name
        if not _NAME.fullmatch(name) or path.suffix != ".woff2" or not path.is_file():
            raise HTTPException(404)
        return FileResponse(path, media_type="font/woff2", headers=FOREVER)

    return routes
