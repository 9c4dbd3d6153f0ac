"""From the USB key to the computer: the project and the models, each file checked against kit.json on the way.

A key is slow, is taken away, and often has a file system that can't hold an installation (exFAT has no links).
The workspaces of an earlier Paddock at the same place stay as they are.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from app.start.checks import NEEDED
from app.start.folder import CHUNK, MODELS, PROJECT, Entry, Kit, sha256
from app.start.obstacle import Obstacle
from app.start.voice import Voice
from app.texts import text

MARK = "pyproject.toml"
NAME = 'name = "paddock-photo-desk"'


def transfer(kit: Kit, target: Path, voice: Voice) -> Path:
    """Copy what is not there yet; the folder to install in. Raises Obstacle for a foreign folder or a damaged key."""
    if target.exists() and any(target.iterdir()) and not _is_ours(target):
        raise Obstacle("taken", folder=target)
    voice.say("start.copying", folder=target)
    _copy(kit, PROJECT, target, voice)
    models = kit.part(MODELS)
    if models and shutil.disk_usage(target).free - sum(entry.bytes for entry in models) > NEEDED:
        _copy(kit, MODELS, target / MODELS, voice)
    elif models:
        voice.say("start.models_stay", folder=kit.folder / MODELS)
    return target


def _is_ours(folder: Path) -> bool:
    """A Paddock that a kit or an archive brought; not a developer's checkout."""
    mark = folder / MARK
    return not (folder / ".git").exists() and mark.is_file() and NAME in mark.read_text("utf-8", "replace")


def _copy(kit: Kit, part: str, target: Path, voice: Voice) -> None:
    entries = kit.part(part)
    # What tells a Paddock folder comes first: a copy that was cut off is known as ours the next time.
    entries = tuple(sorted(entries, key=lambda entry: entry.path != f"{PROJECT}/{MARK}"))
    label = text(voice.language, "start.copied")
    for count, entry in enumerate(entries, 1):
        place = target / entry.path.removeprefix(f"{part}/")
        if not (place.is_file() and place.stat().st_size == entry.bytes and sha256(place) == entry.sha256):
            _copy_one(kit.folder / entry.path, place, entry)
        voice.progress(label, count, len(entries))


def _copy_one(source: Path, place: Path, entry: Entry) -> None:
    """One file, whole or not at all."""
    part = place.with_name(f"{place.name}.part")
    digest = hashlib.sha256()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as reading, part.open("wb") as writing:
            while block := reading.read(CHUNK):
                digest.update(block)
                writing.write(block)
        if digest.hexdigest() != entry.sha256:
            raise Obstacle("kit_damaged", file=source)
        part.chmod(0o755 if place.suffix in (".sh", ".command") else 0o644)
        part.replace(place)
    except OSError as error:
        raise Obstacle("not_copied", file=place, why=error.strerror or error) from error
    finally:
        part.unlink(missing_ok=True)
