"""Calls of « Retoucher »: words, box and strokes to a mask; erase, replace, accept."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Literal

from app.page.calls.common import photo_json
from app.page.calls.people import act_of
from app.page.service import Call, Service, Visit
from core.errors import MaskError
from studio.correcting import Result, accept, remove, replace
from studio.job import Job
from studio.photos import get_photo, versions_of
from studio.selecting import Proposal, keep_mask, refine_strokes, select_box, select_words

MOST_STEPS = 100
"""Steps of one picture that a visitor may ask for: more holds the engine for minutes and shows nothing."""


def words_to_mask(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Select by words; backend "embedded" or "full", as the person asked, never swapped."""
    backend: Literal["embedded", "full"] = "full" if args.get("backend") == "full" else "embedded"

    def work(job: Job) -> dict[str, Any]:
        found = select_words(
            visit.desk, args["photo"], args["version"], str(args["words"])[:300], backend=backend, report=job.report
        )  # fmt: skip
        return _proposal(service, found)

    return service.start("select", visit, work, label=str(args["words"])[:60])


def box_to_mask(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Select inside a box given in fractions of the photo."""
    left, top, right, bottom = (min(1.0, max(0.0, float(value))) for value in args["box"])

    def work(job: Job) -> dict[str, Any]:
        box = (left, top, right, bottom)
        return _proposal(service, select_box(visit.desk, args["photo"], args["version"], box, report=job.report))

    return service.start("select", visit, work)


def strokes_to_mask(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Let the edge be redrawn from the strokes."""
    add, erase, start = (_png(args.get(name)) for name in ("add", "remove", "start"))

    def work(job: Job) -> dict[str, Any]:
        found = refine_strokes(
            visit.desk, args["photo"], args["version"], add=add, remove=erase, start=start, report=job.report
        )  # fmt: skip
        return _proposal(service, found)

    return service.start("select", visit, work)


def erase(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """« Effacer »: keep the mask as drawn, then remove what it covers."""
    photo, version, png = str(args["photo"]), str(args["version"]), _png(args["mask"])

    def work(job: Job) -> dict[str, Any]:
        mask = _mask(visit, photo, version, png, args)
        return _result(remove(visit.desk, photo, version, mask, report=job.report))

    return service.start("remove", visit, work, label=get_photo(visit.desk.workspace, photo).name)


def wish(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """« Remplacer »: keep the mask as drawn, then paint the wish into it."""
    photo, version, png = str(args["photo"]), str(args["version"]), _png(args["mask"])

    def work(job: Job) -> dict[str, Any]:
        mask = _mask(visit, photo, version, png, args)
        made = replace(
            visit.desk, photo, version, mask, prompt=str(args.get("prompt", ""))[:500],
            steps=min(MOST_STEPS, max(1, int(args.get("steps", 30)))), seed=int(args.get("seed", 0)), report=job.report,
        )  # fmt: skip
        return _result(made)

    return service.start("replace", visit, work, label=get_photo(visit.desk.workspace, photo).name)


def mask_file(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Keep the mask as drawn and answer with its full-size file."""
    photo, version, png = str(args["photo"]), str(args["version"]), _png(args["mask"])

    def work(job: Job) -> dict[str, str]:
        sha = _mask(visit, photo, version, png, args)
        stem = get_photo(visit.desk.workspace, photo).name.rpartition(".")[0]
        return {"sha": sha, "name": f"{stem}-masque.png"}

    return service.start("select", visit, work)


def accept_version(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, Any]:
    """Make a version the photo's current one; answers with the photo as it is now and what « Annuler » would do."""
    photo = str(args["photo"])
    accept(visit.desk, photo, str(args["version"]))
    return {"photos": [photo_json(visit.desk.workspace, get_photo(visit.desk.workspace, photo))], "act": act_of(visit)}


def versions(service: Service, visit: Visit, args: dict[str, Any]) -> list[dict[str, Any]]:
    """Everything made from a photo, oldest first."""
    return [
        {
            "sha": version.sha,
            "photo": version.photo,
            "name": version.name,
            "action": version.action,
            "parent": version.parent,
            "style": version.parameters.get("style", ""),
        }
        for version in versions_of(visit.desk.workspace, str(args["photo"]))
    ]


def _mask(visit: Visit, photo: str, version: str, png: bytes, args: dict[str, Any]) -> str:
    parameters = {"words": str(args["words"])[:300]} if args.get("words") else {}
    proposals = [str(sha) for sha in args.get("proposals", [])][:20]
    return keep_mask(visit.desk, photo, version, png, proposals=proposals, parameters=parameters)


def _proposal(service: Service, found: Proposal) -> dict[str, Any]:
    return {
        "mask": found.mask, "mask_url": f"media/mask/{found.mask}.png",
        "heat": service.share(found.heat) if found.heat else "", "understood": found.understood,
        "proposal": found.proposal, "share": found.share, "zones": found.zones, "backend": found.origin.backend,
        "model": found.origin.model,
    }  # fmt: skip


def _result(made: Result) -> dict[str, Any]:
    return {
        "sha": made.sha, "name": made.name, "changed_inside": made.changed_inside,
        "changed_outside": made.changed_outside, "backend": made.origin.backend, "model": made.origin.model,
    }  # fmt: skip


def _png(data: Any) -> bytes:
    """The bytes of a PNG data address; b"" for none. Raises MaskError when it is not one."""
    if not data:
        return b""
    prefix, _, body = str(data).partition(",")
    try:
        if prefix != "data:image/png;base64":
            raise ValueError(prefix[:40])
        return base64.b64decode(body, validate=True)
    except (ValueError, binascii.Error) as error:
        raise MaskError(
            problem_fr="elle n'est pas arrivée entière. Recommencez.", problem_en="it did not arrive whole. Try again."
        ) from error


CALLS: dict[str, Call] = {
    "select_words": words_to_mask,
    "select_box": box_to_mask,
    "refine": strokes_to_mask,
    "remove": erase,
    "replace": wish,
    "accept": accept_version,
    "mask_file": mask_file,
    "versions": versions,
}
