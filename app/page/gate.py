"""The gate: which addresses exist at all, who may ask for them, and how much may be sent.

A page of Gradio brings some eighty routes (files by path, queues, calls by number, proxies, history …). The desk
uses a handful; the others are not answered, whoever asks, so that what they could serve is never served.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.page.logins import Login
from app.page.origin import headers_of, host_of, refuse
from app.page.sharing import HOST, LOCAL_HOSTS, Sharing
from app.page.visitors import Visitor, current
from app.texts import text
from studio.space import RESERVE, free_bytes, shown_size

READ = re.compile(
    r"/|/config|/theme\.css|/gradio_api/(theme\.css|app_id|startup-events|heartbeat/\w+)|/robots\.txt"
    r"|/(assets|static|media)/[^\\]*"
)
"""What a visitor may GET."""
SEND = re.compile(r"/gradio_api/(component_server|upload)/?")
"""What a visitor may POST."""
OPEN = re.compile(
    r"/connexion|/entrer|/deconnexion|/static/fonts/[\w.-]+|/favicon\.ico|/manifest\.(webmanifest|json)|/sw\.js|/icons/[\w.-]+"
)
"""What is answered without a login: the login itself, its typeface, and what makes the page installable."""
GB, MB = 10**9, 10**6
UPLOAD_LOCAL, UPLOAD_GUEST = 4 * GB, 512 * MB
"""Largest upload in bytes of someone at this machine (a zip) and of a guest."""
CALL, FORM = 32 * MB, 4096
"""Largest body of a call (a drawn mask is the heaviest) and of the login form."""
GUEST_KEEPS = b"private, max-age=3600"
"""How long a guest's browser may keep pictures: a tablet is shared, and over plain http a logout can't empty it."""
SAFETY = (
    (b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"SAMEORIGIN"), (b"content-security-policy", b"frame-ancestors 'self'"),
    (b"cross-origin-resource-policy", b"same-origin"),
)  # fmt: skip
"""Headers of every answer: no guessed types, no keys in referrers, no page of ours inside another site's."""


class Gate:
    """ASGI middleware. Sets ``visitors.current`` for what runs behind it."""

    def __init__(self, app: Any, sharing: Sharing, folder: Path, free: Callable[[Path], int] | None = None) -> None:
        """folder: of the workspace. free: bytes left on its disk (a test may say)."""
        self.app = app
        self.sharing = sharing
        self.folder = folder
        self.free = free or free_bytes
        self.coming = 0
        """Bytes of uploads that have been let in and have not arrived yet."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        path, headers = scope["path"], headers_of(scope)
        login = find_login(self.sharing, scope)
        visitor = Visitor(self._is_local(scope, login), address_of(self.sharing, scope), login.id if login else "")
        if scope["type"] == "websocket" or not _exists(path, scope["method"]):
            await refuse(scope, send, 404, "not found")
        elif self.sharing.logins is not None and login is None and not OPEN.fullmatch(path):
            await self._ask_to_log_in(scope, headers, send)
        else:
            await self._let_in(scope, receive, send, visitor)

    def _is_local(self, scope: Any, login: Login | None) -> bool:
        """At this machine: by the owner's login, or because nobody else can reach the page."""
        if self.sharing.logins is None:
            return True
        return login is not None and login.owner and host_of(scope) in LOCAL_HOSTS

    async def _ask_to_log_in(self, scope: Any, headers: dict[str, str], send: Any) -> None:
        if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            way = b"/connexion?next=" + quote(scope["path"]).encode()
            await refuse(scope, send, 303, "", ((b"location", way),))
        else:
            await refuse(scope, send, 401, _both("gate.login_needed"))

    async def _let_in(self, scope: Any, receive: Any, send: Any, visitor: Visitor) -> None:
        length = 0
        if scope["method"] not in ("GET", "HEAD"):
            length, status, words = self._check_body(scope, visitor)
            if status:
                # Said before the body is read: the connection ends, so that the rest of it is never taken in.
                await refuse(scope, send, status, words, ((b"connection", b"close"),))
                return
        left = length
        self.coming += length

        async def counted() -> Any:
            nonlocal left
            message = await receive()
            arrived = min(left, len(message.get("body", b"")))
            left -= arrived
            self.coming -= arrived
            return message

        async def safe(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", [])
                if self.sharing.logins is not None and scope["path"] == "/":
                    headers = [*headers, (b"cache-control", b"no-store")]  # after a logout « Retour » asks again
                elif not visitor.local and scope["path"].startswith("/media/"):
                    headers = [(name, GUEST_KEEPS if name == b"cache-control" else value) for name, value in headers]
                message["headers"] = [*headers, *SAFETY]
            await send(message)

        token = current.set(visitor)
        try:
            await self.app(self._as_seen(scope), counted, safe)
        finally:
            current.reset(token)
            self.coming -= left

    def _check_body(self, scope: Any, visitor: Visitor) -> tuple[int, int, str]:
        """(bytes announced, 0, "") for a body that may come, else (0, status, words)."""
        headers = headers_of(scope)
        said = headers.get("content-length", "")
        if "transfer-encoding" in headers or not re.fullmatch(r"[0-9]{1,15}", said):
            return 0, 411, _both("gate.length_needed")
        length, upload = int(said), scope["path"].startswith("/gradio_api/upload")
        most = FORM if OPEN.fullmatch(scope["path"]) else CALL
        if upload:
            most = UPLOAD_LOCAL if visitor.local else UPLOAD_GUEST
        elif most == CALL and not headers.get("content-type", "").startswith("application/json"):
            return 0, 415, "application/json"
        if length > most:
            return 0, 413, _both("gate.too_large" if visitor.local else "gate.too_large_guest", size=most)
        if upload and self.free(self.folder) - self.coming - length < RESERVE:
            return 0, 507, _both("gate.disk_full", size=length)
        return length, 0, ""

    def _as_seen(self, scope: Any) -> Any:
        """The scope without what a visitor may claim about proxies; https for the public link, which is."""
        headers = [
            (name, value) for name, value in scope["headers"]
            if not name.lower().startswith((b"x-forwarded", b"forwarded", b"x-gradio-server", b"x-direct"))
        ]  # fmt: skip
        if host_of(scope) == self.sharing.link_host:
            return {**scope, "headers": [*headers, (b"x-forwarded-proto", b"https")], "scheme": "https"}
        return {**scope, "headers": headers}


def find_login(sharing: Sharing, scope: Any) -> Login | None:
    """The login of a request's cookie; an owner's counts at this machine's own addresses only."""
    if sharing.logins is None:
        return None
    for token in tokens_of(sharing, scope):
        login = sharing.logins.find(token)
        if login is not None and (not login.owner or host_of(scope) in LOCAL_HOSTS):
            return login
    return None


def tokens_of(sharing: Sharing, scope: Any) -> list[str]:
    """Values of our cookie in a request; more than one when a stranger has planted another beside it."""
    pairs = (part.partition("=") for part in headers_of(scope).get("cookie", "").split(";"))
    return [value.strip() for name, _, value in pairs if name.strip() == cookie_name(sharing)]


def cookie_name(sharing: Sharing) -> str:
    """With the port, because browsers share cookies between the ports of one machine."""
    return f"paddock-{sharing.port}"


def address_of(sharing: Sharing, scope: Any) -> str:
    """Where a request comes from; for the public link the address that Gradio's machine has added last."""
    peer = str((scope.get("client") or ("?", 0))[0])
    if peer == HOST and sharing.link_host and host_of(scope) == sharing.link_host:
        return "link " + headers_of(scope).get("x-forwarded-for", "").rpartition(",")[2].strip()[:45]
    return peer


def _exists(path: str, method: str) -> bool:
    if ".." in path.split("/") or "\0" in path:
        return False
    if method in ("GET", "HEAD"):
        return bool(READ.fullmatch(path) or OPEN.fullmatch(path)) and path != "/deconnexion"
    return method == "POST" and bool(SEND.fullmatch(path) or path in ("/connexion", "/deconnexion"))


def _both(key: str, size: int = 0) -> str:
    """French on the first line, English on the second: the page shows the visitor's. size: in bytes."""
    return f"{text('fr', key, size=shown_size(size, 'fr'))}\n{text('en', key, size=shown_size(size, 'en'))}"
