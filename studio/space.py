"""Room on the disk: looked at before work starts, so that it does not end in the middle."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.errors import Language, WorkspaceError

RESERVE = 500 * 10**6
"""Bytes that stay free: the database, the previews and the system need them."""
PREVIEWS = 350_000
"""Bytes of one photo's two previews together (360 and 1280 pixels), rounded up."""
_BOMB = 100
"""An archive that claims to grow more than so many times holds no photos: they hardly shrink when zipped."""
OVERHEAD = 1.05
"""Blocks that a disk fills only in part, folders, and the ledger."""


def free_bytes(folder: Path) -> int:
    """Free bytes of the disk that holds a folder, or will hold it once it is made. Raises OSError."""
    place = folder.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free


def check_space(folder: Path, needed: int, *, reserve: int | None = None) -> None:
    """Raise WorkspaceError when ``needed`` bytes and a reserve (RESERVE unless told) do not fit on a folder's disk."""
    free, kept = free_bytes(folder), RESERVE if reserve is None else reserve
    if free >= needed + kept:
        return
    figures = {language: (shown_size(free, language), shown_size(needed + kept, language)) for language in ("fr", "en")}
    among = {"fr": f" (dont {shown_size(kept, 'fr')} de réserve)", "en": f" ({shown_size(kept, 'en')} kept in reserve)"}
    raise WorkspaceError(
        folder=folder,
        problem_fr=f"pas assez de place sur ce disque : il reste {figures['fr'][0]}, il en faut {figures['fr'][1]}"
        f"{among['fr'] if kept else ''}. Libérez de la place ou choisissez un autre disque, puis relancez.",
        problem_en=f"not enough room on this disk: {figures['en'][0]} are left, {figures['en'][1]} are needed"
        f"{among['en'] if kept else ''}. Free some space or choose another disk, then start again.",
    )


def import_needs(paths: Iterable[Path]) -> int:
    """Bytes that importing files, folders and zip archives takes at most, previews included.

    An archive counts twice: unpacked, then stored. What can't be looked at counts as nothing; the import tells of it.
    """
    total = 0.0
    for size, photos, copies in _measured(paths):
        total += size * copies * OVERHEAD + photos * PREVIEWS
    return round(total)


def shown_size(count: int, language: Language) -> str:
    """Bytes as people read them: « 312 Mo », « 1,2 Go »; “312 MB”, “1.2 GB” (powers of ten)."""
    units = ("ko", "Mo", "Go", "To") if language == "fr" else ("kB", "MB", "GB", "TB")
    value, place = count / 1e3, 0
    while value >= 999.5 and place < len(units) - 1:
        value, place = value / 1e3, place + 1
    text = f"{value:.1f}" if place >= 2 and value < 99.95 else f"{value:.0f}"
    return f"{text.replace('.', ',') if language == 'fr' else text} {units[place]}"


def _measured(paths: Iterable[Path]) -> Iterator[tuple[int, int, int]]:
    """(bytes, photos, how many times the bytes are written) of every file below the paths."""
    for path in paths:
        if path.is_dir():
            for folder, _, names in os.walk(path):
                for name in names:
                    yield _size(Path(folder) / name), 1, 1
        elif path.suffix.lower() == ".zip":
            yield _unpacked(path)
        else:
            yield _size(path), 1, 1


def _unpacked(path: Path) -> tuple[int, int, int]:
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = [item.file_size for item in archive.infolist() if not item.is_dir()]
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        return _size(path), 0, 1  # the import refuses it, by name
    if sum(sizes) > _BOMB * path.stat().st_size:
        return _size(path), 0, 1
    return sum(sizes), len(sizes), 2


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
