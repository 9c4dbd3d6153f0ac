"""Who may reach this page and how: this machine only, the local network, or a public link for a demonstration.

| started with | listens on | others need |
|---|---|---|
| nothing   | 127.0.0.1 | – they can't |
| --lan     | 127.0.0.1 and the machine's address | the password, or the QR code |
| --share   | 127.0.0.1; Gradio passes the link's visitors on to it | the password, or the QR code |
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.page.lan import qr_svg
from app.page.logins import Logins
from app.page.throttle import Throttle
from app.page.tunnel import LASTS, OpenTunnel, Tunnel
from core.errors import Language, NetworkError

HOST = "127.0.0.1"
LOCAL_HOSTS = frozenset({HOST, "localhost"})
PATIENCE = 90.0
"""Seconds after which a link that has not come is called a problem."""


@dataclass(eq=False)
class Sharing:
    """How one start of the page is shared. port: set once it listens.

    lan: this machine's address on the network, "" when it does not listen there. logins: None when no password is
    asked, which is only so when the page is this machine's alone. The link is opened by a thread of its own.
    """

    port: int = 0
    lan: str = ""
    share: bool = False
    logins: Logins | None = None
    throttle: Throttle = field(default_factory=Throttle)
    _tunnel: Tunnel | None = None
    _asked: float | None = None
    _opened: float = 0.0
    _problem: NetworkError | None = None
    _closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        if self.logins is None and (self.lan or self.share):
            self.logins = Logins()

    @property
    def mode(self) -> str:
        """local, lan, or share."""
        return "share" if self.share else "lan" if self.lan else "local"

    @property
    def link_host(self) -> str:
        """The public link's host, "" until it is known."""
        return (urlsplit(self._tunnel.url).hostname or "") if self._tunnel else ""

    @property
    def hosts(self) -> frozenset[str]:
        """Names by which a browser may call this page; any other is another site's name for our address."""
        return LOCAL_HOSTS | {host for host in (self.lan, self.link_host) if host}

    @property
    def door(self) -> str:
        """The address for whoever sits at this machine; with a password it holds the owner's key."""
        return f"http://{HOST}:{self.port}/" + (f"entrer?cle={self.logins.owner_key}" if self.logins else "")

    @property
    def address(self) -> str:
        """The address for the others, "" when there is none (yet)."""
        if self.share:
            return f"{self._tunnel.url.rstrip('/')}/" if self._tunnel else ""
        return f"http://{self.lan}:{self.port}/" if self.lan else ""

    @property
    def invitation(self) -> str:
        """The same with the guests' key, for the QR code."""
        return f"{self.address}entrer?cle={self.logins.guest_key}" if self.address and self.logins else ""

    def open_link(self, opener: OpenTunnel, folder: Path, told: Callable[[], None] = lambda: None) -> threading.Thread:
        """Ask for the public link in a thread; ``told`` is called once it is there or has failed."""
        self._asked = time.monotonic()

        def ask() -> None:
            try:
                tunnel = opener(self.port, folder)
                with self._lock:
                    if self._closed:  # meanwhile the page was closed, or opened again for this machine only
                        tunnel.close()
                        return
                    self._tunnel, self._opened = tunnel, time.monotonic()
            except NetworkError as error:
                self._problem = error
            told()

        thread = threading.Thread(target=ask, name="tunnel", daemon=True)
        thread.start()
        return thread

    def problem(self) -> NetworkError | None:
        """Why there is no link, None while it is awaited or open."""
        if self._tunnel is not None and not self._tunnel.alive():
            return NetworkError(
                problem_fr="le lien public est rompu. La page reste ouverte sur cet ordinateur ; "
                "demandez-en un nouveau sous « Partager », ou par « --share ».",
                problem_en="the public link is broken. The page stays open on this computer; "
                "ask for a new one under “Share”, or by “--share”.",
            )
        late = self._asked is not None and time.monotonic() - self._asked > PATIENCE
        if self._problem is None and self._tunnel is None and late:
            return NetworkError(
                problem_fr="le lien public n'arrive pas. La page reste ouverte sur cet ordinateur ; "
                "vérifiez l'accès à Internet, puis recommencez.",
                problem_en="the public link does not come. The page stays open on this computer; "
                "check the access to the Internet, then try again.",
            )
        return self._problem

    def expires_at(self) -> datetime | None:
        """When the link ends at the latest (it also ends with Paddock), None without one."""
        if self._tunnel is None:
            return None
        return datetime.now(UTC) + timedelta(seconds=max(0.0, self._opened + LASTS - time.monotonic()))

    def as_json(self, language: Language, *, local: bool) -> dict[str, Any]:
        """What the page shows; the password, the QR code and the addresses only to whoever sits at this machine."""
        problem, ends = self.problem(), self.expires_at()
        told = {
            "mode": self.mode, "local": local, "login": self.logins is not None,
            "expires_at": ends.isoformat(timespec="seconds") if ends else None,
            "state": "problem" if problem else "waiting" if self.share and not self._tunnel else "open",
        }  # fmt: skip
        if not local:
            return told
        return told | {
            "address": self.address, "password": self.logins.password if self.logins else "",
            "qr": qr_svg(self.invitation) if self.invitation else "",
            "problem": problem.message(language) if problem else "",
        }  # fmt: skip

    def close(self) -> None:
        """End the public link, also one that is only coming."""
        with self._lock:
            self._closed = True
            if self._tunnel is not None:
                self._tunnel.close()
