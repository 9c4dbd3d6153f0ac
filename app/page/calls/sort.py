"""Calls of « Trier »: import, verdicts, a person's word."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from app.page.service import Call, Service, Visit, uploaded
from studio.desk import CODE
from studio.importing import ImportReport, import_photos
from studio.jobs import Job
from studio.judging import decide, judge
from studio.stylizing import add_styles, built_in_styles


def import_files(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Import dropped files, then judge what is new."""
    files = {path: PurePosixPath(name.replace("\\", "/")).name for path, name in uploaded(args["files"]).items()}

    def work(job: Job) -> dict[str, int]:
        report = import_photos(visit.desk, list(files), names=files, report=job.report)
        return _told(service, visit, job, report)

    return service.start("import", visit, work, batch=True)


def import_samples(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Import the synthetic pictures and the built-in styles that travel with Paddock."""

    def work(job: Job) -> dict[str, int]:
        report = import_photos(visit.desk, [CODE / "samples" / "evaluation"], sample=True, report=job.report)
        add_styles(visit.desk, built_in_styles())
        return _told(service, visit, job, report)

    return service.start("import", visit, work, batch=True)


def start_judging(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Judge everything that has no verdict yet."""

    def work(job: Job) -> int:
        return judge(visit.desk, report=job.report, on_error=job.failed_photo)

    return service.start("judge", visit, work, batch=True)


def set_verdict(service: Service, visit: Visit, args: dict[str, Any]) -> bool:
    """A person's verdict for some photos; None takes it back."""
    decide(visit.desk, [str(sha) for sha in args["photos"]], args["label"])
    return True


def _told(service: Service, visit: Visit, job: Job, report: ImportReport) -> dict[str, int]:
    for name, error in report.errors:
        job.failed_photo(name, error)
    if report.added:
        start_judging(service, visit, {})
    return {"added": len(report.added), "known": len(report.known), "errors": len(report.errors)}


CALLS: dict[str, Call] = {
    "import": import_files,
    "import_samples": import_samples,
    "judge": start_judging,
    "decide": set_verdict,
}
