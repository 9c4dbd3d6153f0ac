"""Everything that is known of this computer, in the order in which people read it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from core.settings import Settings
from studio.desk import CODE
from studio.machine import children, models, parts, system
from studio.machine.fact import Fact


def facts(settings: Settings, window: Path | None = None) -> tuple[Fact, ...]:
    """Look at everything; about a second, in which three children are asked at once. Changes nothing.

    window: a browser that can open the page as an application window, found by the app; None for none.
    """
    opencv, printing, heic = children.ask_all([children.OPENCV, children.PRINTING, children.HEIC])
    return (
        system.python(),
        system.system(),
        system.clock(newest_event(settings.workspace)),
        system.network(),
        system.disk("workspace", settings.workspace),
        system.disk("project", CODE),
        system.memory(),
        system.cores(),
        system.instructions(),
        system.graphics(),
        parts.opencv(opencv),
        parts.printing(printing),
        parts.heic(heic),
        parts.browser(window),
        parts.fonts(),
        *parts.frameworks(),
        models.folder(settings.models),
        *models.weights(settings.models),
    )


def ready(found: Iterable[Fact]) -> bool:
    """True when nothing that is needed is missing."""
    return all(fact.state != "missing" for fact in found)


def newest_event(workspace: Path) -> str:
    """Time of the ledger's last event, ISO; "" where there is no workspace yet or it can't be read."""
    database = workspace.expanduser().absolute() / "paddock.db"
    if not database.is_file():
        return ""
    try:
        connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=2)
        try:
            row = connection.execute("SELECT body FROM events ORDER BY seq DESC LIMIT 1").fetchone()
        finally:
            connection.close()
        return str(json.loads(row[0])["time"]) if row else ""
    except (sqlite3.Error, ValueError, KeyError):
        return ""  # a damaged or foreign file is told by the commands that open it; here it only gives no time
