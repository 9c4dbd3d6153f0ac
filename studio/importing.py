"""Bring photos in: originals are copied to the store byte for byte, each with its record."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from audit.ledger import Item
from core.canonical import sha256_of_file
from core.errors import PaddockError, PhotoError, UnreadablePhoto
from core.values import Report, holding, no_report
from studio import reading, space
from studio.desk import Desk
from studio.sources import Found, Refused, check_regular, find_photos, is_archive, unzip

Outcome = Literal["added", "known"]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. added: hashes of new photos; known: names that were there already; errors: (name, why)."""

    added: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    errors: tuple[tuple[str, PaddockError], ...] = ()


@dataclass(slots=True)
class _Tally:
    added: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    errors: list[Refused] = field(default_factory=list)


def import_photos(
    desk: Desk, paths: Iterable[Path], *, names: dict[Path, str] | None = None, sample: bool = False,
    report: Report = no_report,
) -> ImportReport:  # fmt: skip
    """Import files, folders (searched in depth) and zip archives, and return when all is done.

    names: the names that people know, where a path is a temporary copy. sample: the pictures are
    ours and are labelled as synthetic. A photo that can't be used is listed and the rest goes on.
    Raises FolderError for a path that does not exist, WorkspaceError when the store can't be written.
    """
    desk.workspace.check_here()
    tally = _Tally()
    with _unpacked(list(paths), names or {}, tally, desk.workspace.tmp) as photos:
        for done, (path, name) in enumerate(photos):
            report(done / len(photos), name)
            try:
                sha, outcome = import_one(desk, path, name, sample=sample, report=holding(report, done / len(photos)))
            except PhotoError as error:
                tally.errors.append((name, error))
            else:
                (tally.added if outcome == "added" else tally.known).append(sha if outcome == "added" else name)
    report(1.0, "")
    return ImportReport(tuple(tally.added), tuple(tally.known), tuple(tally.errors))


def import_one(
    desk: Desk, path: Path, name: str, *, sample: bool = False, report: Report = no_report
) -> tuple[str, Outcome]:
    """Take one photo in; returns its hash and whether it is new.

    Raises PhotoError when it can't be used, WorkspaceError when the workspace can't be written.
    """
    workspace = desk.workspace
    size = check_regular(path, name).st_size
    try:
        sha = sha256_of_file(path)
        if workspace.read("SELECT 1 FROM photos WHERE sha = ?", (sha,)):
            if not workspace.store.has(sha):
                workspace.store.add(path)  # its copy had gone: these are the recorded bytes
            return sha, "known"
        space.check_space(workspace.folder, size)
        # Decoded before it is accepted, so that a truncated photo is told at once; the result is its thumbnail.
        read = reading.take_in(desk, path, name, sha, report=report)
        stored = workspace.store.add(path)
    except OSError as error:
        raise UnreadablePhoto(file=name) from error
    if stored.sha256 != sha:  # still being written by whoever copies it: what was looked at is not what was kept
        raise UnreadablePhoto(file=name)
    workspace.record(
        "import",
        who=desk.who,
        subject=stored.sha256,
        outputs=[Item(stored.sha256, "original", name, stored.size)],
        parameters={
            "width": read.width, "height": read.height, "format": read.format, "taken": read.taken,
            "credit": read.credit, "description": read.description, "sample": sample,
        },
    )  # fmt: skip
    return sha, "added"


@contextmanager
def _unpacked(paths: list[Path], names: dict[Path, str], tally: _Tally, scratch: Path) -> Iterator[list[Found]]:
    """Every photo below the paths, archives unpacked below ``scratch``."""
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="zip-", dir=scratch) as temporary:
        photos: list[Found] = []
        for path in paths:
            for found, name in find_photos(path, names.get(path, "")):
                if not is_archive(name):
                    photos.append((found, name))
                    continue
                inside, refused = unzip(found, name, Path(tempfile.mkdtemp(dir=temporary)) / "photos")
                photos += inside
                tally.errors += refused
        yield photos
