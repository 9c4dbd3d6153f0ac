"""Calls of the frame: what the page needs at first, what has changed, jobs, models."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from app.machine_words import size
from app.page.service import Call, Service, Visit
from app.page.visitors import require_local
from app.texts import LANGUAGES, table
from core.canonical import sha256_of_text
from core.errors import Cancelled, EngineFailed
from studio.batches import sweep_uploads
from studio.catalogue import classifiers, known_words, models
from studio.desk import CODE
from studio.job import Job
from studio.machine.system import LEAST_FREE
from studio.photos import PhotoState, get_version, list_photos
from studio.space import free_bytes
from studio.stylizing import MAX_STYLES
from studio.workspace import Workspace

OWNERS = ("backup", "check")
"""Kinds of jobs that name folders of this machine: guests neither see nor stop them."""
SHOWN_JOBS, SHOWN_ERRORS, SHOWN_NOTES = 30, 20, 5
"""What the browser is told of: the newest jobs, the first errors and the newest notes of each."""


def boot(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, Any]:
    """Texts, workspace and models; the photos come with the first ``changes``."""
    workspace = service.desk.workspace
    return {
        "boot": service.boot,
        "workspace": workspace.name,
        "workspace_id": sha256_of_text(str(workspace.folder))[:12],
        "lang": service.desk.settings.language,
        "texts": {language: table(language) for language in LANGUAGES},
        "models": _models(service, visit),
        "models_dir": service.desk.models_dir if visit.local else "",
        "sharing": {"mode": service.sharing.mode, "local": visit.local, "login": service.sharing.logins is not None},
        "classifiers": {
            language: [item | {"id": _short_id(item)} for item in classifiers(service.desk.settings.models, language)]
            for language in LANGUAGES
        },
        "known_words": {language: known_words(language) for language in LANGUAGES},
        "evaluation_samples": evaluation_samples(),
        "max_styles": MAX_STYLES,
        "clock": clock_note(workspace, visit),
    }


def offered_classifiers(service: Service) -> dict[str, str]:
    """Names of the classifiers by the short ones that the browser knows: a guest learns no path of this machine."""
    return {_short_id(item): item["id"] for item in classifiers(service.desk.settings.models, "fr")}


def _short_id(item: dict[str, str]) -> str:
    return Path(item["id"]).stem


def evaluation_samples() -> str:
    """The folder of labelled samples that travels with Paddock, as a person would type it."""
    return os.path.relpath(CODE / "samples" / "evaluation", Path.cwd())


def clock_note(workspace: Workspace, visit: Visit) -> str:
    """A warning when this machine's clock lies before the last act's time, "" else."""
    note = workspace.clock_note()
    return note.message(visit.language) if note is not None else ""


def changes(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, Any]:
    """Photos touched since event ``after``, and the jobs."""
    workspace = service.desk.workspace
    head = workspace.head().size
    after = int(args.get("after", 0))
    photos = list_photos(workspace, changed_after=after) if head > after else []
    if head > after and _bound_since(workspace, after):
        photos = list_photos(workspace)
    return {
        "boot": service.boot,
        "seq": head,
        "photos": [photo_json(workspace, photo) for photo in photos],
        "jobs": [job_json(item, visit) for item in _shown(service, visit)],
        "low_space": low_space(workspace, visit),
    }


def _shown(service: Service, visit: Visit) -> list[Job]:
    return [item for item in service.jobs.all() if visit.local or item.kind not in OWNERS][-SHOWN_JOBS:]


def low_space(workspace: Workspace, visit: Visit) -> str:
    """What is left on the workspace's disk, in words, once it is little; "" while there is room."""
    try:
        free = free_bytes(workspace.folder)
    except OSError:
        return ""  # the disk is gone: every act says so by itself
    return size(free, visit.language) if free < LEAST_FREE else ""


def photo_json(workspace: Workspace, photo: PhotoState) -> dict[str, Any]:
    """A photo as the browser knows it."""
    version = get_version(workspace, photo.sha, photo.current) if photo.current != photo.sha else None
    return {
        "sha": photo.sha, "name": photo.name, "width": photo.width, "height": photo.height, "credit": photo.credit,
        "sample": photo.sample, "label": photo.label, "probabilities": list(photo.probabilities),
        "confidence": photo.confidence, "model": photo.model, "backend": photo.backend, "hand": photo.hand,
        "unsure": photo.unsure, "current": photo.current, "corrected": photo.corrected, "styled": photo.styled,
        "in_book": photo.in_book,
        "style_base": version.parent if version is not None and version.action == "style" else photo.current,
    }  # fmt: skip


def job_json(job: Job, visit: Visit) -> dict[str, Any]:
    """A job as the browser knows it."""
    texts = table(visit.language)
    return {
        "id": job.id, "kind": job.kind, "label": job.label, "who": job.who, "state": job.state, "active": job.active,
        "batch": job.batch, "fraction": round(job.fraction, 3), "doing": _doing(job, visit),
        "total": job.whole, "done": job.done, "failed": job.failed,
        "seconds_left": None if job.seconds_left is None else round(job.seconds_left),
        "errors": [error.message(visit.language) for _, error in job.errors[:SHOWN_ERRORS]],
        "notes": [texts[key].format(**details) for key, details in job.notes[-SHOWN_NOTES:]],
        "message": _message(job, visit),
    }  # fmt: skip


def job_errors(service: Service, visit: Visit, args: dict[str, Any]) -> list[str]:
    """Every photo that a job could not take, in words: ``changes`` tells the first only."""
    found = service.jobs.get(str(args["id"]))
    return [error.message(visit.language) for _, error in found.errors] if found is not None else []


def retry(service: Service, visit: Visit, args: dict[str, Any]) -> bool:
    """Take a batch up again where it stood, with the photos that failed; False when nothing is left to do."""
    return service.jobs.retry(str(args["id"])) is not None


def forget(service: Service, visit: Visit, args: dict[str, Any]) -> bool:
    """Clear ended jobs from the list, and the uploads that they had kept; what others have not finished stays."""
    gone = service.jobs.forget(who=visit.desk.who)
    sweep_uploads(service.jobs)
    return bool(gone)


def _message(job: Job, visit: Visit) -> str:
    """Why a job ended early, in the person's words: its name on the page, never a task's."""
    texts = table(visit.language)
    if job.error is None:
        return ""
    name = texts[f"job.{job.kind}"]
    if isinstance(job.error, Cancelled):
        return texts["jobs.was_cancelled"].format(job=name)
    if isinstance(job.error, EngineFailed):
        return type(job.error)(**{**job.error.details, "task": name}).message(visit.language)
    return job.error.message(visit.language)


def _doing(job: Job, visit: Visit) -> str:
    """What an engine is doing, in words where it names a stage, else the photo's name as it is."""
    return table(visit.language).get(f"doing.{job.doing.split(' ')[0]}", job.doing)[:80]


def job(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, Any]:
    """One job's state, with its result once it is done."""
    found = service.jobs.get(str(args["id"]))
    if found is None:
        return {
            "id": args["id"],
            "state": "failed",
            "message": table(visit.language)["jobs.forgotten"],
            "active": False,
        }
    if found.kind in OWNERS:
        require_local(visit)
    return job_json(found, visit) | ({"result": found.result} if found.state == "done" else {})


def cancel(service: Service, visit: Visit, args: dict[str, Any]) -> bool:
    """Ask a job to stop; False when there is no such job."""
    found = service.jobs.get(str(args["id"]))
    if found is not None:
        if found.kind in OWNERS:
            require_local(visit)
        found.cancel()
    return found is not None


def _models(service: Service, visit: Visit) -> list[dict[str, Any]]:
    return models(service.desk.settings.models, visit.language)


def _bound_since(workspace: Workspace, after: int) -> bool:
    """A new book changes the mark of photos that no event names as its subject."""
    return bool(workspace.read("SELECT 1 FROM books WHERE seq > ?", (after,)))


CALLS: dict[str, Call] = {
    "boot": boot,
    "changes": changes,
    "job": job,
    "cancel": cancel,
    "retry": retry,
    "job_errors": job_errors,
    "forget_jobs": forget,
    "models": lambda service, visit, args: _models(service, visit),
}
