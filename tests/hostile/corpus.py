"""The list of hostile files, and writing it into a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from tests.hostile import archives, metadata, names, pictures, things
from tests.hostile.entry import Hostile
from tests.made import encoded, scene

GOOD = 6


def hostile_files() -> list[Hostile]:
    """Every file, in a fixed order."""
    return [*pictures.entries(), *metadata.entries(), *names.entries(), *archives.entries(), *things.entries()]


def good_photos() -> dict[str, bytes]:
    """Good photos by name, to lie among the bad ones: the first and the last of the folder among them."""
    order = ["00-première.jpg", "bonne-1.jpg", "m-bonne-2.jpg", "bonne-3.png", "p-bonne-4.jpg", "zzz-dernière.jpg"]
    assert len(order) == GOOD
    return {
        name: encoded(scene(90, 60, 900 + number), "PNG" if name.endswith("png") else "JPEG")
        for number, name in enumerate(order)
    }


def write(folder: Path, files: list[Hostile]) -> dict[str, Path]:
    """Make the files below a folder that is there; those that this system can't have are left out. Name → path."""
    return dict(_written(folder, files))


def _written(folder: Path, files: list[Hostile]) -> Iterator[tuple[str, Path]]:
    for file in files:
        path = Path(os.fsdecode(os.fsencode(folder) + b"/" + os.fsencode(file.name)))
        try:
            file.make(path)
        except (OSError, NotImplementedError, AttributeError):
            if os.path.lexists(path):
                raise  # half made: the corpus itself is broken
            continue
        yield file.name, path
