"""Calls of « Qui travaille ? » and « Annuler »: who is at this browser, and what that person can take back."""

from __future__ import annotations

import unicodedata
from typing import Any

from app.page.calls.common import photo_json
from app.page.service import Call, Service, Visit
from studio.photos import get_photo
from studio.undoing import Act, last_act, undo, version_name

MAX_NAME = 60
"""Characters of a declared name."""
SHOWN = 20
"""Photos of an act that the page is told one by one; it is told how many there are in all."""


def declared_name(text: Any) -> str:
    """A name as a person typed it: one line, no control or invisible characters, at most MAX_NAME; "" for none."""
    if not isinstance(text, str):
        return ""
    flat = unicodedata.normalize("NFC", text[: MAX_NAME * 8])
    visible = (
        " " if char.isspace() else char for char in flat if char.isspace() or unicodedata.category(char)[0] != "C"
    )
    return " ".join("".join(visible).split())[:MAX_NAME].strip()


def who(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, Any]:
    """The name that acts are recorded with, and the one that the settings propose."""
    return {"who": visit.desk.who, "proposal": declared_name(service.desk.settings.who), "most": MAX_NAME}


def newest_act(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, Any]:
    """What « Annuler » would take back, None when there is nothing."""
    return {"act": act_of(visit)}


def take_back(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, Any]:
    """Undo an act; answers with it, with the photos as they are now and with what « Annuler » would do next."""
    done = undo(visit.desk, int(args["seq"]))
    workspace = visit.desk.workspace
    photos = [] if done.action == "add-style" else [change.photo for change in done.free[:SHOWN]]
    return {
        "undone": act_json(visit, done),
        "photos": [photo_json(workspace, get_photo(workspace, sha)) for sha in photos],
        "act": act_of(visit),
    }


def act_of(visit: Visit) -> dict[str, Any] | None:
    """This person's newest act that can be taken back, as the browser knows it."""
    act = last_act(visit.desk.workspace, visit.desk.who)
    return act_json(visit, act) if act is not None else None


def act_json(visit: Visit, act: Act) -> dict[str, Any]:
    """An act as the browser knows it. before, after: a verdict, or a version's name ("" for the original)."""

    def side(photo: str, value: str) -> str:
        return version_name(visit.desk.workspace, photo, value) if act.action == "accept" else value

    return {
        "seq": act.seq, "action": act.action, "count": len(act.free),
        "photos": [
            {
                "sha": change.photo, "name": change.name,
                "after": side(change.photo, change.after), "before": side(change.photo, change.before),
            }
            for change in act.free[:SHOWN]
        ],
        "kept": [{"name": change.name, "who": change.later} for change in act.kept[:SHOWN]],
    }  # fmt: skip


CALLS: dict[str, Call] = {"who": who, "last_act": newest_act, "undo": take_back}
