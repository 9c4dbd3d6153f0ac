"""The folder for the legal department: originals, intermediates, finals, the ledger, and their sums."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from audit.ledger import Event, events
from audit.store import Store
from core.canonical import canonical_json, sha256_of_file
from core.errors import AuditError, FolderError, disk_reason
from core.files import write_bytes
from core.values import Report, no_report

ORIGINALS, INTERMEDIATES, FINALS = "originals", "intermediates", "finals"
_RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}
"""Names that Windows keeps for devices, whatever their extension."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the folder, how many files of each kind, and how many events."""

    folder: Path
    originals: int
    intermediates: int
    finals: int
    events: int


def export(connection: sqlite3.Connection, store: Store, out: Path, *, report: Report = no_report) -> Exported:
    """Copy every file that the ledger names into ``out``, byte for byte, with readable names.

    finals are the books and every accepted version that was not taken back; originals are the photos and
    style images that came in; the rest are intermediates. ``ledger.jsonl`` holds one event a line with its
    hash, the actor being the name as that person declared it, not proved;
    ``sha256sums.txt`` is in the format of the common command ``sha256sum --check``. Every copy is
    hashed against the ledger. Raises FolderError when ``out`` is not empty or can't be written, AuditError
    when a file is missing or is not the recorded one.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FolderError(
            folder=out,
            problem_fr="il n'est pas vide ; choisissez un dossier neuf pour l'export.",
            problem_en="it is not empty; choose a new folder for the export.",
        )
    try:
        return _write(connection, store, out, report)
    except OSError as error:
        fr, en = disk_reason(error)
        raise FolderError(
            folder=out,
            problem_fr=f"l'export s'est arrêté : {fr}. Supprimez ce dossier incomplet et choisissez un autre disque.",
            problem_en=f"the export stopped: {en}. Delete this incomplete folder and choose another disk.",
        ) from error


def _write(connection: sqlite3.Connection, store: Store, out: Path, report: Report) -> Exported:
    recorded = list(events(connection))
    places = dict(_places(recorded))
    counts = dict.fromkeys((ORIGINALS, INTERMEDIATES, FINALS), 0)
    sums: dict[str, str] = {}
    for done, (sha256, (kind, name)) in enumerate(places.items()):
        report(done / max(1, len(places)), name)
        target = out / kind / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(store.open(sha256), target)
        if sha256_of_file(target) != sha256:
            raise AuditError(
                problem_fr=f"« {name} » n'est plus le fichier enregistré ({sha256[:12]}…) : l'export est arrêté. "
                "Lancez « paddock audit verify », puis restaurez une sauvegarde.",
                problem_en=f"“{name}” is no longer the recorded file ({sha256[:12]}…): the export was stopped. "
                "Run “paddock audit verify”, then restore a backup.",
            )
        sums[f"{kind}/{name}"] = sha256
        counts[kind] += 1
    lines = [canonical_json({**_as_json(event), "hash": event.hash}) for event in recorded]
    ledger = write_bytes(out / "ledger.jsonl", ("\n".join(lines) + "\n").encode() if lines else b"")
    sums["ledger.jsonl"] = sha256_of_file(ledger)
    write_bytes(out / "sha256sums.txt", "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode())
    report(1.0, "")
    return Exported(out, counts[ORIGINALS], counts[INTERMEDIATES], counts[FINALS], len(recorded))


def _places(recorded: list[Event]) -> Iterator[tuple[str, tuple[str, str]]]:
    """(hash, (folder, file name)) of every file that an event names, as the first event that names it sees it."""
    undone = {event.parameters.get("undoes") for event in recorded}
    kept = [event for event in recorded if event.action == "accept" and event.seq not in undone]
    accepted = {item.sha256 for event in kept for item in event.inputs}
    seen: set[str] = set()
    for event in recorded:
        for item in (*event.outputs, *event.inputs):
            if item.sha256 in seen:
                continue
            seen.add(item.sha256)
            if item.role in ("original", "style-image"):
                kind = ORIGINALS
            elif item.role == "book" or item.sha256 in accepted:
                kind = FINALS
            else:
                kind = INTERMEDIATES
            yield item.sha256, (kind, f"{event.seq:05d}-{item.sha256[:12]}-{safe_name(item.name or item.role)}")


def safe_name(name: str) -> str:
    """A file name that every system accepts: no separators or control characters, at most 100 bytes."""
    cleaned = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*]+', "_", name).strip(". ") or "fichier"
    stem, dot, suffix = cleaned.rpartition(".")
    if not dot or len(suffix.encode()) > 8:
        stem, suffix = cleaned, ""
    stem = stem.encode("utf-8", "replace")[:90].decode("utf-8", "ignore").rstrip(". ")
    if stem.split(".")[0].upper() in _RESERVED:
        stem = f"_{stem}"
    return f"{stem}.{suffix}" if suffix else stem


def _as_json(event: Event) -> dict[str, object]:
    value: dict[str, object] = json.loads(
        json.dumps(
            {
                "seq": event.seq, "time": event.time, "actor": event.actor, "action": event.action,
                "subject": event.subject, "parameters": event.parameters, "origin": event.origin,
                "previous": event.previous,
                "inputs": [_item(item) for item in event.inputs],
                "outputs": [_item(item) for item in event.outputs],
            }
        )
    )  # fmt: skip
    return value


def _item(item: object) -> dict[str, object]:
    return {name: getattr(item, name) for name in ("sha256", "role", "name", "size")}
