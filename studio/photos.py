"""What the desk knows of each photo, as values for lists and panels."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from core.errors import WorkspaceError
from studio.workspace import Workspace

UNSURE_BELOW = 0.60
"""A model's verdict under this probability is shown as « pas sûr » and asks for a person."""


@dataclass(frozen=True, slots=True)
class PhotoState:
    """One photo as it stands.

    label: the verdict that counts (a hand's word over the model's), "" before it is judged;
    model_label, probabilities: the model's own; hand: what a person decided or "".
    current: hash of the accepted version (the original's own hash when none was accepted);
    corrected, styled: whether a correction or a style is among the steps that lead to it.
    """

    sha: str
    name: str
    width: int
    height: int
    taken: str
    credit: str
    sample: bool
    label: str
    model_label: str
    probabilities: tuple[float, ...]
    model: str
    backend: str
    hand: str
    unsure: bool
    current: str
    corrected: bool
    styled: bool
    in_book: bool
    changed: int

    @property
    def confidence(self) -> float:
        """Of the model in its verdict, 0..1; 0 before it has judged."""
        return max(self.probabilities, default=0.0)


@dataclass(frozen=True, slots=True)
class Version:
    """A result made from a photo. action: "remove", "replace" or "style"; parent: what it was made from."""

    sha: str
    photo: str
    parent: str
    action: str
    name: str
    parameters: dict[str, Any]
    origin: dict[str, Any]
    seq: int


_MADE_BY = """EXISTS(
    WITH RECURSIVE chain(sha) AS (
      SELECT p.current UNION SELECT x.parent FROM versions x, chain c WHERE x.photo = p.sha AND x.sha = c.sha
    )
    SELECT 1 FROM versions y, chain c WHERE y.photo = p.sha AND y.sha = c.sha AND y.action IN ({actions}))"""
"""True when an action is among the steps from the original to the accepted version."""
_QUERY = f"""
SELECT p.*, v.label, v.p_ok, v.p_retoucher, v.p_exclure, v.model, v.backend, v.hand,
  {_MADE_BY.format(actions="'remove', 'replace'")} AS corrected, {_MADE_BY.format(actions="'style'")} AS styled
FROM photos p LEFT JOIN verdicts v ON v.photo = p.sha
"""


def list_photos(workspace: Workspace, *, changed_after: int = 0) -> list[PhotoState]:
    """Photos in the order of import; with ``changed_after``, those that an event after that number touched."""
    plates = _plates(workspace)
    rows = workspace.read(_QUERY + " WHERE p.changed > ? ORDER BY p.seq", (changed_after,))
    return [_state(row, plates) for row in rows]


def get_photo(workspace: Workspace, sha: str) -> PhotoState:
    """One photo; raises WorkspaceError when the workspace has no such photo."""
    rows = workspace.read(_QUERY + " WHERE p.sha = ?", (sha,))
    if not rows:
        raise WorkspaceError(
            folder=workspace.folder,
            problem_fr=f"la photo {sha[:12]}… n'y est pas. Importez-la d'abord.",
            problem_en=f"the photo {sha[:12]}… is not in it. Import it first.",
        )
    return _state(rows[0], _plates(workspace))


def versions_of(workspace: Workspace, photo: str) -> list[Version]:
    """Everything that was made from a photo, oldest first."""
    rows = workspace.read("SELECT * FROM versions WHERE photo = ? ORDER BY seq", (photo,))
    return [_version(row) for row in rows]


def get_version(workspace: Workspace, photo: str, sha: str) -> Version | None:
    """A version of a photo by its hash; None for the original or a hash that is not a version of it."""
    rows = workspace.read("SELECT * FROM versions WHERE photo = ? AND sha = ?", (photo, sha))
    return _version(rows[0]) if rows else None


def check_version(workspace: Workspace, state: PhotoState, version: str) -> None:
    """Raises WorkspaceError unless the version is the photo's original or was made from it."""
    if version != state.sha and get_version(workspace, state.sha, version) is None:
        raise WorkspaceError(
            folder=workspace.folder,
            problem_fr=f"la version {version[:12]}… n'appartient pas à « {state.name} ».",
            problem_en=f"the version {version[:12]}… does not belong to “{state.name}”.",
        )


def _plates(workspace: Workspace) -> set[str]:
    """Hashes that the newest book holds."""
    rows = workspace.read("SELECT plates FROM books ORDER BY seq DESC LIMIT 1")
    return set(json.loads(rows[0]["plates"])) if rows else set()


def _version(row: sqlite3.Row) -> Version:
    return Version(
        row["sha"], row["photo"], row["parent"], row["action"], row["name"],
        json.loads(row["parameters"]), json.loads(row["origin"] or "{}") or {}, row["seq"],
    )  # fmt: skip


def _state(row: sqlite3.Row, plates: set[str]) -> PhotoState:
    judged = row["label"] is not None
    probabilities = (row["p_ok"], row["p_retoucher"], row["p_exclure"]) if judged else ()
    hand = row["hand"] or ""
    return PhotoState(
        sha=row["sha"], name=row["name"], width=row["width"], height=row["height"], taken=row["taken"] or "",
        credit=row["credit"] or "", sample=bool(row["sample"]), label=hand or row["label"] or "",
        model_label=row["label"] or "", probabilities=probabilities, model=row["model"] or "",
        backend=row["backend"] or "", hand=hand,
        unsure=judged and not hand and max(probabilities) < UNSURE_BELOW, current=row["current"],
        corrected=bool(row["corrected"]), styled=bool(row["styled"]), in_book=row["current"] in plates,
        changed=row["changed"],
    )  # fmt: skip
