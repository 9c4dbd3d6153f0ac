"""Stylise: one photo in up to three styles; previews first, full size for those that are kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

from audit.ledger import Item
from core.errors import ChoiceError, PhotoError
from core.values import Report, holding, no_report
from studio.correcting import Result, keep_result, source_name
from studio.desk import CODE, Desk
from studio.photos import check_version, get_photo
from studio.previews import PROXY
from studio.reading import examine

MAX_STYLES = 3


@dataclass(frozen=True, slots=True)
class Style:
    """A style image of the workspace."""

    sha: str
    name: str


def add_styles(
    desk: Desk, paths: list[Path], *, names: dict[Path, str] | None = None, built_in: bool = False
) -> tuple[list[Style], list[tuple[str, PhotoError]]]:
    """Copy style images into the store; returns those added or known, and (name, error) of those refused.

    Added at once they are one act, which studio.undoing takes back as one; built_in ones are nobody's act.
    """
    group = {"group": secrets.token_hex(6)} if len(paths) > 1 else {}
    act = {"built_in": True} if built_in else {"built_in": False, **group}
    added: list[Style] = []
    errors: list[tuple[str, PhotoError]] = []
    for path in paths:
        name = (names or {}).get(path, path.name)
        try:
            reading = examine(desk, path, name)
        except PhotoError as error:
            errors.append((name, error))
            continue
        stored = desk.workspace.store.add(path)
        if not desk.workspace.read("SELECT 1 FROM styles WHERE sha = ?", (stored.sha256,)):
            desk.workspace.record(
                "add-style", who=desk.who, outputs=[Item(stored.sha256, "style-image", name, stored.size)],
                parameters={"credit": reading.credit, **act},
            )  # fmt: skip
        added.append(Style(stored.sha256, name))
    return added, errors


def built_in_styles() -> list[Path]:
    """The style images that travel with Paddock."""
    return sorted((CODE / "samples" / "styles").glob("*.jpg"))


def list_styles(desk: Desk) -> list[Style]:
    """Styles of the workspace, oldest first."""
    rows = desk.workspace.read("SELECT sha, name FROM styles ORDER BY seq")
    return [Style(row["sha"], row["name"]) for row in rows]


def preview_style(
    desk: Desk, photo: str, version: str, style: str, *, strength: float = 1.0, report: Report = no_report
) -> Path:
    """A screen-size preview (JPEG) of a version in a style. Not recorded: nothing is kept but a cache file."""
    workspace = desk.workspace
    key = hashlib.sha256(f"{version} {style} {strength:.3f}".encode()).hexdigest()
    state = get_photo(workspace, photo)
    check_version(workspace, state, version)
    _check_styles(desk, [style])
    target = workspace.previews / "styles" / f"{key}.jpg"
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        desk.engines.call(
            "torch", "studio.tasks.correct:palette", str(workspace.store.open(version)),
            source_name(get_photo(workspace, photo), version), str(workspace.store.open(style)), "", str(target),
            strength=strength, max_side=PROXY, report=report,
        )  # fmt: skip
    return target


def _check_styles(desk: Desk, styles: list[str]) -> dict[str, str]:
    """Names of the workspace's styles by hash; raises ChoiceError for a hash that is none of them."""
    known = {style.sha: style.name for style in list_styles(desk)}
    if not set(styles) <= known.keys():
        raise ChoiceError(
            problem_fr="cette image n'est pas parmi les styles. Ajoutez-la d'abord.",
            problem_en="this picture is not among the styles. Add it first.",
        )
    return known


def apply_styles(
    desk: Desk, photo: str, version: str, styles: list[str], *, strength: float = 1.0, report: Report = no_report
) -> list[Result]:
    """Make a full-size version per style, at most MAX_STYLES. Each is recorded with its style image."""
    if not 1 <= len(styles) <= MAX_STYLES:
        raise ChoiceError(
            problem_fr=f"choisissez de une à {MAX_STYLES} images de style.",
            problem_en=f"choose one to {MAX_STYLES} style images.",
        )
    workspace = desk.workspace
    state = get_photo(workspace, photo)
    check_version(workspace, state, version)
    known = _check_styles(desk, styles)
    results = []
    for number, style in enumerate(styles):
        stem = Path(known.get(style, style[:8])).stem
        report(number / len(styles), stem)
        out = workspace.tmp / f"style-{secrets.token_hex(8)}.png"
        made = desk.engines.call(
            "torch", "studio.tasks.correct:palette", str(workspace.store.open(version)), source_name(state, version),
            str(workspace.store.open(style)), "", str(out), strength=strength,
            report=holding(report, number / len(styles)),
        )  # fmt: skip
        inputs = [
            Item(version, "version", source_name(state, version)), Item(style, "style-image", known.get(style, "")),
        ]  # fmt: skip
        parameters = {"strength": strength, "method": "palette", "style": style}
        name = f"{Path(state.name).stem}-{stem}.png"
        results.append(keep_result(desk, state, "style", made, inputs, name, parameters))
    return results
