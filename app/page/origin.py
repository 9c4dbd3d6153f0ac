"""Only the desk's own page may change anything: another website open in the same browser is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

SAFE = ("GET", "HEAD", "OPTIONS")
OWN = ("same-origin", "none")
"""Values of Sec-Fetch-Site that browsers send for a page's own requests and for a typed address."""


class OwnPagesOnly:
    """ASGI middleware: 403 for a changing request whose Origin or Sec-Fetch-Site names another site.

    Programs that are no browsers send neither header and are answered.
    """

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] in ("http", "websocket") and not is_own(scope):
            if scope["type"] == "http":
                await send({"type": "http.response.start", "status": 403, "headers": []})
                await send({"type": "http.response.body", "body": b"another site may not use this desk"})
            else:
                await send({"type": "websocket.close", "code": 1008})
            return
        await self.app(scope, receive, send)


def is_own(scope: Any) -> bool:
    """True when an ASGI scope's request may be answered."""
    if scope.get("method", "GET") in SAFE and scope["type"] == "http":
        return True
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    origin, site = headers.get("origin", ""), headers.get("sec-fetch-site", "")
    if origin and urlsplit(origin).netloc != headers.get("host", ""):
        return False
    return not site or site in OWN
