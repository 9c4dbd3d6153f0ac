"""Batches: an import and its judging survive cancels, stops and photos that end the engine."""

from __future__ import annotations

import os
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import ChoiceError, EngineDied, EngineFailed, PaddockError, PhotoStoppedEngine, UnreadablePhoto
from core.values import Origin, Report, Verdict, no_report
from studio.batches import BATCHES, add_files, feed_judge, judge_waiting, start_import, sweep_uploads
from studio.desk import Desk
from studio.engines import InlineEngines
from studio.job import Job
from studio.jobs import Jobs
from studio.jobstore import error_from, error_json
from studio.photos import list_photos
from tests.made import encoded, saved, scene

VERDICT = Verdict("ok", (0.8, 0.15, 0.05), Origin("embedded", "triage-lite0"))


class Triage(InlineEngines):
    """Reads photos for real; judges all as ok. deadly: names on which the worker dies; hold: waits before judging."""

    def __init__(self) -> None:
        self.deadly: set[str] = set()
        self.hold = threading.Event()
        self.hold.set()
        self.calls: list[list[str]] = []

    def call(self, kind: Any, task: str, /, *args: Any, report: Report = no_report, **kwargs: Any) -> Any:
        if kind != "keras":
            return super().call(kind, task, *args, report=report, **kwargs)
        names = args[1]
        self.calls.append(names)
        while not self.hold.wait(0.02):
            report(0.0, "")
        if self.deadly & set(names):
            raise EngineDied(task=task, why="exit -9")
        return [VERDICT for _ in names]


@pytest.fixture
def triage(desk: Desk) -> Iterator[tuple[Desk, Triage]]:
    engines = Triage()
    yield replace(desk, engines=engines), engines
    engines.hold.set()


def _photos(folder: Path, count: int) -> list[tuple[Path, str]]:
    return [(saved(folder / f"{n:03d}.png", scene(24, 16, n)), f"photo-{n:03d}.png") for n in range(count)]


def _ended(job: Job | None) -> Job:
    assert job is not None
    assert job.wait(30), (job.state, job.done, job.total)
    return job


def _judged(jobs: Jobs) -> Job:
    return _ended(next(job for job in reversed(jobs.all()) if job.kind == "judge"))


def test_an_import_takes_every_photo_and_hands_each_to_the_classifier(
    triage: tuple[Desk, Triage], tmp_path: Path
) -> None:
    desk, _ = triage
    jobs = Jobs(desk, BATCHES)
    job = _ended(start_import(jobs, _photos(tmp_path, 20), who="Ana", label="carte 1"))
    assert (job.state, job.result) == ("done", {"added": 20, "known": 0, "errors": 0})
    judged = _judged(jobs)
    assert (judged.state, judged.result, judged.done, judged.total) == ("done", 20, 20, 20)
    assert {photo.label for photo in list_photos(desk.workspace)} == {"ok"}
    assert {event.actor for event in desk.workspace.events()} == {"Ana"}
    assert not (desk.workspace.incoming / str(job.number)).exists()
    jobs.close()


def test_what_was_uploaded_is_safe_before_the_import_is_acknowledged(
    triage: tuple[Desk, Triage], tmp_path: Path
) -> None:
    desk, _ = triage
    jobs = Jobs(desk, {**BATCHES, "import": lambda jobs, desk, job: None})
    files = _photos(tmp_path / "upload", 3)
    job = _ended(start_import(jobs, files, who="Ana"))
    for path, _ in files:
        path.unlink()  # Gradio clears its uploads whenever it likes
    job.state = "running"
    jobs._store.update(job.number, "running")
    with desk.workspace.writing() as connection:
        connection.execute("UPDATE jobs SET owner = '999999:1.0'")
    again = Jobs(desk, BATCHES)
    (resumed,) = again.resume()
    assert _ended(resumed).result == {"added": 3, "known": 0, "errors": 0}
    assert resumed.id == job.id
    assert [photo.name for photo in list_photos(desk.workspace)] == [name for _, name in files]
    again.close()
    jobs.close()


def test_files_may_follow_while_the_import_runs_and_not_after(triage: tuple[Desk, Triage], tmp_path: Path) -> None:
    desk, _ = triage
    jobs = Jobs(desk, BATCHES)
    files = _photos(tmp_path, 7)
    job = start_import(jobs, files[:2], who="Ana", more=True)
    add_files(jobs, job, files[2:])
    assert not job.wait(0.5)
    job.seal()
    assert _ended(job).result["added"] == 7
    with pytest.raises(ChoiceError, match="has ended"):
        add_files(jobs, job, files[:1])
    jobs.close()


def test_a_cancelled_batch_goes_on_where_it_stood(triage: tuple[Desk, Triage], tmp_path: Path) -> None:
    desk, engines = triage
    jobs = Jobs(desk, BATCHES)
    _ended(start_import(jobs, _photos(tmp_path, 20), who="Ana"))
    _judged(jobs)
    engines.hold.clear()
    photos = [(photo.name, photo.sha) for photo in list_photos(desk.workspace)]
    job = feed_judge(jobs, photos, who="Ana")
    assert job is not None
    job.cancel()
    assert _ended(job).state == "cancelled"
    assert (job.done, job.total) == (0, 20)
    engines.hold.set()
    engines.calls.clear()
    again = jobs.retry(job.id)
    assert again is job
    assert _ended(job).state == "done"
    assert (job.done, job.failed, job.fraction) == (20, 0, 1.0)
    assert sum(len(names) for names in engines.calls) == 20
    assert jobs.retry(job.id) is None
    jobs.close()


def test_a_judging_that_a_person_stopped_is_not_started_again_by_the_import(
    triage: tuple[Desk, Triage], tmp_path: Path
) -> None:
    desk, engines = triage
    engines.hold.clear()
    jobs = Jobs(desk, BATCHES)
    files = _photos(tmp_path, 40)
    importing = start_import(jobs, files[:20], who="Ana", more=True)
    while (judging := jobs.running("judge")) is None:
        importing.wait(0.02)
    judging.cancel()
    _ended(judging)
    add_files(jobs, importing, files[20:])
    importing.seal()
    assert _ended(importing).result["added"] == 40
    assert [job.kind for job in jobs.all()] == ["import", "judge"]
    assert (judging.state, judging.done, judging.total) == ("cancelled", 0, 40)
    engines.hold.set()
    assert _ended(jobs.retry(judging.id)).result == 40
    jobs.close()


def test_a_stop_in_the_middle_costs_no_photo_and_repeats_none_that_was_settled(
    triage: tuple[Desk, Triage], tmp_path: Path
) -> None:
    desk, engines = triage
    jobs = Jobs(desk, BATCHES)
    _ended(start_import(jobs, _photos(tmp_path, 20), who="Ana"))
    _judged(jobs)
    photos = [(photo.name, photo.sha) for photo in list_photos(desk.workspace)]
    job = jobs.submit("judge", photos, who="Ana")
    _ended(job)
    with desk.workspace.writing() as connection:  # as a kill after twelve photos leaves it
        connection.execute("UPDATE jobs SET state = 'running', owner = '999999:1.0' WHERE number = ?", (job.number,))
        connection.execute("UPDATE items SET state = 'waiting' WHERE job = ? AND number > 12", (job.number,))
    engines.calls.clear()
    again = Jobs(desk, BATCHES)
    (resumed,) = again.resume()
    assert (resumed.total, resumed.id) == (20, job.id)
    assert (_ended(resumed).state, resumed.done) == ("done", 20)
    assert [name for names in engines.calls for name in names] == [f"photo-{n:03d}.png" for n in range(12, 20)]
    again.close()
    jobs.close()


def test_closing_the_page_leaves_a_batch_to_the_next_start(triage: tuple[Desk, Triage], tmp_path: Path) -> None:
    desk, engines = triage
    jobs = Jobs(desk, BATCHES)
    engines.hold.clear()
    _ended(start_import(jobs, _photos(tmp_path, 5), who="Ana"))
    jobs.close()
    (row,) = [row for row in jobs._store.rows() if row.kind == "judge"]
    assert row.state == "running"
    with desk.workspace.writing() as connection:
        connection.execute("UPDATE jobs SET owner = '999999:1.0'")
    engines.hold.set()
    again = Jobs(desk, BATCHES)
    (resumed,) = again.resume()
    assert _ended(resumed).result == 5
    again.close()


def test_a_photo_on_which_the_engine_dies_is_named_and_passed_over(triage: tuple[Desk, Triage], tmp_path: Path) -> None:
    desk, engines = triage
    engines.deadly = {"photo-003.png"}
    jobs = Jobs(desk, BATCHES)
    _ended(start_import(jobs, _photos(tmp_path, 10), who="Ana"))
    job = _judged(jobs)
    assert (job.state, job.done, job.failed) == ("done", 9, 1)
    ((name, error),) = job.errors
    assert (name, type(error)) == ("photo-003.png", PhotoStoppedEngine)
    assert job.notes == [("jobs.note.replaced", {"photo": "photo-000.png"})]
    engines.deadly = set()
    assert _ended(jobs.retry(job.id)).result == 10
    assert (job.errors, job.failed) == ([], 0)
    jobs.close()


def test_an_engine_that_always_dies_ends_the_job_and_not_every_photo(
    triage: tuple[Desk, Triage], tmp_path: Path
) -> None:
    desk, engines = triage
    files = _photos(tmp_path, 12)
    engines.deadly = {name for _, name in files}
    jobs = Jobs(desk, BATCHES)
    _ended(start_import(jobs, files, who="Ana"))
    job = _judged(jobs)
    assert job.state == "failed"
    assert isinstance(job.error, EngineDied)
    assert (job.done, job.total) == (0, 12)
    engines.deadly = set()
    assert _ended(jobs.retry(job.id)).result == 12
    jobs.close()


def test_bad_files_and_archives_are_listed_and_may_be_tried_again(triage: tuple[Desk, Triage], tmp_path: Path) -> None:
    desk, _ = triage
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("a/1.png", encoded(scene(20, 20, 1), "PNG"))
        archive.writestr("b/1.png", encoded(scene(20, 20, 2), "PNG"))
        archive.writestr("b/bad.png", b"no")
    (tmp_path / "broken.zip").write_bytes(b"PK no")
    (tmp_path / "html.jpg").write_bytes(b"<html>")
    files = [(tmp_path / name, name) for name in ("z.zip", "broken.zip", "html.jpg")]
    jobs = Jobs(desk, BATCHES)
    job = _ended(start_import(jobs, files, who="Ana"))
    assert job.result == {"added": 2, "known": 0, "errors": 3}
    assert sorted(name for name, _ in job.errors) == ["bad.png", "broken.zip", "html.jpg"]
    assert [photo.name for photo in list_photos(desk.workspace)] == ["1.png", "1.png"]
    assert (job.done, job.failed, job.total) == (2, 3, 5)
    kept = desk.workspace.incoming / str(job.number)
    assert kept.is_dir()
    assert _ended(jobs.retry(job.id)).result == {"added": 2, "known": 0, "errors": 3}
    jobs.forget()
    sweep_uploads(jobs)
    assert not kept.exists()
    jobs.close()


def test_clearing_the_list_leaves_what_a_colleague_has_not_finished(
    triage: tuple[Desk, Triage], tmp_path: Path
) -> None:
    desk, _ = triage
    jobs = Jobs(desk, BATCHES)
    (tmp_path / "html.jpg").write_bytes(b"<html>")
    bad = [(tmp_path / "html.jpg", "html.jpg")]
    hers = _ended(start_import(jobs, [*_photos(tmp_path / "a", 1), *bad], who="Ana"))
    done = _ended(start_import(jobs, _photos(tmp_path / "b", 2), who="Ana"))
    his = _ended(start_import(jobs, bad, who="Bob"))
    for judging in [job for job in jobs.all() if job.kind == "judge"]:
        _ended(judging)
    gone = jobs.forget(who="Bob")
    sweep_uploads(jobs)
    assert {done.number, his.number} <= set(gone)
    assert jobs.all() == [hers]
    assert (desk.workspace.incoming / str(hers.number)).is_dir()
    assert _ended(jobs.retry(hers.id)).failed == 1
    assert jobs.forget(who="Ana") == [hers.number]
    jobs.close()


def test_photos_without_a_verdict_are_judged_once_however_often_it_is_asked(
    triage: tuple[Desk, Triage], tmp_path: Path
) -> None:
    desk, engines = triage
    engines.hold.clear()
    jobs = Jobs(desk, BATCHES)
    _ended(start_import(jobs, _photos(tmp_path, 6), who="Ana"))
    assert judge_waiting(jobs, who="Bob") is None
    engines.hold.set()
    assert _judged(jobs).result == 6
    assert judge_waiting(jobs, who="Bob") is None
    assert sum(len(names) for names in engines.calls) == 6
    jobs.close()


def test_a_judging_that_a_person_cancelled_stays_cancelled_at_the_next_start(
    triage: tuple[Desk, Triage], tmp_path: Path
) -> None:
    desk, engines = triage
    engines.hold.clear()
    jobs = Jobs(desk, BATCHES)
    _ended(start_import(jobs, _photos(tmp_path, 6), who="Ana"))
    job = jobs.running("judge")
    assert job is not None
    job.cancel()
    assert _ended(job).state == "cancelled"
    jobs.close()
    again = Jobs(desk, BATCHES)
    assert again.resume() == []
    assert judge_waiting(again, who="Ana", asked=False) is None
    engines.hold.set()
    assert _ended(judge_waiting(again, who="Ana")).result == 6
    again.close()


def test_the_progress_of_an_import_is_of_all_that_has_come(triage: tuple[Desk, Triage], tmp_path: Path) -> None:
    desk, _ = triage
    jobs = Jobs(desk, BATCHES)
    files = _photos(tmp_path, 10)
    job = start_import(jobs, files[:2], who="Ana", more=True, expected=10)
    while job.done < 2:
        job.wait(0.02)
    assert (job.fraction, job.whole, job.total) == (0.2, 10, 2)
    job.add([("later.png", "nowhere")] * 2)
    assert job.fraction <= 0.4
    job.seal()
    assert (_ended(job).done, job.failed, job.total) == (2, 2, 4)
    jobs.close()


def test_an_error_is_read_back_as_it_was_written() -> None:
    first = UnreadablePhoto(file="été « 1 ».jpg")
    again = error_from(error_json(first))
    assert type(again) is UnreadablePhoto
    assert again.message("fr") == first.message("fr")
    failed = error_from(error_json(EngineDied(task="judge", why="exit -9")))
    assert isinstance(failed, EngineFailed)
    assert "exit -9" in failed.message("en")
    assert type(error_from('{"error": "OfTomorrow", "details": {"x": 1}}')) is PaddockError
    assert error_from(error_json(None)) is None


@pytest.mark.skipif(os.name != "posix", reason="hard links are asked of POSIX file systems")
def test_an_upload_is_linked_not_doubled(triage: tuple[Desk, Triage], tmp_path: Path) -> None:
    desk, _ = triage
    jobs = Jobs(desk, {"import": lambda jobs, desk, job: None})
    ((path, name),) = _photos(desk.workspace.folder / "tmp" / "up", 1)
    job = _ended(start_import(jobs, [(path, name)], who="Ana"))
    (linked,) = (desk.workspace.incoming / str(job.number)).iterdir()
    assert linked.stat().st_ino == path.stat().st_ino
    jobs.close()
