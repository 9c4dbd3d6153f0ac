"""Events are appended, never changed, and each holds the hash of the one before."""

from __future__ import annotations

import hashlib
import json
import sqlite3

import pytest

from audit import ledger
from audit.ledger import GENESIS, Head, Item
from core.canonical import canonical_json
from core.values import Origin
from tests.audit.conftest import Archive


def test_an_empty_ledger_starts_from_zeros(empty: Archive) -> None:
    assert ledger.head(empty.connection) == Head(0, "0" * 64)
    assert list(ledger.events(empty.connection)) == []


def test_each_event_holds_the_hash_of_the_one_before(archive: Archive) -> None:
    events = list(ledger.events(archive.connection))
    assert [event.seq for event in events] == [1, 2, 3, 4, 5]
    assert [event.previous for event in events] == [GENESIS, *(event.hash for event in events[:-1])]
    assert ledger.head(archive.connection) == Head(5, events[-1].hash)


def test_the_hash_is_that_of_the_stored_text_and_the_text_is_canonical(archive: Archive) -> None:
    for body, digest in archive.connection.execute("SELECT body, hash FROM events"):
        assert hashlib.sha256(body.encode()).hexdigest() == digest
        assert canonical_json(json.loads(body)) == body


def test_an_event_comes_back_as_it_was_recorded(empty: Archive) -> None:
    origin = Origin("full", "sd2", "rev", "ab" * 32, 7, {"steps": 30, "strength": 0.75}, {"torch": "2.9"})
    item = Item("cd" * 32, "mask", "masque é.png", 12)
    with empty.connection:
        made = ledger.append(
            empty.connection, time="t", actor="Zoé", action="replace", subject="ef" * 32, inputs=[item],
            outputs=[item, item], parameters={"prompt": "du gazon", "n": [1, 2.5, None]}, origin=origin,
        )  # fmt: skip
    (back,) = ledger.events(empty.connection)
    assert back == made
    assert (back.actor, back.subject, back.inputs, back.outputs) == ("Zoé", "ef" * 32, (item,), (item, item))
    assert back.parameters == {"prompt": "du gazon", "n": [1, 2.5, None]}
    assert back.origin == {
        "backend": "full", "model": "sd2", "revision": "rev", "sha256": "ab" * 32, "seed": 7,
        "parameters": {"steps": 30, "strength": 0.75}, "libraries": {"torch": "2.9"},
    }  # fmt: skip


def test_events_can_be_asked_from_a_number_on(archive: Archive) -> None:
    assert [event.action for event in ledger.events(archive.connection, after=3)] == ["remove", "accept"]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE events SET body = 'x' WHERE seq = 1", "DELETE FROM events WHERE seq = 5", "DELETE FROM events",
        "INSERT OR REPLACE INTO events VALUES (2, 'h', 'b')", "REPLACE INTO events VALUES (5, 'h', 'b')",
        "INSERT INTO events VALUES (9, 'h', 'b')", "INSERT INTO events VALUES (0, 'h', 'b')",
        "INSERT INTO events VALUES (2, 'h', 'b') ON CONFLICT(seq) DO UPDATE SET body = 'x'",
    ],
)  # fmt: skip
def test_the_database_refuses_all_but_the_next_event(archive: Archive, sql: str) -> None:
    before = archive.connection.execute("SELECT * FROM events").fetchall()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        archive.connection.execute(sql)
    assert archive.connection.execute("SELECT * FROM events").fetchall() == before


def test_nothing_counts_before_the_commit(archive: Archive) -> None:
    ledger.append(archive.connection, time="t", actor="a", action="x")
    archive.connection.rollback()
    assert ledger.head(archive.connection).size == 5
    assert archive.verify().holds


def test_a_parameter_that_json_does_not_know_is_refused(archive: Archive) -> None:
    with pytest.raises(ValueError, match="JSON"):
        ledger.append(archive.connection, time="t", actor="a", action="x", parameters={"share": float("nan")})
    assert ledger.head(archive.connection).size == 5
