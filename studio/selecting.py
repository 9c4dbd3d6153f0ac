"""Select: words, a box or strokes become a mask; the brush has the last word."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from audit.ledger import Item
from audit.store import Stored
from core.errors import MaskError
from core.files import write_bytes
from core.values import Origin, Report, no_report
from core.weights import locate
from editing.words import embedded_concepts, understand
from studio.desk import Desk
from studio.photos import check_version, get_photo
from studio.reading import is_untouched
from studio.refusals import writing_in

CLIPSEG = "clipseg"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mask in the store, before or after the brush.

    mask: hash of a PNG of exactly 0 and 255 at the photo's full size; heat: path of an 8-bit map for
    the interactive threshold, None when the answer has none; understood: how the words were read or
    what text was found; proposal: True when it is a guess to be checked; share: part selected, 0..1.
    """

    mask: str
    heat: Path | None
    understood: str
    origin: Origin
    proposal: bool
    share: float
    zones: int


def select_words(
    desk: Desk, photo: str, version: str, words: str, *,
    backend: Literal["embedded", "full"] = "embedded", report: Report = no_report,
) -> Proposal:  # fmt: skip
    """Find what words name in a version of a photo.

    backend: "embedded" knows a closed vocabulary; "full" is CLIPSeg from the models folder. Raises
    NotUnderstood with the known words, WeightsMissing, or MaskError when nothing was found.
    """
    request = understand(words)
    path, name, out = _source(desk, photo, version)
    if backend == "full":
        located = locate(CLIPSEG, desk.settings.models)
        made = desk.engines.call(
            "torch", "studio.tasks.select:clipseg", path, name, list(request.prompts), str(located.folder), out,
            words=words, model=CLIPSEG if located.source == "folder" else located.source,
            revision=located.revision, sha256=located.sha256, report=report,
        )  # fmt: skip
    else:
        concepts = list(embedded_concepts(request))
        seen = desk.engines.call("keras", "studio.tasks.look:look", path, name, concepts, report=report)
        made = desk.engines.call(
            "torch", "studio.tasks.select:from_seen", path, name, seen, concepts, out, words=words, report=report
        )
    if made.share == 0:
        raise MaskError(
            problem_fr=f"rien trouvé pour « {words} » sur cette photo. Tracez un cadre ou peignez la zone.",
            problem_en=f"nothing found for “{words}” in this photo. Draw a box or paint the area.",
        )
    shown = request.english if backend == "full" else made.understood
    return _keep(desk, photo, version, made, {"words": words, "english": request.english}, shown)


def select_box(
    desk: Desk, photo: str, version: str, box: tuple[float, float, float, float], *, report: Report = no_report
) -> Proposal:
    """Cut out the object in a box given in fractions of the photo (left, top, right, bottom in 0..1)."""
    path, name, out = _source(desk, photo, version)
    made = desk.engines.call("torch", "studio.tasks.select:from_box", path, name, box, out, report=report)
    return _keep(desk, photo, version, made, {"box": [round(value, 5) for value in box]}, "")


def refine_strokes(
    desk: Desk, photo: str, version: str, *, add: bytes, remove: bytes, start: bytes, report: Report = no_report
) -> Proposal:
    """Let GrabCut redraw the edge from strokes; each argument is a black-and-white PNG, b"" for none."""
    path, name, out = _source(desk, photo, version)
    files = [_temporary(desk, data) if data else "" for data in (add, remove, start)]
    made = desk.engines.call("torch", "studio.tasks.select:from_strokes", path, name, *files, out, report=report)
    _forget(files)
    return _keep(desk, photo, version, made, {"strokes": True}, "")


def keep_mask(
    desk: Desk, photo: str, version: str, png: bytes, *, proposals: Sequence[str] = (),
    parameters: Mapping[str, Any] | None = None, report: Report = no_report,
) -> str:  # fmt: skip
    """Store the mask as a person left it (PNG at the screen's size) at full size; returns its hash.

    proposals: hashes of the masks that it grew from. One that was not touched is kept itself, exact
    at full size. Raises MaskError when the mask is empty.
    """
    path, name, out = _source(desk, photo, version)
    known = [sha for sha in dict.fromkeys(proposals) if desk.workspace.store.has(sha)]
    if len(known) == 1 and is_untouched(desk, known[0], png):
        size = desk.workspace.store.open(known[0]).stat().st_size
        stored, share, by = Stored(known[0], size, new=False), None, "proposal kept as it was"
    else:
        stored, share = _drawn(desk, path, name, png, out, report)
        by = "brush"
    inputs = [Item(version, "version", name)]
    inputs += [Item(sha, "mask", "proposition.png") for sha in known if sha != stored.sha256]
    desk.workspace.record(
        "mask", who=desk.who, subject=photo, inputs=inputs,
        outputs=[Item(stored.sha256, "mask", f"{Path(name).stem}-masque.png", stored.size)],
        parameters={**({} if share is None else {"share": round(share, 6)}), **(parameters or {})},
        origin=Origin("person", by),
    )  # fmt: skip
    return stored.sha256


def _drawn(desk: Desk, path: str, name: str, png: bytes, out: str, report: Report) -> tuple[Stored, float]:
    """Scale a mask from the screen to full size and store it; (stored file, share selected)."""
    drawn = _temporary(desk, png)
    try:
        share = desk.engines.call("torch", "studio.tasks.select:full_size", path, name, drawn, out, report=report)
        if share == 0:
            raise MaskError(
                problem_fr="elle est vide. Sélectionnez d'abord ce qu'il faut corriger, "
                "par des mots, un cadre ou le pinceau.",
                problem_en="it is empty. First select what is to be corrected, by words, a box or the brush.",
            )
        return desk.workspace.store.add(Path(out)), share
    finally:
        _forget([drawn, out])


def _keep(desk: Desk, photo: str, version: str, made: Any, parameters: dict[str, Any], understood: str) -> Proposal:
    """Store a worker's mask and write its record."""
    stored = desk.workspace.store.add(Path(made.path))
    Path(made.path).unlink(missing_ok=True)
    name = get_photo(desk.workspace, photo).name
    desk.workspace.record(
        "select", who=desk.who, subject=photo, inputs=[Item(version, "version", name)],
        outputs=[Item(stored.sha256, "mask", f"{Path(name).stem}-proposition.png", stored.size)],
        parameters={**parameters, "share": round(made.share, 6), "understood": understood}, origin=made.origin,
    )  # fmt: skip
    heat = Path(made.heat_path) if made.heat_path else None
    return Proposal(stored.sha256, heat, understood, made.origin, made.proposal, made.share, made.zones)


def _source(desk: Desk, photo: str, version: str) -> tuple[str, str, str]:
    """(path of the version's file, the photo's name, path for a new mask)."""
    state = get_photo(desk.workspace, photo)
    check_version(desk.workspace, state, version)
    path = desk.workspace.store.open(version)
    name = state.name if version == state.sha else f"{Path(state.name).stem}.png"
    return str(path), name, str(desk.workspace.tmp / f"mask-{secrets.token_hex(8)}.png")


def _temporary(desk: Desk, data: bytes) -> str:
    with writing_in(desk.workspace.folder):
        return str(write_bytes(desk.workspace.tmp / f"drawn-{secrets.token_hex(8)}.png", data))


def _forget(files: list[str]) -> None:
    for file in filter(None, files):
        Path(file).unlink(missing_ok=True)
