"""Undo: take back a person's newest verdict, accepted version or added style image, by recording the reverse act.

What can be taken back is read from the ledger's acts, so it outlives a reload and a restart. Nothing is
deleted: the reverse is an event of its own that names, as ``undoes``, the one it takes back.
"""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from typing import Literal, cast

from audit.ledger import Item
from core.errors import ChoiceError
from studio.desk import Desk
from studio.photos import get_photo, get_version
from studio.workspace import Workspace

Undoable = Literal["decide", "accept", "add-style"]

_LATER = """SELECT b.who FROM acts b WHERE b.photo = a.photo AND b.action = a.action AND b.seq > a.seq
    AND b.undone IS NULL AND (b.who <> a.who OR b.after IS NOT b.before) ORDER BY b.seq DESC LIMIT 1"""
"""Who acted on the same photo after act ``a``. Saying the same again counts when somebody else says it."""
_NEWEST = f"""SELECT a.seq FROM acts a WHERE a.who = ? AND a.undone IS NULL AND a.after IS NOT a.before
    AND NOT EXISTS ({_LATER}) ORDER BY a.seq DESC LIMIT 1"""
_PARTY = f"""SELECT a.*, ({_LATER}) AS later FROM acts a
    WHERE a.who = ? AND a.undone IS NULL AND a.after IS NOT a.before AND (a.seq = ? OR (a.party = ? AND a.party <> ''))
    ORDER BY a.seq"""


@dataclass(frozen=True, slots=True)
class Change:
    """What an act did to one photo, and what undoing it brings back.

    after, before: of a verdict "ok", "retoucher", "exclure" or "" (none by hand: the model's counts);
    of an acceptance the version's hash, the original's own when it is the original; of a style image
    (which is then the photo) its hash and "". later: who has acted on this photo since, "" for nobody:
    then the change stays.
    """

    seq: int
    photo: str
    name: str
    after: str
    before: str
    later: str


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person did in one go. seq: its newest event's number, by which it is undone."""

    seq: int
    action: Undoable
    changes: tuple[Change, ...]

    @property
    def free(self) -> tuple[Change, ...]:
        """The changes that undoing takes back."""
        return tuple(change for change in self.changes if not change.later)

    @property
    def kept(self) -> tuple[Change, ...]:
        """The changes that stay, because somebody has acted on those photos since."""
        return tuple(change for change in self.changes if change.later)


def last_act(workspace: Workspace, who: str) -> Act | None:
    """This person's newest act that can be taken back; None when there is nothing.

    An act is left out once it was undone, when it changed nothing, and where somebody acted on all its photos since.
    """
    rows = workspace.read(_NEWEST, (who,))
    return _act(workspace, who, rows[0]["seq"]) if rows else None


def undo(desk: Desk, seq: int) -> Act:
    """Take back the act that event ``seq`` belongs to; returns it, with what was left as it is in ``kept``.

    Raises ChoiceError, and records nothing, when it is not this person's, was undone already, or when
    somebody has acted on every photo of it since.
    """
    with desk.workspace.undisturbed():
        return _undo(desk, seq)


def _undo(desk: Desk, seq: int) -> Act:
    act = _act(desk.workspace, desk.who, seq)
    if act is None:
        raise _refused(desk.workspace, desk.who, seq)
    if not act.free:
        raise _overtaken(act, desk.who)
    group = {"group": secrets.token_hex(6)} if len(act.free) > 1 else {}
    for change in act.free:
        facts = {"before": change.after or None, "undoes": change.seq, **group}
        if act.action == "decide":
            model = get_photo(desk.workspace, change.photo).model_label or None
            facts = {"label": change.before or None, "model": model, **facts}
            desk.workspace.record("decide", who=desk.who, subject=change.photo, parameters=facts)
        elif act.action == "add-style":
            inputs = [Item(change.photo, "style-image", change.name)]
            desk.workspace.record("drop-style", who=desk.who, inputs=inputs, parameters=facts)
        else:
            name = version_name(desk.workspace, change.photo, change.before) or change.name
            inputs = [Item(change.before, "version", name)]
            desk.workspace.record("accept", who=desk.who, subject=change.photo, inputs=inputs, parameters=facts)
    return act


def version_name(workspace: Workspace, photo: str, sha: str) -> str:
    """The file name of a version of a photo, "" for the original."""
    version = get_version(workspace, photo, sha)
    return version.name if version else ""


def _act(workspace: Workspace, who: str, seq: int) -> Act | None:
    """The act that an event belongs to, without what was undone or changed nothing; None when nothing is left."""
    found = workspace.read("SELECT action, party FROM acts WHERE seq = ?", (seq,))
    rows = workspace.read(_PARTY, (who, seq, found[0]["party"])) if found else []
    if not rows:
        return None
    action = cast(Undoable, rows[0]["action"])
    return Act(rows[-1]["seq"], action, tuple(_change(workspace, row) for row in rows))


def _change(workspace: Workspace, row: sqlite3.Row) -> Change:
    table = "styles" if row["action"] == "add-style" else "photos"
    names = workspace.read(f"SELECT name FROM {table} WHERE sha = ?", (row["photo"],))
    return Change(
        row["seq"], row["photo"], names[0]["name"] if names else row["photo"][:12], row["after"] or "",
        row["before"] or "", row["later"] or "",
    )  # fmt: skip


def _refused(workspace: Workspace, who: str, seq: int) -> ChoiceError:
    """Why an event that is no open act of this person can't be undone."""
    rows = workspace.read("SELECT who, undone FROM acts WHERE seq = ?", (seq,))
    if rows and rows[0]["undone"] is not None:
        return ChoiceError(
            problem_fr="cette action est déjà annulée. Rien n'a changé.",
            problem_en="this was undone already. Nothing has changed.",
        )
    if rows and rows[0]["who"] != who:
        other = rows[0]["who"]
        return ChoiceError(
            problem_fr=f"cette action est de {other} ; seule cette personne peut l'annuler.",
            problem_en=f"this was done by {other}; only that person can undo it.",
        )
    return ChoiceError(
        problem_fr="il n'y a rien à annuler ici. Rechargez la page.",
        problem_en="there is nothing to undo here. Reload the page.",
    )


def _overtaken(act: Act, who: str) -> ChoiceError:
    """Somebody has acted on all the photos since: theirs stays."""
    change = act.kept[0]
    names_fr = f"« {change.name} »" + (f" (et {len(act.kept) - 1} autres)" if len(act.kept) > 1 else "")
    names_en = f"“{change.name}”" + (f" (and {len(act.kept) - 1} others)" if len(act.kept) > 1 else "")
    by_fr, by_en = ("vous", "yourself") if change.later == who else (change.later, change.later)
    verdict = act.action == "decide"
    what_fr, stays_fr = ("un autre avis", "il est gardé") if verdict else ("une autre version", "elle est gardée")
    return ChoiceError(
        problem_fr=f"{names_fr} a reçu {what_fr} depuis ({by_fr}) : {stays_fr}, et rien n'a été annulé.",
        problem_en=f"{names_en} was given another {'verdict' if verdict else 'version'} since ({by_en}): "
        "it is kept, and nothing was undone.",
    )
