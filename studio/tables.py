"""Every table of a workspace's database: the ledger's events, what is folded from them, and the jobs."""

from __future__ import annotations

import sqlite3

from audit import ledger
from studio import projection

_JOBS = """
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, who TEXT NOT NULL, label TEXT NOT NULL,
    state TEXT NOT NULL, batch INTEGER NOT NULL, arguments TEXT NOT NULL, result TEXT, error TEXT,
    owner TEXT NOT NULL, created TEXT NOT NULL, ended TEXT, seconds REAL NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS items (
    job INTEGER NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, source TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting', outcome TEXT, error TEXT, PRIMARY KEY (job, number)
) WITHOUT ROWID;
"""
"""What was asked of this workspace and how far it came (studio.jobstore); not part of the ledger."""


def prepare(connection: sqlite3.Connection) -> None:
    """Create the tables that are absent."""
    ledger.prepare(connection)
    projection.prepare(connection)
    connection.executescript(_JOBS)


def is_caught_up(connection: sqlite3.Connection) -> bool:
    """True when every table of this version is there and knows every event."""
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"events", "folded", "jobs", "items", *projection.TABLES} <= there:
        return False
    return projection.folded(connection) == ledger.head(connection).size


def catch_up(connection: sqlite3.Connection) -> None:
    """Fold the events that the tables do not know yet, inside the caller's transaction."""
    for event in ledger.events(connection, after=projection.folded(connection)):
        projection.apply(connection, event)
