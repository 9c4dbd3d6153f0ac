"""A small desk for audit's own tests: a store, a ledger of five events, and the copy of its head."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from audit import ledger
from audit.ledger import Event, Item
from audit.store import Store
from audit.verify import Verification, verify
from core.values import Origin


@dataclass
class Archive:
    """store, ledger and head; ``record`` does what the workspace does, in the same order."""

    folder: Path
    store: Store
    connection: sqlite3.Connection
    shas: dict[str, str] = field(default_factory=dict)

    @property
    def head_file(self) -> Path:
        return self.folder / "ledger-head.json"

    def record(self, action: str, outputs: dict[str, bytes], inputs: tuple[Item, ...] = (), subject: str = "") -> Event:
        items = []
        for name, data in outputs.items():
            stored = self.store.add_bytes(data)
            self.shas[name] = stored.sha256
            items.append(Item(stored.sha256, "original" if action == "import" else action, name, stored.size))
        with self.connection:
            event = ledger.append(
                self.connection, time="2026-06-13T16:00:00+00:00", actor="Zoé", action=action, subject=subject,
                inputs=inputs, outputs=items, parameters={"seed": 0, "share": 0.125, "mot": "été"},
                origin=Origin("algorithm", "shift-map", libraries={"numpy": "2"}) if inputs else None,
            )  # fmt: skip
        self.head_file.write_text(json.dumps({"size": event.seq, "head": event.hash}))
        return event

    def verify(self) -> Verification:
        return verify(self.connection, self.store, self.head_file)

    def tamper(self, sql: str, *parameters: object) -> None:
        """What somebody with the database file and a tool of theirs can do: the triggers are gone."""
        for trigger in ("order", "update", "delete"):
            self.connection.execute(f"DROP TRIGGER IF EXISTS events_keep_{trigger}")
        self.connection.execute(sql, parameters)
        self.connection.commit()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Archive]:
    folder = tmp_path / "atelier"
    folder.mkdir()
    connection = sqlite3.connect(folder / "paddock.db")
    ledger.prepare(connection)
    archive = Archive(folder, Store(folder / "store"), connection)
    archive.head_file.write_text(json.dumps({"size": 0, "head": ledger.GENESIS}))
    yield archive
    connection.close()


@pytest.fixture
def archive(empty: Archive) -> Archive:
    """Two originals, a mask, a correction made with it, and its acceptance."""
    first = empty.record("import", {"virage.jpg": b"JPEG one" * 500})
    empty.record("import", {"été.png": b"PNG two" * 300})
    original = first.outputs[0]
    mask = empty.record("mask", {"masque.png": b"mask"}, (original,), original.sha256).outputs[0]
    made = empty.record("remove", {"virage-corrige.png": b"clean"}, (original, mask), original.sha256).outputs[0]
    empty.record("accept", {}, (Item(made.sha256, "version", made.name),), original.sha256)
    return empty
