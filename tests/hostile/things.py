"""What lies in a folder and is no photo file: pipes, devices, links, folders named like photos."""

from __future__ import annotations

import os
from pathlib import Path

from tests.hostile.entry import Hostile
from tests.hostile.pictures import photo


def entries() -> list[Hostile]:
    return [
        _thing("tube.jpg", lambda path: os.mkfifo(path)),
        _thing("lien-zéro.jpg", lambda path: path.symlink_to("/dev/zero")),
        _thing("lien-tty.jpg", lambda path: path.symlink_to("/dev/tty")),
        _thing("lien-rompu.jpg", lambda path: path.symlink_to("nulle-part.jpg")),
        _thing("lien-vers-soi.jpg", lambda path: path.symlink_to("lien-vers-soi.jpg")),
        Hostile("lien-photo.jpg", _link_to_photo, told=("lien-photo.jpg",), sendable=False),
        Hostile("lien-dossier", lambda path: path.symlink_to("."), sendable=False),
        Hostile("dossier.jpg", lambda path: path.mkdir(), sendable=False),
        Hostile("dossier-plein.jpg", _folder_with_photo, photos=("dedans.jpg",), sendable=False),
        Hostile("dossier-vide", lambda path: path.mkdir(), sendable=False),
        Hostile("illisible.jpg", _unreadable, either=("illisible.jpg",), sendable=False),
        Hostile(".cachée.jpg", lambda path: path.write_bytes(photo("JPEG", 401)), sendable=False),
        Hostile("très" + "/profond" * 20, _deep, photos=("fond.jpg",), sendable=False),
    ]  # fmt: skip


def _thing(name: str, make: object) -> Hostile:
    return Hostile(name, make, told=(name,), sendable=False)  # type: ignore[arg-type]


def _link_to_photo(path: Path) -> None:
    """To a photo outside the folder: whoever made the folder must not choose what is read from this machine."""
    target = path.parent.parent / "ailleurs.jpg"
    target.write_bytes(photo("JPEG", 400))
    path.symlink_to(target)


def _folder_with_photo(path: Path) -> None:
    path.mkdir()
    (path / "dedans.jpg").write_bytes(photo("JPEG", 402))


def _unreadable(path: Path) -> None:
    """No one may read it, the system's administrator excepted."""
    path.write_bytes(photo("JPEG", 403))
    path.chmod(0)


def _deep(path: Path) -> None:
    path.mkdir(parents=True)
    (path / "fond.jpg").write_bytes(photo("JPEG", 404))
