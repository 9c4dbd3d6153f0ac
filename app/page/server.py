"""Start the page, on this machine only unless it is shared, and stop it cleanly."""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Callable
from typing import Any

from app.page.browser import open_address
from app.page.lan import own_addresses
from app.page.sharing import HOST, Sharing
from app.page.tunnel import OpenTunnel, open_tunnel
from core.errors import SettingsError
from core.settings import Settings
from studio.desk import Desk
from studio.engines import WorkerEngines
from studio.workspace import Workspace

PORTS_TRIED = 20


def serve(
    settings: Settings,
    *,
    browser: bool = True,
    opener: Callable[[str], object] = lambda address: open_address(address, window=False),
    ready: Callable[[str], None] = print,
    sharing: Sharing | None = None,
    shared: Callable[[Sharing], None] = lambda sharing: None,
    tunnel: OpenTunnel = open_tunnel,
) -> Sharing | None:
    """Open the workspace and answer until interrupted; ``ready`` gets this machine's address once it answers.

    Returns how a person on the page wants it opened again, None when it is over.

    opener: shows the address to the person, unless ``browser`` is False.
    sharing: who else may reach the page; nobody without it. shared: called when the others' address is known, or when
    the public link can't be had. The port is the settings' or, when it is taken, one of the next twenty.
    Raises WorkspaceError, SettingsError, NetworkError.
    """
    import uvicorn

    workspace = Workspace.open(settings.workspace)
    workspace.clean()
    os.environ["GRADIO_TEMP_DIR"] = str(workspace.tmp / "uploads")
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    engines = WorkerEngines()
    sharing = sharing or Sharing()
    service_, app = create_app(Desk(workspace, engines, settings, settings.who or "poste"), sharing)
    listeners, sharing.port = listen(settings.port, [HOST, *([sharing.lan] if sharing.lan else [])])
    # Not a proxy's word for who asks: the gate looks at the connection itself.
    config = uvicorn.Config(
        app, log_level="warning", timeout_graceful_shutdown=2, proxy_headers=False, server_header=False
    )
    server = uvicorn.Server(config)

    def leave() -> None:
        server.should_exit = True

    service_.leave = leave

    def announce() -> None:
        while not server.started and not server.should_exit:
            threading.Event().wait(0.05)
        if server.started:
            ready(sharing.door)
            if browser:
                opener(sharing.door)
            if sharing.share:
                sharing.open_link(tunnel, workspace.tmp, lambda: shared(sharing))
            elif sharing.lan:
                shared(sharing)
            if not service_.resume():
                engines.warm("keras", "studio.tasks.triage:judge", [], [], model="default", models_dir=None)

    threading.Thread(target=announce, daemon=True).start()
    try:
        server.run(sockets=listeners)
    finally:
        sharing.close()
        service_.close()
    then: Sharing | None = service_.then
    return then


def create_app(desk: Desk, sharing: Sharing | None = None) -> tuple[Any, Any]:
    """(Service, FastAPI application) of a desk: the page at ``/``, pictures below ``/media``, the gate before all."""
    import fastapi
    import gradio as gr

    from app.page.components import head
    from app.page.factory import build, theme
    from app.page.gate import Gate
    from app.page.installable import router as installable_router
    from app.page.login import login_router
    from app.page.media import router
    from app.page.origin import KnownHosts, OwnPagesOnly
    from app.page.service import Service

    sharing = sharing or Sharing()
    service = Service(desk, sharing=sharing)
    app = fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Gate, sharing=sharing, folder=desk.workspace.folder)
    app.add_middleware(OwnPagesOnly)
    app.add_middleware(KnownHosts, hosts=lambda: sharing.hosts)  # the last that is added is asked first
    app.include_router(router(service))
    app.include_router(installable_router())
    app.include_router(login_router(sharing, desk.settings.language))
    mounted = gr.mount_gradio_app(
        app, build(service), path="/", head=head(), theme=theme(), footer_links=[], run_history=False,
        max_file_size="4gb", allowed_paths=[], show_error=False, ssr_mode=False,
    )  # fmt: skip
    return service, mounted


def listen(first: int, hosts: list[str]) -> tuple[list[socket.socket], int]:
    """Listening sockets, one for each of this machine's addresses, on the first port from ``first`` on free for all."""
    for port in range(first, min(first + PORTS_TRIED, 65536)) if first else [0] * PORTS_TRIED:
        listeners: list[socket.socket] = []
        try:
            for host in hosts:
                listeners.append(_listener(host, listeners[0].getsockname()[1] if listeners else port))
        except OSError as error:
            for listener in listeners:
                listener.close()
            if error.errno == errno.EADDRNOTAVAIL:
                raise SettingsError(name="lan-address", value=hosts[-1], expected=", ".join(own_addresses())) from error
            continue
        return listeners, listeners[0].getsockname()[1]
    raise SettingsError(
        name="port",
        value=first,
        expected_fr=f"un port libre ; {first} à {first + PORTS_TRIED - 1} sont occupés",
        expected_en=f"a free port; {first} to {first + PORTS_TRIED - 1} are in use",
    )


def _listener(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name != "nt":  # on Windows this would let two programs share the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener
