"""The jobs that survive a stop: tables ``jobs`` and ``items`` of the workspace's database.

They say what was asked and how far it came; what was *done* is in the ledger. So a row lost here
costs a repeated look at a photo, never a photo: an item is settled shortly after its record.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from core import errors
from core.errors import PaddockError
from studio.workspace import Workspace

ItemState = Literal["waiting", "done", "failed"]

KEEP_ENDED = 50
"""Ended jobs that are remembered; older ones are forgotten with their items."""


@dataclass(frozen=True, slots=True)
class JobItem:
    """One photo of a batch.

    name: what people call it; source: a path below the workspace, or a photo's hash; outcome: what became of it.
    """

    number: int
    name: str
    source: str
    state: ItemState = "waiting"
    outcome: str = ""
    error: PaddockError | None = None


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as it was written down. owner: the process that runs it (core.processes.owner_token)."""

    number: int
    kind: str
    who: str
    label: str
    state: str
    batch: bool
    arguments: dict[str, Any]
    result: Any
    error: PaddockError | None
    owner: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Items of a job by state, and of the done ones by outcome."""

    total: int
    done: int
    failed: int
    outcomes: dict[str, int]


class JobStore:
    """Reading and writing the two tables. Every method is one transaction."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def add(self, kind: str, *, who: str, label: str, batch: bool, arguments: dict[str, Any], owner: str) -> int:
        """A new row in state "waiting"; returns its number."""
        with self.workspace.writing() as connection:
            cursor = connection.execute(
                "INSERT INTO jobs (kind, who, label, state, batch, arguments, owner, created)"
                " VALUES (?, ?, ?, 'waiting', ?, ?, ?, ?)",
                (kind, who, label, int(batch), json.dumps(arguments), owner, _now()),
            )
            return int(cursor.lastrowid or 0)

    def add_items(self, job: int, items: Iterable[tuple[str, str]], *, instead_of: int | None = None) -> int:
        """Append (name, source) pairs; returns how many. instead_of: an item that they replace, in the same breath."""
        with self.workspace.writing() as connection:
            (last,) = connection.execute("SELECT COALESCE(MAX(number), 0) FROM items WHERE job = ?", (job,)).fetchone()
            rows = [(job, last + place, name, source) for place, (name, source) in enumerate(items, 1)]
            connection.executemany("INSERT INTO items (job, number, name, source) VALUES (?, ?, ?, ?)", rows)
            if instead_of is not None:
                connection.execute("DELETE FROM items WHERE job = ? AND number = ?", (job, instead_of))
            return len(rows)

    def add_failed(self, job: int, name: str, error: PaddockError) -> None:
        """Append an item that failed before it could be one."""
        with self.workspace.writing() as connection:
            connection.execute(
                "INSERT INTO items (job, number, name, source, state, error)"
                " SELECT ?, COALESCE(MAX(number), 0) + 1, ?, '', 'failed', ? FROM items WHERE job = ?",
                (job, name, error_json(error), job),
            )

    def waiting(self, job: int, *, after: int = 0, limit: int = -1) -> list[JobItem]:
        """Items that are still to do, in order."""
        rows = self.workspace.read(
            "SELECT * FROM items WHERE job = ? AND number > ? AND state = 'waiting' ORDER BY number LIMIT ?",
            (job, after, limit),
        )
        return [_item(row) for row in rows]

    def failed(self, job: int) -> list[JobItem]:
        """Items that could not be done, with their errors."""
        rows = self.workspace.read(
            "SELECT * FROM items WHERE job = ? AND state = 'failed' ORDER BY number", (job,)
        )  # fmt: skip
        return [_item(row) for row in rows]

    def settle(self, job: int, items: Sequence[JobItem]) -> None:
        """Write down what became of items."""
        if not items:
            return
        rows = [(item.state, item.outcome, error_json(item.error), job, item.number) for item in items]
        with self.workspace.writing() as connection:
            connection.executemany(
                "UPDATE items SET state = ?, outcome = ?, error = ? WHERE job = ? AND number = ?", rows
            )

    def again(self, job: int, *, owner: str, failed: bool) -> int:
        """Put an ended job back in line, its failed items too when ``failed``; returns how many items wait.

        Nothing is changed when none does, or when another board has put it back in line already.
        """
        with self.workspace.writing() as connection:
            if not connection.execute(
                "SELECT 1 FROM jobs WHERE number = ? AND (owner = ? OR state NOT IN ('waiting', 'running'))",
                (job, owner),
            ).fetchone():
                return 0
            if failed:
                connection.execute(
                    "UPDATE items SET state = 'waiting', error = NULL"
                    " WHERE job = ? AND state = 'failed' AND source <> ''",
                    (job,),
                )
            (count,) = connection.execute(
                "SELECT COUNT(*) FROM items WHERE job = ? AND state = 'waiting'", (job,)
            ).fetchone()
            if count:
                connection.execute(
                    "UPDATE jobs SET state = 'waiting', owner = ?, result = NULL, error = NULL, ended = NULL"
                    " WHERE number = ?",
                    (owner, job),
                )
            return int(count)

    def take_over(self, row: JobRow, *, owner: str) -> bool:
        """Make a job that a stop left ours; False when another board was faster."""
        with self.workspace.writing() as connection:
            cursor = connection.execute(
                "UPDATE jobs SET state = 'waiting', owner = ? WHERE number = ? AND owner = ?",
                (owner, row.number, row.owner),
            )
            return cursor.rowcount == 1

    def update(
        self, job: int, state: str, *, result: Any = None, error: PaddockError | None = None, seconds: float = 0.0
    ) -> None:
        """The job's new state; an ended one with its result or error. seconds: that it ran since its last state."""
        ended = None if state in ("waiting", "running") else _now()
        with self.workspace.writing() as connection:
            connection.execute(
                "UPDATE jobs SET state = ?, result = ?, error = ?, ended = ?, seconds = seconds + ? WHERE number = ?",
                (state, json.dumps(result), error_json(error), ended, seconds, job),
            )

    def tally(self, job: int) -> Tally:
        """How far a job came."""
        rows = self.workspace.read(
            "SELECT state, outcome, COUNT(*) AS n FROM items WHERE job = ? GROUP BY state, outcome", (job,)
        )
        done = {row["outcome"]: row["n"] for row in rows if row["state"] == "done"}
        failed = sum(row["n"] for row in rows if row["state"] == "failed")
        return Tally(sum(row["n"] for row in rows), sum(done.values()), failed, done)

    def rows(self) -> list[JobRow]:
        """All jobs, oldest first."""
        return [_row(row) for row in self.workspace.read("SELECT * FROM jobs ORDER BY number")]

    def sources(self, job: int) -> set[str]:
        """Where the items of a job that are not done lie."""
        rows = self.workspace.read("SELECT source FROM items WHERE job = ? AND state <> 'done'", (job,))
        return {row["source"] for row in rows}

    def unfinished(self) -> set[int]:
        """Jobs of any board that run, or have items that are not done."""
        rows = self.workspace.read(
            "SELECT number FROM jobs WHERE state IN ('waiting', 'running')"
            " UNION SELECT job FROM items JOIN jobs ON jobs.number = items.job WHERE items.state <> 'done'"
        )
        return {int(row["number"]) for row in rows}

    def forget(self, keep: int = KEEP_ENDED, *, who: str | None = None) -> list[int]:
        """Drop the oldest ended jobs beyond ``keep``; returns their numbers.

        Unless all are to go, a job with items that still wait stays: its files exist nowhere else. who: the
        person who clears the list; what others have not finished stays for them.
        """
        ended = self.workspace.read(
            "SELECT number FROM (SELECT number FROM jobs WHERE state NOT IN ('waiting', 'running')"
            " ORDER BY number DESC LIMIT -1 OFFSET ?)"
            " WHERE ? = 0 OR NOT EXISTS (SELECT 1 FROM items WHERE job = number AND items.state = 'waiting')",
            (keep, keep),
        )
        if who is not None:
            theirs = self.workspace.read(
                "SELECT number FROM jobs WHERE who <> ?"
                " AND EXISTS (SELECT 1 FROM items WHERE job = jobs.number AND items.state <> 'done')",
                (who,),
            )
            spared = {row["number"] for row in theirs}
            ended = [row for row in ended if row["number"] not in spared]
        numbers = [int(row["number"]) for row in ended]
        if numbers:
            with self.workspace.writing() as connection:
                connection.executemany("DELETE FROM items WHERE job = ?", [(number,) for number in numbers])
                connection.executemany("DELETE FROM jobs WHERE number = ?", [(number,) for number in numbers])
        return numbers


def error_json(error: PaddockError | None) -> str | None:
    """An error as text that ``error_from`` reads back."""
    if error is None:
        return None
    return json.dumps({"error": type(error).__name__, "details": error.details}, default=str, ensure_ascii=False)


def error_from(text: str | None) -> PaddockError | None:
    """The error that ``error_json`` wrote; one of a kind that this version does not know keeps its words."""
    if not text:
        return None
    data = json.loads(text)
    kind = getattr(errors, data["error"], None)
    if isinstance(kind, type) and issubclass(kind, PaddockError):
        try:
            return kind(**data["details"])
        except (KeyError, IndexError):
            pass  # written by another version, with other details: told plainly below
    return PaddockError(what=f"{data['error']} : {data['details']}")


def _item(row: sqlite3.Row) -> JobItem:
    return JobItem(
        row["number"], row["name"], row["source"], row["state"], row["outcome"] or "", error_from(row["error"])
    )


def _row(row: sqlite3.Row) -> JobRow:
    return JobRow(
        row["number"], row["kind"], row["who"], row["label"], row["state"], bool(row["batch"]),
        json.loads(row["arguments"]), json.loads(row["result"] or "null"), error_from(row["error"]), row["owner"],
    )  # fmt: skip


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
