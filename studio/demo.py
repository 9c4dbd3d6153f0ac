"""The examination, rehearsed: sort, correct, stylise, accept, bind and trace, on the sample pictures."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from core.errors import EngineFailed
from core.images import photo_size, read_mask, read_picture
from studio.binding import Plate, bind_book
from studio.correcting import accept, remove
from studio.desk import CODE, Desk
from studio.evaluating import evaluate
from studio.exporting import export_audit, export_picture
from studio.importing import import_photos
from studio.judging import decide, judge
from studio.photos import PhotoState, list_photos
from studio.selecting import Proposal, keep_mask, select_words
from studio.stylizing import add_styles, apply_styles, built_in_styles
from studio.tracing import trace

SAMPLES = CODE / "samples" / "evaluation"
EXAM_PHOTO = "porsche-911.jpg"
EXAM_WORDS = "le panneau publicitaire"

Say = Callable[[str, dict[str, Any]], None]
"""Told after each step: (key of a text, its details)."""


@dataclass(slots=True)
class Rehearsal:
    """What came out; written as ``demo.json`` beside the pictures."""

    seconds: dict[str, float] = field(default_factory=dict)
    accuracy: float = 0.0
    photos: int = 0
    changed_outside: int = -1
    changed_inside: int = 0
    mask_share: float = 0.0
    mask_iou: float | None = None
    styled: list[str] = field(default_factory=list)
    book_pages: int = 0
    book_engine: str = ""
    trace_files: int = 0
    audit_holds: bool = False
    models: dict[str, str] = field(default_factory=dict)


def rehearse(desk: Desk, out: Path, *, styles: Sequence[Path] = (), say: Say) -> Rehearsal:
    """Run the whole chain offline; pictures, book, audit folder and figures land in ``out``."""
    found = Rehearsal()

    def timed(name: str, start: float) -> None:
        found.seconds[name] = round(time.perf_counter() - start, 2)

    start = time.perf_counter()
    import_photos(desk, [SAMPLES], sample=True)
    judge(desk)
    photos = list_photos(desk.workspace)
    found.photos = len(photos)
    found.models["classifier"] = photos[0].model
    _write_verdicts(out / "verdicts.csv", photos)
    timed("sort", start)
    say("demo.sorted", {"n": len(photos)})

    start = time.perf_counter()
    evaluation = evaluate(desk, SAMPLES)
    found.accuracy = evaluation.accuracy
    timed("evaluate", start)
    say("demo.evaluated", {"rate": round(100 * evaluation.accuracy), "n": evaluation.photos})

    start = time.perf_counter()
    photo = next(state for state in photos if state.name == EXAM_PHOTO)
    decide(desk, [photo.sha], "exclure")  # a person's word wins over the model's, and can be changed
    decide(desk, [photo.sha], "retoucher")
    proposal = select_words(desk, photo.sha, photo.sha, EXAM_WORDS)
    mask = _brushed(desk, photo, proposal)
    found.mask_share, found.mask_iou = proposal.share, _iou(desk, mask)
    found.models["selection"] = proposal.origin.model
    timed("select", start)
    say("demo.selected", {"share": round(100 * proposal.share, 1)})

    start = time.perf_counter()
    corrected = remove(desk, photo.sha, photo.sha, mask)
    found.changed_outside, found.changed_inside = corrected.changed_outside, corrected.changed_inside
    found.models["removal"] = corrected.origin.model
    accept(desk, photo.sha, corrected.sha)
    timed("remove", start)
    say("demo.removed", {"outside": corrected.changed_outside, "inside": corrected.changed_inside})

    start = time.perf_counter()
    chosen, errors = add_styles(desk, list(styles) or built_in_styles()[:3])
    for _, error in errors:
        raise error
    results = apply_styles(desk, photo.sha, corrected.sha, [style.sha for style in chosen])
    found.styled = [result.name for result in results]
    accept(desk, photo.sha, results[0].sha)
    timed("style", start)
    say("demo.styled", {"n": len(results)})

    start = time.perf_counter()
    keep = [state for state in list_photos(desk.workspace) if state.label != "exclure" or state.sha == photo.sha]
    plates = [Plate(state.sha, caption=Path(state.name).stem.replace("-", " ")) for state in keep]
    plates += [Plate(photo.sha, version=result.sha, caption=Path(result.name).stem) for result in results[1:]]
    book = bind_book(desk, plates, title="24 heures", subtitle="répétition générale")
    found.book_pages, found.book_engine = book.pages, book.engine
    timed("book", start)
    say("demo.bound", {"pages": book.pages, "engine": book.engine})

    start = time.perf_counter()
    for sha, name in [(mask, "masque.png"), (corrected.sha, corrected.name), (book.sha, "livre.pdf")]:
        export_picture(desk, sha, name, out)
    for result in results:
        export_picture(desk, result.sha, result.name, out)
    found.trace_files = len(trace(desk.workspace, results[0].sha).walk())
    export_audit(desk, out / "audit")
    found.audit_holds = desk.workspace.verify().holds
    _check(desk, out, photo, found)
    timed("trace", start)
    (out / "demo.json").write_text(json.dumps(_as_json(found), indent=2, ensure_ascii=False), "utf-8")
    say("demo.traced", {"files": found.trace_files})
    return found


def _brushed(desk: Desk, photo: PhotoState, proposal: Proposal) -> str:
    """What two strokes of a hand do to the proposal: a rim is added around it, a corner of the photo is erased."""
    with Image.open(desk.workspace.store.open(proposal.mask)) as image:
        mask = image.convert("L").filter(ImageFilter.MaxFilter(9))
    pen = ImageDraw.Draw(mask)
    left, top, right, bottom = mask.getbbox() or (0, 0, 1, 1)
    pen.ellipse((left, bottom, left + (right - left) // 8, bottom + (bottom - top) // 8), fill=255)
    pen.ellipse((0, 0, mask.width // 12, mask.width // 12), fill=0)
    buffer = io.BytesIO()
    mask.save(buffer, "PNG")
    return keep_mask(
        desk, photo.sha, photo.sha, buffer.getvalue(), proposals=[proposal.mask], parameters={"words": EXAM_WORDS}
    )


def _check(desk: Desk, out: Path, photo: PhotoState, found: Rehearsal) -> None:
    """Look at the files themselves; raises EngineFailed naming what is not as the examination asks."""
    wrong = []
    if not (out / "livre.pdf").read_bytes().startswith(b"%PDF"):
        wrong.append("livre.pdf")
    wrong += [name for name in found.styled if photo_size(out / name) != (photo.width, photo.height)]
    before = read_picture(desk.workspace.store.open(photo.sha)).pixels
    after = read_picture(out / f"{Path(photo.name).stem}-corrige.png").pixels
    mask = read_mask(out / "masque.png")
    if (before != after).any(axis=2)[~mask].any():
        wrong.append("pixels outside the mask")
    if found.mask_iou is not None and found.mask_iou < 0.5:
        wrong.append("masque.png")
    if not found.audit_holds:
        wrong.append("ledger")
    if wrong:
        raise EngineFailed(
            task="demo", why=", ".join(wrong), why_fr="un résultat n'est pas celui qui est attendu",
            why_en="a result is not the one that is expected",
        )  # fmt: skip


def _iou(desk: Desk, mask: str) -> float | None:
    """Overlap with the sample's exact panel (id 3), None where the exact mask is not at hand."""
    exact = CODE / "samples" / "masks" / "porsche-911.png"
    if not exact.is_file():
        return None
    with Image.open(exact) as image:
        panel = np.asarray(image) == 3
    found = read_mask(desk.workspace.store.open(mask))
    return round(float((found & panel).sum() / max(1, (found | panel).sum())), 4)


def _write_verdicts(path: Path, photos: list[PhotoState]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["photo", "verdict", "p_ok", "p_retoucher", "p_exclure", "model"])
        for photo in photos:
            rows.writerow([photo.name, photo.label, *(f"{p:.4f}" for p in photo.probabilities), photo.model])


def _as_json(found: Rehearsal) -> dict[str, Any]:
    return {name: getattr(found, name) for name in Rehearsal.__slots__}
