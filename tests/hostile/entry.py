"""One hostile file: how it is made, and what an import must say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file to be made.

    name: below the folder. make: writes it at a path. photos: names of the photos that an import must take
    from it. told: names that the list of errors must hold. either: names that must be in one of the two.
    sendable: False for what a browser can't send (folders, pipes, links).
    """

    name: str
    make: Callable[[Path], object]
    photos: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    sendable: bool = True


def bad(name: str, data: Callable[[], bytes]) -> Hostile:
    """A file that must be refused by its name."""
    return Hostile(name, _writing(data), told=(name,))


def fine(name: str, data: Callable[[], bytes]) -> Hostile:
    """A file that looks odd and must be taken."""
    return Hostile(name, _writing(data), photos=(PurePosixPath(name).name,))


def open_to(name: str, data: Callable[[], bytes]) -> Hostile:
    """A file that may be taken or refused, as long as it is one of the two."""
    return Hostile(name, _writing(data), either=(name,))


def _writing(data: Callable[[], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data())
