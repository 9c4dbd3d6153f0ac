"""Correct: erase what the mask covers, or replace it with a wish; then accept the result or leave it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.ledger import Item
from core.values import Origin, Report, holding, no_report
from core.weights import locate
from studio.desk import Desk
from studio.photos import PhotoState, check_version, get_photo, get_version

INPAINTING = "sd2-inpainting"


@dataclass(frozen=True, slots=True)
class Result:
    """A new version of a photo. changed_outside was counted, pixel by pixel, and is 0 for a correction."""

    sha: str
    name: str
    origin: Origin
    changed_inside: int
    changed_outside: int


def remove(desk: Desk, photo: str, version: str, mask: str, *, seed: int = 0, report: Report = no_report) -> Result:
    """Erase what the stored mask covers from a version, filling it from its surroundings (no network needed).

    The scene is asked first where the car is, so that no piece of it is copied into the hole.
    """
    state = get_photo(desk.workspace, photo)
    check_version(desk.workspace, state, version)
    name = source_name(state, version)
    path = str(desk.workspace.store.open(version))
    seen = desk.engines.call("keras", "studio.tasks.look:look", path, name, ["car"], report=holding(report, 0.02))
    return _correct(
        desk, photo, version, mask, "remove", {"seed": seed, "car": seen.heat, "seen_by": seen.origins}, report
    )


def replace(
    desk: Desk, photo: str, version: str, mask: str, *, prompt: str, negative_prompt: str = "", steps: int = 30,
    guidance: float = 7.5, strength: float = 1.0, seed: int = 0, report: Report = no_report,
) -> Result:  # fmt: skip
    """Paint a wish into the mask with Stable Diffusion 2 inpainting. Raises WeightsMissing when it is not there."""
    located = locate(INPAINTING, desk.settings.models)
    options = {
        "weights": {
            "folder": str(located.folder), "revision": located.revision, "sha256": located.sha256,
            "model": INPAINTING if located.source == "folder" else located.source,
        },
        "prompt": prompt, "negative_prompt": negative_prompt, "steps": steps,
        "guidance": guidance, "strength": strength, "seed": seed,
    }  # fmt: skip
    return _correct(desk, photo, version, mask, "replace", options, report)


def accept(desk: Desk, photo: str, version: str) -> None:
    """Make a version the photo's current one; the original and the others stay. The original's hash goes back to it."""
    with desk.workspace.undisturbed():
        state = get_photo(desk.workspace, photo)
        check_version(desk.workspace, state, version)
        made = get_version(desk.workspace, photo, version)
        inputs = [Item(version, "version", made.name if made else state.name)]
        desk.workspace.record(
            "accept", who=desk.who, subject=photo, inputs=inputs, parameters={"before": state.current}
        )


def _correct(
    desk: Desk, photo: str, version: str, mask: str, action: str, options: Mapping[str, Any], report: Report
) -> Result:
    workspace = desk.workspace
    state = get_photo(workspace, photo)
    check_version(workspace, state, version)
    out = workspace.tmp / f"{action}-{secrets.token_hex(8)}.png"
    made = desk.engines.call(
        "torch", f"studio.tasks.correct:{action}", str(workspace.store.open(version)), source_name(state, version),
        str(workspace.store.open(mask)), str(out), report=report, **options,
    )  # fmt: skip
    inputs = [Item(version, "version", source_name(state, version)), Item(mask, "mask")]
    parameters = {key: value for key, value in options.items() if key not in ("weights", "car", "seen_by")}
    return keep_result(desk, state, action, made, inputs, f"{Path(state.name).stem}-corrige.png", parameters)


def keep_result(
    desk: Desk, state: PhotoState, action: str, made: Any, inputs: list[Item], name: str, parameters: Mapping[str, Any]
) -> Result:
    """Store a worker's picture and write its record; without the record there is no result."""
    stored = desk.workspace.store.add(Path(made.path))
    Path(made.path).unlink(missing_ok=True)
    desk.workspace.record(
        action, who=desk.who, subject=state.sha, inputs=inputs,
        outputs=[Item(stored.sha256, "corrected" if action != "style" else "styled", name, stored.size)],
        parameters={**parameters, "changed_inside": made.changed_inside, "changed_outside": made.changed_outside},
        origin=made.origin,
    )  # fmt: skip
    return Result(stored.sha256, name, made.origin, made.changed_inside, made.changed_outside)


def source_name(state: PhotoState, version: str) -> str:
    """The name that fits a version's bytes: the original's own, or .png for what the desk made."""
    return state.name if version == state.sha else f"{Path(state.name).stem}.png"
