"""The ledger: events in SQLite, each holding the hash of the one before (a hash chain).

An event's hash is SHA-256 over its canonical JSON, which contains ``previous``; so changing,
removing or inserting an event breaks every later hash. A copy of the newest head is kept in a
file beside the database, so that a cut tail shows. Whoever can write both can rewrite everything:
a signed head, printed in each book, comes later (docs/decisions/0003-the-ledger-is-the-truth.md).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from core.canonical import canonical_json, sha256_of_text
from core.values import Origin

GENESIS = "0" * 64

_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, body TEXT NOT NULL
);
CREATE TRIGGER IF NOT EXISTS events_keep_order BEFORE INSERT ON events
    WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM events)
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS events_keep_update BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS events_keep_delete BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""


@dataclass(frozen=True, slots=True)
class Item:
    """A file that an event used or made. role: "original", "mask", "corrected", "style" …"""

    sha256: str
    role: str
    name: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    action: a verb ("import", "judge", "decide", "mask", "remove", "replace", "style", "accept",
    "bind" …); inputs, outputs: files by hash; subject: hash of the original that it is
    about ("" when about several); parameters: JSON values; origin: the engine's own account.
    """

    seq: int
    time: str
    actor: str
    action: str
    subject: str
    inputs: tuple[Item, ...]
    outputs: tuple[Item, ...]
    parameters: Mapping[str, Any]
    origin: Mapping[str, Any] | None
    previous: str
    hash: str = field(default="")


@dataclass(frozen=True, slots=True)
class Head:
    """The newest event's number and hash; (0, GENESIS) for an empty ledger."""

    size: int
    hash: str


def prepare(connection: sqlite3.Connection) -> None:
    """Create the events table and the triggers that refuse updates, deletions and replacements."""
    connection.executescript(_SCHEMA)


def head(connection: sqlite3.Connection) -> Head:
    """The newest event's number and hash."""
    row = connection.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return Head(int(row[0]), str(row[1])) if row else Head(0, GENESIS)


def append(
    connection: sqlite3.Connection,
    *,
    time: str,
    actor: str,
    action: str,
    subject: str = "",
    inputs: Sequence[Item] = (),
    outputs: Sequence[Item] = (),
    parameters: Mapping[str, Any] | None = None,
    origin: Origin | None = None,
) -> Event:
    """Append one event inside the caller's transaction; it counts once the caller has committed."""
    last = head(connection)
    body = {
        "seq": last.size + 1,
        "time": time,
        "actor": actor,
        "action": action,
        "subject": subject,
        "inputs": [asdict(item) for item in inputs],
        "outputs": [asdict(item) for item in outputs],
        "parameters": dict(parameters or {}),
        "origin": _origin(origin),
        "previous": last.hash,
    }
    text = canonical_json(body)
    digest = sha256_of_text(text)
    connection.execute("INSERT INTO events (seq, hash, body) VALUES (?, ?, ?)", (last.size + 1, digest, text))
    return parse(text, digest)


def events(connection: sqlite3.Connection, *, after: int = 0) -> Iterator[Event]:
    """All events in order, from the one after ``after``."""
    for body, digest in connection.execute("SELECT body, hash FROM events WHERE seq > ? ORDER BY seq", (after,)):
        yield parse(body, digest)


def parse(body: str, digest: str) -> Event:
    """An Event from its canonical JSON. Raises ValueError, KeyError or TypeError when it is not one."""
    value = json.loads(body)
    return Event(
        seq=int(value["seq"]),
        time=value["time"],
        actor=value["actor"],
        action=value["action"],
        subject=value["subject"],
        inputs=tuple(Item(**item) for item in value["inputs"]),
        outputs=tuple(Item(**item) for item in value["outputs"]),
        parameters=value["parameters"],
        origin=value["origin"],
        previous=value["previous"],
        hash=digest,
    )


def _origin(origin: Origin | None) -> dict[str, Any] | None:
    if origin is None:
        return None
    value = asdict(origin)
    value["parameters"] = dict(origin.parameters)
    value["libraries"] = dict(origin.libraries)
    return value
