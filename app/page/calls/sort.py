"""Calls of « Trier »: import, verdicts, a person's word."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from app.page.calls.people import act_of
from app.page.service import Call, Service, Visit, uploaded
from studio.batches import add_files, judge_waiting, start_import
from studio.desk import CODE
from studio.judging import decide
from studio.sources import find_photos
from studio.stylizing import add_styles, built_in_styles


def import_files(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Import dropped files; what is new is judged as it comes. more: others follow by ``import_more``."""
    job = start_import(
        service.jobs, _dropped(args), who=visit.desk.who, label=str(args.get("label") or "")[:60],
        more=bool(args.get("more")), expected=min(10**6, int(args.get("expected") or 0)),
    )  # fmt: skip
    return {"job": job.id}


def import_more(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Further files of an import that runs; ``last`` ends it. A new import when that one has ended meanwhile."""
    job = service.jobs.get(str(args["job"]))
    if not args.get("files"):
        if job is not None:
            job.seal()
        return {"job": str(args["job"])}
    if job is None or job.kind != "import" or not job.open:
        return import_files(service, visit, {**args, "more": not args.get("last")})
    try:
        add_files(service.jobs, job, _dropped(args))
    finally:
        if args.get("last"):
            job.seal()
    return {"job": job.id}


def import_samples(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Import the synthetic pictures and the built-in styles that travel with Paddock."""
    add_styles(visit.desk, built_in_styles(), built_in=True)
    photos = find_photos(CODE / "samples" / "evaluation")
    return {"job": start_import(service.jobs, photos, who=visit.desk.who, sample=True).id}


def start_judging(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Judge everything that has no verdict yet and is not in line already."""
    job = judge_waiting(service.jobs, who=visit.desk.who) or service.jobs.running("judge")
    return {"job": job.id if job is not None else ""}


def set_verdict(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, Any]:
    """A person's verdict for some photos; None takes it back. Answers with what « Annuler » would take back."""
    decide(visit.desk, [str(sha) for sha in args["photos"]], args["label"])
    return {"act": act_of(visit)}


def _dropped(args: dict[str, Any]) -> list[tuple[Path, str]]:
    """(path, name) of uploaded files; a folder's path before a name is left out."""
    return [
        (path, PurePosixPath(name.replace("\\", "/")).name) for path, name in uploaded(args.get("files") or []).items()
    ]


CALLS: dict[str, Call] = {
    "import": import_files,
    "import_more": import_more,
    "import_samples": import_samples,
    "judge": start_judging,
    "decide": set_verdict,
}
