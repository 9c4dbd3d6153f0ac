"""What each kind of batch does with its items: import files, let the classifier judge."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from core.errors import ChoiceError, DamagedArchive, PhotoError, WorkspaceError, disk_reason
from core.files import shown_name
from studio.desk import Desk
from studio.importing import import_one
from studio.job import Job
from studio.jobs import Batch, Jobs
from studio.jobstore import JobItem
from studio.judging import CHUNK, Judge
from studio.photos import list_photos
from studio.sources import is_archive, unzip
from studio.workspace import Workspace

TAKE = 16
"""Items fetched at a time."""
WAIT_FOR_MORE = 120.0
"""Seconds after which an import stops waiting for a browser that has gone quiet."""


def start_import(
    jobs: Jobs, files: Iterable[tuple[Path, str]], *, who: str, label: str = "", sample: bool = False,
    more: bool = False, expected: int = 0,
) -> Job:  # fmt: skip
    """Import uploaded files; once this returns they are safe from a stop.

    more: others follow (``add_files``), ``expected`` in all.
    """
    job = jobs.submit("import", who=who, label=label, arguments={"sample": sample}, more=True, hold=True)
    job.expected = expected
    try:
        add_files(jobs, job, files)
    finally:  # only now does its turn come: it can't end before its first files are written down
        if not more:
            job.seal()
        jobs.let_go(job)
    return job


def add_files(jobs: Jobs, job: Job, files: Iterable[tuple[Path, str]]) -> None:
    """Give an import more files: each is linked (or copied) below the workspace before this returns.

    Raises WorkspaceError when the workspace's disk can't take them, ChoiceError when the import has ended;
    then none is kept.
    """
    workspace = jobs.desk.workspace
    folder = workspace.incoming / str(job.number)
    workspace.check_here()
    kept: list[tuple[str, str]] = []
    taken = False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, name in files:
            target = folder / secrets.token_hex(8)
            kept.append((shown_name(name), _source(workspace, target)))
            _link(path, target)
        taken = job.take_more(kept)
    except OSError as error:
        fr, en = disk_reason(error)
        raise WorkspaceError(
            folder=workspace.folder,
            problem_fr=f"les fichiers n'ont pas pu être repris ({fr}). Libérez de la place, "
            "puis déposez-les de nouveau.",
            problem_en=f"the files could not be taken over ({en}). Free some space, then drop them again.",
        ) from error
    finally:
        if not taken:
            for _, source in kept:
                (workspace.folder / source).unlink(missing_ok=True)
    if not taken:
        raise ChoiceError(
            problem_fr="cet import est terminé ; déposez les fichiers de nouveau.",
            problem_en="this import has ended; drop the files again.",
        )


def run_import(jobs: Jobs, desk: Desk, job: Job) -> dict[str, int]:
    """Take in one file after another; what is new is handed to the classifier as it comes."""
    sample = bool(job.arguments.get("sample"))
    judging: Job | None = None
    while True:
        items = job.take(TAKE)
        if not items:
            if not job.more(lambda: job.open, WAIT_FOR_MORE):
                break
            continue
        added: list[tuple[str, str]] = []
        done: list[JobItem] = []
        try:
            for item in items:
                job.report(0.0, item.name)
                try:
                    if _opened(desk, job, item):
                        continue
                    path = desk.workspace.folder / item.source
                    sha, outcome = import_one(desk, path, item.name, sample=sample, report=job.asked)
                except PhotoError as error:
                    job.fail(item, error)
                else:
                    if outcome == "added":
                        added.append((item.name, sha))
                    job.settle(item, outcome)
                    done.append(item)
            job.flush()
        finally:  # what came in before a cancel or a full disk is judged all the same
            judging = _hand_over(jobs, judging, added, who=desk.who)
        for item in done:
            _discard(desk.workspace, job, item)
    sweep_incoming(desk.workspace, job.number, keep=job.failed > 0)
    return import_result(jobs, job)


def _hand_over(jobs: Jobs, judging: Job | None, added: list[tuple[str, str]], *, who: str) -> Job | None:
    """Give new photos to the judging of this import; returns it."""
    if judging is not None and judging.state in ("cancelled", "failed") and jobs.get(judging.id) is judging:
        judging.add(added)  # what comes waits with the rest until somebody lets it go on
        return judging
    return feed_judge(jobs, added, who=who) or judging


def import_result(jobs: Jobs, job: Job) -> dict[str, int]:
    """How many photos an import added, knew already, and could not take."""
    tally = jobs.tally(job)
    return {
        "added": tally.outcomes.get("added", 0), "known": tally.outcomes.get("known", 0), "errors": tally.failed,
    }  # fmt: skip


def _opened(desk: Desk, job: Job, item: JobItem) -> bool:
    """True when an item was an archive and its photos have taken its place."""
    if not is_archive(item.name):
        return False
    workspace = desk.workspace
    folder = workspace.incoming / str(job.number) / f"zip-{item.number}"
    shutil.rmtree(folder, ignore_errors=True)  # half unpacked before a stop
    found, refused = unzip(workspace.folder / item.source, item.name, folder, report=job.asked)
    if not found and not refused:
        raise DamagedArchive(file=item.name)
    for name, error in refused[1:] if not found else refused:
        job.refuse(name, error)
    if not found:
        raise refused[0][1]
    job.add([(name, _source(workspace, inside)) for inside, name in found], instead_of=item)
    _discard(desk.workspace, job, item)
    return True


def feed_judge(jobs: Jobs, photos: Iterable[tuple[str, str]], *, who: str) -> Job | None:
    """Have (name, hash) photos judged: by the judging that runs already, else by a new one."""
    photos = list(photos)
    if not photos:
        return None
    running = jobs.running("judge", who=who)
    if running is not None and running.take_more(photos):
        return running
    return jobs.submit("judge", photos, who=who, arguments={"model": "default"})


def judge_waiting(jobs: Jobs, *, who: str, asked: bool = True) -> Job | None:
    """Judge every photo that has no verdict and that no running batch will judge; None when there is none.

    asked: by a person; else photos whose judging a person cancelled are left as they are.
    """
    in_line = jobs.in_line("judge", stopped=not asked)
    photos = [
        (photo.name, photo.sha) for photo in list_photos(jobs.desk.workspace)
        if not photo.model_label and photo.sha not in in_line
    ]  # fmt: skip
    return feed_judge(jobs, photos, who=who)


def run_judge(jobs: Jobs, desk: Desk, job: Job) -> int:
    """Verdicts for all items, a few at a time; a photo that stops the engine is listed and passed over."""
    judge = Judge(desk, str(job.arguments.get("model") or "default"), note=job.note)
    while True:
        items = job.take(CHUNK)
        if not items:
            if not job.more(lambda: _imports(jobs, desk.who)):
                break
            continue
        job.report(0.0, items[0].name)
        errors = judge.judge([(item.source, item.name) for item in items], report=job.asked)
        for item, error in zip(items, errors, strict=True):
            if error is None:
                job.settle(item)
            else:
                job.fail(item, error)
        job.flush()
    return jobs.tally(job).done


def _imports(jobs: Jobs, who: str) -> bool:
    """True while an import of this person runs; another person's judging waits for its turn meanwhile."""
    return any(
        job.kind == "import" and job.state == "running" and (job.who or jobs.desk.who) == who for job in jobs.all()
    )


BATCHES: Mapping[str, Batch] = {"import": run_import, "judge": run_judge}


def sweep_uploads(jobs: Jobs) -> None:
    """Remove uploads of imports that are forgotten, or that ended with nothing left to try again."""
    incoming = jobs.desk.workspace.incoming
    # Looked at first: a folder is made after its job was written down, so that one that begins now is not swept.
    folders = list(incoming.iterdir()) if incoming.is_dir() else []
    kept = {str(number) for number in jobs.unfinished()}
    for folder in folders:
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def sweep_incoming(workspace: Workspace, number: int, *, keep: bool) -> None:
    """Remove what an import had accepted; kept while photos that failed may be tried again."""
    if not keep:
        shutil.rmtree(workspace.incoming / str(number), ignore_errors=True)


def _discard(workspace: Workspace, job: Job, item: JobItem) -> None:
    """A file of the import's own that is not needed any more; never a file of the person's."""
    path = workspace.folder / item.source
    if path.is_relative_to(workspace.incoming / str(job.number)):
        path.unlink(missing_ok=True)


def _source(workspace: Workspace, path: Path) -> str:
    """A file of the workspace as an item names it: its disk may come back under another letter or name."""
    return path.relative_to(workspace.folder).as_posix()


def _link(path: Path, target: Path) -> None:
    """The same bytes under another name: at once where the disk can link, else a copy."""
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)
