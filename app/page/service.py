"""The page's one door into Python: named calls with JSON arguments, answered with JSON or a message.

A call is a function of (Service, Visit, arguments). Each step's calls are in ``app/page/calls``.
"""

from __future__ import annotations

import logging
import secrets
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.page.sharing import Sharing
from app.page.visitors import current
from core.errors import Language, PaddockError
from studio.batches import BATCHES, judge_waiting, sweep_uploads
from studio.desk import Desk
from studio.job import Job
from studio.jobs import Jobs

log = logging.getLogger("paddock.page")
Call = Callable[["Service", "Visit", dict[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks, in which language, at which desk."""

    desk: Desk
    language: Language
    visitor: str
    local: bool = True
    """Sits at this machine: may name its folders (app/page/visitors.py)."""


@dataclass(eq=False)
class Service:
    """One running page. boot: changes with every start, so that open pages reload themselves."""

    desk: Desk
    jobs: Jobs = field(init=False)
    sharing: Sharing = field(default_factory=Sharing)
    boot: str = field(default_factory=lambda: secrets.token_hex(6))
    shared: dict[str, Path] = field(default_factory=dict)
    """Files outside the store that the page may show (heat maps, evaluation thumbnails), by a random token."""
    leave: Callable[[], None] = lambda: None
    """Ends the server; set by whoever runs it."""
    then: Sharing | None = None
    """How the page is to be opened again after it has ended, None for not at all."""
    _opening: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.jobs = Jobs(self.desk, BATCHES)

    def call(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Answer one call of the browser: {method, args, lang, visitor, who} → {value} or {error}."""
        from app.page.calls import CALLS
        from app.page.calls.people import declared_name

        language: Language = "en" if payload.get("lang") == "en" else "fr"
        visitor = declared_name(payload.get("visitor"))[:12] or "?"
        who = declared_name(payload.get("who")) or f"poste {visitor}"
        visit = Visit(self.desk.acting(who), language, visitor, current.get().local)
        method = CALLS.get(str(payload.get("method")))
        if method is None:
            return {"error": f"unknown call {payload.get('method')!r}"}
        try:
            return {"value": method(self, visit, payload.get("args") or {})}
        except PaddockError as error:
            return {"error": error.message(language)}
        except Exception:
            log.exception("call %s failed", payload.get("method"))
            from app.texts import text

            return {"error": text(language, "error.unforeseen", call=str(payload.get("method")))}

    def start(self, kind: str, visit: Visit, work: Callable[[Job], Any], *, label: str = "") -> dict[str, str]:
        """Start work that a person waits for; the browser asks for its state by id."""
        return {"job": self.jobs.start(kind, work, who=visit.desk.who, label=label).id}

    def open_again(self, sharing: Sharing) -> None:
        """Close this page and open it again, shared in another way; batches go on there.

        Raises ChoiceError when somebody has just asked for that: the key of the second would be the only one.
        """
        from core.errors import ChoiceError

        with self._opening:
            if self.then is not None:
                raise ChoiceError(
                    problem_fr="la page se rouvre déjà, demandé d'un autre onglet. Attendez un instant.",
                    problem_en="the page is opening again already, asked for in another tab. Wait a moment.",
                )
            self.then = sharing
        threading.Timer(0.5, self.leave).start()  # the answer to whoever asked goes out first

    def resume(self) -> bool:
        """Go on with what a stop left: batches, and photos that have no verdict; False when there is nothing."""
        resumed = self.jobs.resume()
        sweep_uploads(self.jobs)
        waiting = judge_waiting(self.jobs, who=self.desk.who, asked=False)
        return bool(resumed) or waiting is not None

    def share(self, path: Path, suffix: str = "") -> str:
        """Let the page show a file; returns its address."""
        token = secrets.token_urlsafe(12) + (suffix or path.suffix)
        self.shared[token] = path
        return f"media/shared/{token}"

    def close(self) -> None:
        """End jobs, workers and the database."""
        self.jobs.close()
        self.desk.engines.close()
        self.desk.workspace.close()


def uploaded(files: list[dict[str, Any]]) -> dict[Path, str]:
    """Paths of files that the browser has just uploaded, with the names that people know.

    Only files inside Gradio's upload folder are accepted, so that a page can't name any other file
    of this machine. Raises ChoiceError otherwise.
    """
    from core.errors import ChoiceError

    folder = upload_folder().resolve()
    found: dict[Path, str] = {}
    for item in files:
        path = Path(str(item["path"])).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            raise ChoiceError(
                problem_fr="ce fichier n'a pas été déposé sur cette page.", problem_en="not dropped on this page."
            )
        found[path] = str(item.get("name") or path.name)
    return found


def upload_folder() -> Path:
    """Where Gradio keeps uploads (GRADIO_TEMP_DIR)."""
    from os import environ

    return Path(environ.get("GRADIO_TEMP_DIR") or Path(tempfile.gettempdir()) / "gradio")
