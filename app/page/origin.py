"""Only the desk's own page may talk to it: unknown host names and other websites in the same browser are refused."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlsplit

OWN = ("same-origin", "none")
"""Values of Sec-Fetch-Site that browsers send for a page's own requests and for a typed address."""


class KnownHosts:
    """ASGI middleware: 421 for a Host that is none of ``hosts()``.

    A stranger's domain can be made to point at this machine (DNS rebinding); its pages would then count as the
    desk's own. The port is not looked at, so that a forwarded port works.
    """

    def __init__(self, app: Any, hosts: Callable[[], Collection[str]]) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] in ("http", "websocket") and host_of(scope) not in self.hosts():
            await refuse(scope, send, 421, "this desk does not answer to that name")
            return
        await self.app(scope, receive, send)


class OwnPagesOnly:
    """ASGI middleware: 403 for what another site asks: changes, reads, pictures, streams, web sockets, frames.

    Only a link that a person follows (a GET that navigates, which no script can send by itself) may come from
    elsewhere; through our service worker its destination reads "empty". Programs that are no browsers send
    neither Origin nor Sec-Fetch-Site and are answered.
    """

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] in ("http", "websocket") and not is_own(scope):
            await refuse(scope, send, 403, "another site may not use this desk")
            return
        await self.app(scope, receive, send)


def is_own(scope: Any) -> bool:
    """True when an ASGI scope's request may be answered."""
    headers = headers_of(scope)
    origin, site = headers.get("origin", ""), headers.get("sec-fetch-site", "")
    if origin and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
        return False
    followed = (
        scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        and headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") in ("document", "empty")
    )  # fmt: skip
    return not site or site in OWN or followed


def headers_of(scope: Any) -> dict[str, str]:
    """Headers by lower-case name; of one that is sent twice, the last."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def host_of(scope: Any) -> str:
    """The host's name as asked, without port; "" when none, two, or a malformed one is named."""
    named = [value for name, value in scope["headers"] if name.lower() == b"host"]
    if len(named) != 1:
        return ""
    host, _, port = named[0].decode("latin-1").lower().partition(":")
    return host if not port or port.isdigit() else ""


async def refuse(scope: Any, send: Any, status: int, words: str, extra: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    """Answer a request with words as plain text, or close a web socket before it opens."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = words.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"), *extra,
    ]  # fmt: skip
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
