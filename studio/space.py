"""Room on the disk: looked at before work starts, so that it does not end in the middle."""

from __future__ import annotations

import shutil
from pathlib import Path

from core.errors import Language, WorkspaceError

RESERVE = 500 * 10**6
"""Bytes that stay free: the database, the previews and the system need them."""


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


def shown_size(count: int, language: Language) -> str:
    """Bytes as people read them: « 312 Mo », « 1,2 Go »; “312 MB”, “1.2 GB” (powers of ten)."""
    units = ("ko", "Mo", "Go", "To") if language == "fr" else ("kB", "MB", "GB", "TB")
    value, place = count / 1e3, 0
    while value >= 999.5 and place < len(units) - 1:
        value, place = value / 1e3, place + 1
    text = f"{value:.1f}" if place >= 2 and value < 99.95 else f"{value:.0f}"
    return f"{text.replace('.', ',') if language == 'fr' else text} {units[place]}"
