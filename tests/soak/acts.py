"""What the soak's child does at the desk: each act is one of studio's own use cases on material made from a seed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from core.errors import PhotoError
from core.values import CLASSES
from studio.binding import Plate, bind_book
from studio.correcting import accept, remove
from studio.desk import Desk
from studio.exporting import export_audit_zip
from studio.importing import import_photos
from studio.judging import decide, judge
from studio.photos import PhotoState, list_photos, versions_of
from studio.selecting import keep_mask
from studio.stylizing import add_styles, apply_styles, list_styles
from studio.undoing import last_act, undo
from tests.made import encoded, mask_png, scene

Act = Callable[[Desk, np.random.Generator, Path], list[str]]
"""Does one use case and returns the hashes or paths that a person would see as its result."""


class NothingToDo(Exception):
    """The act needs photos, versions or styles that are not there yet."""


def import_files(desk: Desk, rng: np.random.Generator, scratch: Path) -> list[str]:
    files = [_photo(rng, scratch / f"course-{rng.integers(1 << 40):x}.jpg") for _ in range(int(rng.integers(1, 4)))]
    try:
        return _added(desk, files)
    finally:
        _forget(files)


def import_zip(desk: Desk, rng: np.random.Generator, scratch: Path) -> list[str]:
    path = scratch / f"carte-{rng.integers(1 << 40):x}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(3):
            archive.writestr(f"été/{number}.jpg", _jpeg(rng))
    try:
        return _added(desk, [path])
    finally:
        _forget([path])


def judge_new(desk: Desk, rng: np.random.Generator, scratch: Path) -> list[str]:
    todo = [photo.sha for photo in list_photos(desk.workspace) if not photo.model_label][:4]
    if not todo:
        raise NothingToDo
    assert judge(desk, todo) == len(todo)
    return todo


def say(desk: Desk, rng: np.random.Generator, scratch: Path) -> list[str]:
    """A person's word over one photo or several at once."""
    photos = list({_any(desk, rng).sha for _ in range(int(rng.integers(1, 4)))})
    decide(desk, photos, (*CLASSES, None)[rng.integers(4)])
    return photos


def take_back(desk: Desk, rng: np.random.Generator, scratch: Path) -> list[str]:
    act = last_act(desk.workspace, desk.who)
    if act is None:
        raise NothingToDo
    return [change.photo for change in undo(desk, act.seq).free]


def mask(desk: Desk, rng: np.random.Generator, scratch: Path) -> list[str]:
    photo = _any(desk, rng)
    return [_masked(desk, photo, rng)]


def edit(desk: Desk, rng: np.random.Generator, scratch: Path) -> list[str]:
    photo = _any(desk, rng)
    drawn = _masked(desk, photo, rng)
    made = remove(desk, photo.sha, photo.current, drawn, seed=int(rng.integers(1 << 24)))
    assert made.changed_outside == 0
    return [drawn, made.sha]


def take(desk: Desk, rng: np.random.Generator, scratch: Path) -> list[str]:
    photo = _any(desk, rng)
    versions = versions_of(desk.workspace, photo.sha)
    if not versions:
        raise NothingToDo
    chosen = versions[rng.integers(len(versions))].sha
    accept(desk, photo.sha, chosen)
    return [chosen]


def style(desk: Desk, rng: np.random.Generator, scratch: Path) -> list[str]:
    photo, results = _any(desk, rng), []
    styles = [item.sha for item in list_styles(desk)]
    if len(styles) < 3:
        path = _photo(rng, scratch / f"style-{rng.integers(1 << 40):x}.jpg")
        added, errors = add_styles(desk, [path])
        _forget([path])
        assert not errors
        styles = [item.sha for item in added]
        results += styles
    made = apply_styles(desk, photo.sha, photo.current, styles[-2:], strength=float(rng.uniform(0.3, 1)))
    return results + [result.sha for result in made]


def book(desk: Desk, rng: np.random.Generator, scratch: Path) -> list[str]:
    photos = [_any(desk, rng) for _ in range(3)]
    bound = bind_book(desk, [Plate(photo.sha) for photo in photos], title=f"Les 24 heures {rng.integers(1 << 30)}")
    return [bound.sha]


def export(desk: Desk, rng: np.random.Generator, scratch: Path) -> list[str]:
    """The legal department's zip; the ones before it are thrown away, as a person would."""
    if not desk.workspace.head().size:
        raise NothingToDo
    before = list(desk.workspace.exports.glob("*.zip"))
    path = export_audit_zip(desk)
    for old in before:
        old.unlink()
    return [str(path)]


ACTS: dict[str, tuple[Act, int]] = {
    "import": (import_files, 5), "import zip": (import_zip, 2), "judge": (judge_new, 3), "verdict": (say, 4),
    "mask": (mask, 2), "edit": (edit, 5), "accept": (take, 3), "undo": (take_back, 2), "style": (style, 4),
    "book": (book, 2), "export": (export, 1),
}  # fmt: skip
"""Each act with how often it comes up."""


def _any(desk: Desk, rng: np.random.Generator) -> PhotoState:
    photos = list_photos(desk.workspace)
    if not photos:
        raise NothingToDo
    return photos[rng.integers(len(photos))]


def _added(desk: Desk, files: list[Path]) -> list[str]:
    report = import_photos(desk, files)
    for name, error in report.errors:
        raise AssertionError(name) from (error if isinstance(error, PhotoError) else None)
    return list(report.added)


def _masked(desk: Desk, photo: PhotoState, rng: np.random.Generator) -> str:
    drawn = np.zeros((photo.height, photo.width), np.bool_)
    top, left = int(rng.integers(photo.height // 2)), int(rng.integers(photo.width // 2))
    drawn[top : top + photo.height // 3, left : left + photo.width // 3] = True
    return keep_mask(desk, photo.sha, photo.current, mask_png(drawn))


def _photo(rng: np.random.Generator, path: Path) -> Path:
    path.write_bytes(_jpeg(rng))
    return path


def _jpeg(rng: np.random.Generator) -> bytes:
    """A small photo unlike any other; one in six weighs 1 to 4 MB, so that writing it takes a while."""
    pixels = scene(int(rng.integers(40, 100)), int(rng.integers(40, 100)), int(rng.integers(1 << 30)))
    rest = rng.bytes(int(rng.integers(1, 4)) << 20) if rng.random() < 1 / 6 else b""
    data = encoded(pixels, "JPEG")
    assert Image.open(io.BytesIO(data)).size == pixels.shape[1::-1]
    return data + rest


def _forget(files: list[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
