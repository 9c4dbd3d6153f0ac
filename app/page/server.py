"""Start the page on this machine only, and stop it cleanly."""

from __future__ import annotations

import os
import socket
import threading
import webbrowser
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core.errors import SettingsError
from core.settings import Settings
from studio.desk import Desk
from studio.engines import WorkerEngines
from studio.workspace import Workspace

if TYPE_CHECKING:
    from app.page.service import Service

HOST = "127.0.0.1"
PORTS_TRIED = 20


def serve(settings: Settings, *, browser: bool = True, ready: Callable[[str], None] = print) -> None:
    """Open the workspace, answer on 127.0.0.1 until interrupted; ``ready`` gets the address once it answers.

    The port is the settings' or, when it is taken, one of the next twenty. Raises WorkspaceError, SettingsError.
    """
    import uvicorn

    workspace = Workspace.open(settings.workspace)
    workspace.clean()
    os.environ["GRADIO_TEMP_DIR"] = str(workspace.tmp / "uploads")
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    engines = WorkerEngines()
    service_, app = create_app(Desk(workspace, engines, settings, settings.who or "poste"))
    listener, port = _listen(settings.port)
    address = f"http://{HOST}:{port}/"
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2))

    def announce() -> None:
        while not server.started and not server.should_exit:
            threading.Event().wait(0.05)
        if server.started:
            ready(address)
            if browser:
                webbrowser.open(address)
            if not resume(service_):
                engines.warm("keras", "studio.tasks.triage:judge", [], [], model="default", models_dir=None)

    threading.Thread(target=announce, daemon=True).start()
    try:
        server.run(sockets=[listener])
    finally:
        service_.close()


def resume(service: Service) -> bool:
    """Judge the photos that a stop left without a verdict; False when there are none."""
    from app.page.calls.sort import start_judging
    from app.page.service import Visit
    from studio.photos import list_photos

    waiting = any(not photo.model_label for photo in list_photos(service.desk.workspace))
    if waiting:
        start_judging(service, Visit(service.desk, service.desk.settings.language, ""), {})
    return waiting


def create_app(desk: Desk) -> tuple[Any, Any]:
    """(Service, FastAPI application) of a desk: the page at ``/``, pictures below ``/media``."""
    import fastapi
    import gradio as gr
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from app.page.components import head
    from app.page.factory import build, theme
    from app.page.media import router
    from app.page.origin import OwnPagesOnly
    from app.page.service import Service

    service = Service(desk)
    app = fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(OwnPagesOnly)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])
    app.include_router(router(service))
    mounted = gr.mount_gradio_app(
        app, build(service), path="/", head=head(), theme=theme(), footer_links=[], run_history=False,
        max_file_size="4gb", allowed_paths=[], show_error=False, ssr_mode=False,
    )  # fmt: skip
    return service, mounted


def _listen(first: int) -> tuple[socket.socket, int]:
    """A listening socket on the first free port from ``first`` on."""
    for port in range(first, min(first + PORTS_TRIED, 65536)) if first else [0]:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            listener.close()
            continue
        listener.listen(128)
        return listener, listener.getsockname()[1]
    raise SettingsError(name="port", value=first, expected=f"{first}–{first + PORTS_TRIED - 1} : occupés / in use")
