"""Binding task: an order of plates → a PDF file. Runs in a worker, without any framework."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.errors import Language
from core.images import read_picture, write_picture
from core.values import Report, no_report


@dataclass(frozen=True, slots=True)
class PlateOrder:
    """One plate. path: a stored file; sources: (hash, name) of its originals; steps: what was done, in words."""

    path: str
    name: str
    caption: str
    credit: str
    sources: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BookOrder:
    """A whole album. ledger_head: hash printed on the last page."""

    title: str
    subtitle: str
    language: Language
    ledger_head: str
    plates: tuple[PlateOrder, ...]


@dataclass(frozen=True, slots=True)
class BoundFile:
    """A PDF on disk."""

    path: str
    pages: int
    engine: str
    warnings: tuple[str, ...]
    libraries: dict[str, str]


def bind(order: BookOrder, out: str, *, report: Report = no_report) -> BoundFile:
    """Lay out and write the PDF. Stored files have no extension, so each gets a link or a copy that has one."""
    from book.album import Album, Plate
    from book.pdf import bind as run

    with tempfile.TemporaryDirectory(prefix="paddock-book-") as temporary:
        plates = []
        for number, plate in enumerate(order.plates):
            report(0.2 * number / len(order.plates), plate.name)
            image = _printable(Path(plate.path), Path(temporary) / f"{number:04d}", plate.name)
            plates.append(Plate(image, plate.caption, plate.credit, plate.sources, plate.steps))
        album = Album(
            title=order.title, subtitle=order.subtitle, plates=tuple(plates), language=order.language,
            ledger_head=order.ledger_head, made_on=datetime.now(UTC).isoformat(timespec="seconds"),
        )  # fmt: skip
        bound = run(album, Path(out), report=lambda done, doing: report(0.2 + 0.8 * done, doing))
    return BoundFile(
        str(bound.path),
        bound.pages,
        bound.engine,
        tuple(notice.text(order.language) for notice in bound.warnings),
        bound.libraries,
    )


def _printable(path: Path, folder: Path, name: str) -> Path:
    """A PNG or JPEG under the photo's own name: the bytes as they are, or a PNG made of another format."""
    folder.mkdir()
    target = folder / Path(name).stem[:60]
    with path.open("rb") as stream:
        head = stream.read(4)
    for magic, suffix in ((b"\x89PNG", ".png"), (b"\xff\xd8\xff", ".jpg")):
        if head.startswith(magic):
            return Path(shutil.copyfile(path, target.with_name(target.name + suffix)))
    picture = read_picture(path, name=name)
    target = target.with_name(target.name + ".png")
    return write_picture(target, picture.pixels, icc=picture.icc, credits=picture.credits)
