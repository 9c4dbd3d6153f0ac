"""The current state, folded from the ledger: which photos, verdicts, versions, styles and books there are.

The ledger is the truth; these tables are a fold over it, written in the same transaction, and can
be dropped and folded again at any time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable

from audit import ledger
from audit.ledger import Event

_SCHEMA = """
CREATE TABLE IF NOT EXISTS photos (
    sha TEXT PRIMARY KEY, name TEXT NOT NULL, width INTEGER, height INTEGER, format TEXT, taken TEXT,
    credit TEXT, description TEXT, size INTEGER, sample INTEGER, current TEXT NOT NULL, seq INTEGER NOT NULL,
    changed INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS verdicts (
    photo TEXT PRIMARY KEY, label TEXT, p_ok REAL, p_retoucher REAL, p_exclure REAL, model TEXT, backend TEXT,
    hand TEXT, hand_who TEXT
);
CREATE TABLE IF NOT EXISTS versions (
    sha TEXT NOT NULL, photo TEXT NOT NULL, parent TEXT NOT NULL, action TEXT NOT NULL, name TEXT,
    parameters TEXT, origin TEXT, seq INTEGER NOT NULL, PRIMARY KEY (photo, sha)
);
CREATE TABLE IF NOT EXISTS styles (sha TEXT PRIMARY KEY, name TEXT, seq INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS books (
    sha TEXT PRIMARY KEY, title TEXT, pages INTEGER, plates TEXT, parameters TEXT, seq INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS acts (
    seq INTEGER PRIMARY KEY, who TEXT NOT NULL, action TEXT NOT NULL, photo TEXT NOT NULL, after TEXT, before TEXT,
    party TEXT NOT NULL, undone INTEGER
);
CREATE INDEX IF NOT EXISTS acts_by_person ON acts (who, seq);
CREATE INDEX IF NOT EXISTS acts_by_photo ON acts (photo, action, seq);
CREATE TABLE IF NOT EXISTS folded (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL);
INSERT OR IGNORE INTO folded VALUES (1, 0);
"""


def prepare(connection: sqlite3.Connection) -> None:
    """Create the tables where they are absent; a workspace from before ``acts`` has its events folded once more.

    Folding an event again changes nothing in the other tables, so that is safe to do over them.
    """
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    again = "UPDATE folded SET seq = 0;" if "folded" in tables and "acts" not in tables else ""
    connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} {again} COMMIT;")


def folded(connection: sqlite3.Connection) -> int:
    """Number of the last event that the tables know."""
    return int(connection.execute("SELECT seq FROM folded").fetchone()[0])


TABLES = ("photos", "verdicts", "versions", "styles", "books", "acts")


def altered(connection: sqlite3.Connection) -> list[str]:
    """Tables whose rows are not those that folding the ledger anew gives."""
    fresh = sqlite3.connect(":memory:")
    connection.execute("BEGIN")  # one snapshot: an event that is recorded meanwhile must not look like a change
    try:
        prepare(fresh)
        for event in ledger.events(connection):
            apply(fresh, event)
        rows = "SELECT * FROM {} ORDER BY 1, 2"
        return [
            table
            for table in TABLES
            if fresh.execute(rows.format(table)).fetchall() != connection.execute(rows.format(table)).fetchall()
        ]
    finally:
        connection.execute("COMMIT")
        fresh.close()


def apply(connection: sqlite3.Connection, event: Event) -> None:
    """Fold one event into the tables, inside the caller's transaction."""
    fold = _FOLDS.get(event.action)
    if fold is not None:
        fold(connection, event)
    if event.subject:
        connection.execute("UPDATE photos SET changed = ? WHERE sha = ?", (event.seq, event.subject))
    connection.execute("UPDATE folded SET seq = ?", (event.seq,))


def _import(connection: sqlite3.Connection, event: Event) -> None:
    original, facts = event.outputs[0], event.parameters
    connection.execute(
        "INSERT OR IGNORE INTO photos VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            original.sha256, original.name, facts["width"], facts["height"], facts["format"], facts["taken"],
            facts["credit"], facts["description"], original.size, int(facts.get("sample", False)),
            original.sha256, event.seq, event.seq,
        ),
    )  # fmt: skip


def _judge(connection: sqlite3.Connection, event: Event) -> None:
    p = event.parameters["probabilities"]
    origin = event.origin or {}
    connection.execute(
        "INSERT INTO verdicts (photo, label, p_ok, p_retoucher, p_exclure, model, backend) VALUES (?,?,?,?,?,?,?) "
        "ON CONFLICT(photo) DO UPDATE SET label=excluded.label, p_ok=excluded.p_ok, p_retoucher=excluded.p_retoucher, "
        "p_exclure=excluded.p_exclure, model=excluded.model, backend=excluded.backend",
        (event.subject, event.parameters["label"], *p, origin.get("model", ""), origin.get("backend", "")),
    )


def _decide(connection: sqlite3.Connection, event: Event) -> None:
    connection.execute(
        "INSERT INTO verdicts (photo, hand, hand_who) VALUES (?,?,?) "
        "ON CONFLICT(photo) DO UPDATE SET hand=excluded.hand, hand_who=excluded.hand_who",
        (event.subject, event.parameters["label"], event.actor),
    )
    _act(connection, event, event.parameters["label"])


def _version(connection: sqlite3.Connection, event: Event) -> None:
    result, parent = event.outputs[0], event.inputs[0]
    connection.execute(
        "INSERT OR IGNORE INTO versions VALUES (?,?,?,?,?,?,?,?)",
        (
            result.sha256, event.subject, parent.sha256, event.action, result.name,
            json.dumps(event.parameters), json.dumps(event.origin), event.seq,
        ),
    )  # fmt: skip


def _accept(connection: sqlite3.Connection, event: Event) -> None:
    connection.execute("UPDATE photos SET current = ? WHERE sha = ?", (event.inputs[0].sha256, event.subject))
    _act(connection, event, event.inputs[0].sha256)


def _act(connection: sqlite3.Connection, event: Event, after: str | None, *, photo: str = "") -> None:
    """What a person did and can take back, or that it was taken back.

    photo: the picture it was done to, the event's subject when "". party: common to one act over several.
    """
    facts = event.parameters
    if "undoes" in facts:
        connection.execute("UPDATE acts SET undone = ? WHERE seq = ?", (event.seq, facts["undoes"]))
    else:
        connection.execute(
            "INSERT OR IGNORE INTO acts VALUES (?,?,?,?,?,?,?,NULL)",
            (
                event.seq, event.actor, event.action, photo or event.subject, after, facts.get("before"),
                facts.get("group", ""),
            ),
        )  # fmt: skip


def _add_style(connection: sqlite3.Connection, event: Event) -> None:
    style = event.outputs[0]
    connection.execute("INSERT OR IGNORE INTO styles VALUES (?,?,?)", (style.sha256, style.name, event.seq))
    if not event.parameters.get("built_in", True):
        _act(connection, event, style.sha256, photo=style.sha256)


def _drop_style(connection: sqlite3.Connection, event: Event) -> None:
    """Out of the list; the stored file stays, because results may have been made with it."""
    connection.execute("DELETE FROM styles WHERE sha = ?", (event.inputs[0].sha256,))
    _act(connection, event, None)


def _bind(connection: sqlite3.Connection, event: Event) -> None:
    facts = event.parameters
    connection.execute(
        "INSERT OR REPLACE INTO books VALUES (?,?,?,?,?,?)",
        (
            event.outputs[0].sha256, facts["title"], facts["pages"],
            json.dumps([item.sha256 for item in event.inputs]), json.dumps(facts), event.seq,
        ),
    )  # fmt: skip


_FOLDS: dict[str, Callable[[sqlite3.Connection, Event], None]] = {
    "import": _import,
    "judge": _judge,
    "decide": _decide,
    "remove": _version,
    "replace": _version,
    "style": _version,
    "accept": _accept,
    "add-style": _add_style,
    "drop-style": _drop_style,
    "bind": _bind,
}
