"""Verification: is every event and every file still what was recorded?"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from audit.clock import is_earlier, shown_time, steps_back
from audit.ledger import GENESIS, Event, Head, parse
from audit.store import Store
from core.canonical import sha256_of_file, sha256_of_text
from core.errors import Language
from core.values import Report, no_report


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as recorded. seq: the event's number (0 for none); file: hash or name ("")."""

    seq: int
    file: str
    fr: str
    en: str

    def message(self, language: Language) -> str:
        return self.fr if language == "fr" else self.en


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked and what was found. It holds when problems is empty.

    strays: files of the store that no event names; a crash between writing a file and recording it
    leaves such a file, so they are told and don't count as problems.
    remarks: where the machine's clock went back between two events; told, and no problem either.
    """

    events: int
    files: int
    head: Head
    problems: tuple[Problem, ...]
    strays: tuple[Problem, ...] = ()
    remarks: tuple[Problem, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.problems


def verify(
    connection: sqlite3.Connection, store: Store, head_file: Path, *, report: Report = no_report
) -> Verification:
    """Check the chain, the copy of the head, and the content of every stored file.

    Reads every byte of the store; report tells how far it is and may raise Cancelled.
    """
    problems: list[Problem] = []
    noted = _noted_head(head_file)  # before the chain: an event that is recorded meanwhile must not look cut off
    recorded, head, hashes = _check_chain(connection, problems)
    problems += _check_head(noted, hashes)
    named: dict[str, tuple[int, str]] = {}
    for event in recorded:
        for item in (*event.inputs, *event.outputs):
            named.setdefault(item.sha256, (event.seq, item.name or item.role))
    problems += _check_files(store, named, report)
    return Verification(
        len(recorded), len(named), head, tuple(problems), tuple(_strays(store, named)), tuple(_clock(recorded))
    )


def _check_chain(connection: sqlite3.Connection, problems: list[Problem]) -> tuple[list[Event], Head, list[str]]:
    previous, expected = GENESIS, 1
    found: list[Event] = []
    hashes: list[str] = []
    for seq, digest, body in _rows(connection, problems):
        if seq != expected:
            problems.append(_event_problem(seq, f"l'événement {expected} manque", f"event {expected} is missing"))
        if sha256_of_text(str(body)) != digest:
            problems.append(_event_problem(seq, f"l'événement {seq} a été modifié", f"event {seq} was altered"))
        try:
            event = parse(body, digest)
        except (ValueError, KeyError, TypeError):
            problems.append(_event_problem(seq, f"l'événement {seq} est illisible", f"event {seq} is unreadable"))
        else:
            if event.previous != previous:
                problems.append(
                    _event_problem(
                        seq,
                        f"l'événement {seq} ne suit plus le précédent : la chaîne est rompue à cet endroit",
                        f"event {seq} no longer follows the one before: the chain is broken there",
                    )
                )
            if event.seq != seq:
                problems.append(_event_problem(seq, f"l'événement {seq} a changé de rang", f"event {seq} was moved"))
            found.append(event)
        previous, expected = digest, seq + 1
        hashes.append(digest)
    return found, Head(expected - 1, previous), hashes


def _rows(connection: sqlite3.Connection, problems: list[Problem]) -> Iterator[tuple[int, str, str]]:
    """The events as they lie in the database; where its file is damaged, what can still be read before that."""
    seq = 0
    try:
        for seq, digest, body in connection.execute("SELECT seq, hash, body FROM events ORDER BY seq"):
            yield seq, digest, body
    except sqlite3.DatabaseError as error:
        problems.append(
            _event_problem(
                seq + 1,
                f"la base de données est abîmée après l'événement {seq} ({error})",
                f"the database is damaged after event {seq} ({error})",
            )
        )


def _noted_head(head_file: Path) -> Head | Problem:
    """The copy of the head, or what is wrong with it."""
    try:
        kept = json.loads(head_file.read_text("utf-8"))
        return Head(int(kept["size"]), str(kept["head"]))
    except FileNotFoundError:
        return _event_problem(0, "la copie de la tête du registre manque", "the copy of the ledger's head is missing")
    except (ValueError, KeyError, TypeError, OSError):
        return _event_problem(0, "la copie de la tête du registre est illisible", "the copy of the head is unreadable")


def _check_head(noted: Head | Problem, hashes: list[str]) -> Iterator[Problem]:
    """The copy may lag behind by what a crash cut off; it must never be ahead or different."""
    if isinstance(noted, Problem):
        yield noted
        return
    size, digest = noted.size, noted.hash
    if size > len(hashes):
        yield _event_problem(
            size,
            f"le registre a été coupé : {size} événements enregistrés, {len(hashes)} présents",
            f"the ledger was cut: {size} events recorded, {len(hashes)} present",
        )
    elif size < 0 or digest != ([GENESIS, *hashes])[size]:
        yield _event_problem(
            size,
            f"l'événement {size} n'est pas celui dont la tête avait été notée : le registre a été réécrit",
            f"event {size} is not the one whose head was noted: the ledger was rewritten",
        )


def _check_files(store: Store, named: dict[str, tuple[int, str]], report: Report) -> Iterator[Problem]:
    present = {path.name for path in store.all()}
    for done, (sha256, (seq, name)) in enumerate(named.items()):
        report(done / len(named), name)
        if sha256 not in present:
            yield Problem(
                seq, sha256,
                f"le fichier « {name} » ({sha256[:12]}…, événement {seq}) manque",
                f"the file “{name}” ({sha256[:12]}…, event {seq}) is missing",
            )  # fmt: skip
        elif sha256_of_file(store.path(sha256)) != sha256:
            yield Problem(
                seq, sha256,
                f"le fichier « {name} » ({sha256[:12]}…, événement {seq}) a été modifié",
                f"the file “{name}” ({sha256[:12]}…, event {seq}) was altered",
            )  # fmt: skip


def _strays(store: Store, named: dict[str, tuple[int, str]]) -> Iterator[Problem]:
    for sha256 in (path.name for path in store.all() if path.name not in named):
        yield Problem(
            0, sha256,
            f"le fichier {sha256[:12]}… est dans le dépôt sans qu'aucun événement ne le nomme",
            f"the file {sha256[:12]}… is in the store but no event names it",
        )  # fmt: skip


def clock_behind(last: Event, now: str) -> Problem | None:
    """A warning when the machine's clock (``now``, ISO 8601) lies before the last event's time."""
    if not is_earlier(now, last.time):
        return None
    return _event_problem(
        last.seq,
        f"l'horloge de l'ordinateur ({shown_time(now)}) est en retard sur le dernier acte enregistré "
        f"({shown_time(last.time)}) : réglez-la. Le travail continue ; l'ordre est celui des numéros.",
        f"the computer's clock ({shown_time(now)}) is behind the last recorded act ({shown_time(last.time)}): "
        "set it. Work goes on; the order is that of the numbers.",
    )


def _clock(recorded: list[Event]) -> Iterator[Problem]:
    for before, event in steps_back(recorded):
        yield _event_problem(
            event.seq,
            f"l'horloge de l'ordinateur recule entre les événements {before.seq} ({shown_time(before.time)}) et "
            f"{event.seq} ({shown_time(event.time)}) : l'ordre est celui des numéros, les heures sont déclarées",
            f"the computer's clock goes back between events {before.seq} ({shown_time(before.time)}) and "
            f"{event.seq} ({shown_time(event.time)}): the order is that of the numbers, the times are declared",
        )


def _event_problem(seq: int, fr: str, en: str) -> Problem:
    return Problem(seq, "", fr, en)
