"""Open photos in a worker with limits: the page's own process never decodes one.

A photo that crashes its decoder, or takes more than one photo may, costs a worker, which is replaced;
it is told by name as PhotoTooHeavy and the batch goes on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from core.errors import EngineDied, PhotoTooHeavy, TaskTooLarge, TaskTooLong
from core.images import MAX_MEGAPIXELS
from core.values import Reading, Report, no_report
from studio.desk import Desk
from studio.limits import READING
from studio.previews import SIDES, THUMB, place


def take_in(desk: Desk, path: Path, name: str, sha: str, *, report: Report = no_report) -> Reading:
    """Decode a photo whole before it is accepted, and keep its thumbnail under its hash ``sha``.

    Raises a PhotoError that calls it ``name``: it can't be read, or is too heavy (PhotoTooHeavy).
    """
    return cast(Reading, _read(desk, "take_in", path, name, str(place(desk.workspace, sha, THUMB)), report=report))


def examine(desk: Desk, path: Path, name: str, *, report: Report = no_report) -> Reading:
    """The same without keeping anything."""
    return cast(Reading, _read(desk, "take_in", path, name, "", report=report))


def preview(desk: Desk, sha: str, side: int) -> Path:
    """Path of a JPEG copy whose long side is at most ``side`` (one of SIDES), with the photo's profile.

    One that is there is answered without any worker. Raises ValueError for another size, AuditError
    when the file is gone, PhotoError when it can't be read.
    """
    if side not in SIDES:
        raise ValueError(side)
    target = place(desk.workspace, sha, side)
    if not target.is_file():
        path = desk.workspace.store.open(sha)
        _read(desk, "reduce", path, path.name, str(target), side)
    return target


def small(desk: Desk, path: Path, side: int) -> bytes:
    """A JPEG copy of any photo, for a file that is shown once. Raises PhotoError when it can't be read."""
    return cast(bytes, _read(desk, "small", path, path.name, side))


def shown_mask(desk: Desk, sha: str) -> bytes:
    """A stored mask as PNG at the size of the PROXY preview, grey 0 or 255: what the mask canvas shows.

    Raises AuditError when the file is gone, PhotoError when it can't be read.
    """
    path = desk.workspace.store.open(sha)
    return cast(bytes, _read(desk, "shown_mask", path, path.name))


def is_untouched(desk: Desk, sha: str, drawn: bytes) -> bool:
    """True when a PNG from the mask canvas is, pixel for pixel, the stored mask as it was shown there."""
    path = desk.workspace.store.open(sha)
    return cast(bool, _read(desk, "is_untouched", path, path.name, drawn))


def _read(desk: Desk, task: str, path: Path, name: str, *args: Any, report: Report = no_report) -> Any:
    # Who allows larger photos in the settings allows them more.
    limits = READING.times(max(1.0, desk.settings.max_megapixels / MAX_MEGAPIXELS))

    def ask() -> Any:
        return desk.engines.call(
            "read", f"studio.tasks.read:{task}", str(path), name, *args, report=report, limits=limits
        )

    try:
        try:
            return ask()
        except EngineDied:
            return ask()  # perhaps it was not the photo's doing: once more, in a fresh worker
    except EngineDied as error:
        raise PhotoTooHeavy(
            file=name, why_fr="elle fait planter le programme qui ouvre les photos",
            why_en="it crashes the program that opens photos",
        ) from error  # fmt: skip
    except (TaskTooLong, TaskTooLarge) as error:
        raise PhotoTooHeavy(file=name, why_fr=error.details["why_fr"], why_en=error.details["why_en"]) from error
